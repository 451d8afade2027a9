"""Attention in the cells view: a line for each source position and target step, its weight and its gradient, for every
kind of attention, with padding and without; and room for the numbers in every picture."""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import replace

import numpy
import pytest

import minigrad as mg
import viz
from minigrad import nn
from viz import theme, zoo
from viz.apart import in_a_row, nets_of
from viz.contract import Contraction
from viz.fan import LEAST
from viz.lattice import Lattice
from viz.room import area_of
from viz.snapshot import capture

from .test_viz_views import words

KINDS = [(kind, attend) for kind in ("additive", "dot", "general", "scaled") for attend in ("before", "after")]


@functools.cache
def translator(kind="additive", attend="before", source=4, lengths=None, forced=1.0, batch=2, **options):
    mg.manual_seed(0)
    net = nn.encoder_decoder(6, 7, 4, 5, cell="gru", attention=kind, attend=attend, **options)
    for parameter in net.parameters():
        parameter.data = 3 * parameter.data  # so that attention does not look everywhere alike
    rng = numpy.random.default_rng(0)
    ids, target = rng.integers(1, 6, (source, batch)), rng.integers(1, 7, (4, batch))
    weights = net.align(ids, target, lengths).data
    scores = net(ids, target, lengths, teacher_forcing=forced, rng=rng)
    return mg.cross_entropy(scores, target[1:]), mg.backend.to_host(weights)


@functools.cache
def recorded(*how, **options):
    return viz.record(translator(*how, **options)[0], retain_graph=True)


def rays(scene):
    return [wire for wire in scene.wires if wire.kind == "attention"]


def drawn(**options):
    return viz.draw(translator(**options)[0], view="cells").scene


# ---- weights


@pytest.mark.parametrize("kind, attend", KINDS)
def test_a_line_for_each_position_and_step_is_as_wide_as_the_weight(kind, attend):
    loss, weights = translator(kind, attend)
    scene = viz.draw(loss, view="cells").scene
    heads = sorted({ray.head for ray in rays(scene)}, key=lambda name: int(name.split("_")[1]))
    assert len(heads) == 3
    found = {(heads.index(ray.head), int(ray.id.split("_")[1])): ray for ray in rays(scene)}
    for t, s in itertools.product(range(3), range(4)):
        weight = float(weights[t, 0, s])
        assert ((t, s) in found) == (weight >= LEAST)
        if weight >= LEAST:
            assert found[t, s].tooltip == f"position {s + 1}: weight {theme.number(weight, 3)}"
    wide = sorted(found, key=lambda place: weights[place[0], 0, place[1]])
    assert [found[place].width for place in wide] == sorted(ray.width for ray in found.values())


def test_lines_run_from_the_position_to_the_step_and_other_wires_leave_them_room():
    scene = drawn()
    boxes = {box.id: box for box in scene.boxes}
    steps = [box.x for box in scene.boxes if words(box.label) == "encoder"]
    for ray in rays(scene):
        (x0, y0), (x1, y1) = ray.points
        tail, head = boxes[ray.tail], boxes[ray.head]
        assert words(tail.label) == "keys and values" and words(head.label) == "attention"
        assert y0 == tail.y + tail.height / 2 < head.y - head.height / 2 == y1
        assert any(math.isclose(x0, x) for x in steps) and abs(x1 - head.x) < head.width / 2
        between = [box for box in scene.boxes if y0 < box.y + box.height / 2 and box.y - box.height / 2 < y1]
        assert not between
    assert not [wire for wire in scene.wires if {wire.tail, wire.head} & {ray.tail for ray in rays(scene)}
                and wire.kind == "edge" and words(boxes[wire.head].label) == "attention"]  # fmt: skip


def test_padding_has_no_line_and_says_so():
    scene = drawn(lengths=(3, 4))
    assert {int(ray.id.split("_")[1]) for ray in rays(scene)} <= {0, 1, 2}
    said = [text for text in scene.texts if words(text.spans) == "padding"]
    (last,) = [text.x for text in scene.texts if words(text.spans) == "t = 4"]
    assert len(said) == 1 and said[0].x > last
    assert "first sequence" in scene.subtitle and "first sequence" not in drawn(batch=1).subtitle


def test_the_largest_weight_of_each_step_is_written():
    loss, weights = translator()
    scene = viz.draw(loss, view="cells").scene
    told = [words(text.spans) for text in scene.texts if text.id.endswith("weight")]
    assert sorted(told) == sorted(theme.number(float(row.max())) for row in weights[:, 0])
    assert not [text for text in drawn(source=8).texts if text.id.endswith("weight")]


def test_steps_left_out_have_all_of_their_weight():
    loss, weights = translator(source=15)
    scene = viz.draw(loss, view="cells").scene
    told = [ray.tooltip for ray in rays(scene) if "positions 4 to 13" in ray.tooltip]
    assert sorted(told) == sorted(
        f"positions 4 to 13: weight {theme.number(float(row[3:13].sum()), 3)}" for row in weights[:, 0]
    )


def test_weights_that_were_freed_are_unknown():
    loss = translator(batch=3)[0]
    loss.backward()
    scene = viz.draw(loss, view="cells").scene
    assert "weights unknown" in scene.subtitle and len(rays(scene)) == 12
    assert {ray.tooltip for ray in rays(scene)} >= {"position 1: weight unknown"}


