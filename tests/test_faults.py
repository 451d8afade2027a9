"""Bad input and hard numbers, one test for each case that a user may run into: what raises, with which words, and what
must come out right instead. The number in a test's name is the case's. Imports minigrad and NumPy."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import minigrad as mg
from minigrad import backend
from minigrad.backend import default_dtype, to_device, to_host, xp
from minigrad.op import Fused
from minigrad.tensor import OPS, Tensor

ROOT = Path(__file__).resolve().parent.parent
ON_NUMPY = backend.name == "numpy"


@pytest.fixture(autouse=True)
def no_warnings():
    """Correct use warns of nothing, and no test here is about a warning unless it says so."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def leaf(*values, dtype=None):
    return Tensor(np.array(values if len(values) > 1 else values[0], dtype=float), dtype=dtype, requires_grad=True)


def values(t):
    return to_host(t.data)


def slope(f, *inputs):
    """Values of df/d(first input), under weights that differ."""
    y = f(*inputs)
    weights = (1 + np.arange(y.size, dtype=y.dtype)).reshape(y.shape)
    return values(mg.grad(y, inputs[0], weights))


LARGE = [1e4, 0.0, -1e4]
DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])


# ---------------------------------------------------------------- numerics


@DTYPES
def test_fault_1_softmax_of_large_logits(dtype):
    x = leaf(*LARGE, dtype=dtype)
    np.testing.assert_array_equal(values(mg.softmax(x)), [1, 0, 0])
    np.testing.assert_array_equal(values(mg.log_softmax(x)), [0, -1e4, -2e4])
    np.testing.assert_array_equal(values(mg.logsumexp(x)), 1e4)
    for f in (mg.softmax, mg.log_softmax):
        g = slope(f, x)
        assert np.isfinite(g).all()
        assert g.sum() == 0


def test_fault_3_a_row_of_minus_infinity(monkeypatch):
    monkeypatch.setenv("MINIGRAD_CHECK", "1")
    x = leaf(-np.inf, -np.inf).reshape(1, 2)
    for f in (mg.softmax, mg.log_softmax):
        with pytest.raises(ValueError, match="nothing but -inf.*masked"):
            f(x)
    rows = Tensor([[-np.inf, -np.inf], [0.0, 0.0]], requires_grad=True)
    np.testing.assert_array_equal(values(mg.softmax(rows, allow_empty=True)), [[0, 0], [0.5, 0.5]])
    assert np.isfinite(slope(lambda t: mg.softmax(t, allow_empty=True), rows)).all()
    assert values(mg.logsumexp(x)) == -np.inf


def test_a_row_that_is_partly_masked():
    x = leaf(-np.inf, 1.0, -np.inf)
    np.testing.assert_array_equal(values(mg.softmax(x)), [0, 1, 0])
    assert (slope(mg.softmax, x) == 0).all()
    assert values(mg.logsumexp(x)) == 1
    np.testing.assert_array_equal(values(mg.grad(mg.logsumexp(x), x)), [0, 1, 0])


def test_fault_4_an_infinite_logit_is_not_hidden():
    assert np.isnan(values(mg.softmax(leaf(np.inf, 0.0)))).any()
    assert np.isnan(values(mg.log_softmax(leaf(np.inf, 0.0)))).any()
    assert np.isnan(values(mg.softmax(leaf(np.nan, 0.0)))).all()


@DTYPES
@pytest.mark.parametrize(
    ("f", "expected", "slopes"),
    [
        (mg.sigmoid, [1, 0.5, 0], [0, 0.25, 0]),
        (mg.tanh, [1, 0, -1], [0, 1, 0]),
        (mg.softplus, [1e4, np.log(2), 0], [1, 0.5, 0]),
        (mg.log_sigmoid, [0, -np.log(2), -1e4], [0, 0.5, 1]),
        (mg.elu, [1e4, 0, -1], [1, 1, 0]),
        (mg.relu, [1e4, 0, 0], [1, 0, 0]),
        (mg.relu6, [6, 0, 0], [0, 0, 0]),
        (mg.softsign, [1e4 / 10001, 0, -1e4 / 10001], [1 / 10001**2, 1, 1 / 10001**2]),
    ],
)
def test_fault_5_saturated_functions(f, expected, slopes, dtype):
    x = leaf(*LARGE, dtype=dtype)
    np.testing.assert_allclose(values(f(x)), expected, rtol=1e-6)
    np.testing.assert_allclose(slope(f, x) / [1, 2, 3], slopes, rtol=1e-6)
    second = mg.grad(mg.grad(f(x).sum(), x, create_graph=True).sum() + (x * 0).sum(), x)
    assert np.isfinite(values(second)).all()


@DTYPES
def test_fault_6_binary_cross_entropy_of_large_logits(dtype):
    x = leaf(1e4, 1e4, -1e4, -1e4, dtype=dtype)
    t = Tensor([1.0, 0.0, 1.0, 0.0], dtype=dtype)
    loss = mg.bce_with_logits(x, t, reduction="none")
    np.testing.assert_allclose(values(loss), [0, 1e4, 1e4, 0], rtol=1e-6)
    np.testing.assert_allclose(values(mg.grad(loss.sum(), x)), [0, 1, -1, 0], atol=1e-7)


