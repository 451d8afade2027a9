"""Makes .venv-peers with PyTorch, JAX and minigrad, and runs the benchmarks that have them for peers: as installed, and
again with the OpenBLAS kernel that the doctor names, if it names one. Imports the standard library only.

MINIGRAD_TORCH_INDEX may name an index of wheels that holds PyTorch without CUDA, which is 10 times smaller.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv-peers"
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
TORCH, OTHERS = "torch==2.13.0", ["jax==0.10.2", "threadpoolctl"]
DONE = VENV / "minigrad-peers"  # what was installed


def install() -> bool:
    """Make the environment unless it is there."""
    wanted = " ".join([str(ROOT), TORCH, *OTHERS])
    if DONE.is_file() and DONE.read_text(encoding="utf-8") == wanted:
        return True
    print("making .venv-peers with PyTorch and JAX (1 GB; with CUDA, see MINIGRAD_TORCH_INDEX, 5 GB) ...", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    pip, index = (
        [PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check"],
        os.environ.get("MINIGRAD_TORCH_INDEX"),
    )
    torch = [*pip, *(["--index-url", index] if index else []), TORCH]
    for command in ([sys.executable, "-m", "venv", VENV], torch, [*pip, *OTHERS, "-e", ROOT]):
        if subprocess.run(command).returncode:
            return False
    DONE.write_text(wanted, encoding="utf-8")
    return True


def main() -> int:
    if not install():
        print("bench-peers: that failed (the reason is above); it needs a network and wheels for this Python")
        return 2
    doctor = subprocess.run([PYTHON, "-m", "minigrad"], cwd=ROOT, capture_output=True, text=True).stdout
    better = re.search(r"export (OPENBLAS_CORETYPE)=(\w+)", doctor)
    for extra in [{}, {better[1]: better[2]}] if better else [{}]:
        print("\n".join(f"{name}={value}" for name, value in extra.items()) or "as installed", flush=True)
        done = subprocess.run([PYTHON, "-m", "tests.benchmarks", "fused"], cwd=ROOT, env=os.environ | extra)
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
