"""The whole-sequence kernels, and the unrolled LSTM, beside PyTorch, JAX, their own matrix products and a step written
by hand. Peers are optional: those that are absent are named. Imports minigrad and NumPy; torch and jax where they are
installed.

What was tried on one AVX2 processor in float32, and what it gave to the LSTM's forward and backward:
gates as rows, (4H, B), for columns, (B, 4H): the products of H = 650 take 1.1 to 1.9 times as long. W_hh transposed
into a copy once a call: up to 1.2 times as fast a product. The slopes of all steps before the walk back: half of
backward's time at B = 1, the same elsewhere; in pieces of 1 or 4 steps: no better. i g, f c and h kept, so that a slope
is a - a b: two passes for three. Sigmoid by exp for by tanh: 2.6 for 3.6 ns an element, float64 7 for 17; the rows of
i, f, o side by side: one call for all three. tanh by exp, too, 2.7 for 3.2 ns: loses the digits of small states, not
done. One piece of memory for all that a call keeps: 1700 page faults and a third of the time of H = 200 gone.
Each gate in one piece, (T, G, B, H), between products of rows, (T, B, G*H): a pass over 32 rows of 128 takes a third,
LSTM and GRU 0.87 of the time at H = 128, 0.93 at 200, 1.03 at B = 1; as (G, T, B, H), without rows: the same, but 1.2
at B = 1, and the weights' gradients 1.05.
"""

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from statistics import median, quantiles
from types import ModuleType
from typing import Any

import numpy as np

import minigrad as mg
from minigrad import nn, optim

SIZES = [(25, 1, 65, 100), (50, 32, 64, 128), (35, 20, 200, 200), (35, 20, 650, 650)]
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
STEPS, VOCABULARY, HIDDEN = 25, 65, 100  # of min-char-rnn

Interleaved = Callable[..., list[list[float]]]
Row = tuple[str, str, str, str]


def whole_sequences(interleaved: Interleaved) -> Iterator[Row]:
    """(what, measured, reach, note); interleaved(f, g, times=) gives the seconds of f and of g."""
    torch, jax = [importlib.import_module(n) if importlib.util.find_spec(n) else None for n in ("torch", "jax")]
    if mg.backend.name == "cupy":
        return
    if torch:
        torch.set_num_threads(1)
        for kind, dtype, reach in (
            ("LSTM", "float32", 1.0), ("GRU", "float32", 0.5), ("RNN", "float32", 0.5), ("LSTM", "float64", 0.35)
        ):  # fmt: skip
            for size in SIZES:
                what = f"{kind} {dtype} fused / torch.nn.{kind}"
                peer = in_torch(torch, kind, size, dtype)
                yield _ratio(what, size, reach, interleaved, ours(kind, size, dtype), peer)
                yield _floor(size, interleaved, kind, dtype, peer)
        for size in SIZES[:3]:
            what, peer = "LSTM float32 unrolled / PyTorch op by op", op_by_op(torch, size)
            yield _ratio(what, size, 0.7, interleaved, ours("LSTM", size, unroll=True), peer)
    if jax:
        for size in SIZES[1:]:
            what = "LSTM float32 fused / jax.lax.scan, jitted"
            yield _ratio(what, size, 0.7, interleaved, ours("LSTM", size), in_jax(jax, size))
    for size in SIZES[2:]:
        yield _share(size, interleaved)
    yield characters("by hand, step by step", "<= 1.0 x", step_by_step, interleaved)
    yield characters("by hand, products of all steps at once", "-", all_at_once, interleaved)
    for name, module in (("torch", torch), ("jax", jax)):
        if not module:
            yield f"fused kernels beside {name}", "-", "-", f"{name} is not installed here: make bench-peers"


def _measured(interleaved: Interleaved, size: tuple, f: Callable, g: Callable) -> tuple[list[float], str]:
    """The ratios of f to g, and a note."""
    one, other = interleaved(f, g, times=40 if size[1] == 1 else 12)
    ratios = [a / b for a, b in zip(one, other)]
    low, _, high = quantiles(ratios, n=4)
    return ratios, f"{median(one) * 1e3:.2f} ms / {median(other) * 1e3:.2f} ms; quartiles {low:.2f} .. {high:.2f}"


def _named(size: tuple) -> str:
    return "T{} B{} I{} H{}".format(*size)


def _ratio(what: str, size: tuple, reach: float, interleaved: Interleaved, f: Callable, g: Callable) -> Row:
    ratios, note = _measured(interleaved, size, f, g)
    return f"{what}, {_named(size)}", f"{median(ratios):.2f} x", f"<= {reach} x", note


