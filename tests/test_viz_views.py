"""The views cells, heat and itemised, and the choice among all views: everything is drawn once, the numbers are those
of the record, and wires, boxes and text are where they should be."""

from __future__ import annotations

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
from viz import theme, zoo
from viz.cellplan import Plan
from viz.contract import Contraction
from viz.heat import heat_blocks, itemised_rows
from viz.snapshot import Stat, capture

from .viz_nets import NETS, make

ROOT = Path(__file__).resolve().parents[1]
needs_dot = pytest.mark.skipif(shutil.which("neato") is None, reason="the graphviz programs are not installed")


# ---- nets


def rng():
    return numpy.random.default_rng(1)


def seq2seq(attention=None, attend="before", layers=1, source=4, target=4, forced=1.0, **options):
    net = nn.encoder_decoder(6, 7, 4, 5, cell="gru", attention=attention, attend=attend, num_layers=layers, **options)
    ids = numpy.arange(target)[:, None]
    scores = net(numpy.arange(1, source + 1)[:, None] % 6, ids, teacher_forcing=forced, rng=rng())
    return mg.cross_entropy(scores, ids[1:])


def by_hand(steps):
    """A cell nobody foresaw, its read-out and loss, all in one scope."""
    shapes = {"W": (5, 6), "U": (6, 6), "V": (6, 4)}
    W, U, V = (nn.Parameter(rng().standard_normal(shape) * 0.3, name=name) for name, shape in shapes.items())
    state, total = mg.Tensor(numpy.zeros((2, 6)), name="s"), None
    for t in range(steps):
        with mg.scope("step", t):
            new = mg.tanh(mg.Tensor(rng().standard_normal((2, 5))) @ W + state @ U)
            state = (0.5 * new + 0.5 * state).named("s")
            loss = mg.cross_entropy(state @ V, [0, 1])
            total = loss if total is None else total + loss
    return total


def two_calls():
    model = nn.LanguageModel(9, 5, 6)
    ids = rng().integers(0, 9, (3, 2))
    first, state = model(ids)
    second, _ = model(ids, state)
    return mg.cross_entropy(first, ids) + mg.cross_entropy(second, ids)


def tagged(layer, steps=4):
    ys, _ = layer(mg.Tensor(rng().standard_normal((steps, 2, 5)), requires_grad=True, name="x"))
    return (ys * ys).sum()


def around(cell):
    return tagged(nn.Stacked([cell]))


def by_modules(steps):
    """Modules without a name, called in the step: two make up the cell, the third is the read-out."""
    into, over, out = nn.Linear(5, 6), nn.Linear(6, 6), nn.Linear(6, 4)
    state, losses = None, []
    for t in range(steps):
        with mg.scope("step", t):
            driven = into(mg.Tensor(rng().standard_normal((2, 5))))
            state = mg.tanh(driven if state is None else driven + over(state))
            losses.append(mg.cross_entropy(out(state), [0, 1]))
    return sum(losses[1:], losses[0])


