"""Everything that the page shows, as one compact structure for JSON: boxes and wires with the events that change
them, what the card says of each, the bars of the states. Imports the layout and painting of the still pictures."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from .. import theme
from ..apart import in_a_row
from ..contract import Contraction
from ..curves import rounded
from ..lattice import Lattice, Source
from ..layers import lay_layers
from ..layout import Layout, Piece, lay_out
from ..naming import label_of
from ..paint import paint
from ..scene import Box, Scene, Span, Text, Wire
from ..snapshot import Graph
from .cards import cards, gradient_of
from .palette import Palette
from .run import Run
from .shortened import KEEP, shortened

__all__ = ["page_data"]

FACE = {"box": 0, "circle": 1, "dot": 2}
WORDS = {"name": "name", "shape": "shape", "origin": "origin", "sign": "cut"}  # texts at a box: the end of their ids
MOST = {True: 20_000, False: 1_500}  # ops of a graph with columns for its steps, of any other


def page_data(graph: Graph, title: str) -> dict[str, Any]:
    """The structure that draw.js and play.js read. It says the same for the same graph, to the byte. Of a graph with
    too many ops those at either end are shown."""
    if len(graph.nodes) > MOST[any(name == "step" for node in graph.nodes for name, _ in node.scope)]:
        return _ends(graph, title)
    whole = Contraction(graph)
    moved = in_a_row(graph) if len({group for group, _ in whole.lanes}) > 1 else graph
    lattice = Lattice(moved)
    unrolled = bool(lattice.steps) and not lattice.looks_back()
    if len(graph.nodes) > MOST[unrolled]:
        return _ends(graph, title)
    layout = lay_out(moved, lattice) if unrolled else lay_layers(graph)
    if moved is not graph and unrolled:
        lattice.steps = [whole.lanes[place][1] for place in lattice.steps]  # every net counts its own, as on the tape
    return _Pages(graph, layout, whole, title).data()


def _ends(graph: Graph, title: str) -> dict[str, Any]:
    count = len(graph.nodes)
    note = f"{count - 2 * KEEP:,} of {count:,} ops are left out: {KEEP} at either end are shown"
    return {**page_data(shortened(graph), title), "note": note}


class _Pages:
    def __init__(self, graph: Graph, layout: Layout, whole: Contraction, title: str):
        self.graph, self.layout, self.whole, self.title = graph, layout, whole, title
        self.run = Run(graph)
        self.states = self.whole.states()
        self.parts = {kind: self._part(kind) for kind in dict.fromkeys(kind for kind, _ in self.states)}
        known = [*(graph.gradients or {}).values(), *graph.contributions.values()]
        self.palette = Palette(theme.decades([stat.norm for stat in known]))
        self.shapes: dict[tuple, int] = {}  # points of a curve -> its number
        self.numbers: dict[tuple, int] = {}  # corners of a polyline -> the number of its curve
        self.leading: dict[str, list] = {}  # id of a box or junction -> the record of the wire that leads to it
        panels = layout.panels
        self.lanes = len(panels)
        self.left = panels[0][0] - 4 if panels else 0.0
        self.width = panels[0][2] - panels[0][0] + 8 if panels else 1.0

    def data(self) -> dict[str, Any]:
        bare = replace(self.graph, values={}, gradients=None, contributions={})  # what is said of them, the cards say
        scene = paint(self.layout, bare, False, "", "")
        wires, rails = self._wires(scene.wires)
        boxes = self._boxes(scene)
        return {
            "title": self.title,
            "note": "",
            "lanes": self._lanes(scene),
            "forward": self.run.forward,
            "backward": self.run.backward,
            "ran": self.run.ran_back,
            "scale": self.palette.scale,
            "things": cards(self.graph),
            "boxes": boxes,
            "wires": wires,
            "rails": rails,
            "shapes": [list(shape) for shape in self.shapes],
            "states": self._states(),
            "day": self.palette.rows,
            "night": self.palette.by_night(),
            "cut": int(self._is_cut()),
        }

    def _is_cut(self) -> bool:
        """Is any history detached?"""
        nodes, leaves = self.graph.nodes, self.graph.leaves
        return any(node.op == "cut" for node in nodes) or any(leaf.origin is not None for leaf in leaves)

    # ---- where things stand

    def _lane(self, x: float) -> int:
        """-1 before the steps, the number of lanes after them."""
        if not self.lanes:
            return -1
        return min(max(math.floor((x - self.left) / self.width), -1), self.lanes)

    def _origin(self, lane: int) -> float:
        return 0.0 if lane < 0 else self.left + lane * self.width

    def _lanes(self, scene: Scene) -> dict[str, Any]:
        steps = self.layout.lattice.steps if self.lanes else []
        heights = [_n(-y) for y in (self.layout.panels[0][3], self.layout.panels[0][1])] if self.lanes else [0, 0]
        cuts = [[self._lane(p.x0 + 6), _n(-p.y1), _n(-p.y0)] for p in scene.panels if p.kind == "line"]
        return {
            "left": _n(self.left),
            "width": _n(self.width),
            "top": heights[0],
            "bottom": heights[1],
            "steps": [step + 1 for step in steps],
            "names": self._names(),
            "look": self.palette.of_box(Box("", 0, 0, 0, 0, fill=theme.FILLS["state"])),
            "cuts": cuts,
        }

    def _names(self) -> list[str]:
        """Of each step the recurrent parts that it is a step of."""
        lane_of, found = self.layout.lattice.lane_of, [{} for _ in range(self.lanes)]
        for (kind, _), values in self.states.items():
            for source in values.values() if self.lanes else ():
                found[lane_of[source[1]]][self.parts[kind]] = None
        return [", ".join(parts) or "step" for parts in found]

    def _shape(self, points: list, origin: float) -> int:
        """The number of a curve; steps are copies of each other, so that few differ."""
        corners = tuple([(round(x - origin, 1), round(-y, 1)) for x, y in points])
        if corners not in self.numbers:
            flat = tuple([_n(v) for point in rounded(corners) for v in point])
            self.numbers[corners] = self.shapes.setdefault(flat, len(self.shapes))
        return self.numbers[corners]

    # ---- wires

    def _wires(self, drawn: list[Wire]) -> tuple[list[list], list[list]]:
        """wires: [shape, lane, within it, look, look of its gradient, event, event of its gradient, arrow, arrow then].
        An arrow is 1 at the head, -1 at the tail, where gradients leave at the first stretch and at the tap of a rail.
        rails: [look, [shape, lane], ...], one for each source; they carry no gradient of their own."""
        lattice, wires = self.layout.lattice, []
        rail_sources = set(lattice.rails)
        cut = {(slot.node, slot.position) for slot in lattice.slots if slot.cut}
        rails: dict[Source, list] = {}
        for piece, wire in zip(self.layout.pieces, drawn):
            xs = [x for x, _ in wire.points]
            lane = self._lane(min(xs) + 0.5)
            shape = self._shape(wire.points, self._origin(lane))
            look = self.palette.of_wire(wire)
            if piece.source in rail_sources and not piece.last:
                rails.setdefault(piece.source, [look]).append([shape, lane])
                continue
            inside = int(lane == self._lane(max(xs) - 0.5))
            marked = wire.kind == "edge cut"  # in the colour of cuts, which it keeps
            back = self.run.never if marked or piece.edges[0] in cut else self._wire_back(piece)
            arrows = [int(wire.arrow == "head"), -int(piece.first or piece.source in rail_sources)]
            gradient = look if marked else self._wire_look(piece)
            record = [shape, lane, inside, look, gradient, self._wire_done(piece), back, *arrows]
            self.leading[piece.head] = record
            wires.append(record)
        return wires, list(rails.values())

    def _wire_done(self, piece: Piece) -> int:
        return min(number for number, _ in piece.edges) + 1 if piece.last else self.run.computed(piece.source)

    def _wire_back(self, piece: Piece) -> int:
        if piece.last and piece.edges[0] not in self.graph.contributions:
            return self.run.passed(piece.edges[0][0])
        return self.run.collected(piece.edges)

    def _wire_look(self, piece: Piece) -> int:
        edge, source = piece.edges[0], piece.source
        if piece.last:
            stat = self.graph.contributions.get(edge)
        else:
            stat = (self.graph.gradients or {}).get(("node", source[1], 0) if source[0] == "bus" else source)
        return self.palette.of_norm(stat.norm if stat else None)

    # ---- boxes

    def _boxes(self, scene: Scene) -> list[list]:
        """[id, lane, x, y, width, height, face, label, size, look, look of its gradient, event, event of its gradient,
        texts], each text [x, y, anchor, size, spans, kind]; one of kind "sign" is the badge of a stub."""
        texts: dict[str, list[Text]] = {}
        signs = [Text(b.id, b.x, b.y, b.label, size=b.size, kind="sign") for b in scene.boxes if b.kind == "cut"]
        for text in [*scene.texts, *signs]:
            if text.kind in WORDS:
                texts.setdefault(text.id.removesuffix(WORDS[text.kind]), []).append(text)
        return [self._box(box, texts.get(box.id, [])) for box in scene.boxes if box.kind != "cut"]

    def _box(self, box: Box, texts: list[Text]) -> list:
        lane = self._lane(box.x)
        origin = self._origin(lane)
        place = [_n(v) for v in (box.x - origin, -box.y, box.width, box.height)]
        words = [[_n(t.x - origin), _n(-t.y), t.align, t.size, _spans(t.spans), t.kind] for t in texts]
        if box.id[0] == "n" and self.graph.nodes[int(box.id[1:])].error:
            box.fill, box.line, box.ink = theme.EMPHASIS, theme.EMPHASIS, "#FFFFFF"
        look = self.palette.of_box(box)
        looks = [look, *self._box_times(box, look)]
        return [box.id, lane, *place, FACE[box.shape], _spans(box.label), box.size, *looks, words]

    def _box_times(self, box: Box, own: int) -> list[int]:
        """The look of its gradient, the event that computes it, the event that brings its gradient. own: its look
        before."""
        run, absent = self.run, self.palette.of_norm(None)
        if box.shape == "dot":
            wire = self.leading.get(box.id)
            return [wire[4], wire[5], wire[6]] if wire else [absent, 0, run.never]
        look = self.palette.of_norm(gradient_of(self.graph, box.id))
        if box.id[0] == "n":
            number = int(box.id[1:])
            return [own, number + 1, run.never] if box.kind == "op cut" else [look, number + 1, run.passed(number)]
        source = ("leaf", int(box.id[1:])) if box.id[0] == "l" else None
        return [look, 0, run.collected(run.readers(source)) if source else run.collected(())]

    # ---- the states over time

    def _states(self) -> list[list]:
        """[name, [step, number of its op, look of its gradient] for every step] for each state, h first."""
        lanes, found = self.whole.lanes, []
        for (kind, name), values in sorted(self.states.items(), key=lambda item: item[0][1] != "h"):
            numbers = [(lanes[lane][1] + 1, source[1]) for lane, source in sorted(values.items())]
            bars = [[step, n, self.palette.of_norm(gradient_of(self.graph, f"n{n}"))] for step, n in numbers]
            found.append([f"{name} of {self.parts[kind]}" if len(self.parts) > 1 else name, bars])
        return found

    def _part(self, kind: tuple) -> str:
        """What a recurrent part is called, as in the view of cells."""
        cell = next(cell for cell in self.whole.cells.values() if cell.kind == kind)
        return "".join(span.text for span in label_of(self.whole, cell))


def _spans(spans: tuple[Span, ...]) -> list[list]:
    return [[span.text, int(span.italic), span.level] for span in spans]


def _n(value: float) -> float | int:
    """One decimal; whole numbers without it."""
    short = round(value, 1)
    return int(short) if short == int(short) else short
