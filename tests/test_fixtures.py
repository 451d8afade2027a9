"""What PyTorch computes, minigrad computes: layers, losses, optimisers, schedules and clipping, to 1e-10 in float64.

The numbers were made once by fixtures/make.py, which says with what; PyTorch is not needed here.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

import minigrad as mg
from minigrad import nn, optim
from minigrad.backend import default_dtype, to_host

FILE = Path(__file__).parent / "fixtures" / "pytorch.safetensors"
with safe_open(FILE, "numpy") as opened:
    ABOUT = opened.metadata()
    NAMES = list(opened.keys())
RECURRENT, LOSSES, OPTIMISERS, CLIPS = (json.loads(ABOUT[k]) for k in ("recurrent", "losses", "optimisers", "clips"))
TOLERANCE = 1e-10


def arrays(case: str) -> dict[str, np.ndarray]:
    """Those of one case, by the rest of their names."""
    with safe_open(FILE, "numpy") as opened:
        return {n.removeprefix(f"{case}/"): opened.get_tensor(n) for n in NAMES if n.startswith(f"{case}/")}


def part(found: dict[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {n.removeprefix(prefix): a for n, a in found.items() if n.startswith(prefix)}


def leaf(a: np.ndarray) -> mg.Tensor:
    return mg.Tensor(a, dtype="float64", requires_grad=True)


def same(got, wanted: np.ndarray, what: str, tolerance: float = TOLERANCE) -> None:
    """Everywhere within the tolerance, relative to the largest value."""
    got = to_host(got.data if isinstance(got, mg.Tensor) else got)
    assert got.shape == wanted.shape, what
    assert abs(got - wanted).max(initial=0) <= tolerance * max(1, abs(wanted).max(initial=0)), what


def test_the_file_says_what_made_it() -> None:
    assert ABOUT["made_by"] == "tests/fixtures/make.py" and ABOUT["pytorch"].startswith("2.") and ABOUT["date"]
    assert FILE.stat().st_size < 400_000
    cases = {name.split("/")[0] for name in NAMES}
    tested = {*RECURRENT, *LOSSES, *(f"optimiser_{o}" for o in OPTIMISERS), *(f"clip_{c}" for c in CLIPS)}
    assert cases == tested | {f"schedule_{name}" for name in SCHEDULES} | {"layer_norm", "tagger"}


# ---------------------------------------------------------------- recurrent layers


@pytest.mark.parametrize("case", RECURRENT)
def test_recurrent_layers(case: str) -> None:
    (kind, options), found = RECURRENT[case], arrays(case)
    lengths = options.pop("lengths", None)
    state_dict = part(found, "state_dict/")
    with default_dtype("float64"):
        layer = getattr(nn, kind)(2, 3, **options)
    layer.load_state_dict(state_dict)
    assert layer.state_dict().keys() == state_dict.keys()
    x, state = leaf(found["x"]), {n: leaf(found[f"{n}_0"]) for n in "hc" if f"{n}_0" in found}
    y, ended = layer(x, tuple(state.values()) if kind == "LSTM" else state["h"], lengths=lengths)
    outputs = dict(zip("yhc", [y, *(ended if kind == "LSTM" else [ended])]))
    loss = mg.Tensor(0.0, dtype="float64")
    for name, output in outputs.items():
        same(output, found[f"{name}_out"], f"{case}: {name}")
        loss = loss + (output * mg.Tensor(found[f"{name}_weight"], dtype="float64")).sum()
    loss.backward()
    same(x.grad, found["x_grad"], f"{case}: gradient of x")
    for name, s in state.items():
        same(s.grad, found[f"{name}_0_grad"], f"{case}: gradient of the initial {name}")
    for name, p in layer.named_parameters():
        same(p.grad, found[f"grad/{name}"], f"{case}: gradient of {name}")


class Tagger(nn.Module):
    """The model of fixtures/make.py, written for minigrad."""

    def __init__(self) -> None:
        self.embedding = nn.Embedding(7, 3)
        self.lstm = nn.LSTM(3, 4, num_layers=2, bidirectional=True)
        self.out = nn.Linear(8, 5)

    def forward(self, ids: np.ndarray) -> mg.Tensor:
        return self.out(self.lstm(self.embedding(ids))[0])


def test_a_whole_state_dict_loads_unchanged() -> None:
    found = arrays("tagger")
    state_dict, model = part(found, "state_dict/"), Tagger()
    model.load_state_dict(state_dict)
    mine = model.state_dict()
    assert mine.keys() == state_dict.keys()
    assert all(np.array_equal(mine[n], a) and mine[n].dtype == a.dtype for n, a in state_dict.items())
    same(model(found["ids"]), found["y32"], "in float32", 1e-6)
    same(model.astype("float64")(found["ids"]), found["y64"], "in float64")


def test_layer_norm() -> None:
    found = arrays("layer_norm")
    with default_dtype("float64"):
        layer = nn.LayerNorm(5)
    layer.load_state_dict(part(found, "state_dict/"))
    x = leaf(found["x"])
    y = layer(x)
    same(y, found["y"], "value")
    y.backward(mg.Tensor(found["g"], dtype="float64"))
    same(x.grad, found["x_grad"], "gradient of x")
    for name, p in layer.named_parameters():
        same(p.grad, found[f"grad/{name}"], f"gradient of {name}")


# ---------------------------------------------------------------- losses


@pytest.mark.parametrize("case", LOSSES)
def test_cross_entropy_to_the_second_derivative(case: str) -> None:
    found = arrays(case)
    logits = leaf(found["logits"])
    value = mg.cross_entropy(logits, found["targets"], **LOSSES[case])
    same(value, found["value"], "value")
    first = mg.grad(value, logits, mg.Tensor(found["g"], dtype="float64"), create_graph=True)
    same(first, found["grad"], "gradient")
    second = mg.grad((first * mg.Tensor(found["direction"], dtype="float64")).sum(), logits)
    same(second, found["second"], "second derivative")


# ---------------------------------------------------------------- training


@pytest.mark.parametrize("case", OPTIMISERS)
def test_optimisers_over_20_updates(case: str) -> None:
    (kind, options), found = OPTIMISERS[case], arrays(f"optimiser_{case}")
    ps = [leaf(found[f"start_{i}"]) for i in range(2)]
    optimiser = getattr(optim, kind)(ps, **options)
    assert len(found["grad_0"]) == 20
    for step in range(20):
        for i, p in enumerate(ps):
            p.grad = mg.Tensor(found[f"grad_{i}"][step], dtype="float64")
        optimiser.step()
        for i, p in enumerate(ps):
            same(p, found[f"after_{i}"][step], f"parameter {i} after update {step + 1}")


SCHEDULES = {
    "StepLR": lambda o: optim.StepLR(o, 6, 0.3),
    "ExponentialLR": lambda o: optim.ExponentialLR(o, 0.9),
    "CosineLR": lambda o: optim.CosineLR(o, 20, 0.04),
    "WarmupLR": lambda o: optim.WarmupLR(o, 8),
}


@pytest.mark.parametrize("case", SCHEDULES)
def test_schedules_over_20_updates(case: str) -> None:
    optimiser = optim.SGD([leaf(np.zeros(2))], lr=0.4)
    schedule, rates = SCHEDULES[case](optimiser), []
    for _ in range(20):
        rates.append(optimiser.lr)
        schedule.step()
    same(np.array(rates), arrays(f"schedule_{case}")["lr"], case)


@pytest.mark.parametrize("case", CLIPS)
def test_clipping(case: str) -> None:
    (how, limit), found = CLIPS[case], arrays(f"clip_{case}")
    ps = [leaf(np.zeros_like(found[f"grad_{i}"])) for i in range(2)]
    for i, p in enumerate(ps):
        p.grad = mg.Tensor(found[f"grad_{i}"], dtype="float64")
    factor = 1.0
    if how == "norm":
        norm = optim.clip_grad_norm(ps, limit)
        same(norm, found["norm"], "norm")
        if float(found["norm"]) > limit:  # PyTorch divides by norm + 1e-6, and so stays that much below the limit
            factor = (float(found["norm"]) + 1e-6) / float(found["norm"])
    else:
        optim.clip_grad_value(ps, limit)
    for i, p in enumerate(ps):
        same(p.grad, found[f"clipped_{i}"] * factor, f"gradient {i}")
