"""22.3 Find the bug: the net that hears the future

image (H, W) has whole numbers 0 .. levels - 1. A pixel RNN reads it row by row, and at each pixel it hears two others:
the one *before* it in the line (for the first of a row that is the last of the row above), and the one *above* it.
Where there is none it hears the number `levels`. Somebody wrote

    before = image.reshape(-1)
    above = np.roll(before, image.shape[1])

and the loss was nearly 0 at once. Return an array (2, H * W): what is heard before, and above, at each step. Do not
change image.

1. What is heard *before* a pixel must not be the pixel itself. And what falls off the end of np.roll comes in again at
   the start: the first row hears the last.
2. Begin with an array full of `levels`; then shift the line by one place for the first row of it, and by the width of
   the image for the second.
3. line = image.reshape(-1); out = np.full((2, line.size), levels); out[0, 1:] = line[:-1];
   out[1, wide:] = line[:-wide], where wide = image.shape[1]; return out
"""

# %% task
import numpy as np


def heard(image, levels):
    raise NotImplementedError("TODO 22.3: the pixel before each in the line, and the pixel above it")


# %% solution
def heard(image, levels):
    line, wide = image.reshape(-1), image.shape[1]
    out = np.full((2, line.size), levels)
    out[0, 1:] = line[:-1]
    out[1, wide:] = line[:-wide]
    return out


# %% check
def cases(rng):
    for high, wide in [(2, 3), (4, 3), (3, 5)]:
        yield rng.permutation(high * wide).reshape(high, wide), high * wide


SLIPS = [
    (1, "This is the bug: at each step the net hears the pixel that it is to foretell.", "out[0, 1:] = line[:-1]",
     "out[0] = line"),
    (1, "The net hears the pixel *after* each.", "out[0, 1:] = line[:-1]", "out[0, :-1] = line[1:]"),
    (1, "The first row has nothing above it; here it hears the last row, which is the future.",
     "out[1, wide:] = line[:-wide]", "out[1] = np.roll(line, wide)"),
    (1, "The first pixel has nothing before it; here it hears the last one.", "out[0, 1:] = line[:-1]",
     "out[0] = np.roll(line, 1)"),
    (2, "A row is as long as the image is wide, not high.", "image.shape[1]", "image.shape[0]"),
    (2, "The net hears the pixel *below* each: the future.", "out[1, wide:] = line[:-wide]",
     "out[1, :-wide] = line[wide:]"),
    (2, "Where there is no pixel it hears `levels`; 0 is a pixel.", "np.full((2, line.size), levels)",
     "np.zeros((2, line.size), int)"),
    (2, "The line goes row by row.", "line, wide = image.reshape(-1)", "line, wide = image.T.reshape(-1)"),
    (3, "First what is before, then what is above.", "return out", "return out[::-1]"),
    (2, "In the line, the pixel before the first of a row is the last of the row above.", "    return out",
     "    out[0, ::wide] = levels\n    return out"),
]  # fmt: skip
