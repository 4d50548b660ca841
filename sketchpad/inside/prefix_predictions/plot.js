// The plot of the prefix predictions: ten probabilities along the drawing's path, and the answers below them.
import { svg } from "../../ui/dom.js";
import { clamp } from "../../ui/math.js";

/** @import { PrefixPredictionsResponse } from "../types" */

const EDGE = { left: 58, right: 26, top: 22, bottom: 62 }; // px around the lines; the answers are below them
const HEIGHT = 264;
const BASE = HEIGHT - EDGE.bottom;
const LABELLED = 0.2; // a line that never reaches this probability gets no label

/** @param {number | null} answer */
export const shortAnswer = (answer) => (answer === null ? "?" : `${answer}`);

/** @param {number[]} values */
export const indexOfLargest = (values) => values.indexOf(Math.max(...values));

/**
 * The index of the prefix, of `count`, that is `left` pixels from the left edge of the plot.
 * @param {number} left @param {number} width @param {number} count
 */
export function prefixAt(left, width, count) {
  const share = (left - EDGE.left) / (width - EDGE.left - EDGE.right);
  return clamp(Math.round(share * (count - 1)), 0, count - 1);
}

/**
 * @param {PrefixPredictionsResponse} response
 * @param {number} shown index of the selected prefix
 * @param {number} width
 */
export function plot({ probabilities, answers, flips, settled }, shown, width) {
  const last = answers.length - 1;
  const right = width - EDGE.right;
  /** @param {number} n */
  const x = (n) => EDGE.left + ((right - EDGE.left) * n) / Math.max(1, last);
  /** @param {number} n where prefix n begins */
  const start = (n) => (n <= 0 ? x(0) : n > last ? x(last) : x(n - 0.5));
  const predicted = indexOfLargest(probabilities[last] ?? []);
  /** @param {number} label */
  const styleOf = (label) => (label === predicted ? "final" : answers.includes(label) ? "other" : "");
  const body = [];

  for (const [i, from] of [0, ...flips].entries()) {
    const answer = answers[from] ?? null;
    const [left, end] = [start(from), start(flips[i] ?? answers.length)];
    const style = answer === null ? "none" : answer === answers[last] ? "final" : "other";
    if (answer === null) body.push(rectangle("odd", left, end, EDGE.top, BASE - EDGE.top));
    body.push(rectangle(`piece ${style}`, left, end, BASE + 30, 26));
    if (end - left > 11) body.push(text(`answer ${style}`, (left + end) / 2, BASE + 48, shortAnswer(answer)));
  }
  for (const p of [0, 0.5, 1]) {
    body.push(path("grid", `M${EDGE.left} ${y(p)}H${right}`));
    body.push(text("end", EDGE.left - 8, y(p) + 4, `${100 * p} %`));
  }
  for (const n of flips) body.push(path("flip", `M${start(n)} ${EDGE.top}V${BASE + 56}`));
  if (settled) {
    body.push(path("since", `M${start(settled)} ${EDGE.top - 6}V${BASE + 56}`));
    body.push(svg("circle", { class: "since", cx: start(settled), cy: EDGE.top - 8, r: 4 }));
  }
  for (const quarter of [1, 2, 3, 4]) {
    const place = x((answers.length * quarter) / 4 - 1);
    body.push(path("tick", `M${place} ${BASE}v5`), text("centre", place, BASE + 20, `${25 * quarter} %`));
  }
  const digits = [...Array(10).keys()].filter((label) => label !== predicted);
  for (const label of [...digits, predicted]) {
    const points = probabilities.map((row, n) => `${x(n).toFixed(1)} ${y(row[label] ?? 0).toFixed(1)}`);
    body.push(path(`line ${styleOf(label)}`, `M${points.join("L")}`));
  }
  for (const { left, top, label } of placeLabels(probabilities, predicted, x, right)) {
    body.push(text(`name ${styleOf(label)}`, left, top, `${label}`));
  }
  body.push(path("now", `M${x(shown)} ${EDGE.top - 4}V${BASE}`));
  const largest = Math.max(...(probabilities[shown] ?? [0]));
  body.push(svg("circle", { class: "dot", cx: x(shown), cy: y(largest), r: 5 }));
  return svg("svg", { width, height: HEIGHT }, ...body);
}

/** @param {number} p */
const y = (p) => BASE - (BASE - EDGE.top) * p;

/**
 * Positions of the lines' labels: the predicted digit's at its end, others at their peak if there is room.
 * @param {number[][]} probabilities @param {number} predicted @param {(n: number) => number} x
 * @param {number} right
 */
export function placeLabels(probabilities, predicted, x, right) {
  const labels = [{ label: predicted, left: right + 12, top: y(probabilities.at(-1)?.[predicted] ?? 0) + 5 }];
  const peaks = [...Array(10).keys()].map((label) => {
    const line = probabilities.map((row) => row[label] ?? 0);
    return { label, largest: Math.max(...line), n: indexOfLargest(line) };
  });
  for (const { label, largest, n } of peaks.sort((a, b) => b.largest - a.largest)) {
    if (label === predicted || largest < LABELLED) continue;
    const [left, top] = [Math.max(x(0) + 6, x(n)), y(largest) - 7];
    const taken = labels.some((other) => Math.abs(other.left - left) < 12 && Math.abs(other.top - top) < 14);
    if (!taken) labels.push({ label, left, top });
  }
  return labels;
}

/** @param {string} style @param {string} d */
const path = (style, d) => svg("path", { class: style, d });

/** @param {string} style @param {number} x @param {number} y @param {string} content */
const text = (style, x, y, content) => svg("text", { class: style, x, y }, content);

/** @param {string} style @param {number} left @param {number} right @param {number} y @param {number} height */
const rectangle = (style, left, right, y, height) =>
  svg("rect", { class: style, x: left, y, width: right - left, height });
