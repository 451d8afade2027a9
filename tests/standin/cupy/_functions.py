"""The functions of `cupy`: NumPy's behind a check of names, parameters and of where the arrays live.

They stand apart from `cupy/__init__.py`, where `any` and `max` are no longer Python's. Imports NumPy and the stand-in.
"""

import numpy as np

from cupy._array import index, ndarray, poison, quiet, refuse_duplicates, ufunc, unwrap, wrap
from cupy._standin import NAMES, PARAMETERS, SCALARS, check_call, wait

__all__ = """array asarray asanyarray ascontiguousarray asfortranarray asnumpy get_array_module take put put_along_axis
    copyto repeat RawKernel RawModule ElementwiseKernel ReductionKernel""".split()

# Functions that look at types, shapes and dtypes and answer with an ordinary Python object.
ABOUT = set(
    """ndim shape size result_type can_cast promote_types issubdtype isscalar iscomplexobj isrealobj iterable
    broadcast_shapes common_type min_scalar_type shares_memory may_share_memory isfortran base_repr binary_repr
    einsum_path""".split()
)
# Functions that take host numbers and make a device array.
CREATE = set("arange empty eye full hamming hanning blackman bartlett kaiser identity ones tri zeros indices".split())
# Functions whose argument may be a sequence of arrays.
LISTS = set(
    """concatenate concat stack vstack hstack dstack column_stack einsum choose select ravel_multi_index
    multi_dot""".split()
)
# Functions that bring values to the host on their way (as seen in the source of 14.2).
WAITS = set(
    """asarray_chkfinite nanmin nanmax digitize nonzero flatnonzero argwhere unique unique_all unique_counts
    unique_inverse unique_values bincount extract compress place delete histogram histogram2d histogramdd
    percentile quantile nanpercentile nanquantile trim_zeros setdiff1d intersect1d union1d setxor1d array_repr
    array_str array2string save savez savetxt""".split()
)
ARRAYS = set("a b x y x1 x2 arr array ary m v indices condition values".split())  # parameters that are an array
SCALAR_TOO = set("where isclose allclose array_equal array_equiv outer full_like kron round around clip".split())


def function(name: str, host, place: str = "cupy"):
    """`host`, for the arguments that the real function takes, with host and device arrays kept apart."""
    full = f"{place}.{name}"

    def call(*args, **kwargs):
        bound = check_call(full, args, kwargs)
        if name == "einsum" and (extra := set(kwargs) - {"dtype", "optimize"}):
            raise TypeError(f"{full}: Did not understand the following kwargs: {sorted(extra)}")
        refuse_host_operands(name, full, bound)
        if name in WAITS or waits_for(name, bound):
            wait(full)
        if not args and (first := next(iter(bound), None)) in kwargs:
            args = (kwargs.pop(first),)  # its name is often another one in NumPy
        host_args = [unwrap(arg, full) for arg in args]
        done = quiet(host, *host_args, **{key: unwrap(value, full) for key, value in kwargs.items()})
        if name in ABOUT:
            return done
        if name in ("empty", "empty_like"):
            poison(done)
        return wrap(done) if bound.get("out") is None else bound["out"]

    call.__name__, call.__doc__ = name, f"The stand-in's {full}."
    return call


def waits_for(name: str, bound: dict) -> bool:
    """Functions that wait for some arguments only."""
    if name == "where":
        return len(bound) == 1
    if name in ("full", "full_like"):
        return isinstance(bound.get("fill_value"), ndarray)  # it is compared with 0
    return name == "average" and bound.get("weights") is not None


def refuse_host_operands(name: str, full: str, bound: dict) -> None:
    """TypeError for lists, and for scalars in first place, where the real function needs a device array."""
    if name in ABOUT:
        return
    for position, (key, value) in enumerate(bound.items()):
        has_list = isinstance(value, (list, tuple)) and (key in ARRAYS or any(isinstance(v, ndarray) for v in value))
        lone_scalar = position == 0 and key in ARRAYS and isinstance(value, SCALARS) and name not in SCALAR_TOO
        if (has_list and name not in LISTS) or lone_scalar:
            raise TypeError(f"{full}: {key} must be a cupy.ndarray, not {type(value)}")
        if name in CREATE and isinstance(value, ndarray) and key != "fill_value":
            raise TypeError(f"{full}: {key} must be a host number, not a cupy.ndarray")


