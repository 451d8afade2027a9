"""14 Gradients through time
question: why does a net learn what is near, and not what is far, although its gradient is exact?
claim: each step back multiplies the gradient by the same matrix and a slope: what is far vanishes, or it explodes
check: exact_law <= 1e-10 and by_hand <= 1e-12 and tanh_below <= 1.000001 and sigmoid_step <= 0.25
    and tanh_at_1_2 <= 0.5 and relu_fades_faster >= 0.05 and whole_stays >= 0.2 and far_part <= 1e-5
    and near_learned >= 0.9 and far_learned <= 0.4 and sigmoid_near <= 0.4 and clipped_length <= 1.000001
    and clipped_direction >= 0.999999 and thrown >= 0.08 and clipping_arrives >= 0.15 and slide_is_unclipped == 0
    and adam_slide_costs >= 0.1 and annealing_settles >= 0.5
data: generated   seconds: 13   fast_seconds: 10
items: A7 C12-C13 C25 D9 E9-E10 F1-F3 L2 L8 M3 O9 O14 R2 R8-R9 R60   needs: 06 08 09
"""

# %% [markdown]
# # 14 Gradients through time
#
# > "I grew up in France ... I speak fluent ???"
#
# Between the country and the question may lie ten words, or a hundred. Back-propagation through time (lesson 08) finds
# the *exact* gradient over any distance, and nothing is cut today (lesson 09). So a recurrent net should learn that
# France means French, however far away it was. It does not, and the reason stands in one line of lesson 08.
#
# Today: where the gradient goes on its way back, what the activation function does to it, what it looks like when it
# *explodes*, and what clipping does about that and what it does not.

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
import numpy as np

import minigrad as mg
import viz
from minigrad import nn, optim
from minigrad.diagnose import ledger
from minigrad.nn import init
from minigrad.recurrent import scan
from minigrad.train import fit

lesson = kit.begin("14")
NETS = lesson.pick(400, 200)
H, COUNTRIES, SYMBOLS, norm = 32, 4, 8, np.linalg.norm
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")


def double(x):
    return mg.Tensor(x, "float64")


def leaf(x):
    return mg.Tensor(x, "float64", requires_grad=True, name="W_hh")


def same(a):
    return a


# %% [markdown]
# ## One step back
#
# One step forward is $h_t = f(W h_{t-1} + x_t)$; one step back, by the chain rule, is
#
# $$\frac{\partial L}{\partial h_{t-1}} = W^T\left(f'(\ldots)\cdot\frac{\partial L}{\partial h_t}\right)$$
#
# so the gradient is multiplied by a slope, and by $W$ turned over. The *same* $W$ at every step. To see what that means
# take the slope away: no activation, $f(a) = a$, and for $W$ a rotation that makes everything half as long,
# $W = 0.5\,Q$. ($Q$ is orthogonal: it turns vectors and keeps their lengths.)
#
# In the picture $\partial L/\partial h_4$ has length 1. **Predict** the lengths at $h_3$, $h_2$ and $h_1$.

# %%
def states_of(f, W, x):
    """h_1 ... h_T of h_t = f(W h_{t-1} + x_t): W (H, width of h), x (T, B, H)."""
    h0 = double(np.zeros((x[0].shape[0], W.shape[1]))).named("h")
    return scan(lambda x_t, h: (f(mg.linear(h[0], W) + x_t).named("h"),), x, (h0,))[0]


def loss_of(h):
    """v . h, for a random v of length 1 in each row: its gradient at h is v."""
    v = lesson.rng.normal(size=h.shape)
    return mg.sum(h * double(v / norm(v, axis=1, keepdims=True)).named("v")).named("L")


four = [double(x).named("x") for x in lesson.rng.normal(size=(4, 1, 3))]
L = loss_of(states_of(same, leaf(init.orthogonal((3, 3), 0.5, lesson.rng)), four)[-1])
lesson.show("halves", viz.draw(viz.record(L), title="Each step back: once more times W, and this W halves",
                               subtitle="beside each h: the length of the gradient that arrives there"))

