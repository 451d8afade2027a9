"""17 GRU and the shoot-out
question: can a cell with fewer parts do what an LSTM does, and which of the two is better?
claim: GRU and LSTM learn what a plain net does not; which is better depends on the task, and on how you pay
check: by_hand <= 1e-12 and flipped_is_the_same <= 1e-12 and loaded_as_is >= 3 and gru_through_lstm == 0.75
    and slowest_gated <= 1000 and rnn_times_gated >= 5 and gru_sooner >= 1.2 and moves_at_marks >= 5
    and lstm_counts_on >= 1.2 and rnn_at_equal_work >= 0.05 and gated_explode >= 100
data: generated, and Python's own help texts   seconds: 40   fast_seconds: 15
items: C17 D11 D19 F9 G6-G7 H14 M1 O13 R33 R37 R38 R48 R51 R61   needs: 06 12 14 16
"""

# %% [markdown]
# # 17 GRU and the shoot-out
#
# "People find LSTMs work well, but unnecessarily complicated, so they introduced GRUs", say the slides; and "a
# simplified version of LSTMs (thanks!)". Two states, three gates, four matrices: which of them does an LSTM need?
#
# The **gated recurrent unit** (Cho et al., 2014) has no cell state, only $h$. Its **update gate** $z$ does the work of
# two gates of the LSTM, forget *and* input: what is kept and what is written add up to 1. There is no output gate. What
# is left over is a **reset gate** $r$: how much of the old state may be seen by the new candidate $n$.
#
# Is it as good? The slides say "performance on par" in one place, "no consistent results" in another. Today they race.

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
import time

import numpy as np

import minigrad as mg
import viz
from minigrad import data, nn, optim, train
from minigrad.recurrent import scan

lesson = kit.begin("17")

# %% [markdown]
# ## Four lines, and four versions
#
# $$r = \sigma(W_r x + U_r h + b_r) \qquad z = \sigma(W_z x + U_z h + b_z)$$
# $$n = \tanh(W_n x + r \odot (U_n h) + b_n) \qquad h' = (1 - z) \odot n + z \odot h$$
#
# Every book writes them differently, and two of the differences matter: which of the two states $z$ belongs to, and
# whether $r$ is multiplied after the product with $U_n$ (as here) or before it, $U_n (r \odot h)$. Here all four
# versions are written by hand, in NumPy, and compared with minigrad's over some steps.

# %%
def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def gru_by_hand(x, h, W, U, b, update="keeps_old", reset="after"):
    """One step. W (3, H, I), U (3, H, H) and b (3, H) belong to r, z and n."""
    r, z = (sigmoid(W[k] @ x + U[k] @ h + b[k]) for k in (0, 1))
    n = np.tanh(W[2] @ x + b[2] + (r * (U[2] @ h) if reset == "after" else U[2] @ (r * h)))
    return (1 - z) * n + z * h if update == "keeps_old" else (1 - z) * h + z * n


def fresh(kind, hidden=4, **options):
    """A cell with two inputs, in 64 bits."""
    return kind(2, hidden, bias="one", **options).astype("float64")


def read(cell, xs, state=None):
    """Step by step through xs (T, I): the states h after each step, and the last state."""
    return scan(cell.advance, [mg.Tensor(x[None], "float64") for x in xs], state or cell.initial(1))


def blocks(cell):
    """W, U and b of a GRU, each cut into its parts for r, z and n."""
    return [p.numpy().reshape(3, -1, *p.shape[1:]) for p in cell.parameters()]


# %%
xs, rows = lesson.rng.normal(size=(20, 2)), []
for update, reset in [(u, r) for u in ("keeps_old", "takes_new") for r in ("after", "before")]:
    cell, by_hand = fresh(nn.GRUCell, update=update, reset=reset), [np.zeros(4)]
    for x in xs:
        by_hand.append(gru_by_hand(x, by_hand[-1], *blocks(cell), update, reset))
    rows.append((update, reset, abs(mg.stack(read(cell, xs)[0]).numpy()[:, 0] - by_hand[1:]).max()))
lesson.table(["update", "reset", "largest difference to minigrad's"], rows)
lesson.check("by_hand", [row[2] for row in rows], "<=", 1e-12)

# %% [markdown]
# Four versions, four agreements: each is in minigrad. Here is the first one as a picture: one step, and then, for two
# steps, what a loss after them tells each part. **Predict** two things. Which is the shortest way back from $h_2$ to
# $h_0$, and what stands on it? And: one of the gates learns *exactly nothing* in the first step. Which, and why?

