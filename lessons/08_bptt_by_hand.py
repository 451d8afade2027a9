"""08 BPTT by hand: min-char-rnn repaired
question: how does a mistake at the end of a sequence reach the weights that were used at its beginning?
claim: one line, + dhnext, carries it there; without it training looks healthy and the gradient is wrong
check: gradient_error <= 1e-9 and first_loss <= 0.01 and last_step_differs == 0 and earlier_steps_differ >= 1e-6
    and cut_is_no_dhnext <= 1e-9 and node_growth == 0 and byte_growth == 0 and learned >= 0.8 and bug_learned >= 0.8
data: pydoc_data.topics or --text   seconds: 20   fast_seconds: 10
items: D6-D7 E1-E2 E8 E20 I15 M7 O8 R19   needs: 02 06
"""

# %% [markdown]
# # 08 BPTT by hand: min-char-rnn repaired
#
# In lesson 06 one set of weights was used at every step. So when the net is wrong at step 25, which *use* of the
# weights is to blame: the one just before, or the one at step 3, whose effect has been travelling in the state since?
# All of them, each by its share, and adding up the shares is **back-propagation through time**, BPTT.
#
# Three ways of training belong to recurrent nets, and they are not rivals. **Teacher forcing**: at each step the net
# reads the *true* previous symbol, not its own guess (so do we, today; lesson 07 is about it). **BPTT**: run forward
# over the whole sequence, compute the loss, run backward over the whole sequence, and sum the gradients over time.
# **RTRL**: carry the gradient along while going forward; expensive, and the subject of lesson 09.

# %% [markdown]
# Our text is a famous one: Karpathy's *min-char-rnn* (2015), 112 lines of NumPy that learn to write, character by
# character. On the slide it has been through a scanner, with Cyrillic letters among the names, lines changed and the
# most important line lost. We write it anew, hold every gradient against minigrad's, and then break it on purpose.
#
# Its settings: 100 hidden units, 25 steps at a time, gradients clipped to [-5, 5], Adagrad with learning rate 0.1.

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
import time

import numpy as np

import minigrad as mg
import viz
from minigrad import nn
from minigrad.data import CharVocab
from minigrad.text.sample import sample_ids

lesson = kit.begin("08")
H, T = 100, 25
corpus = lesson.corpus(window=400)
vocab = CharVocab(corpus.train)  # sorted, so that the same text gives the same numbers every time
ids = vocab.encode(corpus.train)
V = len(vocab)
print(f"{V} different characters; it begins {corpus.train[:50]!r}")

# %% [markdown]
# ## Forward
#
# $$h_t = \tanh(W_{xh} x_t + W_{hh} h_{t-1} + b_h) \qquad y_t = W_{hy} h_t + b_y \qquad p_t = \mathrm{softmax}(y_t)$$
#
# $x_t$ is one-hot, so $W_{xh} x_t$ is a column of $W_{xh}$. The loss is the sum of $-\log p_t[\text{target}]$. The
# states are kept in a dictionary, with $h_0$, the state before the first step, under the key -1.
#
# **Predict** the loss per character before any training, in terms of $V$, when all weights are about 0.01.

# %%
def new_weights(rng, scale=0.01):
    """Wxh, Whh, Why, bh, by."""
    return [scale * rng.normal(size=s) for s in [(H, V), (H, H), (V, H)]] + [np.zeros(H), np.zeros(V)]


def forward(inputs, targets, h, weights):
    Wxh, Whh, Why, bh, by = weights
    hs, ps, loss = {-1: h}, {}, 0.0
    for t in range(len(inputs)):
        hs[t] = np.tanh(Wxh[:, inputs[t]] + Whh @ hs[t - 1] + bh)
        y = Why @ hs[t] + by
        p = np.exp(y - y.max())  # the shift of lesson 02; the original has none
        ps[t] = p / p.sum()
        loss -= np.log(ps[t][targets[t]])
    return loss, hs, ps


