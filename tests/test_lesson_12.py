"""Lesson 12 with a text of the user's own: unusable ones end in one line and exit code 2, usable ones run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LESSON = ROOT / "lessons" / "12_character_lm.py"


def run(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    one_thread = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return subprocess.run(
        [sys.executable, str(LESSON), "--fast", "--no-draw", "--out", str(folder / "out"), *map(str, words)],
        capture_output=True, text=True, cwd=folder, env={**os.environ, **one_thread, "PYTHONPATH": path}, timeout=300,
    )  # fmt: skip


UNUSABLE = {
    "missing fault_66": (None, "no such file"),
    "empty fault_66": (b"", "at least 1026 characters"),
    "too short fault_66": (b"to be or not to be\n" * 50, "(950 characters): a window of 512 needs at least 1026"),
    "not utf-8 fault_67": ("caf\u00e9 au lait\n".encode("latin-1") * 200, "byte 0xe9 at offset 3"),
    "nul fault_67": (b"text\0" * 400, "NUL at byte offset 4"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_an_unusable_text_is_one_line_and_exit_code_2(case: str, tmp_path: Path) -> None:
    content, part = UNUSABLE[case]
    file = tmp_path / "mine.txt"
    if content is not None:
        file.write_bytes(content)
    ran = run(tmp_path, "--text", file)
    assert ran.returncode == 2
    assert part in ran.stderr and "mine.txt" in ran.stderr and ran.stderr.count("\n") == 1


def test_a_folder_is_no_text_fault_66(tmp_path: Path) -> None:
    ran = run(tmp_path, "--text", tmp_path)
    assert ran.returncode == 2 and "folder" in ran.stderr and ran.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_text_of_ones_own_promises_no_learning(tmp_path: Path) -> None:
    """A mark and CRLF are taken off and reported; only what holds for every text is checked."""
    file = tmp_path / "mine.txt"
    file.write_bytes(b"\xef\xbb\xbf" + b"the cat sat on the mat, and the dog on the log.\r\n" * 30)
    ran = run(tmp_path, "--text", file)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "byte order mark removed" in ran.stdout and "CRLF" in ran.stdout
    result = json.loads((tmp_path / "out" / LESSON.stem / "result.json").read_text())
    assert {check["name"] for check in result["checks"]} == {"one_hot_is_a_row", "initial_distance"}
