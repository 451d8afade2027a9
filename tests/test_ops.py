"""Every row of the op table: value, first and second derivatives, dtypes, layouts, large values, errors; then shapes
and indices that hypothesis writes. Imports the table, minigrad, NumPy and hypothesis."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from minigrad.backend import default_dtype, is_host, name, to_device, to_host, xp
from minigrad.check import KinkError, check_grads
from minigrad.tensor import OPS, Tensor
from tests.op_table import CASE_IDS, CASES, TABLE, arguments, as_list, as_raw, as_tensor, declared

every_case = pytest.mark.parametrize(("op", "case"), CASES, ids=CASE_IDS)
every_row = pytest.mark.parametrize("op", list(TABLE))
few = settings(max_examples=max(10, settings.default.max_examples // 2))


def same(tensors, expected, rtol=1e-12, atol=1e-12):
    """Outputs (Tensors or raw arrays) against NumPy's: as many, of the same shapes, with the same values."""
    tensors, expected = as_list(tensors), as_list(expected)
    assert len(tensors) == len(expected)
    for t, e in zip(tensors, expected):
        assert t.shape == np.shape(e)
        np.testing.assert_allclose(to_host(t.data if isinstance(t, Tensor) else t), e, rtol=rtol, atol=atol)


def prepared(args):
    """For check_grads: masks as Tensors, the rest as it is."""
    return [as_tensor(a) if np.asarray(a).dtype == bool else a for a in args]


def gradients(call, tensors, seed=1):
    """Gradients of all floating outputs under fixed random weights, as host arrays."""
    rng = np.random.default_rng(seed)
    outputs = [o for o in as_list(call(*tensors)) if o.requires_grad]
    weights = [rng.standard_normal(o.shape).astype(o.dtype) for o in outputs]
    wanted = [t for t in tensors if isinstance(t, Tensor) and t.requires_grad]
    return [to_host(g.data) for g in mg.grad(outputs, wanted, weights)]


# ---------------------------------------------------------------- every row


def test_every_declared_op_is_in_the_table():
    assert sorted(declared()) == sorted(TABLE)
    assert set(mg.ops.__all__) - {"unbroadcast"} <= set(TABLE)  # that one is a helper for rules


def test_every_promised_op_is_there():
    wanted = """exp log sqrt sin cos tanh sigmoid relu relu6 crelu leaky_relu elu softplus softsign abs sign
    maximum minimum where clip pow sum mean var std max min prod logsumexp softmax log_softmax norm argmax cumsum
    reshape permute_dims transpose expand_dims squeeze broadcast_to concat stack unstack split flip pad take gather
    scatter_add one_hot masked_fill matmul linear einsum outer inv det logdet cross_entropy nll bce_with_logits mse
    l1""".split()
    assert [n for n in wanted if not callable(getattr(mg, n, None))] == []


@every_case
def test_value(op, case):
    args, params = arguments(op, case)
    with default_dtype("float64"):
        got = TABLE[op].call(*[as_tensor(a) for a in args], **params)
    assert all(isinstance(o, Tensor) and isinstance(o.data, xp.ndarray) for o in as_list(got))
    same(got, TABLE[op].reference(*args, **params))


@every_case
def test_raw_in_raw_out(op, case):
    args, params = arguments(op, case)
    got = TABLE[op].call(*[as_raw(a) for a in args], **params)
    makes_tensors = op == "one_hot"  # ids alone say nothing of whether a Tensor is wanted
    assert all(isinstance(o, Tensor) == makes_tensors for o in as_list(got))
    same(got, TABLE[op].reference(*args, **params))


@every_case
def test_gradients(op, case):
    args, params = arguments(op, case)
    if TABLE[op].differentiable:
        check_grads(lambda *a: TABLE[op].call(*a, **params), prepared(args))
    else:
        outputs = as_list(TABLE[op].call(*[as_tensor(a) for a in args], **params))
        assert not any(o.requires_grad for o in outputs)


@pytest.mark.parametrize(("op", "case"), [c for c in CASES if TABLE[c[0]].analytic])
def test_gradients_by_the_complex_step(op, case):
    args, params = arguments(op, case)
    args = [as_tensor(a) if np.asarray(a).dtype == bool else a for a in args]
    check_grads(lambda *a: TABLE[op].call(*a, **params), args, order=1, complex_step=True, rtol=1e-11)


