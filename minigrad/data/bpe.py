"""Texts as pieces of words, between letters and words: byte-pair encoding, learned by merging what stands side by side
most often. Imports NumPy and its own room."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from .vocab import Vocab, check_text, refuse_surrogates
from .words import split_words

__all__ = ["BPE"]

BYTES = 256
REMEMBERED = 1 << 16  # words whose ids are kept

Pair = tuple[int, int]


class BPE(Vocab):
    """Byte-pair encoding (Gage, 1994, The C Users Journal 12(2); for words, Sennrich, Haddow & Birch, 2016, arXiv
    1508.07909), with the 256 bytes of UTF-8 as its letters (Radford et al., 2019, GPT-2): no text is unknown.

    The words of `text`, as split_words gives them, start as bytes. The pair of neighbours that occurs most often
    becomes a symbol of its own, again and again, until there are `size` symbols or no pair occurs twice; of pairs
    equally frequent that of the older symbols is taken. symbols: bytes, each. ends: with the marks `<SOS>` and `<EOS>`.
    A lone surrogate is refused by name; ids that are no UTF-8, which a model may write, are read as U+FFFD.
    Raises ValueError for an empty text, and for size below 256.

    >>> vocab = BPE("low lower lowest", size=259)
    >>> vocab.pieces("slow, lower"), vocab.merges
    (['s', 'low', ',', ' low', 'e', 'r'], [(108, 111), (256, 119), (32, 257)])
    """

    what = "byte-pair encoding"

    def __init__(self, text: str, size: int, ends: bool = False) -> None:
        check_text(text, "BPE")
        if not isinstance(size, (int, np.integer)) or size < BYTES:
            raise ValueError(f"BPE: size must be an integer of at least {BYTES}, the number of bytes, not {size!r}")
        self._compose(learn_merges(text, size - BYTES), ends)

    def _compose(self, merges: list[Pair], ends: bool) -> None:
        symbols = [bytes([byte]) for byte in range(BYTES)]
        for left, right in merges:
            symbols.append(symbols[left] + symbols[right])
        self._number(symbols, ends)
        self.merges = merges
        self._made = {pair: BYTES + i for i, pair in enumerate(merges)}
        self._word_ids = lru_cache(REMEMBERED)(self._merged_word)

    def _merged_word(self, word: str) -> list[int]:
        """The merges in the order in which they were learned."""
        ids = list(word.encode())
        while found := [self._made[pair] for pair in pairwise(ids) if pair in self._made]:
            first = min(found)
            ids = _merged(ids, self.merges[first - BYTES], first)
        return ids

    def pieces(self, text: str) -> list[str]:
        """The symbols as text; bytes that are only part of a character as `\\xe2`."""
        return [self.symbols[i].decode(errors="backslashreplace") for i in self._encoded(text)]

    def _encoded(self, text: str) -> Sequence[int]:
        refuse_surrogates(text, "encode")
        return [i for word in split_words(text) for i in self._word_ids(word)]

    def _joined(self, symbols: list[bytes]) -> str:
        return b"".join(symbols).decode(errors="replace")

    def _fields(self) -> dict[str, Any]:
        return {"merges": self.merges}

    @classmethod
    def _restored(cls, merges: list[Sequence[int]], ends: bool) -> BPE:
        pairs = [(left, right) for left, right in merges]
        for i, pair in enumerate(pairs):
            if not all(type(part) is int and 0 <= part < BYTES + i for part in pair):
                raise ValueError(f"merge {i}, {pair}, is not of two earlier symbols")
        if len(set(pairs)) < len(pairs):
            raise ValueError("a merge comes twice")
        vocab = cls.__new__(cls)
        vocab._compose(pairs, ends)
        return vocab


def learn_merges(text: str, most: int) -> list[Pair]:
    """The pairs to merge, in order, `most` at most: merge i makes symbol 256 + i of two earlier ones.

    Only words that have the merged pair are counted again, so that a merge costs what it changes.
    """
    times = Counter(split_words(text))
    words = [list(word.encode()) for word in times]
    weights = list(times.values())
    counts: Counter[Pair] = Counter()
    where: defaultdict[Pair, set[int]] = defaultdict(set)  # in which words a pair is, or was
    for word, ids in enumerate(words):
        for pair in pairwise(ids):
            counts[pair] += weights[word]
            where[pair].add(word)
    heap = [(-number, pair) for pair, number in counts.items()]
    heapq.heapify(heap)
    merges: list[Pair] = []
    while heap and len(merges) < most:
        number, best = heapq.heappop(heap)
        if counts[best] != -number:  # it has changed since, and was put on the heap again then
            continue
        if counts[best] < 2:
            break
        merges.append(best)
        change: Counter[Pair] = Counter()
        for word in where.pop(best):
            for pair in pairwise(words[word]):
                change[pair] -= weights[word]
            words[word] = _merged(words[word], best, BYTES + len(merges) - 1)
            for pair in pairwise(words[word]):
                change[pair] += weights[word]
                where[pair].add(word)
        for pair, by in change.items():
            if by:
                counts[pair] += by
                heapq.heappush(heap, (-counts[pair], pair))
    return merges


def _merged(ids: list[int], pair: Pair, symbol: int) -> list[int]:
    """The symbol in place of the pair, from left to right."""
    (left, right), out, i = pair, [], 0
    while i < len(ids):
        if ids[i] == left and ids[i + 1 : i + 2] == [right]:
            out.append(symbol)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out
