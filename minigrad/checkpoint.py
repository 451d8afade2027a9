"""Named arrays, or whatever is made of arrays, in one file: safetensors, never pickle, complete or refused. Imports
files, tensor and what is below it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import sys
from collections.abc import Mapping
from typing import Any

import numpy

from . import backend
from .errors import CheckpointError, DtypeError
from .files import temporary, written_whole
from .tensor import Tensor

__all__ = ["check_writable", "flattened", "load", "load_tree", "save", "save_tree"]

FORMAT = 1
WHAT = "a checkpoint"  # for what cannot be written
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
    with written_whole(path, WHAT, backup=True) as file:
        file.write(_sealed(data, seal, hashlib.sha256(data).hexdigest().encode()))


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
    with temporary(path, WHAT):
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
