"""Trees, fold and the nets over trees against the equations written again in NumPy, one node at a time."""

from __future__ import annotations

import ast
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import nn
from minigrad.check import check_grads
from minigrad.data import Tree
from minigrad.errors import DtypeError, GraphError, ShapeError
from minigrad.recurrent import RecursiveWeights, fold, recursive_step

TOKENS, INPUT, HIDDEN = 4, 2, 3
NETS = {
    "recursive": lambda **options: nn.RecursiveNet(INPUT, HIDDEN, **options),
    "child_sum": lambda **options: nn.TreeLSTM(INPUT, HIDDEN, **options),
    "nary": lambda **options: nn.TreeLSTM(INPUT, HIDDEN, kind="nary", arity=3, **options),
}
MOST = {"recursive": 2, "child_sum": 4, "nary": 3}  # children of a node in the forests below

each_net = pytest.mark.parametrize("kind", NETS)


# ---------------------------------------------------------------- the oracle


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def recursive_node(x, below, w):
    left, right = [h for (h,) in below] + [np.zeros(HIDDEN)] * (2 - len(below))
    return (np.tanh(w["V"] @ x + w["U"] @ left + w["W"] @ right + w["b"]),)


def child_sum_node(x, below, w):
    """Tai, Socher & Manning (2015), equations 2 to 8: the children's h are summed before the product."""
    (w_i, w_f, w_g, w_o), (u_i, u_f, u_g, u_o), (b_i, b_f, b_g, b_o) = (
        np.split(w[name], 4) for name in ("weight_ih", "weight_hh", "bias_ih")
    )
    total = sum((h for h, _ in below), np.zeros(HIDDEN))
    i, o = sigmoid(w_i @ x + u_i @ total + b_i), sigmoid(w_o @ x + u_o @ total + b_o)
    c = i * np.tanh(w_g @ x + u_g @ total + b_g)
    for h_k, c_k in below:
        c = c + sigmoid(w_f @ x + u_f @ h_k + b_f) * c_k
    return o * np.tanh(c), c


def nary_node(x, below, w):
    """Equations 9 to 14 with N = 3."""
    w_i, w_f, w_g, w_o = np.split(w["weight_ih"] @ x + w["bias_ih"], 4)
    u = w["weight_hh"].reshape(6, HIDDEN, 3, HIDDEN)  # (i f1 f2 f3 g o, row, child, column)
    sums = [sum((u[gate, :, k] @ h for k, (h, _) in enumerate(below)), np.zeros(HIDDEN)) for gate in range(6)]
    c = sigmoid(w_i + sums[0]) * np.tanh(w_g + sums[4])
    for k, (_, c_k) in enumerate(below):
        c = c + sigmoid(w_f + sums[1 + k]) * c_k
    return sigmoid(w_o + sums[5]) * np.tanh(c), c


NODE = {"recursive": recursive_node, "child_sum": child_sum_node, "nary": nary_node}


def by_hand(kind, net, forest, x):
    """For each tree the states of its nodes by number."""
    weights, found = net.state_dict(), []
    for tree in forest:
        states = {}
        for node in sorted(range(len(tree)), key=lambda n: tree.heights[n]):
            label = tree.labels[node]
            row = np.zeros(INPUT) if label is None else x[label]
            states[node] = NODE[kind](row, [states[child] for child in tree.children[node]], weights)
        found.append([states[node] for node in range(len(tree))])
    return found


def float64(make, **options):
    with mg.default_dtype("float64"):
        return make(**options)


def variable(a):
    return mg.Tensor(a, dtype="float64", requires_grad=True)


@st.composite
def trees(draw, most):
    """Any tree: unary nodes, single leaves, shared children, the same child twice, inner nodes with and without a
    token."""
    children = []
    for node in range(draw(st.integers(1, 7))):
        earlier = st.lists(st.integers(0, node - 1), max_size=most) if node else st.just([])
        children.append(tuple(draw(earlier)))
    while len(tops := [n for n in range(len(children)) if not any(n in below for below in children)]) > 1:
        children.append(tuple(tops[: max(2, most)]))
    token = st.integers(0, TOKENS - 1)
    labels = [draw(st.none() | token) if below else draw(token) for below in children]
    return Tree(labels, children)


@st.composite
def situations(draw):
    kind = draw(st.sampled_from(sorted(NETS)))
    forest = draw(st.lists(trees(MOST[kind]), min_size=1, max_size=4))
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    return kind, float64(NETS[kind], rng=rng), forest, rng.normal(size=(TOKENS, INPUT))


