"""Trees as flat lists, so that no depth is too deep: read from nested lists, brackets, tokens or Python expressions, or
built over a list of tokens. Plain Python, no engine."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from minigrad.errors import GraphError

__all__ = ["Tree"]

MARK = re.compile(r"\(\s*(?P<open>[^\s()]*)|(?P<close>\))|(?P<leaf>[^\s()]+)")


class Tree:
    """One root and what hangs below it. Node i has labels[i] and children[i], the numbers of other nodes, in order.

    labels: a token, or None for an inner node without one. children: () for a leaf. A node may be the child of several
    (a directed acyclic graph, which is computed once). root: the one node that is nobody's child. heights[i]: the edges
    of the longest way from node i down to a leaf. words: the labels before they were numbered, for pictures. Raises
    GraphError naming a node on a cycle; IndexError for a child that is no node; ValueError for an empty tree, several
    roots, a leaf without a token.
    """

    __slots__ = ("children", "heights", "labels", "root", "words")

    def __init__(self, labels: Sequence[Any], children: Sequence[Sequence[int]], words: Sequence[Any] | None = None):
        self.labels = tuple(labels)
        self.words = self.labels if words is None else tuple(words)
        self.children = tuple([tuple([operator.index(child) for child in below]) for below in children])
        _check_nodes(self.labels, self.children)
        self.heights = _heights(self.labels, self.children)
        self.root = _root(self.children)

    # ---- from something that is a tree already
    @classmethod
    def from_nested(cls, data: Any, shared: bool = False) -> Tree:
        """(("the", "cat"), "sat"): a list or tuple is an inner node, anything else a leaf with that label.

        shared: a list or tuple that stands in several places is one node; otherwise each place has its own. Raises
        GraphError for a list that contains itself, ValueError for an empty one, both naming the place: 0.1 is the
        second part of the first.
        """
        return cls(*_flat(data, lambda item: (None, item) if isinstance(item, (list, tuple)) else (item, ()), shared))

    @classmethod
    def from_brackets(cls, text: str) -> Tree:
        """Penn style, "(S (NP the cat) (VP sat))": the word after a bracket labels the node (none: None), the other
        words are leaves; one bare word is a single leaf. Raises ValueError naming the position of the character."""
        return cls(*_read(_marks(text), "character", len(text)))

    @classmethod
    def from_tokens(cls, tokens: Iterable[str], opening: str = "[", closing: str = "]") -> Tree:
        """The parse tree of tokens such as "[MAX", "2", "[MIN", "4", "7", "]", "]" (ListOps: Nangia & Bowman, 2018).

        A token that starts with `opening` begins a node, labelled by its rest (None if there is none); `closing` ends
        it; the others are leaves. Raises ValueError naming the token's number.
        """
        tokens = list(tokens)
        return cls(*_read(_token_marks(tokens, opening, closing), "token", len(tokens)))

    @classmethod
    def from_python(cls, source: str | ast.AST) -> Tree:
        """A Python expression, as text or as a node of `ast`: "a + 2" is Add over the leaves "a" and "2".

        Labels are names and values at the leaves, operators and kinds of node (Call, Tuple, ...) above. Raises
        SyntaxError for text that is no expression, ValueError for empty text or nesting beyond Python's own parser.
        """
        if isinstance(source, str):
            if not source.strip():
                raise ValueError("an empty text is no expression")
            try:
                source = ast.parse(source.strip(), mode="eval")
            except (RecursionError, MemoryError) as error:
                raise ValueError("this expression is nested too deeply for Python's parser") from error
        return cls(*_flat(source.body if isinstance(source, ast.Expression) else source, _python_parts, shared=False))

    # ---- over a list of tokens
    @classmethod
    def balanced(cls, tokens: Iterable[Any]) -> Tree:
        """Neighbours joined two by two, again and again: n tokens make a binary tree of height ceil(log2 n)."""
        labels = _some(tokens)
        children: list[tuple[int, ...]] = [()] * len(labels)
        row = list(range(len(labels)))
        while len(row) > 1:
            joined = [*zip(row[::2], row[1::2])]
            left_over = row[2 * len(joined) :]
            row = [*range(len(children), len(children) + len(joined)), *left_over]
            children += joined
        return cls(labels + [None] * (len(children) - len(labels)), children)

    @classmethod
    def chain(cls, tokens: Iterable[Any]) -> Tree:
        """From left to right, (((a b) c) d): n tokens make a binary tree of height n - 1, as a recurrent net reads."""
        labels = _some(tokens)
        n = len(labels)
        joins = [(0 if i == 1 else n + i - 2, i) for i in range(1, n)]
        return cls(labels + [None] * len(joins), [()] * n + joins)

    # ---- what it holds
    @property
    def height(self) -> int:
        """The edges of the longest way from the root down to a leaf; 0 for a single leaf."""
        return self.heights[self.root]

    def leaves(self) -> list[int]:
        """The numbers of the leaves as one reads them, from left to right; a shared one comes once."""
        found, seen, waiting = [], set(), [self.root]
        while waiting:
            node = waiting.pop()
            if node in seen:
                continue
            seen.add(node)
            waiting += reversed(self.children[node])
            if not self.children[node]:
                found.append(node)
        return found

    def numbered(self, ids: Mapping[Any, int], inner: bool = True) -> Tree:
        """The same tree with ids[label] for each label; None stays. inner=False: only leaves keep one. Its words are
        those of this tree.

        Raises ValueError naming the first label that ids lacks.
        """
        labels = [label if inner or not below else None for label, below in zip(self.labels, self.children)]
        for node, label in enumerate(labels):
            if label is not None and label not in ids:
                raise ValueError(f"node {node}: {label!r} is not in the vocabulary of {len(ids)}")
        return Tree([None if label is None else ids[label] for label in labels], self.children, self.words)

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        return f"Tree({len(self)} nodes, {sum(not below for below in self.children)} leaves, height {self.height})"


# ---------------------------------------------------------------- what a tree must be


def _some(tokens: Iterable[Any]) -> list:
    tokens = list(tokens)
    if not tokens:
        raise ValueError("a tree over no tokens: at least one is needed")
    return tokens


def _named(node: int, labels: Sequence[Any]) -> str:
    return f"node {node}" if labels[node] is None else f"node {node} ({labels[node]!r})"


def _check_nodes(labels: Sequence[Any], children: Sequence[Sequence[int]]) -> None:
    if len(labels) != len(children):
        raise ValueError(f"{len(labels)} labels for {len(children)} nodes: one for each, None where there is none")
    if not labels:
        raise ValueError("an empty tree: at least one node is needed")
    for node, (label, below) in enumerate(zip(labels, children)):
        if label is None and not below:
            raise ValueError(f"node {node} is a leaf without a token")
        for child in below:
            if not 0 <= child < len(labels):
                raise IndexError(f"{_named(node, labels)}: child {child} is outside 0..{len(labels) - 1}")


def _heights(labels: Sequence[Any], children: Sequence[Sequence[int]]) -> list[int]:
    """The height of each node, from the leaves up; GraphError if some node is never reached."""
    parents: list[list[int]] = [[] for _ in children]
    for node, below in enumerate(children):
        for child in below:
            parents[child].append(node)
    missing = [len(below) for below in children]  # children whose height is not known yet
    known = [node for node, count in enumerate(missing) if not count]
    heights = [0] * len(children)
    for node in known:  # grows while it is walked
        for parent in parents[node]:
            heights[parent] = max(heights[parent], heights[node] + 1)
            missing[parent] -= 1
            if not missing[parent]:
                known.append(parent)
    if len(known) < len(children):
        node = _on_a_cycle(children, missing)
        raise GraphError(f"{_named(node, labels)} is among its own descendants: a tree has no cycle")
    return heights


def _on_a_cycle(children: Sequence[Sequence[int]], missing: Sequence[int]) -> int:
    """A node that can be reached from itself: below a node without a height there is always another one."""
    node, seen = next(n for n, count in enumerate(missing) if count), set()
    while node not in seen:
        seen.add(node)
        node = next(child for child in children[node] if missing[child])
    return node


def _root(children: Sequence[Sequence[int]]) -> int:
    below = {child for nodes in children for child in nodes}
    roots = [node for node in range(len(children)) if node not in below]
    if len(roots) != 1:
        raise ValueError(f"a tree has one root, but nodes {', '.join(map(str, roots[:5]))} are nobody's children")
    return roots[0]


# ---------------------------------------------------------------- reading

Flat = tuple[list, list]  # labels and children, each node after its children


class _Open(NamedTuple):
    """An item on the way from the root to where the reading is."""

    item: Any
    label: Any
    below: Sequence
    numbers: list[int]  # the nodes of those parts of `below` that are finished


def _flat(data: Any, parts: Callable[[Any], tuple[Any, Sequence]], shared: bool) -> Flat:
    """Nested objects as labels and children. parts(item) -> (label, items below)."""
    labels: list[Any] = []
    children: list[tuple[int, ...]] = []
    finished: dict[int, int] = {}  # by identity: an item to its node
    stack = [_Open(data, *parts(data), [])]
    above = {id(data)}  # of the items in the stack; leaves do not matter
    while stack:
        top = stack[-1]
        if len(top.numbers) < len(top.below):
            part = top.below[len(top.numbers)]
            if shared and id(part) in finished:
                top.numbers.append(finished[id(part)])
                continue
            label, below = parts(part)
            if below and id(part) in above:
                raise GraphError(f"the node{_place(stack)} is among its own descendants: a tree has no cycle")
            if below:
                above.add(id(part))
            stack.append(_Open(part, label, below, []))
            continue
        stack.pop()
        if top.below:
            above.discard(id(top.item))
            finished[id(top.item)] = len(labels)
        elif top.label is None:
            raise ValueError(f"an empty node{_place(stack)}: a leaf is a token, an inner node has children")
        if stack:
            stack[-1].numbers.append(len(labels))
        labels.append(top.label)
        children.append(tuple(top.numbers))
    return labels, children


def _place(stack: list[_Open]) -> str:
    """Where the next part stands: `0.1` is the second part of the first."""
    return " at " + ".".join(str(len(above.numbers)) for above in stack) if stack else ""


def _marks(text: str) -> Iterator[tuple[str, str, int]]:
    """("open", label), ("close", ")") and ("leaf", token), each with its position in the text."""
    for found in MARK.finditer(text):
        yield found.lastgroup, found[found.lastgroup], found.start()


def _token_marks(tokens: list[str], opening: str, closing: str) -> Iterator[tuple[str, str, int]]:
    for at, token in enumerate(tokens):
        if token == closing:
            yield "close", token, at
        elif token.startswith(opening):
            yield "open", token[len(opening) :], at
        else:
            yield "leaf", token, at


def _read(marks: Iterator[tuple[str, str, int]], unit: str, end: int) -> Flat:
    """Marks as labels and children; ValueError saying at which character or token they make no tree."""
    labels: list[Any] = []
    children: list[tuple[int, ...]] = []
    opened: list[tuple[str | None, int, list[int]]] = []  # label, position, finished children
    for kind, text, at in marks:
        if labels and not opened:
            raise ValueError(f"{unit} {at}: {text!r} stands behind the end of the tree")
        if kind == "open":
            opened.append((text or None, at, []))
            continue
        label, begun, numbers = (text, at, []) if kind == "leaf" else _closed(opened, unit, at)
        if opened:
            opened[-1][2].append(len(labels))
        labels.append(label)
        children.append(tuple(numbers))
    if opened:
        raise ValueError(f"{unit} {end}: the end, but the bracket opened at {unit} {opened[-1][1]} is not closed")
    if not labels:
        raise ValueError("an empty tree: at least one token is needed")
    return labels, children


def _closed(opened: list, unit: str, at: int) -> tuple:
    if not opened:
        raise ValueError(f"{unit} {at}: this bracket closes nothing")
    if not opened[-1][2]:
        raise ValueError(f"{unit} {at}: the bracket opened at {unit} {opened[-1][1]} holds no children")
    return opened.pop()


NOT_NODES = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)  # part of their parent's label


def _python_parts(node: ast.AST) -> tuple[str, list[ast.AST]]:
    """The label of a node of `ast`, and the nodes below it."""
    below = [child for child in ast.iter_child_nodes(node) if not isinstance(child, NOT_NODES)]
    if isinstance(node, ast.Constant):
        return repr(node.value), []
    if isinstance(node, ast.Name):
        return node.id, []
    if isinstance(node, ast.Compare):
        return " ".join(type(op).__name__ for op in node.ops), below
    if isinstance(node, ast.Attribute):
        return f".{node.attr}", below
    if isinstance(node, (ast.arg, ast.keyword)) and node.arg:
        return node.arg, below
    return type(getattr(node, "op", node)).__name__, below
