"""The batches of a training run, pass after pass, at a place that can be written down and found again. Imports
checkpoint and tensor."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy

from . import checkpoint
from .backend import to_host
from .errors import CheckpointError
from .tensor import Tensor

__all__ = ["Stream", "draw_from", "drawn"]



class Stream:
    """batches: an iterable (an iterator has one pass), or a function that gives those of the next pass; generators: ()
    -> those that they may draw from.

    A place is the state of the generators from which the pass was made, so that it is shuffled alike, and how much of
    the pass is used up.
    """

    def __init__(self, batches: Any, generators: Callable[[], list[numpy.random.Generator]]):
        self.batches, self.generators = batches, generators
        self.items: Iterator[Any] | None = None
        self.made_from: list[Any] = []
        self.used, self.begun, self.last = 0, False, None

    def _begin(self) -> None:
        self.made_from = drawn(self.generators())
        self.items = iter(self.batches() if callable(self.batches) else self.batches)
        self.used, self.begun = 0, False

    def next(self) -> tuple[Any, Any]:
        """(batch, does it begin with a fresh state? True, False, or which rows of it do); (None, None) at the end."""
        while True:
            if self.items is None:
                self._begin()
            for batch in self.items:
                self.used += 1
                parts = batch if isinstance(batch, (tuple, list)) else (batch,)
                if any(getattr(part, "size", 1) == 0 for part in parts):
                    continue
                first = getattr(batch, "first", False)
                first = first if getattr(first, "ndim", 0) else bool(first)
                fresh = first if self.begun else True
                self.begun, self.last = True, batch
                return batch, fresh
            if not callable(self.batches) and iter(self.batches) is self.batches:
                return None, None
            if not self.begun:
                raise ValueError("fit: there is no batch with anything in it")
            self.items = None

    def place(self) -> dict[str, Any] | None:
        """What go_on needs; None before the first batch."""
        if self.items is None:
            return None
        return {"made_from": self.made_from, "used": self.used, "last": _fingerprint(self.last)}

    def go_on(self, place: dict[str, Any] | None, path: Any) -> None:
        """To the batch after the one that was used last; CheckpointError if that is not the one it was."""
        if place is None:
            return
        draw_from(self.generators(), place["made_from"], path)
        self._begin()
        while self.used < place["used"] and self.next()[1] is not None:
            pass
        if self.used != place["used"] or _fingerprint(self.last) != place["last"]:
            raise CheckpointError(
                f"{path}: the batches are not those of that run, or come in another order. Generators that they draw "
                "from belong in rngs=, and a pass is to be drawn when it begins"
            )


def _fingerprint(batch: Any) -> str:
    """A hash of everything in a batch."""
    arrays, plan = checkpoint.flattened(_plain_containers(batch), "batch")
    digest = hashlib.sha256(json.dumps(plan).encode())
    for array in arrays.values():
        array = to_host(array.data if isinstance(array, Tensor) else array)
        digest.update(f"{array.dtype.str} {array.shape}".encode() + numpy.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _plain_containers(batch: Any) -> Any:
    """Named tuples as tuples; what has neither parts nor numbers by its type."""
    if isinstance(batch, (tuple, list)):
        return [_plain_containers(part) for part in batch]
    if isinstance(batch, dict):
        return {str(key): _plain_containers(part) for key, part in batch.items()}
    known = batch is None or isinstance(batch, (bool, int, float, str, numpy.generic)) or hasattr(batch, "dtype")
    return batch if known else type(batch).__name__


def drawn(generators: list[numpy.random.Generator]) -> list[Any]:
    """Where each of the generators is."""
    return [g.bit_generator.state for g in generators]


def draw_from(generators: list[numpy.random.Generator], states: list[Any], path: Any) -> None:
    kinds, before = ([state["bit_generator"] for state in found] for found in (drawn(generators), states))
    if kinds != before:
        raise CheckpointError(f"{path} is of another run: its random generators are {before}, here they are {kinds}")
    for generator, state in zip(generators, states):
        generator.bit_generator.state = state
