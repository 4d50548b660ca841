// The pen: mouse, finger, stylus or arrow keys; a pen of three widths, or an eraser of whole strokes.

const STEP = 0.8; // points closer than this to the last one say nothing new
const REACH = 6; // how far beside a stroke the eraser still takes it
const PALM = 3000; // ms after a stylus was last seen that touches are taken for the hand that holds it
const PACE = 8; // units that an arrow key moves the pen

let pen = "12"; // a width, or "eraser"
let stylusSeen = -Infinity;
let cursor = null; // where the keys' pen is; null until a key moves it

for (const button of element.querySelectorAll("[data-pen]")) {
  button.addEventListener("click", () => choosePen(button.dataset.pen));
}

function choosePen(next) {
  conclude();
  pen = next;
  for (const button of element.querySelectorAll("[data-pen]")) {
    button.setAttribute("aria-pressed", button.dataset.pen === pen);
  }
  canvas.classList.toggle("erasing", pen === "eraser");
}

/** Put the pen down. On a picture it begins a new drawing. */
function begin(pointer, kind, erasing) {
  conclude();
  gesture = erasing
    ? { pointer, kind, erasing, base: sheet.strokes, strokes: [], picture: sheet.picture }
    : { pointer, kind, erasing, base: sheet.strokes, strokes: [fresh()], picture: null };
}

const fresh = (...points) => Object.assign(points, { pen: Number(pen) || 12 });

/** Follow the pen. Beyond the edge there is no paper: the stroke ends there and a new one begins. */
function follow(x, y) {
  const at = [x, y].map((v) => Math.round(10 * Math.min(SIDE, Math.max(0, v))) / 10);
  const outside = x < 0 || y < 0 || x > SIDE || y > SIDE;
  const last = gesture.at;
  gesture.at = at;
  if (gesture.erasing) {
    erase(last ?? at, at);
    return;
  }
  if (outside && gesture.outside) return;
  if (gesture.outside) gesture.strokes.push(fresh(last));
  gesture.outside = outside;
  const stroke = gesture.strokes.at(-1);
  const end = stroke.at(-1);
  if (end && Math.hypot(at[0] - end[0], at[1] - end[1]) < STEP) return;
  stroke.push(at);
  repaint();
}

/** Take away every stroke that the eraser touches between two points. */
function erase(from, to) {
  const steps = Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / REACH) || 1;
  for (let i = 0; i <= steps; i++) {
    const at = [0, 1].map((axis) => from[axis] + ((to[axis] - from[axis]) * i) / steps);
    gesture.base = gesture.base.filter((stroke) => distance(at, stroke) > stroke.pen / 2 + REACH);
  }
  repaint();
}

/** From a point to the nearest point of a stroke. */
function distance([x, y], stroke) {
  return Math.min(...stroke.map(([x0, y0], i) => {
    const [x1, y1] = stroke[Math.min(i + 1, stroke.length - 1)];
    const [dx, dy] = [x1 - x0, y1 - y0];
    const share = Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy || 1)));
    return Math.hypot(x - x0 - share * dx, y - y0 - share * dy);
  }));
}

function followPointer(event) {
  const area = canvas.getBoundingClientRect();
  if (!area.width) return; // another tab is shown: there is no pad under the pen
  follow(((event.clientX - area.left) / area.width) * SIDE, ((event.clientY - area.top) / area.height) * SIDE);
}

canvas.addEventListener("pointerdown", (event) => {
  const isStylus = event.pointerType === "pen";
  if (isStylus) stylusSeen = performance.now();
  const isTip = event.button === 0 || (isStylus && event.button === 5); // 5: the stylus's own eraser
  if (!event.isPrimary || !isTip) return;
  if (event.pointerType === "touch" && performance.now() - stylusSeen < PALM) return;
  if (gesture?.kind === "touch" && isStylus) gesture = null; // the palm came first: its ink was no ink
  if (gesture && !["keys", "example"].includes(gesture.kind)) return; // a second finger
  canvas.setPointerCapture(event.pointerId);
  showCursor(null);
  begin(event.pointerId, event.pointerType, pen === "eraser" || event.button === 5);
  followPointer(event);
});

canvas.addEventListener("pointermove", (event) => {
  if (event.pointerType === "pen") stylusSeen = performance.now();
  if (event.pointerId !== gesture?.pointer) return;
  const all = event.getCoalescedEvents?.() ?? [];
  for (const each of all.length ? all : [event]) followPointer(each);
});

for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
  canvas.addEventListener(end, (event) => {
    if (event.pointerId !== gesture?.pointer) return;
    if (end === "pointerup") followPointer(event);
    conclude();
  });
}
canvas.addEventListener("contextmenu", (event) => event.preventDefault());

// By keys: the arrows move a pen, Space puts it down and lifts it.
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const held = new Set(); // two arrows at once draw a slanted line

canvas.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === " ") toggleKeyPen();
  else if (event.key === "Escape") liftKeyPen();
  else if (event.key in ARROWS) moveKeyPen(event.key, event.shiftKey ? PACE / 4 : PACE);
  else return;
  event.preventDefault();
});
canvas.addEventListener("keyup", (event) => held.delete(event.key));
canvas.addEventListener("blur", () => {
  held.clear();
  liftKeyPen();
  showCursor(null);
});

function moveKeyPen(key, pace) {
  held.add(key);
  const [x, y] = cursor ?? [SIDE / 2, SIDE / 2];
  const way = [...held].reduce(([dx, dy], arrow) => [dx + ARROWS[arrow][0], dy + ARROWS[arrow][1]], [0, 0]);
  showCursor([x + way[0] * pace, y + way[1] * pace].map((v) => Math.min(SIDE, Math.max(0, v))));
  if (gesture?.kind === "keys") follow(...cursor);
}

function toggleKeyPen() {
  if (gesture?.kind === "keys") {
    liftKeyPen();
    return;
  }
  showCursor(cursor ?? [SIDE / 2, SIDE / 2]);
  begin("keys", "keys", pen === "eraser");
  follow(...cursor);
  find(".spoken").textContent = say("pad.down");
  showCursor(cursor);
}

function liftKeyPen() {
  if (gesture?.kind !== "keys") return;
  conclude();
  find(".spoken").textContent = say("pad.up");
  showCursor(cursor);
}

function showCursor(at) {
  cursor = at;
  const sign = find(".cursor");
  sign.toggleAttribute("hidden", !at);
  sign.classList.toggle("down", gesture?.kind === "keys");
  if (at) sign.setAttribute("transform", `translate(${at})`);
}

choosePen(pen);
