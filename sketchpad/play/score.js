// The score of a game, and the best one of each level in this browser. No DOM.
import { recall, remember } from "../ui/storage.js";

/** @typedef {import("./game.js").Result} Result */
/** @typedef {{ right: number, ms: number }} Best */

const STORED = "sketchpad-play";

/** How a sum is marked; a wrong answer weighs more than a misread one. */
export const MARKS = /** @type {const} */ (["right", "misread", "corrected", "skipped"]);

/** @param {Result} result @returns {typeof MARKS[number]} */
export function markOf({ outcome, errors, misread }) {
  if (outcome === "skipped") return "skipped";
  if (errors) return "corrected";
  return misread ? "misread" : "right";
}

/** @param {Result[]} results */
export function score(results) {
  const solved = results.filter(({ outcome }) => outcome === "right");
  const errors = total(results, (result) => result.errors);
  const misread = total(results, (result) => result.misread);
  return {
    right: solved.filter((result) => !result.errors).length, // at the first answer
    errors,
    misread,
    answers: solved.length + errors + misread,
    typed: solved.filter(({ typed }) => typed).length,
    ms: total(results, ({ ms }) => ms),
    median: median(solved.map(({ ms }) => ms)), // of the solved sums
  };
}

/** @param {Result[]} results @param {(result: Result) => number} value */
const total = (results, value) => results.reduce((sum, result) => sum + value(result), 0);

/** @param {number[]} values @returns {number | null} null without values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  return middle.length ? middle.reduce((sum, value) => sum + value, 0) / middle.length : null;
}

/** @param {number} ms @param {number} [digits] of a second */
export function duration(ms, digits = 1) {
  const seconds = (ms / 1000).toFixed(digits);
  if (Number(seconds) < 60) return `${seconds} s`;
  const minutes = Math.floor(Number(seconds) / 60);
  return `${minutes}:${(Number(seconds) - 60 * minutes).toFixed(digits).padStart(digits ? digits + 3 : 2, "0")}`;
}

/**
 * More right answers are better; of as many, the shorter time is.
 * @param {Best} one @param {Best | undefined} other
 */
export const isBetter = (one, other) =>
  one.right > 0 && (!other || one.right > other.right || (one.right === other.right && one.ms < other.ms));

/** The best game of each kind. @returns {Record<string, Best>} */
export function readBests() {
  try {
    const bests = Object.entries(JSON.parse(recall(STORED) || "{}"));
    return Object.fromEntries(
      bests.filter(([, best]) => Number.isFinite(best?.right) && Number.isFinite(best?.ms)),
    );
  } catch {
    return {};
  }
}

/**
 * Keep a game if it is the best of its kind; whether it is.
 * @param {string} kind
 * @param {Best} game
 */
export function keepBest(kind, { right, ms }) {
  const bests = readBests();
  if (!isBetter({ right, ms }, bests[kind])) return false;
  remember(STORED, JSON.stringify({ ...bests, [kind]: { right, ms } }));
  return true;
}

/**
 * Games with typed answers have bests of their own.
 * @param {string} level @param {number} typed answers
 */
export const kindOf = (level, typed) => (typed ? `${level}-typed` : level);
