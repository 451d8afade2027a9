"""A graph without time steps, for graphviz's own `dot` to lay out: inputs on the left, the result on the right,
values and gradients written in the boxes. A large graph shows its modules as single boxes. Imports dot, render,
layers, paint, snapshot, stubs, theme, tips and looks."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap

from . import theme
from .dot import FONT, html_text, quoted
from .layers import lay_layers
from .looks import Look, look_of
from .paint import paint
from .render import Picture
from .snapshot import Graph, Leaf, OpNode, Ref, Stat, key_of
from .stubs import origin_of, told
from .tips import node_tip, scope_text, value_tip, whole_text

__all__ = ["draw_ranks"]

MOST = 300  # boxes; beyond that modules are drawn as one
KEEP = 40  # boxes kept at either end when there are still too many
LINE = 44  # letters of a message in a box
CONSTANTS = 60  # up to so many ops, plain numbers get a box of their own


@dataclass
class Group:
    """Ops drawn as one box. name: what is written in it; one op stands for itself."""

    id: str
    nodes: list[OpNode]
    name: str = ""


def draw_ranks(graph: Graph, backward: bool, title: str, subtitle: str | None) -> Picture:
    """The whole graph from left to right. backward: arrows reversed, coloured by the gradients. Where graphviz is
    missing, an SVG has a layout of our own."""
    return Picture(
        _Ranks(graph, backward).dot(title, subtitle), title,
        lambda: paint(lay_layers(graph), graph, backward, title, subtitle),
    )  # fmt: skip


class _Ranks:
    def __init__(self, graph: Graph, backward: bool):
        self.graph = graph
        self.asked, self.backward = backward, backward and graph.gradients is not None
        self.groups = _groups(graph.nodes)
        self.owner = {node.number: group.id for group in self.groups for node in group.nodes}
        self.scale = theme.decades([s.norm for s in (*(graph.gradients or {}).values(), *graph.contributions.values())])
        self.constants = len(graph.nodes) <= CONSTANTS
        self.kinds: set[str] = set()

    def dot(self, title: str, subtitle: str | None) -> str:
        body = [line for leaf in self.graph.leaves for line in (self._leaf(leaf), *_stub(leaf))]
        body += [self._group(group) for group in self.groups]
        body += self._edges()
        if subtitle is None:
            subtitle = self._sentence()
        head = [
            "digraph minigrad {",
            '  graph [rankdir=LR, bgcolor="#FFFFFF", pad=0.3, nodesep=0.35, ranksep=0.5, labelloc=t, labeljust=l, '
            f"fontname={quoted(FONT)}, "
            f"label=<{self._heading(title, subtitle)}>, tooltip={quoted(title or 'graph')}];",
            f'  node [fontname={quoted(FONT)}, fontsize=13, shape=box, style="filled,rounded", color="{theme.INK}", '
            f'fontcolor="{theme.INK}", margin="0.12,0.06", penwidth=1.3];',
            f'  edge [arrowsize=0.7, color="{theme.WIRE}", penwidth=1.4, fontname={quoted(FONT)}, fontsize=10, '
            'fontcolor="#8A3B12"];',
        ]
        return "\n".join([*head, *body, "}", ""])

    def _sentence(self) -> str:
        if self.asked and not self.backward:
            return "backward has not run: viz.record(loss) runs it and keeps what the picture needs"
        if self.backward:
            return "∂ is the gradient that arrives; on an arrow: what this one use sends back"
        return ""

    def _heading(self, title: str, subtitle: str) -> str:
        rows = [_heading_row(17, theme.INK, f"<B>{html_text(title) or ' '}</B>")] if title else []
        if subtitle:
            rows.append(_heading_row(11, theme.MUTED, html_text(subtitle) or " "))
        if self.backward:
            rows.append(f'<TR><TD ALIGN="LEFT">{self._legend()}</TD></TR>')
        rows.append('<TR><TD HEIGHT="12"></TD></TR>')
        return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="2" CELLPADDING="0">{"".join(rows)}</TABLE>'

    def _legend(self) -> str:
        words = {
            "zero": "dashed: exactly 0",
            "absent": "dashed grey: no gradient arrives",
            "wrong": "violet: inf or nan",
        }
        patches = "".join(f'<FONT COLOR="{color}">■</FONT>' for color in theme.RAMP)
        said = "".join(f"&#160;&#160;&#160;{text}" for kind, text in words.items() if kind in self.kinds)
        low, high = (theme.number(10.0**decade) for decade in self.scale)
        return f'<FONT POINT-SIZE="10" COLOR="{theme.MUTED}">‖∂L/∂·‖&#160; {low} {patches} {high}{said}</FONT>'

    # ---- boxes

    def _leaf(self, leaf: Leaf) -> str:
        key = ("leaf", leaf.number)
        spans = theme.variable(leaf.name or ("param" if leaf.parameter else "input"), split=False)
        fill = theme.FILLS["parameter"] if leaf.parameter else theme.FILLS["input"]
        line = theme.PARAMETER if leaf.parameter else theme.INK
        return self._box(
            f"l{leaf.number}", [_html(spans)], [(key, leaf.shape)], fill, line, value_tip(self.graph, key), "leaf"
        )

    def _group(self, group: Group) -> str:
        if group.name:
            words = f"{html_text(group.name)}"
            look = f'fillcolor="#EEF1F4", id="{group.id}", class="module", tooltip={quoted(group.name)}'
            return f'  "{group.id}" [label=<{words}>, {look}];'
        node = group.nodes[0]
        if node.error:
            return self._failed(node)
        sign = theme.glyph(node.op, () if self.constants else node.inputs, node.params)
        name = node.name(0)
        first = (
            f"{_html(theme.variable(name))} = {html_text(sign)}" if name and len(node.outputs) == 1 else html_text(sign)
        )
        values = [(("node", node.number, i), shape) for i, (shape, _) in enumerate(node.outputs)]
        return self._box(
            f"n{node.number}",
            [first],
            values,
            theme.FILLS["fused"] if node.fused else theme.fill_of(node.op),
            theme.INK,
            node_tip(self.graph, node),
            f"op {node.op}",
        )

    def _failed(self, node: OpNode) -> str:
        """An op that could not be computed, and why."""
        lines = [html_text(line) for line in wrap(node.error, LINE)]
        label = "<BR/>".join([f"<B>{html_text(node.op)}</B>", *lines])
        return (
            f'  "n{node.number}" [label=<{label}>, fillcolor="#FDECEC", color="{theme.EMPHASIS}", penwidth=2.5, '
            f'fontcolor="{theme.EMPHASIS}", id="n{node.number}", class="op failed", tooltip={quoted(node.error)}];'
        )

    def _box(self, name: str, lines: list[str], values: list, fill: str, line: str, tip: str, kind: str) -> str:
        for key, shape in values[:4]:
            lines.append(f'<FONT POINT-SIZE="10.5">{html_text(self._value(key, shape))}</FONT>')
        look = self._look([key for key, _ in values]) if self.backward else None
        extra = ""
        if look is not None:
            fill, line = look.fill, (look.line if look.dashed else line)
            extra = f', fontcolor="{look.ink}"' + (', style="filled,rounded,dashed"' if look.dashed else "")
            for key, _ in values[:4]:
                stat = (self.graph.gradients or {}).get(key)
                words = "∂ " + self._number(stat) if stat else "no gradient"
                lines.append(f'<FONT POINT-SIZE="10.5">{html_text(words)}</FONT>')
        if kind == "op cut":
            line, extra = theme.CUT, f', fontcolor="{theme.CUT_INK}", style="filled,rounded,dashed"'
        label = "<BR/>".join(lines)
        return (
            f'  "{name}" [label=<{label}>, fillcolor="{fill}", color="{line}"{extra}, id="{name}", class="{kind}", '
            f"tooltip={quoted(tip)}];"
        )

    def _look(self, keys: list[tuple]) -> Look:
        norms = [stat.norm for key in keys if (stat := (self.graph.gradients or {}).get(key)) is not None]
        total = None if not norms else norms[0] if len(norms) == 1 else sum(n * n for n in norms) ** 0.5
        look = look_of(total, self.scale)
        self.kinds.add(look.kind)
        return look

    def _value(self, key: tuple, shape: tuple[int, ...]) -> str:
        stat = self.graph.values.get(key)
        if stat is not None and stat.whole is not None:
            return _fitting(stat) or theme.shape_text(shape)
        return theme.shape_text(shape)

    def _number(self, stat: Stat) -> str:
        return _fitting(stat) or f"norm {theme.number(stat.norm)}"

    # ---- edges

    def _edges(self) -> list[str]:
        lines, seen = [], set()
        for node in self.graph.nodes:
            for position, ref in enumerate(node.inputs):
                head = self.owner[node.number]
                tail = self._tail(lines, node, position, ref)
                if tail is None or tail == head or (tail, head) in seen:
                    continue
                if not self._single(tail) or not self._single(head):
                    seen.add((tail, head))
                lines.append(self._edge(node, position, ref, tail, head))
        return lines

    def _single(self, name: str) -> bool:
        return name[0] != "g"

    def _tail(self, lines: list[str], node: OpNode, position: int, ref: Ref) -> str | None:
        """The id of the box that an argument comes from; plain numbers and arrays get a small box here."""
        if ref.kind == "node":
            return self.owner[ref.number]
        if ref.kind == "leaf":
            return f"l{ref.number}"
        if not self.constants or ref.value is None or (ref.kind == "array" and not ref.value[0]):
            return None
        name = f"k{node.number}_{position}"
        text = theme.number(ref.value, 6) if ref.kind == "scalar" else f"array {theme.shape_text(ref.value[0])}"
        lines.append(
            f'  "{name}" [label=<{html_text(text)}>, fillcolor="{theme.FILLS["state"]}", color="{theme.MUTED}", '
            f'fontsize=11, id="{name}", class="constant", tooltip="a constant: it gets no gradient"];'
        )
        return name

    def _edge(self, node: OpNode, position: int, ref: Ref, tail: str, head: str) -> str:
        name = f"e{node.number}_{position}"
        extra = ""
        if self.backward and ref.kind in ("node", "leaf") and self._single(tail) and self._single(head):
            stat = self.graph.contributions.get((node.number, position))
            look = look_of(stat.norm if stat else None, self.scale)
            extra = f', dir=back, color="{look.line}", penwidth={look.width:.2f}' + (
                ", style=dashed" if look.dashed else ""
            )
            uses = sum(
                r == ref or (r.kind in ("node", "leaf") and key_of(r) == key_of(ref))
                for n in self.graph.nodes
                for r in n.inputs
            )
            if stat is not None and stat.whole is not None and uses > 1 and self.constants:
                extra += f", label=<{html_text(whole_text(stat.whole, 4))}>"
        elif self.backward:
            extra = f', dir=none, color="{theme.ABSENT_LINE}", style=dashed'
        tip = value_tip(self.graph, key_of(ref)) if ref.kind in ("node", "leaf") else " "
        return f'  "{tail}" -> "{head}" [id="{name}", class="edge", tooltip={quoted(tip)}{extra}];'


def _stub(leaf: Leaf) -> list[str]:
    """The cut end of the history of a detached leaf."""
    if leaf.origin is None:
        return []
    name, origin = f"l{leaf.number}cut", origin_of([leaf])
    words = f'detach<BR/><FONT POINT-SIZE="10">{html_text(origin)}</FONT>' if origin else "detach"
    look = f'color="{theme.CUT}", fontcolor="{theme.CUT_INK}", fillcolor="#FFFFFF", style="filled,rounded,dashed"'
    wire = f'id="l{leaf.number}stub", class="cut", color="{theme.CUT}", style=dashed, penwidth=1.8, arrowhead=none'
    return [
        f'  "{name}" [label=<{words}>, fontsize=11, {look}, id="{name}", class="cut", tooltip={quoted(told(origin))}];',
        f'  "{name}" -> "l{leaf.number}" [{wire}, tooltip=" "];',
    ]


def _heading_row(size: int, color: str, text: str) -> str:
    return f'<TR><TD ALIGN="LEFT"><FONT POINT-SIZE="{size}" COLOR="{color}">{text}</FONT></TD></TR>'


def _fitting(stat: Stat) -> str:
    """The whole array with four digits, or with two, where that is short enough to be read."""
    texts = [whole_text(stat.whole, digits) for digits in (4, 2)] if stat.whole is not None else []
    return next((text for text in texts if len(text) <= 34), "")


def _html(spans: tuple) -> str:
    parts = []
    for span in spans:
        text = html_text(span.text) or " "
        text = f"<I>{text}</I>" if span.italic else text
        parts.append(f'<SUB><FONT POINT-SIZE="9">{text}</FONT></SUB>' if span.level < 0 else text)
    return "".join(parts)


def _groups(nodes: list[OpNode]) -> list[Group]:
    """One box an op; of too many, one box for each module call; of still too many, the two ends and a box for the
    rest."""
    single = [Group(f"n{node.number}", [node]) for node in nodes]
    if len(nodes) <= MOST:
        return single
    groups: list[Group] = []
    for node in nodes:
        place = node.scope
        if groups and place and groups[-1].nodes[0].scope == place:
            groups[-1].nodes.append(node)
        else:
            groups.append(Group(f"n{node.number}", [node]))
    for group in groups:
        if len(group.nodes) > 1:
            where = scope_text(group.nodes[0].scope)
            group.id, group.name = f"g{group.nodes[0].number}", f"{where}: {len(group.nodes)} ops"
    if len(groups) <= MOST:
        return groups
    middle = [node for group in groups[KEEP:-KEEP] for node in group.nodes]
    rest = Group(f"g{middle[0].number}", middle, f"… {len(middle)} more ops …")
    return [*groups[:KEEP], rest, *groups[-KEEP:]]
