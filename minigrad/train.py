"""The training loop: update after update until all are done, validation gets no better, the loss breaks, or somebody
presses Ctrl-C. What is learned, and from what, it is given as functions; a run that was stopped goes on bit for bit
from its file. Imports optim, checkpoint, progress and below."""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy

from . import backend, checkpoint
from . import resume as resume_file
from .backend import is_host, to_host, xp
from .errors import NonFiniteGradient, ShapeError
from .graph import history, no_grad
from .optim import Optimizer, Schedule, clip_grad_norm
from .progress import Progress
from .recurrent.carry import reset_rows
from .stream import Stream
from .tensor import Tensor

__all__ = ["History", "fit"]

LOOK_SECONDS = 0.1  # between two looks at the loss on a GPU
SPIN_SECONDS = 1.0  # of a run, before it is asked whether threads spin


@dataclass
class History:
    """What a training run did.

    losses: one for each update, as loss_of gave them (nats, for a cross-entropy). validation: (updates done, value)
    pairs. best: the pair with the lowest value. seconds: of the whole run, with what was done before it was resumed.
    stopped_because: in words. interrupted: by Ctrl-C or SIGTERM; then a command line ends with sys.exit(exit_code).
    """

    losses: list[float] = field(default_factory=list)
    validation: list[tuple[int, float]] = field(default_factory=list)
    best: tuple[int, float] | None = None
    seconds: float = 0.0
    stopped_because: str = ""
    interrupted: bool = False

    @property
    def exit_code(self) -> int:
        """130, as shells have it, for a run that was interrupted; else 0."""
        return 130 if self.interrupted else 0


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
    resume: Any = None,
    config: Mapping[str, Any] | None = None,
    rngs: Sequence[numpy.random.Generator] = (),
    describe: str = "loss",
    progress: bool = True,
) -> History:
    """Train: loss_of(batch) -> scalar Tensor, backward, clip, step, `updates` times. Returns the History.

    batches: gone through again and again; or a function that gives those of the next pass. Empty ones are left out.
    carry: loss_of(batch, state) -> (loss, state), for truncated BPTT. The state (a Tensor, or tuples, lists, dicts of
        them) is detached between batches, and None where a pass begins or batch.first is true. batch.first may be (B,)
        booleans: the state (..., B, H) of those rows becomes 0, where a new document begins.
    clip: the largest global norm of the gradients, or a function of the list of parameters.
    validate: () -> a number, lower is better; called after each `every` updates (a tenth of all) and at the end.
    patience: so many validations in a row without a new best end the run; the best weights are put back at its end.
    at: {n: f}; f(n) is called when n updates are done, for example to draw a sample.
    model: a Module; in eval() mode inside validate, which also records nothing, and inside the functions of `at`.
    save: a file for the model's best weights (the last ones, without validate).
    resume: a file for the whole run: written after each `every` updates, at the end, and when the run is interrupted.
        If it exists the run goes on from it to `updates` in all, on the same machine bit for bit as if it had never
        stopped: parameters, optimiser, schedule, random numbers, place in the data, carried state, history. Another
        BLAS, number of threads or backend (which warns) rounds otherwise.
    config: what else defines the run, in JSON's words; resume refuses a file with another one.
    rngs: generators that batches or loss_of draw from, beside minigrad's own and those kept by modules of the model.
    describe: "bits" shows loss / ln 2, too, as bits per symbol. progress=False shows nothing.

    A nan or inf in the loss or a gradient ends the run before it reaches a parameter. Ctrl-C or SIGTERM ends it after
    the update in progress: stopped_because says so, and what was done so far is returned. A second Ctrl-C raises
    KeyboardInterrupt at once; the file of `resume` stays as it was last written. Warns when the recorded graph grows.
    Raises TypeError or ValueError for arguments that make no sense, with save and resume ImportError or OSError before
    training; CheckpointError for a file that is damaged, or of another run.
    """
    every = _check(batches, updates, every, patience, validate, at, model, save, resume, describe)
    run = _Run(optimizer, schedule, validate, every, patience, model, save, resume, config, rngs)
    at, reason, stream = at or {}, f"all {updates} updates are done", Stream(batches, run.generators)
    state, interrupts = run.go_on(stream, updates), _Interrupts(progress)
    try:
        with interrupts, Progress(updates, describe, progress, run.done) as bar:
            run.set_training(True)
            run.call(at.get(0) if not run.done else None)
            while run.done < updates and not run.stopped and not interrupts.asked:
                batch, fresh = stream.next()
                if fresh is None:
                    reason = f"the batches ended after {run.done} updates"
                    break
                result = loss_of(batch, _begun(state, fresh)) if carry else loss_of(batch)
                loss, state = _unpacked(result, carry)
                if resume is not None:
                    checkpoint.flattened(state, "the carried state")
                if run.breaks(loss):
                    break
                optimizer.zero_grad()
                loss.backward()
                if clip is not None:
                    _clip(clip, optimizer)
                optimizer.step()
                if schedule is not None:
                    schedule.step()
                run.done += 1
                bar.show(run.done, run.history.losses)
                run.validate_if_due()
                run.call(at.get(run.done))
                if run.done % every == 0:
                    run.keep(stream, state)
            run.finish(reason, interrupts.asked)
            run.keep(stream, state)
    except KeyboardInterrupt:  # the second Ctrl-C, or the first one where somebody has a handler of their own
        if interrupts.asked:
            raise
        run.interrupt()
    except NonFiniteGradient as error:
        run.stopped = f"{error} (update {run.done + 1}; {run.last_finite()})"
    finally:
        run.set_training(run.training)
    return run.close()


