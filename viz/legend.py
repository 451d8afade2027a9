"""Title and legend: what the picture shows, and what its colours mean. Imports scene and theme."""

from __future__ import annotations

from . import theme
from .scene import Box, Scene, Span, Text

__all__ = ["add_legend", "add_title"]

PARTS = 24  # patches of the colour bar


def add_title(scene: Scene, size: tuple[float, float], title: str, subtitle: str) -> None:
    """One bold title and one muted sentence, top left. size: width and height of the drawing below."""
    scene.title, scene.subtitle = title, subtitle
    y = size[1] + 34
    if title:
        scene.texts.append(Text("title", 0, y, (Span(title),), "left", 18, theme.INK, True, "title"))
    if subtitle:
        scene.texts.append(Text("subtitle", 0, y - 22, (Span(subtitle),), "left", 11.5, theme.MUTED, kind="subtitle"))


def add_legend(scene: Scene, size: tuple[float, float], scale: tuple[int, int], kinds: set[str]) -> None:
    """The ramp with its decades, top right, and the looks that are not on the ramp, where they occur."""
    width = max(36.0 * (scale[1] - scale[0]), 108.0)
    x, y = max(size[0] - width - 4, _right_of_title(scene) + 90), size[1] + 36
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
    _looks(scene, x + width, y - 34, kinds)


def _right_of_title(scene: Scene) -> float:
    """Where title and subtitle end; the picture below may be narrower."""
    words = [(text, text.size * (1.1 if text.bold else 1.0)) for text in scene.texts if "title" in text.kind]
    return max([text.x + theme.text_width(text.spans, size) for text, size in words], default=0.0)


def _looks(scene: Scene, right: float, y: float, kinds: set[str]) -> None:
    rows = [
        ("zero", "exactly 0", "#FFFFFF", theme.ZERO_LINE, True, 62.0),
        ("absent", "no gradient arrives", "#FFFFFF", theme.ABSENT_LINE, True, 112.0),
        ("wrong", "inf or nan", theme.WRONG, theme.WRONG, False, 64.0),
    ]
    for kind, words, fill, line, dashed, width in rows:
        if kind not in kinds:
            continue
        color = theme.ABSENT_INK if kind == "absent" else theme.INK
        scene.texts.append(
            Text(f"look{kind}text", right - width + 6, y, (Span(words),), "left", 9.5, color, kind="legend")
        )
        scene.boxes.append(
            Box(f"look{kind}", right - width - 10, y, 22, 12, fill=fill, line=line, dashed=dashed, kind="legend")
        )
        right -= width + 40
