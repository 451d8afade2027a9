"""Every look of the page as a row of one table, by day and by night. By night the ramp is turned round, so that tiny
gradients sink into the ground in both. Imports looks, theme and scene."""

from __future__ import annotations

import colorsys
import math

from .. import theme
from ..looks import look_of
from ..scene import Box, Wire

__all__ = ["LEVELS", "Palette", "night"]

LEVELS = 33  # steps of the ramp
CUT = "#F08030"  # by night, as in page.css
FAINTEST_WIRE = 0.3  # by night a wire is at least so far up the ramp


class Palette:
    """rows: [fill, ink, outline, its width, wire, its width, dashed]. The first rows are the ramp from tiny to large,
    then exactly zero, absent, not a number; then what the forward picture asks for."""

    def __init__(self, scale: tuple[int, int]):
        self.scale = scale
        norms = [10 ** (scale[0] + i / (LEVELS - 1) * (scale[1] - scale[0])) for i in range(LEVELS)]
        looks = [look_of(norm, scale) for norm in [*norms, 0.0, None, float("inf")]]
        self.rows = [
            (k.fill, k.ink, k.line if k.dashed else theme.INK, 1.3, k.line, round(k.width, 2), int(k.dashed))
            for k in looks
        ]
        self.number: dict[tuple, int] = {}  # of what the forward picture asks for

    def of_norm(self, norm: float | None) -> int:
        """The row of a gradient."""
        if norm and 0 < norm < math.inf:
            return round(theme.strength(norm, self.scale) * (LEVELS - 1))
        return LEVELS + ("zero", "absent", "wrong").index(look_of(norm, self.scale).kind)

    def of_box(self, box: Box) -> int:
        return self._row((box.fill, box.ink, box.line, box.line_width, box.line, 0, int(box.dashed)))

    def of_wire(self, wire: Wire) -> int:
        return self._row((wire.color, wire.color, wire.color, 1, wire.color, wire.width, int(wire.dashed)))

    def _row(self, row: tuple) -> int:
        if row not in self.number:
            self.number[row] = len(self.rows)
            self.rows.append(row)
        return self.number[row]

    def by_night(self) -> list[tuple]:
        """The same rows for a dark ground."""
        rows = [
            (
                night(fill),
                theme.ink_on(night(fill)) if ink == theme.INK else night(ink),
                night(edge),
                w,
                night(c),
                *rest,
            )
            for fill, ink, edge, w, c, *rest in self.rows
        ]
        ramp = self.rows[:LEVELS][::-1]
        for level, (fill, ink, *_) in enumerate(ramp):
            wire = ramp[max(level, round(FAINTEST_WIRE * (LEVELS - 1)))][0]
            rows[level] = (fill, ink, night(theme.INK), 1.3, wire, self.rows[level][5], 0)
        rows[LEVELS + 2] = self.rows[LEVELS + 2]
        return rows


def night(color: str) -> str:
    """The colour with its lightness turned round, a little paler; that of cuts stays as bright."""
    if color in (theme.CUT, theme.CUT_INK):
        return CUT
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, light, full = colorsys.rgb_to_hls(red, green, blue)
    mixed = colorsys.hls_to_rgb(hue, 1 - 0.86 * light, full * 0.6)
    return "#" + "".join(f"{round(255 * part):02X}" for part in mixed)
