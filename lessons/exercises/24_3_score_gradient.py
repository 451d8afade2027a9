"""24.3 The way back to the scores

Forwards: a = softmax(e) (n,), and the context is c = a @ h, the mean of the states h (n, H) with these weights. On the
way back comes g = dL/dc (H,). Return dL/de (n,): how the loss changes with each score. (In this way a net learns where
to look.)

1. First dL/da: c is the sum of a_k h_k, so a_k hears h_k . g. For all k at once: h @ g.
2. Then through the softmax (exercise 02.5): de_k = a_k (da_k - the mean of all da with the weights a). That mean is
   c . g.
3. da = h @ g; return a * (da - a @ da)
"""

# %% task
import numpy as np


def score_gradient(g, a, h):
    raise NotImplementedError("TODO 24.3: return dL/de (n,); when does a position want a larger score?")


# %% solution
def score_gradient(g, a, h):
    da = h @ g
    return a * (da - a @ da)


# %% check
def cases(rng):
    for n, size in [(3, 2), (5, 4), (4, 4), (1, 3)]:
        p = rng.uniform(0.1, 1, n)
        yield rng.normal(size=size), p / p.sum(), rng.normal(size=(n, size))


SLIPS = [
    (1, "That is dL/da, the gradient of the weights; the softmax is still to come.", "return a * (da - a @ da)",
     "return da"),
    (1, "Every weight hears what its own state says: h_k . g, and not the sum over all units of g alone.",
     "da = h @ g", "da = np.full(len(h), g.sum())"),
    (1, "h_k . g, not the sum of h_k: the gradient that comes back is lost.", "da = h @ g", "da = h.sum(axis=1)"),
    (2, "A softmax is no exp: if one weight grows, the others shrink. Subtract the weighted mean of da.",
     "(da - a @ da)", "da"),
    (2, "The mean is weighted by a, and not plain.", "a @ da", "da.mean()"),
    (2, "The sum of all da has no weights in it.", "a @ da", "da.sum()"),
    (2, "The factor a_k is missing: who has no weight hardly matters.", "a * (da - a @ da)", "da - a @ da"),
    (2, "That is the rule of the sigmoid, one number at a time; in a softmax they share.", "a * (da - a @ da)",
     "a * (1 - a) * da"),
    (3, "The sign: a state above the mean makes the loss larger when it gets more weight.", "a * (da - a @ da)",
     "a * (a @ da - da)"),
    (3, "Subtracted too much: first the mean, then times a_k.", "a * (da - a @ da)", "a * da - a @ da"),
]  # fmt: skip
