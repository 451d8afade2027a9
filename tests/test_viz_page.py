"""The page that plays a run, in headless Chromium with the network cut off: every control does what it says, and every
number is the record's."""

from __future__ import annotations

import functools
import importlib
import json
import pkgutil
import re
import shutil
import time
from pathlib import Path

import numpy
import pytest

import minigrad as mg
import viz
from minigrad import backend, nn, ops
from minigrad.nn.seq2seq import Decoder, Encoder, Seq2Seq
from minigrad.op import Op
from viz import theme, zoo
from viz.layers import lay_layers
from viz.page import palette, to_html
from viz.page.data import page_data
from viz.page.rules import RULES
from viz.page.run import Run
from viz.snapshot import capture
from viz.tips import whole_text

from .viz_nets import make

if backend.name == "cupy":
    pytest.skip("the page is made of a record, which is the same on every backend", allow_module_level=True)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
EVIL = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"
DESK, PHONE = {"width": 1440, "height": 860}, {"width": 390, "height": 800}


# ---- nets


@functools.cache
def recorded(name: str = "lstm", steps: int = 3) -> viz.Record:
    loss, model = zoo.build(name, steps) if name in zoo.NETS else make(name, steps)
    return viz.record(loss, model)


@functools.cache
def page_text(name: str = "lstm", steps: int = 3) -> str:
    return to_html(recorded(name, steps), title=f"{name}, {steps} steps")


def small(names: str = "bcdea"):
    """a = (b + c)(c + 2), with these names."""
    b, c = (mg.Tensor(v, requires_grad=True, name=n) for v, n in zip((1.5, 3.0), names))
    return ((b + c).named(names[2]) * (c + 2).named(names[3])).named(names[4])


def attention():
    encoder = Encoder(5, 2, 4, cell="gru")
    model = Seq2Seq(encoder, Decoder(6, 2, 4, encoder.output_size, cell="gru", context=(), attention="additive"))
    rng = numpy.random.default_rng(0)
    target = rng.integers(0, 6, (4, 3))
    return mg.cross_entropy(model(rng.integers(0, 5, (4, 3)), target, [4, 2, 3]), target[1:]), model


# ---- the browser


@pytest.fixture(scope="module")
def browser():
    sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with sync.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM)
        yield chromium
        chromium.close()


@pytest.fixture
def show(browser, tmp_path):
    """Opens a page offline; fails at the end if anything was asked of the network or said on the console."""
    contexts, asked, said = [], [], []

    def open_page(text: str, link: str = "", size: dict = DESK, **options):
        context = browser.new_context(offline=True, viewport=size, **options)
        contexts.append(context)

        def on_request(route):
            if route.request.url.startswith("file:"):
                return route.continue_()
            asked.append(route.request.url)
            return route.abort()

        context.route("**/*", on_request)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        path = tmp_path / f"page{len(contexts)}.html"
        path.write_text(text, encoding="utf-8", errors="replace")
        page.goto(path.as_uri() + link)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert asked == [] and said == []


def position(page) -> int:
    return int(page.input_value("#slider"))


def card(page) -> list[tuple[str, str]]:
    """The card's rows."""
    rows = "[...document.querySelectorAll('#card dt')].map(e => [e.textContent, e.nextSibling.textContent])"
    return [tuple(row) for row in page.evaluate(rows)]


def heading(page) -> str:
    return page.text_content("#card h2")


def current(page) -> str | None:
    return page.evaluate("document.querySelector('.now')?.dataset.id")


def drawn(page, selector: str = ".node") -> int:
    return page.locator(f"#stage {selector}").count()


def view(page) -> list[float]:
    return [float(v) for v in page.get_attribute("#stage", "viewBox").split()]


def until(page, condition: str, seconds: float = 5.0) -> None:
    """Waits for the page; by questions from outside, because the page itself may not run strings as code."""
    end = time.perf_counter() + seconds
    while not page.evaluate(condition):
        assert time.perf_counter() < end, condition
        page.wait_for_timeout(20)


def link_of(page) -> str:
    page.wait_for_timeout(250)  # it is written when nothing has changed for a moment
    return page.evaluate("location.hash")


