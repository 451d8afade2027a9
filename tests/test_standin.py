"""The stand-in for CuPy: each mistake that a GPU would punish or hide raises here, and what is right agrees with NumPy.

The stand-in is loaded by its path, so this file runs in both passes of the suite. Imports NumPy and pytest.
"""

import copy
import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

FOLDER = Path(__file__).with_name("standin")


def ours(name: str) -> bool:
    return name.partition(".")[0] in ("cupy", "cupyx")


@pytest.fixture(scope="module")
def standin() -> Iterator[SimpleNamespace]:
    """The stand-in, in the place of any other cupy while this file runs (the one of the suite comes back after it)."""
    before = {name: sys.modules.pop(name) for name in list(sys.modules) if ours(name)}
    sys.path.insert(0, str(FOLDER))
    try:
        yield SimpleNamespace(cupy=importlib.import_module("cupy"), cupyx=importlib.import_module("cupyx"))
    finally:
        sys.path.remove(str(FOLDER))
        for name in [name for name in sys.modules if ours(name)]:
            del sys.modules[name]
        sys.modules.update(before)


@pytest.fixture
def cp(standin: SimpleNamespace) -> ModuleType:
    return standin.cupy


@pytest.fixture
def x(cp: ModuleType):
    return cp.asarray(HOST)


HOST = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
SQUARE = np.random.default_rng(1).normal(size=(2, 3, 3)) + 3 * np.eye(3)
IDS = np.array([2, 0, 2, 1])

