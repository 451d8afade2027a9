"""Module: the walk over its parts, their names, saving and loading; the layers without recurrence against NumPy."""

from __future__ import annotations

import copy
import importlib.util

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import nn, optim
from minigrad.check import check_grads
from minigrad.errors import DtypeError, ShapeError
from minigrad.nn import init

on_the_stand_in = pytest.mark.skipif(
    mg.backend.name != "cupy" or importlib.util.find_spec("cupy._standin") is None,
    reason="device waits are counted by the stand-in for CuPy only",
)


class Encoder(nn.Module):
    def __init__(self):
        self.layers = [nn.Linear(2, 3), nn.Linear(3, 2, bias=False)]

    def forward(self, x):
        for layer in self.layers:
            x = mg.tanh(layer(x))
        return x


class Model(nn.Module):
    """Every kind of place in which a parameter can be."""

    def __init__(self):
        self.size = 2
        self.encoder = Encoder()
        self.heads = {"mean": nn.Linear(2, 1), "spread": nn.Linear(2, 1)}
        self.pair = (nn.Linear(2, 2), [nn.Parameter(np.ones(2))])
        self.scale = nn.Parameter(np.ones(2))
        self.nothing = None

    def forward(self, x):
        return {name: head(self.encoder(x) * self.scale) for name, head in self.heads.items()}


NAMES = [
    "encoder.layers.0.weight", "encoder.layers.0.bias", "encoder.layers.1.weight",
    "heads.mean.weight", "heads.mean.bias", "heads.spread.weight", "heads.spread.bias",
    "pair.0.weight", "pair.0.bias", "pair.1.0", "scale",
]  # fmt: skip
MODULES = ["", "encoder", "encoder.layers.0", "encoder.layers.1", "heads.mean", "heads.spread", "pair.0"]


def float64(make, *args, **options):
    with mg.default_dtype("float64"):
        return make(*args, **options)


# ---------------------------------------------------------------- the walk


def test_parameters_are_found_in_the_order_of_vars():
    model = Model()
    assert [name for name, _ in model.named_parameters()] == NAMES
    assert all(a is b for a, (_, b) in zip(model.parameters(), model.named_parameters(), strict=True))
    assert [name for name, _ in model.named_modules()] == MODULES
    assert [type(module) for module in model.modules()] == [Model, Encoder] + [nn.Linear] * 5
    assert model.n_params() == sum(value.size for value in model.state_dict().values()) == 6 + 3 + 6 + 3 + 3 + 6 + 2 + 2


def test_what_is_added_later_is_found():
    model = Model()
    model.encoder.layers.append(nn.Linear(2, 2))
    model.late = nn.Parameter(np.zeros(3))
    names = [name for name, _ in model.named_parameters()]
    assert "encoder.layers.2.weight" in names and names[-1] == "late"
    del model.late
    assert "late" not in dict(model.named_parameters())


def test_a_shared_parameter_comes_once():
    model = nn.Sequential(nn.Embedding(5, 3), nn.Linear(3, 5, bias=False))
    model.layers[1].weight = model.layers[0].weight
    assert [name for name, _ in model.named_parameters()] == ["layers.0.weight"]
    shared = nn.Linear(2, 2)
    twice = nn.Sequential(shared, mg.tanh, shared)
    assert len(twice.parameters()) == 2 and len(twice.modules()) == 2
    twice(mg.Tensor([[1.0, 2.0]])).sum().backward()
    once = shared.weight.grad.numpy().copy()
    x = np.array([[1.0, 2.0]])
    w, b = shared.weight.numpy(), shared.bias.numpy()
    y = np.tanh(x @ w.T + b)
    inner = w.sum(0) * (1 - y**2)
    np.testing.assert_allclose(once, np.ones((2, 1)) * y + inner.T * x, rtol=1e-5)


def test_a_tensor_is_no_parameter():
    model = Model()
    model.buffer = mg.Tensor([1.0], requires_grad=True)
    assert [name for name, _ in model.named_parameters()] == NAMES


