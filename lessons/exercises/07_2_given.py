"""07.2 What teacher forcing gives

Each step is given the right answer of the step before it; the first step, which has none before it, is given `first`.
d is (T, O), the right answers; first (O,). Return g (T, O): what step t is given. d itself stays as it is.

1. Step 3 answers d[3]. If it were given d[3], what would there be left to learn? So which row of d is it given?
2. The rows of g are: first, d[0], d[1], ... and d[T-1] is given to nobody. It is as long as d.
3. return np.concatenate([first[None], d[:-1]])
"""

# %% task
import numpy as np


def given(d, first):
    raise NotImplementedError("TODO 07.2: each step is given the right answer of the step BEFORE it")


# %% solution
def given(d, first):
    return np.concatenate([first[None], d[:-1]])


# %% check
def cases(rng):
    for T, n_y in [(4, 2), (3, 1), (1, 3)]:
        yield rng.normal(size=(T, n_y)), rng.normal(size=n_y)


SLIPS = [
    (1, "Every step is given its own right answer: it copies, the loss is 0, and nothing is learned.",
     "np.concatenate([first[None], d[:-1]])", "d.copy()"),
    (1, "Every step is given the answer of the step AFTER it, which is the future.",
     "np.concatenate([first[None], d[:-1]])", "np.concatenate([d[1:], first[None]])"),
    (2, "The last right answer is given to nobody; now there is one row too many.", "d[:-1]", "d"),
    (2, "The first step has nothing before it: it is given `first`, and not the last answer of the sequence.",
     "np.concatenate([first[None], d[:-1]])", "np.roll(d, 1, axis=0)"),
    (2, "The first step is given `first`, which need not be zeros.", "first[None]", "np.zeros_like(first)[None]"),
    (2, "`first` is put in the place of d[0], and all others are given their own answer.", "d[:-1]", "d[1:]"),
    (2, "The first step is given `first`, not its own right answer.", "first[None]", "d[:1]"),
    (2, "That is two steps late.", "np.concatenate([first[None], d[:-1]])",
     "np.concatenate([first[None], first[None], d[:-2]])[:len(d)]"),
    (3, "The rows are steps: put one under the other, not side by side.", "d[:-1]])", "d[:-1]]).ravel()"),
]  # fmt: skip
