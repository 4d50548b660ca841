// "It was a …": what was misread, kept in this browser only, and exported as a strokes file.
import { strokesInside } from "../pad/geometry.js";
import { download, within } from "../ui/dom.js";
import { say } from "../ui/i18n.js";

const STORAGE_KEY = "sketchpad-corrections";

/** @typedef {{ source: string, writer: string, label: string, strokes: number[][][] }} Correction */

/** @param {HTMLElement} element @param {import("./result.js").Result} result */
export function mountCorrections(element, result) {
  const { find, all } = within(element);
  let corrections = load();

  /** The strokes that a correction would be about, as JSON; null where there is nothing to correct. */
  function correctable() {
    const { answer, focused, state } = result;
    if (!answer || !focused || answer.sheet.picture || state !== "final") return null;
    return JSON.stringify(strokesInside(answer.sheet.strokes, focused.box));
  }

  /** @param {string} strokes */
  const correctionOf = (strokes) => corrections.find((each) => JSON.stringify(each.strokes) === strokes);

  /**
   * Say what the digit in focus was; the same label again takes it back.
   * @param {string} label
   */
  function correct(label) {
    const strokes = correctable();
    if (!strokes) return;
    const before = correctionOf(strokes);
    const others = corrections.filter((correction) => correction !== before);
    const now = { source: "sketchpad", writer: "me", label, strokes: JSON.parse(strokes) };
    keep(before?.label === label ? others : [...others, now]);
  }

  /** @param {Correction[]} next */
  function keep(next) {
    corrections = next;
    try {
      localStorage.setItem(STORAGE_KEY, asLines(corrections));
    } catch {
      // Without storage they last for the visit.
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
  find('[data-kept="forget"]').addEventListener("click", () => keep([]));
  result.onShow(show);
}

/** @param {Correction[]} corrections */
const asLines = (corrections) => corrections.map((each) => `${JSON.stringify(each)}\n`).join("");

/** @returns {Correction[]} none where the browser has no storage for this page */
function load() {
  try {
    const lines = (localStorage.getItem(STORAGE_KEY) ?? "").split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line));
  } catch {
    return [];
  }
}
