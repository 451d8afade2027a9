"""Whether a text solves an exercise; if not, what is wrong, and which hint is about it. Imports NumPy.

The check cell of an exercise says how to ask. `cases(rng)` yields the arguments of one call after the other, made anew
each time. An answer is right when its results, and what it does to its arguments, equal those of the solution; or,
where many answers are right, when `judge(result, *args)` returns None and no complaint, which is words or (hint,
words). `SLIPS` lists wrong answers as (hint, words, old, new): the solution with `old` replaced by `new`. An answer
that behaves like a slip is told its words.
"""

from __future__ import annotations

import contextlib
import inspect
import runpy
import signal
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .exercise import Exercise

SECONDS = 5  # for one answer, all cases together
HAPPENED: dict[type[BaseException], str] = {
    SystemExit: "it ends Python here; an answer only returns",
    EOFError: "it asks with input(), and nobody is there to type; use the arguments",
    RecursionError: "the function calls itself without end",
    MemoryError: "it asks for more memory than an exercise may have",
}


@dataclass
class Verdict:
    """`state` is solved, todo (the hole is still there) or wrong; `hint` is the one to look at, if that is known."""

    state: str
    words: list[str]
    hint: int | None = None


class Complaint(Exception):
    """What is wrong with the learner's file, in words."""


class Late(BaseException):
    """The answer's time is over. No Exception, so that `except Exception` in the answer does not swallow it."""


@dataclass
class Outcome:
    """One call: its result, its arguments as they are afterwards, and the error if it raised one."""

    result: Any
    args: tuple
    error: Exception | None = None


def examine(exercise: Exercise, source: bytes, seed: int, file: str = "answer.py") -> Verdict:
    """The verdict on a learner's file with this content. `file` is its name, by which its lines are found in errors."""
    if source.decode("utf-8", "replace").strip() == exercise.shipped.strip():
        return Verdict("todo", [exercise.todo])
    author = runpy.run_path(str(exercise.path))
    wanted = _outcomes(author[exercise.function], author, seed)
    try:
        with time_limit(SECONDS):
            found = _outcomes(_defined(exercise, source, file), author, seed)
    except BaseException as error:  # the file is not ours: whatever it raises is an answer
        return _verdict_on(error, source, file)
    faults = _faults(exercise, author, found, wanted, seed)
    if not faults:
        return Verdict("solved", [])
    first, (hint, words) = next(iter(faults.items()))
    error = found[first].error
    if error and str(error).startswith("TODO"):
        return _verdict_on(error, source, file)
    args = list(author["cases"](np.random.default_rng(seed)))[first]
    called = _called(exercise, args, 8)
    called = called if len(called) < 160 else _called(exercise, args, 1)
    lines = [f"called with {called}:" if called else "called:", _told(error, source, file) if error else words]
    slip = _recognised(exercise, author, found, wanted, faults, seed)
    return Verdict("wrong", [*lines, slip[1]], slip[0]) if slip else Verdict("wrong", lines, hint)


def slip_text(exercise: Exercise, old: str, new: str) -> str:
    """The learner's file with one slip in it. Raises ValueError unless `old` stands in the solution once."""
    times = exercise.solution.count(old)
    if times != 1:
        raise ValueError(f"{exercise.name}: {old!r} stands {times} times in the solution, and not once")
    return exercise.answered(exercise.solution.replace(old, new))


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise Late in the block when it takes longer, where the system has such an alarm (Windows has not)."""

    def ring(*_: object) -> None:
        raise Late(f"it is still running after {seconds:g} s; does a loop never end?")

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# ---------------------------------------------------------------- asking


def _outcomes(f: Callable, author: dict[str, Any], seed: int) -> list[Outcome]:
    return [_call(f, args) for args in author["cases"](np.random.default_rng(seed))]


def _call(f: Callable, args: tuple) -> Outcome:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Outcome(f(*args), args)
    except Exception as error:
        return Outcome(None, args, error)


def _defined(exercise: Exercise, source: bytes, file: str) -> Callable:
    """The function of that name in the learner's file. Raises Complaint, and whatever the file raises."""
    content: dict[str, Any] = {"__name__": "answer", "__file__": file}
    exec(compile(source, file, "exec"), content)
    name, parameters = exercise.function, ", ".join(exercise.parameters)
    f = content.get(name)
    if not inspect.isroutine(f):
        raise Complaint(
            f"there is no `def {name}({parameters}):` in it. `reset {exercise.number}` brings it back; "
            "your file is kept beside it"
        )
    try:
        inspect.signature(f).bind(*exercise.parameters)
    except TypeError:
        raise Complaint(f"`def {name}{inspect.signature(f)}` should be `def {name}({parameters})`") from None
    return f


