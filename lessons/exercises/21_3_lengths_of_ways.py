"""21.3 Predict: how long are the ways?

A net has k layers between its states, as b and c of the lesson have 2: h passes them before the cell, with its own
matrix, reads it. With skip a connection leads around all k of them, as in c. Take the ways from h_t to h_{t+lag}.
Return three numbers: the fewest weight matrices on a way, the most, and how many ways there are. lag and k are at least
1.

1. Take one step first. b: one way; how many matrices are on it? c: two ways; how many on each?
2. Without skip there is one way, of k + 1 matrices a step. With skip each step is one way or the other: 2 * 2 * 2 ...
3. most = lag * (k + 1); return (lag, most, 2**lag) with skip, and (most, most, 1) without
"""


# %% task
def lengths_of_ways(lag, k, skip):
    raise NotImplementedError("TODO 21.3: at each step one matrix, and k more, or perhaps not")


# %% solution
def lengths_of_ways(lag, k, skip):
    most = lag * (k + 1)
    if skip:
        return lag, most, 2**lag
    return most, most, 1


# %% check
def cases(rng):
    for skip in (True, False):
        yield 30, 2, skip
        yield 1, 2, skip
        lag, k = rng.integers(3, 12, 2).tolist()
        yield lag, k, skip


SLIPS = [
    (1, "The cell has a matrix of its own: k + 1 a step.", "lag * (k + 1)", "lag * k"),
    (1, "Every step costs, not the first one alone.", "lag * (k + 1)", "lag + k"),
    (1, "With skip the shortest way goes around the k layers, but through the cell's matrix at every step.",
     "return lag, most", "return 1, most"),
    (1, "The skip is an offer: the longest way still goes through everything.", "return lag, most", "return lag, lag"),
    (2, "At each step there are two ways, so the numbers are multiplied, not added.", "2**lag", "2 * lag"),
    (2, "The skip leads around all k layers at once: two ways a step, whatever k is.", "2**lag", "(k + 1) ** lag"),
    (2, "Without skip there is one way.", "return most, most, 1", "return most, most, 2**lag"),
    (2, "Without skip nothing leads around the layers.", "return most, most, 1", "return lag, most, 1"),
    (1, "Around the layers, but not without the cell's matrix: no way has length 0.", "return lag, most",
     "return 0, most"),
]  # fmt: skip
