"""How things look: colours, the ramp of gradients, glyphs of ops, short names of parameters, numbers in words. Pure
functions."""

from __future__ import annotations

import functools
import math
import re
from typing import Any

from .scene import Span

__all__ = [
    "RAMP",
    "decades",
    "fill_of",
    "glyph",
    "number",
    "parameter_label",
    "ramp_color",
    "shape_text",
    "text_width",
    "variable",
]

INK, MUTED, WIRE = "#1F2933", "#5F6B78", "#52606D"
CELL, HIDDEN, PARAMETER, CUT = "#0072B2", "#CC79A7", "#009E73", "#D55E00"
CUT_INK = "#A34700"
EMPHASIS = "#D0021B"
RAIL_MUTED = "#9DB8AE"
RAMP = ("#FFF7E6", "#FDE3B5", "#FBC57D", "#F4994A", "#E0692A", "#B9431B", "#7F2511", "#4A120B")
ABSENT_LINE, ABSENT_INK, ZERO_LINE = "#9AA5B1", "#5F6B78", "#3E4C59"
WRONG = "#7B2CBF"  # infinite or not a number: a colour that is not on the ramp
WIDER = 1.18  # so much wider are fonts that stand in for Helvetica where it is missing
LEAST = 0.7  # of its size, to which a label may shrink before it is cut short
FILLS = {
    "product": "#E1E7F0",
    "squash": "#FDE8C1",
    "loss": "#FBF3A8",
    "fused": "#FDE8C1",
    "input": "#D7ECFB",
    "parameter": "#DDF1E8",
    "state": "#E9ECEF",
    "plain": "#FFFFFF",
}

GLYPHS = {
    "linear": "@",
    "matmul": "@",
    "einsum": "@",
    "add": "+",
    "sub": "−",
    "mul": "×",
    "div": "÷",
    "neg": "−x",
    "sigmoid": "σ",
    "cross_entropy": "CE",
    "nll": "NLL",
    "bce_with_logits": "BCE",
    "mse": "MSE",
    "l1": "L1",
    "sum": "Σ",
    "prod": "Π",
    "sqrt": "√",
    "abs": "|x|",
    "log_softmax": "log soft",
    "logsumexp": "lse",
    "permute_dims": "xᵀ",
    "leaky_relu": "lrelu",
    "maximum": "max",
    "minimum": "min",
    "broadcast_to": "expand",
    "expand_dims": "expand",
    "masked_fill": "mask",
    "scatter_add": "scatter",
    "cut": "detach",
}
ROUND = ("add", "sub", "mul", "div")
SQUASHES = (
    "sigmoid",
    "tanh",
    "relu",
    "relu6",
    "crelu",
    "leaky_relu",
    "elu",
    "softplus",
    "softsign",
    "softmax",
    "log_softmax",
)
LOSSES = ("cross_entropy", "nll", "bce_with_logits", "mse", "l1")
PRODUCTS = ("linear", "matmul", "einsum", "outer")


def glyph(op: str, inputs: tuple, params: tuple = ()) -> str:
    """What is written in the box: the sign of the op, with a plain number that it is applied to (`1 −`, `× 2`), else
    its name."""
    sign = GLYPHS.get(op, op)
    if op == "getitem":
        index = dict(params).get("index", "")
        return f"[{index}]" if len(index) <= 6 else "[ ]"
    scalars = [(i, ref.value) for i, ref in enumerate(inputs) if ref.kind == "scalar"]
    if len(scalars) != 1 or len(inputs) != 2:
        return sign
    position, value = scalars[0]
    short = number(value, digits=4)
    if op == "pow":
        powers = {2: "x²", 3: "x³"}
        return powers.get(value, f"x^{short}") if position == 1 else f"{short}^x"
    if op in ROUND:
        return f"{sign} {short}" if position == 1 else f"{short} {sign}"
    return sign


def is_round(op: str, text: str) -> bool:
    return op in ROUND and len(text) == 1


def fill_of(op: str) -> str:
    for ops, kind in ((PRODUCTS, "product"), (SQUASHES, "squash"), (LOSSES, "loss")):
        if op in ops:
            return FILLS[kind]
    return FILLS["plain"]


def variable(name: str, step: int | None = None, split: bool = True) -> tuple[Span, ...]:
    """A name in italics, the step as its subscript: f_t. A name such as h_0 carries its own, if split."""
    base, mark, index = name.partition("_") if split else (name, "", "")
    spans = [Span(base if mark and base else name, True)]
    sub = index if mark and base else ""
    if step is not None:
        sub = f"{sub},{step}" if sub else str(step)
    return tuple(spans + ([Span(sub, False, -1)] if sub else []))


