"""28.4 One bit

A weight in 32 bits has one bit for the sign, the highest, bit 31; eight for the exponent, bits 30 to 23; and 23 for the
digits, down to bit 0. Return the number (a np.float32) that is there after bit k of this weight has been flipped. When
it works, try all 32 bits of 0.1, and see that most of them do not matter, and which one makes a number of 38 digits.

1. np.float32(weight).view(np.uint32) shows the same 32 bits as a whole number; .view(np.float32) turns them back.
2. 1 << k has a single one, at place k. Which operation turns a bit round, whatever it was: and, or, exclusive or?
3. bits = np.float32(weight).view(np.uint32) ^ np.uint32(1 << k); return bits.view(np.float32)
"""

# %% task
import numpy as np


def flip(weight, k):
    raise NotImplementedError("TODO 28.4: the number, as np.float32, that the flipped bits stand for")


# %% solution
def flip(weight, k):
    bits = np.float32(weight).view(np.uint32) ^ np.uint32(1 << k)
    return bits.view(np.float32)


# %% check
def cases(rng):
    for k in (31, 30, 23, 22, 0, 12):
        yield 0.1, k
    for _ in range(6):
        yield float(rng.normal()), int(rng.integers(0, 30))
    yield -0.75, 31


SLIPS = [
    (2, "`or` can only set a bit; one that is 1 must become 0.", "^ np", "| np"),
    (2, "`and` keeps that bit alone, and throws the others away.", "^ np", "& np"),
    (2, "That turns bits of k round: 1 << k is the bit at place k.", "np.uint32(1 << k)", "np.uint32(k)"),
    (3, "Bit 0 is the one that counts least, not the highest.", "1 << k", "1 << (31 - k)"),
    (3, "Bits are counted from 0.", "1 << k", "(1 << k) >> 1"),
    (1, "These are the bits; show them as a number again, .view(np.float32).", "bits.view(np.float32)", "bits"),
    (2, "Only bit k is flipped, not all those below it.", "1 << k", "(1 << k + 1) - 1"),
    (1, "astype cuts the weight to a whole number; .view shows its bits.", "np.float32(weight).view(np.uint32)",
     "np.float32(abs(weight)).astype(np.uint32)"),
]  # fmt: skip