@DTYPES
def test_fault_6_probabilities(dtype, monkeypatch):
    monkeypatch.setenv("MINIGRAD_CHECK", "1")
    for p in ([1.5], [-0.1], [np.nan]):
        with pytest.raises(ValueError, match=r"bce: probabilities must lie in 0\.\.1"):
            mg.bce(leaf(*p, dtype=dtype), Tensor(1.0, dtype=dtype))
    with pytest.raises(ValueError, match="bce_with_logits: targets"):
        mg.bce_with_logits(leaf(1.0, dtype=dtype), Tensor(2.0, dtype=dtype))
    p = leaf(0.0, 1.0, 0.0, 1.0, dtype=dtype)
    loss = mg.bce(p, Tensor([0.0, 1.0, 1.0, 0.0], dtype=dtype), reduction="none")
    assert np.isfinite(values(loss)).all()
    assert values(loss)[0] < 1e-6 < 10 < values(loss)[2]


def test_fault_7_targets_are_named_with_value_and_position():
    logits = leaf(*np.zeros(6)).reshape(2, 3)
    for bad, text in [
        ([0, 3], r"cross_entropy: target: 3 at position \(1,\) is outside 0\.\.2"),
        ([-1, 0], r"-1 at position \(0,\)"),
        ([-100, 0], r"-100 at position \(0,\)"),
    ]:
        with pytest.raises(IndexError, match=text):
            mg.cross_entropy(logits, np.array(bad))
    with pytest.raises(IndexError, match="-1"):
        mg.cross_entropy(logits, np.array([-1, -100]), ignore_index=-100)
    mg.cross_entropy(logits, np.array([-100, 0]), ignore_index=-100)
    for bad in (np.array([0.0, 1.0]), np.array([True, False]), [0.5, 1.0]):
        with pytest.raises(mg.DtypeError, match="cross_entropy: targets must be integers"):
            mg.cross_entropy(logits, bad)
    with pytest.raises(mg.ShapeError, match=r"scores \(2, 3\) need targets \(2,\), got \(2, 3\)"):
        mg.cross_entropy(logits, np.zeros((2, 3), dtype=int))
    with pytest.raises(mg.ShapeError, match="cross_entropy"):
        mg.cross_entropy(leaf(1.0), 0)
    assert mg.cross_entropy(logits, [0, 1]).item() == pytest.approx(np.log(3))


def test_fault_8_all_targets_ignored():
    logits = leaf(*np.arange(6.0)).reshape(2, 3)
    for reduction in ("mean", "sum"):
        loss = mg.cross_entropy(logits, np.array([7, 7]), ignore_index=7, reduction=reduction)
        assert loss.item() == 0
        assert (values(mg.grad(loss, logits)) == 0).all()
    assert (values(mg.nll(logits, np.array([7, 7]), ignore_index=7)) == 0).all()


def test_fault_9_edges_of_log_and_sqrt():
    x = leaf(0.0, -1.0, 4.0)
    np.testing.assert_array_equal(values(mg.log(x)), [-np.inf, np.nan, np.log(np.float32(4))])
    np.testing.assert_array_equal(slope(mg.log, x), [np.inf, -2, 0.75])
    np.testing.assert_array_equal(values(mg.sqrt(x)), [0, np.nan, 2])
    np.testing.assert_array_equal(slope(mg.sqrt, x), [np.inf, np.nan, 0.75])


def test_fault_9_edges_of_powers():
    zero, negative = leaf(0.0), leaf(-2.0)
    assert (zero**0).item() == 1
    assert slope(lambda x: x**0, zero) == 0
    assert (zero**-1).item() == np.inf
    assert slope(lambda x: x**1, zero) == 1
    assert slope(lambda x: x**2, zero) == 0
    assert slope(lambda x: x**3, negative) == 12
    assert np.isnan((negative**0.5).item())
    exponent = leaf(0.0)
    assert values(mg.grad(zero**exponent, zero)) == 0
    assert values(mg.grad(zero**exponent, exponent)) == 0
    for base, expected in [(0.0, 0), (2.0, np.log(2)), (-2.0, np.nan)]:
        np.testing.assert_allclose(values(mg.grad(base**exponent, exponent)), expected, rtol=1e-6)
    assert values(mg.grad(zero ** leaf(2.0), zero)) == 0
    exponent = leaf(2.0)
    assert values(mg.grad(zero**exponent, exponent)) == 0
    second = mg.grad(mg.grad(zero**2, zero, create_graph=True), zero)
    assert values(second) == 2
    assert values(mg.grad(mg.grad(zero**3.0, zero, create_graph=True), zero)) == 0


def test_fault_9_integers_to_negative_powers():
    x = Tensor(np.array([1, 2, 4]))
    y = x**-1
    np.testing.assert_array_equal(values(y), [1, 0.5, 0.25])
    assert y.dtype == backend.default_dtype()
    np.testing.assert_array_equal(values(x**2), [1, 4, 16])
    assert (x**2).dtype.kind == "i"


def test_fault_10_division_by_zero():
    x = leaf(1.0, 0.0, -1.0)
    zero = Tensor([0.0, 0.0, 0.0])
    np.testing.assert_array_equal(values(x / zero), [np.inf, np.nan, -np.inf])
    d = leaf(0.0, 2.0)
    safe = mg.where(d != 0, 1.0 / d, 0.0)
    np.testing.assert_array_equal(values(safe), [0, 0.5])
    used = mg.grad((1.0 / d)[1], d)
    assert np.isnan(values(used)[0]) or values(used)[0] == 0
    assert values(used)[1] == -0.25