weights = new_weights(lesson.rng)
inputs, targets = ids[:T], ids[1 : T + 1]
loss, hs, ps = forward(inputs, targets, np.zeros(H), weights)
print(f"loss per character {loss / T:.5f}, ln V = {np.log(V):.5f}")
lesson.check("first_loss", abs(loss / T / np.log(V) - 1), "<=", 0.01)

# %% [markdown]
# Almost zero weights give almost equal scores, so each of the $V$ characters gets about $1/V$. A first loss that is
# far from $\ln V$ is the cheapest alarm there is: check it in every classifier you write.
#
# ## Backward
#
# At step $t$ the state $h_t$ is used **twice**: by its own output $y_t$, and by the next state $h_{t+1}$. Lesson 02
# says what to do with a value that is used twice: *add* what comes back from both.
#
# $$\frac{\partial L}{\partial h_t} = \underbrace{W_{hy}^\top\, dy_t}_{\text{from its own output}} +
# \underbrace{W_{hh}^\top\, draw_{t+1}}_{\text{dhnext: from all later steps}} \qquad draw_t = (1 - h_t^2) \cdot dh_t$$

# %%
def backward(inputs, targets, hs, ps, weights, through_time=True):
    """The gradients of the loss by the five weights, and dL/dh_t for each step."""
    Wxh, Whh, Why, bh, by = weights
    dWxh, dWhh, dWhy, dbh, dby = gradients = [np.zeros_like(w) for w in weights]
    dhs, dhnext = {}, np.zeros(H)
    for t in reversed(range(len(inputs))):
        dy = ps[t].copy()
        dy[targets[t]] -= 1  # softmax and -log together: probabilities minus one-hot
        dWhy += np.outer(dy, hs[t])
        dby += dy
        dh = Why.T @ dy
        if through_time:
            dh = dh + dhnext  # the line that was lost
        draw = (1 - hs[t] ** 2) * dh  # back through tanh
        dbh += draw
        dWxh[:, inputs[t]] += draw
        dWhh += np.outer(draw, hs[t - 1])
        dhnext = Whh.T @ draw
        dhs[t] = dh
    return gradients, np.array([dhs[t] for t in range(len(inputs))])


# %% [markdown]
# Every weight is used at every step, so its gradient is **summed** over the steps: five times `+=`.
#
# ## The same, without deriving anything
#
# minigrad runs the same equations forward and gets the gradient from the graph. Its backward pass knows nothing of
# time: to the engine the unrolled net is a graph like any other.
#
# **Predict** how well the two agree, in 64-bit numbers, and which of the five you would bet on being wrong.

# %%
with mg.default_dtype("float64"):
    cell, head = nn.RNNCell(V, H, bias="one"), nn.Linear(H, V)
params = [cell.weight_ih, cell.weight_hh, head.weight, cell.bias_ih, head.bias]
NAMES = ["Wxh", "Whh", "Why", "bh", "by"]
for p, name in zip(params, NAMES):
    p.name = name


def unroll(inputs, targets, cell, head, cut=False):
    """The loss and the states of all steps, as Tensors with their graph. cut: forget where each state came from."""
    dtype, total, states = cell.bias_ih.dtype, None, []
    h = mg.Tensor(np.zeros((1, cell.hidden_size)), dtype, name="h")
    one_hot = np.eye(cell.input_size)
    for t, (i, target) in enumerate(zip(inputs, targets)):
        with mg.scope("step", t):
            h = cell(mg.Tensor(one_hot[[i]], dtype, name="x"), h.detach() if cut else h)
            loss = mg.cross_entropy(head(h).named("y"), np.array([target])).named("L")
            total = loss if total is None else total + loss
            states.append(h)
    return total, states


def difference(a, b):
    return np.abs(a - b).max() / np.abs(b).max()


# %%
weights = new_weights(lesson.rng, scale=0.1)  # larger than at the start, so that time matters
for p, w in zip(params, weights):
    p.assign(w)
loss, hs, ps = forward(inputs, targets, np.zeros(H), weights)
gradients, dhs = backward(inputs, targets, hs, ps, weights)
wrong, wrong_dhs = backward(inputs, targets, hs, ps, weights, through_time=False)
total, states = unroll(inputs, targets, cell, head)
engine = [g.numpy() for g in mg.grad(total, params)]
lesson.table(["gradient of", "shape", "by hand, relative difference", "without + dhnext"],
             [(n, g.shape, difference(g, e), difference(w, e)) for n, g, w, e in zip(NAMES, gradients, wrong, engine)])
