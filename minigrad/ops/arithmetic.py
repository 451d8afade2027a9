"""The ops behind Python's operators, and those that change how a value counts: cast, alias, cut. Declarations only;
imports tensor."""

from __future__ import annotations

import math

from ..backend import default_dtype, quiet
from ..op import op
from ..tensor import OPS, plain

__all__ = ["pow"]


@op(broadcasts=True)
def add(a, b):
    """a + b, elementwise."""
    return a + b


add.vjp(a=lambda g: g, b=lambda g: g)


@op(broadcasts=True)
def sub(a, b):
    """a - b, elementwise."""
    return a - b


sub.vjp(a=lambda g: g, b=lambda g: -g)


@op(broadcasts=True)
def mul(a, b):
    """a * b, elementwise."""
    return a * b


mul.vjp(a=lambda g, b: g * b, b=lambda g, a: g * a)


@op(broadcasts=True)
def div(a, b):
    """a / b, elementwise; by zero it is inf or nan, by IEEE rules."""
    with quiet():
        return a / b


div.vjp(a=lambda g, b: g / b, b=lambda g, b, y: -g * y / b)


@op
def neg(x):
    """-x."""
    return -x


neg.vjp(x=lambda g: -g)


@op(broadcasts=True)
def pow(a, b):
    """a ** b, elementwise. 0 ** 0 is 1; a negative base with a fractional exponent is nan."""
    with quiet():
        if hasattr(a, "dtype") and a.dtype.kind in "iu" and not hasattr(b, "dtype") and b < 0:
            a = a.astype(default_dtype())
        return a**b


def _lowered(a, b):
    """b - 1, but 0 where a and b are both 0: there the slope is 0, not 0 * inf."""
    if not hasattr(b, "dtype"):
        return b - 1 if b else 0
    return OPS["where"]((plain(a) == 0) & (plain(b) == 0), 0, b - 1)


def _log_base(a):
    """log a, and 0 where a is 0: the answer there is 0 ** b, which does not move."""
    if not hasattr(a, "dtype"):
        return math.log(a) if a > 0 else 0.0 if a == 0 else math.nan
    return OPS["log"](OPS["where"](plain(a) == 0, 1, a))


pow.vjp(a=lambda g, a, b: g * (b * pow(a, _lowered(a, b))), b=lambda g, a, y: g * (y * _log_base(a)))


@op
def cast(x, *, dtype):
    """x in another dtype."""
    return x.astype(dtype)


cast.vjp(x=lambda g, x: cast(g, dtype=x.dtype))


@op
def alias(x):
    """x itself under another identity, so that gradients can be asked for here alone."""
    return x


alias.vjp(x=lambda g: g)


@op
def cut(x):
    """x itself, recorded, through which no gradient flows: the end of a chunk in truncated BPTT."""
    return x
