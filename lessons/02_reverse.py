"""02 Reverse mode
question: how does one walk backwards through the graph find every derivative at once, and how do we know it is right?
claim: each node passes its gradient on once, after all of it has arrived; and a wrong rule can be caught by nudging
check: by_tape == 192 and by_breadth != 192 and largest_error <= 1e-6 and planted_is_rejected == True
    and best_eps >= 1e-7 and best_eps_high <= 1e-4 and second_derivative <= 1e-12
data: none   seconds: 5   fast_seconds: 5
items: B12 C14   needs: 01
"""

# %% [markdown]
# # 02 Reverse mode
#
# In lesson 01 `a.backward()` put the right numbers into `.grad`. Today we build it, in about thirty lines, break it in
# the three ways in which everybody breaks it once, and then learn how to trust a derivative that we did not work out.
#
# The slides say it in one sentence: back-propagation "chains together the gradients for each node (function) in the
# graph". The chain rule for one path is a product. If $f$ depends on $h$ and $h$ on $x$,
#
# $$\frac{\partial f}{\partial x} = \frac{\partial f}{\partial h} \cdot \frac{\partial h}{\partial x}$$
#
# and if $x$ acts on $f$ along several paths, their products are **added**. That sum is where everything goes wrong.

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
import numpy as np

import minigrad as mg
import viz
from lessons.trials import X, trials, with_rules
from minigrad.check import GradientError, check_grads
from minigrad.op import op

lesson = kit.begin("02")

# %% [markdown]
# ## An engine by hand
#
# A `Value` is, as in lesson 01, a number that remembers its sources. New: for each source a **rule**, a small function
# that gets the gradient `g` which arrived here and returns the gradient to hand on to that source.
#
# * A sum hands `g` on to both, unchanged: one more in either is one more in the sum.
# * A product hands `g` times *the other number* to each.
#
# Each rule knows its own operation and nothing else. That is the whole trick: nobody ever writes down the derivative
# of the complete program. And every new `Value` puts itself on a **tape**, a list in the order of creation.

# %%
class Value:
    """A number, the values that it was made from, and for each of them a rule: gradient here -> gradient there."""

    tape = []

    def __init__(self, number, sources=(), rules=()):
        self.number, self.sources, self.rules, self.grad = number, sources, rules, 0.0
        Value.tape.append(self)

    def __add__(self, other):
        return Value(self.number + other.number, (self, other), (lambda g: g, lambda g: g))

    def __mul__(self, other):
        return Value(self.number * other.number, (self, other), (lambda g: g * other.number, lambda g: g * self.number))


# %% [markdown]
# ## First try: follow every path
#
# Start at the result with the gradient 1. Add what arrives to `grad`, hand it on by each rule, and do the same there.
#
# The wrong variant beside it writes `=` where there should be `+=`. **Predict** what each of the two finds for `b` and
# for `c` in the graph of lesson 01. (There $\partial a/\partial b = e = 5$ and $\partial a/\partial c = d + e = 9.5$.)

# %%
def by_paths(value, g=1.0, adding=True):
    """Hand `g` to the value and on to all that it was made from. Returns how many values were visited."""
    value.grad = value.grad + g if adding else g
    return 1 + sum(by_paths(source, rule(g), adding) for source, rule in zip(value.sources, value.rules))


found = {}
for adding in (True, False):
    b, c, two = Value(1.5), Value(3.0), Value(2.0)
    a = (b + c) * (c + two)
    by_paths(a, adding=adding)
    found[adding] = b.grad, c.grad
lesson.table(["variant", "da/db", "da/dc"], [("grad += g", *found[True]), ("grad = g", *found[False])])
lesson.check("adding", found[True], "==", [5, 9.5])
lesson.check("overwriting", found[False][1], "!=", 9.5)

# %% [markdown]
# With `=` the second path overwrites the first: right for `b`, which is used once, wrong for `c`, which is used twice.
#
# So following every path is right. It is also hopeless. Take $y = x$ and repeat $y = y + y$: each step doubles the
# number of paths. **Predict** how many visits 16 such steps cost.

