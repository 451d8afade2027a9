"""A training run as a tree of arrays, and back: all that the updates to come depend on. Imports stream and
what is below it."""

from __future__ import annotations

import warnings
from typing import Any

import numpy

from . import backend
from .errors import CheckpointError
from .stream import Stream, draw_from, drawn
from .tensor import Tensor

__all__ = ["restored", "written"]

WHAT = "a minigrad training run"


def written(run: Any, stream: Stream, carried: Any) -> dict[str, Any]:
    """The tree of a run of train.fit after its last update, with the place in the data and the carried state."""
    history = run.history
    return {
        "what": WHAT,
        "updates": run.done,
        "config": run.config,
        "backend": backend.name,
        "dtype": backend.default_dtype().name,
        "parameters": {name: p.data for name, p in _parameters(run).items()},
        "optimizer": run.optimizer.state_dict(),
        "skipped": int(run.optimizer.skipped),
        "schedule": None if run.schedule is None else run.schedule.state_dict(),
        "generators": drawn(run.generators()),
        "data": stream.place(),
        "carried": carried,
        "losses": numpy.array(history.losses, dtype="float64"),
        "validation": history.validation,
        "best": history.best,
        "best_weights": run.best_weights,
        "seconds": run.seconds(),
    }


def restored(run: Any, stream: Stream, saved: Any, updates: int) -> Any:
    """Bring the run and the stream to where they were when the tree was written; returns the carried state.

    Raises CheckpointError for the tree of another run, before anything is changed, and for other batches; ValueError or
    ShapeError for another optimiser or schedule.
    """
    _refuse_another(run, saved, updates)
    parameters = _parameters(run)
    if run.schedule is not None:
        run.schedule.load_state_dict(saved["schedule"])
    run.optimizer.load_state_dict(saved["optimizer"])  # after the schedule: its learning rate counts
    for name, array in saved["parameters"].items():
        parameters[name].data = array
    run.optimizer.skipped = run.skipped = saved["skipped"]
    stream.go_on(saved["data"], run.resume)
    draw_from(run.generators(), saved["generators"], run.resume)  # after the stream, which draws to shuffle again
    run.history.losses, run.history.validation = saved["losses"].tolist(), saved["validation"]
    run.history.best, run.best_weights = saved["best"], saved["best_weights"]
    run.done, run.before = saved["updates"], saved["seconds"]
    return saved["carried"]


def _parameters(run: Any) -> dict[str, Tensor]:
    """Those of the model by their names, and what the optimiser has beside them."""
    of_model = {} if run.model is None else dict(run.model.named_parameters())
    known = set(of_model.values())
    beside = {f"optimizer: {name}": p for name, p in run.optimizer.params.items() if p not in known}
    return {**of_model, **beside}


def _refuse_another(run: Any, saved: Any, updates: int) -> None:
    """CheckpointError if the file is not of this run; a warning if it is of the other backend."""
    if not isinstance(saved, dict) or saved.get("what") != WHAT:
        raise CheckpointError(f"{run.resume} holds no training run; resume= needs a file of its own")
    mine = {name: (p.dtype.name, *p.shape) for name, p in _parameters(run).items()}
    other = {name: (a.dtype.name, *a.shape) for name, a in saved["parameters"].items()}
    for what, here, there in (
        ("the default", {"dtype": backend.default_dtype().name}, {"dtype": saved["dtype"]}),
        ("configuration", run.config, saved["config"]),
        ("parameter", mine, other),
        ("there being", {"a schedule": run.schedule is not None}, {"a schedule": saved["schedule"] is not None}),
    ):
        for key in [*here, *there]:
            a, b = here.get(key, "missing"), there.get(key, "missing")
            if a != b:
                raise CheckpointError(f"{run.resume} is of another run: {what} {key} is {b} there, {a} here")
    if saved["updates"] > updates:
        raise CheckpointError(f"{run.resume} has done {saved['updates']} updates; only {updates} are asked for")
    if saved["backend"] != backend.name:
        warnings.warn(
            f"{run.resume} was made on {saved['backend']}; on {backend.name} it goes on with other rounding",
            stacklevel=5,
        )
