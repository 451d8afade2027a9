"""11.3 Backwards, inside the length

A net that reads backwards must not begin with the padding. x is (T, B, I), lengths (B,). Return an array of the same
shape in which the first lengths[b] steps of sequence b are in reverse order, and its padding stays where it is, at the
end and unchanged. x itself stays as it is.

1. x[::-1] turns the whole column round, so that the padding comes first. Which steps of sequence b are to be turned?
2. The steps x[:n, b] with n = lengths[b], for each b. Start from a copy of x.
3. y = x.copy(); for b, n in enumerate(lengths): y[:n, b] = x[:n, b][::-1]; return y
"""

# %% task
import numpy as np


def reverse_inside(x, lengths):
    raise NotImplementedError("TODO 11.3: x[::-1] would bring the padding to the front")


# %% solution
def reverse_inside(x, lengths):
    y = x.copy()
    for b, n in enumerate(lengths):
        y[:n, b] = x[:n, b][::-1]
    return y


# %% check
def cases(rng):
    for T, lengths in [(4, [4, 2, 3]), (5, [3, 4]), (3, [1, 0, 3])]:
        x = rng.normal(size=(T, len(lengths), 2))
        for b, n in enumerate(lengths):
            x[n:, b] = 0
        yield x, np.array(lengths)


SLIPS = [
    (1, "The padding comes first now: this is what a net without lengths reads.",
     "    y = x.copy()\n    for b, n in enumerate(lengths):\n        y[:n, b] = x[:n, b][::-1]\n    return y",
     "    return x[::-1].copy()"),
    (1, "The last real step stays at its place.", "y[:n, b] = x[:n, b][::-1]", "y[: n - 1, b] = x[: n - 1, b][::-1]"),
    (1, "These are the last n steps, with the padding among them.", "x[:n, b][::-1]", "x[::-1][:n, b]"),
    (2, "Nothing is turned round.", "x[:n, b][::-1]", "x[:n, b]"),
    (2, "The numbers of each vector are turned round; the steps are meant.", "x[:n, b][::-1]", "x[:n, b][:, ::-1]"),
    (2, "The sequences keep their places in the batch.", "y[:n, b] = x[:n, b][::-1]",
     "y[:n, b] = x[:n, -1 - b][::-1]"),
    (2, "The longest length is not that of all: each sequence has its own.", "enumerate(lengths)",
     "enumerate([max(lengths)] * len(lengths))"),
    (3, "x itself is changed; work on a copy.", "x.copy()", "x"),
    (3, "The padding stays at the end, as zeros; here it is missing.", "return y", "return y[: min(lengths)]"),
]  # fmt: skip
