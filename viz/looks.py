"""How the size of a gradient looks: on the ramp, exactly zero, absent, or not a number; as a wire beside that of the
forward value, and as a number. Imports scene and theme."""

from __future__ import annotations

from dataclasses import dataclass

from . import theme
from .scene import Point, Span, Text, Wire

__all__ = ["Look", "gradient_wire", "look_of", "norm_text"]


FAINTEST_LINE = 0.17  # a wire is at least so far up the ramp, or it could not be seen on white


@dataclass
class Look:
    """How a gradient looks: fill and ink of a box, colour and width of a wire."""

    kind: str  # "present", "zero", "absent" or "wrong"
    fill: str
    ink: str
    line: str
    width: float
    dashed: bool


def look_of(norm: float | None, scale: tuple[int, int]) -> Look:
    """Three different things, three looks; infinite and NaN have a colour of their own."""
    if norm is None:
        return Look("absent", "#FFFFFF", theme.ABSENT_INK, theme.ABSENT_LINE, 1.2, True)
    if norm == 0:
        return Look("zero", "#FFFFFF", theme.INK, theme.ZERO_LINE, 1.2, True)
    if not norm < float("inf"):
        return Look("wrong", theme.WRONG, "#FFFFFF", theme.WRONG, 3.0, False)
    strength = theme.strength(norm, scale)
    color, line = theme.shade(strength), theme.shade(max(strength, FAINTEST_LINE))
    return Look("present", color, theme.ink_on(color), line, 1.3 + 2.6 * strength, False)


def gradient_wire(
    name: str, head: str, tail: str, points: list[Point], norm: float | None, exact: bool, scale: tuple[int, int],
    kinds: set[str],
) -> Wire:  # fmt: skip
    """From the box that read a value back to the one that made it. kinds: its look is added."""
    look = look_of(norm, scale)
    kinds.add(look.kind)
    wire = Wire(name, head, tail, points, look.line, look.width, look.dashed, kind="gradient")
    wire.tooltip = "no gradient arrives" if norm is None else f"gradient: norm {theme.number(norm, 3)}"
    wire.tooltip += "" if exact else ", about: from the norms of several contributions"
    return wire


def norm_text(name: str, norm: float, exact: bool) -> Text:
    """The number of a gradient wire, not yet in its place."""
    words = theme.number(norm) if exact else f"≈ {theme.number(norm)}"
    return Text(name, 0.0, 0.0, (Span(words),), "center", 10, "#8A3B12", kind="norm")
