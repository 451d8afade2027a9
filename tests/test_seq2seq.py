"""Encoder and decoder: against NumPy by hand, padding, teacher forcing and scheduled sampling, greedy decoding,
gradients of both orders, bad input, and that one with attention learns to copy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import nn
from minigrad.backend import to_host
from minigrad.check import check_grads
from minigrad.errors import ShapeError
from minigrad.nn.attention import Attention
from minigrad.nn.seq2seq import Decoder, Encoded, Encoder, Seq2Seq, scheduled_ratio
from minigrad.optim import Adam

START, END, NUM = 0, 1, 6
HOW = [
    {"context": "state"},
    {"context": "first"},
    {"context": "every"},
    {"context": ("state", "every")},
    {"context": (), "attention": "additive"},
    {"context": "state", "attention": "general", "attend": "after"},
    {"context": ("state", "first", "every"), "attention": "dot", "attend": "after", "num_layers": 2},
]  # fmt: skip


def make(cell="gru", bidirectional=True, layers=1, hidden=4, encoder_hidden=2, **options):
    with mg.default_dtype("float64"):
        encoder = Encoder(5, 3, encoder_hidden, layers, bidirectional, cell)
        return Seq2Seq(encoder, Decoder(NUM, 2, hidden, encoder.output_size, cell=cell, **options))


def ids(*shape, num=5, seed=0):
    return np.random.default_rng(seed).integers(0, num, shape)


SOURCE, TARGET = ids(4, 3), ids(5, 3, num=NUM, seed=1)


def stepped(model, source, inputs, lengths=None):
    """(logits, weights), one call a step."""
    state, logits, weights = model.begin(source, lengths), [], []
    for row in inputs:
        scores, state = model.step(row, state)
        logits.append(scores.numpy())
        weights.append(state.weights)
    return np.stack(logits), weights


# ---------------------------------------------------------------- what it computes


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gru(p, name, x, h, end=""):
    """One step for one sequence, from the equation (reset after the product, z keeps the old state)."""
    a = p[f"{name}weight_ih{end}"] @ x + p[f"{name}bias_ih{end}"]
    b = p[f"{name}weight_hh{end}"] @ h + p[f"{name}bias_hh{end}"]
    (ar, az, an), (br, bz, bn) = np.split(a, 3), np.split(b, 3)
    z = sigmoid(az + bz)
    return (1 - z) * np.tanh(an + sigmoid(ar + br) * bn) + z * h


def by_hand(model, source, inputs):
    """logits (T, num) for one sequence: Bahdanau's net, attention before the step, the bridge tanh(V c)."""
    p = model.state_dict()
    xs = [p["encoder.embedding.weight"][i] for i in source]
    forward, h = [], np.zeros(2)
    for x in xs:
        h = gru(p, "encoder.layers.", x, h, "_l0")
        forward.append(h)
    backward, h = [], np.zeros(2)
    for x in xs[::-1]:
        h = gru(p, "encoder.layers.", x, h, "_l0_reverse")
        backward.insert(0, h)
    keys = [np.concatenate(pair) for pair in zip(forward, backward)]
    summary = np.concatenate([forward[-1], backward[0]])
    s = np.tanh(p["decoder.bridge.weight"] @ summary + p["decoder.bridge.bias"])
    logits = []
    for i in inputs:
        q, k = p["decoder.attention.weight_q"], p["decoder.attention.weight_k"]
        e = np.array([p["decoder.attention.v"][0] @ np.tanh(q @ s + k @ key) for key in keys])
        context = (np.exp(e) / np.exp(e).sum()) @ np.array(keys)
        s = gru(p, "decoder.cells.0.", np.concatenate([p["decoder.embedding.weight"][i], context]), s)
        logits.append(p["decoder.readout.weight"] @ np.concatenate([s, context]) + p["decoder.readout.bias"])
    return np.array(logits)


