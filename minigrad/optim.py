"""Optimisers turn gradients into changes of the parameters, by PyTorch's rules and with its defaults; before a step the
gradients may be clipped, after it a schedule may change the learning rate. Imports tensor and what is below it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy

from . import backend
from .backend import xp
from .errors import NonFiniteGradient, ShapeError
from .tensor import Tensor, wrap

__all__ = [
    "SGD", "Adagrad", "Adam", "AdamW", "CosineLR", "ExponentialLR", "Optimizer", "RMSprop", "Schedule", "StepLR",
    "WarmupLR", "clip_grad_norm", "clip_grad_value",
]  # fmt: skip

PART = 65_536  # elements


def _pieces(*arrays: Any) -> Iterator[tuple]:
    """Arrays of one size, cut alike into flat pieces, so that all passes over a piece but the first find it in the
    cache; as they are where they are small, and on a GPU."""
    if xp is not numpy or arrays[0].size <= PART:
        yield arrays
        return
    flat = [a.reshape(-1) for a in arrays]
    for start in range(0, flat[0].size, PART):
        yield tuple([a[start : start + PART] for a in flat])


def _leaves(params: Any) -> Iterator[tuple[str, Tensor]]:
    """(name, leaf), each leaf once: under the names of a Module, or "0", "1", ... of a list."""
    if isinstance(params, Tensor):
        raise TypeError("parameters come as a Module or a list, not as one Tensor: write [tensor]")
    named = params.named_parameters() if hasattr(params, "named_parameters") else enumerate(params)
    seen = set()
    for name, p in named:
        if not isinstance(p, Tensor):
            raise TypeError(f"parameter {name} is a {type(p).__name__}, not a Tensor")
        if p.node is not None:
            raise ValueError(f"parameter {name} was computed by {p.node.op.name}; only leaves can be changed")
        if p not in seen:
            seen.add(p)
            yield str(name), p


def _check(owner: str, options: Mapping[str, Any], tiny: float = 0.0) -> dict[str, Any]:
    """The options as floats (betas as two). TypeError or ValueError names the first that makes no sense."""
    checked: dict[str, Any] = {}
    for name, value in options.items():
        values = tuple(value) if name == "betas" and isinstance(value, (tuple, list)) else (value,)
        least, below = (tiny if name == "eps" else 0.0), (1.0 if name in ("betas", "alpha") else math.inf)
        for x in values:
            if isinstance(x, (bool, str)) or not hasattr(x, "__float__"):
                raise TypeError(f"{owner}: {name} must be a number, not {x!r}")
            if not least <= float(x) < below:  # an eps below tiny would be 0, and 0 / 0 is nan wherever a gradient is 0
                raise ValueError(f"{owner}: {name} must be at least {least:.3g} and below {below:.3g}, not {x!r}")
        if len(values) != (2 if name == "betas" else 1):
            raise ValueError(f"{owner}: {name} must be two numbers, not {value!r}")
        checked[name] = tuple([float(x) for x in values]) if name == "betas" else float(values[0])
    return checked


class Optimizer:
    """What all optimisers share. params: a Module, or leaf Tensors. A step skips those without a gradient.

    A gradient with nan or inf changes no parameter. On the host step() then raises NonFiniteGradient, or, once
    `skip_nonfinite` is set to True, counts it in `skipped`. On a GPU, where looking would wait, it always counts: there
    the learning rate of that step becomes 0, the moments decay as by a gradient of 0, and `skipped` is a 0-d array.
    A step gives a parameter a new array and raises its version, so backward through an older graph is refused or right.
    Raises TypeError or ValueError for options that make no sense (lr 0 may be assigned to `.lr`, but not given).
    """

    moments: tuple[str, ...] = ()  # arrays kept for each parameter, 0 in the beginning
    decoupled = False  # weight decay shrinks the parameter itself and leaves the gradient alone
    skip_nonfinite = False

    def __init__(self, params: Any, **options: Any):
        self.kind = type(self).__name__
        self.params = dict(_leaves(params))
        learning = [p for p in self.params.values() if p.requires_grad]
        if not learning:
            raise ValueError(f"{self.kind}: there is no parameter that requires a gradient")
        self.tiny = max(float(numpy.finfo(p.dtype).tiny) for p in learning)
        self.options = _check(self.kind, options, self.tiny)
        if self.lr == 0:
            raise ValueError(f"{self.kind}: lr must be above 0, not {options['lr']!r}")
        self.skipped: Any = 0
        self.steps = dict.fromkeys(self.params, 0)
        self.state: dict[str, dict[str, Any]] = {name: {} for name in self.params}

    @property
    def lr(self) -> float:
        """The learning rate; assign a finite number of at least 0."""
        return self.options["lr"]

    @lr.setter
    def lr(self, value: float) -> None:
        self.options.update(_check(self.kind, {"lr": value}))

    def zero_grad(self) -> None:
        """Forget the gradients. Without it the next backward pass adds to them."""
        for p in self.params.values():
            p.grad = None

    def step(self) -> None:
        """Change every parameter that has a gradient. NonFiniteGradient and ShapeError come before any change."""
        ready = [(name, p, p.grad.data) for name, p in self.params.items() if p.grad is not None]
        for name, p, g in ready:
            if g.shape != p.shape:
                raise ShapeError(f"{self.kind}: {_called(name, p)} has shape {p.shape}, its gradient {g.shape}")
        finite = None
        if ready and not backend.checks_values(ready[0][2]):
            finite = xp.stack([xp.isfinite(g).all() for _, _, g in ready]).all()
            self.skipped = self.skipped + xp.where(finite, 0, 1)
        elif _refused(self.kind, ready, self.skip_nonfinite):
            self.skipped += 1
            return
        with backend.quiet():
            for name, p, g in ready:
                self._step_one(name, p, g, finite)

    def _step_one(self, name: str, p: Tensor, g: Any, finite: Any) -> None:
        lr, decay = self.lr, self.options["weight_decay"]
        if finite is not None:
            g, lr = xp.where(finite, g, xp.zeros_like(g)), xp.where(finite, lr, 0.0).astype(p.dtype)
        self.steps[name] += 1
        changed = xp.empty(p.shape, dtype=p.dtype)
        moments = [self._moment(name, p, moment) for moment in self._used()]
        for out, x, slope, *kept in _pieces(changed, p.data, g, *moments):
            if decay and not self.decoupled:
                slope = slope + decay * x
            self._change(slope, kept, self.steps[name], lr, out)
            xp.subtract(x * (1 - lr * decay) if decay and self.decoupled else x, out, out=out)
        p._data = changed
        p.version += 1

    def _change(self, g: Any, moments: list[Any], t: int, lr: Any, out: Any) -> None:
        """Write what step number t (from 1) subtracts from the parameter to out. The moments change in place."""
        raise NotImplementedError(f"{self.kind} has no rule")

    def _used(self) -> tuple[str, ...]:
        """The moments that the rule reads with these options."""
        return self.moments

    def _moment(self, name: str, p: Tensor, moment: str) -> Any:
        kept = self.state[name]
        return kept[moment] if moment in kept else kept.setdefault(moment, xp.zeros(p.shape, dtype=p.dtype))

    def state_dict(self) -> dict[str, Any]:
        """{"kind", "options" (lr is one), "steps": {name: count}, "arrays": {"name:moment": a copy on the host}}."""
        moments = {f"{name}:{moment}": array for name, kept in self.state.items() for moment, array in kept.items()}
        arrays = {key: numpy.array(backend.to_host(array)) for key, array in moments.items()}
        return {"kind": self.kind, "options": dict(self.options), "steps": dict(self.steps), "arrays": arrays}

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Go on from the state_dict of such an optimiser of such parameters; else ValueError or ShapeError."""
        if set(saved) != {"kind", "options", "steps", "arrays"}:
            raise ValueError(f"{self.kind}: this is not the state_dict of an optimiser: {sorted(saved)}")
        if saved["kind"] != self.kind or set(saved["options"]) != set(self.options):
            raise ValueError(f"{self.kind}: this is the state of {saved['kind']} with {sorted(saved['options'])}")
        if odd := sorted(set(saved["steps"]) ^ set(self.steps)):
            raise ValueError(f"{self.kind}: the state is of other parameters; on one side only: {', '.join(odd)}")
        options, state = _check(self.kind, saved["options"], self.tiny), {name: {} for name in self.params}
        for key, array in saved["arrays"].items():
            name, _, moment = key.rpartition(":")
            if name not in state or moment not in self.moments:
                raise ValueError(f"{self.kind}: {key!r} is no moment of a parameter here")
            if array.shape != self.params[name].shape:
                raise ShapeError(f"{self.kind}: {key} has shape {array.shape}, the parameter {self.params[name].shape}")
            state[name][moment] = xp.array(backend.to_device(array), dtype=self.params[name].dtype, order="C")
        self.options, self.state, self.steps = options, state, {name: int(n) for name, n in saved["steps"].items()}


