"""Predict a symbol by counting what followed the same few symbols before: the baseline of every language model here.
Imports NumPy only."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

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

    def bits_per_char(self, text: Text) -> float:
        """The mean of -log2 P(symbol | what came before it) over `text`; its first symbols have shorter contexts."""
        text = _as_str(text)
        if not text:
            raise ValueError("NGram.bits_per_char: the text is empty")
        self._check_known(text)
        reach = self.order - 1
        bits = (-math.log2(self._probability(text[max(0, i - reach) : i], text[i])) for i in range(len(text)))
        return math.fsum(bits) / len(text)

    def _probability(self, context: str, symbol: str) -> float:
        p = 1.0 / len(self.symbols)
        for length in range(min(self.order - 1, len(context)) + 1):
            seen = context[len(context) - length :]
            types = self.types.get(seen)
            if types is None:  # then no longer context was seen either
                break
            p = (self.count.get(seen + symbol, 0) + types * p) / (self.total[seen] + types)
        return p

    def _check_known(self, text: str) -> None:
        if not self.symbols:
            raise ValueError("NGram: nothing is counted yet; call fit(text) first")
        unknown = set(text) - set(self.symbols)
        if unknown:
            symbol = min(unknown)
            raise ValueError(f"NGram: {symbol!r} (id {ord(symbol)}) is not among the {len(self.symbols)} symbols")


def _as_str(text: Text) -> str:
    """Ids as the characters of those numbers: a slice of a str is a dictionary key, a slice of an array is not."""
    if isinstance(text, str):
        return text
    ids = np.asarray(text)
    if ids.size and (ids.dtype.kind not in "iu" or ids.ndim != 1 or ids.min() < 0):
        raise ValueError(f"NGram: ids must be one row of integers from 0 up, not {ids.dtype} {ids.shape}")
    return "".join(map(chr, ids.tolist()))
