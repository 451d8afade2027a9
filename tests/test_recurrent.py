"""Cells, scan and the RNN, LSTM and GRU layers against the equations written again in NumPy, one sequence at a time."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import nn
from minigrad.check import check_grads
from minigrad.errors import DtypeError, ShapeError
from minigrad.recurrent import Weights, gru_step, lstm_step, rnn_step, scan

from .in_float64 import as_tuple, constant, float64, variable

KINDS = {"rnn": (nn.RNN, nn.RNNCell, 1), "lstm": (nn.LSTM, nn.LSTMCell, 4), "gru": (nn.GRU, nn.GRUCell, 3)}
STEPS = {"rnn": rnn_step, "lstm": lstm_step, "gru": gru_step}
BIASES = (True, "one", False)

each_kind = pytest.mark.parametrize("kind", KINDS)
on_the_stand_in = pytest.mark.skipif(
    mg.backend.name != "cupy" or importlib.util.find_spec("cupy._standin") is None,
    reason="device waits are counted by the stand-in for CuPy only",
)


# ---------------------------------------------------------------- the oracle


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def next_state(kind: str, x, state, w, activation=np.tanh):
    """One step for one sequence: x (I,), state a tuple of (H,), w the weights as arrays by name."""
    a = w["weight_ih"] @ x + w.get("bias_ih", 0.0)
    b = w["weight_hh"] @ state[0] + w.get("bias_hh", 0.0)
    if kind == "rnn":
        return (activation(a + b),)
    if kind == "lstm":
        i, f, g, o = np.split(a + b, 4)
        c = sigmoid(f) * state[1] + sigmoid(i) * np.tanh(g)
        return sigmoid(o) * np.tanh(c), c
    (a_r, a_z, a_n), (b_r, b_z, b_n) = np.split(a, 3), np.split(b, 3)
    z = sigmoid(a_z + b_z)
    return ((1 - z) * np.tanh(a_n + sigmoid(a_r + b_r) * b_n) + z * state[0],)


def by_hand(kind: str, layer, x, states, lengths):
    """The layer on x (T, B, I) and states [(L*D, B, H), ...], each sequence alone and without padding."""
    steps, batch, _ = x.shape
    hidden, directions = layer.hidden_size, layer.directions
    output = np.zeros((steps, batch, hidden * directions))
    ended = [np.zeros_like(s) for s in states]
    weights = layer.state_dict()
    for b in range(batch):
        xs, below = list(x[: lengths[b], b]), []
        for number in range(layer.num_layers * directions):
            depth, backwards = divmod(number, directions)
            suffix = f"_l{depth}{'_reverse' if backwards else ''}"
            w = {name.removesuffix(suffix): value for name, value in weights.items() if name.endswith(suffix)}
            state, ys = tuple(s[number, b] for s in states), []
            for x_t in reversed(xs) if backwards else xs:
                state = next_state(kind, x_t, state, w)
                ys.append(state[0])
            for whole, part in zip(ended, state):
                whole[number, b] = part
            below = [np.concatenate(pair) for pair in zip(below, reversed(ys))] if backwards else ys
            if number % directions == directions - 1:
                xs = below
        output[: lengths[b], b] = xs if xs else output[:0, b]
    return output, ended


def given_state(states):
    tensors = tuple(constant(s) for s in states)
    return tensors if len(tensors) > 1 else tensors[0]


@st.composite
def situations(draw, least_steps=0, least_batch=0):
    """A layer of any kind and options, an input for it, states, lengths."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    steps, batch = draw(st.integers(least_steps, 5)), draw(st.integers(least_batch, 3))
    inputs, hidden, layers = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    options = {"bias": draw(st.sampled_from(BIASES)), "bidirectional": draw(st.booleans())}
    layer = float64(KINDS[kind][0], inputs, hidden, layers, rng=rng, **options)
    x = rng.normal(size=(steps, batch, inputs))
    shape = (layers * layer.directions, batch, hidden)
    states = [rng.normal(size=shape) for _ in range(2 if kind == "lstm" else 1)]
    lengths = np.array([draw(st.integers(0, steps)) for _ in range(batch)], dtype=int)
    return kind, layer, x, states, lengths


def assert_close(ours, theirs):
    assert ours.shape == theirs.shape and str(ours.dtype) == "float64"
    np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-11, atol=1e-12)


# ---------------------------------------------------------------- equations


