"""Title and legend: what the picture shows, and what its colours mean. Imports scene and theme."""

from __future__ import annotations

from . import theme
from .scene import Box, Scene, Span, Text

__all__ = ["add_legend", "add_title"]

PARTS = 24  # patches of the colour bar
NARROW = 480.0  # points that a line of the subtitle may take over a narrower picture
SPARE = 100.0  # points that the legend may reach beyond the picture
LOOKS = [  # kind, words, fill, line, dashed, points to the next
    ("absent", "no gradient arrives", "#FFFFFF", theme.ABSENT_LINE, True, 152.0),
    ("zero", "exactly 0", "#FFFFFF", theme.ZERO_LINE, True, 102.0),
    ("wrong", "inf or nan", theme.WRONG, theme.WRONG, False, 104.0),
]


def add_title(scene: Scene, size: tuple[float, float], title: str, subtitle: str) -> None:
    """One bold title and one muted sentence, top left, over as many lines as a narrow drawing needs. size: width and
    height of the drawing below."""
    scene.title, scene.subtitle = title, subtitle
    x = min([0.0, *(box.x - box.width / 2 for box in scene.boxes)])
    y = size[1] + 12
    for i, line in enumerate(reversed(_lines(subtitle, max(size[0], NARROW)))):
        scene.texts.append(Text(f"subtitle{i or ''}", x, y, (Span(line),), "left", 11.5, theme.MUTED, kind="subtitle"))
        y += 16
    if title:
        y = max(y + 6, size[1] + 34)
        scene.texts.append(Text("title", x, y, (Span(title),), "left", 18, theme.INK, True, "title"))


def _lines(words: str, width: float) -> list[str]:
    """The words, broken where a line would be wider."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else ""
        if lines and theme.text_width((Span(longer),), 11.5 * theme.WIDER) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def add_legend(scene: Scene, size: tuple[float, float], scale: tuple[int, int], kinds: set[str]) -> None:
    """The ramp with its decades, top right, and the looks that are not on the ramp, where they occur. Above a picture
    too narrow for that, all in one line below the title."""
    width = max(36.0 * (scale[1] - scale[0]), 108.0)
    rows = [row for row in LOOKS if row[0] in kinds]
    titles = [text for text in scene.texts if "title" in text.kind]
    beside = _right_end(titles) + 90
    if beside + width <= size[0] + SPARE:
        x, y = max(size[0] - width - 4, beside), size[1] + 36
        _looks(scene, x + width - sum(row[-1] for row in rows) + 40, y - 34, rows)
    else:
        for text in titles:
            text.y += 40
        x, y = min([text.x for text in titles], default=0.0) + 50, size[1] + 24
        _looks(scene, x + width + 40, y, rows)
    _ramp(scene, x, y, width, scale)


def _ramp(scene: Scene, x: float, y: float, width: float, scale: tuple[int, int]) -> None:
    patch = width / PARTS
    for i in range(PARTS):
        norm = 10 ** (scale[0] + (i + 0.5) / PARTS * (scale[1] - scale[0]))
        color = theme.ramp_color(norm, scale)
        box = Box(
            f"ramp{i}",
            x + (i + 0.5) * patch,
            y,
            patch + 0.3,
            10,
            fill=color,
            line=color,
            line_width=0,
            shape="patch",
            kind="legend",
        )
        scene.boxes.append(box)
    scene.texts.append(Text("ramplabel", x - 8, y, (Span("‖∂L/∂·‖"),), "right", 10.5, theme.INK, kind="legend"))
    every = 1 if scale[1] - scale[0] <= 4 else 2
    for decade in range(scale[1], scale[0] - 1, -every):
        at = x + width * (decade - scale[0]) / (scale[1] - scale[0])
        label = (
            (Span("10"), Span(str(decade).replace("-", "−"), False, 1))
            if decade not in (0, 1)
            else (Span("1" if decade == 0 else "10"),)
        )
        scene.texts.append(Text(f"decade{decade}", at, y - 14, label, "center", 9.5, theme.MUTED, kind="legend"))


def _right_end(titles: list[Text]) -> float:
    """Where title and subtitle end; the picture below may be narrower."""
    return max(
        [t.x + theme.text_width(t.spans, t.size * (1.1 if t.bold else 1.0)) for t in titles], default=0.0
    )  # fmt: skip


def _looks(scene: Scene, left: float, y: float, rows: list[tuple]) -> None:
    """From left to right, one beside the other."""
    for kind, words, fill, line, dashed, width in rows:
        color = theme.ABSENT_INK if kind == "absent" else theme.INK
        scene.boxes.append(Box(f"look{kind}", left, y, 22, 12, fill=fill, line=line, dashed=dashed, kind="legend"))
        scene.texts.append(Text(f"look{kind}text", left + 16, y, (Span(words),), "left", 9.5, color, kind="legend"))
        left += width
