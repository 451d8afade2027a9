"""The learner's side of the exercises: the folder with their files, what is solved, and the commands around it.

`python -m lessons exercise | check | hint | solution | reset | watch`. Imports the standard library only; an answer is
examined in a process of its own.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import exercise
from .exercise import Exercise
from .header import FOLDER
from .isolate import examine_apart
from .shell import fail, write_json

COMMANDS = {
    "exercise": "copy exercises into your folder: files with holes, yours to fill",
    "check": "examine your answers",
    "hint": "show the next of three hints",
    "solution": "show the solution, once you have solved it or given up",
    "reset": "bring a file back as it was at first; yours is kept beside it",
    "watch": "examine each answer whenever you save it, until all are solved or Ctrl-C",
}
PROGRESS = "progress.json"
FRESH = {"solved": False, "attempts": 0, "hints": 0, "gave_up": False}


def add_commands(commands: Any) -> None:
    """Add COMMANDS to the subparsers of `python -m lessons`."""
    for name, purpose in COMMANDS.items():
        parser = commands.add_parser(name, help=purpose, description=f"{purpose.capitalize()}.")
        parser.add_argument("exercises", nargs="*", metavar="NN[.K]", help="a lesson (08) or one exercise of it (08.2)")
        parser.add_argument("--out", type=Path, metavar="DIR", help="your folder of exercises (default ./exercises)")
        if name in ("check", "watch"):
            parser.add_argument("--seed", type=int, metavar="N", help="repeat a check with the same random numbers")
        if name == "solution":
            parser.add_argument("--give-up", action="store_true", help="show it although it is not solved")


def run(args: argparse.Namespace) -> int:
    """Do one of COMMANDS. Returns 0, or 1 when something is not solved."""
    try:
        known = exercise.find()
    except ValueError as error:
        fail(error)
    try:
        work = Work(args.out or default_folder())
        if args.command == "exercise":
            return start(work, choose(known, args.exercises))
        begun = [each for each in known.values() if work.has(each)]
        chosen = choose(known, args.exercises) if args.exercises else begun
        if not any(map(work.has, chosen)):
            fail(work.missing(chosen))
        if args.command == "check":
            return check(work, chosen, args.seed)
        if args.command == "watch":
            return watch(work, chosen, args.seed)
        if args.command == "solution":
            return solution(work, chosen, args.give_up)
        return hint(work, chosen) if args.command == "hint" else reset(work, chosen, named=bool(args.exercises))
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}" if error.filename else error)
    except KeyboardInterrupt:
        fail("stopped", 130)


def choose(known: dict[str, Exercise], words: Sequence[str]) -> list[Exercise]:
    """The exercises that `08`, `8`, `08.2`, or the path of a learner's file stand for."""
    lessons = ", ".join(sorted({number[:2] for number in known}))
    if not words:
        fail(f"exercises of which lesson? Name it (python -m lessons exercise 08); there are some for {lessons}")
    chosen = {}
    for word in words:
        lesson, _, one = Path(word).name.removesuffix(".py").replace("_", ".").partition(".")
        number = f"{lesson.zfill(2)}.{one[:1]}" if one else lesson.zfill(2)
        found = {key: each for key, each in known.items() if number in (key, key[:2])}
        if not found:
            fail(f"there are no exercises {word!r}; there are some for lessons {lessons}, numbered like 08.2")
        chosen |= found
    return list(chosen.values())


def default_folder() -> Path:
    """`exercises` beside the lessons when started there; elsewhere the one above here that is in use, or a new one."""
    here = Path.cwd()
    if here.is_relative_to(FOLDER.parent):
        return FOLDER.parent / "exercises"
    used = [
        place
        for parent in (here, *here.parents)
        for place in (parent, parent / "exercises")
        if (place / PROGRESS).is_file()
    ]
    return used[0] if used else here / "exercises"


