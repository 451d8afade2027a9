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
  $("slider").value = place;
  $("said").textContent = $("said").title = said();
  $("slider").setAttribute("aria-valuetext", said());
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

function follow() {  // keeps what happens in sight
  const box = nodes.get(nodeAt(place));
  if (box) see(bend(box.x + origin(box.lane)), box.y);
}

function see(x, y) {
  const [w, h] = [stage.clientWidth / view.k, stage.clientHeight / view.k], free = w - side() / view.k;
  const beside = x < view.x - w / 2 || x > view.x - w / 2 + free, above = y < view.y - h / 2 || y > view.y + h / 2;
  if (!beside && !above) return;
  view = {k: view.k, x: beside ? x + (w - free) / 2 : view.x, y: above ? y : view.y};
  look();
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
  const norm = forward ? thing[7][0][2] && "‖value‖ = " + thing[7][0][2] : "‖grad‖ = " + arrived(thing);
  const end = forward && place === END && !D.ran ? " — backward has not run" : "";
  const when = forward ? `forward ${place}/${N}` : `backward ${place - N}/${END - N}`;
  return `${when}: ${what}${norm ? " " + norm : ""}${end}`;
}

function card() {
  const id = hovered || pinned || nodeAt(place), aside = $("card");
  aside.replaceChildren();
  if (!id || !D.things[id]) return;
  const [op, name, step, scope, freed, rule, , values, sent] = D.things[id];
  html("h2", (name ? name + " — " : "") + op + (id === pinned ? " (pinned)" : ""), aside);
  const list = html("dl", "", aside);
  const row = (term, text) => { if (text) { html("dt", term, list); html("dd", text, list); } };
  row("time step", step && String(step));
  row("part of", scope);
  values.forEach(([own, shape, n, mean, std, whole, g, gMean, gStd, gWhole], i) => {
    if (values.length > 1) row("output", own || `${i + 1} of ${values.length}`);
    row("shape", shape);
    row("‖value‖", n);
    row("mean ± std", n && `${mean} ± ${std}`);
    row("value", whole);
    if (values.length > 1 || op === "array") row("‖gradient‖", g);
    else row("‖gradient‖", arrived(D.things[id]));
    row("its mean ± std", g && `${gMean} ± ${gStd}`);
    row("gradient", gWhole);
  });
  if (values.length > 1) row("‖gradient‖ in all", arrived(D.things[id]));
  row("backward", rule);
  for (const [argument, back] of sent) row("→ " + argument, D.ran && (back || "nothing"));
  row("note", freed && "its arrays were freed by a backward pass");
}

// ---- the bars and the legend

function chart() {
  $("bars").replaceChildren();
  const names = D.states.map(s => s[0]), which = $("which");
  which.replaceChildren(names.length ? "‖∂L/∂" : "");
  if (names.length > 1) {
    const select = html("select", "", which, {id: "state", "aria-label": "which state"});
    names.forEach((name, i) => html("option", name, select, {value: i}));
    select.value = state;
  } else which.append(names[0] || "");
  if (names.length) which.append("‖ per time step, log scale");
  $("hint").textContent = !D.ran ? "backward has not run: viz.record(loss) runs it"
    : T ? "click a bar to fold or unfold that step" : names.length ? "click a bar to see that op" : "";
  const list = D.ran && names.length ? D.states[state][1] : L.steps.map(step => [step, null, RAMP + 1]);
  const every = Math.ceil(list.length * 24 / ($("bars").clientWidth || 1));
  $("bars").classList.toggle("many", list.length > 60);
  bars = list.map(([step, number, look], i) => {
    const box = nodes.get("n" + number) || {b: END + 1}, lane = L.steps.indexOf(step);
    const norm = number === null ? "" : arrived(D.things["n" + number]);
    const element = html("button", "", $("bars"), {class: "bar", title: `step ${step}: ${norm}`,
      "aria-label": `step ${step}, gradient ${norm}`});
    html("i", "", element).style.height = look < RAMP ? `${4 + 66 * look / (RAMP - 1)}%` : "4%";
    if (i % every === 0) html("b", String(step), element);
    element.onclick = () => lane < 0 ? pin("n" + number) : toggle(lane);
    return {kind: "bar", element, lane, look, gradient: look, f: box.b, b: box.b};
  });
  index();
  bars.forEach(paint);
}

function legend() {
  const box = $("legend");
  box.replaceChildren();
  if (!D.ran) return;
  html("div", "‖gradient‖", box);
  const colours = looks.slice(0, RAMP).map(row => row[0]);
  html("div", "", box, {class: "ramp"}).style.background = `linear-gradient(90deg,${colours})`;
  const ends = html("div", "", box, {class: "ends"});
  for (const power of D.scale) html("sup", String(power).replace("-", "−"), html("span", "10", ends));
  const used = new Set([...items, ...bars].map(item => item.gradient));
  ["exactly 0", "no gradient arrives", "inf or nan"].forEach((text, i) => {
    if (!used.has(RAMP + i)) return;
    const line = html("div", "", box), [fill, , outline] = looks[RAMP + i];
    html("span", "", line, {class: "swatch"}).style.cssText = `background:${fill};border-color:${outline}`;
    line.append(text);
  });
}

