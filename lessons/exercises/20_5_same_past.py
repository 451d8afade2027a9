"""20.5 Make it fail: the same past, another role

No one-way net can be right about both of two lines whose first k tokens are the same, if the k-th token is a name that
has another role in each: at that token it has read the same, so it says the same. Give two such lines for each k, as
two lists of tokens. Tokens are names, numbers and signs, such as ["x", "+", "1"]; joined by blanks, each line must be
an expression of Python. The roles: CALL before "(", OBJ before ".", METHOD or ATTR after ".", otherwise VAR.

1. For k = 1: how can a line go on after its first token "x", so that x is a CALL? And so that it is a VAR?
2. "x ( )" and "x + 1". For a larger k put something in front that may stand before any expression, as often as needed.
3. past = ["-"] * (k - 1) + ["x"]; return past + ["(", ")"], past + ["+", "1"]
"""


# %% task
def same_past(k):
    raise NotImplementedError("TODO 20.5: two lists of tokens; the k-th is a name with another role in each")


# %% solution
def same_past(k):
    past = ["-"] * (k - 1) + ["x"]
    return past + ["(", ")"], past + ["+", "1"]


# %% check
import ast
import keyword


def cases(rng):
    for k in (1, 2, 3, int(rng.integers(4, 9))):
        yield (k,)


def role(tokens, t):
    before, after = (["", *tokens][t], [*tokens, ""][t + 1])
    if before == ".":
        return "METHOD" if after == "(" else "ATTR"
    return {"(": "CALL", ".": "OBJ"}.get(after, "VAR")


def judge(result, k):
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        return 1, "Two lines are wanted, each a list of tokens."
    for tokens in result:
        if not isinstance(tokens, (tuple, list)) or not all(isinstance(token, str) for token in tokens):
            return 1, "A line is a list of strings, one for each token."
        try:
            ast.parse(" ".join(tokens), mode="eval")
        except SyntaxError:
            return 2, f"{' '.join(tokens)!r} is no expression of Python."
        if len(tokens) < k or not tokens[k - 1].isidentifier() or keyword.iskeyword(tokens[k - 1]):
            return 2, f"Token {k} of {' '.join(tokens)!r} should be a name."
    one, other = map(list, result)
    if one[:k] != other[:k]:
        return 2, f"The first {k} tokens differ, so the net can know which line it is."
    if role(one, k - 1) == role(other, k - 1):
        return 1, f"In both lines token {k} is a {role(one, k - 1)}."
    return None


SLIPS = [
    (1, "Nothing follows in one of the lines, and 1 is added in the other: x is a VAR in both.", 'past + ["(", ")"]',
     "past"),
    (1, "x is called in both lines: the same role.", '["+", "1"]', '["(", "1", ")"]'),
    (2, "The name stands one place too far to the left.", "(k - 1)", "(k - 2)"),
    (2, "The name stands one place too far to the right.", "(k - 1)", "k"),
    (2, "A bracket that is never closed makes no expression.", '["(", ")"]', '["("]'),
    (2, "An assignment is a statement; an expression was asked for.", '["+", "1"]', '["=", "1"]'),
    (2, "The pasts differ in their last token.", 'past + ["+", "1"]', 'past[:-1] + ["y", "+", "1"]'),
    (1, "A line is a list of tokens, not one string.", 'past + ["(", ")"], past + ["+", "1"]',
     '" ".join(past + ["(", ")"]), " ".join(past + ["+", "1"])'),
    (1, "Two lines are wanted.", 'past + ["(", ")"], past + ["+", "1"]', 'past + ["(", ")"]'),
]  # fmt: skip
