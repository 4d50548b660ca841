// A prediction in words.
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
