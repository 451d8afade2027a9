"""ListOps, DNA and reviews: right by an independent reading, even, seeded, no leak between what is trained on and what
is held out; and what words without their order can know."""

from __future__ import annotations

import doctest
import importlib
import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import nn, optim
from minigrad.data import Tree, WordVocab, dna_motif, listops, pad_sequences, sentiment
from minigrad.data.labelled import ADJECTIVES, BASES, NEGATIONS
from minigrad.data.listops import evaluate
from minigrad.data.splits import draw, split_of
from minigrad.train import fit

GENERATORS = {
    "listops": lambda **words: listops(**{"count": 200, "max_length": 20, **words}),
    "dna_motif": lambda **words: dna_motif(**{"count": 200, "steps": 30, **words}),
    "sentiment": lambda **words: sentiment(**{"count": 200, **words}),
}
each_generator = pytest.mark.parametrize("task", GENERATORS)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def keys(examples: tuple) -> list[str]:
    return [str(list(example)) for example in examples[0]]


# ---------------------------------------------------------------- all of them


@pytest.mark.parametrize("module", ["listops", "labelled"])
def test_the_samples_of_the_docstrings(module: str) -> None:
    result = doctest.testmod(importlib.import_module(f"minigrad.data.{module}"))
    assert result.attempted >= 2 and result.failed == 0


@each_generator
def test_the_same_seed_gives_the_same_data(task: str) -> None:
    make = GENERATORS[task]
    first, again, other = make(rng=rng(1)), make(rng=rng(1)), make(rng=rng(2))
    assert keys(first) == keys(again) != keys(other)
    np.testing.assert_array_equal(first[1], again[1])


@each_generator
def test_no_example_is_trained_on_and_held_out(task: str) -> None:
    make = GENERATORS[task]
    train, valid = make(rng=rng(1), split="train"), make(rng=rng(2), split="valid")
    assert len(train[0]) == len(valid[0]) == 200
    assert not set(keys(train)) & set(keys(valid))
    held_out = set(keys(valid)) & set(keys(make(rng=rng(2), count=2000)))
    assert held_out, "without a split the same examples are drawn"


@each_generator
@pytest.mark.parametrize(("words", "says"), [
    ({"count": 0}, "count"), ({"count": 2.5}, "count.*2.5"), ({"count": True}, "count"),
    ({"split": "test"}, "split='test'"),
], ids=str)  # fmt: skip
def test_every_generator_refuses(task: str, words: dict, says: str) -> None:
    with pytest.raises(ValueError, match=f"{task}: .*{says}"):
        GENERATORS[task](rng=rng(), **words)


@pytest.mark.parametrize(("task", "words", "says"), [
    ("listops", {"min_length": 3}, "min_length.*3"),
    ("listops", {"min_length": 9, "max_length": 8}, "max_length.*9.*8"),
    ("dna_motif", {"steps": 5}, "steps.*6.*5"), ("dna_motif", {"motif": ""}, "motif"),
    ("dna_motif", {"motif": "TAU"}, "motif.*ACGT.*TAU"), ("dna_motif", {"motif": ["T"]}, "motif"),
    ("dna_motif", {"steps": 6, "count": 4, "split": "valid", "motif": "AAAAAA"}, "1000 examples in a row.*valid"),
], ids=str)  # fmt: skip
def test_a_generator_refuses_the_impossible(task: str, words: dict, says: str) -> None:
    with pytest.raises(ValueError, match=f"{task}: .*{says}"):
        GENERATORS[task](rng=rng(), **words)


def test_one_key_in_ten_is_held_out() -> None:
    held_out = [key for key in map(str, range(5000)) if split_of(key) == "valid"]
    assert len(held_out) == pytest.approx(500, abs=5 * np.sqrt(450))
    numbers = iter(range(5000))
    assert draw("some", 100, "valid", lambda: next(numbers), str) == [int(key) for key in held_out[:100]]


# ---------------------------------------------------------------- ListOps


