"""01 A graph of operations
question: what does a program have to remember, so that it can be drawn and differentiated?
claim: the program is a graph, and every value in it can be named
check: a_scalar == 22.5 and a_vector ~= [22.5, 9, 42, 170.4] and da_db == 5 and da_dc == 9.5 and operations == 3
    and inputs == 2 and constants == 1 and slide_is_wrong_at == 1 and walked == 7
data: none   seconds: 2   fast_seconds: 2
items: A31 B1-B8 M5 O1 O24 R62   needs: nothing
"""

# %% [markdown]
# # 01 A graph of operations
#
# A program that says `a = (b + c) * (c + 2)` computes a number and forgets how. Ask it afterwards *which* numbers
# were added, or what would happen to `a` if `b` were a little larger, and it cannot say.
#
# Every library for neural networks begins by keeping what Python throws away: for each result, the operation that
# made it and the values it was made from. Operations joined by their values: that is a **graph**, and this whole
# course stands on it. A recurrent network is one such graph, written once and repeated for each word of a sentence.
#
# We need three things today: *tensors*, the values that travel in the graph; *operations*, its nodes; and a pencil,
# because several times you are asked to **predict** before you run the next cell.

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
import numpy as np

import minigrad as mg
import viz

lesson = kit.begin("01")

# %% [markdown]
# ## Tensors
#
# A tensor is a box of numbers with a fixed number of directions, called *axes*. No axis: one number, a scalar. One
# axis: a vector. Two: a matrix. Three: a pile of matrices, for example a batch of sentences (which sentence, which
# word, which feature).
#
# **Predict** what `ndim`, `shape` and `size` are for each of the four tensors in the next cell. (The one after it draws
# them; look at the picture, its code is not today's subject.)
#
# Mind the word *dimension*. A vector of four numbers is a point in "4-dimensional space", and a 3 by 4 matrix has
# "dimensions 3 and 4"; yet as tensors they are 1-d and 2-d, since what is counted there is the axes. We say *axis*
# for a direction, `ndim` for how many there are, and *length* for how far one goes.

# %%
scalar = mg.Tensor(1.5)
vector = mg.Tensor([1.5, 2, 1, 4.2])
matrix = mg.Tensor(np.arange(12.0).reshape(3, 4))
pile = mg.Tensor(np.arange(24.0).reshape(2, 3, 4))
tensors = {"scalar": scalar, "vector": vector, "matrix": matrix, "pile": pile}
lesson.table(["tensor", "ndim", "shape", "size", "dtype"],
             [(name, t.ndim, t.shape, t.size, t.dtype) for name, t in tensors.items()])


# %%
def draw_cubes(axes):
    """One small cube for each number: columns to the right, rows down, matrices one behind the other."""
    front, top = [(0, 0), (1, 0), (1, 1), (0, 1)], [(0, 1), (1, 1), (1.4, 1.3), (0.4, 1.3)]
    side = [(1, 0), (1.4, 0.3), (1.4, 1.3), (1, 1)]
    for ax, (name, t) in zip(axes, tensors.items()):
        depth, rows, columns = (1, 1, 1, *t.shape)[-3:]
        numbers = t.numpy().reshape(depth, rows, columns)
        for i, j, k in np.ndindex(numbers.shape):  # what lies behind, below and to the left is painted first
            behind, down = depth - 1 - i, rows - 1 - j
            for face, colour in [(front, "#9cc8e3"), (top, "#cfe5f2"), (side, "#5b9bc4")]:
                ax.fill(*(np.array(face) + [k + 0.4 * behind, 0.3 * behind - down]).T, fc=colour, ec="#1f4e6b", lw=0.8)
            if behind == 0:
                ax.text(k + 0.5, 0.5 - down, f"{numbers[0, down, k]:g}", ha="center", va="center", fontsize=9)
        ax.set(title=f"{name}: {t.ndim}-d, shape {t.shape}", aspect="equal", xlim=(-0.1, 5), ylim=(-2.1, 1.7))
        ax.axis("off")


lesson.plot("tensors", draw_cubes, size=(10.5, 2.3), ncols=4)

# %% [markdown]
# ## The smallest graph worth drawing
#
# $$d = b + c \qquad e = c + 2 \qquad a = d \cdot e$$
#
# With $b = 1.5$ and $c = 3$ you can do it in your head: $d = 4.5$, $e = 5$, and $a$ is their product.
#
# First we build the graph **by hand**. A `Value` below is a number that remembers two things: the operation that
# made it and the values it was made from. There is nothing more to it.
#
# `walk` goes from a result back to everything that it was made from. **Predict** how many values it finds under `a`:
# count the letters and the 2, then look again at how often each of them is *used*.