@pytest.mark.parametrize(("op", "args"), [(n, k) for n, row in TABLE.items() for k in row.kinks])
def test_kinks_are_called_kinks_and_have_finite_or_documented_slopes(op, args):
    with pytest.raises(KinkError, match="kink"):
        check_grads(TABLE[op].call, args)
    tensors = [as_tensor(a) for a in args]
    slopes = gradients(TABLE[op].call, tensors)
    if op in ("log", "sqrt"):
        assert np.isinf(slopes[0]).all()
    else:
        assert all(np.isfinite(s).all() for s in slopes)


@every_case
def test_float32_stays_float32(op, case):
    args, params = arguments(op, case)
    if "dtype" in params:
        params = {"dtype": "float32"}
    row = TABLE[op]
    tensors = [as_tensor(a, "float32") for a in args]
    outputs = as_list(row.call(*tensors, **params))
    if row.float_out:
        assert [o.dtype for o in outputs] == [np.float32] * len(outputs)
        same(outputs, row.reference(*args, **params), rtol=2e-4, atol=2e-5)
    if row.differentiable:
        assert all(g.dtype == np.float32 for g in gradients(lambda *a: row.call(*a, **params), tensors))


@pytest.mark.parametrize(("op", "slot"), [(n, int(s)) for n, row in TABLE.items() for s in row.slots])
@pytest.mark.parametrize(
    "scalar",
    [np.float64(0.75), np.array(0.75), np.int64(2), 0.75, 2, "tensor"],
    ids=["np.float64", "0-d", "np.int64", "float", "int", "0-d tensor"],
)
def test_fault_14_a_scalar_takes_the_dtype_of_the_others(op, slot, scalar):
    case = next(i for i, c in enumerate(TABLE[op].cases) if sum(a.ndim > 0 for a in arguments(op, i)[0]) > 1)
    args, params = arguments(op, case)
    if isinstance(scalar, str):
        scalar = Tensor(0.75, dtype="float64")
    tensors = [as_tensor(a, "float32") for a in args]
    tensors[slot] = to_device(scalar) if isinstance(scalar, np.ndarray) else scalar
    others = [t for t in tensors if isinstance(t, Tensor) and t is not scalar and t.ndim]
    out = TABLE[op].call(*tensors, **params)
    assert others, "the case must have an array in another argument"
    assert out.dtype == np.float32
    assert all(g.dtype == np.float32 for g in gradients(lambda *a: TABLE[op].call(*tensors, **params), others))


@pytest.mark.parametrize("op", [n for n, row in TABLE.items() if row.float_out and n not in ("one_hot", "cast")])
def test_fault_14_zero_dimensional_float32_stays_float32(op):
    """Each row's first argument as 0-d where the op takes that; NumPy makes scalars of such results."""
    args, params = arguments(op, 0)
    flat = [np.asarray(a).reshape(-1)[:1].reshape(()) if np.asarray(a).dtype.kind in "fb" else a for a in args]
    try:
        out = TABLE[op].call(*[as_tensor(a, "float32") for a in flat], **params)
    except (ValueError, IndexError, TypeError):
        assert op in NEEDS_AN_AXIS
        return
    for o in as_list(out):
        assert isinstance(o.data, xp.ndarray)
        assert o.dtype == np.float32


NEEDS_AN_AXIS = set(
    """matmul linear outer inv det logdet einsum nll cross_entropy residual getitem scatter take gather scatter_add
    concat unstack split crelu softmax log_softmax cumsum sum_to broadcast_to reshape pad windows
    overlap_add""".split()
)


# ---------------------------------------------------------------- layouts


def transposed(a):
    return a.T.copy(order="C").T


def reversed_twice(a):
    backwards = (slice(None, None, -1),) * a.ndim
    return a[backwards].copy()[backwards]


def every_second(a):
    return xp.repeat(a, 2, axis=-1)[..., ::2] if a.ndim else a


@pytest.mark.parametrize("layout", [transposed, reversed_twice, every_second])
@every_case
def test_fault_31_layouts_do_not_matter(op, case, layout):
    """Views of every kind: same values and gradients as their contiguous copies."""
    args, params = arguments(op, case)
    row = TABLE[op]
    plain = [as_tensor(a) for a in args]
    viewed = [as_tensor(a) for a in args]
    for t in viewed:
        if isinstance(t, Tensor):
            t.data = layout(t.data)
    same(row.call(*viewed, **params), [to_host(o.data) for o in as_list(row.call(*plain, **params))])
    if row.differentiable:
        for g, expected in zip(
            gradients(lambda *a: row.call(*a, **params), viewed), gradients(lambda *a: row.call(*a, **params), plain)
        ):
            np.testing.assert_allclose(g, expected, rtol=1e-12, atol=1e-12)


# ---------------------------------------------------------------- large values


