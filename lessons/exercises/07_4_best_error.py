"""07.4 Predict: the best error of a net that does not know where it is

In a stream of bits every n-th is the exclusive or of the two before it, all others are tosses of a coin. A net knows
the last two bits, and so their exclusive or, but not where among the n it is: each of the n places is equally likely.
It gives the same answer at all of them, the one that makes its mean squared error smallest. What is its squared error
at the step where the next bit *is* the exclusive or?

1. In n steps the next bit is the exclusive or once for sure, and in the n - 1 others half of the time. The best
   answer, for a squared error, is the mean of what follows. How far from 1/2 towards the exclusive or is that?
2. Say the exclusive or is 1. Then the next bit is 1 with probability (1 + (n - 1) / 2) / n = 1/2 + 1/(2n). That is the
   answer, and at the step in question 1 would be right.
3. return (1 / 2 - 1 / (2 * n)) ** 2, which is 1/9 for n = 3
"""


# %% task
def best_error(n):
    raise NotImplementedError("TODO 07.4: the net knows both bits but not the place; see `A rich answer`")


# %% solution
def best_error(n):
    answer = 1 / 2 + 1 / (2 * n)
    return (1 - answer) ** 2


# %% check
def cases(rng):
    yield (3,)
    for n in rng.permutation(range(4, 12))[:3].tolist():
        yield (n,)


SLIPS = [
    (1, "That is the error of a net that knows nothing; this one knows the exclusive or.", "1 / 2 + 1 / (2 * n)",
     "1 / 2"),
    (1, "That is the error of a net that knows the place as well.", "1 / 2 + 1 / (2 * n)", "1"),
    (1, "It cannot answer one thing here and another there: it does not know which of the n steps it is.",
     "(1 - answer) ** 2", "(1 - answer) ** 2 / n"),
    (2, "You left out that the n - 1 other bits are equal to the exclusive or half of the time.", "1 / 2 + 1 / (2 * n)",
     "1 / n"),
    (2, "One n-th of the way from 1/2 to 1 is 1/(2n).", "1 / (2 * n)", "1 / n"),
    (2, "There are n places, and the exclusive or stands at one of them: 1 of n, not 1 of n - 1.", "(2 * n)",
     "(2 * (n - 1))"),
    (3, "The error is squared.", "(1 - answer) ** 2", "1 - answer"),
    (3, "That is the error at the other steps, where 0 and 1 are equally likely.", "(1 - answer) ** 2",
     "((1 - answer) ** 2 + answer**2) / 2"),
    (3, "That is the net's answer; its error was asked for.", "return (1 - answer) ** 2", "return answer"),
    (3, "That is the error where the bit is the opposite of the exclusive or.", "(1 - answer) ** 2", "answer**2"),
]  # fmt: skip
