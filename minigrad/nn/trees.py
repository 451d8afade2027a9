"""Nets over trees: parameters for the equations of recurrent/steps.py, folded over a forest by recurrent/fold.py."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..errors import ShapeError
from ..recurrent import (
    Children,
    Folded,
    RecursiveWeights,
    Weights,
    child_sum_lstm_step,
    fold,
    nary_lstm_step,
    recursive_step,
)
from ..tensor import Tensor
from . import init
from .module import Module, Parameter, placed

__all__ = ["RecursiveNet", "TreeLSTM"]


class TreeNet(Module):
    """A net over trees: net(forest, x) -> (roots, nodes). forest: a list of B minigrad.data.Tree with N nodes together,
    whose labels are rows of x (V, I), such as an embedding's weight; None for a node without an input. roots (B, H),
    nodes (N, H): tree by tree, the nodes of a tree by number. Raises ShapeError if x does not fit, or naming a node
    with more children than there are weights for; IndexError naming the node whose label is no row of x.
    """

    input_size: int
    arity: int | None = None  # the most children of a node; None: any number

    def advance(self, x: Tensor | None, children: Children | None) -> tuple[Tensor, ...]:
        """All nodes of one height."""
        raise NotImplementedError

    def forward(self, forest: Sequence[Any], x: Any, batched: bool = True) -> tuple[Tensor, Tensor]:
        """(roots (B, H), nodes (N, H)). batched=False: one node a call, for pictures in the shape of the tree."""
        folded = self.fold(forest, x, batched)
        return folded.roots[0], folded.nodes[0]

    def fold(self, forest: Sequence[Any], x: Any, batched: bool = True) -> Folded:
        """As forward, with all parts of the state and the merge plan; see recurrent.fold."""
        x = x if isinstance(x, Tensor) else Tensor(x)
        if x.ndim != 2 or x.shape[1] != self.input_size:
            raise ShapeError(placed(f"{type(self).__name__}: x {x.shape} must be (tokens, {self.input_size})"))
        if self.arity is not None and isinstance(forest, (list, tuple)):
            self._check_arity(forest)
        return fold(self.advance, forest, x, batched)

    def _check_arity(self, forest: Sequence[Any]) -> None:
        for t, tree in enumerate(forest):
            for node, below in enumerate(tree.children):
                if len(below) > self.arity:
                    text = f"tree {t}, node {node} has {len(below)} children; at most {self.arity} have weights"
                    raise ShapeError(placed(f"{type(self).__name__}: {text}"))


def _check_sizes(input_size: int, hidden_size: int) -> None:
    if input_size < 1 or hidden_size < 1:
        raise ValueError(f"input_size {input_size} and hidden_size {hidden_size} must be at least 1")


class RecursiveNet(TreeNet):
    """The recursive net (Socher et al., 2011): h = tanh(V x + U left + W right + b), the same U, V, W at every node.

    V (H, I), U and W (H, H), b (H,); they start uniform within 1 / sqrt(H). Call and shapes: see TreeNet; a unary node
    has a left child only. Not to be abbreviated as RNN.
    """

    arity = 2

    def __init__(self, input_size: int, hidden_size: int, rng: init.Rng = None):
        _check_sizes(input_size, hidden_size)
        self.input_size, self.hidden_size = input_size, hidden_size
        bound = 1 / math.sqrt(hidden_size)
        self.U = Parameter(init.uniform((hidden_size, hidden_size), -bound, bound, rng))
        self.V = Parameter(init.uniform((hidden_size, input_size), -bound, bound, rng))
        self.W = Parameter(init.uniform((hidden_size, hidden_size), -bound, bound, rng))
        self.b = Parameter(init.uniform((hidden_size,), -bound, bound, rng))

    def advance(self, x: Tensor | None, children: Children | None) -> tuple[Tensor]:
        """All nodes of one height."""
        return recursive_step(x, children, RecursiveWeights(self.U, self.V, self.W, self.b))


class TreeLSTM(TreeNet):
    """Long short-term memory over trees (Tai, Socher & Manning, 2015). The state of a node is (h, c).

    kind: "child_sum", for any number of children, whose order does not matter, one forget gate for each; or "nary", for
    up to `arity` ordered children, each with weights of its own. weight_ih (4H, I), bias_ih (4H,) with rows i, f, g, o;
    weight_hh (4H, H) for child_sum, ((3 + arity)H, arity * H) with rows i, f of each child, g, o for nary. They start
    uniform within 1 / sqrt(H). With at most one child both are the ordinary LSTM. Call and shapes: see TreeNet;
    equations: recurrent.child_sum_lstm_step, recurrent.nary_lstm_step.
    """

    def __init__(
        self, input_size: int, hidden_size: int, kind: str = "child_sum", arity: int | None = None, rng: init.Rng = None
    ):
        _check_sizes(input_size, hidden_size)
        if kind not in ("child_sum", "nary"):
            raise ValueError(f"kind={kind!r} is not one of 'child_sum', 'nary'")
        if kind == "child_sum" and arity is not None:
            raise ValueError(f"arity={arity}: a child-sum TreeLSTM takes any number of children; kind='nary' has one")
        self.input_size, self.hidden_size, self.kind = input_size, hidden_size, kind
        self.arity = 2 if kind == "nary" and arity is None else arity
        if kind == "nary" and self.arity < 1:
            raise ValueError(f"arity={arity}: a node has at least one child")
        bound, children = 1 / math.sqrt(hidden_size), self.arity or 1
        self.weight_ih = Parameter(init.uniform((4 * hidden_size, input_size), -bound, bound, rng))
        shape = ((3 + children) * hidden_size, children * hidden_size)
        self.weight_hh = Parameter(init.uniform(shape, -bound, bound, rng))
        self.bias_ih = Parameter(init.uniform((4 * hidden_size,), -bound, bound, rng))

    def advance(self, x: Tensor | None, children: Children | None) -> tuple[Tensor, Tensor]:
        """All nodes of one height."""
        step = child_sum_lstm_step if self.kind == "child_sum" else nary_lstm_step
        return step(x, children, Weights(self.weight_ih, self.weight_hh, self.bias_ih))
