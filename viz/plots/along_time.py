"""Plots with the time step from left to right: where a gradient comes from, how it fades, what the gates do. Imports
canvas, theme and looks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy

from .. import theme
from ..looks import look_of
from .canvas import BLUES, SIGNED, color_map, label_tokens, legend_beside, numbers, plotted, room_of, told_apart

__all__ = ["gates", "gradient_flow", "ledger"]

# ---------------------------------------------------------------- the ledger


def ledger(
    book: Any, parameter: Any = None, axes: Any = None, title: str | None = None, to: str | Path | None = None
) -> Any:
    """How much of dL/dW comes from the use of W in each step: a bar for each, stacked by the losses that ask for it.
    Steps and losses are counted from 1, as in pictures of graphs.

    book, parameter: what minigrad.diagnose.ledger returns, and one of its parameters; or {(loss, step): gradient}
    alone. A part g is drawn as its component along the whole gradient G, g . G / |G|: all parts add up to |G|, and what
    works against the others hangs below 0. to: a file to save. Returns the axes given, or a Plot. Raises KeyError for a
    parameter that no gradient reaches, ValueError for an empty book.
    """
    if hasattr(book, "entries"):
        book.total(parameter)  # says so where no gradient reaches it
        book = book.entries[parameter]
    if not isinstance(book, Mapping) or not book:
        raise ValueError("ledger: expected a Ledger and one of its parameters, or {(loss, step): gradient}, not empty")
    if len(shapes := {tuple(g.shape) for g in book.values()}) > 1:
        raise ValueError(f"ledger: the gradients of one parameter have one shape, not {sorted(shapes)}")
    losses = sorted({loss for loss, _ in book})
    steps = sorted({step for _, step in book}, key=lambda step: -1 if step is None else step)
    parts = {key: numbers(g.reshape(-1), f"ledger: the gradient of {key}", "(n,)") for key, g in book.items()}
    whole = sum(parts.values())
    along = whole / (numpy.linalg.norm(whole) or 1.0)
    heights = numpy.zeros((len(losses), len(steps)))
    for (loss, step), g in parts.items():
        heights[losses.index(loss), steps.index(step)] = g @ along
    name = getattr(parameter, "name", None) or "W"
    heading = f"Which step gives how much of ∂L/∂{name}" if title is None else title
    return plotted(lambda axes: _stacked(axes, losses, steps, heights), axes, heading, to)


def _stacked(axes: Any, losses: list[int], steps: list[int | None], heights: numpy.ndarray) -> None:
    outside = min([step for step in steps if step is not None], default=0)
    places = [outside if step is None else step + 1 for step in steps]
    above, below = (numpy.cumsum(part, axis=0) for part in (heights.clip(min=0), heights.clip(max=0)))
    bottoms = numpy.where(heights > 0, above, below) - heights
    shades = color_map(BLUES[1:])(numpy.linspace(0, 1, len(losses))) if len(losses) > 1 else [theme.CELL]
    bars = [
        axes.bar(places, row, 0.9, bottom, color=shade, edgecolor=theme.WIRE, linewidth=0.3)
        for row, bottom, shade in zip(heights, bottoms, shades)
    ]
    axes.axhline(0, color=theme.INK, linewidth=0.8)
    _label_steps(axes, "step of use" + (f" ({outside}: outside every step)" if None in steps else ""))
    axes.set_ylabel(f"parts of the norm, in all {theme.number(float(heights.sum()))}")
    if len(losses) > 1:
        shown = sorted({round(i) for i in numpy.linspace(0, len(losses) - 1, 5)})
        legend_beside(axes, [bars[i] for i in shown], [f"loss {losses[i] + 1}" for i in shown])


def _label_steps(axes: Any, label: str) -> None:
    axes.set_xlabel(label)
    axes.locator_params(axis="x", integer=True, min_n_ticks=1)


# ---------------------------------------------------------------- gradients along time


def gradient_flow(
    nets: Any, rho: float | Mapping[str, float] | None = None, state: str = "h", axes: Any = None,
    title: str | None = None, to: str | Path | None = None,
) -> Any:  # fmt: skip
    """|dL/dh_t| of each step on a log scale, a line for each net; the first step is t = 1, as in pictures of graphs.

    nets: {name: net} or one net, which is the norms (T,), with None where no gradient arrives; a Record; or what
    minigrad.diagnose returns. state: the name of what is followed in the last two. Exactly zero, none at all, and what
    is not finite have no place on the scale: they are marked at its ends. rho: of a law rho^(T-t), dashed, that starts
    at the last step of each net, or {name: rho}. to: a file to save. Returns the axes given, or a Plot. Raises
    ValueError where nothing is to be drawn.
    """
    lines: dict[str, dict[int, float | None]] = {}  # steps from 0
    for name, net in (nets if isinstance(nets, Mapping) else {"": nets}).items():
        for place, norms in _norms(net, state).items():
            lines[" ".join(filter(None, (name, place)))] = norms
    rhos = rho if isinstance(rho, Mapping) else dict.fromkeys(lines, rho)
    if unknown := set(rhos) - set(lines):
        raise ValueError(f"gradient_flow: rho names {sorted(unknown)}, which are none of {list(lines)}")
    heading = f"How much of the gradient reaches {state} of step t" if title is None else title
    return plotted(lambda axes: _flow(axes, lines, rhos, state), axes, heading, to)


def _norms(net: Any, state: str) -> dict[str, dict[int, float | None]]:
    """{place: {step: norm}} of one net; the place is "" where there is only one."""
    if hasattr(net, "graph"):
        found = _recorded(net.graph, state)
    elif hasattr(net, "chains") or hasattr(net, "signal"):
        chains = [chain for chain in getattr(net, "chains", [net]) if chain.name == state]
        found = {chain.place: dict(zip(chain.steps, chain.signal)) for chain in chains}
    else:
        listed = list(net) if isinstance(net, (list, tuple)) else []
        given = [math.nan if norm is None else norm for norm in listed] or net
        norms = numbers(given, "gradient_flow: norms", "(T,)", finite=False)
        if (norms < 0).any():
            raise ValueError(f"gradient_flow: norms are at least 0, not {norms.min():g}")
        found = {"": {**dict(enumerate(norms.tolist())), **{t: None for t, n in enumerate(listed) if n is None}}}
    if not found:
        raise ValueError(f"gradient_flow: nothing is called {state!r} in the steps of this net")
    return found if len(found) > 1 else {"": next(iter(found.values()))}


def _recorded(graph: Any, state: str) -> dict[str, dict[int, float | None]]:
    found: dict[str, dict[int, float | None]] = {}
    for node in graph.nodes:
        step = next((index for name, index in reversed(node.scope) if name == "step"), None)
        for output, name in node.names:
            if name == state and step is not None:
                place = ".".join(str(n) if i is None else f"{n}{i}" for n, i in node.scope if n != "step")
                stat = (graph.gradients or {}).get(("node", node.number, output))
                found.setdefault(place, {})[step] = None if stat is None else stat.norm
    return found


MARKS = {"zero": ("o", "exactly 0"), "absent": ("x", "no gradient arrives"), "wrong": ("*", "inf or nan")}


def _flow(axes: Any, lines: dict[str, dict], rhos: Mapping[str, float | None], state: str) -> None:
    marked, law = set(), None
    for row, (name, norms, color, shape) in enumerate(told_apart(lines, "gradient_flow: lines")):
        steps = sorted(norms)
        kinds = {t: look_of(norms[t], (-1, 0)).kind for t in steps}
        drawn = [norms[t] if kinds[t] == "present" else math.nan for t in steps]
        size = 4 if len(steps) < 40 else 2
        axes.plot([t + 1 for t in steps], drawn, color=color, marker=shape, markersize=size, linewidth=2, label=name)
        last = max((t for t in steps if kinds[t] == "present"), default=None)
        if rhos.get(name) and last is not None:
            fall = [norms[last] * rhos[name] ** (last - t) for t in steps]
            law, *_ = axes.plot([t + 1 for t in steps], fall, "--", color=theme.INK, linewidth=1)
        for kind, (mark, _) in MARKS.items():
            if at := [t + 1 for t in steps if kinds[t] == kind]:
                height = 0.04 + 0.06 * row
                _mark(axes, at, 1 - height if kind == "wrong" else height, mark, color)
                marked.add(kind)
    for kind in [kind for kind in MARKS if kind in marked]:
        _mark(axes, [], 0, MARKS[kind][0], theme.MUTED, MARKS[kind][1])
    if law is not None:
        law.set_label(r"law $\rho^{T-t}$")
    _label_steps(axes, "step t")
    axes.set(yscale="log", ylabel=f"‖∂L/∂{state}‖")
    axes.margins(y=0.06 + (0.06 * len(lines) if marked else 0))
    if any(axes.get_legend_handles_labels()[1]):
        legend_beside(axes)


def _mark(axes: Any, steps: list[int], height: float, mark: str, color: str, label: str = "") -> None:
    """What has no place on a log scale, at a share of the height of the axes."""
    axes.plot(steps, [height] * len(steps), mark, transform=axes.get_xaxis_transform(), color=color, markersize=6,
              markerfacecolor="white" if mark == "o" else color, label=label)  # fmt: skip


# ---------------------------------------------------------------- gates

PITCH = 1.3  # from one band to the next, whose height is 1


def gates(
    values: Any, tokens: Sequence[Any] | None = None, axes: Any = None, title: str | None = None,
    to: str | Path | None = None,
) -> Any:  # fmt: skip
    """What gates or states do along time: a band for each, a column for each step.

    values: {name: (T,) or (T, H)}, or one such array; the first step is t = 1. (T,) is drawn as a height, (T, H) as a
    row of colour for each unit, the first on top. Values beyond -1 .. 1 are divided by a whole number, which is said.
    tokens: T labels, such as the words read. to: a file to save. Returns the axes given, or a Plot. Raises ValueError
    for shapes that do not fit.
    """
    given = values if isinstance(values, Mapping) else {"": values}
    bands = {name: numbers(v, f"gates: {name or 'values'}", "(T,)", "(T, H)") for name, v in given.items()}
    lengths = {name: len(band) for name, band in bands.items()} | ({} if tokens is None else {"tokens": len(tokens)})
    if len(set(lengths.values())) != 1:
        raise ValueError(f"gates: all must have the same number of steps, at least one band; got {lengths}")
    heading = "What the gates do, step by step" if title is None else title
    return plotted(lambda axes: _bands(axes, bands, tokens), axes, heading, to)


def _bands(axes: Any, bands: dict[str, numpy.ndarray], tokens: Sequence[Any] | None) -> None:
    steps = len(next(iter(bands.values())))
    signed = min(band.min() for band in bands.values()) < 0
    colors = color_map((*SIGNED[::-1], *BLUES) if signed else BLUES)
    floors, names, image = -PITCH * numpy.arange(len(bands)), [], None
    for floor, (name, band) in zip(floors, bands.items()):
        whole = math.ceil(max(1.0, abs(band).max()))
        names.append(name if whole == 1 else f"{name} / {whole}")
        if band.ndim == 2:
            image = axes.imshow(
                band.T / whole, cmap=colors, vmin=-1 if signed else 0, vmax=1, aspect="auto", interpolation="nearest",
                extent=(0.5, steps + 0.5, floor, floor + 1),
            )  # fmt: skip
            continue
        zero, unit = (floor + 0.5, 0.5) if (band < 0).any() else (floor, 1.0)
        axes.axhspan(floor, floor + 1, color=theme.FILLS["state"], zorder=0)
        axes.stairs(
            zero + unit * band / whole, numpy.arange(steps + 1) + 0.5, baseline=zero, fill=True, color=theme.CELL
        )
        axes.plot([0.5, steps + 0.5], [zero, zero], color=theme.MUTED, linewidth=0.8)
    axes.set(xlim=(0.5, steps + 0.5), ylim=(floors[-1] - 0.1, 1.1))
    axes.set_yticks(floors + 0.5, names)
    axes.tick_params(axis="y", length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    if tokens is None:
        _label_steps(axes, "step t")
    else:
        label_tokens(axes.xaxis, tokens, room_of(axes, steps)[0], first=1)
    if image is not None:
        axes.figure.colorbar(image, ax=axes, ticks=[-1, 0, 1] if signed else [0, 1], shrink=0.6, aspect=12)