class Work:
    """The learner's folder: one file for each exercise begun, and progress.json."""

    def __init__(self, folder: Path):
        if folder.exists() and not folder.is_dir():
            fail(f"{folder} is a file; your exercises need a folder: --out DIR")
        self.folder = folder

    def file(self, each: Exercise) -> Path:
        return self.folder / each.name

    def has(self, each: Exercise) -> bool:
        return self.file(each).is_file()

    def progress(self, each: Exercise) -> dict[str, Any]:
        """What is known of this exercise: solved, attempts, hints, gave_up."""
        return {**FRESH, **self._all().get(each.number, {})}

    def record(self, each: Exercise, **news: Any) -> None:
        write_json(self.folder / PROGRESS, {**self._all(), each.number: {**self.progress(each), **news}})

    def missing(self, chosen: Sequence[Exercise]) -> str:
        """What to say when none of these files is here."""
        names = {each.name: each for each in chosen}
        theirs = sorted(p.name for p in self.folder.glob("*") if not (exercise.EXERCISES / p.name).is_file())
        for name, each in names.items():
            near = difflib.get_close_matches(name, theirs, 1, cutoff=0.7)
            if near:
                return (
                    f"{near[0]} in {shown(self.folder)} should be called {name}; give it this name back, or type "
                    f"python -m lessons reset {each.number} for a fresh one"
                )
        wanted = sorted({each.number[:2] for each in chosen})
        what = (
            f"no exercises{f' of lesson {wanted[0]}' if wanted else ''}" if len(chosen) != 1 else f"no {chosen[0].name}"
        )
        return (
            f"{what} in {shown(self.folder)}: python -m lessons exercise {wanted[0] if wanted else '08'} "
            f"puts it there; or, if you have it elsewhere, go there or add --out DIR"
        )

    def _all(self) -> dict[str, Any]:
        path = self.folder / PROGRESS
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return {number: dict(known) for number, known in content.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError, AttributeError):
            os.replace(path, path.with_suffix(".broken"))
            print(f"{shown(path)} could not be read, and starts anew; the old one is progress.broken beside it")
            return {}


# ---------------------------------------------------------------- the commands


def start(work: Work, chosen: Sequence[Exercise]) -> int:
    """Copy what is not there yet."""
    work.folder.mkdir(parents=True, exist_ok=True)
    for each in chosen:
        there = "" if _write_new(work.file(each), each.shipped) else "   (yours, as it was)"
        work.record(each)
        print(f"{shown(work.file(each))}   {each.title}{there}")
    lesson = chosen[0].number[:2]
    print(
        f"\nOpen them in your editor and fill the holes. Then:\n"
        f"  python -m lessons check {lesson}    says what is right, and what is wrong\n"
        f"  python -m lessons watch {lesson}    does so whenever you save\n"
        f"  python -m lessons hint {lesson}     when you are stuck"
    )
    return 0


def check(work: Work, chosen: Sequence[Exercise], seed: int | None) -> int:
    """Examine each; say how many are solved."""
    solved = sum([_check_one(work, each, seed) for each in chosen])
    print(f"\n{solved} of {len(chosen)} solved" + (". python -m lessons solution shows ours" if solved else ""))
    return 0 if solved == len(chosen) else 1


def hint(work: Work, chosen: Sequence[Exercise]) -> int:
    """Show the next hint of the first exercise that is not solved, below those shown before."""
    each = next((each for each in chosen if not work.progress(each)["solved"]), None)
    if each is None:
        print("Solved already: nothing to hint at. python -m lessons solution shows ours")
        return 0
    level = min(work.progress(each)["hints"] + 1, len(each.hints))
    work.record(each, hints=level)
    print(f"{each.number} {each.title}\n")
    for number, words in enumerate(each.hints[:level], start=1):
        print(f"Hint {number} of {len(each.hints)}: {words}")
    if level == len(each.hints):
        print(f"\nThere is no further hint; python -m lessons solution {each.number} --give-up shows the solution")
    return 0


