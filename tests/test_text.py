"""N-grams against their definition and their published numbers; sampling against the softmax it draws from."""

import math
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad import backend
from minigrad.data import CharVocab, python_topics
from minigrad.text import NGram, sample_ids, softmax_sample, word_validity, words

letters = st.text("abc", min_size=1, max_size=30)


def by_definition(text, context, symbol, size):
    """Witten-Bell read straight off the formula, by listing what followed the context in the text."""
    below = by_definition(text, context[1:], symbol, size) if context else 1 / size
    followers = [text[i + len(context)] for i in range(len(text) - len(context)) if text[i:].startswith(context)]
    if not followers:
        return below
    types = len(set(followers))
    return (followers.count(symbol) + types * below) / (len(followers) + types)


@given(letters, st.text("abcd", max_size=6), st.integers(1, 5))
def test_probability_is_the_formula(text, context, order):
    model = NGram(order).fit(text, symbols="abcd")
    seen = context[max(0, len(context) - order + 1) :]
    for symbol in "abcd":
        assert model.probability(context, symbol) == pytest.approx(by_definition(text, seen, symbol, 4), rel=1e-12)


@given(letters, st.text(max_size=6), st.integers(1, 5))
def test_probabilities_add_up_to_one_in_every_context(text, context, order):
    p = NGram(order).fit(text, symbols="abcde").distribution(context)
    assert p.shape == (5,) and (p > 0).all()
    assert abs(p.sum() - 1) < 1e-12


def test_by_hand():
    model = NGram(2).fit("aab", symbols="ab")
    assert model.probability("", "a") == pytest.approx((2 + 2 / 2) / (3 + 2))  # a a b: three symbols of two kinds
    assert model.probability("a", "b") == pytest.approx((1 + 2 * 0.4) / (2 + 2))  # a was followed by a and by b
    assert model.probability("b", "b") == pytest.approx(0.4)  # nothing followed b: one order down
    np.testing.assert_allclose(model.distribution("b"), [0.6, 0.4])
    assert model.bits_per_char("ab") == pytest.approx(-(math.log2(0.6) + math.log2(0.45)) / 2)


@given(letters, letters, st.integers(1, 4))
def test_ids_and_characters_are_the_same_model(text, held_out, order):
    vocab = CharVocab("abc")
    by_str = NGram(order).fit(text, vocab.symbols)
    by_id = NGram(order).fit(vocab.encode(text), len(vocab))
    assert by_id.bits_per_char(vocab.encode(held_out)) == by_str.bits_per_char(held_out)
    np.testing.assert_array_equal(by_id.distribution(vocab.encode(held_out)), by_str.distribution(held_out))
    assert by_id.probability([0, 1], 2) == by_str.probability("ab", "c")


def test_fit_again_forgets():
    assert NGram(3).fit("aaaa", "ab").fit("abab", "ab").bits_per_char("ba") == NGram(3).fit("abab").bits_per_char("ba")


@pytest.fixture(scope="module")
def topics_bits():
    corpus = python_topics()
    symbols = CharVocab(corpus.train + corpus.valid).symbols
    return [NGram(order).fit(corpus.train, symbols).bits_per_char(corpus.valid) for order in range(1, 7)]


def test_topics_whatever_the_python_version(topics_bits):
    assert 4.3 < topics_bits[0] < 4.8
    assert topics_bits[:4] == sorted(topics_bits[:4], reverse=True)
    assert topics_bits[4] - topics_bits[5] < 0.1


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the table was measured on Python 3.11's text")
def test_topics_table(topics_bits):
    np.testing.assert_allclose(topics_bits, [4.604, 3.622, 2.692, 2.125, 1.971, 2.004], atol=0.002)


@pytest.mark.parametrize("order", [0, -1, 2.0, None])
def test_order_is_checked(order):
    with pytest.raises(ValueError, match="order"):
        NGram(order)


def test_texts_are_checked():
    model = NGram(2).fit("abc")
    for call in (lambda: model.fit(""), lambda: model.fit([]), lambda: model.bits_per_char("")):
        with pytest.raises(ValueError, match="empty"):
            call()
    with pytest.raises(TypeError, match="symbols"):
        model.fit("abc", 3)
    with pytest.raises(TypeError, match="symbols"):
        model.fit([0, 1], "ab")
    with pytest.raises(ValueError, match="fit"):
        NGram(2).distribution("a")
    for ids in ([0.5, 1.0], [-1, 0], [[0, 1]]):
        with pytest.raises(ValueError, match="ids must be"):
            model.fit(ids, 2)