def test_an_overridden_name_reaches_the_whole_model():
    """A layer that names its own parameters is believed by state_dict and by what contains it."""

    class Renamed(nn.Linear):
        def named_parameters(self):
            yield "kernel", self.weight
            yield "offset", self.bias

    model = nn.Sequential(Renamed(2, 2), nn.GRU(2, 2))
    names = ["layers.0.kernel", "layers.0.offset"] + [
        f"layers.1.{name}_l0" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    ]
    assert list(model.state_dict()) == names


def test_forward_is_needed():
    class Empty(nn.Module):
        pass

    with pytest.raises(NotImplementedError, match="Empty has no forward"):
        Empty()(1)
    assert Empty().parameters() == [] and Empty().state_dict() == {} and Empty().n_params() == 0


# ---------------------------------------------------------------- names and scopes


def test_a_call_names_parameters_by_their_path():
    model = Model()
    assert model.scale.name is None
    model(mg.Tensor([[1.0, 2.0]]))
    assert [parameter.name for parameter in model.parameters()] == NAMES
    model.encoder(mg.Tensor([[1.0, 2.0]]))
    assert model.encoder.layers[1].weight.name == "layers.1.weight"  # the path in the model that was called last
    model.scale.name = "gain"
    model(mg.Tensor([[1.0, 2.0]]))
    assert model.scale.name == "gain"


def test_nodes_know_the_path_of_their_module():
    model = Model()
    outputs = model(mg.Tensor([[1.0, 2.0]]))
    found = [(node.op.name, node.scope) for node in mg.history([outputs["mean"]])]
    outer, encoder = ("Model", None), ("encoder", None)
    assert found == [
        ("linear", (outer, encoder, ("encoder.layers.0", None))),
        ("add", (outer, encoder, ("encoder.layers.0", None))),
        ("tanh", (outer, encoder)),
        ("linear", (outer, encoder, ("encoder.layers.1", None))),
        ("tanh", (outer, encoder)),
        ("mul", (outer,)),
        ("linear", (outer, ("heads.mean", None))),
        ("add", (outer, ("heads.mean", None))),
    ]


def test_a_failing_call_leaves_no_scope_behind():
    model = Model()
    with pytest.raises(ShapeError, match=r"encoder\.layers\.0"):
        model(mg.Tensor([[1.0, 2.0, 3.0]]))
    (node,) = mg.history([nn.Linear(2, 1, bias=False)(mg.Tensor([[1.0, 2.0]]))])
    assert node.scope == (("Linear", None),)


# ---------------------------------------------------------------- saving and loading


def test_state_dict_goes_round():
    model, other = Model(), Model()
    state = model.state_dict()
    assert list(state) == NAMES and all(type(value) is np.ndarray for value in state.values())
    other.load_state_dict(state)
    for name, value in other.state_dict().items():
        np.testing.assert_array_equal(value, state[name])
    model.scale.assign([5, 6])
    np.testing.assert_array_equal(state["scale"], [1, 1])  # a copy, not a view
    np.testing.assert_array_equal(other.scale.numpy(), [1, 1])
    state["scale"][:] = 9
    np.testing.assert_array_equal(other.scale.numpy(), [1, 1])
    other.load_state_dict(dict(model.named_parameters()))  # Tensors too
    np.testing.assert_array_equal(other.scale.numpy(), [5, 6])


def test_loading_keeps_the_dtype_and_counts_as_a_change():
    model = nn.Linear(2, 1)
    weight, loss = model.weight, mg.mean(model(mg.Tensor([[1.0, 2.0]], requires_grad=True)))
    model.load_state_dict({"weight": np.ones((1, 2), dtype=np.float64), "bias": np.ones(1, dtype=np.int64)})
    assert model.weight is weight and str(model.weight.dtype) == str(mg.default_dtype())
    with pytest.raises(mg.GraphError, match="linear"):
        loss.backward()


