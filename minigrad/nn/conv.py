"""Convolution and pooling: one small net, or one number, for every window of a sequence or an image. Imports ops and
its own room."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..errors import ShapeError
from ..ops import linear, max, mean, pad, permute_dims, reshape, windows
from ..tensor import Tensor
from . import init
from .module import Module, Parameter, placed

__all__ = ["AvgPool2d", "Conv1d", "Conv2d", "MaxPool2d"]

Sizes = int | Sequence[int]


def _each(what: str, value: Sizes, axes: int, least: int) -> tuple[int, ...]:
    """One number for each axis; ValueError unless all are at least `least`."""
    sizes = (value,) * axes if isinstance(value, int) else tuple(value)
    if len(sizes) != axes or min(sizes) < least:
        raise ValueError(f"{what} {value} must be a whole number of at least {least}, or {axes} of them")
    return sizes


class Convolution(Module):
    """Every window through one matrix: (B, in_channels, *sizes) -> (B, out_channels, *counts), where each count is
    (size + 2 padding - kernel) // stride + 1, so that inputs of any size will do.

    weight is (out_channels, in_channels, *kernel); as everywhere in the field, the kernel is not flipped (LeCun et al.,
    1989). kernel, stride, padding: one number, or one for each axis. Starts uniform within 1 / sqrt(in_channels *
    kernel). Raises ValueError for sizes that make no sense, ShapeError for x that does not fit.
    """

    axes: int
    unit: str

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        bias: bool = True,
        rng: init.Rng = None,
    ):
        self.stride = _each("stride", stride, self.axes, 1)
        self.padding = _each("padding", padding, self.axes, 0)
        shape = (out_channels, in_channels, *_each("kernel", kernel, self.axes, 1))
        if min(shape) < 1:
            raise ValueError(f"in_channels {in_channels} and out_channels {out_channels} must be at least 1")
        bound = 1 / math.sqrt(math.prod(shape[1:]))
        self.weight = Parameter(init.uniform(shape, -bound, bound, rng))
        self.bias = Parameter(init.uniform((out_channels,), -bound, bound, rng)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """x (B, in_channels, *sizes); see the class."""
        outs, channels, *kernel = self.weight.shape
        least = [k - 2 * p for k, p in zip(kernel, self.padding)]
        if x.ndim != 2 + self.axes or x.shape[1] != channels or any(n < m for n, m in zip(x.shape[2:], least)):
            wanted = f"(batch, {channels}, at least {' x '.join(str(n if n > 0 else 0) for n in least)} {self.unit})"
            raise ShapeError(placed(f"{type(self).__name__}: x {x.shape} must be {wanted}"))
        if any(self.padding):
            x = pad(x, ((0, 0), (0, 0), *[(p, p) for p in self.padding]))
        parts = windows(x, size=tuple(kernel), stride=self.stride)
        there, inside = range(2, 2 + self.axes), range(2 + self.axes, 2 + 2 * self.axes)
        rows = permute_dims(parts, (0, *there, 1, *inside))
        size = math.prod(kernel) * channels
        y = linear(reshape(rows, (*rows.shape[: 1 + self.axes], size)), reshape(self.weight, (outs, size)))
        y = y if self.bias is None else y + self.bias
        return permute_dims(y, (0, 1 + self.axes, *range(1, 1 + self.axes)))


class Conv1d(Convolution):
    """Convolution along time: (B, in_channels, L) -> (B, out_channels, N). Options: see Convolution."""

    axes, unit = 1, "steps"


class Conv2d(Convolution):
    """Convolution over an image: (B, in_channels, H, W) -> (B, out_channels, N, M). Options: see Convolution."""

    axes, unit = 2, "pixels"


class Pool2d(Module):
    """One number for each window: (..., H, W) -> (..., N, M), N = (H - kernel) // stride + 1; what is left over at the
    far edges is dropped. kernel, stride (the kernel when None): one number, or one for each axis. Raises ValueError for
    sizes below 1, ShapeError for an image smaller than the kernel."""

    def __init__(self, kernel: Sizes, stride: Sizes | None = None):
        self.kernel = _each("kernel", kernel, 2, 1)
        self.stride = self.kernel if stride is None else _each("stride", stride, 2, 1)

    def parts(self, x: Tensor) -> Tensor:
        """The windows: (..., N, M, *kernel)."""
        if x.ndim < 2 or any(n < k for n, k in zip(x.shape[-2:], self.kernel)):
            least = " x ".join(map(str, self.kernel))
            raise ShapeError(placed(f"{type(self).__name__}: x {x.shape} must be (..., at least {least} pixels)"))
        return windows(x, size=self.kernel, stride=self.stride)


class MaxPool2d(Pool2d):
    """The largest value of each window; equal ones share the gradient. Options: see Pool2d."""

    def forward(self, x: Tensor) -> Tensor:
        """x (..., H, W) -> (..., N, M)."""
        return max(self.parts(x), axis=(-2, -1))


class AvgPool2d(Pool2d):
    """The mean of each window. Options: see Pool2d."""

    def forward(self, x: Tensor) -> Tensor:
        """x (..., H, W) -> (..., N, M)."""
        return mean(self.parts(x), axis=(-2, -1))
