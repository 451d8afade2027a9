"""19.5 One text, two cuts (make it fail)

`score` pays for the one cut that byte-pair encoding gives. But the same text can be written in other pieces as well, so
some of the probability goes where nobody looks. Return such a text: another list of pieces, all of them in the set
`symbols`, that gives the same text when it is joined. `pieces` is the usual cut. Single characters are all in
`symbols`, and at least one piece is longer than that.

1. Take one piece of two characters or more. Into which pieces could it be cut instead?
2. Simplest: its single characters, which are all in `symbols`. The rest of the list stays as it is.
3. i = the first place with len(pieces[i]) > 1; return [*pieces[:i], *pieces[i], *pieces[i + 1 :]], where * before a str
   gives its characters
"""


# %% task
def other_cut(pieces, symbols):
    raise NotImplementedError("TODO 19.5: other pieces of `symbols` that join to the same text")


# %% solution
def other_cut(pieces, symbols):
    i = next(i for i, piece in enumerate(pieces) if len(piece) > 1)
    return [*pieces[:i], *pieces[i], *pieces[i + 1 :]]


# %% check
def cases(rng):
    letters = set(" abcdefghijklmnopqrstuvwxyz")
    yield ["the", " p", "en"], letters | {"the", "th", " p", "en"}
    yield ["s", "low", "er"], letters | {"low", "lo", "er"}
    yield [" the", " the"], letters | {" the", " t", "he"}
    yield ["in", "ter", "a", "ct", "ive"], letters | {"in", "ter", "ct", "ive"}
    some = ["an", " a", "or", "ing", " to", "x"]
    for _ in range(2):
        yield ["q", *(some[i] for i in rng.permutation(6))], letters | set(some)


def judge(cut, pieces, symbols):
    if not isinstance(cut, (list, tuple)) or not all(isinstance(piece, str) for piece in cut):
        return 1, "a list of pieces is asked for"
    if "".join(cut) != "".join(pieces):
        return 3, f"joined, it gives {''.join(cut)!r} and not {''.join(pieces)!r}"
    foreign = [piece for piece in cut if piece not in symbols]
    if foreign:
        return 2, f"{foreign[0]!r} is not among the symbols"
    if list(cut) == list(pieces):
        return 1, "that is the usual cut"
    return None


SLIPS = [
    (1, "That is the usual cut: copied, not cut anew.", "*pieces[i], *pieces[i + 1 :]", "*pieces[i:]"),
    (3, "The piece that was cut is still there, too.", "*pieces[i + 1 :]", "*pieces[i:]"),
    (3, "What stands before the piece is lost.", "*pieces[:i], *pieces[i]", "*pieces[i]"),
    (3, "What stands behind the piece is lost.", ", *pieces[i + 1 :]", ""),
    (2, "Two pieces joined need not be a symbol.", "[*pieces[:i], *pieces[i], *pieces[i + 1 :]]",
     '["".join(pieces[:2]), *pieces[2:]]'),
    (2, "The whole text is no symbol.", "[*pieces[:i], *pieces[i], *pieces[i + 1 :]]", '["".join(pieces)]'),
    (1, "A single character cannot be cut: look for a longer piece.", "if len(piece) > 1", "if len(piece) == 1"),
    (3, "The order of the characters matters.", "*pieces[:i], *pieces[i],", "*pieces[:i], *pieces[i][::-1],"),
    (1, "A list of pieces is asked for, not the text.", "return [*pieces[:i], *pieces[i], *pieces[i + 1 :]]",
     'return "".join(pieces)'),
]  # fmt: skip
