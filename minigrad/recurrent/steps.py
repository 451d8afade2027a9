"""The equations: one step of each cell, as in the papers. Stateless: state goes in, state comes out, its first item
is the output. Imports ops only."""

from __future__ import annotations

from typing import NamedTuple

from ..ops import linear, sigmoid, split, tanh
from ..tensor import Tensor

__all__ = ["Weights", "gru_step", "lstm_step", "rnn_step"]


class Weights(NamedTuple):
    """What a step needs: weight_ih (G*H, I), weight_hh (G*H, H), and two bias vectors (G*H,), or one, or none."""

    weight_ih: Tensor
    weight_hh: Tensor
    bias_ih: Tensor | None = None
    bias_hh: Tensor | None = None


def _affine(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    a = linear(x, weight)
    return a if bias is None else a + bias


def rnn_step(x: Tensor, state: tuple[Tensor], w: Weights, activation=tanh) -> tuple[Tensor]:
    """Simple recurrent net (Elman, 1990): h' = tanh(W_ih x + b_ih + W_hh h + b_hh).

    x (B, I), state (h,) with h (B, H) -> (h',).
    """
    (h,) = state
    h = activation(_affine(x, w.weight_ih, w.bias_ih) + _affine(h, w.weight_hh, w.bias_hh)).named("h")
    return (h,)


def lstm_step(x: Tensor, state: tuple[Tensor, Tensor], w: Weights) -> tuple[Tensor, Tensor]:
    """Long short-term memory (Hochreiter & Schmidhuber, 1997; forget gate: Gers et al., 2000).

    i, f, o = sigmoid(W_ih x + b_ih + W_hh h + b_hh), g = tanh(...), c' = f c + i g, h' = o tanh(c').
    x (B, I), state (h, c), each (B, H) -> (h', c'). The rows of the weights are i, f, g, o.
    """
    h, c = state
    a = _affine(x, w.weight_ih, w.bias_ih) + _affine(h, w.weight_hh, w.bias_hh)
    i, f, g, o = split(a, 4, axis=-1)
    i, f, g, o = sigmoid(i).named("i"), sigmoid(f).named("f"), tanh(g).named("g"), sigmoid(o).named("o")
    c = (f * c + i * g).named("c")
    h = (o * tanh(c)).named("h")
    return h, c


def gru_step(x: Tensor, state: tuple[Tensor], w: Weights) -> tuple[Tensor]:
    """Gated recurrent unit (Cho et al., 2014), reset after the product, as cuDNN has it.

    r, z = sigmoid(W_ih x + b_ih + W_hh h + b_hh), n = tanh(W_in x + b_in + r (W_hn h + b_hn)), h' = (1 - z) n + z h.
    x (B, I), state (h,) with h (B, H) -> (h',). The rows of the weights are r, z, n; z keeps the old state.
    """
    (h,) = state
    from_x = split(_affine(x, w.weight_ih, w.bias_ih), 3, axis=-1)
    from_h = split(_affine(h, w.weight_hh, w.bias_hh), 3, axis=-1)
    r = sigmoid(from_x[0] + from_h[0]).named("r")
    z = sigmoid(from_x[1] + from_h[1]).named("z")
    n = tanh(from_x[2] + r * from_h[2]).named("n")
    h = ((1 - z) * n + z * h).named("h")
    return (h,)
