"""Plots for teaching: what is drawn is what was given, read back from matplotlib; mistakes are named; the same data
give the same bytes."""

from __future__ import annotations

import importlib.util
import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import minigrad as mg
import viz
from minigrad import nn
from minigrad.diagnose import Chain, Diagnosis, diagnose, ledger
from minigrad.ops.arithmetic import cut
from viz import plots, theme
from viz.plots.canvas import BLUES, COLORS, SIGNED

ROOT = Path(__file__).resolve().parents[1]
needs_matplotlib = pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="draws with matplotlib")

ALL = """
import numpy
import viz.plots as plots

VECTORS = numpy.random.default_rng(0).normal(size=(6, 4))
PATHS = {"plain": [[0.0, 0.0], [9.0, 1e30], [numpy.nan, 0.0]], "clipped": [[0.0, 0.0], [0.5, 0.5]]}
PLOTS = {
    "ledger": lambda **how: plots.ledger({(0, 0): VECTORS, (1, 0): -VECTORS[::-1], (1, 1): VECTORS}, **how),
    "gradient_flow": lambda **how: plots.gradient_flow({"a": [None, 0, 0.1, 1], "b": [numpy.inf, 1, 2, 3]}, 0.5, **how),
    "gates": lambda **how: plots.gates({"f": VECTORS, "c": VECTORS[:, 0]}, "a $b$\\n", **how),
    "alignment": lambda **how: plots.alignment(numpy.eye(3), ["<", "$x^$"], ["&", "y"], **how),
    "loss_landscape": lambda **how: plots.loss_landscape(lambda x, y: x * y, [-1, 0, 1], [0, 2], PATHS, **how),
    "surface": lambda **how: plots.loss_landscape(lambda x, y: x * y, [-1, 0, 1], [0, 2], PATHS, surface=True, **how),
    "projector": lambda **how: plots.projector(VECTORS, list("abcde$"), {"first": "ab"}, [("a", "b")], **how),
}
"""  # text, because other processes draw them too
exec(ALL, drawn := {})
PLOTS = drawn["PLOTS"]


@pytest.fixture
def axes():
    figure = pytest.importorskip("matplotlib.figure", reason="draws with matplotlib")
    return figure.Figure().add_subplot()


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def unrolled(layer, steps=6):
    """(losses, one a step; the layer), in float64."""
    layer.astype("float64")
    ys, _ = layer.steps(mg.Tensor(rng().normal(size=(steps, 2, 3)), dtype="float64"))
    return [(y * y).sum() for y in ys], layer


# ---------------------------------------------------------------- the ledger


def test_the_bars_of_the_ledger_add_up_to_the_norm(axes):
    losses, layer = unrolled(nn.GRU(3, 4))
    book, weight = ledger(losses), layer.cells[0].weight_hh
    viz.plots.ledger(book, weight, axes=axes)
    total = mg.backend.to_host(book.total(weight)).ravel()
    norm = np.linalg.norm(total)
    heights = np.array([[bar.get_height() for bar in bars] for bars in axes.containers])
    steps = sorted(book.by_use(weight))
    assert heights.shape == (len(book.by_loss(weight)), len(steps))
    assert abs(heights.sum() - norm) < 1e-12 * norm
    for (loss, step), g in book.entries[weight].items():
        part = mg.backend.to_host(g).ravel() @ total / norm
        assert abs(heights[sorted(book.by_loss(weight)).index(loss), steps.index(step)] - part) < 1e-12
    assert [bar.get_center()[0] for bar in axes.containers[0]] == pytest.approx([step + 1 for step in steps])


def test_bars_stand_on_each_other_and_hang_below_each_other(axes):
    parts = [3.0, -1.0, 2.0, -4.0]
    plots.ledger({(loss, 0): np.array([part, 0]) for loss, part in enumerate([*parts, 9.0])}, axes=axes)
    spans = [(bars[0].get_y(), bars[0].get_y() + bars[0].get_height()) for bars in axes.containers]
    assert spans == [(0, 3), (0, -1), (3, 5), (-1, -5), (5, 14)]


