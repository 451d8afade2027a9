"""Runs one backward pass and keeps scalars of it: forward values first, then the gradient at every node and on every
edge. Imports snapshot and contract; the loss is asked to run its own backward pass."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from .contract import Contraction
from .snapshot import Graph, Numbers, Stat, capture

__all__ = ["Itemised", "Record", "itemise", "record", "stat_of"]

WHOLE = 8  # up to so many elements are kept as they are


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
    loss: Any, model: Any = None, gradient: Any = None, accumulate: bool = False, retain_graph: bool = False
) -> Record:
    """Reads the forward values, runs loss.backward(), and keeps scalars of every gradient on the way.

    model: a module whose parameters are drawn by their names. gradient: what to start from, for a loss that is no
    single number. accumulate=False leaves every `.grad` as it was; True adds to it as loss.backward() does.
    retain_graph: the graph can be used again afterwards. Raises what loss.backward() raises, TypeError for anything
    that is not a tensor.
    """
    graph, numbers = capture(loss, model)
    graph.values = forward_values(graph, numbers, loss)
    gradients: dict[tuple, Stat] = {}
    contributions: dict[tuple[int, int], Stat] = {}
    leaf_parts: dict[int, Any] = {}

    def watch(node: Any, incoming: tuple, parts: tuple) -> None:
        number = numbers.nodes[node]
        for index, g in enumerate(incoming):
            if g is not None:
                gradients["node", number, index] = stat_of(g)
        for position, g in enumerate(parts):
            ref = graph.nodes[number].inputs[position]
            if g is None:
                continue
            contributions[number, position] = stat_of(g)
            if ref.kind == "leaf":
                leaf_parts[ref.number] = leaf_parts[ref.number] + g if ref.number in leaf_parts else g

    with nullcontext() if accumulate else _grads_kept(numbers.tensors):
        loss.backward(gradient, retain_graph=retain_graph, watch=watch)
    for number, g in leaf_parts.items():
        gradients["leaf", number] = stat_of(g)
    graph.gradients, graph.contributions = gradients, contributions
    return Record(graph)


def forward_values(graph: Graph, numbers: Numbers, target: Any) -> dict[tuple, Stat]:
    """Scalars of every value that can still be known: leaves, the tensors asked for, and what follows by running the
    ops again.

    Nodes keep only the arrays that their rules name. An op whose arguments are all known is run again; of an argument
    that was a plain array only the shape is known, unless a rule saved it.
    """
    known: dict[tuple, Any] = {("leaf", i): tensor.data for i, tensor in enumerate(numbers.tensors)}
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


def stat_of(array: Any) -> Stat:
    """Norm, mean and std as Python numbers; the whole array up to 8 elements. Copies from a device once."""
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
    return Stat(norm, mean, std, array.tolist() if size <= WHOLE else None)
