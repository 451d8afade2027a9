"""The house keeps its plan: every import is an arrow of the plan, and a few things appear nowhere. Read from the syntax
trees alone, so nothing is imported, and imports inside functions count too."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# which rooms of minigrad a room may import: its neighbours below, each file free within its own folder
ENGINE = {"errors", "backend", "indexing", "graph", "autograd", "tensor", "op"}
LEANS_ON_TENSOR = ENGINE | {"ops"}
NETS = LEANS_ON_TENSOR | {"recurrent"}
ALLOWED = {
    "errors": set(),
    "backend": {"errors"},
    "graph": {"errors"},  # bookkeeping; no arrays
    "autograd": {"errors", "graph"},  # values are opaque
    "indexing": {"errors", "backend"},
    "tensor": ENGINE - {"tensor", "op"},
    "op": ENGINE - {"op"},
    "ops": ENGINE,
    "recurrent": LEANS_ON_TENSOR,
    "nn": NETS,
    "optim": LEANS_ON_TENSOR,
    "check": LEANS_ON_TENSOR | {"nn"},
    "data": LEANS_ON_TENSOR | {"progress", "files"},
    "diagnose": LEANS_ON_TENSOR,
    "checkpoint": NETS | {"nn", "optim", "files"},
    "text": NETS | {"nn", "data"},
    "progress": set(),
    "files": set(),
    "stream": LEANS_ON_TENSOR | {"checkpoint"},
    "regularize": LEANS_ON_TENSOR,
    "resume": LEANS_ON_TENSOR | {"checkpoint", "stream"},
    "train": NETS | {"nn", "data", "optim", "checkpoint", "text", "progress", "stream", "resume"},
    "__main__": {"backend", "errors"},
}
VIZ_FRONT_DOORS = {"zoo", "__main__"}  # these build nets; the next two read and copy graphs; the rest is pure text
VIZ_READS = {"snapshot": {"graph"}, "expand": {"graph", "tensor", "errors"}}

NO_NUMPY = {"graph", "autograd", "ops", "recurrent"}  # these say xp or nothing: NumPy's own arrays would fail on a GPU
# ... except where ids, targets or lengths come from the host and are looked at before anything is computed
HOST_TOO = {"minigrad/ops/index.py", "minigrad/ops/loss.py", "minigrad/recurrent/scan.py"}
HARMLESS_RANDOM = {"Generator", "default_rng", "SeedSequence", "BitGenerator", "PCG64"}
RUNS_DATA = {"pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def imports(tree: ast.AST, file: str) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything that a file imports, relative names made absolute."""
    package = file.removesuffix(".py").split("/")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join(above + ([node.module] if node.module else []))
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def room(name: str) -> str:
    """`minigrad.ops.reduce.sum` lives in the room `ops`; `minigrad.tanh` is the whole house."""
    part = name.split(".")[1] if "." in name else ""
    exists = (ROOT / "minigrad" / part).is_dir() or (ROOT / "minigrad" / f"{part}.py").is_file()
    return part if part and (exists or part in ALLOWED) else "the whole package"


def wrong_arrows(text: str, file: str) -> list[str]:
    """The imports of one file (path from the repository's root) that the plan does not have."""
    top, *rest = file.removesuffix(".py").split("/")
    wrong = []
    for line, name in imports(ast.parse(text), file):
        target = name.split(".")[0]
        if target == "cupy" or target == "cupyx":
            allowed = file == "minigrad/backend.py" or file.startswith("minigrad/recurrent/cuda/")
        elif target in ("tests", "lessons"):
            allowed = target == top
        elif target == "viz":
            allowed = top in ("viz", "lessons")
        elif target == "numpy" and top == "minigrad":
            allowed = rest[0] not in NO_NUMPY or file in HOST_TOO
        elif target != "minigrad" or top == "lessons":
            allowed = True
        elif top == "viz":
            allowed = rest[-1] in VIZ_FRONT_DOORS or room(name) in VIZ_READS.get(rest[-1], set())
        else:
            allowed = rest[0] in ("__init__", room(name)) or room(name) in ALLOWED.get(rest[0], set())
        if not allowed:
            wrong.append(f"{file}:{line} imports {name}")
    return wrong


