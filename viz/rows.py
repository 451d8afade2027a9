"""The rows of one time step, by longest path from its inputs. A state that only sums and products touch on its way to
the next step makes one straight line on top, with what hangs off it below. Imports nothing of the project."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

__all__ = ["Item", "Link", "Plan", "set_rows"]

LINEAR = ("mul", "add", "sub")  # ops that a state crosses on its straight line
SUMS = ("add",)


@dataclass(eq=False)
class Item:
    """Something with a place in the step. wide: a node with several outputs, drawn as a bar. bottom: an input such as
    x_t."""

    key: object
    op: str
    wide: int = 0
    bottom: bool = False
    row: int = 0
    column: int = 0  # in half slots; two items of a row are at least 2 apart


@dataclass(frozen=True)
class Link:
    """A wire to come. kind: "in step" (tail and head), "carried" (from the step before), "tap" (of a parameter's
    rail), "feed" (of a rail that brings data), "up" (to a bus). output: which one of the tail's outputs."""

    kind: str
    tail: object = None
    head: object = None
    output: int = 0


@dataclass
class Plan:
    """Items and links with the look-ups that rows and columns both need."""

    items: dict[object, Item]
    links: list[Link]
    before: dict[object, list[object]] = field(default_factory=dict)
    after: dict[object, list[object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for link in self.links:
            if link.kind == "in step":
                self.before.setdefault(link.head, []).append(link.tail)
                self.after.setdefault(link.tail, []).append(link.head)


def set_rows(plan: Plan) -> set:
    """Sets the row of every item, 0 at the bottom; returns the keys on the state's straight line."""
    line = _state_line(plan)
    under = _under(plan, line)
    above = _reach(plan.after, line | under) - line - under
    top = 0
    for _ in range(len(plan.items) + 1):
        _levels(plan, line, under, above, top)
        inner = [plan.items[k].row for k in plan.items if k not in above and k not in line and not plan.items[k].bottom]
        needed = max([*(plan.items[k].row for k in line), *(r + 1 for r in inner), top]) if line else top
        if needed == top:
            break
        top = needed
    _raise(plan, line | under)
    return line


def _levels(plan: Plan, line: set, under: set, above: set, top: int) -> None:
    for key, item in plan.items.items():
        sources = [k for k in plan.before.get(key, ()) if k in plan.items]
        if item.bottom:
            item.row = 0
        elif key in line:
            item.row = max([top, 1, *(plan.items[k].row + (k not in line) for k in sources)])
        elif key in under:
            free = [plan.items[k].row + 1 for k in sources if k not in line and k not in under]
            item.row = max([top - 1, 1, *free, *(plan.items[k].row for k in sources if k in under)])
        else:
            flat = _beside(plan, item, sources)
            rows = [plan.items[k].row + (k != flat) for k in sources]
            item.row = max([1, *rows, *([top + 1] if key in above and line else [])])


def _raise(plan: Plan, fixed: set) -> None:
    """What depends on no input of the step stands just below its first reader, not at the bottom."""
    fed = {link.head for link in plan.links if link.kind == "feed"}
    free: set = set()
    for key, item in plan.items.items():
        if not item.bottom and key not in fixed | fed and all(k in free for k in plan.before.get(key, ())):
            free.add(key)
    for key in reversed([k for k in plan.items if k in free]):
        readers = [plan.items[k].row for k in plan.after.get(key, ())]
        if readers:
            plan.items[key].row = max(plan.items[key].row, min(readers) - 1)


def _beside(plan: Plan, item: Item, sources: list) -> object:
    """The source that a sum stands beside rather than above, so that a longer sum reads from left to right."""
    if item.op not in SUMS or not sources:
        return None
    last = max(sources, key=lambda k: plan.items[k].row)
    others = [plan.items[k].row for k in sources if k != last]
    sums = plan.items[last].op in SUMS and plan.after.get(last, []) == [item.key]
    return last if sums and all(row < plan.items[last].row for row in others) else None


def _state_line(plan: Plan) -> set:
    """The items that one carried state passes through on its way to the next step, if they only add and multiply."""
    best: set = set()
    for link in plan.links:
        if link.kind != "carried":
            continue
        path, key = [link.head], link.head
        while key != link.tail and len(path) < 5:
            nexts = [
                k
                for k in plan.after.get(key, ())
                if plan.items[k].op in LINEAR and link.tail in _reach(plan.after, {k})
            ]
            if not nexts:
                break
            key = nexts[0]
            path.append(key)
        ends_well = key == link.tail and all(plan.items[k].op in LINEAR for k in path)
        gated = any(plan.items[k].op == "mul" for k in path)
        if ends_well and gated and len(path) > len(best):
            best = set(path)
    return best


def _under(plan: Plan, line: set) -> set:
    """Items between the line and another carried state: they hang below the line."""
    carried = {
        link.tail for link in plan.links if link.kind == "carried" and line & _reach(plan.after, {link.head})
    } - line
    below = _reach(plan.after, line) - line
    return {k for k in below if carried & _reach(plan.after, {k})} if line else set()


def _reach(after: dict, keys: Iterable) -> set:
    seen, waiting = set(keys), list(keys)
    while waiting:
        for key in after.get(waiting.pop(), ()):
            if key not in seen:
                seen.add(key)
                waiting.append(key)
    return seen
