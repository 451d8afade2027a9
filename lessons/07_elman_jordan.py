"""07 Elman, Jordan, both
question: what should a net hand on to its next step: its hidden state, or its answer?
claim: an answer is a poor notebook unless it is rich, but given the right answers all steps can be learned at once
check: elman <= 0.02 and both <= 0.02 and jordan >= 0.2 and notebook <= 0.1 and same_loss <= 1e-12
    and same_gradient <= 1e-12 and forced_chain_growth == 0 and free_chain_growth >= 1 and one_output >= 0.2
    and two_outputs_from_ninth <= 0.03 and five_outputs <= 0.02 and own_answers_cost >= 2.5 and both_forced <= 0.02
data: generated   seconds: 40   fast_seconds: 10
items: C9-C10 D5 E1 E5 O5 R22 R23   needs: 06
"""

# %% [markdown]
# # 07 Elman, Jordan, both
#
# A sequence is read step by step, and something must be handed on from each step to the next, or there is no memory.
# In lesson 06 it was the hidden state. Jordan (1986) handed on something else: the **answer** that the net has just
# given. It sounds natural. Somebody who speaks hears what was said, and goes on from there.
#
# $$\text{Elman:}\quad h_t = \tanh(W x_t + W_{hh} h_{t-1} + b) \qquad
# \text{Jordan:}\quad h_t = \tanh(W x_t + U y_{t-1} + b)$$
#
# and in both $y_t = \sigma(V h_t + c)$. The first is called *hidden-to-hidden* recurrence, the second
# *output-to-hidden*. Both at once are possible: add both terms. Which is better? One of them learns in a moment what
# the other cannot, and the other can be trained in a way that the first cannot. We shall see both happen.

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
import time
from functools import partial

import numpy as np

import minigrad as mg
import viz
from minigrad import nn, optim
from minigrad.data import temporal_xor
from minigrad.recurrent import scan

lesson = kit.begin("07")
T, B, H = 12, 64, 16

# %% [markdown]
# ## Jordan's step by hand
#
# One input, four hidden units, one output. The slides write $h_t = \sigma(W x_t + U y_{t-1} + b)$ and mean by $\sigma$
# any activation; ours is $\tanh$ in the hidden layer and the logistic one on top. minigrad has it as `nn.JordanCell`.
#
# **Predict** how many numbers come from the step before. (In the Elman net of the same size it is four.)

# %%
with mg.default_dtype("float64"):
    cell = nn.JordanCell(1, 4, 1)
W, U, V, b, c = (p.numpy() for p in cell.parameters())
y, state, rows = np.zeros(1), cell.initial(1), []
for x_t in [1.0, 0.0, 1.0]:
    h = np.tanh(W @ [x_t] + U @ y + b)
    y = 1 / (1 + np.exp(-(V @ h + c)))
    state = cell.advance(mg.Tensor([[x_t]], "float64"), state)
    rows.append((x_t, y[0], state[0].item()))
lesson.table(["x_t", "y_t by hand", "y_t by nn.JordanCell"], rows)
lesson.check("hand_and_cell", max(abs(hand - layer) for _, hand, layer in rows), "<=", 1e-14)

# %% [markdown]
# ## Three circuits
#
# The black square is the delay of lesson 06: what goes in comes out one step later. **Look for it** in the three
# pictures below, drawn from the graphs of three real nets. In one it sits on a wire that leaves the `tanh`, in one on
# a wire that leaves the `σ`, and one picture has two of them. Everything else is the same.

# %%
elman, read = nn.RNNCell(1, 4, bias="one"), nn.Linear(4, 1)
jordan_small, both = (nn.JordanCell(1, 4, 1, feedback=which) for which in ("output", "both"))
for module, names in [(elman, "W W_hh b"), (read, "V c"), (jordan_small, "W U V b c"), (both, "W U V W_hh b c")]:
    for p, name in zip(module.parameters(), names.split()):
        p.name = name
