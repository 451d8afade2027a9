"""16 LSTM
question: what must a recurrent net be made of, so that it can keep something for as long as it likes?
claim: a cell with an open forget gate keeps what it holds and its gradient; a fresh LSTM's gates are half shut
check: built_is_minigrads <= 1e-12 and adding_remembers >= 1000 and fresh_lstm_forgets <= 1e-6 and closed_keeps == 0
    and closed_gradient == 0 and slide_erases == 0 and product_law <= 1e-10 and parameters == 0 and slide_loses >= 1000
    and open_beats_half_open >= 1000 and far_open_loss <= 0.2 and far_open_right >= 0.95 and far_half_open_loss >= 0.9
    and far_plain_loss >= 0.9 and near_bias_pays >= 1.2 and input_gate_stays_open >= 0.35 and cells_drift_apart >= 3
    and longer_than_trained >= 0.9 and kernel_agrees <= 1e-10
data: generated   seconds: 16   fast_seconds: 9
items: A7-A8 C16 D10-D12 F9 G1-G5 G8-G9 H14 M1 M8 O13 R1 R14 R15 R17 R18 R29-R30 R47   needs: 06 08 11 14
"""

# %% [markdown]
# # 16 LSTM
#
# > "The cake, which contained candles, **was** eaten."
#
# *Was*, not *were*: the verb agrees with the cake, not with the candles that stand beside it. (Likewise "I grew up in
# France ... I speak fluent ???".) Whoever reads must carry one bit, *one cake*, over a clause of any length, and not
# let the candles touch it. Lesson 14 showed why a plain net does not learn that: back through every step, the gradient
# is multiplied by the same matrix and by a slope. And its state has two jobs at once: to say what matters *now*, and to
# hold what will matter *later*.
#
# The way out is from 1997 (Hochreiter and Schmidhuber, Neural Computation 9, not "NC1999"): a second state for the
# second job, and *gates* that say when it may be touched. You build it today, piece by piece, in eight pictures.

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
import numpy as np

import minigrad as mg
import viz
from minigrad import nn, optim
from minigrad.recurrent import scan

lesson = kit.begin("16")
H, STEPS, norm = 16, 20, np.linalg.norm
LOOKS = {"plain": ("#555555", "--"), -2: ("#0072B2", ":"), 0: ("#56B4E9", "-."), 1: ("#009E73", "-"),
         3: ("#E69F00", "-"), 5: ("#D55E00", "-")}
NOUNS = "cake candle apple nut plum pear".split()
WORDS = [*"the , which contained and".split(), *NOUNS, *[noun + "s" for noun in NOUNS]]


def double(x, name=None):
    return mg.Tensor(x, "float64", name=name)


def blocks(cell):
    """The weights of an nn.LSTMCell as {gate: (W, b)}, in 64 bits."""
    W, b = [np.split(v.numpy(), 4) for v in cell.concatenated()]
    return {name: (nn.Parameter(W[n], "float64", name=f"W_{name}"), nn.Parameter(b[n], "float64", name=f"b_{name}"))
            for n, name in enumerate("ifgo")}


def run(step, w, xs, state):
    """The states (h, c) after each step."""
    states = []
    scan(lambda x, state: states.append(step(x, *state, w)) or states[-1], xs, state)
    return states


# %% [markdown]
# ## Five pictures: the cell grows
#
# All that follows reads the last state and the input side by side, $[h, x]$, through a matrix of its own:
#
# 1. The plain net: $h' = \tanh(W_g [h, x] + b_g)$. Each step makes the state *anew*.
# 2. A second state $c$, the **cell**, to which is *added*: $c' = c + g$. Nothing is multiplied; $g$ is what was $h'$,
#    and is now called the *candidate* or *new content*. The old job is done by $h' = \tanh(c')$.
# 3. A sum that only grows is no memory. The **forget gate** says what is *kept*: $c' = f\,c + g$.
# 4. The **input gate** says what is *added*: $c' = f\,c + i\,g$.
# 5. The **output** (or exposure) **gate** says what is *shown* to the rest of the net: $h' = o \tanh(c')$.

# %%
STAGES = "plain: h' = g", "a cell: c' = c + g", "forget gate: f c + g", "input gate: f c + i g", "output gate: LSTM"


