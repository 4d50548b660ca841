// Line charts that share a horizontal axis, its visible range and a cursor.
import { language, say } from "../ui/i18n.js";
import { zoomRange } from "./axes.js";
import { Chart } from "./chart.js";
import { nearest, placesOf } from "./lines.js";

/** @import { Interval } from "./axes.js" */
/** @import { Line } from "./lines.js" */

export class Charts {
  /**
   * @param {HTMLElement} root with a figure for each chart
   * @param {"epoch" | "seconds"} unit of the horizontal axis
   */
  constructor(root, unit) {
    this.unit = unit;
    this.leastTick = unit === "epoch" ? 1 : 0;
    this.sentence = root.querySelector(".place");
    /** @type {Interval} */
    this.domain = [0, 1];
    /** @type {Interval | null} */
    this.zoomed = null;
    /** @type {number | null} */
    this.cursor = null;
    const figures = /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-chart]"));
    this.charts = [...figures].map((figure) => new Chart(this, figure));
    language.subscribe(() => this.draw());
  }

  /** The visible range of the axis. */
  get range() {
    return this.zoomed ?? this.domain;
  }

  get places() {
    return placesOf(this.charts.flatMap(({ lines }) => lines));
  }

  /**
   * @param {Record<string, Line[]>} lines by chart
   * @param {Interval} [domain] the whole axis, if known before the lines reach its end
   */
  show(lines, domain) {
    for (const chart of this.charts) chart.show(lines[chart.name] ?? []);
    const [first, last] = [this.places[0], this.places.at(-1)];
    if (domain) this.domain = domain;
    else if (first !== undefined && last !== undefined) {
      this.domain = first < last ? [first, last] : [first - 1, first + 1];
    }
    if (this.zoomed) this.zoomTo(...this.zoomed);
    else this.draw();
  }

  /** @param {number} from @param {number} to */
  zoomTo(from, to) {
    this.zoomed = zoomRange(this.domain, [from, to]);
    this.draw();
  }

  /**
   * Zoom by a factor around the cursor, or around the middle.
   * @param {number} factor
   */
  zoom(factor) {
    const [from, to] = this.range;
    const { cursor } = this;
    const middle = cursor !== null && cursor >= from && cursor <= to ? cursor : (from + to) / 2;
    this.zoomTo(middle - (middle - from) / factor, middle + (to - middle) / factor);
  }

  showAll() {
    this.zoomed = null;
    this.draw();
  }

  /** @param {number | null} place */
  moveCursor(place) {
    this.cursor = place;
    this.draw();
  }

  /** @param {number} value */
  moveCursorNear(value) {
    this.moveCursor(nearest(this.places, value));
  }

  /**
   * Move the cursor or zoom by a key. Returns whether the key was handled.
   * @param {string} key
   */
  handleKey(key) {
    const [from, to] = this.range;
    const places = this.places.filter((place) => place >= from && place <= to);
    const last = places.length - 1;
    const { cursor } = this;
    const index = cursor === null ? last : places.findLastIndex((place) => place <= cursor + 1e-9);
    const look = (/** @type {number} */ i) => this.moveCursor(places[Math.min(Math.max(i, 0), last)] ?? null);
    /** @type {Record<string, () => void>} */
    const actions = {
      ArrowLeft: () => look(Math.max(index, 0) - 1),
      ArrowRight: () => look(Math.max(index, 0) + 1),
      Home: () => look(0),
      End: () => look(last),
      "+": () => this.zoom(2),
      "=": () => this.zoom(2),
      "-": () => this.zoom(0.5),
      Escape: () => this.showAll(),
    };
    if (!places.length || !Object.hasOwn(actions, key)) return false;
    actions[key]?.();
    return true;
  }

  draw() {
    const { cursor, unit } = this;
    const round = (/** @type {number} */ value) =>
      unit === "epoch" ? Number(value.toFixed(1)) : Math.round(value);
    if (this.sentence) {
      const [from, to] = this.range.map(round);
      const key = cursor === null ? "training.place.epochs" : `training.place.${unit}`;
      this.sentence.textContent = say(key, { from, to, at: round(cursor ?? 0) });
    }
    for (const chart of this.charts) chart.draw();
  }
}
