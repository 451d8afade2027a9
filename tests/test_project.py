"""The project around the code: packages, extras, make targets, the counting scripts and the totals that `make test`
prints. Nothing here installs anything; the set-up script runs on made-up folders."""

import json
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks import gpu
from tests.run import counts
from tests.wheel.used import missing_in_list, used_in

ROOT = Path(__file__).resolve().parent.parent
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = "lessons lesson site test test-slow test-wheel bench bench-peers gallery gpu loc clean".split()
code_lines = runpy.run_path(str(ROOT / ".ci/loc.py"))["code_lines"]

REPORT = """<testsuites><testsuite tests="10" failures="2" errors="1" skipped="3"/></testsuites>"""


# ---- pyproject.toml


def project() -> dict:
    tomllib = pytest.importorskip("tomllib", reason="tomllib came with Python 3.11")
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_numpy_is_the_only_hard_dependency():
    assert [re.match(r"[\w-]+", name)[0] for name in project()["project"]["dependencies"]] == ["numpy"]


def test_the_packages_are_ours_alone():
    include = project()["tool"]["setuptools"]["packages"]["find"]["include"]
    assert sorted(include) == ["lessons*", "minigrad*", "viz*"]


def test_extras():
    extras = project()["project"]["optional-dependencies"]
    assert set(extras) == {"viz", "train", "lessons", "site", "test", "cuda12", "cuda13", "all"}


# ---- Makefile


def test_every_target_has_its_line_of_help():
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    helped = set(re.findall(r"^([a-z-]+):.*## \S", MAKEFILE, re.MULTILINE))
    phony = set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split())
    assert targets == helped == phony and targets >= set(TARGETS)


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")
def test_make_alone_prints_the_help():
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0
    assert set(TARGETS) <= {line.split()[1] for line in done.stdout.splitlines()}


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")
def test_make_lesson_without_a_number_says_how():
    done = subprocess.run(["make", "lesson", "N="], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and "make lesson N=12" in done.stderr


# ---- .ci/setup


def set_up(folder: Path, python: str) -> subprocess.CompletedProcess:
    """The set-up script in a folder of its own, with this Python, and no package index to reach."""
    (folder / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/setup", folder / ".ci")
    shutil.copy(ROOT / "pyproject.toml", folder)
    env = {"PATH": "/usr/bin:/bin", "PYTHON": python, "HOME": str(folder)}
    env |= {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null"}
    return subprocess.run([folder / ".ci/setup"], env=env, capture_output=True, text=True)


needs_shell = pytest.mark.skipif(sys.platform == "win32", reason="the set-up script is for a POSIX shell")


@needs_shell
def test_set_up_without_a_fitting_python(tmp_path):
    done = set_up(tmp_path, "no-such-python")
    assert done.returncode == 2 and "Python 3.10" in done.stderr and "no-such-python" in done.stderr


@needs_shell
def test_set_up_offline_replaces_a_broken_environment_and_says_what_is_wrong(tmp_path):
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / ".venv/bin/python").chmod(0o755)
    done = set_up(tmp_path, sys.executable)
    assert done.returncode == 2 and "network" in done.stderr.splitlines()[-1]
    again = subprocess.run([tmp_path / ".venv/bin/python", "-m", "pip", "--version"], capture_output=True)
    assert again.returncode == 0
    assert not (tmp_path / ".venv/minigrad-setup").exists()


# ---- make test: the totals


def test_counts_of_a_report(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    assert counts(report) == {"passed": 4, "failed": 3, "skipped": 3}


def test_no_report_counts_as_a_failure(tmp_path):
    assert counts(tmp_path / "none.xml")["failed"] == 1


# ---- make loc


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", 0),
        ("x = 1\n", 1),
        ('"""A docstring\nof two lines."""\nx = 1  # a comment\n\n# another\n', 1),
        ('def f():\n    """Doc."""\n    return """two\nlines"""\n', 3),
        ("x = [\n    1,\n    # why\n    2,\n]\n", 4),
        ("class A:\n    '''Doc.'''\n\n    y = 2\n", 2),
    ],
)
def test_code_lines(text, lines):
    assert code_lines(text) == lines


# ---- make test-wheel: which names of the array library are used


def test_used_names_are_found(tmp_path):
    house = tmp_path / "house"
    house.mkdir()
    (house / "a.py").write_text("from .backend import xp as np\nnp.linalg.det(np.zeros(3)).sum()\n")
    (house / "b.py").write_text("y = backend.xp.add.at\nz = getattr(xp, 'exp')\nw = xp\nnumpy.tan(w)\n")
    assert set(used_in(house)) == {"linalg", "linalg.det", "zeros", "add", "add.at", "exp"}
    assert used_in(house)["zeros"] == "house/a.py:2"


def test_a_missing_name_is_reported_with_its_place():
    names = {"cupy": ["add", "linalg"], "cupy.linalg": ["det"]}
    used = {"add.at": "a.py:1", "linalg.det": "a.py:2", "linalg.cond": "a.py:3", "unstack": "a.py:4"}
    assert missing_in_list(used, names) == ["xp.linalg.cond (a.py:3)", "xp.unstack (a.py:4)"]


def test_every_used_name_is_in_the_frozen_list_of_the_wheel():
    frozen = json.loads((ROOT / "tests/standin/names.json").read_text(encoding="utf-8"))
    assert int(frozen["version"].split(".")[0]) >= 14
    assert missing_in_list(used_in(ROOT / "minigrad"), frozen["names"]) == []


# ---- make gpu: its pure parts


def test_files_that_need_a_missing_package_are_named(tmp_path):
    test = tmp_path / "test_x.py"
    test.write_text("import os\nimport no_such_package.inside\nfrom another_missing_one import thing\n")
    assert gpu.needs(test) == ["another_missing_one", "no_such_package"]


def test_gpu_page():
    result = {
        "machine": {"date": "2026-01-31", "commit": "unknown", "driver": "570.1"},
        "doctor": "backend       cupy",
        "suite": {"passed": 7, "failed": 1, "skipped": 0, "output": "FAILED tests/test_y.py"},
        "benchmarks": {"status": 0, "output": "one node  5 us"},
    }
    page = gpu.markdown(result)
    for part in ("2026-01-31", "| driver | 570.1 |", "| suite: passed | 7 |", "FAILED tests/test_y.py", "node  5 us"):
        assert part in page
    assert "out of time" not in page
    result["benchmarks"]["status"] = None
    assert "out of time" in gpu.markdown(result)


def test_gpu_without_commands_is_unknown():
    assert gpu.say("no-such-command-here") == "unknown"


def test_gpu_stops_what_takes_too_long():
    status, _ = gpu.run([sys.executable, "-c", "import time; time.sleep(60)"], 0.5)
    assert status is None


def test_without_a_gpu_it_is_one_line_and_status_2(tmp_path, monkeypatch):
    (tmp_path / "cupy.py").write_text("__version__ = '14.2.0'\ndef is_available():\n    return False\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = subprocess.run([sys.executable, "-m", "tests.benchmarks.gpu"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert "no usable GPU" in done.stderr
