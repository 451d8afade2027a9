"""Ops that bring an axis down to one value, and those that normalise along it. Declarations only; imports tensor."""

from __future__ import annotations

import math

from ..backend import check_axis, checks_values, quiet, xp
from ..errors import ShapeError
from ..op import composed, op
from .arithmetic import cast
from .elementwise import exp, maximum, sqrt, where
from .shape import broadcast_to, flip, pad, permute_dims, reshape

__all__ = [
    "argmax", "cumsum", "log_softmax", "logsumexp", "max", "mean", "min", "norm", "prod", "softmax", "std", "sum",
    "var",
]  # fmt: skip


def _axes(axis, ndim, what=""):
    """The reduced axes as a set of indices 0..ndim-1; ShapeError for one that is not there or named twice."""
    if axis is None:
        return set(range(ndim))
    named = axis if isinstance(axis, (tuple, list)) else (axis,)
    axes = {check_axis(a, ndim, what) for a in named}
    if len(axes) < len(named):
        raise ShapeError(f"{what}{': ' if what else ''}axis {axis} names an axis twice")
    return axes


def _count(shape, axis):
    axes = _axes(axis, len(shape))
    return math.prod(n for i, n in enumerate(shape) if i in axes)


def _kept(g, shape, axis, keepdims):
    """g with the reduced axes as length 1, so that it broadcasts against the input."""
    if keepdims:
        return g
    axes = _axes(axis, len(shape))
    return reshape(g, shape=tuple([1 if i in axes else n for i, n in enumerate(shape)]))


def _refuse_empty(x, axis, name):
    """ShapeError where nothing would be reduced to something."""
    kept = math.prod(n for i, n in enumerate(x.shape) if i not in _axes(axis, x.ndim))
    if kept and not _count(x.shape, axis):
        raise ShapeError(f"{name} of an empty tensor: shape {x.shape}, axis {axis}")


@op
def sum(x, *, axis=None, keepdims=False):
    """The sum over axis (one, several, or all when None)."""
    return x.sum(axis=axis, keepdims=keepdims)


sum.vjp(x=lambda g, x_shape, axis, keepdims: broadcast_to(_kept(g, x_shape, axis, keepdims), shape=x_shape))


@op
def mean(x, *, axis=None, keepdims=False):
    """The mean over axis; ShapeError when there is nothing to average."""
    _refuse_empty(x, axis, "mean")
    return x.mean(axis=axis, keepdims=keepdims)


mean.vjp(
    x=lambda g, x_shape, axis, keepdims: broadcast_to(
        _kept(g / _count(x_shape, axis), x_shape, axis, keepdims), shape=x_shape
    )
)


@op
def var(x, *, axis=None, ddof=0, keepdims=False):
    """The mean squared distance from the mean, in two passes; divides by n - ddof."""
    _refuse_empty(x, axis, "var")
    if _count(x.shape, axis) <= ddof:
        raise ShapeError(f"var: {_count(x.shape, axis)} value(s) with ddof={ddof}: there is nothing to divide by")
    return x.var(axis=axis, ddof=ddof, keepdims=keepdims)


def _var_rule(g, x, x_shape, axis, ddof, keepdims):
    scale = 2.0 / (_count(x_shape, axis) - ddof)
    return _kept(g * scale, x_shape, axis, keepdims) * (x - x.mean(axis=axis, keepdims=True))


var.vjp(x=_var_rule)


def _root(squares):
    """sqrt with slope 0 at 0: the input is guarded, so that no inf * 0 appears in second derivatives."""
    zero = squares == 0  # and not `positive`, which would hide nan
    return where(zero, 0.0, sqrt(where(zero, 1.0, squares)))


@composed
def std(x, axis=None, ddof=0, keepdims=False):
    """The square root of var; slope 0 where all values are equal."""
    return _root(var(x, axis=axis, ddof=ddof, keepdims=keepdims))


@composed
def norm(x, axis=None, keepdims=False):
    """The Euclidean length over axis (all when None); slope 0 at 0."""
    return _root(sum(x * x, axis=axis, keepdims=keepdims))


def _extreme_rule(g, x, y, x_shape, axis, keepdims):
    """Equal extremes share the gradient; none flows where the answer is nan."""
    hit = cast(x == _kept(y, x_shape, axis, keepdims), dtype=g.dtype)
    return _kept(g, x_shape, axis, keepdims) * (hit / maximum(hit.sum(axis=axis, keepdims=True), 1.0))


