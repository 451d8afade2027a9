"""10 Shapes of sequence tasks
question: which tasks can one and the same recurrent net learn, and what has to be changed for each?
claim: where something goes in and where the net is asked is all that changes; no answer comes before what it rests on
check: film_in_step >= 0.95 and film_activity >= 0.85 and single_frames <= 0.5 and reviews >= 0.95 and
    bag_of_words <= 0.8 and gradient_of_the_sum ~= 1 and never_asked >= 1.25 and tune_notes >= 0.95
    and posterior_error <= 0.08 and first_base_in_step <= 0.3 and first_base_delayed >= 0.9 and canon_notes >= 0.95
    and slide_cost_and_change == 0 and mended >= 0.9 and maze_memory >= 0.9 and maze_blind <= 0.6
data: generated   seconds: 40   fast_seconds: 15
items: A1 A11-A15 A17-A19 A25 C11 C22 H14 M6 O6-O7 R40 R52   needs: 03 06 07
"""

# %% [markdown]
# # 10 Shapes of sequence tasks
#
# Lesson 06 had one kind of task: something goes in at every step, and an answer comes out at every step. The world
# has more kinds than that:
#
# | what is known | what is wanted |
# |---|---|
# | spoken words, a signal, an electrocardiogram | a text, "normal", "call a doctor" |
# | "This movie is really, really fantastic." | five stars |
# | a video | "running"; or, for each frame, what is being done |
# | a genome: AAGTCTAACGTAAACGTCCCT | which bases belong to a motif: ..........TAAACG..... |
# | an image | "man in black shirt is playing guitar." |
# | ¿Estás disfrutando de esta clase? | Are you enjoying this class? |
# | the opening of a tune; a time series so far | the rest of it |

# %% [markdown]
# Does each of them need a net of its own? Today there is **one** class `Net`, six lines with an Elman net in them, and
# it does them all. You will see that a *shape* is not a property of the net. It is a decision about two things: at
# which steps something goes **in**, and at which steps somebody **asks**, that is, hangs on a loss.

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
import numpy as np

import minigrad as mg
import viz
from minigrad import nn, optim
from minigrad.data import dna_motif, sentiment

lesson = kit.begin("10")
SIDE, MOVES = 5, np.array([[0, 1], [0, -1], [1, 0], [-1, 0]])
TUNES = {"Ode to Joy": "33455432112332", "Frère Jacques": "12311231345345", "Twinkle": "11556654433221",
         "Mary": "32123332223553", "Row your boat": "11123323455555"}
REVIEWS = ["the plot is not very good but the music is lovely",
           "the plot is not very good although the music is lovely"]
PATTERNS = {"One to one": ([0], [0]), "One to many": ([0], range(4)), "Many to one": (range(4), [3]),
            "Many to many, in step": (range(4), range(4)), "Many to many, delayed": ([0, 1], [2, 3])}


def film(count, rng, frames=8):
    """x (frames, count, 25), and the way that led to each frame, 0 .. 3; nobody asks at the first."""
    at, way = rng.integers(0, SIDE, (count, 2)), rng.integers(0, 4, count)
    x, d = np.zeros((frames, count, SIDE * SIDE)), np.full((frames, count), -1)
    for t in range(frames):
        x[t, range(count), at @ [SIDE, 1]] = 1
        d[t] = way if t else -1
        way = np.where(rng.random(count) < 0.3, rng.integers(0, 4, count), way)
        outside = ((at + MOVES[way] < 0) | (at + MOVES[way] >= SIDE)).any(axis=1)
        way = np.where(outside, way ^ 1, way)  # 0 and 1 are opposite, and so are 2 and 3
        at = at + MOVES[way]
    return x, d


def reviews(texts, answers, every=False):
    """x (T, B, words) one-hot; d: the answer at the last word of each review, or at every word."""
    split = [text.split() for text in texts]
    x = np.zeros((max(map(len, split)), len(texts), len(WORDS)))
    d = np.full(x.shape[:2], -1)
    for b, words in enumerate(split):
        x[range(len(words)), b, [WORDS.index(word) for word in words]] = 1
        d[0 if every else len(words) - 1 : len(words), b] = answers[b]
    return x, d


