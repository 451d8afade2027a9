"""Ready models, each a few lines: the shapes of input and output that recurrent nets are made for (one to many, many
to one, many to many). Imports the layers of nn."""

from __future__ import annotations

from typing import Any

from ..errors import ShapeError
from ..ops import mean
from ..tensor import Tensor
from .layers import Dropout, Embedding, Linear
from .module import Module, placed
from .recurrent import one_of
from .seq2seq import LAYERS, Decoder, Encoded, Encoder, Seq2Seq, id_array

__all__ = ["Classifier", "ImageEncoder", "LanguageModel", "Tagger", "captioner", "encoder_decoder", "typical_model"]


class Classifier(Module):
    """Many to one: a sequence -> scores of classes. Options: see Encoder."""

    def __init__(self, num: int | None, embed_size: int, hidden_size: int, classes: int, **options: Any):
        self.encoder = Encoder(num, embed_size, hidden_size, **options)
        self.readout = Linear(self.encoder.output_size, classes, rng=options.get("rng"))

    def forward(self, x: Any, lengths: Any = None) -> Tensor:
        """x (T, B) ids, or (T, B, embed_size) if num is None -> logits (B, classes)."""
        return self.readout(self.encoder(x, lengths).context)


class Tagger(Module):
    """Many to many, in step: a label for each position; bidirectional, so that each sees both sides (Schuster &
    Paliwal, 1997). Options: see Encoder."""

    def __init__(self, num: int | None, embed_size: int, hidden_size: int, classes: int, **options: Any):
        self.encoder = Encoder(num, embed_size, hidden_size, **{"bidirectional": True, **options})
        self.readout = Linear(self.encoder.output_size, classes, rng=options.get("rng"))

    def forward(self, x: Any, lengths: Any = None) -> Tensor:
        """x (T, B) ids, or (T, B, embed_size) if num is None -> logits (T, B, classes); of no meaning in padding."""
        return self.readout(self.encoder(x, lengths).outputs)


class LanguageModel(Module):
    """The next id from all ids before it (Mikolov et al., 2010; with dropout on every connection that is not recurrent,
    Zaremba et al., 2014).

    tied: embedding and read-out share one matrix (Press & Wolf, 2017); embed_size must be hidden_size. embedding: a
    module in place of the table of vectors, such as a CharCNN, which reads words (T, B, L) letter by letter. cell:
    "lstm", "gru", "rnn". Other options go to the layers.
    """

    def __init__(
        self, num: int, embed_size: int, hidden_size: int, num_layers: int = 1, cell: str = "lstm",
        dropout: float = 0.0, tied: bool = False, embedding: Module | None = None, **options: Any,
    ):  # fmt: skip
        rng = options.get("rng")
        layer = LAYERS[one_of(cell, tuple(LAYERS), "cell")]
        if tied and embedding is not None:
            raise ValueError("tied: only a table of vectors can be shared with the read-out, no other embedding")
        self.letters = embedding is not None
        self.embedding = Embedding(num, embed_size, rng) if embedding is None else embedding
        self.dropout = Dropout(dropout, rng)
        self.layers = layer(embed_size, hidden_size, num_layers, dropout=dropout, **options)
        if self.layers.bidirectional:
            raise ValueError("a bidirectional language model would see the ids that it is to predict")
        self.readout = Linear(self.layers.output_size, num, rng=rng)
        if tied and embed_size != self.layers.output_size:
            raise ValueError(f"tied: embed_size {embed_size} must be the output size {self.layers.output_size}")
        if tied:
            self.readout.weight = self.embedding.weight

    def forward(self, ids: Any, state: Any = None, lengths: Any = None) -> tuple[Tensor, Any]:
        """ids (T, B), or (T, B, L) for an embedding that reads letters -> logits (T, B, num) of the id after each, and
        the state, to be detached and carried on."""
        ids = self._checked(ids, "steps", "batch")
        output, state = self.layers(self.dropout(self.embedding(ids)), state, lengths)
        return self.readout(self.dropout(output)), state

    def step(self, ids: Any, state: Any = None) -> tuple[Tensor, Any]:
        """One step: ids (B,) -> logits (B, num), state. What sampling and beam search call."""
        logits, state = self(self._checked(ids, "batch")[None], state)
        return logits[0], state

    def _checked(self, ids: Any, *axes: str) -> Any:
        """ids with these axes, and one more where the embedding reads the letters of each word."""
        axes = (*axes, "letters") if self.letters else axes
        return id_array(ids, len(axes), "ids", str(axes).replace("'", ""))


