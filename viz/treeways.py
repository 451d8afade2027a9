"""The ways of the wires in a picture of trees: straight, or around the boxes that are in between. Imports scene."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise

from .scene import Box, Point

__all__ = ["moved", "way_up"]

FARTHEST = 14.0  # how far the end of a wire may be moved along a border
ABOVE = 12.0  # from a row of boxes to the bends over it


def way_up(start: Point, end: Point, boxes: Iterable[Box], under: float) -> list[Point]:
    """From the top of a box to the bottom of another: straight, if no box is in the way; else upright first, where
    nothing stands over a node, to `under`, the upper border of the row below the other one."""
    if not any(_touches(start, end, box) for box in boxes):
        return [start, end]
    return [start, (start[0], under + ABOVE), end]


def moved(points: list[Point], by: float) -> list[Point]:
    """The way moved to its left by so many points, or as far as the ends on their borders allow."""
    asides = [_aside(a, b, by) for a, b in pairwise(points)]
    return [(x + dx, y + dy) for (x, y), (dx, dy) in zip(points, [asides[0], *asides])]


def _aside(a: Point, b: Point, by: float) -> Point:
    dx, dy = b[0] - a[0], b[1] - a[1]
    return (0.0, by) if dy == 0 else (-math.copysign(min(abs(by) * math.hypot(dx, dy) / abs(dy), FARTHEST), by), 0.0)


def _touches(start: Point, end: Point, box: Box) -> bool:
    """Does a line from below to above come as near to a box as the wires beside it are?"""
    (x0, y0), (x1, y1) = start, end
    low, high = (min(max((box.y + side - y0) / (y1 - y0), 0.0), 1.0) for side in (-box.height / 2, box.height / 2))
    near = sorted(x0 + (x1 - x0) * share for share in (low, high))
    room = box.width / 2 + FARTHEST / 2
    return low < high and near[0] < box.x + room and near[1] > box.x - room
