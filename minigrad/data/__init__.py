"""Text as numbers, on the host: vocabularies, corpora, batches and made-up tasks. Plain NumPy, no engine."""

from minigrad.data.batches import Batch, contiguous
from minigrad.data.bpe import BPE
from minigrad.data.corpora import Corpus, python_topics, text_file
from minigrad.data.labelled import dna_motif, sentiment
from minigrad.data.large import DataError, characters_of, encode_file
from minigrad.data.listops import listops
from minigrad.data.numerals import in_words, number_words
from minigrad.data.pairs import Pairs, addition, dates, encode_pairs, encode_targets, reversal
from minigrad.data.planted import Planted, analogies, planted_corpus
from minigrad.data.python_source import expression_trees, token_roles
from minigrad.data.ragged import (
    Packed,
    buckets,
    length_mask,
    pack_sequences,
    pad_sequences,
    unpack_sequences,
    unpad_sequences,
)
from minigrad.data.shapes import shapes
from minigrad.data.tasks import adding, copy_memory, echo, repeated_token, temporal_xor
from minigrad.data.trees import Tree
from minigrad.data.vocab import CharVocab
from minigrad.data.words import HybridVocab, WordVocab, split_words

__all__ = [
    "BPE", "Batch", "CharVocab", "Corpus", "DataError", "HybridVocab", "Packed", "Pairs", "Planted", "Tree",
    "WordVocab", "adding", "addition", "analogies", "buckets", "characters_of", "contiguous", "copy_memory", "dates",
    "dna_motif", "echo", "encode_file", "encode_pairs", "encode_targets", "expression_trees", "in_words",
    "length_mask", "listops", "number_words", "pack_sequences", "pad_sequences", "planted_corpus", "python_topics",
    "repeated_token", "reversal", "sentiment", "shapes", "split_words", "temporal_xor", "text_file", "token_roles",
    "unpack_sequences", "unpad_sequences",
]  # fmt: skip
