"""Memory for time: a part of the graph is not kept but computed again on the way back. Imports tensor and what it
imports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import backend
from ..autograd import Expanded
from ..graph import ALL, GRAD, OFF, Node, current, history, within
from ..op import plan_of
from ..tensor import Tensor, wrap

__all__ = ["recompute"]


class Recomputed:
    """The op of a node that stands for all that a function recorded."""

    name, expands = "recompute", True

    def saved(self, node: Node) -> dict[str, Any]:
        """Nothing by name: the function and its arguments are all that is kept."""
        return {}

    def pull(self, node: Node, incoming: tuple, wants: list | None, traced: bool, collect: bool) -> Expanded:
        """Call the function again; the pass goes on through what is recorded now."""
        f, args = node.saved
        with within(GRAD, node.scope) as since:
            outs = _values(f(*args))
        keys = [key if o.requires_grad else None for key, o in outs.items()]
        return Expanded(history(outs.values(), differentiable=True, since=since), keys)


RECOMPUTED = Recomputed()


def recompute(f: Callable, *args: Any) -> Any:
    """f(*args), of which only the arguments are kept: on the way back f is called again, and its graph then built.

    f: from tensors (and whatever else) to a tensor or a tuple of them, the same each time it is called. Tensors that f
    uses without being given them, parameters and computed ones, get their gradients too. The gradients are those of the
    plain call bit for bit, of any order. A backward pass takes one more forward pass; over a sequence of T steps in
    chunks of k a graph holds T / k states and the k steps of one chunk, least for k = sqrt(T) (Chen et al., 2016,
    arXiv 1604.06174; for recurrent nets Gruslys et al., 2016, arXiv 1606.03401). scan(..., recompute=k) does that.
    In pictures the call is one node; watch sees the nodes of the plain call. Raises ValueError for an f that draws
    random numbers (draw masks before, and hand them over), TypeError for one that does not return tensors.
    """
    mode, scope, _ = current()
    if mode is OFF:
        return f(*args)
    drawn = backend.generator().bit_generator.state
    with within(mode, scope) as since:
        result = f(*args)
    if backend.generator().bit_generator.state != drawn:
        raise ValueError("recompute: the function draws random numbers, others each time; draw them before the call")
    outs = _values(result)
    inputs = _sources(outs, since)
    needs = [x[0].plan.differentiable if type(x) is tuple else x.requires_grad for x in inputs]
    if not any(needs) and mode is not ALL:
        return result
    info = tuple([(o.shape, o.dtype) for o in outs.values()])
    versions = tuple([(x, x.version) for x in inputs if isinstance(x, Tensor)])
    node = Node(RECOMPUTED, inputs, {}, info, (f, args), plan_of(needs), scope, versions)
    node.names = {i: o.name for i, o in enumerate(outs.values()) if o.name} or None
    new = {key: wrap(o.data, (node, i), o.requires_grad) for i, (key, o) in enumerate(outs.items())}
    return tuple([new[o.edge or o] for o in result]) if isinstance(result, tuple) else new[result.edge or result]


def _values(result: Any) -> dict[Any, Tensor]:
    """What the function returned, by key: a value that it returns twice is one output."""
    outs = result if isinstance(result, tuple) else (result,)
    if not all(isinstance(o, Tensor) for o in outs):
        raise TypeError(f"recompute: the function must return a Tensor or a tuple of them, not {result!r:.60}")
    return {o.edge or o: o for o in outs}


def _sources(outs: dict[Any, Tensor], since: int) -> tuple:
    """What the outputs were computed from: edges of nodes older than `since`, and leaves; each once, in order."""
    nodes = history(outs.values(), since=since)
    inner, keys = {*nodes}, [*outs, *[x for node in nodes for x in node.inputs]]
    return tuple(dict.fromkeys([x for x in keys if isinstance(x, Tensor) or (type(x) is tuple and x[0] not in inner)]))
