// The sums of a game, drawn without repeats. The same number draws the same sums. No DOM.

/** @typedef {{ a: number, b: number, sign: "+" | "×", answer: string }} Sum */

export const COUNT = 20; // sums in a game

/** @typedef {{ sign: Sum["sign"], low: number, high: number, fits: (answer: number) => boolean }} Level */

/** @type {Record<string, Level>} a ≤ b, both from `low` to `high` */
export const LEVELS = {
  ten: { sign: "+", low: 1, high: 9, fits: (answer) => answer <= 10 },
  twenty: { sign: "+", low: 2, high: 18, fits: (answer) => answer > 10 && answer <= 20 },
  tables: { sign: "×", low: 2, high: 9, fits: () => true },
};

/**
 * Every sum of a level once, 3 + 4 and 4 + 3 being one.
 * @param {Level} level
 */
export function allSums({ sign, low, high, fits }) {
  /** @type {Sum[]} */
  const sums = [];
  for (let a = low; a <= high; a++) {
    for (let b = a; b <= high; b++) {
      const answer = sign === "+" ? a + b : a * b;
      if (fits(answer)) sums.push({ a, b, sign, answer: `${answer}` });
    }
  }
  return sums;
}

/**
 * The sums of a game, each in one of its two orders.
 * @param {Level} level
 * @param {number} number of the game, which decides them
 */
export function drawSums(level, number) {
  const random = generator(number);
  const sums = allSums(level);
  return Array.from({ length: COUNT }, () => {
    const [sum] = /** @type {[Sum]} */ (sums.splice(Math.floor(random() * sums.length), 1));
    return random() < 0.5 ? sum : { ...sum, a: sum.b, b: sum.a };
  });
}

/**
 * Numbers from 0 to 1, without 1: mulberry32 by Tommy Ettinger, public domain.
 * @param {number} seed
 */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
