"""Recomputing on the way back: the gradients of the plain call bit for bit, in less memory."""

import gc
import tracemalloc

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.backend import to_host, xp
from minigrad.recurrent import Weights, gru_step, lstm_step, recompute, rnn_step, scan

INPUT, HIDDEN, BATCH = 3, 4, 2
GATES = {rnn_step: 1, gru_step: 3, lstm_step: 4}


def leaf(*shape, seed=0):
    return mg.Tensor(np.random.default_rng(seed).normal(size=shape), requires_grad=True)


def weights(step):
    rows = GATES[step] * HIDDEN
    return Weights(leaf(rows, INPUT), leaf(rows, HIDDEN, seed=1), leaf(rows, seed=2), leaf(rows, seed=3))


def state_of(step):
    return tuple([leaf(BATCH, HIDDEN, seed=i + 4) for i in range(2 if step is lstm_step else 1)])


def run(step, steps, every, **options):
    """Loss, and its gradients for all that it depends on."""
    w, state, x = weights(step), state_of(step), leaf(steps, BATCH, INPUT, seed=9)
    ys, last = scan(lambda x, s: step(x, s, w), x, state, recompute=every, **options)
    loss = (mg.stack(ys) * mg.stack(ys)).sum() + mg.sum(mg.tanh(last[-1]))
    return loss, [*w[:4], *state, x], ys


def same(ours, plain):
    for a, b in zip(ours, plain, strict=True):
        np.testing.assert_array_equal(to_host(a.data), to_host(b.data))


@pytest.mark.parametrize("step", GATES)
@pytest.mark.parametrize(
    ("steps", "every", "options"),
    [
        (1, 1, {}), (7, 1, {}), (7, 3, {}), (7, 7, {}), (7, 9, {}), (6, 2, {"reverse": True}),
        (7, 3, {"lengths": [7, 4]}), (7, 2, {"lengths": [2, 7], "reverse": True}), (8, 3, {"truncate": 2}),
    ],
)  # fmt: skip
def test_gradients_are_those_of_the_plain_call_bit_for_bit(step, steps, every, options):
    found = []
    for k in (every, None):
        loss, leaves, _ = run(step, steps, k, **options)
        loss.backward()
        found.append([loss, *[p.grad for p in leaves]])
    same(*found)


def test_gradients_of_outputs_inside_a_chunk():
    """grad(loss, ys) is dL/dh_t, what flows through later steps of the same chunk included."""
    found = []
    for k in (3, None):
        loss, leaves, ys = run(gru_step, 7, k)
        found.append([*mg.grad(loss, [*ys, leaves[1]]), *mg.grad(loss, ys)])
    same(*found)


def test_second_derivatives():
    found = []
    with mg.default_dtype("float64"):
        for k in (2, None):
            loss, leaves, _ = run(lstm_step, 5, k)
            first = mg.grad(loss, leaves, create_graph=True)
            penalty = sum([(g * g).sum() for g in first], start=mg.Tensor(0.0))
            found.append([*first, *mg.grad(penalty, leaves)])
    for ours, plain in zip(*found):
        np.testing.assert_allclose(to_host(ours.data), to_host(plain.data), rtol=1e-10, atol=1e-10)


def test_what_f_uses_without_being_given_it_gets_its_gradient():
    x, w, outside = leaf(3), leaf(3, seed=1), mg.exp(leaf(3, seed=2))
    y, same_x = recompute(lambda x: (mg.tanh(x * w) * outside, x), x * 2.0)
    found = mg.grad([y.sum(), same_x.sum()], [x, w, outside])
    double = x * 2.0
    same(found, mg.grad([(mg.tanh(double * w) * outside).sum(), double.sum()], [x, w, outside]))


def test_nested():
    def f(x, call):
        y = call(mg.sin, x).named("sine")
        return call(mg.tanh, y) * y, y

    x, found = leaf(3), []
    for call in (recompute, lambda f, *args: f(*args)):
        z, y = call(f, x, call)
        assert y.name == "sine"
        found.append(mg.grad((z * y).sum(), [x, y, z]))
    same(*found)


def test_masks_are_arguments():
    cell = nn.LSTMCell(INPUT, HIDDEN)
    masks = np.random.default_rng(0).integers(0, 2, (6, BATCH, HIDDEN)).astype("float32")
    found = []
    for k in (2, None):
        pairs = list(zip(mg.unstack(leaf(6, BATCH, INPUT)), xp.asarray(masks)))

        def step(pair, state):
            h, c = cell.advance(pair[0], state)
            return h * pair[1], c

        cell.zero_grad()
        _, (h, _) = scan(step, pairs, cell.initial(BATCH), recompute=k)
        h.sum().backward()
        found.append([p.grad for p in cell.parameters()])
    same(*found)


def test_one_node_that_watch_sees_through():
    loss, _, _ = run(rnn_step, 4, 2)
    nodes = mg.history([loss])
    assert [n.op.name for n in nodes].count("recompute") == 2
    assert "linear" not in [n.op.name for n in nodes]
    seen = []
    loss.backward(watch=lambda node, *_: seen.append((node.op.name, node.scope)))
    assert "recompute" not in [name for name, _ in seen]
    plain, watched = run(rnn_step, 4, None)[0], []
    plain.backward(watch=lambda node, *_: watched.append((node.op.name, node.scope)))
    assert seen == watched
    with pytest.raises(mg.GraphError, match="second time"):
        loss.backward()


def test_nothing_is_recorded_without_a_gradient():
    x = mg.Tensor([1.0])
    assert recompute(mg.tanh, x).node is None
    with mg.record():
        assert recompute(mg.tanh, x).node.op.name == "recompute"
    with mg.no_grad():
        assert recompute(mg.tanh, leaf(2)).node is None


def test_it_may_run_inside_no_grad_on_the_way_back():
    x = leaf(3)
    loss = recompute(mg.tanh, x).sum()
    with mg.no_grad():
        loss.backward()
    same([x.grad], [mg.grad(mg.tanh(x).sum(), x)])


def test_errors():
    x = leaf(3)
    with pytest.raises(ValueError, match="draws random numbers"):
        recompute(nn.Dropout(0.5), x)
    with pytest.raises(TypeError, match="must return a Tensor"):
        recompute(lambda x: x.data, x)
    with pytest.raises(ValueError, match="recompute=0"):
        run(rnn_step, 3, 0)
    y = recompute(lambda: x * x)
    x.data = x.data + 1
    with pytest.raises(mg.GraphError, match="was changed"):
        y.sum().backward()


def peak(steps, every):
    """Bytes at the height of forward and backward, beyond the input's; the loss is summed up inside the chunks."""
    w, hidden = leaf(64, 64), mg.Tensor(np.zeros((16, 64)))

    def chunk(h, total, n):
        for _ in range(n):
            h = mg.tanh(mg.linear(h, w))
            total = total + h.sum()
        return h, total

    gc.collect()
    tracemalloc.start()
    h, total = hidden, mg.Tensor(0.0)
    for _ in range(steps // every):
        h, total = recompute(chunk, h, total, every)
    total.backward()
    height = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return height


@pytest.mark.skipif(xp is not np, reason="tracemalloc sees the memory of the host")
def test_memory_grows_as_the_square_root():
    small, large, whole = peak(64, 8), peak(1024, 32), peak(1024, 1024)
    assert large < 4.5 * small, "16 times the steps, 4 times the memory"
    assert whole > 5 * large