def gates(x, h, w):
    """Of the gates in w, {name: (W, b)}, what they say to [h, x]."""
    hx = mg.concat([h, x], axis=1)
    say = {name: mg.linear(hx, W) + b for name, (W, b) in w.items()}
    return {name: (mg.tanh(a) if name == "g" else mg.sigmoid(a)).named(name) for name, a in say.items()}


def grown(stage):
    """The step of the cell at that stage: (x, h, c, w) -> the new h and c."""

    def step(x, h, c, w):
        a = gates(x, h, {name: w[name] for name in ["g", "f", "i", "o"][: max(stage - 1, 1)]})
        if stage == 1:
            return a["g"].named("h"), c
        kept = a["f"] * c if stage >= 3 else c
        c = (kept + (a["i"] * a["g"] if stage >= 4 else a["g"])).named("c")
        return (a["o"] * mg.tanh(c) if stage >= 5 else mg.tanh(c)).named("h"), c

    return step


# %%
cell = nn.LSTMCell(2, 3, bias="one").astype("float64")
w, x = blocks(cell), lesson.rng.normal(size=(3, 1, 2))
start = tuple([mg.Tensor(0.5 * lesson.rng.normal(size=(1, 3)), "float64", requires_grad=True, name=s) for s in "hc"])
xs = [double(x_t, "x") for x_t in x]
for stage, name in enumerate(STAGES, 1):
    h, _ = run(grown(stage), w, xs[:1], start)[-1]
    lesson.show(f"stage_{stage}", viz.draw(h, title=f"{stage}. {name}", subtitle=""))

# %% [markdown]
# Look at the blue line from $c_0$ to $c_1$. There is no matrix on it and no $\tanh$: that is the short cut, "no more
# $W$", as a slide puts it. The three gates are alike, each is a $\sigma$ of its own $[h, x]$, and so *what was read*
# decides, unit by unit, which of the cell's units are erased, written, and read, and how much: a number from 0 to 1.
# "Control how much of new input to take, how much of the previous hidden state to forget", says a slide. (Another deck
# stops before the last picture: its first LSTM slide has $i, f, g, c$, no $o$ and no $h$; two slides later they come.)
#
# ## What has been gained at each stage?
#
# The same random weights at all five stages, fresh as the library makes them, and 40 random inputs. **Predict**: at
# which stage does the last state hear most of the first input? At which stages does the cell stay small? (And is the
# LSTM better than the plain net?)

# %%
fresh = nn.LSTMCell(3, H, bias="one")
long, zeros = lesson.rng.normal(size=(40, 8, 3)), (double(np.zeros((8, H))), double(np.zeros((8, H))))


def reach(step, w):
    """|dL/dx_t| for each t, of L = the sum of the last state; and the largest |c| at the end."""
    xs = [mg.Tensor(x_t, "float64", requires_grad=True) for x_t in long]
    h, c = run(step, w, xs, zeros)[-1]
    return [norm(g.numpy()) for g in mg.grad(mg.sum(h), xs)], np.abs(c.numpy()).max()


reached = [reach(grown(stage), blocks(fresh)) for stage in range(1, 6)]
lesson.table(["stage", "largest |c|", "|dL/dx_40|", "|dL/dx_21|", "|dL/dx_1|"],
             [(f"{n}. {STAGES[n - 1]}", c, g[39], g[20], g[0]) for n, (g, c) in enumerate(reached, 1)])
lesson.check("adding_remembers", reached[1][0][0] / reached[0][0][0], ">=", 1000)
lesson.check("fresh_lstm_forgets", reached[4][0][0] / reached[1][0][0], "<=", 1e-6)

# %% [markdown]
# The adding cell hears the first input as loudly as the last, and it pays: its $c$ grows without end, $\tanh(c)$ is
# stuck at the rim, and nothing can be taken back. Each gate makes the cell better behaved, and each makes the memory
# *shorter*. At the end stands the famous cell, and the first input is lost in it as in the plain net. What is wrong?
#
# Nothing, it is *fresh*. A gate that has learned nothing says $\sigma(\text{about }0)$, about one half. The forget
# gate halves the cell at every step, and the input gate halves what comes in. The road is there. The barriers on it are
# half down.
#
# ## The slide says / what is true / run this
#
# > **The slide says**: "If forget gate is set to 0 (remember everything), long-term relations are always kept".

