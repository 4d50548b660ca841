// Linear probes: the predictions after the stem and after each block, a column for each.
import { setText, within } from "../../ui/dom.js";
import { finePercent } from "../../ui/format.js";
import { say } from "../../ui/i18n.js";

/** @import { LinearProbesResponse, MountSection, Prediction } from "../types" */

/** @type {MountSection} */
export function mount(element, { request }) {
  const table = /** @type {HTMLElement | null} */ (element.querySelector(".linear-probes"));
  if (!table) return async () => {}; // the checkpoint has no probes
  const { find, all } = within(table);
  /** @type {{ block: string, right: string }[]} */
  const depths = JSON.parse(table.dataset.depths ?? "");
  const { n } = table.dataset; // validation images
  const buttons = all("thead button");
  /** @type {number | null} */
  let pickedDepth = null;
  /** @type {LinearProbesResponse | null} */
  let response = null;

  /** @param {number | null} index */
  function depthName(index) {
    const block = depths[index ?? -1]?.block ?? "";
    if (!block.includes(".")) return block && say("linear_probes.the.stem");
    const [stage = 0, n = 0] = block
      .split(".")
      .slice(1)
      .map((number) => Number(number) + 1);
    return say("linear_probes.the.block", { stage, n });
  }

  /** @param {LinearProbesResponse} response */
  function showColumns(response) {
    const columns = [...response.depths, response.answer];
    all("tbody tr").forEach((row, digit) => {
      columns.forEach(({ label, probabilities }, n) => {
        const cell = row.cells[n + 1];
        const share = Math.round(100 * (probabilities[digit] ?? 0));
        cell.querySelector("b").textContent = share || ""; // a share that rounds to 0 is left out
        cell.querySelector("i").style.width = `${share}%`;
        cell.classList.toggle("best", label === digit);
      });
    });
  }

  /**
   * Two sentences: from which depth on the answer is predicted, and the prediction at the selected depth.
   * @param {LinearProbesResponse} response
   */
  function showSentences(response) {
    const { answer, first, settled } = response;
    const shown = pickedDepth ?? settled ?? response.depths.length - 1;
    for (const [i, button] of buttons.entries()) button.ariaPressed = `${i === shown}`;
    const values = { answer: answer.label, first: depthName(first), settled: depthName(settled) };
    setText(find(".where"), say(settlingKey(response), values));
    const { label, probabilities } = /** @type {Prediction} */ (response.depths[shown]);
    const share = finePercent(probabilities[label] ?? 0);
    const { right } = depths[shown] ?? {};
    setText(find(".at"), say("linear_probes.at", { place: depthName(shown), label, share, n, right }));
  }

  for (const [n, button] of buttons.entries()) {
    button.addEventListener("click", () => {
      pickedDepth = n;
      if (response) showSentences(response);
    });
  }

  return async (digit) => {
    if (!digit) return;
    const newest = await request({ image: digit.image });
    response = newest;
    showColumns(newest);
    showSentences(newest);
  };
}

/** @param {LinearProbesResponse} response */
function settlingKey({ answer, first, settled }) {
  if (answer.verdict === "not a digit") return "linear_probes.odd";
  if (first === null) return "linear_probes.never";
  if (settled === null) return "linear_probes.late";
  return first === settled ? "linear_probes.stays" : "linear_probes.returns";
}
