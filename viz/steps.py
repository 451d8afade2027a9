"""What every op of a recorded graph reads, looking through ops that only hand a value on, and the time step it stands
in: lanes are steps, those of nets that run side by side being shared. Imports lattice and snapshot."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from .lattice import NO_PICTURE
from .snapshot import Graph, OpNode, Ref, key_of

__all__ = ["Edges", "Frames", "Source", "Steps", "in_layer", "united"]

Source = tuple  # ("node", number, output) | ("leaf", number) | ("array", node number, position)
Frames = tuple[tuple[str, int | None], ...]
Edges = dict[Source, list[tuple[int, int]]]  # (node, argument) that read, by the value that they read


class Steps:
    """reads: for each op that the roots need (argument, source, is it cut); readers: the same by source. lanes: (group
    of nets, step), and the lane of each op inside the steps. around: the frames before and after that of the step."""

    def __init__(self, graph: Graph):
        self.graph = graph
        self.reads: dict[int, list[tuple[int, Source, bool]]] = {}
        self._follow()
        self.readers: dict[Source, list[tuple[int, int]]] = {}
        for n, read in self.reads.items():
            for i, source, _ in read:
                self.readers.setdefault(source, []).append((n, i))
        self.step = {n: graph.nodes[n].step for n in self.reads}
        self.inside = [n for n in self.reads if self.step[n] is not None]
        self.around = {n: _around(graph.nodes[n]) for n in self.reads}
        self._count_calls()
        self._find_lanes()

    # ---- what reads what

    def _follow(self) -> None:
        """Every op that the roots need, except those that only hand a value on."""
        waiting = [self.resolve(Ref("node", root[1], root[2]))[0] for root in self.graph.roots if root[0] == "node"]
        seen: set[int] = set()
        while waiting:
            source = waiting.pop()
            if source is None or source[0] != "node" or source[1] in seen or self.is_piece(source):
                continue
            node = self.graph.nodes[source[1]]
            seen.add(node.number)
            found = [(i, *self.resolve(ref, (node.number, i))) for i, ref in enumerate(node.inputs)]
            self.reads[node.number] = [read for read in found if read[1] is not None]
            waiting += [read[1] for read in self.reads[node.number]]
        self.reads = dict(sorted(self.reads.items()))

    def resolve(self, ref: Ref, edge: tuple[int, int] = (-1, -1)) -> tuple[Source | None, bool]:
        """Where an argument comes from, looking through cuts and through pieces of a stack; and whether it is cut."""
        cut = False
        while ref.kind == "node":
            node = self.graph.nodes[ref.number]
            onward = node.inputs[0] if node.op == "cut" else self._of_stack(node, ref.index)
            if onward is None:
                return key_of(ref), cut
            ref, cut = onward, cut or node.op == "cut"
        if ref.kind == "leaf":
            return key_of(ref), cut
        pictured = ref.kind == "array" and ref.value[0] and self.graph.nodes[edge[0]].op not in NO_PICTURE
        return (("array", *edge) if pictured else None), cut

    def _of_stack(self, node: OpNode, index: int) -> Ref | None:
        """The tensor that was stacked, if the op takes it out of the stack again."""
        if node.op not in ("unstack", "getitem") or node.inputs[0].kind != "node":
            return None
        stack = self.graph.nodes[node.inputs[0].number]
        params = dict(node.params)
        if stack.op != "stack" or dict(stack.params).get("axis", "0") != params.get("axis", "0"):
            return None
        if node.op == "getitem":
            match = re.fullmatch(r"\(?(-?\d+),?\)?", params.get("index", ""))
            if match is None:
                return None
            index = int(match[1])
        return stack.inputs[index]

    def is_piece(self, source: Source) -> bool:
        """Is it one step of a tensor that holds the inputs of all steps?"""
        node = self.graph.nodes[source[1]] if source[0] == "node" else None
        return node is not None and node.op == "unstack" and node.inputs[0].kind == "leaf"

    # ---- lanes

    def _count_calls(self) -> None:
        """A layer that is called again, over the same steps, is marked with the number of the call."""
        calls: dict[Frames, int] = {}
        visits: dict[Frames, tuple[int, int | None]] = {}  # how often the layer has moved to another step, and to which
        seen: dict[tuple, int] = {}
        for n in self.inside:
            before, after = self.around[n]
            if not in_layer(before):
                continue
            visit, at = visits.get(before, (0, None))
            visits[before] = visit, at = (visit + (at != self.step[n]), self.step[n])
            weights = tuple(source for _, source, _ in self.reads[n] if self.is_parameter(source))
            op = (before, at, self.graph.nodes[n].op, weights)
            if seen.setdefault((calls.get(before, 0), op), visit) != visit:
                calls[before] = calls.get(before, 0) + 1
                seen[calls[before], op] = visit
            if calls.get(before):
                self.around[n] = ((("call", calls[before]), *before), after)

    def _find_lanes(self) -> None:
        """Nets share their columns if one reads the other step by step; a decoder that starts anew has its own."""
        base = {n: _base(self.around[n][0]) for n in self.inside}
        passed: dict[tuple[Frames, Frames], set[tuple[int, int]]] = {}
        for n in self.inside:
            for m in self.nodes_read(n):
                if base.get(m, base[n]) != base[n]:
                    passed.setdefault((base[m], base[n]), set()).add((self.step[m], self.step[n]))
        level = [
            pair
            for pair, steps in passed.items()
            if all(s == t for s, t in steps) and (len(steps) > 1 or max(steps)[0] > 0)
        ]
        group = united(list(base.values()), level)
        order = {g: i for i, g in enumerate(dict.fromkeys(group[name] for name in base.values()))}
        self.lanes = sorted({(order[group[base[n]]], self.step[n]) for n in self.inside})
        number = {lane: i for i, lane in enumerate(self.lanes)}
        self.lane = {n: number[order[group[base[n]]], self.step[n]] for n in self.inside}

    def nodes_read(self, n: int) -> list[int]:
        return [source[1] for _, source, _ in self.reads[n] if source[0] == "node" and source[1] in self.reads]

    def sent_back(self, edges: Edges, row: int | None = None) -> tuple[float | None, bool]:
        """The norm of what some readers send back, all values together, None if nothing arrives; and whether it is
        exact. row: of that row of the values alone, one of several nodes of a tree.

        The norms of several values (h and c) are joined to that of all of them together. Where the norm of the sum of
        what several ops send back to one value was not recorded, theirs are joined in the same way, which is not exact.
        """
        norms, exact = [], True
        for source, uses in edges.items():
            parts = [self.graph.contributions[edge] for edge in uses if edge in self.graph.contributions]
            alone = len(uses) == len(self.readers[source])
            whole = (self.graph.gradients or {}).get(source) if alone else self.graph.joined.get(tuple(uses))
            exact = exact and (whole is not None or len(parts) < 2)
            norms += [stat.part(row) for stat in ([whole] if whole and len(parts) > 1 else parts)]
        return (math.hypot(*norms) if norms else None), exact

    def is_parameter(self, source: Source) -> bool:
        return source[0] == "leaf" and self.graph.leaves[source[1]].parameter


def _around(node: OpNode) -> tuple[Frames, Frames]:
    """The frames before and after the frame of the step."""
    at = next((i for i, (name, index) in enumerate(node.scope) if name == "step" and index is not None), None)
    return (node.scope, ()) if at is None else (node.scope[:at], node.scope[at + 1 :])


def in_layer(before: Frames) -> bool:
    return bool(before) and before[-1][0] in ("layer", "reverse")


def _base(before: Frames) -> Frames:
    """The frames without those of a layer and its direction."""
    while in_layer(before):
        before = before[:-1]
    return before


def united(items: Iterable, pairs: Iterable[tuple]) -> dict:
    """item -> one member of its part, where the two of each pair are in the same part."""
    above = {item: item for item in items}

    def top(item):
        while above[item] != item:
            above[item] = item = above[above[item]]
        return item

    for a, b in pairs:
        above[top(b)] = top(a)
    return {item: top(item) for item in above}
