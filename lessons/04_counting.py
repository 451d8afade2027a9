"""04 Counting: tokens and n-grams
question: how far does counting get at guessing what comes next, and what stops it?
claim: a longer context helps until hardly any context has been seen before; and what was never seen cannot be judged
check: tokens == 9 and pear_over_pair >= 100 and plum_as_pair == 0 and trigram_fork_over_saw <= 2
    and bits_fall < 0 and gain_of_sixth < 0.1 and unigram_bits_low >= 4.3 and unigram_bits_high <= 4.8
    and sums_to_one <= 1e-12 and contexts_grow >= 30 and counting_is_the_optimum <= 1e-8 and by_heart >= 0.7
data: Python's own help texts, or --text FILE   seconds: 12   fast_seconds: 12
items: A28 C20 I1-I7 I19 J1 O10 R10 R13   needs: 01 02 03
"""

# %% [markdown]
# # 04 Counting: tokens and n-grams
#
# *He ate the cake with the ...* You know how it goes on, and know it before you read it. A program that knows it, too,
# that gives every possible next word a probability, is called a **language model**: $P(w_n \mid w_1, \dots, w_{n-1})$.
# By the chain rule of probability it can then judge a whole sentence,
#
# $$P(w_1, \dots, w_T) = \prod_{n=1}^T P(w_n \mid w_1, \dots, w_{n-1})$$
#
# and that is worth a lot. Speech recognition hears *apple and pair salad* and *apple and pear salad* alike; spelling
# correction, translation, captions and summaries all have to choose between sentences, and choose the likelier one.

# %% [markdown]
# The simplest way to such probabilities is to **count** in a large text: after these words, what came next, and how
# often? Today we build that, see how astonishingly much it knows about letters, and watch it fail for a reason that no
# amount of counting cures. All later lessons are about the cure, and the tables of today stay their rivals.

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
import re
from collections import Counter

import numpy as np

import minigrad as mg
import viz
from minigrad.data import WordVocab
from minigrad.text import NGram, ngram_table

lesson = kit.begin("04")

# %% [markdown]
# ## First, tokens
#
# A text has to become a row of numbers. *Tokenisation* cuts it into pieces, the tokens; a *vocabulary* numbers them.
# Three tokens are not in the text: `<SOS>` and `<EOS>`, start and end of the sentence, without which a model could not
# know that a sentence may begin with *The* and end after *sword*; and `<UNK>`, which stands for every word that is not
# in the vocabulary.
#
# The vocabulary below is built from the slide's sentence. **Predict** how many tokens that sentence has, with its end.
# Then a word is exchanged. **Predict** what comes back when the numbers become words again.

# %%
sentence, other = "The pen is mightier than the sword.", "The quill is mightier than the sword."
vocab = WordVocab(sentence, ends=True)
ids = vocab.encode(sentence, ends=True)
lesson.table(["token", "id", "one-hot"], [(token, i, "".join(f"{bit:.0f}" for bit in row)) for token, i, row in zip(
    ["<SOS>", *vocab.pieces(sentence), "<EOS>"], ids, mg.one_hot(ids, len(vocab)).numpy())])
print("and back:", vocab.decode(vocab.encode(other)), f"  as letters it would be {len(sentence)} tokens")
lesson.check("tokens", len(ids) - 1, "==", 9)

# %% [markdown]
# (Our word tokens keep the blank before them, so that nothing of the text gets lost.) A net wants a vector for each
# token, and the simplest is a row of zeros with a single 1 at its number, **one-hot**. Mind what such vectors say: any
# two differ in two places, *pen* and *sword* as much as *pen* and the full stop. All words are equally far apart.
#
# ## An n-gram table, by hand
#
# Nobody has ever seen most sentences before. So the model looks at the last few words only: an **n-gram** is $n$ words
# in a row, and an n-gram model guesses the last of them from the $n-1$ before it.
#
# **The slide says** that it predicts "based on previous n-grams". **What is true**: on the previous $n - 1$ words. Off
# by one, and the slip is easily made in code. Count with it:

