"""Word vectors from the company that words keep: skip-gram and CBOW with negative sampling (Mikolov et al., 2013a,
arXiv 1301.3781; 2013b, arXiv 1310.4546), and what one asks of them. Imports the engine and nn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np

from minigrad import backend
from minigrad.errors import DtypeError, ShapeError
from minigrad.nn import Embedding, Module
from minigrad.ops import log_sigmoid, mean
from minigrad.tensor import Tensor

__all__ = [
    "Word2Vec", "analogy", "analogy_accuracy", "cbow_windows", "neighbours", "skip_gram_pairs", "subsample",
]  # fmt: skip

Sentences = Sequence[Sequence[int]]
PAD = -1  # where a window has no word

# ---------------------------------------------------------------- windows


def _flat(sentences: Sentences) -> tuple[np.ndarray, np.ndarray]:
    """All ids (N,) one after another, and the number of the sentence that each is in. Raises TypeError, IndexError."""
    try:
        lengths = [len(sentence) for sentence in sentences]
        ids = np.fromiter(chain.from_iterable(sentences), dtype=np.int64, count=sum(lengths))
    except (TypeError, ValueError) as error:
        raise TypeError(f"word2vec: sentences are sequences of word ids, which are integers: {error}") from None
    if ids.size and ids.min() < 0:
        raise IndexError(f"word2vec: word id {ids.min()} is below 0")
    return ids, np.repeat(np.arange(len(lengths)), lengths)


def subsample(sentences: Sentences, threshold: float, rng: np.random.Generator) -> list[np.ndarray]:
    """The sentences with fewer frequent words: one that is the share f of all words stays with probability
    min(1, sqrt(threshold / f)) (2013b, equation 5), and what stays moves together. Raises ValueError unless
    threshold > 0."""
    if not threshold > 0:
        raise ValueError(f"subsample: threshold must be above 0, not {threshold!r}")
    ids, sentence = _flat(sentences)
    share = np.bincount(ids) / max(len(ids), 1)
    stays = rng.random(len(ids)) < np.sqrt(threshold / share[ids])
    ends = np.cumsum(np.bincount(sentence[stays], minlength=len(sentences)))
    return np.split(ids[stays], ends[:-1])


def cbow_windows(sentences: Sentences, window: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Each word with those around it in its sentence: contexts (N, 2 * window), -1 where there is none, and words (N,).

    Each window reaches 1 .. window words to either side, drawn evenly, so that near words count more (2013a, section
    3.2). Words that are alone are left out. Raises ValueError for a window below 1, TypeError for words in place of
    ids.

    >>> contexts, words = cbow_windows([[5, 6, 7], [8, 9]], 1, np.random.default_rng(0))
    >>> contexts.tolist(), words.tolist()
    ([[-1, 6], [5, 7], [6, -1], [-1, 9], [8, -1]], [5, 6, 7, 8, 9])
    """
    if window < 1:
        raise ValueError(f"word2vec: window={window}: at least one word to either side is needed")
    ids, sentence = _flat(sentences)
    reach = rng.integers(1, window + 1, len(ids))
    contexts = np.full((len(ids), 2 * window), PAD)
    for far in range(1, window + 1):
        together = sentence[far:] == sentence[:-far]
        contexts[far:, window - far] = np.where(together & (far <= reach[far:]), ids[:-far], PAD)
        contexts[:-far, window - 1 + far] = np.where(together & (far <= reach[:-far]), ids[far:], PAD)
    accompanied = (contexts != PAD).any(axis=1)
    return contexts[accompanied], ids[accompanied]


