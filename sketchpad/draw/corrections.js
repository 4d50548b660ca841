// Corrections of misread digits, stored in this browser only. Those of drawings are exported as a strokes file,
// those of pictures, which have no strokes, as their model images.
import { strokesInside } from "../pad/geometry.js";
import { download, within } from "../ui/dom.js";
import { say } from "../ui/i18n.js";
import { recall, remember } from "../ui/storage.js";

const STORAGE_KEY = "sketchpad-corrections";
/** The sentence and the file of each export button. */
const EXPORTS = /** @type {const} */ ({
  export: ["correct.export", "corrections.jsonl"],
  pictures: ["correct.pictures", "picture_corrections.jsonl"],
});

/**
 * `strokes` of a drawn digit, or the model image of a picture's in base64.
 * @typedef {{ source: string, writer: string, label: string } & Ink} Correction
 * @typedef {{ strokes?: number[][][], image?: string }} Ink
 */

/** @param {HTMLElement} element @param {import("./result.js").Result} result */
export function mountCorrections(element, result) {
  const { find } = within(element);
  let corrections = load();

  /** What is corrected, the ink of the digit in focus, as JSON; null if it cannot be corrected. */
  function correctable() {
    const { answer, focused, state } = result;
    if (!answer || !focused || state !== "final") return null;
    const { strokes, picture } = answer.sheet;
    return inkOf(picture ? { image: focused.image } : { strokes: strokesInside(strokes, focused.box) });
  }

  /** @param {string} ink */
  const correctionOf = (ink) => corrections.find((each) => inkOf(each) === ink);

  /**
   * Label the digit in focus; the same label again removes the correction.
   * @param {string} label
   */
  function correct(label) {
    const ink = correctable();
    if (!ink) return;
    const previous = correctionOf(ink);
    const others = corrections.filter((correction) => correction !== previous);
    const correction = { source: "sketchpad", writer: "me", label, ...JSON.parse(ink) };
    save(previous?.label === label ? others : [...others, correction]);
  }

  /** @param {Correction[]} next */
  function save(next) {
    corrections = next;
    remember(STORAGE_KEY, asLines(corrections));
    show();
  }

  function show() {
    const ink = correctable();
    const label = ink ? correctionOf(ink)?.label : undefined;
    result.bars.forEach((bar, digit) => {
      const button = within(bar).find(".name");
      button.setAttribute("aria-label", say("correct.label", { label: digit }));
      button.setAttribute("aria-pressed", String(label === String(digit)));
      button.setAttribute("aria-disabled", String(!ink));
    });
    const prompt = ink ? say("correct.ask") : "";
    find(".corrections p").textContent = label ? say("correct.kept", { label }) : prompt;
    find('[data-kept="forget"]').hidden = !corrections.length;
    for (const [name, [key]] of Object.entries(EXPORTS)) {
      const button = find(`[data-kept="${name}"]`);
      const count = correctionsOf(name).length;
      button.hidden = !count;
      button.textContent = say(key, { count });
    }
  }

  /** @param {string} name of an export button */
  const correctionsOf = (name) => corrections.filter(({ image }) => Boolean(image) === (name === "pictures"));

  result.bars.forEach((bar, label) => {
    within(bar)
      .find(".name")
      .addEventListener("click", () => correct(String(label)));
  });
  for (const [name, [, file]] of Object.entries(EXPORTS)) {
    find(`[data-kept="${name}"]`).addEventListener("click", () => {
      download(file, asLines(correctionsOf(name)), "application/jsonl");
    });
  }
  find('[data-kept="forget"]').addEventListener("click", () => save([]));
  result.onShow(show);
}

/** @param {Ink} ink */
const inkOf = ({ strokes, image }) => JSON.stringify(image ? { image } : { strokes });

/** @param {Correction[]} corrections */
const asLines = (corrections) => corrections.map((each) => `${JSON.stringify(each)}\n`).join("");

/** @returns {Correction[]} */
function load() {
  try {
    const lines = recall(STORAGE_KEY).split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line));
  } catch {
    return []; // not written by this page
  }
}
