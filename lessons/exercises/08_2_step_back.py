"""08.2 Find the bug: one step back

Slips f, h, i and j of the scanned listing: four lines are wrong. x, h, h_before, dh and dy are those of one step, and
dh is dL/dh_t with + dhnext in it already. Add this step's share to the five gradients, in place, and return the dhnext
that the step before is going to get.

1. The bias of the output is by, and it belongs to y. Whose gradient adds to dby? Whose to dbh?
2. The slope of tanh is 1 - h**2, once. draw is what arrives before the tanh, and every gradient of the cell has it.
3. dby += dy; draw = (1 - h**2) * dh; dbh += draw; dWxh += outer(draw, x); dWhh += outer(draw, h_before); Whh.T @ draw
"""

# %% task
import numpy as np


def step_back(x, h, h_before, dh, dy, Whh, dWxh, dWhh, dWhy, dbh, dby):
    dWhy += np.outer(dy, h)
    dWxh += dy
    ddraw = (1 - h**2) * h * dh
    dWhh += ddraw
    dWhh += np.outer(ddraw, x)
    dWhh += np.outer(ddraw, h_before)
    raise NotImplementedError("TODO 08.2: four lines are wrong; then return the dhnext of this step")


# %% solution
def step_back(x, h, h_before, dh, dy, Whh, dWxh, dWhh, dWhy, dbh, dby):
    dWhy += np.outer(dy, h)
    dby += dy
    draw = (1 - h**2) * dh
    dbh += draw
    dWxh += np.outer(draw, x)
    dWhh += np.outer(draw, h_before)
    return Whh.T @ draw


# %% check
def cases(rng):
    for V, H in [(3, 3), (4, 3), (2, 5)]:
        x = np.eye(V)[rng.integers(V)]
        h, h_before = np.tanh(rng.normal(size=(2, H)))
        gradients = [rng.normal(size=size) for size in [(H, V), (H, H), (V, H), H, V]]
        yield x, h, h_before, rng.normal(size=H), rng.normal(size=V), rng.normal(size=(H, H)), *gradients


SLIPS = [
    (1, "Slip f: dy is the gradient of the output's bias, dby.", "dby += dy", "dWxh += dy"),
    (1, "dy belongs to the output; dbh is the bias of the state.", "dby += dy", "dbh += dy"),
    (2, "Slip h: the slope of tanh is 1 - h**2; there is an h too many.", "(1 - h**2) * dh", "(1 - h**2) * h * dh"),
    (2, "The slope of tanh is 1 - h**2: the square is missing.", "1 - h**2", "1 - h"),
    (2, "y (1 - y) is the slope of the sigmoid.", "(1 - h**2) * dh", "h * (1 - h) * dh"),
    (2, "The slope of tanh is missing: draw is what arrives *before* it.", "(1 - h**2) * dh", "1 * dh"),
    (1, "Slip i: the bias of the state gets draw. Broadcasting hides this one.", "dbh += draw", "dWhh += draw"),
    (3, "Slip j: the input was multiplied by Wxh, so its product goes to dWxh.", "dWxh += np.outer(draw, x)",
     "dWhh += np.outer(draw, x)"),
    (3, "Whh was multiplied by the state before this step, h_before.", "np.outer(draw, h_before)", "np.outer(draw, h)"),
    (2, "= makes a new array, which the caller never sees; and it would forget the other steps.",
     "dWhh += np.outer(draw, h_before)", "dWhh = np.outer(draw, h_before)"),
    (3, "Whh is not turned over on the way back.", "Whh.T @ draw", "Whh @ draw"),
    (3, "What goes back went through the tanh: draw, not dh.", "Whh.T @ draw", "Whh.T @ dh"),
    (3, "The share of a weight matrix has a row for each number of draw: outer(draw, x).", "np.outer(draw, x)",
     "np.outer(x, draw)"),
]  # fmt: skip
