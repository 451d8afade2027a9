"""17.5 Make it fail: "reset gate close to 0: new state has more relevance"

So says a slide. Show that it need not be so. Given the state h and the candidate's parts, choose the gates r and z,
both (H,) with numbers from 0 to 1, such that the reset gate is 0 everywhere and still NOTHING of the old state is lost:
h' = (1 - z) n + z h equals h. Here n = tanh(from_x + r * from_h). Return r, z.

1. What does r change? And what decides how much of n comes into h'?
2. r only hides the old state from the candidate n. Choose z so that n does not come in at all.
3. return np.zeros(len(h)), np.ones(len(h))
"""


# %% task
import numpy as np


def gates(h, from_x, from_h):
    raise NotImplementedError("TODO 17.5: r is 0 everywhere; which z keeps all of h?")


# %% solution
def gates(h, from_x, from_h):
    r = np.zeros(len(h))
    z = np.ones(len(h))
    return r, z


# %% check
def cases(rng):
    for units in (1, 3, 5):
        yield tuple(rng.uniform(0.2, 0.9, (3, units)) * rng.choice([-1, 1], (3, units)))


def judge(result, h, from_x, from_h):
    if not isinstance(result, tuple) or len(result) != 2:
        return 3, "Return two arrays, r and z, with a comma between them."
    r, z = (np.asarray(gate, dtype=float) for gate in result)
    if r.shape != h.shape or z.shape != h.shape:
        return 3, f"Each gate has a number for each unit, {h.shape}; yours are {r.shape} and {z.shape}."
    if not (np.all((r >= 0) & (r <= 1)) and np.all((z >= 0) & (z <= 1))):
        return 1, "A gate is a sigmoid, a number from 0 to 1."
    if np.any(r != 0):
        return 1, "The reset gate is to be 0 everywhere."
    new = (1 - z) * np.tanh(from_x + r * from_h) + z * h
    if np.abs(new - h).max() > 1e-9:
        return 2, f"h' is {new.round(3).tolist()}, and h was {h.round(3).tolist()}: something was lost."
    return None


SLIPS = [
    (2, "z = 0 is the opposite: all of h is replaced by n.", "np.ones(len(h))", "np.zeros(len(h))"),
    (2, "Half of the old state is lost; z may be larger.", "np.ones(len(h))", "np.full(len(h), 0.5)"),
    (2, "Close, but one percent is lost at each step; after a hundred steps that is much.", "np.ones(len(h))",
     "np.full(len(h), 0.99)"),
    (1, "r = 1 lets the candidate see all of h; asked is r = 0.", "np.zeros(len(h))", "np.ones(len(h))"),
    (3, "The gates are in the wrong order: first r, then z.", "return r, z", "return z, r"),
    (3, "Both gates are asked for.", "return r, z", "return z"),
    (3, "One number for each unit.", "z = np.ones(len(h))", "z = 1.0"),
    (1, "That z would add more than there was; a gate is at most 1.", "np.ones(len(h))", "np.full(len(h), 1.5)"),
    (1, "r = 0.5 hides half of the state only.", "np.zeros(len(h))", "np.full(len(h), 0.5)"),
]  # fmt: skip
