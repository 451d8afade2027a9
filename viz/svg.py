"""A scene as SVG text, written in Python: no program is needed, and it looks as graphviz would draw it. Pure: the same
scene gives the same bytes. Imports scene, curves, dot and theme."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from .curves import arrow_of, turns
from .dot import FONT, xml_characters
from .scene import Box, Panel, Point, Scene, Span, Text, Wire
from .theme import WIDER, text_width

__all__ = ["sides", "to_svg"]

PAD = 18.0
CORNER = 6.0
ARROW_HALF = 2.8
DASH = "5,2"
SMALL = 0.78  # a subscript's size
BOLD = 1.15  # how much wider bold letters are
PLAIN = re.compile(r"[\w .:-]*", re.ASCII)
SPECIAL = re.compile("[&<>\\x00-\\x09\\x0b-\\x1f\\ud800-\\udfff\\ufffe\\uffff]")
LEVELS = {-1: 0.25, 1: -0.4}  # how far below the line it stands, in sizes of the text


def to_svg(scene: Scene) -> str:
    """The whole picture as one SVG element, in points."""
    x0, y0, x1, y1 = _extent(scene)
    width, height = _sides(x0, y0, x1, y1)
    pen = _Pen(PAD - x0, PAD + y1)
    ground = [] if scene.transparent else [f'<rect width="{_n(width)}" height="{_n(height)}" fill="#FFFFFF"/>']
    parts = [
        *[pen.panel(panel) for panel in scene.panels if panel.kind != "line"],
        *[pen.wire(wire) for wire in scene.wires],
        *[pen.cut(panel) for panel in scene.panels if panel.kind == "line"],
        *[pen.box(box) for box in scene.boxes],
        *[pen.text(text) for text in scene.texts],
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(width)}pt" height="{_n(height)}pt" '
        f'viewBox="0 0 {_n(width)} {_n(height)}" font-family={quoteattr(FONT)} role="img">'
    )
    return "\n".join([head, f"<title>{_safe(scene.title or 'graph')}</title>", *ground, *parts, "</svg>", ""])


def sides(scene: Scene) -> tuple[float, float]:
    """Width and height of the picture, in points."""
    return _sides(*_extent(scene))


def _sides(x0: float, y0: float, x1: float, y1: float) -> tuple[float, float]:
    return x1 - x0 + 2 * PAD, y1 - y0 + 2 * PAD


def _extent(scene: Scene) -> tuple[float, float, float, float]:
    """The rectangle that holds everything."""
    xs: list[float] = []
    ys: list[float] = []
    for box in scene.boxes:
        xs += [box.x - box.width / 2, box.x + box.width / 2]
        ys += [box.y - box.height / 2, box.y + box.height / 2]
    for panel in scene.panels:
        xs += [panel.x0, panel.x1]
        ys += [panel.y0, panel.y1]
    for wire in scene.wires:
        xs += [x for x, _ in wire.points]
        ys += [y for _, y in wire.points]
    for text in scene.texts:
        wide = (
            text_width(text.spans, text.size) * (BOLD if text.bold else 1.0) * (WIDER if "title" in text.kind else 1.0)
        )
        left = text.x - {"left": 0.0, "center": wide / 2, "right": wide}[text.align]
        xs += [left, left + wide]
        ys += [text.y - text.size, text.y + text.size]
    return min(xs, default=0.0), min(ys, default=0.0), max(xs, default=0.0), max(ys, default=0.0)


class _Pen:
    """Draws with the y axis of the scene turned down; right, down: where the scene's origin lies."""

    def __init__(self, right: float, down: float):
        self.right, self.down = right, down

    def at(self, point: Point) -> str:
        return f"{_n(point[0] + self.right)},{_n(self.down - point[1])}"

    def panel(self, panel: Panel) -> str:
        area = self._rectangle(panel.x0, panel.y0, panel.x1 - panel.x0, panel.y1 - panel.y0)
        return _group(panel.id, panel.kind, "", [f'<rect {area} rx="12" fill="{panel.fill}" stroke="{panel.line}"/>'])

    def cut(self, panel: Panel) -> str:
        ends = f"M{self.at((panel.x0, panel.y0))} L{self.at((panel.x0, panel.y1))}"
        line = f'<path d="{ends}" stroke="{panel.line}" stroke-width="1.8" stroke-dasharray="{DASH}"/>'
        return _group(panel.id, "cut", "", [line])

    def box(self, box: Box) -> str:
        look = f'fill="{box.fill}" stroke="{box.line}" stroke-width="{_n(box.line_width)}"'
        look += f' stroke-dasharray="{DASH}"' if box.dashed else ""
        if box.shape in ("circle", "dot"):
            x, y = self.at((box.x, box.y)).split(",")
            shape = f'<circle cx="{x}" cy="{y}" r="{_n(box.width / 2)}" {look}/>'
        else:
            area = self._rectangle(box.x - box.width / 2, box.y - box.height / 2, box.width, box.height)
            shape = f'<rect {area} rx="{_n(CORNER if box.shape == "box" else 0)}" {look}/>'
        words = self._words((box.x, box.y), box.label, box.size, box.ink, "middle") if box.label else ""
        return _group(box.id, box.kind, box.tooltip, [shape, words])

    def text(self, text: Text) -> str:
        anchor = {"left": "start", "center": "middle", "right": "end"}[text.align]
        words = self._words((text.x, text.y), text.spans, text.size, text.color, anchor, text.bold)
        return _group(text.id, text.kind, "", [words])

    def wire(self, wire: Wire) -> str:
        points, tip = arrow_of(wire)
        curve = self._curve(points)
        dash = f' stroke-dasharray="{DASH}"' if wire.dashed else ""
        line = f'<path d="{curve}" fill="none" stroke="{wire.color}" stroke-width="{_n(wire.width)}"{dash}/>'
        head = "" if tip is None else self._arrow(points[-1] if wire.arrow == "head" else points[0], tip, wire.color)
        return _group(wire.id, wire.kind, wire.tooltip, [line, head])

    def _curve(self, points: list[Point]) -> str:
        """A line to every corner and a curve around it."""
        parts = [f"M{self.at(points[0])}"]
        for begin, *around in turns(points):
            parts.append(f"L{self.at(begin)} C{' '.join([self.at(point) for point in around])}")
        return " ".join([*parts, f"L{self.at(points[-1])}"])

    def _arrow(self, base: Point, tip: Point, color: str) -> str:
        dx, dy = tip[0] - base[0], tip[1] - base[1]
        length = max((dx * dx + dy * dy) ** 0.5, 1e-9)
        across = (-dy / length * ARROW_HALF, dx / length * ARROW_HALF)
        sides = [(base[0] + sign * across[0], base[1] + sign * across[1]) for sign in (1, -1)]
        corners = " ".join([self.at(point) for point in (tip, *sides)])
        return f'<polygon points="{corners}" fill="{color}" stroke="{color}"/>'

    def _rectangle(self, x: float, y: float, width: float, height: float) -> str:
        left, top = self.at((x, y + height)).split(",")
        return f'x="{left}" y="{top}" width="{_n(width)}" height="{_n(height)}"'

    def _words(self, at: Point, spans: Iterable[Span], size: float, color: str, anchor: str, bold: bool = False) -> str:
        x, y = self.at((at[0], at[1] - 0.35 * size)).split(",")
        weight = ' font-weight="bold"' if bold else ""
        look = f'font-size="{_n(size)}" fill="{color}" text-anchor="{anchor}"{weight} xml:space="preserve"'
        return f'<text x="{x}" y="{y}" {look}>{_spans(spans, size)}</text>'


