"""A run that was stopped goes on from its file as if it had never stopped, in a new process, bit for bit; and whatever
kills it, the file is the old one or the new one."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import minigrad as mg
from minigrad import backend, checkpoint, nn
from minigrad.errors import CheckpointError
from minigrad.optim import SGD, Adam, StepLR
from minigrad.recurrent.carry import reset_rows
from minigrad.train import fit

pytest.importorskip("safetensors", reason="runs are saved with safetensors")

ROOT = Path(__file__).resolve().parent.parent
posix = pytest.mark.skipif(os.name == "nt", reason="a process cannot be asked to stop there")

# everything that a run can carry along: two generators beside minigrad's own, dropout, a shuffled order, a carried
# state, a schedule, moments, validation with patience, and a parameter that does not learn
SCRIPT = """
import os, signal, sys
import numpy as np
import minigrad as mg
from minigrad import nn
from minigrad.data import contiguous
from minigrad.optim import Adam, CosineLR
from minigrad.train import fit

updates, path, stop_at = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
mg.manual_seed(3)
own = np.random.Generator(np.random.MT19937(5))

class Net(nn.Module):
    def __init__(self):
        self.embedding, self.head = nn.Embedding(7, 5), nn.Linear(6, 7)
        self.lstm = nn.LSTM(5, 6, num_layers=2, dropout=0.3)
        self.noise = nn.Dropout(0.2, rng=np.random.Generator(np.random.Philox(4)))
        self.frozen = nn.Parameter([1.5], requires_grad=False)

    def forward(self, ids, state=None):
        output, state = self.lstm(self.noise(self.embedding(ids)), state)
        return self.head(output) * self.frozen, state

net = Net()
text = np.random.default_rng(0).integers(0, 7, 160)
windows = contiguous(text, 3, 6)

def batches():
    order = own.permutation(len(windows))
    return [windows[i] for i in np.roll(order, mg.backend.generator().integers(3))]

def loss_of(batch, state):
    logits, state = net(batch.inputs, state)
    noise = 1 + 0.01 * own.standard_normal()
    return mg.cross_entropy(logits.reshape(-1, 7), batch.targets.reshape(-1)) * noise, state

def stop(n):
    os.kill(os.getpid(), signal.SIGTERM)

adam = Adam(net, lr=0.02)
done = fit(
    loss_of, batches, adam, updates, carry=True, clip=1.0, schedule=CosineLR(adam, 20), model=net, every=4, patience=9,
    validate=lambda: loss_of(windows[0], None)[0], at={stop_at: stop} if stop_at else None, resume=path,
    config={"hidden": 6, "layers": [2]}, rngs=[own], progress=False,
)
print(done.stopped_because)
print(repr(done.losses), repr(done.validation), repr(done.best))
sys.exit(done.exit_code)
"""


def trained(tmp_path, updates, name, stop_at=0):
    """(what it printed, exit code) of a new process that trains, or trains on."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
    command = [sys.executable, str(script), str(updates), str(tmp_path / name), str(stop_at)]
    ran = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": paths})
    assert ran.stderr == ""
    return ran.stdout.splitlines(), ran.returncode


def same(a, b):
    """Every array of two files bit for bit, and everything else but the time it took."""
    (one, about), (two, beside) = checkpoint.load(a), checkpoint.load(b)
    assert one.keys() == two.keys() and len(one) > 40
    for name in one:
        assert one[name].dtype == two[name].dtype and one[name].tobytes() == two[name].tobytes(), name
    about, beside = ({k: v for k, v in x["tree"]["dict"] if k != "seconds"} for x in (about, beside))
    assert about == beside
    assert {"generators", "data", "carried", "schedule", "config", "backend", "dtype", "best"} < about.keys()