def forbidden(text: str, file: str) -> list[str]:
    """What must not appear in minigrad: data that runs, hidden random state, checks that `python -O` removes."""
    tree, found = ast.parse(text), []
    for line, name in imports(tree, file):
        if name.split(".")[0] in RUNS_DATA:
            found.append((line, f"imports {name}"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            found.append((node.lineno, "assert: raise an error that python -O keeps"))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec"):
            found.append((node.lineno, f"calls {node.func.id}"))
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            if not (isinstance(node.value, ast.Constant) and node.value.value is False):
                found.append((node.value.lineno, "allow_pickle"))
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("np.random", "numpy.random", "xp.random"):
            if node.attr not in HARMLESS_RANDOM:
                found.append((node.lineno, f"{ast.unparse(node)} is state of the whole process"))
    for line, name in imports(tree, file):
        if name == "random" or name.startswith("random."):
            found.append((line, "imports random, whose functions share one state"))
        if name.startswith("numpy.random.") and name.split(".")[2] not in HARMLESS_RANDOM:
            found.append((line, f"imports {name}, state of the whole process"))
    return [f"{file}:{line} {what}" for line, what in found]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_every_import_is_an_arrow_of_the_plan():
    files = sources("minigrad", "viz", "lessons")
    assert ROOT / "minigrad" / "backend.py" in files
    assert [wrong for path in files for wrong in wrong_arrows(path.read_text(encoding="utf-8"), relative(path))] == []


def test_nothing_forbidden_in_minigrad():
    files = sources("minigrad")
    assert [wrong for path in files for wrong in forbidden(path.read_text(encoding="utf-8"), relative(path))] == []


def test_every_room_has_its_place_in_the_plan():
    house = ROOT / "minigrad"
    rooms = {path.stem for path in house.glob("*.py")} | {path.parent.name for path in house.glob("*/*.py")}
    assert rooms - set(ALLOWED) - {"__init__"} == set()


def test_the_plan_has_no_cycle():
    seen: set[str] = set()
    while free := {name for name, below in ALLOWED.items() if name not in seen and below <= seen}:
        seen |= free
    assert seen == set(ALLOWED)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("minigrad/graph.py", "from .tensor import Tensor"),
        ("minigrad/graph.py", "def f():\n    from minigrad import tensor"),
        ("minigrad/graph.py", "from .backend import xp"),
        ("minigrad/autograd.py", "from . import tensor"),
        ("minigrad/autograd.py", "import numpy as np"),
        ("minigrad/tensor.py", "import minigrad.ops.reduce"),
        ("minigrad/tensor.py", "from .op import Op"),
        ("minigrad/ops/reduce.py", "from ..recurrent.steps import lstm_step"),
        ("minigrad/ops/reduce.py", "import numpy"),
        ("minigrad/ops/reduce.py", "from minigrad import tanh"),
        ("minigrad/recurrent/scan.py", "from ..nn import Module"),
        ("minigrad/optim.py", "from .nn import Parameter"),
        ("minigrad/nn/linear.py", "import cupy"),
        ("minigrad/nn/linear.py", "from cupyx.scipy import sparse"),
        ("minigrad/train.py", "from viz import draw"),
        ("minigrad/train.py", "import lessons.kit"),
        ("viz/dot.py", "import minigrad"),
        ("viz/layout.py", "from minigrad.graph import Node"),
        ("viz/snapshot.py", "from minigrad.tensor import Tensor"),
        ("viz/snapshot.py", "import cupy"),
        ("lessons/01_graph.py", "import cupy as cp"),
        ("lessons/01_graph.py", "from tests.op_table import ROWS"),
    ],
)
def test_a_wrong_arrow_is_seen(file, text):
    assert len(wrong_arrows(text, file)) == 1


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("minigrad/__init__.py", "from .nn import Module"),
        ("minigrad/backend.py", "import numpy, cupy"),
        ("minigrad/ops/index.py", "from .shape import reshape\nfrom ..op import op"),
        ("minigrad/nn/__init__.py", "from .module import Module\nfrom . import init"),
        ("viz/snapshot.py", "from minigrad.graph import history"),
        ("viz/zoo.py", "import minigrad"),
        ("lessons/01_graph.py", "import minigrad as mg, viz\nfrom lessons import kit"),
    ],
)
def test_an_arrow_of_the_plan_passes(file, text):
    assert wrong_arrows(text, file) == []


@pytest.mark.parametrize(
    "text",
    [
        "import pickle",
        "from marshal import loads",
        "assert x > 0, 'bad input'",
        "y = eval(text)",
        "np.load(path, allow_pickle=True)",
        "np.load(path, allow_pickle=flag)",
        "np.random.seed(0)",
        "x = xp.random.normal(size=3)",
        "from numpy.random import seed",
        "import random",
    ],
)
def test_a_forbidden_thing_is_seen(text):
    assert len(forbidden(text, "minigrad/plant.py")) == 1


@pytest.mark.parametrize(
    "text", ["np.load(p, allow_pickle=False)", "np.random.default_rng(0)", "from numpy.random import Generator"]
)
def test_what_is_allowed_passes(text):
    assert forbidden(text, "minigrad/plant.py") == []
