"""Draw from a language model one symbol at a time, feeding each back in. The model is a function; what is drawn from is
computed on the host. Imports the engine, for no_grad and the random generator."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from minigrad import backend
from minigrad.graph import no_grad
from minigrad.tensor import plain


def on_host(values: Any) -> np.ndarray:
    """A Tensor, an array of the backend or numbers, as a float64 array on the host."""
    values = plain(values)
    return np.asarray(backend.to_host(values) if hasattr(values, "dtype") else values, dtype=np.float64)


def shifted(logits: Any) -> np.ndarray:
    """Logits (..., V), a Tensor or an array, as float64 on the host, the largest of each row 0: exp() cannot overflow.
    A logit may be -inf. Raises ValueError where there is no row, or nan, inf, or -inf throughout in one."""
    logits = on_host(logits)
    if not (logits.ndim and logits.size):
        raise ValueError(f"logits {logits.shape} must be (V,) or (B, V), with at least one number")
    top = logits.max(axis=-1, keepdims=True)  # NaN if any is
    if not np.isfinite(top).all():
        bad = top[~np.isfinite(top)][0]
        raise ValueError(f"the largest logit is {bad}; the model's weights may have diverged")
    return logits - top


def probabilities(
    logits: Any, temperature: float = 1.0, top_k: int | None = None, top_p: float | None = None
) -> np.ndarray:
    """softmax(logits / temperature), what is drawn from: logits (..., V) -> float64 (..., V), adding up to 1.

    temperature: 0 gives everything to the largest logit (the first of equals); 1 is the model's own opinion; above 1
    is flatter. top_k: only the k likeliest ids stay, of equals the first. top_p: of those only the nucleus, the
    smallest set of the likeliest whose probability is at least p (Holtzman et al., 2020). What stays adds up to 1.
    Raises ValueError for a temperature that is negative or not finite, top_k below 1, top_p outside (0, 1], and logits
    as `shifted` does.
    """
    if not (math.isfinite(temperature) and temperature >= 0):
        raise ValueError(f"temperature must be finite and at least 0, not {temperature!r}")
    if top_k is not None and (not isinstance(top_k, (int, np.integer)) or top_k < 1):
        raise ValueError(f"top_k must be a whole number of at least 1, or None, not {top_k!r}")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError(f"top_p must be above 0 and at most 1, or None, not {top_p!r}")
    logits = shifted(logits)
    if temperature == 0:
        p = np.zeros_like(logits)
        np.put_along_axis(p, logits.argmax(axis=-1, keepdims=True), 1, axis=-1)
        return p
    with np.errstate(over="ignore"):  # a tiny temperature sends all but the largest to -inf, which is right
        p = _normalised(np.exp(logits / temperature))
    if top_k is None and top_p is None:
        return p
    order = np.argsort(-p, axis=-1, kind="stable")
    ranked = np.take_along_axis(p, order, axis=-1)
    if top_k is not None:
        ranked[..., top_k:] = 0
        ranked = _normalised(ranked)
    if top_p is not None:
        likelier = np.cumsum(ranked, axis=-1) - ranked
        ranked[likelier >= top_p] = 0
    np.put_along_axis(p, order, ranked, axis=-1)
    return _normalised(p)


def _normalised(weights: np.ndarray) -> np.ndarray:
    return weights / weights.sum(axis=-1, keepdims=True)


def softmax_sample(
    logits: Any, temperature: float = 1.0, rng: np.random.Generator | None = None, top_k: int | None = None,
    top_p: float | None = None,
) -> int | np.ndarray:  # fmt: skip
    """Drawn with those `probabilities`: logits (V,) -> one id, an int; (B, V) -> ids int64 (B,). rng: the backend's.

    Raises ValueError as `probabilities` does, and for logits of another shape.
    """
    p = probabilities(logits, temperature, top_k, top_p)
    if p.ndim > 2:
        raise ValueError(f"softmax_sample: logits {p.shape} must be (V,) or (B, V)")
    if temperature == 0:
        ids = p.argmax(axis=-1)
    else:
        rng = backend.generator() if rng is None else rng
        below = np.cumsum(p, axis=-1)
        below /= below[..., -1:]
        ids = (below <= rng.random(p.shape[:-1])[..., None]).sum(axis=-1)  # as rng.choice(V, p=p) has it
    return ids if p.ndim == 2 else int(ids)


def sample_ids(
    step: Callable[[Any, Any], tuple[Any, Any]],
    state: Any,
    first_id: Any,
    length: int,
    temperature: float = 1.0,
    rng: np.random.Generator | None = None,
    top_k: int | None = None,
    top_p: float | None = None,
    end: int | None = None,
) -> np.ndarray:
    """Ids drawn one after another: int64 (length,), without `first_id`, which is only fed in.

    end: drawing stops at this id, which is left out; then `length` is the most, and fewer ids say that the sequence
    ended by itself. `step(id, state) -> (logits (V,), state)` is one step of the model, `state` whatever it wants
    carried; for a step over batches, such as LanguageModel.step, first_id is [id] and logits are (1, V).
    Raises ValueError for a negative length, more than one first id, and as `softmax_sample` does.
    """
    if length < 0:
        raise ValueError(f"sample_ids: length must be at least 0, not {length}")
    if np.size(first_id) != 1:
        raise ValueError(f"sample_ids: one sequence is drawn, so first_id is id or [id], not {first_id!r}")
    ids, symbol = [], first_id
    with no_grad():
        for _ in range(length):
            logits, state = step(symbol, state)
            symbol = softmax_sample(logits, temperature, rng, top_k, top_p)
            if symbol == end:
                break
            ids.append(symbol)
    return np.array(ids, dtype=np.int64).reshape(-1)


def spelled(
    step: Callable[[Any, Any], tuple[Any, Any]], state: Any, first_id: Any, ids: Sequence[int] | np.ndarray
) -> np.ndarray:
    """How likely each of `ids` is after those before it: float64 (N,). Their product is the probability of the whole
    sequence (the chain rule). step, state, first_id: as in `sample_ids`. Raises IndexError for an id outside."""
    found, symbol = [], first_id
    with no_grad():
        for i in ids:
            logits, state = step(symbol, state)
            p = probabilities(logits).reshape(-1)
            backend.check_index(np.asarray(i), len(p), "spelled")
            found.append(p[i])
            symbol = i if np.ndim(first_id) == 0 else [i]
    return np.array(found)


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
