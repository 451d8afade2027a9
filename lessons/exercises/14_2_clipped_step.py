"""14.2 Find the bug: clipped, and not used

A training step after the slide: the gradients are clipped by their *global* norm (that of all of them together), and
then the others are applied. There is a second mistake in it: gradients that are short already are made longer. Return
the new parameters, a list of arrays: each is the old one minus lr times its clipped gradient. The arrays that come in
stay as they are.

1. Clipping only shortens: the factor is max_norm / global_norm, or 1 where that is above 1.
2. One factor for all arrays, or the direction changes. And the update must use the clipped ones.
3. scale = max_norm / max(global_norm, max_norm), so that nothing is ever divided by 0; then return
   [p - lr * scale * g for p, g in zip(params, grads)]
"""

# %% task
import numpy as np


def clipped_step(params, grads, max_norm, lr):
    # global_norm = np.sqrt(sum(np.sum(g**2) for g in grads))
    # clipped = [g * max_norm / global_norm for g in grads]
    # return [p - lr * g for p, g in zip(params, grads)]
    raise NotImplementedError("TODO 14.2: return the new parameters, a list; mind gradients that are short already")


# %% solution
def clipped_step(params, grads, max_norm, lr):
    global_norm = np.sqrt(sum(np.sum(g**2) for g in grads))
    scale = max_norm / max(global_norm, max_norm)
    clipped = [g * scale for g in grads]
    return [p - lr * g for p, g in zip(params, clipped)]


# %% check
def cases(rng):
    for size, max_norm in [(5.0, 1.0), (0.1, 2.0), (3.0, 5.0), (0.0, 1.0)]:
        shapes = [(2, 3), (4,), (1,)]
        yield ([rng.normal(size=s) for s in shapes], [size * rng.normal(size=s) for s in shapes], max_norm,
               rng.uniform(0.1, 0.9))


SLIPS = [
    (2, "That is the slide's bug: clipped is computed, and the unclipped gradients are applied.",
     "zip(params, clipped)", "zip(params, grads)"),
    (1, "Short gradients are made longer: clipping only ever shortens.", "max(global_norm, max_norm)",
     "(global_norm + 1e-12)"),
    (1, "The wrong way round: short ones are scaled and long ones left alone.", "max(global_norm, max_norm)",
     "min(global_norm, max_norm)"),
    (2, "Each array by its own norm: the direction of the whole changes. One factor for all.",
     "clipped = [g * scale for g in grads]",
     "clipped = [g * max_norm / max(np.sqrt(np.sum(g**2)), max_norm) for g in grads]"),
    (2, "That clips element by element, and so changes the direction.", "[g * scale for g in grads]",
     "[np.clip(g, -max_norm, max_norm) for g in grads]"),
    (2, "Gradients longer than the threshold are scaled to length 1, not to max_norm.",
     "scale = max_norm / max(global_norm, max_norm)", "scale = 1 / max(global_norm, 1)"),
    (3, "The global norm is the root of the sum of all squares; the root is missing.",
     "np.sqrt(sum(np.sum(g**2) for g in grads))", "sum(np.sum(g**2) for g in grads)"),
    (3, "The norms of the arrays are not added: add their squares, then take the root.",
     "np.sqrt(sum(np.sum(g**2) for g in grads))", "sum(np.sqrt(np.sum(g**2)) for g in grads)"),
    (3, "Down the hill: subtract.", "p - lr * g", "p + lr * g"),
    (3, "The learning rate is forgotten.", "p - lr * g", "p - g"),
    (3, "The step is clipped, not the gradient: max_norm is for the gradient, before lr.",
     "max(global_norm, max_norm)", "max(lr * global_norm, max_norm)"),
    (3, "The parameters that came in are changed; return new ones.",
     "    return [p - lr * g for p, g in zip(params, clipped)]",
     "    for p, g in zip(params, clipped):\n        p -= lr * g\n    return params"),
]  # fmt: skip
