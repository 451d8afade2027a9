"""Trees as pictures: every node and every edge is drawn once, the numbers are those of the tape, the merge plan is that
of the fold, and what is left out is said. And sweeps over an image, one after the other."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
import viz
from minigrad import nn
from minigrad.data import Tree
from minigrad.recurrent import RecursiveWeights, fold, recursive_step
from viz import zoo
from viz.forest import Forest, has_trees
from viz.merges import merge_plan
from viz.snapshot import capture
from viz.theme import number
from viz.treeplan import MOST, TreePlan

ROOT = Path(__file__).resolve().parents[1]
IDS = {word: i for i, word in enumerate("the old cat sat down MAX 2 9 4".split())}
PARSED = Tree.from_brackets("(S (NP the (N old cat)) (VP sat down))").numbered(IDS, inner=False)
LISTS = Tree.from_tokens("[MAX 2 9 [MAX 4 the ] ]".split()).numbered(IDS)
SHARED = Tree([0, 1, None, None, None], [(), (), (0, 1), (1, 0), (2, 3)])
ALONE = Tree([3], [()])


def of(leaves: int) -> Tree:
    return Tree.balanced([i % 9 for i in range(leaves)])


class Reader(nn.Module):
    """A readout and a loss at the roots, or at every node."""

    def __init__(self, net: nn.Module, every: bool = False):
        self.words, self.net, self.every = nn.Embedding(9, 4), net, every
        self.y = nn.Linear(net.hidden_size, 3)

    def forward(self, forest, batched):
        roots, nodes = self.net(forest, self.words.weight, batched)
        scores = self.y(nodes if self.every else roots)
        return mg.cross_entropy(scores, numpy.arange(scores.shape[0]) % 3)


def read(forest, batched=False, net=None, every=False):
    mg.manual_seed(0)
    return Reader(net or nn.RecursiveNet(4, 5), every)(forest, batched)


def by_hand():
    U, V = (nn.Parameter(numpy.eye(4) * 0.5, name=name) for name in "UV")
    states = []
    for i in range(3):
        with mg.scope("node", i):
            states.append(mg.tanh(mg.Tensor(numpy.ones((1, 4)), name="x") @ V))
    for i in (3, 4):
        with mg.scope("node", i):
            states.append(mg.tanh((states[2 * i - 6] + states[2 * i - 5]) @ U))
    return states[-1].sum()


def two_nets():
    net, words = nn.RecursiveNet(4, 5), nn.Embedding(9, 4)
    return (net([of(3)], words.weight, False)[0] * net([PARSED], words.weight, False)[0]).sum()


NETS = {
    "parsed": lambda: read([PARSED]),
    "batch": lambda: read([PARSED, of(6), ALONE], True),
    "one by one": lambda: read([PARSED, of(6), ALONE]),
    "one leaf": lambda: read([ALONE]),
    "inputs inside": lambda: read([LISTS], net=nn.TreeLSTM(4, 5)),
    "inputs inside, batch": lambda: read([LISTS, PARSED], True, nn.TreeLSTM(4, 5)),
    "three children": lambda: read([LISTS], net=nn.TreeLSTM(4, 5, "nary", 3)),
    "every node": lambda: read([PARSED], every=True),
    "every node, batch": lambda: read([PARSED, of(3)], True, every=True),
    "shared": lambda: read([SHARED]),
    "shared, batch": lambda: read([SHARED, of(2)], True),
    "chain": lambda: read([Tree.chain([i % 9 for i in range(60)])]),
    "chains, batch": lambda: read([Tree.chain([i % 9 for i in range(n)]) for n in (40, 9)], True),
    "large": lambda: read([of(200)]),
    "many": lambda: read([of(2 + i % 3) for i in range(30)], True),
    "by hand": by_hand,
    "two nets": two_nets,
}  # fmt: skip
every_net = pytest.mark.parametrize("name", NETS)


def words(spans):
    return "".join(span.text for span in spans)


def check_geometry(scene):
    """Boxes lie apart, wires end on the borders of theirs and pass through none."""
    boxes = {box.id: box for box in scene.boxes if box.kind != "legend"}
    sides = {i: (b.x - b.width / 2, b.y - b.height / 2, b.x + b.width / 2, b.y + b.height / 2)
             for i, b in boxes.items()}  # fmt: skip
    for i, a in sides.items():
        for j, b in sides.items():
            assert i == j or not (a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]), (i, j)
    for wire in scene.wires:
        for (x, y), end in ((wire.points[0], wire.tail), (wire.points[-1], wire.head)):
            x0, y0, x1, y1 = sides[end]
            on_level = min(abs(y - y0), abs(y - y1)) < 1e-6 and x0 <= x <= x1
            assert on_level or (min(abs(x - x0), abs(x - x1)) < 1e-6 and y0 <= y <= y1), wire.id
        others = [side for i, side in sides.items() if i not in (wire.tail, wire.head)]
        for (ax, ay), (bx, by) in pairwise(wire.points):
            for x, y in [(ax + (bx - ax) * s / 50, ay + (by - ay) * s / 50) for s in range(51)]:
                assert not any(x0 < x < x1 and y0 < y < y1 for x0, y0, x1, y1 in others), wire.id


# ---------------------------------------------------------------- what is drawn


@every_net
def test_every_node_is_drawn_once_or_stands_for_one_left_out(name):
    forest = Forest(capture(NETS[name]())[0])
    plan = TreePlan(forest, 40.0, 0)
    held = [n for spot in plan.spots.values() for n in spot.of]
    assert len(held) == len(set(held)) and (plan.rest or len(held) == len(forest.nodes))
    scene = viz.draw(NETS[name]()).scene
    ids = [box.id for box in scene.boxes]
    assert len(ids) == len(set(ids)) and {spot.id for spot in plan.spots.values()} <= set(ids)
    check_geometry(scene)


@pytest.mark.parametrize("batched", [False, True])
def test_every_edge_is_drawn_once(batched):
    forest = [PARSED, LISTS, SHARED]
    scene = viz.draw(read(forest, batched, nn.TreeLSTM(4, 5))).scene
    drawn = [(wire.tail, wire.head) for wire in scene.wires if wire.tail[0] == wire.head[0] == "n"]
    order = sorted((tree.heights[k], t, k) for t, tree in enumerate(forest) for k in range(len(tree)))
    name = {(t, k): f"n{place}" for place, (_, t, k) in enumerate(order)}
    edges = [(name[t, child], name[t, k]) for t, tree in enumerate(forest) for k in range(len(tree))
             for child in tree.children[k]]  # fmt: skip
    assert sorted(drawn) == sorted(edges)


trees = st.recursive(st.integers(0, 8), lambda below: st.lists(below, min_size=1, max_size=3), max_leaves=12)


@given(st.lists(trees, min_size=1, max_size=3), st.booleans())
def test_any_forest_is_drawn(shapes, batched):
    forest = [Tree.from_nested(shape) for shape in shapes]
    loss = read(forest, batched, nn.TreeLSTM(4, 5))
    check_geometry(viz.draw(loss).scene)
    plan = TreePlan(Forest(capture(loss)[0]), 40.0, 0)
    assert sorted(n for spot in plan.spots.values() for n in spot.of) == list(range(sum(map(len, forest))))
    shown = [len(tree.leaves()) for tree in forest]
    assert sum(not plan.nodes[n].below for spot in plan.spots.values() for n in spot.of) == sum(shown)


def test_leaves_stand_at_the_bottom_and_a_node_over_the_mean_of_its_own():
    boxes = {words(box.label): box for box in viz.draw(read([PARSED])).scene.boxes}
    leaves = [boxes[word] for word in ("the", "old", "cat", "sat", "down")]
    assert len({box.y for box in leaves}) == 1
    assert [box.x for box in leaves] == sorted(box.x for box in leaves)
    assert boxes["S"].x == pytest.approx(sum(box.x for box in leaves) / 5)
    assert boxes["N"].x == pytest.approx((boxes["old"].x + boxes["cat"].x) / 2)
    assert boxes["the"].y < boxes["N"].y < boxes["NP"].y < boxes["S"].y < boxes["ŷ, CE"].y
    assert boxes["words"].y < boxes["the"].y


def test_weights_are_named_at_the_wires_they_belong_to():
    scene = viz.draw(read([PARSED])).scene
    names = [words(text.spans) for text in scene.texts if text.kind == "weight"]
    assert sorted(names) == 4 * ["U"] + 5 * ["V"] + 4 * ["W"]
    assert "the same U, V, W, b at every node" in scene.subtitle


def test_what_is_left_out_is_counted():
    boxes = viz.draw(NETS["chain"]()).scene.boxes
    labels = [words(box.label) for box in boxes if box.kind == "node"]
    hidden = [int(label.split()[1]) for label in labels if label.startswith("×")]
    assert sum(hidden) + sum(label.startswith("x") for label in labels) == 60 and len(hidden) == 1
    assert len(labels) < 2 * MOST
    assert "× 24 more trees" in {words(text.spans) for text in viz.draw(NETS["many"]()).scene.texts}
    said = {words(text.spans) for text in viz.draw(NETS["chains, batch"]()).scene.texts}
    assert any("left out" in text for text in said)


# ---------------------------------------------------------------- numbers


def told(scene):
    """(tail, head) -> what the tooltip of the gradient wire says."""
    return {(w.head, w.tail): w.tooltip.rpartition(" ")[2] for w in scene.wires if w.kind == "gradient"}


@pytest.mark.parametrize("batched", [False, True])
@pytest.mark.parametrize("forest", [[PARSED], [PARSED, of(4), ALONE]])
def test_a_number_is_the_norm_of_the_gradient_on_the_tape(forest, batched):
    rng = numpy.random.default_rng(3)
    shapes = {"U": (5, 5), "V": (5, 4), "W": (5, 5), "b": (5,)}
    weights = RecursiveWeights(*[nn.Parameter(rng.standard_normal(s) * 0.5, name=n) for n, s in shapes.items()])
    x = mg.Tensor(rng.standard_normal((9, 4)), requires_grad=True)
    inputs, states = [], []

    def step(given, children):
        states.append(recursive_step(given, children, weights)[0])
        inputs.extend([] if given is None else [given])
        return (states[-1],)

    loss = (fold(step, forest, x, batched).roots[0] ** 2).sum()
    shown = told(viz.draw(viz.record(loss, retain_graph=True)).scene)
    found = mg.grad(loss, [*states, *inputs])
    states, inputs = found[: len(states)], found[len(states) :]

    def rows(gradients):
        return [number(float(numpy.linalg.norm(row)), 3) for g in gradients for row in g.numpy().astype("float64")]

    for place, norm in enumerate(rows(states)):
        assert [text for (tail, head), text in shown.items() if tail == f"n{place}"] == [norm]
    for place, norm in enumerate(rows(inputs)):
        assert shown["t0", f"n{place}"] == norm


def test_a_shared_node_says_about_where_its_parents_are_computed_together():
    alone, together = (viz.draw(viz.record(NETS[name]())).scene for name in ("shared", "shared, batch"))
    assert "≈" not in alone.subtitle and "≈" in together.subtitle
    assert sum("about" in wire.tooltip for wire in together.wires) == 4


def test_rows_are_kept_for_nodes_computed_together():
    graph = viz.record(NETS["batch"]()).graph
    stats = [stat for stat in graph.gradients.values() if stat.rows]
    assert stats
    for stat in stats:
        assert numpy.hypot.reduce(stat.rows) == pytest.approx(stat.norm)
    assert not any(stat.rows for stat in viz.record(NETS["parsed"]()).graph.gradients.values())


def test_a_picture_without_a_backward_pass_says_so():
    assert "backward has not run" in viz.draw(read([PARSED]), backward=True).scene.subtitle


# ---------------------------------------------------------------- the merge plan


def test_the_frame_of_a_call_knows_the_nodes_that_it_computes():
    nodes = mg.history([read([of(2), ALONE], True)])
    calls = {index: index.nodes for node in nodes for name, index in node.scope if name == "node"}
    assert calls == {0: [(0, 0), (0, 1), (1, 0)], 1: [(0, 2)]}
    assert [node.op.name for node in nodes if ("roots", None) in node.scope] == ["take", "concat"]


def test_the_merge_plan_is_that_of_the_fold():
    loss = read([PARSED, of(3)], True)
    plan = merge_plan(TreePlan(Forest(capture(loss)[0]), 40.0, 0))
    assert plan == [
        ["the → 0", "old → 1", "cat → 2", "sat → 3", "down → 4", "x0 → 5", "x1 → 6", "x2 → 7"],
        ["1, 2 → 8", "3, 4 → 9", "5, 6 → 10"],
        ["0, 8 → 11", "10, 7 → 12"],
        ["11, 9 → 13"],
    ]
    scene = viz.draw(loss).scene
    said = [words(text.spans) for text in scene.texts if text.kind in ("merge", "level")]
    assert {merge for level in plan for merge in level} < set(said)
    assert said.count("level 2") == 1 and said.count("3 nodes, one call") == 1
    levels = [panel for panel in scene.panels if panel.kind == "level"]
    rows = {box.id: [p.id for p in levels if p.y0 < box.y < p.y1] for box in scene.boxes if box.kind == "node"}
    assert rows["n0"] == ["level0"] and rows["n9"] == ["level1"] and rows["n13"] == ["level3"]


def test_trees_one_by_one_have_no_bands():
    assert not viz.draw(NETS["one by one"]()).scene.panels


# ---------------------------------------------------------------- words


def test_a_numbered_tree_keeps_its_words():
    assert PARSED.words[PARSED.root] == "S" and PARSED.labels[PARSED.root] is None
    assert [PARSED.words[leaf] for leaf in PARSED.leaves()] == ["the", "old", "cat", "sat", "down"]
    assert of(3).words == of(3).labels


@pytest.mark.parametrize("word", ['<b>"&', "a\\N", "]]>", "naïve", "\x00x", "w" * 40])
def test_words_are_escaped_and_cut_short(word, tmp_path):
    tree = Tree.from_nested((word, "b")).numbered({word: 0, "b": 1})
    picture = viz.draw(viz.record(read([tree])))
    root = ET.fromstring(picture.save(tmp_path / "t.svg").read_text(encoding="utf-8"))
    said = "".join(root.itertext()).replace("\x00", "")
    assert word.replace("\x00", "") in said
    if shutil.which("neato"):
        subprocess.run(["neato", "-n2", "-Tcanon"], input=picture.dot.encode(), check=True, capture_output=True)


# ---------------------------------------------------------------- the choice of view


@pytest.mark.parametrize("view", ["folded", "heat"])
def test_a_tree_has_no_view_over_time(view):
    with pytest.raises(ValueError, match='view="cells"'):
        viz.draw(viz.record(read([PARSED])), view=view)


def test_a_tree_that_reads_another_ones_result_is_drawn_op_by_op():
    net, words = nn.RecursiveNet(4, 4), nn.Embedding(9, 4)
    loss = net([of(2)], net([PARSED, of(3)], words.weight, True)[0], True)[0].sum()
    with pytest.raises(ValueError, match='view="ops"'):
        viz.draw(loss, view="cells")
    assert viz.draw(loss).scene is None  # graphviz lays it out


@pytest.mark.parametrize("inside", [True, False])
def test_trees_beside_time_steps_are_drawn_as_steps(inside):
    net, words, cell, state = nn.RecursiveNet(4, 4), nn.Embedding(9, 4), nn.RNNCell(4, 4), None
    root = net([of(3)], words.weight, False)[0]
    for t in range(3):
        with mg.scope("step", t):
            state = cell(net([of(2)], words.weight, False)[0] if inside else root, state)
    assert not has_trees(capture(state.sum())[0])
    for view in ("auto", "ops", "cells"):
        assert viz.draw(state.sum(), view=view).dot


@pytest.mark.parametrize("name", ["parsed", "batch"])
def test_every_format_is_written(name, tmp_path, monkeypatch):
    picture = viz.draw(viz.record(NETS[name]()))
    if shutil.which("neato"):
        assert picture.save(tmp_path / "t.png").read_bytes().startswith(b"\x89PNG")
    monkeypatch.setattr(shutil, "which", lambda *_: None)
    assert "<svg" in picture.save(tmp_path / "t.svg").read_text(encoding="utf-8")
    assert "<script" in picture.save(tmp_path / "t.html").read_text(encoding="utf-8")


def test_two_processes_write_the_same_bytes():
    program = "import viz; from viz import zoo; print(viz.draw(viz.record(*zoo.build('trees', 4))).dot)"
    outputs = {
        subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": seed},
                       capture_output=True, check=True).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(outputs) == 1 and len(outputs.pop()) > 1000


# ---------------------------------------------------------------- sweeps over an image


@pytest.mark.parametrize("size", [1, 3])
def test_sweeps_are_named_and_one_wire_leads_from_one_to_the_other(size):
    scene = viz.draw(*zoo.build("renet", size, inputs=3, hidden=4), view="cells").scene
    steps = [words(text.spans) for text in scene.texts if text.kind in ("sweep", "step")]
    assert steps[:2] == ["row 1", "vertical sweeps"] and f"column {size}" in steps and "horizontal sweeps" in steps
    labels = [words(box.label) for box in scene.boxes]
    assert all(labels.count(label) == size for label in ("RNN ↓", "↑ RNN", "RNN →", "← RNN"))
    middle = min(panel.x0 for panel in scene.panels[size:])
    at = {box.id: box.x for box in scene.boxes}
    assert sum(at[wire.tail] < middle < at[wire.head] and at[wire.tail] < scene.panels[size - 1].x1
               for wire in scene.wires) == 1  # fmt: skip