def test_a_use_outside_every_step_stands_before_the_first(axes):
    plots.ledger({(0, None): np.ones(2), (0, 4): np.ones(2)}, axes=axes)
    assert [bar.get_center()[0] for bar in axes.containers[0]] == pytest.approx([4, 5])
    assert "4: outside every step" in axes.get_xlabel()


# ---------------------------------------------------------------- the flow


def line_of(axes, label):
    (line,) = [line for line in axes.lines if line.get_label() == label]
    return line


def marks(axes):
    """marker -> where it stands."""
    lone = [line for line in axes.lines if line.get_linestyle() == "None" and len(line.get_xdata())]
    return {line.get_marker(): list(line.get_xdata()) for line in lone}


def test_the_lines_are_what_diagnose_measured_and_what_a_record_holds(axes):
    losses, _ = unrolled(nn.LSTM(3, 4), steps=8)
    seen = diagnose(losses[-1])
    (chain,) = [chain for chain in seen.chains if chain.name == "h"]
    plots.gradient_flow({"all": seen, "chain": chain, "record": viz.record(losses[-1])}, axes=axes)
    for name in ("all", "chain", "record"):
        line = line_of(axes, name)
        assert line.get_xdata().tolist() == [step + 1 for step in chain.steps]
        assert line.get_ydata() == pytest.approx(chain.signal, rel=1e-12)
    assert axes.get_yscale() == "log"


def test_layers_of_one_net_have_a_line_each(axes):
    chains = [Chain(place, "h", 2, [0, 1], [0.5, 1.0], [], 1, []) for place in ("layer0", "layer1")]
    plots.gradient_flow({"RNN": Diagnosis(chains, {}, "")}, axes=axes)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["RNN layer0", "RNN layer1"]


def test_zero_absent_and_infinite_are_marked_and_differ(axes):
    norms = [None, None, 0.0, 1e-3, 1.0, np.inf, np.nan]
    plots.gradient_flow({"net": norms}, axes=axes)
    assert line_of(axes, "net").get_ydata() == pytest.approx([np.nan] * 3 + [1e-3, 1.0] + [np.nan] * 2, nan_ok=True)
    assert marks(axes) == {"o": [3], "x": [1, 2], "*": [6, 7]}
    words = [text.get_text() for text in axes.get_legend().get_texts()]
    assert words == ["net", "exactly 0", "no gradient arrives", "inf or nan"]


def test_where_a_record_has_no_gradient_it_is_absent(axes):
    """A truncated net: the graph has the early steps, and no gradient gets there."""
    h, w = mg.Tensor(np.ones(2)), mg.Tensor(0.5, requires_grad=True)
    for t in range(5):
        with mg.scope("step", t):
            h = ((cut(h) if t == 3 else h) * w).named("h")
    plots.gradient_flow(viz.record(h.sum()), axes=axes)
    assert marks(axes) == {"x": [1, 2, 3]}
    assert axes.lines[0].get_ydata()[3:] == pytest.approx([2**-0.5, 2**0.5])


def test_a_linear_net_keeps_the_law(axes):
    """h_t = rho Q h_{t-1}: the norm is rho^(T-t) times the last one, so the dashed line lies on the other."""
    q, _ = np.linalg.qr(rng().normal(size=(4, 4)))
    w, h = mg.Tensor(0.9 * q, dtype="float64"), mg.Tensor(np.ones((1, 4)), requires_grad=True, dtype="float64")
    for t in range(12):
        with mg.scope("step", t):
            h = (h @ w).named("h")
    plots.gradient_flow(diagnose((h * h).sum()), rho=0.9, axes=axes)
    measured, law = axes.lines[:2]
    assert law.get_linestyle() == "--" and law.get_label().startswith("law")
    assert law.get_ydata() == pytest.approx(measured.get_ydata(), rel=1e-10)


# ---------------------------------------------------------------- gates


