"""12 A character language model
question: can a net that reads one character at a time write text, and does it know more than a table of counts?
claim: after some thousand updates a GRU needs fewer bits for unseen text than a 4-gram table, and its words exist
check: initial_distance <= 0.05 and bits_saved >= 0.1 and validity_rise > 0 and forgetting_costs >= 0.1
data: Python's own help texts, or --text FILE   seconds: 90   fast_seconds: 12
items: A30 C20 C22 D3 E19-E20 I3 I6 I8-I9 I16-I17 M9 O12 R11 R12 R21   needs: 01 02 06 08
"""

# %% [markdown]
# # 12 A character language model
#
# Cover a page with your hand, uncover it letter by letter, and guess each letter before you see it. You will be right
# surprisingly often: after `th` there comes `e`, after `q` there comes `u`, and after a while you know what the page is
# about. A *language model* plays this game. The probability of a whole text is the product of its guesses,
#
# $$P(y_1, \dots, y_T) = \prod_{t=1}^T P(y_t \mid y_1, \dots, y_{t-1})$$
#
# and whoever can guess can also *write*: draw a letter from the guess, read it, guess again. Machine translation,
# speech recognition and captions all choose their words with such a model; the slides call it the backbone of
# language processing. Today a GRU learns one, from text that every Python brings along.

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
import numpy as np

import minigrad as mg
import viz
from minigrad import data, nn, optim, train
from minigrad.text import ngram_table, softmax_sample, word_validity, words

lesson = kit.begin("12")

# %% [markdown]
# ## The text
#
# Help topics of Python, split by topic: what the net is examined on comes from pages that it never saw. Lines that
# repeat are dropped, or a model could shine by having learned them by heart. `--text FILE` reads a file of yours.
#
# Why letters and not words? The slides: a small vocabulary, no words that are unknown, but little fluency. They also
# say "faster to train"; the softmax is indeed smaller, but look at how many more steps a sentence takes.

# %%
streams, window = 16, 32
corpus = lesson.corpus(streams * window)
with lesson.user_input():
    vocab = data.CharVocab(corpus.train + corpus.valid)
    training = data.contiguous(vocab.encode(corpus.train), streams, window)
    held_out = data.contiguous(vocab.encode(corpus.valid), streams, window)
split = {"to learn from": corpus.train, "held out": corpus.valid}
lesson.table(["part", "characters", "words", "different words", "characters a word"],
             [(part, len(text), len(text.split()), len(set(text.split())), len(text) / max(len(text.split()), 1))
              for part, text in split.items()])
print(f"{len(vocab)} characters: who knows nothing pays log2 {len(vocab)} = {np.log2(len(vocab)):.3f} bits for each")


def claim(*check):
    """A check, unless the text is one of yours: of that nothing is promised."""
    if not lesson.text:
        lesson.check(*check)



# %% [markdown]
# ## The opponent: a table of counts
#
# An *n-gram* table predicts a letter from the $n-1$ letters before it, by counting what followed them in the training
# text. Where it never saw those letters it asks the shorter table (Witten and Bell's way of sharing the probability).
# The unit is **bits per character**, the mean of $-\log_2 P$ on the held-out text: as many yes-or-no questions does a
# letter still cost. No table is better than the text allows; find out which one is best here.
#
# **Predict**: the net gets one letter at a time and 128 numbers to remember everything before it. Which of these
# tables will it beat? Write down an order $n$.

# %%
tables = ngram_table(corpus.train, corpus.valid, range(1, lesson.pick(6, 4) + 1), vocab.symbols)
table_bits = {row.order: row.bits_per_symbol for row in tables}
lesson.table(["order", "letters it looks at", "contexts it stores", "context never seen", "bits per character"],
             [(row.order, row.order - 1, row.contexts, f"{row.unseen:.1%}", row.bits_per_symbol) for row in tables])