WRONG = {
    "missing": (lambda state: state.pop("scale"), ValueError, "missing ['scale']"),
    "unknown": (lambda state: state.update(extra=np.ones(2)), ValueError, "unknown ['extra']"),
    "shape": (lambda state: state.update(scale=np.ones(3)), ShapeError, "scale has shape (2,) here"),
    "shape of a list": (lambda state: state.update(scale=[1.0]), ShapeError, "(1,)"),
    "text": (lambda state: state.update(scale=np.array(["a", "b"])), DtypeError, "scale holds numbers"),
    "objects": (lambda state: state.update(scale=np.array([None, None])), DtypeError, "scale holds numbers"),
    "complex": (lambda state: state.update(scale=np.ones(2) * 1j), DtypeError, "scale holds numbers"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_nothing_is_loaded_if_anything_is_wrong(wrong):
    spoil, kind, message = WRONG[wrong]
    model, state = Model(), Model().state_dict()
    state["encoder.layers.0.weight"] += 1
    spoil(state)
    before = model.state_dict()
    with pytest.raises(kind) as caught:
        model.load_state_dict(state)
    assert message in str(caught.value) and "\n" not in str(caught.value)
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_assign():
    parameter = nn.Parameter([1.0, 2.0])
    version = parameter.version
    parameter.assign(mg.Tensor([3.0, 4.0]))
    np.testing.assert_array_equal(parameter.numpy(), [3, 4])
    assert parameter.version > version and parameter.requires_grad
    with pytest.raises(ShapeError, match=r"shape \(2,\).*\(3,\)"):
        parameter.assign([1, 2, 3])
    source = mg.backend.to_device(np.ones(2, dtype="float32"))
    parameter.assign(source)
    source[0] = 7
    np.testing.assert_array_equal(parameter.numpy(), [1, 1])


def test_zero_grad_forgets():
    model = Model()
    sum(model(mg.Tensor([[1.0, 2.0]])).values()).sum().backward()
    assert model.scale.grad is not None
    model.zero_grad()
    assert all(parameter.grad is None for parameter in model.parameters())


def test_astype_brings_everything_to_one_dtype():
    model = Model()
    sum(model(mg.Tensor([[1.0, 2.0]])).values()).sum().backward()
    identity = model.scale
    assert model.astype("float64") is model and model.scale is identity and model.scale.grad is None
    assert {str(parameter.dtype) for parameter in model.parameters()} == {"float64"}
    assert str(model(mg.Tensor([[1.0, 2.0]], dtype="float64"))["mean"].dtype) == "float64"
    with pytest.raises(DtypeError, match="int32"):
        model.astype("int32")
    linear = nn.Linear(2, 1)
    loss = linear(mg.Tensor([[1.0, 2.0]], requires_grad=True)).sum()
    linear.astype("float64")
    with pytest.raises(mg.GraphError, match="linear"):
        loss.backward()  # through weights that are no more


def test_training_mode_reaches_every_module():
    model = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Dropout(0.5)))
    assert model.eval() is model and not any(module.training for module in model.modules())
    assert model.train() is model and all(module.training for module in model.modules())
    assert nn.Dropout(0.5).training


# ---------------------------------------------------------------- layers


@given(
    st.lists(st.integers(0, 3), max_size=3), st.integers(1, 4), st.integers(1, 4), st.booleans(), st.integers(0, 99)
)
def test_linear(leading, inputs, outputs, bias, seed):
    rng = np.random.default_rng(seed)
    layer = float64(nn.Linear, inputs, outputs, bias=bias)
    x = rng.normal(size=(*leading, inputs))
    w, b = layer.weight.numpy(), layer.bias.numpy() if bias else 0.0
    y = layer(mg.Tensor(x, dtype="float64"))
    assert y.shape == (*leading, outputs)
    np.testing.assert_allclose(y.numpy(), np.einsum("...i,oi->...o", x, w) + b, rtol=1e-12, atol=1e-14)
    assert [p.shape for p in layer.parameters()] == [(outputs, inputs), (outputs,)][: 1 + bias]
    assert abs(w).max() <= 1 / np.sqrt(inputs)


def test_linear_says_what_does_not_fit():
    with pytest.raises(ShapeError, match=r"linear.*\(3, 4\).*\(2, 5\).*in Linear"):
        nn.Linear(5, 2)(mg.Tensor(np.ones((3, 4))))


@given(st.lists(st.integers(0, 3), max_size=3), st.integers(0, 99))
def test_embedding(shape, seed):
    layer = nn.Embedding(6, 3)
    ids = np.random.default_rng(seed).integers(6, size=shape)
    vectors = layer(ids)
    np.testing.assert_array_equal(vectors.numpy(), layer.weight.numpy()[ids])
    if ids.size:
        np.testing.assert_array_equal(layer(ids.tolist()).numpy(), vectors.numpy())
        vectors.sum().backward()
        times = np.bincount(ids.reshape(-1), minlength=6)
        np.testing.assert_array_equal(layer.weight.grad.numpy(), np.repeat(times[:, None], 3, axis=1))


