"""What is written in the box of a cell: the kind of cell, the input or state, the read-out and its loss. Imports
contract and theme."""

from __future__ import annotations

from collections import Counter

from . import theme
from .contract import Cell, Contraction
from .parts import ATTENTION
from .scene import Span
from .snapshot import Graph
from .steps import Frames, in_layer

__all__ = ["label_of", "readout_name", "reads_of", "step_name", "sweep_of"]

CELLS = {frozenset("h"): "RNN", frozenset("hcifgo"): "LSTM", frozenset("hrzn"): "GRU"}
DEEP = ("before", "between", "after")  # what nn.DeepCell calls its MLPs
SWEEPS = {"vertical": ("row", "↓", "↑"), "horizontal": ("column", "→", "←")}  # over an image: steps, ways
ALONG = ("t =", "→", "←")


def label_of(contraction: Contraction, cell: Cell) -> tuple[Span, ...]:
    """The words in the box."""
    if cell.sources:
        return _source_label(contraction, cell)
    if cell.kind[0] == "cell":
        return _cell_label(contraction, cell)
    if cell.kind[0] == "outside" and contraction.feeds_steps(cell):
        return (Span(_outside_name(contraction, cell)),)
    return (Span(readout_name(contraction.graph, cell.nodes)),)


def readout_name(graph: Graph, nodes: list[int]) -> str:
    """Of what reads a net: its score and loss, a sum, or the last of its ops."""
    ops = [graph.nodes[n].op for n in nodes]
    words = ["ŷ"] if set(ops) & set(theme.PRODUCTS) else []
    words += dict.fromkeys(theme.glyph(op, ()) for op in ops if op in theme.LOSSES)
    if not words:
        words = ["Σ"] if set(ops) <= {"add", "sum", "mean", "stack"} else [theme.glyph(ops[-1], ())]
    return ", ".join(words)


def _source_label(contraction: Contraction, cell: Cell) -> tuple[Span, ...]:
    step = contraction.lanes[cell.lanes[0]][1] + 1
    subscript = {"first": step - 1, "input": step}.get(cell.place)
    if cell.place == "first" and cell.kind[1] in contraction.reversed:
        subscript = step + 1
    names = []
    for source in cell.sources:
        leaf = contraction.graph.leaves[source[1]] if source[0] == "leaf" else None
        name = leaf.name if leaf is not None else None
        names.append(name.rpartition(".")[2] if name else {"first": "h"}.get(cell.place, "x"))
    spans: list[Span] = []
    for name in dict.fromkeys(names):
        spans += [*([Span(", ")] if spans else []), *theme.variable(name, subscript)]
    return tuple(spans)


def _part_name(contraction: Contraction, kind: tuple) -> str:
    """What a part is called: the net in an encoder-decoder, else the type of its cell by the names in it, its layer or
    module."""
    graph = contraction.graph
    nodes = contraction.of_kind(kind)
    if kind[2] == ATTENTION:
        return "attention"
    names = [name for n in nodes for _, name in graph.nodes[n].names]
    named_parts = [other for other in contraction.recurrent if other[1] == kind[1] and isinstance(other[2], tuple)]
    if named_parts and kind not in named_parts:
        return names[-1] if names else theme.glyph(graph.nodes[nodes[-1]].op, ())
    nets = {lane[0]: _net(contraction, lane[0]) for lane in contraction.lanes}
    if len(set(nets.values())) > 1:
        return nets[contraction.lanes[contraction.lane[nodes[0]]][0]]
    if frozenset(names) in CELLS:
        deep = any(frame[0].rpartition(".")[2] in DEEP for n in nodes for frame in contraction.around[n][1])
        return "deep " * deep + CELLS[frozenset(names)]
    if set(names) == {"h", "y"} and {"y"} == {graph.nodes[n].name(i) for n in nodes for i in _carried(contraction, n)}:
        return "Jordan"
    modules = {_module_name(*contraction.around[n]) for n in nodes}
    return modules.pop() if len(modules) == 1 else "cell"


def _carried(contraction: Contraction, n: int) -> list[int]:
    """Which outputs of an op go on to another step."""
    outputs = range(len(contraction.graph.nodes[n].outputs))
    return [i for i in outputs if (contraction.role[n], i) in contraction.outputs]


