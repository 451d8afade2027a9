"""28 Distil, save, ship: the model of the decks
question: how does what a large net knows get into a small one, and both of them safely onto other machines?
claim: soft labels teach more than right answers do, a killed run goes on bit for bit, and a damaged file is refused
check: distilled_gain >= 0.1 and fakes_gain >= 0.1 and went_on_differs == 0 and forgotten_differs >= 0.001 and
    damage_refused == 200 and shipped_differs == 0 and misnumbered_costs >= 0.3 and eight_bits_cost <= 0.05 and
    attention_gain >= 0.5
data: Python's own help texts, or --text FILE; generated   seconds: 30   fast_seconds: 12
items: B8 E18 H11 I17 M9 O23   needs: 02 03 12 16 18 20 21 23 24 25
"""

# %% [markdown]
# # 28 Distil, save, ship: the model of the decks
#
# The last lesson. You have nets that know something, and now they leave the house.
#
# There are three troubles at the door. The net that is best is too **large** for where it shall run. The computer on
# which it learns is switched off in the middle of the **night**. And the file in which it travels has to say
# **everything**, and nothing wrong. So: distil, save, ship. After that, as promised by the whole course, one sentence
# of the decks, which on the first day was a row of strange words: "an encoder-decoder, bidirectional, multilayered LSTM
# with attention".

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
import inspect
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np

import minigrad as mg
import viz
from lessons.header import search_path
from minigrad import checkpoint, data, nn, optim, train
from minigrad.data.pairs import PairIds
from minigrad.errors import CheckpointError
from minigrad.graph import history
from minigrad.regularize import distillation, ensemble
from minigrad.text import softmax_sample

lesson = kit.begin("28")
STREAMS, WINDOW, PAGE, HIDDEN = 32, 12, lesson.pick(61, 37), 24
IMPORTS = "import os, sys\nimport minigrad as mg\nfrom minigrad import data, nn, optim, train"
scratch = tempfile.TemporaryDirectory()
folder = Path(scratch.name)


def claim(*check):
    """A check, unless the text is one of yours: of that nothing is promised."""
    if not lesson.text:
        lesson.check(*check)


def letters_only(text):
    return " ".join("".join(c if c.isalpha() else " " for c in text.lower()).split())


# %% [markdown]
# ## Teachers
#
# The slides' live demo was a net of lesson 12's kind that read 7,200 abstracts of papers and wrote fake ones. (Have you
# such a file? `--text abstracts.txt`.) Ours reads Python's help texts, in Shannon's alphabet of 1951, 26 letters and
# the blank, so it is quick. In full mode there are three of them, in fast mode two, and their *ensemble*, the mean of
# their probabilities, is better than each (lesson 18). Its price is that all of them have to be kept, and asked.

# %%
corpus = lesson.corpus(2 * STREAMS * WINDOW)
with lesson.user_input():
    reading, held_out = letters_only(corpus.train), letters_only(corpus.valid)[: lesson.pick(10000, 5000)]
    vocab = data.CharVocab(reading + held_out)
    windows, exam = (data.contiguous(vocab.encode(text), STREAMS, WINDOW) for text in (reading, held_out))


def learn(hidden, seed, windows, updates, loss_of=mg.cross_entropy):
    """A new net, trained on windows with the state carried from one to the next (lesson 12)."""
    mg.manual_seed(10 * lesson.seed + seed)
    net = nn.LanguageModel(len(vocab), 24, hidden, cell="gru", unroll=False)

    def loss(window, state):
        scores, state = net(window.inputs, state)
        return loss_of(scores, window.targets), state

    adam = optim.Adam(net, lr=0.02)
    train.fit(loss, windows, adam, updates, carry=True, clip=1.0, schedule=optim.CosineLR(adam, updates, 0.001))
    return net


@mg.no_grad()
def read(nets, windows):
    """What the nets say together about each window: log probabilities (T, B, V)."""
    said, states = [], [None] * len(nets)
    for window in windows:
        scores, states = zip(*[net(window.inputs, state) for net, state in zip(nets, states)])
        said.append(ensemble(scores))
    return said


def bits(*nets, exam=exam):
    """Bits per letter of the held-out text."""
    nats = [mg.cross_entropy(s, w.targets, reduction="sum").item() for s, w in zip(read(nets, exam), exam)]
    return sum(nats) / sum(w.targets.size for w in exam) / np.log(2)


