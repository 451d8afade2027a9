"""A method of Tensor is the op of that name: the same values, the same node."""

import numpy as np
import pytest

import minigrad as mg

CALLS = [
    ("sum", (), {"axis": 0}), ("mean", (), {"axis": 1, "keepdims": True}), ("max", (), {"axis": 1}), ("min", (), {}),
    ("prod", (), {"axis": 0}), ("var", (), {"axis": 1, "ddof": 1}), ("std", (), {"axis": 0}), ("norm", (), {"axis": 1}),
    ("logsumexp", (), {"axis": 1}), ("softmax", (), {"axis": 0}), ("log_softmax", (), {}), ("argmax", (), {"axis": 1}),
    ("cumsum", (), {"axis": 1}), ("reshape", ((4, 3),), {}), ("transpose", ((1, 0),), {}), ("flip", (), {"axis": 1}),
    ("permute_dims", ((1, 0),), {}), ("expand_dims", (), {"axis": 1}), ("squeeze", (), {}), ("clip", (-0.5, 0.5), {}),
    ("broadcast_to", ((2, 3, 4),), {}), ("pad", (((1, 0), (0, 2)),), {"value": 1.0}),
    ("split", (2,), {"axis": 1}), ("unstack", (), {"axis": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args", "kwargs"), CALLS, ids=[name for name, _, _ in CALLS])
def test_method_is_the_op(name, args, kwargs):
    x = mg.Tensor(np.random.default_rng(0).normal(size=(3, 4)), requires_grad=True)
    by_method, by_op = getattr(x, name)(*args, **kwargs), getattr(mg, name)(x, *args, **kwargs)
    for mine, other in zip(*[(y if isinstance(y, tuple) else (y,)) for y in (by_method, by_op)], strict=True):
        assert mine.node.op is other.node.op
        np.testing.assert_array_equal(mine.numpy(), other.numpy())


def test_shapes_may_be_given_one_by_one():
    x = mg.Tensor(np.arange(12.0).reshape(3, 4))
    assert x.reshape(2, -1).shape == (2, 6)
    assert x.transpose(1, 0).shape == x.transpose().shape == x.T.shape == (4, 3)


def test_every_method_named_like_an_op_is_tested():
    methods = {name for name in vars(mg.Tensor) if name in mg.tensor.OPS}
    assert methods <= {name for name, _, _ in CALLS}
