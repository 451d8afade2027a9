"""08.5 Find the bug: the forward half of the listing

Slips a, c and m, and trap r. Run over one chunk of any length; return its loss, one number, the sum of -log p[target],
and the state after its last input. hprev is the state before the first. Scores may be larger than 709.

1. hs[t - 1] is looked up at t = 0: under which key must the state before the first step stand? And is a loss a vector?
2. seq_length is 25, and a chunk at the end of the text may be shorter. How long is this one?
3. hs[-1] = hprev; p from np.exp(y - y.max()); loss -= np.log(p[targets[t]]); return loss, hs[len(inputs) - 1]
"""

# %% task
import numpy as np

seq_length = 25


def forward(inputs, targets, hprev, Wxh, Whh, Why, bh, by):
    hs, loss = {}, 0
    hs["0"] = np.copy(hprev)
    for t in range(len(inputs)):
        hs[t] = np.tanh(Wxh[:, inputs[t]] + Whh @ hs[t - 1] + bh)
        y = Why @ hs[t] + by
        p = np.exp(y) / np.sum(np.exp(y))
        loss += -np.log(p[targets[t]]) * y
    return loss, hs[seq_length - 1]
    raise NotImplementedError("TODO 08.5: mend four things, then delete this line")


# %% solution
def forward(inputs, targets, hprev, Wxh, Whh, Why, bh, by):
    hs, loss = {-1: hprev}, 0.0
    for t in range(len(inputs)):
        hs[t] = np.tanh(Wxh[:, inputs[t]] + Whh @ hs[t - 1] + bh)
        y = Why @ hs[t] + by
        p = np.exp(y - y.max())
        p = p / p.sum()
        loss -= np.log(p[targets[t]])
    return loss, hs[len(inputs) - 1]


# %% check
def cases(rng):
    for T, V, H in [(3, 4, 3), (1, 3, 3), (6, 5, 4)]:
        weights = [rng.normal(size=size) for size in [(H, V), (H, H), (V, H), H, V]]
        yield rng.integers(V, size=T), rng.integers(V, size=T), np.tanh(rng.normal(size=H)), *weights
    weights = [np.zeros((2, 2)), np.zeros((2, 2)), np.zeros((2, 2)), np.zeros(2), np.array([1000.0, 999.0])]
    yield np.array([0]), np.array([1]), np.zeros(2), *weights


SLIPS = [
    (1, "Slip a: the state before step 0 is looked up under -1.", "{-1: hprev}", "{0: hprev}"),
    (1, "The state of the chunk before is not carried over: hprev.", "{-1: hprev}", "{-1: 0 * hprev}"),
    (1, "Slip c: the loss is one number, and you multiply it by all probabilities.", "np.log(p[targets[t]])",
     "np.log(p[targets[t]]) * p"),
    (3, "Trap r: exp overflows without the shift, and infinite over infinite is nan.", "np.exp(y - y.max())",
     "np.exp(y)"),
    (2, "Slip m: this chunk is not seq_length long.", "hs[len(inputs) - 1]", "hs[seq_length - 1]"),
    (2, "hs[-1] is the state *before* the first step: hs is a dict, not a list.", "hs[len(inputs) - 1]", "hs[-1]"),
    (3, "The loss is the sum over all steps; = keeps the last one.", "loss -= np.log", "loss = -np.log"),
    (3, "A probability below 1 has a negative logarithm; the loss is positive.", "loss -= np.log", "loss += np.log"),
    (3, "The probability of the target counts, not that of the input.", "p[targets[t]]", "p[inputs[t]]"),
    (3, "The sum over the chunk, not the mean.", "return loss,", "return loss / len(inputs),"),
    (1, "Each step goes on from the step before, hs[t - 1].", "hs[t - 1]", "hs[-1]"),
    (3, "Trap r: the logarithm of that sum is infinite; subtract the largest score from y first.",
     "loss -= np.log(p[targets[t]])", "loss -= y[targets[t]] - np.log(np.exp(y).sum())"),
]  # fmt: skip
