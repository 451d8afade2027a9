"""Losses: each one number from predictions and targets. Integer targets come from the host, are checked, then moved.
reduction is "mean", "sum" or "none". Declarations only; imports tensor."""

from __future__ import annotations

from typing import Any

import numpy

from .. import backend
from ..backend import quiet, xp
from ..errors import DtypeError, ShapeError
from ..op import composed, op
from ..tensor import Tensor, plain
from .elementwise import abs, clip, log, softplus, where
from .reduce import log_softmax, mean, peak, softmax, sum
from .shape import unbroadcast

__all__ = ["bce", "bce_with_logits", "cross_entropy", "l1", "mse", "nll"]

REDUCTIONS = ("mean", "sum", "none")


def _reduced(name: str, losses: Any, reduction: str) -> Any:
    if reduction not in REDUCTIONS:
        raise ValueError(f"{name}: reduction={reduction!r} is not one of {', '.join(REDUCTIONS)}")
    return mean(losses) if reduction == "mean" else sum(losses) if reduction == "sum" else losses


# ---------------------------------------------------------------- classes


def _checked_targets(name: str, x: Any, targets: Any, ignore_index: int | None) -> Any:
    """Integer targets (...) for scores (..., V), each 0..V-1 or ignore_index, on the backend."""
    values = plain(targets) if hasattr(targets, "dtype") else numpy.asarray(targets)
    if values.dtype.kind not in "iu":
        raise DtypeError(f"{name}: targets must be integers, not {values.dtype}")
    if x.dtype.kind in "iub":
        raise DtypeError(f"{name}: scores must be floating numbers, not {x.dtype}")
    if not x.ndim or values.shape != x.shape[:-1]:
        raise ShapeError(f"{name}: scores {x.shape} need targets {x.shape[:-1]}, got {values.shape}")
    if backend.checks_values(values):
        host = backend.to_host(values)
        backend.check_index(
            host if ignore_index is None else numpy.where(host == ignore_index, 0, host), x.shape[-1], f"{name}: target"
        )
    return targets if isinstance(targets, Tensor) else backend.to_device(values)


def _inside(targets, ignore_index):
    """The targets, 0 for those that are ignored."""
    return targets if ignore_index is None else xp.where(targets == ignore_index, 0, targets)


def _at_targets(scores, targets, ignore_index):
    """The score of each target, of any class where it is ignored: scores (..., V) -> (...)."""
    return xp.take_along_axis(scores, _inside(targets, ignore_index)[..., None], axis=-1)[..., 0]


def _summed_up(losses, targets, ignore_index, reduction):
    """The losses (...), 0 where ignored, reduced."""
    if reduction not in REDUCTIONS:
        raise ValueError(f"reduction={reduction!r} is not one of {', '.join(REDUCTIONS)}")
    if ignore_index is not None:
        losses = xp.where(targets == ignore_index, 0, losses)
    if reduction == "none":
        return losses
    return losses.sum() / _how_many(targets, ignore_index, losses.dtype) if reduction == "mean" else losses.sum()


def _how_many(targets, ignore_index, dtype):
    """The number of targets that count; 1 if none does, so that the mean of no losses is 0."""
    if ignore_index is None:
        return targets.size or 1
    return xp.maximum((targets != ignore_index).sum(), 1).astype(dtype)


def _weights(g, targets, ignore_index, reduction):
    """What each score is multiplied by on the way back: (...) -> (..., 1)."""
    keep = 1.0 if ignore_index is None else (targets != ignore_index)[..., None]
    if reduction == "none":
        return g[..., None] * keep
    return g / _how_many(targets, ignore_index, g.dtype) * keep if reduction == "mean" else g * keep


def _hot(scores, targets):
    return (xp.arange(scores.shape[-1]) == targets[..., None]).astype(scores.dtype)


@op
def nll_(log_p, targets, *, ignore_index=None, reduction="mean"):
    """Minus the log-probability of each target."""
    return _summed_up(-_at_targets(log_p, targets, ignore_index), targets, ignore_index, reduction)


