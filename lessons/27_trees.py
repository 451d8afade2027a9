"""27 Trees
question: a net that joins its input as a tree, and not as a row: what is gained, and which tree is the right one?
claim: a balanced tree shortens every way and so remembers more; but where meaning nests, only the parse tree helps
check: by_hand <= 1e-12 and recurrent_is_a_chain <= 1e-12 and chain_depth_off == 0 and balanced_depth_off == 0
    and real_trees_are_flat <= 0.7 and chain_forgets <= 1e-6 and balanced_fades <= 40 and balanced_recalls_more >= 0.5
    and one_by_one_alike <= 1e-12 and calls_saved >= 10 and same_size == 0 and parse_over_chain >= 0.03 and
    parse_over_balanced >= 0.03 and longer_gap >= 0.03 and order_unseen <= 1e-12
    and order_seen >= 1e-4
data: generated, Python's own sources   seconds: 35   fast_seconds: 15
items: A27 D13 F11 H9-H10 O20   needs: 06 11 14 16
"""

# %% [markdown]
# # 27 Trees
#
# "The film was not bad." A net that reads from left to right meets *bad* last, with a state made of all that came
# before. You do not read so. *Not* belongs to *bad*, and together they mean something like *good*; this is said of
# *the film*. What you have in mind is a **tree**: words are joined into phrases, phrases into sentences.
#
# A net can do the same. The slides call it "yet another generalization of recurrent nets": instead of a chain, the
# graph is "structured as a deep tree". Uses they name: data structures as input, language, vision (patches are joined
# into objects, objects into a scene), and perhaps "learning to reason".

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
import numpy as np

import minigrad as mg
import viz
from minigrad import nn, optim
from minigrad.data import Tree, buckets, expression_trees, listops

lesson = kit.begin("27")
LR = lesson.pick(0.02, 0.03)

# %% [markdown]
# ## One step, at every node
#
# A **recursive** net has one step, as a recurrent net has, "with fixed parameters $U, V, W$". At a leaf it reads a
# token, at a node it joins a left and a right state:
#
# $$h = \tanh(V x + U h_{left} + W h_{right} + b)$$
#
# What is missing counts as 0: a leaf has no children, a node has no token. A tree, here, is a flat list in which
# children come before their parents, so one loop computes all of it. The target belongs to the whole sentence, so it
# hangs on the root. **Predict** how often $V$ and $W$ are used for five words, and how long the way is from the loss to
# *the*, and to *bad*.

# %%
words = "the film was not bad".split()
ids = {word: n for n, word in enumerate(words)}
sentence = Tree.from_nested((("the", "film"), ("was", ("not", "bad")))).numbered(ids)
with mg.default_dtype("float64"):
    net, read = nn.RecursiveNet(3, 3), nn.Linear(3, 2)
x = mg.Tensor(lesson.rng.normal(size=(len(words), 3)), "float64", name="x")
U, V, W, b = [p.numpy() for p in (net.U, net.V, net.W, net.b)]
h = []
for label, below in zip(sentence.labels, sentence.children):
    h.append(np.tanh(b + V @ x.numpy()[label] if not below else b + U @ h[below[0]] + W @ h[below[1]]))
roots, _ = net([sentence], x, batched=False)
lesson.check("by_hand", np.abs(h[sentence.root] - roots.numpy()[0]).max(), "<=", 1e-12)
good = mg.cross_entropy(read(roots), [1])
lesson.show("sentence", viz.draw(viz.record(good), model=net, title="One step at every node of a tree",
                                 subtitle="the same U, V, W at each; coloured: the gradient on its way back"))

# %% [markdown]
# Count: $V$ at five leaves, $U$ and $W$ at four nodes (a binary tree over $n$ tokens has $n - 1$ joins, however it is
# shaped). As in lesson 08, the gradient of a weight that is used often is the sum over its uses; nothing new there.
#
# ## A name, and a relative
#
# > **The slide says**, in a footnote: "do not abbreviate *recursive neural network* as *RNN*, to avoid confusion with
# > *recurrent neural network*".
#
# Sound advice, and the outline of the same slides calls its section "Recursive RNN". The two are easy to confuse
# because one contains the other. Give a recurrent net's weights to a recursive one, and a tree in which each word has
# *one* child, the word before it. **Predict** how far the two states are apart.

# %%
row = Tree(range(5), [(), (0,), (1,), (2,), (3,)])  # a token and one child at each node
cell = nn.RNNCell(3, 3, bias="one")
cell.weight_ih, cell.weight_hh, cell.bias_ih = net.V, net.U, net.b
state = cell.initial(1)
for t in range(5):
    state = cell.advance(x[t : t + 1], state)
