"""python -m viz lstm --steps 3 --backward -o lstm.svg: draws a ready net of the zoo, or what a file of the user's own
makes. Imports minigrad, zoo and the drawing itself."""

from __future__ import annotations

import argparse
import inspect
import os
import runpy
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import minigrad as mg

from . import VIEWS, DrawError, Itemised, Record, draw, itemise, record
from .expand import expanded
from .failed import draw_failed
from .zoo import NETS, build

__all__ = ["main"]

MOST_STEPS = 1000
STEPS = 3
HERE = (Path(__file__).parent, Path(mg.__file__).parent)  # frames in here are left out of the user's tracebacks

EXAMPLES = """examples:
  python -m viz --list                                 the ready nets
  python -m viz lstm                                   lstm.svg: three steps, forward
  python -m viz lstm --steps 3 --backward -o bptt.png  the gradients that flow back
  python -m viz rnn --steps 2 -o rnn.pdf               for a slide
  python -m viz stacked --view cells --backward        a box for each level and step
  python -m viz rnn --view folded                      the circuit, for any number of steps
  python -m viz rnn --steps 60 --view heat             how the gradients fade over 60 steps
  python -m viz rnn --steps 9 --truncate 3 --view itemised
  python -m viz rnn -o rnn.dot                         the DOT text alone; needs no graphviz
  python -m viz mymodel.py:make_loss --backward        your own: a function that returns the loss
  python -m viz mymodel.py:loss -o mymodel.svg         or a variable of the file

Beside every picture the DOT text is saved too. If an op of your file is given shapes that do not fit, the graph up to
it is drawn, and the exit code is 1. In Python: viz.draw(loss, model).save("net.svg"), viz.draw(viz.record(loss))."""


class _Parser(argparse.ArgumentParser):
    """One line and exit code 2 for a mistake."""

    def error(self, message: str) -> None:
        self.exit(2, f"viz: {message} (python -m viz --help shows how)\n")


class _Mistake(Exception):
    """What the user asked for cannot be drawn; said in one line."""