class SGD(Optimizer):
    """v = momentum v + g; x -= lr v (Polyak, 1964, in PyTorch's form). Here as below weight_decay * x joins g."""

    moments = ("velocity",)

    def __init__(self, params: Any, lr: float = 1e-3, momentum: float = 0.0, weight_decay: float = 0.0):
        super().__init__(params, lr=lr, momentum=momentum, weight_decay=weight_decay)

    def _used(self) -> tuple[str, ...]:
        return self.moments if self.options["momentum"] else ()

    def _change(self, g: Any, moments: list[Any], t: int, lr: Any, out: Any) -> None:
        for v in moments:
            v *= self.options["momentum"]
            v += g
            g = v
        xp.multiply(g, lr, out=out)


class Adagrad(Optimizer):
    """s += g**2; x -= lr g / (sqrt(s) + eps) (Duchi, Hazan and Singer, 2011, JMLR 12)."""

    moments = ("square",)

    def __init__(self, params: Any, lr: float = 1e-2, weight_decay: float = 0.0, eps: float = 1e-10):
        super().__init__(params, lr=lr, weight_decay=weight_decay, eps=eps)

    def _change(self, g: Any, moments: list[Any], t: int, lr: Any, out: Any) -> None:
        (s,) = moments
        s += xp.multiply(g, g, out=out)
        _by_root(g, s, 1.0, self.options["eps"], lr, out)


