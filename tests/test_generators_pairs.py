"""Pairs of texts: every target is right, what is drawn is even, no example is both learned from and held out, numbers
in words against lists written by hand, and pairs as arrays."""

from __future__ import annotations

import doctest
from collections import Counter
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.data import CharVocab, Pairs, addition, dates, encode_pairs, encode_targets, numerals, pairs, reversal
from minigrad.data.numerals import in_words, number_words
from minigrad.data.tasks import IGNORED


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


TASKS = {"dates": dates, "addition": addition, "reversal": reversal, "number_words": number_words}
KEYS = {
    "dates": lambda source, target: target,
    "addition": lambda source, target: sorted(map(int, source.split("+"))),
    "reversal": lambda source, target: source,
    "number_words": lambda source, target: target,
}


def test_the_samples_in_the_docstrings() -> None:
    for module, least in ((pairs, 11), (numerals, 2)):
        failed, tried = doctest.testmod(module)
        assert failed == 0 and tried >= least


# ---------------------------------------------------------------- what all have in common


@pytest.mark.parametrize("name", TASKS)
def test_pairs_come_from_their_generator_alone(name: str) -> None:
    first, again, other = (TASKS[name](30, rng(seed)) for seed in (3, 3, 4))
    assert first == again and first != other
    assert len(first.sources) == len(first.targets) == 30


@pytest.mark.parametrize("name", TASKS)
def test_what_is_held_out_is_never_trained_on(name: str) -> None:
    train, valid = (TASKS[name](500, rng(seed), split=split) for seed, split in ((0, "train"), (1, "valid")))
    learned, held_out = ({str(KEYS[name](*pair)) for pair in zip(*part)} for part in (train, valid))
    assert not learned & held_out and min(len(learned), len(held_out)) > 100
    both = {str(KEYS[name](*pair)) for pair in zip(*TASKS[name](500, rng(2)))}
    assert both & learned and both & held_out, "without split all may come"


@pytest.mark.parametrize(("name", "words", "says"), [
    *[(name, {"count": count}, "count.*1") for name in TASKS for count in (0, 2.5, True)],
    *[(name, {"split": "test"}, "split='test'.*train, valid") for name in TASKS],
    ("addition", {"digits": 0}, "digits.*0"), ("reversal", {"max_length": 0}, "max_length.*0"),
    ("reversal", {"letters": ""}, "letters=''"), ("number_words", {"most": 0}, "most.*0"),
    ("number_words", {"most": 1_000_000}, "most=1000000"),
    ("number_words", {"source": "fr"}, "source='fr'.*en, de, es"),
    ("number_words", {"target": "fr"}, "target='fr'.*en, de, es"),
    ("reversal", {"max_length": 1, "letters": "a", "split": "valid"}, "1000 examples in a row.* 'valid'"),
])  # fmt: skip
def test_the_impossible_is_refused(name: str, words: dict, says: str) -> None:
    with pytest.raises(ValueError, match=f"{name}: .*{says}"):
        TASKS[name](**{"count": 4, "rng": rng(), **words})


# ---------------------------------------------------------------- dates, sums, strings turned round

PATTERNS = ("%B %d, %Y", "%d %b %Y", "%a %d %B %Y", "%A, %b %d, %Y", "%d.%m.%Y", "%d %b '%y")


def read(source: str) -> list[tuple[int, str]]:
    """(which pattern, ISO date) for each pattern that the standard library can read the source by."""
    found = []
    for i, pattern in enumerate(PATTERNS):
        try:
            day = datetime.strptime(source, pattern)
        except ValueError:
            continue
        assert "%a" not in pattern.lower() or day.strftime("%A").startswith(source[:3]), "the day of the week is right"
        found.append((i, day.date().isoformat()))
    return found


