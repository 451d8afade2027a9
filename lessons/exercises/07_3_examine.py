"""07.3 Find the bug: an exam with the answers in hand

`step(x_t, y_before)` gives a Jordan net's answer (O,). This examination is meant for use, where nobody knows the right
answers d (T, O), and yet it hands them to the net: the reported error is far too good. Repair it: the net is given its
*own* last answer, `first` before the first step. Return the mean of the squared differences to d, over all numbers.

1. In which line does a right answer reach the net? At test time d may be looked at after the exam only.
2. What step t is given is what step t - 1 returned: keep it, y = step(x_t, y), beginning with y = first.
3. y = step(x_t, y); answers.append(y); after the loop return np.mean((np.array(answers) - d) ** 2)
"""

# %% task
import numpy as np


def examine(x, d, step, first):
    answers, before = [], first
    for x_t, d_t in zip(x, d):
        answers.append(step(x_t, before))
        before = d_t
    raise NotImplementedError("TODO 07.3: at test time nobody knows d; return the mean squared error, d for that only")


# %% solution
def examine(x, d, step, first):
    answers, y = [], first
    for x_t in x:
        y = step(x_t, y)
        answers.append(y)
    return np.mean((np.array(answers) - d) ** 2)


# %% check
def cases(rng):
    for T, n_x, n_y in [(5, 2, 2), (6, 3, 1), (1, 2, 3)]:
        U, W = 2 * rng.normal(size=(n_y, n_y)), rng.normal(size=(n_y, n_x))
        net = lambda x, y, U=U, W=W: 1 / (1 + np.exp(-(W @ x + U @ y)))  # noqa: E731
        yield rng.normal(size=(T, n_x)), rng.normal(size=(T, n_y)), net, rng.normal(size=n_y)


SLIPS = [
    (1, "The net is still given the right answers.", "    for x_t in x:\n        y = step(x_t, y)\n",
     "    for x_t, d_t in zip(x, [first, *d]):\n        y = step(x_t, d_t)\n"),
    (1, "Now each step is given its own right answer before it answers.",
     "    for x_t in x:\n        y = step(x_t, y)\n", "    for x_t, d_t in zip(x, d):\n        y = step(x_t, d_t)\n"),
    (2, "Every step is given `first` again: the net remembers nothing.", "step(x_t, y)", "step(x_t, first)"),
    (2, "The first step is given `first`, which need not be zeros.", "answers, y = [], first",
     "answers, y = [], np.zeros_like(first)"),
    (2, "The first step is given `first`, not the first right answer.", "answers, y = [], first",
     "answers, y = [], d[0]"),
    (2, "A guess is not rounded before it is handed on: this net was not made for that.", "y = step(x_t, y)\n",
     "y = step(x_t, np.round(y))\n"),
    (3, "What was handed in is each answer; these are what the steps were given.",
     "        y = step(x_t, y)\n        answers.append(y)\n", "        answers.append(y)\n        y = step(x_t, y)\n"),
    (3, "The mean is asked for, not the sum.", "np.mean", "np.sum"),
    (3, "The differences are squared.", "np.mean((np.array(answers) - d) ** 2)",
     "np.mean(np.abs(np.array(answers) - d))"),
    (3, "All steps count, not the last one alone.", "(np.array(answers) - d) ** 2", "(answers[-1] - d[-1]) ** 2"),
]  # fmt: skip
