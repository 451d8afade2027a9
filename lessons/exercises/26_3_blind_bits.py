"""26.3 Predict: what a blind net misses

A captioner that sees nothing has learned all there is to learn about the captions alone. `captions` is a list of texts,
as often as they occur. How many bits does it miss in a caption, on average, at best? (The sum of its losses over the
words of a caption, the end included, with logarithms to base 2.) The lesson had 128 captions, all equally often: 7.

1. What the net learns is a probability for each caption, its share of the list. The words share out log2 of that among
   them.
2. It is the entropy: the mean over the list of -log2 of the caption's share.
3. shares = np.unique(captions, return_counts=True)[1] / len(captions); return -(shares * np.log2(shares)).sum()
"""

# %% task
import numpy as np


def blind_bits(captions):
    raise NotImplementedError("TODO 26.3: some captions occur more often than others")


# %% solution
def blind_bits(captions):
    counts = np.unique(captions, return_counts=True)[1]
    shares = counts / len(captions)
    return -(shares * np.log2(shares)).sum()


# %% check
def cases(rng):
    texts = [f"a {colour} {form}" for colour in ("red", "green", "blue") for form in ("circle", "square")]
    yield (texts[:4],)
    yield (texts[:1] * 6 + texts[1:3],)
    for _ in range(3):
        yield (rng.choice(texts, 20, p=rng.dirichlet(np.ones(6))).tolist(),)


SLIPS = [
    (1, "Captions are not equally frequent: log2 of their number is too much.",
     "return -(shares * np.log2(shares)).sum()", "return np.log2(len(counts))"),
    (1, "The length of the list says nothing: most captions occur more than once.",
     "return -(shares * np.log2(shares)).sum()", "return np.log2(len(captions))"),
    (2, "Those are nats; use log2.", "np.log2(shares)", "np.log(shares)"),
    (2, "Each caption counts as often as it occurs.", "-(shares * np.log2(shares)).sum()", "-np.log2(shares).mean()"),
    (2, "That is the mean over the different captions; the shares are the weights already.",
     "-(shares * np.log2(shares)).sum()", "-(shares * np.log2(shares)).mean()"),
    (2, "That is the share of right guesses of a net that always says the most frequent one, in bits.",
     "-(shares * np.log2(shares)).sum()", "-np.log2(shares.max())"),
    (3, "A loss is not negative.", "return -(", "return ("),
]  # fmt: skip
