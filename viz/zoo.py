"""Nets ready to be drawn, each a few lines of minigrad.nn on made-up data. Imports minigrad."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, NamedTuple

import numpy

import minigrad as mg
from minigrad import data, nn
from minigrad.recurrent import scan

__all__ = ["NETS", "Levels", "Net", "Sizes", "StepwiseNet", "TreeReader", "build"]

TEXT = "the cat sat on the mat. "


# ---------------------------------------------------------------- nets


class StepwiseNet(nn.Module):
    """A recurrent cell unrolled by hand, a linear readout and the cross-entropy at every step, added up as it goes.
    embedding: where the inputs are ids, the vectors they stand for. losses: those of the last call, one for each step.
    """

    def __init__(self, cell: nn.Cell, classes: int, embedding: nn.Embedding | None = None):
        self.cell, self.embedding = cell, embedding
        self.y = nn.Linear(cell.output_size, classes)
        self.losses: list[mg.Tensor] = []

    def forward(self, xs: Sequence[Any], targets: Sequence[numpy.ndarray], truncate: int | None = None) -> mg.Tensor:
        """xs: T tensors (B, I) or arrays of ids (B,); targets: T integer arrays (B,) -> the sum of the losses, a
        single number. truncate: no gradient crosses from one chunk of so many steps to the one before."""
        losses, sums, labels = [], [], iter(targets)

        def step(x: Any, state: tuple[mg.Tensor, ...]) -> tuple[mg.Tensor, ...]:
            new = self.cell.advance(x if self.embedding is None else self.embedding(x), state)
            losses.append(mg.cross_entropy(self.y(new[0]).named("ŷ"), next(labels)).named("L"))
            sums.append(sums[-1] + losses[-1] if sums else losses[-1])
            return new

        start = self.cell.initial(xs[0].shape[0])
        for state in start:
            state.requires_grad = state.dtype.kind == "f"
        scan(step, xs, start, truncate=truncate)
        self.losses = losses
        return sums[-1]


class Levels(nn.Cell):
    """Cells one above the other as one cell: each reads the output of the one below at the same step. State: that of
    the top cell, then of the one below it, and so on."""

    def __init__(self, *cells: nn.Cell):
        self.cells = cells
        self.input_size, self.output_size = cells[0].input_size, cells[-1].output_size
        self.states = tuple([name for cell in reversed(cells) for name in cell.states])
        self.sizes = tuple([size for cell in reversed(cells) for size in cell.sizes])

    def advance(self, x: mg.Tensor, state: tuple[mg.Tensor, ...], masks: Any = None) -> tuple[mg.Tensor, ...]:
        """One step of every level, from the bottom up."""
        after: tuple[mg.Tensor, ...] = ()
        for i, cell in enumerate(self.cells):
            state, before = state[: -len(cell.states)], state[-len(cell.states) :]
            with mg.scope("layer", i):
                new = cell.advance(x, before)
            x, after = new[0], new + after
        return after


class TreeReader(nn.Module):
    """Words, a net over the trees that they are the leaves of, a readout at the roots."""

    def __init__(self, words: int, inputs: int, net: nn.Module, classes: int):
        self.embedding, self.net = nn.Embedding(words, inputs), net
        self.y = nn.Linear(net.hidden_size, classes)

    def forward(self, forest: list[data.Tree], batched: bool) -> mg.Tensor:
        """B trees over the numbers of words -> logits (B, classes). batched: all nodes of one height at once."""
        return self.y(self.net(forest, self.embedding.weight, batched)[0])


# ---------------------------------------------------------------- from sizes to a loss


class Sizes(NamedTuple):
    """What build was asked for. steps: time steps; leaves of a tree; rows and columns of an image."""

    steps: int
    inputs: int
    hidden: int
    classes: int
    batch: int
    truncate: int | None
    rng: numpy.random.Generator

    def vector(self, *shape: int, name: str = "x") -> mg.Tensor:
        """Made-up numbers."""
        return mg.Tensor(self.rng.standard_normal(shape), requires_grad=True, name=name)

    def ids(self, *shape: int) -> numpy.ndarray:
        """Made-up labels or ids."""
        return self.rng.integers(0, self.classes, shape)


class Net(NamedTuple):
    """words: name and one line about it. make: sizes -> (loss, net). chunks: can its steps be truncated?"""

    words: str
    make: Callable[[Sizes], tuple[mg.Tensor, nn.Module]]
    chunks: bool = False


def _unrolled(words: str, cell: Callable[[int, int], nn.Cell]) -> Net:
    """A StepwiseNet around cell(inputs, hidden)."""

    def make(s: Sizes) -> tuple[mg.Tensor, nn.Module]:
        net = StepwiseNet(cell(s.inputs, s.hidden), s.classes)
        xs = [s.vector(s.batch, s.inputs) for _ in range(s.steps)]
        return net(xs, [s.ids(s.batch) for _ in xs], s.truncate), net

    return Net(words, make, chunks=True)


def _language_model(s: Sizes) -> tuple[mg.Tensor, nn.Module]:
    """Each of a batch reads the text from another place."""
    vocab = data.CharVocab(TEXT)
    ids = numpy.stack([numpy.resize(numpy.roll(vocab.encode(TEXT), -3 * b), s.steps + 1) for b in range(s.batch)])
    net = StepwiseNet(nn.LSTMCell(s.inputs, s.hidden), len(vocab), nn.Embedding(len(vocab), s.inputs))
    return net(ids.T[:-1], ids.T[1:], s.truncate), net


def _bidirectional(s: Sizes) -> tuple[mg.Tensor, nn.Module]:
    net = nn.Tagger(None, s.inputs, s.hidden, s.classes, cell="rnn")
    return mg.cross_entropy(net(s.vector(s.steps, s.batch, s.inputs)), s.ids(s.steps, s.batch)), net


def _translator(**options: Any) -> Callable[[Sizes], tuple[mg.Tensor, nn.Module]]:
    def make(s: Sizes) -> tuple[mg.Tensor, nn.Module]:
        net = nn.encoder_decoder(s.classes, s.classes, s.inputs, s.hidden, cell="gru", **options)
        target = s.ids(s.steps + 1, s.batch)
        return mg.cross_entropy(net(s.ids(s.steps, s.batch), target), target[1:]), net

    return make


def _captioner(s: Sizes) -> tuple[mg.Tensor, nn.Module]:
    net = nn.captioner(s.classes, s.inputs, s.hidden, image_size=2 * s.inputs)
    target = s.ids(s.steps + 1, s.batch)
    return mg.cross_entropy(net(s.vector(s.batch, 2 * s.inputs, name="image"), target), target[1:]), net


def _renet(s: Sizes) -> tuple[mg.Tensor, nn.Module]:
    read = nn.Linear(2 * s.hidden, s.classes)
    net = nn.Sequential(nn.ReNet(1, s.hidden, cell="RNN"), lambda seen: mg.mean(seen, axis=(2, 3)), read)
    return mg.cross_entropy(net(s.vector(s.batch, 1, s.steps, s.steps, name="image")), s.ids(s.batch)), net


def _forest(layer: Callable[[int, int], nn.Module], several: bool = False) -> Callable:
    """Over one tree, node by node; or over a batch of different ones, height by height."""

    def make(s: Sizes) -> tuple[mg.Tensor, nn.Module]:
        forest = [parse(max(1, s.steps - b)) for b in range(s.batch if several else 1)]
        net = TreeReader(len(set(TEXT.split())), s.inputs, layer(s.inputs, s.hidden), s.classes)
        return mg.cross_entropy(net(forest, several), s.ids(len(forest))), net

    return make


def parse(leaves: int) -> data.Tree:
    """A tree over so many words, ((the cat) (sat (on (the mat)))), each by its number."""
    numbers = {word: n for n, word in enumerate(dict.fromkeys(TEXT.split()))}
    words = (TEXT * leaves).split()[:leaves]
    phrases = [reduce(lambda right, left: (left, right), reversed(part)) for part in (words[:2], words[2:]) if part]
    return data.Tree.from_nested(phrases[0] if len(phrases) == 1 else phrases).numbered(numbers)


NETS = {
    "rnn": _unrolled("Simple recurrent net (Elman): h' = tanh(W_ih x + b_ih + W_hh h + b_hh)", nn.RNNCell),
    "jordan": _unrolled("Jordan net: the output, not the hidden layer, is fed back",
                        lambda i, h: nn.JordanCell(i, h, h)),
    "lstm": _unrolled("LSTM: four gates, the cell state c runs straight through", nn.LSTMCell),
    "peephole": _unrolled("LSTM with peepholes: the gates see the cell state, too",
                          lambda i, h: nn.LSTMCell(i, h, peepholes=True)),
    "layer-norm": _unrolled("LSTM with layer normalisation: inside the cell, before the gates",
                            lambda i, h: nn.LSTMCell(i, h, layer_norm=True)),
    "gru": _unrolled("GRU: z blends the old state with the new candidate n", nn.GRUCell),
    "clockwork": _unrolled("Clockwork net: half of the units move at every second step only",
                           lambda i, h: nn.ClockworkCell(i, h, periods=[1, 2])),
    "skip": _unrolled("Skip connections over time: the cell also reads h of two steps ago",
                      lambda i, h: nn.SkipCell(nn.RNNCell(i + h, h), steps=2)),
    "stacked": _unrolled("Stacked net, deep (a): a second level reads what the first one writes",
                         lambda i, h: Levels(nn.RNNCell(i, h), nn.RNNCell(h, h))),
    "deep-b": _unrolled("Deep (b): MLPs inside the block, before the cell and from state to state",
                        lambda i, h: nn.DeepCell(nn.RNNCell(h, h), before=[i], between=[h])),
    "deep-c": _unrolled("Deep (c): a skip connection leads past the MLP from state to state",
                        lambda i, h: nn.DeepCell(nn.RNNCell(i, h), between=[h], skip=True)),
    "residual": _unrolled("Residual levels: the second one adds to what the first one wrote",
                          lambda i, h: Levels(nn.LSTMCell(i, h), nn.ResidualCell(nn.LSTMCell(h, h)))),
    "bidirectional": Net("Bidirectional net: h reads forwards, g backwards, side by side", _bidirectional),
    "char-lm": Net("Character language model: LSTM, the next letter at every step", _language_model, chunks=True),
    "encoder-decoder": Net("Encoder-decoder: what was read is one state, from which the rest is written",
                           _translator()),
    "attention": Net("Encoder-decoder with attention: each step looks at all that was read",
                     _translator(attention="additive")),
    "captioner": Net("Captioner: the image is the first input, words come out", _captioner),
    "renet": Net("ReNet: sweeps down and up, then right and left, over an image", _renet),
    "tree": Net("Recursive net: U, V, W at every node of a parse tree", _forest(nn.RecursiveNet)),
    "tree-lstm": Net("Tree-LSTM: a forget gate for each child of a node", _forest(nn.TreeLSTM)),
    "trees": Net("Batch of trees: all nodes of one height are computed at once", _forest(nn.RecursiveNet, True)),
}  # fmt: skip


def build(
    name: str, steps: int, inputs: int = 8, hidden: int = 16, classes: int = 5, batch: int = 4, seed: int = 0,
    truncate: int | None = None,
) -> tuple[mg.Tensor, nn.Module]:  # fmt: skip
    """A net of NETS on made-up data: (loss, net). The same arguments give the same numbers.

    steps: time steps; of a tree the leaves, of an image the rows and columns. truncate: no gradient crosses from one
    chunk of so many steps to the one before. Raises ValueError for an unknown name, fewer than one step, or a net
    whose steps cannot be truncated.
    """
    if name not in NETS:
        raise ValueError(f"no net is called {name!r}; there are {', '.join(NETS)}")
    if steps < 1:
        raise ValueError(f"steps={steps}: at least one step is needed")
    if truncate is not None and not NETS[name].chunks:
        able = ", ".join(other for other, net in NETS.items() if net.chunks)
        raise ValueError(f"truncate={truncate}: {name!r} is not unrolled step by step; these are: {able}")
    rng = numpy.random.default_rng(seed)
    mg.manual_seed(seed)
    return NETS[name].make(Sizes(steps, inputs, hidden, classes, batch, truncate, rng))