# %%
SAID = """12 we ate apple and pear salad; 8 she made apple and pear cake; 6 he picked a pear;
    5 a salad of pear and cheese; 4 apple and cheese salad; 2 apple and nut cake; 9 a pair of shoes;
    7 a pair of gloves; 4 he bought a pair; 11 he ate plum cake; 9 a plum for you;
    14 he ate the cake with the fork; 10 he cut the cake with the knife; 13 he cut the wood with the saw;
    12 he hit the nail with the hammer; 9 she ate the soup with the spoon"""
heard = [part.split() for part in SAID.split(";")]
text = [token for times, *words in heard for token in int(times) * ["<SOS>", *words, "<EOS>"]]


def count(tokens, n):
    """The n - 1 tokens before -> how often each token came next."""
    follows = {}
    for i in range(n - 1, len(tokens)):
        follows.setdefault(tuple(tokens[i - n + 1 : i]), Counter())[tokens[i]] += 1
    return follows


trigrams = count(text, 3)
for context in [("apple", "and"), ("with", "the")]:
    print(*context, "...", dict(trigrams[context]))
print("P(pair | apple and) =", trigrams["apple", "and"]["pair"] / trigrams["apple", "and"].total())

# %% [markdown]
# ## Never seen is not impossible
#
# That 0 is the first problem of counting: the whole product becomes 0, and a sentence is called impossible because of
# one pair of words that happened not to occur (*sparsity*). The cure is to keep a little probability back and to share
# it out by the next shorter context: by what follows *and*; below that by how frequent the word is; below that evenly.
# `NGram` does this in the way of Witten and Bell: the more *different* words followed a context, the more is kept back.
#
# The slide prints 0.03 for *pear* after *apple and*, and 0.00012 for *pair*. Our text is one of 140 small sentences.
# **Predict** which of the three words below the table finds the least likely after *apple and*: *pear*, *pair*, or
# *plum*? It knows all three, the last two equally often, but it never saw either of them after *and*.

# %%
number = {word: i for i, word in enumerate(dict.fromkeys(text))}


def as_ids(words):
    return [number[word] for word in words.split()]


def fitted(n):
    return NGram(n).fit([number[word] for word in text], len(number))


def chance(model, context, word):
    return model.probability(as_ids(context), number[word])


def sentence_chance(model, words):
    words = ["<SOS>", *words.split(), "<EOS>"]
    return np.prod([chance(model, " ".join(words[:i]), words[i]) for i in range(1, len(words))])


three = fitted(3)
after, whole = {}, {}
for word in ("pear", "pair", "plum"):
    after[word] = chance(three, "apple and", word)
    whole[word] = [sentence_chance(three, s) for s in (f"apple and {word} salad", f"a {word} of shoes")]
lesson.table(["word", "after: apple and", "apple and ... salad", "a ... of shoes"],
             [(word, after[word], *whole[word]) for word in after])
lesson.check("pear_over_pair", after["pear"] / after["pair"], ">=", 100)
lesson.check("sentence_over_sentence", whole["pear"][0] / whole["pair"][0], ">", after["pear"] / after["pair"])
lesson.check("plum_as_pair", after["plum"] - after["pair"], "==", 0)

# %% [markdown]
# A spelling corrector could live on this table: it puts *pear* into the salad and *pair* before the shoes. For the
# whole sentence the difference is larger than for the word, since *salad* after *pair* costs again. (On the slide, too:
# $5.7 \cdot 10^{-10}$ against $3.2 \cdot 10^{-13}$ for the sentences, a factor of 1,800; for the words it is 250.)
#
# But look at *plum*. You know that plums are like pears. The table does not: to it, a plum in a salad is **exactly** as
# absurd as a pair in a salad. Words are numbers there, one-hot, all equally far apart; what was learned about one says
# nothing about any other. This is the problem that counting cannot cure. A *neural* language model can: it learns a
# vector for each word along with the probabilities, and words that are used alike come to lie together (lessons 05,
# 12).

