"""A box for each cell and time step: forward wires thin and grey, beside each the gradient that comes back with its
colour, width and number. Columns are steps, rows are the parts of the net. Imports contract and what draws."""

from __future__ import annotations

from . import theme
from .cellplan import HEIGHT, PITCH, UNIT, Plan, Spot
from .contract import Cell, Contraction, Link
from .fan import draw_rays, padding, rays_of, sentence, weights_of
from .legend import add_legend, add_title
from .looks import gradient_wire, norm_text
from .naming import label_of, reads_of, step_name, sweep_of
from .render import Picture
from .room import Room, beside
from .route import corners
from .scene import Box, Panel, Point, Scene, Span, Text, Wire
from .snapshot import Graph
from .steps import Source
from .stubs import add_stubs, badge
from .tips import scope_text, value_tip

__all__ = ["draw_cells"]

BESIDE = 4.0  # how far the two wires of a link lie from the line that was routed
FILLS = {"reversed": "#F3E1EC", "second": "#DDEFE9"}


def draw_cells(
    graph: Graph, backward: bool, title: str | None, subtitle: str | None, emphasis: str | None = None
) -> Picture:
    """The graph contracted to modules and steps. backward: beside each forward wire the gradient that comes back, with
    the norm of what crosses it. emphasis: the name of a state; in the backward picture what it brings back from the
    step after is red. Of more than 12 steps the middle ones are left out. Raises ValueError for a graph without steps.
    """
    contraction = Contraction(graph)
    if not contraction.lanes:
        raise ValueError('view="cells": no op stands in a time step; use mg.scope("step", t), or view="ops"')
    scene = _Painter(Plan(contraction), backward, emphasis).paint(title, subtitle)
    return Picture(scene, title or "")


