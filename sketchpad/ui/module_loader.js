// Imports the page's ES modules from bundles. A request for each of a hundred modules takes seconds on a slow
// connection, so one file has many, see modules.py. Each module gets a blob: URL; its imports are replaced by the
// URLs of the imported modules. Developer tools show it by its path.

/** @typedef {[path: string, parts: string[]][]} Bundle each after those it imports; every second part is a path */

/**
 * A function that imports a module by its path; the bundle of that path is fetched once. It rejects with a TypeError
 * while the bundle cannot be fetched.
 * @param {string} folder of the bundles
 * @param {(source: string) => string} [urlOf] the address of a module with this source
 * @returns {(path: string) => Promise<any>}
 */
export function moduleLoader(folder, urlOf = blobUrl) {
  /** @type {Record<string, string>} by path */
  const urls = {};

  return async (path) => {
    if (!urls[path]) {
      const response = await fetch(`${folder}/${path.replace(/js$/, "json")}`);
      if (!response.ok) throw new TypeError(`${path}: status ${response.status}`);
      for (const [name, parts] of /** @type {Bundle} */ (await response.json())) {
        const source = parts.map((part, n) => (n % 2 ? `"${urls[part]}"` : part)).join("");
        urls[name] ??= urlOf(`${source}\n//# sourceURL=${folder}/${name}`);
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
