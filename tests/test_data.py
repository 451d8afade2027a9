"""Vocabularies, corpora and batches: round trips, exact cover, and every kind of unusable text refused in one line."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import nn
from minigrad.data import CharVocab, DataError, contiguous, python_topics, text_file
from minigrad.text import sample_ids

characters = st.characters(exclude_categories=["Cs"])
texts = st.text(characters, min_size=1, max_size=60)


# vocabulary


@given(texts)
@example("a\u0301 \u00e1 \U0001f600\0\n")
def test_decode_undoes_encode(text):
    vocab = CharVocab(text)
    ids = vocab.encode(text)
    assert ids.dtype == np.int64 and ids.shape == (len(text),)
    assert vocab.decode(ids) == text
    assert list(vocab.symbols) == sorted(set(text)) and len(vocab) == len(set(text))


@given(texts, st.one_of(st.none(), characters))
def test_json_keeps_the_vocabulary(text, unknown):
    vocab = CharVocab(text, unknown)
    again = CharVocab.from_json(vocab.to_json())
    assert (again.symbols, again.unknown) == (vocab.symbols, vocab.unknown)
    np.testing.assert_array_equal(again.encode(text), vocab.encode(text))


def test_ids_follow_the_sorted_symbols():
    vocab = CharVocab("hello")
    assert vocab.symbols == "ehlo"
    np.testing.assert_array_equal(vocab.encode("hello"), [1, 0, 2, 2, 3])
    assert vocab.encode("").shape == (0,) and vocab.decode([]) == ""


@pytest.mark.parametrize("character, shown", [("é", "'é' (U+00E9)"), ("\n", "'\\n' (U+000A)")], ids=["fault_68", "eol"])
def test_unknown_character_is_refused_by_name(character, shown):
    with pytest.raises(ValueError) as caught:
        CharVocab("hello").encode("he" + character)
    message = str(caught.value)
    assert shown in message and "position 2" in message and "unknown=" in message and "\n" not in message


def test_unknown_character_is_mapped_when_asked_fault_68():
    vocab = CharVocab("hello", unknown="\ufffd")
    assert len(vocab) == 5
    assert vocab.decode(vocab.encode("jello\n")) == "\ufffdello\ufffd"


def test_lone_surrogate_is_refused_fault_67():
    with pytest.raises(ValueError, match=r"U\+D83D"):
        CharVocab("ab\ud83d")


@pytest.mark.parametrize("text, unknown", [("", None), ("abc", ""), ("abc", "<UNK>"), ("abc", 7)])
def test_vocabulary_refuses(text, unknown):
    with pytest.raises(ValueError, match="CharVocab"):
        CharVocab(text, unknown)


def test_decode_refuses_what_is_no_id():
    vocab = CharVocab("abc")
    with pytest.raises(IndexError, match=r"id 3 .* 0 \.\. 2"):
        vocab.decode([0, 3])
    with pytest.raises(IndexError, match="id -1"):  # NumPy would wrap around to the last symbol
        vocab.decode([-1])
    with pytest.raises(TypeError, match="float64"):
        vocab.decode([0.0])


@pytest.mark.parametrize(
    "stored",
    ["", "[]", "7", "{}", '{"symbols": "ba", "unknown": null}', '{"symbols": ["a"], "unknown": null}',
     '{"symbols": "ab", "unknown": "c"}', '{"symbols": "ab"}'],
)  # fmt: skip
def test_from_json_refuses(stored):
    with pytest.raises(ValueError, match="not a stored character vocabulary"):
        CharVocab.from_json(stored)


# batches


@given(st.integers(1, 6), st.integers(1, 9), st.integers(0, 40))
def test_windows_cover_the_text_exactly_once(batch_size, window, extra):
    ids = np.arange(batch_size * window + 1 + extra)  # every id differs, so a window's content says where it lies
    batches = contiguous(ids, batch_size, window)
    inputs = np.concatenate([b.inputs for b in batches])
    targets = np.concatenate([b.targets for b in batches])
    covered = inputs.size
    assert 0 <= len(ids) - 1 - covered < batch_size
    np.testing.assert_array_equal(inputs.T.ravel(), ids[:covered])
    np.testing.assert_array_equal(targets, inputs + 1)
    assert [b.first for b in batches] == [True] + [False] * (len(batches) - 1)
    assert all(b.inputs.shape == b.targets.shape == (window, batch_size) for b in batches[:-1])
    assert 1 <= len(batches[-1].inputs) <= window


def test_state_is_carried_down_each_column():
    first, second = contiguous(np.arange(13), batch_size=3, window=2)
    np.testing.assert_array_equal(first.inputs, [[0, 4, 8], [1, 5, 9]])
    np.testing.assert_array_equal(second.inputs, [[2, 6, 10], [3, 7, 11]])
    np.testing.assert_array_equal(second.targets, [[3, 7, 11], [4, 8, 12]])
    assert first.inputs.dtype == np.int64


def test_windows_are_a_sequence():
    windows = contiguous(np.arange(30), 3, 2)
    assert len(windows) == 5 and len(list(windows)) == 5
    np.testing.assert_array_equal(windows[-1].inputs, windows[4].inputs)
    np.testing.assert_array_equal(windows[-1].targets, [[9, 18, 27]])
    assert [batch.first for batch in windows[:3]] == [True, False, False]
    for outside in (5, -6):
        with pytest.raises(IndexError):
            windows[outside]


@pytest.mark.parametrize("dtype", ["uint8", "int16", ">u2", "uint32", "int64"])
def test_ids_of_a_file_are_cut_when_asked_for(tmp_path, dtype):
    np.save(tmp_path / "ids.npy", np.arange(100, dtype=dtype))
    ids = np.load(tmp_path / "ids.npy", mmap_mode="r")
    for batch, expected in zip(contiguous(ids, 3, 7), contiguous(list(range(100)), 3, 7), strict=True):
        assert batch.inputs.dtype == batch.targets.dtype == np.int64
        np.testing.assert_array_equal(batch.inputs, expected.inputs)
        np.testing.assert_array_equal(batch.targets, expected.targets)


@pytest.mark.parametrize("batch_size", [1, 3])
def test_a_batch_is_a_copy(batch_size):
    ids = np.arange(13)
    batch = contiguous(ids, batch_size, 2)[0]
    batch.inputs[:] = 77
    assert 77 not in ids
    ids[:] = 0
    assert batch.targets[0, 0] == 1 and batch.targets.flags.c_contiguous


def test_shortest_text_fault_66():
    assert len(contiguous(np.arange(16 * 32 + 1), 16, 32)) == 1
    with pytest.raises(ValueError, match="has 512 symbols.* at least 513"):
        contiguous(np.arange(16 * 32), 16, 32)


@pytest.mark.parametrize("batch_size, window", [(0, 2), (2, 0), (-1, 2), (2.0, 2), (2, None)])
def test_batch_sizes_are_checked(batch_size, window):
    with pytest.raises(ValueError, match="batch_size|window"):
        contiguous(np.arange(100), batch_size, window)


def test_ids_are_checked():
    with pytest.raises(TypeError, match="float64"):
        contiguous(np.zeros(100), 2, 2)
    with pytest.raises(ValueError, match=r"\(10, 10\)"):
        contiguous(np.zeros((10, 10), dtype=int), 2, 2)


# Python's own texts


def long_lines(text):
    return [line.strip() for line in text.split("\n") if len(line.strip()) > 20]


def check_split(corpus):
    lines = long_lines(corpus.train) + long_lines(corpus.valid)
    assert len(lines) == len(set(lines))
    assert (corpus.train + corpus.valid).isascii()
    assert len(corpus.train) > 4 * len(corpus.valid) > 100_000  # Python 3.10 to 3.13: 4.8 to 10 times, from 38 k on


def test_topics_share_no_long_line():
    corpus = python_topics()
    assert corpus.name == "python-topics" and any("ASCII" in note for note in corpus.notes)
    check_split(corpus)


def test_topics_missing_fault_70(monkeypatch):
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    corpus = python_topics()
    assert corpus.name == "stdlib-docstrings" and "pydoc_data is missing" in corpus.notes[0]
    check_split(corpus)


def test_topics_and_docstrings_missing_fault_70(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(tmp_path))
    with pytest.raises(DataError, match="--text"):
        python_topics()


def test_topics_are_the_same_in_every_process():
    code = "import hashlib, minigrad.data as d; print(hashlib.md5(repr(d.python_topics()).encode()).hexdigest())"
    digests = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


# a user's file


@pytest.fixture
def write(tmp_path):
    def writer(content):
        path = tmp_path / "text.txt"
        path.write_bytes(content)
        return path

    return writer


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), min_size=10), st.integers(1, 4))
def test_file_is_split_without_loss(tmp_path_factory, text, window):
    path = tmp_path_factory.mktemp("text") / "t.txt"
    path.write_bytes(("\ufeff" + text).encode())
    corpus = text_file(path, window=window)
    assert corpus.train + corpus.valid == text
    assert min(len(corpus.train), len(corpus.valid)) > window
    assert corpus.notes == ("byte order mark removed",)


def test_file_holds_out_its_last_tenth(write):
    corpus = text_file(write(b"abcdefghij" * 100))
    assert (len(corpus.train), len(corpus.valid), corpus.notes, corpus.name) == (900, 100, (), "text.txt")


@pytest.mark.parametrize(
    "content, window, expected",
    [
        pytest.param(b"", 1, r"is empty: .* at least 4 characters", id="fault_66_empty"),
        pytest.param(b"x", 1, r"too short \(1 characters\): .* at least 4", id="fault_66_one_character"),
        pytest.param(b"x" * 65, 32, r"too short \(65 characters\): .* 32 needs at least 66", id="fault_66_short"),
        pytest.param(b"\xef\xbb\xbf", 1, "is empty", id="fault_66_only_a_mark"),
        pytest.param(b"caf\xe9 au lait", 1, r"not utf-8: byte 0xe9 at offset 3 .*latin-1", id="fault_67_latin"),
        pytest.param("häh?".encode("utf-16"), 1, r"byte 0xff at offset 0 .*--encoding utf-16", id="fault_67_utf16"),
        pytest.param(b"abc\xed\xa0\x80def", 1, r"byte 0xed at offset 3", id="fault_67_surrogate"),
        pytest.param(b"abcdef\xc3", 1, r"byte 0xc3 at offset 6 \(unexpected end", id="fault_67_cut_off"),
        pytest.param("äbc\0def".encode(), 1, r"NUL at byte offset 4", id="fault_67_nul"),
        pytest.param(b"\x7fELF\x02\x01\x01\x00\x00\xff", 1, r"offset", id="fault_67_binary"),
    ],
)
def test_unusable_file(write, content, window, expected):
    path = write(content)
    with pytest.raises(DataError, match=expected) as caught:
        text_file(path, window=window)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_training_keeps_a_window_too(write):
    corpus = text_file(write(b"x" * 100), window=9, valid_share=0.99)
    assert (len(corpus.train), len(corpus.valid)) == (10, 90)


def test_shortest_file_fault_66(write):
    corpus = text_file(write(b"x" * 66), window=32)
    assert (len(corpus.train), len(corpus.valid)) == (33, 33)


def test_missing_file_fault_66(tmp_path):
    with pytest.raises(DataError, match="nowhere.txt: no such file"):
        text_file(tmp_path / "nowhere.txt")
    with pytest.raises(DataError, match="is a directory"):
        text_file(tmp_path)
    with pytest.raises(DataError, match="cannot be read"):
        text_file("a\0b")


def test_marks_and_line_ends_are_normalised_and_reported_fault_67(write):
    corpus = text_file(write(b"\xef\xbb\xbfone\r\ntwo\rthree\nfour"))
    assert corpus.train + corpus.valid == "one\ntwo\nthree\nfour"
    assert corpus.notes == ("byte order mark removed", "2 CRLF or CR line ends read as newlines")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1", "utf-8-sig"])
def test_other_encodings_fault_67(write, encoding):
    corpus = text_file(write("déjà vu".encode(encoding)), encoding=encoding)
    assert corpus.train + corpus.valid == "déjà vu"


@pytest.mark.parametrize("encoding", ["klingon", "base64", "", "a\0b"])
def test_encoding_that_is_none_fault_67(write, encoding):
    with pytest.raises(DataError, match="--encoding .* is not a text encoding"):
        text_file(write(b"enough text"), encoding=encoding)


@pytest.mark.parametrize("unit", ["a", "é", "€", "\U0001f600"])
def test_huge_file_is_cut_with_a_notice_fault_68(write, unit):
    corpus = text_file(write(unit.encode() * 1000), max_chars=100)
    assert corpus.train + corpus.valid == unit * 100
    assert corpus.notes == ("only the first 100 characters are used (--max-chars)",)
    assert text_file(write(unit.encode() * 100), max_chars=100).notes == ()


def test_no_more_than_five_million_characters_are_used_unless_asked_fault_68(write):
    corpus = text_file(write(b"all work and no play\n" * 250_000 + b"\xff"))  # what lies behind them is not read
    assert len(corpus.train + corpus.valid) == 5_000_000
    assert corpus.notes == ("only the first 5,000,000 characters are used (--max-chars)",)


def test_a_sample_begins_with_characters_that_training_never_saw_fault_68():
    vocab = CharVocab("the cat sat", unknown="\ufffd")
    model = nn.LanguageModel(len(vocab), 4, 8, cell="gru")
    opening = vocab.encode("cat\u00e9")
    _, state = model(opening[:-1, None])
    ids = sample_ids(model.step, state, opening[-1:], 20, rng=np.random.default_rng(0))
    assert len(vocab.decode(ids)) == 20
    with pytest.raises(ValueError, match=r"U\+00E9\) at position 3"):
        CharVocab("the cat sat").encode("cat\u00e9")


def test_ids_of_another_vocabulary_are_named_fault_62():
    """A vocabulary of five characters, a model of four: as targets, and a step later as inputs."""
    vocab = CharVocab("abcde")
    model = nn.LanguageModel(4, 4, 8, cell="gru")
    inputs, targets, _ = contiguous(vocab.encode("abcdabcde"), 2, 3)[1]
    np.testing.assert_array_equal(targets, [[0, 4]])
    with pytest.raises(IndexError, match=r"4 at position \(0, 1\) is outside 0\.\.3"):
        mg.cross_entropy(model(inputs)[0], targets)
    with pytest.raises(IndexError, match=r"4 at position \(0, 1\) is outside 0\.\.3"):
        model(targets)


def test_cut_right_after_the_last_character_is_noticed_fault_68(write):
    corpus = text_file(write(("a" * 101).encode("utf-32")), "utf-32", max_chars=100)
    assert len(corpus.train + corpus.valid) == 100 and len(corpus.notes) == 1


@pytest.mark.parametrize("size", [{"max_chars": 0}, {"window": 0}, {"window": 2.5}, {"valid_share": 0}])
def test_sizes_that_make_no_sense(write, size):
    with pytest.raises(ValueError, match=next(iter(size))):
        text_file(write(b"enough text"), **size)