def parameter_label(leaf: Any, parameters: list) -> tuple[Span, ...]:
    """`cell.weight_ih` -> W_ih, `readout.bias` -> b_readout; more of the path while another parameter would read the
    same.

    leaf, parameters: with .name and .shape. One without a name is W or b by its shape, numbered.
    """
    if not leaf.name:
        letter = "W" if len(leaf.shape) > 1 else "b"
        same = [p for p in parameters if not p.name and (len(p.shape) > 1) == (len(leaf.shape) > 1)]
        return _subscript(letter, str(same.index(leaf) + 1) if len(same) > 1 else "")
    parts = leaf.name.split(".")
    for depth in range(len(parts) + 1):
        label = _short(parts, depth)
        if sum(_short(other.name.split("."), depth) == label for other in parameters if other.name) == 1:
            break
    return _subscript(*label)


def _subscript(letter: str, sub: str) -> tuple[Span, ...]:
    return (Span(letter), Span(sub, False, -1)) if sub else (Span(letter),)


def _short(parts: list[str], depth: int) -> tuple[str, str]:
    """(letter, subscript). depth 0: the last part without the number of its layer, 1: the last part, 2: with its
    module ..."""
    match = re.fullmatch(r"(weight|bias)(?:_(.+))?", parts[-1])
    given = re.fullmatch(r"(\w)_(\w+)", parts[-1])  # W_hh, as a user names it
    letter, sub = given.groups() if given else (parts[-1], "")
    if match:
        letter, sub = {"weight": "W", "bias": "b"}[match[1]], match[2] or ""
    if depth == 0:
        sub = re.sub(r"_l\d+(?=$|_)", "", sub)
    if match and not sub:
        owners = parts[-1 - max(depth, 1) : -1]
    else:
        owners = parts[-depth:-1] if depth > 1 else []
    return letter, " ".join(part for part in (".".join(owners), sub.replace("_", " ")) if part)


def text_width(spans: tuple[Span, ...], size: float) -> float:
    """About how wide a label is in Helvetica, in points."""
    total = 0.0
    for span in spans:
        scale = size * (0.78 if span.level else 1.0)
        total += _letters(span.text) * scale
    return total + 2


def fitted(spans: tuple[Span, ...], size: float, width: float) -> tuple[tuple[Span, ...], float]:
    """Words and their size, so that they fit: a little smaller, and if that does not do, cut short."""
    share = width / text_width(spans, size)
    if share >= LEAST:
        return spans, size * min(1.0, share)
    text = "".join([span.text for span in spans])
    short = Span(text, spans[0].italic)
    while len(text) > 1 and text_width((short,), size * LEAST) > width:
        text = text[:-1]
        short = Span(text + "…", spans[0].italic)
    return (short,), size * LEAST


@functools.lru_cache(maxsize=1 << 12)
def _letters(text: str) -> float:
    return sum(0.28 if c in "ijl.,:;'|!ftI " else 0.85 if c in "mwMW@—" else 0.56 for c in text)


@functools.lru_cache(maxsize=1 << 12)
def shape_text(shape: tuple[int, ...]) -> str:
    return "×".join(str(n) for n in shape) if shape else "scalar"


def number(value: object, digits: int = 2) -> str:
    """Two significant digits where they teach: 0.033, 1.2, 3.1e-07; whole numbers stay whole."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "−inf"
    if value == 0:
        return "0"
    if value == int(value) and abs(value) < 10 ** max(digits, 3):
        return str(int(value)).replace("-", "−")
    if not 1e-3 <= abs(value) < 1e5:
        return f"{value:.{digits - 1}e}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e").replace("-", "−")
    text = f"{value:.{digits}g}"
    if "e" in text:
        text = str(int(float(text)))
    return text.replace("-", "−")


def decades(norms: list[float]) -> tuple[int, int]:
    """The whole decades that hold every finite, non-zero norm; at least two and at most eight, the largest kept."""
    logs = [math.log10(n) for n in norms if n and math.isfinite(n)]
    if not logs:
        return -2, 0
    high = math.ceil(max(logs) - 1e-9)
    low = min(math.floor(min(logs) + 1e-9), high - 2)
    return max(low, high - 8), high


def ramp_color(norm: float, scale: tuple[int, int]) -> str:
    """A colour between the steps of the ramp; what lies below the scale gets the palest."""
    return shade(strength(norm, scale))


def shade(share: float) -> str:
    """The colour at a share of the ramp, from 0 to 1."""
    return SHADES[round(share * (len(SHADES) - 1))]


def strength(norm: float, scale: tuple[int, int]) -> float:
    """Where a norm lies on the log scale, from 0 to 1."""
    return min(max((math.log10(norm) - scale[0]) / (scale[1] - scale[0]), 0.0), 1.0)


def mixed(a: str, b: str, share: float) -> str:
    """A colour between two."""
    parts = [(int(a[i : i + 2], 16), int(b[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(x + (y - x) * share):02X}" for x, y in parts)


SHADES = tuple([mixed(a, b, i / 64) for a, b in zip(RAMP, RAMP[1:]) for i in range(64)] + [RAMP[-1]])


def ink_on(fill: str) -> str:
    """Black or white, whichever reads better: the contrast is 4.5 or better on any colour."""

    def light(channel: int) -> float:
        c = channel / 255
        return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4

    r, g, b = (light(int(fill[i : i + 2], 16)) for i in (1, 3, 5))
    luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b
    return "#000000" if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else "#FFFFFF"
