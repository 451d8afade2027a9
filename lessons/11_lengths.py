"""11 Sequences of different length
question: how do sequences of different length share a batch without teaching the net about the gaps?
claim: with a mask and lengths, padding changes neither loss nor gradient nor answer; without them it changes all three
check: masked_loss <= 1e-12 and masked_gradient <= 1e-12 and plain_gradient_off >= 0.2 and free_accuracy >= 0.8
    and half_mask_fades >= 3 and with_lengths_alike <= 1e-12 and a_neighbour_changes_it >= 0.3 and
    backward_leaks >= 0.05 and slide_lengths_wrong == 2 and mended_lengths_wrong == 1 and with_lengths >= 0.9 and
    lengths_forgotten <= 0.6 and learns_to_ignore_zeros >= 0.8 and wrong_end_costs >= 0.25 and buckets_save >= 2.5
data: generated   seconds: 12   fast_seconds: 6
items: A9 B10 E13-E14 L9 M2 R5 R7 R16   needs: 06
"""

# %% [markdown]
# # 11 Sequences of different length
#
# A recurrent net reads sequences of *any* length, said lesson 06. A batch, however, is an array, and the rows of an
# array have **one** length. (A convolutional net does not have this trouble as long as its images have one size; for
# recurrent nets, as the slides' comparison says, mini-batches mix lengths. It is the price of the freedom.)
#
# So the short ones are filled up with zeros: *padding*. The zeros are numbers like all others. Nobody told the net that
# they mean "nothing here". Today you see what the net makes of them, in the loss, in the gradient and in its answers,
# and two ways to keep it from looking: a **mask**, and **lengths**.

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
import numpy as np

import minigrad as mg
import viz
from minigrad import nn, optim
from minigrad.data import buckets, length_mask, pad_sequences
from minigrad.recurrent import scan

lesson = kit.begin("11")
H = 16


def games(count, rng, longest=20):
    """Two players score in each round; a game has 2 to 20 rounds: `count` arrays (rounds, 2)."""
    return [rng.normal(size=(rounds, 2)) for rounds in rng.integers(2, longest + 1, count)]


def double(x):
    """In 64 bits, where something is to be equal to the last digit."""
    return mg.Tensor(x, "float64")


def more_zeros(x, steps):
    return np.concatenate([x, np.zeros((steps, *x.shape[1:]), x.dtype)])


# %% [markdown]
# ## Pad
#
# Our sequences are games of two players. In each round each of them scores a number, good or bad; some games end early.
# `pad_sequences` puts eight of them side by side, time first: (steps, games, 2). It returns the *lengths* as well, and
# these are worth more than they look. Once the zeros are in, they cannot always be found again.
#
# **Predict** how large a share of the batch is padding, if the lengths are spread evenly from 2 to 20.

# %%
batch = games(8, lesson.rng)
x, lengths = pad_sequences(batch)
print(f"lengths {lengths.tolist()}, in one array {x.shape}: {1 - lengths.sum() / x[..., 0].size:.0%} of it is padding")

# %% [markdown]
# ## What padding does to the loss
#
# The net says after each round who is **ahead**: class 1 if the first player is, else 0. The slides: "pad all sequences
# with zero vectors and all labels with zero label". Now *zero is a class*: "the second player is ahead".
#
# **Predict**, for an untrained net, how the mean loss over all steps, its gradient, and the accuracy of somebody who
# always says 0 change when 5 and 50 more steps of zeros are added to every game. (Three ways to take the mean follow;
# the first one is what you get if you do not think of it. The other two come below.)

# %%
with mg.default_dtype("float64"):
    rnn, read = nn.RNN(2, 8, bias="one"), nn.Linear(8, 2)
ahead = [(np.cumsum(game[:, 0] - game[:, 1]) > 0).astype(int) for game in batch]
params = [*rnn.parameters(), *read.parameters()]
norm = np.linalg.norm


def each_loss(pad):
    """The losses of all steps (T, B), padded ones too, and the mask: is there a round?"""
    x, lengths = pad_sequences(batch)
    d, _ = pad_sequences(ahead)  # labels filled up with zeros
    scores = read(rnn(double(more_zeros(x, pad)))[0])
    return mg.cross_entropy(scores, more_zeros(d, pad), reduction="none"), length_mask(lengths, len(x) + pad)


