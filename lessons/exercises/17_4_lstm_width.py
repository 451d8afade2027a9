"""17.4 Predict: equal parameters

A GRU has H units and reads vectors of `inputs` numbers; each of its three blocks has weights from the input, weights
from the state and one bias. How wide may an LSTM with one bias be, if it is to have NO MORE parameters than the GRU?
Return its number of units; H is at least 2.

1. A block of H units has H * inputs + H * H + H parameters. The GRU has three, the LSTM four of them.
2. 4 (w * inputs + w * w + w) must not be above 3 (H * inputs + H * H + H). Try w = 1, 2, 3, ...
3. Begin with w = H and go down as long as 4 * (w * inputs + w * w + w) is larger.
"""


# %% task
def lstm_width(inputs, H):
    raise NotImplementedError("TODO 17.4: 3 blocks here, 4 blocks there")


# %% solution
def lstm_width(inputs, H):
    budget = 3 * (H * inputs + H * H + H)
    w = H
    while 4 * (w * inputs + w * w + w) > budget:
        w -= 1
    return w


# %% check
def cases(rng):
    yield 2, 24
    yield 32, 64
    yield 300, 20
    yield 3, 50  # where a second bias would matter
    yield 2, 36  # and where none would
    for _ in range(4):
        yield int(rng.integers(1, 100)), int(rng.integers(20, 300))


SLIPS = [
    (2, "3/4 of the width is not 3/4 of the parameters: W_hh grows with its square.",
     "    w = H\n    while 4 * (w * inputs + w * w + w) > budget:\n        w -= 1\n    return w",
     "    return 3 * H // 4"),
    (2, "That holds for weights from state to state alone; inputs and biases count as well.",
     "    w = H\n    while 4 * (w * inputs + w * w + w) > budget:\n        w -= 1\n    return w",
     "    return int(H * 0.75 ** 0.5)"),
    (2, "That is one unit too many: no MORE parameters than the GRU.", "return w", "return w + 1"),
    (2, "One unit more still fits.", "return w", "return w - 1"),
    (1, "A GRU has three blocks, not four; and so the LSTM came out as wide.", "budget = 3 *", "budget = 4 *"),
    (1, "The LSTM has weights from the input, too.", "(w * inputs + w * w + w) >", "(w * w + w) >"),
    (3, "That is the number of parameters; asked is the width.", "return w", "return budget"),
    (2, "The square is missing: the state has w * w weights to itself in each block.",
     "w * inputs + w * w + w", "w * inputs + w + w"),
]  # fmt: skip