def test_fault_12_deviation_of_one_element():
    x = leaf(3.0).reshape(1)
    assert mg.std(x).item() == 0
    assert values(mg.grad(mg.std(x), x)) == 0
    with pytest.raises(ValueError, match="ddof=1"):
        mg.std(x, ddof=1)
    same = leaf(2.0, 2.0, 2.0)
    for f in (mg.std, lambda t: mg.norm(t - t)):
        first = mg.grad(f(same), same, create_graph=True)
        assert (values(first) == 0).all()
        assert np.isfinite(values(mg.grad(first.sum() + (same * 0).sum(), same))).all()


def test_fault_13_many_ones_and_half_precision():
    assert Tensor(np.ones(70_000, dtype="float16")).sum().item() == 70_000
    assert Tensor(np.ones(70_000)).mean().item() == 1
    with pytest.raises(mg.DtypeError, match="float16 is not supported"):
        Tensor([1.0], dtype="float16")
    with pytest.raises(mg.DtypeError, match="float16"):
        leaf(1.0).astype("float16")
    with pytest.raises(mg.DtypeError, match="complex"):
        Tensor([1j])
    with pytest.raises(mg.DtypeError, match="no dtype"):
        leaf(1.0).astype("flaot32")


def test_fault_14_two_tensors_of_different_dtype_raise():
    a, b = leaf(1.0, 2.0, dtype="float32"), leaf(1.0, 2.0, dtype="float64")
    with pytest.raises(mg.DtypeError, match=r"add: a float32 tensor and a float64 tensor.*astype"):
        a + b
    both = a + b.astype("float32")
    assert both.dtype == np.float32
    both.sum().backward()
    assert (a.grad.dtype, b.grad.dtype) == (np.float32, np.float64)


def test_fault_14_arrays_and_integers_take_the_dtype_of_the_tensor():
    a = leaf(1.0, 2.0, dtype="float32")
    for other in (np.ones(2), np.ones(2, dtype=int), Tensor(np.array([1, 2])), Tensor(1.0, dtype="float64")):
        other = other if isinstance(other, Tensor) else to_device(other)
        for y in (a * other, other * a, a**other, a - other, other / a):
            assert y.dtype == np.float32
    with default_dtype("float64"):
        assert (a * 2.0 + 1).dtype == np.float32
        assert Tensor([1, 2]).dtype == np.float64


def test_fault_15_nan_is_not_hidden():
    x = leaf(1.0, np.nan, -1.0)
    for f in (
        mg.relu,
        mg.relu6,
        mg.leaky_relu,
        mg.elu,
        mg.abs,
        mg.sign,
        lambda t: mg.clip(t, 0.0, 1.0),
        lambda t: mg.maximum(t, 0.0),
        lambda t: mg.minimum(0.0, t),
    ):
        assert np.isnan(values(f(x))).tolist() == [False, True, False]
    for f in (mg.max, mg.min, mg.sum, mg.mean, mg.prod, mg.norm, mg.logsumexp):
        assert np.isnan(f(x).item())
    assert mg.argmax(x).item() == 1
    with warnings.catch_warnings():
        assert np.isnan(values(mg.crelu(x))).tolist() == [False, True, False, False, True, False]


def test_fault_18_slopes_at_kinks():
    documented = [
        (mg.relu, 0.0, 0),
        (mg.relu6, 0.0, 0),
        (mg.relu6, 6.0, 0),
        (mg.abs, 0.0, 0),
        (mg.sign, 0.0, 0),
        (mg.leaky_relu, 0.0, 0.01),
        (mg.elu, 0.0, 1),
        (lambda x: mg.maximum(x, 0.0), 0.0, 0.5),
        (lambda x: mg.maximum(0.0, x), 0.0, 0.5),
        (lambda x: mg.minimum(x, 0.0), 0.0, 0.5),
        (lambda x: mg.minimum(0.0, x), 0.0, 0.5),
        (lambda x: mg.clip(x, 0.0, 1.0), 0.0, 1),
        (lambda x: mg.clip(x, 0.0, 1.0), 1.0, 1),
        (lambda x: mg.clip(0.0, x, 1.0), 0.0, 0),
        (lambda x: mg.clip(0.0, x, None), 0.0, 0),
        (lambda x: mg.clip(0.0, None, x), 0.0, 0),
        (lambda x: mg.l1(x, Tensor(2.0)), 2.0, 0),
    ]
    for f, at, expected in documented:
        assert slope(f, leaf(at)) == pytest.approx(expected)
    ties = leaf(2.0, 2.0, 1.0)
    np.testing.assert_array_equal(values(mg.grad(mg.max(ties), ties)), [0.5, 0.5, 0])
    np.testing.assert_array_equal(values(mg.grad(mg.min(ties), ties)), [0, 0, 1])


def test_fault_19_cancellation():
    rng = np.random.default_rng(0)
    small = rng.standard_normal(1000)
    x = Tensor(small + 1e8, dtype="float64")
    assert mg.var(x).item() == pytest.approx(values(x).var(), rel=1e-6)
    assert mg.var(x).item() == pytest.approx(small.var(), rel=1e-5)
    y = Tensor([1e8, 1e8 + 1.0], dtype="float64")
    assert (mg.logsumexp(y) - 1e8).item() == pytest.approx(np.log(1 + np.e), rel=1e-6)


# ---------------------------------------------------------------- shapes


