"""Tasks made up on the spot, for which the right answer is known: sequences from a seeded generator.
Imports NumPy and its own room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .sizes import checked_sizes

KEY = 0  # the token that is looked for
IGNORED = -1  # the target of a step at which nothing can be known; give it to cross_entropy as ignore_index


class Adding(NamedTuple):
    """Pairs of number and mark, and the sum of the two marked numbers."""

    inputs: np.ndarray  # (N, T, 2) float64
    targets: np.ndarray  # (N,) float64


class Predicted(NamedTuple):
    """Symbols, and for each step the one that should be answered there."""

    inputs: np.ndarray  # (N, T) int64
    targets: np.ndarray  # (N, T) int64, where nothing can be known IGNORED


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
    count, steps, symbols = checked_sizes("repeated_token", count=(count, 1), steps=(steps, 2), symbols=(symbols, 2))
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


def adding(count: int, steps: int, rng: np.random.Generator) -> Adding:
    """The adding problem: add two numbers far apart, ignore all others (Hochreiter & Schmidhuber, 1997; as in Le,
    Jaitly and Hinton, 2015, arXiv 1504.00941).

    `count` sequences of `steps` pairs: a number even in 0..1, and a mark that is 1 at two steps, one in each half, and
    0 elsewhere. The best constant answer is 1; its mean squared error is the variance of the sum of two such numbers,
    1/6. Raises ValueError for fewer than two steps.

    >>> task = adding(1, 5, np.random.default_rng(1))
    >>> task.inputs[0].round(2).tolist()
    [[0.51, 0.0], [0.95, 1.0], [0.14, 0.0], [0.95, 1.0], [0.31, 0.0]]
    >>> task.targets.round(2).tolist()
    [1.9]
    """
    count, steps = checked_sizes("adding", count=(count, 1), steps=(steps, 2))
    numbers, marks, rows = rng.random((count, steps)), np.zeros((count, steps)), np.arange(count)
    marks[rows, rng.integers(0, steps // 2, count)] = 1
    marks[rows, rng.integers(steps // 2, steps, count)] = 1
    return Adding(np.stack([numbers, marks], axis=-1), (numbers * marks).sum(axis=1))


def copy_memory(count: int, delay: int, rng: np.random.Generator, length: int = 10, symbols: int = 8) -> Predicted:
    """Copy memory: say a word again after a long pause (Hochreiter & Schmidhuber, 1997; as in Arjovsky, Shah and
    Bengio, 2016, arXiv 1511.06464).

    delay T, length K, symbols A: sequences of T + 2 K steps. First K symbols from 1 .. A, drawn evenly; then T - 1
    blanks (0), the sign to begin (A + 1), and K blanks. The targets are T + K blanks and the K symbols. The best answer
    without memory costs K ln A / (T + 2 K) nats a step. Raises ValueError for sizes below 1, and for T < 2 K: a pause
    shorter than that is not yet a long one.

    >>> task = copy_memory(1, 4, np.random.default_rng(1), length=2, symbols=3)
    >>> task.inputs.tolist(), task.targets.tolist()
    ([[2, 2, 0, 0, 0, 4, 0, 0]], [[0, 0, 0, 0, 0, 0, 2, 2]])
    """
    count, length, symbols = checked_sizes("copy_memory", count=(count, 1), length=(length, 1), symbols=(symbols, 1))
    if isinstance(delay, bool) or not hasattr(delay, "__index__") or delay < 2 * length:
        raise ValueError(
            f"copy_memory: delay must be an integer of at least twice the length, {2 * length}, not {delay!r}"
        )
    word = rng.integers(1, symbols + 1, (count, length))
    inputs, targets = np.zeros((2, count, delay + 2 * length), dtype=np.int64)
    inputs[:, :length], inputs[:, delay + length - 1] = word, symbols + 1
    targets[:, -length:] = word
    return Predicted(inputs, targets)


def temporal_xor(count: int, steps: int, rng: np.random.Generator) -> Predicted:
    """Exclusive or in time (Elman, 1990, Cognitive Science 14): a stream of bits in which every third is the exclusive
    or of the two before it. The task is to say the next bit.

    The target of step t is the input of step t + 1; it can be known at t = 1, 4, 7, ... only, and is even elsewhere,
    where the best answer is 1/2 and its squared error 1/4. Raises ValueError for fewer than two steps.

    >>> task = temporal_xor(1, 8, np.random.default_rng(5))
    >>> task.inputs.tolist(), task.targets.tolist()
    ([[1, 1, 0, 1, 0, 1, 1, 0]], [[1, 0, 1, 0, 1, 1, 0, 1]])
    """
    count, steps = checked_sizes("temporal_xor", count=(count, 1), steps=(steps, 2))
    bits = rng.integers(0, 2, (count, (steps + 3) // 3, 3))
    bits[..., 2] = bits[..., 0] ^ bits[..., 1]
    stream = bits.reshape(count, -1)[:, : steps + 1]
    return Predicted(stream[:, :-1].copy(), stream[:, 1:].copy())


def echo(count: int, steps: int, lag: int, rng: np.random.Generator, symbols: int = 4) -> Predicted:
    """Echo: say what was heard `lag` steps ago. Symbols from 0 .. symbols - 1, drawn evenly.

    A net whose gradient is cut after k steps cannot learn a lag of k or more (Williams & Peng, 1990, Neural
    Computation 2); the chance of a right guess is 1 / symbols. The first `lag` targets are IGNORED. Raises ValueError
    for sizes below 1, and unless the lag is less than the steps.

    >>> task = echo(1, 6, 2, np.random.default_rng(1))
    >>> task.inputs.tolist(), task.targets.tolist()
    ([[1, 2, 3, 3, 0, 0]], [[-1, -1, 1, 2, 3, 3]])
    """
    count, steps, lag, symbols = checked_sizes(
        "echo", count=(count, 1), steps=(steps, 1), lag=(lag, 1), symbols=(symbols, 1)
    )
    if lag >= steps:
        raise ValueError(f"echo: lag {lag} must be less than the {steps} steps: nothing would ever be echoed")
    inputs = rng.integers(0, symbols, (count, steps))
    targets = np.full((count, steps), IGNORED, dtype=np.int64)
    targets[:, lag:] = inputs[:, :-lag]
    return Predicted(inputs, targets)
