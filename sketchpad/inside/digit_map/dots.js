// The dots of the map: their places, and which is where. No DOM: tested in Node.

/** @typedef {import("../../ui/types").Point} Point */

/**
 * Places from 0 to 1 out of uint16 numbers in base64, two for each dot.
 * @param {string} base64
 * @returns {Point[]}
 */
export function decodePlaces(base64) {
  const bytes = Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0));
  const numbers = new DataView(bytes.buffer);
  const number = (/** @type {number} */ i) => numbers.getUint16(2 * i, true) / 65535;
  return Array.from({ length: bytes.length / 4 }, (_, i) => [number(2 * i), number(2 * i + 1)]);
}

/**
 * The nearest dot to a place, at most `reach` away; -1 if there is none.
 * @param {Point[]} places @param {Point} place @param {number} [reach]
 */
export function nearestDot(places, [x, y], reach = Number.POSITIVE_INFINITY) {
  let [found, least] = [-1, reach];
  places.forEach(([px, py], dot) => {
    const distance = Math.hypot(px - x, py - y);
    if (distance <= least) [found, least] = [dot, distance];
  });
  return found;
}

/**
 * The nearest dot in a direction: within 45 degrees of it. The same dot if there is none.
 * @param {Point[]} places @param {number} from @param {Point} direction along one axis
 */
export function dotInDirection(places, from, [across, down]) {
  const [x, y] = places[from] ?? [0, 0];
  let [found, least] = [from, Number.POSITIVE_INFINITY];
  places.forEach(([px, py], dot) => {
    const along = (px - x) * across + (py - y) * down;
    const aside = Math.abs((px - x) * down) + Math.abs((py - y) * across);
    const distance = Math.hypot(along, aside);
    if (along > 0 && aside <= along && distance < least) [found, least] = [dot, distance];
  });
  return found;
}

/**
 * The median place of each label's dots, where its digit is written.
 * @param {Point[]} places @param {number[]} labels
 * @returns {Map<number, Point>}
 */
export function medians(places, labels) {
  const median = (/** @type {number[]} */ values) =>
    values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  const own = (/** @type {number} */ label) => places.filter((_, dot) => labels[dot] === label);
  return new Map(
    [...new Set(labels)].map((label) => [
      label,
      [median(own(label).map(([x]) => x)), median(own(label).map(([, y]) => y))],
    ]),
  );
}
