"""26.1 Three doors

An eye gives v (B, V) for each of B pictures; the words before have the vectors words (T, B, E). Return what the
recurrent net gets: its initial state (B, H), or None where it shall begin with zeros, and its inputs. For the way
"h_0", W is (V, H), and the state is tanh(v W). For "first", W is (V, E), and v W is one more input, before all words.
For "every", W is (V, K), and v W is joined to each word's vector, behind it: (T, B, E + K).

1. In two of the three ways the initial state is None. In one of them the inputs are the words alone.
2. "first" makes the sequence longer, np.concatenate along axis 0; "every" makes each vector longer, along the last.
3. view = v @ W; "h_0": np.tanh(view), words; "first": None, np.concatenate([view[None], words]); "every": None,
   np.concatenate([words, np.broadcast_to(view, (len(words), *view.shape))], axis=-1)
"""

# %% task
import numpy as np


def doors(way, v, words, W):
    raise NotImplementedError("TODO 26.1: the initial state (B, H), or None, and the inputs, for each of the ways")


# %% solution
def doors(way, v, words, W):
    view = v @ W
    if way == "h_0":
        return np.tanh(view), words
    if way == "first":
        return None, np.concatenate([view[None], words])
    at_each = np.broadcast_to(view, (len(words), *view.shape))
    return None, np.concatenate([words, at_each], axis=-1)


# %% check
def cases(rng):
    v, words = rng.normal(size=(3, 6)), rng.normal(size=(4, 3, 5))
    for way, size in [("h_0", 7), ("first", 5), ("every", 2), ("every", 5)]:
        yield way, v, words, rng.normal(size=(6, size))


SLIPS = [
    (1, "The initial state goes through a tanh, as every other state does.", "np.tanh(view), words", "view, words"),
    (1, "The state has to be made by W: v has another size.", "np.tanh(view), words", "np.tanh(v), words"),
    (1, "Where the picture is an input, the state begins with zeros: return None.",
     "return None, np.concatenate([view[None], words])", "return np.tanh(view), np.concatenate([view[None], words])"),
    (2, "The picture comes before the words, not behind them.", "[view[None], words]", "[words, view[None]]"),
    (2, "That is a sum. The picture is one more input, so the sequence is one step longer.",
     "np.concatenate([view[None], words])", "words + view"),
    (2, "At every step, not at the first alone.", "at_each = np.broadcast_to(view, (len(words), *view.shape))",
     "at_each = np.zeros((len(words), *view.shape))\n    at_each[0] = view"),
    (3, "The picture stands behind the word's vector.", "[words, at_each]", "[at_each, words]"),
    (3, "No tanh for an input.", "[words, at_each]", "[words, np.tanh(at_each)]"),
]  # fmt: skip