# %%
class Value:
    """A number that remembers where it came from."""

    def __init__(self, number, op="input", made_from=()):
        self.number, self.op, self.made_from = number, op, made_from

    def __add__(self, other):
        return Value(self.number + other.number, "add", (self, other))

    def __mul__(self, other):
        return Value(self.number * other.number, "mul", (self, other))


def walk(value):
    """Everything that `value` was made from, and then `value` itself."""
    for source in value.made_from:
        yield from walk(source)
    yield value


# %%
b, c, two = Value(1.5), Value(3.0), Value(2.0, "constant")
d = b + c
e = c + two
a = d * e
found = list(walk(a))
print("walked through:", ", ".join(f"{v.op} {v.number}" for v in found))
print(len(found), "values met on the way,", len(set(found)), "different ones")
lesson.check("walked", len(found), "==", 7)
lesson.check("different_values", len(set(found)), "==", 6)

# %% [markdown]
# The walk met `c` twice, because two operations use it. This is why we say *graph* and not *tree*: values are
# shared. A graph in which you can never walk back to where you started is called *directed and acyclic*.
#
# Sharing looks harmless here. In lesson 02 it decides whether gradients come out right, and in a recurrent network
# one matrix is shared by every time step.
#
# ## The same with minigrad
#
# In minigrad the values are `Tensor`s, which work on whole arrays at once, and the operations are the `Node`s.
# `requires_grad=True` says: remember what happens to this one. `named` gives a value its name. `mg.history` is the
# grown-up version of our walk: every node once, oldest first.

# %%
b = mg.Tensor(1.5, requires_grad=True, name="b")
c = mg.Tensor(3.0, requires_grad=True, name="c")
d = (b + c).named("d")
e = (c + 2).named("e")
a = (d * e).named("a")


def label(x):
    """What an input of a node is called: the result of an earlier node, a tensor that we made, or a plain number."""
    if isinstance(x, tuple):
        node, output = x
        return node.names[output]
    return x.name if isinstance(x, mg.Tensor) else str(x)


def node_table(result):
    """Print the nodes that `result` was computed by."""
    rows = [(n.names[0], n.op.name, " and ".join(map(label, n.inputs)), n.out_info[0][0]) for n in mg.history([result])]
    lesson.table(["result", "operation", "of", "shape"], rows)


node_table(a)
print("a =", a.item())

# %%
nodes = mg.history([a])
sources = [x for node in nodes for x in node.inputs if not isinstance(x, tuple)]
inputs = {x for x in sources if isinstance(x, mg.Tensor)}
constants = [x for x in sources if not isinstance(x, mg.Tensor)]
lesson.check("a_scalar", a, "==", 22.5)
lesson.check("operations", len(nodes), "==", 3)
lesson.check("inputs", len(inputs), "==", 2)
lesson.check("constants", len(constants), "==", 1)
record = viz.record(a, retain_graph=True)  # reads the numbers in the graph, for the picture
lesson.show("forward", viz.draw(record, backward=False, title="d = b + c,  e = c + 2,  a = d * e"))

# %% [markdown]
# Read the picture from left to right. Coloured boxes are what we put in, white boxes are operations, each with its
# result below; and the two arrows that leave `c` are the sharing that we met in the walk.
#
# ## Vectors: the same graph, and an error on a slide
#
# The graph says nothing about sizes. Give it vectors and each operation works on them number by number
# (*elementwise*). The 2 has no axis; it is used for every element, which is called *broadcasting*.
#
# **The slide says**, for `b = [1.5, 2, 1, 4.2]` and `c = [3, 1, 5, 10]`: `e = c + 2  # [5, 4, 7, 12]`, and it leaves
# `a` open, as `??`. **Find the bug** before you run the cell, and fill in the `??`.

# %%
b = mg.Tensor([1.5, 2, 1, 4.2], requires_grad=True, name="b")
c = mg.Tensor([3, 1, 5, 10], requires_grad=True, name="c")
d = (b + c).named("d")
e = (c + 2).named("e")
a = (d * e).named("a")
slide_e = np.array([5, 4, 7, 12])
wrong = np.flatnonzero(e.numpy() != slide_e)
lesson.table(["position", "b", "c", "d", "e", "e on the slide", "a", "a from the slide's e"],
             zip(range(4), b.numpy(), c.numpy(), d.numpy(), e.numpy(), slide_e, a.numpy(), d.numpy() * slide_e))
