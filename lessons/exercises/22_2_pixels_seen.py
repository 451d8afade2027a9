"""22.2 Predict: what a place sees

An image has `high` rows and `wide` columns, at least 3 of each; a place is in row i and column j, counted from 0. How
many pixels of the image does it see? Return four whole numbers: for one 3 x 3 convolution with padding (what is
outside of the image is no pixel); for four sweeps side by side; for four sweeps one after the other, as in ReNet; and
for one net that reads pixel by pixel, row by row, and has just read the pixel at (i, j).

1. The picture of the six fields has them all. The pixel itself counts, too, and counts once.
2. Of the window, so many rows times so many columns: three of each, two at a border. Side by side: the row and the
   column. In the line: all rows above, and the row so far.
3. rows = 3 - (i == 0) - (i == high - 1), and columns likewise; return rows * columns, high + wide - 1, high * wide,
   i * wide + j + 1
"""


# %% task
def pixels_seen(high, wide, i, j):
    raise NotImplementedError("TODO 22.2: of a 3 x 3 window, side by side, one after the other, pixel by pixel")


# %% solution
def pixels_seen(high, wide, i, j):
    rows = 3 - (i == 0) - (i == high - 1)
    columns = 3 - (j == 0) - (j == wide - 1)
    return rows * columns, high + wide - 1, high * wide, i * wide + j + 1


# %% check
def cases(rng):
    yield 9, 9, 4, 3
    yield 5, 8, 0, 7
    for _ in range(3):
        high, wide = (int(n) for n in rng.permutation(range(4, 12))[:2])
        yield high, wide, int(rng.integers(1, high)), int(rng.integers(1, wide))
    yield 6, 4, 5, 0


SLIPS = [
    (2, "At a border a part of the window lies outside of the image, and there are no pixels.", "rows * columns", "9"),
    (1, "The pixel itself is in its row and in its column: it was counted twice.", "high + wide - 1", "high + wide"),
    (1, "It sees itself, too.", "high + wide - 1", "high + wide - 2"),
    (1, "Side by side nobody goes round a corner: a cross, not the whole image.", "high + wide - 1", "high * wide - 0"),
    (1, "One after the other the rows are read from vectors that know their columns: not a cross.", "high * wide,",
     "high + wide - 1,"),
    (2, "The net has just read the pixel at (i, j) itself.", "i * wide + j + 1", "i * wide + j"),
    (2, "It goes row by row: `wide` pixels in each row above, and then those of this row.", "i * wide + j + 1",
     "j * high + i + 1"),
    (2, "It has read all rows above, not one rectangle up to the place.", "i * wide + j + 1", "(i + 1) * (j + 1)"),
    (2, "It has read the rows above, and nothing below.", "i * wide + j + 1", "high * wide"),
    (1, "Two sweeps to the right and down alone would see this; there are also those to the left and up.",
     "high + wide - 1", "i + j + 1"),
]  # fmt: skip
