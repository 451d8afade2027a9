"""06 Unrolling
question: how can one small set of weights read a sequence of any length?
claim: weights shared over time serve positions and lengths that training never showed, as far as it showed the states
check: rnn_unseen >= 0.95 and rnn_length_20 >= 0.95 and mlp_drop >= 0.35 and window_near_minus_far >= 0.35
    and asked_each_step_gain >= 0.3 and first_half_drop >= 0.08 and rnn_parameters == 1345
    and skipping_ignores == 0 and slide_output_ignores == 0 and notations_agree ~= 1
data: generated   seconds: 30   fast_seconds: 10
items: A1-A10 B10-B11 C1-C8 C15 D1-D4 D8 E19 H14 L4 M1 M4 O2-O4 R27 R31 R32 R41 R44 R45 R46 R53   needs: 01 02
"""

# %% [markdown]
# # 06 Unrolling
#
# Texts, genomes, speech, video, stock prices, the signals of a heart: data that come *one after another*. Two things
# that an ordinary network takes for granted are false for them. The elements are **not independent**: in "The cake,
# which contained candles, was eaten" the *was* obeys the distant cake and not the candles next to it, and "I grew up in
# France ... I speak fluent ..." may have a page in the gap. That takes a memory. And the **length is not fixed**.
#
# A network with its own weights for each input position cannot even carry what one of these taught it to the other:
#
# > He went to Germany in 2010. / In 2010 he went to Germany.
#
# The same fact, at different positions. What it learned about "2010" at the end, it must learn again at the start.

# %% [markdown]
# The traditional way out is a **sliding window**: look at three words, then at the next three. It fixes the length,
# and forgets what has left the window. A convolution is such a window with shared weights, and does have "a certain
# degree" of variable length. The recurrent way out fits in one line: **keep a state, and use the same function again at
# every step**.
#
# | | convolution over time | recurrent net |
# |---|---|---|
# | data | grids: wide or tall images | sequences, long or short, of mixed length in a batch |
# | each output sees | a few neighbours in the input | everything before it, through the previous state |
# | what is shared | one kernel for all places | one update rule for all steps |
# | depth | shallow | as deep as the sequence is long |

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
import numpy as np

import minigrad as mg
import viz
from minigrad import nn, optim
from minigrad.data.tasks import repeated_token

lesson = kit.begin("06")

# %% [markdown]
# ## A system that moves
#
# A *dynamical system* is a state and a rule that gives the next state from this one, with parameters $\theta$:
#
# $$s_t = f_\theta(s_{t-1}) \quad\text{so}\quad s_3 = f_\theta(s_2) = f_\theta(f_\theta(s_1)) = \dots$$
#
# The first equation is *recurrent*: it refers to itself. The second is not; it is the first one **unfolded**, and it is
# a graph without cycles, of the kind that lessons 01 and 02 can draw and differentiate.
#
# **Predict:** in the picture of $s_3$, how many operations are there, how many boxes for $\theta$, and how many wires
# leave it?

# %%
theta = nn.Parameter(1.5, name="θ")
s = s0 = mg.Tensor(0.2, name="s")


def f(s):
    return mg.tanh(theta * s).named("s")


for t in range(3):
    with mg.scope("step", t):
        s = f(s)
lesson.check("loop_is_unfolded", s, "==", f(f(f(s0))).numpy())
lesson.show("system", viz.draw(s, title="s₃ = f(f(f(s₀)))", subtitle="the loop unfolded: one θ, used at every step"))

# %% [markdown]
# ## A system that listens
#
# Let something from outside drive it, and call the state $h$, for *hidden*:
#
# $$h_t = f_\theta(h_{t-1}, x_t) \;=\; g_t(x_t, x_{t-1}, \dots, x_1)$$
#
# The last form is the same thing seen from outside: a function $g_t$ of everything so far, **a different one for every
# length**. We could learn each $g_t$; that is the net with one weight block per position. We learn $f$ instead.
#
# There are two ways to draw it, below. The *circuit* on the left has a wire that goes back through a black square: "one
# step later". Unfold that wire in time and you have the graph on the right: one `f` for each step, the same $\theta$ in
# all.

# %% [markdown]
# ```
#         before unrolling                     after unrolling
#
#              y                         y1          y2          y3
#              ^                         ^           ^           ^
#              |                         |           |           |
#      +---> [ f ] ---+          h0 -> [ f ] ----> [ f ] ----> [ f ] -> h3
#      |       ^      |                  ^    h1     ^    h2     ^
#      +-------|--■ <-+                  |           |           |
#              x                         x1          x2          x3
# ```
#
# $h_t$ has a fixed size, and the sequence so far may have any. So the state is a **lossy summary**: training decides
# what is kept. To guess the next word much can go; to write everything down again (an *auto-encoder*) nothing may.

