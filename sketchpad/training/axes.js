// The charts' axes: scales, ticks and number formats. No DOM: tested in Node.

/** @typedef {[low: number, high: number]} Interval */

/**
 * @typedef {object} Axis
 * @property {(value: number) => number} place position of a value, larger further up
 * @property {(low: number, high: number) => number[]} candidates possible ticks
 * @property {(value: number) => string} format
 * @property {(value: number) => string} formatMark
 */

/** @param {number} digits */
const rounded = (digits) => (/** @type {number} */ value) => `${Number(value.toPrecision(digits))}`;

/** @param {(value: number) => number} toValue */
const decades = (toValue) =>
  [-5, -4, -3, -2, -1, 0, 1].flatMap((power) => [1, 2, 5].map((digit) => toValue(digit * 10 ** power)));

/** @type {Axis} */
const logarithmic = {
  place: (value) => Math.log10(Math.max(value, 1e-9)),
  candidates: () => decades((value) => value),
  format: rounded(3),
  formatMark: rounded(5),
};

// Late improvements must stay visible: loss is logarithmic, and so is accuracy's distance from 100 %.
/** @type {Record<string, Axis>} */
export const AXES = {
  loss: logarithmic,
  grad_norm: logarithmic,
  accuracy: {
    place: (value) => -Math.log10(Math.max(1 - value, 1e-5)),
    candidates: () => decades((error) => 1 - error).filter((value) => value >= 0),
    format: (value) => `${(100 * value).toFixed(2)} %`,
    formatMark: (value) => `${rounded(6)(100 * value)} %`,
  },
  lr: {
    place: (value) => value,
    candidates: (low, high) => ticks(low, high, 5),
    format: rounded(3),
    formatMark: rounded(3),
  },
};

/**
 * About `count` round values between `low` and `high`, at least `least` apart.
 * @param {number} low @param {number} high @param {number} count @param {number} [least]
 */
export function ticks(low, high, count, least = 0) {
  const wanted = Math.max((high - low) / count, least, 1e-12);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const digit = [1, 2, 5].find((digit) => digit * power >= wanted * 0.999) ?? 10;
  const step = Math.max(least, digit * power);
  const values = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + 1e-9 * step; n++) values.push(n * step);
  return values;
}

/**
 * The marked values of an axis from the bottom up, at least `gap` pixels apart; plain ticks if there would be
 * fewer than two.
 * @param {Axis} axis @param {Interval} range
 * @param {(value: number) => number} y the pixel of a value, from the top
 * @param {number} gap
 */
export function marks(axis, [low, high], y, gap) {
  const inside = (/** @type {number[]} */ values) => values.filter((value) => value >= low && value <= high);
  let values = inside(axis.candidates(low, high));
  if (values.length < 2) values = inside(ticks(low, high, 4));
  let last = Number.POSITIVE_INFINITY;
  return values
    .sort((a, b) => y(b) - y(a))
    .filter((value) => {
      if (last - y(value) < gap) return false;
      last = y(value);
      return true;
    });
}

/**
 * The part of a domain to zoom in on: not too narrow, and inside the domain. Null for the whole domain.
 * @param {Interval} domain @param {Interval} wanted @returns {Interval | null}
 */
export function zoomRange([low, high], [from, to]) {
  const whole = high - low;
  const width = Math.min(whole, Math.max(to - from, Math.min(whole / 4, 2)));
  const start = Math.min(Math.max((from + to - width) / 2, low), high - width);
  return width >= whole * 0.999 ? null : [start, start + width];
}