def plain(losses, mask):
    return losses.mean()


def half_masked(losses, mask):
    return (losses * double(mask)).mean()


def masked(losses, mask):
    return (losses * double(mask)).sum() / mask.sum()


# %%
pads, found = (0, 5, 50), {}
for of in (plain, half_masked, masked):
    for pad in pads:
        loss = of(*each_loss(pad))
        found[of.__name__, pad] = loss.item(), np.concatenate([g.numpy().ravel() for g in mg.grad(loss, params)])
clean = found["masked", 0][1]
lesson.table(["mean of the losses", "zeros added", "loss", "length of the gradient", "its cosine with the last row's"],
             [(*key, loss, norm(g), g @ clean / norm(g) / norm(clean)) for key, (loss, g) in found.items()])
always_0 = {pad: np.mean(more_zeros(pad_sequences(ahead)[0], pad) == 0) for pad in pads}
print("says 0 without looking, right:", ", ".join(f"{share:.0%} with {pad} more" for pad, share in always_0.items()))
lesson.check("plain_gradient_off", norm(found["plain", 50][1] - clean) / norm(clean), ">=", 0.2)
lesson.check("free_accuracy", always_0[50], ">=", 0.8)

# %% [markdown]
# The first three rows: another loss, another gradient, for the *same games*; with many zeros it says largely "answer 0
# when you see zeros". Meanwhile the accuracy of somebody who knows nothing climbs towards 100 %: it looks good for
# free. The slides come to the same point: "the padded labels change the total loss, which affects the gradients".
#
# ## Approach 1: a mask
#
# Run the net over everything, real and padded, and let only real steps count:
#
# > `loss = tf.reduce_mean(tf.boolean_mask(full_loss, mask))`
#
# `boolean_mask` throws the padded losses *out*, and the mean is over what is left. In most libraries one multiplies by
# the mask instead, and then there is a trap: the second group of rows. **Predict** what is wrong with `half_masked`.

# %%
masked_losses, masked_gradients = zip(*[found["masked", pad] for pad in pads])
lesson.check("masked_loss", np.ptp(masked_losses), "<=", 1e-12)
lesson.check("masked_gradient", max(norm(g - masked_gradients[0]) for g in masked_gradients), "<=", 1e-12)
lesson.check("half_mask_fades", found["half_masked", 0][0] / found["half_masked", 50][0], ">=", 3)
x, lengths = pad_sequences(batch)
d, _ = pad_sequences(ahead, value=-1)
ignored = mg.cross_entropy(read(rnn(double(x))[0]), d, ignore_index=-1)
lesson.check("ignore_index_is_a_mask", abs(ignored.item() - masked_losses[0]), "<=", 1e-12)

# %% [markdown]
# `half_masked` sets the padded losses to 0 and still *divides* by all steps. Its gradient has the right direction, and
# its length depends on the longest game in the batch: a learning rate that changes from batch to batch, at random.
# Divide by `mask.sum()`, and nothing depends on the padding, to the last digit.
#
# Simplest is a label that no class has: fill up with -1, and `cross_entropy(..., ignore_index=-1)` does it all. Then a
# padded label can never pass for a real one.

# %% [markdown]
# ## Approach 2: lengths
#
# The mask looks after the *loss*. But what if the answer is read from the **last state**? The state goes on through the
# zeros: $h_t = \tanh(W_{hh} h_{t-1} + b)$ is not $h_{t-1}$. So tell the net the lengths. In minigrad `lengths=`: past
# its end a sequence keeps its state, and its output is 0. (`dynamic_rnn` takes them as well: its while loop stops after
# the longest one, and so each batch may have its own.)
#
# In the picture, two games of four and of two rounds. **Find the switch** that every step has now, and what it chooses
# between.

# %%
cell = nn.RNNCell(2, 4, bias="one")
cell.weight_ih.name, cell.weight_hh.name, cell.bias_ih.name = "W_hx", "W_hh", "b_h"
two, their_lengths = pad_sequences([lesson.rng.normal(size=(rounds, 2)) for rounds in (4, 2)])
_, (last,) = scan(cell.advance, [mg.Tensor(x_t, name="x") for x_t in two], cell.initial(2), lengths=their_lengths)
lesson.show("lengths", viz.draw(last, title="where: the new state, or the old one",
                                subtitle="past the end of its sequence a row keeps its state"))

