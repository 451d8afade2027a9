"""Cells around cells, and layers of cells: dropout, zoneout, projection, residuals, skips, deep transitions;
Bidirectional and Stacked. Imports what nn/recurrent.py imports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import backend
from ..backend import xp
from ..errors import ShapeError
from ..graph import scope
from ..ops import concat, tanh, where
from ..tensor import Tensor
from . import init
from .layers import Linear, Sequential, checked_probability, dropout_mask
from .module import placed
from .recurrent import Cell, OverTime, dropped, joined, one_of, parameter_dtype, unroll

__all__ = [
    "Bidirectional", "DeepCell", "DropoutCell", "ProjectionCell", "ResidualCell", "SkipCell", "Stacked", "Wrapper",
    "ZoneoutCell",
]  # fmt: skip

State = tuple[Tensor, ...]


class Wrapper(Cell):
    """A cell around a cell. Its state is that of the cell, or (y, *state) where its output y is not what the cell
    carries on. A subclass defines wrapped(x, state, masks, below), and mine(steps, batch) for masks of its own.
    """

    def __init__(self, cell: Cell, output_size: int | None = None):
        if not isinstance(cell, Cell):
            raise TypeError(f"{type(self).__name__} goes around a cell, not around {type(cell).__name__}")
        self.cell, self.input_size = cell, cell.input_size
        self.output_size = output_size or cell.output_size
        own = output_size is not None
        self.states = ("y", *cell.states) if own else cell.states
        self.sizes = (self.output_size, *cell.sizes) if own else cell.sizes

    def wrapped(self, x: Tensor, state: State, masks: Any, below: Any) -> State:
        """One step; masks: of the wrapper, below: of the cell."""
        raise NotImplementedError(f"{type(self).__name__} has no wrapped method")

    def mine(self, steps: int, batch: int) -> list | None:
        """The wrapper's own random masks, an entry for each step."""
        return None

    def draw(self, steps: int, batch: int) -> list | None:
        """Pairs (masks of the wrapper, masks of the cell), an entry for each step; None where nothing is random."""
        mine, below = self.mine(steps, batch), self.cell.draw(steps, batch)
        if mine is None and below is None:
            return None
        return list(zip(mine or [None] * steps, below or [None] * steps))

    def advance(self, x: Tensor, state: State, masks: Any = None) -> State:
        """One step; without masks they are drawn for this step alone."""
        if masks is None:
            masks = (self.draw(1, x.shape[0]) or [(None, None)])[0]
        return self.wrapped(x, state, *masks)

    def initial(self, batch: int) -> State:
        """The cell's own, and zeros for the output."""
        state = self.cell.initial(batch)
        if len(self.states) == len(state):
            return state
        return (Tensor(xp.zeros((batch, self.output_size)), dtype=parameter_dtype(self), name="y"), *state)


# ---------------------------------------------------------------- random masks


class DropoutCell(Wrapper):
    """In training, dropout around a cell: on the input x, on the output y, on the state h that the cell reads.

    input, output, state: probabilities. tied: one mask for all steps of a call (Gal & Ghahramani, 2016), else a fresh
    one at each step (Zaremba et al., 2014). The cell's memory c is never dropped, and output leaves the state alone:
    state (y, *cell's) if output > 0, else the cell's. Masks are drawn once a call, before the loop.
    """

    def __init__(
        self, cell: Cell, input: float = 0.0, output: float = 0.0, state: float = 0.0, tied: bool = False,
        rng: init.Rng = None,
    ):  # fmt: skip
        for p, what in ((input, "input"), (output, "output"), (state, "state")):
            checked_probability(p, f"DropoutCell: {what}")
        super().__init__(cell, cell.output_size if output else None)
        self.input, self.output, self.state, self.tied, self.rng = input, output, state, tied, rng

    def mine(self, steps: int, batch: int) -> list | None:
        """(mask of x, of y, of h) for each step; None where nothing is dropped."""
        wanted = ((self.input, self.input_size), (self.output, self.output_size), (self.state, self.cell.output_size))
        if not self.training or not any(p for p, _ in wanted):
            return None
        return list(zip(*[self._masks(p, steps, (batch, n)) if p else [None] * steps for p, n in wanted]))

    def _masks(self, p: float, steps: int, shape: tuple[int, int]) -> list:
        dtype = parameter_dtype(self)
        if self.tied:
            return [dropout_mask(shape, p, dtype, self.rng)] * steps
        masks = dropout_mask((steps, *shape), p, dtype, self.rng)
        return [masks[t] for t in range(steps)]

    def wrapped(self, x: Tensor, state: State, masks: Any, below: Any) -> State:
        """One step."""
        for_x, for_y, for_h = masks or (None, None, None)
        h, *rest = state[1:] if self.output else state
        new = self.cell.advance(_masked(x, for_x), (_masked(h, for_h), *rest), below)
        return (_masked(new[0], for_y), *new) if self.output else new


