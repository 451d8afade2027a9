"""Attention: a query is compared with every key, and the values are averaged by how well they fit. Also a small
memory of keys and values that is read, and written, in the same way. Imports ops and recurrent."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy

from .. import backend
from ..backend import xp
from ..errors import DtypeError, ShapeError
from ..ops import broadcast_to, expand_dims, linear, matmul, permute_dims, softmax, tanh, where
from ..recurrent.scan import checked_lengths
from ..tensor import Tensor, plain
from . import init
from .module import Module, Parameter, placed

__all__ = ["Attention", "KeyValueMemory", "Memory", "Prepared"]

KINDS = ("additive", "dot", "general", "scaled")


class Prepared(NamedTuple):
    """What Attention.read looks at: keys (B, S, K') as the score needs them, values (B, S, V), and allowed (B, S),
    False at padding, or None."""

    keys: Tensor
    values: Tensor
    allowed: Any


class Attention(Module):
    """Scores e_s = score(query, key_s), weights a = softmax(e), context = sum over s of a_s value_s.

    kind: "additive", e = v . tanh(W_q q + W_k k) (Bahdanau et al., 2014), of size units; "dot", e = q . k, and
    "general", e = q . W k (Luong et al., 2015); "scaled", e = q . k / sqrt(K) (Vaswani et al., 2017). dot and scaled
    need query_size = key_size. size: units of the additive score, query_size unless given. allow_empty: a sequence
    with nothing to attend to gets weights and context 0 rather than a ValueError.
    Raises ValueError for an unknown kind and for sizes that do not fit.
    """

    def __init__(
        self,
        kind: str,
        query_size: int,
        key_size: int,
        size: int | None = None,
        allow_empty: bool = False,
        rng: init.Rng = None,
    ):
        if kind not in KINDS:
            raise ValueError(f"attention kind {kind!r} is not one of {', '.join(KINDS)}")
        if min(query_size, key_size, 1 if size is None else size) < 1:
            raise ValueError(f"query_size {query_size}, key_size {key_size} and size {size} must be at least 1")
        if kind in ("dot", "scaled") and query_size != key_size:
            raise ValueError(
                f"{kind} attention multiplies query and key: query_size {query_size} must be key_size {key_size}; "
                "'general' and 'additive' take different sizes"
            )
        if size is not None and kind != "additive":
            raise ValueError(f"size={size} is the number of units of additive attention; {kind} has none")
        self.kind, self.query_size, self.key_size, self.allow_empty = kind, query_size, key_size, allow_empty
        if kind == "additive":
            units = size or query_size
            self.weight_q, self.weight_k = _weight(units, query_size, rng), _weight(units, key_size, rng)
            self.v = _weight(1, units, rng)
        elif kind == "general":
            self.weight = _weight(query_size, key_size, rng)

    def forward(
        self, query: Tensor, keys: Tensor, values: Tensor | None = None, lengths: Any = None, mask: Any = None
    ) -> tuple[Tensor, Tensor]:
        """query (B, Q), keys (S, B, K), values (S, B, V), the keys unless given -> context (B, V), weights (B, S).

        lengths (B,): positions past them are padding. mask (S, B) bool, in place of lengths: False at padding. Padding
        gets weight exactly 0, and what stands there, even nan, changes nothing. Raises ShapeError, DtypeError for a
        mask that is not bool, ValueError for a sequence with nothing to attend to.
        """
        return self.read(query, self.prepare(keys, values, lengths, mask))

    def prepare(self, keys: Tensor, values: Tensor | None = None, lengths: Any = None, mask: Any = None) -> Prepared:
        """The share of the work that is the same for every query: arguments as in forward."""
        if keys.ndim != 3 or keys.shape[2] != self.key_size:
            raise ShapeError(placed(f"attention: keys {keys.shape} must be (steps, batch, {self.key_size})"))
        values = keys if values is None else values
        if values.ndim != 3 or values.shape[:2] != keys.shape[:2]:
            raise ShapeError(placed(f"attention: values {values.shape} must be {(*keys.shape[:2], 'size')}"))
        allowed = self._allowed(lengths, mask, *keys.shape[:2])
        same = values is keys
        keys = _batch_first(keys, allowed)
        values = keys if same else _batch_first(values, allowed)
        if self.kind == "additive":
            keys = linear(keys, self.weight_k)
        elif self.kind == "general":
            keys = linear(keys, self.weight)
        return Prepared(keys, values, allowed)

    def read(self, query: Tensor, source: Prepared) -> tuple[Tensor, Tensor]:
        """query (B, Q) -> context (B, V), weights (B, S)."""
        batch = source.keys.shape[0]
        if query.shape != (batch, self.query_size):
            raise ShapeError(placed(f"attention: query {query.shape} must be {(batch, self.query_size)}"))
        e = self._scores(query, source.keys)
        if source.allowed is not None:
            e = where(source.allowed, e, -math.inf)
        a = softmax(e.named("e"), axis=-1, allow_empty=self.allow_empty).named("a")
        return matmul(expand_dims(a, axis=1), source.values)[:, 0].named("context"), a

    def _scores(self, query: Tensor, keys: Tensor) -> Tensor:
        if self.kind == "additive":
            return linear(tanh(keys + expand_dims(linear(query, self.weight_q), axis=1)), self.v)[:, :, 0]
        e = matmul(keys, expand_dims(query, axis=2))[:, :, 0]
        return e / math.sqrt(self.key_size) if self.kind == "scaled" else e

    def _allowed(self, lengths: Any, mask: Any, steps: int, batch: int) -> Any:
        """(B, S) bool on the backend, or None; ValueError for a sequence of nothing but padding."""
        if lengths is not None and mask is not None:
            raise ValueError(placed("attention: give lengths or mask, not both"))
        if mask is not None:
            given = _checked_mask(mask, steps, batch)
            some, allowed = given.any(axis=0), backend.to_device(given).T
        elif lengths is not None:
            given = lengths if hasattr(lengths, "dtype") else numpy.asarray(lengths)
            some, allowed = given > 0, xp.arange(steps) < checked_lengths(lengths, steps, batch)[:, None]
        else:
            some, allowed = numpy.full(batch, steps > 0), None
        if not self.allow_empty and backend.checks_values(some) and not some.all():
            row = int(backend.to_host(some).argmin())
            raise ValueError(
                placed(
                    f"attention: sequence {row} has no position to attend to, all of it is masked; "
                    "leave one, or use Attention(..., allow_empty=True)"
                )
            )
        return allowed


def _weight(rows: int, columns: int, rng: init.Rng) -> Parameter:
    bound = 1 / math.sqrt(columns)
    return Parameter(init.uniform((rows, columns), -bound, bound, rng))


def _checked_mask(mask: Any, steps: int, batch: int) -> Any:
    """A bool array (S, B), where it was."""
    given = plain(mask) if hasattr(mask, "dtype") else numpy.asarray(mask)
    if given.dtype.kind != "b":
        raise DtypeError(placed(f"attention: the mask must be bool, True where there is something, not {given.dtype}"))
    if given.shape != (steps, batch):
        raise ShapeError(placed(f"attention: mask {given.shape} must be {(steps, batch)}, as the keys are"))
    return given


def _batch_first(x: Tensor, allowed: Any) -> Tensor:
    """(S, B, K) -> (B, S, K), with zeros in the padding: 0 * nan would be nan."""
    x = permute_dims(x, (1, 0, 2))
    return x if allowed is None else where(allowed[:, :, None], x, 0.0)


# ---------------------------------------------------------------- explicit memory


class Memory(NamedTuple):
    """The contents of a KeyValueMemory: keys (N, B, K), values (N, B, V)."""

    keys: Tensor
    values: Tensor


class KeyValueMemory(Module):
    """N slots, each a key and a value, read by attention (Miller et al., 2016) and written a little everywhere (Graves
    et al., 2014): a net with an explicit memory, whose size has nothing to do with the size of its state.

    The contents are no part of the module: they go in and come out, as the state of a cell does. They start at the
    parameters keys (N, K) and values (N, V). kind, query_size: of the attention that reads; query_size is key_size
    unless given.
    """

    def __init__(
        self,
        slots: int,
        key_size: int,
        value_size: int,
        kind: str = "dot",
        query_size: int | None = None,
        rng: init.Rng = None,
    ):
        if min(slots, key_size, value_size) < 1:
            raise ValueError(f"slots {slots}, key_size {key_size} and value_size {value_size} must be at least 1")
        self.keys, self.values = _weight(slots, key_size, rng), _weight(slots, value_size, rng)
        self.attention = Attention(kind, query_size or key_size, key_size, rng=rng)

    def initial(self, batch: int) -> Memory:
        """The memory before anything was written."""

        def each(x: Tensor) -> Tensor:
            return broadcast_to(expand_dims(x, axis=1), (x.shape[0], batch, x.shape[1]))

        return Memory(each(self.keys), each(self.values))

    def forward(self, query: Tensor, memory: Memory | None = None) -> tuple[Tensor, Tensor]:
        """Read: query (B, Q) -> what is stored there (B, V), weights (B, N). Raises ShapeError."""
        memory = self.initial(query.shape[0]) if memory is None else memory
        self._check(memory)
        return self.attention(query, memory.keys, memory.values)

    def write(self, memory: Memory, weights: Tensor, key: Tensor, value: Tensor) -> Memory:
        """Move each slot n towards key (B, K) and value (B, V) by the share weights[:, n], (B, N): slot' = (1 - w) slot
        + w new. A weight of 1 replaces a slot, 0 leaves it. Raises ShapeError."""
        self._check(memory)
        slots, batch = memory.keys.shape[:2]
        given = (("weights", weights, slots), ("key", key, self.keys.shape[1]), ("value", value, self.values.shape[1]))
        for name, x, size in given:
            if x.shape != (batch, size):
                raise ShapeError(placed(f"KeyValueMemory: {name} {x.shape} must be {(batch, size)}"))
        share = expand_dims(weights.T, axis=2)
        return Memory(*[old + share * (new - old) for old, new in zip(memory, (key, value))])

    def _check(self, memory: Memory) -> None:
        for name, x, own in zip(Memory._fields, memory, (self.keys, self.values)):
            if x.ndim != 3 or (x.shape[0], x.shape[2]) != own.shape:
                expected = f"({own.shape[0]}, batch, {own.shape[1]})"
                raise ShapeError(placed(f"KeyValueMemory: {name} {x.shape} must be {expected}"))
