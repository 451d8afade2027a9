"""12.1 The probabilities that a sampler draws from

scores has shape (V,); the higher the temperature, the more alike the probabilities. Return the softmax of the scores
divided by the temperature; at temperature 0 that is all probability on the largest score. Scores may be 10,000.

1. Divide by 0, and nothing good comes out: temperature 0 is a case of its own. np.argmax says where the largest is.
2. The shift of lesson 02 keeps exp small; subtract the largest *after* dividing by the temperature.
3. s = scores / temperature; p = np.exp(s - s.max()); return p / p.sum()
"""

# %% task
import numpy as np


def probabilities(scores, temperature):
    raise NotImplementedError("TODO 12.1: softmax of scores / temperature; at 0 all on the largest")


# %% solution
def probabilities(scores, temperature):
    if temperature == 0:
        return np.eye(len(scores))[np.argmax(scores)]
    s = scores / temperature
    p = np.exp(s - s.max())
    return p / p.sum()


# %% check
def cases(rng):
    scores = rng.normal(size=5)
    for temperature in (1.0, 0.5, 2.0, 0):
        yield scores.copy(), temperature
    yield np.array([600.0, 590.0, 0.0]), 0.5
    yield 1e4 * np.array([1.0, 0.9, -1.0]), 0.5


SLIPS = [
    (2, "Divide by the temperature: multiplying makes a hot net cold.", "scores / temperature", "scores * temperature"),
    (2, "exp(10000) is infinite: subtract the largest score first.", "np.exp(s - s.max())", "np.exp(s)"),
    (2, "The largest is taken before dividing: at temperature 0.5 the exponents are still large.", "s.max()",
     "scores.max()"),
    (1, "Temperature 0 divides by 0.",
     "    if temperature == 0:\n        return np.eye(len(scores))[np.argmax(scores)]\n", ""),
    (1, "At temperature 0 all goes to the largest score, not to the smallest.", "np.argmax", "np.argmin"),
    (1, "At temperature 0, too, probabilities are asked for: a 1 and zeros.", "np.eye(len(scores))[np.argmax(scores)]",
     "np.argmax(scores)"),
    (1, "Nothing is even about temperature 0: that would be an infinite one.", "np.eye(len(scores))[np.argmax(scores)]",
     "np.ones(len(scores)) / len(scores)"),
    (3, "Probabilities sum to 1.", "p / p.sum()", "p"),
    (3, "The temperature divides the scores, not the probabilities.",
     "    s = scores / temperature\n    p = np.exp(s - s.max())\n    return p / p.sum()",
     "    p = np.exp(scores - scores.max())\n    return p / p.sum() / temperature"),
    (3, "The temperature is not used.", "s = scores / temperature", "s = scores"),
    (3, "`/=` and `-=` change the caller's scores: the next letter is drawn from wrong ones.",
     "    s = scores / temperature", "    scores /= temperature\n    s = scores"),
]  # fmt: skip
