"""The training loop: update after update until all are done, validation gets no better, the loss breaks, or somebody
presses Ctrl-C. What is learned, and from what, it is given as functions. Imports optim, checkpoint and below."""

from __future__ import annotations

import math
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy

from . import checkpoint
from .backend import is_host, to_host, xp
from .errors import NonFiniteGradient, ShapeError
from .graph import history, no_grad
from .optim import Optimizer, Schedule, clip_grad_norm
from .tensor import Tensor

__all__ = ["History", "fit"]

LINE_SECONDS = 2.0  # between two lines, where there is no bar
LOOK_SECONDS = 0.1  # between two looks at the loss on a GPU, and two changes of the bar
SMOOTH = 0.98  # of the loss that is shown, the share that stays in an update


@dataclass
class History:
    """What a training run did.

    losses: one for each update, as loss_of gave them (nats, for a cross-entropy). validation: (updates done, value)
    pairs. best: the pair with the lowest value. seconds: of the whole run. stopped_because: in words.
    """

    losses: list[float] = field(default_factory=list)
    validation: list[tuple[int, float]] = field(default_factory=list)
    best: tuple[int, float] | None = None
    seconds: float = 0.0
    stopped_because: str = ""


def fit(
    loss_of: Callable[..., Any],
    batches: Iterable[Any] | Callable[[], Iterable[Any]],
    optimizer: Optimizer,
    updates: int,
    *,
    carry: bool = False,
    clip: float | Callable[[list[Tensor]], Any] | None = None,
    schedule: Schedule | None = None,
    validate: Callable[[], Any] | None = None,
    every: int | None = None,
    patience: int | None = None,
    at: Mapping[int, Callable[[int], Any]] | None = None,
    model: Any = None,
    save: Any = None,
    describe: str = "loss",
    progress: bool = True,
) -> History:
    """Train: loss_of(batch) -> scalar Tensor, backward, clip, step, `updates` times. Returns the History.

    batches: gone through again and again; or a function that gives those of the next pass. Empty ones are left out.
    carry: loss_of(batch, state) -> (loss, state), for truncated BPTT. The state (a Tensor, or tuples, lists, dicts of
        them) is detached between batches, and None where a pass begins or batch.first is true.
    clip: the largest global norm of the gradients, or a function of the list of parameters.
    validate: () -> a number, lower is better; called after each `every` updates (a tenth of all) and at the end.
    patience: so many validations in a row without a new best end the run; the best weights are put back at its end.
    at: {n: f}; f(n) is called when n updates are done, for example to draw a sample.
    model: a Module; in eval() mode inside validate, which also records nothing, and inside the functions of `at`.
    save: a file for the model's best weights (the last ones, without validate).
    describe: "bits" shows loss / ln 2, too, as bits per character. progress=False shows nothing.

    A nan or inf in the loss or a gradient ends the run before it reaches a parameter, Ctrl-C ends it between two
    updates: stopped_because says so, and what was done so far is returned. Warns when the recorded graph keeps growing.
    Raises TypeError or ValueError for arguments that make no sense, with save ImportError or OSError before training.
    """
    _check(batches, updates, every, patience, validate, at, model, save, describe)
    run = _Run(optimizer, validate, every or max(1, updates // 10), patience, model, save)
    at, state, stream, reason = at or {}, None, _endless(batches), f"all {updates} updates are done"
    try:
        with _CtrlC() as ctrl_c, _Progress(updates, describe, progress) as bar:
            run.set_training(True)
            run.call(at.get(0))
            while run.done < updates and not run.stopped:
                batch, fresh = next(stream, (None, None))
                if fresh is None:
                    reason = f"the batches ended after {run.done} updates"
                    break
                result = loss_of(batch, None if fresh else state) if carry else loss_of(batch)
                loss, state = _unpacked(result, carry)
                if run.breaks(loss):
                    break
                optimizer.zero_grad()
                loss.backward()
                if clip is not None:
                    _clip(clip, optimizer)
                with ctrl_c.held():
                    optimizer.step()
                    if schedule is not None:
                        schedule.step()
                    run.done += 1
                bar.show(run.done, run.history.losses)
                run.validate_if_due()
                run.call(at.get(run.done))
            run.finish(reason)
    except KeyboardInterrupt:
        optimizer.zero_grad()
        run.stopped = f"interrupted after {run.done} updates"
    except NonFiniteGradient as error:
        run.stopped = f"{error} (update {run.done + 1}; {run.last_finite()})"
    finally:
        run.set_training(run.training)
    return run.close()


class _Run:
    """What fit keeps in hand while it loops."""

    def __init__(self, optimizer: Optimizer, validate: Any, every: int, patience: int | None, model: Any, save: Any):
        self.optimizer, self.validate, self.every, self.patience = optimizer, validate, every, patience
        self.model, self.save, self.training = model, save, getattr(model, "training", None)
        self.history, self.done, self.stopped, self.started = History(), 0, "", time.perf_counter()
        self.pending: list[Any] = []  # losses of updates that were not looked at yet
        self.looked, self.skipped = self.started, _whole(optimizer.skipped)
        self.sizes: list[int] = []  # of the graph, at updates 1, 2, 4, 8, ...
        self.best_weights: list[Any] | None = None

    def set_training(self, mode: bool | None) -> None:
        if self.model is not None:
            self.model.train(mode)

    def call(self, f: Callable[[int], Any] | None) -> None:
        """A function of the user's between two updates."""
        if f is not None and not self.look():
            self.set_training(False)
            f(self.done)
            self.set_training(True)

    # ---- the loss
    def breaks(self, loss: Tensor) -> bool:
        """Take note of the loss of the next update. True if it, or one before it, is nan or inf."""
        self._watch_growth(loss)
        self.pending.append(loss.data.reshape(()))
        now = time.perf_counter()
        if is_host(loss.data) or now - self.looked >= LOOK_SECONDS:
            self.looked = now
            return self.look()
        return False

    def look(self) -> bool:
        """Read the losses that were not read yet (waits for a GPU). True if training has to stop."""
        if self.pending:
            values = to_host(xp.stack(self.pending)).ravel().tolist()
            self.pending.clear()
            good = next((i for i, value in enumerate(values) if not math.isfinite(value)), len(values))
            self.history.losses += values[:good]
            if good < len(values):
                at = len(self.history.losses) + 1
                self.stopped = f"the loss became {values[good]} at update {at}; {self.last_finite()}; {self._worst()}"
            elif _whole(self.optimizer.skipped) > self.skipped and not self.optimizer.skip_nonfinite:
                self.stopped = f"a gradient became nan or inf by update {self.done}; {self.last_finite()}"
        return bool(self.stopped)

    def last_finite(self) -> str:
        losses = self.history.losses
        return f"the last finite loss is {losses[-1]:.4g}, of update {len(losses)}" if losses else "no loss was finite"

    def _worst(self) -> str:
        """The parameter with the largest gradient in the update before, or one that holds nan or inf."""
        worst, size = "", -1.0
        for name, p in self.optimizer.params.items():
            for what, t in (("values", p), ("last gradient", p.grad)):
                if t is None:
                    continue
                largest = float(numpy.abs(to_host(t.data)).max(initial=0.0))
                if not math.isfinite(largest):
                    return f"the {what} of {p.name or f'parameter {name}'} hold{'s' * (t is not p)} nan or inf"
                if t is not p and largest > size:
                    worst, size = p.name or f"parameter {name}", largest
        return f"the largest gradient before was in {worst}: {size:.3g}" if worst else "no gradient was computed before"

    def _watch_growth(self, loss: Tensor) -> None:
        n = self.done + 1
        if n & (n - 1) or self.sizes[-1:] == [-1]:
            return
        self.sizes.append(len(history([loss])))
        last = self.sizes[-5:]
        if len(last) == 5 and last == sorted(set(last)) and last[-1] > 2 * last[0]:
            warnings.warn(
                f"the recorded graph grew from {last[0]} to {last[-1]} nodes by update {n}: something kept across "
                "updates holds on to its history. Detach it (state = state.detach()), or use carry=True",
                stacklevel=4,
            )
            self.sizes.append(-1)

    # ---- validation
    def validate_if_due(self, last: bool = False) -> None:
        due = self.done % self.every == 0 or last
        done_already = bool(self.history.validation) and self.history.validation[-1][0] == self.done
        if self.validate is None or not due or done_already or self.look():
            return
        self.set_training(False)
        with no_grad():
            value = float(self.validate())
        self.set_training(True)
        self.history.validation.append((self.done, value))
        best = self.history.best
        if not math.isnan(value) and (best is None or value < best[1]):
            best = self.history.best = (self.done, value)
            self.best_weights = [p.data.copy() for p in self.optimizer.params.values()]
            self._save({"update": self.done, "validation": value})
        since = sum(best is None or update > best[0] for update, _ in self.history.validation)
        if self.patience is not None and since >= self.patience:
            was = "none was a number" if best is None else f"the best was {best[1]:.4g} after {best[0]} updates"
            self.stopped = f"no better validation in {since} checks; {was}"

    def _save(self, metadata: dict[str, Any]) -> None:
        if self.save is not None:
            checkpoint.save(self.save, self.model.state_dict(), metadata)

    # ---- the end
    def finish(self, reason: str) -> None:
        if not self.look():
            self.validate_if_due(last=True)
            self.stopped = reason

    def close(self) -> History:
        reason = self.stopped
        self.look()
        self.history.stopped_because = reason or self.stopped
        del self.history.losses[self.done :]  # the loss of an update that was begun and not done
        if self.patience is not None and self.best_weights is not None:
            for p, weights in zip(self.optimizer.params.values(), self.best_weights):
                p.data = weights
        if self.validate is None:
            self._save({"update": self.done})
        self.history.seconds = time.perf_counter() - self.started
        return self.history


def _whole(count: Any) -> int:
    return int(to_host(count)) if hasattr(count, "dtype") else count


# ---------------------------------------------------------------- arguments


def _check(
    batches: Any, updates: Any, every: Any, patience: Any, validate: Any, at: Any, model: Any, save: Any, describe: str
) -> None:
    for name, value, least in (("updates", updates, 0), ("every", every, 1), ("patience", patience, 1)):
        if value is None and name != "updates":
            continue
        if isinstance(value, bool) or not isinstance(value, (int, numpy.integer)) or value < least:
            raise ValueError(f"fit: {name} must be a whole number of at least {least}, not {value!r}")
    if validate is None and (every is not None or patience is not None):
        raise ValueError("fit: every and patience need validate=, a function that returns a number")
    if wrong := [n for n in at or {} if not (isinstance(n, int) and 0 <= n <= updates)]:
        raise ValueError(f"fit: at={wrong[0]!r} is never reached; updates go from 0 to {updates}")
    if describe not in ("loss", "bits"):
        raise ValueError(f"fit: describe must be 'loss' or 'bits', not {describe!r}")
    if not callable(batches) and not isinstance(batches, Iterable):
        raise TypeError(f"fit: batches must be an iterable or a function that returns one, not {batches!r}")
    if save is not None:
        if model is None:
            raise ValueError("fit: save= needs model=, whose weights are saved")
        checkpoint.check_writable(save)


def _endless(batches: Any) -> Iterator[tuple[Any, bool]]:
    """(batch, does it begin with a fresh state?), pass after pass; an iterator has one pass."""
    while True:
        begun = False
        for batch in batches() if callable(batches) else batches:
            parts = batch if isinstance(batch, (tuple, list)) else (batch,)
            if any(getattr(part, "size", 1) == 0 for part in parts):
                continue
            yield batch, not begun or bool(getattr(batch, "first", False))
            begun = True
        if not callable(batches) and iter(batches) is batches:
            return
        if not begun:
            raise ValueError("fit: there is no batch with anything in it")


def _unpacked(result: Any, carry: bool) -> tuple[Tensor, Any]:
    """(loss, detached state) from what loss_of returned."""
    if carry and not (isinstance(result, tuple) and len(result) == 2):
        raise TypeError(f"fit: with carry=True loss_of returns (loss, state), not a {type(result).__name__}")
    loss, state = result if carry else (result, None)
    if not isinstance(loss, Tensor):
        hint = "; for (loss, state) set carry=True" if isinstance(loss, tuple) else ""
        raise TypeError(f"fit: loss_of must return a Tensor, not a {type(loss).__name__}{hint}")
    if loss.size != 1:
        raise ShapeError(f"fit: the loss has shape {loss.shape}; reduce it to one number, with .sum() or .mean()")
    return loss, _detached(state)


def _detached(state: Any) -> Any:
    if isinstance(state, Tensor):
        return state.detach()
    if isinstance(state, dict):
        return {key: _detached(value) for key, value in state.items()}
    if isinstance(state, (tuple, list)):
        inside = [_detached(value) for value in state]
        return type(state)(*inside) if hasattr(state, "_fields") else type(state)(inside)
    return state


def _clip(clip: Any, optimizer: Optimizer) -> None:
    params = list(optimizer.params.values())
    if callable(clip):
        clip(params)
    else:
        clip_grad_norm(params, clip, skip_nonfinite=optimizer.skip_nonfinite)


# ---------------------------------------------------------------- Ctrl-C


class _CtrlC:
    """Inside `with self.held():` Ctrl-C waits for the end of the block, so that no update is left half done.

    Only while fit runs, only in the main thread, and not where somebody has a handler of their own.
    """

    def __init__(self) -> None:
        self.holding = self.pressed = False
        usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler
        self.ours = usual and threading.current_thread() is threading.main_thread()

    def __enter__(self) -> _CtrlC:
        if self.ours:
            signal.signal(signal.SIGINT, self._pressed)
        return self

    def __exit__(self, *exc: object) -> None:
        if self.ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _pressed(self, *args: object) -> None:
        if not self.holding:
            raise KeyboardInterrupt
        self.pressed = True

    @contextmanager
    def held(self) -> Iterator[None]:
        self.holding = True
        try:
            yield
        finally:
            self.holding = False
        if self.pressed:
            raise KeyboardInterrupt


# ---------------------------------------------------------------- what is shown


class _Progress:
    """A rich bar on a terminal; without rich, or where the output goes elsewhere, a plain line every two seconds."""

    def __init__(self, updates: int, describe: str, wanted: bool):
        self.updates, self.describe, self.wanted = updates, describe, wanted
        self.bar = _rich_bar(updates) if wanted and sys.stdout is not None and sys.stdout.isatty() else None
        self.smooth, self.seen, self.done = 0.0, 0, 0
        self.started = self.shown = time.perf_counter()

    def __enter__(self) -> _Progress:
        if self.bar is not None:
            self.bar.start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self.bar is not None:
            self.bar.stop()
        elif self.shown > self.started:
            self._line(time.perf_counter() - self.started)

    def show(self, done: int, losses: list[float]) -> None:
        """Called after each update; shows something when it is time."""
        now = time.perf_counter()
        wait = LINE_SECONDS if self.bar is None else LOOK_SECONDS
        self.done = done
        if not self.wanted or (now - self.shown < wait and done < self.updates):
            return
        for loss in losses[self.seen :]:
            self.smooth += (loss - self.smooth) * max(1 - SMOOTH, 1 / (self.seen + 1))
            self.seen += 1
        if self.bar is not None:
            self.bar.update(self.bar.task_ids[0], completed=done, description=self._text())
        elif done < self.updates:
            self._line(now - self.started)
        else:
            return
        self.shown = now

    def _text(self) -> str:
        bits = f" = {self.smooth / math.log(2):.3f} bits per character" if self.describe == "bits" else ""
        return f"loss {self.smooth:.4g}{bits}" if self.seen else ""

    def _line(self, seconds: float) -> None:
        left = seconds / self.done * (self.updates - self.done)
        print(f"{self.done}/{self.updates} updates, {self._text()}, {seconds:.0f} s, {left:.0f} s left", flush=True)


def _rich_bar(updates: int) -> Any:
    """A rich progress bar with its one task, or None where rich is missing."""
    try:
        from rich import progress as rich
    except ImportError:
        return None
    bar = rich.Progress(
        rich.BarColumn(), rich.MofNCompleteColumn(), rich.TextColumn("{task.description}"), rich.TimeRemainingColumn()
    )
    bar.add_task("", total=updates)
    return bar
