"""Where the cells of a picture stand, and the ways of the wires between them: a column for each step, a row for each
part of the net, wide boxes above and below. Imports contract, route and scene."""

from __future__ import annotations

from dataclasses import dataclass

from .contract import Cell, Contraction, Link
from .route import HORIZONTAL, VERTICAL, Grid, Net, Port
from .scene import Point

__all__ = ["HEIGHT", "PITCH", "UNIT", "Plan", "Spot"]

UNIT = 13.0  # points per grid unit
PITCH, STORY = 13, 7  # grid units from column to column, from row to row
HALF = 3  # half the width of a box, in grid units
HEIGHT = 36.0
MOST, FIRST, LAST = 12, 3, 2  # steps drawn; of more, so many at the beginning and at the end
ATTENTION = ("attention", None)


@dataclass
class Spot:
    """A box on the grid: its centre, and half its width in grid units. of: the cell it stands for, cells if several
    steps are left out."""

    id: str
    of: list[Cell]
    x: int
    y: int
    half: int = HALF

    @property
    def width(self) -> float:
        return 2 * self.half * UNIT

    def ports(self, prices: dict[str, float]) -> list[Port]:
        found = []
        for side, price in prices.items():
            sign = 1 if side in ("right", "top") else -1
            if side in ("left", "right"):
                ways = [(Port((self.x + sign * (self.half + 1), self.y + d), HORIZONTAL, sign), d) for d in (0, 1, -1)]
            else:
                reach = range(1 - self.half, self.half)
                ways = [(Port((self.x + d, self.y + 2 * sign), VERTICAL, sign), d) for d in reach]
            slope = 0.3 if self.half == HALF else 0.0
            found += [Port(port.at, port.axis, port.sign, price + slope * abs(d)) for port, d in ways]
        return found

    def border(self, at: tuple[int, int]) -> Point:
        """Where the wire through a port touches the box, in points."""
        dx, dy = at[0] - self.x, at[1] - self.y
        if abs(dx) > self.half:
            return self.x * UNIT + self.width / 2 * (1 if dx > 0 else -1), at[1] * UNIT
        return at[0] * UNIT, self.y * UNIT + HEIGHT / 2 * (1 if dy > 0 else -1)