# %% [markdown]
# ## The net
#
# As on the slides: the input at $t$ is the letter before, $x_t = y_{t-1}$, as a *one-hot* vector; out comes a softmax
# over the letters; $h_0 = 0$. A one-hot vector times a matrix picks a row of it, so `Embedding` looks the row up.
#
# $$h_t = \mathrm{GRU}(E[y_{t-1}], h_{t-1}) \qquad \hat y_t = \mathrm{softmax}(W h_t + b)$$
#
# The loss of a text is $L = \sum_t L_t$ with $L_t = -\log \hat y_t[y_t]$; we take the mean over all letters. Letters
# start as short random vectors and $b$ as 0, so all scores are small: a net that knows nothing should say so, and pay
# $\log_2 V$ bits. A table needs letters that *match*; the net learns its representation of them together with the
# probabilities, and similar histories come to lie close together.
#
# `unroll=False` computes all steps of the GRU in one operation: the same numbers as step by step, in less time, but
# nothing to see inside. `step` is for when we want to look, or need one letter at a time.

# %%
class CharLM(nn.Module):
    """Characters (T, B) -> scores of the next one (T, B, V)."""

    def __init__(self, symbols, width, hidden):
        self.embedding = nn.Embedding(symbols, width)
        self.gru = nn.GRU(width, hidden, unroll=False)
        self.readout = nn.Linear(hidden, symbols)
        self.embedding.weight.assign(nn.init.normal((symbols, width), 0.3))
        self.readout.bias.assign(np.zeros(symbols))

    def forward(self, ids, h=None):
        output, h = self.gru(self.embedding(ids), h)
        return self.readout(output), h

    def step(self, ids, h=None):
        """The same for a single time step: ids (B,) -> scores (B, V), the next h (B, H)."""
        h = self.gru.cells[0](self.embedding(ids), h)
        return self.readout(h), h


def loss_of(batch, state=None):
    scores, state = model(batch.inputs, state)
    return mg.cross_entropy(scores, batch.targets), state


@mg.no_grad()
def bits(batches, carry=True):
    """Bits per character over all batches; the state goes from one to the next if it is carried."""
    nats, letters, state = 0.0, 0, None
    for batch in batches:
        loss, state = loss_of(batch, state if carry else None)
        nats, letters = nats + loss.item() * batch.targets.size, letters + batch.targets.size
    return nats / letters / np.log(2)


model = CharLM(len(vocab), width=64, hidden=128)
ids = training[0].inputs
by_product = mg.Tensor(mg.one_hot(ids, len(vocab))) @ model.embedding.weight
lesson.check("one_hot_is_a_row", abs(by_product - model.embedding(ids)).max(), "==", 0)
start_bits = bits(held_out)
lesson.check("initial_distance", abs(start_bits - np.log2(len(vocab))), "<=", 0.05)

# %% [markdown]
# ## The same picture as on the slide
#
# The slides unroll a language model over "The pen is mightier than the sword". Here are its first letters, with a net
# small enough to read: one column for each letter, the loss of each step on top, and all losses added up. Read one
# column from bottom to top, then follow $h$ to the right. Every $L_t$ sends its gradient down its own column and then
# back along $h$ through all columns before it: each letter teaches the whole past.

# %%
sentence = data.CharVocab("The pen is mightier than the sword.")
small, total, h = CharLM(len(sentence), width=3, hidden=4), None, None
opening = sentence.encode("The ")
for t, (letter, following) in enumerate(zip(opening[:-1], opening[1:])):
    with mg.scope("step", t):
        scores, h = small.step([letter], h)
        loss = mg.cross_entropy(scores, [following]).named("L")
        total = loss if total is None else total + loss
lesson.show("unrolled", viz.draw(total, small, title="It reads T, h, e and must say h, e, blank"))
lesson.show("unrolled_backward", viz.draw(viz.record(total, small), title="What each mistake tells the past"))

