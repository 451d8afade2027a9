"""19.2 Byte-pair encoding: join the pair

`pieces` is one word, cut into pieces; `pair` is (a, b). Return a new list in which a and b, wherever they stand side by
side in this order, are one piece, a + b. Go from left to right; a joined piece is not joined again in
this pass. With that and 19.1 you have all of byte-pair encoding: find the best pair, join it in every word, repeat.

1. A `for` over the places is in the way, for a joined pair takes two places. Use a place i and a `while`.
2. If pieces[i : i + 2] is the pair, append a + b and go on two places further; else append pieces[i] and go on by one.
3. while i < len(pieces): if tuple(pieces[i : i + 2]) == tuple(pair): joined.append(pieces[i] + pieces[i + 1]); i += 2;
   else: joined.append(pieces[i]); i += 1
"""


# %% task
def merge(pieces, pair):
    raise NotImplementedError("TODO 19.2: a new list, in which a and b side by side are the one piece a + b")


# %% solution
def merge(pieces, pair):
    joined, i = [], 0
    while i < len(pieces):
        if tuple(pieces[i : i + 2]) == tuple(pair):
            joined.append(pieces[i] + pieces[i + 1])
            i += 2
        else:
            joined.append(pieces[i])
            i += 1
    return joined


# %% check
def cases(rng):
    yield ["b", "a", "n", "a", "n", "a"], ("a", "n")
    yield ["a", "a", "a", "a", "a"], ("a", "a")
    yield ["t", "he", "n", "th", "e"], ("th", "e")
    yield ["th", "e", "th", "e", "t", "h", "e"], ("th", "e")
    yield ["n", "a", "a", "n"], ("a", "n")
    yield ["x", "y", "x"], ("y", "x")
    yield ["l", "o", "w"], ("o", "l")
    yield ["o", "w"], ("o", "w")
    for _ in range(3):
        yield [*map(str, rng.choice([*"ab"], size=9))], ("a", "b")


SLIPS = [
    (2, "A joined pair takes two places: its second piece is read again.", "i += 2", "i += 1"),
    (2, "Two places further, not three.", "i += 2", "i += 3"),
    (1, "It stops after the first pair; the same pair may stand there again.", "            i += 2",
     "            return joined + pieces[i + 2:]"),
    (2, "The order matters: (b, a) is another pair.", "== tuple(pair)", "in (tuple(pair), tuple(pair)[::-1])"),
    (2, "Pieces are compared with pieces: letters that happen to make up the same text are not the pair.",
     "tuple(pieces[i : i + 2]) == tuple(pair)", '"".join(pieces[i : i + 2]) == "".join(pair)'),
    (3, "The last piece is lost.", "i < len(pieces)", "i < len(pieces) - 1"),
    (3, "The pair is joined into ONE piece.", "joined.append(pieces[i] + pieces[i + 1])",
     "joined.extend(pieces[i : i + 2])"),
    (3, "The pieces that are not joined stay in the list.", "            joined.append(pieces[i])\n", ""),
    (3, "The pair's second piece went missing.", "pieces[i] + pieces[i + 1]", "pieces[i]"),
    (1, "A new list is asked for: this changes the caller's, who still needs it.", "    return joined",
     "    pieces[:] = joined\n    return joined"),
]  # fmt: skip