def test_units_are_rows_of_colour_and_single_gates_are_heights(axes):
    f, z = rng().uniform(size=(5, 3)), rng(1).uniform(size=5)
    plots.gates({"f": mg.Tensor(f, dtype="float64"), "z": z}, tokens="abcde", axes=axes)
    assert np.array_equal(axes.images[0].get_array(), f.T)
    left, right, bottom, top = axes.images[0].get_extent()
    assert (left, right, top - bottom) == (0.5, 5.5, 1)
    values, edges, base = axes.patches[-1].get_data()
    assert values - base == pytest.approx(z) and edges.tolist() == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]
    assert [label.get_text() for label in axes.get_xticklabels()] == list("abcde")
    assert [label.get_text() for label in axes.get_yticklabels()] == ["f", "z"]


def test_states_beyond_one_are_divided_and_it_is_said(axes):
    c = np.array([-2.5, 0, 1.5])
    plots.gates({"c": c, "C": np.stack([c, c], axis=1), "f": abs(c) / 3}, axes=axes)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["c / 3", "C / 3", "f"]
    values, _, zero = axes.patches[1].get_data()
    assert (values - zero) * 2 == pytest.approx(c / 3)
    assert np.array_equal(axes.images[0].get_array(), np.stack([c, c]) / 3) and axes.images[0].get_clim() == (-1, 1)


def test_tokens_stay_legible(axes):
    """Long words are turned, letters made smaller, blanks and line ends visible, dollars no formulas."""
    words = "the agreement on the European Economic Area was $signed$ in August of this year".split()
    plots.gates(np.zeros(len(words)), words, axes=axes)
    assert {label.get_rotation() for label in axes.get_xticklabels()} == {90}
    assert not any(label.get_parse_math() for label in axes.get_xticklabels())
    letters = "To be or not to be,\nthat is the question: Whether 'tis nobler"
    plots.gates(np.zeros(len(letters)), letters, axes=(second := axes.figure.add_subplot()))
    shown = second.get_xticklabels()
    assert "".join(label.get_text() for label in shown) == letters.replace(" ", "\u2423").replace("\n", "\u21b5")
    assert {label.get_rotation() for label in shown} == {0} and 4 < shown[0].get_fontsize() < 11


def test_too_many_tokens_are_thinned_out(axes):
    plots.gates(np.zeros(500), ["t"] * 500, axes=axes)
    ticks = axes.get_xticks()
    assert len(ticks) < 100 and len(set(np.diff(ticks))) == 1 and ticks[0] == 1


# ---------------------------------------------------------------- maps


def test_alignment_is_the_matrix_with_the_source_on_top(axes):
    weights = rng().dirichlet(np.ones(5), size=4)
    weights[:3, 4] = 0
    weights[:3] /= weights[:3].sum(axis=1, keepdims=True)
    plots.alignment(mg.Tensor(weights, dtype="float64"), ["the", "cat", "sat", "."], ["le", "chat", "."], axes=axes)
    assert np.array_equal(axes.images[0].get_array(), weights)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["the", "cat", "sat", "."]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["le", "chat", "."]
    assert axes.xaxis.get_ticks_position() == "top" and axes.get_ylim() == (3.5, -0.5)
    hatched = [(p.get_xy(), p.get_width(), p.get_height()) for p in axes.patches if p.get_hatch()]
    assert hatched == [((3.5, -0.5), 1, 4), ((-0.5, 2.5), 4, 1)]


def test_contours_enclose_the_values(axes):
    x, y = np.linspace(-1, 1, 21), np.linspace(0, 3, 16)
    path = np.array([[-0.9, 0.1], [5.0, 2.0]])
    plots.loss_landscape(lambda a, b: a * a + b, x, y, {"descent": mg.Tensor(path, dtype="float64")}, axes=axes)
    bands = next(c for c in axes.collections if c.get_array() is not None and getattr(c, "filled", False))
    for i, j in itertools.product(range(2, 15, 3), range(2, 19, 4)):
        value = x[j] ** 2 + y[i]
        inside = [k for k, shape in enumerate(bands.get_paths()) if shape.contains_point((x[j], y[i]))]
        assert any(bands.levels[k] - 0.02 <= value <= bands.levels[k + 1] + 0.02 for k in inside)
    assert np.array_equal(line_of(axes, "descent").get_xydata(), path)
    assert axes.get_xlim() == (-1, 1) and axes.get_ylim() == (0, 3)


