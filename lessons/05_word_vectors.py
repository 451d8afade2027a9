"""05 Word vectors
question: what can be known about a word from nothing but the words that stand around it?
claim: vectors learned from neighbours put like words together, and relations between words become directions
check: start_loss ~= 4.158883 and loss_saved >= 1.5 and skip_gram_analogies >= 0.95 and cbow_analogies >= 0.9
    and counted_analogies >= 0.95 and only_pulled_loss <= 0.05 and noise_buys_analogies >= 0.6
    and bias_by_direction >= 0.12 and bias_is_planted >= 0.1 and direction_sees_more >= 0.08
data: generated, and Python's own help texts or --text FILE   seconds: 30   fast_seconds: 15
items: J1-J7 L3 L10 M10 O11 R35-R36   needs: 02 03 04
"""

# %% [markdown]
# # 05 Word vectors
#
# *They poured the tesgüino into clay cups; two cups of tesgüino, and he began to sing.* You may never have met the
# word, and you know what it is: a drink, and a strong one. Nobody told you. The **company** of the word did.
#
# Lesson 04 ended with a table to which a plum was as strange as a pair, because words were one-hot vectors, all equally
# far apart. Today every word gets a *dense* vector, 24 real numbers, an **embedding**. It is learned from nothing but
# neighbours: no dictionary, no grammar, nobody who marks what is right. Then we ask the vectors questions that nobody
# trained them for: *man is to king as woman is to ...*

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
from minigrad import nn, optim, train
from minigrad.data import analogies, planted_corpus
from minigrad.text import Word2Vec, analogy_accuracy, cbow_windows, neighbours, skip_gram_pairs

lesson = kit.begin("05")

# %% [markdown]
# ## A small world
#
# To see what is learned we need to know what is in the text. So we make one up: short sentences about kings and queens,
# countries and capitals, in which words that are alike are *used* alike, and nothing else. Read a few of them. Nobody
# says that Paris is in France, or that a queen is female; it shows in the company only.
#
# A net takes embeddings as its input, as most nets for text do. It is still the one-hot row times a matrix, and that
# product picks a row of the matrix; so one looks the row up and spares the product. **Predict** the cosine between two
# different one-hot vectors, and with it how much a one-hot input says about likeness.

# %%
class World:
    """A made-up corpus as numbers: sentences of ids, counts, the two families of questions."""

    def __init__(self, sentences, bias=False):
        corpus = planted_corpus(sentences, lesson.rng, bias)
        self.words = sorted({word for sentence in corpus.sentences for word in sentence})
        self.id = {word: i for i, word in enumerate(self.words)}
        self.said, self.jobs, self.relations = corpus.sentences, corpus.jobs, corpus.relations
        self.sentences = [[self.id[word] for word in sentence] for sentence in corpus.sentences]
        self.counts = np.bincount(np.concatenate(self.sentences))
        self.questions = {name: np.array([[self.id[word] for word in row] for row in analogies({name: rows})])
                          for name, rows in corpus.relations.items()}


world = World(lesson.pick(40000, 16000))
for sentence in world.said[:6]:
    print(" ".join(sentence))
table = nn.Embedding(len(world.words), 24)
one_hot = mg.one_hot([world.id["king"]], len(world.words))
lesson.check("lookup_is_a_product", abs(one_hot @ table.weight - table([world.id["king"]])).max(), "==", 0)

# %% [markdown]
# ## Two games with a window
#
# Slide a window over the text. In the middle stands a word, around it its **context**. Two games can be played:
#
# * **skip-gram**: given the word, guess each of its context words;
# * **CBOW**, continuous bag of words: given the mean of the context, guess the word.
#
# The text itself has the answers, so there is no end of examples. **Predict** how many examples each game makes of a
# sentence of five words, with one neighbour to either side.

# %%
five = "the king lost his throne".split()
words, contexts = skip_gram_pairs([range(5)], 1, lesson.rng)
print("skip-gram:", ", ".join(f"{five[w]} > {five[c]}" for w, c in zip(words, contexts)))
contexts, words = cbow_windows([range(5)], 1, lesson.rng)
around = ["+".join(five[c] for c in row if c >= 0) for row in contexts]
print("CBOW:     ", ", ".join(f"{near} > {five[w]}" for near, w in zip(around, words)))

