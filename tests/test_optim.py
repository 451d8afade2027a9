"""Optimisers against their formulas written out in NumPy, clipping against its definition, schedules against theirs."""

import json
import math

import numpy as np
import pytest

import minigrad as mg
from minigrad import backend, nn, optim
from minigrad.errors import GraphError, NonFiniteGradient, ShapeError
from minigrad.optim import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    CosineLR,
    ExponentialLR,
    RMSprop,
    StepLR,
    WarmupLR,
    clip_grad_norm,
    clip_grad_value,
)

ON_DEVICE = backend.name == "cupy"
OPTIMISERS = [SGD, Adagrad, RMSprop, Adam, AdamW]


def leaf(values, dtype="float64", name=None):
    return mg.Tensor(np.asarray(values), dtype=dtype, requires_grad=True, name=name)


def give(p, g):
    p.grad = None if g is None else mg.Tensor(np.asarray(g), dtype=p.dtype)


class Formulas:
    """Each update as its paper or PyTorch's manual has it, one parameter at a time, nothing shared with minigrad."""

    @staticmethod
    def sgd(x, g, kept, t, lr=1e-3, momentum=0.0, weight_decay=0.0):
        g = g + weight_decay * x
        kept["v"] = momentum * kept.get("v", 0) + g
        return x - lr * kept["v"]

    @staticmethod
    def adagrad(x, g, kept, t, lr=1e-2, weight_decay=0.0, eps=1e-10):
        g = g + weight_decay * x
        kept["s"] = kept.get("s", 0) + g**2
        return x - lr * g / (np.sqrt(kept["s"]) + eps)

    @staticmethod
    def rmsprop(x, g, kept, t, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0):
        g = g + weight_decay * x
        kept["s"] = alpha * kept.get("s", 0) + (1 - alpha) * g**2
        return x - lr * g / (np.sqrt(kept["s"]) + eps)

    @staticmethod
    def adam(x, g, kept, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        g = g + weight_decay * x
        kept["m"] = betas[0] * kept.get("m", 0) + (1 - betas[0]) * g
        kept["s"] = betas[1] * kept.get("s", 0) + (1 - betas[1]) * g**2
        return x - lr * (kept["m"] / (1 - betas[0] ** t)) / (np.sqrt(kept["s"] / (1 - betas[1] ** t)) + eps)

    @staticmethod
    def adamw(x, g, kept, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        return Formulas.adam(x * (1 - lr * weight_decay), g, kept, t, lr, betas, eps, 0.0)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (SGD, {}),
        (SGD, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.05}),
        (Adagrad, {}),
        (Adagrad, {"lr": 0.5, "weight_decay": 0.1, "eps": 1e-3}),
        (RMSprop, {}),
        (RMSprop, {"lr": 0.1, "alpha": 0.5, "eps": 0.1, "weight_decay": 0.1}),
        (Adam, {}),
        (Adam, {"lr": 0.1, "betas": (0.5, 0.7), "eps": 0.1, "weight_decay": 0.1}),
        (AdamW, {}),
        (AdamW, {"lr": 0.1, "betas": (0.5, 0.7), "eps": 0.1, "weight_decay": 0.3}),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "options" if value else "defaults",
)
def test_twenty_steps_are_the_formula(kind, options):
    rng = np.random.default_rng(1)
    xs = [rng.normal(size=shape) for shape in ((3, 4), (), (5,))]
    params = [leaf(x) for x in xs]
    optimizer = kind(params, **options)
    formula, kept, times = getattr(Formulas, kind.__name__.lower()), [{}, {}, {}], [0, 0, 0]
    for step in range(20):
        for i, p in enumerate(params):
            g = None if i == 2 and step % 3 == 0 else 10 * rng.normal(size=p.shape)  # its steps count apart
            give(p, g)
            if g is not None:
                times[i] += 1
                xs[i] = formula(xs[i], g, kept[i], times[i], **options)
        optimizer.step()
        for x, p in zip(xs, params):
            assert np.allclose(p.numpy(), x, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("options", [{}, {"weight_decay": 0.1}])
@pytest.mark.parametrize("kind", OPTIMISERS)
def test_the_pieces_that_a_step_works_in_do_not_show(kind, options, monkeypatch):
    found, norms = [], []
    for part in (optim.PART, 5):
        monkeypatch.setattr(optim, "PART", part)
        rng = np.random.default_rng(0)
        params = [leaf(np.asfortranarray(rng.normal(size=(3, 7))), "float32"), leaf(rng.normal(size=11), "float32")]
        optimizer = kind(params, **options)
        for _ in range(3):
            for p in params:
                give(p, np.asfortranarray(rng.normal(size=p.shape)))
            optimizer.step()
        norms.append(clip_grad_norm(params, 1e-3).item())
        found.append([*[backend.to_host(p.data) for p in params], *optimizer.state_dict()["arrays"].values()])
    for whole, pieces in zip(*found, strict=True):
        np.testing.assert_array_equal(whole, pieces)
    assert math.isclose(*norms, rel_tol=1e-14)


@pytest.mark.parametrize("kind", OPTIMISERS)
def test_a_bowl_is_descended_in_the_dtype_of_the_parameters(kind):
    p = leaf([3.0, -2.0], "float32")
    optimizer = kind([p], lr=0.1)
    start = float((p * p).sum())
    for _ in range(50):
        optimizer.zero_grad()
        (p * p).sum().backward()
        optimizer.step()
    assert p.dtype == np.float32 and float((p * p).sum()) < 0.7 * start
    assert all(array.dtype == np.float32 for array in optimizer.state_dict()["arrays"].values())


def test_without_zero_grad_gradients_add_up_fault_74():
    p = leaf([1.0])
    optimizer = SGD([p], lr=0.1)
    for expected in (2.0, 4.0):
        (p * 2).sum().backward()
        assert p.grad.numpy() == expected
    optimizer.zero_grad()
    assert p.grad is None


@pytest.mark.parametrize("kind", OPTIMISERS)
def test_parameters_without_gradient_are_left_alone_fault_43(kind):
    used, unused = leaf([1.0]), leaf([2.0])
    optimizer = kind([used, unused], lr=0.1)
    used.sum().backward()
    norm = clip_grad_norm([used, unused], 10.0)
    optimizer.step()
    assert norm.item() == 1 and unused.grad is None
    assert unused.numpy() == 2 and unused.version == 0 and used.numpy() != 1


def test_a_module_gives_its_names_and_a_shared_parameter_is_changed_once():
    layer = nn.Linear(2, 3)
    assert list(SGD(layer).params) == [name for name, _ in layer.named_parameters()]
    p = leaf([1.0])
    optimizer = SGD((q for q in (p, p)), lr=0.5)
    give(p, [1.0])
    optimizer.step()
    assert p.numpy() == 0.5


def test_frozen_parameters_may_be_among_them_but_not_alone():
    frozen = mg.Tensor([1.0])
    assert len(SGD([frozen, leaf([1.0])]).params) == 2
    with pytest.raises(ValueError, match="no parameter that requires a gradient"):
        SGD([frozen])


@pytest.mark.parametrize("kind", OPTIMISERS)
def test_a_graph_from_before_a_step_is_refused_fault_44(kind):
    w = leaf([[1.0, 2.0], [3.0, 4.0]])
    optimizer = kind([w], lr=0.1)
    x = mg.Tensor([[1.0, 1.0]], dtype="float64", requires_grad=True)
    direct, through_view = (x @ w).sum(), (x @ w.T).sum()
    give(w, np.ones((2, 2)))
    before = w.numpy()
    optimizer.step()
    for y in (direct, through_view):
        with pytest.raises(GraphError, match="changed"):
            y.backward()
    assert x.grad is None
    if not ON_DEVICE:
        assert np.array_equal(before, [[1, 2], [3, 4]])  # what was looked at before stays


# ---------------------------------------------------------------- options


@pytest.mark.parametrize("bad", [0, -1, math.nan, math.inf, -0.0])
@pytest.mark.parametrize("kind", OPTIMISERS)
def test_lr_out_of_range_fault_71(kind, bad):
    with pytest.raises(ValueError, match=f"{kind.__name__}: lr"):
        kind([leaf([1.0])], lr=bad)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (SGD, {"momentum": -0.1}),
        (SGD, {"momentum": math.nan}),
        (SGD, {"weight_decay": -1e-9}),
        (SGD, {"weight_decay": math.inf}),
        (Adagrad, {"eps": -1e-8}),
        (RMSprop, {"alpha": 1.0}),
        (RMSprop, {"alpha": -0.1}),
        (Adam, {"betas": (1.0, 0.9)}),
        (Adam, {"betas": (0.9, math.nan)}),
        (Adam, {"betas": (0.9, -0.1)}),
        (Adam, {"betas": (0.9,)}),
        (Adam, {"betas": 0.9}),
        (Adam, {"eps": 0.0}),  # 0 / 0 wherever a gradient is 0
        (Adam, {"eps": 1e-50}),  # which float32 cannot tell from 0
        (AdamW, {"weight_decay": math.nan}),
    ],
)
def test_options_out_of_range_fault_71(kind, options):
    name = next(iter(options))
    with pytest.raises(ValueError, match=f"{kind.__name__}: {name} must be"):
        kind([leaf([1.0], "float32")], **options)


