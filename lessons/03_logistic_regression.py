"""03 Logistic regression in a graph
question: how does a graph of operations learn to say yes or no, and how can a cost of 0 mean that nothing was learned?
claim: a sigmoid reaches the optimum, at which the gradient is 0; a softmax over one column costs 0 and learns nothing
check: slide_cost == 0 and slide_moved == 0 and slide_accuracy == 0.5 and accuracy >= 0.95
    and gradient_at_optimum <= 1e-6 and direction >= 0.99 and likelihood_as_product == 0 and start_loss ~= 0.693147
    and mini_batch_lead >= 4 and one_by_one_hovers >= 0.5 and adam_first_step ~= 0.001 and resumed_difference == 0
data: generated   seconds: 15   fast_seconds: 8
items: B7-B9 C14 C23 E6-E8 M5 R6 R39 R42-R43 R49 R50 R57   needs: 01 02
"""

# %% [markdown]
# # 03 Logistic regression in a graph
#
# Two measurements of a thing, and a question with two answers: *is it one of these?* We have 2,000 examples with the
# right answers and want a program that answers for new ones. The slides write it in about fifteen lines, as the first
# graph of operations that can **learn**.
#
# Run it, and its cost is 0 from the first update on. A perfect result? It answers *yes* to everything. Today you find
# out how a cost can be perfect and the program useless, what the right program is, and where its cost comes from. Every
# language model of this course is trained with that cost, one for each word.

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
import numpy as np

import minigrad as mg
import viz
from minigrad import checkpoint, nn, optim

lesson = kit.begin("03")

# %% [markdown]
# ## Two clouds
#
# The examples come from two round clouds that overlap: with the answer 1 around one centre, with the answer 0 around
# the other, as many of each. We made them, so we know the best border: the line halfway between the centres.
#
# The slide calls its input `featuresZ_pBias`, and that name is a recipe. *Z*: from each feature its mean is subtracted,
# and it is divided by its standard deviation, so that both are of one size. *pBias*: plus a column of ones, whose
# weight is the bias. So a row of `X` has three numbers, and `beta` has a weight for each.

# %%
CENTRES, SPREAD = np.array([[3.5, 167.0], [6.5, 233.0]]), np.array([1.0, 30.0])  # of the answers 0 and 1; of both


def examples(count):
    answers = np.arange(count) % 2
    return CENTRES[answers] + SPREAD * lesson.rng.normal(size=(count, 2)), answers[:, None].astype(float)


def features_z_p_bias(points):
    z = (points - points_seen.mean(axis=0)) / points_seen.std(axis=0)
    return mg.Tensor(np.column_stack([z, np.ones(len(points))]), "float64", name="X")


def variable(values):
    return nn.Parameter(values, "float64", name="beta")


points_seen, answers_seen = examples(2000)
points_new, answers_new = examples(4000)
X, X_new = features_z_p_bias(points_seen), features_z_p_bias(points_new)
y = mg.Tensor(answers_seen, "float64", name="y")
lesson.table(["feature 1", "feature 2", "row of X", "y"],
             [(*points_seen[i], X.numpy()[i].round(2), answers_seen[i, 0]) for i in range(4)])

# %% [markdown]
# ## The program on the slide
#
# Here it is in minigrad. `X` and `y` are constants, `beta` is the variable that learning changes, from a random start
# between -1 and 1; `y_pred` is a softmax of the scores `X @ beta`, one score for each example.
#
# **Predict** three numbers: the cost at the start; the cost after 200 updates; and the share of right answers to new
# examples, where *yes* means that the prediction is above one half.

# %%
def slide_program(X, y, beta):
    y_pred = mg.softmax(X @ beta).named("predictions")
    return y_pred, mg.mean(mg.sum(-(y * mg.log(y_pred)), axis=1)).named("cost")


def update(program, beta, optimizer, rows=slice(None)):
    """One step downhill on these rows of the examples. Returns the cost before it."""
    _, cost = program(X[rows], y[rows], beta)
    optimizer.zero_grad()
    cost.backward()
    optimizer.step()
    return cost.item()


def train(program, beta, updates, lr):
    optimizer = optim.SGD([beta], lr=lr)
    return np.array([update(program, beta, optimizer) for _ in range(updates)])


