"""Real text that every machine has: Python's own help topics, or a file that the user names. Nothing is downloaded.
Imports large."""

from __future__ import annotations

import ast
import hashlib
import sysconfig
import tokenize
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from .large import DataError, TextFile

HELD_OUT = 3  # of the ten residues of md5(topic), the one that is validated on: 15 % of the text on Python 3.11
LONG_LINE = 20  # repeated lines longer than this are boilerplate that a held-out text must not share with training
FALLBACK_CHARS = 450_000  # docstrings taken when the topics are missing: about as much text as the topics have


class Corpus(NamedTuple):
    """A text in two parts that share no topic. `notes`: what was left out or changed on the way, one line each."""

    name: str
    train: str
    valid: str
    notes: tuple[str, ...] = ()


def python_topics() -> Corpus:
    """The help topics of the running Python (`pydoc_data.topics`; its size differs between Python versions).

    Whole topics go to one side, by md5(topic) % 10, so the held-out text is of the same kind but not the same text;
    characters outside ASCII and repeats of long lines are dropped. Where a cut-down Python lacks the topics, the
    docstrings of its standard library stand in, each one a topic. Raises DataError when it has neither.
    """
    try:
        from pydoc_data.topics import topics
    except ImportError:
        return _split_by_topic("stdlib-docstrings", _docstrings(), ("pydoc_data is missing: docstrings stand in",))
    return _split_by_topic("python-topics", topics)


def text_file(
    path: str | Path, encoding: str = "utf-8", max_chars: int = 5_000_000, window: int = 1, valid_share: float = 0.1
) -> Corpus:
    """A user's text file; its last `valid_share`, and never less than a window, is held out.

    A byte order mark is removed, CRLF and CR become newlines, text after `max_chars` is left: each is noted.
    Raises DataError (one line) for a file that is missing, a directory, unreadable, empty, not in `encoding` (with
    the byte offset), holding NUL, or too short for `window` predictions on both sides (for batches of B streams
    that is B times the steps of one); ValueError for sizes that make no sense.
    """
    for name, size in (("max_chars", max_chars), ("window", window)):
        if not isinstance(size, int) or size < 1:
            raise ValueError(f"text_file: {name} must be an integer of at least 1, not {size!r}")
    if not 0 < valid_share < 1:
        raise ValueError(f"text_file: valid_share must lie between 0 and 1, not {valid_share!r}")
    text, notes = _read(path, encoding, max_chars)
    shortest = 2 * (window + 1)
    if len(text) < shortest:
        found = "is empty" if not text else f"is too short ({len(text)} characters)"
        raise DataError(f"{path} {found}: a window of {window} needs at least {shortest} characters")
    held_out = min(max(round(len(text) * valid_share), window + 1), len(text) - window - 1)
    return Corpus(Path(path).name, text[:-held_out], text[-held_out:], notes)


def _split_by_topic(name: str, texts: Mapping[str, str], notes: tuple[str, ...] = ()) -> Corpus:
    seen: set[str] = set()
    train, valid, lost = [], [], 0
    for topic in sorted(texts):
        kept = _without_repeats(texts[topic], seen)
        text = kept.encode("ascii", "ignore").decode()
        lost += len(kept) - len(text)
        residue = int(hashlib.md5(topic.encode(), usedforsecurity=False).hexdigest(), 16) % 10
        (valid if residue == HELD_OUT else train).append(text)
    if not any(train) or not any(valid):
        raise DataError(f"{name}: this Python carries too little text; name a file of your own with --text")
    notes += (f"repeated lines of more than {LONG_LINE} characters dropped", f"{lost} characters outside ASCII dropped")
    return Corpus(name, "\n\n".join(train), "\n\n".join(valid), notes)


def _without_repeats(text: str, seen: set[str]) -> str:
    """Drop the long lines that `seen` already has, whatever their indentation, and add the others to it."""
    kept = []
    for line in text.split("\n"):
        key = line.strip()
        if len(key) > LONG_LINE:
            if key in seen:
                continue
            seen.add(key)
        kept.append(line)
    return "\n".join(kept)


def _docstrings() -> dict[str, str]:
    """{"module number": docstring} from the top level of the standard library, in the order of the file names."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found: dict[str, str] = {}
    total = 0
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        try:
            with tokenize.open(path) as file:
                tree = ast.parse(file.read())
        except (OSError, SyntaxError, UnicodeDecodeError):
            continue
        docs = [ast.get_docstring(node) for node in ast.walk(tree) if isinstance(node, owners)]
        found.update({f"{path.stem} {i}": doc for i, doc in enumerate(docs) if doc})
        total += sum(len(doc) for doc in docs if doc)
        if total >= FALLBACK_CHARS:
            break
    return found


def _read(path: str | Path, encoding: str, max_chars: int) -> tuple[str, tuple[str, ...]]:
    """The first characters of a file, and what was changed or left out."""
    file, text, notes = TextFile(path, encoding), "", []
    for piece in file:
        text += piece
        if len(text) > max_chars:
            break
    if file.mark:
        notes.append("byte order mark removed")
    if file.returns:
        notes.append(f"{file.returns} CRLF or CR line ends read as newlines")
    if len(text) > max_chars:
        notes.append(f"only the first {max_chars:,} characters are used (--max-chars)")
    return text[:max_chars], tuple(notes)