def test_options_of_the_wrong_kind_fault_71():
    for bad in ("0.1", None, [0.1], True):
        with pytest.raises(TypeError, match="SGD: lr must be a number"):
            SGD([leaf([1.0])], lr=bad)


def test_what_are_no_parameters_fault_71():
    p = leaf([1.0])
    for params, error, match in [
        ([], ValueError, "no parameter"),
        (p, TypeError, r"\[tensor\]"),
        ([p, 3.0], TypeError, "parameter 1 is a float"),
        ({"w": p}, TypeError, "parameter 0 is a str"),
        ([p * 2], ValueError, "computed by mul"),
    ]:
        with pytest.raises(error, match=match):
            SGD(params)


def test_lr_is_settable_within_reason():
    p = leaf([1.0])
    optimizer = SGD([p], lr=0.5)
    optimizer.lr = 0  # a schedule may end there, and a lesson may show that nothing is learned
    give(p, [1.0])
    optimizer.step()
    assert p.numpy() == 1
    for bad in (-1, math.nan, math.inf):
        with pytest.raises(ValueError, match="SGD: lr"):
            optimizer.lr = bad
    assert optimizer.lr == 0


# ---------------------------------------------------------------- nan and inf


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("kind", OPTIMISERS)
def test_a_gradient_that_is_not_finite_changes_nothing_fault_16(kind, bad):
    good, broken = leaf([1.0, 2.0]), leaf([3.0, 4.0], name="cell.weight")
    optimizer = kind([good, broken], lr=0.1)
    give(good, [1.0, 1.0])
    give(broken, [1.0, bad])
    if ON_DEVICE:
        optimizer.step()
        assert int(backend.to_host(optimizer.skipped)) == 1
    else:
        with pytest.raises(NonFiniteGradient, match="cell.weight"):
            optimizer.step()
        assert optimizer.skipped == 0 and optimizer.steps == {"0": 0, "1": 0}
    assert good.numpy().tolist() == [1, 2] and broken.numpy().tolist() == [3, 4]
    give(broken, [1.0, 1.0])
    optimizer.step()
    assert np.isfinite(broken.numpy()).all() and (broken.numpy() < [3, 4]).all()


