"""03.4 One pass in mini-batches

Return a list of mini-batches, pairs (rows of X, their answers from y), for one pass over the examples in an order drawn
from rng. Every example comes once, with its own answer; each batch has `size` of them, the last one what is left over.

1. Draw one order for both: rng.permutation(len(X)). Two shuffles would give the examples foreign answers.
2. for start in range(0, len(X), size): rows = order[start : start + size]. A slice that reaches beyond the end is just
   shorter.
3. batches.append((X[rows], y[rows])) in that loop
"""


# %% task
def mini_batches(X, y, size, rng):
    raise NotImplementedError("TODO 03.4: draw an order of the rows; cut it into pieces of this size")


# %% solution
def mini_batches(X, y, size, rng):
    order = rng.permutation(len(X))
    batches = []
    for start in range(0, len(X), size):
        rows = order[start : start + size]
        batches.append((X[rows], y[rows]))
    return batches


# %% check
import numpy as np


def cases(rng):
    for count, size in ((60, 20), (50, 16), (33, 1), (40, 100)):
        numbers = np.arange(count)
        own = np.random.default_rng(rng.integers(2**32))
        yield numbers[:, None] + np.array([0.0, 1000.0]), numbers * 1.0, size, own


def judge(batches, X, y, size, rng):
    if not isinstance(batches, list) or not all(len(batch) == 2 for batch in batches):
        return 3, "a list of pairs (rows of X, their answers)"
    rows, answers = (np.concatenate([np.asarray(batch[i]) for batch in batches]) for i in (0, 1))
    if rows.ndim != 2 or rows.shape[1] != X.shape[1]:
        return 3, f"the rows of X have the shape {rows.shape} all together, not {X.shape}"
    times = np.bincount(rows[:, 0].astype(int), minlength=len(X))
    if len(answers) != len(rows) or (rows[:, 0] != answers).any():
        return 1, "an example has the answer of another one"
    if times.min() == 0:
        return 2, f"{(times == 0).sum()} of {len(X)} examples never come"
    if times.max() > 1:
        return 2, f"an example comes {times.max()} times in one pass"
    if [len(batch[0]) for batch in batches] != [min(size, len(X) - at) for at in range(0, len(X), size)]:
        return 2, f"batches of {[len(batch[0]) for batch in batches][:6]} ... examples; the size asked for is {size}"
    if (np.diff(answers) == 1).mean() > 0.5 or (np.diff(answers) == -1).mean() > 0.5:
        return 1, "the order is not drawn: the examples come as they lie"
    return None


SLIPS = [
    (1, "They come as they lie, the same way in every pass. Sorted data would be unlearned and learned in turn.",
     "rng.permutation(len(X))", "list(range(len(X)))"),
    (1, "X and y are shuffled apart: the examples get foreign answers.", "(X[rows], y[rows])",
     "(X[rows], y[rng.permutation(len(X))[start : start + size]])"),
    (1, "The answers are not shuffled along.", "(X[rows], y[rows])", "(X[rows], y[start : start + size])"),
    (2, "With rng.integers some examples come twice and others never; a pass shows each once.",
     "rng.permutation(len(X))", "rng.integers(0, len(X), len(X))"),
    (2, "The last batch is dropped when it is not full: some examples do not come.", "range(0, len(X), size)",
     "range(0, len(X) - size + 1, size)"),
    (2, "Neighbouring batches share an example: a slice ends before its end.", "start : start + size",
     "start : start + size + 1"),
    (2, "One example is lost between two batches: a slice ends before its end, so no - 1.", "start : start + size",
     "start : start + size - 1"),
    (2, "One batch of everything: nothing is cut.", "    return batches", "    return [(X[order], y[order])]"),
    (3, "The first batch is returned and the others are not.", "    return batches", "    return batches[:1]"),
    (3, "The answers are missing: pairs are asked for.", "(X[rows], y[rows])", "X[rows]"),
]  # fmt: skip
