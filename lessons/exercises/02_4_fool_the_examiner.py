"""02.4 Make it fail: fool the examiner

A central difference of abs at x, with eps = 0.01, is (abs(x + eps) - abs(x - eps)) / (2 eps). Return a number x, not 0,
where it is wrong by more than 0.5. (The slope of abs is 1 to the right of 0, and -1 to the left.)

1. Far from 0 both nudged points lie on the same straight line, and nothing can go wrong. Where do they not?
2. When x is nearer to 0 than eps, one point lies left of the kink and one right of it. The difference is then x / eps.
3. So it is wrong by 1 - abs(x) / eps. Make this more than 0.5: x between 0 and 0.005, or between -0.005 and 0.
"""


# %% task
def fool_the_examiner():
    raise NotImplementedError("TODO 02.4: return such an x; the slope of abs there is 1 or -1")


# %% solution
def fool_the_examiner():
    return 0.001


# %% check
def cases(rng):
    yield ()


def judge(x):
    x, eps = float(x), 0.01
    if x == 0:
        return 1, "abs has no slope at 0, so nobody can be wrong there; take a number beside it"
    error = abs((abs(x + eps) - abs(x - eps)) / (2 * eps) - (1 if x > 0 else -1))
    if error < 1e-9:
        return 1, f"at {x:g} the examiner is right: both {x - eps:g} and {x + eps:g} are on the same side of 0"
    if not error > 0.5 + 1e-9:
        return 3, f"at {x:g} it is wrong by {error:.3g}; more than 0.5 is asked for"
    return None


SLIPS = [
    (1, "At the kink itself there is no slope.", "0.001", "0.0"),
    (1, "Too far from the kink: both points are on one line.", "0.001", "1.0"),
    (1, "Too far from the kink, on the left this time.", "0.001", "-0.5"),
    (1, "One point is exactly on the kink, which is still the same line.", "0.001", "0.01"),
    (3, "Near, but not near enough: wrong by 0.2.", "0.001", "0.008"),
    (3, "Just at the edge: wrong by 0.5, and not by more.", "0.001", "0.005"),
    (3, "Near on the left, but not near enough: wrong by 0.1.", "0.001", "-0.009"),
    (1, "nan is wrong everywhere; a number, please.", "0.001", "float('nan')"),
    (3, "A number is asked for.", "0.001", "'near 0'"),
]  # fmt: skip
