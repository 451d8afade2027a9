"""Module and Parameter: a tree of objects that hold parameters. No registration: what `vars` shows is what there is.
Imports tensor and graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Any

import numpy

from .. import backend
from ..errors import DtypeError, ShapeError
from ..graph import scope, where
from ..tensor import Tensor

__all__ = ["Module", "Parameter"]

_inside: ContextVar[bool] = ContextVar("minigrad.inside_module", default=False)


class Parameter(Tensor):
    """A leaf that learns. data as in Tensor. Its name is the one given, else its path in the model that was called
    last."""

    __slots__ = ("path",)

    def __init__(self, data: Any, dtype: Any = None, requires_grad: bool = True, name: str | None = None):
        super().__init__(data, dtype=dtype, requires_grad=requires_grad, name=name)
        self.path: str | None = None

    @property
    def name(self) -> str | None:
        """What drawings and errors call it."""
        return self._name or self.path

    @name.setter
    def name(self, name: str | None) -> None:
        self._name = name

    def assign(self, values: Any) -> None:
        """Set the values, from an array or Tensor of the same shape; dtype stays. Raises ShapeError, DtypeError."""
        self.data = self.fitted(values, self.name or "parameter")

    def fitted(self, values: Any, name: str) -> Any:
        """values as an array that `data` can become; ShapeError or DtypeError, calling this parameter by name, if
        they cannot."""
        array = (
            values.data if isinstance(values, Tensor) else values if hasattr(values, "dtype") else numpy.asarray(values)
        )
        if array.dtype.kind not in "fiub":
            raise DtypeError(f"{name} holds numbers; the values have dtype {array.dtype}")
        if tuple(array.shape) != self.shape:
            raise ShapeError(f"{name} has shape {self.shape} here; the values have shape {tuple(array.shape)}")
        return backend.to_device(array).astype(self.dtype)


class Module:
    """A part of a model: attributes that are Parameters, Modules, or lists and dicts of them, and a forward method.

    Calling it runs forward. The outermost call names every parameter and module by its path
    (`encoder.layers.0.weight`); each call pushes its path as a scope, so that drawings and errors know where they are.
    """

    training = True
    path = ""

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes."""
        raise NotImplementedError(f"{type(self).__name__} has no forward method")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if _inside.get():
            with scope(self.path or type(self).__name__):
                return self.forward(*args, **kwargs)
        token = _inside.set(True)
        try:
            self._hand_out_paths()
            with scope(type(self).__name__):
                return self.forward(*args, **kwargs)
        finally:
            _inside.reset(token)

    def _hand_out_paths(self) -> None:
        for path, module in self.named_modules():
            module.path = path
        for name, parameter in self.named_parameters():
            parameter.path = name

    # ---- the tree
    def children(self) -> Iterator[tuple[str, Any]]:
        """(name, Module or Parameter) directly below, lists and dicts opened: `layers.0`."""
        for name, value in vars(self).items():
            yield from _found(name, value)

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """(path, module) for this module (path "") and all below; a shared one comes once."""
        yield from _once(self._every_module())

    def _every_module(self) -> Iterator[tuple[str, Module]]:
        yield "", self
        for name, child in self.children():
            if isinstance(child, Module):
                yield from ((f"{name}.{path}" if path else name, module) for path, module in child._every_module())

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """(name, parameter) for all below; a shared one comes once. The names of state_dict; a Module may override
        them."""
        yield from _once(self._every_parameter())

    def _every_parameter(self) -> Iterator[tuple[str, Parameter]]:
        for name, child in self.children():
            if isinstance(child, Parameter):
                yield name, child
            else:
                yield from ((f"{name}.{below}", parameter) for below, parameter in child.named_parameters())

    def modules(self) -> list[Module]:
        """This module and all below."""
        return [module for _, module in self.named_modules()]

    def parameters(self) -> list[Parameter]:
        """All parameters, each once."""
        return [parameter for _, parameter in self.named_parameters()]

    def n_params(self) -> int:
        """How many numbers the parameters hold together."""
        return sum(parameter.size for parameter in self.parameters())

    # ---- state
    def state_dict(self) -> dict[str, numpy.ndarray]:
        """name -> a copy of the values on the host."""
        return {name: numpy.array(parameter.numpy()) for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Set every parameter by name, from arrays or Tensors. If anything does not fit, nothing changes.

        Raises ValueError naming missing and unknown names; ShapeError, DtypeError naming the parameter.
        """
        mine = dict(self.named_parameters())
        missing, unknown = sorted(mine.keys() - state.keys()), sorted(state.keys() - mine.keys())
        if missing or unknown:
            raise ValueError(f"state_dict does not fit {type(self).__name__}: missing {missing}, unknown {unknown}")
        arrays = {name: parameter.fitted(state[name], name) for name, parameter in mine.items()}
        for name, parameter in mine.items():
            parameter.data = arrays[name]

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for parameter in self.parameters():
            parameter.grad = None

    def astype(self, dtype: Any) -> Module:
        """Bring all parameters to "float32" or "float64", in place; gradients are forgotten. Returns the module."""
        wanted = backend.as_float_dtype(dtype)
        for parameter in self.parameters():
            parameter._data = parameter._data.astype(wanted)
            parameter.version += 1
            parameter.grad = None
        return self

    def train(self, mode: bool = True) -> Module:
        """Switch to training (dropout drops). Returns the module."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Module:
        """Switch to evaluation (dropout is the identity). Returns the module."""
        return self.train(False)

    def __repr__(self) -> str:
        shapes = ", ".join(f"{name} {parameter.shape}" for name, parameter in self.named_parameters())
        return f"{type(self).__name__}({shapes})"


def placed(message: str) -> str:
    """The message of an error, and in which layer of the model it happened."""
    return f"{message} [in {where()}]" if where() else message


def _found(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, (Module, Parameter)):
        yield name, value
    elif isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            yield from _found(f"{name}.{i}", item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _found(f"{name}.{key}", item)


def _once(pairs: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    seen = set()
    for name, item in pairs:
        if id(item) not in seen:
            seen.add(id(item))
            yield name, item
