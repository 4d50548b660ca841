// The examples beside the pad, as data. No DOM.

/** @typedef {import("../ui/types").Point} Point */

// Points of a smooth curve, in pad units. "!" marks a corner, "|" lifts the pen.
export const EXAMPLES = {
  three: "84,78 120,50 165,58 182,92 158,126 122,136! 168,144 194,182 166,226 116,234 78,208",
  seven: "78,68 138,72 204,64! 160,136 124,238 | 104,152 146,150 188,144",
  one: "92,132 124,98 152,48! 148,140 150,236",
  nine: "184,84 146,50 100,78 108,126 152,130 186,82! 190,150 172,212 130,236 92,214",
  five: "62,180! 36,180! 33,203! 48,199 66,213 58,236 32,240 | 62,180 70,179",
  row:
    "22,110 42,92 62,108 50,142 20,178! 44,176 70,180 | 106,96 86,112 84,152 100,178 122,168 128,124 106,96" +
    " | 146,112 166,92 186,108 174,142 144,178! 168,176 194,180 | 244,92 218,124 210,160 232,180 254,160 238,138 212,154",
  letter: "82,236! 140,48! 200,236 | 104,168 140,166 178,168",
  heart: "140,96! 116,62 76,66 64,108 96,168 140,226! 186,166 216,108 202,66 164,62 140,96",
};
// The first four of MNIST's test images, 7, 2, 1 and 0, as PNG (LeCun, Cortes and Burges; CC BY-SA 3.0).
export const MNIST_IMAGES = [
  "iVBORw0KGgoAAAANSUhEUgAAABwAAAAcCAAAAABXZoBIAAAAwUlEQVR42mNgGDaAEUKFpD77sfTFHeyS9xQYGBg+X4UKPuk6w8DAwMDAAuGm6l/TMnSweCzLwPDntSTDozPIOhkYGBgYBA3PmDIw/Lh1XShnGi5nBP+9KIRLTuzl/2AokwlDMlv0/U1cGq1//rPD6fHWf7tZcclxnv1hhVNj3b9tOOW8f3+wxCUnfPffMlxyzKf/3VbGJan2758vLjn5B/+KGXF78Z8JLjnbT+iSSGFrw8Nw9wuKJAsy56LzO+ITGABpETyQcCy90wAAAABJRU5ErkJggg==",
  "iVBORw0KGgoAAAANSUhEUgAAABwAAAAcCAAAAABXZoBIAAAA7klEQVR42mNgoAlgRDBLOPVCGKYfX4xN2cq/f//+/fv3lhxCiBkuF8LAcGPpa3Wht4cx9Jn8+ntJgYeB7dzfHkxDfX9fkmRgYKj68dcRi5XyQgwMDAwX/2KVZGBgYGAo/f73GBcOOZ/vf5/bI/GZUFzFxrDyIA6NG779nc+DQ07y1d+Xyrhcc+zv315ccn4//u7FZajwCTwa2/7+XYtLI8OPv38l0cVYkNhCvxkYGD7+ZuVnECxkYPhb/g1Z8hIDAwPD6ufi4RDui1Z4Sljnj1D15x/DpjMMR44jkkkZKwODdjgDw7wHDOuuMwxOAABaWVBoM8qS8AAAAABJRU5ErkJggg==",
  "iVBORw0KGgoAAAANSUhEUgAAABwAAAAcCAAAAABXZoBIAAAAiUlEQVR42mNgoD9gRhdQe/3uFIzNhC5p+O8pbqPaP+KW0/0yDcFBN1adayVunafuc+OUU/h3gwGnsfYMr3FL6jJ04TTV8u1ZDpw6nYVu/MApqf9/DU5TJV5cR+Gj6EwQO4FbUp7hPe7gefLPCadOW3E8Ed/77ywzLp1cXgxr/uLSyHpsAxfDgAMAUBMg+xetJ/UAAAAASUVORK5CYII=",
  "iVBORw0KGgoAAAANSUhEUgAAABwAAAAcCAAAAABXZoBIAAAA8klEQVR42mNgGGDAPe3vKXlckqq/f//NRuIzIbFFF6ApZkYw82qtGBgYv0pyPMRi6N/fv3///vv79x1jTLlt///+/fv31b2/f/9iyNnf/fv79+/JvnYNv39noskpPP/99/edTi4GBvlnvz8XsmL4Yo8IAwMDA0Pu77+/ldElT8pBmPInYJJwfzIxmT+CsBiZmJgaUXT2/P4NY2IaexMmKWr//PffZ3LYJSf8/v37ri2EzYIeFOoMDAzXD6MK3vr719Pzyd+///9iCaHC379hYft7Mrqk/DOo5LO9ylwYYWvXB5HMxp4OPNb9XuvuITfASRUAJJOAOuL1BrIAAAAASUVORK5CYII=",
].map((png) => `data:image/png;base64,${png}`);
const PEN = 12;
const SPACING = 5; // units between two points of a curve

/**
 * The strokes of an example.
 * @param {string} notation
 */
export function exampleStrokes(notation) {
  return notation.split("|").map((stroke) => {
    /** @type {Point[][]} */
    const pieces = [[]];
    for (const handle of stroke.trim().split(" ")) {
      const at = /** @type {Point} */ (handle.replace("!", "").split(",").map(Number));
      pieces.at(-1)?.push(at);
      if (handle.endsWith("!")) pieces.push([at]);
    }
    return Object.assign(pieces.flatMap(spline), { pen: PEN });
  });
}

/**
 * A smooth curve through the handles (Catmull-Rom), a point every few units.
 * @param {Point[]} handles
 */
function spline(handles) {
  /** @type {Point[]} */
  const points = [];
  handles.slice(1).forEach((to, i) => {
    const from = /** @type {Point} */ (handles[i]);
    const [before, after] = [handles[i - 1] ?? from, handles[i + 2] ?? to];
    const steps = Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / SPACING);
    for (let k = 0; k <= steps; k++) {
      const t = k / steps;
      const at = (/** @type {0 | 1} */ axis) => {
        const [a, b, c, d] = [before[axis], from[axis], to[axis], after[axis]];
        const value = b + ((c - a) * t) / 2 + (a - 2.5 * b + 2 * c - d / 2) * t ** 2;
        return Math.round(10 * (value + (1.5 * (b - c) + (d - a) / 2) * t ** 3)) / 10;
      };
      points.push([at(0), at(1)]);
    }
  });
  return points;
}