MORE = {
    "encoder-decoder": seq2seq,
    "attention before": lambda: seq2seq("dot"),
    "attention after": lambda: seq2seq("additive", "after", layers=2),
    "scheduled sampling": lambda: seq2seq("dot", forced=0.5),
    "long source": lambda: seq2seq("additive", source=14),
    "one step each": lambda: seq2seq(source=1, target=2),
    "by hand": lambda: by_hand(5),
    "by modules": lambda: by_modules(4),
    "two calls": two_calls,
    "stacked": lambda: tagged(nn.Stacked([nn.RNNCell(5, 6), nn.GRUCell(11, 6)], skips=True)),
    "two directions, two layers": lambda: tagged(nn.LSTM(5, 6, num_layers=2, bidirectional=True)),
    "dropout": lambda: tagged(nn.RNN(5, 6, num_layers=2, dropout=0.5)),
    "bidirectional attention": lambda: seq2seq("additive", bidirectional=True),
    "dropout around": lambda: around(nn.DropoutCell(nn.LSTMCell(5, 6), 0.3, 0.3, 0.3)),
    "zoneout": lambda: around(nn.ZoneoutCell(nn.GRUCell(5, 6), 0.3)),
    "projection": lambda: around(nn.ProjectionCell(nn.LSTMCell(5, 6), 3)),
    "residual": lambda: around(nn.ResidualCell(nn.GRUCell(5, 5))),
    "skip around": lambda: around(nn.SkipCell(nn.GRUCell(9, 4), 2)),
    "skip in place": lambda: around(nn.SkipCell(nn.RNNCell(5, 4), 3, replace=True)),
    "deep around": lambda: around(nn.DeepCell(nn.RNNCell(6, 6), before=[5], between=[6])),
    "deep c": lambda: around(nn.DeepCell(nn.LSTMCell(5, 6), between=[6], skip=True)),
    "deep after": lambda: around(nn.DeepCell(nn.GRUCell(5, 6), after=[7, 3])),
    "jordan": lambda: around(nn.JordanCell(5, 6, 4)),
    "both around": lambda: around(nn.DropoutCell(nn.DeepCell(nn.RNNCell(5, 6), between=[6]), 0.3)),
    "pixels": lambda: nn.PixelRNN(3, 6, 4).loss(rng().integers(0, 3, (2, 2, 3))),
    "after one another": lambda: tagged(lambda x: nn.GRU(6, 6)(nn.LSTM(5, 6)(x)[0])),
}  # fmt: skip
ONE_STEP = ("rnn", "lstm", "two directions", "lengths")
WRAPPED = {
    "dropout around": "LSTM", "zoneout": "GRU", "projection": "LSTM", "residual": "GRU", "skip around": "GRU",
    "skip in place": "RNN", "deep around": "deep RNN", "deep c": "deep LSTM", "deep after": "deep GRU",
    "jordan": "Jordan", "both around": "deep RNN", "pixels": "before, above",
}  # fmt: skip
WAYS = [
    *[(name, 5) for name in NETS], *[(name, 1) for name in ONE_STEP], ("lstm", 40), ("truncated", 30),
    *[(name, 0) for name in MORE],
]  # fmt: skip
every_net = pytest.mark.parametrize("name, steps", WAYS)


@functools.cache
def recorded(name, steps=5):
    mg.manual_seed(0)
    if name in MORE:
        return viz.record(MORE[name]())
    loss, model = make(name, steps)
    return viz.record(loss, model)


@functools.cache
def contracted(name, steps=5):
    return Contraction(recorded(name, steps).graph)


@functools.cache
def planned(name, steps=5):
    return Plan(contracted(name, steps))


@functools.cache
def cells(name, steps=5):
    return viz.draw(recorded(name, steps), view="cells").scene


def words(spans):
    return "".join(span.text for span in spans)


def labels(scene):
    return {words(box.label) for box in scene.boxes if box.label}


# ---- cells: everything once


@every_net
def test_every_op_is_in_one_cell(name, steps):
    c = contracted(name, steps)
    inside = [n for cell in c.cells.values() for n in cell.nodes]
    assert len(inside) == len(set(inside))
    passed_on = {node.number for node in c.graph.nodes} - set(inside)
    assert {c.graph.nodes[n].op for n in passed_on} <= {"cut", "stack", "unstack", "getitem"}


@every_net
def test_every_cell_is_drawn_once_or_in_one_lane_left_out(name, steps):
    c = contracted(name, steps)
    plan = planned(name, steps)
    lanes = [lane for column in plan.columns for lane in column]
    assert lanes == list(range(len(c.lanes)))
    drawn = [cell.id for spot in plan.spots.values() for cell in spot.of]
    for name in set(drawn):  # beside attention a box for each step
        shown = [lane for lane in c.cells[name].lanes if len(plan.columns[plan.column[lane]]) == 1]
        assert drawn.count(name) == 1 or (c.cells[name].place == "below" and drawn.count(name) == len(shown))
    hidden = {cell.lanes for cell in c.cells.values() if cell.id not in drawn}
    assert all(len(plan.columns[plan.column[lane]]) > 1 for own in hidden for lane in own)


@every_net
def test_every_read_crosses_one_link(name, steps):
    c = contracted(name, steps)
    crossing = [edge for link in c.links for edges in link.edges.values() for edge in edges]
    assert len(crossing) == len(set(crossing))
    for n, reads in c.reads.items():
        for i, source, _ in reads:
            tail = c.cell_of.get(source[:2] if source[0] == "node" and not c.is_piece(source) else source)
            assert ((n, i) in crossing) == (tail not in (None, c.cell_of["node", n]))


