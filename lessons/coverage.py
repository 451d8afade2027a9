"""Which lesson covers what of the lectures behind this course, `python -m lessons coverage`: reads the `items:` of the
headers and writes COVERAGE.md. Imports the standard library only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .header import FOLDER, Header

PAGE = FOLDER / "COVERAGE.md"
SECTIONS = {
    "A": "Why sequences: kinds of data, shapes of tasks", "B": "Tensors, graphs, words of the frameworks",
    "C": "Recurrent equations", "D": "Properties and theory", "E": "Training",
    "F": "Vanishing and exploding gradients, and remedies", "G": "Gated cells", "H": "Architectures",
    "I": "Language models", "J": "Representations of words", "K": "Decoding and translation", "L": "Practical advice",
    "M": "Code and demonstrations", "O": "Drawings", "R": "Mistakes on the slides, and what is true",
}  # fmt: skip


def page(lessons: Iterable[Header]) -> str:
    """COVERAGE.md as it should be."""
    return "\n".join([*_lines(list(lessons)), ""])


def _lines(lessons: list[Header]) -> Iterator[str]:
    covered: dict[str, list[Header]] = {}
    for about in lessons:
        for item in about.items:
            covered.setdefault(item, []).append(about)
    yield from ["# What the lessons cover", "",
                "Every topic of the lectures behind this course has an id, and every lesson names in its header those",
                "that it covers. `python -m lessons coverage` makes this page from the headers.", ""]  # fmt: skip
    for letter, title in SECTIONS.items():
        items = sorted((item for item in covered if item[0] == letter), key=lambda item: int(item[1:]))
        if items:
            yield from [f"## {letter}. {title}", "", "| id | lessons |", "|---|---|"]
            for item in items:
                links = ", ".join(f"[{about.number} {about.title}]({about.path.name})" for about in covered[item])
                yield f"| {item} | {links} |"
            yield ""
