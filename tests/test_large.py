"""A text too large for memory: encoded piece by piece to what it would be in one, written whole or not at all, and
learned from in constant memory."""

import errno
import math
import os
import re
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import data, nn, optim, progress, train
from minigrad.data import (
    BPE,
    CharVocab,
    DataError,
    WordVocab,
    characters_of,
    contiguous,
    encode_file,
    large,
    text_file,
)

ROOT = Path(__file__).resolve().parent.parent
PROSE = "The pen is mightier, they say,\n  than  the sword.\n\nWrite!\r\n\tcaf\u00e9 \u2014 \U0001f600 2x\r" * 3


class Bytes:
    """The smallest tokenizer: the bytes of UTF-8."""

    def encode(self, text):
        return np.frombuffer(text.encode(), np.uint8)

    def decode(self, ids):
        return bytes(ids).decode()

    def __len__(self):
        return 256


@pytest.fixture
def write(tmp_path):
    def writer(content, name="text.txt"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return writer


def newlines(text):
    return text.replace("\r\n", "\n").replace("\r", "\n")


# ---------------------------------------------------------------- the same ids as in one piece


letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0") | st.sampled_from("\r\n\ufeff")


@given(
    st.text(letters),
    st.sampled_from(["utf-8", "utf-16", "utf-32", "utf-8-sig", "utf-16-be"]),
    st.integers(1, 9),
    st.booleans(),
)
@example("\r\n\ufeff\r", "utf-8", 1, True)
def test_wherever_it_is_cut_the_text_comes_back(tmp_path_factory, text, encoding, chunk, mark):
    text = "x" + text  # what looks like a mark is one only at the beginning
    path, expected = tmp_path_factory.mktemp("large") / "t.txt", newlines(text)
    path.write_bytes((mark * "\ufeff" + text).encode(encoding))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large, "CHUNK", chunk)
        symbols = characters_of(path, encoding)
        vocab = CharVocab(symbols)
        ids = encode_file(path, vocab, path.with_suffix(".npy"), encoding, progress=False)
    assert symbols == "".join(sorted(set(expected)))
    np.testing.assert_array_equal(ids, vocab.encode(expected))


@pytest.mark.parametrize("chunk", [40, 64, 100, 1000])
@pytest.mark.parametrize("make", [WordVocab, lambda text: BPE(text, 300)], ids=["words", "byte pairs"])
def test_words_and_their_parts_are_not_cut(write, monkeypatch, make, chunk):
    monkeypatch.setattr(large, "CHUNK", chunk)
    path, vocab = write(PROSE.encode()), make(newlines(PROSE))
    ids = encode_file(path, vocab, path.with_suffix(".npy"))
    np.testing.assert_array_equal(ids, vocab.encode(newlines(PROSE)))


def test_a_line_longer_than_a_chunk_is_cut(write, monkeypatch):
    monkeypatch.setattr(large, "CHUNK", 10)
    path = write(b"a line of more than ten bytes\n" * 3)
    assert bytes(encode_file(path, Bytes(), path.with_suffix(".npy"))) == path.read_bytes()


@pytest.mark.parametrize("symbols, dtype", [(256, np.uint8), (257, np.uint16)])
def test_ids_are_as_small_as_can_be_and_read_only(write, symbols, dtype):
    text = "".join(chr(0x4E00 + i) for i in range(symbols))
    path, to = write(text.encode()), write(b"an older file", "ids.npy")
    ids = encode_file(path, CharVocab(text), to)
    assert isinstance(ids, np.memmap) and ids.dtype == dtype and ids.shape == (symbols,)
    with pytest.raises(ValueError, match="read-only"):
        ids[0] = 1
    np.testing.assert_array_equal(np.load(to), np.arange(symbols))
    np.testing.assert_array_equal(np.load(to, mmap_mode="r"), ids)


