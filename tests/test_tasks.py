"""The made-up tasks: balanced, seeded, no leak between what is trained on and what is held out."""

from __future__ import annotations

import numpy as np
import pytest

from minigrad.data.tasks import KEY, repeated_token


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
