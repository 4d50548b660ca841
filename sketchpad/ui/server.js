// The wrapper around all calls of the server.

export const RETRY = 1500; // ms before asking again a server that did not respond
const TIMEOUT = 60_000; // ms until a request is abandoned: comparing all networks takes seconds

/** The server's error sentence. */
export class ServerError extends Error {}

/** The server cannot be reached. */
export class NoResponse extends Error {}

/** @param {number} ms */
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Call a server function; undefined if the server cannot be reached, or not within `timeout` milliseconds.
 * @param {import("./types").Server} server
 * @param {string} name
 * @param {unknown} payload
 * @param {number} [timeout]
 * @returns {Promise<any>}
 */
export function call(server, name, payload, timeout = TIMEOUT) {
  const request = Promise.resolve(server[name]?.(payload)).catch(() => undefined);
  let timer = 0;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, timeout);
  });
  return Promise.race([request, late]).finally(() => clearTimeout(timer));
}

/**
 * Like `call`, but asks again until the server responds; undefined once the response is no longer wanted.
 * @param {import("./types").Server} server
 * @param {string} name
 * @param {() => unknown} payload of each attempt
 * @param {object} options
 * @param {() => void} [options.onSilence] called after each attempt without a response, to say so
 * @param {() => boolean} [options.isWanted]
 * @param {number} [options.retry]
 * @param {number} [options.timeout]
 * @returns {Promise<any>}
 */
export async function callUntilAnswered(
  server,
  name,
  payload,
  { onSilence = () => {}, isWanted = () => true, retry = RETRY, timeout },
) {
  while (isWanted()) {
    const response = await call(server, name, payload(), timeout);
    if (!isWanted()) return;
    if (response !== undefined) return response;
    onSilence();
    await pause(retry * (0.5 + Math.random())); // spreads the visitors' retries
  }
}

/**
 * Like `call`, but throws NoResponse, or a ServerError if the response is an error.
 * @param {import("./types").Server} server
 * @param {string} name
 * @param {unknown} payload
 * @returns {Promise<any>}
 */
export async function request(server, name, payload) {
  const response = await call(server, name, payload);
  if (!response) throw new NoResponse();
  if (response.error) throw new ServerError(response.error);
  return response;
}
