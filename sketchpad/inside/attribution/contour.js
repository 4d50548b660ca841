const SIDE = 28;

/**
 * The outline of a model image's ink at half intensity (marching squares), as an SVG path in pixels.
 * @param {ArrayLike<number>} pixels 28 × 28, ink 255
 */
export function contour(pixels) {
  /** @param {number} x @param {number} y */
  const level = (x, y) =>
    (x < 0 || y < 0 || x >= SIDE || y >= SIDE ? 0 : (pixels[SIDE * y + x] ?? 0)) - 127.5;

  /**
   * Where the line crosses from one pixel to the next.
   * @param {number} x @param {number} y @param {number} right @param {number} down
   */
  function crossing(x, y, right, down) {
    const [from, to] = [level(x, y), level(x + right, y + down)];
    if (from > 0 === to > 0) return [];
    const share = from / (from - to);
    return [`${(x + share * right + 0.5).toFixed(2)} ${(y + share * down + 0.5).toFixed(2)}`];
  }

  let path = "";
  for (let y = -1; y < SIDE; y++) {
    for (let x = -1; x < SIDE; x++) {
      const crossings = [
        ...crossing(x, y, 1, 0),
        ...crossing(x + 1, y, 0, 1),
        ...crossing(x + 1, y + 1, -1, 0),
        ...crossing(x, y + 1, 0, -1),
      ];
      for (let i = 0; i < crossings.length; i += 2) path += `M${crossings[i]}L${crossings[i + 1]}`;
    }
  }
  return path;
}
