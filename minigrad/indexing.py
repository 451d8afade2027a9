"""What an index means: lists and host arrays in it are checked on the host, then moved to the backend. Imports
backend."""

from __future__ import annotations

from typing import Any

import numpy

from . import backend
from .errors import DtypeError

__all__ = ["checked_index", "is_basic"]


def is_basic(index: Any) -> bool:
    """Only integers, slices, None and Ellipsis: what NumPy answers with a view, and no element twice."""
    parts = index if type(index) is tuple else (index,)
    return all(p is None or p is Ellipsis or isinstance(p, (int, slice)) and not isinstance(p, bool) for p in parts)


def checked_index(shape: tuple[int, ...], index: Any) -> Any:
    """index with its lists and host arrays on the backend. IndexError outside the axis, DtypeError for floats."""
    parts = index if isinstance(index, tuple) else (index,)
    parts = [
        numpy.asarray(p, dtype=None if numpy.size(p) else int) if isinstance(p, (list, bool)) else p for p in parts
    ]
    axis, plain = 0, []
    for i, part in enumerate(parts):
        plain.append(_moved(shape, part, axis) if isinstance(part, numpy.ndarray) else part)
        axis = len(shape) - sum(map(_axes_used, parts[i + 1 :])) if part is Ellipsis else axis + _axes_used(part)
    return tuple(plain) if isinstance(index, tuple) else plain[0]


def _axes_used(part: Any) -> int:
    """How many axes of the tensor a part of the index speaks of."""
    if part is None or part is Ellipsis:
        return 0
    return part.ndim if getattr(getattr(part, "dtype", None), "kind", "") == "b" else 1


def _moved(shape: tuple[int, ...], part: numpy.ndarray, axis: int) -> Any:
    if part.dtype.kind not in "iub":
        raise DtypeError(f"getitem: indices are integers or booleans, not {part.dtype}")
    if part.dtype.kind != "b" and axis < len(shape):
        n = shape[axis]
        backend.check_index(
            numpy.where(part < 0, part + n, part), n, f"getitem: index on axis {axis} of a tensor of shape {shape}"
        )
    return backend.to_device(part)