def test_every_date_can_be_read_in_one_way_and_the_target_is_that_day() -> None:
    sources, targets = dates(1200, rng())
    ways = [read(source) for source in sources]
    assert [[day for _, day in way] for way in ways] == [[target] for target in targets]
    counts = np.bincount([i for [(i, _)] in ways], minlength=6)
    assert np.all(abs(counts - 200) < 5 * np.sqrt(200)), "the formats are even"
    for part, lowest, values in ((slice(5, 7), 1, 12), (slice(3, 4), 0, 10)):
        counts = np.bincount([int(target[part]) - lowest for target in targets], minlength=values)
        assert np.all(abs(counts - 1200 / values) < 5 * np.sqrt(1200 / values)), "months and years are even"


def test_dates_are_of_one_century_and_leap_days_are_among_them() -> None:
    targets = dates(6000, rng()).targets
    assert "1969" <= min(targets)[:4] and max(targets)[:4] <= "2068"
    assert {target[-5:] for target in targets} >= {"02-29", "01-01", "12-31"}


@given(digits=st.integers(1, 5), seed=st.integers(0, 99))
def test_sums_are_right(digits: int, seed: int) -> None:
    for source, target in zip(*addition(5, rng(seed), digits)):
        a, b = source.split("+")
        assert int(target) == int(a) + int(b) and max(len(a), len(b)) <= digits
        assert source == f"{int(a)}+{int(b)}" and target == str(int(target)), "nothing is padded"


def test_both_numbers_of_a_sum_are_even_over_all_there_are() -> None:
    numbers = np.array([source.split("+") for source in addition(20_000, rng(), digits=1).sources], dtype=int)
    counts = np.bincount(numbers[:, 0] * 10 + numbers[:, 1], minlength=100)
    assert np.all(abs(counts - 200) < 5 * np.sqrt(200))


@given(max_length=st.integers(1, 12), letters=st.text("abcxyz", min_size=1, max_size=4), seed=st.integers(0, 99))
def test_strings_are_turned_round(max_length: int, letters: str, seed: int) -> None:
    for source, target in zip(*reversal(5, rng(seed), max_length, letters)):
        assert "".join(reversed(target)) == source
        assert 1 <= len(source) <= max_length and set(source) <= set(letters)


def test_lengths_and_letters_are_even() -> None:
    sources = reversal(4000, rng(), max_length=8, letters="abcd").sources
    for drawn, values in (([len(s) for s in sources], 8), ("".join(sources), 4)):
        counts = np.array(list(Counter(drawn).values()))
        assert len(counts) == values and np.all(abs(counts - counts.mean()) < 5 * np.sqrt(counts.mean()))


# ---------------------------------------------------------------- numbers in words

SAID = {
    0: ("zero", "null", "cero"),
    1: ("one", "eins", "uno"),
    16: ("sixteen", "sechzehn", "dieciséis"),
    17: ("seventeen", "siebzehn", "diecisiete"),
    20: ("twenty", "zwanzig", "veinte"),
    21: ("twenty-one", "einundzwanzig", "veintiuno"),
    22: ("twenty-two", "zweiundzwanzig", "veintidós"),
    30: ("thirty", "dreißig", "treinta"),
    31: ("thirty-one", "einunddreißig", "treinta y uno"),
    67: ("sixty-seven", "siebenundsechzig", "sesenta y siete"),
    70: ("seventy", "siebzig", "setenta"),
    100: ("one hundred", "einhundert", "cien"),
    101: ("one hundred and one", "einhunderteins", "ciento uno"),
    402: ("four hundred and two", "vierhundertzwei", "cuatrocientos dos"),
    555: ("five hundred and fifty-five", "fünfhundertfünfundfünfzig", "quinientos cincuenta y cinco"),
    1000: ("one thousand", "eintausend", "mil"),
    1001: ("one thousand and one", "eintausendeins", "mil uno"),
    1100: ("one thousand one hundred", "eintausendeinhundert", "mil cien"),
    2716: (
        "two thousand seven hundred and sixteen", "zweitausendsiebenhundertsechzehn", "dos mil setecientos dieciséis",
    ),
    21_000: ("twenty-one thousand", "einundzwanzigtausend", "veintiún mil"),
    31_031: (
        "thirty-one thousand and thirty-one", "einunddreißigtausendeinunddreißig", "treinta y un mil treinta y uno",
    ),
    100_000: ("one hundred thousand", "einhunderttausend", "cien mil"),
    101_001: ("one hundred and one thousand and one", "einhunderteintausendeins", "ciento un mil uno"),
    999_999: (
        "nine hundred and ninety-nine thousand nine hundred and ninety-nine",
        "neunhundertneunundneunzigtausendneunhundertneunundneunzig",
        "novecientos noventa y nueve mil novecientos noventa y nueve",
    ),
}  # fmt: skip


