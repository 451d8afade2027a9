"""Three ways to end a sequence: targets and countdown, and the loops, with steps that know when sentences end. Slow:
nets learn to write sequences as long as those they were shown, by each rule; and a net that is not told how much is
left does not bring a sentence to its end within the length that was drawn for it."""

from __future__ import annotations

import doctest
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import nn, optim
from minigrad.backend import to_device
from minigrad.data import length_mask, pad_sequences
from minigrad.errors import ShapeError
from minigrad.ops import bce_with_logits, concat, cross_entropy, mse
from minigrad.text import (
    Lengths,
    halt_targets,
    sample_ids,
    sample_of_length,
    sample_until_halt,
    softmax_sample,
    steps_left,
    stopping,
)

DOT, MARK, NUM = 0, 6, 7  # words are 1 .. 5; the mark stands before a sentence and, for the first rule, behind it
COUNTS = {3: 10, 4: 20, 5: 10, 6: 5, 7: 2, 8: 3, 9: 8, 10: 20, 11: 15, 12: 7}
SHOWN = np.repeat(list(COUNTS), list(COUNTS.values()))  # the lengths, short ones and long ones, dots counted


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def distance(ours, theirs=SHOWN):
    """Kolmogorov and Smirnov's: the largest difference between the shares of lengths up to x, over all x."""
    at = np.unique([*ours, *theirs])
    a, b = (np.searchsorted(np.sort(x), at, side="right") / len(x) for x in (ours, theirs))
    return abs(a - b).max()


def closed(ids):
    """The length of a sentence, up to its dot. One that breaks off before it counts as longer than all."""
    ids = [int(i) for i in ids]
    return ids.index(DOT) + 1 if DOT in ids else math.inf


def draw_id(logits, rng):
    return softmax_sample(logits, rng=rng)


# ---------------------------------------------------------------- what is learned


def test_docstrings():
    tried = doctest.testmod(stopping)
    assert tried.attempted >= 3 and tried.failed == 0


@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(0, 3))
def test_targets_and_countdown(lengths, more):
    steps = max(lengths) + more
    halts, left = halt_targets(lengths, steps), steps_left(lengths, steps)
    assert halts.shape == left.shape == (steps, len(lengths)) and halts.dtype == np.float64 and left.dtype == np.int64
    for b, n in enumerate(lengths):
        assert np.flatnonzero(halts[:, b]).tolist() == [n - 1] and halts[n - 1, b] == 1
        assert left[:, b].tolist() == [*range(n - 1, -1, -1), *[0] * (steps - n)]
    assert (halt_targets(lengths) == halts[: max(lengths)]).all()


def test_targets_are_checked():
    for f in (halt_targets, steps_left):
        with pytest.raises(ShapeError, match="length 3 is more than 2 steps"):
            f([1, 3], 2)
    with pytest.raises(ValueError, match="halt_targets: a sequence of length 0"):
        halt_targets([2, 0])


# ---------------------------------------------------------------- the loops


def test_every_element_and_state_is_fed_back():
    fed = []

    def halting(x, state):
        fed.append((x, state))
        return 10 * x, (500.0 if len(fed) == 3 else -500.0), state + 1

    assert sample_until_halt(halting, 7, 1, 9, lambda output, _: output + 1, rng()) == ([11, 111], True)
    assert fed == [(1, 7), (11, 8), (111, 9)]

    fed.clear()

    def counting(x, left, state):
        fed.append((x, left, state))
        return 10 * x, state + 1

    assert sample_of_length(counting, 7, 1, 3, lambda output, _: output + 1, rng()) == ([11, 111, 1111], True)
    assert fed == [(1, 2, 7), (11, 1, 8), (111, 0, 9)]
    assert sample_of_length(counting, 7, 1, 0, None, rng()) == ([], True)


def test_what_never_halts_is_cut():
    never = lambda x, state: (x, -500.0, state)  # noqa: E731
    at_once = lambda x, state: (x, 500.0, state)  # noqa: E731
    assert sample_until_halt(never, None, 1, 4, lambda output, _: output, rng()) == ([1] * 4, False)
    assert sample_until_halt(at_once, None, 1, 4, None, rng()) == ([], True)


def test_loops_are_checked():
    with pytest.raises(ValueError, match="max_len must be at least 1, not 0"):
        sample_until_halt(None, None, 0, 0, None, rng())
    with pytest.raises(ValueError, match="length must be at least 0, not -1"):
        sample_of_length(None, None, 0, -1, None, rng())
    with pytest.raises(ValueError, match="halt_logit is nan"):
        sample_until_halt(lambda x, state: (x, math.nan, state), None, 0, 3, None, rng())


