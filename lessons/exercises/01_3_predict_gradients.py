"""01.3 Predict: how fast does a grow?

a = d * e with d = b + c and e = c + 2. Return da/db and da/dc, as a pair of numbers, for any two numbers b and c.
(For b = 1.5 and c = 3 the lesson printed 5 and 9.5.)

1. Through which of d and e does b act on a? Through which does c? Each way contributes something.
2. A product grows by the *other* factor: through d by e, through e by d. And c acts in both ways, which add.
3. da/db = e = c + 2, and da/dc = e + d = (c + 2) + (b + c)
"""


# %% task
def predict_gradients(b, c):
    raise NotImplementedError("TODO 01.3: da/db = e, da/dc = d + e")


# %% solution
def predict_gradients(b, c):
    d, e = b + c, c + 2
    return e, d + e


# %% check
def cases(rng):
    yield 1.5, 3.0
    for _ in range(4):
        yield tuple(rng.normal(size=2).round(2).tolist())


SLIPS = [
    (1, "c acts on a twice, and you follow it through d only.", "return e, d + e", "return e, e"),
    (1, "c acts on a twice, and you follow it through e only.", "return e, d + e", "return e, d"),
    (2, "Through d the product grows by the other factor, e.", "return e, d + e", "return d, d + e"),
    (2, "Two ways add; you multiply them.", "d + e", "d * e"),
    (2, "Two ways add; you subtract one.", "d + e", "e - d"),
    (3, "da/db comes first.", "return e, d + e", "return d + e, e"),
    (2, "How often b and c are used is not how much they count.", "return e, d + e", "return 1, 2"),
    (3, "d is b + c; you took b.", "return e, d + e", "return e, b + e"),
    (3, "e is c + 2; you took c.", "d, e = b + c, c + 2", "d, e = b + c, c"),
    (3, "That is right for the numbers of the lesson; b and c may be any.", "return e, d + e", "return 5, 9.5"),
]  # fmt: skip