# %% [markdown]
# Half, a quarter, an eighth. Now over 100 steps and for other factors, $W = \rho\,Q$. The length is $\rho^n$ after $n$
# steps back, an *exact law* with only three cases: to nothing, as it was, to infinity. **Predict** the rows of 0.9 and
# 1.1 before you look: 10 % less at each step, 10 % more at each step.

# %%
Q = init.orthogonal((H, H), rng=lesson.rng)


def backwards(f, W, steps=51, size=0.3):
    """|dL/dh_t| (steps, 8) of eight random sequences, where L looks at the last state only."""
    hs = states_of(f, leaf(W), double(size * lesson.rng.normal(size=(steps, 8, H))))
    return np.array([norm(g.numpy(), axis=1) for g in mg.grad(loss_of(hs[-1]), hs)])


law = {rho: backwards(same, rho * Q, 101)[::-1] for rho in (0.5, 0.9, 1.0, 1.1, 2.0)}
lesson.table(["rho", "1 step back", "10", "50", "100"], [(rho, *g[[1, 10, 50, 100], 0]) for rho, g in law.items()])
lesson.check("exact_law", [np.abs(g[n] / rho**n - 1).max() for rho, g in law.items() for n in (1, 99)], "<=", 1e-10)

# %% [markdown]
# Over a hundred steps no $\rho$ but 1 is any good. This is what the slides mean by the same matrix, multiplied again
# and again. For a matrix that is no rotation, $\rho$ is the *spectral radius*, the size of its largest eigenvalue, and
# the law holds in the long run; what may happen at first is exercise 14.4.
#
# ## With an activation
#
# Back to $f = \tanh$. Its slope is $1 - \tanh^2 \le 1$: at each step a second factor, never above 1. The logistic
# function, *sigmoid*, has $\sigma(1-\sigma) \le 1/4$. First, does the formula above give what the engine gives?

# %%
hs = states_of(mg.tanh, leaf(1.5 * Q), double(lesson.rng.normal(size=(30, 1, H))))
engine = [g.numpy()[0] for g in mg.grad(loss_of(hs[-1]), hs)]
by_hand = [engine[-1]]
for h in hs[:0:-1]:  # from the last state to the second one
    by_hand.insert(0, 1.5 * Q.T @ ((1 - h.numpy()[0] ** 2) * by_hand[0]))
lesson.check("by_hand", max(norm(a - b) / norm(b) for a, b in zip(by_hand, engine)), "<=", 1e-12)

# %% [markdown]
# Now a map. For each $\rho$, and each distance from the loss, the length of the gradient: white is 1, violet is
# vanished, orange exploded. Without an activation the border between the two is $\rho = 1$. **Predict** where it is
# for tanh, sigmoid and ReLU: at the same place? Above? Does tanh explode at $\rho = 1.2$?

# %%
rhos = np.linspace(0.5, 2.5, lesson.pick(21, 9))
functions = {"no activation": same, "tanh": mg.tanh, "sigmoid": mg.sigmoid, "ReLU": mg.relu}
maps = {name: np.array([backwards(f, rho * Q)[::-1] for rho in rhos]) for name, f in functions.items()}
medians = {name: np.median(lengths, axis=2) for name, lengths in maps.items()}
lesson.table(["rho; 50 steps back", *maps], zip(rhos, *[m[:, 50] for m in medians.values()]))


def draw_maps(axes):
    for ax, (name, m) in zip(axes, medians.items()):
        logs = np.log10(np.maximum(m, 1e-99))
        image = ax.pcolormesh(range(51), rhos, logs, cmap="PuOr_r", vmin=-10, vmax=10, rasterized=True)
        ax.axhline(1, color="black", lw=0.8, ls="--")
        ax.set(title=name, xlabel="steps back", ylabel=r"$\rho$" if name == "no activation" else "")
    axes[-1].figure.colorbar(image, ax=axes, label="length of the gradient, power of 10", ticks=range(-10, 11, 5))


