"""17.3 Predict: a bias to begin with

A gate z that depends on its bias alone, z = sigmoid(bias), keeps the share s of the old state at each step. Which bias
leaves exactly half of the state after n steps? `update` says who owns z: "keeps_old", h' = (1 - z) c + z h, or
"takes_new", h' = (1 - z) h + z c. Return a number.

1. After n steps s to the power n is left. For which s is that one half?
2. s = 0.5 ** (1 / n). With "keeps_old" z is s. And the sigmoid has an inverse: log(z / (1 - z)).
3. bias = log(s / (1 - s)); with "takes_new" 1 - z is s, so the bias is the same with a minus.
"""


# %% task
from math import log


def bias_for_half_life(n, update):
    raise NotImplementedError("TODO 17.3: z to the power n is one half; mind who owns z")


# %% solution
def bias_for_half_life(n, update):
    s = 0.5 ** (1 / n)
    bias = log(s / (1 - s))
    return bias if update == "keeps_old" else -bias


# %% check
def cases(rng):
    for n in [2, *rng.integers(5, 400, 3).tolist()]:
        yield n, "keeps_old"
        yield n, "takes_new"


SLIPS = [
    (3, "Right when z keeps the old; when z takes the new, 1 - z is the share that is kept.",
     'return bias if update == "keeps_old" else -bias', "return bias"),
    (3, "The sign is wrong: the two conventions are mixed up, or the fraction is upside down.",
     '"keeps_old"', '"takes_new"'),
    (1, "Half of the state is left after ONE step so, and the bias is 0.", "0.5 ** (1 / n)", "0.5"),
    (1, "The share is a root: s to the power n is one half. You took the power of one half.", "0.5 ** (1 / n)",
     "0.5 ** n"),
    (1, "What is lost at each step is not a fixed 1 / (2 n): it is a share of what is left.", "0.5 ** (1 / n)",
     "1 - 0.5 / n"),
    (2, "That is the gate itself; asked is its bias, the inverse of the sigmoid.", "log(s / (1 - s))", "s"),
    (2, "The logarithm of the gate is not its bias: the inverse of the sigmoid is log(z / (1 - z)).",
     "log(s / (1 - s))", "log(s)"),
    (3, "One minus the bias is not it: 1 - sigmoid(a) is sigmoid(-a).", "else -bias", "else 1 - bias"),
    (1, "That is when 1/e is left, not one half.", "0.5 ** (1 / n)", "2.718281828459045 ** (-1 / n)"),
]  # fmt: skip
