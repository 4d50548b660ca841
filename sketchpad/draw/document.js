// The sheet: what is drawn or shown on the pad, its history, and the ink on the screen.

const SIDE = props.side; // the pad's own units, so that strokes do not depend on screen, zoom or theme

const canvas = find("#pad canvas");
const ink = canvas.getContext("2d");
// A sheet has strokes (each its points, with the pen that drew it as a property) or a picture.
// Sheets and strokes are replaced, never changed, so that the history can hold them.
const BLANK = { strokes: [], picture: null };
let sheet = BLANK;
let past = [];
let future = [];
// Ink on its way: `base` stays, `strokes` grow. From a pointer, the keys, or an example that draws itself.
let gesture = null;
let frame = 0;

const current = () =>
  gesture ? { strokes: [...gesture.base, ...gesture.strokes], picture: gesture.picture } : sheet;
const isBlank = ({ strokes, picture }) => !strokes.length && !picture;

/** Make `next` the sheet, and let undo come back to what was before. */
function edit(next) {
  past.push(sheet);
  future = [];
  settle(next);
}

/** The pen is up: what it drew or rubbed out is one step of the history. */
function conclude() {
  if (!gesture) return;
  const drawn = current();
  const changed = gesture.strokes.length || drawn.strokes.length !== sheet.strokes.length;
  gesture = null;
  if (changed) edit(drawn);
  else settle(sheet);
}

/** Step through the history: from one pile to the other. */
function step(from, to) {
  conclude();
  if (!from.length) return;
  to.push(sheet);
  settle(from.pop());
}

function settle(next) {
  sheet = next;
  repaint();
  if (isBlank(sheet)) forget();
  else ask(sheet, true);
  // aria-disabled, not disabled: a button that has just done its work must not drop the focus.
  const useful = { undo: past.length, redo: future.length, clear: !isBlank(sheet) };
  for (const [name, use] of Object.entries(useful)) {
    find(`[data-tool="${name}"]`).setAttribute("aria-disabled", !use);
  }
}

const tools = {
  undo: () => step(past, future),
  redo: () => step(future, past),
  clear: () => {
    conclude();
    if (!isBlank(sheet)) edit(BLANK);
  },
};
for (const [name, act] of Object.entries(tools)) {
  find(`[data-tool="${name}"]`).addEventListener("click", act);
}

/** Whether a key or a clipboard is meant for the pad: not in a hidden tab, nor while somebody types. */
const isOurs = (event) =>
  canvas.offsetParent && !event.target.closest?.("input:not([type=file]), textarea, select");

document.addEventListener("keydown", (event) => {
  if (!isOurs(event)) return;
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

/** Paint and ask at most once a frame, however fast the pen reports. */
function repaint() {
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    paint();
    if (gesture && !isBlank(current())) ask(current(), false);
  });
}

function paint() {
  const scale = canvas.width / SIDE;
  const { strokes, picture } = current();
  ink.setTransform(scale, 0, 0, scale, 0, 0);
  ink.clearRect(0, 0, SIDE, SIDE);
  if (picture) {
    const [left, top, right, bottom] = onPad([0, 0, picture.image.width, picture.image.height], picture);
    ink.drawImage(picture.image, left, top, right - left, bottom - top);
  }
  ink.strokeStyle = getComputedStyle(canvas).color;
  ink.lineCap = ink.lineJoin = "round";
  for (const stroke of strokes) {
    ink.lineWidth = stroke.pen;
    ink.stroke(new Path2D(trace(stroke)));
  }
  find(".hint").hidden = !isBlank(current());
}

/**
 * One smooth line: the points are handles, the curve runs through the middles between them.
 * At its end a hair's breadth more: a line without any length, a dot, would not be painted.
 */
function trace(points) {
  let path = `M${points[0]}`;
  for (let i = 1; i < points.length - 1; i++) {
    const [x, y] = points[i];
    const [nextX, nextY] = points[i + 1];
    path += `Q${x} ${y} ${(x + nextX) / 2} ${(y + nextY) / 2}`;
  }
  return `${path}L${points.at(-1)}h.01`;
}

/** A box of a sheet in pad units: a picture's is in its own pixels. */
function onPad(box, picture) {
  if (!picture) return box;
  const { width, height } = picture.image;
  const scale = SIDE / Math.max(width, height);
  const [left, top] = [(SIDE - width * scale) / 2, (SIDE - height * scale) / 2];
  return box.map((v, i) => v * scale + (i % 2 ? top : left));
}

/** The strokes of one digit of the answer: those inside its box. */
function strokesOf(digit) {
  const [left, top, right, bottom] = digit.box;
  const inside = ([x, y]) => x >= left - 0.01 && x <= right + 0.01 && y >= top - 0.01 && y <= bottom + 0.01;
  return answer.sheet.strokes.filter((stroke) => stroke.every(inside));
}

new ResizeObserver(() => {
  const side = Math.round(canvas.clientWidth * devicePixelRatio);
  if (!side || side === canvas.width) return; // a hidden tab has no size
  canvas.width = canvas.height = side;
  paint();
}).observe(canvas);

// Light and dark differ in the colour of the ink.
new MutationObserver(paint).observe(document.body, { attributeFilter: ["class"] });