lesson.check("recurrent_is_a_chain", np.abs(net([row], x)[0].numpy() - state[0].numpy()).max(), "<=", 1e-12)

# %% [markdown]
# *Recurrent* is what *recursive* becomes on a tree that is a chain. $U$ is its $W_{hh}$, and $W$ is out of work.
#
# ## How deep?
#
# > **The slide says**: "for a sequence of the same length $\tau$, the depth can be drastically reduced from $\tau$ to
# > $O(\log \tau)$ ... which might help deal with long-term dependencies".
#
# "Can be": it depends on the tree. If nothing is known about the input, join neighbours two by two, again and again: a
# *balanced* tree. Or take the tree that the input has. Python's own library is full of expressions, and its parser
# tells their trees: leaves are names and numbers, nodes are operators and calls.
# **Predict** the three heights for ten leaves: chain, balanced, and what real expressions have.

# %%
lengths = np.arange(1, lesson.pick(300, 100))
chains, balanced = np.array([(Tree.chain(range(n)).height, Tree.balanced(range(n)).height) for n in lengths]).T
lesson.check("chain_depth_off", np.abs(chains - (lengths - 1)).max(), "==", 0)
lesson.check("balanced_depth_off", np.abs(balanced - np.ceil(np.log2(lengths))).max(), "==", 0)
with lesson.user_input():  # there are Pythons without their sources: they are told so
    real = expression_trees(max_files=lesson.pick(20, 8))
by_leaves = {n: [tree.height for tree in real if len(tree.leaves()) == n] for n in (2, 4, 6, 8, 10)}
lesson.table(["leaves", "chain", "balanced", "expressions", "their mean height", "the highest"],
             [(n, n - 1, Tree.balanced(range(n)).height, len(found), np.mean(found), max(found))
              for n, found in by_leaves.items() if found])
long = [(tree.height, len(tree.leaves()) - 1) for tree in real if len(tree.leaves()) >= 6]
lesson.check("real_trees_are_flat", np.divide(*np.mean(long, axis=0)), "<=", 0.7)

# %% [markdown]
# The slide's $O(\log \tau)$ holds for the balanced tree and is a promise of no other. Real expressions are in between:
# much flatter than a chain, some flatter than any binary tree (a call with nine arguments has height 1 or 2), and a few
# with two leaves are higher than a chain (`a.b.c + d`: each dot is a node with a single child).
#
# ## What a short way is good for
#
# One random net, a tree over 64 tokens, a random loss at its root. **Predict** how large the gradient is at each leaf:
# draw the two curves. (The vertical axis will be logarithmic.)

# %%
N = 64
wide, directions = nn.RecursiveNet(16, 16), mg.Tensor(lesson.rng.normal(size=(1, 16)))
leaves = mg.Tensor(lesson.rng.normal(size=(N, 16)), requires_grad=True)
sizes = {}
for name, tree in [("chain", Tree.chain(range(N))), ("balanced tree", Tree.balanced(range(N)))]:
    (g,) = mg.grad((wide([tree], leaves)[0] * directions).sum(), [leaves])
    sizes[name] = np.linalg.norm(g.numpy(), axis=1)


def draw_sizes(axes):
    for (name, size), style in zip(sizes.items(), ("-", "--")):
        axes.semilogy(range(1, N + 1), size, style, label=name)
    axes.set(xlabel="token", ylabel="gradient of the loss at this leaf", title="The chain hears only its last tokens")
    axes.legend()


lesson.plot("ways", draw_sizes)
lesson.check("chain_forgets", sizes["chain"][0] / sizes["chain"][-1], "<=", 1e-6)
lesson.check("balanced_fades", sizes["balanced tree"].max() / sizes["balanced tree"].min(), "<=", 40)

# %% [markdown]
# In the chain the first token is 63 products away from the loss and the last one 1: a straight line on this axis, the
# vanishing gradient of lesson 14. In the balanced tree *every* token is 6 away. Same weights, same tokens.
#
# Does it matter for learning? A sequence of 32 random symbols out of four; say which was the **first**. Both nets
# start from the same weights and see the same sequences. Guessing is right in one of four. **Predict** both.

# %%
class Reader(nn.Module):
    """Trees of token numbers -> scores of the classes, read from their roots."""

    def __init__(self, tokens, net, classes):
        self.embed, self.net = nn.Embedding(tokens, net.input_size), net
        self.read = nn.Linear(net.hidden_size, classes)

    def forward(self, forest):
        return self.read(self.net(forest, self.embed.weight)[0])


