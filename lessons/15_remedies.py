"""15 Remedies without gates
question: how can a plain recurrent net learn over fifty steps, without gates?
claim: factors near one, or fewer factors, bring the gradient over fifty steps; that it arrives is not yet all
check: relu_alone <= 1e-6 and half_life_error <= 0.01 and deep_learns >= 0.3 and a_block_less >= 0.15
    and least_gain >= 3 and reach_of_49 == 0 and memory_reach >= 0.1 and median_remedy <= 120
    and without_remedy >= 0.5 and a_quarter_turn ~= [8, 0] and omega_falls >= 2 and omega_teaches >= 0.08
    and irnn_adds <= 2000 and others_do_not >= 8
data: generated   seconds: 20   fast_seconds: 13
items: C18 C26 D16 F2 F4-F8 F10 O21 R54-R55 R59   needs: 08 14
"""

# %% [markdown]
# # 15 Remedies without gates
#
# On its way from step $T$ back to step $t$ a gradient is multiplied $T - t$ times, once for each step, said lesson 14:
#
# $$\frac{\partial h_T}{\partial h_t} = \frac{\partial h_T}{\partial h_{T-1}} \cdots \frac{\partial h_{t+1}}{\partial
# h_t}$$
#
# Fifty factors, and each a little too small: nothing arrives. A slide lists what can be done about it, six lines and no
# number. Today the first five get their numbers. (The sixth is gates: lesson 16.) There are only three ideas in them:
# **make each factor nearly one**; **have fewer factors**; **go around**.

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
from functools import partial

import numpy as np

import minigrad as mg
import viz
from minigrad import nn, optim
from minigrad.data import adding
from minigrad.recurrent import scan
from minigrad.regularize import gradient_flow

lesson = kit.begin("15")
H, B, LAG = 32, 32, 50
ADD, DEPTH, UPDATES = lesson.pick((50, 40, 150), (20, 20, 110))
elman = partial(nn.RNN, hidden_size=H, bias="one", unroll=False)  # elman(inputs): a plain net, all steps in one node


# %% [markdown]
# ## A ruler
#
# Our task is **waiting**: one of four symbols is heard at the first step, then only noise, and `lag` steps later the
# net must say which symbol it was. Before any training, we measure what could be learned at all: `reach`, the length
# of $\partial h_T/\partial h_t$ for each $t$, divided by $\sqrt H$. It is 1 if each unit keeps what it has. (It is not
# computed unit by unit: a random direction $v$ at the end, and one backward pass; on average $|v J|^2$ is $|J|^2$.)
#
# First a remedy from one of the other decks, **other activation functions**. A sigmoid has a slope of 1/4 at most, tanh
# of 1 at most, ReLU of exactly 1 wherever it is not 0. **Predict** the reach over 50 steps of tanh and of ReLU.

# %%
def waiting(count, lag, rng):
    """x (lag + 1, count, 5): a symbol, then noise in the fifth input; and the symbols (count,)."""
    x, d = np.zeros((lag + 1, count, 5)), rng.integers(0, 4, count)
    x[0, np.arange(count), d] = 1
    x[1:, :, 4] = rng.uniform(-1, 1, (lag, count))
    return x, d


def reach(last, states):
    """|d last / d state| / sqrt(H) for each of the states, from eight random directions."""
    squares = np.zeros(len(states))
    for _ in range(8):
        v = mg.Tensor(lesson.rng.choice([-1.0, 1.0], last.shape), last.dtype)
        squares += [np.square(g.numpy()).sum() for g in mg.grad((last * v).sum(), states)]
    return np.sqrt(squares / (8 * states[0].size))


def states_of(net, x):
    cell = net.cells[0] if isinstance(net, nn.RNN) else net
    start = cell.initial(x.shape[1])
    return scan(cell.advance, mg.Tensor(x, start[0].dtype), start)[0]


NETS, reaches = {"tanh": elman, "ReLU": partial(elman, nonlinearity="relu")}, {}