def test_fault_21_zero_dimensional_tensors():
    x = Tensor(2.0, requires_grad=True)
    with pytest.raises(TypeError, match="0-d"):
        list(x)
    with pytest.raises(TypeError, match="0-d"):
        len(x)
    assert x.item() == float(x) == 2.0
    assert int(x) == 2
    for y in (
        x * x,
        x.sum(),
        mg.exp(x),
        x.mean(),
        x.max(),
        mg.norm(x),
        x.reshape(()),
        mg.maximum(x, 1.0),
        x**x,
        mg.prod(x),
        mg.std(x),
        x.T,
        +x,
        -x,
    ):
        assert isinstance(y.data, xp.ndarray)
        assert y.shape == ()
        (g,) = mg.grad(y, [x])
        assert isinstance(g.data, xp.ndarray)
        assert g.shape == ()
    (x * leaf(1.0, 2.0)).sum().backward()
    assert isinstance(x.grad.data, xp.ndarray)
    assert values(x.grad) == 3
    assert mg.softmax(leaf(1.0, 2.0))[0].shape == ()
    with mg.no_grad():
        assert isinstance((x * x).data, xp.ndarray)


def test_fault_22_empty_arrays():
    empty = Tensor(np.zeros((0, 3)), requires_grad=True)
    assert empty.sum().item() == 0
    np.testing.assert_array_equal(values(empty.sum(axis=0)), [0, 0, 0])
    assert values(mg.grad(empty.sum(), empty)).shape == (0, 3)
    for f in (mg.mean, mg.var, mg.std, mg.max, mg.min, mg.argmax, mg.logsumexp):
        name = "var" if f is mg.std else f.__name__
        with pytest.raises(ValueError, match=rf"{name} of an empty tensor: shape \(0, 3\)"):
            f(empty)
        with pytest.raises(ValueError, match="axis 0"):
            f(empty, axis=0)
    for f in (mg.max, mg.min, mg.mean, mg.var, mg.logsumexp, mg.argmax):
        assert f(empty, axis=1).shape == (0,)
    assert mg.prod(empty).item() == 1
    for f in (mg.softmax, mg.log_softmax):
        assert f(empty).shape == (0, 3)
        assert values(mg.grad(f(empty).sum(), empty)).shape == (0, 3)
    a, b = Tensor(np.zeros((3, 0)), requires_grad=True), Tensor(np.zeros((0, 4)), requires_grad=True)
    y = a @ b
    np.testing.assert_array_equal(values(y), np.zeros((3, 4)))
    y.sum().backward()
    assert (a.grad.shape, b.grad.shape) == ((3, 0), (0, 4))
    w = Tensor(np.ones((4, 3)), requires_grad=True)
    mg.linear(empty, w).sum().backward()
    np.testing.assert_array_equal(values(w.grad), np.zeros((4, 3)))
    assert list(empty) == []
    assert mg.concat([empty, Tensor(np.ones((2, 3)))]).shape == (2, 3)


@pytest.mark.parametrize("f", [mg.stack, mg.concat])
def test_fault_23_nothing_to_join(f):
    with pytest.raises(ValueError, match="needs at least one"):
        f([])


def test_fault_25_a_batch_of_none():
    logits = Tensor(np.zeros((0, 3)), requires_grad=True)
    for reduction in ("mean", "sum"):
        loss = mg.cross_entropy(logits, np.zeros(0, dtype=int), reduction=reduction)
        assert loss.item() == 0
        loss.backward()
    assert logits.grad.shape == (0, 3)
    assert mg.cross_entropy(logits, np.zeros(0, dtype=int), reduction="none").shape == (0,)
    with pytest.raises(ValueError, match="mean of an empty"):
        mg.mse(logits, logits.detach())
    assert mg.mse(logits, logits.detach(), reduction="sum").item() == 0
    assert mg.take(Tensor(np.ones((4, 2))), np.zeros((0, 3), dtype=int)).shape == (0, 3, 2)
    assert mg.take(Tensor(np.ones((4, 2))), []).shape == (0, 2)


@pytest.mark.parametrize(
    ("a", "b"),
    [((3,), (2, 3)), ((2, 1), (1, 3)), ((1,), (3,)), ((), (2, 3)), ((4, 1, 3), (2, 1)), ((1, 1), (1,)), ((2, 0), (1,))],
)
def test_fault_26_gradients_have_the_shape_of_their_inputs(a, b):
    for f in (
        OPS["add"],
        OPS["sub"],
        OPS["mul"],
        OPS["div"],
        OPS["pow"],
        mg.maximum,
        mg.minimum,
        lambda x, y: mg.where(x > y, x, y),
    ):
        x, y = Tensor(np.full(a, 2.0), requires_grad=True), Tensor(np.full(b, 3.0), requires_grad=True)
        f(x, y).sum().backward()
        assert (x.grad.shape, y.grad.shape) == (a, b)
        x, y = Tensor(np.full(a, 2.0), requires_grad=True), Tensor(np.full(b, 3.0), requires_grad=True)
        second = mg.grad(mg.grad(f(x, y).sum(), x, create_graph=True).sum() + (x * 0).sum() + (y * 0).sum(), [x, y])
        assert [g.shape for g in second] == [a, b]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ([[1.0, 2.0], [3.0]], "different lengths.*pad"),
        ([1.0, None], "object"),
        (None, "NoneType"),
        ("text", "str"),
        (["a", "b"], "<U1"),
        (np.array(["a"]), "<U1"),
        (np.array([{}], dtype=object), "object"),
        (object(), "object"),
        ({"a": 1}, "dict"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "datetime64"),
        ([[1.0, [2.0]]], "different lengths"),
    ],
)
def test_fault_28_what_is_no_rectangle_of_numbers(data, text):
    with pytest.raises(mg.DtypeError, match=text):
        Tensor(data)