@needs_matplotlib
def test_a_path_lies_on_the_surface():
    grid = np.arange(12.0).reshape(3, 4)
    plot = plots.loss_landscape(grid, range(4), range(3), {"way": [[0, 0], [1, 2], [99, np.inf]]}, surface=True)
    x, y, z = plot.axes.lines[0].get_data_3d()
    assert (x.tolist(), y.tolist(), z.tolist()) == ([0, 1, 3], [0, 2, 2], [0, 9, 11])


def test_the_projection_is_the_principal_plane(axes):
    vectors = rng().normal(size=(12, 5)) * [5, 3, 1, 0.5, 0.1]
    words = [f"word{i}" for i in range(12)]
    plots.projector(vectors, words, {"even": words[::2]}, [("word0", "word3")], axes=axes)
    points = np.asarray(axes.collections[0].get_offsets())
    values, axis = np.linalg.eigh(np.cov(vectors.T))
    wanted = (vectors - vectors.mean(axis=0)) @ axis[:, [-1, -2]]
    assert abs(points) == pytest.approx(abs(wanted), abs=1e-9)
    for column in range(2):
        assert abs(points[:, column] @ wanted[:, column]) == pytest.approx((wanted[:, column] ** 2).sum())
    assert f"{values[-1] / values.sum():.0%}" in axes.get_xlabel()
    labels = {text.get_text(): text.xy for text in axes.texts if text.get_text()}
    assert all(np.array_equal(labels[word], point) for word, point in zip(words, points))
    (arrow,) = [text for text in axes.texts if not text.get_text()]
    assert np.array_equal([arrow.xyann, arrow.xy], points[[0, 3]])
    colors = [tuple(color) for color in axes.collections[0].get_facecolors()]
    assert len(set(colors[::2])) == len(set(colors[1::2])) == 1 and colors[0] != colors[1]


def test_the_projection_does_not_depend_on_the_sign_of_the_library(axes, monkeypatch):
    vectors, svd = rng().normal(size=(6, 4)), np.linalg.svd
    plots.projector(vectors, list("abcdef"), axes=axes)
    monkeypatch.setattr(np.linalg, "svd", lambda a, **how: (lambda u, s, v: (-u, s, -v))(*svd(a, **how)))
    plots.projector(vectors, list("abcdef"), axes=(second := axes.figure.add_subplot()))
    assert np.array_equal(axes.collections[0].get_offsets(), second.collections[0].get_offsets())


@needs_matplotlib
def test_labels_of_words_side_by_side_do_not_lie_on_each_other():
    words = [f"{letter}word" for letter in "abcdefghijklmnopqrst"]
    pairs = np.repeat(rng(0).normal(size=(10, 6)), 2, axis=0)
    plot = plots.projector(pairs + rng(4).normal(scale=0.02, size=(20, 6)), words)
    boxes = [text.get_window_extent() for text in plot.axes.texts]
    assert sum(a.overlaps(b) for a, b in itertools.combinations(boxes, 2)) <= 1
    assert all(plot.axes.get_window_extent().containsx(x) for box in boxes for x in box.intervalx)