def _faults(
    exercise: Exercise, author: dict[str, Any], found: list[Outcome], wanted: list[Outcome], seed: int
) -> dict[int, tuple[int | None, str]]:
    """Which calls came out wrong: number -> (hint, words)."""
    cases = author["cases"](np.random.default_rng(seed))
    complaints = [_complaint(exercise, author, *call) for call in zip(found, wanted, cases)]
    return {number: complaint for number, complaint in enumerate(complaints) if complaint}


def _recognised(
    exercise: Exercise, author: dict[str, Any], found: list[Outcome], wanted: list[Outcome], faults: dict, seed: int
) -> tuple[int, str] | None:
    """(hint, words) of the slip most like the answer: alike in at least half of the calls that either gets wrong."""
    best, most = None, (0.5, -1)
    for hint, words, old, new in author["SLIPS"]:
        try:
            with time_limit(SECONDS):
                made = _outcomes(_defined(exercise, slip_text(exercise, old, new).encode(), "slip.py"), author, seed)
        except (Late, Complaint, SyntaxError):
            continue
        alike = [_likeness(found[number], made[number], wanted[number], "judge" in author) for number in faults]
        share, parts = map(sum, zip(*alike))
        if share / len(faults) < most[0]:  # spares asking what else the slip gets wrong
            continue
        share /= len(faults.keys() | _faults(exercise, author, made, wanted, seed).keys())
        if (share, parts) > most:
            best, most = (hint, words), (share, parts)
    return best


def _likeness(answer: Outcome, slip: Outcome, want: Outcome, judged: bool) -> tuple[float, int]:
    """Of what the slip spoils, results and changed arguments, the share that the answer spoils in the same way, and how
    many these are; so one of several mistakes is recognised."""
    if answer.error or slip.error:
        return (1, 1) if repr(answer.error) == repr(slip.error) else (0.6 * (type(answer.error) is type(slip.error)), 0)
    if judged:
        same = difference(answer.result, slip.result) is None
        return float(same), int(same)
    parts = zip(_parts(answer), _parts(slip), _parts(want))
    spoilt = [difference(ours, theirs) is None for ours, theirs, right in parts if difference(theirs, right)]
    return sum(spoilt) / max(len(spoilt), 1), sum(spoilt)


def _parts(outcome: Outcome) -> list[Any]:
    return [*(outcome.result if isinstance(outcome.result, tuple) else [outcome.result]), *outcome.args]


# ---------------------------------------------------------------- telling


def _called(exercise: Exercise, args: tuple, most: int) -> str:
    return ", ".join(f"{name} = {short(value, most)}" for name, value in zip(exercise.parameters, args))


def _complaint(
    exercise: Exercise, author: dict[str, Any], got: Outcome, want: Outcome, args: tuple
) -> tuple[int | None, str] | None:
    """(hint, words), or None if this call came out right."""
    if got.error:
        return None, str(got.error)
    if "judge" in author and got.result is not None:
        try:
            said = author["judge"](got.result, *args)
        except Exception:
            said = difference(got.result, want.result) or f"the result is {short(got.result)}"
        return (None, said) if isinstance(said, str) else said
    words = difference(got.result, want.result)
    changed = zip(exercise.parameters, got.args, want.args)
    words = words or next(filter(None, (difference(a, b, f"afterwards {name}") for name, a, b in changed)), None)
    return words and (None, words)


def _verdict_on(error: BaseException, source: bytes, file: str) -> Verdict:
    if isinstance(error, NotImplementedError) and str(error).startswith("TODO"):
        return Verdict("todo", [str(error)])
    return Verdict("wrong", [str(error) if isinstance(error, Complaint) else _told(error, source, file)])


