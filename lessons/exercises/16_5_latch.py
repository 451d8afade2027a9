"""16.5 Make it work: a memory, programmed by hand

An LSTM cell with one unit, whose h does not come back (W has columns for x alone). x is (value, write): value is -1 or
1, write is 0 or 1. The cell must always hold the value that was last WRITTEN: where write is 1 it takes the value and
forgets the old one, where write is 0 it keeps what it has, whatever value says, for 100 steps. Then h, which always
shows the cell, has the sign of the value last written, and |c| stays between 0.5 and 1.5. Return W (4, 2) and b (4,),
rows i, f, g, o.

1. Say first what each gate must be: i open only when write is 1; f open only when write is 0; g like value; o open.
2. A gate that opens with write: sigmoid(40 write - 20). One that shuts with it: sigmoid(20 - 40 write).
3. W = [[0, 40], [0, -40], [5, 0], [0, 0]], b = [-20, 20, 0, 20]
"""

# %% task
import numpy as np


def latch():
    raise NotImplementedError("TODO 16.5: return W (4, 2) and b (4,), rows i, f, g, o; h does not come back here")


# %% solution
def latch():
    W = np.array([[0.0, 40.0], [0.0, -40.0], [5.0, 0.0], [0.0, 0.0]])
    b = np.array([-20.0, 20.0, 0.0, 20.0])
    return W, b


# %% check
def cases(rng):
    yield ()


def judge(result):
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        return 3, "two arrays are asked for, W and b"
    W, b = np.asarray(result[0], float), np.asarray(result[1], float)
    if W.shape != (4, 2) or b.shape != (4,):
        return 3, f"W must be (4, 2) and b (4,); they are {W.shape} and {b.shape}"
    if not (np.isfinite(W).all() and np.isfinite(b).all()):
        return 3, "W and b must be finite numbers"
    rng = np.random.default_rng(7)
    value, write = rng.choice([-1.0, 1.0], (400, 16)), rng.random((400, 16)) < 0.2
    write[0], write[50:150], write[250:350] = True, False, False  # two pauses of 100 steps
    write[150] = True
    c, held = np.zeros(16), np.zeros(16)
    for t in range(400):
        a = np.clip(np.stack([value[t], write[t]], axis=1) @ W.T + b, -500, 500)
        i, f, o = 1 / (1 + np.exp(-a[:, [0, 1, 3]])).T
        c = f * c + i * np.tanh(a[:, 2])
        h, held = o * np.tanh(c), np.where(write[t], value[t], held)
        at = f"at step {t + 1}, " + ("where a value is written, " if write[t, 0] else "where nothing is written, ")
        if (held * c < 0).any():
            return (1 if write[t][held * c < 0].any() else 2), at + "the cell has the sign of another value"
        if (np.abs(c) < 0.5).any():
            return 2, at + f"the cell has faded to {np.abs(c).min():.2g}: is f open enough, does enough come in?"
        if (np.abs(c) > 1.5).any():
            return 1, at + f"the cell has grown to {np.abs(c).max():.2g}: what is written must replace the old value"
        if (held * h < 0.3).any():
            return 1, at + f"h shows too little of the cell, {np.abs(h).min():.2g}: is the output gate open?"
    return None


SLIPS = [
    (1, "The input gate must open when write is 1.", "[0.0, 40.0]", "[0.0, -40.0]"),
    (1, "The input gate listens to the value, and should listen to write.", "[0.0, 40.0]", "[40.0, 0.0]"),
    (1, "The forget gate listens the wrong way round: 0 erases, 1 remembers.", "[0.0, -40.0]", "[0.0, 40.0]"),
    (1, "The forget gate is always open: values are added, and not replaced.", "[0.0, -40.0]", "[0.0, 0.0]"),
    (1, "The forget gate is shut, as the slide has it: nothing is remembered.", "[-20.0, 20.0, 0.0, 20.0]",
     "[-20.0, -20.0, 0.0, 20.0]"),
    (1, "The input gate is always open: values come in that nobody has written.", "[-20.0, 20.0,", "[20.0, 20.0,"),
    (1, "The output gate is shut: h shows nothing.", "0.0, 20.0])", "0.0, -20.0])"),
    (2, "The forget gate is not open enough: in a pause of 100 steps the cell fades.", "[-20.0, 20.0, 0.0, 20.0]",
     "[-20.0, 3.0, 0.0, 20.0]"),
    (2, "A fresh cell, all gates at one half.", "[-20.0, 20.0, 0.0, 20.0]", "[0.0, 0.0, 0.0, 0.0]"),
    (3, "The candidate has the wrong sign.", "[5.0, 0.0]", "[-5.0, 0.0]"),
    (3, "The candidate must be the value, not the sign to write.", "[5.0, 0.0]", "[0.0, 5.0]"),
    (3, "W and b, both.", "return W, b", "return W"),
]  # fmt: skip
