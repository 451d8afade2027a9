"""From a layout to the scene: labels, colours, arrows, legend. Forward: ops by kind, states and parameters in their
colours. Backward: the same places, arrows reversed, colour by the size of the gradient. Imports labels, layout, scene,
snapshot, stubs and theme."""

from __future__ import annotations

from . import theme
from .labels import stand
from .lattice import HANDED, Source
from .layout import Layout, Piece
from .legend import add_legend, add_title
from .looks import look_of
from .scene import Box, Panel, Scene, Span, Text, Wire
from .snapshot import Graph, Leaf, OpNode
from .spot import GLYPH, LEAF, UNIT, Spot
from .stubs import add_stubs, badge
from .tips import node_tip, value_tip

__all__ = ["Painter", "paint"]

MANY = 12  # steps beyond which labels look for room in a few of them


def paint(
    layout: Layout, graph: Graph, backward: bool, title: str, subtitle: str | None = None, emphasis: str | None = None
) -> Scene:
    """The scene of an unrolled graph. backward: show gradients (the graph's gradients may be None: then it says so).
    emphasis: the state whose gradient is drawn in red where it crosses from a step to the one before."""
    painter = Painter(layout, graph, backward, emphasis)
    scene = painter.draw()
    add_title(scene, layout.size, title, painter.sentence() if subtitle is None else subtitle)
    if painter.backward:
        add_legend(scene, layout.size, painter.scale, painter.kinds)
    return scene


