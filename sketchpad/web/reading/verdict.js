// The verdict on a digit. A port of `Calibration` in model/inference/calibration.py; its temperature is applied in
// the exported network. No DOM.

const BESIDE_DIGITS = 0.5;

/** @typedef {import("../../ui/wire").Verdict} Verdict */
/** @typedef {import("../../ui/wire").Reason} Reason */
/**
 * `not_digit`: from this score on, a drawing is not a digit; `unsure`: a digit below this probability is unsure.
 * @typedef {{ not_digit: number, unsure: number }} Thresholds
 */
/** @typedef {{ probabilities: number[], notDigit: number }} Output of the network, for one model image */

/** @param {Output} output */
export const confidence = ({ probabilities }) => Math.max(...probabilities);

/**
 * The probability of being the digit it is read as, of the ten digits and "not a digit".
 * @param {Output} output
 */
export const digitLikeness = (output) => confidence(output) * (1 - output.notDigit);

/**
 * The verdicts on all marks of one reading, with their reasons.
 * @param {Output[]} outputs
 * @param {Thresholds} thresholds
 */
export function verdicts(outputs, thresholds) {
  const digits = outputs.filter(({ notDigit }) => notDigit < thresholds.not_digit).length;
  const besideDigits = 2 * digits > outputs.length && outputs.length > 1;
  return outputs.map((output) => {
    const score = besideDigits && output.notDigit < BESIDE_DIGITS ? 0 : output.notDigit;
    return verdict(confidence(output), score, thresholds);
  });
}

/**
 * @param {number} confidence
 * @param {number} notDigit
 * @param {Thresholds} thresholds
 * @returns {{ verdict: Verdict, reason: Reason }}
 */
function verdict(confidence, notDigit, thresholds) {
  if (notDigit >= thresholds.not_digit) return { verdict: "not a digit", reason: "odd" };
  if (confidence < thresholds.unsure) return { verdict: "unsure", reason: "close" };
  return { verdict: "digit", reason: "clear" };
}
