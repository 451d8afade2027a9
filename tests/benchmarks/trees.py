"""Trees in one batch beside the same trees one by one: what `fold` is for. Imports minigrad and NumPy."""

from collections.abc import Callable
from statistics import median

import numpy as np

import minigrad as mg
from minigrad import nn
from minigrad.data import Tree

TREES, LEAVES, TOKENS, SIZE = 256, 20, 50, 32


def random_tree(leaves: int, rng: np.random.Generator) -> Tree:
    """A binary tree over so many random tokens: neighbours joined in a random order."""
    row: list = rng.integers(0, TOKENS, leaves).tolist()
    while len(row) > 1:
        at = int(rng.integers(len(row) - 1))
        row[at : at + 2] = [(row[at], row[at + 1])]
    return Tree.from_nested(row[0])


def batched_trees(interleaved: Callable[..., list[list[float]]]) -> list[tuple[str, str, str, str]]:
    """(what, measured, reach, note) for each net; interleaved(f, g, times=) gives the seconds of f and of g."""
    rng = np.random.default_rng(0)
    forest = [random_tree(LEAVES, rng) for _ in range(TREES)]
    x = mg.Tensor(rng.normal(size=(TOKENS, SIZE)), requires_grad=True)
    nets = {
        "recursive net": nn.RecursiveNet(SIZE, SIZE),
        "child-sum TreeLSTM": nn.TreeLSTM(SIZE, SIZE),
        "binary TreeLSTM": nn.TreeLSTM(SIZE, SIZE, kind="nary"),
    }
    return [_row(name, net, forest, x, interleaved) for name, net in nets.items()]


def _row(name: str, net: nn.Module, forest: list[Tree], x: mg.Tensor, interleaved: Callable) -> tuple:
    def gradient(batches: list[list[Tree]]) -> np.ndarray:
        x.grad = None
        for batch in batches:
            net(batch, x)[0].sum().backward()
        return x.grad.numpy()

    together, alone = [forest], [[tree] for tree in forest]
    difference = abs(gradient(together) - gradient(alone)).max() / abs(gradient(alone)).max()
    one_by_one, batch = interleaved(lambda: gradient(alone), lambda: gradient(together), times=10)
    ratios = sorted(a / b for a, b in zip(one_by_one, batch))
    note = f"{median(one_by_one) * 1e3:.0f} ms / {median(batch) * 1e3:.0f} ms; "
    note += f"{ratios[0]:.1f} .. {ratios[-1]:.1f}; gradients differ by {difference:.0e}"
    what = f"{TREES} trees of {LEAVES} leaves, {name} H{SIZE}, one by one / in one batch"
    return what, f"{median(ratios):.1f} x", ">= 5 x", note
