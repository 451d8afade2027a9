"""21 Deep RNNs, three ways
question: a recurrent net is deep in time already; where can layers be added, and what does each place cost?
claim: a layer between two states is passed at every step, and the far past fades; a skip around it keeps the way short
check: path_lengths == [1, 1, 1, 1, 3, 1] and b_below_c >= 3 and b_exponent >= 2.2 and skip_is_no_cure <= 3
    and parts_add_up <= 1e-10 and short_ways >= 6 and b_learned <= 0.45 and others_learned >= 0.5
    and task_decides >= 0.05 and loud_parity >= 0.85 and slide_is_one_level == 0 and shared_parameters ~= 0.333333333
    and residuals_carry >= 30 and bytes_by_level ~= [1, 2, 4]
data: generated   seconds: 25   fast_seconds: 11
items: A10 D8 D14-D16 H7-H8 L1 L6 M1 O19 R3-R4 R28   needs: 06 14 15
"""

# %% [markdown]
# # 21 Deep RNNs, three ways
#
# Is a recurrent net deep? Over thirty steps, $x_1$ has passed thirty layers and more when it arrives in $y_{30}$; no
# ordinary net of its size is as deep. Lesson 06 put it in a table: a convolution, one kernel for all places, sees
# neighbours and is shallow; a recurrent net, one rule for all steps, hears its own past, and is as deep as the sequence
# is long. "Power is in unrolling."
#
# But follow $x_{30}$ to $y_{30}$: into the state, out of the state. Two layers, as shallow as can be. A plain net has
# **three blocks**: from input to state, from state to state, from state to output; and each of them is *one* matrix
# with an activation. Any of the three can be made deeper, or the whole net set on another one. Today: where, what
# becomes of the way from step to step, and what a slide's two lines of code build in place of a deep net.

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
from collections import Counter
from functools import partial
from math import comb

import numpy as np

import minigrad as mg
import viz
from minigrad import nn, optim
from minigrad.train import fit
from viz.zoo import Levels

lesson = kit.begin("21")
H, INPUTS, LAG, B = 32, 5, 30, 32
TRIED = lesson.pick(8, 3)  # how many nets of each kind are measured


def elman(inputs, start=None, width=H):
    return nn.RNNCell(inputs, width, bias="one", recurrent_init=start)


def double(x):
    return mg.Tensor(x, "float64", requires_grad=True)


def unrolled(cell, x):
    """The inputs as T tensors, and the T states (y, h, ...): scores, the top level's h, and what else there is."""
    state, states = cell.initial(x.shape[1]), []
    for first in state:
        first.requires_grad = True
    xs = [mg.Tensor(x_t, state[0].dtype, requires_grad=True, name="x") for x_t in x]
    for t, x_t in enumerate(xs):
        with mg.scope("step", t):
            state = cell.advance(x_t, state)
        states.append(state)
    return xs, states


def waiting(count, lag, rng):
    """Lesson 15's task: x (lag + 1, count, 5), one of four symbols, then noise; and the symbols (count,)."""
    x, d = np.zeros((lag + 1, count, INPUTS)), rng.integers(0, 4, count)
    x[0, np.arange(count), d] = 1
    x[1:, :, 4] = rng.uniform(-1, 1, (lag, count))
    return x, d


def reach(states):
    """Lesson 15's ruler, |d last / d state| / sqrt(H), from two random directions, for 0, 1, 2 ... steps back."""
    hs, squares = [state[1] for state in states], 0.0
    for _ in range(2):
        v = mg.Tensor(lesson.rng.choice([-1.0, 1.0], hs[-1].shape), "float64")
        squares += np.array([np.square(g.numpy()).sum() for g in mg.grad((hs[-1] * v).sum(), hs)])
    return np.sqrt(squares / (2 * hs[0].size))[::-1]


# %% [markdown]
# ## The places
#
# `DeepCell` puts layers into the three blocks of a cell: `before`, `between` and `after` it; its `after=[4]` is just
# the readout, to four scores. `Levels` sets cells one above the other. (In TensorFlow's words `BasicRNNCell` and
# `MultiRNNCell`; `dynamic_rnn(cell, x)` is our `scan`.) The lecture's picture has three deep nets: **a**, a second
# level of states; **b**, a hidden layer, which makes two matrices, from state to state; **c**, b with a skip around it.
#
# How deep is each? Let the graph say. A *way* leads from one value to another along the recorded operations, and its
# length is the number of weight matrices on it. `ways` counts the ways of each length. **Predict** the table: for each
# place, the layers from $x_t$ to $y_t$, the fewest from $h_t$ to $h_{t+1}$, and the fewest and most over 30 steps.

