"""Recurrence as plain functions on tensors: the equations (steps) and the loop (scan)."""

from .scan import scan
from .steps import Weights, gru_step, lstm_step, rnn_step

__all__ = ["Weights", "gru_step", "lstm_step", "rnn_step", "scan"]
