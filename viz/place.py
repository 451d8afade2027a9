"""The columns of one time step: barycentre sweeps, then a short hill climb on what makes a drawing hard to read
(bends, crossings, wires behind boxes). Imports rows, and NumPy to count crossings."""

from __future__ import annotations

import functools
import math

import numpy as np

from .rows import Item, Link, Plan, set_rows

__all__ = ["Item", "Link", "half", "place"]

BEND, BEHIND, OVER = 0.8, 3.0, 4.0
CROSS = (2.0, 4.0)  # both are tried
LARGE, EFFORT = 45, 90_000  # items beyond which one climb must do; how often it may measure, times the number of items


def place(items: list[Item], links: list[Link]) -> tuple[frozenset, list[list[int]]]:
    """Sets the row of every item. Returns the keys on the state's straight line, and a few good choices of columns, one
    number for each item: the wires tell which is best. items: tails before heads."""
    rows, line, found = _solved(tuple((i.key, i.op, i.wide, i.bottom) for i in items), tuple(links))
    for item, row in zip(items, rows):
        item.row = row
    return line, found


@functools.lru_cache(maxsize=64)  # forward and backward pictures of one net ask for the same
def _solved(kinds: tuple, links: tuple[Link, ...]) -> tuple[list[int], frozenset, list[list[int]]]:
    items = [Item(*kind) for kind in kinds]
    plan = Plan({item.key: item for item in items}, list(links))
    line = set_rows(plan)
    rows: dict[int, list[Item]] = {}
    for item in items:
        rows.setdefault(item.row, []).append(item)
    found = []
    for crossing in CROSS if len(items) <= LARGE else CROSS[:1]:
        for pitch in (2, 3) if len(items) <= LARGE else (2,):
            columns = _columns(plan, rows, pitch, crossing)
            if columns not in found:
                found.append(columns)
    return [item.row for item in items], frozenset(line), found


def _columns(plan: Plan, rows: dict[int, list[Item]], pitch: int, crossing: float) -> list[int]:
    """One climb, from the items of each row side by side, `pitch` apart."""
    order = {id(item): i for i, item in enumerate(plan.items.values())}
    for row in rows.values():
        row.sort(key=lambda item: order[id(item)])
        for i, item in enumerate(row):
            item.column = pitch * i
    for sweep in range(6):
        for height in sorted(rows, reverse=bool(sweep % 2)):
            _sweep(plan, rows[height])
    _climb(plan, rows, crossing)
    left = min(item.column - half(item) for item in plan.items.values())
    return [round(item.column - left + 1) for item in plan.items.values()]


def half(item: Item) -> float:
    """Half the width of an item in half slots, with its share of the space to its neighbours."""
    return 1.0 if item.wide < 2 else 1.0 + 0.5 * (item.wide - 1)


def _sweep(plan: Plan, row: list[Item]) -> None:
    """Orders a row by the mean column of its neighbours, then spreads it around those means without overlap."""
    wish = {}
    for item in row:
        near = [
            plan.items[k].column
            for k in (*plan.before.get(item.key, ()), *plan.after.get(item.key, ()))
            if k in plan.items
        ]
        wish[id(item)] = sum(near) / len(near) if near else item.column
    row.sort(key=lambda item: wish[id(item)])
    edge = -(10**6)
    for item in row:
        item.column = round(max(wish[id(item)], edge + half(item)))
        edge = item.column + half(item)
    shift = round(sum(wish[id(item)] - item.column for item in row) / len(row))
    for item in row:
        item.column += shift


def _climb(plan: Plan, rows: dict[int, list[Item]], crossing: float, sweeps: int = 14) -> None:
    """Moves one item, or swaps two neighbours, as long as the drawing gets easier to read."""
    measure = _Measure(plan, rows, crossing)
    best = measure()
    for _ in range(sweeps):
        before = best
        for item in plan.items.values():
            if measure.calls * len(plan.items) > EFFORT:
                return
            best = _try_moves(plan, rows[item.row], item, measure, best)
        if best >= before - 1e-9:
            return


def _try_moves(plan: Plan, row: list[Item], item: Item, measure: _Measure, best: float) -> float:
    groups = [[item], *_stems(plan, item), [i for i in plan.items.values() if i.column >= item.column]]
    here = item.column
    for group in groups:
        start = [i.column for i in group]
        keep = start
        for move in (-1, 1, -2, 2, -3, 3, -4, 4, -6, 6):
            for i, column in zip(group, start):
                i.column = column + move
            cost = measure(best)
            if cost < best - 1e-9:
                best, keep = cost, [i.column for i in group]
        for i, column in zip(group, keep):
            i.column = column
        if keep is not start:
            return best
    best = _swap_limbs(plan, item, measure, best)
    for other in row:
        if other is not item and item.column == here:
            item.column, other.column = other.column, item.column
            cost = measure(best)
            if cost < best - 1e-9:
                best = cost
            else:
                item.column, other.column = other.column, item.column
    return best


