"""`make gpu`: suite and benchmarks on this machine's GPU, by the Python and CuPy found here, within nine minutes.

Installs nothing. Writes results/gpu-DATE.json and .md. Status 0 when all went well, 1 when something failed, 2 without
a usable GPU. Imports the standard library only.
"""

import ast
import datetime
import importlib.util
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.run import counts

ROOT = Path(__file__).resolve().parents[2]
RESULTS = Path(__file__).with_name("results")
LIMIT = 525  # seconds for everything, so that it surely ends within nine minutes
SUITE_LIMIT = 345  # of these for the suite; the benchmarks get what is left


def run(command: list, seconds: float) -> tuple[int | None, str]:
    """(exit status, all it printed) of a command on the CuPy backend; the status is None when its time ran out."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    env = os.environ | {"MINIGRAD_BACKEND": "cupy", "MINIGRAD_TEST_PROFILE": "standin", "PYTHONPATH": path}
    process = subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        text = process.communicate(timeout=seconds)[0]
        return process.returncode, text
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # its own group: pytest's workers too
        return None, process.communicate()[0]


def say(*command: str) -> str:
    """What a small command prints, or `unknown` where it is missing or fails."""
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return done.stdout.strip() if done.returncode == 0 else "unknown"


def machine() -> dict[str, str]:
    """Date, commit, driver and versions. Git may be absent; a tree with changes is marked."""
    changed = say("git", "status", "--porcelain", "--untracked-files=no") not in ("", "unknown")
    return {
        "date": datetime.date.today().isoformat(),
        "commit": say("git", "rev-parse", "HEAD") + (" with changes" if changed else ""),
        "gpu": say("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"),
        "driver": say("nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"),
        "python": platform.python_version(),
        "system": platform.platform(),
    }


def needs(path: Path) -> list[str]:
    """The modules that a test file imports at its top and that this Python does not have."""
    tops = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            tops |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            tops.add(node.module.split(".")[0])
    return sorted(top for top in tops if importlib.util.find_spec(top) is None)


def run_suite() -> dict[str, Any]:
    """The suite without its slow tests and without the files that need a package which is not here; these are named."""
    if importlib.util.find_spec("pytest") is None:
        return {"left out": "the whole suite: pytest is not installed", "failed": 0}
    left_out = {path.name: missing for path in sorted((ROOT / "tests").glob("test_*.py")) if (missing := needs(path))}
    command = [sys.executable, "-m", "pytest", "-q", "-m", "not slow", "-p", "no:cacheprovider"]
    command += [f"--ignore=tests/{name}" for name in left_out]
    command += ["-n", "4"] if importlib.util.find_spec("xdist") else []
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        status, text = run([*command, f"--junitxml={report}"], SUITE_LIMIT)
        result: dict[str, Any] = counts(report)
    if status is None:
        result["stopped"] = f"after {SUITE_LIMIT} s"
    if status != 0 and not result["failed"]:
        result["failed"] = 1
    if left_out:
        result["left out"] = "; ".join(f"{name} needs {', '.join(missing)}" for name, missing in left_out.items())
    return result | {"output": text[-20_000:]}


def markdown(result: dict[str, Any]) -> str:
    """The result as a page: the machine, the suite's totals, the benchmarks as they were printed."""
    suite, bench = result["suite"], result["benchmarks"]
    lines = [f"# On a GPU, {result['machine']['date']}", "", "| | |", "|---|---|"]
    lines += [f"| {key} | {value} |" for key, value in result["machine"].items()]
    lines += [f"| suite: {key} | {value} |" for key, value in suite.items() if key != "output"]
    if suite["failed"]:
        lines += ["", "## Suite", "", "```", suite["output"].strip(), "```"]
    lines += ["", "## Benchmarks", "", "```", bench["output"].strip(), "```"]
    if bench["status"] != 0:
        lines += ["", "The benchmarks " + ("ran out of time." if bench["status"] is None else "failed.")]
    return "\n".join([*lines, "", "## The doctor", "", "```", result["doctor"].strip(), "```", ""])


def main() -> int:
    started = time.monotonic()
    status, doctor = run([sys.executable, "-m", "minigrad"], 60)
    if status != 0:
        said = doctor.strip().splitlines() or ["python -m minigrad did not answer"]
        print(f"make gpu needs a machine with a GPU, and CuPy for {sys.executable}: {said[-1]}", file=sys.stderr)
        return 2
    print(doctor + f"\nthe suite on CuPy, at most {SUITE_LIMIT} s ...", flush=True)
    suite = run_suite()
    print({key: value for key, value in suite.items() if key != "output"}, "\nthe benchmarks on CuPy ...", flush=True)
    status, text = run([sys.executable, "-m", "tests.benchmarks"], LIMIT - (time.monotonic() - started))
    result = {"machine": machine(), "doctor": doctor, "suite": suite, "benchmarks": {"status": status, "output": text}}
    RESULTS.mkdir(exist_ok=True)
    page = RESULTS / f"gpu-{result['machine']['date']}.md"
    page.write_text(markdown(result), encoding="utf-8")
    page.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(text + f"\nwritten: {page} and .json")
    return int(bool(suite["failed"]) or status != 0)


if __name__ == "__main__":
    sys.exit(main())