# ---------------------------------------------------------------- fold and nets


@given(situations())
def test_every_node_is_its_equation(situation):
    kind, net, forest, x = situation
    roots, nodes = net(forest, variable(x))
    wanted = by_hand(kind, net, forest, x)
    assert str(roots.dtype) == str(nodes.dtype) == "float64"
    np.testing.assert_allclose(nodes.numpy(), [state[0] for tree in wanted for state in tree], rtol=1e-12, atol=1e-14)
    at_root = [states[tree.root][0] for tree, states in zip(forest, wanted)]
    np.testing.assert_allclose(roots.numpy(), at_root, rtol=1e-12, atol=1e-14)


@given(situations())
def test_batched_equals_one_by_one(situation):
    """Values and gradients, for mixed depths, to 1e-12."""
    _, net, forest, x = situation
    leaf = variable(x)

    def run(batches):
        folded = [net.fold(batch, leaf) for batch in batches]
        answers = []
        for states in (sum((f.roots for f in folded), ()), sum((f.nodes for f in folded), ())):
            part = len(states) // len(folded)
            answers += [mg.concat(states[k::part]) for k in range(part)]
        rng = np.random.default_rng(0)
        loss = sum([(a * mg.Tensor(rng.normal(size=a.shape), dtype="float64")).sum() for a in answers])
        gradients = mg.grad(loss, [leaf, *net.parameters()])
        return [t.numpy() for t in [*answers, *gradients]]

    for together, alone in zip(run([forest]), run([[tree] for tree in forest])):
        np.testing.assert_allclose(together, alone, rtol=1e-12, atol=1e-12)


FOREST = [  # unary nodes, a shared child (twice below one node too), a single leaf, tokens above, several heights
    Tree([0, 1, None, 2, None, 3], [(), (), (0, 1), (2,), (3, 2), (4, 4)]),
    Tree([2], [()]),
    Tree.chain([1, 2, 3, 0]),
    Tree([1, None, 2], [(), (0,), (1,)]),
]


@each_net
def test_gradients_order_1_and_2(kind):
    net = float64(NETS[kind])
    forest = FOREST if kind == "recursive" else [*FOREST, Tree([0, 1, 2, None], [(), (), (), (2, 0, 1)])]
    x = variable(np.random.default_rng(0).normal(size=(TOKENS, INPUT)))
    check_grads(lambda x, *_: net(forest, x), [x, *net.parameters()], mode="random")


@each_net
def test_gradients_of_a_small_tree_in_full(kind):
    net = float64(NETS[kind])
    x = variable(np.random.default_rng(1).normal(size=(2, INPUT)))
    check_grads(lambda x, *_: net([Tree.balanced([0, 1, 1])], x)[0], [x, *net.parameters()], order=1)


@pytest.mark.parametrize("options", [{}, {"kind": "nary", "arity": 1}], ids=["child_sum", "nary"])
def test_a_chain_of_single_children_is_an_lstm(options):
    """The law that ties the tree to the sequence: same weights, same states, same gradients."""
    tree_net = float64(lambda: nn.TreeLSTM(INPUT, HIDDEN, **options))
    lstm = float64(lambda: nn.LSTM(INPUT, HIDDEN, bias="one"))
    lstm.load_state_dict({f"{name}_l0": value for name, value in tree_net.state_dict().items()})
    x = variable(np.random.default_rng(0).normal(size=(5, INPUT)))
    folded = tree_net.fold([Tree(range(5), [(), (0,), (1,), (2,), (3,)])], x)
    output, (h, c) = lstm(mg.reshape(x, shape=(5, 1, INPUT)))
    np.testing.assert_allclose(folded.nodes[0].numpy(), output.numpy()[:, 0], rtol=1e-13)
    for ours, theirs in zip(folded.roots, (h, c)):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy()[0], rtol=1e-13)
    weights = mg.Tensor(np.random.default_rng(1).normal(size=(5, HIDDEN)), dtype="float64")
    for ours, theirs in zip(
        mg.grad((folded.nodes[0] * weights).sum(), [x, *tree_net.parameters()]),
        mg.grad((output[:, 0] * weights).sum(), [x, *lstm.parameters()]),
    ):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-11, atol=1e-14)