def skip_gram_pairs(sentences: Sentences, window: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Each word with each other word of its window: words (N,) and contexts (N,). See cbow_windows.

    >>> words, contexts = skip_gram_pairs([[5, 6, 7]], 1, np.random.default_rng(0))
    >>> words.tolist(), contexts.tolist()
    ([5, 6, 6, 7], [6, 5, 7, 6])
    """
    contexts, words = cbow_windows(sentences, window, rng)
    row, place = np.nonzero(contexts != PAD)
    return words[row], contexts[row, place]


# ---------------------------------------------------------------- the model


class Word2Vec(Module):
    """Two vectors for each of num words, v in `input` and u in `output`: u_o . v_c is large where o is met beside c.

    kind: "skip-gram", c is a word and o one of its contexts; "cbow", v_c is the mean over the contexts and o the word.
    counts (num,): how often each word occurs; noise words are drawn by counts^0.75 (evenly when None), `negatives` for
    each true one. At first v is even within 0.5 / dim and u is 0, as in the authors' program. Raises ValueError.
    """

    def __init__(
        self, num: int, dim: int, kind: str = "skip-gram", counts: Any = None, negatives: int = 5,
        rng: np.random.Generator | None = None,
    ):  # fmt: skip
        if kind not in ("skip-gram", "cbow"):
            raise ValueError(f"Word2Vec: kind={kind!r} is not one of skip-gram, cbow")
        if min(num, dim, negatives) < 1:
            raise ValueError(f"Word2Vec: num={num}, dim={dim} and negatives={negatives} must be at least 1")
        counts = np.asarray(np.ones(num) if counts is None else counts, dtype=np.float64)
        if counts.shape != (num,) or not (counts >= 0).all() or not 0 < counts.sum() < np.inf:
            raise ValueError(f"Word2Vec: counts must be {num} numbers of at least 0, not all 0; got {counts}")
        self.kind, self.negatives, self.rng = kind, negatives, rng
        self.noise = counts**0.75 / (counts**0.75).sum()
        rng = rng or backend.generator()
        self.input = Embedding.from_vectors(rng.uniform(-0.5 / dim, 0.5 / dim, (num, dim)))
        self.output = Embedding.from_vectors(np.zeros((num, dim)))

    def batches(
        self, sentences: Sentences, batch_size: int, window: int = 5, threshold: float | None = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """One pass in random order, windows and noise drawn afresh: `fit(model.loss, lambda: model.batches(...), ...)`.

        sentences: lists of word ids. threshold: see subsample. Each batch is inputs, (B,) words or for CBOW
        (B, 2 * window) contexts, and outputs (B, 1 + negatives), first the true one. Raises ValueError.
        """
        if batch_size < 1:
            raise ValueError(f"Word2Vec: batch_size={batch_size}: a batch has at least one example")
        rng = self.rng or backend.generator()
        sentences = sentences if threshold is None else subsample(sentences, threshold, rng)
        cut = skip_gram_pairs if self.kind == "skip-gram" else cbow_windows
        inputs, true = cut(sentences, window, rng)
        order = rng.permutation(len(true))

        def with_noise(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            noise = rng.choice(len(self.noise), (len(rows), self.negatives), p=self.noise)
            return inputs[rows], np.concatenate([true[rows, None], noise], axis=1)

        return (with_noise(order[start : start + batch_size]) for start in range(0, len(order), batch_size))

    def forward(self, inputs: np.ndarray) -> Tensor:
        """v_c: words (N,), or contexts (N, C) with -1 where there is none -> (N, dim)."""
        if self.kind == "skip-gram":
            return self.input(inputs)
        there = inputs != PAD
        shares = Tensor((there / there.sum(axis=1, keepdims=True))[:, None], dtype=self.input.weight.dtype)
        return (shares @ self.input(np.where(there, inputs, 0)))[:, 0]

    def loss(self, batch: tuple[np.ndarray, np.ndarray]) -> Tensor:
        """-log sigmoid(u_o . v_c) - sum over the noise k of log sigmoid(-u_k . v_c) (2013b, equation 4), the mean over
        a batch as `batches` gives it."""
        inputs, outputs = batch
        scores = (self.output(outputs) @ self(inputs)[:, :, None])[:, :, 0]
        return -mean(log_sigmoid(scores[:, 0]) + log_sigmoid(-scores[:, 1:]).sum(axis=1))


# ---------------------------------------------------------------- questions


def _unit(vectors: Any) -> np.ndarray:
    """Vectors (V, E), an array or Tensor, each brought to length 1 on the host; zeros stay. Raises ShapeError."""
    array = vectors.numpy() if isinstance(vectors, Tensor) else np.asarray(vectors)
    if array.ndim != 2:
        raise ShapeError(f"word vectors {array.shape} must be (V, E), one row for each word")
    lengths = np.linalg.norm(array, axis=1, keepdims=True)
    return array / np.where(lengths > 0, lengths, 1)


def _known(ids: Any, units: np.ndarray, who: str) -> np.ndarray:
    """ids as an array; IndexError naming one that has no vector, DtypeError for what is no integer."""
    array = np.asarray(ids)
    if array.dtype.kind not in "iu":
        raise DtypeError(f"{who}: word ids are integers, not {array.dtype}")
    backend.check_index(array, len(units), f"{who}: word id")
    return array


def neighbours(vectors: Any, word_id: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """The n words nearest to a word by cosine, nearest first, without itself: ids (n,) and cosines (n,).

    vectors (V, E): an array or Tensor. Raises IndexError for an id without a vector, ValueError unless n is within
    1 .. V - 1."""
    units = _unit(vectors)
    _known(word_id, units, "neighbours")
    if not 1 <= n < len(units):
        raise ValueError(f"neighbours: n={n} must be within 1 .. {len(units) - 1}, the number of other words")
    cosines = units @ units[word_id]
    order = np.argsort(-cosines, kind="stable")
    nearest = order[order != word_id][:n]
    return nearest, cosines[nearest]


def analogy(vectors: Any, a: Any, b: Any, c: Any) -> np.ndarray:
    """a is to b as c is to ...: the word whose cosine with b - a + c, of unit vectors, is largest, none of the three
    (Mikolov, Yih and Zweig, 2013; "3CosAdd" in Levy & Goldberg, 2014). a, b, c: ids, one of each or (N,) of each;
    answers in the same shape. Raises IndexError naming an id without a vector."""
    units = _unit(vectors)
    given = np.stack(np.broadcast_arrays(*[_known(ids, units, "analogy") for ids in (a, b, c)]), axis=-1)
    scores = (units[given[..., 1]] - units[given[..., 0]] + units[given[..., 2]]) @ units.T
    np.put_along_axis(scores, given, -np.inf, axis=-1)
    return scores.argmax(axis=-1)


def analogy_accuracy(vectors: Any, questions: Any) -> float:
    """The share of questions (N, 4) that are answered right: ids a, b, c, d, where a is to b as c is to d. Raises
    ShapeError, and IndexError as analogy does."""
    array = np.asarray(questions)
    if array.ndim != 2 or array.shape[1] != 4 or not len(array):
        raise ShapeError(f"analogy_accuracy: questions {array.shape} must be (N, 4), at least one")
    a, b, c, d = _known(array, _unit(vectors), "analogy_accuracy").T
    return float((analogy(vectors, a, b, c) == d).mean())