@each_kind
@pytest.mark.parametrize("bias", BIASES)
def test_cell_is_its_equation(kind, bias):
    cell = float64(KINDS[kind][1], 3, 4, bias=bias)
    rng = np.random.default_rng(0)
    x, states = rng.normal(size=(5, 3)), [rng.normal(size=(5, 4)) for _ in cell.states]
    found = as_tuple(cell(constant(x), given_state(states)))
    for b in range(5):
        wanted = next_state(kind, x[b], [s[b] for s in states], cell.state_dict())
        for ours, theirs in zip(found, wanted):
            np.testing.assert_allclose(ours.numpy()[b], theirs, rtol=1e-12, atol=1e-14)
    assert len(found) == len(states)


@each_kind
def test_cell_starts_from_zeros(kind):
    cell = float64(KINDS[kind][1], 3, 4)
    x = constant(np.ones((2, 3)))
    zeros = given_state([np.zeros((2, 4))] * len(cell.states))
    for ours, theirs in zip(as_tuple(cell(x)), as_tuple(cell(x, zeros))):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


def test_rnn_takes_relu():
    cell, x = float64(nn.RNNCell, 2, 3, nonlinearity="relu"), np.random.default_rng(0).normal(size=2)
    wanted = next_state("rnn", x, (np.zeros(3),), cell.state_dict(), lambda a: np.maximum(a, 0))
    np.testing.assert_allclose(cell(constant(x[None])).numpy()[0], wanted[0], rtol=1e-12)
    layer = float64(nn.RNN, 2, 3, nonlinearity="relu")
    layer.load_state_dict({f"{name}_l0": value for name, value in cell.state_dict().items()})
    np.testing.assert_allclose(layer(constant(x[None, None]))[0].numpy()[0, 0], wanted[0], rtol=1e-12)
    with pytest.raises(ValueError, match="nonlinearity='sigmoid' is not one of tanh, relu"):
        nn.RNN(2, 3, nonlinearity="sigmoid")


# ---------------------------------------------------------------- layers


@given(situations())
def test_layer_equals_the_equations_fault_24_25(situation):
    kind, layer, x, states, _ = situation
    whole = np.full(x.shape[1], x.shape[0])
    output, state = layer(constant(x), given_state(states))
    wanted, ended = by_hand(kind, layer, x, states, whole)
    assert_close(output, wanted)
    for ours, theirs in zip(as_tuple(state), ended):
        assert_close(ours, theirs)


@given(situations())
def test_padded_equals_unpadded_fault_57_60(situation):
    """Outputs past the end are 0, states are those at the end, and what the padding holds changes nothing."""
    kind, layer, x, states, lengths = situation
    wanted, ended = by_hand(kind, layer, x, states, lengths)
    beyond = np.arange(len(x))[:, None] >= lengths
    for padding in (0.0, 1e3):
        output, state = layer(constant(np.where(beyond[..., None], padding, x)), given_state(states), lengths=lengths)
        assert_close(output, wanted)
        assert not output.numpy()[beyond].any()
        for ours, theirs in zip(as_tuple(state), ended):
            assert_close(ours, theirs)


@given(situations())
def test_without_a_state_it_is_zero(situation):
    _, layer, x, states, lengths = situation
    zeros = given_state([np.zeros_like(s) for s in states])
    for ours, theirs in zip(layer(constant(x), lengths=lengths), layer(constant(x), zeros, lengths=lengths)):
        for a, b in zip(as_tuple(ours), as_tuple(theirs)):
            np.testing.assert_array_equal(a.numpy(), b.numpy())


@given(situations(), st.integers(0, 5))
def test_chunks_with_carried_state_are_the_whole(situation, cut):
    _, layer, x, states, _ = situation
    if layer.bidirectional:
        layer = float64(type(layer), layer.input_size, layer.hidden_size, layer.num_layers)
        states = [s[: layer.num_layers] for s in states]
    output, state = layer(constant(x), given_state(states))
    first, between = layer(constant(x[:cut]), given_state(states))
    second, ended = layer(constant(x[cut:]), between)
    np.testing.assert_allclose(np.concatenate([first.numpy(), second.numpy()]), output.numpy(), rtol=1e-12, atol=1e-14)
    for ours, theirs in zip(as_tuple(ended), as_tuple(state)):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-12, atol=1e-14)


