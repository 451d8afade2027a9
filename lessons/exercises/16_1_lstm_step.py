"""16.1 The whole cell

The slides have the cell with holes: on one the forget gate's line is missing, the letter of o_t is lost, and there are
no biases; on another o and h are missing altogether. Write it in full. x (B, I), h and c (B, H); W (4H, H + I) and b
(4H,) have the rows of i, f, g, o, in this order, and W goes with [h, x], h first. Return the new h and the new c.

1. One product for all: a = np.concatenate([h, x], axis=1) @ W.T + b, (B, 4H); then np.split(a, 4, axis=1).
2. i, f, o are sigmoids, g is a tanh. The new c is f times the OLD c plus i times g; all products unit by unit.
3. c = sigmoid(f) * c + sigmoid(i) * np.tanh(g); return sigmoid(o) * np.tanh(c), c
"""

# %% task
import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def lstm_step(x, h, c, W, b):
    raise NotImplementedError("TODO 16.1: W (4H, H + I) and b (4H,) have the rows i, f, g, o; return the new h and c")


# %% solution
def lstm_step(x, h, c, W, b):
    a = np.concatenate([h, x], axis=1) @ W.T + b
    i, f, g, o = np.split(a, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


# %% check
def cases(rng):
    for B, n, H in [(2, 3, 3), (4, 2, 3), (1, 3, 2)]:
        weights = rng.normal(size=(4 * H, H + n)), rng.normal(size=4 * H)
        yield rng.normal(size=(B, n)), rng.normal(size=(B, H)), rng.normal(size=(B, H)), *weights


SLIPS = [
    (1, "h comes first in [h, x].", "[h, x]", "[x, h]"),
    (1, "The biases are missing, as on the slide.", " + b", ""),
    (1, "The rows are i, f, g, o; you take them as i, f, o, g.", "i, f, g, o = np", "i, f, o, g = np"),
    (1, "The rows are i, f, g, o; you have exchanged input and forget gate.", "i, f, g, o = np", "f, i, g, o = np"),
    (2, "The forget gate's line is missing, as on the slide: it says how much of the old c is kept.", "sigmoid(f) * c",
     "c"),
    (2, "What is forgotten is not f but 1 - f: f at 1 keeps.", "sigmoid(f) * c", "(1 - sigmoid(f)) * c"),
    (2, "The forget gate stands before the old cell, not before the old state.", "sigmoid(f) * c", "sigmoid(f) * h"),
    (2, "The input gate is missing.", "sigmoid(i) * np.tanh(g)", "np.tanh(g)"),
    (2, "The new content g is a tanh: it can be negative.", "np.tanh(g)", "sigmoid(g)"),
    (2, "The new content g is a tanh.", "np.tanh(g)", "g"),
    (3, "The output gate is missing, as on the slide.", "sigmoid(o) * np.tanh(c), c", "np.tanh(c), c"),
    (3, "h shows the tanh of the cell.", "sigmoid(o) * np.tanh(c), c", "sigmoid(o) * c, c"),
    (3, "h first, then c.", "sigmoid(o) * np.tanh(c), c", "c, sigmoid(o) * np.tanh(c)"),
    (3, "The new cell is asked for as well.", "sigmoid(o) * np.tanh(c), c", "sigmoid(o) * np.tanh(c)"),
]  # fmt: skip