@each_net
def test_the_order_of_children_matters_but_to_child_sum(kind):
    net = float64(NETS[kind])
    x = variable(np.random.default_rng(0).normal(size=(2, INPUT)))
    one, other = net([Tree([0, 1, None], [(), (), order]) for order in ((0, 1), (1, 0))], x)[0].numpy()
    assert np.allclose(one, other, rtol=1e-14) == (kind == "child_sum")


@each_net
def test_a_shared_child_is_computed_once_and_equals_its_copies(kind):
    net = float64(NETS[kind])
    x = variable(np.random.default_rng(0).normal(size=(2, INPUT)))
    part = ["a", "b"]
    nested = [[part, part], part]
    ids = {"a": 0, "b": 1}
    shared, copied = (Tree.from_nested(nested, shared=s).numbered(ids) for s in (True, False))
    assert net.fold([shared], x).plan == [(0, 2), (1, 1), (2, 1), (3, 1)]
    assert net.fold([copied], x).plan == [(0, 6), (1, 3), (2, 1), (3, 1)]
    found = []
    for tree in (shared, copied):
        root = net([tree], x)[0]
        found.append([root, *mg.grad(root.sum(), [x, *net.parameters()])])
    for ours, theirs in zip(*found):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-12, atol=1e-14)


def test_one_call_a_height_with_its_scope():
    net = nn.RecursiveNet(INPUT, HIDDEN)
    calls = []

    def step(x, children):
        calls.append((None if x is None else x.shape[0], None if children is None else children.count))
        return recursive_step(x, children, RecursiveWeights(net.U, net.V, net.W, net.b))

    forest = [Tree.balanced([0, 1, 2, 3]), Tree.chain([0, 1, 2]), Tree([1], [()])]
    folded = fold(step, forest, mg.Tensor(np.ones((4, INPUT)), requires_grad=True))
    assert calls == [(8, None), (None, 3), (None, 2)]
    assert folded.plan == [(0, 8), (1, 3), (2, 2)]
    tanhs = [node for node in mg.history(folded.roots) if node.op.name == "tanh"]
    assert [node.scope[-1] for node in tanhs] == [("node", 0), ("node", 1), ("node", 2)]


@each_net
def test_one_node_a_call_gives_the_same_and_draws_the_tree(kind):
    net = float64(NETS[kind])
    x = variable(np.random.default_rng(0).normal(size=(TOKENS, INPUT)))
    batched, single = net.fold(FOREST, x), net.fold(FOREST, x, batched=False)
    assert single.plan == [(height, 1) for height, count in batched.plan for _ in range(count)]
    for states, others in ((batched.roots, single.roots), (batched.nodes, single.nodes)):
        for ours, theirs in zip(states, others):
            np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-13)
    root = net.fold([Tree.balanced([0, 1, 2])], x, batched=False).roots[0]
    calls = {number for node in mg.history([root]) for name, number in node.scope if name == "node"}
    assert calls == set(range(5)) and root.shape == (1, HIDDEN)


def test_the_picture_of_a_tree_has_v_at_the_leaves_and_u_and_w_above():
    """Where no node has an input, no product with V is recorded; nor one with U and W at the leaves."""
    net = nn.RecursiveNet(INPUT, HIDDEN)
    root, _ = net([Tree.balanced([0, 1])], mg.Tensor(np.ones((2, INPUT)), requires_grad=True))
    uses = [(node.scope[-1][1], node.inputs[1].name) for node in mg.history([root]) if node.op.name == "linear"]
    assert uses == [(0, "V"), (1, "U"), (1, "W")]


@each_net
def test_float32_stays_float32(kind):
    net = NETS[kind]()
    x = mg.Tensor(np.ones((TOKENS, INPUT)), requires_grad=True)
    roots, nodes = net(FOREST, x)
    roots.sum().backward()
    assert {str(t.dtype) for t in (roots, nodes, x.grad)} == {"float32"}


def test_an_embedding_learns_through_a_forest():
    embedding, net = nn.Embedding(TOKENS, INPUT), nn.TreeLSTM(INPUT, HIDDEN)
    net([Tree.balanced([0, 2, 0])], embedding.weight)[0].sum().backward()
    touched = (embedding.weight.grad.numpy() != 0).any(axis=1)
    assert touched.tolist() == [True, False, True, False]


# ---------------------------------------------------------------- depth


@given(st.integers(1, 300))
def test_heights_of_balanced_trees_and_chains(n):
    balanced, chain = Tree.balanced(range(n)), Tree.chain(range(n))
    assert balanced.height == math.ceil(math.log2(n))
    assert chain.height == n - 1
    for tree in (balanced, chain):
        assert [tree.labels[leaf] for leaf in tree.leaves()] == list(range(n))
        assert len(tree) == 2 * n - 1
        assert {len(below) for below in tree.children} == ({0, 2} if n > 1 else {0})