teachers = [learn(64, n, windows, lesson.pick(300, 120)) for n in range(lesson.pick(3, 2))]
print("bits per letter, alone:", *(f"{bits(net):.3f}" for net in teachers), "and together:", f"{bits(*teachers):.3f}")

# %% [markdown]
# ## Soft labels
#
# "Cumbersome", say the slides of such an ensemble, and let it teach a *student*: a net of 24 units in place of 64, with
# one page to learn from, 61 letters each from 32 places (37 in fast mode). The usual way is to tell it at each letter
# which one was *right*. But a teacher knows more. Where the right letter was *e*, it says: *e*, perhaps, or else *a* or
# *i*, and surely not *x*. Hinton and others (2015) call what stands in the wrong answers **dark knowledge**. The
# student is to say, in full, what the teacher says:
#
# $$L = t^2 \cdot KL( \, \text{softmax}(z_{teacher} / t) \; | \; \text{softmax}(z_{student} / t) \, )$$
#
# These are *soft labels*. The temperature $t$ (lesson 12) makes both softer, so that small probabilities count for
# more. And $t^2$ is there because gradients shrink like $1 / t^2$; exercise 28.1 shows what happens if you forget it.

# %%
def soft(windows):
    """The same windows; the targets are what the teachers say, log probabilities of all letters."""
    return [w._replace(targets=scores) for w, scores in zip(windows, read(teachers, windows))]


@mg.no_grad()
def write(nets, length):
    """STREAMS texts as ids (STREAMS, length): the nets read what they write."""
    ids, states = [vocab.encode(reading[0] * STREAMS)], [None] * len(nets)
    for _ in range(length):
        scores, states = zip(*[net.step(ids[-1], state) for net, state in zip(nets, states)])
        ids.append(softmax_sample(ensemble(scores), rng=lesson.rng))
    return np.array(ids[1:]).T


page = np.array([vocab.encode(reading[i : i + PAGE]) for i in np.linspace(0, len(reading) - PAGE, STREAMS, dtype=int)])
fakes = write(teachers, PAGE)
little, made_up = (data.contiguous(ids.ravel(), STREAMS, WINDOW) for ids in (page, fakes))
print("real:", vocab.decode(page[1]), "\nfake:", vocab.decode(fakes[1]))
p = np.exp(soft(little[:1])[0].targets.numpy()[7, 1])
rows = [(t, *(p ** (1 / t) / np.sum(p ** (1 / t)))[np.argsort(-p)[:8]].round(3)) for t in (1, 2, 4)]
lesson.table([f"t, after {vocab.decode(page[1, :8])!r}", *[repr(vocab.symbols[i]) for i in np.argsort(-p)[:8]]], rows)

# %% [markdown]
# In the table the teachers say what may come next, the likeliest first; the larger $t$, the more is left for the
# others. And the second line is a **fake**. The teachers wrote it (lesson 12), it means nothing, and nobody ever said
# it. Yet teachers can be asked about *any* text, and asking costs nothing.
#
# **Predict** the order of the students, in bits per letter of real text that was held out. There are three of each
# kind, as one proves nothing, and the one in the middle counts. In full mode there are two kinds more: taught at
# $t = 2$, as most recipes say; and taught with right answers in *all* the text, a hundred times as much.

# %%
at = {t: partial(distillation, temperature=t, soft=1) for t in (1, 2)}
ways = {"right answers": (little, mg.cross_entropy), "soft labels": (soft(little), at[1]),
        "soft labels, fakes": (soft(made_up), at[1])}
if not lesson.fast:
    ways |= {"soft labels, t = 2": (soft(little), at[2]), "right answers, all the text": (windows, mg.cross_entropy)}
students = {name: [learn(HIDDEN, n, part, lesson.pick(160, 60), loss_of) for n in range(3)]
            for name, (part, loss_of) in ways.items()}
scored = {name: sorted(bits(net) for net in nets) for name, nets in students.items()}
lesson.table(["the student got", "best", "median", "worst"], [(name, *three) for name, three in scored.items()])
claim("distilled_gain", scored["right answers"][1] - scored["soft labels"][1], ">=", 0.1)
claim("fakes_gain", scored["right answers"][1] - scored["soft labels, fakes"][1], ">=", 0.1)

