"""Whole sequences in one node: the equations of steps.py for all steps of RNN, LSTM and GRU, with backward by hand.

The three kernels share their frame: one product for the inputs of all steps, a walk through time, and one product for
each weight's gradient. They differ in what is done to a step's gates, in place. Imports op, ops and scan.

The pull through a step is linear in dL/dh (and dL/dc), so backward first writes the slopes, what the gates' gradients
are per unit of dL/dh, for all steps at once; the walk back then only scales them, and they have become the gradients.
Two layouts: the products want a step's gates as rows, (T, B, G*H), what is done unit by unit wants each gate in one
piece, (T, G, B, H), since NumPy starts anew at each row; a copy goes between them. Scratch lives for one call; what
backward needs is new in each.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import accumulate, repeat
from typing import Any

from ..backend import quiet, xp
from ..op import Fused
from ..ops import relu, stack, tanh
from .scan import scan
from .steps import Weights, gru_step, lstm_step, rnn_step

__all__ = ["gru", "gru_reset_before", "lstm", "rnn"]

ACTIVATIONS = {"tanh": tanh, "relu": relu}

Gates = tuple[tuple[int, int], ...]  # for each block of a step's gates: which block of the weights, and its sign


# ---------------------------------------------------------------- the frame


def _arranged(weight: Any, gates: Gates) -> Any:
    """The blocks of rows in the order and with the signs of gates: (G*H, ...) -> the same shape, new."""
    size = len(weight) // len(gates)
    return xp.concatenate([weight[k * size : (k + 1) * size] * sign for k, sign in gates])


def _by_gate(rows: Any, count: int) -> Any:
    """rows (..., B, G*H) seen gate by gate, (..., G, B, H)."""
    return rows.reshape(*rows.shape[:-1], count, rows.shape[-1] // count).swapaxes(-3, -2)


def _room(dtype: Any, *shapes: tuple[int, ...]) -> list:
    """New arrays in one piece of memory, all that forward keeps and backward then needs: freed as many pieces, memory
    goes back to the system, and getting it again costs a page fault for every 4 KB, up to a third of a call's time."""
    sizes = [math.prod(shape) for shape in shapes]
    whole, ends = xp.empty(sum(sizes), dtype=dtype), accumulate(sizes)
    return [whole[end - size : end].reshape(shape) for shape, size, end in zip(shapes, sizes, ends)]


def _inputs(rows: Any, x: Any, weight: Any, gates: Gates, *biases: Any) -> Any:
    """rows (T, B, G*H) become W_ih x + b for all steps, their blocks as in gates."""
    xp.matmul(_flat(x), _arranged(weight, gates).T, out=_flat(rows))
    for bias in biases:
        if bias is not None:
            rows += _arranged(bias, gates)
    return rows


def _recurrent(weight: Any, gates: Gates) -> Any:
    """W_hh to be multiplied from the right, (H, G*H); contiguous, since each step reads it."""
    return xp.ascontiguousarray(_arranged(weight, gates).T)


def _started(whole: Any, state: Any, reverse: bool) -> tuple[Any, Any]:
    """A state at all times, whole (T + 1, B, H), gets its first value; of it the states before and after each step."""
    whole[-1 if reverse else 0] = state
    return (whole[1:], whole[:-1]) if reverse else (whole[:-1], whole[1:])


def _walk(reverse: bool, *arrays: Any) -> Iterator[tuple]:
    """Through time: the step's part of each array; None stays None."""
    return zip(*[repeat(None) if a is None else a[::-1] if reverse else a for a in arrays])


def _over(lengths: Any, steps: int) -> Any:
    """(T, B, 1): is the sequence over? None without lengths."""
    return None if lengths is None else xp.arange(steps)[:, None, None] >= lengths[:, None]


def _hold(over: Any, *pairs: tuple[Any, Any]) -> None:
    """Sequences that are over keep each old state."""
    if over is not None:
        for old, new in pairs:
            xp.copyto(new, old, where=over)


def _blank(a: Any, over: Any) -> Any:
    """a (T, B, H) or (T, G, B, H) with zeros where a sequence is over, in place."""
    if over is not None:
        xp.copyto(a, 0, where=over if a.ndim == over.ndim else over[:, None])
    return a


def _where_going(over: Any, share: Any) -> Any:
    """The share of the state that is kept: all of it where a sequence is over."""
    return share if over is None else xp.where(over, xp.ones_like(share), share)


