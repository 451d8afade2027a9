"""The benchmarks, `python -m tests.benchmarks`: each figure beside its peer, measured in the same run, interleaved,
at one BLAS thread. Prints a table of medians with the spread (quartiles); never a test. Imports minigrad and NumPy."""

import argparse
import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

import minigrad as mg
from minigrad import backend, nn
from minigrad.__main__ import blas_libraries, blas_rows, cpu_flags, memory_rows

from .drawing import drawings
from .engine import memory_of_a_step
from .fused import characters, step_by_step, whole_sequences
from .page import pages
from .trees import batched_trees
from .vectors import skip_gram_update

STEPS, BATCH, INPUT, HIDDEN = 50, 16, 32, 64
DEPTH = 2000
LONG = 100_000


class Row(NamedTuple):
    """One line of the table."""

    what: str
    measured: str
    reach: str
    note: str


# on the host the seconds this process computed, which a busy machine changes least; on a GPU those of the clock
clock = time.perf_counter if backend.name == "cupy" else time.process_time


def timed(f: Callable[[], object]) -> float:
    """Seconds of one call, the device's work included."""
    started = clock()
    f()
    if backend.name == "cupy":
        backend.xp.cuda.Device().synchronize()
    return clock() - started


def interleaved(*functions: Callable[[], object], times: int = 20) -> list[list[float]]:
    """Seconds of each function, called in turn, after one call that does not count."""
    for f in functions:
        f()
    rounds = [[timed(f) for f in functions] for _ in range(times)]
    return [list(column) for column in zip(*rounds)]


def quartiles(values: list[float]) -> tuple[float, float, float]:
    """(lower quartile, median, upper quartile)."""
    low, middle, high = statistics.quantiles(values, n=4)
    return low, middle, high


class BareNode:
    """The least that a tape has to know of an op."""

    __slots__ = ("rule", "saved", "source")

    def __init__(self, rule, saved, source):
        self.rule, self.saved, self.source = rule, saved, source


def slope_of_tanh(g, y):
    return g * (1 - y * y)


def node_cost() -> Row:
    """What recording and pulling one node costs beside its arithmetic."""
    xp = backend.xp
    x0, one = xp.asarray(np.random.default_rng(0).normal(size=(4, 4)).astype("f")), xp.ones((4, 4), dtype="f")

    def ours() -> None:
        y = mg.Tensor(x0, requires_grad=True)
        for _ in range(DEPTH):
            y = mg.tanh(y)
        y.backward(one)

    def by_hand() -> None:
        ys = [x0]
        for _ in range(DEPTH):
            ys.append(xp.tanh(ys[-1]))
        g = one
        for y in reversed(ys[1:]):
            g = g * (1 - y * y)

    def bare() -> None:
        """A tape that knows no names, shapes, scopes, versions, dtypes and errors, and no other op."""
        tape, y = [], x0
        for _ in range(DEPTH):
            y = xp.tanh(y)
            tape.append(BareNode(slope_of_tanh, (y,), len(tape) - 1))
        sums = {len(tape) - 1: one}
        for i in range(len(tape) - 1, -1, -1):
            node, g = tape[i], sums.pop(i)
            pulled = node.rule(g, *node.saved)
            before = sums.get(node.source)
            sums[node.source] = pulled if before is None else before + pulled

    mine, hand, least = interleaved(ours, by_hand, bare)
    low, middle, high = quartiles([(a - b) / DEPTH * 1e6 for a, b in zip(mine, hand)])
    extra = statistics.median([(a - b) / DEPTH * 1e6 for a, b in zip(least, hand)])
    note = f"by hand {statistics.median(hand) / DEPTH * 1e6:.1f} us; quartiles {low:.1f} .. {high:.1f}; "
    return Row(
        f"one node, chain of {DEPTH} tanh on 4x4, forward + backward, minus by hand",
        f"{middle:.1f} us",
        "<= 4 us",
        note + f"a bare tape {extra:.1f} us",
    )


def rnn_by_hand(xs, w, u, b1, b2, gy):
    """A simple recurrent net forward and backward, step by step, as one writes it in NumPy."""
    xp = backend.xp
    hs = [xp.zeros((BATCH, HIDDEN), dtype="f")]
    for x in xs:
        hs.append(xp.tanh(x @ w.T + b1 + hs[-1] @ u.T + b2))
    dw, du, db, dh = xp.zeros_like(w), xp.zeros_like(u), xp.zeros_like(b1), xp.zeros_like(hs[0])
    dxs = []
    for t in reversed(range(STEPS)):
        da = (dh + gy) * (1 - hs[t + 1] * hs[t + 1])
        dw += da.T @ xs[t]
        du += da.T @ hs[t]
        db += da.sum(axis=0)
        dxs.append(da @ w)
        dh = da @ u
    return dw, du, db, dxs