def test_such_steps_can_be_left_out_fault_16():
    p = leaf([1.0])
    optimizer = Adam([p], lr=0.1)
    optimizer.skip_nonfinite = True
    for g in (math.nan, 1.0, math.inf):
        give(p, [g])
        clip_grad_norm([p], 1.0, skip_nonfinite=True)
        optimizer.step()
    assert int(backend.to_host(optimizer.skipped) if ON_DEVICE else optimizer.skipped) == 2
    assert np.isfinite(p.numpy()).all() and p.numpy() != 1


def test_huge_finite_gradients_give_no_warning():
    for kind in OPTIMISERS:
        p = leaf([1.0], "float32")
        give(p, [1e30])
        kind([p]).step()
        assert np.isfinite(p.numpy()).all() or kind is SGD


def test_a_gradient_of_another_shape_is_refused():
    p = leaf([1.0, 2.0], name="w")
    p.grad = mg.Tensor([1.0])
    with pytest.raises(ShapeError, match=r"w has shape \(2,\), its gradient \(1,\)"):
        SGD([p]).step()


# ---------------------------------------------------------------- state


@pytest.mark.parametrize("kind", OPTIMISERS)
def test_a_saved_and_loaded_optimiser_goes_on_the_same(kind):
    options = {"momentum": 0.9} if kind is SGD else {}
    rng = np.random.default_rng(2)
    gradients = rng.normal(size=(20, 3))

    def run(p, optimizer, steps):
        for step in steps:
            give(p, gradients[step])
            optimizer.step()

    whole, first = leaf([1.0, 2.0, 3.0]), leaf([1.0, 2.0, 3.0])
    run(whole, kind([whole], **options), range(20))
    optimizer = kind([first], **options)
    optimizer.lr = optimizer.lr  # the options travel too
    run(first, optimizer, range(10))
    saved = optimizer.state_dict()
    numbers = {key: value for key, value in saved.items() if key != "arrays"}
    saved = {**json.loads(json.dumps(numbers)), "arrays": saved["arrays"]}  # as a file would give it back
    kept = {key: array.copy() for key, array in saved["arrays"].items()}
    assert all(isinstance(array, np.ndarray) for array in kept.values())
    second = leaf(first.numpy())
    run(first, optimizer, [10])  # goes its own way; what was saved stays
    other = kind([second], lr=0.77, **options)
    other.load_state_dict(saved)
    run(second, other, range(10, 20))
    assert np.array_equal(whole.numpy(), second.numpy()) and other.steps == {"0": 20}
    assert all(np.array_equal(kept[key], saved["arrays"][key]) for key in kept)  # copies, both ways


