"""What stands left and right of the steps: shared parameters and first states on the left, ops outside the steps on
either side. Columns by distance from the steps, heights from what they are wired to. Imports lattice, route, spot and
theme."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from .lane import Lane
from .lattice import HANDED, Lattice, Source
from .route import HORIZONTAL, Grid, Net, Port, Vertex
from .snapshot import OpNode
from .spot import LEAF, Spot, op_spot
from .theme import parameter_label, text_width, variable

__all__ = ["Side", "after", "before"]

PITCH, DROP = 11, 4  # least grid units between columns, between boxes of a column
Key = tuple  # ("node", number), ("leaf", number) or ("array", node, position): what a box stands for


@dataclass
class Side:
    """spots: key -> box. nets: source -> its wires in here. rail_y: source -> height of a rail that goes on in here."""

    spots: dict[Key, Spot] = field(default_factory=dict)
    width: int = 0
    grid: Grid = None  # type: ignore[assignment]
    nets: dict[object, Net] = field(default_factory=dict)
    rail_y: dict[Source, int] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)  # where wires run past all columns

    def settle(self, key: Key, spot: Spot) -> None:
        """Puts a box where it is wished, or above or below whatever stands there; an op has a name above it."""
        near = [(o.y, DROP + (o.named or spot.named)) for o in self.spots.values() if abs(o.x - spot.x) < 8]
        ways = (spot.y + sign * up for up in range(10 * DROP) for sign in (1, -1))
        near += [(row, DROP - 1) for row in self.rows]
        spot.y = next((y for y in ways if y >= 2 and all(abs(other - y) >= room for other, room in near)), spot.y)
        self.spots[key] = spot

    def path(self, source: object, key: object) -> list[Vertex]:
        return self.nets[source].path(key)


def box_key(source: Source) -> Key:
    return source[:2] if source[0] == "node" else source


def _op_spot(node: OpNode, x: int, y: int) -> Spot:
    return op_spot(f"n{node.number}", node, x, y, bool(node.names))


def _leaf_spot(lattice: Lattice, source: Source, x: int, y: int) -> Spot:
    big = source[0] == "leaf" and lattice.graph.leaves[source[1]].parameter
    width = 40.0
    if source[0] == "leaf":
        width = max(40.0, 12 + text_width(variable(lattice.graph.leaves[source[1]].name or "x"), LEAF))
    if big:
        leaves = lattice.graph.leaves
        label = parameter_label(leaves[source[1]], [other for other in leaves if other.parameter])
        width = max(86.0, 60 + text_width(label, LEAF))  # with room for the norm of the gradient
    ident = f"l{source[1]}" if source[0] == "leaf" else f"a{source[1]}_{source[2]}"
    return Spot(ident, x, y, width, 28)


# ---- left


def before(lattice: Lattice, lane: Lane) -> Side:
    """Sources of rails at the height of their rail, first states where their wire enters the first step, and the ops
    behind them; more room between the columns as long as some wire finds no way of its own."""
    for spare in range(0, 9, 2):
        side = _before(lattice, lane, spare)
        if not side.grid.conflicts:
            break
    return side


def _before(lattice: Lattice, lane: Lane, spare: int) -> Side:
    side = Side()
    entries = _entries(lattice, lane)
    depth = _depths(lattice, entries)
    spots = {
        key: _op_spot(lattice.by_number[key[1]], 0, y) if key[0] == "node" else _leaf_spot(lattice, key, 0, y)
        for key, (y, _) in _wishes(lattice, lane, entries, depth).items()
    }
    side.width, columns = _columns(spots, depth, spare)
    handed = [("node", node.number) for node in lattice.before if node.op == HANDED]
    for key in dict.fromkeys([*handed, *spots]):
        spots[key].x = columns[depth[key]]
        side.rows = [] if key in handed else [spots[other].y for other in handed]
        side.settle(key, spots[key])
    side.grid = Grid(
        side.width + 1, max(lane.height, max((s.y for s in side.spots.values()), default=0) + 4), wraps=False
    )
    for spot in side.spots.values():
        spot.occupy(side.grid)
    side.grid.charge(side.width, 0, side.width, side.grid.height, 5.0)  # wires of the first step run there, too
    for source, y in lane.rail_y.items():
        _lead_out(side, source, side.spots[box_key(source)], y, "rail")
    for source, targets in entries.items():
        for y in dict.fromkeys(targets):
            _lead_out(side, source, side.spots[box_key(source)], y, y)
    for node in lattice.before:
        for position, ref in enumerate(node.inputs):
            source, _ = lattice.resolve(ref, node.number, position)
            if source is not None:
                a, b = side.spots[box_key(source)], side.spots["node", node.number]
                net = side.nets.setdefault(source, Net(source))
                starts = a.ports({"right": 0.0, "top": 1.0, "bottom": 1.0}, several=True)
                goals = b.ports({"left": 0.0, "bottom": 0.5, "top": 0.8}, several=True)
                side.grid.connect(net, (node.number, position), starts, goals, (0, side.width))
    return side


def _columns(spots: dict[Key, Spot], depth: dict[Key, int], spare: int) -> tuple[int, list[int]]:
    """The width of the side and where each depth stands, with room for three wires, and spare ones, between two."""
    reach = [0] * (max(depth.values(), default=0) + 1)
    for key, spot in spots.items():
        reach[depth[key]] = max(reach[depth[key]], spot.reach[0])
    right = [reach[0] + 2 + spare if spots else 0]
    for near, far in zip(reach, reach[1:]):
        right.append(right[-1] + max(PITCH, near + far + 3) + spare)
    width = right[-1] + max(reach[-1], 5) + 3
    return width, [width - x for x in right]


def _lead_out(side: Side, source: Source, spot: Spot, y: int, key: object) -> None:
    net = side.nets.setdefault(source, Net(source))
    goal = Port((side.width, y), HORIZONTAL, -1)
    side.grid.connect(net, key, spot.ports({"right": 0.0, "top": 3.0, "bottom": 3.0}), [goal], (0, side.width))


def _entries(lattice: Lattice, lane: Lane) -> dict[Source, list[int]]:
    """First states: source -> heights at which their wires enter the first step."""
    entries: dict[Source, list[int]] = {}
    for slot in lattice.initial:
        y = lane.entry(slot)
        if y not in entries.setdefault(slot.source, []):
            entries[slot.source].append(y)
    return entries


def _depths(lattice: Lattice, entries: dict) -> dict[Key, int]:
    """Columns from the right: first states 0, rails 1 (so that their boxes stand in one column), what feeds them
    further left."""
    depth: dict[Key, int] = {}
    for source in entries:
        depth[box_key(source)] = 0
    for source in lattice.rails:
        depth[box_key(source)] = max(depth.get(box_key(source), 0), 1 if entries else 0)
    for node in reversed(lattice.before):
        mine = depth.setdefault(("node", node.number), 0)
        for position, ref in enumerate(node.inputs):
            source, _ = lattice.resolve(ref, node.number, position)
            if source is not None:
                depth[box_key(source)] = max(depth.get(box_key(source), 0), mine + 1)
    first = max(depth.values(), default=0) + 1  # what the net before hands on comes in from the left
    return {**depth, **{("node", node.number): first for node in lattice.before if node.op == HANDED}}


def _wishes(lattice: Lattice, lane: Lane, entries: dict, depth: dict) -> dict[Key, tuple[float, int]]:
    """At which height each box wants to stand: rails and first states first, then what feeds them, nearest first."""
    wish: dict[Key, tuple[float, int]] = {}
    for source, y in lane.rail_y.items():
        wish[box_key(source)] = (y, 0)
    for source, heights in entries.items():
        wish.setdefault(box_key(source), (heights[0], 0))
    for node in reversed(lattice.before):
        at = wish.setdefault(("node", node.number), (lane.floor + 3, 1))
        for position, ref in enumerate(node.inputs):
            source, _ = lattice.resolve(ref, node.number, position)
            if source is not None:
                wish.setdefault(box_key(source), (at[0] + 2 * DROP * position, 1))
    return wish


# ---- right


def after(lattice: Lattice, lane: Lane, heights: dict[Source, int]) -> Side:
    """The ops that follow the steps, from left to right. heights: source -> where its wire arrives from the steps."""
    side = Side()
    if not lattice.after and not heights:
        return side
    level = _levels(lattice)
    loose = {s: _leaf_spot(lattice, s, 0, 0) for _, _, s, _ in lattice.reads_after
             if s[0] in ("leaf", "array") and s not in lane.rail_y}  # fmt: skip
    pitch = max([PITCH, *(2 * spot.reach[0] for spot in loose.values())])
    for node in lattice.after:
        reads = [source for n, _, source, _ in lattice.reads_after if n is node]
        y = next(
            (_height(side, s, heights) for s in reads if _height(side, s, heights) is not None),
            (lane.floor + lane.ceiling) // 2,
        )
        side.settle(("node", node.number), _op_spot(node, 7 + pitch * level[node.number], y))
    side.rows = [side.spots["node", node.number].y for node in lattice.after if node.op == HANDED]
    for node, _, source, _ in lattice.reads_after:
        if source in loose and box_key(source) not in side.spots:
            reader = side.spots["node", node.number]
            side.settle(box_key(source), replace(loose[source], x=reader.x, y=reader.y - 2 * DROP))
    side.width = 7 + pitch * (max(level.values(), default=0) + 1) - 2
    top = max([lane.height, *(s.y + 5 for s in side.spots.values())])
    side.grid = Grid(side.width + 1, top, wraps=False)
    for spot in side.spots.values():
        spot.occupy(side.grid)
    _rails(side, lattice, lane)
    _connect(side, lattice, heights)
    return side


def _levels(lattice: Lattice) -> dict[int, int]:
    level: dict[int, int] = {}
    for node in lattice.after:
        inputs = [level[ref.number] for ref in node.inputs if ref.kind == "node" and ref.number in level]
        level[node.number] = max(inputs, default=-1) + 1
    last = max([level[node.number] for node in lattice.after if node.op != HANDED], default=-1) + 1
    return {**level, **{node.number: last for node in lattice.after if node.op == HANDED}}


def _height(side: Side, source: Source, heights: dict[Source, int]) -> int | None:
    if source in heights:
        return heights[source]
    spot = side.spots.get(box_key(source))
    return None if spot is None else spot.y


def _rails(side: Side, lattice: Lattice, lane: Lane) -> None:
    read = {source for _, _, source, _ in lattice.reads_after}
    for source, y in lane.rail_y.items():
        if source in read:
            side.rail_y[source] = y
            side.nets[source] = Net(source)
            side.grid.rail(side.nets[source], y)


def _connect(side: Side, lattice: Lattice, heights: dict[Source, int]) -> None:
    jobs = []
    for node, position, source, _ in lattice.reads_after:
        b = side.spots["node", node.number]
        y = _height(side, source, heights)
        near = abs(b.y - (y if y is not None else side.rail_y.get(source, 0)))
        jobs.append((near, node.number, position, source, b))
    for _, number, position, source, b in sorted(jobs, key=lambda job: job[:3]):
        net = side.nets.setdefault(source, Net(source))
        goals = b.ports({"left": 0.0, "bottom": 0.3, "top": 0.6}, several=True)
        if source in side.rail_y:
            starts = []
        elif source in heights:
            starts = [Port((0, heights[source]), HORIZONTAL, 1)]
        else:
            starts = side.spots[box_key(source)].ports({"right": 0.0, "top": 0.3, "bottom": 1.0})
        side.grid.connect(net, (number, position), starts, goals, (0, side.width))