def measure(*names):
    """Tables the reach of these nets, untrained, over 0, 1, 2 ... steps, and keeps it for the picture."""
    for name in names:
        hs = states_of(NETS[name](5).astype("float64"), waiting(16, LAG, lesson.rng)[0])
        reaches[name] = reach(hs[-1], hs)[::-1]
    lesson.table(["back", *names], [(lag, *[reaches[name][lag] for name in names]) for lag in (1, 10, 20, 49, 50)])


measure("tanh", "ReLU")
lesson.check("relu_alone", reaches["ReLU"][LAG], "<=", 1e-6)

# %% [markdown]
# ReLU does not bring it back; most of the time it is *worse*. The slope is 1, yes, but only for the units that are on,
# about half of them; those that are off pass on nothing. And a factor is slope **times weights**, and the weights are
# as small as before. Another activation alone is no remedy. It is half of one.
#
# ## Factors near one, 1: how to begin
#
# The other half is $W_{hh}$. Begin with the **identity**: then a ReLU net copies its state from step to step until it
# learns something better (the IRNN; Le, Jaitly and Hinton, 2015). Or with an **orthogonal** matrix, which turns the
# state and keeps its length. **Predict** the reach of both, and of the mixture, the identity with tanh.

# %%
NETS["orthogonal"] = partial(elman, recurrent_init="orthogonal")
NETS["identity, tanh"] = partial(elman, recurrent_init="identity")
NETS["IRNN"] = partial(elman, recurrent_init="identity", nonlinearity="relu")
measure("orthogonal", "identity, tanh", "IRNN")

# %% [markdown]
# All three bring it back, and none keeps all of it. The slope of tanh is below 1 wherever the state is not 0. In the
# IRNN a unit that is on has the factor 1, exactly; but the noise drives one unit after the other below 0, it is off,
# and what it held is gone.
#
# ## Factors near one, 2: leaky units
#
# > **The slide says**: $\mu = \alpha\,\mu_{t-1} + (1-\alpha)\,\nu_t$
#
# **What is true**: an index is lost, it is $\mu_t$ on the left. That is no trifle. Without it there is *one* $\mu$,
# and $\mu = \alpha\mu + (1-\alpha)\nu$ has one solution, $\mu = \nu$, whatever $\alpha$ is: no memory at all (run it
# in exercise 15.1). With the index it is a *running mean*: each step keeps the share $\alpha$ of the old one. In a net
# $\nu_t$ is the new $\tanh(\ldots)$, so the factor is $\alpha$ plus $(1-\alpha)$ times the factor of lesson 14.
#
# Half is left after $\ln 2 / {-\ln\alpha}$ steps. **Predict** that for $\alpha = 0.95$. And is it more or less in a
# whole leaky *net*, where recurrent weights come in?

# %%
rows = []
for alpha in (0.5, 0.9, 0.95, 0.99):
    theory, found = np.log(2) / -np.log(alpha), []
    for start in (np.zeros, None):  # W_hh: without recurrent weights, and with the usual ones
        cell = nn.RNNCell(5, H, bias="one", alpha=alpha, recurrent_init=start).astype("float64")
        hs = states_of(cell, waiting(2, int(3 * theory) + 3, lesson.rng)[0])
        found.append(np.interp(np.log(2), -np.log(reach(hs[-1], hs)[::-1]), np.arange(len(hs))))
    rows.append((alpha, 1 - alpha, theory, *found))
lesson.table(["alpha", "of a new input", "half-life, theory", "a unit alone", "in a net"], rows)
lesson.check("half_life_error", max(abs(row[3] / row[2] - 1) for row in rows), "<=", 0.01)
NETS["leaky"] = partial(nn.RNNCell, hidden_size=H, bias="one", alpha=0.95)

