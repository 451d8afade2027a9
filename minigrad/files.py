"""A file that is written whole or not at all: what stands at a path is the old one or the new one. Imports the standard
library only."""

from __future__ import annotations

import contextlib
import errno
import glob
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

__all__ = ["temporary", "written_whole"]


@contextlib.contextmanager
def written_whole(path: str | os.PathLike, what: str, backup: bool = False) -> Iterator[BinaryIO]:
    """A binary file that takes its place at path when the block ends; after an error nothing of it is left.

    what: for the message, "a checkpoint". backup: the file that was there stays as `<path>.bak`. A link is followed.
    Raises OSError naming the path.
    """
    with temporary(path, what) as (file, beside, target):
        yield file
        file.flush()
        os.fsync(file.fileno())
        file.close()
        if target.exists():
            shutil.copymode(target, beside)
            if backup:
                _keep(target, beside)
        os.replace(beside, target)
        _sync(target.parent)


@contextlib.contextmanager
def temporary(path: str | os.PathLike, what: str) -> Iterator[tuple[BinaryIO, Path, Path]]:
    """(open file, its path, where it is to go) in the folder of path; removed unless it was moved there."""
    beside = None
    try:
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a directory")
        _sweep(target)
        beside = target.with_name(f".{target.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
        with open(beside, "xb") as file:
            yield file, beside, target
    except OSError as error:
        reason = error.strerror or str(error)
        raise OSError(error.errno, f"cannot write {what} there ({reason})", str(path)) from error
    finally:
        if beside is not None:
            for left in (beside, beside.with_suffix(".old.tmp")):
                with contextlib.suppress(OSError):
                    left.unlink()


def _keep(target: Path, beside: Path) -> None:
    """The file at target under its second name, `.bak`, while it keeps its first."""
    second = beside.with_suffix(".old.tmp")
    try:
        os.link(target, second)
    except OSError:  # a file system without hard links
        shutil.copy2(target, second)
    os.replace(second, target.with_name(target.name + ".bak"))


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
