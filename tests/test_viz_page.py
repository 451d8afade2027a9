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
from viz.page.cards import cards
from viz.page.data import page_data
from viz.page.rules import RULES
from viz.page.run import Run
from viz.page.shortened import KEEP, shortened
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


def detached():
    """Three steps that begin from a detached state, and in each of them a readout that sends nothing back."""
    cell, out, h = nn.RNNCell(5, 6), nn.Linear(6, 6), None
    rng, losses = numpy.random.default_rng(0), []
    for t in range(6):
        with mg.scope("step", t):
            h = cell(mg.Tensor(rng.standard_normal((2, 5))), h)
            losses.append((out(h.detach()) * h).sum())
        h = h.detach() if t == 2 else h
    return losses[3] + losses[4] + losses[5], cell


def chain(links: int):
    """Every link reads the one before, a leaf of its own, and w."""
    y = w = mg.Tensor([0.5, -0.5], requires_grad=True, name="net.w")
    for _ in range(links):
        y = mg.tanh(y * w) + mg.Tensor([0.1, 0.1])
    return y.sum()


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


@pytest.fixture
def lstm(show):
    """The page of three steps of an LSTM."""
    return show(page_text())


def position(page) -> int:
    return int(page.input_value("#slider"))


def every(page, selector: str, what: str) -> list:
    """What an expression in e gives of every element."""
    return page.evaluate(f"[...document.querySelectorAll('{selector}')].map(e => {what})")


def card(page) -> list[tuple[str, str]]:
    """The card's rows."""
    return [tuple(row) for row in every(page, "#card dt", "[e.textContent, e.nextSibling.textContent]")]


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def pressed(page, name: str) -> bool:
    return page.get_attribute(name, "aria-pressed") == "true"


def heading(page) -> str:
    return page.text_content("#card h2")


def fills(page) -> dict[str, str]:
    """id -> colour of its box."""
    colour = "getComputedStyle(e.querySelector('.s')).fill.match(/\\d+/g).map(Number)"
    found = every(page, ".node", f"[e.dataset.id, {colour}]")
    return {name: "#{:02X}{:02X}{:02X}".format(*rgb) for name, rgb in found}


