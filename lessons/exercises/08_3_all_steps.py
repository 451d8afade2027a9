"""08.3 Find the bug: adding up and clipping

Slips k and l, and `=` for `+=`. `gradient_of_step(t)` is the share of step t in the gradient of one weight matrix.
Return the gradient over all T steps, each of its numbers clipped to [-limit, limit].

1. Every step has a share in the gradient. What does `=` keep of them, and what does a return inside a loop do?
2. Clipping is meant for the finished gradient. Clipped shares would add up to something else, and not stay in the
   limit.
3. total += gradient_of_step(t) for all t; after the loop return np.clip(total, -limit, limit)"""

# %% task
import numpy as np


def all_steps(gradient_of_step, T, limit=5.0):
    total = 0.0
    for t in reversed(range(T)):
        total = np.clip(gradient_of_step(t), -limit, limit)
        return total
    raise NotImplementedError("TODO 08.3: the sum over all steps, clipped once, at the end")


# %% solution
def all_steps(gradient_of_step, T, limit=5.0):
    total = 0.0
    for t in reversed(range(T)):
        total = total + gradient_of_step(t)
    return np.clip(total, -limit, limit)


# %% check
def cases(rng):
    for T, limit in [(2, 5.0), (4, 5.0), (7, 2.0)]:
        shares = 4 * rng.normal(size=(T, 2, 3))
        shares[0, 0, 0], shares[1, 0, 0] = 3 * limit, -2.5 * limit
        yield lambda t, shares=shares: shares[t].copy(), T, limit


SLIPS = [
    (1, "= keeps the share of one step only.", "total = total + gradient", "total = gradient"),
    (1, "Slip l: the return stands inside the loop, and only the last step counts.", "    return np.clip",
     "        return np.clip"),
    (2, "Slip k: you clip each share; clip the sum, once, at the end.",
     "total + gradient_of_step(t)\n    return np.clip(total, -limit, limit)",
     "total + np.clip(gradient_of_step(t), -limit, limit)\n    return total"),
    (2, "The sum is clipped anew at each step; clip it once, at the end.", "total + gradient_of_step(t)",
     "np.clip(total + gradient_of_step(t), -limit, limit)"),
    (2, "Both the shares and the sum are clipped; only the sum should be.", "+ gradient_of_step(t)",
     "+ np.clip(gradient_of_step(t), -limit, limit)"),
    (2, "Nothing is clipped.", "np.clip(total, -limit, limit)", "total"),
    (1, "The share of step 0 is missing.", "reversed(range(T))", "reversed(range(1, T))"),
    (1, "The share of the last step is missing.", "reversed(range(T))", "reversed(range(T - 1))"),
    (3, "A sum, not a mean.", "np.clip(total, -limit, limit)", "np.clip(total / T, -limit, limit)"),
    (3, "Negative numbers are cut to 0: the lower end is -limit.", "-limit", "0"),
    (3, "This clips by the norm, a method of lesson 14; here each number is clipped for itself.",
     "np.clip(total, -limit, limit)", "total * min(1.0, limit / np.linalg.norm(total))"),
    (3, "Only one end is clipped; the other is -limit.", "np.clip(total, -limit, limit)", "np.minimum(total, limit)"),
]  # fmt: skip
