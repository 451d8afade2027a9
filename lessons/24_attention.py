"""24 Attention
question: how can a net write a long answer if all that it has read must pass through one vector?
claim: a decoder that looks back at every step learns in the same number of updates what one vector does not carry
check: dates_with >= 0.8 and dates_without <= 0.2 and long_strings_gain >= 0.5 and too_long_costs >= 0.4 and
    off_the_diagonal <= 1 and looks_one_beside >= 0.3 and by_hand <= 1e-12 and rows_add_up <= 1e-12 and
    padding_gets == 0 and padding_leaks >= 0.3 and slide_forgets >= 0.5 and short_cut >= 100 and slots_over_one >= 0.3
data: generated   seconds: 30   fast_seconds: 15
items: A24 C19 F8 F12 H6 K1 K4-K5 O18 R24   needs: 11 14 15 17 20 23
"""

# %% [markdown]
# # 24 Attention
#
# In lesson 23 one net read a word, handed over **one vector**, and another net wrote the word from it. Short words came
# out right, long ones did not: a "full sentence into a fixed-sized, unique embedding (*bottleneck*)", say the slides.
# The bits would fit, but a code for all of it in one place is hard to find.
#
# The encoder, however, has made a state at *every* step, and all but the last were thrown away. "Let each decoder step
# decide which part of the input use": that is **attention**. C becomes a sequence, as long as the input. Today the
# decoder learns where to look; you watch it look, and find out how far you may trust what you see.

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
import numpy as np

import minigrad as mg
import viz
from minigrad import nn, optim, train
from minigrad.data import CharVocab, Pairs, dates, encode_pairs, pad_sequences, reversal

lesson = kit.begin("24")
LR, H = 0.02, 48
norm = np.linalg.norm


# %% [markdown]
# ## Four lines
#
# The slides' recipe: each decoder state "**scores** previous hidden states (dot product), turn into **probabilities**
# (softmax), **sum** to make the context vector, **concatenate** with hidden decoder state". With $s$ the decoder's
# state and $h_k$ what the encoder had at position $k$:
#
# $$e_k = f(h_k, s) \qquad a_k = \frac{\exp e_k}{\sum_j \exp e_j} \qquad c = \sum_k a_k h_k$$
#
# Four usual $f$ stand below. The numbers are random, only that $s$ is *equal* to $h_2$. **Predict** $a_2$ for the plain
# dot product, and what dividing by $\sqrt{16}$, the root of the size, changes.

# %%
h, rows, off = mg.Tensor(lesson.rng.normal(size=(6, 16)), "float64"), [], []
s = h[2]
for kind in ("dot", "scaled", "general", "additive"):
    net = nn.Attention(kind, 16, 16, rng=lesson.rng).astype("float64")
    like = net.weight.T @ s if kind == "general" else s / 4 if kind == "scaled" else s
    e = mg.tanh(h @ net.weight_k.T + net.weight_q @ s) @ net.v[0] if kind == "additive" else h @ like
    a = mg.softmax(e, axis=-1)  # probabilities: at least 0, and they add up to 1
    c = a @ h  # the mean of all states, each with its weight
    joined = mg.concat([c, s], axis=-1)  # what the decoder reads its answer from
    c_too, a_too = net(s.reshape(1, 16), h.reshape(6, 1, 16))
    off.append(max(mg.max(mg.abs(c_too[0] - c)).item(), mg.max(mg.abs(a_too[0] - a)).item()))
    rows.append((kind, *[f"{x:.4f}" for x in a.numpy()], a.numpy().sum()))
lesson.table(["f", *[f"a_{k}" for k in range(6)], "sum"], rows)
lesson.check("by_hand", off, "<=", 1e-12)

# %% [markdown]
# The plain dot product grows with the size: nearly all of the weight is on one state, and a softmax that is as sure as
# that hands back hardly any gradient. Divided by the root, it leaves something to the others. "General" and additive
# have weights of their own, and still have to *learn* that like belongs to like.
#
# With which $s$ does one ask? Two decks, two answers. Bahdanau: $e^{(t,t')} = f(h^{(t')}, s^{(t-1)})$, with the state
# *before* the step, and what was found goes into the step. Luong: with the state *after* it. Both concatenate and
# "feed next". In minigrad `attend="before"` and `"after"`. (So the slide's "C becomes a variable-length sequence" holds
# twice: $n_x$ states $h$ go over to the decoder, which makes $n_y$ vectors $c$ of them, one for each output.)
#
# ## The slide says / what is true / run this
#
# > **The slide says** $\alpha^{(t,t')} = \exp(e^{(t,t')}) \,/\, \sum_{t'=1}^{n_x} \exp(e^{(t,t')})$
#
# The name $t'$ is taken: it says *which* weight this is. In the sum it is to run over all positions. You read over it;
# a program does not. **Predict** what comes out if the slide's names are kept.

