"""25.2 Find the bug: the longer, the worse

A beam has brought home several hypotheses; log_ps and lengths (lists of N numbers) have log P of each of them, and its
number of pieces. Long ones have been multiplied with more probabilities, so the score of GNMT sets this right with the
penalty ((5 + length) / 6) ** alpha. Somebody ranks them like this:

    scores = [log_p * ((5 + length) / 6) ** alpha for log_p, length in zip(log_ps, lengths)]
    return int(np.argmax(scores))

and with alpha = 1 the translations become shorter still. Return the place of the best hypothesis.

1. log P is negative. What does it do to a negative number if it is multiplied by something larger than 1?
2. The penalty should bring a long one's log P nearer to 0.
3. Divide: log_p / ((5 + length) / 6) ** alpha
"""


# %% task
import numpy as np


def best_of(log_ps, lengths, alpha):
    raise NotImplementedError("TODO 25.2: the place of the hypothesis with the best score; long ones stand a chance")


# %% solution
def best_of(log_ps, lengths, alpha):
    scores = [log_p / ((5 + length) / 6) ** alpha for log_p, length in zip(log_ps, lengths)]
    return int(np.argmax(scores))


# %% check
def cases(rng):
    yield [-2.0, -2.6, -3.1], [4, 8, 9], 1.0
    yield [-2.0, -2.6, -3.1], [4, 8, 9], 0.0
    yield [-1.0, -1.45, -3.0], [1, 5, 20], 0.6
    yield [-3.0, -2.0, -1.0, -3.3], [12, 6, 1, 30], 2.0
    yield [-1.0, -1.4, -3.5], [1, 2, 7], 1.0
    yield [-4.0, -2.5, -6.0], [10, 3, 20], 1.0
    for alpha in (1.0, 0.9, 1.1, 1.2):  # divided, raw and multiplied: each puts another one first
        yield [-1.0 - rng.uniform(0, 0.02), -0.95 - rng.uniform(0, 0.02), -1.2], [2, 4, 12], alpha
    for alpha in (0.3, 0.6, 1.0, 1.5, 0.8, 1.2):
        lengths = rng.integers(1, 20, 6)
        yield list(-rng.uniform(0.2, 0.4, 6) * (lengths + 4.0)), [int(n) for n in lengths], alpha


SLIPS = [
    (1, "Multiplied, a negative number falls even further: long ones are punished twice.", "log_p / ((5",
     "log_p * ((5"),
    (1, "log P is negative: the best one is the largest, the one nearest to 0.", "np.argmax", "np.argmin"),
    (2, "Without the penalty the short ones win, as before.", "log_p / ((5 + length) / 6) ** alpha", "log_p"),
    (2, "alpha is an exponent, not a factor.", "((5 + length) / 6) ** alpha", "(((5 + length) / 6) * alpha + 1e-9)"),
    (2, "That is the mean log P of a piece, whatever alpha is.", "((5 + length) / 6) ** alpha", "length"),
    (3, "In this penalty 5 is added to the length, and the sum is divided by 6.", "((5 + length) / 6) ** alpha",
     "length ** alpha"),
    (3, "The power comes first, and is then divided by 6: put 5 + length into brackets with the 6.",
     "((5 + length) / 6) ** alpha", "(5 + length / 6) ** alpha"),
    (3, "The place is asked for, not the score.", "int(np.argmax(scores))", "max(scores)"),
    (3, "The longest is not always the best: the score counts.", "int(np.argmax(scores))", "int(np.argmax(lengths))"),
]  # fmt: skip
