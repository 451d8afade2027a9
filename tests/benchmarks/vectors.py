"""Learning word vectors, in pairs a second, beside the same update by hand. Imports minigrad and NumPy."""

from collections.abc import Callable
from statistics import median, quantiles

import numpy as np

from minigrad import backend, optim
from minigrad.text import Word2Vec

WORDS, DIM, PAIRS, NEGATIVES, LR = 5000, 64, 1024, 5, 10.0


def by_hand(v, u, inputs, outputs):
    """One update of skip-gram with negative sampling in place, its gradients written out, as one does in NumPy."""
    xp = backend.xp
    centre, out = v[inputs], u[outputs]
    scores = (out @ centre[:, :, None])[:, :, 0]
    g = 1 / (1 + xp.exp(-scores))
    g[:, 0] -= 1
    g /= PAIRS
    dv, du = xp.zeros_like(v), xp.zeros_like(u)
    xp.add.at(dv, inputs, (g[:, None] @ out)[:, 0])
    xp.add.at(du, outputs.reshape(-1), (g[:, :, None] * centre[:, None]).reshape(-1, DIM))
    v -= LR * dv
    u -= LR * du


def skip_gram_update(interleaved: Callable[..., list[list[float]]]) -> tuple[str, str, str, str]:
    """(what, measured, reach, note); interleaved(f, g, times=) gives the seconds of f and of g."""
    rng = np.random.default_rng(0)
    model = Word2Vec(WORDS, DIM, negatives=NEGATIVES, rng=rng)
    for p in model.parameters():
        p.assign(rng.normal(0, 0.3, p.shape))
    before = [p.data.copy() for p in model.parameters()]
    v, u = (p.data.copy() for p in model.parameters())
    optimizer = optim.SGD(model, lr=LR)
    batch = next(model.batches([rng.integers(0, WORDS, PAIRS)], PAIRS))
    on_device = [backend.to_device(ids) for ids in batch]

    def ours() -> None:
        optimizer.zero_grad()
        model.loss(batch).backward()
        optimizer.step()

    mine, hand = interleaved(ours, lambda: by_hand(v, u, *on_device), times=30)
    low, middle, high = quantiles([a / b for a, b in zip(mine, hand)], n=4)
    changes = [(p.data - old, new - old) for p, old, new in zip(model.parameters(), before, (v, u))]
    difference = max(float(abs(a - b).max() / abs(b).max()) for a, b in changes)
    note = f"{PAIRS / median(mine):,.0f} / {PAIRS / median(hand):,.0f} pairs a second; "
    note += f"quartiles {low:.2f} .. {high:.2f}; changes differ by {difference:.0e}"
    what = f"skip-gram update, {WORDS:,} words E{DIM} B{PAIRS} {NEGATIVES} negatives / by hand"
    return what, f"{middle:.2f} x", "<= 1.5 x", note