def test_nothing_is_recorded():
    cell, states = nn.GRUCell(2, 3), []

    def step(x, left, h):
        states.append(cell(x, h))
        return states[-1], states[-1]

    sample_of_length(step, None, mg.Tensor(np.zeros((1, 2))), 3, lambda h, _: h[:, :2], rng())
    assert all(h.node is None for h in states)


def dot_at(n):
    """Logits of the n-th id for a writer who knows the lengths and nothing else."""
    dot = (n == SHOWN).sum() / (n <= SHOWN).sum()  # of the sentences that are so long
    with np.errstate(divide="ignore"):
        return np.log([dot, *[(1 - dot) / 5] * 5])


DOTS = [None, *[dot_at(n) for n in range(1, 13)], None]
WORD = np.array([-np.inf, 0, 0, 0, 0, 0])
ONLY_MARK = np.where(np.arange(NUM) == MARK, 0, -np.inf)


def test_steps_that_know_when_sentences_end():
    """With the right step each rule gives the right lengths. A writer who is not told the length that was drawn chooses
    another, and is cut off before the dot wherever that is longer."""
    lengths, r, n = Lengths(SHOWN), rng(), 500

    def until_mark(symbol, t):
        return (ONLY_MARK if symbol == DOT else np.append(DOTS[t], -np.inf)), t + 1

    def until_halt(symbol, t):
        return DOTS[t], (50.0 if symbol == DOT else -50.0), t + 1

    def told(symbol, left, t):
        return (WORD if left else DOTS[12]), t + 1

    def not_told(symbol, left, t):
        return DOTS[t], t + 1

    marked = [sample_ids(until_mark, 1, MARK, 99, rng=r, end=MARK) for _ in range(n)]
    halted = [sample_until_halt(until_halt, 1, MARK, 99, draw_id, r).values for _ in range(n)]
    led = [sample_of_length(told, 1, MARK, lengths.draw(r), draw_id, r).values for _ in range(n)]
    cut = [sample_of_length(not_told, 1, MARK, lengths.draw(r), draw_id, r).values for _ in range(n)]
    for written in (marked, halted, led, cut):
        assert distance([len(ids) for ids in written]) < 0.08
    for written in (marked, halted, led):
        assert distance([closed(ids) for ids in written]) < 0.08
    assert distance([closed(ids) for ids in cut]) > 0.3


def test_lengths_are_counted():
    lengths = Lengths([4, 2, 4, 9])
    assert lengths.log_p(4) == math.log(1 / 2) and lengths.log_p(9) == math.log(1 / 4)
    assert lengths.log_p(3) == -math.inf
    drawn = [Lengths(SHOWN).draw(r) for r in [rng()] for _ in range(2000)]
    assert distance(drawn) < 0.05 and type(drawn[0]) is int
    assert Lengths([4]).draw() == 4


@pytest.mark.parametrize("lengths", [[], [1.5], [2, -1], [[1, 2]], 3])
def test_lengths_are_checked(lengths):
    with pytest.raises(ValueError, match="Lengths: lengths must be integers"):
        Lengths(lengths)


# ---------------------------------------------------------------- nets learn it


class Writer(nn.Module):
    """Ids (T, B), how much is left (T, B) -> logits of the next id (T, B, NUM) and of a halt (T, B), and the state."""

    def __init__(self):
        self.embedding = nn.Embedding(NUM, 8)
        self.layers = nn.GRU(9, 32)
        self.readout = nn.Linear(32, NUM + 1)

    def forward(self, ids, left, state=None):
        x = concat([self.embedding(ids), mg.Tensor(np.asarray(left)[..., None] / 4.0)], axis=-1)
        output, state = self.layers(x, state)
        scores = self.readout(output)
        return scores[..., :NUM], scores[..., NUM], state


class Pen(nn.Module):
    """Strokes (T, B, 2) -> the mean of the next stroke (T, B, 2), logits of a halt (T, B), and the state."""

    def __init__(self):
        self.layers = nn.GRU(2, 32)
        self.readout = nn.Linear(32, 3)

    def forward(self, strokes, state=None):
        output, state = self.layers(mg.Tensor(strokes), state)
        scores = self.readout(output)
        return scores[..., :2], scores[..., 2], state


def sentence(length, r):
    return [*r.integers(1, 6, length - 1).tolist(), DOT]


def arc(length, r):
    """The first sides of a regular polygon of twelve, with noise of 0.1."""
    angles = np.arange(length) * np.pi / 6
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1) + 0.1 * r.standard_normal((length, 2))


