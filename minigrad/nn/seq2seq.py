"""Encoder and decoder: one net reads a sequence, another writes one of another length. What passes between them is a
context vector, a state, or attention to everything that was read. Imports ops, recurrent layers and attention."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy

from .. import backend
from ..backend import xp
from ..errors import ShapeError
from ..graph import no_grad, scope
from ..ops import concat, split, stack, take, tanh, unstack
from ..ops.index import checked_ids
from ..tensor import Tensor, plain
from . import init
from .attention import Attention, Prepared
from .layers import Embedding, Linear, checked_probability, dropout_mask
from .module import Module, placed
from .recurrent import GRU, LSTM, RNN, GRUCell, LSTMCell, RNNCell, one_of, parameter_dtype

__all__ = ["Decoder", "DecoderState", "Encoded", "Encoder", "Generated", "Seq2Seq", "scheduled_ratio"]

LAYERS = {"rnn": RNN, "lstm": LSTM, "gru": GRU}
CELLS = {"rnn": RNNCell, "lstm": LSTMCell, "gru": GRUCell}
WAYS = ("state", "first", "every")


class Encoded(NamedTuple):
    """What an encoder hands over: context (B, C), the whole input in one vector; outputs (S, B, K), a vector for each
    position, what attention looks at; lengths (B,) of the outputs; state, as it came out of the encoder's layers."""

    context: Tensor
    outputs: Tensor | None = None
    lengths: Any = None
    state: Any = None


class Encoder(Module):
    """Reads a sequence (Cho et al., 2014; Sutskever et al., 2014): ids (S, B) -> Encoded with outputs (S, B, D*H) and
    context (B, D*H), the last layer's final outputs; D = 2 if bidirectional.

    num: number of ids, or None where the input is vectors (S, B, embed_size). cell: "lstm", "gru", "rnn". dropout:
    between the layers. Other options go to the layers.
    """

    def __init__(
        self, num: int | None, embed_size: int, hidden_size: int, num_layers: int = 1, bidirectional: bool = False,
        cell: str = "lstm", dropout: float = 0.0, rng: init.Rng = None, **options: Any,
    ):  # fmt: skip
        layer = LAYERS[one_of(cell, tuple(LAYERS), "cell")]
        self.embedding = None if num is None else Embedding(num, embed_size, rng)
        self.layers = layer(
            embed_size, hidden_size, num_layers, dropout=dropout, bidirectional=bidirectional, rng=rng, **options
        )
        self.output_size = self.layers.output_size

    def forward(self, source: Any, lengths: Any = None) -> Encoded:
        """source (S, B) ids, or (S, B, embed_size) vectors; lengths (B,) where some end earlier."""
        x = source if self.embedding is None else self.embedding(id_array(source, 2, "source", "(steps, batch)"))
        outputs, state = self.layers(x, lengths=lengths)
        h = (state if isinstance(state, tuple) else (state,))[0]
        last = unstack(h)[-self.layers.directions :]
        return Encoded(concat(last, axis=-1) if len(last) > 1 else last[0], outputs, lengths, state)


class DecoderState(NamedTuple):
    """Where a decoder stands, batch first everywhere. layers: for each layer its state, tensors (B, H). context (B, C)
    and source: what every step sees. fed (B, H): the attended output that the next step gets. weights (B, S): where
    the last step looked. masks: of dropout, one a layer for the whole sequence."""

    layers: tuple[tuple[Tensor, ...], ...]
    context: Tensor | None = None
    source: Prepared | None = None
    fed: Tensor | None = None
    weights: Tensor | None = None
    masks: tuple = ()

    def rows(self, index: Any) -> DecoderState:
        """The state of some of the sequences, in the order of index (B',), repeats allowed: what a beam goes on
        with."""
        return _rows(self, index)