def test_fault_28_lists_of_tensors_lose_no_history_silently():
    x = leaf(1.0, 2.0)
    with pytest.raises(mg.DtypeError, match="history would be lost.*stack"):
        Tensor([x, x])
    with pytest.raises(mg.DtypeError, match="stack"):
        Tensor([[1.0], [x]])
    with pytest.raises(mg.DtypeError, match="add.*stack"):
        x + [x, x]
    np.testing.assert_array_equal(values(x + [1.0, 2.0]), [2, 4])
    np.testing.assert_array_equal(values([1.0, 2.0] * x), [1, 4])


@pytest.mark.parametrize("other", [None, "a", object(), {}, 1j])
def test_what_is_no_number_is_refused_by_name(other):
    with pytest.raises(TypeError, match="add"):
        leaf(1.0, 2.0) + other


def test_fault_29_shapes_that_do_not_fit_are_named():
    a, b = Tensor(np.zeros((2, 3))), Tensor(np.zeros((4, 5)))
    with pytest.raises(mg.ShapeError, match=r"matmul: \(2, 3\) @ \(4, 5\).*\(3\).*\(4\)"):
        a @ b
    with pytest.raises(mg.ShapeError, match=r"add: shapes \(2, 3\) and \(4, 5\) do not fit"):
        a + b
    with pytest.raises(mg.ShapeError, match=r"linear: x \(2, 3\) and w \(4, 5\)"):
        mg.linear(a, b)
    for number in (2.0, 2, np.float64(2.0), Tensor(2.0)):
        for product in (lambda n=number: a @ n, lambda n=number: n @ a):
            with pytest.raises(mg.ShapeError, match=r"matmul: .*use \* for numbers"):
                product()
    with pytest.raises(ValueError, match=r"where: shapes .*\(2, 3\) and \(4, 5\)"):
        mg.where(a > 0, a, b)


@pytest.mark.parametrize(
    "f",
    [
        mg.sum,
        mg.mean,
        mg.max,
        mg.min,
        mg.prod,
        mg.var,
        mg.std,
        mg.norm,
        mg.logsumexp,
        mg.argmax,
        mg.softmax,
        mg.log_softmax,
        mg.cumsum,
        mg.flip,
        mg.unstack,
    ],
)
def test_fault_30_axes(f):
    x = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    for axis in (2, -3):
        with pytest.raises(ValueError, match="axis"):
            f(x, axis=axis)
    first, last = f(x, axis=0), f(x, axis=-2)
    for a, b in zip(first if isinstance(first, tuple) else [first], last if isinstance(last, tuple) else [last]):
        np.testing.assert_array_equal(values(a), values(b))


ALONG = [
    lambda x, axis: mg.take(x, [0], axis=axis),
    lambda x, axis: mg.gather(x, [[0], [0]], axis=axis),
    lambda x, axis: mg.split(x, sections=1, axis=axis),
    lambda x, axis: mg.scatter_add(x, np.array([[0], [0]]), Tensor(np.ones((2, 1))), axis=axis),
    lambda x, axis: mg.concat([x, x], axis=axis),
    lambda x, axis: mg.stack([x, x], axis=axis + 1 if axis > 0 else axis - 1),
    lambda x, axis: mg.expand_dims(x, axis=axis + 2 if axis > 0 else axis - 2),
    lambda x, axis: mg.squeeze(x, axis=axis),
]


@pytest.mark.parametrize("call", ALONG)
def test_fault_30_axes_of_other_ops(call):
    x = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    for axis in (2, -3, 7):
        with pytest.raises(ValueError, match="axis"):
            call(x, axis)


@pytest.mark.parametrize("f", [mg.sum, mg.mean, mg.max, mg.prod, mg.var, mg.std, mg.norm, mg.logsumexp])
def test_fault_30_keepdims_and_repeated_axes(f):
    x = Tensor(np.arange(1.0, 7.0).reshape(2, 3), requires_grad=True)
    assert f(x, axis=1, keepdims=True).shape == (2, 1)
    np.testing.assert_allclose(slope(lambda t: f(t, axis=1, keepdims=True), x), slope(lambda t: f(t, axis=1), x))
    with pytest.raises(ValueError, match="axis"):
        f(x, axis=(0, 0))
    with pytest.raises(ValueError, match="axis"):
        f(x, axis=(0, -2))


def test_fault_33_too_large_is_refused_before_it_is_allocated():
    x = Tensor(np.ones((1, 1)), requires_grad=True)
    calls = [
        lambda: mg.broadcast_to(x, shape=(2**16, 2**16)),
        lambda: mg.pad(x, pad_width=((0, 2**31), (0, 0))),
        lambda: mg.one_hot([0], num=2**31),
        lambda: mg.broadcast_to(x, shape=(1,) * 65),
        lambda: x.reshape((1,) * 65),
    ]
    for call in calls:
        with pytest.raises(mg.ShapeError):
            call()
    column = Tensor(np.ones(1)).broadcast_to((2**21, 1)) if ON_NUMPY else None
    if ON_NUMPY:  # two huge views whose sum would need 16 terabytes: the allocator says no
        with pytest.raises(mg.ShapeError, match=r"add: .*memory.*\(2097152, 1\) and \(1, 2097152\)"):
            column + column.reshape(1, 2**21)


# ---------------------------------------------------------------- indexing