DEEP = 10_000


def nested_chain(depth):
    deep = 0
    for _ in range(depth):
        deep = [deep, 1]
    return deep


@pytest.mark.parametrize(
    "make",
    [
        lambda: Tree.chain([0] + [1] * DEEP),
        lambda: Tree.from_nested(nested_chain(DEEP)),
        lambda: Tree.from_nested(nested_chain(DEEP), shared=True),
        lambda: Tree.from_brackets("(S " * DEEP + "0" + " 1)" * DEEP).numbered({"0": 0, "1": 1}, inner=False),
        lambda: Tree.from_tokens(["["] * DEEP + ["0"] + ["1", "]"] * DEEP).numbered({"0": 0, "1": 1}),
    ],
    ids=["chain", "nested", "shared", "brackets", "tokens"],
)
def test_fault_65_a_tree_of_depth_10_000_is_read_without_recursion(make):
    tree = make()
    assert (tree.height, len(tree)) == (DEEP, 2 * DEEP + 1)
    assert [tree.labels[leaf] for leaf in tree.leaves()] == [0] + [1] * DEEP


def test_fault_65_a_net_over_a_tree_of_depth_10_000():
    """h = tanh(V x + U left): forward against a loop, and d root / d x of the deepest leaf as the product of slopes."""
    weights = {"V": [[1.0]], "U": [[1.0]], "W": [[0.5]], "b": [0.0]}
    net = float64(lambda: nn.RecursiveNet(1, 1))
    net.load_state_dict({name: np.array(value) for name, value in weights.items()})
    x = variable([[0.3], [1e-4]])
    root, nodes = net([Tree.chain([0] + [1] * DEEP)], x)
    h = slope = np.tanh(0.3)
    slope, right = 1 - h * h, np.tanh(1e-4)
    slope_right = 1 - right * right
    to_right = 0.0
    for _ in range(DEEP):
        h = np.tanh(h + 0.5 * right)
        slope, to_right = slope * (1 - h * h), (to_right + 0.5 * slope_right) * (1 - h * h)
    root.sum().backward()
    np.testing.assert_allclose(root.numpy(), [[h]], rtol=1e-10)
    np.testing.assert_allclose(x.grad.numpy()[:, 0], [slope, to_right], rtol=1e-8)
    assert nodes.shape == (2 * DEEP + 1, 1)


# ---------------------------------------------------------------- reading


def test_nested_lists():
    tree = Tree.from_nested((("the", "cat"), ["sat"], 7))
    assert tree.labels == ("the", "cat", None, "sat", None, 7, None)
    assert tree.children == ((), (), (0, 1), (), (3,), (), (2, 4, 5))
    assert (tree.root, tree.height, tree.heights) == (6, 2, [0, 0, 1, 0, 1, 0, 2])
    assert repr(tree) == "Tree(7 nodes, 4 leaves, height 2)"
    assert Tree.from_nested("word").labels == ("word",)


def test_brackets():
    tree = Tree.from_brackets("(S (NP the cat)\n  (VP sat))")
    assert tree.labels == ("the", "cat", "NP", "sat", "VP", "S")
    assert tree.children == ((), (), (0, 1), (), (3,), (2, 4))
    assert Tree.from_brackets("( (S yes))").labels == ("yes", "S", None)
    assert Tree.from_brackets(" cat ").labels == ("cat",)


words = st.text("abXY0-", min_size=1, max_size=3)
labelled = st.recursive(words, lambda part: st.tuples(words, st.lists(part, min_size=1, max_size=3)), max_leaves=12)


@given(labelled)
def test_brackets_and_tokens_say_the_same_as_the_tree_that_was_written(part):
    def written(part):
        return part if isinstance(part, str) else f"({part[0]} {' '.join(map(written, part[1]))})"

    def listed(part):
        return [part] if isinstance(part, str) else [f"[{part[0]}", *sum(map(listed, part[1]), []), "]"]

    def bare(part):
        return part if isinstance(part, str) else [bare(below) for below in part[1]]

    def labels(part):
        return [part] if isinstance(part, str) else [*sum(map(labels, part[1]), []), part[0]]

    read, tokens, nested = (
        Tree.from_brackets(written(part)),
        Tree.from_tokens(listed(part)),
        Tree.from_nested(bare(part)),
    )
    assert read.children == tokens.children == nested.children
    assert list(read.labels) == list(tokens.labels) == labels(part)


