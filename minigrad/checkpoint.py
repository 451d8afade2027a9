"""Named arrays, or whatever is made of arrays, in one file: safetensors, never pickle, complete or refused. Imports
tensor and what is below it."""

from __future__ import annotations

import contextlib
import errno
import glob
import hashlib
import json
import os
import re
import secrets
import shutil
import stat
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy

from . import backend
from .errors import CheckpointError, DtypeError
from .tensor import Tensor

__all__ = ["check_writable", "flattened", "load", "load_tree", "save", "save_tree"]

FORMAT = 1
LONGEST_HEADER = 100_000_000  # bytes; what claims more is no checkpoint, and is not read
KINDS = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64".split()
SEAL = re.compile(rb'\\"sha256\\": \\"([0-9a-f]{64})\\"')  # as it stands in the header: a JSON string within JSON
INSTALL = "saving and loading weights needs safetensors: python -m pip install safetensors"


def save(path: str | os.PathLike, arrays: Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> None:
    """Write arrays (NumPy, CuPy, or Tensors, by name) and metadata (whatever JSON can say) to one safetensors file.

    The file at path is always the old one or the new one; the old one is kept as `<path>.bak`. A link is followed.
    Raises ImportError without safetensors, DtypeError for objects and text, TypeError for metadata that is not JSON,
    OSError naming the path.
    """
    library = _safetensors()
    host = {_name(name): _plain(name, array) for name, array in arrays.items()}
    version = sys.modules[__package__].__version__  # an import of the package from inside would be a cycle
    about = {"format": FORMAT, "minigrad": version, "sha256": "0" * 64, "metadata": dict(metadata or {})}
    data = library.save(host, {"minigrad": json.dumps(about)})
    seal = SEAL.search(data)
    if seal is None:
        raise CheckpointError(
            f"{path}: this safetensors writes a header that minigrad cannot seal; use another version"
        )
    _replace(Path(path), _sealed(data, seal, hashlib.sha256(data).hexdigest().encode()))


def load(path: str | os.PathLike) -> tuple[dict[str, numpy.ndarray], dict[str, Any]]:
    """(arrays, metadata) as they were saved, on the host. Nothing in the file is executed.

    Raises CheckpointError for what is no minigrad checkpoint, was cut short or changed by a single bit; OSError, naming
    the path, for what cannot be read; ImportError without safetensors.
    """
    library = _safetensors()
    data = _read(path)
    seal = SEAL.search(data, 8, 8 + int.from_bytes(data[:8], "little"))
    if seal is None:
        raise CheckpointError(f"{path} is not a minigrad checkpoint")
    if hashlib.sha256(_sealed(data, seal, b"0" * 64)).hexdigest().encode() != seal[1]:
        raise CheckpointError(f"{path} is damaged: its contents do not match their SHA-256{_other(path)}")
    try:
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        about = json.loads(header["__metadata__"]["minigrad"])
        version, metadata = about["format"], about["metadata"]
        arrays = library.load(data)
    except Exception as error:  # a safetensors error is a plain Exception
        raise CheckpointError(f"{path} is not a minigrad checkpoint: {error}") from error
    if version != FORMAT:
        raise CheckpointError(
            f"{path} has format {version}; this minigrad reads {FORMAT}: use the version that wrote it"
        )
    return arrays, metadata


# ---------------------------------------------------------------- what is made of arrays


def save_tree(path: str | os.PathLike, tree: Any) -> None:
    """Write a tree (dicts, lists, tuples of arrays, Tensors, numbers, strings, bools, None) to one file, as save does.

    Tensors are saved without their history. Raises as save, and TypeError for anything else, saying where it is.
    """
    arrays, plan = flattened(tree)
    save(path, arrays, {"tree": plan})


def load_tree(path: str | os.PathLike) -> Any:
    """The tree that save_tree wrote: equal bit for bit, arrays on the host, Tensors on the backend. Raises as load."""
    arrays, metadata = load(path)
    try:
        return _grown(metadata["tree"], arrays)
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path} holds named arrays, such as the weights of a model, and no tree") from error


def flattened(tree: Any, place: str = "it") -> tuple[dict[str, Any], Any]:
    """(arrays by place, the rest as JSON has it); TypeError, naming the place, for what a file cannot hold."""
    if tree is None or type(tree) in (bool, int, float, str):
        return {}, tree
    if isinstance(tree, numpy.generic):
        return {}, tree.item()
    if isinstance(tree, Tensor) or hasattr(tree, "dtype"):
        return {place: tree}, {"tensor" if isinstance(tree, Tensor) else "array": place}
    if type(tree) not in (dict, list, tuple):
        raise TypeError(f"{place} is a {type(tree).__name__}, which cannot be saved; dicts, lists and tuples can")
    keys = list(tree) if type(tree) is dict else range(len(tree))
    if wrong := [key for key in keys if type(key) not in (int, str)]:
        raise TypeError(f"{place} has the key {wrong[0]!r}; only strings and whole numbers can be saved")
    parts = [flattened(tree[key], f"{place}/{key}") for key in keys]
    arrays = {name: array for found, _ in parts for name, array in found.items()}
    if len(arrays) < sum(len(found) for found, _ in parts):
        raise TypeError(f"{place}: two arrays in it would have one name; a key must not hold a '/' that splits another")
    inside = [plan for _, plan in parts]
    if type(tree) is dict:
        return arrays, {"dict": [[key, plan] for key, plan in zip(keys, inside)]}
    return arrays, {type(tree).__name__: inside}


