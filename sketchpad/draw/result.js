// The answer in the Draw tab: the reading, its verdict, boxes, bars and figures.
import { drawGrey, within } from "../ui/dom.js";
import { percent } from "../ui/format.js";
import { language, say } from "../ui/i18n.js";
import { DigitPicker } from "./digit_picker.js";
import { Headline } from "./headline.js";
import { Boxes } from "./picture/boxes.js";
import { focusIndex, inWords } from "./verdict.js";

const PATIENCE = 200; // ms until a new picture removes the reading of what was on the pad before

/** @typedef {import("../pad/reading_client.js").Read} Read */
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
    /** @type {Read | null} null for a blank pad, and while a new picture is read */
    this.answer = null;
    /** @type {State} */
    this.state = "blank";
    /** @type {number | null} index of the digit that the visitor selected */
    this.chosen = null;
    /** @type {(() => void)[]} */
    this.listeners = [];
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.bars = Array.from({ length: 10 }, (_, label) => makeBar(label));
    this.find(".bars").replaceChildren(...this.bars);
    const choose = (/** @type {number} */ index) => this.choose(index);
    this.headline = new Headline(this.reading, choose);
    this.picker = new DigitPicker(this.find(".chips"), choose);
    this.boxes = new Boxes(this.find(".boxes"), side);
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

  get index() {
    return focusIndex(this.digits, this.chosen, Boolean(this.answer?.sheet.picture));
  }

  /** The digit in focus; undefined if nothing was read. */
  get focused() {
    return this.digits[this.index];
  }

  /** Degrees clockwise by which the picture is shown turned; a camera's video never is. */
  get turned() {
    const { answer } = this;
    return (answer?.sheet.picture && !answer.sheet.picture.live && answer.turned) || 0;
  }

  /**
   * @param {Read | null} answer
   * @param {State} state
   * @param {number} number grows with each answer
   */
  show(answer, state, number) {
    clearTimeout(this.timer);
    const picture = answer?.sheet.picture ?? null;
    if (picture !== (this.answer?.sheet.picture ?? null)) this.chosen = null;
    this.answer = answer;
    this.state = state;
    this.number = number;
    if (this.digits.length < 2) this.chosen = null;
    this.headline.show(this.digits, answer?.text ?? "", number);
    this.boxes.show(this.digits, picture, this.turned);
    this.render();
  }

  /**
   * Show the bars of a digit; of the least certain one for null.
   * @param {number | null} index
   */
  choose(index) {
    this.chosen = index;
    this.render();
  }

  /**
   * A newer request is under way: the answer shown is provisional.
   * @param {import("../ui/types").Sheet} sheet
   */
  expectAnswer(sheet) {
    if (this.state === "blank") this.verdict.textContent = ""; // removes the sentence for a blank pad
    clearTimeout(this.timer);
    const { picture } = sheet;
    if (picture && !picture.live && picture !== this.answer?.sheet.picture) {
      this.timer = setTimeout(() => this.show(null, "provisional", this.number), PATIENCE);
    }
    if (this.state === "final") this.setState("provisional");
  }

  /** @param {State} state */
  setState(state) {
    this.state = state;
    this.reading.dataset.state = state;
    // Screen readers announce the final reading instead of every provisional one.
    for (const region of [this.reading, this.verdict]) {
      region.setAttribute("aria-busy", String(state === "provisional"));
    }
    const live = Boolean(this.answer?.sheet.picture?.live);
    this.find(".boxes").classList.toggle("settled", state === "final" || live);
  }

  render() {
    const { digits, answer, state, index, focused } = this;
    const words = inWords(answer, state, digits, index, this.chosen);
    this.verdict.textContent = words.verdict;
    this.find(".reason").textContent = words.reason;
    this.setState(state);
    this.headline.pick(this.chosen);
    this.picker.show(digits, index, this.chosen);
    this.boxes.pick(index);
    this.showBars(focused);
    drawGrey(this.find(".model-image"), focused?.image);
    this.showFacts();
    for (const listener of this.listeners) listener();
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
