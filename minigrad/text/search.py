"""The likeliest sequence of a model that gives one id after another: greedily, or with a beam of several hypotheses.
Everything but the model's step is computed on the host. Imports the engine and sample."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from minigrad import backend
from minigrad.errors import ShapeError
from minigrad.graph import no_grad
from minigrad.ops import take
from minigrad.text.sample import on_host, shifted

__all__ = ["Hypothesis", "beam_search", "coverage_penalty", "greedy", "length_penalty"]

Step = Callable[[np.ndarray, Any], tuple[Any, Any]]
UNSEEN = 1e-10  # the least coverage of a position that counts: log 0 would forbid to leave out a single one


class Hypothesis(NamedTuple):
    """One sequence that was found. ids int64 (N,), without start and end. log_p: log P(Y|X) in nats, with that of the
    end id. score: what the hypotheses are ranked by. finished: False where max_len came before the end id. weights
    (N', S): where attention looked at each step, that of the end id included; None without attention."""

    ids: np.ndarray
    log_p: float
    score: float
    finished: bool
    weights: np.ndarray | None


def length_penalty(length: int, alpha: float) -> float:
    """What log P is divided by, so that long sequences stand a chance: ((5 + |Y|) / 6)^alpha (Wu et al., 2016, arXiv
    1609.08144, equation 14). 1 for alpha=0 and for a length of 1."""
    return ((5 + length) / 6) ** alpha


def coverage_penalty(weights: np.ndarray, beta: float) -> float:
    """What a translation pays for words it did not look at: weights (N', S) -> beta * sum over the source positions of
    log min(sum over the steps of their weight, 1) (Wu et al., 2016, equation 14). A sum below 1e-10 counts as that.
    0 where everything is covered."""
    covered = np.asarray(weights, dtype=np.float64).sum(axis=0)
    return beta * float(np.log(np.clip(covered, UNSEEN, 1)).sum())


def greedy(step: Step, state: Any, start: int, end: int, max_len: int) -> Hypothesis:
    """The likeliest id at each step: a beam of width 1. Arguments and errors: see beam_search."""
    return beam_search(step, state, start, end, max_len, width=1, rows=lambda state, index: state)[0]


def beam_search(
    step: Step, state: Any, start: int, end: int, max_len: int, width: int = 4, alpha: float = 0.0, beta: float = 0.0,
    n_best: int = 1, rows: Callable[[Any, np.ndarray], Any] | None = None,
) -> list[Hypothesis]:  # fmt: skip
    """Keep the `width` likeliest hypotheses at every step (Sutskever et al., 2014, section 3.2), for one input. Returns
    the n_best, or as many as there are, best first, those without an end behind the others.

    `step(ids (K,), state) -> (logits (K, V), state)`, ids int64, is Seq2Seq.step, LanguageModel.step or any other;
    state: before the first step, of a batch of 1 (Seq2Seq.begin), or None. Of all hypotheses with one id more, the
    likeliest go on; of equals the one that comes from the better hypothesis, then the lower id. One that ends leaves
    the beam, which narrows by it. After max_len ids, the end id counted, the rest is returned unfinished.
    alpha, beta: ranked by log P / length_penalty(|Y|, alpha) + coverage_penalty(weights, beta), |Y| with the end id.
    beta needs the attention weights (K, S) of a step in `state.weights`, as DecoderState has them.
    rows(state, index): those sequences of a state, see take_rows. Dropout drops here too; call eval() first.
    Raises ValueError for width, n_best or max_len below 1, n_best above width, alpha or beta that are negative or not
    finite, beta without weights, and logits that hold nan; IndexError for a start or end outside 0..V-1.
    """
    _check(max_len, width, n_best, alpha, beta)
    rows, found, fed = rows or take_rows, [], np.array([start], dtype=np.int64)
    beam = _Beam(np.zeros((1, 0), dtype=np.int64), np.zeros(1), None)
    with no_grad():
        for _ in range(max_len):
            logits, state = step(fed, state)
            logits, weights = shifted(logits), getattr(state, "weights", None)
            _check_step(logits, weights, start, end, len(fed), beta)
            beam, index = beam.grown(logits, weights, width - len(found))
            ends = beam.ids[:, -1] == end
            found += beam.pick(ends).hypotheses(alpha, beta, finished=True)
            beam, index = beam.pick(~ends), index[~ends]
            if not index.size:
                break
            fed, state = beam.ids[:, -1], rows(state, index)
    found += beam.hypotheses(alpha, beta, finished=False)
    return sorted(found, key=lambda hypothesis: (not hypothesis.finished, -hypothesis.score))[:n_best]


class _Beam(NamedTuple):
    """The hypotheses that go on: ids (K, N), log_p (K,), weights (K, N, S) or None."""

    ids: np.ndarray
    log_p: np.ndarray
    weights: np.ndarray | None

    def pick(self, index: np.ndarray) -> _Beam:
        return _Beam(*[None if part is None else part[index] for part in self])

    def grown(self, logits: np.ndarray, weights: Any, width: int) -> tuple[_Beam, np.ndarray]:
        """The likeliest with one id more, and which of the old hypotheses each comes from."""
        log_p = self.log_p[:, None] + logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
        best = np.argsort(-log_p, axis=None, kind="stable")[:width]
        best = best[log_p.flat[best] > -np.inf]
        index, last = np.divmod(best, logits.shape[-1])
        ids = np.concatenate([self.ids[index], last[:, None]], axis=1)
        if weights is not None:
            weights = on_host(weights)[index, None]
            weights = weights if self.weights is None else np.concatenate([self.weights[index], weights], axis=1)
        return _Beam(ids, log_p.flat[best], weights), index

    def hypotheses(self, alpha: float, beta: float, finished: bool) -> list[Hypothesis]:
        found = []
        for i, (ids, log_p) in enumerate(zip(self.ids, self.log_p.tolist())):
            weights = None if self.weights is None else self.weights[i]
            score = log_p / length_penalty(len(ids), alpha) + (coverage_penalty(weights, beta) if beta else 0.0)
            found.append(Hypothesis(ids[:-1] if finished else ids, log_p, score, finished, weights))
        return found


def take_rows(state: Any, index: np.ndarray) -> Any:
    """The state of some of the sequences, in the order of index (K,), repeats allowed. What has a method rows
    (DecoderState) picks them itself; Tensors and arrays are (..., B, H), as layers have them; tuples, lists and dicts
    of such are gone through; None, numbers and the like stay. Raises ShapeError for an array without that axis."""
    if hasattr(state, "rows"):
        return state.rows(index)
    if isinstance(state, dict):
        return {key: take_rows(value, index) for key, value in state.items()}
    if isinstance(state, (tuple, list)):
        inside = [take_rows(value, index) for value in state]
        return type(state)(*inside) if hasattr(state, "_fields") else type(state)(inside)
    if not hasattr(state, "shape"):
        return state
    if state.ndim < 2:
        raise ShapeError(f"beam_search: a state of shape {state.shape} must be (..., batch, size); or give rows=")
    return state[..., index, :] if backend.is_host(state) else take(state, index, axis=-2)


def _check(max_len: Any, width: Any, n_best: Any, alpha: float, beta: float) -> None:
    for name, value in (("max_len", max_len), ("width", width), ("n_best", n_best)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
            raise ValueError(f"beam_search: {name} must be a whole number of at least 1, not {value!r}")
    if n_best > width:
        raise ValueError(f"beam_search: n_best={n_best} hypotheses cannot come out of a beam of width={width}")
    for name, value in (("alpha", alpha), ("beta", beta)):
        if not 0 <= value < math.inf:
            raise ValueError(f"beam_search: {name} must be finite and at least 0, not {value!r}")


def _check_step(logits: np.ndarray, weights: Any, start: int, end: int, count: int, beta: float) -> None:
    """Checks that need the number of ids, V, or the weights of a step."""
    if logits.ndim != 2 or len(logits) != count:
        raise ShapeError(f"beam_search: step must give logits ({count}, V) for {count} ids, not {logits.shape}")
    for name, value in (("start", start), ("end", end)):
        if not 0 <= value < logits.shape[1]:
            raise IndexError(f"beam_search: the {name} id {value} is outside 0..{logits.shape[1] - 1}")
    if beta and weights is None:
        raise ValueError(f"beam_search: beta={beta} needs attention, and the state has no weights")
