"""20.1 Both ways, by hand

xs is a list of inputs. step(x, state) gives the new state of the net that reads forwards, back(x, state) that of the
one that reads backwards; h and g are the states with which they begin, h before the first input and g after the last.
Return a list with one pair (h_t, g_t) for each input, in the order of xs. Nothing here is batched: a state is an array
(H,) or a number. Do not change xs.

1. Two loops. The second one runs over the inputs from the last to the first.
2. What the second loop gives comes in the order last to first; the pairs are wanted from first to last.
3. hs, gs = [], []; for x in xs: h = step(x, h); hs.append(h); for x in reversed(xs): g = back(x, g); gs.append(g);
   return list(zip(hs, reversed(gs)))
"""


# %% task
def both_ways(xs, step, back, h, g):
    raise NotImplementedError("TODO 20.1: for each step (h_t, g_t), where g_t has read xs[t] and all that follow")


# %% solution
def both_ways(xs, step, back, h, g):
    hs, gs = [], []
    for x in xs:
        h = step(x, h)
        hs.append(h)
    for x in xs[::-1]:
        g = back(x, g)
        gs.append(g)
    return list(zip(hs, gs[::-1]))


# %% check
import numpy as np


def cases(rng):
    for T in (4, 3, 1):
        W, U, V, S = rng.normal(size=(4, 2, 2))
        yield (
            [rng.normal(size=2) for _ in range(T)],
            lambda x, state, W=W, U=U: np.tanh(W @ x + U @ state),
            lambda x, state, V=V, S=S: np.tanh(V @ x + S @ state),
            rng.normal(size=2),
            rng.normal(size=2),
        )


SLIPS = [
    (1, "Both loops read forwards: g_t has read the past, too.", "xs[::-1]", "xs"),
    (2, "The last state of the backward net stands at the first input here, and so on: turn its list round.",
     "gs[::-1]", "gs"),
    (2, "The pairs come from last to first.", "list(zip(hs, gs[::-1]))", "list(zip(hs, gs[::-1]))[::-1]"),
    (1, "Both ways use the same weights: the second loop calls back.", "back(x, g)", "step(x, g)"),
    (1, "The backward net begins at g, not where the forward one has ended.", "for x in xs[::-1]:",
     "g = h\n    for x in xs[::-1]:"),
    (2, "The pair at step t has the states after input t; these are those from before it.",
     "        h = step(x, h)\n        hs.append(h)", "        hs.append(h)\n        h = step(x, h)"),
    (2, "g_t must have read xs[t] itself, too; here it has read only what comes after it.",
     "        g = back(x, g)\n        gs.append(g)", "        gs.append(g)\n        g = back(x, g)"),
    (3, "Each step needs the state of the step before; here every step begins at h.",
     "h = step(x, h)\n        hs.append(h)", "hs.append(step(x, h))"),
    (1, "Nobody reads backwards here: g_t knows the past, as h_t does.",
     "for x in xs[::-1]:\n        g = back(x, g)\n        gs.append(g)\n    return list(zip(hs, gs[::-1]))",
     "for x in xs:\n        g = back(x, g)\n        gs.append(g)\n    return list(zip(hs, gs))"),
    (3, "A pair (h_t, g_t), in this order.", "zip(hs, gs[::-1])", "zip(gs[::-1], hs)"),
]  # fmt: skip
