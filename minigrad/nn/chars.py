"""Words read by their letters: a convolution over the characters of each word in place of a word embedding, so that no
word is unknown. Imports ops, convolution and layers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy

from .. import backend
from ..errors import ShapeError
from ..ops import concat, masked_fill, max, pad, permute_dims, relu, reshape, sigmoid
from ..tensor import Tensor
from . import init
from .conv import Conv1d
from .layers import Embedding, Linear
from .module import Module, placed
from .recurrent import as_function, checked_activation

__all__ = ["CharCNN", "Highway", "spell"]

PAD = -1  # behind the end of a word


def spell(words: Sequence[str], vocab: Any, length: int | None = None) -> numpy.ndarray:
    """Each word as the ids of its characters between `<SOS>` and `<EOS>`, then -1: N words -> int64 (N, length).

    vocab: a CharVocab built with ends=True, or another with such an encode. length: of the longest when None; longer
    words lose their last characters, not their marks. Raises ValueError for no words, a length below 3, a vocabulary
    without marks, a character that it does not know.

    >>> from minigrad.data import CharVocab
    >>> spell(["cat", "a"], CharVocab("act", ends=True)).tolist()
    [[3, 1, 0, 2, 4], [3, 0, 4, -1, -1]]
    """
    if not len(words) or (length is not None and length < 3):
        raise ValueError(f"spell: {len(words)} words, length={length}: one word and room for one character are needed")
    kept = None if length is None else length - 2
    rows = [vocab.encode(word[:kept], ends=True) for word in words]
    ids = numpy.full((len(rows), length or numpy.max([len(row) for row in rows])), PAD)
    for row, spelled in zip(ids, rows):
        row[: len(spelled)] = spelled
    return ids


class Highway(Module):
    """y = t relu(W_h x + b_h) + (1 - t) x with t = sigmoid(W_t x + b_t): (..., size) -> the same shape (Srivastava et
    al., 2015, arXiv 1505.00387). b_t starts at -2, so that at first x is mostly handed on."""

    def __init__(self, size: int, rng: init.Rng = None):
        self.change, self.gate = Linear(size, size, rng=rng), Linear(size, size, rng=rng)
        self.gate.bias.assign(numpy.full(size, -2.0))

    def forward(self, x: Tensor) -> Tensor:
        """x (..., size)."""
        t = sigmoid(self.gate(x))
        return t * relu(self.change(x)) + (1 - t) * x


class CharCNN(Module):
    """A word from its letters (Kim et al., 2016, arXiv 1508.06615): each filter looks at every run of characters and
    keeps what is largest; highway layers mix the filters, a projection brings them to out_size (Jozefowicz et al.,
    2016, arXiv 1602.02410). In place of a word embedding: ids (T, B, L) of spell -> (T, B, out_size).

    num: of ids of the vocabulary, its marks included. filters: width -> how many of it. nonlinearity: "tanh", "relu",
    or a function. Padding changes nothing: no run begins there, and its characters are vectors of zeros. A word of
    nothing but padding gets a vector too. Raises ValueError for sizes that make no sense.
    """

    def __init__(
        self, num: int, embed_size: int, filters: Mapping[int, int], out_size: int, highways: int = 1,
        nonlinearity: Any = "tanh", rng: init.Rng = None,
    ):  # fmt: skip
        if not filters or highways < 0:
            raise ValueError(f"CharCNN: filters {filters} must not be empty, highways {highways} at least 0")
        total = sum(filters.values())
        self.nonlinearity = checked_activation(nonlinearity)
        self.embedding = Embedding(num, embed_size, rng)
        self.convolutions = [Conv1d(embed_size, count, width, rng=rng) for width, count in filters.items()]
        self.highways = [Highway(total, rng) for _ in range(highways)]
        self.projection = Linear(total, out_size, rng=rng)

    def forward(self, ids: Any) -> Tensor:
        """ids (..., L) from the host, -1 behind the end of a word -> (..., out_size). Raises ShapeError, IndexError."""
        ids = numpy.asarray(ids)
        if not ids.ndim or not ids.shape[-1]:
            raise ShapeError(placed(f"CharCNN: ids {ids.shape} must be (..., L), one character at least"))
        spelled = ids.reshape(-1, ids.shape[-1])
        there = spelled != PAD
        x = self.embedding(numpy.where(there, spelled, 0))
        x = permute_dims(x * Tensor(there[:, :, None], dtype=x.dtype), (0, 2, 1))
        there[:, 0] = True  # the largest of nothing would be -inf
        behind = backend.to_device(~there[:, None])
        y = concat([self._largest(x, layer, behind) for layer in self.convolutions], axis=1)
        for layer in self.highways:
            y = layer(y)
        return reshape(self.projection(y), (*ids.shape[:-1], -1))

    def _largest(self, x: Tensor, layer: Conv1d, behind: Any) -> Tensor:
        """x (N, E, L) -> (N, filters), of the runs that begin at each character and not behind the last."""
        width = layer.weight.shape[2]
        runs = as_function(self.nonlinearity)(layer(pad(x, ((0, 0), (0, 0), (0, width - 1)))))
        return max(masked_fill(runs, behind, -math.inf), axis=2)
