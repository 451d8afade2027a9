"""13.1 Find the bug: how long is what was written?

Many sequences were written side by side: rows is (steps, B), one column for each, with an `eos` in it where it ends,
and whatever was drawn after that. Somebody measures them with (rows == eos).argmax(axis=0), and a net that never stops
is praised for its short texts. Return (lengths, ended): how many symbols stand before the first eos, int (B,), and
whether there is one, bool (B,). A sequence that does not end has the length `steps`.

1. What does argmax say of a column in which nothing is True? Try np.array([False, False]).argmax().
2. ended = (rows == eos).any(axis=0); np.where chooses, column by column.
3. found = rows == eos; ended = found.any(axis=0); return np.where(ended, found.argmax(axis=0), len(rows)), ended
"""

# %% task
import numpy as np


def written_lengths(rows, eos):
    raise NotImplementedError("TODO 13.1: (rows == eos).argmax(axis=0) is nearly right; what if there is no end?")


# %% solution
def written_lengths(rows, eos):
    found = rows == eos
    ended = found.any(axis=0)
    return np.where(ended, found.argmax(axis=0), len(rows)), ended


# %% check
def cases(rng):
    yield np.array([[3, 1, 0, 2], [0, 2, 0, 3], [1, 3, 1, 1], [0, 1, 2, 0]]), 0
    for steps, eos in [(6, 4), (9, 2)]:
        rows = rng.integers(0, 5, (steps, 7))
        rows[:, :2][rows[:, :2] == eos] = (eos + 1) % 5  # two that never end,
        rows[0, 2], rows[-1, 3] = eos, eos  # one that is empty, and one that ends at the last moment
        rows[:-1, 3][rows[:-1, 3] == eos] = (eos + 1) % 5
        yield rows, eos


SLIPS = [
    (1, "argmax of a column without an eos is 0: what never ends looks empty.",
     "np.where(ended, found.argmax(axis=0), len(rows))", "found.argmax(axis=0)"),
    (1, "The eos itself is no symbol of the text: one less.", "found.argmax(axis=0)", "found.argmax(axis=0) + 1"),
    (1, "That is the LAST eos; what was drawn after the first one does not count.", "found.argmax(axis=0)",
     "len(rows) - 1 - found[::-1].argmax(axis=0)"),
    (2, "That counts all symbols that are not eos, those after the end, too.", "found.argmax(axis=0)",
     "(~found).sum(axis=0)"),
    (2, "What does not end has all the steps that there were.", "len(rows))", "len(rows) - 1)"),
    (2, "An empty sequence has ended, too: its eos stands in the first row.", "found.any(axis=0)",
     "found.argmax(axis=0) > 0"),
    (2, "Ended means that there IS an eos.", "len(rows)), ended", "len(rows)), ~ended"),
    (2, "A sequence runs down a column, not along a row.", "    found = rows == eos", "    found = (rows == eos).T"),
    (3, "The end is the symbol that is given, not always 0.", "rows == eos", "rows == 0"),
    (3, "An eos in the last row is an end like any other.", "found.any(axis=0)", "found[:-1].any(axis=0)"),
]  # fmt: skip