@given(situations())
def test_batch_first_is_the_transpose(situation):
    _, layer, x, states, lengths = situation
    bias = True if layer.cells[0].bias_hh is not None else "one" if layer.cells[0].bias_ih is not None else False
    options = {"bias": bias, "batch_first": True, "bidirectional": layer.bidirectional}
    other = float64(type(layer), layer.input_size, layer.hidden_size, layer.num_layers, **options)
    other.load_state_dict(layer.state_dict())
    output, state = layer(constant(x), given_state(states), lengths)
    turned, same = other(constant(x.transpose(1, 0, 2)), given_state(states), lengths)
    np.testing.assert_array_equal(turned.numpy().transpose(1, 0, 2), output.numpy())
    for ours, theirs in zip(as_tuple(same), as_tuple(state)):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


@given(situations(least_batch=1), st.randoms(use_true_random=False))
def test_batch_order_does_not_matter(situation, random):
    _, layer, x, states, lengths = situation
    order = list(range(x.shape[1]))
    random.shuffle(order)
    output, state = layer(constant(x), given_state(states), lengths)
    moved, ended = layer(constant(x[:, order]), given_state([s[:, order] for s in states]), lengths[order])
    np.testing.assert_allclose(moved.numpy(), output.numpy()[:, order], rtol=1e-12, atol=1e-14)
    for ours, theirs in zip(as_tuple(ended), as_tuple(state)):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy()[:, order], rtol=1e-12, atol=1e-14)


@each_kind
def test_reversed_input_swaps_the_directions(kind):
    rng = np.random.default_rng(0)
    layer = float64(KINDS[kind][0], 3, 4, bidirectional=True)
    swapped = float64(KINDS[kind][0], 3, 4, bidirectional=True)
    swapped.load_state_dict({
        name.removesuffix("_reverse") if name.endswith("_reverse") else f"{name}_reverse": value
        for name, value in layer.state_dict().items()
    })
    x = rng.normal(size=(6, 2, 3))
    output, turned = layer(constant(x))[0].numpy(), swapped(constant(x[::-1]))[0].numpy()
    np.testing.assert_allclose(turned[::-1], np.concatenate([output[..., 4:], output[..., :4]], axis=-1), rtol=1e-12)


@each_kind
def test_parameters_have_pytorch_names_and_shapes(kind):
    make, make_cell, gates = KINDS[kind]
    rows = gates * 5
    layer = make(3, 5, num_layers=2, bidirectional=True)
    wanted = [
        (f"{name}_l{depth}{direction}", shape)
        for depth, inputs in enumerate((3, 10))
        for direction in ("", "_reverse")
        for name, shape in [
            ("weight_ih", (rows, inputs)), ("weight_hh", (rows, 5)), ("bias_ih", (rows,)), ("bias_hh", (rows,)),
        ]
    ]  # fmt: skip
    assert [(name, p.shape) for name, p in layer.named_parameters()] == wanted
    assert list(layer.state_dict()) == [name for name, _ in wanted]
    assert [name for name, _ in make_cell(3, 5).named_parameters()] == ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]
    assert list(make(3, 5, bias="one").state_dict()) == ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0"]
    assert list(make(3, 5, bias=False).state_dict()) == ["weight_ih_l0", "weight_hh_l0"]


@each_kind
def test_weights_start_within_one_over_root_of_hidden_size(kind):
    layer = KINDS[kind][0](3, 16, num_layers=2)
    values = np.concatenate([value.reshape(-1) for value in layer.state_dict().values()])
    assert 0.24 < abs(values).max() <= 0.25 and abs(values.mean()) < 0.02


@pytest.mark.parametrize(
    "vocabulary, hidden, count", [(10_000, 200, 4_651_600), (10_000, 650, 19_775_200)], ids=["small", "medium"]
)
def test_parameter_count_of_zaremba(vocabulary, hidden, count):
    """Zaremba et al., 2014: two layers, one bias."""
    model = nn.Sequential(
        nn.Embedding(vocabulary, hidden), nn.LSTM(hidden, hidden, 2, bias="one"), nn.Linear(hidden, vocabulary)
    )
    assert model.n_params() == count


def test_parameter_count_of_the_keras_addition_model():
    """Encoder and decoder of 128 units on 12 symbols: 72,192 + 131,584 + 1,548."""
    layers = [nn.LSTM(12, 128, bias="one"), nn.LSTM(128, 128, bias="one"), nn.Linear(128, 12)]
    assert [layer.n_params() for layer in layers] == [72_192, 131_584, 1_548]


