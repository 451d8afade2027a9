"""Options of the cells, layer norm, initialisers, sequences of different lengths: against the equations written again
in NumPy, derivatives of order 1 and 2, padding, mistakes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import nn
from minigrad.check import check_grads
from minigrad.errors import DtypeError, ShapeError
from minigrad.nn import init
from minigrad.recurrent import padded, scan, unpadded

from .in_float64 import as_tuple, constant, float64, variable


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def softsign(a):
    return a / (1 + abs(a))


def normed(a, eps=1e-5):
    return (a - a.mean()) / np.sqrt(a.var() + eps)


# ---------------------------------------------------------------- the equations again, one sequence, one step


def rnn_by_hand(activation=np.tanh, alpha=0.0):
    def step(x, state, w):
        (h,) = state
        new = activation(w["weight_ih"] @ x + w["bias_ih"] + w["weight_hh"] @ h + w["bias_hh"])
        return (alpha * h + (1 - alpha) * new,)

    return step


def jordan_by_hand(x, state, w):
    a = w["weight_ih"] @ x + w["weight_yh"] @ state[0] + w["bias_h"]
    h = np.tanh(a + w["weight_hh"] @ state[1]) if len(state) == 2 else np.tanh(a)
    y = sigmoid(w["weight_hy"] @ h + w["bias_y"])
    return (y, h)[: len(state)]


def lstm_by_hand(x, state, w):
    h, c = state
    size = len(c)
    a, b = w["weight_ih"] @ x, w["weight_hh"] @ h
    if "gain_ih" in w:
        a, b = normed(a) * w["gain_ih"], normed(b) * w["gain_hh"]
    i, f, g, o = np.split(a + w["bias_ih"] + b + w["bias_hh"], 4)
    p = w.get("peephole", np.zeros(3 * size))
    new = sigmoid(f + p[size : 2 * size] * c) * c + sigmoid(i + p[:size] * c) * np.tanh(g)
    shown = normed(new) * w["gain_c"] + w["bias_c"] if "gain_c" in w else new
    y = sigmoid(o + p[2 * size :] * new) * np.tanh(shown)
    return (w["weight_hr"] @ y if "weight_hr" in w else y), new


def gru_by_hand(update, reset):
    def step(x, state, w):
        (h,) = state
        size = len(h)
        a = w["weight_ih"] @ x + w["bias_ih"]
        b = w["weight_hh"] @ h + w["bias_hh"]
        r, z = sigmoid(a[:size] + b[:size]), sigmoid(a[size : 2 * size] + b[size : 2 * size])
        if reset == "before":
            n = np.tanh(a[2 * size :] + w["weight_hh"][2 * size :] @ (r * h) + w["bias_hh"][2 * size :])
        else:
            n = np.tanh(a[2 * size :] + r * b[2 * size :])
        return ((1 - z) * n + z * h if update == "keeps_old" else (1 - z) * h + z * n,)

    return step


def clockwork_by_hand(periods):
    def step(x, state, w):
        h, t = state
        each = np.repeat(periods, len(h) // len(periods))
        new = h.copy()
        for i, period in enumerate(each):
            if t[0] % period == 0:
                slower = [j for j in range(len(h)) if each[j] >= period]
                a = w["weight_ih"][i] @ x + w["bias_ih"][i] + w["bias_hh"][i]
                new[i] = np.tanh(a + w["weight_hh"][i, slower] @ h[slower])
        return new, t + 1

    return step


def norm_and_all(size):
    return {"peepholes": True, "layer_norm": True, "proj_size": size, "forget_bias": 1.0}


CELLS = {
    "rnn softsign": (lambda i, h, **o: nn.RNNCell(i, h, nonlinearity=mg.softsign, **o), rnn_by_hand(softsign)),
    "rnn sigmoid": (lambda i, h, **o: nn.RNNCell(i, h, nonlinearity=mg.sigmoid, **o), rnn_by_hand(sigmoid)),
    "rnn leaky": (lambda i, h, **o: nn.RNNCell(i, h, alpha=0.7, **o), rnn_by_hand(alpha=0.7)),
    "rnn orthogonal": (lambda i, h, **o: nn.RNNCell(i, h, recurrent_init="orthogonal", **o), rnn_by_hand()),
    "jordan output": (lambda i, h, **o: nn.JordanCell(i, h, 2, **o), jordan_by_hand),
    "jordan both": (lambda i, h, **o: nn.JordanCell(i, h, 2, feedback="both", **o), jordan_by_hand),
    "lstm peepholes": (lambda i, h, **o: nn.LSTMCell(i, h, peepholes=True, **o), lstm_by_hand),
    "lstm forget bias": (lambda i, h, **o: nn.LSTMCell(i, h, forget_bias=1.0, **o), lstm_by_hand),
    "lstm norm": (lambda i, h, **o: nn.LSTMCell(i, h, layer_norm=True, **o), lstm_by_hand),
    "lstm projection": (lambda i, h, **o: nn.LSTMCell(i, h, proj_size=h - 1, **o), lstm_by_hand),
    "lstm everything": (lambda i, h, **o: nn.LSTMCell(i, h, **norm_and_all(h - 1), **o), lstm_by_hand),
    "clockwork": (lambda i, h, **o: nn.ClockworkCell(i, 2 * h, [1, 2], **o), clockwork_by_hand([1, 2])),
    **{
        f"gru {update} {reset}": (
            lambda i, h, u=update, r=reset, **o: nn.GRUCell(i, h, update=u, reset=r, **o),
            gru_by_hand(update, reset),
        )
        for update in ("keeps_old", "takes_new")
        for reset in ("after", "before")
    },
}
each_cell = pytest.mark.parametrize("name", CELLS)
clocks = {"t"}


def shaken(cell, rng):
    """The cell with parameters that are nowhere 0 or 1."""
    for parameter in cell.parameters():
        parameter.assign(parameter.numpy() + rng.uniform(-0.5, 0.5, parameter.shape))
    return cell


def some_state(cell, batch, rng):
    """Random values; a clock starts anywhere."""
    pairs = zip(cell.states, cell.sizes)
    return [rng.integers(5, size=(batch, n)) if s in clocks else rng.normal(size=(batch, n)) for s, n in pairs]


def tensors(state):
    return tuple(mg.Tensor(s, dtype=None if s.dtype.kind == "i" else "float64") for s in state)


@st.composite
def situations(draw):
    name = draw(st.sampled_from(sorted(CELLS)))
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    inputs, hidden = draw(st.integers(1, 3)), draw(st.integers(2, 4))
    steps, batch = draw(st.integers(0, 6)), draw(st.integers(1, 3))
    cell = shaken(float64(CELLS[name][0], inputs, hidden, rng=rng), rng)
    lengths = np.array([draw(st.integers(0, steps)) for _ in range(batch)], dtype=int)
    return name, cell, rng.normal(size=(steps, batch, inputs)), some_state(cell, batch, rng), lengths


@each_cell
def test_a_step_is_its_equation(name):
    rng = np.random.default_rng(0)
    cell = shaken(float64(CELLS[name][0], 3, 4, rng=rng), rng)
    x, state = rng.normal(size=(4, 3)), some_state(cell, 4, rng)
    found = as_tuple(cell(constant(x), tensors(state)))
    for b in range(4):
        wanted = CELLS[name][1](x[b], tuple(part[b] for part in state), cell.state_dict())
        for ours, theirs in zip(found, wanted, strict=True):
            np.testing.assert_allclose(ours.numpy()[b], theirs, rtol=1e-11, atol=1e-13)


@given(situations(), st.booleans())
def test_a_cell_over_time_is_its_equation(situation, reverse):
    """Padded batch, either direction, any lengths: each sequence as if alone."""
    name, cell, x, state, lengths = situation
    ys, ended = nn.unroll(cell, [constant(x_t) for x_t in x], tensors(state), lengths=lengths, reverse=reverse)
    weights = cell.state_dict()
    for b, n in enumerate(lengths):
        s, outputs = tuple(part[b] for part in state), np.zeros((len(x), cell.output_size))
        for t in reversed(range(n)) if reverse else range(n):
            s = CELLS[name][1](x[t, b], s, weights)
            outputs[t] = s[0]
        for ours, theirs in zip(ys, outputs):
            np.testing.assert_allclose(ours.numpy()[b], theirs, rtol=1e-10, atol=1e-12)
        for ours, theirs in zip(ended, s):
            np.testing.assert_allclose(ours.numpy()[b], theirs, rtol=1e-10, atol=1e-12)


@each_cell
def test_cell_gradients(name):
    """Every first and second derivative of one step, by the input, the state and the weights."""
    rng = np.random.default_rng(1)
    cell = shaken(float64(CELLS[name][0], 2, 3, rng=rng), rng)
    state = some_state(cell, 1, rng)
    count = len(state)

    def step(x, *rest):
        new = as_tuple(cell(x, tuple(mg.Tensor(s) if not isinstance(s, mg.Tensor) else s for s in rest[:count])))
        return [s for s in new if s.dtype.kind == "f"]

    mode = "random" if "everything" in name or "clockwork" in name else "full"
    check_grads(step, [rng.normal(size=(1, 2)), *state, *cell.parameters()], mode=mode)


@each_cell
@pytest.mark.parametrize("reverse", [False, True], ids=["ahead", "back"])
def test_gradients_over_padded_steps(name, reverse):
    rng = np.random.default_rng(2)
    cell = shaken(float64(CELLS[name][0], 2, 2, rng=rng), rng)
    state = tensors(some_state(cell, 3, rng))

    def run(x, *_):
        ys, ended = nn.unroll(cell, list(x), state, lengths=[3, 0, 2], reverse=reverse)
        return [mg.stack(ys), *[s for s in ended if s.dtype.kind == "f"]]

    check_grads(run, [rng.normal(size=(3, 3, 2)), *cell.parameters()], mode="random")


# ---------------------------------------------------------------- options through the layers


LAYERS = {
    "rnn": (nn.RNN, {"nonlinearity": mg.softsign, "alpha": 0.3, "recurrent_init": "orthogonal"}),
    "lstm": (nn.LSTM, {"proj_size": 2, "peepholes": True, "layer_norm": True, "forget_bias": 1.0}),
    "gru": (nn.GRU, {"update": "takes_new", "reset": "before"}),
}


@pytest.mark.parametrize("kind", LAYERS)
def test_layers_hand_options_to_their_cells(kind):
    """Two layers, two directions, padded: equal to the cells run by hand, with PyTorch's names."""
    make, options = LAYERS[kind]
    layer = float64(make, 3, 4, num_layers=2, bidirectional=True, **options)
    rng = np.random.default_rng(0)
    x, lengths = constant(rng.normal(size=(5, 3, 3))), [5, 0, 2]
    output, state = layer(x, lengths=lengths)
    xs, ended = list(x), []
    for depth in range(2):
        ahead, back = layer.cells[2 * depth : 2 * depth + 2]
        ys, first = scan(ahead.advance, xs, ahead.initial(3), lengths)
        zs, second = scan(back.advance, xs, back.initial(3), lengths, reverse=True)
        xs, ended = [mg.concat(pair, axis=-1) for pair in zip(ys, zs)], [*ended, first, second]
    np.testing.assert_array_equal(output.numpy(), np.stack([y.numpy() for y in xs]))
    for i, whole in enumerate(as_tuple(state)):
        np.testing.assert_array_equal(whole.numpy(), np.stack([s[i].numpy() for s in ended]))
    again, _ = layer(x, state, lengths)
    assert again.shape == output.shape and abs(again.numpy() - output.numpy()).max() > 1e-3
    other = float64(make, 3, 4, num_layers=2, bidirectional=True, **options)
    other.load_state_dict(layer.state_dict())
    np.testing.assert_array_equal(other(x, lengths=lengths)[0].numpy(), output.numpy())
    assert layer(constant(np.zeros((0, 3, 3))))[0].shape == (0, 3, output.shape[-1])


