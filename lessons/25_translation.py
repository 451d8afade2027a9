"""25 Decoding and translation
question: how is the likeliest sentence found, and can one net translate between languages it never saw together?
claim: a wider beam finds likelier and shorter translations, not always better ones; a pair never practised can work
check: greedy_misses >= 0.05 and all_is_exact <= 1e-4 and unknown_words == 1 and seen >= 0.8 and
    greedy_is_beam_1 == 1 and below_greedy <= 0.02 and likelier >= 0.03 and shorter >= 0.05 and
    alpha_lengthens >= 0.05 and plain_asked <= 0.5 and asked_gains >= 0.15 and own_picks >= 0.2
data: generated   seconds: 30   fast_seconds: 15
items: H12-H13 K2 K6-K8 O22 R34 R56   needs: 11 12 19 20 23 24
"""

# %% [markdown]
# # 25 Decoding and translation
#
# For twenty years machines translated by *phrases*: cut the sentence into pieces, look each up in a table with
# probabilities, put them in order, and let a language model (lesson 04) judge the result. Then nets came in **inside**
# such systems, as one more judge: the encoder-decoder of Cho and others (2014) only gave scores to pairs of phrases.
# Then it did the whole job, and the tables were gone.
#
# Two things the old systems had that a net has not of itself. They *searched* among many translations, and they ticked
# off every word, so that none was left out. Today: searching with a net, what a net leaves out, and one net for three
# languages.

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
from itertools import product

import numpy as np

import minigrad as mg
import viz
from minigrad import nn, optim, train
from minigrad.data import BPE, WordVocab, in_words, pad_sequences
from minigrad.text import beam_search, coverage_penalty, length_penalty

lesson = kit.begin("25")
LR = 0.01
END = 0  # the id that ends a sentence; in the small examples nothing ends early, so its probability is 0

# %% [markdown]
# ## The mistake that cannot be taken back
#
# A decoder gives the probability of the *next* piece. The slide's trouble with taking the likeliest each time, *greedy*
# decoding: it carries its errors on. Below is a decoder so small that it fits on a page: two letters are to be written,
# of a, b, c; `TREE` says how likely each is, after what has been written.
#
# **Predict** which word greedy writes, which word is the likeliest of the nine, and how wide a beam must be to find it.

# %%
TREE = {"": [0.5, 0.4, 0.1], "a": [0.4, 0.3, 0.3], "b": [0.06, 0.04, 0.9], "c": [0.2, 0.2, 0.6]}
words_of_two = {a + b: TREE[""]["abc".index(a)] * TREE[a]["abc".index(b)] for a, b in product("abc", repeat=2)}


def next_letter(ids, written):
    """One step, as beam_search wants it: the last ids (K,) and what came before them (K, N) -> logits (K, 4), state."""
    written = np.concatenate([written, ids[:, None]], axis=1)
    after = ["".join(" abc"[i] for i in row[1:]) for row in written]
    return np.array([[-np.inf, *np.log(TREE[prefix])] for prefix in after]), written


for width in (1, 2, 9):
    best = beam_search(next_letter, np.zeros((1, 0), int), END, END, max_len=2, width=width)[0]
    print(f"width {width} writes {''.join(' abc'[i] for i in best.ids)}, with probability {np.exp(best.log_p):.3f}")


def draw_tree(ax):
    for row, (word, p) in enumerate(words_of_two.items()):
        color, middle = {"aa": "#d55e00", "bc": "#0072b2"}.get(word, "#8a8a8a"), "abc".index(word[0]) * 3 + 1
        ax.plot([0, 1, 2], [4, middle, row], "--" if word[0] == "c" else "-", color=color, lw=6 * p + 0.8, zorder=9 * p)
        ax.text(2.06, row, f"{word}   {p:.3f}", va="center", color=color)
        ax.text(0.97, middle, f"{word[0]}   {TREE[''][middle // 3]}", ha="right", va="bottom" if middle < 7 else "top")
    ax.set(title="Greedy (orange) takes a and cannot go back; a beam of two (blue) still has b", xlim=(-0.1, 2.7),
           ylim=(8.5, -0.5), yticks=[], xticks=[0, 1, 2], xticklabels=["start", "first letter", "second letter"])


lesson.plot("tree", draw_tree, size=(8, 4.2))

