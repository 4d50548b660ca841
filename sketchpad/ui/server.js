// Every call of the server goes through here.

/** The server's own sentence on why it did not do something, or ours where it was silent. */
export class ServerError extends Error {}

/**
 * Call a server function; undefined where the server cannot be reached, or not within `timeout` milliseconds.
 * @param {import("./types").Server} server
 * @param {string} name
 * @param {unknown} payload
 * @param {number} [timeout]
 * @returns {Promise<any>}
 */
export function call(server, name, payload, timeout) {
  const request = Promise.resolve(server[name]?.(payload)).catch(() => undefined);
  if (timeout === undefined) return request;
  return Promise.race([request, new Promise((resolve) => setTimeout(resolve, timeout))]);
}

/**
 * As `call`, but a ServerError is thrown where there is no response or the response is an error.
 * @param {import("./types").Server} server
 * @param {string} name
 * @param {unknown} payload
 * @param {string} silent what to say where there is no response
 * @returns {Promise<any>}
 */
export async function request(server, name, payload, silent) {
  const response = await call(server, name, payload);
  if (!response) throw new ServerError(silent);
  if (response.error) throw new ServerError(response.error);
  return response;
}
