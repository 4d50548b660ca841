// Reads drawings in a thread of its own, so that the pen never waits for the network.
// Messages: { number, strokes } → { number, response }; without `response` if the files could not be fetched.
import { fetchJson, fetchPacked } from "./files.js";

/** @type {Promise<import("./reading/reader.js").StrokeReader> | null} */
let reader = load();
reader.catch(() => {}); // said with the first drawing

async function load() {
  const base = new URL("../reader.json", import.meta.url).href;
  const listed = await fetchJson(base);
  const files = Promise.all([fetchPacked(base, listed.runtime), fetchPacked(base, listed.network)]);
  files.catch(() => {});
  const modules = Promise.all([import("./network.js"), import("./reading/reader.js")]);
  const [{ openNetwork }, { StrokeReader }] = await modules;
  return new StrokeReader(await openNetwork(await files), listed.thresholds);
}

addEventListener("message", async ({ data: { number, strokes } }) => {
  try {
    reader ??= load();
    postMessage({ number, response: await (await reader).read(strokes) });
  } catch (error) {
    const isSupported = "WebAssembly" in globalThis && "DecompressionStream" in globalThis;
    const code = "web.unsupported";
    const response = isSupported ? undefined : { text: "", digits: [], error: code, code };
    console.info(`The drawing could not be read here: ${error}`);
    reader = null;
    postMessage({ number, response });
  }
});
