"""How good is a language model? Bits per character of the same text: the one number that models of letters, words and
anything in between can be compared by. Works with any model that maps ids to logits; imports ops and data."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from minigrad.backend import to_host
from minigrad.data.ragged import buckets, length_mask, pad_sequences
from minigrad.data.tasks import IGNORED
from minigrad.data.vocab import refuse_surrogates
from minigrad.errors import ShapeError
from minigrad.graph import no_grad
from minigrad.nn.module import Module
from minigrad.ops import cross_entropy
from minigrad.tensor import plain
from minigrad.text.ngram import NGram

__all__ = ["Score", "Speller", "score", "unknown_pieces"]

CODE_POINTS = 0x110000  # of Unicode


class Score(NamedTuple):
    """The price of a text. nats: of all of it. tokens: for which a price was paid. chars: of the text. free: those of
    them inside unknown words that nobody paid for; with any, the score is too good."""

    nats: float
    tokens: int
    chars: int
    free: int = 0

    @property
    def bits_per_char(self) -> float:
        """What models with different vocabularies are compared by."""
        return self.nats / math.log(2) / self.chars

    @property
    def perplexity(self) -> float:
        """Per token: among how many equally likely tokens one would be as unsure. It depends on what a token is."""
        return math.exp(self.nats / self.tokens)

    def __str__(self) -> str:
        free = f"; {self.free} of the characters cost nothing, being in unknown words" if self.free else ""
        return (
            f"{self.bits_per_char:.3f} bits per character, perplexity {self.perplexity:.2f} "
            f"({self.chars} characters, {self.tokens} tokens{free})"
        )


def score(
    model: Callable[[np.ndarray, Any], tuple[Any, Any]],
    vocab: Any,
    texts: str | Sequence[str],
    batch_size: int = 1,
    window: int = 64,
    spelling: Callable[[str], float] | None = None,
    free_unknown: bool = False,
) -> Score:
    """What a language model pays for a text, or for a list of documents that have nothing to do with each other.

    `model(ids (T, B), state) -> (logits (T, B, V), state)`, first called with state None; a Module is scored in eval
    mode. vocab: a Vocab, or any object with encode, decode and a length. Each document is read after `<SOS>` and pays
    for its `<EOS>` if the vocabulary has these marks; if not, its first token pays log V. window: steps a call;
    batch_size: documents side by side; neither changes the score.

    An unknown token makes the text unrecoverable, so it is refused, unless somebody pays for the letters:
    `spelling(piece) -> nats`, such as Speller(...).nats. free_unknown=True lets them go unpaid, and the Score counts
    them. A text that could be cut into tokens in several ways pays for the one that the vocabulary gives.
    Raises ValueError for unknown tokens and for texts without a character, ShapeError unless there are len(vocab)
    logits.
    """
    documents = [texts] if isinstance(texts, str) else list(texts)
    chars = sum(len(text) for text in documents)
    if not chars:
        raise ValueError("score: the texts have no character")
    if window < 1:
        raise ValueError(f"score: window must be at least 1, not {window!r}")
    ends = getattr(vocab, "eos", None) is not None
    rows = [np.asarray(vocab.encode(text, ends=True) if ends else vocab.encode(text)) for text in documents]
    unknown = [piece for text in documents for piece in unknown_pieces(vocab, text)]
    if unknown and spelling is None and not free_unknown:
        raise ValueError(
            f"score: {unknown[0]!r} is unknown, and its letters would cost nothing. Pay for them with "
            "spelling=Speller(words).nats, use a vocabulary that knows every text (HybridVocab, BPE), or say "
            "free_unknown=True"
        )
    nats = [spelling(piece) for piece in unknown] if spelling else []
    if not ends:
        nats += [math.log(len(vocab)) for row in rows if row.size]
    with _evaluation(model):
        for batch in buckets([len(row) for row in rows], batch_size):
            nats.append(_price(model, len(vocab), [rows[i] for i in batch], window))
    tokens = sum(len(row) for row in rows) - (len(rows) if ends else 0)
    return Score(math.fsum(nats), tokens, chars, 0 if spelling else sum(len(piece) for piece in unknown))


def unknown_pieces(vocab: Any, text: str) -> list[str]:
    """The pieces of the text, one after another, that the vocabulary turns into its `unk`; none if it has no such id.
    Those of a training text are what a Speller learns from.

    >>> from minigrad.data import WordVocab
    >>> unknown_pieces(WordVocab("a pen and a sword"), "a pen and a pencil")
    [' pencil']
    """
    if getattr(vocab, "unk", None) is None:
        return []
    return [piece for piece, i in zip(vocab.pieces(text), vocab.encode(text)) if i == vocab.unk]


def _price(model: Callable, symbols: int, rows: list[np.ndarray], window: int) -> float:
    """Nats for all ids but the first of each row, the rows side by side."""
    ids, lengths = pad_sequences(rows)
    targets = np.where(length_mask(lengths)[1:], ids[1:], IGNORED)
    nats, state = 0.0, None
    for start in range(0, len(targets), window):
        logits, state = model(ids[:-1][start : start + window], state)
        if logits.shape[-1] != symbols:
            raise ShapeError(f"score: the model has {logits.shape[-1]} logits, the vocabulary {symbols} ids")
        losses = cross_entropy(logits, targets[start : start + window], ignore_index=IGNORED, reduction="none")
        nats += float(to_host(plain(losses)).sum(dtype=np.float64))
    return nats


@contextmanager
def _evaluation(model: Any) -> Iterator[None]:
    """A block that records nothing, with the model in eval mode if it is a Module; afterwards all is as before."""
    modules = model.modules() if isinstance(model, Module) else []
    modes = [module.training for module in modules]
    try:
        for module in modules:
            module.training = False
        with no_grad():
            yield
    finally:
        for module, mode in zip(modules, modes):
            module.training = mode


class Speller:
    """What it costs to spell a word: an n-gram model of its characters and of its end, learned from `words`.

    A proper code: over all words that can be written the probabilities add up to at most 1. A character that is not in
    `words` costs an escape, and then one of the 0x110000 code points of Unicode, all alike. Give it words like those to
    be spelled: the rare ones of the training text, `unknown_pieces(vocab, text)`. order: as in NGram. Raises ValueError
    without words, or for a lone surrogate; TypeError for what is not a str.
    """

    END, ESCAPE = 0, 1

    def __init__(self, words: Iterable[str], order: int = 4) -> None:
        if isinstance(words, str):
            raise TypeError("Speller: a collection of words is needed, not a str; give [word] for a single one")
        words = list(words)
        if not words:
            raise ValueError("Speller: no words to learn from")
        for word in words:
            _check_word(word)
        self._ids = {character: i for i, character in enumerate(sorted(set("".join(words))), start=2)}
        learned = [i for word in words for i in self._between_ends(word)[:-1]]
        self.ngram = NGram(order).fit([*learned, self.END], len(self._ids) + 2)
        self._start = self.ngram.bits([self.END])

    def nats(self, word: str) -> float:
        """-ln P(word), its end included."""
        _check_word(word)
        ids = self._between_ends(word)
        return (self.ngram.bits(ids) - self._start) * math.log(2) + ids.count(self.ESCAPE) * math.log(CODE_POINTS)

    def _between_ends(self, word: str) -> list[int]:
        """The end before it tells the model that a word begins."""
        return [self.END, *(self._ids.get(character, self.ESCAPE) for character in word), self.END]


def _check_word(word: Any) -> None:
    if not isinstance(word, str):
        raise TypeError(f"Speller: a word is a str, not {type(word).__name__}")
    refuse_surrogates(word, "Speller")