# %%
NETS = {
    "plain": lambda start=None: nn.DeepCell(elman(INPUTS, start), after=[4]),
    "before": lambda start=None: nn.DeepCell(elman(H, start), before=[INPUTS], after=[4]),
    "after": lambda start=None: nn.DeepCell(elman(INPUTS, start), after=[H, 4]),
    "a": lambda start=None: Levels(elman(INPUTS, start), nn.DeepCell(elman(H, start), after=[4])),
    "b": lambda start=None: nn.DeepCell(elman(INPUTS, start), between=[H], after=[4]),
    "c": lambda start=None: nn.DeepCell(elman(INPUTS, start), between=[H], after=[4], skip=True),
}


def ways(start, end):
    """{weight matrices on the way: how many such ways lead from start to end}."""
    found = {start.node or start: Counter({0: 1})}
    for node in mg.history([end]):
        if node not in found:
            found[node] = Counter()
            for way in node.inputs:
                for length, number in found.get(way[0] if type(way) is tuple else way, {}).items():
                    found[node][length + (node.op.name == "linear")] += number
    return found[end.node]


# %%
rows = []
for name, make in NETS.items():
    xs, states = unrolled(make(), lesson.rng.normal(size=(LAG, 1, INPUTS)))
    step, far = ways(states[-2][1], states[-1][1]), ways(xs[0], states[-1][0])
    rows.append((name, min(ways(xs[-1], states[-1][0])), min(step), min(far), max(far), sum(far.values())))
lesson.table(["layers", "x_t to y_t", "h_t to h_t+1", "x_1 to y_30, fewest", "most", "number of ways"], rows)
lesson.check("path_lengths", [row[2] for row in rows], "==", [1, 1, 1, 1, 3, 1])

# %% [markdown]
# A layer before or after is passed **once**, however long the sequence. A second level costs one, too: a way goes up
# at one of 30 steps, hence 30 ways, all equally long. But a layer *between* is passed at **every step**, and two of
# them make 31 into 89. That is what the lecture warns of, extra depth makes the shortest path from $t$ to $t+1$ longer,
# and why there is a (c): its fewest are 31 again. Did you expect its number of ways? At each step a way goes through
# the two layers or around them: two to the 29th.
#
# ## The three pictures
#
# The loss looks at the last state only, and the arrows carry its gradient back. In **a**, find the three ways from
# $h_3$ above to the first step of the lower level. In **b** and **c**, count the `@` between $h_1$ and $h_2$.

# %%
def picture(name, cell, steps, view, title):
    _, states = unrolled(cell, lesson.rng.normal(size=(steps, 1, 3)))
    record = viz.record(states[-1][0].sum().named("L"), model=cell)
    lesson.show(name, viz.draw(record, view=view, title=title))


small = partial(nn.RNNCell, bias=False)
picture("a", Levels(small(3, 4), small(4, 4)), 3, "cells", "(a) Stacked: another level of states")
picture("b", nn.DeepCell(small(3, 4), between=[4]), 2, "ops", "(b) Layers between the states")
picture("c", nn.DeepCell(small(3, 4), between=[4], skip=True), 2, "ops", "(c) Layers between, and a skip around them")

# %% [markdown]
# ## What arrives after thirty steps?
#
# `reach`, the ruler of lesson 15: the size of $\partial h_T/\partial h_t$, 1 if each unit keeps what it has. Twice:
# with the usual small numbers at the start, and with an orthogonal $W_{hh}$, the best start we know.
#
# **Predict**, for the usual start: the plain net comes to some $10^{-7}$. Where do a, b and c come to?

# %%
reaches, MAIN = {}, ("plain", "a", "b", "c")
for start in (None, "orthogonal"):
    for name in MAIN:
        nets = [NETS[name](start).astype("float64") for _ in range(TRIED)]
        logs = [np.log10(reach(unrolled(net, waiting(4, LAG, lesson.rng)[0])[1])) for net in nets]
        reaches[name, start] = np.mean(logs, axis=0)
