"""Language models: counting n-grams, drawing samples, ending them, searching for the likeliest."""

from minigrad.text.measure import Score, Speller, score, unknown_pieces
from minigrad.text.ngram import NGram, NGramRow, ngram_table
from minigrad.text.sample import probabilities, sample_ids, softmax_sample, spelled, word_validity, words
from minigrad.text.search import Hypothesis, beam_search, coverage_penalty, greedy, length_penalty
from minigrad.text.stopping import Lengths, Written, halt_targets, sample_of_length, sample_until_halt, steps_left
from minigrad.text.word2vec import (
    Word2Vec,
    analogy,
    analogy_accuracy,
    cbow_windows,
    neighbours,
    skip_gram_pairs,
    subsample,
)

__all__ = [
    "Hypothesis", "Lengths", "NGram", "NGramRow", "Score", "Speller", "Word2Vec", "Written", "analogy",
    "analogy_accuracy", "beam_search", "cbow_windows", "coverage_penalty", "greedy", "halt_targets", "length_penalty",
    "neighbours", "ngram_table", "probabilities", "sample_ids", "sample_of_length", "sample_until_halt", "score",
    "skip_gram_pairs", "softmax_sample", "spelled", "steps_left", "subsample", "unknown_pieces", "word_validity",
    "words",
]  # fmt: skip
