// Parts: strokes that certainly belong to the same digit, and their geometry. A port of model/input/parts.py.

/** @typedef {import("./strokes.js").Stroke} Stroke */
/** @typedef {import("../../ui/types").Box} Box */

export class Part {
  /** @param {Stroke[]} items @param {Box} box */
  constructor(items, box) {
    this.items = items;
    this.box = box;
    const [x0, y0, x1, y1] = box;
    this.middle = (x0 + x1) / 2;
    this.width = x1 - x0;
    this.height = y1 - y0;
    /** The longer side of the box. */
    this.side = Math.max(this.width, this.height);
  }
}

/**
 * Several parts as one.
 * @param {Part[]} parts
 */
export function join(parts) {
  const [first] = parts;
  if (first && parts.length === 1) return first;
  const edge = (/** @type {0 | 1 | 2 | 3} */ side) => parts.map((part) => part.box[side]);
  return new Part(
    parts.flatMap((part) => part.items),
    [Math.min(...edge(0)), Math.min(...edge(1)), Math.max(...edge(2)), Math.max(...edge(3))],
  );
}

/**
 * Distance between two boxes, 0 where they overlap.
 * @param {Part} a @param {Part} b
 */
export function distance(a, b) {
  const across = Math.max(a.box[0] - b.box[2], b.box[0] - a.box[2], 0);
  const down = Math.max(a.box[1] - b.box[3], b.box[1] - a.box[3], 0);
  return Math.hypot(across, down);
}

/**
 * Overlap of two boxes along an axis, relative to the smaller side; negative if there is a gap.
 * @param {Part} a @param {Part} b @param {0 | 1} [axis]
 */
export function overlap(a, b, axis = 0) {
  const high = axis ? 3 : 2;
  const shared = Math.min(a.box[high], b.box[high]) - Math.max(a.box[axis], b.box[axis]);
  const smaller = Math.min(a.box[high] - a.box[axis], b.box[high] - b.box[axis]);
  return shared < smaller ? shared / Math.max(smaller, 1e-9) : 1;
}

/**
 * The item with the smallest key; the first of several.
 * @template T
 * @param {T[]} items
 * @param {(item: T) => number} key
 */
export function smallest(items, key) {
  const keys = items.map(key);
  return /** @type {T} */ (items[keys.indexOf(Math.min(...keys))]);
}