lesson.plot("maps", draw_maps, size=(11, 3.4), ncols=4, sharey=True)
lesson.check("tanh_below", np.max(maps["tanh"] / maps["no activation"]), "<=", 1.000001)
lesson.check("sigmoid_step", np.max(maps["sigmoid"][:, 1:] / maps["sigmoid"][:, :-1] / rhos[:, None, None]), "<=", 0.25)
lesson.check("tanh_at_1_2", np.median(backwards(mg.tanh, 1.2 * Q)[0]), "<=", 0.5)

# %% [markdown]
# "Above 1 it explodes" is true on the left only. **With tanh it still vanishes at 1.2**: the state grows, its units
# come into the flat part, and their slopes eat what $W$ adds. So $\rho < 1$ is *enough* to vanish; $\rho > 1$ is
# *needed* to explode and not enough (Pascanu, Mikolov and Bengio, 2013). For sigmoid it would take $\rho > 4$.
#
# ## Which activation?
#
# > **The slide says**, under "Vanishing gradients": "use different activation units: relu, relu6, crelu, elu. In
# > addition to: softplus, softsign, bias_add, sigmoid, tanh". The code below it clips.
#
# **Predict**: which of these keeps most of the gradient over 50 steps, with $W$ a rotation? Which least?

# %%
units = {f.name: f for f in (mg.relu, mg.relu6, mg.elu, mg.softplus, mg.softsign, mg.sigmoid, mg.tanh)}
units |= {"crelu": mg.crelu, "bias_add": lambda a: a + 0.1}
z, rows, kept, curves = np.linspace(-8, 8, 1601), [], {}, {}
for name, f in units.items():
    a, wide = leaf(z), f(double(np.zeros(H))).shape[0]
    curves[name] = f(a).numpy(), np.abs(mg.grad(mg.sum(f(a)), a).numpy())
    left = np.median([backwards(f, init.orthogonal((H, wide), rng=lesson.rng))[0] for _ in range(4)])
    kept[name] = left ** (1 / 50)
    rows.append((name, curves[name][1].max(), *curves[name][1][[500, 1100]], wide, kept[name], left))
lesson.table(["activation", "largest slope", "at -3", "at 3", f"makes of {H}", "kept a step", "after 50"], rows)
lesson.check("relu_fades_faster", kept["tanh"] - kept["relu"], ">=", 0.05)
three = [2 / (1 + np.exp(-2 * z)) - 1, (np.exp(2 * z) - 1) / (np.exp(2 * z) + 1), np.sinh(z) / np.cosh(z)]
lesson.check("three_formulas", np.abs(np.array(three) - curves["tanh"][0]).max(), "<=", 1e-12)


def draw_units(axes):
    for name, color, ls in zip(["tanh", "sigmoid", "relu", "elu", "softsign"], COLORS, ["-", "--", "-", ":", "-."]):
        for ax, y in zip(axes, curves[name]):
            ax.plot(z, y, color=color, ls=ls, lw=2, label=name)
    axes[0].set(title="Five activations ...", xlim=(-4, 4), ylim=(-1.2, 2.2), xlabel="a")
    axes[1].set(title="... and their slopes: what is let back", xlim=(-4, 4), xlabel="a")
    axes[0].legend(loc="upper left")


lesson.plot("activations", draw_units, size=(9, 3.4), ncols=2)

# %% [markdown]
# **What is true.** The winner of the list is `bias_add`, with nothing lost: it is *no activation*, it adds a bias. Such
# a net is linear. Sigmoid, tanh and softsign *saturate*: for large inputs their slope is nearly 0. They are not the
# remedy but the disease. "Tanh is better than sigmoid", says another deck, and you see by how much. (Yet they are one
# curve, for $\tanh z = 2\sigma(2z)-1 = (e^{2z}-1)/(e^{2z}+1) = \sinh z/\cosh z$.)
#
# The surprise is ReLU. Where a unit is on, its slope is exactly 1; but about half of the units are off and let
# *nothing* through, so with this $W$ it fades faster than tanh. It becomes a remedy with another $W$: lesson 15.
#
# And `crelu` makes **two** numbers of one, relu(a) and relu(-a): the state is 2H wide, and `W_hh` must be (H, 2H), as
# it is here. The slide does not say so; `nn.RNNCell(..., nonlinearity=mg.crelu)` does, with a `ValueError`.

