"""23 Encoder-decoder
question: how does a net answer a sequence with a sequence of another length?
claim: one net reads all into one vector, a second net writes from it, both learned together; long inputs do not fit
check: short_words >= 0.9 and bottleneck >= 0.5 and more_units_help >= 0.2 and question_first_helps >= 0.1
    and summaries >= 0.9 and turning_helps >= 1.3 and together_pays >= 0.25
    and forcing_flatters >= 0.1 and replies_off <= 0.1
data: generated   seconds: 25   fast_seconds: 12
items: A14 A22 A24 A26-A27 C24 D3 E5 E16-E17 H4-H5 K1 K3 O17   needs: 07 11 12 13 14 17
"""

# %% [markdown]
# # 23 Encoder-decoder
#
# *casa* is one word in Spanish, and one in English. *cuarenta y dos* is three words, and *forty two* is two. Lesson 10
# had a net that waits before it answers; but there one input step still went with one output step. In a translation
# nothing goes with anything: another length, another order, another vocabulary.
#
# So cut the job in two. An **encoder** reads to the end, and its last state $C$ is all that is kept. A **decoder** gets
# $C$, and writes until it says that it is done. Cho and others, and Sutskever and others, found this in the same year,
# 2014; the first called it *encoder-decoder*, the second *sequence to sequence*, and it is one thing.

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
import numpy as np

import minigrad as mg
import viz
from minigrad import nn, optim, train
from minigrad.data import CharVocab, Pairs, WordVocab, encode_pairs, in_words, reversal
from minigrad.data.pairs import PairIds

lesson = kit.begin("23")
E, LR = 24, 0.02

# %% [markdown]
# ## Text in, text out
#
# The slides show it as a whole list of applications: **translation**, **summarising** a text, **answering a question**
# about it, an **automatic reply** to a message, even **parsing** a sentence (write the tree down, with brackets or in
# Polish notation, and it is a sequence). For the net they are all the same: pairs. Here are four of them in small. (The
# reply comes later: it has a twist.) In the news stories of the slides names are replaced by `@entity3`, so that the
# net has to read and cannot *know*; our Ana and Ben are such entities.
#
# The question is asked in two ways, after the facts and before them. **Predict** whether it matters to the net.

# %%
WHO, WHERE, NOISE = "ana ben eva leo".split(), "attic garden kitchen street".split(), "well so then um".split()


def translate(rng):
    spanish, english = (in_words(n, language) for n in rng.integers(0, 1000, 1) for language in ("es", "en"))
    return f" english {spanish}", " " + english.replace("-", " ")


def summarise(rng):
    talk = [" ".join(rng.choice(NOISE, often)) for often in rng.integers(1, 3, 3)]
    who, where = rng.choice(WHO), rng.choice(WHERE)
    return f" {talk[0]} {who} {talk[1]} {where} {talk[2]}", f" {who} {where}"


def answer(rng, asked_first=False):
    people, places, one = rng.permutation(WHO)[:3], rng.choice(WHERE, 3), rng.integers(3)
    facts = " ".join(f"{who} {where}" for who, where in zip(people, places))
    source = f" where {people[one]} : {facts}" if asked_first else f" {facts} : where {people[one]}"
    return source, " " + places[one]


def parse(rng):
    (a, b, c), (o, p) = rng.choice(list("abcdef"), 3), rng.choice(["+", "*"], 2)
    return f" {a} {o} {b} {p} {c}", f" + {a} * {b} {c}" if (o, p) == ("+", "*") else f" {p} {o} {a} {b} {c}"


jobs = {"summarise": summarise, "answer, asked last": answer, "answer, asked first": lambda rng: answer(rng, True),
        **lesson.pick({"translate": translate, "parse": parse}, {})}  # these two take more updates
lesson.table(["job", "source", "target"], [(name, *job(lesson.rng)) for name, job in jobs.items()])