# ---------------------------------------------------------------- what is no text


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    "content, encoding, expected",
    [
        pytest.param(b"plain, caf\xe9 au lait", "utf-8", r"byte 0xe9 at offset 10 .*latin-1", id="fault_67_latin"),
        pytest.param(b"abc\xed\xa0\x80def", "utf-8", r"byte 0xed at offset 3", id="fault_67_surrogate"),
        pytest.param(b"abcdef\xe2\x82", "utf-8", r"byte 0xe2 at offset 6 \(unexpected end", id="fault_67_cut_off"),
        pytest.param(b"\xef\xbb\xbfab\xff", "utf-8-sig", r"byte 0xff at offset 5", id="fault_67_after_a_mark"),
        pytest.param("häh\r\n".encode("utf-16-le") + b"\0\xd8a\0", "utf-16-le", r"byte 0x00 at offset 10",
                     id="fault_67_half_a_pair"),
        pytest.param("中文".encode("gbk") + b"\xff", "gbk", r"byte 0xff at offset 4", id="fault_67_gbk"),
        pytest.param("\r\näbc\0def".encode(), "utf-8", r"NUL at byte offset 6", id="fault_67_nul"),
        pytest.param("\r\näbc\0def".encode("utf-16"), "utf-16", r"NUL at byte offset 12", id="fault_67_nul_utf16"),
        pytest.param(b"\xef\xbb\xbf\xc3\xa4\0", "utf-8-sig", r"NUL at byte offset 5", id="fault_67_nul_after_a_mark"),
        pytest.param("中\0".encode("gbk"), "gbk", r"NUL at byte offset 2", id="fault_67_nul_gbk"),
        pytest.param(b"", "utf-8", "is empty", id="fault_66_empty"),
        pytest.param(b"\xef\xbb\xbf", "utf-8", "is empty", id="fault_66_only_a_mark"),
        pytest.param(b"text", "klingon", "not a text encoding", id="fault_67_no_encoding"),
    ],
)  # fmt: skip
def test_unusable_text_is_refused_wherever_it_is_cut(write, monkeypatch, content, encoding, expected, chunk):
    monkeypatch.setattr(large, "CHUNK", chunk)
    path, to = write(content), write(b"an older file", "ids.npy")
    calls = (lambda: encode_file(path, CharVocab("ab", "?"), to, encoding), lambda: text_file(path, encoding))
    for call in calls:
        with pytest.raises(DataError, match=expected) as caught:
            call()
        assert "\n" not in str(caught.value)
    assert to.read_bytes() == b"an older file" and sorted(os.listdir(to.parent)) == ["ids.npy", "text.txt"]


def test_a_text_that_is_not_there_fault_66(tmp_path):
    for path, expected in [(tmp_path / "nowhere.txt", "no such file"), (tmp_path, "is a directory")]:
        for call in (characters_of, lambda path: encode_file(path, Bytes(), tmp_path / "ids.npy")):
            with pytest.raises(DataError, match=expected):
                call(path)
    assert os.listdir(tmp_path) == []


def test_a_character_that_the_vocabulary_lacks_is_named_with_its_place_fault_68(write, monkeypatch):
    monkeypatch.setattr(large, "CHUNK", 8)
    path = write("a line\nanother\n\u00e9\n".encode())
    vocab = CharVocab("a line\nanother\n")
    with pytest.raises(DataError, match=r"text.txt, in the part from character 15 on: .*U\+00E9.* at position 0"):
        encode_file(path, vocab, path.with_suffix(".npy"))
    ids = encode_file(path, CharVocab("a line\nanother\n", unknown="\ufffd"), path.with_suffix(".npy"))
    assert ids[-2] == max(ids)


def test_a_vocabulary_that_breaks_its_word_is_refused(write):
    tokenizer = Bytes()
    tokenizer.encode = lambda text: [7, 256]
    path = write(b"text")
    with pytest.raises(ValueError, match=r"ids 7 to 256, but len\(vocab\) is 256"):
        encode_file(path, tokenizer, path.with_suffix(".npy"))


# ---------------------------------------------------------------- the file is put in place whole


def test_until_it_is_complete_the_old_file_stays_fault_78(write, monkeypatch):
    """Whatever kills the process while it encodes."""
    monkeypatch.setattr(large, "CHUNK", 10)
    path, to, seen = write(b"a line\n" * 20), write(b"an older file", "ids.npy"), []
    tokenizer = Bytes()
    tokenizer.encode = lambda text: seen.append(to.read_bytes()) or Bytes().encode(text)
    encode_file(path, tokenizer, to)
    assert len(seen) > 5 and set(seen) == {b"an older file"} and len(np.load(to)) == 140


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file_fault_78(write, monkeypatch, failing):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    path, to = write(b"a line\n" * 20), write(b"an older file", "ids.npy")
    monkeypatch.setattr(os, failing, full)
    with pytest.raises(OSError, match=r"cannot write ids there \(No space left on device\).*ids.npy"):
        encode_file(path, Bytes(), to)
    assert to.read_bytes() == b"an older file" and sorted(os.listdir(to.parent)) == ["ids.npy", "text.txt"]


def test_a_place_that_cannot_be_written_is_named_fault_78(write, tmp_path):
    path = write(b"a line\n")
    for to in (tmp_path / "absent" / "ids.npy", tmp_path, path / "ids.npy"):
        with pytest.raises(OSError, match="cannot write ids there") as caught:
            encode_file(path, Bytes(), to)
        assert caught.value.filename == str(to)
    with pytest.raises(ValueError, match="is the text itself"):
        encode_file(path, Bytes(), path)
    assert path.read_bytes() == b"a line\n" and os.listdir(tmp_path) == ["text.txt"]


# ---------------------------------------------------------------- how far it is


def test_off_a_terminal_a_line_every_two_seconds(write, monkeypatch, capsys):
    class Clock:
        now = 100.0

        def perf_counter(self):
            return self.now

    clock = Clock()

    class Slow(Bytes):
        def encode(self, text):
            clock.now += 1
            return super().encode(text)

    monkeypatch.setattr(progress, "time", clock)
    monkeypatch.setattr(large, "CHUNK", 500_000)
    path = write(b"0123456789abcde\n" * 250_000)
    to = path.with_suffix(".npy")
    encode_file(path, Slow(), to)
    assert capsys.readouterr().out.splitlines() == [
        "1/4 MB, 2 s, 6 s left", "2/4 MB, 4 s, 4 s left", "3/4 MB, 6 s, 2 s left", "4/4 MB, 8 s, 0 s left"
    ]  # fmt: skip
    encode_file(path, Slow(), to, progress=False)
    encode_file(path, Bytes(), to)
    assert capsys.readouterr().out == ""