class RMSprop(Optimizer):
    """s = alpha s + (1 - alpha) g**2; x -= lr g / (sqrt(s) + eps) (Tieleman and Hinton, 2012, lecture 6.5)."""

    moments = ("square",)

    def __init__(
        self, params: Any, lr: float = 1e-2, alpha: float = 0.99, eps: float = 1e-8, weight_decay: float = 0.0
    ):
        super().__init__(params, lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay)

    def _change(self, g: Any, moments: list[Any], t: int, lr: Any, out: Any) -> None:
        (s,) = moments
        _average(s, xp.multiply(g, g, out=out), self.options["alpha"], out)
        _by_root(g, s, 1.0, self.options["eps"], lr, out)


class Adam(Optimizer):
    """m = b1 m + (1 - b1) g; s = b2 s + (1 - b2) g**2; x -= lr m' / (sqrt(s') + eps).

    m' = m / (1 - b1**t) and s' = s / (1 - b2**t) at step t = 1, 2, ... (Kingma and Ba, 2015, arXiv 1412.6980).
    """

    moments = ("mean", "square")

    def __init__(
        self, params: Any, lr: float = 1e-3, betas: Any = (0.9, 0.999), eps: float = 1e-8, weight_decay: float = 0.0
    ):
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def _change(self, g: Any, moments: list[Any], t: int, lr: Any, out: Any) -> None:
        (b1, b2), (m, s) = self.options["betas"], moments
        _average(m, g, b1, out)
        _average(s, xp.multiply(g, g, out=out), b2, out)
        _by_root(m, s, math.sqrt(1 - b2**t), self.options["eps"], lr / (1 - b1**t), out)


