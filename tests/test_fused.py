"""The whole-sequence kernels: a layer with unroll=False is the layer with unroll=True, in values, gradients and their
gradients."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import nn, optim
from minigrad.check import check_grads
from minigrad.errors import DtypeError, ShapeError

from .in_float64 import as_tuple, constant

KINDS = {
    "rnn": (nn.RNN, {}),
    "relu": (nn.RNN, {"nonlinearity": "relu"}),
    "lstm": (nn.LSTM, {}),
    "gru": (nn.GRU, {}),
    "gru, takes new": (nn.GRU, {"update": "takes_new"}),
    "gru, reset before": (nn.GRU, {"reset": "before"}),
    "gru, reset before, takes new": (nn.GRU, {"reset": "before", "update": "takes_new"}),
}
each_kind = pytest.mark.parametrize("kind", KINDS)


def make(kind: str, unroll: bool, *sizes: int, dtype: str = "float64", **options):
    """A layer; the same weights whether unrolled or not."""
    layer, chosen = KINDS[kind]
    with mg.default_dtype(dtype):
        return layer(*sizes, unroll=unroll, rng=np.random.default_rng(0), **chosen, **options)


def pair(kind: str, *sizes: int, **options):
    """(unrolled, fused)."""
    return [make(kind, unroll, *sizes, **options) for unroll in (True, False)]


def arrays(layer, steps: int, batch: int, seed: int = 0):
    """An input (T, B, I), or (B, T, I), and the states."""
    rng, outer = np.random.default_rng(seed), (batch, steps) if layer.batch_first else (steps, batch)
    cells = layer.cells
    return rng.normal(size=(*outer, layer.input_size)), [
        rng.normal(size=(len(cells), batch, n)) for n in cells[0].sizes
    ]


def results(layer, x, states, lengths=None, used="hcy", order=1):
    """(outputs, gradients by x, states, parameters) of a random weighting of the outputs that are used, in numbers."""
    dtype = layer.cells[0].weight_ih.dtype
    x, *states = [mg.Tensor(a, dtype=dtype, requires_grad=True) for a in (x, *(states or ()))]
    y, state = layer(x, (tuple(states) if len(states) > 1 else states[0]) if states else None, lengths)
    outputs = {"y": y, **dict(zip("hc", as_tuple(state)))}
    leaves, rng = [x, *states, *layer.parameters()], np.random.default_rng(9)

    def weighted(o):
        return mg.sum(o * mg.Tensor(rng.normal(size=o.shape), dtype=dtype))

    loss = sum([weighted(o) for name, o in outputs.items() if name in used], mg.sum(x * x))
    gradients = mg.grad(loss, leaves, create_graph=order > 1)
    if order > 1:
        pushed = [weighted(g) for g in gradients if g is not None]
        gradients = mg.grad(sum(pushed[1:], pushed[0]), leaves)
    zeros = [np.zeros(leaf.shape) if g is None else g.numpy() for g, leaf in zip(gradients, leaves)]
    return [o.numpy() for o in outputs.values()], zeros


def assert_same(one, other, tolerance: float):
    for mine, theirs in zip(one, other):
        for a, b in zip(mine, theirs):
            np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


# ---------------------------------------------------------------- the same function


@st.composite
def calls(draw):
    """A layer's options and a call of it."""
    steps, batch = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    options = {
        "num_layers": draw(st.integers(1, 2)),
        "bias": draw(st.sampled_from([True, "one", False])),
        "bidirectional": draw(st.booleans()),
        "batch_first": draw(st.booleans()),
    }
    lengths = draw(st.none() | st.lists(st.integers(0, steps), min_size=batch, max_size=batch))
    sizes = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    return (
        sizes,
        options,
        steps,
        batch,
        lengths,
        draw(st.booleans()),
        draw(st.sampled_from(["y", "h", "c", "hy", "hcy"])),
    )


@each_kind
@given(call=calls(), order=st.sampled_from([1, 2]))
def test_fused_is_unrolled(kind, call, order):
    """Values, first and second derivatives; with and without lengths and initial state, whichever outputs are used."""
    sizes, options, steps, batch, lengths, with_state, used = call
    unrolled, fused = pair(kind, *sizes, **options)
    x, states = arrays(fused, steps, batch)
    call = (x, states if with_state else None, lengths, used, order)
    assert_same(results(unrolled, *call), results(fused, *call), 1e-9)


