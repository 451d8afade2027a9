"""The training loop: what it does in which order, and how it ends when something goes wrong."""

import math
import os
import re
import signal
import sys
import threading
import time
import warnings
from typing import NamedTuple

import numpy as np
import pytest

import minigrad as mg
from minigrad import backend, checkpoint, nn, progress, train
from minigrad.data import contiguous
from minigrad.errors import GraphError, ShapeError
from minigrad.optim import SGD, Adam, StepLR, clip_grad_value
from minigrad.tensor import OPS
from minigrad.train import fit

ON_DEVICE = backend.name == "cupy"


def leaf(values, name=None):
    return mg.Tensor(np.asarray(values), dtype="float64", requires_grad=True, name=name)


def bowl(start=4.0, lr=0.1):
    """A loss that falls by (1 - 2 lr)**2 an update, its parameter and optimiser."""
    p = leaf([start], name="p")
    return (lambda batch: ((p - batch) * (p - batch)).sum()), p, SGD([p], lr=lr)


class Model(nn.Module):
    def __init__(self):
        self.w = nn.Parameter([4.0], dtype="float64")

    def forward(self, x):
        return ((self.w - x) * (self.w - x)).sum()


def test_the_losses_are_those_of_the_updates():
    loss_of, p, optimizer = bowl()
    history = fit(loss_of, [0.0], optimizer, 5, progress=False)
    assert history.losses == pytest.approx([16 * 0.64**i for i in range(5)], rel=1e-12)
    assert p.numpy() == pytest.approx(4 * 0.8**5)
    assert history.stopped_because == "all 5 updates are done" and history.seconds > 0
    assert history.validation == [] and history.best is None


def test_batches_come_again_and_again_from_a_list_or_a_function():
    passes = []

    def shuffled():
        passes.append(len(seen))
        return iter([1.0, 2.0])

    for batches in ([1.0, 2.0], shuffled):
        seen = []
        loss_of, _, optimizer = bowl()
        fit(lambda b, seen=seen, loss_of=loss_of: seen.append(b) or loss_of(b), batches, optimizer, 5, progress=False)
        assert seen == [1, 2, 1, 2, 1]
    assert passes == [0, 2, 4]


def test_an_iterator_ends_the_run():
    loss_of, _, optimizer = bowl()
    history = fit(loss_of, iter([1.0, 2.0, 3.0]), optimizer, 5, validate=lambda: 7, every=2, progress=False)
    assert len(history.losses) == 3 and history.stopped_because == "the batches ended after 3 updates"
    assert history.validation == [(2, 7), (3, 7)]


def test_empty_batches_are_left_out_fault_25():
    loss_of, p, optimizer = bowl()
    empty, full = np.zeros((0,)), np.zeros((1,))
    history = fit(lambda b: loss_of(float(b[0][0])), [(empty, empty), (full, full)], optimizer, 2, progress=False)
    assert len(history.losses) == 2 and optimizer.steps == {"0": 2}
    for nothing in ([], [(empty, empty)], lambda: []):
        with pytest.raises(ValueError, match="no batch with anything in it"):
            fit(loss_of, nothing, optimizer, 2, progress=False)


def test_clipping_and_the_schedule_happen_in_each_update():
    loss_of, p, optimizer = bowl(start=100.0, lr=1.0)
    fit(loss_of, [0.0], optimizer, 4, clip=3.0, schedule=StepLR(optimizer, 2, 0.5), progress=False)
    assert p.numpy() == pytest.approx(100 - 3 - 3 - 1.5 - 1.5) and optimizer.lr == 0.25
    loss_of, p, optimizer = bowl(start=100.0, lr=1.0)
    fit(loss_of, [0.0], optimizer, 2, clip=lambda params: clip_grad_value(params, 0.5), progress=False)
    assert p.numpy() == 99


def test_gradients_do_not_add_up_between_updates():
    loss_of, p, optimizer = bowl()
    loss_of(3.0).backward()  # left over from before
    fit(loss_of, [0.0], optimizer, 1, progress=False)
    assert p.numpy() == pytest.approx(4 * 0.8)


# ---------------------------------------------------------------- stages, validation, early stop


