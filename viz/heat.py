"""Gradients as colours, for nets that are too long for boxes: rows of named values over time, and the matrix of losses
against states. Imports contract, record and what draws."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from . import theme
from .contract import Contraction
from .legend import add_legend, add_title
from .looks import look_of
from .naming import label_of
from .record import Itemised
from .render import Picture
from .scene import Box, Scene, Span, Text
from .snapshot import Graph
from .steps import Source

__all__ = ["Block", "Row", "draw_heat", "draw_itemised", "heat_blocks", "itemised_rows"]

WIDTH, WIDEST = 1000.0, 40.0  # of all columns, of one
ROW, ROW_GAP, BLOCK_GAP = 18.0, 2.0, 16.0
SIDE, ALONE, SQUARE = 330.0, 460.0, 26.0  # of one of several matrices, of the only one, of a cell at most
TICKS = 12


@dataclass
class Row:
    """norms: step (from 0) -> norm of the gradient, None if none arrives."""

    label: tuple[Span, ...]
    norms: dict[int, float | None]


@dataclass
class Block:
    """The rows of one part of one net."""

    name: str
    rows: list[Row] = field(default_factory=list)


# ---- what is shown


def heat_blocks(graph: Graph, name: str = "") -> list[Block]:
    """For each recurrent part its states, its other named values, and the share of each step in the gradient of each
    recurrent weight: a weight that is applied to what comes from the step before."""
    contraction = Contraction(graph)
    states = contraction.states()
    blocks = []
    for kind in dict.fromkeys(kind for kind, _ in states):
        values: dict[str, dict[int, Source]] = {own: at for (k, own), at in _h_first(states) if k == kind}
        for n in contraction.of_kind(kind):
            for index, own in graph.nodes[n].names:
                values.setdefault(own, {}).setdefault(contraction.lane[n], ("node", n, index))
        cell = next(cell for cell in contraction.cells.values() if cell.kind == kind)
        part = "".join(span.text for span in label_of(contraction, cell))
        several = len({kind for kind, _ in states}) > 1
        block = Block(" ".join(filter(None, [name, part if several or not name else ""])))
        for own, at in values.items():
            gradients = {contraction.lanes[lane][1]: (graph.gradients or {}).get(source) for lane, source in at.items()}
            norms = {step: None if stat is None else stat.norm for step, stat in sorted(gradients.items())}
            block.rows.append(Row((*theme.variable(own, split=False), Span("t", False, -1)), norms))
        block.rows += _shares(contraction, kind)
        blocks.append(block)
    return blocks


def _h_first(states: Mapping) -> list:
    return [((kind, own), at) for (kind, own), at in sorted(states.items(), key=lambda item: item[0][1] != "h")]


def _shares(contraction: Contraction, kind: tuple) -> list[Row]:
    graph = contraction.graph
    parts: dict[int, dict[int, list[float]]] = {}
    for n in contraction.of_kind(kind):
        if contraction.loop[contraction.role[n]] is None or graph.nodes[n].op == "add":
            continue
        for i, source, _ in contraction.reads[n]:
            if source[0] == "leaf" and graph.leaves[source[1]].parameter:
                stat = graph.contributions.get((n, i))
                step = contraction.lanes[contraction.lane[n]][1]
                parts.setdefault(source[1], {}).setdefault(step, []).extend([stat.norm] if stat else [])
    parameters = [leaf for leaf in graph.leaves if leaf.parameter]
    return [
        Row(
            (*theme.parameter_label(graph.leaves[number], parameters), Span(" share")),
            {step: math.hypot(*norms) if norms else None for step, norms in sorted(steps.items())},
        )
        for number, steps in parts.items()
    ]


def itemised_rows(itemised: Itemised, state: str | None = None) -> list[Row]:
    """For each loss the norm of its gradient at the state of each step; of several states h, or the one named."""
    contraction = Contraction(itemised.graph)
    states = _h_first(contraction.states())
    found = [at for (_, own), at in states if state in (None, own)]
    if not found:
        there = ", ".join(sorted({own for (_, own), _ in states}))
        raise ValueError(f"no state is called {state!r}; there are {there}")
    at = {contraction.lanes[lane][1]: source for lane, source in sorted(found[0].items())}
    return [
        Row((Span(str(s + 1)),), {step: norms.get(source) for step, source in at.items()})
        for s, norms in enumerate(itemised.norms)
    ]


# ---- pictures


def draw_heat(named: dict[str, Graph], title: str | None, subtitle: str | None) -> Picture:
    """One block of rows for each recurrent part of each graph, all under one scale. Raises ValueError for a graph
    without gradients, or where nothing is carried from step to step."""
    if any(graph.gradients is None for graph in named.values()):
        raise ValueError('view="heat" shows gradients: draw a record of a backward pass, viz.draw(viz.record(loss))')
    blocks = [block for name, graph in named.items() for block in heat_blocks(graph, name)]
    if not blocks:
        raise ValueError('view="heat": no value is carried from step to step; put each step into mg.scope("step", t)')
    steps = max(step for block in blocks for row in block.rows for step in row.norms) + 1
    sheet = _Sheet([row for block in blocks for row in block.rows])
    wide = min(WIDTH / steps, WIDEST)
    height = sum(len(block.rows) * (ROW + ROW_GAP) + BLOCK_GAP for block in blocks) - BLOCK_GAP
    y = height
    for b, block in enumerate(blocks):
        middle = y - len(block.rows) * (ROW + ROW_GAP) / 2
        words = max(theme.text_width(row.label, 12) for row in block.rows)
        sheet.text(f"name{b}", min(-96, -28 - words), middle, block.name, "right", 13, bold=True)
        for r, row in enumerate(block.rows):
            y -= ROW + ROW_GAP
            centre = y + (ROW + ROW_GAP) / 2
            sheet.scene.texts.append(Text(f"label{b}_{r}", -8, centre, row.label, "right", 12, kind="label"))
            for step, norm in row.norms.items():
                tip = f"{_plain(row)}, t = {step + 1}"
                sheet.cell(f"c{b}_{r}_{step}", ((step + 0.5) * wide, centre), (wide, ROW), norm, tip)
        y -= BLOCK_GAP
    for tick in _ticks(steps):
        sheet.text(f"tick{tick}", (tick - 0.5) * wide, -10, str(tick), color=theme.MUTED)
    sheet.text("axis", steps * wide / 2, -28, "time step t", size=12)
    said = "the norm of the gradient that arrives, one column for each step"
    return sheet.finished((max(steps * wide, 420.0), height), title or "", said if subtitle is None else subtitle)


def draw_itemised(
    named: dict[str, Itemised], title: str | None, subtitle: str | None, state: str | None = None
) -> Picture:
    """A matrix for each: rows are losses, columns the steps of the state, all under one scale. state: which, h unless
    named. Raises ValueError for a state that does not exist."""
    tables = {name: itemised_rows(itemised, state) for name, itemised in named.items()}
    sheet = _Sheet([row for rows in tables.values() for row in rows])
    left, side = 0.0, SIDE if len(tables) > 1 else ALONE
    for m, (name, rows) in enumerate(tables.items()):
        steps = sorted({step for row in rows for step in row.norms})
        size = min(side / max(len(rows), steps[-1] + 1), SQUARE)
        future = [row.norms[t] for s, row in enumerate(rows) for t in steps if t > s]
        for s, row in enumerate(rows):
            y = -(s + 0.5) * size
            for t, norm in row.norms.items():
                if norm is not None or t <= s:
                    tip = f"loss {s + 1}, state t = {t + 1}"
                    sheet.cell(f"c{m}_{s}_{t}", (left + (t + 0.5) * size, y), (size - 1, size - 1), norm, tip)
        _axes(sheet, f"m{m}", left, size, len(rows), steps[-1] + 1)
        sheet.text(f"name{m}", left + (steps[-1] + 1) * size / 2, 20, name, size=13, bold=True)
        if future and not any(norm is not None for norm in future) and len(rows) > 7:
            at = (left + steps[-1] * size * 0.74, -len(rows) * size * 0.2)
            sheet.text(f"future{m}", *at, "future: no gradient", color=theme.MUTED)
        left += (steps[-1] + 1) * size + 70
    said = "a row for each loss, a column for the state of each step"
    size = (max(left - 70, 480.0), 24.0 if len(tables) > 1 else 0.0)
    return sheet.finished(size, title or "", said if subtitle is None else subtitle)


def _axes(sheet: _Sheet, name: str, left: float, size: float, losses: int, steps: int) -> None:
    for tick in _ticks(losses):
        sheet.text(f"{name}s{tick}", left - 6, (0.5 - tick) * size, str(tick), "right", color=theme.MUTED)
    bottom = -losses * size
    for tick in _ticks(steps):
        sheet.text(f"{name}t{tick}", left + (tick - 0.5) * size, bottom - 10, str(tick), color=theme.MUTED)
    sheet.text(f"{name}axis", left + steps * size / 2, bottom - 27, "state step t", size=11)
    wide = theme.text_width((Span(str(losses)),), 10)
    sheet.text(f"{name}side", left - 14 - wide, -losses * size / 2, "loss s", "right", 11)


class _Sheet:
    """A scene of coloured cells under one scale."""

    def __init__(self, rows: list[Row]):
        self.scene = Scene()
        self.scale = theme.decades([norm for row in rows for norm in row.norms.values() if norm is not None])
        self.kinds: set[str] = set()

    def cell(self, name: str, at: tuple[float, float], size: tuple[float, float], norm: float | None, tip: str) -> None:
        look = look_of(norm, self.scale)
        self.kinds.add(look.kind)
        box = Box(name, *at, *size, shape="patch", fill=look.fill, line=look.line if look.dashed else look.fill)
        box.line_width, box.dashed, box.kind = 0.6 if look.dashed else 0.2, look.dashed, f"cell {look.kind}"
        box.tooltip = f"{tip}: " + ("no gradient arrives" if norm is None else theme.number(norm, 4))
        self.scene.boxes.append(box)

    def text(
        self, name: str, x: float, y: float, words: str, align: str = "center", size: float = 10.0,
        color: str = theme.INK, bold: bool = False,
    ) -> None:  # fmt: skip
        if words:
            self.scene.texts.append(Text(name, x, y, (Span(words),), align, size, color, bold))

    def finished(self, size: tuple[float, float], title: str, subtitle: str) -> Picture:
        above = (size[0], size[1] + 18)
        add_title(self.scene, above, title, subtitle)
        add_legend(self.scene, above, self.scale, self.kinds)
        return Picture(self.scene, title)


def _plain(row: Row) -> str:
    return "".join(span.text for span in row.label if not (span.level and span.text == "t"))


def _ticks(count: int) -> list[int]:
    """1 and the multiples of a round number, at most about a dozen."""
    step = next(n * 10**power for power in range(9) for n in (1, 2, 5) if count <= TICKS * n * 10**power)
    return sorted({1, *(tick for tick in range(step, count + 1, step) if tick > 1 + step / 2)})