def unrolled_rnn() -> Row:
    """The teaching default, an unrolled simple recurrent net, beside the same by hand."""
    xp, rng = backend.xp, np.random.default_rng(0)
    layer = nn.RNN(INPUT, HIDDEN)
    x = mg.Tensor(rng.normal(size=(STEPS, BATCH, INPUT)), requires_grad=True)
    w, u, b1, b2 = [p.data for p in layer.parameters()]
    gy = xp.ones((BATCH, HIDDEN), dtype="f")

    def ours() -> None:
        layer.zero_grad()
        x.grad = None
        layer(x)[0].sum().backward()

    mine, hand = interleaved(ours, lambda: rnn_by_hand(x.data, w, u, b1, b2, gy))
    ours()
    expected = rnn_by_hand(x.data, w, u, b1, b2, gy)[0]
    difference = float(abs(layer.cells[0].weight_ih.grad.data - expected).max() / abs(expected).max())
    low, middle, high = quartiles([a / b for a, b in zip(mine, hand)])
    note = f"{statistics.median(mine) * 1e3:.1f} ms / {statistics.median(hand) * 1e3:.1f} ms; "
    note += f"quartiles {low:.2f} .. {high:.2f}; gradients differ by {difference:.0e}"
    return Row(
        f"{STEPS}-step RNN B{BATCH} I{INPUT} H{HIDDEN}, forward + backward, unrolled / by hand",
        f"{middle:.2f} x",
        "<= 3 x",
        note,
    )


def long_chain() -> list[Row]:
    """Linear time, no recursion, and nothing left for the cyclic collector."""

    def run(length: int) -> tuple[float, float, float]:
        x = mg.Tensor(np.ones((2, 2)), requires_grad=True)
        started = time.perf_counter()
        y = x
        for _ in range(length):
            y = mg.tanh(y)
        forward = time.perf_counter()
        y.backward(np.ones((2, 2)))
        backward = time.perf_counter()
        del y
        return forward - started, backward - forward, time.perf_counter() - backward

    gc.collect()
    gc.disable()
    try:
        short, full = run(LONG // 10), run(LONG)
        left = sum(type(thing).__name__ == "Node" for thing in gc.get_objects())
    finally:
        gc.enable()
    parts = zip(("forward", "backward"), full, short)
    rows = []
    for name, seconds, tenth in parts:
        note = f"{seconds / (10 * tenth):.2f} x ten times what a tenth of it takes"
        rows.append(Row(f"chain of {LONG:,} ops, {name}", f"{seconds:.2f} s", "< 2 s", note))
    freed = f"in {full[2] * 1e3:.0f} ms with the cyclic collector off"
    return [*rows, Row(f"chain of {LONG:,} ops, nodes left when it is dropped", str(left), "0", freed)]


def import_time() -> Row:
    """`import minigrad` beside `import numpy`, each in a fresh process that times itself."""
    code = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"

    def seconds(module: str, cache: str) -> float:
        env = {**os.environ, "PYTHONPYCACHEPREFIX": cache, "PYTHONDONTWRITEBYTECODE": ""}  # compiled once, as for users
        command = [sys.executable, "-c", code.format(module)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
        return float(done.stdout)

    with tempfile.TemporaryDirectory() as cache:
        pairs = [(seconds("minigrad", cache), seconds("numpy", cache)) for _ in range(16)][1:]
    low, middle, high = quartiles([a / b for a, b in pairs])
    ours, numpys = statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)
    note = f"{ours * 1e3:.0f} ms / {numpys * 1e3:.0f} ms; quartiles {low:.2f} .. {high:.2f}"
    return Row(
        "import minigrad / import numpy", f"{middle:.2f} x", "<= 1.3 x" if backend.name == "numpy" else "-", note
    )


def trees() -> list[Row]:
    """Forests folded by height."""
    return [Row(*row) for row in batched_trees(interleaved)]


def vectors() -> Row:
    """Embeddings, of which an update reads and changes some rows."""
    return Row(*skip_gram_update(interleaved))


def unrolled() -> list[Row]:
    """A training step of an unrolled net: its time, and its memory, where the host can be asked."""
    if backend.name == "cupy":
        return []
    by_hand = characters("by hand, step by step", "<= 2.0 x", step_by_step, interleaved, unroll=True)
    return [Row(*by_hand), Row(*memory_of_a_step())]


def fused() -> list[Row]:
    """Whole sequences in one node."""
    return [Row(*row) for row in whole_sequences(interleaved)]


def pictures() -> list[Row]:
    """Unrolled graphs as SVG, and as a page that plays them."""
    return [Row(*row) for row in [*drawings(), *pages()]]


GROUPS = (node_cost, unrolled_rnn, unrolled, fused, long_chain, trees, vectors, pictures, import_time)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.splitlines()[0])
    names = [make.__name__ for make in GROUPS]
    parser.add_argument("only", nargs="*", help=f"the groups to run: {', '.join(names)} (all)")
    only = parser.parse_args().only
    if unknown := sorted({*only} - {*names}):
        parser.error(f"no group {unknown[0]!r}; there are {', '.join(names)}")
    threads = os.environ.get("OPENBLAS_NUM_THREADS", "not set")
    versions = f"NumPy {np.__version__}, Python {sys.version.split()[0]}"
    print(f"backend {backend.name}, {versions}, OPENBLAS_NUM_THREADS {threads}")
    print("".join(f"{row.label}: {row.text}\n" for row in [*blas_rows(blas_libraries(), cpu_flags()), *memory_rows()]))
    mg.manual_seed(0)
    print(f"{'what':<78} {'measured':>9}  {'reach':<9} note")
    for make in GROUPS:
        made = make() if not only or make.__name__ in only else []
        for row in made if isinstance(made, list) else [made]:
            print(f"{row.what:<78} {row.measured:>9}  {row.reach:<9} {row.note}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