@pytest.mark.parametrize(
    "index",
    [
        -1,
        slice(None, None, -1),
        (slice(None), slice(-1, None, -2)),
        (-1, -2),
        (Ellipsis, -1),
        (None, slice(1, None), None, 0),
    ],
)
def test_fault_34_negative_indices_and_steps(index):
    a = np.arange(12.0).reshape(3, 4)
    x = Tensor(a, requires_grad=True)
    y = x[index]
    np.testing.assert_array_equal(values(y), a[index])
    expected = np.zeros_like(a)
    expected[index] += 1 + np.arange(y.size).reshape(y.shape)
    np.testing.assert_array_equal(slope(lambda t: t[index], x), expected)


@pytest.mark.parametrize(
    ("index", "text"),
    [
        (3, "3.*axis 0|axis 0.*3|out of bounds|out of range"),
        (np.array([0, 3]), r"getitem: index on axis 0 of a tensor of shape \(3, 4\): 3 at position \(1,\)"),
        ((slice(None), [0, -5]), r"axis 1 .*-1 at position \(1,\)|axis 1.*-5"),
        ([[0, 1], [9, 0]], r"9 at position \(1, 0\)"),
        ((Ellipsis, [4]), r"axis 1 .*4 at position \(0,\)"),
        ((None, [0], [7]), r"axis 1 .*7 at position \(0,\)"),
    ],
)
def test_fault_35_out_of_range(index, text):
    with pytest.raises(IndexError, match=text):
        Tensor(np.zeros((3, 4)), requires_grad=True)[index]


def test_fault_35_a_mask_of_two_axes_before_an_index():
    a = np.arange(24.0).reshape(2, 3, 4)
    mask = a[..., 0] > 3
    x = Tensor(a, requires_grad=True)
    np.testing.assert_array_equal(values(x[mask, [3]]), a[mask, [3]])
    with pytest.raises(IndexError, match=r"axis 2 .*4 at position \(0,\)"):
        x[mask, [4]]


def test_fault_35_indices_of_another_kind():
    x = Tensor(np.zeros((3, 4)), requires_grad=True)
    for bad in ([0.5], np.array([1.0]), Tensor([0.0])):
        with pytest.raises((mg.DtypeError, IndexError), match="integer"):
            x[bad]
    assert x[[]].shape == (0, 4)
    assert x[np.int64(2)].shape == (4,)
    assert x[True].shape == (1, 3, 4)
    assert x[Tensor(np.array([0, 2]))].shape == (2, 4)
    assert x[x > 0].shape == (0,)
    with pytest.raises(TypeError, match="not written in place.*where"):
        x[0] = 1.0


def test_fault_36_repeated_indices_accumulate():
    x = Tensor(np.ones(3), requires_grad=True)
    ids = np.array([1, 1, 1, 2])
    for f in (lambda t: t[ids], lambda t: mg.take(t, ids), lambda t: mg.gather(t, ids, axis=0)):
        np.testing.assert_array_equal(slope(f, x), [0, 6, 4])
    base = Tensor(np.zeros(3), requires_grad=True)
    v = Tensor(np.array([1.0, 10, 100, 1000]), requires_grad=True)
    y = mg.scatter_add(base, ids, v, axis=0)
    np.testing.assert_array_equal(values(y), [0, 111, 1000])
    np.testing.assert_array_equal(values(base), [0, 0, 0])
    np.testing.assert_array_equal(values(mg.grad(y, v, np.array([5.0, 7, 9]))), [7, 7, 7, 9])


@pytest.mark.parametrize("ids", [[0, 4], [-1, 0], [[0, 0], [9, 0]]])
def test_fault_62_ids_that_are_not_in_the_table(ids):
    bad = next(i for i in np.ravel(ids) if not 0 <= i < 4)
    place = tuple(int(i) for i in np.argwhere(np.asarray(ids) == bad)[0])
    text = rf"take: id on axis 0: {bad} at position \({', '.join(map(str, place))},?\) is outside 0\.\.3"
    with mg.scope("embed"), pytest.raises(IndexError, match=text):
        mg.take(Tensor(np.zeros((4, 2))), np.array(ids))
    for wrong in ([0.0, 1.0], [True, False], ["a"]):
        with pytest.raises(mg.DtypeError, match="take.*integers"):
            mg.take(Tensor(np.zeros((4, 2))), np.array(wrong))


# ---------------------------------------------------------------- the graph, from a user's side


def test_fault_39_backward_needs_a_gradient_of_the_right_kind():
    x = leaf(1.0, 2.0)
    with pytest.raises(mg.GraphError, match=r"shape \(2,\) needs gradient=.*\.sum\(\) or \.mean\(\)"):
        (x * 2).backward()
    with pytest.raises(mg.ShapeError, match=r"gradient has shape \(3,\), the tensor has shape \(2,\)"):
        (x * 2).backward(np.ones(3))
    with pytest.raises(mg.ShapeError, match=r"\(\)"):
        (x * 2).backward(1.0)
    for bad in (np.ones(2, dtype=int), np.array([True, False]), Tensor(np.array([1, 2]))):
        with pytest.raises(mg.DtypeError, match="gradient has dtype"):
            (x * 2).backward(bad)
    (x * 2).backward([1.0, 2.0])
    np.testing.assert_array_equal(values(x.grad), [2, 4])
    x.grad = None
    (x * 2).backward(Tensor(np.ones(2), dtype="float64"))
    assert x.grad.dtype == x.dtype
    (x * 2).sum(keepdims=True).backward()


