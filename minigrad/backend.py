"""Where arrays live: `xp` is NumPy or CuPy, chosen once for the process by MINIGRAD_BACKEND. Also the default dtype and
the random generator. The only file that names cupy; imports nothing of minigrad but its errors."""

from __future__ import annotations

import math
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any

import numpy

from .errors import BackendError, DtypeError, ShapeError

__all__ = [
    "check_axis",
    "check_index",
    "checks_values",
    "default_dtype",
    "generator",
    "is_host",
    "manual_seed",
    "name",
    "quiet",
    "to_device",
    "to_host",
    "why",
    "xp",
]

CHOICES = ("numpy", "cupy", "auto")
DTYPES = ("float32", "float64")


def _load_cupy() -> Any:
    """CuPy when it can compute here; BackendError with the reason when it cannot."""
    try:
        import cupy
    except ModuleNotFoundError as error:
        raise BackendError(
            "MINIGRAD_BACKEND=cupy, but CuPy is not installed. Type: python -m pip install cupy-cuda13x "
            "(or cupy-cuda12x, as nvidia-smi says), or unset MINIGRAD_BACKEND to use NumPy."
        ) from error
    except ImportError as error:
        raise BackendError(f"MINIGRAD_BACKEND=cupy, and CuPy is installed but cannot be imported: {error}") from error
    if int(cupy.__version__.split(".")[0]) < 14:
        raise BackendError(f"MINIGRAD_BACKEND=cupy needs CuPy 14 or newer, not {cupy.__version__}")
    if not cupy.is_available():
        raise BackendError(
            f"MINIGRAD_BACKEND=cupy, and CuPy {cupy.__version__} is installed, but it finds no usable GPU. "
            "Check that nvidia-smi lists one, or unset MINIGRAD_BACKEND to use NumPy."
        )
    return cupy


def _choose(wanted: str) -> tuple[Any, str, str]:
    """(module, its name, why it was chosen) for the value of MINIGRAD_BACKEND."""
    if wanted not in CHOICES:
        raise BackendError(f"MINIGRAD_BACKEND={wanted!r} is not one of {', '.join(CHOICES)}")
    if wanted == "numpy":
        return numpy, "numpy", "MINIGRAD_BACKEND is numpy, the default"
    try:
        return _load_cupy(), "cupy", f"MINIGRAD_BACKEND={wanted} and a GPU answers"
    except BackendError as error:
        if wanted == "cupy":
            raise
        return (
            numpy,
            "numpy",
            f"MINIGRAD_BACKEND=auto, and CuPy cannot be used: {error}",
        )


_wanted = os.environ.get("MINIGRAD_BACKEND", "") or "numpy"
xp, name, why = _choose(_wanted)
if _wanted == "auto":
    print(f"minigrad: {why}", file=sys.stderr)


def _starting_dtype() -> numpy.dtype:
    wanted = os.environ.get("MINIGRAD_DTYPE", "") or "float32"
    if wanted not in DTYPES:
        raise BackendError(f"MINIGRAD_DTYPE={wanted!r} is not one of {', '.join(DTYPES)}")
    return numpy.dtype(wanted)


_dtype: ContextVar[numpy.dtype] = ContextVar("minigrad.dtype", default=_starting_dtype())  # noqa: B039


def as_float_dtype(dtype: Any) -> numpy.dtype:
    """float32 or float64 as a dtype; DtypeError for anything else."""
    try:
        found = numpy.dtype(dtype)
    except TypeError as error:
        raise DtypeError(f"{dtype!r} is no dtype; minigrad computes in {' or '.join(DTYPES)}") from error
    if found.name not in DTYPES:
        raise DtypeError(f"{found.name} is not supported; minigrad computes in {' or '.join(DTYPES)}")
    return found


@contextmanager
def _during(variable: ContextVar, value: Any) -> Iterator[None]:
    """A block in which the variable has another value."""
    before = variable.get()
    variable.set(value)
    try:
        yield
    finally:
        variable.set(before)


