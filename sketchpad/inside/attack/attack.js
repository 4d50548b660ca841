// The smallest change to another digit: the input before and after, and the change between them.
import { drawGrey, setText, within } from "../../ui/dom.js";
import { decimal, significant } from "../../ui/format.js";
import { say } from "../../ui/i18n.js";
import { predictionText } from "../prediction.js";
import { coloured, copyMap, loadSprite, showLegend } from "../sprites.js";

/** @import { AttackResponse, MountSection } from "../types" */

/** @type {MountSection} */
export function mount(element, { request, refresh }) {
  const { find, all } = within(element);
  /** @type {number | null} */
  let target = null; // the digit to change to; null for the likeliest other one

  /** @param {string} name @param {string} caption @returns {HTMLCanvasElement} its canvas */
  function picture(name, caption) {
    const figure = find(`[data-picture="${name}"]`);
    figure.querySelector("figcaption").textContent = caption;
    figure.querySelector("canvas").ariaLabel = caption;
    return figure.querySelector("canvas");
  }

  /** @param {AttackResponse} response @param {string} image */
  async function show({ target, before, after, ...found }, image) {
    for (const radio of all(".targets input")) {
      radio.checked = Number(radio.value) === target;
      radio.disabled = Number(radio.value) === before.label;
    }
    drawGrey(picture("before", say("attack.before", { answer: predictionText(before) })), image);
    find(".legend").hidden = !after;
    for (const name of ["change", "after"]) find(`[data-picture="${name}"]`).hidden = !after;
    for (const sign of all(".pictures > span")) sign.hidden = !after;
    if (!after) {
      setText(find(".size"), say("attack.none", { target }));
      return;
    }
    const { largest, changed } = found;
    const sprite = coloured(await loadSprite(found.sprite));
    copyMap(picture("change", say("attack.change")), sprite, found.box);
    drawGrey(picture("after", say("attack.after", { answer: predictionText(after) })), found.image);
    showLegend(find(".legend"), say("attack.darker", { largest }), say("attack.lighter", { largest }));
    const size = decimal(found.size);
    const pixels = significant(found.pixels);
    const values = { size, pixels, largest, changed, all: found.all };
    setText(find(".size"), say("attack.size", values));
  }

  element.addEventListener("change", ({ target: radio }) => {
    target = Number(/** @type {HTMLInputElement} */ (radio).value);
    refresh();
  });

  return async (digit) => {
    if (!digit) return;
    await show(await request({ image: digit.image, target }), digit.image);
  };
}
