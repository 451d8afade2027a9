"""Text as numbers, on the host: vocabularies, corpora and batches. Plain NumPy, no engine."""

from minigrad.data.batches import Batch, contiguous
from minigrad.data.corpora import Corpus, DataError, python_topics, text_file
from minigrad.data.vocab import CharVocab

__all__ = ["Batch", "CharVocab", "Corpus", "DataError", "contiguous", "python_topics", "text_file"]
