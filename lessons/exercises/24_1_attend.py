"""24.1 One look

A decoder in the state `query` (K,) looks at keys (n, K) and takes from values (n, V). The score of a position is the
dot product of its key and the query, divided by the root of K. The positions from `length` on are padding: they get
weight exactly 0, whatever stands there, even nan. Return the context (V,) and the weights (n,). The scores may be
large: subtract the largest before `exp`, or it overflows.

1. All scores at once: keys @ query / np.sqrt(len(query)), but only of the first `length` keys. Then a softmax of those.
2. Only the real positions share the weight of 1 among them, so leave the padding out before the softmax, not after it.
3. e = keys[:length] @ query / np.sqrt(len(query)); p = np.exp(e - e.max()); a = np.zeros(len(keys));
   a[:length] = p / p.sum(); return a[:length] @ values[:length], a
"""

# %% task
import numpy as np


def attend(query, keys, values, length):
    raise NotImplementedError("TODO 24.1: return the context (V,) and the weights (n,), for scaled dot products")


# %% solution
def attend(query, keys, values, length):
    e = keys[:length] @ query / np.sqrt(len(query))
    p = np.exp(e - e.max())
    a = np.zeros(len(keys))
    a[:length] = p / p.sum()
    return a[:length] @ values[:length], a


# %% check
def cases(rng):
    for n, length in [(4, 4), (5, 3), (6, 1), (6, 4)]:
        yield rng.normal(size=4), rng.normal(size=(n, 4)), rng.normal(size=(n, 3)), length
    keys, values = rng.normal(size=(5, 4)), rng.normal(size=(5, 3))
    yield 5000 * rng.normal(size=4), keys, values, 5
    keys[2:], values[2:] = np.nan, np.nan
    yield rng.normal(size=4), keys, values, 2


SLIPS = [
    (1, "The scores are not divided by the root of K.", " / np.sqrt(len(query))", ""),
    (1, "Divide by the root of K, not by K.", "np.sqrt(len(query))", "len(query)"),
    (1, "Divide by the root of the size of a key, not of the number of keys.", "np.sqrt(len(query))",
     "np.sqrt(len(keys))"),
    (1, "Large scores: exp overflows. Subtract the largest first, which changes no weight.", "np.exp(e - e.max())",
     "np.exp(e)"),
    (1, "A softmax takes exp of the scores first.", "p = np.exp(e - e.max())", "p = e - e.min()"),
    (2, "The padding is not left out: it shares the weight of the real positions.",
     "    e = keys[:length] @ query / np.sqrt(len(query))",
     "    length = len(keys)\n    e = keys[:length] @ query / np.sqrt(len(query))"),
    (2, "The padding is set to 0 after the softmax: now the weights do not add up to 1.",
     "    e = keys[:length] @ query / np.sqrt(len(query))\n    p = np.exp(e - e.max())\n    a = np.zeros(len(keys))\n"
     "    a[:length] = p / p.sum()",
     "    e = keys @ query / np.sqrt(len(query))\n    p = np.exp(e - e.max())\n    a = p / p.sum()\n"
     "    a[length:] = 0"),
    (2, "One position too few: `length` of them are real.", "    e = keys[:length]",
     "    length = max(1, length - 1)\n    e = keys[:length]"),
    (3, "The weights are divided by their number, not by their sum.", "p / p.sum()", "p / length"),
    (3, "The context is made of the values; the keys are only for the scores.", "@ values[:length], a",
     "@ keys[:length], a"),
    (3, "That is the plain mean of the values; each counts with its weight.", "a[:length] @ values[:length]",
     "values[:length].mean(axis=0)"),
    (3, "The best position takes all: an argmax, which has no gradient. Use the weighted mean.",
     "a[:length] @ values[:length]", "values[e.argmax()]"),
]  # fmt: skip
