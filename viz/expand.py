"""A graph with its fused kernels taken apart: in place of each stand the ops of the reference that it computes, with
their time steps. Imports minigrad's graph, tensor and errors."""

from __future__ import annotations

from typing import Any

from minigrad.errors import GraphError
from minigrad.graph import ALL, Node, history, where, within
from minigrad.tensor import Tensor, wrap

__all__ = ["expanded"]


def expanded(target: Any) -> Any:
    """A tensor or a list of tensors once more, with a history that has no fused kernel in it.

    The reference of each kernel runs on the arrays that the kernel was given. Every other op is copied with what it
    saved, so a backward pass through the copy has the gradients of the reference, and leaves the graph that was given
    as it is. Raises TypeError for what is no tensor, GraphError for a kernel whose arrays a backward pass has freed, or
    whose parameters were changed since.
    """
    tensors = list(target) if isinstance(target, (list, tuple)) else [target]
    for tensor in tensors:
        if not isinstance(tensor, Tensor):
            hint = "; use viz.record(loss, expand=True)" if hasattr(tensor, "graph") else ""
            raise TypeError(f"expanded needs a Tensor or a list of Tensors, not {type(tensor).__name__}{hint}")
    now: dict[tuple, Any] = {}  # edge -> the edge, or the leaf, that stands for it in the copy
    for node in history(tensors):
        inputs = tuple([now.get(x, x) if type(x) is tuple else x for x in node.inputs])
        again = _computed(node, inputs) if hasattr(node.op, "reference") else _copied(node, inputs)
        now.update({(node, index): value for index, value in enumerate(again)})
    found = [_tensor(now[t.edge], t.data, t.requires_grad) if t.edge else t for t in tensors]
    return found if isinstance(target, (list, tuple)) else found[0]


def _tensor(source: Any, array: Any, requires_grad: bool) -> Tensor:
    return wrap(array, source, requires_grad) if type(source) is tuple else source


def _copied(node: Node, inputs: tuple) -> list[tuple]:
    copy = Node(node.op, inputs, node.params, node.out_info, node.saved, node.plan, node.scope, node.versions)
    copy.names = node.names
    return [(copy, index) for index in range(len(node.out_info))]


def _computed(node: Node, inputs: tuple) -> list[Any]:
    """The reference on the inputs of the kernel, in its place in the program."""
    place = f"{node.op.name} ({where(node.scope)})" if node.scope else node.op.name
    if node.freed:
        raise GraphError(
            f"{place} cannot be expanded: a backward pass has freed its arrays. Expand it before, or call "
            "backward(retain_graph=True)"
        )
    if any(leaf.version != version for leaf, version in node.versions or ()):
        raise GraphError(f"{place} cannot be expanded: a parameter was changed since. Do it before optimizer.step()")
    arrays = node.op.saved(node).values()
    values = [
        _tensor(x, array, x[0].plan.differentiable) if type(x) is tuple else x if isinstance(x, Tensor) else array
        for x, array in zip(inputs, arrays)
    ]
    with within(ALL, node.scope):
        outs = node.op.reference(*values, **node.params)
    for index, name in (node.names or {}).items():
        outs[index].name = outs[index].name or name
    return [out.edge or out for out in outs]