lesson.table(["start of W_hh", "net", "1 step back", "10", "20", "30, a power of 10"],
             [(start or "usual", name, *r[[1, 10, 20, 30]].round(2)) for (name, start), r in reaches.items()])
far = {key: r[LAG] for key, r in reaches.items()}
lesson.check("b_below_c", min(far["c", start] - far["b", start] for start in (None, "orthogonal")), ">=", 3)
lesson.check("b_exponent", far["b", None] / far["plain", None], ">=", 2.2)
lesson.check("skip_is_no_cure", far["c", None] - far["plain", None], "<=", 3)
lesson.plot("reach", lambda ax: viz.gradient_flow({name: 10 ** reaches[name, None][::-1] for name in MAIN}, axes=ax))

# %% [markdown]
# Two layers more in each step, and nearly the *cube* is left: three times as many factors, thrice the power of ten. An
# orthogonal $W_{hh}$ helps a, c and the plain net, but not b, whose other two matrices are as small as ever.
#
# And look at c. It is far above b, and hardly above the **plain** net. A skip around the *new* layers keeps the way as
# short as it was; the one old layer is still passed at every step. It cures what we have added, no more.
#
# ## A thousand million ways
#
# > **The slide says** of Res-Nets: "like an ensemble of shallow architectures".
#
# In c that can be *computed*. Split the gradient by the number of layer pairs that it came through: 0, 1, ... 30. The
# *ways* are 60 matrices long on average. **Predict**: and those by which most of the gradient comes?

# %%
def split(net, xs, hs, v):
    """v, a gradient at the last h, carried back to the first: [j] is what came through j of the 30 pairs of layers."""
    parts = v * (np.arange(len(hs)) == 0)[:, None, None]
    for x, h in zip(xs[:0:-1], hs[-2::-1]):
        x, h = (double(np.tile(a.numpy(), (len(hs), 1))) for a in (x, h))
        through = net.between(h)
        read = h + through
        around = mg.grad(net.cell(x, read), read, double(parts.reshape(-1, H)))
        passed = mg.grad(through, h, around).numpy().reshape(parts.shape)
        parts = around.numpy().reshape(parts.shape) + np.roll(passed, 1, axis=0)  # one pair more
    return parts


shares, off = [], []
for _ in range(TRIED):
    net = NETS["c"]().astype("float64")
    xs, states = unrolled(net, waiting(4, LAG, lesson.rng)[0])
    hs, v = [state[1] for state in states], lesson.rng.normal(size=(4, H))
    parts, whole = split(net, xs, hs, v), mg.grad(hs[-1], hs[0], double(v)).numpy()
    shares.append(np.linalg.norm(parts, axis=(1, 2)))
    off.append(np.abs(parts.sum(axis=0) - whole).max() / np.abs(whole).max())
gradient = np.mean([lengths / lengths.sum() for lengths in shares], axis=0)
number = np.array([comb(LAG, j) / 2**LAG for j in range(LAG + 1)])
pairs = {"ways": number @ range(LAG + 1), "gradient": gradient @ range(LAG + 1)}
lesson.table(["mean over", "layer pairs, of 30", "matrices"], [(k, p, LAG + 2 * p) for k, p in pairs.items()])
lesson.check("parts_add_up", max(off), "<=", 1e-10)
lesson.check("short_ways", pairs["ways"] - pairs["gradient"], ">=", 6)


def draw_ways(ax):
    lengths = LAG + 2 * np.arange(LAG + 1)
    ax.fill_between(lengths, number, color="#BBBBBB", label="share of the ways")
    ax.plot(lengths, gradient, "o-", color="#D55E00", label="share of the gradient")
    ax.set(title="Most ways are long; the gradient comes by short ones", xlabel="weight matrices on a way of 30 steps")
    ax.legend()


lesson.plot("ways", draw_ways, size=(8, 3.6))

