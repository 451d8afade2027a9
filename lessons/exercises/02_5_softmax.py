"""02.5 A softmax that does not overflow

Turn scores of shape (..., V) into probabilities along the last axis. Scores of thousands must be no trouble, also
when one row has scores near 1000 and the next near -1000.

1. exp(1000) is infinite, and infinite over infinite is nan. Which number may be subtracted without changing the
   fraction?
2. The largest score *of each row*: then the largest exponent is 0. axis=-1, and keepdims=True so that it fits the rows.
3. e = np.exp(o - o.max(axis=-1, keepdims=True)); then e divided by its sum along the same axis, also with keepdims."""

# %% task
import numpy as np


def softmax(o):
    raise NotImplementedError("TODO 02.5: exp(o) over its sum, with the largest score of each row subtracted first")


# %% solution
def softmax(o):
    e = np.exp(o - o.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# %% check
def cases(rng):
    yield (np.array([1.0, 0.0, -1.0]),)
    yield (np.array([1000.0, 999.0, 0.0]),)
    yield (np.array([3000.0, -3000.0, 0.0]),)
    yield (rng.normal(size=(3, 3)),)
    yield (rng.normal(size=(2, 4)) + [[1000.0], [-1000.0]],)
    yield (rng.normal(size=(2, 3, 2)) - 1000,)


SLIPS = [
    (1, "The formula as it stands: exp(1000) is infinite, and infinite over infinite is nan.",
     "np.exp(o - o.max(axis=-1, keepdims=True))", "np.exp(o)"),
    (1, "Subtract the largest score; after the smallest one is gone, the largest is still large.", "o.max(", "o.min("),
    (1, "Subtract the largest score; the mean leaves large ones behind.", "o.max(", "o.mean("),
    (2, "One largest score for all rows: a row far below it becomes 0 / 0.", "o.max(axis=-1, keepdims=True)",
     "o.max()"),
    (2, "The largest of each column: it is the rows that sum to 1.", "o.max(axis=-1,", "o.max(axis=0,"),
    (3, "Each row sums to 1, not everything together.", "e.sum(axis=-1, keepdims=True)", "e.sum()"),
    (3, "You divide by the sum of each column.", "e.sum(axis=-1,", "e.sum(axis=0,"),
    (3, "Without keepdims the sums do not stand beside their rows.", "e.sum(axis=-1, keepdims=True)", "e.sum(axis=-1)"),
    (3, "Divided by the largest, not by the sum.", "e.sum(", "e.max("),
    (3, "This is the logarithm of the softmax.", "return e / e.sum(axis=-1, keepdims=True)",
     "return np.log(e / e.sum(axis=-1, keepdims=True))"),
    (2, "One largest score, and one sum, for everything: it is each row that sums to 1.",
     "np.exp(o - o.max(axis=-1, keepdims=True))\n    return e / e.sum(axis=-1, keepdims=True)",
     "np.exp(o - o.max())\n    return e / e.sum()"),
]  # fmt: skip
