"""Pairs of texts, a source and what is to be written for it: dates, sums, strings turned round. Made up on the spot, so
that the right answer is known. Imports NumPy and its own room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from .ragged import length_mask, pad_sequences
from .sizes import checked_sizes
from .splits import draw
from .tasks import IGNORED
from .vocab import Vocab

__all__ = ["PairIds", "Pairs", "addition", "dates", "encode_pairs", "encode_targets", "reversal"]

MONTHS = "January February March April May June July August September October November December".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
FIRST, LAST = date(1969, 1, 1), date(2068, 12, 31)  # the century in which POSIX reads a year of two digits
DATE_FORMATS = (
    "{month} {date.day}, {date.year}",  # March 7, 2010
    "{date.day} {month:.3} {date.year}",  # 7 Mar 2010
    "{weekday:.3} {date.day} {month} {date.year}",  # Sun 7 March 2010
    "{weekday}, {month:.3} {date.day}, {date.year}",  # Sunday, Mar 7, 2010
    "{date:%d.%m.%Y}",  # 07.03.2010, with full stops the day is first
    "{date.day} {month:.3} '{date:%y}",  # 7 Mar '10
)


class Pairs(NamedTuple):
    """Sources, and the target that belongs to each."""

    sources: list[str]
    targets: list[str]


class PairIds(NamedTuple):
    """Pairs as arrays, one pair a column; `[part[..., columns] for part in ids]` is a batch of them."""

    source: np.ndarray  # (S, N) int64, padded with 0
    lengths: np.ndarray  # (N,) int64, of the sources
    target: np.ndarray  # (T, N) int64, from <SOS> to <EOS>, padded with <EOS>: what a decoder is fed
    wanted: np.ndarray  # (T - 1, N) int64, the target one step later, its padding IGNORED: what it is to answer


def encode_pairs(pairs: Pairs, source_vocab: Vocab, target_vocab: Vocab) -> PairIds:
    """N pairs -> PairIds, for `cross_entropy(seq2seq(source, target, lengths), wanted, ignore_index=IGNORED)`.

    target_vocab is built with ends=True. Raises ValueError for what a vocabulary does not have, ShapeError without
    pairs.

    >>> from minigrad.data import CharVocab
    >>> pairs = Pairs(["1+9", "12+3"], ["10", "15"])
    >>> ids = encode_pairs(pairs, CharVocab("+0123456789"), CharVocab("0123456789", ends=True))
    >>> ids.source.T.tolist(), ids.lengths.tolist()
    ([[2, 0, 10, 0], [2, 3, 0, 4]], [3, 4])
    >>> ids.target.T.tolist(), ids.wanted.T.tolist()
    ([[10, 1, 0, 11], [10, 1, 5, 11]], [[1, 0, 11], [1, 5, 11]])
    """
    source, lengths = pad_sequences([source_vocab.encode(text) for text in pairs.sources])
    return PairIds(source, lengths, *encode_targets(pairs.targets, target_vocab))


def encode_targets(texts: Sequence[str], vocab: Vocab) -> tuple[np.ndarray, np.ndarray]:
    """N texts -> target (T, N) and wanted (T - 1, N), as in PairIds. Raises as encode_pairs.

    >>> from minigrad.data import CharVocab
    >>> target, wanted = encode_targets(["ab", "b"], CharVocab("ab", ends=True))
    >>> target.T.tolist(), wanted.T.tolist()
    ([[2, 0, 1, 3], [2, 1, 3, 3]], [[0, 1, 3], [1, 3, -1]])
    """
    target, lengths = pad_sequences([vocab.encode(text, ends=True) for text in texts], vocab.eos)
    return target, np.where(length_mask(lengths)[1:], target[1:], IGNORED)


def dates(count: int, rng: np.random.Generator, split: str | None = None) -> Pairs:
    """A date as people write it -> as ISO 8601 does, year-month-day.

    Days are drawn evenly from 1969 .. 2068, of the real calendar, and so are the six DATE_FORMATS: March 7, 2010;
    7 Mar 2010; Sun 7 March 2010; Sunday, Mar 7, 2010; 07.03.2010; 7 Mar '10. split goes by the day: none of "valid" is
    in "train", whatever its format. Raises ValueError for count below 1 and another split.

    >>> dates(2, np.random.default_rng(1))
    Pairs(sources=['27.04.2016', "8 Mar '20"], targets=['2016-04-27', '2020-03-08'])
    """
    (count,) = checked_sizes("dates", count=(count, 1))

    def make() -> date:
        return date.fromordinal(int(rng.integers(FIRST.toordinal(), LAST.toordinal() + 1)))

    days = draw("dates", count, split, make, date.isoformat)
    return Pairs([_written(day, rng.choice(DATE_FORMATS)) for day in days], [day.isoformat() for day in days])


def _written(day: date, how: str) -> str:
    """The day in one of DATE_FORMATS: English names, whatever the locale."""
    return how.format(date=day, month=MONTHS[day.month - 1], weekday=WEEKDAYS[day.weekday()])


def addition(count: int, rng: np.random.Generator, digits: int = 2, split: str | None = None) -> Pairs:
    """A sum -> its value, digit by digit (Zaremba & Sutskever, 2014, "Learning to execute").

    Both numbers are drawn evenly from those of at most so many digits, and nothing is padded. split goes by the two
    numbers in either order: where 58+23 is held out, 23+58 is too. Raises ValueError for sizes below 1, and another
    split.

    >>> addition(3, np.random.default_rng(1))
    Pairs(sources=['47+51', '75+95', '3+14'], targets=['98', '170', '17'])
    """
    count, digits = checked_sizes("addition", count=(count, 1), digits=(digits, 1))

    def make() -> list[int]:
        return rng.integers(0, 10**digits, 2).tolist()

    sums = draw("addition", count, split, make, lambda pair: str(sorted(pair)))
    return Pairs([f"{a}+{b}" for a, b in sums], [str(a + b) for a, b in sums])


def reversal(
    count: int,
    rng: np.random.Generator,
    max_length: int = 20,
    letters: str = "abcdefghijklmnopqrstuvwxyz",
    split: str | None = None,
) -> Pairs:
    """A string -> the same from back to front.

    Lengths are drawn evenly from 1 .. max_length, then letters evenly. split goes by the string, so that very short
    ones, of which there are few, may be rarer in "valid". Raises ValueError for sizes below 1, no letters, another
    split, or one to which no string belongs.

    >>> reversal(2, np.random.default_rng(1), max_length=8)
    Pairs(sources=['ntya', 'vy'], targets=['aytn', 'yv'])
    """
    count, max_length = checked_sizes("reversal", count=(count, 1), max_length=(max_length, 1))
    if not letters:
        raise ValueError(f"reversal: letters={letters!r}: at least one is needed")

    def make() -> str:
        return "".join(rng.choice(list(letters), rng.integers(1, max_length + 1)))

    sources = draw("reversal", count, split, make, str)
    return Pairs(sources, [source[::-1] for source in sources])
