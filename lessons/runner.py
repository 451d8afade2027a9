"""Runs lessons side by side, each in its own process with one BLAS thread, and shows how far they are.

Imports nothing outside the standard library; rich, when it is there and the output is a terminal, draws the table.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .header import Header, search_path
from .shell import check_text, fail

ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def run(chosen: Sequence[Header], args: argparse.Namespace) -> int:
    """Run these lessons with the flags of `args`. Returns 0; 1 when a check failed; 2 when a flag was refused."""
    if not chosen:
        fail("which lessons? Name them (python -m lessons run 01 02) or say --all; `list` shows them")
    if args.jobs < 1:
        fail(f"--jobs {args.jobs}: at least one lesson runs at a time")
    check_text(args.text)
    out = _folder(args.out)
    runs = [Run(about, out / about.name, command(about, args, out)) for about in chosen]
    try:
        _run_all(runs, args.jobs)
    except KeyboardInterrupt:
        for one in runs:
            one.stop()
        fail("stopped", 130)
    return _report(runs, out)


@dataclass
class Run:
    """One lesson on its way: waiting, running, ended."""

    about: Header
    out: Path
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    seconds: float = 0.0
    code: int | None = None

    @property
    def log(self) -> Path:
        """Where everything the lesson prints goes."""
        return self.out / "log.txt"

    def start(self) -> None:
        self.out.mkdir(parents=True, exist_ok=True)
        (self.out / "result.json").unlink(missing_ok=True)
        environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": search_path(), "PYTHONUNBUFFERED": "1"}
        self.began = time.perf_counter()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=environment
            )

    def poll(self) -> bool:
        """Whether the lesson is still running."""
        if self.process is None or self.code is not None:
            return False
        self.code = self.process.poll()
        self.seconds = time.perf_counter() - self.began
        return self.code is None

    def wait(self) -> None:
        """Until it has ended."""
        try:
            self.code = self.process.wait()
        finally:
            self.stop()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait()

    @property
    def state(self) -> str:
        if self.process is None:
            return "waiting"
        if self.code is None:
            return "running"
        return "passed" if self.code == 0 else "FAILED"

    def result(self) -> dict:
        return read_result(self.out)

    def checks(self) -> str:
        done = self.result().get("checks", [])
        return f"{sum(check['passed'] for check in done)} of {len(done)}" if done else ""

    def last_line(self) -> str:
        """What the lesson printed last: shown while it runs."""
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").split("\n")
        except OSError:
            return ""
        return next((line.strip() for line in reversed(lines) if line.strip()), "")


def read_result(folder: Path) -> dict:
    """What the lesson's last run wrote, or {} if it never ran (or its file is not readable)."""
    try:
        content = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _folder(path: Path) -> Path:
    probe = path / f".writable.{os.getpid()}"
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        fail(f"cannot write to {path} ({error.strerror}): choose another folder with --out DIR")
    return path.resolve()


def command(about: Header, args: argparse.Namespace, out: Path) -> list[str]:
    """The command line that runs one lesson with these flags."""
    text = ["--text", str(args.text.resolve())] if args.text else []
    text += ["--encoding", args.encoding, "--max-chars", str(args.max_chars)]
    flags = ["--fast"] * args.fast + ["--no-draw"] * args.no_draw + text
    return [sys.executable, str(about.path), "--seed", str(args.seed), "--out", str(out), *flags]


def _run_all(runs: list[Run], jobs: int) -> None:
    live = _live()
    try:
        waiting, running = list(runs), []
        while waiting or running:
            while waiting and len(running) < jobs:
                running.append(waiting.pop(0))
                running[-1].start()
            time.sleep(0.1)
            ended = [run for run in running if not run.poll()]
            running = [run for run in running if run not in ended]
            if live:
                live.update(_results_table(runs), refresh=True)
            for run in [] if live else ended:
                print(
                    f"{run.about.number} {run.about.title}: {run.state}, checks {run.checks() or 'none'}, "
                    f"{run.seconds:.1f} s",
                    flush=True,
                )
    finally:
        if live:
            live.stop()  # gives the cursor back, also after Ctrl-C


def _report(runs: list[Run], out: Path) -> int:
    for run in runs:
        if run.code == 0:
            continue
        print(f"\n{run.about.number} {run.about.title} failed; all it printed is in {run.log}")
        failed = [check for check in run.result().get("checks", []) if not check["passed"]]
        for check in failed:
            print(f"  {check['name']} = {check['measured']}, required {check['relation']} {check['required']}")
        if not failed:
            print(f"  {run.last_line()}")
    pictures = [run.out / name for run in runs for name in run.result().get("pictures", [])]
    passed = sum(run.code == 0 for run in runs)
    print(f"\n{passed} of {len(runs)} lessons passed." + (" Pictures:" if pictures else f" Results are in {out}"))
    for path in pictures:
        print(f"  {path}")
    return 0 if passed == len(runs) else 2 if any(run.code == 2 for run in runs) else 1


def _results_table(runs: list[Run]):
    rows = []
    for run in runs:
        pictures = run.result().get("pictures", [])
        last = run.last_line()[:48] if run.state == "running" else ", ".join(pictures)
        seconds = f"{run.seconds:.1f}" if run.process else f"about {run.about.seconds}"
        rows.append((run.about.number, run.about.title, run.state, run.checks(), seconds, last))
    ended = sum(run.code is not None for run in runs)
    return rich_table(
        f"{ended} of {len(runs)} lessons", ["no", "lesson", "state", "checks", "seconds", "pictures"], rows
    )


def rich_table(title: str, columns: list[str], rows: list[tuple[str, ...]]):
    """A rich table, or None where rich is missing or nobody is watching."""
    if not sys.stdout.isatty():
        return None
    try:
        from rich.table import Table
        from rich.text import Text
    except ImportError:
        return None
    colours = {"passed": "green", "done": "green", "FAILED": "bold red", "a check failed": "red", "running": "yellow"}
    table = Table(*columns, title=title or None)
    for row in rows:
        table.add_row(*(Text(cell, style=colours.get(cell, "")) for cell in row))
    return table


def console():
    from rich.console import Console

    return Console()


def _live():
    """rich's live display, started; or None where there is no terminal or no rich."""
    if rich_table("", [], []) is None:
        return None
    from rich.live import Live

    live = Live(console=console(), auto_refresh=False)
    live.start()
    return live