lesson.check("gradient_error", max(map(difference, gradients, engine)), "<=", 1e-9)
lesson.check("missing_dhnext", min(difference(wrong[i], engine[i]) for i in (0, 1, 3)), ">=", 1e-3)

# %% [markdown]
# ## What exactly does `+ dhnext` carry?
#
# Without it, `Why` and `by` keep their gradients: they act at their own step only. The others are wrong, and **when**
# they are wrong is the point. The next table goes through the steps one by one.
#
# **Predict** the step at which $\lVert \partial L/\partial h_t\rVert$ is the same with and without the line, and what
# the engine finds if each state is *detached*, that is, forgets where it came from, before the next step uses it.

# %%
by_state = np.array([g.numpy()[0] for g in mg.grad(total, states)])
cut_total, cut_states = unroll(inputs, targets, cell, head, cut=True)
by_cut = np.array([g.numpy()[0] for g in mg.grad(cut_total, cut_states)])
size = {name: np.linalg.norm(d, axis=1) for name, d in
        {"engine": by_state, "hand": dhs, "no dhnext": wrong_dhs, "engine, detached": by_cut}.items()}
lost = np.linalg.norm(dhs - wrong_dhs, axis=1) / size["hand"]
lesson.table(["step", *size, "share lost"], [(t + 1, *(n[t] for n in size.values()), lost[t]) for t in range(0, T, 3)])
lesson.check("states_agree", difference(dhs, by_state), "<=", 1e-9)
lesson.check("last_step_differs", lost[-1], "==", 0)
lesson.check("earlier_steps_differ", lost[:-1].min(), ">=", 1e-6)
cut_engine = [g.numpy() for g in mg.grad(cut_total, params)]
lesson.check("cut_is_no_dhnext", max(map(difference, wrong, cut_engine)), "<=", 1e-9)

# %% [markdown]
# The last step has no later step, so nothing is lost there. All earlier ones lose what the future had to say to them.
# And deleting the line is the *same* as detaching the state at every step: BPTT cut after one step. Cutting after some
# steps, on purpose and with open eyes, is *truncated* BPTT, lesson 09.
#
# ## The picture: forward sweep, backward sweep
#
# A small net over four steps, from its real graph. First the values, from left to right; then the gradients, from right
# to left. **Look for dhnext**: it is the arrow from each column back into the one before, where it meets the arrow that
# comes down from the output. Darker is larger. Then follow the rails: here the four shares of each parameter meet. And
# one share of $W_{hh}$ is exactly 0, drawn dashed and dark. Why that one?

# %%
mg.manual_seed(lesson.seed)
tiny_cell, tiny_head = nn.RNNCell(5, 6, bias="one").astype("float64"), nn.Linear(6, 5).astype("float64")
tiny_cell.weight_ih.name, tiny_cell.weight_hh.name, tiny_cell.bias_ih.name = "W_xh", "W_hh", "b_h"
tiny_head.weight.name, tiny_head.bias.name = "W_hy", "b_y"
tiny, _ = unroll([0, 1, 2, 3], [1, 2, 3, 4], tiny_cell, tiny_head)
lesson.show("forward", viz.draw(tiny, title="Forward sweep", subtitle="each state is used twice"))
lesson.show("backward", viz.draw(viz.record(tiny), title="Backward sweep: BPTT over four steps", emphasis="h",
                                 subtitle="red: dhnext, what crosses from a column into the one before"))

# %% [markdown]
# ## What it costs
#
# (It is $draw_1 h_0^\top$, and $h_0 = 0$.) "Powerful but expensive to train", say the slides: the time is proportional
# to the length, since step 12 has to wait for step 11; and so is the memory, since every state is needed again on the
# way back. Not a matter of opinion: a `Node` lists what it `saved`, and we can count.
#
# **Predict** from the code of `unroll` how many nodes one step adds. (An RNN step with one bias is two products, two
# sums and a tanh.)