def test_functions_are_called_at_their_updates_in_eval_mode():
    model, seen = Model(), []
    at = {n: lambda n: seen.append((n, model.training, float(model.w.numpy()[0]))) for n in (0, 2, 3)}
    fit(model, [0.0], SGD(model, lr=0.1), 3, at=at, model=model, progress=False)
    assert [n for n, _, _ in seen] == [0, 2, 3] and not any(training for _, training, _ in seen)
    assert [w for _, _, w in seen] == pytest.approx([4, 4 * 0.8**2, 4 * 0.8**3])
    assert model.training


def test_the_mode_of_the_model_is_as_before_even_after_an_error():
    model = Model().eval()
    before = False

    def fails(n):
        raise RuntimeError("from inside")

    for _ in range(2):
        with pytest.raises(RuntimeError, match="from inside"):
            fit(model, [0.0], SGD(model), 3, at={1: fails}, model=model, progress=False)
        assert model.training is before
        fit(model, [0.0], SGD(model), 3, model=model, progress=False)
        assert model.training is before
        before = model.train().training


def test_validation_is_without_history_in_eval_mode_and_also_at_the_end():
    model, modes = Model(), []

    def validate():
        loss = model(0.0)
        modes.append((model.training, loss.node))
        return loss

    history = fit(model, [0.0], SGD(model, lr=0.1), 5, validate=validate, every=2, model=model, progress=False)
    assert [update for update, _ in history.validation] == [2, 4, 5] and modes == [(False, None)] * 3
    assert history.best == history.validation[-1] == (5, pytest.approx(16 * 0.64**5))


def test_without_patience_the_last_weights_stay():
    loss_of, p, optimizer = bowl()
    values = iter([1.0, 5.0, 4.0])
    history = fit(loss_of, [0.0], optimizer, 3, validate=lambda: next(values), every=1, progress=False)
    assert history.best == (1, 1.0) and p.numpy() == pytest.approx(4 * 0.8**3)


def test_patience_stops_early_and_puts_the_best_weights_back():
    loss_of, p, optimizer = bowl()
    values = iter([3.0, 1.0, 2.0, math.nan, 1.0, 0.0])
    history = fit(loss_of, [0.0], optimizer, 50, validate=lambda: next(values), every=2, patience=3, progress=False)
    assert [update for update, _ in history.validation] == [2, 4, 6, 8, 10]
    assert history.best == (4, 1.0) and p.numpy() == pytest.approx(4 * 0.8**4) and len(history.losses) == 10
    assert history.stopped_because == "no better validation in 3 checks; the best was 1 after 4 updates"


def test_the_best_weights_are_safe_from_changes_in_place():
    loss_of, p, optimizer = bowl()

    def spoil(n):
        p.data *= 0
        p.data += 9

    values = iter([1.0, 2.0])
    fit(loss_of, [0.0], optimizer, 4, validate=lambda: next(values), every=2, patience=5, at={2: spoil}, progress=False)
    assert p.numpy() == pytest.approx(4 * 0.8**2)


def test_validation_that_is_never_a_number_stops_too():
    loss_of, p, optimizer = bowl()
    history = fit(loss_of, [0.0], optimizer, 9, validate=lambda: math.nan, every=1, patience=2, progress=False)
    assert history.best is None and len(history.losses) == 2 and "none was a number" in history.stopped_because


# ---------------------------------------------------------------- carried state


def test_a_carried_state_is_detached_and_fresh_where_a_pass_begins():
    p, seen = leaf([1.0]), []

    def loss_of(batch, state):
        seen.append((batch, None if state is None else (float(state["h"][0]), state["h"][0].requires_grad)))
        h = p * batch if state is None else p * batch + state["h"][0]
        return h.sum(), {"h": [h], "count": 3}

    optimizer = SGD([p], lr=1e-12)
    fit(loss_of, [1.0, 2.0, 4.0], optimizer, 5, carry=True, progress=False)
    assert seen == [
        (1, None),
        (2, (pytest.approx(1), False)),
        (4, (pytest.approx(3), False)),
        (1, None),
        (2, (pytest.approx(1), False)),
    ]


