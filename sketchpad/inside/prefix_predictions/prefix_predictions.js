// Prefix predictions: the probabilities along the drawing's path; and the drawing, the model image and the
// answer at one point of it, selected or replayed.
import { svg, within } from "../../ui/dom.js";
import { percent } from "../../ui/format.js";
import { say } from "../../ui/i18n.js";
import { copyMap, loadSprite } from "../sprites.js";
import { indexOfLargest, plot, prefixAt, shortAnswer } from "./plot.js";

/** @import { Stroke } from "../../ui/types" */
/** @import { MountSection, PrefixPredictionsResponse, SpriteBox } from "../types" */

const REPLAY = 2600; // ms for the whole path
const PEN = 12; // default width of a stroke
const ICONS = {
  "prefix_predictions.play": "M8 5v14l11-7z",
  "prefix_predictions.pause": "M7 5h4v14H7zM14 5h4v14h-4z",
};

/** @type {MountSection} */
export function mount(element, { request }) {
  const { find, all } = within(element);
  /** @type {HTMLElement} */
  const plotElement = find(".plot");
  /** @type {HTMLInputElement} */
  const range = find("input");
  /** @type {PrefixPredictionsResponse | null} */
  let response = null;
  /** @type {HTMLCanvasElement} */
  let sprite; // the model images of all prefixes
  /** @type {Stroke[]} */
  let strokes = [];
  let shown = 0; // index of the prefix
  let animation = 0; // number of the next animation frame; 0 while nothing is replayed

  const answers = () => response?.answers ?? [];
  const last = () => answers().length - 1;
  /** @param {number} n */
  const shareOfPath = (n) => `${Math.round((100 * (n + 1)) / answers().length)} %`;

  /** When the answer became final, and the answers before. */
  function showSettled() {
    const { flips, settled } = /** @type {PrefixPredictionsResponse} */ (response);
    const final = answers()[last()] ?? null;
    const answer = final === null ? say("prefix_predictions.none") : `${final}`;
    const way = [0, ...flips].map((n) => shortAnswer(answers()[n] ?? null)).join("\u00a0→\u00a0");
    find(".settled").textContent = settled
      ? say("prefix_predictions.settled", { share: shareOfPath(settled), answer, way })
      : say("prefix_predictions.always", { answer });
  }

  /** @param {number} n */
  function show(n) {
    shown = n;
    range.value = `${n}`;
    const p = response?.probabilities[n] ?? [];
    const label = indexOfLargest(p);
    const answer = answers()[n] ?? null;
    const key = answer === null ? "prefix_predictions.now.none" : "prefix_predictions.now";
    const sentence = say(key, { share: shareOfPath(n), label, probability: percent(p[label] ?? 0) });
    range.setAttribute("aria-valuetext", sentence);
    find(".reading b").textContent = shortAnswer(answer);
    find(".reading").classList.toggle("other", answer !== answers()[last()]);
    find(".reading p").textContent = sentence;
    copyMap(find("canvas"), sprite, /** @type {SpriteBox} */ (response?.boxes[n]));
    showPrefix();
    draw();
  }

  /** The whole strokes, faint, and over them those drawn so far. */
  function showStrokes() {
    const points = strokes.flat();
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const side = Math.max(right - left, bottom - top) + 2 * Math.max(...strokes.map(({ pen }) => pen ?? PEN));
    const drawn = find(".drawn");
    drawn.setAttribute(
      "viewBox",
      `${(left + right - side) / 2} ${(top + bottom - side) / 2} ${side} ${side}`,
    );
    /** @param {string} style */
    const paths = (style) =>
      strokes.map((stroke) => {
        const d = `M${stroke.join("L")}${stroke.length < 2 ? "h0" : ""}`;
        return svg("path", { class: style, d, "stroke-width": stroke.pen ?? PEN });
      });
    drawn.replaceChildren(...paths("whole"), ...paths("done"));
  }

  /** Clip the drawn strokes to the end of the prefix. */
  function showPrefix() {
    /** @type {SVGPathElement[]} */
    const paths = all(".drawn .done");
    const lengths = paths.map((path) => path.getTotalLength());
    let left = ((shown + 1) / answers().length) * lengths.reduce((sum, length) => sum + length, 0);
    for (const [i, path] of paths.entries()) {
      const length = lengths[i] ?? 0;
      path.style.display = left < -1e-6 || (left < 1e-6 && length > 0) ? "none" : "";
      path.setAttribute(
        "stroke-dasharray",
        left >= length - 1e-6 ? "none" : `${Math.max(0, left)} ${length + 1}`,
      );
      left -= length;
    }
  }

  function draw() {
    const width = plotElement.clientWidth; // 0 in a hidden tab
    if (width && response) plotElement.replaceChildren(plot(response, shown, width));
  }

  /** @param {keyof typeof ICONS} label what the button does */
  function setButton(label) {
    find(".play").dataset.textLabel = label;
    find(".play").ariaLabel = say(label);
    find(".play path").setAttribute("d", ICONS[label]);
  }

  function stop() {
    cancelAnimationFrame(animation);
    animation = 0;
    setButton("prefix_predictions.play");
  }

  function replay() {
    const from = shown === last() ? 0 : shown;
    const started = performance.now() - (REPLAY * from) / last();
    setButton("prefix_predictions.pause");
    show(from);
    (function step(/** @type {number} */ time) {
      const n = Math.min(last(), Math.max(from, Math.floor(((time - started) / REPLAY) * last())));
      if (n !== shown) show(n);
      if (n === last()) stop();
      else animation = requestAnimationFrame(step);
    })(performance.now());
  }

  /** @param {number} n */
  function choose(n) {
    stop();
    show(n);
  }

  find(".play").addEventListener("click", () => (animation ? stop() : replay()));
  range.addEventListener("input", () => choose(Number(range.value)));
  for (const kind of /** @type {const} */ (["pointerdown", "pointermove"])) {
    plotElement.addEventListener(kind, (event) => {
      if (!response || (kind === "pointermove" && !event.buttons)) return;
      const { left, width } = plotElement.getBoundingClientRect();
      choose(prefixAt(event.clientX - left, width, answers().length));
    });
  }
  new ResizeObserver(draw).observe(plotElement);
  setButton("prefix_predictions.play");

  return async (digit, answer) => {
    if (!digit || !answer) return stop();
    const digitStrokes = answer.strokes[answer.digits.indexOf(digit)] ?? [];
    find(".nothing").hidden = digitStrokes.length > 0;
    find(".time").hidden = !digitStrokes.length;
    if (!digitStrokes.length || !answer.final) return; // requested once the pen is up
    const newest = await request({ strokes: digitStrokes });
    const newestSprite = await loadSprite(newest.sprite);
    const same =
      digitStrokes.length === strokes.length && digitStrokes.every((stroke, i) => stroke === strokes[i]);
    stop();
    [response, sprite, strokes] = [newest, newestSprite, digitStrokes];
    range.max = `${last()}`;
    showStrokes();
    showSettled();
    choose(same ? shown : last()); // a change of language keeps the position
  };
}