def learn(model, forest, answers, updates, label):
    rng, sizes, batches = np.random.default_rng(lesson.seed), [len(tree) for tree in forest], []
    adam = optim.Adam(model, lr=LR)
    for _ in lesson.progress(range(updates), label):
        batches = batches or list(buckets(sizes, 32, rng))
        batch = batches.pop()
        loss = mg.cross_entropy(model([forest[i] for i in batch]), answers[batch])
        adam.zero_grad()
        loss.backward()
        optim.clip_grad_norm(model.parameters(), 1.0)
        adam.step()
    return model


def right(model, forest, answers):
    with mg.no_grad():
        return model(forest).numpy().argmax(axis=1) == answers


# %%
rows, recalled = lesson.rng.integers(4, size=(2400, 32)), {}
for name, shape in [("chain", Tree.chain), ("balanced", Tree.balanced)]:
    mg.manual_seed(lesson.seed)
    forest = [shape(row) for row in rows.tolist()]
    model = learn(Reader(4, nn.RecursiveNet(16, 16), 4), forest[400:], rows[400:, 0], lesson.pick(60, 40), name)
    recalled[name] = right(model, forest[:400], rows[:400, 0]).mean()
lesson.table(["tree over 32 symbols", "first symbol right"], recalled.items())
lesson.check("balanced_recalls_more", recalled["balanced"] - recalled["chain"], ">=", 0.5)

# %% [markdown]
# Short ways help, as the slide hopes. (So would the remedies of lesson 15 and the gates of lesson 16, in a chain. And
# the last word on short ways was attention: from everywhere to everywhere in one step, lesson 24.)
#
# ## A batch of trees
#
# Every tree has another shape; how can they share a batch? Node by node is correct, and slow. But all leaves of all
# trees can be computed in **one** call, then all nodes whose children are leaves, and so on: by *height*. Padding and
# masks, as in lesson 11, are not needed. Three trees over our sentence, as a batch: chain, balanced, ours.
# **Predict** the number of calls: 27 nodes, the highest tree has height 4. And which calls are the largest?

# %%
three = [Tree.chain(range(5)), Tree.balanced(range(5)), sentence]
three = [Tree(tree.labels, tree.children, [words[n] if n is not None else n for n in tree.labels]) for tree in three]
lesson.show("batch", viz.draw(net(three, x)[0], model=net, view="cells", title="Three trees in five calls",
                              subtitle="chain, balanced, and by meaning: all nodes of one height are one call"))
many = real[:60]
names = {label: n for n, label in enumerate(sorted({label for tree in many for label in tree.labels}))}
many = [tree.numbered(names) for tree in many]
with mg.default_dtype("float64"):
    tree_lstm = nn.TreeLSTM(4, 8)
vectors = mg.Tensor(lesson.rng.normal(size=(len(names), 4)), "float64")
ways = [tree_lstm.fold(many, vectors, batched=batched) for batched in (True, False)]
lesson.table(["60 Python expressions", "nodes", "calls"],
             [(how, len(way.nodes[0]), len(way.plan)) for how, way in zip(["by height", "one by one"], ways)])
gradients = [mg.grad(way.roots[0].sum(), [tree_lstm.weight_hh])[0].numpy() for way in ways]
lesson.check("one_by_one_alike", [np.abs(ways[0].nodes[0].numpy() - ways[1].nodes[0].numpy()).max(),
                                  np.abs(gradients[0] - gradients[1]).max()], "<=", 1e-12)
lesson.check("calls_saved", len(ways[1].plan) / len(ways[0].plan), ">=", 10)

# %% [markdown]
# Same states, same gradient, and a call for each *height* instead of each node. The chain cannot be helped: each of
# its levels has one node to compute, and the batch waits for the highest tree.
#
# ## Which tree?
#
# "An open question: how to best structure the tree." Two answers are on the slides: a tree "independent of data, e.g.
# balanced", or a parse tree from an "external method". Let them compete on *ListOps* (Nangia & Bowman, 2018): `MAX`,
# `MIN`, `MED` (the middle one) of two to five parts, each a digit or again such a list. (There is a fourth, the sum
# modulo 10; it is much harder to learn, and we leave it out.)
#
# One net, a **TreeLSTM**: the gates of lesson 16, with a forget gate for each child, since each child brings its own
# $c$. Its parse tree reads each list from left to right, and takes a list that is finished as *one* part.

