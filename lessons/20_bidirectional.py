"""20 Bidirectional tagging
question: how does a net label a word whose label depends on the words that follow?
claim: a net that reads one way can wait for a known few steps; all that follows takes both ways, and all of the input
check: future_unseen == 0 and future_seen == 1 and both_over_one_way >= 0.04 and both_names >= 0.95
    and one_later_names >= 0.95 and halves_agree <= 1e-12 and staircase_off <= 0.06 and read_alone_costs >= 0.1
    and honest_bits >= 1.95 and cheating_bits <= 0.3 and vectors_help >= 0.03
data: Python's own sources, generated   seconds: 18   fast_seconds: 12
items: A16 A18 A20-A21 D17 E15 H1-H2 I20 J8 L5 M1 O15 R26   needs: 05 06 11 17
"""

# %% [markdown]
# # 20 Bidirectional tagging
#
# "Janet will back the bill": what kind of word is *back*? After *will* it should be a verb; the noun phrase *the bill*
# that follows makes it sure. In "Yesterday, Harry Potter met Hermione Granger", *Harry* may be a first name or all of
# the name, until you have read *Potter* (the slide marks only *Hermione Granger*, as if the other were none, and calls
# it "name entity": *named* entities). And who hears "John said he would obey a rebel" hears, in each sound, some of
# the next one: the mouth is on its way there already (*co-articulation*). Labels, all of them, that hang on what
# **follows**.
#
# Such a label for each step is called a *tag*, and giving it *tagging*. And all our recurrent nets read from left to
# right.

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
from collections import Counter, defaultdict

import numpy as np

import minigrad as mg
import viz
from minigrad import nn, optim, train
from minigrad.data import buckets, dna_motif, pad_sequences, token_roles
from minigrad.data.python_source import ROLES
from minigrad.recurrent import scan
from minigrad.text import Word2Vec

lesson = kit.begin("20")
LR = 0.01
NAMES = range(1, 8)  # of ROLES: DEF, CALL, METHOD, ATTR, TARGET, OBJ, VAR; all others can be told by the token alone

# %% [markdown]
# ## What a name is
#
# Tagged text is rare, except for one language. Python's own library is on your disk, a tokeniser is part of it, and the
# tags follow from the grammar. A name is called (CALL) when a bracket comes after it, and it is a TARGET before `=`, an
# OBJ before a dot; after a dot a METHOD or an ATTR, and again it is the bracket *behind* it that tells which. After
# `def` or `class` it is a DEF, and otherwise a VAR. We learn from some modules and test on others.
#
# Below is the name with the most faces. **Predict** how often you are right about names if you see the name alone and
# say what it is most often. (It will be the first row of a larger table.)

# %%
def lines_of(split, tokens):
    """Lines of at most 25 tokens: (tokens, roles) of each."""
    return [(words, roles) for words, roles in zip(*token_roles(max_tokens=tokens, split=split)) if len(words) <= 25]


with lesson.user_input():  # there are Pythons without their sources: they are told so
    lines, held_out = lines_of("train", lesson.pick(60_000, 30_000)), lines_of("valid", lesson.pick(8_000, 6_000))
met = defaultdict(Counter)
for word, role in [pair for line in lines for pair in zip(*line)]:
    met[word][int(role)] += 1
faces = max(met, key=lambda word: (len(met[word]), met[word].total()))
lesson.table([f"`{faces}` is", "times"], [(ROLES[role], often) for role, often in met[faces].most_common()])
ids = {word: n for n, word in enumerate(sorted(met, key=lambda word: -met[word].total())[:800], start=1)}
BLANK = len(ids) + 1  # what comes after the end; 0 is for all other words

# %% [markdown]
# ## Both ways
#
# The slides: "all RNNs considered up to now: *causal* structure", the state captures "past and present input". The
# cure is a second net, $g$, which reads from the end to the start: its state is a summary of the *future*.
# "Two RNNs, one in each direction, with **different weights**, concatenating their outputs":
#
# $$h_t = \tanh(W x_t + U h_{t-1}) \qquad g_t = \tanh(W' x_t + U' g_{t+1}) \qquad y_t = V\,[h_t, g_t]$$
#
# Two scans and a `concat`, that is all. The picture shows a single loss, at step 2 of 4. **Predict** which of the eight
# states it sends a gradient to, and which way the colour runs in each half.

