"""Lessons in a process of their own, as a user would run them after `make`, and a course with lessons of a test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TIME_LIMIT = 300  # seconds; not a measurement, only an end to a lesson that hangs


def shell_run(*words: object, folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments, on one thread, in a folder."""
    one_thread = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return subprocess.run([sys.executable, *map(str, words)], cwd=folder, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": search_path(ROOT), **one_thread, **environment},
                          timeout=TIME_LIMIT)  # fmt: skip


def search_path(*first: Path) -> str:
    """A PYTHONPATH that begins with these folders; the stand-in for CuPy stays on it."""
    return os.pathsep.join(filter(None, [*map(str, first), os.environ.get("PYTHONPATH")]))


def copy_machinery(folder: Path) -> Path:
    """What runs lessons, without a lesson, as folder/lessons. Returns the folder."""
    (folder / "lessons").mkdir(parents=True)
    for path in (ROOT / "lessons").glob("[a-z_]*.py"):
        (folder / "lessons" / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def course_run(course: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """`python -m lessons` in such a folder; minigrad is the real one."""
    return shell_run("-m", "lessons", *words, folder=course, PYTHONPATH=search_path(course, ROOT))
