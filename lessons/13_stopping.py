"""13 Sampling and stopping
question: a net that writes could go on for ever; who tells it when to stop?
claim: a symbol for the end, a unit that says halt, and a countdown all end well; a length that is not told is not kept
check: helicopter_off <= 0.05 and marker_gap <= 0.1 and unmarked_end <= 0.1 and hazards_exact <= 1e-12 and
    coin_gap >= 0.3 and halt_gap <= 0.1 and countdown_gap <= 0.1 and not_told_gap >= 0.3 and telling_helps >= 0.3
    and all_end >= 0.98
data: generated   seconds: 20   fast_seconds: 11
items: A21 C21 I12-I14 O12 R25 R58   needs: 11 12
"""

# %% [markdown]
# # 13 Sampling and stopping
#
# The net of lesson 12 wrote some hundred letters and broke off in mid-word. Look at its loop: `for _ in range(length)`.
# *We* chose the length, and the net was never asked. It could not have answered: the text that it read never ended.
#
# A word ends, a sentence ends, a drawing ends. Whoever writes must know when. The slides list three ways:
#
# 1. a **symbol for the end**, one more in the vocabulary;
# 2. an **extra output unit** that says, at each step, go on or halt;
# 3. an **extra output that predicts the length** $\tau$ first. Then write $\tau$ steps.
#
# All three will work, and in the third there hides a trap.

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
import numpy as np

import minigrad as mg
import viz
from minigrad import data, nn, optim, train
from minigrad.data import length_mask, pad_sequences
from minigrad.recurrent import scan
from minigrad.text import Lengths, halt_targets, softmax_sample, spelled, steps_left

lesson = kit.begin("13")
LONGEST = 40
WORDS = ("a an and ant he hen her hero heron help helm helmet helium helicopter helicopters is island might mighty "
         "mightier pen penguin pencil pencils swan sword swords than the them then").split()
DIGITS = {"1": "04 26 20", "2": "05 16 36 45 44 00 40", "3": "05 16 36 45 44 23 42 41 30 10 01",  # x and y of corners
          "5": "46 06 03 34 43 41 30 10 01", "8": "45 36 16 05 04 13 33 42 41 30 10 01 02 13 33 44"}


def histogram(lengths):
    """Which share has each length, 0 .. LONGEST; what is longer counts as LONGEST."""
    return np.bincount(np.minimum(lengths, LONGEST), minlength=LONGEST + 1) / len(lengths)


def gap(p, q):
    """Kolmogorov and Smirnov's distance of two histograms."""
    return abs(np.cumsum(p - q)).max()


def learn(net, loss_of, batches, updates, lr):
    adam = optim.Adam(net, lr=lr)
    train.fit(loss_of, batches, adam, updates, clip=1.0, schedule=optim.CosineLR(adam, updates))  # why: lesson 14
    return net


# %% [markdown]
# ## First way: say the end
#
# The slides unroll a net over "The pen is mightier than the sword . `<EOS>`". *End of sequence* is a symbol like the
# others: it stands in the training set behind every sequence, and has a probability at every step. Here are the last
# four symbols. In training the input is the right symbol, $x_t = y_{t-1}$, and $x_1 = 0$. In writing it is a **draw**
# from what the net said before, $x_t \sim \hat y_{t-1}$. The graph is the same! Where $x_t$ came from is not in it, and
# through a draw no gradient could flow.
#
# **Find** the loss for the end. Which steps learn from it?

# %%
cell, readout = nn.RNNCell(4, 4, bias="one"), nn.Linear(4, 4)
cell.weight_ih.name, cell.weight_hh.name, cell.bias_ih.name = "W_hx", "W_hh", "b_h"
hs, _ = scan(cell.advance, [mg.Tensor(np.eye(4, k=-1)[[t]], name="x") for t in range(4)], cell.initial(1))
losses = []
for t, h in enumerate(hs):
    with mg.scope("step", t):
        losses.append(mg.cross_entropy(readout(h).named("y"), [t]).named("L"))
lesson.show("marker", viz.draw(viz.record(mg.sum(mg.stack(losses))), title="To be said: the sword, a full stop, <EOS>"))