# %%
with mg.default_dtype("float64"):
    ahead, back, read = nn.RNNCell(3, 2, bias="one"), nn.RNNCell(3, 2, bias="one"), nn.Linear(4, 2)


def halves(xs):
    hs, _ = scan(ahead.advance, xs, ahead.initial(1))
    with mg.scope("reverse"):
        gs, _ = scan(back.advance, xs, [g.named("g") for g in back.initial(1)], reverse=True)
    return hs, gs


def loss_at(t, hs, gs):
    with mg.scope("step", t):
        return mg.cross_entropy(read(mg.concat([hs[t], gs[t]], axis=1)), [t % 2])


xs = [mg.Tensor(lesson.rng.normal(size=(1, 3)), "float64", requires_grad=True, name="x") for _ in range(4)]
lesson.show("both_ways", viz.draw(viz.record(loss_at(1, *halves(xs))), view="cells", title="One loss, at step 2",
                                  subtitle="RNN → has read the past, ← RNN the future"))

# %% [markdown]
# Five of eight: one gradient runs left, into the past, the other one right, into the future. The three others, $h_3$,
# $h_4$ and $g_1$, had no part in what was said at step 2: they are not even in the picture.
#
# ## The slide says / what is true / run this
#
# > **The slide says**, of training: "*Forward:* compute output of both RNNs and combine step by step. *Backward:*
# > compute gradient of both RNNs and combine step by step."
#
# **What is true.** Forwards, yes: no $y_t$ before *both* nets are through. Backwards everything is turned round, the
# order too: **first** the combination hands a gradient to each $h_t$ and each $g_t$, **then** each half does its own
# BPTT, $h$ from the end to the start and $g$ from the start to the end. Nothing of the two is combined, since they have
# different weights; only what goes on to $x_t$, which both have read, is added. **Run this**, in three separate parts.

# %%
hs, gs = halves(xs)
cut = [mg.Tensor(s.numpy(), "float64", requires_grad=True) for s in (*hs, *gs)]  # the same numbers, with no past
local = mg.grad(sum(loss_at(t, cut[:4], cut[4:]) for t in range(4)), cut)  # 1: through the combination
by_ahead, by_back = (mg.grad(sum(mg.sum(s * g) for s, g in zip(states, gradients)), [*cell.parameters(), *xs])
                     for cell, states, gradients in [(ahead, hs, local[:4]), (back, gs, local[4:])])  # 2 and 3
at_once = mg.grad(sum(loss_at(t, hs, gs) for t in range(4)), [*ahead.parameters(), *back.parameters(), *xs])
by_parts = [*by_ahead[:3], *by_back[:3], *(a + b for a, b in zip(by_ahead[3:], by_back[3:]))]  # only dL/dx is a sum
lesson.check("halves_agree", [mg.max(mg.abs(a - b)).item() for a, b in zip(at_once, by_parts)], "<=", 1e-12)

# %% [markdown]
# In TensorFlow one gives `bidirectional_dynamic_rnn` two cells, and it returns a *pair* of outputs that you join
# yourself; who takes the first of them trains half a net. (*One* cell object for both ways is the other classic, and
# there the two halves share their weights. `nn.Bidirectional(cell, cell)` says no.)
#
# ## Who is right
#
# Three GRU taggers (lesson 17), equally many updates: one reads to the right with 64 units; one is asked **one step
# later**, when it has seen the next token already (each line gets a blank at its end); one reads both ways with
# $2 \cdot 32$. **Predict** the three rows: which are equal? And which kinds of names does the first one know?

# %%
def learn(sizes, bidirectional, loss_of, batches, updates, vectors=None):
    mg.manual_seed(lesson.seed)
    net = nn.Tagger(*sizes, cell="gru", bidirectional=bidirectional, unroll=False)
    if vectors is not None:
        net.encoder.embedding = nn.Embedding.from_vectors(vectors)
    train.fit(lambda batch: loss_of(net, batch), batches, optim.Adam(net, lr=LR), updates, clip=1.0)
    return net


