"""23.4 Predict: the share of whole replies

People give one of K replies of two words, all words different; reply k comes with the chance p[k], and the offer says
nothing about which. A decoder is trained until it has the best loss that it can have: at the first step it says the
first words as often as people do; at the second it is fed the true first word with the chance r, else its own sampled
one. In use its own first word is always fed. Which share of its sampled replies are whole: first and second word of the
same reply?

1. Think of r = 0 first. It has said word k; how often does the true reply of the example go on with word k's partner?
2. Fed with k, its partner is wanted with the chance r + (1 - r) p[k]: that is what the net learns, and what it says.
3. In use k is said with the chance p[k]: sum over k of p[k] (r + (1 - r) p[k]), that is r + (1 - r) sum p[k]^2
"""


# %% task
def whole_share(p, r):
    raise NotImplementedError("TODO 23.4: with all p alike it is r + (1 - r) / len(p)")


# %% solution
def whole_share(p, r):
    own = sum(chance * chance for chance in p)
    return r + (1 - r) * own


# %% check
def cases(rng):
    yield [0.5, 0.25, 0.25], 0.5
    for K in (2, 3, 5):
        weights = rng.random(K) + 0.1
        yield (weights / weights.sum()).tolist(), float(rng.uniform(0.2, 0.8))
    yield [0.7, 0.2, 0.1], 0.0
    yield [0.7, 0.2, 0.1], 1.0


SLIPS = [
    (1, "That is right only if all replies are equally likely.", "sum(chance * chance for chance in p)", "1 / len(p)"),
    (1, "In use it is fed its own word, but what it LEARNED at r = 0 is not that anything fits.",
     "sum(chance * chance for chance in p)", "0"),
    (1, "Also with its own word it fits sometimes; not always.", "sum(chance * chance for chance in p)", "sum(p)"),
    (2, "r is the chance of the TRUE word, 1 - r that of its own.", "r + (1 - r) * own", "(1 - r) + r * own"),
    (2, "The true word is fed with the chance r, and then its partner is always wanted.", "r + (1 - r) * own",
     "(1 - r) * own"),
    (2, "These two cases exclude each other: the second has the chance 1 - r.", "r + (1 - r) * own", "r + own"),
    (3, "The net samples; it does not always say the likeliest reply.",
     "sum(chance * chance for chance in p)", "max(p)"),
    (3, "Both factors are chances: that of saying k, and that of its partner being wanted.",
     "sum(chance * chance for chance in p)", "sum(chance**3 for chance in p)"),
]  # fmt: skip