# %% [markdown]
# ## How far back?
#
# Now the cake and the fork. In our text one eats the cake with a fork and cuts it with a knife, cuts wood with a saw,
# hits nails with a hammer. **Predict** for which $n$ the table rules out the saw, and for which the knife. Count on
# your fingers: the context is *he ate the cake with the*.

# %%
TOOLS = ["fork", "knife", "saw", "hammer"]
tools = {n: [chance(fitted(n), "he ate the cake with the", tool) for tool in TOOLS] for n in range(1, 7)}
lesson.table(["n", *TOOLS], [(n, *(f"{p:.3f}" for p in ps)) for n, ps in tools.items()])
lesson.check("trigram_fork_over_saw", tools[3][0] / tools[3][2], "<=", 2)
lesson.check("sixgram_fork_over_knife", tools[6][0] / tools[6][1], ">=", 10)

# %% [markdown]
# The trigram sees *with the*, and there are many things to do something with. The saw goes when *cake* comes into
# view, at $n = 4$; the knife only at $n = 6$, with *ate*. For *the cake that she baked* it takes $n = 9$. With 100,000
# words in the vocabulary there are $100{,}000^5 = 10^{25}$ contexts of five words, more than anybody will ever write.
# As one of the decks says: "to fully capture natural language, models get very complex".
#
# ## Letters
#
# Letters are few, so there counting is strong. The deck shows the **monograms** of a manual for Linux (MacKay, 2003):
# how frequent each of 27 symbols is, the last for everything that is no letter. Our text is Python's own help. Two
# texts, by different people, on different subjects: **predict** how far apart their 27 numbers are.

# %%
corpus = lesson.corpus(window=100)
LETTERS = "abcdefghijklmnopqrstuvwxyz-"
slide = np.array([575, 128, 263, 285, 913, 173, 133, 313, 599, 6, 84, 335, 235, 596,
                  689, 192, 8, 508, 567, 706, 334, 69, 119, 73, 164, 7, 1928]) / 1e4
letters = np.array([LETTERS.index(c) for c in re.sub("[^a-z]+", "-", corpus.train.lower())])
with lesson.user_input():
    if len(set(letters)) < 2:
        raise ValueError(f"{corpus.name} has no letters from a to z to count")
monograms = np.bincount(letters, minlength=27) / len(letters)
bigrams = np.bincount(27 * letters[:-1] + letters[1:], minlength=27 * 27).reshape(27, 27)
given = bigrams / np.maximum(bigrams.sum(axis=1, keepdims=True), 1)  # P(y | x), a row for each x


def entropy(p):
    return -(p * np.log2(np.maximum(p, 1e-300))).sum(axis=-1)


def claim(*check):
    """A check, unless the text is one of yours: of that nothing is promised."""
    if not lesson.text:
        lesson.check(*check)


conditional = entropy(given) @ bigrams.sum(axis=1) / bigrams.sum()
lesson.table(["bits for the next letter", "the slide's text", "ours"], [
    ("knowing nothing, log2 27", np.log2(27), np.log2(27)), ("monograms", entropy(slide), entropy(monograms)),
    ("knowing the letter before", "not printed", conditional)])
claim("monogram_difference", abs(entropy(slide) - entropy(monograms)), "<=", 0.1)
claim("the_letter_before_helps", entropy(monograms) - conditional, ">=", 0.4)

# %% [markdown]
# The unit is the **bit**: how many yes-or-no questions the next letter still costs, the mean of $-\log_2 P$. Lesson 03
# had the same cost with another logarithm. Now draw it as on the slide: the area of a square is a probability. On the
# left the monograms of both texts; in the middle the *bigrams* $P(x, y)$; on the right each row by itself, $P(y \mid
# x)$, that is, what comes after $x$.
#
# **Predict** which row on the right has one large square, and which letter leaves most open what follows.

