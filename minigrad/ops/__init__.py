"""Every op and its backward rule, by family. What each file lists in `__all__` is public."""

from . import arithmetic, elementwise, index, linalg, loss, reduce, shape, window
from .arithmetic import *
from .elementwise import *
from .index import *
from .linalg import *
from .loss import *
from .reduce import *
from .shape import *
from .window import *

families = (arithmetic, elementwise, index, linalg, loss, reduce, shape, window)
__all__ = [name for family in families for name in family.__all__]
