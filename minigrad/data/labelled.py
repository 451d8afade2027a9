"""Sequences with labels that their symbols alone do not give away: a motif in DNA, which takes the neighbours, and
reviews, which take the order of the words. Imports NumPy and its own room."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple, TypeVar

import numpy as np

from .sizes import checked_sizes
from .splits import draw

T = TypeVar("T")

BASES = "ACGT"

NOUNS = ("plot", "music", "cast", "story", "ending", "camera", "dialogue", "pace")
VERBS = ("is", "was", "seems")
NEGATIONS = ("not", "never")
DEGREES = ("", "", "very", "really", "quite")
ADJECTIVES = (
    ("bad", "dull", "boring", "awful", "weak", "silly"),
    ("good", "great", "clever", "lovely", "strong", "funny"),
)


class Marked(NamedTuple):
    """Sequences of bases, and which steps belong to the motif."""

    inputs: np.ndarray  # (N, T) int64, BASES[id] is the letter
    marks: np.ndarray  # (N, T) bool


class Reviews(NamedTuple):
    """Short texts, and whether they praise."""

    texts: list[str]  # N
    answers: np.ndarray  # (N,) int64: 1 for praise, 0 for blame


def _alternating(
    task: str, count: int, split: str | None, make: Callable[[int], T], key: Callable[[T], str]
) -> list[T]:
    """make(0), make(1), make(0), ..., those of the split."""
    halves = [draw(task, (count + 1 - kind) // 2, split, partial(make, kind), key) for kind in (0, 1)]
    return [halves[n % 2][n // 2] for n in range(count)]


def dna_motif(
    count: int, steps: int, rng: np.random.Generator, motif: str = "TAAACG", split: str | None = None
) -> Marked:
    """Random DNA, and for each of its steps whether it belongs to the motif.

    The bases A, C, G, T are drawn evenly; in every second sequence the motif is then written at a random place. All its
    occurrences are marked, those by chance, too. Where a motif begins can be told only by what comes after. split:
    "train" or "valid", decided by the sequence; None for both. Raises ValueError for a count below 1, for a motif that
    is empty or has other letters, and for fewer steps than it is long.

    >>> for ids, marks in zip(*dna_motif(2, 12, np.random.default_rng(1))):
    ...     print("".join(BASES[i] for i in ids), "".join(".^"[int(mark)] for mark in marks))
    CGTTAATTACTC ............
    CTCCGTAAACGG .....^^^^^^.
    """
    (count,) = checked_sizes("dna_motif", count=(count, 1))
    if not isinstance(motif, str) or not motif or set(motif) - set(BASES):
        raise ValueError(f"dna_motif: motif must be one or more of the letters {BASES}, not {motif!r}")
    (steps,) = checked_sizes("dna_motif", steps=(steps, len(motif)))
    word = np.array([BASES.index(letter) for letter in motif])

    def make(planted: int) -> np.ndarray:
        ids = rng.integers(len(BASES), size=steps)
        if planted:
            start = rng.integers(steps - len(word) + 1)
            ids[start : start + len(word)] = word
        return ids

    inputs = np.stack(_alternating("dna_motif", count, split, make, lambda ids: "".join([BASES[i] for i in ids])))
    found = (np.lib.stride_tricks.sliding_window_view(inputs, len(word), axis=1) == word).all(axis=-1)
    marks = np.zeros(inputs.shape, dtype=bool)
    for shift in range(len(word)):
        marks[:, shift : shift + found.shape[1]] |= found
    return Marked(inputs, marks)


def sentiment(count: int, rng: np.random.Generator, split: str | None = None) -> Reviews:
    """Reviews from a small grammar, every second one praise. Who does not know the order of the words is right in at
    most three of four.

    A clause is "the plot is [not] [very] good": a negation turns its sense round, a degree does not. Every other review
    has two clauses of opposite sense: "A but B" says B, "A although B" says A. Of the words alone, A and B exchanged,
    either is equally likely, so that only reviews of one clause can be told. split: "train" or "valid", decided by the
    text; None for both. Raises ValueError for a count below 1.

    >>> for text, answer in zip(*sentiment(2, np.random.default_rng(2))):
    ...     print(answer, text)
    0 the plot is not quite clever
    1 the ending is not really dull although the ending seems not really strong
    """
    (count,) = checked_sizes("sentiment", count=(count, 1))
    texts = _alternating("sentiment", count, split, partial(_review, rng), str)
    return Reviews(texts, np.arange(count) % 2)


def _one(words: tuple[str, ...], rng: np.random.Generator) -> str:
    return words[rng.integers(len(words))]


def _clause(rng: np.random.Generator, praises: int) -> str:
    negated = rng.random() < 0.4
    words = ["the", _one(NOUNS, rng), _one(VERBS, rng), _one(NEGATIONS, rng) if negated else "", _one(DEGREES, rng)]
    return " ".join([word for word in [*words, _one(ADJECTIVES[praises ^ negated], rng)] if word])


def _review(rng: np.random.Generator, praises: int) -> str:
    main, aside = _clause(rng, praises), _clause(rng, 1 - praises)
    return _one((main, main, f"{aside} but {main}", f"{main} although {aside}"), rng)
