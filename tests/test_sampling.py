"""Sampling against the softmax it draws from, top-k and the nucleus against their definitions, and against what NumPy's
own choice draws from the same random numbers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import backend, nn
from minigrad.text import probabilities, sample_ids, softmax_sample, spelled, word_validity, words

rows = st.lists(st.integers(-8, 8).map(lambda n: n / 2), min_size=1, max_size=8)


def softmax(logits, temperature):
    weights = np.exp((np.array(logits) - max(logits)) / temperature)
    return weights / weights.sum()


def chi_squared(ids, p):
    """Pearson's statistic of draws from p, in standard deviations above its mean (Wilson & Hilferty, 1931)."""
    expected = len(ids) * p[p > 0]
    counts = np.bincount(ids, minlength=len(p))
    assert counts[p == 0].sum() == 0
    freedom = len(expected) - 1
    value = ((counts[p > 0] - expected) ** 2 / expected).sum()
    return ((value / freedom) ** (1 / 3) - 1 + 2 / (9 * freedom)) / math.sqrt(2 / (9 * freedom))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_draws_follow_the_softmax(temperature, seed):
    logits = np.random.default_rng(7).normal(size=12)
    rng = np.random.default_rng(seed)
    ids = softmax_sample(np.tile(logits, (20_000, 1)), temperature, rng)
    assert chi_squared(ids, softmax(logits, temperature)) < 3.1  # once in a thousand by chance
    assert chi_squared(ids, softmax(logits, 1.25 * temperature)) > 6  # a temperature a quarter off is noticed


@pytest.mark.parametrize("cut", [{"top_k": 4}, {"top_p": 0.7}, {"top_k": 6, "top_p": 0.8}])
def test_what_is_cut_off_is_never_drawn_and_the_rest_as_often_as_it_should(cut):
    logits = np.random.default_rng(7).normal(size=12)
    p = probabilities(logits, **cut)
    assert 1 < (p > 0).sum() < 12
    np.testing.assert_allclose(p[p > 0], softmax(logits[p > 0], 1.0), rtol=1e-12)
    assert chi_squared(softmax_sample(np.tile(logits, (20_000, 1)), rng=np.random.default_rng(0), **cut), p) < 3.1


def test_temperature_zero_is_the_argmax():
    assert softmax_sample([0.0, 3.0, 3.0, 2.0], 0) == 1
    assert softmax_sample([-np.inf, -1e4], 0) == 1


@pytest.mark.parametrize("temperature", [1e-320, 1e-8, 1.0])
def test_extreme_logits_are_stable(temperature):
    rng = np.random.default_rng(0)
    with np.errstate(all="raise", under="ignore"):
        assert {softmax_sample([1e4, -1e4, -np.inf], temperature, rng) for _ in range(20)} == {0}
    assert {softmax_sample([0.0, -np.inf], 5.0, rng) for _ in range(50)} == {0}


def test_the_impossible_is_not_drawn_even_by_a_zero():
    class Zeros:
        def random(self, size):
            return np.zeros(size)

    assert softmax_sample([-np.inf, 0.0], rng=Zeros()) == 1
    assert softmax_sample([[-np.inf, 0.0], [0.0, 0.0]], rng=Zeros()).tolist() == [1, 0]


@pytest.mark.parametrize("temperature", [-1, -1e-9, math.nan, math.inf])
def test_temperature_is_checked(temperature):
    with pytest.raises(ValueError, match="temperature"):
        softmax_sample([0.0, 1.0], temperature, np.random.default_rng(0))


BROKEN = [[0.0, math.nan], [math.inf, 0.0], [-math.inf, -math.inf], [], 1.0, [[0.0, 1.0], [0.0, math.nan]], [[[0.0]]]]


@pytest.mark.parametrize("logits", BROKEN)
@pytest.mark.parametrize("temperature", [0, 1])
def test_logits_are_checked(logits, temperature):
    with pytest.raises(ValueError, match="logit"):
        softmax_sample(logits, temperature, np.random.default_rng(0))


# the tail of unlikely ids


def by_definition(logits, temperature, top_k, top_p):
    """The ids that may be drawn, likeliest first, and their probabilities."""
    p = softmax(logits, temperature)
    ranked = sorted(range(len(p)), key=lambda i: (-logits[i], i))[:top_k]
    total = sum(p[i] for i in ranked)
    kept, mass = [], 0.0
    for i in ranked:
        if mass >= top_p - 1e-12:
            break
        kept.append(i)
        mass += p[i] / total
    return {i: p[i] / sum(p[j] for j in kept) for i in kept}


@given(rows, st.sampled_from([0.5, 1.0, 3.0]), st.integers(1, 9), st.sampled_from([0.137, 0.511, 0.9003, 1.0]))
def test_probabilities_are_their_definition(logits, temperature, top_k, top_p):
    p = probabilities(logits, temperature, top_k, top_p)
    expected = by_definition(logits, temperature, top_k, top_p)
    np.testing.assert_allclose(p, [expected.get(i, 0.0) for i in range(len(logits))], rtol=1e-12)
    assert p.sum() == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(probabilities(logits, temperature), softmax(logits, temperature), rtol=1e-12)


@given(st.lists(st.lists(st.floats(-20, 20), min_size=5, max_size=5), min_size=1, max_size=4), st.integers(0, 9))
def test_rows_of_a_batch_are_rows(logits, seed):
    options = {"temperature": 0.7, "top_k": 4, "top_p": 0.9}
    together = probabilities(logits, **options)
    np.testing.assert_allclose(together, [probabilities(row, **options) for row in logits], rtol=1e-12)
    ids = softmax_sample(logits, 0.7, np.random.default_rng(seed), 4, 0.9)
    rng = np.random.default_rng(seed)
    assert ids.dtype == np.int64 and ids.tolist() == [softmax_sample(row, 0.7, rng, 4, 0.9) for row in logits]


