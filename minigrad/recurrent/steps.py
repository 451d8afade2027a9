"""The equations: one step of each cell, as in the papers. Stateless: state goes in, state comes out, its first item
is the output. Imports ops only."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from ..ops import expand_dims, linear, mean, reshape, sigmoid, split, sqrt, tanh, unstack, var, where
from ..tensor import Tensor, plain

if TYPE_CHECKING:
    from .fold import Children

__all__ = [
    "JordanWeights", "RecursiveWeights", "Weights", "child_sum_lstm_step", "clockwork_step", "gru_step",
    "jordan_step", "layer_norm", "lstm_step", "nary_lstm_step", "recursive_step", "rnn_step",
]  # fmt: skip

EPS = 1e-5


class Weights(NamedTuple):
    """What a step needs: weight_ih (G*H, I), weight_hh (G*H, H), and two bias vectors (G*H,), or one, or none.

    For an LSTM's options also weight_hr (P, H) that projects, peephole (3H,) in the order i, f, o, and the gains of
    layer norm: gain_ih and gain_hh (4H,), gain_c and bias_c (H,).
    """

    weight_ih: Tensor
    weight_hh: Tensor
    bias_ih: Tensor | None = None
    bias_hh: Tensor | None = None
    weight_hr: Tensor | None = None
    peephole: Tensor | None = None
    gain_ih: Tensor | None = None
    gain_hh: Tensor | None = None
    gain_c: Tensor | None = None
    bias_c: Tensor | None = None


class JordanWeights(NamedTuple):
    """weight_ih (H, I), weight_yh (H, O) from the last output, weight_hy (O, H) the read-out; weight_hh (H, H) where
    the hidden layer feeds back too; biases (H,) and (O,)."""

    weight_ih: Tensor
    weight_yh: Tensor
    weight_hy: Tensor
    weight_hh: Tensor | None = None
    bias_h: Tensor | None = None
    bias_y: Tensor | None = None


def _plus(a: Tensor, bias: Tensor | None) -> Tensor:
    return a if bias is None else a + bias


def _affine(x: Tensor, weight: Tensor, bias: Tensor | None, gain: Tensor | None = None) -> Tensor:
    """W x + b; LN(W x) + b where there is a gain."""
    a = linear(x, weight)
    return _plus(a if gain is None else layer_norm(a, gain), bias)


def layer_norm(x: Tensor, gain: Tensor | None = None, bias: Tensor | None = None, eps: float = EPS) -> Tensor:
    """(x - mean) / sqrt(variance + eps) * gain + bias over the last axis (Ba et al., 2016). x (..., H) -> (..., H)."""
    y = (x - mean(x, axis=-1, keepdims=True)) / sqrt(var(x, axis=-1, keepdims=True) + eps)
    return _plus(y if gain is None else y * gain, bias)


def rnn_step(
    x: Tensor, state: tuple[Tensor], w: Weights, activation: Callable = tanh, alpha: float = 0.0
) -> tuple[Tensor]:
    """Simple recurrent net (Elman, 1990): h' = tanh(W_ih x + b_ih + W_hh h + b_hh).

    Leaky units (Jaeger et al., 2007) with alpha > 0: h' = alpha h + (1 - alpha) tanh(...), a running average that
    reaches back about 1 / (1 - alpha) steps. x (B, I), state (h,) with h (B, H) -> (h',).
    """
    (h,) = state
    new = activation(_affine(x, w.weight_ih, w.bias_ih) + _affine(h, w.weight_hh, w.bias_hh))
    return ((alpha * h + (1 - alpha) * new if alpha else new).named("h"),)


def jordan_step(
    x: Tensor, state: tuple[Tensor, ...], w: JordanWeights, activation: Callable = tanh, readout: Callable = sigmoid
) -> tuple[Tensor, ...]:
    """The output feeds back (Jordan, 1986): h' = tanh(W_ih x + W_yh y + b_h), y' = readout(W_hy h' + b_y).

    With weight_hh both recurrences at once: W_hh h is added inside tanh. x (B, I), state (y,) with y (B, O), or (y, h)
    with h (B, H) -> state of the same form; the output is y. Raises ValueError for a state of the other form.
    """
    if len(state) != (1 if w.weight_hh is None else 2):
        form = "(y,)" if w.weight_hh is None else "(y, h), as weight_hh lets h feed back"
        raise ValueError(f"jordan_step: the state must be {form}; got {len(state)} tensors")
    a = linear(x, w.weight_ih) + _affine(state[0], w.weight_yh, w.bias_h)
    h = activation(a if w.weight_hh is None else a + linear(state[1], w.weight_hh)).named("h")
    y = readout(_affine(h, w.weight_hy, w.bias_y)).named("y")
    return (y,) if w.weight_hh is None else (y, h)


def clockwork_step(
    x: Tensor, state: tuple[Tensor, Tensor], w: Weights, periods: Any, activation: Callable = tanh
) -> tuple[Tensor, Tensor]:
    """Clockwork RNN (Koutnik et al., 2014): h'_i = tanh(W_ih x + b_ih + W_hh h + b_hh)_i if period_i divides t, else
    h_i.

    periods: (H,) integers. x (B, I), state (h, t) with h (B, H) and t (B, 1) integers, the steps that each sequence
    has made, -> (h', t + 1). In the paper W_hh has no weights from faster to slower units.
    """
    h, t = state
    (new,) = rnn_step(x, (h,), w, activation)
    return where(plain(t) % periods == 0, new, h).named("h"), t + 1


def lstm_step(x: Tensor, state: tuple[Tensor, Tensor], w: Weights) -> tuple[Tensor, Tensor]:
    """Long short-term memory (Hochreiter & Schmidhuber, 1997; forget gate: Gers et al., 2000).

    i, f, o = sigmoid(W_ih x + b_ih + W_hh h + b_hh), g = tanh(...), c' = f c + i g, h' = o tanh(c').
    x (B, I), state (h, c), each (B, H) -> (h', c'). The rows of the weights are i, f, g, o. Options, by what w holds:
    peephole (Gers & Schmidhuber, 2000): p_i c and p_f c are added inside i and f, p_o c' inside o.
    gain_ih (layer norm, Ba et al., 2016): LN(W_ih x) and LN(W_hh h) for the two products, tanh(LN(c')) in h'.
    weight_hr (projection, Sak et al., 2014): h' = W_hr (o tanh(c')), (B, P); weight_hh is then (4H, P).
    """
    h, c = state
    a = _affine(x, w.weight_ih, w.bias_ih, w.gain_ih) + _affine(h, w.weight_hh, w.bias_hh, w.gain_hh)
    i, f, g, o = split(a, 4, axis=-1)
    if w.peephole is None:
        i, f, g, o = sigmoid(i).named("i"), sigmoid(f).named("f"), tanh(g).named("g"), sigmoid(o).named("o")
        c = (f * c + i * g).named("c")
    else:
        to_i, to_f, to_o = split(w.peephole, 3)
        i, f, g = sigmoid(i + to_i * c).named("i"), sigmoid(f + to_f * c).named("f"), tanh(g).named("g")
        c = (f * c + i * g).named("c")
        o = sigmoid(o + to_o * c).named("o")
    h = o * tanh(c if w.gain_c is None else layer_norm(c, w.gain_c, w.bias_c))
    return (h if w.weight_hr is None else linear(h, w.weight_hr)).named("h"), c


def gru_step(
    x: Tensor, state: tuple[Tensor], w: Weights, update: str = "keeps_old", reset: str = "after"
) -> tuple[Tensor]:
    """Gated recurrent unit (Cho et al., 2014), by default with the reset after the product, as cuDNN has it.

    r, z = sigmoid(W_ih x + b_ih + W_hh h + b_hh), n = tanh(W_in x + b_in + r (W_hn h + b_hn)), h' = (1 - z) n + z h.
    x (B, I), state (h,) with h (B, H) -> (h',). The rows of the weights are r, z, n; z keeps the old state.
    update="takes_new" (Chung et al., 2014): h' = (1 - z) h + z n. reset="before" (Cho et al., 2014): n = tanh(W_in x +
    b_in + W_hn (r h) + b_hn).
    """
    (h,) = state
    hidden = h.shape[-1]
    from_x = split(_affine(x, w.weight_ih, w.bias_ih), 3, axis=-1)
    if reset == "after":
        to_r, to_z, to_n = split(_affine(h, w.weight_hh, w.bias_hh), 3, axis=-1)
    else:
        to_gates, candidate = split(w.weight_hh, [2 * hidden])
        b, b_n = (None, None) if w.bias_hh is None else split(w.bias_hh, [2 * hidden])
        to_r, to_z = split(_affine(h, to_gates, b), 2, axis=-1)
    r = sigmoid(from_x[0] + to_r).named("r")
    z = sigmoid(from_x[1] + to_z).named("z")
    n = tanh(from_x[2] + (r * to_n if reset == "after" else _affine(r * h, candidate, b_n))).named("n")
    h = ((1 - z) * n + z * h if update == "keeps_old" else (1 - z) * h + z * n).named("h")
    return (h,)


# ---------------------------------------------------------------- trees


class RecursiveWeights(NamedTuple):
    """Of a recursive net: V (H, I) for the input, U and W (H, H) for the left and the right child, b (H,)."""

    U: Tensor
    V: Tensor
    W: Tensor
    b: Tensor


def recursive_step(x: Tensor | None, children: Children | None, w: RecursiveWeights) -> tuple[Tensor]:
    """Recursive net (Socher et al., 2011; Goodfellow et al., 2016, section 10.6): h = tanh(V x + U left + W right + b).

    x (n, I), or None: no node has an input; children: those of the n nodes, None at the leaves; what is missing counts
    as 0 -> (h,) with h (n, H). Raises ShapeError for a third child.
    """
    a = w.b if x is None else linear(x, w.V) + w.b
    if children is not None:
        left, right = unstack(children.side_by_side(children.states[0], 2), axis=1)
        a = a + linear(left, w.U) + linear(right, w.W)
    return (tanh(a).named("h"),)


def child_sum_lstm_step(x: Tensor | None, children: Children | None, w: Weights) -> tuple[Tensor, Tensor]:
    """Child-sum TreeLSTM (Tai et al., 2015, equations 2 to 8), for any number of children k, in any order.

    i, o = sigmoid(W x + U sum_k h_k + b), g = tanh(...), f_k = sigmoid(W_f x + U_f h_k + b_f),
    c = i g + sum_k f_k c_k, h = o tanh(c). The sum is taken after the product with U, which is the same.
    x (n, I) or None, children of the n nodes or None -> (h, c), each (n, H). The rows of weight_ih (4H, I), weight_hh
    (4H, H), bias_ih (4H,) are i, f, g, o, so that over a chain of single children this is lstm_step.
    """
    i, f, g, o = _to_gates(x, w)
    kept = None
    if children is not None:
        h, c = children.states
        to_i, to_f, to_g, to_o = split(linear(h, w.weight_hh), 4, axis=-1)
        f = sigmoid((f if x is None else children.each(f)) + to_f).named("f")
        i, g, o = i + children.total(to_i), g + children.total(to_g), o + children.total(to_o)
        kept = children.total(f * c)
    return _out_of_gates(i, g, o, kept)


def nary_lstm_step(x: Tensor | None, children: Children | None, w: Weights) -> tuple[Tensor, Tensor]:
    """N-ary TreeLSTM (Tai et al., 2015, equations 9 to 14), for up to N ordered children, each with its own weights.

    i, o = sigmoid(W x + sum_l U_l h_l + b), g = tanh(...), f_k = sigmoid(W_f x + sum_l U_kl h_l + b_f),
    c = i g + sum_k f_k c_k, h = o tanh(c); a missing child counts as 0.
    x (n, I) or None, children of the n nodes or None -> (h, c), each (n, H). The rows of weight_ih (4H, I) and bias_ih
    (4H,) are i, f, g, o; those of weight_hh ((3 + N)H, N * H) are i, f_1 .. f_N, g, o, its columns the children. Raises
    ShapeError for more than N children.
    """
    i, f, g, o = _to_gates(x, w)
    kept = None
    if children is not None:
        arity, hidden = w.weight_hh.shape[1] // i.shape[-1], i.shape[-1]
        h, c = [children.side_by_side(s, arity) for s in children.states]
        a = linear(reshape(h, shape=(children.count, arity * hidden)), w.weight_hh)
        to_i, to_f, to_g, to_o = split(a, [hidden, (1 + arity) * hidden, (2 + arity) * hidden], axis=-1)
        f = sigmoid(expand_dims(f, axis=-2) + reshape(to_f, shape=c.shape)).named("f")
        i, g, o = i + to_i, g + to_g, o + to_o
        kept = (f * c).sum(axis=1)
    return _out_of_gates(i, g, o, kept)


def _to_gates(x: Tensor | None, w: Weights) -> tuple[Tensor, ...]:
    """What the input contributes to i, f, g, o: (n, H) each; without an input the bias alone, (H,)."""
    return split(w.bias_ih if x is None else _affine(x, w.weight_ih, w.bias_ih), 4, axis=-1)


def _out_of_gates(i: Tensor, g: Tensor, o: Tensor, kept: Tensor | None) -> tuple[Tensor, Tensor]:
    """(h, c) of a tree's nodes; kept: what the forget gates leave of the children's c, None at the leaves."""
    new = sigmoid(i).named("i") * tanh(g).named("g")
    c = (new if kept is None else new + kept).named("c")
    return (sigmoid(o).named("o") * tanh(c)).named("h"), c