# %% [markdown]
# $L_4$ is paid for the end, and by way of $h$ all four steps learn from it: how a sentence begins may tell where it
# ends.
#
# ## Spelling helicopter
#
# A net spells words, letter by letter. The list is small, so all true probabilities can be *counted*: of the words that
# begin with `heli`, so and so many go on with `c`. **Predict** four of them: $P(\mathtt{h})$ at the start,
# $P(\mathtt{l} \mid \mathtt{he})$, $P(\mathtt{p} \mid \mathtt{helico})$, $P(\mathtt{EOS} \mid \mathtt{helicopter})$.
#
# One net learns from words with `<EOS>` behind them. For another one we forget it: it reads the same letters, but at
# the end of a word it has nothing to say, and no loss. A slip that is easily made: padding and end look alike.
# **Predict** what the second one does after `helicopter`; and how long the words of an *untrained* net are.

# %%
vocab = data.CharVocab("".join(WORDS), ends=True)
spelt = [vocab.encode(word, ends=True) for word in WORDS]  # <SOS> p e n <EOS>
read, _ = pad_sequences([ids[:-1] for ids in spelt])
say, _ = pad_sequences([ids[1:] for ids in spelt], value=-1)


def speller():
    mg.manual_seed(lesson.seed)
    return nn.LanguageModel(len(vocab), 16, 48, cell="gru", unroll=False)  # the net of lesson 12


def taught(targets):
    net = speller()
    return learn(net, lambda ids: mg.cross_entropy(net(ids)[0], targets, ignore_index=-1), [read],
                 lesson.pick(250, 150), lr=0.02)


# %%
@mg.no_grad()
def write(net, copies=2000, most=60):
    """Letters drawn one after the other, each read again: `copies` arrays of ids, up to <EOS> if there is one."""
    ids, h, rows = np.full(copies, vocab.sos), None, []
    for _ in range(most):
        scores, h = net.step(ids, h)
        ids = softmax_sample(scores, rng=lesson.rng)
        rows.append(ids)
    return [row[: row.tolist().index(vocab.eos)] if vocab.eos in row else row for row in np.array(rows).T]


forgotten = np.where(say == vocab.eos, -1, say)  # taken for padding
spellers = {"untrained": speller(), "<EOS> forgotten": taught(forgotten), "<EOS> learned": taught(say)}
written = {name: write(net) for name, net in spellers.items()}
ends = {name: np.mean([len(ids) < 60 for ids in rows]) for name, rows in written.items()}
lesson.table(["net", "ends before 60", "mean length", "for example"],
             [(name, ends[name], np.mean([*map(len, r)]), vocab.decode(r[0])[:48]) for name, r in written.items()])
lesson.check("unmarked_end", ends["<EOS> forgotten"], "<=", 0.1)

# %% [markdown]
# The net that was never taught the end cannot stop, and drifts from one word into the next. Nothing crashes; it only
# never comes back. (So always have a largest length, and *report* when it was reached.) The untrained net gives each of
# its $V$ symbols about $1/V$. It ends by accident, after $V - 1$ letters on average: a hint that "it ends" is not much
# of a test.
#
# Now the table of the slide. The probability of the word is the product of the last column.

# %%
word, net = [*"helicopter", "<EOS>"], spellers["<EOS> learned"]
follow = [[[*other, "<EOS>"][t] for other in WORDS if [*other][:t] == word[:t]] for t in range(len(word))]
counted = np.array([letters.count(word[t]) / len(letters) for t, letters in enumerate(follow)])
said = spelled(net.step, None, [vocab.sos], vocab.encode("helicopter", ends=True)[1:])
lesson.table(["it has read", "others go on with", "and this with", "counted", "the net"],
             [("".join(word[:t]), " ".join(sorted({*follow[t]} - {word[t]})), word[t], counted[t], said[t])
              for t in range(len(word))])
print(f"helicopter: counted {counted.prod():.4f}, one of {len(WORDS)} words; the net {said.prod():.4f}")
lesson.check("helicopter_off", abs(counted - said).max(), "<=", 0.05)
novel = {vocab.decode(ids) for ids in written["<EOS> learned"]} - {*WORDS, ""}
print(f"{len(novel)} words that are not on the list:", *sorted(sorted(novel), key=len)[-8:])

# %% [markdown]
# It never saw a table, only words, and has found the counts. It branches where the list does, and after `helic` there
# is no doubt for five letters; then comes the one question that matters here: end, or `s`?
#
# The new words are its *novel* ones: each letter is likely after the ones before it, and still the whole was never
# there. That is how sampling makes sentences nobody has written, and how it makes nonsense.

