"""What is said about a value or an op when one points at it: shape, place in the program, numbers. Imports snapshot
and theme."""

from __future__ import annotations

from typing import Any

from .snapshot import Graph, OpNode, Stat
from .theme import number, shape_text

__all__ = ["node_tip", "numbers_of", "scope_text", "value_tip"]


def node_tip(graph: Graph, node: OpNode) -> str:
    """Op, metadata, scope, and for each output shape, values and gradient."""
    params = ", ".join(f"{name}={value}" for name, value in node.params if value not in ("None", ""))
    lines = [f"{node.op}({params})" if params else node.op]
    if node.scope:
        lines.append("in " + scope_text(node.scope))
    for i in range(len(node.outputs)):
        lines += _value_lines(graph, ("node", node.number, i), node.name(i), node.outputs[i][0])
    if node.fused:
        lines.append("one kernel: expand=True draws the ops that it stands for")
    if node.freed:
        lines.append("its arrays were freed by a backward pass")
    return "\n".join(lines)


def scope_text(scope: tuple[tuple[str, int | None], ...]) -> str:
    """The frames of a scope in words, a step as the pictures count it: `encoder, layer 0, t = 3`."""
    return ", ".join([name if i is None else f"t = {i + 1}" if name == "step" else f"{name} {i}" for name, i in scope])


def value_tip(graph: Graph, source: tuple) -> str:
    """Name, shape, values and gradient of one value."""
    if source[0] == "leaf":
        leaf = graph.leaves[source[1]]
        return "\n".join(_value_lines(graph, source, leaf.name, leaf.shape))
    if source[0] == "array":
        shape, dtype = graph.nodes[source[1]].inputs[source[2]].value
        return f"array {shape_text(shape)} {dtype}"
    node, index = graph.nodes[source[1]], source[2] if source[0] == "node" else 0
    return "\n".join(
        _value_lines(graph, ("node", node.number, index), node.name(index) or node.op, node.outputs[index][0])
    )


def _value_lines(graph: Graph, key: tuple, name: str | None, shape: tuple[int, ...]) -> list[str]:
    lines = [f"{name or 'value'}: {shape_text(shape)}"]
    if key in graph.values:
        lines.append("values: " + numbers_of(graph.values[key]))
    if graph.gradients is not None:
        stat = graph.gradients.get(key)
        lines.append("gradient: " + (numbers_of(stat) if stat else "none arrives"))
    return lines


def numbers_of(stat: Stat) -> str:
    """A tiny array in full, a larger one as norm, mean and std."""
    if stat.whole is not None:
        return whole_text(stat.whole, 4)
    return f"norm {number(stat.norm, 3)}, mean {number(stat.mean, 3)}, std {number(stat.std, 3)}"


def whole_text(value: Any, digits: int) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(whole_text(v, digits) for v in value) + "]"
    return number(value, digits)
