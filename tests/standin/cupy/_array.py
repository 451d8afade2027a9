"""The opaque device array: a NumPy array that nobody can reach without asking. Imports NumPy and `_standin` only."""

import operator

import numpy as np

import cupy
from cupy import _standin
from cupy._standin import SCALARS, check_call, missing, need_device, wait

DTYPES = "?bBhHiIlLqQefdFD"
EXACT = "int32 int64 uint32 uint64".split()
ATOMIC = {  # the dtypes for which the real ufunc.at has an atomic operation
    "add": [*EXACT, "float16", "float32", "float64"],
    "subtract": ["int32", "uint32"],
    "maximum": [*EXACT, "float32", "float64"],
    "minimum": [*EXACT, "float32", "float64"],
    "bitwise_and": EXACT,
    "bitwise_or": EXACT,
    "bitwise_xor": EXACT,
}


def wrap(value):
    """Arrays and scalars of a result become device arrays: there are no host scalars on a device."""
    if isinstance(value, np.ndarray):
        return ndarray._of(value)
    if isinstance(value, SCALARS):
        return ndarray._of(np.asarray(value))
    if isinstance(value, (list, tuple)):
        return type(value)(map(wrap, value)) if type(value) in (list, tuple) else tuple(map(wrap, value))
    return value


def unwrap(value, place: str):
    """The NumPy arrays behind device arrays; a host array anywhere inside is refused."""
    if isinstance(value, ndarray):
        return value._a
    if isinstance(value, np.ndarray):
        raise TypeError(f"{place}: Unsupported type <class 'numpy.ndarray'> (a host array among device arrays)")
    if type(value) in (list, tuple):
        return type(value)(unwrap(item, place) for item in value)
    return value


def operand(value, place: str):
    """One operand of an elementwise operation: a device array or a scalar, nothing else."""
    if isinstance(value, ndarray):
        return value._a
    if isinstance(value, SCALARS):
        return value
    raise TypeError(f"{place}: Unsupported type {type(value)}")


def quiet(function, *args, **kwargs):
    """A device raises no floating-point warnings, and CuPy has no errstate to silence them with."""
    with np.errstate(all="ignore"):
        return function(*args, **kwargs)


def poison(a: np.ndarray) -> np.ndarray:
    """What `empty` gives: values that spoil every result that they enter."""
    if a.dtype.kind in "fc":
        a.fill(np.nan)
    elif a.dtype.kind in "iu":
        a.fill(np.iinfo(a.dtype).max - 7)
    else:
        a.fill(True)
    return a


class Flags:
    """`flags` of the real array: no `writeable`, because a device array has none."""

    def __init__(self, flags):
        self.c_contiguous, self.f_contiguous, self.owndata = flags.c_contiguous, flags.f_contiguous, flags.owndata
        self.fnc, self.forc = flags.fnc, flags.forc

    def __getitem__(self, name: str) -> bool:
        return {k: getattr(self, k.lower()) for k in ("C_CONTIGUOUS", "F_CONTIGUOUS", "OWNDATA")}[name]


def index(key, place: str = "an index"):
    """The NumPy index for `key`. Host arrays and lists are refused: the real CuPy copies them silently."""
    parts = key if isinstance(key, tuple) else (key,)
    for part in parts:
        if isinstance(part, (np.ndarray, list, tuple, range)):
            raise TypeError(f"{place}: {type(part).__name__} on the host; move it to the device first")
    parts = tuple(part._a if isinstance(part, ndarray) else part for part in parts)
    if sum(is_mask(part) for part in parts) > 1:
        raise IndexError(f"{place}: the real CuPy does not support more than one boolean array")
    if any(map(is_mask, parts)):
        wait("a boolean mask (its True are counted, in assignments too)")
    return parts


def is_mask(part) -> bool:
    return isinstance(part, (bool, np.bool_)) or (isinstance(part, np.ndarray) and part.dtype == bool)


def arrays_in(parts: tuple) -> int:
    return sum(isinstance(part, np.ndarray) or is_mask(part) for part in parts)


