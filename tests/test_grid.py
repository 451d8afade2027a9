"""ReNet and the pixel RNN: against loops over cells, who depends on whom, gradients to the second order, bad input."""

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


def image(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


# ---------------------------------------------------------------- ReNet


def swept(layer, line: list[np.ndarray]) -> list[np.ndarray]:
    """One line of vectors through both directions of a layer, by its cells, step by step."""
    there, back = [], []
    for cell, order, ys in ((layer.cells[0], line, there), (layer.cells[1], line[::-1], back)):
        state = None
        for x in order:
            state = cell(tensor(x[None]), state)
            ys.append((state[0] if isinstance(state, tuple) else state).numpy()[0])
    return [np.concatenate([a, b]) for a, b in zip(there, back[::-1])]


@pytest.mark.parametrize("cell", ["RNN", "GRU", "LSTM"])
@pytest.mark.parametrize(("patch", "shape"), [(1, (1, 2, 2, 3)), ((2, 3), (2, 1, 4, 6))], ids=["1", "2x3"])
def test_four_sweeps_one_after_another(cell, patch, shape):
    layer = float64(nn.ReNet, shape[1], 2, patch=patch, cell=cell)
    x, (ph, pw) = image(*shape), layer.patch
    rows, columns = shape[2] // ph, shape[3] // pw
    wanted = np.zeros((shape[0], 4, rows, columns))
    for b in range(shape[0]):
        cut = [
            [x[b, :, i * ph : (i + 1) * ph, j * pw : (j + 1) * pw].reshape(-1) for j in range(columns)]
            for i in range(rows)
        ]
        vertical = [swept(layer.vertical, [row[j] for row in cut]) for j in range(columns)]
        for i in range(rows):
            wanted[b, :, i] = np.stack(swept(layer.horizontal, [column[i] for column in vertical]), axis=1)
    np.testing.assert_allclose(layer(tensor(x)).numpy(), wanted, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("at", [(0, 0), (2, 1), (3, 4)], ids=str)
def test_every_output_depends_on_the_whole_image(at):
    """Where a convolution sees its window only."""
    x = tensor(image(1, 1, 4, 5), requires_grad=True)
    float64(nn.ReNet, 1, 3)(x)[0, :, at[0], at[1]].sum().backward()
    assert (to_host(x.grad.data) != 0).all()
    y = float64(nn.Conv2d, 1, 3, 3, padding=1)(x)[0, :, at[0], at[1]].sum()
    assert (mg.grad(y, x).numpy() != 0).sum() <= 9


@given(batch=st.integers(0, 2), channels=st.integers(1, 2), rows=st.integers(1, 3), columns=st.integers(1, 3),
       patch=st.tuples(st.integers(1, 2), st.integers(1, 2)))  # fmt: skip
def test_renet_shapes(batch, channels, rows, columns, patch):
    layer = float64(nn.ReNet, channels, 2, patch=patch, cell="RNN")
    y = layer(tensor(image(batch, channels, rows * patch[0], columns * patch[1])))
    assert y.shape == (batch, 4, rows, columns)


def test_a_batch_gives_what_its_images_give():
    layer, x = float64(nn.ReNet, 2, 3, patch=2), image(3, 2, 4, 6)
    one_by_one = np.concatenate([layer(tensor(x[b : b + 1])).numpy() for b in range(3)])
    np.testing.assert_allclose(layer(tensor(x)).numpy(), one_by_one, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("cell", ["RNN", "GRU"])
def test_renet_gradients(cell):
    layer = float64(nn.ReNet, 1, 2, patch=(1, 2), cell=cell)
    check_grads(lambda x, *_: layer(x), [image(1, 1, 2, 4), *layer.parameters()], mode="random")


@pytest.mark.parametrize("shape", [(2, 4, 4), (1, 1, 4, 4), (1, 2, 3, 4), (1, 2, 4, 5)], ids=str)
def test_renet_says_what_does_not_fit(shape):
    with pytest.raises(mg.ShapeError) as caught:
        nn.Sequential(nn.ReNet(2, 3, patch=2))(mg.Tensor(np.ones(shape)))
    message = str(caught.value)
    assert "ReNet" in message and str(shape) in message and "a multiple of 2" in message and "layers.0" in message


@pytest.mark.parametrize("options", [{"patch": 0}, {"cell": "TRU"}, {"channels": 0}, {"hidden": 0}], ids=str)
def test_renet_refuses_impossible_options(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        nn.ReNet(**{"channels": 1, "hidden": 2, **options})


# ---------------------------------------------------------------- pixel RNN


def pixels(*shape: int, levels: int = 3, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, levels, shape)


@pytest.mark.parametrize("cell", ["RNN", "GRU", "LSTM"])
def test_scores_depend_on_the_pixels_before_and_on_no_others(cell):
    net, images = float64(nn.PixelRNN, 3, 5, embed=2, cell=cell), pixels(1, 3, 4)
    before = net(images).numpy()[0].reshape(12, 3)
    for at in range(12):
        other = images.copy()
        other.reshape(-1)[at] = (other.reshape(-1)[at] + 1) % 3
        changed = (net(other).numpy()[0].reshape(12, 3) != before).any(axis=1)
        assert not changed[: at + 1].any()
        assert changed[at + 1 :].all()


def test_the_product_of_all_pixels_is_a_distribution():
    """Over all 2**4 images of 2 x 2 pixels the probabilities sum to 1."""
    net = float64(nn.PixelRNN, 2, 3, embed=2)
    images = np.array([[[(n >> k) & 1 for k in (0, 1)], [(n >> k) & 1 for k in (2, 3)]] for n in range(16)])
    log_p = -mg.cross_entropy(net(images), images, reduction="none").sum(axis=(1, 2)).numpy()
    assert np.exp(log_p).sum() == pytest.approx(1, rel=1e-12)
    assert net.loss(images).item() == pytest.approx(-log_p.mean() / 4, rel=1e-12)


def test_pixel_rnn_gradients():
    net, images = float64(nn.PixelRNN, 2, 2, embed=2), pixels(2, 2, 2, levels=2)
    check_grads(lambda *_: net.loss(images), net.parameters(), mode="random")


def test_completion_keeps_what_is_known_and_reads_nothing_else():
    net, images = float64(nn.PixelRNN, 3, 4, embed=2), pixels(5, 3, 4)
    first, again = (net.complete(images, 7, np.random.default_rng(1)) for _ in range(2))
    assert first.shape == images.shape and (first == again).all() and first.min() >= 0 and first.max() < 3
    assert (first.reshape(5, -1)[:, :7] == images.reshape(5, -1)[:, :7]).all()
    hidden = images.copy()
    hidden.reshape(5, -1)[:, 7:] = 0
    assert (net.complete(hidden, 7, np.random.default_rng(1)) == first).all()
    assert (net.complete(images, 12) == images).all()
    assert (net.complete(images, 0, temperature=0) == net.complete(images, 0, temperature=0)[:1]).all()


def test_completion_draws_by_the_scores():
    """The first pixel has no pixel before it: its frequencies are its probabilities, sharper when it is colder."""
    net = float64(nn.PixelRNN, 3, 4, embed=2)
    net.out.bias.assign(np.array([0.5, -0.5, 0.2]))
    images = np.zeros((4000, 1, 1), dtype=int)
    scores = net(images[:1]).numpy()[0, 0, 0]
    for temperature in (1.0, 0.5):
        drawn = net.complete(images, 0, np.random.default_rng(0), temperature)
        p = np.exp(scores / temperature) / np.exp(scores / temperature).sum()
        counts = np.bincount(drawn.reshape(-1), minlength=3)
        assert np.all(abs(counts - 4000 * p) < 5 * np.sqrt(4000 * p * (1 - p)))


@pytest.mark.parametrize(("images", "kind", "says"), [
    (np.zeros((2, 3)), mg.ShapeError, r"\(2, 3\)"), (np.zeros((1, 2, 2)), mg.DtypeError, "integers"),
    (np.full((1, 2, 2), 3), IndexError, r"3 at position \(0, 0, 0\) is outside 0\.\.2"),
    (np.full((1, 2, 2), -1), IndexError, "-1"), (np.zeros((1, 0, 2), dtype=int), mg.ShapeError, r"\(1, 0, 2\)"),
], ids=["no batch", "float", "too high", "negative", "no pixels"])  # fmt: skip
def test_images_that_do_not_fit(images, kind, says):
    for call in (lambda net: net(images), lambda net: net.loss(images), lambda net: net.complete(images, 0)):
        with pytest.raises(kind, match=f"PixelRNN.*{says}"):
            call(nn.PixelRNN(3, 4))


@pytest.mark.parametrize("options", [{"levels": 1}, {"embed": 0}, {"cell": "pixel"}, {"hidden": 0}], ids=str)
def test_pixel_rnn_refuses_impossible_options(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        nn.PixelRNN(**{"levels": 2, "hidden": 2, **options})


@pytest.mark.parametrize(
    "words", [{"known": -1}, {"known": 5}, {"temperature": -1.0}, {"temperature": np.nan}], ids=str
)
def test_completion_refuses_what_makes_no_sense(words):
    with pytest.raises(ValueError, match=next(iter(words))):
        nn.PixelRNN(2, 2).complete(np.zeros((1, 2, 2), dtype=int), **{"known": 1, **words})


# ---------------------------------------------------------------- learning


def stripes(count: int, rng: np.random.Generator) -> np.ndarray:
    """6 x 6 images whose columns are of one colour each: after the first row all can be known."""
    return np.repeat(rng.integers(0, 2, (count, 1, 6)), 6, axis=1)


def test_a_pixel_rnn_learns_to_complete_stripes():
    """A pixel on its own costs ln 2; here only those of the first row should."""
    rng = np.random.default_rng(0)
    net = nn.PixelRNN(2, 16, embed=4)
    optimiser = optim.Adam(net, lr=0.02)
    for _ in range(80):
        loss = net.loss(stripes(32, rng))
        net.zero_grad()
        loss.backward()
        optim.clip_grad_norm(net, 1.0)
        optimiser.step()
    test = stripes(100, rng)
    assert np.log(2) / 6 < net.loss(test).item() < 1.3 * np.log(2) / 6
    assert (net.complete(test, 6, temperature=0) == test).mean() >= 0.99


@pytest.mark.slow
def test_renet_tells_shapes_apart_wherever_they_are():
    """Crosses, squares and bars in 12 x 12 pixels."""
    rng = np.random.default_rng(0)

    def drawn(count: int) -> tuple[np.ndarray, np.ndarray]:
        images, kinds = rng.normal(0, 0.1, (count, 1, 12, 12)), rng.integers(0, 3, count)
        for (picture,), kind, (i, j) in zip(images, kinds, rng.integers(0, 8, (count, 2))):
            place = picture[i : i + 5, j : j + 5]
            if kind == 0:
                place[2] += 1
                place[[0, 1, 3, 4], 2] += 1
            elif kind == 1:
                place[[0, 4]] += 1
                place[1:4, [0, 4]] += 1
            else:
                place[2] += 1
        return images, kinds

    net = nn.Sequential(nn.ReNet(1, 12, patch=2), lambda y: mg.max(y, axis=(2, 3)), nn.Linear(24, 3))
    optimiser = optim.Adam(net, lr=0.01)
    for _ in range(300):
        images, kinds = drawn(32)
        loss = mg.cross_entropy(net(mg.Tensor(images)), kinds)
        net.zero_grad()
        loss.backward()
        optim.clip_grad_norm(net, 1.0)
        optimiser.step()
    images, kinds = drawn(300)
    assert (net(mg.Tensor(images)).numpy().argmax(axis=1) == kinds).mean() >= 0.95
