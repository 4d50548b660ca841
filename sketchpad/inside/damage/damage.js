// Damage: noise in the weights and one layer at zero; the answer for the drawing, and the accuracy.
import { setText, within } from "../../ui/dom.js";
import { finePercent } from "../../ui/format.js";
import { say } from "../../ui/i18n.js";
import { isSame, predictionText, showComparison } from "../prediction.js";

/** @import { DamageResponse, MountSection } from "../types" */

/** @type {MountSection} */
export function mount(element, { request, refresh }) {
  const { find } = within(element);
  /** @type {HTMLInputElement} */
  const noise = find(".noise input");
  /** @type {HTMLSelectElement} */
  const off = find("select");
  const reset = find(".reset");
  let seed = 0;
  const isDamaged = () => off.value !== "" || Number(noise.value) > 0;

  /** @param {DamageResponse} response */
  function show(response) {
    const { before, after, whole, accuracy } = response;
    showComparison(find(".comparison"), response, isDamaged());
    const key = !isDamaged() ? "whole" : isSame(before, after) ? "same" : "changed";
    const answers = { before: predictionText(before), after: predictionText(after) };
    setText(find(".change"), say(`damage.${key}`, answers));
    reset.disabled = !isDamaged();
    if (whole === null || accuracy === null) return;
    const shares = { share: finePercent(accuracy), whole: finePercent(whole) };
    setText(find(".accuracy"), say("damage.accuracy", shares));
  }

  noise.addEventListener("input", () => {
    find("output").textContent = `${noise.value} %`;
    refresh();
  });
  off.addEventListener("change", refresh);
  find(".again").addEventListener("click", () => {
    seed++;
    refresh();
  });
  reset.addEventListener("click", () => {
    noise.value = "0";
    find("output").textContent = "0 %";
    off.value = "";
    noise.focus(); // the button is disabled next and would lose the focus
    refresh();
  });

  return async (digit) => {
    if (!digit) return;
    show(await request({ image: digit.image, noise: Number(noise.value) / 100, seed, off: off.value }));
  };
}
