"""Nets one after the other, such as an encoder and its decoder, as graphs of their own, each with the values that one
hands on to the next. Imports lattice, snapshot and steps."""

from __future__ import annotations

import math
from dataclasses import replace

from .lattice import ELSEWHERE, HANDED
from .snapshot import Graph, OpNode, Ref, Stat
from .steps import Steps

__all__ = ["name_of", "rejoined", "split"]

Handed = dict[tuple[int, int], list[tuple[int, int]]]  # (node, output) -> (node, argument) of the next net that read it


def split(graph: Graph) -> list[Graph]:
    """One graph for each net that counts its steps from the beginning, in their order; the graph itself if it is one;
    none if the nets are no chain, in which the steps of each read what the one before hands on.

    Every graph keeps the numbers of the nodes. What is not its own is "elsewhere"; for each value that is handed on
    there is one node more, which reads it in the net that makes it and is read in its place in the next.
    """
    if _is_one(graph):
        return [graph]
    steps = Steps(graph)
    net = _nets(graph, steps)
    count = max(net.values(), default=0) + 1
    if count == 1:
        return [graph]
    handed = _handed(graph, net)
    if not _is_chain(graph, steps, net, handed):
        return []
    place = {key: len(graph.nodes) + i for i, key in enumerate(handed)}
    whole = _with_handed(graph, handed, place)
    return [_part(whole, net, place, mine) for mine in range(count)]


def rejoined(parts: list[list[OpNode]]) -> list[OpNode]:
    """The nodes of the graph that was split, from those of its parts."""
    nodes = [node for part in parts for node in part]
    origin = {node.number: node.inputs[0] for node in nodes if node.op == HANDED and node.inputs}
    own = [node for node in nodes if node.op not in (ELSEWHERE, HANDED)]
    return [
        replace(node, inputs=tuple([_moved(ref, origin) for ref in node.inputs]))
        for node in sorted(own, key=lambda node: node.number)
    ]


def _moved(ref: Ref, origin: dict[int, Ref]) -> Ref:
    there = origin.get(ref.number) if ref.kind == "node" else None
    return ref if there is None else ref._replace(number=there.number, index=there.index)


def name_of(part: Graph, parts: list[Graph]) -> str:
    """What the program calls the net: the first of its modules that the nets do not have in common; "" without one."""
    frames = [_common(other) for other in parts]
    at = next((i for i, found in enumerate(zip(*frames)) if len(set(found)) > 1), None)
    return "" if at is None else frames[parts.index(part)][at][0].rpartition(".")[2]


def _common(part: Graph) -> list[tuple]:
    """The frames around all of its steps."""
    scopes = [node.scope[: [name for name, _ in node.scope].index("step")] for node in part.nodes
              if any(name == "step" for name, _ in node.scope)]  # fmt: skip
    return [found[0] for found in zip(*scopes) if len(set(found)) == 1]


# ---- which net a node belongs to


def _is_one(graph: Graph) -> bool:
    """Does one layer go through several steps once? Most graphs are so, and need no closer look."""
    inside = [node for node in graph.nodes if node.step is not None]
    steps = [node.step for node in inside]
    layers = {node.scope[: node.scope.index(("step", node.step))] for node in inside}
    return len(layers) == 1 and min(steps) < max(steps) and steps == sorted(steps)


def _nets(graph: Graph, steps: Steps) -> dict[int, int]:
    """node -> its net. What is computed from steps outside of them belongs to the net of those steps; what steps alone
    read, and a tensor that is taken apart for them, to the first that reads it."""
    net = {number: steps.lanes[lane][0] for number, lane in steps.lane.items()}
    for node in graph.nodes:
        heard = [net[ref.number] for ref in node.inputs if ref.kind == "node" and ref.number in net]
        if heard:
            net.setdefault(node.number, max(heard))
    readers: dict[int, list[int]] = {}
    for node in reversed(graph.nodes):
        mine = readers.get(node.number, [0])
        net[node.number] = min(mine) if node.op == "unstack" else net.get(node.number, min(mine))
        for ref in node.inputs:
            if ref.kind == "node":
                readers.setdefault(ref.number, []).append(net[node.number])
    return net


def _handed(graph: Graph, net: dict[int, int]) -> Handed:
    found: Handed = {}
    for node in graph.nodes:
        for position, ref in enumerate(node.inputs):
            if ref.kind == "node" and net[ref.number] != net[node.number]:
                found.setdefault((ref.number, ref.index), []).append((node.number, position))
    return found