def leaves(value):
    """The items of nested lists and tuples."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def array(obj, dtype=None, copy=True, order="K", subok=False, ndmin=0, *, blocking=False):
    """Host or device data to a new device array; a list is all device arrays or none."""
    if isinstance(obj, (list, tuple)):
        device = [isinstance(item, ndarray) for item in leaves(obj)]
        if any(device) and not all(device):
            raise TypeError("cupy.array: device arrays mixed with host values in one list")
        obj = _bare(obj)
    if isinstance(obj, ndarray):
        return wrap(np.array(obj._a, dtype=dtype, copy=copy or None, order=order, ndmin=ndmin))
    return wrap(np.array(obj, dtype=dtype, order=order, ndmin=ndmin))


def _bare(value):
    if isinstance(value, (list, tuple)):
        return [_bare(item) for item in value]
    return value._a if isinstance(value, ndarray) else value


def asarray(a, dtype=None, order=None, *, copy=None, blocking=False):
    """A device array itself where nothing changes; host data is always copied, as to a device."""
    if isinstance(a, ndarray):
        done = np.asarray(a._a, dtype=dtype, order=order, copy=copy)
        return a if done is a._a else wrap(done)
    return array(a, dtype, True, order or "K")


def ascontiguousarray(a, dtype=None):
    """As `asarray`, C-contiguous."""
    return asarray(a, dtype, "C")


def asfortranarray(a, dtype=None):
    """As `asarray`, Fortran-contiguous."""
    return asarray(a, dtype, "F")


asanyarray = asarray


def asnumpy(a, stream=None, order="C", out=None, *, blocking=True):
    """A host copy; the host waits."""
    return a.get(stream, order, out) if isinstance(a, ndarray) else np.asarray(a)


def get_array_module(*args):
    """This module if an argument is a device array, otherwise NumPy."""
    import cupy

    return cupy if any(isinstance(arg, ndarray) for arg in args) else np


def take(a, indices, axis=None, out=None):
    """NumPy's take; an index out of range raises, where the real one wraps."""
    if isinstance(indices, (np.ndarray, list, tuple)) or not isinstance(a, ndarray):
        raise TypeError(f"cupy.take: a {type(a)} with indices {type(indices)}; both are device arrays")
    parts = index(indices, "cupy.take")
    done = np.take(a._a, parts[0], axis=axis)
    if out is None:
        return wrap(done)
    out[...] = wrap(done)
    return out


def put(a, ind, v, mode="wrap"):
    """NumPy's put without wrapping; duplicates raise."""
    parts = index(ind, "cupy.put")
    refuse_duplicates(a._a, lambda numbers: numbers.ravel()[parts], "cupy.put")
    np.put(a._a, parts[0], unwrap(v, "cupy.put"))


def put_along_axis(arr, indices, values, axis):
    """NumPy's put_along_axis; duplicates raise."""
    parts = index(indices, "cupy.put_along_axis")
    refuse_duplicates(arr._a, lambda numbers: np.take_along_axis(numbers, parts[0], axis), "cupy.put_along_axis")
    np.put_along_axis(arr._a, parts[0], unwrap(values, "cupy.put_along_axis"), axis)


def copyto(dst, src, casting="same_kind", where=None):
    """NumPy's copyto between device arrays."""
    where = True if where is None else unwrap(where, "cupy.copyto")
    np.copyto(dst._a, unwrap(src, "cupy.copyto"), casting=casting, where=where)


def repeat(a, repeats, axis=None):
    """NumPy's repeat; several counts have to be read on the host."""
    return a.repeat(repeats, axis)


def needs_gpu(name: str):
    """A class of the real CuPy that compiles code for a device."""

    def refuse(self, *args, **kwargs):
        raise NotImplementedError(f"cupy.{name} compiles for a device and needs a GPU")

    return type(name, (), {"__init__": refuse})


RawKernel, RawModule = needs_gpu("RawKernel"), needs_gpu("RawModule")
ElementwiseKernel, ReductionKernel = needs_gpu("ElementwiseKernel"), needs_gpu("ReductionKernel")


def fill_module(members: dict, place: str, host) -> None:
    """Gives a module every real name that NumPy has: ufuncs and functions wrapped, types and constants as they are."""
    for name in NAMES[place]:
        value = getattr(host, name, None)
        if name.startswith("_") or name in members or value is None:
            continue
        if isinstance(value, np.ufunc):
            members[name] = ufunc(value, name)
        elif isinstance(value, type):
            if issubclass(value, (np.generic, np.dtype, np.finfo, np.iinfo, Exception, bool)):
                members[name] = value
        elif isinstance(value, (int, float)):
            members[name] = value
        elif callable(value) and f"{place}.{name}" in PARAMETERS:
            members[name] = function(name, value, place)