def test_20_updates_are_10_and_10_in_a_new_process(tmp_path):
    whole, code = trained(tmp_path, 20, "whole")
    assert code == 0 and whole[0] == "all 20 updates are done"
    trained(tmp_path, 8, "parts")  # 8: where the uninterrupted run validates, too
    assert trained(tmp_path, 20, "parts") == (whole, 0)
    same(tmp_path / "whole", tmp_path / "parts")
    if os.name != "nt":
        said, code = trained(tmp_path, 20, "stopped", stop_at=7)
        assert code == 130
        assert said[0] == f"interrupted after 7 updates; the same call goes on from {tmp_path / 'stopped'}"
        assert trained(tmp_path, 20, "stopped") == (whole, 0)
        same(tmp_path / "whole", tmp_path / "stopped")


# ---------------------------------------------------------------- in one process


def walk(path, updates, batches=(1.0, 2.0, 3.0), optimizer=SGD, start=4.0, **options):
    """A run on a bowl; returns (parameter, history)."""
    p = mg.Tensor([start], dtype="float64", requires_grad=True, name="p")
    optimizer = optimizer([p], lr=0.1)
    if options.pop("scheduled", False):
        options["schedule"] = StepLR(optimizer, 3, 0.5)
    if path is not None:
        options = {"every": 100, **options}  # the disk is slow
    history = fit(
        lambda batch: ((p - batch) * (p - batch)).sum(), batches, optimizer, updates,
        resume=path, progress=False, **options,
    )  # fmt: skip
    return p, history


@pytest.mark.parametrize("cut", range(8))
def test_wherever_it_stops_it_goes_on_alike(tmp_path, cut):
    whole, expected = walk(tmp_path / "whole", 7, scheduled=True, optimizer=Adam)
    walk(tmp_path / "run", cut, scheduled=True, optimizer=Adam)
    p, history = walk(tmp_path / "run", 7, scheduled=True, optimizer=Adam)
    assert p.numpy().tobytes() == whole.numpy().tobytes() and history.losses == expected.losses
    assert len(history.losses) == 7 and history.seconds > 0


@pytest.mark.parametrize(
    "kind", [np.random.PCG64, np.random.PCG64DXSM, np.random.MT19937, np.random.Philox, np.random.SFC64]
)
def test_every_kind_of_generator_goes_on(tmp_path, kind):
    def run(name, *parts):
        for updates in parts:
            rng = np.random.Generator(kind(1))
            batches = lambda rng=rng: rng.permutation(5).astype(float).tolist()
            p, history = walk(tmp_path / name, updates, batches, rngs=[rng])
        return p.numpy().tobytes(), history.losses, rng.random(3).tolist()

    assert run("whole", 13) == run("parts", 4, 5, 6, 13)


def test_what_draws_from_a_generator_that_was_not_named_is_refused(tmp_path):
    for updates in (7, 9):
        rng = np.random.default_rng(1 if updates == 7 else 2)
        batches = lambda rng=rng: rng.permutation(50).astype(float).tolist()
        if updates == 7:
            walk(tmp_path / "run", updates, batches)
        else:
            with pytest.raises(CheckpointError, match=r"the batches are not those of that run.*rngs="):
                walk(tmp_path / "run", updates, batches)


def test_an_iterator_is_gone_through_up_to_its_place(tmp_path):
    walk(tmp_path / "run", 2, iter([1.0, 2.0, 3.0]))
    p, history = walk(tmp_path / "run", 5, iter([1.0, 2.0, 3.0]))
    whole, _ = walk(None, 3)
    assert history.stopped_because == "the batches ended after 3 updates" and p.numpy() == whole.numpy()
    with pytest.raises(CheckpointError, match="the batches are not those"):
        walk(tmp_path / "run", 5, iter([1.0]))


def test_a_run_that_is_done_stays_done(tmp_path):
    path, calls = tmp_path / "run", []
    p, first = walk(path, 5, validate=lambda: 1.0, at={0: calls.append, 5: calls.append})
    before = path.read_bytes()
    again, history = walk(path, 5, validate=lambda: 1.0, at={0: calls.append, 5: calls.append})
    assert again.numpy() == p.numpy() and history.losses == first.losses and history.validation == first.validation
    assert history.stopped_because == "all 5 updates are done" and calls == [0, 5] and path.read_bytes() == before


