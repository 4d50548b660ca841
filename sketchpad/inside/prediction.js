// A prediction in words, and two predictions as pairs of bars.
import { within } from "../ui/dom.js";
import { finePercent } from "../ui/format.js";
import { say } from "../ui/i18n.js";

/** @import { Prediction } from "./types" */

/**
 * The digit with its probability, or that it is not a digit.
 * @param {Prediction} prediction
 */
export function predictionText({ label, probabilities, verdict }) {
  if (verdict === "not a digit") return say("branches.odd");
  const unsure = verdict === "unsure" ? say("branches.unsure") : "";
  return say("branches.digit", { label, share: finePercent(probabilities[label] ?? 0), unsure });
}

/**
 * Whether two predictions give the same answer.
 * @param {Prediction} one @param {Prediction} other
 */
export const isSame = (one, other) => one.label === other.label && one.verdict === other.verdict;

/**
 * @param {HTMLElement} element made by the macro `comparison`
 * @param {{ before: Prediction, after: Prediction }} predictions
 * @param {boolean} changed whether the second is another one
 */
export function showComparison(element, { before, after }, changed) {
  within(element)
    .all(".bars li")
    .forEach((bar, digit) => {
      const [p, q] = [before.probabilities[digit] ?? 0, after.probabilities[digit] ?? 0];
      bar.querySelector(".before").style.width = `${100 * p}%`;
      bar.querySelector(".after").style.width = `${100 * q}%`;
      bar.querySelector(".shares").textContent = finePercent(p) + (changed ? ` → ${finePercent(q)}` : "");
      bar.classList.toggle("best", digit === after.label);
    });
}
