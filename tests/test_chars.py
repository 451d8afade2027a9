"""Words by their letters: against loops in NumPy, padding, gradients to the second order, and words never seen."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import nn, optim
from minigrad.check import check_grads
from minigrad.data import CharVocab
from minigrad.errors import ShapeError
from minigrad.nn import chars, spell

from .in_float64 import constant, float64

VOCAB = CharVocab("abcdefghijklmnopqrstuvwxyz", ends=True)
WORDS = st.lists(st.text("abcdefgh", max_size=6), min_size=1, max_size=4)


def small(**options):
    """A net in float64."""
    sizes = {"num": len(VOCAB), "embed_size": 3, "filters": {1: 2, 3: 2}, "out_size": 4}
    return float64(nn.CharCNN, **{**sizes, **options})


# ---------------------------------------------------------------- spelling


def test_the_samples_in_the_docstrings():
    failed, tried = doctest.testmod(chars)
    assert failed == 0 and tried >= 2


@given(WORDS, st.none() | st.integers(3, 10))
def test_words_are_spelled_between_their_marks(words, length):
    ids = spell(words, VOCAB, length)
    longest = max(map(len, words)) + 2
    assert ids.dtype == np.int64 and ids.shape == (len(words), length or longest)
    for row, word in zip(ids.tolist(), words):
        kept = word[: (length or longest) - 2]
        assert row[: len(kept) + 2] == [VOCAB.sos, *VOCAB.encode(kept), VOCAB.eos]
        assert set(row[len(kept) + 2 :]) <= {-1}


@pytest.mark.parametrize("call, words", [
    (lambda: spell([], VOCAB), "0 words"),
    (lambda: spell(["cat"], VOCAB, 2), "length=2"),
    (lambda: spell(["cat"], CharVocab("cat")), "ends=True"),
    (lambda: spell(["Cat"], VOCAB), "'C'"),
], ids=["none", "no room", "no marks", "unknown"])  # fmt: skip
def test_what_cannot_be_spelled(call, words):
    with pytest.raises(ValueError, match=words):
        call()


# ---------------------------------------------------------------- highway


def test_a_highway_by_hand():
    layer = float64(nn.Highway, 3)
    x = np.random.default_rng(0).normal(size=(2, 3))
    change, gate = ((p.weight.numpy(), p.bias.numpy()) for p in (layer.change, layer.gate))
    t = 1 / (1 + np.exp(-(x @ gate[0].T + gate[1])))
    wanted = t * np.maximum(x @ change[0].T + change[1], 0) + (1 - t) * x
    np.testing.assert_allclose(layer(constant(x)).numpy(), wanted, rtol=1e-12)
    assert set(gate[1].tolist()) == {-2.0} and t.mean() < 0.25  # at first x is mostly handed on


def test_highway_gradients():
    layer = float64(nn.Highway, 2)
    check_grads(lambda x, *_: layer(x), [np.random.default_rng(0).normal(size=(2, 2)), *layer.parameters()])


# ---------------------------------------------------------------- the net


def by_hand(net, word, activation):
    """The vector of one word, filter by filter and place by place, in NumPy."""
    characters = net.embedding.weight.numpy()[[VOCAB.sos, *VOCAB.encode(word), VOCAB.eos]]
    found = []
    for layer in net.convolutions:
        filters, width = layer.weight.numpy(), layer.weight.shape[2]
        behind = np.concatenate([characters, np.zeros((width - 1, 3))])
        runs = [np.einsum("wc,fcw->f", behind[i : i + width], filters) for i in range(len(characters))]
        found.append(activation(np.array(runs) + layer.bias.numpy()).max(axis=0))
    y = np.concatenate(found)
    for highway in net.highways:
        y = highway(constant(y)).numpy()
    return y @ net.projection.weight.numpy().T + net.projection.bias.numpy()


@pytest.mark.parametrize("nonlinearity, activation", [("tanh", np.tanh), ("relu", lambda x: np.maximum(x, 0))])
@pytest.mark.parametrize("highways", [0, 2])
def test_a_word_by_hand(nonlinearity, activation, highways):
    net, words = small(filters={1: 2, 2: 1, 5: 3}, nonlinearity=nonlinearity, highways=highways), ["a", "", "letters"]
    wanted = [by_hand(net, word, activation) for word in words]
    np.testing.assert_allclose(net(spell(words, VOCAB)).numpy(), wanted, rtol=1e-11, atol=1e-12)


@given(WORDS, st.integers(0, 5))
def test_padding_changes_nothing(words, more):
    """The vectors, and their gradients, are the same however much is padded."""
    net, ids = small(), spell(words, VOCAB)
    longer = np.pad(ids, ((0, 0), (0, more)), constant_values=-1)
    ours, theirs = ((y, mg.grad((y * y).sum(), net.parameters())) for y in (net(ids), net(longer)))
    for a, b in zip([ours[0], *ours[1]], [theirs[0], *theirs[1]]):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-12, atol=1e-13)


def test_a_sequence_of_words_in_place_of_ids():
    """(T, B, L) -> (T, B, out), each word as if it were alone; it feeds every net that takes vectors."""
    net, words = small(), ["the", "cat", "sat", "on", "a", "mat"]
    ids = spell(words, VOCAB)
    vectors = net(ids.reshape(3, 2, -1))
    assert vectors.shape == (3, 2, 4)
    alone = np.concatenate([net(spell([word], VOCAB)).numpy() for word in words])
    np.testing.assert_allclose(vectors.numpy().reshape(6, 4), alone, rtol=1e-12)
    assert float64(nn.Tagger, None, 4, 5, 3)(vectors).shape == (3, 2, 3)


def test_a_language_model_that_reads_letters_and_says_words():
    words = spell(["the", "cat", "sat", "on", "a", "mat"], VOCAB).reshape(3, 2, -1)
    model = float64(nn.LanguageModel, 7, 4, 5, embedding=small(), cell="gru")
    logits, _ = model(words)
    assert logits.shape == (3, 2, 7)
    state, stepwise = None, []
    for step in words:
        scores, state = model.step(step, state)
        stepwise.append(scores.numpy())
    np.testing.assert_allclose(np.stack(stepwise), logits.numpy(), rtol=1e-12, atol=1e-14)
    check_grads(lambda *_: model(words)[0], model.parameters(), mode="random", order=1)
    with pytest.raises(ShapeError, match=r"ids \(3, 2\) must be \(steps, batch, letters\)"):
        model(words[:, :, 0])
    with pytest.raises(ValueError, match="no other embedding"):
        nn.LanguageModel(7, 5, 5, tied=True, embedding=small())


def test_padded_words_have_finite_vectors_and_gradients():
    net, ids = small(), spell(["cat", "a"], VOCAB)
    ids[1] = -1
    y = net(ids)
    y.sum().backward()
    assert np.isfinite(y.numpy()).all() and all(np.isfinite(p.grad.numpy()).all() for p in net.parameters())


def test_gradients():
    net = small(num=5, embed_size=2, filters={1: 1, 2: 2}, out_size=2)
    ids = np.array([[3, 0, 1, 4], [3, 2, 4, -1], [-1, -1, -1, -1]])
    check_grads(lambda *_: net(ids), net.parameters())


@pytest.mark.parametrize("options", [
    {"filters": {}}, {"highways": -1}, {"nonlinearity": "sine"}, {"filters": {0: 3}}, {"filters": {2: 0}},
], ids=str)  # fmt: skip
def test_impossible_sizes(options):
    with pytest.raises(ValueError, match="filters|highways|sine|kernel|out_channels"):
        small(**options)


@pytest.mark.parametrize("ids, error, words", [
    (3, ShapeError, r"\(\.\.\., L\)"), (np.zeros((2, 0), int), ShapeError, r"\(2, 0\)"),
    ([[0, 99]], IndexError, "99.*embedding"), ([[0, -2]], IndexError, "-2"),
], ids=["0-d", "empty", "unknown", "negative"])  # fmt: skip
def test_bad_ids(ids, error, words):
    with pytest.raises(error, match=words):
        small()(ids)


# ---------------------------------------------------------------- what it learns

NOUNS = "cat dog pen cup hat bed car bird tree book lamp door fish ship song word road lake coat desk".split()
UNSEEN = "cloud stone river plant chair king house apple".split()


def both(words):
    return spell([form for word in words for form in (word, word + "s")], VOCAB), np.arange(2 * len(words)) % 2


def test_plurals_are_told_apart_even_of_words_never_seen():
    """No word is unknown: the last letters are found in words of any length."""
    net = nn.Sequential(nn.CharCNN(len(VOCAB), 6, {1: 6, 2: 10, 3: 10}, 8), nn.Linear(8, 2))
    (ids, plural), optimiser = both(NOUNS), optim.Adam(net, lr=0.02)
    for _ in range(60):
        loss = mg.cross_entropy(net(ids), plural)
        net.zero_grad()
        loss.backward()
        optimiser.step()
    unseen, answers = both(UNSEEN)
    assert (net(ids).numpy().argmax(axis=1) == plural).all()
    assert (net(unseen).numpy().argmax(axis=1) == answers).mean() >= 0.9


def test_every_word_has_a_vector_and_similar_spelling_a_similar_one():
    """Before any training, too: one letter less moves a vector less than another word does."""
    net = small(filters={1: 20, 2: 20, 3: 20})
    walk, walks, moon = net(spell(["walking", "walkings", "moon"], VOCAB)).numpy()
    assert 0 < np.linalg.norm(walk - walks) < np.linalg.norm(walk - moon)
