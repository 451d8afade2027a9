// Draws the recorded graph as SVG. Event p of the run has happened when p <= place; every box and wire knows the event
// f that computes it and the event b that brings its gradient, so a step repaints only what hangs on that event.
"use strict";
const D = JSON.parse(document.getElementById("data").textContent);
const $ = id => document.getElementById(id);
const N = D.forward, END = N + D.backward.length, L = D.lanes, T = L.steps.length;
const RAMP = 33, ARROW = 7, HALF = 2.8, NARROW = T > 40 ? 18 : 34, EDGE = NARROW / 6, MINUTE = 60000;
const several = new Set(L.steps).size < T;  // nets, each with steps of its own
const READ = .55;  // the smallest scale at which words can be read
const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)"), small = matchMedia("(max-width: 900px)");
const systemDark = matchMedia("(prefers-color-scheme: dark)");
const stage = $("stage"), root = document.documentElement;

const usual = () => new Set(L.steps.map((_, i) => i).filter(i => T <= 12 || i < 3 || i >= T - 2));
let place = N, heat = false, dark = null, told = null, pinned = null, hovered = null, state = 0, timer = 0;
let open = usual(), at = [];
let whole = null, view = null, size = [1, 1];  // size: of the stage, kept so that no step has to ask for it
const ringed = {};

// ---- elements

function set(element, attributes) {
  for (const name in attributes) element.setAttribute(name, attributes[name]);
}

function make(tag, attributes, parent) {
  const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
  set(e, attributes);
  if (parent) parent.append(e);
  return e;
}

function html(tag, text, parent, attributes = {}) {
  const e = document.createElement(tag);
  if (text) e.textContent = text;
  set(e, attributes);
  parent.append(e);
  return e;
}

function words(parent, x, y, align, size, spans, kind) {
  const anchor = {left: "start", center: "middle", right: "end"}[align];
  const text = make("text", {x, y: y + .35 * size, "text-anchor": anchor, "font-size": size, class: kind}, parent);
  let sunk = 0;
  for (const [s, italic, level] of spans) {
    const low = level < 0 ? .25 * size : level > 0 ? -.4 * size : 0;
    const part = make("tspan", {dy: low - sunk}, text);
    if (italic) part.setAttribute("font-style", "italic");
    if (level) part.setAttribute("font-size", .78 * size);
    part.textContent = s;
    sunk = low;
  }
  return text;
}

function sign(parent, x, y) {  // the word that stands at every cut
  make("rect", {class: "cut", x: x - 25, y: y - 9, width: 50, height: 18, rx: 6}, parent);
  words(parent, x, y, "center", 10, [["detach", 0, 0]], "cut-word");
}

const stepName = i => `${several ? L.names[i] + " " : ""}step ${L.steps[i]}`;

function button(element, label, act) {  // an SVG element that mouse, keyboard and screen reader can press
  set(element, {tabindex: 0, role: "button", "aria-label": label});
  element.press = act;
}

// ---- where things stand: a folded step is narrow, and what crosses it is squeezed

const origin = i => i < 0 ? 0 : L.left + i * L.width;

function bend(x) {
  if (!T || x < L.left) return x;
  const i = Math.min(Math.floor((x - L.left) / L.width), T);
  if (i === T || open.has(i)) return at[i] + x - origin(i);
  return at[i] + 2 * EDGE + (x - origin(i)) * (NARROW - 4 * EDGE) / L.width;  // behind the box of the folded step
}

function paths(wire, end) {  // the line and its arrow; end: 1 arrow at the head, -1 at the tail, 0 none
  const flat = D.shapes[wire.shape], from = origin(wire.lane), p = [];
  for (let i = 0; i < flat.length; i += 2) p.push([wire.inside ? flat[i] : bend(flat[i] + from), flat[i + 1]]);
  let arrow = "";
  if (end) {
    const [tip, before] = end > 0 ? [p.length - 1, p.length - 2] : [0, 1], [x, y] = p[tip];
    const dx = x - p[before][0], dy = y - p[before][1], length = Math.hypot(dx, dy) || 1e-9;
    const [ux, uy] = [dx / length, dy / length], bx = x - ARROW * ux, by = y - ARROW * uy;
    arrow = `M${x},${y}L${bx - HALF * uy},${by + HALF * ux}L${bx + HALF * uy},${by - HALF * ux}Z`;
    p[tip] = [bx, by];
  }
  return ["M" + p[0] + "C" + p.slice(1).join(" "), arrow];
}

// ---- items: whatever changes during the run

