"""minigrad: a small tensor and reverse-mode autograd engine on NumPy or CuPy, made to teach recurrent nets."""

import sys

from .errors import AnomalyError, BackendError, CheckpointError, DtypeError, GraphError, NonFiniteGradient, ShapeError

try:
    from . import backend
except BackendError as error:
    # `python -m minigrad` and `python -m viz` import this package before their own code can catch anything
    if sys.argv[:1] != ["-m"]:
        raise
    print(f"minigrad: {error}", file=sys.stderr)
    raise SystemExit(2) from None

from .backend import default_dtype, manual_seed
from .graph import history, no_grad, record, scope
from .ops import *
from .tensor import Tensor, grad, hvp, jacobian

__version__ = "0.1.0"
