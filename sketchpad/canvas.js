// The pad's side: pen strokes, their history, and the ink on the screen.

const SIDE = 280; // the pad's own units, so that strokes do not depend on screen, zoom or theme
const PEN = 12;
const STEP = 0.8; // points closer than this to the last one say nothing new

const canvas = find("#pad canvas");
const ink = canvas.getContext("2d");
let strokes = []; // the finished drawing; replaced, never changed, so that the history can hold it
let past = [];
let future = [];
let gesture = null; // the pen while it is down: one stroke, or more where it left the pad in between
let frame = 0;

const drawing = () => (gesture ? [...strokes, ...gesture.strokes] : strokes);

/** Make `next` the drawing, and let undo come back to what was before. */
function edit(next) {
  past.push(strokes);
  future = [];
  settle(next);
}

/** Step through the history: from one pile to the other. */
function step(from, to) {
  if (gesture || !from.length) return;
  to.push(strokes);
  settle(from.pop());
}

function settle(next) {
  strokes = next;
  repaint();
  if (strokes.length) ask(strokes, true);
  else forget();
  // aria-disabled, not disabled: a button that has just done its work must not drop the focus.
  const useful = { undo: past.length, redo: future.length, clear: strokes.length };
  for (const [name, count] of Object.entries(useful)) {
    find(`[data-tool="${name}"]`).setAttribute("aria-disabled", !count);
  }
}

const tools = {
  undo: () => step(past, future),
  redo: () => step(future, past),
  clear: () => !gesture && strokes.length && edit([]),
};
for (const [name, act] of Object.entries(tools)) {
  find(`[data-tool="${name}"]`).addEventListener("click", act);
}

document.addEventListener("keydown", (event) => {
  // Not while the pad is in a hidden tab, nor while somebody types.
  if (!canvas.offsetParent || event.target.closest("input, textarea, select")) return;
  const key = event.key.toLowerCase();
  const control = event.ctrlKey || event.metaKey;
  const name =
    key === "delete" ? "clear"
    : control && key === "z" ? (event.shiftKey ? "redo" : "undo")
    : control && key === "y" ? "redo"
    : null;
  if (!name) return;
  event.preventDefault();
  tools[name]();
});

canvas.addEventListener("pointerdown", (event) => {
  if (gesture || !event.isPrimary || event.button !== 0) return;
  canvas.setPointerCapture(event.pointerId);
  gesture = { pointer: event.pointerId, strokes: [[]], outside: false };
  extend(event);
});

canvas.addEventListener("pointermove", (event) => {
  if (event.pointerId !== gesture?.pointer) return;
  const all = event.getCoalescedEvents?.() ?? [];
  for (const each of all.length ? all : [event]) extend(each);
});

for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
  canvas.addEventListener(end, (event) => {
    if (event.pointerId !== gesture?.pointer) return;
    if (end === "pointerup") extend(event);
    const drawn = drawing();
    gesture = null;
    edit(drawn);
  });
}
canvas.addEventListener("contextmenu", (event) => event.preventDefault());

/** Follow the pen. Beyond the edge there is no paper: the stroke ends there and a new one begins. */
function extend(event) {
  const area = canvas.getBoundingClientRect();
  const x = ((event.clientX - area.left) / area.width) * SIDE;
  const y = ((event.clientY - area.top) / area.height) * SIDE;
  const at = [x, y].map((v) => Math.round(10 * Math.min(SIDE, Math.max(0, v))) / 10);
  const outside = x < 0 || y < 0 || x > SIDE || y > SIDE;
  if (outside && gesture.outside) {
    gesture.edge = at;
    return;
  }
  if (gesture.outside) gesture.strokes.push([gesture.edge]);
  gesture.outside = outside;
  gesture.edge = at;
  const stroke = gesture.strokes.at(-1);
  const last = stroke.at(-1);
  if (last && Math.hypot(at[0] - last[0], at[1] - last[1]) < STEP) return;
  stroke.push(at);
  repaint();
}

/** Paint and ask at most once a frame, however fast the pen reports. */
function repaint() {
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    paint();
    if (gesture) ask(drawing(), false);
  });
}

function paint() {
  const scale = canvas.width / SIDE;
  ink.setTransform(scale, 0, 0, scale, 0, 0);
  ink.clearRect(0, 0, SIDE, SIDE);
  ink.strokeStyle = getComputedStyle(canvas).color;
  ink.lineWidth = PEN;
  ink.lineCap = ink.lineJoin = "round";
  const all = drawing();
  for (const stroke of all) trace(stroke);
  find(".hint").hidden = all.length > 0;
}

/** One smooth line: the points are handles, the curve runs through the middles between them. */
function trace(points) {
  ink.beginPath();
  ink.moveTo(...points[0]);
  for (let i = 1; i < points.length - 1; i++) {
    const [x, y] = points[i];
    const [nextX, nextY] = points[i + 1];
    ink.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
  }
  ink.lineTo(...points.at(-1));
  ink.stroke();
}

new ResizeObserver(() => {
  const side = Math.round(canvas.clientWidth * devicePixelRatio);
  if (!side || side === canvas.width) return; // a hidden tab has no size
  canvas.width = canvas.height = side;
  paint();
}).observe(canvas);

// Light and dark differ in the colour of the ink.
new MutationObserver(paint).observe(document.body, { attributeFilter: ["class"] });

document.addEventListener("sketchpad:language", () => show(reading.dataset.state));
show("blank");
