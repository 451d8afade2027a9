"""Are the gradients right? The rules are held against differences of the function itself, to any order.

Imports backend, errors and tensor; tests and lessons use it.

    check_grads(lambda x, w: tanh(linear(x, w)), [x, w])                      # every first and second derivative
    check_grads(lambda *_: loss(model), model.parameters(), mode="random")    # a few directions; model made in float64
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy

from .backend import default_dtype, to_device, to_host
from .errors import DtypeError
from .tensor import Tensor, grad

__all__ = ["GradientError", "KinkError", "check_grads"]

STEP = 6e-6  # about the cube root of the rounding unit: best for central differences in float64
FURTHER = 50  # times as long are the steps of a second look
TINY = 1e-30  # the imaginary step; nothing cancels there, so it may be as small as one likes
ROUNDING = 16 * float(numpy.finfo(numpy.float64).eps)  # what f itself may be off by, relative to its value
JUMP = 0.01  # a slope that changes by more within a few steps, relative to the largest slope, is a kink
RANDOM = 3  # directions, and weightings of an output, in random mode
IN_FLOAT64 = 'gradients are checked in float64; make tensors and modules under default_dtype("float64")'


class GradientError(AssertionError):
    """A derivative by the rules differs from the numeric one.

    op: what computed the output. order: 1 for gradients, 2 for theirs. argument: its number (in order 2 the
    incoming gradients follow f's own). index: which element; None in random mode. analytic, numeric: the two values.
    error: their distance relative to the largest derivative of this output by this argument. A gradient in another
    shape than its argument's has nan for values.
    """

    says = "The rule is wrong."

    def __init__(
        self,
        op: str,
        order: int,
        argument: int,
        index: tuple | None = None,
        analytic: float = math.nan,
        numeric: float = math.nan,
        error: float = math.inf,
        text: str = "",
    ):
        place = "along a random direction" if index is None else f"at index {index}"
        values = f"{analytic:.9g} by the rules, {numeric:.9g} numerically, relative error {error:.2g}. {self.says}"
        super().__init__(f"{op}, order {order}, argument {argument}: " + (text or f"{place} {values}"))
        self.op, self.order, self.argument, self.index = op, order, argument, index
        self.analytic, self.numeric, self.error = analytic, numeric, error


class KinkError(GradientError):
    """The slope jumps or is not finite: there is no derivative, so nothing is said of the rule."""

    says = "This looks like a kink: the slope differs on its two sides, or with the step. Move the input away from it."


def check_grads(
    f: Callable,
    args: Sequence[Any],
    order: int = 2,
    mode: str = "full",
    complex_step: bool = False,
    rtol: float = 1e-6,
    seed: int = 0,
) -> None:
    """Compare the derivatives of f at args with numeric ones.

    f: of Tensors, to a Tensor or several. args: floating numbers, lists and arrays become float64 Tensors here and are
    differentiated; integers, bools and Tensors without requires_grad go to f as they are. A leaf Tensor that requires a
    gradient is moved in place and put back, so f may also reach it by itself, through a module; it must be float64.
    order: 2 checks the gradient function in the same way too, and so on. mode: "full" looks at every element of the
    Jacobian, "random" at a few directions for each argument of a large composite. complex_step: order 1 by the complex
    step (Squire and Trapp, 1998), exact to rounding; f must be analytic and then runs on raw complex arrays. rtol: the
    largest allowed difference relative to the largest derivative of an output by an argument; where it is exceeded,
    differences over longer steps are extrapolated and compared once more. No absolute difference is
    forgiven, however small the gradients; only what is lost in the rounding of f itself (3.6e-15 |f| / step) cannot be
    seen by central differences.
    Raises GradientError, or KinkError where the slope jumps; DtypeError for what is not float64; ValueError for an
    unknown mode, and where there is nothing to differentiate.
    """
    if mode not in ("full", "random"):
        raise ValueError(f"mode={mode!r} is not one of full, random")
    rng = numpy.random.default_rng(seed)
    with default_dtype("float64"), numpy.errstate(all="ignore"):
        args = [_argument(a) for a in args]
        name = None
        for level in range(1, order + 1):
            outputs = _floating(f(*args))
            if not outputs or not _varied(args):
                raise ValueError(
                    f"nothing to check: no floating {'argument' if outputs else 'output'} (write 1.0, not 1)"
                )
            name = name or next((o.node.op.name for o in outputs if o.node is not None), "f")
            _compare(f, args, outputs, (name, level, rtol), mode, complex_step and level == 1, rng)
            if not any(o.requires_grad for o in outputs):
                return
            weights = [Tensor(rng.uniform(0.5, 1.5, o.shape), requires_grad=True) for o in outputs if o.requires_grad]
            f, args = _gradients_of(f, len(args)), [*args, *weights]


def _argument(a: Any) -> Any:
    """A leaf for what is floating; anything else as it is."""
    if not isinstance(a, Tensor):
        dtype = a.dtype if hasattr(a, "dtype") else numpy.asarray(a).dtype
        return Tensor(a, requires_grad=True) if dtype.kind == "f" else a
    if a.requires_grad and a.dtype != numpy.float64:
        raise DtypeError(f"a {a.dtype} tensor of shape {a.shape}: {IN_FLOAT64}")
    return a


def _varied(args: Sequence[Any]) -> list[Tensor]:
    return [a for a in args if isinstance(a, Tensor) and a.requires_grad]


def _number(args: list, x: Tensor) -> int:
    return next(i for i, a in enumerate(args) if a is x)


def _floating(outputs: Any) -> list:
    """The outputs that can have derivatives, as a list."""
    outputs = [o for o in (outputs if isinstance(outputs, (tuple, list)) else [outputs]) if o.dtype.kind in "fc"]
    for o in outputs:
        if o.dtype.itemsize < (16 if o.dtype.kind == "c" else 8):
            raise DtypeError(f"f gave {o.dtype}: {IN_FLOAT64}")
    return outputs


def _gradients_of(f: Callable, count: int) -> Callable:
    """The function (arguments of f, incoming gradients) -> gradients, which can itself be differentiated."""

    def gradients(*args: Any) -> list[Tensor]:
        outputs = [o for o in _floating(f(*args[:count])) if o.requires_grad]
        return grad(outputs, _varied(args[:count]), list(args[count:]), create_graph=True)

    return gradients


# ---------------------------------------------------------------- rules against differences


def _compare(
    f: Callable,
    args: list,
    outputs: list,
    what: tuple[str, int, float],
    mode: str,
    complex_step: bool,
    rng: numpy.random.Generator,
) -> None:
    """Every output by every argument: weightings @ Jacobian @ directions, by the rules and numerically."""
    weightings = [_weightings(o.size, mode, rng) for o in outputs]
    by_rules = [_by_rules(o, args, rows, what) for o, rows in zip(outputs, weightings)]  # before anything is moved
    for n, x in enumerate(_varied(args)):
        number = _number(args, x)
        directions, steps = _directions(to_host(x.data), mode, rng)
        differences = _differences(f, args, number, directions, steps, complex_step)
        for k, (rows, (slopes, noise)) in enumerate(zip(weightings, differences)):
            analytic, numeric = by_rules[k][n] @ directions.reshape(len(directions), x.size).T, rows @ slopes
            noise = abs(rows) @ noise
            at = _worst(analytic, numeric, noise, what[2])
            if at is not None and not complex_step:
                numeric, noise = _extrapolated(f, args, number, directions, FURTHER * steps, k, rows)
                at = _worst(analytic, numeric, noise, what[2])
            if at is None:
                continue
            row, column = at
            scale = max(numpy.nan_to_num(abs(side), nan=0.0, posinf=0.0).max() for side in (analytic, numeric))
            bend = 0.0 if complex_step else _bend(f, args, number, directions[column], steps[column], k, rows[row])
            kinked = not numpy.isfinite(numeric[at]) or bend > JUMP * scale + 4 * noise[at]
            index = tuple(int(i) for i in numpy.unravel_index(column, x.shape)) if mode == "full" else None
            pair = float(analytic[at]), float(numeric[at])
            error = float(abs(pair[0] - pair[1]) / scale)
            raise (KinkError if kinked else GradientError)(*what[:2], number, index, *pair, error)


def _worst(analytic: numpy.ndarray, numeric: numpy.ndarray, noise: numpy.ndarray, rtol: float) -> tuple | None:
    """Where the entry is that is furthest off; None if all are near enough."""
    difference = abs(analytic - numeric)
    scale = max(abs(analytic).max(initial=0), abs(numeric).max(initial=0))
    good = (difference <= rtol * scale + noise) & numpy.isfinite(analytic) & numpy.isfinite(numeric)
    distance = numpy.where(good, -1, numpy.nan_to_num(difference, nan=numpy.inf))
    return None if good.all() else numpy.unravel_index(distance.argmax(), good.shape)


def _differences(
    f: Callable, args: list, j: int, directions: numpy.ndarray, steps: numpy.ndarray, complex_step: bool
) -> list[tuple[numpy.ndarray, numpy.ndarray]]:
    """For each output: its slopes along the directions of argument j (size, n), and what rounding does to them."""
    if complex_step:
        columns = zip(*[_at(f, args, j, d * TINY * 1j) for d in directions])
        ends = [numpy.stack(values, axis=1) for values in columns]
        return [(up.imag / TINY, ROUNDING * abs(up)) for up in ends]
    up, down = ([_at(f, args, j, d * h * sign) for d, h in zip(directions, steps)] for sign in (1, -1))
    pairs = [(numpy.stack(a, axis=1), numpy.stack(b, axis=1)) for a, b in zip(zip(*up), zip(*down))]
    return [((a - b) / (2 * steps), ROUNDING * numpy.maximum(abs(a), abs(b)) / steps) for a, b in pairs]


def _extrapolated(
    f: Callable, args: list, j: int, directions: numpy.ndarray, steps: numpy.ndarray, k: int, rows: numpy.ndarray
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Slopes of output k, and their noise, from long steps and steps three times as long: what is wrong with either
    grows with the square of the step and cancels (Richardson, 1911); rounding matters less than with short steps."""
    (near, its_noise), (far, far_noise) = (_differences(f, args, j, directions, n * steps, False)[k] for n in (1, 3))
    return rows @ (9 * near - far) / 8, abs(rows) @ (9 * its_noise + far_noise) / 8


def _bend(f: Callable, args: list, j: int, direction: numpy.ndarray, step: float, k: int, row: numpy.ndarray) -> float:
    """By how much the slope of output k changes from one side to the other, and with three times the step."""
    y = {n: row @ _at(f, args, j, n * step * direction)[k] for n in (-3, -1, 0, 1, 3)}
    return max(abs(y[1] + y[-1] - 2 * y[0]), abs((y[3] - y[-3]) / 6 - (y[1] - y[-1]) / 2)) / step


def _weightings(size: int, mode: str, rng: numpy.random.Generator) -> numpy.ndarray:
    """(rows, size): what an output's elements are weighted by. Never ones: under a sum a permuted rule looks right."""
    dense = rng.uniform(0.5, 1.5, (RANDOM, size)) * rng.choice([-1.0, 1.0], (RANDOM, size))
    return dense if mode == "random" else numpy.concatenate([numpy.diag(dense[0]), dense[1:2]])


def _directions(x: numpy.ndarray, mode: str, rng: numpy.random.Generator) -> tuple[numpy.ndarray, numpy.ndarray]:
    """(n, *x.shape) directions to move x in, each element or a few at random, and the length of each step."""
    size = numpy.maximum(1.0, abs(x))
    if mode == "random":
        return rng.standard_normal((RANDOM, *x.shape)) * size, numpy.full(RANDOM, STEP)
    return numpy.eye(x.size).reshape(x.size, *x.shape), STEP * size.reshape(-1)


def _by_rules(output: Tensor, args: list, rows: numpy.ndarray, what: tuple[str, int, float]) -> list[numpy.ndarray]:
    """For each varied argument (rows, its size): its gradient under each weighting of the output."""
    wanted = _varied(args)
    if not output.requires_grad:
        return [numpy.zeros((len(rows), x.size)) for x in wanted]
    found = [grad(output, wanted, row.reshape(output.shape)) for row in rows]
    for x, g in zip(wanted, found[0] if found else []):
        if g.shape != x.shape:
            text = f"its gradient has shape {g.shape}, the argument has shape {x.shape}"
            raise GradientError(*what[:2], _number(args, x), text=text)
    flat = [[to_host(g.data).reshape(-1) for g in gradients] for gradients in found]
    return [numpy.array([row[n] for row in flat]).reshape(len(rows), x.size) for n, x in enumerate(wanted)]


def _at(f: Callable, args: list, j: int, change: numpy.ndarray) -> list[numpy.ndarray]:
    """f's outputs, flat on the host, with argument j moved: in place, or by a complex change as a raw array."""
    if numpy.iscomplexobj(change):
        raw = [a.data if isinstance(a, Tensor) else a for a in args]
        raw[j] = raw[j] + to_device(change)
        return [to_host(o).reshape(-1) for o in _floating(f(*raw))]
    x, before = args[j], args[j].data
    x.data = before + to_device(change)
    try:
        return [to_host(o.data).reshape(-1) for o in _floating(f(*args))]
    finally:
        x.data = before