# %% [markdown]
# Greedy is sure of *a*, and pays later: after *a* nothing is likely. **Beam search** keeps the $k$ likeliest beginnings
# side by side, lets each of them go on in every way, and keeps the $k$ likeliest again. The probabilities of a sentence
# are multiplied, so one adds logarithms: $\log P(Y|X) = \sum_t \log P(y_t | y_1 \ldots y_{t-1}, X)$.
#
# ## The slide says / what is true / run this
#
# > **The slide says**: beam search is there to "find most probable path".
#
# **What is true**: it finds a better path, as a rule. Nothing is guaranteed, except at the two ends: $k = 1$ is greedy,
# and $k$ = all beginnings there are is exact. **Run this**: random nets that write 5 letters of 4; all $4^5$ words
# scored one by one, against beams. **Predict** how often a beam of 1, of 2, of 16 finds the likeliest one.

# %%
V, L, widths = 4, 5, (1, 2, 4, 16, 4**5)
every_word = np.array(list(product(range(1, V + 1), repeat=L))).T  # (L, V ** L); 0 is start and end
missed = []
for _ in range(40):
    net = nn.LanguageModel(V + 1, 8, 8, cell="gru", unroll=False)
    for parameter in net.readout.parameters():
        parameter.data[:] *= 4  # surer of itself than random nets are
    net.readout.bias.data[END] = -np.inf
    with mg.no_grad():
        scores = net(np.concatenate([every_word[:1] * 0, every_word[:-1]]))[0][..., 1:]
        one_by_one = -mg.cross_entropy(scores, every_word - 1, reduction="none").numpy().sum(axis=0)
    missed.append([one_by_one.max() - beam_search(net.step, None, END, END, L, width)[0].log_p for width in widths])
missed = np.array(missed)
lesson.table(["width", "finds it", "misses, in log P"], zip(widths, (missed < 1e-4).mean(axis=0), missed.mean(axis=0)))
lesson.check("greedy_misses", np.mean(missed[:, 0] > 1e-4), ">=", 0.05)
lesson.check("all_is_exact", np.abs(missed[:, -1]).max(), "<=", 1e-4)

# %% [markdown]
# Sixteen of the thousand are mostly enough here; and a beam costs as many steps of the net as it is wide. For
# chains, where the next letter depends on the last one alone, the best path *can* be found cheaply, since two
# beginnings that end alike go on alike, and the worse one can be dropped. A recurrent net has no such luck: its state
# remembers all that was written, so no two beginnings are alike.
#
# ## Rare words
#
# Now real words, of which every answer is known: the numbers 0 .. 999 in English, German and Spanish. One number in ten
# is held out, in all three languages. English puts together its numbers of words, and German writes **one** word:
# *vierhundertdreiundzwanzig*, *three-and-twenty* turned round. **Predict** in how many held-out numbers is a word that
# does not occur in the others.

# %%
LANGUAGES = {"en": 1, "de": 2, "es": 3}  # and the id that asks for it
known, held = np.split(lesson.rng.permutation(1000), [900])
words = {language: [in_words(n, language) for n in range(1000)] for language in LANGUAGES}
text = "\n".join(words[language][n] for language in words for n in known)
vocab = BPE(text, 256 + 120)
rows = []
for language in words:
    whole = WordVocab("\n".join(words[language][n] for n in known))  # words, not pieces
    unknown = np.mean([whole.unk in whole.encode(words[language][n]) for n in held])
    rows.append((language, unknown, " | ".join(vocab.pieces(words[language][423]))))
lesson.table(["language", "share with an unknown word", "423 in pieces"], rows)
lesson.check("unknown_words", rows[1][1], "==", 1)

# %% [markdown]
# *All* of them, in German. A vocabulary of words can translate into German only what it has heard already. GNMT,
# Google's system of September 2016 (cited in a deck dated 27 January 2016: that must be 2017), solved its "rare words"
# as we did in lesson 19, by sub-word units: **pieces**, learned from the three languages together, down to single
# bytes. Nothing is unknown.
#
# ## One net, three languages
#
# How do you tell one net which language you want? With one more word: `<2de>`, "to German" (Johnson and others, 2016).
# They put it in front of the source. We use it as the **start id** of the decoder (lesson 23), so the encoder reads the
# same whatever is asked. Its vector, learned like that of any word, is the *language embedding*.

# %%
symbols = [*sorted(set(text.encode())), *range(256, len(vocab))]  # of the 256 bytes only those that occur
ids = {symbol: n for n, symbol in enumerate(symbols, start=4)}


def encoded(texts):
    return [[ids[symbol] for symbol in vocab.encode(text)] for text in texts]


