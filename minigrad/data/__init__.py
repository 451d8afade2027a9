"""Text as numbers, on the host: vocabularies, corpora, batches and made-up tasks. Plain NumPy, no engine."""

from minigrad.data.batches import Batch, contiguous
from minigrad.data.corpora import Corpus, DataError, python_topics, text_file
from minigrad.data.ragged import (
    Packed,
    buckets,
    length_mask,
    pack_sequences,
    pad_sequences,
    unpack_sequences,
    unpad_sequences,
)
from minigrad.data.tasks import adding, copy_memory, echo, repeated_token, temporal_xor
from minigrad.data.trees import Tree
from minigrad.data.vocab import CharVocab

__all__ = [
    "Batch", "CharVocab", "Corpus", "DataError", "Packed", "Tree", "adding", "buckets", "contiguous", "copy_memory",
    "echo", "length_mask", "pack_sequences", "pad_sequences", "python_topics", "repeated_token", "temporal_xor",
    "text_file", "unpack_sequences", "unpad_sequences",
]  # fmt: skip