# %% [markdown]
# Compute each game alone, and again in the batch, beside longer ones. What differs, in its real rounds and in its last
# state? (*Backwards* reads from the last round to the first, as half of a bidirectional net will in lesson 20. There
# the zeros come **first**.) **Predict** which of the eight numbers are zero.

# %%
forward, rows = rnn.cells[0], []


def states_of(x, reverse, lengths=None):
    hs, (last,) = scan(forward.advance, double(x), forward.initial(x.shape[1]), lengths=lengths, reverse=reverse)
    return mg.stack(hs).numpy(), last.numpy()


for reads, reverse in [("forwards", False), ("backwards", True)]:
    alone = [states_of(game[:, None], reverse) for game in batch]
    for given, its_lengths in [("nothing", None), ("lengths", lengths)]:
        hs, last = states_of(x, reverse, its_lengths)
        rounds = max(norm(own[:, 0] - hs[: len(own), b], axis=1).max() for b, (own, _) in enumerate(alone))
        rows.append((reads, given, rounds, max(norm(own[0] - last[b]) for b, (_, own) in enumerate(alone))))
lesson.table(["reads", "is given", "real rounds: alone or in a batch", "last state: alone or in a batch"], rows)
lesson.check("with_lengths_alike", [row[2:] for row in rows[1::2]], "<=", 1e-12)
lesson.check("forward_rounds_alike", rows[0][2], "<=", 1e-12)
lesson.check("a_neighbour_changes_it", rows[0][3], ">=", 0.3)
lesson.check("backward_leaks", rows[2][2], ">=", 0.05)

# %% [markdown]
# Without lengths, **the answer for a game depends on which other games are in its batch**. A net that reads forwards is
# touched in its last state only: the real rounds come before the zeros, and a mask over their losses is enough. One
# that reads backwards has read the zeros before the first real round, and no mask over the losses can help. With
# lengths each row is turned round inside its own length, and all is as if it were alone.
#
# ## The slide says / what is true / run this
#
# > **The slide says**, to find the lengths: `tf.reduce_sum(tf.reduce_max(tf.sign(seq), 2), 1)`
#
# Its result is not assigned to anything (the next line uses `length`). That is a slip. But the idea has a bug, too:
# mark a step if the largest sign in its vector is 1, and count the marks. **Predict** for which games it fails.

# %%
rounds = np.array([[1.0, -2.0], [0.5, 0.3], [2.0, -1.0]])
lost, drawn = rounds.copy(), rounds.copy()
lost[1] = [-0.5, -0.3]  # a round that was bad for both: all signs are -1
drawn[1] = 0.0  # a round in which nobody scored
three = more_zeros(np.stack([rounds, lost, drawn], axis=1), 2)
by_slide = np.sign(three).max(axis=2).sum(axis=0)
by_size = np.sign(np.abs(three).max(axis=2)).sum(axis=0)
lesson.table(["game", "true length", "the slide's", "sign(max(abs))"],
             zip(["usual", "a bad round", "a round without points"], [3, 3, 3], by_slide, by_size))
lesson.check("slide_lengths_wrong", np.sum(by_slide != 3), "==", 2)
lesson.check("mended_lengths_wrong", np.sum(by_size != 3), "==", 1)

# %% [markdown]
# A bad round counts as *minus* one. With `abs` the second game comes out right. The third one cannot: a real zero and a
# padded zero are the same zero. **Keep the lengths from before the padding**; that is why `pad_sequences` returns them.
#
# ## What does the net learn?
#
# A net that says, from its last state, who won the **last round**. Trained with lengths and without them; and then
# asked with lengths, or, the classic mistake, without them. Zeros added at test time: 0, 5, 20, 80 steps.
#
# **Predict** the three rows. One of them is better than you think, and one is worse.

# %%
class Judge(nn.Module):
    def __init__(self):
        self.rnn, self.out = nn.RNN(2, H, bias="one", unroll=False), nn.Linear(H, 2)

    def forward(self, x, lengths=None):
        return self.out(self.rnn(x, lengths=lengths)[1][0])