def test_a_state_that_does_not_fit_is_refused_and_changes_nothing():
    p = leaf([1.0, 2.0])
    optimizer = Adam([p])
    give(p, [1.0, 1.0])
    optimizer.step()
    saved = optimizer.state_dict()
    other = Adam([leaf([1.0])])
    for changed, error, match in [
        ({}, ShapeError, r"0:mean has shape \(2,\)"),
        ({"kind": "SGD"}, ValueError, "state of SGD"),
        ({"options": {"lr": 1.0}}, ValueError, "with"),
        ({"options": {**saved["options"], "lr": -1.0}}, ValueError, "lr must be"),
        ({"steps": {"w": 1}}, ValueError, "one side only: 0, w"),
        ({"arrays": {"0:velocity": np.zeros(1)}}, ValueError, "velocity"),
        ({"more": 1}, ValueError, "not the state_dict"),
    ]:
        with pytest.raises(error, match=match):
            other.load_state_dict({**saved, **changed})
    assert other.state_dict()["arrays"] == {} and other.lr == 1e-3


# ---------------------------------------------------------------- clipping


def test_the_global_norm_is_clipped_and_the_one_before_returned_fault_73():
    a, b, unused = leaf([[3.0]]), leaf([0.0, 4.0]), leaf([7.0])
    give(a, [[3.0]])
    give(b, [0.0, 4.0])
    norm = clip_grad_norm([a, b, unused], 2.5)
    assert norm.shape == () and norm.item() == 5
    assert a.grad.numpy() == 1.5 and b.grad.numpy().tolist() == [0, 2] and unused.grad is None
    assert clip_grad_norm([a, b, unused], 2.5).item() == 2.5  # at the limit
    assert a.grad.numpy() == 1.5
    assert clip_grad_norm([a, b], math.inf).item() == 2.5 and a.grad.numpy() == 1.5  # measures only
    assert clip_grad_norm([unused], 1.0).item() == 0


def test_each_tensor_by_its_own_norm():
    a, b, unused = leaf([[3.0]]), leaf([0.3, 0.4]), leaf([7.0])
    give(a, [[-3.0]])
    give(b, [0.3, 0.4])
    norms = clip_grad_norm([a, unused, b], 1.0, per="tensor")
    assert norms.numpy().tolist() == [3, 0, 0.5]
    assert a.grad.numpy() == -1 and b.grad.numpy().tolist() == [0.3, 0.4]


@pytest.mark.parametrize("size", [1e-30, 1e30])
def test_squares_of_float32_gradients_neither_vanish_nor_overflow(size):
    p = leaf([1.0, 1.0], "float32")
    give(p, [3 * size, 4 * size])
    norm = clip_grad_norm([p], size)
    assert norm.item() == pytest.approx(5 * size, rel=1e-6)
    assert p.grad.dtype == np.float32 and np.allclose(p.grad.numpy() / size, [0.6, 0.8], rtol=1e-6)


def test_zero_gradients_stay_zero():
    p = leaf([1.0, 1.0])
    give(p, [0.0, 0.0])
    assert clip_grad_norm([p], 1.0).item() == 0 and p.grad.numpy().tolist() == [0, 0]


def test_elements_are_clipped_to_a_value():
    p, unused = leaf([1.0, 1.0, 1.0]), leaf([1.0])
    give(p, [-5.0, 0.5, 3.0])
    clip_grad_value([p, unused], 2.0)
    assert p.grad.numpy().tolist() == [-2, 0.5, 2] and unused.grad is None
    give(p, [math.inf, math.nan, 9.0])
    clip_grad_value([p], 2.0)  # nothing that the step should see is hidden
    assert np.isinf(p.grad.numpy()[0]) and np.isnan(p.grad.numpy()[1]) and p.grad.numpy()[2] == 2