# %% [markdown]
# (And clipping, the code on that slide, is for gradients that are too *large*. We come to it below.)
#
# ## What exactly vanishes?
#
# "France" as a task: the first symbol is one of four countries, then come `gap` symbols of filler, and then the net is
# asked which country it was. The gradient of the input matrix `W_hx` is a sum over all steps in which it was used, and
# `ledger` takes that sum apart. **Predict**: when the gap grows from 5 to 50, what becomes of the length of the *whole*
# gradient, and of the part that comes from the step in which the country was read?

# %%
def net_with(f, **options):
    return nn.Classifier(None, SYMBOLS, H, COUNTRIES, cell="rnn", bias="one", nonlinearity=f, **options)


def sentences(gap, rng, count=32):
    """A country, then filler, in one-hot form (gap + 1, count, SYMBOLS); and which country it was (count,)."""
    ids = rng.integers(COUNTRIES, SYMBOLS, (gap + 1, count))
    ids[0] = rng.integers(0, COUNTRIES, count)
    return mg.Tensor(np.eye(SYMBOLS)[ids]), ids[0]


found = {}
for gap in (5, 20, 50):
    net, (x, country) = net_with("tanh"), sentences(gap, lesson.rng)
    parts = ledger(mg.cross_entropy(net(x), country)).by_use(net.encoder.layers.cells[0].weight_ih)
    found[gap] = [norm(mg.backend.to_host(g)) for g in (parts[0], parts[gap], sum(parts.values()))]
lesson.table(["gap", "part of the country", "part of the last step", "whole gradient"],
             [(gap, *lengths) for gap, lengths in found.items()])
lesson.check("whole_stays", found[50][2] / found[5][2], ">=", 0.2)
lesson.check("far_part", found[50][0] / found[50][2], "<=", 1e-5)

# %% [markdown]
# **The gradient does not vanish.** It is about as long as before, healthy to look at, and nothing warns you. What
# vanishes is the *part* of what was long ago: the last few symbols do all the talking. "Near patterns are favoured over
# distant ones", as a deck puts it. (Another says that gradients "become too small for floating point operations".
# 32 bits go down to $10^{-38}$; the harm comes much earlier, when the far part drowns in the near ones.)
#
# Does the net learn the country nevertheless? **Predict** how far tanh gets, and how far sigmoid, in 250 updates.

# %%
def learned(name, gap):
    """How often the net is right after 250 updates."""
    mg.manual_seed(lesson.seed)
    net = net_with("tanh", unroll=False) if name == "tanh" else net_with(units[name])
    rng = np.random.default_rng(lesson.seed)
    fit(lambda batch: mg.cross_entropy(net(batch[0]), batch[1]), (sentences(gap, rng) for _ in range(250)),
        optim.Adam(net, lr=0.003), 250, clip=1.0, progress=False)
    x, country = sentences(gap, rng, 1000)
    return np.mean(net(x).numpy().argmax(axis=1) == country)


plan = lesson.pick([("tanh", gap) for gap in (5, 10, 20, 40, 90)] + [("sigmoid", gap) for gap in (1, 2, 5)],
                   [("tanh", 5), ("tanh", 90), ("sigmoid", 5)])
right = {(name, gap): learned(name, gap) for name, gap in lesson.progress(plan, "training")}
lesson.table(["activation", "gap", "right (by guessing 0.25)"], [(*key, share) for key, share in right.items()])
lesson.check("near_learned", right["tanh", 5], ">=", 0.9)
lesson.check("far_learned", right["tanh", 90], "<=", 0.4)
lesson.check("sigmoid_near", right["sigmoid", 5], "<=", 0.4)