@pytest.mark.parametrize("kind", LAYERS)
def test_layer_gradients_with_options(kind):
    make, options = LAYERS[kind]
    rng = np.random.default_rng(0)
    layer = shaken(float64(make, 2, 3, num_layers=2, **options), rng)
    x, states = rng.normal(size=(2, 2, 2)), [rng.normal(size=(2, 2, n)) for n in layer.cells[0].sizes]

    def run(x, *rest):
        state = rest[: len(states)]
        return layer(x, state if len(state) > 1 else state[0], lengths=[1, 2])[0]

    check_grads(run, [x, *states, *layer.parameters()], mode="random")


def test_projected_lstm_has_pytorch_names_and_shapes():
    layer = nn.LSTM(3, 5, num_layers=2, proj_size=2)
    assert [(name, p.shape) for name, p in layer.named_parameters()] == [
        ("weight_ih_l0", (20, 3)), ("weight_hh_l0", (20, 2)), ("bias_ih_l0", (20,)), ("bias_hh_l0", (20,)),
        ("weight_hr_l0", (2, 5)),
        ("weight_ih_l1", (20, 2)), ("weight_hh_l1", (20, 2)), ("bias_ih_l1", (20,)), ("bias_hh_l1", (20,)),
        ("weight_hr_l1", (2, 5)),
    ]  # fmt: skip
    output, (h, c) = layer(mg.Tensor(np.ones((4, 6, 3))))
    assert output.shape == (4, 6, 2) and h.shape == (2, 6, 2) and c.shape == (2, 6, 5)


