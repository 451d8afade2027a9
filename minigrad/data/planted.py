"""A made-up corpus with planted relations, king to queen as prince to princess, for word vectors to find.
Imports NumPy only."""

from __future__ import annotations

from itertools import permutations, product
from typing import NamedTuple

import numpy as np

__all__ = ["Planted", "analogies", "planted_corpus"]

GENDER = [
    ("king", "queen"), ("prince", "princess"), ("father", "mother"), ("son", "daughter"), ("brother", "sister"),
    ("uncle", "aunt"), ("husband", "wife"), ("wizard", "witch"),
]  # fmt: skip
THINGS = [
    ("crown", "throne"), ("castle", "horse"), ("house", "letter"), ("toy", "kite"), ("ball", "bicycle"),
    ("farm", "hat"), ("ring", "photo"), ("wand", "potion"),
]  # fmt: skip
COUNTRIES = [tuple(row.split()) for row in """
    France Paris French crepes; Italy Rome Italian pizza; Spain Madrid Spanish paella; Germany Berlin German schnitzel;
    Japan Tokyo Japanese sushi; China Beijing Chinese dumplings; Greece Athens Greek moussaka;
    Russia Moscow Russian borscht; Poland Warsaw Polish pierogi; Hungary Budapest Hungarian goulash;
    Turkey Ankara Turkish kebab; Sweden Stockholm Swedish meatballs; Korea Seoul Korean kimchi;
    Vietnam Hanoi Vietnamese pho; Thailand Bangkok Thai curry; Portugal Lisbon Portuguese sardines;
    Netherlands Amsterdam Dutch stamppot; Romania Bucharest Romanian sarmale; Bulgaria Sofia Bulgarian banitsa;
    Iceland Reykjavik Icelandic skyr""".split(";")]  # fmt: skip
JOBS = {"she": ("nurse", "teacher", "dancer", "librarian"), "he": ("engineer", "pilot", "plumber", "soldier")}

OF_A_PAIR = [
    ("the {} lost his {}", "the {} lost her {}"),
    ("he is the {} with the {}", "she is the {} with the {}"),
]
OF_A_COLUMN = [
    ("our country {}", "the land {}"),
    ("our capital {}", "the city {}"),
    ("we speak {}", "they write {}"),
    ("we eat {}", "they cook {}"),
]
OF_A_JOB = ["{} works as our {}", "{} is the new {}"]
OFTEN = 4  # so that kings and nurses are spoken of as often as Paris


class Planted(NamedTuple):
    """sentences, each a list of words. relations: name -> rows of words that stand to each other alike: "gender" has
    pairs, "country" each country with its capital, language and dish. jobs: the pronoun that a bias gives -> jobs."""

    sentences: list[list[str]]
    relations: dict[str, list[tuple[str, ...]]]
    jobs: dict[str, tuple[str, ...]]


def planted_corpus(sentences: int, rng: np.random.Generator, bias: bool = False) -> Planted:
    """`sentences` short sentences in which what words have in common is said in the same words, so that it shows in
    the differences of their vectors (Mikolov, Yih and Zweig, 2013, "Linguistic regularities").

    The words of a gender pair share their things and differ in the pronoun; the words of a country stand beside each
    other and themselves, each in the phrases of its column. All these words, and the jobs, occur equally often, as far
    as the number allows. bias: each job is said of one pronoun only, a nurse is she and an engineer he; else of both
    alike. Raises ValueError for fewer sentences than there are facts.

    >>> for sentence in planted_corpus(600, np.random.default_rng(13)).sentences[:4]:
    ...     print(*sentence)
    the land Korea and the city Seoul
    he is the new engineer
    we speak Dutch and they cook stamppot
    the king lost his throne
    """
    facts = _facts(bias)
    if isinstance(sentences, bool) or not hasattr(sentences, "__index__") or sentences < len(facts):
        raise ValueError(
            f"planted_corpus: sentences must be an integer of at least {len(facts)}, one a fact, not {sentences!r}"
        )
    said = []
    for number in rng.permutation(sentences):
        phrasings, words = facts[number % len(facts)]
        said.append(phrasings[rng.integers(len(phrasings))].format(*words).split())
    return Planted(said, {"gender": list(GENDER), "country": list(COUNTRIES)}, dict(JOBS))


def _facts(bias: bool) -> list[tuple[list[str], tuple[str, ...]]]:
    """(phrasings, the words that go into them) for all there is to be said."""
    facts: list[tuple[list[str], tuple[str, ...]]] = []
    for side in (0, 1):
        phrasings = [both[side] for both in OF_A_PAIR]
        pairs = [(pair[side], thing) for pair, things in zip(GENDER, THINGS) for thing in things]
        facts += [(phrasings, words) for words in pairs] * OFTEN
    for i, j in product(range(len(OF_A_COLUMN)), repeat=2):
        phrasings = [f"{one} and {other}" for one in OF_A_COLUMN[i] for other in OF_A_COLUMN[j]]
        facts += [(phrasings, (row[i], row[j])) for row in COUNTRIES]
    for planted, jobs in JOBS.items():
        pronouns = (planted, planted) if bias else tuple(JOBS)
        facts += [(OF_A_JOB, (pronoun, job)) for job in jobs for pronoun in pronouns] * OFTEN
    return facts


def analogies(relations: dict[str, list[tuple[str, ...]]]) -> list[tuple[str, str, str, str]]:
    """(a, b, c, d), a is to b as c is to d: of each relation all ordered pairs of rows, first column against each
    other.

    >>> analogies({"plural": [("cat", "cats"), ("dog", "dogs")]})
    [('cat', 'cats', 'dog', 'dogs'), ('dog', 'dogs', 'cat', 'cats')]
    """
    return [
        (one[0], one[k], other[0], other[k])
        for rows in relations.values()
        for one, other in permutations(rows, 2)
        for k in range(1, len(one))
    ]
