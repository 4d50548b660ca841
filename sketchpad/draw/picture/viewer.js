// A picture on the pad: zoom, pan, and selecting a digit. The pointers are in pad/gestures.js.
import { toPad, turnedBox } from "../../pad/geometry.js";
import { confined, placeAt, revealed, WHOLE, zoomedAt } from "../../pad/view.js";
import { within } from "../../ui/dom.js";
import { say } from "../../ui/i18n.js";
import { clamp } from "../../ui/math.js";
import { linesOf } from "../../ui/reading_lines.js";
import { digitAt, digitByKey } from "./view.js";

/** @typedef {import("../../ui/types").Point} Point */
/** @typedef {import("../../ui/types").Picture} Picture */
/** @typedef {import("../../pad/view.js").View} View */

const STEP = 1.5; // of the buttons and keys
const MOST = 4; // zoom for a small picture; a large one can be magnified to twice its pixels
const REACH = { mouse: 4, pen: 8, touch: 16 }; // px around a box that still select its digit
const DURATION = 160; // ms of an animated change
const PAN = 40; // units that Shift with an arrow key pans
/** @type {Record<string, Point>} in which the picture moves */
const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

export class Viewer {
  /**
   * @param {HTMLElement} element of the tab
   * @param {import("../../pad/drawing.js").Drawing} drawing
   * @param {import("../result.js").Result} result
   * @param {number} side of the pad
   */
  constructor(element, drawing, result, side) {
    const { find, all } = within(element);
    this.element = find(".sketch");
    /** @type {HTMLCanvasElement} */
    this.canvas = find("#pad canvas");
    this.result = result;
    this.side = side;
    /** What the painter shows. */
    this.view = { ...WHOLE, turned: 0 };
    /** @type {Picture | null} */
    this.picture = null;
    this.frame = 0;
    /** @type {number | null} the selected digit that was last brought into sight */
    this.followed = null;
    this.goal = 1; // the zoom at the end of the animation
    this.repaint = () => {};

    drawing.onFrame(({ picture }) => this.show(picture));
    result.onShow(() => this.follow());
    for (const button of all("[data-zoom]")) {
      button.addEventListener("click", () => this.zoomByKey(button.dataset.zoom));
    }
    // In the capture phase, before the pen.
    find("#pad").addEventListener("keydown", this.keyDown.bind(this), { capture: true });
    find(".sketch").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (this.picture && isZoomKey(event)) this.zoomByKey(event.key);
    });
  }

  get zoomed() {
    return this.view.zoom > 1.001;
  }

  /** The area of the whole picture. @returns {import("../../ui/types").Box} */
  get content() {
    if (!this.picture) return [0, 0, this.side, this.side];
    const { width, height } = this.picture.image;
    return turnedBox(toPad([0, 0, width, height], this.picture, this.side), this.view.turned, this.side);
  }

  /** @param {Picture | null} picture */
  show(picture) {
    if (picture === this.picture) return;
    this.picture = picture;
    const { find } = within(this.element);
    this.canvas.dataset.textLabel = picture ? "pad.picture" : "pad.canvas"; // for a change of language
    this.canvas.setAttribute("aria-label", say(picture ? "pad.picture" : "pad.canvas"));
    find(".keys").dataset.text = picture ? "pad.picture.keys" : "pad.keys";
    find(".keys").textContent = say(picture ? "pad.picture.keys" : "pad.keys");
    this.element.classList.toggle("with-picture", Boolean(picture));
    this.view.turned = 0; // until it is read
    this.follow();
    this.set(WHOLE);
  }

  /** Turn the picture as it was read, and keep the selected digit in sight. */
  follow() {
    const { answer, turned, chosen, boxes } = this.result;
    if (this.picture && answer?.sheet.picture === this.picture && this.view.turned !== turned) {
      this.view.turned = turned;
      this.set(WHOLE);
    }
    if (chosen === this.followed) return;
    this.followed = chosen;
    this.element.classList.toggle("with-choice", chosen !== null && this.picture !== null);
    const box = chosen === null ? undefined : boxes.boxes[chosen];
    if (!box || !this.zoomed) return;
    const target = confined(revealed(this.view, box, this.side), this.content, this.side);
    if (target.x !== this.view.x || target.y !== this.view.y) this.animate(() => target);
  }

  /** @param {View} view */
  set(view) {
    Object.assign(this.view, confined(view, this.content, this.side));
    this.result.boxes.move({ ...this.view });
    this.element.classList.toggle("zoomed", this.zoomed);
    const { find } = within(this.element);
    find(".level").textContent = `${Math.round(100 * this.view.zoom)} %`;
    find('[data-zoom="0"]').setAttribute("aria-disabled", String(!this.zoomed));
    this.repaint();
  }

  /** End an animation where it is. */
  halt() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  /**
   * Change the view within a few frames.
   * @param {(share: number) => View} viewAt
   */
  animate(viewAt) {
    this.halt();
    const { x, y, zoom } = this.view;
    const started = performance.now();
    const step = () => {
      const share = reducedMotion.matches ? 1 : Math.min(1, (performance.now() - started) / DURATION);
      const eased = 1 - (1 - share) ** 3;
      const next = viewAt(eased);
      const mix = (/** @type {number} */ from, /** @type {number} */ to) => from + (to - from) * eased;
      this.set(next.zoom === zoom ? { zoom, x: mix(x, next.x), y: mix(y, next.y) } : next);
      this.frame = share < 1 ? requestAnimationFrame(step) : 0;
    };
    step();
  }

  /** @param {number} zoom */
  limited(zoom) {
    const { width, height } = this.picture?.image ?? { width: 0, height: 0 };
    const pixels = (2 * Math.max(width, height)) / this.canvas.clientWidth;
    return clamp(zoom, 1, Math.max(MOST, pixels));
  }

  /** @param {number} zoom @param {Point} point of the pad that stays in its place */
  zoomTo(zoom, point) {
    const [from, to] = [{ ...this.view }, this.limited(zoom)];
    this.goal = to;
    this.animate((share) => zoomedAt(from, from.zoom * (to / from.zoom) ** share, point));
  }

  /** @param {string} key "+", "=", "-" or "0" */
  zoomByKey(key) {
    const { boxes, chosen } = this.result;
    const before = this.frame ? this.goal : this.view.zoom;
    const [left, top, right, bottom] = (chosen !== null && boxes.boxes[chosen]) || this.content;
    const { zoom, x, y } = this.view;
    /** @type {Point} */
    const point = [((left + right) / 2) * zoom + x, ((top + bottom) / 2) * zoom + y];
    const middle = /** @type {Point} */ ([this.side / 2, this.side / 2]);
    if (key === "0") this.zoomTo(1, middle);
    else this.zoomTo(before * (key === "-" ? 1 / STEP : STEP), chosen === null ? middle : point);
  }

  /** @param {MouseEvent} event @returns {Point} in pad units */
  pointOf({ clientX, clientY }) {
    const { left, top, width } = this.canvas.getBoundingClientRect();
    return [((clientX - left) / width) * this.side, ((clientY - top) / width) * this.side];
  }

  /**
   * The digit under a pointer; -1 if there is none, or the picture is not yet read.
   * @param {MouseEvent & { pointerType?: string }} event
   */
  digitUnder(event) {
    if (this.result.answer?.sheet.picture !== this.picture) return -1;
    const pixels = REACH[/** @type {keyof typeof REACH} */ (event.pointerType)] ?? REACH.mouse;
    const reach = ((pixels / this.canvas.clientWidth) * this.side) / this.view.zoom;
    return digitAt(this.result.boxes.boxes, placeAt(this.view, this.pointOf(event)), reach);
  }

  /** @param {number | null} index */
  choose(index) {
    this.result.choose(index);
  }

  /** @param {Event} event */
  isMine(event) {
    return Boolean(this.picture) && event.target === this.canvas;
  }

  /** @param {any} event */
  keyDown(event) {
    if (!this.isMine(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const { key } = event;
    const arrow = ARROWS[key];
    if (arrow && event.shiftKey) this.pan(arrow);
    else if (arrow || key === "Home" || key === "End") this.chooseByKey(key);
    else if (key === "Escape") this.result.choose(null);
    else if (key !== " ") return; // Space would put the pen down
    event.stopPropagation();
    event.preventDefault();
  }

  /** @param {Point} direction */
  pan([across, down]) {
    const { zoom, x, y } = this.view;
    const target = confined({ zoom, x: x + across * PAN, y: y + down * PAN }, this.content, this.side);
    this.animate(() => target);
  }

  /** @param {string} key */
  chooseByKey(key) {
    const { digits, chosen, boxes } = this.result;
    if (!digits.length) return;
    const first = key === "End" ? digits.length - 1 : 0;
    this.result.choose(chosen === null ? first : digitByKey(key, chosen, linesOf(digits), boxes.boxes));
  }
}

/** @param {KeyboardEvent} event */
const isZoomKey = ({ key, target, ctrlKey, metaKey, altKey }) =>
  ["+", "=", "-", "0"].includes(key) &&
  !(ctrlKey || metaKey || altKey) &&
  !(target instanceof HTMLTextAreaElement);
