"""A layout for graphs that are no lattice of time steps: ops in columns by how far they are from the inputs, each
column ordered by the mean height of its neighbours (Sugiyama, Tagawa and Toda 1981). A value that is read further on
runs through a slot in every column between. Imports lattice, layout, spot, snapshot and theme."""

from __future__ import annotations

from collections.abc import Callable

from .lattice import Lattice
from .layout import Layout, Piece
from .snapshot import Graph, key_of
from .spot import UNIT, Spot
from .theme import glyph, is_round, text_width, variable

__all__ = ["lay_layers"]

GAP, SWEEPS = 60, 6  # points between columns; passes there and back
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
    across = _across(column, spots)
    for source, spot in spots.items():
        spot.x, spot.y = across[column[source]], round(height[source, column[source]])
        layout.spots[spot.id] = spot
    slots = {(source, c): (across[c] * UNIT, y * UNIT) for (source, c), y in height.items()}
    _wires(layout, graph, column, far, slots)
    layout.size = (max(across, default=0) * UNIT + 60, max(height.values(), default=0) * UNIT + 40)
    return layout


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


def _wires(layout: Layout, graph: Graph, column: dict, far: dict, slots: dict[Key, tuple[float, float]]) -> None:
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
                points = [start, (x - 27, y), end]
                layout.pieces.append(Piece(source, tail, slot, points, further, first=tail[0] != "j"))
                tail, start = slot, end
            here = [edge for edge in uses if column["node", edge[0]] == c + 1]
            if tail[0] == "j" and here and (far[value] > c or len(here) > 1):
                layout.dots[tail] = (*start, source)
            for edge in here:
                tip = _side(layout.spots[f"n{edge[0]}"], -1)
                points = [start, (tip[0] - 12, tip[1]), tip]
                layout.pieces.append(Piece(source, tail, f"n{edge[0]}", points, [edge], True, tail[0] != "j"))


def _side(spot: Spot, sign: int) -> tuple[float, float]:
    return spot.x * UNIT + sign * spot.width / 2, spot.y * UNIT