@pytest.mark.parametrize("bad", [0, -1.0, math.nan])
def test_limits_out_of_range_fault_73(bad):
    p = leaf([1.0])
    for call in (clip_grad_norm, clip_grad_value):
        with pytest.raises(ValueError, match="must be above 0"):
            call([p], bad)
    with pytest.raises(ValueError, match="per must be"):
        clip_grad_norm([p], 1.0, per="layer")


def test_a_norm_that_is_not_finite_names_the_parameter_fault_16():
    good, broken = leaf([1.0]), leaf([1.0], name="decoder.bias")
    give(good, [3.0])
    give(broken, [math.nan])
    if ON_DEVICE:
        assert math.isnan(clip_grad_norm([good, broken], 1.0).item())
    else:
        with pytest.raises(NonFiniteGradient, match="clip_grad_norm.*decoder.bias"):
            clip_grad_norm([good, broken], 1.0)
        assert math.isnan(clip_grad_norm([good, broken], 1.0, skip_nonfinite=True).item())
    assert good.grad.numpy() == 3


@pytest.mark.skipif(not ON_DEVICE, reason="NumPy has no device to wait for")
def test_a_step_does_not_wait_for_the_device():
    standin = pytest.importorskip("cupy._standin", reason="the real CuPy does not count its waits")
    for kind in OPTIMISERS:
        p = leaf([1.0, 2.0])
        optimizer = kind([p])
        schedule = CosineLR(optimizer, 5)
        give(p, [1.0, 1.0])
        with standin.forbid_waits():
            for per in ("global", "tensor"):
                clip_grad_norm([p], 0.1, per=per)
            clip_grad_value([p], 0.01)
            for _ in range(3):
                optimizer.step()
                schedule.step()
            optimizer.zero_grad()


# ---------------------------------------------------------------- schedules


@pytest.mark.parametrize(
    ("make", "formula"),
    [
        (lambda o: StepLR(o, 3, 0.5), lambda n: 0.4 * 0.5 ** (n // 3)),
        (lambda o: ExponentialLR(o, 0.9), lambda n: 0.4 * 0.9**n),
        (lambda o: CosineLR(o, 8), lambda n: 0.2 * (1 + math.cos(math.pi * min(n, 8) / 8))),
        (lambda o: CosineLR(o, 8, 0.1), lambda n: 0.1 + 0.15 * (1 + math.cos(math.pi * min(n, 8) / 8))),
        (lambda o: WarmupLR(o, 4), lambda n: 0.4 * min(n + 1, 4) / 4),
        (
            lambda o: WarmupLR(o, 4, StepLR(o, 2, 0.5)),
            lambda n: 0.1 * (n + 1) if n < 4 else 0.4 * 0.5 ** ((n - 4) // 2),
        ),
    ],
    ids=["step", "exponential", "cosine", "cosine-lowest", "warm-up", "warm-up-then-step"],
)
def test_schedules_are_their_formulas_and_can_be_resumed(make, formula):
    optimizer = SGD([leaf([1.0])], lr=0.4)
    schedule = make(optimizer)
    for n in range(12):
        assert optimizer.lr == pytest.approx(formula(n), rel=1e-12, abs=1e-15)
        if n == 5:
            saved = json.loads(json.dumps(schedule.state_dict()))
            optimizer = SGD([leaf([1.0])], lr=0.4)
            schedule = make(optimizer)
            schedule.load_state_dict(saved)
            assert optimizer.lr == pytest.approx(formula(5), rel=1e-12)
        schedule.step()


def test_schedules_refuse_what_makes_no_sense():
    optimizer = SGD([leaf([1.0])])
    for call, match in [
        (lambda: StepLR(optimizer, 0), "every must be a whole number"),
        (lambda: StepLR(optimizer, 2.5), "every"),
        (lambda: StepLR(optimizer, 2, -1), "gamma must be above 0"),
        (lambda: ExponentialLR(optimizer, math.nan), "gamma"),
        (lambda: CosineLR(optimizer, 0), "steps"),
        (lambda: CosineLR(optimizer, 5, -1), "lowest"),
        (lambda: WarmupLR(optimizer, True), "steps"),
        (lambda: StepLR(optimizer, 2).load_state_dict(CosineLR(optimizer, 2).state_dict()), "state of CosineLR"),
    ]:
        with pytest.raises(ValueError, match=match):
            call()
    assert optimizer.lr == 1e-3
