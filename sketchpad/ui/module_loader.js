// Imports the page's ES modules from bundles. A request for each of a hundred modules takes seconds on a slow
// connection, so one file has many, see modules.py. Each module gets a blob: URL; its imports are replaced by the
// URLs of the imported modules. Developer tools show it by its path.

const RETRY = 1000; // ms until a bundle that could not be fetched is asked for again

/** @typedef {[path: string, parts: string[]][]} Bundle each after those it imports; every second part is a path */
/** @typedef {(path: string, onSilence?: () => void) => Promise<any>} ImportModule */

/**
 * A function that imports a module by its path. It asks for the bundle of that path until it comes, and calls
 * `onSilence` each time that it does not; it rejects if the module itself fails.
 * @param {string} folder of the bundles
 * @param {{ urlOf?: (source: string) => string, retry?: number }} [options] `urlOf` is the address of a module
 * @returns {ImportModule}
 */
export function moduleLoader(folder, { urlOf = blobUrl, retry = RETRY } = {}) {
  /** @type {Record<string, string>} by path */
  const urls = {};

  /** @param {string} path */
  async function add(path) {
    const response = await fetch(`${folder}/${path.replace(/js$/, "json")}`);
    for (const [name, parts] of /** @type {Bundle} */ (await response.json())) {
      const source = parts.map((part, n) => (n % 2 ? `"${urls[part]}"` : part)).join("");
      urls[name] ??= urlOf(`${source}\n//# sourceURL=${folder}/${name}`);
    }
    if (!urls[path]) throw new Error(`The bundle does not contain ${path}.`);
  }

  return async (path, onSilence = () => {}) => {
    while (!urls[path]) {
      try {
        await add(path);
      } catch {
        onSilence(); // no response, or one without a bundle
        await new Promise((resolve) => setTimeout(resolve, retry));
      }
    }
    return import(/** @type {string} */ (urls[path]));
  };
}

/** @param {string} source */
const blobUrl = (source) => URL.createObjectURL(new Blob([source], { type: "text/javascript" }));

/**
 * Fetch the bundles of the other tabs into the browser's cache, a while after the page has loaded: a tab that is
 * opened then appears at once, also if the server has been updated in between.
 * @param {string} folder @param {string[]} names
 */
export function fetchLater(folder, names) {
  const fetchAll = () => {
    for (const name of names) fetch(`${folder}/${name}`, { priority: "low" }).catch(() => {});
  };
  addEventListener("load", () => setTimeout(fetchAll, 3000));
}