@each_kind
def test_steps_gives_the_outputs_as_a_list(kind):
    layer = KINDS[kind][0](3, 4, num_layers=2, bidirectional=True)
    x = mg.Tensor(np.random.default_rng(0).normal(size=(5, 2, 3)))
    ys, state = layer.steps(x)
    output, same = layer(x)
    assert isinstance(ys, list) and len(ys) == 5
    np.testing.assert_array_equal(np.stack([y.numpy() for y in ys]), output.numpy())
    for ours, theirs in zip(as_tuple(state), as_tuple(same)):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


@each_kind
def test_gradient_by_the_outputs_is_that_by_the_state(kind):
    """ys are the very tensors that go on: the gradient at step t contains everything that came after it."""
    layer = float64(KINDS[kind][0], 3, 4)
    ys, _ = layer.steps(constant(np.random.default_rng(0).normal(size=(5, 2, 3))))
    for gradient in mg.grad(mg.sum(ys[-1]), ys):
        assert gradient is not None and abs(gradient.numpy()).max() > 0


def test_no_lengths_for_no_sequences_fault_25():
    output, state = nn.GRU(2, 3)(mg.Tensor(np.zeros((4, 0, 2))), lengths=[])
    assert output.shape == (4, 0, 3) and state.shape == (1, 0, 3)


@each_kind
def test_one_step_and_one_layer_have_gradients(kind):
    """Sequences of length one: stacking and unstacking a single slice keeps its axis."""
    layer = float64(KINDS[kind][0], 2, 3)
    states = [np.ones((1, 2, 3)) for _ in layer.cells[0].states]
    check_grads(lambda x, *s: layer(x, s if len(s) > 1 else s[0])[0], [np.ones((1, 2, 2)), *states])


@each_kind
def test_lists_are_inputs(kind):
    layer = KINDS[kind][0](2, 3)
    x = [[[0.5, 1.0]], [[1.0, 0.0]]]
    np.testing.assert_array_equal(layer(x)[0].numpy(), layer(mg.Tensor(x))[0].numpy())


@each_kind
def test_no_steps_and_no_sequences_fault_24_25(kind):
    layer = float64(KINDS[kind][0], 3, 4, num_layers=2, bidirectional=True)
    states = [variable(np.random.default_rng(0).normal(size=(4, 2, 4))) for _ in layer.cells[0].states]
    given_ = tuple(states) if len(states) > 1 else states[0]
    output, ended = layer(constant(np.zeros((0, 2, 3))), given_)
    assert output.shape == (0, 2, 8)
    for before, after in zip(states, as_tuple(ended)):
        np.testing.assert_array_equal(after.numpy(), before.numpy())
        np.testing.assert_array_equal(mg.grad(mg.sum(after * 3.0), before).numpy(), np.full((4, 2, 4), 3.0))
    output, ended = layer(variable(np.zeros((5, 0, 3))))
    assert output.shape == (5, 0, 8) and as_tuple(ended)[0].shape == (4, 0, 4)
    mg.sum(output).backward()
    assert all(not parameter.grad.numpy().any() for parameter in layer.parameters() if parameter.grad is not None)
    wide = float64(KINDS[kind][0], 3, 4, batch_first=True)
    assert wide(constant(np.zeros((2, 0, 3))))[0].shape == (2, 0, 4)


# ---------------------------------------------------------------- gradients


def leaves(module):
    return [variable(p.numpy()) for p in module.parameters()]


@each_kind
@pytest.mark.parametrize("bias", BIASES)
def test_cell_gradients(kind, bias):
    """Every first and second derivative, by the input, the state and the weights."""
    cell = float64(KINDS[kind][1], 2, 2, bias=bias)
    rng = np.random.default_rng(0)
    x, states = rng.normal(size=(2, 2)), [rng.normal(size=(2, 2)) for _ in cell.states]
    check_grads(lambda x, *s: STEPS[kind](x, s[: len(states)], Weights(*s[len(states) :])), [x, *states, *leaves(cell)])


OPTIONS = {
    "plain": {},
    "stacked": {"num_layers": 2},
    "bidirectional": {"bidirectional": True},
    "stacked_bidirectional": {"num_layers": 2, "bidirectional": True},
    "batch_first": {"batch_first": True},
    "one_bias": {"bias": "one"},
    "no_bias": {"bias": False, "bidirectional": True},
    "dropout": {"num_layers": 3, "dropout": 0.5},
}


