"""Pictures of unrolled graphs: everything is drawn, once, legibly, the same every time, and honestly coloured."""

from __future__ import annotations

import ast
import functools
import math
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy
import pytest

import minigrad as mg
import viz
from minigrad import nn
from minigrad.errors import GraphError
from viz import theme
from viz.__main__ import main
from viz.layout import lay_out
from viz.looks import look_of
from viz.paint import paint
from viz.render import render
from viz.scene import Box, Scene
from viz.snapshot import capture

from .viz_nets import NETS, make

ROOT = Path(__file__).resolve().parents[1]
needs_dot = pytest.mark.skipif(shutil.which("neato") is None, reason="the graphviz programs are not installed")
WIRES = ("cut", "unstack")  # ops that are drawn as wires


@functools.cache
def layout_of(name: str, steps: int = 3):
    loss, model = make(name, steps)
    graph, _ = capture(loss, model)
    return graph, lay_out(graph)


def lesson_graph():
    b = mg.Tensor(1.5, requires_grad=True, name="b")
    c = mg.Tensor(3.0, requires_grad=True, name="c")
    d, e = (b + c).named("d"), (c + 2).named("e")
    return (d * e).named("a"), b, c


# ---- everything once


@pytest.mark.parametrize("steps", [1, 3])
@pytest.mark.parametrize("name", NETS)
def test_every_node_and_every_edge_is_drawn_once(name, steps):
    graph, layout = layout_of(name, steps)
    buses = {node.number for node in layout.lattice.stacks}
    wires = {
        n.number
        for n in graph.nodes
        if n.op in WIRES or (n.op == "stack" and (n.number in buses or len(n.inputs) == 1))
    }
    assert {f"n{n.number}" for n in graph.nodes if n.number not in wires} == {s for s in layout.spots if s[0] == "n"}
    assert {f"l{leaf.number}" for leaf in graph.leaves} == {s for s in layout.spots if s[0] == "l"}
    expected = [
        (n.number, i)
        for n in graph.nodes
        if n.number not in wires
        for i, r in enumerate(n.inputs)
        if r.kind in ("node", "leaf")
    ]
    expected += [(n, i) for n in buses for i in range(len(graph.nodes[n].inputs))]
    arrays = [(n.number, i) for n in graph.nodes for i, r in enumerate(n.inputs) if r.kind == "array"]
    drawn = [piece.edges[0] for piece in layout.pieces if piece.last]
    assert len(drawn) == len(set(drawn))
    assert set(expected) == set(drawn) - set(arrays)


def test_pieces_of_wire_lead_from_the_source_to_the_reader():
    graph, layout = layout_of("gru")
    into = {piece.head: piece for piece in layout.pieces if not piece.last}
    for piece in layout.pieces:
        if piece.last:
            ref = graph.nodes[piece.edges[0][0]].inputs[piece.edges[0][1]]
            while piece.tail in into:
                piece = into[piece.tail]
            assert piece.tail == f"{ref.kind[0]}{ref.number}"


# ---- legible


@pytest.mark.parametrize("name", NETS)
def test_no_boxes_overlap(name):
    _, layout = layout_of(name)
    spots = list(layout.spots.values())
    for i, a in enumerate(spots):
        for b in spots[i + 1 :]:
            apart = abs(a.x - b.x) * 10 >= (a.width + b.width) / 2 or abs(a.y - b.y) * 10 >= (a.height + b.height) / 2
            assert apart, (a, b)


@pytest.mark.parametrize("name", NETS)
def test_wires_end_on_borders_and_go_through_no_box(name):
    _, layout = layout_of(name)
    for piece in layout.pieces:
        for end, box in ((0, piece.tail), (-1, piece.head)):
            if box in layout.spots:
                spot, (x, y) = layout.spots[box], piece.points[end]
                dx, dy = abs(x - spot.x * 10), abs(y - spot.y * 10)
                assert (
                    math.isclose(dx, spot.width / 2)
                    and dy <= spot.height / 2
                    or math.isclose(dy, spot.height / 2)
                    and dx <= spot.width / 2
                )
        for (x0, y0), (x1, y1) in zip(piece.points, piece.points[1:]):
            assert x0 == x1 or y0 == y1, "wires are horizontal or vertical"
            for spot in layout.spots.values():
                left, right = spot.x * 10 - spot.width / 2, spot.x * 10 + spot.width / 2
                low, high = spot.y * 10 - spot.height / 2, spot.y * 10 + spot.height / 2
                misses = max(x0, x1) <= left or min(x0, x1) >= right or max(y0, y1) <= low or min(y0, y1) >= high
                assert misses, (piece, spot)


