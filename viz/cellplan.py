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
ASIDE = 2 * HALF + 1  # from a box to the one beside it
NARROW = 4  # columns up to which a fan is one row high, else two


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


@dataclass
class Fan:
    """What an attention looks at, drawn as a fan. weights: one for each lane of the tail, () if unknown."""

    number: int
    link: Link
    weights: tuple[float, ...]


class Plan:
    """Where everything stands. columns: the lanes of each, several where steps are left out. spots by name; links:
    those that are drawn, between the names of spots; paths: their ways on the grid; conflicts: links on top of others.
    Nets stand side by side, one that looks at another by attention in a story above it, with a fan between them.
    """

    def __init__(self, contraction: Contraction):
        self.contraction = contraction
        self.columns = self._make_columns()
        self.column = {lane: i for i, lanes in enumerate(self.columns) for lane in lanes}
        self.story = self._make_stories()
        self.starts = self._make_starts()
        self.x: list[int] = []
        self.side_x: dict[str, int] = {}  # of states to begin with
        self._set_columns()
        self.floors: dict[int, int] = {}  # the lowest and the highest row of a group of lanes
        self.tops: dict[int, int] = {}
        self.rows = self._make_rows()
        self.spots: dict[str, Spot] = {}
        self.name_of: dict[str | tuple[str, int], str] = {}
        self._place()
        self.fans: list[Fan] = []
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

    def _make_stories(self) -> dict[int, int]:
        """Group of lanes -> its story."""
        story = dict.fromkeys(sorted({group for group, _ in self.contraction.lanes}), 0)
        for link in self.contraction.links:
            if self.contraction.alignment(link) is not None:
                looked, own = self._groups_of(link.tail)[0], self._groups_of(link.head)[0]
                story[own] = max(story[own], story[looked] + (own != looked))
        return story

    def _groups_of(self, cell: str) -> list[int]:
        return [self.contraction.lanes[lane][0] for lane in self.contraction.cells[cell].lanes]

    def _story_of(self, cell: str) -> int:
        return self.story[self._groups_of(cell)[0]]

    def _looks_down(self, link: Link) -> bool:
        """Is it drawn as a fan?"""
        return self._story_of(link.head) > self._story_of(link.tail) and self.contraction.alignment(link) is not None

    def _beside(self, cell: Cell) -> bool:
        """Does it stand right of the lowest boxes of its steps, since a fan leaves no room below them?"""
        return cell.place in ("below", "input") and self._story_of(cell.id) > 0

    def _make_starts(self) -> dict[str, int]:
        """What is computed above a story for the next one to start from -> the first lane that reads it."""
        c, found = self.contraction, {}
        for cell in c.cells.values():
            links = [link for link in c.links if link.tail == cell.id]
            up = all(self._story_of(link.head) > self._story_of(cell.id) for link in links)
            if cell.place == "above" and links and up and not any(map(self._looks_down, links)):
                found[cell.id] = min(c.cells[link.head].lanes[0] for link in links)
        return found

    def _set_columns(self) -> None:
        """Those of a story one after the other; its first ones stand above each other."""
        lanes = [lane for cell in self.contraction.cells.values() if self._beside(cell) for lane in cell.lanes]
        beside = max(map(lanes.count, lanes), default=0)
        self.pitch = PITCH + beside * ASIDE - (2 if beside else 0)
        firsts = [cell for cell in self.contraction.cells.values() if cell.place == "first"]
        ends = dict.fromkeys(self.story.values(), HALF + 1)
        begins: dict[int, int] = {}
        for i in range(len(self.columns)):
            story = self.story[self.group(i)]
            new = i and self.group(i) != self.group(i - 1)
            begins.setdefault(story, i)
            ends[story] = self._set_column(i, ends[story] + (1 if new and begins[story] != i else 0), firsts)
        left = max(self.x[i] for i in begins.values())
        shift = {story: left - self.x[i] for story, i in begins.items()}
        self.x = [x + shift[self.story[self.group(i)]] for i, x in enumerate(self.x)]
        lane_of = {**{cell.id: cell.lanes[0] for cell in firsts}, **self.starts}
        for name, lane in lane_of.items():
            self.side_x[name] += shift[self.story[self.contraction.lanes[lane][0]]]
        self.width = max(end + shift[story] for story, end in ends.items())

    def _set_column(self, column: int, x: int, firsts: list[Cell]) -> int:
        """Where the next one begins. First states stand left of the first step that reads them; right of it in a net
        that runs from the end."""
        mine = [cell for cell in firsts if cell.lanes[0] in self.columns[column]]
        after = [cell.id for cell in mine if cell.kind[1] in self.contraction.reversed]
        before = [cell.id for cell in mine if cell.id not in after]
        before += [name for name, lane in self.starts.items() if lane in self.columns[column]]
        self.side_x.update(dict.fromkeys(before, x))
        x += PITCH - 1 if before else 0
        self.x.append(x)
        x += self.pitch
        self.side_x.update(dict.fromkeys(after, x - 1))
        return x + (PITCH - 1 if after else 0)

    def group(self, column: int) -> int:
        return self.contraction.lanes[self.columns[column][0]][0]

    # ---- rows

    def _make_rows(self) -> dict[tuple, int]:
        """The kinds that stand in lanes, each in a row of its own, above what it reads in its step; attention is the
        lowest, next to what it looks at."""
        c = self.contraction
        inside = {cell.id: cell for cell in c.cells.values() if cell.place == "lane"}
        pairs = {
            (inside[link.tail].kind, inside[link.head].kind)
            for link in c.links
            if link.tail in inside and link.head in inside and inside[link.tail].lanes == inside[link.head].lanes
        }
        group = {cell.kind: c.lanes[cell.lanes[0]][0] for cell in inside.values()}
        level: dict[tuple, int] = dict.fromkeys(group, 0)
        for _ in group:  # enough rounds for the longest way
            level.update({kind: max([level[a] + 1 for a, b in pairs if b == kind], default=0) for kind in group})
        level.update({c.cells[link.head].kind: -1 for link in c.links if self._looks_down(link)})
        rows: dict[tuple, int] = {}
        for own in sorted(set(group.values()), key=lambda own: (self.story[own], own)):
            base = self._base(self.story[own])
            kinds = sorted((kind for kind in group if group[kind] == own), key=lambda k: (level[k], c.numbers[k]))
            rows.update({kind: row for row, kind in enumerate(kinds, start=base + 1)})
            inputs = [cell for cell in c.cells.values() if cell.place == "input" and self._groups_of(cell.id)[0] == own]
            self.floors[own], self.tops[own] = base + all(map(self._beside, inputs)), base + len(kinds)
        return rows

    def _base(self, story: int) -> int:
        """The row below the lanes of a story, over the story below, what stands above that and the room for a fan."""
        below = [group for group, other in self.story.items() if other == story - 1]
        if not below:
            return 0
        above = [cell for cell in self.contraction.cells.values() if cell.place == "above"]
        wide = sum(set(self._groups_of(cell.id)) <= set(below) and cell.id not in self.starts for cell in above)
        return max(self.tops[group] for group in below) + wide + (1 if len(self.columns) <= 2 * NARROW else 2)

    def _place(self) -> None:
        c = self.contraction
        wide = [cell for cell in c.cells.values() if cell.place in ("above", "below")]
        wide = [cell for cell in wide if not self._beside(cell) and cell.id not in self.starts]
        taken: dict[int, list[range]] = {}
        row_of = {cell.id: self._free_row(cell, taken) for cell in wide}
        self.lowest = min([*self.floors.values(), *row_of.values()])
        for cell in c.cells.values():
            if cell.id in row_of:
                spots = [self._wide_spot(cell, self.y(row_of[cell.id]))]
            elif self._beside(cell):
                spots = self._pieces(cell)
            elif cell.id in self.starts:
                spots = [self._start(cell)]
            elif cell.place == "first":
                spots = [Spot(cell.id, [cell], self.side_x[cell.id], self.y(self.rows[cell.kind[1]]))]
            else:
                row = self.floors[self._groups_of(cell.id)[0]] if cell.place == "input" else self.rows[cell.kind]
                spots = self._lane_spot(cell, self.y(row))
            for spot in spots:
                self.spots[spot.id] = spot
                self.name_of.setdefault(cell.id, spot.id)
        self.height = max(max(spot.y for spot in self.spots.values()), self.y(max(self.tops.values()))) + 5

    def _wide_spot(self, cell: Cell, y: int) -> Spot:
        xs = [self.x[self.column[lane]] for lane in cell.lanes]
        first, last = min(xs), max(xs)
        return Spot(cell.id, [cell], (first + last) // 2, y, (last - first) // 2 + HALF + 2)

    def _pieces(self, cell: Cell) -> list[Spot]:
        """A box for each step that is drawn, right of those that stand there."""
        found = []
        for lane in cell.lanes:
            column, y = self.column[lane], self.y(self.floors[self._groups_of(cell.id)[0]])
            there = sum(spot.y == y and 0 <= spot.x - self.x[column] < self.pitch for spot in self.spots.values())
            if len(self.columns[column]) == 1:
                found.append(Spot(f"{cell.id}_{lane}", [cell], self.x[column] + there * ASIDE, y))
                self.name_of[cell.id, lane] = found[-1].id
        return found

    def _start(self, cell: Cell) -> Spot:
        """Left of the first step that reads it, in a row where no state to begin with stands."""
        c, x = self.contraction, self.side_x[cell.id]
        firsts = [other for other in c.cells.values() if other.place == "first" and self.side_x[other.id] == x]
        taken = {self.rows[other.kind[1]] for other in firsts}
        taken |= {(spot.y - 2) // STORY + self.lowest for spot in self.spots.values() if spot.x == x}
        row = self.floors[c.lanes[self.starts[cell.id]][0]]
        while row in taken:
            row += 1
        return Spot(cell.id, [cell], x, self.y(row))

    def _lane_spot(self, cell: Cell, y: int) -> list[Spot]:
        """The cells of steps left out are one box if they carry a state, else none."""
        column = self.column[cell.lanes[0]]
        if len(self.columns[column]) == 1:
            return [Spot(cell.id, [cell], self.x[column], y)]
        if cell.kind not in self.contraction.recurrent:
            return []
        name = f"{cell.id.split('_')[0]}_left_out"
        spot = self.spots.get(name) or Spot(name, [], self.x[column], y)
        spot.of.append(cell)
        return [spot]

    def _free_row(self, cell: Cell, taken: dict[int, list[range]]) -> int:
        """Above all steps or below their inputs, where nothing stands in the way."""
        mine = range(self.column[cell.lanes[0]], self.column[cell.lanes[-1]] + 1)
        groups = {self.group(column) for column in mine}
        top, floor = max(self.tops[group] for group in groups), min(self.floors[group] for group in groups)
        row, way = (top + 1, 1) if cell.place == "above" else (floor - 1, -1)
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
            tail, head = self._spot_name(link.tail, link.head), self._spot_name(link.head, link.tail)
            if tail is None or head is None or tail == head or not self._between_steps(tail, head):
                continue
            if self._looks_down(link):
                weights = self.contraction.alignment(link)
                self.fans.append(Fan(len(self.fans), Link(tail, head, link.edges), weights))
                continue
            mine = shown.setdefault((tail, head, link.cut), Link(tail, head, cut=link.cut))
            for source, edges in link.edges.items():
                mine.edges.setdefault(source, []).extend(edges)
        return list(shown.values())

    def _spot_name(self, cell: str, other: str) -> str | None:
        """The box of a cell in a link with the other."""
        return self.name_of.get((cell, self.contraction.cells[other].lanes[0])) or self.name_of.get(cell)

    def _between_steps(self, tail: str, head: str) -> bool:
        ends = [self.spots[tail], self.spots[head]]
        whole = all(len(spot.of) == 1 for spot in ends)
        return whole or (ends[0].x != ends[1].x and all(spot.of[0].place == "lane" for spot in ends))

    def _route(self) -> list[list[tuple[int, int]]]:
        grid = Grid(self.width, self.height, wraps=False)
        for spot in self.spots.values():
            grid.block(spot.x - spot.half, spot.y - 1, spot.x + spot.half, spot.y + 1)
            grid.charge(spot.x - spot.half - 1, spot.y - 2, spot.x + spot.half + 1, spot.y + 2, 0.7)
        for fan in self.fans:
            tail, head = self.spots[fan.link.tail], self.spots[fan.link.head]
            grid.charge(tail.x - tail.half, tail.y + 2, tail.x + tail.half, head.y - 2, 3.0)
        for column in range(len(self.columns)):  # where it says which step it is
            top = self.y(self.tops[self.group(column)])
            grid.charge(self.x[column] - HALF - 3, top + 2, self.x[column] - 1, top + 3, 4.0)
        nets: dict[int, Net] = {}
        for i in sorted(range(len(self.links)), key=self._distance):
            tail, head = self.spots[self.links[i].tail], self.spots[self.links[i].head]
            nets[i] = Net(i)
            # past a box in between, inputs go on its left and states on its right
            right = 3.0 if tail.of[0].place == "input" else 0.5
            starts = self._ports(tail, {"top": 0.0, "right": right, "left": 0.5, "bottom": 6.0})
            goals = self._ports(head, {"bottom": 0.0, "left": 0.5, "right": 0.5, "top": 6.0})
            if self._climbs(self.links[i]):
                starts = self._ports(tail, {"top": 0.0, "bottom": 0.0, "right": 0.5})
                goals = self._ports(head, {"left": 0.0})
            grid.connect(nets[i], i, starts, goals, (0, self.width - 1))
        self.conflicts = grid.conflicts
        return [nets[i].path(i) for i in range(len(self.links))]

    def _climbs(self, link: Link) -> bool:
        """Does it lead to another story?"""
        groups = [self.contraction.lanes[self.spots[end].of[0].lanes[0]][0] for end in (link.tail, link.head)]
        return self.story[groups[0]] != self.story[groups[1]]

    def _ports(self, spot: Spot, prices: dict[str, float]) -> list[Port]:
        """Where wires may end; a fan has its side of a box to itself."""
        sides = {end: side for fan in self.fans for end, side in ((fan.link.tail, "top"), (fan.link.head, "bottom"))}
        return spot.ports({side: price for side, price in prices.items() if side != sides.get(spot.id)})

    def _distance(self, i: int) -> tuple[int, int]:
        """Wires between neighbours first: they are straight."""
        tail, head = self.spots[self.links[i].tail], self.spots[self.links[i].head]
        across = max(abs(tail.x - head.x) - max(tail.half, head.half) + HALF, 0)
        return across + abs(tail.y - head.y) * PITCH // STORY, i
