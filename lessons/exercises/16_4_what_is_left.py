"""16.4 Predict: what is left of the cell

"If forget gate is set to 0 (remember everything)", says a slide. What is true you have seen. The forget gate says
sigmoid(forget_bias) at every step, and nothing else comes in. Return two numbers: the share of c_0 that is left after T
steps, and the forget bias with which exactly half would be left after T steps.

1. f = 1 / (1 + exp(-forget_bias)) is what is KEPT at each step. After two steps f * f is kept.
2. Half after T steps means f ** T = 1/2, so f = 0.5 ** (1 / T). Which bias gives this f? Turn the sigmoid round.
3. The sigmoid turned round is log(f / (1 - f)). For T = 1 it gives the bias 0.
"""

# %% task
import math


def left(forget_bias, T):
    raise NotImplementedError("TODO 16.4: the share of c_0 in c_T, and the bias for which it would be one half")


# %% solution
def left(forget_bias, T):
    f = 1 / (1 + math.exp(-forget_bias))
    half = 0.5 ** (1 / T)
    return f**T, math.log(half / (1 - half))


# %% check
def cases(rng):
    yield from [(1.0, 4), (-1.0, 2), (3.0, 20)]
    yield float(rng.normal()), int(rng.integers(2, 6))
    yield float(rng.normal()), 1


SLIPS = [
    (1, "That is the slide's reading: 0 erases, 1 remembers.", "math.exp(-forget_bias)", "math.exp(forget_bias)"),
    (1, "The gate is the sigmoid of the bias.", "f = 1 / (1 + math.exp(-forget_bias))", "f = forget_bias"),
    (1, "You take f away T times; it multiplies T times.", "f**T", "f * T"),
    (1, "What is left is asked for, not what is gone.", "return f**T", "return 1 - f**T"),
    (1, "This is what is left after one step.", "return f**T", "return f"),
    (1, "One step too few.", "f**T", "f ** (T - 1)"),
    (2, "f must be the T-th root of a half, or after T steps more than half is gone.", "0.5 ** (1 / T)", "0.5"),
    (2, "The root: f to the power of T is a half, not a half to the power of T.", "0.5 ** (1 / T)", "0.5**T"),
    (3, "This is the gate; the bias is the sigmoid turned round.", "math.log(half / (1 - half))", "half"),
    (3, "The other way round: a long memory needs a large positive bias.", "math.log(half / (1 - half))",
     "math.log((1 - half) / half)"),
    (3, "The inverse of the sigmoid is log(f / (1 - f)).", "math.log(half / (1 - half))", "math.log(half)"),
    (3, "ln T is only the rule of thumb; exactly half is asked for.", "math.log(half / (1 - half))", "math.log(T)"),
    (3, "Both numbers are asked for.", "return f**T, math.log(half / (1 - half))", "return f**T"),
]  # fmt: skip