bits = [mg.Tensor([[bit]], name="x") for bit in (1.0, 0.0, 1.0)]


def elman_step(x, state):
    h = elman(x, state[1])
    return mg.sigmoid(read(h)).named("y"), h


steps = {"Elman": (elman_step, both), "Jordan": (jordan_small.advance, jordan_small), "both": (both.advance, both)}
circuits = {name: scan(step, bits, cell.initial(1))[0] for name, (step, cell) in steps.items()}
for name, ys in circuits.items():
    lesson.show(f"circuit_{name.lower()}", viz.draw(ys, view="folded", title=name))

# %% [markdown]
# ## A task that needs a memory of one bit
#
# Elman's own (1990): a stream of bits in which every third is the *exclusive or* of the two before it, that is, 1 if
# they differ. The task is to say the **next** bit. Two of three bits are tosses of a coin: there nobody can do better
# than to answer ½, which costs a squared error of ¼. But each third bit can be known, and costs nothing to whoever
#
# * remembers the bit before this one, and
# * knows where in the three it is. (Nobody tells. The streams begin at the first of three.)

# %%
shown = temporal_xor(3, T, lesson.rng)
for heard, following in zip(*shown):
    print("heard", "".join(map(str, heard)), "  what can be known:",
          "".join(str(d) if t % 3 == 1 else "?" for t, d in enumerate(following)))

# %% [markdown]
# Three nets of sixteen hidden units, all trained in the same way: run over the whole stream, take the mean of the
# squared errors of all steps, and send the gradient backward through all steps. (This is *back-propagation through
# time*; how it works in detail is lesson 08. The engine sees one graph, as ever.)
#
# **Predict** the error of each of the three, at the step at which the next bit can be known.

# %%
def heard_and_wanted(count, rng, outputs=1):
    """x (T, count, 1), and what should be answered, d (T, count, outputs): the next bit, and more for later."""
    task = temporal_xor(count, T, rng)
    place = np.broadcast_to(np.eye(3)[np.arange(T) % 3], (count, T, 3))
    d = np.concatenate([task.targets[..., None], task.inputs[..., None], place], axis=-1)[..., :outputs]
    return mg.Tensor(task.inputs.T[..., None] * 1.0), mg.Tensor(d.swapaxes(0, 1))


class Elman(nn.Module):
    def __init__(self, inputs=1):
        self.rnn, self.out = nn.RNN(inputs, H, bias="one", unroll=False), nn.Linear(H, 1)

    def forward(self, x, d):
        return mg.sigmoid(self.out(self.rnn(x)[0]))


def own_answers(cell, x, d):
    """Each step is given the net's own last answer; d is not looked at."""
    return mg.stack(scan(cell.advance, x, cell.initial(x.shape[1]))[0])


def train(model, answer, updates, label, outputs=1):
    optimizer, rng = optim.Adam(model, lr=0.01), np.random.default_rng(lesson.seed)
    for _ in lesson.progress(range(updates), label):
        x, d = heard_and_wanted(B, rng, outputs)
        loss = mg.mse(answer(x, d), d)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def errors(answer, outputs=1):
    """The mean squared error of the next bit at each step (T,), on 1000 new streams."""
    x, d = heard_and_wanted(1000, np.random.default_rng(lesson.seed + 1000), outputs)
    with mg.no_grad():
        return ((answer(x, d).numpy() - d.numpy())[..., 0] ** 2).mean(axis=1)


def known(errors):
    return errors[1::3].mean()


# %%
updates, nets = lesson.pick(1500, 400), {}
elman, jordan, both = Elman(), nn.JordanCell(1, H, 1), nn.JordanCell(1, H, 1, feedback="both")
answers = {"Elman": elman, "Jordan": partial(own_answers, jordan), "both": partial(own_answers, both)}
for (name, answer), model in zip(answers.items(), [elman, jordan, both]):
    train(model, answer, updates, name)
    nets[name] = errors(answer)