# %% [markdown]
# ## Are the lengths right?
#
# "It ends" is a weak test. Compare the **distribution** of lengths with that of the list. The *gap* of Kolmogorov and
# Smirnov: for each length, which share is at most so long? Take the largest difference of the two shares. 0 is the same
# distribution; 1 is no overlap at all.
#
# As a rival, a net that **tosses a coin** after each letter, with just the right mean length. It ends with the same
# probability $p$ at each step. **Predict** its most frequent length, for a mean of nearly five.

# %%
def lengths_by_halting(halts):
    """P(tau) = halts[tau] * (1 - halts[0]) ... (1 - halts[tau - 1])."""
    return halts * np.cumprod([1, *1 - halts[:-1]])


listed = histogram([len(word) for word in WORDS])
by_net = histogram([len(ids) for ids in written["<EOS> learned"]])
coin = lengths_by_halting(np.full(LONGEST + 1, 1 / (1 + listed @ np.arange(LONGEST + 1))))
at_least = listed[::-1].cumsum()[::-1]
halts = np.divide(listed, at_least, out=np.ones(LONGEST + 1), where=at_least > 0)
lesson.table(["length", "on the list", "the net", "a coin", "halts, of those so long"],
             zip(range(12), listed, by_net, coin, halts))
lesson.check("marker_gap", gap(by_net, listed), "<=", 0.1)
lesson.check("coin_gap", gap(coin, listed), ">=", 0.3)
lesson.check("hazards_exact", abs(lengths_by_halting(halts) - listed).max(), "<=", 1e-12)


def draw_lengths(ax):
    for share, colour in [(listed, "#bbbbbb"), (by_net, "#0072B2"), (coin, "#D55E00")]:
        ax.step(np.arange(16), share[:16], where="mid", color=colour, lw=7 if share is listed else 2)
    ax.set(title="Grey: the list; blue: the net, with <EOS>; orange: a coin", xlabel="letters", ylabel="share of words")


lesson.plot("lengths", draw_lengths)

# %% [markdown]
# The coin's favourite is length **0**, and each further one is less likely: a *geometric* distribution. A unit that
# says the same at every step can do nothing else.
#
# The last column is worth a second look. It is $P(\tau = t) / P(\tau \ge t)$: of the words that got so far, how many
# end here. A unit that says these numbers produces *any* length distribution, exactly (the third check). So deciding
# step by step and drawing $\tau$ first can give the same lengths. They differ in what the writer knows on the way.
#
# ## Second way: a unit that says halt
#
# A symbol for the end needs symbols. What about a hand that writes on paper, whose output is a list of numbers? (The
# slides say of the halt unit that it is "more general": it fits any net. Their footnote, "applicable to only RNNs that
# output a sequence of symbols", is on the slide of the unit, and speaks of the symbol for the end.)

# %% [markdown]
# **Handwriting generation.** Five digits, each drawn in one go. A *stroke* is how far the pen moves, (dx, dy); a
# drawing has $\tau$ of them. Each drawing has its own pace, and the hand is not quite steady. The other direction,
# *recognition*, reads the strokes and names the digit: a sequence in, a class out.
#
# The next stroke is a draw, too. The net says a mean and a spread $\sigma$ for dx and for dy, and its loss is $-\log P$
# of the stroke under that normal distribution, $\log\sigma + (x - \mu)^2 / 2\sigma^2$ and a constant. Beside these four
# numbers there is one unit more, `halt`: a sigmoid, "was that the last one?", with cross-entropy. It reads all $\tau$
# strokes, and its targets are $\tau$ zeros and a 1 at the end. (Its cell: a GRU, lesson 17.) **Predict** how often a
# unit is right that always says "go on", and what it would draw.

# %%
lines = [np.array([[int(c) for c in corner] for corner in text.split()], float) for text in DIGITS.values()]
lines = [line - line[0] for line in lines]
way = [np.append(0, np.linalg.norm(np.diff(line, axis=0), axis=1).cumsum()) for line in lines]


