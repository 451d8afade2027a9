"""Pictures of two drawn shapes, and a caption for each that says what is to be seen. Imports NumPy and its own room."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from .sizes import checked_sizes
from .splits import draw

__all__ = ["Shapes", "shapes"]

COLOURS = ("red", "green", "blue")  # the channels of an image
FORMS = {  # does a shape of radius r, 2 r + 1 pixels wide and high, cover the point (x, y), seen from its centre?
    "circle": lambda x, y, r: x * x + y * y <= r * r + r,
    "square": lambda x, y, r: (abs(x) <= r) & (abs(y) <= r),
    "triangle": lambda x, y, r: (2 * abs(x) <= y + r) & (y <= r),
}
RELATIONS = ("above", "left of")
THINGS = tuple(itertools.product(COLOURS, FORMS))
CAPTIONS = {
    f"a {' '.join(first)} {relation} a {' '.join(second)}": (first, relation, second)
    for first, relation, second in itertools.product(THINGS, RELATIONS, THINGS)
}
LEAST_RADIUS = 2  # with less, the forms look alike


class Shapes(NamedTuple):
    """Images, channel first as Conv2d wants them, and what is to be seen in each."""

    images: np.ndarray  # (N, 3, size, size) float32, 0 or 1
    captions: list[str]


def shapes(
    count: int,
    rng: np.random.Generator,
    size: int = 16,
    split: str | None = None,
    keep: Callable[[str], bool] | None = None,
) -> Shapes:
    """Images of two shapes on black, and captions such as "a red circle left of a blue square".

    Circles, squares and triangles in red, green and blue, one above or left of another, make 162 CAPTIONS, each as
    often as any other or once more. Sizes and places vary. Of the captions one alone is true of an image: "above" means
    that empty rows lie between the first shape and the second below it, and that some column meets both; "left of"
    likewise. split goes by the image: what is in "valid" is never in "train". keep: which captions there are; to hold
    out a shape, `keep=lambda caption: "green triangle" not in caption`. Raises ValueError for count below 1, size below
    11 (below 13 a caption has too few images for a "valid" one), a keep that leaves nothing, and another split.

    >>> images, captions = shapes(1, np.random.default_rng(1))
    >>> images.shape, captions
    ((1, 3, 16, 16), ['a red triangle above a blue square'])
    """
    count, size = checked_sizes("shapes", count=(count, 1), size=(size, 4 * LEAST_RADIUS + 3))
    captions = [caption for caption in CAPTIONS if keep is None or keep(caption)]
    if not captions:
        raise ValueError(f"shapes: keep={keep!r} leaves none of the {len(CAPTIONS)} captions")
    chosen = rng.permutation(np.resize(rng.permutation(captions), count)).tolist()
    images = np.zeros((count, len(COLOURS), size, size), dtype=np.float32)
    for image, caption in zip(images, chosen):
        for (colour, form), (row, column, radius) in _scene(caption, size, split, rng):
            y, x = np.ogrid[-row : size - row, -column : size - column]
            image[COLOURS.index(colour)][FORMS[form](x, y, radius)] = 1
    return Shapes(images, chosen)


def _scene(caption: str, size: int, split: str | None, rng: np.random.Generator) -> Iterator[tuple]:
    """Both shapes, and the place of each: row, column and radius."""
    first, relation, second = CAPTIONS[caption]
    [places] = draw("shapes", 1, split, lambda: _places(relation, size, rng), lambda places: f"{caption} {places}")
    return zip((first, second), places)


def _places(relation: str, size: int, rng: np.random.Generator) -> list[tuple[int, ...]]:
    """Row, column and radius of the first shape and the second: one in each half, with no more than a radius between
    their centres the other way."""
    half = (size - 1) // 2
    a, b = rng.integers(LEAST_RADIUS, (half - 1) // 2 + 1, 2).tolist()
    near, far = int(rng.integers(a, half - a)), size - 1 - int(rng.integers(b, half - b))
    across = int(rng.integers(a, size - a))
    beside = min(max(across + int(rng.integers(-a, a + 1)), b), size - 1 - b)
    places = [(near, across, a), (far, beside, b)]
    return places if relation == "above" else [(column, row, radius) for row, column, radius in places]
