"""23.3 Predict: from reading a letter to writing it

A source of n_x letters is read at the steps 1 to n_x, one a step, and written again, in its own order, at the steps
n_x + 1 to 2 n_x. (The start token is fed at step n_x + 1, where the first letter is written.) How many steps lie
between reading a letter and writing it? Return (shortest, mean, longest) over the letters, if the source is read as it
is, or, turned=True, from back to front, while the answer stays as it was.

1. Write the steps down for three letters: at which is each read, at which written, in both ways?
2. Letter i (from 1) is written at step n_x + i. It is read at step i, or, turned, at step n_x + 1 - i.
3. As it is: always n_x. Turned: 2 i - 1 for i = 1 ... n_x, whose mean is n_x, too.
"""


# %% task
def ways(n_x, turned):
    raise NotImplementedError("TODO 23.3: (shortest, mean, longest) in steps, for a source of n_x letters")


# %% solution
def ways(n_x, turned):
    steps = [2 * i - 1 if turned else n_x for i in range(1, n_x + 1)]
    return min(steps), sum(steps) / n_x, max(steps)


# %% check
def cases(rng):
    yield 3, True
    yield 3, False
    for n_x in rng.choice(range(4, 30), 3, replace=False):
        yield int(n_x), True
        yield int(n_x), False


SLIPS = [
    (1, "The two ways differ.", "2 * i - 1 if turned else n_x", "n_x"),
    (1, "Read as it is, each letter waits equally long.", "2 * i - 1 if turned else n_x", "2 * i - 1"),
    (1, "Which of the two is turned?", "if turned", "if not turned"),
    (2, "Letter 1, turned, is read last, at step n_x, and written at step n_x + 1: one step.", "2 * i - 1", "2 * i"),
    (2, "Both the reading and the writing of letter i move, so the steps grow by two.", "2 * i - 1", "i"),
    (2, "As it is, letter 1 is read at step 1 and written at step n_x + 1.", "else n_x", "else n_x + 1"),
    (3, "The order is shortest, mean, longest.", "min(steps), sum(steps) / n_x, max(steps)",
     "max(steps), sum(steps) / n_x, min(steps)"),
    (3, "The mean is the sum through the number of letters.", "sum(steps) / n_x", "sum(steps)"),
]  # fmt: skip