def _rows(value: Any, index: Any) -> Any:
    if isinstance(value, tuple):
        parts = [_rows(part, index) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return None if value is None else take(value, index)


class Decoder(Module):
    """Writes a sequence, one id a step, each step fed the id before it.

    context, one way or several: "state", the context sets the initial state, tanh(W C + b) for each of its tensors (Cho
    et al., 2014), or with bridge=False the encoder's own state is taken over as it is (Sutskever et al., 2014);
    "first", it is the first input, before the start id (Vinyals et al., 2015); "every", it joins the input at every
    step (Cho et al., 2014). context_size: C of Encoded.
    attention: None, a kind of attention, or an Attention. attend: "before" the step, with the last state as query: what
    was found joins the input and the read-out (Bahdanau et al., 2014); "after" it, with the new state h: u = tanh(W
    [found, h]) is read out and joins the next input (Luong et al., 2015). key_size: K of Encoded, C unless given.
    cell: "lstm", "gru", "rnn"; options go to the cells. dropout: on the outputs of all layers but the last, one mask
    for the whole sequence (Gal & Ghahramani, 2016). Raises ValueError for options that do not exist or fit.
    """

    def __init__(
        self, num: int, embed_size: int, hidden_size: int, context_size: int, context: str | tuple[str, ...] = "state",
        num_layers: int = 1, cell: str = "lstm", attention: str | Attention | None = None, attend: str = "before",
        key_size: int | None = None, bridge: bool = True, dropout: float = 0.0, rng: init.Rng = None, **options: Any,
    ):  # fmt: skip
        if num_layers < 1:
            raise ValueError(f"num_layers={num_layers}: at least one layer is needed")
        make = CELLS[one_of(cell, tuple(CELLS), "cell")]
        self.context = (context,) if isinstance(context, str) else tuple(context)
        for way in self.context:
            one_of(way, WAYS, "context")
        if not self.context and attention is None:
            raise ValueError("context=() and attention=None: the decoder would know nothing of the input")
        self.attend, self.rng = one_of(attend, ("before", "after"), "attend"), rng
        self.dropout = checked_probability(dropout, "dropout")
        self.num, self.output_size, self.context_size = num, options.get("proj_size") or hidden_size, context_size
        key_size, out_size = key_size or context_size, self.output_size
        if isinstance(attention, str):
            attention = Attention(attention, out_size, key_size, rng=rng)
        if attention is not None and (attention.query_size, attention.key_size) != (out_size, key_size):
            raise ValueError(
                f"the attention is for queries of {attention.query_size} and keys of {attention.key_size}; "
                f"this decoder has {out_size} and {key_size}"
            )
        self.attention = attention
        self.embedding = Embedding(num, embed_size, rng)
        joins = [(context_size, "every" in self.context), (key_size, self._before), (out_size, self._after)]
        size = embed_size + sum(n for n, used in joins if used)
        self.cells = [make(out_size if i else size, hidden_size, rng=rng, **options) for i in range(num_layers)]
        self.sizes = [n for cell in self.cells for n in cell.sizes]
        self.bridge = Linear(context_size, sum(self.sizes), rng=rng) if bridge and "state" in self.context else None
        self.first = Linear(context_size, embed_size, rng=rng) if "first" in self.context else None
        self.mix = Linear(key_size + out_size, out_size, bias=False, rng=rng) if self._after else None
        self.readout = Linear(out_size + (key_size if self._before else 0), num, rng=rng)

    @property
    def _before(self) -> bool:
        return self.attention is not None and self.attend == "before"

    @property
    def _after(self) -> bool:
        return self.attention is not None and self.attend == "after"

    # ---- the beginning
    def begin(self, encoded: Encoded) -> DecoderState:
        """The state before the first id. Raises ShapeError where the encoder's context or state does not fit,
        ValueError where attention has nothing to look at."""
        context = encoded.context
        if context.ndim != 2 or context.shape[1] != self.context_size:
            raise ShapeError(placed(f"Decoder: context {context.shape} must be (batch, {self.context_size})"))
        batch = context.shape[0]
        source = fed = None
        if self.attention is not None:
            if encoded.outputs is None:
                raise ValueError(placed("Decoder: attention needs the encoder's outputs; this one gave a vector only"))
            source = self.attention.prepare(encoded.outputs, lengths=encoded.lengths)
        if self._after:
            fed = Tensor(xp.zeros((batch, self.output_size)), dtype=context.dtype)
        every = context if "every" in self.context else None
        state = DecoderState(self._initial(encoded, batch), every, source, fed, None, self._masks(batch))
        if self.first is None:
            return state
        with scope("first"):
            return self._advance(self.first(context), state)[1]

    def _initial(self, encoded: Encoded, batch: int) -> tuple[tuple[Tensor, ...], ...]:
        """For each layer its state."""
        if "state" not in self.context:
            return tuple([cell.initial(batch) for cell in self.cells])
        if self.bridge is None:
            return self._taken_over(encoded.state, batch)
        ends = numpy.cumsum(self.sizes)[:-1].tolist()
        parts, n = split(tanh(self.bridge(encoded.context)), ends, axis=-1), len(self.cells[0].states)
        return tuple([tuple(parts[n * i : n * (i + 1)]) for i in range(len(self.cells))])

    def _taken_over(self, state: Any, batch: int) -> tuple[tuple[Tensor, ...], ...]:
        given = state if isinstance(state, tuple) else () if state is None else (state,)
        shapes, wanted = [tuple(s.shape) for s in given], [(len(self.cells), batch, n) for n in self.cells[0].sizes]
        if shapes != wanted:
            names = " and ".join(f"{name} {shape}" for name, shape in zip(self.cells[0].states, wanted))
            raise ShapeError(
                placed(f"Decoder: the state must be {names}, got shapes {shapes}; bridge=True makes any context fit")
            )
        return tuple(zip(*[unstack(s) for s in given]))

    def _masks(self, batch: int) -> tuple:
        between = len(self.cells) - 1
        if not (self.training and self.dropout and between):
            return ()
        masks = dropout_mask((between, batch, self.output_size), self.dropout, parameter_dtype(self), self.rng)
        return tuple([masks[i] for i in range(between)])

    # ---- one step
    def forward(self, ids: Any, state: DecoderState) -> tuple[Tensor, DecoderState]:
        """One step: the last ids (B,) -> logits (B, num) of the next ones, and the state. Raises ShapeError, and
        IndexError for an unknown id."""
        ids = id_array(ids, 1, "ids", "(batch,)")
        batch = state.layers[0][0].shape[0]
        if ids.shape != (batch,):
            raise ShapeError(placed(f"Decoder: ids {ids.shape} must be ({batch},), one for each sequence of the state"))
        out, state = self._advance(self.embedding(ids), state)
        return self.readout(out), state

    def _advance(self, x: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        """x (B, embed_size) -> what is read out, and the state."""
        weights = attended = None
        if self._before:
            attended, weights = self._attended(state.layers[-1][0], state)
        joined = [part for part in (x, state.context, attended, state.fed) if part is not None]
        h, layers = self._through_layers(concat(joined, axis=-1) if len(joined) > 1 else x, state)
        if self._before:
            out = concat([h, attended], axis=-1)
        elif self._after:
            attended, weights = self._attended(h, state)
            out = tanh(self.mix(concat([attended, h], axis=-1))).named("u")
        else:
            out = h
        fed = out if self._after else None
        return out, state._replace(layers=layers, fed=fed, weights=weights)

    def _attended(self, query: Tensor, state: DecoderState) -> tuple[Tensor, Tensor]:
        with scope("attention"):
            return self.attention.read(query, state.source)

    def _through_layers(self, h: Tensor, state: DecoderState) -> tuple[Tensor, tuple]:
        after = []
        for i, (cell, before) in enumerate(zip(self.cells, state.layers)):
            with scope("layer", i):
                new = cell.advance(h, cell.begin(before, h.shape[0]))
                h = new[0] * state.masks[i] if i < len(state.masks) else new[0]
            after.append(new)
        return h, tuple(after)

    # ---- many steps
    def unroll(
        self, inputs: Any, state: DecoderState, teacher_forcing: float = 1.0, feedback: str = "argmax",
        rng: init.Rng = None,
    ) -> tuple[Tensor, Tensor | None]:  # fmt: skip
        """inputs (T, B), true ids from the start id on -> logits (T, B, num), attention weights (T, B, S) or None.

        teacher_forcing: the probability with which each input but the first is the true id; else it is the decoder's
        own guess, through which no gradient flows (scheduled sampling, Bengio et al., 2015). feedback: the guess is
        the "argmax", or a "sample" of the softmax. rng: for both. Nodes of step t carry the scope ("step", t).
        """
        checked_probability(teacher_forcing, "teacher_forcing")
        one_of(feedback, ("argmax", "sample"), "feedback")
        inputs = id_array(inputs, 2, "inputs", "(steps, batch)")
        batch = state.layers[0][0].shape[0]
        if not inputs.shape[0] or inputs.shape[1] != batch:
            raise ShapeError(placed(f"Decoder: inputs {inputs.shape} must be (at least 1, {batch})"))
        if teacher_forcing == 1:
            return self._forced(inputs, state)
        return self._sampled(inputs, state, teacher_forcing, feedback, rng)

    def _forced(self, inputs: Any, state: DecoderState) -> tuple[Tensor, Tensor | None]:
        """All inputs are known: embedded at once, read out at once."""
        outs, weights = [], []
        for t, x in enumerate(unstack(self.embedding(inputs))):
            with scope("step", t):
                out, state = self._advance(x, state)
            outs.append(out)
            weights.append(state.weights)
        return self.readout(stack(outs)), None if self.attention is None else stack(weights)

    def _sampled(
        self, inputs: Any, state: DecoderState, ratio: float, feedback: str, rng: init.Rng
    ) -> tuple[Tensor, Tensor | None]:
        truths = plain(checked_ids(inputs, self.num, "Decoder: id"))
        rng = rng or backend.generator()
        true = backend.to_device(rng.random(truths.shape) < ratio)
        # the largest of logits + Gumbel noise is a sample of their softmax
        noise = backend.to_device(rng.gumbel(size=(*truths.shape, self.num))) if feedback == "sample" else None
        ids, outs, weights = truths[0], [], []
        for t in range(truths.shape[0]):
            with scope("step", t):
                if t:
                    guess = outs[-1].data if noise is None else outs[-1].data + noise[t - 1]
                    ids = xp.where(true[t], truths[t], guess.argmax(axis=-1))
                logits, state = self.forward(ids, state)
            outs.append(logits)
            weights.append(state.weights)
        return stack(outs), None if self.attention is None else stack(weights)


def id_array(ids: Any, ndim: int, what: str, layout: str) -> Any:
    """ids as an array or Tensor with so many axes; ShapeError otherwise."""
    ids = ids if hasattr(ids, "dtype") else numpy.asarray(ids)
    if ids.ndim != ndim:
        raise ShapeError(placed(f"{what} {tuple(ids.shape)} must be {layout}"))
    return ids


class Generated(NamedTuple):
    """ids (T, B), the end id from where a sequence ended; lengths (B,), the ids before the end; finished (B,), False
    where max_len came first; weights (T, B, S) of attention, or None. All on the host."""

    ids: numpy.ndarray
    lengths: numpy.ndarray
    finished: numpy.ndarray
    weights: numpy.ndarray | None


class Seq2Seq(Module):
    """An encoder and a decoder, trained together to make log P(target | source) large (Sutskever et al., 2014). The
    two sequences may have different lengths. encoder: any module (source, lengths) -> Encoded."""

    def __init__(self, encoder: Module, decoder: Decoder):
        self.encoder, self.decoder = encoder, decoder

    def forward(
        self, source: Any, target: Any, lengths: Any = None, teacher_forcing: float = 1.0, feedback: str = "argmax",
        rng: init.Rng = None,
    ) -> Tensor:  # fmt: skip
        """Scores of each target id but the first: target (T, B), from the start id to the end id, -> logits (T - 1, B,
        num), for cross_entropy(logits, target[1:]). The other arguments: see Decoder.unroll."""
        return self._unrolled(source, target, lengths, teacher_forcing, feedback, rng)[0]

    def align(self, source: Any, target: Any, lengths: Any = None) -> Tensor:
        """Where the decoder looks while it is fed target: (T - 1, B, S), a row of weights for each id it predicts.
        ValueError without attention."""
        if self.decoder.attention is None:
            raise ValueError("align: this decoder has no attention")
        return self._unrolled(source, target, lengths)[1]

    def _unrolled(self, source: Any, target: Any, lengths: Any, *how: Any) -> tuple[Tensor, Tensor | None]:
        target = id_array(target, 2, "target", "(steps, batch)")
        if target.shape[0] < 2:
            raise ShapeError(placed(f"target {target.shape}: a start id and at least one more are needed"))
        state = self.begin(source, lengths)
        with scope(self.decoder.path or "decoder"):
            return self.decoder.unroll(target[:-1], state, *how)

    def begin(self, source: Any, lengths: Any = None) -> DecoderState:
        """The decoder's state after the source was read."""
        encoded = self.encoder(source, lengths)
        with scope(self.decoder.path or "decoder"):
            return self.decoder.begin(encoded)

    def step(self, ids: Any, state: DecoderState) -> tuple[Tensor, DecoderState]:
        """The last ids (B,) -> logits (B, num) of the next, and the state: what greedy and beam search call."""
        return self.decoder(ids, state)

    def generate(self, source: Any, start: int, end: int, max_len: int, lengths: Any = None) -> Generated:
        """Greedy decoding: the likeliest id at each step, until every sequence has ended or has max_len ids. In
        training mode dropout drops here too; call eval() first. Raises ValueError for max_len below 1, IndexError."""
        if max_len < 1:
            raise ValueError(f"max_len={max_len}: at least one step is needed")
        if not 0 <= end < self.decoder.num:
            raise IndexError(f"the end id {end} is outside 0..{self.decoder.num - 1}")
        with no_grad():
            state = self.begin(source, lengths)
            ids = numpy.full(state.layers[0][0].shape[0], start)
            finished, rows, weights = numpy.zeros(ids.shape, dtype=bool), [], []
            while len(rows) < max_len and not finished.all():
                logits, state = self.step(ids, state)
                ids = numpy.where(finished, end, backend.to_host(logits.data).argmax(axis=-1))
                finished = finished | (ids == end)
                rows.append(ids)
                weights.append(None if state.weights is None else backend.to_host(state.weights.data))
        every = numpy.stack(rows) if rows else numpy.zeros((0, len(ids)), dtype=int)
        seen = numpy.stack(weights) if weights and weights[0] is not None else None
        return Generated(every, (every != end).sum(axis=0), finished, seen)


def scheduled_ratio(update: int, k: float, kind: str = "inverse_sigmoid", least: float = 0.0) -> float:
    """The teacher forcing ratio after so many updates (Bengio et al., 2015, section 2.4), never below least.

    kind: "linear", 1 - update / k; "exponential", k^update with k < 1; "inverse_sigmoid", k / (k + exp(update / k))
    with k >= 1. Raises ValueError for what is out of range.
    """
    one_of(kind, ("linear", "exponential", "inverse_sigmoid"), "kind")
    checked_probability(least, "least")
    fits = 0 < k < 1 if kind == "exponential" else k >= 1 if kind == "inverse_sigmoid" else k > 0
    if update < 0 or not fits:
        raise ValueError(f"update {update} must be at least 0; k {k} must be in 0..1 if exponential, above it if not")
    if kind == "linear":
        ratio = 1 - update / k
    elif kind == "exponential":
        ratio = k**update
    else:
        ratio = k / (k + math.exp(min(update / k, 700)))
    return max(least, ratio)
