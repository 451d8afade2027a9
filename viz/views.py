"""Which picture for which graph: the views by name, and the choice by size where none is named. Imports the views,
abreast, apart, contract, forest, lattice, layout, legend, paint, ranks, render, scene, snapshot and split."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .abreast import Part, abreast
from .apart import in_a_row, nets_of
from .cells import draw_cells
from .contract import Contraction
from .folded import draw_folded
from .forest import Forest, has_trees
from .heat import draw_heat, draw_itemised
from .lattice import Lattice
from .layout import lay_out
from .legend import add_legend, add_title
from .paint import Painter
from .ranks import draw_ranks
from .record import Itemised
from .render import Picture
from .snapshot import Graph
from .split import name_of, split
from .trees import draw_trees

__all__ = ["VIEWS", "draw_ops", "draw_view"]

FEW, SOME = 4, 12  # steps up to which every op, every cell is drawn
DENSE = 36  # ops a step; with more of them every op is too much to look at


def draw_ops(
    graph: Graph, backward: bool, title: str | None, subtitle: str | None, emphasis: str | None = None
) -> Picture:
    """Every op of the graph, once. An op inside a scope ("step", t) stands in column t; a decoder's columns come after
    those of its encoder, and what attention reads of all of them stands between. Without steps, and where time is no
    lattice, graphviz ranks the ops."""
    parts = split(graph) or [in_a_row(graph)]
    lattices = [Lattice(part) for part in parts]
    if any(not lattice.steps or lattice.looks_back() for lattice in lattices):
        return draw_ranks(graph, backward, title, subtitle)
    drawn, kinds = [], set()
    for part, lattice in zip(parts, lattices):
        layout = lay_out(part, lattice)
        painter = Painter(layout, replace(parts[0], nodes=part.nodes, roots=part.roots), backward, emphasis)
        drawn.append(Part(part, layout, painter.draw(), name_of(part, parts)))
        kinds |= painter.kinds
    scene, size = abreast(drawn, painter.backward)
    add_title(scene, size, title, painter.sentence() if subtitle is None else subtitle)
    if painter.backward:
        add_legend(scene, size, painter.scale, kinds)
    return Picture(scene, title)


def draw_boxes(
    graph: Graph, backward: bool, title: str | None, subtitle: str | None, emphasis: str | None = None
) -> Picture:
    """A box for each part of the net and time step, or for each node of a tree."""
    if has_trees(graph):
        return draw_trees(graph, backward, title, subtitle)
    return draw_cells(graph, backward, title, subtitle, emphasis)


VIEWS: dict[str, Callable[..., Picture]] = {
    "ops": draw_ops,
    "cells": draw_boxes,
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
    trees = any(has_trees(graph) for graph in named.values())
    if trees and view in ("heat", "folded"):
        raise ValueError(f'view={view!r}: a tree has no time steps; view="cells" draws its nodes, view="ops" every op')
    if view == "heat":
        return draw_heat(named, "Gradients over time" if title is None else title, subtitle)
    if len(named) > 1:
        raise ValueError(f'view={view!r} draws one graph; of several, view="heat" draws their records under one scale')
    (graph,) = named.values()
    if title is None and view != "folded" and not (trees and view == "cells"):
        title = _title(graph, backward)
    return VIEWS[view](graph, backward, title, subtitle, emphasis)


def steps_of(graph: Graph) -> set[int]:
    return {node.step for node in graph.nodes} - {None}


def _fitting(graph: Graph, backward: bool) -> str:
    """By the number of steps: every op, every cell, or a view of any length. Nets one after the other, and
    attention, are drawn in cells."""
    if has_trees(graph):
        return "ops" if Forest(graph).between else "cells"
    steps = len(steps_of(graph))
    looks_back, several = Lattice(graph).looks_back(), nets_of(graph) > 1
    if several and looks_back and graph.alignments:
        return "cells"
    if not several and steps <= FEW and len(graph.nodes) <= DENSE * max(steps, 1) or not steps:
        return "ops"
    if steps <= SOME:
        return "cells"
    if backward and graph.gradients is not None:
        return "heat" if Contraction(graph).states() else "cells"
    return "cells" if looks_back or several else "folded"


def _title(graph: Graph, backward: bool) -> str:
    count = len(steps_of(graph))
    tops = {node.scope[0][0] if node.scope else "step" for node in graph.nodes}
    what = tops.pop() if len(tops) == 1 and "step" not in tops else "Graph"
    times = f"{what} unrolled over {count} step{'s' if count > 1 else ''}"
    return f"{times if count else what} — {'backward' if backward else 'forward'} pass"
