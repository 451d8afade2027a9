"""Recurrent cells and layers: parameters, initial state, and a choice of path. The equations are in
recurrent/steps.py, the loop is in recurrent/scan.py."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from ..backend import xp
from ..errors import ShapeError
from ..graph import scope
from ..ops import concat, permute_dims, relu, stack, tanh, unstack
from ..recurrent import Weights, gru_step, lstm_step, rnn_step, scan
from ..tensor import Tensor
from . import init
from .layers import checked_probability, dropout_mask
from .module import Module, Parameter, placed

__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "LSTMCell", "RNNCell"]

ACTIVATIONS = {"tanh": tanh, "relu": relu}


class Cell(Module):
    """One step with its weights: cell(x, state) -> state. weight_ih (G*H, I), weight_hh (G*H, H), bias_ih, bias_hh
    (G*H,).

    bias: True for two vectors, "one" for the textbook's single one (bias_ih), False for none. Starts uniform within 1 /
    sqrt(H).
    """

    gates: int
    states: tuple[str, ...] = ("h",)
    equation: Callable

    def __init__(self, input_size: int, hidden_size: int, bias: bool | str = True, rng: init.Rng = None):
        if input_size < 1 or hidden_size < 1:
            raise ValueError(f"input_size {input_size} and hidden_size {hidden_size} must be at least 1")
        if bias not in (True, False, "one"):
            raise ValueError(f"bias={bias!r} is not one of True (two vectors), 'one', False")
        self.input_size, self.hidden_size = input_size, hidden_size
        bound, rows = 1 / math.sqrt(hidden_size), self.gates * hidden_size
        self.weight_ih = Parameter(init.uniform((rows, input_size), -bound, bound, rng))
        self.weight_hh = Parameter(init.uniform((rows, hidden_size), -bound, bound, rng))
        self.bias_ih = Parameter(init.uniform((rows,), -bound, bound, rng)) if bias else None
        self.bias_hh = Parameter(init.uniform((rows,), -bound, bound, rng)) if bias is True else None

    def weights(self) -> Weights:
        """What the equation needs."""
        return Weights(self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)

    def advance(self, x: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """One step on state as a tuple, whose first item is the output."""
        return type(self).equation(x, state, self.weights())

    def initial(self, batch: int) -> tuple[Tensor, ...]:
        """The zero state for a batch: tensors (B, H)."""
        return tuple(
            [Tensor(xp.zeros((batch, self.hidden_size)), dtype=self.weight_ih.dtype, name=name) for name in self.states]
        )

    def forward(self, x: Tensor, state: Any = None) -> Any:
        """x (B, I), state as it comes out (zeros when None) -> state: h (B, H), or (h, c) for an LSTM. Raises
        ShapeError."""
        if x.ndim != 2 or x.shape[1] != self.input_size:
            raise ShapeError(placed(f"{type(self).__name__}: x {x.shape} must be (batch, {self.input_size})"))
        given = self.initial(x.shape[0]) if state is None else state if isinstance(state, tuple) else (state,)
        _check_states(type(self).__name__, given, self.states, (x.shape[0], self.hidden_size))
        new = self.advance(x, given)
        return new if len(new) > 1 else new[0]


def _check_states(who: str, given: tuple, names: tuple[str, ...], shape: tuple[int, ...]) -> None:
    if len(given) != len(names):
        raise ShapeError(placed(f"{who}: the state is {' and '.join(names)}; got {len(given)} tensor(s)"))
    for name, s in zip(names, given):
        if tuple(s.shape) != shape:
            raise ShapeError(placed(f"{who}: state {name} has shape {tuple(s.shape)}, expected {shape}"))


class RNNCell(Cell):
    """Simple recurrent cell (Elman, 1990): h' = tanh(W_ih x + b_ih + W_hh h + b_hh). nonlinearity: "tanh" or "relu"."""

    gates = 1
    equation = staticmethod(rnn_step)

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool | str = True,
        nonlinearity: str = "tanh",
        rng: init.Rng = None,
    ):
        super().__init__(input_size, hidden_size, bias, rng)
        if nonlinearity not in ACTIVATIONS:
            raise ValueError(f"nonlinearity={nonlinearity!r} is not one of {', '.join(ACTIVATIONS)}")
        self.nonlinearity = nonlinearity

    def advance(self, x: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """One step on state (h,)."""
        return rnn_step(x, state, self.weights(), ACTIVATIONS[self.nonlinearity])


class LSTMCell(Cell):
    """Long short-term memory cell: state (h, c); the rows of the weights are i, f, g, o. See recurrent.lstm_step."""

    gates, states = 4, ("h", "c")
    equation = staticmethod(lstm_step)


class GRUCell(Cell):
    """Gated recurrent unit: state h; the rows of the weights are r, z, n. See recurrent.gru_step."""

    gates = 3
    equation = staticmethod(gru_step)


class Recurrent(Module):
    """A stack of cells unrolled over time, in one or two directions.

    Called as layer(x, state=None, lengths=None) -> (output, state). x (T, B, I), or (B, T, I) with batch_first; output
    (T, B, D*H) or (B, T, D*H); state: h, or (h, c) for an LSTM, each (num_layers * D, B, H), D = 2 if bidirectional.
    lengths (B,): output past the end is 0, the state is that at the end. dropout: on the outputs of every layer but the
    last, one mask for the whole call. Parameters carry PyTorch's names: weight_ih_l0, weight_ih_l0_reverse, ... Raises
    ShapeError for shapes that do not fit, ValueError for impossible options.
    """

    cell: type[Cell]

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool | str = True,
        batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False, rng: init.Rng = None,
        **options: Any,
    ):  # fmt: skip
        if num_layers < 1:
            raise ValueError(f"num_layers={num_layers}: at least one layer is needed")
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.batch_first, self.bidirectional, self.rng = batch_first, bidirectional, rng
        self.dropout = checked_probability(dropout, "dropout")
        self.directions = 2 if bidirectional else 1
        sizes = [input_size] + [hidden_size * self.directions] * (num_layers - 1)
        self.cells = [
            self.cell(size, hidden_size, bias=bias, rng=rng, **options)
            for size in sizes
            for _ in range(self.directions)
        ]

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """PyTorch's names: `weight_hh_l1_reverse`."""
        for i, cell in enumerate(self.cells):
            layer, direction = divmod(i, self.directions)
            for name, parameter in cell.named_parameters():
                yield f"{name}_l{layer}{'_reverse' if direction else ''}", parameter

    def forward(self, x: Any, state: Any = None, lengths: Any = None) -> tuple[Tensor, Any]:
        """x (T, B, I) or (B, T, I) -> (output, state); see the class."""
        ys, state = self.steps(x, state, lengths)
        if not ys:
            batch = x.shape[0 if self.batch_first else 1]
            empty = (batch, 0) if self.batch_first else (0, batch)
            return Tensor(
                xp.zeros((*empty, self.hidden_size * self.directions)), dtype=self.cells[0].weight_ih.dtype
            ), state
        return stack(ys, axis=1 if self.batch_first else 0), state

    def steps(self, x: Any, state: Any = None, lengths: Any = None) -> tuple[list[Tensor], Any]:
        """As forward, with the output as the list of its T steps (B, D*H), the very tensors that the net computed."""
        x = x if isinstance(x, Tensor) else Tensor(x)
        xs = self._inputs(x)
        before, after = self._initial(state, x.shape[0 if self.batch_first else 1]), []
        for layer in range(self.num_layers):
            if layer and self.dropout and self.training:
                xs = self._dropped(xs)
            with scope("layer", layer):
                xs, ended = self._layer(layer, xs, before, lengths)
            after += ended
        joined = tuple([stack(list(parts)) for parts in zip(*after)])
        return xs, joined if len(joined) > 1 else joined[0]

    def _layer(
        self, layer: int, xs: list[Tensor], before: list[tuple], lengths: Any
    ) -> tuple[list[Tensor], list[tuple]]:
        """One layer in its directions: outputs side by side, final states."""
        first = layer * self.directions
        ys, state = scan(self.cells[first].advance, xs, before[first], lengths=lengths)
        if not self.bidirectional:
            return ys, [state]
        with scope("reverse"):
            back, back_state = scan(self.cells[first + 1].advance, xs, before[first + 1], lengths=lengths, reverse=True)
        return [self._joined(t, y, b) for t, (y, b) in enumerate(zip(ys, back))], [state, back_state]

    def _joined(self, t: int, y: Tensor, back: Tensor) -> Tensor:
        with scope("step", t):
            return concat([y, back], axis=-1)

    def _inputs(self, x: Tensor) -> list[Tensor]:
        """x as a list of T (B, I)."""
        layout = f"(batch, steps, {self.input_size})" if self.batch_first else f"(steps, batch, {self.input_size})"
        if x.ndim != 3 or x.shape[2] != self.input_size:
            raise ShapeError(placed(f"{type(self).__name__}: x {x.shape} must be {layout}"))
        return list(unstack(permute_dims(x, (1, 0, 2)) if self.batch_first else x))

    def _initial(self, state: Any, batch: int) -> list[tuple]:
        """For each cell its state as a tuple of (B, H)."""
        if state is None:
            return [cell.initial(batch) for cell in self.cells]
        given = state if isinstance(state, tuple) else (state,)
        _check_states(type(self).__name__, given, self.cell.states, (len(self.cells), batch, self.hidden_size))
        return list(zip(*[unstack(s) for s in given]))

    def _dropped(self, xs: list[Tensor]) -> list[Tensor]:
        masks = dropout_mask((len(xs), *xs[0].shape), self.dropout, xs[0].dtype, self.rng) if xs else []
        return [x * mask for x, mask in zip(xs, masks)]


class RNN(Recurrent):
    """Simple recurrent layers (Elman, 1990); nonlinearity="tanh" or "relu". Options and shapes: see Recurrent."""

    cell = RNNCell


class LSTM(Recurrent):
    """Long short-term memory layers; state (h, c). Options and shapes: see Recurrent; equations:
    recurrent.lstm_step."""

    cell = LSTMCell


class GRU(Recurrent):
    """Gated recurrent unit layers. Options and shapes: see Recurrent; equations: recurrent.gru_step."""

    cell = GRUCell
