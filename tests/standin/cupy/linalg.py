"""`cupy.linalg`: like the real one it checks (and waits) only under `cupyx.errstate(linalg="raise")`. Imports NumPy."""

import numpy as np

from cupy import _functions, _standin
from cupy._array import ndarray, wrap


def _unchecked(name: str):
    """NumPy's function without its check: a result that it refuses is NaN here, since a device gives anything."""
    call = _functions.function(name, getattr(np.linalg, name), "cupy.linalg")

    def unchecked(*args, **kwargs):
        if _standin.linalg_checks():
            _standin.wait(f"cupy.linalg.{name} with errstate(linalg='raise')")
            return call(*args, **kwargs)
        try:
            return call(*args, **kwargs)
        except np.linalg.LinAlgError as error:
            if not any(word in str(error) for word in ("Singular", "positive definite")):
                raise
            shaped = next(arg for arg in reversed(args) if isinstance(arg, ndarray))
            return wrap(np.full(shaped.shape, np.nan, np.result_type(shaped.dtype, np.float32)))

    return unchecked


for _name in ("inv", "solve", "cholesky"):
    globals()[_name] = _unchecked(_name)
_functions.fill_module(globals(), "cupy.linalg", np.linalg)


def __getattr__(name: str):
    raise _standin.missing("cupy.linalg", name)
