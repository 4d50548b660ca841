// Strokes as a short text for links and the browser's storage. No DOM: tested in Node.
//
// "1", the version, then base64url of bytes: for each stroke its pen, its number of points, and each point's
// difference from the one before it in quarters of a pad unit. Numbers are LEB128, signed ones in zigzag.
import { distance } from "./eraser.js";

/** @typedef {import("../ui/types").Point} Point */
/** @typedef {import("../ui/types").Stroke} Stroke */

const VERSION = "1";
const STEP = 0.25; // pad units; a pen of 12 units covers 48
const SPARE = 0.4; // units by which a point may lie beside the line without it and still be left out
const SPACING = 6; // units that two points of a stroke may be apart if one between them was left out
const MOST_POINTS = 20_000;
const MOST_LETTERS = 200_000;
const WIDEST_PEN = 40;

/** @param {Stroke[]} strokes */
export function encodeStrokes(strokes) {
  /** @type {number[]} */
  const bytes = [];
  let [x, y] = [0, 0];
  for (const stroke of strokes) {
    const points = thinned(stroke);
    pushNumber(bytes, stroke.pen);
    pushNumber(bytes, points.length);
    for (const point of points) {
      const [nextX, nextY] = /** @type {Point} */ (point.map((value) => Math.round(value / STEP)));
      pushNumber(bytes, zigzag(nextX - x));
      pushNumber(bytes, zigzag(nextY - y));
      [x, y] = [nextX, nextY];
    }
  }
  const text = btoa(bytes.map((byte) => String.fromCharCode(byte)).join(""));
  return VERSION + text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * The strokes of a text from `encodeStrokes`; null for any other text.
 * @param {string} text
 * @param {number} side side of the pad: points beyond it are refused
 * @returns {Stroke[] | null}
 */
export function decodeStrokes(text, side) {
  if (text[0] !== VERSION || text.length > MOST_LETTERS) return null;
  try {
    return readStrokes(atob(text.slice(1).replaceAll("-", "+").replaceAll("_", "/")), side);
  } catch {
    return null;
  }
}

/** @param {string} bytes @param {number} side */
function readStrokes(bytes, side) {
  let [at, x, y, left] = [0, 0, 0, MOST_POINTS];
  const next = () => {
    let [value, factor, byte] = [0, 1, 128];
    for (; byte >= 128; factor *= 128) {
      byte = bytes.charCodeAt(at++);
      if (!(byte >= 0 && factor < 2 ** 28)) throw new RangeError();
      value += (byte % 128) * factor;
    }
    return value;
  };
  /** @type {Stroke[]} */
  const strokes = [];
  while (at < bytes.length) {
    const [pen, count] = [next(), next()];
    left -= count;
    if (!(pen > 0 && pen <= WIDEST_PEN && count > 0 && left >= 0)) throw new RangeError();
    const stroke = Object.assign(/** @type {Point[]} */ ([]), { pen });
    for (let i = 0; i < count; i++) {
      x += unzigzag(next());
      y += unzigzag(next());
      if (!(x >= 0 && y >= 0 && x <= side / STEP && y <= side / STEP)) throw new RangeError();
      stroke.push([x * STEP, y * STEP]);
    }
    strokes.push(stroke);
  }
  return strokes;
}

/**
 * The points of a stroke without those that lie on the line from the last one kept to the next one.
 * @param {Point[]} stroke
 */
function thinned(stroke) {
  /** @type {Point[]} */
  const kept = [];
  let first = 0; // the index of the last point kept
  stroke.forEach((point, i) => {
    const before = stroke[first];
    const after = stroke[i + 1];
    const spare =
      before &&
      after &&
      Math.hypot(after[0] - before[0], after[1] - before[1]) < SPACING &&
      stroke.slice(first + 1, i + 1).every((between) => distance(between, [before, after]) < SPARE);
    if (i && spare) return;
    kept.push(point);
    first = i;
  });
  return kept;
}

/** @param {number[]} bytes @param {number} value */
function pushNumber(bytes, value) {
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  bytes.push(value);
}

/** @param {number} value */
const zigzag = (value) => (value < 0 ? -2 * value - 1 : 2 * value);
/** @param {number} value */
const unzigzag = (value) => (value % 2 ? -(value + 1) / 2 : value / 2);
