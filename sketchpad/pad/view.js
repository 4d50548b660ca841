// Zoom and pan of what a square canvas shows. In the canvas's own units. No DOM: tested in Node.
import { clamp } from "../ui/math.js";

/** @typedef {import("../ui/types").Point} Point */
/** @typedef {import("../ui/types").Box} Box */
/** @typedef {{ zoom: number, x: number, y: number }} View a place p is shown at p · zoom + (x, y) */

/** @type {View} */
export const WHOLE = { zoom: 1, x: 0, y: 0 };
const REVEAL = 12; // units between the edge of the canvas and what was moved into sight

/**
 * The same view without empty space that the picture could fill; a picture narrower than the canvas is centred.
 * @param {View} view
 * @param {Box} content the whole picture at zoom 1
 * @param {number} side of the canvas
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
 * Zoom so that what is under a point of the canvas stays there.
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
 * The place of the picture that is shown at a point of the canvas.
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
