"""19.1 Byte-pair encoding: which pair next?

`words` lists the different words of a text as (pieces, times): into which pieces the word is cut so far, and how often
it occurs. Return the pair (a, b) of neighbouring pieces that occurs most often in the text; of equally frequent pairs
the one that comes first in the alphabet, as Python compares tuples. Every text has one pair at least.

1. A Counter whose keys are pairs; zip(pieces, pieces[1:]) gives the neighbours in one word.
2. A word that occurs 5 times has each of its pairs 5 times. And a pair may occur twice in one word.
3. for pieces, times in words: for pair in zip(pieces, pieces[1:]): counts[pair] += times; then return min(counts,
   key=lambda pair: (-counts[pair], pair))
"""

# %% task
from collections import Counter


def best_pair(words):
    raise NotImplementedError("TODO 19.1: the pair of neighbouring pieces that occurs most often in the text")


# %% solution
def best_pair(words):
    counts = Counter()
    for pieces, times in words:
        for pair in zip(pieces, pieces[1:]):
            counts[pair] += times
    return min(counts, key=lambda pair: (-counts[pair], pair))


# %% check
def cases(rng):
    yield ([(["l", "o", "w"], 5), (["l", "o", "w", "e", "r"], 2), (["n", "e", "w"], 6)],)
    yield ([(["t", "h", "e"], 5), (["b", "a", "n", "a", "n", "a"], 4)],)
    yield ([(["a", "b"], 1), (["c", "d"], 1), (["c", "e"], 1), (["x", "c", "d"], 1)],)
    yield ([(["z", "z"], 3), (["y", "x"], 3), (["y", "b"], 2)],)
    yield ([(["th", "e"], 2), (["th", "en"], 3), (["b", "at", "h", "e"], 2), (["o", "th", "e", "r"], 2)],)
    yield ([(["b", "a"], 4), (["a", "b"], 3), (["c", "a", "b"], 2)],)
    yield ([(["q"], 50), (["r", "s"], 1), (["s", "r"], 2)],)
    for _ in range(3):
        yield ([([*rng.choice([*"abc"], size=length)], int(rng.integers(1, 5))) for length in rng.integers(1, 6, 8)],)


SLIPS = [
    (2, "A word that occurs five times has its pairs five times.", "+= times", "+= 1"),
    (2, "Each pair is counted once more for every word that has it: add up, do not overwrite.", "+= times", "= times"),
    (2, "A pair that stands twice in one word, as `an` in banana, counts twice.", "zip(pieces, pieces[1:])",
     "set(zip(pieces, pieces[1:]))"),
    (1, "These pieces stand two places apart.", "pieces[1:]", "pieces[2:]"),
    (1, "(a, b) and (b, a) are two different pairs.", "in zip(pieces, pieces[1:]):",
     "in map(tuple, map(sorted, zip(pieces, pieces[1:]))):"),
    (3, "That is the rarest pair.", "-counts[pair], pair", "counts[pair], pair"),
    (3, "Of equally frequent pairs the first in the alphabet, not the last: key on the count alone, or on -count and "
     "pair.", "min(counts, key=lambda pair: (-counts[pair], pair))",
     "max(counts, key=lambda pair: (counts[pair], pair))"),
    (3, "Of equally frequent pairs this takes the one that it met first.", "(-counts[pair], pair)", "-counts[pair]"),
    (3, "The pair is asked for, not how often it occurs.", "return min(counts, key=lambda pair: (-counts[pair], pair))",
     "return max(counts.values())"),
    (1, "Pairs of pieces are counted, not pieces.", "for pair in zip(pieces, pieces[1:]):", "for pair in pieces:"),
]  # fmt: skip
