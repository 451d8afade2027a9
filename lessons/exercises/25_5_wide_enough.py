"""25.5 Predict: how wide is wide enough?

A decoder writes words of exactly `length` letters, out of `letters` different ones, and at the end of the search the
likeliest word of the last step is taken. Which is the smallest width at which beam search finds the likeliest word,
whatever the probabilities are? ("All of them", says the lesson. All of what?)

1. The word is safe if its beginning is never dropped. After which step are there most beginnings that must all be kept?
2. At the last step nothing has to be kept any more but the best one. So the beginnings that count are one letter
   shorter than the words. For words of one letter greedy is exact.
3. letters ** (length - 1)
"""


# %% task
def wide_enough(letters, length):
    raise NotImplementedError("TODO 25.5: the smallest width that is exact, whatever the probabilities are")


# %% solution
def wide_enough(letters, length):
    return letters ** (length - 1)


# %% check
def cases(rng):
    yield 3, 1
    yield 4, 5
    yield 2, 3
    for _ in range(3):
        yield int(rng.integers(3, 7)), int(rng.integers(2, 6))


SLIPS = [
    (1, "That many beginnings are there after the first step; at later ones there are more.", "letters ** (length - 1)",
     "letters"),
    (2, "That keeps every word of the last step, of which only the best is needed.", "(length - 1)", "length"),
    (1, "Choices at each step are multiplied, not added.", "letters ** (length - 1)", "letters * length"),
    (1, "Each step multiplies the number of beginnings; it does not add to it.", "letters ** (length - 1)",
     "letters * (length - 1)"),
    (2, "One step too few: before the last step the beginnings are one letter shorter than the words.",
     "(length - 1)", "max(length - 2, 0)"),
    (3, "Base and exponent have changed places.", "letters ** (length - 1)", "length ** (letters - 1)"),
    (2, "One less, and the likeliest word may be the one that was dropped.", "letters ** (length - 1)",
     "letters ** (length - 1) - 1"),
    (2, "All beginnings of all lengths together are more than stand side by side at any one step.",
     "letters ** (length - 1)", "sum(letters**n for n in range(length))"),
]  # fmt: skip
