"""11.1 The mean over what is real

losses (T, B) has a loss for each step of each sequence, padded steps too; lengths (B,) says how many are real, the
first ones of each column. Return the mean of the real losses. It must not depend on the padding: not on how much
there is, and not on what stands there, which may be anything, even nan. The losses stay as they are.

1. Step t of sequence b is real if t < lengths[b]. np.arange(T)[:, None] < lengths gives all answers at once, (T, B).
2. Take the real losses out, losses[mask]: then no padded value can come in, while nan * 0 is still nan.
3. return losses[np.arange(len(losses))[:, None] < lengths].mean()
"""

# %% task
import numpy as np


def masked_mean(losses, lengths):
    raise NotImplementedError("TODO 11.1: make the mask from the lengths, and mind by what you divide")


# %% solution
def masked_mean(losses, lengths):
    mask = np.arange(len(losses))[:, None] < lengths
    return losses[mask].mean()


# %% check
def cases(rng):
    for T, lengths in [(4, [4, 1, 2]), (6, [3, 2]), (5, [5, 4, 1])]:
        losses = rng.uniform(0.5, 2, (T, len(lengths)))
        yield losses, np.array(lengths)
    losses[4:, 1] = np.nan
    yield losses, np.array(lengths)


SLIPS = [
    (1, "Padded losses count as well.", "losses[mask].mean()", "losses.mean()"),
    (1, "The mask is one step too long.", "[:, None] < lengths", "[:, None] <= lengths"),
    (1, "The mask is one step too short.", "[:, None] < lengths", "[:, None] < lengths - 1"),
    (1, "That is the mean of the padded losses.", "[:, None] < lengths", "[:, None] >= lengths"),
    (2, "Nothing is 0 times nan. And do you divide by the real steps, or by all?", "losses[mask].mean()",
     "(losses * mask).mean()"),
    (2, "0 times nan is nan: take the real ones out instead.", "losses[mask].mean()",
     "(losses * mask).sum() / mask.sum()"),
    (2, "You divide by all steps: the padding makes the mean small.", "losses[mask].mean()",
     "losses[mask].sum() / losses.size"),
    (3, "The mean is asked for, not the sum.", ".mean()", ".sum()"),
    (3, "That is a mean of means: a short sequence counts as much as a long one. Here each step counts alike.",
     "losses[mask].mean()", "np.mean([losses[:n, b].mean() for b, n in enumerate(lengths)])"),
    (3, "You divide by the number of sequences, not of real steps.", "losses[mask].mean()",
     "losses[mask].sum() / len(lengths)"),
]  # fmt: skip
