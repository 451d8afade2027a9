"""Colours: what is written on them can be read, and what means different things looks different, also to those who do
not see every hue."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import minigrad as mg
import viz
from minigrad import nn
from viz import theme
from viz.looks import look_of
from viz.page.palette import Palette

SCALE = (-3, 0)
NORMS = [0.0, 1e-9, *np.geomspace(1e-4, 2, 60), np.inf, np.nan, None]
LINES = {
    "forward": theme.WIRE, "c": theme.CELL, "h": theme.HIDDEN, "parameter": theme.PARAMETER, "cut": theme.CUT,
}  # fmt: skip

# what remains of red, green and blue light where one kind of cone is missing (Machado, Oliveira and Fernandes, 2009)
EYES = {
    "all cones": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
LAB = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
every_eye = pytest.mark.parametrize("eye", EYES)


def light(color: str) -> np.ndarray:
    """Red, green and blue, linear in the light, of "#RRGGBB"."""
    c = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(a: str, b: str) -> float:
    """Of the two luminances (WCAG 2)."""
    low, high = sorted(float(light(color) @ LAB[1]) for color in (a, b))
    return (high + 0.05) / (low + 0.05)


def seen(color: str, eye: str) -> np.ndarray:
    """Lightness and the two hues as an eye sees them (CIELAB, white of 95 % 100 % 109 %)."""
    xyz = LAB @ np.clip(np.array(EYES[eye]) @ light(color), 0, 1) / LAB.sum(axis=1)
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def apart(a: str, b: str, eye: str) -> float:
    return float(np.linalg.norm(seen(a, eye) - seen(b, eye)))


# ---------------------------------------------------------------- words


@pytest.mark.parametrize("norm", NORMS)
def test_words_can_be_read_on_every_gradient(norm):
    look = look_of(norm, SCALE)
    assert contrast(look.ink, look.fill) >= 4.4


def test_words_can_be_read_on_every_ground():
    for fill in (*theme.FILLS.values(), "#F5F6F8", "#FAFBFD"):
        assert contrast(theme.INK, fill) >= 4.4
    for ink in (theme.MUTED, theme.ABSENT_INK, theme.CUT_INK, theme.EMPHASIS, "#8A3B12"):
        assert contrast(ink, "#FFFFFF") >= 4.4
        assert contrast(ink, "#F5F6F8") >= 4.4


def test_words_can_be_read_by_night():
    palette = Palette(SCALE)
    for norm in NORMS:
        palette.of_norm(norm)
    looks = palette.by_night()
    pairs = [[value for value in look if isinstance(value, str) and value.startswith("#")] for look in looks]
    assert len(pairs) > 30 and all(contrast(fill, ink) >= 4.4 for fill, ink, *_ in pairs)


# ---------------------------------------------------------------- three looks


@every_eye
def test_the_ramp_darkens_step_by_step(eye):
    steps = [seen(color, eye) for color in theme.RAMP]
    assert all(a[0] - b[0] > 4 for a, b in itertools.pairwise(steps))


@every_eye
def test_tiny_zero_absent_and_wrong_are_four_looks(eye):
    """Fill, line, or dashes: each pair differs in at least one that every eye sees."""
    looks = {kind: look_of(norm, SCALE) for kind, norm in (("tiny", 1e-9), ("zero", 0.0), ("absent", None),
                                                           ("wrong", np.inf), ("large", 1.0))}  # fmt: skip
    for (one, a), (two, b) in itertools.combinations(looks.items(), 2):
        differs = a.dashed != b.dashed or apart(a.fill, b.fill, eye) > 15
        assert differs or apart(a.line, b.line, eye) > 25, (one, two)
    assert not looks["tiny"].dashed and looks["zero"].dashed and looks["absent"].dashed


@every_eye
def test_wires_of_different_kinds_look_different(eye):
    for (one, a), (two, b) in itertools.combinations(LINES.items(), 2):
        assert apart(a, b, eye) > 12, (one, two)
    for color in LINES.values():
        assert contrast(color, "#FFFFFF") > 2.5


@every_eye
def test_a_cut_is_no_step_of_the_ramp(eye):
    """It is dashed, and so is no gradient on the ramp; the two dashed looks of gradients have other colours."""
    cut = theme.CUT
    assert all(apart(cut, line, eye) > 12 for line in (theme.ABSENT_LINE, theme.ZERO_LINE))
    assert not any(look_of(norm, SCALE).dashed for norm in np.geomspace(1e-9, 1, 20))


def test_steps_between_the_ramp_are_where_they_were():
    """The colours of the whole decades are those of the ramp; between two the mixture lies between."""
    assert [theme.ramp_color(10.0**d, (0, 7)) for d in range(8)] == list(theme.RAMP)
    shades = [light(theme.ramp_color(norm, SCALE)) @ LAB[1] for norm in np.geomspace(1e-3, 1, 200)]
    assert all(a >= b for a, b in itertools.pairwise(shades)) and len(set(shades)) > 150


# ---------------------------------------------------------------- the legend


@pytest.mark.parametrize("steps, size", [(2, 1.0), (30, 0.1)])
def test_the_legend_covers_nothing(steps, size):
    """It stands beside the title where there is room, in a line below it above a narrow picture."""
    w, h = mg.Tensor(size, requires_grad=True, dtype="float64"), mg.Tensor(1.0, dtype="float64")
    losses = []
    for t in range(steps):
        with mg.scope("step", t):
            h = (h * w).named("h")
            losses.append(h * 1.0)
    scene = viz.draw(viz.itemise(losses)).scene
    texts = [(t.x, t.y, theme.text_width(t.spans, t.size)) for t in scene.texts if t.kind in ("title", "subtitle")]
    marks = [box for box in scene.boxes if box.kind == "legend"]
    right, low = max(x + wide for x, _, wide in texts), min(y for _, y, _ in texts)
    assert all(box.x - box.width / 2 > right or box.y + box.height / 2 < low - 5 for box in marks)
    cells = [box.y + box.height / 2 for box in scene.boxes if box.kind.startswith("cell")]
    assert min(box.y - 20 for box in marks) > max(cells)


def test_a_long_name_is_made_to_fit():
    spans = theme.variable("features", 3)
    assert theme.fitted(spans, 14, 500.0) == (spans, 14)
    same, smaller = theme.fitted(spans, 14, 0.8 * theme.text_width(spans, 14))
    assert same == spans and 0.75 * 14 < smaller < 14
    (short,), size = theme.fitted(spans, 14, 40.0)
    assert short.text.endswith("…") and "features".startswith(short.text[:-1]) and len(short.text) > 3
    assert theme.text_width((short,), size) <= 40
    assert theme.fitted(theme.variable("W", None), 14, 1.0)[0][0].text == "W"  # something is left
    h, net = mg.Tensor([[0.0, 0.0]]), nn.RNNCell(3, 2)
    for t in range(2):
        with mg.scope("step", t):
            h = net(mg.Tensor([[1.0, 2.0, 3.0]], name="features_with_a_bias"), h)
    boxes = viz.draw(h.sum(), net, view="ops").scene.boxes
    cut = [box for box in boxes if box.label and "…" in box.label[0].text]
    assert len(cut) == 2 and all("features_with_a_bias" in box.tooltip for box in cut)
    assert all(theme.text_width(box.label, box.size) <= box.width for box in cut)