@op
def max(x, *, axis=None, keepdims=False):
    """The largest value over axis; ties share the gradient; nan wins. ShapeError when there is none."""
    _refuse_empty(x, axis, "max")
    return x.max(axis=axis, keepdims=keepdims) if _count(x.shape, axis) else x.sum(axis=axis, keepdims=keepdims)


@op
def min(x, *, axis=None, keepdims=False):
    """The smallest value over axis; ties share the gradient; nan wins. ShapeError when there is none."""
    _refuse_empty(x, axis, "min")
    return x.min(axis=axis, keepdims=keepdims) if _count(x.shape, axis) else x.sum(axis=axis, keepdims=keepdims)


max.vjp(x=_extreme_rule)
min.vjp(x=_extreme_rule)


@op
def argmax(x, *, axis=None):
    """Where the largest value is, as integers without a gradient; the first of equal ones."""
    _refuse_empty(x, axis, "argmax")
    return x.argmax(axis=axis)


@composed
def prod(x, axis=None, keepdims=False):
    """The product over axis, by a tree of products: right also where factors are 0. An empty product is 1."""
    shape, axes = x.shape, sorted(_axes(axis, x.ndim, "prod"))
    rest = [i for i in range(x.ndim) if i not in axes]
    factors = reshape(permute_dims(x, axes=(*axes, *rest)), shape=(_count(shape, axis), *[shape[i] for i in rest]))
    while factors.shape[0] > 1:
        half, odd = divmod(factors.shape[0], 2)
        if odd:
            factors = pad(factors, pad_width=((0, 1), *[(0, 0)] * (factors.ndim - 1)), value=1.0)
            half += 1
        factors = factors[:half] * factors[half:]
    y = factors[0] if factors.shape[0] else factors.sum(axis=0) + 1.0
    return _kept(y, shape, axis, False) if keepdims else y


@op
def cumsum(x, *, axis=None):
    """Running sums along axis (may be left out for one axis)."""
    if axis is None and x.ndim != 1:
        raise ShapeError(f"cumsum: name the axis of a tensor of shape {x.shape}")
    return x.cumsum(axis=axis)


cumsum.vjp(x=lambda g, axis: flip(cumsum(flip(g, axis=axis), axis=axis), axis=axis))


# ---------------------------------------------------------------- exponentials, stable at any size


def peak(x, axis, name, allow_empty=False):
    """The largest value along axis; ValueError for a row of nothing but -inf, whose softmax would be nan."""
    top = x.max(axis=axis, keepdims=True) if x.size else x.sum(axis=axis, keepdims=True)
    if not allow_empty and x.size and checks_values(x) and (top == -xp.inf).any():
        raise ValueError(
            f"{name}: a row holds nothing but -inf (everything is masked); leave one entry, "
            "or use softmax(..., allow_empty=True)"
        )
    return top


@op
def logsumexp(x, *, axis=None, keepdims=False):
    """log of the sum of exp(x) over axis; -inf where all are -inf."""
    _refuse_empty(x, axis, "logsumexp")
    with quiet():
        top = peak(x, axis, "logsumexp", allow_empty=True)
        top = xp.where(xp.isfinite(top), top, 0)
        total = xp.log(xp.exp(x - top).sum(axis=axis, keepdims=True)) + top
    return total if keepdims else total.reshape(x.sum(axis=axis).shape)


def _logsumexp_rule(g, x, y, x_shape, axis, keepdims):
    with quiet():
        return _kept(g, x_shape, axis, keepdims) * exp(x - _kept(y, x_shape, axis, keepdims))


logsumexp.vjp(x=_logsumexp_rule)


@op
def softmax(x, *, axis=-1, allow_empty=False):
    """exp(x) / sum of exp(x) along axis. Rows of -inf raise ValueError, or become zeros with allow_empty=True."""
    with quiet():
        top = peak(x, axis, "softmax", allow_empty)
        e = xp.exp(x - (xp.where(top == -xp.inf, 0, top) if allow_empty else top))
        total = e.sum(axis=axis, keepdims=True)
        e /= xp.where(total == 0, 1, total) if allow_empty else total
        return e


softmax.vjp(x=lambda g, y, axis: y * (g - (g * y).sum(axis=axis, keepdims=True)))


@op
def log_softmax(x, *, axis=-1):
    """log of softmax(x) along axis, without leaving the log scale. Rows of -inf raise ValueError."""
    with quiet():
        shifted = x - peak(x, axis, "log_softmax")
        return shifted - xp.log(xp.exp(shifted).sum(axis=axis, keepdims=True))


log_softmax.vjp(x=lambda g, y, axis: g - exp(y) * g.sum(axis=axis, keepdims=True))