# %% [markdown]
# ## Two nets, one arrow
#
# Reading is lesson 17's GRU. Writing is lesson 12's language model, with $C$ as its initial state: it predicts the next
# word from the words before *and from $C$*.
#
# $$C = h^\text{enc}_{n_x} \qquad h_0 = C \qquad h_t = \text{GRU}(y_{t-1}, h_{t-1}) \qquad
# P(y_t \mid y_1 \ldots y_{t-1}, x) = \text{softmax}(V h_t)$$
#
# Two words are missing in every vocabulary. What is $y_0$? And who says when to stop? So each target begins with a
# **start token** `<SOS>`, which is only ever read, and ends with an **end token** `<EOS>`, which is only ever written.
# That is how the two lengths get loose from each other: $n_y$ is *predicted*.

# %%
class Net(nn.Module):
    def __init__(self, sources, targets, hidden, every=False, layer=nn.GRU):
        self.every = every
        self.read, self.encoder = nn.Embedding(sources, E), layer(E, hidden, unroll=False)
        self.write, self.decoder = nn.Embedding(targets, E), layer(E + every * hidden, hidden, unroll=False)
        self.out = nn.Linear(hidden, targets)

    def context(self, x, lengths):
        return self.encoder(self.read(x), lengths=lengths)[1]  # C (1, B, hidden), whatever the length

    def decode(self, before, h, C):
        at_each = [mg.broadcast_to(C, (len(before), *C.shape[1:]))] if self.every else []
        hs, h = self.decoder(mg.concat([self.write(before), *at_each], axis=-1), h)
        return self.out(hs), h

    def forward(self, x, lengths, before):
        C = self.context(x, lengths)
        return self.decode(before, C, C)[0]

    def say(self, x, lengths, vocab, most):
        """Greedy: the likeliest word is the next input; after its <EOS> a row says nothing else. Ids (most, B)."""
        h = C = self.context(x, lengths)
        said = [np.full((1, x.shape[1]), vocab.sos)]
        while len(said) <= most:
            y, h = self.decode(said[-1], h, C)
            said.append(np.where(said[-1] == vocab.eos, vocab.eos, y.numpy().argmax(axis=-1)))
        return np.concatenate(said[1:])


# %% [markdown]
# Both are trained **together**, with a loss at each step, $-\log P(y_t \mid y_1 \ldots y_{t-1}, x)$, averaged over all
# steps of the batch. Over one pair they add up to $-\log P(y \mid x)$: the right answer shall be likely, and its $n_y$
# need not be $n_x$. Nothing says what $C$ should be; all that the encoder ever hears is what the decoder complains
# about. In the picture ($x$: three symbols, $y$: two and the end) follow the coloured arrows from the losses.
# **Predict** over how many arrows the encoder hears of them, if $C$ is the initial state, and if it is read at every
# step.

# %%
def small(context):
    net = nn.encoder_decoder(4, 4, 2, 3, cell="gru", context=context)
    return viz.record(mg.cross_entropy(net(np.array([[0], [1], [2]]), np.array([[2], [0], [1], [3]])), [[0], [1], [3]]))


lesson.show("initial_state", viz.draw(small("state"), view="cells", title="The context is the initial state"))
lesson.show("every_step", viz.draw(small(("state", "every")), view="cells", title="The context at every step, too"))

# %% [markdown]
# One arrow is all that joins the two. Whatever the source says has to go through it, however long the source is; and
# the encoder's gradient comes back through it, past all the writing. With $C$ at every step, which is Cho's way, each
# loss has a way back of its own. (A third way: $C$ as the first *input*. Lesson 26 feeds a picture like that.)
#
# ## One net, five jobs
#
# All jobs into one pot, one net of 64 units. It is tested with requests that it has never met, and right means right in
# **every** word. **Predict** the order of the five, and mind the two kinds of questions.

# %%
def loss_of(net, ids):
    return mg.cross_entropy(net(ids.source, ids.lengths, ids.target[:-1]), ids.wanted, ignore_index=-1)


def learn(net, data, updates, params=None):
    rng, optimizer = np.random.default_rng(lesson.seed), optim.Adam(params or net, lr=LR)

    def batches():
        for rows in rng.permutation(data.source.shape[1]).reshape(-1, 128):
            yield PairIds(*[part[..., rows] for part in data])

    train.fit(lambda ids: loss_of(net, ids), batches, optimizer, updates, clip=1.0,
              schedule=optim.CosineLR(optimizer, updates))
    return net


