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

from . import calibrate, coverage, header, learner, runner
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
        return subprocess.call([sys.executable, "-m", "lessons.verify", *args.exercises], env=environment)
    lessons = _find()
    if args.command == "list":
        print_list(lessons, args.out)
        return 0
    if args.command == "coverage":
        coverage.PAGE.write_text(coverage.page(lessons.values()), encoding="utf-8")
        print(f"written: {coverage.PAGE}")
        return 0
    if args.command == "site":
        from . import publish

        return publish.run(_choose(lessons, args.lessons) or list(lessons.values()), args)
    chosen = list(lessons.values()) if args.all else _choose(lessons, args.lessons)
    return {"run": runner.run, "calibrate": calibrate.run}[args.command](chosen, args)


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
    _add_lessons(run)
    run.add_argument("--jobs", type=int, default=2, metavar="N", help="how many run at the same time (default 2)")
    add_flags(run)
    learner.add_commands(commands)
    tuning = commands.add_parser("calibrate", help="how far each check of a lesson stays from its bound",
                                 description="Run lessons with several seeds and store min, median and max of each "
                                             "check; complain when a bound is less than three deviations away.")
    _add_lessons(tuning)
    tuning.add_argument("--seeds", type=int, default=10, metavar="N", help="how many seeds, from 0 (default 10)")
    tuning.add_argument("--fast", action="store_true", help="calibrate the fast mode (default: the full one)")
    commands.add_parser("coverage", help="write COVERAGE.md: which lesson covers which topic of the lectures")
    site = commands.add_parser("site", help="the course as a site: pages of the lessons, the reference, the pictures",
                               description="Run the lessons as notebooks and build the site. A lesson is run again "
                                           "only when it, or what it runs on, has changed.")
    site.add_argument("lessons", nargs="*", metavar="NN", help="some of the lessons only")
    site.add_argument("--fast", action="store_true", help="the pages show runs in fast mode")
    site.add_argument("--jobs", type=int, default=2, metavar="N", help="how many lessons run at a time (default 2)")
    site.add_argument("--out", type=Path, default=OUT / "site", metavar="DIR",
                      help="where to build it (default %(default)s); open html/index.html in it")
    purpose = "try the exercises themselves: holes fail, solutions pass, wrong answers do not"
    verify = commands.add_parser("verify", help=purpose, description=f"{purpose.capitalize()}.")
    verify.add_argument("exercises", nargs="*", metavar="NN[.K]", help="a lesson (08) or one of its exercises (08.2)")
    return top.parse_args(sys.argv[1:] or ["list"]) if argv is None else top.parse_args(argv)


def _add_lessons(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("lessons", nargs="*", metavar="NN", help="numbers of lessons, for example 01 02")
    parser.add_argument("--all", action="store_true", help="every lesson")


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
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read this has seen enough, as in `list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    raise SystemExit(status)
