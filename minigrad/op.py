"""@op: declare a function of arrays as an op with a backward rule for each argument; calling it on Tensors records a
Node. Imports tensor and what tensor imports."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

import numpy

from . import backend
from .autograd import Factors
from .backend import xp
from .errors import BackendError, DtypeError, GraphError, ShapeError
from .graph import ALL, OFF, Constant, Node, Note, current, where
from .tensor import OPS, Tensor, array_from, grad, refuse_lists_of_tensors, wrap

__all__ = ["Fused", "Op", "Plan", "composed", "op"]


class Plan(NamedTuple):
    """What one call pattern of an op needs: chosen once for each set of inputs that need a gradient."""

    rules: tuple  # for each input: (function, names it asks for, combine or None, picker or None), or None
    paths: tuple[int, ...]  # the inputs that have a rule
    differentiable: bool
    names: tuple[str, ...] = ()  # what is saved, in this order
    positions: tuple[int, ...] = ()  # the arguments that are saved
    answer: bool = False  # is the answer saved too?
    shapes: tuple[tuple[str, int | None], ...] = ()  # those asked for: (name, which argument; None: of all)


def plan_of(needs: list[bool]) -> Plan:
    """The plan of a node that gives gradients to the inputs that need one without the help of rules."""
    rules = tuple([need or None for need in needs])
    return Plan(rules, tuple([i for i, need in enumerate(needs) if need]), any(needs))


def _getter(places: list[int]) -> Callable[[tuple], tuple] | None:
    """A fast way from a tuple to the tuple of the items at those places; None for no places."""
    if len(places) < 2:
        return itemgetter(slice(places[0], places[0] + 1)) if places else None
    return itemgetter(*places)


@lru_cache(maxsize=4096)
def _info(shape: tuple[int, ...], dtype: Any) -> tuple:
    """The out_info of one output: one object for all nodes that agree, which spares the cyclic collector work."""
    return ((shape, dtype),)


def _parameters(function: Callable) -> tuple[list[str], list[str], str | None]:
    """The names of the positional and of the keyword-only parameters, and that of *args if there is one."""
    code = function.__code__
    n, k = code.co_argcount, code.co_argcount + code.co_kwonlyargcount
    names = code.co_varnames
    return list(names[:n]), list(names[n:k]), names[k] if code.co_flags & inspect.CO_VARARGS else None


class Op:
    """A function of arrays with a backward rule for each differentiable argument.

    With no Tensor among the arguments a call returns the raw result. Otherwise it unwraps, computes, and records a Node
    if an input needs a gradient. Arrays are positional, metadata is keyword-only. broadcasts=True: the engine sums each
    gradient back to the shape of its input. Raises ShapeError, DtypeError, BackendError, naming the op, the shapes and
    the scope.
    """

    expands = False  # does pull answer with the nodes that a node stands for?

    def __init__(self, forward: Callable, broadcasts: bool = False):
        self.forward, self.name, self.broadcasts = forward, forward.__name__.rstrip("_"), broadcasts
        self.__doc__, self.__name__, self.__module__ = forward.__doc__, self.name, forward.__module__
        self.args, self.metadata, self.variadic = _parameters(forward)
        self.defaults, self.fallbacks = forward.__kwdefaults__ or {}, forward.__defaults__ or ()
        self.several = False  # does it answer with a tuple? Seen when it first does
        self.rules: dict[str, tuple] = {}
        self.plans: dict[int, Plan] = {}
        OPS[self.name] = self

    def vjp(self, **rules: Callable) -> Op:
        """Declare the rules, one for each differentiable argument, keyed by its name.

        A rule asks by name for what it needs: g (incoming gradient; a tuple with None for unused outputs if there are
        several), y (the answer), any argument, `<argument>_shape`, any keyword, and i (which one) in a variadic op.
        Only what it asks for is saved. TypeError for a name that is none of these.
        """
        arrays = [self.variadic] if self.variadic else self.args
        known = {"g", "y", *arrays, *self.metadata, *(f"{a}_shape" for a in arrays)} | (
            {"i"} if self.variadic else set()
        )
        for argument, rule in rules.items():
            if argument not in arrays:
                raise TypeError(f"{self.name}.vjp: no argument called {argument!r}; it has {arrays}")
            names = tuple(_parameters(rule)[0])
            if unknown := [n for n in names if n not in known]:
                raise TypeError(
                    f"{self.name}.vjp: the rule for {argument!r} asks for {unknown}; it may ask for {sorted(known)}"
                )
            self.rules[argument] = (rule, names, None)
        return self

    def combine(self, **combines: Callable) -> Op:
        """Declare how the factors that the rule of an argument asks for become one gradient: list of tuples ->
        array."""
        for argument, combine in combines.items():
            self.rules[argument] = (*self.rules[argument][:2], combine)
        return self

    def __call__(self, *args: Any, **params: Any) -> Any:
        params = {**self.defaults, **params} if params else self.defaults
        if len(args) != len(self.args):
            args, params = self._arranged(args, params)
        arrays, inputs, tensors, tracked, dtype, mixed = [], [], 0, False, None, False
        pattern = 1  # then a bit for each argument, set if it needs a gradient
        for a in args:
            pattern += pattern
            if isinstance(a, Tensor):
                tensors += 1
                if a.requires_grad:
                    tracked = True
                    pattern += 1
                inputs.append(a.edge or a)
                a = a._data
                if a.dtype is not dtype:
                    mixed, dtype = dtype is not None, a.dtype
            elif isinstance(a, (list, tuple)):
                return self(*[self._from_list(x) for x in args], **params)
            else:
                inputs.append(a)
            arrays.append(a)
        if not tensors:
            return self.forward(*args, **params)
        if tensors < len(args):
            mixed = self._take_in_constants(args, arrays, inputs) or mixed
        if mixed:
            arrays = _settle_dtypes(self, args, arrays)
        try:
            out = self.forward(*arrays, **params)
        except (ValueError, TypeError, MemoryError, IndexError) as error:
            raise self._explained(error, arrays) from error
        mode, frames, inspector = current()
        if inspector is not None:
            inspector.forward(self, arrays, out)
        if mode is OFF or not (tracked or mode is ALL):
            return self._untracked(out, arrays, None if mode is OFF else _note_of(args))
        plan = self.plans.get(pattern) or self._plan(pattern, len(args))
        return self._recorded(arrays, tuple(inputs), params, out, plan, frames)

    def _take_in_constants(self, args: tuple, arrays: list, inputs: list) -> bool:
        """Bring what is no Tensor into arrays and inputs. Was there an array among it?"""
        found = False
        for i, a in enumerate(args):
            if type(a) is not float and not isinstance(a, Tensor):
                arrays[i] = inputs[i] = a = self._number(a)
                if hasattr(a, "shape"):
                    inputs[i], found = Constant(a.shape, a.dtype), True
        return found

    def _number(self, a: Any) -> Any:
        """An argument that is no Tensor: a number (NumPy's as Python's, which takes the others' dtype), an array of
        numbers, or None. DtypeError for anything else."""
        a = a.item() if isinstance(a, numpy.generic) else a
        if not (a is None or isinstance(a, (int, float)) or getattr(getattr(a, "dtype", None), "kind", "?") in "fiub"):
            raise DtypeError(
                f"{self.name}: numbers and arrays of floats, integers or bools go together, not {repr(a)[:40]}"
            )
        return a

    def _from_list(self, data: Any) -> Any:
        """A list or tuple of numbers as an array; anything else as it is."""
        if not isinstance(data, (list, tuple)):
            return data
        refuse_lists_of_tensors(self.name, data)
        return xp.asarray(array_from(data))

    def _arranged(self, args: tuple, params: dict) -> tuple[tuple, dict]:
        """Arguments left out get their defaults; what follows them is metadata by position, as in NumPy's sum(x, 0)."""
        if self.variadic:
            return args, params
        given = {**dict(zip(reversed(self.args), reversed(self.fallbacks))), **params}
        if missing := [name for name in self.args[len(args) :] if name not in given]:
            raise TypeError(f"{self.name}: the argument {missing[0]!r} is missing")
        extra = args[len(self.args) :]
        if len(extra) > len(self.metadata):
            raise TypeError(f"{self.name} takes {self.args} and {self.metadata}; got {len(args)} positional arguments")
        args = (*args[: len(self.args)], *[given[name] for name in self.args[len(args) :]])
        rest = {name: value for name, value in params.items() if name not in self.args}
        return args, {**rest, **dict(zip(self.metadata, extra))}

    def _recorded(self, arrays: list, inputs: tuple, params: dict, out: Any, plan: Plan, frames: tuple) -> Any:
        """The answer as Tensors that know their Node."""
        saved, versions = (), ()  # tuples of arrays are no work for the cyclic collector, lists are
        for i in plan.positions:
            saved += (arrays[i],)
            if isinstance(inputs[i], Tensor):
                versions += ((inputs[i], inputs[i].version),)
        if type(out) is tuple:
            self.several = True
            info = tuple([(o.shape, o.dtype) for o in out])
        else:
            if type(out) is not xp.ndarray:  # NumPy makes scalars of 0-d results
                out = xp.asarray(out)
            info = _info(out.shape, out.dtype)
            if out.base is not None:  # a view: what is written to the leaf later would change the answer too
                versions = tuple([(x, x.version) for x in inputs if isinstance(x, Tensor)])
        if plan.answer:
            saved += (out,)
        node = Node(self, inputs, params, info, saved, plan, frames, versions)
        if type(out) is tuple:
            return tuple([wrap(o, (node, i), plan.differentiable) for i, o in enumerate(out)])
        return wrap(out, (node, 0), plan.differentiable)

    def _untracked(self, out: Any, arrays: list, note: Note | None) -> Any:
        if type(out) is tuple:
            return tuple([self._untracked(o, arrays, note) for o in out])
        out, default = xp.asarray(out), backend.default_dtype()
        if out.dtype.kind == "f" and out.dtype != default:  # from integers NumPy makes float64
            if not any(getattr(getattr(a, "dtype", None), "kind", "") == "f" for a in arrays):
                out = out.astype(default)
        answer = wrap(out, None, False)
        answer.note = note
        return answer

    def _plan(self, pattern: int, count: int) -> Plan:
        """Which rules run and what they need saved, when the inputs marked in pattern need a gradient."""
        arguments = [self.variadic] * count if self.variadic else self.args[:count]
        needed = [bool(pattern >> (count - 1 - i) & 1) for i in range(count)]
        rules = [self.rules.get(a) if need else None for a, need in zip(arguments, needed)]
        asked = {name for rule in rules if rule for name in rule[1]}
        positions = [i for i, a in enumerate(arguments) if a in asked]
        names = [arguments[i] for i in positions] + ["y"] * ("y" in asked)
        sources = {f"{a}_shape": i for i, a in enumerate(self.args)} | {f"{self.variadic}_shape": None}
        shapes = tuple([(name, sources[name]) for name in sorted(asked & sources.keys())])
        at_hand = ["g", *names] if not self.variadic else []
        picks = [
            _getter([at_hand.index(name) for name in rule[1]]) if rule and {*rule[1]} <= {*at_hand} else None
            for rule in rules
        ]
        rules = tuple([rule and (*rule, pick) for rule, pick in zip(rules, picks)])
        paths = tuple([i for i, rule in enumerate(rules) if rule])
        plan = Plan(rules, paths, bool(paths), tuple(names), tuple(positions), "y" in asked, shapes)
        return self.plans.setdefault(pattern, plan)

    def saved(self, node: Node) -> dict[str, Any]:
        """What the node holds, by name: argument -> array, `y` -> answer; of a variadic argument a list."""
        names, values = node.plan.names, node.saved
        if self.variadic and self.variadic in names:
            count = len(node.plan.positions)
            return {self.variadic: values[:count], **dict(zip(names[count:], values[count:]))}
        return dict(zip(names, values))

    def pull(self, node: Node, incoming: tuple, wants: list | None, traced: bool, collect: bool) -> list:
        """One gradient, Factors or None for each input of the node. wants: which inputs matter (None: all)."""
        inputs, plan = node.inputs, node.plan
        base = (incoming if self.several else incoming[0], *node.saved)
        known: dict[str, Any] | None = None
        contributions: list = [None] * len(inputs)
        for i in plan.paths if wants is None else [i for i in plan.paths if wants[i]]:
            function, names, combine, pick = plan.rules[i]
            if pick is None or traced:
                known = known or self._known(node, base[0], traced)
                known["i"] = i
                values = tuple([known[name] for name in names])
            else:
                values = pick(base)
            x = inputs[i]
            shape = x[0].out_info[x[1]][0] if type(x) is tuple else x._data.shape
            if collect and combine is not None:
                contributions[i] = Factors(combine, values, values[0].size / max(math.prod(shape), 1))
                continue
            contributions[i] = g = function(*values)
            if g is not None and g.shape != shape:
                contributions[i] = self._fitted(g, shape)
        return contributions

    def _known(self, node: Node, g: Any, traced: bool) -> dict[str, Any]:
        """Everything that a rule of this node may ask for, by name."""
        known = {**self.saved(node), **node.params, "g": g}
        if traced:
            self._trace(node, known)
        for name, position in node.plan.shapes:
            shapes = [_shape_of(x) for x in node.inputs]
            known[name] = shapes if position is None else shapes[position]
        return known

    def _trace(self, node: Node, known: dict) -> None:
        """Make Tensors of the saved arrays again, each the same value in the graph as it was."""
        again = {i: _again(node.inputs[i], a) for i, a in zip(node.plan.positions, node.saved)}
        if self.variadic in known:
            known[self.variadic] = list(again.values())
        else:
            known.update({self.args[i]: t for i, t in again.items()})
        if "y" in known:
            y, flag = known["y"], node.plan.differentiable
            known["y"] = (
                tuple([wrap(o, (node, i), flag) for i, o in enumerate(y)])
                if type(y) is tuple
                else wrap(y, (node, 0), flag)
            )

    def _fitted(self, g: Any, shape: tuple[int, ...]) -> Any:
        """The gradient in the shape of its input: summed back where the op broadcasts, else a mismatch is a bug."""
        if not self.broadcasts:
            raise GraphError(f"a rule of {self.name} gave a gradient of shape {g.shape} for an input of shape {shape}")
        return OPS["sum_to"](g, shape=shape) if isinstance(g, Tensor) else OPS["sum_to"].forward(g, shape=shape)

    def _explained(self, error: Exception, arrays: list) -> Exception:
        """The same error in the learner's words: op, shapes, and where in the model."""
        shapes = " and ".join(str(a.shape) for a in arrays if hasattr(a, "shape"))
        place = f" [in {where()}]" if where() else ""
        if xp is not numpy and any(backend.is_host(a) and a.ndim for a in arrays):
            return BackendError(
                f"{self.name}: NumPy and CuPy arrays together; bring both to the GPU with Tensor(...){place}"
            )
        if xp is numpy and any(hasattr(a, "__cuda_array_interface__") for a in arrays):
            hint = "use array.get(), or start with MINIGRAD_BACKEND=cupy"
            return BackendError(f"{self.name}: NumPy and CuPy arrays together; {hint}{place}")
        text = f"not enough memory for the result of {shapes}" if isinstance(error, MemoryError) else str(error)
        kind = DtypeError if isinstance(error, TypeError) else ShapeError
        if isinstance(error, (ShapeError, BackendError, IndexError)) or (
            kind is ShapeError and text.startswith(self.name)
        ):
            kind = type(error)  # the op's own words
        if self.broadcasts and "broadcast" in text:
            text = f"shapes {shapes} do not fit: axes are matched from the right, and must be equal or 1"
        text = text if text.startswith(self.name) else f"{self.name}: {text}"
        told = all(str(a.shape) in text for a in arrays if hasattr(a, "shape"))
        return kind(f"{text}{'' if told else f'; the shapes are {shapes}'}{place}")

    def __repr__(self) -> str:
        return f"<op {self.name}>"


def op(forward: Callable | None = None, *, broadcasts: bool = False) -> Any:
    """Declare an op: `@op` or `@op(broadcasts=True)` on a function of arrays, then `.vjp(argument=rule)`."""
    return Op(forward, broadcasts) if forward is not None else lambda function: Op(function, broadcasts)


def composed(function: Callable) -> Callable:
    """Enter a public function that is made of other ops into OPS, beside them."""
    OPS[function.__name__.rstrip("_")] = function
    return function


class Fused(Op):
    """A kernel with a hand-written raw backward.

    forward(*arrays, **meta) -> (outs, saved); backward(gs, outs, saved, *arrays, **meta) -> one gradient or None for
    each array, or a function that computes it, called only where it is needed; reference(*tensors, **meta) -> outs: the
    readable composition it stands for. Second derivatives differentiate the reference.
    """

    def __init__(self, forward: Callable, backward: Callable, reference: Callable):
        super().__init__(forward)
        self.backward, self.reference = backward, reference
        self.kernel, self.forward = forward, self._forward

    def _forward(self, *arrays: Any, **params: Any) -> tuple:
        return self.kernel(*arrays, **params)[0]

    def __call__(self, *args: Any, **params: Any) -> Any:
        arrays = _settle_dtypes(self, args, [a._data if isinstance(a, Tensor) else a for a in args])
        params = {**self.defaults, **params}
        try:
            outs, kept = self.kernel(*arrays, **params)
        except (ValueError, MemoryError) as error:
            raise self._explained(error, arrays) from error
        if not any(isinstance(a, Tensor) for a in args):
            return outs
        mode, frames, inspector = current()
        if inspector is not None:
            inspector.forward(self, arrays, outs)
        needs = [isinstance(a, Tensor) and a.requires_grad for a in args]
        if mode is OFF or not (any(needs) or mode is ALL):
            return tuple([wrap(o, None, False) for o in outs])
        plan = plan_of(needs)
        inputs = tuple(
            [
                (a.edge or a) if isinstance(a, Tensor) else Constant(a.shape, a.dtype) if hasattr(a, "shape") else a
                for a in args
            ]
        )
        versions = tuple([(x, x.version) for x in inputs if isinstance(x, Tensor)])
        node = Node(
            self,
            inputs,
            params,
            tuple([(o.shape, o.dtype) for o in outs]),
            (outs, kept, arrays),
            plan,
            frames,
            versions,
        )
        return tuple([wrap(o, (node, i), plan.differentiable) for i, o in enumerate(outs)])

    def saved(self, node: Node) -> dict[str, Any]:
        """The kernel's answers and arguments by name."""
        outs, _, arrays = node.saved
        return {**dict(zip(self.args, arrays)), "y": outs}

    def pull(self, node: Node, incoming: tuple, wants: list | None, traced: bool, collect: bool) -> list:
        """One gradient or None for each input, by the kernel; by the reference when the gradients are to be
        differentiated."""
        outs, kept, arrays = node.saved
        if not traced:
            gradients = self.backward(incoming, outs, kept, *arrays, **node.params)
            wanted = [rule and (wants is None or wants[i]) for i, rule in enumerate(node.plan.rules)]
            return [(g() if callable(g) else g) if want else None for g, want in zip(gradients, wanted)]
        aliases = [OPS["alias"](_again(x, a)) if hasattr(a, "shape") else a for x, a in zip(node.inputs, arrays)]
        pairs = [(o, g) for o, g in zip(self.reference(*aliases, **node.params), incoming) if g is not None]
        wanted = [a for a, rule in zip(aliases, node.plan.rules) if rule]
        found = iter(grad([o for o, _ in pairs], wanted, [g for _, g in pairs], create_graph=True))
        return [next(found) if rule else None for rule in node.plan.rules]


# ---------------------------------------------------------------- what an op needs to know of its inputs


def _note_of(args: tuple) -> Note | None:
    """Of what was computed from a detached tensor: the note of that tensor, without the order, as it is another
    value."""
    note = next((a.note for a in args if isinstance(a, Tensor) and a.note), None)
    return note and note._replace(order=None)


def _shape_of(x: Any) -> tuple[int, ...]:
    """The shape of a node's input: edge, leaf, Constant or scalar."""
    if type(x) is tuple:
        return x[0].out_info[x[1]][0]
    return getattr(x, "shape", ())


def _settle_dtypes(op: Op, args: tuple, arrays: list) -> list:
    """One floating dtype for all: an array beats a 0-d value, a Tensor beats a plain array; two different Tensors
    raise."""
    best = None
    for given, a in zip(args, arrays):
        kind = getattr(a, "dtype", None)
        if kind is None or kind.kind != "f":
            continue
        rank = (a.ndim > 0, isinstance(given, Tensor))
        if best is None or rank > best[0]:
            best = rank, kind
        elif rank == best[0] == (True, True) and kind != best[1]:
            raise DtypeError(
                f"{op.name}: a {best[1]} tensor and a {kind} tensor; bring them to one dtype with astype(...)"
            )
    if best is None:
        return arrays
    wanted = best[1]
    kinds = "fiu" if op.broadcasts else "f"
    return [a.astype(wanted) if getattr(a, "dtype", wanted) != wanted and a.dtype.kind in kinds else a for a in arrays]


def _again(x: Any, array: Any) -> Any:
    """The Tensor (or plain array) that input x of a node was."""
    if type(x) is tuple:
        return wrap(array, x, x[0].plan.differentiable)
    return x if isinstance(x, Tensor) else array
