"""19 Words, characters, in between
question: into which pieces should a text be cut, and how can models that cut it differently be compared at all?
claim: perplexity misleads, and who need not pay for unknown words looks best by knowing least; in bits per character of
    the same text, all words paid for, pieces of words beat letters at equal updates, though letters learn more
check: one_word_free <= 0.3 and free_falls >= 0.2 and paid_is_the_other_way >= 0.1 and never_seen_unknown >= 0.1 and
    unknown_words >= 0.05 and come_back == 3 and bpe_unknown == 0 and bpe_512 <= 0.6 and
    vocabulary_share >= 0.99 and learned >= 0.5 and pieces_beat_letters >= 0.05 and letters_learn_most >= 0.5 and
    letters_steps >= 3 and perplexity_misleads >= 10 and words_paid >= 0.25 and taught == 1 and one_row <= 0.55 and
    letter_bag <= 0.9 and wugs >= 0.95
data: Python's own help texts, or --text FILE   seconds: 25   fast_seconds: 10
items: C15 I9-I11 I18 L7 R12   needs: 04 12 17 18
"""

# %% [markdown]
# # 19 Words, characters, in between
#
# Lesson 12 read letters. Most of the slides read words. One of them lists a third way, *subwords*, "somewhere in
# between the two above", and says of it: "Seem to perform better than both". Better by which measure? A model of words
# gives 5,000 opinions where a model of letters gives 20,000, about other things.
#
# Today the same text is cut in four ways. You find a measure that is fair to all four, and on the way you build the
# best language model in the world, by the measure that many a table of results has used.

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
import numpy as np

import minigrad as mg
import viz
from minigrad import data, nn, optim, train
from minigrad.text import NGram, Speller, sample_ids, score, unknown_pieces

lesson = kit.begin("19")

# %% [markdown]
# ## Four ways to cut
#
# * **Letters**, the slide: "very small vocabulary", "doesn't require word embeddings". And: long sequences.
# * **Words** that occur at least twice. All others become `<UNK>`, unknown. (A word carries the blank before it, so
#   that nothing gets lost between words.)
# * **Hybrid**, the slide: "Word-level by default, switching to character-level for unknown tokens".
# * **Subwords**, the slide: "Keep W most frequent words. Keep S most frequent syllables. Split the rest into
#   characters", and its example, `dre+ am+ wo+ rks: in+ te+ ra+ cti+ ve:`. We take the usual way today, *byte-pair
#   encoding* (BPE), which finds its pieces by counting.
#
# **Predict** how each one cuts the slide's four words, and which of them cannot give the text back.

# %%
streams, window = lesson.pick(16, 8), 64
corpus = lesson.corpus(2 * streams * window)
text, held = corpus.train[: lesson.pick(80_000, 40_000)], corpus.valid[: lesson.pick(12_000, 6_000)]
with lesson.user_input():
    known = "".join(sorted(set(corpus.train + corpus.valid)))
    vocabs = {"letters": data.CharVocab(known), "words": data.WordVocab(text, least=2),
              "hybrid": data.HybridVocab(f"{text}\n{known}", least=2), "BPE": data.BPE(text, lesson.pick(768, 512))}
ids = {name: vocab.encode(held) for name, vocab in vocabs.items()}
back = {name: vocab.decode(ids[name]) == held for name, vocab in vocabs.items()}
unknown = unknown_pieces(vocabs["words"], held)


def claim(*check):
    """A check, unless the text is one of yours: of that nothing is promised."""
    if not lesson.text:
        lesson.check(*check)


for name, vocab in vocabs.items() if not lesson.text else ():
    slide = "new company dreamworks interactive"
    cut = ["<UNK>" if i == vocab.unk else piece for piece, i in zip(vocab.pieces(slide), vocab.encode(slide))]
    print(f"{name:8}", "|".join(cut))
lesson.table(["cut", "vocabulary", "pieces of the held-out text", "characters a piece", "comes back"],
             [(name, len(vocabs[name]), len(cut), len(held) / len(cut), back[name]) for name, cut in ids.items()])
print("unknown to `words`, the first:", *unknown[:7])

# %% [markdown]
# Look at the hybrid's row: one mark opens the spelling, then come the letters, then another mark. BPE needs no marks,
# since letters are among its pieces. Both lose nothing. Only `words` does: every piece that it does not know comes back
# as `<UNK>`. **Predict** how many of all *words* (digits, signs and blanks not counted) these are.

