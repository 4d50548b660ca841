// Where the digits' boxes and labels go, so that labels cover no other digit. No DOM: tested in Node.
import { clamp } from "../../ui/math.js";

/** @typedef {import("../../ui/types").Box} Box */
/** @typedef {{ frame: Box, label: { x: number, y: number } | null }} Place */

const MARGIN = 7; // most units between a digit and its frame
const SIZE = 10; // most units of a label's height
const LEAST = 10; // least pixels of a label's height
const ENOUGH = 0.85; // least share of labels with room for all of them to be shown
const FEW = 12; // digits: their labels may also be above them
const LARGE = 6; // times the height of a label: a frame that has room for one inside
const EDGE = 1.5; // units that a frame keeps from the edge of the pad

/**
 * A frame for each digit, and a label below it; in units, like the boxes. Where too many labels would cover other
 * digits, only those that are not clear are shown, above their digit if need be.
 * @param {Box[]} boxes
 * @param {{ text: string, clear: boolean }[]} labels
 * @param {number} pixels of the screen in a unit
 * @param {number} side of the area
 */
export function placed(boxes, labels, pixels, side) {
  const heights = boxes.map(([, top, , bottom]) => bottom - top).sort((a, b) => a - b);
  const height = heights[heights.length >> 1] ?? 0;
  const size = clamp(0.42 * height, Math.min(SIZE, LEAST / pixels), SIZE);
  const margin = clamp(0.16 * height, 1, MARGIN);
  const inside = (/** @type {number} */ value) => clamp(value, EDGE, side - EDGE);
  const frames = boxes.map(
    (box) => /** @type {Box} */ (box.map((value, i) => inside(value + (i < 2 ? -margin : margin)))),
  );

  /** @param {number[]} order of the digits @param {boolean} above whether labels may be above */
  function placeLabels(order, above) {
    const taken = [...frames];
    /** @type {Place["label"][]} */
    const places = frames.map(() => null);
    for (const i of order) {
      const frame = /** @type {Box} */ (frames[i]);
      const [left, top, right, bottom] = frame;
      const half = (0.62 * size * (labels[i]?.text.length ?? 1)) / 2;
      const x = clamp((left + right) / 2, half, side - half);
      const lines = [bottom + 1.05 * size];
      if (above) lines.push(top - 0.25 * size);
      if (bottom - top > LARGE * size) lines.push(bottom - 0.4 * size); // inside
      for (const y of lines) {
        /** @type {Box} */
        const area = [x - half, y - 0.78 * size, x + half, y + 0.05 * size];
        const own = y < bottom && y > top ? frame : null;
        if (area[1] < 0 || area[3] > side) continue;
        if (taken.some((other) => other !== own && overlap(area, other))) continue;
        taken.push(area);
        places[i] = { x, y };
        break;
      }
    }
    return places;
  }

  const all = boxes.map((_, i) => i);
  let places = placeLabels(all, all.length <= FEW);
  if (places.filter(Boolean).length < ENOUGH * all.length) {
    places = placeLabels(
      all.filter((i) => !labels[i]?.clear),
      true,
    );
  }
  return { size, margin, places: frames.map((frame, i) => ({ frame, label: places[i] ?? null })) };
}

/** @param {Box} a @param {Box} b */
const overlap = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
