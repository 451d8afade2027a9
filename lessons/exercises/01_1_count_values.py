"""01.1 Count the values

In lesson 01 the walk met seven values where only six exist. Count the different values that `value` was made from,
`value` itself included, however many ways lead to each.

1. Two ways may lead to the same value. What has to be remembered, so that its second coming is noticed?
2. Keep a list of values still to look at, and a set of those that you have met. Look only at what is not in the set.
3. while waiting: take one; if it is not in met: add it to met, and its made_from to waiting. Then len(met).
"""


# %% task
class Value:
    """A number that remembers where it came from."""

    def __init__(self, number, made_from=()):
        self.number, self.made_from = number, made_from

    def __add__(self, other):
        return Value(self.number + other.number, (self, other))

    def __mul__(self, other):
        return Value(self.number * other.number, (self, other))


def count_values(value):
    raise NotImplementedError("TODO 01.1: keep a set of the values that you have met")


# %% solution
def count_values(value):
    met, waiting = set(), [value]
    while waiting:
        value = waiting.pop()
        if value not in met:
            met.add(value)
            waiting += value.made_from
    return len(met)


# %% check
def cases(rng):
    b, c, two = Value(1.5), Value(3.0), Value(2.0)
    yield ((b + c) * (c + two),)
    yield (Value(4.0),)
    yield (Value(1.0) + Value(1.0),)
    for size in (5, 9, 12):
        values = [Value(float(number)) for number in rng.integers(1, 4, 3)]
        for _ in range(size):
            i, j = rng.integers(len(values), size=2)
            values.append(values[-1] * values[i] if rng.random() < 0.5 else values[-1] + values[j])
        yield (values[-1],)


SLIPS = [
    (1, "You count the ways: a value that is used twice is met twice.",
     "        if value not in met:\n" "            met.add(value)\n            waiting += value.made_from",
     "        met.add(len(met))\n        waiting += value.made_from"),
    (1, "Two values that happen to be the same number are still two values.",
     "if value not in met:\n            met.add(value)",
     "if value.number not in met:\n            met.add(value.number)"),
    (3, "The value itself counts, too.", "return len(met)", "return len(met) - 1"),
    (3, "You count what was put in and leave out what was computed from it.", "return len(met)",
     "return sum(not value.made_from for value in met)"),
    (3, "You count what was computed; inputs and constants are values as well.", "return len(met)",
     "return sum(bool(value.made_from) for value in met)"),
    (2, "You walk along the first of each pair of sources only.", "value.made_from\n", "value.made_from[:1]\n"),
    (2, "You look one step back; the sources have sources of their own.", "    while waiting:",
     "    return len({value, *value.made_from})\n    while waiting:"),
    (3, "You return the set; how many are in it?", "return len(met)", "return met"),
]  # fmt: skip