def batch_of(chosen, delay=0):
    """Ids (T, B), lengths (B,), and at each step the role of the token of `delay` steps ago (T, B), or -1."""
    x, lengths = pad_sequences([[ids.get(word, 0) for word in words] + [BLANK] * delay for words, _ in chosen])
    return x, lengths, pad_sequences([[-1] * delay + list(roles) for _, roles in chosen], value=-1)[0]


def tagger(updates, bidirectional, delay=0, taught=lines, vectors=None):
    def loss_of(net, rows):
        x, lengths, roles = batch_of([taught[i] for i in rows], delay)
        return mg.cross_entropy(net(x, lengths), roles, ignore_index=-1)

    long, rng = [len(words) for words, _ in taught], np.random.default_rng(lesson.seed)
    sizes = BLANK + 1, 16, 32 if bidirectional else 64, len(ROLES)
    return learn(sizes, bidirectional, loss_of, lambda: buckets(long, 32, rng), updates, vectors)


def right(said, roles):
    """Shares of right answers: of all tokens, of names, of each kind of name."""
    ok = said == roles
    return [ok[roles >= 0].mean(), ok[np.isin(roles, NAMES)].mean(), *[ok[roles == role].mean() for role in NAMES]]


def says(net, delay=0):
    x, lengths, roles = batch_of(held_out, delay)
    with mg.no_grad():
        return net(x, lengths).numpy().argmax(axis=-1), roles


# %%
one_way, later, both = (tagger(lesson.pick(250, 130), *how) for how in [(False,), (False, 1), (True,)])
all_roles = np.concatenate([roles for _, roles in held_out])
usual = [(met[word] or Counter([ROLES.index("VAR")])).most_common(1)[0][0] for words, _ in held_out for word in words]
found = {"the name alone": right(np.array(usual), all_roles), "one way": right(*says(one_way)),
         "one way, one later": right(*says(later, 1)), "both ways": right(*says(both))}
lesson.table(["reads", "all tokens", "names", *[ROLES[role] for role in NAMES]],
             [(name, *[f"{share:.1%}" for share in shares]) for name, shares in found.items()])
lesson.check("both_over_one_way", found["both ways"][0] - found["one way"][0], ">=", 0.04)
lesson.check("both_names", found["both ways"][1], ">=", lesson.pick(0.95, 0.9))
lesson.check("one_later_names", found["one way, one later"][1], ">=", lesson.pick(0.95, 0.9))

# %% [markdown]
# All that the one-way net lacked was **one step away**. No more units and no more practice would help (exercise 20.5
# proves it): the bracket had not been read yet. It knows each DEF, since `def` stands *before*. Of METHOD and ATTR,
# which differ in what comes after, it has to guess the likelier one: it predicts the next token, as a language model
# does.
#
# And did you expect the last two rows to be equal? To wait for one step, with the very same net, is here as good as a
# second net that reads backwards.
#
# ## What did it look at?
#
# Take each answer's score and ask for its gradient with respect to each token's vector (lesson 14): how much would the
# answer change with that token? One row for each answer, one column for each token of a line. **Predict** the three
# pictures: where is there exactly nothing, and how wide is what the net that may look at *everything* really looks at?

# %%
shown = ["self", ".", "size", "=", "max", "(", "self", ".", "size", ")"]


def looks(net, delay=0):
    """How much each answer depends on each token: (answers, tokens), the largest in a row is 1."""
    x = net.encoder.embedding(np.array([[ids.get(word, 0)] for word in shown] + [[BLANK]] * delay))
    best = mg.max(net.readout(net.encoder.layers(x)[0]), axis=-1)[delay:, 0]  # the scores of the answers given
    rows = np.stack([np.linalg.norm(mg.grad(best[t], [x])[0].numpy()[:10, 0], axis=-1) for t in range(10)])
    return rows / rows.max(axis=1, keepdims=True)


seen = {"one way": looks(one_way), "one way, one later": looks(later, 1), "both ways": looks(both)}
future = np.tri(10) == 0
near = np.tri(10, k=1) * np.tri(10, k=1).T > 0  # itself and both neighbours
lesson.check("future_unseen", seen["one way"][future].max(), "==", 0)
lesson.check("future_seen", (seen["both ways"][future] > 0).mean(), "==", 1)
lesson.check("looks_near", seen["both ways"][near].mean() / seen["both ways"][~near].mean(), ">=", 3)


