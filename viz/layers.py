"""A layout for graphs that are no lattice of time steps: ops in columns by how far they are from the inputs, each
column ordered by the mean height of its neighbours (Sugiyama, Tagawa and Toda 1981). A value that is read further on
runs through a slot in every column between. A long graph is broken into rows, as text is into lines. Imports lattice,
layout, spot, snapshot and theme."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from .lattice import Lattice
from .layout import Layout, Piece
from .scene import Point
from .snapshot import Graph, key_of
from .spot import UNIT, Spot
from .theme import glyph, is_round, text_width, variable

__all__ = ["lay_layers"]

GAP, SWEEPS = 60, 6  # points between columns; passes there and back
ROW, MARGIN, TRACK = 1600, 40, 7  # points: the width of a row, of the margin beside it, of a wire that goes round in it
HALF = {True: 3.0, False: 1.0}  # half of the height that a box, or a slot for a wire, takes

Key = tuple  # (value, column): a box where the value is made, a slot further on


def lay_layers(graph: Graph) -> Layout:
    """Boxes and wires for every op and every leaf of any graph."""
    layout = Layout(Lattice(graph))
    reads = [
        (key_of(ref)[:2], node.number, position)
        for node in graph.nodes
        for position, ref in enumerate(node.inputs)
        if ref.kind in ("node", "leaf")
    ]
    column = _columns(graph, reads)
    far: dict[tuple, int] = {}  # value -> the last column that it runs through
    for source, reader, _ in reads:
        far[source] = max(far.get(source, column[source]), column["node", reader] - 1)
    keys = [(source, c) for source, first in column.items() for c in range(first, far.get(source, first) + 1)]
    links = [((s, c), (s, c + 1)) for s, c in keys if c < far.get(s, c)]
    links += [((s, column["node", n] - 1), (("node", n), column["node", n])) for s, n, _ in reads]
    height = _heights(keys, links, lambda key: HALF[key[1] == column[key[0]]])
    spots = {source: _spot(graph, source) for source in column}
    last = max(column.values())
    passing = [sum(column[source] <= c <= end for source, end in far.items()) for c in range(last + 1)]
    across, rows = _broken(_across(column, spots), passing)
    height, floors = _stacked(height, rows, passing)
    for source, spot in spots.items():
        spot.x, spot.y = across[column[source]], round(height[source, column[source]])
        layout.spots[spot.id] = spot
    slots = {(source, c): (across[c] * UNIT, y * UNIT) for (source, c), y in height.items()}
    left = min(spot.x * UNIT - spot.width / 2 for spot in spots.values()) - MARGIN
    right = max(spot.x * UNIT + spot.width / 2 for spot in spots.values()) + MARGIN
    _wires(layout, graph, column, far, slots, _Turns(rows, floors, left, right))
    layout.size = (max(across) * UNIT + 60, max(height.values()) * UNIT + 40)
    return layout


def _broken(across: list[int], passing: list[int]) -> tuple[list[int], list[int]]:
    """Rows of about equal width, broken where few values pass: the middle of each column in its row, and the row."""
    count = max(math.ceil(across[-1] * UNIT / ROW), 1)
    width, rows = across[-1] / count, [0] * len(across)
    for row in range(1, count):
        near = [c for c, x in enumerate(across) if abs(x - row * width) < width / 6 and c]
        first = min(near, key=lambda c: (passing[c - 1], abs(across[c] - row * width)), default=len(across))
        rows[first:] = [row] * (len(across) - first)
    starts = {row: across[rows.index(row)] for row in rows}
    return [x - starts[row] for x, row in zip(across, rows)], rows


def _stacked(height: dict[Key, float], rows: list[int], passing: list[int]) -> tuple[dict[Key, float], list[float]]:
    """The heights with one row above the other, and for each column the channel below its row."""
    inside: dict[int, list[float]] = {}
    for key, y in height.items():
        inside.setdefault(rows[key[1]], []).append(y)
    bottom, shift, floors = 0.0, {}, {}
    for row in range(rows[-1], -1, -1):
        shift[row], floors[row] = bottom - min(inside[row]), bottom * UNIT - MARGIN
        through = passing[rows.index(row) - 1]
        bottom += max(inside[row]) - min(inside[row]) + math.ceil((2 * MARGIN + TRACK * through) / UNIT)
    return {key: y + shift[rows[key[1]]] for key, y in height.items()}, [floors[row] for row in rows]


@dataclass
class _Turns:
    """The way of a wire from a column to the next. rows: of each column; floors: the channel below its row; left,
    right: where wires turn."""

    rows: list[int]
    floors: list[float]
    left: float
    right: float
    tracks: dict[tuple, int] = field(default_factory=dict)

    def way(self, source: tuple, c: int, start: Point, middle: Point, tip: Point) -> list[Point]:
        """Straight on, or round the right end of the row, below it, and into the next from the left."""
        if self.rows[c] == self.rows[c + 1]:
            return [start, middle, tip]
        known = [s for s, row in self.tracks if row == self.rows[c]]
        at = TRACK * self.tracks.setdefault((source, self.rows[c]), len(known))
        right, floor, left = self.right + at, self.floors[c] - at, self.left - at
        return [start, (right, start[1]), (right, floor), (left, floor), (left, tip[1]), tip]


def _columns(graph: Graph, reads: list[tuple]) -> dict[tuple, int]:
    """Longest way from the inputs; a leaf stands just before its first reader."""
    column: dict[tuple, int] = {}
    before: dict[int, list[tuple]] = {}
    for source, reader, _ in reads:
        before.setdefault(reader, []).append(source)
    for node in graph.nodes:
        known = [column.get(source, 0) for source in before.get(node.number, ())]
        column["node", node.number] = 1 + max(known, default=0)
    for source, reader, _ in reads:
        if source[0] == "leaf":
            column[source] = min(column.get(source, 1 << 30), column["node", reader] - 1)
    for leaf in graph.leaves:
        column.setdefault(("leaf", leaf.number), 0)
    return column


def _heights(keys: list[Key], links: list[tuple[Key, Key]], half: Callable[[Key], float]) -> dict[Key, float]:
    """Sweeps over the columns: everything wants to stand at the mean height of its neighbours, without overlap."""
    columns: dict[int, list[Key]] = {}
    for key in keys:
        columns.setdefault(key[1], []).append(key)
    height = {key: 6.0 * i for column in columns.values() for i, key in enumerate(column)}
    left: dict[Key, list[Key]] = {}
    right: dict[Key, list[Key]] = {}
    for a, b in links:
        left.setdefault(b, []).append(a)
        right.setdefault(a, []).append(b)
    for sweep in range(2 * SWEEPS):
        near = (left, right)[sweep % 2]
        for c in sorted(columns, reverse=bool(sweep % 2)):
            wish = {k: _mean([height[n] for n in near.get(k, (k,))]) for k in columns[c]}
            columns[c].sort(key=wish.__getitem__)
            at: list[float] = []
            for key, under in zip(columns[c], [None, *columns[c]]):
                at.append(wish[key] if under is None else max(wish[key], at[-1] + half(under) + half(key)))
            shift = _mean(list(wish.values())) - _mean(at)
            height.update({key: y + shift for key, y in zip(columns[c], at)})
    lowest = min(height.values(), default=0.0)
    return {key: y - lowest for key, y in height.items()}


def _across(column: dict[tuple, int], spots: dict[tuple, Spot]) -> list[int]:
    """The middle of each column, in grid units: as far apart as the widest boxes ask for."""
    widest = [54.0] * (max(column.values(), default=-1) + 1)
    for source, c in column.items():
        widest[c] = max(widest[c], spots[source].width)
    middles = [0] * len(widest)
    for c in range(1, len(widest)):
        middles[c] = middles[c - 1] + round((widest[c - 1] / 2 + widest[c] / 2 + GAP) / UNIT)
    return middles


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _spot(graph: Graph, source: tuple) -> Spot:
    if source[0] == "leaf":
        leaf = graph.leaves[source[1]]
        return Spot(f"l{leaf.number}", 0, 0, max(44.0, text_width(variable(leaf.name or "x"), 12.5) + 12), 28)
    node = graph.nodes[source[1]]
    text = glyph(node.op, node.inputs, node.params)
    if is_round(node.op, text):
        return Spot(f"n{node.number}", 0, 0, 30, 30, True)
    return Spot(f"n{node.number}", 0, 0, max(54.0, text_width(variable(text), 12) + 14))


def _wires(layout: Layout, graph: Graph, column: dict, far: dict, slots: dict[Key, Point], turns: _Turns) -> None:
    """Each value runs through its slots, with a junction in each, and from the last slot before it to every reader."""
    edges: dict[tuple, list[tuple[int, int]]] = {}
    for node in graph.nodes:
        for position, ref in enumerate(node.inputs):
            if ref.kind in ("node", "leaf"):
                edges.setdefault(key_of(ref), []).append((node.number, position))
    for source, uses in edges.items():
        value = source[:2]
        tail, start = f"{source[0][0]}{source[1]}", _side(layout.spots[f"{source[0][0]}{source[1]}"], 1)
        for c in range(column[value], far[value] + 1):
            further = [edge for edge in uses if column["node", edge[0]] > c]
            if c > column[value] and further:
                x, y = slots[value, c]
                slot, end = f"j{'_'.join(map(str, (source[0][0], *source[1:])))}_{c}", (x + 27, y)
                points = turns.way(source, c - 1, start, (x - 27, y), end)
                layout.pieces.append(Piece(source, tail, slot, points, further, first=tail[0] != "j"))
                tail, start = slot, end
            here = [edge for edge in uses if column["node", edge[0]] == c + 1]
            if tail[0] == "j" and here and (far[value] > c or len(here) > 1):
                layout.dots[tail] = (*start, source)
            for edge in here:
                tip = _side(layout.spots[f"n{edge[0]}"], -1)
                points = turns.way(source, c, start, (tip[0] - 12, tip[1]), tip)
                layout.pieces.append(Piece(source, tail, f"n{edge[0]}", points, [edge], True, tail[0] != "j"))


def _side(spot: Spot, sign: int) -> tuple[float, float]:
    return spot.x * UNIT + sign * spot.width / 2, spot.y * UNIT