def default_dtype(dtype: Any = None) -> Any:
    """`default_dtype()` is the dtype that new tensors get; `with default_dtype("float64"):` changes it for a block."""
    return _dtype.get() if dtype is None else _during(_dtype, as_float_dtype(dtype))


def is_host(array: Any) -> bool:
    """True for what lives in the computer's own memory: NumPy arrays and scalars."""
    return isinstance(array, (numpy.ndarray, numpy.generic))


def to_host(array: Any) -> numpy.ndarray:
    """A NumPy array of the values (waits for the device on CuPy)."""
    return numpy.asarray(array) if xp is numpy or is_host(array) else array.get()


def to_device(array: Any, dtype: Any = None) -> Any:
    """The values as an array of the backend. BackendError for a GPU array in a NumPy process."""
    if (os.environ.get("MINIGRAD_BACKEND", "") or "numpy") != _wanted:
        _warn_changed()
    if xp is numpy and hasattr(array, "__cuda_array_interface__"):
        raise BackendError(
            "a GPU array in a process that runs on NumPy: use array.get(), or start with MINIGRAD_BACKEND=cupy"
        )
    return xp.asarray(array, dtype=dtype)


def _warn_changed() -> None:
    message = f"MINIGRAD_BACKEND was changed after minigrad was imported; it is read once, this process stays on {name}"
    warnings.warn(message, stacklevel=4)


def checks_values(array: Any) -> bool:
    """May the values be looked at? Always on the host; on a GPU, which looking waits for, only inside anomaly() or with
    MINIGRAD_CHECK=1."""
    return xp is numpy or is_host(array) or _checking.get() or os.environ.get("MINIGRAD_CHECK") == "1"


_checking: ContextVar[bool] = ContextVar("minigrad.checking", default=False)


def checking_values() -> AbstractContextManager:
    """A block in which values on a GPU are looked at too, waits and all."""
    return _during(_checking, True)


def check_index(array: Any, size: int, what: str) -> None:
    """IndexError, naming the first bad value and its position, unless every index lies in 0..size-1."""
    if not checks_values(array) or array.size == 0:
        return
    values = to_host(array)
    if values.min() >= 0 and values.max() < size:
        return
    at = numpy.argwhere((values < 0) | (values >= size))[0]
    place = f" at position {tuple(int(i) for i in at)}" if values.ndim else ""
    raise IndexError(f"{what}: {int(values[tuple(at)])}{place} is outside 0..{size - 1}")


def check_axis(axis: int, ndim: int, what: str = "") -> int:
    """The axis counted from 0; ShapeError unless it lies in -ndim..ndim-1."""
    if not -ndim <= axis < ndim:
        raise ShapeError(f"{what}{': ' if what else ''}axis {axis} is out of range for {ndim} axes")
    return axis % ndim


MOST_DIMS, MOST_ELEMENTS = 64, 2**31


def check_shape(shape: tuple[int, ...], what: str) -> None:
    """ShapeError, before anything is allocated, for a shape with over 64 axes or 2**31 elements or more."""
    if len(shape) > MOST_DIMS or math.prod(shape) >= MOST_ELEMENTS:
        raise ShapeError(
            f"{what}: shape {tuple(shape)} is too large: at most {MOST_DIMS} axes and fewer than 2**31 elements"
        )


def quiet() -> AbstractContextManager:
    """A block in which inf and nan appear by IEEE rules and without warnings (CuPy never warns)."""
    return numpy.errstate(all="ignore") if xp is numpy else nullcontext()


_generators: list[numpy.random.Generator] = []


def generator() -> numpy.random.Generator:
    """The generator that layers and initialisers draw from: on the host, so that both backends start alike."""
    if not _generators:
        manual_seed(None)
    return _generators[-1]


def manual_seed(seed: int | None) -> None:
    """Start the generator anew: the same seed gives the same numbers in every process, on every backend."""
    _generators[:] = [numpy.random.default_rng(seed)]
