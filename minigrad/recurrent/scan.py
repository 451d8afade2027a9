"""The only loop over time. Imports ops and graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy

from .. import backend
from ..backend import xp
from ..errors import ShapeError
from ..graph import scope
from ..ops import pad, stack, unstack, where
from ..ops.arithmetic import cut
from ..tensor import Tensor
from .recompute import recompute as computed_again

__all__ = ["checked_lengths", "padded", "scan", "unpadded"]

State = tuple[Tensor, ...]


def scan(
    step: Callable[[Tensor, State], State],
    xs: Tensor | Sequence[Tensor],
    state: State,
    lengths: Any = None,
    reverse: bool = False,
    truncate: int | None = None,
    recompute: int | None = None,
) -> tuple[list[Tensor], State]:
    """Apply step(x, state) -> state along time. xs: (T, B, I) or a list of T (B, I). Returns (ys, state).

    ys: the T outputs (B, H), the very tensors that go on to the next step, so that grad(loss, ys) is dL/dh_t. lengths:
    (B,) integers; past its length a sequence keeps its state and outputs 0. reverse: from the end of each sequence to
    its start; ys stay in the order of xs. truncate: no gradient crosses from one chunk of so many steps to the one
    before. recompute: keep only every k-th state for the way back, and compute the k steps from there once more; see
    recompute. Nodes of step t carry the scope ("step", t). Raises ShapeError, ValueError for lengths that do not fit.
    """
    xs = unstack(xs) if isinstance(xs, Tensor) else list(xs)
    if truncate is not None and truncate < 1:
        raise ValueError(f"truncate={truncate}: a chunk has at least one step")
    if recompute is not None and recompute < 1:
        raise ValueError(f"recompute={recompute}: a chunk has at least one step")
    alive = None if lengths is None else _alive(lengths, len(xs), state[0].shape[0])
    order = list(reversed(range(len(xs)))) if reverse else list(range(len(xs)))

    def run(begin: int, end: int, state: State) -> tuple[Tensor, ...]:
        """So many steps: their outputs, then the state."""
        outputs = []
        for done, t in enumerate(order[begin:end], begin):
            with scope("step", t):
                if truncate and done and done % truncate == 0:
                    state = tuple([cut(s) for s in state])
                new = step(xs[t], state)
                if alive is None:
                    output, state = new[0], new
                else:
                    state = tuple([where(alive[t], n, s) for n, s in zip(new, state)])
                    output = where(alive[t], state[0], 0.0)
            outputs.append(output)
        return (*outputs, *state)

    ys, chunk = [], recompute or max(len(xs), 1)
    for begin in range(0, len(xs), chunk):
        part = begin, begin + chunk, state
        outs = computed_again(run, *part) if recompute else run(*part)
        ys, state = ys + list(outs[: -len(state)]), outs[-len(state) :]
    return ys[::-1] if reverse else ys, state


def checked_lengths(lengths: Any, steps: int, batch: int) -> Any:
    """lengths as (B,) integers within 0..steps on the backend; ShapeError or ValueError, naming the value,
    otherwise."""
    array = lengths if hasattr(lengths, "dtype") else numpy.asarray(lengths, dtype=None if numpy.size(lengths) else int)
    if array.dtype.kind not in "iu":
        raise ValueError(f"lengths are whole numbers, not values of dtype {array.dtype}")
    if array.shape != (batch,):
        raise ShapeError(f"lengths of shape {array.shape} for a batch of {batch}: one length for each sequence")
    if array.size and backend.checks_values(array) and (array.min() < 0 or array.max() > steps):
        bad = array[(array < 0) | (array > steps)][0]
        raise ShapeError(f"length {bad} is outside 0..{steps}, the number of steps")
    return backend.to_device(array)


def _alive(lengths: Any, steps: int, batch: int) -> Any:
    """For each step a mask (B, 1): is the sequence still going?"""
    lengths = checked_lengths(lengths, steps, batch)
    return xp.arange(steps)[:, None, None] < lengths[None, :, None]


# ---------------------------------------------------------------- sequences of different lengths


def padded(sequences: Sequence[Any]) -> tuple[Tensor, numpy.ndarray]:
    """B arrays or Tensors (T_b, I) -> one Tensor (longest, B, I) with zeros past the ends, and the lengths (B,).

    Raises ShapeError, naming the sequence, unless each has two axes and all the same I.
    """
    parts = [s if isinstance(s, Tensor) else Tensor(s) for s in sequences]
    if not parts:
        raise ShapeError("an empty list of sequences: at least one is needed")
    for b, part in enumerate(parts):
        if part.ndim != 2 or part.shape[1] != parts[0].shape[1]:
            wanted = f"(steps, {parts[0].shape[1] if parts[0].ndim == 2 else 'inputs'})"
            raise ShapeError(f"sequence {b} of the list has shape {part.shape}; each one must be {wanted}")
    lengths = numpy.array([part.shape[0] for part in parts])
    missing = [(part, int(lengths.max() - n)) for part, n in zip(parts, lengths)]
    return stack([pad(part, ((0, n), (0, 0))) if n else part for part, n in missing], axis=1), lengths


def unpadded(x: Tensor, lengths: Any) -> list[Tensor]:
    """x (T, B, H) -> B Tensors (length, H): padded() undone. lengths: (B,) integers of the host."""
    return [sequence[: int(n)] for sequence, n in zip(unstack(x, axis=1), lengths)]
