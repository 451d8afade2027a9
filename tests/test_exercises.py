"""The exercises keep what they promise; whatever a learner's file does, there is a verdict; nobody's work is lost."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import minigrad as mg
from lessons import exercise, header, verify
from lessons.__main__ import main
from lessons.examine import difference, examine, short
from lessons.isolate import examine_apart

ROOT = Path(__file__).resolve().parent.parent
EXERCISES = exercise.find()
LAST = EXERCISES["08.1"]
ON_THE_HOST = pytest.mark.skipif(mg.backend.name != "numpy", reason="answers are always examined on the host")
STUB = "def state_gradient(Why, dy, dhnext):\n    "


# ---------------------------------------------------------------- the exercises themselves


@ON_THE_HOST
@pytest.mark.parametrize("number", EXERCISES)
def test_as_shipped_it_fails_the_solution_passes_and_slips_get_their_hint(number: str) -> None:
    result = verify.verify(EXERCISES[number])
    assert not result.complaints and result.hinted == result.tried


@pytest.mark.parametrize("number", sorted({number[:2] for number in EXERCISES}))
def test_a_lesson_and_its_exercises_agree(number: str) -> None:
    """Each hole in the lesson is one of its exercises, with the same words and the same function; there are three."""
    text = header.find()[number].path.read_text(encoding="utf-8")
    ours = {each.todo: each for each in EXERCISES.values() if each.number[:2] == number}
    holes = re.findall(r'def (\w+)\(([^)]*)\):(?:\n .*)+?NotImplementedError\("(TODO .*)"\)', text)
    assert len(holes) >= 3 and f"python -m lessons exercise {number}" in text
    for name, parameters, todo in holes:
        assert (ours[todo].function, ", ".join(ours[todo].parameters)) == (name, re.sub(r"=[^,]+", "", parameters))


def test_there_are_enough_wrong_answers() -> None:
    texts = [each.path.read_text(encoding="utf-8") for each in EXERCISES.values()]
    assert sum(text.count("\n    (") for text in texts) >= 150


BROKEN = '''"""99.1 Twice

Return twice x.

