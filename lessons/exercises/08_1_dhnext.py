"""08.1 The line that was lost

The state h_t is used twice: by its own output, y_t = Why @ h_t + by, and by the next state. You get dy = dL/dy_t (V,)
and dhnext (H,), which is what the next step hands back to h_t. Return dL/dh_t (H,).

1. What lesson 02 says of a value with two uses: the gradients that come back from both are added. Which two are these?
2. y = Why @ h, so what comes back from the output is Why, turned over, times dy. The other one is there already:
   dhnext.
3. return Why.T @ dy + dhnext"""

# %% task
import numpy as np


def state_gradient(Why, dy, dhnext):
    raise NotImplementedError("TODO 08.1: return dL/dh_t, from its own output and from the later steps")


# %% solution
def state_gradient(Why, dy, dhnext):
    return Why.T @ dy + dhnext


# %% check
def cases(rng):
    for V, H in [(5, 3), (4, 4), (3, 6)]:
        yield rng.normal(size=(V, H)), rng.normal(size=V), rng.normal(size=H)


SLIPS = [
    (1, "What the later steps have to say, dhnext, is lost: this is the bug of the slide.", " + dhnext", ""),
    (1, "Its own output is forgotten: only the later steps teach this state.", "Why.T @ dy + dhnext", "dhnext"),
    (1, "The gradients of two uses are added, and you subtract.", "+ dhnext", "- dhnext"),
    (1, "The gradients of two uses are added, and you multiply.", "+ dhnext", "* dhnext"),
    (1, "A sum, not a mean: each use counts in full.", "Why.T @ dy + dhnext", "(Why.T @ dy + dhnext) / 2"),
    (2, "Why is not turned over.", "Why.T @ dy", "Why @ dy"),
    (2, "dhnext went through the next step's weights already; it does not go through Why.", "Why.T @ dy + dhnext",
     "Why.T @ dy + Why.T @ (Why @ dhnext)"),
    (2, "The slope of tanh comes later, on the way to draw: dL/dh_t is what arrives before it.", "Why.T @ dy + dhnext",
     "(1 - dhnext**2) * (Why.T @ dy + dhnext)"),
]  # fmt: skip