class Window(NamedTuple):
    inputs: float
    first: bool


def test_a_batch_can_ask_for_a_fresh_state():
    p, fresh = leaf([1.0]), []

    def loss_of(batch, state):
        fresh.append(state is None)
        return p.sum(), (p * batch.inputs,)

    windows = [Window(1.0, False), Window(1.0, True), Window(1.0, False)]
    fit(loss_of, windows, SGD([p]), 5, carry=True, progress=False)
    assert fresh == [True, True, False, True, True]


def test_a_recurrent_net_learns_a_text_in_contiguous_windows():
    ids = np.tile(np.array([0, 1, 2, 2, 1, 3]), 60)
    batches = contiguous(ids, batch_size=2, window=8)
    starts = [batch.first for batch in batches]
    embedding, gru, head = nn.Embedding(4, 8), nn.GRU(8, 16), nn.Linear(16, 4)
    model = nn.Sequential(embedding, gru, head)
    fresh = []

    def loss_of(batch, state):
        fresh.append(state is None)
        output, state = gru(embedding(batch.inputs), state)
        return mg.cross_entropy(head(output).reshape(-1, 4), batch.targets.reshape(-1)), state

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history = fit(loss_of, batches, Adam(model, lr=0.02), 120, carry=True, clip=5.0, progress=False)
    assert fresh == (starts * 20)[:120]
    assert history.losses[0] == pytest.approx(math.log(4), abs=0.4) and np.mean(history.losses[-10:]) < 0.1


def test_a_forgotten_detach_is_named_fault_38():
    p = leaf([1.0])
    kept = []

    def loss_of(batch):
        kept.append((kept[-1] if kept else 0.0) + p * batch)
        return kept[-1].sum()

    with pytest.raises(GraphError, match="detach"):
        fit(loss_of, [1.0], SGD([p]), 3, progress=False)


def test_a_graph_that_grows_is_warned_about_once_fault_50():
    p, kept, cut = leaf([1.0]), [], OPS["cut"]

    def loss_of(batch):  # no gradient crosses the cut, so backward never complains; the history grows all the same
        state = cut(kept[-1]) if kept else mg.Tensor([0.0], dtype="float64")
        kept[:] = [state * p + batch]
        return kept[0].sum()

    with pytest.warns(UserWarning, match=r"grew from \d+ to \d+ nodes by update 16.*detach") as caught:
        fit(loss_of, [1.0], SGD([p]), 100, progress=False)
    assert len(caught) == 1


def test_threads_that_spin_are_warned_about_once(monkeypatch):
    loss_of, _, optimizer = bowl()
    monkeypatch.setattr(train, "SPIN_SECONDS", 0.0)
    monkeypatch.setattr(time, "process_time", lambda: 2 * time.perf_counter())
    with pytest.warns(UserWarning, match=r"worked 2.0 seconds in each.*OPENBLAS_NUM_THREADS=1") as caught:
        fit(loss_of, [1.0], optimizer, 100, progress=False)
    assert len(caught) == 1


