"""28.1 Soft labels

The loss of a student at temperature t, in NumPy. student and teacher are scores (N, V), at N letters. Divide both by
t and take the softmax: q of the student, p of the teacher. The loss is the mean over the N letters of the
Kullback-Leibler divergence, sum over V of p * log(p / q), times t * t. (The gradient of the divergence shrinks like 1
/ t^2, which the factor sets right: then t can be changed, and the learning rate need not be.) Scores may be large,
such as 3000.

1. log softmax of z is z - max - log(sum(exp(z - max))), along the last axis; subtracting the maximum keeps exp small.
   Who sets the example, p or q?
2. p = exp(log_p), and the divergence of a letter is (p * (log_p - log_q)).sum(axis=-1). The weights are the teacher's.
3. log_p, log_q = log_softmax(teacher / t), log_softmax(student / t);
   return t * t * (np.exp(log_p) * (log_p - log_q)).sum(axis=-1).mean()
"""

# %% task
import numpy as np


def distil(student, teacher, t):
    raise NotImplementedError("TODO 28.1: t * t times the mean over N of KL(teacher | student), both softened")


# %% solution
def distil(student, teacher, t):
    def log_softmax(z):
        z = z - z.max(axis=-1, keepdims=True)
        return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))

    log_p, log_q = log_softmax(teacher / t), log_softmax(student / t)
    return t * t * (np.exp(log_p) * (log_p - log_q)).sum(axis=-1).mean()


# %% check
def cases(rng):
    yield np.array([[0.0, 0.0]]), np.array([[0.0, np.log(3)]]), 1.0
    for n, v, t in ((1, 3, 1.0), (4, 5, 1.0), (3, 6, 2.0), (5, 4, 8.0), (2, 7, 0.5)):
        yield rng.normal(size=(n, v)) * 2, rng.normal(size=(n, v)) * 2, t
    yield rng.normal(size=(3, 4)) + 3000, rng.normal(size=(3, 4)) - 3000, 2.0


SLIPS = [
    (3, "The factor t * t is missing: at t = 8 hardly anything would be learned.", "t * t * (np", "(np"),
    (3, "The gradient shrinks like 1 / t^2, so once t is not enough.", "t * t * (np", "t * (np"),
    (2, "The teacher sets the weights: p in front, not q.", "np.exp(log_p)", "np.exp(log_q)"),
    (2, "That is the divergence the wrong way round, and comes out negative: log_p - log_q.", "(log_p - log_q)",
     "(log_q - log_p)"),
    (2, "That is the cross-entropy; take off the teacher's own entropy, so that it is 0 when both agree.",
     "(log_p - log_q)", "-log_q"),
    (3, "Both are softened, the teacher, too.", "log_softmax(teacher / t)", "log_softmax(teacher)"),
    (3, "Both are softened, the student, too.", "log_softmax(student / t)", "log_softmax(student)"),
    (1, "Divided, not multiplied: a large t makes it soft.", "log_softmax(teacher / t), log_softmax(student / t)",
     "log_softmax(teacher * t), log_softmax(student * t)"),
    (1, "exp of 1500 is infinite: subtract the maximum first.", "z - z.max(axis=-1, keepdims=True)", "z"),
    (2, "A sum over the V classes, then the mean over the N letters.", ".sum(axis=-1).mean()", ".mean()"),
]  # fmt: skip
