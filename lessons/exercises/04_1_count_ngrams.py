"""04.1 Find the bug: "based on previous n-grams"

Count n-grams: return a dict from each context, a tuple of the n - 1 tokens before, to a dict from each token that came
next to how often it did. The line below takes n tokens for the context, as the slide says. Contexts do not reach beyond
the start of the text, so the first n - 1 tokens are never what came next. For n = 1 the only context is ().

1. An n-gram has n tokens all together: the context and the one that comes next.
2. tokens[i] comes next, and tokens[i - n + 1 : i] are the n - 1 tokens before it. From which i on are there so many?
3. for i in range(n - 1, len(tokens)): follows.setdefault(context, Counter())[tokens[i]] += 1
"""

# %% task
from collections import Counter


def count_ngrams(tokens, n):
    # context = tuple(tokens[i - n : i])
    raise NotImplementedError("TODO 04.1: a dict from the n - 1 tokens before to a Counter of what came next")


# %% solution
def count_ngrams(tokens, n):
    follows = {}
    for i in range(n - 1, len(tokens)):
        context = tuple(tokens[i - n + 1 : i])
        follows.setdefault(context, Counter())[tokens[i]] += 1
    return follows


# %% check
def cases(rng):
    for n in (2, 3, 1, 4):
        yield [("he", "she", "ate", "the", "cake")[i] for i in rng.integers(5, size=30)], n
    yield list("abracadabra"), 2
    yield ["one"], 3


def judge(follows, tokens, n):
    right = {}
    for i in range(n - 1, len(tokens)):
        right.setdefault(tuple(tokens[i - n + 1 : i]), Counter())[tokens[i]] += 1
    if not isinstance(follows, dict):
        return 3, "a dict of contexts is asked for"
    long = next((context for context in follows if not isinstance(context, tuple) or len(context) != n - 1), None)
    if long is not None:
        return 1, f"a context of {n}-grams is a tuple of {n - 1} tokens, not {long!r}"
    for context in {**right, **follows}:
        if dict(follows.get(context, {})) != dict(right.get(context, {})):
            return 2, f"after {context}: {dict(follows.get(context, {}))}, it should be {dict(right.get(context, {}))}"
    return None


SLIPS = [
    (1, "n tokens before the next one are an (n + 1)-gram: this is the slip of the slide.", "tokens[i - n + 1 : i]",
     "tokens[i - n : i] if i >= n else tokens[:i]"),
    (2, "The token itself is in its context: the slice ends one too late.", "tokens[i - n + 1 : i]",
     "tokens[i - n + 1 : i + 1]"),
    (2, "The last token is never counted.", "len(tokens))", "len(tokens) - 1)"),
    (2, "One is left out at the start: the first token with n - 1 before it is number n - 1.", "range(n - 1,",
     "range(n,"),
    (2, "For small i the slice begins at a negative place, which Python counts from the end: the start is empty there.",
     "range(n - 1,", "range(0,"),
    (3, "How often is asked for, not whether.", "[tokens[i]] += 1", "[tokens[i]] = 1"),
    (3, "Each context begins anew every time, and only what came last is kept.",
     "follows.setdefault(context, Counter())[tokens[i]] += 1", "follows[context] = Counter([tokens[i]])"),
    (1, "The context is one text here; a tuple of tokens is asked for.", "tuple(tokens[i - n + 1 : i])",
     '" ".join(tokens[i - n + 1 : i])'),
    (2, "The tokens of a context stand in the order of the text.", "tuple(tokens[i - n + 1 : i])",
     "tuple(tokens[i - n + 1 : i][::-1])"),
    (2, "This counts what came before: the context is to the left, the next token to the right.",
     "tuple(tokens[i - n + 1 : i])", "tuple(tokens[i + 1 : i + n])"),
]  # fmt: skip
