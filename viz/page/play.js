// Plays the run: controls, keys, the card, the bars, the link.

// ---- the run

const nodeAt = p => p < 1 ? null : "n" + (p <= N ? p - 1 : D.backward[p - N - 1]);
const stepOf = p => nodeAt(p) ? D.things[nodeAt(p)][2] : 0;

function go(to, quiet) {
  const old = place;
  place = Math.max(0, Math.min(END, to));
  if (!heat) {
    for (let e = Math.min(old, place) + 1; e <= Math.max(old, place); e++) touched[e].forEach(paint);
    stage.classList.toggle("back", place > N);
  }
  const words = said();
  $("slider").value = place;
  $("said").textContent = $("said").title = words;
  $("slider").setAttribute("aria-valuetext", words);
  ring();
  card();
  if (!quiet) { follow(); link(); }
}

function jumpStep(way) {  // to the next event that belongs to another time step
  let p = place, here = stepOf(place);
  do p += way; while (p > 0 && p < END && (stepOf(p) === here || !stepOf(p)));
  go(p);
}

function play(on = !timer) {
  clearInterval(timer);
  timer = 0;
  if (on) {
    if (place === END) go(0);
    const tick = () => place < END ? go(place + 1) : play(false);
    timer = setInterval(tick, Math.max(16, Math.min(320, MINUTE / END)));  // a long run takes about a minute
  }
  document.body.classList.toggle("playing", !!timer && !reducedMotion.matches);
  $("play").textContent = timer ? "❚❚ pause" : "▶ play";
  $("said").setAttribute("aria-live", timer ? "off" : "polite");
}

function ring() {
  for (const [kind, id] of [["now", nodeAt(place)], ["pinned", pinned]]) {
    if (ringed[kind]) ringed[kind].classList.remove(kind);
    const box = nodes.get(id);
    ringed[kind] = box && (box.element || folds[box.lane]?.element);
    if (ringed[kind]) ringed[kind].classList.add(kind);
  }
}

function follow(id = nodeAt(place)) {  // keeps what happens in sight
  const box = nodes.get(id);
  if (box) see(bend(box.x + origin(box.lane)), box.y);
}

function see(x, y) {
  const [wide, high] = size.map(v => v / view.k), rim = 16 / view.k;
  const [beside, above] = [Math.abs(x - view.x) > wide / 2 - rim, Math.abs(y - view.y) > high / 2 - rim];
  if (!beside && !above) return;
  view = {k: view.k, x: beside ? within(x, wide, whole.x, whole.width) : view.x,
    y: above ? within(y, high, whole.y, whole.height) : view.y};
  look();
}

function within(middle, length, from, span) {  // as near to it as is possible without a look beyond the graph
  const rim = Math.min(length, span) / 2;
  return Math.max(from + rim, Math.min(from + span - rim, middle));
}

// ---- words

const title = thing => [thing[1] || thing[7].map(v => v[0]).filter(Boolean).join(", "), thing[2] && `step ${thing[2]}`];
const arrived = thing => !D.ran ? "backward has not run" : thing[6] === "" ? "no gradient arrives"
  : thing[6] === "0" ? "exactly 0" : thing[6];

function spoken(id) {
  const thing = D.things[id], [name, step] = title(thing);
  return [name, thing[0], step, "gradient " + arrived(thing)].filter(Boolean).join(", ");
}

function said() {
  const id = nodeAt(place);
  if (!id) return `start: ${N} ops to compute` + (D.ran ? "" : "; backward has not run");
  const thing = D.things[id], [name, step] = title(thing), forward = place <= N;
  const what = [name, name ? `(${thing[0]})` : thing[0], step && `at ${step}`].filter(Boolean).join(" ");
  const value = thing[7][0]?.[2];
  const norm = thing[9] ? "fails" : forward ? value && "‖value‖ = " + value : "‖grad‖ = " + arrived(thing);
  const end = forward && place === END && !D.ran && !thing[9] ? " — backward has not run" : "";
  const when = forward ? `forward ${place}/${N}` : `backward ${place - N}/${END - N}`;
  return `${when}: ${what}${norm ? " " + norm : ""}${end}`;
}

const isTold = () => told ?? !small.matches;