class _Run:
    """What fit keeps in hand while it loops."""

    def __init__(
        self, optimizer: Optimizer, schedule: Schedule | None, validate: Any, every: int, patience: int | None,
        model: Any, save: Any, resume: Any, config: Mapping[str, Any] | None, rngs: Sequence[numpy.random.Generator],
    ):  # fmt: skip
        self.optimizer, self.schedule, self.validate = optimizer, schedule, validate
        self.every, self.patience, self.model, self.save = every, patience, model, save
        self.resume, self.config, self.rngs = resume, json.loads(json.dumps(dict(config or {}))), rngs
        self.training = getattr(model, "training", None)
        self.history, self.done, self.kept, self.stopped, self.broke = History(), 0, -1, "", False
        self.started, self.before, self.computed = time.perf_counter(), 0.0, time.process_time()
        self.pending: list[Any] = []  # losses of updates that were not looked at yet
        self.looked, self.skipped = self.started, _whole(optimizer.skipped)
        self.sizes: list[int] = []  # of the graph, at updates 1, 2, 4, 8, ...
        self.latest = -1  # when the last op of the graph was recorded, at the last of these
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
        if self.done & (self.done + 1) == 0:
            self._watch_growth(loss)
            self._watch_threads()
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
            self.broke = good < len(values)
            if self.broke:
                at = len(self.history.losses) + 1
                self.stopped = f"the loss became {values[good]} at update {at}; {self.last_finite()}; {self._worst()}"
            elif _whole(self.optimizer.skipped) > self.skipped and not self.optimizer.skip_nonfinite:
                self.broke = True
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
        if self.sizes[-1:] == [-1]:
            return
        nodes = history([loss])  # the oldest first
        kept = bool(nodes) and nodes[0].order <= self.latest  # since an earlier update
        self.latest = nodes[-1].order if nodes else self.latest
        self.sizes.append(len(nodes))
        last = self.sizes[-5:]
        if kept and len(last) == 5 and last == sorted(set(last)) and last[-1] > 2 * last[0]:
            warnings.warn(
                f"the recorded graph grew from {last[0]} to {last[-1]} nodes by update {self.done + 1}: something kept "
                "across updates holds on to its history. Detach it (state = state.detach()), or use carry=True",
                stacklevel=4,
            )
            self.sizes.append(-1)

    def _watch_threads(self) -> None:
        """BLAS threads that wait for work spin: then the processor is busy for longer than the clock runs."""
        seconds, computed = time.perf_counter() - self.started, time.process_time() - self.computed
        if seconds > SPIN_SECONDS and computed > 1.5 * seconds:
            self.computed = math.inf  # said once is enough
            warnings.warn(
                f"the processor worked {computed / seconds:.1f} seconds in each second of this run: BLAS runs several "
                "threads, which for small products wait for each other. Try export OPENBLAS_NUM_THREADS=1 before "
                "Python starts",
                stacklevel=4,
            )

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
        self.stop_without_progress()

    def stop_without_progress(self) -> None:
        best = self.history.best
        since = sum(best is None or update > best[0] for update, _ in self.history.validation)
        if self.patience is not None and since >= self.patience:
            was = "none was a number" if best is None else f"the best was {best[1]:.4g} after {best[0]} updates"
            self.stopped = f"no better validation in {since} checks; {was}"

    def _save(self, metadata: dict[str, Any]) -> None:
        if self.save is not None:
            checkpoint.save(self.save, self.model.state_dict(), metadata)

    # ---- the file that a run goes on from
    def generators(self) -> list[numpy.random.Generator]:
        """Those whose numbers the run may draw, each once: minigrad's, those that modules keep, those given to fit."""
        modules = [] if self.model is None else self.model.modules()
        kept = [value for module in modules for value in vars(module).values()]
        found = [g for g in (*kept, *self.rngs) if isinstance(g, numpy.random.Generator)]
        return list({id(g): g for g in (backend.generator(), *found)}.values())

    def keep(self, stream: Stream, carried: Any) -> None:
        """Write the whole run, unless it broke or is written already."""
        if self.resume is None or self.kept == self.done:
            return
        self.look()
        if not self.broke:
            checkpoint.save_tree(self.resume, resume_file.written(self, stream, carried))
            self.kept = self.done

    def go_on(self, stream: Stream, updates: int) -> Any:
        """Go on from the file, if it is there; returns the carried state."""
        if self.resume is None or not os.path.exists(self.resume):
            return None
        carried = resume_file.restored(self, stream, checkpoint.load_tree(self.resume), updates)
        self.kept = self.done
        self.stop_without_progress()
        return carried

    # ---- the end
    def finish(self, reason: str, interrupted: bool) -> None:
        """The loop has ended, for this reason, unless the run was stopped by something else."""
        if interrupted:
            self.interrupt("" if self.resume is None else f"; the same call goes on from {self.resume}")
        elif not self.look():
            self.validate_if_due(last=True)
            self.stopped = self.stopped or reason

    def interrupt(self, how_to_go_on: str = "") -> None:
        self.history.interrupted = True
        self.optimizer.zero_grad()
        if not self.look():
            self.stopped = f"interrupted after {self.done} updates{how_to_go_on}"

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
        self.history.seconds = self.seconds()
        return self.history

    def seconds(self) -> float:
        return self.before + time.perf_counter() - self.started


