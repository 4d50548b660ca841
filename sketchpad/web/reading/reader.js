// From strokes to a reading, in the page: `DigitReader.read_strokes` of model/inference/reader.py. No DOM.
import { rasteriseDigit } from "./rasterizer.js";
import { Lattice, partsOfStrokes } from "./segmentation.js";
import { checkStrokes, InputError } from "./strokes.js";
import { digitLikeness, verdicts } from "./verdict.js";

const MOST_REMEMBERED = 256; // model images

/** @typedef {import("./verdict.js").Output} Output */
/** @typedef {import("../../ui/types").ReadingResponse} ReadingResponse */
/** @typedef {(images: Uint8Array[]) => Promise<Output[]>} Classify */

export class StrokeReader {
  /**
   * @param {Classify} classify the network, for some model images
   * @param {import("./verdict.js").Thresholds} thresholds
   */
  constructor(classify, thresholds) {
    this.classify = remembered(classify);
    this.thresholds = thresholds;
  }

  /**
   * The response to a drawing, as the server's `live` gives it.
   * @param {readonly import("./strokes.js").Stroke[]} strokes
   * @returns {Promise<ReadingResponse>}
   */
  async read(strokes) {
    try {
      return await this.readParts(partsOfStrokes(checkStrokes(strokes)));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return { text: "", digits: [], error: error.message, code: error.code, values: error.values };
    }
  }

  /** @param {import("./parts.js").Part[]} parts */
  async readParts(parts) {
    const started = performance.now();
    if (!parts.length) return { text: "", digits: [] };
    const lattice = new Lattice(parts);
    const images = lattice.runs.map(({ whole }) => rasteriseDigit(whole.items));
    const prepared = performance.now();
    const outputs = await this.classify(images);
    const chosen = lattice
      .best(outputs.map(digitLikeness))
      .flatMap((line, number) => line.map((index) => ({ index, line: number })));
    const own = chosen.map(({ index }) => /** @type {Output} */ (outputs[index]));
    const judged = verdicts(own, this.thresholds);
    const digits = chosen.map(({ index, line }, n) => {
      const { probabilities } = /** @type {Output} */ (own[n]);
      return /** @type {import("../../ui/types").SeenDigit} */ ({
        label: probabilities.indexOf(Math.max(...probabilities)),
        probabilities,
        ...judged[n],
        box: lattice.runs[index]?.whole.box,
        line,
        image: btoa(String.fromCharCode(.../** @type {Uint8Array} */ (images[index]))),
      });
    });
    const kept = digits.filter(({ verdict }) => digits.length === 1 || verdict !== "not a digit");
    return {
      text: kept.map(({ label }) => label).join(""),
      digits,
      milliseconds: { preprocess: prepared - started, network: performance.now() - prepared },
    };
  }
}

/**
 * A network that computes no model image twice: while a row is written, the digits before the newest stay the same.
 * @param {Classify} classify
 * @returns {Classify}
 */
function remembered(classify) {
  /** @type {Map<string, Output>} */
  const known = new Map();
  return async (images) => {
    const keys = images.map((image) => String.fromCharCode(...image));
    const unknown = new Map(images.map((image, n) => [keys[n] ?? "", image]));
    for (const key of unknown.keys()) if (known.has(key)) unknown.delete(key);
    const outputs = unknown.size ? await classify([...unknown.values()]) : [];
    for (const key of unknown.keys()) known.set(key, /** @type {Output} */ (outputs.shift()));
    const results = keys.map((key) => /** @type {Output} */ (known.get(key)));
    for (const key of known.keys()) if (known.size > MOST_REMEMBERED) known.delete(key); // the oldest first
    return results;
  };
}
