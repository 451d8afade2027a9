"""23.1 What the decoder reads, and what it is to write

targets: B lists of ids, of different lengths. Return two integer arrays (T, B), time first. `read` is what the decoder
is fed: the start token, then the target. `wanted` is what it is to answer at each step: the target, then the end token.
T is the longest target and one more. Fill up `read` with eos, and `wanted` with -1, which no loss counts.

1. Write down both rows for the target [5, 6], and then for [7] beside it. How many steps has each?
2. read[0] is sos everywhere. At step t the decoder has read target[t - 1] and is to say target[t].
3. For each column b of length n: read[1 : n + 1, b] = target, wanted[:n, b] = target, wanted[n, b] = eos
"""

# %% task
import numpy as np


def decoder_sides(targets, sos, eos):
    raise NotImplementedError("TODO 23.1: start token, end token, and padding that is not counted")


# %% solution
def decoder_sides(targets, sos, eos):
    T = max(map(len, targets)) + 1
    read, wanted = np.full((T, len(targets)), eos), np.full((T, len(targets)), -1)
    read[0] = sos
    for b, target in enumerate(targets):
        n = len(target)
        read[1 : n + 1, b] = target
        wanted[:n, b] = target
        wanted[n, b] = eos
    return read, wanted


# %% check
def cases(rng):
    yield [[5, 6], [7]], 8, 9
    for lengths in ([3, 1, 4], [2, 2], [1, 5, 2, 3]):
        yield [rng.integers(0, 8, n).tolist() for n in lengths], 8, 9


SLIPS = [
    (1, "The end token has to be said as well: nothing tells the decoder when to stop.", "wanted[n, b] = eos", "pass"),
    (1, "One step more than the longest target: for the end token.", "max(map(len, targets)) + 1\n    read",
     "max(map(len, targets)) + 2\n    read"),
    (1, "The decoder reads at step 0 what it is to say at step 0: it will learn to copy, and know nothing in use.",
     "    read[0] = sos\n", "    read[0] = [target[0] for target in targets]\n"),
    (2, "The start token is missing: at the first step nothing has been said yet.", "read[0] = sos", "read[0] = eos"),
    (2, "At step t it is to say target[t], not to repeat what it has just read.", "wanted[:n, b] = target",
     "wanted[: n + 1, b] = [sos, *target]"),
    (3, "Padding must not be counted: fill up `wanted` with -1, not with the end token.",
     "np.full((T, len(targets)), -1)", "np.full((T, len(targets)), eos)"),
    (3, "-1 is a label that is not counted; it is no id that can be read. Fill up `read` with eos.",
     "np.full((T, len(targets)), eos), ", "np.full((T, len(targets)), -1), "),
    (3, "Time is the first axis.", "return read, wanted", "return read.T, wanted.T"),
    (3, "First what is read, then what is wanted.", "return read, wanted", "return wanted, read"),
    (3, "The end token belongs right after each target, not to the last step of the batch.", "wanted[n, b] = eos",
     "wanted[T - 1, b] = eos"),
]  # fmt: skip