@every_net
def test_boxes_do_not_overlap_and_wires_end_on_their_borders(name, steps):
    scene = cells(name, steps)
    boxes = [box for box in scene.boxes if box.kind != "legend"]
    for i, a in enumerate(boxes):
        for b in boxes[i + 1 :]:
            assert abs(a.x - b.x) >= (a.width + b.width) / 2 or abs(a.y - b.y) >= (a.height + b.height) / 2, (a, b)
    by_id = {box.id: box for box in boxes}
    for wire in scene.wires:
        for (x, y), end in ((wire.points[0], wire.tail), (wire.points[-1], wire.head)):
            dx, dy = abs(x - by_id[end].x), abs(y - by_id[end].y)
            half, tall = by_id[end].width / 2, by_id[end].height / 2
            on_side, on_top = math.isclose(dx, half) and dy <= tall, math.isclose(dy, tall) and dx <= half
            assert on_side or on_top, wire
        level = all(a[0] == b[0] or a[1] == b[1] for a, b in zip(wire.points, wire.points[1:]))
        assert level or wire.kind == "attention"


@every_net
def test_no_wire_runs_on_top_of_another(name, steps):
    assert planned(name, steps).conflicts == []
    ids = [thing.id for part in (cells(name, steps).boxes, cells(name, steps).wires) for thing in part]
    assert len(ids) == len(set(ids))


# ---- cells: what stands where


def test_cells_are_called_by_their_kind():
    expected = {
        "lstm": {"LSTM", "ŷ, CE", "x1", "x5", "h0, c0"},
        "gru": {"GRU"},
        "two layers": {"RNN 1", "RNN 2", "ŷ, CE"},
        "two directions": {"RNN →", "← RNN", "concat", "h0", "h6"},
        "last state": {"embedding", "GRU", "ŷ, CE"},
        "sum outside": {"Σ"},
        "encoder-decoder": {"encoder", "decoder", "embedding"},
        "attention before": {"attention", "keys and values"},
        "attention after": {"encoder 2", "decoder 1", "u"},
        "by modules": {"cell", "ŷ, CE"},
        "two calls": {"LSTM"},
        "bidirectional attention": {"bridge", "keys and values", "← encoder", "encoder →", "decoder", "attention"},
        **{name: {label} for name, label in WRAPPED.items()},
    }
    for name, wanted in expected.items():
        assert wanted <= labels(cells(name)), (name, labels(cells(name)))


def test_states_run_to_the_right_and_those_from_the_end_to_the_left():
    scene = cells("two directions")
    boxes = {box.id: box for box in scene.boxes}
    ways = {}
    for wire in scene.wires:
        tail, head = boxes[wire.tail], boxes[wire.head]
        if wire.kind == "edge" and tail.label == head.label:
            ways.setdefault(words(tail.label), set()).add(head.x > tail.x)
    assert ways == {"RNN →": {True}, "← RNN": {False}}
    assert boxes["b0_0"].y < boxes["b1_0"].y
    firsts = sorted((box.x, words(box.label)) for box in scene.boxes if box.kind == "first")
    assert [label for _, label in firsts] == ["h0", "h6"]


def test_a_decoder_starts_its_time_anew():
    scene = cells("encoder-decoder")
    assert [words(text.spans) for text in scene.texts if text.kind == "step"] == [
        "t = 1", "t = 2", "t = 3", "t = 4", "t = 1", "t = 2", "t = 3",
    ]  # fmt: skip
    assert contracted("after one another", 0).lanes == [(0, 0), (0, 1), (0, 2), (0, 3)]


def test_each_step_of_attention_has_a_wire_with_its_gradient():
    c = contracted("attention before", 0)
    keys = next(cell for cell in c.cells.values() if cell.place == "above" and c.feeds_steps(cell))
    read = [c.gradient(link)[0] for link in c.links if link.head == keys.id]
    looked = [c.gradient(link)[0] for link in c.links if link.tail == keys.id]
    assert len(read) == 4 and len(looked) == 3 and all(norm > 0 for norm in read + looked)