def by_recursion(text: str) -> int:
    """Innermost lists first, by replacing text."""
    inner = re.search(r"\[(\w+) ([\d ]+) \]", text)
    if inner is None:
        return int(text)
    values = sorted(int(part) for part in inner[2].split())
    middle = (values[(len(values) - 1) // 2] + values[len(values) // 2]) // 2
    value = {"MAX": values[-1], "MIN": values[0], "MED": middle, "SM": sum(values) % 10}[inner[1]]
    return by_recursion(text[: inner.start()] + str(value) + text[inner.end() :])


@given(low=st.integers(4, 30), extra=st.integers(0, 20), seed=st.integers(0, 99))
def test_listops_answers_and_lengths(low: int, extra: int, seed: int) -> None:
    task = listops(3, rng(seed), low, low + extra)
    assert task.answers.dtype == np.int64 and task.answers.shape == (3,)
    for tokens, answer in zip(task.tokens, task.answers):
        assert low <= len(tokens) <= low + extra
        assert answer == evaluate(tokens) == by_recursion(" ".join(tokens))
        assert all(2 <= len(below) <= 5 for below in Tree.from_tokens(tokens).children if below)


def test_listops_answers_are_nearly_even_and_lengths_spread() -> None:
    task = listops(3000, rng())
    shares = np.bincount(task.answers, minlength=10) / 3000
    assert shares.min() > 0.07 and shares.max() < 0.13
    lengths = np.array([len(tokens) for tokens in task.tokens])
    assert lengths.min() == 5 and lengths.max() == 40
    assert np.histogram(lengths, bins=[5, 14, 23, 32, 41])[0].min() > 600
    names = Counter(token for tokens in task.tokens for token in tokens if token.startswith("["))
    assert min(names.values()) / max(names.values()) > 0.9


def test_a_deep_expression_is_evaluated() -> None:
    depth = 20_000
    assert evaluate(["[SM", "1"] * depth + ["0"] + ["]"] * depth) == 0


@pytest.mark.parametrize(("text", "says"), [
    ("[SUM 1 2 ]", "'SUM' is no operation"), ("[MAX 1 x ]", "'x' is no digit"), ("[MAX 1 12 ]", "'12' is no digit"),
    ("[MAX 1 2", "token 3"), ("", "empty"), ("[ 1 2 ]", "None is no operation"),
])  # fmt: skip
def test_what_is_no_expression_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        evaluate(text.split())


# ---------------------------------------------------------------- DNA


@given(steps=st.integers(3, 20), motif=st.text(BASES, min_size=1, max_size=3), seed=st.integers(0, 99))
def test_every_occurrence_of_the_motif_is_marked(steps: int, motif: str, seed: int) -> None:
    inputs, marks = dna_motif(4, steps, rng(seed), motif)
    assert inputs.shape == marks.shape == (4, steps) and inputs.dtype == np.int64 and marks.dtype == bool
    for n, (ids, said) in enumerate(zip(inputs, marks)):
        text = "".join(BASES[i] for i in ids)
        starts = [t for t in range(steps) if text.startswith(motif, t)]
        assert said.tolist() == [any(s <= t < s + len(motif) for s in starts) for t in range(steps)]
        assert n % 2 == 0 or starts, "every second one has it"


def test_the_motif_is_planted_everywhere_and_bases_are_even() -> None:
    inputs, marks = dna_motif(6001, 20, rng())
    planted, others = marks[1::2], marks[::2]
    assert planted.any(axis=1).all() and others.any(axis=1).mean() < 0.02
    counts = np.bincount(planted.argmax(axis=1), minlength=15)
    assert counts.size == 15 and np.all(abs(counts - 200) < 5 * np.sqrt(200))
    bases = np.bincount(inputs[::2].ravel())
    assert np.all(abs(bases - bases.mean()) < 5 * np.sqrt(bases.mean()))


# ---------------------------------------------------------------- reviews


def praises(text: str) -> bool:
    """The grammar, read backwards."""
    clause = text.split(" although ")[0].split(" but ")[-1].split()
    return (clause[-1] in ADJECTIVES[1]) != any(word in NEGATIONS for word in clause)


def test_reviews_mean_what_their_answers_say() -> None:
    texts, answers = sentiment(1001, rng())
    assert answers.dtype == np.int64 and answers.sum() == 500
    assert [praises(text) for text in texts] == answers.astype(bool).tolist()
    forms = Counter(next((word for word in ("but", "although") if f" {word} " in text), "") for text in texts)
    assert forms[""] == pytest.approx(500, abs=80) and forms["but"] == pytest.approx(250, abs=70)


def test_of_the_words_of_two_clauses_either_answer_is_equally_likely() -> None:
    """So a bag of words is right in three of four at most: every second review has two clauses."""
    for text in [text for text in sentiment(400, rng()).texts if " but " in text or " although " in text]:
        word = " but " if " but " in text else " although "
        first, second = text.split(word)
        assert praises(text) != praises(second + word + first)


def counted(texts: list[str], vocab: WordVocab) -> np.ndarray:
    return np.stack([np.bincount(vocab.encode(f" {text}"), minlength=len(vocab)) for text in texts]).astype(float)


def test_a_bag_of_words_does_not_tell_praise_from_blame() -> None:
    train, valid = sentiment(3000, rng(1), split="train"), sentiment(1000, rng(2), split="valid")
    vocab = WordVocab(" " + " ".join(train.texts))
    x, w, b = counted(train.texts, vocab), np.zeros(len(vocab)), 0.0
    for _ in range(300):
        error = 1 / (1 + np.exp(-(x @ w + b))) - train.answers
        w, b = w - 0.1 * error @ x / len(x), b - 0.1 * error.mean()
    right = ((counted(valid.texts, vocab) @ w + b > 0) == valid.answers).mean()
    assert 0.52 < right <= 0.8, "better than chance, and far from all"


def test_a_net_that_reads_the_words_in_order_does() -> None:
    train, valid = sentiment(3000, rng(1), split="train"), sentiment(1000, rng(2), split="valid")
    vocab = WordVocab(" " + " ".join(train.texts))
    model = nn.Classifier(len(vocab), 16, 32, 2, cell="gru")

    def padded(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
        return pad_sequences([vocab.encode(f" {text}") for text in texts])

    def loss_of(rows: np.ndarray) -> mg.Tensor:
        return mg.cross_entropy(model(*padded([train.texts[i] for i in rows])), train.answers[rows])

    batches = np.split(rng(3).permutation(2976), 93)
    fit(loss_of, batches, optim.Adam(model.parameters(), lr=0.02), 150, clip=1.0, progress=False)
    with mg.no_grad():
        said = model(*padded(valid.texts)).numpy().argmax(axis=-1)
    assert (said == valid.answers).mean() >= 0.95