def refuse_duplicates(a: np.ndarray, chosen, place: str) -> None:
    """`chosen` picks from the element numbers of `a`; which of two writers to one element wins is undefined."""
    hit = chosen(np.arange(a.size).reshape(a.shape))
    if np.unique(hit).size != hit.size:
        raise IndexError(f"{place}: an element is written twice, the result is undefined on a device; use add.at")


class ndarray:
    """`cupy.ndarray`: its methods exist here if the real one has them, and take what the real ones take."""

    __slots__ = ("_a",)
    __module__ = "cupy"
    __array_priority__ = 100
    __hash__ = None

    def __init__(self, shape, dtype=float, memptr=None, strides=None, order="C"):
        if memptr is not None or strides is not None:
            raise NotImplementedError("the stand-in has no device memory to point to")
        self._a = ndarray._of(poison(np.empty(shape, dtype, order)))._a

    @classmethod
    def _of(cls, a: np.ndarray) -> "ndarray":
        need_device()
        if a.dtype.char not in DTYPES:
            raise ValueError(f"Unsupported dtype {a.dtype}")
        self = object.__new__(cls)
        self._a = a
        return self

    def __getattr__(self, name: str):
        raise missing("cupy.ndarray", name)

    shape = property(lambda self: self._a.shape, lambda self, shape: setattr(self._a, "shape", shape))
    flags = property(lambda self: Flags(self._a.flags))
    base = property(lambda self: wrap(self._a.base))
    device = property(lambda self: cupy.cuda.Device(0))
    real = property(lambda self: wrap(self._a.real), lambda self, v: self.real.__setitem__(..., v))
    imag = property(lambda self: wrap(self._a.imag), lambda self, v: self.imag.__setitem__(..., v))

    @property
    def __cuda_array_interface__(self) -> dict:
        return {"shape": self.shape, "typestr": self.dtype.str, "data": (0, False), "version": 3}

    # To the host: only when asked, and then the host waits.
    def __array__(self, dtype=None, copy=None):
        raise TypeError(
            "Implicit conversion to a NumPy array is not allowed. "
            "Please use `.get()` to construct a NumPy array explicitly."
        )

    def get(self, stream=None, order="C", out=None, blocking=True) -> np.ndarray:
        wait("get")
        if out is None:
            return self._a.copy(order)
        np.copyto(out, self._a)
        return out

    def set(self, arr, stream=None):
        if not isinstance(arr, np.ndarray):
            raise TypeError(f"Only numpy.ndarray can be set to cupy.ndarray, not {type(arr)}")
        if arr.shape != self.shape or arr.dtype != self.dtype:
            raise ValueError(f"{arr.dtype}{arr.shape} does not fit {self.dtype}{self.shape}")
        self._a[...] = arr

    def __bool__(self):
        wait("bool()")
        return bool(self._a)

    def item(self):
        wait("item")
        if self.size != 1:
            raise ValueError("can only convert an array of size 1 to a Python scalar")
        return self._a.item()

    def __reduce__(self):
        return cupy.array, (self.get(),)

    def __copy__(self):
        return self.copy()

    def __deepcopy__(self, memo):
        return self.copy()

    # NumPy's functions hand over to CuPy's.
    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        function = getattr(cupy, ufunc.__name__, None)
        function = function if method == "__call__" else getattr(function, method, None)
        if function is None:
            return NotImplemented
        return function(*inputs, **kwargs) if out is None else function(*inputs, out=out[0], **kwargs)

    def __array_function__(self, function, types, args, kwargs):
        try:
            place = cupy
            for name in function.__module__.split(".")[1:]:
                place = getattr(place, name)
            real = getattr(place, function.__name__)
        except AttributeError:
            return NotImplemented
        return real(*args, **kwargs)

    # Sequence and indices.
    def __len__(self):
        return len(self._a)

    def __iter__(self):
        if self.ndim == 0:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(len(self)))

    def __getitem__(self, key):
        parts = index(key)
        if arrays_in(parts) == 0 and not any(part is Ellipsis for part in parts):
            parts = (*parts, ...)  # a view even where one element is left, as on a device
        return wrap(self._a[parts])

    def __setitem__(self, key, value):
        parts, value = index(key), operand(value, "setitem")
        if arrays_in(parts) and np.size(value) > 1:
            refuse_duplicates(self._a, lambda numbers: numbers[parts], "setitem")
        quiet(self._a.__setitem__, parts, value)

    def fill(self, value):
        if isinstance(value, ndarray):
            wait("fill from a device array (it is compared with 0)")
            if value.ndim:
                raise ValueError("non-scalar cupy.ndarray cannot be used for fill")
        self._a.fill(operand(value, "fill"))

    def reshape(self, *shape, order="C", copy=None):
        shape = shape[0] if len(shape) == 1 and not isinstance(shape[0], (int, np.integer)) else shape
        return wrap(np.reshape(self._a, shape, order=order, copy=copy))

    def astype(self, dtype, order="K", casting=None, subok=None, copy=True):
        done = quiet(self._a.astype, dtype, order=order, casting=casting or "unsafe", copy=bool(copy))
        return self if done is self._a else wrap(done)

    def scatter_add(self, slices, value):
        ufunc(np.add).at(self, slices, value)

    def scatter_max(self, slices, value):
        ufunc(np.maximum).at(self, slices, value)

    def scatter_min(self, slices, value):
        ufunc(np.minimum).at(self, slices, value)

    def take(self, indices, axis=None, out=None):
        return cupy.take(self, indices, axis, out)

    def repeat(self, repeats, axis=None):
        if not isinstance(repeats, (int, np.integer)):
            wait("repeat by more than one number")
        return wrap(self._a.repeat(unwrap(repeats, "cupy.repeat"), axis))

    def put(self, indices, values, mode="wrap"):
        return cupy.put(self, indices, values, mode)


