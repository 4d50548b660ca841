// The browser's storage for this page, which may be refused: then what is stored lasts until the page is closed.

/** @type {Map<string, string>} */
const memory = new Map();

/** @param {string} key */
export function recall(key) {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return memory.get(key) ?? "";
  }
}

/** @param {string} key @param {string} text empty to remove it */
export function remember(key, text) {
  memory.set(key, text);
  try {
    if (text) localStorage.setItem(key, text);
    else localStorage.removeItem(key);
  } catch {
    // Refused, or full.
  }
}
