"""A strict stand-in for CuPy on NumPy: what the real one refuses or gets silently wrong raises, and no GPU is needed.

Put the folder above first on `PYTHONPATH`, in a process of its own. Names and parameters are those of the real wheel
(`names.json`), device waits are counted (`cupy._standin.waits`, `forbid_waits`). Imports NumPy and its own parts only.
"""

import importlib

import numpy as np

from cupy import _functions, _standin
from cupy._array import ndarray, ufunc  # noqa: F401
from cupy._functions import *  # noqa: F403
from cupy.cuda import is_available  # noqa: F401

__version__ = _standin.VERSION
newaxis = None
_functions.fill_module(globals(), "cupy", np)


def __getattr__(name: str):
    if name in ("linalg", "random"):
        return importlib.import_module(f"cupy.{name}")
    raise _standin.missing("cupy", name)


def __dir__() -> list[str]:
    return sorted(_standin.NAMES["cupy"] & {*globals(), "linalg", "random"})