# %% [markdown]
# ## The forward pass by hand
#
# The simplest $f$ is Elman's (1990): two matrices, a bias, a $\tanh$; an output is read from each state.
#
# $$h_t = \tanh(W_{hh} h_{t-1} + W_{hx} x_t + b_h) \qquad y_t = W_{yh} h_t + b_y$$
#
# followed by a softmax for classes, or a sigmoid, $y = \sigma(W h)$, for yes or no. In general: any activations
# $\sigma_h$ and $\sigma_y$. Shapes: $h_t$ is $n_h$ numbers, $x_t$ is $n_x$, so $W_{hx}$ is $n_h \times n_x$. (When $x$
# is a word in one-hot form, $n_x$ is the size of the vocabulary, 100,000 and more.) The start: $h_0 = 0$, and small
# random weights, for example evenly from -0.1 to 0.1 or 0.01 times a normal number; never all equal.
#
# **Predict** the difference between this loop in NumPy and minigrad's own layer with the same weights.

# %%
with mg.default_dtype("float64"):
    rnn, read = nn.RNN(3, 5, bias="one"), nn.Linear(5, 2)
W_hx, W_hh, b_h, W_yh, b_y = (p.numpy() for p in [*rnn.parameters(), *read.parameters()])
x = lesson.rng.normal(size=(4, 3))


def by_hand(x):
    h, hs = np.zeros(5), []
    for x_t in x:
        h = np.tanh(W_hh @ h + W_hx @ x_t + b_h)
        hs.append(h)
    return np.array(hs)


sequence = mg.Tensor(x[:, None, :], "float64", requires_grad=True, name="x")
states, last = rnn(sequence)
lesson.table(["h_t by hand", "h_t by nn.RNN"], zip(by_hand(x).round(3), states.numpy()[:, 0].round(3)))
lesson.check("hand_and_layer", np.abs(by_hand(x) - states.numpy()[:, 0]).max(), "<=", 1e-14)

# %% [markdown]
# ## The picture
#
# Nobody drew the next picture: it is the graph that minigrad recorded while it computed. Time runs from left to right,
# and each column is one use of $f$. **Predict** how often each parameter stands in it.

# %%
small, readout = nn.RNNCell(3, 4, bias="one"), nn.Linear(4, 2)
small.weight_ih.name, small.weight_hh.name, small.bias_ih.name = "W_hx", "W_hh", "b_h"
readout.weight.name, readout.bias.name = "W_yh", "b_y"
h, outputs = mg.Tensor(np.zeros((1, 4)), name="h"), []
for t in range(3):
    with mg.scope("step", t):
        h = small(mg.Tensor(lesson.rng.normal(size=(1, 3)), name="x"), h)
        outputs.append(readout(h).named("y"))
lesson.show("unrolled", viz.draw(outputs, title="An Elman net, unrolled", subtitle="five parameters in every column"))

# %% [markdown]
# ## One equation, many alphabets
#
# | | into the state | state to state | out of the state | biases |
# |---|---|---|---|---|
# | Elman on the slides | $W_{hx}$ | $W_{hh}$ | $W_{yh}$ | $b_h, b_y$ |
# | textbook: $a = b + Wh + Ux,\; o = c + Vh$ | $U$ | $W$ | $V$ | $b, c$ |
# | row vectors: $h = g(hU + xV),\; y = f(hW)$ | $V$ | $U$ | $W$ | none |
# | code on the slides: $Uh + Wx,\; Vh$ | $W$ | $U$ | $V$ | none |
# | minigrad, PyTorch | `weight_ih` | `weight_hh` | `Linear.weight` | `bias_ih`, `bias_hh` |
#
# $U$, $V$ and $W$ each stand for three different matrices (and a read-out $\sigma(Wh)$ beside a state $Wh + Ux$ makes
# two of one name). Fix one convention, and read everybody else's equations through this table. Row vectors are columns
# transposed: $hU$ with $U = W_{hh}^\top$ is the same numbers.

