"""20.3 From tags to names

"Yesterday , Harry Potter met Hermione Granger ." is tagged O O B I O B I O: B begins a name, I goes on with it, O is no
name. tags is a string of these letters. Return a list of pairs (first, past): the place of the first token of each
name, and the place *after* its last one, as in tokens[first:past]. Here: [(2, 4), (5, 7)]. A net may also say what
makes no sense: an I after an O, or at the very start, has no name to go on with; take it for the beginning of one.

1. Go through the tags and keep where the open name began, or None. Which tags end an open name? What about the end?
2. Both O and B end it; I does not, and neither must the last name be forgotten. I opens one when none is open.
3. for t, tag in enumerate(tags + "O"): if first is not None and tag != "I": names.append((first, t)); first = None;
   if tag == "B" or (tag == "I" and first is None): first = t
"""


# %% task
def names_of(tags):
    raise NotImplementedError("TODO 20.3: for each name its first place, and the place after its last")


# %% solution
def names_of(tags):
    names, first = [], None
    for t, tag in enumerate(tags + "O"):
        if first is not None and tag != "I":
            names.append((first, t))
            first = None
        if tag == "B" or (tag == "I" and first is None):
            first = t
    return names


# %% check
def cases(rng):
    yield ("OOBIOBIO",)
    yield ("BBIB",)
    yield ("IIOIB",)
    yield ("OBIII",)
    for n in (10, 12, 9):
        yield ("".join(rng.choice([*"BIO"], n)),)


SLIPS = [
    (1, "A name that reaches to the end is forgotten.", 'tags + "O"', "tags"),
    (1, "B after a name begins the next one; here the two are one.", 'tag != "I"', 'tag == "O"'),
    (1, "O ends a name, too.", 'tag != "I"', 'tag == "B"'),
    (2, "An I with no name before it begins one.", 'tag == "B" or (tag == "I" and first is None)', 'tag == "B"'),
    (2, "An I goes on with the open name; here each I begins a new one.",
     '(tag == "I" and first is None)', 'tag == "I"'),
    (3, "The second number is the place after the last token.", "(first, t)", "(first, t - 1)"),
    (3, "Places are counted from 0.", "(first, t)", "(first + 1, t + 1)"),
    (3, "The second number is a place, not a length.", "(first, t)", "(first, t - first)"),
    (2, "A name of one token is a name, too.", "            names.append((first, t))",
     "            if t - first > 1:\n                names.append((first, t))"),
]  # fmt: skip
