"""The folded view: the recurrent circuit loses nothing of the unrolled graph, equals the textbook's equations, and is
drawn legibly for any number of steps."""

from __future__ import annotations

import functools
import math
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy
import pytest

import minigrad as mg
import viz
from minigrad import nn
from viz import theme
from viz.circuit import Folded, Read
from viz.folded import draw_folded, fold, rms, unfold
from viz.snapshot import Ref, Stat, capture

from .viz_nets import NETS, make

ROOT = Path(__file__).resolve().parents[1]


def unrolled(cell, steps, **options):
    """A cell over random inputs, and a loss that reads the last output in the last step."""
    rng = numpy.random.default_rng(0)
    xs = [mg.Tensor(rng.standard_normal((2, cell.input_size)), name="x") for _ in range(steps)]
    ys, _ = nn.unroll(cell, xs, cell.initial(2), **options)
    with mg.scope("step", steps - 1):
        return ys[-1].sum()


def by_hand(steps):
    """A cell nobody foresaw: a minimal gated unit, a list of embedded inputs made before, a total that starts at 0."""
    rng = numpy.random.default_rng(0)
    w, u, v = (mg.Tensor(rng.standard_normal((4, 4)), requires_grad=True, name=name) for name in ("W", "U", "V"))
    xs = [mg.tanh(mg.Tensor(rng.standard_normal((2, 4)), name="x")) for _ in range(steps)]
    h, total = mg.Tensor(numpy.zeros((2, 4)), requires_grad=True, name="h"), 0
    for t, x in enumerate(xs):
        with mg.scope("step", t):
            f = mg.sigmoid(x @ w + h @ u).named("f")
            h = ((1 - f) * h + f * mg.tanh(x @ v)).named("h")
            total = total + (h * h).sum()
    return total


def masked(steps):
    layer = nn.LSTM(5, 4, bidirectional=True)
    ys, _ = layer(mg.Tensor(numpy.ones((steps, 2, 5))), lengths=[steps, 1])
    return (ys * ys).sum()


VARIANTS = {
    "peepholes": lambda steps: unrolled(nn.LSTMCell(5, 6, peepholes=True), steps),
    "layer norm": lambda steps: unrolled(nn.LSTMCell(5, 6, layer_norm=True), steps),
    "projection": lambda steps: unrolled(nn.LSTMCell(5, 6, proj_size=4), steps),
    "jordan": lambda steps: unrolled(nn.JordanCell(5, 6, 4, feedback="both"), steps),
    "zoneout": lambda steps: unrolled(nn.ZoneoutCell(nn.RNNCell(5, 6)), steps),
    "skip": lambda steps: unrolled(nn.SkipCell(nn.RNNCell(11, 6), 3), steps),
    "clockwork": lambda steps: unrolled(nn.ClockworkCell(5, 6, [1, 2]), steps),
    "truncated gru": lambda steps: unrolled(nn.GRUCell(5, 6), steps, truncate=2),
    "reverse": lambda steps: unrolled(nn.RNNCell(5, 6), steps, reverse=True),
    "masked": masked,
    "by hand": by_hand,
}
ALL = {**{name: (lambda steps, name=name: make(name, steps)[0]) for name in NETS}, **VARIANTS}


@functools.cache
def graph_of(name, steps=4, backward=False):
    mg.manual_seed(0)
    loss = ALL[name](steps)
    return viz.record(loss).graph if backward else capture(loss)[0]


@functools.cache
def scene_of(name, steps=4, backward=False):
    return draw_folded(graph_of(name, steps, backward), backward, None, None).scene


def words(scene, kind=None):
    return {"".join(span.text for span in text.spans) for text in scene.texts if kind is None or text.kind == kind}


# ---- nothing is lost


@pytest.mark.parametrize("steps", [1, 2, 3, 7])
@pytest.mark.parametrize("name", ALL)
def test_unfolding_gives_the_recorded_graph_back(name, steps):
    graph = graph_of(name, steps)
    folded = fold(graph)
    assert unfold(folded) == graph.nodes
    stood_for = [n for op in folded.ops.values() for n in op.nodes.values()]
    assert sorted([*stood_for, *(node.number for node in folded.outside)]) == list(range(len(graph.nodes)))