function card() {
  const id = hovered || pinned || nodeAt(place), thing = D.things[id], rows = isTold() && thing ? lines(thing) : [];
  $("card").hidden = !thing;
  $("card").className = (pinned ? "pinned " : "") + (isTold() ? "" : "shut");
  $("more").setAttribute("aria-expanded", isTold());
  if (thing) $("more").textContent = (thing[1] && thing[1] + " — ") + thing[0] + (id === pinned ? " (pinned)" : "");
  const list = $("rows");
  while (list.childElementCount > 2 * rows.length) list.lastChild.remove();
  rows.flat().forEach((text, i) => {  // elements stay, so that little is laid out anew
    const e = list.children[i] || html(i % 2 ? "dd" : "dt", "", list);
    if (e.textContent !== text) e.textContent = text;
  });
}

function lines(thing) {  // term and text
  const [op, , step, scope, freed, rule, , values, sent, error] = thing, rows = [];
  const row = (term, text) => text && rows.push([term, text]);
  row("error", error);
  row("time step", step && String(step));
  row("part of", scope);
  values.forEach(([own, shape, n, mean, std, whole, g, gMean, gStd, gWhole], i) => {
    if (values.length > 1) row("output", own || `${i + 1} of ${values.length}`);
    row("shape", shape);
    row("‖value‖", n);
    row("mean ± std", n && `${mean} ± ${std}`);
    row(whole.endsWith("…") ? "first values" : "value", whole);
    if (values.length > 1 || op === "array") row("‖gradient‖", g);
    else row("‖gradient‖", arrived(thing));
    row("its mean ± std", g && `${gMean} ± ${gStd}`);
    row("gradient", gWhole);
  });
  if (values.length > 1) row("‖gradient‖ in all", arrived(thing));
  row("backward", rule);
  for (const [argument, back] of sent) row("→ " + argument, D.ran && (back || "nothing"));
  row("note", freed && "its arrays were freed by a backward pass");
  return rows;
}

// ---- the bars and the legend

function power(log, parent) {
  if (Number.isInteger(log)) html("sup", String(log).replace("-", "−"), html("span", "10", parent));
  else html("span", String(Number((10 ** log).toPrecision(1))).replace("-", "−"), parent);
}

function scale(least, most) {  // whole decades about these logarithms; for a narrow range steps of 1, 2, 5
  const grid = most - least > 1 ? [0, 1] : [0, Math.log10(2), Math.log10(5), 1], whole = Math.floor;
  const under = Math.max(...grid.map(g => whole(least) + g).filter(v => v <= least + 1e-6));
  return [under, Math.min(...grid.map(g => whole(most - 1e-6) + g).filter(v => v >= most - 1e-6 && v > under))];
}

function chart() {
  $("bars").replaceChildren();
  $("axis").replaceChildren();
  const names = D.states.map(s => s[0]), which = $("which");
  which.replaceChildren(names.length ? "‖∂L/∂" : "");
  if (names.length > 1) {
    const select = html("select", "", which, {id: "state", "aria-label": "which state"});
    names.forEach((name, i) => html("option", name, select, {value: i}));
    select.value = state;
  } else which.append(names[0] || "");
  if (names.length) which.append("‖ per time step, log scale");
  $("hint").textContent = D.note || (!D.ran ? "backward has not run: viz.record(loss) runs it"
    : T ? "click a bar to fold or unfold that step" : names.length ? "click a bar to see that op" : "");
  $("hint").classList.toggle("told", !!D.note);
  const list = D.ran && names.length ? D.states[state][1] : L.steps.map(step => [step, null, RAMP + 1]);
  $("bars").hidden = !list.length;
  const norms = list.map(([, number]) => number === null ? "" : D.things["n" + number][6]);
  const logs = norms.map(norm => Math.log10(norm.replace("−", "-") || 0)), known = logs.filter(isFinite);
  const [low, high] = scale(Math.min(...known), Math.max(...known));
  if (known.length) [high, low].forEach(log => power(log, $("axis")));
  const every = Math.ceil(list.length * 24 / ($("bars").clientWidth || 1));
  $("bars").classList.toggle("many", list.length > 60);
  bars = list.map(([step, number, look], i) => {
    const box = nodes.get("n" + number) || {b: END + 1, lane: i}, lane = box.lane;
    const norm = number === null ? "" : arrived(D.things["n" + number]);
    const element = html("button", "", $("bars"), {title: `step ${step}: ${norm}`,
      "aria-label": `step ${step}, gradient ${norm}`});
    const share = isFinite(logs[i]) ? .06 + .94 * (logs[i] - low) / (high - low) : .06;
    html("i", "", element).style.height = `calc((100% - 15px) * ${share.toFixed(3)})`;
    if (i % every === 0) html("b", String(step), element);
    element.onclick = () => lane < 0 ? pin("n" + number) : toggle(lane);
    return {kind: "bar", element, lane, look, gradient: look, f: box.b, b: box.b};
  });
  index();
  bars.forEach(paint);
}

