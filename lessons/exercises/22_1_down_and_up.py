"""22.1 Two sweeps along the columns

image is an array (H, W), one number for each pixel. step(row, state) does one step of *all* columns at once: row (W,)
are their pixels, state (W,) is what they remember, and it returns the new state (W,). Both sweeps use this step and
begin with the same `state`; one goes down the image and the other one up. Return an array (H, W, 2): at each place the
state of the sweep down, and that of the sweep up, after each has read the pixel itself. Do not change the arguments.

1. Two loops over the rows; the second one takes them from the last to the first.
2. The states of the second loop come from bottom to top. Turn their list round before you put it beside the first.
3. downs, ups, up = [], [], state; for row in image: state = step(row, state); downs.append(state); then the same for
   row in image[::-1] with up and ups; return np.stack([downs, ups[::-1]], axis=-1)
"""

# %% task
import numpy as np


def down_and_up(image, step, state):
    raise NotImplementedError("TODO 22.1: an array (H, W, 2): the states of the sweep down, and of the sweep up")


# %% solution
def down_and_up(image, step, state):
    downs, ups = [], []
    down = up = state
    for row in image:
        down = step(row, down)
        downs.append(down)
    for row in image[::-1]:
        up = step(row, up)
        ups.append(up)
    return np.stack([downs, ups[::-1]], axis=-1)


# %% check
def cases(rng):
    for high, wide in [(3, 4), (4, 4), (1, 2)]:
        a, b = rng.normal(size=2)
        yield (
            rng.normal(size=(high, wide)),
            lambda row, state, a=a, b=b: np.tanh(a * row + b * state + 0.3),
            rng.normal(size=wide),
        )


SLIPS = [
    (1, "Both sweeps go down.", "image[::-1]", "image"),
    (2, "The sweep up ended in the first row; its states stand in the order in which they came, bottom to top.",
     "ups[::-1]", "ups"),
    (1, "The sweep up goes on where the one down has ended; both begin with `state`.", "    for row in image[::-1]:",
     "    up = down\n    for row in image[::-1]:"),
    (1, "These sweeps go along the rows, to the right and to the left.", "down = up = state",
     "down = up = state\n    image = image.T if image.shape[0] == image.shape[1] else image"),
    (2, "A place has the states from *before* its pixel; they come after the pixel has been read.",
     "        down = step(row, down)\n        downs.append(down)",
     "        downs.append(down)\n        down = step(row, down)"),
    (3, "Each step needs the state of the step before; here every step begins at `state`.",
     "down = step(row, down)", "down = step(row, state)"),
    (3, "The sweep up comes last, the one down first.", "[downs, ups[::-1]]", "[ups[::-1], downs]"),
    (3, "The shape is (H, W, 2): join along a new last axis.", "axis=-1", "axis=0"),
    (3, "They are put side by side, not added.", "np.stack([downs, ups[::-1]], axis=-1)",
     "np.array(downs) + np.array(ups[::-1])"),
]  # fmt: skip
