"""Beam search against a greedy search written anew and against all sequences, on random tables and on nets; the
penalties against numbers worked out by hand; what it refuses."""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import nn
from minigrad.backend import is_host, to_host
from minigrad.errors import ShapeError
from minigrad.text import beam_search, coverage_penalty, greedy, length_penalty
from minigrad.text.search import take_rows

START, END = 0, 1
seeds = st.integers(0, 2**32 - 1)


class Table:
    """A model whose logits depend on the last id, the position, and the sum of the ids before: state (1, B, 2)."""

    def __init__(self, seed: int, size: int, sharpness: float = 2.0):
        self.logits = sharpness * np.random.default_rng(seed).standard_normal((3, 4, size, size))

    def step(self, ids, state):
        state = np.zeros((1, len(ids), 2), dtype=int) if state is None else state
        position, total = state[0].T
        return self.logits[total % 3, position % 4, ids], state + np.stack([np.ones_like(ids), ids], axis=1)

    def log_p(self, ids):
        """log P of each id of a whole sequence, one after the other."""
        found, state, last = [], None, START
        for i in ids:
            logits, state = self.step(np.array([last]), state)
            found.append(logits[0, i] - np.logaddexp.reduce(logits[0]))
            last = i
        return np.array(found)


def by_hand(step, state, max_len):
    """Greedy search: (ids, log P, finished)."""
    ids, total, last = [], 0.0, START
    for _ in range(max_len):
        logits, state = step(np.array([last]), state)
        logits = np.asarray(to_host(logits.data) if isinstance(logits, mg.Tensor) else logits, dtype=np.float64)[0]
        last = int(logits.argmax())
        total += logits[last] - np.logaddexp.reduce(logits)
        if last == END:
            return ids, total, True
        ids.append(last)
    return ids, total, False


# ---------------------------------------------------------------- greedy, and everything


@given(seeds, st.integers(2, 5), st.integers(1, 7))
def test_width_one_is_greedy(seed, size, max_len):
    table = Table(seed, size)
    ids, log_p, finished = by_hand(table.step, None, max_len)
    narrow = beam_search(table.step, None, START, END, max_len, width=1)
    for found in (greedy(table.step, None, START, END, max_len), *narrow):
        assert found.ids.tolist() == ids and found.ids.dtype == np.int64
        assert found.log_p == found.score == pytest.approx(log_p, rel=1e-12)
        assert (found.finished, found.weights) == (finished, None)


@given(seeds, st.integers(2, 3), st.integers(1, 4), st.floats(0, 2))
def test_a_wide_beam_is_brute_force(seed, size, max_len, alpha):
    table = Table(seed, size)
    others = [i for i in range(size) if i != END]
    ended = [(*ids, END) for n in range(max_len) for ids in itertools.product(others, repeat=n)]
    cut = list(itertools.product(others, repeat=max_len))
    width = size**max_len
    found = beam_search(table.step, None, START, END, max_len, width, alpha, n_best=width)
    assert len(found) == len(ended) + len(cut)
    for sequences, part in ((ended, found[: len(ended)]), (cut, found[len(ended) :])):
        expected = {ids: table.log_p(ids).sum() for ids in sequences}
        scores = [expected[ids] / ((5 + len(ids)) / 6) ** alpha for ids in sequences]
        np.testing.assert_allclose([h.score for h in part], sorted(scores, reverse=True), rtol=1e-12)
        for h in part:
            assert h.finished == (sequences is ended)
            assert h.log_p == pytest.approx(expected[(*h.ids.tolist(), *[END] * h.finished)], rel=1e-12)
    assert sum(math.exp(h.log_p) for h in found) == pytest.approx(1)


@given(seeds, st.integers(2, 5), st.integers(1, 6), st.integers(1, 6))
def test_fault_64_log_p_falls_along_a_hypothesis_and_down_the_list(seed, size, max_len, width):
    table = Table(seed, size)
    found = beam_search(table.step, None, START, END, max_len, width, n_best=width)
    assert 1 <= len(found) <= width
    for h in found:
        each = table.log_p([*h.ids, END] if h.finished else h.ids)
        assert (each <= 0).all() and h.log_p == pytest.approx(each.sum(), rel=1e-12, abs=1e-12)
        assert END not in h.ids and len(h.ids) <= max_len - h.finished
    for finished in (True, False):
        part = [h.log_p for h in found if h.finished == finished]
        assert part == sorted(part, reverse=True)
    assert [h.finished for h in found] == sorted((h.finished for h in found), reverse=True)


