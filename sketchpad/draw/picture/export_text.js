// A reading as CSV. No DOM: tested in Node.
import { labelOf, linesOf } from "../../ui/reading_lines.js";

/** @typedef {import("../../ui/types").SeenDigit} SeenDigit */
/** @typedef {Omit<SeenDigit, "image" | "reason">} Digit */

const COLUMNS = [
  ...["line", "position", "digit", "verdict", "probability"],
  ...Array.from({ length: 10 }, (_, label) => `p${label}`),
  ...["x0", "y0", "x1", "y1"],
];

/**
 * A row for each digit, as RFC 4180 has it. Lines and positions count from 1. What is not a digit has no `digit`.
 * @param {Digit[]} digits
 */
export function toCsv(digits) {
  const rows = linesOf(digits).flatMap((line, row) =>
    line.map((index, position) => {
      const digit = /** @type {Digit} */ (digits[index]);
      const { verdict, probabilities, label, box } = digit;
      return [
        ...[row + 1, position + 1, labelOf(digit), verdict],
        ...[probabilities[label] ?? 0, ...probabilities].map((p) => p.toFixed(6)),
        ...box.map((value) => Number(value.toFixed(1))),
      ];
    }),
  );
  return [COLUMNS, ...rows].map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

/** @param {string | number} value */
const field = (value) => (/[",\r\n]/.test(`${value}`) ? `"${`${value}`.replaceAll('"', '""')}"` : `${value}`);