lesson.table(["net", "1st of three", "2nd: can be known", "3rd"],
             [(name, *(e[place::3].mean() for place in range(3))) for name, e in nets.items()])
lesson.check("elman", known(nets["Elman"]), "<=", 0.02)
lesson.check("both", known(nets["both"]), "<=", 0.02)
lesson.check("jordan", known(nets["Jordan"]), ">=", 0.2)


# %%
def draw_errors(ax):
    ax.axhline(0.25, color="#999999", lw=0.8, ls="--", label="tossing a coin")
    for name, look, colour, size in zip(["both", "Jordan", "Elman"], ["^-", "s-", "o-"],
                                        ["#009E73", "#D55E00", "#0072B2"], [11, 6, 6]):
        ax.plot(range(1, T + 1), nets[name], look, color=colour, ms=size, label=name)
    ax.set(title="Every third bit can be known", xlabel="step t", ylabel="squared error of the next bit",
           ylim=(-0.01, 0.32), xticks=range(2, T + 1, 3))
    ax.legend(loc="upper left", ncols=4)


lesson.plot("errors", draw_errors)

# %% [markdown]
# The combs are Elman's famous figure: the error drops where structure is, and by looking at it you find out that the
# stream comes in threes. Jordan's net has a memory too, and the gradient through all steps. Why is it flat?
#
# ## The answer already has a job
#
# What reaches the second of three is $y$ of the first, one number. It would have to tell which bit was heard there. But
# $y$ is an *answer*, and the right answer at that step is ½, whatever was heard. **Predict** the mean of $y$ after a 0
# and after a 1.

# %%
x, d = heard_and_wanted(1000, lesson.rng)
with mg.no_grad():
    y = own_answers(jordan, x, d).numpy()[0::3, :, 0]
after = [y[x.numpy()[0::3, :, 0] == bit].mean() for bit in (0, 1)]
lesson.table(["heard at the 1st of three", "mean of y, all that the next step learns of it"], zip((0, 1), after))
lesson.check("notebook", abs(after[1] - after[0]), "<=", 0.1)

# %% [markdown]
# The page of the notebook is needed for the exam itself. In principle a trace of the bit could hide in the last digits
# of $y$; it would cost next to nothing. Training does not find it. This is what the slides mean by "*less
# expressive*, unless the output is very high-dimensional and rich". We shall make it rich in a moment.
#
# ## What Jordan's net gets in exchange
#
# Read its equation again: to compute step $t$ one needs $x_t$ and $y_{t-1}$, nothing else of the past. And in training
# we *know* what $y_{t-1}$ should have been. So give the step the **right** answer of the step before, $d_{t-1}$, in
# place of the net's own. This is **teacher forcing**, and now no step waits for another one. "Runtime cannot be reduced
# by parallelisation", says a slide of recurrent nets: true along time, while the recurrence is not linear. Sequences of
# a batch never wait for each other, and a *linear* recurrence can be computed in about $\log_2 T$ rounds.
#
# **Predict** the longest chain of operations in the graph for 12 and for 120 steps, for: own answers; right answers,
# in a loop; right answers, all steps as one big batch.

# %%
def late(d):
    """What was right one step ago; zeros before the first step."""
    return mg.concat([d[:1] * 0.0, d[:-1]])


def in_a_loop(cell, x, d):
    return mg.stack([cell.advance(x_t, (before,))[0] for x_t, before in zip(x, late(d))])


def all_at_once(cell, x, d):
    flat_x, flat_before = (mg.reshape(a, (-1, a.shape[2])) for a in (x, late(d)))  # (T, B, .) -> (T B, .)
    return mg.reshape(cell.advance(flat_x, (flat_before,))[0], d.shape)