# %% [markdown]
# CBOW makes one example a word, skip-gram one a pair. So a pass of CBOW is faster; skip-gram gives each rare word its
# own examples, where CBOW blurs it in a mean. The slides put it so: CBOW is "faster and slightly better for frequent
# words", skip-gram "good for little training data and rare words".
#
# ## Yes or no, six times
#
# A softmax over all words is a large sum (lesson 19 has 100,000 of them). *Negative sampling* (Mikolov, 2013) asks
# something cheaper: logistic regression, as in lesson 03. Is this word a real neighbour, or one drawn at random? Each
# word $c$ has a vector $v_c$; as a neighbour, a word $o$ has another vector, $u_o$. For one real pair and noise words
# $k$:
#
# $$J = -\log \sigma(u_o \cdot v_c) - \sum_k \log \sigma(-u_k \cdot v_c)$$

# %% [markdown]
# So the vectors of words that meet are pulled together, and those of words that do not are pushed apart. (`train.fit`
# below is the loop of lesson 03 in one call, told in lesson 12; the learning rate falls along a cosine: lesson 14.)
#
# In the picture: *king*, its real neighbour *throne*, and two noise words. **Predict** which of the vectors get a
# gradient. And before training, when all $u$ are 0: **predict** the loss with five noise words. (Who knows nothing pays
# $\log 2$ for a yes or no.)

# %%
def loss_by_hand(v, u_true, u_noise):
    yes, no = mg.sum(u_true * v, axis=-1), mg.sum(u_noise * v, axis=-1)
    return -mg.log_sigmoid(yes).sum() - mg.log_sigmoid(-no).sum()


king, throne = mg.Tensor([0.3, -0.2], requires_grad=True, name="v king"), mg.Tensor([[0.1, 0.2]], requires_grad=True)
noise = mg.Tensor([[0.2, -0.1], [-0.3, 0.1]], requires_grad=True, name="u noise")
record = viz.record(loss_by_hand(king, throne.named("u throne"), noise))
lesson.show("one_pair", viz.draw(record, title="king meets throne, and two words that it does not meet"))


def learn(world, kind="skip-gram", updates=1200, loss_of=Word2Vec.loss, watch=None):
    """The vectors v after so many updates, and all losses. `watch` is called with the vectors now and then."""
    model = Word2Vec(len(world.words), 24, kind, world.counts, rng=np.random.default_rng(lesson.seed))
    adam = optim.Adam(model, lr=0.03)
    looks = {n: lambda n: watch(n, model.input.weight.numpy()) for n in (0, 100, 200, 400, 800, updates) if watch}
    done = train.fit(lambda batch: loss_of(model, batch), lambda: model.batches(world.sentences, 512), adam, updates,
                     schedule=optim.CosineLR(adam, updates), at=looks)
    return model.input.weight.numpy(), np.array(done.losses)


# %% [markdown]
# ## Is the noise needed?
#
# It would be simpler without: only pull, on all real pairs. **Predict** what the loss does, and what the vectors look
# like in the end. The second row of the table is the real thing. The cosine of two vectors is 1 when they point the
# same way, 0 when they have nothing to do with each other, -1 when they are opposite.

# %%
def only_pull(model, batch):
    return -mg.mean(mg.log_sigmoid(mg.sum(model.output(batch[1][:, 0]) * model(batch[0]), axis=-1)))


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def right(vectors, without_three=True):
    """The share of right answers to both families of questions; and the share of answers that are just b."""
    if without_three:
        return [analogy_accuracy(vectors, q) for q in world.questions.values()]
    u, q = unit(vectors), np.concatenate(list(world.questions.values()))
    answers = ((u[q[:, 1]] - u[q[:, 0]] + u[q[:, 2]]) @ u.T).argmax(axis=1)
    return [(answers == q[:, 3]).mean(), (answers == q[:, 1]).mean()]


stages = []
pulled, pull_losses = learn(world, updates=300, loss_of=only_pull)
skip, skip_losses = learn(world, updates=lesson.pick(2000, 1200),
                          watch=lambda n, v: stages.append((n, *right(v), *right(v, without_three=False))))
cosines = {"only pulled": unit(pulled) @ unit(pulled).T, "with noise": unit(skip) @ unit(skip).T}
lesson.table(["training", "first loss", "last loss", "mean cosine of two words"],
             [(name, losses[0], losses[-50:].mean(), cosines[name].mean())
              for name, losses in zip(cosines, [pull_losses, skip_losses])])