// ---- what is seen of it

const side = () => stage.clientWidth > 900 ? 290 : 0;  // the card lies there
const clampZoom = k => Math.max(.02, Math.min(6, k));

function look() {
  const [w, h] = [(stage.clientWidth || 1) / view.k, (stage.clientHeight || 1) / view.k];
  stage.setAttribute("viewBox", [view.x - w / 2, view.y - h / 2, w, h].map(v => v.toFixed(2)).join(" "));
  unveil();
}

function fit() {  // all of it if that can be read, else its full height from the left
  const b = world.getBBox(), w = (stage.clientWidth || 1) - 24, h = (stage.clientHeight || 1) - 24;
  const free = Math.max(w - side(), 1), tall = h / b.height;
  const k = clampZoom(Math.min(1.3, tall, Math.max(free / b.width, Math.min(tall, .45))));
  const wide = Math.max(b.width, free / k);
  view = {k, x: b.x + (b.width - wide) / 2 + w / k / 2, y: b.y + b.height / 2, fitted: true};
  look();
  link();
}

function zoom(factor, x = stage.clientWidth / 2, y = stage.clientHeight / 2) {  // about a point of the stage
  const k = clampZoom(view.k * factor), [dx, dy] = [x - stage.clientWidth / 2, y - stage.clientHeight / 2];
  view = {k, x: view.x + dx / view.k - dx / k, y: view.y + dy / view.k - dy / k};
  look();
  link();
}

// ---- the link says it all

let waiting = 0;
function link() {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const parts = ["step=" + place], opened = [...open].sort((a, b) => a - b).map(i => L.steps[i]);
    if (heat) parts.push("heat=1");
    if (pinned) parts.push("node=" + pinned);
    if (state) parts.push("state=" + state);
    if (dark !== null) parts.push("dark=" + Number(dark));
    if (opened.join() !== [...usual()].map(i => L.steps[i]).join())
      parts.push("open=" + (opened.length === T ? "all" : opened.join() || "none"));
    if (view && !view.fitted) parts.push("view=" + [view.x, view.y, view.k].map(v => +v.toPrecision(7)).join());
    try { history.replaceState(null, "", "#" + parts.join("&")); } catch { /* not allowed in some frames */ }
  }, 150);
}

function restore() {
  const asked = new URLSearchParams(location.hash.slice(1)), given = name => asked.get(name);
  const step = parseInt(given("step"), 10), opened = given("open");
  state = D.states[given("state")] ? Number(given("state")) : 0;
  heat = D.ran && given("heat") === "1";
  pinned = Object.hasOwn(D.things, given("node")) ? given("node") : null;
  dark = given("dark") === null ? null : given("dark") === "1";
  const isOpen = i => opened === "all" || opened.split(",").includes(String(L.steps[i]));
  open = opened === null ? usual() : new Set([...L.steps.keys()].filter(isOpen));
  place = Number.isNaN(step) ? N : Math.max(0, Math.min(END, step));
  chart();
  dress();
  arrange(lanes.keys());
  pressed();
  const [x, y, k] = (given("view") || "").split(",").map(Number);
  if (k > 0 && isFinite(x + y)) { view = {x, y, k: clampZoom(k)}; look(); } else fit();
  go(place, true);
  if (!Number.isNaN(step) && view.fitted) follow();
}

// ---- hands on it

function pin(id) {
  pinned = id;
  ring();
  card();
  link();
}

function pressed() {
  $("heat").setAttribute("aria-pressed", heat);
  $("dark").setAttribute("aria-pressed", isDark());
}

function setHeat() {
  if (!D.ran) return;
  heat = !heat;
  paintAll();
  pressed();
  link();
}

function setDark() {
  dark = !isDark();
  paintAll();
  pressed();
  link();
}

const actions = {back: () => go(place - 1), next: () => go(place + 1), play: () => play(), jump: () => go(N + 1),
  heat: setHeat, fold: foldAll, fit, dark: setDark};
for (const id in actions) $(id).onclick = actions[id];
$("slider").max = END;
$("slider").oninput = e => go(Number(e.target.value));
$("jump").disabled = $("heat").disabled = !D.ran;
$("fold").disabled = !T;
$("which").onchange = e => { state = Number(e.target.value); chart(); paintAll(); arrange([]); link(); };

const keys = {
  ArrowRight: e => e.shiftKey ? jumpStep(1) : go(place + 1), ArrowLeft: e => e.shiftKey ? jumpStep(-1) : go(place - 1),
  " ": () => play(), Home: () => go(0), End: () => go(END), c: () => T && foldAll(), d: setDark, h: setHeat,
  "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(.8), 0: fit, Escape: () => pin(null),
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

systemDark.addEventListener("change", () => { paintAll(); pressed(); });
printing.addEventListener("change", paintAll);
addEventListener("hashchange", restore);
new ResizeObserver(() => view && (view.fitted ? fit() : look())).observe(stage);
restore();
