"""A box on the routing grid: its size, the vertices it covers, and the ports where wires leave and enter. Imports
route,
scene, snapshot and theme."""

from __future__ import annotations

from dataclasses import dataclass

from .route import HORIZONTAL, VERTICAL, Grid, Port, Vertex
from .scene import Span
from .snapshot import OpNode
from .theme import glyph, is_round, text_width

__all__ = ["GLYPH", "LEAF", "UNIT", "Spot", "op_spot"]

UNIT = 10.0  # points per grid unit
GLYPH, LEAF = 14.0, 14.0  # sizes of what is written in ops, and in parameters, inputs and states


@dataclass(slots=True)
class Spot:
    """A box centred on the grid vertex (x, y); width and height in points. named: a label stands above its left
    corner."""

    id: str
    x: int
    y: int
    width: float = 54.0
    height: float = 32.0
    round: bool = False
    named: bool = False
    numbered: bool = False

    @property
    def reach(self) -> tuple[int, int]:
        """How far from the centre its ports lie, in grid units."""
        return int(self.width / 2 / UNIT) + (1 if self.width / 2 % UNIT <= 5 else 2), int(self.height / 2 / UNIT) + 1

    def occupy(self, grid: Grid) -> None:
        across, up = self.reach
        grid.block(self.x - across + 1, self.y - up + 1, self.x + across - 1, self.y + up - 1)
        grid.charge(self.x - across, self.y - up, self.x + across, self.y + up, 0.7)
        if self.named:
            grid.charge(self.x - min(3, across), self.y + up, self.x - 1, self.y + up + 1, 8.0)
        if self.numbered:
            grid.charge(self.x + 1, self.y + up, self.x + min(3, across), self.y + up, 4.0)

    def ports(self, sides: dict[str, float], several: bool = False) -> list[Port]:
        """sides: side -> price. several: on top and bottom also beside the middle."""
        across, up = self.reach
        found = []
        for side, price in sides.items():
            sign = 1 if side in ("right", "top") else -1
            if side in ("left", "right"):
                found.append(Port((self.x + sign * across, self.y), HORIZONTAL, sign, price))
                continue
            for dx, extra in self._offsets(several):
                found.append(Port((self.x + dx, self.y + sign * up), VERTICAL, sign, price + extra))
        return found

    def _offsets(self, several: bool) -> list[tuple[int, float]]:
        if self.round:
            return [(0, 0.0)]
        if self.width > 60:
            most = int((self.width / 2 - 8) / UNIT)
            return [(dx, 0.02 * abs(dx)) for dx in range(-most, most + 1)]
        return [(0, 0.0), (2, 0.8), (-2, 0.8)] if several else [(0, 0.0)]

    def border(self, port: Vertex) -> tuple[float, float]:
        """The point on the border, in points, that a wire through this port touches."""
        dx, dy = port[0] - self.x, port[1] - self.y
        across, up = self.reach
        if abs(dx) == across:
            return (self.x * UNIT + (self.width / 2 if dx > 0 else -self.width / 2), self.y * UNIT)
        return (port[0] * UNIT, self.y * UNIT + (self.height / 2 if dy > 0 else -self.height / 2))


def op_spot(name: str, node: OpNode, x: int, y: int, named: bool) -> Spot:
    """A circle for a sum or a product, else a box as wide as its word."""
    text = glyph(node.op, node.inputs, node.params)
    if is_round(node.op, text):
        return Spot(name, x, y, 30, 30, True, named, True)
    wide = 54 if text_width((Span(text),), GLYPH) <= 50 else 74
    return Spot(name, x, y, wide, named=named, numbered=True)
