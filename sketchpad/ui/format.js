// Numbers as the page writes them. No DOM: tested in Node.

/**
 * A probability: "87 %"; "> 99 %" above 99.5 % and "< 1 %" below 0.5 %, since nothing is certain.
 * @param {number} p
 */
export function percent(p) {
  if (p < 0.005) return "< 1 %";
  return p > 0.995 ? "> 99 %" : `${Math.round(100 * p)} %`;
}

/**
 * A share that may be small: "12.3 %", "< 0.1 %", "> 99.9 %", with no-break spaces.
 * @param {number} share
 */
export function finePercent(share) {
  if (share < 0.001) return "<\u00a00.1\u00a0%";
  return share > 0.999 ? ">\u00a099.9\u00a0%" : `${(100 * share).toFixed(1)}\u00a0%`;
}

/**
 * A fixed number of decimals with a real minus sign.
 * @param {number} value
 * @param {number} [digits]
 */
export const decimal = (value, digits = 2) => value.toFixed(digits).replace("-", "−");

/**
 * Three significant digits without an exponent: "0.460", "12.0", "1230".
 * @param {number} value
 */
export function significant(value) {
  const rounded = Number(value.toPrecision(3)); // 9.999 is 10.0, not 10.00
  const digits = rounded ? Math.max(0, 2 - Math.floor(Math.log10(Math.abs(rounded)))) : 0;
  return decimal(value, Math.min(4, digits));
}

/**
 * The likeliest digit other than `label`.
 * @param {number[]} probabilities
 * @param {number} label
 */
export const runnerUp = (probabilities, label) =>
  probabilities.reduce(
    (best, p, i) => (i !== label && (best < 0 || p > (probabilities[best] ?? 0)) ? i : best),
    -1,
  );

/**
 * The values that a verdict's sentence is filled with.
 * @param {{ label: number, probabilities: number[] }} digit
 */
export function verdictValues({ label, probabilities }) {
  const second = runnerUp(probabilities, label);
  return {
    label,
    second,
    first_share: percent(probabilities[label] ?? 0),
    second_share: percent(probabilities[second] ?? 0),
  };
}