# %% [markdown]
# ## Train more
#
# The text becomes 16 streams that are read side by side, 32 letters at a time. The state is *carried* from one window
# to the next, without its history (lesson 08), until the text begins anew: the net may remember longer than it is
# taught. Adam, its rate falling along a cosine; gradients clipped at norm 1, lest a strange window throws the net off
# (both: lesson 14).
#
# After four amounts of training the net has to go on where the first lines of the held-out text break off. A sample
# has no right answer, but it can be measured: *validity* is the share of its words, of three letters and more, that
# occur in the training text. **Predict** the validity at the start, and at the end.

# %%
updates = lesson.pick(4400, 400)
stages = lesson.pick([0, 400, 1300, updates], [0, 70, 150, updates])
known_words, samples = set(words(corpus.train)), {}


@mg.no_grad()
def write(length, temperature, copies):
    """Texts that go on where the first lines of the held-out text end: the model reads what it writes."""
    opening = np.repeat(vocab.encode(corpus.valid[:100])[:, None], copies, axis=1)
    _, h = model(opening[:-1])
    letters, h = [opening[-1]], h[0]
    for _ in range(length):
        scores, h = model.step(letters[-1], h)
        letters.append(softmax_sample(scores, temperature, lesson.rng))
    return [vocab.decode(text) for text in np.array(letters[1:]).T]


def show_sample(update):
    samples[update] = write(lesson.pick(600, 250), temperature=0.7, copies=32)
    print(f"\n--- after {update} updates\n{samples[update][0][:300]}\n")


adam = optim.Adam(model.parameters(), lr=lesson.pick(5e-3, 1e-2))
falling = optim.WarmupLR(adam, 50, after=optim.CosineLR(adam, updates, lowest=adam.lr / 20))
done = train.fit(loss_of, training, adam, updates, carry=True, clip=1.0, schedule=falling, model=model, describe="bits",
                 validate=lambda: bits(held_out), every=lesson.pick(400, 200), at=dict.fromkeys(stages, show_sample))
print(done.stopped_because, f"in {done.seconds:.0f} s")

# %% [markdown]
# ## Better than counting?
#
# Compare with what you wrote down. The table that it has to beat has four letters to look at (three in fast mode,
# where the net has trained for a few seconds only).

# %%
net_bits = done.validation[-1][1]
validity = {update: word_validity("\n".join(texts), known_words) for update, texts in samples.items()}
lesson.table(["updates", "validity", "for example"], [(n, validity[n], repr(samples[n][0][:40])) for n in samples])
lesson.table(["model", "bits per character"], [(f"{n}-gram", b) for n, b in table_bits.items()] + [("GRU", net_bits)])
rival = lesson.pick(4, 3)
claim("bits_saved", table_bits[rival] - net_bits, ">=", lesson.pick(0.1, 0.0))
claim("validity_rise", np.diff(list(validity.values())), ">", 0)


def curve(axes):
    smooth = np.convolve(done.losses, np.ones(25) / 25, "valid") / np.log(2)
    axes.plot(np.arange(len(smooth)) + 25, smooth, color="#b8c4d6", label="training, mean of 25 updates")
    axes.plot(*zip((0, start_bits), *done.validation), "o-", color="#1f5fa8", label="held out", clip_on=False)
    for n, b in list(table_bits.items())[:5]:
        axes.axhline(b, color="#c0792a", linewidth=0.8)
        axes.text(updates, b, f" {n}-gram", color="#c0792a", va="center")
    axes.set(xlabel="updates", ylabel="bits per character", xlim=(0, updates), ylim=(None, start_bits + 0.5))
    axes.legend(loc="upper right")


lesson.plot("bits", curve)

# %% [markdown]
# Look at the samples again, in order. First noise; then blanks at the right distance, the commonest letters; then
# short words; then phrases, and the layout of the pages. Nobody told the net what a word is.
#
# **The slide says** "generating Shakespeare-style text", under the name of Shakespeare. **What is true**: its samples
# come from a net that read Tolstoy's *War and Peace*. How could you know? A sample betrays its corpus, for a net can
# only write what it has read. **Run this**: which capitalised words of the slide's last sample could ours have read?

