"""21.2 Find the bug: the stack that nobody runs

The slide puts its cells into rnn_cells, and the next line runs `cell`. Here is the same program: cells is a list with
one function for each level, bottom first, and hs the list of their first states; cells[i](x, h) gives the new state of
level i. xs is the list of inputs. But only cells[0] ever runs:

    tops, h = [], hs[0]
    for x in xs:
        h = cells[0](x, h)
        tops.append(h)
    return tops

Run all levels: each reads what the one below has computed at the same step. Return the states of the top level, one for
each input. Leave the list hs as it was.

1. How many states are there at a time? The program above has one, h. What does level 1 read in place of x?
2. Keep a list of states, a copy of hs. At each step go up through the levels: the new state of a level is the input of
   the next one.
3. hs = list(hs); for x in xs: for i, cell in enumerate(cells): hs[i] = x = cell(x, hs[i]); then tops.append(x)
"""


# %% task
def run_stack(cells, xs, hs):
    # tops, h = [], hs[0]
    # for x in xs:
    #     h = cells[0](x, h)
    #     tops.append(h)
    raise NotImplementedError("TODO 21.2: each level reads what the one below has just computed")


# %% solution
def run_stack(cells, xs, hs):
    tops, hs = [], list(hs)
    for x in xs:
        for i, cell in enumerate(cells):
            hs[i] = cell(x, hs[i])
            x = hs[i]
        tops.append(hs[-1])
    return tops


# %% check
import numpy as np


def cases(rng):
    for levels, steps in ((2, 3), (3, 4), (2, 1), (1, 3)):
        weights = rng.normal(size=(levels, 2, 2, 2))
        yield (
            [lambda x, h, W=W, U=U: np.tanh(W @ x + U @ h) for W, U in weights],
            [rng.normal(size=2) for _ in range(steps)],
            [rng.normal(size=2) for _ in range(levels)],
        )


SLIPS = [
    (1, "That is the slide's program: the lowest level alone.", "enumerate(cells)", "enumerate(cells[:1])"),
    (1, "The states of the lowest level; the top is asked for.", "tops.append(hs[-1])", "tops.append(hs[0])"),
    (1, "Every level reads the input x; a level reads what the one below has computed.",
     "            x = hs[i]\n", ""),
    (2, "A level reads what the one below had computed a step AGO.",
     "            hs[i] = cell(x, hs[i])\n            x = hs[i]",
     "            old = hs[i]\n            hs[i] = cell(x, old)\n            x = old"),
    (1, "[cell] * count, by hand: the lowest cell runs on every level.", "cell(x, hs[i])", "cells[0](x, hs[i])"),
    (2, "All levels read and write one state; each has its own.",
     "            hs[i] = cell(x, hs[i])\n            x = hs[i]",
     "            hs[-1] = cell(x, hs[-1])\n            x = hs[-1]"),
    (2, "The states are not carried on: each step begins at the first ones.", "    for x in xs:\n",
     "    first = hs\n    for x in xs:\n        hs = list(first)\n"),
    (2, "All one step late: the top state AFTER each input is wanted.",
     "tops.append(hs[-1])\n    return tops", "tops.append(hs[-1])\n    return [tops[0], *tops[:-1]]"),
    (3, "One state for each input is wanted, not the last one alone.", "return tops", "return tops[-1]"),
    (3, "The return stands inside the loop: one step is made.", "        tops.append(hs[-1])\n    return tops",
     "        tops.append(hs[-1])\n        return tops"),
]  # fmt: skip
