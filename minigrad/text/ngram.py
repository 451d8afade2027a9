"""Predict a symbol by counting what followed the same few symbols before: the baseline of every language model here.
Imports NumPy only."""

from __future__ import annotations

import copy
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

__all__ = ["NGram", "NGramRow", "ngram_table"]

Text = str | Sequence[int] | np.ndarray


class NGram:
    """An interpolated n-gram model with Witten-Bell smoothing.

    With c(h, s) how often s followed the context h, c(h) their sum, and t(h) how many different symbols followed h:

        P(s | h) = (c(h, s) + t(h) P(s | h')) / (c(h) + t(h)),      h' = h without its oldest symbol,

    ending in P(s) = 1 / V below the empty context; an unseen h has c = t = 0 and leaves P(s | h').
    Bell, Cleary & Witten 1990, Text Compression (method C); the recursion as in Chen & Goodman 1999, Computer
    Speech and Language 13 (Witten-Bell smoothing). `order` n looks at n - 1 symbols; order 1 counts single symbols.
    """

    def __init__(self, order: int) -> None:
        if not isinstance(order, (int, np.integer)) or order < 1:
            raise ValueError(f"NGram: order must be an integer of at least 1, not {order!r}")
        self.order = order
        self.symbols = ""
        self.count: Counter[str] = Counter()  # grams of every length up to `order`
        self.total: Counter[str] = Counter()  # context -> c(h)
        self.types: Counter[str] = Counter()  # context -> t(h)

    def fit(self, text: Text, symbols: str | int | None = None) -> NGram:
        """Count `text` (a str, or integer ids (N,)) and return self; an earlier fit is forgotten.

        `symbols` fixes what can occur: for a str the string of all symbols (`vocab.symbols`), for ids their number V;
        None takes those of the text. Raises ValueError for an empty text or a symbol outside `symbols`.
        """
        if symbols is not None and isinstance(symbols, str) != isinstance(text, str):
            raise TypeError("NGram.fit: symbols must be a string of them when the text is a str, their number for ids")
        text = _as_str(text)
        if not text:
            raise ValueError("NGram.fit: the text is empty")
        if isinstance(symbols, (int, np.integer)):
            symbols = _as_str(range(symbols))
        self.symbols = "".join(sorted(set(text if symbols is None else symbols)))
        self._check_known(text)
        self.count, self.total, self.types = Counter(), Counter(), Counter()
        for length in range(1, self.order + 1):
            self.count.update(text[i : i + length] for i in range(len(text) - length + 1))
        for gram, count in self.count.items():
            self.total[gram[:-1]] += count
            self.types[gram[:-1]] += 1
        return self

    def probability(self, context: Text, symbol: str | int) -> float:
        """P(symbol | context); of the context only the last n - 1 symbols count. Raises ValueError: unknown symbol."""
        symbol = symbol if isinstance(symbol, str) else _as_str([symbol])
        self._check_known(symbol)
        return self._probability(_as_str(context), symbol)

    def distribution(self, context: Text) -> np.ndarray:
        """P(. | context) over `self.symbols`, in their order: (V,) float64, adding up to 1 in every context."""
        self._check_known("")
        context = _as_str(context)
        return np.array([self._probability(context, symbol) for symbol in self.symbols])

    def bits(self, text: Text) -> float:
        """The price of a whole text, -log2 P(text): the sum of -log2 P(symbol | what came before it).

        The first symbols have shorter contexts. Raises ValueError for an empty text or an unknown symbol.
        """
        text = self._checked(text)
        return math.fsum(-math.log2(self._probability(context, s)) for context, s in self._with_contexts(text))

    def bits_per_char(self, text: Text) -> float:
        """The mean of -log2 P(symbol | what came before it) over `text`: `bits` for each symbol. Raises as it does."""
        return self.bits(text) / len(text)

    def perplexity(self, text: Text) -> float:
        """2 to the bits per symbol: among how many equally likely symbols one would be as unsure."""
        return 2 ** self.bits_per_char(text)

    @property
    def contexts(self) -> int:
        """How many different contexts, of every length up to n - 1, are stored with what followed them."""
        return sum(len(context) < self.order for context in self.total)

    def unseen(self, text: Text) -> float:
        """Share of the symbols of `text` before which stands a context that was never seen in training, so that a
        shorter one had to do. Raises as `bits` does."""
        text = self._checked(text)
        return sum(context not in self.total for context, _ in self._with_contexts(text)) / len(text)

    def _with_contexts(self, text: str) -> Iterable[tuple[str, str]]:
        """(context, symbol) for each symbol of the text."""
        reach = self.order - 1
        return ((text[max(0, i - reach) : i], symbol) for i, symbol in enumerate(text))

    def _probability(self, context: str, symbol: str) -> float:
        p = 1.0 / len(self.symbols)
        for length in range(min(self.order - 1, len(context)) + 1):
            seen = context[len(context) - length :]
            types = self.types.get(seen)
            if types is None:  # then no longer context was seen either
                break
            p = (self.count.get(seen + symbol, 0) + types * p) / (self.total[seen] + types)
        return p

    def _checked(self, text: Text) -> str:
        text = _as_str(text)
        if not text:
            raise ValueError("NGram: the text is empty")
        self._check_known(text)
        return text

    def _check_known(self, text: str) -> None:
        if not self.symbols:
            raise ValueError("NGram: nothing is counted yet; call fit(text) first")
        unknown = set(text) - set(self.symbols)
        if unknown:
            symbol = min(unknown)
            raise ValueError(f"NGram: {symbol!r} (id {ord(symbol)}) is not among the {len(self.symbols)} symbols")


class NGramRow(NamedTuple):
    """One order of the table. bits_per_symbol, perplexity and unseen are of the held-out text."""

    order: int
    bits_per_symbol: float
    perplexity: float
    contexts: int
    unseen: float


def ngram_table(
    train: Text, valid: Text, orders: Iterable[int] = range(1, 7), symbols: str | int | None = None
) -> list[NGramRow]:
    """What longer contexts buy, and what they cost: a row for each order, counted in `train` and examined on `valid`.

    symbols: as in NGram.fit; None takes those of both texts. Raises ValueError as NGram does, and for no orders.
    """
    orders = [NGram(order).order for order in orders]
    if not orders:
        raise ValueError("ngram_table: orders is empty; at least one is needed")
    if symbols is None:
        train, valid = _as_str(train), _as_str(valid)
        symbols = train + valid
    highest = NGram(max(orders)).fit(train, symbols)
    rows = []
    for order in orders:
        model = copy.copy(highest)  # whose counts contain those of every lower order
        model.order = order
        bits = model.bits_per_char(valid)
        rows.append(NGramRow(order, bits, 2**bits, model.contexts, model.unseen(valid)))
    return rows


def _as_str(text: Text) -> str:
    """Ids as the characters of those numbers: a slice of a str is a dictionary key, a slice of an array is not."""
    if isinstance(text, str):
        return text
    ids = np.asarray(text)
    if ids.size and (ids.dtype.kind not in "iu" or ids.ndim != 1 or ids.min() < 0):
        raise ValueError(f"NGram: ids must be one row of integers from 0 up, not {ids.dtype} {ids.shape}")
    return "".join(map(chr, ids.tolist()))