def _grown(plan: Any, arrays: Mapping[str, numpy.ndarray]) -> Any:
    """The tree that flattened took apart."""
    if not isinstance(plan, dict):
        return plan
    ((kind, inside),) = plan.items()
    if kind == "array":
        return arrays[inside]
    if kind == "tensor":
        return Tensor(arrays[inside], dtype=arrays[inside].dtype)
    if kind == "dict":
        return {key: _grown(value, arrays) for key, value in inside}
    return {"list": list, "tuple": tuple}[kind]([_grown(value, arrays) for value in inside])


# ---------------------------------------------------------------- the file


def _other(path: str | os.PathLike) -> str:
    """Where else to look."""
    before = f"{os.fspath(path)}.bak"
    return f"; the one before it is {before}" if os.path.exists(before) else ""


def check_writable(path: str | os.PathLike) -> None:
    """Raise now what save(path) would raise for want of safetensors, a folder, or permission."""
    _safetensors()
    with _temporary(Path(path)):
        pass


def _safetensors() -> Any:
    try:
        import safetensors.numpy
    except ImportError as error:
        raise ImportError(INSTALL) from error
    return safetensors.numpy


def _name(name: Any) -> str:
    if not isinstance(name, str) or name == "__metadata__":
        raise TypeError(f"the name of an array must be a string other than '__metadata__', not {name!r}")
    return name


def _plain(name: str, array: Any) -> numpy.ndarray:
    """On the host and in C order: safetensors writes other orders wrong, without a word."""
    array = array.data if isinstance(array, Tensor) else array
    array = backend.to_host(array) if hasattr(array, "dtype") else numpy.asarray(array)
    if array.dtype.name not in KINDS:
        raise DtypeError(f"{name}: arrays of dtype {array.dtype} cannot be saved; numbers and booleans can")
    return numpy.asarray(array, order="C")


def _sealed(data: bytes, seal: re.Match[bytes], digest: bytes) -> bytes:
    return data[: seal.start(1)] + digest + data[seal.end(1) :]


def _read(path: str | os.PathLike) -> bytes:
    """All bytes, after a look at the length that the header claims."""
    about = os.stat(path)
    if not stat.S_ISREG(about.st_mode) and not stat.S_ISDIR(about.st_mode):  # opening a pipe would wait for ever
        raise CheckpointError(f"{path} is not a file")
    with open(path, "rb") as file:
        first = file.read(8)
        header = int.from_bytes(first, "little")
        if len(first) < 8 or header > min(about.st_size - 8, LONGEST_HEADER):
            raise CheckpointError(f"{path} is not a minigrad checkpoint, or was cut short{_other(path)}")
        return first + file.read()


# ---------------------------------------------------------------- the file at path is the old one or the new one


def _replace(path: Path, data: bytes) -> None:
    with _temporary(path) as (file, temporary, target):
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
        file.close()
        if target.exists():
            shutil.copymode(target, temporary)
            _keep(target, temporary)
        os.replace(temporary, target)
        _sync(target.parent)


def _keep(target: Path, temporary: Path) -> None:
    """The file at target under its second name, `.bak`, while it keeps its first."""
    second = temporary.with_suffix(".old.tmp")
    try:
        os.link(target, second)
    except OSError:  # a file system without hard links
        shutil.copy2(target, second)
    os.replace(second, target.with_name(target.name + ".bak"))


@contextlib.contextmanager
def _temporary(path: Path) -> Iterator[tuple[BinaryIO, Path, Path]]:
    """(open file, its path, where it is to go) in the folder of path; removed unless it was moved there."""
    temporary = None
    try:
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a directory")
        _sweep(target)
        temporary = target.with_name(f".{target.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
        with open(temporary, "xb") as file:
            yield file, temporary, target
    except OSError as error:
        reason = error.strerror or str(error)
        raise OSError(error.errno, f"cannot write a checkpoint there ({reason})", str(path)) from error
    finally:
        if temporary is not None:
            for left in (temporary, temporary.with_suffix(".old.tmp")):
                with contextlib.suppress(OSError):
                    left.unlink()


def _sweep(target: Path) -> None:
    """Remove what processes killed while saving have left: untouched for a minute, and their process is gone."""
    for found in target.parent.glob(f".{glob.escape(target.name)}.*.tmp"):
        with contextlib.suppress(ValueError, FileNotFoundError):
            owner = int(found.name[len(target.name) + 2 :].split(".")[0])
            if time.time() - found.stat().st_mtime > 60 and not _alive(owner):
                found.unlink()


def _alive(process: int) -> bool:
    if os.name == "nt":  # there a signal of 0 would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _sync(folder: Path) -> None:
    """Make the new name survive a power cut, where folders can be synchronised."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