1. a
2. b
3. c
"""


# %% task
def twice(x):
    {hole}


# %% solution
def twice(x):
    return {solution}


# %% check
def cases(rng):
    yield (rng.normal(),)
    yield (2.0,)


SLIPS = [{slips}]
'''
TODO = 'raise NotImplementedError("TODO 99.1: twice")'
SLIPS = '(1, "half", "2 * x", "x / 2"), (2, "square", "2 * x", "x * x"), ' + ", ".join(
    f'(3, "plus {n}", "2 * x", "2 * x + {n}")' for n in range(1, 5)
)


@pytest.mark.parametrize(
    ("hole", "solution", "slips", "complaint"),
    [
        (TODO, "2 * x", SLIPS, None),
        ("return 2 * x", "2 * x", SLIPS, "one hole, TODO 99.1"),
        (TODO.replace("99.1", "99.2"), "2 * x", SLIPS, "one hole, TODO 99.1"),
        ("return 2 * x\n    " + TODO, "2 * x", SLIPS, "as shipped"),
        (TODO, "1 / 0 * 2 * x", SLIPS, "the solution"),
        (TODO, "2 * x", '(1, "half", "2 * x", "x / 2")', "1 slips"),
        (TODO, "2 * x", SLIPS + ', (1, "right", "2 * x", "x + x")', "'x + x'"),
        (TODO, "2 * x", SLIPS + ', (1, "another half", "2 * x", "0.5 * x")', "'0.5 * x'"),
        (TODO, "2 * x", SLIPS + ', (1, "absent", "3 * x", "x")', "'3 * x' stands 0 times"),
    ],
)
def test_verify_complains(hole: str, solution: str, slips: str, complaint: str | None, tmp_path: Path) -> None:
    path = tmp_path / "99_1_twice.py"
    path.write_text(BROKEN.format(hole=hole, solution=solution, slips=slips))
    try:
        said = " ".join(verify.verify(exercise.read(path)).complaints)
    except ValueError as error:
        said = str(error)
    assert said == "" if complaint is None else complaint in said


@pytest.mark.parametrize(
    ("old", "new"),
    [("# %% check", "# %% checks"), ("99.1 ", "98.1 "), ("3. c\n", ""), ("def twice(x):\n    return {s", "x = {s")],
)
def test_a_malformed_exercise_is_named(old: str, new: str, tmp_path: Path) -> None:
    path = tmp_path / "99_1_twice.py"
    path.write_text(BROKEN.replace(old, new).replace("{hole}", TODO))
    with pytest.raises(ValueError, match="99_1_twice.py"):
        exercise.read(path)


# Wrong answers in a learner's own words, not made from the solutions: number, hint (None: not recognised), code.
OTHERS = [
    ("01.1", 1, "return 1 + sum(count_values(s) for s in value.made_from)"),
    ("01.3", 1, "return c + 2, b + c"),
    ("01.4", 2, "return len(shape), sum(shape)"),
    ("02.1", 2, "s = 1 / (1 + np.exp(-y)); return g * s * (1 - s)"),
    ("02.2", 1, "return a.T @ g, g @ b.T"),
    ("02.3", 3, "while g.ndim > len(shape): g = g.sum(0)\n    return g"),
    ("02.4", 1, "return 2.5"),
    ("02.4", 3, "return 0.007"),
    ("02.5", 1, "return np.exp(o) / np.exp(o).sum(-1)[..., None]"),
    ("06.2", 1, "h = h0\n    for i in range(1, len(x)): h = step(x[i], h)\n    return h"),
    ("06.3", 1, "return T * (n_h * (n_x + n_h + 1) + n_y * (n_h + 1))"),
    ("08.1", 1, "return dy @ Why"),
    ("08.1", 2, "return np.dot(Why, dy) + dhnext"),
    ("08.3", 2, "return sum(np.clip(gradient_of_step(t), -limit, limit) for t in range(T))"),
    ("08.4", 2, "return data[start:start + T], data[start + 1:start + 1 + T], start + T"),
    ("08.6", 2, "return -np.log(1 / V)"),
    ("12.1", 2, "e = np.exp(scores / temperature); return e / e.sum()"),
    ("12.2", 3, "return sum(l * s for l, s in zip(losses, sizes)) / sum(sizes)"),
    ("12.3", 2, "return -np.log2(sum(letter_probabilities))"),
    ("12.5", 1, "return max(corpora, key=lambda n: sum(w in corpora[n] for w in set(sample.split())))"),
    ("08.6", None, "return T / V"),
    ("06.5", None, "return 0"),
]


@ON_THE_HOST
@pytest.mark.parametrize(("number", "hint", "body"), OTHERS)
def test_wrong_answers_in_other_words(number: str, hint: int | None, body: str) -> None:
    each = EXERCISES[number]
    text = f"import numpy as np\ndef {each.function}({', '.join(each.parameters)}):\n    {body}\n"
    for seed in (5, 6):
        verdict = examine(each, each.answered(text).encode(), seed)
        assert (verdict.state, verdict.hint) == ("wrong", hint), verdict.words


def test_of_several_mistakes_one_that_is_left_is_named() -> None:
    """The four slips of the listing, mended one after the other."""
    each = EXERCISES["08.2"]
    text = re.sub(r"raise .*", "return Whh.T @ ddraw", each.shipped)
    for old, new, left in [
        ("dWxh += dy", "dby += dy", "hij"),
        ("dWhh += np.outer(ddraw, x)", "dWxh += np.outer(ddraw, x)", "hi"),
        ("* h * dh", "* dh", "i"),
    ]:
        text = text.replace(old, new)
        assert examine(each, text.encode(), 1).words[-1][:6] in [f"Slip {name}" for name in left]
    assert examine(each, text.replace("dWhh += ddraw", "dbh += ddraw").encode(), 1).state == "solved"


def test_another_right_answer_is_right() -> None:
    text = STUB + "return [sum(a * b for a, b in zip(column, dy)) + d for column, d in zip(Why.T, dhnext)]"
    assert examine(LAST, text.encode(), 3).state == "solved"


@pytest.mark.parametrize(
    ("got", "want", "said"),
    [
        (None, 1, "is a `return` missing"), (1.0, 1, None), (1, 2, "is 1, it should be 2"), (True, 1, None),
        (np.ones((3, 1)), np.ones(3), "shape (3, 1)"), ([1, 2], np.array([1.0, 2.0]), None), ("a", 1, "'a'"),
        ((1, [2]), (1, [3]), "result[1] is [2]"), ((1,), (1, (2,)), "1 parts"), ({}, {"a": 1}, "a dict of 0"),
        (float("nan"), 1.0, "nan"), (np.nan, np.nan, None), (np.inf, np.inf, None), (1 + 1e-9, 1, None),
        ([[1], [2, 3]], np.ones((2, 2)), "should be"), (np.zeros(9), np.eye(9)[4], "result[4] is 0, it should be 1"),
        ("a", "a", None), ("a", "b", "'b'"), (int, "b", "a function"), (np.zeros(0), np.zeros(0), None),
        ({"a": np.ones(2)}, {"a": np.ones(2)}, None), ({"a": np.ones(2)}, {"a": np.eye(2)[0]}, "result['a'] is"),
        ({"a": 1}, {"b": 1}, "a dict of 1"), (b"a", b"b", "it should be"),
    ],
)  # fmt: skip
def test_difference(got: object, want: object, said: str | None) -> None:
    found = difference(got, want)
    assert found is None if said is None else said in found


def test_tensors_are_compared_by_their_numbers() -> None:
    assert difference(mg.Tensor([1.0, 2.0]), np.array([1.0, 2.0])) is None
    assert difference(mg.Tensor([1.0, 2.0]), np.array([1.0, 3.0])) is not None


def test_short_is_one_short_line() -> None:
    for value in (
        np.ones((99, 9)),
        ["x"] * 500,
        "x" * 500,
        np.array([[0.123456789, -2]]),
        {1: 2},
        len,
        (1,),
        b"x" * 99,
    ):
        assert "\n" not in short(value) and len(short(value)) < 80


# ---------------------------------------------------------------- whatever a learner's file does


ACCIDENTS = {
    "syntax": ("def state_gradient(Why, dy, dhnext:\n    return 1\n", "line 1, `def state"),
    "indentation": (STUB + "x = 1\n  return x\n", "line 3, `return x`: IndentationError"),
    "nul": ("\0", "null bytes"),
    "not utf-8": (b"x = '\xe9'\n", "SyntaxError"),
    "empty": ("", "no `def state_gradient(Why, dy, dhnext):`"),
    "deleted": ("def other():\n    pass\n", "no `def state_gradient"),
    "not a function": ("state_gradient = 3\n", "no `def state_gradient"),
    "parameters": ("def state_gradient(Why, dy):\n    return dy\n", "`def state_gradient(Why, dy)` should be"),
    "none": (STUB + "Why.T @ dy + dhnext\n", "is a `return` missing"),
    "generator": (STUB + "yield dy\n", "a generator"),
    "argument changed": (STUB + "dhnext += Why.T @ dy\n    return dhnext\n", "afterwards dhnext is"),
    "error": (STUB + "return dy / zero\n", "line 2, `return dy / zero`: NameError"),
    "exit": ("import sys\nsys.exit(0)\n", "line 2, `sys.exit(0)`: it ends Python"),
    "hard exit": (STUB + "import os; os._exit(0)\n", "ended Python before"),
    "input": (STUB + "return input('h? ')\n", "nobody is there to type"),
    "recursion": (STUB + "return state_gradient(Why, dy, dhnext)\n", "calls itself without end"),
    "memory": (STUB + "return [0] * 10**10\n", "more memory"),
    "endless": (STUB + "while True: pass\n", "line 2, `while True: pass`: it is still running"),
    "fork": (STUB + "import os\n    while True: os.fork()\n", "starts a process"),
    "program": ("import subprocess\nsubprocess.run(['sleep', '99'])\n", "starts a program"),
    "network": ("import socket\nsocket.create_connection(('127.0.0.1', 9))\n", "uses the network"),
    "thread": ("import threading\nthreading.Thread(target=lambda: 1 / 0).start()\n" + STUB + "return 1\n", "shape ()"),
    "strange object": (STUB + "class X:\n        numpy = 3\n    return X()\n", "cannot be examined"),
    "crash": (STUB + "import ctypes; ctypes.string_at(0)\n", "ended Python before"),
}


@pytest.mark.parametrize("name", ACCIDENTS)
def test_accidents(name: str, tmp_path: Path) -> None:
    content, said = ACCIDENTS[name]
    file = tmp_path / LAST.name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    verdict = examine_apart(LAST, file, 1)
    assert verdict["state"] == "wrong" and said in " ".join(verdict["words"]), verdict
    assert "Traceback" not in str(verdict["words"]) and len(" ".join(verdict["words"])) < 1000


def test_a_file_that_does_not_let_itself_be_interrupted_is_ended(tmp_path: Path) -> None:
    file = tmp_path / LAST.name
    file.write_text("import time\nwhile True:\n    try: time.sleep(9)\n    except BaseException: pass\n")
    assert "does not answer" in examine_apart(LAST, file, 1, patience=8)["words"][0]


def test_what_a_file_prints_is_shown_in_part(tmp_path: Path) -> None:
    file = tmp_path / LAST.name
    file.write_text(STUB + "print('x' * 10**6); return Why.T @ dy + dhnext\n")
    verdict = examine_apart(LAST, file, 1)
    assert verdict["state"] == "solved" and set(verdict["printed"]) == {"x"} and len(verdict["printed"]) <= 2000


def test_the_seed_repeats_a_check(tmp_path: Path) -> None:
    file = tmp_path / LAST.name
    file.write_text(STUB + "return dhnext\n")
    first, again, other = (examine_apart(LAST, file, seed) for seed in (7, 7, 8))
    assert first == again != other


# ---------------------------------------------------------------- the commands


def command(*words: object) -> int:
    try:
        return main([str(word) for word in words])
    except SystemExit as end:
        return int(end.code)


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A learner's folder in use, reached from the folder above it."""
    monkeypatch.chdir(tmp_path)
    assert command("exercise", "08.1") == 0
    return tmp_path / "exercises"