# %% [markdown]
# **What is true.** The name misleads. In $c' = f\,c + i\,g$ an $f$ of **0 erases**, and 1 remembers: it should be
# called the *keep* gate. **Run this**: gates held by their bias alone, $\sigma(\pm 1000)$ is 1 or 0 to the last digit,
# and a cell that starts with something in it.
#
# And in between? With $f = \sigma(b)$ at all steps, what is left after $T$ of them is $\sigma(b)^T$, of the value *and*
# of its gradient. (Hence the slide's footnote: "but sigmoid can still vanish".) **Predict** after how many steps half
# of it is gone, for a forget bias $b$ of 0, of 1, and of 3.

# %%
def nail(w, **biases):
    """The weights, with these gates held by their bias, whatever is read."""
    return w | {name: (double(np.zeros((H, H + 3))), double(np.full(H, b))) for name, b in biases.items()}


def carried(**biases):
    """c_T / c_0 and dc_T/dc_0 of all units, the input gate shut."""
    c_0 = mg.Tensor(1 + lesson.rng.random((8, H)), "float64", requires_grad=True)
    _, c_T = run(grown(5), nail(blocks(fresh), i=-1000.0, **biases), double(long[:STEPS]), (zeros[0], c_0))[-1]
    return (c_T / c_0).numpy(), mg.grad(mg.sum(c_T), [c_0])[0].numpy()


by_bias, rows = {b: carried(f=b) for b in (-1000.0, -2.0, 0.0, 1.0, 3.0, 5.0, 1000.0)}, []
for b, (left, slope) in by_bias.items():
    f = mg.sigmoid(double(b)).item()
    half_life = np.log(0.5) / np.log(f) if 0 < f < 1 else np.inf if f else 0.0
    rows.append((b, f, left.mean(), slope.mean(), f**STEPS, half_life))
lesson.table(["bias", "f", f"c_{STEPS} / c_0", f"dc_{STEPS} / dc_0", f"f^{STEPS}", "half is gone after"], rows)
lesson.check("closed_keeps", np.abs(by_bias[1000.0][0] - 1).max(), "==", 0)
lesson.check("closed_gradient", np.abs(by_bias[1000.0][1] - 1).max(), "==", 0)
lesson.check("slide_erases", np.abs(by_bias[-1000.0][0]).max(), "==", 0)
lesson.check("product_law", max(np.abs(np.array(by_bias[row[0]]) - row[4]).max() for row in rows), "<=", 1e-10)

# %% [markdown]
# The two columns agree with $f^{20}$ to the last digits: what is kept of the *value* is kept of the *gradient*, since
# both travel on the same road. A forget bias of 1, the usual advice, is a memory with a half-life of two steps. It is
# not much; it is the double of what a fresh gate has. Who wants to look back over $T$ steps from the start needs a bias
# of about $\ln T$ (Tallec and Ollivier, 2018). None of the slides mentions a forget bias at all.
#
# ## Pictures 6 to 8: packed, unrolled, and back
#
# Four products with the same $[h, x]$ are one product with a matrix four times as high. That is `nn.LSTMCell`, in the
# order i, f, g, o. In picture 7 it makes three steps. In picture 8 the gradient comes back: **predict** by which factor
# it shrinks from $c_3$ to $c_2$ to $c_1$, along the red line, in a fresh cell.

# %%
cell.weight_ih.name, cell.weight_hh.name, cell.bias_ih.name = "W_x", "W_h", "b"
hs, _ = scan(cell.advance, xs, start)
lesson.show("stage_6", viz.draw(hs[0], title="6. nn.LSTMCell: four products in one", subtitle=""))
lesson.show("stage_7", viz.draw(hs[-1], title="7. Three steps", subtitle="blue: the cell; pink: what was shown"))
lesson.show("stage_8", viz.draw(viz.record(mg.sum(hs[-1]).named("L")), emphasis="c",
                                   title="8. Back along c: no matrix, only f, which is about one half"))
lesson.check("built_is_minigrads", np.abs((run(grown(5), w, xs, start)[-1][0] - hs[-1]).numpy()).max(), "<=", 1e-12)

# %% [markdown]
# ## Five ways to write it
#
# The slides have five, all of the same cell (but for the biases): $W^{(i)} x + U^{(i)} h$ without biases; the same with
# them; $W_i\,[h, x]$, and again no biases; $W_{xi}^T x + W_{hi}^T h + b_i$, for rows instead of columns; and a
# drawing, with $\otimes$ for products unit by unit and $\oplus$ for sums. One slide has lost the forget gate's line on
# its way, and the letter of $o_t$ (and its formulas have become `egin{aligned}`: something took `\b` for a backspace).
# PyTorch and minigrad keep *two* bias vectors by default, though their sum is all
# that matters.
#
# **Predict** the numbers of parameters for 10 inputs and 20 units. Four gates, each with a matrix for $[h, x]$ ...