def _answers(over: Any, reverse: bool, ys: Any, *records: Any) -> tuple:
    """The outputs, 0 where a sequence is over, and the last states."""
    ys = ys if over is None else _blank(ys.copy(), over)
    return (ys, *[whole[0 if reverse else -1].copy() for whole in records])


def _sigmoid(a: Any) -> None:
    """1 / (1 + exp(a)) in place: of -a, whose sign the weights brought along. Where exp is inf it is 0."""
    xp.exp(a, out=a)
    a += 1
    xp.reciprocal(a, out=a)


def _from_outputs(gy: Any, over: Any, like: Any) -> Any:
    """dL/dy (T, B, H), 0 where a sequence is over; (T, 1, 1) zeros where nobody used y."""
    if gy is None:
        return xp.zeros((len(like), 1, 1), dtype=like.dtype)
    return gy if over is None else _blank(gy.copy(), over)


def _from_state(g: Any, like: Any) -> Any:
    """The gradient of a last state, to be added to in place; zeros where there is none."""
    return xp.zeros_like(like) if g is None else g.copy()


def _back(da: Any, weight: Any, dh: Any, carried: Any, scratch: Any) -> None:
    """dL/dh of the step before, in place: W_hh^T da, and what of dh is carried past the gates, (B, H) or (B, 1)."""
    if carried is None:
        xp.matmul(da, weight, out=dh)
    else:
        dh *= carried
        dh += xp.matmul(da, weight, out=scratch)


def _flat(a: Any) -> Any:
    """(T, B, N) as a matrix (T*B, N)."""
    steps, batch, size = a.shape
    return a.reshape(steps * batch, size)


def _for_inputs(da: Any, x: Any, weight: Any) -> tuple[Callable, Callable, Any]:
    """dL/dx, dL/dW_ih and dL/db_ih from those of the gates, da (T*B, G*H); products only where they are asked for."""
    return lambda: (da @ weight).reshape(x.shape), lambda: da.T @ _flat(x), da.sum(axis=0)


def _reference(step: Callable) -> Callable:
    """The kernel's answer as a scan of the step: x, states, weights, lengths -> (ys, states)."""

    def reference(x: Any, *rest: Any, reverse: bool, **options: Any) -> tuple:
        *state, w_ih, w_hh, b_ih, b_hh, lengths = rest
        weights = Weights(w_ih, w_hh, b_ih, b_hh)
        ys, state = scan(lambda x_t, s: step(x_t, s, weights, **options), x, tuple(state), lengths, reverse)
        return (stack(ys), *state)

    return reference


# ---------------------------------------------------------------- simple recurrent net

PLAIN: Gates = ((0, 1),)