def bag(x, d):
    return x.sum(axis=0)[None], d.max(axis=0)[None]

# %% [markdown]
# ## Five shapes
#
# The net always gives scores at every step. We write the labels down in an array `d` with a row for each step, and
# write **-1 where nobody asks**; `ignore_index=-1` leaves these losses out. Where nothing goes in, the input is a zero
# vector: $W_{hx} 0 = 0$, so the state moves on by itself.
#
# The slides' diagrams, in from below, answers on top: **one to one** (any ordinary net), **one to many** (image to
# caption), **many to one** (review to stars), **many to many in step** (a class for each frame), and **delayed** (read
# first, then answer: translation, where the answer may have another length).

# %%
class Net(nn.Module):
    def __init__(self, n_in, classes, hidden=32, **options):
        self.rnn = nn.RNN(n_in, hidden, bias="one", unroll=False, **options)
        self.out = nn.Linear(hidden, classes)

    def forward(self, x):  # (T, B, n_in) -> (T, B, classes): scores at every step, asked or not
        return self.out(self.rnn(x)[0])


def asked(scores, d):
    return mg.cross_entropy(scores, d, ignore_index=-1)


def train(net, x, d, updates, lr=0.01, loss=asked):
    """Adam on batches of 64 of the N sequences x (T, N, n_in) and their labels d (T, N). Returns the net."""
    rng, optimizer = np.random.default_rng(lesson.seed), optim.Adam(net, lr=lr)
    for _ in lesson.progress(range(updates), "training"):
        some = rng.integers(0, x.shape[1], 64)
        value = loss(net(mg.Tensor(x[:, some])), d[:, some])
        optimizer.zero_grad()
        value.backward()
        optim.clip_grad_norm(net.parameters(), 1.0)  # a gradient that is too long is shortened: lesson 14
        optimizer.step()
    return net


def scores_of(net, x):
    with mg.no_grad():
        return net(mg.Tensor(x)).numpy()


def right(net, x, d):
    """The share of right answers, where somebody asked."""
    return (scores_of(net, x).argmax(axis=-1) == d)[d >= 0].mean()


def chance_of_1(net, x):
    """Of two classes, the softmax of the second one."""
    scores = scores_of(net, x)
    return 1 / (1 + np.exp(scores[..., 0] - scores[..., 1]))


# %% [markdown]
# The five pictures come from one function and five pairs: the steps at which something goes in, and the steps at which
# the net is asked. Coloured arrows are the gradient on its way back from the loss.
#
# **Predict**, before you look: in which of them is the gradient at the *first* state the work of one single answer, and
# in which do all answers have a share in it?

# %%
cell, read = nn.RNNCell(3, 4, bias="one"), nn.Linear(4, 2)


def unrolled(ins, asks):
    h, losses = cell.initial(1)[0], []
    for t in range(max(asks) + 1):
        with mg.scope("step", t):
            x = mg.Tensor(lesson.rng.normal(size=(1, 3)) * (t in ins), name="x" if t in ins else "0")
            h = cell(x, h)
            if t in asks:
                losses.append(mg.cross_entropy(read(h), [1]))
    return sum(losses[1:], losses[0])


for number, (name, plan) in enumerate(PATTERNS.items(), start=1):
    lesson.show(f"shape_{number}", viz.draw(viz.record(unrolled(*plan)), view="cells", title=name))

# %% [markdown]
# In the first and the third a single answer teaches the first state, in the other three all do. *Many to one* is what
# the slides call the one-output RNN: all learning has to come back along the whole chain. *Delayed* is many to one
# followed by one to many, "encode input sequence into a single vector, produce output sequence from the single input
# vector". The slides take two nets for that, as lesson 23 will; here one does both.
#
# Why wait at all? Take the title of a joke, which the slides translate: "How many programmers for changing a lightbulb
# ?" is 8 words and signs, and so it is in German, French and Spanish. In Basque it is 6, "Zenbat bonbilla bat aldatzeko
# programatzaileak ?", and the programmers come last. Word for word, in step, is impossible.