def test_a_module_called_by_a_decoder_of_ones_own_is_attention_too():
    mg.manual_seed(0)
    attention, cell = nn.Attention("dot", 5, 5), nn.RNNCell(5, 5)
    with mg.scope("encoder"):
        keys, _ = nn.RNN(3, 5).steps(mg.Tensor(numpy.random.default_rng(0).standard_normal((4, 2, 3))))
    memory, state = mg.stack(keys), keys[-1]
    with mg.scope("decoder"):
        for t in range(3):
            with mg.scope("step", t):
                state = cell(attention(state, memory)[0], state)
    record = viz.record(state.sum())
    scene = viz.draw(record, view="cells").scene
    assert len(rays(scene)) == 12 and all("gradient: norm" in ray.tooltip for ray in rays(scene))
    for group, stat in record.graph.joined.items():
        record.graph.joined[group] = replace(stat, rows=())
    scene = viz.draw(record, view="cells").scene
    assert all("not known for each position" in ray.tooltip for ray in rays(scene))


# ---- gradients


@pytest.mark.parametrize("kind, attend", KINDS[::3])
def test_a_line_is_coloured_by_the_gradient_that_comes_back_to_its_position(kind, attend):
    c = Contraction(recorded(kind, attend).graph)
    looks = [link for link in c.links if c.alignment(link) is not None]
    assert len(looks) == 3
    for link in looks:
        assert math.hypot(*c.reach(link)) == pytest.approx(c.gradient(link)[0], rel=1e-5)
    scene = viz.draw(recorded(kind, attend), view="cells").scene
    assert all("gradient: norm" in ray.tooltip for ray in rays(scene))
    assert len({ray.color for ray in rays(scene)}) > 1


@pytest.mark.parametrize("kind", ["additive", "dot"])
def test_the_gradient_of_a_position_is_that_of_its_keys_and_values(kind):
    loss = translator(kind, batch=4)[0]
    c, (_, numbers), sent = Contraction(recorded(kind, batch=4).graph), capture(loss), {}

    def watch(node, incoming, contributions):
        for i, g in enumerate(contributions):
            if g is not None:
                sent[numbers.nodes[node], i] = mg.backend.to_host(g).astype("float64")

    loss.backward(retain_graph=True, watch=watch)
    for link in c.links:
        if c.alignment(link) is not None:
            sums = [sum(sent[edge] for edge in edges if edge in sent) for edges in link.edges.values()]
            truth = numpy.sqrt(sum((g**2).sum(axis=(0, 2)) for g in sums))
            assert c.reach(link) == pytest.approx(truth, rel=1e-5) and len(truth) == 4


# ---- which view, and time


@pytest.mark.parametrize("steps", [2, 4, 13])
@pytest.mark.parametrize("backward", [False, True])
def test_attention_is_drawn_in_cells_at_any_length(steps, backward):
    loss, model = zoo.build("attention", steps)
    scene = viz.draw(viz.record(loss, model) if backward else loss, model).scene
    assert rays(scene) and any(box.kind == "lane" for box in scene.boxes)


def test_an_encoder_and_its_decoder_are_one_after_the_other():
    loss, model = zoo.build("encoder-decoder", 3)
    graph = viz.record(loss, model).graph
    assert nets_of(graph) == 2 and Lattice(graph).steps == [0, 1, 2]
    lattice = Lattice(in_a_row(graph))
    assert lattice.steps == [0, 1, 2, 3, 4, 5]
    assert all((lattice.delta(slot) or 0) in (0, 1) for slot in lattice.slots)
    scene = viz.draw(loss, model, view="ops").scene
    columns = sorted((text.x, words(text.spans)) for text in scene.texts if text.kind == "step")
    first = ["encoder t = 1", "t = 2", "t = 3"]
    assert [told for _, told in columns] == [*first, *(told.replace("encoder", "decoder") for told in first)]


# ---- room for numbers


def hit(area, ends, width):
    """Does a stretch of wire run through an area?"""
    low, high = 0.0, 1.0
    for start, step, near, far in zip(ends[0], numpy.subtract(ends[1], ends[0]), area[:2], area[2:]):
        near, far = near - width / 2, far + width / 2
        if step == 0 and not near < start < far:
            return False
        if step:
            first, last = sorted(((near - start) / step, (far - start) / step))
            low, high = max(low, first), min(high, last)
    return low < high


@pytest.mark.parametrize("name", [name for name in zoo.NETS if "tree" not in name])
def test_numbers_lie_on_no_wire_box_or_other_number(name):
    for steps in (3, 12) if name in ("skip", "attention", "captioner") else (2, 5):
        scene = viz.draw(viz.record(*zoo.build(name, steps)), view="cells").scene
        areas = [area_of(text) for text in scene.texts if text.kind in ("norm", "step")]
        boxes = [(b.x - b.width / 2, b.y - b.height / 2, b.x + b.width / 2, b.y + b.height / 2) for b in scene.boxes]
        numbers = [area_of(text) for text in scene.texts if text.kind == "norm"]
        gradients = [wire for wire in scene.wires if wire.kind == "gradient" and wire.tooltip.startswith("gradient")]
        assert 0.85 * len(gradients) <= len(numbers)
        for area in numbers:
            others = [other for other in areas if other != area] + boxes
            assert not any(area[0] < o[2] and o[0] < area[2] and area[1] < o[3] and o[1] < area[3] for o in others)
            for wire in scene.wires:
                assert not any(hit(area, ends, wire.width) for ends in zip(wire.points, wire.points[1:])), (steps, wire)
