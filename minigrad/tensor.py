"""Tensor: an array that knows how it was computed, and the gradients of one value with respect to another.

Operators and methods find the ops by name in the table OPS, which op.py fills: so Tensor needs no op, and every op may
use Tensor. Imports backend, indexing, graph and autograd.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy

from . import backend
from .autograd import backward_pass
from .backend import xp
from .errors import DtypeError, GraphError, ShapeError
from .graph import Node, Note, current
from .indexing import checked_index, is_basic

__all__ = ["OPS", "Tensor", "grad", "hvp", "jacobian", "plain"]

OPS: dict[str, Callable] = {}  # every declared op by name


def wrap(array: Any, edge: tuple | None, requires_grad: bool) -> Tensor:
    """A Tensor around an array of the backend, without checks or copies."""
    t = object.__new__(Tensor)
    t._data, t.edge, t.requires_grad = array, edge, requires_grad
    t.grad = t._name = t.note = None
    t.version = 0
    return t


class Tensor:
    """An array of the backend, and how it was computed.

    data: numbers, nested lists or an array; it is copied. Numbers, lists and floating arrays come in the default dtype
    unless dtype ("float32" or "float64") is given; integer and bool arrays keep theirs. requires_grad: make it a leaf
    whose `.grad` backward() fills. name: what drawings and errors call it. Raises DtypeError for text, ragged lists,
    and integers that ask for a gradient.
    """

    __slots__ = ("_data", "_name", "edge", "grad", "note", "requires_grad", "version", "__weakref__")
    __array_ufunc__ = None  # NumPy leaves `array * tensor` to us

    def __init__(self, data: Any, dtype: Any = None, requires_grad: bool = False, name: str | None = None):
        if isinstance(data, Tensor):
            data = data._data
        refuse_lists_of_tensors("Tensor", data)
        listed = not hasattr(data, "dtype")
        array = array_from(data) if listed else data
        if array.dtype.kind not in "fiub":
            raise DtypeError(f"a tensor holds numbers; got values of dtype {array.dtype}")
        if dtype is not None and numpy.dtype(dtype).kind != "f":
            wanted = numpy.dtype(dtype)
        elif dtype is not None or array.dtype.kind == "f" or (listed and array.dtype.kind != "b"):
            wanted = backend.as_float_dtype(dtype or backend.default_dtype())
        else:
            wanted = array.dtype
        if requires_grad and wanted.kind != "f":
            raise DtypeError(f"a tensor of dtype {wanted} cannot have a gradient; only floating tensors can")
        self._data = backend.to_device(array).astype(wanted)
        self.edge, self.requires_grad = None, requires_grad
        self.grad: Tensor | None = None
        self._name, self.note, self.version = name, None, 0

    # ---- what it is
    @property
    def data(self) -> Any:
        """The array itself. Assigning to it counts as a change: a backward pass through older uses will refuse."""
        return self._data

    @data.setter
    def data(self, array: Any) -> None:
        if self.edge is not None:
            raise GraphError(f"the data of a computed tensor ({self.node!r}) cannot be assigned; detach() it first")
        if array is not self._data:
            array = backend.to_device(array, dtype=self.dtype)
            if array.shape != self.shape:
                raise ShapeError(f"assigning an array of shape {array.shape} to a tensor of shape {self.shape}")
            self._data = array
        self.version += 1

    @property
    def node(self) -> Node | None:
        """The node that computed it; None for leaves."""
        return self.edge[0] if self.edge else None

    @property
    def index(self) -> int:
        """Which output of the node it is."""
        return self.edge[1] if self.edge else 0

    @property
    def name(self) -> str | None:
        """What drawings call it; kept by the node, so it outlives the tensor."""
        return self._name if self.edge is None else (self.node.names or {}).get(self.index)

    @name.setter
    def name(self, name: str | None) -> None:
        if self.edge is None:
            self._name = name
        else:
            node, index = self.edge
            node.names = {**(node.names or {}), index: name}

    def named(self, name: str) -> Tensor:
        """Set the name and return the tensor: `f = sigmoid(a).named("f")`."""
        self.name = name
        return self

    shape = property(lambda self: self._data.shape)
    ndim = property(lambda self: self._data.ndim)
    size = property(lambda self: self._data.size)
    dtype = property(lambda self: self._data.dtype)
    T = property(lambda self: OPS["permute_dims"](self))

    def numpy(self) -> numpy.ndarray:
        """The values on the host: on NumPy a read-only view, on CuPy a copy (waits for the device)."""
        values = backend.to_host(self._data).view()
        values.flags.writeable = False
        return values

    def item(self) -> float | int | bool:
        """The value of a tensor with one element as a Python number (waits for the device)."""
        if self.size != 1:
            raise ShapeError(f"item() needs one element; this tensor has shape {self.shape}")
        return self._data.item()

    def detach(self) -> Tensor:
        """A copy of the values without history: gradients stop here. It keeps a note for drawings."""
        cut = wrap(self._data.copy(), None, False)
        cut._name = self.name
        node = self.node
        cut.note = Note(node.op.name, node.scope, node.order, self.index) if node else self.note
        return cut

    def astype(self, dtype: Any) -> Tensor:
        """The values in another floating dtype; gradients come back in the first."""
        return OPS["cast"](self, dtype=backend.as_float_dtype(dtype))

    def __repr__(self) -> str:
        values = numpy.array2string(backend.to_host(self._data), precision=4, threshold=20, prefix="Tensor(")
        made = f", op={self.node.op.name}" if self.edge else (", requires_grad=True" if self.requires_grad else "")
        name = f", name={self.name!r}" if self.name else ""
        return f"Tensor({values}, shape={self.shape}, dtype={self.dtype}{made}{name})"

    def __reduce__(self) -> tuple:
        if self.edge is not None:
            raise TypeError("a tensor with history cannot be copied or pickled; detach() it first")
        return _rebuilt, (type(self), self.numpy(), self.dtype.name, self.requires_grad, self._name)

    # ---- gradients
    def backward(
        self,
        gradient: Any = None,
        retain_graph: bool = False,
        create_graph: bool = False,
        watch: Callable | None = None,
    ) -> None:
        """Add the gradient of this tensor to `.grad` of every leaf it was computed from, and free the graph.

        gradient: what to start from, in this tensor's shape (needed unless it has one element). retain_graph: keep what
        was saved, for another backward. create_graph: make the gradients differentiable (keeps the graph too).
        watch(node, incoming, contributions): called after each node, newest first, with one array or None for each
        output and each input; nothing in them is written to later. Raises GraphError without history, twice, after a
        change; ShapeError for a wrong gradient.
        """
        if not self.requires_grad:
            raise GraphError(
                "backward from a tensor without history: no parameter that requires a gradient reaches this value"
            )
        roots = [(self.edge or self, _start(self, gradient, create_graph))]
        free = not (retain_graph or create_graph)
        inspector = current()[2]
        if inspector is not None:
            watch = _both(inspector.backward, watch)
        with backend.quiet():
            found = backward_pass(roots, traced=create_graph, free=free, watch=watch)
            for leaf, g in found.items():
                if not isinstance(g, Tensor):
                    g = wrap(xp.array(g, dtype=leaf.dtype), None, False)
                leaf.grad = g if leaf.grad is None else leaf.grad + g

    # ---- operators
    def __add__(self, other: Any) -> Tensor:
        return OPS["add"](self, other)

    def __radd__(self, other: Any) -> Tensor:
        return OPS["add"](other, self)

    def __sub__(self, other: Any) -> Tensor:
        return OPS["sub"](self, other)

    def __rsub__(self, other: Any) -> Tensor:
        return OPS["sub"](other, self)

    def __mul__(self, other: Any) -> Tensor:
        return OPS["mul"](self, other)

    def __rmul__(self, other: Any) -> Tensor:
        return OPS["mul"](other, self)

    def __truediv__(self, other: Any) -> Tensor:
        return OPS["div"](self, other)

    def __rtruediv__(self, other: Any) -> Tensor:
        return OPS["div"](other, self)

    def __pow__(self, other: Any) -> Tensor:
        return OPS["pow"](self, other)

    def __rpow__(self, other: Any) -> Tensor:
        return OPS["pow"](other, self)

    def __matmul__(self, other: Any) -> Tensor:
        return OPS["matmul"](self, other)

    def __rmatmul__(self, other: Any) -> Tensor:
        return OPS["matmul"](other, self)

    def __neg__(self) -> Tensor:
        return OPS["neg"](self)

    def __pos__(self) -> Tensor:
        return self

    def __abs__(self) -> Tensor:
        return OPS["abs"](self)

    def __getitem__(self, index: Any) -> Tensor:
        return OPS["getitem"](self, index=_prepared(self, index))

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError(
            "tensors are not written in place: use where(...), scatter_add(...), or assign to .data of a leaf"
        )

    # ---- comparisons: elementwise, bool, without history
    __hash__ = object.__hash__

    def __eq__(self, other: Any) -> Tensor:  # type: ignore[override]
        return _compared(operator.eq, self, other)

    def __ne__(self, other: Any) -> Tensor:  # type: ignore[override]
        return _compared(operator.ne, self, other)

    def __lt__(self, other: Any) -> Tensor:
        return _compared(operator.lt, self, other)

    def __le__(self, other: Any) -> Tensor:
        return _compared(operator.le, self, other)

    def __gt__(self, other: Any) -> Tensor:
        return _compared(operator.gt, self, other)

    def __ge__(self, other: Any) -> Tensor:
        return _compared(operator.ge, self, other)

    def __and__(self, other: Any) -> Tensor:
        return _compared(operator.and_, self, other)

    def __or__(self, other: Any) -> Tensor:
        return _compared(operator.or_, self, other)

    def __invert__(self) -> Tensor:
        return wrap(xp.asarray(~self._data), None, False)

    # ---- Python's protocols
    def __len__(self) -> int:
        if self.ndim == 0:
            raise TypeError("a 0-d tensor has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        if self.ndim == 0:
            raise TypeError("a 0-d tensor cannot be iterated over; use .item() for its value")
        return iter(OPS["unstack"](self)) if len(self) else iter(())

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ValueError(
                f"the truth of a tensor of shape {self.shape} is ambiguous: comparisons are elementwise. "
                "Use (a == b).numpy().all(), or `any(x is t for t in tensors)` to look for a tensor in a list"
            )
        return bool(self._data)

    def __contains__(self, value: Any) -> bool:
        return bool((self._data == plain(value)).any())

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> numpy.ndarray:
        if xp is not numpy:
            raise TypeError("this tensor lives on the GPU: use .numpy() to copy it to the host")
        return numpy.array(self._data, dtype=dtype) if copy else numpy.asarray(self.numpy(), dtype=dtype)

    # ---- reductions and shapes, as methods
    def sum(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        return OPS["sum"](self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        return OPS["mean"](self, axis=axis, keepdims=keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        return OPS["max"](self, axis=axis, keepdims=keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        return OPS["min"](self, axis=axis, keepdims=keepdims)

    def prod(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        return OPS["prod"](self, axis=axis, keepdims=keepdims)

    def var(self, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Tensor:
        return OPS["var"](self, axis=axis, ddof=ddof, keepdims=keepdims)

    def std(self, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Tensor:
        return OPS["std"](self, axis=axis, ddof=ddof, keepdims=keepdims)

    def norm(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        return OPS["norm"](self, axis=axis, keepdims=keepdims)

    def logsumexp(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        return OPS["logsumexp"](self, axis=axis, keepdims=keepdims)

    def softmax(self, axis: int = -1) -> Tensor:
        return OPS["softmax"](self, axis=axis)

    def log_softmax(self, axis: int = -1) -> Tensor:
        return OPS["log_softmax"](self, axis=axis)

    def argmax(self, axis: Any = None) -> Tensor:
        return OPS["argmax"](self, axis=axis)

    def cumsum(self, axis: int) -> Tensor:
        return OPS["cumsum"](self, axis=axis)

    def reshape(self, *shape: Any) -> Tensor:
        return OPS["reshape"](self, shape=shape[0] if len(shape) == 1 else shape)

    def transpose(self, *axes: Any) -> Tensor:
        return OPS["permute_dims"](self, axes=axes[0] if len(axes) == 1 else axes or None)

    def permute_dims(self, axes: Sequence[int]) -> Tensor:
        return OPS["permute_dims"](self, axes=tuple(axes))

    def expand_dims(self, axis: int) -> Tensor:
        return OPS["expand_dims"](self, axis=axis)

    def squeeze(self, axis: Any = None) -> Tensor:
        return OPS["squeeze"](self, axis=axis)

    def broadcast_to(self, shape: Sequence[int]) -> Tensor:
        return OPS["broadcast_to"](self, shape=tuple(shape))

    def split(self, sections: Any, axis: int = 0) -> tuple[Tensor, ...]:
        return OPS["split"](self, sections=sections, axis=axis)

    def unstack(self, axis: int = 0) -> tuple[Tensor, ...]:
        return OPS["unstack"](self, axis=axis) if self.shape[axis] else ()

    def flip(self, axis: Any = None) -> Tensor:
        return OPS["flip"](self, axis=axis)

    def pad(self, pad_width: Any, value: float = 0.0) -> Tensor:
        return OPS["pad"](self, pad_width=pad_width, value=value)

    def clip(self, low: Any = None, high: Any = None) -> Tensor:
        return OPS["clip"](self, low, high)


def array_from(data: Any) -> Any:
    """Numbers and nested lists as a host array; DtypeError for what is no rectangle of numbers."""
    try:
        array = numpy.asarray(data)
    except ValueError as error:
        hint = "pad them to one length first, for example with minigrad.data.pad_sequences"
        raise DtypeError(f"rows of different lengths: {hint}") from error
    if array.dtype.kind not in "fiub":
        kind = type(data).__name__ if array.ndim == 0 else f"values of dtype {array.dtype}"
        raise DtypeError(f"a tensor holds numbers; got {kind}")
    return array


def refuse_lists_of_tensors(op_name: str, data: Any) -> None:
    """DtypeError for a list that holds Tensors, at any depth: as an array it would lose their history."""
    if isinstance(data, (list, tuple)):
        for item in data:
            if isinstance(item, Tensor):
                raise DtypeError(
                    f"{op_name}: a list of Tensors where an array is expected; its history would be lost. "
                    "Use stack(...) or concat(...)"
                )
            refuse_lists_of_tensors(op_name, item)


def _both(first: Callable, second: Callable | None) -> Callable:
    """Two watchers as one."""
    return first if second is None else lambda *seen: (first(*seen), second(*seen))


def _compared(how: Callable, a: Tensor, b: Any) -> Tensor:
    """The elementwise answer, without history."""
    try:
        return wrap(xp.asarray(how(a._data, plain(b))), None, False)
    except ValueError as error:
        raise ShapeError(f"comparing shapes {a.shape} and {numpy.shape(plain(b))}: they do not broadcast") from error


def plain(x: Any) -> Any:
    """The array of a Tensor; anything else as it is."""
    return x._data if isinstance(x, Tensor) else x


def _prepared(x: Tensor, index: Any) -> Any:
    """The index without Tensors, checked, on the backend."""
    if is_basic(index):
        return index
    return checked_index(x.shape, tuple([plain(p) for p in index]) if isinstance(index, tuple) else plain(index))


def _rebuilt(kind: type, values: numpy.ndarray, dtype: str, requires_grad: bool, name: str | None) -> Tensor:
    return kind(values, dtype=dtype, requires_grad=requires_grad, name=name)


# ---------------------------------------------------------------- gradients as a function


def _start(output: Tensor, gradient: Any, traced: bool) -> Any:
    """The gradient to start from at an output: ones for a single element, else what the caller gives."""
    if gradient is None:
        if output.size != 1:
            raise GraphError(
                f"backward from a tensor of shape {output.shape} needs gradient=..., of that shape; "
                "or reduce it first, with .sum() or .mean()"
            )
        gradient = xp.ones(output.shape, dtype=output.dtype)
    array = plain(gradient)
    array = xp.asarray(array_from(array)) if not hasattr(array, "dtype") else array
    if array.shape != output.shape:
        raise ShapeError(f"gradient has shape {array.shape}, the tensor has shape {output.shape}")
    if array.dtype.kind != "f":
        raise DtypeError(f"gradient has dtype {array.dtype}; it must be floating")
    if traced and isinstance(gradient, Tensor):
        return gradient
    array = backend.to_device(array, dtype=output.dtype)
    return wrap(array, None, False) if traced else array


def grad(outputs: Any, inputs: Any, gradients: Any = None, create_graph: bool = False) -> Any:
    """The gradients of the outputs with respect to the inputs, leaving `.grad` and the graph as they are.

    outputs, inputs, gradients: single tensors or lists; an input may be any value in the graph. gradients: what to
    start from, one for each output (may be left out for single elements). create_graph=True makes the result
    differentiable. Returns a Tensor in the shape of its input, or a list of them; zeros where nothing flows. Raises as
    Tensor.backward.
    """
    single = isinstance(inputs, Tensor)
    outputs = [outputs] if isinstance(outputs, Tensor) else list(outputs)
    inputs = [inputs] if single else list(inputs)
    gradients = (
        [None] * len(outputs)
        if gradients is None
        else list(gradients)
        if isinstance(gradients, (list, tuple))
        else [gradients]
    )
    if len(gradients) != len(outputs):
        raise ShapeError(f"{len(gradients)} gradients for {len(outputs)} outputs")
    if not any(o.requires_grad for o in outputs):
        raise GraphError("grad of a tensor without history: no tensor that requires a gradient reaches it")
    roots = [(o.edge or o, _start(o, g, create_graph)) for o, g in zip(outputs, gradients)]
    keys = [x.edge or x for x in inputs]
    with backend.quiet():
        found = backward_pass(roots, wanted=keys, traced=create_graph, free=False)
    zero = [found.get(key) for key in keys]
    result = [_as_tensor(x, g) for x, g in zip(inputs, zero)]
    return result[0] if single else result


def _as_tensor(x: Tensor, g: Any) -> Tensor:
    if g is None:
        return wrap(xp.zeros(x.shape, dtype=x.dtype), None, False)
    return g if isinstance(g, Tensor) else wrap(xp.array(g, dtype=x.dtype), None, False)


def jacobian(f: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """All first derivatives of f at x: shape f(x).shape + x.shape, one backward pass for each element of f(x)."""
    x = x if x.requires_grad else Tensor(x, dtype=x.dtype, requires_grad=True)
    y = f(x)
    rows = []
    for i in range(y.size):
        seed = numpy.zeros(y.size, dtype=y.dtype)
        seed[i] = 1
        rows.append(grad(y, x, seed.reshape(y.shape))._data)
    stacked = xp.stack(rows) if rows else xp.zeros((0, *x.shape), dtype=x.dtype)
    return wrap(stacked.reshape(y.shape + x.shape), None, False)


def hvp(f: Callable[[Tensor], Tensor], x: Tensor, v: Any) -> Tensor:
    """The Hessian of the scalar function f at x, times v (in the shape of x), without forming the Hessian
    (Pearlmutter, 1994)."""
    x = x if x.requires_grad else Tensor(x, dtype=x.dtype, requires_grad=True)
    first = grad(f(x), x, create_graph=True)
    if not first.requires_grad:
        return _as_tensor(x, None)
    return grad(first, x, plain(v))