@pytest.mark.parametrize("name", ALL)
def test_a_longer_net_folds_to_the_same_circuit_and_has_no_more_exceptions(name):
    def folded(steps):
        graph = graph_of(name, steps)
        cuts = {node.number for node in graph.nodes if node.op == "cut"}
        circuit = fold(graph)
        odd = [n for n in circuit.exceptions.values() if not any(ref.number in cuts for ref in n.inputs)]
        return equations(circuit, graph), len(odd), len(circuit.outside) - len(cuts)

    assert folded(9) == folded(15)


def test_a_changed_circuit_unfolds_to_another_graph():
    graph = graph_of("rnn")
    folded = fold(graph)
    op = next(op for op in folded.ops.values() if any(read.delay for read in op.reads))
    folded.ops[op.role] = replace(op, node=replace(op.node, op="matmul"))
    assert unfold(folded) != graph.nodes


# ---- the textbook's equations


def equations(folded, graph):
    """`h = tanh(add(linear(x, W), linear(h[t-1], U)))`: each named value of the circuit by others, and what is read by
    nothing in the step."""

    def word(read):
        ref = read.ref
        if read.role in folded.inputs:
            return "x"
        if read.role is None:
            leaf = graph.leaves[ref.number] if ref.kind == "leaf" else None
            return str(leaf.name) if leaf else str(ref.value) if ref.kind == "scalar" else ref.kind
        op = folded.ops[read.role]
        piece = f".{ref.index}" if len(op.node.outputs) > 1 else ""
        if read.delay:
            return f"{op.name or op.op}{piece}[t{-read.delay:+d}]"
        return (op.name or call(op)) + piece

    def call(op):
        return f"{op.op}({', '.join(map(word, op.reads))})"

    inner = {read.role for op in folded.ops.values() for read in op.reads if not read.delay}
    named = [f"{op.name} = {call(op)}" for op in folded.ops.values() if op.name]
    return named + [call(op) for op in folded.ops.values() if not op.name and op.role not in inner]


def circuit(cell, **options):
    names = {"weight_ih": "W", "weight_hh": "U", "weight_hr": "P", "peephole": "p"}
    for name, parameter in cell.named_parameters():
        parameter.name = names[name]
    graph, _ = capture(unrolled(cell, 5, **options))
    return [line for line in equations(fold(graph), graph) if not line.startswith("sum(")]