def _net(contraction: Contraction, group: int) -> str:
    """What the program calls the net of a group of lanes: the module below the outermost one."""
    n = next(n for n in contraction.inside if contraction.lanes[contraction.lane[n]][0] == group)
    paths = [name for name, index in contraction.around[n][0] if index is None and name != "reverse"]
    return paths[min(1, len(paths) - 1)].partition(".")[0] if paths else "cell"


def _module_name(before: Frames, after: Frames) -> str:
    paths = [name for name, index in (before if in_layer(before) else after[:1]) if index is None and name != "reverse"]
    name = paths[-1].rpartition(".")[2] if paths else "cell"
    return name.removesuffix("Cell") or name


def _cell_label(contraction: Contraction, cell: Cell) -> tuple[Span, ...]:
    kind, base = cell.kind, _part_name(contraction, cell.kind)
    if any(contraction.graph.nodes[n].op in theme.LOSSES for n in cell.nodes):
        return label_of(contraction, Cell(cell.id, ("rest",), cell.place, cell.lanes, cell.nodes))
    layers = sorted({_layer(other) for other in contraction.recurrent if _layer(other) is not None})
    number = f" {_layer(kind) + 1}" if len(layers) > 1 and _layer(kind) is not None else ""
    _, onward, back = SWEEPS.get(_sweep(kind[1]), ALONG)
    if ("reverse", None) in kind[1]:
        return (Span(f"{back} {base}{number}"),)
    both = any(("reverse", None) in other[1] and _group(contraction, other) == _group(contraction, kind)
               for other in contraction.recurrent)  # fmt: skip
    return (Span(f"{base}{number}{f' {onward}' if both else ''}"),)


def sweep_of(contraction: Contraction, lane: int) -> str:
    """`vertical` or `horizontal` for a step of a sweep over an image, "" for any other."""
    return next(_sweep(contraction.around[n][0]) for n in contraction.inside if contraction.lane[n] == lane)


def step_name(contraction: Contraction, lane: int) -> str:
    """`t = 3`, or of a sweep over an image `row 3`."""
    return f"{SWEEPS.get(sweep_of(contraction, lane), ALONG)[0]} {contraction.lanes[lane][1] + 1}"


def _sweep(before: Frames) -> str:
    """What the program calls a sweep over an image, "" for any other layer."""
    names = [name.rpartition(".")[2] for name, index in before if index is None]
    return next((name for name in names if name in SWEEPS), "")


def _group(contraction: Contraction, kind: tuple) -> int:
    """The group of lanes that a part stands in."""
    return next(contraction.lanes[contraction.lane[n]][0] for n in contraction.inside
                if contraction.kind[contraction.role[n]] == kind)  # fmt: skip


def _layer(kind: tuple) -> int | None:
    frames = [*kind[1], *([kind[2]] if isinstance(kind[2], tuple) and kind[2] else [])]
    return next((index for name, index in reversed(frames) if name == "layer"), None)


def _outside_name(contraction: Contraction, cell: Cell) -> str:
    """Of what is computed for the steps outside of them."""
    graph = contraction.graph
    heads = [contraction.cells[link.head] for link in contraction.links if link.tail == cell.id]
    if all(head.kind[-1] == ATTENTION for head in heads):
        return "keys and values"
    learned = [n for n in cell.nodes if any(contraction.is_parameter(s) for _, s, _ in contraction.reads[n])]
    if learned:
        scopes = [[name for name, index in graph.nodes[n].scope if index is None] for n in learned]
        return ", ".join(dict.fromkeys(modules[-1].rpartition(".")[2] if modules else "inputs" for modules in scopes))
    ops = [graph.nodes[n].op for n in cell.nodes]
    return "x" if cell.place == "below" else theme.glyph("permute_dims" if "permute_dims" in ops else ops[-1], ())


def reads_of(graph: Graph, nodes: list[int]) -> str:
    """The ops of a cell, counted."""
    counts = Counter(theme.glyph(graph.nodes[n].op, ()) for n in nodes)
    return ", ".join(name if count == 1 else f"{count} {name}" for name, count in counts.items())
