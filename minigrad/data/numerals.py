"""Whole numbers in words, in English, German and Spanish: a small translation task of which every answer is known.
Imports NumPy and its own room."""

from __future__ import annotations

import numpy as np

from .pairs import Pairs
from .sizes import checked_sizes
from .splits import draw

__all__ = ["in_words", "number_words"]

LARGEST = 999_999

ENGLISH = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
ENGLISH_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()

GERMAN = (
    "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn "
    "achtzehn neunzehn"
).split()
GERMAN_TENS = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split()

SPANISH = (
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
    "dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete "
    "veintiocho veintinueve"
).split()
SPANISH_TENS = "treinta cuarenta cincuenta sesenta setenta ochenta noventa".split()
SPANISH_HUNDREDS = (
    "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"
).split()


def in_words(n: int, language: str) -> str:
    """The number n, 0 .. 999,999, as one writes it in "en", "de" or "es".

    English with the British "and" and without commas. German in one word, "einhundert" and "eintausend" with their
    "ein". Spanish with "mil" for a thousand, and "un" for "uno" in front of it: veintiún mil. Raises ValueError for
    another number or language.

    >>> [in_words(21_002, language) for language in ("en", "de", "es")]
    ['twenty-one thousand and two', 'einundzwanzigtausendzwei', 'veintiún mil dos']
    """
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or not 0 <= n <= LARGEST:
        raise ValueError(f"in_words: n must be a whole number within 0 .. {LARGEST}, not {n!r}")
    if language not in LANGUAGES:
        raise ValueError(f"in_words: language={language!r} is not one of {', '.join(LANGUAGES)}")
    return LANGUAGES[language](int(n))


def _english(n: int) -> str:
    if n < 20:
        return ENGLISH[n]
    if n < 100:
        tens, ones = divmod(n, 10)
        return ENGLISH_TENS[tens - 2] + (f"-{ENGLISH[ones]}" if ones else "")
    size, name = (100, "hundred") if n < 1000 else (1000, "thousand")
    many, rest = divmod(n, size)
    joint = " and " if rest < 100 else " "
    return f"{_english(many)} {name}" + (joint + _english(rest) if rest else "")


def _german(n: int, one: str = "eins") -> str:
    """one: how the number ends that ends with a one; "ein" where something follows."""
    if n == 1:
        return one
    if n < 20:
        return GERMAN[n]
    if n < 100:
        tens, ones = divmod(n, 10)
        return (f"{_german(ones, 'ein')}und" if ones else "") + GERMAN_TENS[tens - 2]
    size, name = (100, "hundert") if n < 1000 else (1000, "tausend")
    many, rest = divmod(n, size)
    return _german(many, "ein") + name + (_german(rest, one) if rest else "")


def _spanish(n: int) -> str:
    if n < 30:
        return SPANISH[n]
    if n < 100:
        tens, ones = divmod(n, 10)
        return SPANISH_TENS[tens - 3] + (f" y {SPANISH[ones]}" if ones else "")
    if n == 100:
        return "cien"
    many, rest = divmod(n, 100 if n < 1000 else 1000)
    if n < 1000:
        front = SPANISH_HUNDREDS[many - 1]
    else:
        front = _spanish(many).replace("veintiuno", "veintiún").replace("uno", "un") + " mil" if many > 1 else "mil"
    return front + (f" {_spanish(rest)}" if rest else "")


LANGUAGES = {"en": _english, "de": _german, "es": _spanish}


def number_words(
    count: int,
    rng: np.random.Generator,
    source: str = "en",
    target: str = "de",
    most: int = 9999,
    split: str | None = None,
) -> Pairs:
    """A number in the words of one language -> in those of another; see in_words.

    Each source begins with a tag for the language that is asked for, such as "<2de> ", so that one net can serve many
    directions, and be asked for one that it was not trained on (Johnson et al., 2016, arXiv 1611.04558). Numbers are
    drawn evenly from 0 .. most. split goes by the number: one of "valid" is in no direction's "train". Raises
    ValueError for count below 1, most outside 1 .. 999,999, another language, or another split.

    >>> number_words(1, np.random.default_rng(1), most=999)
    Pairs(sources=['<2de> four hundred and seventy-three'], targets=['vierhundertdreiundsiebzig'])
    """
    count, most = checked_sizes("number_words", count=(count, 1), most=(most, 1))
    if most > LARGEST:
        raise ValueError(f"number_words: most={most} is more than {LARGEST}, the largest there are words for")
    for name, language in (("source", source), ("target", target)):
        if language not in LANGUAGES:
            raise ValueError(f"number_words: {name}={language!r} is not one of {', '.join(LANGUAGES)}")
    numbers = draw("number_words", count, split, lambda: int(rng.integers(0, most + 1)), str)
    return Pairs([f"<2{target}> {in_words(n, source)}" for n in numbers], [in_words(n, target) for n in numbers])
