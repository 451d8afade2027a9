"""18 Regularise
question: a net has learned its text by heart; what makes it learn the language instead?
claim: masks on inputs and outputs, decay, stopping and averaging all help an over-fitted net; a mask on memory kills it
check: overfits >= 0.1 and stopping_saves >= 0.05 and dropout_saves >= 0.05 and decay_saves >= 0.1 and
    ensemble_saves >= 0.1 and size_needs_dropout >= 0.1 and forgotten_eval_costs >= 0.15 and mean_kept <= 0.01 and
    at_rest_changes_nothing == 0 and alive_by_law <= 0.1 and memory_untouched == 0 and fresh_masks_cost >= 0.3
data: Python's own help texts, or --text FILE   seconds: 45   fast_seconds: 11
items: E12 I18 L7 L8   needs: 12 14 16 17
"""

# %% [markdown]
# # 18 Regularise
#
# Lesson 12 ended with a warning: with more updates, the net learns the text by heart. A net has more numbers than a
# short text has letters, so nothing keeps it from that. Today you let it happen, and then prevent it in five ways:
# **dropout**, **weight decay**, **early stopping**, an **ensemble**, and a net of another **size**.
#
# The slides put three pieces of advice side by side: *clip* the gradients, *anneal* the learning rate, use *dropout*
# against over-fitting. They are for three different ills. Clipping is for gradients that explode, annealing for steps
# that are too long near the goal (lesson 14). Neither asks whether the goal is the right one. This lesson does.

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
from functools import partial

import numpy as np

import minigrad as mg
import viz
from minigrad import data, nn, optim, train
from minigrad.recurrent import scan
from minigrad.regularize import ensemble

lesson = kit.begin("18")

# %% [markdown]
# ## By heart
#
# A piece of the text of lesson 12, a few pages, and a GRU. Two more pieces, from other pages: *held out* is looked at
# during training, to choose by it; the *exam* is looked at once, at the end. Whoever has chosen by a text can no longer
# be examined on it: the choice was made to look good there.
#
# The net has two dropout layers, which do nothing for now: one on what goes *into* the recurrent layer, one on what
# comes *out* (as in `nn.LanguageModel`).

# %%
corpus, part = lesson.corpus(2500), lesson.pick(6000, 3000)  # 2500: enough for two texts of 30 streams
hidden, updates, rate = lesson.pick((96, 200, 0.015), (80, 60, 0.03))
half = len(corpus.valid) // 2
with lesson.user_input():
    vocab = data.CharVocab(corpus.train + corpus.valid)
    training = data.contiguous(vocab.encode(corpus.train[: lesson.pick(6000, 3000)]), 32, lesson.pick(20, 16))
    held_out, exam = (data.contiguous(vocab.encode(text[:part]), 30, 40)
                      for text in (corpus.valid[:half], corpus.valid[half:]))


def claim(*check):
    """A check, unless the text is one of yours: of that nothing is promised."""
    if not lesson.text:
        lesson.check(*check)


# %%
class CharLM(nn.Module):
    def __init__(self, hidden, inputs, outputs):
        self.embedding, self.gru = nn.Embedding(len(vocab), 32), nn.GRU(32, hidden, unroll=False)
        self.on_input, self.on_output = nn.Dropout(inputs), nn.Dropout(outputs)
        self.readout = nn.Linear(hidden, len(vocab))

    def forward(self, ids, h=None):
        output, h = self.gru(self.on_input(self.embedding(ids)), h)
        return self.readout(self.on_output(output)), h


def loss_of(net, batch, state=None):
    scores, state = net(batch.inputs, state)
    return mg.cross_entropy(scores, batch.targets), state


@mg.no_grad()
def bits(nets, batches, masks=False):
    """Bits per character of one net, or of several that vote; masks: with dropout on, as in training."""
    nats, states = [], [None] * len(nets)
    for batch in batches:
        scores, states = zip(*[net.train(masks)(batch.inputs, h) for net, h in zip(nets, states)])
        nats.append(mg.cross_entropy(ensemble(scores), batch.targets).item() * batch.targets.size)
    return sum(nats) / sum(batch.targets.size for batch in batches) / np.log(2)