# %%
h_before, x_t, layer = by_hand(x)[1], x[2], read(states)[2, 0].numpy()
U, W, V, b, c = W_hx, W_hh, W_yh, b_h, b_y
elman = W_yh @ np.tanh(W_hh @ h_before + W_hx @ x_t + b_h) + b_y
textbook = c + V @ np.tanh(b + W @ h_before + U @ x_t)
U, V, W = W_hh.T, W_hx.T, W_yh.T
rows = np.tanh(h_before @ U + x_t @ V + b_h) @ W + b_y
answers = {"Elman": elman, "textbook": textbook, "row vectors": rows, "minigrad": layer}
lesson.table(["notation", "y_3"], answers.items())
lesson.check("notations_agree", [y / elman for y in answers.values()], "~=", np.ones((4, 2)))

# %% [markdown]
# ## Two slides that skip something
#
# **The slide says** `h(0) = 0`, then `for i in range(1, len(x)):` with $h_i = g(U h_{i-1} + W x_i)$. With sequences
# that Python counts from 0, something is never read. **Another slide says** $o_t = c + V h_{t-1}$, where an earlier one
# had $V h_t$, and twice `z = b_(t) W`: the $b$ should be an $h$. All run without an error.
#
# **Predict**, for each, which input could be replaced by anything at all without a change in the answer. Then ask the
# gradient: the table shows how strongly each result depends on each input, and exactly 0 means *not looked at*.

# %%
def slide_loop(x):
    h = mg.Tensor(np.zeros((1, 5)), "float64")
    for i in range(1, len(x)):  # the bug: x[0] is left out
        h = rnn.cells[0](x[i], h)
    return h


def heard(y):
    """How strongly y depends on each of the four inputs."""
    return np.abs(mg.grad(y.sum(), sequence).numpy()).max(axis=(1, 2))


skipping = slide_loop(sequence)
programs = {"h_4, for x_t in x": states[-1], "h_4, for i in range(1, len(x))": skipping,
            "o_3 = c + V h_3": read(states[2]), "o_3 = c + V h_2": read(states[1])}
lesson.table(["computed", "x_1", "x_2", "x_3", "x_4"], [(name, *heard(y)) for name, y in programs.items()])
lesson.check("skipping_differs", np.abs(skipping.numpy() - states[-1].numpy()).max(), ">", 1e-6)
lesson.check("skipping_ignores", heard(skipping)[0], "==", 0)
lesson.check("slide_output_ignores", heard(read(states[1]))[2], "==", 0)

# %% [markdown]
# ## Three nets for one question
#
# Now the claim of the slides: shared weights generalise over positions and lengths. The task: tokens 0 to 7 in random
# order; the key is token 0, and at every step the question is **"has the key been repeated?"**, yes from the second
# key on. All nets get the same tokens, one-hot; each has $H = 32$ hidden units and one output per step.
#
# * **position-wise**: one weight block for each position, the $g_t$ of above;
# * **window**: a convolution, the same weights everywhere, which sees this token and the two before it;
# * **recurrent**: an Elman net.

# %%
TOKENS, H = 8, 32


class PositionWise(nn.Module):
    def __init__(self, steps):
        self.hidden, self.out = nn.Linear(steps * TOKENS, H), nn.Linear(H, steps)

    def forward(self, x):  # (B, T, 8) -> (B, T)
        return self.out(mg.tanh(self.hidden(mg.reshape(x, (x.shape[0], -1)))))


class Window(nn.Module):
    def __init__(self):
        self.window, self.out = nn.Conv1d(TOKENS, H, kernel=3), nn.Linear(H, 1)

    def forward(self, x):
        padded = mg.pad(mg.permute_dims(x, (0, 2, 1)), ((0, 0), (0, 0), (2, 0)))  # nothing before the first token
        return self.out(mg.permute_dims(mg.tanh(self.window(padded)), (0, 2, 1)))[:, :, 0]


class Recurrent(nn.Module):
    def __init__(self, unroll=False):  # True for a graph of every step; False: all steps in one operation, faster
        self.rnn, self.out = nn.RNN(TOKENS, H, bias="one", batch_first=True, unroll=unroll), nn.Linear(H, 1)

    def forward(self, x):
        return self.out(self.rnn(x)[0])[:, :, 0]


# %% [markdown]
# ## How many parameters?
#
# **Predict** them for $T = 10$ and $T = 1000$. For the recurrent net: $32 \cdot 8 + 32 \cdot 32 + 32$ in the cell and
# $32 + 1$ in the readout. Then **predict** what happens when a net made for ten steps is given twenty.
#
# The last column is the longest chain of operations from an input to the last output, which is what *depth* means: for
# the position-wise net, the window, the recurrent net. Which is the deepest? Each of the three has one hidden layer.

