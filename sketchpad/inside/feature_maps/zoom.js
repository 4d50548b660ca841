// One map enlarged beside the drawing, with the value and the receptive field of the selected pixel.
import { context2d, drawGrey, setText, within } from "../../ui/dom.js";
import { significant } from "../../ui/format.js";
import { say } from "../../ui/i18n.js";
import { clamp } from "../../ui/math.js";
import { colourScale } from "../sprites.js";
import { receptiveBox, SIDE, strongestPixel } from "./pixels.js";

/** @import { FeatureMapsResponse, NodeFacts } from "../types" */

/** @typedef {[row: number, column: number]} Pixel */

/** @type {Record<string, Pixel>} */
const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/**
 * @param {HTMLElement} element the figure with both pictures
 * @param {(row: number, column: number, isPointed: boolean) => void} onPixel called with the shown pixel
 */
export function mountZoom(element, onPixel) {
  const { find } = within(element);
  /** @type {HTMLCanvasElement} */
  const canvas = find(".map canvas");
  /** @type {Pixel | null} */
  let cursor = null; // null for the strongest pixel
  /** @type {NodeFacts | null} */
  let facts = null;
  /** @type {number[][]} */
  let values = [];
  let channel = 0;

  /**
   * @param {FeatureMapsResponse} response @param {NodeFacts} nodeFacts
   * @param {string} image the drawing
   */
  function show(response, nodeFacts, image) {
    ({ values, channel } = response);
    facts = nodeFacts;
    drawGrey(find(".drawn canvas"), image);
    find(".keys").hidden = isZero();
    const colours = colourScale().data;
    const picture = new ImageData(values[0]?.length ?? 1, values.length);
    for (const [i, value] of values.flat().entries()) {
      const level = Math.round(clamp(value / response.limit, -1, 1) * 127) + 127;
      picture.data.set(colours.subarray(4 * level, 4 * level + 4), 4 * i);
    }
    Object.assign(canvas, { width: picture.width, height: picture.height });
    context2d(canvas).putImageData(picture, 0, 0);
    showPixel();
  }

  /** Whether the map is a blank square. */
  const isZero = () => values.every((row) => row.every((value) => !value));

  /** @param {Pixel | null} pixel */
  function point(pixel) {
    cursor = pixel;
    showPixel();
  }

  /** The selected pixel, or the strongest. */
  function pixel() {
    const [row, column] = cursor ?? strongestPixel(values);
    return /** @type {Pixel} */ ([clamp(row, 0, canvas.height - 1), clamp(column, 0, canvas.width - 1)]);
  }

  function showPixel() {
    if (!facts) return;
    const [row, column] = pixel();
    outline(find(".map i"), { left: column, top: row, width: 1, height: 1 }, canvas.width, canvas.height);
    const { width, height } = showReceptiveField(row, column);
    const value = significant(values[row]?.[column] ?? 0);
    const ofMap = isZero() ? "feature_maps.pixel.zero" : "feature_maps.pixel";
    const key = facts.vector ? "feature_maps.pixel.vector" : ofMap;
    const sentence = say(key, { map: channel, row: row + 1, column: column + 1, value, width, height });
    setText(find(".pixel"), sentence);
    onPixel(row, column, cursor !== null);
  }

  /**
   * Outline the receptive field of one pixel of a map on the drawing.
   * @param {number} row @param {number} column
   */
  function showReceptiveField(row, column) {
    const box = receptiveBox(facts?.field ?? null, row, column);
    outline(find(".drawn i"), box, SIDE, SIDE);
    return box;
  }

  for (const kind of /** @type {const} */ (["pointermove", "pointerdown"])) {
    canvas.addEventListener(kind, (event) => point(pixelUnder(event, canvas)));
  }
  canvas.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if (!move || !facts) return;
    event.preventDefault();
    const [row, column] = pixel();
    point([row + move[0], column + move[1]]);
  });

  const resetPixel = () => {
    cursor = null;
  };

  return { show, showPixel, showReceptiveField, resetPixel };
}

/**
 * Place a frame over some pixels of a picture.
 * @param {HTMLElement} frame
 * @param {{ left: number, top: number, width: number, height: number }} box in pixels of the picture
 * @param {number} columns @param {number} rows
 */
function outline(frame, { left, top, width, height }, columns, rows) {
  frame.style.left = `${(100 * left) / columns}%`;
  frame.style.top = `${(100 * top) / rows}%`;
  frame.style.width = `${(100 * width) / columns}%`;
  frame.style.height = `${(100 * height) / rows}%`;
  frame.dataset.box = `${[left, top, width, height]}`;
}

/**
 * The pixel of a map's canvas that the pointer is over.
 * @param {PointerEvent} event @param {HTMLCanvasElement} canvas @returns {Pixel}
 */
export function pixelUnder({ clientX, clientY }, canvas) {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const row = Math.floor(((clientY - top) / height) * canvas.height);
  const column = Math.floor(((clientX - left) / width) * canvas.width);
  return [clamp(row, 0, canvas.height - 1), clamp(column, 0, canvas.width - 1)];
}
