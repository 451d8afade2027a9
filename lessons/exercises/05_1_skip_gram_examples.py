"""05.1 The examples of skip-gram

Return the examples of one sentence, a list of words: a list of pairs (word, neighbour), one for each word and each
other word that stands at most `window` places before or after it. The order of the pairs does not matter. The same word
may stand at two places; then each place counts.

1. Two loops: over the places i of the sentence, and over the places j around i.
2. j runs from i - window to i + window, both included, but not beyond the ends of the sentence, and never j == i.
3. for j in range(max(0, i - window), min(len(sentence), i + window + 1)): if j != i: append (sentence[i], sentence[j])
"""


# %% task
def skip_gram_examples(sentence, window):
    raise NotImplementedError("TODO 05.1: a pair (word, neighbour) for each word and each one within the window")


# %% solution
def skip_gram_examples(sentence, window):
    examples = []
    for i in range(len(sentence)):
        for j in range(max(0, i - window), min(len(sentence), i + window + 1)):
            if j != i:
                examples.append((sentence[i], sentence[j]))
    return examples


# %% check
from collections import Counter

WORDS = "king queen prince crown throne castle horse letter".split()


def cases(rng):
    for window in (1, 2, 3):
        yield [WORDS[i] for i in rng.permutation(8)[:6]], window
    yield "the king and the queen".split(), 3
    yield ["alone"], 2
    yield ["a", "b", "c"], 9


def judge(examples, sentence, window):
    if not isinstance(examples, list) or not all(isinstance(pair, tuple) and len(pair) == 2 for pair in examples):
        return 3, "a list of pairs (word, neighbour)"
    places = range(len(sentence))
    right = Counter((sentence[i], sentence[j]) for i in places for j in places if 0 < abs(i - j) <= window)
    missing, extra = right - Counter(examples), Counter(examples) - right
    if extra:
        return 2, f"{next(iter(extra))} should not be there, or not so often, with window {window} in {sentence}"
    return (2, f"{next(iter(missing))} is missing, with window {window} in {sentence}") if missing else None


SLIPS = [
    (2, "Each word is its own neighbour here: j == i is no example.", "j != i", "True"),
    (2, "range ends before its end: the last neighbour to the right is missing.", "i + window + 1", "i + window"),
    (2, "Only what comes after: the context is on both sides.", "max(0, i - window)", "i"),
    (2, "Only what comes before: the context is on both sides.", "min(len(sentence), i + window + 1)", "i"),
    (2, "A negative place counts from the end: the first word gets neighbours from there.", "max(0, i - window)",
     "i - window"),
    (2, "A sentence ends, and its last words have fewer neighbours; beyond the end Python raises an error.",
     "min(len(sentence), i + window + 1)", "i + window + 1"),
    (2, "The same word at another place is a neighbour like any other: compare places, not words.", "j != i",
     "sentence[j] != sentence[i]"),
    (2, "The window does nothing: all words of the sentence are taken.",
     "range(max(0, i - window), min(len(sentence), i + window + 1))", "range(len(sentence))"),
    (3, "Words are asked for, not their places.", "(sentence[i], sentence[j])", "(i, j)"),
    (1, "Only the neighbours at exactly that distance: the nearer ones belong to it, too.", "j != i",
     "abs(j - i) == window"),
]  # fmt: skip
