// The files of the reader in the page, each complete or refused.

/** @typedef {{ file: string, sha256: string }} Listed a file beside reader.json, with its hash */

/**
 * @param {string} url
 * @param {RequestCache} [cache]
 */
async function fetchBytes(url, cache = "default") {
  const response = await fetch(url, { cache });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.arrayBuffer();
}

/** @param {string} url */
export async function fetchJson(url) {
  return JSON.parse(new TextDecoder().decode(await fetchBytes(url)));
}

/**
 * The unpacked content of a file. What does not have the listed hash, such as half a download that the browser
 * remembers, is fetched once more and then refused.
 * @param {string} base
 * @param {Listed} listed
 */
export async function fetchPacked(base, { file, sha256 }) {
  for (const cache of /** @type {const} */ (["default", "reload"])) {
    const bytes = await fetchBytes(new URL(file, base).href, cache);
    if (await hasHash(bytes, sha256)) return unpack(bytes);
  }
  throw new Error(`${file} is incomplete`);
}

/** @param {ArrayBuffer} bytes @param {string} sha256 */
async function hasHash(bytes, sha256) {
  if (!globalThis.crypto?.subtle) return true; // only secure pages can compute hashes
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("") === sha256;
}

/** @param {ArrayBuffer} bytes */
function unpack(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}