class ImageEncoder(Module):
    """What a captioner sees: a vector (B, F), or vectors for S patches (S, B, F) for attention to choose among; their
    mean is the context. net: a module or function that makes it of the input, such as a convolutional net."""

    def __init__(self, net: Any = None):
        self.net = net

    def forward(self, image: Any, lengths: Any = None) -> Encoded:
        """image, or what net makes of it: (B, F) or (S, B, F). Raises ShapeError, ValueError for lengths."""
        x = image if isinstance(image, Tensor) else Tensor(image)
        x = x if self.net is None else self.net(x)
        if lengths is not None:
            raise ValueError(placed("ImageEncoder: every image has all its patches; leave lengths out"))
        if x.ndim not in (2, 3):
            raise ShapeError(placed(f"ImageEncoder: {x.shape} must be (batch, size) or (patches, batch, size)"))
        return Encoded(x) if x.ndim == 2 else Encoded(mean(x, axis=0), x)


def captioner(
    num: int, embed_size: int, hidden_size: int, image_size: int, context: str | tuple[str, ...] = "first",
    net: Any = None, **options: Any,
) -> Seq2Seq:  # fmt: skip
    """One to many: an image in, words out. context: the image is the "first" input (Vinyals et al., 2015), the initial
    "state", or comes in at "every" step; attention="additive" looks at patches instead (Xu et al., 2015). image_size:
    F of ImageEncoder. Where the encoder has to be learned as well, "every" is the way that learns soonest (lesson 26).
    Options: see Decoder. Call as model(image, target)."""
    return Seq2Seq(ImageEncoder(net), Decoder(num, embed_size, hidden_size, image_size, context, **options))


def encoder_decoder(
    source_num: int, target_num: int, embed_size: int, hidden_size: int, num_layers: int = 1,
    bidirectional: bool = False, cell: str = "lstm", context: str | tuple[str, ...] = "state",
    attention: str | None = None, attend: str = "before", dropout: float = 0.0, unroll: bool = True, **options: Any,
) -> Seq2Seq:  # fmt: skip
    """Many to many, of different lengths: sequence to sequence. With the defaults the encoder's state is the decoder's
    initial state (Sutskever et al., 2014). context=("state", "every") with cell="gru" is Cho et al. (2014);
    bidirectional=True, attention="additive" Bahdanau et al. (2014); attention="dot", attend="after" Luong et al.
    (2015). unroll=False: each layer of the encoder is one node; a decoder, which may have to read its own words, always
    goes step by step. Other options go to encoder and decoder layers. Call as model(source, target, lengths)."""
    encoder = Encoder(
        source_num, embed_size, hidden_size, num_layers, bidirectional, cell, dropout, unroll=unroll, **options
    )
    decoder = Decoder(
        target_num, embed_size, hidden_size, encoder.output_size, context, num_layers, cell, attention, attend,
        bridge=bidirectional, dropout=dropout, **options,
    )  # fmt: skip
    return Seq2Seq(encoder, decoder)


def typical_model(source_num: int, target_num: int, embed_size: int, hidden_size: int, **options: Any) -> Seq2Seq:
    """What "an RNN" meant in practice by 2016: an encoder-decoder of LSTMs, several layers deep, the encoder
    bidirectional, with attention (Wu et al., 2016). Two layers and additive attention, or any other options of
    encoder_decoder."""
    typical = {"num_layers": 2, "bidirectional": True, "cell": "lstm", "attention": "additive"}
    return encoder_decoder(source_num, target_num, embed_size, hidden_size, **{**typical, **options})
