"""Ops that move elements without changing them. Declarations only; imports tensor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..backend import check_axis, check_shape, xp
from ..errors import ShapeError
from ..op import composed, op

__all__ = [
    "broadcast_to", "concat", "expand_dims", "flip", "pad", "permute_dims", "reshape", "split", "squeeze", "stack",
    "transpose", "unstack",
]  # fmt: skip


@op
def reshape(x, *, shape):
    """The same elements in another shape; one axis may be -1."""
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    if -1 not in shape and math.prod(shape) != x.size:
        raise ShapeError(f"reshape: {x.shape} has {x.size} elements, {shape} has {math.prod(shape)}")
    return x.reshape(shape)


reshape.vjp(x=lambda g, x_shape: reshape(g, shape=x_shape))


@op
def permute_dims(x, *, axes=None):
    """x with its axes in another order; reversed when axes is None."""
    return x.transpose(axes)


permute_dims.vjp(x=lambda g, axes: permute_dims(g, axes=None if axes is None else _inverse(axes)))


def _inverse(axes: Sequence[int]) -> tuple[int, ...]:
    order = [a % len(axes) for a in axes]
    return tuple(order.index(i) for i in range(len(order)))


@op
def broadcast_to(x, *, shape):
    """x repeated to shape, without a copy."""
    check_shape(shape, "broadcast_to")
    return xp.broadcast_to(x, shape)


broadcast_to.vjp(x=lambda g, x_shape: unbroadcast(g, x_shape))


@op
def sum_to(x, *, shape):
    """x summed over the axes along which `shape` was broadcast to x.shape."""
    if x.size == math.prod(shape):
        return x.reshape(shape)
    lead = x.ndim - len(shape)
    axes = tuple(range(lead))
    if x.shape[lead:] == shape:
        return x.sum(axis=axes)
    axes += tuple([i + lead for i, n in enumerate(shape) if n == 1 and x.shape[i + lead] != 1])
    return x.sum(axis=axes, keepdims=True).reshape(shape)


sum_to.vjp(x=lambda g, x_shape: broadcast_to(reshape(g, shape=(1,) * (len(x_shape) - g.ndim) + g.shape), shape=x_shape))


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """g summed back to shape, if it was broadcast from there."""
    return g if g.shape == shape else sum_to(g, shape=shape)


@composed
def transpose(x, axes=None):
    """permute_dims under its NumPy name: all axes reversed, or in the order given."""
    return permute_dims(x, axes=axes)


@op
def expand_dims(x, *, axis):
    """A new axis of length 1 at position axis."""
    return xp.expand_dims(x, axis)


expand_dims.vjp(x=lambda g, x_shape: reshape(g, shape=x_shape))


@op
def squeeze(x, *, axis=None):
    """Axes of length 1 dropped: all of them, or those named."""
    return xp.squeeze(x, axis=axis)


squeeze.vjp(x=lambda g, x_shape: reshape(g, shape=x_shape))


@op
def flip(x, *, axis=None):
    """The elements in reverse along axis (one, several, or all when None)."""
    return xp.flip(x, axis=axis)


flip.vjp(x=lambda g, axis: flip(g, axis=axis))


@op
def pad(x, *, pad_width, value=0.0):
    """x surrounded by a constant. pad_width: (before, after) for each axis."""
    if len(pad_width) != x.ndim:
        raise ShapeError(f"pad: pad_width needs one (before, after) for each of the {x.ndim} axes; got {pad_width}")
    check_shape(tuple(n + before + after for n, (before, after) in zip(x.shape, pad_width)), "pad")
    return xp.pad(x, pad_width, constant_values=value)


pad.vjp(
    x=lambda g, x_shape, pad_width: g[tuple([slice(before, before + n) for n, (before, _) in zip(x_shape, pad_width)])]
)


# ---------------------------------------------------------------- joining and parting


def _at_least_one(xs: Sequence, name: str) -> Sequence:
    if len(xs) == 0:
        raise ShapeError(f"{name} needs at least one tensor")
    return xs


@op
def concat_(*xs, axis=0):
    """Along an axis that they have."""
    return xp.concatenate(xs, axis=axis)


def _concat_rule(g, i, xs_shape, axis):
    axis %= g.ndim
    start = sum(shape[axis] for shape in xs_shape[:i])
    return g[(slice(None),) * axis + (slice(start, start + xs_shape[i][axis]),)]


concat_.vjp(xs=_concat_rule)


def concat(xs: Sequence, axis: int = 0) -> Any:
    """Tensors joined along an axis they have: [(a, n), (b, n)] -> (a + b, n). Raises ShapeError for none, or if
    others differ."""
    return concat_(*_at_least_one(xs, "concat"), axis=axis)


@op
def stack_(*xs, axis=0):
    """Along a new axis."""
    shape = xs[0].shape
    if any(x.shape != shape for x in xs):
        shapes = " and ".join(dict.fromkeys(str(x.shape) for x in xs))
        raise ShapeError(f"stack: all shapes must be equal; got {shapes}")
    if axis == 0 and shape:
        return xp.concatenate(xs).reshape(len(xs), *shape)  # half the time of NumPy's stack for many small ones
    return xp.stack(xs, axis=axis)


def _stack_rule(g, i, axis):
    return g[(slice(None),) * (axis % g.ndim) + (i,)]


stack_.vjp(xs=_stack_rule)


def stack(xs: Sequence, axis: int = 0) -> Any:
    """Tensors of one shape joined along a new axis: T of (B, H) -> (T, B, H). Raises ShapeError for none, or if
    shapes differ."""
    return stack_(*_at_least_one(xs, "stack"), axis=axis)


@op
def unstack_(x, *, axis=0):
    """The slices along an axis."""
    parts = tuple(x if axis == 0 else xp.moveaxis(x, axis, 0))
    return parts if x.ndim > 1 else tuple([xp.asarray(part) for part in parts])  # NumPy makes scalars of 0-d parts


def _filled(gs, shape):
    """The gradients of all outputs; zeros where an output was not used."""
    dtype = next(g.dtype for g in gs if g is not None)
    return [xp.zeros(shape, dtype=dtype) if g is None else g for g in gs]


unstack_.vjp(
    x=lambda g, x_shape, axis: stack(
        _filled(g, x_shape[: axis % len(x_shape)] + x_shape[axis % len(x_shape) + 1 :]), axis=axis
    )
)


def unstack(x: Any, axis: int = 0) -> tuple:
    """The slices of x along an axis, as a tuple: (T, B, H) -> T of (B, H). One node, and one buffer on the way back."""
    return unstack_(x, axis=axis) if x.shape[check_axis(axis, x.ndim, "unstack")] else ()


def _bounds(n: int, sections: int | Sequence[int]) -> list[int]:
    """Where the parts begin and end: 0, ..., n."""
    if isinstance(sections, int):
        if sections < 1 or n % sections:
            raise ShapeError(f"split: {n} elements cannot be split into {sections} equal parts")
        return list(range(0, n + 1, n // sections)) if n else [0] * (sections + 1)
    bounds = [0, *[slice(at).indices(n)[1] for at in sections], n]
    if bounds != sorted(bounds):
        raise ShapeError(f"split: the places to cut {n} elements at must not decrease: {tuple(sections)}")
    return bounds


@op
def split(x, *, sections, axis=0):
    """x cut along axis: into so many equal parts, or at the given indices. Returns a tuple."""
    axis = check_axis(axis, x.ndim)
    bounds, before = _bounds(x.shape[axis], sections), (slice(None),) * axis
    return tuple([x[(*before, slice(a, b))] for a, b in zip(bounds, bounds[1:])])


def _split_rule(g, x_shape, sections, axis):
    if any(part is None for part in g):
        axis %= len(x_shape)
        bounds, dtype = _bounds(x_shape[axis], sections), next(p.dtype for p in g if p is not None)
        shapes = [(*x_shape[:axis], b - a, *x_shape[axis + 1 :]) for a, b in zip(bounds, bounds[1:])]
        g = [xp.zeros(shape, dtype=dtype) if part is None else part for part, shape in zip(g, shapes)]
    return concat(g, axis=axis)


split.vjp(x=_split_rule)
