"""12.4 The demo of the slides: fake abstracts

The slides show a net that read 7,200 abstracts of papers and invented new ones. Do it with a table of counts. `text`
has one abstract in each line (skip empty lines). Note which letter followed each `order` letters, as often as it did;
an abstract has `order` times "\\n" before it and one "\\n" after it. Then make up `count` abstracts: begin with `order`
times "\\n", draw each next letter from those that followed, until "\\n" is drawn. Return them as a list, without any
"\\n". To see it, take a file of your own: python exercises/12_4_fake_abstracts.py FILE. A net does it, too: python
lessons/12_character_lm.py --text FILE

1. A dict from the last `order` letters to the list of letters that followed them; a letter that followed twice is in it
   twice.
2. padded = "\\n" * order + abstract + "\\n"; for i in range(order, len(padded)): padded[i] followed padded[i - order :
   i].
3. Draw by options[rng.integers(len(options))] with options = follows[fake[-order:]]; stop at "\\n"; return
   fake[order:-1]."""

# %% task
import sys
from pathlib import Path

import numpy as np


def fake_abstracts(text, order, count, rng):
    raise NotImplementedError("TODO 12.4: count what follows what; then draw letter by letter until the end")


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():
        sys.exit("which file? It has one abstract in each line")
    abstracts = Path(sys.argv[1]).read_text(encoding="utf-8")
    for abstract in fake_abstracts(abstracts, 6, 5, np.random.default_rng()):
        print("copied: " if abstract in abstracts else "made up:", abstract, end="\n\n")


# %% solution
def fake_abstracts(text, order, count, rng):
    follows = {}
    for abstract in text.splitlines():
        if abstract:
            padded = "\n" * order + abstract + "\n"
            for i in range(order, len(padded)):
                follows.setdefault(padded[i - order : i], []).append(padded[i])
    fakes = []
    for _ in range(count):
        fake = "\n" * order
        while len(fake) == order or fake[-1] != "\n":
            options = follows[fake[-order:]]
            fake += options[rng.integers(len(options))]
        fakes.append(fake[order:-1])
    return fakes


# %% check
WORDS = "a the new net we show that it learns to write long texts with few gates and no attention".split()


def cases(rng):
    yield "ab\n" * 8 + "ac\n\n" + "b\n", 1, 200, np.random.default_rng(rng.integers(2**32))
    for order in (2, 3):
        lines = [" ".join(rng.choice(WORDS, rng.integers(3, 9))) for _ in range(30)]
        yield "\n".join(lines), order, 30, np.random.default_rng(rng.integers(2**32))


def judge(fakes, text, order, count, rng):
    known = [line for line in text.splitlines() if line]
    padded = ["\n" * order + line + "\n" for line in known]
    if not isinstance(fakes, list) or len(fakes) != count or not all(isinstance(fake, str) for fake in fakes):
        return f"a list of {count} abstracts, each a str"
    windows = {line[i : i + order + 1] for line in padded for i in range(len(line) - order)}
    for fake in fakes:
        if "\n" in fake:
            return 3, f"{fake[:40]!r}: without any line end, at its beginning or its end"
        if not fake:
            return 3, "one of them is empty: it ended before it began"
        made = "\n" * order + fake + "\n"
        for i in range(len(made) - order):
            if (piece := made[i : i + order + 1]) not in windows:
                where = "begins as" if i < order else "ends as" if "\n" in piece else "goes on as"
                return 2, f"{fake[:40]!r} {where} no abstract does: {piece!r} stands nowhere in the text"
    if order == 1 and not 0.7 < (share := np.mean([fake[0] == "a" for fake in fakes])) < 0.98:
        return 1, f"9 of 10 lines begin with a; of yours {share:.0%} do. Draw as often as it followed"
    if order > 1 and len(set(fakes)) < count / 4:
        return 3, f"{count} abstracts, and only {len(set(fakes))} different ones: are the letters drawn?"
    if order > 1 and set(fakes) <= set(known):
        return 3, "every one of them is copied from the text"
    return None


SLIPS = [
    (1, "Each letter that followed is kept once, however often it came: then rare ones come too often.",
     "follows.setdefault(padded[i - order : i], []).append(padded[i])",
     "follows[padded[i - order : i]] = sorted({*follows.get(padded[i - order : i], []), padded[i]})"),
    (2, "All begin like the first abstract of the text: take each line for itself.", "text.splitlines()", "[text]"),
    (2, "The first is as good as any for a beginning only if it begins an abstract: start from the line ends.",
     'fake = "\\n" * order\n', "fake = known = next(key for key in follows if '\\n' not in key)\n"),
    (3, "They are cut off after 20 letters, in the middle of a word.", "fakes.append(fake[order:-1])",
     "fakes.append(fake[order:-1][:20])"),
    (3, "The line end that stops an abstract is still there.", "fake[order:-1]", "fake[order:]"),
    (3, "The line ends at the beginning are still there.", "fake[order:-1]", "fake[:-1]"),
    (3, "One abstract, many times over: draw each of them anew.", "    return fakes", "    return fakes[:1] * count"),
    (3, "These are the abstracts of the text; make up new ones.", "    return fakes",
     "    return [line for line in text.splitlines() if line][:count]"),
    (3, "The abstracts are joined to one; return a list.", "    return fakes", '    return " ".join(fakes)'),
]  # fmt: skip