def test_patience_and_the_best_weights_survive(tmp_path):
    path, values = tmp_path / "run", iter([1.0, 2.0, 3.0])
    options = {"every": 1, "patience": 2, "validate": lambda: next(values)}
    walk(path, 2, **options)
    p, history = walk(path, 9, **options)
    best, _ = walk(None, 1)
    assert p.numpy() == best.numpy() and history.best == (1, 1.0) and "no better validation" in history.stopped_because
    p, again = walk(path, 9, **options)  # values has none left: nothing is validated again
    assert again.stopped_because == history.stopped_because and p.numpy() == best.numpy()


def test_a_broken_run_leaves_the_file_as_it_was(tmp_path):
    path, batches = tmp_path / "run", [1.0, 1.0, 1.0, np.nan, 1.0]
    walk(path, 2, batches)
    before = path.read_bytes()
    _, history = walk(path, 8, batches)
    if backend.name == "numpy":  # a GPU tells of the nan later
        assert history.stopped_because.startswith("the loss became nan at update 4")
    assert path.read_bytes() == before


@posix
def test_a_second_ctrl_c_leaves_the_last_file(tmp_path):
    path, copies = tmp_path / "run", []

    def impatient(n):
        copies.append(path.read_bytes())
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        walk(path, 50, every=2, at={5: impatient})
    assert path.read_bytes() == copies[0] and checkpoint.load_tree(path)["updates"] == 4
    whole, _ = walk(None, 7)
    assert walk(path, 7)[0].numpy().tobytes() == whole.numpy().tobytes()


@posix
def test_a_second_ctrl_c_while_saving_leaves_the_last_file(tmp_path, monkeypatch):
    path, real = tmp_path / "run", os.fsync
    walk(path, 2)
    before = path.read_bytes()

    def impatient(descriptor):
        os.kill(os.getpid(), signal.SIGINT)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", impatient)
    with pytest.raises(KeyboardInterrupt):
        walk(path, 9, at={3: lambda n: os.kill(os.getpid(), signal.SIGINT)})
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["run"]


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"config": {"hidden": 65}}, "configuration hidden is 64 there, 65 here"),
        ({"config": {}}, "configuration hidden is 64 there, missing here"),
        ({"scheduled": True}, "schedule"),
        ({"rngs": [np.random.default_rng(0)]}, "random generators"),
        ({"updates": 1}, "has done 2 updates; only 1"),
        ({"batches": (5.0, 6.0)}, "the batches are not those"),
        ({"optimizer": Adam}, "state of SGD"),
    ],
)
def test_another_run_is_refused(tmp_path, options, match):
    walk(tmp_path / "run", 2, config={"hidden": 64})
    with pytest.raises(ValueError, match=match):
        walk(tmp_path / "run", **{"updates": 5, "config": {"hidden": 64}, **options})


def test_other_parameters_and_dtypes_are_refused(tmp_path):
    def run(size, dtype="float32"):
        with mg.default_dtype(dtype):
            net = nn.Linear(size, 1)
            loss_of = lambda b: net(mg.Tensor(np.ones((1, size)))).sum()
            fit(loss_of, [0], SGD(net), 2, model=net, resume=path, progress=False)

    path = tmp_path / "run"
    run(3)
    with pytest.raises(CheckpointError, match=r"weight is \('float32', 1, 3\) there, \('float32', 1, 4\) here"):
        run(4)
    with pytest.raises(CheckpointError, match="dtype"):
        run(3, "float64")


def test_the_other_backend_is_warned_about(tmp_path, monkeypatch):
    walk(tmp_path / "run", 2)
    monkeypatch.setattr(backend, "name", "another")
    with pytest.warns(UserWarning, match="goes on with other rounding"):
        walk(tmp_path / "run", 3)


def test_files_of_another_kind_are_refused(tmp_path):
    path = tmp_path / "weights"
    checkpoint.save(path, {"w": np.zeros(3)}, {"update": 7})
    with pytest.raises(CheckpointError, match="holds named arrays"):
        walk(path, 2)
    checkpoint.save_tree(path, {"a": 1})
    with pytest.raises(CheckpointError, match="holds no training run"):
        walk(path, 2)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CheckpointError):
        walk(path, 2)