def draw_looks(axes):
    for ax, (name, rows) in zip(axes, seen.items()):
        ax.imshow(np.where(rows > 0, rows, np.nan), cmap="Blues", vmin=-0.15, vmax=1)
        ax.set(title=name, xticks=range(10), xticklabels=shown, xlabel="token that is read", yticks=range(10),
               yticklabels=shown)
        ax.tick_params(axis="x", rotation=60)
    axes[0].set_ylabel("token whose role is said")


lesson.plot("looks", draw_looks, size=(11, 4.3), ncols=3)

# %% [markdown]
# White is *exactly* zero: the future of the first, and of the second all but one step of it. The third may look
# anywhere, and does, very faintly; what counts for it is a band some three tokens wide. The tags are in fact a matter
# of the token before, the token itself and the token after. (Do not read too much into it, though. A net that has
# learned nothing looks near, too, since gradients fade on a long way: lesson 14. Set `LR = 1e-12` and see.)
#
# ## How long must one wait?
#
# So is reading backwards a luxury? That depends on *how far ahead* the answer stands. DNA: mark the bases of each
# `TAAACG` (the slide's motif). Half of the sites are fakes: their last base is not G. **Predict**: a net is asked for
# a base as soon as it has read it, or 1, 2, ... 6 bases later. How often is it right, on the bases of a site? (It can
# be computed. At the last base of a site all is known at once. And at the first?)

# %%
def sites(count, rng):
    """Bases (16, count), what is in a motif, and what is in a motif or a fake."""
    x, marks = (part[1::2].T.copy() for part in dna_motif(2 * count, 16, rng))  # every second one has the motif
    site = marks.copy()
    for b in range(0, count, 2):
        last = np.flatnonzero(marks[:, b])[5::6]
        x[last, b], marks[:, b] = (x[last, b] + rng.integers(1, 4)) % 4, False
    return x, marks, site


def marked(net, x, waits):
    """Scores (waits, T, B): output d is said d steps later, about the base of d steps ago. 4 is no base."""
    y = net(np.concatenate([x, np.full((waits - 1, x.shape[1]), 4)]))
    return mg.stack([y[d : d + len(x), :, d] for d in range(waits)])


def spotter(waits, bidirectional, batches):
    return learn((5, 16, 20, waits), bidirectional, lambda net, batch: mg.bce_with_logits(
        marked(net, batch[0], waits), mg.Tensor(np.stack([batch[1]] * waits))), batches, len(batches))


# %%
batches = [sites(32, lesson.rng) for _ in range(lesson.pick(350, 200))]
spots, spots_both = spotter(7, False, batches), spotter(1, True, batches)
x, marks, site = sites(2000, np.random.default_rng(lesson.seed + 1000))
with mg.no_grad():
    waiting, (at_once_both,) = [[(said == marks)[site].mean() for said in marked(net, x, waits).numpy() > 0]
                                for net, waits in ((spots, 7), (spots_both, 1))]
theory = [min(1, 1 / 2 + (d + 1) / 12) for d in range(7)]
lesson.table(["bases it waits", "one way, right", "computed"], zip(range(7), waiting, theory))
lesson.check("staircase_off", np.abs(np.subtract(waiting, theory)).max(), "<=", 0.06)
lesson.check("at_once_both", at_once_both, ">=", 0.95)


def draw_waiting(ax):
    ax.step(np.arange(-0.5, 7.5), [theory[0], *theory], color="#999999", label="all that can be known")
    ax.plot(waiting, "o", color="#0072B2", label="one way, measured")
    ax.plot(0, at_once_both, "D", color="#D55E00", label="both ways, without waiting")
    ax.set(title="A base more to wait, a base more to know", xlabel="bases to wait", ylabel="right answers in sites")
    ax.legend(loc="lower right")


lesson.plot("waiting", draw_waiting)

# %% [markdown]
# Of a site's six bases a net that waits $d$ steps knows $d+1$ for sure, and tosses a coin for the others: a staircase,
# up to five. (It is one net with seven answers.) Reading both ways it knows them all.
#
# "Correct interpretation of the current sound as a phoneme may depend on next **few** phonemes", says a slide, and
# "bidirectional RNN: invented to address that need". For a *known few*, waiting does it, and it works on a live
# microphone. Who must know *all* that follows, or cannot say how far ahead, needs both ways: in handwriting the dots
# over the i's, set when the word is finished; in translation a German verb.
#
# ## A word at a time
#
# Somebody puts the tagger that reads both ways into an editor, which gives it the tokens as they are typed, one or two
# at a time, and carries the state on, as in lesson 12. **Predict**: an error? And how good is it now, beside the
# one-way net?

