// The reading as text: a row for each line, each digit marked by its verdict.
import { create } from "../ui/dom.js";
import { linesOf } from "../ui/reading_lines.js";

/** @typedef {import("../ui/types").SeenDigit} SeenDigit */

export class Headline {
  /**
   * @param {HTMLElement} reading
   * @param {(index: number) => void} pick called with the digit that the visitor presses, if there are several
   */
  constructor(reading, pick) {
    this.reading = reading;
    /** @type {HTMLElement[]} */
    this.figures = [];
    reading.addEventListener("click", ({ target }) => {
      const index = this.figures.indexOf(/** @type {HTMLElement} */ (target));
      if (index >= 0 && this.figures.length > 1) pick(index);
    });
  }

  /**
   * The text is that of the API, which may leave out what is not a digit; CSS shows a question mark for it.
   * @param {SeenDigit[]} digits
   * @param {string} text
   * @param {number} number
   */
  show(digits, text, number) {
    const complete = text.replace(/\s/g, "").length === digits.length;
    this.figures = digits.map(({ label, verdict }) => {
      const figure = create("span", { textContent: complete || verdict !== "not a digit" ? `${label}` : "" });
      figure.dataset.verdict = verdict;
      return figure;
    });
    const isDigit = (/** @type {number} */ index) => digits[index]?.verdict !== "not a digit";
    const anyDigit = digits.some((_, index) => isDigit(index));
    const lines = linesOf(digits).map((line) => {
      const figures = line.map((index) => /** @type {HTMLElement} */ (this.figures[index]));
      const hidden = anyDigit && !line.some(isDigit); // a line of stains
      return create("div", { className: "line", hidden }, ...figures);
    });
    const shown = lines.filter(({ hidden }) => !hidden);
    this.reading.replaceChildren(
      ...lines.flatMap((line) => (line.hidden || line === shown[0] ? [line] : ["\n", line])),
    );
    this.reading.dataset.seq = `${number}`;
    const longest = Math.max(1, ...shown.map((line) => line.childElementCount));
    this.reading.style.setProperty("--digits", `${longest}`);
    this.reading.style.setProperty("--lines", `${Math.max(1, shown.length)}`);
    this.reading.classList.toggle("small", shown.length > 1 || longest > 12);
    // With the next frame, which lays out the page anyway: to measure it now would do so twice.
    requestAnimationFrame(() => this.letKeysScroll());
  }

  /** Keys must reach what does not fit. */
  letKeysScroll() {
    const { scrollHeight, clientHeight, scrollWidth, clientWidth } = this.reading;
    if (scrollHeight > clientHeight + 1 || scrollWidth > clientWidth + 1) this.reading.tabIndex = 0;
    else this.reading.removeAttribute("tabindex");
  }

  /**
   * Mark the selected digit, and bring it into sight without scrolling the page.
   * @param {number | null} index
   */
  pick(index) {
    this.figures.forEach((each, i) => {
      each.classList.toggle("picked", i === index);
    });
    const figure = this.figures[index ?? -1];
    if (!figure?.offsetParent) return;
    const [outer, inner] = [this.reading, figure].map((each) => each.getBoundingClientRect());
    if (!outer || !inner) return;
    this.reading.scrollTop += Math.min(0, inner.top - outer.top) + Math.max(0, inner.bottom - outer.bottom);
    this.reading.scrollLeft += Math.min(0, inner.left - outer.left) + Math.max(0, inner.right - outer.right);
  }
}
