"""09.3 Predict: how much is cut away?

In T steps, loss s reaches the states of steps 1 to s: T (T + 1) / 2 pairs of a loss and a state. Cut into chunks of k
steps, where k divides T, a loss reaches the states of its own chunk only, up to its step. How many pairs are lost? (In
the lesson's picture, T = 12 and k = 4, they are the white squares with dashed borders.)

1. Count what is left, first inside one chunk: it is a small triangle.
2. A chunk of k steps has k (k + 1) / 2 pairs, and there are T / k chunks.
3. return T * (T + 1) // 2 - (T // k) * k * (k + 1) // 2, which is 48 in the picture
"""


# %% task
def pairs_lost(T, k):
    raise NotImplementedError("TODO 09.3: loss s reaches the states 1 .. s; count the white squares of the picture")


# %% solution
def pairs_lost(T, k):
    left = (T // k) * (k * (k + 1) // 2)
    return T * (T + 1) // 2 - left


# %% check
def cases(rng):
    yield 12, 4
    for chunks, k in rng.integers(2, 9, (3, 2)).tolist():
        yield chunks * k, k
    yield 7, 7
    yield 9, 1


SLIPS = [
    (1, "These are the pairs that are left; the lost ones are asked for.", "return T * (T + 1) // 2 - left",
     "return left"),
    (1, "These are all pairs; some are left.", " - left", ""),
    (1, "The future is not lost, no loss ever reached it: a triangle, not a square.", "T * (T + 1) // 2 - left",
     "T * T - left"),
    (1, "Inside a chunk it is a triangle, too.", "(k * (k + 1) // 2)", "(k * k)"),
    (2, "There are T / k chunks, and you took one.", "(T // k) * (k", "(k"),
    (2, "The number of chunks is T / k, not k.", "(T // k) * (k", "k * (k"),
    (2, "A loss reaches the state of its own step as well: 1 + 2 + ... + k.", "(k * (k + 1) // 2)",
     "(k * (k - 1) // 2)"),
    (3, "The sum 1 + 2 + ... + T is T (T + 1) / 2.", "T * (T + 1) // 2 -", "T * (T - 1) // 2 -"),
    (3, "Both triangles are halves.", "T * (T + 1) // 2 -", "T * (T + 1) -"),
]  # fmt: skip
