"""Nets one after the other, side by side in one picture: nothing is lost by taking the graph apart, and every value
that is handed on is one wire from the one net to the next."""

from __future__ import annotations

import functools
import math

import numpy
import pytest

import minigrad as mg
import viz
from minigrad import nn
from viz import theme, zoo
from viz.abreast import _link
from viz.circuit import fold, unfold
from viz.scene import Box, Scene, Wire
from viz.snapshot import OpNode, capture
from viz.split import name_of, rejoined, split

from .test_viz_folded import assert_legible, words

KINDS = ("node", "leaf")


class Row(nn.Module):
    """Layers, each of which begins with the last state of the one before."""

    def __init__(self):
        self.a, self.b, self.c = (nn.RNN(4, 4) for _ in range(3))

    def forward(self, x):
        return self.c(x, self.b(x, self.a(x)[1])[1])[1]


def sequence(steps):
    return mg.Tensor(numpy.random.default_rng(0).standard_normal((steps, 2, 4)), name="x")


def translator(steps, source=None, **options):
    rng = numpy.random.default_rng(0)
    net = nn.encoder_decoder(5, 5, 3, 4, **options)
    target = rng.integers(0, 5, (steps + 1, 2))
    return mg.cross_entropy(net(rng.integers(0, 5, (source or steps, 2)), target), target[1:])


NETS = {
    **{
        name: (lambda steps, name=name: zoo.build(name, steps)[0]) for name in ("encoder-decoder", "attention", "renet")
    },
    "two layers": lambda steps: translator(steps, cell="lstm", num_layers=2),
    "both ways": lambda steps: translator(steps, cell="lstm", bidirectional=True, attention="additive"),
    "every step": lambda steps: translator(steps, cell="gru", context=("state", "every")),
    "longer source": lambda steps: translator(steps, steps + 2, cell="rnn", attention="general"),
    "three": lambda steps: Row()(sequence(steps)).sum(),
}


@functools.cache
def loss_of(name, steps):
    mg.manual_seed(0)
    return NETS[name](steps)


def scene_of(name, steps, view, backward=False):
    loss = loss_of(name, steps)
    return viz.draw(viz.record(loss, retain_graph=True) if backward else loss, view=view).scene


# ---- nothing is lost


@pytest.mark.parametrize("steps", [1, 2, 5])
@pytest.mark.parametrize("name", NETS)
def test_parts_fold_unfold_and_join_to_the_recorded_graph(name, steps):
    graph = capture(loss_of(name, steps))[0]
    parts = split(graph)
    assert len(parts) == (3 if name == "three" else 2)
    assert rejoined([unfold(fold(part)) for part in parts]) == graph.nodes


@pytest.mark.parametrize("name", NETS)
def test_longer_nets_fold_to_the_same_circuits(name):
    def circuits(steps):
        folded = [fold(part) for part in split(capture(loss_of(name, steps))[0])]
        return [([(op.op, op.name, len(op.reads)) for op in f.ops.values()], len(f.exceptions)) for f in folded]

    assert circuits(5) == circuits(7)


@pytest.mark.parametrize("name", NETS)
def test_every_op_has_a_box_and_every_argument_a_wire(name):
    graph, scene = capture(loss_of(name, 3))[0], scene_of(name, 3, "ops")
    drawn, boxes = [wire.id for wire in scene.wires], [box.id for box in scene.boxes]
    assert len(set(boxes)) == len(boxes) and len(set(drawn)) == len(drawn)
    missing = [node for node in graph.nodes if f"n{node.number}" not in boxes]
    assert {node.op for node in missing} <= {"stack", "unstack"}  # those are drawn as wires
    handed = range(len(graph.nodes), len(split(graph)[0].nodes))
    edges = {(n.number, i) for n in graph.nodes if n not in missing for i, r in enumerate(n.inputs) if r.kind in KINDS}
    assert {f"e{number}_{position}" for number, position in [*edges, *((n, 0) for n in handed)]} <= set(drawn)