def hand(d, rng, shake=0.12):
    """A drawing of digit d, strokes (tau, 2): points at equal distances along its line, a little off."""
    at = np.linspace(0, way[d][-1], round(way[d][-1] / rng.uniform(1.4, 2.4)) + 1)
    points = np.stack([np.interp(at, way[d], coordinate) for coordinate in lines[d].T], axis=1)
    return np.diff(points + shake * rng.normal(size=points.shape), axis=0)


# %% [markdown]
# What the net reads at each step: the last stroke, where the pen is, which digit is to be drawn, and one number that we
# may use to *tell* it something about the length. For the second way it is told nothing: always 0.

# %%
TELL = {"nothing": lambda taus, steps: np.zeros((steps, len(taus))),
        "tau": lambda taus, steps: np.tile(taus, (steps, 1)), "steps left": steps_left}


def reads(strokes, digits, told):
    """strokes (T, B, 2), digits (B,), told (T, B) -> (T, B, 10)."""
    which = np.tile(np.eye(len(DIGITS))[digits], (len(strokes), 1, 1))
    return mg.Tensor(np.concatenate([strokes, strokes.cumsum(axis=0) / 3, which, told[..., None] / 10], axis=-1))


class Pen(nn.Module):
    """reads -> mean and log spread of the next stroke (T, B, 2), the logit of a halt (T, B), and the state."""

    def __init__(self, hidden=48):
        self.gru, self.readout = nn.GRU(5 + len(DIGITS), hidden, unroll=False), nn.Linear(hidden, 5)

    def forward(self, x, h=None):
        output, h = self.gru(x, h)
        y = self.readout(output)
        return y[..., :2], y[..., 2:4], y[..., 4], h


def example(digits, drawings, tell):
    """What a batch reads, is to draw, and is to say of halting; and where these two count."""
    strokes, steps = pad_sequences([np.concatenate([np.zeros((1, 2)), drawing]) for drawing in drawings])
    x = reads(strokes, digits, TELL[tell](steps - 1, len(strokes)))
    drawn, lived = length_mask(steps - 1)[..., None], length_mask(steps)
    return x, *map(mg.Tensor, (strokes[1:], halt_targets(steps), drawn / drawn.sum(), lived / lived.sum()))


def pen(tell):
    mg.manual_seed(lesson.seed)
    net, rng = Pen(), np.random.default_rng(lesson.seed)

    def loss_of(batch):
        x, strokes, halts, drawn, lived = batch
        mean, log_spread, halt, _ = net(x)
        off = (strokes - mean[:-1]) * mg.exp(-log_spread[:-1])
        halting = mg.bce_with_logits(halt, halts, reduction="none")
        return mg.sum((log_spread[:-1] + off**2 / 2) * drawn) + mg.sum(halting * lived)

    batches = [example(b, [hand(d, rng) for d in b], tell) for b in rng.integers(0, len(DIGITS), (60, 32))]
    return learn(net, loss_of, batches, lesson.pick(600, 300), lesson.pick(0.03, 0.04))


# %% [markdown]
# Who always says "go on" is right in $\tau$ of $\tau + 1$ steps, and never ends: do not judge a halt unit by its
# accuracy. Two kinds of loss hang on each step and teach the same state; after the last stroke the halt unit alone is
# asked.
#
# To write: read the last stroke; toss a coin that falls on *halt* with the probability that the unit says; if it does
# not, draw the next stroke. (The same loop can write a given number of strokes instead, for the third way.)

# %%
@mg.no_grad()
def draw(net, digits, taus=None, tell="nothing"):
    """A drawing of each digit, until the net halts, and no more than LONGEST strokes; or taus (B,) strokes."""
    strokes, h, going = np.zeros((1, len(digits), 2)), None, np.ones((1, len(digits)), bool)
    told = TELL[tell](np.zeros(len(digits), int) if taus is None else taus, LONGEST + 1)
    for t in range(LONGEST):
        mean, log_spread, halt, h = net(reads(strokes, digits, told[: t + 1])[-1:], h)
        goes_on = lesson.rng.random(halt.shape) >= mg.sigmoid(halt).numpy() if taus is None else t < taus
        going = np.concatenate([going, going[-1:] & goes_on])
        if not going[-1].any():
            break
        stroke = mean.numpy() + np.exp(log_spread.numpy()) * lesson.rng.normal(size=mean.shape)
        strokes = np.concatenate([strokes, stroke])
    return [strokes[1:count, b] for b, count in enumerate(going.sum(axis=0))]


