"""What unrolled graphs cost: a whole training step of a small character model beside the same by hand, and the memory
of a long one beside what its graph saves. Imports minigrad and NumPy."""

import gc
import tracemalloc
from collections.abc import Callable
from statistics import median, quantiles

import numpy as np

import minigrad as mg
from minigrad import backend, optim
from minigrad.recurrent import Weights, lstm_step, rnn_step, scan
from minigrad.tensor import Tensor

CHARS, HIDDEN, STEPS = 65, 100, 25
LONG, BATCH, INPUT, SIZE = 1000, 32, 64, 128


def chars_by_hand(params, memory, inputs, targets):
    """One update of Karpathy's min-char-rnn (2015), columns as there: forward, backward, clip, Adagrad."""
    xp = backend.xp
    wxh, whh, why, bh, by = params
    xs, hs, ps = {}, {-1: xp.zeros((HIDDEN, 1), dtype="f")}, {}
    for t in range(STEPS):
        xs[t] = xp.zeros((CHARS, 1), dtype="f")
        xs[t][inputs[t]] = 1
        hs[t] = xp.tanh(wxh @ xs[t] + whh @ hs[t - 1] + bh)
        e = xp.exp(why @ hs[t] + by)
        ps[t] = e / e.sum()
    gradients = dwxh, dwhh, dwhy, dbh, dby = [xp.zeros_like(p) for p in params]
    dnext = xp.zeros_like(hs[0])
    for t in reversed(range(STEPS)):
        dy = ps[t].copy()
        dy[targets[t]] -= 1
        dwhy += dy @ hs[t].T
        dby += dy
        draw = (1 - hs[t] * hs[t]) * (why.T @ dy + dnext)
        dbh += draw
        dwxh += draw @ xs[t].T
        dwhh += draw @ hs[t - 1].T
        dnext = whh.T @ draw
    for p, g, m in zip(params, gradients, memory):
        xp.clip(g, -5, 5, out=g)
        m += g * g
        p -= 0.1 * g / xp.sqrt(m + 1e-8)


def min_char_rnn(interleaved: Callable[..., list[list[float]]]) -> tuple[str, str, str, str]:
    """(what, measured, reach, note); interleaved(f, g, times=) gives the seconds of f and of g."""
    xp, rng = backend.xp, np.random.default_rng(0)
    shapes = [(HIDDEN, CHARS), (HIDDEN, HIDDEN), (CHARS, HIDDEN), (HIDDEN,), (CHARS,)]
    leaves = [Tensor(rng.normal(0, 0.01, shape), requires_grad=True) for shape in shapes]
    wxh, whh, why, bh, by = leaves
    optimizer = optim.Adagrad(leaves, lr=0.1)
    columns = [p.data.reshape(p.shape[0], -1).copy() for p in leaves]
    memory = [xp.zeros_like(p) for p in columns]
    inputs, targets = rng.integers(0, CHARS, STEPS), rng.integers(0, CHARS, STEPS)
    ids = [inputs.tolist(), targets.tolist()]

    def ours() -> None:
        optimizer.zero_grad()
        start = Tensor(xp.zeros((1, HIDDEN)))
        w = Weights(wxh, whh, bh)
        ys, _ = scan(lambda x, state: rnn_step(x, state, w), mg.one_hot(inputs[:, None], CHARS), (start,))
        loss = mg.cross_entropy(mg.linear(mg.stack(ys), why) + by, targets[:, None], reduction="sum")
        loss.backward()
        optim.clip_grad_value(leaves, 5.0)
        optimizer.step()

    mine, hand = interleaved(ours, lambda: chars_by_hand(columns, memory, *ids), times=30)
    low, middle, high = quantiles([a / b for a, b in zip(mine, hand)], n=4)
    note = f"{median(mine) * 1e3:.2f} ms / {median(hand) * 1e3:.2f} ms; quartiles {low:.2f} .. {high:.2f}"
    what = f"min-char-rnn, H{HIDDEN} T{STEPS}, training step, unrolled / by hand"
    return what, f"{middle:.2f} x", "<= 2 x", note


def saved_bytes(loss: Tensor) -> int:
    """Bytes of the arrays that the nodes behind a loss keep for their rules, each counted once, leaves left out."""
    nodes = mg.history([loss])
    leaves = {id(x.data) for node in nodes for x in node.inputs if isinstance(x, Tensor)}
    owners = {}
    for array in [a for node in nodes for a in node.saved]:
        owner = array if array.base is None else array.base
        owners[id(owner)] = owner
    return sum(a.nbytes for key, a in owners.items() if key not in leaves)


def memory_of_a_step() -> tuple[str, str, str, str]:
    """(what, measured, reach, note) of forward and backward through a long unrolled LSTM, as tracemalloc sees it."""
    rng = np.random.default_rng(0)
    w = Weights(
        *[Tensor(rng.normal(0, 0.1, s), requires_grad=True) for s in [(4 * SIZE, INPUT), (4 * SIZE, SIZE), (4 * SIZE,)]]
    )
    xs = [Tensor(rng.normal(size=(BATCH, INPUT))) for _ in range(LONG)]

    def loss() -> Tensor:
        state = Tensor(np.zeros((BATCH, SIZE))), Tensor(np.zeros((BATCH, SIZE)))
        ys, _ = scan(lambda x, state: lstm_step(x, state, w), xs, state)
        return mg.stack(ys).sum()

    loss().backward()  # leaves have their gradients now
    gc.collect()
    tracemalloc.start()
    total = loss()
    after = tracemalloc.get_traced_memory()[0]
    kept = saved_bytes(total)
    total.backward()
    height = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    note = f"{height / 1e6:.1f} MB / {kept / 1e6:.1f} MB; {after / 1e6:.1f} MB at the end of the forward pass"
    what = f"LSTM T{LONG} B{BATCH} I{INPUT} H{SIZE}, forward + backward, peak memory / saved arrays"
    return what, f"{height / kept:.2f} x", "<= 1.3 x", note
