// Pen input on a canvas: mouse, finger or stylus draw strokes or erase whole ones.
import { clamp } from "../ui/math.js";
import { eraseAlong } from "./eraser.js";

const MIN_STEP = 0.8; // units: points closer than this to the last one are left out
const PALM_TIMEOUT = 3000; // ms after stylus input during which touches are ignored as the palm
const STYLUS_ERASER = 5; // PointerEvent.button of a stylus's eraser end

/** @typedef {import("../ui/types").Point} Point */

export class Pen {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {import("./drawing.js").Drawing} drawing
   * @param {number} side side of the pad in pad units
   * @param {() => void} [onPointerDown] called before a pointer begins to draw
   */
  constructor(canvas, drawing, side, onPointerDown = () => {}) {
    this.canvas = canvas;
    this.drawing = drawing;
    this.side = side;
    this.width = 12;
    this.erasing = false;
    this.stylusSeen = Number.NEGATIVE_INFINITY;
    this.onPointerDown = onPointerDown;
    canvas.addEventListener("pointerdown", (event) => this.pointerDown(event));
    canvas.addEventListener("pointermove", (event) => this.pointerMove(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      canvas.addEventListener(end, (event) => this.pointerEnd(/** @type {PointerEvent} */ (event)));
    }
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  /** @param {...Point} points */
  newStroke(...points) {
    return Object.assign(points, { pen: this.width });
  }

  /**
   * Put the pen down. On a picture it begins a new drawing.
   * @param {string} kind
   * @param {boolean} erasing
   * @param {number} [pointer]
   */
  begin(kind, erasing, pointer) {
    this.drawing.conclude();
    const { sheet } = this.drawing;
    this.drawing.begin({
      pointer,
      kind,
      erasing,
      base: sheet.strokes,
      strokes: erasing ? [] : [this.newStroke()],
      picture: erasing ? sheet.picture : null,
    });
  }

  /**
   * Move the pen. A stroke ends at the edge of the pad; a new one begins where the pen returns.
   * @param {number} x
   * @param {number} y
   */
  moveTo(x, y) {
    const { gesture } = this.drawing;
    if (!gesture) return;
    const round = (/** @type {number} */ v) => Math.round(10 * clamp(v, 0, this.side)) / 10;
    /** @type {Point} */
    const at = [round(x), round(y)];
    const outside = x < 0 || y < 0 || x > this.side || y > this.side;
    const last = gesture.at ?? at;
    gesture.at = at;
    if (gesture.erasing) {
      gesture.base = eraseAlong(gesture.base, last, at);
    } else {
      if (outside && gesture.outside) return;
      if (gesture.outside) gesture.strokes.push(this.newStroke(last));
      gesture.outside = outside;
      const stroke = gesture.strokes.at(-1);
      const end = stroke?.at(-1);
      if (end && Math.hypot(at[0] - end[0], at[1] - end[1]) < MIN_STEP) return;
      stroke?.push(at);
    }
    this.drawing.changed();
  }

  /** @param {PointerEvent} event */
  movePointer({ clientX, clientY }) {
    const area = this.canvas.getBoundingClientRect();
    if (!area.width) return; // hidden: another tab is shown
    this.moveTo(
      ((clientX - area.left) / area.width) * this.side,
      ((clientY - area.top) / area.height) * this.side,
    );
  }

  /** @param {PointerEvent} event */
  pointerDown(event) {
    const { drawing } = this;
    const isStylus = event.pointerType === "pen";
    if (isStylus) this.stylusSeen = performance.now();
    const isTip = event.button === 0 || (isStylus && event.button === STYLUS_ERASER);
    if (!event.isPrimary || !isTip) return;
    if (event.pointerType === "touch" && performance.now() - this.stylusSeen < PALM_TIMEOUT) return;
    if (drawing.gesture?.kind === "touch" && isStylus) drawing.gesture = null; // the palm touched before the stylus
    if (drawing.gesture && !["keys", "example"].includes(drawing.gesture.kind)) return; // a second finger
    this.canvas.setPointerCapture(event.pointerId);
    this.onPointerDown();
    this.begin(event.pointerType, this.erasing || event.button === STYLUS_ERASER, event.pointerId);
    this.movePointer(event);
  }

  /** @param {PointerEvent} event */
  pointerMove(event) {
    if (event.pointerType === "pen") this.stylusSeen = performance.now();
    if (event.pointerId !== this.drawing.gesture?.pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) this.movePointer(each);
  }

  /** @param {PointerEvent} event */
  pointerEnd(event) {
    if (event.pointerId !== this.drawing.gesture?.pointer) return;
    if (event.type === "pointerup") this.movePointer(event);
    this.drawing.conclude();
  }
}