lesson.check("start_loss", skip_losses[0], "~=", 6 * np.log(2))
lesson.check("loss_saved", skip_losses[0] - skip_losses[-50:].mean(), ">=", 1.5)
lesson.check("only_pulled_loss", pull_losses[-50:].mean(), "<=", 0.05)
lesson.check("noise_buys_analogies", np.subtract(right(skip), right(pulled)), ">=", 0.6)
lesson.check("huddled", cosines["only pulled"].mean() - cosines["with noise"].mean(), ">=", 0.2)

# %% [markdown]
# Only pulled, the loss is nearly 0, and the words huddle in one corner: whoever says *yes* to everything is always
# right when only real pairs are asked. It is the slide of lesson 03 again, a perfect cost and nothing learned. The
# noise is what makes the question a question.
#
# ## Neighbours
#
# **Predict** the words nearest to *king*, by cosine; to *Paris*; and to *nurse*.

# %%
for word in ("king", "Paris", "sushi", "nurse"):
    nearest, near = neighbours(skip, world.id[word], 4)
    print(f"{word:6}", ", ".join(f"{world.words[i]} {cosine:.2f}" for i, cosine in zip(nearest, near)))

# %% [markdown]
# ## Directions
#
# Now look at them. 24 axes do not fit on paper, so the *projector* turns the cloud until it is seen from its broadest
# side (its first two principal components). The slides send you to projector.tensorflow.org for that, and to *wevi*,
# where one can watch vectors being trained; this is the same on paper.
#
# An arrow goes from each man to the woman, and from each country to its capital. **Predict** what the arrows of one
# kind have in common.

# %%
def draw_arrows(axes):
    pairs = world.relations["gender"], [row[:2] for row in world.relations["country"][:10]]
    for ax, rows, names in zip(axes, pairs, [("he", "she"), ("country", "capital")]):
        shown = [word for row in rows for word in row]
        viz.projector(skip[[world.id[word] for word in shown]], shown, dict(zip(names, zip(*rows))), rows, axes=ax,
                      title=f"From {names[0]} to {names[1]}")


lesson.plot("arrows", draw_arrows, size=(13, 5.5), ncols=2)

# %% [markdown]
# ## Analogies
#
# If the arrows of one relation are all alike, they can be added: *king - man + woman* lands near *queen*. That is the
# analogy test: $a$ is to $b$ as $c$ is to ...? The answer is the word nearest to $b - a + c$. We ask for all pairs of
# pairs, 56 questions about he and she, 1,140 about countries, their capitals, languages and dishes.
#
# There is small print: **the three words of the question are not allowed as answers.** The table shows, as training
# goes on, the share of right answers with that rule, then without it, and how often the answer would simply have been
# $b$. **Predict** whether the rule matters.

# %%
lesson.table(["updates", "he / she", "countries", "without the rule", "answer is b"], stages)
cbow, cbow_losses = learn(world, "cbow", updates=lesson.pick(2000, 1200))
pairs, windows = (len(cut(world.sentences, 5, lesson.rng)[0]) for cut in (skip_gram_pairs, cbow_windows))
lesson.table(["game", "examples in a pass", "he / she", "countries"],
             [("skip-gram", pairs, *right(skip)), ("CBOW", windows, *right(cbow))])
lesson.check("skip_gram_analogies", right(skip), ">=", 0.95)
lesson.check("cbow_analogies", right(cbow), ">=", 0.9)

# %% [markdown]
# Half-trained vectors profit from the rule: $b - a + c$ is near $b$ when $a$ and $c$ are near each other, and taking
# $b$ away leaves the next one. Large vectors of real text behave like that even when they are finished (Linzen, 2016).
# So ask for the small print when you see an analogy. (Both games find everything here; in a world as small and even as
# ours the difference between them does not show.)
#
# **The slide shows** ten rows of analogies, such as *Japan: sushi*. **What is true**: they are the *output* of a model,
# wrong cells included: uranium: plutonium (it should be U), Putin: Medvedev (a first name), Google: Yahoo (a person),
# France: tapas, Messi: midfielder. Ours are all right because we planted them. A real text plants nothing evenly.
#
# ## Or count?