# %%
def by_slide(e):
    """The weights (n_x,) of one answer, from its scores e, with the slide's names."""
    alpha = np.zeros_like(e)
    for t_ in range(len(e)):
        total = 0.0
        for t_ in range(len(e)):  # the same name again
            total += np.exp(e[t_])
        alpha[t_] = np.exp(e[t_]) / total
    return alpha


def soft(e):
    return mg.softmax(mg.Tensor(e, "float64"), axis=-1).numpy()


e = lesson.rng.normal(size=(50, 6))
slide = np.stack([by_slide(row) for row in e])
lesson.table([f"a_{k}" for k in range(6)], slide[:3].round(3).tolist())
lesson.check("slide_forgets", 1 - slide.sum(axis=1).mean(), ">=", 0.5)
lesson.check("rows_add_up", np.abs(soft(e).sum(axis=1) - 1).max(), "<=", 1e-12)

# %% [markdown]
# After the inner loop $t'$ stands at the *last* position, and only that weight is ever written. Write $k$ in the sum.
#
# ## Padding
#
# Sources in a batch have different lengths (lesson 11). Past its end a sequence has states 0. **Predict**: three real
# positions, five padded ones, dot product. How much weight do the padded ones get if nobody thinks of it? And which of
# the ways below is right? (The last column compares the context with that of the same sequence alone.)

# %%
keys, real = np.concatenate([h.numpy()[:3], np.zeros((5, 16))]), np.arange(8) < 3
e = lesson.rng.normal(size=(50, 16)) @ keys.T / 4  # 50 questions to the same eight positions
ways = {"nothing": soft(e), "scores times mask": soft(e * real), "weights times mask": soft(e) * real,
        "scores -inf where padded": soft(np.where(real, e, -np.inf))}
alone = soft(e[:, :3]) @ keys[:3]
lesson.table(["what is done", "weight of padding", "sum of the weights", "context off by"],
             [(name, a[:, 3:].sum() / 50, a.sum() / 50, norm(a @ keys - alone)) for name, a in ways.items()])
lesson.check("padding_leaks", ways["nothing"][:, ~real].sum(axis=1).mean(), ">=", 0.3)
lesson.check("padding_gets", ways["scores -inf where padded"][:, ~real].max(), "==", 0)

# %% [markdown]
# A state of zeros is not "no state": its score is 0, and $e^0 = 1$. (That is why a mask times the scores changes
# nothing at all.) A mask times the weights throws the padding out *after* the others have been made smaller for it.
# Only $-\infty$ in place of the score is right: $e^{-\infty} = 0$, exactly. `nn.Attention` does it when it is given
# `lengths=`, and raises an error for a sequence of nothing but padding: there is no mean of nothing.
#
# ## A short cut
#
# The slides promise one more thing: attention "provides shortcuts (better gradient flows)". In the picture a source of
# four steps, an answer of three. **Find** the shortest way from the last loss to the first $x$, with attention and, in
# thought, without its lines.

# %%
def writer(kind, cell, size, T, steps):
    """The random inputs (T, 1, 4) of an untrained encoder-decoder, and the loss of an answer of so many steps."""
    mg.manual_seed(lesson.seed)
    decoder = nn.Decoder(5, 4, size, size, cell=cell, attention=kind, bridge=False)
    net = nn.Seq2Seq(nn.Encoder(None, 4, size, cell=cell), decoder).astype("float64")
    x = mg.Tensor(lesson.rng.normal(size=(T, 1, 4)), "float64", requires_grad=True, name="x")
    target = lesson.rng.integers(0, 5, (steps + 1, 1))
    return net, x, mg.cross_entropy(net(x, target), target[1:])


net, x, loss = writer("additive", "rnn", 3, T=4, steps=3)
lesson.show("looks_back", viz.draw(viz.record(loss), net, view="cells", title="Every answer sees every state",
                                   subtitle="an encoder of four steps, a decoder of three"))

