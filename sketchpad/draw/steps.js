// The preprocessing steps from the drawing to the network's 28 × 28 pixels, beside a plain resize.
import { strokesInside, toPad, tracePath } from "../pad/geometry.js";
import { TIMES } from "../pad/reading_client.js";
import { coalesced } from "../ui/coalesce.js";
import { drawGrey, within } from "../ui/dom.js";
import { decimal, percent } from "../ui/format.js";
import { say } from "../ui/i18n.js";
import { callUntilAnswered } from "../ui/server.js";
import { errorSentence } from "./verdict.js";

/** @typedef {import("../ui/types").SeenDigit} SeenDigit */

/**
 * @param {HTMLElement} element
 * @param {import("../ui/types").Server} server
 * @param {import("./result.js").Result} result
 */
export function mountSteps(element, server, result) {
  const { find } = within(element);
  const steps = find(".steps");

  /**
   * Fill in a step's heading, picture and line of figures.
   * @param {string} name
   * @param {string} heading
   * @param {string | null} image
   * @param {string} sentence
   */
  function fill(name, heading, image, sentence) {
    const item = within(find(`[data-step="${name}"]`));
    const title = item.find("h3");
    title.dataset.text = heading; // for a change of language
    title.textContent = say(heading);
    item.find("canvas, svg").setAttribute("aria-label", say(heading));
    if (image) drawGrey(item.find("canvas"), image);
    item.find("p").textContent = sentence;
  }

  /** Show the steps of the digit in focus, but only while the section is open. */
  async function show() {
    const { answer, focused: digit, state } = result;
    if (!steps.open || (state === "provisional" && answer)) return;
    const none = state === "provisional" ? "answer.picture" : answer ? "verdict.none" : "steps.blank";
    find(".steps .none").textContent = digit ? "" : say(none);
    find(".steps .about").textContent = say(answer?.sheet.picture ? "steps.about.picture" : "steps.about");
    if (!answer || !digit) {
      find(".steps ol").hidden = true;
      return;
    }
    const { sheet } = answer;
    const { strokes, picture } = sheet;
    const digitStrokes = picture ? [] : strokesInside(strokes, digit.box);
    const pens = strokes.map((stroke) => stroke.pen);
    const payload = picture
      ? { picture: picture.data, box: digit.box }
      : { digit: digitStrokes, strokes, pens };
    const showProblem = (/** @type {string} */ problem) => {
      find(".steps .none").textContent = problem;
      find(".steps ol").hidden = Boolean(problem);
    };
    const response = await callUntilAnswered(server, "explain", () => payload, {
      onSilence: () => showProblem(say("page.no_response")),
      isWanted: () => steps.open && result.answer?.sheet === sheet && result.focused === digit,
      timeout: TIMES.picture.timeout,
    });
    if (!response) return;
    const problem = response.error ? errorSentence(response) : "";
    showProblem(problem);
    if (problem) return;
    find(".steps ol").classList.toggle("of-picture", Boolean(picture));
    find('[data-step="ink"]').hidden = !picture;
    if (picture) fillFromPicture(digit, picture, response);
    else fillFromStrokes(digit, digitStrokes, response);
    const { image, label, probability, verdict } = response.plain;
    const reading = say(`steps.would.${verdict}`, { label, share: percent(probability) });
    const figures = say(picture ? "steps.plain.picture" : "steps.plain.figures");
    fill("plain", "steps.plain", image, `${figures} ${reading}`);
    const isDigit = digit.verdict !== "not a digit";
    const same = isDigit ? verdict === "digit" && label === digit.label : verdict === digit.verdict;
    find('[data-step="plain"]').classList.toggle("misread", !same || answer.digits.length > 1);
  }

  /** @param {SeenDigit} digit @param {import("../ui/types").Stroke[]} digitStrokes @param {any} response */
  function fillFromStrokes(digit, digitStrokes, { fitted, scale, pen, shift }) {
    const [left = 0, top = 0, right = 0, bottom = 0] = digit.box.map(Math.round);
    find('[data-step="raw"] svg').innerHTML = digitStrokes
      .map((stroke) => `<path d="${tracePath(stroke)}" stroke-width="${stroke.pen}" />`)
      .join("");
    const figures = say("steps.raw.figures", { width: right - left, height: bottom - top, left, top });
    fill("raw", "steps.raw", null, figures);
    fill("fitted", "steps.fitted", fitted, say("steps.fitted.figures", { scale: scale.toFixed(3), pen }));
    fillCentred("steps.centred", digit, shift);
  }

  /** @param {SeenDigit} digit @param {import("../ui/types").Picture} picture @param {any} response */
  function fillFromPicture(digit, picture, { ink, size, fitted, pen, shift }) {
    const { width, height } = picture.image;
    const [left, top, right, bottom] = toPad([0, 0, width, height], picture, result.side);
    const [x0, y0, x1, y1] = toPad(digit.box, picture, result.side);
    const middle = result.side / 2;
    find('[data-step="raw"] svg').innerHTML =
      `<g transform="rotate(${result.turned} ${middle} ${middle})">` +
      `<image href="${picture.data}" x="${left}" y="${top}" width="${right - left}" height="${bottom - top}" />` +
      `<rect x="${x0 - 4}" y="${y0 - 4}" width="${x1 - x0 + 8}" height="${y1 - y0 + 8}" rx="4" /></g>`;
    fill("raw", "steps.original", null, say("steps.original.figures", { width, height }));
    fill("ink", "steps.ink", ink, say("steps.ink.figures", { width: size[0], height: size[1] }));
    const [before, after] = pen.map((/** @type {number} */ px) => px.toFixed(1));
    const change = say(before === after ? "steps.scaled.kept" : "steps.scaled.adjusted", { before, after });
    fill("fitted", "steps.scaled", fitted, `${say("steps.scaled.figures")} ${change}`);
    fillCentred("steps.centred.picture", digit, shift);
  }

  /** @param {string} heading @param {SeenDigit} digit @param {number[]} shift */
  function fillCentred(heading, digit, shift) {
    const [across, down] = shift.map((px) => (px < 0 ? "" : "+") + decimal(px, 1));
    const moved = say("steps.centred.figures", { across, down });
    const share = percent(digit.probabilities[digit.label] ?? 0);
    const read = say(`steps.read.${digit.verdict}`, { label: digit.label, share });
    fill("centred", heading, digit.image, `${moved} ${read}`);
  }

  const update = coalesced(show); // a picture is sent with each request
  steps.addEventListener("toggle", update);
  result.onShow(update);
}