# %%
strange, all_words = (sum(piece.strip().isalpha() for piece in pieces) for pieces in (unknown, data.split_words(held)))
claim("unknown_words", strange / max(all_words, 1), ">=", 0.05)
lesson.check("come_back", sum(back.values()), "==", 3)

# %% [markdown]
# ## The best model in the world
#
# Take lesson 04's table of pairs, for words. What does it pay for the held-out text, in bits per character? The slides'
# vocabularies hold the most frequent words and `<UNK>`; so let us choose how many. **Predict** how the bits change when
# the vocabulary shrinks: from all words of the text, to those seen twice, to 100, to 10, to **one**.

# %%
def pays(vocab, n):
    """Bits per character of the held-out text by counting n pieces in a row: `<UNK>` is a piece like any other."""
    return NGram(n).fit(vocab.encode(text), len(vocab)).bits(vocab.encode(held)) / len(held)


def spelling(vocab):
    """What the letters of an unknown word cost: word -> nats. Learned from those of the training text."""
    return Speller(unknown_pieces(vocab, text) or vocab.symbols[1:]).nats


sizes = {"all": data.WordVocab(text), "seen twice": vocabs["words"]}
sizes |= {n: data.WordVocab(text, n) for n in (100, 10, 1)}
share = [len(unknown_pieces(vocab, held)) / len(vocab.encode(held)) for vocab in sizes.values()]
free = np.array([pays(vocab, 2) for vocab in sizes.values()])
paid = free + [sum(map(spelling(v), unknown_pieces(v, held))) / np.log(2) / len(held) for v in sizes.values()]
lesson.table(["words", "of the pieces are <UNK>", "bits per character"], zip(map(str, sizes), share, free))
claim("one_word_free", free[-1], "<=", 0.3)
claim("free_falls", free[:-1] - free[1:], ">=", 0.2)

# %% [markdown]
# The fewer words it knows, the "better" it gets. It hardly ever errs: the next piece is `<UNK>`, and the next one too.
# With no words at all it would be perfect. Nothing is wrong with the arithmetic; but from its message nobody can get
# the text back. **Whoever says `<UNK>` has not said what the word is.**
#
# So make it say it: after `<UNK>` the word is *spelled*, letter by letter, with an end mark, by a second table of
# counts that has learned from the rare words of the training text (`Speller`; $P(\text{UNK}) \cdot P(\text{letters})$
# is the probability of a word). **Predict** the second curve. Where is it lowest, and what will the row `all` do, which
# has never met an unknown word?

# %%
def two_curves(axes):
    axes.plot(range(5), free, "o--", color="#d55e00", label="unknown words are free")
    axes.plot(range(5), paid, "s-", color="#0072b2", label="unknown words are spelled")
    axes.fill_between(range(5), free, paid, color="#0072b2", alpha=0.1)
    axes.set(xticks=range(5), xticklabels=[f"{name}\n{s:.0%} unknown" for name, s in zip(sizes, share)], ylim=(0, None),
             xlabel="words in the vocabulary", ylabel="bits per character", title="The same table of counts, twice")
    axes.legend(loc="lower left")


lesson.plot("unknown", two_curves)
claim("paid_is_the_other_way", paid[-1] - paid[1], ">=", 0.1)
claim("never_seen_unknown", paid[0] - paid[1], ">=", 0.1)

# %% [markdown]
# Now the order is the other way round: the more words it knows, the less it pays. But for the first row: with *every*
# word of the training text in the vocabulary, `<UNK>` never occurs in training. The table takes it for impossible, and
# has no rare words left to learn spelling from. A vocabulary needs words that it does **not** know: hence
# `least=2`. This is the mistake that is made most often with word models.
#
# ## Pieces by counting
#
# BPE starts with single bytes. It joins the pair of neighbours that is most frequent into a new piece, and again, until
# the vocabulary is as large as you like. **Predict** the first five pieces, in a text of programmers. And: what does
# it do with a word in an alphabet that the text never had?

# %%
vocab = vocabs["BPE"]
print("the first pieces:", *map(repr, (piece.decode(errors="replace") for piece in vocab.symbols[256:276])))
foreign = "crème brûlée, груша, 梨, 🍐"
print(len(foreign), "characters,", len(vocab.encode(foreign)), "pieces, and back:", vocab.decode(vocab.encode(foreign)))
claim("bpe_unknown", len(unknown_pieces(vocab, held + foreign)), "==", 0)
by_size = {size: len(data.BPE(text, size).encode(held)) / len(held) for size in (256, 320, 512, 1024)}
lesson.table(["size", "pieces a character"], by_size.items())
claim("bpe_512", by_size[512], "<=", 0.6)