# %%
costs = []
for steps in (4, 8, 12, 16):
    Value.tape.clear()
    y = x = Value(1.0)
    for _ in range(steps):
        y = y + y
    costs.append((steps, len(Value.tape), by_paths(y), x.grad))
lesson.table(["steps", "values", "visits by following every path", "dy/dx"], costs)
lesson.check("visits_by_paths", [visits for *_, visits, _ in costs], "==", [2 ** (n + 1) - 1 for n, *_ in costs])

# %% [markdown]
# A recurrent net is worse than this toy: at each time step the state is used several times. We need to visit each value
# **once**, and hand on everything that has arrived there in one go.
#
# ## Second try: once each, but in which order?
#
# "Once" only works if nothing arrives later. Two orders suggest themselves: from the result outwards, nearest first
# (*breadth first*); or the tape read backwards. The program is $h = x \cdot x$, $k = h \cdot h$, $f = h \cdot k$; so
# $f = x^6$, and at $x = 2$ the right answer is $6 \cdot 2^5 = 192$.
#
# **Predict** which order fails, and at which value. Draw the graph with your pencil first.

# %%
def once_each(order):
    """Hand on the gradient of each value in this order; the first is the result."""
    order[0].grad = 1.0
    for value in order:
        for source, rule in zip(value.sources, value.rules):
            source.grad += rule(value.grad)


def breadth_first(result):
    order = [result]
    for value in order:
        order += [source for source in value.sources if source not in order]
    return order


def tape_backwards(result):
    return Value.tape[::-1]


found = {}
for order in (breadth_first, tape_backwards):
    Value.tape.clear()
    x = Value(2.0)
    h = x * x
    k = h * h
    once_each(order(h * k))
    found[order.__name__] = x.grad
lesson.table(["order", "df/dx"], found.items())
lesson.check("by_breadth", found["breadth_first"], "!=", 192)
lesson.check("by_tape", found["tape_backwards"], "==", 192)

# %% [markdown]
# Breadth first reaches `h` straight from `f`, hands on what it has, and only then does the other part arrive, by way of
# `k`. Too late. An order in which every value comes after all that use it is called **topological**, and we had one all
# along: a value can only be made from values that exist already, so *creation order read backwards* is such an order.
#
# minigrad does exactly this. `Node.order` counts creations, and `backward_pass` in `minigrad/autograd.py` reads the
# nodes from the newest to the oldest: no recursion, each node once. In the picture the gradient flows from `f` on the
# right to `x` on the left. **Predict** how many arrows meet at `h`, and what they bring together.

# %%
def wide(values, name=None):
    """A tensor of 64-bit numbers that asks for a gradient: rounding at the 16th digit, not at the 7th."""
    return mg.Tensor(values, dtype="float64", requires_grad=True, name=name)


x = wide(2.0, "x")
h = (x * x).named("h")
k = (h * h).named("k")
f = (h * k).named("f")
record = viz.record(f, retain_graph=True)
f.backward()
lesson.check("by_minigrad", x.grad, "==", 192)
lesson.show("reverse", viz.draw(record, title="f = h * k: what comes back from each use of h is added"))

# %% [markdown]
# ## Broadcasting backwards
#
# Arrays bring one new thing. In `x + bias`, with `x` of shape (3, 4) and `bias` of shape (4,), the bias is used once
# for each of the three rows. So it is a value with three uses, like `c` above, and the gradients of its uses are added:
# the gradient that arrives has shape (3, 4), and **summing over the rows** brings it to the shape of the bias.
#
# Forgetting this sum is the commonest mistake in hand-written backward code. Below, the same thing twice: broadcast,
# and with the three copies written out, so that there is nothing to broadcast.

