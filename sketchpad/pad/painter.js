// Paints a drawing on its canvas, at most once a frame, in the colour of the page's theme.
import { context2d, keepSharp, onThemeChange } from "../ui/dom.js";
import { toPad, tracePath } from "./geometry.js";

/**
 * Paint strokes in pad units, in the context's colour.
 * @param {CanvasRenderingContext2D} ink
 * @param {import("../ui/types").Stroke[]} strokes
 */
export function paintStrokes(ink, strokes) {
  ink.lineCap = ink.lineJoin = "round";
  for (const stroke of strokes) {
    ink.lineWidth = stroke.pen;
    ink.stroke(new Path2D(tracePath(stroke)));
  }
}

/**
 * Returns the function that paints.
 * @param {HTMLCanvasElement} canvas
 * @param {import("./drawing.js").Drawing} drawing
 * @param {number} side side of the pad in pad units, which are independent of the screen
 * @param {{ zoom: number, x: number, y: number, turned: number }} [view] of a picture, read when it is painted
 */
export function mountPainter(canvas, drawing, side, view = { zoom: 1, x: 0, y: 0, turned: 0 }) {
  const ink = context2d(canvas);

  function paint() {
    const scale = canvas.width / side;
    const { strokes, picture } = drawing.current;
    ink.setTransform(scale, 0, 0, scale, 0, 0);
    ink.clearRect(0, 0, side, side);
    if (picture) {
      const { width, height } = picture.image;
      const [left, top, right, bottom] = toPad([0, 0, width, height], picture, side);
      ink.translate(view.x, view.y);
      ink.scale(view.zoom, view.zoom);
      ink.translate(side / 2, side / 2);
      ink.rotate((view.turned * Math.PI) / 180);
      ink.translate(-side / 2, -side / 2);
      ink.imageSmoothingQuality = "high";
      ink.drawImage(picture.image, left, top, right - left, bottom - top);
    }
    ink.strokeStyle = getComputedStyle(canvas).color;
    paintStrokes(ink, strokes);
  }

  drawing.onFrame(paint);
  keepSharp(canvas, paint);
  onThemeChange(paint);
  return paint;
}
