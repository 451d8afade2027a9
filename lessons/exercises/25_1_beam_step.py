"""25.1 One step of a beam

Several beginnings stand side by side. log_p (K,) has log P of each of them, and log_next (K, V) the log P of every
letter that may come next, one row for each beginning. Of the K * V beginnings that are one letter longer, keep the
`width` likeliest, best first, or all of them if there are fewer. Return three arrays: from which old beginning each of
them comes, which letter was added, and its log P. (No two are equally likely.)

1. A longer beginning is as likely as the old one times the letter; what does that make of the logarithms? A table
   (K, V) of sums: log_p needs another axis to be added to every column of its row.
2. All rows compete with each other: sort the flat table, np.argsort(-total, axis=None)[:width]. How does one get from a
   place in the flat table back to row and column?
3. total = log_p[:, None] + log_next; best = np.argsort(-total, axis=None)[:width];
   which, letter = np.divmod(best, V), where V is log_next.shape[1]; return which, letter, total[which, letter]
"""


# %% task
import numpy as np


def beam_step(log_p, log_next, width):
    raise NotImplementedError("TODO 25.1: return which (W,), letter (W,) and the new log_p (W,), best first")


# %% solution
def beam_step(log_p, log_next, width):
    total = log_p[:, None] + log_next
    best = np.argsort(-total, axis=None)[:width]
    which, letter = np.divmod(best, log_next.shape[1])
    return which, letter, total[which, letter]


# %% check
def cases(rng):
    for k, v, width in ((3, 5, 4), (1, 6, 3), (4, 3, 4), (2, 3, 9), (5, 4, 1)):
        p = rng.dirichlet(np.ones(v), k)
        yield np.log(rng.uniform(0.05, 0.5, k)), np.log(p), width


SLIPS = [
    (1, "How likely the old beginnings were is forgotten.", "log_p[:, None] + log_next",
     "log_next + 0 * log_p[:, None]"),
    (1, "Probabilities are multiplied, so their logarithms are added.", "log_p[:, None] + log_next",
     "log_p[:, None] * log_next"),
    (1, "The new log P is that of the whole beginning, not that of the letter.", "total[which, letter]",
     "log_next[which, letter]"),
    (2, "Those are the least likely ones.", "np.argsort(-total, axis=None)", "np.argsort(total, axis=None)"),
    (2, "Best first: the likeliest of those that go on is at the end.", "[:width]\n", "[:width][::-1]\n"),
    (2, "All rows compete; here only the best letter of each row does.",
     "    best = np.argsort(-total, axis=None)[:width]\n",
     "    tops = total.argmax(axis=1) + np.arange(len(total)) * total.shape[1]\n"
     "    best = tops[np.argsort(-total.flat[tops])][:width]\n"),
    (3, "Row and column have changed places.", "which, letter = np.divmod", "letter, which = np.divmod"),
    (3, "Places in the flat table are counted from 0.", "np.divmod(best,", "np.divmod(best + 1,"),
    (3, "`width` of them go on, not one more.", "[:width]\n", "[: width + 1]\n"),
]  # fmt: skip
