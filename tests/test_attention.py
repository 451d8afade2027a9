"""Attention and the key-value memory: against NumPy by hand, masks, gradients of both orders, bad input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad.backend import to_device
from minigrad.check import check_grads
from minigrad.errors import DtypeError, ShapeError
from minigrad.nn.attention import Attention, KeyValueMemory, Memory

KINDS = ["additive", "dot", "general", "scaled"]


def make(kind, query=3, key=None, **options):
    """In float64; dot and scaled with keys as long as queries."""
    key = key or (4 if kind in ("additive", "general") else query)
    with mg.default_dtype("float64"):
        return Attention(kind, query, key, **options)


def arrays(attention, steps=5, batch=2, value=None, seed=0):
    rng = np.random.default_rng(seed)
    query = rng.normal(size=(batch, attention.query_size))
    keys = rng.normal(size=(steps, batch, attention.key_size))
    return query, keys, None if value is None else rng.normal(size=(steps, batch, value))


def tensors(*values):
    return [None if v is None else mg.Tensor(v, dtype="float64", requires_grad=True) for v in values]


def by_hand(attention, query, keys, values, mask):
    """(context, weights), one number after the other, from the papers' equations."""
    p = attention.state_dict()
    steps, batch = keys.shape[:2]
    values = keys if values is None else values
    weights, context = np.zeros((batch, steps)), np.zeros((batch, values.shape[2]))
    for b in range(batch):
        seen = [s for s in range(steps) if mask[s, b]]
        e = {}
        for s in seen:
            q, k = query[b], keys[s, b]
            if attention.kind == "additive":
                e[s] = p["v"][0] @ np.tanh(p["weight_q"] @ q + p["weight_k"] @ k)
            elif attention.kind == "general":
                e[s] = q @ p["weight"] @ k
            else:
                e[s] = q @ k / (np.sqrt(len(k)) if attention.kind == "scaled" else 1)
        total = sum(np.exp(x) for x in e.values())
        for s in seen:
            weights[b, s] = np.exp(e[s]) / total
            context[b] += weights[b, s] * values[s, b]
    return context, weights


