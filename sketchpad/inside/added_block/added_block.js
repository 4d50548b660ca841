// The trained network beside two with one more block: a residual one whose branch is zero, and a plain one.
import { within } from "../../ui/dom.js";
import { predictionText } from "../prediction.js";

/** @import { AddedBlockResponse, MountSection } from "../types" */

/** @type {MountSection} */
export function mount(element, { request, refresh }) {
  const { all } = within(element);
  /** @type {HTMLSelectElement | null} */
  const select = element.querySelector("select");
  const rows = all("tbody tr");
  select?.addEventListener("change", refresh);

  return async (digit) => {
    if (!digit || !select) return;
    /** @type {AddedBlockResponse} */
    const { networks } = await request({ image: digit.image, block: select.value });
    const answers = networks.map(({ prediction }) => predictionText(prediction));
    networks.forEach(({ parameters, kept }, i) => {
      const cells = rows[i].querySelectorAll("td");
      cells[0].textContent = parameters.toLocaleString("en");
      cells[1].textContent = answers[i];
      cells[1].classList.toggle("changed", answers[i] !== answers[0]);
      if (cells[2]) cells[2].textContent = kept === null ? "–" : `${kept}`;
    });
  };
}
