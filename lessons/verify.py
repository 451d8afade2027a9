"""Whether the exercises are what they promise, `python -m lessons verify`: as shipped each fails with its own TODO, its
solution passes, and every slip is turned away with its own words and hint. Imports examine.py, and so NumPy.

All in one process, because these texts are ours; what learners write is examined apart, see isolate.py.
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from .examine import Verdict, examine, slip_text
from .exercise import Exercise, find
from .learner import choose

SEEDS = (0, 1)
LEAST = 6  # slips an exercise
USUAL = {  # what happens in every exercise, and a word of what is said to it
    "pass": "return` missing",
    "return print": "the result is a function",
    "return 'wrong'": "'wrong'",
    "return 1 / 0": "ZeroDivisionError",
    "raise SystemExit": "ends Python",
    "return input()": "input()",
}


@dataclass
class Result:
    """What became of one exercise: how many wrong answers were tried, how many got their own hint, and complaints."""

    exercise: Exercise
    tried: int = 0
    hinted: int = 0
    complaints: list[str] = field(default_factory=list)


def verify(each: Exercise) -> Result:
    """Try the file as shipped, the solution, every slip and the usual accidents."""
    result = Result(each)

    def expect(what: str, holds: bool) -> None:
        if not holds:
            result.complaints.append(what)

    author = runpy.run_path(str(each.path))
    slips, judged = author["SLIPS"], "judge" in author
    expect(f"{len(slips)} slips, fewer than {LEAST}", len(slips) >= LEAST)
    shipped = [examine(each, text.encode(), 0) for text in (each.shipped, f"{each.shipped}# and saved once")]
    expect(f"as shipped: {shipped}", shipped[0] == Verdict("todo", [each.todo]) and shipped[1].state != "solved")
    for seed in SEEDS:
        verdict = examine(each, each.answered(each.solution).encode(), seed)
        expect(f"the solution, seed {seed}: {verdict}", verdict.state == "solved")
    for hint, words, old, new in slips:
        result.tried += 1
        verdicts = [examine(each, slip_text(each, old, new).encode(), seed) for seed in SEEDS]
        ours = [verdict == Verdict("wrong", verdict.words[:2] + [words], hint) for verdict in verdicts]
        expect(f"{old!r} -> {new!r}: {next((v for v, ok in zip(verdicts, ours) if not ok), '')}", all(ours))
        result.hinted += all(ours)
    for body, said in USUAL.items():
        text = f"def {each.function}({', '.join(each.parameters)}):\n    {body}\n"
        verdict = examine(each, each.answered(text).encode(), 0)
        expect(f"{body}: {verdict}", verdict.state == "wrong" and (said in " ".join(verdict.words) or judged))
    verdict = examine(each, b"", 0)
    expect(f"empty: {verdict}", verdict.state == "wrong" and f"no `def {each.function}" in verdict.words[0])
    return result


def main(words: Sequence[str] = ()) -> int:
    """Verify the exercises that the words name, or all, and print a table; 1 if there is a complaint."""
    known, results = find(), []
    for each in choose(known, words) if words else known.values():
        results.append(result := verify(each))
        print(
            f"{each.number}  {each.title[:60]:<60}  {result.hinted:>3} of {result.tried:>3} wrong answers"
            f"  {'FAILED' if result.complaints else 'ok'}",
            flush=True,
        )
        for complaint in result.complaints:
            print(f"      {complaint}")
    hinted, tried = sum(result.hinted for result in results), sum(result.tried for result in results)
    print(f"\n{len(results)} exercises; {hinted} of {tried} wrong answers were turned away with their own hint")
    return 1 if any(result.complaints for result in results) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
