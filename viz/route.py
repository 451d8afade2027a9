"""Wires on a square grid: horizontal and vertical, crossing at right angles, never on top of one another, never
through a box. A shortest-path search per wire, with bends and crossings priced. The grid of a time step is a
cylinder: what leaves a step on the right enters the next on the left, so one step is routed and every other one is a
copy. Imports nothing of the project."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

__all__ = ["HORIZONTAL", "VERTICAL", "Grid", "Net", "Port", "corners"]

Vertex = tuple[int, int]  # on a cylinder x may lie outside 0..width: the vertex is then in a neighbouring step
State = tuple[int, int, int, bool]  # x, y, the axis of arrival, has the wire ended here
HORIZONTAL, VERTICAL = 1, 2
TURN = 4  # beside the two axes: a wire bends, branches or ends at a vertex
BEND, CROSS, BRANCH, AGAIN, OVERLAP = 4.0, 1.5, 1.0, 2.0, 400.0  # prices, in grid units of length


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
        self.spent = 0.0  # the price of all wires so far

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
        if found is None:  # no way at all: a plain corner, over whatever is there
            begin = [port.at for port in starts] or [v for v in net.parent if v not in net.shut]
            net.loose[key] = [begin[0], (begin[0][0], goals[0].at[1]), goals[0].at]
            self.conflicts.append(key)
            return False
        cost, path, start = found
        self.spent += cost
        if start is not None:
            net.roots.append(start)
            net.parent[path[0]] = None
        self._take(net, path)
        net.ends[key] = targets[path[-1]]
        if cost >= OVERLAP:
            self.conflicts.append(key)
        return cost < OVERLAP

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
        for port in [p for p in starts if self._free(net, p.at) and p.at not in net.parent] or (
            [] if net.parent else starts
        ):
            yield port.cost + again, (*port.at, port.axis, False), port
        for x, y in net.parent:
            if (x, y) not in net.shut and len(self.owners[self.at(x, y)]) == 1:
                for axis in (HORIZONTAL, VERTICAL):
                    yield BRANCH, (x, y, axis, False), None

    def _search(self, net: Net, begin: Iterable, targets: dict[Vertex, Port], window: tuple[int, int]):
        """Shortest path by A*: (cost, vertices, the port it starts from if it starts a net), or None."""
        xs, ys = [t[0] for t in targets], [t[1] for t in targets]
        bounds = (min(xs), max(xs), min(ys), max(ys))
        best: dict[State, float] = {}
        came: dict[State, State | None] = {}
        first: dict[State, Port | None] = {}
        queue: list[tuple[float, float, State]] = []
        for cost, state, port in begin:
            if cost < best.get(state, 1e18):
                best[state], came[state], first[state] = cost, None, port
                heapq.heappush(queue, (cost + _distance(state, bounds), cost, state))
        while queue:
            _, cost, state = heapq.heappop(queue)
            if cost > best[state]:
                continue
            if state[3]:
                path, state = [state[:2]], came[state]
                while came[state] is not None:
                    state = came[state]
                    path.append(state[:2])
                return cost, path[::-1], first[state]
            for follow, price in self._moves(net, state, came[state], first.get(state), targets, window):
                total = cost + price
                if total < best.get(follow, 1e18):
                    best[follow], came[follow] = total, state
                    heapq.heappush(queue, (total + _distance(follow, bounds), total, follow))
        return None

    def _moves(
        self, net: Net, state: State, before: State | None, port: Port | None, targets: dict, window: tuple[int, int]
    ):
        x, y, axis, _ = state
        goal = targets.get((x, y))
        if goal is not None and before is not None and goal.axis == axis:
            moved = x - before[0] if axis == HORIZONTAL else y - before[1]
            if moved == -goal.sign:
                yield (x, y, axis, True), goal.cost
        me, shut = self.owner(net, x), net.shut
        foreign = any(owner != me for owner in self.owners.get(self.at(x, y), ()))
        for dx, dy in ((1, 0), (0, 1), (-1, 0), (0, -1)):
            step_axis = HORIZONTAL if dx else VERTICAL
            if before is None and port is not None and (step_axis, dx + dy) != (port.axis, port.sign):
                continue
            if before is not None and (x + dx, y + dy) == before[:2]:
                continue
            nx, ny = x + dx, y + dy
            place = self.at(nx, ny)
            if (
                place in self.blocked
                or ((nx, ny) in shut and (nx, ny) not in targets)
                or not (window[0] <= nx <= window[1] and 0 <= ny < self.height)
            ):
                continue
            turn = 0.0 if step_axis == axis else BEND + (OVERLAP if foreign else 0.0)
            yield (nx, ny, step_axis, False), 1.0 + turn + self._step_price(net, (x, y), (nx, ny), step_axis)

    def _step_price(self, net: Net, here: Vertex, there: Vertex, axis: int) -> float:
        low = min(here, there)
        place = self.at(*there)
        price = self.price.get(place, 0.0)
        taken = self.segments.get((*self.at(*low), axis))
        if taken is not None:
            price += 2.0 if taken == self.owner(net, low[0]) else OVERLAP
        me = self.owner(net, there[0])
        for owner, how in self.owners.get(place, {}).items():
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


def _distance(state: State, bounds: tuple[int, int, int, int]) -> float:
    x, y = state[:2]
    return max(bounds[0] - x, 0, x - bounds[1]) + max(bounds[2] - y, 0, y - bounds[3])


def corners(path: list) -> list:
    """The path without the points that lie on a straight stretch; its two ends are kept."""
    bends = [b for a, b, c in zip(path, path[1:], path[2:]) if (a[0] == b[0]) != (b[0] == c[0])]
    return [path[0], *bends, path[-1]] if len(path) > 1 else list(path)