def test_it_is_bahdanaus_net():
    model = make(context="state", attention="additive")
    logits = model(SOURCE, TARGET).numpy()
    for b in range(3):
        np.testing.assert_allclose(logits[:, b], by_hand(model, SOURCE[:, b], TARGET[:-1, b]), rtol=1e-11, atol=1e-13)


def test_luongs_step_by_hand():
    model = make(context="state", attention="dot", attend="after")
    p = model.state_dict()
    source, inputs = SOURCE[:, :1], TARGET[:-1, :1]
    encoded = model.encoder(source)
    keys = encoded.outputs.numpy()[:, 0]
    s = np.tanh(p["decoder.bridge.weight"] @ encoded.context.numpy()[0] + p["decoder.bridge.bias"])
    u = np.zeros(4)
    logits = model(source, TARGET[:, :1]).numpy()
    for t, i in enumerate(inputs[:, 0]):
        s = gru(p, "decoder.cells.0.", np.concatenate([p["decoder.embedding.weight"][i], u]), s)
        e = np.exp(keys @ s)
        u = np.tanh(p["decoder.mix.weight"] @ np.concatenate([e / e.sum() @ keys, s]))
        want = p["decoder.readout.weight"] @ u + p["decoder.readout.bias"]
        np.testing.assert_allclose(logits[t, 0], want, rtol=1e-11, atol=1e-13)


