"""`python -m lessons`: list and run the lessons, and the commands on their exercises.

The command line only: runner.py runs lessons, learner.py has the exercises. Imports the standard library only.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from . import header, learner, runner
from .header import Header
from .isolate import ENVIRONMENT
from .runner import console, read_result, rich_table
from .shell import OUT, add_flags, fail


def main(argv: Sequence[str] | None = None) -> int:
    """The command line. Returns 0; 1 when a check failed; 2 when what was asked for makes no sense."""
    args = _arguments(argv)
    if args.command in learner.COMMANDS:
        return learner.run(args)
    if args.command == "verify":
        environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": header.search_path()}
        return subprocess.call([sys.executable, "-m", "lessons.verify"], env=environment)
    lessons = _find()
    if args.command == "list":
        print_list(lessons, args.out)
        return 0
    return runner.run(list(lessons.values()) if args.all else _choose(lessons, args.lessons), args)


def print_list(lessons: dict[str, Header], out: Path) -> None:
    """Number, title, question, seconds, and whether the lesson has been done."""
    rows = [(about.number, about.title, about.question, f"{about.seconds} s", _done(out / about.name))
            for about in lessons.values()]
    table = rich_table("", ["no", "lesson", "question", "takes", "done"], rows)
    if table:
        console().print(table)
        return
    for number, title, question, seconds, done in rows:
        print(f"{number}  {title}  ({seconds}, {done})\n    {question}")


def _done(folder: Path) -> str:
    result = read_result(folder)
    words = {"passed": "done", "failed": "a check failed", "running": "not finished"}
    return words.get(result.get("status", ""), "not yet") + (" (fast)" if result.get("fast") else "")


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    top = argparse.ArgumentParser(prog="python -m lessons", description="The numbered lessons of minigrad.",
                                  epilog="A lesson is also a script (python lessons/01_graph.py --fast) and opens as a "
                                         "notebook in VS Code, PyCharm, Spyder and Jupyter with jupytext.")
    commands = top.add_subparsers(dest="command", metavar="command")
    listing = commands.add_parser("list", help="number, title, question, seconds, done or not",
                                  description="Show all lessons, and which of them have been done.")
    listing.add_argument("--out", type=Path, default=OUT, metavar="DIR",
                         help="where to look for results (default %(default)s)")
    run = commands.add_parser("run", help="run lessons, two at a time", epilog="Exit code: 0 when every check holds, "
                              "1 when one fails, 2 when the command itself is wrong.",
                              description="Run lessons, show what their checks said and where the pictures are.")
    run.add_argument("lessons", nargs="*", metavar="NN", help="numbers of lessons, for example 01 02")
    run.add_argument("--all", action="store_true", help="every lesson")
    run.add_argument("--jobs", type=int, default=2, metavar="N", help="how many run at the same time (default 2)")
    add_flags(run)
    learner.add_commands(commands)
    commands.add_parser("verify", help="try the exercises themselves: holes fail, solutions pass, wrong answers do not")
    return top.parse_args(sys.argv[1:] or ["list"]) if argv is None else top.parse_args(argv)


def _find() -> dict[str, Header]:
    try:
        return header.find()
    except ValueError as error:
        fail(error)


def _choose(lessons: dict[str, Header], words: Sequence[str]) -> list[Header]:
    chosen = {}
    for word in words:
        number = Path(word).name[:2] if not word.isdigit() else f"{int(word):02d}"
        if number not in lessons:
            fail(f"there is no lesson {word!r}; there are {', '.join(lessons)}")
        chosen[number] = lessons[number]
    return [chosen[number] for number in sorted(chosen)]


if __name__ == "__main__":
    raise SystemExit(main())
