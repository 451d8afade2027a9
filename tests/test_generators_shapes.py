"""Drawn shapes: an image is read back pixel by pixel, and what is read is its caption; captions are even, and neither
an image nor a caption is both learned from and held out."""

from __future__ import annotations

import doctest
import importlib
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.data import shapes
from minigrad.data.shapes import CAPTIONS, COLOURS, FORMS


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def thing(part: np.ndarray) -> str:
    """What is drawn in this part (3, h, w) of an image: "red circle"."""
    assert set(np.unique(part)) == {0, 1}
    [channel] = np.flatnonzero(part.any(axis=(1, 2)))
    mask = part[channel][part[channel].any(axis=1)][:, part[channel].any(axis=0)].astype(bool)
    side, widths = len(mask), mask.sum(axis=1)
    assert mask.shape == (side, side) and side % 2 and side >= 5 and (mask == mask[:, ::-1]).all()
    if mask.all():
        form = "square"
    elif widths[0] == 1 and widths[-1] == side and (np.diff(widths) >= 0).all():
        form = "triangle"
    else:
        assert (mask == mask[::-1]).all() and (mask == mask.T).all() and not mask[0, 0] and mask[side // 2].all()
        form = "circle"
    return f"{COLOURS[channel]} {form}"


def seen(image: np.ndarray) -> str:
    """The only caption that is true of an image (3, size, size)."""
    rows, columns = (np.flatnonzero(image.any(axis=(0, axis))) for axis in (2, 1))
    [row_gap, column_gap] = [places[:-1][np.diff(places) > 1] for places in (rows, columns)]
    assert len(row_gap) + len(column_gap) == 1, "one empty stripe, which parts the shapes"
    if len(row_gap):
        return f"a {thing(image[:, : row_gap[0] + 1])} above a {thing(image[:, row_gap[0] + 1 :])}"
    return f"a {thing(image[:, :, : column_gap[0] + 1])} left of a {thing(image[:, :, column_gap[0] + 1 :])}"


def test_the_sample_in_the_docstring() -> None:
    failed, tried = doctest.testmod(importlib.import_module("minigrad.data.shapes"))
    assert failed == 0 and tried == 2


@given(size=st.integers(11, 32), seed=st.integers(0, 999))
def test_the_caption_is_what_is_seen(size: int, seed: int) -> None:
    images, captions = shapes(4, rng(seed), size)
    assert images.shape == (4, 3, size, size) and images.dtype == np.float32
    assert [seen(image) for image in images] == captions


def test_every_caption_is_seen_as_often_as_any_other() -> None:
    assert len(CAPTIONS) == 9 * 2 * 9 and len(COLOURS) == len(FORMS) == 3
    images, captions = shapes(2 * 162 + 40, rng())
    assert sorted(Counter(captions).values()) == [2] * 122 + [3] * 40
    assert [seen(image) for image in images] == captions
    assert captions[:162] != sorted(captions[:162]) and len(set(shapes(40, rng()).captions)) == 40


def test_places_and_sizes_vary() -> None:
    images, captions = shapes(600, rng(), keep=lambda caption: caption == "a red circle above a blue square")
    assert len({image.tobytes() for image in images}) > 300 and set(captions) == {"a red circle above a blue square"}
    assert set(images[:, 0].sum(axis=(1, 2))) == {21, 37}, "circles of radius 2 and 3"
    assert set(images[:, 2].sum(axis=(1, 2))) == {25, 49}
    used = images.any(axis=(0, 1))
    assert used.any(axis=0).all() and used.any(axis=1)[[0, -1]].all(), "up to the edges"


def test_images_come_from_their_generator_alone() -> None:
    first, again, other = (shapes(20, rng(seed)) for seed in (3, 3, 4))
    assert first.captions == again.captions and (first.images == again.images).all()
    assert first.captions != other.captions and (first.images != other.images).any()


def test_no_image_is_both_learned_from_and_held_out() -> None:
    (learned, *_), (held_out, captions) = shapes(3000, rng(), split="train"), shapes(500, rng(1), split="valid")
    assert not {image.tobytes() for image in learned} & {image.tobytes() for image in held_out}
    assert len(set(captions)) == 162, "each caption has images of both kinds"


def test_a_shape_can_be_held_out() -> None:
    def held_out(caption: str) -> bool:
        return "green triangle" in caption

    unseen, seen = shapes(200, rng(), keep=held_out), shapes(200, rng(), keep=lambda c: not held_out(c))
    assert all(map(held_out, unseen.captions)) and not any(map(held_out, seen.captions))
    assert len(set(unseen.captions)) == 34 and len(set(seen.captions)) == 128


@pytest.mark.parametrize(("words", "says"), [
    ({"count": 0}, "count.*1.*0"), ({"count": 2.5}, "count"), ({"size": 10}, "size.*11.*10"), ({"size": 16.0}, "size"),
    ({"split": "test"}, "split='test'.*train, valid"), ({"keep": lambda caption: False}, "keep.*none of the 162"),
])  # fmt: skip
def test_the_impossible_is_refused(words: dict, says: str) -> None:
    with pytest.raises(ValueError, match=f"shapes: .*{says}"):
        shapes(**{"count": 4, "rng": rng(), **words})