@each_kind
@given(call=calls())
def test_fused_is_unrolled_in_float32(kind, call):
    sizes, options, steps, batch, lengths, _, _ = call
    unrolled, fused = pair(kind, *sizes, dtype="float32", **options)
    outputs, gradients = mine = results(fused, *arrays(fused, steps, batch), lengths)
    assert {a.dtype.name for a in outputs} == {"float32"}
    assert_same(results(unrolled, *arrays(fused, steps, batch), lengths), mine, 2e-5)


@each_kind
def test_gradients_are_right(kind):
    """Against differences of the function itself."""
    layer = make(kind, False, 2, 3, bidirectional=True)
    x, states = arrays(layer, 3, 2)
    check_grads(lambda x, *s: layer(x, s if len(s) > 1 else s[0], [3, 2])[0], [x, *states], mode="random")
    check_grads(lambda *_: layer(constant(x))[0], layer.parameters(), mode="random")


@each_kind
def test_large_gates_saturate_and_small_ones_keep_their_digits(kind):
    """No overflow, no warning at a million; states of 1e-6 agree in all digits, as gradients that vanish need it."""
    for scale, tolerance in ((1e6, 1e-6), (1e-6, 1e-5)):
        unrolled, fused = pair(kind, 3, 4, dtype="float32", bias=False)
        x, states = arrays(fused, 3, 2)
        call = (x * scale, [s * min(scale, 1) for s in states])
        (y, *_), _ = results(unrolled, *call)
        np.testing.assert_allclose(results(fused, *call)[0][0], y, rtol=tolerance)


@each_kind
def test_no_steps_and_no_sequences(kind):
    for steps, batch in ((0, 2), (4, 0)):
        unrolled, fused = pair(kind, 3, 4, num_layers=2, bidirectional=True)
        call = arrays(fused, steps, batch)
        assert_same(results(unrolled, *call), results(fused, *call), 1e-12)


@each_kind
def test_dropout_draws_the_same_masks(kind):
    answers = []
    for layer in pair(kind, 3, 4, num_layers=3, dropout=0.5):
        layer.rng = np.random.default_rng(1)
        answers.append(results(layer, *arrays(layer, 4, 2)))
    assert_same(*answers, 1e-10)


@each_kind
def test_a_list_of_sequences_and_a_layer_inside_a_wrapper(kind):
    rng, answers = np.random.default_rng(0), []
    sequences = [constant(rng.normal(size=(n, 3))) for n in (2, 4)]
    for layer in pair(kind, 3, 3, batch_first=True):
        ys, state = layer(sequences)
        stacked = nn.Stacked([layer])
        answers.append([[y.numpy() for y in ys], [stacked(mg.stack(sequences[1:]))[0].numpy()]])
        assert [y.shape for y in ys] == [(2, 3), (4, 3)]
    assert_same(*answers, 1e-10)


# ---------------------------------------------------------------- what is kept


@each_kind
def test_a_call_leaves_earlier_ones_alone(kind):
    """Two forwards before the first backward, twice; an output kept over a second call; a second backward."""
    layer = make(kind, False, 3, 4, bidirectional=True)
    (x1, s1), (x2, _) = arrays(layer, 5, 2, seed=1), arrays(layer, 5, 2, seed=2)
    alone = results(layer, x1, s1)

    def forward(x):
        leaf = mg.Tensor(x, dtype="float64", requires_grad=True)
        return leaf, layer(leaf)[0]

    (leaf1, y1), (leaf2, y2) = forward(x1), forward(x2)
    kept = y1.numpy().copy()
    g2, g1 = mg.grad(mg.sum(y2 * y2), leaf2), mg.grad(mg.sum(y1 * y1), leaf1)
    for leaf, y, g in ((leaf1, x1, g1), (leaf2, x2, g2)):
        leaf, y = forward(y)
        np.testing.assert_array_equal(g.numpy(), mg.grad(mg.sum(y * y), leaf).numpy())
    np.testing.assert_array_equal(y1.numpy(), kept)
    loss = mg.sum(forward(x1)[1])
    loss.backward(retain_graph=True)
    once = [p.grad.numpy().copy() for p in layer.parameters()]
    loss.backward()
    for p, g in zip(layer.parameters(), once):
        np.testing.assert_allclose(p.grad.numpy(), 2 * g, rtol=1e-12)
    assert_same(alone, results(layer, x1, s1), 0)