# %%
def held(nodes):
    """Bytes of the different arrays that the nodes keep for the backward pass."""
    return sum({id(array): array.nbytes for node in nodes if not node.freed for array in node.saved}.values())


lengths, costs = [25, 50, 100, 200, 400], []
for steps in lengths:
    began = time.perf_counter()
    total, _ = unroll(ids[:steps], ids[1 : steps + 1], cell, head)
    middle = time.perf_counter()
    nodes = mg.history([total])
    before = held(nodes)
    total.backward()
    milliseconds = [1000 * s for s in (middle - began, time.perf_counter() - middle)]
    costs.append((steps, len(nodes), before, held(nodes), *milliseconds))
lesson.table(["T", "nodes", "bytes kept", "after backward", "ms forward", "ms backward"], costs)
per_step = [np.diff([cost[i] for cost in costs]) / np.diff(lengths) for i in (1, 2)]
lesson.check("node_growth", np.ptp(per_step[0]), "==", 0)
lesson.check("byte_growth", np.ptp(per_step[1]), "==", 0)

# %% [markdown]
# A straight line, to the byte. This is why long texts are cut into chunks, 25 characters here, with the *state* carried
# over from chunk to chunk and the gradient not.
#
# ## Training
#
# The rest of the listing, repaired. **Adagrad** divides each step by the root of the sum of all squared gradients so
# far, so that rarely used weights take larger steps. (The slides also use plain gradient descent and Adam: lesson 03.)
# Clipping holds each number of the gradient within [-5, 5], *after* the time loop. At the end of the text we start
# again from its beginning, with a fresh state. The loss of one chunk is noisy, so a **smoothed** one is watched, 0.99
# times the old value plus 0.01 times the new, and now and then the net writes a sample.

# %% [markdown]
# It is run twice: as it should be, and with `+ dhnext` deleted.
#
# **Predict** the two curves. Will you see from the loss that something is wrong? From the samples?
#
# Compare with two baselines in bits per character: $\log_2 V$, knowing nothing, and the *entropy of single characters*,
# knowing only how frequent each one is. Going below the second takes some use of the context.

# %%
def write(weights, h, first, length):
    """Sample `length` characters, each fed back in."""
    Wxh, Whh, Why, bh, by = weights

    def step(i, h):
        h = np.tanh(Wxh[:, i] + Whh @ h + bh)
        return Why @ h + by, h

    return vocab.decode(sample_ids(step, h, first, length, rng=np.random.default_rng(lesson.seed)))