function legend() {
  const box = $("legend");
  const entry = (text, look) => {
    const line = html("div", "", box);
    html("span", "", line, {class: "swatch " + look});
    line.append(text);
  };
  box.replaceChildren();
  if (D.ran) {
    html("div", "‖gradient‖", box);
    const ramp = html("div", "", box);
    html("div", "", ramp, {class: "ramp"});
    const ends = html("div", "", ramp, {class: "ends"});
    for (const exponent of D.scale) power(exponent, ends);
    const used = new Set([...items, ...bars].map(item => item.gradient));
    ["exactly 0", "no gradient arrives", "inf or nan"].forEach((text, i) => {
      if (used.has(RAMP + i)) entry(text, "r" + (RAMP + i));
    });
  }
  if (D.cut) entry("detach: no gradient passes", "stop");
}

// ---- what is seen of it

const clampZoom = k => Math.max(.02, Math.min(6, k));

function look() {
  const [w, h] = size.map(v => v / view.k);
  stage.setAttribute("viewBox", [view.x - w / 2, view.y - h / 2, w, h].map(v => v.toFixed(2)).join(" "));
  unveil();
}

function fit(least = 0) {  // all of it; or, if that falls below a scale, three steps of it or what can be read
  const b = whole, [w, h] = size.map(v => Math.max(v - 24, 1)), tall = h / b.height;
  const all = Math.min(tall, w / b.width), some = Math.min(tall, w / (T ? at[Math.min(3, T)] - b.x : b.width));
  const k = clampZoom(Math.min(1.3, all < least ? Math.max(least, some) : all));
  const [x, y] = [b.x + Math.min(b.width, w / k) / 2, b.y + Math.min(b.height, h / k) / 2];
  view = {k, x, y, fitted: () => fit(least), all: !least};
  look();
  link();
}

function zoom(factor, x = size[0] / 2, y = size[1] / 2) {  // about a point of the stage
  const k = clampZoom(view.k * factor), [dx, dy] = [x - size[0] / 2, y - size[1] / 2];
  view = {k, x: view.x + dx / view.k - dx / k, y: view.y + dy / view.k - dy / k};
  look();
  link();
}

function resized() {
  const now = [stage.clientWidth || 1, stage.clientHeight || 1];
  if (now.join() === size.join()) return;
  size = now;
  if (whole && !whole.width) whole = world.getBBox();  // in a frame that was hidden nothing has a size before it is shown
  if (view) view.fitted ? view.fitted() : look();
}

// ---- the link says it all

const stepKey = i => several ? i + 1 : L.steps[i];
let waiting = 0;
function link() {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const parts = ["step=" + place], opened = [...open].sort((a, b) => a - b).map(stepKey);
    if (heat) parts.push("heat=1");
    if (pinned) parts.push("node=" + pinned);
    if (state) parts.push("state=" + state);
    if (dark !== null) parts.push("dark=" + Number(dark));
    if (told !== null) parts.push("card=" + Number(told));
    if (opened.join() !== [...usual()].map(stepKey).join())
      parts.push("open=" + (opened.length === T ? "all" : opened.join() || "none"));
    if (view.all) parts.push("view=all");
    if (!view.fitted) parts.push("view=" + [view.x, view.y, view.k].map(v => +v.toPrecision(7)).join());
    try { history.replaceState(null, "", "#" + parts.join("&")); } catch { /* not allowed in some frames */ }
  }, 150);
}

function restore() {
  const asked = new URLSearchParams(location.hash.slice(1)), given = name => asked.get(name);
  const step = parseInt(given("step"), 10), opened = given("open");
  state = D.states[given("state")] ? Number(given("state")) : 0;
  heat = D.ran && given("heat") === "1";
  pinned = Object.hasOwn(D.things, given("node")) ? given("node") : null;
  [dark, told] = ["dark", "card"].map(name => given(name) === null ? null : given(name) === "1");
  const isOpen = i => opened === "all" || opened.split(",").includes(String(stepKey(i)));
  open = opened === null ? usual() : new Set([...L.steps.keys()].filter(isOpen));
  place = Number.isNaN(step) ? N : Math.max(0, Math.min(END, step));
  dress();
  chart();
  legend();
  arrange(lanes.keys());
  $("heat").setAttribute("aria-pressed", heat);
  stage.classList.toggle("back", reached() > N);
  const [x, y, k] = (given("view") || "").split(",").map(Number);
  if (k > 0 && isFinite(x + y)) { view = {x, y, k: clampZoom(k)}; look(); } else fit(given("view") === "all" ? 0 : READ);
  go(place, true);
  resized();
  if (view.fitted && (pinned || !Number.isNaN(step))) follow(pinned || nodeAt(place));
}