@pytest.mark.parametrize("width", [2, 4, 10])
def test_a_beam_is_hardly_ever_worse_than_greedy(width):
    """Of 2000 models, those where both end, it was in 0.4 % at width 2 and in none at 3, 5 and 10."""
    compared, worse, better = 0, 0, 0
    for seed in range(200):
        table = Table(seed, 6)
        first = greedy(table.step, None, START, END, 12)
        best = beam_search(table.step, None, START, END, 12, width)[0]
        if first.finished and best.finished:
            compared += 1
            worse += best.log_p < first.log_p - 1e-9
            better += best.log_p > first.log_p + 1e-9
    assert compared > 100 and worse <= compared / 100 and better > compared / 5


# ---------------------------------------------------------------- ties, ends


def test_fault_64_ties_go_to_the_better_hypothesis_then_to_the_lower_id():
    def step(ids, state):
        return np.zeros((len(ids), 4)), state

    found = beam_search(step, None, START, END, 2, width=4, n_best=4)
    assert [h.ids.tolist() for h in found] == [[], [0], [0, 0], [0, 2]]
    found = beam_search(step, None, START, END, 2, width=4, n_best=2)
    assert [h.ids.tolist() for h in found] == [[], [0]]


def test_one_that_ends_leaves_the_beam():
    widths = []

    def step(ids, state):
        """Ends with probability 1/2 everywhere."""
        widths.append(len(ids))
        return np.tile(np.log([1 / 4, 1 / 2, 1 / 8, 1 / 8]), (len(ids), 1)), state

    found = beam_search(step, None, START, END, 10, width=3, n_best=3)
    assert widths == [1, 2, 1] and [h.ids.tolist() for h in found] == [[], [0], [0, 0]]
    np.testing.assert_allclose([h.log_p for h in found], np.log([1 / 2, 1 / 8, 1 / 32]), rtol=1e-12)


def test_impossible_ids_are_never_returned():
    def step(ids, state):
        return np.tile([0.0, -np.inf, -np.inf], (len(ids), 1)), state

    (only,) = beam_search(step, None, START, END, 3, width=9, n_best=9)
    assert only.ids.tolist() == [0, 0, 0] and only.log_p == 0 and not only.finished


# ---------------------------------------------------------------- length and coverage


def test_length_penalty_is_the_published_formula():
    assert [length_penalty(n, 0.0) for n in (0, 1, 7)] == [1, 1, 1]
    assert length_penalty(1, 0.7) == 1
    assert length_penalty(7, 1.0) == 2
    assert length_penalty(19, 0.5) == 2
    assert length_penalty(10, 0.6) == pytest.approx(15**0.6 / 6**0.6, rel=1e-12)
    assert length_penalty(0, 1.0) == pytest.approx(5 / 6)


def test_coverage_penalty_is_the_published_formula():
    weights = [[0.5, 0.25, 0.25], [0.75, 0.0, 0.25]]  # sums 1.25, 0.25, 0.5
    assert coverage_penalty(weights, 2.0) == pytest.approx(2 * math.log(1 / 8), rel=1e-12)
    assert coverage_penalty(weights, 0.0) == 0
    assert coverage_penalty(np.eye(3), 1.0) == 0
    assert coverage_penalty([[1.0, 0.0]], 1.0) == pytest.approx(math.log(1e-10))


def test_alpha_lengthens():
    """Models that may end at every step, so that the likeliest sequences are short. What is found does not depend on
    alpha, so that a larger one never makes the best of it shorter."""
    lengths = []
    for seed in range(20):
        table = Table(seed, 4, sharpness=0.7)
        table.logits += [0, 2, 4, 0]
        best = [beam_search(table.step, None, START, END, 12, 8, alpha)[0] for alpha in (0.0, 0.5, 1.0, 1.5)]
        lengths.append([len(h.ids) for h in best])
    assert (np.diff(lengths) >= 0).all() and (np.diff(np.mean(lengths, axis=0)) > 0.2).all()


class Looking(NamedTuple):
    weights: np.ndarray
    last: np.ndarray

    def rows(self, index):
        return Looking(self.weights[index], self.last[index])


