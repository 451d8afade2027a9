"""03.1 Find the bug: softmax over one column

The slide's prediction, with X of shape (examples, features) and beta of shape (features, 1). It always says 1. Repair
it: return the probability of a yes for each row of X, shape (examples, 1). Scores may be 1000 or -1000.

1. A softmax makes each row add up to 1, and a row of one number has no choice. Another function turns one score into a
   probability.
2. The sigmoid of a score z is 1 / (1 + exp(-z)).
3. return 1 / (1 + np.exp(-(X @ beta)))
"""

# %% task
import numpy as np


def predictions(X, beta):
    # e = np.exp(X @ beta); return e / e.sum(axis=1, keepdims=True)
    raise NotImplementedError("TODO 03.1: the probability of a yes for each row of X")


# %% solution
def predictions(X, beta):
    return 1 / (1 + np.exp(-(X @ beta)))


# %% check
def cases(rng):
    for rows in (5, 1):
        yield rng.normal(size=(rows, 3)), rng.normal(size=(3, 1))
    yield np.array([[1000.0, 1.0], [-1000.0, 1.0], [0.0, 0.0]]), np.array([[1.0], [0.5]])


SLIPS = [
    (1, "Every prediction is 1: this is the slip of the slide.", "1 / (1 + np.exp(-(X @ beta)))",
     "np.ones((len(X), 1))"),
    (1, "Now the predictions of all rows add up to 1: a softmax along the other axis. Each row asks for itself.",
     "return 1 / (1 + np.exp(-(X @ beta)))", "e = np.exp(X @ beta)\n    return e / e.sum(axis=0, keepdims=True)"),
    (2, "This is the probability of a no: the minus before the score is missing.", "-(X @ beta)", "(X @ beta)"),
    (2, "Odds, not a probability: the 1 below the line is missing.", "(1 + np.exp(-(X @ beta)))",
     "np.exp(-(X @ beta))"),
    (2, "tanh lies between -1 and 1, a probability between 0 and 1.", "1 / (1 + np.exp(-(X @ beta)))",
     "np.tanh(X @ beta)"),
    (2, "exp(z) / (1 + exp(z)) is right on paper; exp(1000) is infinite, and infinity by infinity is no number.",
     "1 / (1 + np.exp(-(X @ beta)))", "np.exp(X @ beta) / (1 + np.exp(X @ beta))"),
    (3, "Answers, yes or no: the probabilities are asked for.", "1 / (1 + np.exp(-(X @ beta)))",
     "(X @ beta > 0) * 1.0"),
    (3, "These are the scores; they still have to become probabilities.", "1 / (1 + np.exp(-(X @ beta)))", "X @ beta"),
    (3, "The shape (examples, 1) is asked for, as the slide has it.", "1 / (1 + np.exp(-(X @ beta)))",
     "1 / (1 + np.exp(-(X @ beta)[:, 0]))"),
]  # fmt: skip
