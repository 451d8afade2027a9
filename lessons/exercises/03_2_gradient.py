"""03.2 The gradient of the log loss

X has shape (N, features), y has the answers 0 and 1 in the shape (N, 1), beta has the shape (features, 1). Return the
gradient of the mean log loss J for beta, in beta's shape, written by hand.

1. What pulls is the error of each example, p - y with p = sigmoid(X @ beta); along what does it pull?
2. Along its row of X. The sum over the examples of (row times error) is X.T @ (p - y); J is a mean, so divide by N.
3. p = 1 / (1 + np.exp(-(X @ beta))); return X.T @ (p - y) / len(X)
"""

# %% task
import numpy as np


def gradient(X, y, beta):
    raise NotImplementedError("TODO 03.2: X transposed times the errors, divided by their number")


# %% solution
def gradient(X, y, beta):
    p = 1 / (1 + np.exp(-(X @ beta)))
    return X.T @ (p - y) / len(X)


# %% check
def cases(rng):
    for n, features in ((6, 3), (9, 2), (1, 4)):
        yield rng.normal(size=(n, features)), rng.integers(0, 2, (n, 1)) * 1.0, rng.normal(size=(features, 1))


SLIPS = [
    (1, "The answers are lost: an example that is right already does not pull.", "(p - y)", "p"),
    (1, "Uphill: the error is p - y, what it says minus what is true.", "(p - y)", "(y - p)"),
    (1, "The scores are no probabilities: p is their sigmoid.", "1 / (1 + np.exp(-(X @ beta)))", "X @ beta"),
    (1, "p is the probability of a no here: the minus in the exponent is missing.", "-(X @ beta)", "(X @ beta)"),
    (2, "J is a mean: divide by the number of examples.", " / len(X)", ""),
    (2, "Divide by the number of examples, not of features.", "len(X)", "X.shape[1]"),
    (2, "The slope of the sigmoid, p (1 - p), cancels against the logarithm. With it this is the gradient of half the "
     "squared error, which hardly moves an example that is surely wrong.", "(p - y)", "((p - y) * p * (1 - p))"),
    (2, "The mean error alone is the gradient of the bias: each error pulls along its own row.",
     "X.T @ (p - y) / len(X)", "np.full_like(beta, np.mean(p - y))"),
    (2, "The error enters as it is, sign and size: not its square.", "(p - y)", "(p - y) ** 2"),
]  # fmt: skip
