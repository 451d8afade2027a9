"""What tests of cells and layers need to work in float64: makers of modules, constants and leaves, states as tuples."""

import minigrad as mg


def float64(make, *args, **options):
    """make(...) while float64 is the default."""
    with mg.default_dtype("float64"):
        return make(*args, **options)


def constant(a):
    """A tensor without a gradient."""
    return mg.Tensor(a, dtype="float64")


def variable(a):
    """A leaf that gets a gradient."""
    return mg.Tensor(a, dtype="float64", requires_grad=True)


def as_tuple(state):
    """h as (h,), and (h, c) as it is."""
    return state if isinstance(state, tuple) else (state,)