# %%
h, i = 20, 10
rows = [(biases, sum(p.size for p in nn.LSTMCell(i, h, bias=bias).parameters()), 4 * (h * (h + i) + biases * h))
        for biases, bias in enumerate([False, "one", True])]
lesson.table(["bias vectors", "parameters, counted", "4 (h (h + i) + biases h)"], rows)
lesson.check("parameters", [row[1] - row[2] for row in rows], "==", 0)

# %% [markdown]
# ## The slide says / what is true / run this
#
# > **The slide says**: $c^{(t)} = f^{(t)} \circ \tilde c^{(t-1)} + i^{(t)} \circ \tilde c^{(t)}$
#
# One tilde too many: $\tilde c^{(t-1)}$ is the *candidate* of the step before, and not the cell. (The same deck has it
# right two slides later.) It looks harmless. With the forget gate nailed open, **predict** what is left of the memory.

# %%
def slide_step(x, h, g_before, w):
    """The first slide's cell; the place of c is taken by the last candidate."""
    a = gates(x, h, w)
    c = a["f"] * g_before + a["i"] * a["g"]
    return a["o"] * mg.tanh(c), a["g"]


open_5 = nail(blocks(fresh), f=5.0)
flow = {"plain net": reached[0][0], "the slide's LSTM, bias 5": reach(slide_step, open_5)[0],
        "LSTM, fresh": reached[4][0], "LSTM, bias 1": reach(grown(5), nail(blocks(fresh), f=1.0))[0],
        "LSTM, bias 5": reach(grown(5), open_5)[0]}
lesson.table(["net", "|dL/dx_40|", "|dL/dx_21|", "|dL/dx_1|"], [(name, g[39], g[20], g[0]) for name, g in flow.items()])
title = "How much the last state hears of input t"
lesson.plot("flow", lambda ax: viz.gradient_flow(flow, state="x", axes=ax, title=title), size=(9, 4.5))
lesson.check("slide_loses", flow["LSTM, bias 5"][0] / flow["the slide's LSTM, bias 5"][0], ">=", 1000)
lesson.check("open_beats_half_open", flow["LSTM, bias 5"][0] / flow["LSTM, fresh"][0], ">=", 1000)

# %% [markdown]
# The tilde tears up the road. Nothing is added to anything that *stays*; all that is left is the way through $h$, as in
# the plain net. Such a program runs, its loss falls, and it remembers nothing.
#
# ## The cake, which contained candles
#
# Does that matter for *learning*? The net reads "the cake , which contained candles and plums and ..." and must say
# whether *was* or *were* comes next. Each noun is singular or plural at random. Who trusts the last noun is right in
# one of two cases, and so is who guesses.
#
# Plain nets and LSTMs with different forget biases, the same data, the same number of updates at most. A net has
# *solved* it when its loss is a tenth of that of guessing, $\ln 2$. **Predict** the rows for ten nouns in the clause,
# 23 steps between cake and verb. (A forget bias of 1 leaves $0.73^{23}$ of the cake: less than one part in a thousand.)

# %%
def sentences(count, nouns, rng):
    """Words as one-hot vectors (T, count, V), as ids (T, count), and whether the first noun is plural (count,)."""
    kinds, plural = rng.integers(0, 6, (nouns + 1, count)), rng.integers(0, 2, (nouns + 1, count))
    ids = np.full((2 * nouns + 5, count), WORDS.index("and"))
    ids[[0, 2, 3, 4, -1]] = [[WORDS.index(word)] for word in ("the", ",", "which", "contained", ",")]
    ids[[1, *range(5, len(ids) - 1, 2)]] = 5 + kinds + 6 * plural
    return np.eye(len(WORDS))[ids], ids, plural[0]


class Net(nn.Module):
    def __init__(self, name):
        sizes, options = (len(WORDS), H), {"bias": "one", "unroll": False}
        self.rnn = nn.RNN(*sizes, **options) if name == "plain" else nn.LSTM(*sizes, forget_bias=name, **options)
        self.out = nn.Linear(H, 2)

    def forward(self, x):
        return self.out(self.rnn(x)[0][-1])


