// The exported network, run by ONNX Runtime Web on one thread: no page needs special headers for it.

const PIXELS = 28 * 28;
const LABELS = 10;
const WARM_UP = 12; // runs, in which the browser compiles the kernels; drawings are read between them

/** @typedef {import("./reading/verdict.js").Output} Output */

/**
 * @param {ArrayBuffer[]} files the runtime's WebAssembly and the ONNX file
 * @returns {Promise<import("./reading/reader.js").Classify>}
 */
export async function openNetwork([runtime, network]) {
  // @ts-expect-error The export puts the package's file there.
  await import("../runtime/ort.js");
  const { ort } = /** @type {any} */ (globalThis);
  const wasm = URL.createObjectURL(
    new Blob([/** @type {ArrayBuffer} */ (runtime)], { type: "application/wasm" }),
  );
  Object.assign(ort.env.wasm, { numThreads: 1, wasmPaths: { "ort-wasm-simd.wasm": wasm } });
  const session = await ort.InferenceSession.create(network, { executionProviders: ["wasm"] });
  URL.revokeObjectURL(wasm);

  /** @param {Uint8Array[]} images */
  async function classify(images) {
    const bytes = new Uint8Array(images.length * PIXELS);
    images.forEach((image, n) => {
      bytes.set(image, n * PIXELS);
    });
    const input = new ort.Tensor("uint8", bytes, [images.length, 28, 28]);
    const { probabilities, not_digit: notDigit } = await session.run({ images: input });
    return images.map((_, n) => ({
      probabilities: [...probabilities.data.subarray(n * LABELS, (n + 1) * LABELS)],
      notDigit: notDigit.data[n],
    }));
  }
  async function warmUp() {
    for (let n = 0; n < WARM_UP; n++) {
      await classify([new Uint8Array(PIXELS)]);
      await new Promise((done) => setTimeout(done));
    }
  }
  warmUp();
  return classify;
}