# %% [markdown]
# ## One film, three shapes
#
# A dot walks over a floor of five by five squares (`film`, above); now and then it turns, and at a wall it has to.
# **Frame classification**: which way has it just gone? In step, a label for each frame. **Activity recognition**: is it
# *running* (most of its seven moves sideways) or *jumping* (most of them up or down)? Many to one, a single label for
# the film, as in the slides' "running". And the shape without time, one to one: which way, from a *single frame*?
#
# **Predict** the three. Guessing is right in about 25, 50 and 25 of 100 cases. And think about the third: why will it
# be better than guessing all the same?

# %%
def at_the_end(labels, steps):
    return np.concatenate([np.full((steps - 1, len(labels)), -1), labels[None]])


def three_shapes(x, d):
    jumps = (d[1:] >= 2).sum(axis=0) >= 4
    return {"in step": (x, d), "many to one": (x, at_the_end(jumps * 1, 8)),
            "one to one": (x[1:].reshape(1, -1, 25), d[1:].reshape(1, -1))}


# %%
test, films = three_shapes(*film(1000, np.random.default_rng(lesson.seed + 1000))), {}
for name, (x, d) in three_shapes(*film(2000, lesson.rng)).items():
    net = train(Net(25, d.max() + 1), x, d, lesson.pick(600, 250))
    films[name] = right(net, *test[name])
lesson.check("film_in_step", films["in step"], ">=", 0.95)
lesson.check("film_activity", films["many to one"], ">=", lesson.pick(0.85, 0.8))
lesson.check("single_frames", films["one to one"], "<=", 0.5)

# %% [markdown]
# The same class, the same frames, other places where somebody asks. A single frame does not say where the dot came
# from; what it does say is that a dot at the left wall has not just come from the left. So it beats guessing a little,
# and that is all there is to be had without a memory.
#
# ## Many to one: praise or blame?
#
# Two slides have reviews: "This movie is really, really fantastic." has five stars, and five tweets go to airlines:
# "Never again BA, thanks for the dreadful flight" is negative, "Efficient, quick, delightful, always with BA" positive.
# In both the words alone give it away. Ours do not: *the plot is not very good **but** the music is lovely* is praise,
# the same words with **although** are blame, and so are *the music is lovely **but** the plot is not very good*.
#
# A **bag of words** only counts words: to the same `Net` it is one step. **Predict** what it gets.

# %%
shown = sentiment(3000, lesson.rng, split="train")
WORDS = sorted(set(" ".join(shown.texts).split()))
new = sentiment(1000, lesson.rng, split="valid")
unseen, all_words = reviews(*new), reviews(*new, every=True)
jobs = {"the last word": (reviews(*shown), unseen), "every word": (reviews(*shown, every=True), unseen),
        "bag of words": (bag(*reviews(*shown)), bag(*unseen))}
readers, heard = {}, {}
for name, (data, exam) in jobs.items():
    readers[name] = train(Net(len(WORDS), 2), *data, lesson.pick(1000, 700))
    heard[name] = right(readers[name], *exam)
lesson.table(["asked at", "right about unseen reviews"], heard.items())
lesson.check("reviews", heard["the last word"], ">=", 0.95)
lesson.check("bag_of_words", heard["bag of words"], "<=", 0.8)

# %% [markdown]
# Half of the reviews have one clause; of the others a bag knows nothing, however long it learns: $50 + 25 = 75$ of 100
# is its limit, and no training changes that. (Reviews have different lengths, and nothing was done about it: the -1 of
# `d` also stands for "the review is over". Lesson 11 looks closer.)
#
# ## Combining losses
#
# One net was asked at the end, the other at *every* word: "what do you think so far?" Where there are several losses,
# they have to become one number. The slides: $L = \sum_t L_t$ with $L_t = -\log p(y_t \mid x_1, \dots, x_t)$, which is
# $-\sum_i y_i \log \hat y_i$ for one-hot $y$; other slides take averages. Same minimum, if all lengths are equal. (One
# deck stops at a $J_t$ for each step: what is trained is their sum or mean, over $t$ as well.)
#
# **Predict** how the length of the gradient goes with the length of the film: for the sum, the mean, and the last loss.

