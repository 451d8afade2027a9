"""11.2 Find the bug: the slide's lengths

x (T, B, I) is padded with zeros at the end. The slide finds the lengths as np.sign(x).max(axis=2).sum(axis=0), which
is wrong where all numbers of a real vector are negative. Repair it: return the lengths (B,), as integers. No real
vector is all zero, so they can be found.

1. What is the largest sign in the vector (-0.5, -0.3)? How many steps is that?
2. A step is real if any of its numbers is not 0: take the size of the numbers first, or compare with 0.
3. return (x != 0).any(axis=2).sum(axis=0)
"""

# %% task
import numpy as np


def find_lengths(x):
    raise NotImplementedError("TODO 11.2: repair np.sign(x).max(axis=2).sum(axis=0)")


# %% solution
def find_lengths(x):
    real = (x != 0).any(axis=2)
    return real.sum(axis=0)


# %% check
def cases(rng):
    for T, lengths, n_x in [(5, [5, 2, 3], 2), (4, [1, 4], 3), (3, [0, 2], 2)]:
        x = np.zeros((T, len(lengths), n_x))
        for b, n in enumerate(lengths):
            x[:n, b] = rng.normal(size=(n, n_x))
            x[0, b] = -np.abs(x[0, b])
        if T == 5:
            x[1, 0], x[2, 0] = [0.0, 1.5], [1.5, 0.0]
            x[1, 1] = [-1.5, 1.5]
        yield (x,)


SLIPS = [
    (1, "That is the slide: a vector of negative numbers counts as minus one.", "(x != 0).any(axis=2)",
     "np.sign(x).max(axis=2).astype(int)"),
    (1, "A step without a positive number is real, too.", "(x != 0).any(axis=2)", "(x > 0).any(axis=2)"),
    (2, "A real vector may have a zero in it; ANY of its numbers is not 0, not all.", ".any(axis=2)", ".all(axis=2)"),
    (2, "Numbers of a real vector may add up to 0; look at each.", "(x != 0).any(axis=2)", "x.sum(axis=2) != 0"),
    (2, "Look at all numbers of the vector, not only at the first.", "(x != 0).any(axis=2)", "x[:, :, 0] != 0"),
    (3, "You count numbers, not steps.", "real = (x != 0).any(axis=2)\n    return real.sum(axis=0)",
     "return (x != 0).sum(axis=(0, 2))"),
    (3, "Time is the first axis: sum over the steps of each sequence.", "real.sum(axis=0)", "real.sum(axis=1)"),
    (3, "One length for each sequence, not one for all.", "real.sum(axis=0)", "real.sum()"),
    (3, "That is the number of the last real step; the length is one more.", "real.sum(axis=0)",
     "real.sum(axis=0) - 1"),
]  # fmt: skip
