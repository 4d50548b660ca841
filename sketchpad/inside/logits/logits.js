// Logits: the steps from the classifier's output to the page's probabilities, a row for each class.
import { within } from "../../ui/dom.js";
import { decimal, finePercent } from "../../ui/format.js";
import { say } from "../../ui/i18n.js";

/** @import { LogitsResponse, MountSection } from "../types" */

/** @type {MountSection} */
export function mount(element, { request }) {
  const { find, all } = within(element);
  const rows = all("tbody tr");
  const score = find(".score");

  return async (digit) => {
    if (!digit) return;
    /** @type {LogitsResponse} */
    const { logits, scaled, probabilities, not_digit } = await request({ image: digit.image });
    const best = probabilities.indexOf(Math.max(...probabilities));
    rows.forEach((row, i) => {
      const cells = row.querySelectorAll("td");
      cells[0].textContent = decimal(logits[i] ?? 0);
      row.classList.toggle("best", i === best);
      if (i >= scaled.length) return; // not a digit: its logit takes no part in the probabilities
      cells[1].textContent = decimal(scaled[i] ?? 0);
      cells[2].textContent = finePercent(probabilities[i] ?? 0);
    });
    if (!score) return; // the network has no such class
    const values = { ...JSON.parse(score.dataset.values), share: finePercent(not_digit) };
    score.textContent = say("logits.score", values);
  };
}