def test_options_are_off_by_default():
    """The same draws, the same weights, the same values as without the names."""
    x = mg.Tensor(np.random.default_rng(0).normal(size=(3, 2, 3)))
    for make, options in (
        (nn.RNN, {"nonlinearity": mg.tanh, "alpha": 0.0, "recurrent_init": None}),
        (nn.LSTM, {"forget_bias": None, "peepholes": False, "layer_norm": False, "proj_size": 0}),
        (nn.GRU, {"update": "keeps_old", "reset": "after"}),
    ):
        plain, named = (make(3, 4, rng=np.random.default_rng(5), **o) for o in ({}, options))
        assert list(plain.state_dict()) == list(named.state_dict())
        np.testing.assert_array_equal(plain(x)[0].numpy(), named(x)[0].numpy())


# ---------------------------------------------------------------- what the options mean


@given(st.integers(0, 2**31), st.sampled_from(["after", "before"]), st.integers(1, 4), st.integers(1, 4))
def test_gru_conventions_are_one_net_with_z_for_one_minus_z(seed, reset, inputs, hidden):
    """As sigmoid(-a) = 1 - sigmoid(a), negating z's rows turns one convention into the other."""
    rng = np.random.default_rng(seed)
    keeps = float64(nn.GRUCell, inputs, hidden, update="keeps_old", reset=reset, rng=rng)
    takes = float64(nn.GRUCell, inputs, hidden, update="takes_new", reset=reset, rng=rng)
    sign = np.repeat([1.0, -1.0, 1.0], hidden)
    turned = {name: value * sign.reshape(-1, *[1] * (value.ndim - 1)) for name, value in keeps.state_dict().items()}
    takes.load_state_dict(turned)
    x, h = constant(rng.normal(size=(3, inputs))), constant(rng.normal(size=(3, hidden)))
    np.testing.assert_allclose(takes(x, h).numpy(), keeps(x, h).numpy(), rtol=0, atol=1e-12)
    if not np.allclose(keeps(x, h).numpy(), h.numpy()):
        takes.load_state_dict(keeps.state_dict())
        assert abs(takes(x, h).numpy() - keeps(x, h).numpy()).max() > 1e-9