class _Painter:
    def __init__(self, plan: Plan, backward: bool, emphasis: str | None):
        self.plan, self.contraction, self.graph = plan, plan.contraction, plan.contraction.graph
        self.asked, self.backward = backward, backward and self.graph.gradients is not None
        self.norms = [self.contraction.gradient(link) for link in plan.links]
        self.rays = rays_of(plan)
        norms = [*[norm for norm, _ in self.norms], *[ray.norm for ray in self.rays]]
        self.scale = theme.decades([norm for norm in norms if norm is not None])
        self.kinds: set[str] = set()
        self.scene = Scene()
        states = plan.contraction.states().items()
        self.marked = {source for (_, name), values in states if name == emphasis for source in values.values()}

    def paint(self, title: str | None, subtitle: str | None) -> Scene:
        self._panels()
        for spot in self.plan.spots.values():
            self._box(spot)
        self.scene.texts += padding(self.plan)
        draw_rays(self.scene, self.rays, self.scale if self.backward else None, self.kinds)
        for i, link in enumerate(self.plan.links):
            self._link(i, link)
        leaves = self.graph.leaves
        add_stubs(self.scene, {spot.id: [leaves[source[1]] for source in spot.of[0].sources if source[0] == "leaf"]
                               for spot in self.plan.spots.values()})  # fmt: skip
        self._numbers()
        room = 14.0 if any(box.kind == "cut" for box in self.scene.boxes) else 0.0
        size = (max(self.plan.width * UNIT, 560.0), self.plan.height * UNIT + room)
        add_title(self.scene, size, title or "", self._sentence() if subtitle is None else subtitle)
        if self.backward:
            add_legend(self.scene, size, self.scale, self.kinds)
        return self.scene

    def _sentence(self) -> str:
        if self.asked and not self.backward:
            return "backward has not run: viz.record(loss) runs it and keeps what the picture needs"
        about = "" if all(exact for _, exact in self.norms) else "; ≈ joins the norms of several contributions"
        told = f"grey: forward value; coloured: the gradient that flows back, with its norm{about}"
        told = told if self.backward else "one box for each part of the net and time step"
        return told + sentence(self.plan, self.rays, self.backward)

    # ---- background

    def _panels(self) -> None:
        plan = self.plan
        y0, y1 = 0.0, 0.0
        for i, lanes in enumerate(plan.columns):
            floor, top = plan.floors[plan.group(i)], plan.tops[plan.group(i)]
            x, y0, y1 = plan.x[i] * UNIT, (plan.y(floor) - 2.4) * UNIT, (plan.y(top) + 3.6) * UNIT
            wide = plan.pitch - PITCH if plan.story[plan.group(i)] else 0  # pieces stand on the right
            x0, x1 = x - (PITCH / 2 - 0.4) * UNIT, x + (PITCH / 2 - 0.4 + wide) * UNIT
            self.scene.panels.append(Panel(f"step{i}", x0, y0, x1, y1, "#F5F6F8" if i % 2 == 0 else "#FAFBFD"))
            words = step_name(self.contraction, lanes[0]) if len(lanes) == 1 else f"× {len(lanes)}"
            self.scene.texts.append(
                Text(f"t{i}", x0 + 10, y1 - 13, (Span(words),), "left", 13, theme.MUTED, True, "step")
            )
            sweep = sweep_of(self.contraction, lanes[0])
            if sweep and (i == 0 or plan.group(i - 1) != plan.group(i)):
                at = x0, (plan.height - 0.8) * UNIT
                self.scene.texts.append(
                    Text(f"sweep{i}", *at, (Span(f"{sweep} sweeps"),), "left", 13, theme.MUTED, True, "sweep")
                )
        for column in sorted({self._entered(link) for link in plan.links if link.cut} - {None}):
            x = (plan.x[column] - PITCH / 2) * UNIT
            self.scene.panels.append(Panel(f"cut{column}", x, y0 - 6, x, y1 + 4, line=theme.CUT, kind="line"))
            self.scene.boxes.append(badge(f"cutbadge{column}", x, y1 + 13))

    def _entered(self, link: Link) -> int | None:
        """The column that a wire enters from another step."""
        tail, head = (self.plan.spots[name] for name in (link.tail, link.head))
        if tail.x == head.x or any(spot.of[0].place != "lane" for spot in (tail, head)):
            return None
        return self.plan.column[(head if tail.x < head.x else tail).of[0].lanes[0]]

    # ---- boxes

    def _box(self, spot: Spot) -> None:
        cell = spot.of[0]
        box = Box(spot.id, spot.x * UNIT, spot.y * UNIT, spot.width, HEIGHT)
        box.label = label_of(self.contraction, cell) if len(spot.of) == 1 else (Span("⋯"),)
        box.fill, box.line_width, box.kind = self._fill(cell), 1.3, cell.place
        box.size = round(min(13.0, 13.0 * (spot.width - 6) / theme.text_width(box.label, 13.0)), 1)
        box.tooltip = self._tip(spot)
        self.scene.boxes.append(box)

    def _tip(self, spot: Spot) -> str:
        if spot.of[0].sources:
            return "\n".join(value_tip(self.graph, source) for source in spot.of[0].sources)
        nodes = [n for cell in spot.of for n in cell.nodes]
        steps = [self.contraction.lanes[cell.lanes[0]][1] + 1 for cell in spot.of]
        scope = self.graph.nodes[nodes[0]].scope
        place = scope_text(scope)
        times = f"steps {steps[0]} to {steps[-1]}: " if len(steps) > 1 else ""
        return f"{place or 'outside of any module'}\n{times}{len(nodes)} ops: {reads_of(self.graph, nodes)}"

    def _fill(self, cell: Cell) -> str:
        if cell.place in ("input", "first"):
            return theme.FILLS["input" if cell.place == "input" else "state"]
        ops = {self.graph.nodes[n].op for n in cell.nodes}
        if ops & set(theme.LOSSES) or (cell.kind[0] != "cell" and not self.contraction.feeds_steps(cell)):
            return theme.FILLS["loss"]
        if cell.kind in self.contraction.reversed:
            return FILLS["reversed"]
        if cell.kind[0] == "cell":
            return FILLS["second"] if self.contraction.lanes[cell.lanes[0]][0] else theme.FILLS["squash"]
        return theme.FILLS["input" if cell.place == "below" else "plain"]

    # ---- wires

    def _link(self, i: int, link: Link) -> None:
        path = corners(self.plan.paths[i])
        tail, head = self.plan.spots[link.tail], self.plan.spots[link.head]
        points = [(x * UNIT, y * UNIT) for x, y in path]
        points[0], points[-1] = tail.border(path[0]), head.border(path[-1])
        if points[0] == points[1]:
            points.pop(1)
        both = self.backward and not link.cut and any(self._differentiable(source) for source in link.edges)
        tip = "\n".join(value_tip(self.graph, source) for source in link.edges)
        forward = _moved(points, BESIDE if both else 0.0)
        wire = Wire(f"w{i}", tail.id, head.id, forward, tooltip=tip)
        if link.cut and self._entered(link) is None:  # no line between two steps says it
            wire.color, wire.dashed, wire.kind = theme.CUT, True, "edge cut"
        self.scene.wires.append(wire)
        if both:
            self._gradient_wire(i, link, _moved(points, -BESIDE)[::-1])

    def _differentiable(self, source: Source) -> bool:
        """Could a gradient arrive? Not at data that asks for none."""
        if self.contraction.is_piece(source):
            source = ("leaf", self.graph.nodes[source[1]].inputs[0].number)
        return source[0] == "node" or (source[0] == "leaf" and self.graph.leaves[source[1]].requires_grad)

    def _gradient_wire(self, i: int, link: Link, points: list[Point]) -> None:
        norm, exact = self.norms[i]
        wire = gradient_wire(f"g{i}", link.head, link.tail, points, norm, exact, self.scale, self.kinds)
        if norm is not None and self.marked & set(link.edges) and self._entered(link) is not None:
            wire.color = theme.EMPHASIS
        self.scene.wires.append(wire)

    # ---- numbers

    def _numbers(self) -> None:
        """The norm beside each gradient wire, and the weights that are written; what finds no room is in the tooltip
        alone."""
        wires = {wire.id: wire for wire in self.scene.wires if wire.kind == "gradient"}
        texts = weights_of([] if self.backward else self.rays)
        for i, (norm, exact) in enumerate(self.norms):
            if norm is not None and f"g{i}" in wires:
                text = norm_text(f"g{i}norm", norm, exact)
                texts.append((text, beside(wires[f"g{i}"].points, text)))
        self.scene.texts += Room(self.scene).put(texts)


def _moved(points: list[Point], by: float) -> list[Point]:
    """The polyline moved to its own left, by so many points; its ends stay on their borders."""

    def shift(a: Point, b: Point) -> Point:
        return (0.0, by if b[0] > a[0] else -by) if a[1] == b[1] else (-by if b[1] > a[1] else by, 0.0)

    moves = [shift(a, b) for a, b in zip(points, points[1:])]
    both = [moves[0], *[(a[0] + b[0], a[1] + b[1]) for a, b in zip(moves, moves[1:])], moves[-1]]
    return [(x + dx, y + dy) for (x, y), (dx, dy) in zip(points, both)]
