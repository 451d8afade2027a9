"""Teacher forcing: the net is given the right answer in place of its own last output. Imports ops."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import ShapeError
from ..ops import concat, expand_dims, reshape
from ..tensor import Tensor

__all__ = ["teacher_forcing"]


def teacher_forcing(
    step: Callable[[Tensor, tuple[Tensor, ...]], tuple[Tensor, ...]], xs: Tensor, targets: Tensor, first: Tensor
) -> Tensor:
    """All steps of an output-recurrent net at once: y_t = step(x_t, (target_{t-1},)) (Goodfellow, Bengio and Courville,
    2016, section 10.2.1; Williams & Zipser, 1989).

    Where nothing but the output feeds back (jordan_step without weight_hh), giving each step the right answer of the
    step before makes the steps independent: time becomes part of the batch, in one call. It is what scan computes over
    pairs (x_t, target_{t-1}). xs (T, B, I), targets (T, B, O), first (B, O): the output before the first step ->
    (T, B, O). At test time the net's own outputs feed back: scan(step, xs, (first,)). Raises ShapeError for shapes that
    do not fit, ValueError for a step that keeps a second state, which no target can stand in for.
    """
    if xs.ndim != 3 or targets.ndim != 3 or xs.shape[:2] != targets.shape[:2] or first.shape != targets.shape[1:]:
        raise ShapeError(
            f"teacher_forcing: xs {xs.shape}, targets {targets.shape}, first {first.shape} must be (T, B, I), "
            "(T, B, O), (B, O)"
        )
    steps, batch, outs = targets.shape
    before = concat([expand_dims(first, 0), targets[: steps - 1]], axis=0) if steps else targets
    new = step(reshape(xs, (steps * batch, xs.shape[2])), (reshape(before, (steps * batch, outs)),))
    if len(new) != 1:
        raise ValueError("teacher_forcing: the step keeps a hidden state, too; only its output may feed back")
    return reshape(new[0], (steps, batch, outs))
