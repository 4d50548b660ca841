// Sprites: many small maps in one greyscale picture, which the page colours. Byte 128 is zero, 1 and 255 the ends
// of the scale.
import { context2d, create, within } from "../ui/dom.js";

/** @import { SpriteBox } from "./types" */

/** The theme's 255 colours for bytes 1 to 255: negative, zero, positive. */
export function colourScale() {
  const style = getComputedStyle(document.body);
  const context = context2d(create("canvas", { width: 255, height: 1 }), { willReadFrequently: true });
  const gradient = context.createLinearGradient(0.5, 0, 254.5, 0);
  for (const [i, name] of ["wrong", "surface", "accent"].entries()) {
    gradient.addColorStop(i / 2, style.getPropertyValue(`--sk-${name}`).trim());
  }
  context.fillStyle = gradient;
  context.fillRect(0, 0, 255, 1);
  return context.getImageData(0, 0, 255, 1);
}

/**
 * Fill in a legend: its colours and the texts at its ends.
 * @param {HTMLElement} legend @param {string} low @param {string} high
 */
export function showLegend(legend, low, high) {
  const { find } = within(legend);
  find(".low").textContent = low;
  find(".high").textContent = high;
  context2d(find("canvas")).putImageData(colourScale(), 0, 0);
}

/**
 * A sprite as a canvas.
 * @param {string} url
 */
export async function loadSprite(url) {
  const picture = new Image();
  picture.src = url;
  await picture.decode();
  const canvas = create("canvas", { width: picture.width, height: picture.height });
  context2d(canvas, { willReadFrequently: true }).drawImage(picture, 0, 0);
  return canvas;
}

/**
 * A copy of a sprite in the theme's colours.
 * @param {HTMLCanvasElement} sprite
 */
export function coloured(sprite) {
  const { width, height } = sprite;
  const pixels = context2d(sprite).getImageData(0, 0, width, height);
  const colours = colourScale().data;
  for (let i = 0; i < pixels.data.length; i += 4) {
    const start = 4 * Math.max(0, (pixels.data[i] ?? 0) - 1);
    pixels.data.set(colours.subarray(start, start + 4), i);
  }
  const copy = create("canvas", { width, height });
  context2d(copy).putImageData(pixels, 0, 0);
  return copy;
}

/**
 * Copy one map of a sprite to a canvas, which takes its size.
 * @param {HTMLCanvasElement} canvas @param {HTMLCanvasElement} sprite @param {SpriteBox} box
 */
export function copyMap(canvas, sprite, [left, top, width, height]) {
  Object.assign(canvas, { width, height });
  context2d(canvas).drawImage(sprite, left, top, width, height, 0, 0, width, height);
}
