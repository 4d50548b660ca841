// Pixels of a map and of the drawing. No DOM: tested in Node.
import { clamp } from "../../ui/math.js";

/** @import { ReceptiveField } from "../types" */

/** Side of the drawing in pixels. */
export const SIDE = 28;

/**
 * The receptive field of one pixel of a map, clipped to the drawing.
 * @param {ReceptiveField | null} field null: the whole drawing
 * @param {number} row @param {number} column
 */
export function receptiveBox(field, row, column) {
  const [size, jump, start] = field ?? [SIDE, 0, 0];
  /** @param {number} index @returns {[number, number]} */
  const span = (index) => {
    const low = start + index * jump;
    return [clamp(low, 0, SIDE), clamp(low + size, 0, SIDE)];
  };
  const [[left, right], [top, bottom]] = [span(column), span(row)];
  return { left, top, width: right - left, height: bottom - top };
}

/**
 * Row and column of the largest absolute value.
 * @param {number[][]} values @returns {[row: number, column: number]}
 */
export function strongestPixel(values) {
  const columns = values[0]?.length ?? 1;
  const flat = values.flat().map(Math.abs);
  const index = flat.indexOf(Math.max(...flat));
  return [Math.floor(index / columns), index % columns];
}

/**
 * The index that a key moves to among `count` buttons in rows of `perRow`: unchanged at the ends,
 * undefined for other keys.
 * @param {string} key @param {number} index @param {number} count @param {number} perRow
 */
export function indexAfterKey(key, index, count, perRow) {
  /** @type {Record<string, number>} */
  const next = {
    ArrowLeft: index - 1,
    ArrowRight: index + 1,
    ArrowUp: index - perRow,
    ArrowDown: index + perRow,
    Home: 0,
    End: count - 1,
  };
  const moved = next[key];
  return moved === undefined || (moved >= 0 && moved < count) ? moved : index;
}