# %%
slide = ("Why do what that day, replied Natasha, and wishing to himself the fact the princess. Princess Mary was "
         "easier, fed in had oftened him. Pierre asking his soul came to the packs and drove up his father-in-law "
         "women.")
names = [word for word in dict.fromkeys(slide.replace(",", "").replace(".", "").split()) if word[0].isupper()]
lesson.table(["name on the slide", "times in our corpus"], [(name, corpus.train.split().count(name)) for name in names])
print(f"valid here: {word_validity(slide, known_words):.0%} of the slide's words, {validity[updates]:.0%} of our net's")

# %% [markdown]
# ## Temperature
#
# The scores are divided by a *temperature* before the softmax. At 0 the net always takes its favourite, and soon goes
# round in circles. At 1 it writes as it believes. Above 1 it takes risks. The strip colours each letter by how much
# it surprised the net itself, at temperature 1: dark letters are improbable ones.
#
# **Predict** where in a word the dark letters stand.

# %%
@mg.no_grad()
def surprise(texts):
    """-log2 P of each character but the first, by the model that reads along: (characters, texts)."""
    ids = np.array([vocab.encode(text) for text in texts]).T
    scores, _ = model(ids[:-1])
    return mg.cross_entropy(scores, ids[1:], reduction="none").numpy() / np.log(2)


temperatures = [0, 0.5, 1, 1.5]
strips = [write(lesson.pick(400, 100), temperature, copies=8) for temperature in temperatures]
surprises = [surprise(texts) for texts in strips]
lesson.table(["temperature", "mean surprise in bits", "validity", "for example"],
             [(str(t), s.mean(), word_validity("\n".join(texts), known_words), repr(texts[0][:60]))
              for t, s, texts in zip(temperatures, surprises, strips)])
claim("hotter_is_more_surprising", np.diff([s.mean() for s in surprises[1:]]), ">=", 0.2)


def strip_picture(axes):
    shown = 64
    axes.pcolormesh(np.stack([s[:shown, 0] for s in surprises]), cmap="Blues", vmin=0, vmax=10)
    for row, (texts, s) in enumerate(zip(strips, surprises)):
        for column, letter in enumerate(texts[0][1 : shown + 1]):
            axes.text(column + 0.5, row + 0.5, letter if letter.isprintable() else "\u21b5", family="monospace",
                      ha="center", va="center", fontsize=8, color="white" if s[column, 0] > 6 else "black")
    axes.set(yticks=np.arange(len(strips)) + 0.5, yticklabels=temperatures, ylabel="temperature", xticks=[])
    axes.invert_yaxis()


lesson.plot("temperature", strip_picture, size=(10, 2.2))

# %% [markdown]
# ## What is in the 128 numbers?
#
# The state is a *summary* of everything read so far (and what other nets take a sentence from). It has a fixed size,
# so it must lose something; it is made by training, so it keeps what helps to guess the next letter. How far back does
# it reach? We let the trained net read the held-out text and wipe its memory after every $k$ letters. That is also the
# classic mistake here: not to carry the state. (In training the net hardly ever met an empty memory in mid-text, which
# makes the short spans look worse than they need to be.) **Predict** the $k$ from which on it makes no difference.

# %%
spans = lesson.pick([1, 2, 4, 8, 16, 32], [4, 16])
wiped = {k: bits(data.contiguous(vocab.encode(corpus.valid), streams, k), carry=False) for k in spans}
lesson.table(["memory wiped after", "bits per character"], [*map(list, wiped.items()), ["never", net_bits]])
claim("forgetting_costs", wiped[4] - net_bits, ">=", 0.1)