def depth(y):
    deep = {}
    for node in mg.history([y]):
        deep[node] = 1 + max((deep[x[0]] for x in node.inputs if isinstance(x, tuple)), default=0)
    return deep[y.node]


# %%
cell, table = nn.JordanCell(1, H, 1).astype("float64"), []
ways = {"own answers": own_answers, "right ones, in a loop": in_a_loop, "right ones, all at once": all_at_once}
for steps in (T, 10 * T):
    x, d = (mg.Tensor(lesson.rng.integers(0, 2, (steps, B, 1)) * 1.0, "float64") for _ in range(2))
    for name, way in ways.items():
        began = time.perf_counter()
        loss = mg.mse(way(cell, x, d), d)
        gradient = np.concatenate([g.numpy().ravel() for g in mg.grad(loss, cell.parameters())])
        ms = 1000 * (time.perf_counter() - began)
        table.append((steps, name, len(mg.history([loss])), depth(loss), ms, loss.item(), gradient))
lesson.table(["T", "each step is given", "operations", "longest chain", "ms", "loss"], [row[:6] for row in table])
alone, loop, once = zip(table[:3], table[3:])
lesson.check("same_loss", [abs(a[5] - b[5]) for a, b in zip(loop, once)], "<=", 1e-12)
lesson.check("same_gradient", [np.abs(a[6] - b[6]).max() for a, b in zip(loop, once)], "<=", 1e-12)
lesson.check("forced_chain_growth", [loop[1][3] - loop[0][3], once[1][3] - once[0][3]], "==", 0)
lesson.check("free_chain_growth", (alone[1][3] - alone[0][3]) / (9 * T), ">=", 1)

# %% [markdown]
# The loop and the big batch compute the same loss and the same gradient, and in neither does the chain grow with $T$:
# that they *are* independent is a property of the graph, and doing them at once is only taking advantage of it. With
# its own answers the same net has a chain through all steps. (The milliseconds are of this machine, now; no check.)
#
# The two graphs, training and test; $g_t = d_{t-1}$ is what step $t$ is given. **Look for the pink wires** from column
# to column.

# %%
g = [mg.Tensor([[bit]], name="g") for bit in (0.0, 1.0, 1.0)]
ys, _ = scan(lambda pair, s: jordan_small.advance(pair[0], (pair[1],)), list(zip(bits, g)), jordan_small.initial(1))
lesson.show("training", viz.draw(ys, title="In training: the right answer is given",
                                 subtitle="no wire leaves a y for the next step: every step can be learned by itself"))
lesson.show("test", viz.draw(circuits["Jordan"], title="At test time: the own answer is handed on",
                             subtitle="there is nobody who knows the right one"))

# %% [markdown]
# ## A rich answer
#
# Now the notebook. Forced, the net is told $d_{t-1}$; and the *next* bit of step $t-1$ is $x_t$, which it hears anyway!
# With one output, teacher forcing tells it **nothing**. So let it answer more than it is asked. The targets are ours:
#
# 1. one output: the next bit;
# 2. two outputs: the next bit, and this one;
# 3. five outputs: these two, and which of the three we are at, in one-hot form.
#
# **Predict** the error at the second of three. Two of the answers are easy. For two outputs: the net knows both bits,
# but not whether it is at the second of three. It should move its answer from ½ *one third* of the way towards the
# exclusive or, and that leaves $(1/2 - 1/6)^2 = 1/9$.

# %%
x, d = heard_and_wanted(1000, lesson.rng)
lesson.check("told_nothing", np.abs(d.numpy()[:-1] - x.numpy()[1:]).max(), "==", 0)
ladder, updates = {}, lesson.pick(3000, 800)
for outputs in (1, 2, 5):
    cell = nn.JordanCell(1, H, outputs)
    forced, own = partial(all_at_once, cell), partial(own_answers, cell)
    train(cell, forced, updates, f"forced, {outputs} outputs", outputs)
    ladder[outputs] = known(errors(forced, outputs)), known(errors(own, outputs))
