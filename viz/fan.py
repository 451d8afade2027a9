"""Where attention looks: a line from each source position to each target step, its width the weight; in the backward
picture its colour is the gradient that comes back to the position. Imports cellplan, looks, room, scene and
theme."""

from __future__ import annotations

import math
from dataclasses import dataclass

from . import theme
from .cellplan import HEIGHT, UNIT, Fan, Plan
from .looks import look_of
from .room import beside
from .scene import Point, Scene, Span, Text, Wire

__all__ = ["Ray", "draw_rays", "padding", "rays_of", "sentence", "weights_of"]

LEAST = 0.02  # lighter weights have no line
FEW = 6  # so many positions and steps have their largest weights written
HAIR = 0.6  # points; of the lightest line, and of one whose weight is unknown
LANDING = (-2.4, 2.4)  # where on the lower border of its box a fan ends, from the middle, in grid units


@dataclass
class Ray:
    """One line. weight: None if unknown; norm: of the gradient, None if nothing comes back; known: is it known?"""

    id: str
    fan: Fan
    start: Point
    end: Point
    weight: float | None
    norm: float | None
    known: bool
    where: str  # `position 2`


def rays_of(plan: Plan) -> list[Ray]:
    """The lines of all fans, those of greater weight last, so that they lie on top. Steps left out are one position,
    which has all of their weight; padding, whose weight is 0, has no line."""
    rays = [ray for fan in plan.fans for ray in _rays(plan, fan)]
    return sorted((ray for ray in rays if ray.weight is None or ray.weight >= LEAST), key=lambda ray: ray.weight or 0.0)


def _rays(plan: Plan, fan: Fan) -> list[Ray]:
    tail, head = plan.spots[fan.link.tail], plan.spots[fan.link.head]
    reach, whole = plan.contraction.reach(fan.link), plan.contraction.gradient(fan.link)[0]
    lanes = tail.of[0].lanes
    columns = sorted({plan.column[lane] for lane in lanes})
    found = []
    for place, column in enumerate(columns):
        mine = [s for s, lane in enumerate(lanes) if plan.column[lane] == column]
        share = (place + 0.5) / len(columns)
        end = head.x + LANDING[0] + share * (LANDING[1] - LANDING[0])
        found.append(
            Ray(
                f"a{fan.number}_{column}", fan,
                (plan.x[column] * UNIT, tail.y * UNIT + HEIGHT / 2), (end * UNIT, head.y * UNIT - HEIGHT / 2),
                sum(fan.weights[s] for s in mine) if fan.weights else None,
                math.hypot(*[reach[s] for s in mine]) if reach else None,
                bool(reach) or whole is None,
                f"position {mine[0] + 1}" if len(mine) == 1 else f"positions {mine[0] + 1} to {mine[-1] + 1}",
            )
        )  # fmt: skip
    return found


def draw_rays(scene: Scene, rays: list[Ray], scale: tuple[int, int] | None, kinds: set[str]) -> None:
    """scale: of the gradients, None for a forward picture. kinds: the looks that occur are added."""
    for ray in rays:
        strength = 0.3 if ray.weight is None else ray.weight
        color, dashed = theme.mixed("#FFFFFF", theme.CELL, 0.2 + 0.8 * strength), False
        if scale is not None and ray.known:
            look = look_of(ray.norm, scale)
            kinds.add(look.kind)
            color, dashed = look.line, look.dashed
        wire = Wire(ray.id, ray.fan.link.tail, ray.fan.link.head, [ray.start, ray.end], color, HAIR, dashed, "none")
        wire.width = HAIR if ray.weight is None else round(HAIR + 5 * ray.weight, 2)
        wire.kind, wire.tooltip = "attention", _tip(ray, scale is not None)
        scene.wires.append(wire)


def _tip(ray: Ray, backward: bool) -> str:
    weight = "unknown" if ray.weight is None else theme.number(ray.weight, 3)
    told = f"{ray.where}: weight {weight}"
    if not backward:
        return told
    if not ray.known:
        return f"{told}\ngradient: not known for each position"
    return f"{told}\n{'no gradient arrives' if ray.norm is None else f'gradient: norm {theme.number(ray.norm, 3)}'}"


def sentence(plan: Plan, rays: list[Ray], backward: bool) -> str:
    """What the lines show."""
    if not rays:
        return ""
    if any(ray.weight is None for ray in rays):
        return "; attention lines: weights unknown, a backward pass has freed them"
    whose = " (first sequence)" if plan.contraction.batch() > 1 else ""
    return f"; attention lines: width is the weight{whose}{', colour the gradient' if backward else ''}"


def padding(plan: Plan) -> list[Text]:
    """Says at which positions there is nothing to look at, since no attention gives them any weight."""
    found = {}
    for fan in plan.fans:
        tail = plan.spots[fan.link.tail]
        fans = [other.weights for other in plan.fans if other.link.tail == fan.link.tail]
        for s, lane in enumerate(tail.of[0].lanes):
            column = plan.column[lane]
            if all(fans) and len(plan.columns[column]) == 1 and not any(weights[s] for weights in fans):
                x, y = plan.x[column] * UNIT, tail.y * UNIT + HEIGHT / 2 + 9
                name = f"{tail.id}padding{s}"
                found[name] = Text(name, x, y, (Span("padding"),), "center", 10, theme.MUTED)
    return list(found.values())


def weights_of(rays: list[Ray]) -> list[tuple[Text, list[Point]]]:
    """The largest weight of each target step, and where it may be written; none where there are too many lines."""
    largest = {ray.fan.number: ray for ray in rays if ray.weight is not None}  # the last of a fan is the largest
    if len(largest) > FEW or len({ray.start for ray in rays}) > FEW:
        return []
    found = []
    for ray in largest.values():
        (x0, y0), (x1, y1) = ray.start, ray.end
        text = Text(f"{ray.id}weight", 0.0, 0.0, (Span(theme.number(ray.weight)),), "center", 10, theme.CELL)
        text.kind = "norm"
        near = [(x0 + share * (x1 - x0), y0 + share * (y1 - y0)) for share in (0.5, 1.0)]
        found.append((text, beside(near, text)))
    return found