def spelled(written):
    return vocab.decode([symbols[i - 4] for i in written if i > 3])


def batch(rows):
    """Rows (asked for, source, target) -> source (S, B), lengths (B,), what the decoder is fed and is to say (T, B)."""
    asked, sources, targets = zip(*rows)
    source, lengths = pad_sequences(encoded(sources))
    target, _ = pad_sequences([[LANGUAGES[to], *y, END] for to, y in zip(asked, encoded(targets))], value=-1)
    return source, lengths, np.maximum(target[:-1], 0), target[1:]


def losses(net, rows):
    """-log P of each piece, 0 at padding: (T, B)."""
    source, lengths, fed, wanted = batch(rows)
    scores, _ = net.decoder.unroll(fed, net.begin(source, lengths))
    return mg.cross_entropy(scores, wanted, ignore_index=-1, reduction="none")


# %% [markdown]
# The drawing is of a small net, with two pieces of the source on the left and three of the target on the right, where
# `<2de>` is read at $t = 1$. **Predict** which of the three losses teach its vector.

# %%
with mg.default_dtype("float64"):
    small = nn.Seq2Seq(nn.Encoder(6, 3, 2, cell="rnn"), nn.Decoder(6, 3, 2, 2, cell="rnn"))
scores, _ = small.decoder.unroll([[2], [4], [5]], small.begin([[5], [4]]))
lesson.show("asked_for", viz.draw(viz.record(mg.cross_entropy(scores, [[4], [5], [0]])), small, view="cells",
                                  title="<2de> is the first word that the decoder reads",
                                  subtitle="the losses of all three target pieces come back to it, through the states"))

# %% [markdown]
# All three: from each loss there is a way back to $t = 1$. And from there to the encoder, which therefore learns from
# all languages together. So much is shared; now the learning.

# %%
SEEN, UNSEEN = [("en", "de"), ("de", "en"), ("en", "es"), ("es", "en")], [("de", "es"), ("es", "de")]


def rows_of(ways, numbers):
    return [(to, words[source][n], words[to][n]) for source, to in ways for n in numbers]


def untrained():
    mg.manual_seed(lesson.seed)
    encoder = nn.Encoder(len(symbols) + 4, 32, 32, bidirectional=True, cell="gru", unroll=False)
    return nn.Seq2Seq(encoder, nn.Decoder(len(symbols) + 4, 32, 64, 64, cell="gru", attention="dot"))


def translator(ways):
    """A net that has practised each of these directions equally often; and its weights after 50 updates."""
    net, early, rows, rng = untrained(), {}, rows_of(ways, known), np.random.default_rng(lesson.seed)
    updates, optimizer = lesson.pick(42, 18) * len(ways), optim.Adam(net, lr=LR)

    def loss_of(chosen):
        loss = losses(net, [rows[i] for i in chosen])
        return mg.sum(loss) / np.count_nonzero(loss.numpy())

    train.fit(loss_of, [rng.integers(0, len(rows), 40) for _ in range(updates)], optimizer, updates, clip=1.0,
              schedule=optim.CosineLR(optimizer, updates), at={50: lambda _: early.update(net.state_dict())})
    return net, early


def written(net, rows):
    """What it writes, greedily: a text for each row, all of which ask for the same language."""
    source, lengths, fed, _ = batch(rows)
    return [spelled(column) for column in net.generate(source, fed[0, 0], END, 20, lengths).ids.T]


def exact(net, way):
    rows = rows_of([way], held)
    return np.mean([text == row[2] for text, row in zip(written(net, rows), rows)])


# %% [markdown]
# English with German, and English with Spanish, there and back: four directions are learned. German to Spanish never
# is. That is the point of it: with 3 languages there are 6 directions, with 100 there are 9900, and nobody has texts
# for most of those. A second net learns, with as much practice for each direction, three more that cost nothing: each
# language into *itself*.
#
# **Predict** the table for the held-out numbers, exact to the last letter. Will the last two rows be zero?

# %%
(plain, _), (own, early) = translator(SEEN), translator(SEEN + [(one, one) for one in LANGUAGES])
right = {way: [exact(plain, way), exact(own, way)] for way in SEEN + UNSEEN}
lesson.table(["from", "to", "four directions learned", "and three into the same language"],
             [(*way, *[f"{share:.0%}" for share in shares]) for way, shares in right.items()])
