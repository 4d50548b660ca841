// A value's computation in words. No DOM: tested in Node.
import { decimal } from "../../ui/format.js";
import { say } from "../../ui/i18n.js";

/** @import { ArithmeticResponse, ArithmeticStep } from "../types" */

/** @param {number} value */
export const number = (value) => decimal(value, 3).replace(/^−(0\.000)$/, "$1");

/**
 * A number inside a formula: negative ones in brackets.
 * @param {number} value
 */
const operand = (value) => (value < 0 ? `(${number(value)})` : number(value));

/**
 * The steps from left to right: "channel 3 sums to 0.213, all 16 channels to −0.412 → normalised 0.873 → ReLU 0.873".
 * @param {ArithmeticResponse} response
 */
export function chain({ steps, window, pixel: [row, column] }) {
  /** @param {ArithmeticStep} step */
  const inWords = ({ kind, value, numbers }) => {
    const own = window?.sums.find(([channel]) => channel === window.input)?.[1] ?? 0;
    const count = kind === "sum" ? window?.sums.length : (window?.patch.length ?? 0) ** 2;
    const { bias = 0, pixel, mean = 0, std = 0 } = numbers;
    const ofOne = kind === "sum" && count === 1 && !bias ? ".one" : "";
    const values = { value: number(value), channel: window?.input, own: number(own), count, row, column };
    return say(`arithmetic.step.${kind}${bias && kind === "sum" ? ".bias" : ofOne}`, {
      ...values,
      pixel,
      mean,
      std,
      bias: operand(bias),
    });
  };
  return steps.map(inWords).join(" → ");
}

/**
 * The formula of the BatchNorm among the steps; empty without one.
 * @param {ArithmeticStep[]} steps
 */
export function normFormula(steps) {
  const at = steps.findIndex(({ kind }) => kind === "norm");
  const step = steps[at];
  if (!step) return "";
  const { mean = 0, variance = 0, eps = 0, weight = 0, bias = 0 } = step.numbers;
  const before = operand(steps[at - 1]?.value ?? 0);
  const quotient = `(${before} − ${operand(mean)}) / √(${number(variance)} + ${eps.toFixed(5)})`;
  return `${quotient} × ${operand(weight)} + ${operand(bias)} = ${number(step.value)}`;
}