@pytest.mark.parametrize("name", NETS)
def test_wires_of_different_values_never_run_on_top_of_each_other(name):
    _, layout = layout_of(name)
    assert layout.conflicts == 0
    lines: dict[tuple, list[tuple]] = {}
    for piece in layout.pieces:
        for (x0, y0), (x1, y1) in zip(piece.points, piece.points[1:]):
            if y0 == y1:
                lines.setdefault(("level", y0), []).append((min(x0, x1), max(x0, x1), piece.source))
            else:
                lines.setdefault(("upright", x0), []).append((min(y0, y1), max(y0, y1), piece.source))
    for where, segments in lines.items():
        segments.sort()
        for i, (_, end, source) in enumerate(segments):
            for start, _, other in segments[i + 1 :]:
                assert start >= end or other == source or {source[0], other[0]} == {"bus", "node"}, where


def test_the_cell_state_is_one_straight_line_on_top_of_the_cell():
    graph, layout = layout_of("lstm")
    heights = {layout.spots[f"n{n.number}"].y for n in graph.nodes if n.name() == "c"}
    assert len(heights) == 1
    (height,) = heights
    gates = [layout.spots[f"n{n.number}"].y for n in graph.nodes if n.name() in ("i", "f", "g", "o", "h")]
    assert max(gates) < height
    carried = [p for p in layout.pieces if p.source in layout.states and layout.states[p.source] == "line" and p.last]
    crossing = [p for p in carried if p.points[-1][0] - p.points[0][0] > 100]
    assert crossing and all(len(p.points) == 2 for p in crossing)


def test_names_carry_their_step():
    loss, model = make("lstm")
    graph, _ = capture(loss, model)
    scene = paint(lay_out(graph), graph, False, "")
    words = {
        "".join(span.text for span in thing)
        for thing in [b.label for b in scene.boxes] + [t.spans for t in scene.texts]
    }
    assert {"x1", "x2", "x3", "h0", "c0", "h1", "c3", "f2", "ŷ3", "L1", "t = 1", "t = 3", "64×8"} <= words


def test_steps_are_copies_of_one_another():
    graph, layout = layout_of("gru", 4)
    width = layout.panels[1][0] - layout.panels[0][0]
    for role in layout.lattice.roles:
        places = [
            (layout.spots[f"n{n}"].x * 10 - lane * width, layout.spots[f"n{n}"].y) for lane, n in role.lanes.items()
        ]
        assert len(set(places)) <= 1


def test_forward_and_backward_have_the_same_positions():
    loss, model = make("lstm")
    forward = viz.draw(loss, model)
    backward = viz.draw(viz.record(loss, model))

    def places(dot):
        return {
            line.split(" [")[0]: line.split("pos=")[1].split('"')[1]
            for line in dot.splitlines()
            if line.startswith('  "n')
        }

    same = {k: v for k, v in places(forward.dot).items() if "->" not in k and k[4:5].isdigit() and "name" not in k}
    assert same and all(places(backward.dot)[k] == v for k, v in same.items())


