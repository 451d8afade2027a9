"""18.5 Find the bug: the bits of an ensemble

p is an array (M, N): the probability that each of M nets gave to the right letter, at each of N places. An ensemble
predicts with the *mean of the probabilities*. Somebody measured its bits per letter like this:

    return -np.log2(p).mean()

and found it exactly as good as its members are on average. Repair it. p stays as it is.

1. That line takes the logarithm first and averages afterwards. What does the ensemble give to the right letter at place
   i?
2. p[:, i].mean(). That is one probability for each place; its price is -log2 of it; then take the mean over places.
3. return -np.log2(p.mean(axis=0)).mean()
"""

# %% task
import numpy as np


def ensemble_bits(p):
    # return -np.log2(p).mean()
    raise NotImplementedError("TODO 18.5: that is the mean of the members; average the probabilities first")


# %% solution
def ensemble_bits(p):
    return -np.log2(p.mean(axis=0)).mean()


# %% check
def cases(rng):
    for M, N in [(3, 5), (2, 4), (5, 9)]:
        yield (rng.uniform(0.01, 0.99, (M, N)),)
    yield (np.array([[0.5, 0.125], [0.5, 0.875]]),)


SLIPS = [
    (1, "That is the line as it was: the mean of the members' bits.", "np.log2(p.mean(axis=0)).mean()",
     "np.log2(p).mean()"),
    (1, "Averaged over the places before the logarithm: each place pays by itself.", "np.log2(p.mean(axis=0)).mean()",
     "np.log2(p.mean())"),
    (1, "Axis 0 are the nets: you averaged over the places, net by net.", "axis=0", "axis=1"),
    (1, "That is the best member, not the ensemble.", "-np.log2(p.mean(axis=0)).mean()",
     "(-np.log2(p).mean(axis=1)).min()"),
    (2, "Nobody can pick the net that is right in each place: that looks at the answer.", "p.mean(axis=0)",
     "p.max(axis=0)"),
    (2, "Multiplied, the nets must all agree, and it is no probability: it does not sum to 1.", "p.mean(axis=0)",
     "p.prod(axis=0)"),
    (3, "The sign: a probability below 1 costs a positive number of bits.", "-np.log2", "np.log2"),
    (3, "These are nats; bits have log2.", "np.log2", "np.log"),
    (3, "Bits per letter, not of the whole text.", "(axis=0)).mean()", "(axis=0)).sum()"),
    (3, "The sum of probabilities can be more than 1: divide by the number of nets.", "p.mean(axis=0)",
     "p.sum(axis=0)"),
]  # fmt: skip
