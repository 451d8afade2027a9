"""Draws the graphs that minigrad records: `viz.draw(loss).save("net.svg")`, `viz.draw(viz.record(loss))` for the
backward pass. The engine never hears of it; only snapshot, zoo and __main__ import minigrad."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .record import Record, record
from .render import DrawError, Picture
from .snapshot import capture
from .views import draw_ops

__all__ = ["DrawError", "Picture", "Record", "draw", "record"]

VIEWS = {"ops": draw_ops}


def draw(
    target: Any,
    model: Any = None,
    view: str = "ops",
    backward: bool | None = None,
    to: str | Path | None = None,
    title: str | None = None,
    subtitle: str | None = None,
    emphasis: str | None = None,
) -> Picture:
    """Draws the graph behind a tensor, a list of tensors, or a Record.

    model: a module whose `named_parameters()` name the parameters. view: "ops", every op, one column for each time
    step. backward: show the gradients; by default for a Record, which has them. to: a file to save to, .svg, .png,
    .pdf or .dot. title, subtitle: one bold line and one muted one; "" for none. emphasis: the name of a state, such as
    "h"; in the backward view what it brings back from the step after is drawn in red.
    Raises TypeError for another target, ValueError for an unknown view, DrawError if the picture cannot be saved; the
    DOT text is then saved already.
    """
    if view not in VIEWS:
        raise ValueError(f"view={view!r}: there is {', '.join(map(repr, VIEWS))}")
    graph = target.graph if isinstance(target, Record) else capture(target, model)[0]
    wanted = isinstance(target, Record) if backward is None else bool(backward)
    picture = VIEWS[view](graph, wanted, title, subtitle, emphasis)
    if to is not None:
        picture.save(to)
    return picture
