"""09 Truncation and RTRL
question: how far back can a net learn, if the gradient is cut after some steps?
claim: what is longer ago than the gradient reaches is not learned; what is learned inside a chunk is used across
check: lag4_k4 <= 0.5 and lag4_k5 >= 0.9 and lag7_k7 <= 0.5 and lag7_k8 >= 0.8 and never_rewarded >= 0.85
    and without_state <= 0.45 and cut_and_scan_agree <= 1e-12 and batches_add_up <= 1e-12 and chunks_do_not >= 0.3
    and rtrl_error <= 1e-9 and rtrl_growth >= 7
data: generated   seconds: 40   fast_seconds: 10
items: E1 E3-E4 E11 O8 R20   needs: 06 08
"""

# %% [markdown]
# # 09 Truncation and RTRL
#
# Back-propagation through time runs over the *whole* sequence, then all the way back. Lesson 08 counted what it costs:
# memory for every step. A book has a million characters. And what if there is no end, because the net listens to
# a microphone? Two ways out, and they are opposites:
#
# * **Truncated BPTT** cuts the sequence into chunks of $k$ steps. The *state* is carried from chunk to chunk for ever,
#   the *gradient* stops at the border. It is what lesson 08 did with its 25 characters, and what nearly everybody does.
# * **Real-time recurrent learning**, RTRL, needs no way back at all. It is exact, and it is too expensive.
#
# (The third way on the slides, *teacher forcing*, gets rid of the way back by cutting the recurrence: lesson 07.)

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
import numpy as np

import minigrad as mg
import viz
from minigrad import nn, optim
from minigrad.recurrent import RTRL, rtrl, scan

lesson = kit.begin("09")
SYMBOLS, B, H = 4, 32, 32


def one_hot(ids):
    return mg.Tensor(np.eye(SYMBOLS)[ids])


# %% [markdown]
# ## Cut
#
# The cut is one word: `detach`. A detached state has the same numbers, and has forgotten where they came from. The next
# picture is a backward pass over eight steps with one cut in the middle. Grey arrows are values, coloured ones
# gradients. **Predict** which kind crosses the border.

# %%
cell, read = nn.RNNCell(SYMBOLS, 8, bias="one"), nn.Linear(8, SYMBOLS)


def losses_of(steps, truncate=None):
    """The losses of a small random net, one for each step; truncate: a cut after every so many steps."""
    ids, losses = lesson.rng.integers(0, SYMBOLS, (steps, 1)), []
    hs, _ = scan(cell.advance, [one_hot(i).named("x") for i in ids], cell.initial(1), truncate=truncate)
    for t, h in enumerate(hs):
        with mg.scope("step", t):
            losses.append(mg.cross_entropy(read(h).named("y"), ids[t]).named("L"))
    return losses


record = viz.record(mg.sum(mg.stack(losses_of(8, truncate=4))))
lesson.show("cut", viz.draw(record, view="cells", emphasis="h", title="Two chunks of four steps",
                            subtitle="the state crosses the border, no gradient does"))

# %% [markdown]
# Now ask **each loss by itself** which states it has anything to say to. A row is a loss, a column is the state of a
# step. On the left nothing is cut: a triangle, since no loss reaches the future. It is darkest at the diagonal: what is
# far back hears little, which will be the subject of lesson 14.
#
# **Predict** what the right half looks like with a cut after every fourth step.

# %%
lesson.show("reach", viz.draw({"the whole sequence": viz.itemise(losses_of(12)),
                               "a cut after every 4 steps": viz.itemise(losses_of(12, truncate=4))}))

# %% [markdown]
# Steps. The loss at step 4 teaches four states, the loss at step 5 a single one, although only one step lies between
# them. With chunks of $k$ steps a loss reaches back between 0 and $k-1$ steps, on average half of that.
#
# ## How far back can be learned?
#
# **Echo**: the net hears one of four symbols at each step, without end, and must say the one that it heard $d$ steps
# ago. To answer, the state has to hold the last $d$ symbols. Guessing is right in 25 of 100 cases.
#
# An Elman net with 32 units reads 32 endless streams in chunks of $k$ steps, with its state carried on.
#
# **Predict** how often it is right for $d = 4$ and $k = 2, 4, 5, 8$. Draw it as a curve before you go on.

