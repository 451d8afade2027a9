"""Recurrence as plain functions on tensors: the equations (steps), the loops (scan, fold), and whole sequences at
once (fused)."""

from .carry import reset_rows
from .fold import Children, Folded, fold
from .forcing import teacher_forcing
from .fused import gru, gru_reset_before, lstm, rnn
from .recompute import recompute
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
    "clockwork_step", "fold", "gru", "gru_reset_before", "gru_step", "jordan_step", "layer_norm", "lstm", "lstm_step",
    "nary_lstm_step", "padded", "recompute", "recursive_step", "reset_rows", "rnn", "rnn_step", "rtrl", "scan",
    "teacher_forcing", "unpadded",
]  # fmt: skip