// ---- hands on it

function pin(id) {
  pinned = id;
  ring();
  card();
  link();
}

function setHeat() {
  if (!D.ran) return;
  heat = !heat;
  $("heat").setAttribute("aria-pressed", heat);
  paintAll();
  link();
}

function setDark() {
  dark = !isDark();
  dress();
  link();
}

function setCard() {
  told = !isTold();
  card();
  resized();
  follow(pinned || nodeAt(place));
  link();
}

const actions = {back: () => go(place - 1), next: () => go(place + 1), play: () => play(), jump: () => go(N + 1),
  heat: setHeat, fold: foldAll, fit: () => fit(), dark: setDark, more: setCard};
for (const id in actions) $(id).onclick = actions[id];
$("slider").max = END;
$("slider").oninput = e => go(Number(e.target.value));
$("jump").disabled = $("heat").disabled = !D.ran;
$("fold").disabled = !T;
$("which").onchange = e => { state = Number(e.target.value); chart(); legend(); paintAll(); link(); };

const keys = {
  ArrowRight: e => e.shiftKey ? jumpStep(1) : go(place + 1), ArrowLeft: e => e.shiftKey ? jumpStep(-1) : go(place - 1),
  " ": () => play(), Home: () => go(0), End: () => go(END), c: () => T && foldAll(), d: setDark, h: setHeat, i: setCard,
  "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(.8), 0: () => fit(), Escape: () => pin(null),
  Enter: e => e.target.press && e.target.press()};
addEventListener("keydown", e => {
  const key = e.key.length > 1 ? e.key : e.key.toLowerCase(), tag = e.target.tagName;
  if (e.ctrlKey || e.metaKey || e.altKey || tag === "SELECT" || !Object.hasOwn(keys, key)) return;
  if (tag === "BUTTON" && (key === " " || key === "Enter")) return;
  e.preventDefault();
  keys[key](e);
});

function hover(e) {
  const id = e.target.closest(".node")?.dataset.id || null;
  if (id === hovered) return;
  hovered = id;
  card();
}

stage.addEventListener("pointerover", hover);
stage.addEventListener("pointerleave", () => { hovered = null; card(); });
$("paper").addEventListener("focusin", e => {
  hover(e);
  const {lane, id} = e.target.dataset, box = nodes.get(id);
  if (lane) see(at[lane] + NARROW, L.top + 20);
  else if (box) see(bend(box.x + origin(box.lane)), box.y);
});
$("paper").addEventListener("focusout", () => { hovered = null; card(); });
stage.addEventListener("wheel", e => {
  e.preventDefault();
  zoom(Math.exp(-Math.max(-120, Math.min(120, e.deltaY)) / 400), e.offsetX, e.offsetY);
}, {passive: false});

const fingers = new Map();
let moved = 0;
stage.addEventListener("pointerdown", e => {
  fingers.set(e.pointerId, [e.clientX, e.clientY]);
  if (fingers.size === 1) moved = 0;
});
addEventListener("pointermove", e => {
  const old = fingers.get(e.pointerId);
  if (!old) return;
  const next = [e.clientX, e.clientY], [dx, dy] = [next[0] - old[0], next[1] - old[1]], n = fingers.size;
  moved += Math.abs(dx) + Math.abs(dy);
  view = {k: view.k, x: view.x - dx / view.k / n, y: view.y - dy / view.k / n};
  if (n === 2) {
    const other = [...fingers].find(([id]) => id !== e.pointerId)[1], r = stage.getBoundingClientRect();
    const gap = p => Math.hypot(p[0] - other[0], p[1] - other[1]) || 1;
    zoom(gap(next) / gap(old), (next[0] + other[0]) / 2 - r.left, (next[1] + other[1]) / 2 - r.top);
  }
  fingers.set(e.pointerId, next);
  look();
  link();
});
for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, e => fingers.delete(e.pointerId));
stage.addEventListener("click", e => {
  if (moved > 6) return;
  const target = e.target.closest("[role=button]");
  target ? target.press() : pin(null);
});

systemDark.addEventListener("change", dress);
small.addEventListener("change", card);
addEventListener("hashchange", restore);
new ResizeObserver(resized).observe(stage);
resized();
restore();