class Painter:
    """kinds: the looks that occur, which a legend explains."""

    def __init__(self, layout: Layout, graph: Graph, backward: bool, emphasis: str | None):
        self.emphasis = emphasis
        self.layout, self.graph, self.backward = layout, graph, backward and graph.gradients is not None
        self.asked = backward
        self.scene = Scene()
        known = [*(graph.gradients or {}).values(), *graph.contributions.values()]
        self.scale = theme.decades([stat.norm for stat in known])
        self.kinds: set[str] = set()
        self.labels: dict[tuple, list[tuple[Text, Box]]] = {}
        self.nodes = graph.nodes
        lattice = layout.lattice
        self.cut = {(slot.node, slot.position) for slot in lattice.slots if slot.cut}
        self.cut_inside = {(slot.node, slot.position) for slot in lattice.slots if slot.cut and not lattice.delta(slot)}
        self.cut_inside |= {(node.number, position) for node, position, _, cut in lattice.reads_after if cut}
        self.begun = {(slot.node, slot.position) for slot in lattice.initial}  # arguments that read a first state
        self.first_states = {slot.source for slot in lattice.initial}
        self.first_names = _first_names(layout, graph)
        begun = {(s.role, s.position): self.first_names.get(s.source) for s in lattice.initial}
        self.carried_names = {s.source: begun.get((s.role, s.position)) for s in lattice.slots if lattice.delta(s)}
        self.lane_inputs = dict(lattice.inputs.keys())
        self.rails = set(lattice.rails)

    def draw(self) -> Scene:
        """Everything but title and legend."""
        self._panels()
        for piece in self.layout.pieces:
            self._wire(piece)
        for name in self.layout.spots:
            self._box(name, self.layout.spots[name])
        for name, (x, y, source) in self.layout.dots.items():
            self._dot(name, x, y, source)
        stand(self.scene, self.labels.values(), self._near())
        add_stubs(self.scene, {f"l{leaf.number}": [leaf] for leaf in self.graph.leaves})
        return self.scene

    def sentence(self) -> str:
        if self.asked and not self.backward:
            return "backward has not run: viz.record(loss) runs it and keeps what the picture needs"
        if self.backward:
            return "arrows point the way gradients flow; colour and width show the norm, on a log scale"
        return (
            "time runs to the right; shared parameters are drawn once, with a tap at each use"
            if self.layout.lattice.rails
            else ""
        )

    # ---- background

    def _panels(self) -> None:
        for lane, (x0, y0, x1, y1) in enumerate(self.layout.panels):
            fill = "#F5F6F8" if lane % 2 == 0 else "#FAFBFD"
            self.scene.panels.append(Panel(f"step{lane}", x0, y0, x1, y1, fill))
            label = (Span(f"t = {self.layout.lattice.steps[lane] + 1}"),)
            self.scene.texts.append(Text(f"t{lane}", x0 + 12, y1 - 14, label, "left", 13, theme.MUTED, True, "step"))
        for lane in self.layout.cuts:
            x0, y0, _, y1 = self.layout.panels[lane]
            self.scene.panels.append(Panel(f"cut{lane}", x0 - 4, y0 - 6, x0 - 4, y1 + 4, line=theme.CUT, kind="line"))
            self.scene.boxes.append(badge(f"cutbadge{lane}", x0 - 4, y1 + 12))

    # ---- wires

    def _wire(self, piece: Piece) -> None:
        name = f"e{piece.edges[0][0]}_{piece.edges[0][1]}" if piece.last else f"t_{piece.head}"
        wire = Wire(name, piece.tail, piece.head, piece.points, kind="edge" if piece.last else "trunk")
        self._forward_wire(piece, wire)
        if self.backward:
            self._backward_wire(piece, wire)
        wire.tooltip = value_tip(self.graph, piece.source)
        self.scene.wires.append(wire)

    def _forward_wire(self, piece: Piece, wire: Wire) -> None:
        wire.arrow = "head" if piece.last and piece.head not in self.layout.dots else "none"
        if self._is_parameter(piece.source):
            wire.color, wire.width, wire.kind = theme.PARAMETER, 1.6 if piece.last else 2.0, wire.kind + " parameter"
        elif piece.last and piece.edges[0] in self.cut_inside:  # no line between two steps says it
            wire.color, wire.dashed, wire.kind = theme.CUT, True, "edge cut"
        elif self._is_state(piece):
            wire.color, wire.width, wire.kind = self._state_color(piece.source), 2.6, wire.kind + " state"

    def _backward_wire(self, piece: Piece, wire: Wire) -> None:
        rail = self._is_rail(piece.source)
        if rail and not piece.last:
            wire.color, wire.width, wire.arrow = theme.RAIL_MUTED, 1.4, "none"
            return
        stat = self.graph.contributions.get(piece.edges[0]) if piece.last else self._gradient(piece.source)
        if wire.kind == "edge cut":
            return
        if piece.last and piece.edges[0] in self.cut:
            wire.color, wire.width, wire.arrow = theme.WIRE, 1.4, "head"
            return
        look = look_of(stat.norm if stat else None, self.scale)
        self.kinds.add(look.kind)
        wire.color, wire.width, wire.dashed = look.line, look.width, look.dashed
        if stat is not None and self._crosses(piece) and self._state_name(piece.source) == self.emphasis:
            wire.color, wire.width = theme.EMPHASIS, 3.2
        wire.arrow = "tail" if piece.first or (rail and piece.last) else "none"

    def _is_rail(self, source: Source) -> bool:
        return source in self.rails

    def _is_parameter(self, source: Source) -> bool:
        return source[0] == "leaf" and self.graph.leaves[source[1]].parameter

    def _is_state(self, piece: Piece) -> bool:
        """Is this stretch on the way of a state from step to step, or along its straight line?"""
        lattice = self.layout.lattice
        for node, position in piece.edges:
            place = lattice.role_of.get(node)
            if place is None:
                continue
            role, lane = place
            from_lane = lattice.source_lane(piece.source)
            if (node, position) in self.begun or (piece.source in self.layout.states and from_lane != lane):
                return True
            on_line = {role, lattice.role_of.get(piece.source[1], (None, 0))[0]} <= self.layout.line_roles
            if piece.source[0] == "node" and on_line:
                return True
        return False

    def _crosses(self, piece: Piece) -> bool:
        """Does this stretch belong to a value of another step?"""
        lattice = self.layout.lattice
        lanes = {lattice.role_of[node][1] for node, _ in piece.edges if node in lattice.role_of}
        return piece.source in self.layout.states and lanes != {lattice.source_lane(piece.source)}

    def _state_color(self, source: Source) -> str:
        return theme.CELL if self._state_name(source) == "c" else theme.HIDDEN

    def _state_name(self, source: Source) -> str:
        """What the program calls the state that this value belongs to."""
        if source[0] == "node":
            own = self.nodes[source[1]].name(source[2])
            own = own or self.carried_names.get(source) or self.first_names.get(source)
            place = self.layout.lattice.role_of.get(source[1])
            if place and place[0] in self.layout.line_roles and not own:
                names = [self.layout.lattice.roles[r].name for r in sorted(self.layout.line_roles)]
                return next((n for n in names if n), "h")
            return own or "h"
        return self.first_names.get(source) or "h"

    # ---- boxes

    def _box(self, name: str, spot: Spot) -> None:
        box = Box(name, spot.x * UNIT, spot.y * UNIT, spot.width, spot.height, shape="circle" if spot.round else "box")
        if name[0] == "n":
            self._op_box(box, self.nodes[int(name[1:])])
        else:
            self._leaf_box(box, name)
        self.scene.boxes.append(box)

    def _op_box(self, box: Box, node: OpNode) -> None:
        if node.op == HANDED:
            self._handed_box(box, node)
            return
        box.label = (Span(theme.glyph(node.op, node.inputs, node.params)),)
        fits = (box.width - 4) / theme.text_width(box.label, GLYPH)
        box.size = 15 if box.shape == "circle" else GLYPH * min(1.0, fits)
        box.fill = theme.FILLS["fused"] if node.fused else theme.fill_of(node.op)
        box.tooltip, box.kind = node_tip(self.graph, node), f"op {node.op}"
        box.line_width = 2.6 if node.fused else 1.3
        norm = self._node_norm(node)
        if self.backward:
            self._backward_box(box, norm)
        if node.op == "cut":
            box.line, box.ink, box.dashed = theme.CUT, theme.CUT_INK, True
        place = self.layout.lattice.role_of.get(node.number)
        step = self.layout.lattice.steps[place[1]] + 1 if place else None
        label = node.name(0) or self._root_name(node)
        if label and len(node.outputs) == 1:
            spans = theme.variable(label, step if node.name(0) else None)
            self._label(box, "name", spans, 14, theme.INK)
            if self.backward and norm is not None:
                self._number_text(box, norm)
        elif self.backward and norm is not None and node.op in theme.LOSSES:
            self._number_text(box, norm)

    def _handed_box(self, box: Box, node: OpNode) -> None:
        """What a net hands on to the next, where it is a state."""
        source, step = ("node", node.number, 0), dict(node.params).get("step")
        name = node.name(0) or self.first_names.get(source)
        subscript = self.layout.lattice.steps[0] if step is None else int(step) + 1
        box.label, box.size = theme.variable(name or "", subscript), LEAF
        box.fill, box.kind = theme.FILLS["state"], "state" if name and not node.inputs else "handed"
        box.tooltip = value_tip(self.graph, source)
        if self.backward:
            self._backward_box(box, self._node_norm(node))

    def _root_name(self, node: OpNode) -> str | None:
        scalar = ("node", node.number, 0) in self.graph.roots and node.outputs[0][0] == ()
        return "L" if scalar else None

    def _label(self, box: Box, kind: str, spans: tuple[Span, ...], size: float, color: str) -> None:
        """A word beside a box, in every step at the same place."""
        number = int(box.id[1:]) if box.id[0] == "n" else None
        role = self.layout.lattice.role_of.get(number, (box.id,))[0]
        text = Text(f"{box.id}{kind}", box.x, box.y, spans, size=size, color=color, kind=kind)
        self.labels.setdefault((kind, role), []).append((text, box))

    def _near(self) -> list[tuple[float, float]]:
        """Where every kind of step is seen, and what is outside of them."""
        panels, (width, _) = self.layout.panels, self.layout.size
        if len(panels) <= MANY:
            return [(0.0, width)]
        return [(0.0, panels[2][2]), (panels[-2][0], width)]

    def _number_text(self, box: Box, norm: float) -> None:
        self._label(box, "norm", (Span(theme.number(norm)),), 11, "#8A3B12")

    def _leaf_box(self, box: Box, name: str) -> None:
        source: Source = ("leaf", int(name[1:])) if name[0] == "l" else ("array", *map(int, name[1:].split("_")))
        leaf = self.graph.leaves[source[1]] if source[0] == "leaf" else None
        box.tooltip, box.size = value_tip(self.graph, source), LEAF
        if leaf is not None and leaf.parameter:
            self._parameter_box(box, leaf)
        else:
            self._input_box(box, source, leaf)
        if self.backward:
            norm = self._norm(source)
            self._backward_box(box, norm)
            if leaf is not None and leaf.parameter:
                box.line, box.line_width = theme.PARAMETER, 1.8
                if norm is not None:
                    box.label = (*box.label, Span("  " + theme.number(norm)))
        box.label, box.size = theme.fitted(box.label, LEAF, box.width - 4)

    def _parameter_box(self, box: Box, leaf: Leaf) -> None:
        box.label = theme.parameter_label(leaf, [other for other in self.graph.leaves if other.parameter])
        box.fill, box.line, box.line_width, box.kind = theme.FILLS["parameter"], theme.PARAMETER, 1.8, "parameter"
        self._shape_text(box, leaf)

    def _shape_text(self, box: Box, leaf: Leaf) -> None:
        self._label(box, "shape", (Span(theme.shape_text(leaf.shape)),), 11, theme.MUTED)

    def _input_box(self, box: Box, source: Source, leaf: Leaf | None) -> None:
        lattice = self.layout.lattice
        lane = self.lane_inputs.get(source)
        own = leaf.name if leaf is not None else None
        if leaf is not None and source in self.rails:
            self._shape_text(box, leaf)
        if source in self.first_states:
            box.label, box.fill, box.kind = (
                theme.variable(self.first_names.get(source) or "h", lattice.steps[0]),
                theme.FILLS["state"],
                "state",
            )
        elif lane is not None:
            ends = source in lattice.from_the_end
            step, fill = lattice.steps[lane] + (2 if ends else 1), theme.FILLS["state" if ends else "input"]
            box.label, box.fill, box.kind = theme.variable(own or ("h" if ends else "x"), step), fill, "input"
        else:
            box.label, box.fill, box.kind = theme.variable(own or "x"), theme.FILLS["input"], "input"

    def _backward_box(self, box: Box, norm: float | None) -> None:
        look = look_of(norm, self.scale)
        self.kinds.add(look.kind)
        box.fill, box.ink, box.dashed = look.fill, look.ink, look.dashed
        box.line = look.line if look.dashed else theme.INK

    def _dot(self, name: str, x: float, y: float, source: Source) -> None:
        color = theme.PARAMETER if self._is_parameter(source) else theme.WIRE
        if name[0] == "j" and source in self.layout.states or source in self.first_states:
            color = self._state_color(source)
        if self.backward:
            stat = self._gradient(source)
            color = theme.RAIL_MUTED if self._is_rail(source) else look_of(stat.norm if stat else None, self.scale).line
        size = 7.0 if self._is_rail(source) else 5.5
        self.scene.boxes.append(Box(name, x, y, size, size, shape="dot", fill=color, line=color, kind="junction"))

    # ---- numbers

    def _gradient(self, source: Source):
        gradients = self.graph.gradients or {}
        return gradients.get(("node", source[1], 0) if source[0] == "bus" else source)

    def _norm(self, source: Source) -> float | None:
        stat = self._gradient(source)
        return None if stat is None else stat.norm

    def _node_norm(self, node: OpNode) -> float | None:
        """The norm over all outputs of a node; None if a gradient arrives at none of them."""
        norms = [self._norm(("node", node.number, i)) for i in range(len(node.outputs))]
        found = [n for n in norms if n is not None]
        return sum(n * n for n in found) ** 0.5 if len(found) > 1 else (found[0] if found else None)


def _first_names(layout: Layout, graph: Graph) -> dict[Source, str | None]:
    """What the first states are called: by their own name, else as the state in their place one step later."""
    lattice = layout.lattice
    later: dict[tuple[int, int], str | None] = {}
    for slot in lattice.slots:
        if lattice.source_lane(slot.source) is not None:
            later.setdefault((slot.role, slot.position), graph.nodes[slot.source[1]].name(slot.source[2]))
    names: dict[Source, str | None] = {}
    for slot in lattice.initial:
        own = graph.leaves[slot.source[1]].name if slot.source[0] == "leaf" else None
        names.setdefault(slot.source, own or later.get((slot.role, slot.position)))
    return names
