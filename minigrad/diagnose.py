"""What went wrong in a net, seen through the hooks of the engine. Imports tensor and below."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from .backend import checking_values, quiet, xp
from .errors import AnomalyError
from .graph import Node, inspected, where
from .tensor import plain

__all__ = ["anomaly"]


class anomaly:
    """`with anomaly():` the first op whose answer or gradient holds nan or inf raises AnomalyError, naming the op, its
    place in the model, and whether it was given such a value or made it. Slow, and on a GPU it waits at every op."""

    def __enter__(self) -> anomaly:
        self.blocks = ExitStack()
        self.blocks.enter_context(checking_values())
        self.blocks.enter_context(inspected(self))
        return self

    def __exit__(self, *exc: object) -> None:
        self.blocks.close()

    def forward(self, op: Any, arrays: list, out: Any) -> None:
        """Called after each op."""
        for answer in out if type(out) is tuple else (out,):
            if (kind := _not_finite(answer)) is not None:
                given = [a for a in arrays if _not_finite(a) is not None]
                why = f"was given {_not_finite(given[0])} and" if given else "made it of finite numbers and"
                raise AnomalyError(f"{op.name}{_in(where())} {why} gave {kind}; its inputs are {_listed(arrays)}")

    def backward(self, node: Node, incoming: tuple, contributions: tuple) -> None:
        """Called after each node of a backward pass."""
        for i, g in enumerate(contributions):
            if (kind := _not_finite(g)) is not None:
                given = any(_not_finite(g) is not None for g in incoming)
                why = "passes on" if given else "makes of a finite one"
                rule = f"the backward rule of {node.op.name}{_in(where(node.scope))}"
                raise AnomalyError(f"{rule} {why} a gradient of {kind} for input {i}")


def _not_finite(value: Any) -> str | None:
    """`nan`, `inf` or `-inf` if the array holds it, in this order; None for finite or non-floating values."""
    array = plain(value)
    if getattr(getattr(array, "dtype", None), "kind", "") != "f" or bool(xp.isfinite(array).all()):
        return None
    if bool(xp.isnan(array).any()):
        return "nan"
    return "inf" if bool((array == xp.inf).any()) else "-inf"


def _listed(arrays: list) -> str:
    with quiet():
        return ", ".join(
            f"{a.shape} in {float(a.min()):.4g}..{float(a.max()):.4g}" if getattr(a, "size", 0) else str(a)
            for a in arrays
        )


def _in(place: str) -> str:
    return f" ({place})" if place else ""
