"""Checkpoints: what goes in comes out, what was cut short or changed is refused, and the file is never half written."""

import os
import pickle
import stat
import subprocess
import sys

import numpy as np
import pytest

import minigrad as mg
from minigrad import checkpoint
from minigrad.errors import CheckpointError, DtypeError

pytest.importorskip("safetensors", reason="weights are saved with safetensors")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "net.safetensors"


def leftovers(path):
    return sorted(found.name for found in path.parent.iterdir() if found.name not in (path.name, path.name + ".bak"))


def small(path, value=1.0):
    checkpoint.save(path, {"w": np.full(3, value, dtype="float32")}, {"update": 7})


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3),
        np.arange(6.0).reshape(2, 3).T,  # safetensors alone would save the untransposed bytes
        np.asfortranarray(np.arange(24.0, dtype="float32").reshape(2, 3, 4)),
        np.arange(10)[::-2],
        np.broadcast_to(np.float32(3.5), (2, 2)),
        np.array(3.25),  # 0-d stays 0-d
        np.zeros((0, 3)),
        np.array([True, False]),
        np.array([1.5, -2.0], dtype=">f8"),
        np.array([np.nan, np.inf, -0.0, 1e-320]),
    ],
    ids=["plain", "transposed", "fortran", "negative-stride", "broadcast", "0-d", "empty", "bool", "big-endian", "odd"],
)
def test_arrays_come_back_as_they_were(path, array):
    checkpoint.save(path, {"a": array, "b": array + 1 if array.dtype != bool else ~array})
    loaded, _ = checkpoint.load(path)
    assert loaded["a"].shape == array.shape and loaded["a"].dtype == array.dtype.newbyteorder("=")
    assert np.array_equal(loaded["a"], array, equal_nan=array.dtype.kind == "f")
    assert loaded["a"].flags.writeable


def test_metadata_comes_back_beside_names_of_any_kind(path):
    metadata = {"vocab": 'a "quoted" \\ \n é \U0001f600', "sha256": "0" * 64, "numbers": [1, 2.5, None, True]}
    names = ["layers.0.weight", 'a "b"', "é", ""]
    checkpoint.save(path, {name: np.array([i]) for i, name in enumerate(names)}, metadata)
    arrays, loaded = checkpoint.load(path)
    assert loaded == metadata
    assert {name: int(a[0]) for name, a in arrays.items()} == {name: i for i, name in enumerate(names)}


def test_tensors_and_lists_are_saved_too(path):
    checkpoint.save(path, {"t": mg.Tensor([1.0, 2.0]), "l": [3.0, 4.0]})
    arrays, _ = checkpoint.load(path)
    assert arrays["t"].tolist() == [1, 2] and arrays["l"].tolist() == [3, 4]


def test_the_file_is_plain_safetensors_that_says_who_wrote_it(path):
    import json

    from safetensors import safe_open

    small(path)
    with safe_open(path, framework="np") as file:
        about = json.loads(file.metadata()["minigrad"])
        assert file.get_tensor("w").tolist() == [1, 1, 1]
    assert about["format"] == 1 and about["minigrad"] == mg.__version__ and len(about["sha256"]) == 64
    assert about["metadata"] == {"update": 7}


def test_a_bit_flipped_anywhere_is_refused_fault_76(path):
    small(path)
    data = path.read_bytes()
    with path.open("r+b", buffering=0) as file:
        for position, byte in enumerate(data):
            for bit in range(8):
                file.seek(position)
                file.write(bytes([byte ^ 1 << bit]))
                with pytest.raises(CheckpointError):
                    checkpoint.load(path)
            file.seek(position)
            file.write(bytes([byte]))
    checkpoint.load(path)


def test_a_file_cut_or_grown_anywhere_is_refused_fault_76(path):
    small(path)
    data = path.read_bytes()
    for length in range(len(data)):
        path.write_bytes(data[:length])
        with pytest.raises(CheckpointError, match="net.safetensors"):
            checkpoint.load(path)
    path.write_bytes(data + b"\0")
    with pytest.raises(CheckpointError):
        checkpoint.load(path)


class Bomb:
    def __reduce__(self):
        return os.mkdir, ("executed",)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 7,
        os.urandom(300),
        b"<!DOCTYPE html><html><body>404 Not Found</body></html>",
        pickle.dumps(Bomb()),
        (2**63).to_bytes(8, "little") + b"{}",
        (200_000_000).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"{}",
    ],
    ids=["empty", "short", "random", "html", "pickle", "huge-header", "long-header", "bare-safetensors"],
)
def test_what_is_no_checkpoint_is_refused_and_not_executed_fault_75(path, content, monkeypatch):
    monkeypatch.chdir(path.parent)
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="not a minigrad checkpoint"):
        checkpoint.load(path)
    assert leftovers(path) == []


def test_safetensors_of_another_tool_are_refused(path):
    from safetensors.numpy import save_file

    save_file({"w": np.zeros(3)}, path)
    with pytest.raises(CheckpointError, match="not a minigrad checkpoint"):
        checkpoint.load(path)


def test_a_later_format_is_refused(path, monkeypatch):
    monkeypatch.setattr(checkpoint, "FORMAT", 2)
    small(path)
    monkeypatch.undo()
    with pytest.raises(CheckpointError, match="format 2"):
        checkpoint.load(path)


def test_the_one_before_is_kept_and_named(path):
    small(path, 1)
    small(path, 2)
    small(path, 3)
    assert checkpoint.load(path)[0]["w"][0] == 3
    assert checkpoint.load(f"{path}.bak")[0]["w"][0] == 2
    assert leftovers(path) == []
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CheckpointError, match="net.safetensors.bak"):
        checkpoint.load(path)