# %%
def one_hot(ids):
    return mg.Tensor(np.eye(TOKENS)[ids])


def depth(y):
    deep = {}
    for node in mg.history([y]):
        deep[node] = 1 + max((deep[x[0]] for x in node.inputs if isinstance(x, tuple)), default=0)
    return deep[y.node]


table = []
for steps in (10, 20, 100, 1000):
    nets = PositionWise(steps), Window(), Recurrent(unroll=True)
    depths = [depth(net(one_hot(np.zeros((1, steps), int)))) for net in nets]
    table.append((steps, *(sum(p.size for p in net.parameters()) for net in nets), " / ".join(map(str, depths))))
lesson.table(["T", "position-wise", "window", "recurrent", "depths"], table)
lesson.check("rnn_parameters", [row[3] for row in table], "==", 32 * 8 + 32 * 32 + 32 + 33)
try:
    PositionWise(10)(one_hot(np.zeros((1, 20), int)))
except mg.ShapeError as error:
    print("20 tokens into the net for 10:", error)

# %% [markdown]
# So the size of a recurrent net does not depend on the length, and its depth comes from *unrolling*, not from layers.
#
# Here is also the difference between *static* and *dynamic* unrolling. A graph that is built once, for ten steps, needs
# padding to ten. minigrad builds the graph while your loop runs (as `dynamic_rnn` did with a while loop), so each batch
# may have its own length. Lesson 11 deals with different lengths inside one batch.

# %% [markdown]
# ## The test
#
# In training, $T = 10$ and a key never stands at positions 3 and 7 (counted from 0). The tests ask at the last step,
# and yes and no are equally frequent: **seen**, keys at the other eight positions; **unseen**, one key at 3 or 7; and
# **T = 20** and **T = 100**, keys anywhere; there the position-wise net has no weights and cannot be asked.
#
# **Predict** the first three rows, above all position-wise on *unseen*: its weights for a key at 3 and 7 exist. What
# are they? The last three rows of the table are for later.

# %%
SEEN, UNSEEN, HALF = [0, 1, 2, 4, 5, 6, 8, 9], [3, 7], range(5)
EVERY, LAST = slice(None), slice(-1, None)


def train(model, positions, rng, ask=EVERY, updates=800):
    """Adam on fresh batches. `ask`: the steps at which the net is asked, and corrected."""
    optimizer = optim.Adam(model, lr=0.005)
    for _ in range(updates):
        ids, answers = repeated_token(64, 10, rng, positions)
        loss = mg.bce_with_logits(model(one_hot(ids))[:, ask], mg.Tensor(answers[:, ask] * 1.0))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


def right_at_the_end(model, rng, steps=10, **which):
    ids, answers = repeated_token(1000, steps, rng, **which)
    with mg.no_grad():
        said = model(one_hot(ids)).numpy()[:, -1] > 0
    return (said == answers[:, -1]).mean()


# %%
RUNS = {"position-wise": (lambda: PositionWise(10), SEEN, EVERY), "window": (Window, SEEN, EVERY),
        "recurrent": (Recurrent, SEEN, EVERY), "recurrent, asked once": (Recurrent, SEEN, LAST),
        "position-wise, 1st half": (lambda: PositionWise(10), HALF, EVERY),
        "recurrent, 1st half": (Recurrent, HALF, EVERY)}
TESTS = ["seen", "unseen", "T = 20", "T = 100"]


def tested(model, positions, rng):
    unseen = {"through": UNSEEN} if positions is SEEN else {"positions": range(5, 10)}
    tests = [{"positions": positions}, unseen, {"steps": 20}, {"steps": 100}]
    return [right_at_the_end(model, rng, **which) for which in tests[: 2 if isinstance(model, PositionWise) else 4]]


scores, models = {name: [] for name in RUNS}, {}
for i, name in lesson.progress([(i, name) for i in range(lesson.pick(5, 1)) for name in RUNS], "training"):
    make, positions, ask = RUNS[name]
    mg.manual_seed(lesson.seed + i)
    rng = np.random.default_rng(lesson.seed + i)
    models[name] = train(make(), positions, rng, ask)
    scores[name].append(tested(models[name], positions, rng))
median = {name: dict(zip(TESTS, np.median(values, axis=0))) for name, values in scores.items()}
lesson.table(["net", *TESTS], [(name, *row.values(), *[""] * (4 - len(row))) for name, row in median.items()])

