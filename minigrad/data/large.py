"""A text file of any size, read piece by piece: decoded, with one kind of line end, or refused in one line; and its ids
in a file of their own, which a net can learn from without having it in memory. Imports NumPy, files and progress."""

from __future__ import annotations

import codecs
import io
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ..files import written_whole
from ..progress import Progress

CHUNK = 1 << 18  # bytes that are read at a time


class DataError(ValueError):
    """The user's text cannot be used. One line: the file, the cause, and what to do; commands print it and exit 2."""


class TextFile:
    """The text of a file, `for piece in TextFile(path)`, a quarter of a million characters at a time.

    A byte order mark is removed (`mark` says so), CRLF and CR become newlines (`returns` counts them); `read` counts
    the bytes so far. Raises DataError (one line) for a file that is missing, a directory, unreadable, not in `encoding`
    or holding NUL (both with the byte offset).
    """

    def __init__(self, path: str | Path, encoding: str = "utf-8") -> None:
        self.path, self.encoding = path, encoding
        self.read, self.returns, self.mark = 0, 0, False

    def __iter__(self) -> Iterator[str]:
        decoder, newlines, begun = self._decoder(), io.IncrementalNewlineDecoder(None, translate=True), False
        for data in self._chunks():
            text = self._decoded(decoder, data)
            if text and not begun:
                begun, self.mark = True, text.startswith("\ufeff")
                text = text.removeprefix("\ufeff")
            self.returns += text.count("\r")
            if piece := newlines.decode(text, final=not data):
                yield piece

    def _chunks(self) -> Iterator[bytes]:
        """The file's bytes; the last chunk, and only that, is empty."""
        self.read = self.returns = 0
        try:
            with open(self.path, "rb") as file:
                while data := file.read(CHUNK):
                    self.read += len(data)
                    yield data
        except FileNotFoundError:
            raise DataError(f"{self.path}: no such file") from None
        except IsADirectoryError:
            raise DataError(f"{self.path} is a directory; name a text file in it") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise DataError(f"{str(self.path)!r} cannot be read: {reason}") from None
        yield b""

    def _decoder(self) -> codecs.IncrementalDecoder:
        try:
            "x".encode(self.encoding)
            return codecs.getincrementaldecoder(self.encoding)()
        except (LookupError, ValueError):
            raise DataError(
                f"--encoding {self.encoding!r} is not a text encoding; utf-8, utf-16 and latin-1 are"
            ) from None

    def _decoded(self, decoder: codecs.IncrementalDecoder, data: bytes) -> str:
        try:
            text = decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            at, wrong = self.read - len(error.object) + error.start, error.object[error.start]
            other = "utf-16" if error.object.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "latin-1"
            raise DataError(
                f"{self.path} is not {self.encoding}: byte 0x{wrong:02x} at offset {at} ({error.reason}); "
                f"name the right one, for example --encoding {other}"
            ) from None
        except UnicodeError as error:
            raise DataError(f"{self.path} is not {self.encoding}: {error}; name another with --encoding") from None
        if "\0" in text:
            mark = len("".encode(self.encoding))  # counted from behind, as what was decoded before has no bearing on it
            rest = len(text[text.index("\0") :].encode(self.encoding)) - mark + len(decoder.getstate()[0])
            raise DataError(
                f"{self.path}: NUL at byte offset {self.read - rest}; it is no text, or needs another --encoding "
                "(utf-16?)"
            )
        return text


def characters_of(path: str | Path, encoding: str = "utf-8") -> str:
    """The distinct characters of a text file of any size, sorted; `CharVocab(characters_of(path))` is its vocabulary.
    Raises as TextFile."""
    found: set[str] = set()
    for piece in TextFile(path, encoding):
        found.update(piece)
    return "".join(sorted(found))


def encode_file(
    path: str | Path, vocab: Any, to: str | Path, encoding: str = "utf-8", progress: bool = True
) -> np.ndarray:
    """Write the ids of a text file of any size to the file `to`, and return them: (N,), of the smallest unsigned dtype
    that has room for len(vocab), memory-mapped and read-only, as `np.load(to, mmap_mode="r")` gives them again.

    vocab: any object with encode, decode and a length. It gets whole lines, so that it finds the pieces that it would
    find in the whole text; only a line longer than a quarter of a million bytes is cut.
    `to` is put in place when it is complete; until then, and after a failure, it is as it was. progress: a bar over the
    bytes, or off a terminal a line every two seconds.
    Raises DataError for a text that is unusable (as TextFile), empty, or has what `vocab` does not know; ValueError for
    ids outside 0 .. len(vocab) - 1; OSError, naming `to`, where it cannot be written.
    """
    if os.path.realpath(path) == os.path.realpath(to):
        raise ValueError(f"encode_file: {to} is the text itself; name another file for its ids")
    text, dtype = TextFile(path, encoding), np.min_scalar_type(len(vocab) - 1)
    size = os.path.getsize(path) if os.path.isfile(path) else 0
    shown = progress and size > CHUNK
    with written_whole(to, "ids") as file, Progress(size // 10**6, "", shown, unit="MB") as bar:
        _write_header(file, dtype, 0)
        begin = count = 0
        for piece in _whole_lines(text):
            try:
                ids = np.asarray(vocab.encode(piece))
            except ValueError as error:
                raise DataError(f"{path}, in the part from character {begin} on: {error}") from None
            if len(ids) and not 0 <= ids.min() <= ids.max() < len(vocab):
                raise ValueError(f"encode_file: ids {ids.min()} to {ids.max()}, but len(vocab) is {len(vocab)}")
            file.write(ids.astype(dtype).tobytes())
            begin, count = begin + len(piece), count + len(ids)
            bar.show(text.read // 10**6)
        if not count:
            raise DataError(f"{path} is empty")
        file.seek(0)
        _write_header(file, dtype, count)
    return np.load(to, mmap_mode="r")


def _whole_lines(pieces: Iterable[str]) -> Iterator[str]:
    """The same text, cut behind newlines, where no word goes on."""
    rest = ""
    for piece in pieces:
        text = rest + piece
        cut = text.rfind("\n") + 1 or len(text)
        yield text[:cut]
        rest = text[cut:]
    if rest:
        yield rest


def _write_header(file: BinaryIO, dtype: np.dtype, count: int) -> None:
    """NumPy leaves room in it for a longer first axis, so that the true length can be written over this one."""
    np.lib.format.write_array_header_1_0(file, {"descr": dtype.str, "fortran_order": False, "shape": (count,)})
