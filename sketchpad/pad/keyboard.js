// Drawing by keys: the arrows move a cursor, Space puts the pen down and lifts it.
import { say } from "../ui/i18n.js";
import { clamp } from "../ui/math.js";

const PACE = 8; // units that an arrow key moves the cursor
/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class KeyboardPen {
  /**
   * @param {import("./pen.js").Pen} pen
   * @param {(at: import("../ui/types").Point | null, down: boolean) => void} showCursor
   * @param {(down: boolean) => void} announce for screen readers
   */
  constructor(pen, showCursor, announce) {
    this.pen = pen;
    this.showCursor = showCursor;
    this.announce = announce;
    /** @type {import("../ui/types").Point | null} null until a key moves it */
    this.cursor = null;
    this.held = new Set(); // two arrows at once draw a slanted line
    pen.canvas.addEventListener("keydown", (event) => this.keyDown(event));
    pen.canvas.addEventListener("keyup", (event) => this.held.delete(event.key));
    pen.canvas.addEventListener("blur", () => {
      this.held.clear();
      this.lift();
      this.hide();
    });
  }

  get down() {
    return this.pen.drawing.gesture?.kind === "keys";
  }

  /** @param {KeyboardEvent} event */
  keyDown(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " ") this.toggle();
    else if (event.key === "Escape") this.lift();
    else if (event.key in ARROWS) this.move(event.key, event.shiftKey ? PACE / 4 : PACE);
    else return;
    event.preventDefault();
  }

  /** @param {string} key @param {number} pace */
  move(key, pace) {
    this.held.add(key);
    let [x, y] = this.cursor ?? this.middle;
    for (const arrow of this.held) {
      x += (ARROWS[arrow]?.[0] ?? 0) * pace;
      y += (ARROWS[arrow]?.[1] ?? 0) * pace;
    }
    this.cursor = [clamp(x, 0, this.pen.side), clamp(y, 0, this.pen.side)];
    this.showCursor(this.cursor, this.down);
    if (this.down) this.pen.moveTo(...this.cursor);
  }

  toggle() {
    if (this.down) {
      this.lift();
      return;
    }
    this.cursor ??= this.middle;
    this.pen.begin("keys", this.pen.erasing);
    this.pen.moveTo(...this.cursor);
    this.announce(true);
    this.showCursor(this.cursor, true);
  }

  lift() {
    if (!this.down) return;
    this.pen.drawing.conclude();
    this.announce(false);
    this.showCursor(this.cursor, false);
  }

  hide() {
    this.cursor = null;
    this.showCursor(null, false);
  }

  /** @returns {import("../ui/types").Point} */
  get middle() {
    return [this.pen.side / 2, this.pen.side / 2];
  }
}

/**
 * A keyboard pen with its cursor, and a live region that says when it is lowered and lifted.
 * @param {import("./pen.js").Pen} pen
 * @param {SVGElement} cursor
 * @param {HTMLElement} spoken
 */
export function mountKeyboardPen(pen, cursor, spoken) {
  return new KeyboardPen(
    pen,
    (at, down) => {
      cursor.toggleAttribute("hidden", !at);
      cursor.classList.toggle("down", down);
      if (at) cursor.setAttribute("transform", `translate(${at})`);
    },
    (down) => {
      spoken.textContent = say(down ? "pad.down" : "pad.up");
    },
  );
}