# %%
x, weights = wide(np.ones((3, 4))), wide(np.arange(12.0).reshape(3, 4))
bias, copied = wide([0.0, 1.0, 2.0, 3.0]), wide([0.0, 1.0, 2.0, 3.0])
((x + bias) * weights).sum().backward()
((x + mg.stack([copied, copied, copied])) * weights).sum().backward()
print("what arrives at the sum:", weights.numpy().tolist())
print("broadcast, then summed: ", bias.grad.numpy().tolist())
print("three uses, added up:   ", copied.grad.numpy().tolist())
lesson.check("bias_gradient", bias.grad, "==", copied.grad)

# %% [markdown]
# ## A formula that is right, and fails
#
# $$\mathrm{softmax}(o)_k = \frac{e^{o_k}}{\sum_{k'} e^{o_{k'}}}$$
#
# turns scores into probabilities. **Predict** what the formula as it stands makes of the scores 1000, 999 and 0, given
# that the largest number in 64 bits is about $1.8 \cdot 10^{308}$ and $e^{710}$ is already more.
#
# The cure costs nothing: subtract the largest score from all of them. Above and below the line every term shrinks by
# the same factor $e^{\max o}$, so the fraction does not change, and the largest exponent is now 0. Because a common
# shift changes nothing, the gradient along it must be 0: the three slopes of any output add up to 0.

# %%
def naive_softmax(o):
    with np.errstate(all="ignore"):
        return np.exp(o) / np.exp(o).sum()


for scores in (np.array([1.0, 0.0, -1.0]), np.array([1000.0, 999.0, 0.0])):
    naive, shifted = naive_softmax(scores), mg.softmax(wide(scores)).numpy()
    print(scores, " as written:", naive.round(4), " with the shift:", shifted.round(4))
slopes = mg.jacobian(mg.softmax, wide(scores)).numpy()
lesson.check("naive_is_nan", np.isnan(naive).sum(), "==", 2)
lesson.check("softmax_sums_to_one", shifted.sum(), "~=", 1)
lesson.check("slopes_sum_to_zero", np.abs(slopes.sum(axis=1)).max(), "<=", 1e-15)

# %% [markdown]
# ## Can we trust it?
#
# A rule with a slip in it still trains, only worse, and nobody notices. So we compare with derivatives that need no
# rules. Three ways to nudge $x$ by a small $\varepsilon$:
#
# * forward difference, $(f(x + \varepsilon) - f(x)) / \varepsilon$, with an error that shrinks like $\varepsilon$;
# * central difference, $(f(x + \varepsilon) - f(x - \varepsilon)) / 2\varepsilon$: like $\varepsilon^2$;
# * complex step, $\mathrm{Im} f(x + i\varepsilon) / \varepsilon$: like $\varepsilon^2$, and nothing is subtracted.
#
# Subtracting two almost equal numbers loses digits, about $10^{-16} / \varepsilon$ of them. **Predict** the shape of
# the curve "error against $\varepsilon$" for the central difference, and where its lowest point lies.

# %%
def f(x):
    return mg.tanh(x) * mg.exp(mg.sin(x))


points = np.linspace(-2, 2, 200)
x = wide(points)
exact = mg.grad(f(x).sum(), x).numpy()


def at(z):
    """f at plain numbers, real or complex, without a graph."""
    return mg.backend.to_host(f(mg.backend.to_device(z)))


WAYS = {
    "forward difference": lambda eps: (at(points + eps) - at(points)) / eps,
    "central difference": lambda eps: (at(points + eps) - at(points - eps)) / (2 * eps),
    "complex step": lambda eps: at(points + 1j * eps).imag / eps,
}
epsilons = 10.0 ** -np.arange(1, 16)
errors = {way: np.array([np.abs(slope(eps) - exact).max() for eps in epsilons]) for way, slope in WAYS.items()}
lesson.table(["eps", *WAYS], [(f"{eps:.0e}", *(f"{errors[way][i]:.1e}" for way in WAYS))
                              for i, eps in enumerate(epsilons)])
best = {way: epsilons[error.argmin()] for way, error in errors.items()}
lesson.table(["slope at x = -2", "", "eps"], [("by the rules", f"{exact[0]:.16f}", "none"), *(
    (way, f"{slope(best[way])[0]:.16f}", f"{best[way]:.0e}") for way, slope in WAYS.items())])