def _nll_rule(g, log_p, targets, ignore_index, reduction):
    targets = plain(targets)
    return -(_weights(g, targets, ignore_index, reduction) * _hot(log_p, targets))


nll_.vjp(log_p=_nll_rule)


@op
def residual(logits, targets, weights):
    """weights * (softmax(logits) - one_hot(targets)), in one array: logits (..., V), targets (...) within 0..V-1,
    weights (..., 1) or 0-d."""
    r = softmax(logits, axis=-1)
    at = targets[..., None]
    xp.put_along_axis(r, at, xp.take_along_axis(r, at, axis=-1) - 1, axis=-1)
    r *= weights
    return r


def _residual_logits(g, logits, weights):
    p, g = softmax(logits, axis=-1), g * weights
    return p * (g - (g * p).sum(axis=-1, keepdims=True))


def _residual_weights(g, logits, targets, weights_shape):
    return unbroadcast(g * (softmax(logits, axis=-1) - _hot(logits, plain(targets))), weights_shape)


residual.vjp(logits=_residual_logits, weights=_residual_weights)


@op
def cross_entropy_(logits, targets, *, ignore_index=None, reduction="mean"):
    """Minus the log of the softmax at each target."""
    with quiet():
        e = logits - peak(logits, -1, "cross_entropy")
        own = _at_targets(e, targets, ignore_index)
        losses = xp.log(xp.exp(e, out=e).sum(axis=-1)) - own
    return _summed_up(losses, targets, ignore_index, reduction)


def _cross_entropy_rule(g, logits, targets, ignore_index, reduction):
    targets = plain(targets)
    return residual(logits, _inside(targets, ignore_index), _weights(g, targets, ignore_index, reduction))


cross_entropy_.vjp(logits=_cross_entropy_rule)


def nll(log_p: Any, targets: Any, ignore_index: int | None = None, reduction: str = "mean") -> Any:
    """Minus log-probability, in nats, of the targets: log_p (..., V), targets (...) integers. Raises as
    cross_entropy."""
    return nll_(
        log_p, _checked_targets("nll", log_p, targets, ignore_index), ignore_index=ignore_index, reduction=reduction
    )


def cross_entropy(
    logits: Any,
    targets: Any,
    ignore_index: int | None = None,
    reduction: str = "mean",
    weight: Any = None,
    label_smoothing: float = 0.0,
) -> Any:
    """Cross-entropy, in nats, of softmax(logits) with the targets: logits (..., V), targets (...) integers.

    ignore_index: targets of this value do not count; if none counts the mean is 0. weight (V,): how much each class
    counts, a constant; the mean is then over the weights of the targets. label_smoothing: the share, 0..1, of each
    target that is spread evenly over all V classes, each by its weight (Szegedy et al., 2016, arXiv 1512.00567):
    -(1 - share) weight[target] log p[target] - share / V * sum of weight[c] log p[c], as PyTorch has it.
    Raises IndexError, naming the value and its position, for targets outside 0..V-1; DtypeError for float or bool
    targets; ShapeError if shapes do not fit; ValueError for weights that are negative or not finite, and for a share
    outside 0..1; TypeError for a weight that requires a gradient.
    """
    name = "cross_entropy"
    targets = _checked_targets(name, logits, targets, ignore_index)
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"{name}: label_smoothing is a share in 0..1, not {label_smoothing}")
    if weight is None and not label_smoothing:
        return cross_entropy_(logits, targets, ignore_index=ignore_index, reduction=reduction)
    if reduction not in REDUCTIONS:
        raise ValueError(f"{name}: reduction={reduction!r} is not one of {', '.join(REDUCTIONS)}")
    weight = None if weight is None else _class_weights(name, weight, logits)
    counts = _counts(targets, ignore_index, weight, logits.dtype)
    losses = cross_entropy_(logits, targets, ignore_index=ignore_index, reduction="none") * counts
    if label_smoothing:
        spread = _spread(logits, weight)
        if ignore_index is not None:
            spread = where(plain(targets) != ignore_index, spread, 0.0)
        losses = (1 - label_smoothing) * losses + label_smoothing * spread
    if reduction == "none":
        return losses
    total = counts.sum()
    return sum(losses) / xp.where(total == 0, 1, total).astype(logits.dtype) if reduction == "mean" else sum(losses)


