// Opens a picture file in the browser. What it cannot open becomes a sentence.
import { fitted, toPicture } from "./encode.js";

const MAX_FILE_SIZE = 100; // million bytes
const MAX_PIXELS = 100; // million: what most browsers have the memory to decode
const HEIC = ["heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "msf1"];

/** The key and values of the sentence for a file that cannot be opened. */
export class FileError extends Error {
  /** @param {string} key @param {Record<string, unknown>} [values] */
  constructor(key, values = {}) {
    super(key);
    this.values = values;
  }
}

/**
 * @param {File} file
 * @returns {Promise<import("../../ui/types").Picture>}
 */
export async function openFile(file) {
  if (file.size > MAX_FILE_SIZE * 1e6) throw new FileError("picture.large", { most: MAX_FILE_SIZE });
  const url = URL.createObjectURL(file);
  try {
    const image = Object.assign(new Image(), { src: url });
    await loaded(image);
    const { naturalWidth: width, naturalHeight: height } = image;
    if (width * height > MAX_PIXELS * 1e6) {
      throw new FileError("error.picture.pixels", { size: `${width} × ${height}`, most: MAX_PIXELS });
    }
    if (file.type === "image/svg+xml") return await toPicture(image, ...fitted(width, height));
    const bitmap = await createImageBitmap(image).catch(() => {
      throw new FileError("error.picture.damaged"); // an <img> would show what can be decoded
    });
    const picture = await toPicture(bitmap, ...fitted(bitmap.width, bitmap.height));
    bitmap.close();
    return picture;
  } catch (error) {
    if (error instanceof FileError) throw error;
    const start = new Uint8Array(
      await file
        .slice(0, 12)
        .arrayBuffer()
        .catch(() => new ArrayBuffer(0)),
    );
    throw new FileError(isHeic(file.name, start) ? "picture.heic" : "picture.broken");
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** @param {HTMLImageElement} image */
async function loaded(image) {
  await new Promise((resolve, reject) => {
    image.onload = resolve;
    image.onerror = reject;
  });
  if (!image.naturalWidth || !image.naturalHeight) throw new Error("The picture has no size.");
}

/**
 * Whether a file is HEIC, the format of iPhone photos, by its name or its first 12 bytes.
 * @param {string} name
 * @param {Uint8Array} start
 */
export function isHeic(name, start) {
  const text = String.fromCharCode(...start);
  return /\.hei[cf]s?$/i.test(name) || (text.slice(4, 8) === "ftyp" && HEIC.includes(text.slice(8, 12)));
}
