"""14.1 All the way back

A net without a bias, h_t = tanh(W h_{t-1} + x_t), has run; hs (T, H) are its states, one a row. The loss looks at the
last state only, and g (H,) is its gradient there. Return the lengths of dL/dh_t for all t, the first state first, as an
array (T,). Neither hs nor g changes.

1. Begin with g, whose length is the last number of the answer. One step back goes through tanh, then through W.
2. The slope of tanh at step t is 1 - hs[t]**2, with the state *after* the step; then comes W turned over.
3. lengths = [norm(g)]; for h in hs[:0:-1]: g = W.T @ ((1 - h**2) * g), and lengths.append(norm(g)); return the array
   of lengths[::-1]
"""

# %% task
import numpy as np


def gradient_lengths(W, hs, g):
    raise NotImplementedError("TODO 14.1: return |dL/dh_t| for each row of hs (T, H); g is dL/dh at the last one")


# %% solution
def gradient_lengths(W, hs, g):
    lengths = [np.linalg.norm(g)]
    for h in hs[:0:-1]:  # from the last state to the second one
        g = W.T @ ((1 - h**2) * g)
        lengths.append(np.linalg.norm(g))
    return np.array(lengths[::-1])


# %% check
def cases(rng):
    for T, H, size in [(4, 3, 0.6), (6, 2, 1.0), (1, 3, 1.0), (5, 4, 1.5)]:
        W, hs = rng.normal(size=(H, H)) * size / np.sqrt(H), [rng.normal(size=H)]
        for x in rng.normal(size=(T, H)):
            hs.append(np.tanh(W @ hs[-1] + x))
        yield W, np.array(hs[1:]), rng.normal(size=H)


SLIPS = [
    (2, "W is not turned over: one step forward is W h, one step back is W.T g.", "W.T @", "W @"),
    (2, "The slope of tanh is left out: that is a net without an activation.", "(1 - h**2) * g", "g"),
    (2, "First back through tanh, then through W: the slope is multiplied before W.T.", "W.T @ ((1 - h**2) * g)",
     "(1 - h**2) * (W.T @ g)"),
    (2, "That is the slope of the logistic function; the one of tanh is 1 - h**2.", "(1 - h**2)", "(h * (1 - h))"),
    (2, "h is the tanh already; you take the tanh of it once more.", "(1 - h**2)", "(1 - np.tanh(h) ** 2)"),
    (2, "The slope of tanh has a square in it.", "(1 - h**2)", "(1 - h)"),
    (2, "The way from h_t to h_{t-1} goes through step t: its slope needs the state h_t, not the one before.",
     "hs[:0:-1]", "hs[-2::-1]"),
    (3, "One step too many: that is the gradient of h_0 in front of the first state.", "hs[:0:-1]", "hs[::-1]"),
    (3, "You walk forwards; the way back begins at the last state.", "hs[:0:-1]", "hs[1:]"),
    (3, "The first state comes first: turn the list round.", "lengths[::-1]", "lengths"),
    (1, "The last number of the answer, the length of g itself, is missing.", "lengths = [np.linalg.norm(g)]",
     "lengths = []"),
    (1, "The length is the root of the sum of squares; you sum the sizes.", "        lengths.append(np.linalg.norm(g))",
     "        lengths.append(np.abs(g).sum())"),
    (1, "That is the largest element, not the length.", "        lengths.append(np.linalg.norm(g))",
     "        lengths.append(np.abs(g).max())"),
]  # fmt: skip