# %% [markdown]
# One line, and one step. Without the lines the way leads back through the decoder, to the end of the encoder, and then
# step by step through all of it. With 40 steps (lesson 14): **predict** how the gradient of the *first*
# answer's loss falls from the last $x$ to the first, for a tanh net and for a GRU, with attention and without. Nothing
# has been learned yet, so with attention all weights are about $1/40$.

# %%
reach = {f"{cell}, {kind or 'one vector'}": norm(mg.grad(loss, [x])[0].numpy()[:, 0], axis=1) for cell in ("rnn", "gru")
         for kind in (None, "additive") for _, x, loss in [writer(kind, cell, 16, T=40, steps=1)]}
lesson.check("short_cut", reach["rnn, additive"][:5].mean() / reach["rnn, one vector"][:5].mean(), ">=", 100)


def draw_reach(ax):
    for name, norms in reach.items():
        ax.plot(norms, "--" if "gru" in name else "-", color="#D55E00" if "one" in name else "#0072B2", label=name)
    ax.set(yscale="log", title="With attention a loss reaches every input", xlabel="position", ylabel="gradient")
    ax.legend()


lesson.plot("short_cut", draw_reach)

# %% [markdown]
# Flat, before anything is learned: even the simplest net, whose gradient has died out after a few steps, hears from its
# losses at every position. So attention stands, beside gates and good beginnings, among the remedies for *vanishing*
# gradients. (Not for exploding ones, there one clips: the decks mix the two lists.)
#
# ## The cure
#
# Back to words of random letters, to be written from back to front, the easier way. One net writes from one vector, one
# with additive attention; size of the states and number of updates are the same. A third one has attention, too, but
# its encoder reads one way only. They learn from words of up to 8 letters (6 in fast mode). **Predict** the three
# curves, *and* how they go on for longer words.
#
# (It is the question of Bahdanau's figure on the slides: method 1 with attention, method 2 without, trained on up to 50
# words, a, or 30, b. It shows BLEU, which counts words and word groups in common with a human translation, against
# length: without attention it falls. We are stricter: all letters right, in their order.)

