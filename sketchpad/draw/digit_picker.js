// Selects one of several digits: a button for each of a few; steps through many.
import { create, markOverflow } from "../ui/dom.js";
import { makePager } from "../ui/pager.js";
import { MANY, nextInDoubt } from "../ui/reading_lines.js";
import { digitVerdict, mark } from "./verdict.js";

/** @typedef {import("../ui/types").SeenDigit} SeenDigit */

export class DigitPicker {
  /** @param {HTMLElement} row @param {(index: number) => void} pick */
  constructor(row, pick) {
    this.row = row;
    this.pick = pick;
    /** @type {SeenDigit[]} */
    this.digits = [];
    this.index = 0;
    /** @type {number | null} */
    this.chosen = null;
    this.doubt = create("button", { type: "button" });
    this.doubt.dataset.text = "pager.doubt";
    this.doubt.dataset.pager = "doubt";
    this.doubt.addEventListener("click", () => pick(nextInDoubt(this.digits, this.chosen ?? -1)));
    this.pager = makePager(pick, this.doubt);
    markOverflow(row);
  }

  /**
   * @param {SeenDigit[]} digits
   * @param {number} index of the digit whose bars are shown
   * @param {number | null} chosen index of the digit that the visitor selected
   */
  show(digits, index, chosen) {
    this.digits = digits;
    this.index = index;
    this.chosen = chosen;
    if (digits.length > MANY) this.showPager();
    else this.showChips();
  }

  showPager() {
    if (!this.pager.element.isConnected) this.row.replaceChildren(this.pager.element);
    this.pager.show(this.index, this.digits.length);
    this.doubt.hidden = nextInDoubt(this.digits, 0) < 0;
  }

  /** A button has its digit's mark as text and its verdict as accessible name. */
  showChips() {
    const { row, digits, index } = this;
    if (digits.length < 2) {
      row.replaceChildren();
      return;
    }
    const chips = digits.map((digit, i) => {
      const chip = create("button", { type: "button", textContent: mark(digit) });
      chip.dataset.verdict = digit.verdict;
      chip.setAttribute("aria-label", digitVerdict(digits, i));
      chip.setAttribute("aria-pressed", String(i === index));
      chip.addEventListener("click", () => {
        this.pick(i);
        /** @type {HTMLElement} */ (row.children[i]).focus();
      });
      return chip;
    });
    const before = row.scrollLeft;
    row.replaceChildren(...chips);
    const chip = chips[index];
    if (!chip) return;
    // Scroll a long row to the selected chip without scrolling the page.
    const left = chip.offsetLeft - row.offsetLeft;
    row.scrollLeft = Math.min(left, Math.max(before, left + chip.offsetWidth - row.clientWidth));
  }
}
