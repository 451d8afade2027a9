"""26 Captions
question: how does a net say what it sees, and how much of what it says has it seen?
claim: a captioner learns to talk before it looks; at which door the picture comes in decides whether it ever looks
check: blind_exact <= 0.05 and blind_bits_off <= 0.5 and every_exact >= 0.85 and
    bits_that_came_through >= 2 and door_grows >= 20 and ready_eye_helps >= 0.15 and looks_over_blind >= 0.15 and
    looks_at_its_own >= 0.2 and speaks_of_two >= 0.9 and pair_lost >= 0.2 and false_colour_frees >= 0.2 and
    it_saw_the_form >= 0.05
data: generated   seconds: 35   fast_seconds: 13
items: A12 H5 O25   needs: 10 12 14 17 23 24
"""

# %% [markdown]
# # 26 Captions
#
# "man in black shirt is playing guitar." "construction worker in orange safety vest is working on road." "two young
# girls are playing with lego toy." These three sentences stand under three photographs on the slides, and no person
# wrote them. **One to many**: one picture goes in, and words come out until the net says that it is done.
#
# In lesson 10 a title went in, and a tune came out that had been learned by heart. Today the pictures are *new*. All
# the parts are known: an eye (some layers that make a vector of a picture), the language model of lesson 12, and the
# question of lessons 23 and 24, how the one gets into the other. You will see a net that writes perfect sentences and
# has never opened its eyes; you will find out why, and watch another one look.

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

import minigrad as mg
import viz
from minigrad import nn, optim, train
from minigrad.data import WordVocab, encode_targets, shapes
from minigrad.data.shapes import COLOURS, Shapes

lesson = kit.begin("26")
SIDE, E, H, V, BATCH = 14, 16, 64, 128, lesson.pick(64, 48)  # pixels a side; sizes of word, state, view and batch

# %% [markdown]
# ## Pictures with a caption
#
# Photographs are too large for a lesson, so ours are drawn: two shapes on black, 14 by 14 pixels. Circle, square or
# triangle, in red, green or blue; one of them *above* or *left of* the other one. Of all captions that can be made of
# these words exactly one is true of a picture. One thing we keep back: no picture with a **green triangle** is learned
# from. Both words are, in other company. That is for the end.
#
# **Predict**: 162 captions can be made, and 128 are left without green triangles. How many bits must come from the
# picture to the words? And how many words of a caption need none?

# %%
usual = lambda caption: "green triangle" not in caption
known = shapes(lesson.pick(5000, 3000), lesson.rng, SIDE, "train", usual)
new = shapes(300, lesson.rng, SIDE, "valid", usual)
unheard = shapes(150, lesson.rng, SIDE, "valid", lambda caption: not usual(caption))
vocab = WordVocab("\n".join(known.captions), ends=True)
target, wanted = encode_targets(known.captions, vocab)
bits = np.log2(len(set(known.captions)))
print(f"{len(set(known.captions))} captions, made of {len(vocab)} words (with <SOS>, <EOS>, <UNK>): {bits:.3f} bits")


def draw_examples(axes):
    for ax, image, caption in zip(axes, new.images, new.captions):
        ax.imshow(image.transpose(1, 2, 0))
        ax.set(xticks=[], yticks=[], xlabel=caption.replace(" a ", "\na "))


lesson.plot("pictures", draw_examples, size=(10, 2.6), ncols=4)

# %% [markdown]
# Seven bits, to choose one of 128. They are in five words of a caption: two colours, two forms, and one word that says
# how they stand. The *a*'s, the *of* and the end follow by themselves: a language model knows them without looking.
#
# ## Three doors
#
# The slides' caption decoder is a recurrent language model with one more vector: $v$, what the eye makes of the
# picture. It is lesson 23's context $C$ again, and there are three places where it can come in:
#
# $$h_0 = \tanh(W v) \qquad\qquad x_1 = W v \qquad\qquad x_t = [y_{t-1}, W v] \text{ for every } t$$
#
# as the **initial state**; as the **first input**, a word before the first word, as it were; or at **every step**.
# In the pictures find the ways back from the losses to the vector. **Predict** which door is the best.

