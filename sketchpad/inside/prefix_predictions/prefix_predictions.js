// When did it know? The probabilities along the pen's way, a place on it that is scrubbed or replayed, and
// the drawing, the network's view and the answer at that place.

const own = find('[data-section="prefix_predictions"]');
const part = (selector) => own.querySelector(selector);
const plot = part(".plot");
const range = part("input");
const EDGE = { left: 58, right: 26, top: 22, bottom: 62 }; // px around the lines; the answers stand below them
const HEIGHT = 264;
const REPLAY = 2600; // ms
const TELLING = 0.2; // probability that a line has somewhere to be labelled
const SIGNS = { play: "M8 5v14l11-7z", pause: "M7 5h4v14H7zM14 5h4v14h-4z" };

let given = null;
let sheet = null; // what the network saw, all moments
let strokes = [];
let now = 0; // the moment that is looked at
let playing = 0; // number of the animation frame that is waited for

async function look(digit, drawing) {
  if (!digit) {
    stop();
    return;
  }
  const mine = drawing.strokes[drawing.digits.indexOf(digit)];
  part(".nothing").hidden = mine.length > 0;
  part(".time").hidden = !mine.length;
  if (!mine.length || !drawing.final) return; // the whole is asked for once the pen is up
  const answer = await inquire("prefix_predictions", { strokes: mine });
  const fresh = await unpacked(answer.sprite);
  const same = mine.length === strokes.length && mine.every((stroke, i) => stroke === strokes[i]);
  const at = same ? now : answer.answers.length - 1; // in another language the moment stays
  stop();
  [given, sheet, strokes] = [answer, fresh, mine];
  range.max = last();
  showDrawing();
  tell();
  show(at);
}

const last = () => given.answers.length - 1;
const share = (n) => `${Math.round((100 * (n + 1)) / given.answers.length)} %`;
const named = (answer) => (answer === null ? "?" : `${answer}`);
const inWords = (answer) => (answer === null ? say("prefix_predictions.none") : `${answer}`);

/** The finding in words: when the answer was settled, and what it was before. */
function tell() {
  const { answers, flips, settled } = given;
  const way = [0, ...flips].map((n) => named(answers[n])).join("\u00a0→\u00a0");
  const answer = inWords(answers[last()]);
  part(".settled").textContent = settled
    ? say("prefix_predictions.settled", { share: share(settled), answer, way })
    : say("prefix_predictions.always", { answer });
}

function show(n) {
  now = n;
  range.value = n;
  const p = given.probabilities[n];
  const best = p.indexOf(Math.max(...p));
  const answer = given.answers[n];
  const values = { share: share(n), label: best, probability: percent(p[best]) };
  const sentence = answer === null ? say("prefix_predictions.now.none", values) : say("prefix_predictions.now", values);
  range.setAttribute("aria-valuetext", sentence);
  part(".reading b").textContent = named(answer);
  part(".reading").classList.toggle("other", answer !== given.answers[last()]);
  part(".reading p").textContent = sentence;
  cut(part("canvas"), sheet, given.boxes[n]);
  showPart();
  draw();
}

const percent = (p) => (p > 0.995 ? "> 99 %" : `${Math.round(100 * p)} %`);

/** The digit's strokes, whole and faint, and over them what is drawn so far. */
function showDrawing() {
  const points = strokes.flat();
  const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis]));
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const [width, height] = [Math.max(...xs) - left, Math.max(...ys) - top];
  const pen = Math.max(...strokes.map((stroke) => stroke.pen ?? 12));
  const side = Math.max(width, height) + 2 * pen;
  const view = part(".drawn");
  view.setAttribute("viewBox", `${left + width / 2 - side / 2} ${top + height / 2 - side / 2} ${side} ${side}`);
  const path = (stroke, style) =>
    `<path class="${style}" d="M${stroke.join("L")}${stroke.length < 2 ? "h0" : ""}" stroke-width="${stroke.pen ?? 12}" />`;
  view.innerHTML = strokes.map((s) => path(s, "whole")).join("") + strokes.map((s) => path(s, "done")).join("");
}

function showPart() {
  const paths = [...own.querySelectorAll(".drawn .done")];
  const lengths = paths.map((path) => path.getTotalLength());
  let left = ((now + 1) / given.answers.length) * lengths.reduce((sum, length) => sum + length, 0);
  paths.forEach((path, i) => {
    path.style.display = left < -1e-6 || (left < 1e-6 && lengths[i] > 0) ? "none" : "";
    path.setAttribute("stroke-dasharray", left >= lengths[i] - 1e-6 ? "none" : `${Math.max(0, left)} ${lengths[i] + 1}`);
    left -= lengths[i];
  });
}

