// Animated examples and MNIST digits.
import { tracePath } from "../pad/geometry.js";
import { markOverflow, within } from "../ui/dom.js";
import { EXAMPLES, exampleStrokes, MNIST_IMAGES } from "./example_strokes.js";
import { toPicture } from "./picture/encode.js";
import { showPicture } from "./picture/sources.js";

const MNIST_SCALE = 8; // enlargement of an MNIST image
const DURATION = 700; // ms of an example's animation

const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * @param {HTMLElement} element
 * @param {import("../pad/drawing.js").Drawing} drawing
 */
export function mountExamples(element, drawing) {
  const { find } = within(element);

  for (const [name, notation] of Object.entries(EXAMPLES)) {
    const strokes = exampleStrokes(notation);
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.example = name;
    button.dataset.textLabel = button.dataset.textTitle = `start.${name}`;
    button.innerHTML = '<svg viewBox="0 0 280 280" aria-hidden="true"><path /></svg>';
    button.querySelector("path")?.setAttribute("d", strokes.map(tracePath).join(""));
    button.addEventListener("click", () => play(drawing, strokes));
    find('[data-start="picture"]').before(button);
  }

  markOverflow(find(".starts"));

  // One button for the MNIST digits: each press shows the next one, enlarged.
  const mnist = find('[data-start="mnist"]');
  const next = Object.assign(new Image(), { alt: "", src: MNIST_IMAGES[0] });
  mnist.append(next);
  mnist.addEventListener("click", async () => {
    await next.decode();
    showPicture(
      drawing,
      await toPicture(next, next.naturalWidth * MNIST_SCALE, next.naturalHeight * MNIST_SCALE),
    );
    next.src = MNIST_IMAGES[(MNIST_IMAGES.indexOf(next.src) + 1) % MNIST_IMAGES.length] ?? "";
  });
}

/**
 * Replace the sheet with an example, drawn at the pace of a hand so that the answer updates visibly.
 * @param {import("../pad/drawing.js").Drawing} drawing
 * @param {import("../ui/types").Stroke[]} strokes
 */
function play(drawing, strokes) {
  drawing.conclude();
  if (reducedMotion.matches) {
    drawing.edit({ strokes, picture: null });
    return;
  }
  const gesture = drawing.begin({ kind: "example", base: [], strokes: [], picture: null });
  const total = strokes.reduce((sum, stroke) => sum + stroke.length, 0);
  const started = performance.now();
  /** @param {number} now */
  function draw(now) {
    if (drawing.gesture !== gesture) return; // the visitor has started to draw
    let left = Math.max(1, Math.round((total * (now - started)) / DURATION));
    gesture.strokes = strokes.flatMap((stroke) => {
      const part = Object.assign(stroke.slice(0, Math.max(0, left)), { pen: stroke.pen });
      left -= stroke.length;
      return part.length ? [part] : [];
    });
    if (left >= 0) {
      drawing.conclude();
      return;
    }
    drawing.changed();
    requestAnimationFrame(draw);
  }
  draw(started);
}
