"""Makes .venv-wheel with the real CuPy wheel, of the version that the stand-in's list was frozen from, and runs the
checks in it. The wheel imports without a GPU and without CUDA. Imports the standard library only."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv-wheel"
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def installed() -> str:
    """The version of CuPy in .venv-wheel; empty when there is none or the environment is broken."""
    if not PYTHON.exists():
        return ""
    ask = "import importlib.metadata as m; print(m.version('cupy-cuda13x'))"
    return subprocess.run([PYTHON, "-c", ask], capture_output=True, text=True).stdout.strip()


def main() -> int:
    version = json.loads((ROOT / "tests/standin/names.json").read_text(encoding="utf-8"))["version"]
    if installed() != version:
        print(f"making .venv-wheel with CuPy {version} (70 MB) ...", flush=True)
        shutil.rmtree(VENV, ignore_errors=True)
        pip = [PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        for command in ([sys.executable, "-m", "venv", VENV], [*pip, f"cupy-cuda13x=={version}"]):
            if subprocess.run(command).returncode:
                print("test-wheel: that failed (the reason is above); it needs a network and a wheel for this system")
                return 2
    return subprocess.run([PYTHON, "-m", "tests.wheel.checks"], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