def rnn(x, h, weight_ih, weight_hh, bias_ih, bias_hh, lengths, *, nonlinearity, reverse):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu, for all steps (rnn_step).

    x (T, B, I), h (B, H), weight_ih (H, I), weight_hh (H, H), biases (H,) or None, lengths (B,) or None; reverse: from
    the end of each sequence -> (ys (T, B, H), the last h (B, H)).
    """
    (steps, batch, _), size, over = x.shape, h.shape[1], _over(lengths, len(x))
    a, hs = xp.empty((steps, batch, size), dtype=h.dtype), xp.empty((steps + 1, batch, size), dtype=h.dtype)
    _inputs(a, x, weight_ih, PLAIN, bias_ih, bias_hh)
    w, product = _recurrent(weight_hh, PLAIN), xp.empty_like(h)
    old, new = _started(hs, h, reverse)
    for a_t, h, y, over_t in _walk(reverse, a, old, new, over):
        a_t += xp.matmul(h, w, out=product)
        if nonlinearity == "tanh":
            xp.tanh(a_t, out=y)
        else:
            xp.maximum(a_t, 0, out=y)
        _hold(over_t, (h, y))
    return _answers(over, reverse, new, hs), (old, new, over)


def _rnn_backward(gs, outs, saved, x, h, weight_ih, weight_hh, bias_ih, bias_hh, lengths, *, nonlinearity, reverse):
    (old, new, over), (gy, gh) = saved, gs
    if nonlinearity == "tanh":
        slopes = new * new
        xp.subtract(1, slopes, out=slopes)
    else:
        slopes = (new > 0).astype(new.dtype)
    _blank(slopes, over)
    dh, product = _from_state(gh, h), xp.empty_like(h)
    for da, gy_t, over_t in _walk(not reverse, slopes, _from_outputs(gy, over, new), over):
        dh += gy_t
        da *= dh
        _back(da, weight_hh, dh, over_t, product)
    da = _flat(slopes)
    dx, dw, db = _for_inputs(da, x, weight_ih)
    return dx, dh, dw, lambda: da.T @ _flat(old), db, db, None


rnn = Fused(rnn, _rnn_backward, _reference(lambda x, s, w, nonlinearity: rnn_step(x, s, w, ACTIVATIONS[nonlinearity])))


# ---------------------------------------------------------------- long short-term memory

I_F_O_G: Gates = ((0, -1), (1, -1), (3, -1), (2, 1))  # the three sigmoids side by side


def lstm(x, h, c, weight_ih, weight_hh, bias_ih, bias_hh, lengths, *, reverse):
    """c' = f c + i g, h' = o tanh(c') for all steps (lstm_step).

    x (T, B, I), h and c (B, H), weight_ih (4H, I), weight_hh (4H, H), biases (4H,) or None, lengths (B,) or None;
    reverse: from the end of each sequence -> (ys (T, B, H), the last h and c (B, H)).
    """
    (steps, batch, _), size, over = x.shape, h.shape[1], _over(lengths, len(x))
    each, more = (steps, batch, size), (steps + 1, batch, size)
    by_row, by_gate = (steps, batch, 4 * size), (steps, 4, batch, size)
    a, ig, fc, tanh_c, cs, *later = _room(h.dtype, by_gate, each, each, each, more, by_row, by_gate, each)
    a[...] = _by_gate(_inputs(later[0], x, weight_ih, I_F_O_G, bias_ih, bias_hh), 4)
    w, product = _recurrent(weight_hh, I_F_O_G), xp.empty((batch, 4 * size), dtype=h.dtype)
    hs, pushed = xp.empty(more, dtype=h.dtype), _by_gate(product, 4)
    (old_h, new_h), (old_c, new_c) = _started(hs, h, reverse), _started(cs, c, reverse)
    walk = _walk(reverse, a, a[:, :3], *a.swapaxes(0, 1), ig, fc, tanh_c, old_h, old_c, new_h, new_c, over)
    with quiet():
        for a_t, ifo, i, f, o, g, ig_t, fc_t, tanh_c_t, h, c, h_new, c_new, over_t in walk:
            xp.matmul(h, w, out=product)
            a_t += pushed
            _sigmoid(ifo)
            xp.tanh(g, out=g)
            xp.multiply(i, g, out=ig_t)
            xp.multiply(f, c, out=fc_t)
            xp.add(ig_t, fc_t, out=c_new)
            xp.tanh(c_new, out=tanh_c_t)
            xp.multiply(o, tanh_c_t, out=h_new)
            _hold(over_t, (h, h_new), (c, c_new))
    return _answers(over, reverse, new_h, hs, cs), (a, ig, fc, tanh_c, old_h, new_h, over, later)


def _lstm_backward(gs, outs, saved, x, h, c, weight_ih, weight_hh, bias_ih, bias_hh, lengths, *, reverse):
    (a, ig, fc, tanh_c, old_h, new_h, over, (rows, slopes, to_c)), (gy, gh, gc) = saved, gs
    (i, f, o, g), (to_i, to_f, to_g, to_o) = a.swapaxes(0, 1), slopes.swapaxes(0, 1)
    # as in i (1 - i) g = i g - (i g) i: for i, f, g of dL/dc, for o and c of dL/dh
    for slope, most, left, right in (
        (to_i, ig, ig, i), (to_f, fc, fc, f), (to_g, i, ig, g), (to_o, new_h, new_h, o), (to_c, o, new_h, tanh_c)
    ):  # fmt: skip
        xp.multiply(left, right, out=slope)
        xp.subtract(most, slope, out=slope)
        _blank(slope, over)
    f = _where_going(over, f)
    dh, dc, product = _from_state(gh, h), _from_state(gc, c), xp.empty_like(h)
    gy = _from_outputs(gy, over, ig)
    walk = _walk(not reverse, slopes, slopes[:, :3], to_o, to_c, f, gy, over, rows, _by_gate(rows, 4))
    for da, da_ifg, da_o, to_c_t, f_t, gy_t, over_t, row, row_gates in walk:
        dh += gy_t
        to_c_t *= dh
        dc += to_c_t
        da_ifg *= dc
        da_o *= dh
        dc *= f_t
        row_gates[...] = da
        _back(row, weight_hh, dh, over_t, product)
    da = _flat(rows)
    dx, dw, db = _for_inputs(da, x, weight_ih)
    return dx, dh, dc, dw, lambda: da.T @ _flat(old_h), db, db, None


lstm = Fused(lstm, _lstm_backward, _reference(lstm_step))


# ---------------------------------------------------------------- gated recurrent unit

N_R_Z: Gates = ((2, 1), (0, 1), (1, 1))
R_Z_N: Gates = ((1, 1), (2, 1), (0, 1))  # and back


def _gates_of(update: str) -> Gates:
    """r, z, n; z with the sign that makes it the share of the old state."""
    return (0, -1), (1, -1 if update == "keeps_old" else 1), (2, 1)


def _mix(h: Any, z: Any, n: Any, out: Any) -> None:
    """(1 - z) n + z h."""
    xp.subtract(h, n, out=out)
    out *= z
    out += n


def _gru_slopes(old: Any, z: Any, n: Any, update: str, to_z: Any, to_n: Any, scratch: Any) -> None:
    """By how much h' changes with what goes into z, (h - n) z (1 - z), and into n, (1 - z) (1 - n^2)."""
    xp.multiply(n, n, out=to_n)
    xp.subtract(1, to_n, out=to_n)
    to_n -= xp.multiply(to_n, z, out=scratch)
    xp.subtract(*(old, n) if update == "keeps_old" else (n, old), out=to_z)
    to_z *= z
    to_z -= xp.multiply(to_z, z, out=scratch)


def gru(x, h, weight_ih, weight_hh, bias_ih, bias_hh, lengths, *, update, reverse):
    """n = tanh(W_in x + b_in + r (W_hn h + b_hn)), h' = (1 - z) n + z h for all steps (gru_step).

    x (T, B, I), h (B, H), weight_ih (3H, I), weight_hh (3H, H), biases (3H,) or None, lengths (B,) or None; update: as
    in gru_step; reverse: from the end of each sequence -> (ys (T, B, H), the last h (B, H)).
    """
    (steps, batch, _), size, over, gates = x.shape, h.shape[1], _over(lengths, len(x)), _gates_of(update)
    each, hs = (steps, batch, size), xp.empty((steps + 1, batch, size), dtype=h.dtype)
    by_gate, by_row, backward = (steps, 3, batch, size), (steps, batch, 4 * size), (steps, 4, batch, size)
    a, rp, *later = _room(h.dtype, by_gate, each, by_row, backward, each)
    a[...] = _by_gate(_inputs(later[0][:, :, size:], x, weight_ih, gates, bias_ih), 3)
    w, b = _recurrent(weight_hh, gates), None if bias_hh is None else _arranged(bias_hh, gates)
    product, (old, new) = xp.empty((batch, 3 * size), dtype=h.dtype), _started(hs, h, reverse)
    pushed = _by_gate(product, 3)
    to_rz, to_n = pushed[:2], pushed[2]
    with quiet():
        for rz, r, z, n, rp_t, h, h_new, over_t in _walk(reverse, a[:, :2], *a.swapaxes(0, 1), rp, old, new, over):
            xp.matmul(h, w, out=product)
            if b is not None:
                product += b
            rz += to_rz
            _sigmoid(rz)
            n += xp.multiply(r, to_n, out=rp_t)
            xp.tanh(n, out=n)
            _mix(h, z, n, out=h_new)
            _hold(over_t, (h, h_new))
    return _answers(over, reverse, new, hs), (a, rp, old, over, later)


def _gru_backward(gs, outs, saved, x, h, weight_ih, weight_hh, bias_ih, bias_hh, lengths, *, update, reverse):
    (a, rp, old, over, (rows, slopes, scratch)), (gy, gh) = saved, gs
    (r, z, n), size = a.swapaxes(0, 1), rp.shape[2]
    from_x, to_r, to_z, from_h = slopes.swapaxes(0, 1)  # n from the input; r, z, n from the state
    _gru_slopes(old, z, n, update, to_z, from_x, scratch)
    xp.multiply(from_x, r, out=from_h)
    xp.multiply(rp, r, out=to_r)
    xp.subtract(rp, to_r, out=to_r)
    to_r *= from_x
    _blank(slopes, over)
    dh, product, to_h = _from_state(gh, h), xp.empty_like(h), rows[:, :, size:]
    gy, kept = _from_outputs(gy, over, rp), _where_going(over, z)
    for da, z_t, gy_t, row, row_gates in _walk(not reverse, slopes, kept, gy, to_h, _by_gate(rows, 4)):
        dh += gy_t
        da *= dh
        row_gates[...] = da
        _back(row, weight_hh, dh, z_t, product)
    da = _flat(to_h)
    dx, dw, db = _for_inputs(_flat(rows[:, :, : 3 * size]), x, _arranged(weight_ih, N_R_Z))
    return (
        dx, dh, lambda: _arranged(dw(), R_Z_N), lambda: da.T @ _flat(old), _arranged(db, R_Z_N), da.sum(axis=0), None
    )  # fmt: skip


gru = Fused(gru, _gru_backward, _reference(gru_step))


def gru_reset_before(x, h, weight_ih, weight_hh, bias_ih, bias_hh, lengths, *, update, reverse):
    """As gru, with n = tanh(W_in x + b_in + W_hn (r h) + b_hn)."""
    (steps, batch, _), size, over, gates = x.shape, h.shape[1], _over(lengths, len(x)), _gates_of(update)
    each, hs = (steps, batch, size), xp.empty((steps + 1, batch, size), dtype=h.dtype)
    by_row, by_gate = (steps, batch, 3 * size), (steps, 3, batch, size)
    a, rh, *later = _room(h.dtype, by_gate, each, by_row, by_gate, each)
    a[...] = _by_gate(_inputs(later[0], x, weight_ih, gates, bias_ih, bias_hh), 3)
    w_rz, w_n = _recurrent(weight_hh[: 2 * size], gates[:2]), _recurrent(weight_hh[2 * size :], PLAIN)
    product, scratch = xp.empty((batch, 2 * size), dtype=h.dtype), xp.empty_like(h)
    (old, new), pushed = _started(hs, h, reverse), _by_gate(product, 2)
    with quiet():
        for rz, r, z, n, rh_t, h, h_new, over_t in _walk(reverse, a[:, :2], *a.swapaxes(0, 1), rh, old, new, over):
            xp.matmul(h, w_rz, out=product)
            rz += pushed
            _sigmoid(rz)
            xp.multiply(r, h, out=rh_t)
            n += xp.matmul(rh_t, w_n, out=scratch)
            xp.tanh(n, out=n)
            _mix(h, z, n, out=h_new)
            _hold(over_t, (h, h_new))
    return _answers(over, reverse, new, hs), (a, rh, old, over, later)


def _gru_reset_before_backward(
    gs, outs, saved, x, h, weight_ih, weight_hh, bias_ih, bias_hh, lengths, *, update, reverse
):
    (a, rh, old, over, (rows, slopes, scratch)), (gy, gh) = saved, gs
    (r, z, n), (to_r, to_z, to_n) = a.swapaxes(0, 1), slopes.swapaxes(0, 1)
    _gru_slopes(old, z, n, update, to_z, to_n, scratch)
    xp.multiply(rh, r, out=to_r)  # h r (1 - r), of d(r h)
    xp.subtract(rh, to_r, out=to_r)
    _blank(slopes, over)
    dh, product, drh = _from_state(gh, h), xp.empty_like(h), xp.empty_like(h)
    both, last = slice(2 * h.shape[1]), slice(2 * h.shape[1], None)
    gy, z = _from_outputs(gy, over, rh), _where_going(over, z)
    walk = _walk(not reverse, slopes, to_r, to_z, to_n, r, z, gy, rows[:, :, both], _by_gate(rows, 3))
    for da, da_r, da_z, da_n, r_t, z_t, gy_t, row, row_gates in walk:
        dh += gy_t
        da_z *= dh
        da_n *= dh
        xp.matmul(da_n, weight_hh[last], out=drh)
        da_r *= drh
        drh *= r_t
        row_gates[...] = da
        _back(row, weight_hh[both], dh, z_t, product)
        dh += drh
    da = _flat(rows)
    dx, dw, db = _for_inputs(da, x, weight_ih)
    da_rz, da_n = da[:, both], da[:, last]
    return dx, dh, dw, lambda: xp.concatenate([da_rz.T @ _flat(old), da_n.T @ _flat(rh)]), db, db, None


gru_reset_before = Fused(
    gru_reset_before,
    _gru_reset_before_backward,
    _reference(lambda x, s, w, update: gru_step(x, s, w, update, "before")),
)
