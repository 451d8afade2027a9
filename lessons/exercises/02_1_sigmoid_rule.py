"""02.1 The rule of sigmoid

y = sigmoid(x) = 1 / (1 + exp(-x)). Return the gradient to hand on to x, from the gradient g that arrives and the answer
y. The slope of the sigmoid is y (1 - y); x itself is not needed.

1. A rule is: what arrives, times the slope of this operation.
2. The slope is y (1 - y), and y is the answer already: no exp, no sigmoid, no x.
3. return g * y * (1 - y)
"""


# %% task
def sigmoid_rule(g, y):
    raise NotImplementedError("TODO 02.1: g times the slope of the sigmoid; y itself is all that you need")


# %% solution
def sigmoid_rule(g, y):
    return g * y * (1 - y)


# %% check
import numpy as np


def cases(rng):
    for shape in [(3,), (2, 4), ()]:
        yield rng.normal(size=shape), 1 / (1 + np.exp(-rng.normal(size=shape)))


SLIPS = [
    (1, "This is the slope alone; what arrives, g, is lost.", "g * y * (1 - y)", "y * (1 - y)"),
    (1, "What arrives is multiplied by the slope, not added to it.", "g * y * (1 - y)", "g + y * (1 - y)"),
    (2, "y is missing from the slope y (1 - y).", "g * y * (1 - y)", "g * (1 - y)"),
    (2, "1 - y is missing from the slope y (1 - y).", "g * y * (1 - y)", "g * y"),
    (2, "1 - y * y is the slope of tanh.", "g * y * (1 - y)", "g * (1 - y * y)"),
    (2, "y is the answer already; you take its sigmoid once more.", "return",
     "y = 1 / (1 + 2.718281828459045**-y)\n    return"),
    (2, "The slope of the sigmoid is never negative.", "(1 - y)", "(y - 1)"),
    (1, "Each element keeps its own gradient; nothing is added up.", "g * y * (1 - y)", "(g * y * (1 - y)).sum()"),
]  # fmt: skip