# %% [markdown]
# The shaded hill is where the ways are, the line where the gradient is: they hardly touch. (Thirty steps from state to
# state make $2^{30}$ ways.) Nearly all of them are so long that they carry nothing; what arrives went around most of
# the new layers. For this net, at its start, the slide is right: a crowd of nets, of which the shallow ones speak.
#
# ## Who learns to wait?
#
# Four nets with an orthogonal $W_{hh}$ hear one of four symbols, then noise, not for thirty steps but for a dozen only
# (16 in full mode), and say which it was. By guessing, a quarter is right. **Predict** the table.

# %%
def train(net, batches, lr):
    """(how often it was right in the last 20 batches, all losses). net(x): scores, of which the last steps count."""
    right = []

    def loss_of(batch):
        x, d = batch
        scores = net(mg.Tensor(x))[-len(d) :]
        right.append(np.mean(scores.numpy().argmax(axis=2) == d))
        return mg.cross_entropy(scores, d)

    losses = fit(loss_of, batches, optim.Adam(net, lr=lr), len(batches), clip=1.0, progress=False).losses
    return np.mean(right[-20:]), losses


def outputs(layer, *more):
    """A recurrent layer that gives its outputs without its last state, and what comes after it."""
    return nn.Sequential(layer, lambda both: both[0], *more)


waited = {}
for name in (bar := lesson.progress(MAIN, "waiting")):
    heard = [waiting(B, lesson.pick(16, 12), lesson.rng) for _ in range(lesson.pick(100, 50))]
    net = outputs(nn.Stacked([NETS[name]("orthogonal")]))
    waited[name], losses = train(net, [(x, d[None]) for x, d in heard], 0.003)
    bar.note(loss=losses[-1])
lesson.table(["net", "right, last 20 updates"], waited.items())
lesson.check("b_learned", waited["b"], "<=", 0.45)
lesson.check("others_learned", min(waited[name] for name in ("plain", "a", "c")), ">=", 0.5)

# %% [markdown]
# b is the plain net with two matrices *more*, and learns nothing at all. c has the very layers of b.
#
# ## More levels, or a wider one?
#
# The first of the three is the one that is used. Is it better than one level with as many parameters? One of 48 units
# against three of 21, on two tasks that ask at every step, in several runs:
#
# * **parity**: was the number of ones so far odd? And the same again, with the input four times as **loud**;
# * **echo**: which of four symbols was heard 20 steps ago?
#
# **Predict** who is ahead after so many updates: always the same one?

# %%
def task(name, width):
    """Inputs (T, B, width), and the answers to the last steps."""
    if name == "echo":
        ids = lesson.rng.integers(0, 4, (30, 16))
        return np.eye(width)[ids], ids[:-20]
    ids = lesson.rng.integers(0, 2, (8, 32))
    return np.eye(width)[ids] * (4 if "loud" in name else 1), np.cumsum(ids, axis=0) % 2


SIZES = lesson.pick(((1, 48), (2, 28), (3, 21), (4, 18)), ((1, 48), (3, 21)))
TASKS, scored = {"parity": 2, "loud parity": 2, "echo": 4}, {}
for name, size in (bar := lesson.progress([(name, size) for name in TASKS for size in SIZES], "levels")):
    for _ in range(3 if name == "echo" else 5):
        rnn = nn.RNN(TASKS[name], size[1], size[0], bias="one", recurrent_init="orthogonal", unroll=False)
        net = outputs(rnn, nn.Linear(size[1], TASKS[name]))
        right, losses = train(net, [task(name, TASKS[name]) for _ in range(100)], 0.01)
        scored.setdefault((name, *size, sum(p.size for p in rnn.parameters())), []).append(right)
    bar.note(loss=losses[-1])
lesson.table(["task", "levels", "units each", "parameters", "right: lowest run", "mean", "highest"],
             [(*key, min(r), np.mean(r), max(r)) for key, r in scored.items()])
mean = {key[:2]: np.mean(r) for key, r in scored.items()}
lead = {name: mean[name, 3] - mean[name, 1] for name in TASKS}
lesson.table(["task", "three levels are ahead by"], lead.items())
lesson.check("task_decides", lead["parity"] - lead["echo"], ">=", 0.05)
lesson.check("loud_parity", min(mean["loud parity", levels] for levels in (1, 3)), ">=", 0.85)