# %% [markdown]
# Over a gap of five, tanh learns and sigmoid only guesses: the same net, the same weights at the start. And what is far
# enough away is not learned with tanh either. (More updates take it somewhat further: as soon as a little arrives from
# afar the weights change, and then more arrives.)
#
# ## The other side: a cliff
#
# Where the factor is above 1, the gradient explodes. The smallest net that shows it has one unit, two parameters, and
# no input: $h_t = \tanh(w\,h_{t-1} + b)$ begins at $-0.5$, and should be at $0.5$ after 50 steps. **Predict** what the
# loss looks like over $w$ and $b$: a bowl?

# %%
def missed_by(p):
    """(h_50 - 0.5)**2 of nets of one unit, as many as there are numbers in w and b; p is both, one upon the other."""
    (w, b), h = p, -0.5
    for _ in range(50):
        h = mg.tanh(w * h + b)
    return (h - 0.5) ** 2


ws, bs = np.linspace(0.8, 2.1, 161), np.linspace(-0.2, 0.6, 161)
landscape = missed_by(double(np.stack(np.meshgrid(ws, bs)))).numpy()
lesson.plot("cliff", lambda ax: viz.loss_landscape(
    landscape, ws, bs, names=("w", "b"), surface=True, axes=ax, title="50 steps of one unit: a plain, a wall, a plateau"
).view_init(28, 115), size=(7, 4.4), subplot_kw={"projection": "3d"})

# %% [markdown]
# Pascanu's cliff. In front, on the plain, the unit ends on the right side, and the way to the best place is short. On
# the plateau it ends on the wrong side, and hardly any gradient says where to go: vanished. Between them the wall,
# where the gradient is in the hundreds and thousands. Who comes upon the wall makes a step of that length.
#
# The repair: "if the norm is above a threshold, scale", $g \leftarrow g\cdot$ threshold $/\,\|g\|$. Other decks clip
# each element by itself: `np.clip(dparam, -5, 5)`, `clip_gradient=1`. (That listing clips `dhnext` as well, at each
# step of the way back.) **Predict**, for the gradient (3, 40) and the threshold 1, what comes out of both, and which
# one keeps the *direction*.

# %%
clips = {"not clipped": same, "by value": lambda g: np.clip(g, -1, 1),
         "by norm": lambda g: g / np.maximum(1, norm(g, axis=0))}
g, p = np.array([3.0, 40.0]), leaf(np.zeros(2))
p.grad = double(g)
optim.clip_grad_norm([p], 1.0)
clipped = {name: clip(g) for name, clip in clips.items()} | {"clip_grad_norm": p.grad.numpy()}
cosine = {name: c @ g / norm(c) / norm(g) for name, c in clipped.items()}
lesson.table(["clipped", "dL/dw", "dL/db", "cosine with the first"], [(k, *c, cosine[k]) for k, c in clipped.items()])
lesson.check("clipped_length", norm(clipped["clip_grad_norm"]), "<=", 1.000001)
lesson.check("clipped_direction", cosine["clip_grad_norm"], ">=", 0.999999)
lesson.check("value_turns_it", cosine["by value"], "<=", 0.8)

# %% [markdown]
# By value, (3, 40) becomes (1, 1): still a way *down*, but another one. By norm, all is scaled alike. With many
# parameters take the *global* norm, that of all gradients together; each tensor by its own norm
# (`clip_grad_norm(..., per="tensor")`) turns the whole again.
#
# Now some hundreds of nets of one unit are let loose on the cliff, each from a random place, with plain gradient
# descent. **Predict** how many of 100 are thrown out of the picture without clipping.
#
# > **The slide says**: `clipped_gradients, _ = tf.clip_by_global_norm(gradients, max_grad_norm)`, and then
# > `train_op = optimizer.apply_gradients(zip(gradients, trainables))`
#
# Read these two lines again before you run them. They are the last row of the table.

# %%
def slide(gradients):
    clipped_gradients = clips["by norm"](gradients)  # noqa: F841, and this is the point
    return gradients