digits = np.tile(np.arange(len(DIGITS)), 300)
by_hand = [hand(d, lesson.rng) for d in digits]
net = pen("nothing")
halted = draw(net, digits)

# %% [markdown]
# ## Third way: the length first
#
# > **The slides say:** an extra output predicts the integer $\tau$. The model "can sample a value of $\tau$ and then
# > sample $\tau$ steps worth of data", on the grounds that
# > $P(x_1, \dots, x_\tau) = P(\tau)\, P(x_1, \dots, x_\tau \mid \tau)$. Another deck has three words: "integer value
# > $\tau$".
#
# **What is true.** The equation is right, for any distribution. Now read its last factor: $\cdots \mid \tau$. *Every*
# stroke is drawn *given* the length. Whoever draws $\tau$ and then simply counts its steps has sampled
# $P(\tau)\,P(x_1, \dots, x_\tau)$, which is something else. The net must be told: $\tau$, or better what is left,
# $\tau - t$.

# %% [markdown]
# **Run this.** $P(\tau)$ is a table of counts for each digit (an output unit that sees the digit only could learn no
# more). Three nets write as many strokes as were drawn from it. One is told nothing: it is the net that you have just
# trained, with its halt unit covered. One is told $\tau$ at each step. One gets the countdown.
#
# **Predict** the gap of the lengths, for each of them; then how many of the drawings are *finished*: the pen stops
# within a fifth of the digit's height of where the line ends.

# %%
lengths = [Lengths([len(hand(d, lesson.rng)) for _ in range(500)]) for d in range(len(DIGITS))]
taus = np.array([lengths[d].draw(lesson.rng) for d in digits])
led = pen("steps left")
ways = {"the hand": by_hand, "halt unit": halted, "told nothing": draw(net, digits, taus),
        "told tau": draw(pen("tau"), digits, taus, "tau"), "told steps left": draw(led, digits, taus, "steps left")}

# %%
table, shown = {}, histogram([len(drawing) for drawing in by_hand])
for name, drawings in ways.items():
    n = np.array([len(drawing) for drawing in drawings])
    off = [np.linalg.norm(drawing.sum(axis=0) - lines[d][-1]) for d, drawing in zip(digits, drawings)]
    done = np.array(off) <= 1.2
    table[name] = gap(histogram(n), shown), done.mean(), gap(histogram(np.where(done, n, LONGEST)), shown)
lesson.table(["way", "gap", "finished", "gap, unfinished = endless"], [(k, *v) for k, v in table.items()])
lesson.check("halt_gap", table["halt unit"][2], "<=", lesson.pick(0.1, 0.2))
lesson.check("countdown_gap", table["told steps left"][2], "<=", lesson.pick(0.1, 0.2))
lesson.check("not_told_gap", table["told nothing"][2], ">=", 0.3)
lesson.check("telling_helps", table["told steps left"][1] - table["told nothing"][1], ">=", 0.3)
lesson.check("all_end", [ends["<EOS> learned"], np.mean([len(each) < LONGEST for each in halted])], ">=", 0.98)

# %% [markdown]
# Look at the first gap: the last three rows are as good as can be, and it means nothing, for *we* counted the steps.
# Only a look inside tells who has finished. (This lesson was planned with one test for all, "the lengths come out as in
# training". The net that fails passes it best. The last column repairs that: a drawing that breaks off counts as one
# that never ends.)
#
# And $\tau$ instead of $\tau - t$? The net has to count its own steps then. It can learn that, and takes longer.
#
# Below, each net is asked for few strokes and for many. **Predict** what the net that is told nothing does with too
# many.

# %%
def show_drawings(ax):
    ax.set_axis_off()
    five = np.arange(len(DIGITS))
    few, many = (np.array([round(w[-1] / pace) for w in way]) for pace in (2.3, 1.45))
    rows = {"the hand": by_hand, "halt unit": halted, "few strokes,\ntold nothing": draw(net, five, few),
            "few strokes,\ncountdown": draw(led, five, few, "steps left"),
            "many strokes,\ntold nothing": draw(net, five, many),
            "many strokes,\ncountdown": draw(led, five, many, "steps left")}
    for row, (name, drawings) in enumerate(rows.items()):
        ax.text(-4, -10 * row, name, ha="right", va="center")
        for d, drawing in enumerate(drawings[:5]):
            start = np.array([8 * d, -10 * row]) - (lines[d].max(axis=0) + lines[d].min(axis=0)) / 2
            points = start + np.append([[0, 0]], drawing.cumsum(axis=0), axis=0)
            ax.plot(*(start + lines[d]).T, color="#d9d9d9", lw=6, solid_capstyle="round")
            ax.plot(*points.T, "o-", color="#0072B2", ms=3, lw=1.5)
            ax.plot(*points[-1], "s", color="#D55E00", ms=6)
    ax.set(title="Grey: the digit; orange: where the pen stops", aspect="equal", xlim=(-14, 41))


