"""How long a picture takes: the op-level LSTM over more and more steps, from the graph to the SVG text, the first time
and when the same step was laid out before; and the first picture of nets with larger steps. Imports viz."""

import statistics
import time

import viz
from viz import zoo
from viz.place import _solved

REACH = {10: 0.3, 30: 0.3, 100: 0.6, 300: 1.5, 1000: 5.0}  # seconds, the first time
LARGE = ("peephole", "layer-norm", "gru", "residual", "encoder-decoder")  # over 3 steps, within SECONDS
SECONDS = 1.5


def drawings() -> list[tuple[str, str, str, str]]:
    """(what, measured, reach, note) for each number of steps, and for each net."""
    rows = []
    for steps, reach in REACH.items():
        (first, again), size = _seconds("lstm", steps)
        note = f"{again:.2f} s once the step is laid out; {size / 1e6:.1f} MB"
        rows.append((f"SVG of the op-level LSTM over {steps} steps", f"{first:.2f} s", f"<= {reach} s", note))
    for name in LARGE:
        (first, again), _ = _seconds(name, 3)
        note = f"{again:.2f} s once the step is laid out"
        rows.append((f"SVG of the op-level {name} over 3 steps", f"{first:.2f} s", f"<= {SECONDS} s", note))
    return rows


def _seconds(name: str, steps: int) -> tuple[list[float], int]:
    """Of the first picture (the median of three) and of one more, and how many characters it has."""
    loss, net = zoo.build(name, steps)
    first, again = [], []
    for _ in range(3):
        _solved.cache_clear()
        for seconds in (first, again):
            started = time.process_time()
            size = len(viz.draw(loss, net, view="ops").svg())
            seconds.append(time.process_time() - started)
    return [statistics.median(first), statistics.median(again)], size