def descend(clip, rule=optim.SGD, lr=0.05, lowest=None):
    """The ways of all nets (100, 2, NETS); the share that got more than 2 away, the longest way, and which shares ended
    within 0.03 and within 0.001 of the target."""
    rng, ways = np.random.default_rng(lesson.seed), []
    p = leaf(rng.uniform([[1], [-0.4]], [[2], [0.4]], (2, NETS)))
    optimizer = rule([p], lr=lr)
    schedule = optim.CosineLR(optimizer, 100, lr if lowest is None else lowest)
    for _ in range(100):
        ways.append(p.numpy())
        optimizer.zero_grad()
        mg.sum(missed_by(p)).backward()
        p.grad = double(clip(p.grad.numpy()))
        optimizer.step()
        schedule.step()
    ways, missed = np.array(ways), np.sqrt(missed_by(p).numpy())
    away = norm(ways - ways[0], axis=1).max(axis=0)
    return ways, np.mean(away > 2), away.max(), np.mean(missed < 0.03), np.mean(missed < 0.001)


def compare(runs):
    lesson.table(["", "thrown away", "longest way", "within 0.03", "within 0.001"],
                 [(name, *row) for name, (_, *row) in runs.items()])


clips["as on the slide"] = slide
runs = {name: descend(clip) for name, clip in clips.items()}
compare(runs)
lesson.check("thrown", runs["not clipped"][1], ">=", 0.08)
lesson.check("thrown_if_clipped", runs["by norm"][1], "==", 0)
lesson.check("clipping_arrives", runs["by norm"][3] - runs["not clipped"][3], ">=", 0.15)
lesson.check("slide_is_unclipped", np.abs(runs["as on the slide"][0] - runs["not clipped"][0]).max(), "==", 0)
worst = norm(runs["not clipped"][0], axis=1).max(axis=0).argmax()
paths = {name: runs[name][0][:, :, worst] for name in ("not clipped", "by norm")}
lesson.plot("paths", lambda ax: viz.loss_landscape(
    landscape, ws, bs, paths, ("w", "b"), axes=ax, title="From one start: thrown out, or along the wall"), (7, 4.6))

# %% [markdown]
# **What is true.** The slide's code computes the clipped gradients and applies the *others*: the same row as without
# clipping, to the last bit. (`trainables` is not defined there either.) Right is
# `zip(clipped_gradients, tf.trainable_variables())`. In minigrad `clip_grad_norm` changes every `.grad` in place: there
# is no second list that one could mix up.
#
# But the optimiser on the slide is **Adam**, which divides by the usual size of the gradients. **Predict**: does the
# slip throw nets away with Adam, too?

# %%
adam = {name: descend(clips[name], optim.Adam, 0.02) for name in ("as on the slide", "by norm")}
compare(adam)
lesson.check("adam_slide_costs", adam["by norm"][3] - adam["as on the slide"][3], ">=", 0.1)

# %% [markdown]
# Nobody is thrown away: no step of Adam is longer than a few times its learning rate. But one gradient of a thousand
# stays in its average of squares for a thousand updates, and for so long it divides by it: after the shock the net
# hardly moves. No crash, no nan, only a net that learns worse. **That** is how this bug lives on in real programs.
#
# ## Anneal the learning rate
#
# Clipped steps are never long, but on a wall they are never *short* either: each is the rate times the threshold, to
# and fro. "Anneal the learning rate", says the slide; "optimizers accept both scalars and tensors as learning rate". So
# the rate may change while you train: in minigrad a number, `optimizer.lr`, that a schedule sets after each update.
# **Predict** what half a cosine from 0.2 down to 0 changes.

# %%
rates = {f"from 0.2 to {low:g}": descend(clips["by norm"], lr=0.2, lowest=low) for low in (0.2, 0.0)}
compare(rates)
lesson.check("annealing_settles", rates["from 0.2 to 0"][4] - rates["from 0.2 to 0.2"][4], ">=", 0.5)