# ---- what the file is


def test_one_file_with_little_code_and_no_address_in_it():
    code = "".join(f.read_text("utf-8") for f in Path(palette.__file__).parent.iterdir() if f.suffix in (".js", ".css"))
    shell = (Path(palette.__file__).parent / "page.html").read_text("utf-8")
    assert len((code + shell).encode()) < 40_000
    assert set(re.findall(r"\w+://[\w./]+", page_text())) == {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in page_text()


def test_the_same_graph_gives_the_same_bytes():
    assert page_text() == to_html(recorded(), title="lstm, 3 steps")


def test_write_makes_the_folder_and_says_where(tmp_path):
    path = viz.draw(small(), title="T & U").save(tmp_path / "new" / "net.html")
    assert path.read_text("utf-8").count("<title>T &amp; U</title>") == 1


def test_another_target_is_refused():
    with pytest.raises(TypeError, match="Tensor"):
        to_html(3)


def test_every_op_has_its_rule_in_words():
    families = [importlib.import_module(f"minigrad.ops.{found.name}") for found in pkgutil.iter_modules(ops.__path__)]
    known = {op.name for family in families for op in vars(family).values() if isinstance(op, Op)}
    assert len(known) > 50 and known == set(RULES)


# ---- the order of the run


@pytest.mark.parametrize("name", ["lstm", "two directions", "truncated", "lengths"])
def test_the_events_are_those_of_the_engine(name):
    loss, model = make(name, 4)
    graph, numbers = capture(loss, model)
    seen = []
    loss.backward(watch=lambda node, incoming, parts: seen.append((numbers.nodes[node], incoming)))
    reached = [number for number, incoming in seen if any(g is not None for g in incoming)]
    loss, model = make(name, 4)
    assert Run(viz.record(loss, model).graph).backward == reached


def test_nothing_is_coloured_before_its_gradient_is_complete():
    graph = recorded().graph
    run = Run(graph)
    for key in graph.gradients:
        if key[0] == "leaf":
            uses = [n for n, position in run.readers(key) if (n, position) in graph.contributions]
            assert run.collected(run.readers(key)) == run.passed(min(uses))
    assert [run.passed(n) for n in run.backward] == list(range(run.forward + 1, run.end + 1))


def test_stepping_visits_every_op_forward_then_newest_first(show):
    page = show(page_text(), "#step=0")
    record = recorded()
    order = [*range(len(record.graph.nodes)), *Run(record.graph).backward]
    assert current(page) is None and "start" in page.text_content("#said")
    visited = page.evaluate(
        "Array.from({length: END}, () => { $('next').click(); return document.querySelector('.now').dataset.id; })"
    )
    assert visited == [f"n{number}" for number in order]
    page.click("#next")
    assert position(page) == len(order) and page.text_content("#said").startswith("backward 56/56")


def test_it_opens_where_the_forward_pass_ends(show):
    page = show(page_text())
    assert position(page) == 56 and drawn(page, ".grad") == 0 and drawn(page, ".wait") == 0


# ---- controls


def test_buttons_step_back_jump_and_play(show):
    page = show(page_text())
    page.click("#jump")
    assert position(page) == 57 and current(page) == "n55"
    page.click("#back")
    page.click("#back")
    assert position(page) == 55
    page.click("#play")
    until(page, "place >= 57")
    page.click("#play")
    stopped = position(page)
    page.wait_for_timeout(700)
    assert position(page) == stopped and "play" in page.text_content("#play")


def test_the_slider_scrubs_and_colours_exactly_what_has_run(show):
    page = show(page_text())
    graph, run = recorded().graph, Run(recorded().graph)
    for event in (80, 30, 112, 57):
        page.evaluate("p => { $('slider').value = p; $('slider').dispatchEvent(new Event('input')); }", event)
        boxes = page.evaluate(
            "[...document.querySelectorAll('.node')].map(e => [e.dataset.id, e.classList.contains('grad')])"
        )
        for name, coloured in boxes:
            number = int(name[1:])
            at = run.passed(number) if name[0] == "n" else run.collected(run.readers(("leaf", number)))
            assert coloured == (at <= event), (name, event)
    assert len(boxes) == len(graph.nodes) + len(graph.leaves)


def test_keys(show):
    page = show(page_text())
    for key, event in [("ArrowRight", 57), ("ArrowLeft", 56), ("Home", 0), ("End", 112), ("ArrowRight", 112)]:
        page.keyboard.press(key)
        assert position(page) == event
    page.keyboard.press("Home")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    assert "step 2" in page.text_content("#said")
    page.keyboard.press("Shift+ArrowLeft")
    assert "step 1" in page.text_content("#said")
    page.keyboard.press("h")
    assert page.get_attribute("#heat", "aria-pressed") == "true"
    page.keyboard.press("d")
    assert page.get_attribute("#dark", "aria-pressed") == "true"
    page.keyboard.press(" ")
    assert "pause" in page.text_content("#play")
    page.keyboard.press(" ")
    assert "play" in page.text_content("#play")


def test_heat_colours_everything_by_its_gradient(show):
    page = show(page_text(), "#step=0")
    page.click("#heat")
    graph = recorded().graph
    norms = {f"n{n.number}": graph.gradients["node", n.number, 0].norm for n in graph.nodes if len(n.outputs) == 1}
    norms |= {f"l{n.number}": graph.gradients["leaf", n.number].norm for n in graph.leaves}
    colours = palette.Palette(tuple(page.evaluate("D.scale")))
    fills = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('.node')].map(e => [e.dataset.id, "
        "e.querySelector('.s').getAttribute('fill')]))"
    )
    assert {k: fills[k] for k in norms} == {k: colours.rows[colours.of_norm(v)][0] for k, v in norms.items()}
    page.click("#heat")
    assert drawn(page, ".grad") == 0


def test_the_colours_are_those_of_the_still_pictures():
    colours = palette.Palette((-4, 0))
    assert colours.rows[0][0] == theme.RAMP[0] and colours.rows[palette.LEVELS - 1][0] == theme.RAMP[-1]
    assert len({colours.of_norm(norm) for norm in (None, 0.0, 1e-9, float("nan"), 1.0)}) == 5
    assert colours.by_night()[0][0] == theme.RAMP[-1] and colours.by_night()[palette.LEVELS - 1][0] == theme.RAMP[0]


@pytest.mark.parametrize("mode", ["day", "night"])
def test_text_is_legible_in_every_box(mode):
    data = page_data(recorded("truncated", 6).graph, "")
    used = {box[9] for box in data["boxes"] if box[7]} | set(range(palette.LEVELS + 3))
    for fill, ink, *_ in [data[mode][row] for row in used]:
        light, dark = sorted((_luminance(fill), _luminance(ink)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.4, (fill, ink)


def _luminance(color: str) -> float:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return sum(
        k * (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
        for k, c in zip((0.2126, 0.7152, 0.0722), channels)
    )


# ---- folding


def test_over_twelve_steps_it_opens_folded_and_a_bar_unfolds(show):
    page = show(page_text("rnn", 30))
    assert page.evaluate("[...open].map(i => L.steps[i])") == [1, 2, 3, 29, 30]
    assert page.locator(".bar").count() == 30
    seen = page.evaluate("[...document.querySelectorAll('.head')].map(e => e.textContent)")
    assert seen[:4] == ["t = 1", "t = 2", "t = 3", "4"] and len(seen) == 30
    before = drawn(page)
    page.click(".bar >> nth=3")
    assert drawn(page) > before and page.get_attribute(".head >> nth=3", "aria-label") == "fold step 4"
    page.click(".bar >> nth=3")
    assert drawn(page) == before


def test_fold_all_unfold_all_and_the_heading_of_a_step(show):
    page = show(page_text())
    whole = drawn(page)
    page.keyboard.press("c")
    assert drawn(page, ".folded") == 3 and "unfold" in page.text_content("#fold")
    assert drawn(page) == whole - 57 - 3 + 1  # ops and inputs of the steps are gone, one split a step is no ... box
    page.click("#fold")
    assert drawn(page, ".folded") == 0 and drawn(page) == whole
    page.click(".head >> nth=1")
    assert drawn(page, ".folded") == 1
    page.click(".folded")
    assert drawn(page, ".folded") == 0


def test_wires_that_cross_steps_end_behind_the_box_of_a_folded_one(show):
    page = show(page_text(), "#open=1,3")
    ends = "wire => { const b = wire.element.firstChild.getBBox(); return [wire.lane, b.x, b.x + b.width]; }"
    wires = page.evaluate(f"crossing.filter(w => w.lane === 0 || w.lane === 1).map({ends})")
    inside, last = page.evaluate("[[at[1] + EDGE, at[1] + NARROW - EDGE], at[2]]")
    assert {lane for lane, *_ in wires} == {0, 1}
    for lane, left, right in wires:  # a line ends where its arrow begins, 7 before the box
        assert inside[0] - 7 <= (left if lane else right) <= inside[1] and (not lane or right >= last)


def test_folded_steps_have_no_elements_and_a_step_repaints_little(show):
    page = show(page_text("rnn", 300))
    assert drawn(page) < 5 * 14 and drawn(page, ".folded") <= 295
    page.keyboard.press("Home")
    changes = page.evaluate("""async () => {
        let count = 0;
        const watch = new MutationObserver(list => count += list.length);
        watch.observe(stage, {subtree: true, attributes: true, childList: true});
        go(place + 1);
        await new Promise(requestAnimationFrame);
        return count;
    }""")
    assert 0 < changes < 80


def test_the_bars_are_the_states_and_another_state_can_be_chosen(show):
    page = show(page_text(), "#step=112")
    graph = recorded().graph
    for name in "hc":
        page.select_option("#state", label=name)
        norms = [graph.gradients["node", n.number, 0].norm for n in graph.nodes if n.name() == name]
        titles = page.evaluate("[...document.querySelectorAll('.bar')].map(e => e.title)")
        assert titles == [f"step {i + 1}: {theme.number(norm, 3)}" for i, norm in enumerate(norms)]


# ---- zoom and pan


def test_zoom_by_wheel_and_keys_pan_by_drag_and_fit(show):
    page = show(page_text())
    first = view(page)
    page.mouse.move(500, 400)
    page.mouse.wheel(0, -200)
    until(page, "view.k > 0 && !view.fitted")
    near = view(page)
    assert near[2] < first[2]
    for i, share in ((0, 500 / 1440), (1, (400 - page.evaluate("stage.getBoundingClientRect().top")) / 698)):
        fixed = [v[i] + share * v[i + 2] for v in (first, near)]
        assert abs(fixed[0] - fixed[1]) < 4  # the point under the mouse stays
    page.mouse.down()
    page.mouse.move(600, 430, steps=3)
    page.mouse.up()
    moved = view(page)
    assert moved[0] < near[0] and moved[1] < near[1] and abs(moved[2] - near[2]) < 0.1
    page.keyboard.press("+")
    assert view(page)[2] < moved[2]
    page.keyboard.press("-")
    page.keyboard.press("0")
    assert view(page) == pytest.approx(first, abs=0.1)


def test_the_run_stays_in_sight(show):
    page = show(page_text("rnn", 30), "#open=all&step=0")
    for _ in range(4):
        page.keyboard.press("Shift+ArrowRight")
        page.evaluate("go(place + 60)")
    x, _, width, _ = view(page)
    where = page.evaluate("(() => { const b = nodes.get(nodeAt(place)); return bend(b.x + origin(b.lane)); })()")
    assert x < where < x + width and current(page)


# ---- the card, and that it tells the truth


def test_every_number_is_the_records(show):
    record = recorded()
    page = show(page_text())
    for node in record.graph.nodes:
        page.evaluate("pin", f"n{node.number}")
        keys = [("node", node.number, i) for i in range(len(node.outputs))]
        sent = [record.graph.contributions.get((node.number, i)) for i, r in enumerate(node.inputs) if r.kind in KINDS]
        _agrees(card(page), record, keys, node.op)
        given = [text for term, text in card(page) if term.startswith("→")]
        assert given == [theme.number(stat.norm, 3) if stat else "nothing" for stat in sent]
    for leaf in record.graph.leaves:
        page.evaluate("pin", f"l{leaf.number}")
        _agrees(card(page), record, [("leaf", leaf.number)], None)


KINDS = ("node", "leaf")


def _agrees(rows: list, record: viz.Record, keys: list, op: str | None) -> None:
    wanted = []
    for key in keys:
        value, gradient = record.graph.values[key], record.graph.gradients.get(key)
        wanted.append(("‖value‖", theme.number(value.norm, 3)))
        wanted.append(("mean ± std", f"{theme.number(value.mean, 3)} ± {theme.number(value.std, 3)}"))
        wanted += [("value", whole_text(value.whole, 3))] if value.whole is not None else []
        norm = theme.number(gradient.norm, 3)
        wanted.append(("‖gradient‖", "exactly 0" if norm == "0" and len(keys) == 1 else norm))
        wanted += [("gradient", whole_text(gradient.whole, 3))] if gradient.whole is not None else []
    shown = [row for row in rows if row[0] in {term for term, _ in wanted}]
    assert shown == wanted
    if op is not None:
        assert ("backward", RULES[op]) in rows


def test_the_current_op_the_hovered_one_and_the_pinned_one(show):
    page = show(page_text())
    graph = recorded().graph
    page.keyboard.press("End")
    assert heading(page) == "linear"
    sigmoid = next(f"n{n.number}" for n in graph.nodes if n.name() == "f")
    page.hover(f"[data-id={sigmoid}]")
    assert heading(page) == "f — sigmoid" and ("time step", "1") in card(page)
    page.mouse.move(5, 5)
    assert heading(page) == "linear"
    page.click(f"[data-id={sigmoid}]")
    page.mouse.move(5, 5)
    assert heading(page) == "f — sigmoid (pinned)"
    page.keyboard.press("Escape")
    assert heading(page) == "linear"


def test_tab_goes_through_the_nodes_and_enter_pins(show):
    page = show(page_text("rnn", 2))
    page.focus("#dark")
    found = []
    for _ in range(36):
        page.keyboard.press("Tab")
        found.append(page.evaluate("document.activeElement.dataset.id || document.activeElement.className.baseVal"))
    graph = recorded("rnn", 2).graph
    boxes = {f"n{n.number}" for n in graph.nodes} | {f"l{leaf.number}" for leaf in graph.leaves}
    assert boxes <= set(found) and found.count("head") == 2
    second = [int(x[1:]) for x in found[found.index("head") + 1 :] if x and x[0] == "n"]
    assert second == sorted(second)
    page.focus("[data-id=n3]")
    page.keyboard.press("Enter")
    assert "(pinned)" in heading(page)
    assert page.get_attribute("[data-id=n3]", "role") == "button" and "step 1" in page.get_attribute(
        "[data-id=n3]", "aria-label"
    )


def test_a_screen_reader_hears_each_step_but_not_the_playing(show):
    page = show(page_text())
    assert page.get_attribute("#said", "aria-live") == "polite"
    page.click("#jump")
    assert page.text_content("#said") == page.get_attribute("#slider", "aria-valuetext")
    assert page.text_content("#said") == "backward 1/56: add at step 3 ‖grad‖ = 1"
    page.click("#play")
    assert page.get_attribute("#said", "aria-live") == "off"


# ---- links


def test_a_link_restores_everything(show):
    page = show(page_text("rnn", 30), "#step=92&heat=1")
    assert position(page) == 92 and page.get_attribute("#heat", "aria-pressed") == "true"
    page.keyboard.press("ArrowRight")
    page.evaluate("pin('n3')")
    page.click(".bar >> nth=9")
    page.mouse.move(400, 400)
    page.mouse.wheel(0, -150)
    page.keyboard.press("d")
    link = link_of(page)
    assert link.startswith("#step=93&heat=1&node=n3&dark=1&open=1,2,3,10,29,30&view=")
    other = show(page_text("rnn", 30), link)
    assert position(other) == 93 and "(pinned)" in heading(other)
    assert other.evaluate("[...open]") == [0, 1, 2, 9, 28, 29]
    assert other.evaluate("document.documentElement.className") == "dark"
    assert view(other) == pytest.approx(view(page), abs=0.05)
    assert link_of(other) == link


@pytest.mark.parametrize("link", ["#step=x&node=constructor&state=9&view=1,2&open=abc", "#step=1e9&view=a,b,c", "#%"])
def test_a_broken_link_does_no_harm(link, show):
    page = show(page_text(), link)
    page.keyboard.press("End")
    assert position(page) == 112


def test_another_link_on_the_same_page(show):
    page = show(page_text())
    page.evaluate("location.hash = '#step=70&heat=1'")
    until(page, "place === 70 && heat")


# ---- any text, any place


def test_markup_in_names_stays_text(show):
    loss = small([EVIL, "</script>", "<b>", "{{code}}", "&lt;"])
    page = show(to_html(viz.record(loss), title=EVIL))
    assert page.text_content("h1") == EVIL and page.title() == EVIL
    page.evaluate("pin('l0')")
    assert heading(page).startswith(EVIL)
    assert page.text_content("[data-id=l0] .label") == EVIL and page.text_content("[data-id=n0] .name") == "<b>"
    assert page.text_content("[data-id=n1] .name") == "{{code}}"
    assert page.locator("img").count() == 0 and page.locator("script").count() == 2


def test_text_that_utf_8_cannot_hold(tmp_path):
    path = viz.draw(small(["\ud800", "c", "d", "\u2028", "a"])).save(tmp_path / "net.html")
    text = re.search(r'<script id="data".*?>(.*?)</script>', path.read_text("utf-8"), re.S)[1]
    assert json.loads(text)["things"]["n1"][1] == "\u2028"


def test_it_runs_in_a_sandboxed_frame(show):
    frame = page_text().replace("&", "&amp;").replace('"', "&quot;")
    page = show(f'<iframe sandbox="allow-scripts" style="width:1200px;height:700px" srcdoc="{frame}"></iframe>')
    inner = page.frames[1]
    until(inner, "document.getElementById('said').textContent")
    inner.click("#jump")
    page.wait_for_timeout(300)
    assert inner.text_content("#said").startswith("backward 1/56")


# ---- dark, still, small, printed


def test_dark_follows_the_system_until_it_is_chosen(show):
    page = show(page_text(), color_scheme="dark")
    root = "document.documentElement.className"
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(root) == "dark" and page.evaluate(ground) == "rgb(18, 23, 28)"
    page.emulate_media(color_scheme="light")
    until(page, f"{root} === ''")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    page.click("#dark")
    page.emulate_media(color_scheme="light")
    assert page.evaluate(root) == "dark" and page.get_attribute("#dark", "aria-pressed") == "true"


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_reduced_motion_moves_nothing(motion, show):
    page = show(page_text(), reduced_motion=motion)
    page.click("#play")
    times = page.evaluate("getComputedStyle(document.querySelector('.node .s')).transitionDuration")
    assert (times in ("0s", "0s, 0s")) == (motion == "reduce")


def test_print_is_light_and_has_no_buttons(show):
    page = show(page_text(), color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    until(page, "document.documentElement.className === ''")
    assert not page.is_visible("#play")
    assert page.is_visible("h1") and page.is_visible("#stage")
    page.emulate_media(media="screen", color_scheme="dark")
    until(page, "document.documentElement.className === 'dark'")


@pytest.mark.parametrize("steps", [3, 30])
def test_a_phone_scrolls_nothing_sideways(steps, show):
    page = show(page_text("lstm" if steps == 3 else "rnn", steps), "#step=100", PHONE, has_touch=True)
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    assert page.evaluate("[...document.querySelectorAll('button, #said')].every(e => e.closest('#bars') || "
                         "e.getBoundingClientRect().right <= innerWidth)")  # fmt: skip
    assert page.evaluate("stage.clientHeight") > 300
    page.tap("#jump")
    assert page.text_content("#said").startswith("backward 1/")


# ---- other graphs


def test_a_graph_without_gradients_plays_forward_and_says_so(show):
    page = show(to_html(zoo.build("rnn", 3)[0]))
    page.keyboard.press("End")
    assert position(page) == page.evaluate("N") == page.evaluate("END")
    assert "backward has not run" in page.text_content("#said") and ("‖gradient‖", "backward has not run") in card(page)
    assert "backward has not run" in page.text_content("#hint") and page.is_disabled("#heat")
    page.keyboard.press("h")
    assert drawn(page, ".grad") == 0


def test_a_freed_graph_says_so(show):
    loss, model = zoo.build("rnn", 2)
    loss.backward()
    page = show(to_html(loss, model), "#step=1")
    assert ("note", "its arrays were freed by a backward pass") in card(page)
    assert not [row for row in card(page) if row[0] == "‖value‖"]


def test_no_gradient_and_exactly_zero_are_told_apart(show):
    page = show(page_text("truncated", 6), "#heat=1")
    graph = recorded("truncated", 6).graph
    dark = next(n.number for n in graph.nodes if ("node", n.number, 0) not in graph.gradients and n.op != "cut")
    page.evaluate("pin", f"n{dark}")
    assert ("‖gradient‖", "no gradient arrives") in card(page)
    assert "no gradient arrives" in page.text_content("#legend") and page.locator(".cut").count() == 2
    zero = show(page_text(), "#heat=1")  # c_0 is 0, so the first forget gate gets exactly nothing
    zero.evaluate("pin", next(f"n{n.number}" for n in recorded().graph.nodes if n.name() == "f"))
    assert ("‖gradient‖", "exactly 0") in card(zero) and "exactly 0" in zero.text_content("#legend")


def test_one_step(show):
    page = show(page_text("rnn", 1))
    page.keyboard.press("c")
    page.keyboard.press("End")
    assert drawn(page, ".folded.now") == 1 and page.locator(".bar").count() == 1


def test_attention_over_padded_positions(show):
    loss, model = attention()
    page = show(to_html(viz.record(loss, model)), "#step=9999")
    assert page.is_disabled("#fold") and page.locator("#state option").all_text_contents() == [
        "h of encoder",
        "h of decoder",
    ]
    assert drawn(page, ".node.grad") == drawn(page) and "backward" in page.text_content("#said")
    page.click(".bar >> nth=0")
    assert "(pinned)" in heading(page) and ("time step", "1") in card(page)


def mlp():
    layers = nn.Linear(4, 6), nn.Linear(6, 3)
    x = mg.Tensor(numpy.random.default_rng(0).standard_normal((5, 4)), name="x")
    h = mg.tanh(layers[0](x))
    return mg.cross_entropy(layers[1](h + layers[0](x)), numpy.array([0, 1, 2, 0, 1]))


@pytest.mark.parametrize("build", [small, mlp, lambda: attention()[0]])
def test_without_a_lattice_every_op_and_every_wire_is_drawn_once(build):
    graph = capture(build())[0]
    layout = lay_layers(graph)
    assert set(layout.spots) == {f"n{n.number}" for n in graph.nodes} | {f"l{leaf.number}" for leaf in graph.leaves}
    reads = [(n.number, i) for n in graph.nodes for i, ref in enumerate(n.inputs) if ref.kind in KINDS]
    assert sorted(piece.edges[0] for piece in layout.pieces if piece.last) == reads
    spots = list(layout.spots.values())
    for i, a in enumerate(spots):
        for b in spots[i + 1 :]:
            beside = abs(a.x - b.x) * 10 >= (a.width + b.width) / 2
            assert beside or abs(a.y - b.y) * 10 >= (a.height + b.height) / 2, (a, b)
    for piece in layout.pieces:
        xs = [x for x, _ in piece.points]
        assert xs == sorted(xs), "wires run from left to right"


def test_three_hundred_steps_open(show):
    text = page_text("rnn", 300)
    start = time.perf_counter()
    page = show(text)
    until(page, "document.getElementById('said').textContent")
    took = time.perf_counter() - start
    steps = page.evaluate(
        "Array.from({length: 100}, () => { const t = performance.now(); go(place + 1); return performance.now() - t; })"
        ".sort((a, b) => a - b)[50]"
    )
    print(f"300 steps: {len(text) / 1e6:.1f} MB, open in {took:.2f} s, {steps:.1f} ms a step")
    assert page.locator(".bar").count() == 300 and drawn(page) < 100
    page.keyboard.press("End")
    assert position(page) == page.evaluate("END")