# %% [markdown]
# A net keeps a little longer than its units alone: the recurrent weights help. The second column is the price: a unit
# that forgets slowly also *hears* slowly. With $\alpha = 0.95$ only a twentieth of a new input goes in. Remember that
# when the nets run against each other.
#
# ## Factors near one, 3: residuals
#
# Leaky without the price: $h_t = h_{t-1} + f(h_{t-1}, x_t)$. The factor is $1 + f'$, and even if $f$ knows nothing
# yet, the 1 is there. This is the **residual block** of the Res-Nets (He et al., 2016), here along time. In the picture
# is one block, backward. **Find** the two ways of the gradient from $h'$ to $h$, and how much comes by each of them.

# %%
class Residual(nn.RNNCell):
    """h' = h + 0.1 tanh(W x + U h + b): the old state, and a small step from it."""

    def advance(self, x, state, masks=None):
        return ((state[0] + 0.1 * super().advance(x, state)[0]).named("h"),)


class Deep(nn.Module):
    """Two inputs, so many blocks one after the other, each with weights of its own, two classes."""

    def __init__(self, depth, residual):
        self.into, self.out, self.residual = nn.Linear(2, 8), nn.Linear(8, 2), residual
        self.blocks = [nn.Linear(8, 8) for _ in range(depth)]

    def forward(self, x, without=None):
        h = mg.tanh(self.into(x))
        for block in [block for number, block in enumerate(self.blocks) if number != without]:
            h = h + mg.tanh(block(h)) if self.residual else mg.tanh(block(h))
        return self.out(h)


NETS["residual"] = partial(Residual, hidden_size=H, bias="one")
measure("leaky", "residual")
h, block = mg.Tensor(lesson.rng.normal(size=(1, 2)), requires_grad=True, name="h"), nn.Linear(2, 2)
loss = (h + mg.tanh(block(h)).named("f(h)")).named("h'").sum().named("L")
lesson.show("block", viz.draw(viz.record(loss, model=block), view="ops", title="A residual block, backward"))

# %% [markdown]
# Once as it is, $[1, 1]$, and once by way of $f$, through its weights and its slope. And in the table residuals are the
# first that *grow*: $1 + f'$ may be more than 1. Who cures vanishing had better clip (lesson 14).
#
# > **The slide says** of Res-Nets: "training of very deep models possible", "like an ensemble of shallow architectures"
#
# Multiply $(1 + f'_1)(1 + f'_2) \cdots$ out, and there are $2^n$ ways through $n$ blocks, most of them around half of
# the blocks: many shallower nets, added. That is one *reading* (Veit, Wilber and Belongie, 2016), not a theorem; but it
# has a consequence that can be tried. **Run this:** two rings of points, on which one is it? Three nets are trained,
# then one block after the other is left out, *without* training again. **Predict** the six accuracies.

# %%
def rings(count, rng):
    d, turn = rng.integers(0, 2, count), rng.uniform(0, 2 * np.pi, count)
    return (1 + d + rng.normal(0, 0.1, count)) * np.array([np.cos(turn), np.sin(turn)]), d


def descend(loss, optimizer):
    optimizer.zero_grad()
    loss.backward()
    optim.clip_grad_norm(list(optimizer.params.values()), 1.0)
    optimizer.step()


deep = {}
for name, depth in [("plain", 3), ("plain", DEPTH), ("residual", DEPTH)]:
    net, rng = Deep(depth, name == "residual"), np.random.default_rng(lesson.seed)
    optimizer = optim.Adam(net, lr=0.01)
    for _ in lesson.progress(range(lesson.pick(150, 60)), f"{name}, {depth} blocks"):
        x, d = rings(64, rng)
        descend(mg.cross_entropy(net(mg.Tensor(x.T)), d), optimizer)
    x, d = rings(500, rng)
    with mg.no_grad():
        right = [np.mean(net(mg.Tensor(x.T), one).numpy().argmax(axis=1) == d) for one in (None, *range(depth))]
    deep[name, depth] = right[0], np.mean(right[1:])
lesson.table(["net", "blocks", "right", "with one block left out (mean)"], [(*net, *two) for net, two in deep.items()])
lesson.check("deep_learns", deep["residual", DEPTH][0] - deep["plain", DEPTH][0], ">=", 0.3)
lesson.check("a_block_less", deep["residual", DEPTH][1] - deep["plain", 3][1], ">=", 0.15)