lesson.check("slide_is_wrong_at", wrong, "==", [1])
lesson.check("a_vector", a, "~=", [22.5, 9, 42, 170.4])

# %% [markdown]
# ## Matrices: `*` is not `@`
#
# With matrices the slide's last operation becomes a matrix product. Both products exist, they have the same shape
# here, and mixing them up gives a wrong answer without an error, so look at them side by side. `*` multiplies number
# by number; `@` takes every row of `d` times every column of `e` and adds up.
#
# **Predict** the number at the top left of each: `d` is `[[1, 3], [4, 4]]` and `e` is `[[2, 3], [3, 2]]`.

# %%
b = mg.Tensor([[1, 2], [3, 4]], requires_grad=True, name="b")
c = mg.Tensor([[0, 1], [1, 0]], requires_grad=True, name="c")
d = (b + c).named("d")
e = (c + 2).named("e")
a = (d @ e).named("a")
print("d * e =", (d * e).numpy().tolist())
print("d @ e =", a.numpy().tolist())
node_table(a)
lesson.check("a_matrix", a, "==", [[2 + 9, 3 + 6], [8 + 12, 12 + 8]])
lesson.check("not_elementwise", np.abs((d * e - a).numpy()).max(), ">", 0)

# %% [markdown]
# ## Ask the graph a question
#
# Back to the two numbers, $b = 1.5$ and $c = 3$. If `b` grew a little, how much faster would `a` grow? That ratio is
# the derivative $\partial a/\partial b$, and all of them together are the *gradient*.
#
# By hand: `b` acts on `a` only through `d`, and $a = d \cdot e$, so $\partial a/\partial b = e$. But `c` acts twice,
# once through `d` and once through `e`. The two effects add: $\partial a/\partial c = e + d$.
#
# **Predict** both numbers. The next cell finds them twice: by *nudging*, that is, changing an input a little and
# computing everything again; and by `a.backward()`, which walks the graph once, from `a` down to the inputs, and
# leaves each answer in `.grad`. How it does that is lesson 02.

# %%
def program(b, c):
    d = b + c
    e = c + 2
    return d * e


nudge = 1e-6
b = mg.Tensor(1.5, requires_grad=True, name="b")
c = mg.Tensor(3.0, requires_grad=True, name="c")
d = (b + c).named("d")
e = (c + 2).named("e")
a = (d * e).named("a")
record = viz.record(a, retain_graph=True)
a.backward()
lesson.table(["ask", "rule", "by nudging", "by a.backward()"], [
    ("da/db", "e", (program(1.5 + nudge, 3.0) - program(1.5, 3.0)) / nudge, b.grad.item()),
    ("da/dc", "d + e", (program(1.5, 3.0 + nudge) - program(1.5, 3.0)) / nudge, c.grad.item()),
])

# %%
lesson.check("da_db", b.grad, "==", 5)
lesson.check("da_dc", c.grad, "==", 9.5)
lesson.check("rule_for_c", c.grad, "==", (d + e).numpy())
lesson.show("backward", viz.draw(record, title="How fast a grows with each value"))
for name, path in lesson.pictures.items():
    lesson.check(f"svg_{name}", path.stat().st_size, ">", 500)

# %% [markdown]
# ## The words, then and now
#
# | in the 2017 slides | what it is | in minigrad |
# |---|---|---|
# | variable | keeps its value between runs, and learning changes it | `nn.Parameter` |
# | placeholder | a hole that data is fed into | an argument of your function |
# | constant | the 2 of our example | any number or array |
# | operation | a computation that has not been given its data | a function marked `@op` |
# | graph | operations joined by tensors | the `Node`s that `mg.history` lists |
# | session | the environment in which operations run | none: an operation runs when called |
# | device, kernel | the processor, and the code for it | NumPy or CuPy, see below |

# %% [markdown]
# Why a graph at all? Because once the program is data, other programs can read it: one draws it, one differentiates
# it, one runs the same operations on another processor. The cell below lists all operations of minigrad by family.
# The slides also list control flow and queues, which here are Python's own, and saving, which is lesson 28.
#
# **Another processor.** `MINIGRAD_BACKEND=cupy python lessons/01_graph.py` runs this lesson on an NVIDIA GPU, with
# not a line changed. `python -m minigrad` tells you whether yours is ready.

