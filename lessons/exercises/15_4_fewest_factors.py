"""15.4 Predict: how many factors?

A net reads its state of one step ago and, by a skip connection, that of d steps ago. On its way back over lag steps a
gradient may take either at each state; each costs one factor. How many factors has the shortest way? With only_skips
there are no short connections: every factor leads d steps back. Return the number of factors, or None if no way leads
exactly lag steps back. lag is at least 1, d at least 2.

1. Take d = 10. How many factors for 50 steps, for 51, for 49? Now without short connections: which of them are left?
2. Long steps as often as they fit, lag // d, and the rest, lag % d, in single steps. Only skips: a rest means no way.
3. if only_skips and lag % d: return None; then lag // d + lag % d is right for both
"""


# %% task
def fewest_factors(lag, d, only_skips):
    raise NotImplementedError("TODO 15.4: steps of d and, unless there are only skips, of 1; None if there is no way")


# %% solution
def fewest_factors(lag, d, only_skips):
    jumps, rest = divmod(lag, d)
    if only_skips and rest:
        return None
    return jumps + rest


# %% check
def cases(rng):
    for lag in (50, 49, 51):
        yield lag, 10, False
        yield lag, 10, True
    d, times = rng.integers(3, 9, 2).tolist()
    yield d * times, d, bool(rng.integers(2))
    yield d * times + 2, d, False
    yield d * times + 1, d, True
    yield d - 1, d, False
    yield d - 1, d, True


SLIPS = [
    (1, "For a lag that d does not divide, only skips lead past it: there is no way.", "    if only_skips and rest:",
     "    if False:"),
    (1, "With short connections there is a way over every lag.", "if only_skips and rest", "if rest"),
    (1, "Where d divides the lag, skips alone find a way.", "if only_skips and rest", "if only_skips"),
    (2, "The rest is made in single steps, one factor each.", "jumps + rest", "jumps"),
    (2, "The rest is made in single steps, as many as are left; not in one more skip, which leads too far.",
     "jumps + rest", "jumps + (rest > 0)"),
    (2, "That is the way without skips; a skip is one factor, however long it is.", "jumps + rest", "lag"),
    (2, "The two kinds of steps are added.", "jumps + rest", "jumps * rest"),
    (2, "Not the number of factors for a ratio: factors are whole.", "jumps + rest", "lag / d"),
    (3, "No way is None here, not 0 factors.", "return None", "return 0"),
    (2, "One too many: the factors are counted, not the states on the way.", "jumps + rest", "jumps + rest + 1"),
]  # fmt: skip
