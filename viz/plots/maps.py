"""Plots of maps: where attention looks, how the loss lies over two parameters, where words lie. Imports canvas and
theme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy

from .. import theme
from .canvas import BLUES, color_map, label_tokens, legend_beside, numbers, plotted, room_of, told_apart, width_of

__all__ = ["alignment", "loss_landscape", "projector"]

# ---------------------------------------------------------------- attention


def alignment(
    weights: Any, source: Sequence[Any], target: Sequence[Any], axes: Any = None, title: str | None = None,
    to: str | Path | None = None,
) -> Any:  # fmt: skip
    """Where attention looks (Bahdanau et al., 2014, figure 3): source on top, a row of weights for each target token.

    weights: (N, S) of one sequence; each row adds up to 1. source, target: at most S and N tokens; what is past their
    end is padding, and hatched. to: a file to save. Returns the axes given, or a Plot. Raises ValueError for
    weights of a whole batch, for too many tokens, and for rows that are no weights.
    """
    table = numbers(weights, "alignment: weights of one sequence (of a batch take weights[:, b])", "(N, S)")
    rows, columns = table.shape
    if not (0 < len(target) <= rows and 0 < len(source) <= columns):
        raise ValueError(
            f"alignment: weights {table.shape} are for at most {rows} target and {columns} source tokens, at least one "
            f"of each; got {len(target)} and {len(source)}"
        )
    for row, token in zip(table, target):
        if not (row >= 0).all() or abs(row.sum() - 1) > 1e-3:
            raise ValueError(
                f"alignment: the weights of {token!r} must be at least 0 and add up to 1, not {row.sum():g}"
            )
    heading = "Where it looks" if title is None else title
    return plotted(lambda axes: _looks(axes, table, source, target), axes, heading, to)


def _looks(axes: Any, table: numpy.ndarray, source: Sequence[Any], target: Sequence[Any]) -> None:
    from matplotlib.patches import Rectangle

    rows, columns = table.shape
    image = axes.imshow(table, cmap=color_map(BLUES), vmin=0, vmax=1, interpolation="nearest")
    padding = [(len(source), 0, columns - len(source), rows), (0, len(target), len(source), rows - len(target))]
    for x, y, width, height in padding:
        if width and height:
            axes.add_patch(
                Rectangle((x - 0.5, y - 0.5), width, height, facecolor="none", edgecolor=theme.ABSENT_LINE, hatch="///",
                          linewidth=0)
            )  # fmt: skip
    axes.spines[:].set_visible(True)
    axes.xaxis.tick_top()
    room = min(room_of(axes, columns, rows))  # cells are square
    label_tokens(axes.xaxis, source, room)
    label_tokens(axes.yaxis, target, room, upright=True)
    axes.figure.colorbar(image, ax=axes, ticks=[0, 0.5, 1], shrink=0.6, aspect=12, label="weight")


# ---------------------------------------------------------------- the loss


def loss_landscape(
    loss: Any, x: Any, y: Any, paths: Mapping[str, Any] | None = None, names: tuple[str, str] = ("x", "y"),
    surface: bool = False, axes: Any = None, title: str | None = None, to: str | Path | None = None,
) -> Any:  # fmt: skip
    """The loss over two parameters, such as the cliff of a recurrent net (Pascanu et al., 2013, figure 6).

    loss: a function of two numbers, or its values (Y, X), for x (X,) and y (Y,), which rise. paths: {name: points
    (n, 2)}, ways of gradient descent; they may leave the picture. names: of the two parameters. surface: in three
    dimensions, in place of contours; so it is on 3-d axes. to: a file to save. Returns the axes given, or a Plot.
    Raises ValueError for shapes that do not fit.
    """
    x, y = (numbers(values, f"loss_landscape: {name}", "(n,)") for values, name in ((x, "x"), (y, "y")))
    if min(len(x), len(y)) < 2 or (numpy.diff(x) <= 0).any() or (numpy.diff(y) <= 0).any():
        raise ValueError("loss_landscape: x and y must rise, and have at least two values each")
    if callable(loss):
        loss = numpy.array([[float(loss(a, b)) for a in x.tolist()] for b in y.tolist()])
    grid = numbers(loss, "loss_landscape: loss", "(Y, X)", finite=False)
    if grid.shape != (len(y), len(x)):
        raise ValueError(f"loss_landscape: loss {grid.shape} must be {(len(y), len(x))}, a row for each y")
    points = {
        name: numbers(path, f"loss_landscape: the path {name!r}", "(n, 2)", finite=False)
        for name, path in (paths or {}).items()
    }
    if any(path.shape[1] != 2 for path in points.values()):
        raise ValueError(f"loss_landscape: paths must be (n, 2), not {[path.shape for path in points.values()]}")
    if surface and getattr(axes, "name", "3d") != "3d":
        raise ValueError('loss_landscape: surface=True needs 3-d axes, subplot_kw={"projection": "3d"}')
    heading = f"The loss over {names[0]} and {names[1]}" if title is None else title

    def draw(axes: Any) -> None:
        (_surface if axes.name == "3d" else _contours)(axes, x, y, numpy.ma.masked_invalid(grid), points)
        axes.set(xlabel=names[0], ylabel=names[1], xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
        if points:
            axes.legend(loc="upper right")

    return plotted(draw, axes, heading, to, "3d" if surface else None)


GREYS = ("#FFFFFF", theme.FILLS["state"], theme.ABSENT_LINE, theme.MUTED)  # paths stand out on them


MESH = 41  # lines of a surface, each way: where they are dense, it is steep


def _contours(axes: Any, x: Any, y: Any, grid: Any, paths: dict[str, numpy.ndarray]) -> None:
    from matplotlib.patheffects import withStroke

    filled = axes.contourf(x, y, grid, levels=14, cmap=color_map(GREYS))
    axes.contour(x, y, grid, levels=filled.levels, colors=theme.WIRE, linewidths=0.4)
    axes.figure.colorbar(filled, ax=axes, label="loss", shrink=0.8, aspect=16)
    for name, path, color, shape in told_apart(paths, "loss_landscape: paths"):
        axes.plot(path[:, 0], path[:, 1], color=color, marker=shape, markersize=3, linewidth=1.4, label=name,
                  path_effects=[withStroke(linewidth=2.5, foreground="white")])  # fmt: skip


def _surface(axes: Any, x: Any, y: Any, grid: Any, paths: dict[str, numpy.ndarray]) -> None:
    axes.plot_surface(
        *numpy.meshgrid(x, y), grid, cmap=color_map(GREYS[1:]), rcount=MESH, ccount=MESH, linewidth=0.3,
        edgecolor=theme.WIRE, rasterized=True,
    )  # fmt: skip
    axes.computed_zorder = False  # a path lies on the surface, never below
    for name, path, color, shape in told_apart(paths, "loss_landscape: paths"):
        within = path[~numpy.isnan(path).any(axis=1)].clip((x[0], y[0]), (x[-1], y[-1]))
        columns, rows = (abs(within[:, i, None] - values).argmin(axis=1) for i, values in enumerate((x, y)))
        axes.plot(
            x[columns], y[rows], grid[rows, columns], color=color, marker=shape, markersize=3, label=name, zorder=5
        )
    axes.set_zlabel("loss")
    axes.locator_params(nbins=5)
    axes.set_box_aspect((4, 3, 2), zoom=1.15)


# ---------------------------------------------------------------- words


def projector(
    vectors: Any, words: Sequence[str], groups: Mapping[str, Sequence[str]] | None = None,
    offsets: Sequence[tuple[str, str]] = (), axes: Any = None, title: str | None = None, to: str | Path | None = None,
) -> Any:  # fmt: skip
    """Word vectors on the plane in which they differ most: their first two principal components.

    vectors: (V, E), a row for each of V words. groups: {name: words}, coloured alike. offsets: pairs of words with an
    arrow from one to the other; where pairs are related alike, the arrows are parallel (Mikolov, Yih and Zweig, 2013).
    to: a file to save. Returns the axes given, or a Plot. Raises ValueError for words without a vector, and for
    fewer than two vectors or dimensions.
    """
    table = numbers(vectors, "projector: vectors", "(V, E)")
    if len(words) != len(table) or min(table.shape) < 2:
        raise ValueError(
            f"projector: vectors {table.shape} need one row for each word, of which there are {len(words)}, and at "
            "least two rows and columns"
        )
    place = {word: i for i, word in enumerate(words)}
    named = [word for group in (groups or {}).values() for word in group] + [word for pair in offsets for word in pair]
    if unknown := [word for word in named if word not in place]:
        raise ValueError(f"projector: {unknown[0]!r} is in groups or offsets but not among the {len(words)} words")
    points, shares = _principal(table)
    heading = "Word vectors on their two main axes" if title is None else title

    def draw(axes: Any) -> None:
        along = f"1st axis, {shares[0]:.0%} of the variance"
        axes.set(xlabel=along, ylabel=f"2nd axis, {shares[1]:.0%}")
        axes.margins(0.12, 0.1)
        colors = dict.fromkeys(range(len(words)), theme.MUTED)
        for name, members, color, _ in told_apart(groups or {}, "projector: groups"):
            colors |= dict.fromkeys([place[word] for word in members], color)
            axes.plot([], [], "o", color=color, label=name)
        axes.scatter(points[:, 0], points[:, 1], s=18, c=list(colors.values()), zorder=3)
        for start, end in offsets:
            axes.annotate("", points[place[end]], points[place[start]], zorder=2,
                          arrowprops={"arrowstyle": "->", "color": theme.WIRE, "shrinkA": 3, "shrinkB": 3})  # fmt: skip
        if groups:
            legend_beside(axes)
        first = dict.fromkeys([*(place[word] for word in named), *range(len(words))])
        left_out = _label(axes, points, words, list(first), [(place[start], place[end]) for start, end in offsets])
        if left_out:
            axes.set_xlabel(f"{along}; {left_out} of {len(words)} names left out for lack of room")

    return plotted(draw, axes, heading, to)


def _principal(table: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """(V, 2) coordinates and the shares of the variance along both axes, whose signs do not depend on the library."""
    centred = table - table.mean(axis=0)
    left, sizes, axes = numpy.linalg.svd(centred, full_matrices=False)
    signs = numpy.sign(axes[numpy.arange(2), abs(axes[:2]).argmax(axis=1)])
    return left[:, :2] * sizes[:2] * signs, sizes[:2] ** 2 / max((sizes**2).sum(), 1e-300)


LABEL, HEIGHT = 9.0, 12.0  # points
COVERED = 20.0  # square points that a label may cover: half of a dot
AROUND = [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)]


def _label(
    axes: Any, points: numpy.ndarray, words: Sequence[str], order: list[int], arrows: list[tuple[int, int]]
) -> int:
    """Each word beside its point, where it covers least of the points, the arrows and the words before it. Returns how
    many are left out, because each place would lie on another word, on many points, or beyond the axes."""
    axes.autoscale_view()
    if axes.figure.get_layout_engine() is not None:
        axes.figure.draw_without_rendering()  # room is measured, so the axes must have their size
    scale = 72 / axes.figure.dpi
    at = axes.transData.transform(points) * scale
    frame = axes.get_window_extent().extents * scale
    along = [numpy.linspace(at[start], at[end], 30) for start, end in arrows]
    taken = [(x - 3, y - 3, x + 3, y + 3) for x, y in numpy.concatenate([at, *along])]
    shown = 0
    for word, (x, y), point in [(words[i], at[i], points[i]) for i in order]:
        wide = 1.1 * width_of(word, LABEL)
        boxes = [_beside(x, y, far, side, wide) for far in (5, 10) for side in AROUND]
        hidden, best = min((sum(_shared(box, other) for other in taken) - _shared(box, frame), box) for box in boxes)
        if hidden + wide * HEIGHT > COVERED:
            continue
        taken.append(best)
        shown += 1
        axes.annotate(word, point, (best[0] - x, best[1] - y), textcoords="offset points", fontsize=LABEL,
                      color=theme.INK, parse_math=False, va="bottom", zorder=4, in_layout=False)  # fmt: skip
    return len(words) - shown


def _beside(x: float, y: float, far: float, side: tuple[int, int], width: float) -> tuple[float, ...]:
    """(left, bottom, right, top) of a label so far from a point, on one side of it."""
    left = x + far * side[0] - width * (1 - side[0]) / 2
    low = y + far * side[1] - HEIGHT * (1 - side[1]) / 2
    return left, low, left + width, low + HEIGHT


def _shared(a: tuple, b: tuple) -> float:
    return max(min(a[2], b[2]) - max(a[0], b[0]), 0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0)