def test_fault_40_nothing_requires_a_gradient():
    x = Tensor([1.0, 2.0])
    for y in (x, x.sum(), leaf(1.0).detach() * 2, mg.argmax(leaf(1.0, 2.0)), leaf(1.0) > 0):
        with pytest.raises(mg.GraphError, match="no parameter that requires a gradient reaches this value"):
            y.backward()
        with pytest.raises(mg.GraphError, match="without history"):
            mg.grad(y, x)


@pytest.mark.parametrize("data", [np.array([1, 2]), np.array([True]), np.int32(1)])
def test_fault_41_integers_have_no_gradient(data):
    with pytest.raises(mg.DtypeError, match=f"dtype {data.dtype} cannot have a gradient"):
        Tensor(data, requires_grad=True)
    assert Tensor(data).dtype == data.dtype
    assert Tensor(data, dtype="float32", requires_grad=True).dtype == np.float32


def test_fault_47_numpy_is_read_only_and_detach_copies():
    x = leaf(1.0, 2.0)
    a = x.numpy()
    with pytest.raises(ValueError, match="read-only"):
        a[0] = 5
    assert isinstance(a, np.ndarray)
    d = x.detach()
    d.data += 1
    assert values(x).tolist() == [1, 2]
    given = np.array([1.0, 2.0])
    t = Tensor(given)
    given[0] = 99
    assert values(t)[0] == 1, "a tensor has its own copy"


@pytest.mark.parametrize("op", sorted(OPS))
def test_fault_48_every_op_differentiates_twice_or_not_at_all(op):
    """Rules consist of ops: no rule is missing for an argument that is floating."""
    declared = OPS[op]
    if not hasattr(declared, "rules"):
        return  # made of other ops
    if isinstance(declared, Fused):
        return  # its reference, made of ops, is differentiated in its place
    takes_no_gradient = {"condition", "ids", "index", "targets"}
    arguments = {declared.variadic} if declared.variadic else set(declared.args)
    without = arguments - set(declared.rules) - takes_no_gradient
    assert not without or op in ("argmax", "cut"), f"{op} has no rule for {without}"


def test_fault_56_comparisons_and_identity():
    x, y = leaf(1.0, 2.0), leaf(1.0, 3.0)
    for c, expected in [
        (x == y, [True, False]),
        (x != y, [False, True]),
        (x < y, [False, True]),
        (x <= y, [True, True]),
        (x > 1.5, [False, True]),
        (x >= 2, [False, True]),
        (1.5 < x, [False, True]),
    ]:
        assert c.dtype == bool
        assert c.node is None
        assert not c.requires_grad
        np.testing.assert_array_equal(values(c), expected)
    assert hash(x) != hash(y)
    assert len({x, y, x}) == 2
    assert {x: 1}[x] == 1
    assert isinstance((leaf(1.0) == 1).data, xp.ndarray)


def test_fault_56_truth():
    assert bool(Tensor(1.0))
    assert not Tensor([0.0])
    for many in (leaf(1.0, 2.0), Tensor(np.zeros(0))):
        with pytest.raises(ValueError, match="ambiguous"):
            bool(many)
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    with pytest.raises(ValueError, match="look for a tensor in a list"):
        x in [y, x]  # noqa: B015
    assert any(x is t for t in [y, x])
    assert 1.0 in x
    assert 5.0 not in x
    assert len(x) == 2


def test_fault_56_arrays_from_tensors():
    x = leaf(1.0, 2.0)
    if not ON_NUMPY:
        with pytest.raises(TypeError, match=r"\.numpy\(\)"):
            np.asarray(x)
        return
    np.testing.assert_array_equal(np.asarray(x), [1, 2])
    np.testing.assert_array_equal(np.array(x, dtype=np.float64), [1, 2])
    copied = np.array(x)
    copied[0] = 7
    assert values(x)[0] == 1


def test_repr_shows_values_shape_and_op():
    x = leaf(1.0, 2.0)
    assert repr(x) == "Tensor([1. 2.], shape=(2,), dtype=float32, requires_grad=True)"
    assert repr((x * 2).named("y")) == "Tensor([2. 4.], shape=(2,), dtype=float32, op=mul, name='y')"
    assert len(repr(Tensor(np.zeros((100, 100))))) < 400
    with pytest.raises(mg.ShapeError, match=r"shape \(2,\)"):
        x.item()


def test_the_same_seed_gives_the_same_numbers():
    mg.manual_seed(3)
    first = backend.generator().standard_normal(4)
    mg.manual_seed(3)
    np.testing.assert_array_equal(backend.generator().standard_normal(4), first)


# ---------------------------------------------------------------- processes of their own


def python(code, **env):
    """Run code in a fresh process: (exit status, everything it printed). standin=True puts the stand-in on its path."""
    standin = env.pop("standin", False)
    clean = {k: v for k, v in os.environ.items() if not k.startswith("MINIGRAD_") and k != "PYTHONPATH"}
    paths = [str(ROOT / "tests/standin")] * standin + [str(ROOT)]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**clean, "PYTHONPATH": os.pathsep.join(paths), **env},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


NO_CUPY = "import sys; sys.modules['cupy'] = None\n"  # as if it were not installed
NO_GPU = "import cupy; cupy.is_available = lambda: False\n"