@each_kind
@pytest.mark.parametrize("lengths", [None, [3, 0, 2]], ids=["whole", "padded"])
@pytest.mark.parametrize("options", OPTIONS)
def test_layer_gradients(kind, options, lengths):
    layer = float64(KINDS[kind][0], 2, 3, **OPTIONS[options])
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, 3, 2))
    states = [rng.normal(size=(len(layer.cells), 3, 3)) for _ in layer.cells[0].states]

    def run(x, *rest):
        state = rest[: len(states)]
        mg.manual_seed(1)  # the same dropout mask each time
        output, state = layer(x, state if len(state) > 1 else state[0], lengths)
        return output, *as_tuple(state)

    check_grads(run, [x, *states, *layer.parameters()], mode="random")


@pytest.mark.parametrize("steps", [30])
@each_kind
def test_gradients_through_many_steps(kind, steps):
    layer = float64(KINDS[kind][0], 2, 3)
    x = np.random.default_rng(0).normal(size=(steps, 1, 2))
    check_grads(lambda x, *_: layer(x)[0], [x, *layer.parameters()], order=1, mode="random")


def test_relu_gradients():
    layer = float64(nn.RNN, 2, 3, nonlinearity="relu")
    x = np.random.default_rng(3).normal(size=(3, 2, 2))
    check_grads(lambda x, *_: layer(x)[0], [x, *layer.parameters()], mode="random")


@each_kind
def test_no_gradient_past_the_end_fault_60(kind):
    layer = float64(KINDS[kind][0], 2, 3, num_layers=2, bidirectional=True)
    x = variable(np.random.default_rng(0).normal(size=(4, 3, 2)))
    lengths = np.array([4, 0, 2])
    output, _ = layer(x, lengths=lengths)
    gradient = mg.grad(mg.sum(output), x).numpy()
    inside = np.arange(4)[:, None] < lengths
    assert not gradient[~inside].any() and gradient[inside].all()


@each_kind
def test_dropout_between_layers(kind):
    layer = KINDS[kind][0](2, 3, num_layers=2, dropout=1.0)
    x = mg.Tensor(np.random.default_rng(0).normal(size=(4, 2, 2)))
    silent = KINDS[kind][0](3, 3)
    silent.load_state_dict({
        name.replace("_l1", "_l0"): value for name, value in layer.state_dict().items() if name.endswith("_l1")
    })
    wanted = silent(mg.Tensor(np.zeros((4, 2, 3))))[0].numpy()
    np.testing.assert_array_equal(layer(x)[0].numpy(), wanted)  # p = 1: the second layer hears nothing, not nan
    layer.eval()
    assert abs(layer(x)[0].numpy() - wanted).max() > 1e-3
    np.testing.assert_array_equal(layer(x)[0].numpy(), layer(x)[0].numpy())
    single = KINDS[kind][0](2, 3, dropout=1.0)
    heard = single(x)[0].numpy()
    np.testing.assert_array_equal(heard, single.eval()(x)[0].numpy())  # never on the input, nor after the last layer


# ---------------------------------------------------------------- scan


def counting_step(x, state):
    return (state[0] + x,)


def test_scan_goes_forwards_and_backwards():
    xs = constant(np.arange(1.0, 5.0).reshape(4, 1, 1))
    ys, state = scan(counting_step, xs, (constant([[0.0]]),))
    assert [y.item() for y in ys] == [1, 3, 6, 10] and state[0] is ys[-1]
    ys, state = scan(counting_step, xs, (constant([[0.0]]),), reverse=True)
    assert [y.item() for y in ys] == [10, 9, 7, 4] and state[0] is ys[0]
    ys, state = scan(counting_step, list(xs), (constant([[0.0]]),))
    assert [y.item() for y in ys] == [1, 3, 6, 10]


def test_scan_hands_out_the_tensors_that_go_on():
    seen = []

    def step(x, state):
        seen.append(state[0])
        return counting_step(x, state)

    start = constant([[0.0]])
    ys, (last,) = scan(step, constant(np.ones((3, 1, 1))), (start,))
    assert seen[0] is start and seen[1] is ys[0] and seen[2] is ys[1] and last is ys[2]


