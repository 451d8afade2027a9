"""An exercise is one file of `exercises/`, `NN_K_name.py`: this reads it and takes it apart.

    \"\"\"NN.K Title, then the task; at the end three hints, each beginning `1. `, `2. `, `3. ` at the left edge\"\"\"
    # %% task       what the learner gets: imports, and a function with a hole
    # %% solution   the same function as it should be
    # %% check      cases(rng), perhaps judge(result, *args), and SLIPS; see examine.py

Uses the standard library only.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from .header import FOLDER

EXERCISES = FOLDER / "exercises"
CELLS = ["task", "solution", "check"]


@dataclass(frozen=True)
class Exercise:
    """One exercise: its number (`08.1`), title, words and hints; its task and solution cells; what its hole
    says; and the function to be written, the first of the solution, with its parameters."""

    path: Path
    number: str
    title: str
    words: str
    hints: tuple[str, ...]
    task: str
    solution: str
    todo: str
    function: str
    parameters: tuple[str, ...]

    @property
    def name(self) -> str:
        """What the file is called, here and in the learner's folder."""
        return self.path.name

    @property
    def shipped(self) -> str:
        """The file that the learner gets."""
        commands = f"python -m lessons check {self.number}     python -m lessons hint {self.number}"
        return f'"""{self.number} {self.title}\n\n{self.words}\n\n{commands}\n"""\n\n{self.task}'

    def answered(self, solution: str) -> str:
        """The learner's file with this text in the place of the hole: later definitions win."""
        return f"{self.task}\n\n{solution}"


def read(path: Path) -> Exercise:
    """The exercise at `path`. Raises ValueError, naming the file, when a part is missing."""
    text = path.read_text(encoding="utf-8")
    head, *cells = re.split(r"^# %% (\w+)\n", text, flags=re.MULTILINE)
    if cells[::2] != CELLS:
        raise ValueError(f"{path.name}: an exercise has the cells {', '.join(CELLS)}, in this order")
    title, _, body = (ast.get_docstring(ast.parse(head)) or "").partition("\n")
    words, *hints = re.split(r"^\d\. ", body, flags=re.MULTILINE)
    number, _, title = title.partition(" ")
    if number != path.name[:4].replace("_", ".") or not title or not words.strip() or len(hints) != 3:
        raise ValueError(f"{path.name}: its docstring is 'NN.K Title' as in the file's name, the task and three hints")
    task, solution, _ = (cell.strip() + "\n" for cell in cells[1::2])
    holes = re.findall(r'NotImplementedError\("(TODO .*)"\)', task)
    wanted = next((node for node in ast.parse(solution).body if isinstance(node, ast.FunctionDef)), None)
    if len(holes) != 1 or not holes[0].startswith(f"TODO {number}: ") or wanted is None:
        raise ValueError(f"{path.name}: its task has one hole, TODO {number}: ..., and its solution a function")
    return Exercise(
        path, number, title, words.strip(), tuple(" ".join(hint.split()) for hint in hints), task, solution,
        holes[0], wanted.name, tuple(parameter.arg for parameter in wanted.args.args),
    )  # fmt: skip


def find() -> dict[str, Exercise]:
    """Every exercise by its number, in order."""
    return {(found := read(path)).number: found for path in sorted(EXERCISES.glob("[0-9][0-9]_[0-9]_*.py"))}
