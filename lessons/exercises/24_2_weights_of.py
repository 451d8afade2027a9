"""24.2 Find the bug: a name that is taken

The slide's formula, with the slide's names, as a program:

    def weights_of(e):
        a = np.zeros(e.shape)
        for t in range(e.shape[0]):
            for k in range(e.shape[1]):
                total = 0.0
                for k in range(e.shape[1]):
                    total += np.exp(e[t, k])
                a[t, k] = np.exp(e[t, k]) / total
        return a

Scores e (n_y, n_x): how well position k fits to answer t. Return the weights (n_y, n_x), as they are meant. No score is
large. Leave e as it is.

1. Run it on small scores: only the last column is filled. Which k does a[t, k] see, after the inner loop?
2. Each *answer* has weights that add up to 1: the sum runs along a row, over the positions.
3. p = np.exp(e); return p / p.sum(axis=1, keepdims=True)
"""

# %% task
import numpy as np


def weights_of(e):
    raise NotImplementedError("TODO 24.2: each row of the weights (n_y, n_x) adds up to 1")


# %% solution
def weights_of(e):
    p = np.exp(e)
    return p / p.sum(axis=1, keepdims=True)


# %% check
def cases(rng):
    for n_y, n_x in [(3, 4), (1, 5), (4, 2), (3, 3), (5, 5)]:
        yield (rng.normal(size=(n_y, n_x)),)


SLIPS = [
    (1, "This is the bug: after the inner loop k is the last position, and only its weight is written.",
     "    return p / p.sum(axis=1, keepdims=True)",
     "    a = np.zeros(e.shape)\n    a[:, -1] = p[:, -1] / p.sum(axis=1)\n    return a"),
    (1, "`total` must begin at 0 again for each weight (or be computed once for each row).",
     "    return p / p.sum(axis=1, keepdims=True)",
     "    return p / (p.sum(axis=1, keepdims=True) * np.arange(1, e.shape[1] + 1))"),
    (1, "The sum runs over all positions, not only over those up to k.", "p.sum(axis=1, keepdims=True)",
     "p.cumsum(axis=1)"),
    (2, "The columns add up to 1: that asks how the answers share a position. The sum runs over positions.",
     "axis=1, keepdims=True", "axis=0, keepdims=True"),
    (2, "All weights together add up to 1. Each answer has a 1 of its own.", "p.sum(axis=1, keepdims=True)", "p.sum()"),
    (2, "Those are the probabilities before they are divided.", "    return p / p.sum(axis=1, keepdims=True)",
     "    return p"),
    (3, "Scores may be negative: exp first, then divide.", "p = np.exp(e)", "p = e - 0.0"),
    (3, "That takes the largest as 1; divide by the sum.", "p.sum(axis=1", "p.max(axis=1"),
    (3, "A larger score means more weight, not less.", "np.exp(e)", "np.exp(-e)"),
    (3, "These are the logarithms of the weights.", "return p / p.sum(axis=1, keepdims=True)",
     "return np.log(p / p.sum(axis=1, keepdims=True))"),
]  # fmt: skip
