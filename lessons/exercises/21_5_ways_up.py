"""21.5 Predict: the ways through a stack

A stack of so many levels reads T inputs. A way from x_1 to the top level's state of step T begins at the lowest level
in step 1 and goes on by single steps: across, to the same level one step later, or up, to the next level at the same
step. How many ways are there? (The lesson's net a has 30, with two levels and 30 steps.)

1. Two levels: a way goes up once. At which steps may it? Three levels: it goes up twice, perhaps twice at one step.
2. It makes T - 1 steps across and levels - 1 up, in any order. In how many orders?
3. from math import comb; return comb(T - 1 + levels - 1, levels - 1)
"""


# %% task
def ways_up(levels, T):
    raise NotImplementedError("TODO 21.5: a way goes across or up; at which steps may it go up?")


# %% solution
def ways_up(levels, T):
    from math import comb

    across, up = T - 1, levels - 1
    return comb(across + up, up)


# %% check
def cases(rng):
    yield 2, 30
    yield 1, 30
    yield 3, 4
    yield 4, 1
    for _ in range(2):
        yield int(rng.integers(3, 6)), int(rng.integers(5, 12))


SLIPS = [
    (1, "With two levels a way may go up at each of the T steps, also at the last one.", "T - 1, levels",
     "T - 2, levels"),
    (1, "A way across T steps goes from step to step T - 1 times.", "T - 1, levels", "T, levels"),
    (2, "Through three levels a way goes up twice.", "levels - 1", "levels"),
    (2, "That is the net with skips; in a stack a way does not choose anew at each step how long it is.",
     "comb(across + up, up)", "2 ** (T - 1)"),
    (2, "It may go up several levels at the same step.", "comb(across + up, up)", "comb(T, up)"),
    (2, "The steps up are not told apart: which one comes first is fixed.", "comb(across + up, up)", "T ** up"),
    (1, "That is how long a way is; how many are there?", "comb(across + up, up)", "across + up"),
    (2, "Not across times up: that counts the corners of one kind only.", "comb(across + up, up)",
     "max(1, across) * max(1, up)"),
]  # fmt: skip