def test_tokens_of_listops():
    tree = Tree.from_tokens("[MAX 2 [MIN 4 7 ] 0 ]".split())
    assert tree.labels == ("2", "4", "7", "MIN", "0", "MAX")
    assert tree.children == ((), (), (), (1, 2), (), (0, 3, 4))


@pytest.mark.parametrize(
    ("source", "labels", "children"),
    [
        ("a + 2 * -b", ("a", "2", "b", "USub", "Mult", "Add"), ((), (), (), (2,), (1, 3), (0, 4))),
        ("x", ("x",), ((),)),
        ("f(a.b, k='s')", ("f", "a", ".b", "'s'", "k", "Call"), ((), (), (1,), (), (3,), (0, 2, 4))),
        ("a < b <= c", ("a", "b", "c", "Lt LtE"), ((), (), (), (0, 1, 2))),
        ("not [] or a", ("List", "Not", "a", "Or"), ((), (0,), (), (1, 2))),
    ],
)
def test_python_expressions(source, labels, children):
    tree = Tree.from_python(source)
    assert (tree.labels, tree.children) == (labels, children)
    again = Tree.from_python(ast.parse(source, mode="eval"))
    assert (again.labels, again.children) == (labels, children)


def test_numbered():
    tree = Tree.from_brackets("(S (NP the cat) (VP sat))")
    ids = {"S": 0, "NP": 1, "VP": 2, "the": 3, "cat": 4, "sat": 5}
    assert tree.numbered(ids).labels == (3, 4, 1, 5, 2, 0)
    assert tree.numbered({"the": 0, "cat": 1, "sat": 2}, inner=False).labels == (0, 1, None, 2, None, None)
    with pytest.raises(ValueError, match="node 1: 'cat' is not in the vocabulary of 1"):
        tree.numbered({"the": 0})


# ---------------------------------------------------------------- bad input


def contains_itself():
    inner = ["a"]
    inner.append(["b", inner])
    return [["c", "d"], inner]


BAD_TREES = {
    "no nodes": (lambda: Tree([], []), ValueError, "an empty tree"),
    "a node that is its own child": (lambda: Tree(["a"], [(0,)]), GraphError, r"node 0 \('a'\) is among its own"),
    "a cycle below the root": (
        lambda: Tree([None, "a", "b", "c"], [(1,), (2, 3), (1,), ()]),
        GraphError,
        r"node [12] \('[ab]'\) is among its own descendants",
    ),
    "a cycle without a root": (lambda: Tree([5, 6], [(1,), (0,)]), GraphError, "node 0 .5. is among"),
    "a list in itself": (lambda: Tree.from_nested(contains_itself()), GraphError, r"the node at 1\.1\.1 is among"),
    "shared, in itself": (lambda: Tree.from_nested(contains_itself(), shared=True), GraphError, r"1\.1\.1"),
    "two roots": (lambda: Tree("ab", [(), ()]), ValueError, "nodes 0, 1 are nobody's children"),
    "no such child": (lambda: Tree("ab", [(), (2,)]), IndexError, r"node 1 \('b'\): child 2 is outside 0..1"),
    "a child below 0": (lambda: Tree("ab", [(), (-1,)]), IndexError, r"child -1 is outside"),
    "a leaf without a token": (lambda: Tree([None], [()]), ValueError, "node 0 is a leaf without a token"),
    "too few labels": (lambda: Tree("a", [(), (0,)]), ValueError, "1 labels for 2 nodes"),
    "an empty list": (lambda: Tree.from_nested([]), ValueError, "an empty node: a leaf is a token"),
    "an empty list inside": (lambda: Tree.from_nested(["a", ["b", ()]]), ValueError, r"an empty node at 1\.1"),
    "no tokens, balanced": (lambda: Tree.balanced([]), ValueError, "over no tokens"),
    "no tokens, chain": (lambda: Tree.chain([]), ValueError, "over no tokens"),
    "no tokens, parsed": (lambda: Tree.from_tokens([]), ValueError, "an empty tree"),
    "empty text": (lambda: Tree.from_brackets("  "), ValueError, "an empty tree"),
    "not closed": (
        lambda: Tree.from_brackets("(S (NP a)"),
        ValueError,
        "character 9: the end, but the bracket opened at character 0 is not closed",
    ),
    "closed twice": (lambda: Tree.from_brackets("(S a))"), ValueError, r"character 5: '\)' stands behind the end"),
    "closed first": (lambda: Tree.from_brackets(" )"), ValueError, "character 1: this bracket closes nothing"),
    "two trees": (lambda: Tree.from_brackets("(S a) (S b)"), ValueError, "character 6: 'S' stands behind the end"),
    "a bracket without children": (
        lambda: Tree.from_brackets("(S (NP))"),
        ValueError,
        "character 6: the bracket opened at character 3 holds no children",
    ),
    "tokens not closed": (
        lambda: Tree.from_tokens(["[MAX", "2"]),
        ValueError,
        "token 2: the end, but the bracket opened at token 0",
    ),
    "empty Python": (lambda: Tree.from_python(" "), ValueError, "an empty text is no expression"),
    "no Python": (lambda: Tree.from_python("a +"), SyntaxError, "invalid syntax"),
    "too deep for Python": (lambda: Tree.from_python("-" * 100_000 + "a"), ValueError, "nested too deeply"),
}


