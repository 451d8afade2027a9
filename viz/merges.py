"""The merge plan of a batch of trees: a band for each level, computed in one call, and beside it which rows of the
states are read there and which are written. Imports scene, theme and treeplan."""

from __future__ import annotations

from itertools import pairwise

from . import theme
from .scene import Panel, Scene, Span, Text
from .theme import text_width
from .treeplan import HIGH, TreePlan

__all__ = ["add_merges", "merge_plan"]

LINE, LINES, COLUMNS, SIZE = 14.0, 5, 4, 10.5  # of the table: height of a line, most lines and columns of a level
MARGIN, ASIDE = 25.0, 130.0  # above and below the boxes of a band, and left of them
HEADING = "rows of states: read → written"
FILLS = ("#F5F6F8", "#FAFBFD")


def merge_plan(plan: TreePlan) -> list[list[str]]:
    """For each level of the picture what its nodes are made from, `the → 0` or `0, 1 → 7`: rows, if the states of all
    nodes were one table in the order in which they are computed."""
    levels: dict[int, list[str]] = {height: [] for height in plan.levels}
    for node in sorted(plan.nodes, key=lambda node: node.place):
        words = [] if node.word is None else [str(node.word)] if isinstance(node.word, str) else [f"x{node.word}"]
        read = [str(plan.nodes[child].place) for child in node.below] or words
        if node.height in levels:
            levels[node.height].append(f"{', '.join(read)} → {node.place}".lstrip())
    return list(levels.values())


def add_merges(scene: Scene, plan: TreePlan, left: float) -> float:
    """Adds the bands, and right of `left` the table; how far it reaches."""
    middles = [min(spot.y for spot in plan.spots.values() if spot.row == row) for row in range(len(plan.levels))]
    start, top = left + 26, middles[-1] + HIGH / 2 + MARGIN
    heading = Text("merges", start, top + 12, (Span(HEADING),), "left", SIZE, theme.MUTED, kind="merge")
    scene.texts.append(heading)
    right = start + text_width(heading.spans, SIZE) + 10
    for row, (y, merges) in enumerate(zip(middles, merge_plan(plan))):
        right = max(right, _table(scene, f"merge{row}", (start, y), merges))
    x = -plan.box / 2 - ASIDE
    for row, (y, height) in enumerate(zip(middles, plan.levels)):
        low, high = y - HIGH / 2 - MARGIN, y + HIGH / 2 + MARGIN
        scene.panels.append(Panel(f"level{row}", x, low, right, high, FILLS[row % 2], kind="level"))
        count = sum(node.height == height for node in plan.nodes)
        _note(scene, f"level{row}", (x + 12, y + 8), f"level {height + 1}", 13)
        _note(scene, f"count{row}", (x + 12, y - 8), f"{count} node{'s' if count > 1 else ''}, one call", 10)
    for row, (low, high) in enumerate(pairwise(plan.levels)):
        if high > low + 1:
            words = f"level {low + 2}" if high == low + 2 else f"levels {low + 2} to {high}"
            _note(scene, f"gap{row}", (x + 12, (middles[row] + middles[row + 1]) / 2 - 10), f"⋮ {words} left out", 10)
    return right


def _note(scene: Scene, name: str, at: tuple[float, float], words: str, size: float) -> None:
    scene.texts.append(Text(name, *at, (Span(words),), "left", size, theme.MUTED, size > SIZE, "level"))


def _table(scene: Scene, name: str, at: tuple[float, float], merges: list[str]) -> float:
    """Lines from top to bottom, then in the next column; how far it reaches to the right."""
    most = LINES * COLUMNS
    shown = merges if len(merges) <= most else [*merges[: most - 1], f"… {len(merges) - most + 1} more"]
    x, top = at[0], at[1] + (min(len(shown), LINES) - 1) / 2 * LINE
    for first in range(0, len(shown), LINES):
        column = [(Span(words),) for words in shown[first : first + LINES]]
        for k, spans in enumerate(column, start=first):
            y = top - (k - first) * LINE
            scene.texts.append(Text(f"{name}_{k}", x, y, spans, "left", SIZE, theme.INK, kind="merge"))
        x += max(text_width(spans, SIZE) for spans in column) + 14
    return x
