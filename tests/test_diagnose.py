"""anomaly() names the first op that makes nan or inf, forward and backward, and changes nothing outside its block."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.diagnose import anomaly


def test_fault_9_names_the_op_that_made_it():
    x = mg.Tensor([0.0, 1.0], requires_grad=True)
    with mg.scope("step", 3), anomaly(), pytest.raises(mg.AnomalyError, match=r"log \(step 3\) made it.*-inf"):
        mg.log(x)


def test_fault_4_says_that_softmax_was_given_inf():
    x = mg.Tensor([np.inf, 1.0])
    with anomaly(), pytest.raises(mg.AnomalyError, match="softmax was given inf and gave nan"):
        mg.softmax(x)


def test_fault_9_names_the_backward_rule():
    x = mg.Tensor([0.0], requires_grad=True)
    y = mg.sqrt(x).sum()
    with (
        anomaly(),
        pytest.raises(mg.AnomalyError, match="backward rule of sqrt makes of a finite one a gradient of inf"),
    ):
        y.backward()
    assert x.grad is None


def test_a_watcher_still_sees_every_node():
    x = mg.Tensor([1.0, 2.0], requires_grad=True)
    seen = []
    with anomaly():
        (x * x).sum().backward(watch=lambda node, incoming, contributions: seen.append(node.op.name))
    assert seen == ["sum", "mul"]
    assert x.grad.numpy().tolist() == [2.0, 4.0]


def test_nothing_is_checked_outside_the_block():
    x = mg.Tensor([0.0])
    with anomaly():
        assert mg.exp(x).item() == 1.0
    assert mg.log(x).item() == -np.inf
