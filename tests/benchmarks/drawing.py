"""How long a picture takes: the op-level LSTM over more and more steps, from the graph to the SVG text, the first time
and when the same step was laid out before. Imports viz."""

import time

import viz
from viz import zoo
from viz.place import _solved

REACH = {10: 0.3, 30: 0.3, 100: 0.6, 300: 1.5, 1000: 5.0}  # seconds, the first time


def drawings() -> list[tuple[str, str, str, str]]:
    """(what, measured, reach, note) for each number of steps."""
    rows = []
    for steps, reach in REACH.items():
        loss, net = zoo.build("lstm", steps)
        _solved.cache_clear()
        seconds = []
        for _ in range(2):
            started = time.process_time()
            size = len(viz.draw(loss, net, view="ops").svg())
            seconds.append(time.process_time() - started)
        note = f"{seconds[1]:.2f} s once the step is laid out; {size / 1e6:.1f} MB"
        rows.append((f"SVG of the op-level LSTM over {steps} steps", f"{seconds[0]:.2f} s", f"<= {reach} s", note))
    return rows