@pytest.mark.parametrize("op", [n for n, row in TABLE.items() if row.stable])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_stable_at_large_values(op, dtype):
    """Values and gradients at +-1e4 are finite, and nothing warns."""
    row = TABLE[op]
    args, params = arguments(op, 0)
    floats = [a for a in args if np.asarray(a).dtype.kind == "f"]
    large = np.array([1e4, -1e4, 9e3, 0.5, -1e4, 1e4])
    tensors = [
        as_tensor(np.resize(large[i:], a.shape) if any(a is f for f in floats) else a, dtype)
        for i, a in enumerate(args)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        outputs = as_list(row.call(*tensors, **params))
        assert all(np.isfinite(to_host(o.data)).all() for o in outputs)
        assert all(np.isfinite(g).all() for g in gradients(lambda *a: row.call(*a, **params), tensors))


# ---------------------------------------------------------------- errors

ERRORS = [(n, i) for n, row in TABLE.items() for i in range(len(row.errors))]


@pytest.mark.parametrize(("op", "number"), ERRORS, ids=[f"{n}-{i}" for n, i in ERRORS])
def test_errors_name_op_and_cause(op, number, monkeypatch):
    args, params, kind, text = TABLE[op].errors[number]
    if text == "singular" and name == "cupy":
        pytest.skip("a device solver answers with inf and nan; looking for them would wait for it")
    monkeypatch.setenv("MINIGRAD_CHECK", "1")  # look at values on a device too
    with pytest.raises(kind, match=text) as caught:
        TABLE[op].call(*[as_tensor(a) for a in args], **params)
    assert str(caught.value).startswith(MADE_OF.get(op, op)), "the message names the op first"


MADE_OF = {"std": "var", "norm": "sum", "crelu": "concat", "transpose": "permute_dims"}  # what refuses in their stead


def test_errors_name_the_place():
    with (
        mg.scope("encoder.layers.0"),
        mg.scope("step", 3),
        pytest.raises(mg.ShapeError, match=r"in encoder\.layers\.0, step 3"),
    ):
        Tensor(np.zeros((2, 3))) @ Tensor(np.zeros((2, 3)))


@every_row
def test_a_list_of_tensors_is_refused(op):
    if not TABLE[op].differentiable or op in ("concat", "stack", "getitem"):
        return
    args, params = arguments(op, 0)
    tensors = [as_tensor(a) for a in args]
    first = next(i for i, t in enumerate(tensors) if isinstance(t, Tensor) and t.dtype.kind == "f")
    tensors[first] = [tensors[first], tensors[first]]
    with pytest.raises((TypeError, AttributeError)):
        TABLE[op].call(*tensors, **params)


# ---------------------------------------------------------------- shapes and indices that hypothesis writes


def smooth(shape, seed):
    return np.random.default_rng(seed).uniform(0.5, 1.5, shape)


def distinct(shape, seed, offset=0.0):
    """Values a tenth apart, so that no two are nearly equal: a kink of max and min."""
    return np.random.default_rng(seed).permutation(int(np.prod(shape))).reshape(shape) * 0.1 + offset


seeds = st.integers(0, 2**16)


@pytest.mark.parametrize("op", ["add", "sub", "mul", "div", "pow", "maximum", "minimum"])
@few
@given(shapes=hnp.mutually_broadcastable_shapes(num_shapes=2, min_side=0, max_side=4, max_dims=4), seed=seeds)
def test_fault_26_broadcasting_pairs(op, shapes, seed):
    a, b = (smooth(s, seed + i) for i, s in enumerate(shapes.input_shapes))
    if op in ("maximum", "minimum"):
        a, b = (distinct(s, seed + i, 0.05 * i) for i, s in enumerate(shapes.input_shapes))
    row = TABLE[op]
    same(row.call(as_tensor(a), as_tensor(b)), row.reference(a, b))
    check_grads(row.call, [a, b], mode="random")


@few
@given(shapes=hnp.mutually_broadcastable_shapes(num_shapes=3, min_side=0, max_side=3, max_dims=3), seed=seeds)
def test_fault_26_three_way_broadcasting(shapes, seed):
    x, low, high = (smooth(s, seed + i) for i, s in enumerate(shapes.input_shapes))
    low, high = low * 0.5, high + 0.3
    same(mg.clip(as_tensor(x), as_tensor(low), as_tensor(high)), np.clip(x, low, high))
    condition = x > 1
    same(mg.where(as_tensor(condition), as_tensor(low), as_tensor(high)), np.where(condition, low, high))
    for g, t in zip(gradients(mg.clip, [as_tensor(x), as_tensor(low), as_tensor(high)]), (x, low, high)):
        assert g.shape == t.shape
    check_grads(lambda a, b: mg.where(as_tensor(condition), a, b), [low, high], mode="random")


@few
@given(shapes=hnp.mutually_broadcastable_shapes(signature=np.matmul.signature, max_side=4, max_dims=2), seed=seeds)
def test_matmul_by_its_signature(shapes, seed):
    a, b = (smooth(s, seed + i) for i, s in enumerate(shapes.input_shapes))
    same(as_tensor(a) @ as_tensor(b), a @ b)
    check_grads(mg.matmul, [a, b], mode="random")


shapes_with_axes = hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4).flatmap(
    lambda shape: st.tuples(
        st.just(shape), st.one_of(st.none(), hnp.valid_tuple_axes(len(shape)), st.integers(-len(shape), len(shape) - 1))
    )
)


