"""What the card says of each op and leaf, in the words and digits of the still pictures. Imports snapshot, forest,
stubs, theme, tips, rules and shortened."""

from __future__ import annotations

import math

from ..forest import Forest, has_trees
from ..snapshot import Graph, Leaf, OpNode, Stat, key_of
from ..stubs import origin_of, told
from ..theme import number, shape_text
from ..tips import whole_text
from .rules import LEAF_RULES, RULES
from .shortened import is_rest

__all__ = ["DIGITS", "cards", "gradient_of"]

DIGITS = 3


def cards(graph: Graph) -> dict[str, list]:
    """id -> [op, name, step or 0, module, is it freed, rule, norm of its gradient, values, what it hands back], and
    for an op that failed the error.

    A value: [name, shape, norm, mean, std, all of it or its first elements and "…", then the same of its gradient,
    which is told whole or not at all]; "" where nothing is known. What it hands back: [argument, norm].
    """
    trees = _trees(graph)
    found = {f"n{node.number}": _op(graph, node, trees.get(node.number, "")) for node in graph.nodes}
    found.update({f"l{leaf.number}": _leaf(graph, leaf) for leaf in graph.leaves})
    for node in graph.nodes:
        for position, ref in enumerate(node.inputs):
            if ref.kind == "array":
                value = ["", f"{shape_text(ref.value[0])} {ref.value[1]}", *[""] * 8]
                found[f"a{node.number}_{position}"] = ["array", "", 0, "", 0, LEAF_RULES["array"], "", [value], []]
    return found


def gradient_of(graph: Graph, name: str) -> float | None:
    """The norm of the gradient of a box, over all its outputs; None if none arrives at any."""
    gradients = graph.gradients or {}
    if name[0] == "n":
        node = graph.nodes[int(name[1:])]
        stats = [gradients.get(("node", node.number, i)) for i in range(len(node.outputs))]
    else:
        stats = [gradients.get(("leaf", int(name[1:])))] if name[0] == "l" else []
    norms = [stat.norm for stat in stats if stat is not None]
    return math.hypot(*norms) if norms else None


def _trees(graph: Graph) -> dict[int, str]:
    """Of each op inside the nodes of trees: which level, and which nodes by their rows in the merge plan."""
    found, forest = {}, Forest(graph) if has_trees(graph) else None
    for ops, made in zip(forest.calls, forest.made) if forest else ():
        nodes = [forest.nodes[number] for number in made]
        first, last = nodes[0], nodes[-1]
        which = f"nodes {first.place} to {last.place}, one call" if len(nodes) > 1 else f"node {first.place}"
        word = f" ({first.word})" if len(nodes) == 1 and first.word is not None else ""
        found.update(dict.fromkeys(ops, f"level {first.height + 1}: {which}{word}"))
    return found


def _op(graph: Graph, node: OpNode, tree: str) -> list:
    step = next((index + 1 for name, index in node.scope if name == "step" and index is not None), 0)
    frames = [frame for frame in node.scope if frame[0] != "step" and not (tree and frame[0] == "node")]
    words = [name if index is None else f"{name} {index}" for name, index in frames]
    scope = ", ".join([*words, tree] if tree else words)
    values = [
        _value(graph, ("node", node.number, i), node.name(i) or "", shape) for i, (shape, _) in enumerate(node.outputs)
    ]
    sent = [
        [ref.name or _read_name(graph, ref), _norm(graph.contributions.get((node.number, position)))]
        for position, ref in enumerate(node.inputs)
        if ref.kind in ("node", "leaf") and not is_rest(node)
    ]
    total = gradient_of(graph, f"n{node.number}")
    words = "" if total is None else number(total, DIGITS)
    rule = RULES.get(node.op, "")
    failed = [node.error] if node.error else []
    return [node.op, node.name(0) or "", step, scope, int(node.freed), rule, words, values, sent, *failed]


def _leaf(graph: Graph, leaf: Leaf) -> list:
    cut = leaf.origin is not None
    kind = "detached" if cut else "parameter" if leaf.parameter else "input"
    rule = told(origin_of([leaf])) if cut else LEAF_RULES[kind]
    value = _value(graph, ("leaf", leaf.number), "", leaf.shape)
    return [kind, leaf.name or "", 0, "", 0, rule, value[6], [value], []]


def _value(graph: Graph, key: tuple, name: str, shape: tuple[int, ...]) -> list[str]:
    value, gradient = graph.values.get(key), (graph.gradients or {}).get(key)
    first = "".join([number(v, DIGITS) + ", " for v in value.first]) + "…" if value and value.first else ""
    *numbers, whole = _numbers(value)
    return [name, shape_text(shape), *numbers, whole or first, *_numbers(gradient)]


def _numbers(stat: Stat | None) -> list[str]:
    """Norm, mean, std, and all of it if it is tiny."""
    if stat is None:
        return [""] * 4
    whole = "" if stat.whole is None else whole_text(stat.whole, DIGITS)
    return [*[number(v, DIGITS) for v in (stat.norm, stat.mean, stat.std)], whole]


def _norm(stat: Stat | None) -> str:
    return "" if stat is None else number(stat.norm, DIGITS)


def _read_name(graph: Graph, ref) -> str:
    key = key_of(ref)
    own = graph.leaves[key[1]].name if key[0] == "leaf" else graph.nodes[key[1]].name(key[2])
    return own or (graph.nodes[key[1]].op if key[0] == "node" else "input")
