"""10.3 Find the bug: a softmax over one column

The script of the slides has one output, scores (T, B, 1), answers y (T, B, 1) that are 0 or 1, and as its cost
np.mean(-np.sum(y * np.log(softmax(scores)), axis=-1)), which is 0 whatever the net says. Repair it: the score is that
of "yes", the chance of yes is the sigmoid of it. Return the mean of -log(the chance of the true answer) over all steps
and sequences. The answers "no" cost something, too, and no score, however large, gives nan or inf.

1. What is e^s / e^s? With one column, use p = 1 / (1 + exp(-s)), and then -log p for yes and -log(1 - p) for no.
2. -log(1 / (1 + exp(-s))) = log(1 + exp(-s)), and for no log(1 + exp(s)). np.logaddexp(0, s) is log(1 + exp(s)).
3. return np.mean(np.logaddexp(0, scores) - y * scores)
"""

# %% task
import numpy as np


def cost(scores, y):
    raise NotImplementedError("TODO 10.3: repair np.mean(-np.sum(y * np.log(softmax(scores)), axis=-1))")


# %% solution
def cost(scores, y):
    each = np.logaddexp(0, scores) - y * scores
    return each.mean()


# %% check
def cases(rng):
    for shape in [(1, 1, 1), (4, 3, 1), (3, 2, 1)]:
        yield rng.normal(size=shape) * 2, rng.integers(0, 2, shape)
    yield np.array([[[900.0]], [[-900.0]]]), np.array([[[0]], [[1]]])
    yield np.array([[[900.0]], [[-900.0]]]), np.array([[[1]], [[0]]])


SLIPS = [
    (1, "That is the slide: a softmax over one column is 1, its logarithm 0.", "np.logaddexp(0, scores) - y * scores",
     "-y * np.log(np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True))"),
    (1, "Only yes costs something: a net that always says yes has no cost.", "np.logaddexp(0, scores) - y * scores",
     "y * np.logaddexp(0, -scores)"),
    (1, "Only no costs something here.", "np.logaddexp(0, scores) - y * scores", "(1 - y) * np.logaddexp(0, scores)"),
    (1, "Yes and no are exchanged: the cost is small where the net is wrong.", "- y * scores", "- (1 - y) * scores"),
    (1, "The chance itself is summed, without a logarithm.", "np.logaddexp(0, scores) - y * scores",
     "np.abs(y - np.exp(-np.logaddexp(0, -scores)))"),
    (2, "exp overflows, or the logarithm of 0 is taken: large scores give inf or nan.",
     "np.logaddexp(0, scores) - y * scores", "np.log(1 + np.exp(scores)) - y * scores"),
    (2, "For large scores the chance is rounded to 1, and log(1 - p) is -inf.", "np.logaddexp(0, scores) - y * scores",
     "-np.log(np.where(y == 1, 1 / (1 + np.exp(-scores)), 1 - 1 / (1 + np.exp(-scores))))"),
    (2, "A softmax over the sequences of the batch: what one costs must not depend on the others.",
     "np.logaddexp(0, scores) - y * scores",
     "-y * (scores - np.logaddexp.reduce(scores, axis=1, keepdims=True))"),
    (3, "The sign: a cost is to be made small.", "np.logaddexp(0, scores) - y * scores",
     "y * scores - np.logaddexp(0, scores)"),
    (3, "The mean over steps and sequences is asked for, not the sum.", "each.mean()", "each.sum()"),
    (3, "That is the sum over the steps, and the mean over the sequences only.", "each.mean()",
     "each.sum(axis=0).mean()"),
    (3, "One number for all: the mean over steps and sequences.", "each.mean()", "each.mean(axis=0)"),
]  # fmt: skip