def train(nouns, updates, name):
    """The net when it has solved the task or given up, and the losses / ln 2 of all its updates."""
    mg.manual_seed(lesson.seed)
    net, rng, losses = Net(name), np.random.default_rng(lesson.seed), []
    optimizer = optim.Adam(net, lr=0.005)
    while len(losses) < updates and not (len(losses) >= 20 and np.mean(losses[-20:]) <= 0.1):
        x, _, plural = sentences(32, nouns, rng)
        loss = mg.cross_entropy(net(mg.Tensor(x)), plural)
        optimizer.zero_grad()
        loss.backward()
        optim.clip_grad_norm(net.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item() / np.log(2))
    return net, np.array(losses)


def right(net, nouns):
    """How often it is right about 1000 new sentences."""
    x, _, plural = sentences(1000, nouns, np.random.default_rng(lesson.seed + 1))
    return np.mean(net(mg.Tensor(x)).numpy().argmax(axis=1) == plural)


# %%
print(*[WORDS[n] for n in sentences(1, 4, lesson.rng)[1][:, 0]], "...")
done, rows, kinds = {}, [], ["plain", *lesson.pick((-2, 0, 1, 3, 5), (-2, 1, 5))]
pairs = [(nouns, name) for nouns in lesson.pick((2, 5, 10), (2, 10)) for name in kinds]
for nouns, name in lesson.progress(pairs, "training"):
    net, losses = done[nouns, name] = train(nouns, lesson.pick(250, 150), name)
    rows.append((nouns, 2 * nouns + 3, name, len(losses), losses[-20:].mean(), right(net, nouns)))
lesson.table(["nouns", "steps between", "net, or forget bias", "updates", "loss / ln 2", "right"], rows)

# %% [markdown]
# Three things to see. With two nouns the *plain net* solves it, too: a gap of seven steps is no reason for an LSTM.
# With ten it is right in half of the cases, and its loss has not moved; nor has that of an LSTM whose gate is shut. And
# a forget bias of 1, "the" remedy, is for that distance nearly as bad as none: while the open gate learned, its loss
# stood still.

# %%
net, winner = done[10, 5]
meanwhile = {name: done[10, name][1][: len(winner)][-20:].mean() for name in kinds}
lesson.table(["10 nouns; net, or forget bias", "its loss / ln 2 when bias 5 has solved it"], meanwhile.items())
lesson.check("far_open_loss", meanwhile[5], "<=", 0.2)
lesson.check("far_open_right", right(net, 10), ">=", 0.95)
lesson.check("far_half_open_loss", meanwhile[1], ">=", 0.9)
lesson.check("far_plain_loss", meanwhile["plain"], ">=", 0.9)
lesson.check("near_bias_pays", len(done[2, -2][1]) / len(done[2, 1][1]), ">=", lesson.pick(1.5, 1.2))


def draw_losses(ax):
    for name in kinds:
        means = np.convolve(done[10, name][1], np.ones(20) / 20, "valid")
        ax.plot(20 + np.arange(len(means)), means, LOOKS[name][1], color=LOOKS[name][0], label=f"{name}")
    ax.set(title="Who carries the cake over 23 steps?", xlabel="updates", ylabel="loss / ln 2", ylim=(0, 1.1))
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), title="net, or forget bias")


lesson.plot("learning", draw_losses, size=(8, 4))

# %% [markdown]
# (Each point is the mean of 20 updates.) Perhaps you see the bias of 1 come down at last: a gradient that is faint but
# not zero pushes the gate open. Bias 5 had it open. Nothing else distinguishes the two.
#
# ## What do the gates do?
#
# The textbook's tale: at *cake* the input gate opens and a unit stores the number; then it shuts, and the unit rests
# until the verb. "The gates often end up keeping the hidden state exactly (or nearly exactly) as it was", say the
# slides; another deck: cell "long-term, small updates", hidden state "short-term, large updates".
#
# **Predict** what $c$, $f$, $i$, $g$ of one unit look like, word by word, for "the cake , which contained candles and
# plum and nuts ,", and what $c$ looks like when it begins with "the cakes". (The unit in which the two differ most.)