A = "add(linear(x, W), linear(h[t-1], U))"
TEXTBOOK = {
    "Elman 1990": (lambda: nn.RNNCell(5, 6, bias=False), [f"h = tanh({A})"]),
    "Hochreiter and Schmidhuber 1997, Gers 2000": (
        lambda: nn.LSTMCell(5, 6, bias=False),
        [
            f"i = sigmoid(split({A}).0)", f"f = sigmoid(split({A}).1)", f"g = tanh(split({A}).2)",
            f"o = sigmoid(split({A}).3)", "c = add(mul(f, c[t-1]), mul(i, g))", "h = mul(o, tanh(c))",
        ],
    ),
    "Cho et al. 2014": (
        lambda: nn.GRUCell(5, 6, bias=False),
        [
            "r = sigmoid(add(split(linear(x, W)).0, split(linear(h[t-1], U)).0))",
            "z = sigmoid(add(split(linear(x, W)).1, split(linear(h[t-1], U)).1))",
            "n = tanh(add(split(linear(x, W)).2, mul(r, split(linear(h[t-1], U)).2)))",
            "h = add(mul(sub(1, z), n), mul(z, h[t-1]))",
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("paper", TEXTBOOK)
def test_the_circuit_is_the_equations_of_the_paper(paper):
    cell, lines = TEXTBOOK[paper]
    assert sorted(circuit(cell())) == sorted(lines)


def test_the_two_directions_wait_for_opposite_neighbours():
    layer = nn.RNN(5, 6, bidirectional=True, bias=False)
    graph, _ = capture(layer(mg.Tensor(numpy.ones((4, 2, 5))))[0].sum(), layer)
    assert equations(fold(graph), graph) == [
        "h = tanh(add(linear(x, weight_ih_l0), linear(h[t-1], weight_hh_l0)))",
        "h = tanh(add(linear(x, weight_ih_l0_reverse), linear(h[t+1], weight_hh_l0_reverse)))",
        "concat(h, h)",
    ]


def test_a_connection_over_three_steps_is_a_delay_of_three():
    delays = {read.delay for op in fold(graph_of("skip", 12)).ops.values() for read in op.reads}
    assert delays == {0, 1, 3}


def test_folded_says_what_is_shared_and_where_the_state_begins():
    graph = graph_of("lstm", 5)
    folded = fold(graph)
    assert isinstance(folded, Folded) and len(folded.steps) == 5
    names = {graph.leaves[number].name for number in folded.parameters}
    assert names >= {"cell.weight_ih", "cell.weight_hh", "y.weight"} or len(names) == len(folded.parameters) == 6
    begun = {graph.leaves[source[1]].name for source in folded.first.values()}
    assert begun == {"h", "c"}
    (inputs,) = folded.inputs.values()
    assert len(inputs) == 5
    assert all(isinstance(read, Read) and isinstance(read.ref, Ref) for _, _, read in folded.edges())


# ---- legible


@pytest.mark.parametrize(
    "name, steps",
    [("rnn", 1), ("rnn", 3), ("lstm", 4), ("two layers", 4), ("two directions", 4), ("truncated", 7),
     ("two steps back", 7)],
)  # fmt: skip
def test_boxes_stand_apart_and_wires_run_clear_of_them_and_of_each_other(name, steps):
    assert_legible(scene_of(name, steps))


def assert_legible(scene):
    ids = [thing.id for things in (scene.boxes, scene.texts, scene.wires, scene.panels) for thing in things]
    assert len(ids) == len(set(ids))
    boxes = {box.id: box for box in scene.boxes}
    solid = [box for box in scene.boxes if box.shape != "dot" and box.kind != "cut"]
    for i, a in enumerate(solid):
        for b in solid[i + 1 :]:
            assert abs(a.x - b.x) >= (a.width + b.width) / 2 or abs(a.y - b.y) >= (a.height + b.height) / 2, (a, b)
    segments = []
    for wire in scene.wires:
        for end, name in ((0, wire.tail), (-1, wire.head)):
            assert touches(boxes[name], wire.points[end]), (wire, boxes[name])
        for (x0, y0), (x1, y1) in zip(wire.points, wire.points[1:]):
            assert x0 == x1 or y0 == y1
            segments.append((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
            assert not any(crosses(segments[-1], box) for box in solid), wire
    for i, a in enumerate(segments):
        for b in segments[i + 1 :]:
            level = a[1] == a[3] == b[1] == b[3] and min(a[2], b[2]) > max(a[0], b[0])
            upright = a[0] == a[2] == b[0] == b[2] and min(a[3], b[3]) > max(a[1], b[1])
            assert not level and not upright, (a, b)


def touches(box, point):
    dx, dy = abs(point[0] - box.x), abs(point[1] - box.y)
    if box.shape == "dot":
        return dx + dy < 1e-6
    across, up = box.width / 2, box.height / 2
    return math.isclose(dx, across) and dy <= up or math.isclose(dy, up) and dx <= across


def crosses(segment, box):
    x0, y0, x1, y1 = segment
    across, up = box.width / 2 - 1e-6, box.height / 2 - 1e-6
    return x0 < box.x + across and x1 > box.x - across and y0 < box.y + up and y1 > box.y - up


@pytest.mark.parametrize("name", ["rnn", "lstm", "two layers", "two directions"])
def test_every_role_every_parameter_and_every_argument_is_drawn_once(name):
    graph, scene = graph_of(name), scene_of(name)
    folded = fold(graph)
    ids = [box.id for box in scene.boxes]
    assert [i for i in ids if i[0] == "r"] == [f"r{role}" for role in (*folded.ops, *folded.inputs)]
    assert {f"l{number}" for number in folded.parameters} <= set(ids)
    wires = [wire.id for wire in scene.wires]
    for role, position, _ in folded.edges():
        assert wires.count(f"r{role}_{position}") == 1
    delays = {(r.role, r.ref.index, r.delay) for op in folded.ops.values() for r in op.reads if r.delay}
    assert len([box for box in scene.boxes if box.kind == "delay"]) == len(delays)


def test_the_step_is_the_column_of_the_unrolled_picture():
    graph = graph_of("lstm")
    folded, scene = fold(graph), scene_of("lstm")
    unrolled_scene = viz.views.draw_ops(graph, False, None, None).scene
    there = {box.id: box for box in unrolled_scene.boxes}
    shifts = set()
    for box in scene.boxes:
        if box.id[0] == "r" and int(box.id[1:]) in folded.ops:
            same = there[f"n{folded.ops[int(box.id[1:])].nodes[2]}"]
            shifts.add((round(box.x - same.x, 6), box.y - same.y))
            assert (box.label, box.fill, box.width) == (same.label, same.fill, same.width)
    assert len(shifts) == 1


def test_names_have_no_number_and_the_corner_says_how_often():
    found = words(scene_of("lstm", 30)) | {"".join(s.text for s in b.label) for b in scene_of("lstm", 30).boxes}
    assert {"× 30 steps", "h t".replace(" ", ""), "ct", "ft", "xt", "ht−1", "ct−1", "t−1", "h0", "c0"} <= found
    assert not {"h1", "f2", "x3", "t = 1"} & found
    assert "× 1 step" in words(scene_of("rnn", 1))


def test_a_delay_is_a_black_square_that_says_how_long():
    squares = [box for box in scene_of("two steps back", 7).boxes if box.kind == "delay"]
    assert all(box.fill == theme.INK and box.width == box.height and box.shape == "patch" for box in squares)
    assert {"t−1", "t−2"} <= words(scene_of("two steps back", 7))
    assert {"ht−1", "ht+1"} <= words(scene_of("two directions"))


def test_wires_of_a_state_have_its_colour_all_the_way():
    colors = {}
    for wire in scene_of("lstm").wires:
        for end in (wire.tail, wire.head):
            if end[0] == "d":
                colors.setdefault(end, set()).add(wire.color)
    assert sorted(map(sorted, colors.values())) == sorted([[theme.WIRE], [theme.CELL], [theme.HIDDEN]])


# ---- steps that differ


def test_what_some_steps_do_otherwise_is_said():
    assert "first step reads h0, c0" in words(scene_of("lstm"), "note")
    assert "no L (+) at t = 1" in words(scene_of("lstm"), "note")
    assert "last step reads h5" in words(scene_of("two directions"), "note")
    assert "every t" in words(scene_of("two layers"))
    scene = scene_of("truncated", 7)
    assert "detached before t = 3, 5, 7: no gradient passes" in words(scene, "note")
    assert "@, +, L (CE) only at t = 7" in words(scene, "note")
    assert [box.tooltip for box in scene.boxes if box.kind == "cut"] == ["before t = 3, 5, 7"]


def test_tooltips_tell_for_which_nodes_an_element_stands():
    graph = graph_of("rnn", 30)
    (tanh,) = [op for op in fold(graph).ops.values() if op.op == "tanh"]
    (box,) = [box for box in scene_of("rnn", 30).boxes if box.id == f"r{tanh.role}"]
    numbers = list(tanh.nodes.values())
    assert f"t = 1 .. 30: n{numbers[0]}, n{numbers[1]}, n{numbers[2]}, …" in box.tooltip
    (delay,) = [box for box in scene_of("rnn", 30).boxes if box.kind == "delay" and "h of 1 step before" in box.tooltip]
    assert "read at t = 2 .. 30" in delay.tooltip


def test_an_op_written_outside_for_every_step_belongs_to_the_step():
    folded = fold(graph_of("sum outside", 40))
    assert not folded.outside and len(folded.ops) == 10
    assert len(scene_of("sum outside", 40).boxes) < 40


# ---- backward


def test_colour_is_the_root_mean_square_over_the_steps():
    graph = graph_of("rnn", 5, True)
    folded = fold(graph)
    (tanh,) = [op for op in folded.ops.values() if op.op == "tanh"]
    norms = [graph.gradients["node", n, 0].norm for n in tanh.nodes.values()]
    mean = math.sqrt(sum(n * n for n in norms) / 5)
    scene = scene_of("rnn", 5, True)
    (box,) = [box for box in scene.boxes if box.id == f"r{tanh.role}"]
    low, high = theme.number(min(norms), 3), theme.number(max(norms), 3)
    assert f"gradient: RMS {theme.number(mean, 3)} over 5 steps ({low} .. {high})" in box.tooltip
    assert theme.number(mean) in words(scene, "norm")


def test_a_gradient_that_arrives_in_some_steps_says_so_and_none_is_not_zero():
    graph = graph_of("truncated", 7, True)
    folded = fold(graph)
    tips = {box.id: box.tooltip for box in scene_of("truncated", 7, True).boxes}
    (tanh,) = [op for op in folded.ops.values() if op.op == "tanh"]
    assert "over 1 of 7 steps" in tips[f"r{tanh.role}"]
    graph = replace(graph, gradients={}, contributions={})
    picture = draw_folded(graph, True, None, None)
    assert "no gradient arrives" in words(picture.scene)
    assert all(box.dashed for box in picture.scene.boxes if box.kind.startswith("op "))


@pytest.mark.parametrize("norm", [0.0, math.inf, math.nan, 1e-300, 1e300])
def test_odd_gradients_are_drawn(norm):
    graph = graph_of("rnn", 3, True)
    odd = replace(graph, gradients={key: Stat(norm, 0.0, 0.0) for key in graph.gradients})
    scene = draw_folded(odd, True, None, None).scene
    assert all(wire.color.startswith("#") for wire in scene.wires)


def test_rms_neither_overflows_nor_vanishes():
    assert rms([3.0, 4.0]) == pytest.approx(math.sqrt(12.5))
    assert rms([1e200, 1e200]) == pytest.approx(1e200) and rms([1e-200, 1e-200]) == pytest.approx(1e-200)
    assert rms([0.0, 0.0]) == 0 and rms([1.0, math.inf]) == math.inf and math.isnan(rms([math.nan, 1.0]))


def test_backward_has_the_places_of_forward_and_turned_arrows():
    def boxes(scene):
        return {(b.id, b.x, b.y) for b in scene.boxes if b.kind != "legend" and b.shape != "dot"}

    forward, backward = scene_of("lstm"), scene_of("lstm", 4, True)
    assert boxes(forward) == boxes(backward)
    assert {wire.arrow for wire in forward.wires} == {"head", "none"}
    assert {wire.arrow for wire in backward.wires} == {"tail", "none"}


def test_before_a_backward_pass_the_picture_says_so():
    scene = draw_folded(graph_of("rnn"), True, None, None).scene
    assert "backward has not run" in scene.subtitle


# ---- refusals, files


def test_a_graph_without_steps_or_with_attention_is_refused():
    x = mg.Tensor(2.0, requires_grad=True)
    with pytest.raises(ValueError, match="folded: no time steps in this graph"):
        draw_folded(capture(x * x)[0], False, None, None)
    keys = nn.RNN(3, 3, bias=False).steps(mg.Tensor(numpy.ones((3, 1, 3))))[0]
    h, memory = keys[-1], mg.stack(keys)
    for t in range(3):
        with mg.scope("step", t):
            h = mg.tanh(h + memory.mean(axis=0))
    with pytest.raises(ValueError, match="folded: a step reads what all steps made"):
        draw_folded(capture(h.sum())[0], False, None, None)


def test_svg_is_well_formed_and_text_is_escaped():
    graph = graph_of("rnn")
    picture = draw_folded(graph, False, 'a <b> & "c"', "")
    assert ET.fromstring(picture.svg()).tag.endswith("svg") and "<b>" not in picture.svg()


def test_two_processes_write_the_same_bytes():
    code = (
        "from tests.test_viz_folded import graph_of; from viz.folded import draw_folded; "
        "print(draw_folded(graph_of('rnn'), False, None, None).dot)"
    )
    found = set()
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
        done = subprocess.run([sys.executable, "-c", code], env=env, cwd=ROOT, capture_output=True, check=True)
        found.add(done.stdout)
    assert len(found) == 1 and b"digraph" in found.pop()


def test_ids_do_not_depend_on_the_number_of_steps():
    def ids(steps):
        scene = scene_of("lstm", steps)
        return [thing.id for things in (scene.boxes, scene.wires) for thing in things if thing.id[0] in "rd"]

    assert ids(4) == ids(30)
