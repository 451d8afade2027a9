"""Layers without recurrence: linear, embedding, dropout, layer norm. Imports module, init and ops."""

from __future__ import annotations

import math
from typing import Any

import numpy

from .. import backend
from ..errors import ShapeError
from ..ops import linear, take
from ..recurrent import layer_norm
from ..tensor import Tensor
from . import init
from .module import Module, Parameter, placed

__all__ = ["Dropout", "Embedding", "LayerNorm", "Linear", "Sequential", "dropout_mask"]


class Linear(Module):
    """y = x @ weight.T + bias: (..., in_features) -> (..., out_features). Starts uniform within 1 /
    sqrt(in_features)."""

    def __init__(self, in_features: int, out_features: int, bias: bool = True, rng: init.Rng = None):
        bound = 1 / math.sqrt(max(in_features, 1))
        self.weight = Parameter(init.uniform((out_features, in_features), -bound, bound, rng))
        self.bias = Parameter(init.uniform((out_features,), -bound, bound, rng)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """x (..., in_features) -> (..., out_features)."""
        y = linear(x, self.weight)
        return y if self.bias is None else y + self.bias


class Embedding(Module):
    """A vector for each of num ids: integers (...) -> (..., dim). Starts normal with standard deviation 1."""

    def __init__(self, num: int, dim: int, rng: init.Rng = None):
        self.weight = Parameter(init.normal((num, dim), 1.0, rng=rng))

    @classmethod
    def from_vectors(cls, vectors: Any, freeze: bool = False) -> Embedding:
        """Starts with vectors (V, E) that were trained elsewhere, an array, lists or a Tensor, which are copied.

        freeze: they get no gradient and no optimiser moves them, but they are saved and loaded with the model; set
        `weight.requires_grad = True` to go on learning them. Raises ShapeError unless (V, E), DtypeError for what is no
        numbers, ValueError naming the first vector with nan or inf.
        """
        weight = Parameter(vectors, backend.default_dtype(), requires_grad=not freeze)
        if weight.ndim != 2:
            raise ShapeError(f"Embedding: vectors {weight.shape} must be (V, E), one for each id")
        if not (finite := numpy.isfinite(weight.numpy()).all(axis=1)).all():
            raise ValueError(f"Embedding: vector {finite.argmin()} holds nan or inf")
        embedding = cls(0, 0)
        embedding.weight = weight
        return embedding

    def forward(self, ids: Any) -> Tensor:
        """ids: integers from the host (checked) or an integer Tensor. IndexError, naming the id and its place, if
        unknown."""
        try:
            return take(self.weight, ids)
        except IndexError as error:
            raise IndexError(placed(f"Embedding: {error}")) from None


def dropout_mask(shape: tuple[int, ...], p: float, dtype: Any, rng: init.Rng = None) -> Any:
    """0 with probability p, else 1 / (1 - p), on the backend; all zeros for p = 1."""
    keep = (rng or backend.generator()).random(shape) >= p
    return backend.to_device((keep / (1 - p) if p < 1 else keep * 0.0).astype(dtype))


def checked_probability(p: float, what: str) -> float:
    """p, or ValueError unless it lies in 0..1."""
    if not 0 <= p <= 1:
        raise ValueError(f"{what} is a probability in 0..1, not {p}")
    return p


class Dropout(Module):
    """In training each element is 0 with probability p and scaled by 1 / (1 - p) otherwise (Srivastava et al.,
    2014)."""

    def __init__(self, p: float = 0.5, rng: init.Rng = None):
        self.p, self.rng = checked_probability(p, "dropout p"), rng

    def forward(self, x: Tensor, mask: Any = None) -> Tensor:
        """x of any shape; mask: an array of that shape to use in place of a fresh one."""
        if not self.training or self.p == 0:
            return x
        return x * (dropout_mask(x.shape, self.p, x.dtype, self.rng) if mask is None else mask)


class LayerNorm(Module):
    """Each vector brought to mean 0 and variance 1, then weight * it + bias (Ba et al., 2016). See
    recurrent.layer_norm."""

    def __init__(self, size: int, eps: float = 1e-5):
        if size < 1 or eps <= 0:
            raise ValueError(f"LayerNorm: size {size} must be at least 1, eps {eps} more than 0")
        self.eps = eps
        self.weight, self.bias = Parameter(numpy.ones(size)), Parameter(numpy.zeros(size))

    def forward(self, x: Tensor) -> Tensor:
        """x (..., size) -> the same shape. ShapeError if the last axis differs."""
        if x.shape[-1:] != self.weight.shape:
            raise ShapeError(placed(f"LayerNorm: x {x.shape} must be (..., {self.weight.shape[0]})"))
        return layer_norm(x, self.weight, self.bias, self.eps)


class Sequential(Module):
    """Modules and functions one after another."""

    def __init__(self, *layers: Any):
        self.layers = list(layers)

    def forward(self, x: Any) -> Any:
        """x through every layer in turn."""
        for layer in self.layers:
            x = layer(x)
        return x