lesson.table(["outputs", "at best", "given the right answers", "given its own"],
             [(o, best, *ladder[o]) for o, best in zip(ladder, (1 / 4, 1 / 9, 0))])
lesson.check("one_output", ladder[1][0], ">=", 0.2)
lesson.check("two_outputs_from_ninth", abs(ladder[2][0] - 1 / 9), "<=", 0.03)
lesson.check("five_outputs", ladder[5][0], "<=", 0.02)

# %% [markdown]
# Theory and net agree, and the net with five outputs does what Elman's did, without any gradient through time. So
# output recurrence is not weak; it is as strong as what you have it say, and easier to train, as the slides promise.
# But somebody had to know *what* to say: the hidden state of an Elman net finds that out by itself, from the gradient
# that comes back through the steps.
#
# ## Trained on the truth, tested on its own words
#
# The last column is the price. Same net, same streams; only that it is given its own answers, as at test time.
# **Predict** which of its five answers is to blame, before you read on.

# %%
x, d = heard_and_wanted(1000, lesson.rng, 5)
with mg.no_grad():
    y = own(x, d).numpy()
names = ["the next bit", "this bit", "at the 1st?", "at the 2nd?", "at the 3rd?"]
lesson.table(["answer", "distance to what it was in training"], zip(names, np.abs(y - d.numpy()).mean(axis=(0, 1))))
lesson.check("own_answers_cost", ladder[5][1] / ladder[5][0], ">=", 2.5)
train(cell, own, lesson.pick(600, 120), "with its own answers", 5)
lesson.check("mended", known(errors(own, 5)), "<=", 0.02)

# %% [markdown]
# In training the first answer that is fed back is always a clean 0 or 1. At test time it is the net's own, and an
# honest net says ½ where it cannot know: a value that it has **never been given before**. It leaned on that number,
# since it agreed with $x_t$ always. The error on the training log and the error in use are two different numbers,
# whenever a net is forced. Some training with its own answers mends it (and needs the gradient through time again);
# lesson 23 mixes the two.

# %% [markdown]
# ## The slide says / what is true / run this
#
# > **The slide says:** teacher forcing is "for nets with output-hidden but *without hidden-hidden connections*".
#
# **What is true:** only there does it make the steps independent. But it can be used *together* with the gradient
# through time in nets that have both, and mostly is: the textbook says so too, and nearly every language model is
# trained in this way. **Run this:** the net with both recurrences, forced. Its $h_t$ still waits for $h_{t-1}$, so
# nothing can be done at once. But the right answers are known beforehand, so to the net they are simply *more input*: a
# forced net with both is an **Elman net that reads $x_t$ and $d_{t-1}$**. The slides themselves have one, the character
# model of lesson 08: the true previous character is its input.

# %%
def wider_answer(x, d):
    return wider(mg.concat([x, late(d)], axis=-1), d)


x, d = heard_and_wanted(B, lesson.rng)
w, pairs = both.weights(), list(zip(x, late(d)))
hs, _ = scan(lambda pair, s: (both.advance(pair[0], (pair[1], *s))[1],), pairs, (both.initial(B)[1],))
wider = Elman(inputs=2)
for p, value in zip(wider.rnn.parameters(), [mg.concat([w.weight_ih, w.weight_yh], axis=1), w.weight_hh, w.bias_h]):
    p.assign(value.numpy())
same = wider.rnn(mg.concat([x, late(d)], axis=-1))[0]
lesson.check("forced_both_is_elman", np.abs(mg.stack(hs).numpy() - same.numpy()).max(), "<=", 1e-5)
train(wider, wider_answer, lesson.pick(1500, 400), "both, forced")
lesson.check("both_forced", known(errors(wider_answer)), "<=", 0.02)