# %%
class Net(nn.Module):
    def __init__(self):
        self.rnn, self.out = nn.RNN(SYMBOLS, H, bias="one", unroll=False), nn.Linear(H, SYMBOLS)

    def forward(self, x, h):
        hs, h = self.rnn(x, h)
        return self.out(hs), h


def train(lag, k, carry=True):
    """A net after some chunks, and how often it was right in the last 50 chunks, for each place in the chunk (k,)."""
    mg.manual_seed(lesson.seed)
    net, rng, h, right = Net(), np.random.default_rng(lesson.seed), None, []
    optimizer, heard = optim.Adam(net, lr=0.007), rng.integers(0, SYMBOLS, (lag, B))
    for _ in range(lesson.pick(700, 400)):
        heard = np.concatenate([heard[-lag:], rng.integers(0, SYMBOLS, (k, B))])  # the stream goes on
        said, h = net(one_hot(heard[lag:]), h if carry else None)
        h = h.detach()  # the cut
        loss = mg.cross_entropy(said, heard[:k])
        optimizer.zero_grad()
        loss.backward()
        optim.clip_grad_norm(net.parameters(), 1.0)
        optimizer.step()
        right.append((said.numpy().argmax(axis=-1) == heard[:k]).mean(axis=1))
    return net, np.mean(right[-50:], axis=0)


# %%
windows = {4: lesson.pick(range(1, 12), (2, 4, 5, 8)), 7: lesson.pick(range(1, 12), (4, 7, 8, 11))}
accuracy, nets = {}, {}
for lag, k in lesson.progress([(lag, k) for lag, ks in windows.items() for k in ks], "training"):
    nets[lag, k], accuracy[lag, k] = train(lag, k)
lesson.table(["lag", "k", "right"], [(*which, right.mean()) for which, right in accuracy.items()])
for lag, learned in ((4, 0.9), (7, lesson.pick(0.8, 0.5))):
    lesson.check(f"lag{lag}_k{lag}", accuracy[lag, lag].mean(), "<=", 0.5)
    lesson.check(f"lag{lag}_k{lag + 1}", accuracy[lag, lag + 1].mean(), ">=", learned)


# %%
def draw_accuracy(ax):
    for lag, look, colour in [(4, "o-", "#0072B2"), (7, "s-", "#D55E00")]:
        ax.plot(windows[lag], [accuracy[lag, k].mean() for k in windows[lag]], look, color=colour, label=f"lag {lag}")
        ax.axvline(lag + 0.5, color=colour, lw=0.8, ls="--")
    ax.axhline(0.25, color="#999999", lw=0.8)
    ax.text(11, 0.24, "guessing", ha="right", va="top", color="#555555")
    ax.set(title="One step more, and it is learned", xlabel="steps in a chunk, k", ylabel="right answers",
           ylim=(0.15, 1.05), xticks=range(1, 12))
    ax.legend(loc="upper left")


lesson.plot("window", draw_accuracy)

# %% [markdown]
# Not a slope, a cliff: with $k \le d$ nothing, with $k = d + 1$ all. And with $k = d + 1$ there is only *one* place in
# each chunk, the last one, where the answer's gradient reaches the step at which the symbol was heard.
#
# (Why a little above 25 %, when nothing can be learned? The readout still learns, and a *random* recurrent matrix keeps
# faint traces of the last symbols by accident. Nets that use this on purpose are called echo state networks.)
#
# ## What no gradient ever taught
#
# Take $d = 4$, $k = 8$. At the first four places of a chunk the symbol to be said was heard in the chunk *before*. No
# gradient has ever crossed that border. **Predict** how often the net is right at each of the eight places. And the
# same for a net whose state is set to zero at the beginning of each chunk.

# %%
_, reset = train(4, 8, carry=False)
carried = accuracy[4, 8]
lesson.table(["place in the chunk", "state carried", "state set to zero"], zip(range(1, 9), carried, reset))
lesson.check("never_rewarded", carried[:4].min(), ">=", 0.85)
lesson.check("without_state", reset[:4].max(), "<=", 0.45)
lesson.check("without_state_later", reset[4:].min(), ">=", 0.85)


