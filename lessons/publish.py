"""The course as a site, `python -m lessons site`: the lessons run as notebooks and become pages, beside the reference.

Puts the sources of a Sphinx project together (myst-nb runs the notebooks and keeps what they showed until a source
changes; lessons/site/ has its settings), builds it, and looks whether every link leads somewhere. Needs the packages
of the extra `site`.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import importlib.util
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from . import calibrate, header
from .header import Header
from .kit import FLAGS, PAGES
from .runner import ONE_THREAD
from .shell import fail

ROOT = header.FOLDER.parent
PARTS = {"01": "The engine and words", "06": "Recurrence", "16": "Gates and regularisation", "20": "Architectures"}
REFERENCE = {  # page -> what it documents
    "minigrad": ("The engine", ["minigrad.tensor", "minigrad.ops", "minigrad.graph", "minigrad.backend"]),
    "recurrent": ("Equations and loops", ["minigrad.recurrent"]),
    "nn": ("Layers and models", ["minigrad.nn"]),
    "training": ("Training", ["minigrad.optim", "minigrad.regularize", "minigrad.train", "minigrad.checkpoint"]),
    "data": ("Data", ["minigrad.data"]),
    "text": ("Language models", ["minigrad.text"]),
    "checking": ("Checking and diagnosis", ["minigrad.check", "minigrad.diagnose", "minigrad.errors"]),
    "viz": ("Drawing", ["viz"]),
}
FIRST_PICTURE = re.compile(r'lesson\.(?:show|plot)\("(\w+)"')


def run(lessons: list[Header], args: argparse.Namespace) -> int:
    """Build the site into `args.out`. Returns 0, or 1 when a lesson failed, Sphinx warned, or a link leads nowhere."""
    _require()
    out = args.out.resolve()
    source, html = out / "source", out / "html"
    for folder in (source, html):
        shutil.rmtree(folder, ignore_errors=True)
    assemble(source, out / "results", lessons)
    flags = ["--out", "../../results", *["--fast"] * args.fast]
    environment = {**os.environ, **ONE_THREAD, FLAGS: shlex.join(flags), PAGES: "../results", "PYTHONHASHSEED": "0",
                   "PYTHONPATH": header.search_path(), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    words = ["-b", "html", "-j", str(args.jobs), "--fail-on-warning", "--keep-going", "--show-traceback", "-q"]
    mode = "fast" if args.fast else "full"
    print(f"{len(lessons)} lessons, {mode} mode; those that have not changed are not run again", flush=True)
    done = subprocess.run([sys.executable, "-m", "sphinx", *words, str(source), str(html)], env=environment)
    if done.returncode:
        return 1
    shutil.copytree(out / "results", html / "results", dirs_exist_ok=True)
    lost = sorted(dead_links(html))
    print("\n".join([*lost, f"{html / 'index.html'}: {len(lost)} links lead nowhere"]))
    return 1 if lost else 0


# ---- the sources


def assemble(source: Path, results: Path, lessons: list[Header]) -> None:
    """All that Sphinx reads, in a new folder."""
    shutil.copytree(header.FOLDER / "site", source)
    digest = _digest()
    for folder in (source / "lessons", source / "files", source / "api", results):
        folder.mkdir(parents=True, exist_ok=True)
    for about in lessons:
        shutil.copy(about.path, source / "files")
        write_notebook(about, {each.number: each.name for each in lessons}, source, digest)
    for name, (title, modules) in REFERENCE.items():
        (source / "api" / f"{name}.rst").write_text("\n".join(_reference(title, modules)), encoding="utf-8")
    shutil.copytree(header.FOLDER / "pictures", source / "pictures")
    shutil.copy(ROOT / "minigrad" / "README.md", source / "architecture.md")
    for name, page in (("README", "course"), ("NAMES", "NAMES"), ("COVERAGE", "COVERAGE")):
        text = (header.FOLDER / f"{name}.md").read_text(encoding="utf-8")
        (source / f"{page}.md").write_text(_linked(text, lessons), encoding="utf-8")
    (source / "index.md").write_text("\n".join(_index(lessons)), encoding="utf-8")


def _linked(text: str, lessons: list[Header]) -> str:
    """Links to scripts become links to the pages of these lessons; to others there is none."""
    pages = {about.path.name: f"lessons/{about.name}.ipynb" for about in lessons}
    return re.sub(
        r"\[([^]]*)]\((\d\d_\w+\.py)\)", lambda m: f"[{m[1]}]({pages[m[2]]})" if m[2] in pages else m[1], text
    )


def write_notebook(about: Header, names: dict[str, str], source: Path, digest: str) -> None:
    """The lesson's page, and the notebook to take along: the script as it is, without results."""
    import jupytext
    import nbformat

    notebook = jupytext.read(about.path, fmt="py:percent")
    jupytext.write(notebook, source / "files" / f"{about.name}.ipynb", fmt="ipynb")
    title, _, prose = notebook.cells[1].source.partition("\n")
    notebook.cells[0] = nbformat.v4.new_code_cell(f"# {digest}", metadata={"tags": ["remove-cell"]})
    notebook.cells[1].source = "\n".join([title, "", *_facts(about, names), "", prose])
    shown = "from lessons.publish import checked\n\nchecked(lesson)"
    notebook.cells += [nbformat.v4.new_markdown_cell("## What the checks measured"),
                       nbformat.v4.new_code_cell(shown, metadata={"tags": ["remove-input"]})]
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    jupytext.write(notebook, source / "lessons" / f"{about.name}.ipynb", fmt="ipynb")


