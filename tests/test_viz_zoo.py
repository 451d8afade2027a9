"""Every ready net is built, deterministic and drawn; the command line draws these and the user's own, and says what is
wrong; a forward pass that fails is drawn up to the op that failed."""

from __future__ import annotations

import shlex

import numpy
import pytest

import minigrad as mg
import viz
from minigrad import nn
from viz import theme, zoo
from viz.__main__ import EXAMPLES, main
from viz.failed import draw_failed, failed_graph
from viz.snapshot import capture

CHUNKED = [name for name, net in zoo.NETS.items() if net.chunks]

OWN = """
import minigrad as mg
import viz
from minigrad import nn
from parts import product, crash

x = mg.Tensor([[1.0, 2.0]], name="x")
w = mg.Tensor([[0.5, 1.0], [2.0, -1.0]], requires_grad=True, name="w")
loss = mg.tanh(x @ w).sum()
both = [x @ w, loss]
recorded = viz.record((x @ w).sum())
five = 5

def make_loss():
    cell, h, total = nn.RNNCell(2, 3), None, 0.0
    for t in range(2):
        with mg.scope("step", t):
            h = cell(x, h)
            total = total + (h * h).sum()
    return total

def needs(a):
    return a

def nothing():
    pass

def bad():
    first = mg.Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], name="first")
    hidden = mg.tanh(first * 2.0)
    return product(hidden, first)

def broken():
    return crash({}, "key")

def leaves():
    raise SystemExit(0)

if __name__ == "__main__":
    raise RuntimeError("the file is read, not run")
"""
PARTS = """
import minigrad as mg

def product(a, b):
    return mg.matmul(a, b)

def crash(table, key):
    return table[key]
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A folder with mymodel.py, parts.py and wrong.py, which is the current one."""
    for name, text in (("mymodel", OWN), ("parts", PARTS), ("wrong", "def f(:\n")):
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def code_of(*arguments: str) -> int:
    try:
        return main(arguments)
    except SystemExit as stop:
        return stop.code


# ---- the nets


@pytest.mark.parametrize("name", zoo.NETS)
def test_every_net_is_built_captured_and_differentiated(name):
    loss, net = zoo.build(name, 2, inputs=3, hidden=4, batch=2)
    assert loss.shape == () and numpy.isfinite(loss.item())
    graph, _ = capture(loss, net)
    drawn = {leaf.name for leaf in graph.leaves if leaf.parameter}
    assert drawn and drawn <= {path for path, _ in net.named_parameters()}
    loss.backward()
    assert all(parameter.grad is not None for path, parameter in net.named_parameters() if path in drawn)


@pytest.mark.parametrize("name", zoo.NETS)
def test_the_same_arguments_give_the_same_graph_and_numbers(name):
    (one, net), (two, again), (three, _) = (zoo.build(name, 3, seed=seed) for seed in (1, 1, 2))
    assert one.item() == two.item() != three.item()
    assert capture(one, net)[0] == capture(two, again)[0]


@pytest.mark.parametrize("name", zoo.NETS)
def test_every_net_has_a_name_and_one_line(name):
    title, _, line = zoo.NETS[name].words.partition(": ")
    assert title and line and len(zoo.NETS[name].words) < 90


@pytest.mark.parametrize("name", CHUNKED)
def test_truncation_cuts_every_state_and_nothing_forward(name):
    whole, _ = zoo.build(name, 4, hidden=4)
    loss, net = zoo.build(name, 4, hidden=4, truncate=2)
    cuts = [node for node in capture(loss, net)[0].nodes if node.op == "cut"]
    assert loss.item() == whole.item()
    assert cuts and {dict(node.scope)["step"] for node in cuts} == {2}
    norms = viz.itemise(net.losses, net).norms
    reached = {number for _, number, _ in norms[3]}
    assert reached and not reached & {number for _, number, _ in norms[1]}


@pytest.mark.parametrize("name", [name for name in zoo.NETS if name not in CHUNKED])
def test_nets_without_steps_of_their_own_refuse_truncation(name):
    with pytest.raises(ValueError, match=f"truncate=2: '{name}' is not unrolled.*rnn, jordan"):
        zoo.build(name, 3, truncate=2)


def test_truncation_takes_at_least_one_step():
    with pytest.raises(ValueError, match="truncate=0"):
        zoo.build("rnn", 3, truncate=0)


def test_a_stack_of_levels_is_what_the_layer_computes():
    cells = [nn.LSTMCell(3, 4), nn.RNNCell(4, 5)]
    levels, layer = zoo.Levels(*cells), nn.Stacked(cells)
    x, state = mg.Tensor(numpy.random.default_rng(0).standard_normal((3, 2, 3))), levels.initial(2)
    for t, y in enumerate(layer(x)[0].numpy()):
        state = levels.advance(x[t], state)
        numpy.testing.assert_allclose(state[0].numpy(), y, rtol=1e-6)
    assert levels.states == ("h", "h", "c") and levels.sizes == (5, 4, 4)


