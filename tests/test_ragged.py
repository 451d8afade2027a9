"""Sequences of different lengths: what is padded, bucketed or packed comes back, and a net sees no padding."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import nn
from minigrad.data import (
    buckets,
    length_mask,
    pack_sequences,
    pad_sequences,
    ragged,
    unpack_sequences,
    unpad_sequences,
)  # fmt: skip

LENGTHS = st.lists(st.integers(0, 6), min_size=1, max_size=6)


def sequences_of(lengths, features=2):
    rng = np.random.default_rng(len(lengths))
    return [rng.normal(size=(length, features)) for length in lengths]


def test_docstrings():
    done = doctest.testmod(ragged)
    assert done.attempted >= 4 and done.failed == 0


@given(LENGTHS)
def test_padding_and_packing_come_back(lengths):
    given_in = sequences_of(lengths)
    padded, found = pad_sequences(given_in, value=np.nan)
    assert found.tolist() == lengths
    assert np.isnan(padded).all(axis=-1).tolist() == (~length_mask(lengths)).tolist()
    packed = pack_sequences(given_in)
    assert len(packed.values) == sum(lengths) and packed.batch_sizes.sum() == sum(lengths)
    assert (np.diff(packed.batch_sizes) <= 0).all()
    for back in (unpad_sequences(padded, found), unpack_sequences(packed)):
        for before, after in zip(given_in, back, strict=True):
            assert np.array_equal(before, after)


@given(LENGTHS, st.integers(1, 4), st.booleans())
def test_buckets_hold_each_sequence_once_and_similar_lengths_together(lengths, batch_size, shuffled):
    batches = buckets(lengths, batch_size, np.random.default_rng(0) if shuffled else None)
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    assert max(map(len, batches)) <= batch_size
    inside = sorted((min(lengths[i] for i in batch), max(lengths[i] for i in batch)) for batch in batches)
    assert all(high <= low for (_, high), (low, _) in zip(inside, inside[1:]))


def test_buckets_repeat_with_the_seed_and_vary_without():
    lengths = [3] * 50
    first, again, other = [buckets(lengths, 5, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert [b.tolist() for b in first] == [b.tolist() for b in again] != [b.tolist() for b in other]


def test_max_length_cuts():
    padded, lengths = pad_sequences([[1, 2, 3, 4], [5]], max_length=2)
    assert padded.T.tolist() == [[1, 2], [5, 0]] and lengths.tolist() == [2, 1]


@pytest.mark.parametrize("pad", [0, 5, 50])
def test_a_net_sees_no_padding_loss_and_gradient(pad):
    """Masked loss and gradients are the same however much is padded."""
    with mg.default_dtype("float64"):
        mg.manual_seed(0)
        net, read = nn.GRU(2, 4), nn.Linear(4, 3)
        padded, lengths = pad_sequences(sequences_of([4, 2, 3]))
        targets, _ = pad_sequences([[0, 1, 2, 0], [1, 1], [2, 0, 1]], value=-1)
        longer = np.concatenate([padded, np.full((pad, *padded.shape[1:]), 7.0)])
        answers = np.concatenate([targets, np.full((pad, 3), -1)])
        output, _ = net(mg.Tensor(longer), lengths=lengths)
        loss = mg.cross_entropy(read(output), answers, ignore_index=-1)
        loss.backward()
        alone = [net(mg.Tensor(x[:, None]))[0] for x in sequences_of([4, 2, 3])]
        rows = mg.concat([y[:, 0] for y in alone])
        expected = mg.cross_entropy(read(rows), np.array([0, 1, 2, 0, 1, 1, 2, 0, 1]))
        parameters = [*net.parameters(), *read.parameters()]
        for p, g in zip(parameters, mg.grad(expected, parameters), strict=True):
            np.testing.assert_allclose(p.grad.numpy(), g.numpy(), rtol=0, atol=1e-12)
        assert loss.item() == pytest.approx(expected.item(), abs=1e-12)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: pad_sequences([]), "at least one"),
        (lambda: pad_sequences([[[1.0]], [[1.0, 2.0]]]), r"sequence 1 has shape \(1, 2\)"),
        (lambda: pad_sequences([[1]], max_length=0), "max_length=0"),
        (lambda: unpad_sequences(np.zeros((2, 2)), [3, 1]), "do not fit"),
        (lambda: unpad_sequences(np.zeros((2, 2)), [1]), "do not fit"),
        (lambda: length_mask([3], steps=2), "more than 2 steps"),
        (lambda: buckets([1], 0), "batch_size=0"),
    ],
)
def test_bad_input(call, words):
    with pytest.raises(ValueError, match=words):
        call()