class AdamW(Adam):
    """Adam, with x shrunk by the factor 1 - lr * weight_decay (Loshchilov and Hutter, 2019, arXiv 1711.05101)."""

    decoupled = True

    def __init__(
        self, params: Any, lr: float = 1e-3, betas: Any = (0.9, 0.999), eps: float = 1e-8, weight_decay: float = 1e-2
    ):
        super().__init__(params, lr, betas, eps, weight_decay)


def _average(m: Any, x: Any, beta: float, out: Any) -> None:
    """m = beta m + (1 - beta) x in place; out: to compute in, may be x."""
    m *= beta
    m += xp.multiply(x, 1 - beta, out=out)


def _by_root(m: Any, s: Any, scale: float, eps: float, lr: Any, out: Any) -> None:
    """out = m / (sqrt(s) / scale + eps) * lr."""
    xp.sqrt(s, out=out)
    if scale != 1:
        out /= scale
    out += eps
    xp.divide(m, out, out=out)
    out *= lr


# ---------------------------------------------------------------- clipping


def _called(name: str, p: Tensor) -> str:
    return p.name or f"parameter {name}"


def _refused(owner: str, ready: list[tuple[str, Tensor, Any]], skip: bool) -> bool:
    """Does a gradient hold nan or inf? Then NonFiniteGradient, unless skip."""
    bad = next((_called(name, p) for name, p, g in ready if not bool(xp.isfinite(g).all())), None)
    if bad and not skip:
        raise NonFiniteGradient(
            f"{owner}: the gradient of {bad} holds nan or inf; no parameter was changed. Try a lower learning rate"
        )
    return bad is not None


def clip_grad_value(params: Any, limit: float) -> None:
    """Bring every element of every gradient into [-limit, limit]; nan and inf stay, for the step to find.

    params: a Module or leaves; those without a gradient are left. Raises ValueError unless limit > 0.
    """
    limit = _positive("clip_grad_value: limit", limit)
    for _, p in _leaves(params):
        if p.grad is not None:
            g = p.grad.data
            _set_grad(p, xp.where(xp.isfinite(g), xp.clip(g, -limit, limit), g))


def clip_grad_norm(params: Any, max_norm: float, per: str = "global", skip_nonfinite: bool = False) -> Tensor:
    """Scale gradients by min(1, max_norm / norm) (Pascanu, Mikolov and Bengio, 2013, arXiv 1211.5063).

    per: "global", one norm of all gradients together; "tensor", each by its own. Returns the norm before clipping, 0-d,
    or those of all parameters (n,), 0 for one without a gradient. max_norm inf only measures. No wait for a GPU.
    Raises ValueError unless max_norm > 0. Gradients with nan or inf stay as they are, for step() to skip; on the host
    they raise NonFiniteGradient unless skip_nonfinite.
    """
    limit = _positive("clip_grad_norm: max_norm", max_norm)
    if per not in ("global", "tensor"):
        raise ValueError(f"clip_grad_norm: per must be 'global' or 'tensor', not {per!r}")
    leaves = list(_leaves(params))
    ready = [(name, p, p.grad.data) for name, p in leaves if p.grad is not None]
    if ready and backend.checks_values(ready[0][2]):
        _refused("clip_grad_norm", ready, skip_nonfinite)
    with backend.quiet():
        norms = [_norm(p.grad.data) if p.grad is not None else xp.zeros((), dtype="float64") for _, p in leaves]
        norm = xp.stack(norms) if norms else xp.zeros(0, dtype="float64")
        if per == "global":
            norm = _norm(norm)
        if limit < math.inf:
            scales = xp.where(xp.isfinite(norm), xp.minimum(1.0, limit / norm), 1.0)
            for i, (_, p) in enumerate(leaves):
                scale = scales if per == "global" else scales[i]
                if p.grad is not None and not (backend.checks_values(scale) and scale == 1):
                    _set_grad(p, p.grad.data * scale.astype(p.dtype))
    return Tensor(norm, dtype="float64")