@given(
    st.sampled_from(KINDS), st.integers(1, 5), st.integers(1, 4), st.sampled_from([None, 1, 3]), st.data()
)  # fmt: skip
def test_it_is_the_equation(kind, steps, batch, value, data):
    lengths = data.draw(st.lists(st.integers(1, steps), min_size=batch, max_size=batch))
    attention = make(kind)
    query, keys, values = arrays(attention, steps, batch, value)
    mask = np.arange(steps)[:, None] < np.array(lengths)
    context, weights = attention(*tensors(query, keys, values), lengths=lengths)
    want_context, want_weights = by_hand(attention, query, keys, values, mask)
    np.testing.assert_allclose(context.numpy(), want_context, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(weights.numpy(), want_weights, rtol=1e-12, atol=1e-12)
    assert (weights.numpy()[~mask.T] == 0).all()
    np.testing.assert_allclose(weights.numpy().sum(axis=1), 1, rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_a_mask_with_holes(kind):
    attention = make(kind)
    query, keys, _ = arrays(attention)
    mask = np.array([[0, 1], [1, 1], [0, 0], [1, 0], [0, 1]], dtype=bool)
    context, weights = attention(*tensors(query, keys), mask=mask)
    want = by_hand(attention, query, keys, None, mask)
    np.testing.assert_allclose(context.numpy(), want[0], rtol=1e-12)
    np.testing.assert_allclose(weights.numpy(), want[1], rtol=1e-12)
    again, _ = attention(*tensors(query, keys), mask=mg.Tensor(to_device(mask)))
    assert (again.numpy() == context.numpy()).all()


@pytest.mark.parametrize("kind", KINDS)
def test_padding_changes_nothing_whatever_stands_in_it(kind):
    attention = make(kind)
    query, keys, values = arrays(attention, value=2)

    def run(keys, values, lengths):
        q, k, v = tensors(query, keys, values)
        attention.zero_grad()
        context, weights = attention(q, k, v, lengths=lengths)
        ((context**2).sum() + (weights**3).sum()).backward()
        own = [p.grad.numpy() for p in attention.parameters()]
        return context.numpy(), weights.numpy(), [x.grad.numpy() for x in (q, k, v)], own

    context, weights, grads, own = run(keys, values, None)
    bad = np.full((3, 2, keys.shape[2]), np.nan)
    padded_keys, padded_values = np.concatenate([keys, bad]), np.concatenate([values, np.full((3, 2, 2), np.inf)])
    padded = run(padded_keys, padded_values, [5, 5])
    np.testing.assert_allclose(padded[0], context, rtol=1e-12)
    np.testing.assert_allclose(padded[1][:, :5], weights, rtol=1e-12)
    assert (padded[1][:, 5:] == 0).all()
    for got, want in zip(padded[2] + padded[3], grads + own, strict=True):
        got = got[:5] if got.ndim == 3 else got
        np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-14)
    assert (padded[2][1][5:] == 0).all() and (padded[2][2][5:] == 0).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lengths", [None, [3, 1]])
def test_gradients_of_both_orders(kind, lengths):
    attention = make(kind, query=2, key=None if kind in ("dot", "scaled") else 3)
    query, keys, values = arrays(attention, 3, 2, 2)

    def f(q, k, v, *_):
        return attention(q, k, v, lengths=lengths)

    check_grads(f, [*tensors(query, keys, values), *attention.parameters()])


def test_prepared_once_read_often():
    attention = make("additive")
    query, keys, _ = arrays(attention)
    q, k = tensors(query, keys)
    source = attention.prepare(k, lengths=[5, 2])
    for other in (q, q * 2):
        for got, want in zip(attention.read(other, source), attention(other, k, lengths=[5, 2]), strict=True):
            assert (got.numpy() == want.numpy()).all()
    products = [node for node in mg.history([attention.read(q, source)[0]]) if node.op.name == "linear"]
    assert len(products) == 3  # W_k k, W_q q, v . tanh


def test_large_scores_do_not_overflow():
    attention = Attention("dot", 1, 1)
    keys = mg.Tensor([[[1e4]], [[-1e4]], [[1e4]]])
    assert attention(mg.Tensor([[1.0]]), keys)[1].numpy().tolist() == [[0.5, 0, 0.5]]


@pytest.mark.parametrize("options", [{"lengths": [2, 0]}, {"mask": [[True, False], [True, False]]}])
def test_fault_3_nothing_to_attend_to(options):
    attention = make("dot", 1)
    q, k = tensors(np.ones((2, 1)), np.ones((2, 2, 1)))
    with pytest.raises(ValueError, match=r"sequence 1 has no position.*allow_empty=True"):
        attention(q, k, **options)
    attention = make("dot", 1, allow_empty=True)
    context, weights = attention(q, k, **options)
    assert weights.numpy().tolist() == [[0.5, 0.5], [0, 0]] and context.numpy().tolist() == [[1], [0]]
    context.sum().backward()
    assert (k.grad.numpy()[:, 1] == 0).all() and np.isfinite(q.grad.numpy()).all()


def test_no_positions_at_all():
    q, k = tensors(np.ones((2, 1)), np.ones((0, 2, 1)))
    with pytest.raises(ValueError, match="sequence 0 has no position"):
        make("dot", 1)(q, k)
    context, weights = make("dot", 1, allow_empty=True)(q, k)
    assert context.numpy().tolist() == [[0], [0]] and weights.shape == (2, 0)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("concat", 2, 2), "attention kind 'concat' is not one of additive, dot, general, scaled"),
        (("dot", 2, 3), "query_size 2 must be key_size 3"),
        (("scaled", 2, 3), "query_size 2 must be key_size 3"),
        (("additive", 0, 3), "must be at least 1"),
        (("additive", 2, 3, 0), "must be at least 1"),
        (("general", 2, 3, 4), "size=4 .* general has none"),
    ],
)
def test_impossible_options(arguments, text):
    with pytest.raises(ValueError, match=text):
        Attention(*arguments)


