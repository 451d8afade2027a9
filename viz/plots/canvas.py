"""What all plots share: style and colours, a figure that saves itself, numbers and tokens from whatever holds them.
matplotlib is an extra, so it is imported where it is used. Imports theme, scene and render."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy

from .. import theme
from ..render import DrawError
from ..scene import Span

__all__ = [
    "BLUES", "SIGNED", "STYLE", "Plot", "color_map", "fit_titles", "label_tokens", "legend_beside", "numbers",
    "plotted", "room_of", "told_apart", "width_of",
]  # fmt: skip

SIZE, DPI = (6.4, 3.6), 200  # 1280 x 720, a slide; so few inches keep the text legible at 320 x 180
STYLE = {
    "svg.hashsalt": "minigrad", "svg.fonttype": "path", "font.size": 11, "axes.spines.top": False,
    "axes.spines.right": False, "axes.titlesize": 13, "axes.titleweight": "bold", "axes.titlelocation": "left",
    "axes.labelcolor": theme.INK, "axes.titlecolor": theme.INK, "xtick.labelcolor": theme.INK,
    "ytick.labelcolor": theme.INK, "legend.frameon": False, "legend.fontsize": 10, "figure.facecolor": "white",
    "savefig.facecolor": "white",
}  # fmt: skip
UNDATED: dict[str, dict] = {"svg": {"Date": None}, "png": {"Software": None}, "pdf": {"CreationDate": None}}
COLORS = (theme.CELL, theme.CUT, theme.PARAMETER, theme.HIDDEN, theme.INK, "#E69F00", "#56B4E9")  # Okabe and Ito
SHAPES = "osD^vP<"
BLUES = ("#FFFFFF", theme.FILLS["input"], theme.CELL, "#00304A")  # of values from 0 to 1; the ramp is for gradients
SIGNED = ("#FFFFFF", theme.FILLS["squash"], theme.CUT, "#5A2600")  # of values from 0 to -1
TOKEN, SMALLEST = 11.0, 4.0  # points: tokens that would be smaller are left out


class Plot:
    """A plot that was drawn: save("x.svg") writes it, a notebook shows it. figure, axes: matplotlib's, for changes."""

    def __init__(self, axes: Any):
        self.axes, self.figure = axes, axes.figure

    def save(self, path: str | Path) -> Path:
        """Writes .svg, .png or .pdf, the same bytes every time. Raises DrawError for another suffix, and for a folder
        that cannot be written."""
        path = Path(path)
        suffix = path.suffix.lower().lstrip(".")
        if suffix not in UNDATED:
            raise DrawError(f"{path.name}: the suffix must be one of {', '.join('.' + f for f in UNDATED)}")
        image = self._image(suffix)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(image)
        except OSError as error:
            raise DrawError(f"cannot write {path}: {error.strerror or error}; choose another folder") from error
        return path

    def _image(self, suffix: str) -> bytes:
        from matplotlib import rc_context

        image = io.BytesIO()
        with rc_context(STYLE):
            self.figure.savefig(image, format=suffix, dpi=DPI, metadata=UNDATED[suffix])
        return image.getvalue()

    def _repr_svg_(self) -> str:
        return self._image("svg").decode("utf-8")


def plotted(
    draw: Callable[[Any], None], axes: Any, title: str, to: str | Path | None, projection: str | None = None
) -> Any:
    """Calls draw(axes) on the axes given, and returns them; without any on those of a new Plot. to: a file for the
    whole figure. Raises DrawError where matplotlib is missing, TypeError for what is no axes."""
    if axes is not None and not hasattr(axes, "transData"):
        raise TypeError(f"axes must be one matplotlib Axes, not {type(axes).__name__}")
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError as error:
        raise DrawError("plots need matplotlib, which is not installed: python -m pip install matplotlib") from error
    if axes is not None:
        _drawn(draw, axes, title)
        if to is not None:
            Plot(axes).save(to)
        return axes
    with rc_context(STYLE):
        figure = Figure(SIZE, layout="constrained")
        figure.get_layout_engine().set(w_pad=0.1, h_pad=0.1)
        plot = Plot(figure.add_subplot(projection=projection))
        _drawn(draw, plot.axes, title)
        fit_titles(plot.figure)  # finds the layout once, so that every save is the same
        plot.figure.set_layout_engine("none")
    if to is not None:
        plot.save(to)
    return plot


def _drawn(draw: Callable[[Any], None], axes: Any, title: str) -> None:
    if title:
        axes.set_title(title)
    draw(axes)