# Each planted mistake: the error that the stand-in must raise, and the mistake.
MISTAKES = {
    "host array right": (TypeError, lambda cp, x: x + HOST),
    "host array left": (TypeError, lambda cp, x: HOST * x),
    "host array compared": (TypeError, lambda cp, x: x < HOST),
    "host 0-d array": (TypeError, lambda cp, x: x * np.array(2.0)),
    "host list as operand": (TypeError, lambda cp, x: x + [1, 2, 3, 4]),
    "host array added in place": (TypeError, lambda cp, x: x.__iadd__(HOST)),
    "device array added to a host array in place": (TypeError, lambda cp, x: HOST.copy().__iadd__(x)),
    "host array in a function": (TypeError, lambda cp, x: cp.maximum(x, HOST)),
    "host array alone in a function": (TypeError, lambda cp, x: cp.sum(HOST)),
    "host scalar alone in a function": (TypeError, lambda cp, x: cp.sum(3.0)),
    "list in a function": (TypeError, lambda cp, x: cp.mean([1.0, 2.0])),
    "list of arrays in a function of one array": (TypeError, lambda cp, x: cp.sum([x, x])),
    "host array by keyword": (TypeError, lambda cp, x: cp.dot(x, b=HOST.T)),
    "host array in matmul": (TypeError, lambda cp, x: x @ HOST.T),
    "host array in einsum": (TypeError, lambda cp, x: cp.einsum("ij,kj->ik", x, HOST)),
    "host array in concatenate": (TypeError, lambda cp, x: cp.concatenate([x, HOST])),
    "host array in NumPy's function": (TypeError, lambda cp, x: np.concatenate([x, HOST])),
    "host array in where": (TypeError, lambda cp, x: cp.where(x > 0, x, HOST)),
    "host array as out": (TypeError, lambda cp, x: cp.exp(x, out=np.empty_like(HOST))),
    "host array as out of a reduction": (TypeError, lambda cp, x: cp.sum(x, axis=0, out=np.empty(4, np.float32))),
    "host array assigned": (TypeError, lambda cp, x: x.__setitem__(0, HOST[0])),
    "list assigned": (TypeError, lambda cp, x: x.__setitem__(0, [1, 2, 3, 4])),
    "host and device in one list": (TypeError, lambda cp, x: cp.array([x[0], HOST[0]])),
    "device and Python numbers in one list": (TypeError, lambda cp, x: cp.array([x[0, 0], 1.0])),
    "zeros_like of a host array": (TypeError, lambda cp, x: cp.zeros_like(HOST)),
    "np.asarray": (TypeError, lambda cp, x: np.asarray(x)),
    "np.array of a list": (TypeError, lambda cp, x: np.array([x, x])),
    "assignment into a host array": (TypeError, lambda cp, x: HOST.copy().__setitem__(..., x)),
    "NumPy function that CuPy lacks": (TypeError, lambda cp, x: np.insert(x, 0, 1.0)),
    "host index array": (TypeError, lambda cp, x: x[IDS]),
    "host index array in a tuple": (TypeError, lambda cp, x: x[:, IDS]),
    "host mask": (TypeError, lambda cp, x: x[HOST > 0]),
    "index list": (TypeError, lambda cp, x: x[[0, 1]]),
    "host index array assigned to": (TypeError, lambda cp, x: x.__setitem__(IDS, 1.0)),
    "host index array in add.at": (TypeError, lambda cp, x: cp.add.at(x, IDS, 1.0)),
    "host index array in take": (TypeError, lambda cp, x: cp.take(x, IDS, axis=0)),
    "host index array in the method take": (TypeError, lambda cp, x: x.take(IDS, axis=0)),
    "index that wraps": (IndexError, lambda cp, x: x[cp.asarray([0, 3])]),
    "index that wraps in take": (IndexError, lambda cp, x: cp.take(x, cp.asarray([3]), axis=0)),
    "index that wraps in take_along_axis": (IndexError, lambda cp, x: cp.take_along_axis(x, cp.asarray([[4]]), 1)),
    "index that wraps in add.at": (IndexError, lambda cp, x: cp.add.at(x, cp.asarray([0, -4]), 1.0)),
    "integer out of range": (IndexError, lambda cp, x: x[3]),
    "two masks": (IndexError, lambda cp, x: x[x[:, 0] > 0, x[0] > 0]),
    "duplicates assigned": (IndexError, lambda cp, x: x.__setitem__(cp.asarray([0, 0]), x[:2])),
    "duplicates by a negative index": (IndexError, lambda cp, x: x.__setitem__(cp.asarray([0, -3]), x[:2])),
    "duplicates in two arrays": (
        IndexError,
        lambda cp, x: x.__setitem__((cp.asarray([0, 0]), cp.asarray([1, 1])), x[0, :2]),
    ),
    "duplicates in put_along_axis": (
        IndexError,
        lambda cp, x: cp.put_along_axis(x, cp.asarray([[0, 0]]), x[:1, :2], axis=1),
    ),
    "add.at with an integer type without atomics": (
        TypeError,
        lambda cp, x: cp.add.at(x.astype("int16"), cp.asarray([0]), 1),
    ),
    "ufunc.at that CuPy lacks": (NotImplementedError, lambda cp, x: cp.multiply.at(x, cp.asarray([0]), 2.0)),
    "ufunc.reduce that CuPy lacks": (NotImplementedError, lambda cp, x: cp.maximum.reduce(x)),
    "ufunc with where=": (TypeError, lambda cp, x: cp.exp(x, where=True)),
    "sum with where=": (TypeError, lambda cp, x: cp.sum(x, where=x > 0)),
    "max with initial=": (TypeError, lambda cp, x: x.max(initial=0.0)),
    "clip with one bound": (TypeError, lambda cp, x: cp.clip(x, 0.0)),
    "take_along_axis without axis": (TypeError, lambda cp, x: cp.take_along_axis(x, cp.asarray([[0]]))),
    "einsum with out=": (TypeError, lambda cp, x: cp.einsum("ij->i", x, out=x[:, 0])),
    "name that CuPy lacks": (AttributeError, lambda cp, x: cp.errstate),
    "another name that CuPy lacks": (AttributeError, lambda cp, x: cp.unstack),
    "linalg name that CuPy lacks": (AttributeError, lambda cp, x: cp.linalg.vecdot),
    "method that CuPy lacks": (AttributeError, lambda cp, x: x.to_device("cpu")),
    "flag that CuPy lacks": (AttributeError, lambda cp, x: x.flags.writeable),
    "attribute of one's own": (AttributeError, lambda cp, x: setattr(x, "note", 1)),
    "write to a broadcast view": (ValueError, lambda cp, x: cp.broadcast_to(x, (2, 3, 4)).__setitem__(0, 1.0)),
    "add to a broadcast view": (ValueError, lambda cp, x: cp.broadcast_to(x, (2, 3, 4)).__iadd__(1.0)),
    "in-place cast to a smaller kind": (TypeError, lambda cp, x: x.astype("int32").__iadd__(1.5)),
    "object array": (ValueError, lambda cp, x: cp.array([None, 1])),
    "string array": (ValueError, lambda cp, x: cp.array(["a"])),
    "device array as a Python index": (TypeError, lambda cp, x: [1, 2][cp.asarray(0)]),
    "hash": (TypeError, lambda cp, x: hash(x)),
    "iteration over a 0-d array": (TypeError, lambda cp, x: list(x.sum())),
    "kernel without a GPU": (NotImplementedError, lambda cp, x: cp.RawKernel("code", "name")),
    "second device": (RuntimeError, lambda cp, x: cp.cuda.Device(1)),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_raises(name: str, cp: ModuleType, x) -> None:
    error, mistake = MISTAKES[name]
    with pytest.raises(error):
        mistake(cp, x)


def test_missing_names_say_whose_fault_it_is(cp: ModuleType, x) -> None:
    with pytest.raises(AttributeError, match=r"the real CuPy 14\.\d+\.\d+ has no cupy\.unstack"):
        cp.unstack  # noqa: B018
    with pytest.raises(AttributeError, match=r"the real CuPy .* has no cupy\.ndarray\.unstack"):
        x.unstack  # noqa: B018
    with pytest.raises(AttributeError, match="the stand-in does not have cupy.fuse yet"):
        cp.fuse  # noqa: B018


def test_everything_that_the_standin_has_is_in_the_real_wheel(cp: ModuleType, standin: SimpleNamespace) -> None:
    helpers = {"np", "missing", "need_device", "wait", "ufunc", "runtime", "ndarray", "wrap"}
    for place, thing in {
        "cupy": cp,
        "cupy.linalg": cp.linalg,
        "cupy.random": cp.random,
        "cupy.cuda": cp.cuda,
        "cupy.cuda.runtime": cp.cuda.runtime,
        "cupy.cuda.Device": cp.cuda.Device,
        "cupy.cuda.Stream": cp.cuda.Stream,
        "cupy.ufunc": cp.ufunc,
        "cupy.ndarray": cp.ndarray,
        "cupyx": standin.cupyx,
    }.items():
        names = {name for name in vars(thing) if not name.startswith("_")}
        known = cp._standin.NAMES[place] | ({"np", "importlib"} if place == "cupy" else helpers)
        assert names <= known, place


# Each wait of the host for the device.
WAITING = {
    "get": lambda cp, x: x.get(),
    "item": lambda cp, x: x[0, 0].item(),
    "float": lambda cp, x: float(x[0, 0]),
    "int": lambda cp, x: int(x[0, 0]),
    "bool": lambda cp, x: bool(x[0, 0] > 0),
    "if": lambda cp, x: 1 if (x > 0).any() else 0,
    "in": lambda cp, x: 0.5 in x[0],
    "repr": lambda cp, x: repr(x),
    "str": lambda cp, x: str(x),
    "format": lambda cp, x: f"{x.sum():.3f}",
    "tolist": lambda cp, x: x.tolist(),
    "asnumpy": lambda cp, x: cp.asnumpy(x),
    "mask": lambda cp, x: x[x > 0],
    "assignment to a mask": lambda cp, x: x.__setitem__(x > 9, 0.0),
    "add.at a mask": lambda cp, x: cp.add.at(x, x > 9, 0.0),
    "fill from the device": lambda cp, x: x.fill(x[0, 0]),
    "full from the device": lambda cp, x: cp.full((2,), x[0, 0]),
    "repeat by several numbers": lambda cp, x: cp.repeat(x, cp.asarray([1, 2, 1]), axis=0),
    "nonzero": lambda cp, x: x.nonzero(),
    "where of one argument": lambda cp, x: cp.where(x > 0),
    "argwhere": lambda cp, x: cp.argwhere(x),
    "unique": lambda cp, x: cp.unique(x),
    "bincount": lambda cp, x: cp.bincount(cp.asarray(IDS)),
    "synchronize": lambda cp, x: cp.cuda.Device().synchronize(),
}


@pytest.mark.parametrize("name", WAITING)
def test_wait_is_counted_and_forbidden(name: str, cp: ModuleType, x) -> None:
    before = cp._standin.waits()
    WAITING[name](cp, x)
    assert cp._standin.waits() > before
    with cp._standin.forbid_waits(), pytest.raises(cp._standin.DeviceWait, match="waits for the device"):
        WAITING[name](cp, x)
    WAITING[name](cp, x)


def test_linear_algebra_waits_only_when_asked_to_check(cp: ModuleType, standin: SimpleNamespace) -> None:
    singular = cp.zeros((2, 2))
    with cp._standin.forbid_waits():
        assert cp.linalg.inv(singular).shape == (2, 2)
        with standin.cupyx.errstate(linalg="raise"), pytest.raises(cp._standin.DeviceWait):
            cp.linalg.inv(singular)
    assert np.isnan(cp.linalg.inv(singular).get()).all()
    with standin.cupyx.errstate(linalg="raise"), pytest.raises(np.linalg.LinAlgError):
        cp.linalg.inv(singular)
    with pytest.raises(np.linalg.LinAlgError):
        cp.linalg.inv(cp.zeros((2, 3)))


def test_cupyx_forbids_waits_as_well(cp: ModuleType, standin: SimpleNamespace, x) -> None:
    with pytest.warns(UserWarning), standin.cupyx.allow_synchronize(False):
        with pytest.raises(standin.cupyx.DeviceSynchronized):
            x.get()


def test_a_training_step_in_plain_arrays_never_waits(cp: ModuleType, x) -> None:
    ids, before = cp.asarray(IDS), cp._standin.waits()
    with cp._standin.forbid_waits():
        w = cp.asarray(np.ones((4, 4), np.float32))
        for _ in range(3):
            h = cp.tanh(x[ids] @ w)
            g = cp.zeros_like(x)
            cp.add.at(g, ids, h)
            w -= np.float32(0.1) * (h.T @ h) / cp.maximum(cp.linalg.norm(h), 1.0)
            w = cp.where(w > 10, 10.0, w)
    assert cp._standin.waits() == before


def test_empty_is_not_initialised(cp: ModuleType, x) -> None:
    for made in (cp.empty((2, 2)), cp.empty_like(x), cp.ndarray((2,), "float32")):
        assert np.isnan(made.get()).all()
    assert (cp.empty(3, dtype="int64").get() > 2**62).all()


# Correct uses: the same text runs on NumPy and on the stand-in.
AGREE = {
    "operators": lambda m, x: (x + 1) * 2 - x / 3 + x**2 - (2 - x) / (3 + x * x) + 2.0**x,
    "integer operators": lambda m, x: ((m.arange(9) // 2) % 3, m.arange(9) & 5 | 2, ~m.arange(3), m.arange(3) << 2),
    "comparisons": lambda m, x: ((x > 0) & ~(x <= -0.5), x == x, x != x),
    "NumPy scalars": lambda m, x: (np.float32(2) * x, x / np.float32(3), np.float64(2) * x, x + np.int64(2)),
    "promotion": lambda m, x: (x + 1.5, x + m.ones(4), x.astype("float16") * 2.0, m.arange(3) + 0.5, x * True),
    "0-d": lambda m, x: (x.sum(), x.sum() * 2, x.mean() + x, m.exp(x.max()), x[0, 0] + 1),
    "ufuncs": lambda m, x: (m.exp(x), m.log1p(m.abs(x)), m.maximum(x, 0), m.sign(x), m.logaddexp(x, 0.5)),
    "divmod": lambda m, x: divmod(m.arange(7), 3),
    "where": lambda m, x: (m.where(x > 0, x, 0.0), m.where(x > 0, 1, 0), m.where(x > 0, x, x[0])),
    "reductions": lambda m, x: (
        x.sum(axis=0), x.sum(axis=(0, 1), keepdims=True), m.sum(x, axis=1, dtype="float64"), x.mean(axis=1),
        x.var(axis=1, ddof=1), m.std(x, axis=0, keepdims=True), x.max(axis=1), x.min(), m.prod(x, axis=0),
        m.all(x > -9), (x > 0).any(axis=0), m.count_nonzero(x > 0), m.cumsum(x, axis=1), x.argmax(axis=1),
        m.argmin(x), m.linalg.norm(x), m.linalg.norm(x, axis=1), m.amax(x, axis=0),
    ),
    "sorting": lambda m, x: (m.sort(x, axis=1), m.argsort(x, axis=0), x.argsort(), m.searchsorted(m.arange(5), 2)),
    "shapes": lambda m, x: (
        x.reshape(2, -1), x.reshape((4, 3)), x.T, x.transpose(1, 0), m.transpose(x, (1, 0)), x.ravel(), x.flatten(),
        m.expand_dims(x, 1), x[None].squeeze(0), m.moveaxis(x[None], 0, 2), m.flip(x, axis=1), m.roll(x, 1, axis=0),
        m.broadcast_to(x, (2, 3, 4)), m.permute_dims(x, (1, 0)), m.swapaxes(x, 0, 1), m.tile(x, (2, 1)),
        m.repeat(x, 2, axis=0), m.pad(x, ((1, 0), (0, 2))), m.pad(x, 1, mode="constant", constant_values=2.0),
        m.tril(x), m.diagonal(x), m.atleast_2d(x[0]), m.triu(x, 1), m.matrix_transpose(x),
    ),
    "lists of arrays": lambda m, x: (
        m.concatenate([x, x], axis=1), m.concat((x, x)), m.stack([x, x], axis=2), m.stack(list(x)), m.vstack((x, x)),
        m.split(x, 2, axis=1), m.split(x, [1, 3], axis=1), m.array_split(x, 2), m.meshgrid(x[0], x[1]),
        m.broadcast_arrays(x, x[0]), m.array([x[0], x[1]]),
    ),
    "products": lambda m, x: (
        x @ x.T, m.matmul(x[None], x.T[None]), x[0] @ x[1], x @ x[0], m.dot(x, x.T), x.dot(x[0]), m.outer(x[0], x[1]),
        m.tensordot(x, x, axes=([1], [1])), m.einsum("ij,kj->ik", x, x), m.einsum("...j->...", x),
        m.einsum("ij->ji", x), m.einsum("bij,bjk->bik", x[None], x.T[None], optimize=True),
        m.multiply.outer(x[0], x[1]), m.kron(x[0], x[1]),
    ),
    "linear algebra": lambda m, x: (
        m.linalg.inv(m.asarray(SQUARE)), m.linalg.det(m.asarray(SQUARE)), m.linalg.slogdet(m.asarray(SQUARE)),
        m.linalg.solve(m.asarray(SQUARE), m.asarray(SQUARE)), m.trace(x), m.linalg.matrix_power(m.asarray(SQUARE), 3),
        m.abs(m.linalg.qr(m.asarray(SQUARE))[1]), m.linalg.cholesky(m.asarray(SQUARE @ SQUARE.transpose(0, 2, 1))),
    ),
    "indices": lambda m, x: (
        x[1], x[-1, 2], x[1:, ::-2], x[..., None, 0], x[m.asarray(IDS)], x[:, m.asarray([3, -1])], x[m.asarray(1)],
        x[m.asarray(IDS), m.asarray([0, 1, 2, 3])], x[0, m.asarray([1, 1])], m.take(x, m.asarray(IDS), axis=0),
        m.take(x, 3), m.take_along_axis(x, m.asarray([[1], [0], [3]]), axis=1), m.take(x, m.asarray([[1, 5]])),
        x.take(m.asarray([0, 0]), axis=1), x[m.asarray(np.zeros((0,), int))],
    ),
    "creation": lambda m, x: (
        m.zeros((2, 3)), m.ones(3, dtype="float32"), m.full((2,), 7), m.full((2,), x.sum()), m.arange(1, 9, 2),
        m.eye(3), m.linspace(0, 1, 5), m.zeros_like(x), m.ones_like(x, dtype=bool), m.full_like(x, 2.5),
        m.array([[1, 2], [3, 4]]), m.asarray(HOST, dtype="float64"), m.asarray(3.0), m.array(True),
        m.identity(2), m.tri(3),
    ),
    "out": lambda m, x: (
        m.exp(x, out=m.empty_like(x)), m.matmul(x, x.T, out=m.empty((3, 3), dtype="float32")),
        m.sum(x, axis=0, out=m.empty(4, dtype="float32")), m.add(x, 1, m.empty_like(x)),
    ),
    "types": lambda m, x: (x.astype("float64"), x.view("int32"), x.astype(m.float16), x.real, x.astype(complex).imag),
    "rounding": lambda m, x: (
        m.clip(x, -0.5, 0.5), x.clip(0, 1), m.round(x, 1), x.round(2), m.floor(x), m.clip(x, 0, None),
    ),
}  # fmt: skip


def same(device, host, cp: ModuleType) -> None:
    """Device arrays everywhere, with the dtype, shape and values of NumPy's answer."""
    if isinstance(host, (list, tuple)):
        assert isinstance(device, (list, tuple)) and len(device) == len(host)
        for pair in zip(device, host):
            same(*pair, cp)
        return
    assert type(device) is cp.ndarray, f"{type(device)} left the device"
    assert device.dtype == np.asarray(host).dtype and device.shape == np.shape(host)
    np.testing.assert_array_equal(device.get(), host)


@pytest.mark.parametrize("name", AGREE)
def test_agrees_with_numpy(name: str, cp: ModuleType, x) -> None:
    same(AGREE[name](cp, x), AGREE[name](np, HOST), cp)


def test_numpy_functions_hand_over(cp: ModuleType, x) -> None:
    same((np.exp(x), np.sum(x, axis=0), np.stack([x, x]), np.linalg.norm(x)),
         (np.exp(HOST), np.sum(HOST, axis=0), np.stack([HOST, HOST]), np.linalg.norm(HOST)), cp)  # fmt: skip
    assert not isinstance(x, np.ndarray)


def test_scatter_counts_every_duplicate(cp: ModuleType, standin: SimpleNamespace) -> None:
    ids, values = np.array([[0, 2], [2, 2]]), np.arange(4.0, dtype=np.float32).reshape(2, 2)
    pairs = ((cp.add.at, np.add.at), (cp.maximum.at, np.maximum.at), (standin.cupyx.scatter_add, np.add.at))
    for scatter, host in pairs:
        device, expected = cp.zeros(3, dtype="float32"), np.zeros(3, np.float32)
        scatter(device, cp.asarray(ids), cp.asarray(values))
        host(expected, ids, values)
        same(device, expected, cp)
    rows = cp.zeros((3, 2))
    cp.add.at(rows, (slice(None), cp.asarray([1, 1])), 1.0)
    same(rows, np.array([[0.0, 2.0]] * 3), cp)


def test_assignment(cp: ModuleType) -> None:
    x, y = cp.zeros((3, 4)), np.zeros((3, 4))
    for a, m in ((x, cp), (y, np)):
        a[0] = 1.0
        a[:, 1] = m.arange(3)
        a[m.asarray([2, 0]), 3] = m.asarray([5.0, 6.0])
        a[a > 5] = -1.0
        a[a == 5] = m.asarray([7.0])
        a[m.asarray([1, 1]), 2] = 8.0  # one value for all: defined, whoever comes last
        a[1, 0] = a[2, 3]
        m.put_along_axis(a, m.asarray([[0], [2], [0]]), m.asarray([[9.0]]), axis=1)
        m.copyto(a[2, :2], m.asarray(4.0))
    same(x, y, cp)
    x.fill(3.0)
    same(x, np.full((3, 4), 3.0), cp)
    with pytest.raises(TypeError):
        x.fill(np.ones(()))


def test_views_share_memory_and_in_place_operators_reach_them(cp: ModuleType) -> None:
    x = cp.zeros((2, 3))
    row, element, flat, alias = x[0], x[1, 2], x.reshape(-1), x
    x += 1
    element += 5
    x *= 2.0
    assert alias is x and cp.shares_memory(row, x)
    same((row, element, flat), (np.full(3, 2.0), np.array(12.0), np.array([2.0, 2, 2, 2, 2, 12])), cp)
    x @= cp.eye(3)  # the real array has no __imatmul__: a new array
    assert alias is not x
    taken = x[cp.asarray([0])]
    taken += 1
    assert not cp.shares_memory(taken, x)


def test_array_attributes(cp: ModuleType, x) -> None:
    assert (x.shape, x.ndim, x.size, x.nbytes, x.itemsize, x.strides) == ((3, 4), 2, 12, 48, 4, (16, 4))
    assert x.flags.c_contiguous and x.T.flags.f_contiguous and x.flags["C_CONTIGUOUS"]
    assert len(x) == 3 and [row.shape for row in x] == [(4,)] * 3 and type(next(iter(x[0]))) is cp.ndarray
    assert cp.ndim(x) == 2 and cp.result_type(x, cp.float64) == np.float64 and cp.asarray(x) is x
    assert cp.get_array_module(x) is cp and cp.get_array_module(HOST) is np
    deep = copy.deepcopy(x)
    deep[...] = 0
    same(x, HOST, cp)
    assert x.get() is not x.get() and x.get().flags.writeable


def test_a_device_array_never_shares_memory_with_the_host(cp: ModuleType) -> None:
    host = np.zeros(3)
    for device in (cp.asarray(host), cp.array(host, copy=False), cp.ascontiguousarray(host)):
        host[:] += 1
        assert (device.get() != host).all()
    out = device.get()
    out += 5
    assert (device.get() != out).all()


def test_a_foreign_operand_may_answer_itself(cp: ModuleType, x) -> None:
    class Tensor:
        __array_ufunc__ = None

        def __radd__(self, other):
            return "radd"

        def __rmatmul__(self, other):
            return "rmatmul"

    assert x + Tensor() == "radd" and x @ Tensor() == "rmatmul"
    with pytest.raises(TypeError):
        x - Tensor()


@pytest.mark.filterwarnings("error")
def test_a_device_raises_no_floating_point_warnings(cp: ModuleType) -> None:
    zero = cp.zeros(3)
    same((1 / zero, cp.log(zero), zero / zero), (np.full(3, np.inf), np.full(3, -np.inf), np.full(3, np.nan)), cp)


def test_random_numbers_live_on_the_device(cp: ModuleType) -> None:
    cp.random.seed(0)
    drawn = cp.random.normal(size=(3,), dtype="float32")
    assert type(drawn) is cp.ndarray and drawn.dtype == np.float32
    assert type(cp.random.rand(2, 3)) is cp.ndarray and cp.random.randint(0, 5, (4,)).shape == (4,)


@pytest.mark.parametrize("gone", [False, True])
def test_alone_in_a_process_with_and_without_a_gpu(gone: bool) -> None:
    code = """
import cupy
print(cupy.is_available())
try:
    runtime = cupy.cuda.runtime
    print(runtime.getDeviceCount(), runtime.getDeviceProperties(0)["name"] != b"", cupy.ones(2).sum())
except runtime.CUDARuntimeError as error:
    print("error", error)
"""
    env = os.environ | {"PYTHONPATH": str(FOLDER), "MINIGRAD_STANDIN_NO_GPU": str(int(gone))}
    said = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[0] == str(not gone)
    assert ("error cudaErrorNoDevice" in said) if gone else said.splitlines()[1] == "1 True 2.0"