# %% [markdown]
# Both arrive; only the annealed one comes to rest. With mini-batches it is the same, for another reason: their
# gradients are noisy, and a constant rate never lets the noise die out.
#
# "Clip gradients, anneal, dropout", a deck sums up; the third is against over-fitting (lesson 18). And mark what is not
# in the list: clipping shortens what is too long, and brings nothing back that has vanished. For that another net is
# needed, or another $W$: lessons 15 and 16.
#
# ## Where this lives in minigrad
#
# `clip_grad_norm`, `clip_grad_value`, `CosineLR` and other schedules in `minigrad/optim.py`; the activations in
# `minigrad/ops/elementwise.py`; `diagnose(loss)` in `minigrad/diagnose.py` says in words which of the two diseases a
# net has; `viz.gradient_flow` draws lengths along time, `viz.loss_landscape` cliffs.

# %% [markdown]
# ## What we left out
#
# * Matrices that are no rotations: a gradient may grow at first and vanish later. Exercise 14.4 builds one.
# * Why training itself moves $\rho$: a net that learns to remember moves towards the cliff (Bengio, Simard and
#   Frasconi, 1994: to hold a bit safely, its gradient *must* vanish).
# * "Stop backprop iterations very early", which one deck calls ad hoc: truncation, lesson 09.
#
# ## Quiz

# %% [markdown]
# 1. `W = 0.98 Q`, no activation. How much of the gradient is left after 100 steps?
#
# <details><summary>Answer</summary>
#
# 0.98 to the 100th, about 0.13. With 0.9 it would be 0.00003.
#
# </details>
#
# 2. The gradient of the weights has a healthy length. Does that show that the net can learn what was long ago?
#
# <details><summary>Answer</summary>
#
# No. It is a sum over all steps, and the near ones keep it long whatever becomes of the far ones.
#
# </details>

# %% [markdown]
# 3. Somebody has a tanh net with spectral radius 1.1 and fears an explosion. Rightly?
#
# <details><summary>Answer</summary>
#
# It is possible but not certain: the slopes of tanh, all at most 1, come on top. In this lesson it vanished at 1.2.
#
# </details>
#
# 4. Why does clipping by the global norm not change the direction, and clipping by value does?
#
# <details><summary>Answer</summary>
#
# The first multiplies all by the same number. The other cuts large elements down and leaves small ones as they are.
#
# </details>

# %% [markdown]
# 5. Does clipping help against vanishing gradients?
#
# <details><summary>Answer</summary>
#
# No: it only ever makes gradients shorter. Scaling everything *up* would not help either, since near and far parts
# would grow alike.
#
# </details>
#
# ## Exercises
#
# `python -m lessons exercise 14` copies these and more into files of yours; `check 14` examines them, `hint 14` helps.


# %%
# Exercise 14.1: the lengths of dL/dh_t along a tanh net, h_t = tanh(W h_{t-1} + x_t), given all its states.
def gradient_lengths(W, hs, g):
    raise NotImplementedError("TODO 14.1: return |dL/dh_t| for each row of hs (T, H); g is dL/dh at the last one")


# %%
# Exercise 14.2 (find the bug): the slide's training step, and one more mistake.
def clipped_step(params, grads, max_norm, lr):
    # global_norm = np.sqrt(sum(np.sum(g**2) for g in grads))
    # clipped = [g * max_norm / global_norm for g in grads]
    # return [p - lr * g for p, g in zip(params, grads)]
    raise NotImplementedError("TODO 14.2: return the new parameters, a list; mind gradients that are short already")


# %%
# Exercise 14.3 (predict): W = rho Q, no activation. After how many steps back is at least `share` of the length left?
def horizon(rho, share):
    raise NotImplementedError("TODO 14.3: the largest n for which rho to the n is at least share")


# %%
# Exercise 14.4 (make it fail): spectral radius below 1, and yet a gradient that grows a hundredfold in ten steps.
def grows_at_first():
    raise NotImplementedError("TODO 14.4: return a 2 by 2 matrix; its eigenvalues are below 1, W^10 is not small")


# %%
# Exercise 14.5 (predict): what crelu costs.
def crelu_parameters(inputs, units):
    raise NotImplementedError("TODO 14.5: all numbers in W_hx, W_hh and b; crelu makes a state of 2 * units")


# %%
lesson.finish()