# %%
def by_parse(tokens):
    """((([MAX 2) (([MIN 4) 7) ])) ]): each list is a small chain, and a finished list is one part of the next."""
    open_lists = []
    for token in tokens:
        part = (open_lists.pop(), token) if token == "]" else token
        if token.startswith("["):
            open_lists.append(token)
        elif open_lists:
            open_lists[-1] = (open_lists[-1], part)
    return Tree.from_nested(part)


numbers = {token: n for n, token in enumerate([*"0123456789", "[MAX", "[MIN", "[MED", "]"])}
SHAPES = {"chain": Tree.chain, "balanced": Tree.balanced, "parse": by_parse}
small = "[MAX 2 [MIN 4 7 ] ]".split()
pair = [SHAPES[name](small).numbered(numbers) for name in ("balanced", "parse")]
table = mg.Tensor(lesson.rng.normal(size=(len(numbers), 3)), name="x")
lesson.show("two_trees", viz.draw(nn.RecursiveNet(3, 3)(pair, table)[0], view="cells",
                                  title="[MAX 2 [MIN 4 7 ] ] in a balanced tree, and in its parse tree",
                                  subtitle="the same seven tokens and six joins; which nodes have a value?"))

# %% [markdown]
# In the parse tree there is a node for `[MIN 4 7 ]`, and it *has a value*, 4: all below it can be forgotten but this
# digit. The balanced tree joins `2` with nothing it belongs to; none of its nodes but the root has a value.
#
# The three trees over $n$ tokens have the same leaves and $n - 1$ joins. The nets start from the same weights and see
# the same batches. **Only who is joined with whom differs.** Below, "longer" are expressions of 20 to 30 tokens, longer
# than any in training. **Predict** the order of the three, and whether the short ways of the balanced tree help.

# %%
def expressions(count, shortest, longest, without=()):
    tokens, answers = listops(count, lesson.rng, shortest, longest)
    kept = [n for n, line in enumerate(tokens) if "[SM" not in line and line not in without]
    return [tokens[n] for n in kept], answers[kept]


test, longer = expressions(1500, 5, 14), expressions(1500, 20, 30)
known = expressions(lesson.pick(4000, 2500), 5, 14, without=test[0])
depth = np.array([Tree.from_tokens(tokens).height for tokens in test[0]])
first = {op: np.bincount(known[1][[line[0] == op for line in known[0]]]).argmax() for op in numbers if op[0] == "["}
guessed = [np.array([first[line[0]] for line in lines]) == answers for lines, answers in (test, longer)]
found, heights, nodes = {"guess from the first token": guessed}, {}, {}
for name, shape in SHAPES.items():
    mg.manual_seed(lesson.seed)
    forests = [[shape(line).numbered(numbers) for line in lines] for lines, _ in (known, test, longer)]
    model = Reader(len(numbers), nn.TreeLSTM(24, 24, kind="nary"), 10)
    learn(model, forests[0], known[1], lesson.pick(150, 90), name)
    found[name] = [right(model, forest, data[1]) for forest, data in zip(forests[1:], (test, longer))]
    heights[name], nodes[name] = np.mean([tree.height for tree in forests[1]]), [len(tree) for tree in forests[1]]
lesson.table(["tree", "mean height", "right", "of flat lists", "of nested ones", "of longer ones"],
             [(name, heights.get(name, "-"), r.mean(), r[depth == 1].mean(), r[depth > 1].mean(), far.mean())
              for name, (r, far) in found.items()])

# %%
parse, chain, level = [found[name][0] for name in ("parse", "chain", "balanced")]
lesson.check("same_size", np.ptp(list(nodes.values()), axis=0).max(), "==", 0)
lesson.check("parse_over_chain", parse.mean() - chain.mean(), ">=", lesson.pick(0.06, 0.03))
lesson.check("parse_over_balanced", parse.mean() - level.mean(), ">=", lesson.pick(0.06, 0.03))
longer_gap = found["parse"][1].mean() - max(found[name][1].mean() for name in ("chain", "balanced"))
lesson.check("longer_gap", longer_gap, ">=", lesson.pick(0.1, 0.03))

# %% [markdown]
# The balanced tree has much the shortest ways and is close to the chain; the parse tree is nearly as *high* as the
# chain, and is right more often, most of all on expressions longer than any it has seen. So the slides' two sentences
# are both true, and about different things. A short way helps to *remember*. The right tree helps to *compose*: what
# the net has learned about one list, it can use for every list, wherever it stands.
#
# The wrong trees do not fail outright: they beat the guess from the first token. They have learned many particular
# cases. And the parse tree's price is that somebody must parse: ListOps and Python have grammars, pictures have none.
#
# ## All parts at once
#
# Must a list be read pair by pair? A *child-sum* TreeLSTM takes any number of children and adds them up, so it can
# have a single node for `[MAX 2 7 1 ]`. **Predict** what it cannot see, for which MAX is no problem and `-` is.