# %%
class Eye(nn.Module):
    """Pictures (B, 3, 14, 14) -> vectors (B, V)."""

    def __init__(self):
        self.eye_1, self.eye_2 = nn.Linear(3 * SIDE * SIDE, V), nn.Linear(V, V)

    def forward(self, images):
        return mg.relu(self.eye_2(mg.relu(self.eye_1(mg.Tensor(images.reshape(len(images), -1))))))


class Captioner(nn.Module):
    def __init__(self, way, eye=None, unroll=False):
        self.way, self.eye, self.words = way, eye or Eye(), nn.Embedding(len(vocab), E)
        self.door = nn.Linear(V, {"h_0": H, "first": E, "every": H}[way])
        self.gru = nn.GRU(E + H * (way == "every"), H, unroll=unroll)
        self.out = nn.Linear(H, len(vocab))

    def forward(self, images, before):
        """Scores (T, B, words) of the words that come next, from pictures and the words before (T, B)."""
        view, x = self.door(self.eye(images)), self.words(before)
        h = mg.tanh(view)[None] if self.way == "h_0" else None
        if self.way == "first":
            x = mg.concat([view[None], x])
        if self.way == "every":
            x = mg.concat([x, mg.broadcast_to(view, (len(x), *view.shape))], axis=-1)
        return self.out(self.gru(x, h)[0][-len(before):])


for way, title in [("h_0", "The picture as initial state"), ("every", "The picture at every step")]:
    loss = mg.cross_entropy(Captioner(way, unroll=True)(new.images[:1], target[:4, :1]), wanted[:4, :1])
    lesson.show(way, viz.draw(viz.record(loss), view="cells", title=title))

# %% [markdown]
# Training is as always: the true words go in, one step late, and each step has a loss. One more net gets pictures that
# are **all black**. It can only become a language model of captions. What is the best that it can do? All captions are
# equally frequent, so its loss, added up over a caption, cannot fall below those seven bits.
#
# **Predict** the curves: how many bits are missing in a caption, update after update, for the blind net and for the
# three doors? (In fast mode for two of them.) Mark where a net begins to *look*.

# %%
def learn(net, updates, light=1, only=None):
    """Bits missing in a caption at each update, and the length of the gradient that reaches the eye."""
    optimizer, reached = optim.Adam(only or net, lr=0.01), []
    batches = np.random.default_rng(lesson.seed).integers(0, len(known.captions), (updates, BATCH))

    def loss_of(rows):
        return mg.cross_entropy(net(light * known.images[rows], target[:-1, rows]), wanted[:, rows], ignore_index=-1)

    def clip(params):
        reached.append(optim.clip_grad_norm(net.eye.parameters(), np.inf).item())
        optim.clip_grad_norm(params, 1.0)

    history = train.fit(loss_of, batches, optimizer, updates, clip=clip, schedule=optim.CosineLR(optimizer, updates))
    return np.array(history.losses) * [(wanted[:, rows] >= 0).sum() / BATCH for rows in batches] / np.log(2), reached


def say(net, images):
    """Greedy: the likeliest word is read as the next one."""
    said = np.full((1, len(images)), vocab.sos)
    with mg.no_grad():
        while len(said) < 10:
            likeliest = net(images, said).numpy()[-1].argmax(axis=-1)
            said = np.concatenate([said, np.where(said[-1] == vocab.eos, vocab.eos, likeliest)[None]])
    return [vocab.decode(column) for column in said[1:].T]


def told(caption):
    """The words that say something: colour, form, above or left, colour, form."""
    words = caption.split()
    return words[1:4] + words[-2:] if len(words) in (7, 8) else [""] * 5


def right(net, data):
    """Shares of right captions, and of the five words that say something."""
    said = say(net, data.images)
    words = np.mean([np.equal(told(a), told(b)) for a, b in zip(said, data.captions)], axis=0)
    return np.mean(np.equal(said, data.captions)), *words


