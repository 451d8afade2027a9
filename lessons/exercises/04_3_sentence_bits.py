"""04.3 The bits of a sentence

Return -log2 of the probability of a whole sentence: of its words, one after the other, and of "<EOS>" at its end.
probability(context, word) gives the probability of a word after a list of all tokens before it; at the start of a
sentence that is ["<SOS>"], which itself costs nothing.

1. A product of hundreds of probabilities is rounded to 0; the sum of their logarithms is not.
2. tokens = ["<SOS>", *words, "<EOS>"]; of all but the first, tokens[i] after tokens[:i].
3. -sum(math.log2(probability(tokens[:i], tokens[i])) for i in range(1, len(tokens)))
"""

# %% task
import math


def sentence_bits(words, probability):
    raise NotImplementedError("TODO 04.3: the sum of -log2 P of each word, given all before it, and of <EOS>")


# %% solution
def sentence_bits(words, probability):
    tokens = ["<SOS>", *words, "<EOS>"]
    return -sum(math.log2(probability(tokens[:i], tokens[i])) for i in range(1, len(tokens)))


# %% check
class Model:
    def __init__(self, secret):
        self.secret = secret

    def __call__(self, context, word):
        if word == "<SOS>" or not context or context[0] != "<SOS>" or "<EOS>" in context:
            return 1e-9
        seen = [*context[:3], *context[-3:], str(len(context)), word]
        number = sum((i + 1) * sum(map(ord, w)) for i, w in enumerate(seen))
        return 0.05 + 0.9 * (number * self.secret % 101) / 101


def cases(rng):
    words = "apple and pear salad is good for you".split()
    model = Model(int(rng.integers(7, 90)))
    yield words[:4], model
    yield [words[i] for i in rng.permutation(8)], model
    yield [], model
    yield words * 150, model


SLIPS = [
    (1, "A product of 1,200 probabilities is rounded to 0, and 0 has no logarithm: add logarithms.",
     "-sum(math.log2(probability(tokens[:i], tokens[i])) for i in range(1, len(tokens)))",
     "-math.log2(math.prod(probability(tokens[:i], tokens[i]) for i in range(1, len(tokens))))"),
    (2, "The end has a price, too: it is one of the things that could have come next.", 'words, "<EOS>"]', "words]"),
    (2, "<SOS> is given, and costs nothing; begin with the word after it.", "range(1, len(tokens))",
     "range(len(tokens))"),
    (2, "The first word is left out.", "range(1, len(tokens))", "range(2, len(tokens))"),
    (2, "Without <SOS> the model does not know that a sentence begins here.", "probability(tokens[:i], tokens[i])",
     "probability(tokens[1:i], tokens[i])"),
    (2, "The model is shown only the token before; it asks for all of them.", "tokens[:i]", "tokens[i - 1 : i]"),
    (2, "The word that it should guess is in its context: tokens[:i] ends before tokens[i].", "tokens[:i]",
     "tokens[: i + 1]"),
    (3, "Bits: the logarithm to base 2.", "math.log2", "math.log"),
    (3, "A price is positive, and the logarithm of a probability is not.", "-sum", "sum"),
    (3, "The whole sentence is asked for, not the mean over its tokens.", "range(1, len(tokens)))",
     "range(1, len(tokens))) / (len(tokens) - 1)"),
]  # fmt: skip