def test_text_is_legible_on_every_colour_of_the_ramp():
    def light(color):
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for i in range(201):
        fill = theme.ramp_color(10 ** (-4 + i / 50), (-4, 0))
        high, low = sorted((light(fill), light(theme.ink_on(fill))), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.4


# ---- DOT and SVG


@needs_dot
@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("name", ["lstm", "two directions", "truncated", "lesson"])
def test_dot_parses_and_svg_is_well_formed(name, backward, tmp_path):
    loss, model = (lesson_graph()[0], None) if name == "lesson" else make(name)
    picture = viz.draw(viz.record(loss, model) if backward else loss, model)
    command = ["dot", "-Tcanon"] if picture.scene is None else ["neato", "-n2", "-Tcanon"]
    canon = subprocess.run(command, input=picture.dot.encode(), capture_output=True, check=True)
    assert b"digraph" in canon.stdout and not canon.stderr
    tree = ET.fromstring(picture.save(tmp_path / "p.svg").read_text(encoding="utf-8"))
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert {f"n{i}" for i in range(3)} <= set(ids)
    assert (tmp_path / "p.dot").read_text(encoding="utf-8") == picture.dot
    assert picture._repr_svg_().startswith("<svg") and "<svg" in picture._repr_html_()


@needs_dot
def test_png_and_pdf(tmp_path):
    picture = viz.draw(lesson_graph()[0])
    assert picture.save(tmp_path / "p.png").read_bytes()[:4] == b"\x89PNG"
    assert picture.save(tmp_path / "deep" / "p.pdf").read_bytes()[:4] == b"%PDF"


PROGRAM = """
import sys, viz
from tests.viz_nets import make
for name in ("rnn", "lstm layer", "last state", "sum outside"):
    loss, model = make(name)
    sys.stdout.buffer.write(viz.draw(loss, model).dot.encode())
"""


def test_two_processes_write_the_same_bytes():
    texts = []
    for seed in ("1", "2"):
        env = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        }
        texts.append(subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True, env=env).stdout)
    assert texts[0] == texts[1] and len(texts[0]) > 50_000


NASTY = ['"', "<b>", "a & b", "back\\slash", "\\N", "naïve ŷ 你好", "x[0]", "line\nbreak", "\x07", "", "]]>", "{a|b}"]


@needs_dot
@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("steps", [0, 2])
def test_labels_of_the_users_program_are_escaped(text, steps, tmp_path):
    """fault_80: DOT text is valid and escaped."""
    state = mg.Tensor([1.0, 2.0], requires_grad=True, name=text)
    weight = mg.Tensor([0.5, 0.5], requires_grad=True, name=f"{text}.weight")
    for t in range(steps or 1):
        with mg.scope(text or "scope"), mg.scope("step" if steps else text, t if steps else None):
            state = mg.tanh(state * weight).named(text)
    picture = viz.draw(viz.record(state.sum()), title=text, subtitle=text)
    tree = ET.fromstring(picture.save(tmp_path / "p.svg").read_text(encoding="utf-8"))
    said = "".join(tree.itertext()).replace("\u00a0", " ").replace("\u200b", "")
    clean = "".join(c for c in text if c >= " ").split("_")[0]
    assert clean in said


# ---- sizes


def test_one_step_draws_its_states_on_the_left():
    graph, layout = layout_of("lstm", 1)
    first = {graph.leaves[s.source[1]].name: layout.spots[f"l{s.source[1]}"].x for s in layout.lattice.initial}
    assert set(first) == {"h", "c"} and max(first.values()) * 10 < layout.panels[0][0]


@needs_dot
def test_a_chain_of_2000_nodes_is_drawn_with_its_middle_left_out():
    x = mg.Tensor(0.5, requires_grad=True, name="x")
    for _ in range(2000):
        x = mg.tanh(x)
    picture = viz.draw(viz.record(x))
    boxes = [line for line in picture.dot.splitlines() if line.startswith('  "') and "->" not in line]
    assert len(boxes) < 100 and "… 1920 more ops …" in picture.dot
    assert picture.svg().startswith("<svg")


def test_a_large_graph_collapses_to_modules():
    class Block(mg.nn.Module):
        def forward(self, x):
            for _ in range(40):
                x = mg.tanh(x)
            return x

    class Deep(mg.nn.Module):
        def __init__(self):
            self.blocks = [Block() for _ in range(10)]

        def forward(self, x):
            for block in self.blocks:
                x = block(x)
            return x

    picture = viz.draw(Deep()(mg.Tensor(0.5, requires_grad=True)))
    assert picture.dot.count('class="module"') == 10 and "40 ops" in picture.dot


def test_a_graph_of_many_steps_stays_linear():
    sizes = [len(viz.draw(*make("rnn", steps), view="ops").dot) for steps in (10, 20, 40)]
    assert 1.8 < (sizes[2] - sizes[1]) / (sizes[1] - sizes[0]) < 2.2


def test_freed_graphs_still_draw():
    loss, model = make("gru")
    before = viz.draw(loss, model).dot
    loss.backward()
    after = viz.draw(loss, model).dot.replace("\\nits arrays were freed by a backward pass", "")
    assert before == after


# ---- gradients