@pytest.mark.parametrize("case", BAD_TREES)
def test_fault_65_bad_trees(case):
    make, error, message = BAD_TREES[case]
    with pytest.raises(error, match=message):
        make()


X = np.zeros((TOKENS, INPUT))
FINE = Tree.balanced([0, 1])
BAD_CALLS = {
    "a leaf outside x": (
        lambda: nn.RecursiveNet(INPUT, HIDDEN)([FINE, Tree.balanced([0, TOKENS])], X),
        IndexError,
        "tree 1, node 1: token 4 is outside 0..3, the rows of x",
    ),
    "a leaf below 0": (
        lambda: nn.TreeLSTM(INPUT, HIDDEN)([Tree([-1], [()])], X),
        IndexError,
        "tree 0, node 0: token -1",
    ),
    "an inner label outside x": (
        lambda: nn.TreeLSTM(INPUT, HIDDEN)([Tree([0, 9], [(), (0,)])], X),
        IndexError,
        "tree 0, node 1: token 9",
    ),
    "words instead of numbers": (
        lambda: nn.TreeLSTM(INPUT, HIDDEN)([Tree.balanced("ab")], X),
        DtypeError,
        "tree 0, node 0: the label 'a' is no row of x; number the labels first",
    ),
    "no trees": (lambda: nn.TreeLSTM(INPUT, HIDDEN)([], X), ValueError, "an empty forest"),
    "a tree, no forest": (lambda: nn.RecursiveNet(INPUT, HIDDEN)(FINE, X), DtypeError, "a list of trees, not a Tree"),
    "a wide x": (
        lambda: nn.TreeLSTM(INPUT, HIDDEN)([FINE], np.zeros((TOKENS, INPUT + 1))),
        ShapeError,
        r"TreeLSTM: x \(4, 3\) must be \(tokens, 2\)",
    ),
    "three children, recursive": (
        lambda: nn.RecursiveNet(INPUT, HIDDEN)([FINE, Tree.from_nested([0, 1, 2])], X),
        ShapeError,
        "tree 1, node 3 has 3 children; at most 2",
    ),
    "three children, binary": (
        lambda: nn.TreeLSTM(INPUT, HIDDEN, kind="nary")([Tree.from_nested([0, [1, 2, 3]])], X),
        ShapeError,
        "tree 0, node 4 has 3 children; at most 2",
    ),
    "three children, in a step": (
        lambda: fold(
            lambda x, children: (x, children.side_by_side(*children.states, 2))[:1] if children else (x,),
            [Tree.from_nested([0, 1, 2])],
            mg.Tensor(X),
        ),
        ShapeError,
        "a node with 3 children; at most 2 have weights",
    ),
    "an unknown kind": (lambda: nn.TreeLSTM(2, 3, kind="sum"), ValueError, "kind='sum' is not one of 'child_sum', 'n"),
    "an arity of 0": (lambda: nn.TreeLSTM(2, 3, kind="nary", arity=0), ValueError, "at least one child"),
    "an arity for sums": (lambda: nn.TreeLSTM(2, 3, arity=2), ValueError, "any number of children"),
    "no units": (lambda: nn.RecursiveNet(2, 0), ValueError, "must be at least 1"),
}


@pytest.mark.parametrize("case", BAD_CALLS)
def test_fault_65_bad_calls(case):
    make, error, message = BAD_CALLS[case]
    with pytest.raises(error, match=message):
        make()
