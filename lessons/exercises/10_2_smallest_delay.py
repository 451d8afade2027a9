"""10.2 Predict: how long must the net wait?

DNA of `steps` bases, in every second sequence a motif of `bases` bases, at a place drawn evenly. The odds that the
motif stands here, after n of its bases have been seen to fit, are about 4^n to 2 (steps - bases + 1). With a delay of
k steps, n = min(i + k, bases) is known when base i (1, 2, ...) is asked for. Return the smallest delay with which the
odds of *every* base of the motif are above 1 to 1, or None if there is none.

1. Which base has the worst odds? The first one: n = 1 + k, as long as that is at most `bases`.
2. In the lesson: 21 steps, 6 bases, 2 * 16 = 32. 4^2 = 16 is too little, 4^3 = 64 enough, so n = 3, and the delay 2.
3. Go through delay = 0 .. bases - 1, and return the first one with 4 ** (1 + delay) > 2 * (steps - bases + 1).
"""


# %% task
def smallest_delay(steps, bases):
    raise NotImplementedError("TODO 10.2: the odds of the first base are the worst")


# %% solution
def smallest_delay(steps, bases):
    against = 2 * (steps - bases + 1)
    for delay in range(bases):
        if 4 ** (1 + delay) > against:
            return delay
    return None


# %% check
def cases(rng):
    yield 21, 6
    yield 13, 6  # 16 to 16 after two bases: not above
    yield 6, 6
    yield 12, 6
    yield 40, 2  # never
    yield 20, 2  # never; one base more would do
    yield 60, 4  # the last base decides
    yield int(rng.integers(200, 400)), 8
    yield int(rng.integers(600, 1000)), 7


SLIPS = [
    (1, "That is how long it has to wait to have seen the whole motif; it can be sure enough before.",
     "for delay in range(bases):", "for delay in range(bases - 1, bases):"),
    (1, "With delay k, not k but 1 + k bases are known when the first one is asked for.", "4 ** (1 + delay)",
     "4**delay"),
    (1, "You answer how many bases must be known; the first one is known without a delay.", "return delay",
     "return delay + 1"),
    (1, "That is enough for the second base; the first one has the worst odds.", "4 ** (1 + delay)",
     "4 ** (2 + delay)"),
    (2, "The motif is in every SECOND sequence: the odds against it are twice that.", "2 * (steps - bases + 1)",
     "steps - bases + 1"),
    (2, "A motif of six bases cannot begin at the last five steps.", "(steps - bases + 1)", "steps"),
    (2, "There are four letters: each base that fits is 4 times as likely in the motif.", "4 ** (1 + delay)",
     "2 ** (1 + delay)"),
    (3, "16 to 16 is not above 1 to 1. Is it the >, or the number of places? There are steps - bases + 1.", "> against",
     ">= against"),
    (3, "Not even after its last base may the odds be above 1: then the answer is None.", "return None",
     "return bases - 1"),
    (3, "The last delay that is possible is bases - 1; then the whole motif is known.", "range(bases)",
     "range(bases - 1)"),
    (3, "Waiting longer than for the whole motif tells nothing more.", "range(bases)", "range(4 * bases)"),
]  # fmt: skip
