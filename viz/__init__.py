"""Draws the graphs that minigrad records: `viz.draw(loss).save("net.svg")`, `viz.draw(viz.record(loss))` for the
backward pass. The engine never hears of it; only snapshot, expand, zoo and __main__ import minigrad."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from .expand import expanded
from .failed import draw_failed
from .page import to_html
from .plots import alignment, gates, gradient_flow, ledger, loss_landscape, projector
from .record import Itemised, Record, itemise, record
from .render import DrawError, Picture
from .snapshot import capture
from .views import VIEWS, draw_view

__all__ = [
    "VIEWS", "DrawError", "Itemised", "Picture", "Record", "alignment", "draw", "expanded", "gates", "gradient_flow",
    "itemise", "ledger", "loss_landscape", "projector", "record",
]  # fmt: skip


def draw(
    target: Any,
    model: Any = None,
    view: str = "auto",
    backward: bool | None = None,
    to: str | Path | None = None,
    title: str | None = None,
    subtitle: str | None = None,
    emphasis: str | None = None,
    expand: bool = False,
    transparent: bool = False,
) -> Picture:
    """Draws the graph behind a tensor, a list of tensors, a Record, or an Itemised; for "heat" and "itemised" also
    several, as a dict {name: record} or a list of pairs (name, record), under one scale. Of an error that an op or a
    layer raised, it draws what had been computed until then, and in red what failed.

    model: a module whose `named_parameters()` name the parameters. view: "ops", every op, one column for each time
    step; "cells", a box for each part of the net and step, or for each node of a tree; "folded", the recurrent circuit;
    "heat", the gradients of states, gates and weights over many steps; "itemised", which loss reaches which state.
    "auto" takes ops up to 4 steps, cells up to 12, for trees and for attention, beyond them heat for a Record and
    folded for a forward picture. backward: show the gradients; by default for a Record, which has them. to: a file to
    save, .svg, .png, .pdf, .dot, or .html, the page that plays the graph whatever the view. title, subtitle: one
    bold line and one muted one; "" for none. emphasis: the name of a state, such as "h": what it brings back from the
    step after is drawn in red; in "itemised", the state that is shown. expand: in place of each fused kernel, draw the
    ops that it stands for (of a Record: viz.record(loss, expand=True)). transparent: no white ground, for a light slide
    that has a colour of its own.
    Raises TypeError for another target, ValueError for an unknown view or one that cannot show the target, DrawError if
    the picture cannot be saved; the DOT text is then saved already.
    """
    picture = (
        draw_failed(target)
        if isinstance(target, BaseException)
        else _drawn(expanded(target) if expand else target, model, view, backward, title, subtitle, emphasis)
    )
    picture = picture.without_ground() if transparent else picture
    if to is not None:
        picture.save(to)
    return picture


def _drawn(
    target: Any, model: Any, view: str, backward: bool | None, title: str | None, subtitle: str | None,
    emphasis: str | None,
) -> Picture:  # fmt: skip
    targets = _named(target)
    recorded = all(isinstance(one, Record) for one in targets.values())
    with _uncollected():
        graphs = {name: _graph(one, model) for name, one in targets.items()}
        picture = draw_view(view, graphs, recorded if backward is None else bool(backward), title, subtitle, emphasis)
    if len(graphs) == 1 and not any(isinstance(graph, Itemised) for graph in graphs.values()):
        picture.page = partial(to_html, *targets.values(), model, title)
    return picture


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the cyclic collector: it would look through the boxes and points of a long picture, which hold no cycle,
    again and again, a third of the time of 1,000 steps."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _named(target: Any) -> dict[str, Any]:
    """What to draw, by name; one thing alone has none."""
    pairs = isinstance(target, (list, tuple)) and all(isinstance(one, tuple) and len(one) == 2 for one in target)
    if isinstance(target, Mapping) and not target:
        raise TypeError("nothing to draw: an empty dict")
    if isinstance(target, Mapping) or (pairs and target):
        return {str(name): one for name, one in dict(target).items()}
    return {"": target}


def _graph(target: Any, model: Any) -> Any:
    if isinstance(target, Itemised):
        return target
    return target.graph if isinstance(target, Record) else capture(target, model)[0]
