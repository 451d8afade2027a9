"""Bits per character: by hand for models that know nothing, the same however the text is cut and batched, and what it
costs not to know a word."""

import doctest
import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad as mg
from minigrad import nn
from minigrad.data import BPE, CharVocab, HybridVocab, WordVocab, split_words
from minigrad.errors import ShapeError
from minigrad.text import Score, Speller, measure, score, unknown_pieces
from tests.in_float64 import float64

TRAINING = "the pen is mightier than the sword. the sword is in the pen."


def uniform(size):
    """A model that knows nothing: every logit is 0."""
    return lambda ids, state: (mg.Tensor(np.zeros((*np.shape(ids), size))), state)


def test_samples_in_the_documentation():
    failed, tried = doctest.testmod(measure)
    assert failed == 0 and tried


# by hand


@pytest.mark.parametrize(
    ("vocab", "tokens"),
    [
        (CharVocab("abn "), 6),
        (CharVocab("abn ", ends=True), 7),
        (BPE("banana", 256), 6),
        (BPE("banana banana", 258, ends=True), 4),  # ban an a, and the end
        (WordVocab("banana", ends=True), 2),
        (HybridVocab("banana"), 1),
        (HybridVocab("nab nab ban", least=2), 8),  # six letters between two marks
    ],
    ids=["char", "char ends", "bytes", "bpe ends", "word ends", "hybrid known", "hybrid spelled"],
)
def test_who_knows_nothing_pays_the_logarithm_of_the_vocabulary(vocab, tokens):
    got = score(uniform(len(vocab)), vocab, "banana")
    assert got.tokens == tokens and got.chars == 6 and got.free == 0
    assert got.nats == pytest.approx(tokens * math.log(len(vocab)), rel=1e-6)
    assert got.bits_per_char == pytest.approx(tokens * math.log2(len(vocab)) / 6, rel=1e-6)
    assert got.perplexity == pytest.approx(len(vocab), rel=1e-5)


class Bytes:
    """A tokenizer of somebody else's: encode, decode and a length, nothing more."""

    def __len__(self):
        return 256

    def encode(self, text):
        return list(text.encode())

    def decode(self, ids):
        return bytes(ids).decode()


def test_any_object_that_encodes_can_be_compared():
    assert score(uniform(256), Bytes(), ["banana", "nab"]) == score(uniform(256), BPE("x", 256), ["banana", "nab"])


def test_a_table_of_bigrams_by_hand():
    """After a comes b with 3/4, after everything else both alike; three symbols, no marks."""
    table = np.log([[0.25, 0.75], [0.5, 0.5]])

    def model(ids, state):
        return mg.Tensor(table[ids], dtype="float64"), state

    got = score(model, CharVocab("ab"), ["aba", "b", ""])
    assert got.nats == pytest.approx(-math.log(0.5 * 0.75 * 0.5) - math.log(0.5))
    assert (got.tokens, got.chars) == (4, 4)


def test_a_score_says_what_was_free():
    assert str(Score(math.log(2) * 8, 4, 4)) == "2.000 bits per character, perplexity 4.00 (4 characters, 4 tokens)"
    assert "; 3 of the characters cost nothing" in str(Score(1.0, 4, 4, free=3))


# however it is cut


class Lesson12(nn.Module):
    """A model with a bare Tensor as its state, as in the lesson, and dropout."""

    def __init__(self, symbols):
        self.embedding, self.gru, self.readout = nn.Embedding(symbols, 3), nn.GRU(3, 4), nn.Linear(4, symbols)
        self.dropout = nn.Dropout(0.5)

    def forward(self, ids, h=None):
        output, h = self.gru(self.dropout(self.embedding(ids)), h)
        return self.readout(output), h


def models(vocab):
    mg.manual_seed(1)
    return {
        "gru": float64(nn.LanguageModel, len(vocab), 3, 4, cell="gru", dropout=0.5),
        "lstm": float64(nn.LanguageModel, len(vocab), 3, 4, num_layers=2),
        "lesson 12": float64(Lesson12, len(vocab)),
    }