# %%
def in_chunks(net, k):
    x, lengths, roles = batch_of(held_out)
    said, state = [], None
    for start in range(0, len(x), k):
        part = x[start : start + k]
        y, state = net.encoder.layers(net.encoder.embedding(part), state, np.clip(lengths - start, 0, len(part)))
        said.append(net.readout(y).numpy().argmax(axis=-1))
    return right(np.concatenate(said), roles)[1]


with mg.no_grad():
    chunked = {k: (in_chunks(one_way, k), in_chunks(both, k)) for k in (1, 2, 5, 25)}
lesson.table(["tokens at a time", "one way, names", "both ways, names"], [(k, *pair) for k, pair in chunked.items()])
lesson.check("chunks_do_not_matter", np.ptp([pair[0] for pair in chunked.values()]), "<=", 1e-3)
lesson.check("read_alone_costs", chunked[25][1] - chunked[1][1], ">=", 0.1)

# %% [markdown]
# No error. It answers, and badly: its backward half has not read any future, and starts, worse, from a state that was
# carried over from the *past*. So take the slide's condition by its word: "**If** possible (complete input sequence
# available), use bidirectionality". Whoever *writes* a sequence, word by word or stroke by stroke, never has it:
# handwriting can be *recognised* both ways, and *generated* one way only (lesson 13).
#
# ## The net that predicts coin tosses
#
# Random DNA: the next base cannot be guessed, no net can be better than $\log_2 4 = 2$ bits. **Predict** how many bits
# a net that reads both ways needs for the *next* base.

# %%
def next_base(net, x):
    return mg.cross_entropy(net(x[:-1]), x[1:])


dna = lesson.rng.integers(0, 4, (lesson.pick(150, 120), 16, 32))  # so many batches of 32
honest, cheat = (learn((4, 16, 20, 4), two, next_base, dna, len(dna)) for two in (False, True))
with mg.no_grad():
    bits = [next_base(net, lesson.rng.integers(0, 4, (16, 2000))).item() / np.log(2) for net in (honest, cheat)]
lesson.table(["reads", "bits for the next base"], zip(["one way", "both ways"], bits))
lesson.check("honest_bits", bits[0], ">=", 1.95)
lesson.check("cheating_bits", bits[1], "<=", 0.3)

# %% [markdown]
# It has *read* the next base, with its other half: the answer was among the inputs. (Only for the last one it has to
# guess.) The loss looks splendid, and the net is good for nothing. Whenever a loss is too good to be true, ask whether
# the answer can be reached. (`nn.LanguageModel(..., bidirectional=True)` is refused, for this reason.) Tagging is
# another thing: the tag is not in the input.
#
# ## Few tags, much text
#
# The slide's tagger (Jurafsky, figure 9.8) has "pre-trained word embeddings as inputs". Why? Tags cost
# money, text is free. Give the tagger 50 tagged lines only; its words start at random vectors, or at those that
# skip-gram (lesson 05) has learned from *all* lines, without their tags. **Predict** where the difference is largest.

# %%
few = [lines[i] for i in lesson.rng.permutation(len(lines))[:50]]
sentences = [[ids.get(word, 0) for word in words] for words, _ in lines]
company = Word2Vec(BLANK + 1, 16, counts=np.bincount(np.concatenate(sentences), minlength=BLANK + 1), rng=lesson.rng)
train.fit(company.loss, lambda: company.batches(sentences, 512, window=2), optim.Adam(company, lr=2 * LR), 150)
vectors = company.input.weight.numpy()
new, rows = ~np.isin(batch_of(held_out)[0], [0, *np.unique(batch_of(few)[0])]), []  # 0 is also the padding
for name, start in [("random", None), ("from skip-gram", vectors / vectors.std())]:  # as large as the random ones
    said, roles = says(tagger(80, True, 0, few, start))
    rows.append((name, *right(said, roles)[:2], (said == roles)[new].mean()))