# %%
mlp, window, shared, once, mlp_half, half = median.values()
lesson.check("mlp_drop", mlp["seen"] - mlp["unseen"], ">=", 0.35)
lesson.check("rnn_unseen", shared["unseen"], ">=", 0.95)
lesson.check("rnn_length_20", shared["T = 20"], ">=", 0.95)

# %% [markdown]
# First and third row: what one set of weights for all steps buys. The position-wise net knows the task where it has
# seen it, and has **nothing to say** about a key at position 3: no gradient ever reached those weights, which are still
# the random numbers of the start. It misses that key, counts one too few, and is right half the time. In the recurrent
# net every key that ever came, at any step, has trained the same weights: it *shares statistical strength*.
#
# The window shares its weights as well, and the positions 3 and 7 are no trouble to it. Yet it is poor everywhere, and
# least so for late keys. Why? The right half of the picture asks at the very step of the second key, against the
# distance between the two keys.

# %%
def score(name, steps, place, others):
    """The share of right answers with one key at this place, and half of the time a second one at one of the others."""
    return right_at_the_end(models[name], rng, steps, positions=[*others, place], through=[place])


by_place = {name: [score(name, 10, p, set(SEEN) - {p}) for p in range(10)] for name in list(RUNS)[:3]}
by_distance = {name: [score(name, 20, 19, [19 - d]) for d in range(1, 20)] for name in list(RUNS)[1:3]}


def draw_scores(axes):
    looks = dict(zip(RUNS, [("#D55E00", "s", 11), ("#009E73", "^", 7), ("#0072B2", "o", 5)]))
    for ax, first, lines in [(axes[0], 0, by_place), (axes[1], 1, by_distance)]:
        for name, values in lines.items():
            colour, mark, width = looks[name]
            ax.plot(range(first, first + len(values)), values, marker=mark, ms=width, color=colour, label=name)
        ax.set(ylim=(0.4, 1.15), xticks=range(first, first + len(values), 1 + first))
        ax.legend(loc="upper center", ncols=3)
    for place in UNSEEN:
        axes[0].axvspan(place - 0.4, place + 0.4, color="#eeeeee", zorder=0)
    axes[0].set(title="A key at this position (grey: never in training)", xlabel="position", ylabel="right answers")
    axes[1].set(title="Asked at the second key, T = 20", xlabel="steps between the two keys")


lesson.plot("scores", draw_scores, size=(10, 4), ncols=2)
lesson.check("window_near_minus_far", by_distance["window"][1] - max(by_distance["window"][2:]), ">=", 0.35)

# %% [markdown]
# The window is right as long as both keys fit into it, and guesses beyond. Sharing gives *everywhere*; only a state
# gives *how long ago*.
#
# ## Where the claim stops
#
# It would be pleasant to end here: "share the weights, and the net generalises". The other rows say no.
#
# **Asked once.** The same net, same data, but corrected at the last step only. On ten steps it is perfect; on twenty
# it is not. It learned an answer that is right after ten steps, and what the state does at step 15 was never anybody's
# business. A loss at every step says: be right *always*.

# %% [markdown]
# **Trained on the first half.** Here keys stood at positions 0 to 4 only, and *unseen* means 5 to 9. This lesson was
# going to claim that the recurrent net does not mind. It does better than the position-wise one, and still **it does
# mind**, with every seed that we tried. The weights are shared, but what $f$ does with a state is learned from the
# states that occur, and a state can tell the time: *many quiet steps* is a state in which no key ever came in training.
#
# So, precisely: **weights are shared over time, and experience is shared over states.** A position is no obstacle
# when its states are familiar. The same goes for length: twenty steps are fine, while a hundred (in the table) are
# mostly too long for what this net was asked to hold. Why long memories are hard is lesson 14.

# %%
lesson.check("asked_each_step_gain", shared["T = 20"] - once["T = 20"], ">=", 0.3)
lesson.check("first_half_drop", half["seen"] - half["unseen"], ">=", 0.08)
lesson.check("first_half_mlp_drop", mlp_half["seen"] - mlp_half["unseen"], ">=", 0.35)

# %% [markdown]
# ## How much can it compute?
#
# > **Universality.** Two theorems are often told as one. *With enough hidden units* a recurrent net approximates any
# > well-behaved dynamical system for a limited time. And a recurrent net with *exact rational* numbers and *unlimited
# > time* can simulate any Turing machine (Siegelmann and Sontag, 1995). Neither says that training finds the weights,
# > or that 32 bits are enough. ("Feed-forward networks with edges that span time"? Fed forward it is only once
# > *unrolled*.)
#
# And when **not** to use one: if every input has the same size and the places have fixed meanings (age, weight, blood
# pressure), order carries nothing, and other models are simpler and faster.