# %%
small, read_out = nn.GRUCell(2, 3, bias="one"), nn.Linear(3, 2)
small.weight_ih.name, small.weight_hh.name, small.bias_ih.name, read_out.weight.name, read_out.bias.name = "WUbVc"
h0 = mg.Tensor(np.zeros((1, 3)), name="h", requires_grad=True)
hs, _ = scan(small.advance, [mg.Tensor(x[None], name="x") for x in xs[:2]], (h0,))
record = viz.record(mg.cross_entropy(read_out(hs[-1]).named("y"), np.array([1])).named("L"))
lesson.show("cell", viz.draw(hs[0], title="One step of a GRU"))
lesson.show("backward", viz.draw(record, title="The upper road: from h2 back to h0 through z alone"))

# %% [markdown]
# The upper road: one product with $z$ a step, no matrix, no $\tanh$. It is the LSTM's road, with $z$ for the forget
# gate, and the law of lesson 16 holds: if nothing else depends on $h$, then $\partial h_T/\partial h_0 = z^T$ exactly.
# (And $r_1$ has the gradient 0: there is nothing to reset, since $h_0 = 0$.)
#
# A *fresh* GRU has $b_z$ near 0, so $z$ near one half: it forgets half of its state at every step, and $0.5^{40}$ is
# nothing. Gates are not a cure by themselves. They are something that can be **learned**, or started well: with
# $b_z = 4$ about half is left after 40 steps (exercise 17.3).

# %% [markdown]
# ## The slide says / what is true / run this: who owns $z$?
#
# > **The slides say**: $h = z \odot h_{t-1} + (1-z) \odot g$ in one deck; in two others, with the letter $u$ or $z$,
# > $h = u \odot \tilde h + (1-u) \odot h_{t-1}$.
#
# **What is true.** Both, and they are the same family of nets, because $1 - \sigma(a) = \sigma(-a)$: turn the sign of
# everything that makes $z$. minigrad, PyTorch, cuDNN and the `GRUCell` of TensorFlow on the slides keep the old state
# with $z$, as Cho et al. (2014) did; Chung et al. (2014) take the new one. **Run this**: the same signs turned.

