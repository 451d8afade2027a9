"""Every lesson runs, says what it claims and keeps the form; the kit and the runner do what they promise."""

from __future__ import annotations

import ast
import html
import io
import json
import os
import re
import subprocess
import sys
import tokenize
from pathlib import Path

import numpy as np
import pytest

import minigrad as mg
from lessons import calibrate, header, kit, shell
from lessons.__main__ import main
from tests.apart import ROOT, TIME_LIMIT, copy_machinery, course_run, search_path, shell_run

ITEMS = {words[0]: words[1:] for line in (ROOT / "tests" / "lesson_items.txt").read_text(encoding="utf-8").splitlines()
         if not line.startswith("#") and (words := line.split())}
LESSONS = header.find()

each_lesson = pytest.mark.parametrize("number", LESSONS)


def cells(path: Path) -> list[tuple[str, list[str]]]:
    """(kind, lines) of each cell, from the text alone; what stands before the first marker is of kind `header`."""
    found: list[tuple[str, list[str]]] = [("header", [])]
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# %%"):
            found.append(("markdown" if line == "# %% [markdown]" else "code", []))
        else:
            found[-1][1].append(line)
    return found


def code_lines(path: Path) -> int:
    """Lines of code to read: no docstrings, comments and blanks, not the first cell (alike in all), no exercises."""
    own = [lines for kind, lines in cells(path) if kind == "code"][1:]
    text = "\n".join("\n".join(lines) for lines in own if not any(line.startswith("# Exercise") for line in lines))
    docs = [node.body[0] for node in ast.walk(ast.parse(text)) if isinstance(node, (ast.FunctionDef, ast.ClassDef))
            and ast.get_docstring(node) is not None]
    quiet = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    lines = {n for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type not in quiet
             for n in range(token.start[0], token.end[0] + 1)}
    return len(lines - {n for doc in docs for n in range(doc.lineno, doc.end_lineno + 1)})


# ---------------------------------------------------------------- each lesson


