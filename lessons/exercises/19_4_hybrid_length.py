"""19.4 How long does the hybrid get? (predict)

A hybrid vocabulary writes a known word as one id, and spells an unknown one: a mark, its characters, a mark. All single
characters are known. Return two numbers: how many ids the text has in the hybrid, and how many as letters. `pieces` are
the pieces of the text; `words` is the set of the known words of two characters and more. (Is it always shorter?)

1. Three kinds of pieces: known words, single characters, unknown words. How many ids does each one take?
2. 1, 1, and len(piece) + 2, the blank before a word included, as it is a character of it.
3. ids = sum(1 if len(piece) == 1 or piece in words else len(piece) + 2 for piece in pieces); and len("".join(pieces))
"""


# %% task
def hybrid_length(pieces, words):
    raise NotImplementedError("TODO 19.4: (number of ids of the hybrid, number of characters)")


# %% solution
def hybrid_length(pieces, words):
    ids = sum(1 if len(piece) == 1 or piece in words else len(piece) + 2 for piece in pieces)
    return ids, sum(map(len, pieces))


# %% check
WORDS = ["a", " pen", " and", " a", " pencil", ",", "\n", " sword", "I", "    "]


def cases(rng):
    yield ["a", " pen", " and", " a", " pencil"], {" pen", " and", " a"}
    yield ["I", ",", "\n"], {" pen"}
    yield [" pencil", " pencil"], {" pen"}
    yield [" pen", " and", " pen"], {" pen", " and"}
    for known in ({" pen", "    "}, {" a", " sword"}, set()):
        yield [WORDS[i] for i in rng.integers(len(WORDS), size=15)], known


SLIPS = [
    (2, "Two marks, one on either side.", "len(piece) + 2", "len(piece) + 1"),
    (2, "The marks are ids, too.", "len(piece) + 2", "len(piece)"),
    (1, "A single character needs no marks: it is in the vocabulary.", "len(piece) == 1 or ", ""),
    (1, "A known word is one id, however long it is.", "sum(1 if", "sum(len(piece) if"),
    (2, "The blank is a character of the word: it is spelled, too.", "len(piece) + 2", "len(piece.strip()) + 2"),
    (1, "An unknown word is spelled each time that it comes.", "for piece in pieces)\n", "for piece in set(pieces))\n"),
    (1, "It is the other way round: unknown words are spelled.", "piece in words", "piece not in words"),
    (1, "An unknown word would be one id in a word vocabulary, `<UNK>`; here it is spelled.",
     "1 if len(piece) == 1 or piece in words else len(piece) + 2", "1"),
    (3, "The second number counts characters, not pieces.", "sum(map(len, pieces))", "len(pieces)"),
    (3, "First the ids, then the characters.", "return ids, sum(map(len, pieces))",
     "return sum(map(len, pieces)), ids"),
]  # fmt: skip
