"""The made-up tasks: balanced, seeded, no leak between what is trained on and what is held out, and what is known of
them exactly; slow: that nets learn them in the number of updates that is to be expected, and no sooner."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import nn, optim
from minigrad.data import sizes, tasks
from minigrad.data.tasks import IGNORED, KEY, adding, copy_memory, echo, repeated_token, temporal_xor


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_answers_say_when_the_second_key_has_come() -> None:
    ids, answers = repeated_token(50, 10, rng())
    assert ids.shape == answers.shape == (50, 10) and ids.dtype == np.int64 and answers.dtype == bool
    for row, said in zip(ids, answers, strict=True):
        assert said.tolist() == [row[: t + 1].tolist().count(KEY) >= 2 for t in range(10)]


def test_classes_are_balanced_and_keys_come_once_or_twice() -> None:
    ids, answers = repeated_token(1001, 10, rng())
    assert set((ids == KEY).sum(axis=1)) == {1, 2}
    assert answers[:, -1].sum() == 501


def test_other_tokens_are_even_and_tell_nothing() -> None:
    ids, answers = repeated_token(20_000, 10, rng(), symbols=5)
    for part in (ids[answers[:, -1]], ids[~answers[:, -1]]):
        counts = np.bincount(part.ravel(), minlength=5)[1:]
        expected = counts.sum() / 4
        assert np.all(abs(counts - expected) < 5 * np.sqrt(expected))


def test_positions_are_used_evenly_and_no_others() -> None:
    ids, _ = repeated_token(20_000, 10, rng(), positions=[0, 1, 2, 4, 9])
    counts = (ids == KEY).sum(axis=0)
    assert set(np.flatnonzero(counts)) == {0, 1, 2, 4, 9}
    used = counts[[0, 1, 2, 4, 9]]
    assert np.all(abs(used - 6000) < 5 * np.sqrt(6000))


def test_through_puts_a_key_at_one_of_the_held_out_positions() -> None:
    held_out, others = [3, 7], [0, 1, 2, 4, 5, 6, 8, 9]
    trained, _ = repeated_token(2000, 10, rng(), positions=others)
    assert not (trained[:, held_out] == KEY).any()
    ids, answers = repeated_token(2000, 10, rng(), through=held_out)
    there = (ids[:, held_out] == KEY).sum(axis=1)
    assert (there >= 1).all() and answers[:, -1].mean() == 0.5
    single = ids[~answers[:, -1]]
    assert abs((single[:, 3] == KEY).mean() - 0.5) < 0.1
    pairs = ids[answers[:, -1]]
    assert (pairs == KEY).any(axis=0).all(), "the other key may stand anywhere"


def test_the_same_seed_gives_the_same_sequences() -> None:
    first, again, other = (repeated_token(20, 10, rng(seed)).ids for seed in (3, 3, 4))
    assert (first == again).all() and (first != other).any()


@pytest.mark.parametrize(("words", "says"), [
    ({"count": 0}, "count"), ({"steps": 1}, "steps"), ({"symbols": 1}, "symbols"), ({"count": 2.5}, "count"),
    ({"positions": [3]}, "two"), ({"positions": [0, 10]}, "positions"), ({"positions": [-1, 2]}, "positions"),
    ({"positions": [0.5, 2]}, "positions"), ({"positions": []}, "positions"), ({"through": [12]}, "through"),
    ({"positions": [0, 1], "through": [4]}, "through"),
])
def test_bad_input_names_the_value(words: dict, says: str) -> None:
    with pytest.raises(ValueError, match=f"repeated_token.*{says}"):
        repeated_token(**{"count": 4, "steps": 10, "rng": rng(), **words})


# ---------------------------------------------------------------- adding, copy memory, exclusive or, echo


TASKS = {
    "adding": lambda seed, **p: adding(**{"count": 20, "steps": 10, "rng": rng(seed), **p}),
    "copy_memory": lambda seed, **p: copy_memory(**{"count": 20, "delay": 20, "rng": rng(seed), **p}),
    "temporal_xor": lambda seed, **p: temporal_xor(**{"count": 20, "steps": 12, "rng": rng(seed), **p}),
    "echo": lambda seed, **p: echo(**{"count": 20, "steps": 10, "lag": 3, "rng": rng(seed), **p}),
}


def test_the_samples_in_the_docstrings() -> None:
    failed, tried = doctest.testmod(tasks)
    assert failed == 0 and tried >= 9
    assert doctest.testmod(sizes) == (0, 1)


@pytest.mark.parametrize("name", TASKS)
def test_tasks_come_from_their_generator_alone(name: str) -> None:
    first, again, other = (TASKS[name](seed) for seed in (3, 3, 4))
    assert all((a == b).all() for a, b in zip(first, again)) and (first.inputs != other.inputs).any()


@pytest.mark.parametrize(("name", "words", "says"), [
    ("adding", {"steps": 1}, "steps"), ("adding", {"count": 0}, "count"), ("adding", {"steps": 4.0}, "steps"),
    ("copy_memory", {"delay": 19}, "delay.*20.*19"), ("copy_memory", {"length": 11}, "delay.*22.*20"),
    ("copy_memory", {"length": 0}, "length"), ("copy_memory", {"symbols": 0}, "symbols"),
    ("copy_memory", {"count": -1}, "count"), ("copy_memory", {"delay": 20.5}, "delay"),
    ("temporal_xor", {"steps": 1}, "steps"), ("temporal_xor", {"count": 0}, "count"),
    ("echo", {"lag": 10}, "lag 10 .* 10 steps"), ("echo", {"lag": 11}, "lag"), ("echo", {"lag": 0}, "lag"),
    ("echo", {"steps": 0}, "steps"), ("echo", {"symbols": 0}, "symbols"), ("echo", {"count": True}, "count"),
])  # fmt: skip
def test_fault_70_generators_refuse_the_impossible(name: str, words: dict, says: str) -> None:
    with pytest.raises(ValueError, match=f"{name}: .*{says}"):
        TASKS[name](0, **words)


@given(steps=st.integers(2, 30), seed=st.integers(0, 99))
def test_adding_marks_one_number_in_each_half(steps: int, seed: int) -> None:
    inputs, targets = adding(7, steps, rng(seed))
    assert inputs.shape == (7, steps, 2) and targets.shape == (7,)
    numbers, marks = inputs[..., 0], inputs[..., 1]
    assert ((numbers >= 0) & (numbers < 1)).all() and set(np.unique(marks)) <= {0.0, 1.0}
    assert (marks[:, : steps // 2].sum(axis=1) == 1).all() and (marks[:, steps // 2 :].sum(axis=1) == 1).all()
    np.testing.assert_allclose(targets, [n[m == 1].sum() for n, m in zip(numbers, marks)], rtol=1e-15)


def test_adding_the_best_constant_answer_costs_a_sixth() -> None:
    targets = adding(100_000, 50, rng()).targets
    assert np.mean((targets - 1) ** 2) == pytest.approx(1 / 6, rel=0.02)
    assert min(np.mean((targets - c) ** 2) for c in (0.9, 0.95, 1.05, 1.1)) > np.mean((targets - 1) ** 2)


def test_adding_marks_every_place() -> None:
    marks = adding(20_000, 10, rng()).inputs[..., 1].sum(axis=0)
    assert np.all(abs(marks - 4000) < 5 * np.sqrt(4000))


@given(delay=st.integers(2, 30), length=st.integers(1, 6), symbols=st.integers(1, 5), seed=st.integers(0, 99))
def test_copy_memory_asks_for_the_word_at_the_end(delay: int, length: int, symbols: int, seed: int) -> None:
    delay = max(delay, 2 * length)
    inputs, targets = copy_memory(5, delay, rng(seed), length, symbols)
    assert inputs.shape == targets.shape == (5, delay + 2 * length)
    word = inputs[:, :length]
    assert word.min() >= 1 and word.max() <= symbols
    assert (targets[:, -length:] == word).all() and (targets[:, :-length] == 0).all()
    rest = inputs[:, length:].copy()
    assert (rest[:, delay - 1] == symbols + 1).all(), "the sign to begin comes one step before the answer"
    rest[:, delay - 1] = 0
    assert (rest == 0).all()


@pytest.mark.parametrize(("delay", "length", "symbols"), [(20, 5, 4), (1000, 10, 8)], ids=str)
def test_copy_memory_costs_this_without_memory(delay: int, length: int, symbols: int) -> None:
    """K ln A / (T + 2 K): blanks are certain, symbols are guessed; and no other even guess is cheaper."""
    targets = copy_memory(200, delay, rng(), length, symbols).targets
    scores = np.full((*targets.shape, symbols + 1), -50.0)
    scores[:, :-length, 0] = scores[:, -length:, 1:] = 0
    baseline = length * np.log(symbols) / (delay + 2 * length)
    assert mg.cross_entropy(mg.Tensor(scores, dtype="float64"), targets).item() == pytest.approx(baseline, rel=1e-9)
    assert baseline == pytest.approx({20: 0.2310, 1000: 0.02039}[delay], rel=1e-3)
    counts = np.bincount(targets[:, -length:].ravel(), minlength=symbols + 1)[1:]
    assert np.all(abs(counts - counts.mean()) < 5 * np.sqrt(counts.mean()))


@given(steps=st.integers(2, 30), seed=st.integers(0, 99))
def test_every_third_bit_is_the_exclusive_or(steps: int, seed: int) -> None:
    inputs, targets = temporal_xor(6, steps, rng(seed))
    assert inputs.shape == targets.shape == (6, steps) and set(np.unique(inputs)) <= {0, 1}
    assert (targets[:, :-1] == inputs[:, 1:]).all()
    assert (targets[:, 1::3] == inputs[:, 0:-1:3] ^ inputs[:, 1::3]).all()


def test_no_other_bit_can_be_known_from_the_two_before_it() -> None:
    inputs, targets = temporal_xor(20_000, 12, rng())
    for t in range(1, 12):
        for pair in range(4):
            following = targets[2 * inputs[:, t - 1] + inputs[:, t] == pair, t]
            spread = 5 * 0.5 / np.sqrt(max(len(following), 1))
            known = following.size == 0 or following.min() == following.max()
            assert known if t % 3 == 1 else abs(following.mean() - 0.5) < spread


@given(steps=st.integers(2, 20), data=st.data())
def test_echo_says_it_again_after_the_lag(steps: int, data: st.DataObject) -> None:
    lag, symbols = data.draw(st.integers(1, steps - 1)), data.draw(st.integers(1, 5))
    inputs, targets = echo(4, steps, lag, rng(steps), symbols)
    assert inputs.shape == targets.shape == (4, steps) and inputs.min() >= 0 and inputs.max() < symbols
    assert (targets[:, :lag] == IGNORED).all() and (targets[:, lag:] == inputs[:, : steps - lag]).all()


def test_echo_symbols_are_even_and_independent() -> None:
    inputs, targets = echo(1000, 100, 5, rng())
    pairs = np.bincount((4 * inputs + targets)[:, 5:].ravel(), minlength=16)
    assert np.all(abs(pairs - pairs.mean()) < 5 * np.sqrt(pairs.mean()))


# ---------------------------------------------------------------- what nets make of them, three seeds each


def update(optimiser: optim.Optimizer, loss: mg.Tensor) -> None:
    optimiser.zero_grad()
    loss.backward()
    optim.clip_grad_norm(optimiser.params.values(), 1.0)
    optimiser.step()


def made(kind: type, inputs: int, hidden: int, outputs: int, seed: int) -> tuple[nn.Module, nn.Linear, optim.Adam]:
    mg.manual_seed(seed)
    net, out = kind(inputs, hidden), nn.Linear(hidden, outputs)
    return net, out, optim.Adam([*net.parameters(), *out.parameters()], lr=0.01)


def updates_to_add(kind: type, seed: int, budget: int) -> int | None:
    """Updates until the mean squared error of the last 50 is below 0.01; None if the budget ends first."""
    (net, out, optimiser), generator, recent = made(kind, 2, 32, 1, seed), rng(seed), []
    for n in range(1, budget + 1):
        task = adding(64, 50, generator)
        _, h = net(mg.Tensor(task.inputs.transpose(1, 0, 2)))
        loss = mg.mse(out(h[0])[:, 0], mg.Tensor(task.targets))
        update(optimiser, loss)
        recent = [*recent[-49:], loss.item()]
        if len(recent) == 50 and np.mean(recent) < 0.01:
            return n
    return None


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_gru_adds_in_a_fifth_of_the_updates_that_do_not_suffice_for_a_simple_net(seed: int) -> None:
    needed = updates_to_add(nn.GRU, seed, 600)
    assert needed is not None
    assert updates_to_add(nn.RNN, seed, 5 * needed) is None


def copied(kind: type, seed: int, budget: int) -> tuple[int, float, float]:
    """Updates until the mean loss of the last 50 is below 0.01 nats a step (or the budget ends); then, on sequences
    never trained on, the loss and the share of symbols recalled."""
    (net, out, optimiser), generator, one_hot, losses = made(kind, 6, 64, 5, seed), rng(seed), np.eye(6), []

    def scores(task: tasks.Predicted) -> mg.Tensor:
        return out(net(mg.Tensor(one_hot[task.inputs.T]))[0])

    while len(losses) < budget and not (len(losses) >= 50 and np.mean(losses[-50:]) < 0.01):
        task = copy_memory(64, 20, generator, length=5, symbols=4)
        loss = mg.cross_entropy(scores(task), task.targets.T)
        update(optimiser, loss)
        losses.append(loss.item())
    task = copy_memory(500, 20, generator, length=5, symbols=4)
    y = scores(task)
    said = y.numpy().argmax(axis=-1).T
    return len(losses), mg.cross_entropy(y, task.targets.T).item(), float((said == task.targets)[:, -5:].mean())


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_gru_copies_and_a_simple_net_learns_the_blanks_only(seed: int) -> None:
    baseline = 5 * np.log(4) / 30
    needed, loss, recall = copied(nn.GRU, seed, 2500)
    assert needed < 2500 and loss < 0.1 * baseline and recall >= 0.95
    _, loss, recall = copied(nn.RNN, seed, needed)
    assert loss == pytest.approx(baseline, rel=0.03) and recall <= 0.4


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_an_elman_net_knows_every_third_bit(seed: int) -> None:
    (net, out, optimiser), generator = made(nn.RNN, 1, 8, 1, seed), rng(seed)

    def errors(count: int) -> tuple[mg.Tensor, np.ndarray]:
        task = temporal_xor(count, 60, generator)
        y = mg.sigmoid(out(net(mg.Tensor(1.0 * task.inputs.T[..., None]))[0]))[..., 0]
        return mg.mse(y, mg.Tensor(1.0 * task.targets.T)), (y.numpy() - task.targets.T) ** 2

    for _ in range(1000):
        update(optimiser, errors(16)[0])
    squared = errors(200)[1]
    assert squared[1::3].mean() < 0.02
    assert min(squared[0::3].mean(), squared[2::3].mean()) > 0.24, "nobody can know the others"


def echoed(lag: int, window: int, seed: int, updates: int) -> float:
    """Share of right answers in the last 50 updates; the state is carried, the gradient is cut after the window."""
    net, out, optimiser = made(nn.GRU, 4, 32, 4, seed)
    task, one_hot, state, right = echo(16, window * updates, lag, rng(seed)), np.eye(4), None, []
    for start in range(0, window * updates, window):
        part = slice(start, start + window)
        y, state = net(mg.Tensor(one_hot[task.inputs[:, part].T]), state)
        state, scores, wanted = state.detach(), out(y), task.targets[:, part].T
        update(optimiser, mg.cross_entropy(scores, wanted, ignore_index=IGNORED))
        right.append((scores.numpy().argmax(axis=-1) == wanted).mean())
    return float(np.mean(right[-50:]))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_an_echo_is_learned_if_the_window_is_longer_than_the_lag(seed: int) -> None:
    assert echoed(5, 10, seed, 800) > 0.95
    assert echoed(5, 3, seed, 800) < 0.45
