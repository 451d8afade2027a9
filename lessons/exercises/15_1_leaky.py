"""15.1 Find the bug: a leaky unit without memory

The slide prints a leaky unit as mu = alpha mu + (1 - alpha) v, and here somebody took it at its word: for each step the
line is repeated until mu stands still. So mu is v, and nothing is remembered. It is mu_t = alpha mu_{t-1} + (1 - alpha)
v_t. v: the list of v_1 ... v_T, perhaps empty. Return the list of mu_1 ... mu_T; before the first step, mu_0 is 0.

1. mu begins at 0 again in every step here. Where should it begin, and how often should the line be run in a step?
2. mu = 0.0 stands before the loop over the steps; inside, the line once.
3. mu = 0.0; for v_t in v: mu = alpha * mu + (1 - alpha) * v_t; means.append(mu); at the end return means
"""


# %% task
def leaky(v, alpha):
    means = []
    for v_t in v:
        mu = 0.0
        for _ in range(2000):  # mu = alpha mu + (1 - alpha) v, until it stands still
            mu = alpha * mu + (1 - alpha) * v_t
        means.append(mu)
    raise NotImplementedError("TODO 15.1: give mu its index back, and return the list of all mu_t")


# %% solution
def leaky(v, alpha):
    means, mu = [], 0.0
    for v_t in v:
        mu = alpha * mu + (1 - alpha) * v_t
        means.append(mu)
    return means


# %% check
def cases(rng):
    yield [1.0, 0.0, 0.0, 0.0], 0.9
    for T in (5, 8):
        yield rng.normal(size=T).tolist(), float(rng.uniform(0.2, 0.8))
    yield [], 0.5


SLIPS = [
    (1, "As printed: mu is v, and no step remembers another.", "        mu = alpha * mu + (1 - alpha) * v_t",
     "        mu = v_t"),
    (2, "mu begins at 0 again in every step: the past is lost.", "alpha * mu + (1 - alpha) * v_t", "(1 - alpha) * v_t"),
    (2, "With its memory, but repeated until it stands still: that forgets all the same; once is enough.",
     "        mu = alpha * mu + (1 - alpha) * v_t",
     "        for _ in range(20):\n            mu = alpha * mu + (1 - alpha) * v_t"),
    (3, "alpha is the share of the OLD value, 1 - alpha that of the new one.", "alpha * mu + (1 - alpha) * v_t",
     "(1 - alpha) * mu + alpha * v_t"),
    (3, "The new value counts with 1 - alpha; so it is a sum, and no mean.", "(1 - alpha) * v_t", "v_t"),
    (3, "The old value counts with alpha; so nothing is ever forgotten.", "alpha * mu +", "mu +"),
    (3, "mu_0 is 0, not the first v.", "[], 0.0", "[], v[0] if v else 0.0"),
    (3, "mu_t contains v_t: append it after the line, not before.",
     "        mu = alpha * mu + (1 - alpha) * v_t\n        means.append(mu)",
     "        means.append(mu)\n        mu = alpha * mu + (1 - alpha) * v_t"),
    (3, "All mu_t are asked for, not only the last one.", "return means", "return mu"),
    (3, "The return stands inside the loop: one step is made.", "    return means",
     "        return means\n    return means"),
]  # fmt: skip