def test_an_impossible_place_is_refused_before_training(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"):
        walk(tmp_path / "absent" / "run", 3)
    with pytest.raises(IsADirectoryError):
        walk(tmp_path, 3)
    net = nn.Linear(1, 1)
    with pytest.raises(ValueError, match="two files"):
        fit(lambda b: net(b), [0], SGD(net), 1, model=net, save=tmp_path / "a", resume=tmp_path / "a")


def test_a_state_that_cannot_be_saved_is_refused_in_the_first_update(tmp_path):
    p = mg.Tensor([1.0], requires_grad=True)
    with pytest.raises(TypeError, match="the carried state/1 is a set"):
        fit(lambda b, s: (p.sum(), (p, {3})), [0], SGD([p]), 5, carry=True, resume=tmp_path / "run", progress=False)


# ---------------------------------------------------------------- trees of arrays


def test_a_tree_comes_back_as_it_was(tmp_path):
    pair = (np.float32(0.1), mg.Tensor([1.0], dtype="float32"))
    tree = {
        "a": np.arange(3, dtype="int8"),
        "b": [1, 2.5, None, True, "é", float("inf"), 2**100, {"c/d": pair}],
        3: (),
        "": {},
    }
    checkpoint.save_tree(tmp_path / "tree", tree)
    again = checkpoint.load_tree(tmp_path / "tree")
    assert list(again) == ["a", "b", 3, ""] and again["b"][:7] == tree["b"][:7] and again[3] == () and again[""] == {}
    assert again["a"].dtype == "int8" and again["a"].tolist() == [0, 1, 2]
    number, tensor = again["b"][7]["c/d"]
    assert number == np.float32(0.1) and isinstance(tensor, mg.Tensor) and tensor.dtype == "float32"


def test_a_tree_that_cannot_come_back_is_refused(tmp_path):
    class Pair(NamedTuple):
        a: int

    for tree, match in [
        ({"a": [object()]}, "it/a/0 is a object"),
        ([Pair(1)], "it/0 is a Pair"),
        ({(1, 2): 3}, "the key"),
        ({"a/b": np.zeros(1), "a": {"b": np.zeros(1)}}, "one name"),
    ]:
        with pytest.raises(TypeError, match=match):
            checkpoint.save_tree(tmp_path / "tree", tree)
    assert os.listdir(tmp_path) == []


def test_a_run_cut_short_or_changed_by_a_bit_is_refused_fault_76(tmp_path):
    path = tmp_path / "run"
    walk(path, 2, scheduled=True)
    data, rng = path.read_bytes(), np.random.default_rng(0)
    for length in rng.choice(len(data), 80, replace=False):
        path.write_bytes(data[:length])
        with pytest.raises(CheckpointError):
            walk(path, 3, scheduled=True)
    for place in rng.choice(len(data), 80, replace=False):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1 << rng.integers(8)]) + data[place + 1 :])
        with pytest.raises(CheckpointError):
            walk(path, 3, scheduled=True)


# ---------------------------------------------------------------- killed while saving

SAVING = """
import sys
import numpy as np
from minigrad import checkpoint

path, k = sys.argv[1], int(sys.argv[2])
print("saving", flush=True)
while True:
    k += 1
    checkpoint.save_tree(path, {"number": k, "arrays": [np.full(20_000, k), np.full((7, 3), k, dtype="float32")]})
"""


def killed_while_saving(path, times):
    """Kill a process that does nothing but save, at a random moment, so often; each time the file must be whole."""
    moments, number, saved = random.Random(1), 0, 0
    for _ in range(times):
        process = subprocess.Popen(
            [sys.executable, "-c", SAVING, str(path), str(number)], stdout=subprocess.PIPE, cwd=ROOT
        )
        assert process.stdout.readline().strip() == b"saving"
        time.sleep(moments.uniform(0.0, 0.06))
        process.kill()
        process.wait()
        process.stdout.close()
        if not path.exists():  # killed during the very first one
            assert number == 0
            continue
        tree = checkpoint.load_tree(path)
        assert tree["number"] >= number and all((array == tree["number"]).all() for array in tree["arrays"])
        saved += tree["number"] > number
        number = tree["number"]
    assert saved  # some were killed after a first save, so an old file was being replaced