class _Refused(Exception):
    """The user's file ran into an error, which is the cause of this."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Returns 0; 1 for an error in the user's file; 2 for a mistake in what was asked, said in one
    line on stderr."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.list:
        width = max(map(len, NETS)) + 2
        print("\n".join(f"{name:{width}}{net.words}" for name, net in NETS.items()))
        return 0
    if options.net is None:
        parser.error(f"which net? There are {', '.join(NETS)}, and your own as FILE.py:NAME")
    if (options.steps or 0) > MOST_STEPS:
        parser.error(f"--steps {options.steps}: at most {MOST_STEPS}")
    try:
        print(_draw(options))
    except _Refused as refused:
        return _show_error(refused.__cause__, options)
    except (_Mistake, DrawError) as error:
        print(f"viz: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m viz",
        description="Draws the real, recorded computation graph of a small net: a ready one, or your own.",
        epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    add = parser.add_argument
    add("net", nargs="?", metavar="NET", help="a ready net (--list), or FILE.py:NAME of your own: a tensor, a list of "
        "tensors, a viz.Record, or a function without arguments that returns one")  # fmt: skip
    add("--steps", type=int, metavar="T",
        help=f"of a ready net: time steps, leaves of a tree, rows of an image ({STEPS})")  # fmt: skip
    add("--truncate", type=int, metavar="K", help="of a ready net: no gradient crosses from K steps to those before")
    add("--seed", type=int, default=0, help="of a ready net's random weights and inputs (0)")
    add("--view", choices=["auto", *VIEWS], default="auto", help="what is drawn (auto: by the number of steps)")
    add("--backward", action="store_true", help="run the backward pass and show the gradients")
    add("--expand", action="store_true", help="draw the ops that a fused kernel stands for, in its place")
    add("-o", "--out", metavar="FILE", help="where to; the suffix says what (NET.svg)")
    add("--list", action="store_true", help="say which ready nets there are")
    return parser


def _draw(options: argparse.Namespace) -> Path:
    """Where the picture is."""
    own, title, model = ":" in options.net or options.net.endswith(".py"), None, None
    try:
        if own:
            target = _own(options)
        else:
            steps = STEPS if options.steps is None else options.steps
            target, model = build(options.net, steps, seed=options.seed, truncate=options.truncate)
            title = _title(options, steps)
        target = expanded(target) if options.expand else target
        picture = draw(_ready(target, model, options), model, options.view, title=title)
    except (ValueError, mg.errors.GraphError) as error:
        raise _Mistake(error) from error
    return picture.save(_path(options))


def _title(options: argparse.Namespace, steps: int) -> str | None:
    if options.view == "itemised":
        return None
    name, many = NETS[options.net].words.partition(":")[0], f"{steps} step{'s' if steps > 1 else ''}"
    way = "backward" if options.backward or options.view == "heat" else "forward"
    return f"{name}{f', {many}' if NETS[options.net].chunks else ''} — {way} pass"


def _path(options: argparse.Namespace) -> str:
    return options.out or f"{Path(options.net.rpartition(':')[0] or options.net).stem}.svg"


def _ready(target: Any, model: Any, options: argparse.Namespace) -> Any:
    """The target with the gradients that are asked for."""
    several = isinstance(target, (list, tuple))
    if options.view == "itemised" and (several or isinstance(target, mg.Tensor)):
        return itemise(list(target) if several else getattr(model, "losses", [target]), model)
    if not options.backward and options.view != "heat":
        return target
    if several:
        raise _Mistake("--backward and --view heat start from one loss, not from a list; --view itemised takes a list")
    return record(target, model) if isinstance(target, mg.Tensor) else target


# ---------------------------------------------------------------- the user's own file


def _own(options: argparse.Namespace) -> Any:
    """The variable of FILE.py:NAME, or what the function of that name returns."""
    file, _, name = options.net.rpartition(":")
    if not file:
        raise _Mistake(f"{options.net}: which variable or function? Write {options.net}:NAME")
    if options.steps is not None or options.truncate is not None:
        raise _Mistake("--steps and --truncate are for the ready nets; your own file says them itself")
    if not Path(file).is_file():
        raise _Mistake(f"there is no file {file}")
    with _inside(Path(file)) as path, mg.record():
        target = _value(path, name)
        if inspect.isroutine(target):
            target = _call(target, options.net)
    drawable = target if isinstance(target, (list, tuple)) and target else [target]
    if not all(isinstance(one, mg.Tensor) for one in drawable) and not isinstance(target, (Record, Itemised)):
        raise _Mistake(f"{options.net} is {_kind(target)}, not a Tensor, a list of Tensors, or a viz.Record")
    return target


def _value(path: Path, name: str) -> Any:
    values = runpy.run_path(str(path))
    if name not in values:
        raise _Mistake(f"{path.name} defines no {name!r}")
    return values[name]


def _kind(value: Any) -> str:
    return "None" if value is None else f"of type {type(value).__name__}"


def _call(function: Any, what: str) -> Any:
    try:
        inspect.signature(function).bind()
    except TypeError as error:
        raise _Mistake(f"{what} is called without arguments: {error}") from error
    return function()


@contextmanager
def _inside(path: Path) -> Iterator[Path]:
    """The folder of the file is the current one, and its modules can be imported; an error there is a _Refused."""
    before, path = Path.cwd(), path.resolve()
    os.chdir(path.parent)
    sys.path.insert(0, str(path.parent))
    try:
        yield path
    except _Mistake:
        raise
    except SystemExit as error:
        raise _Mistake(f"{path.name} ended the program (SystemExit) before there was something to draw") from error
    except Exception as error:
        raise _Refused from error
    finally:
        os.chdir(before)
        sys.path.remove(str(path.parent))


def _show_error(error: BaseException, options: argparse.Namespace) -> int:
    """An op that failed is drawn and said in one line; of any other error the frames of the user are shown."""
    theirs = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_theirs(frame.filename)]
    try:
        picture = draw_failed(error)
    except ValueError:
        text = ["Traceback (most recent call last):\n", *traceback.format_list(theirs)] if theirs else []
        print("".join([*text, *traceback.format_exception_only(error)]), end="", file=sys.stderr)
        return 1
    place = f"{Path(theirs[-1].filename).name}, line {theirs[-1].lineno}: " if theirs else ""
    print(f"viz: {place}{error}", file=sys.stderr)
    try:
        print(picture.save(_path(options)))
    except DrawError as unsaved:
        print(f"viz: {unsaved}", file=sys.stderr)
    return 1


def _is_theirs(file: str) -> bool:
    """Is it no file of minigrad, viz, or the way that runs the user's?"""
    return not file.startswith("<frozen") and file != runpy.__file__ and not set(HERE) & set(Path(file).parents)


if __name__ == "__main__":
    sys.exit(main())
