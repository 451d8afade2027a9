"""24.5 Make it fail: a source in another order

Attention looks at vectors, keys (n, K), which are its values, too: a = softmax(keys @ query), context = a @ keys. What
if there is no encoder, and the keys are just the vectors of the words? Give another source, keys of the same shape, not
equal to these, with the *same context for every query*. ("The dog bites the man" ...) Leave keys as they are. No two of
them are equal.

1. What is a sum if its terms come in another order?
2. Turn the rows round, or exchange two of them. Every row has its own weight still, and takes it along.
3. return keys[::-1]
"""

# %% task
import numpy as np


def same_for_every_query(keys):
    raise NotImplementedError("TODO 24.5: other keys (n, K), also used as values, with the same context for any query")


# %% solution
def same_for_every_query(keys):
    return keys[::-1].copy()


# %% check
def cases(rng):
    for n, size in [(3, 3), (5, 4), (2, 6)]:
        yield (rng.normal(size=(n, size)),)


def context(keys, query):
    e = keys @ query
    a = np.exp(e - e.max())
    return a @ keys / a.sum()


def judge(result, keys):
    other = np.asarray(result, float)
    if other.shape != keys.shape:
        return 1, f"your keys have the shape {other.shape}, it should be {keys.shape}"
    if np.allclose(other, keys):
        return 1, "Those are the same keys in the same order."
    for query in np.random.default_rng(0).normal(size=(20, keys.shape[1])):
        off = np.abs(context(other, query) - context(keys, query)).max()
        if not off < 1e-9:
            return 2, f"for one query the context differs by {off:.3g}"
    return None


SLIPS = [
    (1, "Those are the same keys in the same order.", "keys[::-1].copy()", "keys.copy()"),
    (2, "The columns are exchanged: those are other vectors, with other scores.", "keys[::-1]", "keys[:, ::-1]"),
    (2, "The context is as much longer as the keys.", "keys[::-1].copy()", "2 * keys"),
    (2, "With the sign turned round each key gets another weight.", "keys[::-1].copy()", "-keys"),
    (2, "All scores grow alike, and the weights stay; but the context moves with the values.", "keys[::-1].copy()",
     "keys + 1"),
    (2, "The mean is the context only where all weights are equal, for the query 0.", "keys[::-1].copy()",
     "np.tile(keys.mean(axis=0), (len(keys), 1))"),
    (2, "One key is lost.", "keys[::-1].copy()", "np.concatenate([keys[1:], keys[1:2]])"),
    (1, "The same number of keys is asked for.", "keys[::-1].copy()", "np.concatenate([keys, keys])"),
]  # fmt: skip
