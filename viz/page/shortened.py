"""A graph of too many ops for a page: those at either end are kept, and one box stands for all between. Imports
snapshot."""

from __future__ import annotations

import math
from dataclasses import replace

from ..snapshot import Graph, Leaf, OpNode, Ref, Stat, key_of

__all__ = ["KEEP", "is_rest", "shortened"]

KEEP = 40  # ops kept at either end
MORE = " more ops"


def shortened(graph: Graph) -> Graph:
    """The first and the last ops of a graph, numbered anew, and between them one op for the rest; leaves that only the
    rest reads are left out with it. A value that several of the rest read is handed back what they send, their norms
    joined."""
    return _Shortened(graph).graph


def is_rest(node: OpNode) -> bool:
    """Does it stand for ops that are left out?"""
    return node.op.endswith(MORE)


class _Shortened:
    def __init__(self, graph: Graph):
        self.whole = graph
        self.first, self.rest, self.last = graph.nodes[:KEEP], graph.nodes[KEEP:-KEEP], graph.nodes[-KEEP:]
        self.shift = len(self.rest) - 1
        read = [key_of(ref) for node in self.last for ref in node.inputs if ref.kind in ("node", "leaf")]
        made = [key for key in dict.fromkeys([*read, *graph.roots]) if self._in_rest(key)]
        self.out = {key: index for index, key in enumerate(made)}
        self.uses: dict[tuple, list[tuple[int, int]]] = {}  # what the rest reads -> which arguments
        for node in self.rest:
            for position, ref in enumerate(node.inputs):
                if ref.kind in ("node", "leaf") and not self._in_rest(key_of(ref)):
                    self.uses.setdefault(key_of(ref), []).append((node.number, position))
        kept = [key_of(ref) for node in self.first for ref in node.inputs if ref.kind == "leaf"]
        kept += [key for key in read if key[0] == "leaf"]
        kept += [("leaf", leaf.number) for leaf in graph.leaves if leaf.parameter]
        self.leaves = {key[1]: i for i, key in enumerate(dict.fromkeys(kept))}
        self.uses = {key: uses for key, uses in self.uses.items() if key[0] == "node" or key[1] in self.leaves}
        self.graph = self._graph()

    def _in_rest(self, key: tuple) -> bool:
        return key[0] == "node" and KEEP <= key[1] < KEEP + len(self.rest)

    def _key(self, key: tuple) -> tuple | None:
        """The key of a value in the new graph; None for one that is left out."""
        if key[0] == "leaf":
            return ("leaf", self.leaves[key[1]]) if key[1] in self.leaves else None
        if self._in_rest(key):
            return ("node", KEEP, self.out[key]) if key in self.out else None
        return ("node", self._number(key[1]), key[2])

    def _number(self, number: int) -> int:
        return number if number < KEEP else number - self.shift

    def _graph(self) -> Graph:
        whole = self.whole
        nodes = [*map(self._moved, self.first), self._box(), *map(self._moved, self.last)]
        leaves: list[Leaf] = [replace(whole.leaves[old], number=new) for old, new in self.leaves.items()]
        roots = tuple([key for key in map(self._key, whole.roots) if key is not None])
        contributions = {
            (self._number(number), position): stat
            for (number, position), stat in whole.contributions.items()
            if not KEEP <= number < KEEP + len(self.rest)
        }
        for position, uses in enumerate(self.uses.values()):
            norms = [whole.contributions[edge].norm for edge in uses if edge in whole.contributions]
            if norms:
                contributions[KEEP, position] = Stat(math.hypot(*norms), math.nan, math.nan)
        gradients = None if whole.gradients is None else self._kept(whole.gradients)
        return Graph(nodes, leaves, roots, self._kept(whole.values), gradients, contributions)

    def _kept(self, stats: dict[tuple, Stat]) -> dict[tuple, Stat]:
        found = {self._key(key): stat for key, stat in stats.items()}
        return {key: stat for key, stat in found.items() if key is not None}

    def _moved(self, node: OpNode) -> OpNode:
        return replace(node, number=self._number(node.number), inputs=tuple(map(self._ref, node.inputs)))

    def _ref(self, ref: Ref) -> Ref:
        return self._to(key_of(ref), ref) if ref.kind in ("node", "leaf") else ref

    def _to(self, key: tuple, ref: Ref) -> Ref:
        kind, number, *index = self._key(key)
        return ref._replace(kind=kind, number=number, index=index[0] if index else 0)

    def _box(self) -> OpNode:
        inputs = tuple([self._to(key, Ref(key[0], differentiable=True)) for key in self.uses])
        outputs = tuple([self.whole.nodes[number].outputs[index] for _, number, index in self.out])
        return OpNode(KEEP, f"{len(self.rest):,}{MORE}", inputs, outputs, ())
