"""18.1 Dropout

x is an array (N, H), the activations of a layer, and u an array of the same shape with random numbers from 0..1. In
training drop each element with probability p, namely where u < p, so that the *mean* over many u stays what it was. In
use, training=False, return x as it is. The arrays that you are given stay as they are.

1. An element survives where u >= p. Of survivors there is a share 1 - p: what must each be multiplied by, if the mean
   is to stay?
2. By 1 / (1 - p), in training. The net has then seen in training what it will get in use, on average, so in use there
   is nothing to do, not even to scale.
3. return x * (u >= p) / (1 - p) if training else x
"""


# %% task
def dropout(x, u, p, training):
    raise NotImplementedError("TODO 18.1: drop where u < p, scale what is left, and mind `training`")


# %% solution
def dropout(x, u, p, training):
    if not training:
        return x
    return x * (u >= p) / (1 - p)


# %% check
def cases(rng):
    for p in (0.2, 0.3, 0.7):
        yield rng.normal(size=(3, 4)), rng.random((3, 4)), p, True
        yield rng.normal(size=(3, 4)), rng.random((3, 4)), p, False


SLIPS = [
    (1, "The survivors are not scaled: the next layer gets too little in training.", " / (1 - p)", ""),
    (1, "That divides by the share that is dropped; the share that survives is 1 - p.", "/ (1 - p)", "/ p"),
    (1, "The survivors must become larger, not smaller.", "/ (1 - p)", "* (1 - p)"),
    (1, "p is the probability to drop, not to keep: that is the other library's keep_prob.", "(u >= p) / (1 - p)",
     "(u < p) / p"),
    (1, "It drops where u >= p, with probability 1 - p.", "(u >= p)", "(u < p)"),
    (2, "In use nothing is dropped; `training` is not looked at.", "if not training:", "if p == 0:"),
    (2, "Turned over: it drops in use, and not in training.", "if not training:", "if training:"),
    (2, "Scaled in training AND in use: once is enough.", "return x\n", "return x * (1 - p)\n"),
    (2, "That is the older form, scaled in use in place of training; here it is done in training.",
     "        return x\n    return x * (u >= p) / (1 - p)", "        return x * (1 - p)\n    return x * (u >= p)"),
    (3, "The dropped ones are to be 0, and the survivors scaled; that only shrinks all alike.",
     "x * (u >= p) / (1 - p)", "x * (1 - p)"),
    (3, "One number of u decides for a whole row: each element is dropped by itself.", "(u >= p)", "(u[:, :1] >= p)"),
]  # fmt: skip
