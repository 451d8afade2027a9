"""Draw from a language model one symbol at a time, feeding each back in. Works on host arrays; the model is a function.
May import the backend, for its random generator."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection
from typing import Any

import numpy as np

from minigrad import backend


def softmax_sample(logits: np.ndarray, temperature: float = 1.0, rng: np.random.Generator | None = None) -> int:
    """One id drawn with probability softmax(logits / temperature): logits (V,) -> int.

    Temperature 0 is the argmax (the first of equals); 1 the model's own probabilities; above 1 flatter. The largest
    logit is subtracted before exp, so that nothing overflows; a logit of -inf is never drawn. `rng`: the backend's.
    Raises ValueError for a temperature that is negative or not finite, and for logits that are not a row of numbers.
    """
    if not (math.isfinite(temperature) and temperature >= 0):
        raise ValueError(f"softmax_sample: temperature must be finite and at least 0, not {temperature!r}")
    logits = np.asarray(logits, dtype=np.float64)
    if logits.ndim != 1 or not logits.size:
        raise ValueError(f"softmax_sample: logits must be one row (V,), not {logits.shape}")
    top = logits.max()  # NaN if any is
    if not np.isfinite(top):
        raise ValueError(f"softmax_sample: the largest logit is {top}; the model's weights may have diverged")
    if temperature == 0:
        return int(logits.argmax())
    with np.errstate(over="ignore"):  # a tiny temperature sends all but the largest to -inf, which is right
        weights = np.exp((logits - top) / temperature)
    rng = backend.generator() if rng is None else rng
    return int(rng.choice(len(weights), p=weights / weights.sum()))


def sample_ids(
    step: Callable[[int, Any], tuple[np.ndarray, Any]],
    state: Any,
    first_id: int,
    length: int,
    temperature: float = 1.0,
    rng: np.random.Generator | None = None,
) -> np.ndarray:
    """`length` ids drawn one after another: int64 (length,), without `first_id`, which is only fed in.

    `step(id, state) -> (logits (V,), state)` is one step of the model; `state` is whatever it wants carried.
    Raises ValueError for a negative length and as `softmax_sample` does.
    """
    if length < 0:
        raise ValueError(f"sample_ids: length must be at least 0, not {length}")
    ids = np.empty(length, dtype=np.int64)
    symbol = first_id
    for i in range(length):
        logits, state = step(symbol, state)
        symbol = ids[i] = softmax_sample(logits, temperature, rng)
    return ids


def words(text: str) -> list[str]:
    """The runs of at least three letters in `text`, in lower case."""
    return [word.lower() for word in re.findall(r"[^\W\d_]{3,}", text)]


def word_validity(sample: str, corpus_words: Collection[str]) -> float:
    """Share of the sample's words that occur among `corpus_words` (best a set, `set(words(text))`); 0.0 if it has none.

    Runs of one or two letters do not count: nearly all of them occur somewhere, so noise would look valid.
    """
    if isinstance(corpus_words, str):
        raise TypeError("word_validity: corpus_words must be a collection of words; make one with set(words(text))")
    found = words(sample)
    return sum(word in corpus_words for word in found) / len(found) if found else 0.0