def test_gru_reset_before_and_after_differ():
    before = float64(nn.GRUCell, 2, 3, reset="before", rng=np.random.default_rng(0))
    after = float64(nn.GRUCell, 2, 3, reset="after", rng=np.random.default_rng(0))
    x, h = constant(np.ones((1, 2))), constant(np.ones((1, 3)))
    assert abs(before(x, h).numpy() - after(x, h).numpy()).max() > 1e-3
    zero = constant(np.zeros((1, 3)))
    after.bias_hh.assign(np.zeros(9))
    before.bias_hh.assign(np.zeros(9))
    np.testing.assert_allclose(before(x, zero).numpy(), after(x, zero).numpy(), rtol=1e-14)


def test_gru_reset_masks_the_candidate_only():
    """With r = 0 the candidate forgets h, but z still carries h over."""
    cell = float64(nn.GRUCell, 2, 3)
    state = {name: np.zeros_like(value) for name, value in cell.state_dict().items()}
    state["bias_ih"][:6] = np.repeat([-1e4, 1e4], 3)  # r = 0, z = 1
    cell.load_state_dict(state)
    h = np.random.default_rng(0).normal(size=(2, 3))
    np.testing.assert_array_equal(cell(constant(np.ones((2, 2))), constant(h)).numpy(), h)


