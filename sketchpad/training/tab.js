// The Training tab: the curves, the images of the confusion matrix, and the network trained here.
import { onClick, within } from "../ui/dom.js";
import { say } from "../ui/i18n.js";
import { mountCurves } from "./curves.js";
import { mountTrainHere } from "./train_here.js";

/** @import { Mount } from "../ui/types" */

/** @param {Mount} component */
export function mount({ element, server, props }) {
  const { find } = within(element);
  const curves = find(".curves");
  const listCheckpoints = curves ? mountCurves(curves, server) : () => {};
  if (find(".here-body")) mountTrainHere(find(".here"), server, props.side, listCheckpoints);
  mountConfusion(element);
}

/** @param {HTMLElement} element */
function mountConfusion(element) {
  const { find, all } = within(element);

  /**
   * Show the images of one cell of the matrix, or all.
   * @param {string} cell "written-predicted", or ""
   */
  function showImages(cell) {
    const figures = all(".images figure");
    for (const figure of figures) figure.hidden = Boolean(cell) && figure.dataset.of !== cell;
    for (const button of all(".confusion [data-cell]"))
      button.ariaPressed = `${button.dataset.cell === cell}`;
    find(".misread-title button").hidden = !cell;
    const [label, predicted] = cell.split("-");
    const n = figures.filter((figure) => !figure.hidden).length;
    find(".misread .spoken").textContent = cell && say("training.mistakes.shown", { n, label, predicted });
    find(".images").scrollTop = 0;
    find(".misread").scrollIntoView({ block: "nearest" });
  }

  onClick(element, "[data-cell]", (button) => {
    showImages(button.ariaPressed === "true" ? "" : button.dataset.cell);
    if (!button.dataset.cell) find(".images").focus({ preventScroll: true });
  });
}
