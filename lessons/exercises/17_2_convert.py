"""17.2 Find the bug: weights from another library

A net was trained with h' = (1 - z) h + z n, where z takes the NEW. Its weights W (3H, I), U (3H, H), b (3H,), with the
rows of r, z, n in this order, are to run in a library with h' = (1 - z) n + z h. "z becomes 1 - z, so all becomes one
minus it", somebody thought. Return W, U and b with which the other library computes the same states. Leave the
arguments as they are: the old net is still in use.

1. z = sigmoid(a), and we want 1 - sigmoid(a). Of which number is that the sigmoid?
2. 1 - sigmoid(a) = sigmoid(-a): turn the sign of all that makes a, the rows of z in W, in U and in b. No others.
3. signs = np.repeat([1, -1, 1], H), then W * signs[:, None], U * signs[:, None], b * signs
"""


# %% task
import numpy as np


def convert(W, U, b):
    W, U, b = 1 - W, 1 - U, 1 - b
    raise NotImplementedError("TODO 17.2: 1 - W is not it; which rows make z, and what turns z into 1 - z?")


# %% solution
def convert(W, U, b):
    signs = np.repeat([1, -1, 1], len(b) // 3)
    return W * signs[:, None], U * signs[:, None], b * signs


# %% check
def cases(rng):
    for inputs, units in [(2, 3), (4, 2), (3, 3)]:
        yield tuple(rng.normal(size=shape) for shape in [(3 * units, inputs), (3 * units, units), (3 * units,)])


SLIPS = [
    (1, "1 - W is one minus the weight; wanted is one minus the gate, sigmoid(-a).",
     "return W * signs[:, None], U * signs[:, None], b * signs", "return 1 - W, 1 - U, 1 - b"),
    (2, "Only the rows of z change; you turn the signs of all.", "[1, -1, 1]", "[-1, -1, -1]"),
    (2, "Those are the rows of r; the order is r, z, n.", "[1, -1, 1]", "[-1, 1, 1]"),
    (2, "Those are the rows of n; the order is r, z, n.", "[1, -1, 1]", "[1, 1, -1]"),
    (2, "The bias makes z as well: turn its rows, too.", "b * signs", "b"),
    (2, "U makes z as well: turn its rows, too.", "U * signs[:, None]", "U"),
    (2, "W makes z as well: turn its rows, too.", "W * signs[:, None]", "W"),
    (2, "Nothing is changed: names and shapes fit, and the net is another one.", "[1, -1, 1]", "[1, 1, 1]"),
    (3, "The rows come in blocks: all of r, all of z, all of n; np.tile mixes them.",
     "np.repeat([1, -1, 1], len(b) // 3)", "np.tile([1, -1, 1], len(b) // 3)"),
    (2, "With 0 the gate stands at one half for ever; turn the sign instead.", "[1, -1, 1]", "[1, 0, 1]"),
    (2, "The arguments are changed in place; the old net is still in use.", "    return W * signs[:, None],",
     "    W *= signs[:, None].astype(float)\n    return W,"),
]  # fmt: skip
