"""A polyline with rounded corners as one Bezier curve, and where its arrow begins. Imports scene."""

from __future__ import annotations

from .scene import Point, Wire

__all__ = ["arrow_of", "rounded", "turns"]

RADIUS, ARROW = 6.0, 7.0


def arrow_of(wire: Wire) -> tuple[list[Point], Point | None]:
    """The points of the line without its arrow, and the tip of the arrow, which is at the end that carries it."""
    points = list(wire.points)
    if wire.arrow == "none":
        return points, None
    end, before = (-1, -2) if wire.arrow == "head" else (0, 1)
    tip = points[end]
    points[end] = _back(points[before], tip)
    return points, tip


def _back(before: Point, tip: Point) -> Point:
    """Where the line ends and the arrow begins."""
    dx, dy = tip[0] - before[0], tip[1] - before[1]
    length = max((dx * dx + dy * dy) ** 0.5, 1e-9)
    share = min(ARROW, length * 0.9) / length
    return (tip[0] - dx * share, tip[1] - dy * share)


def rounded(points: list[Point]) -> list[Point]:
    """The 3n + 1 points of a piecewise Bezier curve along a polyline."""
    curve = [points[0]]
    for begin, *around in turns(points):
        _straight(curve, begin)
        curve += around
    _straight(curve, points[-1])
    return curve


def turns(points: list[Point]) -> list[tuple[Point, Point, Point, Point]]:
    """The Bezier curve around each corner of a polyline; between them it is straight."""
    found = []
    for before, corner, after in zip(points, points[1:], points[2:]):
        a, b = _toward(corner, before), _toward(corner, after)
        found.append((a, _mid(a, corner), _mid(b, corner), b))
    return found


def _straight(curve: list[Point], end: Point) -> None:
    (x, y), (ex, ey) = curve[-1], end
    curve += [(x + (ex - x) / 3, y + (ey - y) / 3), (x + 2 * (ex - x) / 3, y + 2 * (ey - y) / 3), end]


def _toward(corner: Point, other: Point) -> Point:
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    length = max(abs(dx), abs(dy), 1e-9)
    share = min(RADIUS, length / 2) / length
    return (corner[0] + dx * share, corner[1] + dy * share)


def _mid(a: Point, corner: Point) -> Point:
    return (a[0] + (corner[0] - a[0]) * 0.55, a[1] + (corner[1] - a[1]) * 0.55)