def learn(inputs=0.0, outputs=0.0, decay=0.0, size=hidden, member=0, patience=None):
    mg.manual_seed(lesson.seed + 1000 * member)
    net = CharLM(size, inputs, outputs)
    adam = optim.AdamW(net, lr=rate, weight_decay=decay)
    return net, train.fit(partial(loss_of, net), training, adam, updates, carry=True, clip=1.0, model=net,
                          validate=lambda: bits([net], held_out), every=updates // 10, patience=patience,
                          describe="bits")


plain, history = learn()
print(f"{sum(w.size for w in plain.parameters())} numbers in the net, "
      f"{sum(b.targets.size for b in training)} letters to learn from")

# %% [markdown]
# **Predict**, before you look at the picture: the training curve falls. What does the held-out curve do?

# %%
def curves(axes):
    smooth = np.convolve(history.losses, np.ones(9) / 9, "valid") / np.log(2)
    axes.plot(np.arange(len(smooth)) + 5, smooth, "--", color="#0072b2", label="text it learns from")
    axes.plot(*zip(*history.validation), "o-", color="#d55e00", label="text held out")
    axes.plot(*history.best, "v", color="black", ms=11, label="here one should have stopped")
    axes.set(xlabel="updates", ylabel="bits per character", title="Learned by heart")
    axes.legend()


lesson.plot("by_heart", curves)
claim("overfits", history.validation[-1][1] - history.best[1], ">=", lesson.pick(0.2, 0.1))

# %% [markdown]
# It falls, turns, and rises, while the training curve falls on. From the turn on the net gets *worse at the language*
# and does not notice: its own loss is all that it sees. So the first remedy costs nothing. **Early stopping**: look at
# the held-out text now and then, stop when it has not improved `patience` times, and take the weights of the best look.
#
# ## Dropout
#
# Srivastava et al. (2014): in training, each number of a layer is set to 0 with probability $p$, at random, anew every
# time. No unit can rely on a certain other one. The survivors are multiplied by $1 / (1-p)$, so that the next layer
# gets as much as before, on average; and **in use** nothing is dropped.
#
# > **The slide says** `hidden_layer = tf.nn.dropout(hidden_layer, keep_prob)`
#
# **Predict** the share of zeros if you take that line to a library whose argument is the probability to *drop*, as it
# is in minigrad, PyTorch and newer TensorFlow, with the slide's number for "keep 90 percent".

# %%
x = lesson.rng.uniform(0.5, 1.5, (10_000, 64))
dropped = {p: nn.Dropout(p)(mg.Tensor(x)).numpy() for p in (0.1, 0.5, 0.9)}
lesson.table(["layer", "share of zeros", "mean of the output / of x", "standard deviation of the output / of x"],
             [(f"Dropout({p})", np.mean(y == 0), y.mean() / x.mean(), y.std() / x.std()) for p, y in dropped.items()])
lesson.check("mean_kept", abs(dropped[0.5].mean() / x.mean() - 1), "<=", 0.01)
lesson.check("at_rest_changes_nothing", abs(nn.Dropout(0.5).eval()(mg.Tensor(x)) - mg.Tensor(x)).max(), "==", 0)

# %% [markdown]
# **What is true**: one number, two meanings, no error message. The last column is the price: the mean is kept, but the
# next layer gets noise. Remember that column.
#
# ## Where the masks go
#
# > **The slides say** "dropout on input connections", and `DropoutWrapper` for cells
#
# Zaremba et al. (2014) found where it does no harm: on connections that go *up*, from input to layer to output, not on
# those that go *sideways*, from step to step. In the first picture the masks stand on the way up, in the second one on
# the state; a mask is called $m$ (and the start state there 0). Follow the path from $h_3$ back to $h_1$ and **count
# the masks on it**, in both.

