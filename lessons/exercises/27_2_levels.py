"""27.2 Which nodes can be computed together?

children: for each node of a tree the numbers of its children, () at a leaf; nodes stand in any order. Return a list of
lists: the numbers of all nodes of height 0, of height 1, and so on, each list in rising order. The height of a node is
the number of edges on the longest way down to a leaf, so that all its children are computed before it.

1. A leaf has height 0; any other node is one higher than its highest child.
2. Go round and round: a level is the nodes not yet computed whose children all are. Take it, then mark it as computed.
3. [n for n in range(len(children)) if n not in done and all(k in done for k in children[n])], then done |= set(level)
"""


# %% task
def levels(children):
    raise NotImplementedError("TODO 27.2: a list for each height, of the numbers of its nodes")


# %% solution
def levels(children):
    found, done = [], set()
    while len(done) < len(children):
        level = [n for n in range(len(children)) if n not in done and all(k in done for k in children[n])]
        done |= set(level)
        found.append(level)
    return found


# %% check
def cases(rng):
    yield ([()],)
    yield ([(1, 2), (), (3, 4), (), ()],)
    for n in (3, 5, 8):
        tree, row = [()] * n, list(range(n))
        while len(row) > 1:
            at = int(rng.integers(len(row) - 1))
            tree.append((row[at], row[at + 1]))
            row[at : at + 2] = [len(tree) - 1]
        new = rng.permutation(len(tree)).tolist()
        mixed = [()] * len(tree)
        for old, below in enumerate(tree):
            mixed[new[old]] = tuple(new[k] for k in below)
        yield (mixed,)


SLIPS = [
    (1, "One computed child is not enough: a node waits for all of them.", "all(k in", "not children[n] or any(k in"),
    (1, "One node a call is correct, but slow: all of one height belong together.", "done |= set(level)",
     "level = level[:1]; done |= set(level)"),
    (2, "Computed nodes come again in every later level.", "n not in done and all", "all"),
    (2, "The root's level is missing.", "return found", "return found[:-1]"),
    (2, "The leaves are a call, too.", "return found", "return found[1:]"),
    (3, "From the leaves up: the order is turned round.", "return found", "return found[::-1]"),
    (3, "The nodes themselves are asked for, not how many there are.", "found.append(level)",
     "found.append(len(level))"),
    (3, "One list for each level.", "found.append(level)", "found += level"),
]  # fmt: skip
