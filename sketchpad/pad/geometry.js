// Strokes, boxes and the eraser, in pad units. No DOM: tested in Node.
import { clamp } from "../ui/math.js";

/** @typedef {import("../ui/types").Point} Point */
/** @typedef {import("../ui/types").Stroke} Stroke */
/** @typedef {import("../ui/types").Box} Box */

export const ERASER_RADIUS = 6; // beyond the ink of a stroke

/**
 * The strokes that remain when an eraser moves from one point to another: whole strokes go.
 * @param {Stroke[]} strokes
 * @param {Point} from
 * @param {Point} to
 */
export function eraseAlong(strokes, from, to) {
  const steps = Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / ERASER_RADIUS) || 1;
  for (let i = 0; i <= steps; i++) {
    const x = from[0] + ((to[0] - from[0]) * i) / steps;
    const y = from[1] + ((to[1] - from[1]) * i) / steps;
    strokes = strokes.filter((stroke) => distance([x, y], stroke) > stroke.pen / 2 + ERASER_RADIUS);
  }
  return strokes;
}

/**
 * From a point to the nearest point of a stroke.
 * @param {Point} point
 * @param {Point[]} stroke
 */
export function distance([x, y], stroke) {
  return Math.min(
    ...stroke.map(([x0, y0], i) => {
      const [x1, y1] = stroke[i + 1] ?? [x0, y0];
      const [dx, dy] = [x1 - x0, y1 - y0];
      const share = clamp(((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy || 1), 0, 1);
      return Math.hypot(x - x0 - share * dx, y - y0 - share * dy);
    }),
  );
}

/**
 * The strokes inside a box.
 * @param {Stroke[]} strokes
 * @param {number[]} box
 */
export function strokesInside(strokes, [left = 0, top = 0, right = 0, bottom = 0]) {
  return strokes.filter((stroke) =>
    stroke.every(([x, y]) => x >= left - 0.01 && x <= right + 0.01 && y >= top - 0.01 && y <= bottom + 0.01),
  );
}

/**
 * A box of a sheet in pad units: a picture's is in its own pixels.
 * @param {number[]} box
 * @param {{ image: { width: number, height: number } } | null} picture
 * @param {number} side
 * @returns {Box}
 */
export function toPad(box, picture, side) {
  if (!picture) return /** @type {Box} */ (box);
  const { width, height } = picture.image;
  const scale = side / Math.max(width, height);
  const [left, top] = [(side - width * scale) / 2, (side - height * scale) / 2];
  return /** @type {Box} */ (box.map((value, i) => value * scale + (i % 2 ? top : left)));
}

/**
 * One smooth line as an SVG path: the points are handles, the curve runs through the middles between them.
 * The last .01 is for a dot: a line without length would not be painted.
 * @param {Point[]} points
 */
export function tracePath(points) {
  let path = `M${points[0]}`;
  for (let i = 1; i < points.length - 1; i++) {
    const [x, y] = /** @type {Point} */ (points[i]);
    const [nextX, nextY] = /** @type {Point} */ (points[i + 1]);
    path += `Q${x} ${y} ${(x + nextX) / 2} ${(y + nextY) / 2}`;
  }
  return `${path}L${points.at(-1)}h.01`;
}
