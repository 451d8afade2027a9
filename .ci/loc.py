"""Counts lines of code: lines that hold more than a comment or a docstring. Imports the standard library only."""

import ast
import io
import sys
import tokenize
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORE = ("errors.py", "backend.py", "indexing.py", "graph.py", "autograd.py", "tensor.py", "op.py", "ops")
AIMS = {"core": 1500, "minigrad": 6000}
NOT_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def docstring_lines(tree: ast.Module) -> set[int]:
    """The lines of every module's, class's and function's docstring."""
    lines: set[int] = set()
    for owner in ast.walk(tree):
        if isinstance(owner, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = owner.body[0] if owner.body else None
            if ast.get_docstring(owner, clean=False) is not None:
                lines.update(range(first.lineno, first.end_lineno + 1))
    return lines


def code_lines(text: str) -> int:
    """How many lines of this Python text are code."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in NOT_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines - docstring_lines(ast.parse(text)))


def count(path: Path) -> int:
    """The code lines of a file, or of all Python files below a folder."""
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path] if path.is_file() else []
    return sum(code_lines(file.read_text(encoding="utf-8")) for file in files)


def main() -> int:
    house = ROOT / "minigrad"
    core = {name: count(house / name) for name in CORE}
    for name, lines in core.items():
        print(f"  {name:<24}{lines:>7,}")
    print(f"{'core':<26}{sum(core.values()):>7,}   aim {AIMS['core']:,}")
    print(f"{'all of minigrad':<26}{count(house):>7,}   aim {AIMS['minigrad']:,}")
    for name in ("viz", "lessons", "tests"):
        print(f"{name:<26}{count(ROOT / name):>7,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