def winners(batch):
    return np.array([int(game[-1, 0] > game[-1, 1]) for game in batch])


def train(use_lengths):
    mg.manual_seed(lesson.seed)
    net, rng = Judge(), np.random.default_rng(lesson.seed)
    optimizer = optim.Adam(net, lr=0.01)
    for _ in lesson.progress(range(lesson.pick(1500, 500)), "with lengths" if use_lengths else "without lengths"):
        batch = games(32, rng)
        x, lengths = pad_sequences(batch)
        loss = mg.cross_entropy(net(mg.Tensor(x), lengths if use_lengths else None), winners(batch))
        optimizer.zero_grad()
        loss.backward()
        optim.clip_grad_norm(net.parameters(), 1.0)  # a gradient that is too long is shortened: lesson 14
        optimizer.step()
    return net


def right(net, batch, use_lengths, pad=0):
    x, lengths = pad_sequences(batch)
    with mg.no_grad():
        said = net(mg.Tensor(more_zeros(x, pad)), lengths if use_lengths else None).numpy().argmax(axis=1)
    return np.mean(said == winners(batch))


# %%
knows, knows_not, test = train(True), train(False), games(2000, np.random.default_rng(lesson.seed + 1000))
rows = {"with, with": (knows, True), "with, without": (knows, False), "without, without": (knows_not, False)}
scores = {name: [right(net, test, use, pad) for pad in (0, 5, 20, 80)] for name, (net, use) in rows.items()}
lesson.table(["lengths in training, in use", "0", "5", "20", "80"], [(name, *row) for name, row in scores.items()])
lesson.check("with_lengths", min(scores["with, with"]), ">=", 0.9)
lesson.check("lengths_forgotten", max(scores["with, without"][1:]), "<=", 0.6)
lesson.check("learns_to_ignore_zeros", min(scores["without, without"]), ">=", 0.8)

# %% [markdown]
# The last row surprises: told nothing, the net has *learned* to ignore zeros, since it saw them in training. It had to
# spend units and updates on that. So padding is not poison; what is, is padding that **differs between training and
# use**. The row in the middle is the bug that is really met: one argument forgotten in the serving code, no error
# anywhere, and a net that was nearly always right tosses a coin.
#
# ## Too long
#
# "Most current models can't deal with sequences of length larger than 120 tokens" (2017), so there is "a fixed
# max_length and we truncate". **Predict** what is lost if each game is cut to ten rounds at its *end*, `max_length=10`;
# and what, at its *beginning*.

# %%
long_games = [game for game in test if len(game) > 10]
true = winners(long_games)
parts = {"all rounds": long_games, "the first ten": [game[:10] for game in long_games],
         "the last ten": [game[-10:] for game in long_games]}
kept = {}
for name, part in parts.items():
    x, lengths = pad_sequences(part)
    with mg.no_grad():
        kept[name] = np.mean(knows(mg.Tensor(x), lengths).numpy().argmax(axis=1) == true)
lesson.table(["the net reads", "right about the whole game"], kept.items())
lesson.check("wrong_end_costs", kept["the last ten"] - kept["the first ten"], ">=", 0.25)

# %% [markdown]
# Which end to cut depends on where the answer stands. Never let a default decide that.
#
# ## Less padding: buckets
#
# The zeros are computed for nothing. Put games of similar length into the same batch, a *bucket*, and there are hardly
# any. **Predict** the share of padding in batches of 32 at random, and in buckets.

# %%
all_lengths = np.array([len(game) for game in test[:640]])
plans = {"at random": list(lesson.rng.permutation(640).reshape(-1, 32)),
         "in buckets": buckets(all_lengths, 32, lesson.rng)}
share = {name: 1 - all_lengths.sum() / sum(32 * all_lengths[b].max() for b in plan) for name, plan in plans.items()}
lesson.table(["batches of 32", "share of padding"], share.items())
lesson.check("buckets_save", share["at random"] / share["in buckets"], ">=", 2.5)


