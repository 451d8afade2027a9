"""02.3 Undo broadcasting

A tensor of this shape was broadcast, and the gradient g has the shape of the result. Bring g back to the tensor's
shape: sum over the axes that broadcasting put in front, and over those that it stretched from length 1.

1. Each copy of a number was one use of it, and the gradients of all uses are added. So: sums, over two kinds of axes.
2. The first g.ndim - len(shape) axes are new: sum over them and drop them. After that g has as many axes as the shape.
3. Then sum over the axes where the shape has a 1, with keepdims=True, so that the 1 stays.
"""


# %% task
def undo_broadcast(g, shape):
    raise NotImplementedError("TODO 02.3: sum over the axes that broadcasting added or stretched")


# %% solution
def undo_broadcast(g, shape):
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    stretched = tuple(i for i, length in enumerate(shape) if length == 1)
    return g.sum(axis=stretched, keepdims=True)


# %% check
def cases(rng):
    for long, short in [
        ((3, 4), (4,)),
        ((3, 4), (1, 4)),
        ((2, 3, 4), (3, 1)),
        ((2, 3), (2, 3)),
        ((2, 3), ()),
        ((2, 2, 2), (2, 2)),
        ((2, 1, 3), (1, 3)),
        ((2, 3, 4, 5), (1, 4, 1)),
    ]:
        yield rng.normal(size=long), short


SLIPS = [
    (1, "You return g as it came.", "    g = g.sum(axis=tuple(range(g.ndim - len(shape))))\n", "    return g\n"),
    (1, "A sum, not a mean: every use counts in full.", "return g.sum(", "return g.mean("),
    (1, "The new axes are summed over, too; you take the mean there.", "g = g.sum(", "g = g.mean("),
    (1, "You keep the first copy; the others have gradients as well.",
     "g = g.sum(axis=tuple(range(g.ndim - len(shape))))", "g = g[(0,) * (g.ndim - len(shape))]"),
    (2, "New axes stand in front, and you sum over the last ones.", "range(g.ndim - len(shape))",
     "range(len(shape), g.ndim)"),
    (2, "The axes that broadcasting put in front are still there.",
     "    g = g.sum(axis=tuple(range(g.ndim - len(shape))))\n", ""),
    (3, "The stretched axes are not summed over.", "return g.sum(axis=stretched, keepdims=True)", "return g"),
    (3, "The axis of length 1 is lost: keepdims=True.", ", keepdims=True", ""),
    (3, "You sum over everything, also where nothing was stretched.", "axis=stretched", "axis=None"),
    (2, "Only new and stretched axes are summed over, not everything.", "return g.sum(axis=stretched, keepdims=True)",
     "return g.sum()"),
]  # fmt: skip
