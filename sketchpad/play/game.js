// A game: when writing counts as an answer, the clock, and the result of each sum. No DOM, no timers: every call
// has the time in ms.

/** @typedef {import("./sums.js").Sum} Sum */
/** @typedef {{ text: string, sure: boolean, typed: boolean, since: number }} Entry what was written or typed */

/**
 * @typedef {object} Result of one sum
 * @property {Sum} sum
 * @property {"right" | "skipped"} outcome
 * @property {number} ms from the sum's appearance until the pen was lifted after its answer
 * @property {number} errors wrong answers before it
 * @property {number} misread readings that were rewritten before they counted, or replaced by typing
 * @property {boolean} typed whether the answer was typed, but not because it was misread
 */

export const PAUSES = {
  right: 250, // ms that the pen is up until the right answer counts
  wrong: 1300, // ms that a wrong answer is on view until it counts, in which it can be cleared
  short: 4000, // the same for one with fewer digits than the right answer: more may follow
};
export const NEXT = { right: 500, skipped: 1600 }; // ms until the next sum
const LONGEST_STEP = 1000; // ms between two calls; more is a computer that was asleep

/**
 * How long an entry stays until it counts as the answer; Infinity if it does not count.
 * @param {Pick<Entry, "text" | "sure">} entry
 * @param {string} answer
 */
export function pauseBefore({ text, sure }, answer) {
  if (text === answer) return PAUSES.right;
  if (!sure || answer.startsWith(text)) return Number.POSITIVE_INFINITY;
  return text.length < answer.length ? PAUSES.short : PAUSES.wrong;
}

export class Game {
  /** @type {Result[]} */
  results = [];
  time = 0; // ms of the game, without pauses
  paused = false;
  penDown = false;
  // Of the sum that is asked:
  /** @type {"asking" | "wrong" | "done" | "over"} */
  phase = "asking";
  shown = 0; // the time at which it appeared
  lifted = 0; // the time at which the pen was last lifted
  /** @type {Entry | null} */
  entry = null;
  errors = 0;
  misread = 0;
  disputed = false; // whether what is typed replaces a reading
  nextAt = 0; // the time of the next sum

  /** @param {Sum[]} sums @param {number} now */
  constructor(sums, now) {
    this.sums = sums;
    this.last = now;
  }

  next() {
    this.phase = this.results.length < this.sums.length ? "asking" : "over";
    this.shown = this.lifted = this.time;
    this.entry = null;
    this.errors = this.misread = 0;
    this.disputed = false;
  }

  /** Whether an answer is awaited. */
  get isOpen() {
    return this.phase === "asking" || this.phase === "wrong";
  }

  /** The sum that is asked, or was just answered. */
  get sum() {
    return /** @type {Sum} */ (this.sums[this.results.length - Number(!this.isOpen)]);
  }

  get isRight() {
    return this.entry?.text === this.sum.answer;
  }

  /** What is written is complete and will not count: it could not be read. */
  get isUnclear() {
    const { entry, phase } = this;
    if (phase !== "asking" || this.penDown || !entry || entry.sure || this.isRight) return false;
    return this.time - entry.since > PAUSES.wrong;
  }

  /** Milliseconds of all sums so far. */
  get elapsed() {
    const until = this.isRight ? this.lifted : this.time;
    return this.results.reduce((sum, { ms }) => sum + ms, this.isOpen ? until - this.shown : 0);
  }

  /**
   * Move on to this time.
   * @param {number} now
   */
  tick(now) {
    if (!this.paused) this.time += Math.min(now - this.last, LONGEST_STEP);
    this.last = now;
    const { entry, phase, penDown } = this;
    if (this.paused || penDown) return;
    if (phase === "done" && this.time >= this.nextAt) this.next();
    else if (phase === "asking" && entry && this.time - entry.since >= pauseBefore(entry, this.sum.answer)) {
      if (this.isRight) this.finish("right");
      else {
        this.errors++;
        this.disputed = false;
        this.phase = "wrong";
      }
    }
  }

  /** @param {boolean} paused @param {number} now */
  pause(paused, now) {
    this.tick(now);
    this.paused = paused;
  }

  /**
   * The pen touches the pad. What is there does not count before it is read again.
   * @param {number} now
   */
  write(now) {
    this.tick(now);
    this.penDown = true;
    if (!this.isOpen) return;
    this.phase = "asking";
    this.entry = null;
  }

  /** @param {number} now */
  lift(now) {
    this.tick(now);
    if (this.penDown && this.isOpen) this.lifted = this.time;
    this.penDown = false;
  }

  /**
   * The reading of what is on the pad, the pen being up.
   * @param {string} text
   * @param {boolean} sure whether every digit is clear
   * @param {number} now
   */
  read(text, sure, now) {
    this.tick(now);
    if (this.phase !== "asking" || this.penDown) return;
    // The time that the server takes is not the player's.
    const since = text === this.sum.answer ? this.lifted : this.time;
    this.entry = { text, sure, typed: false, since };
  }

  /**
   * The digits typed so far. They replace what is on the pad, which has then been misread.
   * @param {string} text
   * @param {number} now
   */
  type(text, now) {
    this.tick(now);
    if (!this.isOpen) return;
    if (this.entry && !this.entry.typed) {
      this.disputed = true;
      if (this.phase === "wrong") this.errors--;
    }
    this.phase = "asking";
    this.lifted = this.time;
    this.entry = text ? { text, sure: true, typed: true, since: this.time } : null;
  }

  /**
   * The pad is cleared. What would have been a wrong answer, or none, counts as misread.
   * @param {number} now
   */
  clear(now) {
    this.tick(now);
    if (!this.isOpen) return;
    const { entry, phase, sum } = this;
    const isComplete = entry && (!entry.sure || entry.text.length >= sum.answer.length);
    if (phase === "asking" && isComplete && !entry.typed && !this.isRight) this.misread++;
    this.phase = "asking";
    this.entry = null;
  }

  /** @param {number} now */
  skip(now) {
    this.tick(now);
    if (!this.isOpen) return;
    this.lifted = this.time;
    this.finish("skipped");
  }

  /** @param {Result["outcome"]} outcome */
  finish(outcome) {
    const { sum, errors, entry, disputed } = this;
    const misread = this.misread + Number(disputed);
    const typed = outcome === "right" && Boolean(entry?.typed) && !disputed;
    this.results.push({ sum, outcome, ms: this.lifted - this.shown, errors, misread, typed });
    this.phase = "done";
    this.nextAt = this.time + NEXT[outcome];
  }
}