# %% [markdown]
# Long blanks, frequent words, endings: nobody told it of syllables. Each doubling of the vocabulary saves less.
# Letters that it has never seen are read as their bytes, two to four each: not short, but never unknown. (Our `letters`
# would refuse them, by name. "The alphabet" is not such a small vocabulary, if you mean all alphabets: Unicode has
# some 150,000 characters.) So it is a matter of *price*: how much vocabulary for how much length?
#
# ## What a word costs
#
# > **The slide says** $h_t$: $n_h \times 1$, $U$: $n_h \times n_x$, $V$: $n_y \times n_h$, and "vocabulary size
# > $n_V > 100000$"
#
# The input is one-hot and the output a softmax, so $n_x = n_y = n_V$. (An embedding, $n_V \times n_e$ in front of a
# $U$ of $n_h \times n_e$, is the usual way to make that smaller.) **Predict** which share of all numbers in such a net
# belongs to the vocabulary, with our sizes.

# %%
embed, hidden = lesson.pick((48, 96), (32, 64))
gru = sum(weight.size for weight in nn.GRU(embed, hidden).parameters())
counts = {n: n * (embed + hidden + 1)  # for each word a row of the embedding, a row of the read-out, its bias
          for n in (*(len(vocab) for vocab in vocabs.values()), 100_000)}
lesson.table(["vocabulary", "numbers for it", "numbers in the GRU", "share of the vocabulary"],
             [(n, count, gru, count / (count + gru)) for n, count in counts.items()])
claim("vocabulary_share", counts[100_000] / (counts[100_000] + gru), ">=", 0.99)

# %% [markdown]
# With 100,000 words nearly *all* of the net is vocabulary, most of it for words that are seen a few times, and each
# guess multiplies $h$ by all of $V$. That is what makes people cut words.
#
# ## The race
#
# Four nets, equal in all but the cut: the same GRU, the same text, the same number of updates, and **the same number of
# characters in an update**, so that the windows of the letters are the longest. The words' net pays a `Speller` for
# unknown words. `score` adds up what each one pays for the *whole* held-out text.
#
# Three columns want a prediction: **perplexity** (among how many equally likely pieces is the net in doubt, on
# average), **bits per character**, and the steps that the recurrent net has to take, one after the other, in an update.

# %%
def learn(name):
    mg.manual_seed(lesson.seed)
    stream = vocabs[name].encode(text)
    net = nn.LanguageModel(len(vocabs[name]), embed, hidden, cell="gru", unroll=False)
    steps = max(1, round(window * len(stream) / len(text)))  # as many pieces as make `window` characters
    updates = lesson.pick(3, 2) * len(text) // (streams * window)

    def loss_of(batch, state=None):
        scores, state = net(batch.inputs, state)
        return mg.cross_entropy(scores, batch.targets), state

    adam = optim.Adam(net, lr=0.02)
    falling = optim.WarmupLR(adam, 10, after=optim.CosineLR(adam, updates, lowest=0.001))
    train.fit(loss_of, data.contiguous(stream, streams, steps), adam, updates, carry=True, clip=1.0, schedule=falling,
              model=net)
    return net, steps


with lesson.user_input():
    nets, steps = (dict(zip(vocabs, column)) for column in zip(*map(learn, vocabs)))
spell = spelling(vocabs["words"])
scores = {name: score(nets[name], vocabs[name], held, spelling=spell) for name in vocabs}
unpaid = score(nets["words"], vocabs["words"], held, free_unknown=True)
bits = {name: found.bits_per_char for name, found in scores.items()}
extra = bits["words"] - unpaid.bits_per_char
blind = {name: np.log2(len(vocabs[name])) * len(ids[name]) / len(held) + extra * (name == "words") for name in vocabs}
lesson.table(["cut", "steps", "perplexity", "bits per character", "untrained", "counting 3"],
             [(name, steps[name], found.perplexity, bits[name], blind[name],
               pays(vocabs[name], 3) + extra * (name == "words")) for name, found in scores.items()])
print("words, unknown ones free:", unpaid)

# %% [markdown]
# *Untrained* says what all pieces equally likely would cost, $\log_2 n_V$ a piece; *counting 3* is a table of three
# pieces in a row. (It is not beaten everywhere. Our nets are young; lesson 12's took thousands of updates to lead.)
# Compare perplexity and bits before you read on.