def solve(work: Path) -> None:
    (work / LAST.name).write_text(LAST.answered(LAST.solution))


def test_from_the_hole_to_the_solution(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("check", "08.1") == 1 and "08.1 The line that was lost: TODO 08.1" in capsys.readouterr().out
    (work / LAST.name).write_text(STUB + "return Why.T @ dy\n")
    assert command("check", "08.1") == 1
    said = capsys.readouterr().out
    assert "not yet" in said and "hint 1 is about this" in said and "--seed " in said and "0 of 1 solved" in said
    solve(work)
    assert command("check", "--seed", "3") == 0 and "08.1 The line that was lost: solved" in capsys.readouterr().out
    known = json.loads((work / "progress.json").read_text())
    assert known == {"08.1": {"solved": True, "attempts": 2, "hints": 0, "gave_up": False}}
    assert command("solution", "08.1") == 0 and LAST.solution in capsys.readouterr().out


def test_the_learners_work_is_never_overwritten(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / LAST.name).write_text("mine\n")
    assert command("exercise", "08") == 0 and "yours, as it was" in capsys.readouterr().out
    assert (work / LAST.name).read_text() == "mine\n" and (work / EXERCISES["08.2"].name).is_file()


def test_reset_keeps_what_was_there(work: Path) -> None:
    for content in ("first\n", "second\n"):
        (work / LAST.name).write_text(content)
        assert command("reset", "08.1") == 0
        assert (work / LAST.name).read_text() == LAST.shipped
    assert [(work / f"{LAST.name}.{n}").read_text() for n in (1, 2)] == ["first\n", "second\n"]
    assert command("reset", "08.1") == 0 and not (work / f"{LAST.name}.3").exists()
    assert command("reset") == 2


def test_hints_come_one_by_one(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for level in (1, 2, 3, 3):
        capsys.readouterr()
        assert command("hint", "08") == 0
        said = capsys.readouterr().out
        assert [hint in said for hint in LAST.hints] == [n < level for n in range(3)]
    assert "--give-up" in said
    assert json.loads((work / "progress.json").read_text())["08.1"]["hints"] == 3


def test_the_solution_is_for_those_who_solved_it_or_gave_up(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("solution", "08.1") == 1 and LAST.solution not in capsys.readouterr().out
    assert command("solution", "08.1", "--give-up") == 0 and LAST.solution in capsys.readouterr().out
    assert command("solution", "08.1") == 0
    assert json.loads((work / "progress.json").read_text())["08.1"]["gave_up"] is True


def test_found_from_inside_the_folder_and_from_below(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    solve(work)
    (work / "notes").mkdir()
    for place in (work, work / "notes"):
        monkeypatch.chdir(place)
        assert command("check", "08.1") == 0


def test_inside_the_checkout_there_is_one_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    from lessons.learner import default_folder

    for place in (ROOT, ROOT / "lessons", ROOT / "lessons" / "exercises"):
        monkeypatch.chdir(place)
        assert default_folder() == ROOT / "exercises"


@pytest.mark.parametrize("content", ["{", "[1]", '{"08.1": 3}', "\0"])
def test_a_progress_file_that_cannot_be_read(content: str, work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / "progress.json").write_text(content)
    solve(work)
    assert command("check", "08") == 1
    assert "progress.broken" in capsys.readouterr().out and (work / "progress.broken").read_text() == content
    assert json.loads((work / "progress.json").read_text())["08.1"]["solved"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("exercise", "exercises of which lesson"), ("exercise 99", "lessons 01, 02"), ("exercise 08.9", "08.9"),
        ("check graph", "'graph'"), ("check 02", "python -m lessons exercise 02"), ("hint 02.1", "no 02_1_"),
        (f"check 08 --out {os.devnull}", "is a file"), (f"exercise 08 --out {os.devnull}/x", "Not a directory"),
        ("watch 02", "exercise 02"), ("check --seed one", "invalid int"), ("check --out nowhere", "exercise 08"),
    ],
)  # fmt: skip
def test_mistakes(words: str, said: str, work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(*words.split()) == 2
    assert said in (error := capsys.readouterr().err) and "Traceback" not in error


def test_a_file_with_another_name_is_found(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / LAST.name).rename(work / "08_1_dhnext (copy).py")
    assert command("check", "08.1") == 2
    assert "08_1_dhnext (copy).py in exercises should be called 08_1_dhnext.py" in capsys.readouterr().err


def run(folder: Path, *words: object, **environment: str) -> subprocess.Popen[str]:
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path, **environment}
    return subprocess.Popen([sys.executable, *map(str, words)], cwd=folder, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, env=environment)  # fmt: skip


@pytest.mark.parametrize("backend", ["cupy", "nonsense"])
def test_an_answer_is_examined_whatever_the_backend(backend: str, work: Path) -> None:
    solve(work)
    process = run(work, "-m", "lessons", "check", "08.1", MINIGRAD_BACKEND=backend)
    assert "1 of 1 solved" in process.communicate(timeout=60)[0] and process.returncode == 0


def test_control_c_during_a_check_is_one_line(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lessons.learner.examine_apart", interrupted)
    assert command("check", "08.1") == 130 and capsys.readouterr().err == "stopped\n"


def read_until(process: subprocess.Popen[str], words: str) -> None:
    for line in process.stdout:
        if words in line:
            return
    pytest.fail(f"it ended without saying {words!r}")


def test_watch_examines_what_is_saved_and_ends_when_all_is_solved(work: Path) -> None:
    process = run(work, "-m", "lessons", "watch", "08.1")
    read_until(process, "TODO 08.1")
    (work / LAST.name).write_text(STUB + "return dhnext\n")
    read_until(process, "not yet")
    (work / LAST.name).unlink()  # as some editors do before they write
    time.sleep(0.7)
    solve(work)
    assert "All solved" in process.communicate(timeout=60)[0] and process.returncode == 0


def test_watch_ends_with_control_c(work: Path) -> None:
    process = run(work, "-m", "lessons", "watch", "08.1")
    read_until(process, "TODO 08.1")
    process.send_signal(signal.SIGINT)
    assert "0 of 1 solved" in process.communicate(timeout=60)[0] and process.returncode == 0


def test_the_demo_reads_a_file_of_the_users_own(tmp_path: Path) -> None:
    each = EXERCISES["12.4"]
    head, main_block = each.task.split('if __name__ == "__main__":')
    script = tmp_path / each.name
    script.write_text(f'{head}{each.solution}\n\nif __name__ == "__main__":{main_block}')
    (tmp_path / "abstracts.txt").write_text("We train a net that reads text.\nWe show that a net reads on.\n" * 3)
    said = run(tmp_path, script, "abstracts.txt").communicate(timeout=60)[0]
    assert len(re.findall(r"^(copied: |made up:) We ", said, re.MULTILINE)) == 5
    process = run(tmp_path, script)
    assert process.communicate(timeout=60)[0].count("\n") == 1 and process.returncode == 1


def test_verify_is_a_command_with_a_table(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(verify, "find", lambda: {number: EXERCISES[number] for number in ("02.4", "03.1")})
    assert verify.main(["2.4"]) == 0
    assert re.search(r"02\.4 .* 9 of   9 wrong answers  ok\n\n1 exercises; 9 of 9", capsys.readouterr().out)
