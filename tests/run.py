"""All tests, `python -m tests.run`: ruff, then the suite once for each backend, each in its own process. Imports the
standard library only.

The CuPy pass needs no GPU: tests/standin, first on PYTHONPATH, holds a strict stand-in named cupy. `--slow` adds the
tests marked slow and the nightly profile of random examples. The last line is the total; the status is 1 when anything
failed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def counts(report: Path) -> dict[str, int]:
    """The totals of a JUnit report. A run that wrote no report counts as one failure."""
    if not report.is_file():
        return {"passed": 0, "failed": 1, "skipped": 0}
    suites = [suite.attrib for suite in ElementTree.parse(report).getroot().iter("testsuite")]
    total = {key: sum(int(suite[key]) for suite in suites) for key in ("tests", "failures", "errors", "skipped")}
    failed = total["failures"] + total["errors"]
    return {"passed": total["tests"] - failed - total["skipped"], "failed": failed, "skipped": total["skipped"]}


def suite(backend: str, profile: str, slow: bool, extra: list[str]) -> dict[str, int]:
    """One pass of the whole suite under one backend."""
    env = os.environ | ONE_THREAD | {"MINIGRAD_BACKEND": backend, "MINIGRAD_TEST_PROFILE": profile}
    if backend == "cupy":
        env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT / "tests/standin"), os.environ.get("PYTHONPATH")]))
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "worksteal", f"--junitxml={report}"]
        command += [] if slow else ["-m", "not slow"]
        status = subprocess.run(command + extra, cwd=ROOT, env=env).returncode
        total = counts(report)
    if status and not total["failed"]:  # an internal error, a usage error or an interrupt of pytest
        total["failed"] = 1
    return total


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--slow", action="store_true", help="the slow tests too, and many more random examples")
    options, extra = parser.parse_known_args()  # the rest goes to pytest: -k name, -x, a file

    print("== ruff", flush=True)
    lint = subprocess.run([sys.executable, "-m", "ruff", "check", "."], cwd=ROOT).returncode
    results = {"ruff": {"passed": 0, "failed": int(lint != 0), "skipped": 0}}
    for backend, where, profile in [("numpy", "NumPy", "ci"), ("cupy", "the stand-in for CuPy", "standin")]:
        print(f"\n== the suite on {where}", flush=True)
        results[where] = suite(backend, "nightly" if options.slow else profile, options.slow, extra)

    print()
    for where, total in results.items():
        print(f"{where}: " + ", ".join(f"{number} {word}" for word, number in total.items()))
    failed = sum(total["failed"] for total in results.values())
    print(f"{sum(total['passed'] for total in results.values())} passed, {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