def _whole(count: Any) -> int:
    return int(to_host(count)) if hasattr(count, "dtype") else count


# ---------------------------------------------------------------- arguments


def _check(
    batches: Any, updates: Any, every: Any, patience: Any, validate: Any, at: Any, model: Any, save: Any, resume: Any,
    describe: str,
) -> int:  # fmt: skip
    """The arguments make sense; returns after how many updates to validate and to write."""
    for name, value, least in (("updates", updates, 0), ("every", every, 1), ("patience", patience, 1)):
        if value is None and name != "updates":
            continue
        if isinstance(value, bool) or not isinstance(value, (int, numpy.integer)) or value < least:
            raise ValueError(f"fit: {name} must be a whole number of at least {least}, not {value!r}")
    if validate is None and (patience is not None or (every is not None and resume is None)):
        raise ValueError("fit: every and patience need validate=, a function that returns a number")
    if wrong := [n for n in at or {} if not (isinstance(n, int) and 0 <= n <= updates)]:
        raise ValueError(f"fit: at={wrong[0]!r} is never reached; updates go from 0 to {updates}")
    if describe not in ("loss", "bits"):
        raise ValueError(f"fit: describe must be 'loss' or 'bits', not {describe!r}")
    if not callable(batches) and not isinstance(batches, Iterable):
        raise TypeError(f"fit: batches must be an iterable or a function that returns one, not {batches!r}")
    if save is not None and model is None:
        raise ValueError("fit: save= needs model=, whose weights are saved")
    if save is not None and resume is not None and os.path.realpath(save) == os.path.realpath(resume):
        raise ValueError("fit: save= and resume= are two files: one for the best weights, one for the whole run")
    for path in (save, resume):
        if path is not None:
            checkpoint.check_writable(path)
    return every or max(1, updates // 10)


def _begun(state: Any, fresh: Any) -> Any:
    """The carried state as the next batch begins with it."""
    if state is None or fresh is True or fresh is False:
        return None if fresh is True else state
    return None if bool(fresh.all()) else reset_rows(state, fresh)


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


class _Interrupts:
    """Ctrl-C and SIGTERM set a flag, which fit reads between two updates; a second Ctrl-C raises KeyboardInterrupt at
    once. Only while fit runs, only in the main thread, and not where somebody has a handler of their own."""

    def __init__(self, speaks: bool) -> None:
        self.speaks, self.asked = speaks, False
        self.before: dict[int, Any] = {}

    def __enter__(self) -> _Interrupts:
        if threading.current_thread() is threading.main_thread():
            for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, signal.SIG_DFL)):
                if signal.getsignal(number) == usual:
                    self.before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(self, *exc: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, frame: Any) -> None:
        if self.asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        if self.speaks and not self.asked:  # print may be interrupted half-way, write may not
            with contextlib.suppress(OSError):
                os.write(2, b"\nstopping after this update; Ctrl-C again stops at once\n")
        self.asked = True
