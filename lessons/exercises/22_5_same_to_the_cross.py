"""22.5 Make it fail: two images that look alike to the cross

image (H, W) has numbers between 0 and 1. Four sweeps side by side say at (i, j) what they have read in row i and in
column j. Build another image, of the same size and with numbers between 0 and 1, of which they say exactly the same at
(i, j), although *every* pixel that may differ does, by at least 0.1. (Four sweeps one after the other would notice.) Do
not change the image that you are given.

1. Which pixels does the place not see? Those may be anything.
2. Start with a copy in which every pixel is another one, and then put row i and column j back.
3. other = np.where(image < 0.5, image + 0.3, image - 0.3); other[i] = image[i]; other[:, j] = image[:, j];
   return other
"""

# %% task
import numpy as np


def same_to_the_cross(image, i, j):
    raise NotImplementedError("TODO 22.5: another image; all pixels that may differ do")


# %% solution
def same_to_the_cross(image, i, j):
    other = np.where(image < 0.5, image + 0.3, image - 0.3)
    other[i] = image[i]
    other[:, j] = image[:, j]
    return other


# %% check
def cases(rng):
    for high, wide in [(4, 4), (3, 6), (5, 3)]:
        yield rng.uniform(size=(high, wide)), int(rng.integers(0, high)), int(rng.integers(1, wide))


def judge(result, image, i, j):
    result = np.asarray(result, dtype=float)
    if result.shape != image.shape:
        return f"the image has the shape {result.shape}, it should be {image.shape}"
    if not (np.isfinite(result).all() and result.min() >= 0 and result.max() <= 1):
        return 3, "its numbers must lie between 0 and 1"
    seen = np.zeros(image.shape, dtype=bool)
    seen[i], seen[:, j] = True, True
    if (result[seen] != image[seen]).any():
        return 1, f"the sweeps notice: {int((result[seen] != image[seen]).sum())} pixels of the cross are others"
    if (abs(result - image)[~seen] < 0.1).any():
        return 2, f"{int((abs(result - image)[~seen] < 0.1).sum())} pixels that nobody sees could differ, and do not"
    return None


SLIPS = [
    (1, "Row i is read, too, by the sweeps to the right and to the left.", "other[i] = image[i]", "pass"),
    (1, "Column j is read, too, by the sweeps down and up.", "other[:, j] = image[:, j]", "pass"),
    (1, "Only the pixel itself was kept; the whole row and the whole column are read.",
     "    other[i] = image[i]\n    other[:, j] = image[:, j]", "    other[i, j] = image[i, j]"),
    (1, "A 3 x 3 window was kept. The sweeps read further than that.",
     "    other[i] = image[i]\n    other[:, j] = image[:, j]",
     "    near = np.s_[max(i - 1, 0) : i + 2, max(j - 1, 0) : j + 2]\n    other[near] = image[near]"),
    (2, "The image is the same everywhere.", "np.where(image < 0.5, image + 0.3, image - 0.3)", "image.copy()"),
    (2, "Only the pixels below the cross differ.", "other[i] = image[i]", "other[: i + 1] = image[: i + 1]"),
    (3, "Some numbers are now above 1.", "np.where(image < 0.5, image + 0.3, image - 0.3)", "image + 1.3"),
    (2, "Too small a difference: at least 0.1.", "np.where(image < 0.5, image + 0.3, image - 0.3)",
     "np.where(image < 0.5, image + 0.01, image - 0.01)"),
    (2, "Rounding moves no pixel by 0.1, and leaves some where they are.",
     "np.where(image < 0.5, image + 0.3, image - 0.3)", "np.round(image, 1)"),
]  # fmt: skip