class ufunc:
    """A universal function: device arrays and scalars only, and only the methods that the real one implements."""

    def __init__(self, host: np.ufunc, name: str | None = None):
        self._host, self.name, self.__name__ = host, f"cupy_{name or host.__name__}", name or host.__name__
        self.nin, self.nout, self.nargs = host.nin, host.nout, host.nargs
        self.__doc__ = f"The stand-in's {self.__name__}."

    def __getattr__(self, name: str):
        raise missing("cupy.ufunc", name)

    def __repr__(self):
        return f"<ufunc '{self.name}'>"

    def __call__(self, *args, out=None, **kwargs):
        place = f"cupy.{self.__name__}"
        allowed = ["dtype", "casting"] + (["axes", "axis", "keepdims", "order"] if self._host.signature else [])
        if unknown := [name for name in kwargs if name not in allowed]:
            raise TypeError(f"{place}: Wrong arguments {unknown}")
        if not self.nin <= len(args) <= self.nargs:
            raise TypeError(f"{place}: Wrong number of arguments ({len(args)})")
        args, out = args[: self.nin], args[self.nin :] or out
        args = [operand(arg, place) for arg in args]
        kwargs = {name: value for name, value in kwargs.items() if value is not None}
        if out is None:
            return wrap(quiet(self._host, *args, **kwargs))
        out = out if isinstance(out, tuple) else (out,)
        if not all(isinstance(o, ndarray) or o is None for o in out):
            raise TypeError(f"{place}: out must be a device array, not {[type(o) for o in out]}")
        done = quiet(self._host, *args, out=tuple(o if o is None else o._a for o in out), **kwargs)
        done = done if isinstance(done, tuple) else (done,)
        given = tuple(wrap(new) if old is None else old for old, new in zip(out, done))
        return given if self.nout > 1 else given[0]

    def at(self, a, indices, b=None):
        if self.__name__ not in ATOMIC:
            raise NotImplementedError(f"`{self.name}.at` is not supported yet")
        if not isinstance(a, ndarray):
            raise TypeError(f"{self.name}.at needs a device array, not {type(a)}")
        parts, value = index(indices, f"{self.name}.at"), operand(b, f"{self.name}.at")
        if arrays_in(parts) and a.dtype.name not in ATOMIC[self.__name__] and not any(map(is_mask, parts)):
            raise TypeError(f"{self.name}.at only supports {', '.join(ATOMIC[self.__name__])}, not {a.dtype}")
        value = value if np.ndim(value) == 0 and not isinstance(b, ndarray) else quiet(value.astype, a.dtype)
        quiet(self._host.at, a._a, parts, value)

    def outer(self, A, B, **kwargs):
        if not (isinstance(A, ndarray) and isinstance(B, ndarray)):
            raise TypeError(f"{self.name}.outer needs device arrays, not {type(A)} and {type(B)}")
        return self(A.reshape(A.shape + (1,) * B.ndim), B, **kwargs)

    def reduce(self, array, axis=0, dtype=None, out=None, keepdims=False):
        return self._as_method({"add": "sum", "multiply": "prod"}, array)(axis, dtype, out, keepdims)

    def accumulate(self, array, axis=0, dtype=None, out=None):
        return self._as_method({"add": "cumsum", "multiply": "cumprod"}, array)(axis, dtype, out)

    def _as_method(self, known: dict, array):
        if self.__name__ not in known:
            raise NotImplementedError(f"`{self.name}`: reduce and accumulate exist for add and multiply only")
        if not isinstance(array, ndarray):
            raise TypeError(f"{self.name}: needs a device array, not {type(array)}")
        return getattr(array, known[self.__name__])


