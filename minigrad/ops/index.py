"""Ops that pick elements by integer or by mask. Integer arguments come from the host, are checked, then moved; they
get no gradient. Declarations only; imports tensor."""

from __future__ import annotations

from typing import Any

import numpy

from .. import backend
from ..backend import xp
from ..errors import DtypeError, ShapeError
from ..indexing import is_basic
from ..op import composed, op
from ..tensor import Tensor, plain
from .elementwise import where

__all__ = ["gather", "masked_fill", "one_hot", "scatter_add", "take"]


def checked_ids(ids: Any, size: int, what: str) -> Any:
    """Integer ids within 0..size-1, on the backend; a Tensor stays a Tensor. Raises DtypeError, IndexError naming
    the value."""
    values = (
        ids.data
        if isinstance(ids, Tensor)
        else ids
        if hasattr(ids, "dtype")
        else numpy.asarray(ids, dtype=None if numpy.size(ids) else int)
    )
    if values.dtype.kind not in "iu":
        raise DtypeError(f"{what}: integers are needed, not {values.dtype}")
    backend.check_index(values, size, what)
    return ids if isinstance(ids, Tensor) else backend.to_device(values)


# ---------------------------------------------------------------- any index


@op
def getitem(x, *, index):
    """x[index]: integers, slices, Ellipsis, None, integer or boolean arrays, as in NumPy."""
    return x[index]


@op
def scatter(v, *, index, shape):
    """Zeros of the given shape with v added at index; where an index repeats, its values add up."""
    return _added(xp.zeros(shape, dtype=v.dtype), index, v)


def _added(out: Any, index: Any, v: Any) -> Any:
    rows = index[0] if isinstance(index, tuple) and len(index) == 1 else index
    if is_basic(index):
        out[index] += v
    elif getattr(getattr(rows, "dtype", None), "kind", "?") in "iu" and v.size:
        width = v.size // rows.size  # by flat indices add.at is four to eight times as fast as by rows
        flat = rows.reshape(-1, 1).astype("int64") % out.shape[0] * width + xp.arange(width)
        xp.add.at(out.reshape(-1), flat.reshape(-1), v.reshape(-1))
    else:
        xp.add.at(out, index, v)
    return out


def _getitem_combined(factors: list) -> Any:
    out = xp.zeros(factors[0][2], dtype=factors[0][0].dtype)
    for g, index, _ in factors:
        _added(out, index, g)
    return out


getitem.vjp(x=lambda g, index, x_shape: scatter(g, index=index, shape=x_shape)).combine(x=_getitem_combined)
scatter.vjp(v=lambda g, index: getitem(g, index=index))


# ---------------------------------------------------------------- rows


@op
def take_(x, ids, *, axis):
    """x[ids] along an axis."""
    return xp.take(x, ids, axis=axis)


def _at(ids, axis):
    return (slice(None),) * axis + (ids,)


def _take_combined(factors: list) -> Any:
    gs, ids, shapes, axes = zip(*factors)
    axis = axes[0]
    if others := [f for f in factors if f[3] != axis]:
        return _take_combined([f for f in factors if f[3] == axis]) + _take_combined(others)
    flat = [g.reshape(*g.shape[:axis], i.size, *g.shape[axis + i.ndim :]) for g, i in zip(gs, ids)]
    together = xp.concatenate([i.reshape(-1) for i in ids])
    return scatter(xp.concatenate(flat, axis=axis), index=_at(together, axis), shape=shapes[0])


take_.vjp(x=lambda g, ids, x_shape, axis: scatter(g, index=_at(plain(ids), axis), shape=x_shape)).combine(
    x=_take_combined
)


def take(x: Any, ids: Any, axis: int = 0) -> Any:
    """The slices of x at ids: (V, E), ids (T, B) -> (T, B, E). Gradients of a repeated id add up.

    Raises IndexError, naming the id and its position, outside 0..V-1; DtypeError for ids that are no integers.
    """
    axis = backend.check_axis(axis, x.ndim, "take")
    return take_(x, checked_ids(ids, x.shape[axis], f"take: id on axis {axis}"), axis=axis)


# ---------------------------------------------------------------- one element for each position


def _mesh(index, axis):
    """index as a tuple that picks along axis and stays in place along the others."""
    parts = [xp.arange(n).reshape((-1,) + (1,) * (index.ndim - 1 - i)) for i, n in enumerate(index.shape)]
    return tuple([index if i == axis else part for i, part in enumerate(parts)])


@op
def gather_(x, index, *, axis):
    """x[..., index, ...] along axis, position by position."""
    return xp.take_along_axis(x, index, axis=axis)


@op
def scatter_add_(x, index, values, *, axis):
    """x with values added at index along axis, position by position."""
    out = x.copy()
    xp.add.at(out, _mesh(index, axis), values)
    return out


gather_.vjp(x=lambda g, index, x_shape, axis: scatter(g, index=_mesh(plain(index), axis), shape=x_shape))
scatter_add_.vjp(x=lambda g: g, values=lambda g, index, axis: g[_mesh(plain(index), axis)])


def _checked_index(x: Any, index: Any, axis: int, name: str) -> Any:
    index = checked_ids(index, x.shape[axis], f"{name}: index on axis {axis}")
    others = [(i, m) for i, (n, m) in enumerate(zip(x.shape, index.shape)) if i != axis and n != m]
    if index.ndim != x.ndim or others:
        raise ShapeError(
            f"{name}: index of shape {index.shape} must have the shape {x.shape} of x, but for axis {axis}"
        )
    return index


def gather(x: Any, index: Any, axis: int) -> Any:
    """One element for each entry of index: x (B, V), index (B, K), axis 1 -> (B, K) with x[b, index[b, k]].

    Raises IndexError outside the axis, ShapeError if index and x differ elsewhere.
    """
    axis = backend.check_axis(axis, x.ndim, "gather")
    return gather_(x, _checked_index(x, index, axis, "gather"), axis=axis)


def scatter_add(x: Any, index: Any, values: Any, axis: int) -> Any:
    """x with values added where gather would read: x (B, V), index and values (B, K) -> (B, V). Repeated entries add
    up."""
    axis = backend.check_axis(axis, x.ndim, "scatter_add")
    index = _checked_index(x, index, axis, "scatter_add")
    if values.shape != index.shape:
        raise ShapeError(f"scatter_add: values of shape {values.shape} and index of shape {index.shape} must agree")
    return scatter_add_(x, index, values, axis=axis)


# ---------------------------------------------------------------- masks


@composed
def one_hot(ids, num, dtype=None):
    """ids (...) -> (..., num): 1 at the id, 0 elsewhere, in the default dtype; no gradient. IndexError outside
    0..num-1."""
    values = plain(checked_ids(ids, num, "one_hot: id"))
    backend.check_shape((*values.shape, num), "one_hot")
    return Tensor(xp.arange(num) == values[..., None], dtype=backend.as_float_dtype(dtype or backend.default_dtype()))


@composed
def masked_fill(x, mask, value):
    """x with value where mask (bool, broadcast to x) holds; no gradient flows there."""
    return where(mask, value, x)
