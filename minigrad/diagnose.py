"""What goes on in a net, seen through the hooks of the engine: the first nan, which step gave how much of a gradient,
how far back the net remembers. Imports tensor and below."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy

from .autograd import backward_pass
from .backend import checking_values, quiet, to_device, to_host, xp
from .errors import AnomalyError, GraphError, ShapeError
from .graph import Node, history, inspected, where
from .tensor import Tensor, plain

__all__ = ["Chain", "Diagnosis", "Ledger", "anomaly", "diagnose", "ledger"]


# ---------------------------------------------------------------- the first nan


class anomaly:
    """`with anomaly():` the first op whose answer or gradient holds nan or inf raises AnomalyError, naming the op, its
    place in the model, and whether it was given such a value or made it. Slow, and on a GPU it waits at every op."""

    def __enter__(self) -> anomaly:
        self.blocks = ExitStack()
        self.blocks.enter_context(checking_values())
        self.blocks.enter_context(inspected(self))
        return self

    def __exit__(self, *exc: object) -> None:
        self.blocks.close()

    def forward(self, op: Any, arrays: list, out: Any) -> None:
        """Called after each op."""
        for answer in out if type(out) is tuple else (out,):
            if (kind := _not_finite(answer)) is not None:
                given = [a for a in arrays if _not_finite(a) is not None]
                why = f"was given {_not_finite(given[0])} and" if given else "made it of finite numbers and"
                raise AnomalyError(f"{op.name}{_in(where())} {why} gave {kind}; its inputs are {_listed(arrays)}")

    def backward(self, node: Node, incoming: tuple, contributions: tuple) -> None:
        """Called after each node of a backward pass."""
        for i, g in enumerate(contributions):
            if (kind := _not_finite(g)) is not None:
                given = any(_not_finite(g) is not None for g in incoming)
                why = "passes on" if given else "makes of a finite one"
                rule = f"the backward rule of {node.op.name}{_in(where(node.scope))}"
                raise AnomalyError(f"{rule} {why} a gradient of {kind} for input {i}")


def _not_finite(value: Any) -> str | None:
    """`nan`, `inf` or `-inf` if the array holds it, in this order; None for finite or non-floating values."""
    array = plain(value)
    if getattr(getattr(array, "dtype", None), "kind", "") != "f" or bool(xp.isfinite(array).all()):
        return None
    if bool(xp.isnan(array).any()):
        return "nan"
    return "inf" if bool((array == xp.inf).any()) else "-inf"


def _listed(arrays: list) -> str:
    with quiet():
        return ", ".join(
            f"{a.shape} in {float(a.min()):.4g}..{float(a.max()):.4g}" if getattr(a, "size", 0) else str(a)
            for a in arrays
        )


def _in(place: str) -> str:
    return f" ({place})" if place else ""


# ---------------------------------------------------------------- which step gave how much of a gradient


class Ledger:
    """The gradient of each parameter as the sum that it is. entries: {parameter: {(loss, use): array}}, in which loss
    counts the losses and use is the step in which the parameter was used, None for a use outside every step."""

    def __init__(self, entries: dict[Tensor, dict[tuple[int, int | None], Any]]):
        self.entries = entries

    def by_use(self, parameter: Tensor) -> dict[int | None, Any]:
        """{step of use: gradient}: how much of dL/dW comes from the use of W in that step."""
        return self._summed(parameter, 1)

    def by_loss(self, parameter: Tensor) -> dict[int, Any]:
        """{number of the loss: gradient}: dL_t/dW, through all uses of W."""
        return self._summed(parameter, 0)

    def total(self, parameter: Tensor) -> Any:
        """All of it: what backward() from the sum of the losses adds to parameter.grad."""
        return sum(self._of(parameter).values(), start=xp.zeros(parameter.shape, dtype=parameter.dtype))

    def norms(self, parameter: Tensor) -> tuple[list[int], list[int | None], numpy.ndarray]:
        """(losses, steps of use, their gradients' norms (losses, steps)), for a picture."""
        found = self._of(parameter)
        losses, uses = (sorted({key[i] for key in found}, key=lambda k: -1 if k is None else k) for i in (0, 1))
        table = numpy.zeros((len(losses), len(uses)))
        for (loss, use), g in found.items():
            table[losses.index(loss), uses.index(use)] = _length(g)
        return losses, uses, table

    def _of(self, parameter: Tensor) -> dict:
        if parameter not in self.entries:
            raise KeyError(f"ledger: no gradient reaches {parameter.name or f'a tensor of shape {parameter.shape}'}")
        return self.entries[parameter]

    def _summed(self, parameter: Tensor, which: int) -> dict:
        sums: dict = {}
        for key, g in self._of(parameter).items():
            _add(sums, key[which], g)
        return sums


def ledger(losses: Tensor | Sequence[Tensor], frame: str = "step") -> Ledger:
    """Split dL/dW by the step in which W was used, and by the loss: L = L_0 + L_1 + ..., a scalar for each step.

    One backward pass for each loss; graph and .grad stay as they are. frame: whose index counts as the step ("node" in
    a tree); the innermost one counts. Holds an array in the shape of W for each pair (loss, use) that is not zero by
    structure. Raises GraphError as backward does, ShapeError for a loss that is no scalar.
    """
    losses = [losses] if isinstance(losses, Tensor) else list(losses)
    entries: dict[Tensor, dict] = {}
    for number, loss in enumerate(losses):
        if loss.size != 1:
            raise ShapeError(f"ledger: loss {number} has shape {loss.shape}; each must have one element")
        if not loss.requires_grad:
            raise GraphError(f"ledger: loss {number} has no history: no parameter that requires a gradient reaches it")

        def note(node: Node, incoming: tuple, contributions: tuple, number: int = number) -> None:
            step = _step(node, frame)
            for x, g in zip(node.inputs, contributions):
                if isinstance(x, Tensor) and x.requires_grad and g is not None:
                    _add(entries.setdefault(x, {}), (number, step), g)

        with quiet():
            backward_pass([(loss.edge or loss, xp.ones(loss.shape, dtype=loss.dtype))], free=False, watch=note)
    return Ledger(entries)


def _step(node: Node, frame: str) -> int | None:
    return next((index for name, index in reversed(node.scope) if name == frame), None)


def _add(sums: dict, key: Any, g: Any) -> None:
    sums[key] = sums[key] + g if key in sums else g


def _length(g: Any) -> float:
    return math.sqrt(float((to_host(g).astype("float64") ** 2).sum()))


# ---------------------------------------------------------------- how far back a net remembers

STATES, GATES = ("h", "c", "y"), ("i", "f", "o", "r", "z")  # as the cells name them
ENDS = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "relu": (0.0, math.inf)}  # where an activation is flat
LEAST = 0.01  # of a change of the state, the share that must arrive for it to be remembered
MOST = 100.0  # times longer: the gradient explodes
DIRECTIONS = 32  # of the state; where it has more units, random ones stand for them


