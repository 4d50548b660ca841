// The digits' boxes and labels on the pad, if there are several digits or the sheet is a picture.
import { toPad, turnedBox } from "../../pad/geometry.js";
import { WHOLE } from "../../pad/view.js";
import { svg } from "../../ui/dom.js";
import { mark } from "../verdict.js";
import { placed } from "./labels.js";

/** @typedef {import("../../ui/types").SeenDigit} SeenDigit */

export class Boxes {
  /** @param {SVGElement} group @param {number} side of the pad in its units */
  constructor(group, side) {
    this.group = group;
    this.side = side;
    this.view = WHOLE;
    /** @type {SeenDigit[]} */
    this.digits = [];
    /** @type {import("../../ui/types").Box[]} in pad units at zoom 1 */
    this.boxes = [];
    this.picked = -1;
    new ResizeObserver(() => this.place()).observe(/** @type {SVGSVGElement} */ (group.ownerSVGElement));
  }

  /**
   * @param {SeenDigit[]} digits
   * @param {import("../../ui/types").Picture | null} picture
   * @param {number} turned degrees by which the picture is shown turned
   */
  show(digits, picture, turned) {
    this.digits = digits;
    this.boxes = digits.map(({ box }) => turnedBox(toPad(box, picture, this.side), turned, this.side));
    this.group.classList.toggle("on-picture", Boolean(picture));
    const shown = digits.length < 2 && !picture ? [] : digits;
    const halo = svg("path", { class: "halo" });
    const boxes = shown.map(({ verdict }) =>
      svg("g", { class: "box", "data-verdict": verdict }, svg("rect", {})),
    );
    this.group.replaceChildren(...(picture ? [halo] : []), ...boxes);
    this.place();
    this.pick(this.picked);
  }

  /** @param {import("../../pad/view.js").View} view */
  move(view) {
    const zoomed = view.zoom !== this.view.zoom;
    this.view = view;
    if (zoomed) this.place();
    else this.pan();
  }

  /** @param {number} index of the digit whose bars are shown */
  pick(index) {
    this.picked = index;
    const groups = this.group.querySelectorAll(".box");
    groups.forEach((box, i) => {
      box.classList.toggle("picked", i === index && groups.length > 1);
    });
  }

  pan() {
    this.group.setAttribute("transform", `translate(${this.view.x} ${this.view.y})`);
  }

  /** Lines and labels have the same size on the screen at every zoom. */
  place() {
    this.pan();
    const groups = [...this.group.querySelectorAll(".box")];
    if (!groups.length) return;
    const pixels = (this.group.ownerSVGElement?.clientWidth ?? 0) / this.side;
    if (!pixels) return; // a hidden tab has no size
    const { zoom } = this.view;
    const boxes = this.boxes.map(
      (box) => /** @type {import("../../ui/types").Box} */ (box.map((value) => value * zoom)),
    );
    const labels = this.digits.map((digit) => ({ text: mark(digit), clear: digit.verdict === "digit" }));
    const { size, margin, places } = placed(boxes, labels, pixels, this.side * zoom);
    let outlines = "";
    groups.forEach((group, i) => {
      const place = places[i];
      if (!place) return;
      const [x, y, right, bottom] = place.frame;
      const [width, height] = [Math.max(1, right - x), Math.max(1, bottom - y)];
      const rx = Math.min(margin, width / 3, height / 3);
      outlines += rounded(x, y, width, height, rx);
      const rect = /** @type {Element} */ (group.firstElementChild);
      for (const [name, value] of Object.entries({ x, y, width, height, rx })) {
        rect.setAttribute(name, `${value}`);
      }
      const { label } = place;
      const text = label && svg("text", { x: label.x, y: label.y, "font-size": size }, labels[i]?.text ?? "");
      group.replaceChildren(rect, ...(text ? [text] : []));
    });
    this.group.querySelector(".halo")?.setAttribute("d", outlines);
  }
}

/**
 * A rectangle with round corners, as an SVG path.
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 * @param {number} r
 */
function rounded(x, y, width, height, r) {
  const [across, down] = [width - 2 * r, height - 2 * r];
  return (
    `M${x + r} ${y}h${across}q${r} 0 ${r} ${r}v${down}q0 ${r} ${-r} ${r}` +
    `h${-across}q${-r} 0 ${-r} ${-r}v${-down}q0 ${-r} ${r} ${-r}z`
  );
}
