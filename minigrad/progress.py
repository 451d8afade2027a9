"""How far a long task is: a bar on a terminal, lines elsewhere. Imports nothing of minigrad."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Sequence
from typing import Any

__all__ = ["Progress"]

LINE_SECONDS = 2.0  # between two lines, where there is no bar
BAR_SECONDS = 0.1  # between two changes of the bar
SMOOTH = 0.98  # of the loss that is shown, the share that stays in an update


class Progress:
    """`with Progress(updates, "loss", wanted=True) as bar:` a rich bar on a terminal; without rich, or where the output
    goes elsewhere, a plain line every two seconds. begun: what an earlier run has done. unit: what is counted."""

    def __init__(self, total: int, describe: str, wanted: bool, begun: int = 0, unit: str = "updates"):
        self.total, self.describe, self.wanted, self.unit = total, describe, wanted, unit
        self.bar = _rich_bar(total, unit) if wanted and sys.stdout is not None and sys.stdout.isatty() else None
        self.smooth, self.seen, self.done, self.begun = 0.0, 0, begun, begun
        self.started = self.shown = time.perf_counter()

    def __enter__(self) -> Progress:
        if self.bar is not None:
            self.bar.start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self.bar is not None:
            self.bar.stop()
        elif self.shown > self.started:
            self._line(time.perf_counter() - self.started)

    def show(self, done: int, losses: Sequence[float] = ()) -> None:
        """Called after each update, or what else is counted; shows something when it is time."""
        now = time.perf_counter()
        wait = LINE_SECONDS if self.bar is None else BAR_SECONDS
        self.done = done
        if not self.wanted or (now - self.shown < wait and done < self.total):
            return
        for loss in losses[self.seen :]:
            self.smooth += (loss - self.smooth) * max(1 - SMOOTH, 1 / (self.seen + 1))
            self.seen += 1
        if self.bar is not None:
            self.bar.update(self.bar.task_ids[0], completed=done, description=self._text())
        elif done < self.total:
            self._line(now - self.started)
        else:
            return
        self.shown = now

    def _text(self) -> str:
        bits = f" = {self.smooth / math.log(2):.3f} bits per symbol" if self.describe == "bits" else ""
        return f"loss {self.smooth:.4g}{bits}" if self.seen else ""

    def _line(self, seconds: float) -> None:
        left = seconds / max(1, self.done - self.begun) * (self.total - self.done)
        parts = [f"{self.done}/{self.total} {self.unit}", self._text(), f"{seconds:.0f} s", f"{left:.0f} s left"]
        print(", ".join(filter(None, parts)), flush=True)


def _rich_bar(total: int, unit: str) -> Any:
    """A rich progress bar with its one task, or None where rich is missing."""
    try:
        from rich import progress as rich
    except ImportError:
        return None
    bar = rich.Progress(
        rich.BarColumn(), rich.MofNCompleteColumn(), rich.TextColumn(unit), rich.TextColumn("{task.description}"),
        rich.TimeRemainingColumn(),
    )  # fmt: skip
    bar.add_task("", total=total)
    return bar