lesson.check("seen", np.mean([right[way][1] for way in SEEN]), ">=", lesson.pick(0.8, 0.2))

# %% [markdown]
# What was practised is learned (the fast mode stops half-way). The last two rows are the *zero-shot* ones, and we come
# back to them. First: how was this written? Greedily, all numbers of a direction in one batch. (That, on a GPU, is the
# slide's answer to its first challenge, *speed*. A beam is a batch, too: its $k$ beginnings make one step together.)
#
# ## A wider beam
#
# A net that is sure of all it writes needs no search. So take the second net as it was after 50 updates, when it had
# half an idea. **Predict**, for widths 1, 3 and 10: which of log P, exact translations and length goes up, and which
# goes down?

# %%
half, few = untrained(), held[:20]
half.load_state_dict(early)
rows = rows_of(SEEN, few)
found = {width: [beam_search(half.step, half.begin(*batch([row])[:2]), LANGUAGES[row[0]], END, 20, width, n_best=width)
                 for row in rows] for width in (1, 3, 10)}


def judged(best):
    """Of one hypothesis a row: mean log P, exact, mean number of pieces, and less likely than the greedy one."""
    return np.mean([(one.log_p, spelled(one.ids) == row[2], len(one.ids), one.log_p < first.log_p - 1e-4)
                    for one, row, first in zip(best, rows, greedy)], axis=0)


greedy = [beams[0] for beams in found[1]]
by_width = {width: judged([beams[0] for beams in row]) for width, row in found.items()}
lesson.table(["width", "log P", "exact", "pieces", "below greedy"], [(width, *row) for width, row in by_width.items()])
at_once = [text for way in SEEN for text in written(half, rows_of([way], few))]
lesson.check("greedy_is_beam_1", np.mean([spelled(one.ids) == text for one, text in zip(greedy, at_once)]), "==", 1)
lesson.check("below_greedy", by_width[10][3], "<=", 0.02)
lesson.check("likelier", by_width[10][0] - by_width[1][0], ">=", 0.03)
lesson.check("shorter", by_width[1][2] - by_width[10][2], ">=", 0.05)


# %% [markdown]
# Log P goes up, as it should; the share of exact ones need not follow. And the translations get **shorter**: log P is a
# sum of negative numbers, one for each piece, so whoever stops early has less to pay. It is the same in large systems:
# beyond a width of five or ten translations get worse, since the search gets better at finding what the net should not
# have thought likely.
#
# Is a wide beam ever *worse* than greedy, in the net's own opinion? Hardly ever: the last column is mostly zero. But it
# need not be. A beam may keep other beginnings, for a moment likelier, and drop the one that would have won. Exercise
# 25.4 lets you build that on purpose.

# %% [markdown]
# ## Words that are not translated
#
# "Not translating all words" is the slide's third challenge, and it has two cures, both from GNMT, for ranking what the
# beam brought home:
#
# $$s(Y, X) = \frac{\log P(Y|X)}{lp(Y)} + cp(X, Y) \qquad lp(Y) = \left( \frac{5 + |Y|}{6} \right)^\alpha \qquad
# cp(X, Y) = \beta \sum_s \log \min\left( \sum_t a_{t,s}, \; 1 \right)$$
#
# *Length normalisation* divides by something that grows with the length. The *coverage penalty* asks where attention
# has looked (lesson 24): a source piece $s$ that never got its weights $a_{t,s}$ was not translated. (The phrase tables
# ticked words off.) **Predict** what $\alpha$ and $\beta$ do to the number of pieces, and to the exact ones.

# %%
def best_by(score):
    return judged([max(beams, key=lambda one: (one.finished, score(one))) for beams in found[10]])


ranked = [("alpha", a, *best_by(lambda one, a=a: one.log_p / length_penalty(len(one.ids) + 1, a)))
          for a in (0, 0.6, 1, 2)]
ranked += [("beta", b, *best_by(lambda one, b=b: one.log_p + coverage_penalty(one.weights, b))) for b in (0.2, 1)]
lesson.table(["ranked with", "", "log P", "exact", "pieces", "below greedy"], ranked)
lesson.check("alpha_lengthens", ranked[3][4] - ranked[0][4], ">=", 0.05)