# %%
def learn(pairs, attention, updates, two=True):
    """(net, vocabulary that it reads, vocabulary that it writes) after so many updates."""
    mg.manual_seed(lesson.seed)
    reads, writes = CharVocab("".join(pairs.sources)), CharVocab("".join(pairs.targets), ends=True)
    source, lengths, target, wanted = encode_pairs(pairs, reads, writes)
    encoder = nn.Encoder(len(reads), 16, H // 2 if two else H, bidirectional=two, cell="gru", unroll=False)
    net = nn.Seq2Seq(encoder, nn.Decoder(len(writes), 16, H, H, cell="gru", attention=attention))
    optimizer = optim.Adam(net, lr=LR)

    def loss_of(rows):
        scores = net(source[:, rows], target[:, rows], lengths[rows])
        return mg.cross_entropy(scores, wanted[:, rows], ignore_index=-1)

    batches = np.random.default_rng(lesson.seed).integers(0, len(lengths), (updates, 64))
    train.fit(loss_of, batches, optimizer, updates, clip=1.0, schedule=optim.CosineLR(optimizer, updates))
    return net, reads, writes


def answers(learned, texts):
    """What is written for each text, at most 16 letters."""
    net, reads, writes = learned
    ids, lengths = pad_sequences([reads.encode(text) for text in texts])
    return [writes.decode(column) for column in net.generate(ids, writes.sos, writes.eos, 16, lengths).ids.T]


def looks(learned, pairs):
    """Where the net looks while it is given the right answers: weights (steps, pairs, positions)."""
    net, reads, writes = learned
    source, lengths, target, _ = encode_pairs(pairs, reads, writes)
    with mg.no_grad():
        return net.align(source, target, lengths).numpy()


def exact(learned, pairs):
    return np.equal(answers(learned, pairs.sources), pairs.targets)


# %%
LETTERS, longest, updates = list("abcdefgh"), lesson.pick(8, 6), lesson.pick(110, 80)
strings = reversal(8000, lesson.rng, longest, "".join(LETTERS))
nets = {name: learn(strings, kind, updates, two) for name, kind, two in [
    ("one vector", None, True), ("attention, both ways", "additive", True), ("attention, one way", "additive", False)]}
lengths = np.arange(1, longest * 3 // 2 + 1)
texts = ["".join(lesson.rng.choice(LETTERS, n)) for n in np.repeat(lengths, 100)]  # a hundred of each length
tests = Pairs(texts, [text[::-1] for text in texts])
right = {name: exact(net, tests).reshape(-1, 100).mean(axis=1) for name, net in nets.items()}
lesson.table(["letters", *right], zip(lengths, *right.values()))
longest_right, too_long_right = right["attention, both ways"][[longest - 1, -1]]
lesson.check("long_strings_gain", longest_right - right["one vector"][longest - 1], ">=", 0.5)
lesson.check("too_long_costs", longest_right - too_long_right, ">=", 0.4)


def draw_lengths(ax):
    for (name, share), look, colour in zip(right.items(), ["s-", "o-", "^--"], ["#D55E00", "#0072B2", "#E69F00"]):
        ax.plot(lengths, share, look, color=colour, label=name)
    ax.axvspan(longest + 0.5, lengths[-1] + 0.5, color="#eeeeee", zorder=0)
    ax.text(lengths[-1] + 0.4, 1.06, "longer than in training", color="#555555", ha="right")
    ax.set(title="One vector, or all states", xlabel="letters", ylabel="without a mistake", ylim=(-0.03, 1.15))
    ax.legend(loc="lower left")


lesson.plot("lengths", draw_lengths)

# %% [markdown]
# The cliff of lesson 23 is gone, after the same number of updates. (Given many more of them, one vector carries a few
# letters more; try it.) There is no code to find: each letter stays in its own place.
#
# And then it falls all the same, beyond the lengths that were trained. Attention can look at every state, but *what to
# look for* was learned as well, from short words. "No fix-sized bottleneck", says the slide, and that is true; it does
# not say that the net has understood what "backwards" means.
#
# ## Where it looks
#
# The slide's promise "more fine-grained, better interpretability" and its famous picture, an English sentence over a
# French one: *European Economic Area* becomes *zone économique européenne*, and there the dark squares run the other
# way. For turning a word round they should do so all the way: answer $t$ needs letter $n-1-t$. **Predict** the two
# pictures for the longest words: encoder both ways, encoder one way. Both nets write most of them without a mistake.

# %%
last = Pairs(*(part[100 * longest - 100 : 100 * longest] for part in tests))  # the longest that were in training
seen = {name: looks(nets[name], last)[:longest] for name in list(nets)[1:]}
beside = {name: a.argmax(axis=2) - np.arange(longest)[::-1, None] for name, a in seen.items()}  # 0: on the letter
lesson.table(["", "looks most at the letter itself", "at the one to its right", "mean distance"],
             [(name, (d == 0).mean(), (d[1:] == 1).mean(), np.abs(d).mean()) for name, d in beside.items()])
lesson.check("off_the_diagonal", np.abs(beside["attention, both ways"]).mean(), "<=", 1)
lesson.check("looks_one_beside", (beside["attention, one way"][1:] == 1).mean(), ">=", 0.3)


def show_maps(name, maps, **how):
    def draw(axes):
        for ax, (title, a, source, target) in zip(axes, maps):
            viz.alignment(a[: len(target), : len(source)], source, target, axes=ax, title=title)

    lesson.plot(name, draw, size=(11, 4.2), ncols=2, **how)


show_maps("looks", [(name, a[:, 0], last.sources[0], last.targets[0]) for name, a in seen.items()])

# %% [markdown]
# The right-hand net looks **beside** the letter that it writes, as a rule, and writes the right one! Its encoder reads
# from left to right, so the state one further on has read the letter, too, *and* the one after it; and that is what the
# decoder has just written. "What stood before the d that I wrote?" is an easy question.
#
# So a weight says which **state** was used. It does not say which *letter*: a recurrent state has read many. Whoever
# takes the map for an explanation ("it translated this word because of that one") has been warned. With an encoder that
# reads both ways the map is nearer to the truth, and still not always on it.
#
# ## Dates
#
# Now a task in which it has to find things: dates as people write them, in six ways, to be written as year-month-day.
# The days it is tested on were in no format among those it has learned from. Again equal numbers of updates.
# **Predict** the shares of dates without a mistake. And what does the net with one vector write: nonsense?

# %%
known, unseen = dates(4000, lesson.rng, split="train"), dates(500, lesson.rng, split="valid")
readers = [learn(known, kind, lesson.pick(150, 100)) for kind in (None, "additive")]
lesson.table(["date", "one vector", "attention"],
             zip(unseen.sources[:6], *(answers(net, unseen.sources[:6]) for net in readers)))
lesson.check("dates_with", exact(readers[1], unseen).mean(), ">=", lesson.pick(0.8, 0.6))
lesson.check("dates_without", exact(readers[0], unseen).mean(), "<=", 0.2)

# %% [markdown]
# One vector writes dates, and very proper ones: only not *these*. The form is the same in every answer and learned
# first; what has to come from the source does not get through yet. (Such invented facts in perfect form are the usual
# failure of nets that write. Look for them.)
#
# Below, a date with a weekday, and one with a year of two digits. **Predict** where it looks when it writes: the month;
# the `-`; the century, which does not stand there at all.

# %%
chosen = [next(pair for pair in zip(*unseen) if mark in pair[0]) for mark in ("y, ", "'")]
maps = [(date, looks(readers[1], Pairs([text], [date]))[:, 0], text, date) for text, date in chosen]
show_maps("dates", maps, gridspec_kw={"width_ratios": [5, 3]})

# %% [markdown]
# The century comes from the decade: `'29` is 2029 and `'85` is 1985, so it must be read first. On a `-`, which needs
# nothing from the source, it looks wherever it likes, often at what comes next already. And the weekday it learned to
# pass over: nobody told it that it may.
#
# ## Explicit memory
#
# So far the decoder reads from a list that the encoder has written, one state a step. Cut that loose: a **memory** of
# some slots, each with a *key* and a *value*. It is read by attention over the keys; and it is **written** the same
# way: a softmax says how much of each slot is replaced, $m_n \leftarrow (1 - w_n)\, m_n + w_n \cdot \text{new}$. All
# of it has gradients. Lesson 15 put things into a slot by hand; here a net learns where to write and what to ask for.
#
# The task: four pairs `b 3, g 0, a 1, f 3`, then a letter: `a`, which number? (One of four numbers.) With *one* slot it
# is the one vector again. **Predict** how often the net is right with 1, 2 and 4 slots. And must each pair have a slot
# for itself?

# %%
class Book(nn.Module):
    """Writes letters (keys) and numbers (values) into its slots, then looks one up."""

    def __init__(self, slots):
        self.letter, self.number, self.out = nn.Embedding(8, 16), nn.Embedding(4, 16), nn.Linear(16, 4)
        self.memory, self.hand, self.where = nn.KeyValueMemory(slots, 16, 16), nn.RNN(32, 16), nn.Linear(16, slots)

    def forward(self, letters, numbers, ask):
        keys, values = self.letter(letters), self.number(numbers)
        shares = mg.softmax(self.where(self.hand(mg.concat([keys, values], axis=2))[0]), axis=-1)
        memory = self.memory.initial(64)
        for share, key, value in zip(*map(mg.unstack, (shares, keys, values))):
            memory = self.memory.write(memory, share, key, value)
        return self.out(self.memory(keys[ask], memory)[0])


def look_up(slots):
    """Shares of right answers, in each of 100 batches."""
    mg.manual_seed(lesson.seed)
    book, found, rng = Book(slots), [], np.random.default_rng(lesson.seed)

    def loss_of(_):
        letters = rng.permuted(np.tile(np.arange(8), (64, 1)), axis=1)[:, :4].T  # four different ones for each row
        numbers, ask = rng.integers(0, 4, (4, 64)), (rng.integers(0, 4, 64), np.arange(64))
        said = book(letters, numbers, ask)
        found.append(np.mean(said.numpy().argmax(axis=1) == numbers[ask]))
        return mg.cross_entropy(said, numbers[ask])

    train.fit(loss_of, [None], optim.Adam(book, lr=LR), 100)
    return found


knows = {slots: look_up(slots) for slots in (1, 2, 4)}
lesson.table(["slots", "right, batches 1 to 20", "81 to 100"],
             [(slots, np.mean(found[:20]), np.mean(found[-20:])) for slots, found in knows.items()])
lesson.check("slots_over_one", np.mean(knows[4][-20:]) - np.mean(knows[1][-20:]), ">=", 0.3)

# %% [markdown]
# Nobody told it where to write. With one slot it knows about one pair, and guesses the number of the others. With two
# it should know two, and be right in $1/2 + 1/2 \cdot 1/4$ of the cases, that is 5/8; see whether it keeps to that. A
# write goes to several slots at once, a little here and a little there: all that counts is that the right *mixture* can
# be found by the letter. It is less tidy than a person would be, and it has gradients.

# %% [markdown]
# ## Summaries
#
# "Text summarisation" (Nallapati, 2016): read a news article, write three sentences. In the slide's example the people
# and places are replaced by `@entity0`, `@entity1`: names are too rare to have learned vectors. What the net must do is
# *pick out* and *copy*; that is our dates, at length. Attention even allows a step further. The weights $a_k$ are
# probabilities over the words of the source, so add up those of equal words, and you can **say** a word that you have
# never learned (exercise 24.4): the pointer, with which later nets copy their names.
#
# ## Where this lives in minigrad
#
# `nn.Attention` and `nn.KeyValueMemory` in `minigrad/nn/attention.py`; `nn.Decoder(..., attention="additive")` and
# `align` in `seq2seq.py` beside it; `viz.alignment` for the maps. `nn.encoder_decoder` builds all of it at once.

# %% [markdown]
# ## What we left out
#
# * The price: each of $n_y$ answers looks at $n_x$ states, so the work grows with the *product* of the lengths.
# * Attention that must not go back, or may look at a window only; weights that are all 0 or 1 (*hard* attention, which
#   has no gradient). Having translated everything exactly once: *coverage*, lesson 25. Pictures: lesson 26.
# * Attention *without* recurrence. As you saw, weights know nothing of order (exercise 24.5): it is the encoder's
#   states that have read what stands where. Nets without an encoder of that kind must add positions to their inputs.
#
# ## Quiz

# %% [markdown]
# 1. What has to have the same size for the dot product, and what does additive attention do about it?
#
# <details><summary>Answer</summary>
#
# The decoder's state and the encoder's. Additive attention takes both to a hidden layer first, by matrices of its own.
#
# </details>
#
# 2. A source of 7 letters, an answer of 5, a batch of 3. How many weights are there, and which of them add up to 1?
#
# <details><summary>Answer</summary>
#
# $5 \cdot 3 \cdot 7$; the seven that belong to one answer of one row.
#
# </details>

# %% [markdown]
# 3. Somebody sets the padded *weights* to 0 after the softmax. Nothing else is wrong. What is the consequence?
#
# <details><summary>Answer</summary>
#
# The weights add up to less than 1, and the shorter a sequence is beside the others in its batch, the smaller its
# context: the answer depends on its neighbours, as in lesson 11.
#
# </details>
#
# 4. All weights are equal. What is the context, and what is the gradient of $h_k$?
#
# <details><summary>Answer</summary>
#
# The plain mean of the states. Each gets $1/n$ of the context's gradient, and something through its score.
#
# </details>

# %% [markdown]
# 5. A map shows that a net looked at "not" while it wrote "bad". Does this prove that it understood the negation?
#
# <details><summary>Answer</summary>
#
# No. It used the *state* at "not", which has read other words, too. Change the word: does the answer change?
#
# </details>
#
# ## Exercises
#
# `python -m lessons exercise 24` copies these and more into files of yours; `check 24` examines them, `hint 24` helps.


# %%
# Exercise 24.1: one look. query (K,), keys (n, K), values (n, V); positions from `length` on are padding.
def attend(query, keys, values, length):
    raise NotImplementedError("TODO 24.1: return the context (V,) and the weights (n,), for scaled dot products")


# %%
# Exercise 24.2 (find the bug): the slide's formula, with its names. Scores e (n_y, n_x).
def weights_of(e):
    raise NotImplementedError("TODO 24.2: each row of the weights (n_y, n_x) adds up to 1")


# %%
# Exercise 24.3: the way back. g is dL/dc, of the context c = sum of a_k h_k, and a = softmax(e).
def score_gradient(g, a, h):
    raise NotImplementedError("TODO 24.3: return dL/de (n,); when does a position want a larger score?")


# %%
# Exercise 24.4: the weights as an answer. ids (n,) are the words of the source, a (n,) their weights.
def copy_probabilities(a, ids, num):
    raise NotImplementedError("TODO 24.4: the probability (num,) of each word, if words are copied by their weights")


# %%
# Exercise 24.5 (make it fail): two different sources between which attention to their vectors cannot tell.
def same_for_every_query(keys):
    raise NotImplementedError("TODO 24.5: other keys (n, K), also used as values, with the same context for any query")


# %%
lesson.finish()