# %% [markdown]
# Three levels are ahead at parity, and you might go and tell it to everybody. But four times as loud, the one level has
# it just as soon: its trouble was no lack of *levels*, only a start at which its units are too nearly linear to flip.
# And at echo, where twenty symbols are to be held at once, the lead is gone; in most runs the wide one is ahead. So
# there is **no winner** here, and a comparison on one task, at one start, is worth little, whoever publishes it.
#
# ## The slide's deep net
#
# > **The slide says**: `rnn_cells = tf.nn.rnn_cell.MultiRNNCell([cell] * num_layers)`, and on the next line
# > `tf.nn.dynamic_rnn(cell, ...)`.
#
# Read it twice. There are **two** bugs, one in each line. Each is mended alone, then both, in a net of three
# levels that is to learn parity. **Predict** for each of the four the parameters, and the layers from $x_t$ to $h_t$.

# %%
batches, losses, rows = [task("loud parity", H) for _ in range(20)], {}, []
for mended in ((), ("list",), ("call",), ("list", "call")):
    mg.manual_seed(lesson.seed)
    readout, cell = nn.Linear(H, 2), elman(H)
    rnn_cells = Levels(*[cell, elman(H), elman(H)] if "list" in mended else [cell] * 3)
    runs = rnn_cells if "call" in mended else cell
    _, losses[mended] = train(outputs(nn.Stacked([runs]), readout), batches, 0.01)
    idle = sum(p.size for p in rnn_cells.parameters() if p.grad is None)
    xs, states = unrolled(runs, batches[0][0])
    rows.append((" and ".join(mended) or "nothing", sum(p.size for p in rnn_cells.parameters()), idle,
                 min(ways(xs[-1], states[-1][0])), losses[mended][-1]))
lesson.table(["mended", "parameters", "without gradient", "x_t to h_t", "loss after 20"], rows)
lesson.check("slide_is_one_level", np.abs(np.subtract(losses[()], losses["list",])).max(), "==", 0)
lesson.check("shared_parameters", rows[2][1] / rows[3][1], "~=", 1 / 3)

# %% [markdown]
# **What is true.** `[cell] * 3` is *one* cell, three times: a third of the parameters, the same weights on every level.
# And what runs is `cell`, so the stack is built and never used: the loss is that of one level **to the last bit**.
#
# The nasty thing is how they hide each other. A parameter without a gradient is the sure sign of something built and
# not used (second row). In the first row there is none: `cell` is in the list and runs, so everything looks alive. Mend
# the first bug, and you see the second. Mend only the second, and the net is deep and *learns*, now and then even
# faster than the right one: nothing warns you.
#
# What would have? The number of parameters, counted by hand. Or a size: if $x$ is not as wide as $h$, one cell cannot
# fit twice. Or a library that looks, as below. (To be fair: in the TensorFlow of that time weights belonged to the
# place of a call, not to the cell, and were made at the first call. So the list even worked, and an unused cell had no
# weights to find. Later versions gave the weights to the cell, and the line broke.)

# %%
try:
    nn.Stacked([cell] * 3)
except ValueError as error:
    print(error)

# %% [markdown]
# ## The price, and the tower
#
# How many levels, then? Two or three, says one lecture; rarely more than four, another; many are a "computational
# nightmare". These are **opinions**. Google's translator of 2016 had eight, with residuals.
#
# A tower has a gradient of its own to lose, downwards. **Predict** for 1, 2, 4, 8 levels over 25 steps how many bytes
# are kept for the way back (lesson 08), and how much of a gradient at the top comes down to the input of the *same*
# step; then again with $h + x$ around each level (`ResidualCell`, lesson 15).

# %%
tower = []
for levels in (1, 2, 4, 8):
    row = [levels]
    for around in (lambda cell: cell, nn.ResidualCell):
        net = Levels(*[around(elman(H)) for _ in range(levels)]).astype("float64")
        xs, states = unrolled(net, lesson.rng.normal(size=(25, B, H)))
        g = mg.grad(states[-1][0], xs[-1], double(lesson.rng.normal(size=(B, H)) / np.sqrt(B * H)))
        kept = {id(a): a.nbytes for node in mg.history([states[-1][0]]) for a in node.saved}
        row += [sum(kept.values()), np.linalg.norm(g.numpy())]
    tower.append(row)