# ---- legible


@pytest.mark.parametrize("view", ["folded", "ops"])
@pytest.mark.parametrize(
    "name, steps", [("attention", 1), ("attention", 3), ("both ways", 3), ("every step", 2), ("renet", 2), ("three", 2)]
)
def test_boxes_stand_apart_and_wires_run_clear(name, steps, view):
    assert_legible(scene_of(name, steps, view))


@pytest.mark.parametrize("view", ["folded", "ops"])
def test_backward_has_the_places_of_forward(view):
    def boxes(backward):
        scene = scene_of("attention", 2, view, backward)
        return {(b.id, b.x, b.y) for b in scene.boxes if b.kind != "legend"}

    assert boxes(False) == boxes(True)


def test_every_net_has_its_name_its_steps_and_its_delay():
    scene = scene_of("longer source", 3, "folded")
    assert {"encoder × 5 steps", "decoder × 3 steps", "all h of the encoder"} <= words(scene)
    assert len([box for box in scene.boxes if box.kind == "delay"]) == 2


def test_the_last_state_of_the_encoder_is_the_first_of_the_decoder():
    scene = scene_of("encoder-decoder", 3, "folded")
    (box,) = [box for box in scene.boxes if "".join(span.text for span in box.label) == "h3"]
    (wire,) = [wire for wire in scene.wires if wire.head == box.id]
    (onward,) = [wire for wire in scene.wires if wire.tail == box.id]
    assert wire.tail != box.id and wire.color == onward.color == theme.HIDDEN and onward.arrow == "none"
    assert "first step reads h3" in words(scene, "note")


def test_what_comes_back_to_a_state_is_the_sum_over_its_readers():
    loss = loss_of("encoder-decoder", 2)
    graph = viz.record(loss, retain_graph=True).graph
    encoder, decoder = split(graph)
    (state,) = encoder.nodes[len(graph.nodes) :]
    (source,) = state.inputs
    whole = graph.gradients["node", source.number, source.index].norm
    assert math.isclose(decoder.gradients["node", state.number, 0].norm, whole)
    assert [name_of(part, [encoder, decoder]) for part in (encoder, decoder)] == ["encoder", "decoder"]


def test_a_value_without_a_name_that_leaves_in_two_wires_has_a_dot_where_they_part():
    scene = Scene(boxes=[Box("n9", 0, 0, 54, 32), Box("n9", 300, 0, 54, 32, kind="handed")])
    scene.wires = [Wire("e9_0", "n1", "n9", [(-90, 0), (-27, 0)])]
    scene.wires += [Wire(f"e{i}_0", "n9", f"n{i}", [(300, 16 * i), (300, 90 * i)]) for i in (1, -1)]
    _link(scene, OpNode(9, "handed", (), (), ()), [(100, 0), (300, 0)], False, "encoder")
    (dot,) = scene.boxes
    assert (dot.shape, dot.x) == ("dot", 300) and scene.wires[0].points == [(-90, 0), (300, 0)]
    assert [wire.points for wire in scene.wires[1:]] == [[(300, 0), (300, 90)], [(300, 0), (300, -90)]]


# ---- no chain


def side_by_side():
    class Two(nn.Module):
        def __init__(self):
            self.a, self.b = nn.RNN(4, 4), nn.RNN(4, 4)

        def forward(self, x):
            return self.a(x)[1].sum() + self.b(x)[1].sum()

    return Two()(sequence(3))


def test_nets_side_by_side_are_no_chain():
    loss = side_by_side()
    assert split(capture(loss)[0]) == []
    with pytest.raises(ValueError, match='folded: the nets here are no chain .* view="cells"'):
        viz.draw(loss, view="folded")
    assert {f"t = {t}" for t in range(1, 7)} <= words(viz.draw(loss, view="ops").scene)