def _swap_limbs(plan: Plan, item: Item, measure: _Measure, best: float) -> float:
    """Two arguments of an item change places, each with everything that only feeds it."""
    sources = [plan.items[k] for k in dict.fromkeys(plan.before.get(item.key, ()))]
    for i, a in enumerate(sources):
        for b in sources[i + 1 :]:
            shift = b.column - a.column
            one, two = _limb(plan, a), _limb(plan, b)
            if shift == 0 or any(x in two for x in one):
                continue
            _shift(one, shift)
            _shift(two, -shift)
            cost = measure(best)
            if cost < best - 1e-9:
                best = cost
            else:
                _shift(one, -shift)
                _shift(two, shift)
    return best


def _shift(items: list[Item], by: int) -> None:
    for item in items:
        item.column += by


def _limb(plan: Plan, item: Item) -> list[Item]:
    """An item and all that is computed for it alone."""
    found, waiting = [item], [item]
    while waiting:
        for key in plan.before.get(waiting.pop().key, ()):
            other = plan.items[key]
            if other not in found and all(plan.items[k] in found for k in plan.after[key]):
                found.append(other)
                waiting.append(other)
    return found


def _stems(plan: Plan, item: Item) -> list[list[Item]]:
    """Items that stand straight below, straight above, and in the whole straight stem: they may move along."""
    found = []
    for ways in ((plan.before,), (plan.after,), (plan.before, plan.after)):
        stem, waiting = [item], [item]
        while waiting:
            key = waiting.pop().key
            for near in (k for way in ways for k in way.get(key, ())):
                other = plan.items[near]
                if other.column == item.column and other not in stem:
                    stem.append(other)
                    waiting.append(other)
        if len(stem) > 1:
            found.append(stem)
    return found


