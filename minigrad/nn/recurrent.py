"""Recurrent cells and layers: parameters, initial state, and a choice of path. The equations are in
recurrent/steps.py, the loop is in recurrent/scan.py."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy

from .. import backend
from ..backend import xp
from ..errors import ShapeError
from ..graph import scope
from ..ops import concat, permute_dims, relu, sigmoid, stack, tanh, unstack, where
from ..recurrent import (
    JordanWeights,
    Weights,
    clockwork_step,
    gru,
    gru_reset_before,
    gru_step,
    jordan_step,
    lstm,
    lstm_step,
    padded,
    rnn,
    rnn_step,
    scan,
    unpadded,
)
from ..recurrent.scan import checked_lengths
from ..tensor import Tensor
from . import init
from .layers import checked_probability, dropout_mask
from .module import Module, Parameter, placed

__all__ = [
    "GRU", "LSTM", "RNN", "Cell", "ClockworkCell", "GRUCell", "JordanCell", "LSTMCell", "OverTime", "RNNCell",
    "checked_activation", "unroll",
]  # fmt: skip

ACTIVATIONS = {"tanh": tanh, "relu": relu}
READOUTS = {**ACTIVATIONS, "sigmoid": sigmoid}
INITS = {"identity": init.identity, "orthogonal": init.orthogonal}


def one_of(value: Any, allowed: tuple, what: str) -> Any:
    """value, or ValueError naming the choices."""
    if not any(value is a or (type(value) is type(a) and value == a) for a in allowed):
        raise ValueError(f"{what}={value!r} is not one of {', '.join(map(str, allowed))}")
    return value


def checked_activation(activation: Any, what: str = "nonlinearity", names: Any = ACTIVATIONS) -> Any:
    """A name of those, or a function that keeps shapes, as it is; ValueError otherwise (crelu makes 2H of H)."""
    if not callable(activation):
        return one_of(activation, tuple(names), what)
    shape = activation(Tensor(xp.zeros((1, 3)))).shape
    if shape != (1, 3):
        raise ValueError(f"{what} must keep the shape; it makes {shape} of (1, 3), which W_hh does not fit")
    return activation


def as_function(activation: str | Callable) -> Callable:
    """The function of that name, or the function itself."""
    return READOUTS[activation] if isinstance(activation, str) else activation


# ---------------------------------------------------------------- cells


class Cell(Module):
    """One step, any equation: cell(x, state) -> state. A subclass sets the sizes and defines advance(x, state, masks).

    input_size, output_size: columns of x and of the output. states, sizes: the names and columns of the state's
    tensors; the first is the output.
    """

    input_size: int
    output_size: int
    states: tuple[str, ...] = ("h",)
    sizes: tuple[int, ...]

    def advance(self, x: Tensor, state: tuple[Tensor, ...], masks: Any = None) -> tuple[Tensor, ...]:
        """One step on state as a tuple, whose first item is the output. masks: what draw() gave for this step."""
        raise NotImplementedError(f"{type(self).__name__} has no advance method")

    def draw(self, steps: int, batch: int) -> list | None:
        """The random masks of a whole call, an entry for each step; None where nothing is random."""
        return None

    def initial(self, batch: int) -> tuple[Tensor, ...]:
        """The zero state for a batch: tensors (B, H)."""
        dtype = parameter_dtype(self)
        return tuple([Tensor(xp.zeros((batch, n)), dtype=dtype, name=name) for name, n in zip(self.states, self.sizes)])

    def begin(self, state: Any, batch: int) -> tuple[Tensor, ...]:
        """A state as it came out of a call, as a checked tuple; zeros for None. ShapeError if it does not fit."""
        given = self.initial(batch) if state is None else state if isinstance(state, tuple) else (state,)
        _check_states(type(self).__name__, given, self.states, [(batch, n) for n in self.sizes])
        return given

    def forward(self, x: Tensor, state: Any = None) -> Any:
        """x (B, I), state as it comes out (zeros when None) -> state: h (B, H), or (h, c) for an LSTM. Raises
        ShapeError."""
        if x.ndim != 2 or x.shape[1] != self.input_size:
            raise ShapeError(placed(f"{type(self).__name__}: x {x.shape} must be (batch, {self.input_size})"))
        new = self.advance(x, self.begin(state, x.shape[0]))
        return new if len(new) > 1 else new[0]


def parameter_dtype(module: Module) -> Any:
    """The dtype of a module's parameters; the default one if it has none."""
    return next((p.dtype for _, p in module.named_parameters()), backend.default_dtype())


