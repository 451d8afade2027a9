"""15.2 Which alpha?

A leaky unit keeps the share alpha of its value at each step (no recurrent weights, no input). Which alpha lets half of
it be left after half_life steps? half_life is a positive number, perhaps not a whole one.

1. After n steps the share alpha ** n is left. Which equation is to hold for n = half_life?
2. alpha ** half_life = 1/2. Take the half_life-th root of both sides; or logarithms: ln alpha = -ln 2 / half_life.
3. return 0.5 ** (1 / half_life)
"""


# %% task
import math


def alpha_of(half_life):
    raise NotImplementedError("TODO 15.2: alpha ** half_life is to be 1/2")


# %% solution
def alpha_of(half_life):
    return math.exp(-math.log(2) / half_life)


# %% check
def cases(rng):
    yield (1,)
    yield (10.0,)
    for n in rng.integers(2, 200, 3).tolist():
        yield (n,)
    yield (0.5,)


SLIPS = [
    (1, "That is the half-life of an alpha; the other way round is asked for.", "math.exp(-math.log(2) / half_life)",
     "math.log(2) / half_life"),
    (1, "That is what an alpha of 1/2 leaves after half_life steps.", "math.exp(-math.log(2) / half_life)",
     "0.5**half_life"),
    (2, "After so many steps 1/e is left, about 37 %, and not a half.", "-math.log(2) / half_life", "-1 / half_life"),
    (2, "Nearly so, for long half-lives; the exact one is a root.", "math.exp(-math.log(2) / half_life)",
     "1 - math.log(2) / half_life"),
    (2, "1 - 1/n is the alpha of a mean that reaches back about n steps: 1/e is left.",
     "math.exp(-math.log(2) / half_life)", "1 - 1 / half_life"),
    (2, "That is the share that is lost at each step, 1 - alpha.", "math.exp(-math.log(2) / half_life)",
     "1 - math.exp(-math.log(2) / half_life)"),
    (2, "The sign: alpha is below 1, or the unit would grow.", "-math.log(2)", "math.log(2)"),
    (3, "ln 2, the natural logarithm, goes with exp.", "math.log(2)", "math.log10(2)"),
    (3, "2 and half_life have changed places.", "-math.log(2) / half_life", "-math.log(half_life) / 2"),
]  # fmt: skip