# %%
def draw_v(ax):
    places = [(1e-4, 3e-2), (1e-9, 1e-10), (1e-12, 2e-17)]
    for (way, error), colour, (x, y) in zip(errors.items(), ["#767676", "#0072B2", "#007A5A"], places):
        ax.loglog(epsilons, error, "o-", color=colour, markersize=4)
        ax.text(x, y, way, color=colour, ha="center")
    ax.set(title="Too large a nudge is not yet a slope, too small a nudge drowns in rounding",
           xlabel="eps, the size of the nudge", ylabel="largest error of the slope", ylim=(1e-18, 10))


lesson.plot("v_curve", draw_v)
lesson.check("best_eps", best["central difference"], ">=", 1e-7)
lesson.check("best_eps_high", best["central difference"], "<=", 1e-4)
lesson.check("complex_step", errors["complex step"][-1], "<=", 1e-14)

# %% [markdown]
# The green curve is why the complex step is the referee's favourite: nothing is subtracted, so no nudge is too small.
# But it only works for functions that are smooth in the complex plane; `abs` and `max` are not. The central difference
# works for all of them, at an $\varepsilon$ near the bottom of the V.
#
# ## Every rule of minigrad, examined
#
# So here is an examiner. To turn any result into one number it is multiplied by random weights and summed; then every
# element of the input is nudged. `lessons/trials.py` calls each operation once, on a matrix that keeps away from the
# *kinks* (`relu` at 0, `maximum` of equals), where no slope exists and the examiner would be the one who is wrong.
#
# **Predict** the largest error that you would still call "equal", given the V above.

# %%
def gradient_error(f, values):
    """The largest difference between the gradient and central differences, relative to the largest slope."""
    x, eps = wide(values), 6e-6
    weights = mg.Tensor(lesson.rng.normal(size=f(x).shape), dtype="float64")

    def total(x):
        return (f(x) * weights).sum()

    nudges = eps * np.eye(values.size).reshape(-1, *values.shape)
    by_nudging = [(total(wide(values + n)) - total(wide(values - n))).item() / (2 * eps) for n in nudges]
    return np.abs(mg.grad(total(x), x).numpy().ravel() - by_nudging).max() / np.abs(by_nudging).max()


# %%
examined = trials()  # name -> a function of one matrix that calls this operation
found = sorted(((gradient_error(f, X), name) for name, f in examined.items()), reverse=True)
lesson.table([f"worst five of {len(found)}", "relative error"], [(name, f"{error:.1e}") for error, name in found[:5]])
lesson.check("largest_error", np.max([error for error, _ in found]), "<=", 1e-6)
lesson.check("unexamined", len(with_rules() - examined.keys()), "==", 0)

# %% [markdown]
# ## Who examines the examiner?
#
# A test that never fails proves nothing. So we plant a mistake: a tanh whose rule is wrong by one part in a thousand.
# The forward pass is perfect; a net would train with it and you would never know. **Predict** whether our examiner
# notices, and whether minigrad's own, `check_grads` in `minigrad/check.py`, does. It is the same idea grown up: complex
# steps where they exist, the second derivative too, and it tells a kink from a mistake.

# %%
@op
def sloppy_tanh(x):
    return mg.backend.xp.tanh(x)


sloppy_tanh.vjp(x=lambda g, y: 1.001 * g * (1 - y * y))


verdicts = {}
for f in (mg.tanh, sloppy_tanh):
    try:
        check_grads(f, [X])
        verdicts[f] = "accepted"
    except GradientError as error:
        verdicts[f] = f"rejected: {error}"
    print(f"{f.__name__}: relative error {gradient_error(f, X):.1e}, {verdicts[f]}")
lesson.check("planted_error", gradient_error(sloppy_tanh, X), ">", 1e-4)
lesson.check("tanh_is_accepted", verdicts[mg.tanh] == "accepted", "==", True)
lesson.check("planted_is_rejected", verdicts[sloppy_tanh].startswith("rejected"), "==", True)