# %%
def draw_letters(axes):
    def squares(ax, table, title, columns):
        rows, cols = np.indices(table.shape)
        room = ax.get_window_extent().height / 27 * 0.72  # points that a row has
        ax.scatter(cols, rows, s=(0.95 * room) ** 2 * table / table.max(), c="#1f4e6b", marker="s", linewidths=0)
        ax.set(title=title, yticks=range(27), yticklabels=LETTERS, xticks=range(table.shape[1]), xticklabels=columns,
               xlim=(-0.7, table.shape[1] - 0.3), ylim=(26.7, -0.7))
        ax.tick_params(length=0, labelsize=8)

    axes[0].figure.draw_without_rendering()
    squares(axes[0], np.stack([slide, monograms], axis=1), "P(x)", ["slide", "ours"])
    squares(axes[1], bigrams, "P(x, y): x, then y", LETTERS)
    squares(axes[2], given, "P(y | x): after x, y", LETTERS)


lesson.plot("letters", draw_letters, size=(13, 6), ncols=3, width_ratios=[1.4, 10, 10])
ranked = np.argsort(entropy(given))
shown = [*ranked[:4], *ranked[-4:]]
print("bits after a letter, the least and the most:", "  ".join(f"{LETTERS[i]} {entropy(given)[i]:.2f}" for i in shown))

# %% [markdown]
# After *q* comes *u*. What follows a blank is the widest open: a word begins. And one square betrays the subject of our
# text, as no manual for Linux would have it: *b*, then *j*. (In which word?)
#
# ## A table of counts is a trained net
#
# Write the letter before as a one-hot row and multiply it by a 27 by 27 matrix: that picks a row of the matrix, the
# scores of all letters that could come next. Softmax, cross-entropy: the logistic regression of lesson 03, with 27
# answers. We *could* train it. Or put the logarithms of the counts into the matrix, and look at the gradient.
#
# **Predict** its size. (Lesson 03: what is special about the optimum? For each row it says: the mean prediction equals
# the mean of the answers.)

# %%
def bigram_net(W, before, after):
    one_hot = mg.one_hot(before, len(W)).named("one-hot")
    return mg.cross_entropy((one_hot @ W).named("scores"), after).named("loss")


W = mg.Tensor(np.log(np.maximum(bigrams, 1e-9)), "float64", requires_grad=True, name="log counts")
with mg.default_dtype("float64"):
    loss = bigram_net(W, letters[:-1], letters[1:])
print(f"the net: {loss.item() / np.log(2):.6f} bits, counting: {conditional:.6f} bits")
lesson.check("counting_is_the_optimum", np.abs(mg.grad(loss, W).numpy()).max(), "<=", 1e-8)

small = np.array([LETTERS.index(c) for c in "abaab"])
guess = mg.Tensor(np.zeros((2, 2)), requires_grad=True, name="W")
record = viz.record(bigram_net(guess, small[:-1], small[1:]))
lesson.show("bigram_net", viz.draw(record, title="A bigram table as a net that reads abaab and knows nothing yet"))

# %% [markdown]
# So counting **is** training, finished in one pass: no net of this form can do better on this text. Better nets need
# another form, not more training. The picture is the same net for two letters, before it has learned. In *abaab* an
# *a* is followed by *a* once, by *b* twice; a *b* by *a* once. Where the gradient of `W` is negative, the score has
# to rise: more *b* after *a*, more *a* after *b*.
#
# ## Longer contexts
#
# Back to all characters of the help texts, small and capital letters, digits, signs. For each $n$ we count in one part
# of the text, and ask two questions: how many bits does a character of *that* text cost, and of a text that was *held
# out*? **Predict** three things: the best $n$; how the two curves go on after it; and how many contexts a
# table for $n = 8$ stores, made from a text of about 300,000 characters.

