"""Where the parts of a folded graph stand: the step as the unrolled picture lays it out, once, and what goes on to
another step bent back over the top, through a delay. Imports circuit, layout, lattice, paths, side and spot."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace

from .circuit import Folded
from .lattice import Slot, Source
from .layout import Layout, _Builder
from .paths import join, shift
from .route import VERTICAL, Vertex
from .side import after, before
from .spot import UNIT

__all__ = ["Bends", "Loop"]

TRACK, COLUMN, HALF = 3, 2, 0.6  # grid units between loops above and beside the step, half a delay's side


@dataclass
class Loop:
    """A value on its way to another step. delay: steps from where it is made to where it is read, negative against
    time. out, back: the stretches inside the step; left, right, top: where it runs around it."""

    id: str
    source: Source
    delay: int
    out: list[Vertex]
    back: dict[tuple[int, int], list[Vertex]] = field(default_factory=dict)  # argument -> path
    slots: list[Slot] = field(default_factory=list)
    left: int = 0
    right: int = 0
    top: int = 0
    middle: float = 0.0

    def ends(self) -> tuple[Vertex, Vertex]:
        """Where it touches the left and the right border of the step."""
        back = max((path[0] for path in self.back.values()), key=lambda v: v[1])
        return (back, self.out[-1]) if self.delay > 0 else (self.out[-1], back)


class Bends(_Builder):
    """One step stands for all: usual[role] is the lane that is drawn."""

    def __init__(self, folded: Folded):
        self.folded, self.whole = folded, folded.lattice
        self.usual = _usual_lanes(folded)
        self.input_role = {source: role for role, sources in folded.inputs.items() for source in sources.values()}
        one = copy.copy(self.whole)
        one.slots = _distinct(folded)
        super().__init__(one)
        self.last = 0
        one.role_of = {number: (role, 0) for number, (role, _) in self.whole.role_of.items()}
        one.reads_after = self._reads_after()
        one.stacks = [replace(node, inputs=node.inputs[:1]) for node in self.whole.stacks]
        self.loops: list[Loop] = []
        self.joined: dict[str, list[Vertex]] = {}  # ways from first states to what comes back

    def build(self) -> Layout:
        lane, layout = self.lane, self.layout
        self.left = before(self.lattice, lane)
        self.right = after(self.lattice, lane, self._heights())
        self._find_loops()
        gutter = COLUMN * len(self.loops) + 1
        self.start = self.left.width + gutter
        self.end = self.start + lane.width + gutter
        self._stand_loops()
        self._boxes()
        self._find_paths()
        self._wires()
        top = max([lane.height, *(loop.top + 3 for loop in self.loops), *(s.y + 5 for s in layout.spots.values())])
        layout.size = ((self.end + self.right.width) * UNIT, top * UNIT)
        x0, x1 = self.start * UNIT + 4, (self.start + lane.width) * UNIT - 4
        layout.panels.append((x0, (lane.floor + 0.3) * UNIT, x1, (lane.ceiling + 1) * UNIT))
        layout.line_roles = lane.line
        layout.conflicts = len(lane.grid.conflicts)
        self._states()
        layout.lattice = self.whole
        return layout

    # ---- one step for all

    def same(self, source: Source) -> Source:
        """The source of the same role in the step that is drawn."""
        if source[0] == "node" and source[1] in self.whole.lane_of:
            role = self.whole.role_of[source[1]][0]
            return ("node", self.whole.roles[role].lanes[self.usual[role]], source[2])
        if source in self.input_role:
            role = self.input_role[source]
            return self.folded.inputs[role][self.usual[role]]
        return source

    def name_of(self, role: int) -> str:
        """The id of the box of a role."""
        sources, lane = self.whole.roles[role].sources, self.usual[role]
        return _leaf_name(sources[lane]) if sources else f"n{self.whole.roles[role].lanes[lane]}"

    def box(self, number: int) -> str:
        """The id of the box in which a node is drawn."""
        return f"n{self.same(('node', number, 0))[1]}"

    def _reads_after(self) -> list[tuple]:
        """What the ops after the steps read, each once."""
        found = {}
        for node, position, source, cut in self.whole.reads_after:
            found.setdefault((node.number, self.same(source)), (node, position, self.same(source), cut))
        return list(found.values())

    def _boxes(self) -> None:
        spots, lane = self.layout.spots, self.lane
        for role in self.whole.roles:
            spot, name = lane.spots[role.number], self.name_of(role.number)
            spots[name] = replace(spot, id=name, x=spot.x + self.start)
        for side, x in ((self.left, 0), (self.right, self.end)):
            for spot in side.spots.values():
                spots[spot.id] = replace(spot, x=spot.x + x)

    def _keep(self, source: Source, edge: tuple[int, int], path: list[Vertex], head: str) -> None:
        head = self.box(int(head[1:])) if head[0] == "n" and edge[0] in self.whole.lane_of else head
        super()._keep(self.same(source), edge, path, head)

    def _step_path(self, slot: Slot) -> None:
        lane, edge, head = self.lane, (slot.node, slot.position), f"n{slot.node}"
        if slot.source in lane.rail_y:
            tap = shift(lane.nets[slot.source].path((slot.role, slot.position)), self.start)
            self.taps.add((slot.source, tap[0]))
            self._keep(slot.source, edge, tap, head)
        elif slot in self.initial:
            self._first_path(slot, edge, self.start, head)
        elif slot in lane.routed and not lane.routed[slot].delta:
            wiring = lane.routed[slot]
            self._keep(slot.source, edge, shift(lane.nets[wiring.tail].path(wiring), self.start), head)

    def _first_path(self, slot: Slot, edge: tuple[int, int], origin: int, head: str) -> None:
        """A first state joins what comes back from the step before, where there is such a thing."""
        y = self.lane.entry(slot)
        loop = next((p for p in self.loops if any(path[0] == (self.start, y) for path in p.back.values())), None)
        if loop is None:
            super()._first_path(slot, edge, origin, head)
            return
        dot = f"m{loop.id}_{slot.source[1]}"
        if dot not in self.joined:  # once, also where the state is read twice
            self.joined[dot] = join(self.left.path(slot.source, y), [(loop.left, y)])
            self.layout.dots[dot] = (loop.left * UNIT, y * UNIT, slot.source)
        self._keep(slot.source, edge, self.joined[dot], dot)

    # ---- what leaves the steps

    def exits(self) -> dict[int, list[int]]:
        """Height at which a value leaves to the right -> the lanes whose values those are."""
        found: dict[int, set[int]] = {}
        for source, y in self._heights().items():
            if source[0] == "bus":
                lanes = {self.whole.lane_of[ref.number] for ref in self.whole.by_number[source[1]].inputs}
            else:
                lanes = self.exports[self.whole.role_of[source[1]][0], source[2]][1]
            found.setdefault(y, set()).update(lanes)
        return {y: sorted(lanes) for y, lanes in found.items()}

    # ---- around the step

    def _find_loops(self) -> None:
        found: dict[tuple, Loop] = {}
        for slot in dict.fromkeys(self.lattice.slots):
            wiring = self.lane.routed.get(slot)
            if wiring is None or not wiring.delta or slot in self.initial:
                continue
            out, back = _halves(self.lane.nets[wiring.tail].path(wiring), wiring.delta, self.lane.width)
            out = self._straight(wiring.tail, out)
            name = f"d{wiring.tail[0]}_{wiring.tail[1]}_{wiring.delta}".replace("-", "m")
            loop = found.setdefault((wiring.tail, wiring.delta), Loop(name, slot.source, wiring.delta, out))
            loop.back[slot.node, slot.position] = back
            loop.slots.append(slot)
        self.loops = list(found.values())

    def _straight(self, tail: tuple[int, int], out: list[Vertex]) -> list[Vertex]:
        """The way out without a last run up or down along the border, where the straight way is free."""
        border, _ = out[-1]
        corner = next((i for i, (x, _) in enumerate(out) if x == out[-2][0]), len(out) - 1)
        x, y = out[corner]
        sign = 1 if border > x else -1
        beyond = [(at, y) for at in range(x + sign, border + sign, sign)]
        grid, own = self.lane.grid, {(tail, 0)}
        for vertex in beyond:
            own |= {(tail, 1), (tail, -1)} if vertex[0] == border else set()  # it comes in where it goes out
            others = [how for who, how in grid.owners.get(grid.at(*vertex), {}).items() if who not in own]
            if grid.at(*vertex) in grid.blocked or any(how != VERTICAL for how in others):
                return out
        return [*out[: corner + 1], *beyond]

    def _stand_loops(self) -> None:
        """Nested: what leaves and enters highest runs innermost."""
        width, top = self.lane.width, self.lane.height + 1
        for place, loop in enumerate(sorted(self.loops, key=lambda p: -p.ends()[0][1])):
            loop.left = self.start - 1 - COLUMN * place
        for place, loop in enumerate(sorted(self.loops, key=lambda p: -p.ends()[1][1])):
            loop.right = self.start + width + 1 + COLUMN * place
            loop.top = top + TRACK * place
            loop.middle = self.start + width / 2
            loop.out = shift(loop.out, self.start)
            loop.back = {edge: shift(path, self.start) for edge, path in loop.back.items()}

    def _wires(self) -> None:
        """First what leads to the delays, then what leaves them."""
        for loop in self.loops:
            near, far = (loop.right, loop.left) if loop.delay > 0 else (loop.left, loop.right)
            side = HALF if loop.delay > 0 else -HALF
            edge, (_, y) = next(iter(loop.back)), loop.out[-1]
            path = [*loop.out, (near, y), (near, loop.top), (loop.middle + side, loop.top)]
            self._keep(loop.source, edge, path, loop.id)
            for path in loop.back.values():
                path[:0] = [(loop.middle - side, loop.top), (far, loop.top), (far, path[0][1])]
        for source, paths in self.paths.items():
            self._pieces(source, paths)
        carried = {edge: loop.source for loop in self.loops for edge in loop.back}
        several = {loop.id for loop in self.loops if len(loop.back) > 1}
        for piece in self.layout.pieces:  # a wire to a delay carries a value of the step before the one that reads it
            piece.source = next((carried[edge] for edge in piece.edges if edge in carried), piece.source)
            piece.last = piece.last and piece.head not in several  # it is no single argument's wire
        for loop in self.loops:
            self._delayed(loop)

    def _delayed(self, loop: Loop) -> None:
        """What leaves a delay is a value of its own."""
        pieces, dots = self.layout.pieces, self.layout.dots
        first, value = len(pieces), ("delayed", loop.id, 0)
        self.ends.update({edge: self.box(edge[0]) for edge in loop.back})
        self._pieces(value, loop.back)
        for piece in pieces[first:]:
            piece.source, piece.tail = loop.source, loop.id if piece.first else piece.tail
        dots.update({name: (x, y, loop.source) for name, (x, y, source) in dots.items() if source == value})


def _usual_lanes(folded: Folded) -> dict[int, int]:
    """The lane in which each role is drawn: the first with the fewest exceptions, or the nearest to it."""
    lattice = folded.lattice
    odd = {lattice.lane_of[number] for number in folded.exceptions}
    counts = dict.fromkeys(range(len(folded.steps)), 0)
    for op in folded.ops.values():
        for lane, number in op.nodes.items():
            counts[lane] += number not in folded.exceptions
    best = max(counts, key=lambda lane: (counts[lane], lane not in odd, -lane))
    lanes = {role.number: role.lanes or role.sources for role in lattice.roles}
    return {role: min(found, key=lambda lane: abs(lane - best)) for role, found in lanes.items()}


def _distinct(folded: Folded) -> list[Slot]:
    """One slot for each wire of the step, in the order of the graph, of a usual node if there is one; those of usual
    nodes once more, so that they win."""
    lattice = folded.lattice
    found: dict[tuple, Slot] = {}
    for slot in lattice.slots:
        delta, tail = lattice.delta(slot), slot.source
        if delta is not None:
            tail = (lattice.role_of[slot.source[1]][0], slot.source[2], delta)
        elif (slot.source, slot.lane) in lattice.inputs:
            tail = lattice.inputs[slot.source, slot.lane]
        wire = (slot.role, slot.position, tail)
        if wire not in found or (found[wire].node in folded.exceptions and slot.node not in folded.exceptions):
            found[wire] = slot  # in the place of the first, so that the layout is that of the unrolled picture
    slots = list(found.values())
    return [*slots, *(slot for slot in slots if slot.node not in folded.exceptions)]


def _halves(path: list[Vertex], delta: int, width: int) -> tuple[list[Vertex], list[Vertex]]:
    """A wire to another step: up to where it first leaves its own, and from where it enters the one that reads it, both
    as they lie in the step that is drawn."""
    border, sign = (width, 1) if delta > 0 else (0, -1)
    leaves = next((i for i, (x, _) in enumerate(path[:-1]) if x == border and path[i + 1][0] != x - sign), None)
    if leaves is None:
        raise ValueError('folded: a value goes back into its own step; view="cells" draws nets that share their steps')
    entry = border + (delta - sign) * width
    enters = max(i for i, (x, _) in enumerate(path[:-1]) if x == entry and path[i + 1][0] == x + sign)
    return path[: leaves + 1], shift(path[enters:], -delta * width)


def _leaf_name(source: Source) -> str:
    return f"l{source[1]}" if source[0] == "leaf" else f"a{source[1]}_{source[2]}"
