"""Small nets ready to be drawn: a cell, a readout and a loss at every step. Imports minigrad."""

from __future__ import annotations

import numpy

import minigrad as mg
from minigrad import nn

__all__ = ["NETS", "StepwiseNet", "build"]

CELLS = {"rnn": ("RNN", nn.RNNCell), "lstm": ("LSTM", nn.LSTMCell), "gru": ("GRU", nn.GRUCell)}
NETS = {
    "rnn": "simple recurrent net (Elman): h' = tanh(W_ih x + b_ih + W_hh h + b_hh)",
    "lstm": "long short-term memory: four gates, the cell state c runs straight through",
    "gru": "gated recurrent unit: z blends the old state with the new candidate n",
}


class StepwiseNet(nn.Module):
    """A recurrent cell unrolled by hand, a linear readout and the cross-entropy at every step, added up as it goes."""

    def __init__(self, cell: nn.Module, hidden: int, classes: int):
        self.cell = cell
        self.y = nn.Linear(hidden, classes)

    def forward(self, xs: list[mg.Tensor], targets: list[numpy.ndarray]) -> mg.Tensor:
        """xs: T tensors (B, I); targets: T integer arrays (B,) -> the sum of the losses, a single number."""
        total = None
        shape = (xs[0].shape[0], self.cell.hidden_size)
        first = [mg.Tensor(numpy.zeros(shape), requires_grad=True, name=name) for name in self.cell.states]
        state = tuple(first) if len(first) > 1 else first[0]
        for t, (x, target) in enumerate(zip(xs, targets)):
            with mg.scope("step", t):
                state = self.cell(x, state)
                h = state[0] if isinstance(state, tuple) else state
                y = self.y(h).named("ŷ")
                loss = mg.cross_entropy(y, target).named("L")
                total = loss if total is None else total + loss
        return total


def build(
    name: str, steps: int, inputs: int = 8, hidden: int = 16, classes: int = 5, batch: int = 4, seed: int = 0
) -> tuple[mg.Tensor, nn.Module]:
    """A net of NETS on random data: (loss, net). The same arguments give the same numbers. Raises ValueError for an
    unknown name or fewer than one step."""
    if name not in CELLS:
        raise ValueError(f"no net is called {name!r}; there are {', '.join(CELLS)}")
    if steps < 1:
        raise ValueError(f"steps={steps}: at least one step is needed")
    rng = numpy.random.default_rng(seed)
    mg.manual_seed(seed)
    net = StepwiseNet(CELLS[name][1](inputs, hidden), hidden, classes)
    xs = [mg.Tensor(rng.standard_normal((batch, inputs)), requires_grad=True, name="x") for _ in range(steps)]
    targets = [rng.integers(0, classes, batch) for _ in range(steps)]
    return net(xs, targets), net
