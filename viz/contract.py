"""A recorded graph contracted to cells: one box for each part of the net and time step, with links for what passes
between them and the norm of what comes back. Imports parts, steps, snapshot and theme."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from .parts import Parts
from .snapshot import Graph
from .steps import Source, united
from .theme import LOSSES

__all__ = ["Cell", "Contraction", "Link"]


@dataclass
class Cell:
    """One box. kind: the same for the cells of all steps. lanes: the one it stands in, or those a box outside the
    steps reads (`place` "above") or feeds ("below"). place: also "lane", "input", "first" for a state to begin with.
    """

    id: str
    kind: tuple
    place: str
    lanes: tuple[int, ...]
    nodes: list[int] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)  # of "input" and "first"


@dataclass
class Link:
    """What passes from one cell to another. edges: (node, argument) that read, by the value that they read. cut: no
    gradient passes."""

    tail: str
    head: str
    edges: dict[Source, list[tuple[int, int]]] = field(default_factory=dict)
    cut: bool = False


class Contraction(Parts):
    """cells by id; cell_of: the id of the cell of a value; links in the order of the program."""

    def __init__(self, graph: Graph):
        super().__init__(graph)
        self.cells: dict[str, Cell] = {}
        self.cell_of: dict[Source, str] = {}
        self.numbers: dict[tuple, int] = {}  # of the kinds
        self._make_cells()
        self.links = self._make_links()

    # ---- cells and links

    def _make_cells(self) -> None:
        for n in self.inside:
            self._add(self.kind[self.role[n]], "lane", (self.lane[n],), n)
        for nodes in self._outside():
            self._add_outside(nodes)
        for source in self.readers:
            if source[0] != "node" or self.is_piece(source):
                self._add_source(source)

    def _add(self, kind: tuple, place: str, lanes: tuple[int, ...], node: int | None = None) -> Cell:
        number = self.numbers.setdefault(kind, len(self.numbers))
        name = f"b{number}_{lanes[0]}" if lanes else f"b{number}"
        cell = self.cells.setdefault(name, Cell(name, kind, place, lanes))
        if node is not None:
            cell.nodes.append(node)
            self.cell_of["node", node] = name
        return cell

    def _outside(self) -> list[list[int]]:
        """Ops outside the steps, those on the same side of the steps that hang together as one; what hands out pieces
        to the steps of a second net stands for itself, so that one wire leads from the first net to the second."""
        outside = [n for n in self.reads if n not in self.lane]
        fed, feeding = set(self.inside), set(self.inside)
        for n in outside:
            fed |= {n} if fed.intersection(self.nodes_read(n)) else set()
        for n in sorted(self.reads, reverse=True):
            feeding |= set(self.nodes_read(n)) if n in feeding else set()
        pairs = [(m, n) for n in outside for m in self.nodes_read(n) if m not in self.lane]
        self.feeding = feeding
        between = fed & feeding - set(self.inside)
        handing = {n for n in between if self.graph.nodes[n].op == "unstack"}
        level = [(m, n) for m, n in pairs if (m in fed, m in feeding) == (n in fed, n in feeding) and n not in handing]
        part = united(outside, level)
        return [[m for m in outside if part[m] == p] for p in dict.fromkeys(part.values())]

    def _add_outside(self, nodes: list[int]) -> None:
        """In the lane that it reads, above several, or below those that it feeds."""
        read = {self.lane[m] for n in nodes for m in self.nodes_read(n) if m in self.lane}
        fed = {self.lane[n] for n in self.inside if set(self.nodes_read(n)).intersection(nodes)}
        below = not read and nodes[-1] in self.feeding
        lanes = tuple(sorted(fed if below else read)) or (len(self.lanes) - 1,)
        ops = tuple(self.graph.nodes[n].op for n in nodes)
        kind = ("outside", self.graph.nodes[nodes[0]].scope, ops if len(lanes) == 1 else nodes[0])
        place = "below" if below else "lane" if len(read) == 1 else "above"
        for n in nodes:
            self._add(kind, place, lanes, n)

    def _add_source(self, source: Source) -> None:
        """A leaf or array: the input of its step, a state to begin with, or what several steps read."""
        readers = [(n, i) for n, i in self.readers[source] if n in self.lane]
        lanes = tuple(sorted({self.lane[n] for n, _ in readers}))
        first = next(
            (n for n, i in readers if (self.role[n], i) in self.carried and self._at_an_end(self.lane[n])), None
        )
        if not lanes or (self.is_parameter(source) and first is None):
            return
        if first is not None:
            cell = self._add(("first", self.kind[self.role[first]]), "first", (self.lane[first],))
        elif len(lanes) == 1:
            cell = self._add(("input", self.lanes[lanes[0]][0]), "input", lanes)
        else:
            cell = self._add(("shared", source), "below", lanes)
        cell.sources.append(source)
        self.cell_of[source] = cell.id

    def _at_an_end(self, lane: int) -> bool:
        """Is it the first or last step of its nets?"""
        group = self.lanes[lane][0]
        return {group} != {self.lanes[i][0] if 0 <= i < len(self.lanes) else None for i in (lane - 1, lane + 1)}

    def _make_links(self) -> list[Link]:
        links: dict[tuple[str, str, bool], Link] = {}
        for n in self.reads:
            head = self.cell_of["node", n]
            for i, source, cut in self.reads[n]:
                tail = self.cell_of.get(source if source[0] != "node" or self.is_piece(source) else source[:2])
                if tail is not None and tail != head:
                    link = links.setdefault((tail, head, cut), Link(tail, head, cut=cut))
                    link.edges.setdefault(source, []).append((n, i))
        return list(links.values())

    def feeds_steps(self, cell: Cell) -> bool:
        return any(n in self.feeding for n in cell.nodes)

    def alignment(self, link: Link) -> tuple[float, ...] | None:
        """Where an attention looks: a weight for each lane that the states come from, () if the weights are unknown;
        None for any other link."""
        tail, alignments = self.cells[link.tail], self.graph.alignments
        softmax = next((n for n in self.cells[link.head].nodes if n in alignments), None)
        if softmax is None or tail.place != "above" or link.cut:
            return None
        fits = self.graph.nodes[softmax].outputs[0][0][-1] == len(tail.lanes)
        return (alignments[softmax] or ()) if fits else None

    def batch(self) -> int:
        """How many sequences attention has weights for."""
        return max([self.graph.nodes[n].outputs[0][0][0] for n in self.graph.alignments], default=0)

    def reach(self, link: Link) -> list[float]:
        """The norm of what an attention sends back to each position, [] where it is not known."""
        stats = [self.graph.joined[tuple(e)] for e in link.edges.values() if tuple(e) in self.graph.joined]
        return [math.hypot(*norms) for norms in zip(*[stat.rows for stat in stats])]

    # ---- numbers

    def gradient(self, link: Link) -> tuple[float | None, bool]:
        """The norm of what comes back over a link, None if nothing does; and whether it is exact."""
        norm, exact = self.sent_back(link.edges)
        return (None if link.cut else norm), exact

    def states(self) -> dict[tuple[tuple, str], dict[int, Source]]:
        """What cells carry from step to step, by kind and name: the value of each lane. Sums of losses are left out."""
        found: dict[tuple[tuple, str], dict[int, Source]] = {}
        lossy = {self.kind[self.role[n]] for n in self.inside if self.graph.nodes[n].op in LOSSES}
        for n in self.inside:
            kind, node = self.kind[self.role[n]], self.graph.nodes[n]
            for index in range(len(node.outputs)):
                if (self.role[n], index) in self.outputs and kind not in lossy:
                    values = found.setdefault((kind, node.name(index) or "h"), {})
                    values[self.lane[n]] = ("node", n, index)
        return found