# %% [markdown]
# The plain deep net learns nothing, and with residuals as many blocks learn it all. And a block can be left out: the
# state goes around it. In a plain net, even one of three blocks, every block is a link of a chain.
#
# ## Fewer factors
#
# **Skip connections over time** (Lin et al., 1996): the step also reads $h_{t-d}$. With $d = 10$ there is a way over 50
# steps with five factors. The next line of the slide goes further, "**remove short-term connections**": read $h_{t-d}$
# *in place of* $h_{t-1}$. In the picture $d = 2$. **Predict** which states hear something from the last one.

# %%
hs = states_of(nn.SkipCell(nn.RNNCell(2, 3, bias="one"), 2, replace=True), lesson.rng.normal(size=(5, 1, 2)))
record = viz.record((hs[-1].sum() + hs[-2].sum()).named("L"))
lesson.show("replaced", viz.draw(record, view="cells", emphasis="h", title="Each state reads the one two steps before"))

# %% [markdown]
# Two nets that take turns and never talk to each other! With $d = 10$ there are ten of them. **Predict** the reach over
# 50 steps, and over 49.
#
# The **clockwork** net (Koutnik et al., 2014) mends that: groups of units with periods 1, 4, 16, 64. A group moves only
# when its period divides the step, and *keeps* its state in between, the factor 1 without any weight; and the fast
# groups read the slow ones.

# %%
NETS["skip"] = lambda inputs: nn.SkipCell(nn.RNNCell(inputs + H, H, bias="one"), 10)
NETS["only skips"] = lambda inputs: nn.SkipCell(nn.RNNCell(inputs, H, bias="one"), 10, replace=True)
NETS["clockwork"] = partial(nn.ClockworkCell, hidden_size=H, periods=[1, 4, 16, 64], bias="one")
measure("skip", "only skips", "clockwork")
remedies = [name for name in NETS if name not in ("tanh", "ReLU")]
lesson.check("least_gain", np.log10(min(reaches[name][LAG] for name in remedies) / reaches["tanh"][LAG]), ">=", 3)
lesson.check("reach_of_49", reaches["only skips"][LAG - 1], "==", 0)


def draw_reach(axes):
    looks = dict(zip(NETS, ["k-", "k--", "C0-", "C0--", "C1-", "C1--", "C4-.", "C0-", "C1o", "C4--"]))
    for ax, names, title in [(axes[0], ["tanh", "ReLU", *remedies[:5]], "Factors near one"),
                             (axes[1], ["tanh", *remedies[5:]], "Fewer factors")]:
        for name in names:
            ax.plot(reaches[name], looks[name], label=name)
        ax.set(yscale="log", ylim=(1e-15, 1e3), title=title, xlabel="steps back", ylabel="reach")
        ax.legend(loc="lower left")


lesson.plot("reach", draw_reach, size=(10, 4.5), ncols=2)

# %% [markdown]
# ## Going around: explicit memory
#
# The fifth line of the slide is "explicit memory": write something down, and read it when it is needed. What is written
# in a slot stays there, and so there is *one* step back, however long ago it was. A tanh net whose gradient over 50
# steps is gone keeps its first state in one of four slots (lesson 24 lets a net learn what to write and what to read).

# %%
hs = states_of(NETS["tanh"](5).astype("float64"), waiting(16, LAG, lesson.rng)[0])
memory, first_slot = nn.KeyValueMemory(4, H, H).astype("float64"), mg.Tensor(np.eye(4)[np.zeros(16, int)], "float64")
read, _ = memory(hs[-1], memory.write(memory.initial(16), first_slot, key=hs[0], value=hs[0]))
lesson.check("memory_reach", reach(read, hs)[0], ">=", 0.1)

