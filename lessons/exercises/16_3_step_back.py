"""16.3 One step back

Forward, unit by unit: c = f c_before + i g and h = o tanh(c). You get dh = dL/dh of this step, dc = what comes back to
c from the step after it, and c_before, i, f, g, o, all of them (H,). i, f, o are sigmoids of what stands inside them
and g is a tanh. Return dL/dc_before, and dL/d(what stands inside i, f, g, o) as one array (4H,) in this order.

1. c is used twice, by the step after and by h = o tanh(c). The gradients of two uses add up; c is not given, make it.
2. total = dc + dh * o * (1 - np.tanh(c) ** 2). From there, dL/dc_before = total * f: no matrix, no slope.
3. Inside i: total * g * i * (1 - i). Inside f: total * c_before * f * (1 - f). Inside g: total * i * (1 - g**2).
   Inside o: dh * np.tanh(c) * o * (1 - o), and that is dh alone.
"""

# %% task
import numpy as np


def step_back(dh, dc, c_before, i, f, g, o):
    raise NotImplementedError("TODO 16.3: c = f c_before + i g, h = o tanh(c); dh and dc come from later")


# %% solution
def step_back(dh, dc, c_before, i, f, g, o):
    c = f * c_before + i * g
    total = dc + dh * o * (1 - np.tanh(c) ** 2)
    di, df = total * g * i * (1 - i), total * c_before * f * (1 - f)
    dg, do = total * i * (1 - g**2), dh * np.tanh(c) * o * (1 - o)
    return total * f, np.concatenate([di, df, dg, do])


# %% check
def cases(rng):
    for H in (2, 3, 4):
        dh, dc, c_before = rng.normal(size=(3, H))
        i, f, o = rng.uniform(0.1, 0.9, (3, H))
        yield dh, dc, c_before, i, f, np.tanh(rng.normal(size=H)), o


SLIPS = [
    (1, "What the step after says about c is lost: this cuts the road along the cell.",
     "dc + dh * o * (1 - np.tanh(c) ** 2)", "dh * o * (1 - np.tanh(c) ** 2)"),
    (1, "c is used by h as well.", "dc + dh * o * (1 - np.tanh(c) ** 2)", "dc"),
    (1, "c is made from c_before; you take c_before for it.", "c = f * c_before + i * g", "c = c_before"),
    (2, "The slope of tanh at c is missing.", "dh * o * (1 - np.tanh(c) ** 2)", "dh * o"),
    (2, "On its way from h to c the gradient passes the output gate.", "dh * o * (1 - np", "dh * (1 - np"),
    (2, "On its way to c_before the gradient passes the forget gate.", "return total * f,", "return total,"),
    (2, "dL/dc_before is what comes from c as a whole, not from later only.", "return total * f,", "return dc * f,"),
    (2, "What passes to c_before is times f, not times i.", "return total * f,", "return total * i,"),
    (3, "What stands inside i: the slope of the sigmoid is i (1 - i).", "total * g * i * (1 - i)", "total * g"),
    (3, "f is multiplied by the OLD cell.", "total * c_before * f", "total * c * f"),
    (3, "The slope of tanh is 1 - g^2.", "(1 - g**2)", "g * (1 - g)"),
    (3, "The output gate is no part of c: what comes from the step after does not reach it.", "dh * np.tanh(c) * o",
     "total * np.tanh(c) * o"),
    (3, "o is multiplied by tanh(c).", "dh * np.tanh(c) * o", "dh * c * o"),
    (3, "The order is i, f, g, o.", "[di, df, dg, do]", "[df, di, dg, do]"),
]  # fmt: skip