def test_three_different_things_have_three_looks():
    scale = (-3, 0)
    tiny, zero, absent = look_of(1e-12, scale), look_of(0.0, scale), look_of(None, scale)
    assert tiny.fill == theme.RAMP[0] and not tiny.dashed
    assert (zero.fill, zero.dashed) == ("#FFFFFF", True)
    assert (absent.fill, absent.dashed) == ("#FFFFFF", True)
    assert absent.line != zero.line and absent.ink != zero.ink
    assert {look_of(n, scale).kind for n in (math.nan, math.inf)} == {"wrong"}
    assert look_of(math.nan, scale).fill not in theme.RAMP


def test_nan_and_infinite_gradients_do_not_stop_the_drawing():
    loss, model = make("lstm")
    record = viz.record(loss, model)
    nodes = [key for key in record.graph.gradients if key[0] == "node"]
    for key, norm in zip(nodes, (math.nan, math.inf, 0.0)):
        record.graph.gradients[key] = viz.snapshot.Stat(norm, norm, norm)
    del record.graph.gradients[nodes[3]]
    dot = viz.draw(record, model).dot
    for words in (theme.WRONG, "inf or nan", "exactly 0", "no gradient arrives"):
        assert words in dot


def test_an_absent_gradient_is_not_drawn_as_zero():
    """fault: h of the first steps is cut off; W_hh meets a zero state in the first step."""
    loss, _ = make("truncated", 4)
    record = viz.record(loss)
    graph = record.graph
    layout = lay_out(graph)
    scene = paint(layout, graph, True, "")
    boxes = {box.id: box for box in scene.boxes}
    for number, (_, lane) in layout.lattice.role_of.items():
        assert boxes[f"n{number}"].dashed == (lane < 2)
    cut = [w for w in scene.wires if w.kind.startswith("edge") and w.arrow == "head"]
    assert len(cut) == 1 and not cut[0].dashed, "the forward value crosses the cut"
    assert any(box.kind == "cut" for box in scene.boxes)


def test_that_backward_has_not_run_is_said():
    loss, model = make("rnn")
    assert "backward has not run" in viz.draw(loss, model, backward=True).dot
    assert "backward has not run" in viz.draw(lesson_graph()[0], backward=True).dot
    assert "backward has not run" not in viz.draw(viz.record(loss, model)).dot


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru", "two directions"])
def test_the_taps_of_a_parameter_add_up_to_its_gradient(name):
    loss, model = make(name)
    graph, numbers = capture(loss, model)
    sums: dict[int, numpy.ndarray] = {}
    norms: dict[tuple, float] = {}

    def watch(node, incoming, contributions):
        number = numbers.nodes[node]
        for i, g in enumerate(contributions):
            ref = graph.nodes[number].inputs[i]
            if g is not None:
                g = mg.backend.to_host(g).astype("float64")
                norms[number, i] = float(numpy.linalg.norm(g))
                if ref.kind == "leaf":
                    sums[ref.number] = sums.get(ref.number, 0.0) + g

    loss.backward(watch=watch)
    for leaf in graph.leaves:
        if leaf.parameter:
            numpy.testing.assert_allclose(
                sums[leaf.number], numbers.tensors[leaf.number].grad.numpy(), rtol=1e-4, atol=1e-6
            )
    again, model = make(name)
    record = viz.record(again, model)
    assert {k: v.norm for k, v in record.graph.contributions.items()} == pytest.approx(norms, rel=1e-5)
    for leaf in graph.leaves:
        if leaf.parameter:
            assert record.graph.gradients["leaf", leaf.number].norm == pytest.approx(
                numpy.linalg.norm(sums[leaf.number]), rel=1e-4
            )


def test_record_leaves_grad_alone_unless_told():
    a, b, c = lesson_graph()
    b.grad = mg.Tensor(7.0)
    record = viz.record(a, retain_graph=True)
    assert b.grad.item() == 7.0 and c.grad is None
    assert record.gradient("b").whole == 5 and record.gradient("c").whole == 9.5
    viz.record(a, accumulate=True)
    assert b.grad.item() == 12.0 and c.grad.item() == 9.5
    with pytest.raises(GraphError):
        viz.record(a)
    assert b.grad.item() == 12.0
    with pytest.raises(KeyError, match="no leaf is called 'z'"):
        record.gradient("z")


