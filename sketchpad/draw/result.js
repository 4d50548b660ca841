// The answer in the Draw tab: the reading, its verdict, boxes, bars and figures.
import { toPad } from "../pad/geometry.js";
import { drawGrey, svg, within } from "../ui/dom.js";
import { percent } from "../ui/format.js";
import { language, say } from "../ui/i18n.js";
import { digitVerdict, focusIndex, inWords, mark } from "./verdict.js";

/** @typedef {import("./reading_client.js").Read} Read */
/** @typedef {import("./verdict.js").State} State */
/** @typedef {import("../ui/types").SeenDigit} SeenDigit */

export class Result {
  /** @param {HTMLElement} element @param {number} side */
  constructor(element, side) {
    this.find = within(element).find;
    this.side = side;
    this.reading = this.find("#reading");
    this.verdict = this.find("#verdict");
    this.number = 0;
    /** @type {Read | null} null for a blank pad */
    this.answer = null;
    /** @type {State} */
    this.state = "blank";
    /** @type {number | null} index of the digit that the visitor selected */
    this.chosen = null;
    /** @type {(() => void)[]} */
    this.listeners = [];
    this.bars = Array.from({ length: 10 }, (_, label) => makeBar(label));
    this.find(".bars").replaceChildren(...this.bars);
    language.subscribe(() => this.render());
  }

  /**
   * Call `listener` after each render.
   * @param {() => void} listener
   */
  onShow(listener) {
    this.listeners.push(listener);
  }

  get digits() {
    return this.answer?.digits ?? [];
  }

  /** The digit in focus; undefined if nothing was read. */
  get focused() {
    return this.digits[focusIndex(this.digits, this.chosen)];
  }

  /**
   * @param {Read | null} answer
   * @param {State} state
   * @param {number} number grows with each answer
   */
  show(answer, state, number) {
    this.answer = answer;
    this.state = state;
    this.number = number;
    if (this.digits.length < 2) this.chosen = null;
    this.render();
  }

  /** A newer request is under way: the answer shown is provisional. */
  expectAnswer() {
    if (this.state === "final") this.setState("provisional");
    if (this.state === "blank") this.verdict.textContent = ""; // removes the sentence for a blank pad
  }

  /** @param {State} state */
  setState(state) {
    this.state = state;
    this.reading.dataset.state = state;
    // Screen readers announce the final reading instead of every provisional one.
    for (const region of [this.reading, this.verdict]) {
      region.setAttribute("aria-busy", String(state === "provisional"));
    }
    this.find(".boxes").classList.toggle("settled", state === "final");
  }

  render() {
    const { digits, answer, state } = this;
    const index = focusIndex(digits, this.chosen);
    const words = inWords(answer, state, digits, index, this.chosen);
    this.showReading(digits);
    this.verdict.textContent = words.verdict;
    this.find(".reason").textContent = words.reason;
    this.setState(state);
    this.showChips(digits, index);
    this.showBoxes(digits, index);
    this.showBars(digits[index]);
    drawGrey(this.find(".model-image"), digits[index]?.image);
    this.showFacts();
    for (const listener of this.listeners) listener();
  }

  /**
   * The text is that of the API; CSS shows a question mark for anything that is not a digit.
   * @param {SeenDigit[]} digits
   */
  showReading(digits) {
    const figures = digits.map((digit) => {
      const figure = document.createElement("span");
      figure.textContent = String(digit.label);
      figure.dataset.verdict = digit.verdict;
      return figure;
    });
    this.reading.replaceChildren(...figures);
    this.reading.dataset.seq = this.number;
    this.reading.style.setProperty("--digits", Math.max(1, digits.length));
  }

  /**
   * One button per digit if there are several: its mark as text, its verdict as accessible name.
   * @param {SeenDigit[]} digits
   * @param {number} index
   */
  showChips(digits, index) {
    const row = this.find(".chips");
    const chips = (digits.length < 2 ? [] : digits).map((digit, i) => {
      const chip = document.createElement("button");
      chip.type = "button";
      chip.textContent = mark(digit);
      chip.dataset.verdict = digit.verdict;
      chip.setAttribute("aria-label", digitVerdict(digits, i));
      chip.setAttribute("aria-pressed", String(i === index));
      chip.addEventListener("click", () => {
        this.chosen = i;
        this.render();
        row.children[i].focus();
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

  /**
   * Boxes around the digits on the pad, if there are several or the sheet is a picture.
   * @param {SeenDigit[]} digits
   * @param {number} index
   */
  showBoxes(digits, index) {
    const picture = this.answer?.sheet.picture ?? null;
    const boxes = (digits.length < 2 && !picture ? [] : digits).map((digit, i) => {
      const [left, top, right, bottom] = toPad(digit.box, picture, this.side);
      const [x, y] = [Math.max(1.5, left - 7), Math.max(1.5, top - 7)];
      const width = Math.min(this.side - 1.5, right + 7) - x;
      const height = Math.min(this.side - 1.5, bottom + 7) - y;
      const kinds = ["box", i === index && digits.length > 1 && "picked", picture && "on-picture"];
      const below = y + height < this.side - 14; // else the tag goes inside the box
      const box = svg("g", { class: kinds.filter(Boolean).join(" "), "data-verdict": digit.verdict });
      box.append(
        svg("rect", { x, y, width, height, rx: 7 }),
        svg("text", { x: x + width / 2, y: y + height + (below ? 12 : -4) }, mark(digit)),
      );
      return box;
    });
    this.find(".boxes").replaceChildren(...boxes);
  }

  /** @param {SeenDigit | undefined} digit */
  showBars(digit) {
    const odd = digit?.verdict === "not a digit";
    this.find(".bars-title h2").textContent = say(odd ? "answer.bars.odd" : "answer.bars");
    this.find(".bars").classList.toggle("odd", odd);
    this.bars.forEach((bar, label) => {
      const p = digit?.probabilities[label] ?? 0;
      bar.classList.toggle("best", label === digit?.label);
      bar.style.setProperty("--p", p.toFixed(4));
      within(bar).find(".value").textContent = digit ? percent(p) : "";
    });
  }

  showFacts() {
    const { milliseconds, roundTrip } = this.answer ?? {};
    const times = { ...milliseconds, roundTrip: milliseconds && roundTrip };
    for (const name of /** @type {const} */ (["preprocess", "network", "roundTrip"])) {
      const time = times[name];
      this.find(`[data-fact=${name}]`).textContent = time === undefined ? "–" : `${time.toFixed(1)} ms`;
    }
  }
}

/** @param {number} label */
function makeBar(label) {
  const bar = document.createElement("li");
  bar.innerHTML =
    '<button type="button" class="name"></button><span class="track"><span class="fill"></span></span><span class="value"></span>';
  within(bar).find(".name").textContent = String(label);
  return bar;
}