def _class_weights(name: str, weight: Any, logits: Any) -> Any:
    """(V,) numbers of at least 0, on the backend, in the dtype of the logits."""
    if isinstance(weight, Tensor) and weight.requires_grad:
        raise TypeError(f"{name}: weight is a constant of the loss and gets no gradient; use weight.detach()")
    values = plain(weight) if hasattr(weight, "dtype") else numpy.asarray(weight)
    if values.dtype.kind not in "fiu":
        raise DtypeError(f"{name}: weight must be numbers, not {values.dtype}")
    if values.shape != logits.shape[-1:]:
        raise ShapeError(f"{name}: weight {values.shape} must be one number for each class, {logits.shape[-1:]}")
    if backend.checks_values(values) and not bool(((values >= 0) & (values < numpy.inf)).all()):
        raise ValueError(f"{name}: weights must be finite and at least 0")
    return backend.to_device(values).astype(logits.dtype)


def _counts(targets: Any, ignore_index: int | None, weight: Any, dtype: Any) -> Any:
    """How much each target counts: (...) its weight, or 1; 0 where ignored."""
    targets = plain(targets)
    keep = xp.ones(targets.shape, dtype=bool) if ignore_index is None else targets != ignore_index
    return keep.astype(dtype) if weight is None else xp.where(keep, weight[xp.where(keep, targets, 0)], 0)


def _spread(logits: Any, weight: Any) -> Any:
    """Minus the mean over the classes of weight * log p: (..., V) -> (...)."""
    log_p = log_softmax(logits, axis=-1)
    return -mean(log_p if weight is None else log_p * weight, axis=-1)


# ---------------------------------------------------------------- yes or no, and distances


def _same_shape(name: str, prediction: Any, target: Any) -> None:
    if prediction.shape != target.shape:
        raise ShapeError(
            f"{name}: prediction {prediction.shape} and target {target.shape} must have one shape "
            "(broadcasting here hides mistakes)"
        )


def _within_unit(name: str, what: str, values: Any) -> None:
    values = plain(values)
    if backend.checks_values(values) and values.size and not bool(((values >= 0) & (values <= 1)).all()):
        raise ValueError(f"{name}: {what} must lie in 0..1")


@composed
def bce_with_logits(logits, targets, reduction="mean"):
    """Binary cross-entropy, in nats, of sigmoid(logits) with targets in 0..1, in one shape. Exact at any size of
    logits."""
    _same_shape("bce_with_logits", logits, targets)
    _within_unit("bce_with_logits", "targets", targets)
    return _reduced("bce_with_logits", softplus(logits) - logits * targets, reduction)


@composed
def bce(p, targets, reduction="mean"):
    """Binary cross-entropy, in nats, of probabilities p, clamped to the dtype's epsilon away from 0 and 1. Prefer
    bce_with_logits.

    Raises ValueError for probabilities or targets outside 0..1.
    """
    _same_shape("bce", p, targets)
    _within_unit("bce", "probabilities", p)
    _within_unit("bce", "targets", targets)
    tiny = float(xp.finfo(p.dtype).eps)
    p = clip(p, tiny, 1 - tiny)
    return _reduced("bce", -(log(p) * targets + log(1 - p) * (1.0 - targets)), reduction)


@composed
def mse(prediction, target, reduction="mean"):
    """Squared distance, in one shape."""
    _same_shape("mse", prediction, target)
    difference = prediction - target
    return _reduced("mse", difference * difference, reduction)


@composed
def l1(prediction, target, reduction="mean"):
    """Absolute distance, in one shape; slope 0 where they are equal."""
    _same_shape("l1", prediction, target)
    return _reduced("l1", abs(prediction - target), reduction)
