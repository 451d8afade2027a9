"""25.4 Make it fail: a beam that loses to greedy

A wider beam keeps more beginnings, so surely it never finds anything worse? Prove that it does. A decoder writes words
of three letters, out of the first width + 1 letters of the alphabet. Return a dict: for "" and for beginnings of one or
two letters, such as "a" or "ba", the list of the width + 1 probabilities of the next letter. What you leave out counts
as evenly spread. A beam of this width must end with a word that is less likely than the one that greedy decoding
writes.

1. Greedy's word begins with "aa", say. If "aa" is among the kept beginnings, the beam finds greedy's word, too. So it
   must be crowded out: by how many beginnings of two letters, and where could they all come from?
2. All from "b", which is nearly as likely as "a": after "b", width letters share all there is; after "a" all width + 1
   letters are nearly alike, so that "aa" is a little less likely than each of those. What follows after "aa", and what
   after the others, so that the beam regrets it?
3. n = width + 1; first = np.ones(n); first[:2] = 1.02, 1.01; after_a = np.ones(n); after_a[0] = 1.02; after "b"
   np.arange(n) < width; after "aa" np.arange(n) == 0; each divided by its sum.
"""


# %% task
import numpy as np


def beam_loses(width):
    raise NotImplementedError("TODO 25.4: a dict {beginning: probabilities} on which this beam loses to greedy")


# %% solution
def beam_loses(width):
    n = width + 1
    first, after_a = np.ones(n), np.ones(n)
    first[:2] = 1.02, 1.01
    after_a[0] = 1.02
    after_b, after_aa = np.arange(n) < width, np.arange(n) == 0
    lists = {"": first, "a": after_a, "b": after_b, "aa": after_aa}
    return {begun: list(p / p.sum()) for begun, p in lists.items()}


# %% check
def cases(rng):
    for width in (2, 3, int(rng.integers(4, 9))):
        yield (width,)


def search(tree, letters, width):
    """The likeliest word that a beam of this width ends with: (word, probability)."""
    beam = [("", 1.0)]
    even = np.full(len(letters), 1 / len(letters))
    for _ in range(3):
        longer = [(done + x, p * q) for done, p in beam for x, q in zip(letters, tree.get(done, even))]
        beam = sorted(longer, key=lambda one: -one[1])[:width]
    return beam[0]


def judge(result, width):
    letters = "abcdefghijklmnopqrstuvwxyz"[: width + 1]
    if not isinstance(result, dict):
        return 1, "A dict is wanted, such as {'': [0.5, 0.3, 0.2], 'a': [...]}."
    for begun, p in result.items():
        if not isinstance(begun, str) or len(begun) > 2 or set(begun) - set(letters):
            return 1, f"{begun!r} is no beginning of at most two of the letters {letters}."
        p = np.asarray(p, dtype=float)
        if p.shape != (width + 1,) or not (p >= 0).all() or abs(p.sum() - 1) > 1e-6:
            return 1, f"After {begun!r} there should be {width + 1} probabilities, at least 0, that add up to 1."
    greedy, beam = search(result, letters, 1), search(result, letters, width)
    if beam[1] >= greedy[1] * (1 - 1e-9):
        same = "the same word" if beam[0] == greedy[0] else f"{beam[0]!r}, which is no less likely"
        return 2, f"Greedy writes {greedy[0]!r}, and a beam of {width} ends with {same}."
    return None


SLIPS = [
    (1, "The probabilities do not add up to 1: each list must be divided by its sum.", "list(p / p.sum())", "list(p)"),
    (1, "A list of probabilities has one number for each letter.",
     '"a": after_a', '"a": after_a[1:]'),
    (1, "Greedy begins with b, as does the beam.", "first[:2] = 1.02, 1.01", "first[:2] = 1.01, 1.02"),
    (2, "\"aa\" is so likely that it stays in the beam.", "after_a[0] = 1.02", "after_a[0] = 5.0"),
    (2, "After \"b\" the letters share too little: they do not crowd \"aa\" out.", "np.arange(n) < width",
     "np.arange(n) >= 0"),
    (2, "One beginning is not enough: the others leave room for \"aa\".", "np.arange(n) < width", "np.arange(n) < 1"),
    (2, "Nothing is regretted: after \"aa\" it goes on no better than after the others.",
     "np.arange(n) == 0", "np.arange(n) >= 0"),
    (2, "\"b\" is so unlikely that its beginnings are dropped.", "1.02, 1.01", "1.02, 0.3"),
]  # fmt: skip
