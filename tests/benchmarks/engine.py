"""The memory of a training step of a long unrolled net beside what its graph saves. Imports minigrad and NumPy."""

import gc
import tracemalloc

import numpy as np

import minigrad as mg
from minigrad.recurrent import Weights, lstm_step, scan
from minigrad.tensor import Tensor

LONG, BATCH, INPUT, SIZE = 1000, 32, 64, 128


def saved_bytes(loss: Tensor) -> int:
    """Bytes of the arrays that the nodes behind a loss keep for their rules, each counted once, leaves left out."""
    nodes = mg.history([loss])
    leaves = {id(x.data) for node in nodes for x in node.inputs if isinstance(x, Tensor)}
    owners = {}
    for array in [a for node in nodes for a in node.saved]:
        owner = array if array.base is None else array.base
        owners[id(owner)] = owner
    return sum(a.nbytes for key, a in owners.items() if key not in leaves)


def memory_of_a_step() -> tuple[str, str, str, str]:
    """(what, measured, reach, note) of forward and backward through a long unrolled LSTM, as tracemalloc sees it."""
    rng = np.random.default_rng(0)
    w = Weights(
        *[Tensor(rng.normal(0, 0.1, s), requires_grad=True) for s in [(4 * SIZE, INPUT), (4 * SIZE, SIZE), (4 * SIZE,)]]
    )
    xs = [Tensor(rng.normal(size=(BATCH, INPUT))) for _ in range(LONG)]

    def loss() -> Tensor:
        state = Tensor(np.zeros((BATCH, SIZE))), Tensor(np.zeros((BATCH, SIZE)))
        ys, _ = scan(lambda x, state: lstm_step(x, state, w), xs, state)
        return mg.stack(ys).sum()

    loss().backward()  # leaves have their gradients now
    gc.collect()
    tracemalloc.start()
    total = loss()
    after = tracemalloc.get_traced_memory()[0]
    kept = saved_bytes(total)
    total.backward()
    height = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    note = f"{height / 1e6:.1f} MB / {kept / 1e6:.1f} MB; {after / 1e6:.1f} MB at the end of the forward pass"
    what = f"LSTM T{LONG} B{BATCH} I{INPUT} H{SIZE}, forward + backward, peak memory / saved arrays"
    return what, f"{height / kept:.2f} x", "<= 1.3 x", note
