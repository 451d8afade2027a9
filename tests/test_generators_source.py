"""Python's own sources: roles and trees by hand on a small library, and the real one read in time, without leaks."""

from __future__ import annotations

import doctest
import keyword
import sysconfig
import textwrap
import tokenize
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from minigrad.data import DataError, Tree, expression_trees, python_source, token_roles
from minigrad.data.python_source import ROLES
from minigrad.data.splits import split_of


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder instead of the standard library."""
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    return tmp_path


def spoken(data: python_source.TokenRoles) -> list[str]:
    """Each line as "token/ROLE token/ROLE"."""
    return [" ".join(f"{t}/{ROLES[r]}" for t, r in zip(*line)) for line in zip(data.tokens, data.roles)]


def test_the_samples_of_the_docstrings() -> None:
    result = doctest.testmod(python_source)
    assert result.attempted >= 4 and result.failed == 0


# ---------------------------------------------------------------- roles


def test_roles_by_hand(library: Path) -> None:
    (library / "a.py").write_text(textwrap.dedent("""\
        # a comment
        class Box(Base):
            def put(self, what=None):
                self.parts.append(what)

                size = len(
                    self.parts) + 2.5  # over two lines
                return print(f"x", 'y')
        """))
    f_string = " ".join(["<STR>/STRING"] * (3 if hasattr(tokenize, "FSTRING_START") else 1))  # since Python 3.12
    assert spoken(token_roles()) == [
        "class/KW Box/DEF (/OP Base/VAR )/OP :/OP",
        "def/KW put/DEF (/OP self/VAR ,/OP what/TARGET =/OP None/KW )/OP :/OP",
        "self/OBJ ./OP parts/ATTR ./OP append/METHOD (/OP what/VAR )/OP",
        "size/TARGET =/OP len/CALL (/OP self/OBJ ./OP parts/ATTR )/OP +/OP <NUM>/NUMBER",
        f"return/KW print/CALL (/OP {f_string} ,/OP <STR>/STRING )/OP",
    ]


def test_no_more_tokens_than_asked_for_and_no_tables(library: Path) -> None:
    table = f"table = [{', '.join(['0'] * 60)}]\n"
    (library / "a.py").write_text("a = b\n" + table + "c = d + e\n")
    assert token_roles().tokens == [["a", "=", "b"], ["c", "=", "d", "+", "e"]]
    assert token_roles(max_tokens=7).tokens == [["a", "=", "b"]]


def test_files_that_cannot_be_read_are_skipped(library: Path) -> None:
    (library / "a.py").write_bytes(b"x = '\xff'\n")
    (library / "b.py").write_text("x = (1\n")
    (library / "c.py").mkdir()
    (library / "d.py").write_text("good = f(1, x, y)\n")
    assert len(token_roles().tokens) == len(expression_trees()) == 1


@pytest.mark.parametrize("read", [token_roles, expression_trees])
def test_a_python_without_sources_is_named(read, library: Path) -> None:
    (library / "a.txt").write_text("x = 1\n")
    with pytest.raises(DataError, match=f"{read.__name__}: .*sources.*standard library.*{library}"):
        read()


def test_roles_split_by_file(library: Path) -> None:
    names = [f"m{i}" for i in range(40)]
    for name in names:
        (library / f"{name}.py").write_text(f"{name} = 1\n")
    for split in ("train", "valid"):
        found = [line[0] for line in token_roles(split=split).tokens]
        assert found == [name for name in sorted(names) if split_of(f"{name}.py") == split] != []


@pytest.fixture(scope="module")
def real() -> python_source.TokenRoles:
    return token_roles(max_files=20)


def test_roles_of_the_standard_library(real: python_source.TokenRoles) -> None:
    assert [len(line) for line in real.tokens] == [len(line) for line in real.roles]
    roles = np.concatenate(real.roles)
    assert roles.dtype == np.int64 and len(roles) > 20_000
    assert (np.bincount(roles, minlength=len(ROLES)) > 100).all(), "each role occurs"
    for token, role in zip([token for line in real.tokens for token in line], roles):
        assert (ROLES[role] == "KW") == keyword.iskeyword(token)
    again = token_roles(max_files=3).tokens
    assert real.tokens[: len(again)] == again


def test_the_token_alone_does_not_say_its_role(real: python_source.TokenRoles) -> None:
    """Who answers for each name the role that it has most often is wrong in a fifth of the cases at least."""
    counts: dict[str, Counter] = {}
    for token, role in zip([token for line in real.tokens for token in line], np.concatenate(real.roles)):
        if ROLES[role] not in ("KW", "OP", "NUMBER", "STRING"):
            counts.setdefault(token, Counter())[role] += 1
    assert sum(max(count.values()) for count in counts.values()) < 0.8 * sum(map(Counter.total, counts.values()))


# ---------------------------------------------------------------- trees


def test_outermost_expressions_in_order_each_once(library: Path) -> None:
    (library / "a.py").write_text("x = a + b * c\nif f(a + b * c, 1):\n    y = [a + b * c, x]\nx = a + b * c\nz = 1\n")
    wanted = ["a + b * c", "f(a + b * c, 1)", "[a + b * c, x]"]
    found = expression_trees(min_nodes=2)
    assert [tree.labels for tree in found] == [Tree.from_python(text).labels for text in wanted]
    assert [len(tree) for tree in found] == [5, 8, 7]
    assert [len(tree) for tree in expression_trees(min_nodes=6, max_nodes=7)] == [7]


def test_trees_of_the_standard_library_do_not_leak() -> None:
    every, train, valid = [expression_trees(max_files=12, split=split) for split in (None, "train", "valid")]
    keys = [{(tree.labels, tree.children) for tree in part} for part in (train, valid)]
    assert not keys[0] & keys[1] and len(train) + len(valid) == len(every) > 200
    assert 0.04 < len(valid) / len(every) < 0.2
    sizes = np.array([len(tree) for tree in every])
    assert sizes.min() == 5 and 25 < sizes.max() <= 30
    assert max(tree.height for tree in every) >= 6


def test_a_tree_is_that_of_the_syntax() -> None:
    text = '"_Feature" + repr((self.optional, self.mandatory, self.compiler_flag))'
    assert expression_trees(max_files=1)[1].labels == Tree.from_python(text).labels


# ---------------------------------------------------------------- what cannot be


@pytest.mark.parametrize(("read", "words", "says"), [
    (token_roles, {"max_files": 0}, "max_files"), (token_roles, {"max_tokens": 0}, "max_tokens"),
    (token_roles, {"split": "test"}, "split='test'"), (expression_trees, {"max_files": 1.5}, "max_files.*1.5"),
    (expression_trees, {"min_nodes": 0}, "min_nodes"), (expression_trees, {"split": "test"}, "split='test'"),
    (expression_trees, {"min_nodes": 8, "max_nodes": 7}, "max_nodes.*8.*7"),
])  # fmt: skip
def test_the_impossible_is_refused(read, words: dict, says: str) -> None:
    with pytest.raises(ValueError, match=f"{read.__name__}: .*{says}"):
        read(**{"max_files": 1, **words})