# %%
updates, nets, logs = lesson.pick(400, 140), {}, {}
for name in lesson.pick(("blind", "h_0", "first", "every"), ("blind", "h_0", "every")):
    mg.manual_seed(lesson.seed)
    nets[name] = Captioner("h_0" if name == "blind" else name)
    logs[name] = learn(nets[name], updates // 2 if name == "blind" else updates, light=name != "blind")
shares = {name: right(net, new) for name, net in nets.items()}
COLUMNS = "exact", "colour", "form", "above/left", "colour", "form"
lesson.table(["picture as", *COLUMNS], [(name, *share) for name, share in shares.items()])
print("h_0 says:", "; ".join(sorted(set(say(nets["h_0"], new.images)))[:5]))
lesson.check("blind_exact", shares["blind"][0], "<=", 0.05)
lesson.check("blind_bits_off", abs(logs["blind"][0][-20:].mean() - bits), "<=", 0.5)
lesson.check("every_exact", shares["every"][0], ">=", lesson.pick(0.85, 0.2))
lesson.check("bits_that_came_through", logs["h_0"][0][-20:].mean() - logs["every"][0][-20:].mean(), ">=", 2)


def draw_logs(axes):
    for name, (missing, gradient) in logs.items():
        axes[0].plot(missing, label=name, lw=5 if name == "blind" else 1.5)
        axes[1].plot([] if name == "blind" else gradient)
    axes[0].axhline(bits, color="black", ls=":", lw=1)
    axes[0].set(title="First the grammar, then the picture", xlabel="update", ylabel="missing bits", ylim=(0, 20))
    axes[1].set(title="What the eye hears", xlabel="update", ylabel="gradient at the eye", yscale="log")
    axes[0].legend()


lesson.plot("doors", draw_logs, size=(10, 3.8), ncols=2)

# %% [markdown]
# What they learn first is a sentence, one and the same for every picture. All curves come down to the seven bits in
# some twenty updates: **grammar first**. (It is in every example, so it has the large gradients.) The net that has the
# picture at every step goes on from there. `h_0` and `first` stay, on the curve of the blind net (the broad one) or
# hardly below, with faultless sentences that have nothing to do with the picture. On the right you see why: nearly
# nothing comes back to the eye.
#
# But how did a door get shut that was open at update 0? Look at what goes through it. **Predict** for `h_0`: how large
# is $W v$, before the tanh, how much does it differ from picture to picture, and how steep is the tanh there, before
# training and after?

# %%
def door(net):
    view = net.door(net.eye(new.images)).numpy()
    return np.abs(view).mean(), view.std(axis=0).mean(), np.mean(1 - np.tanh(view) ** 2)


rows = {"h_0, before": door(Captioner("h_0")), "h_0, after": door(nets["h_0"]), "every, after": door(nets["every"])}
lesson.table(["W v", "size", "differs by", "slope of a tanh"], [(name, *row) for name, row in rows.items()])
lesson.check("door_grows", rows["h_0, after"][0] / rows["h_0, before"][0], ">=", 20)

# %% [markdown]
# What the grammar needs from the first state is *one* state, the same for all captions. The eye is made of layers, and
# layers with a constant output are as good for that as anything: so all weights from the picture on are pulled along,
# the vector grows, what it has in common drowns what differs, and the tanh is flat there (lesson 14). Gradient times
# flat is nothing. The first input ends alike, in gates that are shut. At every step there is no such quick gain: *one*
# constant cannot be right for *a*, for *circle* and for the end. So the words do it, and what comes through the door
# stays small and differs from picture to picture nearly as much as it is large: the last row.
#
# (A tenth of the learning rate lets `h_0` crawl out again, after hundreds of updates. Try it.)
#
# ## An eye that is ready
#
# And yet "Show and tell" (Vinyals and others, 2015), the best-known captioner, gives its picture **once**, as the first
# input; at every step it was *worse*, the authors say, since the net then learns its pictures by heart. A
# contradiction? Their eye came from elsewhere: a convolutional net that had learned from a million photographs what is
# to be seen. So take the eye of our good net, let it be as it is, and train a new `h_0` behind it. **Predict**.

# %%
ready = Captioner("h_0", nets["every"].eye)
learn(ready, updates, only=[p for name, p in ready.named_parameters() if not name.startswith("eye")])
shares["h_0, ready eye"] = right(ready, new)
lesson.table(["picture as", *COLUMNS], [(name, *shares[name]) for name in ("h_0", "h_0, ready eye", "every")])
lesson.check("ready_eye_helps", np.mean(shares["h_0, ready eye"][1:]) - np.mean(shares["h_0"][1:]), ">=", 0.15)

# %% [markdown]
# The door was never too small: one vector, handed over once, is enough for seven bits. It was **learning to see through
# it** that failed. (After few updates, as in fast mode, the second form is the worst: its word is said last, and the
# state has to keep it until then.)
# So which door is best is not a property of the door. Ask first whether the eye can see already.
#
# ## Looking at one thing after the other
#
# Now lesson 24. Cut the picture into 4 by 4 **patches** and make a vector of each, all with the same weights: that is a
# convolution with steps of 4. (Each sees two pixels beyond its neighbours, else a circle would be in crumbs.) Nothing
# is handed over at all. The GRU is a language model pure and simple; but before each word its state asks a question,
# additive attention weighs the sixteen patches, and word and find are mixed. "Show, attend and tell" (Xu and others,
# 2015) is built so, with 14 by 14 vectors from a ready eye.
#
# One line you may not expect: each patch gets a learned vector, `places`, that says **where** it is. **Predict** what
# the net gets wrong without it (tried in full mode only).

# %%
class Looker(nn.Module):
    def __init__(self, places=True):
        self.eye = nn.Conv2d(3, H, 6, stride=4, padding=2)
        self.places = nn.Parameter(nn.init.normal((16, H), 0.5)) if places else 0
        self.words, self.gru = nn.Embedding(len(vocab), E), nn.GRU(E, H, unroll=False)
        self.query, self.key, self.score = nn.Linear(H, 32), nn.Linear(H, 32), nn.Linear(32, 1)
        self.mix, self.out = nn.Linear(2 * H, H), nn.Linear(H, len(vocab))

    def look(self, images, before):
        """States (B, T, H), patches (B, 16, H), and the weights of the patches at each step (B, T, 16)."""
        h = mg.permute_dims(self.gru(self.words(before))[0], (1, 0, 2))
        seen = mg.permute_dims(self.eye(mg.Tensor(images)).reshape(len(images), H, 16), (0, 2, 1))
        patches = mg.relu(seen + self.places)
        pairs = mg.expand_dims(self.query(h), 2) + mg.expand_dims(self.key(patches), 1)
        return h, patches, mg.softmax(self.score(mg.tanh(pairs))[..., 0], axis=-1)

    def forward(self, images, before):
        h, patches, a = self.look(images, before)
        return mg.permute_dims(self.out(mg.relu(self.mix(mg.concat([h, a @ patches], axis=-1)))), (1, 0, 2))


# %%
for name in lesson.pick(("looks", "looks, no places"), ("looks",)):
    nets[name] = Looker(places=name == "looks")
    learn(nets[name], lesson.pick(300, 160))
    shares[name] = right(nets[name], new)
lesson.table(["net", *COLUMNS], [(name, *shares[name]) for name in nets])
lesson.check("looks_over_blind", np.mean(shares["looks"][1:]) - np.mean(shares["blind"][1:]), ">=", 0.15)

# %% [markdown]
# Attention is a mean, and a mean knows no order (exercise 24.5). Without places the net finds out *what* is there and
# not what comes first. (It has found a leak, though: *above* it says rightly in more than half of the cases. Our
# generator puts the centres of an upper and a lower shape into rows 2 or 3 and 10 or 11; counted within a patch of 4
# rows these are the same two, while a shape that stands beside another one may be in any row. Nets find every leak.)
#
# Do not be too fond of attention. The plain vector of all pixels learns this task faster: seven bits fit into one
# vector, and there every pixel has its own weights. What attention brings is that one can **watch**.
#
# ## Where it looks
#
# Pictures whose shapes have two colours, so that we know what is where. White is laid over the picture, the thicker the
# more weight, while the net is fed the true caption. **Predict** for each word where it will look. And for *a*?

# %%
two = Shapes(*map(np.array, zip(*[pair for pair in zip(*new) if told(pair[1])[0] != told(pair[1])[3]])))
a = nets["looks"].look(two.images, encode_targets(two.captions, vocab)[0][:-1])[2].numpy().reshape(-1, 9, 4, 4)


def sees(image, colour):
    """Which patches (4, 4) see something of this colour?"""
    return sliding_window_view(np.pad(image[COLOURS.index(colour)], 2), (6, 6))[::4, ::4].any(axis=(2, 3))


FRAME, on = (-1.5, SIDE + 0.5, SIDE + 0.5, -1.5), np.zeros((5, 2))
for weights, image, caption in zip(a, *two):
    first, second = (sees(image, told(caption)[k]) for k in (0, 3))
    steps = [1, 2, 3, len(caption.split()) - 2, len(caption.split()) - 1]
    on += [[weights[t][part].sum() / len(a) for part in (first & ~second, second & ~first)] for t in steps]
lesson.table(["weight while it says", "on the first shape", "on the second"], zip(COLUMNS[1:], *on.T.round(3)))
lesson.check("looks_at_its_own", [on[0, 0] - on[0, 1], on[3, 1] - on[3, 0]], ">=", 0.2)


def draw_looks(axes):
    for row, relation in zip(axes, ("above", "left of")):
        i = next(i for i, caption in enumerate(two.captions) if relation in caption)
        for ax, word, weights in zip(row, [*two.captions[i].split(), "(end)"], a[i]):
            ax.imshow(two.images[i].transpose(1, 2, 0))
            ax.imshow(np.ones((4, 4)), cmap="gray", vmin=0, vmax=1, alpha=0.85 * weights / a[i].max(), extent=FRAME)
            ax.set(title=word, xticks=[], yticks=[], frame_on=False)


lesson.plot("looks", draw_looks, size=(12, 3.6), nrows=2, ncols=8)

# %% [markdown]
# While it says a colour it looks at the thing that has this colour, and nobody told it what belongs to which word. At
# *a* and at the end, which it knows without, it may look anywhere. So mind lesson 24's warning, and do not read meaning
# into every white patch.
#
# The weak word is *above* or *left of*: the vector of all pixels has it right, always, this net has not. To be sure, it
# would need both shapes in one look (see the table for where it does look), and our GRU is not told what was found
# before. Xu's is: there the find goes into the next step (`attend="before"` in minigrad).
#
# ## What it says of what is not there
#
# Blot out one of the two shapes; then the other one as well. No such picture was ever learned from. **Predict** what
# the nets say.

# %%
lone = np.stack([image * np.equal(COLOURS, told(caption)[0])[:, None, None] for image, caption in zip(*two)])
said = {name: say(nets[name], np.concatenate([lone, 0 * lone[:1]])) for name in ("every", "looks")}
lesson.table(["only the first of", *said], list(zip([*two.captions, "(nothing)"], *said.values()))[-6:])
lesson.check("speaks_of_two", [np.mean([told(text)[0] != "" for text in texts]) for texts in said.values()], ">=", 0.9)

# %% [markdown]
# They never say "a red circle" and stop; they speak of two things, always, since every caption does. The net that looks
# finds the lone colour again when it looks for a second one; the other net invents one more often. And of nothing at
# all both say something definite. A sentence in good form is no evidence that there was something to see.
#
# ## The green triangle
#
# It was kept back, and here it is: pictures with a green triangle. *Green* is known from squares, *triangle* is known
# in red and blue. **Predict**: right? Right in the colour, in the form? And is it the **eye** that fails, or the
# **tongue**? Here is a way to find out. Put a wrong colour into its mouth: the picture has a green triangle as its
# first shape, and we feed "a red". Which form does it say then? (In the last column no triangle comes first: perhaps it
# says *triangle* after *red* whatever it sees?)

# %%
shown = unheard.images[[told(caption)[:2] == ["green", "triangle"] for caption in unheard.captions]]
others = new.images[[told(caption)[0] == "green" for caption in new.captions]]  # a green circle or square comes first


def says_triangle(net, words, images):
    """In how many pictures is `triangle` the likeliest word after these?"""
    before = np.repeat([[vocab.sos], *[[word] for word in vocab.encode(words)]], len(images), axis=1)
    return np.mean(net(images, before).numpy()[-1].argmax(axis=-1) == vocab.encode("a triangle")[1])


lesson.table(["with a green triangle", *COLUMNS], [(name, *right(nets[name], unheard)) for name in said])
asks = [("a green", shown), ("a red", shown), ("a red", others)]
freed = {name: [says_triangle(nets[name], *ask) for ask in asks] for name in said}
lesson.table(["says `triangle` after", "a green", "a red", "a red, none there"], [(n, *f) for n, f in freed.items()])
lesson.check("pair_lost", shares["every"][0] - right(nets["every"], unheard)[0], ">=", 0.2)
lesson.check("false_colour_frees", [f[1] - f[0] for f in freed.values()], ">=", 0.2)
lesson.check("it_saw_the_form", np.mean([f[1] - f[2] for f in freed.values()]), ">=", 0.05)

# %% [markdown]
# The eye knows more than the mouth says. After "a red", which is *false*, the nets mostly say *triangle*, which is so;
# after "a green", which is true, never, or far less often. The language model has read thousands of captions and knows
# that green things are not triangles. Where tongue and eye disagree, the tongue wins, as a rule. (The last column keeps
# us honest: after *red* the nets are fond of *triangle* in any case, most of all in fast mode. What the eye adds is the
# difference of the last two columns.)
#
# A person who has seen red and blue triangles needs no lesson for the green one. Our nets had no reason to take colour
# and form apart. (In full mode the net that looks begins to: it says "green triangle" in some pictures, and the vector
# net in none.) Real captioners have this fault in large: what usually stands together is said together, be it in the
# picture or not.

# %% [markdown]
# ## Where this lives in minigrad
#
# `nn.captioner` in `minigrad/nn/models.py` builds all of this with `context=` "state", "first" or "every", or with
# `attention=`; `generate` and `align` come with it. The eye goes in as `net`, a convolution for instance
# (`tests/test_end_to_end_seq2seq.py` has one that is right in 99 of 100 larger pictures). `minigrad/data/shapes.py`
# draws.
#
# ## What we left out
#
# * Photographs, and an eye for them: a deep convolutional net, trained on another task. Its vector comes in as ours.
# * A picture has *many* good captions, written by people. Then one scores with BLEU and the like, and searches with a
#   beam (lesson 25).
# * Attention that picks one patch by lot (*hard*): it has no gradient, and is trained by reward.
#
# ## Quiz

# %% [markdown]
# 1. A blind captioner knows 162 captions, all equally frequent. To what does its loss per caption fall?
#
# <details><summary>Answer</summary>
#
# To $\log_2 162 = 7.34$ bits, and no further: what is missing is in the picture alone.
#
# </details>
#
# 2. A captioner's sentences are perfect after 50 updates. What do you know about its eye?
#
# <details><summary>Answer</summary>
#
# Nothing. Feed it a black picture and compare: does the loss change? Does the caption?
#
# </details>

# %% [markdown]
# 3. $W v$ has grown to 100 and differs little from picture to picture. Which two remedies are in this lesson?
#
# <details><summary>Answer</summary>
#
# Another door, one through which a constant brings no gain (every step); or an eye that can see before it begins.
#
# </details>
#
# 4. Why must a patch know its place when the plain vector of pixels did without?
#
# <details><summary>Answer</summary>
#
# In the plain vector every pixel has weights of its own. Patches share theirs, and attention adds them up in any order.
#
# </details>

# %% [markdown]
# 5. A net calls a green triangle "a green circle". How do you find out whether it sees the form?
#
# <details><summary>Answer</summary>
#
# Change what it has said, not what it sees: after "a red" it is free to say *triangle*. Does it do
# so more often than for pictures without one?
#
# </details>
#
# ## Exercises
#
# `python -m lessons exercise 26` copies these and more into files of yours; `check 26` examines them, `hint 26` helps.


# %%
# Exercise 26.1: the three doors. v (B, V) and the words' vectors (T, B, E); W (V, H), or (V, E) for "first".
def doors(way, v, words, W):
    raise NotImplementedError("TODO 26.1: the initial state (B, H), or None, and the inputs, for each of the ways")


# %%
# Exercise 26.2 (find the bug): n x n patches of an image (C, n * p, n * p), as rows (n * n, C * p * p).
def cut(image, n):
    raise NotImplementedError("TODO 26.2: image.reshape(n * n, -1) mixes up what belongs together")


# %%
# Exercise 26.3 (predict): the bits per caption that a net misses if it knows these captions and sees nothing.
def blind_bits(captions):
    raise NotImplementedError("TODO 26.3: some captions occur more often than others")


# %%
# Exercise 26.4 (make it fail): the same 4 x 4 patches in another order, and what was above is below.
def other_caption(image):
    raise NotImplementedError("TODO 26.4: another picture (3, 16, 16) that a net without places cannot tell from it")


# %%
lesson.finish()