lesson.plot("drawings", show_drawings, size=(8, 9.5))

# %% [markdown]
# Orange is where the pen stopped; grey is the whole digit. Told nothing, the net keeps to a pace of its own: with few
# strokes to go it is cut off, with many it is at the end too soon, and what is it to do then? It scribbles, for no
# training drawing ever went on. With the countdown the *same* digit is drawn in long or in short strokes: the net sets
# its pace by how much is left. That is more than stopping in time: $\tau$ has become a knob.
#
# ## Where this lives in minigrad
#
# `minigrad/text/sample.py`: `sample_ids(..., end=vocab.eos)`, and `spelled` for the table of probabilities.
# `minigrad/text/stopping.py`: `halt_targets` and `sample_until_halt`, `steps_left` and `sample_of_length`, `Lengths`.

# %% [markdown]
# ## What we left out
#
# * A hand that may go left *or* right has a distribution with two peaks; one normal distribution aims between them.
#   Mixtures of some twenty are used for real handwriting, and a unit for lifting the pen (Graves, 2013).
# * Sequences that end because something else has: translation ends when the source is used up. Lessons 23 to 25; search
#   for the *likeliest* text prefers short ones, and lesson 25 mends it.
# * A net that decides how many steps to *think* before each answer: a halt unit again (Graves, 2016).
#
# ## Quiz

# %% [markdown]
# 1. Your net writes well and never stops. The first thing to look at?
#
# <details><summary>Answer</summary>
#
# Whether `<EOS>` is among the *targets*. It is easily taken for padding and masked out of the loss.
#
# </details>
#
# 2. A halt unit is right in 93 of 100 steps. Is that good?
#
# <details><summary>Answer</summary>
#
# If a sequence has 14 steps, that is what a unit gets which never halts. Look at the lengths.
#
# </details>

# %% [markdown]
# 3. Which of the three ways work for a net that puts out temperatures?
#
# <details><summary>Answer</summary>
#
# The halt unit and the length. A symbol for the end needs a vocabulary.
#
# </details>
#
# 4. $\tau = 9$ is drawn, the loop runs nine times. Why is that no sample of $P(\tau)P(x_1, \dots, x_\tau\mid\tau)$?
#
# <details><summary>Answer</summary>
#
# The net did not know of the 9, so it has drawn from $P(x_1, \dots, x_9)$, the beginnings of all sequences.
#
# </details>

# %% [markdown]
# 5. A fresh halt unit says about 1/2. How long are its sequences, and what could you do about it?
#
# <details><summary>Answer</summary>
#
# One step on average. Start its bias at $-\ln(\text{mean length})$: then it halts with probability $1 / (1 +
# \text{mean})$, and the mean length is right from the start.
#
# </details>
#
# ## Exercises
#
# `python -m lessons exercise 13` copies these and more into files of yours; `check 13` examines them, `hint 13` helps.


# %%
# Exercise 13.1 (find the bug): how long is each of the written sequences? rows (steps, B) of ids, each ends at `eos`.
def written_lengths(rows, eos):
    raise NotImplementedError("TODO 13.1: (rows == eos).argmax(axis=0) is nearly right; what if there is no end?")


# %%
# Exercise 13.2: the halt unit says halts[0], halts[1], ... How likely is each length?
def length_probabilities(halts):
    raise NotImplementedError("TODO 13.2: to have length t it must go on t times, and then halt")


# %%
# Exercise 13.3: what must a halt unit say, so that the lengths come out with the probabilities p[0], p[1], ...?
def halting_probabilities(p):
    raise NotImplementedError("TODO 13.3: of the sequences that got so far, which share ends here?")


# %%
lesson.finish()