def named(name: str, record: viz.Record) -> str:
    """The id of the first op of that name."""
    return next(f"n{node.number}" for node in record.graph.nodes if node.name() == name)


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
    files = [f for f in Path(palette.__file__).parent.iterdir() if f.suffix in (".js", ".css", ".html")]
    assert len(files) == 4 and sum(f.stat().st_size for f in files) < 40_000
    assert set(re.findall(r"\w+://[\w./]+", page_text())) == {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in page_text()


def test_a_step_takes_little_of_the_file():
    assert (len(page_text("lstm", 12).encode()) - len(page_text("lstm", 4).encode())) / 8 < 10_000


def test_the_same_graph_gives_the_same_bytes():
    assert page_text() == to_html(recorded(), title="lstm, 3 steps")


def test_it_is_written_with_its_folder_and_of_graphs_alone(tmp_path):
    path = viz.draw(small(), title="T & U").save(tmp_path / "new" / "net.html")
    assert path.read_text("utf-8").count("<title>T &amp; U</title>") == 1
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
    assert Run(viz.record(*make(name, 4)).graph).backward == reached


def test_nothing_is_coloured_before_its_gradient_is_complete():
    graph = recorded().graph
    run = Run(graph)
    for key in graph.gradients:
        if key[0] == "leaf":
            uses = [n for n, position in run.readers(key) if (n, position) in graph.contributions]
            assert run.collected(run.readers(key)) == run.passed(min(uses))
    assert [run.passed(n) for n in run.backward] == list(range(run.forward + 1, run.end + 1))


def test_stepping_visits_every_op_forward_then_newest_first(show):
    page, graph = show(page_text(), "#step=0"), recorded().graph
    order = [*range(len(graph.nodes)), *Run(graph).backward]
    assert current(page) is None and "start" in page.text_content("#said")
    visited = page.evaluate(
        "Array.from({length: END}, () => { $('next').click(); return document.querySelector('.now').dataset.id; })"
    )
    assert visited == [f"n{number}" for number in order]
    page.click("#next")
    assert position(page) == len(order) and page.text_content("#said").startswith("backward 56/56")


# ---- controls


def test_it_opens_where_the_forward_pass_ends_and_buttons_step_jump_and_play(lstm):
    assert position(lstm) == 56 and drawn(lstm, ".grad") == 0 and drawn(lstm, ".wait") == 0
    lstm.click("#jump")
    assert position(lstm) == 57 and current(lstm) == "n55"
    lstm.click("#back")
    lstm.click("#back")
    assert position(lstm) == 55
    lstm.click("#play")
    until(lstm, "place >= 57")
    lstm.click("#play")
    stopped = position(lstm)
    lstm.wait_for_timeout(700)
    assert position(lstm) == stopped and "play" in lstm.text_content("#play")


def test_the_slider_scrubs_and_colours_exactly_what_has_run(lstm):
    graph, run = recorded().graph, Run(recorded().graph)
    for event in (80, 30, 112, 57):
        lstm.evaluate("p => { $('slider').value = p; $('slider').dispatchEvent(new Event('input')); }", event)
        boxes = every(lstm, ".node", "[e.dataset.id, e.classList.contains('grad')]")
        for name, coloured in boxes:
            number = int(name[1:])
            at = run.passed(number) if name[0] == "n" else run.collected(run.readers(("leaf", number)))
            assert coloured == (at <= event), (name, event)
    assert len(boxes) == len(graph.nodes) + len(graph.leaves)


KEYS = [
    ("ArrowRight", "place === 57"), ("ArrowLeft", "place === 56"), ("End", "place === 112"),
    ("ArrowRight", "place === 112"), ("Home", "place === 0"), ("Shift+ArrowRight", "stepOf(place) === 1"),
    ("Shift+ArrowRight", "stepOf(place) === 2"), ("Shift+ArrowLeft", "stepOf(place) === 1"),
    ("h", "$('heat').ariaPressed === 'true'"), ("d", "$('dark').ariaPressed === 'true' && isDark()"),
    ("c", "open.size === 0"), ("c", "open.size === 3"), ("+", "!view.fitted"), ("0", "view.all"),
    ("i", "$('more').ariaExpanded === 'false' && !$('rows').children.length"), ("i", "$('rows').children.length > 9"),
    (" ", "timer && $('play').textContent.includes('pause')"),
    (" ", "!timer && $('play').textContent.includes('play')"),
]  # fmt: skip


def test_keys(lstm):
    for key, holds in KEYS:
        press(lstm, key)
        assert lstm.evaluate(holds), (key, holds)


def test_heat_colours_everything_by_its_gradient(show):
    page, graph = show(page_text(), "#step=0"), recorded().graph
    page.click("#heat")
    norms = {f"n{n.number}": graph.gradients["node", n.number, 0].norm for n in graph.nodes if len(n.outputs) == 1}
    norms |= {f"l{n.number}": graph.gradients["leaf", n.number].norm for n in graph.leaves}
    colours = palette.Palette(tuple(page.evaluate("D.scale")))
    shown = fills(page)
    assert {k: shown[k] for k in norms} == {k: colours.rows[colours.of_norm(v)][0] for k, v in norms.items()}
    page.click("#heat")
    assert drawn(page, ".grad") == 0 and set(fills(page).values()) <= set(theme.FILLS.values())


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
    assert every(page, ".head", "e.textContent")[:4] == ["t = 1", "t = 2", "t = 3", "4"]
    before = drawn(page)
    page.click(".bar >> nth=3")
    assert drawn(page) > before and page.get_attribute(".head >> nth=3", "aria-label") == "fold step 4"
    page.click(".bar >> nth=3")
    assert drawn(page) == before


def test_fold_all_unfold_all_and_the_heading_of_a_step(lstm):
    whole = drawn(lstm)
    press(lstm, "c")
    assert drawn(lstm, ".folded") == 3 and "unfold" in lstm.text_content("#fold")
    assert drawn(lstm) == whole - 57 - 3 + 1  # ops and inputs of the steps are gone, one split a step is no ... box
    lstm.click("#fold")
    assert drawn(lstm, ".folded") == 0 and drawn(lstm) == whole
    lstm.click(".head >> nth=1")
    assert drawn(lstm, ".folded") == 1
    lstm.click(".folded")
    assert drawn(lstm, ".folded") == 0


def test_wires_that_cross_steps_end_behind_the_box_of_a_folded_one(show):
    page = show(page_text(), "#open=1,3")
    ends = "wire => { const b = wire.element.firstChild.getBBox(); return [wire.lane, b.x, b.x + b.width]; }"
    wires = page.evaluate(f"crossing.filter(w => w.lane === 0 || w.lane === 1).map({ends})")
    inside, last = page.evaluate("[[at[1] + EDGE, at[1] + NARROW - EDGE], at[2]]")
    assert {lane for lane, *_ in wires} == {0, 1}
    for lane, left, right in wires:  # a line ends where its arrow begins, 7 before the box
        assert inside[0] - 7 <= (left if lane else right) <= inside[1] and (not lane or right >= last)


def test_a_long_run_opens_readable_and_small_and_a_step_changes_little(show):
    page = show(page_text("rnn", 300))
    assert page.locator(".bar").count() == 300 and drawn(page) < 5 * 14 and drawn(page, ".folded") <= 295
    assert page.evaluate("view.k >= READ")
    x, y, width, height = view(page)
    assert all(page.evaluate(f"at[{lane}] > {x} && at[{lane}] < {x + width}") for lane in range(3))
    press(page, "Home")
    changes = page.evaluate("""async () => {
        let list = [];
        const watch = new MutationObserver(more => list.push(...more));
        watch.observe(stage, {subtree: true, attributes: true, childList: true});
        go(place + 1);
        await new Promise(requestAnimationFrame);
        return list.map(change => change.attributeName);
    }""")
    assert 0 < len(changes) < 40 and set(changes) <= {"class", "viewBox", "style"}
    press(page, "End")
    assert position(page) == page.evaluate("END")


@pytest.mark.parametrize("name", ["h", "c"])
def test_the_bars_are_the_states_on_a_log_scale(name, show):
    page, graph = show(page_text("lstm", 12), "#step=9999"), recorded("lstm", 12).graph
    page.select_option("#state", label=name)
    norms = [graph.gradients["node", n.number, 0].norm for n in graph.nodes if n.name() == name]
    bars = every(page, ".bar", "[e.title, e.firstChild.getBoundingClientRect().height, e.ariaLabel]")
    assert [title for title, *_ in bars] == [f"step {i + 1}: {theme.number(v, 3)}" for i, v in enumerate(norms)]
    assert bars[0][2] == f"step 1, gradient {theme.number(norms[0], 3)}"
    assert numpy.corrcoef(numpy.log(norms), [height for _, height, _ in bars])[0, 1] > 0.999
    power = "10 ** Number(e.textContent.slice(2).replace('−', '-'))"
    high, low = every(page, "#axis > *", f"e.children.length ? {power} : Number(e.textContent)")
    assert low <= min(norms) and max(norms) <= high


# ---- zoom and pan


def test_zoom_by_wheel_and_keys_pan_by_drag_and_fit(lstm):
    lstm.click("#fit")
    first, stage = view(lstm), every(lstm, "#stage", "e.getBoundingClientRect().toJSON()")[0]
    lstm.mouse.move(500, 400)
    lstm.mouse.wheel(0, -200)
    until(lstm, "view.k > 0 && !view.fitted")
    near = view(lstm)
    assert near[2] < first[2]
    for i, at in enumerate((500, 400)):
        share = (at - stage["xy"[i]]) / stage[("width", "height")[i]]
        fixed = [v[i] + share * v[i + 2] for v in (first, near)]
        assert abs(fixed[0] - fixed[1]) < 4  # the point under the mouse stays
    lstm.mouse.down()
    lstm.mouse.move(600, 430, steps=3)
    lstm.mouse.up()
    moved = view(lstm)
    assert moved[0] < near[0] and moved[1] < near[1] and abs(moved[2] - near[2]) < 0.1
    press(lstm, "+")
    assert view(lstm)[2] < moved[2]
    press(lstm, "-", "0")
    assert view(lstm) == pytest.approx(first, abs=0.1)


def test_the_run_stays_in_sight(show):
    page = show(page_text("rnn", 30), "#open=all&step=0")
    for _ in range(4):
        press(page, "Shift+ArrowRight")
        page.evaluate("go(place + 60)")
    x, _, width, _ = view(page)
    where = page.evaluate("(() => { const b = nodes.get(nodeAt(place)); return bend(b.x + origin(b.lane)); })()")
    assert x < where < x + width and current(page)


# ---- the card, and that it tells the truth


def test_every_number_is_the_records(lstm):
    record = recorded()
    for node in record.graph.nodes:
        lstm.evaluate("pin", f"n{node.number}")
        keys = [("node", node.number, i) for i in range(len(node.outputs))]
        sent = [record.graph.contributions.get((node.number, i)) for i, r in enumerate(node.inputs) if r.kind in KINDS]
        rows = card(lstm)
        _agrees(rows, record, keys)
        assert ("backward", RULES[node.op]) in rows
        given = [text for term, text in rows if term.startswith("→")]
        assert given == [theme.number(stat.norm, 3) if stat else "nothing" for stat in sent]
    for leaf in record.graph.leaves:
        lstm.evaluate("pin", f"l{leaf.number}")
        _agrees(card(lstm), record, [("leaf", leaf.number)])


KINDS = ("node", "leaf")


def _agrees(rows: list, record: viz.Record, keys: list) -> None:
    wanted = []
    for key in keys:
        value, gradient = record.graph.values[key], record.graph.gradients.get(key)
        wanted.append(("‖value‖", theme.number(value.norm, 3)))
        wanted.append(("mean ± std", f"{theme.number(value.mean, 3)} ± {theme.number(value.std, 3)}"))
        first = ("first values", ", ".join(theme.number(v, 3) for v in value.first) + ", …")
        wanted += [first if value.whole is None else ("value", whole_text(value.whole, 3))]
        norm = theme.number(gradient.norm, 3)
        wanted.append(("‖gradient‖", "exactly 0" if norm == "0" and len(keys) == 1 else norm))
        wanted += [("gradient", whole_text(gradient.whole, 3))] if gradient.whole is not None else []
    assert [row for row in rows if row[0] in {term for term, _ in wanted}] == wanted


def test_the_current_op_the_hovered_one_and_the_pinned_one(lstm):
    press(lstm, "End")
    assert heading(lstm) == "linear"
    sigmoid = named("f", recorded())
    lstm.hover(f"[data-id={sigmoid}]")
    assert heading(lstm) == "f — sigmoid" and ("time step", "1") in card(lstm)
    lstm.mouse.move(5, 5)
    assert heading(lstm) == "linear"
    lstm.click(f"[data-id={sigmoid}]")
    lstm.mouse.move(5, 5)
    assert heading(lstm) == "f — sigmoid (pinned)"
    lstm.click("#more")
    assert heading(lstm) == "f — sigmoid (pinned)" and card(lstm) == []
    press(lstm, "Escape")
    assert heading(lstm) == "linear"


def test_tab_goes_through_the_nodes_and_enter_pins(show):
    page, graph = show(page_text("rnn", 2)), recorded("rnn", 2).graph
    page.focus("#dark")
    found = []
    for _ in range(36):
        press(page, "Tab")
        found.append(page.evaluate("document.activeElement.dataset.id || document.activeElement.className.baseVal"))
    boxes = {f"n{n.number}" for n in graph.nodes} | {f"l{leaf.number}" for leaf in graph.leaves}
    assert boxes <= set(found) and found.count("head") == 2
    second = [int(x[1:]) for x in found[found.index("head") + 1 :] if x and x[0] == "n"]
    assert second == sorted(second)
    page.focus("[data-id=n3]")
    press(page, "Enter")
    assert "(pinned)" in heading(page) and page.get_attribute("[data-id=n3]", "role") == "button"
    assert "step 1" in page.get_attribute("[data-id=n3]", "aria-label")


def test_a_screen_reader_hears_each_step_but_not_the_playing(lstm):
    assert lstm.get_attribute("#said", "aria-live") == "polite"
    lstm.click("#jump")
    assert lstm.text_content("#said") == lstm.get_attribute("#slider", "aria-valuetext")
    assert lstm.text_content("#said") == "backward 1/56: add at step 3 ‖grad‖ = 1"
    lstm.click("#play")
    assert lstm.get_attribute("#said", "aria-live") == "off"


# ---- links


def test_a_link_restores_everything(show):
    page = show(page_text("rnn", 30), "#step=92&heat=1")
    assert position(page) == 92 and pressed(page, "#heat")
    press(page, "ArrowRight")
    page.evaluate("pin('n3')")
    page.click(".bar >> nth=9")
    page.mouse.move(400, 400)
    page.mouse.wheel(0, -150)
    press(page, "d", "i")
    link = link_of(page)
    assert link.startswith("#step=93&heat=1&node=n3&dark=1&card=0&open=1,2,3,10,29,30&view=")
    other = show(page_text("rnn", 30), link)
    assert position(other) == 93 and "(pinned)" in heading(other) and card(other) == []
    assert other.evaluate("[...open]") == [0, 1, 2, 9, 28, 29]
    assert other.evaluate("document.documentElement.className") == "dark"
    assert view(other) == pytest.approx(view(page), abs=0.05)
    assert link_of(other) == link
    other.evaluate("location.hash = '#step=70&heat=1&view=all'")
    until(other, "place === 70 && heat && view.all && !pinned")


@pytest.mark.parametrize("link", ["#step=x&node=constructor&state=9&view=1,2&open=abc", "#step=1e9&view=a,b,c", "#%"])
def test_a_broken_link_does_no_harm(link, show):
    page = show(page_text(), link)
    press(page, "End")
    assert position(page) == 112


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
    page = show(page_text(), "#heat=1", color_scheme="dark")
    root, ground = "document.documentElement.className", "getComputedStyle(document.body).backgroundColor"
    night = fills(page)
    assert set(night.values()) <= {row[0] for row in page.evaluate("D.night")}
    assert page.evaluate(root) == "dark" and page.evaluate(ground) == "rgb(18, 23, 28)"
    page.emulate_media(color_scheme="light")
    until(page, f"{root} === ''")
    day = fills(page)
    assert page.evaluate(ground) == "rgb(255, 255, 255)" and night != day
    page.click("#dark")
    page.emulate_media(color_scheme="light")
    assert page.evaluate(root) == "dark" and pressed(page, "#dark")


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_reduced_motion_moves_nothing(motion, show):
    page = show(page_text(), reduced_motion=motion)
    page.click("#play")
    times = page.evaluate("getComputedStyle(document.querySelector('.node .s')).transitionDuration")
    assert (times in ("0s", "0s, 0s")) == (motion == "reduce")


@pytest.mark.parametrize("pinned", [True, False])
def test_print_is_one_white_page_without_controls(pinned, show):
    page = show(page_text(), "#step=80&node=n3" if pinned else "#step=80", color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert set(fills(page).values()) <= {row[0] for row in page.evaluate("D.day")}
    assert not any(page.is_visible(name) for name in ("#play", "#slider", "#dark", "#keys"))
    assert page.is_visible("h1") and page.is_visible("#stage") and page.is_visible("#card") == pinned
    page.emulate_media(media="screen", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 23, 28)"
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1


@pytest.mark.parametrize(("name", "steps"), [("lstm", 3), ("rnn", 30)])
def test_a_phone_scrolls_nothing_sideways_and_shows_the_chosen_node_above_its_card(name, steps, show):
    page = show(page_text(name, steps), "#step=100", PHONE, has_touch=True)
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    assert all(every(page, "button:not(.bar), #said", "e.getBoundingClientRect().right <= innerWidth"))
    assert page.evaluate("stage.clientHeight") > 300
    page.tap("#jump")
    assert page.text_content("#said").startswith("backward 1/") and card(page) == []
    page.tap("#more")
    assert len(card(page)) > 4
    box, stage = (page.locator(name).bounding_box() for name in (".now .s >> nth=0", "#seen"))
    assert stage["y"] <= box["y"] and box["y"] + box["height"] <= stage["y"] + stage["height"]
    assert page.locator("#card").bounding_box()["y"] >= stage["y"] + stage["height"] - 1 and stage["height"] > 150
    page.tap("#more")
    assert card(page) == []


# ---- other graphs


def test_a_graph_without_gradients_plays_forward_and_says_so(show):
    page = show(to_html(zoo.build("rnn", 3)[0]))
    press(page, "End")
    assert position(page) == page.evaluate("N") == page.evaluate("END")
    assert "backward has not run" in page.text_content("#said") and ("‖gradient‖", "backward has not run") in card(page)
    assert "backward has not run" in page.text_content("#hint") and page.is_disabled("#heat")
    press(page, "h")
    assert drawn(page, ".grad") == 0


def test_values_recorded_where_no_gradient_is_asked_for(show):
    with mg.record():
        y = mg.tanh(mg.Tensor([1.0, 2.0]) * 2)
    page = show(to_html(y), "#step=2")
    assert heading(page) == "tanh" and ("value", "[0.964, 0.999]") in card(page)


def test_a_freed_graph_says_so(show):
    loss, model = zoo.build("rnn", 2)
    loss.backward()
    page = show(to_html(loss, model), "#step=1")
    assert ("note", "its arrays were freed by a backward pass") in card(page)
    assert not [row for row in card(page) if row[0] == "‖value‖"]


def test_a_failed_graph_shows_what_failed(show):
    with pytest.raises(ValueError, match="matmul") as caught:
        mg.matmul(mg.tanh(mg.Tensor(numpy.ones((2, 3)), requires_grad=True)), mg.Tensor(numpy.ones((2, 3))))
    page = show(viz.draw(caught.value).page())
    last = f"n{page.evaluate('N') - 1}"
    assert page.text_content("#said").endswith("fails") and fills(page)[last] == theme.EMPHASIS
    assert dict(card(page))["error"] == str(caught.value)


def test_no_gradient_and_exactly_zero_are_told_apart(show):
    page, graph = show(page_text("truncated", 6), "#heat=1"), recorded("truncated", 6).graph
    dark = next(n.number for n in graph.nodes if ("node", n.number, 0) not in graph.gradients and n.op != "cut")
    page.evaluate("pin", f"n{dark}")
    assert ("‖gradient‖", "no gradient arrives") in card(page)
    assert "no gradient arrives" in page.text_content("#legend") and page.locator("path.cut").count() == 2
    zero = show(page_text(), "#heat=1")  # c_0 is 0, so the first forget gate gets exactly nothing
    zero.evaluate("pin", named("f", recorded()))
    assert ("‖gradient‖", "exactly 0") in card(zero) and "exactly 0" in zero.text_content("#legend")


def test_one_step(show):
    page = show(page_text("rnn", 1))
    press(page, "c", "End")
    assert drawn(page, ".folded.now") == 1 and page.locator(".bar").count() == 1


def test_attention_over_padded_positions(show):
    page = show(to_html(viz.record(*attention())), "#step=9999")
    assert page.is_disabled("#fold")
    assert page.locator("#state option").all_text_contents() == ["h of encoder", "h of decoder"]
    assert drawn(page, ".node.grad") == drawn(page) and "backward" in page.text_content("#said")
    page.click(".bar >> nth=0")
    assert "(pinned)" in heading(page) and ("time step", "1") in card(page)


def test_a_decoders_steps_come_after_its_encoders_and_keep_their_numbers(show):
    record = recorded("encoder-decoder", 2)
    page = show(to_html(record), "#open=1,4")
    names = ["encoder t = 1", "2", "1", "decoder t = 2"]
    assert every(page, ".head", "e.textContent") == names and page.evaluate("L.steps") == [1, 2, 1, 2]
    press(page, "c", "c")
    lanes = dict(page.evaluate("[...nodes].map(([id, box]) => [id, box.lane])"))
    for node in record.graph.nodes:
        step = dict(node.scope).get("step")
        assert page.evaluate("id => D.things[id][2]", f"n{node.number}") == (0 if step is None else step + 1)
        if step is not None:
            assert lanes[f"n{node.number}"] == step + 2 * any("decoder" in name for name, _ in node.scope)
    page.select_option("#state", label="h of decoder")
    page.click(".bar >> nth=0")
    assert page.evaluate("[...open].sort()") == [0, 1, 3] and link_of(page).endswith("open=1,2,4")
    press(page, "c", "End")
    assert drawn(page, ".folded.grad") == 4  # each by the state of its own net


@pytest.mark.parametrize(("scheme", "colour"), [("light", "rgb(213, 94, 0)"), ("dark", "rgb(240, 128, 48)")])
def test_what_is_detached_is_marked_and_stays_so_in_the_backward_pass(scheme, colour, show):
    page = show(to_html(viz.record(*detached())), "#step=9999", color_scheme=scheme)
    stroke = "getComputedStyle(e).stroke"
    assert every(page, ".node > .cut", stroke) == [colour] * 2 and drawn(page, ".cut-word") == 1
    assert every(page, ".wire.keep", f"[{stroke}, e.classList.contains('grad')]") == [[colour, False]] * 3
    assert page.text_content("#legend").endswith("detach: no gradient passes")
    page.click(".node > rect.cut")
    assert dict(card(page))["backward"].startswith("detached from h of step 3")
    assert page.text_content(".node .origin") == "h of step 3"
    op = mg.tanh(mg.Tensor([1.0], requires_grad=True))
    page = show(to_html(viz.record(op * op.detach())), "#heat=1", color_scheme=scheme)
    assert page.evaluate(f"(e => {stroke})(document.querySelector('[data-id=n1] .s'))") == colour


@pytest.mark.parametrize(
    ("name", "op", "part"),
    [("trees", 0, "level 1: nodes 0 to 9, one call"), ("tree", 0, "level 1: node 0 (the)"), ("trees", -8, "level 3: ")],
)
def test_the_card_names_level_and_node_of_a_tree(name, op, part):
    graph = recorded(name, 4).graph
    number = [node.number for node in graph.nodes if dict(node.scope).get("node") is not None][op]
    assert f"TreeReader, net, {part}" in cards(graph)[f"n{number}"][3]


def test_of_too_many_ops_those_at_either_end_are_kept_with_their_numbers(show):
    record = viz.record(chain(600))
    whole, short = record.graph, shortened(record.graph)
    count, shift = len(whole.nodes), len(whole.nodes) - len(short.nodes)
    assert len(short.nodes) == 2 * KEEP + 1 and short.nodes[KEEP].op == f"{shift + 1:,} more ops"
    for node in short.nodes[:KEEP] + short.nodes[KEEP + 1 :]:
        old = node.number + shift * (node.number > KEEP)
        assert (node.op, node.outputs) == (whole.nodes[old].op, whole.nodes[old].outputs)
        for stats, kept in ((whole.values, short.values), (whole.gradients, short.gradients)):
            assert kept["node", node.number, 0] == stats["node", old, 0]
        for i in range(len(node.inputs)):
            assert short.contributions.get((node.number, i)) == whole.contributions.get((old, i))
    w = next(leaf.number for leaf in short.leaves if leaf.parameter)
    assert short.gradients["leaf", w] == whole.gradients["leaf", 0] and len(short.leaves) < KEEP
    page = show(to_html(record), "#node=n40")
    assert page.text_content("#hint") == f"{shift + 1:,} of {count:,} ops are left out: {KEEP} at either end are shown"
    assert position(page) == 2 * KEEP + 1 and not [term for term, _ in card(page) if term.startswith("→")]


def test_a_long_run_of_steps_and_a_large_tree_can_be_shortened():
    for name, steps in (("rnn", 30), ("tree-lstm", 20), ("trees", 12), ("encoder-decoder", 12), ("attention", 6)):
        data = page_data(shortened(recorded(name, steps).graph), "")
        assert sum(box[0][0] == "n" for box in data["boxes"]) <= 2 * KEEP + 1 == data["forward"]


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_a_graph_in_columns_opens_with_all_of_it_or_what_runs_in_sight(size, show):
    page = show(to_html(viz.record(mlp())), "#step=9999", size)
    x, y, width, height = view(page)
    inside = [
        x < a < x + width and y < b < y + height for a, b in page.evaluate("[...nodes.values()].map(b => [b.x, b.y])")
    ]
    assert all(inside) if size is DESK else any(inside)
    box, stage = (page.locator(name).bounding_box() for name in (".now .s", "#seen"))
    assert stage["y"] <= box["y"] and box["y"] + box["height"] <= stage["y"] + stage["height"]


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
        (x, _), *turn, (tip, _) = piece.points
        if len(turn) < 4:
            assert x <= turn[0][0] <= tip, "wires run from left to right"
        for x, y in turn if len(turn) == 4 else ():  # or turn into the next row beside and between all boxes
            beside = all(abs(x - spot.x * 10) > spot.width / 2 for spot in spots)
            assert beside or all(abs(y - spot.y * 10) > spot.height / 2 for spot in spots)
