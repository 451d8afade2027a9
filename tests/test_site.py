"""The site: two lessons are built into it, strictly, and looked at in a browser without a network, large and small."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import shutil
from pathlib import Path

import pytest

import minigrad as mg
from lessons import header, publish
from lessons.__main__ import main

pytest.importorskip("myst_nb", reason="the site needs the packages of the extra `site`")
playwright = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright")
if mg.backend.name != "numpy":
    pytest.skip("the site does not depend on the backend", allow_module_level=True)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
LESSONS = ("01", "06")
PAGES = ("index", "lessons/06_unrolling", "api/nn", "architecture", "course")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built pages of two lessons in fast mode."""
    out = tmp_path_factory.mktemp("site")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = main(["site", *LESSONS, "--fast", "--out", str(out)])
    assert code == 0 and "0 links lead nowhere" in said.getvalue()
    return out / "html"


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM)
        yield found
        found.close()


def test_pages_downloads_and_results(site: Path) -> None:
    for page in PAGES:
        assert (site / f"{page}.html").is_file()
    names = {path.name for path in site.rglob("_downloads/*/*")}
    assert {"06_unrolling.py", "06_unrolling.ipynb"} <= names
    (script,) = site.rglob("_downloads/*/06_unrolling.py")
    assert script.read_bytes() == header.find()["06"].path.read_bytes()
    (notebook,) = site.rglob("_downloads/*/06_unrolling.ipynb")
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    assert len(cells) > 10 and not any(cell.get("outputs") for cell in cells)
    assert json.loads((site / "results" / "06_unrolling" / "result.json").read_text())["status"] == "passed"
    text = (site / "lessons" / "06_unrolling.html").read_text(encoding="utf-8")
    assert "<math" in text and "What the checks measured" in text and str(site.parent) not in text


def test_dead_links_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<p id="here"><a href="b.html#there">b</a> <a href="#here">a</a> <img src="c.png">'
                                     '<a href="https://example.org/x">away</a> <a href="b.html">b</a>')
    (tmp_path / "b.html").write_text('<a href="a.html#here">a</a>')
    assert sorted(publish.dead_links(tmp_path)) == ["a.html: b.html#there", "a.html: c.png"]


def test_without_its_packages_one_line_says_what_to_type(monkeypatch: pytest.MonkeyPatch, capsys, tmp_path) -> None:
    monkeypatch.setattr(publish.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit) as end:
        publish.run([], argparse.Namespace(out=tmp_path, fast=True, jobs=1))
    assert end.value.code == 2 and "make site" in capsys.readouterr().err and not list(tmp_path.iterdir())


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)], ids=["desktop", "phone"])
def test_every_page_is_whole_without_a_network(site: Path, browser, width: int, height: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, offline=True)
    wrong: list[str] = []
    for name in PAGES:
        page = context.new_page()
        page.on("request", lambda r: wrong.append(r.url) if not r.url.startswith(("file:", "data:")) else None)
        page.on("requestfailed", lambda r: wrong.append(f"{r.url} failed"))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.goto((site / f"{name}.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than the screen"
        eager = "[...document.images].filter(image => image.loading != 'lazy')"
        assert page.evaluate(f"{eager}.filter(image => !image.naturalWidth).map(image => image.src)") == []
        page.close()
    context.close()
    assert wrong == []


@needs_browser
def test_a_card_leads_to_its_lesson_and_a_graph_plays_there(site: Path, browser) -> None:
    page = browser.new_context(offline=True).new_page()
    page.goto((site / "index.html").as_uri())
    page.locator(".sd-card", has_text="06 Unrolling").click()
    assert page.url.endswith("06_unrolling.html")
    play = page.locator("details.play").first
    play.locator("summary").click()
    frame = play.locator("iframe").content_frame
    frame.locator("#stage g").first.wait_for()
    assert frame.locator("body").evaluate("() => whole.width > 100"), "measured though the frame was folded at first"
    before = frame.locator("body").evaluate("() => place")
    frame.locator("#back").click()
    assert frame.locator("body").evaluate("() => place") == before - 1


@needs_browser
def test_search_finds_a_word(site: Path, browser) -> None:
    page = browser.new_context(offline=True).new_page()
    page.goto((site / "search.html").as_uri() + "?q=unrolling")
    page.locator("#search-results li a").first.wait_for()
    assert "06_unrolling" in page.locator("#search-results").inner_html()
