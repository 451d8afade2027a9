"""The doctor says what minigrad runs on and what to type; bad settings give one line and exit status 2."""

import os
import platform
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

from minigrad import backend
from minigrad.__main__ import KEEP, better_kernel, blas_rows, cpu_flags, memory_rows

ROOT = Path(__file__).resolve().parent.parent
AVX512 = {"avx512f", "avx512dq", "avx512bw", "avx512vl"}
OPENBLAS = {
    "user_api": "blas",
    "internal_api": "openblas",
    "version": "0.3.31",
    "architecture": "Haswell",
    "num_threads": 1,
}
LABELS = {"minigrad", "Python", "NumPy", "backend", "CuPy", "dtype", "BLAS", "BLAS kernel", "dot"}


def python(*arguments: str, first_on_path: Path | None = None, **settings: str) -> subprocess.CompletedProcess:
    """A new Python in the repository's folder, with these environment variables on top of this process's."""
    path = [str(first_on_path)] if first_on_path else []
    path += [str(ROOT), os.environ.get("PYTHONPATH", "")]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, path))} | settings
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)


def doctor(**settings) -> subprocess.CompletedProcess:
    return python("-m", "minigrad", **settings)


@pytest.fixture
def cupy_missing(tmp_path):
    (tmp_path / "cupy.py").write_text("raise ModuleNotFoundError(\"No module named 'cupy'\")\n")
    return tmp_path


@pytest.fixture
def cupy_without_gpu(tmp_path):
    (tmp_path / "cupy.py").write_text("__version__ = '14.2.0'\ndef is_available():\n    return False\n")
    return tmp_path


def test_report_has_every_line():
    done = doctor()
    assert (done.returncode, done.stderr) == (0, "")
    labels = {line[:14].strip() for line in done.stdout.splitlines()}
    assert labels >= LABELS | ({"not numpy"} if backend.name == "cupy" else set())
    assert f"{'backend':<14}{backend.name}: {backend.why}" in done.stdout.splitlines()


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the names are those of glibc's malloc")
def test_what_becomes_of_freed_memory():
    unset = {name: value for name, value in os.environ.items() if name not in KEEP}
    with mock.patch.dict(os.environ, unset, clear=True):
        [row] = memory_rows()
    assert row.advice.startswith("export MALLOC_TRIM_THRESHOLD_=536870912 MALLOC_MMAP_THRESHOLD_=")
    with mock.patch.dict(os.environ, KEEP):
        [row] = memory_rows()
    assert row.advice == ""


def test_make_exports_what_the_doctor_advises():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(f"export {name} := {value}\n" in makefile for name, value in KEEP.items())


def test_report_is_aligned():
    for line in doctor().stdout.splitlines():
        assert line[13] == " " and line[14] != " "


def test_fault_55_unknown_backend_is_one_line_and_status_2():
    done = doctor(MINIGRAD_BACKEND="cupyy")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1 and done.stdout == ""
    for word in ("cupyy", "numpy", "cupy", "auto"):
        assert word in done.stderr


def test_unknown_dtype_is_one_line_and_status_2():
    done = doctor(MINIGRAD_DTYPE="float16")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1 and "float16" in done.stderr and "float32" in done.stderr


def test_fault_55_cupy_not_installed(cupy_missing):
    done = doctor(first_on_path=cupy_missing, MINIGRAD_BACKEND="cupy")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1 and "not installed" in done.stderr and "pip install" in done.stderr


def test_fault_55_cupy_without_gpu(cupy_without_gpu):
    done = doctor(first_on_path=cupy_without_gpu, MINIGRAD_BACKEND="cupy")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1 and "14.2.0" in done.stderr and "no usable GPU" in done.stderr


def test_in_a_program_the_error_is_an_exception(cupy_without_gpu):
    done = python("-c", "import minigrad", first_on_path=cupy_without_gpu, MINIGRAD_BACKEND="cupy")
    assert done.returncode == 1 and "Traceback" in done.stderr and "BackendError" in done.stderr


def test_on_numpy_it_says_why_not_cupy(cupy_without_gpu):
    done = doctor(first_on_path=cupy_without_gpu, MINIGRAD_BACKEND="numpy")
    (why_not,) = [line for line in done.stdout.splitlines() if line.startswith("not cupy")]
    assert done.returncode == 0 and "no usable GPU" in why_not


def test_on_numpy_it_says_that_cupy_would_work():
    done = doctor(first_on_path=ROOT / "tests/standin", MINIGRAD_BACKEND="numpy")
    assert done.returncode == 0 and "-> export MINIGRAD_BACKEND=cupy" in done.stdout


def test_auto_falls_back_and_says_so(cupy_without_gpu):
    done = doctor(first_on_path=cupy_without_gpu, MINIGRAD_BACKEND="auto")
    (chosen,) = [line for line in done.stdout.splitlines() if line.startswith("backend  ")]
    assert done.returncode == 0 and "numpy" in chosen and "no usable GPU" in chosen


def test_missing_dot_gives_the_install_lines():
    done = doctor(PATH="")
    assert done.returncode == 0
    for installer in ("apt-get", "dnf", "brew", "winget", "conda"):
        assert f"{installer} install" in done.stdout


@pytest.mark.parametrize(
    ("kernel", "flags", "line"),
    [
        ("Haswell", AVX512, "export OPENBLAS_CORETYPE=SkylakeX"),
        ("Haswell", AVX512 | {"avx512_bf16"}, "export OPENBLAS_CORETYPE=Cooperlake"),
        ("Haswell", {"avx2"}, ""),
        ("Haswell", {"avx2", "avx512f"}, ""),
        ("Cooperlake", AVX512 | {"avx512_bf16"}, ""),
        ("Zen", {"avx2"}, ""),
    ],
)
def test_the_line_for_a_faster_kernel(kernel, flags, line):
    assert better_kernel(kernel, flags) == line


def test_blas_rows_carry_the_line():
    library, kernel, threads = blas_rows([OPENBLAS], AVX512)
    assert library.text == "openblas 0.3.31"
    assert kernel.text.startswith("Haswell, though") and kernel.advice == "export OPENBLAS_CORETYPE=SkylakeX"
    assert (threads.text, threads.advice) == ("1", "")


def test_several_threads_and_a_fitting_kernel():
    _, kernel, threads = blas_rows([OPENBLAS | {"architecture": "SkylakeX", "num_threads": 4}], AVX512)
    assert (kernel.text, kernel.advice) == ("SkylakeX", "")
    assert threads.text == "4" and "OPENBLAS_NUM_THREADS=1" in threads.advice


def test_without_threadpoolctl_it_says_how_to_know():
    library, kernel = blas_rows(None, AVX512)
    assert library.text and "unknown" in kernel.text and kernel.advice == "pip install threadpoolctl"


def test_a_blas_that_threadpoolctl_does_not_know_is_named_by_numpy():
    (library,) = blas_rows([OPENBLAS | {"user_api": "openmp"}], AVX512)
    assert library.label == "BLAS" and library.text


def test_cpu_flags(tmp_path):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nflags\t\t: fpu avx2 avx512f\n\nprocessor\t: 1\nflags\t\t: fpu\n")
    assert cpu_flags(cpuinfo) == {"fpu", "avx2", "avx512f"}
    assert cpu_flags(tmp_path / "none") == set()