def test_the_context_as_first_input_and_at_every_step():
    """Both ways by hand, on the decoder's own cell."""
    context = mg.Tensor(np.random.default_rng(0).normal(size=(1, 3)), dtype="float64")
    for way in ("first", "every"):
        with mg.default_dtype("float64"):
            decoder = Decoder(NUM, 2, 4, 3, context=way, cell="gru")
        p = decoder.state_dict()
        h, c = np.zeros(4), context.numpy()[0]
        if way == "first":
            h = gru(p, "cells.0.", p["first.weight"] @ c + p["first.bias"], h)
        logits, _ = decoder.unroll(TARGET[:, :1], decoder.begin(Encoded(context)))
        for t, i in enumerate(TARGET[:, 0]):
            x = p["embedding.weight"][i]
            h = gru(p, "cells.0.", np.concatenate([x, c]) if way == "every" else x, h)
            want = p["readout.weight"] @ h + p["readout.bias"]
            np.testing.assert_allclose(logits.numpy()[t, 0], want, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_without_a_bridge_the_state_is_taken_over(cell):
    model = make(cell, bidirectional=False, layers=2, encoder_hidden=4, num_layers=2, bridge=False)
    encoded, state = model.encoder(SOURCE), model.begin(SOURCE)
    whole = encoded.state if isinstance(encoded.state, tuple) else (encoded.state,)
    for layer in range(2):
        for part, s in enumerate(state.layers[layer]):
            assert (s.numpy() == whole[part].numpy()[layer]).all()
    assert (encoded.context.numpy() == whole[0].numpy()[-1]).all()
    assert not any("bridge" in name for name, _ in model.named_parameters())


def test_the_encoder_may_be_one_node_a_layer():
    mg.manual_seed(3)
    nets = [nn.encoder_decoder(NUM, NUM, 3, 4, num_layers=2, attention="dot", unroll=how) for how in (True, False)]
    nets[1].load_state_dict(nets[0].state_dict())
    losses = [net(SOURCE, TARGET, [4, 2, 3]).sum() for net in nets]
    np.testing.assert_allclose(losses[0].numpy(), losses[1].numpy(), rtol=1e-5)
    fused = [node.op.name for node in mg.history([losses[1]]) if "lstm" in node.op.name]
    assert len(fused) == 2


def test_projected_states_fit():
    model = make("lstm", context="state", attention="general", hidden=4, num_layers=2, proj_size=3)
    assert model(SOURCE, TARGET).shape == (4, 3, NUM)
    assert [[s.shape for s in layer] for layer in model.begin(SOURCE).layers] == [[(3, 3), (3, 4)]] * 2


@pytest.mark.parametrize("how", HOW, ids=str)
def test_teacher_forcing_is_the_parallel_run(how):
    """With ratio 1 all inputs are known: embedded and read out at once, the same as step by step."""
    model = make(**how)
    logits = model(SOURCE, TARGET, [4, 2, 3])
    want, weights = stepped(model, SOURCE, TARGET[:-1], [4, 2, 3])
    np.testing.assert_allclose(logits.numpy(), want, rtol=1e-12, atol=1e-14)
    nodes = [node for node in mg.history([logits]) if node.op.name == "take"]
    assert len(nodes) == 2  # all of the source, all of the target
    if model.decoder.attention is not None:
        aligned = model.align(SOURCE, TARGET, [4, 2, 3]).numpy()
        assert aligned.shape == (4, 3, 4)
        np.testing.assert_allclose(aligned, [w.numpy() for w in weights], rtol=1e-12)
        np.testing.assert_allclose(aligned.sum(axis=2), 1, rtol=1e-12)
        assert (aligned[:, 1, 2:] == 0).all() and (aligned[:, 2, 3:] == 0).all()


@given(st.sampled_from(HOW), st.lists(st.integers(1, 4), min_size=3, max_size=3))
def test_padded_equals_unpadded(how, lengths):
    model = make(**how)
    logits = model(SOURCE, TARGET, lengths).numpy()
    for b, n in enumerate(lengths):
        alone = model(SOURCE[:n, b : b + 1], TARGET[:, b : b + 1]).numpy()
        np.testing.assert_allclose(logits[:, b : b + 1], alone, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("how", HOW, ids=str)
def test_padded_gradients_equal_unpadded(how):
    model, lengths = make(**how), [4, 1, 3]
    mg.cross_entropy(model(SOURCE, TARGET, lengths), TARGET[1:], reduction="sum").backward()
    padded = [p.grad.numpy() for p in model.parameters() if p.grad is not None]
    model.zero_grad()
    for b, n in enumerate(lengths):
        logits = model(SOURCE[:n, b : b + 1], TARGET[:, b : b + 1])
        mg.cross_entropy(logits, TARGET[1:, b : b + 1], reduction="sum").backward()
    alone = [p.grad.numpy() for p in model.parameters() if p.grad is not None]
    for got, want in zip(padded, alone, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("how", "cell"), [(HOW[0], "lstm"), *[(how, "gru") for how in HOW[3:]]], ids=str)
def test_gradients_of_both_orders(how, cell):
    model = make(cell, **how)

    def loss(*_):
        return mg.cross_entropy(model(SOURCE[:2, :2], TARGET[:3, :2], [2, 1]), TARGET[1:3, :2])

    check_grads(loss, model.parameters(), mode="random")


@pytest.mark.parametrize("how", HOW, ids=str)
def test_everything_learns(how):
    """Every parameter of the net gets a gradient."""
    model = make(**how)
    mg.cross_entropy(model(SOURCE, TARGET), TARGET[1:]).backward()
    assert [name for name, p in model.named_parameters() if p.grad is None] == []


# ---------------------------------------------------------------- scheduled sampling


def test_ratio_0_feeds_the_guesses_back():
    model = make(attention="additive")
    logits = model(SOURCE, TARGET, teacher_forcing=0.0).numpy()
    inputs = np.concatenate([TARGET[:1], logits.argmax(axis=2)[:-1]])
    want, _ = stepped(model, SOURCE, inputs)
    np.testing.assert_allclose(logits, want, rtol=1e-12)
    other = TARGET.copy()
    other[1:] = (other[1:] + 1) % NUM  # what is true after the start is not looked at
    assert (model(SOURCE, other, teacher_forcing=0.0).numpy() == logits).all()


@pytest.mark.parametrize("feedback", ["argmax", "sample"])
def test_the_ratio_is_the_share_of_true_inputs(feedback):
    """Inputs seen through the embedding: a true id where a coin of that probability falls so, for each separately."""
    model = make(context="state")
    truth = np.full((41, 50), 2)
    model.decoder.readout.bias.data = model.decoder.readout.bias.data + mg.Tensor([0, 0, -99, 0, 0, 0]).data
    source = ids(3, 50)
    seen = []
    lookup = model.decoder.embedding.forward
    model.decoder.embedding.forward = lambda i: seen.append(to_host(i)) or lookup(i)
    model(source, truth, teacher_forcing=0.7, feedback=feedback, rng=np.random.default_rng(3))
    true = np.stack(seen) == 2
    assert true[0].all() and abs(true[1:].mean() - 0.7) < 0.05  # 2,000 coins: five standard deviations
    assert 0 < true[1:].mean(axis=0).std() < 0.2 and 0 < true[1:].mean(axis=1).std() < 0.2
    guesses = np.stack(seen)[~true]
    assert (len(set(guesses.tolist())) > 3) == (feedback == "sample")


def test_a_sample_follows_the_softmax():
    model = make(context="state", hidden=2)
    p = np.array([0.05, 0.5, 0.1, 0.2, 0.1, 0.05])
    for name, values in (("weight", np.zeros((NUM, 2))), ("bias", np.log(p))):
        getattr(model.decoder.readout, name).assign(values)
    seen = []
    lookup = model.decoder.embedding.forward
    model.decoder.embedding.forward = lambda i: seen.append(to_host(i)) or lookup(i)
    model(ids(2, 1000), np.zeros((4, 1000), int), teacher_forcing=0.0, feedback="sample")
    shares = np.bincount(np.stack(seen[1:]).reshape(-1), minlength=NUM) / 2000
    np.testing.assert_allclose(shares, p, atol=0.05)
    assert abs((seen[1] == seen[2]).mean() - (p**2).sum()) < 0.08  # each step draws anew


def test_no_gradient_flows_through_a_guess():
    model = make(context="state")
    logits = model(SOURCE, TARGET, teacher_forcing=0.0)
    (through,) = mg.grad(logits[1:].sum(), [model.decoder.readout.bias])
    assert (through.numpy() == 9).all()  # three later steps, three sequences: from the read-out itself alone


def test_the_same_seed_gives_the_same_run():
    model = make(context="state")

    def run():
        return model(SOURCE, TARGET, teacher_forcing=0.5, feedback="sample", rng=np.random.default_rng(1)).numpy()

    assert (run() == run()).all()


def test_scheduled_ratios():
    assert [scheduled_ratio(i, 4, "linear") for i in (0, 1, 4, 9)] == [1, 0.75, 0, 0]
    assert scheduled_ratio(9, 4, "linear", least=0.1) == 0.1
    assert scheduled_ratio(3, 0.5, "exponential") == 0.125
    assert scheduled_ratio(20, 10) == pytest.approx(10 / (10 + math.exp(2)))
    assert scheduled_ratio(10**6, 1.0) == pytest.approx(0)
    for k, kind in ((1.5, "exponential"), (0.5, "inverse_sigmoid"), (0, "linear")):
        with pytest.raises(ValueError, match=f"k {k}"):
            scheduled_ratio(0, k, kind)
    with pytest.raises(ValueError, match=r"kind='cosine' is not one of linear, exponential, inverse_sigmoid"):
        scheduled_ratio(0, 1, "cosine")


# ---------------------------------------------------------------- decoding


@pytest.mark.parametrize("how", HOW, ids=str)
def test_greedy_decoding(how):
    model = make(**how)
    made = model.generate(SOURCE, START, END, 6, [4, 2, 3])
    state, last = model.begin(SOURCE, [4, 2, 3]), np.full(3, START)
    finished = np.zeros(3, bool)
    for row in made.ids:
        logits, state = model.step(last, state)
        last = np.where(finished, END, logits.numpy().argmax(axis=1))
        finished |= last == END
        assert (row == last).all()
    assert (made.finished == finished).all()
    assert (made.lengths == [sum(1 for i in column if i != END) for column in made.ids.T]).all()
    if model.decoder.attention is None:
        assert made.weights is None
    else:
        assert made.weights.shape == (len(made.ids), 3, 4)


def wanting(model, wish):
    """The model, but at step t the likeliest id of sequence b is wish[t][b]."""
    calls = iter(wish)

    def step(last, state):
        return mg.one_hot(np.array(next(calls)), NUM), state

    model.step = step
    return model


def test_each_sequence_ends_by_itself():
    model = wanting(make(), [[3, END, 4], [END, 5, 4], [5, 2, 4]])
    made = model.generate(SOURCE, START, END, 3)
    assert made.ids.tolist() == [[3, END, 4], [END, END, 4], [END, END, 4]]
    assert made.finished.tolist() == [True, True, False] and made.lengths.tolist() == [1, 0, 3]
    made = wanting(make(), [[2, END, END], [END, 3, 3]]).generate(SOURCE, START, END, 9)
    assert made.ids.shape == (2, 3) and made.finished.all()  # no further steps once all have ended


def test_generating_records_nothing():
    model = make(attention="dot")
    seen = []
    step = model.step
    model.step = lambda last, state: seen.append(step(last, state)) or seen[-1]
    model.generate(SOURCE, START, END, 3)
    assert seen and all(logits.node is None and not logits.requires_grad for logits, _ in seen)


@pytest.mark.parametrize("how", [*HOW, {"context": "state", "num_layers": 3, "dropout": 0.5}], ids=str)
def test_rows_of_a_state_go_on_by_themselves(how):
    """What beam search needs: some sequences, in any order, repeated."""
    model, rows = make(**how), [2, 0, 2, 1]
    state = model.begin(SOURCE, [4, 2, 3])
    _, state = model.step(TARGET[0], state)
    logits, after = model.step(TARGET[1], state)
    picked, picked_after = model.step(TARGET[1][rows], state.rows(rows))
    np.testing.assert_allclose(picked.numpy(), logits.numpy()[rows], rtol=1e-12)
    again, _ = model.step(TARGET[1], state)  # the state is not used up
    assert (again.numpy() == logits.numpy()).all()
    if after.weights is not None:
        np.testing.assert_allclose(picked_after.weights.numpy(), after.weights.numpy()[rows], rtol=1e-12)


# ---------------------------------------------------------------- drawing, dropout, dtype


def test_every_node_knows_its_step_and_place():
    model = make(context="state", attention="additive", num_layers=2)
    nodes = mg.history([model(SOURCE, TARGET)])
    frames = [dict(node.scope) for node in nodes]
    assert all("encoder" in f or "decoder" in f for f in frames)
    inside = [f for f in frames if "decoder" in f and "step" in f]
    assert {(f["step"], f["layer"]) for f in inside if "layer" in f} == {(t, i) for t in range(4) for i in range(2)}
    assert {f["step"] for f in inside if "attention" in f} == {0, 1, 2, 3}
    assert {f["step"] for f in frames if "encoder" in f and "step" in f} == {0, 1, 2, 3}
    names = {name for node in nodes for name in (node.names or {}).values()}
    assert {"a", "e", "context", "h"} <= names
    assert model.decoder.bridge.weight.name == "decoder.bridge.weight"


def test_dropout_is_one_mask_a_sequence_and_only_in_training():
    model = make(context="state", num_layers=3, dropout=0.5, hidden=8)
    state = model.begin(SOURCE)
    assert len(state.masks) == 2 and {float(v) for m in state.masks for v in to_host(m).reshape(-1)} == {0.0, 2.0}
    _, after = model.step(TARGET[0], state)
    assert all(a is b for a, b in zip(after.masks, state.masks, strict=True))
    assert (model(SOURCE, TARGET).numpy() != model(SOURCE, TARGET).numpy()).any()
    model.eval()
    assert model.begin(SOURCE).masks == ()
    assert (model(SOURCE, TARGET).numpy() == model(SOURCE, TARGET).numpy()).all()


@pytest.mark.parametrize("how", HOW, ids=str)
@pytest.mark.parametrize("ratio", [1.0, 0.5])
def test_float32_stays_float32(how, ratio):
    encoder = Encoder(5, 3, 2, bidirectional=True)
    model = Seq2Seq(encoder, Decoder(NUM, 2, 4, 4, **how))
    assert model(SOURCE, TARGET, [4, 2, 3], ratio, "sample").dtype == np.float32


def test_vectors_in():
    with mg.default_dtype("float64"):
        encoder = Encoder(None, 3, 2, 2, bidirectional=True, cell="lstm")
    x = mg.Tensor(np.random.default_rng(0).normal(size=(4, 2, 3)), dtype="float64")
    encoded = encoder(x, [4, 2])
    assert encoded.outputs.shape == (4, 2, 4) and encoded.context.shape == (2, 4)
    assert (encoded.outputs.numpy()[2:, 1] == 0).all()
    np.testing.assert_allclose(encoded.context.numpy()[1, :2], encoded.outputs.numpy()[1, 1, :2])  # forward: its end
    np.testing.assert_allclose(encoded.context.numpy()[:, 2:], encoded.outputs.numpy()[0, :, 2:])  # back: the start


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"context": "last"}, "context='last' is not one of state, first, every"),
        ({"context": ()}, "would know nothing of the input"),
        ({"attention": "cosine"}, "kind 'cosine' is not one of additive, dot, general, scaled"),
        ({"attention": "dot", "hidden": 3}, "query_size 3 must be key_size 4"),
        ({"attention": Attention("dot", 3, 3)}, "queries of 3 and keys of 3; this decoder has 4 and 4"),
        ({"attention": "dot", "attend": "while"}, "attend='while' is not one of before, after"),
        ({"cell": "elman"}, "cell='elman' is not one of rnn, lstm, gru"),
        ({"num_layers": 0}, "at least one layer"),
        ({"dropout": 1.5}, "probability in 0..1"),
    ],
)
def test_impossible_options(options, text):
    with pytest.raises(ValueError, match=text):
        make(**options)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "text"),
    [
        ((SOURCE[:, 0], TARGET), {}, ShapeError, r"source \(4,\) must be \(steps, batch\)"),
        ((SOURCE, TARGET[:, 0]), {}, ShapeError, r"target \(5,\) must be \(steps, batch\)"),
        ((SOURCE, TARGET[:1]), {}, ShapeError, "a start id and at least one more"),
        ((SOURCE, TARGET[:, :2]), {}, ShapeError, r"inputs \(4, 2\) must be \(at least 1, 3\)"),
        ((SOURCE, TARGET + 9), {}, IndexError, "outside 0..5"),
        ((SOURCE, TARGET + 9), {"teacher_forcing": 0.0}, IndexError, "outside 0..5"),
        ((SOURCE + 9, TARGET), {}, IndexError, "outside 0..4"),
        ((SOURCE, TARGET, [5, 1, 1]), {}, ShapeError, "length 5 is outside 0..4"),
        ((SOURCE, TARGET, [1, 1]), {}, ShapeError, "one length for each sequence"),
        ((SOURCE, TARGET, [4, 0, 1]), {}, ValueError, "sequence 1 has no position"),
        ((SOURCE, TARGET), {"teacher_forcing": 1.5}, ValueError, "teacher_forcing is a probability"),
        ((SOURCE, TARGET), {"feedback": "beam"}, ValueError, "feedback='beam' is not one of argmax, sample"),
    ],
)
def test_bad_calls(arguments, options, error, text):
    with pytest.raises(error, match=text):
        make(attention="dot")(*arguments, **options)