# %%
cell, read = nn.RNNCell(2, 3, bias="one"), nn.Linear(3, 2)
cell.weight_ih.name, cell.weight_hh.name, cell.bias_ih.name = "W_xh", "W_hh", "b_h"


def masked(value, by):
    keep = nn.Dropout(0.5)(mg.Tensor(np.ones(value.shape))).numpy()
    return value * mg.Tensor(keep, name="m") if by else value


def mask_graph(up, sideways):
    h, total = mg.Tensor(np.zeros((1, 3)), name="0" if sideways else "h"), None
    for t in range(3):
        with mg.scope("step", t):
            h = cell(masked(mg.Tensor([[1.0, -1.0]], name="x", requires_grad=True), up), masked(h, sideways and t > 0))
            loss = mg.cross_entropy(read(masked(h, up)), [t % 2]).named("L")
            total = loss if total is None else total + loss
    return viz.record(total)


lesson.show("masks_up", viz.draw(mask_graph(True, False), title="Masks on input and output",
                                 subtitle="no mask stands on the way from step to step"))
lesson.show("masks_sideways", viz.draw(mask_graph(False, True), title="Masks on the state",
                                       subtitle="every step back goes through one more mask"))

# %% [markdown]
# ## Five remedies, one exam
#
# All with equal updates, except for the one that stops. **Weight decay** shrinks each weight by `rate * decay` in each
# update: what the data do not ask for again and again fades. (Here by 1 % each time, far more than usual: what
# counts is the product over all updates, and we have few.)
#
# **Predict** the order. And what is better: to train three nets without any remedy, all over-fitted, and to take the
# mean of their probabilities, an *ensemble*, or the best single remedy?

# %%
p, decay = 0.4, 0.01 / rate
plans = {"early stopping": {"patience": 3}, "dropout, in and out": {"inputs": p, "outputs": p},
         "weight decay": {"decay": decay},
         **lesson.pick({"dropout, inputs only": {"inputs": p}, "dropout, outputs only": {"outputs": p}}, {})}
runs = {"nothing": (plain, history)} | {name: learn(**plan) for name, plan in plans.items()}
three = [plain, learn(member=1)[0], learn(member=2)[0]]
score = {name: bits([net], exam) for name, (net, _) in runs.items()}
alone, together = [bits([net], exam) for net in three], bits(three, exam)
lesson.table(["remedy", "updates", "bits: training text", "bits: exam"],
             [(name, len(done.losses), bits([net], training), score[name]) for name, (net, done) in runs.items()])
print("three nets without remedy:", ", ".join(f"{b:.3f}" for b in alone), f"and together, an ensemble: {together:.3f}")

# %%
claim("stopping_saves", score["nothing"] - score["early stopping"], ">=", 0.05)
claim("dropout_saves", score["nothing"] - score["dropout, in and out"], ">=", 0.05)
claim("decay_saves", score["nothing"] - score["weight decay"], ">=", 0.1)
claim("ensemble_saves", min(alone) - together, ">=", 0.1)


def remedies(axes):
    axes.set_prop_cycle(color=["#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9"])
    for (name, (_, done)), style in zip(runs.items(), ["o-", "v--", "s-", "D-", "x:", "+:"]):
        axes.plot(*zip(*done.validation), style, label=name)
    axes.set(xlabel="updates", ylabel="bits per character, held out", title="The same net with one remedy each")
    axes.legend(ncols=2)


lesson.plot("remedies", remedies)

# %% [markdown]
# Each remedy makes the net *worse on the text it learns from*; that is what they are for. And look at the ensemble:
# three nets that all learned the text by heart, and together they do far better. Each is wrong in its own way, and too
# sure of it; what they agree on is what the text taught. That together they cost no more than their mean cost is a
# theorem (Jensen). That they beat even the best of them is none; it is what you have just seen, and see nearly always.
#
# Dropout is no sure winner: decay, which the slides do not mention, may do as much or more, and stopping in time does
# part of it for nothing. Its merit is another one: the curve stays down, so nobody has to hit the right moment.
#
# **Run this**: the classic slip is to forget `eval()`, so that the masks stay on in use.