class Plan:
    """Where everything stands. columns: the lanes of each, several where steps are left out. spots by name; links:
    those that are drawn, between the names of spots; paths: their ways on the grid; conflicts: links on top of others.
    """

    def __init__(self, contraction: Contraction):
        self.contraction = contraction
        self.columns = self._make_columns()
        self.column = {lane: i for i, lanes in enumerate(self.columns) for lane in lanes}
        self.x: list[int] = []
        self.side_x: dict[str, int] = {}  # of states to begin with
        self._set_columns()
        self.tops: dict[int, int] = {}  # the highest row of a group of lanes
        self.rows = self._make_rows()
        self.spots: dict[str, Spot] = {}
        self.name_of: dict[str, str] = {}
        self._place()
        self.links = self._shown()
        self.paths = self._route()

    def _make_columns(self) -> list[tuple[int, ...]]:
        lanes = self.contraction.lanes
        columns: list[tuple[int, ...]] = []
        for group in sorted({group for group, _ in lanes}):
            mine = [lane for lane, (other, _) in enumerate(lanes) if other == group]
            cut = [(lane,) for lane in mine]
            columns += cut if len(mine) <= MOST else [*cut[:FIRST], tuple(mine[FIRST:-LAST]), *cut[-LAST:]]
        return columns

    def _set_columns(self) -> None:
        """First states stand left of the first step that reads them; right of it in a net that runs from the end."""
        firsts = [cell for cell in self.contraction.cells.values() if cell.place == "first"]
        right = {cell.id for cell in firsts if cell.kind[1] in self.contraction.reversed}
        x = HALF + 1
        for i, lanes in enumerate(self.columns):
            before = [c.id for c in firsts if c.lanes[0] in lanes and c.id not in right]
            after = [c.id for c in firsts if c.lanes[0] in lanes and c.id in right]
            self.side_x.update(dict.fromkeys(before, x))
            x += PITCH - 1 if before else 1 if i and self.group(i) != self.group(i - 1) else 0
            self.x.append(x)
            x += PITCH
            self.side_x.update(dict.fromkeys(after, x - 1))
            x += PITCH - 1 if after else 0
        self.width = x

    def group(self, column: int) -> int:
        return self.contraction.lanes[self.columns[column][0]][0]

    # ---- rows

    def _make_rows(self) -> dict[tuple, int]:
        """The kinds that stand in lanes, each in a row of its own, above what it reads in its step."""
        c = self.contraction
        inside = {cell.id: cell for cell in c.cells.values() if cell.place == "lane"}
        pairs = {
            (inside[link.tail].kind, inside[link.head].kind)
            for link in c.links
            if link.tail in inside and link.head in inside and inside[link.tail].lanes == inside[link.head].lanes
        }
        group = {cell.kind: c.lanes[cell.lanes[0]][0] for cell in inside.values()}
        level: dict[tuple, float] = dict.fromkeys(group, 0)
        for _ in group:  # enough rounds for the longest way
            level.update({kind: max([level[a] + 1 for a, b in pairs if b == kind], default=0) for kind in group})
        above_cells = (
            max([level[kind] for kind in group if kind[0] == "cell" and kind[-1] != ATTENTION], default=0) + 0.5
        )
        level.update({kind: above_cells for kind in group if kind[-1] == ATTENTION})  # towards what it looks at
        rows: dict[tuple, int] = {}
        for own in set(group.values()):
            kinds = sorted((kind for kind in group if group[kind] == own), key=lambda k: (level[k], c.numbers[k]))
            rows.update({kind: row for row, kind in enumerate(kinds, start=1)})
            self.tops[own] = len(kinds)
        return rows

    def _place(self) -> None:
        c = self.contraction
        wide = [cell for cell in c.cells.values() if cell.place in ("above", "below")]
        taken: dict[int, list[range]] = {}
        self.floor = 0 if any(cell.place == "input" for cell in c.cells.values()) else 1  # the lowest row of the lanes
        row_of = {cell.id: self._free_row(cell, taken) for cell in wide}
        self.lowest = min([self.floor, *row_of.values()])
        for cell in c.cells.values():
            if cell.place in ("above", "below"):
                first, last = self.x[self.column[cell.lanes[0]]], self.x[self.column[cell.lanes[-1]]]
                spot = Spot(
                    cell.id, [cell], (first + last) // 2, self.y(row_of[cell.id]), (last - first) // 2 + HALF + 2
                )
            elif cell.place == "first":
                spot = Spot(cell.id, [cell], self.side_x[cell.id], self.y(self.rows[cell.kind[1]]))
            else:
                row = 0 if cell.place == "input" else self.rows[cell.kind]
                spot = self._lane_spot(cell, self.y(row))
            if spot is not None:
                self.spots[spot.id] = spot
                self.name_of[cell.id] = spot.id
        self.height = max(max(spot.y for spot in self.spots.values()), self.y(max(self.tops.values()))) + 5

    def _lane_spot(self, cell: Cell, y: int) -> Spot | None:
        """The cells of steps left out are one box if they carry a state, else none."""
        column = self.column[cell.lanes[0]]
        if len(self.columns[column]) == 1:
            return Spot(cell.id, [cell], self.x[column], y)
        if cell.kind not in self.contraction.recurrent:
            return None
        name = f"{cell.id.split('_')[0]}_left_out"
        spot = self.spots.get(name) or Spot(name, [], self.x[column], y)
        spot.of.append(cell)
        return spot

    def _free_row(self, cell: Cell, taken: dict[int, list[range]]) -> int:
        """Above all steps or below their inputs, where nothing stands in the way."""
        mine = range(self.column[cell.lanes[0]], self.column[cell.lanes[-1]] + 1)
        top = max(self.tops[self.group(column)] for column in mine)
        row, way = (top + 1, 1) if cell.place == "above" else (self.floor - 1, -1)
        while any(set(mine) & set(other) for other in taken.get(row, [])):
            row += way
        taken.setdefault(row, []).append(mine)
        return row

    def y(self, row: int) -> int:
        return (row - self.lowest) * STORY + 2

    # ---- wires

    def _shown(self) -> list[Link]:
        """Links between boxes that are drawn; of steps left out, those that lead to other steps."""
        shown: dict[tuple[str, str, bool], Link] = {}
        for link in self.contraction.links:
            tail, head = (self.name_of.get(name) for name in (link.tail, link.head))
            if tail is None or head is None or tail == head or not self._between_steps(tail, head):
                continue
            mine = shown.setdefault((tail, head, link.cut), Link(tail, head, cut=link.cut))
            for source, edges in link.edges.items():
                mine.edges.setdefault(source, []).extend(edges)
        return list(shown.values())

    def _between_steps(self, tail: str, head: str) -> bool:
        ends = [self.spots[tail], self.spots[head]]
        whole = all(len(spot.of) == 1 for spot in ends)
        return whole or (ends[0].x != ends[1].x and all(spot.of[0].place == "lane" for spot in ends))

    def _route(self) -> list[list[tuple[int, int]]]:
        grid = Grid(self.width, self.height, wraps=False)
        for spot in self.spots.values():
            grid.block(spot.x - spot.half, spot.y - 1, spot.x + spot.half, spot.y + 1)
            grid.charge(spot.x - spot.half - 1, spot.y - 2, spot.x + spot.half + 1, spot.y + 2, 0.7)
        nets: dict[int, Net] = {}
        for i in sorted(range(len(self.links)), key=self._distance):
            tail, head = self.spots[self.links[i].tail], self.spots[self.links[i].head]
            nets[i] = Net(i)
            # past a box in between, inputs go on its left and states on its right
            right = 3.0 if tail.of[0].place == "input" else 0.5
            starts = tail.ports({"top": 0.0, "right": right, "left": 0.5, "bottom": 6.0})
            goals = head.ports({"bottom": 0.0, "left": 0.5, "right": 0.5, "top": 6.0})
            grid.connect(nets[i], i, starts, goals, (0, self.width - 1))
        self.conflicts = grid.conflicts
        return [nets[i].path(i) for i in range(len(self.links))]

    def _distance(self, i: int) -> tuple[int, int]:
        """Wires between neighbours first: they are straight."""
        tail, head = self.spots[self.links[i].tail], self.spots[self.links[i].head]
        across = max(abs(tail.x - head.x) - max(tail.half, head.half) + HALF, 0)
        return across + abs(tail.y - head.y) * PITCH // STORY, i
