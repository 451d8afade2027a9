"""The manners that lessons and their runner share: the flags, how a user's mistake is told, how a result is written.

Uses the standard library only.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from .header import FOLDER

OUT = FOLDER.parent / "out"


def add_flags(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add the flags that every lesson has, and the runner passes on. Returns `parser`."""
    parser.add_argument("--fast", action="store_true", help="smaller sizes and looser checks: 15 seconds at most")
    parser.add_argument("--seed", type=_seed, default=0, metavar="N", help="seed of all random numbers (default 0)")
    parser.add_argument("--out", type=Path, default=OUT, metavar="DIR",
                        help="folder in which each lesson gets its own for results and pictures (default %(default)s)")
    parser.add_argument("--text", type=Path, metavar="FILE",
                        help="a text file of your own, for the lessons that read text")
    parser.add_argument("--encoding", default="utf-8", metavar="NAME", help="of that file (default %(default)s)")
    parser.add_argument("--max-chars", type=_count, default=5_000_000, metavar="N",
                        help="how much of it to read at most (default %(default)s characters)")
    parser.add_argument("--no-draw", action="store_true", help="compute and check only, draw nothing")
    return parser


def check_text(path: Path | None) -> None:
    """End with one line if `--text` names no file."""
    if path is not None and not path.is_file():
        fail(f"--text {path}: {'that is a folder' if path.is_dir() else 'there is no such file'}")


def fail(message: object, code: int = 2) -> NoReturn:
    """End the command with one line on stderr and no traceback: what was asked for is at fault, not the program."""
    print(" ".join(str(message).split()), file=sys.stderr)
    raise SystemExit(code)


def write_json(path: Path, content: Any) -> None:
    """Write through a temporary file beside `path`: a reader sees the old file or the new one, never half of one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        os.replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _count(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r}: a number of characters, 1 or more")
    return int(text)


def _seed(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r}: a seed is a whole number, 0 or more")
    return int(text)
