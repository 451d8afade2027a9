"""Every operation of minigrad as a function of one matrix, for the examiner of lesson 02. Imports minigrad."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import minigrad as mg

# Off every kink and inside every domain; the diagonal is larger than 1, the rest smaller.
X = np.array([[2.3, 0.4, 0.7], [0.5, 2.6, 0.8], [0.9, 0.3, 2.1]])
IDS, PLACES = np.array([2, 0, 1]), np.array([[0, 2, 2], [1, 1, 0], [2, 0, 0]])

PLAIN = (
    "neg exp log sqrt sin cos tanh sigmoid log_sigmoid softplus elu softsign sum mean var max min logsumexp softmax "
    "log_softmax inv det logdet flip permute_dims squeeze"
).split()
KINKED = "relu relu6 leaky_relu abs".split()  # examined on both sides of each kink
PAIRS = "add sub mul div pow matmul linear maximum minimum".split()  # x in both arguments: both rules are examined
NO_SLOPE = {"sign"}  # 0 everywhere
PLUMBING = {"alias", "cast", "residual", "scatter", "sum_to"}  # what the engine itself is made of


def with_rules() -> set[str]:
    """The names of all operations that have rules of their own; the others are made of these."""
    return {name for name, op in mg.tensor.OPS.items() if getattr(op, "rules", None)} - PLUMBING - NO_SLOPE


def trials() -> dict[str, Callable]:
    """name -> function of X. Each calls its operation, with what else it needs filled in."""
    ops = mg.tensor.OPS
    found = {name: ops[name] for name in PLAIN}
    found |= {name: lambda x, op=ops[name]: op(4 * (x - 1)) for name in KINKED}
    found |= {name: lambda x, op=ops[name]: op(x, 3.2 - x * x / 2) for name in PAIRS}
    return found | {
        "clip": lambda x: mg.clip(x, 0.45, 2.2),
        "where": lambda x: mg.where(x > 1, x, x * x),
        "reshape": lambda x: mg.reshape(x, (9,)),
        "broadcast_to": lambda x: mg.broadcast_to(x, (2, 3, 3)),
        "expand_dims": lambda x: mg.expand_dims(x, axis=1),
        "pad": lambda x: mg.pad(x, ((1, 0), (0, 2))),
        "getitem": lambda x: x[[0, 0, 2], ::-1],
        "concat": lambda x: mg.concat([x, x * x], axis=1),
        "stack": lambda x: mg.stack([x, x * x, x]),
        "unstack": lambda x: mg.unstack(x)[1],
        "split": lambda x: mg.split(x, 3)[2],
        "cumsum": lambda x: mg.cumsum(x, axis=1),
        "take": lambda x: mg.take(x, IDS[[0, 1, 0]]),
        "gather": lambda x: mg.gather(x, PLACES, axis=1),
        "scatter_add": lambda x: mg.scatter_add(x, PLACES, x * x, axis=0),
        "einsum": lambda x: mg.einsum("ij,kj->ik", x, x * x),
        "windows": lambda x: ops["windows"](x, size=(2, 2)),
        "overlap_add": lambda x: ops["overlap_add"](mg.reshape(x, (3, 3)), shape=(5,), stride=1),
        "nll": lambda x: mg.nll(x, IDS),
        "cross_entropy": lambda x: mg.cross_entropy(x, IDS),
    }
