"""A scene as DOT text with every position written out, for `neato -n2`, which only draws. Pure: the same scene gives
the same bytes. Imports scene, curves and theme."""

from __future__ import annotations

import re

from .curves import arrow_of, rounded
from .scene import Box, Panel, Point, Scene, Span, Text, Wire
from .theme import text_width

__all__ = ["FONT", "html_text", "quoted", "to_dot", "xml_characters"]

FONT = "Helvetica,Arial,sans-serif"
CONTROL = re.compile("[\\x00-\\x09\\x0b-\\x1f\\ud800-\\udfff]")  # and half characters, which no file can hold
NOT_XML = re.compile("[\\x00-\\x1f\\ud800-\\udfff\\ufffe\\uffff]")


def to_dot(scene: Scene) -> str:
    """The whole picture as one DOT graph."""
    back = "transparent" if scene.transparent else "#FFFFFF"
    lines = [
        "digraph minigrad {",
        f"  graph [bgcolor={quoted(back)}, splines=true, outputorder=edgesfirst, pad=0.25, fontname={quoted(FONT)}, "
        f"tooltip={quoted(scene.title or 'graph')}];",
        f"  node [fixedsize=true, fontname={quoted(FONT)}, fontsize=12, margin=0];",
        "  edge [arrowsize=0.7];",
    ]
    lines += [_panel(panel) for panel in scene.panels if panel.kind != "line"]
    lines += [_box(box) for box in scene.boxes]
    lines += [_text(text) for text in scene.texts]
    lines += [line for panel in scene.panels if panel.kind == "line" for line in _cut(panel)]
    lines += [_wire(wire) for wire in scene.wires]
    return "\n".join([*lines, "}", ""])


# ---- escaping


def quoted(text: str) -> str:
    """A DOT string: quotes and backslashes escaped, line ends as \\n, control characters dropped."""
    safe = CONTROL.sub("", str(text))
    return '"' + safe.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def xml_characters(text: str) -> str:
    """The text without what XML cannot hold."""
    return NOT_XML.sub("", str(text))


def html_text(text: str) -> str:
    """Text inside an HTML-like label; what XML cannot hold is dropped."""
    safe = xml_characters(text)
    for mark, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("\\", "&#92;")):
        safe = safe.replace(mark, name)
    safe = re.sub(r"&#92;(?=[GNEHTLlnr])", "&#92;&#8203;", safe)  # else graphviz reads \\N as the name of the node
    return safe.replace("[", "&#91;").replace("]", "&#93;").replace("  ", "&#160;&#160;")


def _spans(spans: tuple[Span, ...], size: float, bold: bool = False) -> str:
    parts = []
    for span in spans:
        text = html_text(span.text)
        if not text:
            continue
        text = f"<I>{text}</I>" if span.italic else text
        if span.level:
            tag = "SUB" if span.level < 0 else "SUP"
            text = f'<{tag}><FONT POINT-SIZE="{_n(size * 0.78)}">{text}</FONT></{tag}>'
        parts.append(f"<B>{text}</B>" if bold else text)
    return "".join(parts) or " "


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def _inches(points: float) -> str:
    return f"{points / 72:.4f}"


def _at(x: float, y: float) -> str:
    return f"{_n(x)},{_n(y)}"


class _Html(str):
    """A label in graphviz's HTML, to be written as it is."""


def _attributes(**values: object) -> str:
    """name="value" pairs; a trailing underscore keeps a name apart from Python's words."""
    texts = ((name.rstrip("_"), f"<{v}>" if isinstance(v, _Html) else quoted(str(v))) for name, v in values.items())
    return ", ".join(f"{name}={text}" for name, text in texts)


# ---- parts


def _panel(panel: Panel) -> str:
    inside = _attributes(
        bb=f"{_at(panel.x0, panel.y0)},{_at(panel.x1, panel.y1)}", style="rounded,filled",
        fillcolor=panel.fill, color=panel.line, id=panel.id, class_=panel.kind, label="", tooltip=" ",
    )  # fmt: skip
    anchor = _hidden(f"{panel.id}_anchor", (panel.x0 + panel.x1) / 2, (panel.y0 + panel.y1) / 2)
    return f"  subgraph cluster_{panel.id} {{ graph [{inside}]; {anchor} }}"


def _hidden(name: str, x: float, y: float) -> str:
    """A point that is there for graphviz alone."""
    return f"{name} [{_attributes(pos=_at(x, y), shape='point', width='0.01', height='0.01', style='invis')}];"


def _box(box: Box) -> str:
    shape = {"circle": "circle", "dot": "circle", "patch": "box"}.get(box.shape, "box")
    style = "filled" if box.shape != "box" else "filled,rounded"
    label = _Html(_spans(box.label, box.size)) if box.label else ""
    tip = box.tooltip or " "
    return f"  {quoted(box.id)} [" + _attributes(
        pos=_at(box.x, box.y), width=_inches(box.width), height=_inches(box.height), shape=shape,
        style=style + (",dashed" if box.dashed else ""), fillcolor=box.fill, color=box.line,
        fontcolor=box.ink, fontsize=_n(box.size), penwidth=_n(box.line_width), label=label,
        id=box.id, class_=box.kind, tooltip=tip,
    ) + "];"  # fmt: skip


def _text(text: Text) -> str:
    body = _spans(text.spans, text.size, text.bold)
    wide = text_width(text.spans, text.size) * 1.35 + 8  # room for whatever font is there
    x = text.x + {"left": wide / 2, "right": -wide / 2}.get(text.align, 0.0)
    if text.align != "center":
        body = (
            f'<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0"><TR><TD WIDTH="{round(wide)}" '
            f'ALIGN="{text.align.upper()}">{body}</TD></TR></TABLE>'
        )
    return f"  {quoted(text.id)} [" + _attributes(
        pos=_at(x, text.y), shape="plaintext", width=_inches(wide), height=_inches(text.size * 2), label=_Html(body),
        fontsize=_n(text.size), fontcolor=text.color, id=text.id, class_=text.kind, tooltip=" ",
    ) + "];"  # fmt: skip


def _cut(panel: Panel) -> list[str]:
    """A dashed vertical line, as an edge between two points."""
    sides = (("low", panel.y0), ("high", panel.y1))
    ends = [f"  {_hidden(f'{panel.id}_{side}', panel.x0, y)}" for side, y in sides]
    points = [(panel.x0, panel.y0), (panel.x0, panel.y1)]
    line = _attributes(
        pos=_spline(points), color=panel.line, penwidth="1.8", style="dashed", dir="none", id=panel.id, class_="cut"
    )
    return [*ends, f"  {panel.id}_low -> {panel.id}_high [{line}];"]


def _wire(wire: Wire) -> str:
    points, tip = arrow_of(wire)
    mark = "" if tip is None else f"{'e' if wire.arrow == 'head' else 's'},{_at(*tip)} "
    direction = {"head": "forward", "tail": "back"}.get(wire.arrow, "none")
    return f"  {quoted(wire.tail)} -> {quoted(wire.head)} [" + _attributes(
        pos=mark + _spline(points), color=wire.color, penwidth=_n(wire.width), dir=direction,
        style="dashed" if wire.dashed else "solid", id=wire.id, class_=wire.kind, tooltip=wire.tooltip or " ",
    ) + "];"  # fmt: skip


def _spline(points: list[Point]) -> str:
    return " ".join(_at(*p) for p in rounded(points))
