"""03.3 The log loss from the scores

z has the scores and y the answers, 0 or 1, in one shape. Return the mean of -log p over the examples, where p is the
probability of the right answer: sigmoid(z) for a 1, 1 - sigmoid(z) for a 0. Scores may be 1000 or -1000, and then the
loss is a large number or 0; infinity and nan are wrong.

1. Work on paper first: -log sigmoid(z) is log(1 + exp(-z)), and -log(1 - sigmoid(z)) is log(1 + exp(z)). Both are the
   same function, of -z and of z. Which loss has y = 1, and which y = 0?
2. In one formula: log(1 + exp(z)) - y z. It overflows for z = 1000, where it should be 1000. np.logaddexp(0, z) is
   log(exp(0) + exp(z)) without the overflow.
3. return np.mean(np.logaddexp(0, z) - y * z)
"""

# %% task
import numpy as np


def log_loss(z, y):
    raise NotImplementedError("TODO 03.3: the mean of -log p of the right answers; mind large scores")


# %% solution
def log_loss(z, y):
    return np.mean(np.logaddexp(0, z) - y * z)


# %% check
def cases(rng):
    for shape in ((7,), (5, 1), (3, 4)):
        yield 2 * rng.normal(size=shape), rng.integers(0, 2, shape) * 1.0
    yield np.array([1000.0, -1000.0, 0.3]), np.array([0.0, 0.0, 1.0])
    yield np.array([1000.0, -1000.0, 800.0]), np.array([1.0, 0.0, 1.0])


SLIPS = [
    (2, "exp(1000) is infinite: np.logaddexp knows how to avoid it.", "np.logaddexp(0, z)", "np.log(1 + np.exp(z))"),
    (1, "As the formula stands, with p and 1 - p: log 0 is infinite as soon as p is rounded to 0 or 1.",
     "    return np.mean(np.logaddexp(0, z) - y * z)",
     "    p = 1 / (1 + np.exp(-z))\n    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))"),
    (1, "The examples with the answer 0 cost nothing here: half of the log loss is missing.",
     "np.mean(np.logaddexp(0, z) - y * z)", "np.mean(y * np.logaddexp(0, -z))"),
    (1, "The bracket is missing, as on the slide: the second half has the wrong sign.",
     "np.mean(np.logaddexp(0, z) - y * z)", "np.mean(y * np.logaddexp(0, -z) - (1 - y) * np.logaddexp(0, z))"),
    (1, "It is not like |y - p|, whatever the slide says: an error that is sure of itself costs far more than 1.",
     "np.mean(np.logaddexp(0, z) - y * z)", "np.mean(np.abs(y - 1 / (1 + np.exp(-z))))"),
    (3, "A mean is asked for, so that the number of examples does not matter.", "np.mean(", "np.sum("),
    (3, "One number for all examples: their mean.", "np.mean(np.logaddexp(0, z) - y * z)",
     "np.logaddexp(0, z) - y * z"),
    (2, "The signs of z are turned: this is the loss for the opposite answers.", "- y * z", "- (1 - y) * z"),
    (3, "Bits; the log loss here is in nats, the natural logarithm.", "- y * z)", "- y * z) / np.log(2)"),
]  # fmt: skip