# %% [markdown]
# **The slides say** that word vectors are "expensive to train", and "glove vs word2vec: nobody cares any more". **What
# is true**: expensive compared with counting, and the second remark is well founded. GloVe (2014) fits the *counts* of
# pairs; and skip-gram, too, is a way to factorise a table: $u_o \cdot v_c$ tends to the logarithm of how much more
# often $o$ and $c$ meet than chance would have it (Levy and Goldberg, 2014).
#
# **Run this**: count all pairs, take that logarithm, cut off below 0, and keep the 50 strongest directions of the table
# by a singular value decomposition. No training at all. **Predict** how many analogies it gets right.

# %%
def counted_vectors(world, dim):
    met = np.zeros((len(world.words), len(world.words)))
    np.add.at(met, skip_gram_pairs(world.sentences, 5, lesson.rng), 1)
    by_chance = met.sum(axis=1, keepdims=True) * met.sum(axis=0) / met.sum()
    left, strengths, _ = np.linalg.svd(np.maximum(np.log(np.maximum(met, 1e-9) / by_chance), 0))
    return left[:, :dim] * np.sqrt(strengths[:dim])


counted = counted_vectors(world, 50)
lesson.table(["vectors", "he / she", "countries"], [("counted, 50 numbers", *right(counted)),
             ("counted, 24 numbers", *right(counted[:, :24])), ("skip-gram, 24 numbers", *right(skip))])
lesson.check("counted_analogies", right(counted), ">=", 0.95)

# %% [markdown]
# Counting is enough here, given a little more room. What training buys: no table of all pairs (with 100,000 words it
# has $10^{10}$ cells), and a vector that the next net can go on training.
#
# ## So much bias
#
# "So much bias...", says the slide, and leaves it there. Where does it come from? We plant it and look. In a second
# world, a nurse, a teacher, a dancer and a librarian are always *she*; an engineer, a pilot, a plumber, a soldier
# always *he*. In the first world all are both. Kings and queens are as before, and never have a job.
#
# Two ways to measure: is *nurse* nearer to the word *she* than to *he*? And: how far does *nurse* lie along the
# **direction** from he-words to she-words, the mean of the arrows in the picture? **Predict** which of the two sees it.

# %%
def leaning(world, vectors):
    """(job, its pronoun in the biased world, nearer to she than to he by, along the direction from he to she)."""
    u = unit(vectors)
    arrows = [u[world.id[she]] - u[world.id[he]] for he, she in world.relations["gender"]]
    direction, pronouns = unit(np.mean(arrows, axis=0)), u[world.id["she"]] - u[world.id["he"]]
    return [(job, pronoun, u[world.id[job]] @ pronouns, u[world.id[job]] @ direction)
            for pronoun, jobs in world.jobs.items() for job in jobs]


biased = World(16000, bias=True)
rows = leaning(biased, learn(biased)[0])
fair = leaning(world, skip)
lesson.table(["job", "is said of", "she or he", "along the direction", "in the fair world"],
             [(*row, other[3]) for row, other in zip(rows, fair)])
side = np.array([1 if row[1] == "she" else -1 for row in rows])
by_pronouns, by_direction = (side @ [row[column] for row in rows] / len(rows) for column in (2, 3))
lesson.check("bias_by_direction", by_direction, ">=", 0.12)
lesson.check("bias_is_planted", by_direction - abs(side @ [row[3] for row in fair] / len(fair)), ">=", 0.1)
lesson.check("direction_sees_more", by_direction - by_pronouns, ">=", 0.08)

# %% [markdown]
# The vectors of *she* and *he* show next to nothing: as words of grammar they stand beside everything, and a word is
# near those that are used *like* it, not those that stand *beside* it. Along the direction every job leans to its side.
# It was learned from sentences that mention no king and no queen, and whoever measures only the first way will report
# that all is well (Bolukbasi and others, 2016, found the direction in vectors of real news).
#
# A net that sorts applications with these vectors has read *nurse, she* and *engineer, he* before it sees the first
# one.
#
# ## A real text
#
# Python's help again, or a text of yours: words that occur five times and more. This is exploration, and nothing is
# promised. **Predict** the nearest neighbour of *true*.

# %%
corpus = lesson.corpus(window=100)


