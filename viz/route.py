"""Wires on a square grid: horizontal and vertical, crossing at right angles, never on top of one another, never
through a box. A shortest-path search per wire, with bends and crossings priced. The grid of a time step is a
cylinder: what leaves a step on the right enters the next on the left, so one step is routed and every other one is a
copy. Imports nothing of the project."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

__all__ = ["HORIZONTAL", "VERTICAL", "Grid", "Net", "Port", "corners"]

Vertex = tuple[int, int]  # on a cylinder x may lie outside 0..width: the vertex is then in a neighbouring step
State = tuple[int, int, int]  # x, y, the axis of arrival
ARRIVED, HORIZONTAL, VERTICAL = 0, 1, 2
TURN = 4  # beside the two axes: a wire bends, branches or ends at a vertex
BEND, CROSS, BRANCH, AGAIN, OVERLAP = 4.0, 1.5, 1.0, 2.0, 4000.0  # prices, in grid units of length
NEVER = math.inf


@dataclass(frozen=True)
class Port:
    """Where a wire may leave or enter a box: a vertex just outside its border, and the axis and direction of leaving
    there."""

    at: Vertex
    axis: int
    sign: int
    cost: float = 0.0


@dataclass
class Net:
    """All wires of one value: trees that leave its box at different ports. parent: vertex -> the vertex before it,
    None at a root (and anywhere on a rail). ends: where each wire arrives."""

    name: object
    parent: dict[Vertex, Vertex | None] = field(default_factory=dict)
    roots: list[Port] = field(default_factory=list)
    ends: dict[object, Port] = field(default_factory=dict)
    loose: dict[object, list[Vertex]] = field(default_factory=dict)  # wires for which no way was found

    @property
    def shut(self) -> set[Vertex]:
        """Where no wire branches or passes: the ports."""
        return {port.at for port in (*self.ends.values(), *self.roots)}

    def path(self, key: object) -> list[Vertex]:
        """From the root to the end of one wire."""
        if key in self.loose:
            return list(self.loose[key])
        vertex: Vertex | None = self.ends[key].at
        path = []
        while vertex is not None:
            path.append(vertex)
            vertex = self.parent[vertex]
        return path[::-1]


class Grid:
    """Which segments and vertices are taken, and by whom. wraps: x is counted modulo width."""

    def __init__(self, width: int, height: int, wraps: bool):
        self.width, self.height, self.wraps = width, height, wraps
        self.blocked: set[Vertex] = set()
        self.price: dict[Vertex, float] = {}
        self.segments: dict[tuple[int, int, int], object] = {}  # lower or left vertex and axis -> owner
        self.owners: dict[Vertex, dict[object, int]] = {}
        self.conflicts: list[object] = []

    def at(self, x: int, y: int) -> Vertex:
        return (x % self.width, y) if self.wraps else (x, y)

    def owner(self, net: Net, x: int) -> object:
        """A value and the same value of the step before are two owners: their wires must not meet."""
        return (net.name, x // self.width if self.wraps else 0)

    def block(self, x0: int, y0: int, x1: int, y1: int) -> None:
        """A box: no wire enters this closed rectangle."""
        self.blocked.update(self.at(x, y) for x in range(x0, x1 + 1) for y in range(y0, y1 + 1))

    def charge(self, x0: int, y0: int, x1: int, y1: int, price: float) -> None:
        """Wires avoid this closed rectangle (a label, the skirt of a box) when they can."""
        for x in range(x0, x1 + 1):
            for y in range(y0, y1 + 1):
                vertex = self.at(x, y)
                self.price[vertex] = max(self.price.get(vertex, 0.0), price)

    def rail(self, net: Net, y: int) -> None:
        """The whole row belongs to the net: other wires only cross it, and its own start anywhere on it."""
        for x in range(self.width):
            net.parent[(x, y)] = None
            self._own(net, (x, y), HORIZONTAL)
            self.segments[(x, y, HORIZONTAL)] = self.owner(net, x)

    def connect(
        self, net: Net, key: object, starts: Iterable[Port], goals: Iterable[Port], window: tuple[int, int]
    ) -> bool:
        """Routes one wire from the tree of its net (or a port of the source) to a free port of the target, within
        window (x from, to).

        False if every way lies on top of another wire; it is drawn nevertheless and noted in `conflicts`.
        """
        starts, goals = list(starts), list(goals)
        free = [g for g in goals if self._free(net, g.at) and all(g.at != end.at for end in net.ends.values())]
        targets = {goal.at: goal for goal in (free or goals)}
        found = self._search(net, self._beginnings(net, starts), targets, window)
        while found is not None and found[0] < OVERLAP and self.wraps and self._laps(found[1]):
            through = found[1][: self._border(found[1])]  # one step; then on, clear of what this takes
            self._add(net, through, found[2])
            found = self._search(net, self._beginnings(net, starts), targets, window)
        if found is None:  # no way at all: a plain corner, over whatever is there
            begin = [port.at for port in starts] or [v for v in net.parent if v not in net.shut]
            net.loose[key] = [begin[0], (begin[0][0], goals[0].at[1]), goals[0].at]
            self.conflicts.append(key)
            return False
        cost, path, start = found
        self._add(net, path, start)
        net.ends[key] = targets[path[-1]]
        if cost >= OVERLAP:
            self.conflicts.append(key)
        return cost < OVERLAP

    def _add(self, net: Net, path: list[Vertex], start: Port | None) -> None:
        if start is not None:
            net.roots.append(start)
            net.parent[path[0]] = None
        self._take(net, path)

    def _laps(self, path: list[Vertex]) -> bool:
        """Would the path lie on its own copy in the next step?"""
        uses: dict[Vertex, dict[int, int]] = {}
        bends = set(corners(path))
        for before, after in zip(path, path[1:]):
            axis = VERTICAL if before[0] == after[0] else HORIZONTAL
            for x, y in (before, after):
                how = uses.setdefault(self.at(x, y), {})
                how[x // self.width] = how.get(x // self.width, 0) | axis | (TURN if (x, y) in bends else 0)
        return any(len(how) > 1 and set(how.values()) != {HORIZONTAL, VERTICAL} for how in uses.values())

    def _border(self, path: list[Vertex]) -> int:
        """Up to where a path stays in the step in which it begins, and one vertex more."""
        steps = [x // self.width for x, _ in path]
        return next(i for i, step in enumerate(steps) if step != steps[0]) + 1

    def _own(self, net: Net, vertex: Vertex, how: int) -> None:
        owners = self.owners.setdefault(self.at(*vertex), {})
        me = self.owner(net, vertex[0])
        owners[me] = owners.get(me, 0) | how

    def _free(self, net: Net, vertex: Vertex) -> bool:
        me = self.owner(net, vertex[0])
        place = self.at(*vertex)
        return place not in self.blocked and all(owner == me for owner in self.owners.get(place, ()))

    def _beginnings(self, net: Net, starts: list[Port]) -> Iterator[tuple[float, State, Port | None]]:
        again = AGAIN if net.parent else 0.0
        fresh = [p for p in starts if self._free(net, p.at) and p.at not in net.parent]
        for port in fresh or ([] if net.parent else starts):
            yield port.cost + again, (*port.at, port.axis), port
        shut = net.shut
        for x, y in net.parent:
            if (x, y) not in shut and len(self.owners[self.at(x, y)]) == 1:
                for axis in (HORIZONTAL, VERTICAL):
                    yield BRANCH, (x, y, axis), None

    def _search(self, net: Net, begin: Iterable, targets: dict[Vertex, Port], window: tuple[int, int]):
        """Shortest path by A*: (cost, vertices, the port it starts from if it starts a net), or None."""
        least = _Least(targets.values())
        ways = _Ways(self, net, targets, window)
        best: dict[State, float] = {}
        came: dict[State, State | None] = {}
        first: dict[State, Port | None] = {}
        queue: list[tuple[float, float, State]] = []
        for cost, state, port in begin:
            if cost < best.get(state, NEVER):
                best[state], came[state], first[state] = cost, None, port
                heapq.heappush(queue, (cost + least(state), cost, state))
        while queue:
            _, cost, state = heapq.heappop(queue)
            if cost > best[state]:
                continue
            before = came[state]
            if state[2] == ARRIVED:
                return cost, *_traced(came, first, before)
            for follow, price in ways.out_of(state, before, first.get(state)):
                total = cost + price
                if total < best.get(follow, NEVER):
                    best[follow], came[follow] = total, state
                    heapq.heappush(queue, (total + least(follow), total, follow))
        return None

    def step_price(self, net: Net, here: Vertex, there: Vertex, axis: int) -> float:
        """What it costs to go along this segment, beside its length: what is taken there, and by whom."""
        low = min(here, there)
        place = self.at(*there)
        price = self.price.get(place, 0.0)
        taken = self.segments.get((*self.at(*low), axis))
        if taken is not None:
            price += 2.0 if taken == self.owner(net, low[0]) else OVERLAP
        owners = self.owners.get(place)
        if owners:
            me = self.owner(net, there[0])
            for owner, how in owners.items():
                if owner != me:
                    price += CROSS if how == HORIZONTAL + VERTICAL - axis else OVERLAP
        return price

    def _take(self, net: Net, path: list[Vertex]) -> None:
        for before, after in zip(path, path[1:]):
            axis = VERTICAL if before[0] == after[0] else HORIZONTAL
            low = min(before, after)
            self.segments[(*self.at(*low), axis)] = self.owner(net, low[0])
            self._own(net, before, axis)
            self._own(net, after, axis)
            net.parent.setdefault(after, before)
        for vertex in (path[0], *corners(path), path[-1]):
            self._own(net, vertex, TURN)


class _Ways:
    """The moves of one search. What it costs to go from a vertex to the next is looked up once."""

    def __init__(self, grid: Grid, net: Net, targets: dict[Vertex, Port], window: tuple[int, int]):
        self.grid, self.net, self.targets, self.window = grid, net, targets, window
        self.shut = net.shut - targets.keys()
        self.known: dict[Vertex, tuple[float, list[tuple[int, int, Vertex, State, float]]]] = {}

    def out_of(self, state: State, before: State | None, port: Port | None) -> list[tuple[State, float]]:
        """(next state, price)."""
        x, y, axis = state
        found = []
        goal = self.targets.get((x, y))
        if goal is not None and before is not None and goal.axis == axis:
            if (x - before[0] if axis == HORIZONTAL else y - before[1]) == -goal.sign:
                found.append(((x, y, ARRIVED), goal.cost))
        if (x, y) not in self.known:
            self.known[x, y] = self._turn(x, y), self._steps(x, y)
        turn, steps = self.known[x, y]
        back = before and before[:2]
        for along, sign, vertex, follow, price in steps:
            if before is None and port is not None and (along, sign) != (port.axis, port.sign):
                continue
            if vertex != back:
                found.append((follow, price if along == axis else price + turn))
        return found

    def _turn(self, x: int, y: int) -> float:
        me, owners = self.grid.owner(self.net, x), self.grid.owners.get(self.grid.at(x, y))
        return BEND + OVERLAP if owners and (len(owners) > 1 or me not in owners) else BEND

    def _steps(self, x: int, y: int) -> list[tuple[int, int, Vertex, State, float]]:
        """(axis, direction, vertex, state there, price without a turn) for each neighbour that is free to enter."""
        found, grid, (low, high) = [], self.grid, self.window
        for dx, dy, along in ((1, 0, HORIZONTAL), (0, 1, VERTICAL), (-1, 0, HORIZONTAL), (0, -1, VERTICAL)):
            nx, ny = there = (x + dx, y + dy)
            if low <= nx <= high and 0 <= ny < grid.height and there not in self.shut:
                if grid.at(nx, ny) not in grid.blocked:
                    price = 1.0 + grid.step_price(self.net, (x, y), there, along)
                    found.append((along, dx + dy, there, (nx, ny, along), price))
        return found


class _Least:
    """The least that is still to pay from a state: the distance to the nearest port, the bends on the way, the port's
    own price."""

    def __init__(self, goals: Iterable[Port]):
        self.groups = []
        goals = list(goals)
        for axis in (HORIZONTAL, VERTICAL):
            ports = [port for port in goals if port.axis == axis]
            if ports:
                xs, ys = [port.at[0] for port in ports], [port.at[1] for port in ports]
                cost = min(port.cost for port in ports)
                self.groups.append((axis, min(xs), max(xs), min(ys), max(ys), cost))

    def __call__(self, state: State) -> float:
        x, y, at = state
        if at == ARRIVED:
            return 0.0
        least = NEVER
        for axis, left, right, low, high, cost in self.groups:
            dx = left - x if x < left else x - right if x > right else 0
            dy = low - y if y < low else y - high if y > high else 0
            aside = dy if axis == HORIZONTAL else dx
            cost += dx + dy + (BEND if at != axis else 2 * BEND if aside else 0.0)
            if cost < least:
                least = cost
        return least


def _traced(came: dict[State, State | None], first: dict[State, Port | None], state: State):
    """The vertices up to a state, and the port of the first."""
    path = [state[:2]]
    while came[state] is not None:
        state = came[state]
        path.append(state[:2])
    return path[::-1], first[state]


def corners(path: list) -> list:
    """The path without the points that lie on a straight stretch; its two ends are kept."""
    if len(path) < 3:
        return list(path)
    bends = [b for a, b, c in zip(path, path[1:], path[2:]) if (a[0] == b[0]) != (b[0] == c[0])]
    return [path[0], *bends, path[-1]]
