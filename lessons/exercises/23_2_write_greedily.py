"""23.2 Write greedily

step(id, state) is one step of a decoder: it is given the id before and its state, and returns the scores (V,) of the
next id and the new state. Begin with the start token and the state that the encoder left. At each step take the id with
the largest score, and feed it back. Stop when it is the end token, or after `most` steps. Return the list of ids, as
plain integers, without start and end token.

1. What is fed at the first step, and what at the second?
2. The state that comes out of a step goes into the next one; so does the id that has just been chosen.
3. Choose, look whether it is eos, and only then keep it: for _ in range(most): ... if best == eos: break
"""

# %% task
import numpy as np


def write_greedily(step, state, sos, eos, most):
    raise NotImplementedError("TODO 23.2: feed back what was said, stop at the end token or after `most`")


# %% solution
def write_greedily(step, state, sos, eos, most):
    said, best = [], sos
    for _ in range(most):
        scores, state = step(best, state)
        best = int(np.argmax(scores))
        if best == eos:
            break
        said.append(best)
    return said


# %% check
def cases(rng):
    """Small random decoders whose state counts, so that each step and what it is fed matter."""

    def decoder(V, end_after):
        table, push = rng.normal(size=(V, V)), rng.normal(size=(V, V))

        def step(last, state):
            if not 0 <= last < V:
                raise IndexError(f"the id {last} was fed; there are {V}")
            memory, n = state
            memory = np.tanh(table[last] + 0.5 * push @ memory)
            scores = memory.copy()
            scores[[V - 2, V - 1]] = -9.0, 9.0 if n == end_after else -9.0
            return scores, (memory, n + 1)

        return step, (rng.normal(size=V), 0)

    for V, end_after, most in [(6, 3, 10), (8, 7, 12), (6, 9, 5), (7, 0, 4), (9, 4, 5)]:
        step, state = decoder(V, end_after)
        yield step, state, V - 2, V - 1, most


SLIPS = [
    (1, "The first step is fed the start token, not the end token.", "said, best = [], sos", "said, best = [], eos"),
    (1, "You feed the start token at every step; feed back what was said.", "step(best, state)", "step(sos, state)"),
    (2, "The new state is thrown away: the decoder stays at its first step.", "scores, state = step",
     "scores, _ = step"),
    (2, "The likeliest has the LARGEST score.", "np.argmax(scores)", "np.argmin(scores)"),
    (3, "The end token is no part of the answer: look before you keep it.",
     "        if best == eos:\n            break\n        said.append(best)\n",
     "        said.append(best)\n        if best == eos:\n            break\n"),
    (3, "The end token stops the writing; you leave it out and go on.", "            break\n        said",
     "            continue\n        said"),
    (3, "The start token is no part of the answer.", "said, best = [], sos", "said, best = [sos], sos"),
    (3, "`most` steps, and not one fewer.", "range(most)", "range(most - 1)"),
    (3, "`most` steps, and not one more.", "range(most)", "range(most + 1)"),
]  # fmt: skip
