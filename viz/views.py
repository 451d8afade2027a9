"""Which picture for which graph: the views by name, and the choice by size where none is named. Imports the views,
lattice, contract, layout, paint, ranks and render."""

from __future__ import annotations

from collections.abc import Callable

from .cells import draw_cells
from .contract import Contraction
from .folded import draw_folded
from .heat import draw_heat, draw_itemised
from .lattice import Lattice
from .layout import lay_out
from .paint import paint
from .ranks import draw_ranks
from .record import Itemised
from .render import Picture
from .snapshot import Graph

__all__ = ["VIEWS", "draw_ops", "draw_view"]

FEW, SOME = 4, 12  # steps up to which every op, every cell is drawn
DENSE = 36  # ops a step; with more of them every op is too much to look at


def draw_ops(
    graph: Graph, backward: bool, title: str | None, subtitle: str | None, emphasis: str | None = None
) -> Picture:
    """Every op of the graph, once. An op inside a scope ("step", t) stands in column t; where a step reads what all
    steps of a net before it made (attention), time is no lattice and graphviz ranks the ops."""
    if not steps_of(graph) or Lattice(graph).looks_back():
        return draw_ranks(graph, backward, title, subtitle)
    layout = lay_out(graph)
    scene = paint(layout, graph, backward, title, subtitle, emphasis)
    return Picture(scene, title)


VIEWS: dict[str, Callable[..., Picture]] = {
    "ops": draw_ops,
    "cells": draw_cells,
    "folded": draw_folded,
    "heat": draw_heat,
    "itemised": draw_itemised,
}


def draw_view(
    view: str, named: dict[str, Graph | Itemised], backward: bool, title: str | None, subtitle: str | None,
    emphasis: str | None,
) -> Picture:  # fmt: skip
    """Draws graphs or itemised records, by their names, in the view that is named or, for "auto", fits.

    Raises ValueError for an unknown view, or one that cannot show what is given; it says what to call.
    """
    if view not in ("auto", *VIEWS):
        raise ValueError(f"view={view!r}: there is {', '.join(map(repr, ('auto', *VIEWS)))}")
    itemised = {name: target for name, target in named.items() if isinstance(target, Itemised)}
    if view == "auto":
        view = "itemised" if itemised else "heat" if len(named) > 1 else _fitting(*named.values(), backward)
    if (view == "itemised") != bool(itemised) or 0 < len(itemised) < len(named):
        raise ValueError(
            f'view={view!r}: view="itemised" is for what viz.itemise(losses) returns, '
            "every other view for a loss or a viz.record(loss)"
        )
    if view == "itemised":
        question = "Which loss reaches which state?"
        return draw_itemised(itemised, question if title is None else title, subtitle, emphasis)
    if view == "heat":
        return draw_heat(named, "Gradients over time" if title is None else title, subtitle)
    if len(named) > 1:
        raise ValueError(f'view={view!r} draws one graph; of several, view="heat" draws their records under one scale')
    (graph,) = named.values()
    if title is None and view != "folded":
        title = _title(graph, backward)
    return VIEWS[view](graph, backward, title, subtitle, emphasis)


def steps_of(graph: Graph) -> set[int]:
    return {index for node in graph.nodes for name, index in node.scope if name == "step" and index is not None}


def _fitting(graph: Graph, backward: bool) -> str:
    """By the number of steps: every op, every cell, or a view of any length."""
    steps = len(steps_of(graph))
    if steps <= FEW and len(graph.nodes) <= DENSE * max(steps, 1) or not steps:
        return "ops"
    if steps <= SOME:
        return "cells"
    if backward and graph.gradients is not None:
        return "heat" if Contraction(graph).states() else "cells"
    return "cells" if Lattice(graph).looks_back() else "folded"


def _title(graph: Graph, backward: bool) -> str:
    count = len(steps_of(graph))
    tops = {node.scope[0][0] if node.scope else "step" for node in graph.nodes}
    what = tops.pop() if len(tops) == 1 and "step" not in tops else "Graph"
    times = f"{what} unrolled over {count} step{'s' if count > 1 else ''}"
    return f"{times if count else what} — {'backward' if backward else 'forward'} pass"