# %% [markdown]
# ## Where this lives in minigrad
#
# The equation is `rnn_step` in `minigrad/recurrent/steps.py`; the loop is `scan` in `minigrad/recurrent/scan.py`, the
# only loop over time there is; `minigrad/nn/recurrent.py` adds the parameters. Old code maps like this, where its names
# exist (`tf.contrib.BasicRNNCell` and `BasicRNNCellOutputProjectionWrapperWrapper`, on the slides, never did):
#
# | TensorFlow 1 | minigrad |
# |---|---|
# | `RNNCell` (the abstract one), `BasicRNNCell` | `Cell` (one step, any equation), `nn.RNNCell` |
# | `BasicLSTMCell`, `LSTMCell`, `GRUCell` | `nn.LSTMCell`, `nn.GRUCell` (lessons 16 and 17) |
# | `dynamic_rnn`, `bidirectional_dynamic_rnn` | `nn.RNN(...)`, with `bidirectional=True` (lesson 20) |
# | `MultiRNNCell` | `num_layers=` (lesson 21) |
# | `OutputProjectionWrapper` | an `nn.Linear` on the output, as `read` above |

# %% [markdown]
# ## What we left out
#
# * How the gradient comes back through all these copies, and what that costs: lesson 08.
# * Feeding the *output* back instead of the state: lesson 07. Other shapes of input and output: lesson 10.
# * The window could be made wider, stacked, or dilated until it spans the sequence; the comparison here is with one
#   small window on purpose.
# * Whether a better training set, rather than a better net, would mend the last row. (It would. Exercise 06.4.)
#
# ## Quiz

# %% [markdown]
# 1. A net is unrolled over 100 steps. How many copies of $W_{hh}$ are learned?
#
# <details><summary>Answer</summary>
#
# One. It is *used* a hundred times, and by the rule of lesson 02 its gradient is the sum over the hundred uses.
#
# </details>
#
# 2. Somebody writes $h = g(hU + xV)$ and $y = f(hW)$. Which of these is PyTorch's `weight_hh`?
#
# <details><summary>Answer</summary>
#
# $U$, transposed: `weight_hh` multiplies from the left.
#
# </details>

# %% [markdown]
# 3. The window sees three tokens. Two keys stand next to each other, and the answer is asked five steps later. What
#    can the window say?
#
# <details><summary>Answer</summary>
#
# Nothing: both keys have left it. At the step of the second key it was right; it has no state to keep that in.
#
# </details>
#
# 4. `for i in range(1, len(x))` could be made right without touching the range. How?
#
# <details><summary>Answer</summary>
#
# Put a dummy in front of the sequence, so that the real inputs are numbered from 1, as in the formula.
#
# </details>

# %% [markdown]
# 5. In training, keys never stood at position 3 either. Why is the recurrent net right there, and not in the second
#    half after training on the first?
#
# <details><summary>Answer</summary>
#
# A key at position 3 meets a state like those at positions 2 and 4, which training did visit. After training on the
# first half, a key in the second half meets states in which no key ever came.
#
# </details>
#
# ## Exercises
#
# `python -m lessons exercise 06` copies these and more into files of yours; `check 06` examines them, `hint 06` helps.


# %%
# Exercise 06.1: the forward pass, as in the lesson, but for a batch: x (T, B, I) -> the last state (B, H).
def forward(x, W_hx, W_hh, b_h):
    raise NotImplementedError("TODO 06.1: start from zeros of shape (B, H); mind that rows are now the batch")


# %%
# Exercise 06.2 (find the bug). The slide's loop, for Python's lists: repair it without reading any input twice.
def slide_forward(x, step, h0):
    h = h0
    for i in range(1, len(x)):
        h = step(x[i], h)
    raise NotImplementedError("TODO 06.2: return the last state after ALL inputs")


# %%
# Exercise 06.3: predict the number of parameters of an Elman net with a readout, for any T.
def count_parameters(n_x, n_h, n_y, T):
    raise NotImplementedError("TODO 06.3: two matrices and a bias in the cell, a matrix and a bias in the readout")


# %%
# Exercise 06.4 (make it work): which training positions and steps would make the last row of the table good?
def training_batch(rng):
    raise NotImplementedError("TODO 06.4: return repeated_token(64, steps, rng, positions) with a better choice")


# %%
lesson.finish()