@each_lesson
def test_runs_fast(number: str, tmp_path: Path) -> None:
    about = LESSONS[number]
    ran = shell_run("-W", "error", about.path, "--fast", "--out", tmp_path / "results", folder=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    result = json.loads((tmp_path / "results" / about.name / "result.json").read_text())
    assert result["status"] == "passed" and result["fast"] is True
    claimed = set(re.findall(r"([a-z]\w*) (?:<=|>=|==|!=|~=|<|>)", about.check))
    assert claimed, "the header's `check:` names no check"
    assert claimed <= {check["name"] for check in result["checks"]}
    calibrated = calibrate.read(about)["fast"]["checks"].items()
    of_pictures = "svg_"  # calibration draws none
    bounds = calibrate.bounds(each for each in result["checks"] if not each["name"].startswith(of_pictures))
    assert bounds == {name: (row["relation"], row["required"]) for name, row in calibrated}
    for picture in result["pictures"]:
        assert (tmp_path / "results" / about.name / picture).read_text(encoding="utf-8").rstrip().endswith("</svg>")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["results"], "a lesson writes to its folder only"
    for kept in (ROOT / "lessons" / "pictures").glob(f"{number}_*.dot"):
        drawn = tmp_path / "results" / about.name / kept.name.removeprefix(f"{number}_")
        stale = f"lessons/pictures/{kept.name} is stale: make lesson N={number}, then copy its .dot and .svg there"
        assert drawn.read_text(encoding="utf-8") == kept.read_text(encoding="utf-8"), stale


HASHED = ("04", "05", "19", "25")  # they make vocabularies of words; the others as well, among the slow tests


@pytest.mark.skipif(mg.backend.name != "numpy", reason="what is hashed does not depend on the backend")
@pytest.mark.parametrize("number", [n if n in HASHED else pytest.param(n, marks=pytest.mark.slow) for n in LESSONS])
def test_the_same_numbers_whatever_the_hash_seed(number: str, tmp_path: Path) -> None:
    about, seen = LESSONS[number], []  # of pictures: test_viz.py
    for seed in ("1", "2"):
        ran = shell_run(about.path, "--fast", "--no-draw", "--out", tmp_path / seed, PYTHONHASHSEED=seed)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        seen.append(json.loads((tmp_path / seed / about.name / "result.json").read_text())["checks"])
    assert seen[0] == seen[1]


@pytest.mark.parametrize("kept", sorted((ROOT / "lessons" / "pictures").glob("*.dot")), ids=lambda path: path.stem)
def test_a_kept_svg_shows_its_dot(kept: Path) -> None:
    """Each committed picture has its DOT beside it; every box and wire of the DOT is in the SVG, and nothing else."""
    in_dot = set(re.findall(r'\bid="([^"]+)"', kept.read_text(encoding="utf-8")))
    in_svg = re.findall(r'<g id="([^"]+)" class="(\w+)', kept.with_suffix(".svg").read_text(encoding="utf-8"))
    assert in_dot and in_dot == {html.unescape(name) for name, kind in in_svg if kind != "graph"}


@each_lesson
def test_header(number: str) -> None:
    about = LESSONS[number]
    assert 0 < about.fast_seconds <= 15 and about.fast_seconds <= about.seconds <= 120
    assert all(int(needed) < int(number) for needed in about.needs), "a lesson needs only earlier ones"
    unknown = [item for item in about.items if item not in ITEMS]
    assert not unknown
    forgotten = [item for item, lessons in ITEMS.items() if number in lessons and item not in about.items]
    assert not forgotten, "tests/lesson_items.txt gives these to this lesson"


@each_lesson
def test_form(number: str) -> None:
    """A percent script: short prose cells, code of a size to read, the cells that every lesson has."""
    path = LESSONS[number].path
    kinds = cells(path)
    prose = [lines for kind, lines in kinds if kind == "markdown"]
    assert all(not line or line.startswith("#") for lines in prose for line in lines), "prose is written in comments"
    long = [lines[0] for lines in prose if sum(len(line) > 1 for line in lines) > 12]
    assert not long, "cells of more than 12 lines of prose"
    text = "\n".join(line for lines in prose for line in lines)
    assert text.startswith(f"# # {number} {LESSONS[number].title}")
    for heading in ("What we left out", "Quiz", "Exercises"):
        assert f"# ## {heading}" in text
    assert "predict" in text.lower()
    assert text.count("# <details><summary>Answer</summary>") == text.count("# </details>") == 5
    assert 60 <= code_lines(path) <= 150
    source = path.read_text(encoding="utf-8")
    assert source.rstrip().endswith("lesson.finish()")
    assert re.search(rf'NotImplementedError\("TODO {number}\.1: ', source), "at least one exercise with a hole"


@each_lesson
def test_opens_as_a_notebook(number: str) -> None:
    jupytext = pytest.importorskip("jupytext", reason="the notebook form needs jupytext")
    path = LESSONS[number].path
    notebook = jupytext.read(path, fmt="py:percent")
    kinds = [cell.cell_type for cell in notebook.cells]
    assert kinds[:2] == ["code", "markdown"], "the header, then the title"
    assert len(notebook.cells) == len(cells(path))
    assert notebook.cells[1].source.startswith(f"# {number} ")


def test_numbers_run_from_one_without_a_title_twice() -> None:
    assert list(LESSONS) == sorted(LESSONS)
    assert len({about.title for about in LESSONS.values()}) == len(LESSONS)


PLANTED = """
import runpy, sys
import minigrad.ops.elementwise as elementwise
elementwise.tanh.vjp(x=lambda g, y: 1.01 * g * (1 - y * y))
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


NOTICES = {"02": {"largest_error", "tanh_is_accepted"}, "08": {"gradient_error", "states_agree", "cut_is_no_dhnext"},
           "14": {"by_hand"}, "16": {"kernel_agrees"}}


@pytest.mark.skipif(mg.backend.name != "numpy", reason="the rule is the same on every backend")
@pytest.mark.parametrize("number", NOTICES)
def test_a_wrong_rule_in_the_engine_is_noticed(number: str, tmp_path: Path) -> None:
    ran = shell_run("-c", PLANTED, LESSONS[number].path, "--fast", "--no-draw", "--out", tmp_path)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    result = json.loads((tmp_path / LESSONS[number].name / "result.json").read_text())
    assert NOTICES[number] <= {check["name"] for check in result["checks"] if not check["passed"]}


# ---------------------------------------------------------------- header


def test_header_reads_all_fields(tmp_path: Path) -> None:
    path = tmp_path / "09_truncation.py"
    path.write_text('"""09 Truncation and RTRL\nquestion: how far back?\nclaim: not\n  further\n'
                    'check: lag5_k3 <= 0.35\ndata: generated   seconds: 45   fast_seconds: 10\n'
                    'items: E3-E5 O8   needs: 01 08\n"""\n')
    about = header.read(path)
    assert (about.number, about.title, about.claim) == ("09", "Truncation and RTRL", "not further")
    assert (about.seconds, about.fast_seconds) == (45, 10)
    assert about.items == ("E3", "E4", "E5", "O8") and about.needs == ("01", "08")


@pytest.mark.parametrize("text", [
    "x = 1\n", '"""08 Wrong number\n"""', '"""09 Title\nquestion: q\n"""',
    '"""09 T\nquestion: q\nclaim: c\ncheck: k\ndata: d seconds: soon fast_seconds: 1\nitems: A1 needs: nothing\n"""',
    '"""09 T\nquestion: q\nclaim: c\ncheck: k\ndata: d seconds: 1 fast_seconds: 1\nitems: A1,B2 needs: nothing\n"""',
])
def test_header_names_what_is_wrong(tmp_path: Path, text: str) -> None:
    path = tmp_path / "09_truncation.py"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"09_truncation\.py|items"):
        header.read(path)


