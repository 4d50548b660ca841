// Draws the strokes of one digit as a model image. A port of model/input/rasterizer.py, which explains every step;
// this file has the same constants. Arithmetic is in single precision where NumPy's is. No DOM.
import { bounds, pathLengths, resample } from "./strokes.js";

export const SIZE = 28;
const BOX = 20;
const CENTRE = 14;
const PEN = 2.1;
const DOT = 1e-3;
const SPACING = 0.75;
const [NARROWEST, FLATTEST] = /** @type {const} */ ([0.36, 1.5]);
const MOST_WIDER = 1.7;
const MOST_HIGHER = 2.5;
const MAX_SEGMENTS = 6_000;
const REACH = 4;
const MARGIN = 2 * REACH;
const WIDE = SIZE + 2 * MARGIN;

const single = Math.fround;
const HALF = single(single(single(PEN) / 2) + 0.5);

/** @typedef {import("./strokes.js").Stroke} Stroke */

/**
 * The model image, 28 × 28 bytes, ink = 255.
 * @param {readonly Stroke[]} strokes at least one
 */
export function rasteriseDigit(strokes) {
  const segments = cut(fit(strokes));
  const [across, down] = centreOfMass(rasterise(segments));
  const shift = [single(CENTRE - across), single(CENTRE - down)];
  const centred = segments.map((value, n) => value + (shift[n % 2] ?? 0));
  return Uint8Array.from(rasterise(centred), (ink) => roundEven(single(ink * 255)));
}

/** @param {readonly Stroke[]} strokes */
function fit(strokes) {
  const [x0, y0, x1, y1] = bounds(strokes);
  const [width, height] = [x1 - x0, y1 - y0];
  const longer = Math.max(width, height);
  const hasSize = longer > DOT * Math.max(1, Math.abs(x0), Math.abs(y0));
  const scale = hasSize ? (BOX - PEN) / longer : 0;
  const [wider, higher] = stretch(Math.max(width, 1e-9), Math.max(height, 1e-9));
  const [middleX, middleY] = [(x0 + x1) / 2, (y0 + y1) / 2];
  return strokes.map((stroke) =>
    stroke.map(([x = 0, y = 0]) => [
      (x - middleX) * (scale * wider) + CENTRE,
      (y - middleY) * (scale * higher) + CENTRE,
    ]),
  );
}

/**
 * Factors for the width and the height of a box.
 * @param {number} width @param {number} height
 * @returns {[number, number]}
 */
function stretch(width, height) {
  const wider = Math.min(Math.max((NARROWEST * height) / width, 1), MOST_WIDER);
  const higher = Math.min(Math.max(width / height / FLATTEST, 1), MOST_HIGHER);
  return [wider, higher];
}

/**
 * Short segments, four numbers each: x and y of the start and of the end.
 * @param {readonly Stroke[]} strokes
 */
function cut(strokes) {
  const along = strokes.map(pathLengths);
  const lengths = along.map((stroke) => stroke.at(-1) ?? 0);
  const spacing = Math.max(SPACING, lengths.reduce((sum, length) => sum + length, 0) / MAX_SEGMENTS);
  const pieces = lengths.map((length) => Math.max(Math.ceil(length / spacing), 1));
  const segments = new Float32Array(4 * pieces.reduce((sum, count) => sum + count, 0));
  let at = 0;
  strokes.forEach((stroke, n) => {
    const count = pieces[n] ?? 1;
    const points = resample(stroke, count, along[n]);
    for (let piece = 0; piece < count; piece++, at += 4) {
      segments.set(points.subarray(2 * piece, 2 * piece + 4), at);
    }
  });
  return segments;
}

/**
 * Anti-aliased drawing with a round pen: ink in 0..1 of 28 × 28 pixels.
 * @param {Float32Array} segments
 */