def accuracy(program, beta):
    y_pred, _ = program(X_new, mg.Tensor(answers_new, "float64"), beta)
    return ((y_pred.numpy()[:, -1:] > 0.5) == answers_new).mean()


random_start = nn.init.uniform((3, 1), -1, 1)
slide_beta = variable(random_start)
slide_costs = train(slide_program, slide_beta, 200, lr=1.0)
lesson.check("slide_cost", slide_costs, "==", 0)
lesson.check("slide_moved", np.abs(slide_beta.numpy() - random_start).max(), "==", 0)
lesson.check("slide_accuracy", accuracy(slide_program, slide_beta), "==", 0.5)

# %% [markdown]
# ## Look into the graph
#
# A softmax makes the numbers of a **row** add up to 1 (lesson 02). Here a row has one number, and there is only one
# number that adds up to 1 all by itself.
#
# $$\mathrm{softmax}(z)_k = \frac{e^{z_k}}{\sum_{k'} e^{z_{k'}}} \qquad\text{for one column:}\quad \frac{e^z}{e^z} = 1$$
#
# (On another slide $k'$ is on the left, "for all $k'$". The sum runs over $k'$; what is defined is component $k$.)
# So every prediction is 1, its logarithm is 0, and so is the cost, whatever `beta` is. What does not depend on `beta`
# has the gradient 0. **Predict** at which operation of the picture the gradient ends on its way back. (The picture
# takes the first four examples.)

# %%
_, cost = slide_program(X[:4].detach().named("X"), y[:4].detach().named("y"), slide_beta)
lesson.show("slide_graph", viz.draw(viz.record(cost), title="The slide's program: nothing comes back to beta"))

# %% [markdown]
# The cost does have something to say, and it gets as far as the softmax. There it ends. This is what makes the slip so
# nasty: the program runs, nothing warns, and nobody can beat its cost. The deck's script for a recurrent net has it
# again, with `output_size = 1` (lesson 10).
#
# ## What we want instead
#
# One score $z = x \cdot \beta$ is enough, if another function turns it into a probability: the **sigmoid**, or logistic
# function, which gives the method its name.
#
# $$p = \sigma(z) = \frac{1}{1 + e^{-z}} \qquad\text{so}\qquad z = \log \frac{p}{1 - p}, \text{ the log odds}$$

# %% [markdown]
# A softmax of the *two* scores $(0, z)$ is $e^z / (e^0 + e^z)$, the same thing. So the other repair is a `beta` with
# two columns, one for each answer.
#
# ## From likelihood to loss
#
# Which `beta` is best? The one under which the answers that we saw were most *likely*. The probability of all of them
# together is a product, of $p_i$ where the answer is 1 and of $1 - p_i$ where it is 0:
#
# $$L(\beta) = \prod_{i=1}^N p_i^{y_i} (1 - p_i)^{1 - y_i}$$
#
# Begin with $\beta = 0$: every $p_i$ is one half. **Predict** what the computer says for $L$ of 2,000 examples, in 64
# bits. Then **predict** the mean of $-\log$ of the same 2,000 probabilities.

# %%
def sigmoid_program(X, y, beta):
    z = (X @ beta).named("z")
    return mg.sigmoid(z), mg.bce_with_logits(z, y).named("J")


p = np.full_like(answers_seen, 0.5)
factors = p**answers_seen * (1 - p) ** (1 - answers_seen)
beta = variable(np.zeros((3, 1)))
_, loss = sigmoid_program(X, y, beta)
print("likelihood:", np.prod(factors), "  log likelihood:", np.log(factors).sum(), "  log loss:", loss.item())
lesson.check("likelihood_as_product", np.prod(factors), "==", 0)
lesson.check("start_loss", loss, "~=", np.log(2))

# %% [markdown]
# $0.5^{2000}$ is below the smallest positive number of the computer. So take the logarithm, which turns the product
# into a sum; put a minus in front, because we go downhill; divide by $N$, so that the number of examples does not
# matter:
#
# $$J(\beta) = -\frac{1}{N} \sum_{i=1}^N \left[ y_i \log p_i + (1 - y_i) \log (1 - p_i) \right]$$
#
# This is the **log loss**. Who knows nothing pays $\log 2 = 0.693$ for each answer.