# %%
def watch(net, sentence):
    """{gate or state: (T, H)}, word by word."""
    w, h, c, seen = blocks(net.rnn.cells[0]), zeros[0][:1], zeros[0][:1], []
    for word in sentence.split():
        x = double(np.eye(len(WORDS))[[WORDS.index(word)]])
        a, (h, c) = gates(x, h, w), grown(5)(x, h, c, w)
        seen.append({**a, "h": h, "c": c})
    return {name: np.stack([values[name].numpy()[0] for values in seen]) for name in seen[0]}


text = "the cake , which contained candles and plum and nuts ,"
one, many = watch(net, text), watch(net, text.replace("cake", "cakes"))
unit = np.argmax(np.abs(one["c"][-1] - many["c"][-1]))
bands = {"c: the cake ...": one["c"], "c: the cakes ...": many["c"], **{name: one[name] for name in "figo"}}
lesson.plot("gates", lambda ax: viz.gates({name: band[:, unit] for name, band in bands.items()}, text.split(), axes=ax,
                                          title="A unit that knows the number, word by word"), size=(9, 6))
lesson.table(["state", "mean change in a step / mean size"],
             [(name, np.abs(np.diff(one[name], axis=0)).mean() / np.abs(one[name]).mean()) for name in "ch"])
apart = np.abs(one["c"] - many["c"]).mean(axis=1)
lesson.check("input_gate_stays_open", one["i"][2:].mean(), ">=", 0.35)
lesson.check("cells_drift_apart", apart[-1] / apart[1], ">=", 3)

# %% [markdown]
# The tale is *one* way to do it, and not what the net has found. The input gate never shuts. The unit hardly notices
# the cake; but from then on it goes the same way at each step, further and further, whatever nouns come: what it shows
# ($h$) comes back through $[h, x]$ as its own next candidate $g$. It does not rest, it *repeats itself*. And cell and
# hidden state change about equally fast.
#
# What gates *can* do and what a trained net *does* are two questions. The second one is answered by looking.
#
# **Predict**: trained with ten nouns only. How often is it right with one noun? With forty, 83 steps?

# %%
lesson.table(["nouns in the clause", "right"], [(nouns, right(net, nouns)) for nouns in (1, 5, 10, 20, 40)])
lesson.check("longer_than_trained", right(net, 40), ">=", 0.9)


def gradient(unroll):
    """dL/dtheta, through the graph of every step, or through the kernel that trains the nets of this lesson."""
    mg.manual_seed(lesson.seed)
    layer = nn.LSTM(3, H, unroll=unroll).astype("float64")
    return np.concatenate([g.numpy().ravel() for g in mg.grad(mg.sum(layer(double(long))[0][-1]), layer.parameters())])


lesson.check("kernel_agrees", norm(gradient(True) - gradient(False)) / norm(gradient(False)), "<=", 1e-10)

# %% [markdown]
# The longer, the surer, since it counts up: with one noun there was hardly time. (The last check: all nets here were
# trained by one kernel for all steps, `unroll=False`, whose backward pass is written by hand; its gradient is that of
# the graph in picture 8.)
#
# "Closer to how humans process information", says a slide of the LSTM. That is not a result; nobody has measured it.
#
# ## The names elsewhere
#
# | TensorFlow 1, on the slides | here |
# |---|---|
# | `BasicRNNCell`, `GRUCell` | `nn.RNNCell`, `nn.GRUCell` (lesson 17) |
# | `BasicLSTMCell` | `nn.LSTMCell`; its forget bias was 1 by default, in ours you say so: `forget_bias=1` |
# | `LSTMCell` | `nn.LSTMCell` with `peepholes=True`, `proj_size=...` |
# | `RNNCell`, the abstract one | `nn.Cell`: a step, an initial state, sizes |
# | `OutputProjectionWrapper` | `nn.Linear` on the outputs, as `out` above (`nn.ProjectionCell` inside the loop) |

# %% [markdown]
# A deck calls an LSTM from R, `mx.lstm(...)`. All of it in our words:
#
# | R | here |
# |---|---|
# | `num.lstm.layer = 1, num.hidden = 20, num.label = 100` | `nn.LSTM(100, 20)`, `nn.Linear(20, 100)`: 100 symbols |
# | `initializer = mx.init.uniform(0.1)` | `init.uniform(shape, -0.1, 0.1)`: forget bias about 0, all gates half shut! |
# | `seq.len = 32, batch.size = 32` | `data.contiguous(ids, 32, 32)` |
# | `num.round = 100, learning.rate = 0.1` | 100 passes, `optim.SGD(net, lr=0.1)` |
# | `dropout = 0, clip_gradient = 1` | none (lesson 18), each gradient *value* cut at 1 (lesson 14) |
# | `ctx = mx.cpu()` | `MINIGRAD_BACKEND=numpy` |