class RealText:
    """Sentences of ids and counts, like a World."""

    def __init__(self, text, least):
        sentences = [re.findall(r"[^\W\d_]+", part) for part in re.split(r"\.\s|\n\s*\n", text.lower())]
        times = Counter(word for sentence in sentences for word in sentence)
        self.words = [word for word, n in times.most_common() if n >= least]
        self.id = {word: i for i, word in enumerate(self.words)}
        self.sentences = [[self.id[word] for word in sentence if word in self.id] for sentence in sentences]
        self.counts = np.array([times[word] for word in self.words])


with lesson.user_input():
    real = RealText(corpus.train, least=5 if len(corpus.train) > 50000 else 1)
    vectors, _ = learn(real, updates=lesson.pick(2000, 600))
    for word in [w for w in ("true", "integer", "class", "module", "first") if w in real.id] or real.words[10:15]:
        nearest, near = neighbours(vectors, real.id[word], 5)
        print(f"{word:8}", ", ".join(f"{real.words[i]} {cosine:.2f}" for i, cosine in zip(nearest, near)))

# %% [markdown]
# *True* and *false* are neighbours, though they are opposites: both are what a condition can be, so they keep the same
# company. A word vector says how a word is *used*. What it means, and whether it is so, is another matter.
#
# There is little text here for a thousand words (*data sparsity*); the published vectors have read billions. They can
# be taken as they are, and put into a net as its first layer: `nn.Embedding.from_vectors`, lesson 20.
#
# ## Where this lives in minigrad
#
# `minigrad/text/word2vec.py` has the windows, both games and the questions; `viz.projector` draws the map.

# %% [markdown]
# ## What we left out
#
# * *One* vector for each word: a river bank and a bank with money share theirs. ELMo and its successors give a word
#   another vector in each sentence; the state of a recurrent net does so, too (lesson 20).
# * Words never seen get no vector at all. Pieces of words do: lesson 19.
# * Taking bias out again. Removing the direction hides it; the neighbours still tell (Gonen and Goldberg, 2019).
#
# ## Quiz
#
# 1. Why are two vectors learned for each word, and not one?
#
# <details><summary>Answer</summary>
#
# Words hardly ever stand beside themselves. With one vector, $v \cdot v$ is large all the same, and would say that they
# do.
#
# </details>

# %% [markdown]
# 2. How many examples does skip-gram make of a sentence of ten words, with two neighbours to either side?
#
# <details><summary>Answer</summary>
#
# $10 \cdot 4$ less those that would reach beyond the ends, 3 on each side: 34.
#
# </details>
#
# 3. Before training, what is the loss with 15 noise words?
#
# <details><summary>Answer</summary>
#
# $16 \log 2 = 11.09$: sixteen yes-or-no questions, and nothing known.
#
# </details>

# %% [markdown]
# 4. *Hot* and *cold* turn out to be nearest neighbours. Is the model broken?
#
# <details><summary>Answer</summary>
#
# No. They stand in the same places: it is ... today, a ... drink.
#
# </details>
#
# 5. Someone finds that *engineer* is as near to *she* as to *he*, and concludes that the vectors are fair. What do you
#    say?
#
# <details><summary>Answer</summary>
#
# Measure along a direction made of many pairs. The two pronouns alone did not show it here either.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Fill in a hole, run the cell, and compare with what the lesson printed.
# `python -m lessons exercise 05` copies these and more into files of yours; `check 05` examines them, `hint 05` helps.


# %%
# Exercise 05.1: the examples of skip-gram for one sentence.
def skip_gram_examples(sentence, window):
    raise NotImplementedError("TODO 05.1: a pair (word, neighbour) for each word and each one within the window")


# %%
# Exercise 05.2: the loss of one real pair and its noise words, in NumPy.
def negative_sampling_loss(v, u_true, u_noise):
    raise NotImplementedError("TODO 05.2: -log sigmoid of the real score, -log sigmoid of minus each noise score")


# %%
# Exercise 05.3 (find the bug): a is to b as c is to ...? This line mostly finds b or c again, or a long vector.
def answer(vectors, a, b, c):
    # return np.argmax(vectors @ (vectors[b] - vectors[a] + vectors[c]))
    raise NotImplementedError("TODO 05.3: unit vectors, and none of the three words of the question")


# %%
lesson.finish()