@pytest.mark.parametrize("lengths", [[3, 0], [0, 0]])
def test_scan_of_zero_length_keeps_the_state_fault_57(lengths):
    start = constant([[5.0], [7.0]])
    ys, (state,) = scan(counting_step, constant(np.ones((3, 2, 1))), (start,), lengths=lengths)
    assert state.numpy()[1, 0] == 7 and state.numpy()[0, 0] == 5 + lengths[0]
    assert all(y.numpy()[1, 0] == 0 for y in ys)


@each_kind
@pytest.mark.parametrize("truncate", [1, 2, 3, 10])
def test_truncation_cuts_the_gradient_and_nothing_else(kind, truncate):
    layer = float64(KINDS[kind][0], 2, 3)
    cell, (x,) = layer.cells[0], [variable(np.random.default_rng(0).normal(size=(6, 2, 2)))]
    whole, _ = scan(cell.advance, x, cell.initial(2))
    ys, _ = scan(cell.advance, x, cell.initial(2), truncate=truncate)
    for ours, theirs in zip(ys, whole):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
    reached = abs(mg.grad(mg.sum(ys[-1]), x).numpy()).max(axis=(1, 2)) > 0
    first = (5 // truncate) * truncate
    np.testing.assert_array_equal(reached, np.arange(6) >= first)
    by_hand_, state = [], cell.initial(2)
    for t in range(6):
        state = tuple(s.detach() for s in state) if t % truncate == 0 else state
        state = cell.advance(x[t], state)
        by_hand_.append(state[0])
    weights = layer.parameters()
    for ours, theirs in zip(mg.grad(sum(map(mg.sum, ys)), weights), mg.grad(sum(map(mg.sum, by_hand_)), weights)):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-12, atol=1e-15)


def test_history_shows_the_cut():
    x = variable(np.ones((4, 1, 1)))
    ys, _ = scan(counting_step, x, (constant([[0.0]]),), truncate=2)
    nodes = mg.history([ys[-1]])
    assert [node.scope for node in nodes if node.op.name == "cut"] == [(("step", 2),)]
    assert {index for node in nodes for name, index in node.scope if name == "step"} == {0, 1, 2, 3}


@each_kind
def test_nodes_know_their_step_and_gates_their_name(kind):
    ys, _ = KINDS[kind][0](2, 3, num_layers=2).steps(mg.Tensor(np.ones((3, 1, 2))))
    nodes = mg.history(ys)
    for depth in range(2):
        for t in range(3):
            inside = [node for node in nodes if {("layer", depth), ("step", t)} <= set(node.scope)]
            names = [name for node in inside for name in (node.names or {}).values()]
            assert sorted(names) == sorted({"rnn": "h", "lstm": "ifgoch", "gru": "rznh"}[kind])


@pytest.mark.parametrize("truncate", [0, -1])
def test_a_chunk_has_a_step(truncate):
    with pytest.raises(ValueError, match="at least one step"):
        scan(counting_step, constant(np.ones((3, 1, 1))), (constant([[0.0]]),), truncate=truncate)


def test_a_hundred_thousand_steps_fault_49():
    state = (variable([[0.0]]),)
    ys, (last,) = scan(counting_step, [constant([[1.0]])] * 100_000, state)
    assert last.item() == 100_000 and mg.grad(last, state[0]).item() == 1


# ---------------------------------------------------------------- exact laws


def saturated_lstm(input_gate, forget_gate, hidden=3):
    """An LSTM whose gates do not look: i and f are sigmoid of the biases given."""
    layer = float64(nn.LSTM, 2, hidden)
    state = {name: np.zeros_like(value) for name, value in layer.state_dict().items()}
    state["weight_ih_l0"][2 * hidden :] = np.random.default_rng(0).normal(size=(2 * hidden, 2))
    state["bias_ih_l0"][:hidden] = input_gate
    state["bias_ih_l0"][hidden : 2 * hidden] = forget_gate
    layer.load_state_dict(state)
    return layer


def cell_after(layer, steps):
    c = variable(np.random.default_rng(1).normal(size=(1, 2, 3)))
    x = constant(np.random.default_rng(2).normal(size=(steps, 2, 2)))
    _, (_, ended) = layer(x, (constant(np.zeros((1, 2, 3))), c))
    return c, ended, mg.grad(mg.sum(ended), c)


