"""18.2 Predict: what a masked memory keeps

A memory of `units` units does nothing but remember, h_t = h_{t-1}. It goes through dropout with probability p at each
of T steps: a fresh mask for each, survivors scaled by 1 / (1 - p). Return two numbers: how many units are expected to
be alive after T steps, that is, not 0; and by what each of the living has been multiplied by then.

1. A unit must survive *every* one of the T masks, and they are independent of each other.
2. It does with probability (1 - p)^T. Whoever survives has been scaled T times.
3. return units * (1 - p) ** T, (1 - p) ** -T
"""


# %% task
def after_masks(units, p, T):
    raise NotImplementedError("TODO 18.2: (expected number of living units, what each is multiplied by)")


# %% solution
def after_masks(units, p, T):
    alive = units * (1 - p) ** T
    return alive, 1 / (1 - p) ** T


# %% check
def cases(rng):
    for T in (3, 5, 10):
        yield int(rng.integers(20, 200)), float(rng.choice([0.2, 0.3, 0.6])), T


SLIPS = [
    (1, "That is the share that one mask leaves; there are T.", "units * (1 - p) ** T", "units * (1 - p)"),
    (1, "That counts the units that a mask would kill at EVERY step. One is enough.", "units * (1 - p) ** T",
     "units * (1 - p**T)"),
    (1, "Probabilities of independent events are multiplied, not added: it would fall below 0.", "units * (1 - p) ** T",
     "units * (1 - p * T)"),
    (1, "These are the dead ones.", "alive = units * (1 - p) ** T", "alive = units * (1 - (1 - p) ** T)"),
    (1, "p is the probability to be dropped.", "units * (1 - p) ** T", "units * p**T"),
    (1, "The NUMBER of units is asked for, not the share.", "units * (1 - p) ** T", "(1 - p) ** T"),
    (2, "Each survivor was scaled at every step, not once.", "1 / (1 - p) ** T", "1 / (1 - p)"),
    (2, "The factors are multiplied, not added.", "1 / (1 - p) ** T", "T / (1 - p)"),
    (2, "Multiplied by 1 would be a net without scaling; only the MEAN of all units stays as it was.",
     "1 / (1 - p) ** T", "1.0"),
    (2, "The survivors grow.", "1 / (1 - p) ** T", "(1 - p) ** T"),
    (3, "One mask too few: T steps are T masks.", "units * (1 - p) ** T", "units * (1 - p) ** (T - 1)"),
]  # fmt: skip
