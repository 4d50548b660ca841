// Attribution: why this digit and not another. Maps with the ink outlined over them, the digits to compare with,
// and the nearest training digits.
import { create, onClick, within } from "../../ui/dom.js";
import { decimal } from "../../ui/format.js";
import { say } from "../../ui/i18n.js";
import { coloured, copyMap, loadSprite, showLegend } from "../sprites.js";
import { contour } from "./contour.js";

/** @import { AttributionResponse, MountSection, SpriteBox } from "../types" */

const FIGURE =
  '<div class="frame"><canvas width="28" height="28" role="img"></canvas>' +
  '<svg viewBox="0 0 28 28" aria-hidden="true"><path /></svg></div><figcaption></figcaption>';

/** @type {MountSection} */
export function mount(element, { request, refresh }) {
  const { find, all } = within(element);
  const methods = all("[data-method]");
  for (const method of methods) {
    const figures = [1, 2, 3].map(() => create("figure", { innerHTML: FIGURE }));
    method.querySelector(".trio").append(...figures);
  }
  /** @type {number | null} */
  let pickedOther = null; // the digit to compare with; null for the runner-up

  /** @param {AttributionResponse} response @param {boolean} notADigit */
  function showQuestion({ label, other, logits }, notADigit) {
    const key = notADigit ? "attribution.question.odd" : "attribution.question";
    find(".question").textContent = say(key, { label, other });
    for (const button of all(".others button")) {
      button.ariaPressed = `${Number(button.dataset.other) === other}`;
      button.ariaDisabled = `${Number(button.dataset.other) === label}`;
    }
    const [first, second] = logits.map((logit) => decimal(logit));
    const odds = Math.exp(logits[0] - logits[1]);
    const times = odds >= 1e6 ? "> 1,000,000" : Number(odds.toPrecision(2)).toLocaleString("en");
    const gap = decimal(Number(logits[0].toFixed(2)) - Number(logits[1].toFixed(2))); // of the figures shown
    find(".gap").textContent = say("attribution.gap", { label, other, first, second, gap, times });
  }

  /** @param {AttributionResponse} response @param {HTMLCanvasElement} sprite @param {string} image */
  function showMaps({ label, other, steps, ...response }, sprite, image) {
    const outline = contour(Uint8Array.from(atob(image), (byte) => byte.charCodeAt(0)));
    const maps = coloured(sprite);
    const names = [
      say("attribution.for", { label }),
      say("attribution.for", { label: other }),
      say("attribution.over", { label, other }),
    ];
    for (const method of methods) {
      const { limit, boxes } = /** @type {typeof response.methods[""]} */ (
        response.methods[method.dataset.method]
      );
      names.forEach((name, i) => {
        const { find } = within(method.querySelector(".trio").children[i]);
        copyMap(find("canvas"), maps, /** @type {SpriteBox} */ (boxes[i]));
        find("canvas").ariaLabel = `${method.querySelector("h4").textContent}: ${name}`;
        find("path").setAttribute("d", outline);
        find("figcaption").textContent = name;
      });
      const end = { limit: Number(limit.toPrecision(2)) };
      showLegend(method.querySelector(".legend"), say("attribution.low", end), say("attribution.high", end));
    }
    const [sum, sum2] = response.sums.map((nats) => decimal(nats));
    const [rise, rise2] = response.rises.map((nats) => decimal(nats));
    const [error, error2] = response.errors.map((nats) => decimal(nats));
    const values = { label, other, steps, sum, rise, error, sum2, rise2, error2 };
    find('[data-method="integrated"] .sum').textContent = say("attribution.sum", values);
  }

  /** @param {AttributionResponse} response @param {HTMLCanvasElement} sprite */
  function showNearest({ label, neighbours }, sprite) {
    const tiles = neighbours.map((neighbour) => {
      const canvas = create("canvas", {
        role: "img",
        ariaLabel: say("attribution.nearest.image", { label: neighbour.label }),
      });
      copyMap(canvas, sprite, neighbour.box);
      const differs = neighbour.label !== label;
      const text = differs ? `${neighbour.label} ≠ ${label}` : `${label}`;
      const distance = create("span", {}, decimal(neighbour.distance, 1));
      return create("li", { className: differs ? "odd" : "" }, canvas, create("b", {}, text), distance);
    });
    find(".nearest").replaceChildren(...tiles);
  }

  onClick(find(".others"), "button", (button) => {
    if (button.ariaDisabled === "true") return;
    pickedOther = Number(button.dataset.other);
    refresh();
  });

  return async (digit) => {
    if (!digit) return;
    const other = pickedOther === digit.label ? null : pickedOther;
    const response = await request({ image: digit.image, other });
    const sprite = await loadSprite(response.sprite);
    showQuestion(response, digit.verdict === "not a digit");
    showMaps(response, sprite, digit.image);
    showNearest(response, sprite);
  };
}