# %%
minus = [Tree.from_python(text) for text in ("7 - 2", "2 - 7")]
their = {label: n for n, label in enumerate(("7", "2", "Sub"))}
symbols, apart = mg.Tensor(lesson.rng.normal(size=(3, 4)), "float64"), {}
with mg.default_dtype("float64"):
    kinds = {kind: nn.TreeLSTM(4, 8, kind=kind) for kind in ("child_sum", "nary")}
for kind, one in kinds.items():
    states, _ = one([tree.numbered(their) for tree in minus], symbols)
    apart[kind] = np.abs(states.numpy()[0] - states.numpy()[1]).max()
lesson.table(["kind", "7 - 2 and 2 - 7 differ by"], apart.items())
lesson.check("order_unseen", apart["child_sum"], "<=", 1e-12)
lesson.check("order_seen", apart["nary"], ">=", 1e-4)

# %% [markdown]
# A sum has no order: to `child_sum` the two are one and the same, and no training will change that. The other kind,
# `nary`, has weights for a first and a second child, and so a largest number of children.
#
# ## Where this lives in minigrad
#
# `data/trees.py` has `Tree`: chain, balanced, from nested lists, brackets, tokens, Python. `recurrent/fold.py` is the
# one loop over trees, by height (`Folded.plan` says what it computed in each call); the equations are in
# `recurrent/steps.py`, `recursive_step`, `child_sum_lstm_step`, `nary_lstm_step`. `nn.RecursiveNet` and `nn.TreeLSTM`
# hold the weights. `viz.draw` draws one tree, or a batch with its levels.

# %% [markdown]
# ## What we left out
#
# * Nets that find their tree themselves. On ListOps those of 2018 did worse than no tree at all, says its paper.
# * Targets at every node (phrases with labels of their own): the second result of the net has all nodes' states.
# * The parser. Parsing can be learned as seq2seq, lesson 23: the sentence in, its brackets out.
# * Pictures: patches joined by likeness, and graphs that are no trees. A shared child is computed once here.
# * The sum modulo 10: with it and more time the order of the three is the same, and all of them are right less often.
#
# ## Quiz
#
# 1. How many joins has a binary tree over 100 tokens, and how high is it at least and at most?
#
# <details><summary>Answer</summary>
#
# 99 joins, always. At least 7 high (ceil(log2 100)), at most 99, which is the chain.
#
# </details>

# %% [markdown]
# 2. What does a recursive net do on a tree in which each node has a token and one child?
#
# <details><summary>Answer</summary>
#
# What an Elman net does: $U$ is its $W_{hh}$. Hence "RNN" means the recurrent one only.
#
# </details>
#
# 3. Why does a batch of trees need neither padding nor mask?
#
# <details><summary>Answer</summary>
#
# A call has the nodes that exist at one height, of all trees, and not one more. Nothing is filled up.
#
# </details>

# %% [markdown]
# 4. The balanced tree recalls the first symbol and the chain does not. On ListOps both are alike. Why?
#
# <details><summary>Answer</summary>
#
# The first task needs a short way. ListOps needs values of parts, and in neither tree do the parts have nodes.
#
# </details>
#
# 5. For which of `max(a, b)`, `a - b`, `a and b` as true or false does a child-sum net need another kind?
#
# <details><summary>Answer</summary>
#
# For `a - b`: it is the only one that changes when its parts are exchanged.
#
# </details>
#
# ## Exercises
#
# `python -m lessons exercise 27` copies these into files of yours; `check 27` examines them, `hint 27` helps.


# %%
# Exercise 27.1: all states of a recursive net. x: an array for each node, None where there is no token.
def states(children, x, U, V, W, b):
    raise NotImplementedError("TODO 27.1: children come before their parents; what is missing counts as 0")


# %%
# Exercise 27.2: which nodes of a tree can be computed together? children: a tuple for each node, in any order.
def levels(children):
    raise NotImplementedError("TODO 27.2: a list for each height, of the numbers of its nodes")


# %%
# Exercise 27.3 (predict): joins on the longest way from one of n words to the root, in a chain and in a balanced tree.
def depths(n):
    raise NotImplementedError("TODO 27.3: predict both from n alone, without building a tree")


# %%
lesson.finish()
