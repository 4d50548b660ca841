// The lines of the charts. No DOM: tested in Node.

/**
 * @typedef {object} Line
 * @property {string} name the key of a sentence
 * @property {string} colour a class of the style sheet
 * @property {string} checkpoint the name of the compared checkpoint; "" for the page's
 * @property {[x: number, y: number][]} points
 */

/**
 * The lines of a history by chart.
 * @param {Record<string, any>[]} rows
 * @param {string} x the field of a row on the horizontal axis
 * @param {string} heldOut the text key for the held-out images
 * @param {string} [checkpoint] @returns {Record<string, Line[]>}
 */
export function linesOf(rows, x, heldOut, checkpoint = "") {
  /** @returns {Line} */
  const line = (/** @type {string} */ y, /** @type {string} */ name, /** @type {string} */ colour) => ({
    name,
    colour,
    checkpoint,
    points: rows.filter((row) => typeof row[y] === "number").map((row) => [row[x], row[y]]),
  });
  return {
    loss: [line("loss", "training.series.train", "train")],
    accuracy: [
      line("train_accuracy", "training.series.train", "train"),
      line("val_accuracy", heldOut, "held"),
    ],
    lr: [line("lr", "training.lr", "rate")],
    grad_norm: [line("grad_norm", "training.grad_norm", "train")],
  };
}

/**
 * The points' places on the horizontal axis, ascending.
 * @param {Line[]} lines
 */
export const placesOf = (lines) =>
  [...new Set(lines.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);

/**
 * A line's point at or before a place; its last point if `place` is null.
 * @param {Line} line @param {number | null} place
 */
export const pointAt = ({ points }, place) =>
  place === null ? points.at(-1) : points.findLast(([x]) => x <= place + 1e-9);

/** @param {number[]} values @param {number} wanted */
export const nearest = (values, wanted) =>
  values.reduce(
    (/** @type {number | null} */ best, value) =>
      best === null || Math.abs(value - wanted) < Math.abs(best - wanted) ? value : best,
    null,
  );