@pytest.mark.parametrize("bias", [True, "one"])
def test_forget_bias_is_where_the_forget_gate_starts(bias):
    """A share sigmoid(forget_bias) of the memory stays when all else is 0; 1 remembers, 0 erases."""
    for value, kept in ((1.0, sigmoid(1.0)), (1e4, 1.0), (-1e4, 0.0)):
        cell = float64(nn.LSTMCell, 2, 3, bias=bias, forget_bias=value)
        weights = cell.state_dict()
        total = weights["bias_ih"] + weights.get("bias_hh", 0)
        np.testing.assert_array_equal(total[3:6], np.full(3, value))
        cell.weight_ih.assign(np.zeros((12, 2)))
        cell.weight_hh.assign(np.zeros((12, 3)))
        cell.bias_ih.assign(weights["bias_ih"] * np.repeat([0, 1, 0, 0], 3))
        if bias is True:
            cell.bias_hh.assign(np.zeros(12))
        _, c = cell(constant(np.ones((1, 2))), (constant(np.ones((1, 3))), constant(np.full((1, 3), 2.0))))
        np.testing.assert_allclose(c.numpy(), np.full((1, 3), 2 * kept), rtol=1e-12)
    with pytest.raises(ValueError, match="needs a bias"):
        nn.LSTM(2, 3, bias=False, forget_bias=1.0)


@pytest.mark.parametrize("bias", [True, "one", False])
@pytest.mark.parametrize("make, gates", [(nn.RNNCell, 1), (nn.LSTMCell, 4)])
def test_concatenated_weights_are_the_same_net(make, gates, bias):
    """The books that write W [h, x] + b: one matrix, the same gates, and gradients reach the parts."""
    cell = float64(make, 2, 3, bias=bias)
    w, b = cell.concatenated()
    assert w.shape == (gates * 3, 5) and (b is None) == (bias is False)
    rng = np.random.default_rng(0)
    x, state = rng.normal(size=(1, 2)), [rng.normal(size=(1, 3)) for _ in cell.states]
    a = np.concatenate([state[0], x], axis=1) @ w.numpy().T + (0 if b is None else b.numpy())
    if gates == 1:
        wanted = np.tanh(a)
    else:
        i, f, g, o = np.split(a, 4, axis=1)
        wanted = sigmoid(o) * np.tanh(sigmoid(f) * state[1] + sigmoid(i) * np.tanh(g))
    np.testing.assert_allclose(as_tuple(cell(constant(x), tensors(state)))[0].numpy(), wanted, rtol=1e-12)
    for gradient in mg.grad(mg.sum(w), [cell.weight_ih, cell.weight_hh]):
        np.testing.assert_array_equal(gradient.numpy(), np.ones(gradient.shape))


def test_leaky_units_remember_by_a_power_law():
    """With W = 0 and no input: h_T = alpha^T h_0."""
    cell = float64(nn.RNNCell, 1, 2, bias=False, alpha=0.9)
    cell.weight_hh.assign(np.zeros((2, 2)))
    h = variable([[1.0, -2.0]])
    _, (last,) = nn.unroll(cell, [constant([[0.0]])] * 20, (h,))
    np.testing.assert_allclose(last.numpy(), h.numpy() * 0.9**20, rtol=1e-12)
    np.testing.assert_allclose(mg.grad(mg.sum(last), h).numpy(), np.full((1, 2), 0.9**20), rtol=1e-12)


def test_irnn_starts_by_keeping_its_state():
    """Le et al., 2015: relu, identity, biases 0; a state that is not negative stays, and so does its gradient."""
    layer = float64(nn.RNN, 2, 3, nonlinearity="relu", recurrent_init="identity")
    weights = layer.state_dict()
    np.testing.assert_array_equal(weights["weight_hh_l0"], np.eye(3))
    assert not weights["bias_ih_l0"].any() and not weights["bias_hh_l0"].any() and weights["weight_ih_l0"].all()
    h = variable(np.random.default_rng(0).uniform(0.5, 1, size=(1, 4, 3)))
    _, last = layer(constant(np.zeros((100, 4, 2))), h)
    np.testing.assert_array_equal(last.numpy(), h.numpy())
    np.testing.assert_array_equal(mg.grad(mg.sum(last), h).numpy(), np.ones((1, 4, 3)))


def test_clockwork_groups_move_at_their_own_pace():
    cell = float64(nn.ClockworkCell, 2, 6, [1, 2, 4])
    rng = np.random.default_rng(0)
    ys, (_, t) = nn.unroll(cell, [constant(rng.normal(size=(2, 2))) for _ in range(8)], cell.initial(2))
    values = np.stack([y.numpy() for y in ys]).reshape(8, 2, 3, 2)
    moved = (values[1:] != values[:-1]).all(axis=(1, 3))
    np.testing.assert_array_equal(moved, [[t % period == 0 for period in (1, 2, 4)] for t in range(1, 8)])
    np.testing.assert_array_equal(t.numpy(), np.full((2, 1), 8))
    gradient = mg.grad(mg.sum(mg.stack(ys)), cell.weight_hh).numpy().reshape(3, 2, 3, 2).any(axis=(1, 3))
    np.testing.assert_array_equal(gradient, np.triu(np.ones((3, 3), dtype=bool)))  # none from faster to slower


