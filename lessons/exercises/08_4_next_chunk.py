"""08.4 Find the bug: which chunk comes next?

Slips o and p. Return the inputs (T symbols from `start` on), the targets (the same, one symbol further on), and where
the chunk after this one starts. When the targets do not all fit into data, begin again at 0.

1. The two lines for inputs and targets stand under the if. When do they run? (Else the same chunk is trained for ever.)
2. The last target is data[start + T]. So the chunk fits as long as start + T + 1 is at most len(data).
3. if start + T + 1 > len(data): start = 0; then data[start : start + T], data[start + 1 : start + T + 1], start + T
"""


# %% task
def next_chunk(data, start, T):
    if start + T >= len(data) + 1:
        start = 0
        inputs, targets = data[start : start + T], data[start + 1 : start + T + 1]  # noqa: F841
    raise NotImplementedError("TODO 08.4: return inputs, targets (T symbols each) and the start of the chunk after")


# %% solution
def next_chunk(data, start, T):
    if start + T + 1 > len(data):
        start = 0
    inputs, targets = data[start : start + T], data[start + 1 : start + T + 1]
    return inputs, targets, start + T


# %% check
def cases(rng):
    T = int(rng.integers(3, 6))
    text = "".join(rng.permutation(list("abcdefghijklmnopqrstuvwxyz")))[: 3 * T + 1]
    for start in (0, T, 2 * T, 2 * T + 1, 3 * T):
        yield text, start, T


SLIPS = [
    (1, "Slip p: they run at the beginning of the text only.", "    inputs, targets = data",
     "        inputs, targets = data"),
    (2, "Slip o: the last target is left out of the count.", "start + T + 1 > len(data)", "start + T > len(data)"),
    (2, "A chunk that just fits is thrown away.", "start + T + 1 > len(data)", "start + T + 1 >= len(data)"),
    (2, "The text never begins again.", "        start = 0\n", "        pass\n"),
    (2, "It begins again at the first symbol, which has the number 0.", "start = 0", "start = 1"),
    (3, "The targets are one symbol further on than the inputs.", "data[start + 1 : start + T + 1]",
     "data[start : start + T]"),
    (3, "The targets are the symbols before; they should be those after.",
     "data[start : start + T], data[start + 1 : start + T + 1]",
     "data[start + 1 : start + T + 1], data[start : start + T]"),
    (3, "T inputs and T targets: the inputs have one too many.", "data[start : start + T],",
     "data[start : start + T + 1],"),
    (3, "The next chunk starts T further on; you skip a symbol.", "return inputs, targets, start + T",
     "return inputs, targets, start + T + 1"),
    (3, "The next chunk starts T further on, and not one.", "return inputs, targets, start + T",
     "return inputs, targets, start + 1"),
]  # fmt: skip
