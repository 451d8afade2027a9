"""21.4 Predict: as many parameters

To compare one level of H units with several levels, they should have as many parameters. An Elman level of n units with
one bias, which reads m numbers, has n * m + n * n + n of them. The lowest level reads n_x numbers, every other the n of
the level below. How wide may each of so many levels be at most, to have no more parameters than one level of H units?
Return n, a whole number; 0 if not even one unit fits. (The readout is not counted.)

1. How many parameters have so many levels of n units each? How many has one level of H units?
2. n * n_x + n * n + n for the lowest, and (levels - 1) * (n * n + n * n + n) for the others. Try n = 1, 2, 3 ...
3. n = 0; while count(levels, n + 1) <= count(1, H): n += 1; return n
"""


# %% task
def width_of(levels, n_x, H):
    raise NotImplementedError("TODO 21.4: an Elman level with one bias has n * m + n * n + n parameters")


# %% solution
def width_of(levels, n_x, H):
    def count(levels, n):
        lowest = n * n_x + n * n + n
        return lowest + (levels - 1) * (n * n + n * n + n)

    n = 0
    while count(levels, n + 1) <= count(1, H):
        n += 1
    return n


# %% check
def cases(rng):
    yield 3, 4, 48
    yield 2, 64, 96
    yield 1, 5, 32
    yield 9, 1, 2
    for _ in range(3):
        yield int(rng.integers(2, 6)), int(rng.integers(10, 90)), int(rng.integers(30, 120))


SLIPS = [
    (1, "The units are not shared out: parameters go with the SQUARE of the width.",
     "    n = 0\n    while count(levels, n + 1) <= count(1, H):\n        n += 1\n    return n",
     "    return H // levels"),
    (1, "A higher level reads the n states below it, not the input.", "(n * n + n * n + n)", "(n * n_x + n * n + n)"),
    (2, "A higher level has two matrices: from below, and from its own last state.", "(n * n + n * n + n)",
     "(n * n + n)"),
    (2, "The lowest level is counted; levels - 1 are above it.", "(levels - 1) *", "levels *"),
    (2, "The lowest level reads the input, n * n_x weights.", "n * n_x + n * n + n", "n * n + n"),
    (2, "That n is the first that does NOT fit.", "    return n\n", "    return n + 1\n"),
    (3, "One too narrow: a wider one fits.", "count(levels, n + 1)", "count(levels, n + 2)"),
    (2, "All levels counted, but for one: the lowest has a matrix from its own last state, too.",
     "lowest = n * n_x + n * n + n", "lowest = n * n_x + n"),
    (1, "As wide as the one level: then there are several times as many parameters.",
     "    return n\n", "    return H\n"),
]  # fmt: skip
