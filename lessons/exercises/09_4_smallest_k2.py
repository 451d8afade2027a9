"""09.4 Make it work: chunks that overlap

Cut into chunks, the first loss of a chunk teaches almost nothing. So let them overlap (Williams and Peng, 1990): after
every k1 new steps, take the losses of these k1 steps, and send their gradient back over the last k2 steps, k2 >= k1,
the new ones among them. What is the smallest k2 with which *every* loss reaches the step d steps before it?

1. Take k1 = 1: one new loss, k2 steps back in all, its own among them. How far before its own step does it reach?
2. It reaches k2 - 1 steps back. With k1 new steps, the first of them has k2 - k1 steps before it.
3. k2 - k1 must be at least d, so k2 = k1 + d
"""


# %% task
def smallest_k2(k1, d):
    raise NotImplementedError("TODO 09.4: the first of the k1 new losses has the shortest way back")


# %% solution
def smallest_k2(k1, d):
    return k1 + d


# %% check
def cases(rng):
    yield 1, 4
    small, large = rng.integers(2, 6), rng.integers(8, 13)
    yield int(small), int(large)
    yield int(large), int(small)


SLIPS = [
    (1, "That is enough for the LAST of the new losses only.", "k1 + d", "max(k1, d + 1)"),
    (1, "With chunks of d + 1 steps one loss of each reaches that far; all are to do so.", "k1 + d", "d + 1"),
    (1, "Its own step is among the k2, and d steps before it are needed besides.", "k1 + d", "max(k1, d)"),
    (2, "One step less is enough: the own steps are among the k1.", "k1 + d", "k1 + d + 1"),
    (2, "One step too few: the first of the new losses reaches d - 1 steps back.", "k1 + d", "k1 + d - 1"),
    (2, "That would do, but a smaller one does, too.", "k1 + d", "2 * max(k1, d) + 1"),
    (3, "The steps back are added to the new ones, not multiplied.", "k1 + d", "(k1 + 1) * (d + 1)"),
    (3, "That is how far the first loss reaches if k2 is the LARGER of the two numbers.", "k1 + d", "abs(d - k1)"),
]  # fmt: skip
