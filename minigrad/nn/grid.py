"""Recurrent nets over two dimensions: sweeps along the columns and rows of an image, and an image as one long sequence.
Imports ops and its own room."""

from __future__ import annotations

from typing import Any

import numpy

from .. import backend
from ..errors import DtypeError, ShapeError
from ..graph import no_grad, scope
from ..ops import cross_entropy, permute_dims, reshape, softmax
from ..tensor import Tensor
from . import init
from .conv import Sizes, _each
from .layers import Embedding, Linear
from .module import Module, placed
from .recurrent import GRU, LSTM, RNN

__all__ = ["PixelRNN", "ReNet"]

KINDS = {"RNN": RNN, "GRU": GRU, "LSTM": LSTM}


def _kind(who: str, cell: str) -> type:
    if cell not in KINDS:
        raise ValueError(f"{who}: cell={cell!r} is not one of {', '.join(KINDS)}")
    return KINDS[cell]


class ReNet(Module):
    """Four sweeps over an image (Visin et al., 2015, arXiv 1505.00393): (B, C, H, W) -> (B, 2 hidden, H / ph, W / pw).

    The image is cut into patches (ph, pw) that do not overlap. Two recurrent nets read each column of patches, one
    down and one up; two more read each row of what these wrote side by side, one to the right and one to the left. So
    every output O_ij depends on the whole image, most of all on its own neighbourhood, and any multiple of the patch is
    a size that fits. patch: one number, or (ph, pw). cell: "RNN", "GRU" or "LSTM". Raises ValueError for options that
    make no sense, ShapeError for an image that does not fit.
    """

    def __init__(self, channels: int, hidden: int, patch: Sizes = 1, cell: str = "GRU", rng: init.Rng = None):
        kind, self.patch = _kind("ReNet", cell), _each("patch", patch, 2, 1)
        if channels < 1:
            raise ValueError(f"ReNet: channels {channels} must be at least 1")
        self.channels = channels
        self.vertical = kind(channels * self.patch[0] * self.patch[1], hidden, bidirectional=True, rng=rng)
        self.horizontal = kind(2 * hidden, hidden, bidirectional=True, rng=rng)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, C, H, W) -> O (B, 2 hidden, H / ph, W / pw)."""
        if x.ndim != 4 or x.shape[1] != self.channels or any(n % p for n, p in zip(x.shape[2:], self.patch)):
            high, wide = self.patch
            wanted = f"(batch, {self.channels}, a multiple of {high}, a multiple of {wide})"
            raise ShapeError(placed(f"ReNet: x {x.shape} must be {wanted}"))
        (batch, channels, _, _), (ph, pw) = x.shape, self.patch
        rows, columns = x.shape[2] // ph, x.shape[3] // pw
        cut = permute_dims(reshape(x, (batch, channels, rows, ph, columns, pw)), (2, 0, 4, 1, 3, 5))
        down = _swept(self.vertical, reshape(cut, (rows, batch, columns, channels * ph * pw)))
        across = _swept(self.horizontal, permute_dims(down, (2, 1, 0, 3)))
        return permute_dims(across, (1, 3, 2, 0))


def _swept(layer: Any, lines: Tensor) -> Tensor:
    """All lines (steps, B, lines, F) side by side through one layer -> (steps, B, lines, 2 hidden)."""
    steps, batch, count, features = lines.shape
    y, _ = layer(reshape(lines, (steps, batch * count, features)))
    return reshape(y, (steps, batch, count, y.shape[-1]))


class PixelRNN(Module):
    """An image as a sequence of pixels, row by row: p(image) = the product of p(pixel | all pixels before it) (van den
    Oord et al., 2016, arXiv 1601.06759, in its simplest form, with one recurrent net along the whole sequence).

    Pixels are integers 0 .. levels - 1. Each step hears the pixel before it in the sequence and the one above it, each
    as a vector (outside the image one of its own), and what the net remembers. cell: "RNN", "GRU" or "LSTM". Raises
    ValueError for options that make no sense, ShapeError, DtypeError and IndexError for images that do not fit.
    """

    def __init__(self, levels: int, hidden: int, embed: int = 8, cell: str = "GRU", rng: init.Rng = None):
        if levels < 2 or embed < 1:
            raise ValueError(f"PixelRNN: levels {levels} must be at least 2, embed {embed} at least 1")
        self.levels, self.embed = levels, embed
        self.before, self.above = Embedding(levels + 1, embed, rng), Embedding(levels + 1, embed, rng)
        self.recurrent = _kind("PixelRNN", cell)(embed, hidden, rng=rng)
        self.out = Linear(hidden, levels, rng=rng)

    def forward(self, images: Any) -> Tensor:
        """images (B, H, W) integers -> scores (B, H, W, levels), each from the pixels before it alone."""
        images = self._checked(images)
        batch, high, wide = images.shape
        before, above = self._heard(images)
        y, _ = self.recurrent(self.before(before) + self.above(above))
        return permute_dims(reshape(self.out(y), (high, wide, batch, self.levels)), (2, 0, 1, 3))

    def loss(self, images: Any) -> Tensor:
        """The mean cost of a pixel in nats: minus log p(pixel | pixels before it)."""
        return cross_entropy(self(images), self._checked(images))

    def complete(
        self, images: Any, known: int, rng: numpy.random.Generator | None = None, temperature: float = 1.0
    ) -> numpy.ndarray:
        """The images (B, H, W) with all but their first `known` pixels, row by row, drawn from the net, one by one.

        temperature: the scores are divided by it; 0 takes the likeliest. Raises ValueError for known outside 0 .. H * W
        and for a temperature below 0.
        """
        images = self._checked(images).copy()
        batch, high, wide = images.shape
        if not 0 <= known <= high * wide or not 0 <= temperature < numpy.inf:
            raise ValueError(f"PixelRNN: known {known} must lie in 0..{high * wide}, temperature {temperature} from 0")
        images.reshape(batch, -1)[:, known:] = 0  # nothing of what is to be drawn is heard
        rng = rng or backend.generator()
        with no_grad(), scope("complete"):
            state = None
            for at in range(high * wide):
                before, above = [ids[at : at + 1] for ids in self._heard(images)]
                y, state = self.recurrent(self.before(before) + self.above(above), state)
                if at >= known:
                    images[:, at // wide, at % wide] = self._drawn(self.out(y)[0], rng, temperature)
        return images

    def _drawn(self, scores: Tensor, rng: numpy.random.Generator, temperature: float) -> numpy.ndarray:
        """(B, levels) -> (B,) pixels."""
        if temperature == 0:
            return scores.numpy().argmax(axis=1)
        p = softmax(scores / temperature).numpy().astype("float64").cumsum(axis=1)
        return (p < rng.random((len(p), 1)) * p[:, -1:]).sum(axis=1)

    def _heard(self, images: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
        """The pixel before and the pixel above each, (H * W, B); `levels` where there is none."""
        wide, sequence = images.shape[2], images.reshape(len(images), -1).T
        heard = numpy.full((2, *sequence.shape), self.levels, dtype=numpy.int64)
        heard[0, 1:], heard[1, wide:] = sequence[:-1], sequence[:-wide]
        return heard[0], heard[1]

    def _checked(self, images: Any) -> numpy.ndarray:
        """The images as host integers (B, H, W) of at least one pixel, each 0 .. levels - 1."""
        array = backend.to_host(images.data if isinstance(images, Tensor) else numpy.asarray(images))
        if array.ndim != 3 or 0 in array.shape[1:]:
            raise ShapeError(placed(f"PixelRNN: images {array.shape} must be (batch, height, width)"))
        if array.dtype.kind not in "iu":
            raise DtypeError(placed(f"PixelRNN: pixels are integers, not {array.dtype}"))
        backend.check_index(array, self.levels, placed("PixelRNN: pixel"))
        return array
