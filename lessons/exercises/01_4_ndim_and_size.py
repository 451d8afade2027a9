"""01.4 Predict: ndim and size

What are `ndim` and `size` of a tensor of this shape, a tuple such as (2, 3, 4), (5, 1, 2), (7,) or ()? Return both, as
a pair of whole numbers, without making the tensor.

1. ndim counts the axes, whatever their lengths. A shape has one number for each axis.
2. size counts the numbers in the box: rows times columns, times how many matrices. A scalar has shape () and size 1.
3. Start with size = 1 and multiply it by each length; return len(shape), size
"""


# %% task
def ndim_and_size(shape):
    raise NotImplementedError("TODO 01.4: how many axes, and how many numbers in all")


# %% solution
def ndim_and_size(shape):
    size = 1
    for length in shape:
        size *= length
    return len(shape), size


# %% check
def cases(rng):
    yield ((),)
    yield ((5, 1, 2),)
    yield ((3, 0),)
    for ndim in (1, 2, 3, 4):
        yield (tuple(rng.integers(2, 7, ndim).tolist()),)


SLIPS = [
    (2, "Lengths are multiplied: 2 rows of 3 are 6 numbers.",
     "size = 1\n    for length in shape:\n        size *= length", "size = sum(shape)"),
    (2, "A product that starts with 0 stays 0.", "size = 1", "size = 0"),
    (2, "size counts all axes, and you take the longest.", "return len(shape), size",
     "return len(shape), max(shape, default=1)"),
    (2, "size counts all axes, and you take the first.", "return len(shape), size",
     "return len(shape), shape[0] if shape else 1"),
    (3, "ndim first, then size.", "return len(shape), size", "return size, len(shape)"),
    (1, "An axis of length 1 is an axis.", "return len(shape), size",
     "return sum(length != 1 for length in shape), size"),
    (1, "ndim is how many axes there are, and not how far the first one goes.", "return len(shape), size",
     "return shape[0] if shape else 0, size"),
    (1, "Axes are numbered from 0, but counted from 1.", "return len(shape), size", "return len(shape) - 1, size"),
    (2, "A scalar is one number, so its size is 1.", "return len(shape), size",
     "return len(shape), size * bool(shape)"),
]  # fmt: skip
