"""A forward pass that broke off, drawn up to the op that failed, which is red. All that is known of it is the error
itself, whose traceback still holds what had been computed. Imports views, page, render, scene, snapshot and theme."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from inspect import CO_VARARGS
from textwrap import wrap
from types import FrameType
from typing import Any

from . import theme
from .page import to_html
from .render import Picture
from .scene import Scene, Span, Text
from .snapshot import Graph, Numbers, OpNode, Ref, capture
from .views import draw_ops

__all__ = ["draw_failed", "failed_graph"]

ENGINE = "minigrad"  # a call into it is looked for, by its name
LINE = 76  # letters of the message in a line
TITLE = "The graph up to the error"


def draw_failed(error: BaseException) -> Picture:
    """Every op that the functions which were running had computed, then in red the op or layer that refused its
    arguments, with the message.

    Ops on tensors that need no gradient are known only if they ran inside `with minigrad.record():`, and a value that
    no variable held only if the failed op was given it. Raises ValueError for an error that no op or layer raised.
    """
    graph = failed_graph(error)
    picture, node = draw_ops(graph, False, TITLE, ""), graph.nodes[-1]
    page = partial(to_html, graph, None, TITLE)
    if picture.scene is not None:
        return Picture(_reddened(picture.scene, node), TITLE, page=page)
    return Picture(picture.dot, TITLE, lambda: _reddened(picture.spare(), node), page)


def _reddened(scene: Scene, node: OpNode) -> Scene:
    """The box of the node in red, and the message below the title, which moves up for it."""
    failed = next(box for box in scene.boxes if box.id == f"n{node.number}")
    failed.fill, failed.line, failed.ink, failed.line_width = theme.EMPHASIS, theme.EMPHASIS, "#FFFFFF", 3.0
    heading = next(text for text in scene.texts if text.kind == "title")
    y = heading.y - 22
    for i, line in enumerate(reversed(wrap(node.error, LINE))):
        scene.texts.append(Text(f"error{i}", 0, y, (Span(line),), "left", 11.5, theme.EMPHASIS, kind="error"))
        heading.y, y = y + 22, y + 15
    return scene


# ---------------------------------------------------------------- from the error to a graph


def failed_graph(error: BaseException) -> Graph:
    """The graph of draw_failed. Its last node is what failed, with the message as its `error` and without outputs."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    call = next((frame for frame in reversed(frames) if _is_call(frame)), None)
    if call is None or not _of_engine(call) or not _of_engine(frames[-1]):
        raise ValueError(f"no op or layer raised this: {error!r}") from error
    given = list(_values(_arguments(call)))
    # the variables of a script or notebook are left out: they hold everything else, too
    running = [frame.f_locals for frame in frames if frame.f_code.co_name != "<module>"]
    made = [x for x in _values(running) if _is_tensor(x) and x.node is not None]
    graph, numbers = capture([*filter(_is_tensor, given), *made])
    inputs = tuple([_ref(numbers, x) for x in given if hasattr(x, "shape")])
    node = OpNode(len(graph.nodes), f"{_name(call)} ✗", inputs, (), _scope(error), error=str(error))
    return replace(graph, nodes=[*graph.nodes, node])


def _of_engine(frame: FrameType) -> bool:
    return frame.f_globals.get("__name__", "").partition(".")[0] == ENGINE


def _is_tensor(x: Any) -> bool:
    return hasattr(x, "node") and hasattr(x, "requires_grad")


def _is_call(frame: FrameType) -> bool:
    """Is it a call with a tensor, of something that has a public name?"""
    name = frame.f_code.co_name
    return (not name.startswith("_") or name.endswith("__")) and any(map(_is_tensor, _values(_arguments(frame))))


def _arguments(frame: FrameType) -> list[Any]:
    code = frame.f_code
    count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & CO_VARARGS)
    return [frame.f_locals.get(name) for name in code.co_varnames[:count]]


def _values(x: Any, depth: int = 4) -> Iterator[Any]:
    """x, or what is in a list, tuple or dict, and in those inside of it."""
    if isinstance(x, (list, tuple, dict)) and depth:
        for item in x.values() if isinstance(x, dict) else x:
            yield from _values(item, depth - 1)
    else:
        yield x


def _name(call: FrameType) -> str:
    """Of the op, of the layer's class, or of the function."""
    owner = call.f_locals.get("self")
    if hasattr(owner, "vjp"):
        return owner.name
    return type(owner).__name__ if hasattr(owner, "named_parameters") else call.f_code.co_name.strip("_")


def _ref(numbers: Numbers, x: Any) -> Ref:
    """A tensor or array that the call was given."""
    return Ref(*numbers.key(x)) if _is_tensor(x) else Ref("array", value=(tuple(x.shape), str(x.dtype)))


def _scope(error: BaseException) -> tuple[tuple[str, int | None], ...]:
    """Where it happened, as the engine's messages say at their end: `[in encoder, step 3]`."""
    place = re.search(r"\[in ([^\[\]]+)\]$", str(error))
    parts = [re.fullmatch(r"(.*?)(?: (\d+))?", part) for part in place[1].split(", ")] if place else []
    return tuple([(part[1], part[2] and int(part[2])) for part in parts])