# %% [markdown]
# ## Who learns to wait?
#
# Until now we looked at nets that had learned nothing. Now all of them are trained to wait for 50 steps, and "only
# skips" for 49, too. **Predict** who never learns it, and who is slowest. (Think of the price of leaky units.)

# %%
def train(make, batch, most, solved, lr=0.003, weight=0.0):
    """(updates, mean error, the loss of the last batch, its states): trained until the mean of 30 errors, shares of
    wrong answers or squared errors, is small enough; updates are infinite if it never is. weight: of Omega."""
    mg.manual_seed(lesson.seed)
    rng, errors = np.random.default_rng(lesson.seed), []
    net, classes = make(batch(rng)[0].shape[2]), batch(rng)[1].dtype.kind == "i"
    out = nn.Linear(net.output_size, 4 if classes else 1)
    optimizer = optim.Adam([*net.parameters(), *out.parameters()], lr=lr)
    for update in lesson.progress(range(1, most + 1), "training"):
        x, d = batch(rng)
        hs = [net(mg.Tensor(x))[1][0]] if isinstance(net, nn.RNN) else states_of(net, x)
        said = out(hs[-1])
        loss = mg.cross_entropy(said, d) if classes else mg.mse(said, mg.Tensor(d[:, None]))
        errors.append(np.mean(said.numpy().argmax(axis=1) != d) if classes else loss.item())
        if update == most or (update >= 30 and np.mean(errors[-30:]) <= solved):
            break
        descend(loss + weight * gradient_flow(loss, hs) if weight else loss, optimizer)
    return (update if np.mean(errors[-30:]) <= solved else np.inf), np.mean(errors[-30:]), loss, hs


# %%
races = [(name, LAG) for name in NETS] + [("only skips", LAG - 1)]
waited = {race: train(NETS[race[0]], partial(waiting, B, race[1]), UPDATES, 0.05)[:2] for race in races}
lesson.table(["net", "lag", "learned after", "wrong at the end"], [(*race, *two) for race, two in waited.items()])
updates, wrong = np.median([waited[name, LAG] for name in remedies], axis=0)
lesson.check("median_remedy", updates, "<=", lesson.pick(120, 100))
# the best of tanh, ReLU, and skips of 10 for 49 steps, against the median remedy
lesson.check("without_remedy", min(waited[races[i]][1] for i in (0, 1, -1)) - wrong, ">=", 0.5)

# %% [markdown]
# What `reach` said of nets that knew nothing came true: where a gradient arrives, waiting is learned (a net that stalls
# now and then excepted). "Only skips" waits for 50 steps and *cannot* wait for 49: for a lag that $d$ does not divide
# there is no way at all. The leaky net is slow: its gradient arrives, but only a twentieth of the symbol went in.
#
# (The clockwork net is lucky: every period divides 0, the step of the symbol. One step later only the fastest group
# hears it, from which no weight leads to a slower one.)
#
# (And tanh, never? Not in these updates. With a larger learning rate it may, in time. Adam divides by the size of the
# gradients, so even tiny, useless ones move $W_{hh}$ about, until something arrives by accident.)
#
# ## Asking for it: a regulariser
#
# The first line of the slide is the boldest. No new net, no new beginning; say in the *loss* what you want:
#
# > **The slide says**: $\nabla_{h_t} L \approx (\nabla_{h_t} L)\,\frac{\partial h_t}{\partial h_{t-1}}$

# %% [markdown]
# The right-hand side is $\nabla_{h_{t-1}} L$. So this asks for the same *vector* at all steps. **What is true**
# (Pascanu, Mikolov and Bengio, 2013): the *lengths* should be the same, and what is not is punished by
#
# $$\Omega = \sum_t \left(\frac{\|\nabla_{h_{t+1}} L \; \partial h_{t+1}/\partial h_t\|}{\|\nabla_{h_{t+1}}
# L\|} - 1\right)^2$$
#
# **Run this:** nets $h_t = W h_{t-1}$ with two units. **Predict** whom both lines punish, and whom only one of them.