def test_record_keeps_values_whole_up_to_eight_elements():
    x = mg.Tensor(numpy.arange(8.0), requires_grad=True, name="x")
    w = mg.Tensor(numpy.arange(9.0), requires_grad=True, name="w")
    values = viz.record((x * 2).sum() + (w - 1).sum()).graph.values
    whole = {key: stat.whole for key, stat in values.items()}
    assert [0, 2, 4, 6, 8, 10, 12, 14] in whole.values()
    wide = [stat for stat in values.values() if stat.whole is None]
    assert sorted(round(stat.mean, 6) for stat in wide) == [3.0, 4.0]
    assert max(stat.norm for stat in wide) == pytest.approx(math.sqrt(sum(i * i for i in range(9))))


def test_lesson_graph_shows_values_and_gradients():
    a, _, _ = lesson_graph()
    record = viz.record(a)
    forward, backward = viz.draw(record, backward=False).dot, viz.draw(record).dot
    for text in ("22.5", "4.5"):
        assert text in forward and text in backward
    assert "∂ 9.5" in backward and "∂" not in forward
    assert (
        forward.count('class="constant"') == 1
        and forward.count('class="op ') == 3
        and forward.count('class="leaf"') == 2
    )


# ---- what can go wrong


def test_missing_graphviz_names_the_saved_file_and_the_way_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    picture = viz.draw(lesson_graph()[0])
    with pytest.raises(viz.DrawError) as error:
        picture.save(tmp_path / "p.png")
    assert (
        str(tmp_path / "p.dot") in str(error.value) and (tmp_path / "p.dot").read_text(encoding="utf-8") == picture.dot
    )
    for manager in ("apt", "dnf", "brew", "winget", "conda"):
        assert manager in str(error.value)
    assert picture.save(tmp_path / "only.dot").exists()


