"""28.2 Find the bug: the second half of a run

A run learns with momentum, v = 0.9 * v + slope(w) and w = w - rate * v, where its n-th update, counted from 0, has the
rate 0.1 / (1 + n). It was killed. Its file has w and v (arrays), and n, the number of updates that were done. Somebody
goes on like this:

    v = np.zeros_like(w)
    for n in range(updates):
        v *= 0.9
        v += slope(w)
        w -= 0.1 / (1 + n) * v
    return w

No error, a healthy loss, and another run; besides, the arrays that were read from the file have been written over. Make
`updates` more of them, and return the weights that the run would have had if nobody had killed it. Leave w and v alone.

1. Three things tell where the run is. How many of them does this code make use of?
2. The counter decides on the rate: which n is the first one after the kill? And what does `w -= ...` do to the array
   that the caller still has?
3. for k in range(n, n + updates): v = 0.9 * v + slope(w); w = w - 0.1 / (1 + k) * v
"""

# %% task
import numpy as np


def go_on(w, v, n, slope, updates):
    raise NotImplementedError("TODO 28.2: go on with momentum and a falling rate as if nothing had happened")


# %% solution
def go_on(w, v, n, slope, updates):
    for k in range(n, n + updates):
        v = 0.9 * v + slope(w)
        w = w - 0.1 / (1 + k) * v
    return w


# %% check
def cases(rng):
    for size, n, updates in ((3, 5, 4), (2, 0, 3), (4, 20, 7), (3, 2, 1), (2, 7, 0)):
        centre, steep = rng.normal(size=size), rng.uniform(0.5, 2, size)
        w, v = rng.normal(size=size), rng.normal(size=size)
        yield w, v, n, lambda w, centre=centre, steep=steep: steep * (w - centre), updates


SLIPS = [
    (1, "The velocity is in the file as well.", "    for k in", "    v = np.zeros_like(w)\n    for k in"),
    (2, "The counter begins at 0 again, and so the rate is large again.", "range(n, n + updates)", "range(updates)"),
    (2, "So many MORE updates, not so many in all.", "range(n, n + updates)", "range(n, updates)"),
    (2, "n counts those that are done, from 0: the next one has this very number.", "range(n, n + updates)",
     "range(n + 1, n + updates + 1)"),
    (2, "That is one update too many.", "n + updates)", "n + updates + 1)"),
    (2, "`w -= ...` writes into the array that the caller still has.", "w = w - 0.1 / (1 + k) * v",
     "w -= 0.1 / (1 + k) * v"),
    (3, "The velocity first, then the weights with the NEW velocity.",
     "        v = 0.9 * v + slope(w)\n        w = w - 0.1 / (1 + k) * v\n",
     "        w = w - 0.1 / (1 + k) * v\n        v = 0.9 * v + slope(w)\n"),
    (3, "A slope leads uphill, and one goes down: w minus.", "w = w - 0.1", "w = w + 0.1"),
]  # fmt: skip