@pytest.mark.parametrize("op", ["sum", "mean", "var", "max", "min", "prod", "logsumexp", "norm", "std"])
@few
@given(shape_axis=shapes_with_axes, keepdims=st.booleans(), seed=seeds)
def test_fault_30_reductions_over_any_axes(op, shape_axis, keepdims, seed):
    shape, axis = shape_axis
    x = distinct(shape, seed) if op in ("max", "min") else smooth(shape, seed)
    call, reference = TABLE[op].call, TABLE[op].reference
    same(call(as_tensor(x), axis=axis, keepdims=keepdims), reference(x, axis=axis, keepdims=keepdims), rtol=1e-10)
    if op != "std" or x.var(axis=axis).min() > 1e-3:  # equal values: a kink
        check_grads(lambda t: call(t, axis=axis, keepdims=keepdims), [x], mode="random")


indexed = hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4).flatmap(
    lambda shape: st.tuples(
        st.just(shape),
        st.one_of(
            hnp.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True),
            hnp.integer_array_indices(shape, result_shape=hnp.array_shapes(max_dims=2, max_side=4)),
            hnp.arrays(bool, shape[:1]),
            hnp.arrays(bool, shape),
        ),
    )
)


@given(pair=indexed, seed=seeds)
def test_fault_34_any_index(pair, seed):
    shape, index = pair
    x = np.random.default_rng(seed).standard_normal(shape)
    t = as_tensor(x)
    same(t[index], x[index])
    g = np.random.default_rng(seed).standard_normal(x[index].shape)
    expected = np.zeros(shape)
    np.add.at(expected, index, g)
    np.testing.assert_allclose(to_host(mg.grad(t[index], t, g).data), expected, rtol=1e-12)
    check_grads(lambda a: a[index], [x], mode="random")


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int64"])
@pytest.mark.parametrize("rows", [(), (3,), (2, 2)])
def test_gradients_of_rows_add_up_whatever_holds_the_ids(dtype, rows):
    ids = np.random.default_rng(0).integers(90, 99, (4, 50)).astype(dtype)
    table, g = Tensor(np.zeros((99, *rows)), requires_grad=True), np.random.default_rng(1).normal(size=(4, 50, *rows))
    mg.take(table, ids).backward(g)
    expected = np.zeros((99, *rows))
    np.add.at(expected, ids, g)
    np.testing.assert_allclose(to_host(table.grad.data), expected, rtol=1e-4, atol=1e-5)


@given(shape=hnp.array_shapes(min_dims=2, max_dims=3, max_side=4), data=st.data())
def test_indices_mixed_of_arrays_slices_and_new_axes(shape, data):
    parts = []
    for n in shape:
        arrays = hnp.arrays(np.int64, 2, elements=st.integers(-n, n - 1))
        parts.append(data.draw(st.one_of(st.integers(-n, n - 1), st.slices(n), arrays)))
    parts.insert(data.draw(st.integers(0, len(parts))), None)
    index = tuple(parts)
    x = np.random.default_rng(0).standard_normal(shape)
    same(as_tensor(x)[index], x[index])
    check_grads(lambda a: a[index], [x], mode="random")


