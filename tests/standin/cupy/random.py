"""`cupy.random`, the functions with a global state; the real Generator has no normal, so draw on the host instead."""

import numpy as np

from cupy import _functions, _standin

_state = np.random.RandomState()
_HERE = "rand randn random random_sample ranf sample standard_normal normal uniform randint permutation seed".split()
for _name in _HERE:
    _host = getattr(_state, {"ranf": "random_sample", "sample": "random_sample"}.get(_name, _name))

    def _draw(*args, _host=_host, dtype=None, **kwargs):
        drawn = _host(*args, **kwargs)
        return drawn if dtype is None else np.asarray(drawn, dtype)

    globals()[_name] = _functions.function(_name, _draw, "cupy.random")


def __getattr__(name: str):
    raise _standin.missing("cupy.random", name)