def exact(net, pairs, source_vocab, vocab):
    """For each pair: is the answer right in every symbol?"""
    ids = encode_pairs(pairs, source_vocab, vocab)
    with mg.no_grad():
        said = net.say(ids.source, ids.lengths, vocab, len(ids.wanted))
    return np.array([vocab.decode(column) == target for column, target in zip(said.T, pairs.targets)])


# %%
known = [job(lesson.rng) for _ in range(1280) for job in jobs.values()]
new = {name: Pairs(*zip(*sorted({job(lesson.rng) for _ in range(1000)} - set(known)))) for name, job in jobs.items()}
text, answers = ("".join(part) for part in zip(*known))
vocabs = WordVocab(text), WordVocab(answers, ends=True)
mg.manual_seed(lesson.seed)
clerk = learn(Net(*map(len, vocabs), 64), encode_pairs(Pairs(*zip(*known)), *vocabs), lesson.pick(250, 110))
share = {name: exact(clerk, pairs, *vocabs).mean() for name, pairs in new.items()}
lesson.table(["job", "right, of new requests"], share.items())
lesson.check("summaries", share["summarise"], ">=", 0.9)
lesson.check("question_first_helps", share["answer, asked first"] - share["answer, asked last"], ">=", 0.1)

# %% [markdown]
# Nothing in the code knows what a job is; it is all in the pairs. And the same facts, with the same question: asked
# *first*, the net has to keep a single place; asked *last*, it must keep all three with their owners, since anything
# may be asked. Who remembers only *which* places were named, and says the most frequent one, is right in 9 of 16 cases
# (count it). That is about where the net stands.
#
# > **The slides say:** the state is a "lossy" summary of the sequence, "task-relevant", of fixed size; the most
# > demanding task is to get back the whole input, an *auto-encoder*.
#
# True, and there you saw it: what is dropped depends on what the net *knows* it will need. Now for the most demanding.

# %% [markdown]
# ## The bottleneck
#
# The task is to read a word and to write it again: random words made of the letters a to h, so nothing can be guessed.
# Each letter is 3 bits, a word of eight is 24. The smallest of our states, ten numbers of 32 bits each, has room for
# 320. **Predict** the share of right words by length, for each size of $C$; mark where it falls below one half.

# %%
LONGEST, UPDATES, *WIDTHS = lesson.pick((8, 90, 12, 24, 48), (6, 60, 10, 40))
places, least, most = range(1, LONGEST + 1), WIDTHS[0], WIDTHS[-1]
letters = CharVocab("abcdefgh"), CharVocab("abcdefgh", ends=True)


def both_ways(count, rng):
    """Words of 1 to LONGEST letters, with the same word as the answer; and the same with the source turned round."""
    sources, from_back = reversal(count, rng, LONGEST, "abcdefgh")
    return {False: Pairs(sources, sources), True: Pairs(from_back, sources)}


def speller(hidden, turned=False, layer=nn.GRU, every=False, frozen=False):
    mg.manual_seed(lesson.seed)
    net = Net(*map(len, letters), hidden, every, layer)
    params = [p for part in (net.write, net.decoder, net.out) for p in part.parameters()] if frozen else None
    return learn(net, taught[turned], UPDATES, params)


taught, test = both_ways(128 * 40, lesson.rng), both_ways(1000, lesson.rng)
taught, asked = ({way: encode_pairs(part[way], *letters) for way in part} for part in (taught, test))
size = asked[False].lengths


def by_length(net, turned=False):
    right = exact(net, test[turned], *letters)
    return np.array([right[size == n].mean() for n in places])


# %%
nets = {hidden: speller(hidden) for hidden in WIDTHS}
curves, copier = {hidden: by_length(net) for hidden, net in nets.items()}, nets[most]
lesson.table(["letters", *[f"{n} units" for n in WIDTHS]], zip(places, *curves.values()))
lesson.check("short_words", curves[most][:2].mean(), ">=", 0.9)
lesson.check("bottleneck", curves[most][:2].mean() - curves[most][-2:].mean(), ">=", 0.5)
lesson.check("more_units_help", curves[most].mean() - curves[least].mean(), ">=", 0.2)