def _norm(g: Any) -> Any:
    """The Euclidean norm, 0-d, in float64, where the squares of float32 cannot overflow."""
    total, wide = 0.0, xp.empty(g.size if xp is not numpy else min(g.size, PART), dtype="float64")
    for (piece,) in _pieces(g):
        squares = wide[: piece.size]
        squares[...] = piece.reshape(-1)
        total = total + squares @ squares
    return xp.asarray(xp.sqrt(total))


def _positive(what: str, value: Any) -> float:
    if isinstance(value, (bool, str)) or not float(value) > 0:
        raise ValueError(f"{what} must be above 0, not {value!r}")
    return float(value)


def _set_grad(p: Tensor, g: Any) -> None:
    p.grad = wrap(g, None, False)


# ---------------------------------------------------------------- schedules


class Schedule:
    """Makes the learning rate after n updates base * rule(n). Call step() after each optimizer.step().

    base is the lr that the optimiser has at construction.
    """

    def __init__(self, optimizer: Optimizer, rule: Callable[[int], float]):
        self.optimizer, self.rule, self.base, self.n = optimizer, rule, optimizer.lr, 0
        optimizer.lr = self.base * rule(0)

    def step(self) -> None:
        """Count one update and set the learning rate for the next."""
        self.n += 1
        self.optimizer.lr = self.base * self.rule(self.n)

    def state_dict(self) -> dict[str, Any]:
        """{"kind", "n", "base"}; the rule's own numbers come from the constructor."""
        return {"kind": type(self).__name__, "n": self.n, "base": self.base}

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Go on where a schedule of this kind was. Raises ValueError for the state of anything else."""
        if set(saved) != {"kind", "n", "base"} or saved["kind"] != type(self).__name__:
            raise ValueError(f"{type(self).__name__}: this is the state of {saved.get('kind', 'something else')}")
        self.n, self.base = int(saved["n"]), float(saved["base"])
        self.optimizer.lr = self.base * self.rule(self.n)


class StepLR(Schedule):
    """base * gamma ** (n // every): a drop after each `every` updates."""

    def __init__(self, optimizer: Optimizer, every: int, gamma: float = 0.1):
        every, gamma = _count("StepLR: every", every), _positive("StepLR: gamma", gamma)
        super().__init__(optimizer, lambda n: gamma ** (n // every))


class ExponentialLR(Schedule):
    """base * gamma ** n."""

    def __init__(self, optimizer: Optimizer, gamma: float):
        gamma = _positive("ExponentialLR: gamma", gamma)
        super().__init__(optimizer, lambda n: gamma**n)


class CosineLR(Schedule):
    """Half a cosine from base to `lowest` over `steps` updates, then `lowest` (Loshchilov and Hutter, 2017)."""

    def __init__(self, optimizer: Optimizer, steps: int, lowest: float = 0.0):
        steps, least = _count("CosineLR: steps", steps), _check("CosineLR", {"lowest": lowest})["lowest"] / optimizer.lr
        super().__init__(optimizer, lambda n: least + (1 - least) * (1 + math.cos(math.pi * min(n / steps, 1))) / 2)


class WarmupLR(Schedule):
    """base * (n + 1) / steps for the first `steps` updates; then base, or the schedule `after` from its start."""

    def __init__(self, optimizer: Optimizer, steps: int, after: Schedule | None = None):
        steps, then = _count("WarmupLR: steps", steps), (lambda n: 1.0) if after is None else after.rule
        super().__init__(optimizer, lambda n: (n + 1) / steps if n < steps else then(n - steps))


def _count(what: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, numpy.integer)) or value < 1:
        raise ValueError(f"{what} must be a whole number of at least 1, not {value!r}")
    return int(value)
