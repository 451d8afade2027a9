"""20.2 Find the bug: answers that come late

A tagger is asked `delay` steps later, when it has seen what follows. Its input gets `delay` blanks at the end, so that
it has T + delay steps. Somebody compares its answers with

    np.concatenate([labels, np.full(delay, -1)])

and it learns nothing, without an error. labels is (T,). Return an array (T + delay,): at each step the label that the
net should say there, or -1 where it should say nothing (the loss leaves those out). Do not change labels.

1. At which step is the label of the first token to be said?
2. At step `delay`. The first `delay` steps say nothing, and the last label is said at the very last step.
3. return np.concatenate([np.full(delay, -1), labels])
"""

# %% task
import numpy as np


def late_targets(labels, delay):
    raise NotImplementedError("TODO 20.2: for each of the T + delay steps the label that is to be said there, or -1")


# %% solution
def late_targets(labels, delay):
    targets = np.full(len(labels) + delay, -1)
    targets[delay:] = labels
    return targets


# %% check
def cases(rng):
    for T, delay in [(5, 1), (6, 2), (4, 3), (3, 0)]:
        yield rng.permutation(9)[:T] + 1, delay


SLIPS = [
    (1, "This is the bug: the labels stand where the tokens are read, and nothing is late.", "targets[delay:]",
     "targets[: len(labels)]"),
    (2, "The labels go round: those that fall off the end come first again.",
     "    targets = np.full(len(labels) + delay, -1)\n    targets[delay:] = labels\n    return targets",
     "    return np.roll(np.concatenate([labels, np.full(delay, -1)]), -delay)"),
    (2, "The last labels are cut off: the net has T + delay steps.", "return targets", "return targets[: len(labels)]"),
    (2, "The first steps are missing; there the target is -1.", "return targets", "return targets[delay:]"),
    (3, "Steps without an answer are marked by -1; 0 is a label.", "np.full(len(labels) + delay, -1)",
     "np.zeros(len(labels) + delay, int)"),
    (2, "One step too late.", "targets[delay:] = labels", "targets[delay + 1 :] = labels[:-1]"),
    (3, "The labels are in their old order.", "= labels", "= labels[::-1]"),
    (3, "Steps without an answer stay -1; they do not repeat a label.", "return targets",
     "targets[:delay] = labels[0]\n    return targets"),
]  # fmt: skip
