// Strokes and boxes in pad units. No DOM: tested in Node.

/** @typedef {import("../ui/types").Point} Point */
/** @typedef {import("../ui/types").Stroke} Stroke */
/** @typedef {import("../ui/types").Box} Box */

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
 * Convert a box of a sheet to pad units; a box of a picture is in the picture's pixels.
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
 * A box after a turn of the pad about its middle.
 * @param {Box} box
 * @param {number} degrees clockwise: 0, 90, 180 or 270
 * @param {number} side
 * @returns {Box}
 */
export function turnedBox([left, top, right, bottom], degrees, side) {
  for (let turned = 0; turned < degrees; turned += 90) {
    [left, top, right, bottom] = [side - bottom, left, side - top, right];
  }
  return [left, top, right, bottom];
}

/**
 * A smooth line as an SVG path: the points are control points, the curve passes through their midpoints.
 * The final h.01 makes a single dot visible: a path without length is not painted.
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
