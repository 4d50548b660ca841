// The small pad, read by the network trained here. It shows the Draw tab's drawing until the visitor
// draws on it.
import { BLANK, Drawing } from "../pad/drawing.js";
import { mountPainter } from "../pad/painter.js";
import { Pen } from "../pad/pen.js";
import { coalesced } from "../ui/coalesce.js";
import { create, within } from "../ui/dom.js";
import { percent, verdictValues } from "../ui/format.js";
import { say } from "../ui/i18n.js";
import { toText } from "../ui/reading_lines.js";
import { latestAnswer } from "../ui/store.js";

/** @import { ReadingResponse } from "../ui/types" */

/**
 * @param {HTMLElement} section
 * @param {number} side of the pad, in its units
 * @param {() => boolean} canRead whether there is a network yet
 * @param {(name: string, payload: () => unknown) => Promise<any>} ask the server
 */
export function mountSmallPad(section, side, canRead, ask) {
  const { find } = within(section);
  const canvas = find(".small-pad canvas");
  const drawing = new Drawing();
  let touched = false;

  const bars = Array.from({ length: 10 }, (_, label) =>
    create("li", {}, create("i"), create("span", {}, `${label}`)),
  );
  find(".try-bars").replaceChildren(...bars);

  /** @param {ReadingResponse} response */
  function show({ digits = [] }) {
    const digit = digits.at(-1);
    const reading = digits.length === 1 ? `${digit?.label}` : toText(digits);
    find(".try-reading").textContent = reading || "–";
    find(".try-reading").style.setProperty("--lines", `${reading.split("\n").length}`);
    find(".try-verdict").textContent = digit ? say(`verdict.${digit.verdict}`, verdictValues(digit)) : "";
    for (const [label, bar] of bars.entries()) {
      const p = digit?.probabilities[label] ?? 0;
      bar.style.setProperty("--p", p.toFixed(3));
      bar.classList.toggle("best", label === digit?.label);
      bar.title = digit ? percent(p) : "";
    }
  }

  const read = coalesced(async () => {
    if (!section.offsetParent) return;
    const strokes = () => drawing.current.strokes;
    const response = strokes().length && canRead() ? await ask("read_here", strokes) : {};
    if (response) show(response);
  });

  function touch() {
    if (!touched) drawing.settle(BLANK);
    touched = true;
  }

  function copy() {
    const sheet = latestAnswer.value?.sheet ?? BLANK;
    if (!touched && !sheet.picture) drawing.settle(sheet);
  }

  new Pen(canvas, drawing, side, touch);
  mountPainter(canvas, drawing, side);
  drawing.onFrame(({ strokes }) => {
    find(".small-pad .hint").hidden = strokes.length > 0;
    read();
  });
  find('[data-here="clear"]').addEventListener("click", () => {
    touched = true;
    drawing.clear();
  });
  latestAnswer.subscribe(copy);
  show({});
  copy(); // there may be a drawing from before the mount
  return { read };
}