def data(size: tuple, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """x (T, B, I) and dL/dy (T, B, H)."""
    steps, batch, inputs, hidden = size
    rng = np.random.default_rng(0)
    return rng.normal(size=(steps, batch, inputs)).astype(dtype), rng.normal(size=(steps, batch, hidden)).astype(dtype)


def ours(kind: str, size: tuple, dtype: str = "float32", unroll: bool = False) -> Callable[[], Any]:
    """Forward and backward of a layer, x included."""
    x, gy = data(size, dtype)
    with mg.default_dtype(dtype):
        layer, x = getattr(nn, kind)(*size[2:], unroll=unroll), mg.Tensor(x, requires_grad=True)

    def run() -> None:
        layer.zero_grad()
        x.grad = None
        layer(x)[0].backward(gy)

    return run


def in_torch(torch: ModuleType, kind: str, size: tuple, dtype: str) -> Callable[[], Any]:
    """The same in PyTorch."""
    x, gy = [torch.tensor(a) for a in data(size, dtype)]
    layer = getattr(torch.nn, kind)(*size[2:], dtype=getattr(torch, dtype))
    x.requires_grad = True

    def run() -> None:
        layer.zero_grad()
        x.grad = None
        layer(x)[0].backward(gy)

    return run


def op_by_op(torch: ModuleType, size: tuple) -> Callable[[], Any]:
    """The LSTM of in_torch written with the ops that ours is unrolled into."""
    x, gy = [torch.tensor(a) for a in data(size, "float32")]
    _, batch, inputs, hidden = size
    cell = torch.nn.LSTMCell(inputs, hidden)  # for its weights
    x.requires_grad = True

    def run() -> None:
        cell.zero_grad()
        x.grad = None
        h = c = torch.zeros(batch, hidden)
        ys = []
        for x_t in x.unbind():
            a = (x_t @ cell.weight_ih.T + cell.bias_ih) + (h @ cell.weight_hh.T + cell.bias_hh)
            i, f, g, o = a.chunk(4, dim=-1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            ys.append(h)
        torch.stack(ys).backward(gy)

    return run


def in_jax(jax: ModuleType, size: tuple) -> Callable[[], Any]:
    """The same as a jitted scan, the input product of all steps hoisted."""
    _, batch, inputs, hidden = size
    (x, gy), rng, jnp = data(size, "float32"), np.random.default_rng(0), jax.numpy
    shapes = ((4 * hidden, inputs), (4 * hidden, hidden), (4 * hidden,), (4 * hidden,))
    weights = [(rng.normal(size=shape) / np.sqrt(hidden)).astype("f") for shape in shapes]

    def loss(x: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any) -> Any:
        def step(state: Any, a: Any) -> Any:
            h, c = state
            i, f, g, o = jnp.split(a + h @ w_hh.T, 4, axis=-1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            h = jax.nn.sigmoid(o) * jnp.tanh(c)
            return (h, c), h

        start = jnp.zeros((batch, hidden), dtype=x.dtype)
        return jnp.vdot(jax.lax.scan(step, (start, start), x @ w_ih.T + b_ih + b_hh)[1], gy)

    gradient = jax.jit(jax.grad(loss, argnums=(0, 1, 2, 3, 4)))
    return lambda: jax.block_until_ready(gradient(x, *weights))


def products(kind: str, size: tuple, dtype: str) -> Callable[[], Any]:
    """The matrix products of forward and backward, in NumPy, and nothing else."""
    steps, batch, inputs, hidden = size
    x, gy = data(size, dtype)
    rng, gates = np.random.default_rng(0), GATES[kind] * hidden
    w_ih, w_hh = [rng.normal(size=(gates, n)).astype(dtype) for n in (inputs, hidden)]

    def run() -> None:
        flat, w = x.reshape(steps * batch, inputs), np.ascontiguousarray(w_hh.T)
        da, a, dh = flat @ w_ih.T, np.empty((batch, gates), dtype), np.empty((batch, hidden), dtype)
        for h in gy:
            np.matmul(h, w, out=a)
        for da_t in da.reshape(steps, batch, gates):
            np.matmul(da_t, w_hh, out=dh)
        _ = da.T @ flat, da.T @ gy.reshape(steps * batch, hidden), da @ w_ih

    return run


def _share(size: tuple, interleaved: Interleaved) -> Row:
    """How much of the LSTM's time its matrix products would take by themselves."""
    ratios, note = _measured(interleaved, size, products("LSTM", size, "float32"), ours("LSTM", size))
    what = f"matrix products alone in NumPy / LSTM float32 fused, {_named(size)}"
    return what, f"{100 * median(ratios):.0f} %", ">= 85 %", note


def _floor(size: tuple, interleaved: Interleaved, kind: str, dtype: str, peer: Callable) -> Row:
    """The ratio to a peer of a kernel whose pointwise passes cost nothing: the limit that NumPy's BLAS sets."""
    ratios, note = _measured(interleaved, size, products(kind, size, dtype), peer)
    return f"    its matrix products alone in NumPy / the same, {_named(size)}", f"{median(ratios):.2f} x", "-", note


# ---------------------------------------------------------------- min-char-rnn


def characters(
    peer: str, reach: str, hand_step: Callable, interleaved: Interleaved, unroll: bool = False
) -> Row:  # fmt: skip
    """One training step of the character model that fits on a page: loss, backward, clipping, Adagrad."""
    rng = np.random.default_rng(0)
    ids, targets = rng.integers(VOCABULARY, size=(2, STEPS))
    rnn, head = nn.RNN(VOCABULARY, HIDDEN, bias="one", unroll=unroll), nn.Linear(HIDDEN, VOCABULARY)
    parameters = [*rnn.parameters(), *head.parameters()]
    optimiser = optim.Adagrad(parameters, lr=0.1)
    hand = [p.numpy().copy() for p in parameters], [np.zeros(p.shape, "f") for p in parameters]
    state: list[Any] = [mg.Tensor(np.zeros((1, 1, HIDDEN))), np.zeros(HIDDEN, "f")]
    losses: list[list] = [[], []]

    def fused() -> None:
        y, h = rnn(mg.one_hot(ids[:, None], VOCABULARY), state[0])
        loss = mg.cross_entropy(head(y), targets[:, None], reduction="sum")
        optimiser.zero_grad()
        loss.backward()
        optim.clip_grad_value(parameters, 5.0)
        optimiser.step()
        state[0] = h.detach()
        losses[0].append(loss.item())

    def by_hand() -> None:
        loss, state[1], gradients = hand_step(hand[0], ids, targets, state[1])
        adagrad(*hand, gradients)
        losses[1].append(loss)

    ratios, note = _measured(interleaved, (STEPS, 1), fused, by_hand)
    difference = abs(losses[0][1] - losses[1][1]) / losses[1][1]
    what = f"min-char-rnn, T{STEPS} B1 H{HIDDEN}, a training step{', unrolled' if unroll else ''} / {peer}"
    return what, f"{median(ratios):.2f} x", reach, f"{note}; losses after a step differ by {difference:.0e}"


def adagrad(weights: list, memory: list, gradients: tuple) -> None:
    """Clipped to -5..5, in place."""
    for weight, seen, g in zip(weights, memory, gradients):
        np.clip(g, -5, 5, out=g)
        seen += g * g
        weight -= 0.1 * g / (np.sqrt(seen) + 1e-10)


def step_by_step(weights: list, ids: Any, targets: Any, h: Any) -> tuple[float, Any, tuple]:
    """Loss, state and gradients of min-char-rnn, written as its author did (Karpathy, 2015)."""
    w_ih, w_hh, b, w_hy, b_y = weights
    xs, hs, ps, loss = {}, {-1: h}, {}, 0.0
    for t in range(len(ids)):
        xs[t] = np.zeros(w_ih.shape[1], dtype=h.dtype)
        xs[t][ids[t]] = 1
        hs[t] = np.tanh(np.dot(w_ih, xs[t]) + np.dot(w_hh, hs[t - 1]) + b)
        y = np.dot(w_hy, hs[t]) + b_y
        ps[t] = np.exp(y) / np.sum(np.exp(y))
        loss += -np.log(ps[t][targets[t]])
    dw_ih, dw_hh, db, dw_hy, db_y = gradients = tuple([np.zeros_like(w) for w in weights])
    carried = np.zeros_like(h)
    for t in reversed(range(len(ids))):
        dy = ps[t].copy()
        dy[targets[t]] -= 1
        dw_hy += np.outer(dy, hs[t])
        db_y += dy
        da = (1 - hs[t] * hs[t]) * (np.dot(w_hy.T, dy) + carried)
        db += da
        dw_ih += np.outer(da, xs[t])
        dw_hh += np.outer(da, hs[t - 1])
        carried = np.dot(w_hh.T, da)
    return float(loss), hs[len(ids) - 1], gradients


def all_at_once(weights: list, ids: Any, targets: Any, h: Any) -> tuple[float, Any, tuple]:
    """The same with one product for all steps wherever there can be one."""
    w_ih, w_hh, b, w_hy, b_y = weights
    hs = np.empty((len(ids) + 1, len(h)), dtype=h.dtype)
    hs[0], steps = h, np.arange(len(ids))
    a = w_ih.T[ids] + b
    for t in steps:
        np.tanh(a[t] + w_hh @ hs[t], out=hs[t + 1])
    logits = hs[1:] @ w_hy.T + b_y
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[steps, targets]).sum()
    p[steps, targets] -= 1
    da = p @ w_hy
    carried = np.zeros_like(h)
    for t in reversed(steps):
        da[t] = (da[t] + carried) * (1 - hs[t + 1] * hs[t + 1])
        carried = da[t] @ w_hh
    one_hot = np.zeros((len(ids), w_ih.shape[1]), dtype=h.dtype)
    one_hot[steps, ids] = 1
    return float(loss), hs[-1], (da.T @ one_hot, da.T @ hs[:-1], da.sum(axis=0), p.T @ hs[1:], p.sum(axis=0))
