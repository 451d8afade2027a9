"""06.4 Make it work: which training data would do?

The last row of the lesson's table was poor: trained on sequences of ten steps with keys at the positions 0 to 4 only,
the recurrent net mostly failed for keys in the second half. Return a batch of 64 sequences, by
`repeated_token(64, steps, rng, positions)`, from which it would learn to be right there and at later steps as well.

1. Experience is shared over states. In which states must a key have come in training, if it is to count in any of them?
2. So keys must stand everywhere: early, late, and in between. And sequences must not end before those states occur.
3. positions=None means everywhere, and 20 steps show more states than 10: repeated_token(64, 20, rng)
"""

# %% task
from minigrad.data.tasks import repeated_token


def training_batch(rng):
    raise NotImplementedError("TODO 06.4: return repeated_token(64, steps, rng, positions) with a better choice")


# %% solution
def training_batch(rng):
    return repeated_token(64, 20, rng, None)


# %% check
import numpy as np


def cases(rng):
    for _ in range(3):
        yield (rng,)


def judge(batch, rng):
    ids, answers = np.asarray(batch[0]), np.asarray(batch[1])
    if ids.ndim != 2 or len(ids) != 64 or ids.shape != answers.shape:
        return 3, f"64 sequences, and an answer for each step; these have the shapes {ids.shape} and {answers.shape}"
    if (answers != (np.cumsum(ids == 0, axis=1) >= 2)).any():
        return 3, "the answers are not those of the question: has the key, 0, been repeated so far?"
    if ids.shape[1] < 10:
        return 2, f"after {ids.shape[1]} steps the states of the second half, steps 5 to 9, have not occurred yet"
    where = np.nonzero(ids == 0)[1] / ids.shape[1]
    share = np.histogram(where, 4, (0, 1))[0] / len(where)
    if share.min() < 0.08:
        return 1, f"of 100 keys {100 * share.min():.0f} stand in quarter {share.argmin() + 1} of the steps: too few"
    if share.max() > 0.45:
        return 2, f"of 100 keys {100 * share.max():.0f} stand in quarter {share.argmax() + 1}: spread them evenly"
    return None


SLIPS = [
    (1, "That is how it was: no key ever comes in a late state.", "20, rng, None", "10, rng, range(5)"),
    (1, "Now no key ever comes in an early state.", "20, rng, None", "10, rng, range(5, 10)"),
    (1, "Longer sequences alone do not help: keys stand in the first five steps still.", "20, rng, None",
     "20, rng, range(5)"),
    (1, "Better, but the states of the second half, steps 10 to 19, still never see a key.", "20, rng, None",
     "20, rng, range(10)"),
    (1, "Keys at the two ends leave the states in between without any.", "20, rng, None", "20, rng, [0, 1, 18, 19]"),
    (2, "Five steps show no state of the second half.", "20, rng, None", "5, rng, None"),
    (2, "One key of each sequence stands early: the late states see few first keys.", "20, rng, None",
     "20, rng, None, range(5)"),
    (3, "One sequence is not a batch of 64.", "64, 20, rng, None", "1, 20, rng, None"),
]  # fmt: skip