@dataclass
class Chain:
    """One state along time. place, name: where it is and what the cell calls it. steps: their numbers, in the order in
    which they were computed.

    signal: |dL/dh_t| of each step. reach: |dh_T/dh_t| / sqrt(H) of each, T the last (Frobenius norm, mean over the
    batch): 1 for a state that is kept, rho^(T-t) for h_t = rho Q h_{t-1} with Q orthogonal. horizon: so many steps
    before the last one, a change of the state still arrives with a share of 0.01. dead: units through which no gradient
    flows at any step. units: H.
    """

    place: str
    name: str
    units: int
    steps: list[int]
    signal: list[float]
    reach: list[float]
    horizon: int
    dead: list[int]

    def __str__(self) -> str:
        longest = " (all there are)" if self.horizon == len(self.steps) - 1 else ""
        return (
            f"{self.name} of {self.place or 'the net'}: {len(self.steps)} steps, remembers {self.horizon}{longest}; "
            f"|dh_T/dh_0| {self.reach[0]:.2g}, |dL/dh| {self.signal[0]:.2g} at the first step and "
            f"{self.signal[-1]:.2g} at the last; {len(self.dead)} of {self.units} units are dead"
        )


@dataclass
class Diagnosis:
    """chains: a Chain for each state of each layer. saturation: for each gate or activation by name, the share of its
    values within 0.05 of either end, (low, high). remedy: one suggestion in words. print() shows all."""

    chains: list[Chain]
    saturation: dict[str, tuple[float, float]]
    remedy: str

    def __str__(self) -> str:
        gates = [f"{k}: {low:.0%} low, {high:.0%} high" for k, (low, high) in self.saturation.items()]
        return "\n".join([*map(str, self.chains), "saturated: " + ("; ".join(gates) or "nothing"), self.remedy])


