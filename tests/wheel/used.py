"""Which names of the array library minigrad uses, read from its syntax trees. Imports the standard library only."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path


def _is_xp(node: ast.AST, aliases: set[str]) -> bool:
    """`xp` itself, under the name it was imported by, or `backend.xp`."""
    if isinstance(node, ast.Name):
        return node.id in aliases
    return isinstance(node, ast.Attribute) and node.attr == "xp" and isinstance(node.value, ast.Name)


def _names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """(dotted name after xp, line): `xp.linalg.det(a)` gives linalg and linalg.det, the longer one last."""
    aliases = {"xp"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            aliases |= {alias.asname for alias in node.names if alias.name == "xp" and alias.asname}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and not _is_xp(node, aliases):
            chain, root = [node.attr], node.value
            while isinstance(root, ast.Attribute) and not _is_xp(root, aliases):
                chain.append(root.attr)
                root = root.value
            if _is_xp(root, aliases):
                yield ".".join(reversed(chain)), node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
            if len(node.args) > 1 and _is_xp(node.args[0], aliases) and isinstance(node.args[1], ast.Constant):
                yield node.args[1].value, node.lineno


def used_in(folder: Path) -> dict[str, str]:
    """{dotted name: the first place that uses it} for all Python files below a folder."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*.py")):
        for name, line in _names(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(name, f"{path.relative_to(folder.parent).as_posix()}:{line}")
    return found


def missing_in_list(used: Mapping[str, str], names: Mapping[str, list[str]]) -> list[str]:
    """The used names that a frozen list {"cupy": [...], "cupy.linalg": [...]} lacks, with their places.

    Where the list does not go as deep as a name (`add.at`), the part that it knows decides.
    """
    missing = []
    for dotted, place in used.items():
        where = "cupy"
        for part in dotted.split("."):
            if where not in names:
                break
            if part not in names[where]:
                missing.append(f"xp.{dotted} ({place})")
                break
            where = f"{where}.{part}"
    return missing
