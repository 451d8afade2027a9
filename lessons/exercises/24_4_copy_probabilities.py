"""24.4 The weights as an answer

A net that sums up a text must often say a name that it has never met in training. It can *copy*: the probability that
the next word is w is the sum of the attention weights of all positions at which w stands. ids (n,) are the words of the
source, as numbers below num; a (n,) are their weights. Return the probability (num,) of each word.

1. A word that does not stand in the source has probability 0. One that stands there twice gets both weights.
2. p[ids] += a looks right, and adds only once for each word: the same trap as for a word's gradient in a mini-batch.
3. return np.bincount(ids, weights=a, minlength=num), or np.add.at(p, ids, a)
"""

# %% task
import numpy as np


def copy_probabilities(a, ids, num):
    raise NotImplementedError("TODO 24.4: the probability (num,) of each word, if words are copied by their weights")


# %% solution
def copy_probabilities(a, ids, num):
    return np.bincount(ids, weights=a, minlength=num)


# %% check
def cases(rng):
    for ids, num in [([2, 0, 2, 5], 7), ([3, 1, 4], 5), ([1, 1, 1, 0, 1], 3), ([4, 2, 4, 2, 0, 4], 9)]:
        p = rng.uniform(0.1, 1, len(ids))
        yield p / p.sum(), np.array(ids), num


SLIPS = [
    (2, "p[ids] += a adds once for each word: of two equal words only the last weight is kept.",
     "    return np.bincount(ids, weights=a, minlength=num)",
     "    p = np.zeros(num)\n    p[ids] += a\n    return p"),
    (2, "Of two equal words the first weight is kept only; they add up.",
     "    return np.bincount(ids, weights=a, minlength=num)",
     "    p = np.zeros(num)\n    p[ids[::-1]] = a[::-1]\n    return p"),
    (1, "Words that do not stand in the source have probability 0, and a place.", ", minlength=num", ""),
    (1, "That counts how often a word stands there. The weights are lost.",
     "np.bincount(ids, weights=a, minlength=num)", "np.bincount(ids, minlength=num) / len(ids)"),
    (1, "Equal words add up; their mean would be too small.", "np.bincount(ids, weights=a, minlength=num)",
     "np.bincount(ids, weights=a, minlength=num) / np.maximum(np.bincount(ids, minlength=num), 1)"),
    (1, "All the probability is on the best word. The others have theirs, too.",
     "    return np.bincount(ids, weights=a, minlength=num)",
     "    return np.eye(num)[np.bincount(ids, weights=a, minlength=num).argmax()]"),
    (3, "They add up to 1 already. A softmax gives some to words that do not stand there.",
     "    return np.bincount(ids, weights=a, minlength=num)",
     "    p = np.exp(np.bincount(ids, weights=a, minlength=num))\n    return p / p.sum()"),
    (1, "The weights as they are belong to positions; asked for are words.",
     "np.bincount(ids, weights=a, minlength=num)", "a"),
    (3, "The weights belong to the positions in their order.", "weights=a", "weights=a[::-1]"),
    (3, "Word w stands at place w of the answer.", "minlength=num)", "minlength=num)[::-1]"),
]  # fmt: skip
