"""How the size of a gradient looks: on the ramp, exactly zero, absent, or not a number. Imports theme."""

from __future__ import annotations

from dataclasses import dataclass

from . import theme

__all__ = ["Look", "look_of"]


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
    color = theme.ramp_color(norm, scale)
    strength = theme.strength(norm, scale)
    line = theme.ramp_color(max(norm, 10 ** (scale[0] + 0.17 * (scale[1] - scale[0]))), scale)
    return Look("present", color, theme.ink_on(color), line, 1.3 + 2.6 * strength, False)
