"""15.3 Find the bug: the slide's regulariser

g (T, H): row t is the gradient that arrives at h_t, g[-1] that of the last state. The slide wants the gradient to be
the same VECTOR at all steps, sum |g_t - g_{t+1}|^2 / |g_{t+1}|^2, and punishes a net that only turns its state. Repair
it (Pascanu, Mikolov and Bengio, 2013): sum over t of (|g_t| / |g_{t+1}| - 1)^2, where |g| is the length of a row.

1. A turned vector has the same length. What has to be compared instead of the vectors?
2. lengths = np.linalg.norm(g, axis=1), one for each step. Divide the earlier by the later: lengths[:-1] / lengths[1:].
3. return np.sum((lengths[:-1] / lengths[1:] - 1) ** 2)
"""

# %% task
import numpy as np


def omega(g):
    raise NotImplementedError("TODO 15.3: repair sum(np.sum((a - b) ** 2) / np.sum(b**2) for a, b in zip(g, g[1:]))")


# %% solution
def omega(g):
    lengths = np.linalg.norm(g, axis=1)
    ratios = lengths[:-1] / lengths[1:]
    return np.sum((ratios - 1) ** 2)


# %% check
def cases(rng):
    turn = np.array([[0.0, -1], [1, 0]])
    yield (np.stack([np.linalg.matrix_power(turn, t) @ [3.0, 4.0] for t in range(5)]),)
    for shape in ((6, 3), (4, 5)):
        yield (rng.normal(size=shape),)
    yield (np.outer([1.0, 2, 4, 8], rng.normal(size=3)),)


SLIPS = [
    (1, "These are vectors still: a turn is punished.", "np.sum((ratios - 1) ** 2)",
     "sum(np.sum((a - b) ** 2) / np.sum(b**2) for a, b in zip(g, g[1:]))"),
    (1, "The ratio of each unit by itself is still a comparison of vectors.", "np.sum((ratios - 1) ** 2)",
     "np.sum((np.abs(g[:-1]) / np.abs(g[1:]) - 1) ** 2)"),
    (2, "The earlier step, to which the gradient goes, is divided by the later one, from which it comes.",
     "lengths[:-1] / lengths[1:]", "lengths[1:] / lengths[:-1]"),
    (2, "A length is a root: you compare squared lengths.", "np.linalg.norm(g, axis=1)", "np.sum(g**2, axis=1)"),
    (2, "One length for each step, the row: axis=1.", "np.linalg.norm(g, axis=1)", "np.linalg.norm(g, axis=0)"),
    (2, "The length is the root of the sum of squares; you added absolute values.", "np.linalg.norm(g, axis=1)",
     "np.sum(np.abs(g), axis=1)"),
    (2, "The lengths alone, not how they change, are compared with 1.", "ratios - 1", "lengths - 1"),
    (2, "A difference of lengths depends on the size of the loss; a ratio does not.", "ratios - 1",
     "lengths[:-1] - lengths[1:]"),
    (3, "1 is what the ratio should be; it is not subtracted.", "ratios - 1", "ratios"),
    (3, "The square is missing: what grows makes up for what vanishes.", "(ratios - 1) ** 2", "ratios - 1"),
    (3, "A sum over the steps, not a mean.", "np.sum((ratios", "np.mean((ratios"),
    (3, "Squared, not the absolute value.", "(ratios - 1) ** 2", "np.abs(ratios - 1)"),
    (3, "Ratios of neighbours: each step with the next one, not with the last one.", "lengths[:-1] / lengths[1:]",
     "lengths[:-1] / lengths[-1]"),
]  # fmt: skip
