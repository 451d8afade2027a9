"""Pictures of nets one after the other put side by side, with a wire from one to the next for each value that is handed
on. Imports lattice, layout, paths, route, scene, snapshot, spot and theme."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from . import theme
from .lattice import HANDED
from .layout import Layout
from .paths import join
from .route import HORIZONTAL, Grid, Net, Port, corners
from .scene import Box, Point, Scene, Span, Text
from .snapshot import Graph, OpNode
from .spot import UNIT, Spot

__all__ = ["Part", "abreast"]

ROOM = 3  # grid units for each wire between two pictures


@dataclass
class Part:
    """The picture of one net. name: of the net; x, y: where it begins, in grid units."""

    graph: Graph
    layout: Layout
    scene: Scene
    name: str = ""
    x: int = 0
    y: int = 0

    @property
    def size(self) -> tuple[int, int]:
        width, height = self.layout.size
        return round(width / UNIT), round(height / UNIT)

    def handed(self, on: bool) -> dict[int, Spot]:
        """What it hands on to the next net, or has from the one before: node -> box."""
        spots = self.layout.spots
        linked = [n for n in self.graph.nodes if n.op == HANDED and bool(n.inputs) is on and f"n{n.number}" in spots]
        return {node.number: spots[f"n{node.number}"] for node in linked}


def abreast(parts: list[Part], backward: bool) -> tuple[Scene, tuple[float, float]]:
    """One scene, and its size."""
    if len(parts) == 1:
        return parts[0].scene, parts[0].layout.size
    _stand(parts)
    height = max(part.y + part.size[1] for part in parts)
    scene = Scene()
    for place, part in enumerate(parts):
        _add(scene, part, f"p{place}" if place else "")
    for before, part in zip(parts, parts[1:]):
        for number, path in _paths(before, part, height).items():
            _link(scene, part.graph.nodes[number], path, backward, before.name)
    last = parts[-1]
    return scene, (last.x * UNIT + last.layout.size[0], height * UNIT)


def _stand(parts: list[Part]) -> None:
    """From left to right; the lower one of two as high as makes the first wire between them as straight as may be."""
    for before, part in zip(parts, parts[1:]):
        tails, heads = before.handed(True), part.handed(False)
        part.x = before.x + before.size[0] + ROOM * (len(heads) + 1)
        spare = before.size[1] - part.size[1]
        number = min(heads)
        part.y = before.y + min(max(tails[number].y - heads[number].y, min(spare, 0)), max(spare, 0))
    lowest = min(part.y for part in parts)
    for part in parts:
        part.y -= lowest


def _paths(before: Part, part: Part, height: int) -> dict[int, list[Point]]:
    """node -> from the right of the net before to the middle of its box in the next."""
    begin, end = before.x + before.size[0], part.x
    grid, tails, heads = Grid(end - begin + 1, height + 1, wraps=False), before.handed(True), part.handed(False)
    rows = {number: (before.y + tails[number].y, part.y + heads[number].y) for number in heads}
    found = {}
    for number in sorted(rows, key=lambda number: abs(rows[number][0] - rows[number][1])):
        low, high = rows[number]
        net = Net(number)
        starts, goals = [Port((0, low), HORIZONTAL, 1)], [Port((end - begin, high), HORIZONTAL, -1)]
        grid.connect(net, number, starts, goals, (0, end - begin))
        way = [(begin + x, y) for x, y in net.path(number)]
        found[number] = [(x * UNIT, y * UNIT) for x, y in [*way, (part.x + heads[number].x, high)]]
    return found


def _add(scene: Scene, part: Part, mark: str) -> None:
    """Adds everything that is drawn of a net, where it stands. mark: before its ids, but those that name a node or an
    argument."""
    dx, dy, other = part.x * UNIT, part.y * UNIT, part.scene

    def name(ident: str) -> str:
        return ident if re.match(r"[ne]\d", ident) else mark + ident

    for p in other.panels:
        scene.panels.append(replace(p, id=name(p.id), x0=p.x0 + dx, x1=p.x1 + dx, y0=p.y0 + dy, y1=p.y1 + dy))
    scene.boxes += [replace(box, id=name(box.id), x=box.x + dx, y=box.y + dy) for box in other.boxes]
    for text in other.texts:
        spans = (Span(f"{part.name} "), *text.spans) if text.id == "t0" and part.name else text.spans
        scene.texts.append(replace(text, id=name(text.id), x=text.x + dx, y=text.y + dy, spans=spans))
    for wire in other.wires:
        points = [(x + dx, y + dy) for x, y in wire.points]
        scene.wires.append(replace(wire, id=name(wire.id), tail=name(wire.tail), head=name(wire.head), points=points))


def _link(scene: Scene, node: OpNode, path: list[Point], backward: bool, net: str) -> None:
    """Leads the wire to a box of the net before on to the same box of the next: a state has a box there, any other
    value goes on in the wires that leave it. net: the one before."""
    name = f"n{node.number}"
    _, box = [box for box in scene.boxes if box.id == name]  # in the one picture and in the next
    wire = next(wire for wire in scene.wires if wire.head == name)
    onward = [other for other in scene.wires if other.tail == name]
    scene.boxes = [other for other in scene.boxes if other.id != name or other is box]
    if box.kind == "state":
        path = [*path[:-1], (box.x - box.width / 2, box.y)]
        if "cut" not in wire.kind:  # one value, one look
            given, giver = (onward[0], wire) if backward else (wire, onward[0])
            given.color, given.width, given.dashed = giver.color, giver.width, giver.dashed
    elif len(onward) == 1:
        path, wire.head = join(path, onward[0].points), onward[0].head
        wire.arrow = wire.arrow if backward else onward[0].arrow
        scene.wires.remove(onward[0])
        scene.boxes.remove(box)
    else:
        box.shape, box.width, box.height, box.label, box.fill, box.kind = "dot", 5.5, 5.5, (), wire.color, "junction"
        wire.arrow = wire.arrow if backward else "none"
        for other in onward:
            other.points = corners(join([(box.x, box.y)], other.points))
    if box.kind != "state":
        _say(scene, box, node, net)
    wire.points = corners(join(wire.points[:-1], path))


def _say(scene: Scene, box: Box, node: OpNode, net: str) -> None:
    """That a value comes from all steps."""
    name = dict(node.params).get("all")
    if name is not None:
        words = (Span("all "), *(theme.variable(name) if name != "steps" else [Span(name)]))
        words += (Span(f" of the {net or 'net before'}"),)
        scene.texts.append(Text(f"{box.id}name", box.x, box.y + 10, words, "center", 11, theme.MUTED, kind="name"))
