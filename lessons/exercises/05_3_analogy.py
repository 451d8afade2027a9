"""05.3 Find the bug: a is to b as c is to ...?

vectors has a row for each word; a, b and c are numbers of words. Return the number of the word whose cosine with
b - a + c is the largest, all vectors first brought to length 1, and none of the three words of the question allowed.
The line below forgets both.

1. Without unit vectors the longest vector wins, whatever its direction; and b itself is often nearest to b - a + c.
2. unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True); scores = unit @ (unit[b] - unit[a] + unit[c])
3. scores[[a, b, c]] = -np.inf, and then np.argmax(scores)
"""

# %% task
import numpy as np


def answer(vectors, a, b, c):
    # return np.argmax(vectors @ (vectors[b] - vectors[a] + vectors[c]))
    raise NotImplementedError("TODO 05.3: unit vectors, and none of the three words of the question")


# %% solution
def answer(vectors, a, b, c):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    scores = unit @ (unit[b] - unit[a] + unit[c])
    scores[[a, b, c]] = -np.inf
    return np.argmax(scores)


# %% check
def cases(rng):
    for _ in range(12):
        sizes = np.exp(rng.normal(size=(30, 1)))
        a, b, c = rng.permutation(30)[:3].tolist()
        yield sizes * rng.normal(size=(30, 3)), a, b, c
    for _ in range(4):  # two relations laid out by hand: a, c are near, so b wants to be the answer
        base, step = rng.normal(size=4), 0.3 * rng.normal(size=4)
        rows = [base, base + step, base + [0.2, 0, 0, 0], base + step + [0.2, 0, 0, 0], *rng.normal(size=(6, 4))]
        yield np.array(rows) * np.exp(rng.normal(size=(10, 1))), 0, 1, 2


SLIPS = [
    (1, "The line of the task: long vectors win, and so do the words of the question.",
     "    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)\n"
     "    scores = unit @ (unit[b] - unit[a] + unit[c])\n    scores[[a, b, c]] = -np.inf\n",
     "    scores = vectors @ (vectors[b] - vectors[a] + vectors[c])\n"),
    (1, "The words of the question may not be the answer.", "    scores[[a, b, c]] = -np.inf\n", ""),
    (2, "The vectors keep their lengths, and a long one wins whatever its direction.",
     "vectors / np.linalg.norm(vectors, axis=1, keepdims=True)", "vectors"),
    (2, "Turned round: from a to b goes b - a, and that step is taken from c.", "unit[b] - unit[a] + unit[c]",
     "unit[a] - unit[b] + unit[c]"),
    (2, "a and c have changed places.", "unit[b] - unit[a] + unit[c]", "unit[b] + unit[a] - unit[c]"),
    (2, "All three added: where the step from a to b comes from, a has to be taken away.",
     "unit[b] - unit[a] + unit[c]", "unit[b] + unit[a] + unit[c]"),
    (3, "The farthest word; the largest cosine is asked for.", "    scores[[a, b, c]] = -np.inf\n    return np.argmax(",
     "    scores[[a, b, c]] = np.inf\n    return np.argmin("),
    (2, "The length is that of each row, not of each column.", "axis=1, keepdims", "axis=0, keepdims"),
    (3, "The number of the word is asked for, not its score.", "np.argmax(scores)", "np.max(scores)"),
    (3, "Only b is kept out; the answer may not be a or c either.", "scores[[a, b, c]]", "scores[b]"),
]  # fmt: skip
