"""09.2 Find the bug: a net that begins anew with every chunk

A long sequence x is read in chunks of k steps (the last one may be shorter). `run(chunk, h)` gives the list of outputs
of a chunk and the state after it. The outputs must be those of reading x in one piece; but the net forgets, at every
border, all it has read. Repair it. Return the outputs of all steps and the last state; x may be empty.

1. With which state does the second chunk begin here? With which one should it?
2. Begin with h = h0, outside the loop, and let each chunk begin with the state after the chunk before.
3. h = h0; in the loop ys, h = run(x[start : start + k], h) and outputs += ys; at the end return outputs, h
"""


# %% task
def read_in_chunks(x, k, run, h0):
    outputs = []
    for start in range(0, len(x), k):
        ys, h = run(x[start : start + k], h0)
        outputs += ys
    raise NotImplementedError("TODO 09.2: return the outputs of all steps and the last state")


# %% solution
def read_in_chunks(x, k, run, h0):
    outputs, h = [], h0
    for start in range(0, len(x), k):
        ys, h = run(x[start : start + k], h)
        outputs += ys
    return outputs, h


# %% check
def follow(chunk, h):
    ys = []
    for x in chunk:
        h = f"{h}{x}"
        ys.append(h)
    return ys, h


def cases(rng):
    letters = [chr(97 + i) for i in rng.permutation(26)]
    yield letters[:6], 3, follow, "-"
    yield letters[6:13], 3, follow, "-"
    yield letters[13:15], 5, follow, "-"
    yield [], 2, follow, "-"


SLIPS = [
    (1, "Every chunk begins with h0 again: the state is not carried.", "run(x[start : start + k], h)",
     "run(x[start : start + k], h0)"),
    (2, "h is set back to h0 after each chunk.", "        outputs += ys", "        outputs += ys\n        h = h0"),
    (2, "The state that is carried is that after the whole chunk, not the one after its first step.",
     "        outputs += ys", "        outputs += ys\n        h = ys[0]"),
    (3, "Only the outputs of the last chunk are kept.", "outputs += ys", "outputs = ys"),
    (3, "The outputs of all steps in one list, not a list for each chunk.", "outputs += ys", "outputs.append(ys)"),
    (3, "Chunks do not overlap: each begins where the one before ended.", "range(0, len(x), k)", "range(0, len(x))"),
    (3, "The last chunk may be shorter than k; you leave it out.", "range(0, len(x), k)",
     "range(0, len(x) - k + 1, k)"),
    (3, "The first symbol of each chunk is left out.", "x[start : start + k]", "x[start + 1 : start + k]"),
    (3, "The last symbol of each chunk is left out.", "x[start : start + k]", "x[start : start + k - 1]"),
    (3, "The last state is asked for as well.", "return outputs, h", "return outputs"),
    (3, "The return stands inside the loop: one chunk is read.", "        outputs += ys\n    return",
     "        outputs += ys\n        return outputs, h\n    return"),
]  # fmt: skip
