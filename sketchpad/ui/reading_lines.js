// A reading's digits by line. No DOM: tested in Node.

/** @typedef {import("./types").SeenDigit} SeenDigit */

export const MANY = 12; // digits: a reading of more, or of several lines, is described as a whole

/**
 * The indices of the digits in each line, top to bottom.
 * @param {Pick<SeenDigit, "line">[]} digits
 */
export function linesOf(digits) {
  /** @type {number[][]} */
  const lines = [];
  digits.forEach(({ line }, index) => {
    if (!index || line !== digits[index - 1]?.line) lines.push([]);
    lines.at(-1)?.push(index);
  });
  return lines;
}

/** @param {Pick<SeenDigit, "label" | "verdict"> | undefined} digit */
export const labelOf = (digit) => (digit && digit.verdict !== "not a digit" ? `${digit.label}` : "");

/**
 * The lines of a reading, without what is not a digit.
 * @param {Pick<SeenDigit, "label" | "verdict" | "line">[]} digits
 */
export function toText(digits) {
  return linesOf(digits)
    .map((line) => line.map((i) => labelOf(digits[i])).join(""))
    .filter(Boolean)
    .join("\n");
}

/** @param {SeenDigit[]} digits */
export const isPage = (digits) => digits.length > MANY || linesOf(digits).length > 1;

/**
 * The first digit after `index` that is not clear, starting again at the front; -1 if all are clear.
 * @param {SeenDigit[]} digits
 * @param {number} index
 */
export function nextInDoubt(digits, index) {
  const order = digits.map((_, i) => (index + 1 + i) % digits.length);
  return order.find((i) => digits[i]?.verdict !== "digit") ?? -1;
}