# %%
with lesson.user_input():
    orders = range(1, 9)
    symbols = "".join(sorted(set(corpus.train + corpus.valid)))
    unseen_text = ngram_table(corpus.train, corpus.valid, orders, symbols)
    own_text = ngram_table(corpus.train, corpus.train[: len(corpus.valid) // 2], orders, symbols)
lesson.table(["n", "bits, held out", "bits, own text", "contexts stored", "context never seen", "perplexity"],
             [(new.order, new.bits_per_symbol, own.bits_per_symbol, new.contexts, f"{new.unseen:.1%}", new.perplexity)
              for new, own in zip(unseen_text, own_text)])
bits = np.array([row.bits_per_symbol for row in unseen_text])
claim("bits_fall", np.diff(bits[:4]), "<", 0)
claim("gain_of_sixth", bits[4] - bits[5], "<", 0.1)
claim("unigram_bits_low", bits[0], ">=", 4.3)
claim("unigram_bits_high", bits[0], "<=", 4.8)
claim("contexts_grow", unseen_text[4].contexts / unseen_text[1].contexts, ">=", 30)
claim("by_heart", bits[5] - own_text[5].bits_per_symbol, ">=", 0.7)


def draw_orders(axes):
    axes[0].plot(orders, bits, "o-", color="#D55E00", label="a held-out text")
    own = [row.bits_per_symbol for row in own_text]
    axes[0].plot(orders, own, "o-", color="#0072B2", label="the text it counted in")
    axes[0].set(title="Learned, or learned by heart?", xlabel="n", ylabel="bits per character", ylim=(0, 5))
    axes[0].legend()
    axes[1].semilogy(orders, [row.contexts for row in unseen_text], "o-", color="#1f4e6b")
    axes[1].axhline(len(corpus.train), color="#999999")
    axes[1].text(1, len(corpus.train) * 1.15, "characters in the text")
    axes[1].set(title="What the table has to store", xlabel="n", ylabel="contexts")


lesson.plot("orders", draw_orders, size=(11, 4), ncols=2)

# %% [markdown]
# The bits fall fast, and then the held-out curve **turns up** while the other goes on falling: a long context is mostly
# one that occurred once, and what followed it then is learned by heart, not learned. The table says why: at the best
# $n$ only a few of a hundred contexts are new; at $n = 8$ it is every third. And by then it stores more contexts than
# the text has characters.
#
# ## Shannon's game
#
# A model that can guess can also write: draw the next character from $P$, append it, draw again. **A slide says** that
# character models were "introduced in the early 2010s". **What is true**: Shannon wrote such samples in 1948, with a
# book: open it anywhere, find the last letters, copy the one that follows. **Run this**: his game, by table.

# %%
def write(n, length):
    model, written = NGram(n).fit(corpus.train, symbols), "\n"
    for _ in range(length):
        written += str(lesson.rng.choice(list(model.symbols), p=model.distribution(written)))
    return written[1:]


for n in (1, 2, 3, 5):
    print(f"n = {n}: {write(n, 70)!r}")
model = NGram(5).fit(corpus.train, symbols)
contexts = ["", corpus.valid[:4], "qqqq", *(corpus.valid[i : i + 4] for i in range(100, 200, 10))]
lesson.check("sums_to_one", max(abs(model.distribution(c).sum() - 1) for c in contexts), "<=", 1e-12)

# %% [markdown]
# The sum over all next characters is 1 in every context, seen or not: what is kept back from the seen is exactly what
# the unseen get.
#
# ## And words?
#
# Words carry more, and there are more of them. **Predict** which share of the *held-out* words does not occur in the
# training text at all, in a language of programmers, where the vocabulary is small. Such a word is *out of vocabulary*:
# no counting can have heard of it.

# %%
known = Counter(re.findall(r"\w+", corpus.train))
held_out = re.findall(r"\w+", corpus.valid)
unknown = [word for word in held_out if word not in known]
pairs = set(zip(re.findall(r"\w+", corpus.train), re.findall(r"\w+", corpus.train)[1:]))
new_pairs = np.mean([pair not in pairs for pair in zip(held_out, held_out[1:])])
print(f"{len(known)} different words, {sum(times == 1 for times in known.values())} of them seen once")
print(f"unknown in the held-out text: {len(unknown) / max(len(held_out), 1):.1%} of the words, "
      f"such as {', '.join(list(dict.fromkeys(unknown))[:5])}; and {new_pairs:.0%} of the pairs of neighbours")
claim("unknown_words", len(unknown) / max(len(held_out), 1), ">=", 0.02)
claim("unknown_pairs", new_pairs, ">=", 0.3)

# %% [markdown]
# Half of all pairs of words, or nearly, have never been seen; of triples, most. There are four troubles with tables,
# and the decks list them: huge vocabularies, words outside them, memory, sparsity. All have one root: a table knows
# *that* and not *alike*.
#
# What is it all good for? The same three things as every later model: to choose between sentences, as an input of
# translation or speech recognition; to generate text; and, for models that have an inside, to capture a sentence in
# numbers.
#
# ## Where this lives in minigrad
#
# `minigrad/text/ngram.py` is the table. `minigrad/data/vocab.py` and `words.py` have vocabularies of letters and words;
# pieces between the two, which know no `<UNK>`, are in `bpe.py` (lesson 19).

# %% [markdown]
# ## What we left out
#
# * Better ways to share out the probability that is kept back (Kneser and Ney, 1995, is the best known).
# * Tables that also count how a word *ends*, caches of recent words, classes of words: all of it was done, and helped.
# * How to compare models that cut the text differently, letters against words: lesson 19.
#
# ## Quiz
#
# 1. How many words does a 4-gram model look at, and what is the largest $n$ that sees nothing of the past?
#
# <details><summary>Answer</summary>
#
# Three. And $n = 1$: it knows only how frequent each word is.
#
# </details>

# %% [markdown]
# 2. A model gives each of 1,000 characters of a text the probability 1/4. How many bits per character, and what is the
#    probability of the text?
#
# <details><summary>Answer</summary>
#
# 2 bits for each character; $4^{-1000} = 2^{-2000}$, which the computer would round to 0. So one adds logarithms.
#
# </details>
#
# 3. Why must a model of sentences have an `<EOS>`?
#
# <details><summary>Answer</summary>
#
# Without it the probabilities of all sentences of one word add up to 1, those of two words again, and so on. The end is
# an event like any other and has its price.
#
# </details>

# %% [markdown]
# 4. Your table costs 0.9 bits per character. What do you ask, before you believe it?
#
# <details><summary>Answer</summary>
#
# On which text: that in which it counted, or one it never saw?
#
# </details>
#
# 5. *Plum* was never seen after *and*, nor was *pair*. What would a model have to know to prefer *plum*?
#
# <details><summary>Answer</summary>
#
# That plums stand where pears stand in other sentences; so words need a description in which the two are near.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Fill in a hole, run the cell, and compare with what the lesson printed.
# `python -m lessons exercise 04` copies these and more into files of yours; `check 04` examines them, `hint 04` helps.


# %%
# Exercise 04.1 (find the bug): the contexts below are one word too long. Count n-grams.
def count_ngrams(tokens, n):
    # context = tuple(tokens[i - n : i])
    raise NotImplementedError("TODO 04.1: a dict from the n - 1 tokens before to a Counter of what came next")


# %%
# Exercise 04.2: the probability with what is kept back, from the counts of one context and the shorter context's P.
def witten_bell(followers, shorter):
    raise NotImplementedError("TODO 04.2: (c(w) + t * shorter[w]) / (c + t) for each word w")


# %%
# Exercise 04.3: the bits of a whole sentence, its end included.
def sentence_bits(words, probability):
    raise NotImplementedError("TODO 04.3: the sum of -log2 P of each word, given all before it, and of <EOS>")


# %%
lesson.finish()
