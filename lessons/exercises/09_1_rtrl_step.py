"""09.1 One step of RTRL

A net with one unit and one weight: h' = tanh(w h + x), all of them plain numbers. P is dh/dw: how the state that you
get depends on w, through all steps so far. Return the new state h' and the new P, which is dh'/dw.

1. w acts on h' in two ways: by this use of it, and by all earlier uses, which have made h what it is. The two add up.
2. Inside the tanh stands a = w h + x. With h depending on w, da/dw = h + w P. Then comes the slope of tanh, 1 - h'^2.
3. new = math.tanh(w * h + x); return new, (1 - new**2) * (h + w * P)
"""

# %% task
import math


def rtrl_step(h, P, x, w):
    raise NotImplementedError("TODO 09.1: return the new h, and the new P = dh'/dw from the old one")


# %% solution
def rtrl_step(h, P, x, w):
    new = math.tanh(w * h + x)
    return new, (1 - new**2) * (h + w * P)


# %% check
def cases(rng):
    for _ in range(3):
        yield tuple(rng.normal(size=4).tolist())
    yield 0.0, 0.0, 0.7, 1.2


SLIPS = [
    (1, "The past is lost: earlier uses of w have made h what it is. This is RTRL cut after one step.", "h + w * P",
     "h"),
    (1, "This use of w is forgotten; only the past counts.", "h + w * P", "w * P"),
    (1, "The two ways add up; you multiply them.", "h + w * P", "h * w * P"),
    (2, "P comes through the recurrence, so w stands before it.", "h + w * P", "h + P"),
    (2, "The slope of tanh is missing.", "(1 - new**2) * (h + w * P)", "h + w * P"),
    (2, "The slope of tanh is 1 - h'^2, with the new state.", "(1 - new**2)", "(1 - h**2)"),
    (2, "The slope of tanh is 1 minus the SQUARE of the new state.", "(1 - new**2)", "(1 - new)"),
    (2, "The slope holds for both ways, the past as well.", "(1 - new**2) * (h + w * P)", "(1 - new**2) * h + w * P"),
    (2, "This use of w multiplies the OLD state.", "(h + w * P)", "(new + w * P)"),
    (3, "The state and then P.", "return new, (1 - new**2) * (h + w * P)", "return (1 - new**2) * (h + w * P), new"),
    (3, "The new state is asked for as well.", "return new, (1", "return (1"),
    (3, "x is not in the state.", "w * h + x", "w * h"),
]  # fmt: skip