def test_the_middle_of_a_long_net_is_left_out():
    scene = cells("lstm", 40)
    assert [words(text.spans) for text in scene.texts if text.kind == "step"] == [
        "t = 1", "t = 2", "t = 3", "× 35", "t = 39", "t = 40",
    ]  # fmt: skip
    left_out = [box for box in scene.boxes if words(box.label) == "⋯"]
    assert len(left_out) == 2 and all("steps 4 to 38" in box.tooltip for box in left_out)


# ---- cells: numbers


def test_numbers_are_those_of_the_record():
    c = contracted("lstm")
    gradients, contributions = c.graph.gradients, c.graph.contributions
    for link in c.links:
        tail, head = c.cells[link.tail], c.cells[link.head]
        norm, _ = c.gradient(link)
        if tail.kind == head.kind and tail.kind[0] == "cell" and len(link.edges) == 2:
            parts = [contributions[edge].norm for edges in link.edges.values() for edge in edges]
            assert norm == pytest.approx(math.hypot(*parts))
        if tail.place == "input":
            assert norm == pytest.approx(gradients[tail.sources[0]].norm)
    shown = {words(text.spans) for text in cells("lstm").texts if text.kind == "norm"}
    assert shown == {theme.number(c.gradient(link)[0]) for link in c.links}


def test_a_value_read_by_one_cell_alone_has_its_exact_gradient():
    c = contracted("last state")  # a GRU reads its state twice; only the last state is read out
    carried = [link for link in c.links if all(c.cells[end].kind[0] == "cell" for end in (link.tail, link.head))]
    assert len(carried) == 4
    for link in carried:
        ((source, edges),) = link.edges.items()
        assert len(edges) == 2 and c.gradient(link) == (c.graph.gradients[source].norm, True)


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru", "lengths", "two steps back", "attention after"])
def test_a_number_is_the_norm_of_what_crosses(name):
    mg.manual_seed(0)
    loss, model = make(name, 5) if name in NETS else (MORE[name](), None)
    c = Contraction(viz.record(loss, model, retain_graph=True).graph)
    _, numbers = capture(loss, model)
    sent = {}

    def watch(node, incoming, contributions):
        for i, g in enumerate(contributions):
            if g is not None:
                sent[numbers.nodes[node], i] = mg.backend.to_host(g).astype("float64")

    loss.backward(watch=watch)
    for link in c.links:
        values = [[sent[edge] for edge in edges if edge in sent] for edges in link.edges.values()]
        truth = [numpy.linalg.norm(sum(parts)) for parts in values if parts]
        norm, exact = c.gradient(link)
        assert exact and norm == (pytest.approx(math.hypot(*truth), rel=1e-5) if truth else None)


@pytest.mark.parametrize("name", ["skip", "gru"])
def test_what_steps_left_out_send_back_is_exact_as_well(name):
    plan = Plan(Contraction(viz.record(*zoo.build(name, 16)).graph))
    assert any(len(lanes) > 1 for lanes in plan.columns)
    assert all(plan.contraction.gradient(link)[1] for link in plan.links)


def test_where_the_sum_was_not_recorded_the_number_says_about():
    record = viz.record(*make("gru", 4))
    record.graph.joined.clear()
    scene = viz.draw(record, view="cells").scene
    about = [text for text in scene.texts if words(text.spans).startswith("≈")]
    assert len(about) == 3 and "≈" in scene.subtitle


def test_the_forward_value_crosses_a_cut_and_the_gradient_does_not():
    scene = cells("truncated", 6)
    wires = {wire.id: wire for wire in scene.wires}
    cut = [link for link in planned("truncated", 6).links if link.cut]
    assert len(cut) == 2
    lines = sorted(panel.x0 for panel in scene.panels if panel.kind == "line")
    assert len(lines) == 2 and [words(box.label) for box in scene.boxes if box.kind == "cut"] == ["detach"] * 2
    for i, link in enumerate(planned("truncated", 6).links):
        if link.cut:
            ends = [point[0] for point in wires[f"w{i}"].points]
            assert any(ends[0] < x < ends[-1] for x in lines) and f"g{i}" not in wires
            assert wires[f"w{i}"].color == theme.WIRE and not wires[f"w{i}"].dashed
    absent = [wire for wire in scene.wires if wire.kind == "gradient" and wire.color == theme.ABSENT_LINE]
    assert absent and all(wire.dashed and wire.tooltip == "no gradient arrives" for wire in absent)


