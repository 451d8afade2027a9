"""A vocabulary is a sorted list of symbols; a symbol's id is its place in that list. Imports NumPy only."""

from __future__ import annotations

import json
from collections.abc import Iterable

import numpy as np


class CharVocab:
    """The distinct characters of `text`, sorted, so that the same text gives the same ids in every process.

    `unknown`: one character that joins the vocabulary and stands for every character outside it (U+FFFD is the
    customary one). Without it such a character is refused by name.
    Raises ValueError for an empty text, a lone surrogate, or an `unknown` that is not one character.
    """

    def __init__(self, text: str, unknown: str | None = None) -> None:
        if not isinstance(text, str):
            raise TypeError(f"CharVocab: text must be a str, not {type(text).__name__}")
        if not text:
            raise ValueError("CharVocab: the text is empty; a vocabulary needs at least one character")
        if unknown is not None and (not isinstance(unknown, str) or len(unknown) != 1):
            raise ValueError(f"CharVocab: unknown must be one character, not {unknown!r}")
        self.symbols = "".join(sorted(set(text) | set(unknown or "")))
        self.unknown = unknown
        _refuse_surrogates(self.symbols)
        self._ids = {symbol: i for i, symbol in enumerate(self.symbols)}

    def __len__(self) -> int:
        return len(self.symbols)

    def __repr__(self) -> str:
        return f"CharVocab({len(self)} characters, unknown={self.unknown!r})"

    def encode(self, text: str) -> np.ndarray:
        """str of N characters -> int64 ids (N,). Raises ValueError naming the first character that has no id."""
        fallback = None if self.unknown is None else self._ids[self.unknown]
        ids = [self._ids.get(symbol, fallback) for symbol in text]
        if fallback is None and None in ids:
            where = ids.index(None)
            raise ValueError(
                f"character {text[where]!r} (U+{ord(text[where]):04X}) at position {where} is not among the "
                f"{len(self)} of the vocabulary; remove it, or build the vocabulary with unknown='\\ufffd'"
            )
        return np.array(ids, dtype=np.int64)

    def decode(self, ids: Iterable[int]) -> str:
        """Integer ids (N,) -> str of N characters. Raises TypeError for non-integers, IndexError for an id outside."""
        ids = np.asarray(ids)
        if ids.size == 0:
            return ""
        if ids.dtype.kind not in "iu":
            raise TypeError(f"decode: ids must be integers, not {ids.dtype}")
        outside = ids[(ids < 0) | (ids >= len(self))]
        if outside.size:
            raise IndexError(f"decode: id {outside[0]} is outside the vocabulary's 0 .. {len(self) - 1}")
        return "".join(self.symbols[i] for i in ids.reshape(-1))

    def to_json(self) -> str:
        """The whole vocabulary as one JSON object, to be stored beside the weights it belongs to."""
        return json.dumps({"symbols": self.symbols, "unknown": self.unknown})

    @classmethod
    def from_json(cls, stored: str) -> CharVocab:
        """The inverse of `to_json`. Raises ValueError when `stored` is anything else."""
        try:
            fields = json.loads(stored)
            symbols, unknown = fields["symbols"], fields["unknown"]
            vocab = cls(symbols, unknown)
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"not a stored character vocabulary: {error}") from None
        if vocab.symbols != symbols:
            raise ValueError("not a stored character vocabulary: its symbols are not sorted and distinct")
        return vocab


def _refuse_surrogates(symbols: str) -> None:
    """Half a UTF-16 pair is not a character: no file can hold it and no terminal can print it."""
    for symbol in symbols:
        if "\ud800" <= symbol <= "\udfff":
            raise ValueError(f"CharVocab: the text holds a lone surrogate, U+{ord(symbol):04X}, which is no character")
