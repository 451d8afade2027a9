"""A long text as B streams read side by side, so that a net can carry its state from one window to the next.
Imports NumPy only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np


class Batch(NamedTuple):
    """One window of every stream. `targets` are the inputs one step later; `first` says: begin with a fresh state."""

    inputs: np.ndarray  # (T, B) int64
    targets: np.ndarray  # (T, B) int64
    first: bool


class Windows(Sequence[Batch]):
    """The batches of `contiguous`, each cut when it is asked for, so that ids in a memory-mapped file stay there."""

    def __init__(self, ids: np.ndarray, batch_size: int, window: int) -> None:
        length = (len(ids) - 1) // batch_size
        covered = batch_size * length
        self._inputs, self._targets = (part[:covered].reshape(batch_size, length) for part in (ids, ids[1:]))
        self._starts, self._window = range(0, length, window), window

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, index: Any) -> Any:
        start = self._starts[index]
        return [self._cut(t) for t in start] if isinstance(index, slice) else self._cut(start)

    def _cut(self, start: int) -> Batch:
        steps = slice(start, start + self._window)
        inputs, targets = (np.array(rows[:, steps].T, np.int64, order="C") for rows in (self._inputs, self._targets))
        return Batch(inputs, targets, start == 0)


def contiguous(ids: np.ndarray | Sequence[int], batch_size: int, window: int) -> Windows:
    """One pass over a text for truncated back-propagation through time (Williams & Peng 1990, Neural Computation 2).

    ids (N,), integers of any dtype, in memory or not (`np.load(path, mmap_mode="r")`) -> a sequence of Batch, inputs
    and targets (T, B) with T = window; the last T may be smaller.
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
    return Windows(ids, batch_size, window)