def test_absent_zero_and_nan_have_their_looks():
    loss, model = make("rnn", 5)
    record = viz.record(loss, model)
    carried = [link for link in Contraction(record.graph).links if link.tail.split("_")[0] == link.head.split("_")[0]]
    for link, norm in zip(carried, (0.0, math.nan, math.inf)):
        for edges in link.edges.values():
            record.graph.contributions.update(dict.fromkeys(edges, Stat(norm, norm, norm)))
    for edge in next(iter(carried[3].edges.values())):
        del record.graph.contributions[edge]
    dot = viz.draw(record, view="cells").dot
    for said in (theme.WRONG, "inf or nan", "exactly 0", "no gradient arrives", theme.ZERO_LINE, theme.ABSENT_LINE):
        assert said in dot


def test_a_forward_picture_has_no_gradients_and_says_that_backward_has_not_run():
    loss, model = make("lstm", 5)
    forward = viz.draw(loss, model, view="cells")
    assert all(wire.kind == "edge" for wire in forward.scene.wires) and "‖∂L" not in forward.dot
    assert "backward has not run" in viz.draw(loss, model, view="cells", backward=True).dot


def test_emphasis_is_red_where_the_state_crosses():
    scene = viz.draw(recorded("lstm"), view="cells", emphasis="h").scene
    assert sum(wire.color == theme.EMPHASIS for wire in scene.wires) == 4
    assert all(wire.color != theme.EMPHASIS for wire in cells("lstm").wires)


# ---- heat


def linear_net(rho, steps, every=False):
    """h_t = h_{t-1} W with W = rho Q, Q orthogonal, and a loss of norm one gradient at the last step."""
    Q, _ = numpy.linalg.qr(rng().standard_normal((4, 4)))
    W = nn.Parameter(rho * Q, name="W_hh")
    h, losses = mg.Tensor(numpy.full((1, 4), 0.1), name="h"), []
    for t in range(steps):
        with mg.scope("step", t):
            h = (h @ W).named("h")
            if every or t == steps - 1:
                losses.append((h * mg.Tensor([[0.6, 0.0, 0.8, 0.0]])).sum())
    return losses


@pytest.mark.parametrize("rho", [0.5, 1.0, 1.1])
def test_a_linear_net_shows_the_powers_of_its_radius(rho):
    with mg.default_dtype("float64"):
        record = viz.record(linear_net(rho, 20)[0])
    (block,) = heat_blocks(record.graph)
    assert [words(row.label) for row in block.rows] == ["ht", "Whh share"]
    expected = {t: rho ** (19 - t) for t in range(20)}
    assert block.rows[0].norms == pytest.approx(expected, rel=1e-9)
    before = {t: 0.2 * rho**t for t in range(20)}  # the norm of h_{t-1}
    assert block.rows[1].norms == pytest.approx({t: before[t] * expected[t] for t in range(20)}, rel=1e-9)
    scene = viz.draw(record, view="heat").scene
    told = {box.id: box.tooltip for box in scene.boxes}
    assert told["c0_0_9"] == f"h, t = 10: {theme.number(rho**10, 4)}"
    assert sum(box.kind.startswith("cell") for box in scene.boxes) == 40


def test_heat_rows_are_states_gates_and_shares():
    blocks = heat_blocks(recorded("lstm", 40).graph)
    assert len(blocks) == 1
    assert [words(row.label) for row in blocks[0].rows] == ["ht", "ct", "it", "ft", "gt", "ot", "Whh share"]
    graph = recorded("lstm", 40).graph
    forget = {
        dict(node.scope)["step"]: graph.gradients["node", node.number, 0].norm
        for node in graph.nodes if node.name() == "f"
    }  # fmt: skip
    assert blocks[0].rows[3].norms == forget
    names = [block.name for block in heat_blocks(recorded("two directions").graph, "tagger")]
    assert names == ["tagger RNN →", "tagger ← RNN"]


