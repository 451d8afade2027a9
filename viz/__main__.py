"""python -m viz lstm --steps 3 --backward -o lstm.svg: draws a ready net of the zoo. Imports zoo and the drawing
itself."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from . import DrawError, draw, record
from .zoo import NETS, build

__all__ = ["main"]

SOFT_LIMIT = 200  # steps; beyond that a picture of every op helps nobody

EXAMPLES = """examples:
  python -m viz lstm                                   lstm.svg: three steps, forward
  python -m viz lstm --steps 3 --backward -o bptt.png  the gradients that flow back
  python -m viz gru --steps 2 -o gru.pdf               for a slide
  python -m viz rnn -o rnn.dot                         the DOT text alone; needs no graphviz

Beside every picture the DOT text is saved too. Of your own net, in Python: viz.draw(loss, model).save("net.svg")
and viz.draw(viz.record(loss, model)).save("back.svg")."""


class _Parser(argparse.ArgumentParser):
    """One line and exit code 2 for a mistake."""

    def error(self, message: str) -> None:
        self.exit(2, f"viz: {message} (python -m viz --help shows how)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Returns 0, or 2 for a mistake of the user, said in one line on stderr."""
    parser = _Parser(
        prog="python -m viz",
        description="Draws the unrolled computation graph of a small recurrent net, from the real recorded graph.",
        epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("net", nargs="?", help=f"which net: {', '.join(NETS)}")
    parser.add_argument(
        "--steps", type=int, default=3, metavar="T", help="time steps to unroll (3); up to 4 fit on a slide"
    )
    parser.add_argument("--backward", action="store_true", help="run the backward pass and show the gradients")
    parser.add_argument("-o", "--out", metavar="FILE", help="where to: .svg, .png, .pdf or .dot (default: NET.svg)")
    parser.add_argument("--seed", type=int, default=0, help="of the random weights and inputs (0)")
    parser.add_argument("--list", action="store_true", help="say which nets there are")
    options = parser.parse_args(arguments)
    if options.list:
        print("\n".join(f"{name:6}{words}" for name, words in NETS.items()))
        return 0
    if options.net is None:
        parser.error(f"which net? There are {', '.join(NETS)}")
    if options.steps > SOFT_LIMIT:
        parser.error(f"--steps {options.steps}: at most {SOFT_LIMIT}; more columns cannot be read")
    return _draw(options)


def _draw(options: argparse.Namespace) -> int:
    try:
        loss, net = build(options.net, options.steps, seed=options.seed)
    except ValueError as error:
        print(f"viz: {error}", file=sys.stderr)
        return 2
    steps = f"{options.steps} step{'s' if options.steps > 1 else ''}"
    way = "backward pass (BPTT)" if options.backward else "forward pass"
    title = f"{options.net.upper()} unrolled over {steps} — {way}"
    picture = draw(record(loss, net) if options.backward else loss, net, title=title)
    try:
        path = picture.save(options.out or f"{options.net}.svg")
    except DrawError as error:
        print(f"viz: {error}", file=sys.stderr)
        return 2
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
