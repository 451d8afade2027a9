"""What every lesson shares: its flags, its output folder, `check`, pictures, tables and a progress bar.

A lesson calls `lesson = kit.begin("01")` at its top and `lesson.finish()` at its end. Imports minigrad; matplotlib and
rich only where they are used, because a lesson also works without them.
"""

from __future__ import annotations

import os
import sys

if "numpy" not in sys.modules:  # one thread: small matrices are faster so, and every run gives the same digits
    for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(_variable, "1")

import argparse
import contextlib
import html
import operator
import platform
import shlex
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from . import header
from .shell import add_flags, check_text, fail, write_json

try:
    import minigrad as mg
    from minigrad.data import Corpus, python_topics, text_file
except RuntimeError as error:  # MINIGRAD_BACKEND names what is not there: minigrad's message says what to type
    fail(error)

T = TypeVar("T")
FLAGS = "MINIGRAD_LESSON_FLAGS"  # read where there is no command line: notebooks and page builders
PAGES = "MINIGRAD_LESSON_PAGES"  # where pictures are published with the pages that play them: the way to `--out`
RELATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt, "==": operator.eq, "!=": operator.ne,
    "~=": lambda a, b: np.abs(a - b) <= 1e-6 * np.max(np.abs(b), initial=0.0),
}


def begin(number: str) -> Lesson:
    """Read the flags, seed every generator, make the output folder. `number` is the lesson's, as in its file name."""
    about = header.find()[number]
    in_shell = _is_script(about.path)
    words = sys.argv[1:] if in_shell else shlex.split(os.environ.get(FLAGS, ""))
    description = f"{about.number} {about.title}: {about.question} Claim: {about.claim}."
    epilog = f"Takes about {about.seconds} s, {about.fast_seconds} s with --fast. Exit code 1 when a check fails."
    parser = argparse.ArgumentParser(about.path.name, description=description, epilog=epilog)
    lesson = Lesson(about, add_flags(parser).parse_args(words), in_shell)
    print(f"{about.number} {about.title}: {about.question}")
    return lesson


