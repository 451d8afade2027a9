"""13.2 From halting to lengths

A halt unit is asked before each step, and says halts[0], halts[1], ..., the probability that the sequence ends here.
What is the probability that the length is 0, 1, ..., n - 1, where n = len(halts)? Return an array (n,). What is missing
to 1 is the probability of going on beyond.

1. Length 0: it halts at once, halts[0]. Length 1: it goes on once, then halts: (1 - halts[0]) * halts[1].
2. Length t: it goes on at 0 .. t - 1, and halts at t. np.cumprod makes the products, but they must begin with 1.
3. return halts * np.cumprod(np.concatenate([[1], 1 - halts[:-1]]))
"""

# %% task
import numpy as np


def length_probabilities(halts):
    raise NotImplementedError("TODO 13.2: to have length t it must go on t times, and then halt")


# %% solution
def length_probabilities(halts):
    goes_on = np.concatenate([[1], 1 - halts[:-1]])
    return halts * np.cumprod(goes_on)


# %% check
def cases(rng):
    yield (np.array([0.5, 0.5, 0.5, 0.5]),)
    yield (np.array([0.0, 0.2, 1.0, 0.3]),)
    for n in (1, 5, 8):
        yield (rng.uniform(0.1, 0.6, n),)


SLIPS = [
    (1, "It must have gone on before it can halt here.", "halts * np.cumprod(goes_on)", "halts"),
    (1, "That is the probability to be still going, before it decides at t.", "halts * np.cumprod(goes_on)",
     "np.cumprod(goes_on)"),
    (2, "It has to go on at ALL steps before, not only at the last one.", "np.cumprod(goes_on)", "goes_on"),
    (2, "At step t it halts: the factors 1 - halts stop one before.", "np.concatenate([[1], 1 - halts[:-1]])",
     "1 - halts"),
    (2, "Going on has the probability 1 - halts.", "1 - halts[:-1]", "halts[:-1]"),
    (2, "The chances of going on are multiplied, not added.", "np.cumprod(goes_on)", "np.cumsum(goes_on)"),
    (2, "The products begin with 1: before step 0 there is nothing to survive.", "[[1], 1", "[[0], 1"),
    (3, "Nothing is to be divided: what is missing to 1 goes on beyond.", "return halts * np.cumprod(goes_on)",
     "p = halts * np.cumprod(goes_on)\n    return p / p.sum()"),
    (3, "Nothing forces it to halt at the last step that is asked for.", "    goes_on =",
     "    halts = np.append(halts[:-1], 1.0)\n    goes_on ="),
    (3, "Those are the lengths up to t, added up; each by itself is asked for.", "halts * np.cumprod(goes_on)",
     "np.cumsum(halts * np.cumprod(goes_on))"),
]  # fmt: skip