def test_several_records_are_drawn_under_one_scale():
    pair = {"small": viz.record(linear_net(0.5, 20)[0]), "large": viz.record(linear_net(1.1, 20)[0])}
    both = viz.draw(pair, view="heat").scene
    assert {"small", "large"} <= {words(text.spans) for text in both.texts}
    fills = {box.id: box.fill for box in both.boxes}
    same = viz.draw(list(pair.items())).scene
    assert {box.id: box.fill for box in same.boxes} == fills
    assert fills["c0_0_19"] == fills["c1_0_19"] != fills["c1_0_0"]


def test_heat_keeps_zero_and_absent_apart():
    (block,) = heat_blocks(recorded("truncated", 30).graph)
    state, share = block.rows
    assert [t for t, norm in state.norms.items() if norm is None] == list(range(28))
    assert share.norms[28] > 0 and share.norms[0] is None
    looks = {box.id: box.kind for box in viz.draw(recorded("truncated", 30), view="heat").scene.boxes}
    assert looks["c0_0_3"] == "cell absent" and looks["c0_0_29"] == "cell present"
    first = heat_blocks(recorded("rnn").graph)[0].rows[1].norms
    assert first[0] == 0 and first[1] > 0, "W_hh meets a first state of zeros"


# ---- itemised


def losses_of(steps, truncate=None, cell=nn.RNNCell):
    """A loss at every step of a net whose state is detached every `truncate` steps."""
    mg.manual_seed(0)
    cell, out = cell(5, 6), nn.Linear(6, 4)
    state, losses = cell.initial(2), []
    for t in range(steps):
        with mg.scope("step", t):
            if truncate and t and t % truncate == 0:
                state = tuple(part.detach() for part in state)
            state = cell.advance(mg.Tensor(rng().standard_normal((2, 5))), state)
            losses.append(mg.cross_entropy(out(state[0]), [0, 1]))
    return losses, out


def table(itemised, state=None):
    return [[row.norms[t] for t in sorted(row.norms)] for row in itemised_rows(itemised, state)]


