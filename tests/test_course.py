"""The lessons as a whole: the topics that they cover, the bounds that were calibrated, and whether what they claim to
learn is learned."""

from __future__ import annotations

import ast
import json
import re
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


# ---------------------------------------------------------------- what is explained, and where

ROOMS = ("check", "checkpoint", "data", "diagnose", "nn", "optim", "recurrent", "regularize", "text", "train", "viz")
NAMES = {
    name: row[2]
    for row in re.finditer(r"^\| (`.*`) \| (\d\d) \|$", (header.FOLDER / "NAMES.md").read_text(encoding="utf-8"), re.M)
    for name in re.findall(r"`([\w.]+)`", row[1])
}


def names_used(source: str) -> set[str]:
    """The parts of minigrad that a program uses, `nn.GRU`, by its imports and attributes."""
    nodes = list(ast.walk(ast.parse(source)))
    imported = {alias.asname or alias.name: f"{module}{alias.name}" for node in nodes
                if isinstance(node, (ast.Import, ast.ImportFrom))
                for module in [f"{node.module}." if isinstance(node, ast.ImportFrom) else ""] for alias in node.names}
    found = set()
    for node in nodes:
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts, node = [node.attr, *parts], node.value
        if isinstance(node, ast.Name) and node.id in imported:
            path = [*imported[node.id].removeprefix("minigrad.").split("."), *parts]
            if path[0] in ROOMS and len(path) > 1:
                found.add(".".join(path[:2]))
    return found


def test_the_parts_used_are_found() -> None:
    source = "import viz\nfrom minigrad import nn as nets\nfrom minigrad.data import BPE\nnets.GRU(1)\nBPE\nviz.draw"
    assert names_used(source) == {"nn.GRU", "data.BPE", "viz.draw"}


@pytest.mark.parametrize("number", LESSONS)
def test_what_a_lesson_uses_was_explained_or_is_announced(number: str) -> None:
    text = LESSONS[number].path.read_text(encoding="utf-8")
    used = names_used(text)
    assert used <= set(NAMES), "lessons/NAMES.md does not say which lesson explains this"
    later = {name for name in used if NAMES[name] > number}
    unannounced = {name for name in later if not re.search(rf"lessons? (\d\d,? (and )?)*{NAMES[name]}\b", text)}
    assert unannounced == set(), "explained only later, and the lesson does not say where"
    explained = {name for name, lesson in NAMES.items() if lesson == number}
    assert {name for name in explained if name.rpartition(".")[2] not in text} == set(), "said to be explained here"


# ---------------------------------------------------------------- calibrated bounds


@pytest.mark.parametrize("mode", ["fast", "full"])
@pytest.mark.parametrize("number", LESSONS)
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
    "06": "mlp_drop rnn_unseen rnn_length_20 window_near_minus_far asked_each_step_gain",
    "07": "elman both two_outputs_from_ninth five_outputs own_answers_cost mended both_forced",
    "09": "lag4_k5 lag7_k8 never_rewarded without_state_later",
    "10": "film_in_step film_activity reviews never_asked tune_notes first_base_delayed canon_notes maze_memory",
    "11": "with_lengths lengths_forgotten learns_to_ignore_zeros wrong_end_costs",
    "12": "bits_saved validity_rise hotter_is_more_surprising forgetting_costs",
    "13": "unmarked_end helicopter_off marker_gap halt_gap countdown_gap telling_helps all_end",
    "14": "near_learned thrown clipping_arrives adam_slide_costs annealing_settles",
    "15": "deep_learns a_block_less median_remedy without_remedy omega_falls omega_teaches irnn_adds others_do_not",
    "16": "far_open_loss far_open_right near_bias_pays cells_drift_apart longer_than_trained",
    "17": "slowest_gated rnn_times_gated gru_sooner moves_at_marks loaded_as_is lstm_counts_on rnn_at_equal_work",
    "18": "overfits stopping_saves dropout_saves decay_saves ensemble_saves size_needs_dropout fresh_masks_cost",
    "19": "learned letters_learn_most wugs",
    "20": "both_over_one_way both_names one_later_names staircase_off at_once_both cheating_bits vectors_help",
    "21": "others_learned task_decides loud_parity",
    "22": "known_off wider_off carries forms relations line_forms_lag wide_forms_lost below_places below_neighbours",
    "23": "summaries question_first_helps short_words bottleneck more_units_help together_pays turning_helps",
    "24": "long_strings_gain too_long_costs off_the_diagonal looks_one_beside dates_with slots_over_one",
    "25": "seen asked_gains own_picks",
    "26": "blind_bits_off every_exact bits_that_came_through door_grows ready_eye_helps looks_over_blind speaks_of_two",
    "27": "balanced_recalls_more parse_over_chain parse_over_balanced longer_gap",
    "28": "distilled_gain fakes_gain misnumbered_costs attention_gain",
}


@pytest.mark.skipif(mg.backend.name != "numpy", reason="what a lesson learns does not depend on the backend")
@pytest.mark.parametrize("number", LEARNED)
def test_without_updates_every_learning_check_fails(number: str, tmp_path: Path) -> None:
    ran = shell_run("-c", UNTRAINED, LESSONS[number].path, "--fast", "--no-draw", "--out", tmp_path)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    result = json.loads((tmp_path / LESSONS[number].name / "result.json").read_text())
    assert set(LEARNED[number].split()) <= {check["name"] for check in result["checks"] if not check["passed"]}
