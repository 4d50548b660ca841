// Which digit of a picture is where. In pad units. No DOM: tested in Node.

/** @typedef {import("../../ui/types").Point} Point */
/** @typedef {import("../../ui/types").Box} Box */

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
