"""27.3 How many steps from a word to the root?

n words are joined two at a time, n - 1 times in all. Return (chain, balanced): on the longest way from a word to the
root, the number of joins in a chain, which takes one word after the other, and in a balanced tree, which joins
neighbours first, then the results, and so on; what is left over waits for the next level. One word alone needs none.

1. In a chain the first word goes through every join. In a balanced tree each level halves the number of pieces.
2. How often can n be halved, rounded up, until one piece is left? That is a logarithm, rounded up.
3. return n - 1, math.ceil(math.log2(n))
"""

# %% task
import math


def depths(n):
    raise NotImplementedError("TODO 27.3: predict both from n alone, without building a tree")


# %% solution
def depths(n):
    return n - 1, math.ceil(math.log2(n))


# %% check
def cases(rng):
    for n in (1, 2, 3, 5, 8, 20, int(rng.integers(33, 60))):
        yield (n,)


SLIPS = [
    (1, "The first join takes two words at once: n words need one join fewer.", "n - 1,", "n,"),
    (1, "A chain joins one word at a time, it does not halve anything.", "n - 1,", "n // 2,"),
    (1, "You have them the other way round: the chain comes first.", "n - 1, math.ceil(math.log2(n))",
     "math.ceil(math.log2(n)), n - 1"),
    (2, "A piece that is left over needs a level, too: round up.", "math.ceil(", "math.floor("),
    (2, "That is the logarithm to base e; each level halves.", "math.log2(n)", "math.log(n)"),
    (2, "One level too many where n is a power of two.", "math.ceil(math.log2(n))", "math.floor(math.log2(n)) + 1"),
    (3, "That halves once only; go on until one piece is left.", "math.ceil(math.log2(n))", "math.ceil(n / 2)"),
    (3, "A root is not a logarithm.", "math.ceil(math.log2(n))", "math.ceil(math.sqrt(n))"),
]  # fmt: skip
