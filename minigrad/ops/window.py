"""Every window of a tensor, and its reverse, which adds overlapping windows up: each is the other's rule.
Declarations only; imports tensor."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from ..backend import check_shape, xp
from ..errors import ShapeError
from ..op import op

__all__ = ["overlap_add", "windows"]


def _layout(name: str, shape: Sequence[int], size: Sequence[int], stride: int | Sequence[int]) -> tuple:
    """(strides, number of windows) for each of the last len(size) axes of shape; ShapeError where none fits."""
    strides = (stride,) * len(size) if isinstance(stride, int) else tuple(stride)
    if not 0 < len(size) <= len(shape) or len(strides) != len(size):
        raise ShapeError(f"{name}: size {tuple(size)} and stride {stride} need a number for each of the last axes")
    if min(*size, *strides, 1) < 1:
        raise ShapeError(f"{name}: size {tuple(size)} and stride {stride} must be at least 1")
    ends = tuple(shape[len(shape) - len(size) :])
    if any(n < k for n, k in zip(ends, size)):
        raise ShapeError(f"{name}: a window of {tuple(size)} does not fit into axes of length {ends}")
    return strides, tuple([(n - k) // s + 1 for n, k, s in zip(ends, size, strides)])


def _places(size: Sequence[int], strides: Sequence[int], counts: Sequence[int]) -> Iterator[tuple[tuple, tuple]]:
    """For each element of a window: where it is among the windows, and where in the tensor they all have it."""
    for at in itertools.product(*map(range, size)):
        steps = [slice(i, i + s * (n - 1) + 1, s) for i, s, n in zip(at, strides, counts)]
        yield (..., *at), (..., *steps)


@op
def windows(x, *, size, stride=1):
    """Every window of the last len(size) axes: (..., L1, L2), size (k1, k2) -> (..., N1, N2, k1, k2), where
    N = (L - k) // stride + 1. stride: one number, or one for each axis. ShapeError where no window fits."""
    strides, counts = _layout("windows", x.shape, size, stride)
    shape = (*x.shape[: x.ndim - len(size)], *counts, *size)
    check_shape(shape, "windows")
    out = xp.empty(shape, dtype=x.dtype)
    for at, steps in _places(size, strides, counts):
        out[at] = x[steps]
    return out


@op
def overlap_add(v, *, shape, stride=1):
    """A tensor of the given shape, 0 but for the windows v, each added at its place: the reverse of windows."""
    axes = v.ndim - len(shape)
    size = v.shape[v.ndim - axes :] if axes > 0 else ()
    strides, counts = _layout("overlap_add", shape, size, stride)
    wanted = (*shape[: len(shape) - axes], *counts, *size)
    if v.shape != wanted:
        raise ShapeError(f"overlap_add: windows of shape {v.shape} must be {wanted} for the result {tuple(shape)}")
    out = xp.zeros(shape, dtype=v.dtype)
    for at, steps in _places(size, strides, counts):
        out[steps] += v[at]
    return out


windows.vjp(x=lambda g, x_shape, stride: overlap_add(g, shape=x_shape, stride=stride))
overlap_add.vjp(v=lambda g, v_shape, shape, stride: windows(g, size=v_shape[len(shape) :], stride=stride))