def test_clocks_go_on_from_chunk_to_chunk():
    cell = float64(nn.ClockworkCell, 2, 4, [1, 3])
    xs = [constant(x) for x in np.random.default_rng(0).normal(size=(7, 2, 2))]
    whole, _ = nn.unroll(cell, xs, cell.initial(2))
    first, state = nn.unroll(cell, xs[:4], cell.initial(2))
    second, _ = nn.unroll(cell, xs[4:], tuple(s.detach() for s in state))
    for ours, theirs in zip(first + second, whole):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


def test_jordan_without_feedback_weights_is_a_feed_forward_net():
    """The output is all that is remembered: with W_yh = 0 the steps do not know of each other."""
    cell = float64(nn.JordanCell, 2, 3, 2)
    cell.weight_yh.assign(np.zeros((3, 2)))
    x = variable(np.random.default_rng(0).normal(size=(4, 1, 2)))
    ys, _ = nn.unroll(cell, list(x), cell.initial(1))
    reached = mg.grad(mg.sum(ys[-1]), x).numpy().any(axis=(1, 2))
    np.testing.assert_array_equal(reached, [False, False, False, True])


# ---------------------------------------------------------------- layer norm, initialisers


@given(st.integers(0, 2**31), st.integers(0, 3), st.integers(1, 6))
def test_layer_norm_is_its_formula(seed, rank, size):
    rng = np.random.default_rng(seed)
    layer = float64(nn.LayerNorm, size, eps=1e-3)
    layer.weight.assign(rng.normal(size=size))
    layer.bias.assign(rng.normal(size=size))
    x = rng.normal(size=(*rng.integers(1, 4, size=rank), size))
    wanted = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-3)
    wanted = wanted * layer.weight.numpy() + layer.bias.numpy()
    np.testing.assert_allclose(layer(constant(x)).numpy(), wanted, rtol=1e-11, atol=1e-12)


def test_layer_norm_gradients():
    layer = float64(nn.LayerNorm, 3)
    check_grads(lambda x, *_: layer(x), [np.random.default_rng(0).normal(size=(2, 3)), *layer.parameters()])


def test_layer_norm_starts_as_the_norm_alone_and_forgives_constants():
    layer = nn.LayerNorm(4)
    y = layer(mg.Tensor(np.random.default_rng(0).normal(3, 5, size=(6, 4)))).numpy()
    np.testing.assert_allclose(y.mean(axis=1), np.zeros(6), atol=1e-6)
    np.testing.assert_allclose(y.std(axis=1), np.ones(6), rtol=1e-4)
    flat = mg.Tensor(np.full((2, 4), 7.0), requires_grad=True)
    mg.sum(layer(flat) * mg.Tensor(np.arange(8.0).reshape(2, 4))).backward()
    assert np.isfinite(flat.grad.numpy()).all() and not layer(flat).numpy().any()
    assert list(layer.state_dict()) == ["weight", "bias"]
    with pytest.raises(ShapeError, match=r"LayerNorm: x \(2, 3\) must be \(\.\.\., 4\)"):
        layer(mg.Tensor(np.ones((2, 3))))
    for options in ({"size": 0}, {"size": 3, "eps": 0.0}):
        with pytest.raises(ValueError, match="LayerNorm"):
            nn.LayerNorm(**options)