# %%
def draw_students(ax):
    for name, three in scored.items():
        ax.plot(three, [name] * 3, "o", ms=9, alpha=0.7, color="#D55E00" if "right" in name else "#0072B2")
    ax.set(title="Three students of each kind", xlabel="bits per letter", ylim=(len(scored) - 0.5, -0.5))


lesson.plot("students", draw_students, size=(8, 3))

# %% [markdown]
# A page with soft labels teaches more than the same page with right answers, by far. In full mode it teaches about as
# much as right answers in the *whole text*, with as many updates, in which no letter comes twice. A right answer is one
# ticket of a lottery, a soft label is the list of all the odds. (And right answers on a page are soon learned by heart,
# lesson 18.)
#
# The fakes will do, too: nearly as much is learned from what never was. It is not the page that knows something, it is
# the teachers. Mind the other side of it: whoever may ask your net, and sees its odds, can copy it.
#
# Hinton's recipe has the temperature, and most take 2 or more. Here it gains nothing (full mode). A net that
# knows digits at a glance gives its wrong answers a millionth, and $t = 20$ makes them visible; a net that guesses
# letters is unsure at $t = 1$ already, as you saw in the table. Its knowledge is not dark.

# %% [markdown]
# ## Save
#
# Training may take weeks, and no computer goes for weeks. So the run itself has to be a file. `train.fit(resume=path)`
# writes one after every so many updates: weights, Adam's averages, the schedule, the place in the text, the state of
# the random numbers. (On the slides it is a kind of operation, *checkpointing*, beside the matrix products.)
#
# Whether it works is found out in one way only. Below is a small net with all that is easily forgotten: Adam, a falling
# rate, dropout, windows in random order. It runs three times: to the end; in a process of its own, which is **killed**
# after 37 of 60 updates, as by a power cut; and once more, so that it finds the file and goes on. **Predict** how far
# the weights of the first and of the last are apart.

# %%
def job(path, updates, seed, die=None):
    """Train with everything that must not be forgotten, and go on from the file at path if there is one."""
    mg.manual_seed(seed)
    text = "\n".join(data.in_words(n, "en") for n in range(250))
    vocab = data.CharVocab(text)
    net = nn.LanguageModel(len(vocab), 8, 24, dropout=0.2, unroll=False)
    windows, adam = data.contiguous(vocab.encode(text), 16, 16), optim.Adam(net, lr=0.02)
    return train.fit(lambda window: mg.cross_entropy(net(window.inputs)[0], window.targets),
                     lambda: [windows[i] for i in mg.backend.generator().permutation(len(windows))],
                     adam, updates, schedule=optim.CosineLR(adam, 60), model=net, every=10, resume=path, progress=False,
                     at={die: lambda n: os.kill(os.getpid(), 9)} if die else None)


program = f"{IMPORTS}\n{inspect.getsource(job)}\njob(sys.argv[1], 60, *map(int, sys.argv[2:]))"
command, env = [sys.executable, "-c", program, folder / "killed"], {**os.environ, "PYTHONPATH": search_path()}


def distance(name):
    """The largest difference between a weight of this run and of the one that nobody stopped."""
    whole, other = (checkpoint.load_tree(folder / run)["parameters"] for run in ("whole", name))
    return max(np.abs(w - other[key]).max() for key, w in whole.items())


job(folder / "whole", 60, lesson.seed)
code = subprocess.run([*command, str(lesson.seed), "37"], env=env).returncode
stopped = checkpoint.load_tree(folder / "killed")
print(f"exit code {code}, and no last words; the file has the run as it was after {stopped['updates']} updates")
subprocess.run([*command, str(lesson.seed)], env=env)
lesson.check("went_on_differs", distance("killed"), "==", 0)

# %% [markdown]
# Not by a bit: the seven updates after the last writing were lost, and then made again, every number the same.
#
# Now with files that have forgotten something. A file can be read like a dict, so we put the parts of a run that has
# not begun into it, and write it again: new averages for Adam (`optimizer`), other dropout masks and order
# (`generators`), the text from its beginning (`data`). **Predict** what each of them costs in the loss: in the ten
# updates after that, and in the last ten.

# %%
job(folder / "begun", 0, lesson.seed)
begun, rows = checkpoint.load_tree(folder / "begun"), []
for forgotten in ("", "optimizer", "generators", "data", "optimizer generators data"):
    checkpoint.save_tree(folder / "other", {**stopped, **{part: begun[part] for part in forgotten.split()}})
    losses = job(folder / "other", 60, lesson.seed).losses
    rows.append((forgotten or "nothing", distance("other"), np.mean(losses[30:40]), np.mean(losses[50:])))
