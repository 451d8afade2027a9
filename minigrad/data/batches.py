"""A long text as B streams read side by side, so that a net can carry its state from one window to the next.
Imports NumPy only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Batch(NamedTuple):
    """One window of every stream. `targets` are the inputs one step later; `first` says: begin with a fresh state."""

    inputs: np.ndarray  # (T, B) int64
    targets: np.ndarray  # (T, B) int64
    first: bool


def contiguous(ids: np.ndarray | Sequence[int], batch_size: int, window: int) -> list[Batch]:
    """One pass over a text for truncated back-propagation through time (Williams & Peng 1990, Neural Computation 2).

    ids (N,) -> a list of Batch, inputs and targets (T, B) with T = window; the last T may be smaller.
    The text is cut into B streams of (N - 1) // B predictions. Column b of one batch goes on where column b of
    the batch before it ended, so the state is carried and only `first` starts afresh. Every id from the second on
    is a target exactly once, save the (N - 1) % B at the end that do not fill a row of streams.
    Raises TypeError for ids that are not integers, ValueError for bad sizes or a text shorter than one window.
    """
    ids = np.asarray(ids)
    for name, size in (("batch_size", batch_size), ("window", window)):
        if not isinstance(size, (int, np.integer)) or size < 1:
            raise ValueError(f"contiguous: {name} must be an integer of at least 1, not {size!r}")
    if ids.ndim != 1:
        raise ValueError(f"contiguous: ids must be one row (N,), not {ids.shape}")
    shortest = batch_size * window + 1
    if len(ids) < shortest:
        raise ValueError(
            f"contiguous: the text has {len(ids)} symbols, but {batch_size} streams with a window of {window} need "
            f"at least {shortest}; give more text, or a smaller window or batch"
        )
    if ids.dtype.kind not in "iu":
        raise TypeError(f"contiguous: ids must be integers, not {ids.dtype}")
    ids = ids.astype(np.int64)
    length = (len(ids) - 1) // batch_size
    inputs = _streams(ids[:-1], batch_size, length)
    targets = _streams(ids[1:], batch_size, length)
    return [Batch(inputs[t : t + window], targets[t : t + window], t == 0) for t in range(0, length, window)]


def _streams(ids: np.ndarray, batch_size: int, length: int) -> np.ndarray:
    """(>= B * length,) -> (length, B): stream b is column b."""
    return np.ascontiguousarray(ids[: batch_size * length].reshape(batch_size, length).T)
