"""12.2 Find the bug: the last window is shorter

losses[i] is the mean loss of window i in nats, and sizes[i] how many letters it has. The return below gives every
window the same weight. Return the mean over all *letters*, in bits.

1. A window of 3 letters should count less than one of 32. What did its letters cost all together?
2. Weigh each loss with its size: the total cost is sum(losses * sizes), and there are sum(sizes) letters.
3. np.sum(losses * sizes) / np.sum(sizes) / np.log(2); a nat is 1 / ln 2 bits, which is more than one
"""

# %% task
import numpy as np


def mean_bits(losses, sizes):
    # return np.mean(losses) / np.log(2)
    raise NotImplementedError("TODO 12.2: losses are means in nats over windows of these sizes")


# %% solution
def mean_bits(losses, sizes):
    nats = np.sum(np.multiply(losses, sizes))
    return nats / np.sum(sizes) / np.log(2)


# %% check
def cases(rng):
    yield np.array([2.0, 4.0]), np.array([30, 10])
    for count in (1, 3, 7):
        sizes = np.full(count, 32)
        sizes[-1] = rng.integers(1, 32)
        yield rng.uniform(1, 5, count), sizes


SLIPS = [
    (1, "Every window has the same weight: the short one counts too much.", "nats / np.sum(sizes)", "np.mean(losses)"),
    (3, "These are nats: divide by ln 2.", " / np.log(2)", ""),
    (3, "Divide by ln 2; a loss in bits is the larger number.", "/ np.log(2)", "* np.log(2)"),
    (3, "ln 2, not ln 10: bits, not decimal digits.", "np.log(2)", "np.log(10)"),
    (2, "That is what all letters cost together; divide by how many there are.", "nats / np.sum(sizes)", "nats"),
    (2, "Divide by the number of letters, not of windows.", "np.sum(sizes)", "len(sizes)"),
    (2, "A long window counts more, not less: multiply by its size.", "np.multiply(losses, sizes)",
     "np.divide(losses, sizes)"),
    (2, "The last window is shorter, but its letters count.", "np.sum(np.multiply(losses, sizes))",
     "np.sum(np.multiply(losses, sizes)[:-1])"),
    (1, "The sizes are there, but each loss is a mean: it has to be multiplied first.", "np.multiply(losses, sizes)",
     "losses"),
]  # fmt: skip
