"""The folded view: a recurrent net as its circuit, one copy of the step for any number of steps, with a black square
where a value waits for the next step (Goodfellow, Bengio and Courville 2016, fig. 10.2). Imports abreast,
bends, circuit, legend, paint, render, scene, snapshot, split, spot, stubs, theme and tips."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from . import theme
from .abreast import Part, abreast
from .bends import Bends, Loop
from .circuit import Folded, StepOp, fold, unfold
from .legend import add_legend, add_title
from .paint import Painter
from .render import Picture
from .scene import Box, Panel, Span, Text
from .snapshot import Graph, OpNode, Stat
from .split import name_of, split
from .spot import UNIT
from .stubs import badge
from .tips import node_tip, value_tip

__all__ = ["Folded", "draw_folded", "fold", "unfold"]

FEW = 3  # so many steps are told one by one
LEGEND = 230.0  # points


def draw_folded(
    graph: Graph, backward: bool, title: str | None, subtitle: str | None, emphasis: str | None = None
) -> Picture:
    """The recurrent circuit of a graph. backward: a box or wire has the colour of the root mean square, over the steps
    where one arrives, of the norms of its gradient (a parameter that of its sum); the tooltip has their range. Nets in
    a row, such as an encoder and its decoder, are circuits side by side. Raises ValueError for a graph without time
    steps, for several nets that are no chain, and where a step reads what all steps of its own net made."""
    parts = split(graph)
    if not parts:
        raise ValueError(
            "folded: the nets here are no chain in which the steps of each read what the one before made; "
            'view="cells" draws them'
        )
    circuits = [fold(part) for part in parts]
    if any(circuit.lattice.looks_back() for circuit in circuits):
        raise ValueError('folded: a step reads what all steps made, as attention does; view="cells" draws that')
    bends = [Bends(circuit) for circuit in circuits]
    layouts = [one.build() for one in bends]
    over_time = parts[0]
    for circuit in circuits:
        over_time = _over_time(circuit, over_time)
    drawn, kinds = [], set()
    for part, circuit, one, layout in zip(parts, circuits, bends, layouts):
        roots = tuple(map(one.same, part.roots))
        painter = Painter(layout, replace(over_time, nodes=part.nodes, roots=roots), backward, emphasis)
        drawn.append(Part(part, layout, painter.draw(), name_of(part, parts)))
        _Labels(circuit, one, part, painter).write()
        kinds |= painter.kinds
    scene, size = abreast(drawn, painter.backward)
    if title is None:
        title = _title(graph, backward)
    if subtitle is None:
        told = painter.backward == backward
        subtitle = _sentence([len(circuit.steps) for circuit in circuits], backward) if told else painter.sentence()
    if painter.backward:  # the legend stands beside title and subtitle
        words = max(1.1 * theme.text_width((Span(title),), 18), theme.text_width((Span(subtitle),), 11.5))
        size = (max(size[0], words + LEGEND), size[1])
    add_title(scene, size, title, subtitle)
    if painter.backward:
        add_legend(scene, size, painter.scale, kinds)
    return Picture(scene, title)


def _title(graph: Graph, backward: bool) -> str:
    frames = {node.scope[0][0] if node.scope else "step" for node in graph.nodes}
    name = frames.pop() if len(frames) == 1 and "step" not in frames else "Recurrent circuit"
    return f"{name}, folded — {'backward' if backward else 'forward'} pass"


def _sentence(steps: list[int], backward: bool) -> str:
    if backward:
        return "colour and width: root mean square of the norms over the steps (of a parameter: of the sum), log scale"
    if max(steps) == 1:
        return "a single step"
    stands = f"one step stands for all {steps[0]}" if len(steps) == 1 else "one step of each net stands for all of them"
    return f"{stands}; a black square keeps its value for another step"


# ---- numbers over time


def _over_time(folded: Folded, graph: Graph) -> Graph:
    """The graph in which every step has the root mean square of all steps."""
    graph = replace(graph, values={})
    if graph.gradients is None:
        return graph
    gradients, contributions = dict(graph.gradients), dict(graph.contributions)
    for op in folded.ops.values():
        for index in range(len(op.node.outputs)):
            _level(gradients, [("node", number, index) for number in op.nodes.values()])
        for position in range(len(op.reads)):
            _level(contributions, [(number, position) for number in op.nodes.values()])
    for sources in folded.inputs.values():
        _level(gradients, list(sources.values()))
    return replace(graph, gradients=gradients, contributions=contributions)


def _level(stats: dict, keys: list) -> None:
    norms = [stats[key].norm for key in keys if key in stats]
    if norms:
        stats.update(dict.fromkeys(keys, Stat(rms(norms), 0.0, 0.0)))


def rms(norms: list[float]) -> float:
    """The root mean square of some norms; scaled by the largest, so that it neither overflows nor vanishes."""
    largest = max(norms)
    if not 0 < largest < float("inf"):
        return sum(norms)
    return largest * (sum((n / largest) ** 2 for n in norms) / len(norms)) ** 0.5


def spread(stats: dict | None, keys: Iterable) -> str:
    """What is told of gradients over time: `gradient, RMS 0.02 over 30 steps (0.001 .. 0.1)`."""
    if stats is None:
        return ""
    keys = list(keys)
    norms = [stats[key].norm for key in keys if key in stats]
    if not norms:
        return "gradient: none arrives"
    often = f"{len(norms)} of {len(keys)}" if len(norms) < len(keys) else str(len(keys))
    low, high = theme.number(min(norms), 3), theme.number(max(norms), 3)
    return f"gradient: RMS {theme.number(rms(norms), 3)} over {often} steps ({low} .. {high})"


# ---- words


class _Labels:
    """Turns what was painted for one step into what holds for all: t for its number, ids by role, tooltips over time,
    delays, and what is different in some steps."""

    def __init__(self, folded: Folded, bends: Bends, graph: Graph, painter: Painter):
        self.folded, self.bends, self.graph, self.scene = folded, bends, graph, painter.scene
        self.lattice = folded.lattice
        self.backward = painter.backward
        self.steps = [step + 1 for step in folded.steps]
        self.roles = {bends.name_of(role.number): role.number for role in self.lattice.roles}
        self.tips = {role: self._role_tip(role) for role in self.roles.values()}

    def write(self) -> None:
        for text in self.scene.texts:
            base, word = re.fullmatch(r"(.*?)(name|norm|shape)?", text.id).groups()
            if base in self.roles:
                if word == "name":
                    text.spans = self._any_step(self.roles[base], text.spans)
                text.id = f"r{self.roles[base]}{word}"
            if text.id == "t0":
                text.spans = (Span(f"× {len(self.steps)} step{'s' * (len(self.steps) > 1)}"),)
        for box in self.scene.boxes:
            role = self.roles.get(box.id)
            if role is not None:
                if role in self.folded.inputs:
                    box.label = self._any_step(role, box.label)
                box.id, box.tooltip = f"r{role}", self.tips[role]
        self._wires()
        for loop in self.bends.loops:
            self._delay(loop)
        self._shadow()
        self._exits()
        self._notes()

    def _any_step(self, role: int, spans: tuple[Span, ...]) -> tuple[Span, ...]:
        """f_2 becomes f_t, unless it is there in one step alone."""
        if len(self._lanes(role)) < 2 or spans[-1].level != -1:
            return spans
        parts = spans[-1].text.split(",")
        return (*spans[:-1], replace(spans[-1], text=",".join([*parts[:-1], "t"])))

    def _lanes(self, role: int) -> dict:
        return self.lattice.roles[role].lanes or self.lattice.roles[role].sources

    # ---- boxes and wires

    def _role_tip(self, role: int) -> str:
        lanes = self._lanes(role)
        if role in self.folded.inputs:
            keys = list(lanes.values())
            lines = [value_tip(replace(self.graph, values={}, gradients=None), keys[0])]
            names = [f"{source[0][0]}{source[1]}" for source in keys]
        else:
            op = self.folded.ops[role]
            scope = tuple(frame for frame in op.node.scope if frame[0] != "step")
            keys = [("node", n, i) for n in lanes.values() for i in range(len(op.node.outputs))]
            lines = [_bare_tip(self.graph, replace(op.node, scope=scope))]
            names = [f"n{number}" for number in lanes.values()]
        lines.append(f"t = {_these([self.steps[lane] for lane in lanes])}: {_first_few(names)}")
        lines.append(spread(self.graph.gradients, keys))
        return "\n".join(line for line in lines if line)

    def _wires(self) -> None:
        delays = {loop.id: loop for loop in self.bends.loops}
        for wire in self.scene.wires:
            edge = re.fullmatch(r"e(\d+)_(\d+)", wire.id)
            if wire.tail in self.roles:
                wire.tooltip = self.tips[self.roles[wire.tail]]
            if wire.tail in delays:
                wire.tooltip = self._delay_tip(delays[wire.tail])
            if edge and int(edge[1]) in self.lattice.role_of:
                self._edge_wire(wire, int(edge[1]), int(edge[2]))
            if wire.head in delays:
                wire.id, wire.arrow = f"{wire.head}_in", wire.arrow if self.backward else "head"
            wire.tail, wire.head = self._name(wire.tail), self._name(wire.head)

    def _edge_wire(self, wire, number: int, position: int) -> None:
        role = self.lattice.role_of[number][0]
        if number not in self.folded.exceptions:
            wire.id = f"r{role}_{position}"
        nodes = self.folded.ops[role].nodes.values()
        known = None if self.graph.gradients is None else self.graph.contributions
        told = spread(known, [(number, position) for number in nodes])
        wire.tooltip = "\n".join([wire.tooltip, told.replace("gradient", "through this wire")]).strip()

    def _name(self, box: str) -> str:
        return f"r{self.roles[box]}" if box in self.roles else box

    # ---- delays

    def _delay(self, loop: Loop) -> None:
        x, y, ink = loop.middle * UNIT, loop.top * UNIT, theme.INK
        square = Box(loop.id, x, y, 12, 12, shape="patch", fill=ink, line=ink, kind="delay")
        square.tooltip = self._delay_tip(loop)
        self.scene.boxes.append(square)
        when = f"t{-loop.delay:+d}".replace("-", "−")
        name = self._carried_name(loop)
        spans = theme.variable(name, when, split=False) if name else (Span(when, True),)
        lanes = sorted({slot.lane for slot in self._carried(loop)})
        if len(lanes) == 1 < len(self.steps) - abs(loop.delay):
            spans = (*spans, Span(f"  at t = {self.steps[lanes[0]]} only"))
        side = -1 if loop.delay > 0 else 1
        self.scene.texts.append(
            Text(f"{loop.id}name", x + 12 * side, y + 10, spans, "right" if side < 0 else "left", 13, kind="name")
        )
        if self._cut_lanes(loop):
            sign = badge(f"{loop.id}cut", x - 60 * side, y)
            sign.tooltip = f"before t = {_these(self._cut_lanes(loop))}"
            self.scene.boxes.append(sign)

    def _carried_name(self, loop: Loop) -> str | None:
        return self.graph.nodes[loop.source[1]].name(loop.source[2])

    def _delay_tip(self, loop: Loop) -> str:
        steps = f"{abs(loop.delay)} step{'s' * (abs(loop.delay) > 1)}"
        name = self._carried_name(loop) or self.graph.nodes[loop.source[1]].op
        told = f"{name} of {steps} {'before' if loop.delay > 0 else 'after'}"
        lanes = sorted({slot.lane for slot in self._carried(loop)})
        return f"{told}\nread at t = {_these([self.steps[lane] for lane in lanes])}"

    def _carried(self, loop: Loop) -> list:
        """The arguments, in all steps, that are fed through a delay."""
        places = {(slot.role, slot.position) for slot in loop.slots}
        slots = [slot for slot in self.lattice.slots if (slot.role, slot.position) in places]
        return [slot for slot in slots if self.lattice.delta(slot) == loop.delay]

    def _cut_lanes(self, loop: Loop) -> list[int]:
        return sorted({self.steps[slot.lane] for slot in self._carried(loop) if slot.cut})

    # ---- what is said beside

    def _shadow(self) -> None:
        """A second sheet behind the step: there are several."""
        if len(self.steps) > 1:
            panel = self.scene.panels[0]
            x0, x1, y0, y1 = (v + 5 for v in (panel.x0, panel.x1, panel.y0, panel.y1))
            self.scene.panels.insert(0, Panel("steps", x0, y0, x1, y1, "#E9ECF1", panel.line))

    def _exits(self) -> None:
        """Which steps' values go on to what follows the steps."""
        x = self.bends.end * UNIT + 2
        for y, lanes in self.bends.exits().items():
            words = f"t = {_these([self.steps[lane] for lane in lanes])}"
            if len(self.steps) > 1:
                words = "every t" if len(lanes) == len(self.steps) else words
                self.scene.texts.append(Text(f"exit{y}", x, y * UNIT + 8, (Span(words),), "left", 10, theme.MUTED))

    def _notes(self) -> None:
        x = self.bends.start * UNIT
        for place, spans in enumerate([*self._reads_instead(), *self._cuts(), *self._lacks()]):
            y = -10 - 15 * place
            self.scene.texts.append(Text(f"note{place}", x, y, spans, "left", 10.5, theme.MUTED, kind="note"))

    def _reads_instead(self) -> list[tuple[Span, ...]]:
        """`first step reads h_0, c_0`, and the other end of what runs against time."""
        first = [box.label for box in self.scene.boxes if box.kind == "state"]
        ends = {f"r{self.bends.input_role[source]}" for source in self.lattice.from_the_end}
        last = [box.label for box in self.scene.boxes if box.id in ends]
        return [
            (Span(f"{step} step reads "), *_listed(list(dict.fromkeys(labels))))
            for step, labels in (("first", first), ("last", last))
            if labels and len(self.steps) > 1
        ]

    def _cuts(self) -> list[tuple[Span, ...]]:
        cuts = sorted({self.steps[slot.lane] for slot in self.lattice.slots if slot.cut})
        return [(Span(f"detached before t = {_these(cuts)}: no gradient passes"),)] if cuts else []

    def _lacks(self) -> list[tuple[Span, ...]]:
        """Ops that are not there in every step; those of the same steps together."""
        found: dict[tuple, list[str]] = {}
        for op in self.folded.ops.values():
            lacks = [lane for lane in range(len(self.steps)) if lane not in op.nodes]
            if lacks:
                few = len(lacks) <= len(op.nodes)
                key = ("no {} at t = {}", *lacks) if few else ("{} only at t = {}", *sorted(op.nodes))
                found.setdefault(key, []).append(self._word(op))
        return [
            (Span(words.format(", ".join(names), _these([self.steps[lane] for lane in lanes]))),)
            for (words, *lanes), names in found.items()
        ]

    def _word(self, op: StepOp) -> str:
        node = self.graph.nodes[next(iter(op.nodes.values()))]
        sign = theme.glyph(node.op, node.inputs, node.params)
        name = op.name or ("L" if any(("node", n, 0) in self.graph.roots for n in op.nodes.values()) else None)
        return f"{name} ({sign})" if name else sign


def _listed(labels: list[tuple[Span, ...]]) -> list[Span]:
    """Labels with commas between."""
    spans = [span for label in labels for span in (*label, Span(", "))]
    return spans[:-1]


def _these(steps: list[int]) -> str:
    """`1 .. 30`, `3`, `2, 5`, `3, 5, 7, … (14)`."""
    if len(steps) > 2 and steps == list(range(steps[0], steps[-1] + 1)):
        return f"{steps[0]} .. {steps[-1]}"
    words = ", ".join(map(str, steps[:FEW]))
    return words if len(steps) <= FEW else f"{words}, … ({len(steps)})"


def _first_few(names: list[str]) -> str:
    return ", ".join(names[:FEW]) + (", …" if len(names) > FEW else "")


def _bare_tip(graph: Graph, node: OpNode) -> str:
    return node_tip(replace(graph, values={}, gradients=None), node)