@pytest.mark.parametrize("shape", [(4, 4), (6, 3), (3, 6), (1, 1)])
def test_orthogonal_and_identity(shape):
    q = init.orthogonal(shape, gain=2.0)
    small = min(shape)
    product = q.T @ q if shape[0] >= shape[1] else q @ q.T
    np.testing.assert_allclose(product, 4 * np.eye(small), atol=1e-12)
    assert q.shape == shape
    first, again = (init.orthogonal(shape, rng=np.random.default_rng(1)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(init.identity(shape, gain=0.5), 0.5 * np.eye(*shape))
    for function in (init.orthogonal, init.identity):
        with pytest.raises(ValueError, match="matrix"):
            function((3,))


def test_orthogonal_is_evenly_spread():
    """Without the signs of R the diagonal would always be negative."""
    rng = np.random.default_rng(0)
    first = [init.orthogonal((3, 3), rng=rng)[0, 0] for _ in range(200)]
    assert 60 < sum(value > 0 for value in first) < 140


@pytest.mark.parametrize("make, gates", [(nn.RNNCell, 1), (nn.LSTMCell, 4), (nn.GRUCell, 3)])
def test_each_gate_starts_orthogonal(make, gates):
    blocks = make(2, 4, recurrent_init="orthogonal").weight_hh.numpy().reshape(gates, 4, 4)
    for block in blocks:
        np.testing.assert_allclose(block @ block.T, np.eye(4), atol=1e-6)
    assert len({block.tobytes() for block in blocks}) == gates
    chosen = make(2, 4, recurrent_init=lambda shape: np.full(shape, 0.25)).weight_hh.numpy()
    np.testing.assert_array_equal(chosen, np.full((gates * 4, 4), 0.25))


# ---------------------------------------------------------------- sequences of different lengths


@given(st.lists(st.integers(0, 5), min_size=1, max_size=4), st.sampled_from(["rnn", "lstm", "gru"]), st.booleans(),
       st.booleans())  # fmt: skip
def test_a_list_of_sequences_comes_back_as_a_list(lengths, kind, bidirectional, batch_first):
    """Each one as if alone, in the order given, values and gradients."""
    make = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[kind]
    layer = float64(make, 2, 3, num_layers=2, bidirectional=bidirectional, batch_first=batch_first)
    rng = np.random.default_rng(sum(lengths))
    sequences = [variable(rng.normal(size=(n, 2))) for n in lengths]
    outputs, state = layer(sequences)
    assert isinstance(outputs, list) and [y.shape for y in outputs] == [(n, layer.output_size) for n in lengths]
    for b, (x, y) in enumerate(zip(sequences, outputs)):
        alone, ended = layer(mg.expand_dims(x, axis=0 if batch_first else 1))
        np.testing.assert_allclose(y.numpy(), mg.squeeze(alone, axis=0 if batch_first else 1).numpy(), atol=1e-12)
        for ours, theirs in zip(as_tuple(state), as_tuple(ended)):
            np.testing.assert_allclose(ours.numpy()[:, b], theirs.numpy()[:, 0], atol=1e-12)
    if any(lengths):
        together = mg.grad(sum(mg.sum(y * y) for y in outputs), sequences)
        for n, x, ours in zip(lengths, sequences, together):
            if n:
                theirs = mg.grad(mg.sum(layer([x])[0][0] ** 2), x)
                np.testing.assert_allclose(ours.numpy(), theirs.numpy(), atol=1e-12)


def test_padded_and_back():
    sequences = [np.arange(6.0).reshape(3, 2), np.zeros((0, 2)), np.ones((1, 2))]
    x, lengths = padded(sequences)
    assert x.shape == (3, 3, 2) and lengths.tolist() == [3, 0, 1]
    assert not x.numpy()[1:, 2].any() and not x.numpy()[:, 1].any()
    for ours, theirs in zip(unpadded(x, lengths), sequences):
        np.testing.assert_array_equal(ours.numpy(), theirs)


def test_lists_that_are_no_sequences():
    layer = nn.GRU(2, 3)
    ones = mg.Tensor(np.ones((3, 2)))
    for sequences, part in (
        ([ones, mg.Tensor(np.ones((3, 4)))], r"sequence 1 .*\(3, 4\)"),
        ([ones, mg.Tensor(np.ones(2))], r"sequence 1 .*\(2,\)"),
        ([np.ones((3, 4, 2))], r"sequence 0 .*\(3, 4, 2\)"),
        ([np.ones((3, 5))], r"\(3, 1, 5\)"),
    ):
        with pytest.raises(ShapeError, match=part):
            layer(sequences)
    with pytest.raises(ValueError, match="brings its own lengths"):
        layer([ones, ones], lengths=[3, 3])
    with pytest.raises(ShapeError, match="empty list"):
        padded([])
    with pytest.raises(DtypeError, match="different lengths"):
        layer([[[1.0, 2.0]], [[1.0]]])


# ---------------------------------------------------------------- how many parameters


@pytest.mark.slow
def test_parameter_count_of_zaremba_large():
    """Zaremba et al., 2014: two layers of 1500, one bias; 264 MB, so it runs with the slow tests."""
    model = nn.Sequential(nn.Embedding(10_000, 1500), nn.LSTM(1500, 1500, 2, bias="one"), nn.Linear(1500, 10_000))
    assert model.n_params() == 66_022_000


@pytest.mark.parametrize(
    "cell, count",
    [
        (lambda: nn.LSTMCell(3, 5, bias="one"), 4 * 5 * (3 + 5 + 1)),
        (lambda: nn.LSTMCell(3, 5, peepholes=True), 4 * 5 * (3 + 5 + 2) + 3 * 5),
        (lambda: nn.LSTMCell(3, 5, proj_size=2), 4 * 5 * (3 + 2 + 2) + 2 * 5),
        (lambda: nn.LSTMCell(3, 5, layer_norm=True), 4 * 5 * (3 + 5 + 2) + 10 * 5),
        (lambda: nn.GRUCell(3, 5, update="takes_new", reset="before"), 3 * 5 * (3 + 5 + 2)),
        (lambda: nn.RNNCell(3, 5, alpha=0.5), 5 * (3 + 5 + 2)),
        (lambda: nn.ClockworkCell(3, 6, [1, 2, 4]), 6 * (3 + 6 + 2)),
        (lambda: nn.JordanCell(3, 5, 2), 5 * (3 + 2 + 1) + 2 * (5 + 1)),
        (lambda: nn.JordanCell(3, 5, 2, feedback="both", bias=False), 5 * (3 + 2 + 5) + 2 * 5),
        (lambda: nn.LayerNorm(7), 14),
    ],
)
def test_parameter_counts(cell, count):
    assert cell().n_params() == count


# ---------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    "make, part",
    [
        (lambda: nn.RNNCell(2, 3, nonlinearity=mg.crelu), r"\(1, 6\) of \(1, 3\)"),
        (lambda: nn.RNNCell(2, 3, nonlinearity="sigmoid"), "tanh, relu"),
        (lambda: nn.RNNCell(2, 3, alpha=1.5), "alpha"),
        (lambda: nn.RNNCell(2, 3, alpha=float("nan")), "alpha"),
        (lambda: nn.RNNCell(2, 3, recurrent_init="random"), "identity, orthogonal"),
        (lambda: nn.GRUCell(2, 3, update="z"), "keeps_old, takes_new"),
        (lambda: nn.GRUCell(2, 3, reset="never"), "after, before"),
        (lambda: nn.LSTM(2, 3, proj_size=3), "proj_size=3"),
        (lambda: nn.LSTM(2, 3, proj_size=-1), "proj_size=-1"),
        (lambda: nn.ClockworkCell(2, 5, [1, 2]), "divide"),
        (lambda: nn.ClockworkCell(2, 4, [0, 2]), "at least 1"),
        (lambda: nn.ClockworkCell(2, 4, []), "periods"),
        (lambda: nn.JordanCell(2, 3, 2, feedback="hidden"), "output, both"),
        (lambda: nn.JordanCell(2, 3, 0), "at least 1"),
        (lambda: nn.JordanCell(2, 3, 2, readout=mg.crelu), "readout must keep the shape"),
        (lambda: nn.JordanCell(2, 3, 2, readout="softmax"), "readout='softmax' is not one of tanh, relu, sigmoid"),
    ],
)
def test_impossible_options(make, part):
    with pytest.raises(ValueError, match=part):
        make()


@each_cell
def test_states_that_do_not_fit(name):
    cell = CELLS[name][0](2, 2)
    x, right = mg.Tensor(np.ones((4, 2))), cell.initial(4)
    with pytest.raises(ShapeError, match=rf"state {cell.states[-1]} has shape \(3, .*expected \(4, "):
        cell(x, (*right[:-1], cell.initial(3)[-1]))
    with pytest.raises(ShapeError, match=f"the state is {' and '.join(cell.states)}; got {len(right) + 1} tensor"):
        cell(x, (*right, right[0]))
    with pytest.raises(ShapeError, match=r"x \(4, 5\) must be \(batch, 2\)"):
        cell(mg.Tensor(np.ones((4, 5))), right)


def test_a_carried_batch_of_another_size():
    layer = nn.LSTM(2, 4, proj_size=3)
    _, state = layer(mg.Tensor(np.ones((5, 4, 2))))
    with pytest.raises(ShapeError, match=r"LSTM: state h has shape \(1, 4, 3\), expected \(1, 2, 3\)"):
        layer(mg.Tensor(np.ones((5, 2, 2))), state)