def test_an_empty_source_without_attention_is_the_zero_context():
    model = make(context="every")
    logits = model(SOURCE, TARGET, [4, 0, 2]).numpy()
    assert np.isfinite(logits).all()
    zero = model.decoder.begin(Encoded(mg.Tensor(np.zeros((1, 4)), dtype="float64")))
    want, _ = model.decoder.unroll(TARGET[:-1, 1:2], zero)
    np.testing.assert_allclose(logits[:, 1:2], want.numpy(), rtol=1e-12)


def test_states_and_contexts_that_do_not_fit():
    with pytest.raises(ShapeError, match=r"state must be h \(1, 3, 4\), got shapes \[\(2, 3, 2\)\]; bridge=True"):
        make(bridge=False)(SOURCE, TARGET)
    with mg.default_dtype("float64"):
        decoder = Decoder(NUM, 2, 4, 3, attention=Attention("general", 4, 3))
        lstm = Decoder(NUM, 2, 4, 3, bridge=False)
        ones = mg.Tensor(np.ones((2, 3)))
    with pytest.raises(ShapeError, match=r"context \(2, 4\) must be \(batch, 3\)"):
        decoder.begin(Encoded(mg.Tensor(np.ones((2, 4)))))
    with pytest.raises(ValueError, match="attention needs the encoder's outputs"):
        decoder.begin(Encoded(ones))
    with pytest.raises(ShapeError, match=r"must be h \(1, 2, 4\) and c \(1, 2, 4\), got shapes \[\]"):
        lstm.begin(Encoded(ones))
    model = make()
    with pytest.raises(ShapeError, match=r"ids \(2,\) must be \(3,\)"):
        model.step(TARGET[0, :2], model.begin(SOURCE))
    state = model.begin(SOURCE)
    bad = state._replace(layers=((mg.Tensor(np.zeros((3, 5))),),))
    with pytest.raises(ShapeError, match=r"state h has shape \(3, 5\), expected \(3, 4\)"):
        model.step(TARGET[0], bad)


