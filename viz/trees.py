"""A box for each node of a tree, leaves at the bottom: forward wires thin and grey, beside each the gradient that comes
back with its colour, width and number. Of nodes that are computed together, a band for each height, and what is merged
there. Imports forest, treeplan, treeways, merges and what draws."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any, NamedTuple

from . import theme
from .forest import Edges, Forest, Outside
from .legend import add_legend, add_title
from .looks import gradient_wire, norm_text
from .merges import add_merges
from .naming import readout_name, reads_of
from .render import Picture
from .room import Room, beside
from .scene import Box, Point, Scene, Span, Text, Wire
from .snapshot import Graph
from .theme import text_width
from .tips import value_tip
from .treeplan import APART, BOX, HIGH, SIDE, TreePlan, TreeSpot
from .treeways import moved, way_up

__all__ = ["draw_trees"]

BESIDE = 4.0  # how far two wires lie from the line between boxes
SPREAD = 36.0  # of the wires below a box
SIZE = 13.0  # of the letters
STEP = 66.0  # from the trees to what stands above and below
SHORT = 4  # letters in the name of a weight
EDGE_INK = "#006B4A"


class Way(NamedTuple):
    """A link as it is drawn. values: what passes, each with the row of the node it belongs to, if it is one of several;
    single: is none of them read by two nodes of one call? weight: of the parameter that it is multiplied by."""

    tail: str
    head: str
    points: list[Point]
    values: list[tuple[Edges, int | None]]
    single: bool = True
    weight: str = ""


def draw_trees(graph: Graph, backward: bool, title: str | None, subtitle: str | None) -> Picture:
    """The trees of a graph. backward: beside each forward wire the gradient that comes back, with the norm of what
    crosses it. Raises ValueError if one tree is made from the result of another."""
    forest = Forest(graph)
    if forest.between:
        raise ValueError('view="cells": a tree here reads what another one made; use view="ops"')
    title = _title(forest, backward) if title is None else title
    return Picture(_Painter(forest, backward).paint(title, subtitle), title)


def _title(forest: Forest, backward: bool) -> str:
    trees, leaves = len({node.tree for node in forest.nodes}), sum(not node.below for node in forest.nodes)
    what = f"{trees} trees, together" if trees > 1 else "Tree of"
    ending = "leaf" if leaves == 1 else "leaves"
    return f"{what} {leaves} {ending} — {'backward' if backward else 'forward'} pass"


class _Painter:
    def __init__(self, forest: Forest, backward: bool):
        self.forest, self.graph = forest, forest.graph
        self.asked, self.backward = backward, backward and self.graph.gradients is not None
        top = set(forest.roots)
        self.over = [group for group in forest.above if set(group.links) <= top]
        self.right = [group for group in forest.above if not set(group.links) <= top]
        inner = {n for part in forest.below for n in part.links} | set(forest.inputs)
        left = any(forest.nodes[n].below for n in inner)
        self.states = forest.state_names()
        words = max(text_width(self._label(n), SIZE) for n in range(len(forest.nodes)))
        self.plan = TreePlan(forest, words + 14, left + len(self.right))
        self.ways: list[Way] = []
        self.boxes: dict[str, Box] = {}
        self.kinds: set[str] = set()
        self.scene = Scene()

    def paint(self, title: str | None, subtitle: str | None) -> Scene:
        for spot in self.plan.spots.values():
            self._node(spot)
        self._below()
        self._above()
        self._children()
        found = [self._found(way) for way in self.ways]
        self.scale = theme.decades([norm for norm, _ in found if norm is not None])
        for i, (way, (norm, exact)) in enumerate(zip(self.ways, found)):
            self._wires(i, way, norm, exact)
        self.scene.boxes += self.boxes.values()
        self._numbers(found)
        right = max(box.x + box.width / 2 for box in self.boxes.values())
        if self.plan.rest:
            rest = Text("rest", right + 16, 0, (Span(f"× {self.plan.rest} more trees"),), "left", 12, theme.MUTED)
            self.scene.texts.append(rest)
            right = rest.x + text_width(rest.spans, rest.size)
        if self.forest.batched:
            right = add_merges(self.scene, self.plan, right)
        size = self._to_origin(right)
        add_title(self.scene, size, title or "", self._sentence(found) if subtitle is None else subtitle)
        if self.backward:
            add_legend(self.scene, size, self.scale, self.kinds)
        return self.scene

    def _to_origin(self, right: float) -> tuple[float, float]:
        """Moves the picture so that its lower left corner is 0, 0; its size."""
        x = min([box.x - box.width / 2 for box in self.scene.boxes] + [panel.x0 for panel in self.scene.panels])
        y = min(box.y - box.height / 2 for box in self.scene.boxes)
        top = max([box.y + box.height / 2 for box in self.scene.boxes] + [panel.y1 for panel in self.scene.panels])
        for item in (*self.scene.boxes, *self.scene.texts):
            item.x, item.y = item.x - x, item.y - y
        for panel in self.scene.panels:
            panel.x0, panel.y0, panel.x1, panel.y1 = panel.x0 - x, panel.y0 - y, panel.x1 - x, panel.y1 - y
        for wire in self.scene.wires:
            wire.points = [(px - x, py - y) for px, py in wire.points]
        return max(right - x, 560.0), top - y + 26

    def _sentence(self, found: list[tuple[float | None, bool]]) -> str:
        if self.asked and not self.backward:
            return "backward has not run: viz.record(loss) runs it and keeps what the picture needs"
        names = sorted(name for name in self.forest.weights.values() if name)
        shared = ", ".join(names) if max(map(len, names), default=0) < SHORT else "weights"
        same = f"the same {shared} at every node" if names else "one box for each node"
        if not self.backward:
            return f"{same}; all nodes of a level in one call" if self.forest.batched else same
        about = "" if all(exact for _, exact in found) else "; ≈ of several contributions together"
        norm = "the norm of each node's row" if self.forest.batched else "its norm"
        return f"{same}; grey: forward value; coloured: the gradient that flows back, with {norm}{about}"

    # ---- boxes

    def _node(self, spot: TreeSpot) -> None:
        node, left_out = self.forest.nodes[spot.of[0]], len(spot.of) > 1
        leaf = not node.below and spot.of[0] not in self.forest.inputs
        label = self._left_out(spot) if left_out else self._label(spot.of[0])
        fill = theme.FILLS["state" if left_out else "input" if leaf else "squash"]
        box = self._box(spot.id, spot.x, spot.y, self.plan.box, label, fill, "node")
        box.tooltip = self._tip(spot)
        if self.forest.batched and not left_out and label[-1].level == 0:
            row = (Span(str(node.place)),)
            corner = (spot.x - self.plan.box / 2 + 4, spot.y + HIGH / 2 - 7)
            self.scene.texts.append(Text(f"{spot.id}row", *corner, row, "left", 8.5, theme.MUTED, kind="row"))

    def _left_out(self, spot: TreeSpot) -> tuple[Span, ...]:
        leaves = sum(not self.forest.nodes[n].below for n in spot.of)
        return (Span(f"× {leaves} {'leaves' if leaves != 1 else 'leaf'}"),)

    def _label(self, number: int) -> tuple[Span, ...]:
        """Its word; else the row of what it reads, or its own."""
        node = self.forest.nodes[number]
        if isinstance(node.word, str):
            return (Span(_shortened(node.word), not node.below),)
        if node.word is not None and not node.below:
            return theme.variable("x", node.word)
        spans = [(Span(", "), *theme.variable(name, node.place)) for name in self.states or ["h"]]
        return tuple([span for part in spans for span in part][1:])

    def _tip(self, spot: TreeSpot) -> str:
        node = self.forest.nodes[spot.of[0]]
        if node.call is None:
            return "nothing of it was recorded"
        nodes = self.forest.calls[node.call]
        count = len(self.forest.made[node.call])
        rows = f"row {node.row} of {count} computed together, " if count > 1 else ""
        many = f"{len(spot.of)} nodes are left out here; the topmost: " if len(spot.of) > 1 else ""
        values = [value_tip(self.graph, source) for source in self.forest.states(spot.of[0])]
        word = [str(node.word)] if isinstance(node.word, str) else []
        return "\n".join([*word, f"{many}{rows}{len(nodes)} ops: {reads_of(self.graph, nodes)}", *values])

    def _box(self, name: str, x: float, y: float, width: float, label: tuple, fill: str, kind: str) -> Box:
        box = Box(name, x, y, width, HIGH, label, fill=fill, line_width=1.3, kind=kind)
        box.size = round(min(SIZE, SIZE * (width - 8) / text_width(label, SIZE)), 1)
        self.boxes[name] = box
        return box

    # ---- links

    def _children(self) -> None:
        """From each child up to its node, which they reach side by side."""
        owner, spots = self.plan.owner, self.plan.spots
        links: dict[tuple[int, int], list] = {}
        for link in self.forest.links:
            ends = owner.get(link.tail), owner.get(link.head)
            if None not in ends and ends[0] != ends[1]:
                links.setdefault(ends, []).append(link)
        calls = Counter((link.tail, self.forest.nodes[link.head].call) for link in self.forest.links)
        for (tail, head), mine in links.items():
            around = sorted((t for t, h in links if h == head), key=lambda t: spots[t].x)
            aside = (around.index(tail) - (len(around) - 1) / 2) * SPREAD / max(len(around) - 1, 1)
            start = (spots[tail].x, spots[tail].y + HIGH / 2)
            end = (spots[head].x + aside, spots[head].y - HIGH / 2)
            values = [(link.edges, self.forest.nodes[link.tail].row) for link in mine]
            single = all(calls[link.tail, self.forest.nodes[link.head].call] == 1 for link in mine)
            weight = self.forest.weight_of(mine[0]) if len(mine) == 1 else ""
            others = [box for box in self.boxes.values() if box.id not in (spots[tail].id, spots[head].id)]
            under = max(spot.y for spot in spots.values() if spot.row < spots[head].row) + HIGH / 2
            points = way_up(start, end, others, under)
            self.ways.append(Way(spots[tail].id, spots[head].id, points, values, single, weight))

    def _joined(self, part: Outside) -> dict[int, list[tuple[Edges, int | None]]]:
        """For each drawn node what passes between it, or the nodes that it stands for, and what is outside."""
        found: dict[int, list] = {}
        for number, edges in part.links.items():
            owner = self.plan.owner.get(number)
            if owner is not None:
                found.setdefault(owner, []).append((edges, self.forest.nodes[number].row))
        return found

    def _below(self) -> None:
        """What nodes pick their inputs from, in wide boxes; an input of one node below it, or on its left."""
        y = -STEP - HIGH
        for number, part in self.forest.inputs.items():
            spot = self.plan.spots.get(number)
            if spot is not None and len(spot.of) == 1:
                self._input(f"x{number}", spot, y, part)
        y -= STEP + HIGH if any(box.y < 0 for box in self.boxes.values()) else 0
        for k, table in enumerate(self.forest.below):
            readers = self._joined(table)
            ground = [self.plan.spots[n] for n in readers if not self.plan.below(n)]
            for n, values in readers.items():
                if self.plan.below(n):
                    self._left(f"t{k}_{n}", self.plan.spots[n], (Span("x", True),), values)
            if ground:
                self._wide(f"t{k}", y, ground, self._table_name(table), "input", table)
                for spot in ground:
                    self._up(f"t{k}", (spot.x, y + HIGH / 2), spot, readers[spot.of[0]])
                y -= STEP + HIGH

    def _input(self, name: str, spot: TreeSpot, y: float, part: Outside) -> None:
        label, values = self._source_label(part.sources), self._joined(part)[spot.of[0]]
        if spot.row:
            box = self._left(name, spot, label, values)
        else:
            box = self._box(name, spot.x, y, self.plan.box, label, theme.FILLS["input"], "input")
            self._up(name, (spot.x, y + HIGH / 2), spot, values)
        box.tooltip = "\n".join(value_tip(self.graph, source) for source in part.sources)

    def _wide(self, name: str, y: float, spots: list[TreeSpot], label: str, kind: str, part: Outside) -> None:
        low, high = min(spot.x for spot in spots), max(spot.x for spot in spots)
        width = max(high - low + self.plan.box, text_width((Span(label),), SIZE) + 16)
        box = self._box(name, (low + high) / 2, y, width, (Span(label),), theme.FILLS[kind], kind)
        said = [value_tip(self.graph, source) for source in part.sources if source[0] != "node"]
        said += [f"{len(part.nodes)} ops: {reads_of(self.graph, part.nodes)}"] if part.nodes else []
        box.tooltip = "\n".join(said)

    def _up(self, name: str, start: Point, spot: TreeSpot, values: list) -> None:
        weight = self.forest.weight_at(spot.of[0]) if len(spot.of) == 1 else ""
        self.ways.append(Way(name, spot.id, [start, (spot.x, spot.y - HIGH / 2)], values, weight=weight))

    def _left(self, name: str, spot: TreeSpot, label: tuple, values: list) -> Box:
        x = spot.x - self.plan.box / 2 - APART - SIDE / 2
        points = [(x + SIDE / 2, spot.y), (spot.x - self.plan.box / 2, spot.y)]
        self.ways.append(Way(name, spot.id, points, values))
        return self._box(name, x, spot.y, SIDE, label, theme.FILLS["input"], "input")

    def _source_label(self, sources: list) -> tuple[Span, ...]:
        leaves = [self.graph.leaves[source[1]].name for source in sources if source[0] == "leaf"]
        names = [name.rpartition(".")[2] for name in leaves if name] or ["x"]
        return theme.variable(names[0])

    def _table_name(self, table: Outside) -> str:
        """The module that an embedding belongs to, or that computes the inputs; else what the program calls it."""
        if table.nodes:
            paths = [name for name, index in self.graph.nodes[table.nodes[0]].scope if index is None]
            return paths[-1].rpartition(".")[2] if paths else "x"
        name = self.graph.leaves[table.sources[0][1]].name if table.sources[0][0] == "leaf" else None
        path, _, last = (name or "x").rpartition(".")
        return path.rpartition(".")[2] or last

    def _above(self) -> None:
        """What reads the roots, over them; what reads other nodes too, beside each."""
        y = max(spot.y for spot in self.plan.spots.values()) + HIGH + STEP
        for k, group in enumerate(self.over):
            readers = self._joined(group)
            if readers:
                label = readout_name(self.graph, group.nodes)
                self._wide(f"y{k}", y, [self.plan.spots[n] for n in readers], label, "loss", group)
                for n, values in readers.items():
                    spot = self.plan.spots[n]
                    points = [(spot.x, spot.y + HIGH / 2), (spot.x, y - HIGH / 2)]
                    self.ways.append(Way(spot.id, f"y{k}", points, values))
                y += HIGH + STEP
        for k, group in enumerate(self.right):
            label = (Span(readout_name(self.graph, group.nodes)),)
            for n, values in self._joined(group).items():
                self._beside(f"z{k}_{n}", self.plan.spots[n], k, label, values, group)

    def _beside(self, name: str, spot: TreeSpot, k: int, label: tuple, values: list, group: Outside) -> None:
        x = spot.x + self.plan.box / 2 + APART + SIDE / 2 + k * (SIDE + 6)
        if len(spot.of) > 1:
            return
        box = self._box(name, x, spot.y, SIDE, label, theme.FILLS["loss"], "loss")
        box.tooltip = f"{len(group.nodes)} ops for all nodes: {reads_of(self.graph, group.nodes)}"
        points = [(spot.x + self.plan.box / 2, spot.y), (x - SIDE / 2, spot.y)]
        self.ways.append(Way(spot.id, name, points, values))

    # ---- wires and numbers

    def _found(self, way: Way) -> tuple[float | None, bool]:
        """The norm of what comes back over a way, and whether it is exact."""
        if not self.backward:
            return None, True
        parts = [self.forest.sent_back(edges, row) for edges, row in way.values]
        norms = [norm for norm, _ in parts if norm is not None]
        return (math.hypot(*norms) if norms else None), way.single and all(exact for _, exact in parts)

    def _wires(self, i: int, way: Way, norm: float | None, exact: bool) -> None:
        sources = dict.fromkeys(source for edges, _ in way.values for source in edges)
        both = self.backward and any(self._differentiable(source) for source in sources)
        forward = moved(way.points, BESIDE if both else 0.0)
        wire = Wire(f"w{i}", way.tail, way.head, forward)
        wire.tooltip = "\n".join(value_tip(self.graph, source) for source in list(sources)[:4])
        self.scene.wires.append(wire)
        if both:
            back = moved(way.points, -BESIDE)[::-1]
            wire = gradient_wire(f"g{i}", way.head, way.tail, back, norm, exact, self.scale, self.kinds)
            self.scene.wires.append(wire)

    def _differentiable(self, source: Any) -> bool:
        return source[0] == "node" or (source[0] == "leaf" and self.graph.leaves[source[1]].requires_grad)

    def _numbers(self, found: list[tuple[float | None, bool]]) -> None:
        """Norms and names of weights, each beside its wire; what finds no room is in the tooltip alone."""
        wires, texts = {wire.id: wire for wire in self.scene.wires}, []
        for i, (way, (norm, exact)) in enumerate(zip(self.ways, found)):
            if way.weight:
                text = Text(f"w{i}weight", 0.0, 0.0, (Span(way.weight, True),), "center", 10, EDGE_INK, kind="weight")
                texts.append((text, beside(wires[f"w{i}"].points, text)))
            if norm is not None:
                text = norm_text(f"g{i}norm", norm, exact)
                texts.append((text, beside(wires[f"g{i}"].points, text)))
        self.scene.texts += Room(self.scene).put(texts)


def _shortened(word: str) -> str:
    """What fits into a box in readable letters."""
    kept = word
    while text_width((Span(kept),), 10.0) > BOX[1] - 10:
        kept = kept.removesuffix("…")[:-1] + "…"
    return kept
