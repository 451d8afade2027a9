"""08.6 Predict: the loss before any training

All weights are nearly 0, the text has V different characters, and the loss of a chunk is the *sum* of -ln p[target]
over its T characters. What is it before the first update? (The listing starts its smoothed loss with this number.)

1. Nearly equal scores give nearly equal probabilities. What is each of them, when there are V?
2. One character costs -ln(1 / V) = ln V, with the natural logarithm. How many are there in the chunk?
3. return T * np.log(V)
"""

# %% task
import numpy as np


def first_loss(V, T):
    raise NotImplementedError("TODO 08.6: what does one character cost, when all V are equally likely? And T of them?")


# %% solution
def first_loss(V, T):
    return T * np.log(V)


# %% check
def cases(rng):
    yield 65, 25
    for _ in range(3):
        yield tuple(rng.integers(3, 99, 2).tolist())


SLIPS = [
    (2, "That is what one character costs; the chunk has T.", "T * np.log(V)", "np.log(V)"),
    (2, "The natural logarithm: this is in bits.", "np.log(V)", "np.log2(V)"),
    (2, "The natural logarithm, not the one to base 10.", "np.log(V)", "np.log10(V)"),
    (2, "-ln(1 / V) is positive.", "T * np.log(V)", "-T * np.log(V)"),
    (2, "V characters, T of them in a chunk: you swapped the two.", "T * np.log(V)", "V * np.log(T)"),
    (1, "This is the probability of one character; the loss is -ln of it, T times.", "T * np.log(V)", "1 / V"),
    (2, "The loss is the sum over the chunk; you divide by its length.", "T * np.log(V)", "np.log(V) / T"),
    (1, "Costs are logarithms of probabilities, not their inverses.", "T * np.log(V)", "T * V"),
    (2, "The length goes outside of the logarithm.", "T * np.log(V)", "np.log(T * V)"),
]  # fmt: skip
