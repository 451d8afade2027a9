"""Nets whose graphs the drawing tests draw: ready ones, layers, layers on layers, losses inside and outside the
steps."""

from __future__ import annotations

import numpy

import minigrad as mg
from minigrad import nn
from minigrad.recurrent import scan
from viz import zoo

__all__ = ["NETS", "make"]


class Tagger(nn.Module):
    """A recurrent layer, a readout on its stacked output, one loss: (T, B, I), (T, B) -> number."""

    def __init__(self, layer: nn.Module, width: int):
        self.rnn, self.out = layer, nn.Linear(width, 4)

    def forward(self, x, targets):
        ys, _ = self.rnn(x)
        flat = self.out(ys).reshape(targets.size, 4)
        return mg.cross_entropy(flat, targets.reshape(-1))


class Reader(nn.Module):
    """Embedding, GRU, readout of the last state."""

    def __init__(self):
        self.embedding, self.rnn, self.out = nn.Embedding(9, 5), nn.GRU(5, 6), nn.Linear(6, 3)

    def forward(self, ids, targets):
        return mg.cross_entropy(self.out(self.rnn.steps(self.embedding(ids))[0][-1]), targets)


def _tagger(make_layer, width):
    def build(steps: int):
        rng = numpy.random.default_rng(1)
        model = Tagger(make_layer(), width)
        x = mg.Tensor(rng.standard_normal((steps, 2, 5)), name="x")
        return model(x, rng.integers(0, 4, (steps, 2))), model

    return build


def _reader(steps: int):
    rng = numpy.random.default_rng(1)
    model = Reader()
    return model(rng.integers(0, 9, (steps, 2)), rng.integers(0, 3, 2)), model


def _sum_outside(steps: int):
    rng = numpy.random.default_rng(1)
    cell, out, state, losses = nn.RNNCell(5, 6), nn.Linear(6, 4), None, []
    for t in range(steps):
        with mg.scope("step", t):
            state = cell(mg.Tensor(rng.standard_normal((2, 5))), state)
            losses.append(mg.cross_entropy(out(state), rng.integers(0, 4, 2)))
    return sum(losses[1:], losses[0]), None


def _truncated(steps: int):
    rng = numpy.random.default_rng(1)
    cell, out = nn.RNNCell(5, 6), nn.Linear(6, 4)
    xs = [mg.Tensor(rng.standard_normal((2, 5)), requires_grad=True) for _ in range(steps)]
    ys, _ = scan(cell.advance, xs, cell.initial(2), truncate=2)
    with mg.scope("step", steps - 1):
        return mg.cross_entropy(out(ys[-1]), rng.integers(0, 4, 2)), None


def _skip(steps: int):
    rng = numpy.random.default_rng(1)
    cell, state, states = nn.RNNCell(5, 6), mg.Tensor(numpy.zeros((2, 6))), []
    for t in range(steps):
        with mg.scope("step", t):
            state = cell(mg.Tensor(rng.standard_normal((2, 5))), state)
            state = state + states[t - 2] if t > 1 else state
            states.append(state)
    return state.sum(), None


def _lengths(steps: int):
    rng = numpy.random.default_rng(1)
    layer = nn.GRU(5, 6)
    ys, _ = layer(mg.Tensor(rng.standard_normal((steps, 2, 5))), lengths=[steps, 1])
    return (ys * ys).sum(), layer


NETS = {
    **{name: (lambda steps, name=name: zoo.build(name, steps)) for name in ("rnn", "lstm", "gru")},
    "lstm layer": _tagger(lambda: nn.LSTM(5, 6), 6),
    "two layers": _tagger(lambda: nn.RNN(5, 6, num_layers=2), 6),
    "two directions": _tagger(lambda: nn.RNN(5, 6, bidirectional=True), 12),
    "no bias": _tagger(lambda: nn.GRU(5, 6, bias=False), 6),
    "last state": _reader,
    "sum outside": _sum_outside,
    "truncated": _truncated,
    "two steps back": _skip,
    "lengths": _lengths,
}


def make(name: str, steps: int = 3):
    """(loss, model or None) of the net called name."""
    mg.manual_seed(0)
    return NETS[name](steps)