def test_coverage_prefers_what_looks_at_everything():
    """Id 2 looks at the first source word only, id 3 at both; 2 is a little likelier."""

    def step(ids, state):
        looks = np.array([[0.5, 0.5], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])[ids] if state else np.array([[1.0, 0.0]])
        begin, then = [-np.inf, -np.inf, 0.1, 0.0], [-np.inf, 0.0, -np.inf, -np.inf]
        return np.array([begin if i == START else then for i in ids]), Looking(looks, ids)

    plainly, covered = (beam_search(step, None, START, END, 4, 4, beta=beta, n_best=2) for beta in (0.0, 0.5))
    assert [h.ids.tolist() for h in plainly] == [[2], [3]] and [h.ids.tolist() for h in covered] == [[3], [2]]
    assert covered[0].score == covered[0].log_p and covered[1].score == pytest.approx(
        covered[1].log_p + 0.5 * math.log(1e-10)
    )
    assert covered[0].weights.tolist() == [[1, 0], [0, 1]]  # one row for the id, one for the end


# ---------------------------------------------------------------- what it refuses


def table_search(**changes):
    table = Table(0, 5)
    return beam_search(**{"step": table.step, "state": None, "start": 0, "end": 1, "max_len": 4, **changes})


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"width": 0}, ValueError, "width must be a whole number of at least 1, not 0"),
        ({"width": -3}, ValueError, "not -3"),
        ({"width": 2.0}, ValueError, "not 2.0"),
        ({"n_best": 0}, ValueError, "n_best must be .* not 0"),
        ({"n_best": 5, "width": 4}, ValueError, "n_best=5 .* width=4"),
        ({"max_len": 0}, ValueError, "max_len must be .* not 0"),
        ({"alpha": -1}, ValueError, "alpha must be .* not -1"),
        ({"alpha": math.nan}, ValueError, "alpha must be .* not nan"),
        ({"beta": math.inf}, ValueError, "beta must be .* not inf"),
        ({"beta": 0.2}, ValueError, "beta=0.2 needs attention"),
        ({"end": 5}, IndexError, "the end id 5 is outside 0..4"),
        ({"end": -1}, IndexError, "the end id -1 is outside"),
        ({"start": -1}, IndexError, "the start id -1 is outside"),
        ({"start": 7}, IndexError, "7"),
        ({"step": lambda ids, state: (np.zeros(5), state)}, ShapeError, r"logits \(1, V\) for 1 ids, not \(5,\)"),
        ({"step": lambda ids, state: (np.full((1, 5), math.nan), state)}, ValueError, "largest logit is nan"),
        ({"step": lambda ids, state: (np.zeros((len(ids), 5)), np.zeros(3))}, ShapeError, r"\(3,\) .* rows="),
    ],
)
def test_fault_64_arguments_are_checked(changes, error, message):
    with pytest.raises(error, match=message):
        table_search(**changes)


def test_fault_64_greedy_checks_too():
    with pytest.raises(ValueError, match="max_len must be .* not 0"):
        greedy(Table(0, 5).step, None, START, END, 0)


def test_fault_64_wider_than_the_vocabulary():
    assert len(table_search(width=1000, n_best=1000)) == sum(4**n for n in range(4)) + 4**4


def test_fault_64_without_an_end():
    def step(ids, state):
        return np.tile([0.0, -50.0, 1.0], (len(ids), 1)), state

    found = beam_search(step, None, START, END, 5, width=2, n_best=2)
    assert [h.finished for h in found] == [False, False] and found[0].ids.tolist() == [2] * 5


def test_fault_64_finished_ones_come_first():
    def step(ids, state):
        return np.log(np.tile([0.1, 0.3, 0.6], (len(ids), 1))), state

    best, second = beam_search(step, None, START, END, 1, width=2, n_best=2)
    assert best.finished and not second.finished and best.log_p < second.log_p


def test_fault_64_an_empty_hypothesis():
    def step(ids, state):
        return np.tile([-50.0, 0.0, -60.0], (len(ids), 1)), state

    best = beam_search(step, None, START, END, 5, alpha=1.0)[0]
    assert best.ids.shape == (0,) and best.finished and best.score == pytest.approx(best.log_p, abs=1e-12)


