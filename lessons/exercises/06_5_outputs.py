"""06.5 Find the bug: o_t = c + V h_{t-1}

A slide reads each output from the state *before* this step's input. Return the outputs of all steps as they should be,
o_t = c + V h_t, as an array of shape (T, n_y). `step(x_t, h)` gives the next state, and h0 is the first.

1. An answer at step t should know x_t. When has h heard of x_t: before the call of step, or after it?
2. Two lines stand in the wrong order: first h = step(x_t, h), and then the output from this h.
3. for x_t in x: h = step(x_t, h); o.append(c + V @ h); and after the loop return np.array(o)
"""

# %% task
import numpy as np


def outputs(x, step, h0, V, c):
    h, o = h0, []
    for x_t in x:
        o.append(c + V @ h)
        h = step(x_t, h)
    raise NotImplementedError("TODO 06.5: o_t from h_t; then return them as an array")


# %% solution
def outputs(x, step, h0, V, c):
    h, o = h0, []
    for x_t in x:
        h = step(x_t, h)
        o.append(c + V @ h)
    return np.array(o)


# %% check
def cases(rng):
    for T, n_x, n_h, n_y in [(3, 2, 2, 2), (4, 2, 3, 2), (1, 3, 2, 4)]:
        W, U = rng.normal(size=(n_h, n_h)), rng.normal(size=(n_h, n_x))
        yield (
            rng.normal(size=(T, n_x)),
            lambda x, h, W=W, U=U: np.tanh(W @ h + U @ x),
            rng.normal(size=n_h),
            rng.normal(size=(n_y, n_h)),
            rng.normal(size=n_y),
        )


SLIPS = [
    (1, "This output has not heard of its input: the slip of the slide.",
     "        h = step(x_t, h)\n        o.append(c + V @ h)", "        o.append(c + V @ h)\n        h = step(x_t, h)"),
    (3, "The bias c is missing.", "c + V @ h", "V @ h"),
    (3, "V reads the state, not the input.", "c + V @ h", "c + V @ x_t"),
    (3, "V is turned over.", "V @ h", "V.T @ h"),
    (3, "These are the states; the readout is missing.", "o.append(c + V @ h)", "o.append(h)"),
    (3, "The state is carried from step to step; you start every step from h0.", "step(x_t, h)", "step(x_t, h0)"),
    (3, "The output has no tanh: that is inside step.", "c + V @ h", "np.tanh(c + V @ h)"),
    (3, "All outputs are asked for, not the last one.", "np.array(o)", "o[-1]"),
    (3, "The step and the reading are both right; the first output is lost at the end.", "np.array(o)",
     "np.array(o[1:])"),
]  # fmt: skip
