"""Ops that work on each element by itself. Declarations only; imports tensor and shape."""

from __future__ import annotations

from ..backend import quiet, xp
from ..errors import DtypeError
from ..op import composed, op
from .shape import concat

__all__ = [
    "abs", "clip", "cos", "crelu", "elu", "exp", "leaky_relu", "log", "log_sigmoid", "maximum", "minimum", "relu",
    "relu6", "sigmoid", "sign", "sin", "softplus", "softsign", "sqrt", "tanh", "where",
]  # fmt: skip


@op
def exp(x):
    """e ** x."""
    with quiet():
        return xp.exp(x)


exp.vjp(x=lambda g, y: g * y)


@op
def log(x):
    """Natural logarithm: -inf at 0, nan below."""
    with quiet():
        return xp.log(x)


log.vjp(x=lambda g, x: g / x)


@op
def sqrt(x):
    """Square root: slope inf at 0, nan below."""
    with quiet():
        return xp.sqrt(x)


sqrt.vjp(x=lambda g, y: g / (y + y))


@op
def sin(x):
    """Sine of x in radians."""
    return xp.sin(x)


sin.vjp(x=lambda g, x: g * cos(x))


@op
def cos(x):
    """Cosine of x in radians."""
    return xp.cos(x)


cos.vjp(x=lambda g, x: -g * sin(x))


@op
def tanh(x):
    """Hyperbolic tangent, 2 sigmoid(2x) - 1."""
    return xp.tanh(x)


tanh.vjp(x=lambda g, y: g * (1 - y * y))


@op
def sigmoid(x):
    """Logistic function 1 / (1 + exp(-x)), by tanh so that nothing overflows."""
    y = xp.tanh(x * 0.5)
    y *= 0.5
    y += 0.5
    return y


sigmoid.vjp(x=lambda g, y: g * (y * (1 - y)))


@op
def log_sigmoid(x):
    """log sigmoid(x) = -softplus(-x), finite for large negative x."""
    return xp.minimum(x, 0) - xp.log1p(xp.exp(-xp.abs(x)))


log_sigmoid.vjp(x=lambda g, x: g * sigmoid(-x))


@op
def softplus(x):
    """log(1 + exp(x)), without overflow."""
    return xp.maximum(x, 0) + xp.log1p(xp.exp(-xp.abs(x)))


softplus.vjp(x=lambda g, x: g * sigmoid(x))


@op
def relu(x):
    """max(x, 0); slope 0 at 0; nan stays nan."""
    return xp.maximum(x, 0)


relu.vjp(x=lambda g, x: g * (x > 0))


@op
def relu6(x):
    """min(max(x, 0), 6); slope 0 at 0 and at 6."""
    return xp.clip(x, 0, 6)


relu6.vjp(x=lambda g, x: g * ((x > 0) * (x < 6)))


@composed
def crelu(x, axis=-1):
    """relu(x) and relu(-x) side by side: axis grows to twice its size (Shang et al., 2016)."""
    return concat([relu(x), relu(-x)], axis=axis)


@op
def leaky_relu(x, *, slope=0.01):
    """x above 0, slope * x below (Maas et al., 2013)."""
    return xp.where(x < 0, slope * x, x)


leaky_relu.vjp(x=lambda g, x, slope: where(x > 0, g, g * slope))


@op
def elu(x, *, alpha=1.0):
    """x above 0, alpha (exp(x) - 1) below (Clevert et al., 2016)."""
    return xp.where(x > 0, x, alpha * xp.expm1(xp.minimum(x, 0)))


elu.vjp(x=lambda g, x, alpha: g * where(x > 0, 1, alpha * exp(minimum(x, 0))))


@op
def softsign(x):
    """x / (1 + |x|)."""
    return x / (1 + xp.abs(x))


softsign.vjp(x=lambda g, x: g / ((1 + abs(x)) * (1 + abs(x))))


@op
def abs(x):
    """|x|; slope 0 at 0."""
    return xp.abs(x)


abs.vjp(x=lambda g, x: g * sign(x))


@op
def sign(x):
    """-1, 0 or 1; its slope is 0 everywhere."""
    return xp.sign(x)


sign.vjp(x=lambda g: xp.zeros(g.shape, dtype=g.dtype))


@op(broadcasts=True)
def maximum(a, b):
    """The larger of two; equal ones share the gradient; nan wins."""
    return xp.maximum(a, b)


@op(broadcasts=True)
def minimum(a, b):
    """The smaller of two; equal ones share the gradient; nan wins."""
    return xp.minimum(a, b)


maximum.vjp(
    a=lambda g, a, b: where(a == b, g * 0.5, where(a > b, g, 0)),
    b=lambda g, a, b: where(a == b, g * 0.5, where(b > a, g, 0)),
)
minimum.vjp(
    a=lambda g, a, b: where(a == b, g * 0.5, where(a < b, g, 0)),
    b=lambda g, a, b: where(a == b, g * 0.5, where(b < a, g, 0)),
)


@op(broadcasts=True)
def where(condition, a, b):
    """a where the condition (bool) holds, b elsewhere. Shapes broadcast."""
    kind = xp.asarray(condition).dtype
    if kind.kind != "b":
        raise DtypeError(f"where: the condition must be bool, not {kind}; compare first, as in x > 0")
    return xp.where(condition, a, b)


where.vjp(a=lambda g, condition: where(condition, g, 0), b=lambda g, condition: where(condition, 0, g))


@op(broadcasts=True)
def clip(x, low=None, high=None):
    """x kept within low..high (numbers, arrays or None); slope 1 inside and at the bounds, 0 outside. nan stays nan."""
    if low is None and high is None:
        return x
    if low is None:
        return xp.minimum(x, high)
    return xp.maximum(x, low) if high is None else xp.minimum(xp.maximum(x, low), high)


def _inside(x, low, high):
    inside = x == x
    if low is not None:
        inside = inside * (x >= low)
    return inside if high is None else inside * (x <= high)


clip.vjp(
    x=lambda g, x, low, high: where(_inside(x, low, high), g, 0),
    low=lambda g, x, low, high: where((x < low) if high is None else (x < low) * (low <= high), g, 0),
    high=lambda g, x, low, high: where((x > high) if low is None else maximum(x, low) > high, g, 0),
)