# ---------------------------------------------------------------- constant memory


def test_a_text_eight_times_as_long_takes_no_more_memory(write, monkeypatch):
    monkeypatch.setattr(large, "CHUNK", 1 << 15)

    def peak(lines):
        path = write(b"the cat sat on the mat\n" * lines)
        tracemalloc.start()
        try:
            ids = encode_file(path, CharVocab(characters_of(path)), path.with_suffix(".npy"))
            letters = sum(batch.inputs.size for batch in contiguous(ids, 16, 500))
            assert len(ids) - 16 <= letters < len(ids)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1000)
    small = peak(8000)
    assert peak(64000) < small + 100_000  # the text is 1.3 MB longer, its ids in int64 10 MB


def run(ids, symbols, updates, resume=None):
    """A small character model trained on ids; (losses, parameters)."""
    mg.manual_seed(4)
    model = nn.LanguageModel(symbols, 6, 8, cell="gru", dropout=0.2)

    def loss_of(batch, state):
        logits, state = model(batch.inputs, state)
        return mg.cross_entropy(logits, batch.targets), state

    adam = optim.Adam(model, lr=0.01)
    batches = contiguous(ids, 4, 7)
    history = train.fit(
        loss_of, batches, adam, updates, carry=True, clip=1.0, model=model, resume=resume, progress=False
    )
    return history.losses, [p.numpy().tobytes() for p in model.parameters()]


def test_a_run_over_a_file_of_ids_goes_on_bit_for_bit(write, tmp_path):
    pytest.importorskip("safetensors", reason="resume= writes safetensors")
    path = write(PROSE.encode())
    vocab = CharVocab(characters_of(path))
    ids = encode_file(path, vocab, tmp_path / "ids.npy")
    whole = run(vocab.encode(newlines(PROSE)), len(vocab), 20)  # int64, in memory
    assert run(ids, len(vocab), 20) == whole
    run(ids, len(vocab), 11, tmp_path / "run")
    again = np.load(tmp_path / "ids.npy", mmap_mode="r")
    assert run(again, len(vocab), 20, tmp_path / "run") == whole


SCRIPT = """
import sys, threading, time
import minigrad as mg
from minigrad import data, nn, optim, train

most, over = 0, threading.Event()

def anonymous():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon"))

def watch():
    global most
    while not over.wait(0.02):
        most = max(most, anonymous())

thread = threading.Thread(target=watch)
thread.start()
begun = time.perf_counter()
vocab = data.CharVocab(data.characters_of(sys.argv[1]))
ids = data.encode_file(sys.argv[1], vocab, sys.argv[1] + ".npy")
seconds = time.perf_counter() - begun
model = nn.LanguageModel(len(vocab), 32, 128, cell="gru")

def loss_of(batch, state):
    logits, state = model(batch.inputs, state)
    return mg.cross_entropy(logits, batch.targets), state

batches = data.contiguous(ids, 32, 64)
done = train.fit(loss_of, batches, optim.Adam(model, lr=0.005), 150, carry=True, clip=1.0, describe="bits")
over.set()
thread.join()
print("result", most, len(ids) / 1e6, len(ids) / 1e6 / seconds, done.losses[0], sum(done.losses[-10:]) / 10)
"""


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="asks /proc how much memory is in use")
@pytest.mark.skipif(mg.backend.name != "numpy", reason="measures the host's memory")
def test_a_text_of_100_mb_is_learned_from_in_the_memory_of_one_of_10_mb(tmp_path):
    words = " ".join(data.python_topics().train.split()[:20_000])
    block = "\n".join(re.findall(r".{1,79}(?: |$)", words)).encode() + b"\n"
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    env = os.environ | dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    env["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
    memory = {}
    for size in (10, 100):
        path = tmp_path / f"{size}.txt"
        with path.open("wb") as file:
            for _ in range(math.ceil(size * 1e6 / len(block))):
                file.write(block)
        ran = subprocess.run([sys.executable, str(script), str(path)], capture_output=True, text=True, env=env)
        assert ran.returncode == 0, ran.stderr
        *shown, result = ran.stdout.splitlines()
        memory[size], letters, rate, first, last = map(float, result.split()[1:])
        print(f"{letters:.0f} MB at {rate:.1f} MB/s in {memory[size] / 1024:.1f} MB, loss {first:.2f} to {last:.2f}")
        assert letters >= size and last < 0.75 * first
        assert any(re.fullmatch(r"\d+/150 updates, .* bits per character, \d+ s, \d+ s left", line) for line in shown)
    assert any(re.fullmatch(rf"\d+/{letters:.0f} MB, \d+ s, \d+ s left", line) for line in shown)
    assert memory[100] - memory[10] < 4 * 1024