# %% [markdown]
# $\alpha$ can only lengthen: once a longer one has won, a larger $\alpha$ helps it even more. $\beta$ leans the same
# way, as one more step never takes coverage away. But *right* is another matter: does any row beat the first one by
# more than chance would? $\beta$ takes for granted that a word must be looked at to be translated. Our encoder reads
# both ways (lesson 20), so a state knows its neighbours, and attention may well look at one piece and read three. A
# cure fits where its disease is: try it on held-out text before you switch it on. (GNMT set both to 0.2.)
#
# ## Zero-shot
#
# Back to German and Spanish, which the nets have never had to bring together. Each column is an easier question than
# exactness. Is what is written a number *in the language asked for*? And of ten Spanish numbers, with the German one
# before it, does the net find the *right one* likeliest? **Predict** both for both nets.

# %%
def asked_for(net, way):
    """The share of what it writes that is a number in the language that was asked for."""
    return np.mean([text in words[way[1]] for text in written(net, rows_of([way], held))])


def picks(net, way):
    """Of ten translations, the right one and those of nine other numbers: how often is the right one the likeliest?"""
    of, to = (words[language] for language in way)
    with mg.no_grad():
        ten = [losses(net, [(way[1], of[a], to[b]) for a, b in zip(held, np.roll(held, k))]).numpy().sum(axis=0)
               for k in range(10)]
    return np.mean(np.argmin(ten, axis=0) == 0)


zero_shot = [[np.mean([of(net, way) for way in UNSEEN]) for of in (asked_for, exact, picks)] for net in (plain, own)]
lesson.table(["learned", "the language asked for", "exact", "picks it of ten"],
             zip(["four directions", "and three into the same"], *zip(*zero_shot)))
lesson.check("plain_asked", zero_shot[0][0], "<=", 0.5)
lesson.check("asked_gains", zero_shot[1][0] - zero_shot[0][0], ">=", 0.15)
lesson.check("own_picks", zero_shot[1][2], ">=", 0.2)

# %% [markdown]
# The first net mostly does not even do as it is told: after a German number it has only ever had to write English, so
# it writes English, or a mixture; its `<2es>` has never met a German number. Put Spanish into Spanish and German into
# German, and a tag comes to mean what it says, whatever the source. The second net writes the language asked for far
# more often, and picks the right number of ten well above chance. Exact is another matter: rare, though one in a
# thousand would be chance. *Zero-shot* is no magic, and it is not nothing; large nets with many languages get further.
#
# Does the net have a language of its own in between, an *interlingua*? Johnson and others drew the vectors of one
# sentence in several languages, and found them side by side. **Predict**: held-out numbers, as the encoder sees them,
# on the plane in which they differ most. Are they sorted by language, or by number?

# %%
context = np.stack([own.encoder(*batch(rows_of([(one, one)], held))[:2]).context.numpy() for one in LANGUAGES])
centred = context - context.mean(axis=(0, 1))
places = centred @ np.linalg.svd(centred.reshape(-1, 64), full_matrices=False)[2][:2].T  # two principal components


def draw_languages(axes):
    corner = {"en": 0.5 + 0.95j, "de": 0.05 + 0.1j, "es": 0.95 + 0.1j}  # as points of the plane
    for (source, to), shares in right.items():
        along, line = corner[to] - corner[source], "--" if (source, to) in UNSEEN else "-"
        start, end, middle = ((z.real, z.imag) for z in corner[source] + along * np.array([0.15 + 0.03j, 0.85 + 0.03j,
                                                                                           0.5 + 0.1j]))
        axes[0].annotate("", end, start, arrowprops={"arrowstyle": "->", "lw": 2, "ls": line})
        axes[0].text(*middle, f"{shares[1]:.0%}", ha="center", va="center")
    for (language, z), color, marker, its in zip(corner.items(), ["#0072b2", "#d55e00", "#009e73"], "os^", places):
        axes[0].text(z.real, z.imag, language, size=16, weight="bold", color=color, ha="center", va="center")
        axes[1].scatter(*its.T, color=color, marker=marker, s=16, label=language)
    axes[0].set(title="Exact; dashed: never practised", xlim=(-0.1, 1.1), ylim=(-0.1, 1.1), xticks=[], yticks=[])
    axes[1].set(title="The same numbers, in three languages", xticks=[], yticks=[])
    axes[1].legend()


lesson.plot("languages", draw_languages, size=(10, 4.2), ncols=2)

# %% [markdown]
# By both, it seems. The three clouds lie across each other, and yet each language keeps to its own parts of the plane.
# A common tongue is half begun: nothing in the loss asks for it, it only saves work. In the paper, with millions of
# sentences, those with one meaning lie together; and where they did *not*, the zero-shot translation was a poor one.

