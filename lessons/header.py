"""Which lessons there are, and what the docstring at the top of each one says.

Uses the standard library only, so that `python -m lessons list` works before anything is installed.
"""

from __future__ import annotations

import ast
import os
import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
FIELDS = ("question", "claim", "check", "data", "seconds", "fast_seconds", "items", "needs")
_FIELD = re.compile(rf"(?:^|\s)({'|'.join(FIELDS)}):\s")
_ITEM = re.compile(r"([A-Z])(\d+)(?:-\1(\d+))?")


@dataclass(frozen=True)
class Header:
    """One lesson: its file and the fields of its docstring. `seconds` are what it takes on two cores, roughly."""

    path: Path
    number: str
    title: str
    question: str
    claim: str
    check: str
    data: str
    seconds: int
    fast_seconds: int
    items: tuple[str, ...]
    needs: tuple[str, ...]

    @property
    def name(self) -> str:
        """`01_graph`, which also names the lesson's output folder."""
        return self.path.stem


def read(path: Path) -> Header:
    """The header of the lesson at `path`. Raises ValueError, naming the file, when a field is missing or wrong."""
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")), clean=True)
    if not doc:
        raise ValueError(f"{path.name}: a lesson opens with a docstring")
    title_line, _, body = doc.partition("\n")
    number, _, title = title_line.partition(" ")
    if number != path.name[:2] or not title:
        raise ValueError(f"{path.name}: the docstring's first line is '{path.name[:2]} Title', not {title_line!r}")
    parts = _FIELD.split("\n" + body)
    names, values = parts[1::2], [" ".join(value.split()) for value in parts[2::2]]
    fields = dict(zip(names, values, strict=True))
    if parts[0].strip() or len(fields) != len(names) or set(fields) != set(FIELDS) or not all(fields.values()):
        raise ValueError(f"{path.name}: the docstring needs each of these once, with a value: {', '.join(FIELDS)}")
    try:
        seconds, fast_seconds = int(fields["seconds"]), int(fields["fast_seconds"])
    except ValueError:
        raise ValueError(f"{path.name}: seconds and fast_seconds are whole numbers") from None
    return Header(path, number, title, fields["question"], fields["claim"], fields["check"], fields["data"], seconds,
                  fast_seconds, expand_items(fields["items"]), _needs(fields["needs"]))


def expand_items(text: str) -> tuple[str, ...]:
    """`"B1-B3 O1"` -> `("B1", "B2", "B3", "O1")`. Raises ValueError on anything that is not an id or a range."""
    ids: list[str] = []
    for word in text.split():
        match = _ITEM.fullmatch(word)
        if not match:
            raise ValueError(f"items: {word!r} is neither an id like B4 nor a range like B4-B7")
        letter, first, last = match.groups()
        ids += [f"{letter}{i}" for i in range(int(first), int(last or first) + 1)]
    return tuple(ids)


def find() -> dict[str, Header]:
    """Every lesson by its number, in order."""
    return {path.name[:2]: read(path) for path in sorted(FOLDER.glob("[0-9][0-9]_*.py"))}


def search_path() -> str:
    """A PYTHONPATH with which a new process finds the lessons, from any folder."""
    return os.pathsep.join(filter(None, [str(FOLDER.parent), os.environ.get("PYTHONPATH")]))


def _needs(text: str) -> tuple[str, ...]:
    return () if text in ("nothing", "none", "-") else tuple(text.split())
