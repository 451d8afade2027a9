"""The columns of one time step: barycentre sweeps, then a short hill climb to a drawing that is easy to read. Imports
rows, measure, and NumPy."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np

from .measure import Measure, half
from .rows import Item, Link, Plan, set_rows

__all__ = ["Item", "Link", "half", "place"]

SHIFTS = np.array([-1, 1, -2, 2, -3, 3, -4, 4, -6, 6])  # half slots
PITCHES = (2, 3, 4)  # half slots between the items of a row, where a climb begins
LARGE, EFFORT = 60, 2_000_000  # items beyond which one climb must do; numbers that a climb may look at


def place(items: list[Item], links: list[Link]) -> tuple[frozenset, list[list[int]]]:
    """Sets the row of every item. Returns the keys on the state's straight line, and a few good choices of columns, one
    number for each item, the best first. items: tails before heads."""
    rows, line, choices = _solved(tuple((i.key, i.op, i.wide, i.bottom) for i in items), tuple(links))
    for item, row in zip(items, rows):
        item.row = row
    return line, choices


@functools.lru_cache(maxsize=64)  # forward and backward pictures of one net ask for the same
def _solved(kinds: tuple, links: tuple[Link, ...]) -> tuple[list[int], frozenset, list[list[int]]]:
    items = [Item(*kind) for kind in kinds]
    plan = Plan({item.key: item for item in items}, list(links))
    line = set_rows(plan)
    rows: dict[int, list[Item]] = {}
    for item in items:
        rows.setdefault(item.row, []).append(item)
    found = sorted(_columns(plan, rows, pitch) for pitch in (PITCHES if len(items) <= LARGE else PITCHES[:1]))
    choices = [columns for i, (_, columns) in enumerate(found) if found[i] not in found[:i]]
    return [item.row for item in items], frozenset(line), choices


def _columns(plan: Plan, rows: dict[int, list[Item]], pitch: int) -> tuple[int, list[int]]:
    """One climb, from the items of each row side by side, `pitch` apart: how hard the drawing is to read, columns."""
    order = {item: i for i, item in enumerate(plan.items.values())}
    for row in rows.values():
        row.sort(key=order.get)
        for i, item in enumerate(row):
            item.column = pitch * i
    for sweep in range(6):
        for height in sorted(rows, reverse=bool(sweep % 2)):
            _sweep(plan, rows[height])
    return _climb(plan, rows)


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


def _climb(plan: Plan, rows: dict[int, list[Item]]) -> tuple[int, list[int]]:
    """Makes the best of many small changes around one item after the other, as long as the drawing gets easier to read;
    looks again at an item only when something near it has moved. Returns how hard it still is to read, and columns."""
    items = list(plan.items.values())
    changes = _Changes(plan, rows)
    measure = Measure(plan, rows)
    columns = np.array([item.column for item in items])
    best = measure(columns[None])[0]
    waiting, effort = dict.fromkeys(range(len(items))), 0
    while waiting and effort < EFFORT:
        here = next(iter(waiting))
        del waiting[here]
        tried = changes.around(here, columns)
        effort += tried.size
        costs = measure(tried, best)
        choice = int(costs.argmin())
        if costs[choice] < best:
            for moved in np.flatnonzero(tried[choice] != columns).tolist():
                waiting.update(dict.fromkeys([moved, *changes.mates[moved], *changes.near[moved]]))
            best, columns = costs[choice], tried[choice]
    left = round(min(columns - measure.wide / 2)) - 1
    return int(best), (columns - left).tolist()


class _Changes:
    """Small changes of a choice of columns."""

    def __init__(self, plan: Plan, rows: dict[int, list[Item]]):
        number = {key: i for i, key in enumerate(plan.items)}
        self.before = [[number[k] for k in plan.before.get(key, ())] for key in number]
        self.after = [[number[k] for k in plan.after.get(key, ())] for key in number]
        self.near = [[*a, *b] for a, b in zip(self.before, self.after)]
        self.mates = [[number[i.key] for i in rows[item.row] if i is not item] for item in plan.items.values()]
        self.limbs = [list(self._limbs(i)) for i in range(len(number))]

    def around(self, here: int, columns: np.ndarray) -> np.ndarray:
        """(K, items): the item, straight stems that it stands in and all to its right are shifted; it changes places
        with another of its row; two of its arguments change places."""
        at = columns.tolist()
        groups = [{here}, *self._stems(here, at), {i for i, column in enumerate(at) if column >= at[here]}]
        masks = np.zeros((len(groups), 1, len(at)), int)
        for mask, group in zip(masks, groups):
            mask[0, list(group)] = 1
        found = [(columns + SHIFTS[:, None] * masks).reshape(-1, len(at))]
        for other in self.mates[here]:
            swapped = columns.copy()
            swapped[[here, other]] = swapped[[other, here]]
            found.append(swapped[None])
        for a, b, change in self.limbs[here]:
            if at[a] != at[b]:
                found.append((columns + (at[b] - at[a]) * change)[None])
        return np.concatenate(found)

    def _stems(self, here: int, at: list[int]) -> list[set[int]]:
        """What stands straight below, straight above, and in the whole straight stem."""
        found: list[set[int]] = []
        for near in (self.before, self.after, self.near):
            stem, waiting = {here}, [here]
            while waiting:
                straight = [i for i in near[waiting.pop()] if at[i] == at[here] and i not in stem]
                stem.update(straight)
                waiting += straight
            if len(stem) > 1 and stem not in found:
                found.append(stem)
        return found

    def _limbs(self, here: int) -> Iterator[tuple[int, int, np.ndarray]]:
        """Two arguments, and 1 for the first and all that is computed for it alone, -1 for the second and its own."""
        sources = list(dict.fromkeys(self.before[here]))
        for i, a in enumerate(sources):
            for b in sources[i + 1 :]:
                one, two = self._limb(a), self._limb(b)
                if not one & two:
                    change = np.zeros(len(self.near), int)
                    change[list(one)], change[list(two)] = 1, -1
                    yield a, b, change

    def _limb(self, item: int) -> set[int]:
        found, waiting = {item}, [item]
        while waiting:
            for other in self.before[waiting.pop()]:
                if other not in found and found.issuperset(self.after[other]):
                    found.add(other)
                    waiting.append(other)
        return found