@needs_matplotlib
def test_titles_are_made_to_fit():
    """Inside the figure, and beside other axes; one that fits stays as it is."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(plots.STYLE):
        figure = Figure((7, 3), layout="constrained")
        left, right = figure.subplots(ncols=2)
        titles = [axes.set_title(words) for axes, words in ((left, "A title that is much too long " * 3), (right, "y"))]
        plots.fit_titles(figure)
        figure.draw_without_rendering()
    boxes = [title.get_window_extent() for title in titles]
    assert boxes[0].x1 < right.get_window_extent().x0 and titles[1].get_fontsize() == plots.STYLE["axes.titlesize"]
    plot = plots.gates(np.zeros(3), title="A title that is much too long " * 4)
    wide = [t.get_window_extent() for t in plot.axes.get_children() if getattr(t, "get_text", str)().startswith("A ti")]
    assert wide and all(0 <= box.x0 and box.x1 <= plot.figure.bbox.x1 for box in wide)


@needs_matplotlib
def test_of_many_words_those_without_room_are_left_out_and_counted():
    """Words of offsets and groups come first; what is shown lies on no other word."""
    words = [f"{stem}{end}" for stem in ("king", "walk", "green", "seven") for end in "abcdefghijklmnopqrst"]
    vectors = rng(0).normal(size=(4, 9)).repeat(20, axis=0) + rng(1).normal(scale=0.3, size=(80, 9))
    plot = plots.projector(vectors, words, {"late": words[70:72]}, [("sevent", "kinga")])
    shown = [text for text in plot.axes.texts if text.get_text()]
    boxes = [text.get_window_extent() for text in shown]
    assert sum(a.overlaps(b) for a, b in itertools.combinations(boxes, 2)) <= 2
    assert {"sevent", "kinga", *words[70:72]} <= {text.get_text() for text in shown} and 20 < len(shown) < 80
    assert f"{80 - len(shown)} of 80 names left out" in plot.axes.get_xlabel()


# ---------------------------------------------------------------- all of them


@needs_matplotlib
@pytest.mark.parametrize("name", PLOTS)
def test_given_axes_are_drawn_into_and_no_figure_is_made(name, monkeypatch):
    from matplotlib import figure

    axes = figure.Figure().add_subplot(projection="3d" if name == "surface" else None)
    monkeypatch.setattr(figure.Figure, "__init__", None)
    assert PLOTS[name](axes=axes, title="Mine") is axes
    assert axes.get_title() + axes.get_title("left") == "Mine" and axes.has_data()


@needs_matplotlib
def test_a_plot_saves_itself_and_shows_itself(tmp_path):
    plot = PLOTS["gates"](to=tmp_path / "new" / "gates.png", title="")
    assert plot.axes.get_title() + plot.axes.get_title("left") == ""
    png = (tmp_path / "new" / "gates.png").read_bytes()
    assert [int.from_bytes(png[at : at + 4], "big") for at in (16, 20)] == [1280, 720]
    assert plot.save(tmp_path / "gates.svg").read_text(encoding="utf-8") == plot._repr_svg_()
    assert plot.save(tmp_path / "gates.pdf").read_bytes() == plot.save(tmp_path / "again.pdf").read_bytes()
    with pytest.raises(viz.DrawError, match=r"gates.dot: the suffix must be one of .svg, .png, .pdf"):
        plot.save(tmp_path / "gates.dot")
    with pytest.raises(viz.DrawError, match="cannot write"):
        plot.save(tmp_path / "gates.svg" / "below.svg")


@needs_matplotlib
def test_two_processes_draw_the_same_bytes(tmp_path):
    """With different hash seeds, and without pyplot, which would open windows."""
    program = f"{ALL}\nimport sys\nfor name, draw in PLOTS.items():\n    draw(to=f'{{sys.argv[1]}}/{{name}}.svg')\n"
    program += "assert 'matplotlib.pyplot' not in sys.modules"
    both = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", program, str(tmp_path / seed)], cwd=ROOT, stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ) for seed in "12"
    ]  # fmt: skip
    for process in both:
        _, errors = process.communicate()
        assert process.returncode == 0, errors.decode()
    for name in PLOTS:
        first, second = ((tmp_path / seed / f"{name}.svg").read_bytes() for seed in "12")
        assert first == second and b"<dc:date>" not in first


def test_without_matplotlib_one_error_says_what_to_install():
    program = f"import sys\nsys.modules['matplotlib'] = None\n{ALL}\nimport viz\nfor draw in PLOTS.values():\n"
    program += "    try:\n        draw()\n    except viz.DrawError as error:\n        print(error)\n"
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == [
        "plots need matplotlib, which is not installed: python -m pip install matplotlib"
    ] * len(PLOTS)


V = np.eye(3)
MISTAKES = {
    "empty book": (lambda: plots.ledger({}), ValueError, "expected a Ledger"),
    "two shapes": (lambda: plots.ledger({(0, 0): V, (0, 1): V[0]}), ValueError, r"one shape, not \[\(3,\), \(3, 3\)\]"),
    "nan in the book": (lambda: plots.ledger({(0, 0): np.array([np.nan])}), ValueError, "finite"),
    "negative norms": (lambda: plots.gradient_flow([1.0, -1.0]), ValueError, "at least 0, not -1"),
    "a loss, no norms": (lambda: plots.gradient_flow(mg.Tensor(1.0)), ValueError, r"expected \(T,\), got shape \(\)"),
    "words, no norms": (lambda: plots.gradient_flow(["a"]), TypeError, "expected numbers"),
    "unknown rho": (lambda: plots.gradient_flow({"a": [1.0]}, rho={"b": 1}), ValueError, r"rho names \['b'\]"),
    "many nets": (lambda: plots.gradient_flow({i: [1.0] for i in "abcdefgh"}), ValueError, "at most 7"),
    "no such state": (lambda: plots.gradient_flow(Diagnosis([], {}, ""), state="q"), ValueError, "called 'q'"),
    "no gates": (lambda: plots.gates({}), ValueError, "at least one band"),
    "gates of a batch": (lambda: plots.gates(np.ones((2, 3, 4))), ValueError, r"\(T,\) or \(T, H\), got shape \(2, 3"),
    "ragged gates": (lambda: plots.gates([[1], [2, 3]]), TypeError, "expected numbers"),
    "unequal gates": (lambda: plots.gates({"i": V, "f": V[:2]}), ValueError, "{'i': 3, 'f': 2}"),
    "too few tokens": (lambda: plots.gates(V, "ab"), ValueError, "'tokens': 2"),
    "weights of a batch": (lambda: plots.alignment(V[None], "abc", "abc"), ValueError, r"take weights\[:, b\]"),
    "too many tokens": (lambda: plots.alignment(V, "abcd", "abc"), ValueError, "got 3 and 4"),
    "no weights": (lambda: plots.alignment(2 * V, "abc", "abc"), ValueError, "'a' must be at least 0 and add up to 1"),
    "falling x": (lambda: plots.loss_landscape(V, [2, 1, 0], [0, 1, 2]), ValueError, "must rise"),
    "a grid turned": (lambda: plots.loss_landscape(V[:2], range(2), range(3)), ValueError, r"must be \(3, 2\)"),
    "points in 3-d": (lambda: plots.loss_landscape(V, *[range(3)] * 2, {"p": V}), ValueError, r"be \(n, 2\), not"),
    "missing word": (lambda: plots.projector(V, "abc", offsets=[("a", "z")]), ValueError, "'z' is in groups"),
    "words, vectors": (lambda: plots.projector(V, "ab"), ValueError, "there are 2"),
    "no axes": (lambda: plots.gates(V, axes=[1, 2]), TypeError, "one matplotlib Axes, not list"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_named(case):
    call, kind, message = MISTAKES[case]
    with pytest.raises(kind, match=message):
        call()


def test_a_parameter_that_no_gradient_reaches_is_named():
    losses, _ = unrolled(nn.RNN(3, 4), steps=2)
    with pytest.raises(KeyError, match="no gradient reaches"):
        plots.ledger(ledger(losses), mg.Tensor(np.ones(2), requires_grad=True))


def test_flat_axes_hold_no_surface(axes):
    with pytest.raises(ValueError, match="needs 3-d axes"):
        plots.loss_landscape(V, range(3), range(3), surface=True, axes=axes)


def test_values_darken_evenly_and_lines_differ_without_colour():
    """Whoever sees no hue still sees the order, and lines have shapes of their own."""
    for colors in (BLUES, SIGNED):
        light = [sum(w * int(c[i : i + 2], 16) for i, w in ((1, 0.2126), (3, 0.7152), (5, 0.0722))) for c in colors]
        assert all(a - b > 15 for a, b in itertools.pairwise(light))
    assert len(set(COLORS)) == len(set(plots.canvas.SHAPES)) == len(COLORS)
    assert theme.RAMP[-1] not in BLUES  # the ramp means gradients
