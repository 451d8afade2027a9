"""DOT text to PNG and PDF by graphviz, and the Picture that draw() returns. The .dot file is written first, so that a
missing or slow program never loses the result. Imports scene, dot and svg."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from .dot import to_dot
from .scene import Scene
from .svg import sides, to_svg

__all__ = ["DrawError", "Picture", "render"]

FORMATS = ("svg", "png", "pdf", "html", "dot")
SECONDS = 60
MOST_PIXELS = 32_767  # a side of a PNG; cairo refuses more
PNG_DPI = 144

INSTALL = """install graphviz to get PNG and PDF:
  Debian, Ubuntu   sudo apt install graphviz
  Fedora           sudo dnf install graphviz
  macOS            brew install graphviz
  Windows          winget install graphviz
  conda            conda install -c conda-forge graphviz"""


class DrawError(RuntimeError):
    """A picture could not be drawn or saved; says where the DOT text is, and what to do."""


class Picture:
    """A drawn graph. dot: the DOT text. save("x.svg") writes .svg, .png, .pdf, .html or .dot; a notebook shows it.

    Made of a scene, whose SVG needs no program; or of DOT text that graphviz's `dot` lays out, where `spare` gives the
    scene for SVG if that program is missing. page: gives the HTML page that plays the graph.
    """

    def __init__(
        self, drawn: Scene | str, title: str = "", spare: Callable[[], Scene] | None = None,
        page: Callable[[], str] | None = None,
    ):  # fmt: skip
        self.scene = drawn if isinstance(drawn, Scene) else None
        self.drawn, self.title, self.spare, self.page = drawn, title, spare, page

    @cached_property
    def dot(self) -> str:
        """The DOT text."""
        return to_dot(self.drawn) if isinstance(self.drawn, Scene) else self.drawn

    def save(self, path: str | Path) -> Path:
        """Writes the picture, and the DOT text beside it; .html is the page that plays the graph.

        Raises DrawError for another suffix, a folder that cannot be written, a file of that name that is no picture
        of ours, a missing or failing graphviz.
        """
        path = Path(path)
        suffix = path.suffix.lower().lstrip(".")
        if suffix not in FORMATS:
            raise DrawError(f"{path.name}: the suffix must be one of {', '.join('.' + f for f in FORMATS)}")
        source = path.with_suffix(".dot")
        _keep_foreign(path, source)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            source.write_text(self.dot, encoding="utf-8", newline="\n")
        except OSError as error:
            raise DrawError(f"cannot write {source}: {error.strerror or error}; choose another folder") from error
        if suffix == "dot":
            return path
        image = self._image(suffix, source)
        try:
            path.write_bytes(image)
        except OSError as error:
            raise DrawError(f"cannot write {path}: {error.strerror or error}; the DOT text is in {source}") from error
        return path

    def _image(self, suffix: str, source: Path) -> bytes:
        if suffix == "html":
            if self.page is None:
                raise DrawError(f"a page plays one graph, which this picture is not; the DOT text is in {source}")
            return self.page().encode("utf-8", errors="replace")
        if suffix == "svg":
            return self.svg(source).encode("utf-8")
        if self.scene is None:
            return render(self.dot, suffix, "dot", saved=source)
        pixels = round(max(sides(self.scene)) * PNG_DPI / 72)
        if suffix == "png" and pixels > MOST_PIXELS:
            raise DrawError(
                f"a PNG of {pixels} pixels is too large for graphviz (at most {MOST_PIXELS} a side); "
                "save it as .svg, or draw fewer steps"
            )
        return render(self.dot, suffix, "neato", saved=source)

    def svg(self, saved: Path | None = None) -> str:
        """The picture as SVG text, without an XML header, fit for a web page. saved: where the DOT text already is."""
        scene = self.scene
        if scene is None and self.spare is not None and shutil.which("dot") is None:
            scene = self.spare()
        if scene is not None:
            return to_svg(scene)
        text = render(self.dot, "svg", "dot", saved).decode("utf-8")
        return text[text.index("<svg") :]

    def without_ground(self) -> Picture:
        """The same picture, transparent where it is white and empty."""
        if self.scene is not None:
            return Picture(replace(self.scene, transparent=True), self.title, page=self.page)
        text = self.dot.replace('bgcolor="#FFFFFF"', 'bgcolor="transparent"', 1)
        return Picture(text, self.title, lambda: replace(self.spare(), transparent=True), self.page)

    def _repr_svg_(self) -> str | None:
        try:
            return self.svg()
        except DrawError:
            return None

    def _repr_html_(self) -> str:
        try:
            return f'<div style="max-width:100%;overflow-x:auto;background:#fff">{self.svg()}</div>'
        except DrawError as error:
            return f"<pre>{_escaped(str(error))}</pre>"

    def __repr__(self) -> str:
        return f"<Picture {self.title!r}: .save('name.svg'), .dot>"


def _keep_foreign(path: Path, source: Path) -> None:
    """Raises DrawError where a file would be lost that was not drawn here; DOT text beside a picture is its sign."""
    sign = b"digraph minigrad"
    ours = source.is_file() and source.read_bytes()[: len(sign)] == sign
    for file in (source, path):
        if not ours and file.is_file() and file.stat().st_size:
            raise DrawError(
                f"{file} is there already, and no {source.name} says that it was drawn by minigrad; "
                "choose another name, or delete it"
            )


def render(dot: str, suffix: str, engine: str = "neato", saved: Path | None = None, seconds: float = SECONDS) -> bytes:
    """Runs graphviz on DOT text; engine "neato" takes the positions as they are. saved: where the text already is,
    for the error.

    Raises DrawError if the program is missing, fails, or needs longer than `seconds` (it is killed then).
    """
    program = shutil.which(engine)
    kept = saved or _keep(dot)
    if program is None:
        raise DrawError(f"the program `{engine}` of graphviz is not here. The DOT text is saved in {kept}\n{INSTALL}")
    command = [
        program,
        *(["-n2"] if engine == "neato" else []),
        f"-T{suffix}",
        *([f"-Gdpi={PNG_DPI}"] if suffix == "png" else []),
    ]
    try:
        done = subprocess.run(command, input=dot.encode("utf-8"), capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as error:
        raise DrawError(
            f"{engine} needed longer than {seconds:g} s and was stopped. The DOT text is saved in {kept}"
        ) from error
    except OSError as error:
        raise DrawError(f"{engine} could not be started: {error}. The DOT text is saved in {kept}") from error
    if done.returncode or not done.stdout:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise DrawError(f"{engine} failed: {words[0] if words else 'no message'}. The DOT text is saved in {kept}")
    if saved is None:
        kept.unlink(missing_ok=True)
    return done.stdout


def _keep(dot: str) -> Path:
    """A file for DOT text that was given no name."""
    with tempfile.NamedTemporaryFile(
        "w", suffix=".dot", prefix="minigrad-", delete=False, encoding="utf-8", newline="\n"
    ) as file:
        file.write(dot)
    return Path(file.name)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
