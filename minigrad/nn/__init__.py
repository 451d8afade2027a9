"""Modules: parameters plus a choice of path."""

from . import init
from .attention import Attention, KeyValueMemory, Memory
from .chars import CharCNN, Highway, spell
from .conv import AvgPool2d, Conv1d, Conv2d, MaxPool2d
from .grid import PixelRNN, ReNet
from .layers import Dropout, Embedding, LayerNorm, Linear, Sequential
from .models import Classifier, ImageEncoder, LanguageModel, Tagger, captioner, encoder_decoder, typical_model
from .module import Module, Parameter
from .recurrent import GRU, LSTM, RNN, Cell, ClockworkCell, GRUCell, JordanCell, LSTMCell, OverTime, RNNCell, unroll
from .seq2seq import Decoder, DecoderState, Encoded, Encoder, Generated, Seq2Seq, scheduled_ratio
from .trees import RecursiveNet, TreeLSTM
from .wrappers import (
    Bidirectional,
    DeepCell,
    DropoutCell,
    ProjectionCell,
    ResidualCell,
    SkipCell,
    Stacked,
    ZoneoutCell,
)

__all__ = [
    "GRU", "LSTM", "RNN", "Attention", "AvgPool2d", "Bidirectional", "Cell", "CharCNN", "Classifier", "ClockworkCell",
    "Conv1d", "Conv2d", "Decoder", "DecoderState", "DeepCell", "Dropout", "DropoutCell", "Embedding", "Encoded",
    "Encoder", "GRUCell", "Generated", "Highway", "ImageEncoder", "JordanCell", "KeyValueMemory", "LSTMCell",
    "LanguageModel", "LayerNorm", "Linear", "MaxPool2d", "Memory", "Module", "OverTime", "Parameter", "PixelRNN",
    "ProjectionCell", "RNNCell", "ReNet", "RecursiveNet", "ResidualCell", "Seq2Seq", "Sequential", "SkipCell",
    "Stacked", "Tagger", "TreeLSTM", "ZoneoutCell", "captioner", "encoder_decoder", "init", "scheduled_ratio", "spell",
    "typical_model", "unroll",
]  # fmt: skip
