"""21.1 Find the bug: one cell, count times

The slide builds a deep net with MultiRNNCell([cell] * num_layers). In Python [cell] * 3 is a list in which the *same*
object stands three times: one set of weights for all levels. Here the bug looks more innocent, and it is still there:

    return [make()] * count

make() builds a new cell with random weights. Return a list of count cells that share nothing.

1. How often is make called in the line above? And how often must it be?
2. Python computes what stands left of * once, and then repeats the result. Something that calls make anew is wanted.
3. return [make() for _ in range(count)]
"""


# %% task
def new_levels(make, count):
    # return [make()] * count
    raise NotImplementedError("TODO 21.1: [make()] * count is one cell, count times")


# %% solution
def new_levels(make, count):
    return [make() for _ in range(count)]


# %% check
def maker(rng):
    """A function that builds one cell after the other, no two alike: lists of two weights and a bias."""
    return lambda: [*rng.normal(size=2).tolist(), 0.0]


def cases(rng):
    for count in (3, 2, 1, int(rng.integers(4, 7))):
        yield maker(rng), count


SLIPS = [
    (1, "make is called once, so there is one cell, or copies of one. Call it for each level.",
     "[make() for _ in range(count)]", "[make()] * count"),
    (1, "make is called once, so there is one cell, or copies of one. Call it for each level.",
     "    return [make() for _ in range(count)]", "    cell = make()\n    return [cell for _ in range(count)]"),
    (1, "make is called once, so there is one cell, or copies of one. Call it for each level.",
     "    return [make() for _ in range(count)]",
     "    import copy\n    cell = make()\n    return [copy.deepcopy(cell) for _ in range(count)]"),
    (2, "Each cell stands in a list of its own; a list of cells is wanted.", "[make() for", "[[make()] for"),
    (2, "A cell was built before the list, and is not in it.", "    return [make()", "    make()\n    return [make()"),
    (2, "That is one cell too many.", "[make() for _ in range(count)]", "[make() for _ in range(count + 1)]"),
    (2, "That is one cell too few.", "[make() for _ in range(count)]", "[make() for _ in range(count - 1)]"),
    (1, "The lowest level is a cell of its own, and all above it share another one.",
     "[make() for _ in range(count)]", "[make()] + [make()] * (count - 1)"),
]  # fmt: skip
