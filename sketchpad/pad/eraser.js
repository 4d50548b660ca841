// The eraser takes whole strokes, in pad units. No DOM: tested in Node.
import { clamp } from "../ui/math.js";

/** @typedef {import("../ui/types").Point} Point */
/** @typedef {import("../ui/types").Stroke} Stroke */

export const ERASER_RADIUS = 6; // units beyond the ink of a stroke

/**
 * The strokes that remain after an eraser moves from one point to another. It removes whole strokes.
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
 * The distance from a point to a stroke.
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