const items = [], lanes = new Map(), crossing = [], nodes = new Map();
for (let i = -1; i <= T; i++) lanes.set(i, {boxes: [], wires: []});
for (const [shape, lane, inside, look, gradient, f, b, arrow, backArrow] of D.wires) {
  const wire = {kind: "wire", keep: look === gradient, shape, lane, inside, look, gradient, f, b, arrow, backArrow};
  items.push(wire);
  (inside ? lanes.get(lane).wires : crossing).push(wire);
}
for (const [id, lane, x, y, w, h, face, label, size, look, gradient, f, b, texts] of D.boxes) {
  const kind = face === 2 ? "dot" : "node";
  const box = {kind, id, lane, x, y, w, h, face, label, size, look, gradient, f, b, texts};
  items.push(box);
  lanes.get(lane).boxes.push(box);
  if (face < 2) nodes.set(id, box);
}
const folds = L.steps.map((_, i) => {
  const last = Math.max(0, ...lanes.get(i).boxes.map(box => box.f));
  return {kind: "folded", lane: i, look: L.look, f: last};
});
let bars = [], touched = [];

function index() {  // which items change at which event; again when another state is chosen
  const shown = new Map();  // step -> the chosen state, or that of the net which the step belongs to
  for (const [, list] of [...D.states].reverse().concat(D.states.slice(state, state + 1))) {
    for (const [, number, look] of list) {
      const box = nodes.get("n" + number);
      if (box) shown.set(box.lane, [box.b, look]);
    }
  }
  for (const fold of folds) [fold.b, fold.gradient] = shown.get(fold.lane) || [END + 1, RAMP + 1];
  touched = Array.from({length: END + 2}, () => []);
  for (const item of [...items, ...folds, ...bars]) {
    touched[item.f].push(item);
    touched[item.b].push(item);
  }
}

// ---- painting: every look is a class, so that a step changes one attribute of what it touches

const isDark = () => dark ?? systemDark.matches;
const reached = () => heat ? END : place;

function paint(item) {
  const e = item.element;
  if (!e) return;
  const grad = item.b <= reached(), wait = !grad && item.f > reached(), end = grad ? item.backArrow : item.arrow;
  const kind = (item.keep ? "keep " : "") + (item.kind === "bar" && open.has(item.lane) ? "open " : "") + item.kind;
  e.setAttribute("class", `${kind} r${grad ? item.gradient : item.look}${grad ? " grad" : wait ? " wait" : ""}`);
  if (item.kind !== "wire" || item.end === end) return;
  item.end = end;
  const [d, arrow] = paths(item, end);
  e.firstChild.setAttribute("d", d);
  e.lastChild.setAttribute("d", arrow);
}

function colours(looks) {  // looks: fill, ink, outline, its width, wire, its width, dashed
  const rules = looks.map(([fill, ink, outline, width, line, thick, dashed], i) => {
    const dash = `stroke-dasharray:${dashed ? "5 2" : "none"}`;
    return `.r${i}>.s{fill:${fill};stroke:${outline};stroke-width:${width};${dash}}.r${i}>.label{fill:${ink}}
.wire.r${i}{fill:${line};stroke:${line};stroke-width:${thick};${dash}}
.dot.r${i}>.s{fill:${line};stroke:${line};stroke-width:1;stroke-dasharray:none}
.r${i}>i{background:${fill};border-style:${dashed ? "dashed" : "solid"}}
.swatch.r${i}{background:${fill};border-color:${outline}}`;
  });
  return rules.join("\n") + `.ramp{background:linear-gradient(90deg,${looks.slice(0, RAMP).map(row => row[0])})}`;
}

function dress() {  // by night or by day; paper is always white
  root.classList.toggle("dark", isDark());
  $("colours").textContent = colours(D.day) + (isDark() ? `@media screen{${colours(D.night)}}` : "");
  $("dark").setAttribute("aria-pressed", isDark());
}

function paintAll() {
  stage.classList.toggle("back", reached() > N);
  for (const item of [...items, ...folds, ...bars]) paint(item);
  ring();
}

// ---- building: only steps that are in sight get elements, and folded ones a single box

const world = make("g", {}, stage);
const [ground, far, near] = [0, 1, 2].map(() => make("g", {}, world));
const rails = D.rails.map(([look, ...parts]) => {
  const e = make("g", {class: "wire r" + look}, far);
  return [parts.map(([shape, lane]) => ({shape, lane})), make("path", {class: "l"}, e)];
});
for (const wire of crossing) wireElement(wire, far);
for (const lane of lanes.values()) lane.group = make("g", {}, near);

function wireElement(wire, parent) {
  wire.element = make("g", {}, parent);
  wire.end = null;
  make("path", {class: "l"}, wire.element);
  make("path", {class: "a"}, wire.element);
}