@few
@given(data=st.data())
def test_einsum_of_any_letters(data):
    """One to three operands over a handful of letters, some with '...', the output named or implied."""
    sizes = dict(zip("abcd", data.draw(st.lists(st.integers(1, 3), min_size=4, max_size=4))))
    letters = st.lists(st.sampled_from("abcd"), unique=True, max_size=3).map("".join)
    terms = data.draw(st.lists(letters, min_size=1, max_size=3))
    dotted = data.draw(st.lists(st.booleans(), min_size=len(terms), max_size=len(terms)))
    batch = data.draw(hnp.mutually_broadcastable_shapes(num_shapes=len(terms), min_side=1, max_side=3, max_dims=2))
    present = sorted(set("".join(terms)))
    subscripts = ",".join(("..." if dots else "") + term for term, dots in zip(terms, dotted))
    if data.draw(st.booleans()):
        output = data.draw(st.lists(st.sampled_from(present), unique=True) if present else st.just([]))
        subscripts += "->" + ("..." if any(dotted) else "") + "".join(output)
    shapes = [
        (*(extra if dots else ()), *[sizes[c] for c in term])
        for term, dots, extra in zip(terms, dotted, batch.input_shapes)
    ]
    arrays = [smooth(shape, i) for i, shape in enumerate(shapes)]
    same(mg.einsum(subscripts, *[as_tensor(a) for a in arrays]), np.einsum(subscripts, *arrays))
    check_grads(lambda *xs: mg.einsum(subscripts, *xs), arrays, mode="random")


@given(shape=hnp.array_shapes(min_dims=1, max_dims=3, max_side=4), data=st.data())
def test_joining_and_parting_are_inverse(shape, data):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    x = smooth(shape, 0)
    t = as_tensor(x)
    same(mg.stack(mg.unstack(t, axis=axis), axis=axis), x)
    cuts = sorted(data.draw(st.lists(st.integers(0, shape[axis]), max_size=3)))
    same(mg.split(t, tuple(cuts), axis), np.split(x, cuts, axis))
    same(mg.concat(mg.split(t, sections=tuple(cuts), axis=axis), axis=axis), x)
    check_grads(lambda a: mg.concat(mg.split(a, sections=tuple(cuts), axis=axis)[::-1], axis=axis), [x], mode="random")
    same(mg.flip(mg.flip(t, axis=axis), axis=axis), x)


# ---------------------------------------------------------------- laws

rows = hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=5), elements=st.floats(-30, 30))


@given(x=rows, shift=st.floats(-100, 100))
def test_softmax_does_not_see_a_shift(x, shift):
    same(mg.softmax(as_tensor(x + shift)), to_host(mg.softmax(as_tensor(x)).data), rtol=1e-9)
    same(mg.softmax(as_tensor(x)).sum(axis=-1), np.ones(len(x)))


@given(x=rows, seed=seeds)
def test_softmax_gradients_sum_to_zero(x, seed):
    for op in (mg.softmax, mg.log_softmax):
        (g,) = gradients(op, [as_tensor(x)], seed)
        np.testing.assert_allclose(g.sum(axis=-1), 0, atol=1e-12)


@given(x=rows)
def test_logsumexp_is_at_least_the_largest(x):
    y = to_host(mg.logsumexp(as_tensor(x), axis=1).data)
    assert (y >= x.max(axis=1)).all()
    assert (y <= x.max(axis=1) + np.log(x.shape[1]) + 1e-12).all()


@every_row
def test_rules_are_linear_in_the_incoming_gradient(op):
    args, params = arguments(op, 0)
    if not TABLE[op].differentiable:
        return
    tensors = [as_tensor(a) for a in args]
    outputs = as_list(TABLE[op].call(*tensors, **params))
    wanted = [t for t in tensors if isinstance(t, Tensor) and t.requires_grad]
    rng = np.random.default_rng(0)
    one, two = ([rng.standard_normal(o.shape) for o in outputs] for _ in range(2))
    first, second = (mg.grad(outputs, wanted, gs) for gs in (one, two))
    both = mg.grad(outputs, wanted, [2 * a - 3 * b for a, b in zip(one, two)])
    for a, b, c in zip(first, second, both):
        np.testing.assert_allclose(to_host((2 * a - 3 * b).data), to_host(c.data), rtol=1e-9, atol=1e-12)


def test_names_by_position_as_in_numpy():
    x = as_tensor(np.arange(6.0).reshape(2, 3))
    same(mg.sum(x, 0), np.array([3.0, 5, 7]))
    same(mg.linear(w=x, x=x), to_host(mg.linear(x, x).data))
    with pytest.raises(TypeError, match="linear.*w"):
        mg.linear(x)
    same(mg.softmax(x, -1), mg.softmax(x, axis=-1).numpy())
    with pytest.raises(TypeError, match="tanh"):
        mg.tanh(x, 1)


def test_the_stand_in_for_devices_is_not_numpy():
    """In the CuPy pass the arrays of the tests above are the backend's own."""
    assert is_host(Tensor([1.0]).data) == (name == "numpy")
    assert OPS["tanh"] is mg.tanh