# %%
fresh, rows = Net(25, 4).astype("float64"), []
W_hh = fresh.rnn.cells[0].weight_hh
for frames in (6, 21, 81):
    x, d = film(1, lesson.rng, frames)
    scores = fresh(mg.Tensor(x, "float64"))
    losses = [mg.cross_entropy(scores, d, ignore_index=-1, reduction="sum"), asked(scores, d), asked(scores[-1], d[-1])]
    rows.append((frames, *[np.linalg.norm(mg.grad(loss, [W_hh])[0].numpy()) for loss in losses]))
lesson.table(["frames", "sum", "mean", "last alone"], rows)
lesson.check("gradient_of_the_sum", [total / mean / (frames - 1) for frames, total, mean, _ in rows], "~=", np.ones(3))

# %% [markdown]
# The gradient of the sum is that of the mean times the number of questions, 80 for a film of 81 frames. The sum grows
# with the length, if less than 80-fold, since the gradients of an untrained net point in many directions; the mean
# shrinks for the same reason. Neither is wrong. But whoever changes the length of the sequences, or mean to sum, has
# changed the size of each step. (minigrad's `cross_entropy` takes the mean of what was asked.)
#
# Now let both nets read aloud, word by word. After "the plot is" nobody can know: 50 %. **Predict** which of the two
# says so. And if *every* word counts: which of them is worse than a coin, which always says 50 % and has $\ln 2$?

# %%
losses = [asked(readers[name](mg.Tensor(all_words[0])), all_words[1]).item() for name in list(readers)[:2]]
lesson.table(["asked at", "loss at every word"], [*zip(readers, losses), ("none, says 50 %", np.log(2))])
lesson.check("never_asked", losses[0] / losses[1], ">=", 1.25)



def draw_reading(axes):
    for ax, text in zip(axes, REVIEWS):
        for (name, net), look, colour in zip(readers.items(), ["o-", "s--"], ["#0072B2", "#D55E00"]):
            ax.plot(chance_of_1(net, reviews([text], [0])[0])[:, 0], look, color=colour, label=f"asked at {name}")
        ax.set(title=f"Chance of praise, word by word: {text.split()[6]}", ylim=(-0.05, 1.05), yticks=[0, 0.5, 1])
        ax.set_xticks(range(len(text.split())), text.split(), rotation=45, ha="right")
        ax.axhline(0.5, color="#999999", lw=0.8)
    axes[0].legend(loc="lower right")


lesson.plot("reading", draw_reading, size=(11, 3.8), ncols=2)

# %% [markdown]
# The net that was asked at every word has learned to say "I do not know yet": its loss is smallest if it says the true
# chance. After the first clause that would be 1 to 3 (it may be over, or turn round). At *but* all is clear: before it
# stood blame. The other net was never asked in the middle. What it shows there is no opinion, only what its readout
# makes of a state on its way, and worse than a coin: sure of itself, and often wrong. **A net answers only where it was
# asked.** At the last word both are good, and whether you need the others is a question to you, not to the net.
#
# ## One to many
#
# "Image captioning: image to sentence" is the slides' example ("man in black shirt is playing guitar.", "construction
# worker in orange safety vest is working on road.", "two young girls are playing with lego toy."). We let the net sing:
# the *title* goes in at the first step, then nothing for 13 steps. It is to give 14 notes.
#
# **Predict**: "Twinkle" begins 1 1 5 5. The input is zero both times. How can the net say 1, 1 and then 5?

# %%
titles, notes = np.zeros((14, 5, 5)), np.array([[int(note) for note in tune] for tune in TUNES.values()]).T
titles[0] = np.eye(5)
singer = train(Net(5, 8), titles, notes, lesson.pick(400, 200))
lesson.table(["title", "sung"], [(name, "".join(map(str, tune)))
                                 for name, tune in zip(TUNES, scores_of(singer, titles).argmax(axis=-1).T)])
lesson.check("tune_notes", right(singer, titles, notes), ">=", 0.95)

