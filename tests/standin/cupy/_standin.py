"""What every part of the stand-in shares: frozen names of the real wheel, the counter of device waits, refusals.

`cupy._standin` exists here only: a test asks for it to know that it runs on the stand-in. Imports NumPy only.
"""

import contextlib
import json
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np

_FROZEN = json.loads(Path(__file__).parents[1].joinpath("names.json").read_text())
VERSION = _FROZEN["version"]
NAMES = {place: frozenset(names) for place, names in _FROZEN["names"].items()}
PARAMETERS = _FROZEN["parameters"]
NO_GPU = os.environ.get("MINIGRAD_STANDIN_NO_GPU") == "1"
SCALARS = (bool, int, float, complex, np.bool_, np.number)


class CUDARuntimeError(RuntimeError):
    """What the real CuPy raises on the first use of a device that is not there."""


class DeviceSynchronized(RuntimeError):
    """`cupyx.DeviceSynchronized` of the real CuPy."""


class DeviceWait(DeviceSynchronized):
    """The host waited for the device where `forbid_waits` forbids it."""


class _Counter:
    waits = 0
    forbidden = False
    linalg = "ignore"  # cupyx.errstate(linalg=): by default the real CuPy does not look whether a matrix was singular


def waits() -> int:
    """How many times the host has waited for the device in this process."""
    return _Counter.waits


@contextlib.contextmanager
def forbid_waits(forbidden: bool = True) -> Iterator[None]:
    """Every wait for the device inside raises `DeviceWait`; `forbid_waits(False)` allows them again further in."""
    before, _Counter.forbidden = _Counter.forbidden, forbidden
    try:
        yield
    finally:
        _Counter.forbidden = before


def wait(cause: str) -> None:
    """Counts one wait for the device."""
    _Counter.waits += 1
    if _Counter.forbidden:
        raise DeviceWait(f"{cause} waits for the device")


@contextlib.contextmanager
def allow_synchronize(allow: bool) -> Iterator[None]:
    """`cupyx.allow_synchronize`: the real one knows fewer waits and is deprecated."""
    warnings.warn("cupyx.allow_synchronize will be removed in future releases", stacklevel=3)
    with forbid_waits(not allow):
        yield


@contextlib.contextmanager
def errstate(*, linalg: str | None = None, **others: object) -> Iterator[None]:
    """`cupyx.errstate`: only `linalg` is implemented in the real one; `raise` makes linear algebra wait and check."""
    if any(value is not None for value in others.values()) or linalg not in (None, "ignore", "raise"):
        raise NotImplementedError("cupyx.errstate knows linalg='ignore' and linalg='raise' only")
    before, _Counter.linalg = _Counter.linalg, linalg or _Counter.linalg
    try:
        yield
    finally:
        _Counter.linalg = before


def linalg_checks() -> bool:
    """Whether linear algebra is asked to check its results (and therefore to wait)."""
    return _Counter.linalg == "raise"


def need_device() -> None:
    """Raises as the real CuPy does on a machine without GPU or driver, when the environment asks for it."""
    if NO_GPU:
        raise CUDARuntimeError("cudaErrorNoDevice: no CUDA-capable device is detected")


def missing(place: str, name: str) -> AttributeError:
    """The error for a name that `place` lacks, in the real wheel or only here."""
    if name in NAMES.get(place, ()):
        return AttributeError(f"the stand-in does not have {place}.{name} yet (the real CuPy {VERSION} has it)")
    return AttributeError(f"the real CuPy {VERSION} has no {place}.{name}")


def check_call(place: str, args: tuple, kwargs: dict) -> dict:
    """Arguments by the names that the real function gives them; TypeError for those that it does not take."""
    known = PARAMETERS.get(place)
    if known is None:
        return dict(kwargs)
    star = next((i for i, name in enumerate(known) if name.startswith("*")), len(known))
    names = [name.rstrip("=") for name in known]
    varargs, open_keywords = any("*" == name[: name.count("*")] for name in known), any("**" in name for name in known)
    bound = {**dict(zip(names[:star], args)), **kwargs}
    unknown = [] if open_keywords else [name for name in kwargs if name not in names]
    absent = [name for name in known[:star] if "=" not in name and name not in bound]
    if unknown or absent or (len(args) > star and not varargs):
        given = f"{len(args)} positional arguments and {list(kwargs)}"
        raise TypeError(f"the real {place}({', '.join(known)}) does not take {given}")
    return bound