def test_levels_are_boxes_of_their_own():
    loss, net = zoo.build("stacked", 2)
    dot = viz.draw(loss, net, view="cells").dot
    assert "RNN 1" in dot and "RNN 2" in dot


@pytest.mark.parametrize("leaves", range(1, 8))
def test_parse_has_so_many_leaves(leaves):
    tree = zoo.parse(leaves)
    assert [tree.labels[i] for i in tree.leaves()] == [0, 1, 2, 3, 0, 4, 0][:leaves]
    assert tree.height == {1: 0, 2: 1}.get(leaves, max(leaves - 2, 2))


def test_a_batch_of_trees_is_computed_height_by_height():
    one, _ = zoo.build("tree", 4)
    batch, _ = zoo.build("trees", 4)
    frames = [{node.scope[-1] for node in capture(loss)[0].nodes if node.op == "tanh"} for loss in (one, batch)]
    assert [len(f) for f in frames] == [7, 3]


@pytest.mark.parametrize("name", ["tree", "trees"])
def test_nets_without_a_lattice_are_drawn(name):
    loss, net = zoo.build(name, 2, inputs=3, hidden=4)
    dot = viz.draw(viz.record(loss, net), net, view="ops").dot
    assert all(f'id="n{node.number}"' in dot for node in capture(loss)[0].nodes)


# ---- the command line


def test_the_list_is_a_table(capsys):
    assert main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(zoo.NETS)
    assert len({line.index(net.words) for line, net in zip(lines, zoo.NETS.values())}) == 1


COMMANDS = [line.split("  ")[1].removeprefix("python -m viz ") for line in EXAMPLES.splitlines() if "python -m" in line]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_examples_of_the_help_draw(command, own, monkeypatch, capsys):
    monkeypatch.setattr("viz.render.render", lambda *_, **__: b"<svg/> by graphviz")
    fewer = ["--steps", "1"] if command.startswith("lstm") else []
    assert code_of(*shlex.split(command), *fewer) == 0
    if command != "--list":
        assert (own / capsys.readouterr().out.strip()).stat().st_size > 0


def test_a_title_names_the_net_and_the_way(own):
    assert main(["tree", "--steps", "2", "-o", "t.dot"]) == 0
    assert "Recursive net — forward pass" in (own / "t.dot").read_text(encoding="utf-8")
    assert main(["rnn", "--steps", "20", "--view", "heat", "-o", "r.dot"]) == 0
    assert "Simple recurrent net (Elman), 20 steps — backward pass" in (own / "r.dot").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["loss", "both", "recorded", "make_loss"])
def test_what_a_file_makes_is_drawn(name, own, capsys):
    assert code_of(f"mymodel.py:{name}", "-o", f"{name}.dot") == 0
    assert capsys.readouterr().out.strip() == f"{name}.dot"
    assert ("∂" in (own / f"{name}.dot").read_text(encoding="utf-8")) == (name == "recorded")


def test_the_file_of_another_folder_finds_its_modules_and_the_picture_stays_here(own, monkeypatch):
    here = own / "elsewhere"
    here.mkdir()
    monkeypatch.chdir(here)
    assert code_of("../mymodel.py:loss", "--backward", "-o", "p.dot") == 0
    assert "∂" in (here / "p.dot").read_text(encoding="utf-8")


MISTAKES = [
    ("mymodel.py", "which variable or function"),
    ("missing.py:loss", "there is no file missing.py"),
    ("mymodel.py:lost", "mymodel.py defines no 'lost'"),
    ("mymodel.py:five", "of type int"),
    ("mymodel.py:nothing", "is None"),
    ("mymodel.py:needs", "called without arguments"),
    ("mymodel.py:leaves", "ended the program"),
    ("mymodel.py:both --backward", "not from a list"),
    ("mymodel.py:loss --steps 2", "for the ready nets"),
    ("mymodel.py:loss --view folded", "no time steps"),
    ("tree --truncate 2", "'tree' is not unrolled"),
    ("rnn --truncate 0", "truncate=0"),
    ("rnn --view round", "'round'"),
]


@pytest.mark.parametrize("command, words", MISTAKES)
def test_mistakes_are_one_line_and_2(command, words, own, capsys):
    assert code_of(*command.split()) == 2
    said = capsys.readouterr().err
    assert words in said and said.count("\n") == 1


@pytest.mark.parametrize(
    "what, frames, last", [("mymodel.py:broken", ["in broken", "in crash"], "KeyError: 'key'"),
                           ("wrong.py:f", ["wrong.py"], "SyntaxError")]
)  # fmt: skip
def test_an_error_in_the_file_shows_the_users_frames_alone(what, frames, last, own, capsys):
    assert code_of(what) == 1
    said = capsys.readouterr().err
    assert all(frame in said for frame in frames) and last in said.splitlines()[-1]
    assert "__main__" not in said and "runpy" not in said


def test_an_op_that_fails_is_drawn_and_said_in_one_line(own, capsys):
    assert code_of("mymodel.py:bad", "-o", "bad.dot") == 1
    said = capsys.readouterr()
    assert said.err.startswith("viz: parts.py, line 5: matmul: (2, 3) @ (2, 3)") and said.err.count("\n") == 1
    dot = (own / "bad.dot").read_text(encoding="utf-8")
    assert said.out.strip() == "bad.dot" and "matmul ✗" in dot
    assert dot.count('class="op ') == 3, "what else the file computed is not drawn"


