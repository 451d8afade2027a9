"""Where the answer has the shape of a tree, or lies on both sides, a net of that shape learns more than one that reads
from left to right, in equally many updates. Three seeds each, all slow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn, optim
from minigrad.backend import generator
from minigrad.data import Tree, buckets, listops, pad_sequences, token_roles
from minigrad.data.listops import CLOSING, DIGITS, OPENINGS, ListOps
from minigrad.data.python_source import ROLES, TokenRoles
from minigrad.data.tasks import IGNORED
from minigrad.train import fit

pytestmark = pytest.mark.slow
three_seeds = pytest.mark.parametrize("seed", [0, 1, 2])


def trained(model: nn.Module, loss_of: Callable[[Any], mg.Tensor], lengths: Sequence[int], updates: int) -> None:
    """Batches of 32 of similar length, in an order drawn anew for each pass."""
    optimizer = optim.Adam(model.parameters(), lr=0.005)
    fit(loss_of, lambda: buckets(lengths, 32, generator()), optimizer, updates, clip=1.0, model=model, progress=False)


# ---------------------------------------------------------------- ListOps

SYMBOLS = {token: i for i, token in enumerate([*DIGITS, *OPENINGS, CLOSING])}
LABELS = {token.lstrip("["): i for token, i in SYMBOLS.items()}  # as Tree.from_tokens names the nodes
LISTOPS_UPDATES = 400


class TreeClassifier(nn.Module):
    """A tree -> scores of the ten digits."""

    def __init__(self, hidden: int):
        self.embedding = nn.Embedding(len(LABELS), hidden)
        self.net = nn.TreeLSTM(hidden, hidden)
        self.readout = nn.Linear(hidden, len(DIGITS))

    def forward(self, forest: list[Tree]) -> mg.Tensor:
        roots, _ = self.net(forest, self.embedding.weight)
        return self.readout(roots)


def parsed(expressions: list[list[str]]) -> tuple[list[Tree]]:
    return ([Tree.from_tokens(tokens).numbered(LABELS) for tokens in expressions],)


def padded(expressions: list[list[str]]) -> tuple[np.ndarray, np.ndarray]:
    return pad_sequences([[SYMBOLS[token] for token in tokens] for tokens in expressions])


def value_accuracy(model: nn.Module, read: Callable[[list[list[str]]], tuple], train: ListOps, valid: ListOps) -> float:
    """Share of held-out expressions that the model, once trained, evaluates right. read: tokens -> its arguments."""

    def loss_of(batch: np.ndarray) -> mg.Tensor:
        return mg.cross_entropy(model(*read([train.tokens[i] for i in batch])), train.answers[batch])

    trained(model, loss_of, [len(tokens) for tokens in train.tokens], LISTOPS_UPDATES)
    with mg.no_grad():
        said = model(*read(valid.tokens)).numpy().argmax(axis=-1)
    return float((said == valid.answers).mean())


def listops_accuracies(seed: int) -> tuple[float, float]:
    """Over the parse trees, and from left to right."""
    mg.manual_seed(seed)
    train, valid = listops(6400, generator(), split="train"), listops(2000, generator(), split="valid")
    tree = value_accuracy(TreeClassifier(48), parsed, train, valid)
    return tree, value_accuracy(nn.Classifier(len(SYMBOLS), 48, 48, len(DIGITS), cell="gru"), padded, train, valid)


@three_seeds
def test_a_net_over_the_parse_tree_evaluates_better_than_one_that_reads_the_tokens(seed: int) -> None:
    tree, chain = listops_accuracies(seed)
    assert chain > 0.25, "it learns, too: the commonest answer is right in 0.12"
    assert tree >= chain + 0.05


# ---------------------------------------------------------------- roles of Python's tokens

KNOWN = 1000  # words that have an id; 0 stands for the others
TAG_UPDATES = 200


def tag_accuracies(seed: int) -> tuple[float, float]:
    """Accuracy on files not trained on, of a net of 2 x 32 that reads both ways, and of one of 64 that reads one."""
    mg.manual_seed(seed)
    train, valid = token_roles(max_tokens=100_000, split="train"), token_roles(split="valid")
    frequent = Counter(token for line in train.tokens for token in line).most_common(KNOWN)
    ids = {token: i for i, (token, _) in enumerate(frequent, start=1)}

    def padded_lines(data: TokenRoles, rows: Sequence[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        x, lengths = pad_sequences([[ids.get(token, 0) for token in data.tokens[i]] for i in rows])
        return x, lengths, pad_sequences([data.roles[i] for i in rows], IGNORED)[0]

    def accuracy(hidden: int, bidirectional: bool) -> float:
        model = nn.Tagger(1 + KNOWN, 32, hidden, len(ROLES), cell="gru", bidirectional=bidirectional)

        def loss_of(batch: Sequence[int]) -> mg.Tensor:
            x, lengths, roles = padded_lines(train, batch)
            return mg.cross_entropy(model(x, lengths), roles, ignore_index=IGNORED)

        trained(model, loss_of, [len(line) for line in train.tokens], TAG_UPDATES)
        x, lengths, roles = padded_lines(valid, range(len(valid.tokens)))
        with mg.no_grad():
            said = model(x, lengths).numpy().argmax(axis=-1)
        return float((said == roles)[roles != IGNORED].mean())

    return accuracy(32, True), accuracy(64, False)


@three_seeds
def test_a_tagger_that_reads_both_ways_knows_what_comes_next(seed: int) -> None:
    both, one = tag_accuracies(seed)
    assert one > 0.85
    assert both >= one + 0.04