def test_lstm_that_shuts_its_input_and_keeps_everything():
    """With i = 0 and f = 1 the cell is a wire: c_T = c_0 and dc_T/dc_0 = 1, exactly."""
    c, ended, slope = cell_after(saturated_lstm(-1e4, 1e4), 50)
    np.testing.assert_array_equal(ended.numpy(), c.numpy())
    np.testing.assert_array_equal(slope.numpy(), np.ones((1, 2, 3)))


@pytest.mark.parametrize("bias", [-2.0, 0.0, 1.0, 5.0])
def test_lstm_forgets_by_a_power_law(bias):
    """With i = 0 and a constant f = sigmoid(b): dc_T/dc_0 = f^T."""
    _, _, slope = cell_after(saturated_lstm(-1e4, bias), 50)
    np.testing.assert_allclose(slope.numpy(), np.full((1, 2, 3), sigmoid(bias) ** 50), rtol=1e-10)


@pytest.mark.parametrize("rho", [0.5, 1.0, 1.1])
def test_linear_net_scales_gradients_by_a_power(rho):
    """A linear RNN with W = rho Q, Q orthogonal: the gradient's norm at step t is rho^(T-t)."""
    rng = np.random.default_rng(0)
    q, _ = np.linalg.qr(rng.normal(size=(4, 4)))
    weights = Weights(constant(np.eye(4)), constant(rho * q))
    xs = [variable(rng.normal(size=(1, 4))) for _ in range(20)]
    ys, _ = scan(lambda x, state: rnn_step(x, state, weights, lambda a: a * 1.0), xs, (constant(np.zeros((1, 4))),))
    direction = rng.normal(size=(1, 4))
    gradients = mg.grad(mg.sum(ys[-1] * constant(direction / np.linalg.norm(direction))), xs)
    norms = [np.linalg.norm(g.numpy()) for g in gradients]
    np.testing.assert_allclose(norms, rho ** np.arange(19.0, -1, -1), rtol=1e-10)


@each_kind
def test_a_language_model_starts_at_the_logarithm_of_its_vocabulary(kind):
    """Knowing nothing costs ln V nats a symbol; the default start is within a few hundredths of it."""
    size, rng = 65, np.random.default_rng(0)
    embedding, layer, head = nn.Embedding(size, 16), KINDS[kind][0](16, 64), nn.Linear(64, size)
    ids, targets = rng.integers(size, size=(2, 25, 8))
    loss = mg.cross_entropy(head(layer(embedding(ids))[0]), targets).item()
    assert abs(loss - np.log(size)) < 0.06
    head.weight.assign(np.zeros((size, 64)))
    head.bias.assign(np.zeros(size))
    loss = mg.cross_entropy(head(layer(embedding(ids))[0]), targets).item()
    np.testing.assert_allclose(loss, np.log(size), rtol=1e-6)


# ---------------------------------------------------------------- mistakes


def refused(call, *parts, kind=(ShapeError, ValueError)):
    with pytest.raises(kind) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    for part in parts:
        assert str(part) in message, message


@each_kind
@pytest.mark.parametrize(
    "lengths, part",
    [([4, 1], "4"), ([-1, 1], "-1"), ([1], "(1,)"), ([[1, 2]], "(1, 2)"), (2, "()"), ([1, 2, 3], "(3,)")],
    ids=["too long", "negative", "too few", "two rows", "a number", "too many"],
)
def test_impossible_lengths_fault_57(kind, lengths, part):
    layer, x = KINDS[kind][0](2, 3, bidirectional=True), mg.Tensor(np.ones((3, 2, 2)))
    refused(lambda: layer(x, lengths=lengths), part)


@pytest.mark.parametrize("lengths", [[1.0, 2.0], [1.5, 2.0], [True, False], ["1", "2"], [None, 1]])
def test_lengths_are_whole_numbers_fault_57(lengths):
    layer, x = nn.GRU(2, 3), mg.Tensor(np.ones((3, 2, 2)))
    refused(lambda: layer(x, lengths=lengths), "whole numbers", kind=(DtypeError, ValueError))


