"""From a graph with time steps to boxes and wires with positions: one step is laid out and routed, every step is a
copy of it. Every argument of every op gets a path; arguments that read one value share the stretch that their paths
have in common. Imports lattice, lane, side, route, spot and snapshot; what things look like is decided in paint."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from .lane import Lane
from .lattice import Lattice, Slot, Source
from .paths import aligned, distinct, join, shift, trace
from .route import Vertex, corners
from .side import after, before
from .snapshot import Graph
from .spot import UNIT, Spot

__all__ = ["Layout", "Piece", "lay_out"]


@dataclass(slots=True)
class Piece:
    """A stretch of wire. tail, head: box ids. edges: the arguments (node, position) that are fed through it; of a rail
    only those up to the next tap."""

    source: Source
    tail: str
    head: str
    points: list[tuple[float, float]]
    edges: list[tuple[int, int]]
    last: bool = False  # it ends at the box that reads it
    first: bool = False  # it begins at the box that made it


@dataclass
class Layout:
    """Everything with a place. spots: box id -> box, in points through UNIT. dots: junction id -> where and of which
    source."""

    lattice: Lattice
    spots: dict[str, Spot] = field(default_factory=dict)
    dots: dict[str, tuple[float, float, Source]] = field(default_factory=dict)
    pieces: list[Piece] = field(default_factory=list)
    panels: list[tuple[float, float, float, float]] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)  # lanes before which every carried state is cut
    size: tuple[float, float] = (0.0, 0.0)
    conflicts: int = 0
    states: dict[tuple, str] = field(default_factory=dict)  # source of a carried state -> "line" or "gutter"
    line_roles: frozenset = frozenset()


def lay_out(graph: Graph, lattice: Lattice | None = None) -> Layout:
    """Lays out a graph that has at least one ("step", t) scope. lattice: its own, if it was found before."""
    return _Builder(lattice or Lattice(graph)).build()


class _Builder:
    def __init__(self, lattice: Lattice):
        self.lattice = lattice
        self.last = len(lattice.steps) - 1
        self.exports = self._exports()
        self.lane = Lane.build(lattice, {tail: way for tail, (way, _) in self.exports.items()})
        self.paths: dict[Source, dict[tuple[int, int], list[Vertex]]] = {}
        self.ends: dict[tuple[int, int], str] = {}
        self.initial = set(lattice.initial)
        self.taps: set[tuple[Source, Vertex]] = set()  # where wires leave a rail: always a dot
        self.ways: dict[tuple, list[Vertex]] = {}  # corners of the wires of the step
        self.on_bus = {(ref.number, ref.index) for node in lattice.stacks for ref in node.inputs}
        self.layout = Layout(lattice)

    # ---- what leaves the steps

    def _exports(self) -> dict[tuple[int, int], tuple[str, set[int]]]:
        """(role, output) -> how it leaves ("right" out of the last step, "up", or "both": a bus, and the last state)
        and from which lanes it is read on its own."""
        lattice = self.lattice
        alone: dict[tuple[int, int], set[int]] = {}
        for _, _, source, _ in lattice.reads_after:
            lane = lattice.source_lane(source)
            if lane is not None:
                alone.setdefault((lattice.role_of[source[1]][0], source[2]), set()).add(lane)
        stacked = [(lattice.role_of[ref.number][0], ref.index) for node in lattice.stacks for ref in node.inputs]
        ways = {}
        for tail in dict.fromkeys([*alone, *stacked]):
            right = alone.get(tail) == {self.last}
            ways[tail] = ("both" if right and tail in stacked else "right" if right else "up", alone.get(tail, set()))
        return ways

    def _leaves(self, source: Source) -> str:
        return self.exports[self.lattice.role_of[source[1]][0], source[2]][0]

    def _track(self, source: Source) -> int:
        """The height of the bus, or of the own track of this step, above the steps."""
        role, lane = self.lattice.role_of[source[1]]
        later = [other for other in self.exports[role, source[2]][1] if other > lane]
        return self.lane.bus_y[role, source[2]] + (2 * len(later) if source[1:] not in self.on_bus else 0)

    def _heights(self) -> dict[Source, int]:
        """Where each value arrives on the right of the last step."""
        heights: dict[Source, int] = {}
        for _, _, source, _ in self.lattice.reads_after:
            if source[0] == "bus":
                first = self.lattice.by_number[source[1]].inputs[0]
                heights[source] = self._track(("node", first.number, first.index))
            elif self.lattice.source_lane(source) is not None:
                net = self.lane.nets[self.lattice.role_of[source[1]][0], source[2]]
                heights[source] = self._track(source) if self._leaves(source) == "up" else self.lane.crossing(net)
        return heights

    # ---- all together

    def build(self) -> Layout:
        lane, layout = self.lane, self.layout
        self.left = before(self.lattice, lane)
        self.right = after(self.lattice, lane, self._heights())
        self.start = self.left.width
        self.end = self.start + lane.width * (self.last + 1)
        self._boxes()
        self._find_paths()
        for source, paths in self.paths.items():
            self._pieces(source, paths)
        top = max([lane.height, *(s.y + 5 for s in layout.spots.values())])
        layout.size = ((self.end + self.right.width) * UNIT, top * UNIT)
        for i in range(self.last + 1):
            x = (self.start + i * lane.width) * UNIT
            layout.panels.append(
                (x + 4, (lane.floor + 0.3) * UNIT, x + lane.width * UNIT - 4, (lane.ceiling + 1) * UNIT)
            )
        layout.conflicts = len(lane.grid.conflicts) + sum(
            len(s.grid.conflicts) for s in (self.left, self.right) if s.grid
        )
        layout.line_roles = lane.line
        self._states()
        self._cuts()
        return layout

    def _boxes(self) -> None:
        spots, lane = self.layout.spots, self.lane
        for role in self.lattice.roles:
            spot = lane.spots[role.number]
            for i, number in role.lanes.items():
                spots[f"n{number}"] = _moved(spot, f"n{number}", self.start + i * lane.width)
            for i, source in role.sources.items():
                name = _leaf_id(source)
                spots[name] = _moved(spot, name, self.start + i * lane.width)
        for side, x in ((self.left, 0), (self.right, self.end)):
            for spot in side.spots.values():
                spots[spot.id] = _moved(spot, spot.id, x)

    def _keep(self, source: Source, edge: tuple[int, int], path: list[Vertex], head: str) -> None:
        self.paths.setdefault(source, {})[edge] = path
        self.ends[edge] = head

    # ---- one path for every argument

    def _step_path(self, slot: Slot) -> None:
        lane, edge = self.lane, (slot.node, slot.position)
        origin = self.start + slot.lane * lane.width
        head = f"n{slot.node}"
        if slot.source in lane.rail_y:
            tap = shift(self._way(slot.source, (slot.role, slot.position)), origin)
            self.taps.add((slot.source, tap[0]))
            self._keep(slot.source, edge, tap, head)
        elif slot in lane.through:
            first, second = lane.through[slot]
            here = self.start + (slot.lane - second.delta) * lane.width
            a, b = self._way(first.tail, first), self._way(second.tail, second)
            self._keep(slot.source, edge, shift(join(a, b), here), head)
        elif slot in self.initial:
            self._first_path(slot, edge, origin, head)
        else:
            wiring = lane.routed[slot]
            here = self.start + (slot.lane - wiring.delta) * lane.width
            self._keep(slot.source, edge, shift(self._way(wiring.tail, wiring), here), head)

    def _way(self, net: object, key: object) -> list[Vertex]:
        """The corners of one wire of the step."""
        if (net, key) not in self.ways:
            self.ways[net, key] = corners(self.lane.nets[net].path(key))
        return self.ways[net, key]

    def _first_path(self, slot: Slot, edge: tuple[int, int], origin: int, head: str) -> None:
        lane, wiring = self.lane, self.lane.routed.get(slot)
        y = lane.entry(slot)
        lead = self.left.path(slot.source, y)
        if wiring is None:
            rest = lane.nets["first", slot.source].path(slot)
        else:
            whole = lane.nets[wiring.tail].path(wiring)
            at = max(i for i, (x, _) in enumerate(whole[:-1]) if x == lane.width and whole[i + 1][0] == x + 1)
            rest = shift(whole[at:], -lane.width)
        self._keep(slot.source, edge, join(lead, shift(rest, origin)), head)

    def _after_path(self, number: int, position: int, source: Source) -> None:
        edge = (number, position)
        inside = shift(self.right.path(source, edge), self.end)
        if source in self.right.rail_y:
            self.taps.add((source, inside[0]))
            lead = []
        elif source[0] == "bus":
            first = self.lattice.by_number[source[1]].inputs[0]
            lead = [self._bus_point(("node", first.number, first.index))]
        elif self.lattice.source_lane(source) is not None:
            lead = self._way_out(source, self._leaves(source) == "up")
        else:
            lead = []
        self._keep(source, edge, join(lead, inside), f"n{number}")

    def _way_out(self, source: Source, up: bool) -> list[Vertex]:
        """From the box in its step to its track above the steps, or to the border of the last step."""
        role, lane = self.lattice.role_of[source[1]]
        net, origin = self.lane.nets[role, source[2]], self.start + lane * self.lane.width
        if up:
            return [*shift(net.path("up"), origin), self._bus_point(source)]
        crossing = next(v for v in net.parent if v[0] == self.lane.width)
        return shift(trace(net, crossing), origin)

    def _bus_point(self, source: Source) -> Vertex:
        role, lane = self.lattice.role_of[source[1]]
        x = self.lane.nets[role, source[2]].ends["up"].at[0]
        return (self.start + lane * self.lane.width + x, self._track(source))

    def _stacks(self) -> None:
        """A stack is a bus: each step's value rises to it and joins with a dot."""
        for node in self.lattice.stacks:
            for position, ref in enumerate(node.inputs):
                source = ("node", ref.number, ref.index)
                dot = f"s{node.number}_{position}"
                x, y = self._bus_point(source)
                self.layout.dots[dot] = (x * UNIT, y * UNIT, source)
                self._keep(source, (node.number, position), self._way_out(source, True), dot)

    def _find_paths(self) -> None:
        """The way of every value that is read: in the steps, after them, and before."""
        for slot in dict.fromkeys(self.lattice.slots):
            self._step_path(slot)
        for node, position, source, _ in self.lattice.reads_after:
            self._after_path(node.number, position, source)
        for node in self.lattice.before:
            for position, ref in enumerate(node.inputs):
                source, _ = self.lattice.resolve(ref, node.number, position)
                if source is not None:
                    path = self.left.path(source, (node.number, position))
                    self._keep(source, (node.number, position), path, f"n{node.number}")
        self._stacks()

    # ---- paths of one value, cut where they part

    def _pieces(self, source: Source, paths: dict[tuple[int, int], list[Vertex]]) -> None:
        start_id = f"s{source[1]}_0" if source[0] == "bus" else _box_id(source)
        if len(paths) == 1 and source not in self.lane.rail_y:
            ((edge, path),) = paths.items()
            points = self._points(path, start_id, self.ends[edge])
            self.layout.pieces.append(Piece(source, start_id, self.ends[edge], points, [edge], True, True))
            return
        paths = aligned(self._along_rail(source, paths))
        children: dict[Vertex, list[Vertex]] = {}
        through: dict[Vertex, list[tuple[int, int]]] = {}
        ends = {path[-1]: edge for edge, path in paths.items()}
        for edge, path in paths.items():
            for a, b in zip(path, path[1:]):
                if b not in children.setdefault(a, []):
                    children[a].append(b)
            for vertex in path:
                through.setdefault(vertex, []).append(edge)
        reached = {child for found in children.values() for child in found}
        roots = dict.fromkeys(path[0] for path in paths.values() if path[0] not in reached)
        waiting = deque((root, start_id, True) for root in roots)
        count = 0
        while waiting:
            vertex, tail, first = waiting.popleft()
            for child in children.get(vertex, ()):
                run = [vertex, child]
                while (
                    run[-1] not in ends and len(children.get(run[-1], ())) == 1 and (source, run[-1]) not in self.taps
                ):
                    run.append(children[run[-1]][0])
                stop = run[-1]
                done = stop in ends
                head = self.ends[ends[stop]] if done else f"j{_tag(source)}_{count}"
                points = self._points(run, tail if first else None, head if done else None)
                self.layout.pieces.append(Piece(source, tail, head, points, through[stop], done, first))
                if not done:
                    count += 1
                    self.layout.dots[head] = (stop[0] * UNIT, stop[1] * UNIT, source)
                    waiting.append((stop, head, False))

    def _along_rail(self, source: Source, paths: dict[tuple[int, int], list[Vertex]]) -> dict:
        """The same paths; of a rail each begins at the tap before, so that a long rail is walked once."""
        taps = sorted((path[0], edge) for edge, path in paths.items() if (source, path[0]) in self.taps)
        chained, way = {}, corners(self.left.path(source, "rail")) if taps else []
        for tap, edge in taps:
            chained[edge], way = join(way, paths[edge]), [tap]
        return {**chained, **{edge: path for edge, path in paths.items() if edge not in chained}}

    def _points(self, run: list[Vertex], tail: str | None, head: str | None) -> list[tuple[float, float]]:
        points = [(x * UNIT, y * UNIT) for x, y in corners(run)]
        for end, name in ((0, tail), (-1, head)):
            if name in self.layout.spots:
                border = self.layout.spots[name].border(run[end])
                points = [border, *points] if end == 0 else [*points, border]
        return corners(distinct(points))

    # ---- marks

    def _states(self) -> None:
        """Carried values that are states, not sums that merely run along: they are coloured."""
        for slot in self.lattice.slots:
            delta = self.lattice.delta(slot)
            if delta:
                role = self.lattice.role_of[slot.source[1]][0]
                running = self.lattice.roles[slot.role].op == "add" and slot.role not in self.lane.line
                if not running:
                    self.layout.states[slot.source] = "line" if role in self.lane.line else "gutter"

    def _cuts(self) -> None:
        cut = {slot.lane for slot in self.lattice.slots if slot.cut and self.lattice.delta(slot)}
        self.layout.cuts += sorted(lane for lane in cut if 1 <= lane <= self.last)


def _moved(spot: Spot, name: str, dx: int) -> Spot:
    return Spot(name, spot.x + dx, spot.y, spot.width, spot.height, spot.round, spot.named, spot.numbered)


def _leaf_id(source: Source) -> str:
    return f"l{source[1]}" if source[0] == "leaf" else f"a{source[1]}_{source[2]}"


def _box_id(source: Source) -> str:
    return f"n{source[1]}" if source[0] == "node" else _leaf_id(source)


def _tag(source: Source) -> str:
    return "_".join(str(part) for part in (source[0][0], *source[1:]))