def test_a_graph_that_varies_is_not_warned_about():
    p = leaf([1.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(lambda n: sum(p * k for k in range(1, n)).sum(), [2, 9, 4, 3, 12], SGD([p]), 140, progress=False)
        longer = [40 + i for i in range(20)]
        fit(lambda n: sum(p * k for k in range(1, n)).sum(), longer, SGD([p]), 20, progress=False)
        ever_longer = [4 + 3 * i for i in range(20)]
        fit(lambda n: sum(p * k for k in range(1, n)).sum(), ever_longer, SGD([p]), 20, progress=False)


# ---------------------------------------------------------------- bad ends


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_broken_loss_ends_the_run_before_a_parameter_is_spoilt_fault_74(bad):
    big, small = leaf([4.0], name="big"), leaf([1.0], name="small")
    factors = [1.0, 1.0, bad, 1.0, 1.0]
    history = fit(
        lambda f: ((big * big).sum() + small.sum()) * f, factors, SGD([big, small], lr=0.1), 5, progress=False
    )
    because = history.stopped_because
    assert f"the loss became {bad} at update 3; the last finite loss is" in because and "of update 2" in because
    assert history.losses == pytest.approx([17, 16 * 0.64 + 0.9]) and np.isfinite(big.numpy()).all()
    if not ON_DEVICE:
        assert "the largest gradient before was in big: 6.4" in because
        assert big.numpy() == pytest.approx(4 * 0.8**2)


def test_a_parameter_that_is_nan_is_named_fault_74():
    good, bad = leaf([1.0], name="good"), leaf([math.nan], name="bad")
    history = fit(lambda b: (good + bad).sum(), [0], SGD([good, bad]), 3, progress=False)
    assert history.losses == [] and history.stopped_because.endswith(
        "at update 1; no loss was finite; the values of bad hold nan or inf"
    )


def test_a_broken_gradient_ends_the_run_fault_16():
    p = leaf([4.0, 0.0], name="p")
    history = fit(lambda b: mg.sqrt(p * b).sum(), [1.0], SGD([p], lr=0.1), 3, clip=1.0, progress=False)
    assert p.numpy().tolist() == [4, 0] and len(history.losses) <= 1 + 2 * ON_DEVICE
    assert "nan or inf" in history.stopped_because and "update" in history.stopped_because
    if not ON_DEVICE:
        assert "gradient of p" in history.stopped_because


def test_broken_gradients_can_be_left_out_fault_16():
    p = leaf([4.0, 0.0])
    optimizer = SGD([p], lr=0.1)
    optimizer.skip_nonfinite = True
    history = fit(lambda b: mg.sqrt(p * b).sum(), [1.0], optimizer, 3, clip=1.0, progress=False)
    assert len(history.losses) == 3 and int(optimizer.skipped) == 3 and history.stopped_because.startswith("all 3")


class Press:
    """An optimiser during whose third step Ctrl-C is pressed, between its two parameters."""

    def __init__(self, optimizer):
        self.real = optimizer._step_one
        self.calls = 0

    def __call__(self, *args):
        self.real(*args)
        self.calls += 1
        if self.calls == 5:
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to a single process there")
def test_ctrl_c_in_the_middle_of_a_step_waits_for_its_end():
    a, b = leaf([4.0]), leaf([4.0])
    optimizer = Adam([a, b], lr=0.1)
    optimizer._step_one = Press(optimizer)
    schedule = StepLR(optimizer, 1, 0.5)
    history = fit(lambda x: (a * a + b * b).sum(), [0], optimizer, 50, schedule=schedule, progress=False)
    assert history.stopped_because == "interrupted after 3 updates" and len(history.losses) == 3
    assert optimizer.steps == {"0": 3, "1": 3} and schedule.n == 3 and a.numpy() == b.numpy() and a.grad is None
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def press(number=signal.SIGINT):
    os.kill(os.getpid(), number)


posix = pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to a single process there")


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("place", ["forward", "clip"])
def test_ctrl_c_elsewhere_waits_for_the_end_of_the_update_too(place, number):
    loss_of, p, optimizer = bowl()
    values = iter([1.0, 2.0])

    def pressing(where):
        if where == place and optimizer.steps["0"] == 4:
            press(number)

    history = fit(
        lambda batch: pressing("forward") or loss_of(batch),
        [0.0],
        optimizer,
        50,
        clip=lambda _: pressing("clip"),
        validate=lambda: next(values),
        every=2,
        patience=9,
        progress=False,
    )
    assert history.stopped_because == "interrupted after 5 updates" and len(history.losses) == 5
    assert history.interrupted and history.exit_code == 130
    assert p.numpy() == pytest.approx(4 * 0.8**2) and history.best == (2, 1.0)  # the best weights are back
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


@posix
@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM])
def test_a_second_ctrl_c_stops_at_once(first):
    loss_of, _, optimizer = bowl()

    def pressing(batch):
        if optimizer.steps["0"] == 2:
            press(first)
            press(signal.SIGINT)
            time.sleep(5)
        return loss_of(batch)

    started = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        fit(pressing, [0.0], optimizer, 50, progress=False)
    assert time.perf_counter() - started < 5 and optimizer.steps == {"0": 2}
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@posix
def test_sigterm_twice_still_waits():
    loss_of, _, optimizer = bowl()
    at = {2: lambda n: press(signal.SIGTERM) or press(signal.SIGTERM)}
    assert fit(loss_of, [0.0], optimizer, 9, at=at, progress=False).stopped_because == "interrupted after 2 updates"


