"""The picture between layout and writing: boxes, wires, texts and panels with their positions, in points, y upwards.
One plain structure; the writers (DOT, SVG, the page) stand beside it and add nothing of their own. Imports nothing of
the project."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Box", "Panel", "Point", "Scene", "Span", "Text", "Wire"]

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Span:
    """A run of characters in one style. level: -1 for a subscript, +1 for a superscript."""

    text: str
    italic: bool = False
    level: int = 0


@dataclass(slots=True)
class Box:
    """A node of the picture. shape: "box", "circle", "dot" for a junction, or "patch" for a bit of a colour bar."""

    id: str
    x: float
    y: float
    width: float
    height: float
    label: tuple[Span, ...] = ()
    shape: str = "box"
    fill: str = "#FFFFFF"
    line: str = "#1F2933"
    ink: str = "#1F2933"
    line_width: float = 1.2
    dashed: bool = False
    size: float = 12.0
    kind: str = "op"
    tooltip: str = ""


@dataclass(slots=True)
class Wire:
    """A polyline from the border of one box to the border of another; its corners are rounded by the writer.

    tail, head: ids of the boxes. arrow: "head", "tail" or "none": which end of points carries the arrow.
    """

    id: str
    tail: str
    head: str
    points: list[Point]
    color: str = "#52606D"
    width: float = 1.4
    dashed: bool = False
    arrow: str = "head"
    kind: str = "edge"
    tooltip: str = ""


@dataclass(slots=True)
class Text:
    """Words on the paper. x, y: the anchor; align: "left", "center" or "right" of it."""

    id: str
    x: float
    y: float
    spans: tuple[Span, ...]
    align: str = "center"
    size: float = 12.0
    color: str = "#1F2933"
    bold: bool = False
    kind: str = "note"


@dataclass
class Panel:
    """A rounded background rectangle, such as one time step. kind "line" is a dashed vertical at x0 (a cut between
    steps)."""

    id: str
    x0: float
    y0: float
    x1: float
    y1: float
    fill: str = "#F5F6F8"
    line: str = "#E1E5EA"
    kind: str = "step"


@dataclass
class Scene:
    """Everything on the paper, in drawing order: panels, wires, boxes, texts."""

    title: str = ""
    subtitle: str = ""
    panels: list[Panel] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    transparent: bool = False
