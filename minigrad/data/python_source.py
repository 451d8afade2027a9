"""What Python's standard library says of itself: the role of each token, and its expressions as trees. Read where it is
installed, never copied. Imports NumPy and its own room."""

from __future__ import annotations

import ast
import io
import keyword
import sysconfig
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from .large import DataError
from .sizes import checked_sizes
from .splits import belongs
from .trees import Tree

ROLES = ("KW", "DEF", "CALL", "METHOD", "ATTR", "TARGET", "OBJ", "VAR", "OP", "NUMBER", "STRING")
BEFORE = {"(": "CALL", "=": "TARGET", ".": "OBJ"}  # what a name is before these
LONGEST = 100  # tokens of a line; longer ones are tables
LAYOUT = (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)

T = TypeVar("T")


class TokenRoles(NamedTuple):
    """Lines of Python: their tokens, and the role of each, its place in ROLES."""

    tokens: list[list[str]]  # N of T_n
    roles: list[np.ndarray]  # N of (T_n,) int64


def token_roles(max_files: int = 60, max_tokens: int = 200_000, split: str | None = None) -> TokenRoles:
    """The role of each token in Python's standard library, one of the 11 ROLES, logical line by logical line.

    A name is KW, a keyword; DEF, defined here, after `def` or `class`; METHOD or ATTR, after a dot, called or not;
    CALL, called; TARGET, before `=`; OBJ, before a dot; VAR otherwise. So its role depends on the token after it, too.
    Numbers stand as `<NUM>` and strings as `<STR>`, since few of them come twice; comments, indentation and
    lines of more than 100 tokens, which are tables, are left out.

    From the first max_files modules by name, whole lines as long as they are max_tokens together at most; modules that
    cannot be read are skipped. split: "train" or "valid", decided by the name of the module; None for both. Raises
    DataError where Python comes without its sources, ValueError for sizes below 1.

    >>> lines = token_roles(max_files=1)  # __future__.py
    >>> lines.tokens[1][:4], [ROLES[role] for role in lines.roles[1][:4]]
    (['all_feature_names', '=', '[', '<STR>'], ['TARGET', 'OP', 'OP', 'STRING'])
    """
    checked_sizes("token_roles", max_files=(max_files, 1), max_tokens=(max_tokens, 1))
    found, left = TokenRoles([], []), max_tokens
    modules = _modules("token_roles", _lines, max_files, split)
    for line in (line for lines in modules for line in lines):
        left -= len(line)
        if left < 0:
            break
        around = ["", *[token.string for token in line], ""]
        roles = [_role(before, token, after) for before, token, after in zip(around, line, around[2:])]
        words = {"NUMBER": "<NUM>", "STRING": "<STR>"}
        found.tokens.append([words.get(role, token.string) for role, token in zip(roles, line)])
        found.roles.append(np.array([ROLES.index(role) for role in roles]))
    return found


def _lines(text: str) -> list[list[tokenize.TokenInfo]]:
    """The logical lines, but no empty ones and no tables."""
    lines: list[list[tokenize.TokenInfo]] = [[]]
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NEWLINE:
            lines.append([])
        elif token.type not in LAYOUT:
            lines[-1].append(token)
    return [line for line in lines if 0 < len(line) <= LONGEST]


def _role(before: str, token: tokenize.TokenInfo, after: str) -> str:
    kind = tokenize.tok_name[token.type]
    if kind != "NAME":
        return "STRING" if "STRING" in kind else "NUMBER" if kind == "NUMBER" else "OP"  # FSTRING_START and the like
    if keyword.iskeyword(token.string):
        return "KW"
    if before in ("def", "class"):
        return "DEF"
    if before == ".":
        return "METHOD" if after == "(" else "ATTR"
    return BEFORE.get(after, "VAR")


def expression_trees(
    max_files: int = 60, min_nodes: int = 5, max_nodes: int = 30, split: str | None = None
) -> list[Tree]:
    """The expressions of Python's standard library as trees of min_nodes .. max_nodes nodes, each tree once.

    From the first max_files modules by name, in the order of the text; outermost expressions only, no parts of others.
    Labels: see Tree.from_python. split: "train" or "valid", decided by the tree; None for both. Raises DataError where
    Python comes without its sources, ValueError for sizes below 1 and max_nodes below min_nodes.

    >>> tree = expression_trees(max_files=1)[1]  # "_Feature" + repr((self.optional, ... )) in __future__.py
    >>> tree.height, tree.labels[-3:]
    (4, ('Tuple', 'Call', 'Add'))
    """
    least = {"max_files": (max_files, 1), "min_nodes": (min_nodes, 1), "max_nodes": (max_nodes, min_nodes)}
    checked_sizes("expression_trees", **least)
    found: dict[str, Tree] = {}
    for module in _modules("expression_trees", ast.parse, max_files):
        for expression in _expressions(module):
            tree = Tree.from_python(expression)
            if min_nodes <= len(tree) <= max_nodes:
                found.setdefault(str((tree.labels, tree.children)), tree)
    return [tree for key, tree in found.items() if belongs("expression_trees", key, split)]


def _expressions(module: ast.Module) -> Iterator[ast.expr]:
    """The outermost ones, from first to last."""
    waiting: list[ast.AST] = [module]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.expr):
            yield node
        else:
            waiting += reversed([*ast.iter_child_nodes(node)])


def _modules(task: str, parse: Callable[[str], T], max_files: int, split: str | None = None) -> Iterator[T]:
    """The modules at the top of the standard library, parsed; DataError if there is none."""
    folder, none = Path(sysconfig.get_path("stdlib")), True
    for path in sorted(folder.glob("*.py"))[:max_files]:
        if not belongs(task, path.name, split):
            continue
        try:
            with tokenize.open(path) as file:
                parsed = parse(file.read())
        except (OSError, UnicodeDecodeError, SyntaxError, tokenize.TokenError):
            continue
        none = False
        yield parsed
    if none:
        raise DataError(f"{task}: no sources of Python's standard library in {folder} ({split or 'any'} split)")
