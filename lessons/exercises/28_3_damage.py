"""28.3 Make it fail: a weak seal

Somebody seals files with the sum of their bytes. Before a file is read, the sum is taken again, and if it is the same
the file passes as undamaged. Fool it: content is a list of bytes, whole numbers from 0 to 255, of which at least two
are different from each other. Return another list of bytes, of the same length and with the same sum, and leave content
alone. (With SHA-256 nobody could do that.)

1. What can be done to a list of numbers without changing their sum? Do it to a copy.
2. Two bytes that change places: but it has to be two that differ, or nothing is damaged.
3. Find the first i with content[i] != content[i + 1], and return
   content[:i] + [content[i + 1], content[i]] + content[i + 2 :]
"""


# %% task
def damage(content):
    raise NotImplementedError("TODO 28.3: bytes of the same length and the same sum, and not the same")


# %% solution
def damage(content):
    i = next(i for i in range(len(content) - 1) if content[i] != content[i + 1])
    return content[:i] + [content[i + 1], content[i]] + content[i + 2 :]


# %% check
def cases(rng):
    yield ([109, 105, 110, 105],)
    yield ([0, 1],)
    yield ([255, 255, 255, 0],)
    yield ([7, 7, 7, 7, 7, 9],)
    yield ([5, 8, 8, 5, 5, 8, 8, 5],)
    for size in (5, 12):
        yield ([7, 9, *rng.integers(0, 256, size).tolist()],)


def judge(damaged, content):
    if not isinstance(damaged, list) or not all(isinstance(byte, int) and 0 <= byte < 256 for byte in damaged):
        return 1, f"a list of whole numbers from 0 to 255 is to be returned, not {damaged}"
    if len(damaged) != len(content):
        return 1, f"the length tells: {len(damaged)} bytes, and it was {len(content)}"
    if sum(damaged) != sum(content):
        return 2, f"the sum tells: {sum(damaged)}, and it was {sum(content)}"
    if damaged == content:
        return 2, "nothing is damaged: these are the same bytes"
    return None


SWAP = "content[:i] + [content[i + 1], content[i]] + content[i + 2 :]"
SLIPS = [
    (2, "Turned round, some contents are the same as before.", SWAP, "content[::-1]"),
    (2, "Sorted, some contents are the same as before.", SWAP, "sorted(content)"),
    (2, "The first two may be alike; then changing places changes nothing.",
     "next(i for i in range(len(content) - 1) if content[i] != content[i + 1])", "0"),
    (3, "One value is there twice now, and the other one is lost.", "[content[i + 1], content[i]]",
     "[content[i + 1], content[i + 1]]"),
    (2, "A flipped bit changes the sum.", "[content[i + 1], content[i]]", "[content[i] ^ 1, content[i + 1]]"),
    (1, "The length must stay.", SWAP, "content + [0]"),
    (2, "That is a copy, and no damage.", "[content[i + 1], content[i]]", "[content[i], content[i + 1]]"),
    (1, "One up and one down keeps the sum, but a byte goes from 0 to 255.", "[content[i + 1], content[i]]",
     "[content[i] + 1, content[i + 1] - 1]"),
]  # fmt: skip
