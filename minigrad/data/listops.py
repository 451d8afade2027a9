"""ListOps: small sums over nested lists, whose answer follows from the tree and hardly from the order of the tokens.
Imports NumPy and its own room."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median
from typing import NamedTuple

import numpy as np

from .sizes import checked_sizes
from .splits import draw
from .trees import Tree

OPERATIONS = {
    "MAX": max,
    "MIN": min,
    "MED": lambda values: int(median(values)),
    "SM": lambda values: sum(values) % 10,
}
OPENINGS = tuple([f"[{name}" for name in OPERATIONS])
CLOSING = "]"
DIGITS = tuple("0123456789")
MOST = 5  # parts of a list; the fewest are two
SHORTEST = 4  # tokens: "[MAX 2 3 ]"


class ListOps(NamedTuple):
    """Expressions and their values."""

    tokens: list[list[str]]  # N, as Tree.from_tokens reads them
    answers: np.ndarray  # (N,) int64, 0 .. 9


def listops(
    count: int, rng: np.random.Generator, min_length: int = 5, max_length: int = 40, split: str | None = None
) -> ListOps:
    """ListOps (Nangia & Bowman, 2018, arXiv 1804.06028): MAX, MIN, MED (the median, rounded down) and SM (the sum
    modulo 10) of two to five parts, each a digit or again such a list.

    An expression begins as one list of digits; then digits drawn at random are replaced by lists, until it has as
    many tokens as were drawn evenly from min_length .. max_length. Longer ones are thrown away. MAX and MIN make the
    outer digits a little likelier: with the lengths of the default 11 answers in a hundred are 0, and 8.5 are 7. split:
    "train" or "valid", decided by the expression; None for both. Raises ValueError for a count below 1, a min_length
    below 4 and a max_length below that.

    >>> task = listops(1, np.random.default_rng(5), max_length=12)
    >>> " ".join(task.tokens[0]), task.answers.tolist()
    ('[MED 8 [MAX 0 2 3 5 4 ] 8 4 ]', [6])
    """
    count, min_length = checked_sizes("listops", count=(count, 1), min_length=(min_length, SHORTEST))
    (max_length,) = checked_sizes("listops", max_length=(max_length, min_length))
    found = draw("listops", count, split, lambda: _expression(min_length, max_length, rng), " ".join)
    return ListOps(found, np.array([evaluate(tokens) for tokens in found]))


def _expression(min_length: int, max_length: int, rng: np.random.Generator) -> list[str]:
    while True:
        tokens, length = _list(rng), rng.integers(min_length, max_length + 1)
        while len(tokens) < length:
            digits = [at for at, token in enumerate(tokens) if token in DIGITS]
            at = digits[rng.integers(len(digits))]
            tokens[at : at + 1] = _list(rng)
        if len(tokens) <= max_length:
            return tokens


def _list(rng: np.random.Generator) -> list[str]:
    """One list of digits."""
    parts = rng.integers(len(DIGITS), size=int(rng.integers(2, MOST + 1)))
    return [OPENINGS[rng.integers(len(OPENINGS))], *[DIGITS[part] for part in parts], CLOSING]


def evaluate(tokens: Iterable[str]) -> int:
    """The value of an expression, 0 .. 9. Raises ValueError for an operation or digit that does not exist, and naming
    the token at which the brackets make no tree.

    >>> evaluate("[MAX 2 [SM 4 7 ] 0 ]".split())
    2
    """
    tree = Tree.from_tokens(tokens)
    values: list[int] = []
    for label, below in zip(tree.labels, tree.children):  # children come before their parents
        if label not in (OPERATIONS if below else DIGITS):
            raise ValueError(f"evaluate: {label!r} is {'no operation' if below else 'no digit'}")
        values.append(OPERATIONS[label]([values[child] for child in below]) if below else int(label))
    return values[tree.root]
