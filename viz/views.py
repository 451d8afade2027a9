"""Which picture for which graph: columns of time steps where there are steps, ranks where there are none. Imports
layout, paint, ranks, dot and render."""

from __future__ import annotations

from .dot import to_dot
from .lattice import Lattice
from .layout import lay_out
from .paint import paint
from .ranks import draw_ranks
from .render import Picture
from .snapshot import Graph

__all__ = ["draw_ops"]


def draw_ops(
    graph: Graph, backward: bool, title: str | None, subtitle: str | None, emphasis: str | None = None
) -> Picture:
    """Every op of the graph, once. An op inside a scope ("step", t) stands in column t; where a step reads what all
    steps of a net before it made (attention), time is no lattice and graphviz ranks the ops."""
    steps = {index for node in graph.nodes for name, index in node.scope if name == "step" and index is not None}
    if title is None:
        tops = {node.scope[0][0] if node.scope else "step" for node in graph.nodes}
        what = tops.pop() if len(tops) == 1 and "step" not in tops else "Graph"
        times = f"{what} unrolled over {len(steps)} step{'s' if len(steps) > 1 else ''}"
        title = f"{times if steps else what} — {'backward' if backward else 'forward'} pass"
    if not steps or Lattice(graph).looks_back():
        return draw_ranks(graph, backward, title, subtitle)
    layout = lay_out(graph)
    scene = paint(layout, graph, backward, title, subtitle, emphasis)
    return Picture(to_dot(scene), "neato", (layout.size[0] + 40, layout.size[1] + 90), title)
