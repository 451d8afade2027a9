"""13.3 And back: what must the unit say?

p[t] is the share of the sequences in the training set that have length t, and p adds up to 1. What must a halt unit
that sees nothing but the step say at step 0, 1, ..., so that it writes each length with that probability? Return an
array as long as p. Where no sequence gets so far, let it say 1.

1. Step 0: p[0]. Step 1 is reached by 1 - p[0] of them only; of these, which share ends here?
2. P(halt at t) = p[t] / (p[t] + p[t+1] + ...). p[::-1].cumsum()[::-1] adds up from the end.
3. left = p[::-1].cumsum()[::-1]; start from np.ones(len(p)), and set halts[left > 0] to p[left > 0] / left[left > 0]
"""

# %% task
import numpy as np


def halting_probabilities(p):
    raise NotImplementedError("TODO 13.3: of the sequences that got so far, which share ends here?")


# %% solution
def halting_probabilities(p):
    left = p[::-1].cumsum()[::-1]
    halts = np.ones(len(p))
    some = left > 0
    halts[some] = p[some] / left[some]
    return halts


# %% check
def cases(rng):
    yield (np.array([0.0, 0.25, 0.5, 0.25]),)
    yield (np.array([0.5, 0.0, 0.25, 0.25, 0.0, 0.0]),)
    for n in (4, 7):
        counts = rng.integers(1, 20, n)
        counts[1] = 0
        yield (np.append(counts / counts.sum(), [0.0, 0.0]),)


SLIPS = [
    (1, "p[t] is the share of ALL sequences; only those that got so far can halt here.", "p[some] / left[some]",
     "p[some]"),
    (1, "That is the share that got so far.", "p[some] / left[some]", "left[some]"),
    (1, "That is the share that goes ON.", "p[some] / left[some]", "1 - p[some] / left[some]"),
    (2, "Those that have ended already cannot halt again: add up from t to the end.", "p[::-1].cumsum()[::-1]",
     "p.cumsum()"),
    (2, "Those that end here got so far as well: p[t] is one of the summands below.", "p[::-1].cumsum()[::-1]",
     "p[::-1].cumsum()[::-1] - p"),
    (2, "The sum runs from the end; turn it round again afterwards.", "p[::-1].cumsum()[::-1]", "p[::-1].cumsum()"),
    (3, "Where no sequence gets so far, it is to say 1; 0 would go on for ever.", "np.ones(len(p))",
     "np.zeros(len(p))"),
    (3, "A unit that says the same at each step makes a geometric distribution, not this one.",
     "halts[some] = p[some] / left[some]", "halts[:] = 1 / (1 + p @ np.arange(len(p)))"),
    (3, "0 / 0 is nan: where nothing is left, do not divide.", "some = left > 0", "some = left >= 0"),
    (3, "One step too early: the number for t stands at t - 1.", "return halts", "return np.append(halts[1:], 1.0)"),
]  # fmt: skip