def _check_states(who: str, given: tuple, names: tuple[str, ...], shapes: list[tuple[int, ...]]) -> None:
    if len(given) != len(names):
        raise ShapeError(placed(f"{who}: the state is {' and '.join(names)}; got {len(given)} tensor(s)"))
    for name, s, shape in zip(names, given, shapes):
        if tuple(s.shape) != shape:
            raise ShapeError(placed(f"{who}: state {name} has shape {tuple(s.shape)}, expected {shape}"))


def unroll(
    cell: Cell, xs: list[Tensor], state: tuple[Tensor, ...], lengths: Any = None, reverse: bool = False,
    truncate: int | None = None,
) -> tuple[list[Tensor], tuple[Tensor, ...]]:  # fmt: skip
    """scan with a cell, whose random masks are all drawn before the loop. xs: T of (B, I); the rest as in scan."""
    masks = cell.draw(len(xs), state[0].shape[0]) if xs else None
    if masks is None:
        return scan(cell.advance, xs, state, lengths, reverse, truncate)
    pairs = list(zip(xs, masks))
    return scan(lambda pair, s: cell.advance(pair[0], s, pair[1]), pairs, state, lengths, reverse, truncate)


class GatedCell(Cell):
    """A cell with weight_ih (G*H, I), weight_hh (G*H, H), bias_ih, bias_hh (G*H,): G gates, or one, of H units.

    bias: True for two vectors, "one" for the textbook's single one (bias_ih), False for none. Starts uniform within 1 /
    sqrt(H). recurrent_init: how each gate's block (H, H) of weight_hh starts instead: "orthogonal" (Saxe et al., 2014),
    "identity" (Le et al., 2015, where biases start at 0, too), or a function of its shape.
    """

    gates: int

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool | str = True,
        rng: init.Rng = None,
        recurrent_init: str | Callable | None = None,
        output_size: int | None = None,
    ):
        if input_size < 1 or hidden_size < 1:
            raise ValueError(f"input_size {input_size} and hidden_size {hidden_size} must be at least 1")
        if bias not in (True, False, "one"):
            raise ValueError(f"bias={bias!r} is not one of True (two vectors), 'one', False")
        self.input_size, self.hidden_size = input_size, hidden_size
        self.output_size = output_size or hidden_size
        self.sizes = (self.output_size, hidden_size)[: len(self.states)]
        bound, rows = 1 / math.sqrt(hidden_size), self.gates * hidden_size
        self.weight_ih = Parameter(init.uniform((rows, input_size), -bound, bound, rng))
        if recurrent_init is None:
            start = init.uniform((rows, self.output_size), -bound, bound, rng)
        else:
            start = self._blocks(recurrent_init, (hidden_size, self.output_size), rng)
        self.weight_hh = Parameter(start)
        if recurrent_init == "identity":
            bound = 0.0
        self.bias_ih = Parameter(init.uniform((rows,), -bound, bound, rng)) if bias else None
        self.bias_hh = Parameter(init.uniform((rows,), -bound, bound, rng)) if bias is True else None

    def _blocks(self, how: str | Callable, shape: tuple[int, int], rng: init.Rng) -> numpy.ndarray:
        """weight_hh, gate by gate."""
        if callable(how):
            return numpy.concatenate([how(shape) for _ in range(self.gates)])
        block = INITS[one_of(how, tuple(INITS), "recurrent_init")]
        return numpy.concatenate([block(shape, rng=rng) for _ in range(self.gates)])

    def weights(self) -> Weights:
        """What the equation needs."""
        return Weights(self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)

    def concatenated(self) -> tuple[Tensor, Tensor | None]:
        """(W, b) of the books that write W [h, x] + b: W (G*H, H + I), b (G*H,) the sum of the biases, or None."""
        biases = [b for b in (self.bias_ih, self.bias_hh) if b is not None]
        return concat([self.weight_hh, self.weight_ih], axis=1), sum(biases[1:], biases[0]) if biases else None


