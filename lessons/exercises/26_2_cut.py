"""26.2 Find the bug: patches

Attention is to look at n x n patches of an image (C, n * p, n * p), channel first. Return them as rows, (n * n, C * p *
p): the patches line by line, from the upper left, and each as image[:, its rows, its columns] flattened. Somebody
writes `image.reshape(n * n, -1)`. No error, the right shape, and the net even learns a little. What is in such a row?

1. Take an image of one channel, 4 x 4, numbered 0 to 15, and n = 2. What should the first row be, and what is it?
2. Split both axes first: reshape to (C, n, p, n, p). Then bring both n to the front, and only then flatten.
3. p = image.shape[1] // n; image.reshape(-1, n, p, n, p).transpose(1, 3, 0, 2, 4).reshape(n * n, -1)
"""

# %% task
import numpy as np


def cut(image, n):
    raise NotImplementedError("TODO 26.2: image.reshape(n * n, -1) mixes up what belongs together")


# %% solution
def cut(image, n):
    p = image.shape[1] // n
    return image.reshape(-1, n, p, n, p).transpose(1, 3, 0, 2, 4).reshape(n * n, -1)


# %% check
def cases(rng):
    yield np.arange(16.0).reshape(1, 4, 4), 2
    yield rng.normal(size=(3, 8, 8)), 4
    yield rng.normal(size=(2, 9, 9)), 3
    yield rng.normal(size=(3, 6, 6)), 2


SLIPS = [
    (1, "Such a row is whole lines of the image, from edge to edge, and no patch.",
     "image.reshape(-1, n, p, n, p).transpose(1, 3, 0, 2, 4).reshape(n * n, -1)", "image.reshape(n * n, -1)"),
    (1, "Now each row has one channel of the image only, cut into lines.",
     "image.reshape(-1, n, p, n, p).transpose(1, 3, 0, 2, 4).reshape(n * n, -1)",
     "image.transpose(1, 0, 2).reshape(n * n, -1)"),
    (2, "The patches come column by column.", "(1, 3, 0, 2, 4)", "(3, 1, 0, 2, 4)"),
    (2, "Inside each patch rows and columns are exchanged.", "(1, 3, 0, 2, 4)", "(1, 3, 0, 4, 2)"),
    (2, "Inside each patch the channel comes first, as in the image.", "(1, 3, 0, 2, 4)", "(1, 3, 2, 4, 0)"),
    (2, "These rows take every n-th pixel: they are thinned images, not patches.",
     "reshape(-1, n, p, n, p).transpose(1, 3, 0, 2, 4)", "reshape(-1, p, n, p, n).transpose(2, 4, 0, 1, 3)"),
    (3, "One row for each patch, and all channels in it.", "reshape(n * n, -1)", "reshape(n * n * len(image), -1)"),
]  # fmt: skip