# %% [markdown]
# ## Where this lives in minigrad
#
# The equations are `lstm_step` in `minigrad/recurrent/steps.py`; `LSTMCell` in `minigrad/nn/recurrent.py` has the
# parameters and sets the forget bias; `minigrad/recurrent/fused.py` is the kernel. `viz.gates` draws time-lines.
#
# ## What we left out
#
# * Gated units with fewer gates, the GRU, and which cell to take: lesson 17. Gates in depth instead of time: lesson 21.
# * Peepholes (the gates look at $c$), projections, layer norm inside the cell: options of `nn.LSTMCell`.
# * The LSTM of 1997 had no forget gate: it was our stage 2 with $i$ and $o$. Gers and others added it in 2000, because
#   the cells ran away on endless streams: look at the first table again.
# * Gates do not stop gradients from *exploding*: all nets above are clipped.
#
# ## Quiz

# %% [markdown]
# 1. A forget gate says 0.9 at each step. How much of the cell, and how much of its gradient, is left after 50 steps?
#
# <details><summary>Answer</summary>
#
# $0.9^{50}$, half a percent, of both (along $c$ alone).
#
# </details>
#
# 2. Why is the gradient along $c$ not multiplied by a matrix?
#
# <details><summary>Answer</summary>
#
# $c' = f c + i g$ works unit by unit: unit 3 of $c'$ gets its share from unit 3 of $c$ alone. Matrices stand only on
# the way through $h$ into the gates.
#
# </details>

# %% [markdown]
# 3. Somebody has a fresh LSTM with forget bias 1 and sentences of 100 words. Will it learn what the first word says?
#
# <details><summary>Answer</summary>
#
# Probably not for a long while: $0.73^{99}$ is $10^{-14}$. A bias of $\ln 100$, about 4.6, is a better start. (Short
# sentences in the data help as well: they teach the gate to open.)
#
# </details>
#
# 4. Both gates at 0: what does the cell hold then? Both at 1?
#
# <details><summary>Answer</summary>
#
# Nothing: it is erased and nothing comes in. At 1 it is the sum of stage 2. The two are not each other's opposite; in
# the GRU of lesson 17 they are.
#
# </details>

# %% [markdown]
# 5. With an output gate of 0, can the cell be read, be changed, be taught?
#
# <details><summary>Answer</summary>
#
# It is hidden and goes on unharmed, and $f$, $i$, $g$ still change it. A gradient reaches it along $c$ from later
# steps, at which the output gate may be open; not from this step.
#
# </details>
#
# ## Exercises
#
# `python -m lessons exercise 16` copies these and more into files of yours; `check 16` examines them, `hint 16` helps.


# %%
# Exercise 16.1: the whole cell, from slides with holes: the forget gate's line and o's letter are missing, no biases.
def lstm_step(x, h, c, W, b):
    raise NotImplementedError("TODO 16.1: W (4H, H + I) and b (4H,) have the rows i, f, g, o; return the new h and c")


# %%
# Exercise 16.2 (find the bug): the slide with one tilde too many. i, f, g (T, H) are given; return all cells (T, H).
def cells(i, f, g, c0):
    c, last = [], c0
    for t in range(len(g)):
        c.append(f[t] * last + i[t] * g[t])
        last = g[t]
    raise NotImplementedError("TODO 16.2: return np.array(c), after the repair")


# %%
# Exercise 16.3: one step back, by hand. Return dL/dc_{t-1} along the cell, and dL/d of what stands inside i, f, g, o.
def step_back(dh, dc, c_before, i, f, g, o):
    raise NotImplementedError("TODO 16.3: c = f c_before + i g, h = o tanh(c); dh and dc come from later")


# %%
# Exercise 16.4 (predict): the slide says that 0 remembers. How much of the cell is left, with this forget bias?
def left(forget_bias, T):
    raise NotImplementedError("TODO 16.4: the share of c_0 in c_T, and the bias for which it would be one half")


# %%
# Exercise 16.5 (make it work): a memory programmed by hand. x is (value, write): keep the value last written.
def latch():
    raise NotImplementedError("TODO 16.5: return W (4, 2) and b (4,), rows i, f, g, o; h does not come back here")


# %%
lesson.finish()