@pytest.mark.parametrize("ids, bad, place", [([[0, 1], [6, 2]], 6, "(1, 0)"), ([0, -1], -1, "(1,)"), (7, 7, "")])
def test_unknown_ids_fault_62(ids, bad, place):
    """Never the last word for -1: the id, its position and the layer are named."""
    model = nn.Sequential(nn.Embedding(6, 3))
    with pytest.raises(IndexError) as caught:
        model(ids)
    message = str(caught.value)
    assert f" {bad}" in message and place in message and "0..5" in message and "layers.0" in message
    assert "\n" not in message


@pytest.mark.parametrize("ids", [[0.0, 1.0], [True, False], ["a"], mg.Tensor([0.5])], ids=repr)
def test_ids_are_integers_fault_62(ids):
    with pytest.raises((DtypeError, ValueError), match="integers"):
        nn.Embedding(6, 3)(ids)


def convolved(x, weight, bias, stride, padding):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    kernel = weight.shape[2]
    starts = range(0, x.shape[2] - kernel + 1, stride)
    return np.stack([np.einsum("bck,ock->bo", x[:, :, s : s + kernel], weight) + bias for s in starts], axis=2)


@given(st.data())
def test_conv1d(data):
    batch, channels, outs = (data.draw(st.integers(0 if i == 0 else 1, 3)) for i in range(3))
    kernel, stride, padding = (data.draw(st.integers(low, 3)) for low in (1, 1, 0))
    length = data.draw(st.integers(max(kernel - 2 * padding, 0), 7))
    bias = data.draw(st.booleans())
    layer = float64(nn.Conv1d, channels, outs, kernel, stride=stride, padding=padding, bias=bias)
    x = np.random.default_rng(0).normal(size=(batch, channels, length))
    wanted = convolved(x, layer.weight.numpy(), layer.bias.numpy()[:, None].T if bias else 0.0, stride, padding)
    assert wanted.shape == (batch, outs, (length + 2 * padding - kernel) // stride + 1)
    np.testing.assert_allclose(layer(mg.Tensor(x, dtype="float64")).numpy(), wanted, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("shape", [(2, 3), (2, 4, 9), (2, 3, 2)], ids=["no batch", "channels", "too short"])
def test_conv1d_says_what_does_not_fit(shape):
    with pytest.raises(ShapeError) as caught:
        nn.Conv1d(3, 2, 4, padding=0)(mg.Tensor(np.ones(shape)))
    assert str(shape) in str(caught.value) and "(batch, 3, at least 4 steps)" in str(caught.value)


@pytest.mark.parametrize("sizes", [{"kernel": 0}, {"stride": 0}, {"padding": -1}], ids=str)
def test_conv1d_refuses_impossible_sizes(sizes):
    with pytest.raises(ValueError, match=str(next(iter(sizes.values())))):
        nn.Conv1d(**{"in_channels": 2, "out_channels": 2, "kernel": 3, **sizes})


@pytest.mark.parametrize("make", [
    lambda: nn.Linear(3, 2), lambda: nn.Linear(3, 2, bias=False),
    lambda: nn.Sequential(nn.Linear(3, 2), mg.tanh, nn.Dropout(0.5), nn.Linear(2, 2)),
], ids=["linear", "no_bias", "sequential"])  # fmt: skip
def test_dense_gradients(make):
    layer = float64(make)

    def run(x, *_):
        mg.manual_seed(1)  # the same dropout mask each time
        return layer(x)

    check_grads(run, [np.random.default_rng(0).normal(size=(2, 4, 3)), *layer.parameters()])


@pytest.mark.parametrize("options", [{}, {"stride": 2, "padding": 1}, {"bias": False, "padding": 2}], ids=str)
def test_conv1d_gradients(options):
    layer = float64(nn.Conv1d, 2, 2, 3, **options)
    check_grads(lambda x, *_: layer(x), [np.random.default_rng(0).normal(size=(2, 2, 5)), *layer.parameters()])


def test_embedding_gradients():
    """Linear in its weight, with an id that occurs twice: the second derivative appears after a square."""
    layer = float64(nn.Embedding, 4, 2)
    check_grads(lambda _: layer([[0, 2, 2], [3, 0, 2]]) ** 2, [layer.weight])


# ---------------------------------------------------------------- vectors trained elsewhere

VECTORS = np.arange(12.0).reshape(4, 3)


@pytest.mark.parametrize("freeze", [False, True])
def test_embedding_from_vectors(freeze):
    vectors = VECTORS.copy()
    for given_as in (vectors, vectors.tolist(), mg.Tensor(vectors), vectors.astype(int), vectors.astype("float64")):
        layer = nn.Embedding.from_vectors(given_as, freeze=freeze)
        assert type(layer) is nn.Embedding and str(layer.weight.dtype) == str(mg.default_dtype())
        np.testing.assert_array_equal(layer([[3, 0]]).numpy(), VECTORS[[[3, 0]]])
    vectors[:] = -1
    np.testing.assert_array_equal(layer.weight.numpy(), VECTORS)  # a copy
    assert layer.weight.requires_grad is not freeze
    assert layer([0]).requires_grad is not freeze


@pytest.mark.parametrize("vectors, error, words", [
    (np.ones(3), ShapeError, r"\(3,\) must be \(V, E\)"),
    (np.ones((2, 3, 4)), ShapeError, r"\(2, 3, 4\) must be"),
    (np.array([["a", "b"]]), DtypeError, "numbers"),
    (np.ones((2, 2)) * 1j, DtypeError, "complex"),
    ([[1.0, 2.0], [np.nan, 1.0]], ValueError, "vector 1 .*nan"),
    ([[1.0, np.inf]], ValueError, "vector 0 .*inf"),
], ids=["1-d", "3-d", "text", "complex", "nan", "inf"])  # fmt: skip
def test_what_is_no_table_of_vectors_is_refused(vectors, error, words):
    with pytest.raises(error, match=words):
        nn.Embedding.from_vectors(vectors)


def frozen_model():
    """Vectors that stay, and a layer that learns."""
    return nn.Sequential(nn.Embedding.from_vectors(VECTORS / 10, freeze=True), nn.Linear(3, 2))


@pytest.mark.parametrize("make", [
    lambda p: optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.1),
    lambda p: optim.Adagrad(p, weight_decay=0.1), lambda p: optim.RMSprop(p, weight_decay=0.1),
    lambda p: optim.Adam(p, weight_decay=0.1), lambda p: optim.AdamW(p, weight_decay=0.1),
], ids=["SGD", "Adagrad", "RMSprop", "Adam", "AdamW"])  # fmt: skip
@pytest.mark.parametrize("given_as", ["module", "parameters"])
def test_no_optimiser_moves_frozen_vectors(make, given_as):
    model = frozen_model()
    params = model if given_as == "module" else model.parameters()
    optimiser, again, before = make(params), make(params), model.state_dict()
    for _ in range(3):
        optimiser.zero_grad()
        mg.cross_entropy(model([0, 1, 3]), [0, 1, 1]).backward()
        assert model.layers[0].weight.grad is None
        optim.clip_grad_norm(params, 1.0)
        optimiser.step()
    after = model.state_dict()
    np.testing.assert_array_equal(after["layers.0.weight"], before["layers.0.weight"])
    assert (after["layers.1.weight"] != before["layers.1.weight"]).all()
    again.load_state_dict(optimiser.state_dict())
    assert list(again.state_dict()["steps"].values()) == [0, 3, 3]


def test_clipping_ignores_frozen_vectors():
    model = frozen_model()
    alone = nn.Linear(3, 2)
    alone.load_state_dict(dict(model.layers[1].named_parameters()))
    mg.cross_entropy(model([0, 1]), [0, 1]).backward()
    mg.cross_entropy(alone(mg.Tensor(VECTORS[:2] / 10)), [0, 1]).backward()
    norms = optim.clip_grad_norm(model, 10.0, per="tensor").numpy()
    assert norms[0] == 0 and norms.shape == (3,)
    assert optim.clip_grad_norm(model, 10.0).item() == pytest.approx(optim.clip_grad_norm(alone, 10.0).item())


def test_frozen_vectors_are_saved_loaded_and_cast():
    model, other = frozen_model(), frozen_model()
    state = model.state_dict()
    assert list(state) == ["layers.0.weight", "layers.1.weight", "layers.1.bias"]
    state["layers.0.weight"] = state["layers.0.weight"] + 1
    other.load_state_dict(state)
    weight = other.layers[0].weight
    np.testing.assert_array_equal(weight.numpy(), state["layers.0.weight"])
    assert other.astype("float64").layers[0].weight is weight and str(weight.dtype) == "float64"
    assert not weight.requires_grad and other([1]).dtype == weight.dtype
    assert other.n_params() == 12 + 8
    assert not copy.deepcopy(other).layers[0].weight.requires_grad
    with pytest.raises(ValueError, match=r"missing \['layers.0.weight'\]"):
        other.load_state_dict({name: value for name, value in state.items() if name != "layers.0.weight"})


def test_frozen_vectors_may_be_shared_and_thawed():
    """A read-out that shares frozen vectors does not move them either; once they may learn, both uses count."""
    model = nn.LanguageModel(4, 3, 3, cell="gru", tied=True)
    model.embedding = nn.Embedding.from_vectors(VECTORS / 10, freeze=True)
    model.readout.weight = model.embedding.weight
    assert [p is model.embedding.weight for p in model.parameters()].count(True) == 1
    ids = np.array([[0, 1], [2, 3]])
    mg.cross_entropy(model(ids)[0], ids).backward()
    assert model.embedding.weight.grad is None and model.readout.bias.grad is not None
    model.embedding.weight.requires_grad = True
    model.zero_grad()
    mg.cross_entropy(model(ids)[0], ids).backward()
    assert (model.embedding.weight.grad.numpy() != 0).all()


# ---------------------------------------------------------------- dropout


def test_dropout_keeps_the_expectation():
    mg.manual_seed(0)
    y = nn.Dropout(0.25)(mg.Tensor(np.ones((200, 200)))).numpy()
    np.testing.assert_allclose(np.unique(y), [0, 4 / 3], rtol=1e-6)
    assert abs((y == 0).mean() - 0.25) < 0.01 and abs(y.mean() - 1) < 0.02


def test_dropout_at_its_ends_fault_61():
    x = mg.Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    nothing = nn.Dropout(1.0)(x)
    np.testing.assert_array_equal(nothing.numpy(), np.zeros((2, 3)))
    np.testing.assert_array_equal(mg.grad(nothing.sum(), x).numpy(), np.zeros((2, 3)))
    np.testing.assert_array_equal(nn.Dropout(0.0)(x).numpy(), x.numpy())
    np.testing.assert_array_equal(nn.Dropout(0.9).eval()(x).numpy(), x.numpy())


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan"), float("inf")])
def test_dropout_refuses_what_is_no_probability_fault_61(p):
    with pytest.raises(ValueError, match="probability in 0..1"):
        nn.Dropout(p)


def test_dropout_masks_come_from_the_generator():
    x = mg.Tensor(np.ones(50))
    mg.manual_seed(3)
    first = nn.Dropout(0.5)(x).numpy()
    assert (first != nn.Dropout(0.5)(x).numpy()).any()
    mg.manual_seed(3)
    np.testing.assert_array_equal(nn.Dropout(0.5)(x).numpy(), first)
    np.testing.assert_array_equal(nn.Dropout(0.5, rng=np.random.default_rng(3))(x).numpy(), first)
    mask = mg.backend.to_device(np.arange(50.0, dtype=x.dtype))
    np.testing.assert_array_equal(nn.Dropout(0.5)(x, mask=mask).numpy(), np.arange(50))


def test_second_order_uses_the_same_mask_fault_61():
    x = mg.Tensor(np.arange(1.0, 41.0), requires_grad=True)
    y = nn.Dropout(0.5)(x)
    mask = y.numpy() / x.numpy()
    (first,) = mg.grad([(y**3).sum()], [x], create_graph=True)
    np.testing.assert_allclose(first.numpy(), 3 * mask**3 * x.numpy() ** 2, rtol=1e-5)
    np.testing.assert_allclose(mg.grad(first.sum(), x).numpy(), 6 * mask**3 * x.numpy(), rtol=1e-5)


# ---------------------------------------------------------------- initial values


def test_initial_values_have_the_variance_they_promise():
    rng = np.random.default_rng(0)
    shape, inputs, outputs = (300, 100, 3), 300, 900
    assert abs(init.xavier(shape, gain=2.0, rng=rng).var() / (4 * 2 / (inputs + outputs)) - 1) < 0.02
    assert abs(init.kaiming(shape, rng=rng).var() / (2 / inputs) - 1) < 0.02
    assert abs(init.kaiming(shape, slope=1.0, rng=rng).var() / (1 / inputs) - 1) < 0.02
    drawn = init.normal(shape, std=0.5, mean=2.0, rng=rng)
    assert abs(drawn.mean() - 2) < 0.01 and abs(drawn.std() / 0.5 - 1) < 0.02
    drawn = init.uniform(shape, -1, 3, rng=rng)
    assert -1 <= drawn.min() < -0.99 and 2.99 < drawn.max() <= 3 and abs(drawn.mean() - 1) < 0.02


@pytest.mark.parametrize("make", [init.xavier, init.kaiming])
def test_a_vector_has_no_fans(make):
    with pytest.raises(ValueError, match=r"\(3,\)"):
        make((3,))


@pytest.mark.parametrize("make", [
    lambda rng: nn.Linear(3, 2, rng=rng), lambda rng: nn.Embedding(3, 2, rng=rng),
    lambda rng: nn.Conv1d(3, 2, 2, rng=rng),
    lambda rng: nn.GRUCell(3, 2, rng=rng), lambda rng: nn.LSTM(3, 2, num_layers=2, bidirectional=True, rng=rng),
], ids=["linear", "embedding", "conv1d", "cell", "layer"])  # fmt: skip
def test_the_seed_decides_the_weights(make):
    mg.manual_seed(5)
    first, second = make(None).state_dict(), make(None).state_dict()
    mg.manual_seed(5)
    again, own = make(None).state_dict(), make(np.random.default_rng(5)).state_dict()
    for name in first:
        np.testing.assert_array_equal(again[name], first[name])
        np.testing.assert_array_equal(own[name], first[name])
        assert (second[name] != first[name]).any()


# ---------------------------------------------------------------- devices


@on_the_stand_in
@pytest.mark.parametrize("clip", ["clip_grad_norm", "clip_grad_value"])
@pytest.mark.parametrize("make", ["SGD", "Adagrad", "RMSprop", "Adam", "AdamW"])
def test_a_training_step_never_waits_for_the_device(make, clip):
    """Ids and targets come from the host; forward, loss, backward, clipping and update only queue work."""
    from cupy import _standin

    from minigrad import optim

    class Net(nn.Module):
        def __init__(self):
            self.embedding, self.convolution = nn.Embedding(7, 4), nn.Conv1d(4, 3, 2, padding=1)
            self.rest = nn.Sequential(mg.relu, nn.Dropout(0.5), nn.Linear(3, 7))

        def forward(self, ids):
            x = self.convolution(mg.permute_dims(self.embedding(ids), (0, 2, 1)))
            return self.rest(mg.permute_dims(x, (0, 2, 1)))

    net, rng = Net(), np.random.default_rng(0)
    before, optimiser = net.state_dict(), getattr(optim, make)(net.parameters(), lr=0.01)
    waits = _standin.waits()
    with _standin.forbid_waits():
        for _ in range(2):
            loss = mg.cross_entropy(net(rng.integers(7, size=(2, 5))), rng.integers(7, size=(2, 6)))
            optimiser.zero_grad()
            loss.backward()
            getattr(optim, clip)(net.parameters(), 1.0)
            optimiser.step()
    assert _standin.waits() == waits
    assert all((before[name] != value).any() for name, value in net.state_dict().items())


def test_a_module_can_be_copied():
    net = nn.GRU(3, 4)
    twin = copy.deepcopy(net)
    for (name, mine), (other_name, other) in zip(net.named_parameters(), twin.named_parameters(), strict=True):
        assert name == other_name and type(other) is nn.Parameter and other is not mine
        assert np.array_equal(mine.numpy(), other.numpy())
    twin.cells[0].weight_ih.assign(np.zeros((12, 3)))
    assert net.cells[0].weight_ih.numpy().any()