# %% [markdown]
# So the three ways of training that the slides list, **teacher forcing**, **BPTT** and **RTRL**, answer different
# questions. What is handed on in training, the truth or the own answer? That is teacher forcing or its absence. How is
# the gradient of what is handed on computed, backward (lesson 08) or forward (lesson 09)? That is BPTT or RTRL.
#
# ## Where this lives in minigrad
#
# The equation is `jordan_step` in `minigrad/recurrent/steps.py`, the cell is `nn.JordanCell`
# (with `feedback="both"`, both recurrences), and `all_at_once` is `teacher_forcing` in `minigrad/recurrent/forcing.py`.

# %% [markdown]
# ## What we left out
#
# * How the gradient comes back through the steps: lesson 08. How far it reaches: lessons 09 and 14.
# * Mixing right and own answers, more of the latter as training goes on (*scheduled sampling*): lesson 23.
# * Nets whose answer is drawn by chance, and then fed back: sampling, lessons 12 and 13.
# * Jordan's own nets fed back a fading average of all answers, not the last one alone.
#
# ## Quiz

# %% [markdown]
# 1. Why can the steps of a Jordan net be learned at once, and those of an Elman net not?
#
# <details><summary>Answer</summary>
#
# Jordan's $h_t$ needs $y_{t-1}$, whose right value is known before training begins. Elman's needs $h_{t-1}$, and nobody
# knows what the right hidden state would be.
#
# </details>
#
# 2. Temporal XOR, forced, one output. What does the net learn from $d_{t-1}$?
#
# <details><summary>Answer</summary>
#
# Nothing. The next bit at step $t-1$ is the bit at step $t$, which it hears as $x_t$.
#
# </details>

# %% [markdown]
# 3. A running total: $d_t$ is 1 if an odd number of ones has been heard so far. Is one output enough for a Jordan net?
#
# <details><summary>Answer</summary>
#
# Yes. Here the answer *is* all that must be remembered: $d_t$ follows from $d_{t-1}$ and $x_t$. Forced, each step is a
# little exclusive or. But at test time one wrong answer makes all later ones wrong.
#
# </details>
#
# 4. The log of a forced net says 99 % right. What does that promise for its use?
#
# <details><summary>Answer</summary>
#
# That a step is right when all before it were. In use they are its own, and some have values it never met in training.
#
# </details>

# %% [markdown]
# 5. A net with both recurrences is forced. Does the gradient of the loss at step 9 reach step 2?
#
# <details><summary>Answer</summary>
#
# Yes, through $h$. Only the way through $y$ is cut, because right answers do not depend on any weight.
#
# </details>
#
# ## Exercises
#
# `python -m lessons exercise 07` copies these and more into files of yours; `check 07` examines them, `hint 07` helps.


# %%
# Exercise 07.1: Jordan's step. W (H, I), U (H, O), V (O, H); x (I,), y_before (O,) -> y (O,).
def jordan_step(x, y_before, W, U, b, V, c):
    raise NotImplementedError("TODO 07.1: the hidden layer reads x and the last answer; then the new answer from it")


# %%
# Exercise 07.2: what teacher forcing feeds. d (T, O), the right answers; first (O,) -> what step t is given, (T, O).
def given(d, first):
    raise NotImplementedError("TODO 07.2: each step is given the right answer of the step BEFORE it")


# %%
# Exercise 07.3 (find the bug): this net is examined with the right answers in its hands.
def examine(x, d, step, first):
    answers, before = [], first
    for x_t, d_t in zip(x, d):
        answers.append(step(x_t, before))
        before = d_t
    raise NotImplementedError("TODO 07.3: at test time nobody knows d; return the mean squared error, d for that only")


# %%
# Exercise 07.4 (predict): every n-th bit is the exclusive or of the two before. The best error, knowing the two bits?
def best_error(n):
    raise NotImplementedError("TODO 07.4: the net knows both bits but not the place; see `A rich answer`")


# %%
lesson.finish()