lesson.table(["levels", "bytes kept", "gradient", "bytes, h + x", "gradient, h + x"], tower)
lesson.check("residuals_carry", tower[3][4] / tower[3][2], ">=", 30)
lesson.check("bytes_by_level", np.diff([row[1] for row in tower]) / (tower[1][1] - tower[0][1]), "~=", [1, 2, 4])

# %% [markdown]
# Each level lets about half through: matrices upright do what matrices along time do, and the cure is the same, a way
# around. Then a tower can be high: that is the slide's "training of very deep models possible".
#
# It does not get cheaper. Memory and work are levels *times* steps: "the real challenge is memory". But you can choose
# what to spend it on. A level costs new parameters, and a step costs none, which is why the power is in unrolling.
#
# ## Where this lives in minigrad
#
# `nn.DeepCell`, `nn.Stacked`, `nn.ResidualCell` (a skip around a whole level) in `minigrad/nn/wrappers.py`;
# `num_layers=` of `nn.RNN`, `nn.LSTM`, `nn.GRU`; the nets `stacked`, `deep-b`, `deep-c` and `residual` of
# `python -m viz`.

# %% [markdown]
# ## What we left out
#
# * Whether eight levels with residuals *learn* more than two: that takes a task, and a corpus, of another size (Wu et
#   al., 2016).
# * Gates. In a stack of LSTMs the way along time is the cell state of lesson 16, so only the levels are left to mend.
# * Levels that tick at different speeds: the clockwork net of lesson 15.
# * Shared levels *on purpose*: one cell, used several times at each step, is a net that thinks longer (Graves, 2016).
#
# ## Quiz

# %% [markdown]
# 1. Where can a layer be added so that the way from $h_t$ to $h_{t+1}$ does not get longer?
#
# <details><summary>Answer</summary>
#
# Before the cell, after it, as another level; or between the states with a skip around it.
#
# </details>
#
# 2. c has a thousand million ways over 30 steps. Why does its gradient fade, at the usual start, nearly as fast as
#    that of the plain net, which has one?
#
# <details><summary>Answer</summary>
#
# Each way, the shortest too, goes through $W_{hh}$ and a tanh at each step. The skip leads past the new layers only.
#
# </details>

# %% [markdown]
# 3. `[copy.deepcopy(cell) for _ in range(3)]`: is that the bug again?
#
# <details><summary>Answer</summary>
#
# No. The levels begin with the same numbers, and do not share them; they read different things, get different gradients
# and part at the first update. But new random cells are the better start.
#
# </details>
#
# 4. All parameters get a gradient. Is the whole net used?
#
# <details><summary>Answer</summary>
#
# Not for sure. In the slide's program all get one, since the only cell is in the list and runs.
#
# </details>

# %% [markdown]
# 5. Two levels beat one of equal parameters on your task. What do you try before you believe in levels?
#
# <details><summary>Answer</summary>
#
# More seeds; another scale of the input or of the start; another learning rate, for both. Here a louder input did it.
#
# </details>
#
# ## Exercises
#
# `python -m lessons exercise 21` copies these and more into files of yours; `check 21` examines them, `hint 21` helps.


# %%
# Exercise 21.1 (find the bug): the slide's list of cells. make() builds one cell.
def new_levels(make, count):
    raise NotImplementedError("TODO 21.1: [make()] * count is one cell, count times")


# %%
# Exercise 21.2 (find the bug): a stack is given and one cell runs. cells[i](x, h) gives the new state of level i.
def run_stack(cells, xs, hs):
    raise NotImplementedError("TODO 21.2: each level reads what the one below has just computed")


# %%
# Exercise 21.3 (predict): ways from h_t to h_{t+lag}, with k layers between the states: fewest, most, how many ways.
def lengths_of_ways(lag, k, skip):
    raise NotImplementedError("TODO 21.3: at each step one matrix, and k more, or perhaps not")


# %%
# Exercise 21.4 (predict): how wide may each of so many levels be, to have no more parameters than one of H units?
def width_of(levels, n_x, H):
    raise NotImplementedError("TODO 21.4: an Elman level with one bias has n * m + n * n + n parameters")


# %%
# Exercise 21.5 (predict): the ways from x_1 to the top state of step T, in a stack of so many levels.
def ways_up(levels, T):
    raise NotImplementedError("TODO 21.5: a way goes across or up; at which steps may it go up?")


# %%
lesson.finish()
