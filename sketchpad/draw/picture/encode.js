// A picture as it is kept and sent: at most 2,048 pixels on its longer side, as a data URL.
import { context2d } from "../../ui/dom.js";

const MOST = 2048; // px of the longer side
const MAX_DATA = 5_900_000; // characters of a data URL; the server's limit is 6 million
const SMALL = 256 * 256; // px: such a picture is sent as PNG
const QUALITY = 0.92; // of JPEG and WebP
const ROWS = 32; // of a picture, looked at to choose a format
const FLAT = 0.8; // least share of pixels equal to their left neighbour: drawn, not photographed

/** @typedef {import("../../ui/types").Picture} Picture */

/**
 * A size within `most` px on its longer side, with the same aspect.
 * @param {number} width
 * @param {number} height
 * @param {number} [most]
 * @returns {[number, number]}
 */
export function fitted(width, height, most = MOST) {
  const scale = Math.min(1, most / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

/**
 * The format for some rows of a picture: PNG for a flat one, WebP for a photo with transparent parts, else JPEG.
 * @param {Uint8ClampedArray} data RGBA
 * @param {number} width
 */
export function formatFor(data, width) {
  const pixels = new Uint32Array(data.buffer, data.byteOffset, data.length / 4);
  let [equal, clear] = [0, 0];
  for (let i = 0; i < pixels.length; i++) {
    if (i % width && pixels[i] === pixels[i - 1]) equal++;
    if ((data[4 * i + 3] ?? 0) < 255) clear++;
  }
  if (equal >= FLAT * (pixels.length - pixels.length / width)) return "image/png";
  return clear ? "image/webp" : "image/jpeg";
}

/**
 * @param {CanvasImageSource} source
 * @param {number} width of the picture
 * @param {number} height
 * @returns {Promise<Picture>}
 */
export async function toPicture(source, width, height) {
  let image = drawn(source, width, height);
  const type = await chosenFormat(image);
  let data = await encoded(image, type);
  while (data.length > MAX_DATA) {
    const scale = Math.min(0.9, Math.sqrt(MAX_DATA / data.length));
    image = drawn(
      image,
      Math.max(1, Math.round(image.width * scale)),
      Math.max(1, Math.round(image.height * scale)),
    );
    data = await encoded(image, type);
  }
  return { image, data };
}

/**
 * @param {CanvasImageSource} source
 * @param {number} width
 * @param {number} height
 * @param {HTMLCanvasElement} [image] to draw on
 */
export function drawn(source, width, height, image = document.createElement("canvas")) {
  Object.assign(image, { width, height });
  const view = context2d(image);
  view.imageSmoothingQuality = "high";
  view.drawImage(source, 0, 0, width, height);
  return image;
}

/** @param {HTMLCanvasElement} image */
async function chosenFormat(image) {
  const { width, height } = image;
  if (width * height <= SMALL) return "image/png";
  const rows = Object.assign(document.createElement("canvas"), { width, height: ROWS });
  const view = context2d(rows, { willReadFrequently: true });
  for (let row = 0; row < ROWS; row++) {
    view.drawImage(image, 0, Math.floor(((row + 0.5) * height) / ROWS), width, 1, 0, row, width, 1);
  }
  return formatFor(view.getImageData(0, 0, width, ROWS).data, width);
}

/**
 * A data URL. A browser that cannot write WebP writes PNG.
 * @param {HTMLCanvasElement} image
 * @param {string} type
 * @returns {Promise<string>}
 */
export async function encoded(image, type) {
  if (type === "image/jpeg") {
    const view = context2d(image);
    view.globalCompositeOperation = "destination-over"; // JPEG would make transparent pixels black
    view.fillStyle = "#fff";
    view.fillRect(0, 0, image.width, image.height);
  }
  /** @type {Blob | null} */
  const blob = await new Promise((resolve) => image.toBlob(resolve, type, QUALITY));
  if (!blob) throw new Error("The picture could not be encoded.");
  const reader = new FileReader();
  return new Promise((resolve, reject) => {
    reader.onload = () => resolve(/** @type {string} */ (reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
