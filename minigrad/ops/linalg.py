"""Linear algebra. Declarations only; imports tensor."""

from __future__ import annotations

import functools
import math
import string
from typing import Any

from ..backend import quiet, xp
from ..errors import ShapeError
from ..op import composed, op
from .shape import broadcast_to, permute_dims, reshape, unbroadcast

__all__ = ["det", "einsum", "inv", "linear", "logdet", "matmul", "outer"]


@op
def matmul(a, b):
    """a @ b by NumPy's rules: vectors (n), matrices (n, k) @ (k, m), and stacks of them (..., n, k) @ (..., k, m)."""
    if not getattr(a, "ndim", 0) or not getattr(b, "ndim", 0):
        raise ShapeError("matmul: both sides need at least one axis; use * for numbers")
    if a.shape[-1] != b.shape[-2 if b.ndim > 1 else 0]:
        inner = b.shape[-2 if b.ndim > 1 else 0]
        raise ShapeError(
            f"matmul: {a.shape} @ {b.shape}: the last axis of the first ({a.shape[-1]}) must equal "
            f"the {'second-last' if b.ndim > 1 else 'only'} axis of the second ({inner})"
        )
    return a @ b


def _swapped(x: Any) -> Any:
    axes = list(range(x.ndim))
    axes[-2:] = axes[-1], axes[-2]
    return permute_dims(x, axes=tuple(axes))


def _rows(x: Any) -> Any:
    """(..., n) -> (rows, n)."""
    return x if x.ndim == 2 else reshape(x, shape=(math.prod(x.shape[:-1]), x.shape[-1]))


def _matmul_a(g, b, a_shape):
    if b.ndim == 1:
        return g * b if len(a_shape) == 1 else g[..., None] * b
    if len(a_shape) == 1:
        return unbroadcast(matmul(b, g[..., None])[..., 0], a_shape)
    return unbroadcast(matmul(g, _swapped(b)), a_shape)


def _matmul_b(g, a, b_shape):
    if a.ndim == 1:
        return g * a if len(b_shape) == 1 else unbroadcast(a[:, None] * g[..., None, :], b_shape)
    if len(b_shape) == 1:
        return matmul(permute_dims(_rows(a)), reshape(g, shape=(math.prod(g.shape),)))
    if len(b_shape) == 2:
        return matmul(permute_dims(_rows(a)), _rows(g))
    return unbroadcast(matmul(_swapped(a), g), b_shape)


def stacked_product(lefts: list, rights: list) -> Any:
    """The sum of left.T @ right over pairs of matrices (rows, n), (rows, m), as one product."""
    return xp.concatenate(lefts).T @ xp.concatenate(rights) if len(lefts) > 1 else lefts[0].T @ rights[0]


def _matmul_b_combined(factors: list) -> Any:
    if any(a.ndim == 1 or len(b_shape) != 2 for _, a, b_shape in factors):
        return functools.reduce(lambda x, y: x + y, [_matmul_b(*f) for f in factors])
    return stacked_product([_rows(a) for _, a, _ in factors], [_rows(g) for g, _, _ in factors])


matmul.vjp(a=_matmul_a, b=_matmul_b).combine(b=_matmul_b_combined)


@op
def linear(x, w):
    """x @ w.T: x (..., I), w (H, I) -> (..., H)."""
    try:
        if w.ndim != 2 or x.ndim == 0:
            raise ValueError
        return x @ w.T if x.ndim <= 2 else (_rows(x) @ w.T).reshape(*x.shape[:-1], w.shape[0])
    except ValueError:
        raise ShapeError(f"linear: x {x.shape} and w {w.shape} do not fit: x (..., I), w (H, I) -> (..., H)") from None


def _linear_x(g, w):
    return g @ w if g.ndim <= 2 else reshape(matmul(_rows(g), w), shape=(*g.shape[:-1], w.shape[1]))


def _matrix(x):
    return reshape(x, shape=(1, *x.shape)) if x.ndim == 1 else _rows(x)


def _linear_w(g, x):
    return matmul(permute_dims(_matrix(g)), _matrix(x))


def _linear_w_combined(factors: list) -> Any:
    return stacked_product([_matrix(g) for g, _ in factors], [_matrix(x) for _, x in factors])


