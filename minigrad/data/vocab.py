"""A vocabulary gives every piece of a text its number, its id: the place in a list of symbols. Imports NumPy only."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np

SOS, EOS, UNK = "<SOS>", "<EOS>", "<UNK>"


class Vocab:
    """What all vocabularies share. A subclass says into which pieces a text falls, and what of it is stored.

    symbols: the piece with id i is symbols[i]. sos, eos: the ids of two marks, `<SOS>` and `<EOS>`, that stand for the
    ends of a text and are no part of it; they come behind the symbols, and are None in a vocabulary built without
    ends=True. unk: the id that stands for what has none, or None. len(): symbols and marks together.
    """

    symbols: Sequence[Any]
    unk: int | None = None
    what = "vocabulary"  # what an error about a stored one calls it

    def _number(self, symbols: Sequence[Any], ends: bool) -> None:
        self.symbols = symbols
        self._ids = {symbol: i for i, symbol in enumerate(symbols)}
        self.sos, self.eos = (len(symbols), len(symbols) + 1) if ends else (None, None)

    def __len__(self) -> int:
        return len(self.symbols) + (0 if self.eos is None else 2)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.symbols)} symbols{'' if self.eos is None else ', ends=True'})"

    def pieces(self, text: str) -> list[str]:
        """The text cut up, as one would show it: one piece for each id that encode gives, without the ends."""
        raise NotImplementedError(f"{type(self).__name__} does not say into which pieces a text falls")

    def encode(self, text: str, ends: bool = False) -> np.ndarray:
        """str -> int64 ids (N,), with ends=True between `<SOS>` and `<EOS>`.

        Raises ValueError naming what has no id, and for ends=True where there are no marks; TypeError unless it is a
        str.
        """
        if not isinstance(text, str):
            raise TypeError(f"encode: a str is needed, not {type(text).__name__}")
        ids = self._encoded(text)
        if ends:
            if self.eos is None:
                raise ValueError(f"this {type(self).__name__} has no {SOS} and {EOS}; build it with ends=True")
            ids = [self.sos, *ids, self.eos]
        return np.array(ids, dtype=np.int64)

    def _encoded(self, text: str) -> Sequence[int]:
        return [self._ids.get(piece, self.unk) for piece in self.pieces(text)]

    def decode(self, ids: Iterable[int]) -> str:
        """Integer ids (N,) -> str, the marks left out. Raises TypeError for non-integers, IndexError for an id
        outside."""
        ids = np.asarray(ids)
        if ids.size == 0:
            return ""
        if ids.dtype.kind not in "iu":
            raise TypeError(f"decode: ids must be integers, not {ids.dtype}")
        outside = ids[(ids < 0) | (ids >= len(self))]
        if outside.size:
            raise IndexError(f"decode: id {outside[0]} is outside the vocabulary's 0 .. {len(self) - 1}")
        return self._joined([self.symbols[i] for i in ids.reshape(-1) if i < len(self.symbols)])

    def _joined(self, symbols: list[Any]) -> str:
        return "".join(symbols)

    def to_json(self) -> str:
        """The whole vocabulary as one JSON object, to be stored beside the weights it belongs to."""
        return json.dumps({**self._fields(), "ends": self.eos is not None})

    @classmethod
    def from_json(cls, stored: str) -> Vocab:
        """The inverse of `to_json`. Raises ValueError when `stored` is anything else."""
        try:
            fields = json.loads(stored)
            ends = fields.pop("ends", False)
            if not isinstance(ends, bool):
                raise TypeError(f"ends is {ends!r}")
            return cls._restored(**fields, ends=ends)
        except (ValueError, TypeError, AttributeError) as error:
            raise ValueError(f"not a stored {cls.what}: {error}") from None

    def _fields(self) -> dict[str, Any]:
        """What to_json stores; _restored(ends=ends, **fields) is the vocabulary again, or an error."""
        raise NotImplementedError(f"{type(self).__name__} does not say what of it is stored")

    @classmethod
    def _restored(cls, **fields: Any) -> Vocab:
        raise NotImplementedError(f"{cls.__name__} does not say how it is read back")


class CharVocab(Vocab):
    """The distinct characters of `text`, sorted, so that the same text gives the same ids in every process.

    `unknown`: one character that joins the vocabulary and stands for every character outside it (U+FFFD is the
    customary one). Without it such a character is refused by name. ends: with the marks `<SOS>` and `<EOS>`.
    Raises ValueError for an empty text, a lone surrogate, or an `unknown` that is not one character.
    """

    what = "character vocabulary"

    def __init__(self, text: str, unknown: str | None = None, ends: bool = False) -> None:
        check_text(text, "CharVocab")
        if unknown is not None and (not isinstance(unknown, str) or len(unknown) != 1):
            raise ValueError(f"CharVocab: unknown must be one character, not {unknown!r}")
        refuse_surrogates(unknown or "", "CharVocab")
        self._number("".join(sorted(set(text) | set(unknown or ""))), ends)
        self.unknown, self.unk = unknown, None if unknown is None else self._ids[unknown]

    def __repr__(self) -> str:
        ends = "" if self.eos is None else ", ends=True"
        return f"CharVocab({len(self.symbols)} characters, unknown={self.unknown!r}{ends})"

    def pieces(self, text: str) -> list[str]:
        """The characters."""
        return list(text)

    def _encoded(self, text: str) -> Sequence[int]:
        if self.unk is None:
            refuse_unknown(text, self.symbols, "build the vocabulary with unknown='\\ufffd'")
        return super()._encoded(text)

    def _fields(self) -> dict[str, Any]:
        return {"symbols": self.symbols, "unknown": self.unknown}

    @classmethod
    def _restored(cls, symbols: str, unknown: str | None, ends: bool) -> CharVocab:
        vocab = cls(symbols, unknown, ends)
        if vocab.symbols != symbols:
            raise ValueError("its symbols are not sorted and distinct")
        return vocab


def check_text(text: str, who: str) -> None:
    """What a vocabulary can be built from: TypeError unless it is a str, ValueError if empty or not all characters."""
    if not isinstance(text, str):
        raise TypeError(f"{who}: text must be a str, not {type(text).__name__}")
    if not text:
        raise ValueError(f"{who}: the text is empty; a vocabulary needs at least one character")
    refuse_surrogates(text, who)


def refuse_surrogates(text: str, who: str) -> None:
    """ValueError: half a UTF-16 pair is not a character. No file can hold it and no terminal can print it."""
    found = re.search("[\ud800-\udfff]", text)
    if found:
        raise ValueError(f"{who}: the text holds a lone surrogate, U+{ord(found[0]):04X}, which is no character")


def refuse_unknown(text: str, known: Collection[str], remedy: str) -> None:
    """ValueError naming the first character of the text that is not among the known ones."""
    unknown = set(text) - set(known)
    if unknown:
        where = next(i for i, symbol in enumerate(text) if symbol in unknown)
        raise ValueError(
            f"character {text[where]!r} (U+{ord(text[where]):04X}) at position {where} is not among the "
            f"{len(known)} of the vocabulary; remove it, or {remedy}"
        )
