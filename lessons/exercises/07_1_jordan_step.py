"""07.1 Jordan's step

The hidden layer reads the input and the last *answer*: h = tanh(W x + U y_before + b). The new answer is read from it:
y = 1 / (1 + exp(-(V h + c))). x is (I,), y_before (O,); W (H, I), U (H, O), V (O, H), b (H,), c (O,). Return y (O,).

1. Elman's step has the last hidden state in its tanh. What does Jordan's have in its place, and which matrix fits it?
2. h = np.tanh(W @ x + U @ y_before + b). The new answer comes from this h, through the logistic function.
3. return 1 / (1 + np.exp(-(V @ h + c)))
"""

# %% task
import numpy as np


def jordan_step(x, y_before, W, U, b, V, c):
    raise NotImplementedError("TODO 07.1: the hidden layer reads x and the last answer; then the new answer from it")


# %% solution
def jordan_step(x, y_before, W, U, b, V, c):
    h = np.tanh(W @ x + U @ y_before + b)
    return 1 / (1 + np.exp(-(V @ h + c)))


# %% check
def cases(rng):
    for n_x, n_h, n_y in [(2, 2, 2), (2, 3, 1), (3, 3, 3)]:
        sizes = [n_x, n_y, (n_h, n_x), (n_h, n_y), n_h, (n_y, n_h), n_y]
        yield tuple(rng.normal(size=size) for size in sizes)


SLIPS = [
    (1, "Without the last answer the net has no memory.", " + U @ y_before", ""),
    (1, "U is for the last answer, W for the input.", "W @ x + U @ y_before", "U @ x + W @ y_before"),
    (1, "The input is not read.", "W @ x + U @ y_before", "U @ y_before"),
    (2, "b, the bias of the hidden layer, is missing.", "U @ y_before + b", "U @ y_before"),
    (2, "The tanh is missing.", "np.tanh(W @ x + U @ y_before + b)", "W @ x + U @ y_before + b"),
    (2, "The last answer goes into the hidden layer, not past it.", "W @ x + U @ y_before + b)",
     "W @ x + b) + U @ y_before"),
    (3, "c, the bias of the answer, is missing.", "V @ h + c", "V @ h"),
    (3, "The logistic function has exp(-a); you have 1 minus it.", "np.exp(-(V @ h + c))", "np.exp(V @ h + c)"),
    (3, "This is the sum before the logistic function; an answer lies between 0 and 1.",
     "1 / (1 + np.exp(-(V @ h + c)))", "V @ h + c"),
    (3, "The answer has the logistic function on top, not tanh.", "1 / (1 + np.exp(-(V @ h + c)))",
     "np.tanh(V @ h + c)"),
    (3, "That is the hidden layer; Jordan's net hands its answer on.", "1 / (1 + np.exp(-(V @ h + c)))", "h"),
]  # fmt: skip
