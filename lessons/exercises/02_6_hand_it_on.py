"""02.6 Find the bug: three slips in a backward pass

`tape` lists the values of a program in the order in which they were made; each has its `sources` and a rule for each of
them: gradient here -> gradient there. The last one is the result. Set `grad` of every value to the derivative of the
result by it, and return all grads in the order of the tape. The values may still hold grads of an earlier pass.

1. A value with two uses gets a gradient from each of them. What does `=` do to the first?
2. A value may hand on only after all of its uses have handed theirs to it. In which order does this happen by itself?
3. First all grads to 0.0 and that of tape[-1] to 1.0; then for value in reversed(tape): source.grad += rule(value.grad)
"""


# %% task
class Value:
    def __init__(self, number, sources=(), rules=()):
        self.number, self.sources, self.rules, self.grad = number, sources, rules, 0.0


def hand_it_on(tape):
    tape[-1].grad = 1.0
    for value in tape:
        for source, rule in zip(value.sources, value.rules):
            source.grad = rule(value.grad)
    raise NotImplementedError("TODO 02.6: three slips, one of them a line that is missing; then return the grads")


# %% solution
def hand_it_on(tape):
    for value in tape:
        value.grad = 0.0
    tape[-1].grad = 1.0
    for value in reversed(tape):
        for source, rule in zip(value.sources, value.rules):
            source.grad += rule(value.grad)
    return [value.grad for value in tape]


# %% check
def program(rng, size):
    tape = [Value(number) for number in rng.normal(size=2).round(1).tolist()]
    for i in range(size):
        a, b = tape[-1 - i % 2], tape[rng.integers(len(tape))]
        if rng.random() < 0.5:
            tape.append(Value(a.number + b.number, (a, b), (lambda g: g, lambda g: g)))
        else:
            rules = (lambda g, b=b: g * b.number), (lambda g, a=a: g * a.number)
            tape.append(Value(a.number * b.number, (a, b), rules))
    return tape


def cases(rng):
    x = Value(2.0)
    h = Value(4.0, (x, x), (lambda g: 2.0 * g, lambda g: 2.0 * g))
    k = Value(16.0, (h, h), (lambda g: 4.0 * g, lambda g: 4.0 * g))
    yield ([x, h, k, Value(64.0, (h, k), (lambda g: 16.0 * g, lambda g: 4.0 * g))],)
    for size in (2, 4, 6):
        tape = program(rng, size)
        for value in tape:
            value.grad = 7.0
        yield (tape,)


SLIPS = [
    (1, "= overwrites what came from the other use.", "source.grad += rule", "source.grad = rule"),
    (2, "In this order a value hands on before anything has arrived.", "in reversed(tape)", "in tape"),
    (3, "The grads of an earlier pass are still there.", "value.grad = 0.0", "value.grad += 0.0"),
    (3, "Nothing starts: the derivative of the result by itself is 1.", "tape[-1].grad = 1.0", "tape[-1].grad = 0.0"),
    (3, "The result is the last of the tape; you start at the first.", "tape[-1].grad = 1.0", "tape[0].grad = 1.0"),
    (3, "Each rule gets what has arrived here, and not always 1.", "rule(value.grad)", "rule(1.0)"),
    (1, "Gradients of several uses are added; you multiply.", "source.grad += rule", "source.grad *= rule"),
    (3, "Only one of the sources gets its share.", "zip(value.sources, value.rules)",
     "zip(value.sources[:1], value.rules)"),
    (3, "The grads are wanted in the order of the tape.", "return [value.grad for value in tape]",
     "return [value.grad for value in reversed(tape)]"),
]  # fmt: skip