@pytest.mark.parametrize("backward", [False, True])
def test_without_graphviz_there_is_svg_of_every_graph(backward, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    for name, loss in (("plain", lesson_graph()[0]), ("steps", make("rnn", 2)[0])):
        picture = viz.draw(viz.record(loss) if backward else loss)
        tree = ET.fromstring(picture.save(tmp_path / f"{name}.svg").read_text(encoding="utf-8"))
        ids = {element.get("id") for element in tree.iter()}
        assert {"n0", "n1", "n2", "l0", "e2_0"} <= ids
        assert picture._repr_svg_().startswith("<svg")
        assert picture.save(tmp_path / f"{name}.html").stat().st_size > 30_000


@pytest.mark.skipif(os.name == "nt", reason="the stand-in programs are shell scripts")
@pytest.mark.parametrize(
    "script, words", [("sleep 30", "longer than 0.3 s"), ("echo broken >&2; exit 1", "failed: broken")]
)
def test_a_slow_or_failing_graphviz_is_stopped_and_told(script, words, tmp_path, monkeypatch):
    program = tmp_path / "neato"
    program.write_text(f"#!/bin/sh\n{script.replace('sleep', 'exec sleep')}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(viz.DrawError, match=words):
        render("digraph {}", "svg", seconds=0.3)


def test_a_png_that_is_too_large_is_refused(tmp_path):
    picture = viz.Picture(Scene(boxes=[Box("a", 0, 0, 20_000.0 - 36, 100.0)]))
    with pytest.raises(viz.DrawError, match="40000 pixels.*svg"):
        picture.save(tmp_path / "p.png")


@pytest.mark.parametrize("target", [3.0, "loss", None, [], [1.0]])
def test_what_is_no_tensor_is_refused(target):
    with pytest.raises(TypeError):
        viz.draw(target)


def test_an_unknown_view_is_refused():
    with pytest.raises(ValueError, match="'ops'"):
        viz.draw(lesson_graph()[0], view="sideways")


MISTAKES = [
    ([], "which net"),
    (["transformer"], "no net is called 'transformer'"),
    (["lstm", "--steps", "0"], "at least one step"),
    (["lstm", "--steps", "many"], "many"),
    (["lstm", "--steps", "100000"], "at most"),
    (["rnn", "-o", "picture.gif"], ".svg, .png"),
    (["rnn", "-o", "{file}/x.svg"], "cannot write"),
]


@pytest.mark.parametrize("arguments, words", MISTAKES)
def test_command_line_mistakes_are_one_line(arguments, words, tmp_path, capsys):
    (tmp_path / "file").write_text("not a folder")
    arguments = [a.format(file=tmp_path / "file") for a in arguments]
    try:
        code = main(arguments)
    except SystemExit as stop:
        code = stop.code
    said = capsys.readouterr().err
    assert code == 2 and words in said and said.count("\n") == 1


@pytest.mark.parametrize("suffix, status", [("svg", 0), ("png", 2)])
def test_command_line_without_graphviz_draws_svg_and_says_what_png_needs(suffix, status, tmp_path):
    env = {**os.environ, "PATH": "", "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    out = tmp_path / f"r.{suffix}"
    command = [sys.executable, "-m", "viz", "rnn", "--steps", "2", "--backward", "-o", str(out)]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.returncode == status and "Traceback" not in done.stderr
    assert (tmp_path / "r.dot").exists() and out.exists() == (status == 0)


@needs_dot
def test_command_line_draws(tmp_path, capsys):
    assert main(["gru", "--steps", "2", "--backward", "-o", str(tmp_path / "g.svg")]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "g.svg")
    assert "GRU, 2 steps" in (tmp_path / "g.svg").read_text(encoding="utf-8")
    assert main(["--list"]) == 0
    assert "lstm" in capsys.readouterr().out


def test_only_four_files_of_viz_import_the_engine():
    found = set()
    for path in (ROOT / "viz").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else [node.module]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            if any(name and name.split(".")[0] == "minigrad" for name in names):
                found.add((path.name, *names))
    assert {name for name, *_ in found} <= {"snapshot.py", "expand.py", "zoo.py", "__main__.py"}
    assert [names for name, *names in found if name == "snapshot.py"] == [["minigrad.graph"]]


# ---- words


@pytest.mark.parametrize(
    "value, words",
    [(0, "0"), (22.5, "22"), (9.5, "9.5"), (1, "1"), (0.0333, "0.033"), (1e-7, "1.0e−7"), (123456.0, "1.2e5"),
     (1234.5, "1200"), (-0.5, "−0.5"), (math.nan, "nan"), (-math.inf, "−inf"), (True, "True"), (100, "100")],
)  # fmt: skip
def test_numbers_have_two_significant_digits(value, words):
    assert theme.number(value) == words


def test_short_names_of_parameters_stay_different():
    names = ["a.cell.weight_ih", "a.cell.weight_hh", "b.cell.weight_ih", "out.weight", "rnn.bias_ih_l0", "scale"]
    leaves = [viz.snapshot.Leaf(i, name, (2, 2), "float32", True, True) for i, name in enumerate(names)]
    labels = ["_".join(span.text for span in theme.parameter_label(leaf, leaves)) for leaf in leaves]
    assert len(set(labels)) == len(labels)
    assert labels[1] == "W_hh" and labels[3] == "W_out" and labels[4] == "b_ih" and labels[5] == "scale"


def test_a_given_name_such_as_w_hh_is_set_with_a_subscript():
    leaf = viz.snapshot.Leaf(0, "W_hh", (2, 2), "float32", True, True)
    assert [span.text for span in theme.parameter_label(leaf, [leaf])] == ["W", "hh"]


def test_emphasis_marks_what_a_state_brings_back_from_the_step_after():
    loss, _ = viz.zoo.build("rnn", 4)
    recorded = viz.record(loss)
    plain, marked = viz.draw(recorded).dot, viz.draw(recorded, emphasis="h").dot
    red = [line for line in marked.splitlines() if theme.EMPHASIS in line]
    assert theme.EMPHASIS not in plain
    assert len(red) == 3  # one between each two of the four steps
    assert all("->" in line or "--" in line for line in red)


def test_a_net_with_attention_draws_every_node():
    mg.manual_seed(0)
    net = nn.encoder_decoder(6, 7, 4, 5, cell="gru", attention="dot")
    target = numpy.array([[0], [1], [2]])
    loss = mg.cross_entropy(net(numpy.array([[1], [2], [3]]), target), target[1:])
    dot = viz.draw(loss, view="ops").dot
    for node in capture(loss)[0].nodes:
        assert (f'id="n{node.number}"' in dot) == (node.op not in ("stack", "unstack"))  # those are drawn as wires