def test_truncation_shows_as_exact_blocks():
    norms = table(viz.itemise(losses_of(9, truncate=3)[0]))
    for s in range(9):
        for t in range(9):
            assert (norms[s][t] is not None) == (t <= s and t // 3 == s // 3), (s, t)


def test_itemised_norms_are_those_of_one_backward_pass_each():
    losses, _ = losses_of(5)
    norms = table(viz.itemise(losses))
    for s in range(5):
        record = viz.record(losses[s], retain_graph=True)
        (states,) = Contraction(record.graph).states().values() if s else [{}]
        alone = {lane: record.graph.gradients[source].norm for lane, source in states.items()}
        assert alone == pytest.approx({t: norms[s][t] for t in alone})
    with mg.default_dtype("float64"):
        norms = table(viz.itemise(linear_net(0.5, 6, every=True)))
    assert norms[5][:6] == pytest.approx([0.5 ** (5 - t) for t in range(6)])


def test_itemise_touches_no_grad_and_can_be_repeated():
    losses, out = losses_of(4)
    out.weight.grad = kept = mg.Tensor(numpy.ones((4, 6)))
    first, again = viz.itemise(losses), viz.itemise(losses)
    assert out.weight.grad is kept and out.bias.grad is None
    assert first.norms == again.norms
    sum(losses[1:], losses[0]).backward()


def test_itemised_draws_the_state_that_is_named():
    itemised = viz.itemise(losses_of(4, cell=nn.LSTMCell)[0])
    assert table(itemised, "c") != table(itemised) == table(itemised, "h")
    scene = viz.draw({"LSTM": itemised, "RNN": viz.itemise(losses_of(4)[0])}).scene
    assert sum(box.kind.startswith("cell") for box in scene.boxes) == 20
    with pytest.raises(ValueError, match="no state is called 'z'; there are c, h"):
        viz.draw(itemised, emphasis="z")


# ---- which view


def chosen(name, steps, backward=False):
    picture = viz.draw(recorded(name, steps), backward=backward)
    kinds = {box.kind for box in picture.scene.boxes}
    if any(kind.startswith("cell ") for kind in kinds):
        return "heat"
    return "cells" if "lane" in kinds else "folded" if "folded" in picture.title else "ops"


def test_the_view_is_chosen_by_size():
    assert [chosen("rnn", steps) for steps in (1, 4, 5, 12, 13)] == ["ops", "ops", "cells", "cells", "folded"]
    assert [chosen("rnn", steps, True) for steps in (4, 5, 12, 13)] == ["ops", "cells", "cells", "heat"]
    assert chosen("long source", 0) == "cells", "attention is neither folded nor heat in a forward picture"
    x = mg.Tensor(0.5, requires_grad=True)
    assert viz.draw(mg.tanh(x)).scene is None, "a graph without time is ranked"


def test_outputs_in_a_list_are_drawn():
    losses, _ = losses_of(6)
    scene = viz.draw(losses, view="cells").scene
    assert sum(words(box.label) == "ŷ, CE" for box in scene.boxes) == 6


MISTAKES = [
    ("sideways", lambda: losses_of(3)[0], ValueError, "'auto', 'ops', 'cells', 'folded', 'heat', 'itemised'"),
    ("heat", lambda: losses_of(3)[0], ValueError, "viz.record"),
    ("itemised", lambda: losses_of(3)[0], ValueError, "viz.itemise"),
    ("itemised", lambda: recorded("rnn"), ValueError, "viz.itemise"),
    ("cells", lambda: viz.itemise(losses_of(3)[0]), ValueError, "every other view"),
    ("cells", lambda: {"a": recorded("rnn"), "b": recorded("gru")}, ValueError, 'view="heat"'),
    ("cells", lambda: mg.tanh(mg.Tensor(0.5, requires_grad=True)), ValueError, "mg.scope"),
    ("heat", lambda: viz.record(mg.tanh(mg.Tensor(0.5, requires_grad=True))), ValueError, "mg.scope"),
    ("heat", lambda: {}, TypeError, "nothing to draw"),
    ("heat", lambda: {"a": 3}, TypeError, "not int"),
]


@pytest.mark.parametrize("view, target, error, said", MISTAKES)
def test_a_view_that_cannot_show_the_target_says_what_to_call(view, target, error, said):
    with pytest.raises(error, match=said):
        viz.draw(target(), view=view)


@pytest.mark.parametrize("losses, error, said", [
    (3.0, TypeError, "list of losses"),
    ([], TypeError, "empty"),
    ([mg.tanh(mg.Tensor(0.5, requires_grad=True))], ValueError, "mg.scope"),
])  # fmt: skip
def test_itemise_refuses_what_it_cannot_itemise(losses, error, said):
    with pytest.raises(error, match=said):
        viz.itemise(losses)


# ---- writers


def pictures():
    yield viz.draw(recorded("attention before", 0), view="cells")
    yield viz.draw(recorded("truncated", 6), view="cells")
    yield viz.draw(recorded("lstm", 40), view="heat")
    yield viz.draw(viz.itemise(losses_of(9, truncate=3)[0]))


@needs_dot
def test_both_writers_write_every_view(tmp_path):
    for number, picture in enumerate(pictures()):
        canon = subprocess.run(["neato", "-n2", "-Tcanon"], input=picture.dot.encode(), capture_output=True, check=True)
        assert b"digraph" in canon.stdout and not canon.stderr
        tree = ET.fromstring(picture.save(tmp_path / f"p{number}.svg").read_text(encoding="utf-8"))
        found = {element.get("id") for element in tree.iter()}
        assert {thing.id for thing in (*picture.scene.boxes, *picture.scene.wires)} <= found


PROGRAM = """
import sys, viz
from tests import test_viz_views as t
for name in ("attention before", "two directions", "lstm"):
    sys.stdout.buffer.write(viz.draw(t.recorded(name), view="cells").dot.encode())
sys.stdout.buffer.write(viz.draw(t.recorded("lstm", 40)).dot.encode())
sys.stdout.buffer.write(viz.draw(viz.itemise(t.losses_of(9)[0])).dot.encode())
"""


def test_two_processes_write_the_same_bytes():
    texts = []
    for seed in ("1", "2"):
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path}
        texts.append(subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True, env=env).stdout)
    assert texts[0] == texts[1] and len(texts[0]) > 50_000