# %%
forgotten = [bits([runs["dropout, in and out"][0]], exam, masks=True) for _ in range(2)]
print(f"exam: {score['dropout, in and out']:.3f} bits; masks forgotten, asked twice:", *np.round(forgotten, 3))
claim("forgotten_eval_costs", min(forgotten) - score["dropout, in and out"], ">=", 0.15)

# %% [markdown]
# ## Size matters?
#
# > **The slide says**, of Jozefowicz et al. (2016): "1. size matters: best models = largest models";
# > "2. regularization matters"; "4. ensembles matter, as usual"
#
# (3. is a convolution over letters in place of the embedding: lesson 19.) The first one had a billion words to learn
# from. We have a few pages. **Predict** the two lines: exam bits against size, without dropout and with it.

# %%
sizes = lesson.pick([12, 32, hidden], [10, hidden])
by_size = {"without dropout": [bits([learn(size=n)[0]], exam) for n in sizes[:-1]] + [score["nothing"]],
           "with dropout": [bits([learn(p, p, size=n)[0]], exam) for n in sizes[:-1]] + [score["dropout, in and out"]]}
lesson.table(["GRU", *[f"{n} units" for n in sizes]], [(name, *row) for name, row in by_size.items()])
claim("size_needs_dropout", np.diff([row[0] - row[-1] for row in by_size.values()])[0], ">=", 0.1)

# %% [markdown]
# **What is true**: 1 holds together with 2. Without dropout there is a best size, and a larger net is worse (full mode
# shows it with three sizes). With it the largest is best, while the smallest, which could not learn anything by heart,
# is only disturbed. The slide's points are one point: take a large net, and hold it back.
#
# ## Masks on the state
#
# Now to the masks that go sideways. Take a perfect memory, $h_t = h_{t-1}$, and put a fresh mask before every step. The
# mean is kept at each step, we checked that. So **predict**, for $p = 1/4$ and ten steps: the mean of many memory
# units, and the share of those that still remember anything.

# %%
keep, law = 0.75, []
for steps in (1, 5, 10, 20):
    h = np.prod((lesson.rng.random((steps, 100_000)) < keep) / keep, axis=0)
    law.append((steps, h.mean(), np.mean(h > 0), keep**steps, h.max(), np.median(h)))
lesson.table(["steps", "mean", "share alive", "(1-p)^steps", "the living are multiplied by", "median"], law)
lesson.check("alive_by_law", abs(law[2][2] / law[2][3] - 1), "<=", 0.1)

# %% [markdown]
# The mean is right, and nearly everything is forgotten: a few units shout so loudly that it evens out. The average was
# the wrong thing to look at, since the *noise multiplies* from step to step.
#
# Gradients go through the same masks. Below, a memory of 16 units, $p = 1/2$; each column shows how much of the last
# step's gradient arrives. *Tied* (Gal and Ghahramani, 2016) means one mask for all steps of a sequence: what it drops
# stays dropped, what it keeps is kept throughout. **Predict** its row.

# %%
def memory(masks):
    """The backward record of twelve steps of h = mask * h + x; masks (12, 16)."""
    x = mg.Tensor(lesson.rng.normal(size=(1, 16)), name="x")
    _, (last,) = scan(lambda mask, state: ((state[0] * mask + x).named("h"),), [mg.Tensor(m) for m in masks],
                      (mg.Tensor(np.zeros((1, 16)), name="h", requires_grad=True),))
    return viz.record(last.sum())


fresh = (lesson.rng.random((12, 16)) < 0.5) * 2.0
lesson.show("gradients", viz.draw({"no mask on the state": memory(np.ones((12, 16))), "fresh masks": memory(fresh),
                                   "one tied mask": memory(fresh[:1].repeat(12, axis=0))}, view="heat",
                                  title="What twelve masks leave of the gradient",
                                  subtitle="norm of dL/dh of a perfect memory; the loss is at the last step"))

