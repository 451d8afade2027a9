"""What is added to a loss, or done with several nets: gradient flow, soft labels, ensembles. Imports tensor and ops."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .errors import ShapeError
from .ops import cross_entropy, exp, log_softmax, logsumexp, mean, norm, stack, where
from .tensor import Tensor, grad

__all__ = ["distillation", "ensemble", "gradient_flow"]


def gradient_flow(loss: Tensor, states: Sequence[Tensor]) -> Tensor:
    """The penalty that keeps gradients as long as they are on their way back (Pascanu, Mikolov and Bengio, 2013, arXiv
    1211.5063, equation 9):

    Omega = sum_k (|(dL/dh_{k+1}) dh_{k+1}/dh_k| / |dL/dh_{k+1}| - 1)^2, norms of rows, and the mean over the batch.

    loss: a scalar; states: h_1 ... h_T (B, H), the ys of scan, or for an LSTM the c_t, which carry its memory. Omega is
    a Tensor with history: (loss + 0.1 * gradient_flow(loss, ys)).backward() differentiates a gradient, so it costs some
    three times a backward pass, and walking the graph once a step makes it quadratic in T. The paper keeps the part of
    its derivative that is immediate; this is the whole derivative. A row that no gradient reaches counts as 0.
    Raises ValueError for fewer than two states, ShapeError for a loss that is no scalar or states of another form.
    """
    states = list(states)
    if len(states) < 2:
        raise ValueError("gradient_flow: needs the states of at least two steps")
    if loss.size != 1 or any(h.ndim != 2 or h.shape != states[0].shape for h in states):
        raise ShapeError(f"gradient_flow: a loss {loss.shape} of one element and states (B, H) alike are needed")
    slopes, terms = grad(loss, states, create_graph=True), []
    for before, after, slope in zip(states, states[1:], slopes[1:]):
        arrived = grad(after, before, slope, create_graph=True)
        length = norm(slope, axis=-1)
        flows = length.data > 0
        ratio = norm(arrived, axis=-1) / where(flows, length, 1.0)
        terms.append(mean(where(flows, (ratio - 1) ** 2, 0.0)))
    return stack(terms).sum()


def distillation(
    logits: Tensor, teacher: Any, targets: Any = None, temperature: float = 2.0, soft: float = 0.7
) -> Tensor:
    """A student learns from the soft labels of a teacher (Hinton, Vinyals and Dean, 2015, arXiv 1503.02531):

    soft * t^2 * KL(softmax(teacher / t) | softmax(logits / t)) + (1 - soft) * cross_entropy(logits, targets), means
    over all positions. The factor t^2 keeps the two gradients in proportion when t changes. The Kullback-Leibler
    divergence is the cross-entropy less the teacher's own entropy: the same gradient, and 0 when both agree.

    logits, teacher (..., V): scores of the student, and of the teacher or ensemble (no gradient goes there); targets
    (...) integers, may be left out with soft=1. Raises ValueError for a temperature not above 0, soft outside 0..1, or
    targets that are needed or would be ignored; ShapeError for other shapes.
    """
    if not 0 < temperature < math.inf or not 0 <= soft <= 1:
        raise ValueError(f"distillation: temperature={temperature} must be above 0 and soft={soft} within 0..1")
    if (targets is None) != (soft == 1):
        raise ValueError("distillation: targets= and soft below 1 go together; soft=1 has no use for targets")
    teacher = teacher.detach() if isinstance(teacher, Tensor) else Tensor(teacher, dtype=logits.dtype)
    if not logits.ndim or logits.shape != teacher.shape:
        raise ShapeError(f"distillation: the student's scores are {logits.shape}, the teacher's {teacher.shape}")
    log_q, log_p = log_softmax(logits / temperature, axis=-1), log_softmax(teacher / temperature, axis=-1)
    divergence = mean((exp(log_p) * (log_p - log_q)).sum(axis=-1)) * temperature**2
    if targets is None:
        return divergence
    return soft * divergence + (1 - soft) * cross_entropy(logits, targets)


def ensemble(logits: Sequence[Tensor], weights: Any = None) -> Tensor:
    """The log of the averaged probabilities of several nets (Hansen & Salamon, 1990): log sum_m w_m softmax(logits_m).

    logits: one (..., V) for each net; weights: as many numbers, normalised to sum 1 (alike when None). Returns log
    probabilities (..., V), which serve as logits: cross_entropy(ensemble(all), targets) is at most the (weighted) mean
    of the members' cross-entropies (Jensen). Raises ValueError for no net or weights that make no sense, ShapeError.
    """
    logits = list(logits)
    if not logits:
        raise ValueError("ensemble: needs at least one net")
    if wrong := [x.shape for x in logits if x.shape != logits[0].shape]:
        raise ShapeError(f"ensemble: scores of shapes {logits[0].shape} and {wrong[0]} cannot be averaged")
    shares = [1.0] * len(logits) if weights is None else [float(w) for w in weights]
    if len(shares) != len(logits) or not all(0 <= w < math.inf for w in shares) or not sum(shares) > 0:
        raise ValueError(f"ensemble: {len(logits)} nets need as many weights of at least 0, not all 0; got {weights}")
    used = [(x, w / sum(shares)) for x, w in zip(logits, shares) if w]
    return logsumexp(stack([log_softmax(x, axis=-1) + math.log(w) for x, w in used]), axis=0)