# %%
def draw_places(ax):
    for shift, rights, colour, label in [(-0.2, carried, "#0072B2", "state carried"),
                                         (0.2, reset, "#E69F00", "state set to zero")]:
        ax.bar(np.arange(1, 9) + shift, rights, 0.38, color=colour, label=label)
    ax.axvspan(0.5, 4.5, color="#eeeeee", zorder=0)
    ax.text(2.5, 1.03, "heard in the chunk before: no gradient", ha="center", color="#555555")
    ax.set(title="What is learned inside a chunk is used across its border", xlabel="place in the chunk",
           ylabel="right answers", ylim=(0, 1.25), xlim=(0.5, 8.5), yticks=np.arange(6) / 5)
    ax.legend(loc="upper right", ncols=2)


lesson.plot("places", draw_places)

# %% [markdown]
# The net is right at *all* places. The weights are shared (lesson 06): how to hold a symbol for four steps was learned
# in the second half of each chunk, and the first half uses the same weights on a state that was carried to it. So a
# truncated gradient does not limit what a net can *remember*, only what it can *learn to* remember: the carried state
# may hold things for a thousand steps, if learning to hold them for $k$ is all it takes.
#
# Two mistakes are common. Forgetting `detach`: then the graph grows with every chunk (minigrad's `fit` warns).
# Forgetting to carry the state: no error, a worse net, the orange bars.

# %% [markdown]
# ## The slide says / what is true / run this
#
# > **The slides say:** BPTT is "essentially *truncated* backprop on unfolded graph". And two slides later, of truncated
# > BPTT: "in spirit: similar to minibatch SGD". Another deck calls stopping early "ad hoc".
#
# **What is true.** BPTT is *full* back-propagation on the unfolded graph; truncated BPTT is the variant that cuts it.
# And the likeness to mini-batches ends where it matters. The gradients of the mini-batches of a data set *add up* to
# the full gradient: each is a fair sample of it. The gradients of the chunks do not: what would cross the borders is in
# none of them, however many you add. **Run this:** a trained net, 24 steps, 32 streams, the gradient of $W_{hh}$.
#
# **Predict**, for $k = 1$, whether the sum over the chunks points at least roughly where the full gradient does.

# %%
net = nets[4, 8].astype("float64")
cell, read = net.rnn.cells[0], net.out
heard = lesson.rng.integers(0, SYMBOLS, (24 + 4, B))


def gradient(k=None, streams=slice(None), steps=slice(None), h=None, detached=False):
    """dL/dW_hh of the sum of the losses of these streams and steps, and the last state."""
    x, d = np.eye(SYMBOLS)[heard[4:, streams][steps]], heard[:24, streams][steps]
    h = cell.initial(x.shape[1]) if h is None else h
    hs, h = scan(cell.advance, mg.Tensor(x, "float64"), h, truncate=k)
    loss = mg.cross_entropy(read(mg.stack(hs)), d, reduction="sum")
    return mg.grad(loss, [cell.weight_hh])[0].numpy(), tuple([s.detach() for s in h])


def by_chunks(k):
    total, h = 0.0, None
    for start in range(0, 24, k):
        g, h = gradient(steps=slice(start, start + k), h=h)
        total = total + g
    return total


# %%
full, _ = gradient()
batches = sum(gradient(streams=slice(start, start + 8))[0] for start in range(0, B, 8))
sums = {k: by_chunks(k) for k in (1, 2, 4, 8, 12, 24)}
table = [("4 mini-batches", batches)] + [(f"chunks of {k} steps", g) for k, g in sums.items()]
norm = np.linalg.norm
lesson.table(["sum of the gradients of", "distance to the full one", "cosine", "its length / the full one's"],
             [(name, norm(g - full) / norm(full), (g * full).sum() / norm(g) / norm(full), norm(g) / norm(full))
              for name, g in table])
lesson.check("batches_add_up", norm(batches - full) / norm(full), "<=", 1e-12)
lesson.check("chunks_do_not", norm(sums[1] - full) / norm(full), ">=", 0.3)
lesson.check("one_chunk_is_bptt", norm(sums[24] - full) / norm(full), "<=", 1e-12)
lesson.check("cut_and_scan_agree", max(norm(gradient(k)[0] - g) / norm(g) for k, g in sums.items()), "<=", 1e-12)

