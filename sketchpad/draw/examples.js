// Animated examples, MNIST digits, and pictures from a file, the camera, the clipboard or a drop.

import { tracePath } from "../pad/geometry.js";
import { context2d, within } from "../ui/dom.js";
import { say } from "../ui/i18n.js";
import { EXAMPLES, exampleStrokes, MNIST_IMAGES } from "./example_strokes.js";

const MNIST_SCALE = 8; // enlargement of an MNIST image
const DURATION = 700; // ms of an example's animation
const MAX_FILE_SIZE = 30_000_000; // bytes
const MAX_SIDE = 1024; // px; larger pictures are scaled down before they are sent

const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * @param {HTMLElement} element
 * @param {import("../pad/drawing.js").Drawing} drawing
 * @param {(sentence: string) => void} notice
 * @param {(event: Event) => boolean} isForPad
 */
export function mountExamples(element, drawing, notice, isForPad) {
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

  // One button for the MNIST digits: each press shows the next one, enlarged.
  const mnist = find('[data-start="mnist"]');
  const next = Object.assign(new Image(), { alt: "", src: MNIST_IMAGES[0] });
  mnist.append(next);
  mnist.addEventListener("click", async () => {
    await next.decode();
    showPicture(drawing, next, MNIST_SCALE);
    next.src = MNIST_IMAGES[(MNIST_IMAGES.indexOf(next.src) + 1) % MNIST_IMAGES.length] ?? "";
  });

  /**
   * Show a picture file on the pad, scaled down to keep the upload small.
   * @param {File | undefined} file
   */
  async function open(file) {
    if (!file) return;
    if (file.size > MAX_FILE_SIZE) {
      notice(say("picture.large"));
      return;
    }
    let bitmap;
    try {
      bitmap = await createImageBitmap(file);
    } catch {
      notice(say("picture.broken"));
      return;
    }
    showPicture(drawing, bitmap, Math.min(1, MAX_SIDE / Math.max(bitmap.width, bitmap.height)));
    bitmap.close();
  }

  for (const source of ["picture", "photo"]) {
    const input = find(`[data-source="${source}"]`);
    find(`[data-start="${source}"]`).addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      open(input.files[0]);
      input.value = ""; // choosing the same file again then fires a change event
    });
  }

  document.addEventListener("paste", (event) => {
    const file = event.clipboardData?.files[0];
    if (!file || !isForPad(event)) return;
    event.preventDefault();
    open(file);
  });

  const pad = find("#pad");
  pad.addEventListener("dragover", (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    pad.classList.add("over");
  });
  pad.addEventListener("dragleave", () => pad.classList.remove("over"));
  pad.addEventListener("drop", (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    pad.classList.remove("over");
    open(event.dataTransfer?.files[0]);
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

/**
 * Put a scaled picture on the pad, as one step of the history.
 * @param {import("../pad/drawing.js").Drawing} drawing
 * @param {HTMLImageElement | ImageBitmap} source
 * @param {number} scale
 */
function showPicture(drawing, source, scale) {
  const image = document.createElement("canvas");
  image.width = Math.max(1, Math.round(source.width * scale));
  image.height = Math.max(1, Math.round(source.height * scale));
  const view = context2d(image);
  view.imageSmoothingQuality = "high";
  view.drawImage(source, 0, 0, image.width, image.height);
  drawing.conclude();
  drawing.edit({ strokes: [], picture: { image, data: image.toDataURL("image/webp", 0.9) } });
}