def _masked(x: Tensor, mask: Any) -> Tensor:
    return x if mask is None else x * mask


class ZoneoutCell(Wrapper):
    """Zoneout (Krueger et al., 2017): in training each unit keeps its old value with probability p, s' = m s + (1 - m)
    cell(s); in evaluation the mean of that, p s + (1 - p) cell(s).

    p: a number for all of the state, or one for each of its tensors, (p_h, p_c) for an LSTM. Whole numbers in the state
    (a clock) go on.
    """

    def __init__(self, cell: Cell, p: float | Sequence[float] = 0.1, rng: init.Rng = None):
        super().__init__(cell)
        self.p = tuple(p) if isinstance(p, (list, tuple)) else (p,) * len(cell.states)
        for one in self.p:
            checked_probability(one, "zoneout p")
        if len(self.p) != len(cell.states):
            raise ValueError(f"zoneout: {len(self.p)} probabilities for a state of {' and '.join(cell.states)}")
        self.rng = rng

    def mine(self, steps: int, batch: int) -> list | None:
        """For each step, for each tensor of the state: which units keep their value."""
        if not self.training or not any(self.p):
            return None
        rng = self.rng or backend.generator()
        drawn = [backend.to_device(rng.random((steps, batch, n)) < p) for p, n in zip(self.p, self.sizes)]
        return [tuple([keep[t] for keep in drawn]) for t in range(steps)]

    def wrapped(self, x: Tensor, state: State, masks: Any, below: Any) -> State:
        """One step."""
        new = self.cell.advance(x, state, below)
        if self.training:
            return tuple([_kept(m, s, n) for m, s, n in zip(masks, state, new)]) if masks else new
        return tuple([_mean(p, s, n) for p, s, n in zip(self.p, state, new)])


def _kept(mask: Any, old: Tensor, new: Tensor) -> Tensor:
    return where(mask, old, new) if new.dtype.kind == "f" else new


def _mean(p: float, old: Tensor, new: Tensor) -> Tensor:
    return p * old + (1 - p) * new if p and new.dtype.kind == "f" else new


# ---------------------------------------------------------------- outputs


class ProjectionCell(Wrapper):
    """An output y = W h + b at each step, (B, output_size), that the cell does not read: state (y, *cell's)."""

    def __init__(self, cell: Cell, output_size: int, bias: bool = True, rng: init.Rng = None):
        super().__init__(cell, output_size)
        self.projection = Linear(cell.output_size, output_size, bias, rng)

    def wrapped(self, x: Tensor, state: State, masks: Any, below: Any) -> State:
        """One step."""
        new = self.cell.advance(x, state[1:], below)
        return (self.projection(new[0]), *new)


class ResidualCell(Wrapper):
    """The output is h + x (He et al., 2016; between recurrent layers: Wu et al., 2016): state (y, *cell's). ValueError
    if input and output differ in size."""

    def __init__(self, cell: Cell):
        super().__init__(cell, cell.output_size)
        if cell.input_size != cell.output_size:
            sizes = f"x has {cell.input_size} columns, h has {cell.output_size}"
            raise ValueError(f"ResidualCell: {sizes}; h + x needs one size")

    def wrapped(self, x: Tensor, state: State, masks: Any, below: Any) -> State:
        """One step."""
        new = self.cell.advance(x, state[1:], below)
        return (new[0] + x, *new)


# ---------------------------------------------------------------- paths through time