# %% [markdown]
# Fresh masks wipe it out; a tied one *blows it up*, by $1/(1-p)$ at every step.
#
# Does a real net find a way round? Copy memory: a symbol, ten blanks, say the symbol. A GRU carries its memory in $h$,
# the very thing that is masked. **Zoneout** (Krueger et al., 2017) is the kinder noise: at random a unit *keeps its old
# value*, rather than losing it. **Predict** the table, and note the last column: with masks on, as in training.

# %%
class Copier(nn.Module):
    def __init__(self, cell):
        self.embedding, self.cell, self.readout = nn.Embedding(10, 16), cell, nn.Linear(32, 9)

    def forward(self, ids):
        hs, _ = nn.unroll(self.cell, list(mg.unstack(self.embedding(ids.T))), self.cell.initial(len(ids)))
        return self.readout(mg.stack(hs))


def copying(wrap):
    """Recall of the symbol by a trained GRU, in use and with its masks on."""
    mg.manual_seed(lesson.seed)
    rng = np.random.default_rng(lesson.seed)
    net = Copier(wrap(nn.GRUCell(16, 32)))
    train.fit(lambda task: mg.cross_entropy(net(task.inputs), task.targets.T),
              [data.copy_memory(32, 10, rng, length=1) for _ in range(lesson.pick(250, 150))],
              optim.Adam(net, lr=lesson.pick(0.015, 0.02)), lesson.pick(250, 150), clip=1.0)
    test = data.copy_memory(500, 10, rng, length=1)
    with mg.no_grad():
        return [np.mean(net.train(masks)(test.inputs).numpy()[-1].argmax(axis=1) == test.targets[:, -1])
                for masks in (False, True)]


wraps = {"no mask": lambda cell: cell, "fresh masks on the state": partial(nn.DropoutCell, state=0.25),
         **lesson.pick({"in and out": partial(nn.DropoutCell, input=0.25, output=0.25),
                        "tied mask on the state": partial(nn.DropoutCell, state=0.25, tied=True),
                        "zoneout": partial(nn.ZoneoutCell, p=0.25)}, {})}
recall = {name: copying(wrap) for name, wrap in wraps.items()}
lesson.table(["GRU, p = 1/4", "recall in use", "recall with masks on"], [(name, *row) for name, row in recall.items()])
lesson.check("fresh_masks_cost", recall["no mask"][0] - recall["fresh masks on the state"][0], ">=", 0.3)
if not lesson.fast:
    claim("too_large_without", by_size["without dropout"][-1] - by_size["without dropout"][1], ">=", 0.05)
    lesson.check("tied_is_lost_in_use", -np.subtract(*recall["tied mask on the state"]), ">=", 0.15)

# %% [markdown]
# With fresh masks on its state the GRU hardly learns to copy; chance is one in eight. If it was trained with the tied
# mask, too (full mode), look at its two columns: it *knows* the answer as long as it is masked, and has lost it in use.
# It learned to remember in a world where all that survives grows by $4/3$ at each step, and in use nothing grows.
# (Multiply the state by $4/3$ in use, without any mask, and the answer comes back: try it.) The mean of one layer is
# right in use; the *product* of ten of them is not.
#
# So the mask must not stand on the path that carries the memory. An LSTM has two states, and `DropoutCell` masks only
# $h$, which the gates read. **Predict** what fifty masked steps leave of $c$, with the forget gate open.

# %%
lstm = nn.LSTMCell(1, 8, bias="one")
lstm.bias_ih.assign(np.repeat([-100.0, 100.0, 0.0, 0.0], 8))  # i shut, f open
start = mg.Tensor(lesson.rng.normal(size=(1, 8)))
_, (_, c) = nn.unroll(nn.DropoutCell(lstm, state=0.25), [mg.Tensor([[1.0]])] * 50, (start * 0, start))
lesson.check("memory_untouched", abs(c - start).max(), "==", 0)

