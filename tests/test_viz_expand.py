"""What a graph does not hold is said: history that detach() cut off is drawn as a stub, a fused kernel as one box that
can be taken apart."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
import viz
from minigrad import nn
from minigrad.backend import to_device, xp
from minigrad.op import Fused
from minigrad.recurrent import scan
from viz import theme
from viz.page import to_html
from viz.record import forward_values
from viz.snapshot import capture

rng = np.random.default_rng


# ---------------------------------------------------------------- detached


def chunks(cell, sizes, counted=False, both=False, layer=False):
    """A cell over chunks of so many steps whose state is detached in between: the sum of the states of the last chunk,
    or of both. counted: steps are counted on from chunk to chunk."""
    state, total, first = cell.initial(2), 0, 0
    for k, size in enumerate(sizes):
        state = tuple(s.detach() for s in state) if k else state
        for t in range(size):
            with mg.scope("step", first + t):
                state = cell.advance(mg.Tensor(rng(t).standard_normal((2, 3)), name="x"), state)
        first += size if counted else 0
        total = total + state[0].sum() if both else state[0].sum()
    return total


def stubs(scene):
    """What the stubs of a picture say, by the words in the box that each hangs on."""
    boxes = {box.id: box for box in scene.boxes}
    said = {text.id: words(text.spans) for text in scene.texts if text.kind == "origin"}
    wires = [wire for wire in scene.wires if wire.kind == "cut"]
    assert all(wire.color == theme.CUT and wire.dashed and wire.arrow == "none" for wire in wires)
    assert all(words(boxes[wire.tail].label) == "detach" for wire in wires)
    return {words(boxes[wire.head].label): said.get(f"{wire.head}origin") for wire in wires}


def words(spans):
    return "".join(span.text for span in spans)


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize(
    "view, found",
    [("ops", {"h0": "h of step 2", "c0": "c of step 2"}), ("cells", {"h0, c0": "h, c of step 2"}),
     ("folded", {"h0": "h of step 2", "c0": "c of step 2"})],
)  # fmt: skip
def test_a_carried_state_hangs_on_a_stub(view, found, backward):
    loss = chunks(nn.LSTMCell(3, 4), [2, 3])
    assert stubs(viz.draw(viz.record(loss) if backward else loss, view=view).scene) == found


def test_steps_that_count_on_have_the_state_of_the_step_before():
    assert stubs(viz.draw(chunks(nn.RNNCell(3, 4), [3, 2], counted=True)).scene) == {"h3": "h of step 3"}


def test_a_layer_hands_the_note_on():
    layer, xs = nn.GRU(3, 4), mg.Tensor(rng().standard_normal((2, 2, 3)))
    ys, _ = layer(xs, layer(xs)[1].detach())
    assert stubs(viz.draw(ys.sum()).scene) == {"h0": None}


def test_the_badge_lies_on_no_other_box():
    for view in ("ops", "cells"):
        scene = viz.draw(chunks(nn.LSTMCell(3, 4), [1, 2]), view=view).scene
        for sign in (box for box in scene.boxes if box.kind == "cut"):
            near = [b for b in scene.boxes if b is not sign and abs(b.x - sign.x) < (b.width + sign.width) / 2]
            assert all(abs(b.y - sign.y) >= (b.height + sign.height) / 2 for b in near)


def test_inside_one_graph_it_is_a_cut():
    """Both chunks ask for gradients: the wire is drawn, the gradient stops, as with scan(truncate=...)."""
    run = viz.record(chunks(nn.RNNCell(3, 4), [2, 2], counted=True, both=True))
    (cut,) = [node for node in run.graph.nodes if node.op == "cut"]
    assert run.graph.nodes[cut.inputs[0].number].name() == "h" and ("node", cut.number, 0) not in run.graph.gradients
    assert run.graph.values["node", cut.number, 0] == run.graph.values["node", cut.inputs[0].number, 0]
    for view in ("ops", "cells"):
        scene = viz.draw(run, view=view).scene
        assert not stubs(scene) and [words(b.label) for b in scene.boxes if b.kind == "cut"] == ["detach"]


def test_a_cut_inside_a_step_is_a_dashed_wire():
    """A probe that reads h and sends nothing back: no line between two steps could say so."""
    cell, probe, state, losses = nn.RNNCell(3, 4), nn.Linear(4, 2), None, []
    for t in range(2):
        with mg.scope("step", t):
            state = cell(mg.Tensor(rng(t).standard_normal((2, 3))), state)
            losses += [mg.tanh(state).sum(), (probe(state.detach()) ** 2).sum()]
    run = viz.record(sum(losses[1:], losses[0]))
    for view, backward in (("ops", False), ("ops", True), ("cells", True)):
        cuts = [wire for wire in viz.draw(run, view=view, backward=backward).scene.wires if wire.kind == "edge cut"]
        assert len(cuts) == 2 and all((w.color, w.dashed, w.arrow) == (theme.CUT, True, "head") for w in cuts)


def test_a_graph_without_steps_and_the_page_say_it_too():
    a = mg.Tensor(2.0, requires_grad=True, name="a")
    c = mg.exp(a).named("c")
    cut, inside = viz.draw(c.detach() * a).dot, viz.draw(c.detach() * c).dot
    assert 'label=<detach<BR/><FONT POINT-SIZE="10">c</FONT>>' in cut and cut.count('class="cut"') == 2
    assert "detach" in inside and 'class="cut"' not in inside
    assert "detached from h of step 2: no gradient goes on" in to_html(chunks(nn.RNNCell(3, 4), [2, 2]))


def test_what_asks_for_a_gradient_again_is_a_leaf():
    """A detached tensor may begin a history of its own; then it collects a gradient."""
    a = mg.Tensor(2.0, requires_grad=True, name="a")
    b = mg.exp(a)
    d = b.detach().named("d")
    d.requires_grad = True
    run = viz.record(d * b)
    assert run.gradient("d").norm == pytest.approx(np.exp(2.0)) and "cut" not in {n.op for n in run.graph.nodes}


# ---------------------------------------------------------------- fused


def make_kernel():
    """(T, B, I), h, W, U -> all states, the last: a simple recurrent net by hand, and scan as its reference."""

    def elman(xs, h, w, u):
        ys = []
        for x in xs:
            ys.append(h := xp.tanh(x @ w + h @ u))
        return (xp.stack(ys), h), ys

    def backward(gs, outs, ys, xs, h0, w, u):
        gx, gw, gu = (xp.zeros_like(a) for a in (xs, w, u))
        g = xp.zeros_like(h0) if gs[1] is None else gs[1]
        for t in reversed(range(len(ys))):
            g = (g if gs[0] is None else g + gs[0][t]) * (1 - ys[t] ** 2)
            gx[t] = g @ w.T
            gw += xs[t].T @ g
            gu += (ys[t - 1] if t else h0).T @ g
            g = g @ u.T
        return gx, g, gw, gu

    def reference(xs, h, w, u):
        ys, state = scan(lambda x, s: (mg.tanh(x @ w + s[0] @ u).named("h"),), list(xs), (h,))
        return mg.stack(ys), state[0]

    return Fused(elman, backward, reference)


def fused_net(steps=3):
    """(loss, its parameters by name): something before the kernel, a readout after it."""
    numbers = rng(0)
    shapes = {"V": (3, 5), "W": (5, 4), "U": (4, 4), "R": (4, 2)}
    p = {name: nn.Parameter(numbers.standard_normal(shape) * 0.5, name=name) for name, shape in shapes.items()}
    x = mg.Tensor(numbers.standard_normal((steps, 2, 3)), name="x")
    with mg.scope("net"):
        ys, last = make_kernel()(x @ p["V"], mg.Tensor(np.zeros((2, 4)), name="h"), p["W"], p["U"])
    return (ys @ p["R"]).sum() + (last * last).sum(), p


def ops_of(graph):
    return [node.op for node in graph.nodes]


def test_a_kernel_is_one_box_that_says_its_name_and_length():
    loss, _ = fused_net()
    assert "elman over 3 steps" in ops_of(capture(loss)[0])
    drawn = viz.draw(loss).dot
    assert drawn.count("elman over 3 steps<BR/>") == 1 and f'fillcolor="{theme.FILLS["fused"]}"' in drawn
    assert "expand=True" in drawn  # its tooltip says how to see more


def test_expanded_it_shows_its_steps_in_their_place():
    loss, _ = fused_net()
    whole, inside = ops_of(capture(loss)[0]), ops_of(capture(viz.expanded(loss))[0])
    kernel = whole.index("elman over 3 steps")
    assert inside[:kernel] == whole[:kernel] and inside[-len(whole[kernel + 1 :]) :] == whole[kernel + 1 :]
    assert inside.count("tanh") == 3 and "alias" not in inside
    nodes = [node for node in capture(viz.expanded(loss))[0].nodes if node.op == "tanh"]
    assert [node.scope for node in nodes] == [(("net", None), ("step", t)) for t in range(3)]
    assert {box.kind for box in viz.draw(loss, expand=True).scene.boxes} >= {"op tanh", "parameter"}


@pytest.mark.parametrize("steps", [1, 4])
def test_values_and_gradients_of_the_expansion_are_those_of_the_kernel(steps):
    with mg.default_dtype("float64"):
        loss, parameters = fused_net(steps)
        graph, numbers = capture(again := viz.expanded(loss))
        values = forward_values(graph, numbers, again)
        tanh = [values["node", node.number, 0] for node in graph.nodes if node.op == "tanh"]
        assert len(tanh) == steps and all(stat.norm > 0 for stat in tanh)
        run = viz.record(loss, expand=True)
        assert all(p.grad is None for p in parameters.values())
        loss.backward()  # the graph given is as it was
        for name, p in parameters.items():
            assert run.gradient(name).norm == pytest.approx(np.linalg.norm(p.grad.numpy()), rel=1e-12)


@pytest.mark.parametrize("layer", [nn.RNN, nn.LSTM, nn.GRU])
def test_a_layer_that_runs_a_kernel_shows_what_it_would_unrolled(layer):
    """Same boxes, same links, same gradients, although not one op of the steps was recorded."""
    x = mg.Tensor(rng().standard_normal((3, 2, 4)), name="x")
    runs = []
    for unroll in (True, False):
        mg.manual_seed(0)
        loss = (layer(4, 5, unroll=unroll)(x)[0] ** 2).sum()
        assert any(" over 3 steps" in op for op in ops_of(capture(loss)[0])) != unroll
        runs.append(viz.record(loss, expand=not unroll))
    unrolled, fused = (viz.draw(run, view="cells").scene for run in runs)
    assert [words(box.label) for box in fused.boxes] == [words(box.label) for box in unrolled.boxes]
    assert [(wire.tail, wire.head) for wire in fused.wires] == [(wire.tail, wire.head) for wire in unrolled.wires]
    norms = [[run.gradient(leaf.name).norm for leaf in run.graph.leaves if leaf.parameter] for run in runs]
    assert norms[0] == pytest.approx(norms[1], rel=1e-4)


def test_a_list_of_tensors_and_what_has_no_kernel_are_copied():
    loss, parameters = fused_net()
    first, leaf = viz.expanded([loss, parameters["W"]])
    assert first.node is not loss.node and first.item() == loss.item() and leaf is parameters["W"]
    plain = mg.tanh(parameters["W"]).named("y").sum()
    copy = viz.expanded(plain)
    assert viz.draw(copy).dot == viz.draw(plain).dot
    copy.backward()
    assert copy.node.freed and not plain.node.freed


def test_a_freed_or_outdated_kernel_says_so():
    loss, parameters = fused_net()
    parameters["W"].data = to_device(np.ones((5, 4)))
    with pytest.raises(mg.GraphError, match=r"elman \(net\) cannot be expanded: a parameter was changed since"):
        viz.draw(loss, expand=True)
    loss, _ = fused_net()
    loss.backward()
    with pytest.raises(mg.GraphError, match=r"elman \(net\) cannot be expanded: a backward pass has freed"):
        viz.record(loss, expand=True)
    with pytest.raises(TypeError, match=r"not Record; use viz.record\(loss, expand=True\)"):
        viz.draw(viz.record(fused_net()[0]), expand=True)


def test_the_command_line_expands(tmp_path, capsys):
    from viz.__main__ import main

    file = tmp_path / "own.py"
    file.write_text("from tests.test_viz_expand import fused_net\nloss = fused_net()[0]\n")
    assert main([f"{file}:loss", "--expand", "--backward", "-o", str(tmp_path / "own.svg")]) == 0
    assert "t = 3" in (tmp_path / "own.svg").read_text(encoding="utf-8"), capsys.readouterr()


# ---------------------------------------------------------------- the ground


def test_the_ground_is_white_unless_asked(tmp_path):
    for loss in (fused_net()[0], chunks(nn.RNNCell(3, 4), [2])):  # with graphviz's layout, and with our own
        assert 'bgcolor="#FFFFFF"' in viz.draw(loss).dot
        assert 'bgcolor="transparent"' in viz.draw(loss, transparent=True).dot
    whole, clear = (viz.draw(loss, transparent=t).svg() for t in (False, True))
    assert whole.count("<rect") == clear.count("<rect") + 1
    viz.draw(loss, transparent=True, to=tmp_path / "page.html")
