"""Finds the time steps in a graph and what repeats in each: columns are steps, roles are the ops that come again in
every step. Also sorts the rest: what is computed before the first step, what after, what every step shares. Imports
snapshot only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import NamedTuple

from .snapshot import Graph, OpNode, Ref

__all__ = ["ELSEWHERE", "HANDED", "Lattice", "Role", "Slot", "Source"]

Source = tuple  # ("node", number, output) | ("leaf", number) | ("array", node number, position)
NO_PICTURE = (
    "cross_entropy",
    "nll",
    "bce_with_logits",
    "mse",
    "l1",
    "where",
    "masked_fill",
    "dropout",
)  # plain arrays: targets, masks
ELSEWHERE, HANDED = "elsewhere", "handed"  # stand, in one of several nets, for nodes of another, for what links the two


@dataclass
class Role:
    """One op as it comes again in every step, or (op "leaf") one input of the step. lanes: lane -> its node number."""

    number: int
    op: str
    lanes: dict[int, int] = field(default_factory=dict)
    sources: dict[int, Source] = field(default_factory=dict)  # of an input: lane -> leaf or array
    name: str | None = None


class Slot(NamedTuple):
    """One argument of one role in one lane, and where it comes from. cut: no gradient passes."""

    lane: int
    role: int
    position: int
    source: Source
    node: int
    cut: bool = False


class Lattice:
    """steps: the index of each lane. roles, role_of[node number] = (role, lane). slots: what step ops read.
    before, after: ops outside steps that the steps need, or not. rails: sources that more than one lane reads."""

    def __init__(self, graph: Graph):
        self.graph = graph
        self.by_number = {node.number: node for node in graph.nodes}
        lanes = {node.number: node.step for node in graph.nodes}
        self.steps = sorted({step for step in lanes.values() if step is not None})
        order = {step: lane for lane, step in enumerate(self.steps)}
        self.lane_of = {n: order[s] for n, s in lanes.items() if s is not None and self.by_number[n].op != "cut"}
        self.roles: list[Role] = []
        self.role_of: dict[int, tuple[int, int]] = {}
        self._find_roles()
        needed = self._feeding(self.lane_of)
        drawn = [node for node in graph.nodes if node.op not in ("cut", ELSEWHERE)]
        outside = [node for node in drawn if node.number not in self.lane_of]
        self.before = [node for node in outside if node.number in needed and not self._is_wire(node)]
        self.after = [node for node in outside if node.number not in needed and not self._is_wire(node)]
        self.stacks = [node for node in outside if self._is_stack(node)]
        self.reads_after = self._reads_after()
        self.slots = [slot for number in self.lane_of for slot in self._slots_of(number)]
        self.rails = self._find_rails()
        self._find_inputs()

    def looks_back(self) -> bool:
        """Does a step read what was computed from steps outside of them, as attention does?"""
        read = [slot.source for slot in self.slots]
        refs = [(ref, node.number, i) for node in self.before for i, ref in enumerate(node.inputs)]
        read_before = [self.resolve(*ref)[0] for ref in refs]
        in_steps = any(source and source[0] == "node" and source[1] in self.lane_of for source in read_before)
        return in_steps or any(source and source[0] == "bus" for source in [*read, *read_before])

    # ---- what a wire starts from

    def resolve(self, ref: Ref, node: int, position: int) -> tuple[Source | None, bool]:
        """Where an argument comes from, looking through cuts and unstacks, which are drawn as wires; and whether it
        is cut."""
        cut = False
        while ref.kind == "node" and self._passes(self.by_number[ref.number]):
            passing = self.by_number[ref.number]
            cut = cut or passing.op == "cut"
            node, position, ref = passing.number, 0, passing.inputs[0]
        if ref.kind == "node":
            bus = self._is_stack(self.by_number[ref.number])
            return (("bus", ref.number) if bus else ("node", ref.number, ref.index)), cut
        if ref.kind == "leaf":
            return ("leaf", ref.number), cut
        if ref.kind == "array" and ref.value[0] and self.by_number[node].op not in NO_PICTURE:
            return ("array", node, position), cut
        return None, cut

    def _passes(self, node: OpNode) -> bool:
        """Is the node drawn as a plain wire?"""
        if node.number in self.lane_of:
            return False
        return node.op in ("cut", "unstack") or (node.op == "stack" and len(node.inputs) == 1 and self._in_lanes(node))

    def _in_lanes(self, node: OpNode) -> bool:
        return all(ref.kind == "node" and ref.number in self.lane_of for ref in node.inputs)

    def _is_stack(self, node: OpNode) -> bool:
        """A stack of what one role computes in several steps: drawn as a bus above the steps."""
        if node.op != "stack" or node.number in self.lane_of or len(node.inputs) < 2 or not self._in_lanes(node):
            return False
        return len({(self.role_of[ref.number][0], ref.index) for ref in node.inputs}) == 1

    def _is_wire(self, node: OpNode) -> bool:
        return self._passes(node) or self._is_stack(node)

    def _reads_after(self) -> list[tuple[OpNode, int, Source, bool]]:
        """What the ops after the steps read: (node, position, source, is it cut)."""
        found = []
        for node in self.after:
            for position, ref in enumerate(node.inputs):
                source, cut = self.resolve(ref, node.number, position)
                if source is not None:
                    found.append((node, position, source, cut))
        return found

    def _feeding(self, numbers: dict[int, int]) -> set[int]:
        needed, waiting = set(), list(numbers)
        while waiting:
            for ref in self.by_number[waiting.pop()].inputs:
                if ref.kind == "node" and ref.number not in needed:
                    needed.add(ref.number)
                    waiting.append(ref.number)
        return needed

    def _slots_of(self, number: int) -> list[Slot]:
        role, lane = self.role_of[number]
        found = []
        for position, ref in enumerate(self.by_number[number].inputs):
            source, cut = self.resolve(ref, number, position)
            if source is not None:
                found.append(Slot(lane, role, position, source, number, cut))
        return found

    # ---- roles

    def _find_roles(self) -> None:
        """One common sequence of ops into which the sequence of every lane fits."""
        numbers: list[list[int]] = [[] for _ in self.steps]
        kinds: list[list[tuple]] = [[] for _ in self.steps]
        own = {number: _kind(self.by_number[number]) for number in self.lane_of}
        for node in self.graph.nodes:
            if node.number in self.lane_of:
                lane = self.lane_of[node.number]
                numbers[lane].append(node.number)
                kinds[lane].append((*own[node.number], self._reads(node, lane, own)))
        common: list[tuple] = []
        for kinds_of_lane in sorted(kinds, key=len, reverse=True):
            common = _merged(common, kinds_of_lane)
        self.roles = [Role(i, kind[0], name=dict(kind[2]).get(0)) for i, kind in enumerate(common)]
        for lane, made in enumerate(numbers):
            for number, place in zip(made, _places(common, kinds[lane])):
                self.roles[place].lanes[lane] = number
                self.role_of[number] = (place, lane)

    def _reads(self, node: OpNode, lane: int, kinds: dict[int, tuple]) -> tuple:
        """The kinds of what an op reads; a state carried here and one to begin with are alike."""
        reads: list[object] = []
        for ref in node.inputs:
            if ref.kind == "node" and self.lane_of.get(ref.number) == lane:
                reads.append((kinds[ref.number], ref.index))
            elif ref.kind == "leaf" and self.graph.leaves[ref.number].parameter:
                reads.append(ref.number)
            else:
                reads.append(repr(ref.value) if ref.kind == "scalar" else "outside")
        return tuple(reads)

    # ---- what comes from outside

    def source_lane(self, source: Source) -> int | None:
        return self.lane_of.get(source[1]) if source[0] == "node" else None

    def _find_rails(self) -> list[Source]:
        """Outside sources that several lanes read, or that are parameters: drawn once, with a tap at each use."""
        lanes: dict[Source, set[int]] = {}
        for slot in self.slots:
            if self.source_lane(slot.source) is None:
                lanes.setdefault(slot.source, set()).add(slot.lane)
        later = {source for _, _, source, _ in self.reads_after}
        return [source for source, used in lanes.items() if source in later or self._shared(source, used)]

    def _shared(self, source: Source, used: set[int]) -> bool:
        if source[0] == "leaf" and self.graph.leaves[source[1]].parameter:
            return True
        return len(used) > 1 or (source[0] == "node" and used != {0} and used != {len(self.steps) - 1})

    def _find_inputs(self) -> None:
        """Leaves and arrays that one lane reads: its input x_t, or, in the first lane, a state to begin with."""
        carried = {(s.role, s.position) for s in self.slots if self._is_carried(s)}
        self.initial: list[Slot] = []
        self.inputs: dict[tuple, int] = {}  # (source, lane) -> role
        self.reversed = {(s.role, s.position) for s in self.slots if (self.delta(s) or 0) < 0}
        self.from_the_end: set[Source] = set()  # first states of what runs from the end
        places: dict[tuple[int, int], int] = {}
        rails = set(self.rails)
        for slot in self.slots:
            if self.source_lane(slot.source) is not None or slot.source in rails:
                continue
            if slot.source[0] == "node" or (slot.role, slot.position) in carried or self._looks_initial(slot):
                self.initial.append(slot)
                continue
            if (slot.role, slot.position) in self.reversed:
                self.from_the_end.add(slot.source)
            role = self.inputs.get((slot.source, slot.lane)) or places.get((slot.role, slot.position))
            if role is None:
                role = len(self.roles)
                self.roles.append(Role(role, "leaf"))
            places.setdefault((slot.role, slot.position), role)
            self.inputs[slot.source, slot.lane] = role
            self.roles[role].sources[slot.lane] = slot.source

    def _is_carried(self, slot: Slot) -> bool:
        lane = self.source_lane(slot.source)
        return lane is not None and lane < slot.lane

    def _looks_initial(self, slot: Slot) -> bool:
        """With a single step nothing is carried: what is called as a value that the step computes is a state to begin
        with."""
        if len(self.steps) > 1 or slot.source[0] != "leaf":
            return False
        name = self.graph.leaves[slot.source[1]].name
        return name is not None and name in {role.name for role in self.roles}

    def one_step_states(self) -> list[tuple[int, int]]:
        """(role that computes it, role that reads it) for the states of a single step."""
        if len(self.steps) > 1:
            return []
        named = {role.name: role.number for role in self.roles if role.name}
        leaves = [(self.graph.leaves[s.source[1]].name, s.role) for s in self.initial if s.source[0] == "leaf"]
        return [(named[name], role) for name, role in leaves if name in named]

    def delta(self, slot: Slot) -> int | None:
        """How many steps ago the source was computed; None for what comes from outside."""
        lane = self.source_lane(slot.source)
        return None if lane is None else slot.lane - lane


def _kind(node: OpNode) -> tuple:
    """What must agree for two nodes of different steps to be the same role, as far as the node itself tells."""
    return node.op, tuple(frame for frame in node.scope if frame[0] != "step"), node.names


def _merged(common: list[tuple], lane: list[tuple]) -> list[tuple]:
    """The shortest sequence found in which both fit, in order."""
    if common == lane or not common:
        return list(lane)
    merged = []
    for tag, a0, a1, b0, b1 in SequenceMatcher(None, common, lane, autojunk=False).get_opcodes():
        merged += common[a0:a1]
        if tag in ("insert", "replace"):
            merged += lane[b0:b1]
    return merged


def _places(common: list[tuple], lane: list[tuple]) -> list[int]:
    """For each op of a lane its place in the common sequence."""
    if common == lane:
        return list(range(len(lane)))
    places: dict[int, int] = {}
    for a, b, size in SequenceMatcher(None, common, lane, autojunk=False).get_matching_blocks():
        places.update({b + i: a + i for i in range(size)})
    if len(places) == len(lane):
        return [places[i] for i in range(len(lane))]
    ways = iter(enumerate(common))  # in order from the left: the lane was merged into the common sequence, so it fits
    return [next(j for j, other in ways if other == kind) for kind in lane]


def most_common(values: list) -> object:
    """The most frequent value; among equals the first seen."""
    return Counter(values).most_common(1)[0][0]
