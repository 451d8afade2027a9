"""The parts of a net, found in its unrolled graph: ops that come again in every step are roles, roles that feed
themselves from step to step are a cell, and what only reads it is a read-out. Imports steps."""

from __future__ import annotations

from collections import Counter

from .snapshot import Graph, is_attention
from .steps import Frames, Source, Steps, in_layer

__all__ = ["ATTENTION", "Parts"]

ATTENTION = ("attention", None)


class Parts(Steps):
    """role: op -> role; kind: role -> part of the net, and recurrent, the kinds that feed themselves; reversed: those
    that run from the end. carried: (role, argument) that reads another step; outputs: (role, output) that is read
    there. loop: role -> the first role of its loop, or None."""

    def __init__(self, graph: Graph):
        super().__init__(graph)
        self._find_roles()
        self._find_kinds()

    def of_kind(self, kind: tuple) -> list[int]:
        """The ops of a part, in the order of the program."""
        return [n for n in self.inside if self.kind[self.role[n]] == kind]

    # ---- roles: the ops that come again in every step

    def _find_roles(self) -> None:
        roles: dict[tuple, int] = {}
        seen: Counter = Counter()
        self.role: dict[int, int] = {}
        for n in self.inside:
            node, lane = self.graph.nodes[n], self.lane[n]
            weights = tuple(s[1] for _, s, _ in self.reads[n] if self.is_parameter(s))
            near = [s for _, s, _ in self.reads[n] if s[0] == "node" and self.lane.get(s[1]) == lane]
            inner = tuple([name for name in map(self._name, near) if name])
            sort = (self.lanes[lane][0], *self.around[n], node.op, node.names, weights, inner)
            seen[lane, sort] += 1
            self.role[n] = roles.setdefault((sort, seen[lane, sort]), len(roles))
        self.follows: list[set[int]] = [set() for _ in roles]  # which roles read it, in any step
        self.within: list[set[int]] = [set() for _ in roles]  # in the same step
        self.carried: set[tuple[int, int]] = set()  # (role, argument) that reads another step
        self.from_later: set[int] = set()
        self.outputs: set[tuple[int, int]] = set()  # (role, output) that another step reads
        for n in self.inside:
            for i, source, _ in self.reads[n]:
                if source[0] == "node" and source[1] in self.lane:
                    self._note(source, n, i)
        self._close_single_steps()

    def _note(self, source: Source, n: int, argument: int) -> None:
        """Op n of a step reads a value of a step."""
        m = source[1]
        (group, then), (mine, now) = self.lanes[self.lane[m]], self.lanes[self.lane[n]]
        self.follows[self.role[m]].add(self.role[n])
        if (group, then) == (mine, now):
            self.within[self.role[m]].add(self.role[n])
        elif group == mine:
            self.carried.add((self.role[n], argument))
            self.outputs.add((self.role[m], source[2]))
            if then > now:
                self.from_later.add(self.role[n])

    def _close_single_steps(self) -> None:
        """In a single step nothing is carried: a value from outside, called as one that the step computes, is its state
        before."""
        count = Counter(group for group, _ in self.lanes)
        single = [n for n in self.inside if count[self.lanes[self.lane[n]][0]] == 1]
        named = {(self.lane[n], self.around[n][0], name): (self.role[n], i)
                 for n in single for i, name in self.graph.nodes[n].names}  # fmt: skip
        for n in single:
            for i, source, _ in self.reads[n]:
                own = named.get((self.lane[n], self.around[n][0], self._name(source)))
                if own is not None and (source[0] == "leaf" or self.lane.get(source[1]) != self.lane[n]):
                    self.follows[own[0]].add(self.role[n])
                    self.outputs.add(own)
                    self.carried.add((self.role[n], i))

    def _name(self, source: Source) -> str | None:
        if source[0] == "leaf":
            return self.graph.leaves[source[1]].name
        return self.graph.nodes[source[1]].name(source[2]) if source[0] == "node" else None

    # ---- kinds: the parts of the net

    def _find_kinds(self) -> None:
        """A kind is a loop from step to step: of a layer, of a module called in the step, or of whatever else feeds
        itself. Ops of no loop belong to the cell that they feed or stand in; the others are read-outs."""
        frames = dict(sorted({self.role[n]: self.around[n] for n in reversed(self.inside)}.items()))
        loop = self.loop = _loops(self.follows)
        first: dict[tuple, int] = {}  # (frames, module) -> one of its loops: a module call is one cell
        same = {loop[r]: first.setdefault((before, after[:1]), loop[r])
                for r, (before, after) in frames.items() if loop[r] is not None and after}  # fmt: skip
        self.kind: dict[int, tuple | None] = dict.fromkeys(frames)
        for r, (before, after) in frames.items():
            if loop[r] is not None:
                part = _part(before, after)
                self.kind[r] = ("cell", before, same.get(loop[r], loop[r]) if part is None else part)
        self.recurrent = {kind for kind in self.kind.values() if kind is not None}
        split = {loop[r] for r, kind in self.kind.items() if kind is not None and kind[2] != same.get(loop[r], loop[r])}
        self._join_homes(frames)
        for r in sorted(frames, reverse=True):
            if self.kind[r] is None or (loop[r] in split and isinstance(self.kind[r][2], int)):
                self._join_reader(r, frames[r][0])
        self.reversed = {self.kind[r] for r in self.from_later}

    def _join_homes(self, frames: dict[int, tuple[Frames, Frames]]) -> None:
        """What a layer or module computes beside its loop, from nothing else of this step, is part of its cell."""
        places: dict[tuple, set] = {}
        for r, kind in self.kind.items():
            places.setdefault(kind, set()).add(_home(*frames[r]))
        homes = {next(iter(where)): kind for kind, where in places.items() if kind is not None and len(where) == 1}
        for r, around in frames.items():
            home = homes.get(_home(*around)) if _home(*around)[1] else None
            before = {self.kind[s] for s, readers in enumerate(self.within) if r in readers}
            if self.kind[r] is None and home is not None and before <= {home}:
                self.kind[r] = home

    def _join_reader(self, r: int, before: Frames) -> None:
        readers = {self.kind[reader] for reader in self.within[r]} - {self.kind[r], None}
        only = next(iter(readers)) if len(readers) == 1 else None
        if only is not None and (only in self.recurrent or only[1] == before):
            self.kind[r] = only
        elif self.kind[r] is None:
            self.kind[r] = ("rest", before, tuple(sorted(map(str, readers))))


def _part(before: Frames, after: Frames) -> tuple | None:
    """The layer, or the part of a decoder's step, that the engine itself names."""
    if in_layer(before):
        return ()
    if after and is_attention(after[0]):
        return ATTENTION
    return after[0] if after and after[0][0] == "layer" else None


def _home(before: Frames, after: Frames) -> tuple[Frames, tuple]:
    """The layer or the module called in the step that an op stands in."""
    return (before, before[-1:]) if in_layer(before) else (before, after[:1])


def _loops(follows: list[set[int]]) -> list[int | None]:
    """For each role the first role of the loop it is in, None if it is in none."""
    reach = [sum(1 << s for s in after) for after in follows]
    changed = True
    while changed:
        changed = False
        for r in reversed(range(len(follows))):
            wider = reach[r]
            for s in follows[r]:
                wider |= reach[s]
            changed, reach[r] = changed or wider != reach[r], wider
    return [
        next((s for s in range(len(reach)) if reach[r] >> s & 1 and reach[s] >> r & 1), None) for r in range(len(reach))
    ]