def test_bad_generation():
    model = make()
    with pytest.raises(ValueError, match="max_len=0"):
        model.generate(SOURCE, START, END, 0)
    with pytest.raises(IndexError, match=r"end id 6 is outside 0\.\.5"):
        model.generate(SOURCE, START, NUM, 3)
    with pytest.raises(IndexError, match="outside 0..5"):
        model.generate(SOURCE, 17, END, 3)
    with pytest.raises(ValueError, match="no attention"):
        model.align(SOURCE, TARGET)


# ---------------------------------------------------------------- learning


@pytest.mark.slow
@pytest.mark.parametrize("options", [{"attend": "before"}, {"attend": "after"}], ids=str)
def test_it_learns_to_copy(options):
    """All 64 sequences of three of four symbols; trained on 48, it copies the other 16."""
    every = np.array([[a, b, c] for a in range(2, 6) for b in range(2, 6) for c in range(2, 6)]).T
    order = np.random.default_rng(0).permutation(64)
    train, held_out = every[:, order[:48]], every[:, order[48:]]
    target = np.concatenate([np.full((1, 48), START), train, np.full((1, 48), END)])
    encoder = Encoder(NUM, 8, 16, bidirectional=True, cell="gru")
    model = Seq2Seq(encoder, Decoder(NUM, 8, 16, 32, attention="additive", cell="gru", **options))
    optimizer = Adam(model.parameters(), lr=0.01)
    for _ in range(200):
        model.zero_grad()
        mg.cross_entropy(model(train, target), target[1:]).backward()
        optimizer.step()
    made = model.generate(held_out, START, END, 5)
    assert made.finished.all()
    right = (made.ids[:4] == np.concatenate([held_out, np.full((1, 16), END)])).all(axis=0)
    assert right.mean() >= 0.9