# %% [markdown]
# With more than two answers, $y_i$ is a row with a 1 at the right one, and the same thing is called **cross-entropy**:
#
# $$J = -\frac{1}{N} \sum_i \sum_j y_{ij} \log \hat y_{ij}$$
#
# In a text there is an answer at every time step, and $J^{(t)}$ is the cost at step $t$; training takes the sum or the
# mean over $t$. That is the cost of an LSTM. "Where did this come from?", ask the slides: from the product above.
#
# ## The right program, twice
#
# Once with a sigmoid, once with a softmax over two columns; all else as before. **Predict** which learns faster, at the
# same learning rate; or are they the same?

# %%
def softmax_program(X, y, beta):
    scores = X @ beta
    return mg.softmax(scores), mg.cross_entropy(scores, y.numpy()[:, 0].astype(int))


sigmoid_costs = train(sigmoid_program, beta, 200, lr=1.0)
softmax_costs = train(softmax_program, variable(np.zeros((3, 2))), 200, lr=1.0)
doubled_costs = train(sigmoid_program, variable(np.zeros((3, 1))), 200, lr=2.0)
lesson.table(["after updates", "one column, sigmoid", "two columns, softmax", "one column, twice the rate"],
             [(n, sigmoid_costs[n], softmax_costs[n], doubled_costs[n]) for n in (0, 1, 10, 199)])
_, loss = sigmoid_program(X[:4].detach().named("X"), y[:4].detach().named("y"), variable(np.zeros((3, 1))))
lesson.show("sigmoid_graph", viz.draw(viz.record(loss), title="With a sigmoid, beta hears of all four errors"))
lesson.check("two_columns_double_the_rate", np.abs(softmax_costs - doubled_costs).max(), "<=", 1e-12)

# %% [markdown]
# Only the *difference* of the two columns matters. Each update moves both, one up and one down, so the difference goes
# twice as far. Not a better method: twice the learning rate in disguise.
#
# ## The optimum
#
# How do we know when we are there? At the lowest point the gradient is 0. Work it out with the rules of lesson 02, and
# no sigmoid is left in it:
#
# $$\frac{\partial J}{\partial \beta} = \frac{1}{N} X^\top (p - y)$$

# %% [markdown]
# Each example pulls with its *error* $p - y$, along its row of `X`. For the column of ones this is the mean of all
# errors. **Predict**: at the optimum, which two averages are equal?
#
# And because we made the clouds, there is a formula to compare with. For two round clouds of equal spread $s$, around
# $c_0$ and $c_1$, the log odds are exactly a straight line in $x$, with the weights $(c_1 - c_0) / s^2$.

# %%
train(sigmoid_program, beta, 4000, lr=4.0)
p, loss = sigmoid_program(X, y, beta)
best, gradient = loss.item(), mg.grad(loss, beta).numpy()[:, 0]
by_hand = (X.numpy().T @ (p.numpy() - answers_seen))[:, 0] / len(answers_seen)
learned, formula = beta.numpy()[:2, 0], (CENTRES[1] - CENTRES[0]) / SPREAD**2 * points_seen.std(axis=0)
lesson.table(["feature", "learned", "formula", "gradient", "by hand"], zip([1, 2], learned, formula, gradient, by_hand))
print(f"mean of p {p.numpy().mean():.9f}, mean of y {answers_seen.mean():.9f}, loss {best:.4f}")
lesson.check("gradient_at_optimum", np.abs(gradient).max(), "<=", 1e-6)
lesson.check("direction", learned @ formula / np.linalg.norm(learned) / np.linalg.norm(formula), ">=", 0.99)
lesson.check("accuracy", accuracy(sigmoid_program, beta), ">=", 0.95)

# %% [markdown]
# At the optimum the program says *yes* as often as *yes* is true. Its weights are near those of the formula and not
# equal to them: it has seen 2,000 examples, and the formula knows the clouds.
#
# The picture: on the left the border, where $p$ is one half; on the right the two costs. **If the cost were all that
# you looked at**, which program would you take?

