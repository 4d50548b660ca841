// One chart of a group: its lines, axes and legend, and input by pointer and keys.
import { create, svg, within } from "../ui/dom.js";
import { say } from "../ui/i18n.js";
import { clamp } from "../ui/math.js";
import { AXES, marks, ticks } from "./axes.js";
import { pointAt } from "./lines.js";

/** @import { Axis, Interval } from "./axes.js" */
/** @import { Charts } from "./charts.js" */
/** @import { Line } from "./lines.js" */

const EDGE = { left: 56, right: 14, top: 10, bottom: 30 }; // px around the plot
const HEIGHT = 232;
const BASE = HEIGHT - EDGE.bottom;
const MARK_GAP = 22; // minimum px between ticks of the vertical axis
const TICK_GAP = 64; // approximate px between ticks of the horizontal axis
const DRAG = 6; // px of movement from which a press selects a range to zoom in on
const HTML =
  '<figcaption><span></span><ul class="legend"></ul></figcaption>' +
  '<div class="plot" role="slider" tabindex="0" aria-valuenow="0"></div>' +
  '<p class="axis-name" aria-hidden="true"></p>';

export class Chart {
  /** @param {Charts} group @param {HTMLElement} figure */
  constructor(group, figure) {
    this.group = group;
    this.figure = figure;
    this.name = figure.dataset.chart ?? "";
    this.axis = /** @type {Axis} */ (AXES[this.name]);
    /** @type {Line[]} */
    this.lines = [];
    /** @type {[from: number, to: number] | null} */
    this.selection = null; // in px
    figure.innerHTML = HTML;
    const { find } = within(figure);
    this.legend = find(".legend");
    /** @type {HTMLElement} */
    this.plot = find(".plot");
    find("span").dataset.text = this.plot.dataset.textLabel = `training.${this.name}`;
    find(".axis-name").dataset.text = `training.${group.unit}`;
    this.listen();
    new ResizeObserver(() => this.draw()).observe(this.plot);
  }

  /** @param {Line[]} lines */
  show(lines) {
    this.lines = lines.filter(({ points }) => points.length);
    if ("optional" in this.figure.dataset) this.figure.hidden = !this.lines.length; // absent in older records
  }

  /** The right end of the plot, in px. */
  get right() {
    return this.plot.clientWidth - EDGE.right;
  }

  /** @param {number} value */
  x(value) {
    const [from, to] = this.group.range;
    return EDGE.left + ((this.right - EDGE.left) * (value - from)) / (to - from || 1);
  }

  /** @param {number} px */
  valueAt(px) {
    const [from, to] = this.group.range;
    return from + ((px - EDGE.left) / (this.right - EDGE.left)) * (to - from);
  }