# %% [markdown]
# ## The slope of the slope
#
# The rules are written with minigrad's own operations. So the backward pass is a program like any other, and if we
# ask for it with `create_graph=True` it leaves a graph of its own, which can be differentiated again. For $x \cdot x
# \cdot x$ the first derivative is $3x^2$; **predict** the second.

# %%
x = wide([-2.0, 0.5, 3.0])
first = mg.grad((x * x * x).sum(), x, create_graph=True)
second = mg.grad(first.sum(), x)
lesson.table(["x", "first", "second", "6 x"], zip(x.numpy(), first.numpy(), second.numpy(), 6 * x.numpy()))
lesson.check("second_derivative", np.abs((second - 6 * x).numpy()).max(), "<=", 1e-12)

# %% [markdown]
# ## Where this lives in minigrad
#
# * The rules stand beside the operations: `tanh.vjp(x=lambda g, y: g * (1 - y * y))` in `minigrad/ops/elementwise.py`.
#   A rule names what it needs, `y` is the answer, and only what is named is kept until the backward pass.
# * `backward_pass` in `minigrad/autograd.py` is our `once_each`; `Sums` in it is the `+=`.
# * Un-broadcasting happens in one place, `sum_to` in `minigrad/ops/shape.py`, and no rule has to think of it.
#
# ## What we left out
#
# * What the kept values cost in memory, and when they may be thrown away: lesson 08.
# * The forward direction, which carries derivatives along with the values: good for few inputs, lesson 09.
# * Why a product of many slopes shrinks or explodes: lesson 14.

# %% [markdown]
# ## Quiz
#
# 1. A value is used five times. What is its gradient made of?
#
# <details><summary>Answer</summary>
#
# The sum of the five gradients that its uses hand back.
#
# </details>

# %% [markdown]
# 2. Why is creation order, read backwards, always a possible order for the backward pass?
#
# <details><summary>Answer</summary>
#
# A value is made from older values only, so all its uses are newer and come first when reading backwards.
#
# </details>
#
# 3. `bias` has shape (1, 4) and is added to an array of shape (3, 4). Which sum brings the gradient back?
#
# <details><summary>Answer</summary>
#
# Over the first axis, keeping it with length 1: `g.sum(axis=0, keepdims=True)`.
#
# </details>

# %% [markdown]
# 4. Why is a nudge of $10^{-12}$ worse than one of $10^{-5}$?
#
# <details><summary>Answer</summary>
#
# The two values then agree in so many digits that their difference is mostly rounding, and dividing by the nudge blows
# that up.
#
# </details>

# %% [markdown]
# 5. A checker compares with an *absolute* tolerance of $10^{-6}$. Which wrong rules does it let through?
#
# <details><summary>Answer</summary>
#
# Any at all, where the slopes themselves are smaller than that. Compare relative to the largest slope.
#
# </details>
#
# ## Exercises
#
# Fill the holes; then hand your rules to `gradient_error`, as we did with `sloppy_tanh`.
# `python -m lessons exercise 02` copies these and more into files of yours; `check 02` examines them, `hint 02` helps.


# %%
# Exercise 02.1: the rule of sigmoid, written with its answer y.
def sigmoid_rule(g, y):
    raise NotImplementedError("TODO 02.1: g times the slope of the sigmoid; y itself is all that you need")


# %%
# Exercise 02.2: the two rules of a matrix product y = a @ b. Let the shapes guide you.
def matmul_rules(g, a, b):
    raise NotImplementedError("TODO 02.2: return the gradient for a and the gradient for b")


# %%
# Exercise 02.3: bring a gradient back to the shape that was broadcast: extra axes in front, and axes of length 1.
def undo_broadcast(g, shape):
    raise NotImplementedError("TODO 02.3: sum over the axes that broadcasting added or stretched")


# %%
# Exercise 02.4 (make it fail): an x where the central difference of abs with eps = 0.01 is wrong by over 0.5.
def fool_the_examiner():
    raise NotImplementedError("TODO 02.4: return such an x; the slope of abs there is 1 or -1")


# %%
lesson.finish()