@each_kind
def test_nothing_is_saved_without_gradients(kind):
    layer = make(kind, False, 3, 4)
    x = constant(arrays(layer, 5, 2)[0])
    with mg.no_grad():
        y, state = layer(x)
    assert y.node is None and all(s.node is None for s in as_tuple(state))
    node = layer(x)[0].node
    y, _ = layer(x)
    mg.sum(y).backward()
    assert y.node.freed and not node.freed


@each_kind
def test_one_node_for_each_layer_and_direction(kind):
    layer = make(kind, False, 3, 4, num_layers=2, bidirectional=True)
    y, _ = layer(constant(arrays(layer, 5, 2)[0]))
    nodes = [n for n in mg.history([y]) if n.op.name.startswith(("rnn", "lstm", "gru"))]
    places = [[frame for frame in n.scope if frame[0] in ("layer", "reverse", "step")] for n in nodes]
    forth, back = [("layer", 0)], [("layer", 0), ("reverse", None)]
    assert places == [forth, back, [("layer", 1)], [("layer", 1), ("reverse", None)]]


# ---------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    "make_layer, option",
    [
        (lambda: nn.LSTM(2, 3, unroll=False, peepholes=True), "peepholes"),
        (lambda: nn.LSTM(2, 3, unroll=False, layer_norm=True), "layer_norm"),
        (lambda: nn.LSTM(2, 3, unroll=False, proj_size=2), "proj_size"),
        (lambda: nn.RNN(2, 3, unroll=False, alpha=0.5), "alpha"),
        (lambda: nn.RNN(2, 3, unroll=False, nonlinearity=mg.sin), "nonlinearity"),
        (lambda: type("Own", (nn.RNN,), {"cell": type("OwnCell", (nn.RNNCell,), {})})(2, 3, unroll=False), "OwnCell"),
        (lambda: nn.GRU(2, 3, unroll="no"), "unroll='no'"),
    ],
)
def test_what_the_kernel_lacks_is_refused_at_once(make_layer, option):
    with pytest.raises(ValueError, match=rf"{option}.*True|unroll=False.*{option}"):
        make_layer()


@each_kind
def test_mistakes_of_a_call(kind):
    layer = make(kind, False, 2, 3, dtype="float32")
    x = mg.Tensor(np.ones((4, 2, 2)), dtype="float32")
    with pytest.raises(ValueError, match="steps.*unroll=False"):
        layer.steps(x)
    with pytest.raises(ShapeError, match="5"):
        layer(x, lengths=[5, 1])
    with pytest.raises(ShapeError, match=r"\(4, 2, 3\)"):
        layer(mg.Tensor(np.ones((4, 2, 3))))
    with pytest.raises(DtypeError, match="float64"):
        layer(constant(np.ones((4, 2, 2))))


# ---------------------------------------------------------------- devices


@pytest.mark.skipif(
    mg.backend.name != "cupy" or importlib.util.find_spec("cupy._standin") is None,
    reason="device waits are counted by the stand-in for CuPy only",
)
@each_kind
def test_a_training_step_never_waits_for_the_device(kind):
    from cupy import _standin

    layer = make(kind, False, 4, 5, dtype="float32", num_layers=2, bidirectional=True, dropout=0.5)
    x = mg.Tensor(arrays(layer, 3, 2)[0], dtype="float32")
    optimiser, state = optim.Adam(layer.parameters(), lr=0.01), None
    waits = _standin.waits()
    with _standin.forbid_waits():
        for _ in range(2):
            y, state = layer(x, state, lengths=[3, 2])
            optimiser.zero_grad()
            mg.sum(y).backward()
            optim.clip_grad_norm(layer.parameters(), 1.0)
            optimiser.step()
            state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
    assert _standin.waits() == waits