@given(rows, st.integers(0, 99))
def test_the_draw_is_that_of_choice(logits, seed):
    """So that what was drawn from a seed before stays."""
    weights = np.exp(np.array(logits) - max(logits))
    expected = np.random.default_rng(seed).choice(len(weights), p=weights / weights.sum())
    drawn = softmax_sample(logits, 1.0, np.random.default_rng(seed))
    assert drawn == expected and type(drawn) is int


def test_top_k_one_is_greedy_and_ties_are_cut():
    logits = [0.0, 2.0, 2.0, -1.0, 2.0]
    assert probabilities(logits, 1.0, top_k=1).tolist() == [0, 1, 0, 0, 0] == probabilities(logits, 0).tolist()
    assert probabilities(logits, 1.0, top_k=2).tolist() == [0, 0.5, 0.5, 0, 0]
    assert probabilities([[1.0, 3.0], [3.0, 1.0]], 0).tolist() == [[0, 1], [1, 0]]


def test_the_nucleus_is_of_what_top_k_leaves():
    logits = np.log([0.4, 0.3, 0.2, 0.1])
    np.testing.assert_allclose(probabilities(logits, top_p=0.65), [4 / 7, 3 / 7, 0, 0])
    np.testing.assert_allclose(probabilities(logits, top_p=0.75), [4 / 9, 3 / 9, 2 / 9, 0])
    np.testing.assert_allclose(probabilities(logits, top_k=2, top_p=0.5), [1, 0, 0, 0])  # 4/7 > 0.5
    np.testing.assert_allclose(probabilities(logits, top_p=1e-9), [1, 0, 0, 0])
    np.testing.assert_allclose(probabilities(logits, top_p=1), [0.4, 0.3, 0.2, 0.1])
    assert probabilities([0.0, 0.0], top_p=0.5).tolist() == [1, 0]  # a half is enough


@pytest.mark.parametrize("top_k", [0, -1, 2.0])
def test_top_k_is_checked(top_k):
    with pytest.raises(ValueError, match=f"top_k must be .* not {top_k}"):
        softmax_sample([0.0, 1.0], top_k=top_k)


@pytest.mark.parametrize("top_p", [0, -0.1, 1.1, math.nan])
def test_top_p_is_checked(top_p):
    with pytest.raises(ValueError, match=f"top_p must be .* not {top_p}"):
        softmax_sample([0.0, 1.0], top_p=top_p)


# one after the other


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


def count_down(symbol, state):
    """Surely symbol - 1."""
    return np.where(np.arange(5) == symbol - 1, 0.0, -np.inf), state


def test_an_end_symbol_ends():
    assert sample_ids(count_down, None, 4, 9, end=0).tolist() == [3, 2, 1]
    assert sample_ids(count_down, None, 4, 3, end=0).tolist() == [3, 2, 1]  # it was not asked for a fourth
    assert sample_ids(count_down, None, 4, 2, end=0).tolist() == [3, 2]
    assert sample_ids(count_down, None, 4, 4).tolist() == [3, 2, 1, 0]
    ended = sample_ids(count_down, None, 1, 9, end=0)
    assert ended.shape == (0,) and ended.dtype == np.int64


def test_top_k_and_top_p_reach_the_draw():
    def step(symbol, state):
        return np.log([0.4, 0.3, 0.2, 0.1]), state

    for options in ({"top_k": 2}, {"top_p": 0.65}):
        drawn = sample_ids(step, None, 0, 200, rng=np.random.default_rng(0), **options)
        assert set(drawn.tolist()) == {0, 1}


def test_a_models_step():
    """LanguageModel.step is for batches: of one, here. Nothing is recorded."""
    model, states = nn.LanguageModel(5, 3, 4, cell="gru"), []

    def step(ids, state):
        states.append(state)
        return model.step(ids, state)

    def single(symbol, state):
        logits, state = model.step([symbol], state)
        return logits[0], state

    ids = sample_ids(step, None, [2], 20, rng=np.random.default_rng(0), top_k=3)
    assert ids.shape == (20,) and all(state.node is None for state in states[1:])
    assert ids.tolist() == sample_ids(single, None, 2, 20, rng=np.random.default_rng(0), top_k=3).tolist()
    with pytest.raises(ValueError, match=r"first_id is id or \[id\], not \[1, 2\]"):
        sample_ids(model.step, None, [1, 2], 3)
    np.testing.assert_array_equal(spelled(model.step, None, [2], ids), spelled(single, None, 2, ids))


def test_spelling_a_word():
    with mg.default_dtype("float64"):
        model = nn.LanguageModel(6, 3, 4)
    word = np.array([3, 1, 4, 1, 5])
    logits, _ = model(np.array([2, *word[:-1]])[:, None])
    expected = probabilities(logits)[np.arange(5), 0, word]
    np.testing.assert_allclose(spelled(model.step, None, [2], word), expected, rtol=1e-12)
    assert spelled(count_down, None, 4, [3, 2, 4]).tolist() == [1, 1, 0]
    assert spelled(count_down, None, 4, []).shape == (0,)
    for wrong in (5, -1):
        with pytest.raises(IndexError, match=f"spelled: {wrong} is outside 0..4"):
            spelled(count_down, None, 4, [3, wrong])


def test_word_validity():
    known = set(words("The list, the dict_keys and Naïve 3x4 ab"))
    assert known == {"the", "list", "dict", "keys", "and", "naïve"}
    assert word_validity("the LIST lsit ab 12", known) == pytest.approx(2 / 3)
    assert word_validity("?? a b", known) == 0.0
    with pytest.raises(TypeError, match="words"):
        word_validity("the", "the list")
