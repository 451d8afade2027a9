"""14.5 Predict: what crelu costs

A recurrent cell h_t = crelu(W_hx x_t + W_hh h_{t-1} + b). Before the activation there are `units` numbers, and crelu
makes two of each: relu(a) and relu(-a). The input has `inputs` numbers. How many parameters has the cell? (The slide
has crelu in its list as if it could be put in the place of tanh.)

1. How many numbers has the state, after crelu? And what comes back into W_hh at the next step?
2. W_hh takes 2 * units numbers and gives units. W_hx takes `inputs` and gives units; b has units.
3. return units * (inputs + 2 * units + 1)
"""


# %% task
def crelu_parameters(inputs, units):
    raise NotImplementedError("TODO 14.5: all numbers in W_hx, W_hh and b; crelu makes a state of 2 * units")


# %% solution
def crelu_parameters(inputs, units):
    W_hx, W_hh, b = inputs * units, 2 * units * units, units
    return W_hx + W_hh + b


# %% check
def cases(rng):
    yield 8, 32
    for _ in range(3):
        yield tuple(rng.integers(3, 60, 2).tolist())


SLIPS = [
    (1, "That is the count for tanh: the state of crelu has 2 * units numbers, and W_hh reads all of them.",
     "2 * units * units", "units * units"),
    (2, "W_hh is not 2 units by 2 units: it gives `units` numbers, and crelu doubles them afterwards.",
     "2 * units * units", "2 * units * 2 * units"),
    (2, "W_hx gives `units` numbers; crelu doubles them afterwards, without parameters.", "inputs * units",
     "inputs * 2 * units"),
    (2, "The bias is added before crelu: `units` numbers.", "2 * units * units, units", "2 * units * units, 2 * units"),
    (2, "The bias is forgotten.", "W_hx + W_hh + b", "W_hx + W_hh"),
    (2, "The input matrix is forgotten.", "W_hx + W_hh + b", "W_hh + b"),
    (2, "The input is not doubled, only the state is.", "inputs * units, 2 * units * units",
     "2 * inputs * units, units * units"),
    (2, "Twice the whole tanh cell is too much: only W_hh becomes wider.", "W_hx + W_hh + b",
     "2 * (inputs * units + units * units + units)"),
    (2, "A matrix has rows times columns numbers, not rows plus columns.", "2 * units * units", "2 * units + units"),
]  # fmt: skip