def fit_titles(figure: Any) -> None:
    """Makes titles smaller that would be cut off, or would run into the axes beside them, and lays the figure out."""
    for _ in range(3):  # without the long title the axes move
        figure.draw_without_rendering()
        if not sum(_fits_better(figure, axes) for axes in figure.axes):
            break


def _fits_better(figure: Any, axes: Any) -> bool:
    """Was a title of the axes too long?"""
    from matplotlib.text import Text

    frames = [other.get_window_extent() for other in figure.axes]
    right = min([figure.bbox.x1, *[frame.x0 for frame in frames if frame.x0 > axes.get_window_extent().x1]])
    found = False
    for text in axes.findobj(Text):
        if text.get_text() and text.get_text() in (axes.get_title(), axes.get_title("left")):
            box = text.get_window_extent()
            share = (right - max(box.x0, 0)) / box.width
            if share < 1:
                found = True
                text.set_fontsize(0.95 * share * text.get_fontsize())  # letters do not shrink quite evenly
    return found


def numbers(value: Any, what: str, *layouts: str, finite: bool = True) -> numpy.ndarray:
    """value as float64 on the host, of an array or Tensor. layouts: the shapes it may have, as in "(T, H)". Raises
    TypeError for what holds no real numbers, ValueError for another number of axes, and unless all are finite."""
    if hasattr(value, "numpy"):
        value = value.numpy()
    elif hasattr(value, "get") and hasattr(value, "dtype"):  # on a GPU
        value = value.get()
    try:
        array = numpy.asarray(value)
    except ValueError:
        array = numpy.empty(0, dtype=object)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{what}: expected numbers {' or '.join(layouts)}, got {type(value).__name__}")
    if array.ndim not in [len(layout.strip("()").rstrip(",").split(",")) for layout in layouts] or not array.size:
        raise ValueError(f"{what}: expected {' or '.join(layouts)}, got shape {array.shape}")
    if finite and not numpy.isfinite(array).all():
        raise ValueError(f"{what}: expected finite numbers, got nan or inf among them")
    return array.astype(numpy.float64)


def told_apart(named: Mapping[str, Any], what: str) -> list[tuple[str, Any, str, str]]:
    """(name, value, colour, marker) of each. Raises ValueError for more than there are colours."""
    if len(named) > len(COLORS):
        raise ValueError(f"{what}: at most {len(COLORS)} can be told apart, got {len(named)}")
    return [(name, value, color, shape) for (name, value), color, shape in zip(named.items(), COLORS, SHAPES)]


def color_map(colors: Sequence[str]) -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("minigrad", list(colors))


def visible(tokens: Sequence[Any]) -> list[str]:
    """Tokens as text on one line: a blank and a line's end have signs of their own."""
    signs = {" ": "\u2423", "\n": "\u21b5", "\t": "\u21e5"}
    return ["".join(signs.get(c, c if c.isprintable() else "\ufffd") for c in str(token)) for token in tokens]


def width_of(text: str, size: float) -> float:
    return theme.text_width((Span(text),), size)


def room_of(axes: Any, columns: int, rows: int = 1) -> tuple[float, float]:
    """(width, height) in points of one of so many columns and rows, before the axes make room for their labels."""
    box, scale = axes.get_window_extent(), 72 / axes.figure.dpi
    return box.width * scale / columns, box.height * scale / rows


def label_tokens(axis: Any, tokens: Sequence[Any], room: float, upright: bool = False, first: int = 0) -> None:
    """Tokens at first, first + 1, ... along an axis, with so many points for each; turned where that lets them be
    larger. upright: never turned, for an axis that goes down."""
    every = math.ceil(SMALLEST / room)
    texts, room = visible(tokens)[::every], room * every
    size = fits = min(TOKEN, 0.95 * room)
    if not upright:
        fits = min(TOKEN, TOKEN * room / max(width_of(text, TOKEN) for text in texts))
    turned = 1.5 * fits < size
    axis.set_ticks(
        range(first, first + len(tokens), every), texts, rotation=90 if turned else 0,
        fontsize=size if turned else fits, parse_math=False,
    )  # fmt: skip
    axis.set_tick_params(length=0)


def legend_beside(axes: Any, *handles_and_labels: Any) -> None:
    """A legend to the right of the axes, where it covers nothing."""
    axes.legend(*handles_and_labels, loc="upper left", bbox_to_anchor=(1, 1))