# %%
turns = []
for name, W in {"the same": np.eye(2), "a quarter turn": np.array([[0, -1], [1, 0]]), "half": np.eye(2) / 2}.items():
    hs = [mg.Tensor([[3.0, 4.0]], "float64", requires_grad=True)]
    for _ in range(4):
        hs.append(hs[-1] @ mg.Tensor(W, "float64"))
    g = [slope.numpy() for slope in mg.grad(hs[-1].sum(), hs)]
    vectors = sum(np.sum((before - after) ** 2) / np.sum(after**2) for before, after in zip(g, g[1:]))
    turns.append((name, vectors, gradient_flow(hs[-1].sum(), hs).item()))
lesson.table(["W", "the slide: vectors alike", "Omega: lengths alike"], turns)
lesson.check("a_quarter_turn", turns[1][1:], "~=", [8, 0])

# %% [markdown]
# A turn loses nothing; all is still there, spread over the units in another way. $\Omega$ lets it be, and the slide's
# line forbids it. Now for use. $\Omega$ contains a gradient, so *its* gradient is a second derivative, through the
# whole backward pass (lesson 02), and dear: one walk through the graph for each step. Hence a small net, and 15 steps.
#
# **Predict** how often the tanh net is wrong, trained to wait with $L$ alone, and as long with $L + 0.3\,\Omega$.

# %%
flows, small = {}, partial(nn.RNNCell, hidden_size=16, bias="one")
for name, weight in [("L alone", 0.0), ("L + 0.3 Omega", 0.3)]:
    _, wrong, loss, hs = train(small, partial(waiting, 16, 15), 45, -1, 0.005, weight)
    flows[name] = wrong, gradient_flow(loss, hs).item(), [np.linalg.norm(g.numpy()) for g in mg.grad(loss, hs)]
lesson.table(["trained with", "wrong at the end", "Omega"], [(name, *found[:2]) for name, found in flows.items()])
lesson.check("omega_falls", flows["L alone"][1] / flows["L + 0.3 Omega"][1], ">=", 2)
lesson.check("omega_teaches", flows["L alone"][0] - flows["L + 0.3 Omega"][0], ">=", 0.08)
lesson.plot("flow", lambda ax: viz.gradient_flow({name: found[2] for name, found in flows.items()}, axes=ax))

# %% [markdown]
# With $\Omega$ the line is nearly level, and the plain net, with nothing new inside, learns to wait.
#
# ## Is that all?
#
# Waiting needs a state that *keeps*. **Adding** (Hochreiter and Schmidhuber, 1997) needs one that also *computes*: at
# each step a number and a mark; two steps are marked; say the sum of these two numbers. Who always says 1 has a mean
# squared error of 1/6. **Predict**: the gradient of the orthogonal net arrives. Does it learn to add, in as many
# updates as the IRNN needs?

# %%
def numbers(rng):
    task = adding(B, ADD, rng)
    return np.swapaxes(task.inputs, 0, 1), task.targets


needed, error, *_ = train(NETS["IRNN"], numbers, 2000, 0.01, 0.01)
added = [("IRNN", 1, error)] + [(name, times, train(NETS[name], numbers, times * int(min(needed, 2000)), -1, 0.01)[1])
                                for name, times in [("orthogonal", 1), ("tanh", lesson.pick(3, 1))]]
lesson.table(["net", "updates, of what the IRNN needed", "mean squared error"], added)
lesson.check("irnn_adds", needed, "<=", 2000)
lesson.check("others_do_not", min(row[2] for row in added[1:]) / error, ">=", 8)

