"""Recurrence as plain functions on tensors: the equations (steps) and the loops (scan, fold)."""

from .carry import reset_rows
from .fold import Children, Folded, fold
from .forcing import teacher_forcing
from .rtrl import RTRL, rtrl
from .scan import padded, scan, unpadded
from .steps import (
    JordanWeights,
    RecursiveWeights,
    Weights,
    child_sum_lstm_step,
    clockwork_step,
    gru_step,
    jordan_step,
    layer_norm,
    lstm_step,
    nary_lstm_step,
    recursive_step,
    rnn_step,
)

__all__ = [
    "RTRL", "Children", "Folded", "JordanWeights", "RecursiveWeights", "Weights", "child_sum_lstm_step",
    "clockwork_step", "fold", "gru_step", "jordan_step", "layer_norm", "lstm_step", "nary_lstm_step", "padded",
    "recursive_step", "reset_rows", "rnn_step", "rtrl", "scan", "teacher_forcing", "unpadded",
]  # fmt: skip