# %% [markdown]
# The mini-batches add up to the last digit. The chunks point somewhere else, and the shorter they are the more so. (Cut
# by `detach` between chunks or inside one graph by `scan(..., truncate=k)`: the same numbers.) Truncation is not a fair
# sample of the gradient but a *biased* one, with the bias always on the same side: against what takes long.
#
# ## Without a way back
#
# Backward, we ask at the end: "who has contributed to this?" We could instead keep a record from the beginning: how
# does the state, *as it is now*, depend on each weight? Call that $P_t = \partial h_t/\partial\theta$. The state is
# made of the last state and of the weights, so by the chain rule there are two terms:
#
# $$P_t = \frac{\partial h_t}{\partial h_{t-1}} P_{t-1} + \text{what the use of }\theta\text{ at step } t\text{ does}
# \qquad \frac{\partial L_t}{\partial\theta} = \frac{\partial L_t}{\partial h_t} P_t$$
#
# This is **RTRL** (Williams and Zipser, 1989). Nothing is ever cut, nothing is stored but $P$, and the exact gradient
# is there *at every step*. **Predict** what is wrong with it: how many numbers has $P$, for 32 units?

# %%
def rtrl_by_hand(xs, targets, W_xh, W_hh, b):
    """dL/dW_hh for L = sum_t |h_t - target_t|^2 / 2, and that of the steps so far at every step, forward only."""
    units = range(len(b))
    h, P, total, so_far = np.zeros(len(b)), np.zeros((len(b), *W_hh.shape)), 0.0, []
    for x, target in zip(xs, targets):
        before, h = h, np.tanh(W_xh @ x + W_hh @ h + b)
        P = np.einsum("ij,jab->iab", W_hh, P)  # P[i, a, b] = dh_i / dW_ab: the past, handed on ...
        P[units, units] += before  # ... and this use: row a of W_hh acts on unit a only
        P *= (1 - h**2)[:, None, None]  # through tanh
        total = total + np.einsum("i,iab->ab", h - target, P)
        so_far.append(total)
    return total, so_far


# %%
T, small = 30, nn.RNNCell(SYMBOLS, 6, bias="one").astype("float64")
xs, targets = lesson.rng.normal(size=(T, SYMBOLS)), lesson.rng.normal(size=(T, 6))


def loss_at(t, h):
    return 0.5 * mg.sum((h - mg.Tensor(targets[t : t + 1], "float64")) ** 2)


inputs = [mg.Tensor(x[None], "float64") for x in xs]
hs, _ = scan(small.advance, inputs, small.initial(1))
losses = [loss_at(t, h) for t, h in enumerate(hs)]
by_hand, so_far = rtrl_by_hand(xs, targets, *(p.numpy() for p in small.parameters()))
rtrl(small, inputs, loss_at)  # minigrad's own, for any cell; it leaves the gradients in .grad
answers = {"RTRL by hand": by_hand, "minigrad.recurrent.rtrl": small.weight_hh.grad.numpy()}
backward = mg.grad(mg.sum(mg.stack(losses)), [small.weight_hh])[0].numpy()
prefix = mg.grad(mg.sum(mg.stack(losses[:10])), [small.weight_hh])[0].numpy()
errors = [norm(g - backward) / norm(backward) for g in answers.values()] + [norm(so_far[9] - prefix) / norm(prefix)]
lesson.table(["gradient", "distance to BPTT"], zip([*answers, "RTRL by hand, as it stood after 10 steps"], errors))
lesson.check("rtrl_error", max(errors), "<=", 1e-9)

# %% [markdown]
# Exact, at the end *and* after ten steps, without a step back. To have that at every step, BPTT would have to go all
# the way back each time. Now the price, in numbers kept: $P$ has one for each pair of a unit and a weight, and there
# are about $H^2$ weights. BPTT keeps the states of all steps, and the engine can count what its nodes hold (lesson 08).
#
# **Predict** the factor from each row to the next, in both columns.

# %%
def kept_by_bptt(units, steps):
    cell = nn.RNNCell(SYMBOLS, units, bias="one")
    hs, _ = scan(cell.advance, [one_hot(i) for i in np.zeros((steps, 1), int)], cell.initial(1))
    arrays = {id(a): a for node in mg.history(hs) for a in node.saved}
    weights = {id(p.data) for p in cell.parameters()}
    return sum(a.size for key, a in arrays.items() if key not in weights)


sizes = [4, 8, 16, 32, 64, 128]
kept = {units: RTRL(nn.RNNCell(SYMBOLS, units, bias="one")).memory for units in sizes}
bptt = {units: [kept_by_bptt(units, steps) for steps in (100, 1000)] for units in sizes}
lesson.table(["H", "RTRL, any T", "BPTT, T = 100", "BPTT, T = 1000", "equal at T ="],
             [(units, kept[units], *bptt[units], round(1000 * kept[units] / bptt[units][1])) for units in sizes])
