// The map on its canvas: dots, the drawing's dot with lines to the nearest digits, zoom and pan.
import { confined, placeAt, revealed, WHOLE, zoomedAt } from "../../pad/view.js";
import { context2d, create, keepSharp, onThemeChange, within } from "../../ui/dom.js";
import { clamp } from "../../ui/math.js";
import { dotInDirection, medians, nearestDot } from "./dots.js";

/** @typedef {import("../../ui/types").Point} Point */
/** @typedef {import("../../pad/view.js").View} View */
/** @typedef {{ places: Point[], labels: number[], picture: (dot: number) => [CanvasImageSource, number, number] }} Dots */

const SIDE = 600; // units of the canvas
const EDGE = 24; // units around the dots
const MOST = 24; // zoom
const STEP = 1.6; // of buttons and keys
const PICTURES = 7; // from this zoom on, dots are pictures
const PAN = 60; // units
const REACH = 14; // px around a dot that still select it
const EASE = 90; // ms in which the drawing's dot covers most of its way
/** @type {Record<string, Point>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

/** A `Zoomable` of pad/gestures.js. */
export class MapView {
  /** @param {HTMLElement} element @param {(dot: number | null) => void} onChoose */
  constructor(element, onChoose) {
    const { find, all } = within(element);
    /** @type {HTMLCanvasElement} */
    this.canvas = find("canvas");
    this.onChoose = onChoose;
    /** @type {View} */
    this.view = { ...WHOLE };
    /** @type {Dots} */
    this.dots = { places: [], labels: [], picture: () => [this.base, 0, 0] };
    /** @type {Map<number, Point>} */
    this.figures = new Map();
    /** @type {number | null} */
    this.chosen = null;
    /** @type {Point | null} where the drawing belongs */
    this.goal = null;
    /** @type {Point | null} where its dot is on the way there */
    this.at = null;
    /** @type {number[]} */
    this.nearest = [];
    this.base = create("canvas"); // the dots, painted only after a change of view or theme
    this.frame = 0;
    this.painted = 0; // time of the last frame
    this.whole = find('[data-zoom="0"]');
    for (const button of all("[data-zoom]")) {
      button.addEventListener("click", () => this.zoomByKey(button.dataset.zoom));
    }
    this.canvas.addEventListener("keydown", (event) => this.keyDown(event));
    keepSharp(this.canvas, () => this.renew());
    onThemeChange(() => this.renew());
  }

  /** @param {Dots} dots with places in units of the map, see `toUnits` */
  show(dots) {
    this.dots = dots;
    this.figures = medians(dots.places, dots.labels);
    this.renew();
  }

  /** @param {Point | null} goal in units @param {number[]} nearest */
  place(goal, nearest) {
    this.goal = goal;
    this.nearest = nearest;
    if (!goal || !this.at || reducedMotion.matches) this.at = goal;
    this.schedule();
  }

  get zoomed() {
    return this.view.zoom > 1.001;
  }

  /** @param {Event} event */
  isMine(event) {
    return event.target === this.canvas;
  }

  /** @param {MouseEvent} event @returns {Point} */
  pointOf({ clientX, clientY }) {
    const { left, top, width } = this.canvas.getBoundingClientRect();
    return [((clientX - left) / width) * SIDE, ((clientY - top) / width) * SIDE];
  }

  /** @param {MouseEvent} event */
  digitUnder(event) {
    const reach = (REACH * SIDE) / this.canvas.clientWidth / this.view.zoom;
    return nearestDot(this.dots.places, placeAt(this.view, this.pointOf(event)), reach);
  }

  halt() {}

  /** @param {View} view */
  set(view) {
    this.view = confined(view, [0, 0, SIDE, SIDE], SIDE);
    this.canvas.classList.toggle("zoomed", this.zoomed);
    this.whole.setAttribute("aria-disabled", String(!this.zoomed));
    this.renew();
  }

  /** @param {number} zoom */
  limited(zoom) {
    return clamp(zoom, 1, MOST);
  }

  /** @param {number} zoom @param {Point} point of the canvas that stays in its place */
  zoomTo(zoom, point) {
    this.set(zoomedAt(this.view, this.limited(zoom), point));
  }

  /** @param {string} key "+", "=", "-" or "0" */
  zoomByKey(key) {
    const place = this.dots.places[this.chosen ?? -1] ?? this.goal;
    /** @type {Point} */
    const point = place ? this.shown(place) : [SIDE / 2, SIDE / 2];
    if (key === "0") this.set(WHOLE);
    else this.zoomTo(this.view.zoom * (key === "-" ? 1 / STEP : STEP), point);
  }

  /** @param {KeyboardEvent} event */
  keyDown(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { key, shiftKey } = event;
    const arrow = ARROWS[key];
    const { zoom, x, y } = this.view;
    if (arrow && shiftKey) this.set({ zoom, x: x - arrow[0] * PAN, y: y - arrow[1] * PAN });
    else if (arrow) this.step(arrow);
    else if (key === "Home") this.choose(this.first);
    else if (key === "Escape") this.choose(null);
    else if ("+=-0".includes(key)) this.zoomByKey(key);
    else return;
    event.preventDefault();
  }