class SkipCell(Wrapper):
    """A connection over d steps (Lin et al., 1996): the cell reads [x, h_{t-d}] in place of x, so that an Elman cell
    computes tanh(W x + S h_{t-d} + U h_{t-1} + b) with weight_ih = [W S].

    steps: d, at least 2; the cell's input_size is that of x plus its output_size. replace: short connections are
    removed, the cell reads its state of d steps ago in place of the last one, and x alone. The state is the cell's,
    then what must be remembered: h of the steps before, or with replace the states.
    """

    def __init__(self, cell: Cell, steps: int, replace: bool = False):
        super().__init__(cell)
        if steps < 2:
            raise ValueError(f"SkipCell: steps={steps}; a skip goes over at least 2 steps")
        self.steps, self.replace = steps, replace
        if replace:
            self.states = tuple([f"{name}{_ago(d)}" for d in range(steps) for name in cell.states])
            self.sizes = cell.sizes * steps
            return
        self.input_size = cell.input_size - cell.output_size
        if self.input_size < 1:
            raise ValueError(
                f"SkipCell: the cell reads [x, h], so its input_size {cell.input_size} must be more than its "
                f"output_size {cell.output_size}"
            )
        self.states = (*cell.states, *[f"{cell.states[0]}{_ago(d)}" for d in range(1, steps)])
        self.sizes = cell.sizes + (cell.output_size,) * (steps - 1)

    def initial(self, batch: int) -> State:
        """Zeros for all that is remembered."""
        state = self.cell.initial(batch)
        return state * self.steps if self.replace else state + (state[0],) * (self.steps - 1)

    def wrapped(self, x: Tensor, state: State, masks: Any, below: Any) -> State:
        """One step."""
        n = len(self.cell.states)
        if self.replace:
            return self.cell.advance(x, state[-n:], below) + state[:-n]
        new = self.cell.advance(concat([x, state[-1]], axis=-1), state[:n], below)
        return (*new, state[0], *state[n:-1])


def _ago(d: int) -> str:
    return f" {d} step{'s' if d > 1 else ''} ago" if d else ""


class DeepCell(Wrapper):
    """MLPs inside the blocks of a cell (Pascanu et al., 2014): on the way in, from state to state, on the way out.

    before: sizes (I, ...) of layers from x to the cell's input; between: sizes (...) of hidden layers that h_{t-1}
    passes before the cell reads it; after: sizes (..., O) of layers from h to the output, the last one linear; each may
    be empty. All else is tanh(W a + b). skip: h + between(h), which keeps the path from step to step short. State: the
    cell's, or (y, *cell's) if there is an `after`.
    """

    def __init__(
        self, cell: Cell, before: Sequence[int] = (), between: Sequence[int] = (), after: Sequence[int] = (),
        skip: bool = False, activation: Callable = tanh, rng: init.Rng = None,
    ):  # fmt: skip
        super().__init__(cell, after[-1] if after else None)
        if skip and not between:
            raise ValueError("DeepCell: skip=True goes around the layers of between=, which is empty")
        h = cell.output_size
        self.input_size, self.skip = before[0] if before else cell.input_size, skip
        self.before = _mlp([*before, cell.input_size], activation, activation, rng) if before else None
        self.between = _mlp([h, *between, h], activation, activation, rng) if between else None
        self.after = _mlp([h, *after], activation, None, rng) if after else None

    def wrapped(self, x: Tensor, state: State, masks: Any, below: Any) -> State:
        """One step."""
        h, *rest = state[1:] if self.after else state
        if self.between:
            h = h + self.between(h) if self.skip else self.between(h)
        new = self.cell.advance(self.before(x) if self.before else x, (h, *rest), below)
        return (self.after(new[0]), *new) if self.after else new


def _mlp(sizes: Sequence[int], activation: Callable, last: Callable | None, rng: init.Rng) -> Sequential:
    """Linear layers of these sizes, an activation after each, `last` (or nothing) after the last one."""
    if min(sizes) < 1:
        raise ValueError(f"DeepCell: sizes of layers must be at least 1, not {list(sizes)}")
    layers: list = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [Linear(inputs, outputs, rng=rng), activation]
    return Sequential(*layers[:-1], *([last] if last else []))


# ---------------------------------------------------------------- layers of cells


def _checked_parts(who: str, parts: Sequence[Any]) -> list:
    """The cells and layers; TypeError for anything else, ValueError if one cell object is in two of them."""
    owner: dict[int, int] = {}
    for i, part in enumerate(parts):
        if not isinstance(part, (Cell, OverTime)):
            raise TypeError(f"{who} is made of cells and layers; number {i} is {type(part).__name__}")
        for cell in [m for m in part.modules() if isinstance(m, Cell)]:
            if owner.setdefault(id(cell), i) != i:
                raise ValueError(
                    f"{who}: numbers {owner[id(cell)]} and {i} are, or contain, one and the same {type(cell).__name__} "
                    "object; they would share their weights. Build a new cell for each place"
                )
    return list(parts)


def _run(part: Any, xs: list[Tensor], state: Any, batch: int, lengths: Any, reverse: bool = False) -> tuple[list, Any]:
    """A cell, or a layer, over xs: T outputs and the state as it came in."""
    if isinstance(part, OverTime):
        return part.run(xs, state, batch, lengths)
    ys, new = unroll(part, xs, part.begin(state, batch), lengths, reverse)
    return ys, new if len(new) > 1 else new[0]