# ---- a forward pass that fails


def error_of(function) -> Exception:
    with pytest.raises((ValueError, TypeError, IndexError, AttributeError)) as caught, mg.record():
        function()
    return caught.value


def third_op_fails():
    x = mg.Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], name="x")
    return mg.matmul(mg.tanh(x * 2.0), x)


def test_the_graph_up_to_a_matmul_that_does_not_fit():
    error = error_of(third_op_fails)
    graph = failed_graph(error)
    assert [node.op for node in graph.nodes] == ["mul", "tanh", "matmul ✗"]
    failed = graph.nodes[-1]
    assert failed.error == str(error) and not failed.outputs
    assert [(ref.kind, ref.number) for ref in failed.inputs] == [("node", 1), ("leaf", 0)]
    dot = draw_failed(error).dot
    red = [line for line in dot.splitlines() if theme.EMPHASIS in line]
    assert len(red) == 1 and red[0].startswith('  "n2"')
    assert "(2, 3) @ (2, 3)" in red[0] and "2×3" in dot


def test_without_graphviz_it_is_drawn_too(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    text = draw_failed(error_of(third_op_fails)).save(tmp_path / "bad.svg").read_text(encoding="utf-8")
    assert theme.EMPHASIS in text and "(2, 3) @ (2, 3)" in text


def test_a_step_that_fails_stands_in_its_column():
    def steps():
        cell, h, losses = nn.RNNCell(2, 3), None, []
        for t in range(3):
            with mg.scope("step", t):
                h = cell(mg.Tensor(numpy.zeros((1, 2 + t // 2)), name="x"), h)
                losses.append(h.sum())

    error = error_of(steps)
    graph = failed_graph(error)
    assert graph.nodes[-1].op == "RNNCell ✗" and dict(graph.nodes[-1].scope)["step"] == 2
    assert sum(node.op == "sum" for node in graph.nodes) == 2, "what other variables hold is drawn, too"
    scene = draw_failed(error).scene
    assert [box.id for box in scene.boxes if box.fill == theme.EMPHASIS] == [f"n{len(graph.nodes) - 1}"]
    assert len(scene.panels) == 3
    said = " ".join(span.text for text in scene.texts if text.kind == "error" for span in text.spans)
    assert said == str(error)


@pytest.mark.parametrize("fails, op", [
    (lambda y: nn.Linear(5, 2)(y), "linear"),
    (lambda y: mg.concat([y, y[:, :2]]), "concat"),
    (lambda y: mg.cross_entropy(y, [9]), "cross_entropy"),
    (lambda y: y @ [[1.0]], "matmul"),
    (lambda y: nn.LSTMCell(4, 2)(y, y), "LSTMCell"),
])  # fmt: skip
def test_what_failed_has_the_name_that_a_user_knows(fails, op):
    node = failed_graph(error_of(lambda: fails(mg.tanh(mg.Tensor(numpy.zeros((1, 4))))))).nodes[-1]
    assert node.op == f"{op} ✗" and any(ref.kind == "node" for ref in node.inputs)


def test_long_messages_are_broken_and_push_the_title_up():
    def fails():
        with mg.scope("step", 0):
            h = mg.tanh(mg.Tensor(numpy.zeros((1, 4)), name="h"))
        with mg.scope("step", 1):
            return mg.concat([h, h[:, :2]])

    scene = draw_failed(error_of(fails)).scene
    lines = [text for text in scene.texts if text.kind == "error"]
    (title,) = [text for text in scene.texts if text.kind == "title"]
    assert len(lines) > 1 and len({text.y for text in lines}) == len(lines)
    assert title.y > max(text.y for text in lines)


@pytest.mark.parametrize("fails", [lambda: mg.Tensor([1.0]).undefined, lambda: [][0], lambda: mg.Tensor(["a"])])
def test_other_errors_are_not_drawn(fails):
    with pytest.raises(ValueError, match="no op or layer raised this"):
        failed_graph(error_of(fails))


# ---------------------------------------------------------------- through viz.draw


def test_an_error_is_drawn_like_anything_else(tmp_path):
    x = mg.Tensor(numpy.ones((2, 3)), requires_grad=True, name="x")
    try:
        y = mg.tanh(x)
        y @ y
    except mg.ShapeError as error:
        picture = viz.draw(error, to=tmp_path / "bad.svg")
    assert "(2, 3)" in (tmp_path / "bad.svg").read_text(encoding="utf-8")
    assert picture.title == "The graph up to the error"


@pytest.mark.parametrize(("name", "every_op"), [("lstm", True), ("layer-norm", False), ("attention", False)])
def test_steps_of_many_ops_are_drawn_as_cells(name, every_op):
    loss, net = zoo.build(name, 3)
    assert ('id="n0"' in viz.draw(loss, net).dot) == every_op
