"""Paths on the routing grid: joined, moved, and compared with one another. Imports route only."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from .route import Net, Vertex, corners

__all__ = ["aligned", "distinct", "join", "shift", "trace"]


def shift(path: list[Vertex], dx: int) -> list[Vertex]:
    """The path moved to the right."""
    return [(x + dx, y) for x, y in path]


def join(a: list[Vertex], b: list[Vertex]) -> list[Vertex]:
    """b after a, with a corner between where they do not line up."""
    if not a or not b or a[-1] == b[0]:
        return [*a, *b[1:]] if a and b else [*a, *b]
    (x, y), (nx, ny) = a[-1], b[0]
    upright = len(a) > 1 and a[-2][0] == x
    corner = (x, ny) if upright else (nx, y)
    return [*a, *([corner] if corner not in (a[-1], b[0]) else []), *b]


def aligned(paths: dict[tuple[int, int], list[Vertex]]) -> dict[tuple[int, int], list[Vertex]]:
    """The same paths, each with a point wherever one of them bends or ends, so that shared stretches are found by
    their points."""
    rows: dict[int, set[int]] = {}
    columns: dict[int, set[int]] = {}
    short = {edge: corners(path) for edge, path in paths.items()}
    for path in short.values():
        for x, y in path:
            rows.setdefault(y, set()).add(x)
            columns.setdefault(x, set()).add(y)
    marks = {True: {y: sorted(xs) for y, xs in rows.items()}, False: {x: sorted(ys) for x, ys in columns.items()}}
    return {edge: _filled(path, marks) for edge, path in short.items()}


def _filled(path: list[Vertex], marks: dict[bool, dict[int, list[int]]]) -> list[Vertex]:
    """Every marked point on the way; a detour back over itself is left out."""
    kept = path[:1]
    for (x, y), (nx, ny) in zip(path, path[1:]):
        level = y == ny
        low, high = sorted((x, nx) if level else (y, ny))
        line = marks[level][y if level else x]
        stops = line[bisect_left(line, low) : bisect_right(line, high)]
        for stop in stops if (nx, ny) >= (x, y) else reversed(stops):
            vertex = (stop, y) if level else (x, stop)
            if len(kept) > 1 and kept[-2] == vertex:
                kept.pop()
            elif kept[-1] != vertex:
                kept.append(vertex)
    return kept


def distinct(points: list) -> list:
    """The points without repetitions."""
    return [p for i, p in enumerate(points) if i == 0 or p != points[i - 1]]


def trace(net: Net, vertex: Vertex | None) -> list[Vertex]:
    """From the root of a net to one of its vertices."""
    path = []
    while vertex is not None:
        path.append(vertex)
        vertex = net.parent[vertex]
    return path[::-1]