  /**
   * The lowest and the highest value in the visible range.
   * @returns {Interval}
   */
  extent() {
    const [from, to] = this.group.range;
    const shown = this.lines.flatMap(({ points }) =>
      points.filter(([x], i) => (points[i + 1]?.[0] ?? x) >= from && (points[i - 1]?.[0] ?? x) <= to),
    );
    const values = shown.map(([, y]) => y);
    const [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [0.1, 0.9];
    return low < high ? [low, high] : [low - Math.abs(low) * 0.1 - 1e-3, high + Math.abs(high) * 0.1];
  }

  draw() {
    const width = this.plot.clientWidth;
    if (!width) return; // in a hidden tab; drawn when it has a size
    const { axis, right } = this;
    const { cursor, range } = this.group;
    const [from, to] = range;
    const extent = this.extent();
    const [bottom, top] = [axis.place(extent[0]), axis.place(extent[1])];
    const margin = (top - bottom) * 0.06;
    const y = (/** @type {number} */ value) =>
      BASE - ((BASE - EDGE.top) * (axis.place(value) - bottom + margin)) / (top - bottom + 2 * margin);

    const body = [];
    for (const value of marks(axis, extent, y, MARK_GAP)) {
      body.push(svg("path", { d: `M${EDGE.left} ${y(value)}H${right}`, class: "grid" }));
      body.push(svg("text", { x: EDGE.left - 8, y: y(value) + 4, class: "end" }, axis.formatMark(value)));
    }
    for (const value of ticks(from, to, Math.max(2, (right - EDGE.left) / TICK_GAP), this.group.leastTick)) {
      const label = `${Number(value.toPrecision(6))}`;
      body.push(svg("path", { d: `M${this.x(value)} ${BASE}v5`, class: "tick" }));
      body.push(svg("text", { x: this.x(value), y: BASE + 18, class: "centre" }, label));
    }
    body.push(svg("path", { d: `M${EDGE.left} ${BASE}H${right}`, class: "tick" }));
    if (this.selection) {
      const [a, b] = this.selection.map((px) => clamp(px, EDGE.left, right)).sort((p, q) => p - q);
      const [x = 0, end = 0] = [a, b];
      body.push(svg("rect", { x, y: EDGE.top, width: end - x, height: BASE - EDGE.top, class: "stretch" }));
    }

    // An inner svg clips what is outside the range.
    const left = EDGE.left - 5;
    const inner = svg("svg", { x: left, y: 0, width: right - left + 5, height: BASE + 4 });
    for (const { points, colour, checkpoint } of this.lines) {
      const path = points.map(([px, py]) => `${(this.x(px) - left).toFixed(1)} ${y(py).toFixed(1)}`);
      const style = `line ${colour}${checkpoint ? " other" : ""}`;
      inner.append(svg("path", { d: `M${path.join("L")}`, class: style }));
    }
    if (cursor !== null && cursor >= from && cursor <= to) {
      inner.append(svg("path", { d: `M${this.x(cursor) - left} ${EDGE.top}V${BASE}`, class: "here" }));
    }
    for (const line of this.lines) {
      const [px, py] = pointAt(line, cursor) ?? [Number.NaN, 0];
      if (!(px >= from && px <= to)) continue;
      inner.append(svg("circle", { cx: this.x(px) - left, cy: y(py), r: 4, class: `dot ${line.colour}` }));
    }
    this.plot.replaceChildren(svg("svg", { width, height: HEIGHT, "aria-hidden": "true" }, ...body, inner));
    this.showValues();
  }

  /** The values at the cursor, in the legend and for screen readers. */
  showValues() {
    const { cursor, places, unit } = this.group;
    const entries = this.lines.map((line) => {
      const point = pointAt(line, cursor);
      const name = line.checkpoint ? `${say(line.name)} (${line.checkpoint})` : say(line.name);
      const className = line.checkpoint ? `${line.colour} other` : line.colour;
      return create(
        "li",
        { className },
        `${name} `,
        create("b", {}, point ? this.axis.format(point[1]) : "–"),
      );
    });
    this.legend.replaceChildren(...entries);
    const place = cursor ?? places.at(-1) ?? 0;
    const values = entries.map((entry) => entry.textContent).join(", ");
    Object.assign(this.plot, {
      ariaValueMin: `${places[0] ?? 0}`,
      ariaValueMax: `${places.at(-1) ?? 0}`,
      ariaValueNow: `${place}`,
      ariaValueText: `${say(`training.place.${unit}`, { at: Number(place.toFixed(1)) })}: ${values}`,
    });
  }

  /** Move the cursor by pointer and keys; dragging selects a range to zoom in on. */
  listen() {
    const { group, plot } = this;
    const px = (/** @type {PointerEvent} */ event) => event.clientX - plot.getBoundingClientRect().left;
    /** @type {number | null} */
    let start = null;
    plot.addEventListener("pointerdown", (event) => {
      if (!event.isPrimary || event.button) return;
      start = px(event);
      plot.setPointerCapture(event.pointerId);
      group.moveCursorNear(this.valueAt(start));
    });
    plot.addEventListener("pointermove", (event) => {
      if (!event.isPrimary) return;
      const dragged = start !== null && Math.abs(px(event) - start) > DRAG;
      this.selection = dragged ? [start ?? 0, px(event)] : null;
      group.moveCursorNear(this.valueAt(px(event)));
    });
    for (const end of ["pointerup", "pointercancel"]) {
      plot.addEventListener(end, () => {
        const { selection } = this;
        start = this.selection = null;
        if (!selection || end === "pointercancel") group.draw();
        else group.zoomTo(this.valueAt(Math.min(...selection)), this.valueAt(Math.max(...selection)));
      });
    }
    plot.addEventListener("pointerleave", () => {
      if (!plot.matches(":focus-visible")) group.moveCursor(null);
    });
    plot.addEventListener("blur", () => group.moveCursor(null));
    plot.addEventListener("dblclick", () => group.showAll());
    plot.addEventListener("keydown", (event) => {
      if (!event.ctrlKey && !event.metaKey && group.handleKey(event.key)) event.preventDefault();
    });
  }
}
