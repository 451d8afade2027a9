"""Modules: parameters plus a choice of path."""

from . import init
from .layers import Conv1d, Dropout, Embedding, Linear, Sequential
from .module import Module, Parameter
from .recurrent import GRU, LSTM, RNN, GRUCell, LSTMCell, RNNCell

__all__ = [
    "GRU", "LSTM", "RNN", "Conv1d", "Dropout", "Embedding", "GRUCell", "LSTMCell", "Linear", "Module", "Parameter",
    "RNNCell", "Sequential", "init",
]  # fmt: skip
