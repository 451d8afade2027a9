"""Op-level pictures of every ready net are clean: no wire lies on a wire of another value, no word on a box, a wire or
another word."""

from __future__ import annotations

import functools
from itertools import combinations

import numpy
import pytest

import minigrad as mg
import viz
from minigrad import nn
from viz import theme, zoo
from viz.scene import Scene, Text

RANKED = ("attention", "renet", "tree", "tree-lstm", "trees")  # no time, or one that is no lattice
NETS = [name for name in zoo.NETS if name not in RANKED]


@functools.cache
def drawn(name: str, steps: int, backward: bool) -> Scene:
    loss, net = OWN[name](steps) if name in OWN else zoo.build(name, steps)
    return viz.draw(viz.record(loss, net) if backward else loss, net, view="ops").scene


def _running_sum(steps: int):
    """`total = total + loss` inside the step: a value that reads its own copy of the step before."""
    cell, state, total = nn.RNNCell(3, 4), None, 0
    for t in range(steps):
        with mg.scope("step", t):
            state = cell(mg.Tensor(numpy.ones((2, 3)), name="x"), state)
            total = total + (state * state).sum().named("L")
    return total, cell


def _masked(steps: int):
    layer = nn.LSTM(3, 4, bidirectional=True)
    ys, _ = layer(mg.Tensor(numpy.ones((steps, 2, 3))), lengths=[steps, 1])
    return (ys * ys).sum(), layer


OWN = {"running sum": _running_sum, "masked": _masked}


def values_of(scene: Scene) -> list[str]:
    """For each wire the box where its value is made."""
    into = {wire.head: wire.tail for wire in scene.wires if wire.kind.startswith("trunk")}
    roots = []
    for wire in scene.wires:
        box = wire.tail
        while box in into:
            box = into[box]
        roots.append(box)
    return roots


@pytest.mark.parametrize(
    "name, steps", [*((name, 3) for name in NETS), *((name, t) for name in OWN for t in (1, 2, 3))]
)
def test_no_two_wires_of_different_values_lie_on_each_other(name, steps):
    lines: dict[tuple, list[tuple]] = {}
    scene = drawn(name, steps, False)
    for wire, value in zip(scene.wires, values_of(scene)):
        for (x0, y0), (x1, y1) in zip(wire.points, wire.points[1:]):
            line = ("level", y0) if y0 == y1 else ("upright", x0)
            lines.setdefault(line, []).append((*sorted((x0, x1) if y0 == y1 else (y0, y1)), value, wire.id))
    for line, segments in lines.items():
        for (a, b, one, first), (c, d, two, second) in combinations(segments, 2):
            assert one == two or b <= c or d <= a, (line, first, second)


def area(text: Text) -> tuple[float, float, float, float]:
    wide, high = theme.text_width(text.spans, text.size), 0.8 * text.size
    left = text.x - {"left": 0.0, "center": wide / 2, "right": wide}[text.align]
    return left, text.y - high / 2, left + wide, text.y + high / 2


def meet(a: tuple, b: tuple) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("name", [*NETS, *OWN])
def test_no_word_lies_on_a_box_a_wire_or_another_word(name, backward):
    scene = drawn(name, 3, backward)
    words = [(text.id, area(text)) for text in scene.texts]
    boxes = [
        (box.id, (box.x - box.width / 2, box.y - box.height / 2, box.x + box.width / 2, box.y + box.height / 2))
        for box in scene.boxes
    ]
    wires = []
    for wire in scene.wires:
        half = wire.width / 2
        for (x0, y0), (x1, y1) in zip(wire.points, wire.points[1:]):
            ends = min(x0, x1) - half, min(y0, y1) - half, max(x0, x1) + half, max(y0, y1) + half
            wires.append((wire.id, ends))
    assert not [(one, two) for one, a in words for two, b in [*boxes, *wires] if meet(a, b)]
    assert not [(one, two) for (one, a), (two, b) in combinations(words, 2) if meet(a, b)]
