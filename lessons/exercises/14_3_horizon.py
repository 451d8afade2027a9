"""14.3 Predict: the horizon

W = rho Q with an orthogonal Q, no activation, 0 < rho < 1. A step back multiplies the gradient by rho. How many steps
back has it at least the share `share` (0 < share <= 1) of its length, counted as a whole number? (With rho = 0.5 and
share = 0.3: one step back 0.5 is left, two steps back 0.25, so the answer is 1.)

1. After n steps rho**n is left. You look for the largest whole n with rho**n >= share.
2. Take logarithms, which are negative here: n * log(rho) >= log(share) means n <= log(share) / log(rho).
3. return math.floor(math.log(share) / math.log(rho)); or count in a loop, as long as the next one is large enough
"""

# %% task
import math


def horizon(rho, share):
    raise NotImplementedError("TODO 14.3: the largest n for which rho to the n is at least share")


# %% solution
def horizon(rho, share):
    n = 0
    while rho ** (n + 1) >= share:
        n += 1
    return n


# %% check
def cases(rng):
    yield 0.5, 0.3
    yield 0.9, 0.01
    for _ in range(3):
        n, rho = int(rng.integers(3, 40)), float(rng.uniform(0.6, 0.97))
        yield rho, float(rho ** (n + rng.uniform(0.2, 0.8)))
    yield 0.5, 0.9
    yield 0.7, 1.0


SLIPS = [
    (1, "One too many: that is the first step at which less is left.", "return n", "return n + 1"),
    (1, "One too few: the last step that has enough still counts.", "return n", "return n - 1"),
    (2, "Rounded to the nearest whole number; round down.", "    return n",
     "    return round(math.log(share) / math.log(rho))"),
    (2, "A whole number of steps; you return a fraction.", "    return n",
     "    return math.log(share) / math.log(rho)"),
    (2, "The fraction is upside down.", "    return n",
     "    return math.floor(math.log(rho) / math.log(share + 1e-9))"),
    (1, "Each step multiplies by rho; you take rho away each time.", "rho ** (n + 1)", "1 - (1 - rho) * (n + 1)"),
    (1, "That is how many steps it takes to lose the share, with 1 - rho kept at each.", "rho ** (n + 1)",
     "(1 - rho) ** (n + 1)"),
    (1, "The share that is *left* is asked for, not the one that is lost.", "    return n",
     "    return math.floor(math.log(1 - share + 1e-9) / math.log(rho))"),
    (2, "The logarithms are divided, not subtracted.", "    return n",
     "    return math.floor(math.log(rho) - math.log(share))"),
    (2, "log(rho) is about -(1 - rho) only for rho near 1.", "    return n",
     "    return math.floor(-math.log(share) / (1 - rho))"),
]  # fmt: skip
