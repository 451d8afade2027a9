"""Real-time recurrent learning: the gradient of a recurrent net, computed while going forward. Imports ops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..backend import xp
from ..errors import GraphError
from ..graph import no_grad
from ..tensor import Tensor, grad

__all__ = ["RTRL", "rtrl"]


class RTRL:
    """dh_t/dtheta of a cell, carried forward beside its state (Williams & Zipser, 1989, Neural Computation 1):

    P_t = dh_t/dh_{t-1} P_{t-1} + dh_t/dtheta, the second term for that step alone; dL_t/dtheta = dL_t/dh_t P_t.

    h stands for the whole state (for an LSTM h and c side by side), theta for all parameters of the cell. Nothing is
    kept of the steps before, so a sequence may go on for ever and the net may learn at every step. `memory` says how
    many numbers P holds: batch * states * parameters, which for a cell of H units grows as H^3, whatever the number of
    steps; back-propagation through time keeps T * H. A step costs a backward pass through it for each row and unit.

        forward = RTRL(cell, batch)
        for x, target in zip(xs, targets):
            h = forward.step(x)                          # a leaf: nothing reaches back through it
            mse(readout(h), target).backward()           # readout.grad, h.grad
            forward.accumulate()                         # cell.grad += dL_t/dh_t P_t

    cell: any cell with advance(x, state) and parameters(); state: where to begin (zeros when None), as it comes out of
    the cell; what it depends on gets no gradient. Parameters may be changed between two steps (online learning); then
    P is off by what the change would have made of the past, as in the paper. Raises ValueError for a cell that draws
    random masks.
    """

    def __init__(self, cell: Any, batch: int = 1, state: Any = None):
        if cell.draw(1, batch) is not None:
            raise ValueError(f"RTRL: {type(cell).__name__} draws random masks in training; call eval() on it first")
        self.cell, self.output = cell, None
        self.state = tuple([s.detach() for s in cell.begin(state, batch)])
        self.params = [p for p in cell.parameters() if p.requires_grad]
        self.smooth = [k for k, s in enumerate(self.state) if s.dtype.kind == "f"]
        rows = sum(self.state[k].shape[1] for k in self.smooth)
        self.P = xp.zeros((batch, rows, sum(p.size for p in self.params)), dtype=self.params[0].dtype)

    @property
    def memory(self) -> int:
        """How many numbers are carried forward: batch * states * parameters."""
        return self.P.size

    def step(self, x: Tensor) -> Tensor:
        """x (B, I) -> the output h (B, H), a leaf with requires_grad: a backward pass leaves dL_t/dh_t in its .grad."""
        before = self.state
        for b in range(self.P.shape[0]):
            jacobian, direct = self._row(x[b : b + 1], [s[b : b + 1] for s in before])
            self.P[b] = jacobian @ self.P[b] + direct
        with no_grad():
            self.state = self.cell.advance(x, before)
        self.output = Tensor(self.state[0], dtype=self.state[0].dtype, requires_grad=True)
        return self.output

    def accumulate(self) -> None:
        """Add dL_t/dtheta to the .grad of the cell's parameters. GraphError unless a backward pass has reached the
        output of the last step; each is used once."""
        if self.output is None or self.output.grad is None:
            raise GraphError("RTRL.accumulate: no gradient at the output; call step(x), and backward() on its loss")
        slope, self.output = self.output.grad.data, None
        found = xp.einsum("bh,bhp->p", slope, self.P[:, : slope.shape[1]])
        start = 0
        for p in self.params:
            g = Tensor(found[start : start + p.size].reshape(p.shape), dtype=p.dtype)
            p.grad = g if p.grad is None else p.grad + g
            start += p.size

    def _row(self, x: Tensor, before: list[Tensor]) -> tuple[Any, Any]:
        """One step of one sequence: dh_t/dh_{t-1} (S, S) and its own dh_t/dtheta (S, parameters), a row at a time."""
        leaves = [Tensor(s, dtype=s.dtype, requires_grad=k in self.smooth) for k, s in enumerate(before)]
        after = self.cell.advance(x.detach(), tuple(leaves))
        wanted = [leaves[k] for k in self.smooth] + self.params
        rows = []
        for k in self.smooth:
            for unit in range(after[k].shape[1]):
                seed = xp.zeros(after[k].shape, dtype=after[k].dtype)
                seed[0, unit] = 1
                gradients = grad(after[k], wanted, seed) if after[k].requires_grad else [p * 0.0 for p in wanted]
                rows.append(xp.concatenate([g.data.reshape(-1) for g in gradients]))
        states = self.P.shape[1]
        return xp.stack(rows)[:, :states], xp.stack(rows)[:, states:]


def rtrl(cell: Any, xs: Sequence[Tensor], loss_of: Callable[[int, Tensor], Tensor], state: Any = None) -> float:
    """The loss sum_t loss_of(t, h_t) of a sequence, its gradient added to the .grad of the cell's parameters, forward
    only; equal to that of back-propagation through the whole sequence. Parameters that loss_of uses get theirs, too.

    xs: T of (B, I); loss_of(t, h) -> a scalar Tensor, for h (B, H). Raises as RTRL, and ValueError for no steps.
    """
    if not len(xs):
        raise ValueError("rtrl: a sequence has at least one step")
    forward, total = RTRL(cell, xs[0].shape[0], state), 0.0
    for t, x in enumerate(xs):
        loss = loss_of(t, forward.step(x))
        loss.backward()
        forward.accumulate()
        total += loss.item()
    return total