lesson.check("rtrl_growth", kept[128] / kept[64], ">=", 7)
lesson.check("rtrl_numbers", [kept[units] - units * (units * SYMBOLS + units**2 + units) for units in sizes], "==", 0)

# %% [markdown]
# Twice the units: *eight* times the numbers for RTRL, $H^3$; twice as many for BPTT, $T \cdot H$. The work of a step is
# worse still, $H^4$: the product of $\partial h_t/\partial h_{t-1}$ and $P$. The last column says how long a
# sequence must be before RTRL keeps less; by then nobody has the time. So it is not used, except in small nets
# that must learn as they go, and as an idea: it is *forward-mode* differentiation, as BPTT is reverse mode.
#
# ## Where this lives in minigrad
#
# `scan(..., truncate=k)` in `minigrad/recurrent/scan.py`, `rtrl` and `RTRL` beside it; `data.contiguous` cuts a text
# into streams and chunks, and `train.fit(..., carry=True)` carries the state and detaches it: lesson 12 uses both.

# %% [markdown]
# ## What we left out
#
# * Chunks that overlap: go back $k_2$ steps after every $k_1$, and each loss reaches back at least $k_2 - k_1$
#   (Williams and Peng, 1990). Exercise 09.4 counts.
# * Keeping every tenth state, and computing the others again on the way back: the full gradient for less memory,
#   `scan(..., recompute=k)`.
# * Why even the full gradient may not reach far: lesson 14. Cheap approximations of RTRL: still research.
#
# ## Quiz

# %% [markdown]
# 1. Chunks of 25 characters, state carried. Can such a net use what it read 60 characters ago?
#
# <details><summary>Answer</summary>
#
# Yes, if the state still holds it. It only was never taught to hold it for *that* long by a gradient; a habit learned
# within 25 steps may carry on.
#
# </details>
#
# 2. With chunks of $k$ steps, at how many places in a chunk does the gradient of an answer reach a symbol of lag $d$?
#
# <details><summary>Answer</summary>
#
# At $k - d$ of them, if $k > d$, and otherwise at none.
#
# </details>

# %% [markdown]
# 3. Somebody carries the state and forgets `detach`. What happens?
#
# <details><summary>Answer</summary>
#
# The graph of each chunk goes on into that of the one before, whose arrays are gone after its backward pass: minigrad
# says so. If they were kept, memory and time would grow with every chunk.
#
# </details>
#
# 4. A data set is cut into mini-batches, a sequence into chunks. Which gradients add up to the full one?
#
# <details><summary>Answer</summary>
#
# Those of the mini-batches. A loss in one sequence does not depend on another sequence, but a loss in a chunk does
# depend on the chunks before.
#
# </details>

# %% [markdown]
# 5. What does RTRL keep, and why does the length of the sequence not matter?
#
# <details><summary>Answer</summary>
#
# How each unit of the present state depends on each weight. All that has happened is in there already, added up.
#
# </details>
#
# ## Exercises
#
# `python -m lessons exercise 09` copies these and more into files of yours; `check 09` examines them, `hint 09` helps.


# %%
# Exercise 09.1: one step of RTRL, for the weight w of h' = tanh(w h + x), all plain numbers.
def rtrl_step(h, P, x, w):
    raise NotImplementedError("TODO 09.1: return the new h, and the new P = dh'/dw from the old one")


# %%
# Exercise 09.2 (find the bug): the state of the chunk before is thrown away.
def read_in_chunks(x, k, run, h0):
    outputs = []
    for start in range(0, len(x), k):
        ys, h = run(x[start : start + k], h0)
        outputs += ys
    raise NotImplementedError("TODO 09.2: return the outputs of all steps and the last state")


# %%
# Exercise 09.3 (predict): how many of the pairs (loss, state) are lost by cutting T steps into chunks of k?
def pairs_lost(T, k):
    raise NotImplementedError("TODO 09.3: loss s reaches the states 1 .. s; count the white squares of the picture")


# %%
# Exercise 09.4 (make it work): overlapping chunks. After every k1 new steps the gradient goes back over the last k2.
def smallest_k2(k1, d):
    raise NotImplementedError("TODO 09.4: the first of the k1 new losses has the shortest way back")


# %%
lesson.finish()
