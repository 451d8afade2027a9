"""Where there is room on the paper for the number of a wire: beside it, on no box, wire or other word. Imports scene
and theme."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from .scene import Point, Scene, Text
from .theme import text_width

__all__ = ["Room", "beside"]

Area = tuple[float, float, float, float]  # left, lower, right and upper side
TILE = 40.0  # points; areas are looked up by the tiles they touch
AT = (0.5, 0.35, 0.65, 0.2, 0.8, 0.1, 0.9, 0.43, 0.57, 0.27, 0.73, 0.05, 0.95)  # of a stretch of wire
AWAY = (4.0, 9.0)  # points between a wire and its number
BOLD = 1.15


class Room:
    """The areas that are taken."""

    def __init__(self, scene: Scene):
        self.tiles: dict[tuple[int, int], list[Area]] = {}
        for box in scene.boxes:
            self.take(_around(box.x, box.y, box.width, box.height))
        for wire in scene.wires:
            for a, b in zip(wire.points, wire.points[1:]):
                for (x0, y0), (x1, y1) in _parts(a, b):
                    size = abs(x1 - x0) + wire.width + 1, abs(y1 - y0) + wire.width + 1
                    self.take(_around((x0 + x1) / 2, (y0 + y1) / 2, *size))
        for text in scene.texts:
            self.take(area_of(text))

    def take(self, area: Area) -> None:
        for tile in _tiles(area):
            self.tiles.setdefault(tile, []).append(area)

    def is_free(self, area: Area) -> bool:
        return not any(_meet(area, other) for tile in _tiles(area) for other in self.tiles.get(tile, ()))

    def put(self, texts: Sequence[tuple[Text, Sequence[Point]]]) -> list[Text]:
        """Those texts that find room at one of their places, the first that is free; the one with the fewest chooses
        first. The others are left out."""
        chances = [[at for at in places if self.is_free(area_of(text, at))] for text, places in texts]
        placed = {}
        for i in sorted(range(len(texts)), key=lambda i: len(chances[i])):
            text = texts[i][0]
            at = next((at for at in chances[i] if self.is_free(area_of(text, at))), None)
            if at is not None:
                text.x, text.y = at
                self.take(area_of(text))
                placed[i] = text
        return [placed[i] for i in sorted(placed)]


def area_of(text: Text, at: Point | None = None) -> Area:
    """What a text covers, there or somewhere else."""
    x, y = at or (text.x, text.y)
    width, height = text_width(text.spans, text.size) * (BOLD if text.bold else 1.0), 0.9 * text.size
    return _around(x + {"left": width / 2, "right": -width / 2}.get(text.align, 0.0), y, width, height)


def beside(points: Sequence[Point], text: Text) -> list[Point]:
    """Where the number of a wire may stand, the best places first: near, on its left, on a long stretch."""
    left, lower, right, upper = area_of(text, (0.0, 0.0))
    stretches = sorted(zip(points, points[1:]), key=lambda ends: -math.dist(*ends))
    found = []
    for away in AWAY:
        for side in (1, -1):
            for (x0, y0), (x1, y1) in stretches:
                length = math.dist((x0, y0), (x1, y1)) or 1.0
                nx, ny = (y0 - y1) / length * side, (x1 - x0) / length * side
                reach = away + abs(nx) * right + abs(ny) * upper
                found += [(x0 + (x1 - x0) * s + nx * reach, y0 + (y1 - y0) * s + ny * reach) for s in AT]
    return found


def _parts(a: Point, b: Point) -> Iterator[tuple[Point, Point]]:
    """A stretch as it is if it is level or upright, else in short parts."""
    count = 1 if a[0] == b[0] or a[1] == b[1] else math.ceil(math.dist(a, b) / 8)
    points = [(a[0] + (b[0] - a[0]) * i / count, a[1] + (b[1] - a[1]) * i / count) for i in range(count + 1)]
    return zip(points, points[1:])


def _tiles(area: Area) -> Iterator[tuple[int, int]]:
    left, lower, right, upper = [math.floor(side / TILE) for side in area]
    return ((x, y) for x in range(left, right + 1) for y in range(lower, upper + 1))


def _around(x: float, y: float, width: float, height: float) -> Area:
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _meet(a: Area, b: Area) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