class _Measure:
    """How hard the present columns are to read: one number, smaller is better."""

    def __init__(self, plan: Plan, rows: dict[int, list[Item]], crossing: float):
        self.plan, self.rows, self.crossing = plan, rows, crossing
        self.top = max(rows)
        self.calls = 0

    def __call__(self, limit: float = math.inf) -> float:
        """The number; infinity as soon as it is sure to be above the limit."""
        self.calls += 1
        cost = self._clashes()
        if cost > limit:
            return math.inf
        items = self.plan.items
        low = min(i.column - half(i) for i in items.values())
        high = max(i.column + half(i) for i in items.values())
        self.verticals: list[tuple] = []
        self.levels: list[tuple] = []
        cost += 0.6 * (high - low)
        for number, link in enumerate(self.plan.links):
            cost += _COSTS[link.kind](self, link, number, low, high)
            if cost > limit:
                return math.inf
        return cost + self._crossings()

    def _clashes(self) -> float:
        cost = 0.0
        for row in self.rows.values():
            ordered = sorted(row, key=lambda i: i.column)
            for a, b in zip(ordered, ordered[1:]):
                lack = half(a) + half(b) - (b.column - a.column)
                cost += 50.0 * lack if lack > 0 else 0.0
        return cost

    def _behind(self, column: float, low: int, high: int) -> float:
        """Boxes that a vertical wire would meet in the rows strictly between; one that it only grazes counts a
        little."""
        cost = 0.0
        for row in range(low + 1, high):
            for item in self.rows.get(row, ()):
                gap = abs(item.column - column) - half(item)
                cost += 1.0 if gap < -0.1 else 0.3 if gap < 0.1 else 0.0
        return cost

    def _vertical(self, column: float, low: float, high: float, net: object) -> None:
        self.verticals.append((column, low, high, net))

    def _level(self, row: float, a: float, b: float, net: object) -> None:
        if a != b:
            self.levels.append((row, min(a, b), max(a, b), net))

    def _in_step(self, link: Link, number: int, low: float, high: float) -> float:
        u, v = self.plan.items[link.tail], self.plan.items[link.head]
        net = hash_free(link.tail, u, v)
        if u.row == v.row:
            self._level(u.row, u.column, v.column, net)
            between = sum(min(u.column, v.column) < i.column < max(u.column, v.column) for i in self.rows[u.row])
            return 0.7 * abs(v.column - u.column) + BEHIND * between + (6.0 if v.column < u.column else 0.0)
        bottom, top = sorted((u.row, v.row))
        distance = abs(u.column - v.column)
        if v.row < u.row:  # the wire leaves to the right and comes down on the box
            distance = abs(v.column - u.column - 2) + (6.0 if v.column <= u.column else 0.0)
        if max(u.wide, v.wide) >= 2:
            distance = self._along_bar(link, u, v, distance)
            if distance < 1.0:
                return distance
        late, early = self._behind(u.column, bottom, top), self._behind(v.column, bottom, top)
        if v.row < u.row:
            self._level(u.row, u.column, v.column, net)
            self._vertical(v.column, v.row, u.row, net)
        elif late <= early:
            self._vertical(u.column, u.row, v.row - 0.5, net)
            self._level(v.row - 0.5, u.column, v.column, net)
        else:
            self._level(u.row + 0.5, u.column, v.column, net)
            self._vertical(v.column, u.row + 0.5, v.row, net)
        bend = BEND if u.column != v.column else 0.0
        if bend and u.row < v.row and self._shut(v, u.column):
            bend += 3.5  # it cannot rise and turn into the side of its reader
        return distance + bend + BEHIND * min(late, early) + 0.2 * (top - bottom)

    def _along_bar(self, link: Link, u: Item, v: Item, distance: float) -> float:
        """A bar alone in its row will reach over all its readers; they stand in the order of its outputs if nothing
        else matters."""
        if u.wide >= 2 and v.row == u.row + 1 and len(self.rows[u.row]) == 1:
            return 0.05 * distance - 0.01 * link.output * (v.column - u.column)
        return distance * 0.5 if distance <= half(u) + half(v) else distance

    def _shut(self, item: Item, column: float) -> bool:
        low, high = sorted((item.column, column))
        return any(
            low - 1 < i.column < high + 2
            for i in self.rows[item.row]
            if i is not item and (i.column - item.column) * (column - item.column) > 0
        )

    def _carried(self, link: Link, number: int, low: float, high: float) -> float:
        u, v = self.plan.items[link.tail], self.plan.items[link.head]
        right = sum(i.column > u.column for i in self.rows[u.row])
        left = sum(i.column < v.column for i in self.rows[v.row])
        self._level(u.row, u.column, high, ("out", number))
        self._level(v.row, low, v.column, ("in", number))
        same = BEHIND * (right + left) if u.row == v.row else 1.2 * right + 2.5 * left
        return same + 0.5 * (high - u.column) + 0.5 * (v.column - low)

    def _tap(self, link: Link, number: int, low: float, high: float) -> float:
        v = self.plan.items[link.head]
        if v.row > self.top / 2:  # its rail runs just below it
            return 0.0
        self._vertical(v.column + 0.25, -1, v.row, ("tap", number))
        return 1.2 * self._behind(v.column, -1, v.row)

    def _up(self, link: Link, number: int, low: float, high: float) -> float:
        u = self.plan.items[link.tail]
        self._vertical(u.column, u.row, self.top + 1, ("up", number))
        return BEHIND * self._behind(u.column, u.row, self.top + 1)

    def _crossings(self) -> float:
        if not self.verticals or not self.levels:
            return 0.0
        nets = {net: i for i, net in enumerate(dict.fromkeys(s[3] for s in (*self.verticals, *self.levels)))}
        v = np.array([(x, a, b, nets[n]) for x, a, b, n in self.verticals])
        h = np.array([(y, a, b, nets[n]) for y, a, b, n in self.levels])
        inside = (v[:, None, 0] > h[None, :, 1]) & (v[:, None, 0] < h[None, :, 2])
        inside &= (h[None, :, 0] > v[:, None, 1]) & (h[None, :, 0] < v[:, None, 2]) & (v[:, None, 3] != h[None, :, 3])
        return self.crossing * int(inside.sum()) + OVER * (_stacked(v) + _stacked(h))


def hash_free(tail: object, u: Item, v: Item) -> object:
    """Wires of one value are one net; several outputs of one node are several."""
    return (tail, v.key) if u.wide >= 2 else tail


def _stacked(segments: np.ndarray) -> int:
    """Pairs of parallel segments of different nets that would lie on top of one another."""
    same = segments[:, None, 0] == segments[None, :, 0]
    same &= (segments[:, None, 1] < segments[None, :, 2]) & (segments[None, :, 1] < segments[:, None, 2])
    same &= segments[:, None, 3] != segments[None, :, 3]
    return int(same.sum()) // 2


_COSTS = {
    "in step": _Measure._in_step,
    "carried": _Measure._carried,
    "tap": _Measure._tap,
    "feed": _Measure._tap,
    "up": _Measure._up,
}