def _parted(who: str, state: Any, count: int) -> tuple:
    """The states of `count` parts."""
    if state is None:
        return (None,) * count
    if not isinstance(state, (tuple, list)) or len(state) != count:
        got = len(state) if isinstance(state, (tuple, list)) else "a single tensor"
        raise ShapeError(placed(f"{who}: the state is a tuple with one entry for each of its {count} parts; got {got}"))
    return tuple(state)


MERGES = {
    "concat": lambda pair: concat(pair, axis=-1),
    "sum": lambda pair: pair[0] + pair[1],
    "mean": lambda pair: (pair[0] + pair[1]) * 0.5,
}


class Bidirectional(OverTime):
    """One cell forwards and another backwards over each sequence (Schuster & Paliwal, 1997), outputs merged.

    merge: "concat" (O + O columns), "sum" or "mean". Called as layer(x, state=None, lengths=None) -> (output, state),
    shapes as in OverTime; state: the pair of the two cells' states. ValueError if both are one cell object.
    """

    def __init__(self, ahead: Cell, back: Cell, merge: str = "concat", batch_first: bool = False):
        for cell in (ahead, back):
            if not isinstance(cell, Cell):
                raise TypeError(f"Bidirectional takes two cells, not {type(cell).__name__}")
        self.ahead, self.back = _checked_parts("Bidirectional", [ahead, back])
        self.merge, self.batch_first = one_of(merge, tuple(MERGES), "merge"), batch_first
        if ahead.input_size != back.input_size or (merge != "concat" and ahead.output_size != back.output_size):
            raise ValueError(
                f"Bidirectional: cells of input_size {ahead.input_size} and {back.input_size}, output_size "
                f"{ahead.output_size} and {back.output_size} do not go together with merge={merge!r}"
            )
        self.input_size = ahead.input_size
        self.output_size = ahead.output_size + (back.output_size if merge == "concat" else 0)

    def run(self, xs: list[Tensor], state: Any, batch: int, lengths: Any) -> tuple[list[Tensor], Any]:
        """xs: T of (B, I) -> (T outputs (B, O), (state ahead, state back))."""
        before = _parted("Bidirectional", state, 2)
        ys, ended = _run(self.ahead, xs, before[0], batch, lengths)
        with scope("reverse"):
            back, back_ended = _run(self.back, xs, before[1], batch, lengths, reverse=True)
        return joined(ys, back, MERGES[self.merge]), (ended, back_ended)


class Stacked(OverTime):
    """Hidden levels one above the other (Schmidhuber, 1992; El Hihi & Bengio, 1996): each reads the outputs of the one
    below.

    parts: cells and layers (Bidirectional, LSTM, ...), bottom first. skips: each level also reads x, and the output is
    that of all levels side by side (Graves, 2013); a level's input_size is then the size below it plus that of x.
    dropout: on the outputs of every level but the last. Called as layer(x, state=None, lengths=None) -> (output,
    state), shapes as in OverTime; state: a tuple with the state of each level. ValueError for sizes that do not follow
    each other, and for one cell object in two levels.
    """

    def __init__(
        self, parts: Sequence[Any], dropout: float = 0.0, skips: bool = False, batch_first: bool = False,
        rng: init.Rng = None,
    ):  # fmt: skip
        if not parts:
            raise ValueError("Stacked: at least one cell is needed")
        self.parts, self.skips, self.batch_first = _checked_parts("Stacked", parts), skips, batch_first
        self.dropout, self.rng = checked_probability(dropout, "dropout"), rng
        self.input_size = parts[0].input_size
        for i, (below, part) in enumerate(zip(parts, parts[1:]), start=1):
            wanted = below.output_size + (self.input_size if skips else 0)
            if part.input_size != wanted:
                raise ValueError(f"Stacked: part {i} has input_size {part.input_size}, but it gets {wanted} columns")
        sizes = [part.output_size for part in parts]
        self.output_size = sum(sizes) if skips else sizes[-1]

    def run(self, xs: list[Tensor], state: Any, batch: int, lengths: Any) -> tuple[list[Tensor], Any]:
        """xs: T of (B, I) -> (T outputs (B, O), state of each level)."""
        ended, levels, inputs = [], [], xs
        for i, (part, before) in enumerate(zip(self.parts, _parted("Stacked", state, len(self.parts)))):
            with scope("layer", i):
                if i and self.dropout and self.training:
                    xs = dropped(xs, self.dropout, self.rng)
                if i and self.skips:
                    xs = joined(xs, inputs, MERGES["concat"])
                xs, after = _run(part, xs, before, batch, lengths)
            ended.append(after)
            levels.append(xs)
        if self.skips and len(levels) > 1:
            xs = [concat(list(ys), axis=-1) for ys in zip(*levels)]
        return xs, tuple(ended)