def _spans(spans: Iterable[Span], size: float) -> str:
    parts, sunk = [], 0.0
    for span in spans:
        lower = LEVELS.get(span.level, 0.0) * size
        look = ' font-style="italic"' if span.italic else ""
        look += f' font-size="{_n(size * SMALL)}"' if span.level else ""
        look += f' dy="{_n(lower - sunk)}"' if lower != sunk else ""
        parts.append(f"<tspan{look}>{_safe(span.text)}</tspan>" if look else _safe(span.text))
        sunk = lower
    return "".join(parts)


def _group(name: str, kind: str, tooltip: str, parts: list[str]) -> str:
    title = f"<title>{_safe(tooltip, lines=True)}</title>" if tooltip.strip() else ""
    return f"<g id={_attribute(name)} class={_few(kind)}>{title}{''.join(parts)}</g>"


def _attribute(text: str) -> str:
    return f'"{text}"' if PLAIN.fullmatch(text) else quoteattr(_safe(text))


_few = functools.lru_cache(maxsize=1 << 8)(_attribute)  # of a word that many elements have


def _safe(text: str, lines: bool = False) -> str:
    """Text for XML; lines: its line ends stay."""
    if not SPECIAL.search(text):
        return text if lines else text.replace("\n", "")
    parts = text.split("\n") if lines else [text]
    return "\n".join([escape(xml_characters(part)) for part in parts])


@functools.lru_cache(maxsize=1 << 14)  # few heights, and neighbours have their sides in common
def _n(value: float) -> str:
    """Up to two digits after the point."""
    short = round(value, 2)
    whole = int(short)
    return str(whole if whole == short else short)
