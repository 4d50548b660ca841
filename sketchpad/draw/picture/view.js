// Zoom and pan of a picture on the pad, and which digit is where. In pad units. No DOM: tested in Node.
import { clamp } from "../../ui/math.js";

/** @typedef {import("../../ui/types").Point} Point */
/** @typedef {import("../../ui/types").Box} Box */
/** @typedef {{ zoom: number, x: number, y: number }} View a place p is shown at p · zoom + (x, y) */

/** @type {View} */
export const WHOLE = { zoom: 1, x: 0, y: 0 };
const REVEAL = 12; // units between the edge of the pad and a digit that was moved into sight

/**
 * The same view without empty space that the picture could fill; a picture narrower than the pad is centred.
 * @param {View} view
 * @param {Box} content the whole picture at zoom 1
 * @param {number} side of the pad
 * @returns {View}
 */
export function confined({ zoom, x, y }, [left, top, right, bottom], side) {
  const axis = (/** @type {number} */ offset, /** @type {number} */ low, /** @type {number} */ high) =>
    (high - low) * zoom <= side
      ? (side - (low + high) * zoom) / 2
      : clamp(offset, side - high * zoom, -low * zoom);
  return { zoom, x: axis(x, left, right), y: axis(y, top, bottom) };
}

/**
 * Zoom so that what is under a point of the pad stays there.
 * @param {View} view
 * @param {number} zoom
 * @param {Point} point
 * @returns {View}
 */
export function zoomedAt(view, zoom, [px, py]) {
  const ratio = zoom / view.zoom;
  return { zoom, x: px - (px - view.x) * ratio, y: py - (py - view.y) * ratio };
}

/**
 * The place of the picture that is shown at a point of the pad.
 * @param {View} view
 * @param {Point} point
 * @returns {Point}
 */
export const placeAt = ({ zoom, x, y }, [px, py]) => [(px - x) / zoom, (py - y) / zoom];

/**
 * Pan as little as brings a box into sight.
 * @param {View} view
 * @param {Box} box
 * @param {number} side
 * @returns {View}
 */
export function revealed({ zoom, x, y }, [left, top, right, bottom], side) {
  const axis = (/** @type {number} */ offset, /** @type {number} */ low, /** @type {number} */ high) => {
    const [start, end] = [low * zoom + offset, high * zoom + offset];
    if (start < REVEAL) return offset + REVEAL - start;
    return offset - Math.max(0, end - (side - REVEAL));
  };
  return { zoom, x: axis(x, left, right), y: axis(y, top, bottom) };
}

/**
 * The index of the nearest digit to a place, at most `reach` outside of its box; -1 if there is none.
 * @param {Box[]} boxes
 * @param {Point} place
 * @param {number} reach
 */
export function digitAt(boxes, [x, y], reach) {
  let [found, least] = [-1, reach];
  boxes.forEach(([left, top, right, bottom], index) => {
    const outside = Math.hypot(Math.max(left - x, x - right, 0), Math.max(top - y, y - bottom, 0));
    // Inside of several boxes, the one whose middle is nearer.
    const middle = Math.hypot((left + right) / 2 - x, (top + bottom) / 2 - y);
    const distance = outside || middle / 1e6;
    if (distance <= least) [found, least] = [index, distance];
  });
  return found;
}

/**
 * The digit that a key moves to: left and right in reading order, up and down to the nearest of the next line.
 * @param {string} key
 * @param {number} index
 * @param {number[][]} lines indices of the digits in each line
 * @param {Box[]} boxes
 */
export function digitByKey(key, index, lines, boxes) {
  const last = boxes.length - 1;
  if (key === "Home") return 0;
  if (key === "End") return last;
  if (key === "ArrowLeft") return Math.max(0, index - 1);
  if (key === "ArrowRight") return Math.min(last, index + 1);
  const line = lines.findIndex((indices) => indices.includes(index));
  const next = lines[line + (key === "ArrowUp" ? -1 : 1)] ?? [index];
  const middle = (/** @type {number} */ i) => ((boxes[i]?.[0] ?? 0) + (boxes[i]?.[2] ?? 0)) / 2;
  return next.reduce((best, i) =>
    Math.abs(middle(i) - middle(index)) < Math.abs(middle(best) - middle(index)) ? i : best,
  );
}
