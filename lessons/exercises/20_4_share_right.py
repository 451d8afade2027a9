"""20.4 Predict: the staircase

A site is a motif of m bases; in half of the sites, at random, the last base is another one, and the site does not
count. For each base of a site the net says whether it belongs to a motif that counts: `delay` steps after it has read
the base, so that it has read `delay` bases more. It tells all that can be known, and tosses a coin where nothing can.
Which share of the bases of a site does it get right? delay may be larger than m.

1. All depends on the last base. For which of the m bases has the net read it, `delay` steps later?
2. For the last delay + 1 bases of the site (all m, if there are not so many). The others are right half of the time.
3. known = min(m, delay + 1); return (known + (m - known) / 2) / m
"""


# %% task
def share_right(m, delay):
    raise NotImplementedError("TODO 20.4: half of the sites are fakes in their last base; see the staircase")


# %% solution
def share_right(m, delay):
    known = min(m, delay + 1)
    return (known + (m - known) / 2) / m


# %% check
def cases(rng):
    yield 6, 0
    yield 6, 5
    yield 4, 9
    for m in rng.permutation(range(5, 12))[:3].tolist():
        yield m, int(rng.integers(1, m - 1))


SLIPS = [
    (1, "Without a delay the last base itself is known: the net has just read it.", "delay + 1", "delay"),
    (2, "Those are the ones that it knows; of the others it guesses half.",
     "(known + (m - known) / 2) / m", "known / m"),
    (2, "There are only m bases to be known.", "min(m, delay + 1)", "delay + 1"),
    (2, "A coin is right half of the time.", "(m - known) / 2", "(m - known) / 4"),
    (2, "Some are known: those at the end.", "(known + (m - known) / 2) / m", "1 / 2"),
    (2, "The bases at the beginning count, too; they are guessed.", "(known + (m - known) / 2) / m",
     "(known + (m - known) / 2) / known"),
    (3, "A share, so divide by m.", "(known + (m - known) / 2) / m", "known + (m - known) / 2"),
    (3, "That is the share of wrong answers.", "(known + (m - known) / 2) / m", "(m - known) / 2 / m"),
    (1, "The net waits; it does not come too soon: with the delay it knows more.", "min(m, delay + 1)",
     "max(m - delay - 1, 0)"),
]  # fmt: skip
