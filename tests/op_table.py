"""One row for each op: what it should compute (in plain NumPy), on what inputs, where it has kinks, what it refuses.

The generic tests loop over the rows. Arguments are host arrays: floating ones are differentiated, bool ones become
Tensors, integer ones (ids, targets) are handed over as they are. Imports minigrad and NumPy only.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import minigrad as mg
from minigrad.backend import to_device
from minigrad.op import Fused, Op
from minigrad.tensor import OPS, Tensor


@dataclass
class Case:
    """Inputs for one call. sample(rng): the positional arguments. params: the keywords."""

    sample: Callable[[np.random.Generator], list]
    params: dict = field(default_factory=dict)


@dataclass
class Row:
    """What is known of an op.

    call: the public function. reference: the same in NumPy. cases: see Case. errors: (arguments, keywords, exception,
    text). analytic: may be tested by the complex step. kinks: arguments at which there is no derivative. stable: value
    and gradients are finite at +-1e4. differentiable: some argument has a gradient. float_out: the answer is floating.
    slots: the arguments that may be 0-d among arrays, as digits.
    """

    call: Callable
    reference: Callable
    cases: list[Case]
    errors: list[tuple] = field(default_factory=list)
    analytic: bool = False
    kinks: list[list] = field(default_factory=list)
    stable: bool = False
    differentiable: bool = True
    float_out: bool = True
    slots: str = ""


# ---------------------------------------------------------------- inputs


def normal(*shape: int) -> Callable:
    return lambda rng: rng.standard_normal(shape)


def positive(*shape: int) -> Callable:
    return lambda rng: rng.uniform(0.4, 2.5, shape)


def inside(low: float, high: float, *shape: int) -> Callable:
    return lambda rng: rng.uniform(low, high, shape)


def apart(*shape: int) -> Callable:
    """Values at least 0.1 from each other and from 0 and 6: away from kinks and ties."""
    size = int(np.prod(shape))
    return lambda rng: (
        rng.permutation(np.arange(size) * 0.3 - 0.15 * size + 0.07) + rng.uniform(0, 0.1, size)
    ).reshape(shape)


def well_conditioned(*shape: int) -> Callable:
    """Square matrices with a positive determinant."""
    return lambda rng: rng.standard_normal(shape) * 0.4 + 2 * np.eye(shape[-1])


def ids(high: int, *shape: int) -> Callable:
    """Integers, some of them repeated."""
    return lambda rng: rng.integers(0, high, shape)


def some_ignored(rng: np.random.Generator) -> np.ndarray:
    """Targets of which two are 1, for ignore_index=1."""
    return np.array([0, 1, 2, 1])


def nothing(rng: np.random.Generator) -> None:
    """None, for an argument that is left out."""


def mask(*shape: int) -> Callable:
    return lambda rng: rng.random(shape) < 0.5


def of(*parts: Callable, **params: Any) -> Case:
    return Case(lambda rng: [part(rng) for part in parts], params)


def unary(**params: Any) -> list[Case]:
    return [of(apart(2, 3), **params), of(apart(), **params)]


def binary(first: Callable = normal, second: Callable = normal) -> list[Case]:
    """The same shape, a scalar on either side, one row, both broadcast, and three axes against one."""
    shapes = [
        ((2, 3), (2, 3)),
        ((2, 3), ()),
        ((), (2, 3)),
        ((2, 3), (3,)),
        ((2, 1), (1, 3)),
        ((3,), (2, 1, 3)),
        ((0, 3), (1, 3)),
    ]
    return [of(first(*a), second(*b)) for a, b in shapes]


AXES = [
    {},
    {"axis": 0},
    {"axis": -1, "keepdims": True},
    {"axis": (0, 2)},
    {"axis": (-1, 0), "keepdims": True},
    {"axis": ()},
]


def reduced(part: Callable = normal, axes: list = AXES) -> list[Case]:
    return [of(part(2, 3, 2), **params) for params in axes] + [of(part(2, 3))]


# ---------------------------------------------------------------- references


def np_softmax(x: np.ndarray, axis: int = -1, allow_empty: bool = False) -> np.ndarray:
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def np_logsumexp(x: np.ndarray, axis: Any = None, keepdims: bool = False) -> np.ndarray:
    return np.log(np.exp(x).sum(axis=axis, keepdims=keepdims))


def np_reduced(losses: np.ndarray, reduction: str = "mean") -> np.ndarray:
    return {"mean": np.mean, "sum": np.sum, "none": np.asarray}[reduction](losses)


def np_nll(log_p: np.ndarray, targets: np.ndarray, ignore_index: Any = None, reduction: str = "mean") -> np.ndarray:
    """One target at a time."""
    losses = np.zeros(targets.shape)
    for at in np.ndindex(*targets.shape):
        if targets[at] != ignore_index:
            losses[at] = -log_p[at][targets[at]]
    counted = max(1, sum(int(targets[at] != ignore_index) for at in np.ndindex(*targets.shape)))
    return losses if reduction == "none" else losses.sum() / (counted if reduction == "mean" else 1)


def np_cross_entropy(
    x: np.ndarray,
    targets: np.ndarray,
    ignore_index: Any = None,
    reduction: str = "mean",
    weight: Any = None,
    label_smoothing: float = 0.0,
) -> np.ndarray:
    """One target at a time, against the distribution that smoothing makes of it."""
    log_p, classes = np.log(np_softmax(x)), x.shape[-1]
    weight = np.ones(classes) if weight is None else np.asarray(weight)
    losses, counted = np.zeros(targets.shape), 0.0
    for at in np.ndindex(*targets.shape):
        if targets[at] != ignore_index:
            wanted = (1 - label_smoothing) * np.eye(classes)[targets[at]] + label_smoothing / classes
            losses[at] = -(weight * wanted * log_p[at]).sum()
            counted += weight[targets[at]]
    return losses if reduction == "none" else losses.sum() / ((counted or 1) if reduction == "mean" else 1)


def np_scatter(v: np.ndarray, index: Any, shape: tuple) -> np.ndarray:
    out = np.zeros(shape)
    np.add.at(out, index, v)
    return out


def np_scatter_add(x: np.ndarray, index: np.ndarray, values: np.ndarray, axis: int) -> np.ndarray:
    out = x.copy()
    for at in np.ndindex(*index.shape):
        place = list(at)
        place[axis] = index[at]
        out[tuple(place)] += values[at]
    return out


def np_windows(x: np.ndarray, size: tuple, stride: Any = 1) -> np.ndarray:
    """One view of all windows, of which every stride-th stays."""
    strides = (stride,) * len(size) if isinstance(stride, int) else stride
    axes = tuple(range(x.ndim - len(size), x.ndim))
    view = np.lib.stride_tricks.sliding_window_view(x, size, axis=axes)
    return view[(..., *[slice(None, None, s) for s in strides], *[slice(None)] * len(size))]


def np_overlap_add(v: np.ndarray, shape: tuple, stride: Any = 1) -> np.ndarray:
    """Every element goes where its window has it."""
    out = np.zeros(shape)
    places = np_windows(np.arange(out.size).reshape(shape), v.shape[len(shape) :], stride)
    np.add.at(out.reshape(-1), places.reshape(-1), v.reshape(-1))
    return out


def np_sum_to(x: np.ndarray, shape: tuple) -> np.ndarray:
    out = np.zeros(shape)
    view = np.broadcast_to(np.arange(out.size).reshape(shape), x.shape)
    np.add.at(out.reshape(-1), view.reshape(-1), x.reshape(-1))
    return out


def np_det(x: np.ndarray) -> np.ndarray:
    """By the first row."""
    if x.shape[-1] == 0:
        return np.ones(x.shape[:-2])
    minors = [np.delete(x[..., 1:, :], j, axis=-1) for j in range(x.shape[-1])]
    return sum((-1) ** j * x[..., 0, j] * np_det(m) for j, m in enumerate(minors))


def device_index(index: Any) -> Any:
    """An index whose arrays are on the backend, as ops get it."""
    if isinstance(index, tuple):
        return tuple(device_index(part) for part in index)
    return to_device(index) if isinstance(index, np.ndarray) else index


# ---------------------------------------------------------------- the rows

two_by_three = np.arange(6.0).reshape(2, 3)
wide = np.zeros((2, 4))
no_fit = [([two_by_three, wide], {}, mg.ShapeError, r"\(2, 3\) and \(2, 4\)")]
bad_axis = [
    ([two_by_three], {"axis": 2}, ValueError, "axis 2"),
    ([two_by_three], {"axis": (0, 0)}, ValueError, "axis"),
]
not_square = [([two_by_three], {}, mg.ShapeError, "square")]
bad_classes = [
    ([two_by_three, np.array([0, 3])], {}, IndexError, r"3 at position \(1,\) is outside 0\.\.2"),
    ([two_by_three, np.array([-1, 0])], {}, IndexError, r"-1 at position \(0,\)"),
    ([two_by_three, np.array([0.0, 1.0])], {}, mg.DtypeError, "integers"),
    ([two_by_three, np.array([True, False])], {}, mg.DtypeError, "integers"),
    ([two_by_three, np.array([0, 1, 2])], {}, mg.ShapeError, r"\(2,\)"),
    ([two_by_three, np.array([0, 1])], {"reduction": "avg"}, ValueError, "avg"),
]
bad_losses = [
    ([two_by_three, np.zeros((3,))], {}, mg.ShapeError, r"\(2, 3\) and target \(3,\)"),
    ([two_by_three / 5, two_by_three / 5], {"reduction": "avg"}, ValueError, "avg"),
]
indices = {
    "basic": (slice(None, None, -1), None, 1),
    "ellipsis": (Ellipsis, slice(0, 3, 2)),
    "number": 1,
    "repeated": np.array([0, 1, 0, 0]),
    "negative": np.array([[-1, 0], [-2, -1]]),
    "pair": (np.array([0, 1, 1]), np.array([2, 0, 0])),
    "between": (slice(None), np.array([2, 2, 0])),
    "bool": np.array([True, False]),
    "nothing": slice(2, 2),
}

TABLE = {
    # ---- operators
    "add": Row(OPS["add"], np.add, binary(), no_fit, analytic=True, slots="01", stable=True),
    "sub": Row(OPS["sub"], np.subtract, binary(), no_fit, analytic=True, slots="01", stable=True),
    "mul": Row(OPS["mul"], np.multiply, binary(), no_fit, analytic=True, slots="01", stable=True),
    "div": Row(OPS["div"], np.divide, binary(normal, positive), no_fit, analytic=True, slots="01"),
    "pow": Row(OPS["pow"], np.power, binary(positive, normal), no_fit, analytic=True, slots="01"),
    "neg": Row(OPS["neg"], np.negative, unary(), analytic=True, stable=True),
    "matmul": Row(
        OPS["matmul"],
        np.matmul,
        [
            of(normal(*a), normal(*b))
            for a, b in [
                ((2, 3), (3, 2)),
                ((3,), (3,)),
                ((3,), (3, 2)),
                ((2, 3), (3,)),
                ((2, 2, 3), (3, 2)),
                ((2, 2, 3), (2, 3, 2)),
                ((1, 2, 3), (2, 3, 2)),
                ((2, 3), (2, 3, 1)),
                ((3,), (2, 3, 2)),
                ((2, 2, 3), (3,)),
                ((0, 3), (3, 2)),
                ((2, 0), (0, 3)),
                ((2, 1, 2, 1), (3, 1, 2)),
            ]
        ],
        [
            (
                [two_by_three, two_by_three],
                {},
                mg.ShapeError,
                r"\(2, 3\) @ \(2, 3\).*\(3\) must equal the second-last.*\(2\)",
            ),
            ([two_by_three, np.zeros(2)], {}, mg.ShapeError, "only"),
            ([two_by_three, np.array(2.0)], {}, mg.ShapeError, r"use \*"),
            ([np.zeros((2, 2, 3)), np.zeros((3, 3, 2))], {}, mg.ShapeError, r"\(2, 2, 3\).*\(3, 3, 2\)"),
        ],
        analytic=True,
    ),
    "getitem": Row(
        lambda x, index: x[index if isinstance(x, Tensor) else device_index(index)],
        lambda x, index: x[index],
        [of(normal(2, 3), index=index) for index in indices.values()],
        [
            ([two_by_three], {"index": 2}, IndexError, "2"),
            ([two_by_three], {"index": np.array([0, 5])}, IndexError, r"5 at position \(1,\)"),
            ([two_by_three], {"index": (0, 0, 0)}, IndexError, "getitem"),
            ([two_by_three], {"index": np.array([0.0])}, mg.DtypeError, "integers"),
        ],
        analytic=True,
    ),
    "scatter": Row(
        lambda v, index, shape: OPS["scatter"](v, index=device_index(index), shape=shape),
        np_scatter,
        [
            Case(lambda rng, i=i: [rng.standard_normal(two_by_three[i].shape)], {"index": i, "shape": (2, 3)})
            for i in indices.values()
        ],
    ),
    "permute_dims": Row(
        mg.permute_dims,
        lambda x, axes=None: x.transpose(axes),
        [of(normal(2, 3)), of(normal(2, 3, 2), axes=(2, 0, 1)), of(normal(2, 3, 2), axes=(-1, 0, -2)), of(normal())],
        [
            ([two_by_three], {"axes": (0, 0)}, ValueError, "permute_dims"),
            ([two_by_three], {"axes": (0,)}, ValueError, "permute_dims"),
        ],
        analytic=True,
    ),
    "transpose": Row(
        mg.transpose,
        lambda x, axes=None: x.transpose(axes),
        [of(normal(2, 3)), of(normal(2, 3, 2), axes=(1, 2, 0))],
        analytic=True,
    ),
    # ---- what the engine itself is made of
    "alias": Row(OPS["alias"], lambda x: x, unary(), analytic=True),
    "cut": Row(OPS["cut"], lambda x: x, unary(), differentiable=False),
    "cast": Row(OPS["cast"], lambda x, dtype: x.astype(dtype), unary(dtype="float64")),
    "sum_to": Row(
        OPS["sum_to"], np_sum_to, [of(normal(2, 3, 2), shape=s) for s in [(3, 1), (1, 3, 2), (), (2, 3, 2), (2,)]]
    ),
    "broadcast_to": Row(
        mg.broadcast_to,
        np.broadcast_to,
        [of(normal(3, 1), shape=(2, 3, 2)), of(normal(), shape=(2,)), of(normal(3), shape=(0, 3))],
        [
            ([two_by_three], {"shape": (3, 3)}, mg.ShapeError, "broadcast_to"),
            ([np.zeros(1)], {"shape": (2**31,)}, mg.ShapeError, "too large"),
        ],
    ),
    # ---- elementwise
    "exp": Row(mg.exp, np.exp, unary(), analytic=True),
    "log": Row(mg.log, np.log, [of(positive(2, 3)), of(positive())], analytic=True, kinks=[[[0.0]]]),
    "sqrt": Row(mg.sqrt, np.sqrt, [of(positive(2, 3)), of(positive())], analytic=True, kinks=[[[0.0]]]),
    "sin": Row(mg.sin, np.sin, unary(), analytic=True, stable=True),
    "cos": Row(mg.cos, np.cos, unary(), analytic=True, stable=True),
    "tanh": Row(mg.tanh, np.tanh, unary(), analytic=True, stable=True),
    "sigmoid": Row(mg.sigmoid, lambda x: 1 / (1 + np.exp(-x)), unary(), analytic=True, stable=True),
    "log_sigmoid": Row(mg.log_sigmoid, lambda x: -np.log(1 + np.exp(-x)), unary(), stable=True),
    "softplus": Row(mg.softplus, lambda x: np.log(1 + np.exp(x)), unary(), stable=True),
    "relu": Row(mg.relu, lambda x: np.where(x > 0, x, 0), unary(), stable=True, kinks=[[[0.0]]]),
    "relu6": Row(
        mg.relu6,
        lambda x: np.where(x > 6, 6, np.where(x > 0, x, 0)),
        unary() + [of(inside(5, 7, 4))],
        stable=True,
        kinks=[[[0.0]], [[6.0]]],
    ),
    "crelu": Row(
        mg.crelu,
        lambda x, axis=-1: np.concatenate([np.where(x > 0, x, 0), np.where(x < 0, -x, 0)], axis=axis),
        [of(apart(2, 3)), of(apart(2, 3), axis=0)],
        stable=True,
        kinks=[[[0.0]]],
    ),
    "leaky_relu": Row(
        mg.leaky_relu,
        lambda x, slope=0.01: np.where(x > 0, x, slope * x),
        unary() + unary(slope=0.2),
        stable=True,
        kinks=[[[0.0]]],
    ),
    "elu": Row(
        mg.elu,
        lambda x, alpha=1.0: np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 1)) - 1)),
        unary() + unary(alpha=0.5),
        stable=True,
    ),
    "softsign": Row(mg.softsign, lambda x: x / (1 + np.abs(x)), unary(), stable=True),
    "abs": Row(mg.abs, np.abs, unary(), stable=True, kinks=[[[0.0]]]),
    "sign": Row(mg.sign, np.sign, unary(), stable=True, kinks=[[[0.0]]]),
    "maximum": Row(
        mg.maximum, np.maximum, binary(apart, normal), no_fit, slots="01", stable=True, kinks=[[[1.0, 2.0], [1.0, 0.0]]]
    ),
    "minimum": Row(
        mg.minimum, np.minimum, binary(apart, normal), no_fit, slots="01", stable=True, kinks=[[[1.0, 2.0], [1.0, 0.0]]]
    ),
    "where": Row(
        mg.where,
        np.where,
        [
            of(mask(*c), normal(*a), normal(*b))
            for c, a, b in [((2, 3), (2, 3), (2, 3)), ((2, 1), (3,), ()), ((3,), (), (2, 3))]
        ],
        [([np.array([1.0, 0.0]), two_by_three[:, 0], wide[:, 0]], {}, mg.DtypeError, "bool")],
        slots="12",
    ),
    "clip": Row(
        mg.clip,
        lambda x, low=None, high=None: np.clip(x, low, high),
        [
            of(apart(2, 3), inside(-0.3, -0.2), inside(0.2, 0.3)),
            of(apart(2, 3), inside(-0.3, -0.2, 3), inside(0.2, 0.3, 2, 1)),
            of(apart(2, 3), nothing, inside(0.2, 0.3, 3)),
            of(apart(2, 3), inside(-0.3, -0.2, 2, 1), nothing),
            of(apart(2, 3), inside(0.2, 0.3, 3), inside(-0.3, -0.2, 3)),  # bounds that cross: the upper one wins
            of(apart(2, 3), low=-0.2),
            of(apart(2, 3), high=0.2),
            of(apart(2, 3), low=-0.2, high=0.2),
            of(apart(2, 3)),
        ],
        kinks=[[[0.5], -1.0, 0.5], [[-1.0], -1.0, 0.5]],
        slots="012",
    ),
    # ---- reductions
    "sum": Row(
        mg.sum, np.sum, [*reduced(), of(normal(0, 3), axis=1), of(normal(0))], bad_axis, analytic=True, stable=True
    ),
    "mean": Row(
        mg.mean,
        np.mean,
        reduced(),
        [*bad_axis, ([np.zeros((0, 3))], {"axis": 0}, mg.ShapeError, "empty")],
        analytic=True,
        stable=True,
    ),
    "var": Row(
        mg.var,
        np.var,
        [*reduced(), of(normal(4, 2), axis=0, ddof=1), of(normal(1, 2), axis=0)],
        [*bad_axis, ([np.zeros(1)], {"ddof": 1}, mg.ShapeError, "ddof=1"), ([np.zeros(0)], {}, mg.ShapeError, "empty")],
        stable=True,
    ),
    "std": Row(mg.std, np.std, [*reduced(axes=AXES[:-1]), of(normal(4, 2), axis=0, ddof=1)], bad_axis, stable=True),
    "norm": Row(
        mg.norm,
        lambda x, axis=None, keepdims=False: np.sqrt((x * x).sum(axis, keepdims=keepdims)),
        reduced(),
        bad_axis,
        stable=True,
    ),
    "max": Row(
        mg.max,
        np.max,
        reduced(apart),
        [*bad_axis, ([np.zeros((0, 3))], {"axis": 0}, mg.ShapeError, "empty")],
        stable=True,
        kinks=[[[1.0, 1.0]]],
    ),
    "min": Row(
        mg.min,
        np.min,
        reduced(apart),
        [*bad_axis, ([np.zeros((0, 3))], {"axis": 0}, mg.ShapeError, "empty")],
        stable=True,
        kinks=[[[1.0, 1.0]]],
    ),
    "prod": Row(
        mg.prod,
        np.prod,
        [
            *reduced(),
            Case(lambda rng: [np.array([[0.0, 2, 0], [3, 0, 1.5]])], {"axis": 1}),
            of(normal(5), axis=0),
            of(normal(0, 2), axis=0),
        ],
        bad_axis,
        analytic=True,
    ),
    "argmax": Row(
        mg.argmax,
        np.argmax,
        [of(apart(2, 3), **p) for p in ({}, {"axis": 0}, {"axis": -1})],
        [([np.zeros((0, 3))], {"axis": 0}, mg.ShapeError, "empty")],
        differentiable=False,
        float_out=False,
    ),
    "cumsum": Row(
        mg.cumsum,
        np.cumsum,
        [of(normal(4)), of(normal(2, 3), axis=0), of(normal(2, 3), axis=-1)],
        [([two_by_three], {}, mg.ShapeError, "axis"), ([two_by_three], {"axis": 2}, ValueError, "axis 2")],
        analytic=True,
        stable=True,
    ),
    "logsumexp": Row(mg.logsumexp, np_logsumexp, reduced(), bad_axis, stable=True),
    "softmax": Row(
        mg.softmax,
        np_softmax,
        [of(normal(2, 3)), of(normal(3, 2), axis=0), of(normal(3), allow_empty=True)],
        bad_axis,
        stable=True,
    ),
    "log_softmax": Row(
        mg.log_softmax,
        lambda x, axis=-1: np.log(np_softmax(x, axis)),
        [of(normal(2, 3)), of(normal(3, 2), axis=0)],
        bad_axis,
        stable=True,
    ),
    # ---- shape
    "reshape": Row(
        mg.reshape,
        lambda x, shape: x.reshape(shape),
        [of(normal(2, 3), shape=s) for s in [(3, 2), (6,), (-1, 2), (1, 6, 1)]] + [of(normal(1), shape=())],
        [
            ([two_by_three], {"shape": (4, 2)}, mg.ShapeError, r"6 elements, \(4, 2\) has 8"),
            ([two_by_three], {"shape": (4, -1)}, mg.ShapeError, "reshape"),
        ],
        analytic=True,
    ),
    "expand_dims": Row(
        mg.expand_dims,
        np.expand_dims,
        [of(normal(2, 3), axis=a) for a in (0, -1, 1)],
        [([two_by_three], {"axis": 5}, ValueError, "axis 5")],
        analytic=True,
    ),
    "squeeze": Row(
        mg.squeeze,
        np.squeeze,
        [of(normal(1, 3, 1)), of(normal(1, 3, 1), axis=0), of(normal(1, 3, 1), axis=(0, -1))],
        [([two_by_three], {"axis": 0}, mg.ShapeError, "squeeze")],
        analytic=True,
    ),
    "flip": Row(
        mg.flip, np.flip, [of(normal(2, 3), **p) for p in ({}, {"axis": 0}, {"axis": (0, -1)})], bad_axis, analytic=True
    ),
    "pad": Row(
        mg.pad,
        lambda x, pad_width, value=0.0: np.pad(x, pad_width, constant_values=value),
        [of(normal(2, 3), pad_width=((1, 0), (0, 2))), of(normal(3), pad_width=((1, 1),), value=2.5)],
        [([two_by_three], {"pad_width": ((1, 1),)}, mg.ShapeError, "2 axes")],
        analytic=True,
    ),
    "concat": Row(
        lambda *xs, **p: mg.concat(xs, **p),
        lambda *xs, **p: np.concatenate(xs, **p),
        [of(normal(2, 3), normal(1, 3)), of(normal(2, 1), normal(2, 3), normal(2, 0), axis=-1), of(normal(3))],
        [([two_by_three, wide], {}, mg.ShapeError, "concat"), ([], {}, mg.ShapeError, "needs at least one")],
        analytic=True,
    ),
    "stack": Row(
        lambda *xs, **p: mg.stack(xs, **p),
        lambda *xs, **p: np.stack(xs, **p),
        [of(normal(2, 3), normal(2, 3)), of(normal(2), normal(2), normal(2), axis=-1), of(normal())],
        [([two_by_three, wide], {}, mg.ShapeError, "stack"), ([], {}, mg.ShapeError, "needs at least one")],
        analytic=True,
    ),
    "unstack": Row(
        mg.unstack,
        lambda x, axis=0: tuple(np.moveaxis(x, axis, 0)),
        [of(normal(2, 3)), of(normal(2, 3), axis=-1), of(normal(3))],
        analytic=True,
    ),
    "split": Row(
        mg.split,
        lambda x, sections, axis=0: tuple(np.split(x, sections, axis=axis)),
        [
            of(normal(4, 3), sections=2),
            of(normal(2, 5), sections=(1, 3), axis=-1),
            of(normal(2, 5), sections=(0, 5), axis=1),
            of(normal(2, 5), sections=(-2, 9), axis=1),
        ],
        [
            ([two_by_three], {"sections": 4}, mg.ShapeError, "2 elements cannot be split into 4"),
            ([two_by_three], {"sections": 0}, mg.ShapeError, "0 equal parts"),
            ([two_by_three], {"sections": (2, 1), "axis": 1}, mg.ShapeError, r"must not decrease: \(2, 1\)"),
        ],
        analytic=True,
    ),
    # ---- index
    "take": Row(
        mg.take,
        lambda x, i, axis=0: np.take(x, i, axis=axis),
        [of(normal(4, 2), ids(4, 2, 3)), of(normal(2, 4), ids(4, 5), axis=-1), of(normal(4, 2), ids(4))],
        [
            ([two_by_three, np.array([0, 2])], {}, IndexError, r"2 at position \(1,\) is outside 0\.\.1"),
            ([two_by_three, np.array([-1])], {}, IndexError, "-1"),
            ([two_by_three, np.array([0.5])], {}, mg.DtypeError, "integers"),
        ],
        analytic=True,
    ),
    "gather": Row(
        mg.gather,
        lambda x, i, axis: np.take_along_axis(x, i, axis=axis),
        [of(normal(2, 4), ids(4, 2, 3), axis=1), of(normal(4, 2), ids(4, 3, 2), axis=-2)],
        [
            ([two_by_three, np.array([[3], [0]])], {"axis": 1}, IndexError, r"3 at position \(0, 0\)"),
            ([two_by_three, np.array([[1]])], {"axis": 1}, mg.ShapeError, r"\(1, 1\)"),
        ],
        analytic=True,
    ),
    "scatter_add": Row(
        mg.scatter_add,
        np_scatter_add,
        [of(normal(2, 4), ids(4, 2, 3), normal(2, 3), axis=1), of(normal(4, 2), ids(4, 5, 2), normal(5, 2), axis=0)],
        [([two_by_three, np.array([[0], [7]]), np.zeros((2, 1))], {"axis": 1}, IndexError, r"7 at position \(1, 0\)")],
    ),
    "one_hot": Row(
        mg.one_hot,
        lambda i, num: np.eye(num)[i],
        [of(ids(4, 2, 3), num=4), of(ids(4), num=5)],
        [
            ([np.array([4])], {"num": 4}, IndexError, "4 at position"),
            ([np.array([0.0])], {"num": 4}, mg.DtypeError, "integers"),
        ],
        differentiable=False,
    ),
    "masked_fill": Row(
        mg.masked_fill,
        lambda x, m, value: np.where(m, value, x),
        [of(normal(2, 3), mask(2, 3), value=-1.5), of(normal(2, 3), mask(3), value=0.0)],
    ),
    # ---- windows
    "windows": Row(
        mg.windows,
        np_windows,
        [
            of(normal(5), size=(3,)),
            of(normal(2, 7), size=(3,), stride=2),
            of(normal(2, 4, 5), size=(2, 3)),
            of(normal(2, 5, 6), size=(2, 3), stride=(3, 1)),
            of(normal(4, 5), size=(2, 2), stride=4),
            of(normal(0, 4), size=(4,)),
        ],
        [
            ([two_by_three], {"size": (4,)}, mg.ShapeError, r"\(4,\) does not fit into axes of length \(3,\)"),
            ([two_by_three], {"size": (1, 1, 1)}, mg.ShapeError, "last axes"),
            ([two_by_three], {"size": ()}, mg.ShapeError, "last axes"),
            ([two_by_three], {"size": (2, 2), "stride": (1,)}, mg.ShapeError, "last axes"),
            ([two_by_three], {"size": (0,)}, mg.ShapeError, "at least 1"),
            ([two_by_three], {"size": (2,), "stride": 0}, mg.ShapeError, "at least 1"),
        ],
        analytic=True,
        stable=True,
    ),
    "overlap_add": Row(
        mg.overlap_add,
        np_overlap_add,
        [
            of(normal(3, 3), shape=(5,)),
            of(normal(2, 3, 4, 2, 2), shape=(2, 4, 5)),
            of(normal(2, 2, 3), shape=(2, 6), stride=3),
            of(normal(0, 1, 4), shape=(0, 4)),
        ],
        [
            ([two_by_three], {"shape": (7,)}, mg.ShapeError, r"\(2, 3\) must be \(5, 3\)"),
            ([two_by_three], {"shape": (2, 3)}, mg.ShapeError, "last axes"),
            ([two_by_three], {"shape": (2,)}, mg.ShapeError, "does not fit"),
        ],
        analytic=True,
        stable=True,
    ),
    # ---- linear algebra
    "linear": Row(
        mg.linear,
        lambda x, w: x @ w.T,
        [
            of(normal(2, 3), normal(2, 3)),
            of(normal(3), normal(2, 3)),
            of(normal(2, 2, 3), normal(1, 3)),
            of(normal(0, 3), normal(2, 3)),
        ],
        [([two_by_three, wide], {}, mg.ShapeError, r"x \(2, 3\) and w \(2, 4\)")],
        analytic=True,
    ),
    "outer": Row(
        mg.outer,
        np.outer,
        [of(normal(2), normal(3)), of(normal(3), normal(3))],
        [([two_by_three, two_by_three], {}, mg.ShapeError, "vectors")],
        analytic=True,
    ),
    "inv": Row(
        mg.inv,
        np.linalg.inv,
        [of(well_conditioned(3, 3)), of(well_conditioned(2, 2, 2))],
        [*not_square, ([np.zeros((2, 2))], {}, ValueError, "singular")],
        analytic=True,
    ),
    "det": Row(mg.det, np_det, [of(well_conditioned(3, 3)), of(well_conditioned(2, 2, 2))], not_square, analytic=True),
    "logdet": Row(
        mg.logdet, lambda x: np.log(np_det(x)), [of(well_conditioned(3, 3)), of(well_conditioned(2, 2, 2))], not_square
    ),
    "einsum": Row(
        lambda *xs, subscripts: mg.einsum(subscripts, *xs),
        lambda *xs, subscripts: np.einsum(subscripts, *xs),
        [
            of(*[normal(*s) for s in shapes], subscripts=subscripts)
            for subscripts, *shapes in [
                ("ij,jk->ik", (2, 3), (3, 2)),
                ("ij,jk", (2, 3), (3, 2)),
                ("tbi,hi->tbh", (2, 2, 3), (2, 3)),
                ("ij->ji", (2, 3)),
                ("ij->", (2, 3)),
                ("ij->j", (2, 3)),
                ("...ij,...jk->...ik", (2, 2, 3), (3, 2)),
                ("i,i,i->i", (3,), (3,), (3,)),
                ("bi,bj->bij", (2, 3), (2, 2)),
                ("ba", (2, 3)),
                ("i...,i...", (2, 3), (2, 1)),
                ("ij,k->i", (2, 3), (2,)),
            ]
        ],
        [
            ([np.zeros((2, 2))], {"subscripts": "ii->i"}, mg.ShapeError, "repeated"),
            ([two_by_three], {"subscripts": "ij,jk->ik"}, mg.ShapeError, "2 operands, 1"),
            ([two_by_three, wide], {"subscripts": "ij,jk->ik"}, mg.ShapeError, "einsum"),
        ],
        analytic=True,
    ),
    # ---- losses
    "nll": Row(
        mg.nll,
        np_nll,
        [
            of(normal(4, 3), ids(3, 4)),
            of(normal(4, 3), some_ignored, reduction="none", ignore_index=1),
            of(normal(4, 3), some_ignored, ignore_index=1),
            of(normal(2, 2, 3), ids(3, 2, 2), reduction="none"),
            of(normal(4, 3), some_ignored, reduction="sum", ignore_index=1),
        ],
        bad_classes,
        analytic=True,
    ),
    "residual": Row(
        lambda x, targets, weights: OPS["residual"](x, to_device(targets), weights),
        lambda x, targets, w: w * (np_softmax(x) - (np.arange(x.shape[-1]) == targets[..., None])),
        [of(normal(4, 3), ids(3, 4), normal(4, 1)), of(normal(2, 2, 3), ids(3, 2, 2), normal())],
    ),
    "cross_entropy": Row(
        mg.cross_entropy,
        np_cross_entropy,
        [
            of(normal(4, 3), ids(3, 4)),
            of(normal(2, 2, 3), ids(3, 2, 2), reduction="none"),
            of(normal(4, 3), some_ignored, reduction="none", ignore_index=1),
            of(normal(4, 3), ids(3, 4), reduction="sum"),
            of(normal(4, 3), lambda rng: np.array([0, -100, 2, -100]), ignore_index=-100),
            of(normal(4, 3), lambda rng: np.array([1, 1, 1, 1]), ignore_index=1),
            of(normal(4, 3), ids(3, 4), weight=[0.5, 2.0, 1.5]),
            of(normal(4, 3), ids(3, 4), label_smoothing=0.2),
            of(normal(2, 2, 3), ids(3, 2, 2), weight=[0.5, 2.0, 0.0], label_smoothing=0.1, reduction="none"),
            of(normal(4, 3), some_ignored, ignore_index=1, weight=[0.5, 2.0, 1.5], label_smoothing=0.3),
            of(normal(4, 3), some_ignored, ignore_index=1, label_smoothing=1.0, reduction="sum"),
            of(normal(4, 3), lambda rng: np.array([1, 1, 1, 1]), ignore_index=1, label_smoothing=0.3),
            of(normal(4, 3), lambda rng: np.array([1, 1, 1, 1]), weight=[1.0, 0.0, 1.0]),
            of(normal(0, 3), ids(3, 0), weight=[0.5, 2.0, 1.5], label_smoothing=0.1),
        ],
        [
            *bad_classes,
            *[(args, {**p, "label_smoothing": 0.1}, *wrong) for args, p, *wrong in bad_classes],
            ([two_by_three, np.array([0, 1])], {"weight": [1.0, 2.0]}, mg.ShapeError, r"weight \(2,\).*\(3,\)"),
            ([two_by_three, np.array([0, 1])], {"weight": [1.0, -2.0, 1.0]}, ValueError, "at least 0"),
            ([two_by_three, np.array([0, 1])], {"weight": [1.0, np.nan, 1.0]}, ValueError, "finite"),
            ([two_by_three, np.array([0, 1])], {"weight": ["a", "b", "c"]}, mg.DtypeError, "numbers"),
            ([two_by_three, np.array([0, 1])], {"weight": Tensor(np.ones(3), requires_grad=True)}, TypeError, "detach"),
            ([two_by_three, np.array([0, 1])], {"label_smoothing": 1.5}, ValueError, "0..1, not 1.5"),
            ([two_by_three, np.array([0, 1])], {"label_smoothing": np.nan}, ValueError, "nan"),
        ],
        stable=True,
    ),
    "bce_with_logits": Row(
        mg.bce_with_logits,
        lambda x, t, **p: np_reduced(np.log(1 + np.exp(x)) - x * t, **p),
        [
            of(normal(2, 3), inside(0.1, 0.9, 2, 3)),
            of(normal(2, 3), inside(0.1, 0.9, 2, 3), reduction="none"),
            of(normal(3), inside(0.1, 0.9, 3), reduction="sum"),
        ],
        [*bad_losses, ([two_by_three, two_by_three], {}, ValueError, "0..1")],
    ),
    "bce": Row(
        mg.bce,
        lambda p, t, **k: np_reduced(-(t * np.log(p) + (1 - t) * np.log(1 - p)), **k),
        [
            of(inside(0.1, 0.9, 2, 3), inside(0.1, 0.9, 2, 3)),
            of(inside(0.1, 0.9, 3), inside(0.1, 0.9, 3), reduction="none"),
        ],
        [
            *bad_losses,
            ([two_by_three, two_by_three / 5], {}, ValueError, "probabilities"),
            ([two_by_three / 5, two_by_three], {}, ValueError, "targets"),
        ],
    ),
    "mse": Row(
        mg.mse,
        lambda a, b, **p: np_reduced((a - b) ** 2, **p),
        [of(normal(2, 3), normal(2, 3), **p) for p in ({}, {"reduction": "sum"}, {"reduction": "none"})],
        bad_losses,
        analytic=True,
        stable=True,
    ),
    "l1": Row(
        mg.l1,
        lambda a, b, **p: np_reduced(np.abs(a - b), **p),
        [of(apart(2, 3), normal(2, 3), **p) for p in ({}, {"reduction": "sum"}, {"reduction": "none"})],
        bad_losses,
        stable=True,
        kinks=[[[1.0, 2.0], [1.0, 0.0]]],
    ),
}


# ---------------------------------------------------------------- what the tests share

CASES = [(name, i) for name, row in TABLE.items() for i in range(len(row.cases))]
CASE_IDS = [f"{name}-{i}" for name, i in CASES]


def declared() -> dict[str, Callable]:
    """Every op that minigrad declares (tests may declare more), with all of its modules imported; kernels, which are
    held to their reference, are none."""
    for module in pkgutil.walk_packages(mg.__path__, "minigrad."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    ops = {name: op for name, op in OPS.items() if not isinstance(op, Fused)}
    return {name: op for name, op in ops.items() if op.__module__.startswith("minigrad.")}


def arguments(name: str, case: int) -> tuple[list, dict]:
    """The host arrays and keywords of a case, the same in every test."""
    found = TABLE[name].cases[case]
    return found.sample(np.random.default_rng(case)), found.params


def as_tensor(a: Any, dtype: str = "float64", requires_grad: bool = True) -> Any:
    """What a user would pass: a Tensor for floating and bool values, ids as they are."""
    kind = np.asarray(a).dtype.kind
    if kind == "f":
        return Tensor(np.asarray(a), dtype=dtype, requires_grad=requires_grad)
    return Tensor(a) if kind == "b" else a


def as_raw(a: Any) -> Any:
    """An array of the backend; ids stay on the host."""
    return to_device(a) if np.asarray(a).dtype.kind in "fb" else a


def as_list(outputs: Any) -> list:
    return list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]


def is_one_op(name: str) -> bool:
    return isinstance(OPS[name], Op)
