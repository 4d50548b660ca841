// Keeps the page for visits without a network. A version is kept only if every file of it is complete. The version
// before it is kept too: files lie under a path that contains their hash, and an open page still asks for its own.

const worker = /** @type {any} */ (globalThis);
worker.importScripts("service_worker_files.js"); // when it changes, browsers install this worker again
/** @type {{ version: string, files: Record<string, string> }} each file with its hash; "./" is the page itself */
const { version, files } = worker.sketchpad;
const PREFIX = `sketchpad ${worker.registration.scope} `; // other pages of the same site have caches too
const CACHE = PREFIX + version;

worker.addEventListener("install", (/** @type {any} */ event) => {
  event.waitUntil(install().then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (/** @type {any} */ event) => {
  event.waitUntil(forget().then(() => worker.clients.claim()));
});

worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  if (request.method === "GET" && request.url.startsWith(worker.registration.scope)) {
    event.respondWith(respond(request));
  }
});

async function install() {
  const names = Object.keys(files);
  const responses = await Promise.all(names.map(fetchWhole));
  const cache = await caches.open(CACHE);
  try {
    await Promise.all(responses.map((response, n) => cache.put(names[n] ?? "", response)));
  } catch (error) {
    await caches.delete(CACHE); // such as a full disk: nothing rather than a part
    throw error;
  }
}

/**
 * What the browser remembers if it is complete, else from the server.
 * @param {string} name
 */
async function fetchWhole(name) {
  for (const cache of /** @type {const} */ (["default", "reload"])) {
    const response = await fetch(name, { cache });
    const digest = await crypto.subtle.digest("SHA-256", await response.clone().arrayBuffer());
    const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    if (response.ok && hex === files[name]) return response;
  }
  throw new Error(`${name} is incomplete`);
}

async function forget() {
  const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(others.slice(0, -1).map((name) => caches.delete(name))); // the oldest first
}

/** @param {Request} request */
async function respond(request) {
  const cache = await caches.open(CACHE);
  const name = request.mode === "navigate" ? "./" : request;
  const kept = (await cache.match(name)) ?? (await caches.match(request));
  return kept ?? fetch(request);
}