def solution(work: Work, chosen: Sequence[Exercise], give_up: bool) -> int:
    """Show the solutions of what is solved, or given up."""
    hidden = 0
    for each in chosen:
        known = work.progress(each)
        if known["solved"] or known["gave_up"] or give_up:
            work.record(each, gave_up=known["gave_up"] or not known["solved"])
            print(f"# {each.number} {each.title}\n\n{each.solution}")
            continue
        hidden += 1
        print(
            f"{each.number} {each.title}: not solved yet. python -m lessons hint {each.number} helps, and "
            f"python -m lessons solution {each.number} --give-up shows it all the same"
        )
    return 1 if hidden else 0


def reset(work: Work, chosen: Sequence[Exercise], named: bool) -> int:
    """Bring the files back as they were shipped, each of the learner's under a new name beside it."""
    if not named:
        fail("reset which? Name a lesson or an exercise: python -m lessons reset 08.2")
    for each in chosen:
        file = work.file(each)
        if file.exists() and file.read_bytes() != each.shipped.encode():
            number = next(n for n in range(1, 1000) if not file.with_suffix(f".py.{n}").exists())
            os.replace(file, kept := file.with_suffix(f".py.{number}"))
            print(f"yours is kept as {shown(kept)}")
        _write_new(file, each.shipped)
        work.record(each, solved=False)
        print(f"{shown(file)} is as it was at first")
    return 0


def watch(work: Work, chosen: Sequence[Exercise], seed: int | None) -> int:
    """Examine what changes, twice a second, until all is solved or Ctrl-C."""
    seen: dict[str, Any] = {}
    solved = dict.fromkeys((each.number for each in chosen), False)
    try:
        while not all(solved.values()):
            for each in filter(work.has, chosen):
                if seen.get(each.number) != (stamp := _stamp(work.file(each))):
                    seen[each.number] = stamp
                    solved[each.number] = _check_one(work, each, seed)
            time.sleep(0.5)
        print("\nAll solved. python -m lessons solution shows ours", flush=True)
    except KeyboardInterrupt:
        print(f"\n{sum(solved.values())} of {len(chosen)} solved", flush=True)
    return 0


# ---------------------------------------------------------------- parts of them


def _check_one(work: Work, each: Exercise, seed: int | None) -> bool:
    if not work.has(each):
        print(f"{each.number} {each.title}: {work.missing([each])}", flush=True)
        return False
    seed = secrets.randbelow(10**6) if seed is None else seed
    verdict = examine_apart(each, work.file(each), seed)
    known = work.progress(each)
    work.record(each, solved=verdict["state"] == "solved", attempts=known["attempts"] + (verdict["state"] != "todo"))
    said = {"solved": "solved", "todo": verdict["words"][0] if verdict["words"] else "", "wrong": "not yet"}
    print(f"{each.number} {each.title}: {said[verdict['state']]}", flush=True)
    if verdict["state"] == "wrong":
        number, best = each.number, verdict["hint"]
        about = f"hint {best} is about this" if best else f"{known['hints']} of {len(each.hints)} hints used"
        lines = [
            shown(work.file(each)),
            *verdict["words"],
            f"{about}: python -m lessons hint {number}",
            f"the same random numbers again: python -m lessons check {number} --seed {seed}",
        ]
        print("\n".join(f"     {line}" for line in lines), flush=True)
    if verdict["printed"].strip():
        print("     it printed:", *verdict["printed"].strip().splitlines()[:12], sep="\n     | ", flush=True)
    return verdict["state"] == "solved"


def _write_new(path: Path, text: str) -> bool:
    """Write a file that is not there yet. Returns whether it was written."""
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:  # an editor is just replacing it
        return None
    return status.st_mtime_ns, status.st_size


def shown(path: Path) -> str:
    """The path as seen from here, where that is shorter."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