# %% [markdown]
# ## Is there a scientific way to evaluate it?
#
# **The slides** show what a net invented that had read 7,200 abstracts of papers, and note: "no scientific way to
# evaluate". **What is true**: there are several, and you have **run** two. Bits per character on held-out text is the
# exact price of a message, in the sense of Shannon (1948). Validity and novelty of the samples can be counted. And one
# can ask readers which of two texts a person wrote. Mind that a net which recites its training text has full validity;
# bits on unseen text cannot be fooled like that. So count the recited pieces, too.

# %%
final, grams = "\n".join(samples[updates]), 25
copied = np.mean([final[i : i + grams] in corpus.train for i in range(0, len(final) - grams, grams)])
print(f"pieces of {grams} letters that the net wrote and that stand in the training text: {copied:.0%}")
print(f"the {len(corpus.valid)} letters held out: the net would need {net_bits * len(corpus.valid) / 8:.0f} bytes")

# %% [markdown]
# ## Where this lives in minigrad
#
# `minigrad/nn/recurrent.py` has `GRU`, `minigrad/recurrent/steps.py` its equations. `minigrad/data/batches.py` cuts the
# streams, `minigrad/train.py` is the loop with the progress bar (and with early stopping, which we did not use),
# `minigrad/text/` has the tables of counts and the sampling: `sample_ids` is our loop for a single text. The demo of
# the slides was such a net, too; it printed a sample now and then, and that was the evaluation.
#
# ## What we left out
#
# * When to stop writing: an end marker, or a separate output that says "end" (lesson 13).
# * Words, pieces of words, and how to compare them fairly with letters: lesson 19.
# * What happens with more updates: the net learns the text by heart. Lesson 18 shows it, and the remedies.
# * How a plain RNN and an LSTM do on the same text: lesson 17.

# %% [markdown]
# ## Quiz
#
# 1. Why does a fresh net pay $\log_2 V$ bits?
#
# <details><summary>Answer</summary>
#
# Its readout is nearly 0, so all $V$ letters are equally likely: each has probability $1/V$.
#
# </details>

# %% [markdown]
# 2. The net is trained on windows of 32 letters. Why may it still remember more?
#
# <details><summary>Answer</summary>
#
# The state is carried over, only the gradient is cut. What proves useful within a window stays useful beyond it.
#
# </details>
#
# 3. A model has 2 bits per character. How small would it make a text of 8,000 letters?
#
# <details><summary>Answer</summary>
#
# 16,000 bits, that is 2,000 bytes.
#
# </details>

# %% [markdown]
# 4. What would a temperature of a million do?
#
# <details><summary>Answer</summary>
#
# All scores become nearly equal: the net writes noise, as before training.
#
# </details>
#
# 5. Held-out letters that never occur in training: what does the net pay for them?
#
# <details><summary>Answer</summary>
#
# Much, as it has learned that they do not come; but not infinitely much, because no softmax gives exactly 0.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Fill in a hole, run the cell, and compare with what the lesson printed.
# `python -m lessons exercise 12` copies these and more into files of yours; `check 12` examines them, `hint 12` helps.


# %%
# Exercise 12.1: the probabilities that the sampler draws from. Mind the temperature 0, and scores of 10,000.
def probabilities(scores, temperature):
    raise NotImplementedError("TODO 12.1: softmax of scores / temperature; at 0 all on the largest")


# %%
# Exercise 12.2 (find the bug): this average is wrong when the last window is shorter. Return the right one.
def mean_bits(losses, sizes):
    # return np.mean(losses) / np.log(2)
    raise NotImplementedError("TODO 12.2: losses are means in nats over windows of these sizes")


# %%
# Exercise 12.3: the probability of a whole text, as a number of bits, from the probability of each of its letters.
def bits_of_text(letter_probabilities):
    raise NotImplementedError("TODO 12.3: a product of probabilities is a sum of their logarithms")


# %%
lesson.finish()
