"""How a net that writes a sequence knows where to end it (Goodfellow, Bengio & Courville, 2016, section 10.2.3): by a
symbol for the end (sample_ids with end=), a unit that says "halt", or a length that is drawn first and counted down.
Imports the engine, sample and data."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from minigrad import backend
from minigrad.data import length_mask
from minigrad.graph import no_grad
from minigrad.text.sample import on_host

__all__ = ["Lengths", "Written", "halt_targets", "sample_of_length", "sample_until_halt", "steps_left"]

Draw = Callable[[Any, np.random.Generator], Any]


class Written(NamedTuple):
    """values: the elements x_1 .. x_tau, as they were drawn. finished: False where max_len came before the end."""

    values: list[Any]
    finished: bool


def halt_targets(lengths: Any, steps: int | None = None) -> np.ndarray:
    """What a halt unit is to say: lengths (B,) -> float64 (T, B), 1 at the last step of each sequence, else 0. T is the
    longest unless steps is given. Raises ValueError for a sequence without a step, ShapeError for too few steps.

    >>> halt_targets([3, 1]).T.tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    if np.min(lengths, initial=1) < 1:
        raise ValueError(f"halt_targets: a sequence of length {np.min(lengths)} has no step that could say halt")
    return (length_mask(lengths, steps) & (steps_left(lengths, steps) == 0)).astype(np.float64)


def steps_left(lengths: Any, steps: int | None = None) -> np.ndarray:
    """The countdown tau - t: lengths (B,) -> int64 (T, B), how many elements are still to come after the one that this
    step writes; 0 at the last step and in padding. Raises ShapeError for too few steps.

    >>> steps_left([3, 1]).T.tolist()
    [[2, 1, 0], [0, 0, 0]]
    """
    mask = length_mask(lengths, steps)
    return np.maximum(np.asarray(lengths) - 1 - np.arange(len(mask))[:, None], 0)


def sample_until_halt(
    step: Callable[[Any, Any], tuple[Any, Any, Any]], state: Any, first: Any, max_len: int, draw: Draw,
    rng: np.random.Generator | None = None,
) -> Written:  # fmt: skip
    """Draw element after element until the net halts; any net, also with real-valued outputs.

    `step(x, state) -> (output, halt_logit, state)` reads the last element. With probability sigmoid(halt_logit) it was
    the last; else `draw(output, rng)` is the next one. So the unit has seen the whole sequence when it decides, as
    where an end symbol is drawn; train it on the inputs first, x_1 .. x_tau with halt_targets(lengths + 1).
    At most max_len elements. rng: the backend's. Raises ValueError for max_len below 1, and a halt_logit of nan.
    """
    if max_len < 1:
        raise ValueError(f"sample_until_halt: max_len must be at least 1, not {max_len}")
    values, x, rng = [], first, rng or backend.generator()
    with no_grad():
        while True:
            output, halt_logit, state = step(x, state)
            if rng.random() < _sigmoid(on_host(halt_logit).item()):
                return Written(values, True)
            if len(values) == max_len:
                return Written(values, False)
            x = draw(output, rng)
            values.append(x)


def sample_of_length(
    step: Callable[[Any, int, Any], tuple[Any, Any]], state: Any, first: Any, length: int, draw: Draw,
    rng: np.random.Generator | None = None,
) -> Written:  # fmt: skip
    """Draw `length` elements with a net that is told how many are left, so that it can bring them to a good end.

    `step(x, left, state) -> (output, state)` reads the last element and how many come after the next one, from length
    - 1 down to 0, as `steps_left` has it; `draw(output, rng)` is the next one. rng: the backend's. Raises ValueError
    for a negative length.
    """
    if length < 0:
        raise ValueError(f"sample_of_length: length must be at least 0, not {length}")
    values, x, rng = [], first, rng or backend.generator()
    with no_grad():
        for left in reversed(range(length)):
            output, state = step(x, left, state)
            x = draw(output, rng)
            values.append(x)
    return Written(values, True)


class Lengths:
    """P(tau), how often each length occurs among `lengths` (N,): the first factor of P(x_1 .. x_tau) = P(tau)
    P(x_1 .. x_tau | tau). Raises ValueError if there are none, or one is no integer of at least 0.

    >>> lengths = Lengths([3, 5, 3, 3])
    >>> lengths.values.tolist(), lengths.p.tolist()
    ([3, 5], [0.75, 0.25])
    """

    def __init__(self, lengths: Sequence[int] | np.ndarray):
        lengths = np.asarray(lengths)
        if lengths.ndim != 1 or not lengths.size or lengths.dtype.kind not in "iu" or lengths.min() < 0:
            raise ValueError(f"Lengths: lengths must be integers of at least 0, at least one, not {lengths!r}")
        self.values, counts = np.unique(lengths, return_counts=True)
        self.p = counts / counts.sum()

    def draw(self, rng: np.random.Generator | None = None) -> int:
        """A length, with that probability."""
        return int((rng or backend.generator()).choice(self.values, p=self.p))

    def log_p(self, tau: int) -> float:
        """log P(tau), in nats; -inf for a length that never occurred."""
        p = self.p[self.values == tau]
        return math.log(p[0]) if p.size else -math.inf


def _sigmoid(halt_logit: float) -> float:
    if math.isnan(halt_logit):
        raise ValueError("halt_logit is nan; the model's weights may have diverged")
    return (1 + math.tanh(halt_logit / 2)) / 2