lesson.table(["vectors at first", "all tokens", "names", "words not in the tagged lines"], rows)
lesson.check("vectors_help", rows[1][3] - rows[0][3], ">=", 0.03)

# %% [markdown]
# The last column says why. A word that is in none of the 50 lines has a random vector in the first row, about which
# nobody has ever learned anything. Skip-gram has put it near the words that keep the same company, and some of *those*
# were tagged.
#
# ## Where this lives in minigrad
#
# `nn.Bidirectional(ahead, back, merge="concat")` in `minigrad/nn/wrappers.py` for any two cells; `nn.RNN`, `nn.LSTM`
# and `nn.GRU` with `bidirectional=True` in `minigrad/nn/recurrent.py`; `nn.Tagger` on top. All of them take `lengths=`,
# which turns each sequence round inside its own length (lesson 11).

# %% [markdown]
# ## What we left out
#
# * Two layers: with `num_layers=2` the second reads, at each step, what *both* halves of the first one said. Lesson 21.
# * Tags that depend on each other (a name that goes on must have begun): a conditional random field over the scores.
# * Text that fills its own gaps: hide a word and tell it from both sides. It is the honest way to learn from both sides
#   without tags, since the hidden word is *not* among the inputs; much of what came after recurrent nets stands on it.
# * In between: wait for a chunk, read that one both ways, and so on.
#
# ## Quiz

# %% [markdown]
# 1. The state is $H$ wide in each direction. How many columns has the output, and how many times as many weights are
#    there as in one direction?
#
# <details><summary>Answer</summary>
#
# $2H$ columns, twice the weights. The read-out reads twice as much, too.
#
# </details>
#
# 2. A line has four tokens. The loss is that of token 2 alone. Which states of the backward half get a gradient?
#
# <details><summary>Answer</summary>
#
# $g_2$, $g_3$ and $g_4$: $g_2$ has been made of the later ones. $g_1$ comes after all of them and had no part in it.
#
# </details>

# %% [markdown]
# 3. Which is computed first on the way back, the gradient of $h_4$ or that of $g_1$?
#
# <details><summary>Answer</summary>
#
# Either. Both are where their BPTT begins, and it needs only what came through the combination at that step.
#
# </details>
#
# 4. Live subtitles: sounds come in, and each word may appear half a second late at most. What do you build?
#
# <details><summary>Answer</summary>
#
# A one-way net that answers half a second later, or one that reads chunks of that length both ways. One that reads the
# whole speech backwards could begin when the speech is over.
#
# </details>

# %% [markdown]
# 5. A net predicts tomorrow's price from prices, both ways, with an error of nearly nothing. What has happened?
#
# <details><summary>Answer</summary>
#
# Its backward half has read tomorrow's price. It stands in the same row of the table, one column further.
#
# </details>
#
# ## Exercises
#
# `python -m lessons exercise 20` copies these and more into files of yours; `check 20` examines them, `hint 20` helps.


# %%
# Exercise 20.1: both ways by hand. `step(x, state)` and `back(x, state)` give the new state; xs is a list.
def both_ways(xs, step, back, h, g):
    raise NotImplementedError("TODO 20.1: for each step (h_t, g_t), where g_t has read xs[t] and all that follow")


# %%
# Exercise 20.2 (find the bug): answers that come `delay` steps late are compared with the wrong labels.
def late_targets(labels, delay):
    raise NotImplementedError("TODO 20.2: for each of the T + delay steps the label that is to be said there, or -1")


# %%
# Exercise 20.3: from tags to names. B begins one, I goes on, O is outside: B I O B I -> (0, 2), (3, 5).
def names_of(tags):
    raise NotImplementedError("TODO 20.3: for each name its first place, and the place after its last")


# %%
# Exercise 20.4 (predict): how often is a net right that waits `delay` steps, on the bases of a site of m bases?
def share_right(m, delay):
    raise NotImplementedError("TODO 20.4: half of the sites are fakes in their last base; see the staircase")


# %%
# Exercise 20.5 (make it fail): two lines that no one-way net can both tag, alike in the first k tokens.
def same_past(k):
    raise NotImplementedError("TODO 20.5: two lists of tokens; the k-th is a name with another role in each")


# %%
lesson.finish()
