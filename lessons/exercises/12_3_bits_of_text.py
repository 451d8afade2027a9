"""12.3 The price of a whole text

`letter_probabilities` are what the model gave to each letter of a text, after those before it. Return how many bits the
text costs, that is -log2 of the probability of the whole. Texts may have thousands of letters.

1. The probability of the whole is the product of them all. What becomes of 2000 factors of 0.5 in floating point?
2. The logarithm of a product is the sum of the logarithms: no product is ever needed.
3. return -np.sum(np.log2(letter_probabilities))
"""

# %% task
import numpy as np


def bits_of_text(letter_probabilities):
    raise NotImplementedError("TODO 12.3: a product of probabilities is a sum of their logarithms")


# %% solution
def bits_of_text(letter_probabilities):
    return -np.sum(np.log2(letter_probabilities))


# %% check
def cases(rng):
    yield (np.array([0.5, 0.25]),)
    yield (rng.uniform(0.1, 1, 6),)
    yield (rng.uniform(0.1, 0.9, 4000),)


SLIPS = [
    (1, "The product of thousands of probabilities is too small for a floating-point number.",
     "np.sum(np.log2(letter_probabilities))", "np.log2(np.prod(letter_probabilities))"),
    (2, "The sum of probabilities means nothing here: first the logarithms, then the sum.",
     "np.sum(np.log2(letter_probabilities))", "np.log2(np.sum(letter_probabilities))"),
    (3, "The probability of the text; its price is -log2 of it.", "-np.sum(np.log2(letter_probabilities))",
     "np.prod(letter_probabilities)"),
    (3, "A price is positive, and the logarithm of a probability is not.", "-np.sum", "np.sum"),
    (3, "Bits: the logarithm to base 2.", "np.log2", "np.log"),
    (3, "This is the price of one letter, on average; the whole text is asked for.", "np.sum", "np.mean"),
    (3, "One price for the whole text, not one for each letter.", "-np.sum(np.log2(letter_probabilities))",
     "-np.log2(letter_probabilities)"),
    (2, "Weighting with p gives an entropy: here each letter occurs once, and counts once.",
     "np.log2(letter_probabilities)", "letter_probabilities * np.log2(letter_probabilities)"),
    (1, "The product of thousands of probabilities becomes 0, which has no logarithm.",
     "np.sum(np.log2(letter_probabilities))", "__import__('math').log2(np.prod(letter_probabilities))"),
]  # fmt: skip
