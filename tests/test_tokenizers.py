"""Words, spelled words and byte pairs: every text comes back, the same ids in every process, and byte pairs against the
definition that counts everything anew for each merge."""

import doctest
import json
import os
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from minigrad.data import BPE, CharVocab, HybridVocab, WordVocab, bpe, python_topics, split_words, words
from minigrad.data.bpe import learn_merges

PEN = "The pen is mightier than the sword."
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
prose = st.text("ab .,\n1\u00e9", min_size=1, max_size=60)
VOCABS = [CharVocab, WordVocab, HybridVocab, lambda text, **options: BPE(text, 300, **options)]
NAMES = ["char", "word", "hybrid", "bpe"]


@pytest.mark.parametrize("module", [bpe, words])
def test_samples_in_the_documentation(module):
    failed, tried = doctest.testmod(module)
    assert failed == 0 and tried


# words


@given(any_text)
@example("  a b   \n  c\t\td\r\n\n x_1 \u0301e")
def test_splitting_loses_nothing(text):
    pieces = split_words(text)
    assert "".join(pieces) == text
    assert all(piece == "\n" or "\n" not in piece for piece in pieces)
    assert all(split_words(piece) == [piece] for piece in pieces)


@given(prose, prose)
def test_a_text_may_be_cut_behind_a_newline(first, second):
    assert split_words(first + "\n" + second) == split_words(first + "\n") + split_words(second)


def test_the_pen_has_nine_tokens():
    assert split_words(PEN) == ["The", " pen", " is", " mightier", " than", " the", " sword", "."]
    vocab = WordVocab(PEN, ends=True)
    ids = vocab.encode(PEN, ends=True)
    assert len(ids[1:]) == 9 and ids[0] == vocab.sos and ids[-1] == vocab.eos
    assert vocab.decode(ids) == PEN


def test_numbers_fall_into_digits_and_blanks_stay_together():
    assert split_words("    if x2 >= 10:") == ["   ", " if", " x", "2", " ", ">", "=", " ", "1", "0", ":"]


def test_frequent_words_come_first_and_equals_by_the_alphabet():
    text = "b a b c a b d"
    vocab = WordVocab(text)
    assert vocab.symbols == ["<UNK>", " a", " b", " c", " d", "b"]  # twice, twice, and once each
    assert WordVocab(text, size=2).symbols == WordVocab(text, least=2).symbols == vocab.symbols[:3]
    assert len(vocab) == 6 and len(WordVocab("b a", ends=True)) == 5


def test_an_unknown_word_is_lost_and_shown():
    vocab = WordVocab("a pen and a sword", ends=True)
    ids = vocab.encode("a pencil and a pen", ends=True)
    assert vocab.unk == 0 and (ids == 0).sum() == 1
    assert vocab.decode(ids) == "a<UNK> and a pen"
    assert vocab.pieces("a pencil") == ["a", " pencil"]


# words, spelled if unknown


@given(prose, st.integers(1, 5), st.integers(1, 3), st.data())
def test_hybrid_gives_back_every_text_of_known_characters(training, size, least, data):
    vocab = HybridVocab(training, size, least)
    text = data.draw(st.text(sorted(set(training)), max_size=40))
    ids = vocab.encode(text)
    assert vocab.decode(ids) == text
    assert len(vocab.pieces(text)) == len(ids) and vocab.unk is None


def test_hybrid_spells_the_unknown():
    vocab = HybridVocab("a pen a pen a sword, a drop", size=2)
    assert vocab.words == [" a", " pen"]
    assert vocab.pieces("a pen, dared") == ["a", " pen", ",", "<SPELL>", " ", *"dared", "</SPELL>"]
    assert vocab.decode(vocab.encode("a pen, dared")) == "a pen, dared"
    with pytest.raises(ValueError, match=r"'x' \(U\+0078\) at position 4 is not among the \d+"):
        vocab.encode("a pex")


# byte pairs