def _told(error: BaseException, source: bytes, file: str) -> str:
    """What happened, and at which line of the learner's file."""
    lines = source.decode("utf-8", "replace").splitlines()
    frames = traceback.walk_tb(error.__traceback__)
    numbers = [number for frame, number in frames if frame.f_code.co_filename == file]
    if isinstance(error, SyntaxError) and error.filename == file:
        numbers = [error.lineno or 1]
    where = f"line {numbers[-1]}, `{lines[numbers[-1] - 1].strip()}`: " if numbers and numbers[-1] <= len(lines) else ""
    happened = next((words for kind, words in HAPPENED.items() if isinstance(error, kind)), None)
    if isinstance(error, Late):
        happened = str(error)
    return where + (happened or f"{type(error).__name__}: {error.msg if isinstance(error, SyntaxError) else error}")


def short(value: Any, most: int = 8) -> str:
    """The value in one line of reasonable length: of arrays, and of lists and the like, `most` numbers or parts."""
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "...")
    if isinstance(value, (list, tuple)) and len(value) <= most:
        inside = ", ".join(map(short, value))
        return f"[{inside}]" if isinstance(value, list) else f"({inside}{',' * (len(value) == 1)})"
    if isinstance(value, (list, tuple, dict, set)):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, np.ndarray) and value.ndim:
        return f"[{', '.join(map(short, value))}]" if value.size <= most else f"a {value.shape} array"
    if value is None or isinstance(value, (bool, np.bool_)):
        return str(value)
    if isinstance(value, (int, float, complex, np.number, np.ndarray)):
        return f"{value:.5g}" if np.ndim(value) == 0 and not isinstance(value, int) else str(value)
    return "a function" if callable(value) else f"a {type(value).__name__}"


def difference(got: Any, want: Any, name: str = "the result") -> str | None:
    """What distinguishes two values, in words, or None. Numbers may differ by a millionth of the largest."""
    if got is None and want is not None:
        return f"{name} is None; is a `return` missing?"
    if (b := _numbers(want)) is not None:
        a = _numbers(got, nested=True)
        return f"{name} is {short(got)}, it should be {short(want)}" if a is None else _unequal(a, b, name)
    if isinstance(want, (list, tuple)):
        if not isinstance(got, (list, tuple, np.ndarray)):
            return f"{name} is {short(got)}, it should be {short(want)}"
        if len(got) != len(want):
            return f"{name} has {len(got)} parts, it should have {len(want)}"
        parts = (difference(a, b, f"{name}[{i}]") for i, (a, b) in enumerate(zip(got, want)))
        return next(filter(None, parts), None)
    if isinstance(want, dict) and isinstance(got, dict) and got.keys() == want.keys():
        return next(filter(None, (difference(got[key], want[key], f"{name}[{key!r}]") for key in want)), None)
    if isinstance(want, (str, bytes, dict, type(None))) and (type(got) is not type(want) or got != want):
        return f"{name} is {short(got)}, it should be {short(want)}"
    return None  # nets, functions and the like cannot be compared


def _numbers(value: Any, nested: bool = False) -> np.ndarray | None:
    """The value as an array if it is a number, an array or a Tensor, or a list of numbers (`nested`: of lists)."""
    if isinstance(value, (list, tuple)):
        if not value or not (nested or all(isinstance(x, (int, float, np.number)) for x in value)):
            return None
    elif hasattr(value, "numpy"):
        value = value.numpy()
    try:
        array = np.asarray(value)
    except ValueError:  # ragged
        return None
    return array if array.dtype.kind in "biufc" else None


def _unequal(a: np.ndarray, b: np.ndarray, name: str) -> str | None:
    if a.shape != b.shape:
        return f"{name} has the shape {a.shape}, it should be {b.shape}"
    finite = np.abs(b[np.isfinite(b)])
    close = np.isclose(a, b, rtol=1e-9, atol=1e-6 * finite.max(initial=0.0), equal_nan=True)
    if close.all():
        return None
    if a.size <= 6:
        return f"{name} is {short(a)}, it should be {short(b)}"
    worst = tuple(int(i) for i in np.argwhere(~close)[0])
    return f"{name}{list(worst)} is {short(a[worst])}, it should be {short(b[worst])}"
