"""The recurrent circuit of a recorded graph, as data: one copy of the step, with a delay where the value of another
step is read, and the nodes that do otherwise kept whole, so that nothing is lost. Imports lattice and snapshot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from itertools import zip_longest

from .lattice import Lattice, Role, Source
from .snapshot import Graph, OpNode, Ref

__all__ = ["Folded", "Read", "StepOp", "fold", "unfold"]

HERE = ("step", "t")  # stands for the frame of the step itself in the scope of a role


@dataclass(frozen=True)
class Read:
    """What one argument of a role usually reads: an output of another role, or the input of the step that is that role,
    `delay` steps ago (negative: steps ahead); without a role what `ref` says, the next piece of it each step if it
    moves."""

    ref: Ref
    role: int | None = None
    delay: int = 0
    moves: bool = False


@dataclass(frozen=True)
class StepOp:
    """An op of the step. node: what its nodes have in common. reads: one for each argument. nodes: lane -> number of
    the node that it stands for there."""

    role: int
    name: str | None
    node: OpNode
    reads: tuple[Read, ...]
    nodes: dict[int, int]

    @property
    def op(self) -> str:
        return self.node.op


@dataclass
class Folded:
    """A graph with time steps, folded: steps[lane] is the index of a step; ops are the roles; inputs: role -> lane ->
    leaf, one for each step; parameters: leaves that the steps share; first: (role, argument) -> the state it begins
    with; outside: nodes before and after the steps; exceptions: nodes of the steps that differ from their role."""

    steps: list[int]
    ops: dict[int, StepOp]
    inputs: dict[int, dict[int, Source]]
    parameters: list[int]
    first: dict[tuple[int, int], Source]
    outside: list[OpNode]
    exceptions: dict[int, OpNode]
    lattice: Lattice

    def edges(self) -> list[tuple[int, int, Read]]:
        """(role, argument, what it reads) for everything but plain numbers and arrays."""
        return [
            (op.role, position, read)
            for op in self.ops.values()
            for position, read in enumerate(op.reads)
            if read.role is not None or read.ref.kind in ("node", "leaf")
        ]


def fold(graph: Graph) -> Folded:
    """Folds a graph whose nodes have a scope ("step", t). Raises ValueError for a graph without time steps."""
    lattice = Lattice(_with_steps(graph))
    if not lattice.steps:
        raise ValueError("folded: no time steps in this graph")
    ops, exceptions = {}, {}
    for role in lattice.roles:
        if role.op != "leaf":
            ops[role.number], odd = _step_op(lattice, role, [graph.nodes[n] for n in role.lanes.values()])
            exceptions.update({node.number: node for node in odd})
    inputs = {role.number: dict(role.sources) for role in lattice.roles if role.op == "leaf"}
    parameters = [s[1] for s in lattice.rails if s[0] == "leaf" and graph.leaves[s[1]].parameter]
    first = {(slot.role, slot.position): slot.source for slot in lattice.initial}
    outside = [node for node in graph.nodes if node.number not in lattice.lane_of]
    return Folded(lattice.steps, ops, inputs, parameters, first, outside, exceptions, lattice)


def unfold(folded: Folded) -> list[OpNode]:
    """The nodes of the recorded graph, with their numbers, inputs and scopes."""
    nodes = [*folded.outside, *folded.exceptions.values()]
    for op in folded.ops.values():
        nodes += [_unfolded(folded, op, lane) for lane, n in op.nodes.items() if n not in folded.exceptions]
    return sorted(nodes, key=lambda node: node.number)


# ---- one role


def _step_op(lattice: Lattice, role: Role, nodes: list[OpNode]) -> tuple[StepOp, list[OpNode]]:
    """What most of the nodes have in common, and the nodes that differ from it."""
    blanks = [_blank(node) for node in nodes]
    reads = [tuple([_read(lattice, ref, lane) for ref in node.inputs]) for lane, node in zip(role.lanes, nodes)]
    usual = tuple(map(_usual, zip_longest(*reads, fillvalue=Read(Ref("none")))))
    op = StepOp(role.number, role.name, _usual(blanks), usual, dict(role.lanes))
    return op, [node for node, blank, read in zip(nodes, blanks, reads) if (blank, read) != (op.node, op.reads)]


def _blank(node: OpNode) -> OpNode:
    """The node without what differs from step to step."""
    frame = next((f for f in node.scope if f[0] == "step" and f[1] is not None), None)
    at = node.scope.index(frame) if frame else len(node.scope)
    scope = (*node.scope[:at], *([HERE] if frame else []), *node.scope[at + 1 :])
    return replace(node, number=-1, inputs=(), scope=scope)


def _read(lattice: Lattice, ref: Ref, lane: int) -> Read:
    if ref.kind == "node" and ref.number in lattice.lane_of:
        role, source_lane = lattice.role_of[ref.number]
        return Read(ref._replace(number=-1), role, lane - source_lane)
    if ref.kind == "leaf" and (("leaf", ref.number), lane) in lattice.inputs:
        return Read(ref._replace(number=-1), lattice.inputs[("leaf", ref.number), lane])
    node = lattice.by_number[ref.number] if ref.kind == "node" else None
    if node is not None and node.op == "unstack" and len(node.outputs) > 1:
        return Read(ref._replace(index=ref.index - lane), moves=True)
    return Read(ref)


def _unfolded(folded: Folded, op: StepOp, lane: int) -> OpNode:
    """The node that a role stands for in a step that is as usual."""
    scope = tuple(("step", folded.steps[lane]) if frame == HERE else frame for frame in op.node.scope)
    inputs = tuple(_ref(folded, read, lane) for read in op.reads)
    return replace(op.node, number=op.nodes[lane], inputs=inputs, scope=scope)


def _ref(folded: Folded, read: Read, lane: int) -> Ref:
    if read.moves:
        return read.ref._replace(index=read.ref.index + lane)
    if read.role is None:
        return read.ref
    if read.role in folded.inputs:
        return read.ref._replace(number=folded.inputs[read.role][lane][1])
    return read.ref._replace(number=folded.ops[read.role].nodes[lane - read.delay])


def _usual(values: Iterable[Hashable]):
    """The most frequent; among equals the later, since the first step is the odd one."""
    return Counter(reversed(list(values))).most_common(1)[0][0]


# ---- ops that the program wrote outside the steps, once for each


def _with_steps(graph: Graph) -> Graph:
    """The graph with a step for what comes again for every step outside of them: a sum over the losses of all steps, an
    embedding of each input."""
    steps = {node.number: node.step for node in graph.nodes}
    every = sorted({step for step in steps.values() if step is not None})
    found = {**_after(graph, steps), **_before(graph, steps)}
    kinds: dict[tuple, dict[int, int]] = {}
    for number, step in found.items():
        node = graph.nodes[number]
        kinds.setdefault((node.op, node.scope, node.names), {}).setdefault(step, number)
    often = [numbers for numbers in kinds.values() if len(numbers) > max(1, len(every) // 2)]
    own = {number: step for numbers in often for step, number in numbers.items()}
    return replace(
        graph,
        nodes=[replace(n, scope=(*n.scope, ("step", own[n.number]))) if n.number in own else n for n in graph.nodes],
    )


def _after(graph: Graph, steps: dict[int, int | None]) -> dict[int, int]:
    """Nodes outside -> the last step that they hear of."""
    found: dict[int, int] = {}
    for node in graph.nodes:
        if steps[node.number] is None and node.op not in ("cut", "stack", "unstack"):
            heard = [found.get(r.number, steps[r.number]) for r in node.inputs if r.kind == "node"]
            heard = [step for step in heard if step is not None]
            if heard:
                found[node.number] = max(heard)
    return found


def _before(graph: Graph, steps: dict[int, int | None]) -> dict[int, int]:
    """Nodes outside -> the one step that everything which reads them belongs to."""
    readers: dict[int, set[int | None]] = {}
    found: dict[int, int] = {}
    for node in reversed(graph.nodes):
        mine = steps[node.number]
        if mine is None and len(readers.get(node.number, ())) == 1 and node.op not in ("cut", "stack", "unstack"):
            (mine,) = readers[node.number]
            if mine is not None:
                found[node.number] = mine
        for ref in node.inputs:
            if ref.kind == "node":
                readers.setdefault(ref.number, set()).add(mine)
    return found
