"""28.5 Fewer bits

Each weight is to be sent as a whole number of n binary places, sign included, and one scale goes with the whole array
w. The largest whole number is 2 ** (n - 1) - 1, and it is to stand for the largest weight in size, whatever its sign.
Return (scale, numbers): a float, and an int64 array of the shape of w such that scale * numbers is as near to w as it
can be. If all weights are 0, return scale 1.0 and zeros.

1. With n = 8 the numbers go from -127 to 127. What is one step worth, if 127 steps are the largest |w|?
2. scale = |w|.max() / (2 ** (n - 1) - 1). The nearest whole number is np.round of w / scale, not its integer part.
3. scale = float(np.abs(w).max() / (2 ** (n - 1) - 1)) or 1.0; return scale, np.round(w / scale).astype(np.int64)
"""

# %% task
import numpy as np


def rounded(w, n):
    raise NotImplementedError("TODO 28.5: (scale, whole numbers), the largest of which is 2 ** (n - 1) - 1 in size")


# %% solution
def rounded(w, n):
    scale = float(np.abs(w).max() / (2 ** (n - 1) - 1)) or 1.0
    return scale, np.round(w / scale).astype(np.int64)


# %% check
def cases(rng):
    yield np.array([0.5, -1.0, 0.26]), 3
    for shape, n in (((4, 3), 8), ((20,), 4), ((5, 2), 2), ((3, 3), 16)):
        w = rng.normal(size=shape)
        w.flat[0] = -5 - rng.random()
        yield w, n
    yield np.zeros((2, 2)), 8


SLIPS = [
    (1, "The largest weight in size is a negative one here.", "np.abs(w).max()", "w.max()"),
    (1, "One bit is for the sign, so there are n - 1 for the size.", "2 ** (n - 1) - 1", "2**n - 1"),
    (1, "The largest whole number is one less: with 8 bits 127, not 128.", "(2 ** (n - 1) - 1)", "2 ** (n - 1)"),
    (2, "The integer part is not the nearest whole number.", "np.round(w / scale)", "np.trunc(w / scale)"),
    (2, "Rounding down is not rounding.", "np.round(w / scale)", "np.floor(w / scale)"),
    (2, "Divide by the scale; the numbers times the scale give the weights back.", "w / scale", "w * scale"),
    (3, "All zeros: then the scale is 0 and 0 / 0 is not a number.", " or 1.0", ""),
    (3, "The whole numbers are wanted, not the rounded weights.", "np.round(w / scale).astype(np.int64)",
     "np.round(w / scale) * scale"),
]  # fmt: skip