class Lesson:
    """One run of one lesson.

    Attributes: `fast`, `seed`, `out` (Path of this lesson's folder), `text` (Path or None), `draw` (bool), `rng` (a
    NumPy generator seeded with `seed`; minigrad's own is seeded too), `about` (the header), `pictures` (name -> path of
    the SVG, of those that could be drawn).
    """

    def __init__(self, about: header.Header, flags: argparse.Namespace, in_shell: bool):
        self.about, self.fast, self.seed, self.draw = about, flags.fast, flags.seed, not flags.no_draw
        self.out, self.text, self.in_shell = flags.out / about.name, flags.text, in_shell
        self.encoding, self.max_chars = flags.encoding, flags.max_chars
        self.checks: list[dict[str, Any]] = []
        self.pictures: dict[str, Path] = {}
        self.started = time.perf_counter()
        check_text(self.text)
        mg.manual_seed(self.seed)
        self.rng = np.random.default_rng(self.seed)
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            self._write("running")
        except OSError as error:
            fail(f"cannot write to {self.out} ({error.strerror}): choose another folder with --out DIR")

    # -- values ---------------------------------------------------------------------------------------------------

    def pick(self, full: T, fast: T) -> T:
        """`full`, or `fast` under --fast: for sizes and thresholds that differ between the two modes."""
        return fast if self.fast else full

    def check(self, name: str, measured: Any, relation: str, required: Any) -> None:
        """Claim that `measured relation required` holds; say whether it does, and remember it for `finish`.

        Numbers, arrays of numbers and Tensors (each element must hold). Relations: <= >= < > == != and ~=, which allows
        a millionth of the largest required number. NaN fails whatever the relation.
        """
        if relation not in RELATIONS:
            raise ValueError(f"check {name!r}: relation {relation!r} is not one of {' '.join(RELATIONS)}")
        if any(done["name"] == name for done in self.checks):
            raise ValueError(f"check {name!r} was made already; every check has its own name")
        a, b = _host(measured), _host(required)
        fits = a.shape == b.shape or not (a.ndim and b.ndim)
        finite = not (np.isnan(a).any() or np.isnan(b).any())
        passed = bool(fits and finite and a.size and np.all(RELATIONS[relation](a, b)))
        self.checks.append({"name": name, "measured": _plain(a), "relation": relation, "required": _plain(b),
                            "passed": passed})
        print(f"{'  ok  ' if passed else 'FAILED'}  {name} = {_short(a)}  (required {relation} {_short(b)})")
        self._write("running")

    # -- things to look at ----------------------------------------------------------------------------------------

    def show(self, name: str, picture: Any) -> None:
        """Save what `viz.draw` returned as `name.svg` (and its `.dot`), and show it in a notebook.

        Nothing happens under --no-draw; without graphviz one line says what to install.
        """
        if not self.draw:
            return
        path = self.out / f"{name}.svg"
        try:
            picture.save(path)
        except (OSError, RuntimeError) as error:
            reason, *advice = str(error).splitlines()
            print(f"picture {name} skipped: {reason}{'; `python -m minigrad` says what to type' if advice else ''}")
            return
        self._shown(name, path, picture)

    def plot(self, name: str, draw: Callable[..., None], size: tuple[float, float] = (7, 4),
             **subplots: Any) -> None:
        """Call `draw(axes)` with matplotlib axes, save what it drew as `name.svg`, and show it in a notebook.

        `subplots` goes to `Figure.subplots`: with `ncols=2`, `draw` gets an array of two axes. Nothing happens under
        --no-draw; without matplotlib one line says what to install.
        """
        if not self.draw:
            return
        try:
            from matplotlib import rc_context
            from matplotlib.figure import Figure

            from viz.plots import STYLE, fit_titles
        except ImportError:
            print(f"picture {name} skipped: matplotlib is not installed (python -m pip install matplotlib)")
            return
        path = self.out / f"{name}.svg"
        with rc_context(STYLE):
            figure = Figure(figsize=size, layout="constrained")
            draw(figure.subplots(**subplots))
            fit_titles(figure)
            figure.savefig(path, metadata={"Date": None})
        self._shown(name, path)

    @staticmethod
    def table(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
        """Print rows under their column names, numbers right-aligned."""
        head, body = [str(c) for c in columns], [list(row) for row in rows]
        text = [[_cell(value) for value in row] for row in body]
        widths = [max(len(line[i]) for line in [head, *text]) for i in range(len(head))]
        right = [all(isinstance(row[i], (int, float, np.number)) for row in body) for i in range(len(head))]
        for line in [head, ["-" * w for w in widths], *text]:
            cells = [c.rjust(w) if r else c.ljust(w) for c, w, r in zip(line, widths, right, strict=True)]
            print("  ".join(cells).rstrip())

    def progress(self, steps: Iterable[T], label: str, total: int | None = None) -> Progress[T]:
        """Iterate over `steps` with a bar and the time left; see `Progress`."""
        return Progress(steps, label, total, bar=self.in_shell)

    # -- text to read ---------------------------------------------------------------------------------------------

    def corpus(self, window: int = 1) -> Corpus:
        """The learner's `--text`, which must be longer than `window`, or else Python's help texts. Prints its notes."""
        with self.user_input():
            corpus = text_file(self.text, self.encoding, self.max_chars, window) if self.text else python_topics()
        print("\n".join([f"{corpus.name}: {len(corpus.train)} characters to learn from, {len(corpus.valid)} held out",
                         *corpus.notes]))
        return corpus

    # -- the end --------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def user_input(self) -> Iterator[None]:
        """Inside this block an error is the user's (a text that is too short ...): one line, exit code 2."""
        try:
            yield
        except (OSError, ValueError) as error:
            if not self.in_shell:
                raise
            fail(error)

    def finish(self) -> None:
        """Say what came out, write result.json, and exit with status 1 if a check failed."""
        failed = [done["name"] for done in self.checks if not done["passed"]]
        self._write("failed" if failed or not self.checks else "passed")
        print(f"{len(self.checks) - len(failed)} of {len(self.checks)} checks passed, {self._seconds():.1f} s. "
              f"{'Pictures' if self.pictures else 'Results'} in {self.out}")
        if not failed and self.checks:
            return
        message = f"failed: {', '.join(failed)}" if failed else "a lesson without a check proves nothing"
        if not self.in_shell:
            raise AssertionError(message)
        print(message, file=sys.stderr)
        raise SystemExit(1)

    def _seconds(self) -> float:
        return time.perf_counter() - self.started

    def _shown(self, name: str, path: Path, picture: Any = None) -> None:
        self.pictures[name] = path
        self._write("running")
        if self.in_shell:
            print(f"picture {path}")
            return
        _display(path, picture)
        if os.environ.get(PAGES) and getattr(picture, "page", None):
            picture.save(path.with_suffix(".html"))
            _display_page(f"{os.environ[PAGES]}/{self.about.name}/{name}.html", name)

    def _write(self, status: str) -> None:
        write_json(self.out / "result.json", {
            "lesson": self.about.number, "title": self.about.title, "status": status, "fast": self.fast,
            "seed": self.seed, "seconds": round(self._seconds(), 2), "checks": self.checks,
            "pictures": [path.name for path in self.pictures.values()],
            "backend": mg.backend.name, "python": platform.python_version(), "numpy": np.__version__,
        })


class Progress(Iterator[T]):
    """Counts steps as you iterate: a bar with the time left on a terminal, elsewhere a line every two seconds.

        for step in (bar := lesson.progress(range(400), "training")):
            ...
            bar.note(loss=loss.item())
    """

    def __init__(self, steps: Iterable[T], label: str, total: int | None = None, bar: bool = True):
        self.steps, self.label = iter(steps), label
        self.total = total if total is not None else len(steps) if hasattr(steps, "__len__") else None
        self.done, self.text = -1, ""
        self.started = self.printed = time.perf_counter()
        self.bar = _rich_bar(label, self.total) if bar and sys.stdout.isatty() else None
        self.line = None if bar else _notebook_line()

    def note(self, **values: float) -> None:
        """Numbers to show beside the bar, for example the loss."""
        self.text = "  ".join(f"{name} {value:.4g}" for name, value in values.items())

    def __next__(self) -> T:
        self.done += 1
        self._report()
        try:
            return next(self.steps)
        except BaseException:
            if self.bar:
                self.bar.stop()
            if self.line:
                self.line("")
            raise

    def _say(self, text: str) -> None:
        if self.line:
            self.line(text)
        else:
            print(text, flush=True)

    def _report(self) -> None:
        if self.bar:
            self.bar.update(self.bar.task_ids[0], completed=self.done, note=self.text)
            return
        now = time.perf_counter()
        if now - self.printed >= 2:
            self.printed = now
            left = (now - self.started) / self.done * (self.total - self.done) if self.total and self.done else None
            of = f" of {self.total}" if self.total else ""
            time_left = f"  {left:.0f} s left" if left is not None else ""
            self._say(f"{self.label}: {self.done}{of}  {self.text}{time_left}")


def _is_script(path: Path) -> bool:
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    return main is not None and Path(main).resolve() == path


def _host(value: Any) -> np.ndarray:
    if isinstance(value, mg.Tensor):
        value = value.numpy()
    array = np.asarray(mg.backend.to_host(value) if hasattr(value, "shape") else value)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"a check compares numbers, not {value!r}")
    return array.astype(np.float64) if array.dtype.kind == "f" else array


