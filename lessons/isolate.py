"""A learner's file examined in a process of its own: whatever the file does, there is a verdict, and soon.

The process has a limit of time, memory and what it may write; it starts no other process and opens no connection. That
is a fence against accidents and not a prison. Imports the standard library only; the process imports examine.py.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .exercise import Exercise, read
from .header import search_path

PATIENCE = 30  # seconds until a process that does not answer is ended; examine.SECONDS ends most of them earlier
MEMORY = 1 << 30  # bytes that an answer may have on top of what Python and NumPy take
PRINTED = 2000  # characters of what an answer prints that are kept
# The answer's environment: the numbers are the same whichever processor the learner has chosen for the lessons.
ENVIRONMENT = {
    "MINIGRAD_BACKEND": "numpy",
    "MINIGRAD_DTYPE": "float32",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}
FORBIDDEN = {
    "os.fork": "starts a process",
    "os.forkpty": "starts a process",
    "os.exec": "starts a program",
    "os.posix_spawn": "starts a process",
    "os.spawn": "starts a process",
    "os.system": "starts a program",
    "os.startfile": "starts a program",
    "subprocess.Popen": "starts a program",
    "os.kill": "ends a process",
    "os.killpg": "ends a process",
    "socket.connect": "uses the network",
    "socket.bind": "uses the network",
    "socket.getaddrinfo": "uses the network",
    "socket.gethostbyname": "uses the network",
    "socket.sendto": "uses the network",
}


def examine_apart(exercise: Exercise, file: Path, seed: int, patience: float = PATIENCE) -> dict[str, Any]:
    """The verdict on the learner's file, as a dict: `state`, `words`, `hint`, and `printed`, what the file printed."""
    with tempfile.TemporaryDirectory(prefix="minigrad-") as folder:
        report = Path(folder) / "verdict.json"
        words = map(str, (exercise.path, file.resolve(), seed, report))
        process = subprocess.Popen(
            [sys.executable, "-m", "lessons.isolate", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            start_new_session=True,
            env={**os.environ, **ENVIRONMENT, "PYTHONPATH": search_path()},
        )
        try:
            process.wait(patience)
            return json.loads(report.read_text(encoding="utf-8"))
        except subprocess.TimeoutExpired:
            return _wrong(f"it does not answer, not even after {patience:g} s; does a loop never end?")
        except (OSError, ValueError):
            return _wrong(f"it ended Python before it could be examined (exit status {process.returncode})")
        finally:
            _end(process)


def _wrong(words: str) -> dict[str, Any]:
    return {"state": "wrong", "words": [words], "hint": None, "printed": ""}


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it and all that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL) if hasattr(os, "killpg") else process.kill()
    process.wait()


# ---------------------------------------------------------------- inside the process


class Forbidden(Exception):
    """What an answer must not do."""


class Printed(io.TextIOBase):
    """Takes everything that is printed and keeps the beginning."""

    text = ""

    def write(self, text: str) -> int:
        self.text += text[: PRINTED - len(self.text)]
        return len(text)


def limit() -> None:
    """From here on this process cannot take much memory, write much, start a process or open a connection."""
    with contextlib.suppress(ImportError, OSError, ValueError):  # Windows has no such limits, macOS not all
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_FSIZE, (MEMORY >> 4, MEMORY >> 4))

    def watch(event: str, _: tuple) -> None:
        if event in FORBIDDEN:
            raise Forbidden(f"an answer that {FORBIDDEN[event]} is not run any further")

    sys.addaudithook(watch)


def main(exercise: str, file: str, seed: str, report: str) -> None:
    printed = sys.stdout = sys.stderr = Printed()
    try:
        from .examine import examine

        limit()
        verdict = asdict(examine(read(Path(exercise)), Path(file).read_bytes(), int(seed), file))
    except ModuleNotFoundError as missing:
        verdict = _wrong(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python")
    except OSError as error:
        verdict = _wrong(f"it cannot be read ({error.strerror})")
    except Exception as error:  # of the answer's making: an object that cannot even be looked at
        verdict = _wrong(f"what it returns cannot be examined ({type(error).__name__}: {error})")
    Path(report).write_text(json.dumps({**verdict, "printed": printed.text}), encoding="utf-8")
    os._exit(0)  # not waiting for threads of the answer


if __name__ == "__main__":
    main(*sys.argv[1:])