# %%
claim("learned", min(blind[name] - bits[name] for name in vocabs), ">=", 0.5)
claim("letters_steps", steps["letters"] / steps["words"], ">=", 3)
claim("perplexity_misleads", scores["words"].perplexity / scores["letters"].perplexity, ">=", 10)
claim("letters_learn_most", blind["letters"] - bits["letters"] - (blind["BPE"] - bits["BPE"]), ">=", 0.5)
claim("pieces_beat_letters", bits["letters"] - bits["BPE"], ">=", 0.05)
claim("words_paid", bits["letters"] - bits["words"], ">=", 0.25)

# %% [markdown]
# **Perplexity has it upside down.** The letters' net is in doubt among a dozen pieces, the words' net among hundreds,
# and yet the words' net needs fewer bits for the text: its doubts come less often. Perplexities, and losses "per
# token", compare only models with the same vocabulary. Bits per character of the same text compare all.
#
# > **The slide says** of letters "faster to train", of subwords "seem to perform better than both"
#
# **What is true** of the first: the softmax is smaller, but an update takes most steps, and after equal updates the
# net is behind. And yet it *learned* far more than the net of BPE, if you compare with *untrained*: it had to learn to
# spell. What BPE knows about the inside of words was counted, not trained: before the first update it led by more.

# %% [markdown]
# Of the second: better than letters, yes, after so few updates. Better than words? That depends on what you call a word
# model. The unpaid one leads by far, and that lead is worth nothing. The one that pays...
#
# ...is no word model any more. A net for words *and* a speller for the unknown: that **is** the slide's hybrid, in two
# parts; `hybrid` above is the same idea in one stream, whose net must learn the spelling itself, from few updates. The
# one in two parts is hard to beat here, for its speller is a table of counts, and tables learn fast from little text.
# We had expected the payment to throw the words back behind the letters. It did not: our text is short, and letters
# need much of it. (Lesson 12's net read ten times as much.)
#
# Where does each one pay? One line of the held-out text, cut as each cuts it; dark is dear. **Predict** where the
# letters' net pays most within a word.

# %%
@mg.no_grad()
def prices(name, text):
    """Where the pieces end, and the bits for each character; the marks of the hybrid have no width."""
    vocab, cut = vocabs[name], vocabs[name].encode(text)
    losses = mg.cross_entropy(nets[name](cut[:-1, None])[0][:, 0], cut[1:], reduction="none").numpy()
    bits = np.array([np.log(len(vocab)), *losses]) / np.log(2)
    bits += [spell(piece) / np.log(2) if i == vocab.unk else 0 for piece, i in zip(vocab.pieces(text), cut)]
    width = np.array([0 if piece in ("<SPELL>", "</SPELL>") else len(piece) for piece in vocab.pieces(text)])
    return np.cumsum(width), np.repeat(bits / np.maximum(width, 1), width)


line, shown = held[: held.rfind(" ", 0, 460)], 76


def strips(axes):
    priced = [prices(name, line) for name in vocabs]
    axes.imshow([cost[-shown:] for _, cost in priced], cmap="Blues", vmin=0, vmax=8, aspect="auto",
                interpolation="nearest", extent=(0, shown, 4, 0))
    for row, (ends, cost) in enumerate(priced):
        axes.vlines(ends - len(cost) + shown, row + 0.03, row + 0.97, color="#d55e00", lw=1.2)
        for place, letter in enumerate(line[-shown:]):
            axes.text(place + 0.5, row + 0.5, letter if letter.isprintable() else "\u21b5", family="monospace",
                      ha="center", va="center", fontsize=8, color="white" if cost[place - shown] > 5 else "black")
    axes.set(yticks=np.arange(4) + 0.5, yticklabels=vocabs, xticks=[], xlim=(0, shown),
             title="Bits per character: white 0, darkest 8 and more; orange lines are the cuts")


lesson.plot("prices", strips, size=(12, 2.4))

# %% [markdown]
# Letters: mostly dear where a word begins, for there the guess is open; inside of a word one follows from the other, as
# far as the net has learned to spell. Whoever has the word as one piece pays once, and the rest of it is free. And the
# words' net: an unknown word is its dearest moment. (The hybrid's marks have no width and are not seen.)
#
# "Low fluency (many words can be gibberish)", says the slide of letters. Let each net write. **Predict** which one
# invents words, and which one cannot.