def draw_curves(ax):
    for look, hidden in zip(["o-", "s--", "^:"], WIDTHS):
        ax.plot(places, curves[hidden], look, label=f"{hidden} units")
    ax.set(title="The longer the word, the less of it fits", xlabel="letters in the word", ylabel="right words")
    ax.legend()


lesson.plot("bottleneck", draw_curves)

# %% [markdown]
# The famous picture (Bahdanau and others, 2014) has the same fall: the quality of a translation against the length of
# the sentence. Every size has its cliff, more units move it to the right, and no size abolishes it.
#
# **What is true**, and easily told wrong: it is not that the *bits* do not fit. There is room for far more than 24 in
# each of these states. But the net has to *find* a code in which any letter, at any place, can be put in and taken out
# again by the same few matrices, and for that it wants many units and many updates: train longer, and the cliff moves
# to the right as well. Fixed size is the trouble; a long sentence should bring a large memory with it.
#
# ## Is all of it learned?
#
# Encoder and decoder are trained jointly. **Predict** how much is lost if the encoder keeps its random first weights
# and only the decoder learns. (A random recurrent net remembers, too: lesson 09.) And how much is won with $C$ at every
# step? And if the source is read **from back to front**, with the answer as before?

# %%
tried = {"C as initial state": (copier, False), "encoder not trained": (speller(most, frozen=True), False),
         "C at every step, too": (speller(most, every=True), False), "source turned": (speller(most, True), True),
         "plain RNN": (speller(most, False, nn.RNN), False), "plain RNN, turned": (speller(most, True, nn.RNN), True)}
with mg.no_grad():
    losses = {name: loss_of(net, asked[way]).item() for name, (net, way) in tried.items()}
shares = {name: by_length(*one) for name, one in tried.items()}
lesson.table(["trained", "loss on new words", "right words", f"of {LONGEST - 1} and {LONGEST} letters"],
             [(name, losses[name], shares[name].mean(), shares[name][-2:].mean()) for name in tried])
lesson.check("together_pays", shares["C as initial state"].mean() - shares["encoder not trained"].mean(), ">=", 0.25)
lesson.check("turning_helps", losses["plain RNN"] / losses["plain RNN, turned"], ">=", 1.3)

# %% [markdown]
# The random encoder does hold the word, somehow, but in a form of which the decoder can read little. The two have to
# agree on a language, and only the joint gradient makes them. (With $C$ at every step the state need not keep it in
# mind. It is a shorter way *and* a larger net, though, with more weights, so do not read too much into that row.)
#
# And turned round? **A word is easier to turn round than to copy.** Sutskever's translator read its English from back
# to front, and won much by it. Why? Count the steps between reading a letter and writing it. With five letters they are
# 5 5 5 5 5 if the source is read as it is, and 1 3 5 7 9 if it is turned round. **Predict** the mean of each.

# %% [markdown]
# It is the same! What is lost at the end is won at the start. But a first letter that is *one* step away is learned at
# once, since near gradients are large (lesson 14), and then there is something to build on; if all letters are equally
# far, nothing begins. So the net whose gradients vanish, the **plain RNN**, has by far the most of it. The GRU, which
# carries them further (lesson 17), gains much less, and with another seed now and then nothing. (Sutskever's net was an
# LSTM, and its sentences were longer. They believe in these "short term dependencies", and say that they have no
# complete explanation.) Mind what the trick is: the same data, in another order.
#
# ## What the loss does not see
#
# In training the decoder is fed the *right* letters, whatever it has said: **teacher forcing**, lesson 07. So all steps
# can be computed at once, and a loss for each is averaged. In use it is fed **its own**. **Predict** how the share of
# right letters depends on the place in the longest words: for the plain RNN, with the source as it is and turned, and
# for our GRU, fed with the right letters and with its own.

# %%
def letters_right(net, turned=False, own=False):
    """For each place in the longest words, the share of right letters."""
    with mg.no_grad():
        x, n, before, wanted = asked[turned]
        y = net.say(x, n, letters[1], len(wanted)) if own else net(x, n, before[:-1]).numpy().argmax(axis=-1)
    return (y == wanted)[:LONGEST, size == LONGEST].mean(axis=1)