def merges_by_definition(text, most):
    """Count all pairs of all words, merge the most frequent one everywhere, begin again."""
    spelled, merges = [[bytes([b]) for b in word.encode()] for word in split_words(text)], []
    numbers = {bytes([b]): b for b in range(256)}
    while len(merges) < most:
        counts = Counter(pair for word in spelled for pair in pairwise(word))
        ranked = sorted((-number, numbers[left], numbers[right]) for (left, right), number in counts.items())
        if not ranked or ranked[0][0] > -2:
            break
        merges.append(ranked[0][1:])
        left, right = (next(s for s, n in numbers.items() if n == i) for i in merges[-1])
        numbers[left + right] = 256 + len(merges) - 1
        for word in spelled:
            i = 0
            while i < len(word) - 1:
                if (word[i], word[i + 1]) == (left, right):
                    word[i : i + 2] = [left + right]
                i += 1
    return merges


@given(st.text("ab c\n", max_size=80), st.integers(0, 12))
@example("aaaa aaa aaaaa", 5)
@example("abababab cabc", 12)
def test_merges_are_the_definition(text, most):
    assert learn_merges(text, most) == merges_by_definition(text, most)


def merged_one_after_another(vocab, text):
    """Encoding as the merges were learned: each in turn, over the whole text."""
    out = []
    for word in split_words(text):
        ids = list(word.encode())
        for number, pair in enumerate(vocab.merges, start=256):
            i = 0
            while i < len(ids) - 1:
                if (ids[i], ids[i + 1]) == pair:
                    ids[i : i + 2] = [number]
                i += 1
        out += ids
    return out


@given(st.text("ab c", min_size=1, max_size=80), st.text("abcd ", max_size=30))
def test_encoding_follows_the_order_of_the_merges(training, text):
    vocab = BPE(training, 280)
    assert vocab.encode(text).tolist() == merged_one_after_another(vocab, text)


def test_the_earliest_merge_wins_not_the_leftmost():
    vocab = BPE("bcx\nbcy\nbcz\nabx\naby", 258)
    assert vocab.merges == [(ord("b"), ord("c")), (ord("a"), ord("b"))]
    assert vocab.pieces("abc") == ["a", "bc"]


PEN_BPE = BPE(PEN * 3, 300)


@given(any_text)
@example("")
@example("\0\x1b\x7f\r\n\u0301\U0001f600\uffff\U0010ffff")
def test_any_text_is_known_to_byte_pairs(text):
    ids = PEN_BPE.encode(text)
    assert ids.dtype == np.int64 and PEN_BPE.decode(ids) == text
    assert len(PEN_BPE.pieces(text)) == len(ids)


@given(st.lists(st.integers(0, len(PEN_BPE) - 1), max_size=20))
def test_what_is_no_utf8_is_read_all_the_same(ids):
    text = PEN_BPE.decode(ids)
    text.encode()  # holds no half characters
    assert text == b"".join(PEN_BPE.symbols[i] for i in ids).decode(errors="replace")


def test_byte_pairs_are_shown():
    assert BPE("low low low", 259).pieces("slow\u20ac") == ["s", "low", "\\xe2", "\\x82", "\\xac"]
    assert PEN_BPE.decode([0xE2, 0x82, ord("x")]) == "\ufffdx"


def test_size_counts_the_bytes_and_nothing_repeats_for_ever():
    assert len(BPE(PEN, 256)) == 256 and len(BPE(PEN, 258)) == 258 and len(BPE(PEN, 258, ends=True)) == 260
    few = BPE("abc", 1000)
    assert len(few) == 256 and few.encode("abc").tolist() == [97, 98, 99]


def test_lone_surrogate_is_refused_by_byte_pairs_fault_67():
    with pytest.raises(ValueError, match=r"U\+D83D"):
        PEN_BPE.encode("ab\ud83d")


