"""04.4 Make it fail: all known, never seen

An n-gram model knows only what stood in its text. Return a sentence, a list of 3 to 8 words, that fools it: every word
is one of the text's, every *pair* of neighbours occurs in the text, too; but some three words in a row never do. So a
bigram model finds nothing wrong with it, and a trigram model has never seen the like. `text` is a list of words. Find
your sentence by searching, not by hand: the text is another one each time.

1. Two pairs that share a word, (a, b) and (b, c), make three words a, b, c. For which of them is (a, b, c) new?
2. pairs = set(zip(text, text[1:])), triples = set(zip(text, text[1:], text[2:])); go through all a, b and all c with
   (b, c) among the pairs.
3. for a, b in sorted(pairs): for c in sorted(set(text)): if (b, c) in pairs and (a, b, c) not in triples: return [a, b,
   c]
"""


# %% task
def never_seen(text):
    raise NotImplementedError("TODO 04.4: three words, of which both pairs were seen and all three together never")


# %% solution
def never_seen(text):
    pairs, triples = set(zip(text, text[1:])), set(zip(text, text[1:], text[2:]))
    for a, b in sorted(pairs):
        for c in sorted(set(text)):
            if (b, c) in pairs and (a, b, c) not in triples:
                return [a, b, c]


# %% check
WORDS = "he she ate cut the cake soup wood with fork knife saw spoon and then".split()


def cases(rng):
    for length in (60, 40, 90):
        yield ([WORDS[i] for i in rng.integers(len(WORDS), size=length)],)


def judge(sentence, text):
    if not isinstance(sentence, (list, tuple)) or not 3 <= len(sentence) <= 8:
        return 1, "a list of 3 to 8 words is asked for"
    foreign = [word for word in sentence if word not in text]
    if foreign:
        return 2, f"{foreign[0]!r} is not a word of the text: that is out of vocabulary, and too easy"
    pairs, triples = set(zip(text, text[1:])), set(zip(text, text[1:], text[2:]))
    new = [pair for pair in zip(sentence, sentence[1:]) if pair not in pairs]
    if new:
        return 2, f"{' '.join(new[0])} never stands in the text: a bigram model would notice"
    if all(triple in triples for triple in zip(sentence, sentence[1:], sentence[2:])):
        return 1, "all its triples stand in the text: a trigram model finds it normal"
    return None


SLIPS = [
    (1, "These three stand in the text, in a row.", "(a, b, c) not in triples", "(a, b, c) in triples"),
    (2, "The second pair was never seen.", "(b, c) in pairs", "(b, c) not in pairs"),
    (2, "The pair to look for is (b, c); a and c need not be neighbours.", "(b, c) in pairs and",
     "(a, c) in pairs and"),
    (2, "Any three words are mostly no neighbours at all.", "(b, c) in pairs and (a, b, c) not in triples", "a != c"),
    (1, "This is a piece of the text itself.", "    for a, b in sorted(pairs):",
     "    return text[:3]\n    for a, b in []:"),
    (2, "A word that the text has not fools everybody, the bigram model, too.", "return [a, b, c]",
     'return [a, b, "quill"]'),
    (1, "Two words are one pair; it takes three to fool a trigram model.", "return [a, b, c]", "return [a, b]"),
    (2, "Backwards the pairs are other pairs.", "return [a, b, c]", "return [c, b, a]"),
]  # fmt: skip
