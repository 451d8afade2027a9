"""The ready models: their shapes, parameters, padding, gradients and options."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.check import check_grads
from minigrad.errors import ShapeError
from minigrad.nn.models import (
    Classifier,
    ImageEncoder,
    LanguageModel,
    Tagger,
    captioner,
    encoder_decoder,
    typical_model,
)
from minigrad.text import sample_ids

IDS = np.random.default_rng(0).integers(0, 5, (4, 3))
TARGET = np.random.default_rng(1).integers(0, 6, (5, 3))


def float64(make, *args, **options):
    with mg.default_dtype("float64"):
        return make(*args, **options)


def vectors(*shape):
    return mg.Tensor(np.random.default_rng(2).normal(size=shape), dtype="float64")


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_classifier_and_tagger_ignore_padding(cell, bidirectional):
    options = {"cell": cell, "bidirectional": bidirectional, "num_layers": 2}
    classifier, tagger = float64(Classifier, 5, 3, 4, 7, **options), float64(Tagger, 5, 3, 4, 7, **options)
    lengths = [4, 1, 3]
    classes, tags = classifier(IDS, lengths).numpy(), tagger(IDS, lengths).numpy()
    assert classes.shape == (3, 7) and tags.shape == (4, 3, 7)
    for b, n in enumerate(lengths):
        np.testing.assert_allclose(classes[b], classifier(IDS[:n, b : b + 1]).numpy()[0], rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(tags[:n, b], tagger(IDS[:n, b : b + 1]).numpy()[:, 0], rtol=1e-12, atol=1e-14)


def test_a_classifier_reads_out_the_last_states_and_a_tagger_each():
    classifier, tagger = float64(Classifier, 5, 3, 4, 7, bidirectional=True), float64(Tagger, 5, 3, 4, 7)
    outputs, _ = classifier.encoder.layers(classifier.encoder.embedding(IDS))
    ends = np.concatenate([outputs.numpy()[-1, :, :4], outputs.numpy()[0, :, 4:]], axis=1)
    p = classifier.state_dict()
    np.testing.assert_allclose(classifier(IDS).numpy(), ends @ p["readout.weight"].T + p["readout.bias"], rtol=1e-11)
    outputs, _ = tagger.encoder.layers(tagger.encoder.embedding(IDS))  # bidirectional unless told otherwise
    p = tagger.state_dict()
    assert outputs.shape == (4, 3, 8)
    np.testing.assert_allclose(
        tagger(IDS).numpy(), outputs.numpy() @ p["readout.weight"].T + p["readout.bias"], rtol=1e-11
    )


def test_a_classifier_of_vectors():
    classifier = float64(Classifier, None, 3, 4, 2, cell="gru")
    assert classifier(vectors(5, 2, 3), [5, 2]).shape == (2, 2)
    assert [name for name, _ in classifier.named_parameters()][0] == "encoder.layers.weight_ih_l0"


@pytest.mark.parametrize(
    ("hidden", "count"), [(200, 4_651_600), (650, 19_775_200), (1500, 66_022_000)], ids=["small", "medium", "large"]
)
def test_parameters_of_zarembas_models(hidden, count, monkeypatch):
    """Word models over 10,000 words, two layers, one bias vector. The values do not matter, so none are drawn."""
    monkeypatch.setattr(nn.init, "uniform", lambda shape, *_: np.broadcast_to(np.float32(0), shape))
    monkeypatch.setattr(nn.init, "normal", lambda shape, *_, **__: np.broadcast_to(np.float32(0), shape))
    assert LanguageModel(10_000, hidden, hidden, num_layers=2, bias="one").n_params() == count


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_language_model_step_by_step(cell):
    model = float64(LanguageModel, 5, 3, 4, 2, cell)
    logits, end = model(IDS)
    assert logits.shape == (4, 3, 5)
    state = None
    for t, row in enumerate(IDS):
        scores, state = model.step(row, state)
        np.testing.assert_allclose(scores.numpy(), logits.numpy()[t], rtol=1e-12, atol=1e-14)
    for a, b in zip(state if isinstance(state, tuple) else [state], end if isinstance(end, tuple) else [end]):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-12, atol=1e-14)
    first, carried = model(IDS[:2])
    rest, _ = model(IDS[2:], carried)
    np.testing.assert_allclose(np.concatenate([first.numpy(), rest.numpy()]), logits.numpy(), rtol=1e-12, atol=1e-14)


def test_ids_of_a_language_model():
    model = LanguageModel(5, 3, 4)
    with pytest.raises(ShapeError, match=r"ids \(4,\) must be \(steps, batch\)"):
        model(IDS[:, 0])
    with pytest.raises(ShapeError, match=r"ids \(4, 3\) must be \(batch,\)"):
        model.step(IDS)
    with pytest.raises(IndexError, match="outside 0..4"):
        model(IDS + 5)
    with pytest.raises(ShapeError, match=r"state h has shape \(1, 2, 4\), expected \(1, 3, 4\)"):
        model(IDS, model(IDS[:, :2])[1])


def test_a_language_model_can_be_sampled():
    model = LanguageModel(5, 3, 4)

    def step(symbol, state):
        logits, state = model.step([symbol], state)
        return logits.numpy()[0], state

    drawn = sample_ids(step, None, 0, 20, rng=np.random.default_rng(0))
    assert drawn.shape == (20,) and set(drawn.tolist()) <= set(range(5))


def test_tied_weights():
    model = float64(LanguageModel, 5, 4, 4, tied=True)
    assert "readout.weight" not in dict(model.named_parameters())
    check_grads(lambda *_: model(IDS[:2, :1])[0], model.parameters(), mode="random")
    with pytest.raises(ValueError, match="embed_size 3 must be the output size 4"):
        LanguageModel(5, 3, 4, tied=True)


def test_dropout_in_a_language_model():
    model = LanguageModel(5, 3, 4, dropout=0.5)
    assert (model(IDS)[0].numpy() != model(IDS)[0].numpy()).any()
    model.eval()
    assert (model(IDS)[0].numpy() == model(IDS)[0].numpy()).all()


def test_a_language_model_looks_back_only():
    with pytest.raises(ValueError, match="would see the ids that it is to predict"):
        LanguageModel(5, 3, 4, bidirectional=True)
    with pytest.raises(ValueError, match="cell='elman' is not one of rnn, lstm, gru"):
        LanguageModel(5, 3, 4, cell="elman")


@pytest.mark.parametrize("context", ["first", "state", "every", ("state", "every")])
def test_a_captioner_sees_the_image_by_its_context_alone(context):
    model = float64(captioner, 6, 3, 4, 5, context)
    image = vectors(3, 5)
    logits = model(image, TARGET)
    assert logits.shape == (4, 3, 6)
    blank = model(mg.Tensor(np.zeros((3, 5)), dtype="float64"), TARGET)
    assert (logits.numpy() != blank.numpy()).any(axis=2).all()  # the image is felt at every step
    made = model.generate(image, 0, 1, 4)
    assert made.ids.shape[1] == 3 and made.weights is None


def test_a_captioner_looks_at_patches():
    model = float64(captioner, 6, 3, 4, 5, "state", attention="additive", net=lambda x: x * 2)
    patches = vectors(16, 3, 5)
    encoded = model.encoder(patches)
    np.testing.assert_allclose(encoded.context.numpy(), 2 * patches.numpy().mean(axis=0), rtol=1e-12)
    assert model(patches, TARGET).shape == (4, 3, 6)
    assert model.align(patches, TARGET).shape == (4, 3, 16)
    assert model.generate(patches, 0, 1, 3).weights.shape[1:] == (3, 16)


def test_images_that_do_not_fit():
    with pytest.raises(ShapeError, match=r"\(2, 2, 2, 2\) must be \(batch, size\) or \(patches, batch, size\)"):
        ImageEncoder()(np.ones((2, 2, 2, 2)))
    with pytest.raises(ValueError, match="leave lengths out"):
        ImageEncoder()(np.ones((2, 2)), [1, 2])
    with pytest.raises(ShapeError, match=r"context \(3, 4\) must be \(batch, 5\)"):
        captioner(6, 3, 4, 5)(np.ones((3, 4)), TARGET)


def test_encoder_decoders_of_the_papers():
    sutskever = float64(encoder_decoder, 5, 6, 3, 4, 2)
    assert sutskever.decoder.bridge is None and sutskever.decoder.attention is None
    cho = float64(encoder_decoder, 5, 6, 3, 4, cell="gru", context=("state", "every"))
    assert cho.decoder.cells[0].input_size == 3 + 4
    bahdanau = float64(encoder_decoder, 5, 6, 3, 4, bidirectional=True, cell="gru", attention="additive")
    assert bahdanau.decoder.cells[0].input_size == 3 + 8 and bahdanau.decoder.readout.weight.shape == (6, 4 + 8)
    luong = float64(encoder_decoder, 5, 6, 3, 4, attention="dot", attend="after")
    assert luong.decoder.mix.weight.shape == (4, 8) and luong.decoder.cells[0].input_size == 3 + 4
    for model in (sutskever, cho, bahdanau, luong):
        assert model(IDS, TARGET, [4, 2, 3]).shape == (4, 3, 6)


def test_the_typical_model():
    model = float64(typical_model, 5, 6, 3, 4, dropout=0.5)
    layers, decoder = model.encoder.layers, model.decoder
    assert isinstance(layers, nn.LSTM) and layers.bidirectional and layers.num_layers == len(decoder.cells) == 2
    assert decoder.attention.kind == "additive" and isinstance(decoder.cells[0], nn.LSTMCell)
    model.eval()
    lengths = [4, 1, 3]
    logits = model(IDS, TARGET, lengths).numpy()
    for b, n in enumerate(lengths):
        alone = model(IDS[:n, b : b + 1], TARGET[:, b : b + 1]).numpy()
        np.testing.assert_allclose(logits[:, b : b + 1], alone, rtol=1e-11, atol=1e-13)
    options = {"num_layers": 1, "attention": "general", "cell": "gru", "bias": "one"}
    smaller = typical_model(5, 6, 3, 4, **options)
    assert isinstance(smaller.encoder.layers, nn.GRU) and smaller.decoder.cells[0].bias_hh is None


def test_its_gradients_of_both_orders():
    model = float64(typical_model, 4, 4, 2, 2, bias="one")
    source, target = np.array([[1], [3]]), np.array([[0], [2]])

    def loss(*_):
        return mg.cross_entropy(model(source, target), target[1:])

    check_grads(loss, model.parameters(), mode="random")


def test_the_same_generator_gives_the_same_model():
    a, b = (typical_model(5, 6, 3, 4, rng=np.random.default_rng(7)).state_dict() for _ in range(2))
    assert a.keys() == b.keys() and all((a[name] == b[name]).all() for name in a)


def test_saved_and_loaded():
    model, other = typical_model(5, 6, 3, 4), typical_model(5, 6, 3, 4)
    assert (model(IDS, TARGET).numpy() != other(IDS, TARGET).numpy()).any()
    other.load_state_dict(model.state_dict())
    assert (model(IDS, TARGET).numpy() == other(IDS, TARGET).numpy()).all()
