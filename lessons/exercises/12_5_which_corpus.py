"""12.5 Whose text is it?

The slide shows "Shakespeare-style text" in which Natasha and Pierre speak: it comes from *War and Peace*. A net writes
what it has read, and its words betray it. `corpora` is a dict from names to texts. Return the name of the corpus that
has the most of the different words of the sample. Words are what stands between blanks, just as they are.

1. Compare words with words: sample.split(). How often a word comes in the sample must not matter; which Python type is
   that?
2. For each corpus count how many of the sample's words are among its words: two sets have an intersection, a & b.
3. max(corpora, key=lambda name: len(words & set(corpora[name].split())))"""


# %% task
def which_corpus(sample, corpora):
    raise NotImplementedError("TODO 12.5: the name of the corpus that shares the most words with the sample")


# %% solution
def which_corpus(sample, corpora):
    words = set(sample.split())
    shared = {name: len(words & set(text.split())) for name, text in corpora.items()}
    return max(shared, key=shared.get)


# %% check
SHAKESPEARE = (
    "But soft, what light through yonder window breaks? It is the east, and Juliet is the sun. Arise, fair sun, "
    "and kill the envious moon, who is already sick and pale with grief that thou her maid art far more fair."
)
TOLSTOY = (
    "Prince Andrew and Pierre looked round at Natasha, and Princess Mary smiled. Pierre replied to the princess, and "
    "Natasha came up to Princess Mary, and then drove to the house of her father-in-law with Pierre."
)
SLIDE = "Pierre replied, and Natasha the princess came, Princess Mary and the light of the father-in-law drove up sick"


def cases(rng):
    yield SLIDE, {"Shakespeare": SHAKESPEARE, "War and Peace": TOLSTOY}
    yield SLIDE, {"War and Peace": TOLSTOY, "Shakespeare": SHAKESPEARE}
    yield "sea see bee", {"letters": "be se bees seas sa", "words": "sea see bee"}
    yield "on it at no", {"longer": "onset bits data note " * 3, "right": "on it at no way"}
    yield "a b c d e", {"few": "a " * 30 + "b", "many": "a b c d x y z u v w p q r s"}
    yield "a b c d e a a a a", {"one": "a z", "four": "b c d e"}
    yield "x y z", {"small": "x y", "large": "x y z " + " ".join(map(str, range(40)))}


SLIPS = [
    (2, "The one with the *most* of the words.", "max(shared", "min(shared"),
    (1, "These are letters, and all texts have the same ones: split into words.", "set(sample.split())", "set(sample)"),
    (1, "A word that comes often in the sample counts several times.", "len(words & set(text.split()))",
     "sum(word in set(text.split()) for word in sample.split())"),
    (2, "A word that comes often in the corpus counts several times.", "len(words & set(text.split()))",
     "sum(text.split().count(word) for word in words)"),
    (1, "`in` finds `it` inside of `bits`, too: compare with the words of the text.", "len(words & set(text.split()))",
     "sum(word in text for word in words)"),
    (3, "Divided by the size of the corpus, a large one cannot win.", "len(words & set(text.split()))",
     "len(words & set(text.split())) / len(set(text.split()))"),
    (3, "The longest text is not the likeliest one.", "len(words & set(text.split()))", "len(text)"),
    (3, "All words of both are counted: & is what they share.", "words & set", "words | set"),
    (3, "Return the name, not the number of words.", "max(shared, key=shared.get)", "max(shared.values())"),
]  # fmt: skip