def test_numbers_are_said_as_people_say_them() -> None:
    assert {n: tuple(in_words(n, language) for language in ("en", "de", "es")) for n in SAID} == SAID


@pytest.mark.parametrize("language", ["en", "de", "es"])
def test_no_two_numbers_are_said_alike(language: str) -> None:
    assert len({in_words(n, language) for n in range(0, 1_000_000, 97)}) == len(range(0, 1_000_000, 97))
    assert len({in_words(n, language) for n in range(10_000)}) == 10_000


@pytest.mark.parametrize(("n", "language", "says"), [
    (-1, "en", "n must.*-1"), (1_000_000, "en", "n must.*1000000"), (2.0, "en", "n must.*2.0"),
    (True, "en", "n must.*True"), (1, "fr", "language='fr'.*en, de, es"),
])  # fmt: skip
def test_other_numbers_and_languages_are_refused(n: object, language: str, says: str) -> None:
    with pytest.raises(ValueError, match=f"in_words: {says}"):
        in_words(n, language)


@pytest.mark.parametrize(("source", "target"), [("en", "de"), ("de", "es"), ("es", "en")])
def test_both_sides_of_a_pair_say_one_number(source: str, target: str) -> None:
    numbers = {f"<2{target}> {in_words(n, source)}": in_words(n, target) for n in range(121)}
    made = number_words(3000, rng(), source, target, most=120)
    assert all(numbers[a] == b for a, b in zip(*made))
    counts = np.array(list(Counter(made.targets).values()))
    assert len(counts) == 121 and np.all(abs(counts - 3000 / 121) < 5 * np.sqrt(3000 / 121)), "numbers are even"


def test_a_held_out_number_is_held_out_in_every_direction() -> None:
    held_out = set(number_words(2000, rng(), "en", "es", most=500, split="valid").targets)
    trained = set(number_words(2000, rng(), "de", "es", most=500, split="train").targets)
    assert held_out and not held_out & trained


# ---------------------------------------------------------------- as arrays


@given(texts=st.lists(st.tuples(st.text("ab", min_size=1, max_size=5), st.text("xyz", max_size=5)), min_size=1))
def test_encoded_pairs_are_the_pairs(texts: list[tuple[str, str]]) -> None:
    made = Pairs(*map(list, zip(*texts)))
    source_vocab, target_vocab = CharVocab("ab"), CharVocab("xyz", ends=True)
    source, lengths, target, wanted = encode_pairs(made, source_vocab, target_vocab)
    assert {part.dtype for part in (source, lengths, target, wanted)} == {np.dtype("int64")}
    assert source.shape[1] == len(lengths) == target.shape[1] == len(texts) and wanted.shape == target[1:].shape
    for n, (text, answer) in enumerate(texts):
        assert source_vocab.decode(source[: lengths[n], n]) == text and not source[lengths[n] :, n].any()
        assert target_vocab.decode(target[:, n]) == answer and target[0, n] == target_vocab.sos
        assert (target[len(answer) + 1 :, n] == target_vocab.eos).all(), "padding is an id that can be fed"
        assert wanted[: len(answer) + 1, n].tolist() == target[1 : len(answer) + 2, n].tolist()
        assert (wanted[len(answer) + 1 :, n] == IGNORED).all(), "the end is asked for once"


def test_targets_need_a_vocabulary_with_ends() -> None:
    with pytest.raises(ValueError, match="ends=True"):
        encode_targets(["ab"], CharVocab("ab"))
