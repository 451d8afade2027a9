"""anomaly() names the first op that makes nan or inf; the ledger's parts add up to the gradient; diagnose() tells the
known cases apart."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.diagnose import anomaly, diagnose, ledger
from minigrad.optim import SGD
from minigrad.recurrent import scan


def test_fault_9_names_the_op_that_made_it():
    x = mg.Tensor([0.0, 1.0], requires_grad=True)
    with mg.scope("step", 3), anomaly(), pytest.raises(mg.AnomalyError, match=r"log \(step 3\) made it.*-inf"):
        mg.log(x)


def test_fault_4_says_that_softmax_was_given_inf():
    x = mg.Tensor([np.inf, 1.0])
    with anomaly(), pytest.raises(mg.AnomalyError, match="softmax was given inf and gave nan"):
        mg.softmax(x)


def test_fault_9_names_the_backward_rule():
    x = mg.Tensor([0.0], requires_grad=True)
    y = mg.sqrt(x).sum()
    with (
        anomaly(),
        pytest.raises(mg.AnomalyError, match="backward rule of sqrt makes of a finite one a gradient of inf"),
    ):
        y.backward()
    assert x.grad is None


def test_a_watcher_still_sees_every_node():
    x = mg.Tensor([1.0, 2.0], requires_grad=True)
    seen = []
    with anomaly():
        (x * x).sum().backward(watch=lambda node, incoming, contributions: seen.append(node.op.name))
    assert seen == ["sum", "mul"]
    assert x.grad.numpy().tolist() == [2.0, 4.0]


def test_nothing_is_checked_outside_the_block():
    x = mg.Tensor([0.0])
    with anomaly():
        assert mg.exp(x).item() == 1.0
    assert mg.log(x).item() == -np.inf


# ---------------------------------------------------------------- the ledger


def unrolled(layer, steps=5, batch=2, seed=0):
    """(losses, one a step; the layer's outputs) of a float64 layer."""
    rng = np.random.default_rng(seed)
    ys, _ = layer.steps(mg.Tensor(rng.normal(size=(steps, batch, 3)), dtype="float64"))
    weights = rng.normal(size=(steps, *ys[0].shape))
    return [(y * mg.Tensor(w, dtype="float64")).sum() for y, w in zip(ys, weights)], ys


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bidirectional": True}])
def test_the_parts_of_the_ledger_add_up_to_the_gradient(kind, options):
    layer = kind(3, 4, **options).astype("float64")
    losses, _ = unrolled(layer)
    split = ledger(losses)
    assert all(p.grad is None for p in layer.parameters())
    sum(losses[1:], start=losses[0]).backward()
    assert set(split.entries) == set(layer.parameters())
    for p in layer.parameters():
        total, g = mg.backend.to_host(split.total(p)), p.grad.numpy()
        scale = np.abs(g).max()
        assert np.abs(total - g).max() <= 1e-12 * scale and scale > 0
        for parts in (split.by_use(p), split.by_loss(p)):
            assert set(parts) == set(range(5))
            assert np.abs(sum(mg.backend.to_host(a) for a in parts.values()) - g).max() <= 1e-12 * scale


def test_a_loss_reaches_the_uses_up_to_its_step_and_no_later_ones():
    layer = nn.GRU(3, 4).astype("float64")
    losses, _ = unrolled(layer)
    weight = layer.cells[0].weight_hh
    split = ledger(losses)
    numbers, uses, table = split.norms(weight)
    assert numbers == uses == list(range(5))
    assert (np.triu(table, 1) == 0).all() and (np.tril(table) > 0)[1:, 1:].any(axis=1).all()
    for number, loss in enumerate(losses):
        alone = mg.grad(loss, weight).numpy()
        assert np.allclose(mg.backend.to_host(split.by_loss(weight)[number]), alone, rtol=1e-12, atol=1e-15)


def test_the_part_of_a_use_is_the_gradient_of_a_copy_used_there_only():
    rng = np.random.default_rng(0)
    w = mg.Tensor(rng.normal(size=(3, 3)), dtype="float64", requires_grad=True)
    xs = [mg.Tensor(rng.normal(size=(2, 3)), dtype="float64") for _ in range(4)]

    def loss_of(weights):
        use = iter(weights)
        ys, _ = scan(lambda x, s: (mg.tanh(x + mg.linear(s[0], next(use))),), xs, (xs[0] * 0.0,))
        return (ys[-1] * ys[-1]).sum()

    parts = ledger(loss_of([w] * 4)).by_use(w)
    copies = [mg.Tensor(w, dtype="float64", requires_grad=True) for _ in range(4)]
    for step, g in enumerate(mg.grad(loss_of(copies), copies)):
        assert np.allclose(mg.backend.to_host(parts[step]), g.numpy(), rtol=1e-12, atol=1e-15)


def test_uses_outside_every_step_and_other_frames_have_their_place():
    w = mg.Tensor([2.0], dtype="float64", requires_grad=True)
    with mg.scope("node", 0), mg.scope("node", 3):  # the innermost counts
        y = w * w
    split = ledger((y * w).sum(), frame="node")
    assert {use: float(g[0]) for use, g in split.by_use(w).items()} == {3: 8, None: 4}
    assert split.norms(w)[1] == [None, 3]
    (y * w).sum().backward()
    assert w.grad.item() == 12 == float(split.total(w)[0])


def test_what_the_ledger_cannot_split():
    w, other = (mg.Tensor([2.0, 1.0], requires_grad=True, name=name) for name in ("w", "other"))
    with pytest.raises(mg.ShapeError, match=r"loss 1 has shape \(2,\)"):
        ledger([w.sum(), w * 2.0])
    with pytest.raises(mg.GraphError, match="loss 0 has no history"):
        ledger(mg.Tensor(1.0))
    with pytest.raises(KeyError, match="no gradient reaches other"):
        ledger(w.sum()).by_use(other)
    loss = w.sum()
    loss.backward()
    with pytest.raises(mg.GraphError, match="second time"):
        ledger(loss)


# ---------------------------------------------------------------- the diagnosis


def linear_net(rho, steps=12, units=4, batch=2, truncate=None):
    """h_t = rho Q h_{t-1} + x_t with Q orthogonal; the loss looks at the last state."""
    rng = np.random.default_rng(0)
    q = np.linalg.qr(rng.normal(size=(units, units)))[0]
    w = mg.Tensor(rho * q, dtype="float64", requires_grad=True)
    xs = [mg.Tensor(rng.normal(size=(batch, units)), dtype="float64") for _ in range(steps)]
    start = (mg.Tensor(np.zeros((batch, units)), dtype="float64"),)
    ys, _ = scan(lambda x, s: ((mg.linear(s[0], w) + x).named("h"),), xs, start, truncate=truncate)
    return (ys[-1] * ys[-1]).sum(), ys, w


@pytest.mark.parametrize("units", [4, 40])  # 40: from random directions, which an orthogonal matrix keeps as long
@pytest.mark.parametrize("rho", [0.5, 1.0, 1.1])
def test_the_reach_of_a_linear_net_is_a_power_of_its_radius(rho, units):
    """A law: |dh_T/dh_t| = rho^(T - t) for W = rho Q."""
    loss, ys, w = linear_net(rho, units=units)
    found = diagnose(loss)
    (chain,) = found.chains
    assert chain.steps == list(range(12)) and chain.units == units and chain.dead == []
    assert chain.reach == pytest.approx([rho ** (11 - t) for t in range(12)], rel=1e-9)
    slopes = [np.linalg.norm(g.numpy()) for g in mg.grad(loss, ys)]
    assert chain.signal == pytest.approx(slopes, rel=1e-9)
    assert chain.horizon == (6 if rho == 0.5 else 11)  # 0.5**6 = 0.016, 0.5**7 = 0.008
    assert w.grad is None
    loss.backward()  # the graph was left as it was


def test_the_norm_of_a_wide_state_is_estimated():
    rng = np.random.default_rng(1)
    w = mg.Tensor(rng.normal(size=(64, 64)) / 8, dtype="float64", requires_grad=True)
    start = (mg.Tensor(rng.normal(size=(3, 64)), dtype="float64"),)
    xs = [mg.Tensor(np.zeros((3, 64)), dtype="float64")] * 4
    ys, _ = scan(lambda x, s: (mg.linear(s[0], w).named("h"),), xs, start)
    (chain,) = diagnose(ys[-1].sum()).chains
    power = np.linalg.matrix_power(w.numpy(), 3)
    assert chain.reach[0] == pytest.approx(np.linalg.norm(power) / 8, rel=0.15)


def test_the_memory_of_an_lstm_is_in_its_cells_and_the_forget_gate_sets_it():
    """A law: dc_T/dc_0 = f^T if nothing else depends on c (weight_hh = 0)."""
    layer = nn.LSTM(3, 4, bias="one").astype("float64")
    cell = layer.cells[0]
    cell.weight_hh.assign(np.zeros((16, 4)))
    cell.weight_ih.assign(np.r_[cell.weight_ih.numpy()[:4], np.zeros((4, 3)), cell.weight_ih.numpy()[8:]])
    for bias, horizon in ((1.0, 14), (5.0, 49), (-4.0, 1)):
        values = cell.bias_ih.numpy().copy()
        values[4:8] = bias
        cell.bias_ih.assign(values)
        losses, _ = unrolled(layer, steps=50)
        found = diagnose(losses[-1])
        chains = {chain.name: chain for chain in found.chains}
        f = 1 / (1 + np.exp(-bias))
        assert chains["c"].reach == pytest.approx([f ** (49 - t) for t in range(50)], rel=1e-9)
        assert chains["c"].horizon == horizon  # 0.731**14 = 0.0125
        assert "forget" in found.remedy if bias < 5 else found.remedy == "Nothing stands out."
        assert found.saturation["f"] == (float(bias == -4), float(bias == 5))
    assert "remembers 1;" in str(found) and "f: 100% low" in str(found)


def test_every_layer_and_direction_is_a_chain():
    layer = nn.GRU(3, 4, num_layers=2, bidirectional=True)
    output, _ = layer(mg.Tensor(np.random.default_rng(0).normal(size=(6, 2, 3))))
    chains = diagnose(output.sum()).chains
    assert len({chain.place for chain in chains}) == 4 and {chain.name for chain in chains} == {"h"}
    assert sorted(tuple(chain.steps) for chain in chains) == [tuple(range(6))] * 2 + [tuple(range(5, -1, -1))] * 2
    assert all(chain.reach[-1] == pytest.approx(1, rel=1e-6) for chain in chains)


def test_dead_units_are_found_and_named():
    layer = nn.RNN(3, 4, nonlinearity="relu").astype("float64")
    cell = layer.cells[0]
    for name, rows in (("weight_ih", np.s_[1]), ("weight_hh", np.s_[1])):
        values = getattr(cell, name).numpy().copy()
        values[rows] = 0
        getattr(cell, name).assign(values)
    values = np.full(4, 2.0)
    values[1] = -9  # always below 0
    cell.bias_ih.assign(values)
    losses, _ = unrolled(layer)
    found = diagnose(sum(losses[1:], start=losses[0]))
    assert found.chains[0].dead == [1] and found.remedy.startswith("1 of 4 units are dead")


def test_a_dead_unit_is_one_that_no_gradient_reaches():
    loss, ys, _ = linear_net(1.0, steps=2, units=40)
    (chain,) = diagnose((ys[0][:, 3:] * 0.0).sum() + ys[1][:, 1:].sum()).chains
    assert chain.dead == []  # through the matrix unit 0 of the first step is reached
    w = mg.Tensor(np.eye(4), dtype="float64", requires_grad=True)
    x = [mg.Tensor(np.ones((2, 4)), dtype="float64")] * 3
    ys, _ = scan(lambda x, s: ((s[0] * 0.5 + mg.linear(x, w)).named("h"),), x, (x[0] * 0.0,))
    (chain,) = diagnose(ys[-1][:, 1:].sum()).chains
    assert chain.dead == [0]


@pytest.mark.parametrize(
    ("rho", "truncate", "word"), [(2.0, None, "Exploding"), (0.3, None, "orthogonal"), (1.0, 4, "Truncated")]
)
def test_the_remedy_fits_the_case(rho, truncate, word):
    loss, _, _ = linear_net(rho, truncate=truncate)
    found = diagnose(loss)
    assert word in found.remedy and found.remedy in str(found)
    if truncate:
        assert found.chains[0].reach == pytest.approx([0] * 8 + [1] * 4) and found.chains[0].horizon == 3


def test_saturated_tanh_is_named():
    layer = nn.RNN(3, 4).astype("float64")
    layer.cells[0].weight_ih.assign(layer.cells[0].weight_ih.numpy() * 50)
    losses, _ = unrolled(layer, steps=9)
    found = diagnose(losses[-1])
    low, high = found.saturation["h"]
    assert low + high > 0.5 and "tanh is saturated" in found.remedy


def test_what_cannot_be_diagnosed():
    layer = nn.RNN(3, 4)
    output, _ = layer(mg.Tensor(np.zeros((3, 1, 3))))
    loss = output.sum()
    with pytest.raises(mg.GraphError, match="one element"):
        diagnose(output)
    with pytest.raises(mg.GraphError, match="no state called q"):
        diagnose(loss, states=["q"])
    with pytest.raises(mg.GraphError, match="unroll the net with scan"):
        diagnose((mg.Tensor([1.0], requires_grad=True) * 2.0).sum())
    loss.backward()
    with pytest.raises(mg.GraphError, match="diagnose first"):
        diagnose(loss)


def test_a_diagnosis_changes_nothing_that_is_learned():
    net = nn.LSTM(3, 4)
    x = mg.Tensor(np.random.default_rng(0).normal(size=(5, 2, 3)))
    weights = []
    for look in (False, True):
        for p, values in zip(net.parameters(), weights[0] if weights else [p.numpy() for p in net.parameters()]):
            p.assign(values)
        if not weights:
            weights.append([p.numpy().copy() for p in net.parameters()])
        loss = net(x)[0].sum()
        if look:
            diagnose(loss)
            ledger(loss)
        net.zero_grad()
        loss.backward()
        SGD(net, lr=0.1).step()
        weights.append([p.numpy().copy() for p in net.parameters()])
    assert all(np.array_equal(a, b) for a, b in zip(weights[1], weights[2]))
