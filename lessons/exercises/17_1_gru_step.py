"""17.1 One step of a GRU

In plain NumPy, for one sequence: x (I,), h (H,), W (3H, I), U (3H, H), b (3H,). The rows of W, U and b are those of
r, z and n, in this order. The reset gate comes after the product with U, and z keeps the old state:

r = sigmoid(W_r x + U_r h + b_r), z in the same way, n = tanh(W_n x + b_n + r (U_n h)), h' = (1 - z) n + z h.

Return h'. `sigmoid` is there already.

1. Cut each of W @ x + b and U @ h into three parts of H numbers: np.split(..., 3).
2. r and z: sigmoid of the sum of both parts. n: tanh of the part from x, plus r times the part from h.
3. return (1 - z) * n + z * h
"""


# %% task
import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def gru_step(x, h, W, U, b):
    raise NotImplementedError("TODO 17.1: r, z, the candidate n, and the mix of n and h")


# %% solution
def gru_step(x, h, W, U, b):
    from_x, from_h = np.split(W @ x + b, 3), np.split(U @ h, 3)
    r = sigmoid(from_x[0] + from_h[0])
    z = sigmoid(from_x[1] + from_h[1])
    n = np.tanh(from_x[2] + r * from_h[2])
    return (1 - z) * n + z * h


# %% check
def cases(rng):
    for inputs, units in [(2, 3), (4, 4), (3, 1)]:
        shapes = [(inputs,), (units,), (3 * units, inputs), (3 * units, units), (3 * units,)]
        yield tuple(rng.normal(size=shape) for shape in shapes)


SLIPS = [
    (3, "That is the other convention: here z keeps the OLD state.", "(1 - z) * n + z * h", "(1 - z) * h + z * n"),
    (2, "r stands before the product, U_n (r h); here it comes after, r (U_n h).", "r * from_h[2]",
     "np.split(U @ (r * h), 3)[2]"),
    (1, "r and z are mixed up: the rows are in the order r, z, n.",
     "r = sigmoid(from_x[0] + from_h[0])\n    z = sigmoid(from_x[1] + from_h[1])",
     "z = sigmoid(from_x[0] + from_h[0])\n    r = sigmoid(from_x[1] + from_h[1])"),
    (2, "The reset gate is not used.", "r * from_h[2]", "from_h[2]"),
    (2, "r resets what comes from h only, not what comes from x.", "from_x[2] + r * from_h[2]",
     "r * (from_x[2] + from_h[2])"),
    (1, "The bias is missing.", "W @ x + b", "W @ x"),
    (2, "Gates are sigmoids, numbers from 0 to 1; this z is a tanh.", "z = sigmoid(", "z = np.tanh("),
    (2, "The candidate is a tanh, not a sigmoid.", "n = np.tanh(", "n = sigmoid("),
    (3, "What is kept and what is new add up to 1: the new part is (1 - z) n.", "(1 - z) * n", "n"),
    (3, "The old state is missing from the mix.", "(1 - z) * n + z * h", "(1 - z) * n"),
    (3, "r decides what the candidate sees; what is kept of h is decided by z.", "+ z * h", "+ r * h"),
]  # fmt: skip