MARKED, BARE = CharVocab("ab\n", ends=True), CharVocab("ab\n")
MODELS = {vocab: models(vocab) for vocab in (MARKED, BARE)}
few = settings(max_examples=max(10, settings.default.max_examples // 4))
documents = st.lists(st.text("ab\n", max_size=7), min_size=1, max_size=4).filter(any)


def by_definition(model, vocab, texts):
    """Document by document, in one go, with NumPy's logarithms."""
    total = 0.0
    for text in texts:
        ids = vocab.encode(text, ends=vocab.eos is not None)
        if vocab.eos is None and len(ids):
            total += math.log(len(vocab))
        if len(ids) > 1:
            logits = model(ids[:-1, None], None)[0].numpy()[:, 0]
            log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
            total -= log_p[np.arange(len(ids) - 1), ids[1:]].sum()
    return total


@pytest.mark.parametrize("name", ["gru", "lstm", "lesson 12"])
@pytest.mark.parametrize("vocab", [MARKED, BARE], ids=["marks", "no marks"])
@few
@given(texts=documents, batch_size=st.integers(1, 5), window=st.integers(1, 9))
def test_windows_and_batches_change_nothing(name, vocab, texts, batch_size, window):
    model = MODELS[vocab][name].eval()
    expected = by_definition(model, vocab, texts)
    got = score(model, vocab, texts, batch_size, window)
    assert got.nats == pytest.approx(expected, rel=1e-10)
    assert got.chars == sum(map(len, texts)) and got.tokens == got.chars + (len(texts) if vocab.eos else 0)


def test_a_text_is_a_list_of_one_document():
    model = MODELS[MARKED]["gru"]
    assert score(model, MARKED, "abba", window=1) == score(model, MARKED, ["abba"], window=1)


def test_dropout_is_off_and_nothing_is_recorded():
    model = MODELS[MARKED]["gru"].train()
    model.layers.eval()
    seen = []

    def watched(ids, state):
        logits, state = model(ids, state)
        seen.append((logits.requires_grad, model.training))
        return logits, state

    assert score(model, MARKED, "abba") == score(model, MARKED, "abba")  # with dropout no two would be alike
    assert model.training and not model.layers.training  # as they were
    score(watched, MARKED, "abba")
    assert seen == [(False, True)]  # a function's mode is not ours to change


# unknown words


def test_unknown_words_are_refused_unless_paid_for_or_let_go():
    vocab = WordVocab(TRAINING, least=2, ends=True)
    text = " the pen is in the word."
    assert unknown_pieces(vocab, text) == [" in", " word"]
    with pytest.raises(ValueError, match=r"' in' is unknown.*spelling=.*HybridVocab.*free_unknown"):
        score(uniform(len(vocab)), vocab, text)
    free = score(uniform(len(vocab)), vocab, text, free_unknown=True)
    assert free.free == 8 and "8 of the characters cost nothing" in str(free)
    paid = score(uniform(len(vocab)), vocab, text, spelling=len)  # a nat a letter
    assert paid.nats == pytest.approx(free.nats + 8) and paid.free == 0


def test_unknown_characters_count_too():
    vocab = CharVocab("ab", unknown="?")
    with pytest.raises(ValueError, match="'x' is unknown"):
        score(uniform(len(vocab)), vocab, "abxa")
    assert score(uniform(len(vocab)), vocab, "abxax", free_unknown=True).free == 2


def counted(vocab, text):
    """A model that says how often each token stands in the text, and looks at nothing."""
    logits = np.log(np.bincount(vocab.encode(text, ends=True), minlength=len(vocab)) + 1)
    return lambda ids, state: (mg.Tensor(np.tile(logits, (*ids.shape, 1))), state)


def test_the_trap_who_knows_no_words_looks_best():
    text = "the sword is in the pen. the mast is a sword."
    speller = Speller(split_words(TRAINING))
    free, paid = {}, {}
    for size in (1, 5):
        vocab = WordVocab(TRAINING, size, ends=True)
        model = counted(vocab, TRAINING)
        free[size] = score(model, vocab, text, free_unknown=True).bits_per_char
        paid[size] = score(model, vocab, text, spelling=speller.nats).bits_per_char
        assert paid[size] > 2 * free[size]
    letters = CharVocab(TRAINING, ends=True)
    assert free[1] < free[5] - 0.4 < score(counted(letters, TRAINING), letters, text).bits_per_char
    assert abs(paid[1] - paid[5]) < 0.1  # the one who knows five words had only been honest about them


def test_what_cannot_be_scored_is_refused():
    for texts in ("", [], ["", ""]):
        with pytest.raises(ValueError, match="no character"):
            score(uniform(3), BARE, texts)
    with pytest.raises(ShapeError, match="4 logits, the vocabulary 3"):
        score(uniform(4), BARE, "abba")
    with pytest.raises(ValueError, match="window"):
        score(uniform(3), BARE, "abba", window=0)
    with pytest.raises(ValueError, match="batch_size"):
        score(uniform(3), BARE, "abba", batch_size=0)


# spelling


@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_words_of_a_speller_add_up_to_one(order):
    """All words over a, b and the characters never seen, up to a length; what is missing are the longer ones."""
    speller, unseen = Speller(["a", "ab", "b", ""], order), 0x110000 - 2
    total = sum(
        math.exp(-speller.nats("".join(word))) * unseen ** word.count("x")
        for length in range(8)
        for word in product("abx", repeat=length)
    )
    assert 0.9 < total <= 1 + 1e-12


def test_spelling_by_hand():
    speller = Speller(["a"], order=1)  # seen: end, a, end; possible: end, escape, a
    p_end, p_a, p_escape = (2 + 2 / 3) / 5, (1 + 2 / 3) / 5, 2 / 3 / 5
    assert speller.nats("") == pytest.approx(-math.log(p_end))
    assert speller.nats("aa") == pytest.approx(-math.log(p_a * p_a * p_end))
    assert speller.nats("\u00e9") == pytest.approx(-math.log(p_escape / 0x110000 * p_end))


def test_a_speller_knows_how_words_begin_and_end():
    speller = Speller([" walking", " talking", " baking", " taking"])
    assert speller.nats(" waking") < speller.nats(" gnikaw") < speller.nats(" w\u00e4king\u00df")


def test_what_cannot_be_spelled_is_refused():
    with pytest.raises(ValueError, match="no words"):
        Speller([])
    with pytest.raises(TypeError, match="collection"):
        Speller("word")
    with pytest.raises(TypeError, match="int"):
        Speller([7])
    with pytest.raises(ValueError, match=r"U\+D83D"):
        Speller(["a"]).nats("\ud83d")
    with pytest.raises(ValueError, match="order"):
        Speller(["a"], order=0)