def method(name: str):
    """A method that is NumPy's own, for the arguments that the real one takes."""

    def call(self, *args, **kwargs):
        place = f"cupy.ndarray.{name}"
        out = check_call(place, args, kwargs).get("out")
        args = [unwrap(arg, place) for arg in args]
        done = quiet(getattr(self._a, name), *args, **{k: unwrap(v, place) for k, v in kwargs.items()})
        return wrap(done) if out is None else out

    return call


def waiting(name: str):
    """A method or special method that brings values to the host."""

    def call(self, *args):
        wait(name.strip("_"))
        return getattr(self._a, name)(*args)

    return call


def operators(name: str, host: np.ufunc):
    """Forward, reflected and in-place operator; what is neither array nor scalar may bring its own reflected one."""
    function = ufunc(host)

    def forward(self, other):
        if getattr(other, "__array_ufunc__", other) is None:
            return NotImplemented
        return function(self, other)

    def reflected(self, other):
        return function(other, self)

    def in_place(self, other):
        return function(self, other, out=self)

    return {f"__{name}__": forward, f"__r{name}__": reflected, f"__i{name}__": in_place}


def unary(host: np.ufunc):
    function = ufunc(host)
    return lambda self: function(self)


def assemble() -> None:
    """Gives `ndarray` the methods that need no code of their own; each must exist on the real array."""
    plain = "dtype ndim size strides nbytes itemsize".split()
    members = {name: property(operator.attrgetter(f"_a.{name}")) for name in plain}
    members |= {name: property(lambda self, name=name: wrap(getattr(self._a, name))) for name in ("T", "mT")}
    for name in """all any argmax argmin argpartition argsort choose clip conj conjugate copy cumprod cumsum diagonal
            dot flatten max mean min partition prod ravel round searchsorted sort squeeze std sum swapaxes trace
            transpose var view""".split():
        members[name] = method(name)
    for name in "tolist tobytes tofile dump dumps __float__ __int__ __complex__ __repr__ __str__ __format__".split():
        members[name] = waiting(name)
    for name in ("nonzero", "compress"):
        members[name] = lambda self, *args, name=name: wait(name) or wrap(
            getattr(self._a, name)(*[unwrap(arg, name) for arg in args])
        )
    for name, host in {
        "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.true_divide, "pow": np.power,
        "floordiv": np.floor_divide, "mod": np.remainder, "matmul": np.matmul, "and": np.bitwise_and,
        "or": np.bitwise_or, "xor": np.bitwise_xor, "lshift": np.left_shift, "rshift": np.right_shift,
        "divmod": np.divmod, "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
        "eq": np.equal, "ne": np.not_equal,
    }.items():  # fmt: skip
        found = operators(name, host)
        members |= {key: value for key, value in found.items() if key in _standin.NAMES["cupy.ndarray"]}
    for name, host in {"neg": np.negative, "pos": np.positive, "abs": np.absolute, "invert": np.invert}.items():
        members[f"__{name}__"] = unary(host)
    unknown = set(members) - _standin.NAMES["cupy.ndarray"]
    assert not unknown, f"the real array has no {unknown}"
    for name, value in members.items():
        setattr(ndarray, name, value)


assemble()
