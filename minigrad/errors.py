"""The errors that users meet, each a kind of the built-in error one would expect. Imports nothing."""

__all__ = [
    "AnomalyError", "BackendError", "CheckpointError", "DtypeError", "GraphError", "NonFiniteGradient", "ShapeError",
]  # fmt: skip


class ShapeError(ValueError):
    """Shapes or sizes that do not fit together."""


class DtypeError(TypeError):
    """A value of a kind that does not belong here: text, ragged lists, floats as indices."""


class GraphError(RuntimeError):
    """A backward pass that cannot be done: no history, already freed, changed since."""


class BackendError(RuntimeError):
    """The array library that was asked for cannot be used, or arrays of two libraries meet."""


class CheckpointError(ValueError):
    """A file that is not a complete, unchanged minigrad checkpoint."""


class AnomalyError(FloatingPointError):
    """Inside anomaly(): an op made nan or inf."""


class NonFiniteGradient(FloatingPointError):
    """A gradient holds nan or inf; the parameters were left as they were."""