# %%
for name, net in nets.items():
    written = sample_ids(net.step, None, ids[name][:1], 160 if name == "letters" else 70, 0.7, lesson.rng)
    print(f"{name:8} {vocabs[name].decode(written)[:90]!r}")

# %% [markdown]
# ## Words read by their letters
#
# Size, regularisation and ensembles were three of four pieces of advice (Jozefowicz et al., 2016; lesson 18). The
# slide's number 3 was "CNN vs embedding: character-level CNN models can be used on front-end". *Front-end* means: in
# place of the table of word vectors. Filters slide over the letters of a word, and each keeps its **largest** answer;
# `Highway` layers mix these, and out comes the word's vector.
#
# Here is one filter of width 2, untrained, on the word *wugs* with its two end marks. $e$ are the letters' vectors, $a$
# is the filter's answer for each two neighbours. The loss asks for a verb, *are*. **Predict** how many of the five
# answers get a gradient.

# %%
alphabet = data.CharVocab("abcdefghijklmnopqrstuvwxyz", ends=True)
letters, two, verb = nn.Embedding(len(alphabet), 3), nn.Linear(6, 1), nn.Linear(1, 2)
letters.weight.name, two.weight.name, two.bias.name = "E", "W_filter", "b_filter"
e, answers = [], []
for t, letter in enumerate(alphabet.encode("wugs", ends=True)):
    with mg.scope("step", t):
        e.append(letters([letter]).named("e"))
        if t:
            answers.append(mg.tanh(two(mg.concat(e[-2:], axis=1))).named("a"))
loss = mg.cross_entropy(verb(mg.max(mg.stack(answers), axis=0).named("max")), [1]).named("L")
lesson.check("taught", sum(g.item() != 0 for g in mg.grad(loss, answers)), "==", 1)
lesson.show("one_filter", viz.draw(viz.record(loss), view="ops", title="A filter of width 2 reads wugs"))

# %% [markdown]
# One: a filter learns only from the place where it answers loudest, the others get exactly 0. So each of many filters
# comes to look for something of its own. And what is learned about two letters is learned for *all* words that have
# them.
#
# "This is a wug. Now there are two ..." In 1958 Jean Berko showed children animals that do not exist. They had never
# heard the word, and all said *wugs*. They had not learned words by heart, they had learned endings.
#
# The same test for nets: does *is* or *are* follow? Nouns are made up: half have the plural's `s`; a quarter have no
# `s` at the end; and a quarter end in `us`, like *bus*, which is singular. 200 to learn from, 1000 new ones as exam.
# **Predict** the table: a row of vectors for known words, and filters of width 1, 2 and 3. How many letters does a
# filter have to see? (`nn.spell` turns words into rows of letters; `nn.Sequential` runs one layer after the other.)

# %%
def nouns(count, rng):
    """Made-up words; 1 for plural."""
    stems = ["".join(rng.choice([*"bdfgklmnprst"]) + rng.choice([*"aeiou"]) for _ in range(rng.integers(1, 4)))
             + rng.choice([*"bdgklmnprt"]) for _ in range(count)]
    return [stem + ("s", "", "s", "us")[i % 4] for i, stem in enumerate(stems)], 1 - np.arange(count) % 2


def wug_test(front, read):
    """The share that is right of the words learned from, and of new ones. read: words -> what the front end takes."""
    mg.manual_seed(lesson.seed)
    net, rng = nn.Sequential(front(), nn.Linear(16, 2)), np.random.default_rng(lesson.seed)
    (old, old_answers), (new, new_answers) = nouns(200, rng), nouns(1000, rng)
    learned = read(old, old)
    train.fit(lambda _: mg.cross_entropy(net(learned), old_answers), [0], optim.Adam(net, lr=0.02), 60, progress=False)
    with mg.no_grad():
        return [np.mean(net(x).numpy().argmax(axis=1) == answers)
                for x, answers in ((learned, old_answers), (read(new, old), new_answers))]


def filters(width):
    return wug_test(lambda: nn.CharCNN(len(alphabet), 8, {width: 24}, 16), lambda words, _: nn.spell(words, alphabet))


table = wug_test(lambda: nn.Embedding(201, 16), lambda words, old: [old.index(w) + 1 if w in old else 0 for w in words])
wugs = {"table of words": table, **{f"filters of width {width}": filters(width) for width in (1, 2, 3)}}
lesson.table(["front end", "words it learned from", "new words"], [(name, *row) for name, row in wugs.items()])
lesson.check("one_row", wugs["table of words"][1], "<=", 0.55)
lesson.check("letter_bag", wugs["filters of width 1"][1], "<=", 0.9)
lesson.check("wugs", [wugs[f"filters of width {width}"][1] for width in (2, 3)], ">=", 0.95)