def _is_chain(graph: Graph, steps: Steps, net: dict[int, int], handed: Handed) -> bool:
    feeding = set(steps.lane)
    for node in reversed(graph.nodes):
        if node.number in feeding:
            feeding |= {r.number for r in node.inputs if r.kind == "node" and net[r.number] == net[node.number]}
    links = {(net[number], net[reader]) for (number, _), edges in handed.items() for reader, _ in edges}
    read_in_steps = all(any(reader in feeding for reader, _ in edges) for edges in handed.values())
    return read_in_steps and links == {(i, i + 1) for i in range(max(net.values()))}


# ---- the parts


def _with_handed(graph: Graph, handed: Handed, place: dict) -> Graph:
    """The graph with a node for each value that is handed on, and its numbers."""
    nodes, values = list(graph.nodes), dict(graph.values)
    gradients, contributions = dict(graph.gradients or {}), dict(graph.contributions)
    for (number, index), edges in handed.items():
        new, old, ref = place[number, index], ("node", number, index), Ref("node", number, index)
        name, step = _called(graph, ref)
        params = _heard(graph, ref) if step is None else (("step", str(step)),)
        named = () if name is None else ((0, name),)
        output = graph.nodes[number].outputs[index]
        nodes.append(OpNode(new, HANDED, (ref,), (output,), ((HANDED, new),), params, named))
        if old in values:
            values["node", new, 0] = values[old]
        sent = _sent_back(graph, edges)
        if sent is not None:
            gradients["node", new, 0] = contributions[new, 0] = sent
    gradients = None if graph.gradients is None else gradients
    return replace(graph, nodes=nodes, values=values, gradients=gradients, contributions=contributions)


def _called(graph: Graph, ref: Ref) -> tuple[str | None, int | None]:
    """Name and step of a state that is handed on, also of several in one stack, such as those of all layers."""
    node = graph.nodes[ref.number]
    if node.op in ("stack", "unstack", "cut"):
        found = {_called(graph, other) for other in node.inputs}
        return found.pop() if len(found) == 1 else (None, None)
    return node.name(ref.index), node.step


def _heard(graph: Graph, ref: Ref) -> tuple[tuple[str, str], ...]:
    """("all", name) if something is computed from one value of every step."""
    waiting, seen = [ref.number], set()
    while waiting:
        node = graph.nodes[waiting.pop()]
        if node.number in seen or node.step is not None:
            continue
        seen.add(node.number)
        read = [graph.nodes[other.number] for other in node.inputs if other.kind == "node"]
        waiting += [other.number for other in read]
        scopes = {tuple([frame for frame in other.scope if frame[0] != "step"]) for other in read}
        if node.op == "stack" and len({other.step for other in read} - {None}) > 1 == len(scopes):
            return (("all", read[0].name(node.inputs[0].index) or "steps"),)
    return ()


def _sent_back(graph: Graph, edges: list[tuple[int, int]]) -> Stat | None:
    """What the next net sends back: the sum of the contributions if it was recorded, else all of them together."""
    parts = [graph.contributions[edge] for edge in edges if edge in graph.contributions]
    if len(parts) < 2:
        return parts[0] if parts else None
    return graph.joined.get(tuple(edges)) or Stat(math.hypot(*[part.norm for part in parts]), 0.0, 0.0)


def _part(graph: Graph, net: dict[int, int], place: dict, mine: int) -> Graph:
    maker = {number: net[key[0]] for key, number in place.items()}
    nodes = []
    for node in graph.nodes:
        if node.number not in maker and net[node.number] == mine:
            nodes.append(replace(node, inputs=tuple([_received(ref, net, place, mine) for ref in node.inputs])))
        elif maker.get(node.number) == mine:
            nodes.append(node)
        else:
            op = HANDED if maker.get(node.number) == mine - 1 else ELSEWHERE
            nodes.append(replace(node, op=op, inputs=(), scope=()))
    roots = tuple([root for root in graph.roots if root[0] == "node" and net[root[1]] == mine])
    return replace(graph, nodes=nodes, roots=roots)


def _received(ref: Ref, net: dict[int, int], place: dict, mine: int) -> Ref:
    if ref.kind != "node" or net[ref.number] == mine:
        return ref
    return ref._replace(number=place[ref.number, ref.index], index=0)