@each_kind
def test_inputs_that_do_not_fit(kind):
    make, make_cell, _ = KINDS[kind]
    layer, cell = make(2, 3, num_layers=2), make_cell(2, 3)
    name, states = make.__name__, len(cell.states)
    refused(lambda: layer(mg.Tensor(np.ones((3, 4, 5)))), name, (3, 4, 5), "(steps, batch, 2)")
    refused(lambda: layer(mg.Tensor(np.ones((3, 2)))), name, (3, 2))
    wide = make(2, 3, batch_first=True)
    refused(lambda: wide(mg.Tensor(np.ones((3, 4, 5)))), (3, 4, 5), "(batch, steps, 2)")
    refused(lambda: cell(mg.Tensor(np.ones((4, 5)))), f"{name}Cell", (4, 5), "(batch, 2)")
    x, wrong = mg.Tensor(np.ones((3, 4, 2))), mg.Tensor(np.ones((1, 4, 3)))
    refused(lambda: layer(x, (wrong,) * states), name, "state h", (1, 4, 3), (2, 4, 3))
    refused(lambda: cell(x[0], (wrong,) * states), "state h", (1, 4, 3), (4, 3))
    right = mg.Tensor(np.ones((2, 4, 3)))
    refused(lambda: layer(x, (right,) * (states + 1)), "state", states + 1)
    if kind == "lstm":
        refused(lambda: layer(x, right), "h and c")


@each_kind
def test_the_place_is_named(kind):
    """A mistake inside a model says in which of its layers."""

    class Model(nn.Module):
        def __init__(self):
            self.encoders = [KINDS[kind][0](2, 3), KINDS[kind][0](4, 3)]

        def forward(self, x):
            for encoder in self.encoders:
                x, _ = encoder(x)
            return x

    refused(lambda: Model()(mg.Tensor(np.ones((5, 1, 2)))), "encoders.1", (5, 1, 3))


@each_kind
def test_a_mistake_in_a_step_names_the_step(kind):
    layer = KINDS[kind][0](2, 3)
    xs = [mg.Tensor(np.ones((1, 2))), mg.Tensor(np.ones((1, 4)))]
    refused(lambda: scan(layer.cells[0].advance, xs, layer.cells[0].initial(1)), "step 1", (1, 4))


@each_kind
@pytest.mark.parametrize(
    "options",
    [
        {"num_layers": 0}, {"bias": "two"}, {"input_size": 0}, {"hidden_size": 0},
        {"dropout": 1.5}, {"dropout": -0.1}, {"dropout": float("nan")},
    ],
    ids=str,
)
def test_impossible_options_fault_61(kind, options):
    with pytest.raises(ValueError):
        KINDS[kind][0](**{"input_size": 2, "hidden_size": 3, **options})


@each_kind
def test_an_unknown_option_is_refused(kind):
    with pytest.raises(TypeError, match="unrolled"):
        KINDS[kind][0](2, 3, unrolled=True)


# ---------------------------------------------------------------- devices


@on_the_stand_in
@each_kind
@pytest.mark.parametrize("options", OPTIONS)
def test_a_training_step_never_waits_for_the_device(kind, options):
    """Ids, targets and lengths come from the host; forward, loss, backward, clipping and update only queue work."""
    from cupy import _standin

    from minigrad import optim

    batch_first = OPTIONS[options].get("batch_first", False)
    embedding, layer = nn.Embedding(7, 4), KINDS[kind][0](4, 5, **OPTIONS[options])
    head = nn.Linear(5 * layer.directions, 7)
    parameters = [*embedding.parameters(), *layer.parameters(), *head.parameters()]
    ids, targets = np.random.default_rng(0).integers(7, size=(2, 2, 3) if batch_first else (2, 3, 2))
    optimiser, state, before = optim.Adam(parameters, lr=0.01), None, [p.numpy() for p in parameters]
    waits = _standin.waits()
    with _standin.forbid_waits():
        for _ in range(2):
            output, state = layer(embedding(ids), state, lengths=[3, 2])
            loss = mg.cross_entropy(head(output), targets)
            optimiser.zero_grad()
            loss.backward()
            optim.clip_grad_norm(parameters, 1.0)
            optimiser.step()
            state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
    assert _standin.waits() == waits
    assert all((old != new.numpy()).any() for old, new in zip(before, parameters))


@on_the_stand_in
def test_lengths_on_the_device_are_trusted():
    from cupy import _standin

    layer, x = nn.GRU(2, 3), mg.Tensor(np.random.default_rng(0).normal(size=(4, 2, 2)))
    lengths = mg.backend.to_device(np.array([2, 4]))
    wanted = layer(x, lengths=[2, 4])[0].numpy()
    with _standin.forbid_waits():
        output, _ = layer(x, lengths=lengths)
    np.testing.assert_array_equal(output.numpy(), wanted)