# %% [markdown]
# The table learned all 200 by heart and tosses a coin for the rest: all new words are one row, `<UNK>`, and that row
# was never trained. Filters of width 1 see which letters a word has, and not where; an `s` may stand anywhere. Width 2
# is enough, which you may not have expected: `us` and then the end are three signs, but `ks`, `ms`, `ts` give the
# plural away.
#
# So no word is unknown any more? **On the way in**. On the way out there still is a softmax over known words, and
# `<UNK>`, and a speller to be paid. And there is a price in time: convolutions over every letter of every word. It
# pays where the vocabulary is huge: the table grows with $n_V$, the filters do not.
#
# ## Where this lives in minigrad
#
# `minigrad/data/words.py` and `bpe.py` cut; `minigrad/text/measure.py` has `score` and `Speller`; and
# `minigrad/nn/chars.py` has `CharCNN` and `Highway`. `nn.LanguageModel(..., embedding=CharCNN(...))` reads letters.

# %% [markdown]
# ## What we left out
#
# * A `CharCNN` in the race. At so few updates it learns more slowly than the table. Try it in full mode, with more.
# * A text can be cut by BPE in several ways; `score` pays for one. The true price, the sum over all, is a little lower.
# * Syllables, word stems, pieces chosen by likelihood (unigram models, Kudo, 2018): other ways to choose pieces.
# * A neural speller that knows the sentence (Luong and Manning, 2016).
# * Translation, where rare words matter most: lesson 25.
#
# ## Quiz

# %% [markdown]
# 1. Paper A: "perplexity 60, 10,000 words". Paper B: "perplexity 90, 50,000 words", the same text. Which is better?
#
# <details><summary>Answer</summary>
#
# Nobody can know. A smaller vocabulary has more `<UNK>`, which are cheap. Ask both for bits per character, all paid.
#
# </details>
#
# 2. A vocabulary holds every word of the training text. What goes wrong?
#
# <details><summary>Answer</summary>
#
# `<UNK>` never occurs in training, so the net learns that it never comes. In use it does.
#
# </details>

# %% [markdown]
# 3. BPE with 256 symbols on an English text: what is that?
#
# <details><summary>Answer</summary>
#
# Bytes, that is letters: no pair has been joined yet.
#
# </details>
#
# 4. Four bits a piece, and three and a half characters a piece: how many bits per character?
#
# <details><summary>Answer</summary>
#
# $4 / 3.5 = 1.14$.
#
# </details>

# %% [markdown]
# 5. With a `CharCNN` on the way in, an unknown word stands before the one to be guessed. What is gained?
#
# <details><summary>Answer</summary>
#
# The net sees its ending, and so may know whether *is* or *are* follows. To guess the unknown word itself it helps
# nothing.
#
# </details>
#
# ## Exercises
#
# `python -m lessons exercise 19` copies these and more into files of yours; `check 19` examines them, `hint 19` helps.


# %%
# Exercise 19.1: one step of byte-pair encoding. words: a list of (pieces of the word, how often it occurs).
def best_pair(words):
    raise NotImplementedError("TODO 19.1: the pair of neighbouring pieces that occurs most often in the text")


# %%
# Exercise 19.2: put the pair together wherever it stands in a list of pieces, from left to right.
def merge(pieces, pair):
    raise NotImplementedError("TODO 19.2: a new list, in which a and b side by side are the one piece a + b")


# %%
# Exercise 19.3 (find the bug): nats of each piece; `spelling` says what an unknown piece costs in addition, in nats.
def bits_per_char(nats, pieces, spelling):
    # return np.mean(nats) / np.log(2)
    raise NotImplementedError("TODO 19.3: all nats, those of the spelling too, over all characters, in bits")


# %%
# Exercise 19.4 (predict): how many ids does the hybrid need, and how many would letters? words: the known ones.
def hybrid_length(pieces, words):
    raise NotImplementedError("TODO 19.4: (number of ids of the hybrid, number of characters)")


# %%
# Exercise 19.5 (make it fail): the same text in other pieces, for which `score` does not pay.
def other_cut(pieces, symbols):
    raise NotImplementedError("TODO 19.5: other pieces of `symbols` that join to the same text")


# %%
lesson.finish()