# %%
def draw_learned(axes):
    grid = np.stack(np.meshgrid(np.linspace(0, 10, 80), np.linspace(70, 330, 80)), axis=-1)
    p = mg.sigmoid(features_z_p_bias(grid.reshape(-1, 2)) @ beta).numpy().reshape(80, 80)
    filled = axes[0].contourf(*grid.T, p.T, np.linspace(0, 1, 11), cmap="RdBu", alpha=0.35)
    axes[0].figure.colorbar(filled, ax=axes[0], label="p, the probability of yes")
    axes[0].contour(*grid.T, p.T, [0.5], colors="#222222")
    for answer, colour in enumerate(["#D55E00", "#0072B2"]):
        axes[0].plot(*points_seen[answer:600:2].T, ".", color=colour, markersize=4, label=f"y = {answer}")
    axes[0].set(title="What the sigmoid learned", xlabel="feature 1", ylabel="feature 2")
    axes[0].legend(loc="lower left", markerscale=2)
    axes[1].plot(sigmoid_costs, color="#0072B2")
    axes[1].plot(np.abs(slide_costs), color="#D55E00")
    axes[1].text(40, sigmoid_costs[40] + 0.03, f"sigmoid: {accuracy(sigmoid_program, beta):.0%} right in the end")
    axes[1].text(40, 0.02, f"softmax over one column: {accuracy(slide_program, slide_beta):.0%} right")
    axes[1].set(title="Which cost is better?", xlabel="updates", ylabel="cost", ylim=(-0.05, 0.8))


lesson.plot("learned", draw_learned, size=(11, 4.2), ncols=2)

# %% [markdown]
# ## Three more slips around this cost
#
# 1. **The slide says** `reduce_mean(-reduce_sum(y*log(y_pred)))`, in the last script without an axis. **What is true**:
#    that sums over *everything*, and the mean of one number is this number: the gradient grows with the batch.
# 2. **The slide says** the cost is "conceptually like |y - y_pred|". **What is true**: it is $-\log$ of the probability
#    of the right answer, which has no upper limit. (It is called `penalizedCost`, too; there is no penalty in it.)
# 3. **The slide says** $-\frac1N \sum y \log p + (1-y) \log (1-p)$, without the bracket. **What is true**: taken at its
#    word, the second half has the wrong sign. **Predict** its value where we began, with every $p$ at one half.

# %%
print("without an axis, for 10, 100, 1000 examples:", [-np.log(factors[:n]).sum().round(2) for n in (10, 100, 1000)])
lesson.table(["p of the right answer", "|y - p|", "-log p"], [(p, 1 - p, -np.log(p)) for p in (0.9, 0.5, 0.1, 1e-9)])
unbracketed = np.mean(-answers_seen * np.log(0.5) + (1 - answers_seen) * np.log(0.5))
lesson.check("without_the_bracket", abs(unbracketed), "<=", 1e-12)

# %% [markdown]
# A cost of 0, once more.
#
# ## All, some, or one
#
# So far every update read all 2,000 examples. *Stochastic* gradient descent (SGD; "SDG" on a slide) takes one example
# for each update, at random; with a *mini-batch* it is, for example, 50. Their gradients point in the right direction
# only on average.
#
# All three with the same learning rate, 1. **Predict** who is ahead when each has read the examples once: that is 1
# update, or 40, or 2,000. And who is ahead in the end?

