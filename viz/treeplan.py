"""Where the nodes of trees stand: leaves side by side, a node over the mean of its leaves, as high as it is above them.
Of large trees and of many, what is left out is one box. Imports forest."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass

from .forest import Forest

__all__ = ["BOX", "HIGH", "SIDE", "TreePlan", "TreeSpot"]

BOX, HIGH = (66.0, 104.0), 36.0  # how wide a node's box is, at least and at most; how high
SIDE, APART = 44.0, 40.0  # the width of a box beside it, and what is between them
GAP, STORY = 28.0, (68.0, 96.0)  # between boxes; from row to row, at least and at most
HEIGHT = 700.0  # of a tree, as far as the rows allow
FLAT = 4.0  # no wire goes further to the side, for each point upwards
MOST = 18  # boxes without anything below them that are drawn
TREES = (4, 8)  # that are drawn, of more: so many at least and, if they are small, at most


@dataclass
class TreeSpot:
    """A box: its middle, in points. of: the nodes that it stands for, its own first. row: how high it stands."""

    id: str
    of: list[int]
    row: int
    x: float = 0.0
    y: float = 0.0


class TreePlan:
    """spots: by the number of a node that is drawn; owner: node -> the drawn one that stands for it. levels: the height
    of each row, from below. box: how wide the nodes are. rest: trees left out."""

    def __init__(self, forest: Forest, words: float, beside: int):
        """words: how much room the longest label takes; beside: how many boxes stand beside a node."""
        self.forest, self.nodes = forest, forest.nodes
        trees = sorted({node.tree for node in self.nodes})
        leaves = Counter(node.tree for node in self.nodes if not node.below)
        fitting = [k for k in range(*TREES) if sum(leaves[tree] for tree in trees[: k + 1]) <= MOST]
        shown = set(trees[: max(fitting, default=TREES[0] - 1) + 1])
        self.rest = len(trees) - len(shown)
        self.roots = [n for n in forest.roots if self.nodes[n].tree in shown]
        drawn = self._open()
        self.owner = self._owners(drawn)
        self.levels = sorted({self.nodes[n].height for n in drawn})
        row = {height: i for i, height in enumerate(self.levels)}
        self.spots = {n: TreeSpot(f"n{n}", [], row[self.nodes[n].height]) for n in drawn}
        for n, owner in self.owner.items():
            self.spots[owner].of.append(n)
        self.box = min(max(words, BOX[0]), BOX[1])
        self.pitch = self.box + GAP + (SIDE + APART) * beside
        self._place()

    def _open(self) -> list[int]:
        """Nodes that are drawn: from the roots down, as long as there is room at the bottom."""
        waiting, seen, ground = deque(self.roots), dict.fromkeys(self.roots), len(self.roots)
        while waiting:
            number = waiting.popleft()
            new = [child for child in dict.fromkeys(self.nodes[number].below) if child not in seen]
            if ground + len(new) - 1 <= MOST or ground == len(self.roots) == 1:
                ground += max(len(new) - 1, 0)
                seen.update(dict.fromkeys(new))
                waiting += new
        return list(seen)

    def _owners(self, drawn: list[int]) -> dict[int, int]:
        owner = {n: n for n in drawn}
        for n in sorted(range(len(self.nodes)), key=lambda n: -self.nodes[n].height):
            for child in self.nodes[n].below if n in owner else ():
                owner.setdefault(child, owner[n])
        return owner

    def below(self, number: int) -> list[int]:
        """The drawn children of a drawn node."""
        return [child for child in dict.fromkeys(self.nodes[number].below) if self.owner[child] == child]

    def _place(self) -> None:
        """Leaves from left to right; in each row no two boxes on top of one another."""
        under: dict[int, dict[int, float]] = {}  # node -> the bottom boxes below it, with their places
        x = 0.0
        for root in self.roots:
            x += self._place_tree(root, under, x)
        for number, spot in self.spots.items():
            spot.x = sum(under[number].values()) / len(under[number])
        for row in range(len(self.levels)):
            end = -self.pitch
            for spot in sorted((s for s in self.spots.values() if s.row == row), key=lambda s: s.x):
                spot.x = end = max(spot.x, end + self.pitch)
        self._lift()

    def _lift(self) -> None:
        """Row by row, high enough that no wire is flat."""
        story = STORY[1] if self.forest.batched else min(max(HEIGHT / len(self.levels), STORY[0]), STORY[1])
        y = 0.0
        for row in range(len(self.levels)):
            for number, spot in self.spots.items():
                below = [self.spots[child] for child in self.below(number)] if spot.row == row else []
                y = max([y, *[child.y + HIGH + abs(child.x - spot.x) / FLAT for child in below]])
            for spot in self.spots.values():
                spot.y = y if spot.row == row else spot.y
            y += story

    def _place_tree(self, root: int, under: dict, x: float) -> float:
        """Gives the bottom boxes of a tree their places from x on, the others what is below them; how wide it is."""
        start, waiting = x, [(root, False)]
        while waiting:
            number, seen = waiting.pop()
            below = self.below(number)
            if seen:
                under[number] = {n: at for child in below for n, at in under[child].items()}
            elif number not in under and not below:
                under[number] = {number: x}
                x += self.pitch
            elif number not in under:
                waiting += [(number, True), *[(child, False) for child in reversed(below)]]
        return x - start + (GAP if x > start else 0)
