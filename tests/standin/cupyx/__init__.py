"""The part of `cupyx` beside the stand-in: scatter functions, `errstate`, the deprecated watch on waits."""

import numpy as np
from cupy._array import ufunc
from cupy._standin import DeviceSynchronized, allow_synchronize, errstate, missing

__all__ = ["DeviceSynchronized", "allow_synchronize", "errstate", "rsqrt", "scatter_add", "scatter_max", "scatter_min"]


def rsqrt(x):
    """1 / sqrt(x)."""
    return 1 / ufunc(np.sqrt)(x)


def scatter_add(a, slices, value) -> None:
    """`a[slices] += value` with every duplicate counted; `cupy.add.at` is its new name."""
    a.scatter_add(slices, value)


def scatter_max(a, slices, value) -> None:
    """The elementwise maximum with every duplicate counted."""
    a.scatter_max(slices, value)


def scatter_min(a, slices, value) -> None:
    """The elementwise minimum with every duplicate counted."""
    a.scatter_min(slices, value)


def __getattr__(name: str):
    raise missing("cupyx", name)
