"""The run as the engine makes it: every op in the order of creation, then, newest first, every op that a gradient
reaches. Says after which event something is known. Imports snapshot."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from ..lattice import Source
from ..snapshot import Graph, key_of

__all__ = ["Run"]


class Run:
    """Events are counted from 1. forward: how many ops there are. backward: numbers of the ops that the backward pass
    visits, in order. end: the last event. An event after the end never comes."""

    def __init__(self, graph: Graph):
        self.graph = graph
        self.ran_back = graph.gradients is not None
        self.forward = len(graph.nodes)
        self.backward = sorted({key[1] for key in graph.gradients or () if key[0] == "node"}, reverse=True)
        self.end = self.forward + len(self.backward)
        self.never = self.end + 1
        self._readers: dict[tuple, list[tuple[int, int]]] = {}
        for node in graph.nodes:
            for position, ref in enumerate(node.inputs):
                if ref.kind in ("node", "leaf"):
                    self._readers.setdefault(key_of(ref), []).append((node.number, position))

    def computed(self, source: Source) -> int:
        """The event after which a value is there; 0 for what was given."""
        return source[1] + 1 if source[0] in ("node", "bus") else 0

    def passed(self, number: int) -> int:
        """The event after which the backward pass has dealt with an op, or has gone by one that no gradient reaches."""
        if not self.ran_back:
            return self.never
        done = bisect_right(self.backward, -number, key=lambda n: -n)
        return min(self.forward + max(done, 1), self.end)

    def collected(self, edges: Iterable[tuple[int, int]]) -> int:
        """The event after which all these arguments have handed back what they do."""
        if not self.ran_back:
            return self.never
        sent = [self.passed(number) for number, position in edges if (number, position) in self.graph.contributions]
        return max(sent, default=self.end)

    def readers(self, source: Source) -> list[tuple[int, int]]:
        """(op, position of the argument) wherever a value is read."""
        return self._readers.get(source, [])