def draw_batches(axes):
    for ax, (name, plan) in zip(axes, plans.items()):
        blocks = [pad_sequences([np.ones(rounds) for rounds in all_lengths[b]])[0] for b in plan[:5]]
        full = [np.pad(b, ((0, 20 - len(b)), (0, 0)), constant_values=np.nan) for b in blocks]
        ax.imshow(np.concatenate(full, axis=1), cmap="RdYlBu", vmin=-0.4, vmax=1.2, aspect="auto",
                  interpolation="nearest", extent=(0, 160, 20.5, 0.5))
        for border in range(32, 160, 32):
            ax.axvline(border, color="white", lw=3)
        ax.set(title=f"{name}: {share[name]:.0%} padding", xlabel="games, in five batches", ylabel="round", xticks=[],
               yticks=range(5, 21, 5))


lesson.plot("batches", draw_batches, size=(10, 3.6), ncols=2)

# %% [markdown]
# Blue is a round, orange is padding. The batches themselves come in random order, or the net would see all short games
# first; still, each batch is now all short or all long, a little less of a fair sample. Two more ways to waste nothing:
# give the layer a *list* of sequences, `rnn([game, game, ...])`, which pads and cuts inside; and *packing*, which lays
# all first steps side by side, then all second steps, and so on (`pack_sequences`).
#
# ## Where this lives in minigrad
#
# `minigrad/data/ragged.py` pads, masks, packs and makes buckets; the switch is `where` in `scan`
# (`minigrad/recurrent/scan.py`); every recurrent layer takes `lengths=`, and the losses `ignore_index=`.

# %% [markdown]
# ## What we left out
#
# * Masks in attention, where padded positions must get the weight 0: lesson 24.
# * How the loss should count a long game: every round alike, as here, or every game alike (a mean of means)? They are
#   two different questions. Decide which one you ask.
# * Sequences that *end* when the net says so: lesson 13. Documents that end inside a chunk: `reset_rows`.
#
# ## Quiz

# %% [markdown]
# 1. A log says: accuracy 96 %. Half of all labels are 0, and 95 of 100 steps are padding, labelled 0. What do you know?
#
# <details><summary>Answer</summary>
#
# Nothing. Who always says 0 gets $95 + 2.5$ percent.
#
# </details>
#
# 2. `(losses * mask).mean()`: what is wrong, and why does the net still learn?
#
# <details><summary>Answer</summary>
#
# It divides by padded steps as well. The direction of the gradient is right; its length depends on the longest
# sequence.
#
# </details>

# %% [markdown]
# 3. Why can a mask over the losses not repair a net that reads backwards?
#
# <details><summary>Answer</summary>
#
# It has read the zeros before the first real step, so the outputs that count are changed by them.
#
# </details>
#
# 4. When can the lengths be found from the padded array?
#
# <details><summary>Answer</summary>
#
# When no real vector is all zero: then `sign(max(abs(x)))` marks exactly the real steps. Better: keep them.
#
# </details>

# %% [markdown]
# 5. Trained without lengths, on padded batches: 95 %. Somebody now serves single sequences, without padding. Worry?
#
# <details><summary>Answer</summary>
#
# A little, and test it. The net has seen the longest sequence of each batch without padding, so it is not new to it.
# The other way round, trained without padding and served with it, is the one that breaks.
#
# </details>
#
# ## Exercises
#
# `python -m lessons exercise 11` copies these and more into files of yours; `check 11` examines them, `hint 11` helps.


# %%
# Exercise 11.1: the mean loss of the real steps. losses (T, B), lengths (B,).
def masked_mean(losses, lengths):
    raise NotImplementedError("TODO 11.1: make the mask from the lengths, and mind by what you divide")


# %%
# Exercise 11.2 (find the bug): the slide's lengths, for x (T, B, I), where no real vector is all zero.
def find_lengths(x):
    raise NotImplementedError("TODO 11.2: repair np.sign(x).max(axis=2).sum(axis=0)")


# %%
# Exercise 11.3: read backwards. Each row of x (T, B, I) turned round inside its own length; the padding stays.
def reverse_inside(x, lengths):
    raise NotImplementedError("TODO 11.3: x[::-1] would bring the padding to the front")


# %%
# Exercise 11.4 (predict): the accuracy that the log shows, if the net is right in a share of the real steps.
def shown_accuracy(real, right, padded):
    raise NotImplementedError("TODO 11.4: `real` steps of which `right` are right, and `padded` ones, all counted")


# %%
lesson.finish()
