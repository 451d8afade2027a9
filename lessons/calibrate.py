"""How far a check stays from its bound when only the seed changes, `python -m lessons calibrate`.

Runs a lesson with several seeds and keeps the smallest, the median and the largest value of each check in
`lessons/calibration/NN_name.json`, one table for each mode. Imports the standard library only.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from . import header
from .header import Header
from .runner import Run, command
from .shell import add_flags, fail, write_json

FOLDER = header.FOLDER / "calibration"
LEAST = 3.0  # standard deviations between the mean of a check and its bound
EXACT = ("==", "!=", "~=")  # these hold or do not; there is no distance to measure


def run(chosen: Sequence[Header], args: argparse.Namespace) -> int:
    """Calibrate these lessons in the mode of `args`, and store it. Returns 0, or 1 when a bound is too close."""
    if not chosen:
        fail("which lessons? Name them (python -m lessons calibrate 03) or say --all")
    if args.seeds < 2:
        fail(f"--seeds {args.seeds}: a deviation needs two seeds at least")
    return max([_calibrate(about, args) for about in chosen])


def read(about: Header) -> dict[str, dict[str, Any]]:
    """What is stored of a lesson: mode ("fast", "full") -> {"seeds": ..., "checks": {name: row}}; {} if nothing is."""
    path = _path(about)
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def summary(relation: str, required: float, values: Sequence[float]) -> dict[str, Any]:
    """min, median and max of a check's values, and how many deviations lie between their mean and the bound.

    Ratios and norms spread by factors, so a row of positive values whose margin is too small is measured again by its
    logarithms; `scale` says which one it was. `margin` is None where all values are alike.
    """
    row = {"relation": relation, "required": required, "min": min(values), "median": statistics.median(values),
           "max": max(values)}  # fmt: skip
    margin, scale = _margin(relation, required, values), "linear"
    if margin is not None and margin < LEAST and min(*values, required) > 0:
        margin, scale = _margin(relation, math.log(required), [math.log(value) for value in values]), "log"
    return row | {"margin": margin if margin is None else math.floor(10 * margin) / 10, "scale": scale}


def complaints(checks: dict[str, dict[str, Any]]) -> list[str]:
    """Of the stored rows of one mode: a line for each bound that lies less than three deviations away."""
    return [f"{name} {row['relation']} {row['required']:.6g}: {row['margin']} deviations from its bound"
            for name, row in checks.items() if row["margin"] is not None and row["margin"] < LEAST]  # fmt: skip


def bounds(checks: Iterable[dict[str, Any]]) -> dict[str, tuple[str, float]]:
    """name -> (relation, bound) of the checks of one run that have a distance to their bound."""
    measured = [_worst(each) for each in checks if each["relation"] not in EXACT]
    return {each["name"]: (each["relation"], each["required"]) for each in measured}


def _calibrate(about: Header, args: argparse.Namespace) -> int:
    mode, runs, failed = "fast" if args.fast else "full", [], []
    for seed in range(args.seeds):
        checks = _run(about, args.fast, seed)
        runs.append(checks)
        failed += [f"seed {seed}: {each['name']} = {each['measured']}, required {each['relation']} {each['required']}"
                   for each in checks if not each["passed"]]  # fmt: skip
        passed = sum(each["passed"] for each in checks)
        print(f"{about.number} {mode}, seed {seed}: {passed} of {len(checks)} checks passed", flush=True)
    rows = _rows(runs)
    for name, row in rows.items():
        print(f"  {name:<32} {row['min']:>11.5g} {row['median']:>11.5g} {row['max']:>11.5g}   {row['relation']} "
              f"{row['required']:<10.5g} {'alike' if row['margin'] is None else row['margin']} {row['scale']}")
    failed += complaints(rows)
    if failed:
        print("\n".join([f"{about.number} {mode} is not stored:", *failed]))
        return 1
    FOLDER.mkdir(exist_ok=True)
    write_json(_path(about), read(about) | {mode: {"seeds": args.seeds, "checks": rows}})
    print(f"stored in {_path(about)}")
    return 0


def _run(about: Header, fast: bool, seed: int) -> list[dict[str, Any]]:
    """The checks of one run; the lesson must come to its end, whether they hold or not."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["--no-draw", "--seed", str(seed), *["--fast"] * fast]
        flags = add_flags(argparse.ArgumentParser()).parse_args(words)
        one = Run(about, Path(folder) / about.name, command(about, flags, Path(folder)))
        one.start()
        one.wait()
        result = one.result()
        if result.get("status") not in ("passed", "failed"):
            fail(f"{about.path.name} with seed {seed} broke: {one.last_line()}", 1)
        return result["checks"]


def _rows(runs: Sequence[Iterable[dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """name -> summary, of the checks that have a distance to their bound."""
    values: dict[str, list[dict[str, Any]]] = {}
    for each in (each for checks in runs for each in checks if each["relation"] not in EXACT):
        values.setdefault(each["name"], []).append(_worst(each))
    return {name: summary(all_[0]["relation"], all_[0]["required"], [each["measured"] for each in all_])
            for name, all_ in values.items()}  # fmt: skip


def _worst(check: dict[str, Any]) -> dict[str, Any]:
    """A check of numbers as one of the number that is nearest to its bound."""
    measured, required = _flat(check["measured"]), _flat(check["required"])
    nearest = max if check["relation"] in ("<=", "<") else min
    if len(required) == 1:
        return check | {"measured": nearest(measured), "required": required[0]}
    return check | {"measured": nearest(m - r for m, r in zip(measured, required, strict=True)), "required": 0.0}


def _flat(value: Any) -> list[float]:
    return [number for part in value for number in _flat(part)] if isinstance(value, list) else [float(value)]


def _margin(relation: str, required: float, values: Sequence[float]) -> float | None:
    spread = statistics.stdev(values)
    away = required - statistics.mean(values)
    return None if spread == 0 else (away if relation in ("<=", "<") else -away) / spread


def _path(about: Header) -> Path:
    return FOLDER / f"{about.name}.json"
