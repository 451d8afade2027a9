"""Nets that each count their steps from the beginning, such as an encoder and a decoder, put one after the other on one
line of time. Imports snapshot and steps."""

from __future__ import annotations

from dataclasses import replace

from .snapshot import Graph
from .steps import Steps

__all__ = ["in_a_row", "nets_of"]


def nets_of(graph: Graph) -> int:
    """How many nets have steps of their own. Those that run side by side, such as layers and directions, are one."""
    return len({group for group, _ in Steps(graph).lanes})


def in_a_row(graph: Graph) -> Graph:
    """The graph in which the steps of a net come after those of the nets before it."""
    place = dict(Steps(graph).lane)
    for node in reversed(graph.nodes):  # what only hands a value on stands where it is read
        for ref in node.inputs:
            if ref.kind == "node" and node.number in place:
                place.setdefault(ref.number, place[node.number])
    moved = [replace(node, scope=tuple([_moved(frame, place.get(node.number)) for frame in node.scope]))
             for node in graph.nodes]  # fmt: skip
    return replace(graph, nodes=moved)


def _moved(frame: tuple[str, int | None], step: int | None) -> tuple[str, int | None]:
    return ("step", step) if frame[0] == "step" and frame[1] is not None else frame