# %% [markdown]
# The state does not hold the tune; it holds *which* tune and *where* we are, and every state leads to the next one. The
# tunes themselves are in the weights. With five titles there is nothing unseen to test on: this is learning by heart. A
# picture in place of the title makes it a captioner, and then unseen pictures are the test: lesson 26.
#
# ## Delayed by a little: DNA
#
# The slide: in AAGTCTAACG**TAAACG**TCCCT the motif TAAACG is to be marked. Each base gets a label, so it looks like a
# task in step. Our sequences have 21 bases, too, and every second one has the motif planted.
#
# **Predict** what a net in step says at the first base, T. And what it makes of the slide's TAACG, just before.

# %% [markdown]
# You can compute it. Before you look, the chance that the motif begins right here is about 1/32: one half, times one in
# sixteen places. Each base that fits is 4 times as likely inside the motif as by chance, so after $n$ fitting bases the
# odds are about $4^n/32$ to 1. Six answers: 1/8, 1/2, 2, 8, 32, 128 to 1.
#
# So in step, the first two bases *cannot* be marked, by any net whatever. Unless it may **wait**: at step $t$ it is
# asked about base $t - k$. With a delay of $k$, base $i$ has $n = \min(i + k, 6)$. One table then holds for all delays.
# **Predict** where in the picture (place in the motif, delay) equal numbers stand.

# %%
def dna(ids, marks, delay):
    x, d = np.zeros((21 + delay, len(ids), 4)), np.full((21 + delay, len(ids)), -1)
    x[:21], d[delay:] = np.eye(4)[ids.T], marks.T
    return x, d


learn, held = (dna_motif(count, 21, lesson.rng, split=part) for count, part in [(4000, "train"), (2000, "valid")])
once, slide = held.marks.sum(axis=1) == 6, np.array([["ACGT".index(base) for base in "AAGTCTAACGTAAACGTCCCT"]])
delays, said, marked = lesson.pick(range(6), (0, 2, 5)), [], []
for delay in delays:
    net = train(Net(4, 2), *dna(*learn, delay), lesson.pick(500, 250))
    said.append(chance_of_1(net, dna(*held, delay)[0])[delay:].T[once][held.marks[once]].reshape(-1, 6).mean(axis=0))
    p = chance_of_1(net, dna(slide, slide, delay)[0])[delay:, 0]
    marked.append((delay, "".join(np.where(p > 0.5, "^", "."))))
fits = np.minimum(np.add.outer(delays, range(1, 7)), 6)
expected = 4.0**fits / (32 + 4.0**fits)
lesson.table(["delay", "AAGTCTAACGTAAACGTCCCT"], marked)
lesson.check("posterior_error", np.abs(said - expected).mean(), "<=", 0.08)
lesson.check("first_base_in_step", said[0][0], "<=", 0.3)
lesson.check("first_base_delayed", said[-1][0], ">=", 0.9)


def draw_dna(ax):
    ax.imshow(said, cmap="Blues", vmin=0, vmax=1.4, aspect="auto")
    for (row, place), p in np.ndenumerate(expected):
        ax.text(place, row, f"{said[row][place]:.2f}  ({p:.2f})", ha="center", va="center")
    ax.set(title="The chance that this base is in the motif: said by the net (computed)", ylabel="delay in steps")
    ax.set_xticks(range(6), [f"{base}\nbase {i}" for i, base in enumerate("TAAACG", start=1)])
    ax.set_yticks(range(len(delays)), delays)


lesson.plot("dna", draw_dna, size=(8, 4))

# %% [markdown]
# Nobody told the nets about odds; asked often enough, they say the true chance. It depends only on how much of the
# motif has been seen, so equal numbers stand on the diagonals: *a step of delay is worth a base*. In step, the decoy
# TAA in the slide's own sequence may get a mark, at odds of 2 to 1, which a patient net does not give. (A net that
# reads from both sides need not wait: lesson 20.) So before you choose a shape: **at which step is the answer known?**
#
# ## Delayed until everything is read: music
#
# Four notes are played, any four of eight. Then the net goes on by itself, with nothing to hear: it has to play the
# same bar one note higher, and so on up. Now the whole input must fit into the state. One opening in eight is never
# shown in training (its first three notes add up to a multiple of 8). **Predict**: can it play on from those?

