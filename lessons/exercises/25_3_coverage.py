"""25.3 What has not been looked at

The coverage penalty of GNMT makes a translation pay for source pieces at which attention hardly looked. weights (N, S)
has for each of N written pieces a row of attention weights over the S source pieces. The coverage of a source piece is
what it got in all; looking twice is no merit, so more than 1 counts as 1. Return beta times the sum, over the source
pieces, of the logarithm of the coverage. It is 0 where everything was looked at, and negative otherwise.

1. The rows are the steps, the columns are the source pieces. Over which axis must be summed to get one number a piece?
2. First sum over the steps, then cut off at 1, then take the logarithm, and only then sum over the pieces.
3. beta * np.log(np.minimum(weights.sum(axis=0), 1)).sum()
"""


# %% task
import numpy as np


def coverage(weights, beta):
    raise NotImplementedError("TODO 25.3: beta times the sum over the source of log min(what it got, 1)")


# %% solution
def coverage(weights, beta):
    got = weights.sum(axis=0)
    return beta * np.log(np.minimum(got, 1)).sum()


# %% check
def cases(rng):
    yield np.array([[0.8, 0.1, 0.1], [0.7, 0.2, 0.1]]), 1.0
    for n, s in ((3, 4), (6, 3), (4, 4), (2, 5)):
        yield rng.dirichlet(np.full(s, 0.6), n) + 1e-6, float(rng.uniform(0.2, 0.9))


SLIPS = [
    (1, "The steps are summed, not the source pieces: each row adds up to 1, and the penalty is always 0.",
     "weights.sum(axis=0)", "weights.sum(axis=1)"),
    (1, "What counts is the sum over the steps, not the largest weight.", "weights.sum(axis=0)", "weights.max(axis=0)"),
    (1, "The sum over the steps, not their mean.", "weights.sum(axis=0)", "weights.mean(axis=0)"),
    (2, "Looking twice is no merit: what is above 1 counts as 1.", "np.minimum(got, 1)", "got"),
    (2, "Cut off at 1 from above, not from below.", "np.minimum", "np.maximum"),
    (2, "Each weight is below 1 already: cut off the sums.", "weights.sum(axis=0)",
     "np.minimum(weights, 0.5).sum(axis=0)"),
    (2, "First the logarithm of each piece, then the sum.", "np.log(np.minimum(got, 1)).sum()",
     "np.log(np.minimum(got, 1).sum())"),
    (2, "The logarithm is missing.", "np.log(np.minimum(got, 1))", "np.minimum(got, 1)"),
    (3, "beta is forgotten.", "beta * np", "np"),
    (3, "A penalty lowers the score: it is negative.", "return beta", "return -beta"),
]  # fmt: skip
