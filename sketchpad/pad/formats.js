// A drawing as a file. No DOM: tested in Node.
import { tracePath } from "./geometry.js";

/** @typedef {import("../ui/types").Stroke} Stroke */

/**
 * Strokes as an SVG image, black on white.
 * @param {Stroke[]} strokes
 * @param {number} side side of the pad
 */
export function strokesToSvg(strokes, side) {
  const paths = strokes.map((stroke) => `<path stroke-width="${stroke.pen}" d="${tracePath(stroke)}"/>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}">`,
    '<rect width="100%" height="100%" fill="white"/>',
    '<g fill="none" stroke="black" stroke-linecap="round" stroke-linejoin="round">',
    ...paths,
    "</g></svg>\n",
  ].join("\n");
}

/**
 * Strokes as `DigitReader.read_strokes` and the API take them.
 * @param {Stroke[]} strokes
 */
export const strokesToJson = (strokes) =>
  `${JSON.stringify(strokes.map((stroke) => stroke.map((point) => point.map((value) => +value.toFixed(2)))))}\n`;