@pytest.mark.parametrize("failing", ["fsync", "replace", "link"])
def test_the_old_file_survives_a_failure_fault_78(path, monkeypatch, failing):
    small(path, 1)

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, failing, full)
    if failing == "link":  # a file system without hard links: the copy stands in
        small(path, 2)
        monkeypatch.undo()
        assert checkpoint.load(f"{path}.bak")[0]["w"][0] == 1
    else:
        with pytest.raises(OSError, match="No space left.*net.safetensors"):
            small(path, 2)
        monkeypatch.undo()
        assert checkpoint.load(path)[0]["w"][0] == 1
    assert leftovers(path) == []


def test_a_failure_between_keeping_and_replacing_loses_nothing_fault_78(path, monkeypatch):
    small(path, 1)
    real, calls = os.replace, []

    def second_fails(*args):
        calls.append(args)
        if len(calls) == 2:
            raise OSError(5, "Input/output error")
        real(*args)

    monkeypatch.setattr(os, "replace", second_fails)
    with pytest.raises(OSError, match="Input/output"):
        small(path, 2)
    monkeypatch.undo()
    assert checkpoint.load(path)[0]["w"][0] == 1 == checkpoint.load(f"{path}.bak")[0]["w"][0]
    assert leftovers(path) == []


def test_through_a_link_the_file_behind_it_is_replaced_fault_78(path):
    real = path.with_name("real")
    small(real, 1)
    path.symlink_to(real)
    small(path, 2)
    assert path.is_symlink() and checkpoint.load(real)[0]["w"][0] == 2


def test_the_file_and_its_name_are_flushed_to_the_disk(path, monkeypatch):
    flushed, real = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: flushed.append(stat.S_IFMT(os.fstat(fd).st_mode)) or real(fd))
    small(path)
    assert flushed == [stat.S_IFREG] + [stat.S_IFDIR] * (os.name != "nt")


def test_permissions_are_kept(path):
    small(path)
    path.chmod(0o600)
    small(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("call", [small, checkpoint.check_writable], ids=["save", "check_writable"])
def test_a_place_that_cannot_be_written_is_named_fault_78(tmp_path, call):
    with pytest.raises(IsADirectoryError, match=tmp_path.name):
        call(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"absent.*net"):
        call(tmp_path / "absent" / "net")
    with pytest.raises(OSError, match=r"there.*file.*net"):
        (tmp_path / "file").write_text("")
        call(tmp_path / "file" / "net")
    assert [found.name for found in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="folders have no owner's permissions on this system")
def test_a_folder_without_permission_is_named_fault_78(tmp_path):
    me = os.geteuid()
    tmp_path.chmod(0o500)
    if me == 0:  # root may write everywhere: be nobody for a moment
        os.seteuid(65534)
    try:
        with pytest.raises(PermissionError, match="net"):
            checkpoint.check_writable(tmp_path / "net")
    finally:
        os.seteuid(me)
        tmp_path.chmod(0o700)
    assert list(tmp_path.iterdir()) == []


def test_check_writable_leaves_no_trace(path):
    checkpoint.check_writable(path)
    assert list(path.parent.iterdir()) == []
    small(path, 1)
    checkpoint.check_writable(path)
    assert checkpoint.load(path)[0]["w"][0] == 1 and leftovers(path) == []


def test_what_cannot_be_read_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"):
        checkpoint.load(tmp_path / "absent")
    with pytest.raises(IsADirectoryError, match=tmp_path.name):
        checkpoint.load(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(CheckpointError, match="pipe is not a file"):
            checkpoint.load(tmp_path / "pipe")


def test_temporaries_of_dead_processes_are_swept_up(tmp_path):
    path = tmp_path / "net[1].safetensors"
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    stale = path.with_name(f".{path.name}.{gone.pid}.abcd.tmp")
    living = path.with_name(f".{path.name}.{os.getpid()}.abcd.tmp")
    fresh = path.with_name(f".{path.name}.{gone.pid}.ef01.tmp")
    foreign = path.with_name(f".{path.name}.notes.tmp")
    for file in (stale, living, fresh, foreign):
        file.write_text("")
        if file is not fresh:
            os.utime(file, (0, 0))
    small(path)
    assert leftovers(path) == sorted(file.name for file in (living, fresh, foreign))


@pytest.mark.parametrize(
    ("arrays", "metadata", "error", "match"),
    [
        ({"w": np.array(["a"])}, {}, DtypeError, "w: arrays of dtype <U1"),
        ({"w": np.array([None])}, {}, DtypeError, "object"),
        ({"w": np.array([1j])}, {}, DtypeError, "complex128"),
        ({1: np.zeros(2)}, {}, TypeError, "not 1"),
        ({"__metadata__": np.zeros(2)}, {}, TypeError, "__metadata__"),
        ({"w": np.zeros(2)}, {"when": object()}, TypeError, "JSON"),
    ],
)
def test_what_cannot_be_saved_is_refused_before_anything_is_written(path, arrays, metadata, error, match):
    with pytest.raises(error, match=match):
        checkpoint.save(path, arrays, metadata)
    assert list(path.parent.iterdir()) == []


def test_without_safetensors_the_line_to_type_is_given(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors", None)
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    for call in (lambda: small(path), lambda: checkpoint.load(path), lambda: checkpoint.check_writable(path)):
        with pytest.raises(ImportError, match=r"pip install safetensors"):
            call()
    assert list(path.parent.iterdir()) == []