lesson.table(["forgotten in the file", "a weight is off by", "loss of 10 updates after that", "of the last 10"], rows)
lesson.check("forgotten_differs", [row[1] for row in rows[1:]], ">=", 0.001)

# %% [markdown]
# No error, and a loss as good as any: forgetting is **invisible** in the log. Each of these is a healthy run, only
# another one. What is lost is that one can run it *again*, which you will want on the day when it breaks after a
# million updates. So test as above: kill, go on, compare the bits. "About as good" is where this bug lives.
#
# ## A damaged file
#
# Files are copied, sent, and kept for years. Any pattern of bits *is* a number, so who just reads numbers will read
# anything; exercise 28.4 finds the bit that turns a weight of 0.1 into a number of 38 digits. **Predict** how many of
# 200 files are refused in each of which a single bit, anywhere, was flipped.

# %%
file, refused, message = (folder / "whole").read_bytes(), 0, ""
for place, bit in zip(lesson.rng.integers(0, len(file), 200), lesson.rng.integers(0, 8, 200)):
    (folder / "sent").write_bytes(file[:place] + bytes([file[place] ^ 1 << int(bit)]) + file[place + 1 :])
    try:
        checkpoint.load_tree(folder / "sent")
    except CheckpointError as error:
        refused, message = refused + 1, str(error).replace(str(folder), "...")
print(message)
lesson.check("damage_refused", refused, "==", 200)

# %% [markdown]
# All of them: the file carries the SHA-256 of its own contents. It is written beside the old one, and takes its place
# when it is complete; so a kill *while* it is written leaves the old one. And there are only numbers and words in it.
# Python's usual way, `pickle`, can hold a command as well, which is obeyed on loading. Never load that from a stranger.
#
# ## Ship
#
# What has to be in the file for somebody who has nothing else? The weights, the sizes, and **the numbers of the
# letters**. Suppose the other side numbers them by frequency, not by the alphabet. All shapes fit, there is no error.
# **Predict** the bits per letter; who knows nothing pays $\log_2 V$. Then, to make the file smaller, each weight is
# rounded to a whole number of so many binary places, times one scale for each matrix. **Predict** how few will do.