# %% [markdown]
# All of it. That is why advice about dropout for "RNNs" depends on the cell: masks on $h$ are safe where $c$ remembers.
# For a GRU put the mask on the candidate $n$ instead (Semeniuta et al., 2016; exercise 18.4), or use zoneout.
#
# The slide's line shows none of this. `hidden_layer = tf.nn.dropout(hidden_layer, ...)` *after* the loop masks the
# outputs, and all is well. The same line *inside* the loop masks the memory.
#
# ## Where this lives in minigrad
#
# `nn.Dropout` and `nn.LanguageModel(dropout=)`; `DropoutCell`, `ZoneoutCell` in `minigrad/nn/wrappers.py`; `AdamW` in
# `minigrad/optim.py`; `patience=` in `minigrad/train.py`; `ensemble` in `minigrad/regularize.py`.

# %% [markdown]
# ## What we left out
#
# * More data. It beats all remedies, if it can be had.
# * All remedies together: they overlap, so halve the doses. Try `learn(inputs=0.2, decay=decay / 2)`.
# * Masks kept on in use, and many answers averaged: a cheap ensemble of one net (Gal and Ghahramani, 2016).
# * An ensemble costs three nets in use. Lesson 28 teaches one net what three know: distillation.
# * The penalty on the gradient's way back, also called regularisation on the slides: lesson 15. It is no remedy against
#   over-fitting at all; the word only says that something is added to the loss.
#
# ## Quiz

# %% [markdown]
# 1. With dropout, the training loss that the log shows is *above* the held-out loss. A bug?
#
# <details><summary>Answer</summary>
#
# Not by itself. The training loss is measured with the masks on, the held-out loss without them.
#
# </details>
#
# 2. You stop at the best of 100 looks at the held-out text, and report that number. What is wrong with it?
#
# <details><summary>Answer</summary>
#
# It is the luckiest of 100 numbers. Report a text that had no part in the choice.
#
# </details>

# %% [markdown]
# 3. Dropout with $p = 1/2$: by what are the survivors multiplied, and what if that is forgotten?
#
# <details><summary>Answer</summary>
#
# By 2. Forgotten, the next layer gets twice as much in use as it ever got in training.
#
# </details>
#
# 4. Fresh masks on the state keep its mean. Why is the memory lost all the same?
#
# <details><summary>Answer</summary>
#
# One 0 is enough, and with $T$ masks a unit escapes it with probability $(1-p)^T$. The few that do make up the mean.
#
# </details>

# %% [markdown]
# 5. Five copies of *one* net vote. What is gained?
#
# <details><summary>Answer</summary>
#
# Nothing. An ensemble lives on members that are wrong in different ways.
#
# </details>
#
# ## Exercises
#
# `python -m lessons exercise 18` copies these and more into files of yours; `check 18` examines them, `hint 18` helps.


# %%
# Exercise 18.1: dropout. x and u (N, H), u even in 0..1: drop an element where u < p. In use nothing happens.
def dropout(x, u, p, training):
    raise NotImplementedError("TODO 18.1: drop where u < p, scale what is left, and mind `training`")


# %%
# Exercise 18.2 (predict): a memory of `units` units, T masks on its state. How many units live, and times what?
def after_masks(units, p, T):
    raise NotImplementedError("TODO 18.2: (expected number of living units, what each is multiplied by)")


# %%
# Exercise 18.3: early stopping. From the values of the held-out loss, look by look: (looks made, the best look).
def stop(values, patience):
    raise NotImplementedError("TODO 18.3: stop after `patience` looks in a row without a new best")


# %%
# Exercise 18.4 (find the bug): a GRU step with a mask m that eats the memory. It should stand on n alone.
def masked_step(h, z, n, m):
    # return (1 - z) * n + z * (h * m)
    raise NotImplementedError("TODO 18.4: h' = (1 - z) n + z h, with the mask where nothing is carried")


# %%
# Exercise 18.5 (find the bug): the bits of an ensemble. p (M, N): what M nets gave to each of the N right letters.
def ensemble_bits(p):
    # return -np.log2(p).mean()
    raise NotImplementedError("TODO 18.5: that is the mean of the members; average the probabilities first")


# %%
lesson.finish()
