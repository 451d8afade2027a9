"""Which examples are learned from and which are held out: decided by the example itself, so that no two draws, whatever
their seeds, can disagree. Imports the standard library only."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

SPLITS = ("train", "valid")
HELD_OUT = 10  # per cent
TRIES = 1000  # in a row that miss, before it is said that there are none: 0.9^1000 is 1e-46


def split_of(key: str) -> str:
    """ "valid" for one key in ten, by its md5; "train" for the others."""
    number = int(hashlib.md5(key.encode(), usedforsecurity=False).hexdigest(), 16)
    return "valid" if number % 100 < HELD_OUT else "train"


def belongs(task: str, key: str, split: str | None) -> bool:
    """Does the key fall into the split ("train", "valid"; None takes all)? Raises ValueError for another split."""
    if split is not None and split not in SPLITS:
        raise ValueError(f"{task}: split={split!r} is not one of {', '.join(SPLITS)}, nor None for both")
    return split is None or split_of(key) == split


def draw(task: str, count: int, split: str | None, make: Callable[[], T], key: Callable[[T], str]) -> list[T]:
    """`count` results of make(), those whose key belongs to the split.

    Raises ValueError for a split that does not exist, and when make() gives nothing of it.
    """
    found: list[T] = []
    missed = 0
    while len(found) < count:
        example = make()
        if belongs(task, key(example), split):
            found.append(example)
            missed = 0
        elif (missed := missed + 1) == TRIES:
            raise ValueError(f"{task}: {TRIES} examples in a row do not belong to split {split!r}; it may be empty")
    return found