# ---------------------------------------------------------------- kit


@pytest.fixture
def lesson(tmp_path: Path) -> kit.Lesson:
    import argparse

    parser = shell.add_flags(argparse.ArgumentParser())
    return kit.Lesson(LESSONS["01"], parser.parse_args(["--out", str(tmp_path), "--seed", "3"]), in_shell=True)


@pytest.mark.parametrize(("measured", "relation", "required", "passed"), [
    (0.3, "<=", 0.35, True), (0.36, "<=", 0.35, False), (1, "==", 1, True), (1, "!=", 1, False), (2, ">", 1, True),
    (float("nan"), "<=", 1, False), (float("nan"), ">=", 1, False), (float("nan"), "!=", 1, False),
    (1, "<=", float("nan"), False), (float("inf"), ">", 1, True), ([1.0, float("nan")], "<", 3, False),
    ([1, 2], "==", [1, 2], True), ([1, 2], "==", [1, 3], False), ([1, 2], "==", [1, 2, 3], False), ([], "<", 1, False),
    ([1, 2], "<", 3, True), (170.40001, "~=", 170.4, True), (170.401, "~=", 170.4, False), (True, "==", True, True),
    (np.float32(0.1), "==", 0.1, False), (np.float32(0.1), "~=", 0.1, True),
])
def test_check(lesson: kit.Lesson, measured: object, relation: str, required: object, passed: bool) -> None:
    lesson.check("name", measured, relation, required)
    assert [check["passed"] for check in lesson.checks] == [passed]
    if passed:
        lesson.finish()
    else:
        with pytest.raises(SystemExit) as end:
            lesson.finish()
        assert end.value.code == 1
    result = json.loads((lesson.out / "result.json").read_text())
    assert result["status"] == ("passed" if passed else "failed")
    assert result["checks"][0].keys() == {"name", "measured", "relation", "required", "passed"}


def test_check_takes_tensors(lesson: kit.Lesson) -> None:
    import minigrad as mg

    lesson.check("tensor", mg.Tensor([1.0, 2.0]), "==", [1, 2])
    assert lesson.checks[0]["passed"]


def test_check_refuses_mistakes_of_the_lesson(lesson: kit.Lesson) -> None:
    lesson.check("once", 1, "==", 1)
    with pytest.raises(ValueError, match="once"):
        lesson.check("once", 1, "==", 1)
    with pytest.raises(ValueError, match="=<"):
        lesson.check("other", 1, "=<", 1)
    with pytest.raises(TypeError, match="numbers"):
        lesson.check("words", "yes", "==", "yes")


def test_a_lesson_without_checks_fails(lesson: kit.Lesson) -> None:
    with pytest.raises(SystemExit) as end:
        lesson.finish()
    assert end.value.code == 1


def test_in_a_notebook_a_failed_check_raises(lesson: kit.Lesson) -> None:
    lesson.in_shell = False
    lesson.check("wrong", 1, "==", 2)
    with pytest.raises(AssertionError, match="wrong"):
        lesson.finish()


def test_result_is_never_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "result.json"
    kit.write_json(path, {"a": 1})

    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kit.os, "replace", no_space)
    with pytest.raises(OSError, match="space"):
        kit.write_json(path, {"a": 2})
    assert json.loads(path.read_text()) == {"a": 1} and list(tmp_path.iterdir()) == [path]


def test_progress_yields_everything_and_shows_numbers(lesson: kit.Lesson, monkeypatch: pytest.MonkeyPatch,
                                                      capsys: pytest.CaptureFixture[str]) -> None:
    now = iter(range(0, 100, 3))
    monkeypatch.setattr(kit.time, "perf_counter", lambda: next(now))
    seen = []
    for step in (bar := lesson.progress(range(4), "training")):
        bar.note(loss=1 / (step + 1))
        seen.append(step)
    assert seen == [0, 1, 2, 3]
    assert "training: 3 of 4  loss 0.3333" in capsys.readouterr().out