# %% [markdown]
# ## How far it got
#
# The slides compare three translations of one Chinese sentence: by phrases, by GNMT, and by a human. The phrases are
# each of them right, in an order in which nobody would say them; the net's sentence could be a human's, and raters put
# it in between. That net had 8 layers of LSTM in its encoder and 8 in its decoder, with residual connections (lesson
# 15), attention, and pieces as ours. Which of all this matters? Britz and others trained hundreds of nets for the
# "massive exploration" that the slides cite; among their answers: a well-tuned beam, of 5 to 10, *with* a length
# penalty counts as much as the architecture.
#
# ## Where this lives in minigrad
#
# `beam_search`, `length_penalty` and `coverage_penalty` in `minigrad/text/search.py`, for any model with a step;
# `Seq2Seq.generate` in `minigrad/nn/seq2seq.py` is greedy for a whole batch; the numbers are in
# `minigrad/data/numerals.py`, and `number_words` there makes tagged pairs of them, up to 999,999.

# %% [markdown]
# ## What we left out
#
# * BLEU, the usual measure where many translations are right: shares of common n-grams, times a brevity penalty against
#   those that are too short. Here one answer is right, so we count.
# * Sampling and diverse beams, for texts where the likeliest is dull (lesson 12): a beam repeats itself.
# * Training *with* the beam, so that the right translation does not drop out of it.
# * More text for a pair without any: translate what you have backwards with the net itself, and learn from that.
#
# ## Quiz

# %% [markdown]
# 1. A beam of 10 costs how many steps of the net for a sentence of 8 pieces, and how many does greedy cost?
#
# <details><summary>Answer</summary>
#
# About 80 and 8; but the ten go side by side as one batch, so it takes far less than ten times as long.
#
# </details>
#
# 2. log P of two translations is -2 (4 pieces) and -2.5 (10 pieces). Which wins with $\alpha = 0$, and which with 1?
#
# <details><summary>Answer</summary>
#
# The first, -2 against -2.5. With 1 the second: $-2 / 1.5 = -1.33$ against $-2.5 / 2.5 = -1$.
#
# </details>

# %% [markdown]
# 3. A beam search returns the same sentence for widths 5, 10 and 20. Is it the likeliest one?
#
# <details><summary>Answer</summary>
#
# Probably, and nobody knows. Its beginning may have been dropped at each of the three widths.
#
# </details>
#
# 4. 900 German numbers are 900 different words. Pieces make the vocabulary small. Why do they help the *net*, too?
#
# <details><summary>Answer</summary>
#
# *vier* is one piece in all numbers that have a four. What is learned about it in one number holds in the others.
#
# </details>

# %% [markdown]
# 5. Asked for Spanish, after a German number, the net writes English. Is the tag too weak? What would you add?
#
# <details><summary>Answer</summary>
#
# Practice in which the tag, and not the source, decides: here each language into itself. Then German comes before
# German *and* English, and `<2es>` is all that tells what to do.
#
# </details>
#
# ## Exercises
#
# `python -m lessons exercise 25` copies these and more into files of yours; `check 25` examines them, `hint 25` helps.


# %%
# Exercise 25.1: one step of a beam. log_p (K,) of the beginnings, log_next (K, V) of what may follow each of them.
def beam_step(log_p, log_next, width):
    raise NotImplementedError("TODO 25.1: return which (W,), letter (W,) and the new log_p (W,), best first")


# %%
# Exercise 25.2 (find the bug): ranked with log_p * ((5 + length) / 6) ** alpha, translations become shorter still.
def best_of(log_ps, lengths, alpha):
    raise NotImplementedError("TODO 25.2: the place of the hypothesis with the best score; long ones stand a chance")


# %%
# Exercise 25.3: the coverage penalty. weights (N, S), a row of attention weights for each written piece.
def coverage(weights, beta):
    raise NotImplementedError("TODO 25.3: beta times the sum over the source of log min(what it got, 1)")


# %%
# Exercise 25.4 (make it fail): probabilities with which a beam of this width loses to greedy.
def beam_loses(width):
    raise NotImplementedError("TODO 25.4: a dict {beginning: probabilities} on which this beam loses to greedy")


# %%
# Exercise 25.5 (predict): how wide must a beam be to be exact, for words of `length` letters?
def wide_enough(letters, length):
    raise NotImplementedError("TODO 25.5: the smallest width that is exact, whatever the probabilities are")


# %%
lesson.finish()