# ---------------------------------------------------------------- states


def test_rows_of_any_state():
    h = mg.Tensor(np.arange(12.0).reshape(2, 3, 2))
    counts = np.arange(3)[:, None]
    state = {"layers": (h, [counts, None]), "steps": 7}
    picked = take_rows(state, np.array([2, 0, 0, 1]))
    np.testing.assert_array_equal(picked["layers"][0].numpy(), h.numpy()[:, [2, 0, 0, 1]])
    assert picked["layers"][1][0].tolist() == [[2], [0], [0], [1]] and is_host(picked["layers"][1][0])
    assert picked["layers"][1][1] is None and picked["steps"] == 7


def test_rows_can_be_given():
    table = Table(3, 4)

    def step(ids, state):
        logits, inner = table.step(ids, None if state is None else state["batch last"].T[None])
        return logits, {"batch last": inner[0].T}

    ours = beam_search(step, None, START, END, 6, 3, n_best=3, rows=lambda s, i: {"batch last": s["batch last"][:, i]})
    for a, b in zip(ours, beam_search(table.step, None, START, END, 6, 3, n_best=3)):
        assert a.ids.tolist() == b.ids.tolist() and a.log_p == b.log_p


# ---------------------------------------------------------------- nets


def sharpened(model):
    """Weights three times as large, so that the logits are far apart."""
    for p in model.parameters():
        p.assign(3 * p.numpy())
    return model.eval()


def translator(cell, attention, attend):
    options = {"bidirectional": attend == "before", "attention": attention, "attend": attend, "num_layers": 2}
    with mg.default_dtype("float64"):
        return sharpened(nn.encoder_decoder(7, 6, 3, 4, cell=cell, **options))


SOURCE = np.array([[2], [5], [3], [6]])


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize(("attention", "attend"), [(None, "before"), ("additive", "before"), ("dot", "after")])
def test_translation(cell, attention, attend):
    model = translator(cell, attention, attend)
    found = greedy(model.step, model.begin(SOURCE), START, END, 8)
    generated = model.generate(SOURCE, START, END, 8)
    assert found.ids.tolist() == generated.ids[: generated.lengths[0], 0].tolist()
    assert found.finished == generated.finished[0]
    if attention:
        np.testing.assert_allclose(found.weights, generated.weights[:, 0], rtol=1e-12)
    for h in beam_search(model.step, model.begin(SOURCE), START, END, 8, width=4, n_best=4):
        whole = np.array([START, *h.ids, *[END] * h.finished])[:, None]
        logits = model(SOURCE, whole).numpy()[:, 0]
        each = logits[np.arange(len(logits)), whole[1:, 0]] - np.logaddexp.reduce(logits, axis=-1)
        assert h.log_p == pytest.approx(each.sum(), rel=1e-9)
        if attention:
            np.testing.assert_allclose(h.weights, model.align(SOURCE, whole).numpy()[:, 0], rtol=1e-9)
        else:
            assert h.weights is None


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_language_model(cell):
    with mg.default_dtype("float64"):
        model = sharpened(nn.LanguageModel(4, 3, 4, num_layers=2, cell=cell))
    ids, log_p, finished = by_hand(model.step, None, 5)
    found = greedy(model.step, None, START, END, 5)
    assert (found.ids.tolist(), found.finished) == (ids, finished) and found.log_p == pytest.approx(log_p, rel=1e-12)
    every = beam_search(model.step, None, START, END, 3, width=64, n_best=64)
    assert sum(math.exp(h.log_p) for h in every) == pytest.approx(1)
    for h in every[:5]:
        whole = np.array([START, *h.ids, *[END] * h.finished])[:, None]
        logits = model(whole[:-1])[0].numpy()[:, 0]
        each = logits[np.arange(len(logits)), whole[1:, 0]] - np.logaddexp.reduce(logits, axis=-1)
        assert h.log_p == pytest.approx(each.sum(), rel=1e-9)


def test_nothing_is_recorded():
    model, states = translator("gru", "additive", "before"), []

    def step(ids, state):
        states.append(state)
        return model.step(ids, state)

    with mg.no_grad():
        begin = model.begin(SOURCE)
    beam_search(step, begin, START, END, 4)
    assert len(states) > 1 and all(s.layers[0][0].node is None for s in states)