linear.vjp(x=_linear_x, w=_linear_w).combine(w=_linear_w_combined)


@composed
def outer(a, b):
    """All products of two vectors: (n,), (m,) -> (n, m)."""
    if a.ndim != 1 or b.ndim != 1:
        raise ShapeError(f"outer: two vectors are needed, not {a.shape} and {b.shape}")
    return reshape(a, shape=(a.shape[0], 1)) * reshape(b, shape=(1, b.shape[0]))


# ---------------------------------------------------------------- square matrices


def _square(x, name):
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise ShapeError(f"{name}: a square matrix (..., n, n) is needed, not {x.shape}")


@op
def inv(x):
    """The inverse of (..., n, n). ValueError for a singular matrix."""
    _square(x, "inv")
    try:
        return xp.linalg.inv(x)
    except xp.linalg.LinAlgError as error:
        raise ValueError("inv: the matrix is singular") from error


inv.vjp(x=lambda g, y: -matmul(matmul(_swapped(y), g), _swapped(y)))


@op
def det(x):
    """The determinant of (..., n, n) -> (...). Its gradient needs an invertible matrix."""
    _square(x, "det")
    return xp.linalg.det(x)


det.vjp(x=lambda g, y, x: (g * y)[..., None, None] * _swapped(inv(x)))


@op
def logdet(x):
    """log det of (..., n, n) -> (...); nan where the determinant is negative."""
    _square(x, "logdet")
    sign, value = xp.linalg.slogdet(x)
    with quiet():
        return xp.where(sign < 0, xp.nan, value).astype(x.dtype)


logdet.vjp(x=lambda g, x: g[..., None, None] * _swapped(inv(x)))


# ---------------------------------------------------------------- einsum


@op
def einsum_(*xs, subscripts):
    """Sums of products; every index has its own letter."""
    return xp.einsum(subscripts, *xs)


def _einsum_rule(g, i, xs, xs_shape, subscripts):
    inputs, output = subscripts.split("->")
    terms = inputs.split(",")
    mine, rest = terms[i], terms[:i] + terms[i + 1 :]
    others = [x for j, x in enumerate(xs) if j != i]
    reached = "".join(c for c in mine if any(c in term for term in [output, *rest]))
    back = einsum_(g, *others, subscripts=f"{','.join([output, *rest])}->{reached}")
    if reached != mine:  # an index that only this operand has was summed alone: every element gets the same
        back = reshape(back, shape=tuple([back.shape[reached.index(c)] if c in reached else 1 for c in mine]))
    sizes = tuple([n if back.shape[axis] == 1 else back.shape[axis] for axis, n in enumerate(xs_shape[i])])
    return unbroadcast(broadcast_to(back, shape=sizes) if back.shape != sizes else back, xs_shape[i])


einsum_.vjp(xs=_einsum_rule)


def _spelled_out(subscripts: str, ranks: list[int]) -> str:
    """subscripts with the output named and '...' replaced by letters that are free."""
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if len(terms) != len(ranks):
        raise ShapeError(f"einsum: {subscripts!r} names {len(terms)} operands, {len(ranks)} were given")
    for term in terms:
        letters = term.replace("...", "")
        if len(set(letters)) != len(letters):
            raise ShapeError(f"einsum: an index is repeated inside {term!r}; take the diagonal by indexing first")
    free = [c for c in string.ascii_letters if c not in subscripts]
    most = max([rank - len(t.replace("...", "")) for t, rank in zip(terms, ranks) if "..." in t], default=0)
    dots = "".join(free[:most])
    named = [t.replace("...", dots[most - (rank - len(t.replace("...", ""))) :]) for t, rank in zip(terms, ranks)]
    if not arrow:
        letters = "".join(terms).replace("...", "")
        output = ("..." if most else "") + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    return f"{','.join(named)}->{output.replace('...', dots)}"


def einsum(subscripts: str, *xs: Any) -> Any:
    """Einstein summation: einsum("tbi,hi->tbh", x, w). The output may be left out; '...' stands for any leading axes.

    Raises ShapeError for a wrong number of operands and for an index repeated inside one operand.
    """
    return einsum_(*xs, subscripts=_spelled_out(subscripts, [x.ndim for x in xs]))
