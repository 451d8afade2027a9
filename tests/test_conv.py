"""Convolution and pooling: against loops in NumPy, gradients to the second order, sizes of every kind, bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import nn, optim
from minigrad.backend import default_dtype, to_host
from minigrad.check import check_grads


def float64(make, *args, **options):
    with default_dtype("float64"):
        return make(*args, **options)


def tensor(a, requires_grad=False):
    return mg.Tensor(a, dtype="float64", requires_grad=requires_grad)


def patches(x: np.ndarray, kernel: tuple, stride: tuple) -> dict[tuple, np.ndarray]:
    """Each window of the last two axes by its place, cut out one by one."""
    counts = [(n - k) // s + 1 for n, k, s in zip(x.shape[-2:], kernel, stride)]
    return {
        (i, j): x[..., i * stride[0] : i * stride[0] + kernel[0], j * stride[1] : j * stride[1] + kernel[1]]
        for i, j in np.ndindex(*counts)
    }


def laid_out(values: dict[tuple, np.ndarray]) -> np.ndarray:
    """Values (...) by place (i, j) as one array (..., N, M)."""
    high, wide = (max(at[axis] for at in values) + 1 for axis in (0, 1))
    return np.stack([np.stack([values[i, j] for j in range(wide)], axis=-1) for i in range(high)], axis=-2)


pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))


@given(
    kernel=pairs,
    stride=pairs,
    padding=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    extra=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    sizes=st.tuples(st.integers(0, 2), st.integers(1, 3), st.integers(1, 3)),
    bias=st.booleans(),
)
def test_conv2d(kernel, stride, padding, extra, sizes, bias):
    batch, channels, outs = sizes
    layer = float64(nn.Conv2d, channels, outs, kernel, stride=stride, padding=padding, bias=bias)
    high, wide = (max(k - 2 * p, 0) + n for k, p, n in zip(kernel, padding, extra))
    x = np.random.default_rng(0).normal(size=(batch, channels, high, wide))
    padded = np.pad(x, ((0, 0), (0, 0), *[(p, p) for p in padding]))
    weight = layer.weight.numpy()
    values = {at: np.einsum("bchw,ochw->bo", p, weight) for at, p in patches(padded, kernel, stride).items()}
    wanted = laid_out(values) + (layer.bias.numpy()[:, None, None] if bias else 0)
    y = layer(tensor(x))
    assert y.shape == wanted.shape
    assert y.shape[2:] == tuple((n - k) // s + 1 for n, k, s in zip(padded.shape[2:], kernel, stride))
    np.testing.assert_allclose(y.numpy(), wanted, rtol=1e-11, atol=1e-12)


@given(
    kernel=pairs,
    stride=st.none() | pairs,
    extra=st.tuples(st.integers(0, 4), st.integers(0, 4)),
    lead=st.lists(st.integers(1, 2), max_size=2),
)
def test_pooling(kernel, stride, extra, lead):
    x = np.random.default_rng(0).normal(size=(*lead, kernel[0] + extra[0], kernel[1] + extra[1]))
    cut = patches(x, kernel, stride or kernel)
    for make, reduce in ((nn.MaxPool2d, np.max), (nn.AvgPool2d, np.mean)):
        wanted = laid_out({at: reduce(p, axis=(-2, -1)) for at, p in cut.items()})
        np.testing.assert_allclose(make(kernel, stride)(tensor(x)).numpy(), wanted, rtol=1e-12)


@pytest.mark.parametrize("options", [{}, {"stride": 2, "padding": 1}, {"bias": False, "stride": (1, 2)}], ids=str)
def test_conv2d_gradients(options):
    layer = float64(nn.Conv2d, 2, 2, (2, 3), **options)
    check_grads(lambda x, *_: layer(x), [np.random.default_rng(0).normal(size=(2, 2, 3, 4)), *layer.parameters()])


@pytest.mark.parametrize("make", [nn.MaxPool2d, nn.AvgPool2d])
@pytest.mark.parametrize("sizes", [(2, None), ((2, 3), (1, 2))], ids=str)
def test_pooling_gradients(make, sizes):
    x = np.random.default_rng(0).permutation(20).reshape(4, 5) * 0.3
    check_grads(lambda x: make(*sizes)(x) ** 2, [x])


def test_equal_maxima_share_the_gradient():
    x = tensor(np.ones((2, 2)), requires_grad=True)
    nn.MaxPool2d(2)(x).sum().backward()
    np.testing.assert_array_equal(to_host(x.grad.data), np.full((2, 2), 0.25))


@given(pair=st.tuples(pairs, pairs), extra=st.integers(0, 3), seed=st.integers(0, 99))
def test_windows_and_overlap_add_are_each_others_transpose(pair, extra, seed):
    """<windows(x), v> = <x, overlap_add(v)> for any x and v."""
    (size, stride), rng = pair, np.random.default_rng(seed)
    x = rng.normal(size=(2, size[0] + extra, size[1] + extra))
    out = to_host(mg.windows(tensor(x), size=size, stride=stride).data)
    v = rng.normal(size=out.shape)
    back = to_host(mg.overlap_add(tensor(v), shape=x.shape, stride=stride).data)
    assert (out * v).sum() == pytest.approx((x * back).sum(), rel=1e-10, abs=1e-10)


def test_windows_that_do_not_overlap_add_up_to_what_they_were_cut_from():
    x = np.random.default_rng(0).normal(size=(3, 4, 6))
    cut = mg.windows(tensor(x), size=(2, 3), stride=(2, 3))
    np.testing.assert_array_equal(mg.overlap_add(cut, shape=x.shape, stride=(2, 3)).numpy(), x)


def test_a_convolution_takes_inputs_of_any_size_and_moves_with_them():
    """One kernel for all sizes; a shifted image gives a shifted answer."""
    layer, rng = float64(nn.Conv2d, 1, 3, 3), np.random.default_rng(0)
    image = rng.normal(size=(1, 1, 6, 7))
    y = layer(tensor(image)).numpy()
    assert y.shape == (1, 3, 4, 5)
    larger = np.zeros((1, 1, 9, 12))
    larger[..., 2:8, 4:11] = image
    np.testing.assert_allclose(layer(tensor(larger)).numpy()[..., 2:6, 4:9], y, rtol=1e-12, atol=1e-12)


def test_an_output_sees_its_window_and_nothing_else():
    layer = float64(nn.Conv2d, 1, 1, 3)
    x = tensor(np.ones((1, 1, 7, 7)), requires_grad=True)
    layer(x)[0, 0, 2, 2].backward()
    seen = to_host(x.grad.data)[0, 0] != 0
    assert seen[2:5, 2:5].all() and seen.sum() == 9


@pytest.mark.parametrize("shape", [(3, 5, 5), (2, 4, 5, 5), (2, 3, 5, 1), (2, 3, 1, 5)], ids=str)
def test_conv2d_says_what_does_not_fit(shape):
    model = nn.Sequential(nn.Conv2d(3, 2, (2, 4), padding=(0, 1)))
    with pytest.raises(mg.ShapeError) as caught:
        model(mg.Tensor(np.ones(shape)))
    message = str(caught.value)
    assert "Conv2d" in message and str(shape) in message and "layers.0" in message
    assert "(batch, 3, at least 2 x 2 pixels)" in message


@pytest.mark.parametrize("sizes", [
    {"kernel": 0}, {"stride": (1, 0)}, {"padding": -1}, {"kernel": (1, 2, 3)}, {"out_channels": 0}, {"in_channels": 0},
], ids=str)  # fmt: skip
def test_impossible_sizes(sizes):
    (name, _), *_ = sizes.items()
    with pytest.raises(ValueError, match=name):
        nn.Conv2d(**{"in_channels": 2, "out_channels": 2, "kernel": 3, **sizes})
    if name in ("kernel", "stride"):
        with pytest.raises(ValueError, match=name):
            nn.MaxPool2d(**{"kernel": 2, **sizes})


@pytest.mark.parametrize("shape", [(5,), (2, 1, 5)], ids=str)
def test_pooling_says_what_does_not_fit(shape):
    with pytest.raises(mg.ShapeError, match=r"MaxPool2d.*at least 2 x 3 pixels"):
        nn.MaxPool2d((2, 3))(mg.Tensor(np.ones(shape)))


def test_a_small_net_learns_to_tell_bars_apart():
    """Horizontal and vertical bars at places never shown: windows share what they know."""
    rng = np.random.default_rng(0)

    def bars(count: int, places: list[int]) -> tuple[np.ndarray, np.ndarray]:
        images, kinds = rng.normal(0, 0.1, (count, 1, 6, 6)), rng.integers(0, 2, count)
        for image, kind, at in zip(images, kinds, rng.choice(places, count)):
            (image[0] if kind else image[0].T)[at] += 1
        return images, kinds

    net = nn.Sequential(nn.Conv2d(1, 4, 3), mg.relu, nn.MaxPool2d(4), lambda x: x[:, :, 0, 0], nn.Linear(4, 2))
    optimiser = optim.Adam(net, lr=0.03)
    for _ in range(120):
        images, kinds = bars(32, [1, 2, 4])
        loss = mg.cross_entropy(net(mg.Tensor(images)), kinds)
        net.zero_grad()
        loss.backward()
        optimiser.step()
    images, kinds = bars(200, [3])
    assert (net(mg.Tensor(images)).numpy().argmax(axis=1) == kinds).mean() >= 0.95
