// Strokes as numbers: limits, bounds, resampling. A port of model/input/strokes.py. No DOM.

/** @typedef {import("../../ui/types").Box} Box */
/** @typedef {readonly (readonly number[])[]} Stroke the points [x, y] */

export const MAX_POINTS = 200_000;
export const MAX_STROKES = 2_000;

/** A drawing that cannot be read, with the code and values of its sentence. */
export class InputError extends Error {
  /** @param {string} code @param {Record<string, string>} [values] */
  constructor(code, values = {}) {
    super(code);
    this.code = code;
    this.values = values;
  }
}

/**
 * The strokes that have points. Throws an InputError if there are too many.
 * @param {readonly Stroke[]} strokes
 */
export function checkStrokes(strokes) {
  const written = (/** @type {number} */ number) => number.toLocaleString("en");
  if (strokes.length > MAX_STROKES) {
    throw new InputError("strokes.count", { count: written(strokes.length), most: written(MAX_STROKES) });
  }
  if (strokes.reduce((sum, stroke) => sum + stroke.length, 0) > MAX_POINTS) {
    throw new InputError("strokes.points", { most: written(MAX_POINTS) });
  }
  return strokes.filter((stroke) => stroke.length);
}

/**
 * The smallest box around all points.
 * @param {readonly Stroke[]} strokes
 * @returns {Box}
 */
export function bounds(strokes) {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const stroke of strokes) {
    for (const [x = 0, y = 0] of stroke) {
      x0 = Math.min(x0, x);
      y0 = Math.min(y0, y);
      x1 = Math.max(x1, x);
      y1 = Math.max(y1, y);
    }
  }
  return [x0, y0, x1, y1];
}

/**
 * The length of the path from the start of a stroke to each of its points.
 * @param {Stroke} stroke
 */
export function pathLengths(stroke) {
  const along = new Float64Array(stroke.length);
  for (let n = 1; n < stroke.length; n++) {
    const [[x0 = 0, y0 = 0] = [], [x1 = 0, y1 = 0] = []] = [stroke[n - 1], stroke[n]];
    along[n] = (along[n - 1] ?? 0) + Math.hypot(x1 - x0, y1 - y0);
  }
  return along;
}

/**
 * `pieces` + 1 points evenly spaced along a stroke: x and y of the first, the second, …
 * @param {Stroke} stroke
 * @param {number} pieces
 * @param {Float64Array} [along] its `pathLengths`
 */
export function resample(stroke, pieces, along = pathLengths(stroke)) {
  const points = new Float64Array(2 * (pieces + 1));
  const step = (along.at(-1) ?? 0) / pieces;
  const last = stroke.length - 1;
  let n = 0;
  for (let piece = 0; piece <= pieces; piece++) {
    const at = piece * step;
    while (n < last && (along[n + 1] ?? 0) <= at) n++;
    const [[x0 = 0, y0 = 0] = [], [x1 = 0, y1 = 0] = []] = [stroke[n], stroke[Math.min(n + 1, last)]];
    const [begin = 0, end = 0] = [along[n], along[Math.min(n + 1, last)]];
    const share = n < last && piece < pieces ? (at - begin) / (end - begin) : Number(piece === pieces);
    points[2 * piece] = x0 + share * (x1 - x0);
    points[2 * piece + 1] = y0 + share * (y1 - y0);
  }
  return points;
}