# %%
bar = lesson.rng.integers(0, 8, (4, 4000))
x, d = np.zeros((11, 4000, 8)), np.full((11, 4000), -1)
x[:4], d[3:] = np.eye(8)[bar], np.concatenate([bar + 1, bar + 2]) % 8
new = bar[:3].sum(axis=0) % 8 == 0
player = train(Net(8, 8, hidden=48), x[:, ~new], d[:, ~new], lesson.pick(600, 300))
lesson.check("canon_notes", right(player, x[:, new], d[:, new]), ">=", 0.95)

# %% [markdown]
# It can. Nothing was learned by heart here: the net copies, shifts and keeps time, for any opening. Real music, text
# and speech go one better: each note that was played is the next input (lessons 07 and 12).
#
# ## The slide says / what is true / run this
#
# > **A training script says:** `hidden_size, output_size = 5, 1`, ten inputs, 20 steps, a `BasicRNNCell` with relu in
# > an `OutputProjectionWrapper`, `cost = -reduce_sum(y*log(...)) #softmax cost`, Adam with 0.001, `epochs = 1000`
# > batches of 50.
#
# The wrapper is just what `Net` has at its end: a `Linear` on each state (`nn.ProjectionCell`). The 1000 "epochs" are
# updates, one batch each (64 here; with `--fast` fewer and larger steps). And the bug is that of lesson 03: a softmax
# over **one** column is always 1. The script has no data; ours: has the first of the ten numbers grown since the step
# before? **Predict** cost and accuracy.

# %%
def slide_cost(scores, y):
    return mg.mean(-mg.sum(mg.Tensor(y[..., None]) * mg.log(mg.softmax(scores))))


def yes_or_no(scores, y):
    return mg.bce_with_logits(scores, mg.Tensor(y[..., None]))


x = lesson.rng.normal(size=(20, 4000, 10))
y, rows = (np.diff(x[..., 0], axis=0, prepend=0) > 0) * 1.0, []
for loss in (slide_cost, yes_or_no):
    net = Net(10, 1, hidden=5, nonlinearity="relu")
    before = [p.numpy().copy() for p in net.parameters()]
    train(net, x[:, 1000:], y[:, 1000:], lesson.pick(1000, 300), lr=lesson.pick(0.001, 0.003), loss=loss)
    moved = max(np.abs(p.numpy() - old).max() for p, old in zip(net.parameters(), before))
    scores, wanted = net(mg.Tensor(x[:, :1000])), y[:, :1000]
    rows.append((loss.__name__, loss(scores, wanted).item(), moved, np.mean((scores.numpy()[..., 0] > 0) == wanted)))
lesson.table(["cost", "its value after training", "largest change of a weight", "right"], rows)
lesson.check("slide_cost_and_change", rows[0][1:3], "==", 0)
lesson.check("mended", rows[1][3], ">=", 0.9)

# %% [markdown]
# The cost is 0 from the first update: a perfect log, and a net that was never trained. A cost that is *exactly* 0 is
# never good news. With one column, a sigmoid (`bce_with_logits`); with a softmax, two columns or more.
#
# ## A shape without labels: a game
#
# Another slide beats people at Super Smash Bros. Melee (Firoiu 2017): frames in, buttons out at each step, and nobody
# says which button was right; there are only points. A tiny one, the **T-maze**: a sign at the entrance says left or
# right, then a corridor, then a junction. Turn the right way and the reward is 1, else 0.
#
# Many to one, with the loss of REINFORCE: try an action $a$ by the net's own chances, and make it likelier if its
# reward was above the average, $L = -(R - \bar R) \log p(a)$. **Predict** the reward of a net that sees it all, and of
# one that sees the junction alone.

# %%
def by_reward(scores, sign):
    """The label is never used but to hand out rewards."""
    tried = (lesson.rng.random(sign.shape[1]) < mg.softmax(scores[-1]).numpy()[:, 1]) * 1
    reward = (tried == sign[-1]) * 1.0
    return mg.mean(mg.cross_entropy(scores[-1], tried, reduction="none") * mg.Tensor(reward - reward.mean()))


