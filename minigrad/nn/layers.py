"""Layers without recurrence: linear, embedding, dropout, convolution. Imports module, init and ops."""

from __future__ import annotations

import math
from typing import Any

import numpy

from .. import backend
from ..errors import ShapeError
from ..ops import linear, pad, permute_dims, reshape, take
from ..tensor import Tensor
from . import init
from .module import Module, Parameter, placed

__all__ = ["Conv1d", "Dropout", "Embedding", "Linear", "Sequential", "dropout_mask"]


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


class Conv1d(Module):
    """Windows of `kernel` steps through one matrix: (B, in_channels, L) -> (B, out_channels, (L + 2 padding - kernel)
    // stride + 1).

    weight is (out_channels, in_channels, kernel); as everywhere in the field, the kernel is not flipped.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: int,
        stride: int = 1,
        padding: int = 0,
        bias: bool = True,
        rng: init.Rng = None,
    ):
        if kernel < 1 or stride < 1 or padding < 0:
            raise ValueError(f"kernel {kernel} and stride {stride} must be at least 1, padding {padding} at least 0")
        bound = 1 / math.sqrt(in_channels * kernel)
        self.weight = Parameter(init.uniform((out_channels, in_channels, kernel), -bound, bound, rng))
        self.bias = Parameter(init.uniform((out_channels,), -bound, bound, rng)) if bias else None
        self.kernel, self.stride, self.padding = kernel, stride, padding

    def forward(self, x: Tensor) -> Tensor:
        """x (B, in_channels, L). ShapeError if it is not, or shorter than the kernel."""
        outs, channels, kernel = self.weight.shape
        if x.ndim != 3 or x.shape[1] != channels or x.shape[2] + 2 * self.padding < kernel:
            shortest = max(kernel - 2 * self.padding, 0)
            raise ShapeError(placed(f"Conv1d: x {x.shape} must be (batch, {channels}, at least {shortest} steps)"))
        if self.padding:
            x = pad(x, ((0, 0), (0, 0), (self.padding, self.padding)))
        starts = numpy.arange(0, x.shape[2] - kernel + 1, self.stride)
        windows = permute_dims(take(x, starts[:, None] + numpy.arange(kernel), axis=2), (0, 2, 1, 3))
        y = linear(
            reshape(windows, (*windows.shape[:2], channels * kernel)), reshape(self.weight, (outs, channels * kernel))
        )
        return permute_dims(y if self.bias is None else y + self.bias, (0, 2, 1))


class Sequential(Module):
    """Modules and functions one after another."""

    def __init__(self, *layers: Any):
        self.layers = list(layers)

    def forward(self, x: Any) -> Any:
        """x through every layer in turn."""
        for layer in self.layers:
            x = layer(x)
        return x
