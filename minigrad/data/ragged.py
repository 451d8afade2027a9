"""Sequences of different lengths in one array: padding, masks, buckets and packing, on the host, time first. Imports
errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy

from ..errors import ShapeError

__all__ = [
    "Packed", "buckets", "length_mask", "pack_sequences", "pad_sequences", "unpack_sequences", "unpad_sequences",
]  # fmt: skip


def _arrays(sequences: Sequence[Any]) -> list[numpy.ndarray]:
    """The sequences as arrays (T_b, ...) that agree in all but their length. Raises ShapeError."""
    arrays = [numpy.asarray(sequence) for sequence in sequences]
    if not arrays:
        raise ShapeError("no sequences: at least one is needed")
    for i, array in enumerate(arrays):
        if array.ndim == 0 or array.shape[1:] != arrays[0].shape[1:]:
            raise ShapeError(f"sequence {i} has shape {array.shape}; expected (length, *{arrays[0].shape[1:]})")
    return arrays


def pad_sequences(
    sequences: Sequence[Any], value: float = 0, max_length: int | None = None
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Side by side, filled up with value: B of (T_b, ...) -> (T, B, ...) and lengths (B,), T the longest.

    max_length: what is longer is cut there. Give the lengths on to the layers, `rnn(x, lengths=lengths)`: a padded
    step then changes nothing. Raises ShapeError for sequences that do not fit together, ValueError for max_length < 1.

    >>> x, lengths = pad_sequences([[1, 2, 3], [4]])
    >>> x.T.tolist(), lengths.tolist()
    ([[1, 2, 3], [4, 0, 0]], [3, 1])
    """
    if max_length is not None and max_length < 1:
        raise ValueError(f"max_length={max_length}: at least one step must remain")
    arrays = [array[:max_length] for array in _arrays(sequences)]
    lengths = numpy.array([len(array) for array in arrays])
    out = numpy.full((lengths.max(), len(arrays), *arrays[0].shape[1:]), value, numpy.result_type(*arrays))
    for b, array in enumerate(arrays):
        out[: len(array), b] = array
    return out, lengths


def unpad_sequences(padded: numpy.ndarray, lengths: Any) -> list[numpy.ndarray]:
    """What pad_sequences put together: (T, B, ...), lengths (B,) -> B of (T_b, ...). Raises ShapeError."""
    lengths = numpy.asarray(lengths)
    if lengths.shape != (padded.shape[1],) or (lengths.size and not 0 <= lengths.min() <= lengths.max() <= len(padded)):
        raise ShapeError(f"lengths {lengths.tolist()} do not fit sequences padded to {padded.shape[:2]} (steps, batch)")
    return [padded[:length, b] for b, length in enumerate(lengths)]


def length_mask(lengths: Any, steps: int | None = None) -> numpy.ndarray:
    """Is step t part of sequence b? lengths (B,) -> bool (T, B), T the longest unless steps is given.

    >>> length_mask([2, 1]).astype(int).tolist()
    [[1, 1], [1, 0]]
    """
    lengths = numpy.asarray(lengths)
    longest = int(lengths.max(initial=0))
    if steps is not None and steps < longest:
        raise ShapeError(f"length {longest} is more than {steps} steps")
    return numpy.arange(longest if steps is None else steps)[:, None] < lengths[None, :]


def buckets(lengths: Any, batch_size: int, rng: numpy.random.Generator | None = None) -> list[numpy.ndarray]:
    """Batches of sequences of similar length, so that little is padded: indices, each once, batch_size at most in one.

    With rng, sequences of one length and the batches themselves come in random order. Raises ValueError for
    batch_size < 1.

    >>> [batch.tolist() for batch in buckets([5, 1, 4, 2], batch_size=2)]
    [[1, 3], [2, 0]]
    """
    if batch_size < 1:
        raise ValueError(f"batch_size={batch_size}: a batch has at least one sequence")
    lengths = numpy.asarray(lengths)
    ties = rng.permutation(len(lengths)) if rng else numpy.arange(len(lengths))
    order = numpy.lexsort((ties, lengths))
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    return [batches[i] for i in rng.permutation(len(batches))] if rng else batches


class Packed(NamedTuple):
    """Sequences without padding, step by step: values (sum of lengths, ...), those of step t after those of t - 1;
    batch_sizes (T,), how many sequences reach step t; order (B,), which sequence stands where, longest first."""

    values: numpy.ndarray
    batch_sizes: numpy.ndarray
    order: numpy.ndarray


def pack_sequences(sequences: Sequence[Any]) -> Packed:
    """B of (T_b, ...) -> Packed, the layout that PyTorch's pack_sequence has. Raises ShapeError.

    >>> pack_sequences([[1], [4, 5]]).values.tolist()
    [4, 1, 5]
    """
    arrays = _arrays(sequences)
    padded, lengths = pad_sequences(arrays)
    order = numpy.argsort(-lengths, kind="stable")
    mask = length_mask(lengths[order])
    return Packed(padded[:, order][mask], mask.sum(axis=1), order)


def unpack_sequences(packed: Packed) -> list[numpy.ndarray]:
    """The sequences that pack_sequences was given, in their order."""
    mask = numpy.arange(len(packed.order)) < packed.batch_sizes[:, None]
    padded = numpy.zeros((*mask.shape, *packed.values.shape[1:]), packed.values.dtype)
    padded[mask] = packed.values
    sequences = unpad_sequences(padded, mask.sum(axis=0))
    return [sequences[place] for place in numpy.argsort(packed.order)]