# %%
path, rows = lesson.out / "student.safetensors", []
checkpoint.save(path, students["soft labels"][0].state_dict(), {"vocab": vocab.to_json(), "hidden": HIDDEN})
arrays, about = checkpoint.load(path)  # on the other side there is nothing but the file
shipped = nn.LanguageModel(len(data.CharVocab.from_json(about["vocab"])), 24, about["hidden"], cell="gru", unroll=False)
shipped.load_state_dict(arrays)
arrived = bits(shipped)
lesson.check("shipped_differs", arrived - bits(students["soft labels"][0]), "==", 0)
by_count = np.argsort(np.argsort(-np.bincount(vocab.encode(reading), minlength=len(vocab))))
misnumbered = bits(shipped, exam=data.contiguous(by_count[vocab.encode(held_out)], STREAMS, WINDOW))
print(f"bits per letter: {arrived:.3f}, misnumbered {misnumbered:.3f}, knowing nothing {np.log2(len(vocab)):.3f}")
claim("misnumbered_costs", misnumbered - np.log2(len(vocab)), ">=", 0.3)
for n in (32, 16, 8, 4, 2):
    scales = {name: np.abs(w).max() / (2 ** (n - 1) - 1) for name, w in arrays.items()}
    shipped.load_state_dict({name: np.round(w / scales[name]) * scales[name] for name, w in arrays.items()})
    rows.append((n, sum(w.size for w in arrays.values()) * n // 8, bits(shipped)))
lesson.table(["bits a weight", "bytes", "bits per letter"], rows)
claim("eight_bits_cost", rows[2][2] - arrived, "<=", 0.05)

# %% [markdown]
# Wrong numbers are worse than no knowledge at all, for the net is *sure* of what it says. And the weights are far more
# exact than they need to be: a quarter of the bytes makes no difference, an eighth a small one. So what went to school
# with teachers of hundreds of kilobytes leaves with two or three.
#
# ## The model of the decks
#
# "Encoder-decoder, bidirectional, multilayered LSTM with attention": that is what people meant by "an RNN" when the
# slides were written. Now you can read it, word by word, and draw it. In the picture are a source of three steps and an
# answer of two. **Find** the five: which boxes and lines go away if you strike out *bidirectional*? *Multilayered*?
# *Attention*?

# %%
typical = nn.typical_model(5, 5, 2, 2)
loss = mg.cross_entropy(typical([[0], [1], [2]], [[3], [0], [4]]), [[0], [4]])
lesson.show("model_of_the_decks", viz.draw(viz.record(loss), typical, view="cells", title="The model of the decks",
            subtitle="encoder-decoder, bidirectional, multilayered LSTM with attention"))
kinds = [node.op.name for node in history([loss])]
print(f"{len(kinds)} operations of {len(set(kinds))} kinds: {', '.join(sorted(set(kinds)))}")

# %% [markdown]
# Hundreds of operations, of some sixteen kinds. Each kind has a rule for its gradient, of a line or two, and you wrote
# some of them in lesson 02. The rest is a topological order. There is nothing else in it.
#
# Does one *need* all five? The net reads numbers in English, German and Spanish, in pieces (lesson 19), is not told in
# which language, and writes the digits. German says *two-and-forty*. One number in ten is held out, in all three.
# (With `--text` it gets the letters of a word of yours, sorted, and finds the word.) Equal numbers of updates.
# **Predict** who is best: all five, all but attention, or a plain RNN of one layer, one way, *with* attention?

# %%
sets = [[(data.in_words(n, language), str(n)) for language in ("en", "de", "es")] for n in range(1000)]
if lesson.text:
    sets = [[("".join(sorted(word)), word)] for word in sorted(set(reading.split())) if len(word) < 12]
with lesson.user_input():
    parts = np.split(lesson.rng.permutation(len(sets)), [len(sets) * 9 // 10])
    known, held = (data.Pairs(*zip(*[pair for i in part for pair in sets[i]])) for part in parts)
    pieces = data.BPE("\n".join(known.sources), 256 + 100)
    letters = data.CharVocab("".join(known.targets + held.targets), ends=True)
    taught, asked = (data.encode_pairs(pairs, pieces, letters) for pairs in (known, held))


def trained(cell="lstm", layers=2, both_ways=True, attention="additive"):
    mg.manual_seed(lesson.seed)
    encoder = nn.Encoder(len(pieces), 16, 24, layers, both_ways, cell, unroll=False)
    net = nn.Seq2Seq(encoder, nn.Decoder(len(letters), 16, 24, encoder.output_size, "state", layers, cell, attention))
    updates, adam = lesson.pick(100, 60), optim.Adam(net, lr=0.03)

    def loss_of(rows):
        ids = PairIds(*[part[..., rows] for part in taught])
        return mg.cross_entropy(net(ids.source, ids.target, ids.lengths), ids.wanted, ignore_index=-1)

    rows = np.random.default_rng(lesson.seed).integers(0, len(taught.lengths), (updates, 64))
    train.fit(loss_of, rows, adam, updates, clip=1.0, schedule=optim.CosineLR(adam, updates))
    said = net.generate(asked.source, letters.sos, letters.eos, 12, asked.lengths).ids.T
    return net, np.mean([letters.decode(ids) == target for ids, target in zip(said, held.targets)])


variants = {"all five": {}, "without attention": {"attention": None},
            **lesson.pick({"one way": {"both_ways": False}, "one layer": {"layers": 1}, "GRU": {"cell": "gru"}}, {}),
            "attention alone": {"cell": "rnn", "layers": 1, "both_ways": False}}
made = {name: trained(**options) for name, options in variants.items()}
lesson.table(["the net", "weights", "exact, of those held out"],
             [(name, sum(p.size for p in net.parameters()), exact) for name, (net, exact) in made.items()])
gains = [made[name][1] - made["without attention"][1] for name in ("all five", "attention alone")]
claim("attention_gain", gains, ">=", lesson.pick(0.5, 0.2))

# %% [markdown]
# Without attention the other four are worth nothing here. And with it, one can do without much. The plain net, with a
# quarter of the weights, is no slower at the start (fast mode), and is passed later by all that read both ways (full
# mode); one layer does, and so does a GRU. So is the sentence of the decks wrong? It says what was *usual*. For long
# sources, much text and time enough, gates and layers pay, and each word answered a failure that you have watched:
#
# | the word | the failure before it | lesson |
# |---|---|---|
# | encoder-decoder | one step in, one step out | 10, 23 |
# | bidirectional | a word is judged before the sentence is read | 20 |
# | multilayered | one layer from input to output | 21 |
# | LSTM | the gradient dies on its way back | 14, 16 |
# | attention | a sentence in one vector | 23, 24 |

# %% [markdown]
# In 2017 somebody asked what happens if one strikes out everything *but* attention, and called the paper
# "Attention is all you need" (Vaswani and others). You have just seen why one could think of that.
#
# What remains of this course if these nets are replaced? A program is a graph; what can be computed can be learned
# from its gradient; look at where the gradient dies; measure against something that knows nothing; keep the run in a
# file; and predict before you run. Thank you for having predicted so often.
#
# ## Where this lives in minigrad
#
# `distillation` and `ensemble` in `minigrad/regularize.py`; `resume=` in `minigrad/train.py`, what is kept of a run in
# `minigrad/resume.py`, the file in `minigrad/checkpoint.py`; `nn.typical_model` in `minigrad/nn/models.py`.

# %% [markdown]
# ## What we left out
#
# * Soft and hard labels mixed, as most do (`soft=0.7`); a student that writes whole sentences after its teacher's.
# * Training *with* rounded weights, and leaving out those that are nearly 0.
# * How anybody could evaluate the fakes. The slides say "no scientific way"; lesson 12 has several.
# * Serving: many users at once, answers while one waits, and noticing that the world has changed since the training.
#
# ## Quiz

# %% [markdown]
# 1. A teacher says "*e*, 100 %" at every letter. What does its student learn from soft labels, more than from right
#    answers?
#
# <details><summary>Answer</summary>
#
# Nothing. There is no knowledge in the wrong answers; it gets the same labels, with the teacher's mistakes. (A large
# $t$ may bring something out, if the scores were not exactly equal.)
#
# </details>
#
# 2. You distil from fakes only. Which mistake of the teacher can the student not make good?
#
# <details><summary>Answer</summary>
#
# Any. What the teacher believes wrongly, or never writes, nothing in its fakes puts right.
#
# </details>

# %% [markdown]
# 3. A run writes its file every 10 updates and is killed after 37. How many updates are made in all, for 60 of them?
#
# <details><summary>Answer</summary>
#
# 67: 37, and then those from 31 to 60.
#
# </details>
#
# 4. Your resumed run differs from the other one, but only from the second pass over the data on. What was forgotten?
#
# <details><summary>Answer</summary>
#
# The generator that shuffles, most likely: the first pass was in the same order, as it was drawn before the kill.
#
# </details>

# %% [markdown]
# 5. Why is the sum of all bytes no good as a seal of a file, and SHA-256 is?
#
# <details><summary>Answer</summary>
#
# Two bytes may change places, or one grow and one shrink, and the sum is the same (exercise 28.3). For SHA-256 nobody
# knows how to find a second content with the same digest, by accident or on purpose.
#
# </details>
#
# ## Exercises
#
# `python -m lessons exercise 28` copies these and more into files of yours; `check 28` examines them, `hint 28` helps.


# %%
# Exercise 28.1: the loss of a student, from scores (N, V) of student and teacher, at temperature t; with t squared.
def distil(student, teacher, t):
    raise NotImplementedError("TODO 28.1: t * t times the mean over N of KL(teacher | student), both softened")


# %%
# Exercise 28.2 (find the bug): somebody restarts the velocity, the counter n, and writes over w.
def go_on(w, v, n, slope, updates):
    raise NotImplementedError("TODO 28.2: go on with momentum and a falling rate as if nothing had happened")


# %%
# Exercise 28.3 (make it fail): content is a list of bytes; find another one with the same sum.
def damage(content):
    raise NotImplementedError("TODO 28.3: bytes of the same length and the same sum, and not the same")


# %%
# Exercise 28.4: flip bit k of a weight in 32 bits; bit 0 is the one that counts least.
def flip(weight, k):
    raise NotImplementedError("TODO 28.4: the number, as np.float32, that the flipped bits stand for")


# %%
# Exercise 28.5: weights as whole numbers of n binary places, and a scale.
def rounded(w, n):
    raise NotImplementedError("TODO 28.5: (scale, whole numbers), the largest of which is 2 ** (n - 1) - 1 in size")


# %%
scratch.cleanup()
lesson.finish()
