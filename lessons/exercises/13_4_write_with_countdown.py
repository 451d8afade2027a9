"""13.4 Find the bug: it is told, and still breaks off

step(x, left, state) -> (x, state) reads the last element, and how many elements are still to come AFTER the one that it
writes; it returns the new element and the new state. Somebody writes tau elements like this:

    values, x = [], first
    for t in range(tau):
        x, _ = step(x, tau, state)
        values.append(x)
    return values

Two things are wrong in the call. Return the list of the tau elements as it should be.

1. What is handed on from call to call, and what is thrown away? And does `tau` ever get smaller?
2. The state has to come back in: x, state = step(x, ..., state). Before the last element, nothing is left: 0.
3. for t in range(tau): x, state = step(x, tau - 1 - t, state); values.append(x)
"""


# %% task
def write(step, first, state, tau):
    raise NotImplementedError("TODO 13.4: hand on the state, and count down to 0")


# %% solution
def write(step, first, state, tau):
    values, x = [], first
    for t in range(tau):
        x, state = step(x, tau - 1 - t, state)
        values.append(x)
    return values


# %% check
def cases(rng):
    for tau in (1, 4, 6, 0):
        a, b, c = rng.uniform(0.5, 1.5, 3)

        def step(x, left, state, a=a, b=b, c=c):
            state = a * state + x
            return state + b * left + c, state

        yield step, float(rng.normal()), float(rng.normal()), tau


SLIPS = [
    (1, "It is told the whole length each time: it cannot know how much is left.", "tau - 1 - t", "tau"),
    (1, "The new state is thrown away.", "x, state = step(", "x, _ = step("),
    (1, "The new element must be read at the next step.",
     "        x, state = step(x, tau - 1 - t, state)\n        values.append(x)",
     "        y, state = step(x, tau - 1 - t, state)\n        values.append(y)"),
    (2, "Before the last element nothing is left: 0, not 1.", "tau - 1 - t", "tau - t"),
    (2, "That counts up: how many are done, not how many are left.", "tau - 1 - t", "t"),
    (2, "The countdown runs below 0.", "tau - 1 - t", "tau - 2 - t"),
    (3, "What was fed in first is none of the elements that were written.", "values, x = [], first",
     "values, x = [first], first"),
    (3, "One element is missing.", "range(tau)", "range(tau - 1)"),
    (3, "One element too many.", "range(tau)", "range(tau + 1)"),
    (3, "Each element goes into the list, and not only the last one.", "return values", "return values[-1:]"),
]  # fmt: skip
