"""How hard a step is to read with its boxes in these columns: bends, crossings, wires behind boxes, wires on top of one
another, priced and added up, for many choices of columns at once. Imports rows and NumPy."""

from __future__ import annotations

import numpy as np

from .rows import Item, Plan

__all__ = ["Measure", "half"]

# prices in hundredths of a half slot: whole numbers, so that sums are exact and the same on every machine
CLASH, WIDE, LENGTH, BEND, BEHIND, OVER, CROSS = 2500, 30, 100, 80, 30, 400, 300
AGAINST, SHUT, RISE = 600, 350, 20  # a wire runs to the left; it cannot turn into the side of its reader; for each row
MET, GRAZED = 10, 3  # how much of a box is in the way of a wire, in tenths
NOBODY, FAR = 10**6, 10**5  # the column of what is not there; beyond every column
NEVER = 10**9
Segments = list[np.ndarray]  # on which line, from, to: (K, n)


def half(item: Item) -> float:
    """Half the width of an item in half slots, with its share of the space to its neighbours."""
    return 1.0 if item.wide < 2 else 1.0 + 0.5 * (item.wide - 1)


class Measure:
    """Called with K choices of columns (K, items) it gives K numbers, smaller is better; what reaches the limit is only
    known to do so. Rows and columns of segments are counted double, so that what runs between two has a number."""

    def __init__(self, plan: Plan, rows: dict[int, list[Item]]):
        self.items = list(plan.items.values())
        number = {item.key: i for i, item in enumerate(self.items)}
        self.rows = {row: [number[item.key] for item in members] for row, members in rows.items()}
        self.top = max(rows)
        self.row = np.array([item.row for item in self.items])
        self.wide = np.array([round(2 * half(item)) for item in self.items])
        self.bar = np.array([item.wide >= 2 for item in self.items])
        pairs = [(a, b) for row in self.rows.values() for i, a in enumerate(row) for b in row[i + 1 :]]
        self.one, self.two = _columns(pairs, 2)
        self._sort_links([(link, number.get(link.tail), number.get(link.head)) for link in plan.links])
        self._find_obstacles()

    def _sort_links(self, links: list[tuple]) -> None:
        row = self.row.tolist()
        inner = [(u, v, link.output) for link, u, v in links if link.kind == "in step"]
        self.flat_tail, self.flat_head, _ = _columns([wire for wire in inner if row[wire[0]] == row[wire[1]]], 3)
        self.tail, self.head, self.output = _columns([wire for wire in inner if row[wire[0]] != row[wire[1]]], 3)
        self.leaves, self.enters = _columns([(u, v) for link, u, v in links if link.kind == "carried"], 2)
        taps = [v for link, _, v in links if link.kind in ("tap", "feed")]
        self.taps = np.array([v for v in taps if row[v] <= self.top / 2], int)  # else the rail runs just below
        self.ups = np.array([u for link, u, _ in links if link.kind == "up"], int)
        nets = [self._net(*ends) for ends in zip((*self.tail, *self.flat_tail), (*self.head, *self.flat_head))]
        own = NEVER + np.arange(2 * len(self.leaves) + len(self.taps) + len(self.ups))
        self.level_net = np.array([*nets, *own[: 2 * len(self.leaves)]])
        self.upright_net = np.array([*nets[: len(self.tail)], *own[2 * len(self.leaves) :]])

    def _net(self, tail: int, head: int) -> int:
        """Wires of one value are one net; several outputs of one node are several."""
        return int(tail) + (len(self.items) * (int(head) + 1) if self.bar[tail] else 0)

    def _find_obstacles(self) -> None:
        """For every wire the boxes that may be in its way."""
        self.tail_row, self.head_row = self.row[self.tail], self.row[self.head]
        self.falls = self.head_row < self.tail_row  # it leaves to the right and comes down on the box
        alone = np.array([len(self.rows[row]) == 1 for row in self.row.tolist()])
        self.along = self.bar[self.tail] & alone[self.tail] & (self.head_row == self.tail_row + 1)
        self.near = (self.wide[self.tail] + self.wide[self.head]) * (self.bar[self.tail] | self.bar[self.head])
        self.beside = _Among([[i for i in self._mates(v) if i != v] for v in self.head])
        self.inside = _Among([self._mates(u) for u in self.flat_tail])
        self.right, self.left = _Among(map(self._mates, self.leaves)), _Among(map(self._mates, self.enters))
        low, high = np.minimum(self.tail_row, self.head_row), np.maximum(self.tail_row, self.head_row)
        self.upright = np.array([*self.tail, *self.head, *self.taps, *self.ups], int)
        lows = [*low, *low, *(-1 for _ in self.taps), *self.row[self.ups]]
        highs = [*high, *high, *self.row[self.taps], *(self.top + 1 for _ in self.ups)]
        rows = [range(int(a) + 1, int(b)) for a, b in zip(lows, highs)]
        self.between = _Among([[i for row in span for i in self.rows.get(row, ())] for span in rows])
        self.reach = np.append(self.wide, 0)[self.between.item]

    def _mates(self, item: int) -> list[int]:
        return self.rows[int(self.row[item])]

    def __call__(self, columns: np.ndarray, limit: int = NEVER) -> np.ndarray:
        total = self._room(columns)
        some = np.flatnonzero(total < limit)
        cost, upright, level = self._wires(columns[some])
        total[some] += cost
        few = np.flatnonzero(total[some] < limit)
        upright, level = [part[few] for part in upright], [part[few] for part in level]
        over = _stacked(upright, self.upright_net) + _stacked(level, self.level_net)
        total[some[few]] += OVER * over + CROSS * _crossings(upright, self.upright_net, level, self.level_net)
        return total

    def _room(self, columns: np.ndarray) -> np.ndarray:
        """Boxes on top of one another, and the width of the step."""
        apart = 2 * abs(columns[:, self.one] - columns[:, self.two])
        lack = np.maximum(self.wide[self.one] + self.wide[self.two] - apart, 0).sum(1)
        return CLASH * lack + WIDE * ((2 * columns + self.wide).max(1) - (2 * columns - self.wide).min(1))

    def _wires(self, columns: np.ndarray) -> tuple[np.ndarray, Segments, Segments]:
        """What all wires cost but for crossings, and the upright and level segments that they are made of."""
        c = np.hstack([columns, np.full((len(columns), 1), NOBODY)])
        gap = 2 * abs(c[:, self.between.item] - c[:, self.upright[self.between.of]])
        behind = BEHIND * self.between.sum(MET * (gap < self.reach) + GRAZED * (gap == self.reach))
        bent, n, taps = len(self.tail), 2 * len(self.tail), len(self.taps)
        cost, upright, level = self._bends(c, behind[:, :bent], behind[:, bent:n])
        cost += 2 * behind[:, n : n + taps].sum(1) // 5 + behind[:, n + taps :].sum(1)
        flat_cost, flat = self._flat(c)
        out_cost, carried = self._carried(c)
        top = np.full(len(self.ups), 2 * self.top + 2)
        rails = _segments(2 * c[:, self.taps] + 1, np.full(taps, -2), 2 * self.row[self.taps])
        buses = _segments(2 * c[:, self.ups], 2 * self.row[self.ups], top)
        return cost + flat_cost + out_cost, _joined(upright, rails, buses), _joined(level, flat, *carried)

    def _bends(self, c: np.ndarray, late: np.ndarray, early: np.ndarray) -> tuple[np.ndarray, Segments, Segments]:
        """Wires between two rows, each with its bend at the better end. late, early: what is in the way of one that
        bends at its reader, at its source."""
        a, b = c[:, self.tail], c[:, self.head]
        far = LENGTH * abs(a - b)
        length = np.where(self.falls, LENGTH * abs(b - a - 2) + AGAINST * (b <= a), far)
        length = np.where(2 * length <= LENGTH * self.near, length // 2, length)
        # a bar alone in its row will reach over all its readers; they stand in the order of its outputs
        length = np.where(self.along, far // 20 - self.output * (b - a), length)
        quiet = self.along & (length < LENGTH)
        low, high = np.where(a > b, b, a - 1), np.where(a > b, a + 2, b)
        shut = self.beside.inside(c, low, high) > 0
        bend = (a != b) * (BEND + SHUT * (shut & ~self.falls))
        loud = length + np.minimum(late, early) + bend + RISE * abs(self.tail_row - self.head_row)
        at_tail = ~self.falls & (late <= early)
        tail_row, head_row = 2 * self.tail_row, 2 * self.head_row
        y = np.where(self.falls, tail_row, np.where(at_tail, head_row - 1, tail_row + 1))
        foot = np.where(self.falls, head_row, np.where(at_tail, tail_row, y))
        tip = np.where(self.falls, tail_row, np.where(at_tail, y, head_row))
        x = _missing(2 * np.where(at_tail, a, b), quiet)
        level = [_missing(y, quiet | (a == b)), 2 * np.minimum(a, b), 2 * np.maximum(a, b)]
        return np.where(quiet, length, loud).sum(1), [x, foot, tip], level

    def _flat(self, c: np.ndarray) -> tuple[np.ndarray, Segments]:
        """Wires between two boxes of a row."""
        a, b = c[:, self.flat_tail], c[:, self.flat_head]
        low, high = np.minimum(a, b), np.maximum(a, b)
        cost = 70 * (high - low) + MET * BEHIND * self.inside.inside(c, low, high) + AGAINST * (b < a)
        level = [_missing(np.broadcast_to(2 * self.row[self.flat_tail], a.shape), a == b), 2 * low, 2 * high]
        return cost.sum(1), level

    def _carried(self, c: np.ndarray) -> tuple[np.ndarray, list[Segments]]:
        """Wires from the step before, and on to the next."""
        u, v = c[:, self.leaves], c[:, self.enters]
        right = self.right.inside(c, u, np.full_like(u, FAR))
        left = self.left.inside(c, np.full_like(v, -FAR), v)
        level = self.row[self.leaves] == self.row[self.enters]
        cost = np.where(level, 300, 120) * right + np.where(level, 300, 250) * left
        low, high = (2 * c[:, :-1] - self.wide).min(1), (2 * c[:, :-1] + self.wide).max(1)
        cost = cost + 25 * ((high - low)[:, None] - 2 * u + 2 * v)
        there, here = 2 * self.row[self.leaves], 2 * self.row[self.enters]
        out = [np.broadcast_to(there, u.shape), 2 * u, np.full_like(u, FAR)]
        back = [np.broadcast_to(here, v.shape), np.full_like(v, -FAR), 2 * v]
        return cost.sum(1), [out, back]


class _Among:
    """For each of some wires, the items that may be in its way; nobody is always among them."""

    def __init__(self, groups):
        groups = [[*group, -1] for group in groups]
        self.item = np.array([i for group in groups for i in group], int)
        self.of = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
        self.starts = np.flatnonzero(np.diff(self.of, prepend=-1))

    def sum(self, values: np.ndarray) -> np.ndarray:
        """(K, items of all wires) -> (K, wires)."""
        return np.add.reduceat(values, self.starts, axis=1) if len(self.starts) else values[:, :0]

    def inside(self, columns: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """How many stand strictly between the two columns of each wire (K, wires)."""
        at = columns[:, self.item]
        return self.sum(((low[:, self.of] < at) & (at < high[:, self.of])).astype(int))


def _columns(rows: list[tuple], count: int) -> np.ndarray:
    return np.array(rows, int).reshape(-1, count).T


def _segments(line: np.ndarray, start: np.ndarray, end: np.ndarray) -> Segments:
    return [line, np.broadcast_to(start, line.shape), np.broadcast_to(end, line.shape)]


def _joined(*parts: Segments) -> Segments:
    return [np.concatenate(same, axis=1) for same in zip(*parts)]


def _missing(line: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Segments that are not there lie on lines of their own, far away."""
    return np.where(where, NOBODY + np.arange(line.shape[1]), line)


def _crossings(upright: Segments, upright_net: np.ndarray, level: Segments, level_net: np.ndarray) -> np.ndarray:
    x, foot, tip = (part[:, :, None] for part in upright)
    y, start, end = (part[:, None, :] for part in level)
    cross = (x > start) & (x < end) & (y > foot) & (y < tip) & (upright_net[:, None] != level_net)
    return cross.sum((1, 2))


def _stacked(segments: Segments, net: np.ndarray) -> np.ndarray:
    """Pairs of parallel segments of different nets that would lie on top of one another."""
    line, start, end = segments
    over = (line[:, :, None] == line[:, None]) & (start[:, :, None] < end[:, None]) & (net[:, None] != net)
    return (over & (start[:, None] < end[:, :, None])).sum((1, 2)) // 2
