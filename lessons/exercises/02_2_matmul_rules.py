"""02.2 The rules of a matrix product

y = a @ b, with a of shape (n, k) and b of shape (k, m); the gradient g that arrives has the shape of y, (n, m). Return
the gradient for a and the gradient for b. Let the shapes guide you.

1. Each gradient has the shape of its tensor, and is g times *the other one*. Which product of g and b has the shape of
   a?
2. (n, m) times (m, k) is (n, k): so b has to be turned over, and g stands on the left. For b it is the other way round.
3. return g @ b.T, a.T @ g"""


# %% task
def matmul_rules(g, a, b):
    raise NotImplementedError("TODO 02.2: return the gradient for a and the gradient for b")


# %% solution
def matmul_rules(g, a, b):
    return g @ b.T, a.T @ g


# %% check
import numpy as np


def cases(rng):
    for n, k, m in [(3, 3, 3), (2, 3, 4), (1, 5, 1)]:
        yield rng.normal(size=(n, m)), rng.normal(size=(n, k)), rng.normal(size=(k, m))


def judge(result, g, a, b):
    """Each gradient by nudging: sum(g * (a @ b)) is linear in a and in b, so a nudge of 1 is exact."""
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        return "return two gradients: one for a, and one for b"
    for name, got, tensor in [("a", result[0], a), ("b", result[1], b)]:
        if np.shape(got) != tensor.shape:
            return 1, f"the gradient for {name} has the shape {np.shape(got)}, and {name} itself {tensor.shape}"
    for i, j in np.ndindex(a.shape):
        if abs(result[0][i, j] - (slope := g[i] @ b[j])) > 1e-9:
            return 2, f"nudging a[{i}, {j}] gives {slope:.4f}, your gradient for a says {result[0][i, j]:.4f} there"
    for i, j in np.ndindex(b.shape):
        if abs(result[1][i, j] - (slope := a[:, i] @ g[:, j])) > 1e-9:
            return 2, f"nudging b[{i}, {j}] gives {slope:.4f}, your gradient for b says {result[1][i, j]:.4f} there"
    return None


SLIPS = [
    (1, "Each gets g times the other one; you swapped the two.", "g @ b.T, a.T @ g", "a.T @ g, g @ b.T"),
    (2, "b is not turned over.", "g @ b.T", "g @ b"),
    (2, "a is not turned over.", "a.T @ g", "a @ g"),
    (2, "For a, g stands on the left.", "g @ b.T", "b.T @ g"),
    (2, "For b, g stands on the right.", "a.T @ g", "g @ a.T"),
    (1, "What arrives, g, is lost: these are the other ones alone.", "g @ b.T, a.T @ g", "b.T, a.T"),
    (2, "@ and not *: each number of a acts on a whole row of y.", "g @ b.T", "g * b.T"),
    (2, "The gradient for a is turned over.", "g @ b.T", "(g @ b.T).T"),
    (1, "The gradient for b is missing.", "g @ b.T, a.T @ g", "g @ b.T"),
]  # fmt: skip
