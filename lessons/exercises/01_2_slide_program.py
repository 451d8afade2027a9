"""01.2 Find the bug: the slide's 4

The slide says: d = b + c  # [4.5, 3, 6, 14.2]    e = c + 2  # [5, 4, 7, 12]    a = d * e  # ??
for b = [1.5, 2, 1, 4.2] and c = [3, 1, 5, 10]. Return d, e and a as they should be, for any two lists of numbers of the
same length: three lists, all operations element by element.

1. Which number of e is not what its comment says? And beware: what does + do with two Python lists?
2. Build each list from the elements: [x + y for x, y in zip(b, c)] adds element by element.
3. e = [y + 2 for y in c], and a goes through d and e in the same way; return d, e, a
"""


# %% task
def slide_program(b, c):
    raise NotImplementedError("TODO 01.2: return d, e and a as they should be, as three lists of numbers")


# %% solution
def slide_program(b, c):
    d = [x + y for x, y in zip(b, c)]
    e = [y + 2 for y in c]
    a = [x * y for x, y in zip(d, e)]
    return d, e, a


# %% check
def cases(rng):
    yield [1.5, 2, 1, 4.2], [3, 1, 5, 10]
    for size in (1, 3, 6):
        yield rng.normal(size=size).round(2).tolist(), rng.integers(-9, 9, size).tolist()


SLIPS = [
    (1, "1 + 2 is 3: this is the slip of the slide.", "[y + 2 for y in c]", "[4 if y == 1 else y + 2 for y in c]"),
    (1, "+ joins two Python lists into a longer one.", "[x + y for x, y in zip(b, c)]", "b + c"),
    (3, "e is made from c, not from b.", "[y + 2 for y in c]", "[y + 2 for y in b]"),
    (3, "2 is added, not multiplied.", "y + 2", "y * 2"),
    (3, "a is d * e; you add.", "x * y", "x + y"),
    (3, "a is made from d and e; you took b in the place of d.", "zip(d, e)", "zip(b, e)"),
    (3, "The products stay apart, one for each position; nothing is added up.", "a = [x * y for x, y in zip(d, e)]",
     "a = sum(x * y for x, y in zip(d, e))"),
    (3, "d, e, a, in this order.", "return d, e, a", "return a, d, e"),
    (2, "You change the caller's c: make a new list for e.", "e = [y + 2 for y in c]",
     "e = c\n    for i in range(len(c)):\n        c[i] += 2"),
    (2, "These are the slide's numbers; b and c may be any lists.", "return d, e, a",
     "return [4.5, 3, 6, 14.2], [5, 3, 7, 12], [22.5, 9, 42, 170.4]"),
]  # fmt: skip