@posix
def test_the_first_ctrl_c_is_answered_on_the_screen(capfd):
    loss_of, _, optimizer = bowl()
    fit(loss_of, [0.0], optimizer, 9, at={2: lambda n: press()})
    assert "Ctrl-C again stops at once" in capfd.readouterr().err


@posix
def test_a_handler_of_ones_own_is_left_alone():
    loss_of, _, optimizer = bowl()
    calls, before = [], signal.signal(signal.SIGTERM, lambda *_: calls.append(1))
    try:
        history = fit(loss_of, [0.0], optimizer, 4, at={2: lambda n: press(signal.SIGTERM)}, progress=False)
        assert calls == [1] and len(history.losses) == 4 and history.exit_code == 0
    finally:
        signal.signal(signal.SIGTERM, before)


def test_in_another_thread_signals_are_left_alone():
    loss_of, _, optimizer = bowl()
    results = []
    thread = threading.Thread(target=lambda: results.append(fit(loss_of, [0.0], optimizer, 3, progress=False)))
    thread.start()
    thread.join()
    assert len(results[0].losses) == 3


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ({"updates": -1}, ValueError, "updates must be"),
        ({"updates": 2.5}, ValueError, "updates must be"),
        ({"every": 0, "validate": float}, ValueError, "every must be"),
        ({"patience": 0, "validate": float}, ValueError, "patience must be"),
        ({"patience": 2}, ValueError, "need validate"),
        ({"at": {9: print}}, ValueError, "at=9 is never reached"),
        ({"at": {-1: print}}, ValueError, "at=-1"),
        ({"describe": "nats"}, ValueError, "describe must be"),
        ({"save": "x"}, ValueError, "save= needs model="),
        ({"batches": 3}, TypeError, "batches must be"),
        ({"clip": -1.0}, ValueError, "max_norm must be above 0"),
        ({"carry": True}, TypeError, r"takes 1 positional argument|returns \(loss, state\)"),
    ],
)
def test_arguments_that_make_no_sense(arguments, error, match):
    loss_of, _, optimizer = bowl()
    with pytest.raises(error, match=match):
        fit(loss_of, **{"batches": [0.0], "optimizer": optimizer, "updates": 5, "progress": False, **arguments})


def test_what_loss_of_may_return():
    p = leaf([1.0, 2.0])
    for returned, carry, error, match in [
        (lambda b, *s: 3.0, False, TypeError, "not a float"),
        (lambda b, *s: (p.sum(), None), False, TypeError, "set carry=True"),
        (lambda b, *s: p.sum(), True, TypeError, r"returns \(loss, state\), not a Tensor"),
        (lambda b, *s: p * b, False, ShapeError, r"the loss has shape \(2,\)"),
        (lambda b, *s: mg.Tensor(1.0), False, GraphError, "no parameter"),
    ]:
        with pytest.raises(error, match=match):
            fit(returned, [1.0], SGD([p]), 2, carry=carry, progress=False)


# ---------------------------------------------------------------- saving


def test_the_best_weights_are_saved(tmp_path):
    pytest.importorskip("safetensors", reason="weights are saved with safetensors")
    model, path = Model(), tmp_path / "best.safetensors"
    values = iter([2.0, 1.0, 3.0])
    optimizer = SGD(model, lr=0.1)
    fit(model, [0.0], optimizer, 3, validate=lambda: next(values), every=1, model=model, save=path, progress=False)
    arrays, metadata = checkpoint.load(path)
    assert arrays["w"] == pytest.approx(4 * 0.8**2) and metadata == {"update": 2, "validation": 1.0}
    fit(model, [0.0], optimizer, 2, model=model, save=path, progress=False)
    arrays, metadata = checkpoint.load(path)
    assert np.array_equal(arrays["w"], model.w.numpy()) and metadata == {"update": 2}


