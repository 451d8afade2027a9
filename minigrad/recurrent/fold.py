"""The only loop over trees: a forest is folded from the leaves up, all nodes of one height in one call. Imports ops
and graph."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ..backend import xp
from ..errors import DtypeError, ShapeError
from ..graph import scope
from ..ops import concat, reshape, take
from ..ops.index import scatter
from ..tensor import Tensor

__all__ = ["Call", "Children", "Folded", "fold"]

State = tuple[Tensor, ...]
Place = tuple[int, int]  # of a node: the call that computes it, its row in that call

TOGETHER = 100  # parts joined by one concat: its rule looks at all of them for each


class Call(int):
    """The number of a call, in the frame ("node", number) of its ops. forest, nodes: what it computes, as pairs (tree,
    number of the node), so that whoever reads the graph can tell the rows of its arrays apart."""

    def __new__(cls, number: int, forest: Sequence[Any], nodes: Sequence[tuple[int, int]]):
        call = super().__new__(cls, number)
        call.forest, call.nodes = forest, nodes
        return call


class Children(NamedTuple):
    """What lies below the n nodes of one call: the states of all their children, E rows, node by node, in order."""

    states: State  # each (E, H)
    owner: Any  # (E,) which of the n nodes a row belongs to
    place: Any  # (E,) which child of that node it is
    count: int  # n
    most: int  # how many children a node has at most

    def total(self, values: Tensor) -> Tensor:
        """One row for each child -> their sum for each node: (E, H) -> (n, H)."""
        return scatter(values, index=self.owner, shape=(self.count, values.shape[-1]))

    def side_by_side(self, values: Tensor, arity: int) -> Tensor:
        """One row for each child -> the children of each node, zeros where there is none: (E, H) -> (n, arity, H).

        Raises ShapeError if a node has more children than arity.
        """
        if self.most > arity:
            raise ShapeError(f"a node with {self.most} children; at most {arity} have weights")
        hidden = values.shape[-1]
        if values.shape[0] < self.count * arity:
            values = scatter(values, index=self.owner * arity + self.place, shape=(self.count * arity, hidden))
        return reshape(values, shape=(self.count, arity, hidden))

    def each(self, values: Tensor) -> Tensor:
        """One row for each node -> the same for each of its children: (n, H) -> (E, H)."""
        return take(values, self.owner)


class Folded(NamedTuple):
    """What fold answers. plan: the merge plan, (height, how many nodes were computed in that call), leaves first."""

    roots: State  # each (B, H), one row for each tree
    nodes: State  # each (N, H), tree by tree, the nodes of a tree by number
    plan: list[tuple[int, int]]


def fold(
    step: Callable[[Tensor | None, Children | None], State], forest: Sequence[Any], x: Tensor, batched: bool = True
) -> Folded:
    """Compute every node of a forest from its children, batched by height.

    forest: minigrad.data.Tree objects whose labels are rows of x (V, I), or None for a node without an input.
    step(inputs, children) -> state computes all n nodes of one height: inputs (n, I), zeros for nodes without one, None
    if none has one; children None at the leaves; state: a tuple of (n, H). A shared child is computed once. No
    recursion. batched=False: one node a call, so that the graph has the shape of the tree; for pictures. The ops of
    call i carry the scope ("node", i), i being a Call; batched, i is the height. What picks out the roots, and all the
    nodes, carries the scopes "roots" and "nodes". Raises IndexError naming tree and node for a label outside x,
    DtypeError for one that is no integer, ValueError for an empty forest.
    """
    forest = _checked(forest, x)
    plan = _plan(forest, batched)
    places = [[(0, 0)] * len(tree) for tree in forest]
    states: list[State] = []
    for call, (height, nodes) in enumerate(plan):
        with scope("node", Call(call, forest, nodes)):
            inputs = _inputs(x, [forest[t].labels[node] for t, node in nodes])
            states.append(step(inputs, _children(forest, nodes, places, states) if height else None))
        for row, (t, node) in enumerate(nodes):
            places[t][node] = call, row
    with scope("roots"):
        roots = _picked(states, [places[t][tree.root] for t, tree in enumerate(forest)])
    with scope("nodes"):
        every = _picked(states, [place for tree in places for place in tree])
    return Folded(roots, every, [(height, len(nodes)) for height, nodes in plan])


def _checked(forest: Sequence[Any], x: Tensor) -> list:
    """The trees as a list; every label a row of x."""
    if not isinstance(forest, (list, tuple)):
        raise DtypeError(f"a forest is a list of trees, not a {type(forest).__name__}")
    if not forest:
        raise ValueError("an empty forest: at least one tree is needed")
    for t, tree in enumerate(forest):
        for node, label in enumerate(tree.labels):
            if label is not None:
                _check_label(label, x.shape[0], t, node)
    return list(forest)


def _check_label(label: Any, rows: int, t: int, node: int) -> None:
    try:
        row = operator.index(label)
    except TypeError:
        text = f"tree {t}, node {node}: the label {label!r} is no row of x; number the labels first (Tree.numbered)"
        raise DtypeError(text) from None
    if not 0 <= row < rows:
        raise IndexError(f"tree {t}, node {node}: token {row} is outside 0..{rows - 1}, the rows of x")


def _plan(forest: list, batched: bool) -> list[tuple[int, list[tuple[int, int]]]]:
    """For each call its height and its nodes as (tree, node), leaves first."""
    levels: list[list[tuple[int, int]]] = [[] for _ in range(1 + max(tree.height for tree in forest))]
    for t, tree in enumerate(forest):
        for node, height in enumerate(tree.heights):
            levels[height].append((t, node))
    if batched:
        return list(enumerate(levels))
    return [(height, [node]) for height, level in enumerate(levels) for node in level]


def _inputs(x: Tensor, labels: list) -> Tensor | None:
    """The rows of x that the labels name, zeros for None; None if there is no label at all."""
    rows = [n for n, label in enumerate(labels) if label is not None]
    if not rows:
        return None
    found = take(x, [label for label in labels if label is not None])
    if len(rows) == len(labels):
        return found
    return scatter(found, index=xp.asarray(rows), shape=(len(labels), x.shape[1]))


def _children(forest: list, nodes: list, places: list[list[Place]], states: list[State]) -> Children:
    below = [forest[t].children[node] for t, node in nodes]
    wanted = [places[t][child] for (t, _), children in zip(nodes, below) for child in children]
    owner = [n for n, children in enumerate(below) for _ in children]
    place = [k for children in below for k in range(len(children))]
    most = max(map(len, below))
    return Children(_picked(states, wanted), xp.asarray(owner), xp.asarray(place), len(nodes), most)


def _picked(states: list[State], wanted: list[Place]) -> State:
    """The states at some places, in that order: one take for each call that they come from, then one for the order.
    Each take leaves the other calls alone, so that a chain costs as much as it is long."""
    sources: dict[int, list[tuple[int, int]]] = {}
    for position, (call, row) in enumerate(wanted):
        sources.setdefault(call, []).append((row, position))
    parts = [[_rows(s, [row for row, _ in found]) for s in states[call]] for call, found in sources.items()]
    order = [0] * len(wanted)
    for k, position in enumerate(position for found in sources.values() for _, position in found):
        order[position] = k
    return tuple([_rows(_joined(part), order) for part in zip(*parts)])


def _rows(values: Tensor, rows: list[int]) -> Tensor:
    """values[rows]; the very tensor if that is all of it in order."""
    n = values.shape[0]
    return values if len(rows) == n and rows == list(range(n)) else take(values, rows)


def _joined(parts: Sequence[Tensor]) -> Tensor:
    while len(parts) > 1:
        parts = [concat(parts[i : i + TOGETHER]) for i in range(0, len(parts), TOGETHER)]
    return parts[0]