def _plain(a: np.ndarray) -> Any:
    """Numbers and lists for JSON, which has no nan and inf: those become words."""
    if a.ndim:
        return [_plain(row) for row in a]
    return a.item() if np.isfinite(a) else str(a)


def _short(a: np.ndarray) -> str:
    """The array in one line: six digits a number, and no more than twelve numbers in a row."""
    if not a.ndim:
        return _cell(a.item())
    rows = [_short(row) for row in a[:12]] + ["..."] * (len(a) > 12)
    return f"[{', '.join(rows)}]"


def _cell(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, (float, np.floating)) else str(value)


def _rich_bar(label: str, total: int | None) -> Any:
    try:
        from rich import progress as rich
    except ImportError:
        return None
    bar = rich.Progress(rich.TextColumn(label), rich.BarColumn(), rich.MofNCompleteColumn(),
                        rich.TextColumn("{task.fields[note]}"), rich.TimeRemainingColumn(), transient=True)
    bar.add_task(label, total=total, note="")
    bar.start()
    return bar


def _notebook_line() -> Callable[[str], None] | None:
    """In a notebook: a line that can be written anew, so that a finished bar leaves nothing behind."""
    try:
        from IPython import get_ipython
        from IPython.display import HTML, display
    except ImportError:
        return None
    if get_ipython() is None:
        return None
    handle = display(HTML(""), display_id=True)
    return lambda text: handle.update(HTML(html.escape(text)))


def _display_page(link: str, name: str) -> None:
    """The page of a picture, folded away until somebody wants to play it."""
    from IPython.display import HTML, display

    frame = f'<iframe class="played" loading="lazy" src="{link}" title="{name}, step by step"></iframe>'
    display(HTML(f'<details class="play"><summary>Play this graph, step by step</summary>{frame}</details>'))


def _display(path: Path, picture: Any) -> None:
    try:
        from IPython.display import SVG, display
    except ImportError:
        return
    display(picture if hasattr(picture, "_repr_svg_") else SVG(filename=str(path)))
