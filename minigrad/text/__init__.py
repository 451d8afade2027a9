"""Language models on the host: counting n-grams and drawing samples. Plain NumPy, no engine."""

from minigrad.text.ngram import NGram
from minigrad.text.sample import sample_ids, softmax_sample, word_validity, words

__all__ = ["NGram", "sample_ids", "softmax_sample", "word_validity", "words"]