function rasterise(segments) {
  let longest = 0;
  for (let n = 0; n < segments.length; n += 4) {
    const across = (segments[n + 2] ?? 0) - (segments[n] ?? 0);
    const down = (segments[n + 3] ?? 0) - (segments[n + 1] ?? 0);
    longest = Math.max(longest, across * across + down * down);
  }
  const reach = Math.min(REACH, Math.floor(PEN / 2 + 1 + Math.sqrt(longest) / 2));
  const field = new Float32Array(WIDE * WIDE).fill(1e4);
  for (let n = 0; n < segments.length; n += 4) draw(field, segments, n, reach);
  const ink = new Float32Array(SIZE * SIZE);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const distance = single(Math.sqrt(field[(y + MARGIN) * WIDE + x + MARGIN] ?? 0));
      ink[y * SIZE + x] = Math.min(Math.max(single(HALF - distance), 0), 1);
    }
  }
  return ink;
}

/**
 * Lower the squared distances in `field` around one segment's middle.
 * @param {Float32Array} field @param {Float32Array} segments @param {number} n @param {number} reach
 */
function draw(field, segments, n, reach) {
  const x0 = segments[n] ?? 0;
  const y0 = segments[n + 1] ?? 0;
  const across = single((segments[n + 2] ?? 0) - x0);
  const down = single((segments[n + 3] ?? 0) - y0);
  const squared = Math.max(single(single(across * across) + single(down * down)), single(1e-12));
  const middleX = middle(x0, segments[n + 2] ?? 0);
  const middleY = middle(y0, segments[n + 3] ?? 0);
  const startX = single(x0 - middleX);
  const startY = single(y0 - middleY);
  for (let v = -reach; v <= reach; v++) {
    for (let u = -reach; u <= reach; u++) {
      let x = single(u - startX);
      let y = single(v - startY);
      const along = single(single(single(x * across) + single(y * down)) / squared);
      const share = Math.min(Math.max(along, 0), 1);
      x = single(x - single(share * across));
      y = single(y - single(share * down));
      const at = (middleY + v + MARGIN) * WIDE + middleX + u + MARGIN;
      const distance = single(single(x * x) + single(y * y));
      if (distance < (field[at] ?? 0)) field[at] = distance;
    }
  }
}

/** @param {number} start @param {number} end */
const middle = (start, end) =>
  Math.min(Math.max(roundEven(single(single(start + end) / 2)), -REACH), SIZE + REACH - 1);

/**
 * The nearest integer; of two equally near ones the even one, as NumPy's rint.
 * @param {number} value
 */
function roundEven(value) {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 ? rounded - 1 : rounded;
}

/**
 * Mean pixel index of the ink, x then y; CENTRE for a blank image.
 * @param {Float32Array} ink
 * @returns {[number, number]}
 */
function centreOfMass(ink) {
  const [across, down] = [new Float32Array(SIZE), new Float32Array(SIZE)];
  for (let y = 0; y < SIZE; y++) {
    const row = ink.subarray(y * SIZE, (y + 1) * SIZE);
    row.forEach((value, x) => {
      across[x] = (across[x] ?? 0) + value;
    });
    down[y] = sum(row);
  }
  const mass = sum(across);
  const mean = (/** @type {Float32Array} */ sums) => single(sum(sums.map((value, n) => value * n)) / mass);
  return mass > 0 ? [mean(across), mean(down)] : [CENTRE, CENTRE];
}

/**
 * The sum in NumPy's order: eight partial sums. A difference in the last bit would move the ink.
 * @param {Float32Array} values
 */
function sum(values) {
  const end = values.length - (values.length % 8);
  const partial = values.slice(0, 8);
  for (let n = 8; n < end; n++) partial[n % 8] = (partial[n % 8] ?? 0) + (values[n] ?? 0);
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = partial;
  let total = single(single(single(a + b) + single(c + d)) + single(single(e + f) + single(g + h)));
  for (const value of values.subarray(end)) total = single(total + value);
  return total;
}
