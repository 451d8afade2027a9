"""18.4 Find the bug: the mask that eats the memory

One step of a GRU: h' = (1 - z) n + z h, where the gate z says how much of the old state is kept and n is the new
candidate. Somebody wanted dropout inside and put the mask m (zeros, and survivors scaled already) on the state:

    return (1 - z) * n + z * (h * m)

With z = 1 this should remember for ever, and it loses a share of its units at each step. Put the mask where nothing is
carried on, on the candidate (Semeniuta, Severyn and Barth, 2016). All are arrays (B, H), and stay as they are.

1. Put z = 1 into the line. What must come out for every m?
2. h. So m may stand only on something that 1 - z multiplies: with z = 1 that is 0, whatever m is.
3. return (1 - z) * (n * m) + z * h
"""


# %% task
def masked_step(h, z, n, m):
    # return (1 - z) * n + z * (h * m)
    raise NotImplementedError("TODO 18.4: h' = (1 - z) n + z h, with the mask where nothing is carried")


# %% solution
def masked_step(h, z, n, m):
    return (1 - z) * (n * m) + z * h


# %% check
def cases(rng):
    h, n, m = rng.normal(size=(2, 5)), rng.uniform(-1, 1, (2, 5)), (rng.random((2, 5)) < 0.6) / 0.6
    m[0, :2] = 0, 1 / 0.6
    yield h, 0 * h + 1, n, m
    for _ in range(3):
        yield rng.normal(size=(2, 5)), rng.random((2, 5)), rng.uniform(-1, 1, (2, 5)), (rng.random((2, 5)) < 0.6) / 0.6


SLIPS = [
    (1, "That is the bug itself: the mask stands on the state.", "(n * m) + z * h", "n + z * (h * m)"),
    (1, "The mask is on both, that is, on the whole new state: the memory is lost still.", "(n * m) + z * h",
     "(n * m) + z * (h * m)"),
    (2, "Nothing is dropped any more.", "(n * m)", "n"),
    (2, "With z * m inside of 1 - z * m a dropped unit takes the new value at once, and forgets the old one.",
     "(1 - z) * (n * m) + z * h", "(1 - z * m) * n + (z * m) * h"),
    (2, "What is not written is kept: that is zoneout's idea, but m is scaled, so 1 - m is below 0 for survivors.",
     "(1 - z) * (n * m) + z * h", "m * ((1 - z) * n + z * h) + (1 - m) * h"),
    (3, "z and 1 - z have changed places: here z keeps the OLD state.", "(1 - z) * (n * m) + z * h",
     "z * (n * m) + (1 - z) * h"),
    (3, "The gate 1 - z is lost.", "(1 - z) * (n * m)", "(n * m)"),
    (3, "The mask is scaled already; divided by its mean the candidate is scaled twice.", "(n * m)",
     "(n * m / 0.6)"),
]  # fmt: skip
