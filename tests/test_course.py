"""The lessons as a whole: the topics that they cover, the bounds that were calibrated, and whether what they claim to
learn is learned."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import minigrad as mg
from lessons import calibrate, coverage, header
from tests.apart import ROOT, copy_machinery, course_run, shell_run

LESSONS = header.find()


# ---------------------------------------------------------------- what is covered


def test_every_topic_is_covered_once_its_lessons_are_there() -> None:
    lines = (ROOT / "tests" / "lesson_items.txt").read_text(encoding="utf-8").splitlines()
    topics = {words[0]: set(words[1:]) for line in lines if not line.startswith("#") and (words := line.split())}
    due = {item for item, lessons in topics.items() if lessons and lessons <= set(LESSONS)}
    assert due - {item for about in LESSONS.values() for item in about.items} == set()


def test_the_page_of_what_is_covered_is_up_to_date() -> None:
    assert coverage.PAGE.read_text(encoding="utf-8") == coverage.page(LESSONS.values()), "python -m lessons coverage"


# ---------------------------------------------------------------- calibrated bounds


STORED = [(number, mode) for number, about in LESSONS.items() for mode in calibrate.read(about)]


@pytest.mark.parametrize(("number", "mode"), STORED)
def test_bounds_lie_far_enough(number: str, mode: str) -> None:
    stored = calibrate.read(LESSONS[number])[mode]
    assert stored["seeds"] >= 10
    assert calibrate.complaints(stored["checks"]) == []
    for row in stored["checks"].values():
        assert row["min"] <= row["median"] <= row["max"]


@pytest.mark.parametrize(("relation", "required", "values", "margin", "scale"), [
    ("<=", 10.0, [1.0, 2.0, 3.0], 8.0, "linear"), (">=", -2.0, [1.0, 2.0, 3.0], 4.0, "linear"),
    ("<", 0.0, [-3.0, -3.0, -3.0], None, "linear"),
    (">=", 1.0, [10.0, 100.0, 1000.0], 2.0, "log"), (">=", 1e-4, [10.0, 100.0, 1000.0], 6.0, "log"),
    (">", 0.0, [1.0, 5.0, 30.0], 0.7, "linear"), (">=", 3.0, [1.0, 2.0, 3.0], -1.0, "log"),
])
def test_margin(relation: str, required: float, values: list[float], margin: float | None, scale: str) -> None:
    row = calibrate.summary(relation, required, values)
    assert (row["margin"], row["scale"]) == (margin, scale)
    assert (row["min"], row["median"], row["max"]) == (min(values), sorted(values)[1], max(values))
    close = margin is not None and margin < 3
    assert bool(calibrate.complaints({"name": row})) is close


CHANCE = '''"""77 By chance
question: q
claim: c
check: low <= 9
data: none seconds: 1 fast_seconds: 1
items: A1 needs: nothing
"""
from lessons import kit
lesson = kit.begin("77")
lesson.check("low", [0.5, lesson.rng.random()], "<=", {bound})
lesson.check("exact", 1, "==", 1)
lesson.finish()
'''


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return copy_machinery(tmp_path / "course")


def test_calibrate_stores_what_is_wide_enough(course: Path) -> None:
    (course / "lessons" / "77_chance.py").write_text(CHANCE.format(bound=9))
    ran = course_run(course, "calibrate", "77", "--fast", "--seeds", "3")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    stored = json.loads((course / "lessons" / "calibration" / "77_chance.json").read_text())
    assert set(stored) == {"fast"} and stored["fast"]["seeds"] == 3
    row = stored["fast"]["checks"]["low"]
    assert set(stored["fast"]["checks"]) == {"low"} and 0.5 <= row["min"] < row["max"] < 1 and row["margin"] > 3
    assert course_run(course, "calibrate", "77", "--seeds", "2").returncode == 0
    stored = json.loads((course / "lessons" / "calibration" / "77_chance.json").read_text())
    assert set(stored) == {"fast", "full"}


def test_calibrate_refuses_what_is_too_close_or_broken(course: Path) -> None:
    (course / "lessons" / "77_chance.py").write_text(CHANCE.format(bound=0.65))
    ran = course_run(course, "calibrate", "77", "--fast", "--seeds", "4")
    assert ran.returncode == 1 and "deviations from its bound" in ran.stdout and "not stored" in ran.stdout
    assert not (course / "lessons" / "calibration").exists()
    (course / "lessons" / "77_chance.py").write_text(CHANCE.format(bound="1 / 0"))
    ran = course_run(course, "calibrate", "77", "--seeds", "2")
    assert ran.returncode == 1 and "ZeroDivisionError" in ran.stderr and "Traceback" not in ran.stderr
    assert course_run(course, "calibrate", "77", "--seeds", "1").returncode == 2
    assert course_run(course, "calibrate").returncode == 2


# ---------------------------------------------------------------- what was learned was learned

UNTRAINED = """
import runpy, sys
import minigrad.optim as optim
optim.Optimizer.step = lambda self: None
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
LEARNED = {  # the checks that say that something was learned
    "03": "gradient_at_optimum direction accuracy mini_batch_lead one_by_one_hovers adam_first_step",
    "05": "loss_saved only_pulled_loss noise_buys_analogies skip_gram_analogies cbow_analogies bias_by_direction",
    "09": "lag4_k5 lag7_k8 never_rewarded without_state_later",
    "11": "with_lengths lengths_forgotten learns_to_ignore_zeros wrong_end_costs",
    "13": "unmarked_end helicopter_off marker_gap halt_gap countdown_gap telling_helps all_end",
    "14": "near_learned thrown clipping_arrives adam_slide_costs annealing_settles",
    "16": "far_open_loss far_open_right near_bias_pays cells_drift_apart longer_than_trained",
    "20": "both_over_one_way both_names one_later_names staircase_off at_once_both cheating_bits vectors_help",
}


@pytest.mark.skipif(mg.backend.name != "numpy", reason="what a lesson learns does not depend on the backend")
@pytest.mark.parametrize("number", LEARNED)
def test_without_updates_every_learning_check_fails(number: str, tmp_path: Path) -> None:
    ran = shell_run("-c", UNTRAINED, LESSONS[number].path, "--fast", "--no-draw", "--out", tmp_path)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    result = json.loads((tmp_path / LESSONS[number].name / "result.json").read_text())
    assert set(LEARNED[number].split()) <= {check["name"] for check in result["checks"] if not check["passed"]}
