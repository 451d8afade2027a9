"""A character language model from end to end, on text that every Python has: it knows more than a table of counts."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.data import CharVocab, contiguous, python_topics
from minigrad.optim import Adam, CosineLR, WarmupLR
from minigrad.text import NGram
from minigrad.train import fit

UPDATES = 1800


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_gru_beats_the_table_of_four_letters(seed: int) -> None:
    """By a tenth of a bit per character, on topics that neither has read."""
    mg.manual_seed(seed)
    corpus = python_topics()
    vocab = CharVocab(corpus.train + corpus.valid)
    training, held_out = (contiguous(vocab.encode(text), 16, 32) for text in (corpus.train, corpus.valid))
    model = nn.LanguageModel(len(vocab), 64, 128, cell="gru")
    model.embedding.weight.assign(nn.init.normal((len(vocab), 64), 0.3))
    model.readout.bias.assign(np.zeros(len(vocab)))

    def loss_of(batch, state=None):
        logits, state = model(batch.inputs, state)
        return mg.cross_entropy(logits, batch.targets), state

    @mg.no_grad()
    def bits() -> float:
        nats, letters, state = 0.0, 0, None
        for batch in held_out:
            loss, state = loss_of(batch, state)
            nats, letters = nats + loss.item() * batch.targets.size, letters + batch.targets.size
        return nats / letters / np.log(2)

    assert bits() == pytest.approx(np.log2(len(vocab)), abs=0.05)  # who knows nothing says so
    adam = Adam(model, lr=0.006)
    schedule = WarmupLR(adam, 50, after=CosineLR(adam, UPDATES, lowest=adam.lr / 20))
    fit(loss_of, training, adam, UPDATES, carry=True, clip=1.0, schedule=schedule, progress=False)
    table = NGram(4).fit(corpus.train, vocab.symbols).bits_per_char(corpus.valid)
    found = bits()
    print(f"{found:.3f} bits per character, the table {table:.3f}")
    assert found <= table - 0.1