def test_killed_8_times_the_file_is_the_old_or_the_new_one_fault_78(tmp_path):
    killed_while_saving(tmp_path / "run", 8)


@pytest.mark.slow
def test_killed_50_times_the_file_is_the_old_or_the_new_one_fault_78(tmp_path):
    killed_while_saving(tmp_path / "run", 50)


# ---------------------------------------------------------------- carried state, a document a row


class Window(NamedTuple):
    inputs: np.ndarray
    first: np.ndarray


def test_rows_of_the_carried_state_begin_anew_where_a_document_does(tmp_path):
    """Two documents side by side, of 5 and 3 chunks: each row equals its document read alone."""
    with mg.default_dtype("float64"):
        cell, rng = nn.LSTMCell(2, 3), np.random.default_rng(0)
        documents = rng.normal(size=(8, 2))  # the steps 0..4 are one, 5..7 the next
        left, right = documents, np.concatenate([documents[5:], documents[:5]])
        windows = [
            Window(np.stack([left[t], right[t]]), np.array([t in (0, 5), t in (0, 3)])) for t in range(8)
        ]  # fmt: skip
        seen = []

        def loss_of(batch, state):
            h, c = cell(mg.Tensor(batch.inputs), state)
            seen.append((h.numpy(), c.numpy()))
            return (h * h).sum(), (h, c)

        frozen = SGD(cell, lr=1e-300)
        fit(loss_of, windows, frozen, 8, carry=True, progress=False)
        for start, stop in ((0, 5), (5, 8)):
            state = None
            for t in range(start, stop):
                state = cell(mg.Tensor(documents[t : t + 1]), state)
                other = t - 5 if start else t + 3
                for part in (0, 1):
                    alone = state[part].numpy()[0]
                    assert np.allclose(seen[t][part][0], alone, rtol=1e-14, atol=1e-15)
                    assert np.allclose(seen[other][part][1], alone, rtol=1e-14, atol=1e-15)


def test_no_gradient_crosses_the_end_of_a_document():
    """In the step, by scan: gradients are those of the two documents apart."""
    from minigrad.recurrent import scan

    with mg.default_dtype("float64"):
        cell = nn.GRUCell(2, 3)
        xs = [mg.Tensor(np.random.default_rng(t).normal(size=(2, 2)), requires_grad=True) for t in range(6)]
        firsts = np.zeros((6, 2), dtype=bool)
        firsts[4, 0] = True  # the first row has a document of 4 steps and one of 2
        ys, state = scan(
            lambda x, s: cell.advance(x[0], reset_rows(s, x[1])), list(zip(xs, firsts)), cell.initial(2)
        )
        first, second = mg.grad(state[0][0].sum(), [xs[3], xs[4]])
        assert not first.numpy().any() and second.numpy()[0].any()
        alone, _ = scan(cell.advance, [x[:1] for x in xs[4:]], cell.initial(1))
        assert np.allclose(ys[5].numpy()[0], alone[1].numpy()[0], rtol=1e-14)
        assert mg.grad(ys[5][1].sum(), xs[0]).numpy()[1].any()  # the other row goes on


def test_reset_rows_takes_what_a_layer_gives_and_refuses_another_batch():
    state = {"a": (mg.Tensor(np.ones((2, 3, 4))), [mg.Tensor(np.ones((3, 4)))]), "n": 5}
    new = reset_rows(state, np.array([False, True, False]), initial=-1.0)
    assert new["n"] == 5 and new["a"][0].numpy()[:, 1].tolist() == [[-1] * 4] * 2 and new["a"][0].numpy()[:, ::2].all()
    assert new["a"][1][0].numpy().sum() == 4
    counts = reset_rows(mg.Tensor(np.array([[3], [4], [5]])), np.array([True, False, False]))
    assert counts.numpy().tolist() == [[0], [4], [5]] and counts.dtype.kind == "i"  # a clockwork cell counts its steps
    with pytest.raises(mg.ShapeError, match=r"2 rows for a state of shape \(2, 3, 4\)"):
        reset_rows(state, np.array([True, False]))
