"""Plots of what a net does along time, and of its maps: each shows itself in a notebook, saves itself, or is drawn into
axes that are given. They take arrays, tensors, Records, and what minigrad.diagnose returns; matplotlib is needed only
when one is drawn."""

from .along_time import gates, gradient_flow, ledger
from .canvas import STYLE, Plot, fit_titles
from .maps import alignment, loss_landscape, projector

__all__ = [
    "STYLE", "Plot", "alignment", "fit_titles", "gates", "gradient_flow", "ledger", "loss_landscape", "projector",
]  # fmt: skip
