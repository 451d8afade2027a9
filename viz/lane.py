"""One time step with everything that comes in and goes out: boxes placed, wires routed, once, for all steps.
Imports lattice, place, route and spot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from .lattice import Lattice, Slot, most_common
from .place import Item, Link, half, place
from .route import HORIZONTAL, VERTICAL, Grid, Net, Port
from .spot import Spot, op_spot

__all__ = ["Lane", "Wiring"]

ROW, RAIL = 6, 4  # grid units between rows, between rails below the step
FORWARD = {"top": 0.0, "right": 0.5, "bottom": 6.0, "left": 6.0}
ENTER = {"bottom": 0.0, "left": 0.2, "right": 0.4, "top": 4.0}


class Wiring(NamedTuple):
    """A wire of the template. tail: (role, output). head: (role, position). delta: steps between them."""

    tail: tuple[int, int]
    head: tuple[int, int]
    delta: int


@dataclass
class Lane:
    """The routed step. spots: role -> box. nets: (role, output) or a rail's source -> net. routed: how each argument is
    wired; through: (first wire, second wire) where an op that a lane lacks is drawn as a straight wire."""

    lattice: Lattice
    spots: dict[int, Spot] = field(default_factory=dict)
    nets: dict[object, Net] = field(default_factory=dict)
    rail_y: dict[object, int] = field(default_factory=dict)
    bus_y: dict[object, int] = field(default_factory=dict)
    line: frozenset = frozenset()
    routed: dict[Slot, Wiring] = field(default_factory=dict)
    through: dict[Slot, tuple[Wiring, Wiring]] = field(default_factory=dict)
    width: int = 0
    floor: int = 0  # the row of grid units below the lowest boxes, where the panel of a step begins
    ceiling: int = 0
    height: int = 0
    grid: Grid = None  # type: ignore[assignment]

    @classmethod
    def build(cls, lattice: Lattice, exported: dict[tuple[int, int], str]) -> Lane:
        """exported: (role, output) -> "up" to a bus above the steps, "right" out of the last step, or "both"."""
        lane = cls(lattice)
        lane._choose_wirings()
        items, choices = lane._place(exported)
        for slack in range(4):  # more room as long as some wire finds no way of its own
            for columns in choices:
                lane._settle(items, columns, exported, slack)
                if all(lane._routed(exported)):
                    return lane
        lane._settle(items, choices[0], exported, slack)
        list(lane._routed(exported))
        return lane

    def _settle(self, items: dict[int, Item], columns: list[int], exported: dict, slack: int) -> None:
        """Stands the boxes in their columns."""
        for item, column in zip(items.values(), columns):
            item.column = column
        self._stand(items, exported, slack)

    # ---- which wires

    def _choose_wirings(self) -> None:
        """Every argument gets a wire of the template; where an op is missing in one lane, the wire goes through its
        place."""
        choices: dict[tuple[int, int], list[Wiring]] = {}
        slots = [(slot, wiring) for slot in self.lattice.slots if (wiring := self._wiring(slot)) is not None]
        for slot, wiring in slots:
            choices.setdefault((slot.role, slot.position), []).append(wiring)
        main = {place: most_common(found[::-1]) for place, found in choices.items()}
        for slot, wiring in slots:
            usual = main[slot.role, slot.position]
            if wiring != usual:
                first = next(
                    (w for p, w in main.items() if p[0] == usual.tail[0] and w.tail == wiring.tail and w.delta == 0),
                    None,
                )
                source_lane = slot.lane - wiring.delta
                missing = source_lane not in self.lattice.roles[usual.tail[0]].lanes
                if first is not None and missing and usual.delta == wiring.delta:
                    self.through[slot] = (first, usual)
                    continue
            self.routed[slot] = wiring
        # a state to begin with comes in on the wire of the step before
        for slot in self.lattice.initial:
            if (slot.role, slot.position) in main:
                self.routed[slot] = main[slot.role, slot.position]

    def _wiring(self, slot: Slot) -> Wiring | None:
        lattice = self.lattice
        delta = lattice.delta(slot)
        if delta is not None:
            return Wiring((lattice.role_of[slot.source[1]][0], slot.source[2]), (slot.role, slot.position), delta)
        role = lattice.inputs.get((slot.source, slot.lane))
        return None if role is None else Wiring((role, 0), (slot.role, slot.position), 0)

    @cached_property
    def wirings(self) -> list[Wiring]:
        through = [w for pair in self.through.values() for w in pair]
        return list(dict.fromkeys([*self.routed.values(), *through]))

    @cached_property
    def taps(self) -> list[tuple[object, tuple[int, int]]]:
        rails = set(self.lattice.rails)
        return list(dict.fromkeys((s.source, (s.role, s.position)) for s in self.lattice.slots if s.source in rails))

    # ---- where the boxes stand

    def _place(self, exported: dict) -> tuple[dict[int, Item], list[list[int]]]:
        roles = self.lattice.roles
        items = {r.number: Item(r.number, r.op, wide=self._outputs(r), bottom=r.op == "leaf") for r in roles}
        inputs = [i for i in items.values() if i.bottom]
        ordered = inputs + [i for i in items.values() if not i.bottom]
        links = []
        for w in self.wirings:
            kind = "in step" if w.delta == 0 else "carried"
            links.append(Link(kind, w.tail[0], w.head[0], w.tail[1]))
        links += [Link("carried", tail, head) for tail, head in self.lattice.one_step_states()]
        parameters = {("leaf", leaf.number) for leaf in self.lattice.graph.leaves if leaf.parameter}
        links += [Link("tap" if source in parameters else "feed", None, place[0]) for source, place in self.taps]
        links += [Link("up", tail[0]) for tail, way in exported.items() if way != "right"]
        ordered = _sorted(ordered, links)
        self.line, choices = place(ordered, links)
        return {item.key: item for item in ordered}, choices

    def _outputs(self, role) -> int:
        if role.op == "leaf":
            return 0
        return len(self.lattice.by_number[next(iter(role.lanes.values()))].outputs)

    def _stand(self, items: dict[int, Item], exported: dict, slack: int) -> None:
        """Rows and columns to grid units, with room for the rails that run inside the step."""
        rows = max(i.row for i in items.values())
        inside, below = self._split_rails(items, rows)
        y, heights = 0, {}
        for source in reversed(below):
            room = RAIL + 4 * (source[0] == "node")  # an op has wires above and below
            heights[source] = y + room // 2 + 1
            y += room
        self.rail_y = {source: heights[source] for source in below}
        self.floor = y + 1
        y += 5 if below else 4
        heights = {}
        for row in range(rows + 1):
            between = inside.get(row, [])
            y += 4 * len(between) - bool(between)
            heights[row] = y
            self.rail_y.update({source: y - 4 - 4 * k for k, source in enumerate(between)})
            y += ROW + slack
        self.ceiling = y
        ups = [tail for tail, way in exported.items() if way != "right"]
        self.bus_y = {tail: y + 2 + 4 * i for i, tail in enumerate(ups)}
        self.height = y + 4 * len(ups) + 2
        self._spots(items, heights, slack)

    def _split_rails(self, items: dict[int, Item], rows: int) -> tuple[dict[int, list], list]:
        """Rails of what is used high up run just below that row; the others below the step."""
        inside: dict[int, list] = {}
        below = []
        for source in self.lattice.rails:
            row = min(items[place[0]].row for s, place in self.taps if s == source)
            if row > 0.5 * rows and rows > 3:
                inside.setdefault(row, []).append(source)
            else:
                below.append(source)
        return inside, below

    def _spots(self, items: dict[int, Item], heights: dict[int, int], slack: int) -> None:
        step = 4 + (slack + 1) // 2
        right = 0
        for number, item in items.items():
            role = self.lattice.roles[number]
            x = round(step * (item.column - 1)) - 3 + step
            spot = self._spot(role, x, heights[item.row], item)
            self.spots[number] = spot
            right = max(right, x + max(spot.reach[0], round(step * half(item))))
        carried = {w.tail for w in self.wirings if w.delta and not {w.tail[0], w.head[0]} <= self.line}
        self.width = right + 3 + len(carried)
        self._widen(items)

    def _spot(self, role, x: int, y: int, item: Item) -> Spot:
        if role.op == "leaf":
            return Spot(f"role{role.number}", x, y, 40, 28)
        node = self.lattice.by_number[next(iter(role.lanes.values()))]
        spot = op_spot(f"role{role.number}", node, x, y, bool(role.name))
        if item.wide >= 2:
            spot.width, spot.height = 54 + 20 * (item.wide - 1), 24
        return spot

    def _widen(self, items: dict[int, Item]) -> None:
        """A bar reaches from its first reader to its last, so that its wires run straight, where the row has room."""
        for number, item in items.items():
            if item.wide < 2:
                continue
            readers = [self.spots[w.head[0]] for w in self.wirings if w.tail[0] == number and w.delta == 0]
            if not readers:
                continue
            low, high = min(s.x for s in readers) - 2, max(s.x for s in readers) + 2
            others = [o for o in items.values() if o.row == item.row and o is not item]
            if all(self.spots[o.key].x + 6 < low or self.spots[o.key].x - 6 > high for o in others):
                spot = self.spots[number]
                spot.x, spot.width = (low + high) // 2, (high - low) * 10.0 + 10

    # ---- the wires

    def _routed(self, exported: dict) -> Iterator[bool]:
        """Routes one wire after the other: has it a way of its own?"""
        self.grid = grid = Grid(self.width, self.height, wraps=True)
        self.nets = {}
        for spot in self.spots.values():
            spot.occupy(grid)
        grid.charge(0, 0, 1, self.height, 0.5)  # states come down on the right of their own step
        for source, y in self.rail_y.items():
            self.nets[source] = Net(source)
            grid.rail(self.nets[source], y)
        jobs = [(self._length(w.tail[0], w.head[0], w.delta), 0, i, w) for i, w in enumerate(self.wirings)]
        jobs += [(self._rise(source, place[0]), 1, i, (source, place)) for i, (source, place) in enumerate(self.taps)]
        for _, kind, _, job in sorted(jobs, key=lambda job: job[:3]):
            yield self._connect(job) if kind == 0 else self._tap(*job)
        for slot in self.lattice.initial:
            if slot not in self.routed:
                starts = [Port((0, y), HORIZONTAL, 1) for y in range(self.floor + 1, self.ceiling)]
                goals = self.spots[slot.role].ports(ENTER, several=True)
                yield grid.connect(self._net(("first", slot.source)), slot, starts, goals, (0, self.width - 1))
        for tail, way in exported.items():
            if way != "up":
                yield self._export(tail, "right")
            if way != "right":
                yield self._export(tail, "up")

    def _length(self, tail: int, head: int, delta: int) -> float:
        a, b = self.spots[tail], self.spots[head]
        if {tail, head} <= self.line and a.y == b.y:
            return -1.0
        bent = 4 if a.x != b.x and a.y != b.y else 0
        return abs(b.x + delta * self.width - a.x) + abs(a.y - b.y) + bent + (1000 if delta else 0)

    def _rise(self, source: object, head: int) -> float:
        return 20 + abs(self.spots[head].y - self.rail_y[source])

    def _net(self, tail: tuple[int, int]) -> Net:
        return self.nets.setdefault(tail, Net(tail))

    def _connect(self, wiring: Wiring) -> bool:
        a, b = self.spots[wiring.tail[0]], self.spots[wiring.head[0]]
        sides = dict(FORWARD)
        if a.y > b.y and wiring.delta == 0:
            sides["bottom"] = 0.5
        if wiring.delta < 0:
            sides["left"], sides["right"] = 0.5, 6.0
        if wiring.delta > 0:
            sides["right"] = 0.0
        enter = dict(ENTER)
        if wiring.delta > 0 or (a.y == b.y and a.x < b.x):
            enter["left"] = -1.0
        if a.y > b.y and wiring.delta == 0:
            enter["top"] = 0.0
        shift = wiring.delta * self.width
        goals = [Port((p.at[0] + shift, p.at[1]), p.axis, p.sign, p.cost) for p in b.ports(enter, several=True)]
        low, high = min(0, shift), self.width - 1 + max(0, shift)
        net, starts = self._net(wiring.tail), a.ports(sides)
        sign = 1 if wiring.delta > 0 else -1
        for step in range(1, abs(wiring.delta)):  # far: one step at a time, so that it keeps clear of its own copies
            edge = sign * step * self.width
            gates = [Port((edge, y), HORIZONTAL, -sign) for y in range(self.floor + 1, self.ceiling)]
            near = (edge - self.width, edge) if sign > 0 else (edge, edge + 2 * self.width - 1)
            self.grid.connect(net, "gate", starts, gates, near)
            net.ends.pop("gate", None)
            low, high = (edge, high) if sign > 0 else (low, edge)
        return self.grid.connect(net, wiring, starts, goals, (low, high))

    def _tap(self, source: object, place: tuple[int, int]) -> bool:
        goals = self.spots[place[0]].ports({"bottom": 0.0, "right": 0.4, "left": 0.4, "top": 3.0}, several=True)
        return self.grid.connect(self.nets[source], place, (), goals, (0, self.width - 1))

    def _export(self, tail: tuple[int, int], way: str) -> bool:
        spot, net = self.spots[tail[0]], self._net(tail)
        starts = spot.ports(FORWARD)
        if way == "up":
            y = min(self.bus_y.values()) - 2
            goals = [Port((x, y), VERTICAL, -1, 0.0) for x in range(self.width)]
            return self.grid.connect(net, "up", starts, goals, (0, self.width - 1))
        if self.crossing(net) is not None:
            return True
        goals = [Port((self.width, y), HORIZONTAL, -1, 0.0) for y in range(self.floor + 1, self.ceiling)]
        return self.grid.connect(net, "right", starts, goals, (0, self.width))

    def crossing(self, net: Net) -> int | None:
        """The height at which a net goes over into the next step."""
        return next((y for x, y in net.parent if x == self.width), None)

    def entry(self, slot: Slot) -> int:
        """The height at which the wire of a first state enters the first step; without a wire to follow, that of the
        reader."""
        wiring = self.routed.get(slot)
        if wiring is None:
            return self.nets["first", slot.source].path(slot)[0][1]
        edge = self.width if wiring.delta > 0 else 0
        path = self.nets[wiring.tail].path(wiring)
        return next(y for (x, y), (nx, _) in zip(path[-2::-1], path[::-1]) if x == edge and nx == edge + 1)


def _sorted(items: list[Item], links: list[Link]) -> list[Item]:
    """Tails before heads; otherwise in the order given."""
    before: dict[object, set] = {}
    for link in links:
        if link.kind == "in step":
            before.setdefault(link.head, set()).add(link.tail)
    done: dict[object, Item] = {}
    waiting = list(items)
    while waiting:
        ready = next((i for i in waiting if before.get(i.key, set()) <= done.keys()), waiting[0])
        done[ready.key] = ready
        waiting.remove(ready)
    return list(done.values())