def diagnose(loss: Tensor, states: Iterable[str] = STATES) -> Diagnosis:
    """Look into the graph of a recurrent net before backward() frees it: gradients along time, saturation, dead units.

    loss: computed through scan or a layer; states: the names of what to follow. Graph and .grad stay as they are. Costs
    a backward pass for each unit of each state, at most 32 (beyond, |dh_T/dh_t| is estimated from random directions,
    always the same ones). Raises GraphError for a graph that was freed, or in which no state has two steps.
    """
    if loss.size != 1 or not loss.requires_grad:
        raise GraphError("diagnose: needs a loss of one element that some parameter reaches")
    nodes, states = history([loss]), tuple(states)
    if any(node.freed for node in nodes):
        raise GraphError("diagnose: backward() has freed this graph; diagnose first, or backward(retain_graph=True)")
    found: dict[tuple, list[Node]] = {}
    for node in nodes:
        if _step(node, "step") is not None:
            for name in (node.names or {}).values():
                found.setdefault((_place(node), name), []).append(node)
    chains = {key: kept for key, kept in found.items() if key[1] in states and len(kept) > 1}
    if not chains:
        raise GraphError(f"diagnose: no state called {' or '.join(states)} in two steps; unroll the net with scan")
    with quiet():
        seen = [_chain(loss, place, name, kept) for (place, name), kept in chains.items()]
        saturation = _saturation(found)
    cut = any(node.op.name == "cut" for node in nodes)
    return Diagnosis(seen, saturation, _remedy(seen, saturation, {name for _, name in found}, cut))


def _place(node: Node) -> str:
    """Where it is in the model, whichever the step."""
    return where(tuple([frame for frame in node.scope if frame[0] != "step"]))


def _chain(loss: Tensor, place: str, name: str, nodes: list[Node]) -> Chain:
    edges = [(node, next(i for i, n in node.names.items() if n == name)) for node in nodes]
    shape, dtype = nodes[-1].out_info[edges[-1][1]]
    slopes = _slopes((loss.edge, xp.ones(loss.shape, dtype=loss.dtype)), edges)
    squares = numpy.zeros(len(edges))
    seeds = _directions(shape[-1])
    for v in seeds:
        seed = xp.zeros(shape, dtype=dtype) + to_device(v.astype(dtype))
        squares += [_length(g) ** 2 for g in _slopes((edges[-1], seed), edges)]
    reach = numpy.sqrt(squares / (max(1, math.prod(shape)) * len(seeds)))
    lost = [back for back, share in enumerate(reach[::-1]) if not share >= LEAST]
    dead = numpy.all([(to_host(g) == 0).all(axis=tuple(range(g.ndim - 1))) for g in slopes], axis=0)
    if nodes[-1].op.name in ENDS:
        low, high = ENDS[nodes[-1].op.name]
        values = numpy.concatenate([_answer(node).reshape(-1, shape[-1]) for node in nodes])
        flat = 0.0 if math.isinf(high) else 0.001  # so near an end sigmoid and tanh pass on a 500th of a gradient
        dead = dead | (values <= low + flat).all(axis=0) | (values >= high - flat).all(axis=0)
    return Chain(
        place, name, shape[-1], [_step(node, "step") for node in nodes], [_length(g) for g in slopes],
        reach.tolist(), (lost[0] if lost else len(edges)) - 1, numpy.flatnonzero(dead).tolist(),
    )  # fmt: skip


