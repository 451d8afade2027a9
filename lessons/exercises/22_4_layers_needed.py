"""22.4 Predict: a tower of convolutions

Convolutions with windows of kernel x kernel pixels (kernel is odd, at least 3), with padding, so that the image keeps
its size, high x wide, at least 2 of each. How many of them, one upon the other, does it take until *every* place sees
*every* pixel?

1. With one 3 x 3 convolution a place sees one pixel far to each side. With two?
2. n layers see n * (kernel - 1) / 2 pixels far. From one corner to the opposite one it is high - 1 rows, and
   wide - 1 columns; a window goes in both directions at once.
3. far, step = max(high, wide) - 1, (kernel - 1) // 2; return -(-far // step), which is far / step, rounded up
"""


# %% task
def layers_needed(high, wide, kernel):
    raise NotImplementedError("TODO 22.4: kernel is odd; think of two opposite corners")


# %% solution
def layers_needed(high, wide, kernel):
    far = max(high, wide) - 1
    step = (kernel - 1) // 2
    return -(-far // step)


# %% check
def cases(rng):
    yield 9, 9, 3
    yield 4, 12, 5
    yield 13, 6, 5
    for _ in range(3):
        yield int(rng.integers(5, 30)), int(rng.integers(31, 60)), int(rng.choice([7, 9, 11]))
    yield 2, 2, 9


SLIPS = [
    (2, "From the first pixel of a row to the last it is one step less than there are pixels.",
     "max(high, wide) - 1", "max(high, wide)"),
    (2, "A window goes in both directions at once: the longer one decides, not their sum.", "max(high, wide) - 1",
     "high + wide - 2"),
    (2, "The longer side decides.", "max(high, wide)", "min(high, wide)"),
    (3, "Rounded down, the last pixel is not reached.", "-(-far // step)", "far // step"),
    (1, "Of kernel - 1 pixels one half lies on each side; a corner has to see the opposite corner.",
     "-(-far // step)", "-(-far // (2 * step))"),
    (2, "A window of kernel pixels reaches (kernel - 1) / 2 pixels far to each side.", "(kernel - 1) // 2", "kernel"),
    (2, "A window reaches half of kernel + 1 only if its middle counted as a step.", "(kernel - 1) // 2",
     "(kernel + 1) // 2"),
    (3, "A whole number of layers: round up.", "-(-far // step)", "far / step"),
    (1, "That would be all pixels, one after the other; each layer brings a whole ring of new ones.",
     "max(high, wide) - 1", "high * wide - 1"),
]  # fmt: skip