function draw() {
  const width = plot.clientWidth;
  if (!width || !given) return; // in a hidden tab; drawn when it has a size
  const { probabilities, answers, flips, settled } = given;
  const [right, base] = [width - EDGE.right, HEIGHT - EDGE.bottom];
  const x = (n) => EDGE.left + ((right - EDGE.left) * n) / Math.max(1, last());
  const y = (p) => base - (base - EDGE.top) * p;
  const final = probabilities[last()].indexOf(Math.max(...probabilities[last()]));
  const body = [];
  const between = (n) => (n <= 0 ? x(0) : n > last() ? x(last()) : x(n - 0.5)); // where moment n begins
  const pieces = [0, ...flips].map((n, i) => [n, flips[i] ?? answers.length]);
  for (const [from, to] of pieces) {
    const answer = answers[from];
    const [start, end] = [between(from), between(to)];
    const style = answer === null ? "none" : answer === answers[last()] ? "final" : "other";
    if (answer === null) body.push(`<rect class="odd" x="${start}" y="${EDGE.top}" width="${end - start}" height="${base - EDGE.top}" />`);
    body.push(`<rect class="piece ${style}" x="${start}" y="${base + 30}" width="${end - start}" height="26" />`);
    if (end - start > 11) body.push(`<text class="answer ${style}" x="${(start + end) / 2}" y="${base + 48}">${named(answer)}</text>`);
  }
  for (const p of [0, 0.5, 1]) {
    body.push(`<path class="grid" d="M${EDGE.left} ${y(p)}H${right}" /><text class="end" x="${EDGE.left - 8}" y="${y(p) + 4}">${100 * p} %</text>`);
  }
  for (const n of flips) body.push(`<path class="flip" d="M${between(n)} ${EDGE.top}V${base + 56}" />`);
  if (settled) body.push(`<path class="since" d="M${between(settled)} ${EDGE.top - 6}V${base + 56}" /><circle class="since" cx="${between(settled)}" cy="${EDGE.top - 8}" r="4" />`);
  for (const quarter of [1, 2, 3, 4]) {
    const at = x((answers.length * quarter) / 4 - 1);
    body.push(`<path class="tick" d="M${at} ${base}v5" /><text class="centre" x="${at}" y="${base + 20}">${25 * quarter} %</text>`);
  }
  const order = [...Array(10).keys()].sort((a, b) => (a === final) - (b === final)); // the answer's line on top
  for (const label of order) {
    const style = label === final ? "final" : answers.includes(label) ? "other" : "";
    const points = probabilities.map((row, n) => `${x(n).toFixed(1)} ${y(row[label]).toFixed(1)}`);
    body.push(`<path class="line ${style}" d="M${points.join("L")}" />`);
  }
  body.push(...labels(final, x, y, right));
  body.push(`<path class="now" d="M${x(now)} ${EDGE.top - 4}V${base}" />`);
  const p = probabilities[now];
  const best = p.indexOf(Math.max(...p));
  body.push(`<circle class="dot" cx="${x(now)}" cy="${y(p[best])}" r="5" />`);
  plot.innerHTML = `<svg width="${width}" height="${HEIGHT}">${body.join("")}</svg>`;
}

/** Each line's digit: the answer's at its end, the others' at their peak, where nothing else is written. */
function labels(final, x, y, right) {
  const ends = given.probabilities[last()][final];
  const written = [{ px: right + 12, py: y(ends) + 5, label: final, style: "final" }];
  const peaks = [...Array(10).keys()].map((label) => {
    const line = given.probabilities.map((row) => row[label]);
    const most = Math.max(...line);
    return { label, most, n: line.indexOf(most) };
  });
  peaks.sort((a, b) => b.most - a.most);
  for (const { label, most, n } of peaks) {
    if (label === final || most < TELLING) continue;
    const [px, py] = [Math.max(x(0) + 6, x(n)), y(most) - 7];
    if (written.some((other) => Math.abs(other.px - px) < 12 && Math.abs(other.py - py) < 14)) continue;
    written.push({ px, py, label, style: given.answers.includes(label) ? "other" : "" });
  }
  return written.map(({ px, py, label, style }) => `<text class="name ${style}" x="${px}" y="${py}">${label}</text>`);
}

function sign(name) {
  part(".play path").setAttribute("d", SIGNS[name]);
  part(".play").dataset.textLabel = name === "play" ? "prefix_predictions.play" : "prefix_predictions.pause";
  part(".play").setAttribute("aria-label", say(part(".play").dataset.textLabel));
}

function stop() {
  cancelAnimationFrame(playing);
  playing = 0;
  sign("play");
}

part(".play").addEventListener("click", () => {
  if (playing) {
    stop();
    return;
  }
  const from = now === last() ? 0 : now;
  const started = performance.now() - (REPLAY * from) / last();
  sign("pause");
  show(from);
  (function next(time) {
    const n = Math.min(last(), Math.max(from, Math.floor(((time - started) / REPLAY) * last())));
    if (n !== now) show(n);
    if (n === last()) stop();
    else playing = requestAnimationFrame(next);
  })(performance.now());
});
range.addEventListener("input", () => {
  stop();
  show(Number(range.value));
});
for (const kind of ["pointerdown", "pointermove"]) {
  plot.addEventListener(kind, (event) => {
    if (!given || (kind === "pointermove" && !event.buttons)) return;
    stop();
    const { left, width } = plot.getBoundingClientRect();
    const along = (event.clientX - left - EDGE.left) / (width - EDGE.left - EDGE.right);
    show(Math.min(last(), Math.max(0, Math.round(along * last()))));
  });
}
new ResizeObserver(draw).observe(plot);
sign("play");
follow("prefix_predictions", look);
