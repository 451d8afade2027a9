"""Forward pictures are the same to the byte, on every machine and backend: their DOT text is compared with what is kept
in tests/golden. After a change that is wanted, look at the pictures, then: python -m tests.test_viz_golden."""

from __future__ import annotations

from pathlib import Path

import pytest

import viz
from viz import zoo

GOLDEN = Path(__file__).resolve().parent / "golden"
PICTURES = {
    "rnn_ops": ("rnn", 2, "ops"),
    "lstm_cells": ("lstm", 3, "cells"),
    "gru_folded": ("gru", 6, "folded"),
    "encoder_decoder_cells": ("encoder-decoder", 2, "cells"),
    "tree_ranks": ("tree", 3, "ops"),
    "tree_cells": ("tree", 3, "cells"),
    "trees_cells": ("trees", 3, "cells"),
}


def dot(name: str) -> str:
    net, steps, view = PICTURES[name]
    return viz.draw(*zoo.build(net, steps), view=view).dot


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_what_it_was(name):
    assert dot(name) == (GOLDEN / f"{name}.dot").read_text(encoding="utf-8")


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for each in PICTURES:
        (GOLDEN / f"{each}.dot").write_text(dot(each), encoding="utf-8", newline="\n")
