// Corrections of misread digits, stored in this browser only and exported as a strokes file.
import { strokesInside } from "../pad/geometry.js";
import { download, within } from "../ui/dom.js";
import { say } from "../ui/i18n.js";

const STORAGE_KEY = "sketchpad-corrections";

/** @typedef {{ source: string, writer: string, label: string, strokes: number[][][] }} Correction */

/** @param {HTMLElement} element @param {import("./result.js").Result} result */
export function mountCorrections(element, result) {
  const { find, all } = within(element);
  let corrections = load();

  /** The strokes of the digit in focus, as JSON; null if it cannot be corrected. */
  function correctable() {
    const { answer, focused, state } = result;
    if (!answer || !focused || answer.sheet.picture || state !== "final") return null;
    return JSON.stringify(strokesInside(answer.sheet.strokes, focused.box));
  }

  /** @param {string} strokes */
  const correctionOf = (strokes) => corrections.find((each) => JSON.stringify(each.strokes) === strokes);

  /**
   * Label the digit in focus; the same label again removes the correction.
   * @param {string} label
   */
  function correct(label) {
    const strokes = correctable();
    if (!strokes) return;
    const previous = correctionOf(strokes);
    const others = corrections.filter((correction) => correction !== previous);
    const correction = { source: "sketchpad", writer: "me", label, strokes: JSON.parse(strokes) };
    save(previous?.label === label ? others : [...others, correction]);
  }

  /** @param {Correction[]} next */
  function save(next) {
    corrections = next;
    try {
      localStorage.setItem(STORAGE_KEY, asLines(corrections));
    } catch {
      // Without storage the corrections last until the page is closed.
    }
    show();
  }

  function show() {
    const strokes = correctable();
    const label = strokes ? correctionOf(strokes)?.label : undefined;
    result.bars.forEach((bar, digit) => {
      const button = within(bar).find(".name");
      button.setAttribute("aria-label", say("correct.label", { label: digit }));
      button.setAttribute("aria-pressed", String(label === String(digit)));
      button.setAttribute("aria-disabled", String(!strokes));
    });
    const prompt = strokes ? say("correct.ask") : "";
    find(".corrections p").textContent = label ? say("correct.kept", { label }) : prompt;
    for (const button of all("[data-kept]")) button.hidden = !corrections.length;
    find('[data-kept="export"]').textContent = say("correct.export", { count: corrections.length });
  }

  result.bars.forEach((bar, label) => {
    within(bar)
      .find(".name")
      .addEventListener("click", () => correct(String(label)));
  });
  find('[data-kept="export"]').addEventListener("click", () =>
    download("corrections.jsonl", asLines(corrections), "application/jsonl"),
  );
  find('[data-kept="forget"]').addEventListener("click", () => save([]));
  result.onShow(show);
}

/** @param {Correction[]} corrections */
const asLines = (corrections) => corrections.map((each) => `${JSON.stringify(each)}\n`).join("");

/** @returns {Correction[]} empty if the browser has no storage for this page */
function load() {
  try {
    const lines = (localStorage.getItem(STORAGE_KEY) ?? "").split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line));
  } catch {
    return [];
  }
}
