"""Starting values for parameters, drawn on the host so that both backends start alike. Imports backend."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy

from ..backend import generator

__all__ = ["identity", "kaiming", "normal", "orthogonal", "uniform", "xavier"]

Shape = Sequence[int]
Rng = numpy.random.Generator | None


def uniform(shape: Shape, low: float = -0.1, high: float = 0.1, rng: Rng = None) -> numpy.ndarray:
    """Evenly from low to high."""
    return (rng or generator()).uniform(low, high, shape)


def normal(shape: Shape, std: float = 0.01, mean: float = 0.0, rng: Rng = None) -> numpy.ndarray:
    """From a normal distribution."""
    return (rng or generator()).normal(mean, std, shape)


def _fans(shape: Shape) -> tuple[int, int]:
    """(inputs, outputs) of a weight (out, in, *kernel)."""
    if len(shape) < 2:
        raise ValueError(f"a weight of shape {tuple(shape)} has no inputs and outputs to count; two axes are needed")
    kernel = math.prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


def xavier(shape: Shape, gain: float = 1.0, rng: Rng = None) -> numpy.ndarray:
    """Uniform with variance gain^2 * 2 / (inputs + outputs) (Glorot & Bengio, 2010): for tanh and sigmoid."""
    bound = gain * math.sqrt(6 / sum(_fans(shape)))
    return uniform(shape, -bound, bound, rng)


def kaiming(shape: Shape, slope: float = 0.0, rng: Rng = None) -> numpy.ndarray:
    """Uniform with variance 2 / ((1 + slope^2) inputs) (He et al., 2015): for relu, and leaky_relu of that slope."""
    bound = math.sqrt(6 / ((1 + slope**2) * _fans(shape)[0]))
    return uniform(shape, -bound, bound, rng)


def identity(shape: Shape, gain: float = 1.0, rng: Rng = None) -> numpy.ndarray:
    """gain on the diagonal, 0 elsewhere (Le et al., 2015): a relu net starts by keeping its state. Two axes; draws
    nothing."""
    return gain * numpy.eye(*_matrix(shape))


def orthogonal(shape: Shape, gain: float = 1.0, rng: Rng = None) -> numpy.ndarray:
    """gain * Q with orthonormal columns, or rows where there are fewer of them (Saxe et al., 2014): keeps lengths, so
    gradients neither vanish nor explode at first. Evenly from all such matrices. Two axes."""
    rows, columns = _matrix(shape)
    q, r = numpy.linalg.qr(normal((max(rows, columns), min(rows, columns)), 1.0, rng=rng))
    q = q * numpy.where(numpy.diag(r) < 0, -1.0, 1.0)  # the signs that QR leaves open would not be random
    return gain * (q if rows >= columns else q.T)


def _matrix(shape: Shape) -> tuple[int, int]:
    if len(shape) != 2:
        raise ValueError(f"a matrix (rows, columns) is needed, not a weight of shape {tuple(shape)}")
    return shape[0], shape[1]