def train(model, make, loss_of, r, updates=500, batch=128):
    adam = optim.Adam(model.parameters(), lr=1e-2)
    falling = optim.CosineLR(adam, updates)
    for _ in range(updates):
        loss = loss_of(model, [make(n, r) for n in r.choice(SHOWN, batch)])
        adam.zero_grad()
        loss.backward()
        optim.clip_grad_norm(model.parameters(), 1.0)
        adam.step()
        falling.step()
    return model


def halting_loss(halt, steps):
    """halt (T, B): logits, of which the first `steps` count; to say 1 at the last of them."""
    mask = to_device(length_mask(steps), halt.dtype)
    losses = bce_with_logits(halt, to_device(halt_targets(steps), halt.dtype), reduction="none")
    return (losses * mask).sum() / float(steps.sum())


def id_loss(logits, targets):
    return cross_entropy(logits, pad_sequences(targets, value=-1)[0], ignore_index=-1)


def end_loss(model, batch):
    inputs, _ = pad_sequences([[MARK, *ids] for ids in batch])
    return id_loss(model(inputs, 0 * inputs)[0], [[*ids, MARK] for ids in batch])


def halt_loss(model, batch):
    inputs, steps = pad_sequences([[MARK, *ids] for ids in batch])
    logits, halt, _ = model(inputs, 0 * inputs)
    return id_loss(logits, [[*ids, -1] for ids in batch]) + halting_loss(halt, steps)


def pen_loss(model, batch):
    start = np.zeros((1, 2))
    inputs, steps = pad_sequences([np.concatenate([start, strokes]) for strokes in batch])
    targets, lengths = pad_sequences(batch)
    mean, halt, _ = model(inputs)
    mask = to_device(length_mask(lengths)[..., None], halt.dtype)
    return mse(mean[:-1] * mask, mg.Tensor(targets)) + halting_loss(halt, steps)


def length_loss(model, batch, told):
    inputs, lengths = pad_sequences([[MARK, *ids[:-1]] for ids in batch])
    return id_loss(model(inputs, told * steps_left(lengths))[0], batch)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_net_writes_an_end_symbol(seed):
    mg.manual_seed(seed)
    r = rng(seed)
    model = train(Writer(), sentence, end_loss, r)

    def step(symbol, state):
        logits, _, state = model([[symbol]], [[0]], state)
        return logits[0, 0], state

    written = [sample_ids(step, None, MARK, 60, rng=r, end=MARK) for _ in range(500)]
    assert max(len(ids) for ids in written) < 60
    assert distance([len(ids) for ids in written]) < 0.1 and distance([closed(ids) for ids in written]) < 0.1


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_net_halts(seed):
    mg.manual_seed(seed)
    r = rng(seed)
    model = train(Writer(), sentence, halt_loss, r)

    def step(symbol, state):
        logits, halt, state = model([[symbol]], [[0]], state)
        return logits[0, 0], halt, state

    written = [sample_until_halt(step, None, MARK, 60, draw_id, r) for _ in range(500)]
    assert all(w.finished for w in written)
    assert distance([len(w.values) for w in written]) < 0.1 and distance([closed(w.values) for w in written]) < 0.1


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_net_counts_down_if_it_is_told(seed):
    mg.manual_seed(seed)
    r, lengths = rng(seed), Lengths(SHOWN)

    def measured(told):
        model = train(Writer(), sentence, lambda *args: length_loss(*args, told), r)

        def step(symbol, left, state):
            logits, _, state = model([[symbol]], [[told * left]], state)
            return logits[0, 0], state

        written = [sample_of_length(step, None, MARK, lengths.draw(r), draw_id, r).values for _ in range(500)]
        return distance([len(ids) for ids in written]), distance([closed(ids) for ids in written])

    drawn, sentences = measured(told=1)
    assert drawn < 0.1 and sentences < 0.1
    drawn, sentences = measured(told=0)
    assert drawn < 0.1 and sentences > 0.3


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_pen_halts(seed):
    mg.manual_seed(seed)
    r = rng(seed)
    model = train(Pen(), arc, pen_loss, r)

    def step(stroke, state):
        mean, halt, state = model(stroke[None, None], state)
        return mean.numpy()[0, 0], halt, state

    def draw(mean, r):
        return mean + 0.1 * r.standard_normal(2)

    written = [sample_until_halt(step, None, np.zeros(2), 60, draw, r) for _ in range(500)]
    assert all(w.finished for w in written)
    assert distance([len(w.values) for w in written]) < 0.1
    errors = [np.array(w.values).reshape(-1, 2) - arc(len(w.values), r) for w in written]
    assert np.sqrt(np.mean(np.concatenate(errors) ** 2)) < 0.2  # 0.14 by the noise of the two
