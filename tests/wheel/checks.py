"""The checks of `make test-wheel`, run by the Python of .venv-wheel: the real CuPy is there, every GPU is hidden."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import cupy

from tests.wheel.used import missing_in_list, used_in

ROOT = Path(__file__).resolve().parents[2]
STANDIN = ROOT / "tests/standin"


def run(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess:
    """This Python again, with the CuPy backend, every GPU hidden."""
    env = os.environ | {"MINIGRAD_BACKEND": "cupy", "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, *arguments], cwd=cwd, env=env, capture_output=True, text=True)


def has(dotted: str) -> bool:
    """Whether the wheel has `cupy.<dotted>`, without touching a device."""
    thing = cupy
    for part in dotted.split("."):
        if not hasattr(thing, part):
            return False
        thing = getattr(thing, part)
    return True


def every_used_name_exists() -> str:
    """every xp name that minigrad uses exists in the wheel"""
    used = used_in(ROOT / "minigrad")
    missing = [f"xp.{name} ({place})" for name, place in used.items() if not has(name)]
    return ", ".join(missing) if used else "minigrad uses no xp name at all: the scan is broken"


def public(frozen: dict) -> dict[str, set[str]]:
    """The names without an underscore in front; the others differ from one Python to the next."""
    return {place: {name for name in names if not name.startswith("_")} for place, names in frozen["names"].items()}


def frozen_list_is_this_wheel() -> str:
    """the frozen list of names (tests/standin/names.json) is this wheel's"""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(STANDIN / "freeze_names.py", folder)
        done = run("freeze_names.py", cwd=Path(folder))
        if done.returncode:
            return f"freeze_names.py failed: {done.stderr.strip()}"
        fresh = json.loads((Path(folder) / "names.json").read_text(encoding="utf-8"))
    frozen = json.loads((STANDIN / "names.json").read_text(encoding="utf-8"))
    if frozen["version"] != fresh["version"]:
        return f"the list is of CuPy {frozen['version']}, the wheel is {fresh['version']}"
    here, there = public(frozen), public(fresh)
    places = sorted(here.keys() | there.keys())
    changed = {place: here.get(place, set()) ^ there.get(place, set()) for place in places}
    differ = [f"{place}: {', '.join(sorted(names))}" for place, names in changed.items() if names]
    old, new = frozen["parameters"], fresh["parameters"]
    differ += [f"parameters of {name}" for name in sorted(old.keys() & new.keys()) if old[name] != new[name]]
    return "; ".join(differ)


def frozen_list_knows_what_is_used() -> str:
    """the frozen list knows every xp name that minigrad uses"""
    names = json.loads((STANDIN / "names.json").read_text(encoding="utf-8"))["names"]
    return ", ".join(missing_in_list(used_in(ROOT / "minigrad"), names))


def without_gpu_it_says_so() -> str:
    """without a GPU: BackendError, 'installed, but it finds no usable GPU'; the doctor in one line, status 2"""
    done = run("-c", "import minigrad")
    last = (done.stderr.strip().splitlines() or [""])[-1]
    if not all(words in last for words in ("BackendError", "installed", "no usable GPU", cupy.__version__)):
        return f"import minigrad said {last!r}"
    doctor = run("-m", "minigrad")
    if doctor.returncode != 2 or len(doctor.stderr.strip().splitlines()) != 1 or "no usable GPU" not in doctor.stderr:
        return f"the doctor ended with {doctor.returncode} and said {doctor.stderr!r}"
    return ""


CHECKS: tuple[Callable[[], str], ...] = (
    every_used_name_exists,
    frozen_list_is_this_wheel,
    frozen_list_knows_what_is_used,
    without_gpu_it_says_so,
)


def main() -> int:
    print(f"CuPy {cupy.__version__} from {Path(cupy.__file__).parent}")
    failed = 0
    for check in CHECKS:
        trouble = check()
        failed += bool(trouble)
        print(f"{'FAILED' if trouble else 'passed'}  {check.__doc__}" + (f"\n        {trouble}" if trouble else ""))
    print(f"{len(CHECKS) - failed} passed, {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