  /** The dot nearest to the drawing, or to the middle. */
  get first() {
    return this.nearest[0] ?? nearestDot(this.dots.places, [SIDE / 2, SIDE / 2]);
  }

  /** @param {Point} direction */
  step(direction) {
    this.choose(this.chosen === null ? this.first : dotInDirection(this.dots.places, this.chosen, direction));
  }

  /** @param {number | null} dot */
  choose(dot) {
    this.chosen = dot === -1 ? null : dot;
    const place = this.dots.places[this.chosen ?? -1];
    if (place && this.zoomed) this.set(revealed(this.view, [...place, ...place], SIDE));
    this.schedule();
    this.onChoose(this.chosen);
  }

  /** Where a place of the map is on the canvas. @param {Point} place @returns {Point} */
  shown([x, y]) {
    return [x * this.view.zoom + this.view.x, y * this.view.zoom + this.view.y];
  }

  /** Paint the dots again. */
  renew() {
    this.base.width = 0;
    this.schedule();
  }

  schedule() {
    this.frame ||= requestAnimationFrame((time) => {
      this.frame = 0;
      this.paint(time);
    });
  }

  /** @param {number} time */
  paint(time) {
    const { canvas, base, goal, at } = this;
    if (!canvas.clientWidth) return; // hidden
    if (!base.width) this.paintDots();
    const context = context2d(canvas);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(base, 0, 0);
    context.scale(canvas.width / SIDE, canvas.width / SIDE);
    const px = SIDE / canvas.clientWidth; // units of a pixel of the page
    const style = getComputedStyle(canvas);
    if (goal && at) {
      const share = 1 - Math.exp(-Math.min(time - this.painted, 50) / EASE);
      const rest = Math.hypot(goal[0] - at[0], goal[1] - at[1]);
      this.at = rest < 0.3 ? goal : [at[0] + (goal[0] - at[0]) * share, at[1] + (goal[1] - at[1]) * share];
      if (this.at !== goal) this.schedule();
      this.paintDrawing(context, this.shown(this.at), px, style);
    }
    const chosen = this.dots.places[this.chosen ?? -1];
    if (chosen) {
      const [x, y] = this.shown(chosen);
      const half = (this.view.zoom >= PICTURES ? 17 : 8) * px;
      context.strokeStyle = style.color;
      context.lineWidth = 3 * px;
      context.strokeRect(x - half, y - half, 2 * half, 2 * half);
    }
    this.painted = time;
  }

  /**
   * @param {CanvasRenderingContext2D} context @param {Point} at @param {number} px
   * @param {CSSStyleDeclaration} style
   */
  paintDrawing(context, [x, y], px, style) {
    context.strokeStyle = context.fillStyle = style.color;
    context.lineWidth = 1.5 * px;
    context.beginPath();
    for (const dot of this.nearest) {
      context.moveTo(x, y);
      context.lineTo(...this.shown(/** @type {Point} */ (this.dots.places[dot])));
    }
    context.stroke();
    context.beginPath();
    context.arc(x, y, 9 * px, 0, 2 * Math.PI);
    context.fill();
    context.strokeStyle = style.backgroundColor;
    context.lineWidth = 2.5 * px;
    context.stroke();
  }

  paintDots() {
    const { canvas, base, dots, view } = this;
    Object.assign(base, { width: canvas.width, height: canvas.height });
    const context = context2d(base);
    context.scale(canvas.width / SIDE, canvas.width / SIDE);
    const px = SIDE / canvas.clientWidth;
    const style = getComputedStyle(canvas);
    const colour = (/** @type {number} */ label) => style.getPropertyValue(`--digit-${label}`);
    const radius = px * clamp(1.6 + view.zoom / 2, 2, 4);
    dots.places.forEach((place, dot) => {
      const [x, y] = this.shown(place);
      if (x < -30 || y < -30 || x > SIDE + 30 || y > SIDE + 30) return;
      context.fillStyle = colour(dots.labels[dot] ?? 0);
      if (view.zoom >= PICTURES) {
        context.fillRect(x - 15 * px, y - 15 * px, 30 * px, 30 * px);
        context.drawImage(...dots.picture(dot), 28, 28, x - 13 * px, y - 13 * px, 26 * px, 26 * px);
      } else {
        context.beginPath();
        context.arc(x, y, radius, 0, 2 * Math.PI);
        context.fill();
      }
    });
    context.font = `700 ${22 * px}px system-ui, sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    for (const [label, place] of view.zoom < PICTURES ? this.figures : []) {
      const [x, y] = this.shown(place);
      context.strokeStyle = style.backgroundColor;
      context.lineWidth = 5 * px;
      context.strokeText(`${label}`, x, y);
      context.fillStyle = style.color;
      context.fillText(`${label}`, x, y);
    }
  }
}

/** A place from 0 to 1 in units of the map. @param {Point} place @returns {Point} */
export const toUnits = ([x, y]) => [EDGE + x * (SIDE - 2 * EDGE), EDGE + y * (SIDE - 2 * EDGE)];
