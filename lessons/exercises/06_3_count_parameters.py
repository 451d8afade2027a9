"""06.3 Predict: how many parameters?

An Elman net with n_x inputs, n_h hidden units, one bias, and a readout with a bias to n_y outputs:
h_t = tanh(W_hh h_{t-1} + W_hx x_t + b_h), y_t = W_yh h_t + b_y. How many numbers are learned, when it reads T steps?

1. There are five: W_hx, W_hh, b_h, W_yh, b_y. What is the shape of each? And which of them depends on T?
2. W_hx is n_h by n_x, W_hh is n_h by n_h, b_h is n_h; W_yh is n_y by n_h, b_y is n_y. The same at every step.
3. n_h * n_x + n_h * n_h + n_h + n_y * n_h + n_y, for any T
"""


# %% task
def count_parameters(n_x, n_h, n_y, T):
    raise NotImplementedError("TODO 06.3: two matrices and a bias in the cell, a matrix and a bias in the readout")


# %% solution
def count_parameters(n_x, n_h, n_y, T):
    cell = n_h * n_x + n_h * n_h + n_h
    readout = n_y * n_h + n_y
    return cell + readout


# %% check
def cases(rng):
    yield 8, 32, 1, 10
    yield 8, 32, 1, 1000
    for _ in range(3):
        yield tuple(rng.integers(2, 50, 4).tolist())


SLIPS = [
    (1, "The weights are shared: the same ones at every step, so T plays no part.", "return cell + readout",
     "return T * (cell + readout)"),
    (1, "The cell is shared as well: the same weights at every step.", "return cell + readout",
     "return T * cell + readout"),
    (1, "The readout is shared as well: the same weights at every step.", "return cell + readout",
     "return cell + T * readout"),
    (2, "The bias of the state is missing.", "n_h * n_h + n_h", "n_h * n_h"),
    (2, "The bias of the output is missing: one number for each output.", "n_y * n_h + n_y", "n_y * n_h"),
    (1, "The readout is missing.", "return cell + readout", "return cell"),
    (1, "W_hh is missing: from state to state.", "n_h * n_x + n_h * n_h + n_h", "n_h * n_x + n_h"),
    (1, "W_hx is missing: from input to state.", "n_h * n_x + n_h * n_h + n_h", "n_h * n_h + n_h"),
    (2, "There is one bias here. (PyTorch has two. And h_0 is not learned, it is 0.)", "n_h * n_h + n_h",
     "n_h * n_h + 2 * n_h"),
    (2, "The readout reads the state, not the input.", "n_y * n_h + n_y", "n_y * n_x + n_y"),
    (2, "Both biases are missing.", "cell = n_h * n_x + n_h * n_h + n_h\n    readout = n_y * n_h + n_y",
     "cell = n_h * n_x + n_h * n_h\n    readout = n_y * n_h"),
]  # fmt: skip
