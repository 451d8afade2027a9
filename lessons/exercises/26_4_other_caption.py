"""26.4 Make it fail: the same patches, another caption

A net with attention to 4 x 4 patches of 4 x 4 pixels, without places: what it sees is a heap of patches. The image
(3, 16, 16) has a red thing in its upper half (rows 0 to 7) and a blue one in its lower half. Return another image with
the same sixteen patches in another order, in which the *blue* one is above the red one. Leave the image as it is.

1. The patches may change places, and they may not change inside. Which of them have to go down?
2. Move whole rows of patches: the rows 0 to 7 of pixels below the rows 8 to 15.
3. return np.roll(image, 8, axis=1), or np.concatenate([image[:, 8:], image[:, :8]], axis=1)
"""

# %% task
import numpy as np


def other_caption(image):
    raise NotImplementedError("TODO 26.4: another picture (3, 16, 16) that a net without places cannot tell from it")


# %% solution
def other_caption(image):
    return np.roll(image, 8, axis=1)


# %% check
def cases(rng):
    for _ in range(3):
        image = np.zeros((3, 16, 16))
        for channel, top in [(0, 1), (2, 9)]:
            row, column = top + int(rng.integers(0, 2)), int(rng.integers(0, 12))
            image[channel, row : row + 5, column : column + 4] = rng.random((5, 4)) < 0.8
            image[channel, row + 2, column] = 1
        yield (image,)


def heap(image):
    """The patches, sorted: what is left when their places are forgotten."""
    return sorted(map(tuple, image.reshape(3, 4, 4, 4, 4).transpose(1, 3, 0, 2, 4).reshape(16, 48).tolist()))


def judge(result, image):
    other = np.asarray(result, float)
    if other.shape != image.shape:
        return 1, f"your image has the shape {other.shape}, it should be {image.shape}"
    if heap(other) != heap(image):
        return 2, "Those are not the same sixteen patches: what is inside one must stay as it is."
    red, blue = (np.flatnonzero(other[channel].any(axis=1)) for channel in (0, 2))
    if blue.max() >= red.min():
        return 1, "The red thing is not below the blue one yet."
    return None


SLIPS = [
    (1, "That is the same image.", "np.roll(image, 8, axis=1)", "image.copy()"),
    (1, "Left and right are exchanged; red is still above.", "np.roll(image, 8, axis=1)", "np.roll(image, 8, axis=2)"),
    (1, "One row of patches is not enough.", "np.roll(image, 8, axis=1)", "np.roll(image, 4, axis=1)"),
    (2, "Turned round, the patches are upside down inside.", "np.roll(image, 8, axis=1)", "image[:, ::-1].copy()"),
    (2, "By 7 rows the shapes are cut at other places.", "np.roll(image, 8, axis=1)", "np.roll(image, 7, axis=1)"),
    (2, "That exchanges the colours inside the patches.", "np.roll(image, 8, axis=1)", "image[::-1].copy()"),
    (2, "That exchanges rows and columns inside the patches, too.", "np.roll(image, 8, axis=1)",
     "image.transpose(0, 2, 1).copy()"),
]  # fmt: skip