@pytest.mark.parametrize(
    ("shapes", "options", "error", "text"),
    [
        (((2, 3), (5, 2, 3), None), {}, ShapeError, r"keys \(5, 2, 3\) must be \(steps, batch, 4\)"),
        (((2, 2), (5, 2, 4), None), {}, ShapeError, r"query \(2, 2\) must be \(2, 3\)"),
        (((3, 3), (5, 2, 4), None), {}, ShapeError, r"query \(3, 3\) must be \(2, 3\)"),
        (((2, 3), (5, 2, 4), (4, 2, 1)), {}, ShapeError, r"values \(4, 2, 1\)"),
        (((2, 3), (5, 2, 4), None), {"lengths": [6, 1]}, ShapeError, r"length 6 is outside 0\.\.5"),
        (((2, 3), (5, 2, 4), None), {"lengths": [1]}, ShapeError, "one length for each sequence"),
        (((2, 3), (5, 2, 4), None), {"lengths": [1.5, 2]}, ValueError, "whole numbers"),
        (((2, 3), (5, 2, 4), None), {"mask": np.ones((2, 5), bool)}, ShapeError, r"mask \(2, 5\) must be \(5, 2\)"),
        (((2, 3), (5, 2, 4), None), {"mask": np.ones((5, 2))}, DtypeError, "must be bool"),
        (((2, 3), (5, 2, 4), None), {"mask": np.ones((5, 2), bool), "lengths": [1, 1]}, ValueError, "not both"),
    ],
)
def test_bad_input(shapes, options, error, text):
    values = tensors(*[None if shape is None else np.ones(shape) for shape in shapes])
    with pytest.raises(error, match=text):
        make("additive")(*values, **options)


def test_the_default_dtype_and_names():
    attention = Attention("additive", 3, 4, size=6)
    assert {n: p.shape for n, p in attention.named_parameters()} == {
        "weight_q": (6, 3), "weight_k": (6, 4), "v": (1, 6),
    }  # fmt: skip
    query, keys, _ = arrays(attention)
    context, weights = attention(mg.Tensor(query), mg.Tensor(keys), lengths=[2, 5])
    assert context.dtype == weights.dtype == np.float32
    named = {name for node in mg.history([context]) for name in (node.names or {}).values()}
    assert {"e", "a", "context"} <= named


# ---------------------------------------------------------------- explicit memory


def test_what_was_written_is_read_back():
    memory, rng = KeyValueMemory(4, 4, 3), np.random.default_rng(0)
    values = rng.normal(size=(4, 2, 3))
    contents = memory.initial(2)
    for n in range(4):
        where = mg.one_hot(np.array([n, n]), 4)  # one slot for each, with orthogonal keys
        contents = memory.write(contents, where, where * 40, mg.Tensor(values[n]))
    for n in (2, 0, 3):
        read, weights = memory(mg.one_hot(np.array([n, n]), 4), contents)
        np.testing.assert_allclose(read.numpy(), values[n], atol=1e-6)
        assert (weights.numpy().argmax(axis=1) == n).all()


def test_a_write_moves_each_slot_by_its_share():
    with mg.default_dtype("float64"):
        memory = KeyValueMemory(3, 2, 1)
        start = memory.initial(2)
        weights = mg.Tensor([[0.0, 1.0, 0.25], [0.5, 0.0, 0.0]])
        key, value = mg.Tensor([[1.0, 2.0], [3.0, 4.0]]), mg.Tensor([[5.0], [6.0]])
        after = memory.write(start, weights, key, value)
    for old, new, got in zip(start, (key, value), after, strict=True):
        for n in range(3):
            for b in range(2):
                w = weights.numpy()[b, n]
                want = (1 - w) * old.numpy()[n, b] + w * new.numpy()[b]
                np.testing.assert_allclose(got.numpy()[n, b], want, rtol=1e-12)


def test_a_memory_learns_through_writes_and_reads():
    with mg.default_dtype("float64"):
        memory = KeyValueMemory(2, 2, 1, kind="general", query_size=3)
    rng = np.random.default_rng(0)
    share, key, value, query = (rng.normal(size=shape) for shape in ((2, 2), (2, 2), (2, 1), (2, 3)))

    def f(share, key, value, query, *_):
        contents = memory.write(memory.initial(2), mg.sigmoid(share), key, value)
        return memory(query, contents)[0]

    check_grads(f, [*tensors(share, key, value, query), *memory.parameters()])


def test_bad_memories():
    memory = KeyValueMemory(3, 2, 1)
    start, ones = memory.initial(2), lambda *shape: mg.Tensor(np.ones(shape))
    with pytest.raises(ShapeError, match=r"weights \(2, 2\) must be \(2, 3\)"):
        memory.write(start, ones(2, 2), ones(2, 2), ones(2, 1))
    with pytest.raises(ShapeError, match=r"value \(2, 2\) must be \(2, 1\)"):
        memory.write(start, ones(2, 3), ones(2, 2), ones(2, 2))
    with pytest.raises(ShapeError, match=r"keys \(4, 2, 2\) must be \(3, batch, 2\)"):
        memory(ones(2, 2), Memory(ones(4, 2, 2), ones(4, 2, 1)))
    with pytest.raises(ValueError, match="must be at least 1"):
        KeyValueMemory(0, 2, 1)
