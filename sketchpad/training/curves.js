// The checkpoint's training curves, and those of another checkpoint for comparison.
import { onVisibilityChange, showNotice, within } from "../ui/dom.js";
import { say } from "../ui/i18n.js";
import { callUntilAnswered } from "../ui/server.js";
import { Charts } from "./charts.js";
import { linesOf } from "./lines.js";

/** @import { Server } from "../ui/types" */

const HELD_OUT = "training.series.validation";
const TRAINED_HERE = "trained here"; // the server's name for this page's run

/**
 * Returns a function that updates the list of checkpoints.
 * @param {HTMLElement} section @param {Server} server
 */
export function mountCurves(section, server) {
  const { find, all } = within(section);
  const charts = new Charts(section, "epoch");
  const own = linesOf(JSON.parse(section.dataset.history ?? "[]"), "epoch", HELD_OUT);
  /** @type {HTMLSelectElement} */
  const choice = find('[name="compare"]');

  /** @param {ReturnType<typeof linesOf>} [other] */
  function draw(other = {}) {
    const lines = Object.entries(own).map(([chart, lines]) => [chart, [...lines, ...(other[chart] ?? [])]]);
    charts.show(Object.fromEntries(lines));
  }

  /** Update the list of checkpoints; the selection stays. */
  async function listCheckpoints() {
    const names = await callUntilAnswered(server, "others", () => null, {
      isWanted: () => Boolean(section.offsetParent),
    });
    if (!names) return;
    const chosen = choice.value;
    const none = /** @type {HTMLOptionElement} */ (choice.options[0]);
    none.dataset.text = names.length ? "training.compare.none" : "training.compare.empty";
    none.textContent = say(none.dataset.text);
    const options = names.map((/** @type {string} */ name) => {
      const option = new Option(name, name);
      if (name === TRAINED_HERE) option.dataset.text = "training.compare.here";
      return option;
    });
    choice.replaceChildren(none, ...options);
    choice.value = names.includes(chosen) ? chosen : "";
  }

  async function compare() {
    const name = choice.value;
    const response = name
      ? await callUntilAnswered(server, "compare", () => name, {
          onSilence: () => showNotice(find(".problem"), say("page.no_response")),
          isWanted: () => name === choice.value, // another one may be chosen meanwhile
        })
      : {};
    if (!response) return;
    showNotice(find(".problem"), response.error ?? "");
    find(".versus-place").innerHTML = response.html ?? "";
    draw(linesOf(response.history ?? [], "epoch", HELD_OUT, name));
  }

  /** @type {Record<string, () => void>} */
  const actions = { in: () => charts.zoom(2), out: () => charts.zoom(0.5), all: () => charts.showAll() };
  for (const button of all("[data-zoom]")) button.addEventListener("click", actions[button.dataset.zoom]);
  choice.addEventListener("change", compare);
  onVisibilityChange(choice, (visible) => {
    if (visible) listCheckpoints();
  });
  draw();
  return listCheckpoints;
}
