"""27.1 All states of a recursive net

children: for each node the numbers of its children, () or a left one or a left and a right one; children come before
their parents. x: for each node its token's vector (I,), or None where there is no token. Return the states (nodes, H)
of h = tanh(V x + U left + W right + b); what is missing counts as 0.

1. Go through the nodes in order: when you reach one, the states of its children are in your list already.
2. Begin each sum with b. Add V @ x only if there is a token, U @ left if there is a child, W @ right if there are two.
3. for k, matrix in zip(below, (U, W)): a = a + matrix @ h[k]; then h.append(np.tanh(a)), and np.array(h) at the end.
"""

# %% task
import numpy as np


def states(children, x, U, V, W, b):
    raise NotImplementedError("TODO 27.1: children come before their parents; what is missing counts as 0")


# %% solution
def states(children, x, U, V, W, b):
    h = []
    for below, token in zip(children, x):
        a = b if token is None else b + V @ token
        for k, matrix in zip(below, (U, W)):
            a = a + matrix @ h[k]
        h.append(np.tanh(a))
    return np.array(h)


# %% check
def cases(rng):
    for children in [[(), (), (0, 1)], [(), (0,), (), (2, 1)], [(), (), (), (1, 2), (0, 3), (4,)]]:
        x = [rng.normal(size=2) if len(below) < 2 else None for below in children]
        yield children, x, *[rng.normal(size=shape) for shape in ((3, 3), (3, 2), (3, 3), 3)]


SLIPS = [
    (1, "Left and right are exchanged: U is for the left child.", "(U, W)", "(W, U)"),
    (1, "Both children get the same weights.", "(U, W)", "(U, U)"),
    (1, "The right child is lost.", "(U, W)", "(U,)"),
    (1, "The states of the last nodes are taken, not those of the children.", "h[k]", "h[-1]"),
    (2, "The bias belongs to every node, also to one with a token.", "else b + V @ token", "else V @ token"),
    (2, "A node without a token still has its bias.", "a = b if token", "a = 0 * b if token"),
    (2, "Only the last child counts: the sum is overwritten.", "a = a + matrix", "a = b + matrix"),
    (3, "The tanh is missing.", "np.tanh(a)", "a"),
    (3, "All states are asked for, not the root's alone.", "np.array(h)", "h[-1]"),
]  # fmt: skip