class RNNCell(GatedCell):
    """Simple recurrent cell (Elman, 1990): h' = tanh(W_ih x + b_ih + W_hh h + b_hh).

    nonlinearity: "tanh", "relu", or any function that keeps the shape. alpha: leaky units, h' = alpha h + (1 - alpha)
    tanh(...). The IRNN of Le et al. (2015) is nonlinearity="relu", recurrent_init="identity".
    """

    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool | str = True,
        nonlinearity: str | Callable = "tanh",
        alpha: float = 0.0,
        rng: init.Rng = None,
        recurrent_init: str | Callable | None = None,
    ):
        super().__init__(input_size, hidden_size, bias, rng, recurrent_init)
        self.nonlinearity = checked_activation(nonlinearity)
        self.alpha = checked_probability(alpha, "alpha, the share of the old state,")

    def advance(self, x: Tensor, state: tuple[Tensor, ...], masks: Any = None) -> tuple[Tensor, ...]:
        """One step on state (h,)."""
        return rnn_step(x, state, self.weights(), as_function(self.nonlinearity), self.alpha)


class ClockworkCell(RNNCell):
    """Clockwork RNN (Koutnik et al., 2014): the units form groups of equal size, group i moves only when periods[i]
    divides the number of steps made, and no weight leads from a faster group to a slower one.

    State (h, t), t (B, 1) integers: the steps that each sequence has made. See recurrent.clockwork_step.
    """

    states = ("h", "t")

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        periods: list[int],
        bias: bool | str = True,
        nonlinearity: str | Callable = "tanh",
        rng: init.Rng = None,
        recurrent_init: str | Callable | None = None,
    ):
        super().__init__(input_size, hidden_size, bias, nonlinearity, 0.0, rng, recurrent_init)
        if not periods or hidden_size % len(periods) or min(periods) < 1:
            raise ValueError(
                f"periods {list(periods)} must be at least 1, their number must divide hidden_size {hidden_size}"
            )
        each = numpy.repeat(numpy.asarray(periods, dtype=int), hidden_size // len(periods))
        self.sizes = (hidden_size, 1)
        self.periods, self.allowed = xp.asarray(each), xp.asarray(each[:, None] <= each[None, :])

    def initial(self, batch: int) -> tuple[Tensor, ...]:
        """Zeros, and no step made."""
        h, _ = super().initial(batch)
        return h, Tensor(xp.zeros((batch, 1), dtype=int))

    def weights(self) -> Weights:
        """The weights, without those from faster to slower groups."""
        w = super().weights()
        return w._replace(weight_hh=where(self.allowed, w.weight_hh, 0.0))

    def advance(self, x: Tensor, state: tuple[Tensor, ...], masks: Any = None) -> tuple[Tensor, ...]:
        """One step on state (h, t)."""
        return clockwork_step(x, state, self.weights(), self.periods, as_function(self.nonlinearity))


class JordanCell(Cell):
    """The output feeds back into the hidden layer (Jordan, 1986). See recurrent.jordan_step.

    feedback: "output" alone, state y; or "both" the output and the hidden layer, state (y, h). readout: the activation
    of the output. weight_ih (H, I), weight_yh (H, O), weight_hy (O, H), weight_hh (H, H), bias_h (H,), bias_y (O,).
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        output_size: int,
        bias: bool = True,
        feedback: str = "output",
        nonlinearity: str | Callable = "tanh",
        readout: str | Callable = "sigmoid",
        rng: init.Rng = None,
    ):
        if min(input_size, hidden_size, output_size) < 1:
            raise ValueError(f"sizes must be at least 1, not {input_size}, {hidden_size}, {output_size}")
        both = one_of(feedback, ("output", "both"), "feedback") == "both"
        self.input_size, self.hidden_size, self.output_size = input_size, hidden_size, output_size
        self.states, self.sizes = (("y", "h"), (output_size, hidden_size)) if both else (("y",), (output_size,))
        self.nonlinearity = checked_activation(nonlinearity)
        self.readout = checked_activation(readout, "readout", READOUTS)
        bound = 1 / math.sqrt(hidden_size)

        def start(*shape: int) -> Parameter:
            return Parameter(init.uniform(shape, -bound, bound, rng))

        self.weight_ih, self.weight_yh = start(hidden_size, input_size), start(hidden_size, output_size)
        self.weight_hy = start(output_size, hidden_size)
        self.weight_hh = start(hidden_size, hidden_size) if both else None
        self.bias_h, self.bias_y = (start(hidden_size), start(output_size)) if bias else (None, None)

    def weights(self) -> JordanWeights:
        """What the equation needs."""
        return JordanWeights(self.weight_ih, self.weight_yh, self.weight_hy, self.weight_hh, self.bias_h, self.bias_y)

    def advance(self, x: Tensor, state: tuple[Tensor, ...], masks: Any = None) -> tuple[Tensor, ...]:
        """One step on state (y,) or (y, h)."""
        return jordan_step(x, state, self.weights(), as_function(self.nonlinearity), as_function(self.readout))


class LSTMCell(GatedCell):
    """Long short-term memory cell: state (h, c); the rows of the weights are i, f, g, o. See recurrent.lstm_step.

    forget_bias: the bias of the forget gate starts there, 1 or more so that the cell remembers at first (Jozefowicz et
    al., 2015). peepholes: the gates see the cell, peephole (3H,). layer_norm: normalise inside the cell, with gain_ih,
    gain_hh (4H,), gain_c, bias_c (H,). proj_size: the output is projected, weight_hr (P, H); then h is (B, P).
    """

    gates, states = 4, ("h", "c")

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool | str = True,
        forget_bias: float | None = None,
        peepholes: bool = False,
        layer_norm: bool = False,
        proj_size: int = 0,
        rng: init.Rng = None,
        recurrent_init: str | Callable | None = None,
    ):
        if not 0 <= proj_size < max(hidden_size, 1):
            raise ValueError(f"proj_size={proj_size} must be 0 (no projection) or less than hidden_size {hidden_size}")
        super().__init__(input_size, hidden_size, bias, rng, recurrent_init, proj_size)
        bound, gain = 1 / math.sqrt(hidden_size), numpy.ones(4 * hidden_size)
        self.weight_hr = Parameter(init.uniform((proj_size, hidden_size), -bound, bound, rng)) if proj_size else None
        self.peephole = Parameter(init.uniform((3 * hidden_size,), -bound, bound, rng)) if peepholes else None
        self.gain_ih, self.gain_hh = (Parameter(gain), Parameter(gain)) if layer_norm else (None, None)
        self.gain_c = Parameter(gain[:hidden_size]) if layer_norm else None
        self.bias_c = Parameter(numpy.zeros(hidden_size)) if layer_norm else None
        if forget_bias is not None:
            self._remember(forget_bias)

    def _remember(self, forget_bias: float) -> None:
        if self.bias_ih is None:
            raise ValueError(f"forget_bias={forget_bias} needs a bias; this cell has bias=False")
        forget = xp.arange(4 * self.hidden_size) // self.hidden_size == 1
        self.bias_ih.data = xp.where(forget, forget_bias, self.bias_ih.data)
        if self.bias_hh is not None:
            self.bias_hh.data = xp.where(forget, 0.0, self.bias_hh.data)

    def weights(self) -> Weights:
        """What the equation needs."""
        return Weights(
            self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh,
            self.weight_hr, self.peephole, self.gain_ih, self.gain_hh, self.gain_c, self.bias_c,
        )  # fmt: skip

    def advance(self, x: Tensor, state: tuple[Tensor, ...], masks: Any = None) -> tuple[Tensor, ...]:
        """One step on state (h, c)."""
        return lstm_step(x, state, self.weights())


class GRUCell(GatedCell):
    """Gated recurrent unit: state h; the rows of the weights are r, z, n. See recurrent.gru_step.

    update: "keeps_old", h' = (1 - z) n + z h, or "takes_new", h' = (1 - z) h + z n: the same nets, with z for 1 - z.
    reset: "after" or "before" the product W_hn h: different nets, of equal strength.
    """

    gates = 3

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool | str = True,
        update: str = "keeps_old",
        reset: str = "after",
        rng: init.Rng = None,
        recurrent_init: str | Callable | None = None,
    ):
        super().__init__(input_size, hidden_size, bias, rng, recurrent_init)
        self.update = one_of(update, ("keeps_old", "takes_new"), "update")
        self.reset = one_of(reset, ("after", "before"), "reset")

    def advance(self, x: Tensor, state: tuple[Tensor, ...], masks: Any = None) -> tuple[Tensor, ...]:
        """One step on state (h,)."""
        return gru_step(x, state, self.weights(), self.update, self.reset)


# ---------------------------------------------------------------- layers


class OverTime(Module):
    """What runs over a whole sequence: layer(x, state=None, lengths=None) -> (output, state).

    x (T, B, I), or (B, T, I) with batch_first; output (T, B, O) or (B, T, O). lengths (B,): output past the end is 0,
    the state is that at the end. x may also be a list of B arrays or Tensors (T_b, I), one for each sequence, of any
    lengths; then output is a list of (T_b, O). A subclass defines run(xs, state, batch, lengths).
    """

    input_size: int
    output_size: int
    batch_first = False

    def run(self, xs: list[Tensor], state: Any, batch: int, lengths: Any) -> tuple[list[Tensor], Any]:
        """xs: T of (B, I), state as it came out, or None -> (T outputs (B, O), state)."""
        raise NotImplementedError(f"{type(self).__name__} has no run method")

    def forward(self, x: Any, state: Any = None, lengths: Any = None) -> tuple[Any, Any]:
        """x (T, B, I), (B, T, I) or a list of (T_b, I) -> (output, state); see the class."""
        if isinstance(x, (list, tuple)) and x and all(hasattr(sequence, "shape") for sequence in x):
            return self._of_a_list(x, state, lengths)
        return self.whole(x, state, lengths, axis=1 if self.batch_first else 0)

    def whole(self, x: Any, state: Any, lengths: Any, axis: int) -> tuple[Tensor, Any]:
        """As forward, x in one piece, with time along that axis of the output."""
        ys, state = self.steps(x, state, lengths)
        batch = x.shape[0 if self.batch_first else 1] if not ys else 0
        return self._together(ys, batch, axis), state

    def steps(self, x: Any, state: Any = None, lengths: Any = None) -> tuple[list[Tensor], Any]:
        """As forward, with the output as the list of its T steps (B, O), the very tensors that the net computed."""
        x = self._time_first(x)
        return self.run(list(unstack(x)), state, x.shape[1], lengths)

    def _time_first(self, x: Any) -> Tensor:
        """x as a Tensor (T, B, I); ShapeError if it does not fit."""
        x = x if isinstance(x, Tensor) else Tensor(x)
        layout = f"(batch, steps, {self.input_size})" if self.batch_first else f"(steps, batch, {self.input_size})"
        if x.ndim != 3 or x.shape[2] != self.input_size:
            raise ShapeError(placed(f"{type(self).__name__}: x {x.shape} must be {layout}"))
        return permute_dims(x, (1, 0, 2)) if self.batch_first else x

    def _of_a_list(self, sequences: Any, state: Any, lengths: Any) -> tuple[list[Tensor], Any]:
        if lengths is not None:
            raise ValueError(placed("a list of sequences brings its own lengths; lengths= goes with one padded array"))
        x, lengths = padded(sequences)
        y, state = self.whole(permute_dims(x, (1, 0, 2)) if self.batch_first else x, state, lengths, axis=0)
        return unpadded(y, lengths), state

    def _together(self, ys: list[Tensor], batch: int, axis: int) -> Tensor:
        """The T outputs in one Tensor; of the right shape also for no steps."""
        if ys:
            return stack(ys, axis=axis)
        empty = (batch, 0, self.output_size) if axis else (0, batch, self.output_size)
        return Tensor(xp.zeros(empty), dtype=parameter_dtype(self))


def dropped(xs: Any, p: float, rng: init.Rng) -> Any:
    """T tensors (B, H), or one (T, B, H), through dropout, all masks drawn at once."""
    if isinstance(xs, Tensor):
        return xs * dropout_mask(xs.shape, p, xs.dtype, rng)
    masks = dropout_mask((len(xs), *xs[0].shape), p, xs[0].dtype, rng) if xs else []
    return [x * mask for x, mask in zip(xs, masks)]


def joined(ys: list[Tensor], back: list[Tensor], join: Callable) -> list[Tensor]:
    """The outputs of two directions, step by step as one."""
    together = []
    for t, pair in enumerate(zip(ys, back)):
        with scope("step", t):
            together.append(join(pair))
    return together


def _kernel(cell: Cell) -> Callable:
    """The kernel of recurrent/fused.py that computes all steps of such a cell; ValueError, naming it, for an option
    that the kernel does not have."""
    lacks = {}
    if type(cell) is RNNCell:
        lacks = {"alpha": cell.alpha > 0, "nonlinearity that is a function": callable(cell.nonlinearity)}
        kernel = partial(rnn, nonlinearity=cell.nonlinearity)
    elif type(cell) is LSTMCell:
        lacks = {"peepholes": cell.peephole, "layer_norm": cell.gain_ih, "proj_size": cell.weight_hr}
        kernel = lstm
    elif type(cell) is GRUCell:
        kernel = partial(gru if cell.reset == "after" else gru_reset_before, update=cell.update)
    else:
        raise ValueError(f"unroll=False has kernels for RNN, LSTM and GRU cells, not for {type(cell).__name__}")
    for option, given in lacks.items():
        if given is not None and given is not False:
            raise ValueError(f"the kernel of unroll=False has no {option}; unroll=True, the default, has it")
    return kernel


class Recurrent(OverTime):
    """A stack of cells over time, in one or two directions.

    Called as layer(x, state=None, lengths=None) -> (output, state). x (T, B, I), or (B, T, I) with batch_first; output
    (T, B, D*H) or (B, T, D*H); state: h, or (h, c) for an LSTM, each (num_layers * D, B, H), D = 2 if bidirectional.
    lengths (B,): output past the end is 0, the state is that at the end. A list of (T_b, I) gives a list. dropout: on
    the outputs of every layer but the last, one mask for the whole call. Other options go to the cells. Parameters
    carry PyTorch's names: weight_ih_l0, weight_ih_l0_reverse, ... unroll=True: a graph of every step, to be drawn and
    looked into; False: the same function, fast, each layer and direction a single node (recurrent/fused.py). Raises
    ShapeError for shapes that do not fit, ValueError for impossible options and for those that the kernel lacks.
    """

    cell: type[GatedCell]

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool | str = True,
        batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False, rng: init.Rng = None,
        unroll: bool = True, **options: Any,
    ):  # fmt: skip
        if num_layers < 1:
            raise ValueError(f"num_layers={num_layers}: at least one layer is needed")
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.batch_first, self.bidirectional, self.rng = batch_first, bidirectional, rng
        self.dropout = checked_probability(dropout, "dropout")
        self.directions = 2 if bidirectional else 1
        self.cells: list[GatedCell] = []
        for i in range(num_layers * self.directions):
            size = input_size if i < self.directions else self.cells[0].output_size * self.directions
            self.cells.append(self.cell(size, hidden_size, bias=bias, rng=rng, **options))
        self.output_size = self.cells[0].output_size * self.directions
        self.unroll = one_of(unroll, (True, False), "unroll")
        self.kernel = None if unroll else _kernel(self.cells[0])

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """PyTorch's names: `weight_hh_l1_reverse`."""
        for i, cell in enumerate(self.cells):
            layer, direction = divmod(i, self.directions)
            for name, parameter in cell.named_parameters():
                yield f"{name}_l{layer}{'_reverse' if direction else ''}", parameter

    def steps(self, x: Any, state: Any = None, lengths: Any = None) -> tuple[list[Tensor], Any]:
        """As forward, with the output as the list of its T steps (B, D*H), the very tensors that the net computed.
        ValueError with unroll=False, where there are none."""
        if self.kernel:
            raise ValueError(
                placed(f"{type(self).__name__}.steps gives the tensors of each step; this one has unroll=False")
            )
        return super().steps(x, state, lengths)

    def whole(self, x: Any, state: Any, lengths: Any, axis: int) -> tuple[Tensor, Any]:
        """As forward, with time along that axis of the output."""
        if not self.kernel:
            return super().whole(x, state, lengths, axis)
        x = self._time_first(x)
        y, state = self._layers(x, state, x.shape[1], lengths)
        return permute_dims(y, (1, 0, 2)) if axis else y, state

    def run(self, xs: list[Tensor], state: Any, batch: int, lengths: Any) -> tuple[list[Tensor], Any]:
        """xs: T of (B, I) -> (T outputs (B, D*H), state)."""
        if not self.kernel or not xs:
            return self._layers(xs, state, batch, lengths)
        y, state = self._layers(stack(xs), state, batch, lengths)
        return list(unstack(y)), state

    def _layers(self, xs: Any, state: Any, batch: int, lengths: Any) -> tuple[Any, Any]:
        """T tensors (B, I) -> (T outputs (B, D*H), state); with a kernel one (T, B, I) -> (T, B, D*H)."""
        before, after = self._initial(state, batch), []
        for layer in range(self.num_layers):
            if layer and self.dropout and self.training:
                xs = dropped(xs, self.dropout, self.rng)
            with scope("layer", layer):
                xs, ended = self._layer(layer, xs, before, lengths)
            after += ended
        states = tuple([stack(list(parts)) for parts in zip(*after)])
        return xs, states if len(states) > 1 else states[0]

    def _layer(self, layer: int, xs: Any, before: list[tuple], lengths: Any) -> tuple[Any, list[tuple]]:
        """One layer in its directions: outputs side by side, final states."""
        first, whole = layer * self.directions, isinstance(xs, Tensor)
        along = self._in_one if whole else unroll
        ys, state = along(self.cells[first], xs, before[first], lengths)
        if not self.bidirectional:
            return ys, [state]
        with scope("reverse"):
            back, back_state = along(self.cells[first + 1], xs, before[first + 1], lengths, reverse=True)
        both = concat([ys, back], axis=-1) if whole else joined(ys, back, lambda pair: concat(pair, axis=-1))
        return both, [state, back_state]

    def _in_one(
        self, cell: GatedCell, x: Tensor, state: tuple, lengths: Any, reverse: bool = False
    ) -> tuple[Tensor, tuple]:
        """All steps of a cell as one node: x (T, B, I) -> (output (T, B, H), state)."""
        if lengths is not None:
            lengths = checked_lengths(lengths, *x.shape[:2])
        y, *state = self.kernel(x, *state, *cell.weights()[:4], lengths, reverse=reverse)
        return y.named("h"), tuple(state)

    def _initial(self, state: Any, batch: int) -> list[tuple]:
        """For each cell its state as a tuple of (B, H)."""
        if state is None:
            return [cell.initial(batch) for cell in self.cells]
        given = state if isinstance(state, tuple) else (state,)
        shapes = [(len(self.cells), batch, n) for n in self.cells[0].sizes]
        _check_states(type(self).__name__, given, self.cell.states, shapes)
        return list(zip(*[unstack(s) for s in given]))


class RNN(Recurrent):
    """Simple recurrent layers (Elman, 1990). Options of RNNCell: nonlinearity, alpha, recurrent_init; shapes: see
    Recurrent."""

    cell = RNNCell


class LSTM(Recurrent):
    """Long short-term memory layers; state (h, c). Options of LSTMCell: forget_bias, peepholes, layer_norm, proj_size,
    recurrent_init; shapes: see Recurrent; equations: recurrent.lstm_step."""

    cell = LSTMCell


class GRU(Recurrent):
    """Gated recurrent unit layers. Options of GRUCell: update, reset, recurrent_init; shapes: see Recurrent;
    equations: recurrent.gru_step."""

    cell = GRUCell