def test_what_cannot_be_saved_is_refused_before_training(tmp_path, monkeypatch):
    model = Model()
    with pytest.raises(FileNotFoundError, match="absent"):
        fit(model, [0.0], SGD(model), 3, model=model, save=tmp_path / "absent" / "x", progress=False)
    monkeypatch.setitem(sys.modules, "safetensors", None)
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    with pytest.raises(ImportError, match=r"pip install safetensors"):
        fit(model, [0.0], SGD(model), 3, model=model, save=tmp_path / "x", progress=False)
    assert model.w.numpy() == 4 and list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- what is shown


class Clock:
    """Stands in for `time` in the loop: each update takes half a second."""

    def __init__(self):
        self.now = 100.0

    def perf_counter(self):
        return self.now

    process_time = perf_counter


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(train, "time", clock)
    monkeypatch.setattr(progress, "time", clock)
    return clock


def ticking(clock, loss_of):
    def tick(batch):
        clock.now += 0.5
        return loss_of(batch)

    return tick


def test_off_a_terminal_a_plain_line_every_two_seconds(clock, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    p = leaf([0.0])
    loss_of = ticking(clock, lambda b: p.sum() * 0 + math.log(2) * 3)
    fit(loss_of, [0.0], SGD([p]), 10, describe="bits")
    assert capsys.readouterr().out.splitlines() == [
        "4/10 updates, loss 2.079 = 3.000 bits per symbol, 2 s, 3 s left",
        "8/10 updates, loss 2.079 = 3.000 bits per symbol, 4 s, 1 s left",
        "10/10 updates, loss 2.079 = 3.000 bits per symbol, 5 s, 0 s left",
    ]


def test_the_time_left_is_reckoned_from_what_this_run_did(clock, capsys):
    with progress.Progress(20, "loss", wanted=True, begun=10) as bar:
        clock.now += 5
        bar.show(15, [1.0] * 15)
    assert capsys.readouterr().out.splitlines()[0] == "15/20 updates, loss 1, 5 s, 5 s left"


def test_a_short_run_says_nothing_and_progress_can_be_switched_off(clock, capsys):
    loss_of, _, optimizer = bowl()
    fit(loss_of, [0.0], optimizer, 5)
    fit(ticking(clock, loss_of), [0.0], optimizer, 20, progress=False)
    assert capsys.readouterr().out == ""


class Terminal:
    """A standard output that says that it is a terminal."""

    encoding = "utf-8"

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text
        return len(text)

    def flush(self):
        pass

    def isatty(self):
        return True


def test_on_a_terminal_there_is_a_bar(monkeypatch):
    pytest.importorskip("rich", reason="the bar is drawn by rich")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr(sys, "stdout", Terminal())
    loss_of, _, optimizer = bowl()
    fit(loss_of, [0.0], optimizer, 5, describe="bits", at={2: lambda n: print("a sample")})
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", sys.stdout.text)
    assert "5/5" in shown and "bits per symbol" in shown and "a sample" in shown


def test_without_rich_a_terminal_gets_lines_too(monkeypatch, clock):
    monkeypatch.setitem(sys.modules, "rich", None)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    loss_of, _, optimizer = bowl()
    fit(ticking(clock, loss_of), [0.0], optimizer, 5)
    assert terminal.text.splitlines()[0].startswith("4/5 updates, loss ") and "\x1b" not in terminal.text


# ---------------------------------------------------------------- on a device


@pytest.mark.skipif(not ON_DEVICE, reason="NumPy has no device to wait for")
def test_the_device_is_waited_for_only_when_the_loss_is_read(clock):
    standin = pytest.importorskip("cupy._standin", reason="the real CuPy does not count its waits")
    loss_of, p, optimizer = bowl()
    waits = []

    def tick(batch):
        waits.append(standin.waits())
        clock.now += 0.03
        return loss_of(batch)

    history = fit(tick, [0.0], optimizer, 41, clip=1.0, progress=False)
    reads = sum(after > before for before, after in zip(waits, waits[1:]))
    assert len(history.losses) == 41 and reads == 10  # every fourth update: 0.12 s
