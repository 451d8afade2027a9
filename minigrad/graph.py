"""The graph's bookkeeping: nodes, edges, scopes, and whether ops are recorded at all. No mathematics, no Tensor."""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from operator import attrgetter
from typing import Any, NamedTuple

__all__ = ["Constant", "Node", "Note", "history", "inspected", "no_grad", "record", "scope", "where", "within"]

OFF, GRAD, ALL = "off", "grad", "all"  # what is recorded: nothing, what needs a gradient, everything

_current: ContextVar[tuple] = ContextVar("minigrad.recording", default=(GRAD, (), None))
current = _current.get  # () -> (mode, scope, inspector), read once an op

FREED = "freed"  # stands in Node.saved after a backward pass

_order = itertools.count()


class Constant(NamedTuple):
    """What a node remembers of an array that was no Tensor."""

    shape: tuple[int, ...]
    dtype: Any


class Note(NamedTuple):
    """What a detached tensor remembers of the value that it was: the op and scope of its node, the node's order, which
    output. It holds nothing of the history. A value computed from it without history has the note too, but no order."""

    op: str
    scope: tuple
    order: int | None
    index: int

    def __str__(self) -> str:
        return f"detached from {self.op} {where(self.scope)}".rstrip()


class Node:
    """One application of an op: what was called, on what, where in the program.

    op: the Op, with `.name`. inputs: one of these for each argument: an edge, i.e. a tuple (node, output index); a leaf
    Tensor; a Python scalar; a Constant. params: the keyword metadata. out_info: (shape, dtype) of each output. saved:
    the arrays that the rules name, FREED after a backward pass. plan: which rules run, chosen by the op. versions:
    (leaf, version) pairs to compare. scope: frames (name, index), outermost first. order: creation order, which is a
    topological order. names: {output index: name}.
    """

    __slots__ = ("inputs", "names", "op", "order", "out_info", "params", "plan", "saved", "scope", "versions")

    def __init__(
        self, op: Any, inputs: tuple, params: dict, out_info: tuple, saved: Any, plan: Any, scope: tuple, versions: Any
    ):
        self.op = op
        self.inputs = inputs
        self.params = params
        self.out_info = out_info
        self.saved = saved
        self.plan = plan
        self.scope = scope
        self.versions = versions
        self.names: dict[int, str] | None = None
        self.order = next(_order)

    @property
    def freed(self) -> bool:
        """Has a backward pass emptied this node? Structure, shapes and scopes stay, so it can still be drawn."""
        return self.saved is FREED

    def __repr__(self) -> str:
        place = where(self.scope)
        shapes = ", ".join(str(shape) for shape, _ in self.out_info)
        return f"<Node {self.order} {self.op.name} -> {shapes}{f' in {place}' if place else ''}>"


def history(tensors: Iterable[Any], differentiable: bool = False, since: int = 0) -> list[Node]:
    """Every node that the tensors were computed from, oldest first.

    tensors: anything with `.node` (None is skipped). differentiable=True follows only the edges that a gradient takes.
    since: leave out the nodes of a lower order.
    """
    waiting = [t.node for t in tensors if t.node is not None and t.node.order >= since]
    seen = set(waiting)
    while waiting:
        node = waiting.pop()
        inputs = node.inputs
        for i in node.plan.paths if differentiable else range(len(inputs)):
            x = inputs[i]
            if type(x) is tuple and x[0] not in seen and x[0].order >= since:
                seen.add(x[0])
                waiting.append(x[0])
    return sorted(seen, key=attrgetter("order"))


class scope:
    """`with scope("step", 3):` every node made inside remembers the frame; the engine stores it and never interprets
    it."""

    __slots__ = ("frame", "outer")

    def __init__(self, name: str, index: int | None = None):
        self.frame = (name, index)

    def __enter__(self) -> None:
        self.outer = outer = current()
        _current.set((outer[0], (*outer[1], self.frame), outer[2]))

    def __exit__(self, *exc: object) -> None:
        _current.set(self.outer)


def where(frames: tuple | None = None) -> str:
    """The scope in words, `encoder.layers.0, step 3`, for error messages; of the current scope unless frames are
    given."""
    frames = current()[1] if frames is None else frames
    return ", ".join(name if index is None else f"{name} {index}" for name, index in frames)


class inspected:
    """`with inspected(inspector):` inspector.forward(op, arrays, out) is called after each op on Tensors, and backward
    passes are watched by inspector.backward(node, incoming, contributions)."""

    def __init__(self, inspector: Any):
        self.inspector = inspector

    def __enter__(self) -> None:
        self.outer = current()
        _current.set((*self.outer[:2], self.inspector))

    def __exit__(self, *exc: object) -> None:
        _current.set(self.outer)


@contextmanager
def within(mode: str, frames: tuple) -> Iterator[int]:
    """A block that is recorded in that mode and scope, wherever it runs. Gives the least order of its nodes."""
    outer = current()
    _current.set((mode, frames, outer[2]))
    try:
        yield next(_order)
    finally:
        _current.set(outer)


class _Mode:
    """A recording mode as a context manager and as a decorator, of functions and of generators."""

    mode = GRAD

    def __init__(self) -> None:
        self.before: list[str] = []  # the modes outside, since one object may be entered again inside itself

    def __enter__(self) -> None:
        mode, *rest = current()
        self.before.append(mode)
        _current.set((self.mode, *rest))

    def __exit__(self, *exc: object) -> None:
        _current.set((self.before.pop(), *current()[1:]))

    def __call__(self, function: Callable) -> Callable:
        if inspect.iscoroutinefunction(function):
            name = type(self).__name__
            raise TypeError(
                f"@{name}() does not reach into a coroutine: write `with {name}():` inside {function.__name__}"
            )
        if inspect.isgeneratorfunction(function):
            return _stepwise(type(self), function)

        @functools.wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with type(self)():
                return function(*args, **kwargs)

        return inside


def _stepwise(mode: type[_Mode], function: Callable) -> Callable:
    """A generator function in a mode: the mode holds while it runs and never between its steps."""

    @functools.wraps(function)
    def inside(*args: Any, **kwargs: Any) -> Any:
        steps = function(*args, **kwargs)
        resume, value = steps.send, None
        while True:
            try:
                with mode():
                    item = resume(value)
            except StopIteration as stop:
                return stop.value
            try:
                value = yield item
                resume = steps.send
            except GeneratorExit:
                with mode():
                    steps.close()
                raise
            except BaseException as error:
                resume, value = steps.throw, error

    return inside


class no_grad(_Mode):
    """`with no_grad():` or `@no_grad()`: nothing is recorded. Other threads keep their own mode."""

    mode = OFF


class record(_Mode):
    """`with record():` ops on tensors that need no gradient are recorded too, for pictures and tables of a forward
    pass."""

    mode = ALL