@pytest.mark.parametrize(
    ("code", "env", "words"),
    [
        ("import minigrad", {"MINIGRAD_BACKEND": "cupyy"}, ["BackendError", "'cupyy'", "numpy, cupy, auto"]),
        (NO_CUPY + "import minigrad", {"MINIGRAD_BACKEND": "cupy"}, ["BackendError", "not installed", "pip install"]),
        (
            NO_GPU + "import minigrad",
            {"MINIGRAD_BACKEND": "cupy", "standin": True},
            ["BackendError", "no usable GPU", "nvidia-smi"],
        ),
        ("import minigrad", {"MINIGRAD_DTYPE": "float16"}, ["BackendError", "'float16'", "float32, float64"]),
    ],
    ids=["unknown", "not installed", "no GPU", "dtype"],
)
def test_fault_55_a_backend_that_cannot_be_had(code, env, words):
    status, text = python(code, **env)
    assert status == 1
    last = text.strip().splitlines()[-1]
    for word in words:
        assert word in last


@pytest.mark.parametrize("value", ["", "numpy"])
def test_fault_55_empty_is_the_default(value):
    status, text = python(
        "import minigrad; print(minigrad.backend.name, minigrad.default_dtype())",
        MINIGRAD_BACKEND=value,
        MINIGRAD_DTYPE="",
    )
    assert (status, text.split()) == (0, ["numpy", "float32"])


def test_fault_55_auto_says_which_and_why():
    status, text = python(NO_CUPY + "import minigrad; print(minigrad.backend.name)", MINIGRAD_BACKEND="auto")
    assert status == 0
    assert "not installed" in text
    assert "numpy" in text.splitlines()
    status, text = python("import minigrad; print(minigrad.backend.name)", MINIGRAD_BACKEND="auto", standin=True)
    assert status == 0
    assert "a GPU answers" in text
    assert "cupy" in text.splitlines()


def test_fault_55_changed_after_import_is_ignored_with_a_warning():
    code = (
        "import os, warnings, minigrad as mg\n"
        "os.environ['MINIGRAD_BACKEND'] = 'cupy'\n"
        "with warnings.catch_warnings(record=True) as seen:\n"
        "    warnings.simplefilter('always')\n"
        "    mg.Tensor([1.0])\n"
        "print(mg.backend.name, len(seen), seen[0].message)\n"
    )
    status, text = python(code)
    assert status == 0
    assert text.startswith("numpy 1 MINIGRAD_BACKEND was changed after")


def test_fault_55_dtype_from_the_environment():
    status, text = python(
        "import minigrad as mg; print(mg.Tensor([1.0]).dtype, mg.Tensor([1.0]).sum().dtype)", MINIGRAD_DTYPE="float64"
    )
    assert (status, text.split()) == (0, ["float64", "float64"])


MIXED = """
import numpy, cupy, minigrad as mg
t = mg.Tensor([1.0, 2.0], requires_grad=True)
foreign = FOREIGN([1.0, 2.0], dtype="float32")
calls = {
    "+": lambda: t + foreign,
    "reflected": lambda: foreign * t,
    "@": lambda: t @ foreign,
    "maximum": lambda: mg.maximum(t, foreign),
    "linear": lambda: mg.linear(t, foreign[None]),
}
for call in calls.values():
    try:
        call()
    except mg.BackendError as error:
        print("BackendError", error)
    except Exception as error:
        print("other:", type(error).__name__, error)
    else:
        print("nothing raised")
"""


@pytest.mark.parametrize(("name", "foreign"), [("cupy", "numpy.array"), ("numpy", "cupy.array")])
def test_fault_54_arrays_of_two_libraries(name, foreign):
    status, text = python(MIXED.replace("FOREIGN", foreign), MINIGRAD_BACKEND=name, standin=True)
    assert status == 0, text
    lines = text.strip().splitlines()
    assert len(lines) == 5
    for line in lines:
        assert line.startswith("BackendError"), line
        assert "Tensor(...)" in line or "MINIGRAD_BACKEND=cupy" in line, line


def test_fault_54_tensors_come_from_either_side_by_name():
    code = (
        "import numpy, cupy, minigrad as mg\n"
        "print(type(mg.Tensor(numpy.ones(2)).data).__module__)\n"
        "print(mg.Tensor(cupy.ones(2)).numpy().sum())\n"
    )
    status, text = python(code, MINIGRAD_BACKEND="cupy", standin=True)
    assert status == 0, text
    assert text.split()[0].startswith("cupy")
    status, text = python(code, MINIGRAD_BACKEND="numpy", standin=True)
    assert status == 1
    assert "BackendError: a GPU array in a process that runs on NumPy" in text


def test_fault_54_numpy_does_not_take_a_device_tensor_silently():
    code = "import numpy, minigrad as mg\nnumpy.asarray(mg.Tensor([1.0]))"
    status, text = python(code, MINIGRAD_BACKEND="cupy", standin=True)
    assert status == 1
    assert "TypeError" in text
    assert ".numpy()" in text


def test_importing_changes_nothing_in_its_host():
    code = """
import os, random, signal, numpy, warnings
def state():
    legacy = numpy.random.get_state()[1].tolist()
    handler = signal.getsignal(signal.SIGINT)
    return dict(os.environ), random.getstate(), legacy, handler, warnings.filters[:], numpy.geterr()
before = state()
import minigrad
minigrad.manual_seed(0)
print(before == state())
"""
    status, text = python(code)
    assert (status, text.split()) == (0, ["True"])


def test_the_same_seed_gives_the_same_numbers_in_every_process():
    code = "import minigrad; minigrad.manual_seed(7); print(minigrad.backend.generator().standard_normal(3).tolist())"
    results = {
        python(code, PYTHONHASHSEED=seed, MINIGRAD_BACKEND=name, standin=True)
        for seed, name in [("1", "numpy"), ("2", "cupy")]
    }
    assert len(results) == 1
    assert results.pop()[0] == 0
