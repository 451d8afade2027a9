"""Where the name, the number and the shape of a box stand: near it, on no wire, box or other word, in every step at the
same place. Imports room and scene."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .room import Area, Room, area_of
from .scene import Box, Scene, Text

__all__ = ["stand"]

GAP = 8.0  # points between a wire in the middle of a side and what stands beside it
SIDES = {"name": -1, "norm": 1, "shape": -1}  # left of the wire, or right of it
Place = tuple[float, float, str]  # from the middle of the box: x, y, align


def stand(scene: Scene, groups: Iterable[Sequence[tuple[Text, Box]]], near: Sequence[tuple[float, float]]) -> None:
    """Moves the texts, each beside its box, and adds them to the scene. groups: the same label in several steps. near:
    from which x to which the picture is looked at; steps are copies, so that a few of them tell."""
    room = Room(_part(scene, near))
    for group in sorted(groups, key=lambda group: list(SIDES).index(group[0][0].kind)):
        some = [(text, box) for text, box in group if _is_in(near, box.x, box.x)] or group[:1]
        x, y, align = next((p for p in _places(*group[0]) if _fits(room, some, p)), next(_places(*group[0])))
        for text, box in group:
            text.x, text.y, text.align = box.x + x, box.y + y, align
            scene.texts.append(text)
        for text, _ in some:
            room.take(area_of(text))


def _part(scene: Scene, near: Sequence[tuple[float, float]]) -> Scene:
    boxes = [b for b in scene.boxes if _is_in(near, b.x - b.width / 2, b.x + b.width / 2)]
    ends = [(min(x for x, _ in wire.points), max(x for x, _ in wire.points)) for wire in scene.wires]
    wires = [wire for wire, (low, high) in zip(scene.wires, ends) if _is_in(near, low, high)]
    return Scene(boxes=boxes, wires=wires, texts=scene.texts)


def _is_in(near: Sequence[tuple[float, float]], low: float, high: float) -> bool:
    return any(low <= end and high >= start for start, end in near)


def _fits(room: Room, group: Sequence[tuple[Text, Box]], place: Place) -> bool:
    return all(room.is_free(_area(text, box, place)) for text, box in group)


def _area(text: Text, box: Box, place: Place) -> Area:
    return area_of(Text("", box.x + place[0], box.y + place[1], text.spans, place[2], text.size))


def _places(text: Text, box: Box) -> Iterator[Place]:
    """The best first: above its box and beside the wire that comes down, then around the box, then further away."""
    side, high = SIDES[text.kind], 0.45 * text.size
    across, up = box.width / 2, box.height / 2
    align = {-1: "right", 1: "left"}
    if text.kind == "shape":  # of a rail; below or above where something stands on the left
        yield -across - GAP, 0.0, "right"
        yield 0.0, -up - high - 3, "center"
        yield 0.0, up + high + 3, "center"
    for away in (4.0, 12.0):
        for sign in (1, -1):
            for beside in (side, -side):
                yield beside * GAP, sign * (up + high + away), align[beside]
            for beside in (side, -side):
                yield beside * (across + 4), sign * (high + away), align[beside]
        for beside in (side, -side):
            yield beside * (across + 4), up + high + away, align[beside]