def test_plots_without_matplotlib_say_what_to_install(lesson: kit.Lesson, monkeypatch: pytest.MonkeyPatch,
                                                      capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    lesson.plot("curve", lambda axes: axes.plot([1, 2]))
    assert "matplotlib" in capsys.readouterr().out and not lesson.pictures


def test_a_picture_that_cannot_be_drawn_is_skipped(lesson: kit.Lesson, capsys: pytest.CaptureFixture[str]) -> None:
    class NoDot:
        def save(self, path: Path) -> None:
            raise RuntimeError("dot is missing: sudo apt-get install graphviz")

    lesson.show("graph", NoDot())
    assert "apt-get install graphviz" in capsys.readouterr().out and not lesson.pictures


def test_plots_are_the_same_bytes_twice(lesson: kit.Lesson) -> None:
    pytest.importorskip("matplotlib", reason="draws with matplotlib")
    lesson.plot("curve", lambda axes: axes.plot([1, 2, 3], label="three"))
    first = lesson.pictures["curve"].read_bytes()
    lesson.plot("curve", lambda axes: axes.plot([1, 2, 3], label="three"))
    assert lesson.pictures["curve"].read_bytes() == first


# ---------------------------------------------------------------- a lesson as a command


BROKEN = '''"""77 Broken on purpose
question: q
claim: c
check: right == 1
data: none seconds: 1 fast_seconds: 1
items: A1 needs: nothing
"""
from lessons import kit
lesson = kit.begin("77")
lesson.check("right", 1, "==", 1)
lesson.check("wrong", {value}, "<=", 0.35)
lesson.finish()
'''


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return copy_machinery(tmp_path / "course")


@pytest.mark.parametrize("value", ["0.36", "float('nan')"])
def test_a_failed_check_is_exit_code_1(course: Path, value: str) -> None:
    (course / "lessons" / "77_broken.py").write_text(BROKEN.format(value=value))
    ran = course_run(course, "run", "77")
    assert ran.returncode == 1
    assert "checks 1 of 2" in ran.stdout and "wrong = " in ran.stdout and "required <= 0.35" in ran.stdout
    assert "a check failed" in course_run(course, "list").stdout


def test_a_lesson_that_crashes_is_exit_code_1_and_shows_why(course: Path) -> None:
    (course / "lessons" / "77_broken.py").write_text(BROKEN.format(value="1 / 0"))
    ran = course_run(course, "run", "77")
    assert ran.returncode == 1
    assert "ZeroDivisionError" in ran.stdout and "log.txt" in ran.stdout


def test_the_whole_course_runs_and_is_listed_as_done(course: Path) -> None:
    (course / "lessons" / "77_works.py").write_text(BROKEN.format(value="0.3"))
    assert "not yet" in course_run(course, "list").stdout
    ran = course_run(course, "run", "--all", "--fast", "--out", course / "elsewhere")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "1 of 1 lessons passed" in ran.stdout
    assert "done (fast)" in course_run(course, "list", "--out", course / "elsewhere").stdout


MISTAKES = ["run", "run 99", "run graph?", "run 01 --jobs 0", "run 01 --seed -1", "run 01 --text no-such-file",
            "run 01 --text .", f"run 01 --out {os.devnull}", "walk", "run 01 --slow"]


@pytest.mark.parametrize("words", MISTAKES)
def test_mistakes_on_the_command_line(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(words.split())
    said = capsys.readouterr()
    assert end.value.code == 2 and "Traceback" not in said.err
    assert len([line for line in said.err.splitlines() if not line.startswith((" ", "usage:"))]) == 1


@pytest.mark.parametrize("words", [("--out", os.devnull), ("--text", "nowhere.txt"), ("--seed", "one")], ids=" ".join)
def test_mistakes_to_a_lesson(words: tuple[str, str], tmp_path: Path) -> None:
    ran = shell_run(LESSONS["01"].path, *words, folder=tmp_path)
    assert ran.returncode == 2 and "Traceback" not in ran.stderr and words[1] in ran.stderr
    assert not list(tmp_path.iterdir())


def test_without_an_install_one_line_says_what_to_type(tmp_path: Path) -> None:
    ran = subprocess.run([sys.executable, "-S", "-E", str(LESSONS["01"].path)], cwd=tmp_path, capture_output=True,
                         text=True, timeout=TIME_LIMIT)
    assert ran.returncode != 0 and ran.stderr.count("\n") == 1 and "make lessons" in ran.stderr


def test_a_backend_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    ran = shell_run(LESSONS["01"].path, "--out", tmp_path, MINIGRAD_BACKEND="cupyy")
    assert ran.returncode == 2 and ran.stderr.count("\n") == 1 and "cupyy" in ran.stderr


@pytest.mark.parametrize("missing", ["rich", "matplotlib", "graphviz"])
def test_runs_without_the_optional_packages(missing: str, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(f"import sys\nsys.modules[{missing!r}] = None\n")
    ran = shell_run("-m", "lessons", "run", "01", "--fast", "--out", tmp_path / "out",
                    PYTHONPATH=search_path(tmp_path, ROOT))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "1 of 1 lessons passed" in ran.stdout


def test_no_draw_draws_nothing(tmp_path: Path) -> None:
    ran = shell_run(LESSONS["01"].path, "--fast", "--no-draw", "--out", tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert [path.name for path in (tmp_path / LESSONS["01"].name).iterdir()] == ["result.json"]
