// The visitor's progress in the lesson, and the address of a step. No DOM.

/** @typedef {{ open: boolean, step: number, chosen: Record<number, number> }} Progress steps count from 1 */

/** @type {Progress} */
const START = { open: false, step: 1, chosen: {} };

/**
 * Stored progress; that of a first visit if there is none or it is not ours.
 * @param {string} text
 * @returns {Progress}
 */
export function parseProgress(text) {
  try {
    const { open, step, chosen } = JSON.parse(text);
    if (typeof open !== "boolean" || !Number.isInteger(step) || step < 1) return { ...START, chosen: {} };
    const pairs = Object.entries(chosen).filter(([n, choice]) => Number(n) > 0 && Number.isInteger(choice));
    return { open, step, chosen: Object.fromEntries(pairs) };
  } catch {
    return { ...START, chosen: {} };
  }
}

/**
 * The step that a fragment names, "#Lesson/3"; 0 if it names none. "#Lesson" alone is the first.
 * @param {string} fragment
 */
export function stepOf(fragment) {
  const match = fragment.match(/^#Lesson(?:\/(\d{1,3}))?$/);
  return match ? Number(match[1] ?? 1) : 0;
}

/** @param {number} step */
export const addressOf = (step) => `#Lesson/${step}`;