# %%
families = {}
for name, op in mg.tensor.OPS.items():
    families.setdefault(op.__module__.rpartition(".")[2], []).append(name)
lesson.table(["family", "how many", "for example"],
             [(family, len(names), ", ".join(sorted(names)[:7])) for family, names in sorted(families.items())])
print("these results were computed by", mg.backend.name)

# %% [markdown]
# ## Where it comes from
#
# Writing a calculation down as a list of small operations, in order to differentiate it, is older than neural
# networks that learn by it: Wengert did so in 1964, in the forward direction; Linnainmaa in 1970, in the reverse
# direction that we use; Werbos proposed it for networks, and Rumelhart, Hinton and Williams made it famous in 1986.
# The 1990s brought the recurrent nets of this course, among them the LSTM (Hochreiter and Schmidhuber, 1997). Twenty
# years later computers had caught up, and a talk by Schmidhuber called it the *Deep Learning RNNaissance*. Libraries
# with graphs at their heart, Theano (2010) and TensorFlow (2015) among them, carried it everywhere.
#
# ## Where this lives in minigrad
#
# `minigrad/graph.py` has `Node` and `history`: what a node remembers, and the walk, without recursion, so that a
# graph of a hundred thousand nodes is no problem. `minigrad/tensor.py` has `Tensor`; `minigrad/op.py` has `@op`, which
# makes a node whenever an operation is called. `viz` reads the nodes and draws; the engine does not know it exists.

# %% [markdown]
# ## What we left out
#
# * How `backward` does it, and why the order matters: lesson 02.
# * A graph can be *static*, built once and then fed with data, as in the slides, or *dynamic*, built anew as the
#   program runs, as here. Lesson 06 shows what that means for sequences.
# * What an operation has to keep for its derivative, and what that costs in memory: lesson 08.
#
# ## Quiz
#
# Five questions; answer before you unfold.

# %% [markdown]
# 1. What are `ndim` and `size` of a tensor of shape `(5, 1, 2)`?
#
# <details><summary>Answer</summary>
#
# `ndim` is 3, the number of axes. `size` is 5 x 1 x 2 = 10, the number of numbers in it.
#
# </details>
#
# 2. Why did the walk meet seven values where only six exist?
#
# <details><summary>Answer</summary>
#
# `c` is used by two operations, so two ways lead to it. A graph is not a tree.
#
# </details>

# %% [markdown]
# 3. What would $\partial a/\partial c$ be if the second line were `e = b + 2`?
#
# <details><summary>Answer</summary>
#
# Then `c` acts through `d` alone, and the answer is `e`.
#
# </details>
#
# 4. The slide's 4 was a slip in one position. How many numbers of `a` does it spoil, and why not more?
#
# <details><summary>Answer</summary>
#
# One: every operation there is elementwise, so the positions never meet. A matrix product would spread it over a
# whole column.
#
# </details>

# %% [markdown]
# 5. Which of these is a variable, which a placeholder, which a constant: the weights of a network, the text it
#    reads, the 2 in `c + 2`?
#
# <details><summary>Answer</summary>
#
# In that order: variable, placeholder, constant. Learning changes the first, each batch brings another second, and
# the third is part of the program.
#
# </details>
#
# ## Exercises
#
# Each cell below has a hole. Fill it in, run it, and compare with what the lesson printed.
# `python -m lessons exercise 01` copies these and more into files of yours; `check 01` examines them, `hint 01` helps.


# %%
# Exercise 01.1: count the different values under a Value, without meeting anything twice.
def count_values(value):
    raise NotImplementedError("TODO 01.1: keep a set of the values that you have met")


# %%
# Exercise 01.2 (find the bug). The slide: d = b + c  # [4.5, 3, 6, 14.2]   e = c + 2  # [5, 4, 7, 12]   a = d * e  # ??
def slide_program(b, c):
    raise NotImplementedError("TODO 01.2: return d, e and a as they should be, as three lists of numbers")


# %%
# Exercise 01.3: predict da/db and da/dc of a = (b + c) * (c + 2) for any b and c, as a pair of numbers.
def predict_gradients(b, c):
    raise NotImplementedError("TODO 01.3: da/db = e, da/dc = d + e")


# %%
lesson.finish()