sign, x = lesson.rng.integers(0, 2, 2000), np.zeros((6, 2000, 3))
x[0, range(2000), sign], x[-1, :, 2] = 1, 1  # the sign, four steps of corridor, the junction
tries = [(seen, at_the_end(sign, len(seen))) for seen in (x, x[-1:])]
rewards = [right(train(Net(3, 2, hidden=16), *data, 150, loss=by_reward), *data) for data in tries]
lesson.check("maze_memory", rewards[0], ">=", 0.9)
lesson.check("maze_blind", rewards[1], "<=", 0.6)

# %% [markdown]
# Nobody ever told the net what to do at the junction, and it knows. Without a memory of the sign it tosses a coin.
#
# ## Where this lives in minigrad
#
# `minigrad/nn/models.py` has each shape with a name: `Classifier` (many to one), `Tagger` (in step), `captioner` (one
# to many), `encoder_decoder` (delayed, two nets). `cross_entropy` in `minigrad/ops/loss.py` knows `ignore_index` and
# `reduction`; the generators are in `minigrad/data/labelled.py`.
#
# ## What we left out
#
# * Outputs whose length the net decides itself: lesson 13. Two nets, and attention: lessons 23 and 24.
# * Labels without a place, "these words were said somewhere in this recording": the CTC loss of speech recognition.
# * Games that take more than one decision, where a reward has to be shared out over many actions.
#
# ## Quiz

# %% [markdown]
# 1. Which shape is it: (a) a spam filter for mails, (b) subtitles for a recording, (c) a poem about a given word, (d)
# today's weather from today's satellite picture?
#
# <details><summary>Answer</summary>
#
# (a) many to one, (b) delayed, (c) one to many, (d) one to one.
#
# </details>
#
# 2. In one to many, the input is zero from step 2 on. Why is the output not the same from step 2 on?
#
# <details><summary>Answer</summary>
#
# The state moves on by itself, $h_t = \tanh(W_{hh} h_{t-1} + b_h)$, and the output is read from the state.
#
# </details>

# %% [markdown]
# 3. You cut your sequences in half, and the cost is a sum over the steps. What else have you changed?
#
# <details><summary>Answer</summary>
#
# The size of the gradient, and with plain SGD the size of each step: half as many terms are added up.
#
# </details>
#
# 4. Part-of-speech tagging: "the old man the boat". In step or delayed?
#
# <details><summary>Answer</summary>
#
# Delayed, or read from both sides: that "man" is a verb is known only after it.
#
# </details>

# %% [markdown]
# 5. A net that was trained with a loss at the last step only is asked in the middle, and is very sure. What do you do?
#
# <details><summary>Answer</summary>
#
# Nothing with that number: it was never asked there, so its readout was never fitted to such states.
#
# </details>
#
# ## Exercises
#
# `python -m lessons exercise 10` copies these and more into files of yours; `check 10` examines them, `hint 10` helps.


# %%
# Exercise 10.1: let the net wait. x (T, B, I) and labels d (T, B), both `delay` steps longer afterwards.
def delayed(x, d, delay):
    raise NotImplementedError("TODO 10.1: nothing more to hear at the end, nobody asks at the beginning")


# %%
# Exercise 10.2 (predict): the smallest delay with which all bases of a motif get more than even odds.
def smallest_delay(steps, bases):
    raise NotImplementedError("TODO 10.2: the odds of the first base are the worst")


# %%
# Exercise 10.3 (find the bug): the script's cost for scores (T, B, 1) and answers y (T, B, 1), 0 or 1.
def cost(scores, y):
    raise NotImplementedError("TODO 10.3: repair np.mean(-np.sum(y * np.log(softmax(scores)), axis=-1))")


# %%
# Exercise 10.4: the gradient of REINFORCE with respect to the scores (B, A), for actions and rewards (B,).
def score_gradient(scores, actions, rewards):
    raise NotImplementedError("TODO 10.4: the gradient of -log p(a), times how much better than average it was")


# %%
lesson.finish()
