"""06.2 Find the bug: range(1, len(x))

The slide's loop, for the lists of Python: repair it. Return the last state after *all* inputs, each read once, in
order. `step(x_i, h)` gives the next state; before the first input the state is h0, and x may be empty.

1. The formula numbers its inputs from 1. From where does Python count?
2. No numbers are needed at all: for x_i in x
3. h = h0; for x_i in x: h = step(x_i, h); and when the loop is over, return h
"""


# %% task
def slide_forward(x, step, h0):
    h = h0
    for i in range(1, len(x)):
        h = step(x[i], h)
    raise NotImplementedError("TODO 06.2: return the last state after ALL inputs")


# %% solution
def slide_forward(x, step, h0):
    h = h0
    for x_i in x:
        h = step(x_i, h)
    return h


# %% check
def follow(x, h):
    return f"{h} {x}"


def cases(rng):
    words = ["the", "cake", "which", "contained", "candles", "was", "eaten"]
    for length in (3, 1, 0, int(rng.integers(4, 7))):
        yield [words[i] for i in rng.permutation(7)[:length]], follow, "h0"


SLIPS = [
    (1, "Python counts from 0, so the first input is never read: this is the slip of the slide.", "for x_i in x:",
     "for x_i in x[1:]:"),
    (1, "The last input is never read.", "for x_i in x:", "for x_i in x[:-1]:"),
    (1, "The first input is read twice.", "for x_i in x:", "for x_i in x[:1] + x:"),
    (2, "Read from the first to the last; you go backwards.", "for x_i in x:", "for x_i in reversed(x):"),
    (3, "Every step starts from h0 again; it has to go on from the state of the step before.", "step(x_i, h)",
     "step(x_i, h0)"),
    (3, "step takes the input first, then the state.", "step(x_i, h)", "step(h, x_i)"),
    (3, "The return stands inside the loop, which ends after one input.", "        h = step(x_i, h)\n    return h",
     "        h = step(x_i, h)\n        return h\n    return h"),
    (3, "The state that step returns is thrown away.", "h = step(x_i, h)", "step(x_i, h)"),
    (3, "Only the last state is asked for.", "    return h", "    return [h]"),
]  # fmt: skip
