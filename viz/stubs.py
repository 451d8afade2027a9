"""The short dashed wire at a detached tensor, which says that there was history and that it was cut here. Imports
scene, snapshot and theme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from . import theme
from .scene import Box, Point, Scene, Span, Text, Wire
from .snapshot import Leaf

__all__ = ["add_stubs", "badge", "origin_of", "told"]

LENGTH = 24.0  # of the wire, in points
WIDTH, HEIGHT = 50.0, 18.0  # of the badge
SIDES = ((-1, 0), (0, -1), (0, 1), (1, 0))  # where a stub may point to, the best first


def badge(name: str, x: float, y: float) -> Box:
    """The word that stands at every cut."""
    return Box(
        name, x, y, WIDTH, HEIGHT, (Span("detach"),), line=theme.CUT, ink=theme.CUT_INK, size=10, kind="cut",
    )  # fmt: skip


def add_stubs(scene: Scene, leaves: Mapping[str, Sequence[Leaf]]) -> None:
    """Draws a stub at every box that stands for detached leaves. leaves: by the id of the box."""
    for box in [box for box in scene.boxes if any(leaf.origin is not None for leaf in leaves.get(box.id, ()))]:
        _add_stub(scene, box, origin_of([leaf for leaf in leaves[box.id] if leaf.origin is not None]))


def origin_of(leaves: Sequence[Leaf]) -> str:
    """What detached leaves were cut off from: `h, c of step 12`."""
    names, steps = (dict.fromkeys(filter(None, words)) for words in zip(*[(leaf.name, leaf.origin) for leaf in leaves]))
    return " of ".join([", ".join(words) for words in (names, steps) if words])


def told(origin: str) -> str:
    """The same as a sentence."""
    return f"detached from {origin or 'what was computed before'}: no gradient goes on into its history"


def _add_stub(scene: Scene, box: Box, origin: str) -> None:
    """On a side of the box where it meets no other, if there is such a side."""
    others = [other for other in scene.boxes if other.id != box.id]
    word = (Span(origin),)
    wide = max(WIDTH, theme.text_width(word, 9.5))
    places = [_place(box, side, wide) for side in SIDES]
    (x, y), start, end = min(places, key=lambda place: sum(_meet(place[0], wide, other) for other in others))
    sign = badge(f"{box.id}cut", x, y)
    sign.tooltip = told(origin)
    scene.boxes.append(sign)
    wire = Wire(f"{box.id}stub", sign.id, box.id, [start, end], theme.CUT, 1.8, True, "none", "cut", sign.tooltip)
    scene.wires.append(wire)
    if origin:
        scene.texts.append(Text(f"{box.id}origin", x, y - 17, word, "center", 9.5, theme.CUT_INK, kind="origin"))


def _place(box: Box, side: tuple[int, int], wide: float) -> tuple[Point, Point, Point]:
    """The middle of the badge and the two ends of the wire."""
    dx, dy = side
    end = box.x + dx * box.width / 2, box.y + dy * box.height / 2
    start = end[0] + dx * LENGTH, end[1] + dy * (LENGTH if dy < 0 else LENGTH + 12)
    middle = start[0] + dx * wide / 2, start[1] + dy * HEIGHT / 2
    start = start[0] + dx * (wide - WIDTH) / 2, start[1]
    return middle, start, end


def _meet(at: Point, wide: float, other: Box) -> bool:
    """Would the badge and the words below it lie on the box?"""
    return (
        abs(at[0] - other.x) < (wide + other.width) / 2 and abs(at[1] - 6 - other.y) < (HEIGHT + 16 + other.height) / 2
    )
