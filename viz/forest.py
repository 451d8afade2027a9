"""The trees in a recorded graph: a node for each scope ("node", i), or for each row of a call that computes several
nodes at once; what passes between them, what they read and what reads them. Imports snapshot,
steps and theme."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .snapshot import Graph, OpNode
from .steps import Edges, Frames, Source, Steps, united
from .theme import PRODUCTS

__all__ = ["Forest", "Link", "Outside", "TreeNode", "has_trees", "together"]

PICKING = ("take", "getitem")  # ops that take rows out of a table
PASSING = ("concat", "reshape", "take", "scatter", "unstack")  # ops that lay out the states of children


def has_trees(graph: Graph) -> bool:
    """Is it made of nodes of trees, outside of time?"""
    names = {name for node in graph.nodes for name, index in node.scope if index is not None}
    return "node" in names and "step" not in names


def together(node: OpNode) -> int:
    """How many nodes of trees are computed at once where an op stands."""
    return len(getattr(_frame(node)[1], "nodes", ())) or 1


def _frame(node: OpNode) -> tuple[Frames, Any]:
    """The frames around ("node", index), and the index; None outside of one."""
    for i, (name, index) in enumerate(node.scope):
        if name == "node" and index is not None:
            return node.scope[:i], index
    return node.scope, None


@dataclass
class TreeNode:
    """One node. call: the computation that makes it; None if nothing of it is recorded. row: its row of the arrays
    there, None if it is alone. place: its row if the states of all nodes were one table, as they are computed. below:
    its children, in order. word: what it is called: a text, the row of a table, or None."""

    tree: int
    height: int
    place: int
    below: list[int] = field(default_factory=list)
    call: int | None = None
    row: int | None = None
    word: Any = None


@dataclass
class Outside:
    """What is not part of a tree. nodes: its ops; sources: its leaves and arrays. links to or from tree nodes: which
    argument of which op reads which value."""

    nodes: list[int] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    links: dict[int, Edges] = field(default_factory=dict)

    def add(self, node: int, source: Source, uses: list[tuple[int, int]]) -> None:
        self.links.setdefault(node, {}).setdefault(source, []).extend(uses)


@dataclass
class Link:
    """From a node to one that it is a child of."""

    tail: int
    head: int
    edges: Edges = field(default_factory=dict)


class Forest(Steps):
    """nodes: of all trees; roots: the numbers of those that are nobody's children. calls: the ops of each computation,
    made: the nodes of each; batched: are some computed together? links: between nodes. below: what nodes pick rows of
    or what is computed for them, inputs: what one call alone reads, by node; above: what reads nodes. between: ops on
    the way from one tree to another, for which there is no place in a picture of trees. handed_on: the values of a call
    that are read elsewhere, h before c. weights: the names of the parameters that nodes share."""

    def __init__(self, graph: Graph):
        super().__init__(graph)
        self.calls: list[list[int]] = []
        self.made: list[list[int]] = []
        self.nodes: list[TreeNode] = []
        self.call_of: dict[int, int] = {}
        self._find_calls()
        self._find_nodes()
        below = {child for node in self.nodes for child in node.below}
        self.roots = sorted(set(range(len(self.nodes))) - below, key=lambda n: (self.nodes[n].tree, n))
        self.links = self._find_links()
        self.batched = any(len(nodes) > 1 for nodes in self.made)
        self._find_outside()
        self._find_inputs()
        self._find_weights()
        self.handed_on: dict[int, list[Source]] = {}
        for source in sorted((s for s in self.readers if s[0] == "node" and s[1] in self.call_of), reverse=True):
            call = self.call_of[source[1]]
            if any(self.call_of.get(n) != call for n, _ in self.readers[source]):
                self.handed_on.setdefault(call, []).append(source)

    # ---- nodes

    def _find_calls(self) -> None:
        """Ops one after another in the same frame are one call."""
        before = None
        for n in self.reads:
            around, index = _frame(self.graph.nodes[n])
            at = (around, index, id(getattr(index, "forest", None)))
            if index is not None:
                if at != before:
                    self.calls.append([])
                self.calls[-1].append(n)
                self.call_of[n] = len(self.calls) - 1
            before = at

    def _find_nodes(self) -> None:
        """Of a fold, the nodes of its forest; of scopes by hand, one for each call."""
        first: dict[int, int] = {}  # forest -> the number of its first tree
        numbers: dict[tuple[int, int], int] = {}  # (tree, node of the tree) -> number here
        for call, ops in enumerate(self.calls):
            _, index = _frame(self.graph.nodes[ops[0]])
            forest = getattr(index, "forest", None)
            if forest is None:
                self._add_call(call)
                continue
            if id(forest) not in first:
                first[id(forest)] = 1 + max([node.tree for node in self.nodes], default=-1)
                self._add_forest(forest, first[id(forest)], numbers)
            self.made.append([numbers[first[id(forest)] + t, k] for t, k in index.nodes])
            for row, number in enumerate(self.made[-1]):
                self.nodes[number].call = call
                self.nodes[number].row = row if len(index.nodes) > 1 else None

    def _add_forest(self, forest: list, tree: int, numbers: dict) -> None:
        order = sorted((tree.heights[k], t, k) for t, tree in enumerate(forest) for k in range(len(tree)))
        for place, (height, t, k) in enumerate(order):
            numbers[tree + t, k] = len(self.nodes)
            below = [numbers[tree + t, child] for child in forest[t].children[k]]
            word = getattr(forest[t], "words", forest[t].labels)[k]
            self.nodes.append(TreeNode(tree + t, height, place, below, word=word))

    def _add_call(self, call: int) -> None:
        read = dict.fromkeys(self.call_of[m] for n in self.calls[call] for m in self.nodes_read(n) if m in self.call_of)
        below = [number for c in read if c != call for number in self.made[c]]
        height = 1 + max([self.nodes[number].height for number in below], default=-1)
        tree = self.nodes[below[0]].tree if below else 1 + max([node.tree for node in self.nodes], default=-1)
        for number in self._under(below):
            self.nodes[number].tree = tree
        self.made.append([len(self.nodes)])
        self.nodes.append(TreeNode(tree, height, len(self.nodes), below, call))

    def _under(self, numbers: list[int]) -> list[int]:
        found, waiting = dict.fromkeys(numbers), list(numbers)
        while waiting:
            new = [k for k in self.nodes[waiting.pop()].below if k not in found]
            found.update(dict.fromkeys(new))
            waiting += new
        return list(found)

    # ---- links

    def _find_links(self) -> list[Link]:
        found = []
        for number, node in enumerate(self.nodes):
            for child in dict.fromkeys(node.below):
                link = Link(child, number)
                made = self.nodes[child].call
                for n in self.calls[node.call] if node.call is not None else ():
                    for i, source, _ in self.reads[n]:
                        if source[0] == "node" and made is not None and self.call_of.get(source[1]) == made:
                            link.edges.setdefault(source, []).append((n, i))
                found.append(link)
        return found

    # ---- what is said of them

    def states(self, number: int) -> list[Source]:
        """The values in which a node hands on its state."""
        return self.handed_on.get(self.nodes[number].call, [])

    def state_names(self) -> list[str]:
        """What the program calls the parts of a node's state, such as h and c."""
        values = [source for call in sorted(self.handed_on) for source in self.handed_on[call]]
        names = [self.graph.nodes[n].name(output) for _, n, output in values]
        return list(dict.fromkeys(name for name in names if name))

    def weight_of(self, link: Link) -> str:
        """The parameter that a child's state is multiplied by, if each child has its own: U for the left one."""
        place = self.nodes[link.head].below.index(link.tail)
        return self._product([n for uses in link.edges.values() for n, _ in uses], place)

    def weight_at(self, number: int) -> str:
        """The parameter that the input of a node is multiplied by."""
        call = self.nodes[number].call
        picking = [n for n in self.calls[call] if self._picks(n)] if call is not None else []
        alone = self.inputs[number].links[number] if number in self.inputs else {}
        return self._product([*picking, *[n for uses in alone.values() for n, _ in uses]], 0)

    def _product(self, waiting: list[int], place: int) -> str:
        """The parameter of the first product on the way, if it has the name of a matrix, such as U."""
        seen = set()
        while waiting:
            n = waiting.pop()
            node = self.graph.nodes[n]
            if node.op in PRODUCTS:
                names = [self.weights.get(source, "") for _, source, _ in self.reads[n]]
                return next((name for name in names if len(name) == 1), "")
            output = place if node.op == "unstack" else 0
            if node.op in PASSING and n not in seen and output < len(node.outputs):
                seen.add(n)
                waiting += [m for m, _ in self.readers.get(("node", n, output), ())]
        return ""

    # ---- what is outside

    def _find_outside(self) -> None:
        outside = [n for n in self.reads if n not in self.call_of]
        fed, feeding = set(self.call_of), set(self.call_of)
        for n in outside:
            fed |= {n} if fed.intersection(self.nodes_read(n)) else set()
        for n in sorted(self.reads, reverse=True):
            feeding |= set(self.nodes_read(n)) if n in feeding else set()
        self.between = [n for n in outside if n in fed and n in feeding]
        pairs = [
            (m, n) for n in outside for m in self.nodes_read(n) if (m in fed) == (n in fed) and m not in self.call_of
        ]
        part = united(outside, pairs)
        self.group_of = {n: part[n] for n in outside if n not in fed}  # what stands below
        groups: dict[int, Outside] = {}
        for n in outside:
            if n not in fed:
                continue
            group = groups.setdefault(part[n], Outside())
            group.nodes.append(n)
            for i, source, _ in self.reads[n]:
                if source[0] == "node" and source[1] in self.call_of:
                    for number in self._rows_read(n, self.call_of[source[1]]):
                        group.add(number, source, [(n, i)])
        self.above = list(groups.values())

    def _rows_read(self, n: int, call: int) -> list[int]:
        """Which nodes of a call an op outside reads: a fold marks what picks out the roots."""
        if ("roots", None) in self.graph.nodes[n].scope:
            return [number for number in self.made[call] if number in self.roots]
        return self.made[call]

    def _find_inputs(self) -> None:
        """Tables and values that nodes pick their inputs from, and what one call alone reads."""
        tables: dict[Source | int, Outside] = {}
        self.inputs: dict[int, Outside] = {}
        for source, readers in self.readers.items():
            inside = [(n, i) for n, i in readers if n in self.call_of and not (source[0] == "array" and self._picks(n))]
            if not inside or (source[0] == "node" and source[1] in self.call_of):
                continue
            computed = source[0] == "node" and source[1] in self.group_of
            if computed or all(self._picks(n) for n, _ in inside):
                part = self.group_of[source[1]] if computed else source
                table = tables.setdefault(part, Outside())
                table.sources.append(source)
                for n, i in inside:
                    for number in self._given(n):
                        table.add(number, *self._picked(source, n, i))
            elif len({self.call_of[n] for n, _ in inside}) == 1 and not self.is_parameter(source):
                for number in self.made[self.call_of[inside[0][0]]]:
                    entry = self.inputs.setdefault(number, Outside())
                    entry.sources.append(source)
                    entry.add(number, source, inside)
        self.below = list(tables.values())
        for part, table in tables.items():
            table.nodes = [n for n, other in self.group_of.items() if other == part]

    def _find_weights(self) -> None:
        tables = [source for table in self.below for source in table.sources]
        self.weights: dict[Source, str] = {}
        for source, readers in self.readers.items():
            inside = any(n in self.call_of for n, _ in readers)
            if self.is_parameter(source) and inside and source not in tables:
                self.weights[source] = (self.graph.leaves[source[1]].name or "").rpartition(".")[2]

    def _picks(self, n: int) -> bool:
        return self.graph.nodes[n].op in PICKING

    def _given(self, n: int) -> list[int]:
        """The nodes of a call that an op picks inputs for: those that have a word, where there are several."""
        made = self.made[self.call_of[n]]
        return [number for number in made if len(made) == 1 or self.nodes[number].word is not None]

    def _picked(self, source: Source, n: int, i: int) -> tuple[Source, list[tuple[int, int]]]:
        """What a node gets of a table: the rows that were picked, spread over the nodes of the call if some get none;
        whatever else, the value itself."""
        if not self._picks(n):
            return source, [(n, i)]
        value = ("node", n, 0)
        readers = self.readers.get(value, [])
        if len(readers) == 1 and self.graph.nodes[readers[0][0]].op == "scatter":
            value = ("node", readers[0][0], 0)
        return value, self.readers.get(value, [])
