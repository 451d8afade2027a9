"""A state that is carried from one chunk of the sequences to the next, and begins anew in the rows where a document
ends. Imports ops."""

from __future__ import annotations

from typing import Any

from .. import backend
from ..errors import ShapeError
from ..ops import where
from ..tensor import Tensor

__all__ = ["reset_rows"]


def reset_rows(state: Any, rows: Any, initial: float = 0.0) -> Any:
    """The state with `initial` in those rows of the batch, where neither values nor gradients come from before.

    state: a Tensor (B, H), or (layers, B, H) as layers have it, or tuples, lists, dicts of them; rows (B,) booleans.
    Between chunks: lstm(x, reset_rows(state, batch.first)). Where a document ends inside a chunk, in the step:
    scan(lambda x, s: cell.advance(x[0], reset_rows(s, x[1])), list(zip(xs, firsts)), state), firsts T times (B,).
    Raises ShapeError for a state of another batch size.
    """
    if isinstance(state, dict):
        return {key: reset_rows(value, rows, initial) for key, value in state.items()}
    if isinstance(state, (tuple, list)):
        inside = [reset_rows(value, rows, initial) for value in state]
        return type(state)(*inside) if hasattr(state, "_fields") else type(state)(inside)
    if not isinstance(state, Tensor):
        return state
    count = len(rows)
    if state.ndim < 2 or state.shape[-2] != count:
        raise ShapeError(f"reset_rows: {count} rows for a state of shape {state.shape}; it must be (..., {count}, H)")
    start = initial if state.dtype.kind == "f" else int(initial)  # a state may count steps
    return where(backend.to_device(rows)[:, None], start, state)
