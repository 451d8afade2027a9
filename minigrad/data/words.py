"""Texts as words: a vocabulary of the frequent ones, and one that spells the others letter by letter. Imports NumPy
and its own room."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .vocab import UNK, Vocab, check_text, refuse_surrogates, refuse_unknown

__all__ = ["HybridVocab", "WordVocab", "split_words"]

LETTERS = r"[^\W\d_]+"
PIECE = re.compile(f" ?{LETTERS}| +(?= {LETTERS})| +|.", re.DOTALL)
SPELL, SPELLED = "<SPELL>", "</SPELL>"  # what lies between them is one word, letter by letter


def split_words(text: str) -> list[str]:
    """A text as words that carry the one blank before them, runs of other blanks, and all else character by character.

    Nothing is lost: joined, the pieces are the text. A newline is a piece of its own, so that a text may be cut behind
    any of them and falls into the same pieces.

    >>> split_words("The pen, 2x\\n")
    ['The', ' pen', ',', ' ', '2', 'x', '\\n']
    """
    return PIECE.findall(text)


class WordVocab(Vocab):
    """The `size` most frequent words and other pieces of `text` (all when None) that occur at least `least` times.

    Id 0, `<UNK>`, stands for everything else, which is thereby lost. The others follow by frequency, equals in
    alphabetical order. ends: with the marks `<SOS>` and `<EOS>`. Raises ValueError for an empty text, a lone surrogate,
    and for size or least below 1.

    >>> vocab = WordVocab("a pen and a sword", size=2)
    >>> vocab.decode(vocab.encode("a pen and a pencil")), vocab.symbols
    ('<UNK><UNK> and a<UNK>', ['<UNK>', ' a', ' and'])
    """

    unk = 0
    what = "word vocabulary"

    def __init__(self, text: str, size: int | None = None, least: int = 1, ends: bool = False) -> None:
        check_text(text, "WordVocab")
        self._number([UNK, *_frequent(split_words(text), size, least, "WordVocab")], ends)

    def pieces(self, text: str) -> list[str]:
        """As split_words; the unknown ones are shown, too."""
        return split_words(text)

    def _fields(self) -> dict[str, Any]:
        return {"words": self.symbols[1:]}

    @classmethod
    def _restored(cls, words: list[str], ends: bool) -> WordVocab:
        _check_words(words)
        vocab = cls.__new__(cls)
        vocab._number([UNK, *words], ends)
        return vocab


class HybridVocab(Vocab):
    """Words by default, characters for the unknown (Luong & Manning, 2016, arXiv 1604.00788): a word that is not in the
    vocabulary is spelled in the same stream of ids, one id a character, between two marks.

    Its symbols are all characters of `text`, the marks, and the `size` most frequent words of two characters and more
    that occur at least `least` times. So every text of known characters comes back exactly, and other characters are
    refused by name. ends: with the marks `<SOS>` and `<EOS>`. Raises ValueError as WordVocab does.

    >>> HybridVocab("a pen and a sword", size=1).pieces("a pen and a")
    ['a', '<SPELL>', ' ', 'p', 'e', 'n', '</SPELL>', '<SPELL>', ' ', 'a', 'n', 'd', '</SPELL>', ' a']
    """

    what = "hybrid vocabulary"

    def __init__(self, text: str, size: int | None = None, least: int = 1, ends: bool = False) -> None:
        check_text(text, "HybridVocab")
        longer = (piece for piece in split_words(text) if len(piece) > 1)
        self._compose("".join(sorted(set(text))), _frequent(longer, size, least, "HybridVocab"), ends)

    def _compose(self, characters: str, words: list[str], ends: bool) -> None:
        self.characters, self.words = characters, words
        self._number([*characters, SPELL, SPELLED, *words], ends)

    def pieces(self, text: str) -> list[str]:
        """As split_words, the words that are unknown spelled between `<SPELL>` and `</SPELL>`."""
        spelled = ([piece] if piece in self._ids else [SPELL, *piece, SPELLED] for piece in split_words(text))
        return [piece for pieces in spelled for piece in pieces]

    def _encoded(self, text: str) -> Sequence[int]:
        refuse_unknown(text, self.characters, "build the vocabulary from a text that has it")
        return super()._encoded(text)

    def _joined(self, symbols: list[str]) -> str:
        return "".join(symbol for symbol in symbols if symbol not in (SPELL, SPELLED))

    def _fields(self) -> dict[str, Any]:
        return {"characters": self.characters, "words": self.words}

    @classmethod
    def _restored(cls, characters: str, words: list[str], ends: bool) -> HybridVocab:
        check_text(characters, "characters")
        _check_words(words)
        if characters != "".join(sorted(set(characters))) or not set("".join(words)) <= set(characters):
            raise ValueError("its characters are not sorted and distinct, or its words have others")
        if any(len(word) < 2 for word in words):
            raise ValueError("a word of one character is no word of a hybrid vocabulary")
        vocab = cls.__new__(cls)
        vocab._compose(characters, words, ends)
        return vocab


def _frequent(pieces: Iterable[str], size: int | None, least: int, who: str) -> list[str]:
    """The most frequent pieces first, equals in alphabetical order."""
    for name, value in (("size", size), ("least", least)):
        if not (name == "size" and value is None) and (not isinstance(value, (int, np.integer)) or value < 1):
            raise ValueError(f"{who}: {name} must be an integer of at least 1, not {value!r}")
    counts = Counter(pieces)
    enough = (piece for piece, count in counts.items() if count >= least)
    return sorted(enough, key=lambda piece: (-counts[piece], piece))[:size]


def _check_words(words: Any) -> None:
    """ValueError unless they are a list of different pieces, as split_words gives them."""
    if not isinstance(words, list) or not all(isinstance(word, str) and split_words(word) == [word] for word in words):
        raise ValueError("its words are not a list of pieces")
    if len(set(words)) < len(words):
        raise ValueError("a word comes twice")
    refuse_surrogates("".join(words), "words")
