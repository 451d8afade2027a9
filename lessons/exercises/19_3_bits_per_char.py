"""19.3 Bits per character (find the bug)

A word model reads a text. `nats` has what it paid for each piece, -ln P; `pieces` are the pieces as they stand in the
text. `spelling` is a dict: what it costs to spell each *unknown* word, in nats; a word in it has to be paid in addition
to its `<UNK>`, each time that it comes. Return the bits per character of the text. The line in the lesson takes the
mean over pieces, and lets unknown words go unpaid.

1. First add up all nats: the model's, and those of spelling for each piece that is in the dict.
2. How many characters has the text? The lengths of all pieces, of unknown ones too. Divide the sum by that.
3. total = sum(nats) + sum(spelling.get(piece, 0) for piece in pieces); return total / np.log(2) / sum(map(len, pieces))
"""

# %% task
import numpy as np


def bits_per_char(nats, pieces, spelling):
    # return np.mean(nats) / np.log(2)
    raise NotImplementedError("TODO 19.3: all nats, those of the spelling too, over all characters, in bits")


# %% solution
def bits_per_char(nats, pieces, spelling):
    total = sum(nats) + sum(spelling.get(piece, 0) for piece in pieces)
    return total / np.log(2) / sum(map(len, pieces))


# %% check
WORDS = ["the", " pen", " is", " mightier", " than", ",", " quill", " sword", "\n"]


def cases(rng):
    yield [1.0, 2.0, 3.0], ["the", " pen", " is"], {}
    yield [1.0, 2.0, 3.0, 0.5], ["the", " quill", ",", " quill"], {" quill": 12.0}
    yield [0.5, 0.25], [" mightier", ","], {" mightier": 20.0, " sword": 9.0}
    for _ in range(4):
        pieces = [WORDS[i] for i in rng.integers(len(WORDS), size=12)]
        yield rng.uniform(0.1, 6, 12).tolist(), pieces, {" quill": 14.5, " mightier": 21.0, " sword": 13.0}


SLIPS = [
    (2, "That is per piece. Pieces have different lengths in different models: divide by the characters.",
     "sum(map(len, pieces))", "len(pieces)"),
    (1, "The unknown words go unpaid.", " + sum(spelling.get(piece, 0) for piece in pieces)", ""),
    (1, "An unknown word that comes twice is spelled twice.", "for piece in pieces)\n", "for piece in set(pieces))\n"),
    (1, "Words that are not in this text cost nothing.", "sum(spelling.get(piece, 0) for piece in pieces)",
     "sum(spelling.values())"),
    (3, "These are nats, not bits.", " / np.log(2)", ""),
    (3, "Nats become bits by dividing by ln 2.", "total / np.log(2)", "total * np.log(2)"),
    (1, "The spelling is paid in addition to `<UNK>`, not in its place.", "sum(nats) +",
     "sum(n for n, piece in zip(nats, pieces) if piece not in spelling) +"),
    (2, "The characters of unknown words are characters, too.", "sum(map(len, pieces))",
     "(sum(len(piece) for piece in pieces if piece not in spelling) or 1)"),
    (2, "The blanks count, too: they are part of the text.", "sum(map(len, pieces))",
     "sum(len(piece.strip()) or 1 for piece in pieces)"),
    (1, "The sum of all nats, not their mean.", "sum(nats) +", "np.mean(nats) +"),
]  # fmt: skip
