"""06.1 The forward pass, for a batch

h_t = tanh(W_hh h_{t-1} + W_hx x_t + b_h), as in the lesson, but for B sequences side by side: x has shape (T, B, I),
and the state has one row for each sequence, (B, H). Start from zeros; return the last state. W_hx is (H, I), W_hh is
(H, H).

1. Each row of the state is one h. A column vector W @ h, written as a row, is h @ W.T.
2. h = np.zeros((x.shape[1], len(b_h))), and then for x_t in x, where x_t has shape (B, I).
3. h = np.tanh(h @ W_hh.T + x_t @ W_hx.T + b_h)
"""

# %% task
import numpy as np


def forward(x, W_hx, W_hh, b_h):
    raise NotImplementedError("TODO 06.1: start from zeros of shape (B, H); mind that rows are now the batch")


# %% solution
def forward(x, W_hx, W_hh, b_h):
    h = np.zeros((x.shape[1], len(b_h)))
    for x_t in x:
        h = np.tanh(h @ W_hh.T + x_t @ W_hx.T + b_h)
    return h


# %% check
def cases(rng):
    for T, B, n_x, n_h in [(3, 4, 4, 4), (5, 2, 3, 4), (1, 1, 2, 3), (0, 2, 3, 2)]:
        yield (rng.normal(size=(T, B, n_x)), *(0.7 * rng.normal(size=size) for size in [(n_h, n_x), (n_h, n_h), n_h]))


SLIPS = [
    (1, "W_hh is not turned over; it is square, so nothing complains.", "h @ W_hh.T", "h @ W_hh"),
    (1, "W_hx is not turned over.", "x_t @ W_hx.T", "x_t @ W_hx"),
    (1, "The rows are the batch, so the state stands on the left: h @ W_hh.T.", "h @ W_hh.T", "W_hh @ h"),
    (3, "The state of the step before is missing: the net has no memory.", "h @ W_hh.T + ", ""),
    (3, "The bias is missing.", " + b_h)", ")"),
    (3, "The tanh is missing.", "h = np.tanh(h @ W_hh.T + x_t @ W_hx.T + b_h)", "h = h @ W_hh.T + x_t @ W_hx.T + b_h"),
    (3, "The tanh goes round the whole sum.", "np.tanh(h @ W_hh.T + x_t @ W_hx.T + b_h)",
     "np.tanh(h @ W_hh.T + x_t @ W_hx.T) + b_h"),
    (2, "The first input is never read.", "for x_t in x:", "for x_t in x[1:]:"),
    (2, "The sequence is read backwards.", "for x_t in x:", "for x_t in x[::-1]:"),
    (2, "The state starts from zeros.", "np.zeros(", "np.ones("),
    (2, "The batch is the second axis of x, not the first.", "x.shape[1]", "x.shape[0]"),
]  # fmt: skip
