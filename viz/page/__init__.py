"""One HTML file that plays a run: forward in the order of creation, then backward, newest first. It needs no network
and no library; its code is page.html, page.css, draw.js and play.js. Imports data, record and snapshot."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from pathlib import Path
from typing import Any

from ..record import Record, forward_values
from ..snapshot import Graph, capture
from .data import page_data

__all__ = ["to_html"]

HERE = Path(__file__).parent


def to_html(target: Any, model: Any = None, title: str | None = None) -> str:
    """The page of a Record, of a Graph, of a tensor or of a list of tensors, as HTML text.

    model: a module whose `named_parameters()` name the parameters. title: the heading. A tensor's page plays the
    forward pass and says that backward has not run. A graph without time steps, or one whose steps read what
    all steps before made (attention), is laid out in columns and cannot be folded; of too many ops those at either end
    are shown, and it says how many are left out. Raises TypeError for another target.
    """
    graph = _graph(target, model)
    steps = {index for node in graph.nodes for name, index in node.scope if name == "step" and index is not None}
    title = title or (f"The graph over {len(steps)} step{'s'[: len(steps) != 1]}" if steps else "The graph")
    text = json.dumps(page_data(graph, title), ensure_ascii=False, separators=(",", ":"))
    code = _file("draw.js") + _file("play.js")
    parts = {
        "title": html.escape(title),
        "hash": base64.b64encode(hashlib.sha256(code.encode("utf-8")).digest()).decode("ascii"),
        "style": _file("page.css"),
        "data": text.replace("<", "\\u003c"),  # so that no text can close the script element
        "code": code,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], _file("page.html"))


def _graph(target: Any, model: Any) -> Graph:
    if isinstance(target, (Record, Graph)):
        return target.graph if isinstance(target, Record) else target
    graph, numbers = capture(target, model)
    if not any(node.freed for node in graph.nodes):  # after a backward pass the parameters may have changed
        graph.values = forward_values(graph, numbers, target)
    return graph


def _file(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")
