"""Where drawing must stay sane: graphs too large to be looked at, and files that are not ours."""

from __future__ import annotations

import gc

import numpy
import pytest

import minigrad as mg
import viz

LONG = 20_000


def chain(length: int) -> mg.Tensor:
    x = mg.Tensor(numpy.ones((2, 2)), requires_grad=True)
    for _ in range(length):
        x = mg.tanh(x)
    return x.sum()


def test_a_chain_too_long_to_draw_says_what_it_leaves_out():
    picture = viz.draw(chain(LONG))
    assert len(picture.dot) < 100_000
    assert f"{LONG + 1 - 80} more ops" in picture.dot  # forty are kept at either end


@pytest.mark.parametrize("suffix", ["svg", "dot", "html"])
def test_a_file_that_is_not_ours_is_kept(tmp_path, suffix):
    path, picture = tmp_path / f"net.{suffix}", viz.draw(chain(2))
    path.write_text("my notes")
    with pytest.raises(viz.DrawError, match=f"net.{suffix} is there already"):
        picture.save(path)
    assert path.read_text() == "my notes"
    path.unlink()
    assert picture.save(picture.save(path)).read_text() != "my notes"  # and one of ours is drawn again


def test_dot_text_of_someone_else_beside_the_picture_is_kept(tmp_path):
    (tmp_path / "net.dot").write_text("digraph mine { a -> b }")
    with pytest.raises(viz.DrawError, match="net.dot is there already"):
        viz.draw(chain(2)).save(tmp_path / "net.svg")
    assert not (tmp_path / "net.svg").exists()


def test_the_collector_is_as_it_was_after_a_picture_and_after_an_error():
    viz.draw(chain(2))
    with pytest.raises(ValueError, match="time step"):
        viz.draw(chain(2), view="cells")
    assert gc.isenabled()
