"""05.2 The loss of one pair

v is the vector of a word (E,), u_true that of its real neighbour (E,), u_noise those of the noise words (K, E). Return
-log sigmoid(u_true . v) plus, for each noise word, -log sigmoid(-u . v).

1. The real pair should have a high score, a noise word a low one: that is the only difference between the two.
2. -log sigmoid(s) is log(1 + exp(-s)), or np.logaddexp(0, -s). The noise scores are u_noise @ v, all at once.
3. return np.logaddexp(0, -u_true @ v) + np.logaddexp(0, u_noise @ v).sum()
"""

# %% task
import numpy as np


def negative_sampling_loss(v, u_true, u_noise):
    raise NotImplementedError("TODO 05.2: -log sigmoid of the real score, -log sigmoid of minus each noise score")


# %% solution
def negative_sampling_loss(v, u_true, u_noise):
    yes = np.logaddexp(0, -(u_true @ v))
    no = np.logaddexp(0, u_noise @ v)
    return yes + no.sum()


# %% check
def cases(rng):
    for noise, dim in ((5, 3), (2, 8), (1, 2)):
        yield rng.normal(size=dim), rng.normal(size=dim), rng.normal(size=(noise, dim))
    yield np.zeros(4), np.zeros(4), np.zeros((3, 4))


SLIPS = [
    (1, "The noise words are pulled near, too: their scores need a minus inside the sigmoid.", "u_noise @ v",
     "-(u_noise @ v)"),
    (1, "The real neighbour is pushed away: its sign is turned.", "-(u_true @ v)", "u_true @ v"),
    (1, "Both signs are turned: this pushes real pairs apart and pulls in the noise.",
     "np.logaddexp(0, -(u_true @ v))\n    no = np.logaddexp(0, u_noise @ v)",
     "np.logaddexp(0, u_true @ v)\n    no = np.logaddexp(0, -(u_noise @ v))"),
    (1, "The noise is left out: then whoever says yes to everything has no loss.", "yes + no.sum()", "yes"),
    (1, "The real pair is left out.", "yes + no.sum()", "no.sum()"),
    (3, "A sum over the noise words, not their mean.", "no.sum()", "no.mean()"),
    (2, "Scores, added up, have no bottom: the logarithm of the sigmoid is missing.", "yes + no.sum()",
     "-(u_true @ v) + (u_noise @ v).sum()"),
    (2, "Probabilities of being wrong are added; their logarithms are asked for.", "yes + no.sum()",
     "1 / (1 + np.exp(u_true @ v)) + (1 / (1 + np.exp(-(u_noise @ v)))).sum()"),
    (3, "One number for the pair and its noise; these are several.", "yes + no.sum()", "yes + no"),
    (2, "A loss is positive; this is the logarithm of the likelihood.", "yes + no.sum()", "-(yes + no.sum())"),
]  # fmt: skip
