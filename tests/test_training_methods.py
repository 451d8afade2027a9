"""Ways to train a recurrent net: forward in real time, in chunks, with the right answers, with penalties, from a
teacher, as an ensemble, with decay and annealing. Each is held against what it must equal."""

import functools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import nn
from minigrad.check import check_grads
from minigrad.data import contiguous
from minigrad.optim import SGD, Adam, AdamW, CosineLR, ExponentialLR, StepLR, WarmupLR
from minigrad.recurrent import JordanWeights, jordan_step, scan
from minigrad.recurrent.forcing import teacher_forcing
from minigrad.recurrent.rtrl import RTRL, rtrl
from minigrad.regularize import distillation, ensemble, gradient_flow
from minigrad.train import fit


@pytest.fixture(autouse=True)
def in_float64():
    with mg.default_dtype("float64"):
        yield


def normal(*shape, seed=0, **options):
    return mg.Tensor(np.random.default_rng(seed).normal(size=shape), **options)


# ---------------------------------------------------------------- RTRL

CELLS = {
    "rnn": lambda i, h: nn.RNNCell(i, h),
    "relu": lambda i, h: nn.RNNCell(i, h, nonlinearity="relu"),
    "lstm": lambda i, h: nn.LSTMCell(i, h),
    "lstm without bias": lambda i, h: nn.LSTMCell(i, h, bias=False),
    "lstm peephole": lambda i, h: nn.LSTMCell(i, h, peepholes=True),
    "gru": lambda i, h: nn.GRUCell(i, h),
    "gru one bias": lambda i, h: nn.GRUCell(i, h, bias="one"),
    "lstm with all options": lambda i, h: nn.LSTMCell(i, h, peepholes=True, layer_norm=True, proj_size=2),
    "jordan": lambda i, h: nn.JordanCell(i, h, h),
    "clockwork": lambda i, h: nn.ClockworkCell(i, h, periods=[1, 2] * (h // 2) + [4] * (h % 2)),
}


def by_bptt(cell, xs, loss_of, state=None):
    """(loss, gradients of the cell's parameters), through the whole unrolled sequence."""
    ys, _ = scan(cell.advance, xs, cell.begin(state, xs[0].shape[0]))
    losses = [loss_of(t, y) for t, y in enumerate(ys)]
    loss = sum(losses[1:], start=losses[0])
    return loss.item(), mg.grad(loss, cell.parameters())


def squares(targets):
    return lambda t, h: ((h - targets[t]) ** 2).sum()


def assert_rtrl_is_bptt(cell, xs, loss_of, state=None):
    expected, gradients = by_bptt(cell, xs, loss_of, state)
    cell.zero_grad()
    assert rtrl(cell, xs, loss_of, state) == pytest.approx(expected, rel=1e-12)
    for p, g in zip(cell.parameters(), gradients):
        assert np.abs(p.grad.numpy() - g.numpy()).max() <= 1e-9 * max(1, np.abs(g.numpy()).max())


@pytest.mark.parametrize("kind", CELLS)
def test_rtrl_gives_the_gradient_of_back_propagation(kind):
    cell = CELLS[kind](3, 4)
    xs, targets = list(mg.ops.unstack(normal(7, 2, 3))), normal(7, 2, cell.output_size, seed=1)
    assert_rtrl_is_bptt(cell, xs, squares(targets))
    assert all(p.grad.numpy().any() for p in cell.parameters())


@given(
    steps=st.integers(1, 6), batch=st.integers(1, 3), inputs=st.integers(1, 3), hidden=st.integers(1, 4),
    kind=st.sampled_from(["rnn", "lstm", "gru"]), seed=st.integers(0, 99),
)  # fmt: skip
def test_rtrl_gives_it_for_any_sizes_and_any_start(steps, batch, inputs, hidden, kind, seed):
    with mg.default_dtype("float64"):
        cell = CELLS[kind](inputs, hidden)
        xs = list(mg.ops.unstack(normal(steps, batch, inputs, seed=seed)))
        states = tuple(normal(batch, n, seed=seed + i) for i, n in enumerate(cell.sizes))
        assert_rtrl_is_bptt(cell, xs, squares(normal(steps, batch, hidden, seed=9)), states)


def test_rtrl_leaves_the_readout_to_back_propagation():
    cell, readout = nn.GRUCell(2, 3), nn.Linear(3, 2)
    xs, targets = list(mg.ops.unstack(normal(5, 2, 2))), normal(5, 2, 2, seed=1)
    loss_of = lambda t, h: mg.mse(readout(h), targets[t])
    ys, _ = scan(cell.advance, xs, cell.initial(2))
    losses = [loss_of(t, y) for t, y in enumerate(ys)]
    expected = mg.grad(sum(losses[1:], start=losses[0]), [*cell.parameters(), *readout.parameters()])
    rtrl(cell, xs, loss_of)
    for p, g in zip([*cell.parameters(), *readout.parameters()], expected):
        assert np.allclose(p.grad.numpy(), g.numpy(), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("hidden", [2, 4, 8])
def test_the_memory_of_rtrl_does_not_grow_with_the_steps_but_with_the_cube_of_the_units(hidden):
    cell = nn.RNNCell(hidden, hidden, bias=False)
    forward = RTRL(cell, batch=3)
    assert forward.memory == 3 * hidden * 2 * hidden**2
    for t in range(4):
        h = forward.step(normal(3, hidden, seed=t))
        assert h.node is None and h.requires_grad and forward.memory == 6 * hidden**3


def test_rtrl_learns_while_it_goes():
    """Online: an update at every step. The net is to say what came one step before."""
    cell, readout = nn.RNNCell(1, 6), nn.Linear(6, 1)
    optimizer = Adam([*cell.parameters(), *readout.parameters()], lr=0.02)
    bits = np.random.default_rng(0).integers(0, 2, 400) * 2.0 - 1
    forward, losses = RTRL(cell), []
    for t in range(1, 400):
        optimizer.zero_grad()
        loss = mg.mse(readout(forward.step(mg.Tensor([[bits[t]]]))), mg.Tensor([[bits[t - 1]]]))
        loss.backward()
        forward.accumulate()
        optimizer.step()
        losses.append(loss.item())
    assert np.mean(losses[:40]) > 0.5 and np.mean(losses[-40:]) < 0.05


def test_rtrl_refuses_what_it_cannot_do():
    cell = nn.RNNCell(2, 3)
    forward = RTRL(cell)
    with pytest.raises(mg.GraphError, match="no gradient at the output"):
        forward.accumulate()
    h = forward.step(normal(1, 2))
    with pytest.raises(mg.GraphError, match="no gradient at the output"):
        forward.accumulate()
    h.sum().backward()
    forward.accumulate()
    with pytest.raises(mg.GraphError, match="no gradient at the output"):
        forward.accumulate()  # once each
    with pytest.raises(mg.ShapeError):
        RTRL(cell, batch=2, state=normal(1, 3))
    with pytest.raises(ValueError, match="at least one step"):
        rtrl(cell, [], lambda t, h: h.sum())
    dropping = nn.DropoutCell(cell, state=0.5)
    with pytest.raises(ValueError, match="random masks.*eval"):
        RTRL(dropping)
    assert RTRL(dropping.eval()).step(normal(1, 2)).shape == (1, 3)


# ---------------------------------------------------------------- truncated back-propagation through time


def chunks_of(cell, xs, k, state):
    """The gradient of the sum of all outputs, in chunks of k steps with the state carried, and the outputs."""
    outputs = []
    for start in range(0, len(xs), k):
        ys, state = scan(cell.advance, xs[start : start + k], state)
        sum((y.sum() for y in ys[1:]), start=ys[0].sum()).backward()
        state = tuple(s.detach() for s in state)
        outputs += [y.numpy() for y in ys]
    return outputs


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
def test_chunks_with_a_carried_state_are_the_whole_sequence_with_cuts(kind):
    cell, xs = CELLS[kind](3, 4), list(mg.ops.unstack(normal(11, 2, 3)))
    outputs = chunks_of(cell, xs, 3, cell.initial(2))
    ys, _ = scan(cell.advance, xs, cell.initial(2), truncate=3)
    expected = mg.grad(sum((y.sum() for y in ys[1:]), start=ys[0].sum()), cell.parameters())
    whole, _ = scan(cell.advance, xs, cell.initial(2))
    full = mg.grad(sum((y.sum() for y in whole[1:]), start=whole[0].sum()), cell.parameters())
    assert np.allclose(outputs, [y.numpy() for y in whole], rtol=1e-12, atol=1e-15)  # carried: nothing is forgotten
    for p, g, f in zip(cell.parameters(), expected, full):
        assert np.allclose(p.grad.numpy(), g.numpy(), rtol=1e-12, atol=1e-14)
        assert not np.allclose(g.numpy(), f.numpy(), rtol=1e-3)  # the gradient is, beyond the chunk


def test_fit_in_chunks_changes_the_parameters_as_by_hand():
    ids = np.random.default_rng(0).integers(0, 5, 61)
    embedding, cell, head = nn.Embedding(5, 3), nn.LSTM(3, 4), nn.Linear(4, 5)
    model = nn.Sequential(embedding, cell, head)
    start = model.state_dict()

    def loss_of(batch, state):
        output, state = cell(embedding(batch.inputs), state)
        return mg.cross_entropy(head(output), batch.targets), state

    batches = contiguous(ids, 2, 6)
    history = fit(loss_of, batches, SGD(model, lr=0.5), 5, carry=True, progress=False)
    trained = model.state_dict()
    model.load_state_dict(start)
    optimizer, state, losses = SGD(model, lr=0.5), None, []
    for batch in batches:
        loss, state = loss_of(batch, None if batch.first else state)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        state = tuple(s.detach() for s in state)
        losses.append(loss.item())
    assert history.losses == losses
    assert all(np.array_equal(trained[name], values) for name, values in model.state_dict().items())


# ---------------------------------------------------------------- teacher forcing in parallel


def jordan(inputs=3, hidden=4, outs=2, seed=0):
    shapes = [(hidden, inputs), (hidden, outs), (outs, hidden)]
    weights = [normal(*shape, seed=seed + i, requires_grad=True) for i, shape in enumerate(shapes)]
    biases = [normal(hidden, seed=7, requires_grad=True), normal(outs, seed=8, requires_grad=True)]
    return JordanWeights(*weights, None, *biases), [*weights, *biases]


@given(steps=st.integers(1, 5), batch=st.integers(1, 3), seed=st.integers(0, 50))
def test_teacher_forcing_in_parallel_is_the_scan_over_the_right_answers(steps, batch, seed):
    with mg.default_dtype("float64"):
        w, leaves = jordan(seed=seed)
        xs, targets, first = normal(steps, batch, 3), normal(steps, batch, 2, seed=1), normal(batch, 2, seed=2)
        step = lambda x, s: jordan_step(x, s, w)
        together = teacher_forcing(step, xs, targets, first)
        before = [first, *mg.ops.unstack(targets)[:-1]]
        apart = [step(x, (y,))[0] for x, y in zip(mg.ops.unstack(xs), before)]
        assert np.allclose(together.numpy(), [y.numpy() for y in apart], rtol=1e-13, atol=1e-15)
        one = mg.grad(mg.mse(together, targets), leaves)
        two = mg.grad(mg.mse(mg.ops.stack(apart), targets), leaves)
        assert all(np.allclose(a.numpy(), b.numpy(), rtol=1e-11, atol=1e-14) for a, b in zip(one, two))


def test_teacher_forcing_has_no_path_through_time_and_one_step_in_the_graph():
    w, leaves = jordan()
    xs, targets, first = normal(6, 2, 3, requires_grad=True), normal(6, 2, 2, seed=1), normal(2, 2, seed=2)
    ys = teacher_forcing(lambda x, s: jordan_step(x, s, w), xs, targets, first)
    slopes = mg.grad(ys[4].sum(), xs).numpy()
    assert slopes[4].all() and not np.delete(slopes, 4, axis=0).any()
    more = normal(60, 2, 3, requires_grad=True)
    long = teacher_forcing(lambda x, s: jordan_step(x, s, w), more, normal(60, 2, 2), first)
    assert len(mg.history([long])) == len(mg.history([ys]))
    assert teacher_forcing(lambda x, s: jordan_step(x, s, w), xs[:0], targets[:0], first).shape == (0, 2, 2)
    args = [normal(3, 2, 3).numpy(), normal(3, 2, 2, seed=3).numpy(), first.numpy(), *leaves]
    step = lambda a, s: jordan_step(a, s, w)
    check_grads(lambda x, t, f, *_: teacher_forcing(step, x, t, f), args, order=2, mode="random")


def test_teacher_forcing_refuses_what_is_not_parallel():
    w, _ = jordan()
    hidden = w._replace(weight_hh=normal(4, 4))
    xs, targets, first = normal(3, 2, 3), normal(3, 2, 2), normal(2, 2)
    with pytest.raises(ValueError, match="only its output may feed back"):
        teacher_forcing(
            lambda x, s: jordan_step(x, (s[0], normal(6, 4)), hidden), xs, targets, first
        )
    with pytest.raises(ValueError, match=r"the state must be \(y, h\).*got 1"):
        teacher_forcing(lambda x, s: jordan_step(x, s, hidden), xs, targets, first)
    for wrong in [(xs[:2], targets, first), (xs, targets, first[:1]), (xs[0], targets, first)]:
        with pytest.raises(mg.ShapeError, match=r"must be \(T, B, I\)"):
            teacher_forcing(lambda x, s: jordan_step(x, s, w), *wrong)


# ---------------------------------------------------------------- the gradient-flow regulariser


def states_of(w, xs, start, activation=mg.tanh):
    ys, _ = scan(lambda x, s: (activation(x + mg.linear(s[0], w)),), list(xs), (start,))
    return ys


def test_gradient_flow_is_its_formula():
    """By NumPy, with the Jacobian of tanh written out: diag(1 - h^2) W."""
    w, xs, start = normal(3, 3, requires_grad=True), normal(4, 2, 3, seed=1), normal(2, 3, seed=2)
    ys = states_of(w, mg.ops.unstack(xs), start)
    loss = (ys[-1] ** 2).sum() + (ys[1] * 0.7).sum()
    slopes = [g.numpy() for g in mg.grad(loss, ys)]
    expected = 0.0
    for k in range(3):
        arrived = (slopes[k + 1] * (1 - ys[k + 1].numpy() ** 2)) @ w.numpy()
        ratio = np.linalg.norm(arrived, axis=1) / np.linalg.norm(slopes[k + 1], axis=1)
        expected += np.mean((ratio - 1) ** 2)
    assert gradient_flow(loss, ys).item() == pytest.approx(expected, rel=1e-12)
    assert w.grad is None


@pytest.mark.parametrize("rho", [0.5, 1.0, 2.0])
def test_gradient_flow_of_a_linear_net_is_known(rho):
    """A law: W = rho Q makes every ratio rho, so Omega = (T - 1) (rho - 1)^2, and its slope pulls rho to 1."""
    q = np.linalg.qr(np.random.default_rng(0).normal(size=(4, 4)))[0]
    scale = mg.Tensor([rho], requires_grad=True)
    ys = states_of(scale * mg.Tensor(q), mg.ops.unstack(normal(6, 3, 4)), normal(3, 4), activation=lambda x: x)
    omega = gradient_flow((ys[-1] ** 2).sum(), ys)
    assert omega.item() == pytest.approx(5 * (rho - 1) ** 2, abs=1e-12)
    assert mg.grad(omega, scale).item() == pytest.approx(5 * 2 * (rho - 1), abs=1e-10)


@pytest.mark.parametrize("kind", ["rnn", "gru", "lstm"])
def test_gradient_flow_has_a_right_gradient(kind):
    cell, xs = CELLS[kind](2, 3), list(mg.ops.unstack(normal(4, 2, 2)))

    def omega(*_):
        states = []
        advance = lambda x, s: states.append(cell.advance(x, s)) or states[-1]
        ys, _ = scan(advance, xs, cell.initial(2))
        return gradient_flow((ys[-1] * ys[0]).sum(), [s[-1] for s in states])  # c of an LSTM

    check_grads(omega, cell.parameters(), order=2 if kind == "rnn" else 1, mode="random")


def test_gradient_flow_skips_rows_that_nothing_reaches():
    w, start = normal(3, 3, requires_grad=True), normal(2, 3)
    ys = states_of(w, mg.ops.unstack(normal(3, 2, 3, seed=1)), start)
    omega = gradient_flow((ys[-1][1] ** 2).sum(), ys)  # the first row has no loss
    alone = states_of(w, mg.ops.unstack(normal(3, 2, 3, seed=1)[:, 1:]), start[1:])
    assert omega.item() == pytest.approx(gradient_flow((alone[-1] ** 2).sum(), alone).item() / 2, rel=1e-12)
    assert np.isfinite(mg.grad(omega, w).numpy()).all()
    late = states_of(w, mg.ops.unstack(normal(3, 2, 3, seed=1)), start)
    assert gradient_flow((late[0] ** 2).sum(), late).item() == 0  # nothing flows through later steps


def test_gradient_flow_lengthens_the_memory():
    """A net whose gradients vanish, trained on the penalty alone: what arrives at the first step grows."""
    w = mg.Tensor(0.3 * np.linalg.qr(np.random.default_rng(0).normal(size=(6, 6)))[0], requires_grad=True)
    xs = mg.ops.unstack(normal(12, 4, 6) * 0.1)
    optimizer, arrived = Adam([w], lr=0.02), []
    for _ in range(60):
        ys = states_of(w, xs, mg.Tensor(np.zeros((4, 6))))
        loss = ys[-1].sum()
        arrived.append(np.linalg.norm(mg.grad(loss, ys[0]).numpy()))
        optimizer.zero_grad()
        gradient_flow(loss, ys).backward()
        optimizer.step()
    assert arrived[0] < 1e-4 and arrived[-1] > 1000 * arrived[0]


def test_gradient_flow_refuses_what_makes_no_sense():
    w = normal(3, 3, requires_grad=True)
    ys = states_of(w, mg.ops.unstack(normal(3, 2, 3)), normal(2, 3))
    with pytest.raises(ValueError, match="at least two"):
        gradient_flow(ys[-1].sum(), ys[:1])
    with pytest.raises(mg.ShapeError, match="one element"):
        gradient_flow(ys[-1], ys)
    with pytest.raises(mg.ShapeError, match="alike"):
        gradient_flow(ys[-1].sum(), [ys[0], ys[1][:1]])
    with pytest.raises(mg.GraphError):
        gradient_flow(mg.Tensor(1.0), ys)


# ---------------------------------------------------------------- distillation


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@given(
    temperature=st.floats(0.3, 20), soft=st.floats(0, 0.99), shape=st.sampled_from([(1, 2), (3, 5), (2, 3, 4)]),
    seed=st.integers(0, 99),
)  # fmt: skip
def test_distillation_is_its_formula(temperature, soft, shape, seed):
    with mg.default_dtype("float64"):
        student, teacher = normal(*shape, seed=seed), normal(*shape, seed=seed + 1)
        targets = np.random.default_rng(seed).integers(0, shape[-1], shape[:-1])
        loss = distillation(student, teacher, targets, temperature=temperature, soft=soft).item()
        p, q = softmax(teacher.numpy() / temperature), softmax(student.numpy() / temperature)
        divergence = (p * (np.log(p) - np.log(q))).sum(axis=-1).mean()
        hard = -np.log(np.take_along_axis(softmax(student.numpy()), targets[..., None], -1)).mean()
        assert loss == pytest.approx(soft * temperature**2 * divergence + (1 - soft) * hard, rel=1e-9, abs=1e-10)


def test_distillation_gradients():
    student, teacher = normal(3, 4, requires_grad=True), normal(3, 4, seed=1, requires_grad=True)
    check_grads(lambda x: distillation(x, teacher, [0, 3, 1], temperature=3.0, soft=0.4), [student], order=2)
    distillation(student, teacher, soft=1).backward()
    assert teacher.grad is None
    t = 2.0  # the gradient of the soft part is t (q - p), over the mean
    expected = t * (softmax(student.numpy() / t) - softmax(teacher.numpy() / t)) / 3
    assert np.allclose(student.grad.numpy(), expected, rtol=1e-10, atol=1e-14)


def test_a_student_that_agrees_pays_nothing_for_soft_labels():
    scores = normal(3, 4)
    assert distillation(scores, scores + 7.0, soft=1).item() == pytest.approx(0, abs=1e-14)  # softmax has no level
    extreme = mg.Tensor([[1e4, 0.0, -1e4]])
    assert distillation(extreme, extreme, soft=1).item() == 0
    assert distillation(scores, normal(3, 4, seed=1), soft=1).item() > 0
    hard = distillation(scores, normal(3, 4, seed=1), [1, 2, 0], soft=0).item()
    assert hard == pytest.approx(mg.cross_entropy(scores, [1, 2, 0]).item(), rel=1e-14)


def test_at_high_temperature_soft_labels_match_the_scores():
    """A law (Hinton et al., section 2.1): t -> inf gives (student - teacher)^2 / (2 V) for centred scores."""
    student, teacher = (normal(5, 4, seed=s).numpy() for s in (0, 1))
    student, teacher = (x - x.mean(axis=-1, keepdims=True) for x in (student, teacher))
    limit = ((student - teacher) ** 2).sum(axis=-1).mean() / (2 * 4)
    assert distillation(mg.Tensor(student), teacher, temperature=1e4, soft=1).item() == pytest.approx(limit, rel=1e-3)


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ({"temperature": 0.0}, ValueError, "temperature=0.0"),
        ({"temperature": math.nan}, ValueError, "temperature=nan"),
        ({"soft": 1.5}, ValueError, "soft=1.5"),
        ({"targets": None}, ValueError, "go together"),
        ({"soft": 1}, ValueError, "go together"),
        ({"teacher": np.zeros((3, 5))}, mg.ShapeError, r"\(3, 4\).*\(3, 5\)"),
        ({"targets": [0, 1, 4]}, IndexError, "4 at position"),
    ],
)
def test_distillation_refuses_what_makes_no_sense(arguments, error, match):
    with pytest.raises(error, match=match):
        distillation(**{"logits": normal(3, 4), "teacher": normal(3, 4, seed=1), "targets": [0, 1, 2], **arguments})


# ---------------------------------------------------------------- ensembles


@given(count=st.integers(1, 4), shape=st.sampled_from([(3,), (2, 5), (2, 3, 4)]), seed=st.integers(0, 99))
def test_an_ensemble_averages_probabilities(count, shape, seed):
    with mg.default_dtype("float64"):
        members = [normal(*shape, seed=seed + i) * 3 for i in range(count)]
        weights = np.random.default_rng(seed).random(count) + 0.01
        log_p = ensemble(members, weights).numpy()
        expected = sum(w * softmax(m.numpy()) for w, m in zip(weights / weights.sum(), members))
        assert np.allclose(np.exp(log_p), expected, rtol=1e-12, atol=1e-15)
        assert np.exp(log_p).sum(axis=-1) == pytest.approx(1)
        alike = ensemble(members).numpy()
        assert np.allclose(np.exp(alike), sum(softmax(m.numpy()) for m in members) / count, rtol=1e-12, atol=1e-15)


@given(seed=st.integers(0, 999))
def test_an_ensemble_is_never_worse_than_its_members_on_average(seed):
    """A law (Jensen): the log of a mean is at least the mean of the logs."""
    with mg.default_dtype("float64"):
        members = [normal(4, 5, seed=seed + i) * 4 for i in range(3)]
        targets = np.random.default_rng(seed).integers(0, 5, 4)
        alone = [mg.cross_entropy(m, targets).item() for m in members]
        assert mg.cross_entropy(ensemble(members), targets).item() <= np.mean(alone) + 1e-12


def test_ensemble_edges():
    x, y = normal(2, 3), normal(2, 3, seed=1)
    assert np.allclose(ensemble([x, y], [1, 0]).numpy(), mg.ops.log_softmax(x, axis=-1).numpy())
    sure = ensemble([mg.Tensor([1e4, -1e4]), mg.Tensor([-1e4, 1e4])]).numpy()
    assert sure == pytest.approx([-math.log(2)] * 2)
    check_grads(lambda a, b: ensemble([a, b], [1, 3]), [x.numpy(), y.numpy()], order=2)
    for members, weights, match in [
        ([], None, "at least one"),
        ([x, y], [1], "2 nets need as many weights"),
        ([x, y], [1, -1], "at least 0"),
        ([x, y], [0, 0], "not all 0"),
        ([x, y], [1, math.nan], "weights"),
        ([x, normal(2, 4)], None, r"\(2, 3\) and \(2, 4\)"),
    ]:
        with pytest.raises(ValueError, match=match):
            ensemble(members, weights)


# ---------------------------------------------------------------- weight decay and annealing


def test_weight_decay_is_the_gradient_of_half_the_squared_weights():
    x, y = normal(5, 3), normal(5, 1, seed=1)
    nets = [nn.Linear(3, 1) for _ in range(2)]
    nets[1].load_state_dict(nets[0].state_dict())
    decayed, plain = SGD(nets[0], lr=0.1, weight_decay=0.3), SGD(nets[1], lr=0.1)
    penalty = lambda net: sum(0.15 * (p * p).sum() for p in net.parameters())
    fit(lambda b: mg.mse(nets[0](x), y), [0], decayed, 7, progress=False)
    fit(lambda b: mg.mse(nets[1](x), y) + penalty(nets[1]), [0], plain, 7, progress=False)
    for p, q in zip(nets[0].parameters(), nets[1].parameters()):
        assert np.allclose(p.numpy(), q.numpy(), rtol=1e-12)


def test_weight_decay_shrinks_by_a_law_where_nothing_is_learned():
    for optimizer, factor in ((SGD, 1 - 0.1 * 0.3), (AdamW, 1 - 0.1 * 0.3)):
        p = mg.Tensor([4.0], requires_grad=True)
        fit(lambda b, p=p: (p * 0.0).sum(), [0], optimizer([p], lr=0.1, weight_decay=0.3), 9, progress=False)
        assert p.item() == pytest.approx(4 * factor**9, rel=1e-12)


def test_weight_decay_keeps_the_weights_of_an_overfitted_net_smaller():
    rng = np.random.default_rng(0)
    x, y = mg.Tensor(rng.normal(size=(6, 20))), mg.Tensor(rng.normal(size=(6, 1)))  # more weights than samples
    sizes = []
    for decay in (0.0, 0.1):
        mg.manual_seed(0)
        net = nn.Linear(20, 1)
        fit(lambda b, net=net: mg.mse(net(x), y), [0], Adam(net, lr=0.01, weight_decay=decay), 300, progress=False)
        sizes.append(np.linalg.norm(net.weight.numpy()))
    assert sizes[1] < sizes[0]


@pytest.mark.parametrize(
    ("schedule", "rate"),
    [
        (lambda o: StepLR(o, 4, 0.5), lambda n: 0.5 ** (n // 4)),
        (lambda o: ExponentialLR(o, 0.9), lambda n: 0.9**n),
        (lambda o: CosineLR(o, 10), lambda n: (1 + math.cos(math.pi * min(n / 10, 1))) / 2),
        (lambda o: WarmupLR(o, 3), lambda n: min(1, (n + 1) / 3)),
    ],
)
def test_annealing_takes_each_step_with_its_own_rate(schedule, rate):
    p = mg.Tensor([0.0], requires_grad=True)
    optimizer = SGD([p], lr=0.1)
    places = []
    fit(
        lambda b: places.append(p.item()) or p.sum(), [0], optimizer, 12, schedule=schedule(optimizer), progress=False
    )  # fmt: skip
    assert -np.diff([*places, p.item()]) == pytest.approx([0.1 * rate(n) for n in range(12)], abs=1e-12)


def test_annealing_ends_nearer_to_the_goal_where_gradients_are_noisy():
    """A law: with a constant rate SGD keeps the variance lr / (2 - lr) of its noise; with a falling one it loses it."""
    ends = {}
    for annealed in (False, True):
        p = mg.Tensor(np.full(200, 3.0), requires_grad=True)  # 200 walks at once
        optimizer, rng = SGD([p], lr=0.5), np.random.default_rng(0)
        batches = lambda rng=rng: [rng.normal(size=200)]
        schedule = CosineLR(optimizer, 150) if annealed else None
        loss_of = lambda noise, p=p: (p * p * 0.5 + p * mg.Tensor(noise)).sum()
        fit(loss_of, batches, optimizer, 150, schedule=schedule, progress=False)
        ends[annealed] = p.numpy().var()
    assert ends[False] == pytest.approx(0.5 / 1.5, rel=0.35) and ends[True] < ends[False] / 10


@pytest.mark.parametrize(("activation", "slope"), [(mg.sigmoid, 0.25), (mg.tanh, 1.0)])
def test_law_of_the_factor_of_one_step(activation, slope):
    """A step stretches a gradient by |W| times the largest slope of its activation at most (Pascanu, 2013)."""
    with mg.default_dtype("float64"):
        for seed in range(5):
            mg.manual_seed(seed)
            cell = nn.RNNCell(3, 8, nonlinearity=activation)
            cell.weight_hh.assign(3 * cell.weight_hh.numpy())
            rng = np.random.default_rng(seed)
            x = mg.Tensor(rng.normal(size=(1, 3)))
            factor = mg.jacobian(functools.partial(cell, x), mg.Tensor(rng.normal(size=(1, 8)))).numpy().reshape(8, 8)
            assert np.linalg.norm(factor, 2) <= slope * np.linalg.norm(cell.weight_hh.numpy(), 2) * (1 + 1e-12)
