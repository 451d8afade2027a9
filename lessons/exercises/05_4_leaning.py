"""05.4 Read the bias

Return how far a word leans to the second side of some pairs, such as (king, queen), (uncle, aunt): its cosine with the
direction of the pairs. Bring all vectors to length 1; the direction is then the mean of the differences, second minus
first. vectors has a row for each word; word is a number, pairs a list of pairs of numbers.

1. One pair alone has more than one thing to tell apart; the mean over many pairs keeps what they share.
2. unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True); the mean of unit[second] - unit[first] over pairs.
3. The mean has not the length 1: cosine = unit[word] @ direction / np.linalg.norm(direction)
"""

# %% task
import numpy as np


def leaning(vectors, word, pairs):
    raise NotImplementedError("TODO 05.4: the cosine of the word with the mean difference of the pairs")


# %% solution
def leaning(vectors, word, pairs):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    direction = np.mean([unit[second] - unit[first] for first, second in pairs], axis=0)
    return unit[word] @ direction / np.linalg.norm(direction)


# %% check
def cases(rng):
    for pairs, dim in ((4, 5), (2, 3), (1, 8)):
        order = rng.permutation(12).tolist()
        vectors = np.exp(rng.normal(size=(12, 1))) * rng.normal(size=(12, dim))
        yield vectors, order[-1], list(zip(order[:pairs], order[pairs : 2 * pairs]))


SLIPS = [
    (1, "The first pair alone: what the others share with it cannot be told from what is its own.", "in pairs]",
     "in pairs[:1]]"),
    (2, "From the second to the first: the sign is turned.", "unit[second] - unit[first]",
     "unit[first] - unit[second]"),
    (2, "The mean of both, not of their difference: this is where the pairs are, not what tells them apart.",
     "unit[second] - unit[first]", "unit[second] + unit[first]"),
    (2, "Only the second words: what a queen and a king share is still in it.", "unit[second] - unit[first]",
     "unit[second]"),
    (3, "The direction has not the length 1, so this is no cosine yet.", " / np.linalg.norm(direction)", ""),
    (2, "The vectors keep their lengths, and the longest pair decides.",
     "vectors / np.linalg.norm(vectors, axis=1, keepdims=True)", "vectors"),
    (2, "The length is that of each row, not of each column.", "axis=1, keepdims", "axis=0, keepdims"),
    (2, "The mean over the pairs only, axis 0: the numbers of the vector stay apart.", "in pairs], axis=0)",
     "in pairs])"),
    (3, "The size of the leaning without its sign does not say to which side.", "unit[word] @ direction",
     "abs(unit[word] @ direction)"),
]  # fmt: skip
