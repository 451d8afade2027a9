"""04.2 Keep something back for the unseen

followers is a dict from words to how often each followed some context; it may be empty, if the context never occurred.
shorter is a dict from every word w to its probability after the shorter context. With c the sum of the counts and t the
number of different followers, Witten and Bell say P(w) = (count(w) + t shorter(w)) / (c + t). Return a dict with P(w)
for every word of shorter. After a context that never occurred, P is that of the shorter one.

1. t is what is kept back: as many times as something new has come after this context. How is that counted?
2. c = sum(followers.values()) and t = len(followers). A word that never followed has the count 0: followers.get(w, 0).
3. if not followers: return dict(shorter); else return {w: (followers.get(w, 0) + t * p) / (c + t) for w, p in
   shorter.items()}
"""


# %% task
def witten_bell(followers, shorter):
    raise NotImplementedError("TODO 04.2: (c(w) + t * shorter[w]) / (c + t) for each word w")


# %% solution
def witten_bell(followers, shorter):
    if not followers:
        return dict(shorter)
    c, t = sum(followers.values()), len(followers)
    return {w: (followers.get(w, 0) + t * p) / (c + t) for w, p in shorter.items()}


# %% check
import numpy as np

WORDS = ["pear", "pair", "plum", "salad", "shoes"]


def cases(rng):
    for seen in (3, 1, 5, 0):
        p = rng.dirichlet(np.ones(5))
        followers = {WORDS[i]: int(rng.integers(2, 9)) for i in rng.permutation(5)[:seen]}
        yield followers, dict(zip(WORDS, p.tolist()))


def judge(found, followers, shorter):
    if not isinstance(found, dict):
        return 3, "a dict from words to probabilities is asked for"
    missing = [w for w in shorter if w not in found]
    if missing:
        return 2, f"{missing[0]!r} has no probability: every word of shorter needs one, seen or not"
    c, t = sum(followers.values()), len(followers)
    right = {w: (followers.get(w, 0) + t * p) / (c + t) if c else p for w, p in shorter.items()}
    wrong = [w for w in shorter if abs(found[w] - right[w]) > 1e-9]
    total = sum(found.values())
    if wrong and abs(total - 1) > 1e-9:
        return 1, f"the probabilities add up to {total:.6g}"
    return (1, f"P({wrong[0]}) is {found[wrong[0]]:.6g}, it should be {right[wrong[0]]:.6g}") if wrong else None


SLIPS = [
    (1, "Nothing is kept back: what never followed gets 0, and with it every text that contains it.",
     "(followers.get(w, 0) + t * p) / (c + t)", "followers.get(w, 0) / c"),
    (1, "What is kept back is taken from nobody: the sum is above 1. Divide by c + t.", "/ (c + t)", "/ c"),
    (1, "t counts the *different* followers, c all of them.", "len(followers)", "sum(followers.values())"),
    (2, "t is the number of different followers of this context, not of all words.", "len(followers)", "len(shorter)"),
    (1, "The same for everyone is not the shorter context's opinion: t * shorter[w].", "t * p", "1"),
    (1, "The weight t of the shorter context is missing.", "t * p", "p"),
    (2, "The words that never followed are left out: they are what it is all about.", "for w, p in shorter.items()",
     "for w, p in shorter.items() if w in followers"),
    (2, "Always nine to one, however much was seen: after 1,000 occurrences the counts should weigh more.",
     "(followers.get(w, 0) + t * p) / (c + t)", "0.9 * followers.get(w, 0) / c + 0.1 * p"),
    (1, "The seen words keep all, and only the others share: the sum is above 1.",
     "(followers.get(w, 0) + t * p) / (c + t)", "followers[w] / c if w in followers else t * p / (c + t)"),
]  # fmt: skip