plain, near = (letters_right(*tried[name]) for name in ("plain RNN", "plain RNN, turned"))
fed_right, fed_own = letters_right(copier), letters_right(copier, own=True)
lesson.table(["place", "RNN", "RNN, turned", "GRU", "GRU, fed its own"], zip(places, plain, near, fed_right, fed_own))
lesson.check("forcing_flatters", (fed_right - fed_own)[LONGEST // 2:].mean(), ">=", 0.1)


def draw_places(axes):
    parts = [("Plain RNN: what is near is learned", (plain, "source as it is"), (near, "turned round")),
             ("GRU: one mistake brings the next", (fed_right, "fed the right letters"), (fed_own, "fed its own"))]
    for ax, (title, *lines) in zip(axes, parts):
        for look, (curve, label) in zip(["o-", "s--"], lines):
            ax.plot(places, curve, look, label=label)
        ax.set(title=title, xlabel="place of the letter", ylabel="right letters", ylim=(0, 1.05))
        ax.legend()


lesson.plot("places", draw_places, size=(10, 3.8), ncols=2)

# %% [markdown]
# Left: turned round, the letters come right in the order of their distance, 1, 3, 5 steps and so on. As it is, all are
# equally far.
#
# Right: fed its own letters the decoder loses its place. After one wrong letter it is in a situation that it has
# never met in training, and all that follows suffers (*exposure bias*). The loss on the log cannot see that.
#
# ## The cure, and what it costs
#
# So feed it its own words in training as well: each input is the true one with the chance $r$, the *teacher forcing
# ratio*, else its own guess (*scheduled sampling*, Bengio and others, 2015). Try it with the automatic reply. To an
# offer of coffee, tea or cake, people say "yes please", "no thanks" or "maybe later", all equally often. The net is to
# write like them. We **sample** (lesson 12). **Predict** the share of replies that are one of the three, for $r = 1$
# and $r = 0$.

# %%
REPLIES, OFFERS = [" yes please", " no thanks", " maybe later"], [" coffee", " tea", " cake"]
offers, replies = WordVocab("".join(OFFERS)), WordVocab("".join(REPLIES), ends=True)


def host(ratio, count=2000):
    """`count` replies of a net trained with this ratio."""
    mg.manual_seed(lesson.seed)
    rng, net = np.random.default_rng(lesson.seed), nn.encoder_decoder(len(offers), len(replies), 8, 16, cell="gru")

    def batches():
        yield encode_pairs(Pairs(rng.choice(OFFERS, 64), rng.choice(REPLIES, 64)), offers, replies)

    def reply_loss(ids):
        return mg.cross_entropy(net(ids.source, ids.target, ids.lengths, ratio, "sample", rng), ids.wanted)

    train.fit(reply_loss, batches, optim.Adam(net, lr=LR), 110)
    with mg.no_grad():
        state, said = net.begin(np.full((1, count), offers.encode(" tea")[0])), [np.full(count, replies.sos)]
        while len(said) < 4:
            y, state = net.step(said[-1], state)
            said.append((y.numpy() + rng.gumbel(size=y.shape)).argmax(axis=-1))  # a sample of the softmax
    return [replies.decode(column) for column in np.stack(said[1:]).T]


# %%
heard = {r: host(r) for r in lesson.pick((1, 0.5, 0), (1, 0))}
whole = {r: np.mean([reply in REPLIES for reply in said]) for r, said in heard.items()}
lesson.table(["r", "whole replies", "r + (1 - r) / 3", "for example"],
             [(r, whole[r], r + (1 - r) / 3, ",".join(heard[r][:4])) for r in heard])
lesson.check("replies_off", [abs(whole[r] - r - (1 - r) / 3) for r in heard], "<=", 0.1)

# %% [markdown]
# With $r = 0$ it has learned that "yes" is followed by *anything*. Of course: it had said "yes" by itself, and the true
# reply of that example, "no thanks", went on with "thanks". With the chance $r$ the word that it was fed belongs to the
# reply that is asked for, else it belongs to it in one case of three: $r + (1-r)/3$, to be computed beforehand.
#
# So: where there is **one** right answer, as in spelling, its own mistakes may be worth meeting in training. Where
# there are **several** (translations, replies, nearly all of language), the cure teaches nonsense, and teacher forcing
# alone has the right optimum (Huszár, 2015). Note also what greedy writing would make of $r = 1$: always the same
# reply, to everybody. It is the known dullness of automatic replies.

# %% [markdown]
# ## Where this lives in minigrad
#
# `minigrad/nn/seq2seq.py`: an `Encoder` gives an `Encoded`, a `Decoder` with `context=` "state", "first" or "every" and
# `teacher_forcing=` writes, `Seq2Seq` joins them, `generate` stops at the end token; `nn.encoder_decoder` builds all of
# it. `encode_pairs` in `minigrad/data/pairs.py` sets the tokens and the padding.
# (Our `Net` is faster, since it gives all steps to one fused kernel, and only knows two of the ways.)

# %% [markdown]
# ## What we left out
#
# * Better than the likeliest word at each step is to search for the likeliest *sequence*: lesson 25.
# * An encoder that reads both ways (lesson 20) and several layers (lesson 21). Sutskever's had four of each.
# * Arithmetic: "47+51", "98". A net like ours, of 96 units, does it for 19 of 20 new sums and more, if it gets more
#   than ten times as many updates (`tests/test_end_to_end_seq2seq.py`).
# * Whether scheduled sampling helps the speller. We said that it may, and did not try; exercise for a long evening.
# * The way out of the bottleneck, which is to keep more of the encoder than its last state: the next lesson.
#
# ## Quiz

# %% [markdown]
# 1. The source has 7 words, the target 4. How many losses are there, and how many steps does the decoder make in use?
#
# <details><summary>Answer</summary>
#
# Five: four words and the end token. And five steps, if it is right about the end.
#
# </details>
#
# 2. Which of `<SOS>` and `<EOS>` could be left out of the softmax?
#
# <details><summary>Answer</summary>
#
# `<SOS>`: it is only read, never written. (Most programs leave it in; the net soon gives it no chance.)
#
# </details>

# %% [markdown]
# 3. Where does the encoder's gradient come from?
#
# <details><summary>Answer</summary>
#
# From the decoder's losses alone, through $C$: there is no loss at the encoder.
#
# </details>
#
# 4. Two friends build a net that answers questions about a text. One gives it the question first. Who needs less state?
#
# <details><summary>Answer</summary>
#
# He who asks first: his encoder can drop what is not asked for. The other one's must keep everything.
#
# </details>

# %% [markdown]
# 5. Accuracy in training, letter by letter, is 95 %. What do you know about whole words of ten letters in use?
#
# <details><summary>Answer</summary>
#
# Not much. If the mistakes were independent, $0.95^{10}$, which is about 60 %. But in training the right letters were
# fed in, and in use one mistake brings the next; and mistakes pile up in the long words.
#
# </details>
#
# ## Exercises
#
# `python -m lessons exercise 23` copies these and more into files of yours; `check 23` examines them, `hint 23` helps.


# %%
# Exercise 23.1: what the decoder reads and what it is to write, (T, B) each, from B lists of ids.
def decoder_sides(targets, sos, eos):
    raise NotImplementedError("TODO 23.1: start token, end token, and padding that is not counted")


# %%
# Exercise 23.2: write greedily, for one source. step(id, state) -> (scores, state).
def write_greedily(step, state, sos, eos, most):
    raise NotImplementedError("TODO 23.2: feed back what was said, stop at the end token or after `most`")


# %%
# Exercise 23.3 (predict): the steps from reading a letter to writing it, for a source as it is or turned round.
def ways(n_x, turned):
    raise NotImplementedError("TODO 23.3: (shortest, mean, longest) in steps, for a source of n_x letters")


# %%
# Exercise 23.4 (predict): the share of whole replies, if people give reply k with the chance p[k].
def whole_share(p, r):
    raise NotImplementedError("TODO 23.4: with all p alike it is r + (1 - r) / len(p)")


# %%
lesson.finish()