def train(updates, label, through_time=True, rate=0.1):
    weights, h, start = new_weights(np.random.default_rng(lesson.seed)), np.zeros(H), 0
    memory = [np.zeros_like(w) for w in weights]
    smooth, losses, curve, stages = np.log2(V), [], [], [0, updates // 8, updates // 3, updates - 1]
    for n in (bar := lesson.progress(range(updates), label)):
        if start + T + 1 > len(ids):
            start, h = 0, np.zeros(H)
        if n in stages:
            print(f"{label}, after {n} updates: {write(weights, h, ids[start], 90)!r}")
        inputs, targets = ids[start : start + T], ids[start + 1 : start + T + 1]
        loss, hs, ps = forward(inputs, targets, h, weights)
        gradients, _ = backward(inputs, targets, hs, ps, weights, through_time)
        for w, g, m in zip(weights, gradients, memory):
            g = np.clip(g, -5, 5)
            m += g * g
            w -= rate * g / np.sqrt(m + 1e-8)
        h, start = hs[T - 1], start + T
        losses.append(loss / T / np.log(2))
        smooth = 0.99 * smooth + 0.01 * losses[-1]
        curve.append(smooth)
        bar.note(bits=smooth)
    return curve, np.mean(losses[-200:])


# %%
updates = lesson.pick(5000, 1600)
right_curve, right_bits = train(updates, "right")
wrong_curve, wrong_bits = train(updates, "no dhnext", through_time=False)
frequency = np.bincount(ids) / len(ids)
entropy = -(frequency * np.log2(frequency)).sum()
lesson.table(["model", "bits per character"], [("knowing nothing, log2 V", np.log2(V)), ("single characters", entropy),
                                               ("right", right_bits), ("no dhnext", wrong_bits)])
lesson.check("learned", entropy - right_bits, ">=", lesson.pick(0.8, 0.2))
lesson.check("bug_learned", entropy - wrong_bits, ">=", lesson.pick(0.8, 0.2))


# %%
def draw_curves(ax):
    ax.plot(right_curve, color="#0072B2", label="right")
    ax.plot(wrong_curve, color="#D55E00", label="+ dhnext deleted")
    for y, text in [(np.log2(V), "knowing nothing"), (entropy, "single characters")]:
        ax.axhline(y, color="#999999", lw=0.8, ls="--")
        ax.text(updates, y, text, ha="right", va="bottom", color="#555555")
    ax.set(title="The loss does not say which one has the bug", xlabel="update", ylabel="bits per character, smoothed")
    ax.legend()


lesson.plot("training", draw_curves)

# %% [markdown]
# Both curves fall, both nets begin to write, and the broken one may well be *ahead*. What the lost line carries is
# credit over many steps, while the first thing to be learned is which character follows which. And the full gradient is
# the larger one, so that Karpathy's rate of 0.1 makes larger and bumpier steps with it: set `rate=0.02` in both calls,
# and see what becomes of the lead. **You cannot see this bug in a loss curve.** You see it in one comparison of
# gradients, which takes a second. That is the whole reason for lesson 02's examiner.
#
# ## The slide says / what is true
#
# Here is the rest of the scanned listing. Each row is a find-the-bug of its own; cover the right column first.
# (`dех` and its kin are written with Cyrillic letters there: they look like names, and are other ones.)

# %% [markdown]
# | | the slide says | what is true |
# |---|---|---|
# | a | `hs['0'] = np.copy(hprev)` | `hs[-1]`: the state before step 0, found as `hs[t-1]` |
# | b | `n = len(targets)` | a stray line, to be deleted |
# | c | `loss += -np.log(p[target]) * ys[t]` | no `* ys[t]`: the loss is one number, not a vector |
# | d | `dех, dехh, dехy` | `dWxh`, `dWhh`, `dWhy`, in letters that can be typed |
# | e | `dbh, dyb` | `dbh`, `dby` |
# | f | `dех += dy` | `dby += dy`: the bias of the output |
# | g | nothing | `dh = Why.T @ dy + dhnext`: our line |
# | h | `(1 - hs[t]**2) * hs[t] * dех` | `(1 - hs[t]**2) * dh`: the slope of tanh, once |
# | i | `dехh += ddraw` | `dbh += ddraw`: the bias of the state |

# %% [markdown]
# | | the slide says | what is true |
# |---|---|---|
# | j | `ddraw` times `xs[t].T` and `hs[t-1].T`, both into `dехh` | the first into `dWxh`, the second into `dWhh` |
# | k | `dhnext` is clipped in the loop, then an undefined `dparam` | the five gradients are clipped, after the loop |
# | l | `return` stands inside the time loop | after it; else only the last step is processed |
# | m | `hs[seq_length-1]` | `hs[len(inputs)-1]`: the last chunk may be short |
# | n | `nixh, nhbh, nhhy`, the first shaped like `Whh` | `mWxh` like `Wxh`, `mWhh`, `mWhy` |
# | o | `seq_length1` | `seq_length+1` where the end of the text is tested; `seq_length` elsewhere |
# | p | `inputs = ...`, `targets = ...` under the reset `if` | outside it: else the same chunk is trained for ever |
# | q | `print '...'`, `xrange` | Python 3: `print(...)`, `range` |

# %% [markdown]
# Two traps (r) are in the original as well: `exp` without the shift overflows as soon as a score passes 709; and
# `list(set(data))` orders the alphabet differently in every run, so that weights saved yesterday spell nonsense today.
# `CharVocab` sorts.
#
# Which of them would you notice? c, m and q stop the program. f, h, i and j leave it running, with a gradient that is
# not the gradient, and such a net learns something all the same, as the one without `dhnext` did. Three of the
# exercises below are made of these rows.

# %% [markdown]
# ## Where this lives in minigrad
#
# Nowhere, and that is the point: there is no `dhnext` in minigrad. `backward_pass` in `minigrad/autograd.py` adds up
# what comes back to every value, for any graph, and the state $h_t$ is a value with two uses. The clipping is
# `clip_grad_value` and the optimiser `Adagrad`, both in `minigrad/optim.py`; the sampling loop is
# `minigrad/text/sample.py`.
#
# ## What we left out
#
# * How far the gradient really reaches before it fades or explodes: lesson 14. Cutting it on purpose: lesson 09.
# * Batches: here one text is read once; lesson 12 reads sixteen places side by side, and writes far better.
# * Memory can be bought back with time, by keeping every tenth state and computing the others again.

# %% [markdown]
# ## Quiz
#
# 1. Why is there a plus in `dh = Why.T @ dy + dhnext`?
#
# <details><summary>Answer</summary>
#
# Because $h_t$ is used twice, by its own output and by the next state, and the gradients of two uses are added.
#
# </details>
#
# 2. Without `+ dhnext`, why is the gradient of `Why` still right?
#
# <details><summary>Answer</summary>
#
# `Why` acts on the loss of its own step only, by way of $y_t$. Nothing of that goes through a later step.
#
# </details>

# %% [markdown]
# 3. Before training, a classifier of ten classes has a loss of 6.1 per example. What is wrong?
#
# <details><summary>Answer</summary>
#
# Guessing evenly would cost $\ln 10 \approx 2.3$. At 6.1 it is confidently wrong: weights far too large, or a loss that
# is summed where you think it is averaged.
#
# </details>
#
# 4. Twice as long a chunk: what happens to the memory for the backward pass, and to the number of parameters?
#
# <details><summary>Answer</summary>
#
# The memory doubles (the part that does not depend on $T$, the weights, aside); the parameters stay the same.
#
# </details>

# %% [markdown]
# 5. In training the net reads the true previous character, in sampling its own. What is the first of these called, and
#    what could go wrong in the second?
#
# <details><summary>Answer</summary>
#
# Teacher forcing. In sampling one odd character leads to a state that training never visited, and the next ones may get
# odder. Lesson 06 ended with the same warning.
#
# </details>
#
# ## Exercises
#
# Find the bug: each cell holds lines of the scanned listing. Repair them, and only then compare with `backward` above.
# `python -m lessons exercise 08` copies these and more into files of yours; `check 08` examines them, `hint 08` helps.


# %%
# Exercise 08.1: the line that was lost.
def state_gradient(Why, dy, dhnext):
    raise NotImplementedError("TODO 08.1: return dL/dh_t, from its own output and from the later steps")


# %%
# Exercise 08.2 (find the bug): one step back, with slips f, h, i and j. All arrays are updated in place.
def step_back(x, h, h_before, dh, dy, Whh, dWxh, dWhh, dWhy, dbh, dby):
    dWhy += np.outer(dy, h)
    dWxh += dy
    ddraw = (1 - h**2) * h * dh
    dWhh += ddraw
    dWhh += np.outer(ddraw, x)
    dWhh += np.outer(ddraw, h_before)
    raise NotImplementedError("TODO 08.2: four lines are wrong; then return the dhnext of this step")


# %%
# Exercise 08.3 (find the bug): slips k and l, and `=` for `+=`.
def all_steps(gradient_of_step, T, limit=5.0):
    total = 0.0
    for t in reversed(range(T)):
        total = np.clip(gradient_of_step(t), -limit, limit)
        return total
    raise NotImplementedError("TODO 08.3: the sum over all steps, clipped once, at the end")


# %%
# Exercise 08.4 (find the bug): slips o and p. Which chunk is read after the one at `start`?
def next_chunk(data, start, T):
    if start + T >= len(data) + 1:
        start = 0
        inputs, targets = data[start : start + T], data[start + 1 : start + T + 1]  # noqa: F841
    raise NotImplementedError("TODO 08.4: return inputs, targets (T symbols each) and the start of the chunk after")


# %%
lesson.finish()