function boxElement(box, parent) {
  const e = box.element = make("g", {"data-id": box.id}, parent), {x, y, w, h} = box;
  const [stub] = box.texts.filter(text => text[5] === "sign");
  if (stub) make("path", {class: "cut", d: `M${x},${y}L${stub[0]},${stub[1]}`}, e);
  if (box.face) make("circle", {class: "s", cx: x, cy: y, r: w / 2}, e);
  else make("rect", {class: "s", x: x - w / 2, y: y - h / 2, width: w, height: h, rx: 6}, e);
  if (box.kind === "dot") return;
  box.keep = D.things[box.id][0] === "parameter";
  if (box.label.length) words(e, x, y, "center", box.size, box.label, "label");
  for (const [tx, ty, align, size, spans, kind] of box.texts) {
    if (kind === "sign") sign(e, tx, ty);
    else words(e, tx, ty, align, size, spans, "note " + kind);
  }
  button(e, spoken(box.id), () => pin(box.id));
}

function build(lane) {
  const it = lanes.get(lane), content = it.content = make("g", {}, it.group);
  if (folds[lane] && !open.has(lane)) return foldElement(folds[lane], content);
  for (const wire of it.wires) wireElement(wire, content);
  for (const box of it.boxes) boxElement(box, content);
  for (const item of [...it.wires, ...it.boxes]) paint(item);
  ring();
}

function clear(lane) {
  const it = lanes.get(lane);
  it.group.replaceChildren();
  it.content = null;
  for (const item of [...it.boxes, ...it.wires]) item.element = null;
  if (folds[lane]) heading(lane, it.group);
}

function unveil() {  // builds what has come in sight
  const half = size[0] / view.k / 2;
  for (const [lane, it] of lanes) {
    const wide = open.has(lane) ? L.width : NARROW;
    const seen = !folds[lane] || (at[lane] < view.x + half && at[lane] + wide > view.x - half);
    if (seen && !it.content) build(lane);
    if (it.content) it.content.style.display = seen ? "" : "none";
  }
}

function heading(lane, group) {
  const is = open.has(lane), step = L.steps[lane];
  const text = is ? `${several ? L.names[lane] + " " : ""}t = ${step}`
    : NARROW > 20 || step % 10 === 0 ? String(step) : "·";
  const [x, align, size] = is ? [12, "left", 13] : [NARROW / 2, "center", 11];
  const e = words(group, x, L.top + 14, align, size, [[text, 0, 0]], "head");
  e.dataset.lane = lane;
  button(e, `${is ? "fold" : "unfold"} ${stepName(lane)}`, () => toggle(lane));
  folds[lane].element = null;
}

function foldElement(fold, group) {
  const e = fold.element = make("g", {}, group), top = L.top + 30;
  make("rect", {class: "s", x: EDGE, y: top, width: NARROW - 2 * EDGE, height: L.bottom - top - 12, rx: EDGE}, e);
  if (NARROW > 20) {
    const text = words(e, 0, 0, "center", 12, [[L.names[fold.lane], 0, 0]], "label");
    text.setAttribute("transform", `translate(${NARROW / 2} ${(top + L.bottom) / 2}) rotate(-90)`);
  }
  button(e, `${stepName(fold.lane)}, folded; press to unfold`, () => toggle(fold.lane));
  paint(fold);
  ring();
}

function arrange(changed) {  // after folding: places, panels, and everything that crosses steps
  at = [];
  let x = L.left;
  for (let i = 0; i < T; i++) { at.push(x); x += open.has(i) ? L.width : NARROW; }
  at.push(x);
  for (const lane of changed) clear(lane);
  ground.replaceChildren();
  for (let i = 0; i < T; i++) {
    lanes.get(i).group.setAttribute("transform", `translate(${at[i]})`);
    const width = (open.has(i) ? L.width : NARROW), gap = open.has(i) ? 4 : 1;
    make("rect", {class: i % 2 ? "panel odd" : "panel", x: at[i] + gap, y: L.top, width: width - 2 * gap,
      height: L.bottom - L.top, rx: open.has(i) ? 12 : 4}, ground);
  }
  if (T) lanes.get(T).group.setAttribute("transform", `translate(${at[T]})`);
  for (const [lane, y0, y1] of L.cuts) {
    make("path", {class: "cut", d: `M${at[lane]},${y0}V${y1}`}, ground);
    sign(ground, at[lane], y0 - 9);
  }
  for (const wire of crossing) { wire.end = null; paint(wire); }
  for (const [parts, path] of rails) path.setAttribute("d", parts.map(part => paths(part, 0)[0]).join(""));
  bars.forEach(paint);
  $("fold").textContent = open.size || !T ? "fold steps" : "unfold steps";
  for (const lane of [-1, T]) if (!lanes.get(lane).content) build(lane);
  whole = world.getBBox();
  if (view) unveil();
  ring();
}

function toggle(lane) {
  const focused = lanes.get(lane).group.contains(document.activeElement);
  open.has(lane) ? open.delete(lane) : open.add(lane);
  arrange([lane]);
  if (focused) lanes.get(lane).group.querySelector(".head").focus();
  link();
}

function foldAll() {
  const all = L.steps.map((_, i) => i), changed = open.size ? [...open] : all;
  open = new Set(open.size ? [] : all);
  arrange(changed);
  fit(READ);
}
