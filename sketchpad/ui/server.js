// The wrapper around all calls of the server.

/** The server's error sentence, or the page's own if there was no response. */
export class ServerError extends Error {}

/**
 * Call a server function; undefined if the server cannot be reached, or not within `timeout` milliseconds.
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
 * Like `call`, but throws a ServerError if there is no response or the response is an error.
 * @param {import("./types").Server} server
 * @param {string} name
 * @param {unknown} payload
 * @param {string} noResponse the error sentence if there is no response
 * @returns {Promise<any>}
 */
export async function request(server, name, payload, noResponse) {
  const response = await call(server, name, payload);
  if (!response) throw new ServerError(noResponse);
  if (response.error) throw new ServerError(response.error);
  return response;
}