# %% [markdown]
# It does not; it is no better than one who says 1. The IRNN adds, since a copying ReLU unit *is* an adder: the new is
# put on top of what is there. That the gradient arrives is necessary. What the net can do with it is another
# question, and its answer depends on the task. (How long tanh would take, this run does not say: it has not begun.)
#
# So choose: ReLU and the identity to add up, leaky units for slow averages, skips where the lag is known, residuals for
# depth, and orthogonal beginnings nearly always, since they cost nothing. What none of them can: keep *and* let go, now
# this and now that, by what was read. A factor that the net itself sets to 1 or 0 is a **gate**: lesson 16.
#
# ## Where this lives in minigrad
#
# `recurrent_init=`, `alpha=` and `nonlinearity=` of `nn.RNN`; `nn.SkipCell`, `nn.ClockworkCell`, `nn.ResidualCell` (the
# residual around a layer); `regularize.gradient_flow`; `diagnose` prints `reach`, and the remedy that it would try.

# %% [markdown]
# ## What we left out
#
# * An $\alpha$ for each unit, spread from fast to slow, or learned: then it is nearly the gate of lesson 17.
# * A net with an explicit memory that *learns* where to write and to read: lesson 24. Trees have fewer factors, too:
#   lesson 27. Depth in layers, and residuals between recurrent layers: lesson 21.
# * Matrices that *stay* orthogonal while they learn (unitary RNNs). And for exploding gradients: clipping, lesson 14.
# * The paper of $\Omega$ uses only the immediate part of its derivative, which is cheaper; minigrad takes all of it.
#
# ## Quiz

# %% [markdown]
# 1. Somebody swaps tanh for ReLU to cure vanishing gradients, and all else stays. What do you say?
#
# <details><summary>Answer</summary>
#
# A factor is slope times weights. The slope is now 1 or 0, the weights are what they were. Begin with the identity!
#
# </details>
#
# 2. A leaky unit has $\alpha = 0.5$. How much of an input is in it 10 steps later?
#
# <details><summary>Answer</summary>
#
# It went in with $1 - \alpha = 1/2$, and is halved at each step: $2^{-11}$, if no recurrent weights help.
#
# </details>

# %% [markdown]
# 3. Only connections over $d = 10$ steps. Which past inputs can the last state depend on?
#
# <details><summary>Answer</summary>
#
# The input of this step and those of 10, 20, 30, ... steps ago. On no other one, however long you train.
#
# </details>
#
# 4. $\Omega$ is 0 for a net that turns its state. The slide's line is not. Who is right?
#
# <details><summary>Answer</summary>
#
# $\Omega$: lengths are what vanishes. A turned gradient has lost nothing.
#
# </details>

# %% [markdown]
# 5. A block is left out of a trained Res-Net, and it hardly matters. What does that prove?
#
# <details><summary>Answer</summary>
#
# That there are ways around each block, and that the net does not hang on one of them. That it *is* an ensemble of
# shallow nets it does not prove: the blocks were trained together.
#
# </details>
#
# ## Exercises
#
# `python -m lessons exercise 15` copies these and more into files of yours; `check 15` examines them, `hint 15` helps.


# %%
# Exercise 15.1 (find the bug): the slide's leaky unit, whose mu has no index.
def leaky(v, alpha):
    means = []
    for v_t in v:
        mu = 0.0
        for _ in range(2000):  # mu = alpha mu + (1 - alpha) v, until it stands still
            mu = alpha * mu + (1 - alpha) * v_t
        means.append(mu)
    raise NotImplementedError("TODO 15.1: give mu its index back, and return the list of all mu_t")


# %%
# Exercise 15.2: which alpha makes a leaky unit keep half of what is in it for so many steps?
def alpha_of(half_life):
    raise NotImplementedError("TODO 15.2: alpha ** half_life is to be 1/2")


# %%
# Exercise 15.3 (find the bug): the slide's regulariser, for the gradients g (T, H) that arrive at h_1 ... h_T.
def omega(g):
    raise NotImplementedError("TODO 15.3: repair sum(np.sum((a - b) ** 2) / np.sum(b**2) for a, b in zip(g, g[1:]))")


# %%
# Exercise 15.4 (predict): on the shortest way back over so many steps, how many factors are multiplied?
def fewest_factors(lag, d, only_skips):
    raise NotImplementedError("TODO 15.4: steps of d and, unless there are only skips, of 1; None if there is no way")


# %%
lesson.finish()
