// A drawing: its sheet, its history, and the gesture in progress. No DOM.

/** @typedef {import("../ui/types").Sheet} Sheet */
/** @typedef {import("../ui/types").Stroke} Stroke */

/**
 * `base` has the strokes from before (an eraser removes some of them), `strokes` the new ones.
 * @typedef {object} Gesture
 * @property {string} kind a pointer type, "keys" or "example"
 * @property {number} [pointer] the pointer's id
 * @property {boolean} [erasing]
 * @property {Stroke[]} base
 * @property {Stroke[]} strokes
 * @property {Sheet["picture"]} picture
 * @property {import("../ui/types").Point} [at] where the pen was last
 * @property {boolean} [outside] whether `at` is beyond the edge of the pad
 */

const MOST_PICTURES = 8; // in the history: one may take 16 MB

/** @type {Sheet} */
export const BLANK = { strokes: [], picture: null };

/** @param {Sheet} sheet */
export const isBlank = ({ strokes, picture }) => !strokes.length && !picture;

export class Drawing {
  /** @param {(callback: () => void) => number} [schedule] requestAnimationFrame, replaced in tests */
  constructor(schedule = (callback) => requestAnimationFrame(callback)) {
    this.schedule = schedule;
    this.sheet = BLANK;
    /** @type {Sheet[]} */
    this.past = [];
    /** @type {Sheet[]} */
    this.future = [];
    /** @type {Gesture | null} */
    this.gesture = null;
    this.frame = 0;
    /** @type {((sheet: Sheet) => void)[]} */
    this.settleListeners = [];
    /** @type {((sheet: Sheet) => void)[]} */
    this.frameListeners = [];
  }

  /**
   * Call `listener` immediately when the sheet has changed and the pen is up.
   * @param {(sheet: Sheet) => void} listener
   */
  onSettle(listener) {
    this.settleListeners.push(listener);
  }

  /**
   * Call `listener` at most once per frame after any change, also during a gesture.
   * @param {(sheet: Sheet) => void} listener
   */
  onFrame(listener) {
    this.frameListeners.push(listener);
  }

  /** The sheet with the ink of the gesture in progress. */
  get current() {
    const { gesture } = this;
    if (!gesture) return this.sheet;
    return { strokes: [...gesture.base, ...gesture.strokes], picture: gesture.picture };
  }

  /**
   * Make `next` the sheet; undo returns to the one before.
   * @param {Sheet} next
   */
  edit(next) {
    this.past.push(this.sheet);
    while (this.past.filter(({ picture }) => picture).length > MOST_PICTURES) this.past.shift();
    this.future = [];
    this.settle(next);
  }

  /** @param {Gesture} gesture */
  begin(gesture) {
    this.conclude();
    this.gesture = gesture;
    return gesture;
  }

  /** The pen is up: the gesture becomes one step of the history. */
  conclude() {
    const { gesture } = this;
    if (!gesture) return;
    const drawn = this.current;
    this.gesture = null;
    if (gesture.strokes.length || drawn.strokes.length !== this.sheet.strokes.length) this.edit(drawn);
    else this.settle(this.sheet);
  }

  undo() {
    this.step(this.past, this.future);
  }

  redo() {
    this.step(this.future, this.past);
  }

  clear() {
    this.conclude();
    if (!isBlank(this.sheet)) this.edit(BLANK);
  }

  /** Notify the frame listeners in the next frame, once for all changes until then. */
  changed() {
    this.frame ||= this.schedule(() => {
      this.frame = 0;
      for (const listener of this.frameListeners) listener(this.current);
    });
  }

  /** @param {Sheet[]} from @param {Sheet[]} to */
  step(from, to) {
    this.conclude();
    const next = from.pop();
    if (!next) return;
    to.push(this.sheet);
    this.settle(next);
  }

  /** @param {Sheet} next */
  settle(next) {
    this.sheet = next;
    this.changed();
    for (const listener of this.settleListeners) listener(next);
  }
}

/** The visitor's drawing, on the Draw tab's pad and on the small pad of another tab. */
export const pageDrawing = new Drawing();
