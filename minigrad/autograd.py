"""The backward pass: gradients walk the edges from outputs to leaves, newest node first. Values are opaque, it only
adds them: raw arrays, or Tensors when the gradients shall be differentiable themselves. Imports graph only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from .errors import GraphError
from .graph import FREED, Node, history, where

__all__ = ["Expanded", "Factors", "backward_pass"]

ENOUGH = 4  # times the size of their gradient: factors are combined then, so that a long sequence does not hold all


class Factors(NamedTuple):
    """A contribution not yet multiplied out: many to one edge are combined in one go. combine: list of values ->
    gradient. share: how large it is, as a part of the gradient."""

    combine: Callable[[list], Any]
    values: tuple
    share: float


class Expanded(NamedTuple):
    """Instead of contributions: the nodes that a node stands for, oldest first, to be visited in its place, and the
    keys of what were its outputs (None for one without a gradient)."""

    nodes: list[Node]
    keys: list


class Sums:
    """The gradient of each edge or leaf so far. The first contribution is borrowed (`add` hands one array to both of
    its inputs), so the second makes a new array, and only later ones are added in place."""

    def __init__(self) -> None:
        self.sums: dict[Any, Any] = {}
        self.owned: set = set()
        self.factors: dict[Any, list[Factors]] = {}
        self.shares: dict[Any, float] = {}

    def add(self, key: Any, g: Any) -> None:
        """One more contribution to the gradient of key."""
        if type(g) is Factors:
            self.factors.setdefault(key, []).append(g)
            self.shares[key] = self.shares.get(key, 0.0) + g.share
            if self.shares[key] >= ENOUGH:
                self._combine(key)
            return
        before = self.sums.get(key)
        if before is None:
            self.sums[key] = g
        elif key in self.owned:
            before += g
            self.sums[key] = before
        else:
            self.sums[key] = before + g
            self.owned.add(key)

    def _combine(self, key: Any) -> None:
        """Multiply out the factors of key, those of one kind together."""
        kinds: dict[Callable, list] = {}
        del self.shares[key]
        for factors in self.factors.pop(key):
            kinds.setdefault(factors.combine, []).append(factors.values)
        for combine, values in kinds.items():
            self.add(key, combine(values))

    def take(self, key: Any) -> Any:
        """The whole gradient of key, or None; it is forgotten here."""
        if self.factors and key in self.factors:
            self._combine(key)
        return self.sums.pop(key, None)


def backward_pass(
    roots: Iterable[tuple[Any, Any]],
    wanted: Iterable[Any] | None = None,
    traced: bool = False,
    free: bool = True,
    watch: Callable[[Node, tuple, tuple], None] | None = None,
) -> dict[Any, Any]:
    """Gradients for every leaf, or for the wanted keys only (a key is an edge or a leaf).

    roots: (key, gradient) pairs to start from. traced: gradients are Tensors and rules record. free: empty each node.
    watch: called as watch(node, incoming, contributions) after each node, newest first.
    Raises GraphError before anything is changed if a node was freed or a parameter it needs has changed since.
    """
    roots = list(roots)
    nodes = history([_Root(key) for key, _ in roots], differentiable=True)
    refuse_unusable(nodes)
    wanted = None if wanted is None else set(wanted)
    useful = None if wanted is None else _leading_to(nodes, wanted, set())
    sums, found, renamed = Sums(), {}, {}
    for key, g in roots:
        sums.add(key, g)
    collect = watch is None and not traced
    add, take = sums.add, sums.take
    while nodes:
        node = nodes.pop()
        outs = len(node.out_info)
        incoming = (take((node, 0)),) if outs == 1 else tuple([take((node, i)) for i in range(outs)])
        if wanted is not None:
            found.update({(node, i): g for i, g in enumerate(incoming) if (node, i) in wanted})
        reached = incoming[0] is not None or any(g is not None for g in incoming)
        if reached and (useful is None or node in useful):
            inputs = node.inputs
            wants = None if useful is None else [_leads(x, wanted, useful) for x in inputs]
            contributions = node.op.pull(node, incoming, wants, traced, collect)
            if type(contributions) is Expanded:
                nodes += contributions.nodes
                for key, g in zip(contributions.keys, incoming):
                    if key is not None and g is not None:
                        add(key, g)
                if wanted is not None:
                    renamed.update(_renamed(node, contributions, wanted))
                    _leading_to(contributions.nodes, wanted, useful)
            else:
                for i in node.plan.paths:
                    if contributions[i] is not None:
                        add(inputs[i], contributions[i])
                if watch is not None:
                    watch(node, incoming, tuple(contributions))
        if free:
            node.saved = FREED
    for key in {**sums.sums, **sums.factors}:
        found[key] = sums.take(key)
    for key in reversed(renamed):  # innermost first
        found[key] = found.get(renamed[key])
    return {key: g for key, g in found.items() if (type(key) is not tuple if wanted is None else key in wanted)}


class _Root(NamedTuple):
    """Lets `history` start from a key."""

    key: Any

    @property
    def node(self) -> Node | None:
        return self.key[0] if type(self.key) is tuple else None


def _leads(x: Any, wanted: set, useful: set[Node]) -> bool:
    """Is input x wanted, or on the way to something wanted?"""
    return x in wanted or (type(x) is tuple and x[0] in useful)


def _renamed(node: Node, expanded: Expanded, wanted: set) -> dict[Any, Any]:
    """The new keys of those outputs of an expanded node that are wanted, which are wanted now."""
    renamed = {(node, i): key for i, key in enumerate(expanded.keys) if (node, i) in wanted}
    wanted.update(renamed.values())
    return renamed


def _leading_to(nodes: list[Node], wanted: set, useful: set[Node]) -> set[Node]:
    """useful, with those of the nodes through which a gradient can reach a wanted key; the others need not be
    visited."""
    for node in nodes:
        outputs = [(node, i) for i in range(len(node.out_info))] if node.op.expands else []
        if any(_leads(x, wanted, useful) for x in [*outputs, *[node.inputs[i] for i in node.plan.paths]]):
            useful.add(node)
    return useful


def refuse_unusable(nodes: list[Node]) -> None:
    """GraphError if a node was freed, or if a leaf it needs was changed since it was recorded."""
    for node in nodes:
        if node.saved is FREED:
            raise GraphError(
                f"backward a second time through {_place(node)}: a first backward has freed what it saved. If this is "
                "the state carried from one chunk of a sequence to the next (truncated BPTT), detach it first: state = "
                "state.detach(). If two losses share a graph on purpose, add them up, or call the first backward with "
                "retain_graph=True."
            )
        for leaf, version in node.versions or ():
            if leaf.version != version:
                name = f"tensor {leaf.name!r}" if leaf.name else f"a tensor of shape {leaf.shape}"
                raise GraphError(
                    f"{name} was changed after {_place(node)} used it, so its gradient would be wrong. "
                    "Call backward() before optimizer.step(), and compute the loss again after a change."
                )


def _place(node: Node) -> str:
    text = where(node.scope)
    return f"{node.op.name} ({text})" if text else node.op.name
