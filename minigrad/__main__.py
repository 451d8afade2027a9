"""The doctor, `python -m minigrad`: what minigrad runs on here, why, and the line to type where something is missing.

Looks and prints, changes nothing. Imports the backend and the standard library; threadpoolctl where it is installed.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy

from . import backend

GRAPHVIZ = (
    "sudo apt-get install graphviz | sudo dnf install graphviz | brew install graphviz | "
    "winget install graphviz | conda install -c conda-forge graphviz"
)
KEEP = {"MALLOC_TRIM_THRESHOLD_": "536870912", "MALLOC_MMAP_THRESHOLD_": "33554432"}  # bytes, for glibc's malloc


class Row(NamedTuple):
    """One line of the report, and the line to type where something could be better."""

    label: str
    text: str
    advice: str = ""


def cpu_flags(cpuinfo: Path = Path("/proc/cpuinfo")) -> set[str]:
    """The processor's features as Linux lists them; empty elsewhere."""
    if not cpuinfo.is_file():
        return set()
    for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
        label, _, value = line.partition(":")
        if label.strip() == "flags":
            return set(value.split())
    return set()


def better_kernel(kernel: str, flags: set[str]) -> str:
    """The line to export where OpenBLAS chose its Haswell kernel on a processor with AVX-512; otherwise nothing.

    OpenBLAS does not know processors newer than itself and then falls back: about half the speed of a matrix product.
    """
    if kernel.lower() != "haswell" or not {"avx512f", "avx512dq", "avx512bw", "avx512vl"} <= flags:
        return ""
    return f"export OPENBLAS_CORETYPE={'Cooperlake' if 'avx512_bf16' in flags else 'SkylakeX'}"


def blas_rows(libraries: list[dict[str, Any]] | None, flags: set[str]) -> Iterator[Row]:
    """Library, kernel and threads from threadpoolctl's list; None when threadpoolctl is not installed."""
    found = [library for library in libraries or [] if library["user_api"] == "blas"]
    if not found:  # without threadpoolctl, or one that it does not know: what NumPy was built with
        blas = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
        yield Row("BLAS", f"{blas['name']} {blas['version']}")
    if libraries is None:
        yield Row("BLAS kernel", "unknown without threadpoolctl", "pip install threadpoolctl")
    for library in found:
        kernel, threads = library.get("architecture", "unknown"), library["num_threads"]
        yield Row("BLAS", f"{library['internal_api']} {library.get('version', '')}".strip())
        export = better_kernel(kernel, flags)
        slow = ", though this processor has AVX-512: matrix products run at about half the speed" if export else ""
        yield Row("BLAS kernel", f"{kernel}{slow}", export)
        spin = "export OPENBLAS_NUM_THREADS=1   (small products are often faster so)" if threads > 1 else ""
        yield Row("BLAS threads", str(threads), spin)


def blas_libraries() -> list[dict[str, Any]] | None:
    """What threadpoolctl sees loaded in this process; None without threadpoolctl."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return None
    return threadpool_info()


def memory_rows() -> Iterator[Row]:
    """What becomes of the memory that a graph leaves behind, where glibc decides it."""
    if platform.libc_ver()[0] != "glibc":
        return
    if KEEP.keys() <= os.environ.keys():
        yield Row("freed memory", "stays here for the next graph")
    else:
        export = " ".join(f"{name}={value}" for name, value in KEEP.items())
        yield Row("freed memory", "goes back to the system, and every step gets it anew", f"export {export}")


def device() -> str:
    """Version and device of the CuPy that this process runs on."""
    name = backend.xp.cuda.runtime.getDeviceProperties(0)["name"].decode()
    driver = backend.xp.cuda.runtime.driverGetVersion()
    return f"{backend.xp.__version__} on {name}, driver for CUDA {driver // 1000}.{driver % 1000 // 10}"


def try_cupy() -> tuple[bool, str]:
    """Whether CuPy would work here, and on what or why not: asked of a new process, since this one has its backend."""
    command = [sys.executable, "-c", "from minigrad.__main__ import device; print(device())"]
    done = subprocess.run(command, env=os.environ | {"MINIGRAD_BACKEND": "cupy"}, capture_output=True, text=True)
    said = (done.stderr if done.returncode else done.stdout).strip().splitlines() or ["it ended without a word"]
    return done.returncode == 0, said[-1].partition("BackendError: ")[2] or said[-1]


def backend_rows() -> Iterator[Row]:
    """The backend and why, and the state of the other one."""
    yield Row("backend", f"{backend.name}: {backend.why}")
    if backend.name == "cupy":
        yield Row("CuPy", device())
        yield Row("not numpy", "was not asked for", "export MINIGRAD_BACKEND=numpy")
    elif importlib.util.find_spec("cupy") is None:
        advice = "python -m pip install cupy-cuda13x   (or cupy-cuda12x)"
        yield Row("CuPy", "not installed; it needs an NVIDIA GPU", advice)
    else:
        works, said = try_cupy()
        yield Row("CuPy", said if works else "installed")
        yield Row("not cupy", "was not asked for", "export MINIGRAD_BACKEND=cupy") if works else Row("not cupy", said)


def dot_row() -> Row:
    """Where graphviz is, or how to install it."""
    dot = shutil.which("dot")
    return Row("dot", dot) if dot else Row("dot", "not found: SVG and HTML work, PNG and PDF do not", GRAPHVIZ)


def version() -> str:
    """The installed version and the folder in use."""
    try:
        number = importlib.metadata.version("minigrad")
    except importlib.metadata.PackageNotFoundError:
        number = "(not installed)"
    return f"{number} in {Path(__file__).resolve().parent}"


def report() -> Iterator[Row]:
    """Every line of the doctor's report."""
    yield Row("minigrad", version())
    yield Row("Python", f"{platform.python_version()} at {sys.executable}")
    yield Row("NumPy", numpy.__version__)
    yield from backend_rows()
    yield Row("dtype", f"{backend.default_dtype().name}   (MINIGRAD_DTYPE is float32 or float64)")
    yield from blas_rows(blas_libraries(), cpu_flags())
    yield from memory_rows()
    yield dot_row()


def main() -> None:
    """Print the report."""
    argparse.ArgumentParser(prog="python -m minigrad", description="What minigrad runs on here, and why.").parse_args()
    for row in report():
        print(f"{row.label:<14}{row.text}")
        if row.advice:
            print(f"{'':<14}-> {row.advice}")


if __name__ == "__main__":
    main()
