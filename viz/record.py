"""Runs one backward pass and keeps scalars of it: forward values first, then the gradient at every node and on every
edge. Imports snapshot, contract, expand and forest; the loss is asked to run its own backward pass."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from .contract import Contraction
from .expand import expanded
from .forest import together
from .snapshot import Graph, Numbers, Stat, capture

__all__ = ["Itemised", "Record", "itemise", "record", "stat_of"]

WHOLE, FIRST = 8, 4  # up to so many elements are kept as they are; of more the first


@dataclass
class Record:
    """A graph with its numbers: what was computed, and which gradients arrived where. viz.draw draws it."""

    graph: Graph

    def gradient(self, name: str) -> Stat | None:
        """The gradient of a leaf by its name; None if none arrived. Raises KeyError for an unknown name."""
        for leaf in self.graph.leaves:
            if leaf.name == name:
                return (self.graph.gradients or {}).get(("leaf", leaf.number))
        raise KeyError(
            f"no leaf is called {name!r}; there are {[leaf.name for leaf in self.graph.leaves if leaf.name]}"
        )


@dataclass
class Itemised:
    """What each of several losses sends back to each carried state. norms: for each loss, by the key of the state;
    a state that nothing reaches is missing. viz.draw draws it as a matrix."""

    graph: Graph
    norms: list[dict[tuple, float]]


def itemise(losses: Sequence[Any], model: Any = None) -> Itemised:
    """Runs one backward pass for each loss of the list and keeps the norm of its gradient at every carried state.

    The graph can be used again afterwards, and every `.grad` stays as it was. model: as in record. Raises TypeError
    for anything but a list of tensors, ValueError if no state is carried from step to step, and what loss.backward()
    raises.
    """
    if not isinstance(losses, (list, tuple)):
        raise TypeError(f"itemise needs a list of losses, one for each step, not {type(losses).__name__}")
    graph, numbers = capture(losses, model)
    states = {source for values in Contraction(graph).states().values() for source in values.values()}
    if not states:
        raise ValueError('itemise: no value is carried from step to step; put each step into mg.scope("step", t)')
    found: list[dict[tuple, float]] = []

    def watch(node: Any, incoming: tuple, parts: tuple) -> None:
        for index, g in enumerate(incoming):
            key = ("node", numbers.nodes[node], index)
            if g is not None and key in states:
                found[-1][key] = stat_of(g).norm

    with _grads_kept(numbers.tensors):
        for loss in losses:
            found.append({})
            loss.backward(retain_graph=True, watch=watch)
    return Itemised(graph, found)


@contextmanager
def _grads_kept(tensors: list[Any]) -> Iterator[None]:
    """Inside, no tensor has a `.grad`; afterwards each has its own again."""
    before = [tensor.grad for tensor in tensors]
    try:
        for tensor in tensors:
            tensor.grad = None
        yield
    finally:
        for tensor, kept in zip(tensors, before):
            tensor.grad = kept


def record(
    loss: Any, model: Any = None, gradient: Any = None, accumulate: bool = False, retain_graph: bool = False,
    expand: bool = False,
) -> Record:  # fmt: skip
    """Reads the forward values, runs loss.backward(), and keeps scalars of every gradient on the way.

    model: a module whose parameters are drawn by their names. gradient: what to start from, for a loss that is no
    single number. accumulate=False leaves every `.grad` as it was; True adds to it as loss.backward() does.
    retain_graph: the graph can be used again afterwards. expand: take fused kernels apart (see expanded): the backward
    pass is that of their references then, and the graph itself stays as it is. Raises what loss.backward() raises,
    TypeError for anything that is not a tensor.
    """
    loss = expanded(loss) if expand else loss
    graph, numbers = capture(loss, model)
    graph.values = forward_values(graph, numbers, loss)
    gradients: dict[tuple, Stat] = {}
    contributions: dict[tuple[int, int], Stat] = {}
    leaf_parts: dict[int, Any] = {}
    sums = _Sums(graph)

    def watch(node: Any, incoming: tuple, parts: tuple) -> None:
        number = numbers.nodes[node]
        for index, g in enumerate(incoming):
            if g is not None:
                gradients["node", number, index] = stat_of(g, together(graph.nodes[number]))
                sums.close(("node", number, index))
        for position, g in enumerate(parts):
            ref = graph.nodes[number].inputs[position]
            if g is None:
                continue
            apart = together(graph.nodes[ref.number]) if ref.kind == "node" else 1
            contributions[number, position] = stat_of(g, apart)
            sums.add((number, position), g)
            if ref.kind == "leaf":
                leaf_parts[ref.number] = leaf_parts[ref.number] + g if ref.number in leaf_parts else g

    with nullcontext() if accumulate else _grads_kept(numbers.tensors):
        loss.backward(gradient, retain_graph=retain_graph, watch=watch)
    for number, g in leaf_parts.items():
        gradients["leaf", number] = stat_of(g)
        sums.close(("leaf", number))
    graph.gradients, graph.contributions = gradients, contributions
    return Record(graph)


class _Sums:
    """The contributions to one value that one cell, or the same cell of several steps, sends back, added up; once all
    are there, their norm is kept in the graph, and for attention that of each position as well: (B, S, K), or (S, B, K)
    of a stack."""

    def __init__(self, graph: Graph):
        self.graph = graph
        self.groups: dict[tuple[int, int], list[tuple]] = {}  # edge -> the groups of edges that it is in
        self.positions: dict[tuple, tuple[int, int]] = {}  # group of an attention -> how many positions, and their axis
        self.running: dict[tuple, dict[tuple, Any]] = {}  # value -> group -> sum
        self.source: dict[tuple[int, int], tuple] = {}
        contraction = Contraction(graph)
        several: dict[tuple, list] = {}
        for link in contraction.links:
            looks = contraction.alignment(link) is not None
            for source, edges in link.edges.items():
                self.source.update(dict.fromkeys(edges, source))
                several.setdefault((source, contraction.cells[link.head].kind), []).extend(edges)
                self._group(tuple(edges), looks or 1 < len(edges) < len(contraction.readers[source]))
                if looks:
                    stacked = source[0] == "node" and graph.nodes[source[1]].op == "stack"
                    self.positions[tuple(edges)] = (len(contraction.cells[link.tail].lanes), 0 if stacked else 1)
        for (source, _), edges in several.items():
            self._group(tuple(edges), 1 < len(edges) < len(contraction.readers[source]))

    def _group(self, edges: tuple, needed: bool) -> None:
        for edge in edges if needed else ():
            groups = self.groups.setdefault(edge, [])
            groups += [] if edges in groups else [edges]

    def add(self, edge: tuple[int, int], g: Any) -> None:
        """What comes back over an edge."""
        for group in self.groups.get(edge, ()):
            sums = self.running.setdefault(self.source[edge], {})
            sums[group] = sums[group] + g if group in sums else g

    def close(self, source: tuple) -> None:
        """Nothing more comes back to the value."""
        for group, g in self.running.pop(source, {}).items():
            count, axis = self.positions.get(group, (0, 0))
            known = range(count) if g.ndim == 3 and g.shape[axis] == count else ()
            rows = tuple([stat_of(g[:, s] if axis else g[s]).norm for s in known])
            self.graph.joined[group] = replace(stat_of(g), rows=rows)


def forward_values(graph: Graph, numbers: Numbers, target: Any) -> dict[tuple, Stat]:
    """Scalars of every value that can still be known: leaves, the tensors asked for, and what follows by running the
    ops again.

    Nodes keep only the arrays that their rules name. An op whose arguments are all known is run again; of an argument
    that was a plain array only the shape is known, unless a rule saved it.
    """
    known: dict[tuple, Any] = {("leaf", i): tensor.data for i, tensor in enumerate(numbers.tensors)}
    known |= {("node", i, 0): tensor.data for i, tensor in numbers.cuts.items()}
    for node, number in numbers.nodes.items():
        saved = _saved(node)
        arguments = [
            _argument(graph, known, saved, number, position) for position in range(len(graph.nodes[number].inputs))
        ]
        outputs = _again(node, arguments) if all(a is not None for a in arguments) else None
        if outputs is None and "y" in saved:
            y = saved["y"]
            outputs = y if isinstance(y, tuple) else (y,)
        for index, value in enumerate(outputs or ()):
            known["node", number, index] = value
    for tensor in target if isinstance(target, (list, tuple)) else [target]:
        known[numbers.key(tensor)] = tensor.data
    return {key: stat_of(value) for key, value in known.items()}


def _saved(node: Any) -> dict[str, Any]:
    """argument name -> array that the node still holds; a variadic argument is a list there and of no use here."""
    if node.freed:
        return {}
    return {name: value for name, value in node.op.saved(node).items() if not isinstance(value, list)}


def _argument(graph: Graph, known: dict, saved: dict, number: int, position: int) -> Any:
    ref = graph.nodes[number].inputs[position]
    if ref.kind == "scalar":
        return ref.value
    if ref.kind in ("node", "leaf"):
        return known.get(("node", ref.number, ref.index) if ref.kind == "node" else ("leaf", ref.number))
    return None if ref.kind == "array" and not ref.name else saved.get(ref.name)


def _again(node: Any, arguments: list) -> tuple | None:
    outputs = node.op.forward(*arguments, **node.params)
    return outputs if isinstance(outputs, tuple) else (outputs,)


def stat_of(array: Any, together: int = 1) -> Stat:
    """Norm, mean and std as Python numbers; the whole array up to 8 elements, else the first 4. Copies from a device
    once.

    together: how many nodes of trees it belongs to; if those are its rows, the norm of each is kept.
    """
    array = array.get() if hasattr(array, "get") else array
    size = int(math.prod(array.shape)) if hasattr(array, "shape") else 1
    if size == 0:
        return Stat(0.0, 0.0, 0.0, [])
    wide = array.astype("float64") if hasattr(array, "astype") else float(array)
    if not hasattr(array, "shape"):
        return Stat(abs(wide), wide, 0.0, wide)
    largest = float(abs(wide).max())
    norm = largest * float(((wide / largest) ** 2).sum()) ** 0.5 if 0 < largest < math.inf else largest
    finite = largest < math.inf
    mean = float(wide.mean()) if finite else math.nan
    std = float(wide.std()) if finite else math.nan
    apart = array.ndim and array.shape[0] == together > 1
    rows = tuple([stat_of(row).norm for row in array]) if apart else ()
    if size <= WHOLE:
        return Stat(norm, mean, std, array.tolist(), rows)
    return Stat(norm, mean, std, None, rows, tuple(array.ravel()[:FIRST].tolist()))