@pytest.mark.parametrize(
    "call",
    [
        lambda model: model.bits_per_char("abé"),
        lambda model: model.probability("a", "é"),
        lambda model: model.fit("é", "ab"),
    ],
    ids=["fault_68_held_out", "fault_68_symbol", "fault_68_fit"],
)
def test_unknown_symbol_is_refused_by_name(call):
    with pytest.raises(ValueError, match="'é'"):
        call(NGram(2).fit("abc"))


# sampling


def softmax(logits, temperature):
    weights = np.exp((np.array(logits) - max(logits)) / temperature)
    return weights / weights.sum()


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_draws_follow_the_softmax(temperature):
    logits, n = [1.0, 0.0, -1.0, 2.0], 10_000
    rng = np.random.default_rng(0)
    drawn = np.bincount([softmax_sample(logits, temperature, rng) for _ in range(n)], minlength=4) / n
    p = softmax(logits, temperature)
    assert (abs(drawn - p) < 4 * np.sqrt(p * (1 - p) / n)).all()  # four standard deviations of a share of n draws


def test_temperature_zero_is_the_argmax():
    assert softmax_sample([0.0, 3.0, 3.0, 2.0], 0) == 1
    assert softmax_sample([-np.inf, -1e4], 0) == 1


@pytest.mark.parametrize("temperature", [1e-320, 1e-8, 1.0])
def test_extreme_logits_are_stable(temperature):
    rng = np.random.default_rng(0)
    with np.errstate(all="raise", under="ignore"):
        assert {softmax_sample([1e4, -1e4, -np.inf], temperature, rng) for _ in range(20)} == {0}
    assert {softmax_sample([0.0, -np.inf], 5.0, rng) for _ in range(50)} == {0}


@pytest.mark.parametrize("temperature", [-1, -1e-9, math.nan, math.inf])
def test_temperature_is_checked(temperature):
    with pytest.raises(ValueError, match="temperature"):
        softmax_sample([0.0, 1.0], temperature, np.random.default_rng(0))


@pytest.mark.parametrize("logits", [[0.0, math.nan], [math.inf, 0.0], [-math.inf, -math.inf], [], 1.0, [[0.0, 1.0]]])
@pytest.mark.parametrize("temperature", [0, 1])
def test_logits_are_checked(logits, temperature):
    with pytest.raises(ValueError, match="logit"):
        softmax_sample(logits, temperature, np.random.default_rng(0))


def test_samples_feed_back_symbol_and_state():
    fed = []

    def step(symbol, state):
        """Prefers symbol + state, and counts its calls in the state."""
        fed.append((symbol, state))
        return np.eye(7)[(symbol + state) % 7], state + 1

    ids = sample_ids(step, 1, 3, 4, temperature=0)
    np.testing.assert_array_equal(ids, [4, 6, 2, 6])
    assert ids.dtype == np.int64
    assert fed == [(3, 1), (4, 2), (6, 3), (2, 4)]
    assert sample_ids(step, 0, 0, 0).shape == (0,)
    with pytest.raises(ValueError, match="length"):
        sample_ids(step, 0, 0, -1)


def test_same_seed_same_sample():
    def draw(rng=None):
        return sample_ids(lambda symbol, state: (np.zeros(50), state), None, 0, 20, rng=rng).tolist()

    assert draw(np.random.default_rng(3)) == draw(np.random.default_rng(3)) != draw(np.random.default_rng(4))
    backend.manual_seed(5)
    first, second = draw(), draw()
    backend.manual_seed(5)
    assert first == draw() != second


def test_word_validity():
    known = set(words("The list, the dict_keys and Naïve 3x4 ab"))
    assert known == {"the", "list", "dict", "keys", "and", "naïve"}
    assert word_validity("the LIST lsit ab 12", known) == pytest.approx(2 / 3)
    assert word_validity("?? a b", known) == 0.0
    with pytest.raises(TypeError, match="words"):
        word_validity("the", "the list")
