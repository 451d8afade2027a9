"""What the page that plays a run costs: making it, its size, and in headless Chromium opening it and one step: script,
style, layout and paint of the main thread, in seconds that it computed. Imports viz; Chromium through playwright."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import viz
from viz import zoo
from viz.page import HERE, to_html

STEPS = 30  # that are timed, from the middle of each pass
PARTS = ("TaskDuration", "ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
PLAY = """async ([from, count]) => {
    const drawn = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    const waited = [];
    for (go(from), await drawn(); count--;) {
        const start = performance.now();
        go(place + 1);
        await drawn();
        waited.push(performance.now() - start);
    }
    return waited;
}"""

Line = tuple[str, str, str, str]


def pages() -> list[Line]:
    """(what, measured, reach, note) of the op-level LSTM."""
    short, _ = _made(100)
    long, seconds = _made(300)
    code = sum(file.stat().st_size for file in HERE.iterdir() if file.suffix in (".html", ".css", ".js"))
    size = f"{len(long) / 300e3:.1f} kB a step, {len(short) / 1e6:.1f} MB at T=100; code alone {code / 1e3:.1f} kB"
    rows = [("page of the op-level LSTM over 300 steps", f"{seconds:.2f} s", "<= 2 s", size)]
    try:
        with _chromium() as opened:
            rows += [_step(*opened(short, "")), _step(*opened(short, "#open=all"), ", all unfolded")]
            rows.append(_opening(*opened(long, "")))
    except ImportError as error:
        rows.append(("one step of the page, T=100", "-", "< 16 ms", str(error)))
    return rows


def _made(steps: int) -> tuple[bytes, float]:
    """A page, and the seconds that it took once the step was laid out."""
    record = viz.record(*zoo.build("lstm", steps))
    to_html(record)
    started = time.process_time()
    text = to_html(record)
    return text.encode(), time.process_time() - started


@contextmanager
def _chromium() -> Iterator[Any]:
    """Gives a function that opens a page and returns it with its metrics. Raises ImportError where nothing can."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise ImportError("chromium is not installed")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=program)

        def opened(text: bytes, link: str) -> tuple[Any, Any]:
            context = browser.new_context(viewport={"width": 1366, "height": 768})
            page = context.new_page()
            session = context.new_cdp_session(page)
            session.send("Performance.enable", {"timeDomain": "threadTicks"})  # not the time in which others computed
            path = Path(folder, "page.html")
            path.write_bytes(text)
            page.goto(path.as_uri() + link)
            return page, lambda: {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}

        yield opened
        browser.close()


def _step(page: Any, metrics: Any, how: str = "") -> Line:
    n, end = page.evaluate("[N, END]")
    costs, waited = [], []
    for start in (n // 2, (n + end) // 2) * 3:
        before = metrics()
        waited += page.evaluate(PLAY, [start, STEPS])
        after = metrics()
        costs.append([(after[name] - before[name]) / STEPS * 1e3 for name in PARTS])
    task, script, layout, style = (median(column) for column in zip(*costs))
    note = f"script {script:.1f}, layout {layout:.1f}, style {style:.1f}; two frames after {median(waited):.0f} ms"
    return f"one step of the page, T=100{how}, main thread", f"{task:.1f} ms", "< 16 ms", note


def _opening(page: Any, metrics: Any) -> Line:
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    ready = page.evaluate("performance.getEntriesByType('navigation')[0].domComplete")
    note = f"complete {ready / 1e3:.2f} s after it was asked for, on the clock"
    return "opening the page, T=300, main thread", f"{metrics()['TaskDuration']:.2f} s", "< 1 s", note
