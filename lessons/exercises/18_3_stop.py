"""18.3 Early stopping

`values` are the losses on the held-out text, look by look, as they would come if nobody stopped. Stop after `patience`
looks in a row that brought no new best; a value equal to the best is no new best. Return two numbers: how many looks
were made until then (all of them if it never stops), and the index, from 0, of the best of *these* looks.

1. Go through the values and remember the best and its index. How many looks ago was the best, at look number i?
2. i - best looks have passed without a new best. Stop if these are `patience`; by then i + 1 looks have been made.
3. for i, value in enumerate(values): if value < values[best]: best = i; elif i - best == patience: return i + 1, best;
   and after the loop return len(values), best
"""


# %% task
def stop(values, patience):
    raise NotImplementedError("TODO 18.3: stop after `patience` looks in a row without a new best")


# %% solution
def stop(values, patience):
    best = 0
    for i, value in enumerate(values):
        if value < values[best]:
            best = i
        if i - best >= patience:
            return i + 1, best
    return len(values), best


# %% check
def cases(rng):
    yield [4.0, 3.0, 3.5, 2.5, 2.6, 2.7, 2.8, 1.0], 3
    yield [4.0, 3.0, 3.5, 3.2, 2.5, 2.6, 2.4, 2.3], 2
    yield [4.0, 3.5, 3.5, 3.5, 3.0], 2
    yield [4.0, 3.6, 3.8, 3.7, 3.9, 1.0], 3
    yield [5.0, 4.0, 3.0, 2.0], 1
    yield [2.0, 3.0, 1.0], 1
    yield [4.0, 3.0, 3.5, 3.6], 4
    fall = sorted(rng.uniform(2, 4, 6).tolist(), reverse=True)
    for patience in (2, 3):
        yield [*fall, *rng.uniform(5, 6, 7).tolist(), 0.5], patience


SLIPS = [
    (1, "Lower is better.", "value < values[best]", "value > values[best]"),
    (1, "An equal value is no new best: the patience goes on running out.", "value < values[best]",
     "value <= values[best]"),
    (1, "Compare with the best so far, not with the look before: a loss that falls a little again is no new best.",
     "value < values[best]", "i and value < values[i - 1]"),
    (2, "One look too late.", ">= patience", "> patience"),
    (2, "One look too early.", ">= patience", ">= patience - 1"),
    (2, "The NUMBER of looks is asked for; counting from 0, look i is number i + 1.", "return i + 1, best",
     "return i, best"),
    (2, "That is the last look, not the best one. Its weights are over-fitted already.", "return i + 1, best",
     "return i + 1, i"),
    (2, "It stops at a fixed look, whatever the values are.", "i - best >= patience", "i >= patience"),
    (3, "The best of all the values: but after the stop nobody looks.", "return i + 1, best",
     "return i + 1, values.index(min(values))"),
    (3, "The index is asked for, not the value.", "return i + 1, best", "return i + 1, values[best]"),
    (3, "If it never stops, all looks are made, and the best one is wanted still.", "return len(values), best",
     "return len(values), len(values) - 1"),
    (3, "It never stops.", "i - best >= patience", "False"),
]  # fmt: skip