# %%
def session(size, passes):
    """(examples read, cost above the lowest possible one), as training goes on."""
    beta, above = variable(np.zeros((3, 1))), []
    optimizer, updates = optim.SGD([beta], lr=1.0), passes * 2000 // size
    look_at = set(np.geomspace(1, updates, 80).astype(int)) | {2000 // size}
    for n in range(1, updates + 1):
        if (n - 1) % (2000 // size) == 0:
            order = lesson.rng.permutation(2000)  # each example once in a pass
        first = (n - 1) * size % 2000
        update(sigmoid_program, beta, optimizer, order[first : first + size])
        if n in look_at:
            above.append((n * size, max(sigmoid_program(X, y, beta)[1].item() - best, 1e-12)))
    return np.array(above).T


passes = {2000: lesson.pick(4000, 2000), 50: lesson.pick(100, 20), 1: lesson.pick(3, 1)}
above = {size: session(size, n) for size, n in lesson.progress(passes.items(), "three ways")}
once = {size: cost[read == 2000][0] for size, (read, cost) in above.items()}
lesson.table(["batch", "above the best after one pass", "in the end"], [(n, once[n], above[n][1, -1]) for n in above])
lesson.check("mini_batch_lead", once[2000] / once[50], ">=", 4)
lesson.check("one_by_one_hovers", np.log10(np.median(above[1][1][-10:]) / above[2000][1, -1]), ">=", 0.5)

# %% [markdown]
# One example at a time is quickest to a fair answer, and then it *hovers*: at the optimum the mean of all gradients is
# 0, but no single one is, so it is pushed about for ever. All at once is slow, and it is the only one that arrives. The
# mini-batch has most of both, and uses the machine best; that is why everybody takes it.

# %%
def draw_above(axes):
    for (read, cost), name in zip(above.values(), ["all 2,000 at once", "50 at a time", "one at a time"]):
        axes.loglog(read / 2000, cost, label=name)
    axes.set(title="Same rate, same number of examples read", xlabel="passes over the examples",
             ylabel="cost above the lowest possible", ylim=(1e-9, 1))
    axes.legend(loc="lower left")


lesson.plot("batches", draw_above)

# %% [markdown]
# ## Other ways downhill
#
# The slides use three *optimisers*: plain `GradientDescent`; `Adagrad`, which divides each step by the root of all
# squared gradients so far; and `Adam` with the rate 0.001, which divides by a running average of them, so that a weight
# with small gradients moves as fast as one with large ones.
#
# **Predict** how far a weight moves in Adam's first step. The largest weight ends at
# about 6: how many updates will Adam need, at least, to bring it there?

# %%
OPTIMISERS = {"gradient descent": (optim.SGD, 1.0), "Adagrad": (optim.Adagrad, 0.1), "Adam": (optim.Adam, 0.001),
              "Adam, rate 0.1": (optim.Adam, 0.1)}
steps, updates = {}, {}
for name, (make, lr) in OPTIMISERS.items():
    beta = variable(np.zeros((3, 1)))
    optimizer = make([beta], lr=lr)
    costs = [update(sigmoid_program, beta, optimizer)]
    steps[name] = np.abs(beta.numpy()[:2, 0])
    while costs[-1] > best + 0.05:
        costs.append(update(sigmoid_program, beta, optimizer))
    updates[name] = len(costs) - 1
lesson.table(["optimiser", "first step, two weights", "updates until 0.05 above the best"],
             [(name, steps[name].round(4), updates[name]) for name in OPTIMISERS])
lesson.check("adam_first_step", steps["Adam"], "~=", 0.001)

# %% [markdown]
# Adam's first step is the rate itself, however large or small the gradient is: a gradient divided by its own size. Its
# later steps are hardly longer. So 0.001 is a good rate for a net with many small weights, and a slow one for three
# weights that have far to go.
#
# ## A session, with saving
#
# The slides' program runs in a *session*: initialise the variables; fetch a mini-batch; feed it to the graph; every 100
# iterations print the cost; in the end read `best_beta`. Here is that loop, with Adam. After 300 updates it is saved,
# and goes on to 600. Then the file is read into new objects, which go on from 300, too. Adam remembers averages of the
# gradients. **Predict** what happens if you restore `beta` and forget them.

# %%
def iterate(beta, adam, first, last):
    for n in range(first, last):
        rows = np.arange(50 * n, 50 * n + 50) % 2000  # the mini-batch that is fed
        cost = update(sigmoid_program, beta, adam, rows)
        if n % 100 == 0:
            print(f"iteration {n}: cost {cost:.4f}")
    return beta.numpy()


beta = variable(np.zeros((3, 1)))
adam = optim.Adam([beta], lr=0.05)
iterate(beta, adam, 0, 300)
checkpoint.save_tree(lesson.out / "session.safetensors", {"beta": beta, "adam": adam.state_dict()})
best_beta = iterate(beta, adam, 300, 600)

# %%
saved, resumed = checkpoint.load_tree(lesson.out / "session.safetensors"), {}
for name in ("beta and Adam's averages", "beta alone"):
    beta = variable(saved["beta"].numpy())
    adam = optim.Adam([beta], lr=0.05)
    if name != "beta alone":
        adam.load_state_dict(saved["adam"])
    resumed[name] = np.abs(iterate(beta, adam, 300, 600) - best_beta).max()
lesson.check("resumed_difference", resumed["beta and Adam's averages"], "==", 0)
lesson.check("forgotten_averages", resumed["beta alone"], ">=", 0.05)

# %% [markdown]
# With `beta` alone the run goes on, looks healthy, and is another run: Adam's first steps are long again. (Now and then
# its cost is even the lower one.) What a run needs to go on is more than its weights.
#
# ## The slide's words
#
# | on the slide | what it does | here |
# |---|---|---|
# | `tf.constant(..., name="X")` | data, part of the graph | `mg.Tensor(..., name="X")` |
# | `tf.Variable(tf.random_uniform(...))` | what learning changes | `nn.Parameter(nn.init.uniform(...))` |
# | `tf.placeholder`, `feed_dict` | a hole in the graph, and what is put into it | arguments of `sigmoid_program` |
# | `GradientDescentOptimizer(...).minimize(cost)` | adds the backward pass and the update to the graph | `update` |
# | `sess.run(init)`, `sess.run(training_op)` | really compute | nothing: it is computed when called |
# | `beta.eval()` | the numbers in it | `beta.numpy()` |
# | save and restore, *checkpointing* | operations of the graph | `checkpoint.save_tree`, `load_tree` |

# %% [markdown]
# ## Where this lives in minigrad
#
# `minigrad/ops/loss.py` has `bce_with_logits` and `cross_entropy`. Both take **scores**, not probabilities: $\log$ and
# $\exp$ cancel inside, and nothing becomes $\log 0$ on the way. (A slide calls
# `softmax_cross_entropy_with_logits(preds, labels)`: if those are predictions, they go through a softmax twice.)
# `minigrad/optim.py` has the optimisers,
# `minigrad/checkpoint.py` saves; `minigrad/train.py` is the whole session, with `resume=` for what you did by hand.
#
# ## What we left out
#
# * A penalty that deserves the name, against weights that grow too large: lesson 18.
# * Lowering the rate while training, which ends the hovering: lesson 14.
# * Hidden layers. Then `beta` must start at random: from zeros all hidden units would stay alike.

# %% [markdown]
# ## Quiz
#
# 1. A colleague shows you a training curve: the cost is 0.000 from the first update on. What do you ask for?
#
# <details><summary>Answer</summary>
#
# The gradient, and the accuracy on new examples. A cost of 0 at the start means that it does not depend on the weights.
#
# </details>

# %% [markdown]
# 2. Ten answers are equally likely, and a net knows nothing. What is its cross-entropy?
#
# <details><summary>Answer</summary>
#
# $\log 10 = 2.303$: it gives each answer the probability 0.1.
#
# </details>
#
# 3. Why does the mean of $p$ equal the mean of $y$ at the optimum, and not before?
#
# <details><summary>Answer</summary>
#
# Their difference is the gradient of the bias, the weight of the ones. It is 0 only at the optimum.
#
# </details>

# %% [markdown]
# 4. Someone changes the cost from a mean to a sum over the batch of 50. What else must change, to leave training as it
#    was?
#
# <details><summary>Answer</summary>
#
# The learning rate of plain gradient descent: divide it by 50. (Adam would hardly notice.)
#
# </details>
#
# 5. With one example at a time the cost hovers above its lowest value. Would ten times as many updates help?
#
# <details><summary>Answer</summary>
#
# No. Each update still follows one example. A lower rate helps, or more examples for each update.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Fill in a hole, run the cell, and compare with what the lesson printed.
# `python -m lessons exercise 03` copies these and more into files of yours; `check 03` examines them, `hint 03` helps.


# %%
# Exercise 03.1 (find the bug): the slide's prediction, with beta of shape (features, 1). Repair it.
def predictions(X, beta):
    # e = np.exp(X @ beta); return e / e.sum(axis=1, keepdims=True)
    raise NotImplementedError("TODO 03.1: the probability of a yes for each row of X")


# %%
# Exercise 03.2: the gradient of the log loss, the core line of all training here.
def gradient(X, y, beta):
    raise NotImplementedError("TODO 03.2: X transposed times the errors, divided by their number")


# %%
# Exercise 03.3: the log loss from the scores z. It must be right for z = 1000 and z = -1000, too.
def log_loss(z, y):
    raise NotImplementedError("TODO 03.3: the mean of -log p of the right answers; mind large scores")


# %%
lesson.finish()
