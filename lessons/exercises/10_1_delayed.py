"""10.1 Let the net wait

A task in step: x (T, B, I) goes in, d (T, B) is asked, the label of each step. Give the net `delay` steps more before
it must answer: return (x, d), both delay steps longer. At step t it is asked for the label that belonged to step
t - delay. Where nothing goes in stand zeros, where nobody asks stands -1. The arguments stay as they are; delay may
be 0.

1. The inputs come when they came before; at the end there are `delay` more steps, in which nothing goes in.
2. The labels come `delay` steps later, so that at the beginning there are `delay` steps in which nobody asks.
3. np.concatenate([x, np.zeros((delay, *x.shape[1:]))]), and np.concatenate([np.full((delay, d.shape[1]), -1), d])
"""

# %% task
import numpy as np


def delayed(x, d, delay):
    raise NotImplementedError("TODO 10.1: nothing more to hear at the end, nobody asks at the beginning")


# %% solution
def delayed(x, d, delay):
    silence = np.zeros((delay, *x.shape[1:]))
    unasked = np.full((delay, d.shape[1]), -1)
    return np.concatenate([x, silence]), np.concatenate([unasked, d])


# %% check
def cases(rng):
    for T, B, n_x, delay in [(4, 3, 2, 1), (5, 2, 3, 2), (3, 2, 2, 4), (4, 2, 2, 0)]:
        yield rng.normal(size=(T, B, n_x)), rng.integers(0, 3, (T, B)), delay


SLIPS = [
    (1, "The inputs come late as well, so that nothing was gained: the answer is due when its input comes.",
     "[x, silence]", "[silence, x]"),
    (1, "The inputs are turned round in time.", "[x, silence]", "[x[::-1], silence]"),
    (1, "The last input is repeated; it should be zeros.", "np.zeros((delay, *x.shape[1:]))",
     "np.repeat(x[-1:], delay, axis=0)"),
    (1, "That is no silence: the sequence begins anew.", "np.zeros((delay, *x.shape[1:]))",
     "np.resize(x, (delay, *x.shape[1:]))"),
    (1, "In the silence the input is zeros, not ones.", "np.zeros((delay", "np.ones((delay"),
    (2, "The answers come too early: before, or as soon as, their inputs.", "[unasked, d]", "[d, unasked]"),
    (2, "Class 0 is asked for where nobody asks; that is what -1 is for.", "np.full((delay, d.shape[1]), -1)",
     "np.zeros((delay, d.shape[1]), dtype=int)"),
    (2, "The labels that come late are cut off at the end; the net is to get more time instead.",
     "return np.concatenate([x, silence]), np.concatenate([unasked, d])",
     "return x, np.concatenate([unasked, d])[: len(d)]"),
    (2, "The labels go round in a circle: those of the end are asked at the beginning.", "np.concatenate([unasked, d])",
     "np.roll(np.concatenate([d, unasked]), delay + 1, axis=0)"),
    (3, "Both get longer by `delay` steps, not by one.",
     "np.zeros((delay, *x.shape[1:]))\n    unasked = np.full((delay,",
     "np.zeros((1, *x.shape[1:]))\n    unasked = np.full((1,"),
    (3, "Inputs first, then labels.", "return np.concatenate([x, silence]), np.concatenate([unasked, d])",
     "return np.concatenate([unasked, d]), np.concatenate([x, silence])"),
]  # fmt: skip
