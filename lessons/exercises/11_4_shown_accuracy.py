"""11.4 Predict: the accuracy on the log

A batch has `real` steps and `padded` ones. All padded steps have the label 0, and the net has learned to answer 0
there: it is right on every one of them. It is right on `right` of the real steps. Nobody uses a mask. Which accuracy,
a share from 0 to 1, does the log show?

1. Accuracy is right answers through all answers. Without a mask, which steps are counted?
2. Right are `right` real ones and all padded ones; counted are all real and all padded ones.
3. return (right + padded) / (real + padded)
"""


# %% task
def shown_accuracy(real, right, padded):
    raise NotImplementedError("TODO 11.4: `real` steps of which `right` are right, and `padded` ones, all counted")


# %% solution
def shown_accuracy(real, right, padded):
    counted = real + padded
    return (right + padded) / counted


# %% check
def cases(rng):
    yield 100, 50, 900
    for _ in range(3):
        real = int(rng.integers(50, 100))
        yield real, int(rng.integers(10, 40)), int(rng.integers(110, 300))


SLIPS = [
    (1, "That is the true accuracy; the log shows another one, since nobody uses a mask.",
     "(right + padded) / counted", "right / real"),
    (2, "The padded steps count as right answers, too.", "(right + padded) / counted", "right / counted"),
    (2, "The padded steps are counted below as well.", "real + padded", "real"),
    (2, "The net is right on all padded steps, whatever it does on the real ones.", "(right + padded) / counted",
     "right / real * padded / counted"),
    (2, "That is the share of padding.", "(right + padded) / counted", "padded / counted"),
    (3, "A share from 0 to 1, not in percent.", "(right + padded) / counted", "100 * (right + padded) / counted"),
    (3, "That is the share of wrong answers.", "(right + padded) / counted", "(real - right) / counted"),
    (3, "Those are wrong real ones that are counted as right.", "(right + padded) / counted",
     "(real - right + padded) / counted"),
]  # fmt: skip
