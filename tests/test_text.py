"""N-grams against their definition and their published numbers."""

import math
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.data import CharVocab, WordVocab, python_topics
from minigrad.text import NGram, ngram_table

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


@given(letters, letters, st.integers(1, 4))
def test_a_text_costs_what_its_symbols_cost(text, held_out, order):
    model = NGram(order).fit(text, "abc")
    each = [model.probability(held_out[:i], symbol) for i, symbol in enumerate(held_out)]
    assert model.bits(held_out) == pytest.approx(-math.log2(math.prod(each)), abs=1e-9)
    assert model.bits_per_char(held_out) == pytest.approx(model.bits(held_out) / len(held_out))
    assert model.perplexity(held_out) == pytest.approx(math.prod(each) ** (-1 / len(held_out)))


def test_contexts_and_unseen_by_hand():
    model = NGram(3).fit("abab", "abc")
    assert model.contexts == 5  # the empty one, a, b, ab, ba
    assert model.unseen("abac") == 0  # before them: nothing, a, ab, ba
    assert model.unseen("bbaca") == pytest.approx(2 / 5)  # nothing, b; bb and ac were never seen; ba was
    assert NGram(1).fit("abab", "abc").unseen("cc") == 0
    assert NGram(1).fit("abab", "abc").perplexity("ab") == pytest.approx(1 / ((2 + 2 / 3) / 6))


# the table: what longer contexts buy


@given(letters, letters, st.lists(st.integers(1, 5), min_size=1, max_size=3))
def test_the_table_counts_once_and_is_each_model(train, valid, orders):
    for texts in ((train, valid), [CharVocab("abc").encode(text) for text in (train, valid)]):
        symbols = "abc" if texts[0] is train else 3
        for row, order in zip(ngram_table(*texts, orders, symbols), orders):
            model = NGram(order).fit(texts[0], symbols)
            assert row.order == order and row.contexts == model.contexts == len(model.total)
            assert row.bits_per_symbol == model.bits_per_char(texts[1])
            assert row.perplexity == pytest.approx(model.perplexity(texts[1]))
            assert row.unseen == model.unseen(texts[1])
    assert ngram_table(train, valid, [2]) == ngram_table(train, valid, [2], "".join(sorted(set(train + valid))))


@pytest.fixture(scope="module")
def topics_table():
    corpus = python_topics()
    return ngram_table(corpus.train, corpus.valid)


def test_topics_whatever_the_python_version(topics_table):
    bits, contexts, unseen = ([row[i] for row in topics_table] for i in (1, 3, 4))
    assert [row.order for row in topics_table] == [1, 2, 3, 4, 5, 6]
    assert 4.3 < bits[0] < 4.8
    assert bits[:4] == sorted(bits[:4], reverse=True)
    assert bits[4] - bits[5] < 0.1
    assert contexts[0] == 1 and contexts[4] > 30 * contexts[1]
    assert unseen[0] == 0 and unseen == sorted(unseen) and unseen[5] > 0.05


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the table was measured on Python 3.11's text")
def test_topics_table(topics_table):
    expected = [4.604, 3.622, 2.692, 2.125, 1.971, 2.004]
    np.testing.assert_allclose([row.bits_per_symbol for row in topics_table], expected, atol=0.002)


def test_orders_of_the_table_are_checked():
    with pytest.raises(ValueError, match="orders is empty"):
        ngram_table("ab", "ab", [])
    for orders in ([0, 2], [1.5, 3]):
        with pytest.raises(ValueError, match="order must be"):
            ngram_table("ab", "ab", orders)
    with pytest.raises(ValueError, match="'c'"):
        ngram_table("ab", "abc", [2], "ab")


# sentences


def test_the_pear_belongs_into_the_salad():
    """A speech recogniser hears no difference; what stands around the word tells it."""
    corpus = "a pear and apple salad\nan apple and pear tart\na pair of shoes and socks\na pair and a pear\n" * 3
    vocab = WordVocab(corpus)
    model = NGram(3).fit(vocab.encode(corpus), len(vocab))
    pear, pair = (model.bits(vocab.encode(f"an apple and {word} salad\n")) for word in ("pear", "pair"))
    assert pair - pear > 4  # 16 times less probable


@pytest.mark.parametrize("order", [0, -1, 2.0, None])
def test_order_is_checked(order):
    with pytest.raises(ValueError, match="order"):
        NGram(order)


def test_texts_are_checked():
    model = NGram(2).fit("abc")
    for call in (lambda: model.fit(""), lambda: model.fit([]), lambda: model.bits(""), lambda: model.unseen("")):
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
