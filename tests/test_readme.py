"""The README says what is there: its links lead somewhere, its examples run, its list of lessons is the list."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lessons import header

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "minigrad" / "README.md", ROOT / "lessons" / "README.md"]
README = PAGES[0].read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.S)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name or "top")
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_examples_run(number, tmp_path):
    """Each example by itself, from another folder, as its reader would paste it."""
    if ".save(" in EXAMPLES[number] and shutil.which("dot") is None:
        pytest.skip("this example draws SVG, which needs graphviz's dot")
    shared = "import numpy as np\nimport minigrad as mg\n" if "import minigrad" not in EXAMPLES[number] else ""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", shared + EXAMPLES[number]],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for saved in re.findall(r'save\("([^"]+)"\)', EXAMPLES[number]):
        assert (tmp_path / saved).stat().st_size > 1000


def test_every_lesson_is_listed():
    rows = re.findall(r"^\| (\d\d) \| (.+?) \| (.+?) \|$", README, re.M)
    assert rows == [(about.number, about.title, about.question) for about in header.find().values()]


def test_every_make_target_is_mentioned_or_explained_by_make():
    targets = set(re.findall(r"`?make ([a-z-]+)", README))
    known = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    assert targets <= known and {"lessons", "test", "bench", "gpu"} <= targets
