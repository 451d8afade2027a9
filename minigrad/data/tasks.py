"""Tasks made up on the spot, for which the right answer is known: sequences from a seeded generator.
Imports NumPy only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

KEY = 0  # the token that is looked for


class Repeated(NamedTuple):
    """Sequences and, for each of their steps, whether the key has been there twice by then."""

    ids: np.ndarray  # (N, T) int64
    answers: np.ndarray  # (N, T) bool


def repeated_token(
    count: int,
    steps: int,
    rng: np.random.Generator,
    positions: Sequence[int] | None = None,
    through: Sequence[int] | None = None,
    symbols: int = 8,
) -> Repeated:
    """ "Has the key been repeated?": `count` sequences of `steps` tokens from 0 .. symbols - 1, of which 0 is the key.

    In every second sequence the key stands twice, in the others once; all other tokens are drawn evenly from
    1 .. symbols - 1. positions: where a key may stand (everywhere when None). through: one key of each sequence
    stands at one of these, drawn evenly; the other anywhere among `positions` (as `positions` when None).
    Raises ValueError for sizes that make no sense, and for positions outside the sequence or fewer than two.
    """
    for name, size, least in (("count", count, 1), ("steps", steps, 2), ("symbols", symbols, 2)):
        if not isinstance(size, (int, np.integer)) or size < least:
            raise ValueError(f"repeated_token: {name} must be an integer of at least {least}, not {size!r}")
    allowed = _places("positions", range(steps) if positions is None else positions, steps)
    chosen = allowed if through is None else _places("through", through, steps)
    if len(allowed) < 2 or not set(chosen) <= set(allowed):
        raise ValueError(f"repeated_token: two keys need two positions, those of `through` among them; got {allowed}")
    scores = rng.random((count, len(allowed)))
    rows = np.arange(count)
    scores[rows, np.searchsorted(allowed, rng.choice(chosen, count))] = -1  # sorts first
    places = allowed[np.argsort(scores, axis=1)[:, :2]]
    ids = rng.integers(1, symbols, (count, steps))
    ids[rows, places[:, 0]] = KEY
    ids[rows[::2], places[::2, 1]] = KEY
    return Repeated(ids, np.cumsum(ids == KEY, axis=1) >= 2)


def _places(name: str, places: Sequence[int], steps: int) -> np.ndarray:
    """The places as sorted, distinct integers (P,), P >= 1, each within 0 .. steps - 1; ValueError otherwise."""
    array = np.unique(np.asarray(places))
    if array.dtype.kind not in "iu" or array.size == 0 or array[0] < 0 or array[-1] >= steps:
        raise ValueError(f"repeated_token: {name} must be integers within 0 .. {steps - 1}, not {list(places)}")
    return array
