"""Cells around cells, Bidirectional and Stacked: against their formulas, padded against unpadded, derivatives of order
1 and 2, masks drawn once, mistakes."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import nn
from minigrad.check import check_grads
from minigrad.errors import ShapeError

on_the_stand_in = pytest.mark.skipif(
    mg.backend.name != "cupy" or importlib.util.find_spec("cupy._standin") is None,
    reason="device waits are counted by the stand-in for CuPy only",
)


def float64(make, *args, **options):
    with mg.default_dtype("float64"):
        return make(*args, **options)


def constant(a):
    return mg.Tensor(a, dtype="float64")


def flat(state):
    """The tensors of a nested state, in order."""
    return [state] if isinstance(state, mg.Tensor) else [s for part in state for s in flat(part)]


KINDS = {"rnn": nn.RNNCell, "lstm": nn.LSTMCell, "gru": nn.GRUCell}
each_kind = pytest.mark.parametrize("kind", KINDS)

WRAPPED = {
    "dropout": lambda make, i, h: nn.DropoutCell(make(i, h), input=0.3, output=0.4, state=0.5),
    "dropout tied": lambda make, i, h: nn.DropoutCell(make(i, h), 0.3, 0.4, 0.5, tied=True),
    "dropout input": lambda make, i, h: nn.DropoutCell(make(i, h), input=0.5),
    "zoneout": lambda make, i, h: nn.ZoneoutCell(make(i, h), 0.4),
    "projection": lambda make, i, h: nn.ProjectionCell(make(i, h), 4),
    "residual": lambda make, i, h: nn.ResidualCell(make(i, i)),
    "skip": lambda make, i, h: nn.SkipCell(make(i + h, h), 3),
    "skip replace": lambda make, i, h: nn.SkipCell(make(i, h), 2, replace=True),
    "deep": lambda make, i, h: nn.DeepCell(make(3, h), before=(i, 2), between=(3,), after=(3, 2)),
    "deep skip": lambda make, i, h: nn.DeepCell(make(i, h), between=(2,), skip=True),
    "nested": lambda make, i, h: nn.ResidualCell(
        nn.DropoutCell(nn.ZoneoutCell(nn.SkipCell(make(2 * i, i), 2), 0.3), output=0.3, state=0.3)
    ),
    "clockwork": lambda make, i, h: nn.ZoneoutCell(nn.ClockworkCell(i, 2 * h, [1, 2]), 0.3),
    "jordan": lambda make, i, h: nn.ProjectionCell(nn.JordanCell(i, h, 2, feedback="both"), 3),
}
LAYERS = {
    "bidirectional": lambda make, i, h: nn.Bidirectional(make(i, h), make(i, h + 1)),
    "bidirectional sum": lambda make, i, h: nn.Bidirectional(make(i, h), make(i, h), merge="sum"),
    "bidirectional mean": lambda make, i, h: nn.Bidirectional(make(i, h), nn.ZoneoutCell(make(i, h)), merge="mean"),
    "stacked": lambda make, i, h: nn.Stacked([make(i, h), nn.ResidualCell(make(h, h)), make(h, 2)], dropout=0.3),
    "stacked skips": lambda make, i, h: nn.Stacked([make(i, h), make(h + i, 2), make(2 + i, 1)], skips=True),
    "stacked of all": lambda make, i, h: nn.Stacked(
        [nn.Bidirectional(make(i, h), make(i, h)), nn.LSTM(2 * h, 2, bidirectional=True), nn.Stacked([make(4, 3)])]
    ),
}
each_wrapper = pytest.mark.parametrize("name", WRAPPED)
each_layer = pytest.mark.parametrize("name", {**WRAPPED, **LAYERS})


def made(name, kind="lstm", inputs=2, hidden=3):
    """A wrapped cell as a layer, or a layer of cells."""
    if name in LAYERS:
        return float64(LAYERS[name], KINDS[kind], inputs, hidden)
    return nn.Stacked([float64(WRAPPED[name], KINDS[kind], inputs, hidden)])


def states_of(layer, x, rng):
    """A random state for the layer, as nested as the one that comes out; clocks as they come."""
    _, state = layer(x)

    def filled(part):
        if isinstance(part, tuple):
            return tuple(filled(p) for p in part)
        return part if part.dtype.kind == "i" else constant(rng.normal(size=part.shape))

    return filled(state)


def row(state, b, axis):
    """The state of one sequence: axis 0 in the states of cells, 1 in those of nn.LSTM and its like."""
    if isinstance(state, tuple):
        return tuple(row(part, b, axis) for part in state)
    return state[:, b : b + 1] if state.ndim == 3 else state[b : b + 1]


# ---------------------------------------------------------------- padding


@given(st.sampled_from(sorted({**WRAPPED, **LAYERS})), st.sampled_from(sorted(KINDS)), st.data())
def test_padded_equals_unpadded_in_any_order(name, kind, data):
    """What a padded batch computes, values, states, gradients, is what each sequence computes alone."""
    rng = np.random.default_rng(data.draw(st.integers(0, 2**31)))
    layer = made(name, kind, data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3))).eval()
    steps, batch = data.draw(st.integers(0, 4)), data.draw(st.integers(1, 3))
    lengths = np.array([data.draw(st.integers(0, steps)) for _ in range(batch)], dtype=int)
    x = constant(rng.normal(size=(steps, batch, layer.input_size)))
    x.requires_grad = True
    state = states_of(layer, x, rng)
    output, ended = layer(x, state, lengths)
    assert output.shape == (steps, batch, layer.output_size)
    assert not output.numpy()[np.arange(steps)[:, None] >= lengths].any()
    seed = rng.normal(size=output.shape)
    gradient = mg.grad(mg.sum(output * constant(seed)), x).numpy() if lengths.any() else np.zeros(x.shape)
    for b, n in enumerate(lengths):
        part = constant(x.numpy()[:n, b : b + 1])
        part.requires_grad = True
        alone, last = layer(part, row(state, b, 0))
        np.testing.assert_allclose(output.numpy()[:n, b : b + 1], alone.numpy(), rtol=1e-10, atol=1e-12)
        for ours, theirs in zip(flat(row(ended, b, 0)), flat(last), strict=True):
            np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-10, atol=1e-12)
        if n:
            theirs = mg.grad(mg.sum(alone * constant(seed[:n, b : b + 1])), part).numpy()
            np.testing.assert_allclose(gradient[:n, b : b + 1], theirs, rtol=1e-10, atol=1e-12)
        assert not gradient[n:, b].any()


@each_layer
def test_a_list_comes_back_as_a_list(name):
    layer, rng = made(name).eval(), np.random.default_rng(0)
    sequences = [rng.normal(size=(n, layer.input_size)) for n in (2, 0, 4)]
    outputs, _ = layer([constant(x) for x in sequences])
    assert [y.shape for y in outputs] == [(n, layer.output_size) for n in (2, 0, 4)]
    for x, y in zip(sequences, outputs):
        np.testing.assert_allclose(layer(constant(x[:, None]))[0].numpy()[:, 0], y.numpy(), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", [*WRAPPED, "stacked", "stacked skips"])  # what runs backwards cannot be cut
def test_chunks_with_carried_state_are_the_whole(name):
    layer = made(name).eval()
    x = constant(np.random.default_rng(0).normal(size=(7, 2, layer.input_size)))
    output, state = layer(x)
    first, between = layer(x[:3])
    second, ended = layer(x[3:], between)
    np.testing.assert_allclose(np.concatenate([first.numpy(), second.numpy()]), output.numpy(), rtol=1e-12, atol=1e-14)
    for ours, theirs in zip(flat(ended), flat(state), strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-12, atol=1e-14)


@each_layer
def test_batch_first_and_no_steps(name):
    layer = made(name).eval()
    x = np.random.default_rng(0).normal(size=(3, 2, layer.input_size))
    output, _ = layer(constant(x))
    assert layer(constant(x[:0]))[0].shape == (0, 2, layer.output_size)
    layer.batch_first = True
    np.testing.assert_array_equal(layer(constant(x.transpose(1, 0, 2)))[0].numpy(), output.numpy().transpose(1, 0, 2))
    assert layer(constant(np.zeros((2, 0, layer.input_size))))[0].shape == (2, 0, layer.output_size)


# ---------------------------------------------------------------- derivatives


@each_layer
@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
def test_gradients(name, training):
    """First and second derivatives, by the input and by every weight; in training with the same masks each time."""
    layer = made(name, "gru" if "stacked" in name else "rnn", 2, 2).train(training)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, 2, layer.input_size))
    state = states_of(layer, constant(x), rng)

    def run(x, *_):
        mg.manual_seed(1)
        output, ended = layer(x, state, lengths=[3, 1])
        return [output, *[s for s in flat(ended) if s.dtype.kind == "f"]][:2]

    check_grads(run, [x, *layer.parameters()], mode="random")


@each_kind
@pytest.mark.parametrize("name", ["dropout tied", "zoneout", "nested"])
def test_gradients_of_random_wrappers_around_every_cell(name, kind):
    layer = made(name, kind, 2, 2)

    def run(x, *_):
        mg.manual_seed(1)
        return layer(x)[0]

    check_grads(run, [np.random.default_rng(0).normal(size=(2, 2, 2)), *layer.parameters()], mode="random")


# ---------------------------------------------------------------- dropout


def inputs(steps=6, batch=2, size=3, seed=0):
    return [constant(x) for x in np.random.default_rng(seed).normal(size=(steps, batch, size))]


@each_kind
@pytest.mark.parametrize("tied", [False, True])
def test_dropout_masks_what_it_says(kind, tied):
    """The net by hand with the masks that were drawn: x and h before the cell, y after it, c never."""
    cell = float64(nn.DropoutCell, KINDS[kind](3, 4), input=0.4, output=0.5, state=0.3, tied=tied)
    cell.astype("float64")
    xs = inputs()
    mg.manual_seed(3)
    masks = [[None if m is None else mg.backend.to_host(m) for m in own] for own, _ in cell.draw(6, 2)]
    mg.manual_seed(3)
    ys, ended = nn.unroll(cell, xs, cell.initial(2))
    state = cell.cell.initial(2)
    for t, (x, y) in enumerate(zip(xs, ys)):
        m_x, m_y, m_h = masks[t]
        state = cell.cell.advance(x * constant(m_x), (state[0] * constant(m_h), *state[1:]))
        np.testing.assert_allclose(y.numpy(), state[0].numpy() * m_y, rtol=1e-12, atol=1e-14)
    for ours, theirs in zip(ended[1:], state):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-12)
    for i, p in enumerate((0.4, 0.5, 0.3)):
        drawn = np.stack([m[i] for m in masks])
        assert set(np.unique(drawn)) <= {0.0, 1 / (1 - p)}
        assert (drawn == drawn[0]).all() == tied


@pytest.mark.parametrize("where", ["input", "output", "state"])
def test_dropout_of_everything_and_of_nothing_fault_61(where):
    plain = float64(nn.GRUCell, 3, 4)
    xs = inputs()
    full, none = (nn.DropoutCell(plain, **{where: p}) for p in (1.0, 0.0))
    wanted, _ = nn.unroll(plain, xs, plain.initial(2))
    for y, same in zip(nn.unroll(none, xs, none.initial(2))[0], wanted):
        np.testing.assert_array_equal(y.numpy(), same.numpy())
    ys, _ = nn.unroll(full, xs, full.initial(2))
    assert all(np.isfinite(y.numpy()).all() for y in ys)
    if where == "output":
        assert not any(y.numpy().any() for y in ys)
    if where == "input":
        silent, _ = nn.unroll(plain, [x * 0.0 for x in xs], plain.initial(2))
        np.testing.assert_array_equal(ys[-1].numpy(), silent[-1].numpy())
    if where == "state":
        np.testing.assert_array_equal(ys[-1].numpy(), plain(xs[-1]).numpy())
    full.eval()
    for y, same in zip(nn.unroll(full, xs, full.initial(2))[0], wanted):
        np.testing.assert_array_equal(y.numpy(), same.numpy())
    for p in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match=f"{where} is a probability"):
            nn.DropoutCell(plain, **{where: p})


def test_dropout_keeps_the_mean():
    cell = nn.DropoutCell(nn.RNNCell(500, 2), input=0.25)
    masks = [mg.backend.to_host(own[0]) for own, _ in cell.draw(20, 4)]
    assert abs(np.mean(masks) - 1) < 0.02


def test_one_step_at_a_time_draws_for_itself():
    cell = nn.DropoutCell(nn.RNNCell(20, 30), input=0.5)
    x = mg.Tensor(np.ones((1, 20)))
    assert abs(cell(x).numpy() - cell(x).numpy()).max() > 0
    cell.eval()
    np.testing.assert_array_equal(cell(x).numpy(), cell(x).numpy())


# ---------------------------------------------------------------- zoneout


@each_kind
def test_zoneout_keeps_units_or_moves_them(kind):
    cell = float64(nn.ZoneoutCell, KINDS[kind](3, 40), 0.3).astype("float64")
    kept = []
    for x in inputs():
        before = [constant(np.random.default_rng(1).normal(size=(2, 40))) for _ in cell.states]
        after = flat(cell(x, tuple(before)))
        moved = flat(cell.cell(x, tuple(before) if len(before) > 1 else before[0]))
        for old, new, other in zip(before, after, moved):
            stays = new.numpy() == old.numpy()
            np.testing.assert_array_equal(new.numpy(), np.where(stays, old.numpy(), other.numpy()))
            kept.append(stays)
    assert 0.25 < np.mean(kept) < 0.35
    cell.eval()
    for old, new, other in zip(before, flat(cell(x, tuple(before))), moved):
        np.testing.assert_allclose(new.numpy(), 0.3 * old.numpy() + 0.7 * other.numpy(), rtol=1e-12)


def test_zoneout_of_everything_never_moves_and_of_nothing_is_the_cell():
    plain = float64(nn.LSTMCell, 3, 4)
    h, c = constant(np.ones((2, 4))), constant(np.full((2, 4), 2.0))
    for training in (True, False):
        still = nn.ZoneoutCell(plain, 1.0).train(training)
        ys, (_, last) = nn.unroll(still, inputs(), (h, c))
        np.testing.assert_array_equal(ys[-1].numpy(), h.numpy())
        np.testing.assert_array_equal(last.numpy(), c.numpy())
        none = nn.ZoneoutCell(plain, 0.0).train(training)
        np.testing.assert_array_equal(none(inputs()[0], (h, c))[1].numpy(), plain(inputs()[0], (h, c))[1].numpy())
        memory = nn.ZoneoutCell(plain, (0.0, 1.0)).train(training)
        moved, stays = memory(inputs()[0], (h, c))
        np.testing.assert_array_equal(stays.numpy(), c.numpy())
        assert (moved.numpy() != h.numpy()).all()
    for p in (1.5, -0.1, float("nan")):
        with pytest.raises(ValueError, match="zoneout p"):
            nn.ZoneoutCell(plain, p)
    with pytest.raises(ValueError, match="1 probabilities for a state of h and c"):
        nn.ZoneoutCell(plain, (0.5,))


# ---------------------------------------------------------------- outputs and paths


@each_kind
def test_projection_and_residual(kind):
    plain = float64(KINDS[kind], 3, 3)
    projected, residual = float64(nn.ProjectionCell, plain, 2), nn.ResidualCell(plain)
    xs = inputs()
    hs, _ = nn.unroll(plain, xs, plain.initial(2))
    for x, h, y, z in zip(xs, hs, *[nn.unroll(cell, xs, cell.initial(2))[0] for cell in (projected, residual)]):
        weight, bias = projected.projection.weight.numpy(), projected.projection.bias.numpy()
        np.testing.assert_allclose(y.numpy(), h.numpy() @ weight.T + bias, rtol=1e-12)
        np.testing.assert_array_equal(z.numpy(), h.numpy() + x.numpy())


def test_a_skip_is_another_matrix_of_the_elman_cell():
    """h_t = tanh(W x + S h_{t-d} + U h_{t-1} + b)."""
    cell = float64(nn.SkipCell, nn.RNNCell(2 + 3, 3), 4).astype("float64")
    weights, hs = cell.cell.state_dict(), [np.zeros((2, 3))] * 4
    xs = inputs(8, size=2)
    ys, _ = nn.unroll(cell, xs, cell.initial(2))
    w, s, u = weights["weight_ih"][:, :2], weights["weight_ih"][:, 2:], weights["weight_hh"]
    for x, y in zip(xs, ys):
        hs.append(np.tanh(x.numpy() @ w.T + hs[-4] @ s.T + hs[-1] @ u.T + weights["bias_ih"] + weights["bias_hh"]))
        np.testing.assert_allclose(y.numpy(), hs[-1], rtol=1e-11, atol=1e-13)


@each_kind
def test_without_short_connections_there_are_d_nets_in_one(kind):
    """replace=True: steps t, t + d, t + 2d, ... are a net of their own."""
    plain = float64(KINDS[kind], 3, 4)
    cell, xs = nn.SkipCell(plain, 3, replace=True), inputs(8)
    ys, _ = nn.unroll(cell, xs, cell.initial(2))
    for first in range(3):
        wanted, _ = nn.unroll(plain, xs[first::3], plain.initial(2))
        for y, same in zip(ys[first::3], wanted, strict=True):
            np.testing.assert_array_equal(y.numpy(), same.numpy())


def test_a_skip_shortens_the_path_of_the_gradient():
    """With U = 0 and S = 0.9: dh_T/dh_0 is 0.9 to the number of jumps."""
    cell = float64(nn.SkipCell, nn.RNNCell(2, 1, bias=False, nonlinearity=lambda a: a * 1.0), 5).astype("float64")
    cell.cell.weight_ih.assign([[0.0, 0.9]])
    cell.cell.weight_hh.assign([[0.0]])
    state = tuple(constant(np.ones((1, 1))) for _ in cell.states)
    state[0].requires_grad = True
    ys, _ = nn.unroll(cell, inputs(15, 1, 1), state)
    slopes = [mg.grad(mg.sum(y), state[0]).item() for y in ys]
    np.testing.assert_allclose(slopes, [0, 0, 0, 0, 0.9] + [0, 0, 0, 0, 0.81] + [0, 0, 0, 0, 0.729], rtol=1e-12)


@pytest.mark.parametrize("skip", [False, True])
def test_deep_transition_is_its_formula(skip):
    cell = float64(nn.DeepCell, nn.RNNCell(3, 4), before=(2, 5), between=(6,), after=(7, 2), skip=skip)
    cell.astype("float64")
    assert (cell.input_size, cell.output_size) == (2, 2)
    weights = cell.state_dict()

    def linear(name, a):
        return a @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    h = np.zeros((2, 4))
    xs = inputs(4, size=2)
    ys, _ = nn.unroll(cell, xs, cell.initial(2))
    for x, y in zip(xs, ys):
        inner = np.tanh(linear("before.layers.2", np.tanh(linear("before.layers.0", x.numpy()))))
        seen = np.tanh(linear("between.layers.2", np.tanh(linear("between.layers.0", h)))) + (h if skip else 0)
        a = inner @ weights["cell.weight_ih"].T + weights["cell.bias_ih"]
        h = np.tanh(a + seen @ weights["cell.weight_hh"].T + weights["cell.bias_hh"])
        wanted = linear("after.layers.2", np.tanh(linear("after.layers.0", h)))
        np.testing.assert_allclose(y.numpy(), wanted, rtol=1e-11, atol=1e-13)


# ---------------------------------------------------------------- layers of cells


@each_kind
@pytest.mark.parametrize("lengths", [None, [4, 0, 2]])
def test_stacked_bidirectional_cells_are_the_layer(kind, lengths):
    """The same cells as nn.LSTM(num_layers=2, bidirectional=True) has give the same."""
    make = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[kind]
    layer = float64(make, 2, 3, num_layers=2, bidirectional=True)
    pairs = [layer.cells[:2], layer.cells[2:]]
    stacked = nn.Stacked([nn.Bidirectional(*pair) for pair in pairs])
    x = constant(np.random.default_rng(0).normal(size=(4, 3, 2)))
    (wanted, ended), (output, state) = layer(x, lengths=lengths), stacked(x, lengths=lengths)
    np.testing.assert_array_equal(output.numpy(), wanted.numpy())
    per_cell = [s for level in state for s in level]
    for i, whole in enumerate(ended if isinstance(ended, tuple) else [ended]):
        parts = [s[i] if isinstance(s, tuple) else s for s in per_cell]
        np.testing.assert_array_equal(np.stack([p.numpy() for p in parts]), whole.numpy())
    for ours, theirs in zip(stacked.parameters(), layer.parameters()):
        assert ours is theirs


def test_merges():
    ahead, back = float64(nn.GRUCell, 2, 3), float64(nn.GRUCell, 2, 3)
    x = constant(np.random.default_rng(0).normal(size=(4, 2, 2)))
    both = nn.Bidirectional(ahead, back)(x)[0].numpy()
    first, second = both[..., :3], both[..., 3:]
    np.testing.assert_array_equal(nn.Bidirectional(ahead, back, merge="sum")(x)[0].numpy(), first + second)
    np.testing.assert_array_equal(nn.Bidirectional(ahead, back, merge="mean")(x)[0].numpy(), (first + second) / 2)
    ys, _ = nn.unroll(ahead, list(x), ahead.initial(2))
    zs, _ = nn.unroll(back, list(x)[::-1], back.initial(2))
    np.testing.assert_array_equal(first, np.stack([y.numpy() for y in ys]))
    np.testing.assert_array_equal(second, np.stack([z.numpy() for z in reversed(zs)]))


def test_skips_give_every_level_the_input_and_the_output_every_level():
    cells = [float64(nn.GRUCell, 2, 3), float64(nn.GRUCell, 5, 4)]
    x = constant(np.random.default_rng(0).normal(size=(5, 2, 2)))
    output, _ = nn.Stacked(cells, skips=True)(x)
    ys, _ = nn.unroll(cells[0], list(x), cells[0].initial(2))
    zs, _ = nn.unroll(cells[1], [mg.concat(pair, axis=-1) for pair in zip(ys, x)], cells[1].initial(2))
    wanted = np.concatenate([np.stack([v.numpy() for v in values]) for values in (ys, zs)], axis=-1)
    np.testing.assert_array_equal(output.numpy(), wanted)


def test_dropout_between_levels():
    stacked = nn.Stacked([nn.GRUCell(2, 3), nn.GRUCell(3, 3)], dropout=1.0)
    x = mg.Tensor(np.random.default_rng(0).normal(size=(4, 2, 2)))
    upper = stacked.parts[1]
    silent, _ = nn.unroll(upper, [mg.Tensor(np.zeros((2, 3)))] * 4, upper.initial(2))
    np.testing.assert_array_equal(stacked(x)[0].numpy(), np.stack([y.numpy() for y in silent]))
    stacked.eval()
    assert abs(stacked(x)[0].numpy()[-1] - silent[-1].numpy()).max() > 1e-3


def test_names_scopes_and_counts():
    """Parameters have paths; nodes know layer, direction and step."""
    net = nn.Stacked([nn.Bidirectional(nn.LSTMCell(2, 3), nn.LSTMCell(2, 3)), nn.ProjectionCell(nn.GRUCell(6, 4), 5)])
    names = list(net.state_dict())
    assert names[:2] == ["parts.0.ahead.weight_ih", "parts.0.ahead.weight_hh"]
    assert {"parts.0.back.bias_hh", "parts.1.cell.weight_hh", "parts.1.projection.bias"} <= set(names)
    assert net.n_params() == 2 * 12 * (2 + 3 + 2) + 12 * (6 + 4 + 2) + 5 * (4 + 1)
    output, _ = net(mg.Tensor(np.ones((3, 1, 2))))
    scopes = {node.scope for node in mg.history([output])}
    for depth, direction in ((0, ()), (0, (("reverse", None),)), (1, ())):
        for t in range(3):
            frames = (("Stacked", None), ("layer", depth), *direction, ("step", t))
            assert frames in {s[: len(frames)] for s in scopes}
    other = nn.Stacked([nn.Bidirectional(nn.LSTMCell(2, 3), nn.LSTMCell(2, 3)), nn.ProjectionCell(nn.GRUCell(6, 4), 5)])
    other.load_state_dict(net.state_dict())
    np.testing.assert_array_equal(other(mg.Tensor(np.ones((3, 1, 2))))[0].numpy(), output.numpy())


# ---------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    "make",
    [
        lambda cell: nn.Stacked([cell] * 3),
        lambda cell: nn.Bidirectional(cell, cell),
        lambda cell: nn.Stacked([cell, nn.ResidualCell(cell)]),
        lambda cell: nn.Stacked([nn.ZoneoutCell(cell), nn.DropoutCell(nn.ResidualCell(cell))]),
        lambda cell: nn.Stacked([nn.Stacked([cell]), cell]),
        lambda cell: nn.Bidirectional(cell, nn.ZoneoutCell(cell)),
    ],
)
@each_kind
def test_one_cell_object_twice_is_refused(make, kind):
    """MultiRNNCell([cell] * num_layers): the levels would share their weights without a word."""
    with pytest.raises(ValueError, match=f"one and the same {KINDS[kind].__name__} object.*Build a new cell"):
        make(KINDS[kind](3, 3))


@pytest.mark.parametrize(
    "make, kind, part",
    [
        (lambda: nn.Stacked([]), ValueError, "at least one"),
        (lambda: nn.Stacked([nn.Linear(2, 3)]), TypeError, "number 0 is Linear"),
        (lambda: nn.Stacked([nn.GRUCell(2, 3), nn.GRUCell(2, 3)]), ValueError, "part 1 has input_size 2.*3 columns"),
        (lambda: nn.Stacked([nn.GRUCell(2, 3), nn.GRUCell(3, 3)], skips=True), ValueError, "gets 5 columns"),
        (lambda: nn.Stacked([nn.GRUCell(2, 3)], dropout=2.0), ValueError, "dropout"),
        (lambda: nn.Bidirectional(nn.GRUCell(2, 3), nn.GRUCell(3, 3)), ValueError, "input_size 2 and 3"),
        (lambda: nn.Bidirectional(nn.GRUCell(2, 3), nn.GRUCell(2, 4), merge="sum"), ValueError, "merge='sum'"),
        (lambda: nn.Bidirectional(nn.GRUCell(2, 3), nn.GRUCell(2, 3), merge="max"), ValueError, "concat, sum, mean"),
        (lambda: nn.Bidirectional(nn.GRUCell(2, 3), nn.GRU(2, 3)), TypeError, "two cells, not GRU"),
        (lambda: nn.ResidualCell(nn.GRUCell(2, 3)), ValueError, "x has 2 columns, h has 3"),
        (lambda: nn.ResidualCell(nn.GRU(3, 3)), TypeError, "goes around a cell, not around GRU"),
        (lambda: nn.SkipCell(nn.GRUCell(5, 3), 1), ValueError, "at least 2"),
        (lambda: nn.SkipCell(nn.GRUCell(3, 3), 2), ValueError, "must be more than"),
        (lambda: nn.DeepCell(nn.GRUCell(3, 3), skip=True), ValueError, "between"),
        (lambda: nn.DeepCell(nn.GRUCell(3, 3), between=(0,)), ValueError, "at least 1"),
    ],
)
def test_impossible_wrappers(make, kind, part):
    with pytest.raises(kind, match=part):
        make()


@each_wrapper
def test_states_that_do_not_fit(name):
    cell = WRAPPED[name](nn.GRUCell, 2, 3)
    x, right = mg.Tensor(np.ones((4, 2))), cell.initial(4)
    assert tuple(s.shape for s in right) == tuple((4, n) for n in cell.sizes) and len(cell.states) == len(right)
    assert flat(cell(x, right))[0].shape == (4, cell.output_size)
    with pytest.raises(ShapeError, match=rf"{type(cell).__name__}: state {cell.states[-1]} .*expected \(4, "):
        cell(x, (*right[:-1], cell.initial(3)[-1]))
    with pytest.raises(ShapeError, match=r"the state is .* got \d tensor"):
        cell(x, (*right, right[0]))
    with pytest.raises(ShapeError, match=r"x \(4, 7\) must be \(batch, 2\)"):
        cell(mg.Tensor(np.ones((4, 7))))


def test_layers_name_what_does_not_fit():
    net = nn.Stacked([nn.Bidirectional(nn.GRUCell(2, 3), nn.GRUCell(2, 3)), nn.LSTMCell(6, 4)])
    x = mg.Tensor(np.ones((5, 2, 2)))
    _, state = net(x)
    with pytest.raises(ShapeError, match="one entry for each of its 2 parts; got 1"):
        net(x, state[:1])
    with pytest.raises(ShapeError, match="Bidirectional: the state.*got a single tensor"):
        net(x, (state[0][0], state[1]))
    with pytest.raises(ShapeError, match=r"GRUCell: state h .*\(2, 3\), expected \(4, 3\) \[in Stacked, layer 0"):
        net(mg.Tensor(np.ones((5, 4, 2))), state)
    with pytest.raises(ShapeError, match=r"Stacked: x \(5, 2, 3\) must be \(steps, batch, 2\)"):
        net(mg.Tensor(np.ones((5, 2, 3))))
    with pytest.raises(ShapeError, match="length 6 is outside 0..5"):
        net(x, lengths=[6, 1])


# ---------------------------------------------------------------- devices


@on_the_stand_in
@each_layer
def test_the_device_is_never_waited_for(name):
    """Masks are drawn and moved before the loop; clocks and masks stay on the device."""
    from cupy import _standin

    layer = made(name)
    x = constant(np.random.default_rng(0).normal(size=(3, 2, layer.input_size)))
    with _standin.forbid_waits():
        output, state = layer(x, lengths=[3, 1])
        mg.sum(output).backward()
        layer(x, tuple(state))