def checked(lesson: Any) -> Any:
    """The checks of a run, each with its spread over the seeds with which it was calibrated; for the page's end."""
    from IPython.display import Markdown

    stored = calibrate.read(lesson.about).get("fast" if lesson.fast else "full", {"seeds": 0, "checks": {}})
    lines = [f"| check | measured | required | min, median, max over {stored['seeds']} seeds |", "|---|---|---|---|"]
    for each in lesson.checks:
        row = stored["checks"].get(each["name"])
        spread = f"{row['min']:.4g}, {row['median']:.4g}, {row['max']:.4g}" if row else ""
        measured, required = _few(each["measured"]), f"{each['relation']} {_few(each['required'])}"
        lines.append(f"| `{each['name']}` | {measured} | {required} | {spread} |")
    mode = "fast" if lesson.fast else "full"
    return Markdown("\n".join([*lines, "", f"This page shows a run in {mode} mode with seed {lesson.seed}."]))


def _few(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_few(part) for part in value[:4])}{', ...' if len(value) > 4 else ''}]"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _facts(about: Header, names: dict[str, str]) -> list[str]:
    """The header of the lesson as a small table."""
    needs = ", ".join(f"[{n}]({names[n]}.ipynb)" if n in names else n for n in about.needs) or "nothing"
    name = about.name
    return [
        "| | |", "|---|---|",
        f"| **question** | {about.question} |",
        f"| **claim** | {about.claim} |",
        f"| **needs** | {needs} |",
        f"| **takes** | about {about.seconds} s, {about.fast_seconds} s with `--fast` |",
        f"| **to take along** | {{download}}`script <../files/{name}.py>`, "
        f"{{download}}`notebook <../files/{name}.ipynb>`, `python lessons/{name}.py` |",
    ]  # fmt: skip


def _index(lessons: list[Header]) -> Iterator[str]:
    """The front page: what the README begins with, then a card for each lesson."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    yield readme.split("\n## ", 1)[0].replace("lessons/pictures/", "pictures/")
    starts = [about.number for about in lessons if about.number in PARTS]
    for start, end in zip(starts, [*starts[1:], None]):
        part = [about for about in lessons if start <= about.number and (end is None or about.number < end)]
        yield from ["", f"## {PARTS[start]}", "", "::::{grid} 1 2 2 3", ":gutter: 3", ""]
        for about in part:
            yield from _card(about)
        yield "::::"
    yield from _contents("Lessons", [f"lessons/{about.name}" for about in lessons])
    yield from _contents("About", ["course", "NAMES", "COVERAGE", "architecture"])
    yield from _contents("Reference", [f"api/{name}" for name in REFERENCE])


def _card(about: Header) -> Iterator[str]:
    picture = FIRST_PICTURE.search(about.path.read_text(encoding="utf-8"))
    yield from [f":::{{grid-item-card}} {about.number} {about.title}", f":link: lessons/{about.name}",
                ":link-type: doc", ""]
    if picture:
        yield f'<img class="thumbnail" loading="lazy" alt="" src="results/{about.name}/{picture[1]}.svg">'
    yield from ["", about.question, "", "```{card-footer}", f"about {about.seconds} s", "```", ":::", ""]


def _contents(caption: str, pages: list[str]) -> list[str]:
    return ["", "```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```"]


def _reference(title: str, modules: list[str]) -> Iterator[str]:
    """A page with everything that these modules offer."""
    yield from [title, "=" * len(title), ""]
    for name in modules:
        module = importlib.import_module(name)
        yield from [f"``{name}``", "-" * (len(name) + 4), "", f".. py:module:: {name}", ""]
        yield from [f"{(module.__doc__ or '').strip().splitlines()[0].replace('`', '``')}", ""]
        for member in module.__all__:
            kind, *options = _kind(getattr(module, member))
            yield from [f".. auto{kind}:: {name}.{member}", *options, ""]


def _kind(value: Any) -> tuple[str, ...]:
    """The directive that documents it, and its options."""
    if isinstance(value, type):
        return ("exception" if issubclass(value, BaseException) else "class", "   :members:")
    return ("function",) if callable(value) else ("data", "   :no-value:")


def _digest() -> str:
    """Of everything that a lesson runs on: when it changes, the lessons are run again."""
    found = hashlib.sha256(f"{platform.python_version()}".encode())
    for folder in ("minigrad", "viz", "lessons"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path.name[0] not in "0123456789":
                found.update(path.read_bytes())
    return found.hexdigest()


def _require() -> None:
    for package in ("sphinx", "myst_nb", "furo", "sphinx_design", "jupytext"):
        if importlib.util.find_spec(package) is None:
            fail(f"the site needs {package}: type `make site`, which installs what it needs")


# ---- links


class _Links(HTMLParser):
    """The links of a page, and the names that one can link to."""

    def __init__(self, text: str):
        super().__init__()
        self.links: list[str] = []
        self.names: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src", "data-src") and value:
                self.links.append(value)
            if name in ("id", "name") and value:
                self.names.add(value)


def dead_links(html: Path) -> Iterator[str]:
    """Every link of the built pages that leads to no file, or to no place in one. Others are not tried."""
    pages = {path: _Links(path.read_text(encoding="utf-8")) for path in html.rglob("*.html")}
    for path, page in pages.items():
        for link in dict.fromkeys(page.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            known = pages.get(target)
            if not target.exists() or (parts.fragment and known and unquote(parts.fragment) not in known.names):
                yield f"{path.relative_to(html)}: {link}"