def _slopes(root: tuple, edges: list[tuple]) -> list[Any]:
    """The gradient of each edge, zeros where none arrives."""
    found = backward_pass([root], wanted=edges, free=False)
    infos = [node.out_info[i] for node, i in edges]
    return [found[e] if found.get(e) is not None else xp.zeros(*info) for e, info in zip(edges, infos)]


def _directions(units: int) -> numpy.ndarray:
    """Vectors v (n, H) with which the mean of |v J|^2 is |J|^2: along each unit, or at random if there are too many."""
    if units <= DIRECTIONS:
        return numpy.eye(units) * math.sqrt(units)
    return numpy.random.default_rng(0).choice([-1.0, 1.0], (DIRECTIONS, units))


def _answer(node: Node) -> numpy.ndarray:
    """What an activation gave, from what its rule has saved."""
    known = node.op.saved(node)
    return to_host(known["y"] if "y" in known else node.op.forward(*known.values()))


def _saturation(found: dict[tuple, list[Node]]) -> dict[str, tuple[float, float]]:
    """For each name that sigmoid or tanh gave a value to: the shares near its lower and its upper end."""
    values: dict[str, list] = {}
    for (_, name), nodes in found.items():
        for node in nodes:
            if node.op.name in ("sigmoid", "tanh"):
                low, high = ENDS[node.op.name]
                values.setdefault(name, []).append((_answer(node).ravel() - low) / (high - low))
    joined = {name: numpy.concatenate(parts) for name, parts in values.items()}
    return {name: (float((v < 0.05).mean()), float((v > 0.95).mean())) for name, v in joined.items() if v.size}


def _remedy(chains: list[Chain], saturation: dict, names: set[str], cut: bool) -> str:
    """The most urgent thing first."""
    reach = numpy.array([share for chain in chains for share in chain.reach])
    if not numpy.isfinite(reach).all() or reach.max() > MOST:
        return (
            f"Exploding: a change of the state grows {reach.max():.2g} times on its way. Clip the norm of the "
            "gradients (clip_grad_norm), or start weight_hh smaller (init.orthogonal)."
        )
    dead, units = sum(len(chain.dead) for chain in chains), sum(chain.units for chain in chains)
    if dead > units / 10:
        return f"{dead} of {units} units are dead: use a lower learning rate, smaller first weights, or tanh for relu."
    if cut:
        return "Truncated: no gradient crosses a cut. For dependencies longer than a chunk, make chunks longer."
    forgets = saturation.get("f", (0.0, 0.0))[0]
    stuck = {name: sum(ends) for name, ends in saturation.items() if name not in ("f", "z")}  # these may well keep all
    steps = max(len(chain.steps) for chain in chains)
    horizon = max(chain.horizon for chain in chains if len(chain.steps) == steps)
    if horizon < (steps - 1) / 2:
        said = f"Vanishing: a change of the state is lost after {horizon} of {steps - 1} steps. "
        if forgets > 0.5:
            return said + f"{forgets:.0%} of the forget gates are closed: start their bias at 1 or more."
        if "f" in names:
            return said + "Start the bias of the forget gate at 1 or more, so that the cell keeps what it has."
        if "z" in names:
            return said + "Start the update gate's bias so that it keeps the old state, or shorten the way (attention)."
        if stuck.get("h", 0.0) > 0.5:
            return said + f"{stuck['h']:.0%} of tanh is saturated: use smaller weights or a lower learning rate."
        return said + "Use an LSTM or GRU, an orthogonal weight_hh, or gradient_flow."
    worst = max(stuck, key=stuck.get, default=None)
    if worst is not None and stuck[worst] > 0.5:
        return f"{stuck[worst]:.0%} of {worst} is saturated and learns slowly: use smaller weights or inputs."
    return "Nothing stands out."