def test_topics_are_a_third_as_long_in_byte_pairs():
    corpus = python_topics()
    vocab = BPE(corpus.train, 1256)
    share = len(vocab.encode(corpus.valid)) / len(corpus.valid)
    assert len(vocab) == 1256 and 0.25 < share < 0.6
    assert vocab.decode(vocab.encode(corpus.valid)) == corpus.valid


# all of them


@pytest.mark.parametrize("make", VOCABS, ids=NAMES)
@given(prose)
def test_json_keeps_the_vocabulary(make, text):
    for ends in (False, True):
        vocab = make(text, ends=ends)
        again = type(vocab).from_json(vocab.to_json())
        assert list(again.symbols) == list(vocab.symbols)
        assert (len(again), again.sos, again.eos, again.unk) == (len(vocab), vocab.sos, vocab.eos, vocab.unk)
        ids = vocab.encode(text, ends=ends)
        np.testing.assert_array_equal(again.encode(text, ends=ends), ids)
        assert again.decode(ids) == text and repr(again) == repr(vocab)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (WordVocab, {}),
        (WordVocab, {"words": "abc"}),
        (WordVocab, {"words": ["a", "a"]}),
        (WordVocab, {"words": ["a b"]}),
        (WordVocab, {"words": [7]}),
        (WordVocab, {"words": ["\ud83d"]}),
        (WordVocab, {"words": ["a"], "ends": 1}),
        (WordVocab, {"words": ["a"], "size": 1}),
        (HybridVocab, {"characters": "ab", "words": ["abc"]}),
        (HybridVocab, {"characters": "ba", "words": ["ab"]}),
        (HybridVocab, {"characters": "ab", "words": ["a"]}),
        (HybridVocab, {"characters": ["a"], "words": []}),
        (BPE, {"merges": [[97, 256]]}),
        (BPE, {"merges": [[97, 98], [97, 98]]}),
        (BPE, {"merges": [[97, 98, 99]]}),
        (BPE, {"merges": [[-1, 97]]}),
        (BPE, {"merges": [[97.0, 97]]}),
        (BPE, {"merges": 7}),
    ],
)
def test_from_json_refuses(kind, fields):
    with pytest.raises(ValueError, match=f"^not a stored {kind.what}"):
        kind.from_json(json.dumps(fields))
    for stored in ("", "[]", "7", "null"):
        with pytest.raises(ValueError, match=f"^not a stored {kind.what}"):
            kind.from_json(stored)


@pytest.mark.parametrize("make", VOCABS, ids=NAMES)
def test_training_texts_and_marks_are_checked(make):
    with pytest.raises(ValueError, match="empty"):
        make("")
    with pytest.raises(TypeError, match="bytes"):
        make(b"abc")
    with pytest.raises(ValueError, match=r"U\+D83D"):
        make("ab\ud83d")
    vocab = make("abc")
    with pytest.raises(ValueError, match="ends=True"):
        vocab.encode("abc", ends=True)
    with pytest.raises(TypeError, match="bytes"):
        vocab.encode(b"abc")
    with pytest.raises(IndexError, match=f"id {len(vocab)}"):
        vocab.decode([len(vocab)])
    assert vocab.encode("").shape == (0,) and vocab.decode([]) == ""


@pytest.mark.parametrize("kind", [WordVocab, HybridVocab])
@pytest.mark.parametrize("options", [{"size": 0}, {"size": 2.0}, {"least": 0}, {"least": None}])
def test_sizes_are_checked(kind, options):
    with pytest.raises(ValueError, match=next(iter(options))):
        kind(PEN, **options)


@pytest.mark.parametrize("size", [255, 0, -1, 300.0, None])
def test_size_of_byte_pairs_is_checked(size):
    with pytest.raises(ValueError, match="256"):
        BPE(PEN, size)


def test_ids_are_the_same_in_every_process():
    code = (
        "from minigrad.data import *; t = python_topics().valid[:20000]\n"
        "print(*(v.to_json() for v in (WordVocab(t), HybridVocab(t, least=2), BPE(t, 400))))"
    )
    stored = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(stored) == 1
