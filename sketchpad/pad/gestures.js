// Mouse, finger and stylus on a picture, or on a map: press a digit, drag to pan, pinch, wheel and double press to
// zoom.
import { clamp } from "../ui/math.js";
import { zoomedAt } from "./view.js";

/** @typedef {import("../ui/types").Point} Point */
/** @typedef {{ down: PointerEvent, at: Point, moved: boolean }} Press */

/**
 * @typedef {object} Zoomable points are in the units of its view
 * @property {HTMLCanvasElement} canvas
 * @property {import("./view.js").View} view
 * @property {boolean} zoomed
 * @property {(event: Event) => boolean} isMine whether an event is for it
 * @property {() => void} halt ends an animation
 * @property {(view: import("./view.js").View) => void} set
 * @property {(zoom: number) => number} limited
 * @property {(zoom: number, point: Point) => void} zoomTo
 * @property {(event: MouseEvent) => Point} pointOf
 * @property {(event: MouseEvent & { pointerType?: string }) => number} digitUnder the index of a digit, or -1
 * @property {(index: number | null) => void} choose
 */

const CLOSE_UP = 3; // zoom of a double press
const SLACK = 6; // px that a pointer may move during a press
const DOUBLE = 350; // ms between two presses
const NEAR = 16; // units between them
const WHEEL = 0.3; // most logarithm of the zoom for one event of the wheel

export class Gestures {
  /**
   * @param {HTMLElement} pad
   * @param {Zoomable} viewer
   * @param {(event: PointerEvent) => void} startDrawing
   */
  constructor(pad, viewer, startDrawing) {
    this.viewer = viewer;
    this.startDrawing = startDrawing;
    /** @type {Map<number, Press>} by the pointer's id */
    this.presses = new Map();
    this.last = { time: Number.NEGATIVE_INFINITY, at: /** @type {Point} */ ([0, 0]) };
    const listeners = {
      pointerdown: this.down,
      pointermove: this.move,
      pointerup: this.up,
      pointercancel: this.cancel,
      wheel: this.wheel,
      touchstart: this.touch,
    };
    for (const [name, listener] of Object.entries(listeners)) {
      // In the capture phase, before the pen.
      pad.addEventListener(name, listener.bind(this), { capture: true, passive: false });
    }
  }

  /** @param {any} event */
  down(event) {
    const { viewer, presses } = this;
    if (!viewer.isMine(event) || event.button !== 0) return;
    event.stopPropagation();
    viewer.halt();
    viewer.canvas.setPointerCapture(event.pointerId);
    presses.set(event.pointerId, { down: event, at: viewer.pointOf(event), moved: false });
    if (presses.size > 1) for (const press of presses.values()) press.moved = true;
  }

  /** @param {any} event */
  move(event) {
    const { viewer, presses } = this;
    const press = presses.get(event.pointerId);
    if (!press) {
      if (viewer.isMine(event)) viewer.canvas.classList.toggle("on-digit", viewer.digitUnder(event) >= 0);
      return;
    }
    const { down, at } = press;
    const distance = Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY);
    if (!press.moved && distance < SLACK) return;
    press.moved = true;
    if (!viewer.zoomed && presses.size === 1) {
      if (event.pointerType === "touch") return; // the page scrolls
      presses.clear();
      this.startDrawing(down); // a pen on a whole picture begins a new drawing
      return;
    }
    press.at = viewer.pointOf(event);
    const [other] = [...presses.values()].filter((each) => each !== press);
    if (other) this.pinch(at, press.at, other.at);
    else this.pan(press.at[0] - at[0], press.at[1] - at[1]);
  }

  /** @param {number} across @param {number} down */
  pan(across, down) {
    const { zoom, x, y } = this.viewer.view;
    this.viewer.set({ zoom, x: x + across, y: y + down });
  }

  /**
   * One of two fingers moves.
   * @param {Point} from
   * @param {Point} to
   * @param {Point} other
   */
  pinch(from, to, other) {
    const { viewer } = this;
    const apart = (/** @type {Point} */ [x, y]) => Math.max(1, Math.hypot(x - other[0], y - other[1]));
    const zoom = viewer.limited((viewer.view.zoom * apart(to)) / apart(from));
    viewer.set(zoomedAt(viewer.view, zoom, [(from[0] + other[0]) / 2, (from[1] + other[1]) / 2]));
    this.pan((to[0] - from[0]) / 2, (to[1] - from[1]) / 2);
  }

  /** @param {any} event */
  up(event) {
    const { viewer } = this;
    const press = this.presses.get(event.pointerId);
    this.presses.delete(event.pointerId);
    if (!press || press.moved) return;
    const at = viewer.pointOf(event);
    const isNear = Math.hypot(at[0] - this.last.at[0], at[1] - this.last.at[1]) < NEAR;
    const isDouble = isNear && event.timeStamp - this.last.time < DOUBLE;
    this.last = { time: isDouble ? Number.NEGATIVE_INFINITY : event.timeStamp, at };
    if (isDouble) {
      viewer.zoomTo(viewer.zoomed ? 1 : CLOSE_UP, at);
      return;
    }
    const index = viewer.digitUnder(event);
    viewer.choose(index < 0 ? null : index);
  }

  /** @param {any} event */
  cancel(event) {
    this.presses.delete(event.pointerId);
  }

  /**
   * Keep the browser from scrolling or zooming the page with the fingers that zoom or pan the picture.
   * @param {any} event
   */
  touch(event) {
    const { viewer } = this;
    if (viewer.isMine(event) && (event.touches.length > 1 || viewer.zoomed)) event.preventDefault();
  }

  /**
   * Without Ctrl, which a pinch on a touchpad sets too, the wheel scrolls the page until the picture is zoomed.
   * @param {any} event
   */
  wheel(event) {
    const { viewer } = this;
    if (!viewer.isMine(event) || !(event.ctrlKey || event.metaKey || viewer.zoomed)) return;
    event.preventDefault();
    viewer.halt();
    const pixels = event.deltaY * (event.deltaMode ? 16 : 1);
    const change = clamp(-pixels * (event.ctrlKey ? 0.01 : 0.003), -WHEEL, WHEEL);
    const zoom = viewer.limited(viewer.view.zoom * Math.exp(change));
    viewer.set(zoomedAt(viewer.view, zoom, viewer.pointOf(event)));
  }
}