# %%
def turned(array):
    """The sign of the rows of z turned, in an array whose rows are those of r, z and n."""
    return array * np.repeat([1, -1, 1], len(array) // 3).reshape(-1, *[1] * (array.ndim - 1))


A, B = fresh(nn.GRUCell), fresh(nn.GRUCell, update="takes_new")
B.load_state_dict({name: turned(a) for name, a in A.state_dict().items()})
differences = [a.numpy() - b.numpy() for a, b in zip(read(A, xs)[0], read(B, xs)[0])]
lesson.check("flipped_is_the_same", abs(np.array(differences)).max(), "<=", 1e-12)

# %% [markdown]
# The same states, to the last digit. The trap comes when you *load* weights: both versions have the same names and
# shapes, so nothing complains if they are mixed up. What it does, we shall see with a trained net.
#
# And $r$, before or after the product? These are really two families (the same only if $r$ is one number for all
# units). Before, as on the slides and in 2014, $U_n$ has to wait for $r$: two products after one another. After, all
# three gates take *one* product with $h$, which is why cuDNN chose it. The race will say which one learns better.
#
# ## The price
#
# **The slide says**: "training GRUs is faster and includes less parameters". **What is true**: three blocks of weights
# where an LSTM has four, so 3/4 *at the same width*. But then you compare a small net with a larger one. The other fair
# race is at equal parameters, where the LSTM is narrower. **Predict** the width of an LSTM with no more parameters than
# a GRU of 64 units with 32 inputs.

# %%
def parameters(layer, inputs, hidden):
    return sum(p.size for p in layer(inputs, hidden, bias="one").parameters())


narrow = max(width for width in range(1, 64) if parameters(nn.LSTM, 32, width) <= parameters(nn.GRU, 32, 64))
cells = {"RNN": (nn.RNN, 64), "GRU": (nn.GRU, 64), "LSTM": (nn.LSTM, 64), "LSTM, narrow": (nn.LSTM, narrow)}
counts = {name: parameters(layer, 32, width) for name, (layer, width) in cells.items()}
lesson.table(["cell", "units", "parameters", "share of the LSTM's"],
             [(name, cells[name][1], count, count / counts["LSTM"]) for name, count in counts.items()])
lesson.check("gru_through_lstm", counts["GRU"] / counts["LSTM"], "==", 0.75)

# %% [markdown]
# ## First discipline: add two numbers
#
# A net reads 40 pairs: a number between 0 and 1, and a mark that is 1 at two steps only. At the end it must say the sum
# of the two *marked* numbers. Who always says 1 pays 1/6, the variance; a net has **solved** it when the mean of its
# last 25 losses is a tenth of that. (The LSTM's forget bias starts at 1, as in lesson 16.)
#
# One run with one seed says little: *report a range*. In the full run each gated cell runs from several seeds; then the
# plain RNN gets many times the updates that the slowest of them needs, by the median. **Predict** the order, and
# whether the RNN makes it.

# %%
class Net(nn.Module):
    """A recurrent layer and a readout at every step: (T, B, I) -> (T, B, O)."""

    def __init__(self, layer, inputs, hidden, outputs, **options):
        self.rnn = layer(inputs, hidden, bias="one", unroll=False, **options)
        self.out = nn.Linear(hidden, outputs)

    def forward(self, x):
        return self.out(self.rnn(x)[0])


def errors(net, task):
    return mg.mean((net(mg.Tensor(task.inputs.transpose(1, 0, 2)))[-1][:, 0] - mg.Tensor(task.targets)) ** 2)


def learn(label, net, loss_of, most, enough=0.0):
    """Train until the mean of the last 25 losses is low enough, or `most` updates: losses, milliseconds an update."""
    optimizer, losses, began = optim.Adam(net, lr=0.02), [], time.process_time()
    for _ in lesson.progress(range(most), label):
        loss = loss_of()
        losses.append(loss.item())
        if len(losses) >= 25 and np.mean(losses[-25:]) <= enough:
            break
        optimizer.zero_grad()
        loss.backward()
        optim.clip_grad_norm(net.parameters(), 1.0)
        optimizer.step()
    return losses, 1000 * (time.process_time() - began) / len(losses)


def prepared(name, k, *sizes):
    """Runner `name` for the k-th time: its net, and a generator for its data."""
    layer, options = runners[name]
    mg.manual_seed(lesson.seed + 100 * k)
    return Net(layer, *sizes, **options), np.random.default_rng(lesson.seed + 100 * k)


def race(name, k, most):
    """The net, its updates, its last losses / that of saying 1, milliseconds an update."""
    net, rng = prepared(name, k, 2, 24, 1)
    losses, ms = learn(name, net, lambda: errors(net, data.adding(32, 40, rng)), most, enough=1 / 60)
    return net, len(losses), 6 * np.mean(losses[-25:]), ms


# %%
repeats, times = range(lesson.pick(3, 1)), lesson.pick(5, 2)
runners = {"GRU": (nn.GRU, {}), "LSTM": (nn.LSTM, {"forget_bias": 1.0}),
           "GRU, r before": (nn.GRU, {"reset": "before"}), "RNN": (nn.RNN, {})}
runs = {name: [race(name, k, 1500) for k in repeats] for name in list(runners)[: lesson.pick(3, 2)]}
slowest = max(int(np.median([run[1] for run in several])) for several in runs.values())
runs["RNN"] = [race("RNN", 0, times * min(slowest, 1000))]
lesson.table(["cell", "updates: fewest", "most", "loss / that of saying 1", "ms an update"], [
    (name, min(n), max(n), max(left), np.mean(ms)) for name, r in runs.items() for _, n, left, ms in [zip(*r)]])
lesson.check("slowest_gated", slowest, "<=", lesson.pick(1000, 900))
lesson.check("rnn_times_gated", runs["RNN"][0][1] / slowest, ">=", times)
lesson.check("rnn_left", runs["RNN"][0][2], ">=", 0.5)
gru, lstm = (np.median([run[1] for run in runs[name]]) for name in ("GRU", "LSTM"))
lesson.check("gru_sooner", lstm / gru, ">=", lesson.pick(1.2, 1.05))

# %% [markdown]
# "Vanilla falls short on complex tasks", says the slide, and here it does: after all these updates the RNN is where it
# began, at "always 1". The GRU is first, wherever its $r$ stands (the full run has both). And look at the time of an
# update: is it 3/4 of the LSTM's? The 3/4 are for products. Small nets spend their time element by element instead.
#
# ## What the gates do
#
# **The slide says**: "gates are used to keep hidden states from changing rapidly (and thus keeps gradients under
# control)"; another, that with a reset gate close to 0 "the new state has more relevance". (Not so: $r$ only hides
# $h_{t-1}$ from the candidate. How much of the candidate comes in, $z$ decides.) Into a trained GRU we read new
# sequences. $1 - z$ is how much of a unit is written anew. **Predict** at which steps the state moves, and at which it
# does not.

# %%
winner, task = runs["GRU"][-1][0], data.adding(200, 40, lesson.rng)
x = task.inputs.transpose(1, 0, 2)
h = np.concatenate([np.zeros((1, 200, 24)), winner.rnn(mg.Tensor(x))[0].numpy()])
W, U, b = blocks(winner.rnn)
writes = 1 - sigmoid(x @ W[1].T + h[:-1] @ U[1].T + b[1])
marked, moved = x[..., 1] == 1, abs(np.diff(h, axis=0)).mean(axis=2)
lesson.check("moves_at_marks", moved[marked].mean() / moved[~marked].mean(), ">=", 5)
bands = {"number": x[:, 0, 0], "mark": x[:, 0, 1], "1 - z": writes[:, 0], "h": h[1:, 0]}
lesson.plot("gates", lambda ax: viz.gates(bands, axes=ax, title="It writes where the mark is, and holds in between"),
            size=(9, 5))

# %% [markdown]
# Nobody told it what a mark is for. Many gates are all but shut between the marks, which is white in the picture, and
# some of these open at the marks: states that change rapidly *when they should*, and hold in between. (Other units may
# write all the time; not every unit has to remember.)
#
# Now the trap from above. Somebody loads these trained weights into a library of the other convention. Names and shapes
# fit, no error. **Predict** the loss, as a multiple of that of always saying 1. And what mends it?

# %%
lost = {"as trained": 6 * errors(winner, task).item()}
for name, load in [("loaded as it is", np.array), ("rows of z turned", turned)]:
    other = Net(nn.GRU, 2, 24, 1, update="takes_new")
    other.load_state_dict({key: load(a) if key.startswith("rnn") else a for key, a in winner.state_dict().items()})
    lost[name] = 6 * errors(other, task).item()
lesson.table(["weights", "loss / that of saying 1"], lost.items())
lesson.check("loaded_as_is", lost["loaded as it is"] / lost["rows of z turned"], ">=", 3)

# %% [markdown]
# ## Second discipline: count
#
# A walk goes up or down by 1 at each step. Is it above its start? To know, count. Two nets of 8 units learn it on walks
# of 20 steps. Then comes a hill higher than any of those: 60 steps up, and down. **Predict** after how many steps down
# each net says "no longer". (Right is 60.) A hint: the last line of the GRU. $h'$ is a weighted mean of $n$, which is a
# $\tanh$, and of $h$, so $|h| \le 1$ for ever. The LSTM's $c' = f c + i g$ is a sum, and may grow.

# %%
def walker(name, k):
    """A net that says of each step of a walk (T, B, 1) whether it is above its start; and its last losses."""
    net, rng = prepared(name, k, 1, 8, 2)

    def loss_of():
        steps = rng.choice([-1.0, 1.0], (20, 32, 1))
        return mg.cross_entropy(net(mg.Tensor(steps)), (steps.cumsum(axis=0) > 0).astype(int)[..., 0])

    return net, np.mean(learn(name, net, loss_of, 300)[0][-25:])


walkers, hill = {name: [walker(name, k) for k in repeats] for name in ("GRU", "LSTM")}, np.repeat([1.0, -1.0], [60, 80])
counted = {name: [1 + int(net(mg.Tensor(hill[:, None, None])).numpy()[60:, 0].argmax(axis=-1).argmin())
                  for net, _ in several] for name, several in walkers.items()}
lesson.table(["cell", "loss on walks of 20", "counts to: least", "most"],
             [(name, max(loss for _, loss in walkers[name]), min(n), max(n)) for name, n in counted.items()])
lesson.check("lstm_counts_on", np.median(counted["LSTM"]) / np.median(counted["GRU"]), ">=", lesson.pick(1.2, 1.05))


# %%
def draw_hill(axes):
    for ax, name, colour in zip(axes, walkers, ["#0072B2", "#D55E00"]):
        cell = walkers[name][0][0].rnn.cells[0]
        states = [cell.initial(1)]
        for step in hill:
            states.append(cell.advance(mg.Tensor([[step]]), states[-1]))
        ax.plot([state[-1].numpy()[0] for state in states], lw=1.3, color=colour)
        ax.set(title={"GRU": "GRU: h has a ceiling", "LSTM": "LSTM: c climbs"}[name], xlabel="step", ylabel="8 units")


lesson.plot("hill", draw_hill, size=(10, 3.8), ncols=2)

# %% [markdown]
# Both have learned the short walks; on the hill the winner of the first race loses. The lines of $h$ run into their
# ceiling, and from there a step up is like no step at all. Some cells of the LSTM climb on. (Weiss, Goldberg and Yahav,
# 2018: with numbers of finite precision an LSTM can count, a GRU cannot.) It is not perfect either: a forget gate a
# little below 1 forgets a little, and forgets more the higher it stands. So is the LSTM better? At this.
#
# ## Third discipline: text
#
# Say the next letter, as in lesson 12, for a short time only; each letter counts before it is learned from. Here we
# also pay by *work*: multiplications in the cell, that is, its parameters times the letters read, which are the same on
# every machine. **Predict** the order at equal updates, with the LSTM in two widths. And then: how does the RNN do, if
# it may take as many updates as fit into the GRU's work?

# %%
corpus = lesson.corpus(16 * 32)
with lesson.user_input():
    vocab = data.CharVocab(corpus.train)
    pages = data.contiguous(vocab.encode(corpus.train), 16, 32)


def reads_text(name, updates):
    """The cell, its updates, its work / the GRU's, and the bits for each of the last letters."""
    mg.manual_seed(lesson.seed)
    embed, net = nn.Embedding(len(vocab), 32), Net(cells[name][0], 32, cells[name][1], len(vocab))

    def loss_of(page, state):
        hs, state = net.rnn(embed(page.inputs), state)
        return mg.cross_entropy(net.out(hs), page.targets), state

    optimizer = optim.Adam([*embed.parameters(), *net.parameters()], lr=0.01)
    losses = train.fit(loss_of, pages, optimizer, updates, carry=True, clip=1.0, describe="bits").losses
    return name, updates, updates * counts[name] / same / counts["GRU"], np.mean(losses[-20:]) / np.log(2)


same = lesson.pick(120, 50)
rows = [reads_text(name, same) for name in cells] + [reads_text("RNN", same * counts["GRU"] // counts["RNN"])]
lesson.table(["cell", "updates", "work / the GRU's", "bits per letter"], rows)
if not lesson.text:
    lesson.check("rnn_at_equal_work", rows[1][-1] - rows[-1][-1], ">=", 0.05)

# %% [markdown]
# One seed and few updates: a glance, no verdict. But compare the second row and the last: for the *same work* the net
# that "falls short" is ahead of the GRU! In a short training on text, most is to be learned from the letters just
# before, and that much any net can hold. How you *pay* moves the order. Over the thousands of updates of lesson 12, or
# with other learning rates, it may be another one again.
#
# > **The slides say** "performance on par" and, another deck, "no consistent results"; that they beat the plain RNN is
# > measured in none. Both cite the same paper (Chung et al., 2014; one lists it twice), and both are fair. **What is
# > true**: both gated cells beat the plain one where something must be held for long; between the two it depends on the
# > task, the size, the tuning, and on whether you count updates, parameters or work. If somebody shows you one number,
# > ask for the others, and for the range over seeds.

# %% [markdown]
# ## The slide says / what is true / run this: is it solved?
#
# > **The slides' take-away**: "exploding and vanishing gradients make training difficult"; "LSTM and GRU cells solve".
#
# **What is true.** A gate is a number below 1: on its road a gradient never grows, and hardly fades if the gate is near
# 1. That is the cure for vanishing. But the other roads, through $U$, are as wild as ever. **Run this**: fresh cells
# whose recurrent weights have been multiplied by something, as a bad update may do. How much longer is a gradient 40
# steps further back? (The largest of some cells: one spoils the training.) **Predict** which columns are below 1.

# %%
def stretch(kind, factor):
    """How much longer a gradient is at the first state than at the last one, 40 steps later."""
    cell = fresh(kind, 16)
    cell.weight_hh.assign(cell.weight_hh.numpy() * factor)
    begin = [mg.Tensor(0.1 * lesson.rng.normal(size=(1, 16)), "float64", requires_grad=True) for _ in cell.states]
    h, g = read(cell, lesson.rng.random((40, 2)), tuple(begin))[0][-1], lesson.rng.normal(size=(1, 16))
    return np.linalg.norm(mg.grad(mg.sum(h * mg.Tensor(g, "float64")), begin[:1])[0].numpy()) / np.linalg.norm(g)


growth = {kind: [max(stretch(kind, factor) for _ in range(10)) for factor in (1, 4, 16)]
          for kind in (nn.RNNCell, nn.GRUCell, nn.LSTMCell)}
lesson.table(["recurrent weights times", "1", "4", "16"], [(kind.__name__, *g) for kind, g in growth.items()])
lesson.check("fresh_ones_vanish", [g[0] for g in growth.values()], "<=", 0.1)
lesson.check("gated_explode", [growth[kind][-1] for kind in (nn.GRUCell, nn.LSTMCell)], ">=", 100)

# %% [markdown]
# On the left all three vanish (a fresh gate stands at one half); on the right all three explode, the gated ones with
# larger weights than the RNN needs for it. Gates move the border; they do not close it. So clipping stays: all nets of
# this lesson were trained with it.
#
# ## Where this lives in minigrad
#
# `nn.GRUCell` and `nn.GRU` in `minigrad/nn/recurrent.py`, with `update=` and `reset=`; the equation is `gru_step` in
# `minigrad/recurrent/steps.py`; `unroll=False` takes the kernel of `fused.py`. On the slides the line reads
# `cell = tf.nn.rnn_cell.GRUCell(hidden_size)`, and all cells share the abstract `RNNCell`, here `nn.Cell`: nothing
# else in a program changes if you change the cell.

# %% [markdown]
# ## What we left out
#
# * Tuning. Here all runners share one learning rate, which is no runner's own best; a real race tunes each of them.
# * Copy memory, where gated nets win by remembering symbols: lesson 16. More updates and more text: lesson 12.
# * Variants between the two: the LSTM with coupled gates $f = 1 - i$; minimal units with a single gate. Greff et al.
#   (2017) took LSTMs apart, Jozefowicz et al. (2015) searched ten thousand cells: none is the best on all tasks.
#
# ## Quiz

# %% [markdown]
# 1. Which two gates of an LSTM does $z$ stand for, and what can an LSTM do with them that a GRU cannot?
#
# <details><summary>Answer</summary>
#
# Forget gate ($z$) and input gate ($1-z$). An LSTM can open both: keep all *and* add. That is counting.
#
# </details>
#
# 2. In a paper $z$ starts with a bias of $-3$ "so that the net remembers". Which convention does it use?
#
# <details><summary>Answer</summary>
#
# $z$ is near 0 then, so it must be the share of the *new*: $h' = (1-z) h + z n$.
#
# </details>

# %% [markdown]
# 3. $r = 0$: is the old state lost?
#
# <details><summary>Answer</summary>
#
# No. It is only hidden from the candidate. What stays in $h'$ is decided by $z$; with $z = 1$ all of it stays.
#
# </details>
#
# 4. A GRU of 100 units beats an LSTM of 100 units by a little, with one seed each. What do you ask for?
#
# <details><summary>Answer</summary>
#
# More seeds and the range; each with its own learning rate. The LSTM had more parameters, so that is not its excuse.
#
# </details>

# %% [markdown]
# 5. Why is clipping needed although a GRU has gates?
#
# <details><summary>Answer</summary>
#
# Gates are at most 1 and tame only the direct road. Through $U_n$, $U_r$ and $U_z$ a gradient can still grow at every
# step.
#
# </details>
#
# ## Exercises
#
# `python -m lessons exercise 17` copies these and more into files of yours; `check 17` examines them, `hint 17` helps.


# %%
# Exercise 17.1: one step of a GRU. W (3H, I), U (3H, H), b (3H,): rows r, z, n. r after the product; z keeps the old.
def gru_step(x, h, W, U, b):
    raise NotImplementedError("TODO 17.1: r, z, the candidate n, and the mix of n and h")


# %%
# Exercise 17.2 (find the bug): weights of a net with h' = (1 - z) h + z n, for a library with h' = (1 - z) n + z h.
def convert(W, U, b):
    raise NotImplementedError("TODO 17.2: 1 - W is not it; which rows make z, and what turns z into 1 - z?")


# %%
# Exercise 17.3 (predict): the bias of z with which half of the state is left after n steps.
def bias_for_half_life(n, update):
    raise NotImplementedError("TODO 17.3: z to the power n is one half; mind who owns z")


# %%
# Exercise 17.4 (predict): the widest LSTM that has no more parameters than a GRU of H units. One bias each.
def lstm_width(inputs, H):
    raise NotImplementedError("TODO 17.4: 3 blocks here, 4 blocks there")


# %%
lesson.finish()
