"""A recorded graph as plain dataclasses: what was computed from what, where in the program, and nothing that can
change later. Imports minigrad.graph only; tensors are asked for .node, .name, .shape, .requires_grad, .note and
.data, whatever their class."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from minigrad.graph import Constant, history

__all__ = ["Graph", "Leaf", "OpNode", "Ref", "Stat", "capture"]


@dataclass(frozen=True)
class Stat:
    """What a picture keeps of an array: its norm, mean and std, the array itself while it is tiny, else its first
    elements, and the norm of each row where the rows are the nodes of a tree, or the positions that attention looks at.
    """

    norm: float
    mean: float
    std: float
    whole: Any = None  # nested lists of numbers, or None for more than 8 elements
    rows: tuple[float, ...] = ()
    first: tuple[float, ...] = ()

    def part(self, row: int | None) -> float:
        """The norm of a row; None: of all."""
        return self.norm if row is None else self.rows[row]


class Ref(NamedTuple):
    """One argument of an op. kind: "node" (number and output index), "leaf" (number), "scalar" (value) or "array"
    (shape, dtype)."""

    kind: str
    number: int = -1
    index: int = 0
    value: Any = None
    differentiable: bool = False
    name: str = ""  # what the op calls the argument


@dataclass(frozen=True)
class OpNode:
    """One op. number: its rank in creation order. scope: frames (name, index). names: {output index: name the program
    gave}. fused: one kernel that stands for many ops. error: why it could not be computed; then it has no outputs."""

    number: int
    op: str
    inputs: tuple[Ref, ...]
    outputs: tuple[tuple[tuple[int, ...], str], ...]
    scope: tuple[tuple[str, int | None], ...]
    params: tuple[tuple[str, str], ...] = ()
    names: tuple[tuple[int, str], ...] = ()
    freed: bool = False
    fused: bool = False
    error: str = ""

    def name(self, index: int = 0) -> str | None:
        for i, name in self.names:
            if i == index:
                return name
        return None

    @functools.cached_property
    def step(self) -> int | None:
        """The time step that it stands in."""
        return next((index for name, index in self.scope if name == "step" and index is not None), None)


@dataclass(frozen=True)
class Leaf:
    """A tensor that no op made. parameter: it has a gradient to collect and a module's path for a name, or the model
    lists it. origin: where a detached tensor was computed, `step 12` or ""; None for any other."""

    number: int
    name: str | None
    shape: tuple[int, ...]
    dtype: str
    requires_grad: bool
    parameter: bool = False
    origin: str | None = None


@dataclass
class Graph:
    """The whole picture in data. values and gradients are keyed by ("node", number, output) or ("leaf", number),
    contributions by (node number, input position); empty where nothing is known, gradients None where no backward
    pass was watched. joined: of the sum of several contributions to one value. alignments: for the softmax of an
    attention the weight of each source position, of the first sequence of the batch, or None if it was freed."""

    nodes: list[OpNode]
    leaves: list[Leaf]
    roots: tuple[tuple, ...] = ()
    values: dict[tuple, Stat] = field(default_factory=dict)
    gradients: dict[tuple, Stat] | None = None
    contributions: dict[tuple[int, int], Stat] = field(default_factory=dict)
    joined: dict[tuple[tuple[int, int], ...], Stat] = field(default_factory=dict)
    alignments: dict[int, tuple[float, ...] | None] = field(default_factory=dict)


def key_of(ref: Ref) -> tuple:
    """The key of the value that an argument refers to."""
    return ("node", ref.number, ref.index) if ref.kind == "node" else ("leaf", ref.number)


class Numbers:
    """Gives nodes and leaves their numbers while a graph is read; keeps the engine's objects so that values can be
    looked up. cuts: what was detached from a node of the same graph, by number: drawn as an op that passes no gradient.
    """

    def __init__(self, nodes: Sequence[Any], names: dict[int, str]):
        cut_off = _detached(nodes)
        made = [one for node in nodes for one in (node, *cut_off.get(node.order, ()))]
        self.nodes = {one: number for number, one in enumerate(made) if hasattr(one, "op")}
        self.cuts = {number: one for number, one in enumerate(made) if not hasattr(one, "op")}
        self.cut_of = {id(tensor): number for number, tensor in self.cuts.items()}
        self.leaves: dict[int, int] = {}
        self.tensors: list[Any] = []
        self.names = names

    def leaf(self, tensor: Any) -> int:
        if id(tensor) not in self.leaves:
            self.leaves[id(tensor)] = len(self.tensors)
            self.tensors.append(tensor)
        return self.leaves[id(tensor)]

    def ref(self, x: Any, differentiable: bool, name: str) -> Ref:
        if type(x) is tuple:
            return Ref("node", self.nodes[x[0]], x[1], differentiable=differentiable, name=name)
        if isinstance(x, Constant):
            return Ref("array", value=(tuple(x.shape), _name_of(x.dtype)), name=name)
        if hasattr(x, "requires_grad"):
            return Ref(*self.key(x), differentiable=differentiable, name=name)
        return Ref("scalar", value=x, name=name)

    def key(self, tensor: Any) -> tuple:
        if tensor.node is not None:
            return ("node", self.nodes[tensor.node], tensor.index)
        cut = self.cut_of.get(id(tensor))
        return ("leaf", self.leaf(tensor)) if cut is None else ("node", cut, 0)


def _detached(nodes: Sequence[Any]) -> dict[int, list[Any]]:
    """The tensors that ops of a graph read and that were detached from ops of the same graph, by the order of these."""
    orders = {node.order for node in nodes}
    read = {id(x): x for node in nodes for x in node.inputs if getattr(x, "note", None) and not x.requires_grad}
    found: dict[int, list[Any]] = {}
    for tensor in read.values():
        if tensor.note.order in orders:
            found.setdefault(tensor.note.order, []).append(tensor)
    return found


def capture(target: Any, model: Any = None) -> tuple[Graph, Numbers]:
    """Reads the graph behind a tensor, or behind a list of them.

    model: a module whose `named_parameters()` are drawn as parameters with those names; without it a leaf that asks
    for a gradient and whose name is a path counts as one. Raises TypeError for anything that is not a tensor.
    """
    tensors = list(target) if isinstance(target, (list, tuple)) else [target]
    if not tensors:
        raise TypeError("nothing to draw: an empty list")
    for tensor in tensors:
        if not hasattr(tensor, "node") or not hasattr(tensor, "requires_grad"):
            raise TypeError(f"draw needs a Tensor, a list of Tensors or a Record, not {type(tensor).__name__}")
    names = {id(p): name for name, p in model.named_parameters()} if model is not None else {}
    engine_nodes = history(tensors)
    numbers = Numbers(engine_nodes, names)
    nodes = [_node(numbers, number, node) for node, number in numbers.nodes.items()]
    place = {node.order: number for node, number in numbers.nodes.items()}
    nodes += [_cut(place[tensor.note.order], number, tensor) for number, tensor in numbers.cuts.items()]
    nodes.sort(key=lambda node: node.number)
    roots = tuple(dict.fromkeys(numbers.key(tensor) for tensor in tensors))
    leaves = [_leaf(numbers, number, tensor) for number, tensor in enumerate(numbers.tensors)]
    alignments = {i: _weights(node) for i, node in enumerate(engine_nodes) if _is_alignment(node)}
    return Graph(nodes, leaves, roots, alignments=alignments), numbers


def _node(numbers: Numbers, number: int, node: Any) -> OpNode:
    rules = getattr(node.plan, "rules", None) or (None,) * len(node.inputs)
    return OpNode(
        number=number,
        op=_op_name(node),
        inputs=tuple(
            [numbers.ref(x, rule is not None, name) for x, rule, name in zip(node.inputs, rules, _arguments(node))]
        ),
        outputs=tuple([(tuple(shape), _name_of(dtype)) for shape, dtype in node.out_info]),
        scope=tuple(node.scope),
        params=tuple([(str(name), _short(value)) for name, value in node.params.items()]),
        names=tuple(sorted((node.names or {}).items())),
        freed=bool(node.freed),
        fused=_is_fused(node),
    )


@functools.cache
def _name_of(dtype: Any) -> str:
    return str(dtype)  # NumPy composes it anew at each call


def is_attention(frame: tuple[str, int | None]) -> bool:
    """Is it the frame of an attention, by the name that a decoder or the module gives it?"""
    return frame[1] is None and frame[0].rpartition(".")[2].lower() == "attention"


def _is_alignment(node: Any) -> bool:
    return node.op.name == "softmax" and len(node.out_info[0][0]) == 2 and any(map(is_attention, node.scope))


def _weights(node: Any) -> tuple[float, ...] | None:
    y = None if node.freed else node.op.saved(node).get("y")
    if y is None or not len(y):
        return None
    first = y[0]
    return tuple((first.get() if hasattr(first, "get") else first).tolist())


def _is_fused(node: Any) -> bool:
    return hasattr(node.op, "reference")


def _op_name(node: Any) -> str:
    """Of a kernel in words, with the length of the sequence (T, B, H) that it computes: `LSTM over 50 steps`."""
    name, shape = str(node.op.name), node.out_info[0][0]
    if not _is_fused(node):
        return name
    words = " ".join([word.upper() if word in ("rnn", "lstm", "gru") else word for word in name.split("_")])
    return f"{words} over {shape[0]} step{'s'[: shape[0] != 1]}" if len(shape) == 3 else words


def _cut(source: int, number: int, tensor: Any) -> OpNode:
    """What `minigrad.ops.cut` would have recorded in place of detach()."""
    ref = Ref("node", source, tensor.note.index, name="x")
    return OpNode(number, "cut", (ref,), ((tuple(tensor.shape), str(tensor.dtype)),), ())


def _arguments(node: Any) -> list[str]:
    """What the op calls its arguments; those of a variadic op have no names of their own."""
    names = list(getattr(node.op, "args", ()) or ())
    return [names[i] if i < len(names) else "" for i in range(len(node.inputs))]


def _leaf(numbers: Numbers, number: int, tensor: Any) -> Leaf:
    known = numbers.names.get(id(tensor))
    name = known or tensor.name
    parameter = tensor.requires_grad and (known is not None or bool(name and "." in name) or _is_parameter(tensor))
    origin = _origin(tensor.note) if tensor.note else None
    shape, dtype = tuple(tensor.shape), str(tensor.dtype)
    return Leaf(number, name, shape, dtype, bool(tensor.requires_grad), bool(parameter), origin)


def _origin(note: Any) -> str:
    """`step 12`, counted from 1 as the pictures do; "" outside of steps."""
    step = next((index for frame, index in reversed(note.scope) if frame == "step" and index is not None), None)
    return "" if step is None else f"step {step + 1}"


def _is_parameter(tensor: Any) -> bool:
    return any(cls.__name__ == "Parameter" for cls in type(tensor).__mro__)


def _short(value: Any, most: int = 60) -> str:
    """Metadata for a tooltip. An array is told by its shape, so that no value and no address reaches the picture."""
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"array{tuple(value.shape)}"
    if isinstance(value, (tuple, list)):
        text = "(" + ", ".join(_short(v, most) for v in value) + ")"
    elif isinstance(value, (int, float, str, bool, slice, type(None), type(Ellipsis))):
        text = str(value) if isinstance(value, str) else repr(value)
    else:
        text = type(value).__name__
    return text if len(text) <= most else text[: most - 1] + "…"
