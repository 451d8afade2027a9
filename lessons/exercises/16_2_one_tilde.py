"""16.2 Find the bug: one tilde too many

A slide writes c_t = f_t c~_{t-1} + i_t c~_t, where c~ is the candidate, our g. The program below does what it says. i,
f, g (T, H) are the gates and candidates of all steps, c0 (H,) the first cell. Return the cells of all steps, (T, H),
as they should be.

1. Print the cells for f = 1 and i = 0 everywhere. An LSTM would hold c0 in all of them.
2. What is handed on to the next step? On the slide it is the candidate, g[t]. It should be the cell.
3. last = f[t] * last + i[t] * g[t] in the loop, and c.append(last)
"""

# %% task
import numpy as np


def cells(i, f, g, c0):
    c, last = [], c0
    for t in range(len(g)):
        c.append(f[t] * last + i[t] * g[t])
        last = g[t]
    raise NotImplementedError("TODO 16.2: return np.array(c), after the repair")


# %% solution
def cells(i, f, g, c0):
    c, last = [], c0
    for t in range(len(g)):
        c.append(f[t] * last + i[t] * g[t])
        last = c[-1]
    return np.array(c)


# %% check
def cases(rng):
    for T, H in [(4, 2), (6, 3)]:
        i, f = rng.random((2, T, H))
        yield i, f, np.tanh(rng.normal(size=(T, H))), rng.normal(size=H)
    yield np.zeros((3, 2)), np.ones((3, 2)), np.tanh(rng.normal(size=(3, 2))), rng.normal(size=2)


SLIPS = [
    (2, "That is the slide: what is handed on is the candidate.", "last = c[-1]", "last = g[t]"),
    (2, "What is handed on must be the whole new cell, not what came in at this step.", "last = c[-1]",
     "last = i[t] * g[t]"),
    (2, "What is handed on must be the whole new cell, not what was kept.", "last = c[-1]", "last = f[t] * last"),
    (2, "Nothing is handed on: every step begins with c0.", "last = c[-1]", "last = c0"),
    (2, "What is handed on is the cell; its tanh is for h alone.", "last = c[-1]", "last = np.tanh(c[-1])"),
    (2, "You hand on the first cell for ever.", "last = c[-1]", "last = c[0]"),
    (1, "f keeps; you keep 1 - f.", "f[t] * last", "(1 - f[t]) * last"),
    (1, "f belongs to the old cell, i to the candidate.", "f[t] * last + i[t] * g[t]", "i[t] * last + f[t] * g[t]"),
    (1, "The forget gate is lost.", "f[t] * last", "last"),
    (3, "The cells of ALL steps.", "np.array(c)", "c[-1]"),
]  # fmt: skip
