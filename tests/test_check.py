"""The tester tested: whatever is wrong with a rule, check_grads says so; what is right it lets pass, at any scale.
Imports the op table, minigrad and NumPy."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.backend import default_dtype, to_host
from minigrad.check import GradientError, KinkError, check_grads
from minigrad.op import Op
from minigrad.tensor import OPS, Tensor
from tests.op_table import TABLE, arguments, as_tensor, is_one_op

# (op, argument) for every rule, and a case of the op in which that argument is differentiated
RULES = [(n, a) for n, row in TABLE.items() if is_one_op(n) and row.differentiable for a in OPS[n].rules]
NO_SLOPE = {("sign", "x")}  # a rule that gives zeros already
SYMMETRIC = {"add"}  # both rules are the same


def run(op, case=0, order=2, **options):
    args, params = arguments(op, case)
    args = [as_tensor(a) if np.asarray(a).dtype == bool else a for a in args]
    check_grads(lambda *a: TABLE[op].call(*a, **params), args, order=order, **options)


@pytest.fixture
def spoil(monkeypatch):
    """spoil(op, argument=new(function)): that rule replaced for one test, in its plain and its combined form."""

    def change(op, **changes):
        target = OPS[op]
        rules = dict(target.rules)
        for argument, new in changes.items():
            function, names, combine = rules[argument]
            rules[argument] = (new(function), names, combine and new(combine))
        monkeypatch.setattr(target, "rules", rules)
        monkeypatch.setattr(target, "plans", {})  # plans remember the rules

    return change


# ---------------------------------------------------------------- planted mistakes, in every op


@pytest.mark.parametrize(("op", "argument"), [r for r in RULES if r not in NO_SLOPE])
@pytest.mark.parametrize("factor", [1.001, 0.0], ids=["scaled by 1.001", "zeros"])
@pytest.mark.parametrize("mode", ["full", "random"])
def test_a_scaled_rule_is_caught(op, argument, factor, mode, spoil):
    spoil(op, **{argument: lambda rule: lambda *values: rule(*values) * factor})
    with pytest.raises(GradientError) as caught:
        run(op, mode=mode)
    assert type(caught.value) is GradientError, "not a kink"


@pytest.mark.parametrize(("op", "argument"), [r for r in RULES if r not in NO_SLOPE])
def test_a_rule_without_a_gradient_is_caught(op, argument, monkeypatch):
    monkeypatch.setattr(OPS[op], "rules", {**OPS[op].rules, argument: (lambda: None, (), None)})
    monkeypatch.setattr(OPS[op], "plans", {})
    with pytest.raises(GradientError):
        run(op)


@pytest.mark.parametrize("op", [n for n in TABLE if is_one_op(n) and OPS[n].broadcasts])
def test_a_rule_without_unbroadcasting_is_caught(op, monkeypatch):
    monkeypatch.setattr(OPS[op], "_fitted", lambda g, shape, *rest: g)
    broadcast = [i for i in range(len(TABLE[op].cases)) if len({np.shape(a) for a in arguments(op, i)[0]}) > 1]
    with pytest.raises(GradientError, match=r"its gradient has shape \(2, 3\)"):
        run(op, broadcast[0])


@pytest.mark.parametrize("op", [n for n in TABLE if is_one_op(n) and len(OPS[n].rules) > 1 and n not in SYMMETRIC])
def test_swapped_operands_are_caught(op, spoil, monkeypatch):
    target = OPS[op]
    first, *_, last = target.rules
    rules = {**target.rules, first: target.rules[last], last: target.rules[first]}
    monkeypatch.setattr(target, "rules", rules)
    monkeypatch.setattr(target, "plans", {})
    with pytest.raises((GradientError, mg.GraphError, ValueError)):  # some swaps give a gradient of another shape
        run(op)


@pytest.mark.parametrize("op", [n for n in TABLE if is_one_op(n) and OPS[n].variadic])
def test_swapped_operands_of_a_variadic_op_are_caught(op, monkeypatch):
    target = OPS[op]
    rule, names, combine = target.rules[target.variadic]
    at = names.index("i")
    swapped = lambda *v: rule(*[1 - x if k == at else x for k, x in enumerate(v)])
    monkeypatch.setattr(target, "rules", {target.variadic: (swapped, names, combine)})
    monkeypatch.setattr(target, "plans", {})
    with pytest.raises((GradientError, mg.GraphError, ValueError)):
        run(op)


def test_symmetric_ops_have_nothing_to_swap():
    for op in SYMMETRIC:
        rules = [rule for rule, _, _ in OPS[op].rules.values()]
        g = np.ones(3)
        assert all(rule(g) is g for rule in rules)


@pytest.mark.parametrize("op", ["tanh", "exp", "sigmoid", "mul", "matmul"])
def test_a_rule_that_forgets_history_is_caught_at_second_order_only(op, spoil):
    """Right values, but as constants: gradients are right, gradients of gradients are not."""
    cut = lambda x: x.detach() if isinstance(x, Tensor) else x
    argument = next(iter(OPS[op].rules))
    spoil(
        op,
        **{
            argument: lambda rule: (
                lambda *values: rule(values[0], *map(cut, values[1:])) if len(values) > 1 else rule(*values)
            )
        },
    )
    run(op, order=1)
    with pytest.raises(GradientError) as caught:
        run(op, order=2)
    assert caught.value.order == 2


def test_a_permuted_rule_is_caught(monkeypatch):
    """Under a plain sum of the outputs this mistake does not show."""
    target = OPS["tanh"]
    rule, names, _ = target.rules["x"]
    monkeypatch.setattr(target, "rules", {"x": (lambda g, y: rule(mg.flip(g), y), names, None)})
    monkeypatch.setattr(target, "plans", {})
    with pytest.raises(GradientError):
        run("tanh")
    with pytest.raises(GradientError):
        run("tanh", mode="random")


def test_a_rule_that_is_not_linear_is_caught(monkeypatch):
    """g * g is right for a gradient of ones."""
    target = OPS["neg"]
    monkeypatch.setattr(target, "rules", {"x": (lambda g: -(g * g), ("g",), None)})
    monkeypatch.setattr(target, "plans", {})
    with pytest.raises(GradientError):
        run("neg")


# ---------------------------------------------------------------- scale


@pytest.mark.parametrize("scale", [1e-8, 1e-4, 1.0, 1e4, 1e8])
@pytest.mark.parametrize("mode", ["full", "random"])
def test_no_gradient_is_too_small_or_too_large_to_be_checked(scale, mode, spoil):
    x = np.array([0.3, -1.2, 2.0])
    check_grads(lambda t: mg.tanh(t) * scale, [x], mode=mode)
    spoil("tanh", x=lambda rule: lambda *values: rule(*values) * 1.001)
    with pytest.raises(GradientError):
        check_grads(lambda t: mg.tanh(t) * scale, [x], mode=mode)


def test_a_small_argument_beside_a_large_one_is_still_checked(spoil):
    """Each argument is judged by its own largest derivative."""
    spoil("tanh", x=lambda rule: lambda *values: rule(*values) * 0)
    with pytest.raises(GradientError) as caught:
        check_grads(lambda a, b: a * 1e3 + mg.tanh(b) * 1e-4, [[0.5, 1.0], [0.2, 0.3]])
    assert caught.value.argument == 1


def test_the_complex_step_sees_errors_of_one_part_in_1e10(spoil):
    run("tanh", order=1, complex_step=True, rtol=1e-14)
    spoil("tanh", x=lambda rule: lambda *values: rule(*values) * (1 + 1e-10))
    run("tanh", order=1)  # too small for differences
    with pytest.raises(GradientError):
        run("tanh", order=1, complex_step=True, rtol=1e-12)


# ---------------------------------------------------------------- kinks


@pytest.mark.parametrize(
    "f", [mg.relu, mg.abs, mg.leaky_relu, mg.sign, lambda x: mg.clip(x, 0.0, 1.0), lambda x: mg.maximum(x, 0.0) ** 1.0]
)
@pytest.mark.parametrize("x", [[0.0, 1.5], [2e-6, 1.5], [-2e-6, 1.5]], ids=["at", "above", "below"])
def test_fault_18_a_kink_is_no_error(f, x):
    with pytest.raises(KinkError, match="looks like a kink") as caught:
        check_grads(f, [x])
    assert caught.value.index == (0,)


def test_a_wrong_rule_is_not_called_a_kink(spoil):
    spoil("relu", x=lambda rule: lambda *values: rule(*values) * 1.001)
    with pytest.raises(GradientError) as caught:
        check_grads(mg.relu, [[0.5, 1.5]])
    assert type(caught.value) is GradientError


def test_a_rule_that_gives_nan_is_an_error(spoil):
    spoil("cos", x=lambda rule: lambda *values: rule(*values) * np.nan)
    with pytest.raises(GradientError) as caught:
        run("cos")
    assert type(caught.value) is GradientError


# ---------------------------------------------------------------- what it says, what it takes


def test_the_error_names_op_argument_and_element(spoil):
    spoil("mul", b=lambda rule: lambda *values: rule(*values) * 2)
    with pytest.raises(
        GradientError, match=r"mul, order 1, argument 1: at index \(1, 0\).*by the rules.*numerically"
    ) as caught:
        check_grads(lambda a, b: a * b, [[[0.1], [5.0]], [[0.3], [0.4]]])
    error = caught.value
    assert isinstance(error, AssertionError)
    assert (error.op, error.order, error.argument, error.index) == ("mul", 1, 1, (1, 0))
    assert error.analytic == pytest.approx(2 * error.numeric)
    assert error.error == pytest.approx(0.5)


def test_several_outputs_integers_and_tensors_among_the_arguments():
    table = np.arange(8.0).reshape(4, 2) / 7
    ids = np.array([0, 3, 0])
    mask = Tensor([True, False, True])
    check_grads(
        lambda t, i, m: (mg.take(t, i), mg.where(m, t[i, 0], t[i, 1]), t.shape and mg.argmax(t)), [table, ids, mask]
    )
    check_grads(lambda x, n: mg.unstack(x * n), [table, 3])
    check_grads(lambda x: x, [2.0])


def test_parameters_that_the_function_reaches_by_itself_are_moved_in_place_and_put_back(spoil):
    with default_dtype("float64"):
        w = Tensor([[0.5, -1.0], [2.0, 0.25]], requires_grad=True)
    before = to_host(w.data).copy()
    loss = lambda *_: mg.tanh(w @ w).mean()
    check_grads(loss, [w])
    check_grads(loss, [w], mode="random")
    spoil("tanh", x=lambda rule: lambda *values: rule(*values) * 1.001)
    with pytest.raises(GradientError):
        check_grads(loss, [w])
    assert (to_host(w.data) == before).all()
    assert w.grad is None


def test_third_order():
    check_grads(lambda x: mg.sin(x) * x, [[0.3, -0.7]], order=3)


def test_float32_is_refused():
    with pytest.raises(mg.DtypeError, match="float64"):
        check_grads(mg.tanh, [Tensor([1.0], dtype="float32", requires_grad=True)])
    with pytest.raises(mg.DtypeError, match="float32"):
        check_grads(lambda x: x.astype("float32"), [[1.0]])


def test_nothing_to_check_is_an_error():
    with pytest.raises(ValueError, match="no floating argument"):
        check_grads(lambda i: mg.one_hot(i, num=3), [[0, 1]])
    with pytest.raises(ValueError, match="no floating argument"):
        check_grads(mg.tanh, [Tensor([1.0], dtype="float64")])
    with pytest.raises(ValueError, match="no floating output"):
        check_grads(mg.argmax, [[0.0, 1.0]])


def test_a_function_that_loses_its_history_is_caught():
    with pytest.raises(GradientError):
        check_grads(lambda x: mg.tanh(x).detach(), [[0.3]])
    with pytest.raises(GradientError):
        check_grads(lambda x: x.detach() * x, [[0.3]])


def test_unknown_mode():
    with pytest.raises(ValueError, match="'some' is not one of full, random"):
        check_grads(mg.tanh, [[1.0]], mode="some")


def test_the_same_seed_looks_in_the_same_directions():
    def steps(seed):
        seen = []
        check_grads(
            lambda x: seen.append(to_host(x.data).copy()) or mg.tanh(x),
            [np.arange(4.0)],
            order=1,
            mode="random",
            seed=seed,
        )
        return np.array(seen)

    assert (steps(1) == steps(1)).all()
    assert (steps(1) != steps(2)).any()


def test_a_large_composite_in_random_mode():
    """Fifty steps of a recurrence: thousands of derivatives by a handful of evaluations."""
    rng = np.random.default_rng(0)
    w, u, xs = rng.standard_normal((8, 8)) / 3, rng.standard_normal((8, 4)) / 2, rng.standard_normal((50, 2, 4))

    def net(w, u, xs):
        h = xs[0] @ u.T
        for x in xs:
            h = mg.tanh(mg.linear(h, w) + mg.linear(x, u))
        return h

    check_grads(net, [w, u, xs], mode="random")


def test_ops_of_the_table_are_ops():
    assert all(isinstance(OPS[op], Op) for op, _ in RULES)


def test_what_f_rounds_away_inside_is_no_mistake_of_a_rule(spoil):
    """Slopes of 2e-6 in a value that is computed beside 1: short steps see them to 1e-5 only, longer ones to 1e-7."""

    def f(x):
        return (1 + 2e-6 * mg.sin(x)) - 1

    x = np.linspace(-1, 1, 40)
    check_grads(f, [x])
    spoil("sin", x=lambda rule: lambda *values: rule(*values) * 1.00001)
    with pytest.raises(GradientError):
        check_grads(f, [x])
